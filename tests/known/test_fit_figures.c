/* Every figure of a fit against a value that this file computes by itself, on runs so few and noisy
 * that no figure is at its usual value: several optima, starts that need the other solver, checks
 * that beat a replicate. */
#include "fitting/minimise/objective.h"
#include "tests/fitting/observations.h"

enum { P = 5, FEW = 3, ITEM_OPTIMA = 6, ITEM_CHECKS = 10 };
static const double planted[P] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658};
static const double noise = 0.05, same = 1e-9;
static struct observations runs; /* large: not on the stack */
static struct status_why why;

/* Fit the runs of one item; 64 replicates, so that one batch of them is solved. */
static void fit_item(uint64_t item, const struct fit_restart *restart, struct fit *f)
{
    struct fit_options options = observations_options("chinchilla");
    options.n_replicates = FIT_BATCH;
    options.profile = false;
    observations_simulate("chinchilla", planted, FEW, noise, item, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, &options, restart, f, &why));
    CU_ASSERT_EQUAL(f->n, runs.n);
}

/* ln loss less ln predicted, and perhaps the gradient of the latter by theta. */
static double residual_of(const struct fit *f, const double theta[], size_t i, double slope[])
{
    const double x[] = {runs.log_x[OBSERVED_PARAMS][i], runs.log_x[OBSERVED_TOKENS][i]};
    const double loss = f->law->value(f->law, theta, x, slope, NULL, NULL);
    for (size_t j = 0; slope != NULL && j < P; j++) {
        slope[j] /= loss;
    }
    return log(runs.loss_nat[i] / loss);
}

/* Huber's sum, as its definition says. */
static double huber_of(const struct fit *f, const double theta[])
{
    const double delta = f->options.delta;
    double sum = 0.0;
    for (size_t i = 0; i < runs.n; i++) {
        const double r = fabs(residual_of(f, theta, i, NULL));
        sum += r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
    }
    return sum;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double x[], size_t n)
{
    qsort(x, n, sizeof *x, compare);
    return 0.5 * (x[(n - 1) / 2] + x[n / 2]);
}

static void test_fit_noise_floor_is_the_median_absolute_deviation(void)
{
    static const double normal = 1.482602218505602; /* 1 / the normal quantile at 3/4 */
    double r[OBSERVATIONS_MAX];
    struct fit f;
    fit_item(ITEM_CHECKS, NULL, &f);
    for (size_t i = 0; i < runs.n; i++) {
        r[i] = residual_of(&f, f.theta, i, NULL);
    }
    const double middle = median(r, runs.n);
    for (size_t i = 0; i < runs.n; i++) {
        r[i] = fabs(r[i] - middle);
    }
    HARNESS_ASSERT_REL(f.noise_floor, normal * median(r, runs.n), 1e-4);
    HARNESS_ASSERT_REL(f.objective, huber_of(&f, f.theta), 1e-9);
    fit_clear(&f);
}

/* The gradient by the chain rule: theta is linear in the centred coordinates. */
static void test_fit_gradient_norm_is_that_of_the_sum(void)
{
    struct fit f;
    struct objective *o = NULL;
    double z[P], at[P], step[P][P] = {{0}}, gradient[P] = {0}, sum = 0.0;
    fit_item(ITEM_OPTIMA, NULL, &f);
    const struct fit_data data = observations_data(&runs, f.law);
    HARNESS_ASSERT_OK(objective_create(&data, &f.options, &o, &why));
    objective_centre(o, f.theta, z);
    for (size_t j = 0; j < P; j++) {
        memcpy(at, z, sizeof at);
        at[j] += 1.0;
        objective_uncentre(o, at, step[j]);
        CU_ASSERT_FALSE(f.at_bound[j]);
        for (size_t k = 0; k < P; k++) {
            step[j][k] -= f.theta[k];
        }
    }
    for (size_t i = 0; i < runs.n; i++) {
        double slope[P];
        const double r = residual_of(&f, f.theta, i, slope);
        const double pull = fmax(-f.options.delta, fmin(f.options.delta, r));
        for (size_t j = 0; j < P; j++) {
            for (size_t k = 0; k < P; k++) {
                gradient[j] -= pull * slope[k] * step[j][k];
            }
        }
    }
    for (size_t j = 0; j < P; j++) {
        sum += gradient[j] * gradient[j];
    }
    CU_ASSERT(f.gradient_norm > 1e-12 && f.gradient_norm < 1e-5);
    HARNESS_ASSERT_REL(f.gradient_norm, sqrt(sum) / f.objective, 1e-2);
    objective_destroy(o);
    fit_clear(&f);
}

