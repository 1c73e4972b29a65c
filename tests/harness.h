/** \file harness.h
 * One CUnit program per module, the same with or without mpiexec. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <CUnit/CUnit.h>
#include <math.h>
#include <mpi.h>

#include "solver/base/status.h"

/** Run \a tests (ended by CU_TEST_INFO_NULL); only rank 0 prints; every rank returns the same.
 * \return EXIT_SUCCESS if no assertion failed on any rank. argv[1] selects one test by name. */
int harness_main(int argc, char **argv, CU_TestInfo tests[]);

/** Communicator of the tests: a duplicate of the world. */
MPI_Comm harness_comm(void);

/** Path of \a name inside the source tree ("inputs/data/hardware.tsv"); valid until the next call.
 */
const char *harness_source(const char *name);

/** Path of the real observation file "name" (as "epoch_chinchilla/svg_extracted_data.csv"), or NULL
 * after printing a line `skipped: ...` when the shared data are not beside the checkout. Valid
 * until the next call. */
const char *harness_data(const char *name);

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
