/* ranks: 1 3 */
#include "search/front/quality_file.h"

#include <string.h>

#include "search/front/frontier_file.h"
#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;

enum { N = 6 };

static double sizes[N] = {1.3, 2.7, 4.1, 5.9, 8.3, 12.1}, places[2] = {1, 2};

/* Two places of six sizes, of which four and two are on the frontier. */
static void make_problem(struct space *s, struct problem *p)
{
    struct space_axis place = {
        .name = "place", .role = SPACE_SCENARIO, .kind = SPACE_NUMBER, .n = 2, .values = places};
    struct space_axis size = {
        .name = "size", .role = SPACE_DECISION, .kind = SPACE_NUMBER, .n = N, .values = sizes};
    space_init(s);
    HARNESS_ASSERT_OK(space_add(s, &place, &why));
    HARNESS_ASSERT_OK(space_add(s, &size, &why));
    *p = (struct problem){.space = s,
                          .n_objectives = 2,
                          .objectives = {{.name = "loss_nat", .unit = "nat"},
                                         {.name = "accuracy_ratio", .maximise = true}}};
}

static const struct quality_box box = {.ideal = {1.7, 0.93}, .reference = {3.9, 0.1}};

static void write_file(const char *path, const struct quality_options *options)
{
    static uint64_t rows[N] = {0, 2, 3, 5, 7, 8};
    static double x[2 * N] = {1.9, 0.3, 2.1, 0.41, 2.6, 0.52, 3.3, 0.87, 1.8, 0.2, 2.2, 0.6};
    struct space s;
    struct problem p;
    struct h5 *file;
    make_problem(&s, &p);
    struct frontier f = {.n_rows = N, .n_objectives = 2, .first = N};
    if (team_rank(harness_comm()) == 0) { /* one chunk: the first rank's */
        f.first = 0;
        f.n_mine = N;
        f.configurations = rows;
        f.objectives = x;
    }
    const struct frontier_file_content content = {
        .problem = &p, .frontier = &f, .path_name = "streaming"};
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_OK(frontier_file_write(harness_comm(), file, &content, &why));
    HARNESS_ASSERT_OK(quality_file_add(harness_comm(), file, &p, &f, &box, options, NULL, &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    space_clear(&s);
}

static void test_what_is_written_is_read(void)
{
    const struct quality_options options = {.n_points = 2, .epsilon = 0.3, .seed = 77};
    struct quality_options terms;
    struct quality_box read_box;
    struct space s;
    struct problem p;
    struct h5 *file;
    struct quality q;
    write_file(harness_path("quality.h5"), &options);
    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path("quality.h5"), &file, &why));
    HARNESS_ASSERT_OK(quality_file_read(file, &q, &why));
    CU_ASSERT_EQUAL(q.n_levels, 2);
    /* Two steps: from 1.8 up to 0.2, from 2.2 up to 0.6. */
    const double steps = (3.9 - 1.8) * 0.1 + (3.9 - 2.2) * 0.4;
    CU_ASSERT_DOUBLE_EQUAL(q.volumes[1], steps / (2.2 * 0.83), 1e-13);
    CU_ASSERT_EQUAL(q.standard_errors[1], 0.0);
    size_t n_chosen = 0, n_knees = 0;
    for (size_t i = 0; i < q.n_picks; i++) {
        n_chosen += q.picks[i].order > 0;
        n_knees += q.picks[i].is_knee;
        CU_ASSERT(q.picks[i].row < N);
    }
    CU_ASSERT_EQUAL(n_chosen, 4);
    CU_ASSERT_EQUAL(n_knees, 2);
    make_problem(&s, &p);
    HARNESS_ASSERT_OK(quality_file_read_terms(file, &p, &read_box, &terms, &why));
    CU_ASSERT_EQUAL(read_box.ideal[1], 0.93);
    CU_ASSERT_EQUAL(read_box.reference[0], 3.9);
    CU_ASSERT(terms.n_points == 2 && terms.epsilon == 0.3 && terms.seed == 77);
    quality_clear(&q);
    space_clear(&s);
    h5_close(file);
}

static void test_without_thinning_there_is_no_group(void)
{
    struct h5 *file;
    struct quality q;
    write_file(harness_path("plain.h5"), &(struct quality_options){0});
    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path("plain.h5"), &file, &why));
    CU_ASSERT(!h5_exists(file, "/frontier/thin"));
    HARNESS_ASSERT_OK(quality_file_read(file, &q, &why));
    CU_ASSERT_EQUAL(q.n_levels, 2);
    CU_ASSERT_EQUAL(q.n_picks, 0);
    quality_clear(&q);
    h5_close(file);
}

static void test_errors(void)
{
    const double three[3] = {0.1, 0.2, 0.3};
    struct h5_array a = {.path = "/search/hypervolume",
                         .type = H5_DOUBLE,
                         .values = three,
                         .n_dimensions = 1,
                         .shape = {3}};
    struct h5 *file;
    struct quality q;
    HARNESS_ASSERT_OK(h5_create(harness_comm(), harness_path("bad.h5"), &file, &why));
    HARNESS_ASSERT_OK(h5_write_dimension(file, "/search/level", 2, &why));
    HARNESS_ASSERT_OK(h5_write_array(file, &a, &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path("bad.h5"), &file, &why));
    HARNESS_ASSERT_FAILS(quality_file_read(file, &q, &why), STATUS_IO,
                         "/search/hypervolume: has not 2 values");
    CU_ASSERT(q.volumes == NULL && q.n_levels == 0);
    h5_close(file);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"what is written is read", test_what_is_written_is_read},
        {"without thinning there is no group", test_without_thinning_there_is_no_group},
        {"errors", test_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
