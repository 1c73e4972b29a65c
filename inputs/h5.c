#define _GNU_SOURCE  /* fallocate: posix_fallocate would write where a file system cannot reserve  \
                      */
#include "inputs/h5.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "inputs/text/opened.h"
#include "solver/base/team.h"

/* Rows of a chunk: 512 KB of doubles, the unit of compression and of ownership. */
enum { CHUNK_ROWS = 65536, MAX_DIMENSIONS = 3, NAME_SIZE = 1024 };

/* Higher levels gained nothing on columns (2.60 times against 2.61 at level 1). */
static const unsigned deflate_level = 1;

/* Space reserved beyond the values themselves: for the headers, attributes and heaps of one call,
 * and ahead of need, so that few calls ask the file system. */
static const uint64_t metadata_bytes = (uint64_t)1 << 15, reserve_step = (uint64_t)1 << 19;

/* What this rank wrote into a dataset, to be read back before the file gets its name. */
struct written {
    struct written *next;
    size_t begin, end;      /* rows; begin = end: the dataset as a whole */
    unsigned char *digests; /* SHA-256 of each chunk, or of the whole */
    char path[];
};

struct h5 {
    MPI_Comm comm;
    char *path, *temporary; /* temporary: NULL when open for reading */
    hid_t file;             /* for reading: on rank 0 only */
    hid_t together;         /* transfer properties of collective writes */
    int descriptor;         /* rank 0: of the temporary file, to reserve and to sync */
    uint64_t reserved;      /* rank 0: bytes of disk that are the file's already */
    uint64_t metadata;      /* bound of the headers and attributes written so far */
    bool drops_run;
    struct written *written;
    unsigned char content[SHA256_DIGEST_SIZE]; /* sum of the digests of all items */
    unsigned char head[SHA256_DIGEST_SIZE];    /* the same without the columns */
};

struct type {
    const char *name; /* in the content digest */
    size_t size;
};

static const struct type types[] = {[H5_DOUBLE] = {"f8", 8},
                                    [H5_UINT64] = {"u8", 8},
                                    [H5_INT32] = {"i4", 4},
                                    [H5_UINT8] = {"u1", 1}};

/* The predefined types are variables that exist only once the library is open. */
static hid_t type_in_file(enum h5_type t)
{
    const hid_t ids[] = {[H5_DOUBLE] = H5T_IEEE_F64LE,
                         [H5_UINT64] = H5T_STD_U64LE,
                         [H5_INT32] = H5T_STD_I32LE,
                         [H5_UINT8] = H5T_STD_U8LE};
    return ids[t];
}

static hid_t type_in_memory(enum h5_type t)
{
    const hid_t ids[] = {[H5_DOUBLE] = H5T_NATIVE_DOUBLE,
                         [H5_UINT64] = H5T_NATIVE_UINT64,
                         [H5_INT32] = H5T_NATIVE_INT32,
                         [H5_UINT8] = H5T_NATIVE_UINT8};
    return ids[t];
}

static herr_t keep_innermost(unsigned n, const H5E_error2_t *e, void *text)
{
    (void)n;
    char *to = text;
    if (to[0] == '\0' && e->desc != NULL) {
        (void)snprintf(to, STATUS_MESSAGE_SIZE / 2, "%s", e->desc);
    }
    return 0;
}

/* Turn the result of a library call into a status: negative is failure, named by the innermost
 * entry of the library's error stack. */
static enum status check(const struct h5 *f, int64_t result, const char *doing, const char *object,
                         struct status_why *why)
{
    char text[STATUS_MESSAGE_SIZE / 2] = "";
    if (result >= 0) {
        return STATUS_OK;
    }
    (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, text);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '\n') {
            *c = ' ';
        }
    }
    return status_fail(why, STATUS_IO, "%s: cannot %s %s: HDF5: %s", f->path, doing, object,
                       text[0] != '\0' ? text : "no reason given");
}

static enum status no_memory(const struct h5 *f, const char *object, struct status_why *why)
{
    return status_fail(why, STATUS_MEMORY, "%s: %s", f->path, object);
}

static void close_quietly(hid_t id, herr_t (*close_it)(hid_t))
{
    if (id >= 0) {
        (void)close_it(id);
    }
}

static bool is_run(const char *path)
{
    return strcmp(path, "/run") == 0 || strncmp(path, "/run/", 5) == 0;
}

static bool is_dropped(const struct h5 *f, const char *path)
{
    return f->drops_run && is_run(path);
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* What enters the content digest for one group, dataset or attribute. */
struct item {
    const char *kind; /* "group", "dataset", "attribute", "dimension" */
    const char *path;
    const char *name; /* of an attribute or a dimension; "" else */
    const char *type;
    size_t n_dimensions;
    const size_t *shape;
    const void *bytes;
    size_t n_bytes;
    bool is_column; /* a dataset in chunks */
};

static void digest_number(struct sha256_ctx *sha, uint64_t n)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(n >> (8 * i));
    }
    sha256_update(sha, sizeof bytes, bytes);
}

static void add_digest(unsigned char sum[SHA256_DIGEST_SIZE],
                       const unsigned char digest[SHA256_DIGEST_SIZE])
{
    unsigned carry = 0;
    for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++) {
        carry += (unsigned)sum[i] + digest[i];
        sum[i] = (unsigned char)carry;
        carry >>= 8;
    }
}

/* Lengths go before texts and bytes, so that no two different items look the same. The digests of
 * the items are added, as little-endian numbers modulo 2^256: what was written counts, not in which
 * order. */
static void digest_item(struct h5 *f, const struct item *item)
{
    const char *const texts[] = {item->kind, item->path, item->name, item->type};
    struct sha256_ctx sha;
    unsigned char digest[SHA256_DIGEST_SIZE];
    if (is_run(item->path)) {
        return;
    }
    sha256_init(&sha);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        digest_number(&sha, strlen(texts[i]));
        sha256_update(&sha, strlen(texts[i]), (const uint8_t *)texts[i]);
    }
    digest_number(&sha, item->n_dimensions);
    for (size_t i = 0; i < item->n_dimensions; i++) {
        digest_number(&sha, item->shape[i]);
    }
    digest_number(&sha, item->n_bytes);
    if (item->n_bytes > 0) {
        sha256_update(&sha, item->n_bytes, item->bytes);
    }
    sha256_digest(&sha, sizeof digest, digest);
    add_digest(f->content, digest);
    if (!item->is_column) {
        add_digest(f->head, digest);
    }
}

/* Rank 0: take \a wanted bytes of disk for the file, whose size stays; where the file system cannot
 * do that, see whether it has them. */
static enum status take_disk(struct h5 *f, uint64_t wanted, const struct stat *info,
                             struct status_why *why)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    struct statvfs disk;
    const uint64_t taken = (uint64_t)info->st_blocks * 512; /* POSIX leaves the unit open: Linux */

    (void)getrlimit(RLIMIT_FSIZE, &limit);
    if (wanted > limit.rlim_cur) {
        errno = EFBIG;
    } else if (fallocate(f->descriptor, FALLOC_FL_KEEP_SIZE, 0, (off_t)wanted) == 0) {
        f->reserved = wanted;
        return STATUS_OK;
    } else if (errno == EOPNOTSUPP || errno == ENOSYS) {
        if (fstatvfs(f->descriptor, &disk) != 0
            || (uint64_t)disk.f_bavail * disk.f_frsize + taken >= wanted) {
            return STATUS_OK;
        }
        errno = ENOSPC;
    }
    return status_fail(why, STATUS_IO, "%s: cannot reserve %llu bytes: %s", f->path,
                       (unsigned long long)wanted, strerror(errno));
}

/* Make sure that the disk has room for \a n_bytes more. A failing write inside a collective call
 * would leave the other ranks waiting in the library; here it is found before the call, on rank 0,
 * and agreed on. The size of the file covers
 * all values written so far; headers and attributes may still be in memory, hence the share that
 * each call adds. */
static enum status reserve(struct h5 *f, uint64_t n_bytes, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct stat info;

    f->metadata += metadata_bytes;
    if (team_rank(f->comm) == 0) {
        if (fstat(f->descriptor, &info) != 0) {
            st = status_fail(why, STATUS_IO, "%s: %s", f->path, strerror(errno));
        } else {
            const uint64_t wanted = (uint64_t)info.st_size + f->metadata + n_bytes;
            if (wanted > f->reserved) {
                st = take_disk(f, wanted + reserve_step, &info, why);
            }
        }
    }
    return team_agree(f->comm, st, why);
}

static char *copy_text(const char *a, const char *b)
{
    const size_t n = strlen(a) + strlen(b) + 1;
    char *text = malloc(n);
    if (text != NULL) {
        (void)snprintf(text, n, "%s%s", a, b);
    }
    return text;
}

/* Open, or make, the temporary file on this rank with plain system calls, which say better than
 * HDF5 why it cannot be done. */
static int open_temporary(const char *path, const char *temporary, enum status code,
                          enum status *st, struct status_why *why)
{
    struct stat info;
    int descriptor = -1;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        *st = status_fail(why, code, "%s: is a folder; expected the name of a file", path);
        return -1;
    }
    (void)unlink(temporary); /* left by a run that was killed */
    descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        const char *slash = strrchr(path, '/');
        const int length = slash == NULL ? 1 : (int)(slash - path) + (slash == path);
        *st = status_fail(why, code, "%s: cannot write into the folder %.*s: %s", path, length,
                          slash == NULL ? "." : path, strerror(errno));
    }
    return descriptor;
}

