#define _XOPEN_SOURCE 700
#include "inputs/text/opened.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness.h"

static void make(const char *path)
{
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

static enum status check(const char *path, struct status_why *why)
{
    status_clear(why);
    return opened_check_output(path, why);
}

static void test_opened_refuses_an_input_under_every_name(void)
{
    char input[256], other[256], hard[256], soft[256], dots[300];
    struct status_why why;
    status_clear(&why);
    (void)snprintf(input, sizeof input, "%s", harness_path("input.csv"));
    (void)snprintf(other, sizeof other, "%s", harness_path("other.csv"));
    (void)snprintf(hard, sizeof hard, "%s", harness_path("hard.csv"));
    (void)snprintf(soft, sizeof soft, "%s", harness_path("soft.csv"));
    make(input);
    make(other);
    (void)unlink(hard);
    (void)unlink(soft);
    CU_ASSERT_EQUAL_FATAL(link(input, hard), 0);
    CU_ASSERT_EQUAL_FATAL(symlink(input, soft), 0);
    char *slash = strrchr(input, '/');
    (void)snprintf(dots, sizeof dots, "%.*s/.%s", (int)(slash - input), input, slash);
    CU_ASSERT_EQUAL(check(input, &why), STATUS_OK); /* nothing was noted */
    CU_ASSERT_EQUAL(opened_note(input, &why), STATUS_OK);
    CU_ASSERT_EQUAL(check(other, &why), STATUS_OK);
    CU_ASSERT_EQUAL(check(harness_path("absent.csv"), &why), STATUS_OK);
    const char *const names[] = {input, hard, soft, dots};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CU_ASSERT_EQUAL(check(names[i], &why), STATUS_INPUT);
        CU_ASSERT(harness_contains(why.message, names[i]));
        CU_ASSERT(harness_contains(why.message, input));
    }
    opened_clear();
    CU_ASSERT_EQUAL(check(input, &why), STATUS_OK);
}

static void test_opened_holds_many_and_no_devices(void)
{
    enum { MANY = 40 };
    char path[MANY][256], name[32];
    struct status_why why;
    status_clear(&why);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "many%d", i);
        (void)snprintf(path[i], sizeof path[i], "%s", harness_path(name));
        make(path[i]);
        CU_ASSERT_EQUAL(opened_note(path[i], &why), STATUS_OK);
    }
    for (int i = 0; i < MANY; i++) {
        CU_ASSERT_EQUAL(check(path[i], &why), STATUS_INPUT);
    }
    CU_ASSERT_EQUAL(opened_note("/dev/null", &why), STATUS_OK);
    CU_ASSERT_EQUAL(check("/dev/null", &why), STATUS_OK);
    opened_clear();
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"refuses an input under every name", test_opened_refuses_an_input_under_every_name},
        {"holds many, and no devices", test_opened_holds_many_and_no_devices},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
