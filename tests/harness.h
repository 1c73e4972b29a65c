/** \file harness.h
 * One CUnit program per module, the same with or without mpiexec. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <CUnit/CUnit.h>
#include <math.h>
#include <mpi.h>

#include "solver/base/status.h"

/** Run \a tests (ended by CU_TEST_INFO_NULL); only rank 0 prints; every rank returns the same.
 * A test that not every machine can run has a name that begins with "needs", as "needs gemstones".
 * These run with argv[1] = "needs", which ctest lists as another test, `PROGRAM.needs`, so that
 * what is missing hides nothing; all others run without. Any other argv[1] selects one test by
 * name. \return EXIT_SUCCESS if no assertion failed on any rank, HARNESS_SKIPPED if none failed and
 * one called harness_skip, else EXIT_FAILURE. */
enum { HARNESS_SKIPPED = 77 };
int harness_main(int argc, char **argv, CU_TestInfo tests[]);

/** Communicator of the tests: a duplicate of the world. */
MPI_Comm harness_comm(void);

/** Path of \a name inside the source tree ("inputs/data/hardware.tsv"); valid until the next call.
 */
const char *harness_source(const char *name);

/** Path of the real observation file "name" (as "epoch_chinchilla/svg_extracted_data.csv"), or NULL
 * after harness_skip when the shared data are not beside the checkout. Valid until the next call.
 */
const char *harness_data(const char *name);

/** Say that the test that is running cannot go on here, and why: `skipped: why`. The test returns
 * after it. It is a failure in a test whose name does not begin with "needs". On rank 0 alone or on
 * all ranks. */
void harness_skip(const char *why);

/** Write \a text to a new file \a name in the test's own temporary folder; rank 0 writes, all wait.
 * \return its path, valid until the next call of harness_file or harness_path. */
const char *harness_file(const char *name, const char *text);

/** Path of \a name in the test's own temporary folder (the same on all ranks); valid until the next
 * call. */
const char *harness_path(const char *name);

/** |got - want| <= rel * |want| */
#define HARNESS_ASSERT_REL(got, want, rel) CU_ASSERT_DOUBLE_EQUAL((got), (want), (rel)*fabs(want))

/** The call succeeds; otherwise its message is printed. Needs `struct status_why why`. */
#define HARNESS_ASSERT_OK(call)                                                                    \
    do {                                                                                           \
        const enum status harness_status = (call);                                                 \
        if (harness_status != STATUS_OK) {                                                         \
            harness_say(why.message);                                                              \
        }                                                                                          \
        CU_ASSERT_EQUAL(harness_status, STATUS_OK);                                                \
    } while (0)

/** The call fails with \a code and a message that contains \a text; then the failure is forgotten.
 */
#define HARNESS_ASSERT_FAILS(call, code_wanted, text)                                              \
    do {                                                                                           \
        const enum status harness_status = (call);                                                 \
        CU_ASSERT_EQUAL(harness_status, (code_wanted));                                            \
        if (!harness_contains(why.message, (text))) {                                              \
            harness_say(why.message);                                                              \
            CU_FAIL("message lacks: " text);                                                       \
        }                                                                                          \
        status_clear(&why);                                                                        \
    } while (0)

/** Print a line of diagnosis on standard error. */
void harness_say(const char *text);

/** Whether \a text occurs in \a message. */
int harness_contains(const char *message, const char *text);

#endif
