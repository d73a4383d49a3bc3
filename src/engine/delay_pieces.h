/* Synapses of one piece of the network whose delays differ, as pieces of one delay each, for those paths that serve one delay:
 * what devices draw for each connection, and continuous couplings. All ranks make the same pieces, by ascending delay, some of
 * them empty here. They cost 12 bytes for each synapse, 8 for each value that differs, and 12 for each source and delay. */
#ifndef GLION_ENGINE_DELAY_PIECES_H
#define GLION_ENGINE_DELAY_PIECES_H

#include <mpi.h>

#include "network/edges.h"
#include "plan/plan.h"

struct delay_piece {
    struct edges edges; /* of this delay; their rows are not cut; owned */
    step_count delay;
    const struct edges *whole; /* borrowed */
    edge_count *place;         /* [edges] in `whole`; owned */
};

struct delay_pieces {
    struct delay_piece *pieces; /* [n], ascending by delay; owned */
    int n;
};

/* Collective. `whole`: edges whose rows are cut. `n_columns`: the first columns that the pieces get. */
void delay_pieces_create(const struct edges *whole, int n_columns, MPI_Comm communicator, struct delay_pieces *pieces);
void delay_pieces_release(struct delay_pieces *pieces);
/* The values of the whole have changed. */
void delay_piece_copy_columns(struct delay_piece *piece);

#endif