void h5_prepare(void)
{
    (void)setenv("OMPI_MCA_sharedfp", "individual", 0);
}

enum status h5_check_output(MPI_Comm comm, const char *path, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (team_rank(comm) == 0) {
        char *temporary = copy_text(path, ".check");
        if (temporary == NULL) {
            st = status_fail(why, STATUS_MEMORY, "%s", path);
        } else {
            const int descriptor = open_temporary(path, temporary, STATUS_INPUT, &st, why);
            if (descriptor >= 0) {
                (void)close(descriptor);
                (void)unlink(temporary);
            }
        }
        free(temporary);
    }
    return team_agree(comm, st, why);
}

static struct h5 *new_file(MPI_Comm comm, const char *path)
{
    struct h5 *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    f->comm = comm;
    f->file = f->together = -1;
    f->descriptor = -1;
    f->path = copy_text(path, "");
    if (f->path == NULL) {
        free(f);
        return NULL;
    }
    return f;
}

static void destroy(struct h5 *f)
{
    while (f->written != NULL) {
        struct written *next = f->written->next;
        free(f->written->digests);
        free(f->written);
        f->written = next;
    }
    if (f->descriptor >= 0) {
        (void)close(f->descriptor);
    }
    free(f->temporary);
    free(f->path);
    free(f);
}

/* Groups keep no times, which would differ between equal runs, and keep the order of their members
 * for people and for netCDF. */
static herr_t set_group_properties(hid_t properties)
{
    return H5Pset_obj_track_times(properties, false) < 0
                   || H5Pset_link_creation_order(properties,
                                                 H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)
                          < 0
               ? -1
               : 0;
}

static enum status create_file(struct h5 *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);

    STATUS_TRY(check(f, access, "prepare", "the file", why));
    STATUS_TRY(check(f, creation, "prepare", "the file", why));
    STATUS_TRY(check(f, set_group_properties(creation), "prepare", "the file", why));
    STATUS_TRY(check(f, H5Pset_fapl_mpio(access, f->comm, MPI_INFO_NULL), "prepare", "MPI", why));
    STATUS_TRY(check(f, H5Pset_fclose_degree(access, H5F_CLOSE_SEMI), "prepare", "the file", why));
    STATUS_TRY(check(f, H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18), "prepare",
                     "the file", why));
    f->together = H5Pcreate(H5P_DATASET_XFER);
    STATUS_TRY(check(f, f->together, "prepare", "the file", why));
    STATUS_TRY(
        check(f, H5Pset_dxpl_mpio(f->together, H5FD_MPIO_COLLECTIVE), "prepare", "the file", why));
    f->file = H5Fcreate(f->temporary, H5F_ACC_TRUNC, creation, access);
    STATUS_TRY(check(f, f->file, "create", f->temporary, why));
out:
    close_quietly(creation, H5Pclose);
    close_quietly(access, H5Pclose);
    return st;
}

enum status h5_create(MPI_Comm comm, const char *path, struct h5 **made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    struct h5 *f = new_file(comm, path);

    *made = NULL;
    if (f != NULL) {
        f->drops_run = epoch != NULL && epoch[0] != '\0';
        f->temporary = copy_text(path, ".partial");
    }
    if (f == NULL || f->temporary == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s", path);
    } else if (team_rank(comm) == 0) {
        f->descriptor = open_temporary(path, f->temporary, STATUS_IO, &st, why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(f != NULL);
    st = create_file(f, why);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(reserve(f, 0, why));
    *made = f;
    return STATUS_OK;
out:
    if (f != NULL) {
        h5_abandon(f);
    } else {
        team_meet(comm); /* the two of h5_abandon */
        team_meet(comm);
    }
    return st;
}

void h5_abandon(struct h5 *f)
{
    if (f == NULL) {
        return;
    }
    close_quietly(f->together, H5Pclose);
    close_quietly(f->file, H5Fclose);
    team_meet(f->comm); /* no rank may still write when the name goes */
    if (f->descriptor >= 0) {
        (void)unlink(f->temporary);
    }
    team_meet(f->comm); /* and after this it is gone for all */
    destroy(f);
}

/* Open by plain system calls. Parallel file systems may lack the locks that HDF5 would take; a file
 * with its final name does not change. */
static hid_t open_serially(const char *path)
{
    hid_t file = -1;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0 && H5Pset_file_locking(access, false, true) >= 0) {
        file = H5Fopen(path, H5F_ACC_RDONLY, access);
    }
    close_quietly(access, H5Pclose);
    return file;
}

/* Note what this rank wrote; takes over \a digests. */
static enum status remember(struct h5 *f, const char *path, size_t begin, size_t end,
                            unsigned char *digests, struct status_why *why)
{
    const size_t length = strlen(path) + 1;
    struct written *w = malloc(sizeof *w + length);
    if (w == NULL) {
        free(digests);
        return no_memory(f, path, why);
    }
    *w = (struct written){f->written, begin, end, digests};
    memcpy(w->path, path, length);
    f->written = w;
    return STATUS_OK;
}

/* Whether rows begin to end of a dataset, or all of it when these are equal, have this digest. */
static bool has_digest(hid_t dataset, size_t begin, size_t end, const unsigned char *digest)
{
    const hsize_t first = begin, count = end - begin;
    unsigned char found[SHA256_DIGEST_SIZE];
    bool is_same = false;
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    hid_t memory = H5S_ALL;
    void *values = NULL;
    hssize_t n = -1;

    if (type < 0 || space < 0) {
        goto out;
    }
    if (count > 0) {
        memory = H5Screate_simple(1, &count, NULL);
        if (memory < 0
            || H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &count, NULL) < 0) {
            goto out;
        }
    }
    n = H5Sget_select_npoints(space);
    values = n > 0 ? malloc((size_t)n * H5Tget_size(type)) : NULL;
    if (values != NULL && H5Dread(dataset, type, memory, space, H5P_DEFAULT, values) >= 0) {
        digest_raw(values, (size_t)n * H5Tget_size(type), found);
        is_same = memcmp(found, digest, sizeof found) == 0;
    }
out:
    free(values);
    close_quietly(memory == H5S_ALL ? -1 : memory, H5Sclose);
    close_quietly(space, H5Sclose);
    close_quietly(type, H5Tclose);
    return is_same;
}

static bool is_as_written(hid_t file, const struct written *w)
{
    const hid_t dataset = H5Dopen2(file, w->path, H5P_DEFAULT);
    bool is_same = dataset >= 0;
    if (is_same && w->begin == w->end) {
        is_same = has_digest(dataset, 0, 0, w->digests);
    }
    for (size_t row = w->begin, i = 0; is_same && row < w->end; row += CHUNK_ROWS, i++) {
        const size_t stop = w->end - row < CHUNK_ROWS ? w->end : row + CHUNK_ROWS;
        is_same = has_digest(dataset, row, stop, w->digests + i * SHA256_DIGEST_SIZE);
    }
    close_quietly(dataset, H5Dclose);
    return is_same;
}

/* Read what this rank wrote. On a full disk Open MPI 4.1 prints a line and reports success, so only
 * the file itself tells. */
static enum status read_back(struct h5 *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const hid_t file = open_serially(f->temporary);

    if (file < 0) {
        return status_fail(why, STATUS_IO, "%s: what was written cannot be opened: disk full?",
                           f->path);
    }
    for (const struct written *w = f->written; w != NULL && st == STATUS_OK; w = w->next) {
        if (!is_as_written(file, w)) {
            st = status_fail(why, STATUS_IO, "%s: %s cannot be read back as written: disk full?",
                             f->path, w->path);
        }
    }
    close_quietly(file, H5Fclose);
    return st;
}

/* Rank 0: make the closed file durable and give it its name. */
static enum status sync_and_rename(const struct h5 *f, struct status_why *why)
{
    char *folder = copy_text(f->path, "");
    if (folder == NULL) {
        return no_memory(f, "rename", why);
    }
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder] = '\0';
    }
    /* Truncating to its own size gives back what was reserved beyond the end. */
    struct stat info;
    if (fstat(f->descriptor, &info) != 0 || ftruncate(f->descriptor, info.st_size) != 0
        || fsync(f->descriptor) != 0 || rename(f->temporary, f->path) != 0) {
        free(folder);
        return status_fail(why, STATUS_IO, "%s: cannot finish: %s", f->path, strerror(errno));
    }
    /* The folder holds the name: without this the rename itself may be lost with the power. */
    const int d = open(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d >= 0) {
        (void)fsync(d);
        (void)close(d);
    }
    free(folder);
    return STATUS_OK;
}

enum status h5_commit(struct h5 *f, char digest[DIGEST_SIZE], struct status_why *why)
{
    enum status st = STATUS_OK;
    char text[DIGEST_SIZE], head[DIGEST_SIZE];

    digest_of(f->content, sizeof f->content, text);
    digest_of(f->head, sizeof f->head, head);
    STATUS_TRY(h5_write_text(f, "/run/content_digest", text, why));
    STATUS_TRY(h5_write_text(f, "/run/head_digest", head, why));
    STATUS_TRY(reserve(f, 0, why));
    st = check(f, H5Fflush(f->file, H5F_SCOPE_GLOBAL), "flush", "the file", why);
    STATUS_TRY(team_agree(f->comm, st, why));
    close_quietly(f->together, H5Pclose);
    f->together = -1;
    st = check(f, H5Fclose(f->file), "close", "the file", why);
    f->file = -1;
    STATUS_TRY(team_agree(f->comm, st, why));
    STATUS_TRY(team_agree(f->comm, read_back(f, why), why));
    if (team_rank(f->comm) == 0) {
        st = sync_and_rename(f, why);
    }
    STATUS_TRY(team_agree(f->comm, st, why));
    if (digest != NULL) {
        memcpy(digest, text, sizeof text);
    }
    destroy(f);
    return STATUS_OK;
out:
    h5_abandon(f);
    return st;
}

