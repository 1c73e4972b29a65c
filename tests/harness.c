#define _XOPEN_SOURCE 700
#include "tests/harness.h"

#include <CUnit/Basic.h>
#include <ftw.h>
#include <gsl/gsl_errno.h>
#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "solver/base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LEAK_CHECK 1
#endif
#endif
#ifndef HAS_LEAK_CHECK
#define HAS_LEAK_CHECK 0
#endif

#if HAS_LEAK_CHECK
#include <sanitizer/lsan_interface.h>
/* What Open MPI allocates while starting is not ours to free; look for leaks before MPI_Finalize
 * unloads its plugins. */
#define LEAKS_IGNORE() __lsan_disable()
#define LEAKS_WATCH()  __lsan_enable()
#define LEAKS_FOUND()  __lsan_do_recoverable_leak_check()
#else
#define LEAKS_IGNORE() ((void)0)
#define LEAKS_WATCH()  ((void)0)
#define LEAKS_FOUND()  0
#endif

static MPI_Comm comm_tests = MPI_COMM_NULL;
static char folder[64];
static bool was_skipped;

MPI_Comm harness_comm(void)
{
    return comm_tests;
}

const char *harness_source(const char *name)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", SCALEFRONT_SOURCE_DIR, name);
    return path;
}

static bool is_needs(const char *name)
{
    static const char word[] = "needs";
    return strncmp(name, word, sizeof word - 1) == 0;
}

/* Benchmarks are no tests, and may ask as well. */
static void require_needs(void)
{
    const CU_pTest test = CU_get_current_test();
    if (test != NULL && !is_needs(test->pName)) {
        CU_FAIL("the name of a test that may be skipped begins with `needs`: tests/harness.h");
    }
}

const char *harness_data(const char *name)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/../shared/data/%s", SCALEFRONT_SOURCE_DIR, name);
    require_needs();
    if (access(path, R_OK) == 0) {
        return path;
    }
    char text[1100];
    (void)snprintf(text, sizeof text, "the shared observations %s are not here", name);
    harness_skip(text);
    return NULL;
}

void harness_skip(const char *why)
{
    require_needs();
    (void)printf("\nskipped: %s\n", why);
    was_skipped = true;
}

const char *harness_path(const char *name)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

const char *harness_file(const char *name, const char *text)
{
    const char *path = harness_path(name);
    int rank;
    MPI_Comm_rank(comm_tests, &rank);
    if (rank == 0) {
        FILE *f = fopen(path, "wb");
        if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
            (void)fprintf(stderr, "%s: cannot write\n", path);
            MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
        }
    }
    MPI_Barrier(comm_tests);
    return path;
}

void harness_say(const char *text)
{
    (void)fprintf(stderr, "  message: %s\n", text);
}

int harness_contains(const char *message, const char *text)
{
    return strstr(message, text) != NULL;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static void make_folder(int rank)
{
    if (rank == 0) {
        (void)snprintf(folder, sizeof folder, "/tmp/scalefront_test.XXXXXX");
        if (mkdtemp(folder) == NULL) {
            (void)fprintf(stderr, "%s: cannot make a folder\n", folder);
            MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
        }
    }
    MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, comm_tests);
}

/* Keep the tests that argv[1] asks for: those that need something, the one of that name, or, with
 * no word, all that need nothing. */
static void choose(CU_TestInfo tests[], const char *word)
{
    size_t n = 0;
    for (size_t i = 0; tests[i].pName != NULL; i++) {
        const char *name = tests[i].pName;
        if (word[0] == '\0'              ? !is_needs(name)
            : strcmp(word, "needs") == 0 ? is_needs(name)
                                         : strcmp(word, name) == 0) {
            tests[n++] = tests[i];
        }
    }
    tests[n] = (CU_TestInfo)CU_TEST_INFO_NULL;
}

/* Of this rank; the gravest of all ranks counts. */
enum { PASSED, SKIPPED, FAILED };
static int verdict(void)
{
    if (CU_get_number_of_failures() > 0 || CU_get_number_of_tests_run() == 0) {
        return FAILED;
    }
    return was_skipped ? SKIPPED : PASSED;
}

int harness_main(int argc, char **argv, CU_TestInfo tests[])
{
    int rank, mine, all;
    CU_SuiteInfo suites[] = {{.pName = "suite", .pTests = tests}, CU_SUITE_INFO_NULL};

    LEAKS_IGNORE();
    MPI_Init(&argc, &argv);
    MPI_Comm_dup(MPI_COMM_WORLD, &comm_tests);
    LEAKS_WATCH();
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    (void)gsl_set_error_handler_off();
    MPI_Comm_rank(comm_tests, &rank);
    log_start(rank, LOG_WARNING);
    make_folder(rank);
    choose(tests, argc > 1 ? argv[1] : "");
    if (rank != 0 && freopen("/dev/null", "w", stdout) == NULL) {
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    }
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        (void)fprintf(stderr, "CUnit: %s\n", CU_get_error_msg());
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    mine = verdict();
    CU_cleanup_registry();
    MPI_Barrier(comm_tests);
    if (rank == 0) {
        enum { OPEN_FOLDERS = 8 };
        (void)nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    }
    mine = LEAKS_FOUND() != 0 ? FAILED : mine;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MAX, comm_tests);
    MPI_Comm_free(&comm_tests);
    MPI_Finalize();
    return all == FAILED ? EXIT_FAILURE : all == SKIPPED ? HARNESS_SKIPPED : EXIT_SUCCESS;
}
