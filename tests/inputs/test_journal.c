/* ranks: 1 3 */
#define _POSIX_C_SOURCE 200809L
#include "inputs/journal.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;
static const char digest[] = "6d1f00aa";

enum { PATH_LENGTH = 1024 };

/* A folder of the whole team, or of this rank alone. */
static void team_folder(char path[PATH_LENGTH], const char *name)
{
    (void)snprintf(path, PATH_LENGTH, "%s", harness_path(name));
}

static void own_folder(char path[PATH_LENGTH], const char *name)
{
    char own[64];
    (void)snprintf(own, sizeof own, "%s.%d", name, team_rank(harness_comm()));
    (void)snprintf(path, PATH_LENGTH, "%s", harness_path(own));
}

static struct journal *open_journal(MPI_Comm comm, const char *folder)
{
    struct journal *j = NULL;
    HARNESS_ASSERT_OK(journal_open(comm, folder, "bootstrap", digest, &j, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    return j;
}

static void append(struct journal *j, uint64_t item, const char *text)
{
    HARNESS_ASSERT_OK(journal_append(j, item, text, strlen(text), &why));
}

/* What the records say, as "item=text item=text ". */
static void tell(const struct journal *j, char text[], size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < journal_n_records(j) && n < size; i++) {
        const struct journal_record *r = journal_record(j, i);
        n += (size_t)snprintf(text + n, size - n, "%llu=%.*s ", (unsigned long long)r->item,
                              (int)r->n, r->n > 0 ? (const char *)r->bytes : "");
    }
}

static void check_told(const char *folder, const char *want)
{
    char text[512];
    struct journal *j = open_journal(MPI_COMM_SELF, folder);
    tell(j, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, want);
    journal_close(j);
}

static void test_journal_crc32c_has_its_check_value(void)
{
    CU_ASSERT_EQUAL(journal_crc32c("123456789", 9), 0xe3069283u);
    CU_ASSERT_EQUAL(journal_crc32c("", 0), 0);
}

static void test_journal_resumes_at_any_number_of_ranks(void)
{
    enum { N_ITEMS = 11 };
    char folder[PATH_LENGTH], text[32], all[512], want[512] = "";
    const int rank = team_rank(harness_comm()), size = team_size(harness_comm());

    team_folder(folder, "resume");
    for (int round = 0; round < 3; round++) {
        /* All ranks, then one, then all: each round does a third of the items. */
        MPI_Comm part;
        const int n_here = round == 1 ? 1 : size;
        MPI_Comm_split(harness_comm(), rank < n_here ? 0 : MPI_UNDEFINED, rank, &part);
        if (rank < n_here) {
            struct journal *j = open_journal(part, folder);
            tell(j, all, sizeof all);
            CU_ASSERT_STRING_EQUAL(all, want);
            for (size_t item = N_ITEMS; item-- > 0;) {
                if (item % 3 == (size_t)round && (int)(item % (size_t)n_here) == rank) {
                    (void)snprintf(text, sizeof text, "v%zu", item * item);
                    append(j, item, text);
                }
            }
            HARNESS_ASSERT_OK(journal_sync(j, &why));
            journal_close(j);
            MPI_Comm_free(&part);
        }
        MPI_Barrier(harness_comm());
        want[0] = '\0';
        for (size_t item = 0; item < N_ITEMS; item++) {
            if (item % 3 <= (size_t)round) {
                (void)snprintf(want + strlen(want), sizeof want - strlen(want), "%zu=v%zu ", item,
                               item * item);
            }
        }
    }
    struct journal *j = open_journal(harness_comm(), folder);
    tell(j, all, sizeof all);
    CU_ASSERT_STRING_EQUAL(all, want);
    journal_close(j);
}

static void test_journal_keeps_empty_and_binary_records(void)
{
    char folder[PATH_LENGTH];
    const double values[3] = {2.385, -0.0, 5e-324};
    own_folder(folder, "binary");
    struct journal *j = open_journal(MPI_COMM_SELF, folder);
    HARNESS_ASSERT_OK(journal_append(j, UINT64_MAX, values, sizeof values, &why));
    HARNESS_ASSERT_OK(journal_append(j, 4, NULL, 0, &why));
    journal_close(j);
    j = open_journal(MPI_COMM_SELF, folder);
    CU_ASSERT_EQUAL_FATAL(journal_n_records(j), 2);
    CU_ASSERT(journal_record(j, 0)->item == 4 && journal_record(j, 0)->n == 0);
    CU_ASSERT(journal_record(j, 1)->item == UINT64_MAX && journal_record(j, 1)->n == sizeof values
              && memcmp(journal_record(j, 1)->bytes, values, sizeof values) == 0);
    journal_close(j);
}

static void test_journal_first_record_of_an_item_counts(void)
{
    char folder[PATH_LENGTH];
    own_folder(folder, "twice");
    struct journal *j = open_journal(MPI_COMM_SELF, folder);
    append(j, 5, "first");
    append(j, 2, "other");
    append(j, 5, "second");
    journal_close(j);
    j = open_journal(MPI_COMM_SELF, folder);
    append(j, 2, "later");
    journal_close(j);
    check_told(folder, "2=other 5=first ");
}

/* Bytes of the one segment of a folder; the folder is emptied. */
static char *take_segment(const char *folder, char name[PATH_LENGTH], size_t *n)
{
    char *bytes = NULL;
    DIR *d = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] != '.') {
            (void)snprintf(name, PATH_LENGTH, "%.500s/%.500s", folder, e->d_name);
        }
    }
    (void)closedir(d);
    FILE *f = fopen(name, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    bytes = malloc(4096);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    *n = fread(bytes, 1, 4096, f);
    (void)fclose(f);
    return bytes;
}