/* In parentheses: for the analyzer it is a macro too. */
enum status(h5_agree)(struct h5 *f, enum status mine, struct status_why *why)
{
    return team_agree(f->comm, mine, why);
}

static enum status make_group(struct h5 *f, const char *path, struct status_why *why)
{
    enum status st = STATUS_OK;
    hid_t properties = -1, group = -1;
    const htri_t there = H5Lexists(f->file, path, H5P_DEFAULT);

    STATUS_TRY(check(f, there, "look for", path, why));
    if (there > 0) {
        return STATUS_OK;
    }
    properties = H5Pcreate(H5P_GROUP_CREATE);
    STATUS_TRY(check(f, properties, "prepare", path, why));
    STATUS_TRY(check(f, set_group_properties(properties), "prepare", path, why));
    group = H5Gcreate2(f->file, path, H5P_DEFAULT, properties, H5P_DEFAULT);
    STATUS_TRY(check(f, group, "create", path, why));
    digest_item(f, &(struct item){.kind = "group", .path = path, .name = "", .type = ""});
out:
    close_quietly(group, H5Gclose);
    close_quietly(properties, H5Pclose);
    return st;
}

/* The groups on the way to \a path, and \a path itself when it \a is_group. */
static enum status make_groups(struct h5 *f, const char *path, bool is_group,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    char prefix[NAME_SIZE];

    STATUS_ASSERT(path[0] == '/' && strlen(path) < sizeof prefix);
    for (const char *c = path + 1; st == STATUS_OK && (c = strchr(c, '/')) != NULL; c++) {
        (void)snprintf(prefix, sizeof prefix, "%.*s", (int)(c - path), path);
        st = make_group(f, prefix, why);
    }
    return st == STATUS_OK && is_group ? make_group(f, path, why) : st;
}

enum status h5_write_group(struct h5 *f, const char *path, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (is_dropped(f, path)) {
        return STATUS_OK;
    }
    STATUS_TRY(reserve(f, 0, why));
    st = team_agree(f->comm, make_groups(f, path, true, why), why);
out:
    return st;
}

/* An attribute to be written: types of file and memory, and a 1-D shape unless scalar. */
struct attribute {
    const char *name;
    hid_t type, memory;
    const char *type_name;
    bool is_scalar;
    size_t n, size; /* elements, bytes of one */
    const void *bytes;
};

static enum status write_attribute(struct h5 *f, const char *object, const struct attribute *a,
                                   struct status_why *why)
{
    enum status st = STATUS_OK;
    const hsize_t n = a->n;
    const hid_t space = a->is_scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
    hid_t id = -1;

    STATUS_TRY(check(f, space, "prepare", a->name, why));
    id = H5Acreate_by_name(f->file, object, a->name, a->type, space, H5P_DEFAULT, H5P_DEFAULT,
                           H5P_DEFAULT);
    STATUS_TRY(check(f, id, "create attribute", a->name, why));
    STATUS_TRY(check(f, H5Awrite(id, a->memory, a->bytes), "write attribute", a->name, why));
    digest_item(f, &(struct item){"attribute", object, a->name, a->type_name, !a->is_scalar, &a->n,
                                  a->bytes, a->n * a->size, false});
out:
    close_quietly(id, H5Aclose);
    close_quietly(space, H5Sclose);
    return st;
}

/* Fixed-length string type for texts of up to \a size - 1 bytes and their end. */
static hid_t make_string_type(size_t size, bool is_ascii)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0
        && (H5Tset_size(type, size) < 0 || H5Tset_strpad(type, H5T_STR_NULLTERM) < 0
            || H5Tset_cset(type, is_ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8) < 0)) {
        (void)H5Tclose(type);
        return -1;
    }
    return type;
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

static enum status write_text_attribute(struct h5 *f, const char *object, const char *name,
                                        const char *text, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t size = strlen(text) + 1;
    const hid_t type = make_string_type(size, is_ascii(text));

    STATUS_TRY(check(f, type, "prepare", name, why));
    st = write_attribute(f, object,
                         &(struct attribute){name, type, type, "text", true, 1, size, text}, why);
out:
    close_quietly(type, H5Tclose);
    return st;
}

enum status h5_write_text_attribute(struct h5 *f, const char *object, const char *name,
                                    const char *text, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (is_dropped(f, object)) {
        return STATUS_OK;
    }
    STATUS_TRY(reserve(f, strlen(text), why));
    st = team_agree(f->comm, write_text_attribute(f, object, name, text, why), why);
out:
    return st;
}

static enum status write_number(struct h5 *f, const char *object, const char *name,
                                enum h5_type type, const void *value, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct attribute a = {
        name, type_in_file(type), type_in_memory(type), types[type].name, true, 1, types[type].size,
        value};
    if (is_dropped(f, object)) {
        return STATUS_OK;
    }
    STATUS_TRY(reserve(f, 0, why));
    st = team_agree(f->comm, write_attribute(f, object, &a, why), why);
out:
    return st;
}

enum status h5_write_number_attribute(struct h5 *f, const char *object, const char *name,
                                      double value, struct status_why *why)
{
    return write_number(f, object, name, H5_DOUBLE, &value, why);
}

enum status h5_write_count_attribute(struct h5 *f, const char *object, const char *name,
                                     uint64_t value, struct status_why *why)
{
    return write_number(f, object, name, H5_UINT64, &value, why);
}

/* The words of flag_meanings, separated by blanks. NULL without memory. */
static char *join_words(size_t n, const char *const words[])
{
    size_t length = 1;
    for (size_t i = 0; i < n; i++) {
        length += strlen(words[i]) + 1;
    }
    char *text = malloc(length), *to = text;
    if (text == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            *to++ = ' ';
        }
        for (const char *c = words[i]; *c != '\0'; c++) {
            *to++ = (char)(*c == ' ' ? '_' : *c);
        }
    }
    *to = '\0';
    return text;
}

static enum status write_flags(struct h5 *f, const char *object, enum h5_type type, size_t n,
                               const char *const meanings[], struct status_why *why)
{
    enum status st = STATUS_OK;
    char *text = join_words(n, meanings);
    unsigned char *values = malloc(n * types[type].size);

    STATUS_ASSERT(n > 0 && (type == H5_INT32 || (type == H5_UINT8 && n <= UINT8_MAX + 1)));
    if (text == NULL || values == NULL) {
        st = no_memory(f, object, why);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        const int32_t code = (int32_t)i;
        if (type == H5_INT32) {
            memcpy(values + i * sizeof code, &code, sizeof code);
        } else {
            values[i] = (unsigned char)i;
        }
    }
    STATUS_TRY(
        write_attribute(f, object,
                        &(struct attribute){"flag_values", type_in_file(type), type_in_memory(type),
                                            types[type].name, false, n, types[type].size, values},
                        why));
    STATUS_TRY(write_text_attribute(f, object, "flag_meanings", text, why));
out:
    free(values);
    free(text);
    return st;
}

enum status h5_write_flags(struct h5 *f, const char *object, enum h5_type type, size_t n,
                           const char *const meanings[], struct status_why *why)
{
    enum status st = STATUS_OK;
    if (is_dropped(f, object)) {
        return STATUS_OK;
    }
    STATUS_TRY(reserve(f, n * NAME_SIZE, why));
    st = team_agree(f->comm, write_flags(f, object, type, n, meanings, why), why);
out:
    return st;
}

/* A dataset to be made. chunk_rows = 0: contiguous. */
struct dataset {
    const char *path;
    hid_t type;
    size_t n_dimensions;
    const size_t *shape;
    size_t chunk_rows;
};

/* No fill values: every element is written, and filling would write all chunks twice. */
static hid_t make_dataset_properties(const struct dataset *d)
{
    const hsize_t rows = d->chunk_rows;
    const hid_t p = H5Pcreate(H5P_DATASET_CREATE);
    if (p < 0) {
        return -1;
    }
    if (H5Pset_obj_track_times(p, false) < 0 || H5Pset_fill_time(p, H5D_FILL_TIME_NEVER) < 0
        || (rows > 0
            && (H5Pset_chunk(p, 1, &rows) < 0 || H5Pset_shuffle(p) < 0
                || H5Pset_deflate(p, deflate_level) < 0 || H5Pset_fletcher32(p) < 0))) {
        (void)H5Pclose(p);
        return -1;
    }
    return p;
}

