#define _XOPEN_SOURCE 700
#include "search/bayes/process.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness.h"

static char folder[1024], output[1100], errors[1100];
static struct status_why why;

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void rest(void)
{
    (void)nanosleep(&(struct timespec){0, 2000000}, NULL);
}

static void set_up(void)
{
    (void)snprintf(folder, sizeof folder, "%s", harness_path(""));
    (void)snprintf(output, sizeof output, "%s/output", folder);
    (void)snprintf(errors, sizeof errors, "%s/errors", folder);
}

static enum status begin(struct process *p, const char *script, double timeout)
{
    static const char *words[4] = {"sh", "-c", NULL, NULL};
    static const char *const settings[] = {"LR=0.25", "PMIX_OF_OURS=kept because it is said"};
    words[2] = script;
    const struct process_options o = {.words = words,
                                      .folder = folder,
                                      .output = output,
                                      .errors = errors,
                                      .n_settings = 2,
                                      .settings = settings,
                                      .timeout_seconds = timeout,
                                      .grace_seconds = 0.15};
    return process_begin(p, &o, &why);
}

static struct process_end wait_for(struct process *p)
{
    struct process_end end = {0};
    const double late = now_seconds() + 20.0;
    while (!process_ended(p, &end)) {
        if (now_seconds() > late) {
            CU_FAIL("the program does not end");
            process_cancel(p);
            return end;
        }
        rest();
    }
    return end;
}

static const char *content(const char *path)
{
    static char text[4096];
    FILE *f = fopen(path, "rb");
    const size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    if (f != NULL) {
        (void)fclose(f);
    }
    return text;
}

static void test_process_runs_a_program_in_its_folder(void)
{
    struct process *p = NULL;
    set_up();
    CU_ASSERT_EQUAL(setenv("OMPI_COMM_WORLD_RANK", "7", 1), 0);
    HARNESS_ASSERT_OK(process_create(&p, &why));
    HARNESS_ASSERT_OK(begin(p,
                            "pwd; echo $LR $OMPI_COMM_WORLD_RANK.$PMIX_OF_OURS; cat; "
                            "ls /proc/self/fd | wc -l; echo oops >&2; exit 3",
                            0));
    const struct process_end end = wait_for(p);
    CU_ASSERT_EQUAL(end.code, 3);
    CU_ASSERT_EQUAL(end.signal, 0);
    CU_ASSERT_FALSE(end.timed_out);
    char real[1024], expected[1200];
    CU_ASSERT_PTR_NOT_NULL_FATAL(realpath(folder, real));
    /* Open is no more than the three streams, and the folder that `ls` reads. */
    (void)snprintf(expected, sizeof expected, "%s\n0.25 .kept because it is said\n4\n", real);
    CU_ASSERT_STRING_EQUAL(content(output), expected);
    CU_ASSERT_STRING_EQUAL(content(errors), "oops\n");
    CU_ASSERT_EQUAL(unsetenv("OMPI_COMM_WORLD_RANK"), 0);
    HARNESS_ASSERT_OK(begin(p, "kill -9 $$", 0));
    const struct process_end killed = wait_for(p);
    CU_ASSERT_EQUAL(killed.code, -1);
    CU_ASSERT_EQUAL(killed.signal, SIGKILL);
    process_destroy(p);
}

/* The number in a file, once it is there. */
static long number_in(const char *path)
{
    const double late = now_seconds() + 10.0;
    while (strchr(content(path), '\n') == NULL && now_seconds() < late) {
        rest();
    }
    return strtol(content(path), NULL, 10);
}

/* Dead soon: somebody else may have to reap it first, and until then it can still be signalled. */
static bool is_gone(long id)
{
    const double late = now_seconds() + 10.0;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", id);
    while (now_seconds() < late) {
        const char *state = strrchr(content(path), ')');
        if (state == NULL || state[2] == 'Z') {
            return true;
        }
        rest();
    }
    return false;
}

static void test_process_ends_the_whole_group(void)
{
    struct process *p = NULL;
    char grandchild[1100];
    set_up();
    (void)snprintf(grandchild, sizeof grandchild, "%s/grandchild", folder);
    HARNESS_ASSERT_OK(process_create(&p, &why));
    /* One that lingers after its parent has ended well. */
    HARNESS_ASSERT_OK(begin(p, "sleep 60 & echo $! > grandchild", 0));
    CU_ASSERT_EQUAL(wait_for(p).code, 0);
    CU_ASSERT(is_gone(number_in(grandchild)));
    CU_ASSERT_EQUAL(remove(grandchild), 0);
    /* Both deaf to SIGTERM, and over time. */
    const double begun = now_seconds();
    HARNESS_ASSERT_OK(
        begin(p, "trap '' TERM; (trap '' TERM; sleep 60) & echo $! > grandchild; sleep 60", 0.1));
    const struct process_end end = wait_for(p);
    CU_ASSERT(end.timed_out);
    CU_ASSERT_EQUAL(end.signal, SIGKILL);
    CU_ASSERT(now_seconds() - begun >= 0.25);
    CU_ASSERT(is_gone(number_in(grandchild)));
    CU_ASSERT_EQUAL(remove(grandchild), 0);
    /* One that minds SIGTERM and ends in its own way is over time nevertheless. */
    HARNESS_ASSERT_OK(begin(p, "trap 'exit 5' TERM; sleep 60 & wait", 0.1));
    const struct process_end mild = wait_for(p);
    CU_ASSERT(mild.timed_out);
    CU_ASSERT_EQUAL(mild.code, 5);
    /* Cancelled. */
    HARNESS_ASSERT_OK(begin(p, "sleep 60 & echo $! > grandchild; wait", 0));
    const long id = number_in(grandchild);
    process_cancel(p);
    process_cancel(p);
    CU_ASSERT(is_gone(id));
    process_destroy(p);
}

