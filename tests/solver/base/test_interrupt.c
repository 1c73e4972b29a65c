#define _XOPEN_SOURCE 700
#include "solver/base/interrupt.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness.h"

static void test_interrupt_every_signal_raises_the_flag(void)
{
    static const int numbers[] = {SIGUSR1, SIGUSR2, SIGINT, SIGTERM};
    interrupt_catch();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        interrupt_clear();
        CU_ASSERT_FALSE(interrupt_requested());
        (void)raise(numbers[i]);
        CU_ASSERT_TRUE(interrupt_requested());
    }
    (void)raise(SIGTERM); /* asked twice: still only a request */
    CU_ASSERT_TRUE(interrupt_requested());
    interrupt_clear();
}

static void test_interrupt_request_does_what_a_signal_does(void)
{
    CU_ASSERT_FALSE(interrupt_requested());
    interrupt_request();
    CU_ASSERT_TRUE(interrupt_requested());
    interrupt_clear();
    CU_ASSERT_FALSE(interrupt_requested());
}

static void test_interrupt_second_sigint_ends_the_process(void)
{
    int outcome = 0;
    const pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        interrupt_catch();
        (void)raise(SIGINT);
        (void)raise(SIGINT);
        _exit(EXIT_SUCCESS);
    }
    CU_ASSERT_EQUAL(waitpid(child, &outcome, 0), child);
    CU_ASSERT(WIFSIGNALED(outcome) && WTERMSIG(outcome) == SIGINT);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"every signal raises the flag", test_interrupt_every_signal_raises_the_flag},
        {"request does what a signal does", test_interrupt_request_does_what_a_signal_does},
        {"second SIGINT ends the process", test_interrupt_second_sigint_ends_the_process},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