static enum status make_dataset(struct h5 *f, const struct dataset *d, hid_t *made,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    hsize_t shape[MAX_DIMENSIONS] = {0};
    hid_t space = -1, properties = -1;

    STATUS_TRY(make_groups(f, d->path, false, why));
    for (size_t i = 0; i < d->n_dimensions; i++) {
        shape[i] = d->shape[i];
    }
    space = d->n_dimensions == 0 ? H5Screate(H5S_SCALAR)
                                 : H5Screate_simple((int)d->n_dimensions, shape, NULL);
    STATUS_TRY(check(f, space, "prepare", d->path, why));
    properties = make_dataset_properties(d);
    STATUS_TRY(check(f, properties, "prepare", d->path, why));
    *made = H5Dcreate2(f->file, d->path, d->type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    STATUS_TRY(check(f, *made, "create", d->path, why));
out:
    close_quietly(properties, H5Pclose);
    close_quietly(space, H5Sclose);
    return st;
}

/* Write a whole dataset from rank 0; the others take part with nothing. */
static enum status write_whole(struct h5 *f, hid_t dataset, hid_t memory, const char *path,
                               const void *values, struct status_why *why)
{
    enum status st = STATUS_OK;
    const hid_t space = H5Dget_space(dataset);

    STATUS_TRY(check(f, space, "prepare", path, why));
    if (team_rank(f->comm) != 0) {
        STATUS_TRY(check(f, H5Sselect_none(space), "prepare", path, why));
    }
    STATUS_TRY(
        check(f, H5Dwrite(dataset, memory, space, space, f->together, values), "write", path, why));
out:
    close_quietly(space, H5Sclose);
    return st;
}

static enum status attach_dimension(struct h5 *f, hid_t dataset, const char *path, unsigned i,
                                    const char *dimension, struct status_why *why)
{
    enum status st = STATUS_OK;
    const hid_t scale = H5Dopen2(f->file, dimension, H5P_DEFAULT);

    STATUS_TRY(check(f, scale, "open dimension", dimension, why));
    STATUS_TRY(check(f, H5DSattach_scale(dataset, scale, i), "attach dimension", dimension, why));
    digest_item(f,
                &(struct item){.kind = "dimension", .path = path, .name = dimension, .type = ""});
out:
    close_quietly(scale, H5Dclose);
    return st;
}

/* What says what a dataset means. */
struct meaning {
    const char *unit, *long_name;
    size_t n_dimensions;
    const char *const *dimensions;
};

static enum status describe(struct h5 *f, hid_t dataset, const char *path, const struct meaning *m,
                            struct status_why *why)
{
    enum status st = STATUS_OK;
    if (m->long_name != NULL) {
        STATUS_TRY(write_text_attribute(f, path, "long_name", m->long_name, why));
    }
    if (m->unit != NULL) {
        STATUS_TRY(write_text_attribute(f, path, "units", m->unit, why));
    }
    for (size_t i = 0; i < m->n_dimensions; i++) {
        if (m->dimensions[i] != NULL) {
            STATUS_TRY(attach_dimension(f, dataset, path, (unsigned)i, m->dimensions[i], why));
        }
    }
out:
    return st;
}

static enum status remember_whole(struct h5 *f, const char *path, const void *values,
                                  size_t n_bytes, struct status_why *why)
{
    unsigned char *digest = malloc(SHA256_DIGEST_SIZE);
    if (digest == NULL) {
        return no_memory(f, path, why);
    }
    digest_raw(values, n_bytes, digest);
    return remember(f, path, 0, 0, digest, why);
}

/* A dataset of which every rank has all values. */
static enum status write_same(struct h5 *f, const struct dataset *d, hid_t memory,
                              const char *type_name, const void *values, const struct meaning *m,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    hid_t id = -1;
    size_t n_bytes = H5Tget_size(memory);

    for (size_t i = 0; i < d->n_dimensions; i++) {
        n_bytes *= d->shape[i];
    }
    STATUS_TRY(reserve(f, n_bytes, why));
    st = make_dataset(f, d, &id, why);
    STATUS_TRY(team_agree(f->comm, st, why));
    digest_item(f, &(struct item){"dataset", d->path, "", type_name, d->n_dimensions, d->shape,
                                  values, n_bytes, false});
    if (n_bytes > 0) {
        st = write_whole(f, id, memory, d->path, values, why);
        if (st == STATUS_OK && team_rank(f->comm) == 0) {
            st = remember_whole(f, d->path, values, n_bytes, why);
        }
        STATUS_TRY(team_agree(f->comm, st, why));
    }
    st = team_agree(f->comm, describe(f, id, d->path, m, why), why);
out:
    close_quietly(id, H5Dclose);
    return st;
}

enum status h5_write_text(struct h5 *f, const char *path, const char *text, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (is_dropped(f, path)) {
        return STATUS_OK;
    }
    const hid_t type = make_string_type(strlen(text) + 1, is_ascii(text));
    st = check(f, type, "prepare", path, why);
    STATUS_TRY(team_agree(f->comm, st, why));
    st = write_same(f, &(struct dataset){path, type, 0, NULL, 0}, type, "text", text,
                    &(struct meaning){0}, why);
out:
    close_quietly(type, H5Tclose);
    return st;
}

/* Make a dataset a dimension. \param [in] name  what readers find in its attribute NAME */
static enum status make_scale(struct h5 *f, const char *path, const char *name,
                              struct status_why *why)
{
    const hid_t id = H5Dopen2(f->file, path, H5P_DEFAULT);
    const enum status st =
        check(f, id < 0 ? -1 : H5DSset_scale(id, name), "make a dimension of", path, why);
    close_quietly(id, H5Dclose);
    return team_agree(f->comm, st, why);
}

/* The bytes are a dimension of their own, without which netCDF readers refuse the whole group. */
enum status h5_write_bytes(struct h5 *f, const char *path, const void *bytes, size_t n,
                           struct status_why *why)
{
    const enum status st = h5_write_array(
        f, &(struct h5_array){path, H5_UINT8, bytes, 1, {n}, {NULL}, NULL, NULL}, why);
    return st == STATUS_OK && !is_dropped(f, path) ? make_scale(f, path, last_name(path), why) : st;
}

/* A dimension that is no variable, told by a NAME that netCDF-4 lays down (the length follows in 10
 * places): xarray joins characters only along such a dimension. */
static enum status write_bare_dimension(struct h5 *f, const char *path, size_t n,
                                        struct status_why *why)
{
    char name[NAME_SIZE];
    const enum status st = h5_write_dimension(f, path, n, why);

    if (st != STATUS_OK || is_dropped(f, path)) {
        return st;
    }
    (void)snprintf(name, sizeof name, "This is a netCDF dimension but not a netCDF variable.%10zu",
                   n);
    return make_scale(f, path, name, why);
}

/* netCDF 4.9 crashes on arrays of fixed-length strings, and HDF5 cannot write strings of variable
 * length in parallel: characters in two dimensions are what all readers take. */
enum status h5_write_names(struct h5 *f, const char *path, const char *const names[], size_t n,
                           const char *dimension, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t shape[] = {n, 1};
    char length[NAME_SIZE];
    const char *const dimensions[] = {dimension, length};
    hid_t type = -1;
    char *cells = NULL;

    if (is_dropped(f, path)) {
        return STATUS_OK;
    }
    for (size_t i = 0; i < n; i++) {
        shape[1] = strlen(names[i]) > shape[1] ? strlen(names[i]) : shape[1];
    }
    STATUS_ASSERT(strlen(path) + sizeof "_length" <= sizeof length);
    (void)snprintf(length, sizeof length, "%s_length", path);
    cells = calloc(n > 0 ? n : 1, shape[1]);
    type = make_string_type(1, false);
    st = cells == NULL ? no_memory(f, path, why) : check(f, type, "prepare", path, why);
    STATUS_TRY(team_agree(f->comm, st, why));
    STATUS_ASSERT(cells != NULL);
    for (size_t i = 0; i < n; i++) {
        memcpy(cells + i * shape[1], names[i], strlen(names[i]));
    }
    if (dimension != NULL) {
        STATUS_TRY(write_bare_dimension(f, length, shape[1], why));
    }
    STATUS_TRY(write_same(f, &(struct dataset){path, type, 2, shape, 0}, type, "text", cells,
                          &(struct meaning){NULL, NULL, dimension != NULL ? 2 : 0, dimensions},
                          why));
    STATUS_TRY(h5_write_text_attribute(f, path, "_Encoding", "utf-8", why));
out:
    close_quietly(type, H5Tclose);
    free(cells);
    return st;
}

enum status h5_write_array(struct h5 *f, const struct h5_array *a, struct status_why *why)
{
    STATUS_ASSERT(a->n_dimensions <= MAX_DIMENSIONS);
    if (is_dropped(f, a->path)) {
        return STATUS_OK;
    }
    return write_same(
        f, &(struct dataset){a->path, type_in_file(a->type), a->n_dimensions, a->shape, 0},
        type_in_memory(a->type), types[a->type].name, a->values,
        &(struct meaning){a->unit, a->long_name, a->n_dimensions, a->dimensions}, why);
}

static size_t n_chunks(size_t n_rows)
{
    return n_rows / CHUNK_ROWS + (n_rows % CHUNK_ROWS != 0);
}

void h5_column_share(size_t n_rows, int rank, int size, size_t *begin, size_t *end)
{
    const struct team_range chunks = team_share(n_chunks(n_rows), rank, size);
    *begin = chunks.begin * CHUNK_ROWS < n_rows ? chunks.begin * CHUNK_ROWS : n_rows;
    *end = chunks.end * CHUNK_ROWS < n_rows ? chunks.end * CHUNK_ROWS : n_rows;
}

/* The digest of a column is that of the digests of its chunks, each computed by the rank that has
 * it: the same for any number of ranks. Each rank keeps its own for reading back. */
static enum status digest_column(struct h5 *f, const struct h5_column *c, size_t begin, size_t end,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t size = types[c->type].size, n_mine = n_chunks(end - begin);
    unsigned char *mine = malloc(n_mine * SHA256_DIGEST_SIZE + 1);
    void *all = NULL;
    size_t n_all = 0;

    if (mine == NULL) {
        st = no_memory(f, c->path, why);
    }
    STATUS_TRY(team_agree(f->comm, st, why));
    STATUS_ASSERT(mine != NULL);
    for (size_t i = 0; i < n_mine; i++) {
        const size_t row = i * CHUNK_ROWS, left = end - begin - row;
        digest_raw((const char *)c->values + row * size,
                   (left < CHUNK_ROWS ? left : CHUNK_ROWS) * size, mine + i * SHA256_DIGEST_SIZE);
    }
    STATUS_TRY(team_gather(f->comm, mine, n_mine * SHA256_DIGEST_SIZE, &all, &n_all, why));
    digest_item(f, &(struct item){"dataset", c->path, "", types[c->type].name, 1, &c->n_rows, all,
                                  n_all, c->n_rows > 0});
    if (n_mine > 0) {
        st = remember(f, c->path, begin, end, mine, why);
        mine = NULL;
    }
    STATUS_TRY(team_agree(f->comm, st, why));
out:
    free(all);
    free(mine);
    return st;
}

/* One collective call that writes rows begin to end of the dataset from the rank that has \a
 * values; NULL on the others. */
static enum status write_rows(struct h5 *f, hid_t dataset, const struct h5_column *c, size_t begin,
                              size_t end, const void *values, struct status_why *why)
{
    enum status st = STATUS_OK;
    const hsize_t first = begin, count = end - begin;
    const hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(1, &count, NULL);
    static const unsigned char nothing = 0;

    STATUS_TRY(check(f, space, "prepare", c->path, why));
    STATUS_TRY(check(f, memory, "prepare", c->path, why));
    if (values != NULL) {
        STATUS_TRY(check(f, H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &count, NULL),
                         "prepare", c->path, why));
    } else {
        STATUS_TRY(check(f, H5Sselect_none(space), "prepare", c->path, why));
        STATUS_TRY(check(f, H5Sselect_none(memory), "prepare", c->path, why));
    }
    STATUS_TRY(check(f,
                     H5Dwrite(dataset, type_in_memory(c->type), memory, space, f->together,
                              values != NULL ? values : &nothing),
                     "write", c->path, why));
out:
    close_quietly(memory, H5Sclose);
    close_quietly(space, H5Sclose);
    return st;
}