/* Whoever starts programs may be killed at any time; his programs end then. */
static void test_process_does_not_outlive_its_starter(void)
{
    char grandchild[1100];
    set_up();
    (void)snprintf(grandchild, sizeof grandchild, "%s/orphan", folder);
    (void)remove(grandchild);
    const pid_t starter = fork();
    if (starter == 0) {
        struct process *p = NULL;
        if (process_create(&p, &why) == STATUS_OK) {
            (void)begin(p, "(trap '' TERM; sleep 60) & echo $! > orphan; wait", 0);
        }
        (void)pause();
        _exit(EXIT_FAILURE);
    }
    CU_ASSERT(starter > 0);
    const long id = number_in(grandchild);
    CU_ASSERT(id > 0);
    CU_ASSERT_EQUAL(kill(starter, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(starter, NULL, 0), starter);
    CU_ASSERT(is_gone(id));
}

/* Whether any process has a text in its environment. */
static bool is_anybody_marked(const char *mark)
{
    static char text[1 << 16];
    char path[300];
    bool found = false;
    DIR *all = opendir("/proc");
    for (struct dirent *e = readdir(all); e != NULL && !found; e = readdir(all)) {
        (void)snprintf(path, sizeof path, "/proc/%s/environ", e->d_name);
        FILE *f = e->d_name[0] >= '1' && e->d_name[0] <= '9' ? fopen(path, "rb") : NULL;
        const size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
        if (f != NULL) {
            (void)fclose(f);
        }
        text[n] = '\0';
        for (size_t i = 0; i < n && !found; i += strlen(text + i) + 1) {
            found = strcmp(text + i, mark) == 0;
        }
    }
    (void)closedir(all);
    return found;
}

/* At whatever moment the starter is killed, also between the start of the program and the return of
 * the call: moments are spread over the time that starting takes. */
static void test_process_leaves_no_orphan_at_any_moment(void)
{
    enum { N = 60 };
    char mark[64];
    set_up();
    (void)snprintf(mark, sizeof mark, "ORPHAN_OF=%ld", (long)getpid());
    for (int i = 0; i < N; i++) {
        const pid_t starter = fork();
        if (starter == 0) {
            static const char *const words[] = {"sh", "-c", "trap '' TERM; sleep 60", NULL};
            const char *settings[] = {mark};
            struct process *p = NULL;
            const struct process_options o = {.words = words,
                                              .folder = folder,
                                              .output = output,
                                              .errors = errors,
                                              .n_settings = 1,
                                              .settings = settings,
                                              .grace_seconds = 0.05};
            (void)(process_create(&p, &why) == STATUS_OK
                   && process_begin(p, &o, &why) == STATUS_OK);
            (void)pause();
            _exit(EXIT_FAILURE);
        }
        (void)nanosleep(&(struct timespec){0, 200000L * i}, NULL);
        CU_ASSERT_EQUAL(kill(starter, SIGKILL), 0);
        CU_ASSERT_EQUAL(waitpid(starter, NULL, 0), starter);
    }
    const double late = now_seconds() + 20.0;
    while (is_anybody_marked(mark) && now_seconds() < late) {
        rest();
    }
    CU_ASSERT_FALSE(is_anybody_marked(mark));
}

static void test_process_errors(void)
{
    static const char *const missing[] = {"no_such_program_here", NULL};
    struct process *p = NULL;
    struct process_options o = {
        .words = missing, .folder = folder, .output = output, .errors = errors};
    set_up();
    HARNESS_ASSERT_OK(process_create(&p, &why));
    HARNESS_ASSERT_FAILS(process_begin(p, &o, &why), STATUS_INPUT,
                         "no_such_program_here: cannot run it in ");
    static const char *const sh[] = {"sh", "-c", "true", NULL};
    o.words = sh;
    o.folder = "/no/such/folder";
    HARNESS_ASSERT_FAILS(process_begin(p, &o, &why), STATUS_INPUT,
                         "sh: cannot run it in /no/such/folder: No such file");
    o.folder = folder;
    HARNESS_ASSERT_OK(process_begin(p, &o, &why));
    CU_ASSERT_EQUAL(wait_for(p).code, 0);
    process_destroy(p);
    process_destroy(NULL);
}

static void test_process_keeps_what_names_the_rank(void)
{
    static const char *const own[] = {"OMPI_COMM_WORLD_RANK=1", "OMPI_MCA_ess=pmi",
                                      "PMIX_NAMESPACE=1",       "SLURM_STEP_ID=0",
                                      "SLURM_PROCID=3",         "PMI_RANK=2"};
    static const char *const handed_on[] = {
        "PATH=/bin",       "OMPI_MCA_btl=self", "OMPI_ALLOW_RUN_AS_ROOT=1",
        "SLURM_JOB_ID=12", "SLURM_NTASKS=4",    "OMP_NUM_THREADS=8"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        CU_ASSERT(process_is_own(own[i]));
        CU_ASSERT_FALSE(process_is_own(handed_on[i]));
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"runs_a_program_in_its_folder", test_process_runs_a_program_in_its_folder},
        {"ends_the_whole_group", test_process_ends_the_whole_group},
        {"does_not_outlive_its_starter", test_process_does_not_outlive_its_starter},
        {"leaves_no_orphan_at_any_moment", test_process_leaves_no_orphan_at_any_moment},
        {"errors", test_process_errors},
        {"keeps_what_names_the_rank", test_process_keeps_what_names_the_rank},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
