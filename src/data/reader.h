/* Data files for all ranks: rank 0 reads, and broadcasts the numbers. */
#ifndef GLION_DATA_READER_H
#define GLION_DATA_READER_H

#include <mpi.h>

#include "language/data_reader.h"

/* `communicator` is borrowed, and must live as long as the reader. */
struct data_reader data_reader_create(MPI_Comm *communicator);

#endif
