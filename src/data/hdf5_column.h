/* One column of numbers of an HDF5 file. */
#ifndef GLION_DATA_HDF5_COLUMN_H
#define GLION_DATA_HDF5_COLUMN_H

#include "data/numbers.h"
#include "language/data_reader.h"

/* Read, on this rank, a dataset of one dimension, column `number` of one of two dimensions, or the member of a compound type that
 * the request names. Faults (input): no such file, dataset or column; other shapes or types; a row that is NaN. */
int hdf5_read(const struct data_request *request, struct numbers *out, struct fault *fault);

#endif
