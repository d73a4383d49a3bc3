/* The file is opened through MPI-IO; metadata is read and written collectively, as HDF5 recommends for many ranks. Data is not
 * compressed, so that what was flushed stays readable after a kill, and chunks are never filled before data comes.
 *
 * Room on disk is reserved (fallocate) before anything is written, because Open MPI's I/O does not survive a full disk: ranks
 * hang in a flush, or data is lost without an error. Where a file system cannot reserve, its free space is asked for instead. */
#include "recording/sonata_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "recording/agree.h"
#include "support/memory.h"

#define MARGIN (UINT64_C(64) << 10) /* bytes: metadata that no estimate counts */
#define INDEX_BYTES 128             /* per chunk: its entry in the chunk index */

/* ---- failures ---------------------------------------------------------------------------------------------------------- */

static herr_t keep_deepest(unsigned n, const H5E_error2_t *error, void *cause)
{
    if (n == 0)
        snprintf(cause, sizeof((struct sonata_file *)0)->cause, "%s", error->desc ? error->desc : "");
    return 0;
}

/* Pass on what an HDF5 function returned; if it failed, remember the first cause. */
static hid_t noted(struct sonata_file *file, hid_t result)
{
    if (result < 0 && !file->broken) {
        file->broken = true;
        H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_deepest, file->cause);
    }
    return result;
}

int sonata_check(struct sonata_file *file, struct fault *fault)
{
    if (file->broken)
        fault_run(fault, "writing '%s' failed: %s", file->path, file->cause);
    int status = fault_agree(fault, file->communicator);
    file->abandoned = file->abandoned || status;
    return status;
}

/* ---- room on disk ---------------------------------------------------------------------------------------------------------- */

/* 0 or an errno: can the file be written up to `end` bytes? What lies beyond its present size is reserved (again: a flush may
 * have given it back). */
static int reserve(const char *path, uint64_t end)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && end > limit.rlim_cur)
        return EFBIG;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return errno;
    struct stat status;
    int error = fstat(descriptor, &status) ? errno : 0;
    off_t more = (off_t)end - status.st_size;
    if (!error && more > 0)
        error = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, status.st_size, more) ? errno : 0;
    struct statvfs space;
    if ((error == EOPNOTSUPP || error == ENOSYS) && fstatvfs(descriptor, &space) == 0)
        error = (double)space.f_bavail * (double)space.f_frsize < (double)more ? ENOSPC : 0;
    close(descriptor);
    return error;
}

int sonata_reserve(struct sonata_file *file, uint64_t bytes, struct fault *fault)
{
    int error = file->rank == 0 ? reserve(file->path, file->end + bytes) : 0;
    if (error)
        fault_run(fault, "cannot write '%s': %s (at %.3g MB)", file->path, strerror(error), (double)(file->end + bytes) * 1e-6);
    TRY(fault_agree(fault, file->communicator));
    file->end += bytes;
    return FAULT_NONE;
}

/* Give back what was reserved beyond the end of the closed file. */
static void release_reserved(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && truncate(path, status.st_size) != 0)
        return; /* it only wastes some room */
}

/* ---- the file ----------------------------------------------------------------------------------------------------------------
 */

static hid_t access_properties(struct sonata_file *file)
{
    hid_t access = noted(file, H5Pcreate(H5P_FILE_ACCESS));
    noted(file, H5Pset_fapl_mpio(access, file->communicator, MPI_INFO_NULL));
    noted(file, H5Pset_all_coll_metadata_ops(access, true));
    noted(file, H5Pset_coll_metadata_write(access, true));
    noted(file, H5Pset_fclose_degree(access, H5F_CLOSE_STRONG)); /* closing the file closes its datasets */
    return access;
}

