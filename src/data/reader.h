/* Data files for all ranks: rank 0 reads, and broadcasts the numbers. */
#ifndef GLION_DATA_READER_H
#define GLION_DATA_READER_H

#include "data/host_lists.h"
#include "language/data_reader.h"

/* `lists` is borrowed, and must live as long as the reader. */
struct data_reader data_reader_create(struct host_lists *lists);

#endif
