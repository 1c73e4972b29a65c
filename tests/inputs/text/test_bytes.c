/* ranks: 1 3 */
#include "inputs/text/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;

static void test_bytes_read_gives_every_rank_the_file(void)
{
    const char text[] = "first line\nsecond\tline, no end";
    char *bytes = NULL;
    size_t n = 0;
    HARNESS_ASSERT_OK(
        bytes_read(harness_comm(), harness_file("short.txt", text), &bytes, &n, &why));
    CU_ASSERT_EQUAL(n, strlen(text));
    CU_ASSERT(bytes != NULL && memcmp(bytes, text, sizeof text) == 0);
    free(bytes);
    HARNESS_ASSERT_OK(bytes_read(harness_comm(), harness_file("none.txt", ""), &bytes, &n, &why));
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT(bytes != NULL && bytes[0] == '\0');
    free(bytes);
}

static void test_bytes_read_grows_past_its_first_block(void)
{
    enum { N = 131072 }; /* exactly two blocks: the end is found by a further read */
    char *text = malloc(N + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < N; i++) {
        text[i] = (char)('a' + i * i % 23);
    }
    text[N] = '\0';
    char *bytes = NULL;
    size_t n = 0;
    HARNESS_ASSERT_OK(bytes_read(harness_comm(), harness_file("long.txt", text), &bytes, &n, &why));
    CU_ASSERT_EQUAL(n, N);
    CU_ASSERT(bytes != NULL && memcmp(bytes, text, N + 1) == 0);
    free(bytes);
    free(text);
}

static void test_bytes_errors_are_the_same_on_all_ranks(void)
{
    char *bytes = NULL;
    size_t n = 17;
    HARNESS_ASSERT_FAILS(bytes_read(harness_comm(), harness_path("absent"), &bytes, &n, &why),
                         STATUS_INPUT, "absent: cannot open: No such file");
    CU_ASSERT_PTR_NULL(bytes);
    CU_ASSERT_EQUAL(n, 0);
    HARNESS_ASSERT_FAILS(bytes_read(harness_comm(), harness_path("."), &bytes, &n, &why),
                         STATUS_INPUT, "cannot read: Is a directory");
    CU_ASSERT_PTR_NULL(bytes);
}

static void test_bytes_refuses_a_huge_file(void)
{
    char path[1024];
    char *bytes = NULL;
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s", harness_file("huge.txt", ""));
    if (team_rank(harness_comm()) == 0) {
        /* A hole: it takes no room on the disk. */
        FILE *f = fopen(path, "wb");
        CU_ASSERT(f != NULL && fseek(f, 2L * BYTES_LIMIT, SEEK_SET) == 0 && fputc('x', f) == 'x');
        CU_ASSERT(f != NULL && fclose(f) == 0);
    }
    HARNESS_ASSERT_FAILS(bytes_read(harness_comm(), path, &bytes, &n, &why), STATUS_INPUT,
                         "larger than 256 MB");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"read_gives_every_rank_the_file", test_bytes_read_gives_every_rank_the_file},
        {"read_grows_past_its_first_block", test_bytes_read_grows_past_its_first_block},
        {"errors_are_the_same_on_all_ranks", test_bytes_errors_are_the_same_on_all_ranks},
        {"refuses_a_huge_file", test_bytes_refuses_a_huge_file},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