static void open_new(struct sonata_file *file)
{
    hid_t access = access_properties(file);
    file->id = noted(file, H5Fcreate(file->path, H5F_ACC_TRUNC, H5P_DEFAULT, access));
    noted(file, H5Pclose(access));
    file->transfer = noted(file, H5Pcreate(H5P_DATASET_XFER));
    noted(file, H5Pset_dxpl_mpio(file->transfer, H5FD_MPIO_COLLECTIVE));
    uint32_t magic = 0x0A7A, version[2] = {0, 1};
    sonata_attribute(file, file->id, "magic", H5T_STD_U32LE, 0, &magic);
    sonata_attribute(file, file->id, "version", H5T_STD_U32LE, 2, version);
    file->changed = true;
}

int sonata_create(const char *folder, const char *stem, uint64_t fixed_bytes, MPI_Comm communicator, struct sonata_file **out,
                  struct fault *fault)
{
    *out = NULL;
    struct sonata_file *file = MEMORY_NEW(1, struct sonata_file, RECORDING);
    *file = (struct sonata_file){.communicator = communicator, .id = H5I_INVALID_HID, .transfer = H5I_INVALID_HID};
    MPI_Comm_rank(communicator, &file->rank);
    MPI_Comm_size(communicator, &file->n_ranks);
    size_t length = strlen(folder) + strlen(stem) + sizeof "/.h5";
    file->path = MEMORY_NEW(length, char, RECORDING);
    snprintf(file->path, length, "%s/%s.h5", folder, stem);
    if (file->rank == 0)
        unlink(file->path); /* who still reads an older file keeps it */
    int status = sonata_reserve(file, fixed_bytes + MARGIN, fault);
    if (status == FAULT_NONE) {
        open_new(file); /* truncates, which gives the room back */
        status = sonata_check(file, fault);
    }
    if (status == FAULT_NONE)
        status = sonata_reserve(file, 0, fault);
    *out = file;
    if (status)
        sonata_close(out, fault);
    return status;
}

int sonata_flush(struct sonata_file *file, struct fault *fault)
{
    if (!file->changed || file->abandoned)
        return FAULT_NONE;
    noted(file, H5Fflush(file->id, H5F_SCOPE_GLOBAL));
    file->changed = false;
    return sonata_check(file, fault);
}

int sonata_close(struct sonata_file **file_pointer, struct fault *fault)
{
    struct sonata_file *file = *file_pointer;
    if (!file)
        return FAULT_NONE;
    int status = FAULT_NONE;
    if (file->id >= 0 && !file->abandoned) {
        noted(file, H5Pclose(file->transfer));
        noted(file, H5Fclose(file->id));
        status = sonata_check(file, fault);
        if (file->rank == 0)
            release_reserved(file->path);
    }
    memory_free(file->path);
    memory_free(file);
    *file_pointer = NULL;
    return status;
}

/* ---- groups and attributes
 * ----------------------------------------------------------------------------------------------------- */

