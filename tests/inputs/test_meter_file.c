/* ranks: 1 3 */
#include "inputs/meter_file.h"

#include <stdlib.h>
#include <string.h>

#include "solver/base/meter.h"
#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;

static void test_a_result_says_the_counts_of_every_rank_and_phase(void)
{
    MPI_Comm comm = harness_comm();
    const size_t size = (size_t)team_size(comm);
    struct h5 *file = NULL;
    double *values = NULL;
    size_t n_dimensions, shape[3];
    char path[512];

    (void)snprintf(path, sizeof path, "%s", harness_path("counts.h5"));
    (void)meter_begin(METER_SEARCH);
    meter_items(23 + (size_t)team_rank(comm), 85);
    (void)meter_begin(METER_WRITE);
    HARNESS_ASSERT_OK(h5_create(comm, path, &file, &why));
    HARNESS_ASSERT_OK(meter_file_write(comm, file, &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));

    HARNESS_ASSERT_OK(h5_open(comm, path, &file, &why));
    HARNESS_ASSERT_OK(
        h5_read_array(file, "/run/meter/items_done", &values, &n_dimensions, shape, &why));
    CU_ASSERT_EQUAL_FATAL(n_dimensions, 2);
    CU_ASSERT_EQUAL(shape[0], size);
    CU_ASSERT_EQUAL(shape[1], METER_N_PHASES);
    for (size_t r = 0; r < size; r++) {
        CU_ASSERT_EQUAL(values[r * METER_N_PHASES + METER_SEARCH], (double)(23 + r));
        CU_ASSERT_EQUAL(values[r * METER_N_PHASES + METER_FIT], 0.0);
    }
    free(values);
    HARNESS_ASSERT_OK(
        h5_read_array(file, "/run/meter/wall_second", &values, &n_dimensions, shape, &why));
    for (size_t r = 0; r < size; r++) {
        CU_ASSERT(values[r * METER_N_PHASES + METER_WRITE] > 0.0);
    }
    free(values);
    h5_close(file);
}

/* The counts may differ between equal runs. */
static void test_counts_are_no_part_of_the_content(void)
{
    char digests[2][DIGEST_SIZE], path[512];
    struct h5 *file = NULL;
    for (int with = 0; with < 2; with++) {
        (void)snprintf(path, sizeof path, "%s", harness_path(with == 1 ? "with.h5" : "without.h5"));
        HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
        if (with == 1) {
            HARNESS_ASSERT_OK(meter_file_write(harness_comm(), file, &why));
        }
        HARNESS_ASSERT_OK(h5_commit(file, digests[with], &why));
    }
    CU_ASSERT_STRING_EQUAL(digests[0], digests[1]);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"a_result_says_the_counts_of_every_rank_and_phase",
         test_a_result_says_the_counts_of_every_rank_and_phase},
        {"counts_are_no_part_of_the_content", test_counts_are_no_part_of_the_content},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
