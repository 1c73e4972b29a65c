#include "fitting/minimise/held.h"

#include "fitting/minimise/local.h"
#include "fitting/minimise/start.h"
#include "solver/base/vmath.h"
#include "solver/optimum.h"
#include "tests/fitting/observations.h"

static struct observations runs; /* large: not on the stack */

static struct objective *make(enum fit_objective kind, double best[])
{
    static const double natural[] = {1.713, 412.3, 1381.9, 0.3391, 0.3317};
    struct objective *o = NULL;
    struct status_why why;
    struct fit_options options = observations_options("chinchilla");
    struct local_end end;
    options.objective = kind;
    observations_simulate("chinchilla", natural, 7, 0.02, 3, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    start_find(o, 5, 12, best);
    local_minimise(o, false, best, &end);
    return o;
}

/** ln N* at 1.3e22 FLOP: a curved figure of four of the five parameters. */
static double log_params(const struct held *held, const double z[])
{
    double theta[LAW_MAX_PARAMETERS];
    struct optimum best;
    objective_uncentre(held->o, z, theta);
    return optimum_at(held->o->law, theta, held->compute_flop, &best) ? vmath_log1(best.params)
                                                                      : (double)NAN;
}

static void test_held_parameter_is_theta(void)
{
    double z[LAW_MAX_PARAMETERS];
    double theta[LAW_MAX_PARAMETERS];
    struct objective *o = make(FIT_HUBER, z);
    objective_uncentre(o, z, theta);
    for (size_t i = 0; i < 5; i++) {
        struct held held;
        held_parameter(o, i, &held);
        HARNESS_ASSERT_REL(held_value(&held, z), theta[i], 1e-14);
    }
    objective_destroy(o);
}

static void test_held_restore_moves_the_pivot_alone(void)
{
    double z[LAW_MAX_PARAMETERS];
    double moved[LAW_MAX_PARAMETERS];
    struct objective *o = make(FIT_HUBER, z);
    struct held held = {.o = o, .value = log_params, .compute_flop = 1.3e22};
    held.target = held_value(&held, z) + 0.317;
    size_t pivot = held_pivot(&held, z);
    CU_ASSERT_NOT_EQUAL(pivot, 0); /* the floor moves no optimum */
    memcpy(moved, z, sizeof moved);
    CU_ASSERT_EQUAL(held_restore(&held, &pivot, moved), HELD_FOUND);
    HARNESS_ASSERT_REL(held_value(&held, moved), held.target, 1e-12);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(i == pivot, memcmp(&moved[i], &z[i], sizeof z[i]) != 0);
    }
    held_parameter(o, 3, &held);
    held.target = o->upper[3] + 0.01;
    pivot = 3;
    CU_ASSERT_EQUAL(held_restore(&held, &pivot, moved), HELD_BOX);
    objective_destroy(o);
}

/** ln A is z_A plus alpha times the centre: beyond what alpha alone can give, z_A takes over. */
static void test_held_restore_moves_on_to_another_pivot_at_a_bound(void)
{
    double z[LAW_MAX_PARAMETERS];
    double moved[LAW_MAX_PARAMETERS];
    struct objective *o = make(FIT_HUBER, z);
    struct held held;
    size_t pivot = 3;
    held_parameter(o, 1, &held);
    memcpy(moved, z, sizeof moved);
    moved[3] = o->upper[3];
    held.target = held_value(&held, moved) + 0.731;
    memcpy(moved, z, sizeof moved);
    CU_ASSERT_EQUAL(held_restore(&held, &pivot, moved), HELD_FOUND);
    CU_ASSERT_EQUAL(pivot, 1);
    HARNESS_ASSERT_REL(held_value(&held, moved), held.target, 1e-12);
    CU_ASSERT_EQUAL(moved[3], o->upper[3]);
    HARNESS_ASSERT_REL(moved[1], z[1] + 0.731, 1e-10);
    memcpy(moved, z, sizeof moved);
    moved[1] = o->upper[1];
    moved[3] = o->upper[3];
    held.target = held_value(&held, moved) + 0.1; /* both bounds are short of it */
    memcpy(moved, z, sizeof moved);
    pivot = 3;
    CU_ASSERT_EQUAL(held_restore(&held, &pivot, moved), HELD_BOX);
    objective_destroy(o);
}

/** A step that is flat on both sides: the tangent at the start leads far out of the box. */
static double step_of_alpha(const struct held *held, const double z[])
{
    (void)held;
    return atan(40.0 * (z[3] - 0.6137));
}

/** The logarithm has no value where the tangent leads. */
static double log_of_alpha(const struct held *held, const double z[])
{
    (void)held;
    return z[3] > 0.173 ? log(z[3] - 0.173) : (double)NAN;
}

static void test_held_restore_stays_in_its_bracket(void)
{
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(FIT_HUBER, z);
    struct held held = {.o = o, .value = step_of_alpha, .target = 0.0};
    size_t pivot = 3;
    z[3] = 1.83;
    CU_ASSERT_EQUAL(held_restore(&held, &pivot, z), HELD_FOUND);
    CU_ASSERT_EQUAL(pivot, 3);
    HARNESS_ASSERT_REL(z[3], 0.6137, 1e-9);
    held.value = log_of_alpha;
    held.target = log(0.0021);
    z[3] = 1.83;
    CU_ASSERT_EQUAL(held_restore(&held, &pivot, z), HELD_FOUND);
    HARNESS_ASSERT_REL(z[3], 0.1751, 1e-9);
    objective_destroy(o);
}

