/* Microseconds that the exchange at the end of an interval takes, by the number of spikes that each rank has: best mean of
 * several batches of intervals. tools/bench/exchange starts it with 1, 2, 4 and 8 ranks. */
#include "engine/exchange.h"

#include <stdio.h>
#include <stdlib.h>

enum { INTERVALS = 200 };

static double interval_seconds(struct exchange *exchange, int n_spikes)
{
    MPI_Barrier(exchange->communicator);
    double start = MPI_Wtime();
    for (int interval = 0; interval < INTERVALS; interval++) {
        exchange_begin(exchange);
        for (int k = 0; k < n_spikes; k++)
            exchange_add_spike(exchange, (struct wire_spike){(node_id)k, (uint16_t)(interval % 10), 1});
        exchange_run(exchange, (struct wire_header){0});
    }
    return (MPI_Wtime() - start) / INTERVALS;
}

int main(int argc, char **argv)
{
    static const int numbers[] = {0, 10, 100, 1000, 10000};
    struct exchange exchange;
    MPI_Init(&argc, &argv);
    int batches = argc > 1 ? atoi(argv[1]) : 10;
    exchange_create(MPI_COMM_WORLD, &exchange);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        double best = interval_seconds(&exchange, numbers[k]);
        for (int batch = 1; batch < batches; batch++) {
            double seconds = interval_seconds(&exchange, numbers[k]);
            best = seconds < best ? seconds : best;
        }
        MPI_Allreduce(MPI_IN_PLACE, &best, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
        if (exchange.rank == 0)
            printf("%5d  %16d  %12.1f\n", exchange.n_ranks, numbers[k], 1e6 * best);
    }
    exchange_release(&exchange);
    MPI_Finalize();
    return 0;
}
