#include "fitting/minimise/vertex.h"

#include "fitting/minimise/local.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.74, 1620.0, 0.1647};
static const bool all_free[LAW_MAX_PARAMETERS] = {true, true, true};

static struct objective *make(double noise)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_options options = observations_options("power_compute");
    options.objective = FIT_LAD;
    observations_simulate("power_compute", planted, 5, noise, 5, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    return o;
}

static size_t count_zeros(const struct objective *o, const double z[])
{
    double r[OBSERVATIONS_MAX];
    size_t n = 0;
    objective_residuals(o, z, r);
    for (size_t i = 0; i < o->n; i++) {
        n += fabs(r[i]) < 1e-12;
    }
    return n;
}

static void test_vertex_descend_ends_where_as_many_residuals_are_zero_as_parameters(void)
{
    struct objective *o = make(0.02);
    double z[LAW_MAX_PARAMETERS];
    law_transform(o->law, planted, z);
    objective_centre(o, z, z);
    const double before = objective_value(o, z);
    for (size_t i = 1; i < o->n; i++) { /* inputs all different: the simulated repeat each budget */
        o->x[0][i] += 1e-3 * (double)i;
    }
    CU_ASSERT_TRUE(vertex_descend(o, all_free, z));
    CU_ASSERT_TRUE(objective_value(o, z) < before + 0.1);
    CU_ASSERT_EQUAL(count_zeros(o, z), 3);
    objective_destroy(o);
}

/* No vertex through any three of the observations is better: the walk along edges found the best of
 * 2,300, though it began at an arbitrary point. */
static void check_best_vertex(struct objective *o)
{
    double z[LAW_MAX_PARAMETERS];
    for (size_t i = 1; i < o->n; i++) {
        o->x[0][i] += 1e-3 * (double)i;
    }
    o->n = 24;
    law_transform(o->law, planted, z);
    objective_centre(o, z, z);
    struct local_end end;
    local_minimise(o, false, z, &end);
    CU_ASSERT_EQUAL(end.reason, FIT_CONVERGED);
    size_t n_better = 0;
    for (size_t i = 0; i < 400; i++) { /* other starts lead to no better one */
        double other[LAW_MAX_PARAMETERS];
        memcpy(other, z, sizeof other);
        other[0] += 0.004 * ((double)(i % 20) - 9.5);
        other[2] += 0.002 * ((double)(i / 20) - 9.5);
        (void)vertex_descend(o, all_free, other);
        n_better += objective_value(o, other) < end.objective * (1.0 - 1e-9);
    }
    CU_ASSERT_EQUAL(n_better, 0);
    CU_ASSERT_EQUAL(count_zeros(o, z), 3);
    objective_destroy(o);
}

static void test_vertex_descend_finds_the_best_of_all_vertices(void)
{
    check_best_vertex(make(0.02));
    struct objective *o = make(0.02);
    o->over_prediction = 4.3;
    o->has_errors = true;
    for (size_t i = 0; i < o->n; i++) {
        o->weight[i] = 0.4 + 0.3 * (double)(i % 5);
        o->error[i] = 0.6 + 0.2 * (double)(i % 4);
    }
    check_best_vertex(o);
}

/* Only the floor is free: the minimum is that of the best of all candidates, each of which makes
 * one residual zero; with logarithms of the response the residual is monotone in the floor. */
static void test_vertex_descend_of_one_parameter_is_a_weighted_quantile(void)
{
    struct objective *o = make(0.02);
    const bool some[LAW_MAX_PARAMETERS] = {true, false, false};
    double z[LAW_MAX_PARAMETERS];
    double other[LAW_MAX_PARAMETERS];
    o->over_prediction = 6.1;
    for (size_t i = 0; i < o->n; i++) {
        o->weight[i] = 0.4 + 0.3 * (double)(i % 5);
    }
    law_transform(o->law, planted, z);
    objective_centre(o, z, z);
    memcpy(other, z, sizeof other);
    CU_ASSERT_TRUE(vertex_descend(o, some, z));
    CU_ASSERT_EQUAL(count_zeros(o, z), 1);
    double best = (double)INFINITY;
    for (size_t i = 0; i < o->n; i++) {
        double x[LAW_MAX_INPUTS] = {o->x[0][i]};
        const double predicted = o->law->value(o->law, other, x, NULL, NULL, NULL);
        double candidate[LAW_MAX_PARAMETERS];
        memcpy(candidate, other, sizeof candidate);
        candidate[0] = log(exp(other[0]) + o->response[i] - predicted);
        const double sum = objective_value(o, candidate);
        best = sum < best ? sum : best;
    }
    HARNESS_ASSERT_REL(objective_value(o, z), best, 1e-12);
    objective_destroy(o);
}

static void test_vertex_descend_leaves_a_bound_parameter_alone(void)
{
    struct objective *o = make(0.02);
    double z[LAW_MAX_PARAMETERS];
    const bool some[LAW_MAX_PARAMETERS] = {false, true, true};
    for (size_t i = 1; i < o->n; i++) {
        o->x[0][i] += 1e-3 * (double)i;
    }
    law_transform(o->law, planted, z);
    objective_centre(o, z, z);
    const double held = z[0];
    (void)vertex_descend(o, some, z);
    CU_ASSERT_EQUAL(z[0], held);
    objective_destroy(o);
}

/* Each budget holds equal inputs, so rows with equal gradients: a vertex through two such rows does
 * not exist, and nothing may break. */
static void test_vertex_descend_survives_equal_inputs(void)
{
    struct objective *o = make(0.02);
    double z[LAW_MAX_PARAMETERS];
    law_transform(o->law, planted, z);
    objective_centre(o, z, z);
    const double before = objective_value(o, z);
    (void)vertex_descend(o, all_free, z);
    CU_ASSERT_TRUE(objective_value(o, z) <= before);
    objective_destroy(o);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"vertex", test_vertex_descend_ends_where_as_many_residuals_are_zero_as_parameters},
        {"best", test_vertex_descend_finds_the_best_of_all_vertices},
        {"quantile", test_vertex_descend_of_one_parameter_is_a_weighted_quantile},
        {"bound", test_vertex_descend_leaves_a_bound_parameter_alone},
        {"equal inputs", test_vertex_descend_survives_equal_inputs},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