/** A parameter at a bound is a pivot only if no other can be. */
static void test_held_pivot_avoids_bounds(void)
{
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(FIT_HUBER, z);
    struct held held;
    held_parameter(o, 1, &held); /* ln A, of z_A and alpha */
    CU_ASSERT_EQUAL(held_pivot(&held, z), 3);
    z[3] = o->lower[3];
    CU_ASSERT_EQUAL(held_pivot(&held, z), 1);
    held_parameter(o, 3, &held);
    CU_ASSERT_EQUAL(held_pivot(&held, z), 3);
    objective_destroy(o);
}

/** Value of the objective on the surface of the figure, with z[i] moved and the pivot following. */
static double on_surface(const struct held *held, size_t pivot, const double z[], size_t i,
                         double by_i, size_t j, double by_j)
{
    double there[LAW_MAX_PARAMETERS];
    struct objective_point at;
    memcpy(there, z, sizeof there);
    there[i] += by_i;
    there[j] += by_j;
    CU_ASSERT_EQUAL(held_restore(held, &pivot, there), HELD_FOUND);
    objective_evaluate(held->o, 0.1, there, &at);
    return at.value;
}

static void check_derivatives(const struct held *held, const double z[])
{
    struct objective_point at;
    const size_t pivot = held_pivot(held, z);
    const double h = 1e-4;
    objective_evaluate(held->o, 0.1, z, &at);
    held_fold(held, pivot, z, &at);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_TRUE(i != pivot || fabs(at.gradient[i]) <= 0.0);
        const double slope =
            (on_surface(held, pivot, z, i, h, i, 0.0) - on_surface(held, pivot, z, i, -h, i, 0.0))
            / (2.0 * h);
        CU_ASSERT_DOUBLE_EQUAL(i == pivot ? 0.0 : slope, at.gradient[i], 1e-6);
        for (size_t j = 0; j < 5 && i != pivot; j++) {
            const double curve =
                (on_surface(held, pivot, z, i, h, j, h) - on_surface(held, pivot, z, i, h, j, -h)
                 - on_surface(held, pivot, z, i, -h, j, h)
                 + on_surface(held, pivot, z, i, -h, j, -h))
                / (4.0 * h * h);
            CU_ASSERT_DOUBLE_EQUAL(j == pivot ? 0.0 : curve, at.hessian[5 * i + j], 2e-4);
        }
    }
}

static void test_held_fold_is_the_derivative_on_the_surface(void)
{
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(FIT_LEAST_SQUARES, z);
    struct held held = {.o = o, .value = log_params, .compute_flop = 1.3e22};
    z[0] += 0.05; /* not at the optimum, where the multiplier would be zero */
    z[3] += 0.02;
    held.target = held_value(&held, z);
    check_derivatives(&held, z);
    held_parameter(o, 2, &held);
    held.target = held_value(&held, z);
    check_derivatives(&held, z);
    objective_destroy(o);
}

/** At a held optimum every objective rises in all directions that keep the figure. */
static void test_local_minimise_held_ends_at_a_minimum(void)
{
    static const enum fit_objective kinds[] = {FIT_HUBER, FIT_LAD, FIT_LEAST_SQUARES};
    for (size_t k = 0; k < 3; k++) {
        double best[LAW_MAX_PARAMETERS];
        double z[LAW_MAX_PARAMETERS];
        struct objective *o = make(kinds[k], best);
        struct local_end end;
        struct held held = {.o = o, .value = log_params, .compute_flop = 1.3e22};
        held.target = held_value(&held, best) + 0.05;
        memcpy(z, best, sizeof z);
        local_minimise_held(o, &held, true, z, &end);
        CU_ASSERT_NOT_EQUAL(end.reason, FIT_DIVERGED);
        HARNESS_ASSERT_REL(held_value(&held, z), held.target, 1e-10);
        CU_ASSERT_TRUE(end.objective > objective_value(o, best));
        const size_t pivot = held_pivot(&held, z);
        for (size_t i = 0; i < 10; i++) {
            double near[LAW_MAX_PARAMETERS];
            memcpy(near, z, sizeof near);
            near[i / 2] += i % 2 == 0 ? 1e-4 : -1e-4;
            if (i / 2 == pivot) {
                continue;
            }
            size_t follower = pivot;
            CU_ASSERT_EQUAL(held_restore(&held, &follower, near), HELD_FOUND);
            const double slack = kinds[k] == FIT_LAD ? 1e-4 : 1e-9;
            CU_ASSERT_TRUE(objective_value(o, near) >= end.objective * (1.0 - slack));
        }
        objective_destroy(o);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"parameter", test_held_parameter_is_theta},
        {"restore", test_held_restore_moves_the_pivot_alone},
        {"next pivot", test_held_restore_moves_on_to_another_pivot_at_a_bound},
        {"bracket", test_held_restore_stays_in_its_bracket},
        {"pivot", test_held_pivot_avoids_bounds},
        {"fold", test_held_fold_is_the_derivative_on_the_surface},
        {"minimum", test_local_minimise_held_ends_at_a_minimum},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