/* Chunks in order, each in its own collective call: the file's space is then given out in the same
 * order at any number of ranks. */
static enum status write_chunks(struct h5 *f, hid_t dataset, const struct h5_column *c,
                                size_t begin, size_t end, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t row = 0; row < c->n_rows; row += CHUNK_ROWS) {
        const size_t stop = c->n_rows - row < CHUNK_ROWS ? c->n_rows : row + CHUNK_ROWS;
        const bool is_mine = begin <= row && row < end;
        st = write_rows(
            f, dataset, c, row, stop,
            is_mine ? (const char *)c->values + (row - begin) * types[c->type].size : NULL, why);
        STATUS_TRY(team_agree(f->comm, st, why));
    }
out:
    return st;
}

static enum status write_column(struct h5 *f, const struct h5_column *c, const char *scale_name,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    hid_t id = -1;
    size_t begin, end;
    const size_t chunk = c->n_rows < CHUNK_ROWS ? c->n_rows : CHUNK_ROWS;

    h5_column_share(c->n_rows, team_rank(f->comm), team_size(f->comm), &begin, &end);
    /* Chunks are given their space uncompressed first, then moved: hence twice. */
    STATUS_TRY(reserve(f, 2 * n_chunks(c->n_rows) * chunk * types[c->type].size, why));
    st = make_dataset(f, &(struct dataset){c->path, type_in_file(c->type), 1, &c->n_rows, chunk},
                      &id, why);
    STATUS_TRY(team_agree(f->comm, st, why));
    STATUS_TRY(digest_column(f, c, begin, end, why));
    STATUS_TRY(write_chunks(f, id, c, begin, end, why));
    if (scale_name != NULL) {
        st = check(f, H5DSset_scale(id, scale_name), "make a dimension of", c->path, why);
        STATUS_TRY(team_agree(f->comm, st, why));
    }
    st = describe(f, id, c->path, &(struct meaning){c->unit, c->long_name, 1, &c->dimension}, why);
    if (st == STATUS_OK && c->n_flags > 0) {
        st = write_flags(f, c->path, c->type, c->n_flags, c->flag_meanings, why);
    }
    STATUS_TRY(team_agree(f->comm, st, why));
out:
    close_quietly(id, H5Dclose);
    return st;
}

enum status h5_write_column(struct h5 *f, const struct h5_column *c, struct status_why *why)
{
    return is_dropped(f, c->path) ? STATUS_OK : write_column(f, c, NULL, why);
}

enum status h5_write_dimension(struct h5 *f, const char *path, size_t n, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t begin, end;
    uint64_t *values = NULL;

    if (is_dropped(f, path)) {
        return STATUS_OK;
    }
    h5_column_share(n, team_rank(f->comm), team_size(f->comm), &begin, &end);
    values = malloc((end - begin + 1) * sizeof *values);
    if (values == NULL) {
        st = no_memory(f, path, why);
    }
    STATUS_TRY(team_agree(f->comm, st, why));
    STATUS_ASSERT(values != NULL);
    for (size_t i = begin; i < end; i++) {
        values[i - begin] = i;
    }
    st = write_column(
        f, &(struct h5_column){.path = path, .type = H5_UINT64, .values = values, .n_rows = n},
        last_name(path), why);
out:
    free(values);
    return st;
}

/* Whether the object is there; HDF5 itself fails when a group on the way is missing. */
static bool is_there(hid_t file, const char *path)
{
    char prefix[NAME_SIZE];
    if (path[0] != '/' || strlen(path) >= sizeof prefix) {
        return false;
    }
    for (const char *c = path + 1; (c = strchr(c, '/')) != NULL; c++) {
        (void)snprintf(prefix, sizeof prefix, "%.*s", (int)(c - path), path);
        if (H5Lexists(file, prefix, H5P_DEFAULT) <= 0) {
            return false;
        }
    }
    return strcmp(path, "/") == 0 || H5Lexists(file, path, H5P_DEFAULT) > 0;
}

bool h5_exists(struct h5 *f, const char *path)
{
    int there = team_rank(f->comm) == 0 && is_there(f->file, path);
    team_spread(f->comm, 0, &there, sizeof there);
    return there != 0;
}

bool h5_has_attribute(struct h5 *f, const char *object, const char *name)
{
    int there = team_rank(f->comm) == 0 && is_there(f->file, object)
                && H5Aexists_by_name(f->file, object, name, H5P_DEFAULT) > 0;
    team_spread(f->comm, 0, &there, sizeof there);
    return there != 0;
}

static enum status look_for(const struct h5 *f, const char *path, struct status_why *why)
{
    return is_there(f->file, path) ? STATUS_OK
                                   : status_fail(why, STATUS_IO, "%s: holds no %s", f->path, path);
}

/* Bytes that grow; rank 0's side of what is broadcast. */
struct bytes {
    char *data;
    size_t n;
};

static enum status give(struct h5 *f, enum status st, struct bytes *b, struct status_why *why)
{
    st = team_agree(f->comm, st, why);
    return st == STATUS_OK ? team_broadcast(f->comm, &b->data, &b->n, why) : st;
}

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct bytes *b = context;
    const size_t length = strlen(name) + 1;
    char *longer = realloc(b->data, b->n + length);
    (void)group;
    (void)info;
    if (longer == NULL) {
        return -1;
    }
    memcpy(longer + b->n, name, length);
    b->data = longer;
    b->n += length;
    return 0;
}

/* Names one after another, each with its end. */
static enum status list_members(struct h5 *f, const char *path, struct bytes *b,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    hid_t group = -1;
    hsize_t next = 0;

    STATUS_TRY(look_for(f, path, why));
    group = H5Gopen2(f->file, path, H5P_DEFAULT);
    STATUS_TRY(check(f, group, "open group", path, why));
    if (H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &next, add_name, b) < 0) {
        b->n = 0;
        next = 0;
        STATUS_TRY(check(f, H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &next, add_name, b),
                         "list group", path, why));
    }
out:
    close_quietly(group, H5Gclose);
    return st;
}

enum status h5_read_members(struct h5 *f, const char *path, char ***names, size_t *n,
                            struct status_why *why)
{
    enum status st = STATUS_OK;
    struct bytes b = {NULL, 0};

    *names = NULL;
    *n = 0;
    if (team_rank(f->comm) == 0) {
        st = list_members(f, path, &b, why);
    }
    STATUS_TRY(give(f, st, &b, why));
    for (size_t i = 0; i < b.n; i++) {
        *n += b.data[i] == '\0';
    }
    *names = malloc((*n + 1) * sizeof **names + b.n);
    if (*names == NULL) {
        st = no_memory(f, path, why);
    } else {
        char *text = (char *)(*names + *n + 1);
        if (b.n > 0) {
            memcpy(text, b.data, b.n);
        }
        for (size_t i = 0; i < *n; i++, text += strlen(text) + 1) {
            (*names)[i] = text;
        }
        (*names)[*n] = NULL;
    }
    STATUS_TRY(team_agree(f->comm, st, why));
out:
    if (st != STATUS_OK) {
        free(*names);
        *names = NULL;
        *n = 0;
    }
    free(b.data);
    return st;
}

