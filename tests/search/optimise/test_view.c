#include "search/optimise/view.h"

#include "tests/harness.h"
#include "tests/search/optimise/problems.h"

static void test_view_point_is_exact_at_bounds_and_inverts(void)
{
    const struct allocate_problem p = {.n_variables = 2,
                                       .variables = {{0.37, 8.1e11, true}, {-3.25, 0.75, false}}};
    const struct view v = view_of(&p);
    const double corner[] = {1.0, 0.0}, inside[] = {0.271, 0.63};
    double x[2], u[2];
    view_point(&v, corner, x);
    CU_ASSERT_EQUAL(x[0], 8.1e11);
    CU_ASSERT_EQUAL(x[1], -3.25);
    view_point(&v, inside, x);
    HARNESS_ASSERT_REL(x[0], 0.37 * pow(8.1e11 / 0.37, 0.271), 1e-13);
    HARNESS_ASSERT_REL(x[1], -3.25 + 0.63 * 4.0, 1e-14);
    view_coordinates(&v, x, u);
    HARNESS_ASSERT_REL(u[0], inside[0], 1e-14);
    HARNESS_ASSERT_REL(u[1], inside[1], 1e-14);
}

static void three_outcomes(const void *context, const double x[], double values[])
{
    (void)context;
    values[0] = -1.5;
    values[1] = x[0];
    values[2] = x[0] < 2.0 ? (double)NAN : 4.0 - x[0];
}

static void test_view_evaluate_makes_rows_of_limits(void)
{
    const struct allocate_problem p = {
        .n_variables = 1,
        .variables = {{1.0, 9.0, false}},
        .n_limits = 2,
        .limits = {{2.5, 3.5}, {-0.5, -0.5}},
        .maximise = true,
        .evaluate = three_outcomes,
    };
    struct view v = view_of(&p);
    struct view_value value, other;
    double u = (3.8 - 1.0) / 8.0;
    CU_ASSERT_EQUAL(v.n_rows, 3);
    view_evaluate(&v, &u, &value);
    HARNESS_ASSERT_REL(value.objective, 1.5, 1e-15); /* maximised: negated */
    HARNESS_ASSERT_REL(value.row[0], log(3.8 / 3.5), 1e-12);
    HARNESS_ASSERT_REL(value.row[1], -log(3.8 / 2.5), 1e-12);
    HARNESS_ASSERT_REL(value.row[2], (0.2 + 0.5) / 0.5, 1e-12);
    HARNESS_ASSERT_REL(value.worst, 1.4, 1e-12);
    u = 0.01; /* an outcome that does not exist is outside of everything */
    view_evaluate(&v, &u, &other);
    CU_ASSERT_TRUE(isinf(other.worst) && isinf(other.objective));
    CU_ASSERT_TRUE(view_is_better(&value, &other));
    CU_ASSERT_FALSE(view_is_better(&other, &value));
    CU_ASSERT_EQUAL(v.evaluations, 2);
}

static void test_view_derivatives_agree_with_analysis(void)
{
    const struct allocate_problem p = problems_box();
    struct view v = view_of(&p);
    const double u[] = {0.613, 0.402, 0.551};
    double x[3], gradient[ALLOCATE_MAX_VARIABLES], span[3];
    double row[VIEW_MAX_ROWS][ALLOCATE_MAX_VARIABLES];
    double hessian[ALLOCATE_MAX_VARIABLES][ALLOCATE_MAX_VARIABLES];
    const double multiplier[] = {2.7};
    view_point(&v, u, x);
    CU_ASSERT_TRUE(view_gradient(&v, u, gradient, row));
    CU_ASSERT_TRUE(view_hessian(&v, u, multiplier, 0, hessian));
    double sum = 0.0;
    for (int i = 0; i < 3; i++) {
        sum += problems_price[i] * x[i];
        span[i] = log(p.variables[i].upper / p.variables[i].lower);
    }
    for (int i = 0; i < 3; i++) { /* objective ln(sum); row -ln(volume / V) */
        const double share = problems_price[i] * x[i] / sum;
        HARNESS_ASSERT_REL(gradient[i], share * span[i], 1e-11);
        HARNESS_ASSERT_REL(row[0][i], -span[i], 1e-11);
        for (int j = 0; j < 3; j++) {
            const double other = problems_price[j] * x[j] / sum;
            const double second = (i == j ? share : 0.0) - share * other;
            CU_ASSERT_DOUBLE_EQUAL(hessian[i][j], second * span[i] * span[j],
                                   1e-3 * fabs(second) * span[i] * span[j]);
        }
    }
    const double edge[] = {0.613, 1.0, 0.551}; /* one-sided at the bound */
    view_point(&v, edge, x);
    sum = problems_price[0] * x[0] + problems_price[1] * x[1] + problems_price[2] * x[2];
    CU_ASSERT_TRUE(view_gradient(&v, edge, gradient, row));
    HARNESS_ASSERT_REL(gradient[1], problems_price[1] * x[1] / sum * span[1], 1e-6);
    CU_ASSERT_FALSE(view_hessian(&v, edge, multiplier, 0, hessian));
    CU_ASSERT_TRUE(view_hessian(&v, edge, multiplier, 2, hessian));
    CU_ASSERT_EQUAL(hessian[1][1], 0.0);
}

static void test_view_answer_tells_bounds_and_limits(void)
{
    const struct allocate_problem p = problems_box();
    struct view v = view_of(&p);
    struct allocate_answer answer;
    const double u[] = {0.0, 1.0, 0.3};
    view_answer(&v, u, ALLOCATE_NLOPT, &answer);
    CU_ASSERT_EQUAL(answer.at_lower, 1);
    CU_ASSERT_EQUAL(answer.at_upper, 2);
    CU_ASSERT_EQUAL(answer.reason, ALLOCATE_INFEASIBLE);
    HARNESS_ASSERT_REL(answer.residual, log(PROBLEMS_VOLUME / answer.values[1]), 1e-12);
    CU_ASSERT_EQUAL(answer.binding, 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"point", test_view_point_is_exact_at_bounds_and_inverts},
        {"rows", test_view_evaluate_makes_rows_of_limits},
        {"derivatives", test_view_derivatives_agree_with_analysis},
        {"answer", test_view_answer_tells_bounds_and_limits},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
