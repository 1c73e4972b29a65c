/* ranks: 1 3 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inputs/lock.h"
#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A lock file as an owner of another computer leaves it, silent for \a seconds. */
static void leave(const char *path, const char *boot, double seconds)
{
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fprintf(f, "4711\nnode7\n88\n2026-01-02T03:04:05Z\n%s\n", boot);
    (void)fclose(f);
    struct timespec times[2];
    (void)clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= (time_t)seconds;
    times[1] = times[0];
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Each rank is a process of its own that wants the same result. */
static void test_lock_is_held_by_one_process_of_all(void)
{
    char path[512];
    struct lock *lock = NULL;
    (void)snprintf(path, sizeof path, "%s", harness_path("one.h5"));
    for (int without_kernel = 0; without_kernel < 2; without_kernel++) {
        struct lock_terms terms = lock_default_terms();
        terms.without_kernel = without_kernel;
        team_meet(harness_comm());
        const enum status st = lock_take(MPI_COMM_SELF, path, &terms, &lock, &why);
        CU_ASSERT(st == STATUS_OK || st == STATUS_BUSY);
        if (st == STATUS_BUSY) {
            CU_ASSERT_PTR_NULL(lock);
            HARNESS_ASSERT_FAILS(st, STATUS_BUSY, "another run is writing");
        }
        team_meet(harness_comm()); /* all have tried */
        CU_ASSERT_EQUAL(team_sum(harness_comm(), st == STATUS_OK), 1);
        if (lock != NULL) {
            HARNESS_ASSERT_OK(lock_check(lock, &why));
        }
        lock_release(lock);
        team_meet(harness_comm());
        (void)snprintf(path + strlen(path), 8, ".lock");
        CU_ASSERT_FALSE(exists(path));
        path[strlen(path) - 5] = '\0';
    }
}

static void test_lock_is_held_by_all_ranks_together(void)
{
    struct lock *lock = NULL;
    HARNESS_ASSERT_OK(lock_take(harness_comm(), harness_path("all.h5"), NULL, &lock, &why));
    HARNESS_ASSERT_OK(lock_check(lock, &why));
    lock_release(lock);
    lock_release(NULL);
}

static void test_lock_of_a_killed_process_is_free_at_once(void)
{
    char path[512];
    struct lock *lock = NULL;
    int ready[2];
    char byte = 0;
    if (team_rank(harness_comm()) != 0) {
        return;
    }
    (void)snprintf(path, sizeof path, "%s", harness_path("killed.h5"));
    CU_ASSERT_EQUAL_FATAL(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) { /* takes it by the same code, without a word to MPI */
        char file[600];
        (void)snprintf(file, sizeof file, "%s.lock", path);
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        const int d = open(file, O_RDWR | O_CREAT, 0666);
        (void)fcntl(d, F_SETLK, &whole);
        char boot[64] = "";
        FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");
        if (f != NULL && fgets(boot, sizeof boot, f) != NULL) {
            (void)dprintf(d, "%ld\nhere\n\n2026-01-02T03:04:05Z\n%s", (long)getpid(), boot);
        }
        (void)write(ready[1], &byte, 1);
        for (;;) {
            (void)pause();
        }
    }
    CU_ASSERT_EQUAL(read(ready[0], &byte, 1), 1);
    char expected[64];
    (void)snprintf(expected, sizeof expected, "pid %ld on host here since 2026", (long)child);
    CU_ASSERT_EQUAL(lock_take(MPI_COMM_SELF, path, NULL, &lock, &why), STATUS_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, expected));
    CU_ASSERT_PTR_NULL(strstr(why.message, "lapses"));
    status_clear(&why);
    CU_ASSERT_EQUAL(kill(child, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(child, NULL, 0), child);
    HARNESS_ASSERT_OK(lock_take(MPI_COMM_SELF, path, NULL, &lock, &why));
    lock_release(lock);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static void test_lock_of_another_computer_lapses_after_a_minute(void)
{
    char path[512], file[600];
    struct lock *lock = NULL;
    if (team_rank(harness_comm()) != 0) {
        return;
    }
    (void)snprintf(path, sizeof path, "%s", harness_path("far.h5"));
    (void)snprintf(file, sizeof file, "%s.lock", path);
    leave(file, "another-kernel", 55.0);
    HARNESS_ASSERT_FAILS(lock_take(MPI_COMM_SELF, path, NULL, &lock, &why), STATUS_BUSY,
                         "pid 4711 on host node7, job 88 since 2026-01-02T03:04:05Z; if that run "
                         "was killed, its lock lapses after 60 s");
    CU_ASSERT(exists(file));
    leave(file, "another-kernel", 61.0);
    HARNESS_ASSERT_OK(lock_take(MPI_COMM_SELF, path, NULL, &lock, &why));
    /* The first owner was only asleep: what it sees now is that the lock is another's. */
    leave(file, "another-kernel", 61.0);
    HARNESS_ASSERT_OK(lock_check(lock, &why));
    (void)unlink(file);
    leave(file, "another-kernel", 0.0);
    HARNESS_ASSERT_FAILS(lock_check(lock, &why), STATUS_BUSY, "another run has taken over");
    lock_release(lock);
    CU_ASSERT(exists(file)); /* it is not ours to remove */
    (void)unlink(file);
}

static void test_lock_gives_signs_of_life_and_is_waited_for(void)
{
    char path[512], file[600];
    struct lock *lock = NULL;
    struct stat before, after;
    const struct lock_terms quick = {
        .lapse_seconds = 0.5, .beat_seconds = 0.05, .wait_seconds = 2.0, .without_kernel = true};
    if (team_rank(harness_comm()) != 0) {
        return;
    }
    (void)snprintf(path, sizeof path, "%s", harness_path("beat.h5"));
    (void)snprintf(file, sizeof file, "%s.lock", path);
    leave(file, "another-kernel", 0.0); /* a requeued job waits for the lapse, and goes on */
    HARNESS_ASSERT_OK(lock_take(MPI_COMM_SELF, path, &quick, &lock, &why));
    CU_ASSERT_EQUAL(stat(file, &before), 0);
    const struct timespec moment = {0, 300000000};
    (void)nanosleep(&moment, NULL);
    CU_ASSERT_EQUAL(stat(file, &after), 0);
    CU_ASSERT(after.st_mtim.tv_sec > before.st_mtim.tv_sec
              || after.st_mtim.tv_nsec > before.st_mtim.tv_nsec);
    /* One that lives is waited for in vain. */
    struct lock *other = NULL;
    HARNESS_ASSERT_FAILS(lock_take(MPI_COMM_SELF, path, &quick, &other, &why), STATUS_BUSY,
                         "another run is writing");
    lock_release(lock);
    CU_ASSERT_FALSE(exists(file));
}

static void test_lock_default_terms_wait_in_a_requeued_job_only(void)
{
    (void)unsetenv("SLURM_RESTART_COUNT");
    CU_ASSERT_EQUAL(lock_default_terms().wait_seconds, 0.0);
    (void)setenv("SLURM_RESTART_COUNT", "1", 1);
    CU_ASSERT(lock_default_terms().wait_seconds > lock_default_terms().lapse_seconds);
    (void)unsetenv("SLURM_RESTART_COUNT");
}

static void test_lock_errors(void)
{
    struct lock *lock = NULL;
    char long_path[5000];
    memset(long_path, 'a', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    HARNESS_ASSERT_FAILS(lock_take(harness_comm(), "/no/such/folder/x.h5", NULL, &lock, &why),
                         STATUS_INPUT, "cannot write into the folder /no/such/folder");
    HARNESS_ASSERT_FAILS(lock_take(harness_comm(), long_path, NULL, &lock, &why), STATUS_INPUT,
                         "the path of the result is too long");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"one process of all", test_lock_is_held_by_one_process_of_all},
        {"all ranks together", test_lock_is_held_by_all_ranks_together},
        {"killed", test_lock_of_a_killed_process_is_free_at_once},
        {"another computer", test_lock_of_another_computer_lapses_after_a_minute},
        {"signs of life", test_lock_gives_signs_of_life_and_is_waited_for},
        {"default terms", test_lock_default_terms_wait_in_a_requeued_job_only},
        {"errors", test_lock_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
