#define _POSIX_C_SOURCE 200809L
#include "inputs/journal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "solver/base/log.h"
#include "solver/base/team.h"

/* A segment is one line "scalefront-journal 1 DIGEST" and records: item (8 bytes), length (8),
 * bytes, CRC-32C of all before (4); numbers are little-endian. */
static const char magic[] = "scalefront-journal 1 ";
static const char suffix[] = ".journal";
static const char partial_suffix[] = ".journal.partial";

enum { HEAD_SIZE = 16, CRC_SIZE = 4, PATH_SIZE = 4096, LINE_SIZE = 256, SYNC_SECONDS = 5 };

struct journal {
    MPI_Comm comm;
    char path[PATH_SIZE]; /* of this rank's segment */
    int descriptor;
    off_t length; /* of the segment, whole records only */
    time_t synced;
    char *block; /* records of the earlier run, as on disk */
    size_t n_records;
    struct journal_record *records;
    char *buffer; /* one record being written */
    size_t buffer_size;
};

uint32_t journal_crc32c(const void *bytes, size_t n)
{
    static const uint32_t polynomial = 0x82f63b78u; /* Castagnoli, bits reversed */
    static uint32_t table[256];
    const unsigned char *b = bytes;
    uint32_t crc = UINT32_MAX;

    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++) {
                c = (c >> 1) ^ (c & 1 ? polynomial : 0);
            }
            table[i] = c;
        }
    }
    for (size_t i = 0; i < n; i++) {
        crc = (crc >> 8) ^ table[(crc ^ b[i]) & 0xff];
    }
    return ~crc;
}

static void put_number(char *to, uint64_t value, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        to[i] = (char)(unsigned char)(value >> (8 * i));
    }
}

static uint64_t get_number(const char *from, size_t n_bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        value |= (uint64_t)(unsigned char)from[i] << (8 * i);
    }
    return value;
}

/* Length on disk of the record at \a from, or 0 when no whole one is there: what a torn tail, or a
 * damaged record, looks like. */
static size_t whole_record(const char *from, size_t n)
{
    if (n < HEAD_SIZE + CRC_SIZE) {
        return 0;
    }
    const uint64_t length = get_number(from + 8, 8);
    if (length > n - HEAD_SIZE - CRC_SIZE) {
        return 0;
    }
    const size_t body = HEAD_SIZE + (size_t)length;
    return get_number(from + body, CRC_SIZE) == journal_crc32c(from, body) ? body + CRC_SIZE : 0;
}

/* Bytes of all records of an earlier run, as rank 0 finds them. */
struct found {
    char *bytes;
    size_t n, n_dropped;
    unsigned generation; /* the newest */
};

/* One segment's name, parsed. */
struct segment {
    unsigned rank, generation;
};

static bool parse_number(const char **c, unsigned *value)
{
    char *end;
    if (!isdigit((unsigned char)**c)) {
        return false;
    }
    errno = 0;
    const unsigned long n = strtoul(*c, &end, 10);
    *c = end;
    *value = (unsigned)n;
    return errno == 0 && n < UINT32_MAX;
}

/* Whether \a name is PHASE.RANK.GENERATION and \a ending. */
static bool is_segment(const char *name, const char *phase, const char *ending, struct segment *s)
{
    const size_t length = strlen(phase);
    if (strncmp(name, phase, length) != 0 || name[length] != '.') {
        return false;
    }
    const char *c = name + length + 1;
    return parse_number(&c, &s->rank) && *c++ == '.' && parse_number(&c, &s->generation)
           && strcmp(c, ending) == 0;
}