hid_t sonata_group(struct sonata_file *file, hid_t parent, const char *name)
{
    return noted(file, H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

hid_t sonata_text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void sonata_attribute(struct sonata_file *file, hid_t object, const char *name, hid_t type, hsize_t n, const void *values)
{
    hid_t space = noted(file, n ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR));
    hid_t attribute = noted(file, H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    noted(file, H5Awrite(attribute, type, values));
    noted(file, H5Aclose(attribute));
    noted(file, H5Sclose(space));
}

void sonata_attribute_text(struct sonata_file *file, hid_t object, const char *name, const char *text)
{
    hid_t type = noted(file, sonata_text_type());
    sonata_attribute(file, object, name, type, 0, &text);
    noted(file, H5Tclose(type));
}

/* ---- datasets
 * ---------------------------------------------------------------------------------------------------------------------- */

/* Write a box of a dataset, which `data` holds without gaps; an empty box takes part without data. */
static void write_box(struct sonata_file *file, hid_t dataset, hid_t type, int rank, const hsize_t *begin, const hsize_t *count,
                      const void *data)
{
    hid_t in_file = noted(file, H5Dget_space(dataset)), in_memory = noted(file, H5Screate_simple(rank, count, NULL));
    bool empty = false;
    for (int k = 0; k < rank; k++)
        empty = empty || count[k] == 0;
    if (empty) {
        noted(file, H5Sselect_none(in_file));
        noted(file, H5Sselect_none(in_memory));
    } else {
        noted(file, H5Sselect_hyperslab(in_file, H5S_SELECT_SET, begin, NULL, count, NULL));
    }
    noted(file, H5Dwrite(dataset, type, in_memory, in_file, file->transfer, data));
    noted(file, H5Sclose(in_memory));
    noted(file, H5Sclose(in_file));
}

static hid_t creation_properties(struct sonata_file *file)
{
    hid_t creation = noted(file, H5Pcreate(H5P_DATASET_CREATE));
    noted(file, H5Pset_obj_track_times(creation, false)); /* equal runs give equal files */
    noted(file, H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER));
    return creation;
}

hid_t sonata_fixed(struct sonata_file *file, hid_t parent, const char *name, hid_t type, hsize_t n, hsize_t begin, hsize_t count,
                   const void *values)
{
    hid_t space = noted(file, H5Screate_simple(1, &n, NULL));
    hid_t creation = creation_properties(file);
    hid_t dataset = noted(file, H5Dcreate2(parent, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    noted(file, H5Pclose(creation));
    noted(file, H5Sclose(space));
    if (n > 0) /* HDF5 cannot write nothing into an unchunked dataset of no elements */
        write_box(file, dataset, type, 1, &begin, &count, values);
    return dataset;
}

void sonata_rewrite(struct sonata_file *file, hid_t dataset, hid_t type, const void *values)
{
    hid_t space = noted(file, H5Dget_space(dataset));
    hsize_t n = (hsize_t)H5Sget_simple_extent_npoints(space), begin = 0;
    noted(file, H5Sclose(space));
    hsize_t count = file->rank == 0 ? n : 0;
    write_box(file, dataset, type, 1, &begin, &count, values);
}

struct growing sonata_growing(struct sonata_file *file, hid_t parent, const char *name, hid_t type, hsize_t columns,
                              hsize_t chunk_rows, hsize_t chunk_columns)
{
    int rank = columns ? 2 : 1;
    struct growing growing = {.type = type, .columns = columns, .chunk_rows = chunk_rows, .chunk_columns = chunk_columns};
    hid_t space = noted(file, H5Screate_simple(rank, (hsize_t[]){0, columns}, (hsize_t[]){H5S_UNLIMITED, columns}));
    hid_t creation = creation_properties(file);
    noted(file, H5Pset_chunk(creation, rank, (hsize_t[]){chunk_rows, chunk_columns}));
    growing.id = noted(file, H5Dcreate2(parent, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    noted(file, H5Pclose(creation));
    noted(file, H5Sclose(space));
    return growing;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

uint64_t sonata_growth(const struct growing *growing, hsize_t rows)
{
    uint64_t across = growing->columns ? divide_up(growing->columns, growing->chunk_columns) : 1;
    uint64_t more = divide_up(growing->rows + rows, growing->chunk_rows) - divide_up(growing->rows, growing->chunk_rows);
    uint64_t chunk = growing->chunk_rows * (growing->columns ? growing->chunk_columns : 1) * H5Tget_size(growing->type);
    return more * across * (chunk + INDEX_BYTES);
}

void sonata_append(struct sonata_file *file, struct growing *growing, hsize_t rows, struct share share, const void *data)
{
    int rank = growing->columns ? 2 : 1;
    assert(share.first_row + share.n_rows <= rows);
    noted(file, H5Dset_extent(growing->id, (hsize_t[]){growing->rows + rows, growing->columns}));
    hsize_t begin[] = {growing->rows + share.first_row, share.first_column}, count[] = {share.n_rows, share.n_columns};
    write_box(file, growing->id, growing->type, rank, begin, count, data);
    growing->rows += rows;
    file->bytes += rows * (growing->columns ? growing->columns : 1) * H5Tget_size(growing->type);
    file->changed = true;
}