/* One scalar string of a dataset or an attribute. \a read_it reads \a object into memory. */
static enum status fetch_text(struct h5 *f, hid_t object, hid_t type, hid_t space,
                              herr_t (*read_it)(hid_t object, hid_t memory, void *to),
                              const char *name, struct bytes *b, struct status_why *why)
{
    enum status st = STATUS_OK;
    hid_t memory = -1;
    char *text = NULL; /* of the library, for strings of variable length */

    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) {
        return status_fail(why, STATUS_IO, "%s: %s: is not one text", f->path, name);
    }
    memory = H5Tcopy(type);
    STATUS_TRY(check(f, memory, "read", name, why));
    if (H5Tis_variable_str(type) > 0) {
        STATUS_TRY(check(f, read_it(object, memory, &text), "read", name, why));
        b->data = text == NULL ? calloc(1, 1) : strdup(text);
        (void)H5free_memory(text);
    } else {
        const size_t size = H5Tget_size(type) + 1;
        b->data = calloc(1, size);
        STATUS_TRY(check(f, H5Tset_size(memory, size), "read", name, why));
        STATUS_TRY(check(f, H5Tset_strpad(memory, H5T_STR_NULLTERM), "read", name, why));
        STATUS_TRY(
            check(f, b->data == NULL ? 0 : read_it(object, memory, b->data), "read", name, why));
    }
    if (b->data == NULL) {
        st = no_memory(f, name, why);
    } else {
        b->n = strlen(b->data) + 1;
    }
out:
    close_quietly(memory, H5Tclose);
    return st;
}