static int compare_segments(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;
    if (x->generation != y->generation) {
        return x->generation < y->generation ? -1 : 1;
    }
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static enum status fail_on(struct status_why *why, const char *path, const char *what)
{
    return status_fail(why, STATUS_IO, "%s: cannot %s: %s", path, what, strerror(errno));
}

static bool segment_path(char path[PATH_SIZE], const char *folder, const char *phase,
                         struct segment s, const char *ending)
{
    const int n =
        snprintf(path, PATH_SIZE, "%s/%s.%u.%u%s", folder, phase, s.rank, s.generation, ending);
    return 0 < n && n < PATH_SIZE;
}

/* The segments of a phase, in the order of generation and rank: the order in which the first of two
 * records of an item counts. */
static enum status list_segments(const char *folder, const char *phase, struct segment **list,
                                 size_t *n, struct status_why *why)
{
    enum status st = STATUS_OK;
    DIR *d = opendir(folder);

    *list = NULL;
    *n = 0;
    if (d == NULL) {
        return fail_on(why, folder, "list");
    }
    for (struct dirent *e; st == STATUS_OK && (e = readdir(d)) != NULL;) {
        struct segment s;
        if (!is_segment(e->d_name, phase, suffix, &s)) {
            continue;
        }
        struct segment *longer = realloc(*list, (*n + 1) * sizeof *longer);
        if (longer == NULL) {
            st = status_fail(why, STATUS_MEMORY, "%s: %zu segments", folder, *n);
        } else {
            *list = longer;
            longer[(*n)++] = s;
        }
    }
    (void)closedir(d);
    if (*n > 1) {
        qsort(*list, *n, sizeof **list, compare_segments);
    }
    return st;
}

static enum status read_whole(const char *path, char **bytes, size_t *n, struct status_why *why)
{
    enum status st = STATUS_OK;
    FILE *f = fopen(path, "rb");
    struct stat info;

    *bytes = NULL;
    *n = 0;
    if (f == NULL) {
        return fail_on(why, path, "read");
    }
    if (fstat(fileno(f), &info) != 0) {
        st = fail_on(why, path, "read");
    } else if ((*bytes = malloc((size_t)info.st_size + 1)) == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu bytes", path, (size_t)info.st_size);
    } else {
        *n = fread(*bytes, 1, (size_t)info.st_size, f);
        if (*n != (size_t)info.st_size) {
            st = fail_on(why, path, "read");
        }
    }
    (void)fclose(f);
    return st;
}

static size_t write_header(char line[LINE_SIZE], const char *digest)
{
    const int n = snprintf(line, LINE_SIZE, "%s%s\n", magic, digest);
    STATUS_ASSERT(0 < n && n < LINE_SIZE);
    return (size_t)n;
}

/* Add the whole records of one segment. */
static enum status take_segment(const char *folder, const char *path, const char *digest,
                                struct found *all, struct status_why *why)
{
    enum status st = STATUS_OK;
    char *bytes = NULL, line[LINE_SIZE];
    size_t n = 0, at, record;
    const size_t header = write_header(line, digest);

    STATUS_TRY(read_whole(path, &bytes, &n, why));
    if (n < header && memcmp(bytes, line, n) == 0) {
        goto out; /* the run ended while it wrote the header */
    }
    if (n < header || memcmp(bytes, line, header) != 0) {
        st = status_fail(why, STATUS_INPUT,
                         "%s: restart records of another study, of other inputs or of another "
                         "version; to begin anew remove them: rm -r '%s'",
                         path, folder);
        goto out;
    }
    for (at = header; (record = whole_record(bytes + at, n - at)) > 0; at += record) {
        continue;
    }
    all->n_dropped += n - at;
    if (at > header) {
        char *longer = realloc(all->bytes, all->n + (at - header));
        if (longer == NULL) {
            st = status_fail(why, STATUS_MEMORY, "%s: %zu bytes", path, at - header);
            goto out;
        }
        memcpy(longer + all->n, bytes + header, at - header);
        all->bytes = longer;
        all->n += at - header;
    }
out:
    free(bytes);
    return st;
}

/* Rank 0: make the folder and read every segment of the phase. */
static enum status find_records(const char *folder, const char *phase, const char *digest,
                                struct found *all, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct segment *list = NULL;
    size_t n = 0;
    char path[PATH_SIZE];

    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return fail_on(why, folder, "make the folder");
    }
    STATUS_TRY(list_segments(folder, phase, &list, &n, why));
    for (size_t i = 0; i < n; i++) {
        if (!segment_path(path, folder, phase, list[i], suffix)) {
            st = status_fail(why, STATUS_INPUT, "%s: the path is too long", folder);
            goto out;
        }
        STATUS_TRY(take_segment(folder, path, digest, all, why));
        all->generation = list[i].generation;
    }
out:
    free(list);
    return st;
}

/* A record with its place in the order of reading. */
struct placed {
    struct journal_record record;
    size_t place;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->record.item != y->record.item) {
        return x->record.item < y->record.item ? -1 : 1;
    }
    return x->place < y->place ? -1 : 1;
}

