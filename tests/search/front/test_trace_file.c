/* ranks: 1 3 */
#include "search/front/trace_file.h"

#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/front/problems.h"

static struct status_why why;

/* A file with something else, and with a trace of three samples where it is wanted. */
static void write_file(const char *path, bool with_trace, char digest[DIGEST_SIZE])
{
    static const struct quality_box box = {.ideal = {0.0}, .reference = {10.0}};
    static uint64_t index[1] = {1};
    static double x[2] = {7.5, 5.5}, volumes[1] = {0.625};
    const struct rows first = {.n = 1, .indices = index, .x = x};
    const struct rows second = {.n = 1, .indices = index, .x = x + 1};
    const struct quality q = {.n_levels = 1, .volumes = volumes};
    struct space s;
    struct trace *t = NULL;
    struct h5 *file;
    space_init(&s);
    problems_axis(&s, "size", SPACE_DECISION, 1, 9, 3);
    const struct problem p = {.space = &s, .n_objectives = 1};
    if (with_trace && team_rank(harness_comm()) == 0) {
        HARNESS_ASSERT_OK(trace_create(&p, &box, 1, &t, &why));
        CU_ASSERT(trace_is_due(t));
        HARNESS_ASSERT_OK(trace_take(t, &first, &why));
        CU_ASSERT(trace_is_due(t));
        HARNESS_ASSERT_OK(trace_take(t, &second, &why));
        trace_end(t, 1);
        trace_complete(t, &q);
    }
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_OK(h5_write_group(file, "/search", &why));
    HARNESS_ASSERT_OK(h5_write_count_attribute(file, "/search", "n_rows", 1, &why));
    HARNESS_ASSERT_OK(trace_file_write(harness_comm(), file, t, &why));
    HARNESS_ASSERT_OK(h5_commit(file, digest, &why));
    trace_destroy(t);
    space_clear(&s);
}

static void test_what_is_written_is_read_and_no_part_of_the_content(void)
{
    char with[DIGEST_SIZE], without[DIGEST_SIZE];
    struct trace_sample *samples;
    struct h5 *file;
    size_t n;
    write_file(harness_path("without.h5"), false, without);
    write_file(harness_path("with.h5"), true, with);
    CU_ASSERT_STRING_EQUAL(with, without);
    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path("with.h5"), &file, &why));
    HARNESS_ASSERT_OK(trace_file_read(file, &samples, &n, &why));
    h5_close(file);
    CU_ASSERT_EQUAL_FATAL(n, 3);
    CU_ASSERT_DOUBLE_EQUAL(samples[0].volume, 0.25, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(samples[1].volume, 0.45, 1e-15);
    CU_ASSERT_EQUAL(samples[2].volume, 0.625);
    CU_ASSERT(samples[1].items == 2 && samples[1].rows == 1);
    CU_ASSERT(0.0 <= samples[0].second && samples[0].second <= samples[2].second);
    free(samples);
}

static void test_a_file_without_a_trace_has_no_samples(void)
{
    char digest[DIGEST_SIZE];
    struct trace_sample *samples;
    struct h5 *file;
    size_t n = 7;
    write_file(harness_path("none.h5"), false, digest);
    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path("none.h5"), &file, &why));
    HARNESS_ASSERT_OK(trace_file_read(file, &samples, &n, &why));
    CU_ASSERT(samples == NULL && n == 0);
    h5_close(file);
}

static void test_errors(void)
{
    const double three[3] = {0.1, 0.2, 0.3};
    struct h5_array a = {.path = "/run/trace/second",
                         .type = H5_DOUBLE,
                         .values = three,
                         .n_dimensions = 1,
                         .shape = {3}};
    struct trace_sample *samples;
    struct h5 *file;
    size_t n;
    HARNESS_ASSERT_OK(h5_create(harness_comm(), harness_path("bad.h5"), &file, &why));
    HARNESS_ASSERT_OK(h5_write_dimension(file, "/run/trace/sample", 3, &why));
    HARNESS_ASSERT_OK(h5_write_array(file, &a, &why));
    a.path = "/run/trace/items";
    a.shape[0] = 2;
    HARNESS_ASSERT_OK(h5_write_array(file, &a, &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path("bad.h5"), &file, &why));
    HARNESS_ASSERT_FAILS(trace_file_read(file, &samples, &n, &why), STATUS_IO,
                         "/run/trace/items: is no column of a trace");
    CU_ASSERT(samples == NULL && n == 0);
    h5_close(file);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"what is written is read and no part of the content",
         test_what_is_written_is_read_and_no_part_of_the_content},
        {"a file without a trace has no samples", test_a_file_without_a_trace_has_no_samples},
        {"errors", test_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
