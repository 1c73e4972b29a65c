#define _XOPEN_SOURCE 700
#include "search/bayes/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness.h"

static const char *const labels[] = {"adam w", "it's", "sgd"};
static const double widths[] = {64, 128.5, 300};
static const struct variable variables[] = {
    {.name = "lr", .kind = VARIABLE_CONTINUOUS, .lower = 1e-4, .upper = 0.1, .is_log = true},
    {.name = "width", .kind = VARIABLE_ORDINAL, .n_levels = 3, .values = widths},
    {.name = "optimizer", .kind = VARIABLE_CATEGORICAL, .n_levels = 3, .labels = labels},
};
static const char *const outcomes[] = {"loss", "hours"};
static const double design[] = {0.1 + 0.2, 64, 1};
static struct status_why why;
static char folder[1100], study[1100];

/* A command that runs \a script with the words behind it. */
static struct command_options options_of(const char *script)
{
    static const char *words[6];
    (void)snprintf(folder, sizeof folder, "%s", harness_path("evaluations"));
    (void)snprintf(study, sizeof study, "%s", harness_path(""));
    words[0] = "sh";
    words[1] = "-c";
    words[2] = script;
    words[3] = "name";
    words[4] = "--lr={lr}";
    words[5] = "{width}/{{{optimizer}}}/{id}.{attempt}";
    return (struct command_options){.n_variables = 3,
                                    .variables = variables,
                                    .n_outcomes = 2,
                                    .outcomes = outcomes,
                                    .n_words = 6,
                                    .words = words,
                                    .study_folder = study,
                                    .folder = folder,
                                    .output = "",
                                    .grace_seconds = 0.1};
}