static void put_segment(const char *folder, const char *name, const char *bytes, size_t n)
{
    HARNESS_ASSERT_OK(journal_remove(MPI_COMM_SELF, folder, NULL, &why));
    (void)mkdir(folder, 0777);
    FILE *f = fopen(name, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, n, f), n);
    (void)fclose(f);
}

static void test_journal_drops_a_torn_or_damaged_tail(void)
{
    enum { LAST = 16 + 13 + 4 }; /* bytes of the last record */
    char folder[PATH_LENGTH], name[PATH_LENGTH];
    size_t n;

    own_folder(folder, "torn");
    struct journal *j = open_journal(MPI_COMM_SELF, folder);
    append(j, 3, "three");
    append(j, 1, "the last word");
    journal_close(j);
    char *bytes = take_segment(folder, name, &n);
    for (size_t cut = 1; cut <= LAST; cut++) {
        put_segment(folder, name, bytes, n - cut);
        check_told(folder, "3=three ");
    }
    for (size_t i = 0; i < LAST; i++) {
        bytes[n - 1 - i] = (char)(bytes[n - 1 - i] ^ (1 << (i % 8)));
        put_segment(folder, name, bytes, n);
        check_told(folder, "3=three ");
        bytes[n - 1 - i] = (char)(bytes[n - 1 - i] ^ (1 << (i % 8)));
    }
    /* Cut in the header: a run that ended while it began. */
    put_segment(folder, name, bytes, 7);
    check_told(folder, "");
    put_segment(folder, name, bytes, n);
    check_told(folder, "1=the last word 3=three ");
    free(bytes);
}

static void test_journal_appends_after_a_torn_tail_are_read(void)
{
    char folder[PATH_LENGTH], name[PATH_LENGTH];
    size_t n;
    own_folder(folder, "goes_on");
    struct journal *j = open_journal(MPI_COMM_SELF, folder);
    append(j, 3, "three");
    append(j, 1, "one");
    journal_close(j);
    char *bytes = take_segment(folder, name, &n);
    put_segment(folder, name, bytes, n - 2);
    free(bytes);
    j = open_journal(MPI_COMM_SELF, folder);
    append(j, 1, "one again");
    journal_close(j);
    check_told(folder, "1=one again 3=three ");
}

static void test_journal_refuses_records_of_another_study(void)
{
    char folder[PATH_LENGTH];
    struct journal *j = NULL;
    team_folder(folder, "other");
    j = open_journal(harness_comm(), folder);
    append(j, (uint64_t)team_rank(harness_comm()), "x");
    journal_close(j);
    HARNESS_ASSERT_FAILS(journal_open(harness_comm(), folder, "bootstrap", "0000beef", &j, &why),
                         STATUS_INPUT,
                         "restart records of another study, of other inputs or of another version");
    CU_ASSERT_PTR_NULL(j);
    (void)journal_open(harness_comm(), folder, "bootstrap", "0000beef", &j, &why);
    CU_ASSERT(harness_contains(why.message, "rm -r"));
    status_clear(&why);
    /* Another phase is another journal. */
    HARNESS_ASSERT_OK(journal_open(harness_comm(), folder, "boot", "0000beef", &j, &why));
    CU_ASSERT_EQUAL(journal_n_records(j), 0);
    journal_close(j);
}

static void test_journal_failure_on_the_last_rank_is_everybodys(void)
{
    char folder[PATH_LENGTH], blocked[PATH_LENGTH + 64];
    struct journal *j = NULL;
    const int last = team_size(harness_comm()) - 1;
    team_folder(folder, "blocked");
    (void)snprintf(blocked, sizeof blocked, "%s/bootstrap.%d.1.journal.partial", folder, last);
    if (team_rank(harness_comm()) == 0) {
        (void)mkdir(folder, 0777);
        (void)mkdir(blocked, 0777);
    }
    MPI_Barrier(harness_comm());
    HARNESS_ASSERT_FAILS(journal_open(harness_comm(), folder, "bootstrap", digest, &j, &why),
                         STATUS_IO, "journal.partial: cannot create: File exists");
    CU_ASSERT_PTR_NULL(j);
    HARNESS_ASSERT_FAILS(
        journal_open(harness_comm(), harness_path("no/such"), "bootstrap", digest, &j, &why),
        STATUS_IO, "no/such: cannot make the folder: No such file");
}

