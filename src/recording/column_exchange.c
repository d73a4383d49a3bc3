#include "recording/column_exchange.h"

#include <string.h>

#include "network/exchange.h"
#include "support/memory.h"

void column_exchange_release(struct column_exchange *exchange)
{
    memory_free(exchange->send_count);
    memory_free(exchange->receive_count);
    memory_free(exchange->place);
    *exchange = (struct column_exchange){0};
}

char *column_exchange_frames(const struct column_exchange *exchange, MPI_Comm communicator, const char *frames, uint64_t n_frames,
                             uint64_t n_here, size_t value_bytes)
{
    size_t series = n_frames * value_bytes;
    char *send = memory_new(n_here * series, MEMORY_TEMPORARY);
    for (uint64_t k = 0; k < n_here; k++)
        for (uint64_t frame = 0; frame < n_frames; frame++)
            memcpy(send + k * series + frame * value_bytes, frames + (frame * n_here + k) * value_bytes, value_bytes);
    char *received = exchange_records(communicator, send, exchange->send_count, series, exchange->receive_count);
    memory_free(send);
    char *block = memory_new(exchange->count * series, MEMORY_TEMPORARY);
    for (uint64_t k = 0; k < exchange->count; k++)
        for (uint64_t frame = 0; frame < n_frames; frame++)
            memcpy(block + (frame * exchange->count + exchange->place[k]) * value_bytes,
                   received + k * series + frame * value_bytes, value_bytes);
    memory_free(received);
    return block;
}