/* Point at the records of the block, in item order, the first of each item. */
static enum status index_records(struct journal *j, size_t n_block, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n = 0, length;
    struct placed *placed = NULL;

    for (size_t at = 0; at < n_block; at += HEAD_SIZE + length + CRC_SIZE) {
        length = (size_t)get_number(j->block + at + 8, 8);
        n++;
    }
    placed = malloc((n + 1) * sizeof *placed);
    j->records = malloc((n + 1) * sizeof *j->records);
    if (placed == NULL || j->records == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu records", j->path, n);
        goto out;
    }
    n = 0;
    for (size_t at = 0; at < n_block; at += HEAD_SIZE + length + CRC_SIZE, n++) {
        length = (size_t)get_number(j->block + at + 8, 8);
        placed[n] =
            (struct placed){{get_number(j->block + at, 8), length, j->block + at + HEAD_SIZE}, n};
    }
    qsort(placed, n, sizeof *placed, compare_placed);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || placed[i].record.item != placed[i - 1].record.item) {
            j->records[j->n_records++] = placed[i].record;
        }
    }
out:
    free(placed);
    return st;
}

/* Write all bytes or leave the file as long as it was, so that what follows is not lost behind a
 * torn record. */
static enum status write_all(struct journal *j, const char *bytes, size_t n, struct status_why *why)
{
    for (size_t done = 0; done < n;) {
        const ssize_t written = write(j->descriptor, bytes + done, n - done);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            const enum status st = fail_on(why, j->path, "write");
            (void)ftruncate(j->descriptor, j->length);
            return st;
        }
        done += (size_t)written;
    }
    j->length += (off_t)n;
    return STATUS_OK;
}

static time_t now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

enum status journal_sync(struct journal *j, struct status_why *why)
{
    j->synced = now_seconds();
    return fsync(j->descriptor) == 0 ? STATUS_OK : fail_on(why, j->path, "sync");
}

enum status journal_append(struct journal *j, uint64_t item, const void *bytes, size_t n,
                           struct status_why *why)
{
    const size_t size = HEAD_SIZE + n + CRC_SIZE;
    if (size > j->buffer_size) {
        char *larger = realloc(j->buffer, size);
        if (larger == NULL) {
            return status_fail(why, STATUS_MEMORY, "%s: a record of %zu bytes", j->path, n);
        }
        j->buffer = larger;
        j->buffer_size = size;
    }
    put_number(j->buffer, item, 8);
    put_number(j->buffer + 8, n, 8);
    if (n > 0) {
        memcpy(j->buffer + HEAD_SIZE, bytes, n);
    }
    put_number(j->buffer + HEAD_SIZE + n, journal_crc32c(j->buffer, HEAD_SIZE + n), CRC_SIZE);
    const enum status st = write_all(j, j->buffer, size, why);
    return st == STATUS_OK && now_seconds() - j->synced >= SYNC_SECONDS ? journal_sync(j, why) : st;
}

/* Rank 0: write the records of all earlier generations into the new segment. */
static enum status compact(struct journal *j, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < j->n_records; i++) {
        st = journal_append(j, j->records[i].item, j->records[i].bytes, j->records[i].n, why);
    }
    return st;
}

static void sync_folder(const char *folder)
{
    const int d = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d >= 0) {
        (void)fsync(d);
        (void)close(d);
    }
}

/* Begin this rank's segment of the new generation under a temporary name, which becomes final when
 * what it starts with is on the disk. */
static enum status begin_segment(struct journal *j, const char *folder, const char *phase,
                                 const char *digest, unsigned generation, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct segment s = {(unsigned)team_rank(j->comm), generation};
    char partial[PATH_SIZE], line[LINE_SIZE];
    const size_t header = write_header(line, digest);

    if (!segment_path(partial, folder, phase, s, partial_suffix)
        || !segment_path(j->path, folder, phase, s, suffix)) {
        return status_fail(why, STATUS_INPUT, "%s: the path is too long", folder);
    }
    (void)unlink(partial); /* left by a run that was killed; a link is not followed */
    j->descriptor =
        open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0666);
    if (j->descriptor < 0) {
        return fail_on(why, partial, "create");
    }
    STATUS_TRY(write_all(j, line, header, why));
    if (s.rank == 0) {
        STATUS_TRY(compact(j, why));
    }
    STATUS_TRY(journal_sync(j, why));
    if (rename(partial, j->path) != 0) {
        st = fail_on(why, j->path, "rename to");
    }
