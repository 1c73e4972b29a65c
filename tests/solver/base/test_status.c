#define _XOPEN_SOURCE 700
#include "solver/base/status.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness.h"

static void test_status_exit_codes_are_those_of_the_manual(void)
{
    CU_ASSERT_EQUAL(status_exit_code(STATUS_OK), 0);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_INPUT), 2);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_IO), 3);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_MEMORY), 4);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_LIBRARY), 5);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_NO), 6);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_BUSY), 7);
    CU_ASSERT_EQUAL(status_exit_code(STATUS_CHECKPOINTED), 85);
    CU_ASSERT_EQUAL(status_exit_code((enum status)(STATUS_MEMORY + 1)), 1);
    CU_ASSERT_STRING_EQUAL(status_text(STATUS_MEMORY), "out of memory");
    CU_ASSERT_STRING_EQUAL(status_text((enum status)(STATUS_MEMORY + 1)), "unknown status");
}

static void test_status_later_is_graver(void)
{
    CU_ASSERT(STATUS_OK < STATUS_CHECKPOINTED);
    CU_ASSERT(STATUS_CHECKPOINTED < STATUS_NO);
    CU_ASSERT(STATUS_NO < STATUS_INPUT);
    CU_ASSERT(STATUS_INPUT < STATUS_IO);
    CU_ASSERT(STATUS_IO < STATUS_MEMORY);
}

static void test_status_keeps_the_first_message(void)
{
    struct status_why why;
    status_clear(&why);
    CU_ASSERT_EQUAL(why.code, STATUS_OK);
    CU_ASSERT_STRING_EQUAL(why.message, "");
    CU_ASSERT_EQUAL(status_fail(&why, STATUS_INPUT, "%s:%d: %s", "study.yaml", 12, "mfu_ratio"),
                    STATUS_INPUT);
    CU_ASSERT_EQUAL(status_fail(&why, STATUS_MEMORY, "the consequence"), STATUS_MEMORY);
    CU_ASSERT_EQUAL(why.code, STATUS_INPUT);
    CU_ASSERT_STRING_EQUAL(why.message, "study.yaml:12: mfu_ratio");
    status_clear(&why);
    CU_ASSERT_EQUAL(status_fail(&why, STATUS_IO, "another"), STATUS_IO);
    CU_ASSERT_STRING_EQUAL(why.message, "another");
}

static void test_status_cuts_a_long_message(void)
{
    struct status_why why;
    char text[2 * STATUS_MESSAGE_SIZE];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    status_clear(&why);
    (void)status_fail(&why, STATUS_INPUT, "%s", text);
    CU_ASSERT_EQUAL(strlen(why.message), STATUS_MESSAGE_SIZE - 1);
}

/* Leaves through `out:` like the functions of the program; counts what it passed. */
static enum status climb(enum status second, int *n_passed)
{
    enum status st = STATUS_OK;
    STATUS_TRY(STATUS_OK);
    ++*n_passed;
    STATUS_TRY(second);
    ++*n_passed;
out:
    return st;
}

static void test_status_try_leaves_at_the_first_failure(void)
{
    int n_passed = 0;
    CU_ASSERT_EQUAL(climb(STATUS_IO, &n_passed), STATUS_IO);
    CU_ASSERT_EQUAL(n_passed, 1);
    CU_ASSERT_EQUAL(climb(STATUS_OK, &n_passed), STATUS_OK);
    CU_ASSERT_EQUAL(n_passed, 3);
}

static void test_status_assert_says_where_and_aborts(void)
{
    int ends[2], outcome = 0;
    char text[512] = "";
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    const pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL); /* Open MPI would print a trace */
        (void)dup2(ends[1], STDERR_FILENO);
        STATUS_ASSERT(1 + 1 == 2);
        STATUS_ASSERT(child == 2385);
        _exit(EXIT_SUCCESS);
    }
    (void)close(ends[1]);
    const ssize_t length = read(ends[0], text, sizeof text - 1);
    (void)close(ends[0]);
    CU_ASSERT_EQUAL(waitpid(child, &outcome, 0), child);
    CU_ASSERT(length > 0);
    CU_ASSERT(harness_contains(text, "test_status.c:"));
    CU_ASSERT(harness_contains(text, "expected child == 2385"));
    CU_ASSERT(WIFSIGNALED(outcome) && WTERMSIG(outcome) == SIGABRT);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"exit codes are those of the manual", test_status_exit_codes_are_those_of_the_manual},
        {"later is graver", test_status_later_is_graver},
        {"keeps the first message", test_status_keeps_the_first_message},
        {"cuts a long message", test_status_cuts_a_long_message},
        {"try leaves at the first failure", test_status_try_leaves_at_the_first_failure},
        {"assert says where and aborts", test_status_assert_says_where_and_aborts},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
