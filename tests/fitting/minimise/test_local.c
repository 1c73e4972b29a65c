#include "fitting/minimise/local.h"

#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static struct objective *make(enum fit_objective kind, double noise)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_options options = observations_options("chinchilla");
    options.objective = kind;
    observations_simulate("chinchilla", planted, 9, noise, 3, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    return o;
}

static void far_away(const struct objective *o, double z[])
{
    const double natural[] = {0.7, 30.0, 9000.0, 0.2, 0.6};
    law_transform(o->law, natural, z);
    objective_centre(o, z, z);
}

/** No point of a small cross around \a z is lower. */
static void check_minimum(const struct objective *o, const double z[])
{
    const double here = objective_value(o, z);
    for (size_t k = 0; k < 10; k++) {
        double other[LAW_MAX_PARAMETERS];
        memcpy(other, z, 5 * sizeof *other);
        other[k / 2] += k % 2 == 0 ? 1e-5 : -1e-5;
        CU_ASSERT_TRUE(objective_value(o, other) >= here);
    }
}

static void test_local_minimise_reaches_the_minimum_from_far(void)
{
    const enum fit_objective kinds[] = {FIT_HUBER, FIT_LAD, FIT_LEAST_SQUARES};
    for (size_t k = 0; k < 3; k++) {
        struct objective *o = make(kinds[k], 0.01);
        struct local_end end;
        double z[LAW_MAX_PARAMETERS];
        far_away(o, z);
        local_minimise(o, false, z, &end);
        CU_ASSERT_EQUAL(end.reason, FIT_CONVERGED);
        CU_ASSERT_EQUAL(end.objective, objective_value(o, z));
        CU_ASSERT_TRUE(end.n_evaluations > 5 && end.n_evaluations < 400);
        check_minimum(o, z);
        objective_destroy(o);
    }
}

static void test_local_minimise_warm_ends_where_cold_does(void)
{
    struct objective *o = make(FIT_HUBER, 0.01);
    struct local_end cold;
    struct local_end warm;
    double z[LAW_MAX_PARAMETERS];
    far_away(o, z);
    local_minimise(o, false, z, &cold);
    z[0] += 0.02;
    z[3] -= 0.01;
    local_minimise(o, true, z, &warm);
    HARNESS_ASSERT_REL(warm.objective, cold.objective, 1e-12);
    CU_ASSERT_TRUE(warm.n_evaluations < cold.n_evaluations);
    objective_destroy(o);
}

/* Losses without a floor: E runs to its bound and stays there, the others are optimal beside it. */
static void test_local_minimise_stops_at_a_bound(void)
{
    struct objective *o = make(FIT_LEAST_SQUARES, 0.0);
    struct local_end end;
    double z[LAW_MAX_PARAMETERS];
    bool at_bound[LAW_MAX_PARAMETERS];
    for (size_t i = 0; i < o->n; i++) {
        o->response[i] -= 1.75; /* below the true floor */
        o->target[i] = log(o->response[i]);
    }
    far_away(o, z);
    local_minimise(o, false, z, &end);
    local_bounds(o, z, at_bound);
    CU_ASSERT_EQUAL(end.reason, FIT_CONVERGED);
    CU_ASSERT_TRUE(at_bound[0]);
    CU_ASSERT_EQUAL(z[0], o->lower[0]);
    CU_ASSERT_FALSE(at_bound[1] || at_bound[2] || at_bound[3] || at_bound[4]);
    struct objective_point at;
    objective_evaluate(o, o->delta, z, &at);
    CU_ASSERT_TRUE(at.gradient[0] > 0.0);
    for (size_t i = 1; i < 5; i++) {
        CU_ASSERT_DOUBLE_EQUAL(at.gradient[i], 0.0, 1e-8);
    }
    objective_destroy(o);
}

static void test_local_minimise_moves_a_start_into_the_box(void)
{
    struct objective *o = make(FIT_HUBER, 0.01);
    struct local_end end;
    double z[] = {99.0, -99.0, 99.0, 7.0, -3.0};
    local_minimise(o, false, z, &end);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_TRUE(z[i] >= o->lower[i] && z[i] <= o->upper[i]);
    }
    CU_ASSERT_TRUE(isfinite(end.objective));
    objective_destroy(o);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"minimum", test_local_minimise_reaches_the_minimum_from_far},
        {"warm", test_local_minimise_warm_ends_where_cold_does},
        {"bound", test_local_minimise_stops_at_a_bound},
        {"box", test_local_minimise_moves_a_start_into_the_box},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