out:
    if (st != STATUS_OK) {
        (void)unlink(partial);
    }
    return st;
}

/* Rank 0, after all ranks have begun: of the generations before the new one only the last stays. */
static enum status remove_old(const char *folder, const char *phase, unsigned last,
                              struct status_why *why)
{
    struct segment *list = NULL;
    size_t n = 0;
    char path[PATH_SIZE];

    sync_folder(folder);
    const enum status st = list_segments(folder, phase, &list, &n, why);
    for (size_t i = 0; i < n && list[i].generation < last; i++) {
        if (segment_path(path, folder, phase, list[i], suffix)) {
            (void)unlink(path);
        }
    }
    free(list);
    return st;
}

enum status journal_open(MPI_Comm comm, const char *path, const char *phase, const char *digest,
                         struct journal **made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct found all = {NULL, 0, 0, 0};
    const bool is_first = team_rank(comm) == 0;
    struct journal *j = calloc(1, sizeof *j);

    *made = NULL;
    if (j == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s", path);
    } else {
        j->comm = comm;
        j->descriptor = -1;
        (void)snprintf(j->path, sizeof j->path, "%s", path);
        if (is_first) {
            st = find_records(path, phase, digest, &all, why);
        }
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(j != NULL);
    STATUS_TRY(team_broadcast(comm, &all.bytes, &all.n, why));
    j->block = all.bytes;
    all.bytes = NULL;
    const uint64_t generation = team_sum(comm, all.generation) + 1; /* 0 on the others */
    st = index_records(j, all.n, why);
    if (st == STATUS_OK) {
        st = begin_segment(j, path, phase, digest, (unsigned)generation, why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    if (is_first) {
        st = remove_old(path, phase, all.generation, why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    if (j->n_records > 0 || all.n_dropped > 0) {
        log_line(LOG_INFO, "journal phase=%s records=%zu dropped_bytes=%zu", phase, j->n_records,
                 all.n_dropped);
    }
    *made = j;
out:
    if (st != STATUS_OK) {
        free(all.bytes);
        journal_close(j);
    }
    return st;
}

size_t journal_n_records(const struct journal *j)
{
    return j->n_records;
}

const struct journal_record *journal_record(const struct journal *j, size_t i)
{
    STATUS_ASSERT(i < j->n_records);
    return &j->records[i];
}

void journal_close(struct journal *j)
{
    if (j == NULL) {
        return;
    }
    if (j->descriptor >= 0) {
        (void)fsync(j->descriptor);
        (void)close(j->descriptor);
    }
    free(j->buffer);
    free(j->records);
    free(j->block);
    free(j);
}

/* Whether \a name is a segment of any phase, finished or not. */
static bool is_any_segment(const char *name)
{
    char phase[NAME_MAX + 1];
    (void)snprintf(phase, sizeof phase, "%s", name);
    for (char *dot; (dot = strrchr(phase, '.')) != NULL;) {
        struct segment s;
        *dot = '\0';
        if (is_segment(name, phase, suffix, &s) || is_segment(name, phase, partial_suffix, &s)) {
            return true;
        }
    }
    return false;
}

/* Whether a segment is of \a digest, or of anything where that is NULL. */
static bool is_of(const char *path, const char *digest)
{
    char line[LINE_SIZE], found[LINE_SIZE];
    if (digest == NULL) {
        return true;
    }
    const size_t n = write_header(line, digest);
    FILE *f = fopen(path, "rb");
    const bool same = f != NULL && fread(found, 1, n, f) == n && memcmp(found, line, n) == 0;
    if (f != NULL) {
        (void)fclose(f);
    }
    return same;
}

static enum status remove_segments(const char *folder, const char *digest, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE];
    DIR *d = opendir(folder);

    if (d == NULL) {
        return errno == ENOENT ? STATUS_OK : fail_on(why, folder, "list");
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        const int n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (is_any_segment(e->d_name) && n < PATH_SIZE && is_of(path, digest) && unlink(path) != 0
            && errno != ENOENT) {
            st = fail_on(why, path, "remove");
        }
    }
    (void)closedir(d);
    (void)rmdir(folder); /* stays when somebody else keeps something there */
    return st;
}

enum status journal_remove(MPI_Comm comm, const char *path, const char *digest,
                           struct status_why *why)
{
    const enum status st = team_rank(comm) == 0 ? remove_segments(path, digest, why) : STATUS_OK;
    return team_agree(comm, st, why);
}
