/* ranks: 1 2 3 4 */
#define _GNU_SOURCE
#include "inputs/h5.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;

/* Rows of the long columns: three whole chunks of 65,536 and a part. */
enum { N_LONG = 200003 };

static void copy_path(char path[1024], const char *name)
{
    (void)snprintf(path, 1024, "%s", harness_path(name));
}

static void set_epoch(const char *text)
{
    if (text != NULL) {
        (void)setenv("SOURCE_DATE_EPOCH", text, 1);
    } else {
        (void)unsetenv("SOURCE_DATE_EPOCH");
    }
}

/* Value of a row, hard to compress in its low digits (splitmix64). */
static double noisy(size_t row)
{
    uint64_t z = (row + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return 2.385e19 * (1.0 + (double)(z >> 11) * 0x1p-53);
}

static enum status write_noisy_column(MPI_Comm comm, struct h5 *f, size_t n_rows)
{
    size_t begin, end;
    h5_column_share(n_rows, team_rank(comm), team_size(comm), &begin, &end);
    double *values = malloc((end - begin + 1) * sizeof *values);
    STATUS_ASSERT(values != NULL);
    for (size_t i = begin; i < end; i++) {
        values[i - begin] = noisy(i);
    }
    const enum status st = h5_write_column(f,
                                           &(struct h5_column){.path = "/frontier/compute_flop",
                                                               .type = H5_DOUBLE,
                                                               .values = values,
                                                               .n_rows = n_rows,
                                                               .dimension = "/frontier/point",
                                                               .unit = "FLOP",
                                                               .long_name = "operations"},
                                           &why);
    free(values);
    return st;
}

static enum status write_category_column(MPI_Comm comm, struct h5 *f, size_t n_rows)
{
    static const char *const words[] = {"A100 SXM", "H100-SXM5", "Zürich"};
    size_t begin, end;
    h5_column_share(n_rows, team_rank(comm), team_size(comm), &begin, &end);
    int32_t *values = malloc((end - begin + 1) * sizeof *values);
    STATUS_ASSERT(values != NULL);
    for (size_t i = begin; i < end; i++) {
        values[i - begin] = (int32_t)(i % 7 % 3);
    }
    const enum status st = h5_write_column(f,
                                           &(struct h5_column){.path = "/frontier/device",
                                                               .type = H5_INT32,
                                                               .values = values,
                                                               .n_rows = n_rows,
                                                               .dimension = "/frontier/point",
                                                               .n_flags = 3,
                                                               .flag_meanings = words},
                                           &why);
    free(values);
    return st;
}

/* A file with one of everything. \a tweak changes one value outside /run, \a run one inside. */
static enum status write_content(MPI_Comm comm, struct h5 *f, double tweak, double run)
{
    enum status st;
    const double cube[2][1][3] = {{{1.5, -2.25, tweak}}, {{NAN, 1e300, 5e-324}}};
    const int32_t count = -42;
    static const char *const names[] = {"alpha", "β", ""};

    STATUS_TRY(h5_write_text_attribute(f, "/", "title", "Größe = 3", &why));
    STATUS_TRY(h5_write_group(f, "/study/files", &why));
    STATUS_TRY(h5_write_text(f, "/study/text", "runs:\n  file: réseau.csv\n", &why));
    STATUS_TRY(h5_write_text(f, "/study/empty", "", &why));
    STATUS_TRY(h5_write_bytes(f, "/study/files/runs.csv", "a\0b\xff", 4, &why));
    STATUS_TRY(h5_write_bytes(f, "/study/files/nothing", "", 0, &why));
    STATUS_TRY(h5_write_dimension(f, "/fit/parameter", 3, &why));
    STATUS_TRY(h5_write_dimension(f, "/fit/start", 2, &why));
    STATUS_TRY(h5_write_dimension(f, "/fit/one", 1, &why));
    STATUS_TRY(h5_write_names(f, "/fit/name", names, 3, "/fit/parameter", &why));
    STATUS_TRY(h5_write_array(f,
                              &(struct h5_array){"/fit/cube",
                                                 H5_DOUBLE,
                                                 cube,
                                                 3,
                                                 {2, 1, 3},
                                                 {"/fit/start", "/fit/one", "/fit/parameter"},
                                                 "nat",
                                                 "a cube"},
                              &why));
    STATUS_TRY(h5_write_array(
        f, &(struct h5_array){"/fit/count", H5_INT32, &count, 0, {0}, {NULL}, NULL, NULL}, &why));
    STATUS_TRY(h5_write_number_attribute(f, "/fit/cube", "delta", 1e-3, &why));
    STATUS_TRY(h5_write_count_attribute(f, "/fit", "seed", 18446744073709551557u, &why));
    STATUS_TRY(h5_write_dimension(f, "/frontier/point", N_LONG, &why));
    STATUS_TRY(write_noisy_column(comm, f, N_LONG));
    STATUS_TRY(write_category_column(comm, f, N_LONG));
    STATUS_TRY(h5_write_dimension(f, "/empty/point", 0, &why));
    STATUS_TRY(h5_write_column(f,
                               &(struct h5_column){.path = "/empty/loss_nat",
                                                   .type = H5_DOUBLE,
                                                   .dimension = "/empty/point"},
                               &why));
    STATUS_TRY(h5_write_number_attribute(f, "/", "version", 0.1, &why));
    STATUS_TRY(h5_write_group(f, "/run", &why));
    STATUS_TRY(h5_write_number_attribute(f, "/run", "seconds", run, &why));
out:
    return st;
}

static void write_file(MPI_Comm comm, const char *path, double tweak, double run,
                       char digest[DIGEST_SIZE])
{
    struct h5 *f = NULL;
    HARNESS_ASSERT_OK(h5_create(comm, path, &f, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    HARNESS_ASSERT_OK(write_content(comm, f, tweak, run));
    HARNESS_ASSERT_OK(h5_commit(f, digest, &why));
}

static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    *n = 0;
    if (f != NULL) {
        (void)fseek(f, 0, SEEK_END);
        *n = (size_t)ftell(f);
        rewind(f);
        bytes = malloc(*n + 1);
        if (bytes == NULL || fread(bytes, 1, *n, f) != *n) {
            *n = 0;
        }
        (void)fclose(f);
    }
    return bytes;
}

static void test_h5_column_share_gives_whole_chunks_to_each_rank(void)
{
    size_t end_before = 0;
    for (int rank = 0; rank < 3; rank++) {
        size_t begin, end;
        h5_column_share(N_LONG, rank, 3, &begin, &end);
        CU_ASSERT_EQUAL(begin, end_before);
        CU_ASSERT(begin % 65536 == 0 || begin == N_LONG);
        end_before = end;
    }
    CU_ASSERT_EQUAL(end_before, N_LONG);
    size_t begin, end;
    h5_column_share(5, 2, 3, &begin, &end);
    CU_ASSERT_EQUAL(begin, end);
}

static void check_numbers(struct h5 *f)
{
    double *values = NULL, number = 0;
    uint64_t count = 0;
    size_t n, shape[3];

    HARNESS_ASSERT_OK(h5_read_array(f, "/fit/cube", &values, &n, shape, &why));
    CU_ASSERT(n == 3 && shape[0] == 2 && shape[1] == 1 && shape[2] == 3);
    CU_ASSERT(values != NULL && values[1] == -2.25 && isnan(values[3]) && values[5] == 5e-324);
    free(values);
    HARNESS_ASSERT_OK(h5_read_array(f, "/fit/count", &values, &n, shape, &why));
    CU_ASSERT(n == 0 && shape[0] == 1 && values[0] == -42);
    free(values);
    HARNESS_ASSERT_OK(h5_read_array(f, "/frontier/compute_flop", &values, &n, shape, &why));
    CU_ASSERT(n == 1 && shape[0] == N_LONG && shape[1] == 1);
    size_t n_wrong = 0;
    for (size_t i = 0; i < N_LONG; i++) {
        n_wrong += values[i] != noisy(i);
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
    free(values);
    HARNESS_ASSERT_OK(h5_read_array(f, "/frontier/point", &values, &n, shape, &why));
    CU_ASSERT(values[0] == 0 && values[N_LONG - 1] == N_LONG - 1);
    free(values);
    HARNESS_ASSERT_OK(h5_read_array(f, "/empty/loss_nat", &values, &n, shape, &why));
    CU_ASSERT(n == 1 && shape[0] == 0);
    free(values);
    HARNESS_ASSERT_OK(h5_read_number_attribute(f, "/fit/cube", "delta", &number, &why));
    CU_ASSERT_EQUAL(number, 1e-3);
    HARNESS_ASSERT_OK(h5_read_count_attribute(f, "/fit", "seed", &count, &why));
    CU_ASSERT_EQUAL(count, 18446744073709551557u);
    CU_ASSERT(h5_has_attribute(f, "/fit", "seed") && !h5_has_attribute(f, "/fit", "Seed"));
    CU_ASSERT(!h5_has_attribute(f, "/fti", "seed"));
}

static void check_text(struct h5 *f, const char *path, const char *attribute, const char *want)
{
    char *text = NULL;
    if (attribute == NULL) {
        HARNESS_ASSERT_OK(h5_read_text(f, path, &text, &why));
    } else {
        HARNESS_ASSERT_OK(h5_read_text_attribute(f, path, attribute, &text, &why));
    }
    CU_ASSERT_PTR_NOT_NULL(text);
    if (text != NULL) {
        CU_ASSERT_STRING_EQUAL(text, want);
    }
    free(text);
}

static void test_h5_reads_back_what_was_written(void)
{
    char path[1024], digest[DIGEST_SIZE], **names = NULL, *bytes = NULL;
    size_t n = 0;
    struct h5 *f = NULL;

    set_epoch(NULL);
    copy_path(path, "all.h5");
    write_file(harness_comm(), path, 0.7, 3.3, digest);
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &f, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    check_text(f, "/", "title", "Größe = 3");
    check_text(f, "/study/text", NULL, "runs:\n  file: réseau.csv\n");
    check_text(f, "/study/empty", NULL, "");
    check_text(f, "/fit/cube", "units", "nat");
    check_text(f, "/fit/cube", "long_name", "a cube");
    check_text(f, "/frontier/device", "flag_meanings", "A100_SXM H100-SXM5 Zürich");
    check_text(f, "/run/content_digest", NULL, digest);
    check_numbers(f);
    HARNESS_ASSERT_OK(h5_read_bytes(f, "/study/files/runs.csv", &bytes, &n, &why));
    CU_ASSERT(n == 4 && memcmp(bytes, "a\0b\xff", 4) == 0);
    free(bytes);
    HARNESS_ASSERT_OK(h5_read_members(f, "/", &names, &n, &why));
    CU_ASSERT_EQUAL_FATAL(n, 5);
    CU_ASSERT_STRING_EQUAL(names[0], "study");
    CU_ASSERT_STRING_EQUAL(names[2], "frontier");
    CU_ASSERT_STRING_EQUAL(names[4], "run");
    CU_ASSERT_PTR_NULL(names[5]);
    free(names);
    CU_ASSERT(h5_exists(f, "/frontier/device"));
    CU_ASSERT(h5_exists(f, "/study/files"));
    CU_ASSERT(!h5_exists(f, "/fronteir/device"));
    CU_ASSERT(!h5_exists(f, "/frontier/carbon_kg"));
    h5_close(f);
}

static void test_h5_reading_errors_name_file_and_object(void)
{
    char path[1024], *text = NULL;
    double number, *values = NULL;
    size_t n, shape[3];
    struct h5 *f = NULL;

    HARNESS_ASSERT_FAILS(h5_open(harness_comm(), harness_path("none.h5"), &f, &why), STATUS_INPUT,
                         "none.h5: cannot read: No such file");
    HARNESS_ASSERT_FAILS(h5_open(harness_comm(), harness_file("text.h5", "id,x\n"), &f, &why),
                         STATUS_INPUT, "text.h5: cannot read: not an HDF5 file");
    CU_ASSERT_PTR_NULL(f);
    copy_path(path, "all.h5");
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &f, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    HARNESS_ASSERT_FAILS(h5_read_text(f, "/study/txet", &text, &why), STATUS_IO,
                         "all.h5: holds no /study/txet");
    HARNESS_ASSERT_FAILS(h5_read_text(f, "/fit/cube", &text, &why), STATUS_IO, "is not one text");
    HARNESS_ASSERT_FAILS(h5_read_array(f, "/study/text", &values, &n, shape, &why), STATUS_IO,
                         "is not an array of numbers");
    HARNESS_ASSERT_FAILS(h5_read_array(f, "/fit", &values, &n, shape, &why), STATUS_IO,
                         "cannot open dataset /fit");
    HARNESS_ASSERT_FAILS(h5_read_text_attribute(f, "/fit/cube", "unit", &text, &why), STATUS_IO,
                         "/fit/cube has no attribute unit");
    HARNESS_ASSERT_FAILS(h5_read_number_attribute(f, "/fit/cube", "units", &number, &why),
                         STATUS_IO, "is not one number");
    h5_close(f);
}

static void test_h5_same_bytes_at_any_number_of_ranks(void)
{
    char first[1024], path[1024], digests[2][DIGEST_SIZE];
    const int rank = team_rank(harness_comm());

    set_epoch("1700000000");
    copy_path(first, "first.h5");
    copy_path(path, "again.h5");
    for (int size = 1; size <= team_size(harness_comm()); size++) {
        MPI_Comm part;
        MPI_Comm_split(harness_comm(), rank < size ? 0 : MPI_UNDEFINED, rank, &part);
        if (rank < size) {
            (void)mallopt(M_PERTURB, 17 * size); /* shows memory written before it is set */
            write_file(part, size == 1 ? first : path, 0.7, 3.3 * size, digests[size > 1]);
            (void)mallopt(M_PERTURB, 0);
            MPI_Comm_free(&part);
        }
        if (size == 1) {
            (void)sleep(1); /* shows times kept in the file */
        }
        MPI_Barrier(harness_comm());
        if (size > 1 && rank == 0) {
            size_t n_first, n;
            char *a = read_file(first, &n_first), *b = read_file(path, &n);
            CU_ASSERT(n_first > 100000 && n == n_first && memcmp(a, b, n) == 0);
            CU_ASSERT_STRING_EQUAL(digests[0], digests[1]);
            free(a);
            free(b);
        }
        MPI_Barrier(harness_comm());
    }
    struct h5 *f = NULL;
    HARNESS_ASSERT_OK(h5_open(harness_comm(), first, &f, &why));
    CU_ASSERT(!h5_exists(f, "/run"));
    h5_close(f);
    set_epoch(NULL);
}

static void test_h5_content_digest_covers_all_but_run(void)
{
    char path[1024], a[DIGEST_SIZE], b[DIGEST_SIZE], c[DIGEST_SIZE];
    copy_path(path, "digest.h5");
    write_file(harness_comm(), path, 0.7, 3.3, a);
    write_file(harness_comm(), path, 0.7, 3.4, b);
    write_file(harness_comm(), path, 0.7000000000000001, 3.3, c);
    CU_ASSERT_STRING_EQUAL(a, b);
    CU_ASSERT_STRING_NOT_EQUAL(a, c);
    set_epoch("");
    write_file(harness_comm(), path, 0.7, 3.3, c);
    CU_ASSERT_STRING_EQUAL(a, c);
    set_epoch(NULL);
}

static void test_h5_has_no_final_name_before_commit_and_none_after_abandon(void)
{
    char path[1024], partial[1024 + 16];
    struct h5 *f = NULL;
    copy_path(path, "given_up.h5");
    (void)snprintf(partial, sizeof partial, "%s.partial", path);
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &f, &why));
    HARNESS_ASSERT_OK(write_content(harness_comm(), f, 0.7, 3.3));
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    CU_ASSERT_EQUAL(access(partial, F_OK), 0);
    MPI_Barrier(harness_comm());
    h5_abandon(f);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    CU_ASSERT_NOT_EQUAL(access(partial, F_OK), 0);
    h5_abandon(NULL);
}

static void test_h5_check_output_says_why_a_path_cannot_be_written(void)
{
    char path[1024];
    struct h5 *f = NULL;
    HARNESS_ASSERT_OK(h5_check_output(harness_comm(), harness_path("fine.h5"), &why));
    CU_ASSERT_NOT_EQUAL(access(harness_path("fine.h5.check"), F_OK), 0);
    HARNESS_ASSERT_FAILS(h5_check_output(harness_comm(), harness_path("no/such/x.h5"), &why),
                         STATUS_INPUT, "/no/such: No such file or directory");
    HARNESS_ASSERT_FAILS(h5_check_output(harness_comm(), harness_path(""), &why), STATUS_INPUT,
                         "is a folder");
    HARNESS_ASSERT_FAILS(h5_check_output(harness_comm(), "/proc/x.h5", &why), STATUS_INPUT,
                         "cannot write into the folder /proc");
    copy_path(path, "no/such/x.h5");
    HARNESS_ASSERT_FAILS(h5_create(harness_comm(), path, &f, &why), STATUS_IO,
                         "/no/such: No such file or directory");
    CU_ASSERT_PTR_NULL(f);
}

static void test_h5_commit_reads_back_what_was_written(void)
{
    enum { N_DAMAGED = 64 };
    char path[1024], partial[1024 + 16];
    struct h5 *f = NULL;
    copy_path(path, "damaged.h5");
    (void)snprintf(partial, sizeof partial, "%s.partial", path);
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &f, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    HARNESS_ASSERT_OK(h5_write_dimension(f, "/frontier/point", N_LONG, &why));
    HARNESS_ASSERT_OK(write_noisy_column(harness_comm(), f, N_LONG));
    MPI_Barrier(harness_comm());
    if (team_rank(harness_comm()) == 0) { /* as a disk that loses blocks would */
        static const char zeros[N_DAMAGED];
        struct stat info;
        FILE *file = fopen(partial, "r+b");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        CU_ASSERT_EQUAL(fstat(fileno(file), &info), 0);
        for (long at = 100000; at < info.st_size; at += 100000) {
            CU_ASSERT_EQUAL(fseek(file, at, SEEK_SET), 0);
            CU_ASSERT_EQUAL(fwrite(zeros, 1, N_DAMAGED, file), N_DAMAGED);
        }
        CU_ASSERT_EQUAL(fclose(file), 0);
    }
    MPI_Barrier(harness_comm());
    HARNESS_ASSERT_FAILS(h5_commit(f, NULL, &why), STATUS_IO,
                         "/frontier/compute_flop cannot be read back as written");
    CU_ASSERT_NOT_EQUAL(access(partial, F_OK), 0);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
}

static void try_on_a_full_disk(const char *path, const char *reason)
{
    char partial[1024 + 16];
    struct h5 *f = NULL;
    (void)snprintf(partial, sizeof partial, "%s.partial", path);
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &f, &why));
    HARNESS_ASSERT_OK(h5_write_dimension(f, "/frontier/point", 10, &why));
    const enum status st = write_noisy_column(harness_comm(), f, N_LONG);
    CU_ASSERT_EQUAL(st, STATUS_IO);
    CU_ASSERT(harness_contains(why.message, reason));
    status_clear(&why);
    h5_abandon(f);
    CU_ASSERT_NOT_EQUAL(access(partial, F_OK), 0);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    MPI_Barrier(harness_comm());
}