static size_t count_segments(const char *folder)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    if (d != NULL) {
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            n += strstr(e->d_name, ".journal") != NULL;
        }
        (void)closedir(d);
    }
    return n;
}

static void test_journal_keeps_two_generations(void)
{
    char folder[PATH_LENGTH];
    team_folder(folder, "generations");
    for (int i = 0; i < 5; i++) {
        struct journal *j = open_journal(harness_comm(), folder);
        append(j, (uint64_t)i * 10 + (uint64_t)team_rank(harness_comm()), "x");
        journal_close(j);
        MPI_Barrier(harness_comm());
    }
    CU_ASSERT_EQUAL(count_segments(folder), 2 * (size_t)team_size(harness_comm()));
    struct journal *j = open_journal(harness_comm(), folder);
    CU_ASSERT_EQUAL(journal_n_records(j), 5 * (size_t)team_size(harness_comm()));
    journal_close(j);
}

static void test_journal_remove_takes_journals_and_nothing_else(void)
{
    char folder[PATH_LENGTH], foreign[PATH_LENGTH + 16];
    struct journal *j = NULL;
    team_folder(folder, "removed");
    j = open_journal(harness_comm(), folder);
    journal_close(j);
    HARNESS_ASSERT_OK(journal_open(harness_comm(), folder, "a.b", digest, &j, &why));
    journal_close(j);
    (void)snprintf(foreign, sizeof foreign, "%s/my.journal", folder);
    if (team_rank(harness_comm()) == 0) {
        FILE *f = fopen(foreign, "wb");
        CU_ASSERT_PTR_NOT_NULL_FATAL(f);
        (void)fclose(f);
    }
    MPI_Barrier(harness_comm());
    const size_t n_segments = count_segments(folder);
    HARNESS_ASSERT_OK(journal_remove(harness_comm(), folder, "of another study", &why));
    CU_ASSERT_EQUAL(count_segments(folder), n_segments);
    MPI_Barrier(harness_comm());
    HARNESS_ASSERT_OK(journal_remove(harness_comm(), folder, digest, &why));
    CU_ASSERT_EQUAL(count_segments(folder), 1);
    CU_ASSERT_EQUAL(access(foreign, F_OK), 0);
    MPI_Barrier(harness_comm());
    if (team_rank(harness_comm()) == 0) {
        (void)unlink(foreign);
    }
    HARNESS_ASSERT_OK(journal_remove(harness_comm(), folder, NULL, &why));
    CU_ASSERT_NOT_EQUAL(access(folder, F_OK), 0);
    HARNESS_ASSERT_OK(journal_remove(harness_comm(), folder, NULL, &why));
}

static void test_journal_full_disk_is_an_error_and_what_was_written_stays(void)
{
    char folder[PATH_LENGTH];
    struct rlimit old, small;
    own_folder(folder, "full");
    (void)signal(SIGXFSZ, SIG_IGN);
    struct journal *j = open_journal(MPI_COMM_SELF, folder);
    append(j, 8, "before");
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){80, old.rlim_max};
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    HARNESS_ASSERT_FAILS(journal_append(j, 9, "a record that does not fit any more", 35, &why),
                         STATUS_IO, "journal: cannot write: File too large");
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
    append(j, 7, "after");
    journal_close(j);
    check_told(folder, "7=after 8=before ");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"crc32c has its check value", test_journal_crc32c_has_its_check_value},
        {"resumes at any number of ranks", test_journal_resumes_at_any_number_of_ranks},
        {"keeps empty and binary records", test_journal_keeps_empty_and_binary_records},
        {"first record of an item counts", test_journal_first_record_of_an_item_counts},
        {"drops a torn or damaged tail", test_journal_drops_a_torn_or_damaged_tail},
        {"appends after a torn tail are read", test_journal_appends_after_a_torn_tail_are_read},
        {"refuses records of another study", test_journal_refuses_records_of_another_study},
        {"failure on the last rank is everybody's",
         test_journal_failure_on_the_last_rank_is_everybodys},
        {"keeps two generations", test_journal_keeps_two_generations},
        {"remove takes journals and nothing else",
         test_journal_remove_takes_journals_and_nothing_else},
        {"full disk is an error and what was written stays",
         test_journal_full_disk_is_an_error_and_what_was_written_stays},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
