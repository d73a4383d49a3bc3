/* HDF5 datasets, which the library turns into doubles whatever numbers they hold. */
#include "data/hdf5_column.h"

#include <errno.h>
#include <hdf5.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "support/memory.h"

/* What is open; the library closes each by a function of its own. */
struct opened {
    hid_t file, dataset, type, space, memory_type, memory_space;
};

static bool is_number(hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

static int open_dataset(const struct data_request *request, struct opened *opened, struct fault *fault)
{
    if (access(request->path, R_OK))
        return fault_input(fault, "'%s' cannot be opened: %s", request->shown, strerror(errno));
    opened->file = H5Fopen(request->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (opened->file < 0)
        return fault_input(fault, "'%s' is no HDF5 file", request->shown);
    opened->dataset = H5Dopen2(opened->file, request->dataset, H5P_DEFAULT);
    if (opened->dataset < 0)
        return fault_input(fault, "'%s' has no dataset '%s'", request->shown, request->dataset);
    opened->type = H5Dget_type(opened->dataset);
    opened->space = H5Dget_space(opened->dataset);
    return 0;
}

/* The member of a compound type, alone. */
static int choose_member(const struct data_request *request, struct opened *opened, struct fault *fault)
{
    int member = H5Tget_class(opened->type) == H5T_COMPOUND ? H5Tget_member_index(opened->type, request->column) : -1;
    if (member < 0)
        return fault_input(fault, "dataset '%s' of '%s' has no column '%s'", request->dataset, request->shown, request->column);
    hid_t type = H5Tget_member_type(opened->type, (unsigned)member);
    bool fits = is_number(type);
    H5Tclose(type);
    if (!fits)
        return fault_input(fault, "column '%s' of dataset '%s' of '%s' does not hold numbers", request->column, request->dataset,
                           request->shown);
    opened->memory_type = H5Tcreate(H5T_COMPOUND, sizeof(double));
    H5Tinsert(opened->memory_type, request->column, 0, H5T_NATIVE_DOUBLE);
    return 0;
}

static int choose_type(const struct data_request *request, struct opened *opened, struct fault *fault)
{
    if (request->column)
        return choose_member(request, opened, fault);
    if (!is_number(opened->type))
        return fault_input(fault,
                           H5Tget_class(opened->type) == H5T_COMPOUND
                               ? "dataset '%s' of '%s' has named columns: say which, hdf5(FILE, DATASET, \"NAME\")"
                               : "dataset '%s' of '%s' does not hold numbers",
                           request->dataset, request->shown);
    opened->memory_type = H5Tcopy(H5T_NATIVE_DOUBLE);
    return 0;
}

/* One dimension, or a column of two. */
static int choose_rows(const struct data_request *request, struct opened *opened, uint64_t *n, struct fault *fault)
{
    hsize_t size[2] = {0, 0};
    int n_dimensions = H5Sget_simple_extent_ndims(opened->space);
    if (n_dimensions != (request->number < 0 ? 1 : 2))
        return fault_input(fault,
                           n_dimensions == 2 && request->number < 0 && !request->column
                               ? "dataset '%s' of '%s' has %d dimensions: say which column, hdf5(FILE, DATASET, 0)"
                               : "dataset '%s' of '%s' has %d dimensions, so it is no column of numbers",
                           request->dataset, request->shown, n_dimensions);
    H5Sget_simple_extent_dims(opened->space, size, NULL);
    if (size[0] > DATA_ROWS_MAX)
        return fault_input(fault, "dataset '%s' of '%s' has more than %u rows", request->dataset, request->shown, DATA_ROWS_MAX);
    if (request->number >= 0 && (hsize_t)request->number >= size[1])
        return fault_input(fault, "dataset '%s' of '%s' has %llu columns, counted from 0, so none has the number %lld",
                           request->dataset, request->shown, (unsigned long long)size[1], (long long)request->number);
    if (request->number >= 0) {
        const hsize_t begin[2] = {0, (hsize_t)request->number}, count[2] = {size[0], 1};
        H5Sselect_hyperslab(opened->space, H5S_SELECT_SET, begin, NULL, count, NULL);
    }
    opened->memory_space = H5Screate_simple(1, size, NULL);
    *n = size[0];
    return 0;
}

static int read_numbers(const struct data_request *request, const struct opened *opened, uint64_t n, struct numbers *out,
                        struct fault *fault)
{
    out->values = MEMORY_NEW(n, double, TEMPORARY);
    out->n = out->capacity = n;
    if (n && H5Dread(opened->dataset, opened->memory_type, opened->memory_space, opened->space, H5P_DEFAULT, out->values) < 0)
        return fault_input(fault, "dataset '%s' of '%s' cannot be read", request->dataset, request->shown);
    for (uint64_t k = 0; k < n; k++)
        if (isnan(out->values[k]))
            return fault_input(fault, "dataset '%s' of '%s', row %llu, counted from 0: this is not a number (NaN)",
                               request->dataset, request->shown, (unsigned long long)k);
    return 0;
}

static void release(hid_t object, herr_t (*close)(hid_t))
{
    if (object >= 0)
        close(object);
}

int hdf5_read(const struct data_request *request, struct numbers *out, struct fault *fault)
{
    struct opened opened = {-1, -1, -1, -1, -1, -1};
    uint64_t n = 0;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* its failures become faults; it need not print them too */
    if (open_dataset(request, &opened, fault) == 0 && choose_type(request, &opened, fault) == 0 &&
        choose_rows(request, &opened, &n, fault) == 0)
        (void)read_numbers(request, &opened, n, out, fault);
    release(opened.memory_space, H5Sclose);
    release(opened.memory_type, H5Tclose);
    release(opened.space, H5Sclose);
    release(opened.type, H5Tclose);
    release(opened.dataset, H5Dclose);
    release(opened.file, H5Fclose);
    return fault->status;
}