static herr_t read_dataset(hid_t object, hid_t memory, void *to)
{
    return H5Dread(object, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
}

static herr_t read_attribute(hid_t object, hid_t memory, void *to)
{
    return H5Aread(object, memory, to);
}

/* An open dataset or attribute with its type and space. */
struct opened {
    hid_t id, type, space;
};

static void close_opened(const struct opened *o, herr_t (*close_it)(hid_t))
{
    close_quietly(o->space, H5Sclose);
    close_quietly(o->type, H5Tclose);
    close_quietly(o->id, close_it);
}

static enum status open_dataset(struct h5 *f, const char *path, struct opened *o,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    *o = (struct opened){-1, -1, -1};
    STATUS_TRY(look_for(f, path, why));
    o->id = H5Dopen2(f->file, path, H5P_DEFAULT);
    STATUS_TRY(check(f, o->id, "open dataset", path, why));
    o->type = H5Dget_type(o->id);
    STATUS_TRY(check(f, o->type, "open dataset", path, why));
    o->space = H5Dget_space(o->id);
    STATUS_TRY(check(f, o->space, "open dataset", path, why));
out:
    return st;
}

static enum status open_attribute(struct h5 *f, const char *object, const char *name,
                                  struct opened *o, struct status_why *why)
{
    enum status st = STATUS_OK;
    *o = (struct opened){-1, -1, -1};
    STATUS_TRY(look_for(f, object, why));
    if (H5Aexists_by_name(f->file, object, name, H5P_DEFAULT) <= 0) {
        st = status_fail(why, STATUS_IO, "%s: %s has no attribute %s", f->path, object, name);
        goto out;
    }
    o->id = H5Aopen_by_name(f->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    STATUS_TRY(check(f, o->id, "open attribute", name, why));
    o->type = H5Aget_type(o->id);
    STATUS_TRY(check(f, o->type, "open attribute", name, why));
    o->space = H5Aget_space(o->id);
    STATUS_TRY(check(f, o->space, "open attribute", name, why));
out:
    return st;
}

static enum status finish_text(struct h5 *f, enum status st, struct bytes *b, char **text,
                               struct status_why *why)
{
    st = give(f, st, b, why);
    if (st == STATUS_OK) {
        *text = b->data;
    } else {
        *text = NULL;
        free(b->data);
    }
    return st;
}

enum status h5_read_text(struct h5 *f, const char *path, char **text, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct bytes b = {NULL, 0};
    struct opened o;

    if (team_rank(f->comm) == 0) {
        st = open_dataset(f, path, &o, why);
        if (st == STATUS_OK) {
            st = fetch_text(f, o.id, o.type, o.space, read_dataset, path, &b, why);
        }
        close_opened(&o, H5Dclose);
    }
    return finish_text(f, st, &b, text, why);
}

enum status h5_read_text_attribute(struct h5 *f, const char *object, const char *name, char **text,
                                   struct status_why *why)
{
    enum status st = STATUS_OK;
    struct bytes b = {NULL, 0};
    struct opened o;

    if (team_rank(f->comm) == 0) {
        st = open_attribute(f, object, name, &o, why);
        if (st == STATUS_OK) {
            st = fetch_text(f, o.id, o.type, o.space, read_attribute, name, &b, why);
        }
        close_opened(&o, H5Aclose);
    }
    return finish_text(f, st, &b, text, why);
}

static bool is_number(const struct opened *o)
{
    const H5T_class_t class = H5Tget_class(o->type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

static enum status read_one(struct h5 *f, const char *object, const char *name, hid_t memory,
                            void *value, size_t size, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct opened o;

    if (team_rank(f->comm) == 0) {
        st = open_attribute(f, object, name, &o, why);
        if (st == STATUS_OK && (!is_number(&o) || H5Sget_simple_extent_npoints(o.space) != 1)) {
            st = status_fail(why, STATUS_IO, "%s: %s: attribute %s is not one number", f->path,
                             object, name);
        }
        if (st == STATUS_OK) {
            st = check(f, H5Aread(o.id, memory, value), "read attribute", name, why);
        }
        close_opened(&o, H5Aclose);
    }
    st = team_agree(f->comm, st, why);
    if (st == STATUS_OK) {
        team_spread(f->comm, 0, value, size);
    }
    return st;
}

enum status h5_read_number_attribute(struct h5 *f, const char *object, const char *name,
                                     double *value, struct status_why *why)
{
    return read_one(f, object, name, H5T_NATIVE_DOUBLE, value, sizeof *value, why);
}

enum status h5_read_count_attribute(struct h5 *f, const char *object, const char *name,
                                    uint64_t *value, struct status_why *why)
{
    return read_one(f, object, name, H5T_NATIVE_UINT64, value, sizeof *value, why);
}

/* A numeric dataset as elements of \a memory, each of \a size bytes. \param [out] shape  number of
 * dimensions, then the dimensions, 1 where there is none */
static enum status fetch_array(struct h5 *f, const char *path, hid_t memory, size_t size,
                               struct bytes *b, uint64_t shape[1 + MAX_DIMENSIONS],
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    struct opened o;
    hsize_t dimensions[MAX_DIMENSIONS] = {1, 1, 1};

    STATUS_TRY(open_dataset(f, path, &o, why));
    const int n = H5Sget_simple_extent_ndims(o.space);
    if (!is_number(&o) || n < 0 || n > MAX_DIMENSIONS) {
        st = status_fail(why, STATUS_IO, "%s: %s: is not an array of numbers of up to 3 dimensions",
                         f->path, path);
        goto out;
    }
    STATUS_TRY(check(f, H5Sget_simple_extent_dims(o.space, dimensions, NULL), "read", path, why));
    shape[0] = (uint64_t)n;
    b->n = size;
    for (size_t i = 0; i < MAX_DIMENSIONS; i++) {
        shape[1 + i] = dimensions[i];
        b->n *= dimensions[i];
    }
    b->data = malloc(b->n + 1);
    if (b->data == NULL) {
        st = no_memory(f, path, why);
    } else if (b->n > 0) {
        st = check(f, read_dataset(o.id, memory, b->data), "read", path, why);
    }
out:
    close_opened(&o, H5Dclose);
    return st;
}

static enum status read_numbers(struct h5 *f, const char *path, hid_t memory, size_t size,
                                struct bytes *b, uint64_t shape[1 + MAX_DIMENSIONS],
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    if (team_rank(f->comm) == 0) {
        st = fetch_array(f, path, memory, size, b, shape, why);
    }
    st = give(f, st, b, why);
    if (st == STATUS_OK) {
        team_spread(f->comm, 0, shape, (1 + MAX_DIMENSIONS) * sizeof *shape);
    } else {
        free(b->data);
        *b = (struct bytes){NULL, 0};
    }
    return st;
}

enum status h5_read_array(struct h5 *f, const char *path, double **values, size_t *n_dimensions,
                          size_t shape[3], struct status_why *why)
{
    struct bytes b = {NULL, 0};
    uint64_t all[1 + MAX_DIMENSIONS] = {0, 1, 1, 1};
    const enum status st = read_numbers(f, path, H5T_NATIVE_DOUBLE, sizeof(double), &b, all, why);
    *n_dimensions = (size_t)all[0];
    for (size_t i = 0; i < MAX_DIMENSIONS; i++) {
        shape[i] = (size_t)all[1 + i];
    }
    *values = (void *)b.data;
    return st;
}

enum status h5_read_bytes(struct h5 *f, const char *path, char **bytes, size_t *n,
                          struct status_why *why)
{
    struct bytes b = {NULL, 0};
    uint64_t shape[1 + MAX_DIMENSIONS];
    const enum status st = read_numbers(f, path, H5T_NATIVE_UINT8, 1, &b, shape, why);
    *bytes = b.data;
    *n = b.n;
    return st;
}

/* A type of the file as one of ours. \return whether it is one */
static bool find_type(hid_t type, enum h5_type *found)
{
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        if (H5Tequal(type, type_in_file((enum h5_type)t)) > 0) {
            *found = (enum h5_type)t;
            return true;
        }
    }
    return false;
}

enum status h5_read_type(struct h5 *f, const char *path, enum h5_type *type, size_t *n_rows,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    struct opened o;
    hsize_t n = 0;

    STATUS_ASSERT(team_size(f->comm) == 1);
    STATUS_TRY(open_dataset(f, path, &o, why));
    if (H5Sget_simple_extent_ndims(o.space) != 1 || !find_type(o.type, type)) {
        st = status_fail(why, STATUS_IO, "%s: %s: is no column", f->path, path);
        goto out;
    }
    (void)H5Sget_simple_extent_dims(o.space, &n, NULL);
    *n_rows = (size_t)n;
out:
    close_opened(&o, H5Dclose);
    return st;
}

enum status h5_read_rows(struct h5 *f, const char *path, enum h5_type type, size_t first, size_t n,
                         void *values, struct status_why *why)
{
    enum status st = STATUS_OK;
    const hsize_t begin = first, count = n;
    hid_t memory = -1;
    struct opened o;

    STATUS_ASSERT(team_size(f->comm) == 1);
    STATUS_TRY(open_dataset(f, path, &o, why));
    memory = H5Screate_simple(1, &count, NULL);
    STATUS_TRY(check(f, memory, "read", path, why));
    STATUS_TRY(check(f, H5Sselect_hyperslab(o.space, H5S_SELECT_SET, &begin, NULL, &count, NULL),
                     "read", path, why));
    STATUS_TRY(check(f, H5Dread(o.id, type_in_memory(type), memory, o.space, H5P_DEFAULT, values),
                     "read", path, why));
out:
    close_quietly(memory, H5Sclose);
    close_opened(&o, H5Dclose);
    return st;
}

/* What a dataset of this file is made of, found again. */
struct found {
    struct opened opened;
    enum h5_type type;
    bool is_text, is_column, is_scale;
    size_t n_dimensions, shape[MAX_DIMENSIONS], n_bytes;
    char dimensions[MAX_DIMENSIONS][NAME_SIZE]; /* paths of the scales; "" = none */
    void *values;
};

static herr_t name_scale(hid_t dataset, unsigned dimension, hid_t scale, void *name)
{
    (void)dataset;
    (void)dimension;
    return H5Iget_name(scale, name, NAME_SIZE) > 0 ? 1 : -1;
}

/* A text of one value is read as h5_read_text does; else whole. \param [in] with_columns  false:
 * the values of columns are not read */
static enum status look_at_dataset(struct h5 *f, const char *path, bool with_columns,
                                   struct found *d, struct status_why *why)
{
    enum status st = STATUS_OK;
    hsize_t shape[MAX_DIMENSIONS] = {1, 1, 1};
    hid_t properties = -1;

    memset(d, 0, sizeof *d);
    STATUS_TRY(open_dataset(f, path, &d->opened, why));
    const int n = H5Sget_simple_extent_ndims(d->opened.space);
    d->is_text = H5Tget_class(d->opened.type) == H5T_STRING;
    if (n < 0 || n > MAX_DIMENSIONS || (!d->is_text && !find_type(d->opened.type, &d->type))) {
        st = status_fail(why, STATUS_IO, "%s: %s: is of no kind that is written here", f->path,
                         path);
        goto out;
    }
    (void)H5Sget_simple_extent_dims(d->opened.space, shape, NULL);
    d->n_dimensions = (size_t)n;
    d->n_bytes = H5Tget_size(d->opened.type);
    for (int i = 0; i < n; i++) {
        d->shape[i] = (size_t)shape[i];
        d->n_bytes *= (size_t)shape[i];
        if (H5DSget_num_scales(d->opened.id, (unsigned)i) > 0) {
            (void)H5DSiterate_scales(d->opened.id, (unsigned)i, NULL, name_scale, d->dimensions[i]);
        }
    }
    properties = H5Dget_create_plist(d->opened.id);
    d->is_column = H5Pget_layout(properties) == H5D_CHUNKED;
    d->is_scale = H5DSis_scale(d->opened.id) > 0;
    if (d->is_column && !with_columns) {
        goto out;
    }
    d->values = calloc(1, d->n_bytes + 1);
    if (d->values == NULL) {
        st = no_memory(f, path, why);
    } else if (d->n_bytes > 0) {
        st = check(f,
                   read_dataset(d->opened.id, d->is_text ? d->opened.type : type_in_memory(d->type),
                                d->values),
                   "read", path, why);
    }
out:
    close_quietly(properties, H5Pclose);
    return st;
}

static enum status find_dataset(struct h5 *f, const char *path, struct found *d,
                                struct status_why *why)
{
    return look_at_dataset(f, path, true, d, why);
}

static void found_clear(struct found *d)
{
    close_opened(&d->opened, H5Dclose);
    free(d->values);
}

static enum status copy_dataset(struct h5 *to, struct h5 *from, const char *path,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    struct found d;
    const char *dimensions[MAX_DIMENSIONS] = {NULL};
    char scale[NAME_SIZE] = "";

    STATUS_TRY(team_agree(to->comm, find_dataset(from, path, &d, why), why));
    if (d.is_scale && H5DSget_scale_name(d.opened.id, scale, sizeof scale) <= 0) {
        (void)snprintf(scale, sizeof scale, "%s", last_name(path));
    }
    for (size_t i = 0; i < d.n_dimensions; i++) {
        dimensions[i] = d.dimensions[i][0] != '\0' ? d.dimensions[i] : NULL;
    }
    if (d.is_column) {
        size_t begin, end;
        h5_column_share(d.shape[0], team_rank(to->comm), team_size(to->comm), &begin, &end);
        const struct h5_column c = {.path = path,
                                    .type = d.type,
                                    .values = (const char *)d.values + begin * types[d.type].size,
                                    .n_rows = d.shape[0],
                                    .dimension = dimensions[0]};
        STATUS_TRY(write_column(to, &c, d.is_scale ? scale : NULL, why));
    } else {
        STATUS_TRY(
            write_same(to,
                       &(struct dataset){path, d.is_text ? d.opened.type : type_in_file(d.type),
                                         d.n_dimensions, d.shape, 0},
                       d.is_text ? d.opened.type : type_in_memory(d.type),
                       d.is_text ? "text" : types[d.type].name, d.values,
                       &(struct meaning){NULL, NULL, d.n_dimensions, dimensions}, why));
        if (d.is_scale) {
            STATUS_TRY(make_scale(to, path, scale, why));
        }
    }
out:
    found_clear(&d);
    return st;
}

/* Attributes that HDF5 makes itself for dimensions. */
static bool is_of_scales(const char *name)
{
    static const char *const names[] = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST",
                                        "DIMENSION_LABELS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum status copy_attribute(struct h5 *to, struct h5 *from, const char *object,
                                  const char *name, struct status_why *why)
{
    enum status st = STATUS_OK;
    enum h5_type type = H5_DOUBLE;
    struct opened o;
    char *values = NULL;

    st = open_attribute(from, object, name, &o, why);
    const bool is_text = st == STATUS_OK && H5Tget_class(o.type) == H5T_STRING;
    if (st == STATUS_OK && !is_text && !find_type(o.type, &type)) {
        st = status_fail(why, STATUS_IO, "%s: %s: attribute %s is of no kind that is written here",
                         from->path, object, name);
    }
    STATUS_TRY(team_agree(to->comm, st, why));
    const size_t n = (size_t)H5Sget_simple_extent_npoints(o.space);
    const size_t size = is_text ? H5Tget_size(o.type) : types[type].size;
    const hid_t memory = is_text ? o.type : type_in_memory(type);
    values = calloc(n + 1, size);
    st = values == NULL ? no_memory(from, name, why)
                        : check(from, H5Aread(o.id, memory, values), "read attribute", name, why);
    STATUS_TRY(team_agree(to->comm, st, why));
    STATUS_TRY(reserve(to, n * size, why));
    const struct attribute a = {name,
                                is_text ? o.type : type_in_file(type),
                                memory,
                                is_text ? "text" : types[type].name,
                                H5Sget_simple_extent_ndims(o.space) == 0,
                                n,
                                size,
                                values};
    st = team_agree(to->comm, write_attribute(to, object, &a, why), why);
out:
    free(values);
    close_opened(&o, H5Aclose);
    return st;
}

static bool is_listed(const char *name, const char *const names[])
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static herr_t add_attribute_name(hid_t object, const char *name, const H5A_info_t *info,
                                 void *context)
{
    (void)info;
    return add_name(object, name, NULL, context);
}

enum status h5_copy_attributes(struct h5 *to, struct h5 *from, const char *object,
                               const char *const without[], struct status_why *why)
{
    enum status st = STATUS_OK;
    const hid_t id = H5Oopen(from->file, object, H5P_DEFAULT);
    struct bytes names = {NULL, 0};
    hsize_t next = 0;

    STATUS_ASSERT(team_size(from->comm) == 1);
    st = check(from, id, "open", object, why);
    if (st == STATUS_OK) {
        st = check(from,
                   H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, &next, add_attribute_name, &names),
                   "read", object, why);
    }
    STATUS_TRY(team_agree(to->comm, st, why));
    for (size_t i = 0; i < names.n; i += strlen(names.data + i) + 1) {
        const char *name = names.data + i;
        if (!is_of_scales(name) && !is_listed(name, without)) {
            STATUS_TRY(copy_attribute(to, from, object, name, why));
        }
    }
out:
    free(names.data);
    close_quietly(id, H5Oclose);
    return st;
}

static bool is_group(hid_t file, const char *path)
{
    const hid_t id = H5Oopen(file, path, H5P_DEFAULT);
    const bool is = id >= 0 && H5Iget_type(id) == H5I_GROUP;
    close_quietly(id, H5Oclose);
    return is;
}

enum status h5_copy(struct h5 *to, struct h5 *from, const char *path, struct status_why *why)
{
    enum status st = STATUS_OK;
    char **members = NULL, below[NAME_SIZE];
    size_t n = 0;

    STATUS_ASSERT(team_size(from->comm) == 1);
    STATUS_TRY(team_agree(to->comm, look_for(from, path, why), why));
    if (is_group(from->file, path)) {
        STATUS_TRY(h5_write_group(to, path, why));
        STATUS_TRY(h5_copy_attributes(to, from, path, NULL, why));
        STATUS_TRY(team_agree(to->comm, h5_read_members(from, path, &members, &n, why), why));
    } else {
        STATUS_TRY(copy_dataset(to, from, path, why));
        STATUS_TRY(h5_copy_attributes(to, from, path, NULL, why));
    }
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(below, sizeof below, "%s/%s", path, members[i]);
        STATUS_TRY(h5_copy(to, from, below, why));
    }
out:
    free(members);
    return st;
}

/* What the digests of a file are recomputed from. */
struct verified {
    struct h5 *file;
    bool with_columns;
    struct status_why *why;
};

static herr_t verify_attribute(hid_t object, const char *name, const H5A_info_t *info,
                               void *context)
{
    struct verified *v = context;
    char path[NAME_SIZE];
    enum h5_type type = H5_DOUBLE;
    struct opened o;
    char *values = NULL;
    (void)info;
    if (is_of_scales(name)) {
        return 0;
    }
    enum status st = H5Iget_name(object, path, sizeof path) > 0 ? STATUS_OK : STATUS_IO;
    o = (struct opened){-1, -1, -1};
    if (st == STATUS_OK) {
        st = open_attribute(v->file, path, name, &o, v->why);
    }
    const bool is_text = st == STATUS_OK && H5Tget_class(o.type) == H5T_STRING;
    if (st == STATUS_OK && (is_text || find_type(o.type, &type))) {
        const hssize_t n = H5Sget_simple_extent_npoints(o.space);
        const size_t count = n > 0 ? (size_t)n : 0;
        const size_t size = is_text ? H5Tget_size(o.type) : types[type].size;
        values = calloc(count + 1, size);
        if (values == NULL || H5Aread(o.id, is_text ? o.type : type_in_memory(type), values) < 0) {
            st = STATUS_IO;
        } else {
            digest_item(v->file,
                        &(struct item){"attribute", path, name, is_text ? "text" : types[type].name,
                                       H5Sget_simple_extent_ndims(o.space) != 0, &count, values,
                                       count * size, false});
        }
    } else {
        st = STATUS_IO;
    }
    free(values);
    close_opened(&o, H5Aclose);
    return st == STATUS_OK ? 0 : -1;
}

static bool verify_attributes(struct verified *v, const char *path)
{
    const hid_t id = H5Oopen(v->file->file, path, H5P_DEFAULT);
    hsize_t next = 0;
    const bool done =
        id >= 0 && H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, &next, verify_attribute, v) >= 0;
    close_quietly(id, H5Oclose);
    return done;
}

