/* An HDF5 file in SONATA's conventions, written by all ranks together: root attributes, texts, fixed and growing datasets.
 *
 * All functions are collective. Those without a fault argument remember a failure in the file; sonata_check agrees on it and
 * makes it a fault. Data types in memory are those in the file (no conversion), else HDF5 would fall back to independent writes.
 */
#ifndef GLION_RECORDING_SONATA_FILE_H
#define GLION_RECORDING_SONATA_FILE_H

#include <hdf5.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "support/fault.h"

struct sonata_file {
    MPI_Comm communicator; /* borrowed */
    int rank, n_ranks;
    char *path; /* owned */
    hid_t id;
    hid_t transfer; /* how data is written: collectively */
    uint64_t end;   /* the file will not become longer than this: all that was reserved; the same on every rank */
    bool changed;   /* something was appended since the last flush */
    bool broken;    /* HDF5 failed on this rank, for this reason: */
    char cause[256];
    bool abandoned; /* HDF5 failed on some rank, all know: the file is not touched any more */
    uint64_t bytes; /* of data, appended by all ranks together */
};

/* A dataset that grows by rows. */
struct growing {
    hid_t id, type;
    hsize_t rows, columns; /* columns 0: one-dimensional */
    hsize_t chunk_rows, chunk_columns;
};

/* The part of the appended rows that this rank brings; n_rows or n_columns may be 0. One-dimensional: first_column 0,
 * n_columns 1. */
struct share {
    hsize_t first_row, n_rows; /* counted from the first appended row */
    hsize_t first_column, n_columns;
};

/* What groups and datasets need on disk apart from their data, each, at most. */
#define SONATA_OBJECT_BYTES 4096

/* Make FOLDER/STEM.h5, replacing a file of that name. fixed_bytes: room that everything made before the first append needs. */
int sonata_create(const char *folder, const char *stem, uint64_t fixed_bytes, MPI_Comm communicator, struct sonata_file **out,
                  struct fault *fault);
/* Flush and close. An abandoned file stays as it was after its last flush. NULL inside is accepted. */
int sonata_close(struct sonata_file **file, struct fault *fault);

hid_t sonata_group(struct sonata_file *file, hid_t parent, const char *name); /* the caller closes it with H5Gclose */

/* n values; n = 0: a scalar. Texts: type from sonata_text_type, values point at char pointers. */
void sonata_attribute(struct sonata_file *file, hid_t object, const char *name, hid_t type, hsize_t n, const void *values);
void sonata_attribute_text(struct sonata_file *file, hid_t object, const char *name, const char *text);
hid_t sonata_text_type(void); /* variable length, UTF-8; the caller closes it with H5Tclose */

/* A one-dimensional dataset of which this rank has [begin, begin + count); the caller closes it with H5Dclose. */
hid_t sonata_fixed(struct sonata_file *file, hid_t parent, const char *name, hid_t type, hsize_t n, hsize_t begin, hsize_t count,
                   const void *values);
/* Write a fixed dataset again; rank 0 has all n values. */
void sonata_rewrite(struct sonata_file *file, hid_t dataset, hid_t type, const void *values);

struct growing sonata_growing(struct sonata_file *file, hid_t parent, const char *name, hid_t type, hsize_t columns,
                              hsize_t chunk_rows, hsize_t chunk_columns);
/* The room on disk that `rows` more rows need, at most. */
uint64_t sonata_growth(const struct growing *growing, hsize_t rows);
/* Make sure that this many bytes can be written. A fault leaves the file as it was, and it can still be closed. Must come before
 * every append: MPI-IO hangs or loses data silently when it meets a full disk itself. */
int sonata_reserve(struct sonata_file *file, uint64_t bytes, struct fault *fault);
/* `rows` rows are appended by all ranks together, which bring disjoint blocks that cover them. data: [n_rows][n_columns]. */
void sonata_append(struct sonata_file *file, struct growing *growing, hsize_t rows, struct share share, const void *data);

int sonata_check(struct sonata_file *file, struct fault *fault);
/* What was appended so far survives a kill from here on. */
int sonata_flush(struct sonata_file *file, struct fault *fault);

#endif
