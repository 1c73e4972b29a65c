#include "solver/formula/formula_derive.h"

#include "solver/formula/formula_program.h"
#include "tests/harness.h"

/* Value and derivative of op(x, 2.385, .71), computed by a program, at x. */
static void derive_at(enum formula_op op, size_t operand, double x, double y[2])
{
    struct status_why why;
    struct formula_graph g;
    struct formula_program *p = NULL;
    double work[4096];
    const double *columns[1] = {&x};
    double *outputs[2] = {&y[0], &y[1]};
    status_clear(&why);
    formula_graph_init(&g);
    formula_graph_id from[3] = {formula_graph_constant(&g, 2.385),
                                formula_graph_constant(&g, 2.385), formula_graph_constant(&g, .71)};
    const formula_graph_id leaf = formula_graph_input(&g, 0);
    from[operand] = leaf;
    formula_graph_id nodes[2];
    nodes[0] = formula_graph_apply(&g, op, from[0], from[1], from[2]);
    formula_derive_gradient(&g, nodes[0], 1, &leaf, &nodes[1]);
    HARNESS_ASSERT_OK(formula_program_create(&g, 1, 0, 2, nodes, &p, &why));
    CU_ASSERT_FATAL(p != NULL && formula_program_workspace(p) <= 4096);
    formula_program_prepare(p, NULL, work);
    formula_program_run(p, 1, columns, outputs, work);
    formula_program_destroy(p);
    formula_graph_clear(&g);
}

static void test_formula_derive_every_operation_matches_differences(void)
{
    static const double points[] = {.0317, .83, 1.91, 3.47, 21.3};
    for (enum formula_op op = 0; op < FORMULA_OP_N; op++) {
        for (size_t operand = 0; operand < formula_op_arity(op); operand++) {
            for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
                const double h = 1e-5 * points[i];
                double here[2], up[2], down[2];
                derive_at(op, operand, points[i], here);
                derive_at(op, operand, points[i] + h, up);
                derive_at(op, operand, points[i] - h, down);
                const double rise = (up[0] - down[0]) / (2. * h);
                CU_ASSERT_DOUBLE_EQUAL(here[1], rise, 2e-7 * (fabs(rise) + 1e-3 * fabs(here[0])));
            }
        }
    }
}

static void test_formula_derive_keeps_digits_far_out(void)
{
    double y[2];
    derive_at(FORMULA_OP_LOGISTIC, 0, 50., y); /* 1 - logistic(50) is 0 in doubles */
    HARNESS_ASSERT_REL(y[1], exp(-50.), 1e-15);
    derive_at(FORMULA_OP_LOGISTIC, 0, -900., y);
    CU_ASSERT_EQUAL(fpclassify(y[1]), FP_ZERO);
    derive_at(FORMULA_OP_TANH, 0, -20., y);
    HARNESS_ASSERT_REL(y[1], 4. * exp(-40.), 1e-14);
    derive_at(FORMULA_OP_EXPM1, 0, -40., y);
    HARNESS_ASSERT_REL(y[1], exp(-40.), 1e-15);
    derive_at(FORMULA_OP_ABS, 0, -2.385, y);
    HARNESS_ASSERT_REL(y[1], -1., 0.);
}

static void test_formula_derive_shares_and_prunes(void)
{
    struct formula_graph g;
    formula_graph_init(&g);
    const formula_graph_id a = formula_graph_parameter(&g, 0), k = formula_graph_parameter(&g, 1);
    const formula_graph_id x = formula_graph_input(&g, 0), other = formula_graph_input(&g, 1);
    const formula_graph_id e = formula_graph_apply(
        &g, FORMULA_OP_EXP, formula_graph_apply(&g, FORMULA_OP_MUL, k, x, 0), 0, 0);
    const formula_graph_id root = formula_graph_apply(&g, FORMULA_OP_MUL, a, e, 0);
    const formula_graph_id leaves[4] = {a, k, x, other};
    formula_graph_id d[4];
    const size_t before = g.n;
    formula_derive_gradient(&g, root, 4, leaves, d);
    CU_ASSERT(g.joins_exponentials);
    CU_ASSERT_EQUAL(d[0], e);
    g.joins_exponentials = false; /* as the derivatives are built */
    CU_ASSERT_EQUAL(d[1], formula_graph_apply(&g, FORMULA_OP_MUL, root, x, 0));
    CU_ASSERT_EQUAL(d[2], formula_graph_apply(&g, FORMULA_OP_MUL, root, k, 0));
    CU_ASSERT_EQUAL(d[3], 0);
    CU_ASSERT(g.n <= before + 3); /* the number 1 and two products */
    formula_derive_gradient(&g, x, 2, leaves + 1, d);
    CU_ASSERT_EQUAL(d[0], 0);
    CU_ASSERT_EQUAL(d[1], formula_graph_constant(&g, 1.));
    formula_graph_clear(&g);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"every operation matches differences",
         test_formula_derive_every_operation_matches_differences},
        {"keeps digits far out", test_formula_derive_keeps_digits_far_out},
        {"shares and prunes", test_formula_derive_shares_and_prunes},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