/* As digest_column: the digest of the digests of the chunks. */
static void digest_chunks(struct h5 *f, const char *path, const struct found *d, unsigned char *all)
{
    const size_t size = types[d->type].size, n = n_chunks(d->shape[0]);
    for (size_t i = 0; i < n; i++) {
        const size_t left = d->shape[0] - i * CHUNK_ROWS;
        digest_raw((const char *)d->values + i * CHUNK_ROWS * size,
                   (left < CHUNK_ROWS ? left : CHUNK_ROWS) * size, all + i * SHA256_DIGEST_SIZE);
    }
    digest_item(f, &(struct item){"dataset", path, "", types[d->type].name, 1, d->shape, all,
                                  n * SHA256_DIGEST_SIZE, true});
}

static bool verify_values(struct verified *v, const char *path, const struct found *d)
{
    struct h5 *f = v->file;
    if (!d->is_column) {
        digest_item(f,
                    &(struct item){"dataset", path, "", d->is_text ? "text" : types[d->type].name,
                                   d->n_dimensions, d->shape, d->values, d->n_bytes, false});
    } else if (v->with_columns) {
        unsigned char *all = malloc((n_chunks(d->shape[0]) + 1) * SHA256_DIGEST_SIZE);
        if (all == NULL) {
            return false;
        }
        digest_chunks(f, path, d, all);
        free(all);
    }
    for (size_t i = 0; i < d->n_dimensions; i++) {
        if (d->dimensions[i][0] != '\0') {
            digest_item(
                f, &(struct item){
                       .kind = "dimension", .path = path, .name = d->dimensions[i], .type = ""});
        }
    }
    return true;
}

static bool verify_object(struct verified *v, const char *path);

static bool verify_members(struct verified *v, const char *path)
{
    struct bytes names = {NULL, 0};
    char below[NAME_SIZE];
    bool good = list_members(v->file, path, &names, v->why) == STATUS_OK;
    for (size_t i = 0; good && i < names.n; i += strlen(names.data + i) + 1) {
        const int n = snprintf(below, sizeof below, "%s/%s", strcmp(path, "/") == 0 ? "" : path,
                               names.data + i);
        good = 0 < n && (size_t)n < sizeof below && verify_object(v, below);
    }
    free(names.data);
    return good;
}

/* Add an object and what is below it to the digests. */
static bool verify_object(struct verified *v, const char *path)
{
    struct found d;
    if (is_run(path)) {
        return true;
    }
    if (is_group(v->file->file, path)) {
        if (strcmp(path, "/") != 0) {
            digest_item(v->file,
                        &(struct item){.kind = "group", .path = path, .name = "", .type = ""});
        }
        return verify_attributes(v, path) && verify_members(v, path);
    }
    bool good = look_at_dataset(v->file, path, v->with_columns, &d, v->why) == STATUS_OK
                && verify_values(v, path, &d);
    found_clear(&d);
    return good && verify_attributes(v, path);
}

static bool read_digest(struct h5 *f, const char *path, char digest[DIGEST_SIZE])
{
    struct status_why ignored;
    struct bytes b = {NULL, 0};
    struct opened o;
    status_clear(&ignored);
    bool there =
        open_dataset(f, path, &o, &ignored) == STATUS_OK
        && fetch_text(f, o.id, o.type, o.space, read_dataset, path, &b, &ignored) == STATUS_OK
        && b.n == DIGEST_SIZE;
    if (there) {
        memcpy(digest, b.data, DIGEST_SIZE);
    }
    free(b.data);
    close_opened(&o, H5Dclose);
    return there;
}

/* Rank 0: recompute the digest of what was read against the one that the file was committed with.
 * Of a large file the columns are left to the checksums of their chunks, which HDF5 compares
 * whenever it reads one. A file without a digest (SOURCE_DATE_EPOCH) has these only. */
static enum status verify(struct h5 *f, struct status_why *why)
{
    static const off_t large_bytes = (off_t)64 << 20;
    struct status_why inner;
    struct stat info;
    char stored[DIGEST_SIZE], head[DIGEST_SIZE], found[DIGEST_SIZE];
    struct verified v = {f, true, &inner};
    const bool has_head = read_digest(f, "/run/head_digest", head);

    status_clear(&inner);
    if (!is_there(f->file, "/run")) {
        return STATUS_OK;
    }
    if (has_head && stat(f->path, &info) == 0 && info.st_size > large_bytes) {
        v.with_columns = false;
    }
    memset(f->content, 0, sizeof f->content);
    memset(f->head, 0, sizeof f->head);
    if (!read_digest(f, "/run/content_digest", stored)) {
        return status_fail(why, STATUS_IO, "%s: damaged: its content digest cannot be read",
                           f->path);
    }
    if (!verify_object(&v, "/")) {
        return status_fail(why, STATUS_IO, "%s: damaged: %s", f->path,
                           inner.code != STATUS_OK ? inner.message : "an object cannot be read");
    }
    digest_of(v.with_columns ? f->content : f->head, SHA256_DIGEST_SIZE, found);
    if (strcmp(found, v.with_columns ? stored : head) != 0) {
        return status_fail(why, STATUS_IO,
                           "%s: damaged or changed: its content has not the digest that it was "
                           "written with (/run/%s); restore it from a copy, or make it again",
                           f->path, v.with_columns ? "content_digest" : "head_digest");
    }
    return STATUS_OK;
}

enum status h5_open(MPI_Comm comm, const char *path, struct h5 **made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *f = new_file(comm, path);

    *made = NULL;
    if (f == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s", path);
    } else if (team_rank(comm) == 0) {
        if (access(path, R_OK) != 0) {
            st = status_fail(why, STATUS_INPUT, "%s: cannot read: %s", path, strerror(errno));
        } else if (f->file = open_serially(path), f->file < 0) {
            st = H5Fis_hdf5(path) > 0
                     ? status_fail(why, STATUS_IO, "%s: cannot read: a damaged HDF5 file", path)
                     : status_fail(why, STATUS_INPUT, "%s: cannot read: not an HDF5 file", path);
        } else {
            st = opened_note(path, why);
            st = st == STATUS_OK ? verify(f, why) : st;
        }
    }
    st = team_agree(comm, st, why);
    if (st == STATUS_OK) {
        *made = f;
    } else {
        h5_close(f);
    }
    return st;
}

void h5_close(struct h5 *f)
{
    if (f != NULL) {
        close_quietly(f->file, H5Fclose);
        destroy(f);
    }
}