/* The least end of a start that is neither the best value nor near its point. */
static void test_fit_runner_up_and_the_ridge_to_it_are_what_a_walk_finds(void)
{
    enum { STEPS = 64 };
    struct fit f;
    fit_item(ITEM_OPTIMA, NULL, &f);
    CU_ASSERT_FATAL(f.n_optima > 1);
    double best = INFINITY, second = INFINITY, rise = 0.0;
    size_t at_second = 0;
    for (size_t i = 0; i < f.n_starts + f.n_near; i++) {
        best = fmin(best, f.starts[i].objective);
    }
    for (size_t i = 0; i < f.n_starts + f.n_near; i++) {
        double apart = 0.0;
        for (size_t j = 0; j < P; j++) {
            apart = fmax(apart, fabs(f.starts[i].theta[j] - f.theta[j]));
        }
        if (apart > 1e-3 && f.starts[i].objective > best * (1.0 + same)
            && f.starts[i].objective < second) {
            second = f.starts[i].objective;
            at_second = i;
        }
    }
    HARNESS_ASSERT_REL(f.objective, best, 1e-12);
    HARNESS_ASSERT_REL(f.runner_up, second, 1e-9);
    HARNESS_ASSERT_REL(f.runner_up, huber_of(&f, f.starts[at_second].theta), 1e-9);
    for (size_t k = 0; k <= STEPS; k++) {
        double theta[P];
        for (size_t j = 0; j < P; j++) {
            const double share = (double)k / (double)STEPS;
            theta[j] = f.theta[j] + share * (f.starts[at_second].theta[j] - f.theta[j]);
        }
        rise = fmax(rise, huber_of(&f, theta) / best - 1.0);
    }
    CU_ASSERT(rise > 1e-5);
    HARNESS_ASSERT_REL(f.ridge_rise, rise, 0.05);
    fit_clear(&f);
}

static void test_fit_counts_of_starts_are_those_of_their_list(void)
{
    struct fit f;
    size_t n_agree = 0, n_near_agree = 0, n_fallback = 0;
    fit_item(ITEM_OPTIMA, NULL, &f);
    for (size_t i = 0; i < f.n_starts + f.n_near; i++) {
        const bool agrees = huber_of(&f, f.starts[i].theta) <= f.objective * (1.0 + 2.0 * same);
        n_agree += agrees && i < f.n_starts;
        n_near_agree += agrees && i >= f.n_starts;
        n_fallback += i < f.n_starts && f.starts[i].solver == FIT_NLOPT;
    }
    CU_ASSERT(n_agree > 0 && n_agree < f.n_starts);
    CU_ASSERT(n_near_agree > 0);
    CU_ASSERT(n_fallback > 0 && n_fallback < f.n_starts);
    CU_ASSERT_EQUAL(f.n_agree, n_agree);
    CU_ASSERT_EQUAL(f.n_near_agree, n_near_agree);
    CU_ASSERT_EQUAL(f.n_fallback, n_fallback);
    CU_ASSERT_EQUAL(f.n_starts, 25);
    CU_ASSERT_EQUAL(f.n_points, 25); /* of two exponents no start is left out */
    fit_clear(&f);
}

/* What a restart would keep of each replicate: its objective is negative where a check beat it. */
struct kept {
    size_t n_items, n_beaten;
};

static enum status keep(void *context, size_t item, const double results[], size_t n_values,
                        struct status_why *inner)
{
    struct kept *k = context;
    (void)item;
    (void)inner;
    k->n_items++;
    k->n_beaten = 0; /* the last pass is what counts */
    for (size_t i = P; i < n_values; i += P + 1) {
        k->n_beaten += signbit(results[i]) ? 1 : 0;
    }
    return STATUS_OK;
}

static void test_fit_replicates_that_a_check_beats_are_counted(void)
{
    struct fit f;
    struct kept kept = {0};
    const struct fit_restart restart = {.record = keep, .context = &kept};
    fit_item(ITEM_CHECKS, &restart, &f);
    CU_ASSERT_EQUAL(kept.n_items, FIT_PASSES);
    CU_ASSERT_TRUE(f.replicates_robust); /* the second pass is the robust one */
    CU_ASSERT_EQUAL(f.n_replicates, FIT_BATCH);
    CU_ASSERT_EQUAL(f.n_replicates_checked, 4); /* one in sixteen */
    CU_ASSERT(kept.n_beaten > 0);
    CU_ASSERT_EQUAL(f.n_replicates_agree, f.n_replicates_checked - kept.n_beaten);
    fit_clear(&f);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"noise floor", test_fit_noise_floor_is_the_median_absolute_deviation},
        {"gradient norm", test_fit_gradient_norm_is_that_of_the_sum},
        {"runner-up", test_fit_runner_up_and_the_ridge_to_it_are_what_a_walk_finds},
        {"starts", test_fit_counts_of_starts_are_those_of_their_list},
        {"checks", test_fit_replicates_that_a_check_beats_are_counted},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