static enum driver_progress finish(const struct driver_evaluator *e, double values[])
{
    enum driver_progress progress = DRIVER_RUNNING;
    for (int i = 0; i < 5000 && progress == DRIVER_RUNNING; i++) {
        progress = e->poll(e->context, values, &why);
        (void)nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    return progress;
}

/* Run the script once as attempt 2 of evaluation 41. */
static enum driver_progress run(const struct command_options *o, double values[])
{
    struct command *c = NULL;
    HARNESS_ASSERT_OK(command_create(o, &c, &why));
    const struct driver_evaluator e = command_evaluator(c);
    enum driver_progress progress = e.begin(e.context, 41, 2, design, &why);
    if (progress == DRIVER_RUNNING) {
        progress = finish(&e, values);
    }
    command_destroy(c);
    return progress;
}

static bool is_there(const char *name)
{
    char path[1300];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static void remove_folder(void)
{
    char line[1300];
    (void)snprintf(line, sizeof line, "rm -rf '%s'", folder);
    CU_ASSERT_EQUAL(system(line), 0);
}

static void test_command_hands_over_the_design(void)
{
    double values[2] = {0};
    struct command_options o = options_of(
        "[ \"$1\" = --lr=0.30000000000000004 ] && [ \"$2\" = \"64/{{it's}}/41.2\" ] &&"
        "[ \"$SCALEFRONT_optimizer\" = \"it's\" ] && [ \"$SCALEFRONT_width\" = 64 ] &&"
        "[ \"$SCALEFRONT_ID\" = 41 ] && [ \"$SCALEFRONT_ATTEMPT\" = 2 ] &&"
        "[ \"$SCALEFRONT_FOLDER\" = \"$PWD\" ] && [ \"$SCALEFRONT_OUTPUT\" = \"$PWD/a.json\" ] &&"
        "grep -q '\"optimizer\": \"it.s\"}}' \"$SCALEFRONT_DESIGN\" &&"
        "grep -q '\"width\": 64,' \"$SCALEFRONT_DESIGN\" &&"
        "grep -q '\"lr\": 0.30000000000000004,' \"$SCALEFRONT_DESIGN\" &&"
        "echo '{{\"loss\": 2.385, \"hours\": 7e-3}}' > a.json");
    o.output = "a.json";
    CU_ASSERT_EQUAL(run(&o, values), DRIVER_DONE);
    CU_ASSERT_DOUBLE_EQUAL(values[0], 2.385, 0);
    CU_ASSERT_DOUBLE_EQUAL(values[1], 7e-3, 0);
    CU_ASSERT_FALSE(is_there("41.2")); /* done: it went with all that was in it */
    o.keeps_folders = true;
    CU_ASSERT_EQUAL(run(&o, values), DRIVER_DONE);
    CU_ASSERT(is_there("41.2/design.json"));
    remove_folder();
}

static void test_command_line_can_be_typed(void)
{
    char text[400];
    struct command *c = NULL;
    const struct command_options o = options_of("true");
    HARNESS_ASSERT_OK(command_create(&o, &c, &why));
    command_line(c, 0, design, sizeof text, text);
    CU_ASSERT_STRING_EQUAL(text, "sh -c true name --lr=0.30000000000000004 '64/{it'\\''s}/0.1'");
    command_line(c, 0, design, 12, text);
    CU_ASSERT(strlen(text) < 12);
    command_destroy(c);
}

static void expect_failure(const char *script, const char *message)
{
    double values[2];
    struct command_options o = options_of(script);
    o.timeout_seconds = 1.0;
    CU_ASSERT_EQUAL(run(&o, values), DRIVER_FAILED);
    if (!harness_contains(why.message, message)) {
        harness_say(why.message);
        CU_FAIL("another message was expected");
    }
    CU_ASSERT(is_there("41.2/stderr"));
    CU_ASSERT(is_there("41.2/failure"));
    status_clear(&why);
    remove_folder();
}

static void test_command_names_every_failure(void)
{
    expect_failure("echo first >&2; printf 'CUDA out\\tof memory\\n\\n' >&2; exit 3",
                   "exit code 3: CUDA out of memory");
    expect_failure("kill -9 $$", "ended by signal 9 (Killed)");
    expect_failure("echo loss=2", "stdout: no value of hours");
    expect_failure("echo loss=2; echo hours=nan", "stdout:2: hours: nan: expected a finite");
    expect_failure("head -c 3000000 /dev/urandom", "stdout: no value of loss");
    expect_failure("echo full > /dev/full", "I/O error");
    expect_failure("sleep 30", "stopped after 1 s");
}

static const char *left_over(void)
{
    static char path[1300];
    (void)snprintf(path, sizeof path, "%s/41.2/left_over", folder);
    return path;
}

/* Only what this attempt wrote counts, although one that was lost had the same folder. */
static void test_command_goes_on_where_it_was_lost(void)
{
    double values[2];
    struct command *c = NULL;
    struct command_options o = options_of(
        "if [ -e saved ]; then exit 0; fi; echo loss=1 > o; echo hours=1 >> o; touch saved; "
        "sleep 30");
    o.output = "o";
    HARNESS_ASSERT_OK(command_create(&o, &c, &why));
    const struct driver_evaluator e = command_evaluator(c);
    CU_ASSERT_EQUAL(e.begin(e.context, 41, 2, design, &why), DRIVER_RUNNING);
    for (int i = 0; i < 5000 && !is_there("41.2/saved"); i++) {
        (void)nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    CU_ASSERT_EQUAL(e.poll(e.context, values, &why), DRIVER_RUNNING);
    e.cancel(e.context);
    e.cancel(e.context);
    CU_ASSERT_EQUAL(e.begin(e.context, 41, 2, design, &why), DRIVER_RUNNING);
    CU_ASSERT_EQUAL(finish(&e, values), DRIVER_FAILED);
    CU_ASSERT(harness_contains(why.message, "o: the command has not written it"));
    status_clear(&why);
    /* That was a failure: what it has saved is not to be trusted. */
    CU_ASSERT_EQUAL(e.begin(e.context, 41, 2, design, &why), DRIVER_RUNNING);
    CU_ASSERT_FALSE(is_there("41.2/failure"));
    while (!is_there("41.2/saved")) {
        (void)nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    e.cancel(e.context);
    /* Another design of the same number, of an earlier search. */
    const double other[] = {0.5, 64, 1};
    (void)fclose(fopen(left_over(), "w"));
    CU_ASSERT_EQUAL(e.begin(e.context, 41, 2, other, &why), DRIVER_RUNNING);
    CU_ASSERT_FALSE(is_there("41.2/left_over"));
    e.cancel(e.context);
    command_destroy(c);
    remove_folder();
}

static void test_command_errors(void)
{
    static const char *words[2] = {"sh", NULL};
    struct command *c = NULL;
    struct command_options o = options_of("true");
    o.n_words = 2;
    o.words = words;
    words[1] = "--lr={LR}";
    HARNESS_ASSERT_FAILS(command_create(&o, &c, &why), STATUS_INPUT,
                         "--lr={LR}: {LR} is unknown; expected a variable, id, ");
    words[1] = "{lr";
    HARNESS_ASSERT_FAILS(command_create(&o, &c, &why), STATUS_INPUT,
                         "{lr: a brace without its partner");
    words[1] = "lr}";
    HARNESS_ASSERT_FAILS(command_create(&o, &c, &why), STATUS_INPUT,
                         "lr}: a brace without its partner");
    words[1] = "";
    words[0] = "no_such_program_here";
    HARNESS_ASSERT_FAILS(command_create(&o, &c, &why), STATUS_INPUT,
                         "no_such_program_here: no such program in PATH");
    words[0] = "./nothing.sh"; /* beside the study */
    HARNESS_ASSERT_FAILS(command_create(&o, &c, &why), STATUS_INPUT,
                         "nothing.sh: no program that can be run");
    (void)harness_file("note.txt", "no program");
    words[0] = "{study}/note.txt";
    HARNESS_ASSERT_FAILS(command_create(&o, &c, &why), STATUS_INPUT,
                         "note.txt: no program that can be run");
    words[0] = "sh";
    o.folder = "/dev/null/x";
    HARNESS_ASSERT_FAILS(command_create(&o, &c, &why), STATUS_INPUT,
                         "/dev/null/x: cannot make the folder");
    CU_ASSERT_PTR_NULL(c);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"hands_over_the_design", test_command_hands_over_the_design},
        {"line_can_be_typed", test_command_line_can_be_typed},
        {"names_every_failure", test_command_names_every_failure},
        {"goes_on_where_it_was_lost", test_command_goes_on_where_it_was_lost},
        {"errors", test_command_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
