/* What the checker must know of data files: how to ask for a column of numbers. The room `data` reads them. */
#ifndef GLION_LANGUAGE_DATA_READER_H
#define GLION_LANGUAGE_DATA_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "support/fault.h"
#include "support/memory.h"

enum data_format { DATA_CSV, DATA_HDF5 };

/* A column is named, or numbered from 0, or it is all of a dataset. */
struct data_request {
    enum data_format format;
    const char *path;    /* as it can be opened */
    const char *shown;   /* as the script calls it, for messages */
    const char *dataset; /* HDF5: its path in the file; else NULL */
    const char *column;  /* its name, or NULL */
    int64_t number;      /* -1: not numbered */
};

/* More rows than nodes or synapses can be counted. */
#define DATA_ROWS_MAX UINT32_MAX

/* Room for a list that is the same on all ranks, and may be kept for several of them together. */
struct shared_list {
    double *numbers;       /* [n] */
    bool is_shared, fills; /* whether this rank is to fill it; if not, it must not write to it */
};

struct data_reader {
    /* The numbers of a column, none of them NaN, in the arena: [*n], in order of the rows. Where there are several ranks it is
     * collective, and all get the same numbers, or the same fault (input), whose text says which file and which place in it. */
    int (*read)(void *context, const struct data_request *request, struct arena *arena, const double **numbers, uint64_t *n,
                struct fault *fault);
    /* Collective, too: a list that is computed, [n] in the arena; and once it is filled. */
    struct shared_list (*list_begin)(void *context, struct arena *arena, uint64_t n);
    void (*list_end)(void *context, const struct shared_list *list);
    void *context;
};

#endif
