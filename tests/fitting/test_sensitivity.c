/* ranks: 1 3 */
#include "fitting/sensitivity.h"

#include <string.h>

#include "tests/fitting/observations.h"

static struct observations runs;
static struct status_why why;
static struct sensitivity table;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static void make_table(const struct fit_options *options, bool with_compute)
{
    struct fit f;
    const struct fit_data data = observations_data(&runs, options->law);
    status_clear(&why);
    HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, options, NULL, &f, &why));
    HARNESS_ASSERT_OK(sensitivity_run(harness_comm(), &data, &f,
                                      with_compute ? runs.log_x[OBSERVED_COMPUTE] : NULL, NULL,
                                      &table, &why));
    fit_clear(&f);
}

static const struct sensitivity_row *find(const char *what)
{
    for (size_t i = 0; i < table.n_rows; i++) {
        if (strcmp(table.rows[i].what, what) == 0) {
            return &table.rows[i];
        }
    }
    CU_FAIL_FATAL("no such row");
    return NULL;
}

static void test_paper_besiroglu2024_objective_decides_the_exponent(void)
{
    if (!observations_epoch(false, &runs)) {
        return;
    }
    const struct fit_options options = observations_options("chinchilla");
    make_table(&options, true);
    CU_ASSERT_EQUAL(table.n_rows, 20);
    CU_ASSERT_STRING_EQUAL(table.rows[0].what, "as stated");
    CU_ASSERT_DOUBLE_EQUAL(table.rows[0].exponent_params, 0.514, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(find("objective lad")->exponent_params, 0.513, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(find("objective least_squares")->exponent_params, 0.530, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(find("objective least_squares, residuals linear")->exponent_params,
                           0.545, 5e-4);
    HARNESS_ASSERT_REL(find("objective lad")->objective, 1.12949466, 1e-8);
    HARNESS_ASSERT_REL(find("objective lad")->natural[1], 482.0057, 2e-6);
    CU_ASSERT_EQUAL(find("without the 5 highest")->n, 235);
    CU_ASSERT_EQUAL(find("without tenth 10 of compute")->n, 216);
    for (size_t i = 0; i < table.n_rows; i++) {
        const struct sensitivity_row *r = &table.rows[i];
        CU_ASSERT_TRUE(r->exponent_params > 0.45 && r->exponent_params < 0.6);
        HARNESS_ASSERT_REL(r->optimum_loss, table.rows[0].optimum_loss, 0.02);
    }
}

static void test_paper_besiroglu2024_five_rows_decide_the_exponent(void)
{
    if (!observations_epoch(true, &runs)) {
        return;
    }
    struct fit_options options = observations_options("chinchilla");
    make_table(&options, true);
    /* Without the five, the published rows; with them, .565 to .642 by the objective. */
    CU_ASSERT_DOUBLE_EQUAL(find("without the 5 highest")->exponent_params, 0.514, 5e-4);
    double least = 1.0, most = 0.0;
    const char *const whats[] = {"as stated", "objective lad", "objective least_squares",
                                 "objective least_squares, residuals linear"};
    for (size_t i = 0; i < 4; i++) {
        const double a = find(whats[i])->exponent_params;
        least = a < least ? a : least;
        most = a > most ? a : most;
    }
    CU_ASSERT_DOUBLE_EQUAL(least, 0.565, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(most, 0.642, 5e-4);
}

static void test_sensitivity_rows_follow_what_was_stated(void)
{
    struct fit_options options = observations_options("power_tokens");
    const double natural[] = {1.723, 1219.4, 0.3493};
    observations_simulate("power_tokens", natural, 9, 0.01, 41, &runs);
    options.objective = FIT_LEAST_SQUARES;
    options.residual = FIT_LINEAR;
    make_table(&options, false);
    CU_ASSERT_EQUAL(table.n_rows, 7); /* no delta, no tenths */
    CU_ASSERT_STRING_EQUAL(table.rows[1].what, "objective huber");
    CU_ASSERT_STRING_EQUAL(table.rows[3].what, "residuals log");
    CU_ASSERT_FALSE(table.has_optimum);
    for (size_t i = 0; i < table.n_rows; i++) {
        CU_ASSERT_DOUBLE_EQUAL(table.rows[i].natural[2], 0.3493, 0.05);
        CU_ASSERT_TRUE(isnan(table.rows[i].exponent_params));
    }
    runs.loss_nat[5] = -0.1; /* no logarithm: the row goes */
    make_table(&options, false);
    CU_ASSERT_EQUAL(table.n_rows, 6);
}

static void test_sensitivity_drops_the_highest(void)
{
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.0, 43, &runs);
    runs.loss_nat[11] = 8.1;
    runs.loss_nat[40] = 7.9;
    make_table(&options, true);
    CU_ASSERT_TRUE(find("without the 1 highest")->objective > 1e-6);
    CU_ASSERT_TRUE(find("without the 2 highest")->objective < 1e-12);
    HARNESS_ASSERT_REL(find("without the 2 highest")->natural[0], planted[0], 1e-6);
}

static void test_sensitivity_shows_a_choice_that_cannot_be_made(void)
{
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 47, &runs);
    runs.n = 8;
    make_table(&options, true);
    const struct sensitivity_row *r = find("without the 5 highest");
    CU_ASSERT_EQUAL(r->n, 0);
    CU_ASSERT_TRUE(isnan(r->objective) && isnan(r->natural[0]) && isnan(r->exponent_params));
    CU_ASSERT_EQUAL(find("without the 2 highest")->n, 6);
    CU_ASSERT_EQUAL(find("without tenth 1 of compute")->n + find("without tenth 2 of compute")->n
                        + find("without tenth 3 of compute")->n,
                    7 + 7 + 7);
}

static void test_sensitivity_is_the_same_on_all_ranks(void)
{
    static struct sensitivity alone;
    struct fit f;
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 53, &runs);
    make_table(&options, true);
    const struct fit_data data = observations_data(&runs, options.law);
    HARNESS_ASSERT_OK(fit_run(MPI_COMM_SELF, &data, &options, NULL, &f, &why));
    HARNESS_ASSERT_OK(sensitivity_run(MPI_COMM_SELF, &data, &f, runs.log_x[OBSERVED_COMPUTE], NULL,
                                      &alone, &why));
    CU_ASSERT_EQUAL(memcmp(&alone, &table, sizeof alone), 0);
    fit_clear(&f);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"needs objective", test_paper_besiroglu2024_objective_decides_the_exponent},
        {"needs five rows", test_paper_besiroglu2024_five_rows_decide_the_exponent},
        {"stated", test_sensitivity_rows_follow_what_was_stated},
        {"highest", test_sensitivity_drops_the_highest},
        {"few rows", test_sensitivity_shows_a_choice_that_cannot_be_made},
        {"same bits", test_sensitivity_is_the_same_on_all_ranks},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