static void test_h5_file_size_limit_is_an_error_on_all_ranks(void)
{
    struct rlimit old, small;
    char path[1024];
    copy_path(path, "limited.h5");
    (void)signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){1400000, old.rlim_max};
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    try_on_a_full_disk(path, "File too large");
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
}

static void test_h5_full_disk_is_an_error_on_all_ranks(void)
{
    char folder[1024], path[1024 + 16];
    int mounted = 0;
    copy_path(folder, "small_disk");
    if (team_rank(harness_comm()) == 0) {
        mounted = mkdir(folder, 0777) == 0 && mount("tmpfs", folder, "tmpfs", 0, "size=1400k") == 0;
    }
    MPI_Bcast(&mounted, 1, MPI_INT, 0, harness_comm());
    if (!mounted) {
        harness_skip("only root can mount a small disk");
        return;
    }
    (void)snprintf(path, sizeof path, "%s/x.h5", folder);
    try_on_a_full_disk(path, "No space left on device");
    if (team_rank(harness_comm()) == 0) {
        CU_ASSERT_EQUAL(umount2(folder, MNT_DETACH), 0);
    }
    MPI_Barrier(harness_comm());
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"column share gives whole chunks to each rank",
         test_h5_column_share_gives_whole_chunks_to_each_rank},
        {"reads back what was written", test_h5_reads_back_what_was_written},
        {"reading errors name file and object", test_h5_reading_errors_name_file_and_object},
        {"same bytes at any number of ranks", test_h5_same_bytes_at_any_number_of_ranks},
        {"content digest covers all but run", test_h5_content_digest_covers_all_but_run},
        {"no final name before commit, none after abandon",
         test_h5_has_no_final_name_before_commit_and_none_after_abandon},
        {"check_output says why a path cannot be written",
         test_h5_check_output_says_why_a_path_cannot_be_written},
        {"commit reads back what was written", test_h5_commit_reads_back_what_was_written},
        {"file size limit is an error on all ranks",
         test_h5_file_size_limit_is_an_error_on_all_ranks},
        {"needs full disk is an error on all ranks", test_h5_full_disk_is_an_error_on_all_ranks},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
