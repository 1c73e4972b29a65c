#define _XOPEN_SOURCE 700
#include "solver/base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness.h"

static int kept_stderr = -1;

/* From here to captured(), standard error goes to a file. */
static void capture(void)
{
    (void)fflush(stderr);
    kept_stderr = dup(STDERR_FILENO);
    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(harness_path("stderr"), "w", stderr));
}

static const char *captured(void)
{
    static char text[4096];
    (void)fflush(stderr);
    (void)dup2(kept_stderr, STDERR_FILENO);
    (void)close(kept_stderr);
    FILE *f = fopen(harness_path("stderr"), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    return text;
}

static void say_all(void)
{
    log_line(LOG_ERROR, "study.yaml:%d: loss_nat", 12);
    log_line(LOG_WARNING, "fit rows=%zu", (size_t)245);
    log_line(LOG_INFO, "search points=%d", 2385);
    log_line(LOG_DEBUG, "block %d", 7);
}

static void test_log_levels(void)
{
    static const char *const lines[] = {"error: study.yaml:12: loss_nat\n",
                                        "warning: fit rows=245\n", "info: search points=2385\n",
                                        "debug: block 7\n"};
    char expected[256] = "";
    for (enum log_level most = LOG_ERROR; most <= LOG_DEBUG; most++) {
        (void)strcat(expected, lines[most]);
        capture();
        log_start(0, most);
        say_all();
        CU_ASSERT_STRING_EQUAL(captured(), expected);
    }
}

static void test_log_only_rank_0_speaks(void)
{
    capture();
    log_start(1, LOG_DEBUG);
    say_all();
    log_progress_begin("deal", 3);
    log_progress(1);
    log_progress_end();
    CU_ASSERT_STRING_EQUAL(captured(), "");
}

static void test_log_short_phase_prints_nothing(void)
{
    capture();
    log_start(0, LOG_DEBUG);
    log_progress_begin("deal", 1000);
    for (size_t i = 1; i <= 1000; i++) {
        log_progress(i);
    }
    log_progress_end();
    log_progress(1001); /* after the end: nothing to show */
    log_progress_begin("nothing to do", 0);
    log_progress(0);
    log_progress_end();
    CU_ASSERT_STRING_EQUAL(captured(), "");
}

/* On a terminal a phase of more than a second draws a bar, and the next line clears it. */
static void test_log_bar_on_a_terminal(void)
{
    static const char bar[] = "\rdeal [#######.......................]  25.0 %";
    char text[1024] = "";
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        harness_skip("no terminal to be had here");
        return;
    }
    const int screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    CU_ASSERT_FATAL(screen >= 0);
    (void)fflush(stderr);
    kept_stderr = dup(STDERR_FILENO);
    (void)dup2(screen, STDERR_FILENO);
    log_start(0, LOG_INFO);
    log_progress_begin("deal", 40);
    log_progress(9); /* too early to be shown */
    (void)nanosleep(&(struct timespec){1, 20000000L}, NULL);
    log_progress(10);
    log_progress(11); /* too soon after the last */
    log_line(LOG_WARNING, "between");
    log_progress_end();
    (void)dup2(kept_stderr, STDERR_FILENO);
    (void)close(kept_stderr);
    for (size_t length = 0; !harness_contains(text, "between\r\n");) {
        const ssize_t more = read(terminal, text + length, sizeof text - 1 - length);
        CU_ASSERT_FATAL(more > 0);
        length += (size_t)more;
        text[length] = '\0';
    }
    (void)close(screen);
    (void)close(terminal);
    CU_ASSERT_EQUAL(strncmp(text, bar, strlen(bar)), 0);
    CU_ASSERT(harness_contains(text, " s left\033[K\r\033[Kwarning: between\r\n"));
    CU_ASSERT_FALSE(harness_contains(text, "27.5 %"));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"levels", test_log_levels},
        {"only rank 0 speaks", test_log_only_rank_0_speaks},
        {"short phase prints nothing", test_log_short_phase_prints_nothing},
        {"needs bar on a terminal", test_log_bar_on_a_terminal},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
