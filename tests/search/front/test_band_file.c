/* ranks: 1 3 */
#include "search/front/band_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/front/problems.h"

static struct status_why why;

enum { N_ROWS = 40000, N_FRONTIER = 30000 };

static void make_space(struct space *s)
{
    space_init(s);
    problems_axis(s, "params", SPACE_DECISION, 1, 9, N_ROWS);
}

static void make_band(struct band *band)
{
    *band = (struct band){.n_draws = 7,
                          .n_rows = N_ROWS,
                          .n_frontier = N_FRONTIER,
                          .n_candidates = 12345,
                          .n_cut = 678,
                          .tolerance_name = "two cakes",
                          .rows = calloc(N_ROWS, sizeof *band->rows)};
    for (size_t i = 0; i < N_ROWS; i++) {
        const double x = (double)i;
        band->rows[i] = (struct band_row){.configuration = N_ROWS - 1 - i,
                                          .value = 2.385 + x,
                                          .epsilon = 0.01 * x,
                                          .regret = {x, x + 1, x + 2, x + 3, x + 4},
                                          .within = x / N_ROWS,
                                          .feasible = 0.75,
                                          .membership = 0.25};
    }
}

/* A frontier of which the file only has the dimension. */
static void write_file(const char *path, size_t n_points)
{
    struct space space;
    struct band band;
    struct h5 *file = NULL;
    make_space(&space);
    make_band(&band);
    const struct problem problem = {.space = &space, .n_objectives = 1};
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_OK(h5_write_dimension(file, "/frontier/point", n_points, &why));
    HARNESS_ASSERT_OK(band_file_write(harness_comm(), file, &problem, &band, &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    band_clear(&band);
    space_clear(&space);
}

static double value_at(struct h5 *file, const char *name, size_t row)
{
    char path[128];
    double *values = NULL;
    size_t n_dimensions, shape[3];
    (void)snprintf(path, sizeof path, "/frontier/band/%s", name);
    HARNESS_ASSERT_OK(h5_read_array(file, path, &values, &n_dimensions, shape, &why));
    CU_ASSERT(n_dimensions == 1 && shape[0] == N_ROWS);
    const double value = values[row];
    free(values);
    return value;
}

static void test_band_file_has_every_column(void)
{
    char path[1024];
    struct h5 *file = NULL;
    uint64_t n = 0;
    (void)snprintf(path, sizeof path, "%s", harness_path("band.h5"));
    write_file(path, N_FRONTIER);
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    CU_ASSERT_EQUAL(value_at(file, "configuration", 3), N_ROWS - 4);
    CU_ASSERT_EQUAL(value_at(file, "on_frontier", N_FRONTIER - 1), 1);
    CU_ASSERT_EQUAL(value_at(file, "on_frontier", N_FRONTIER), 0);
    CU_ASSERT_EQUAL(value_at(file, "params", 0), 9);
    CU_ASSERT_EQUAL(value_at(file, "params", N_ROWS - 1), 1);
    CU_ASSERT_EQUAL(value_at(file, "loss_nat", 39999), 2.385 + 39999);
    CU_ASSERT_EQUAL(value_at(file, "epsilon_nat", 200), 2.0);
    CU_ASSERT_EQUAL(value_at(file, "regret_nat_05", 17), 17);
    CU_ASSERT_EQUAL(value_at(file, "regret_nat_25", 17), 18);
    CU_ASSERT_EQUAL(value_at(file, "regret_nat_75", 17), 20);
    CU_ASSERT_EQUAL(value_at(file, "regret_nat_95", 17), 21);
    CU_ASSERT_EQUAL(value_at(file, "probability_within", N_ROWS / 2), 0.5);
    CU_ASSERT_EQUAL(value_at(file, "probability_feasible", 5), 0.75);
    CU_ASSERT_EQUAL(value_at(file, "membership", 5), 0.25);
    HARNESS_ASSERT_OK(h5_read_count_attribute(file, "/frontier/band", "n_draws", &n, &why));
    CU_ASSERT_EQUAL(n, 7);
    HARNESS_ASSERT_OK(h5_read_count_attribute(file, "/frontier/band", "n_candidates", &n, &why));
    CU_ASSERT_EQUAL(n, 12345);
    HARNESS_ASSERT_OK(h5_read_count_attribute(file, "/frontier/band", "n_cut", &n, &why));
    CU_ASSERT_EQUAL(n, 678);
    char *means = NULL;
    HARNESS_ASSERT_OK(h5_read_text_attribute(file, "/frontier/band", "epsilon", &means, &why));
    CU_ASSERT_STRING_EQUAL(means, "two cakes");
    free(means);
    h5_close(file);
}

static void test_band_file_join_adds_columns_to_the_rows_of_the_frontier(void)
{
    char path[1024];
    struct h5 *file = NULL;
    struct frontier_file_table t;
    (void)snprintf(path, sizeof path, "%s", harness_path("joined.h5"));
    write_file(path, N_FRONTIER);
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_OK(frontier_file_read(file, &t, &why));
    CU_ASSERT_EQUAL(t.n_columns, 0);
    t.n_rows = N_FRONTIER; /* this file has no other column that says it */
    HARNESS_ASSERT_OK(band_file_join(file, &t, &why));
    CU_ASSERT_EQUAL(t.n_columns, 3);
    CU_ASSERT_STRING_EQUAL(t.names[0], "regret_nat_50");
    CU_ASSERT_STRING_EQUAL(t.units[0], "nat");
    CU_ASSERT_EQUAL(t.values[0][29999], 30001);
    CU_ASSERT_STRING_EQUAL(t.names[2], "probability_within");
    CU_ASSERT_EQUAL(t.roles[2], FRONTIER_FILE_BAND);
    frontier_file_clear(&t);

    HARNESS_ASSERT_OK(frontier_file_read(file, &t, &why));
    t.n_rows = N_FRONTIER - 1;
    HARNESS_ASSERT_FAILS(band_file_join(file, &t, &why), STATUS_IO,
                         "has not the rows of the frontier");
    frontier_file_clear(&t);
    h5_close(file);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"has_every_column", test_band_file_has_every_column},
        {"join_adds_columns", test_band_file_join_adds_columns_to_the_rows_of_the_frontier},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
