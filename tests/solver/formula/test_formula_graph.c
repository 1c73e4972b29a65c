#include "solver/formula/formula_graph.h"

#include "tests/harness.h"

static formula_graph_id op(struct formula_graph *g, enum formula_op o, formula_graph_id a,
                           formula_graph_id b)
{
    return formula_graph_apply(g, o, a, b, 0);
}

static formula_graph_id number(struct formula_graph *g, double x)
{
    return formula_graph_constant(g, x);
}

static void test_formula_graph_stores_equal_nodes_once(void)
{
    struct formula_graph g;
    formula_graph_init(&g);
    const formula_graph_id x = formula_graph_input(&g, 3), p = formula_graph_parameter(&g, 3);
    CU_ASSERT_NOT_EQUAL(x, p);
    CU_ASSERT_EQUAL(formula_graph_input(&g, 3), x);
    const formula_graph_id product = op(&g, FORMULA_OP_MUL, x, p);
    const size_t n = g.n;
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MUL, p, x), product);
    CU_ASSERT_NOT_EQUAL(op(&g, FORMULA_OP_DIV, p, x), op(&g, FORMULA_OP_DIV, x, p));
    CU_ASSERT_EQUAL(g.n, n + 2);
    CU_ASSERT_EQUAL(g.nodes[product].inputs, 8);
    CU_ASSERT_EQUAL(g.nodes[product].parameters, 8);
    for (size_t i = 0; i < 300; i++) { /* the table grows and still finds them */
        (void)op(&g, FORMULA_OP_MUL, x, number(&g, 2.385 + (double)i));
    }
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MUL, p, x), product);
    formula_graph_clear(&g);
}

static void test_formula_graph_simplifies_without_changing_a_bit(void)
{
    struct formula_graph g;
    formula_graph_init(&g);
    const formula_graph_id x = formula_graph_input(&g, 0), y = formula_graph_input(&g, 1);
    const formula_graph_id minus_x = op(&g, FORMULA_OP_NEG, x, 0), one = number(&g, 1.);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_ADD, x, 0), x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_SUB, x, 0), x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_SUB, 0, x), minus_x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_SUB, x, x), 0);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_NEG, minus_x, 0), x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_ADD, y, minus_x), op(&g, FORMULA_OP_SUB, y, x));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_SUB, y, minus_x), op(&g, FORMULA_OP_ADD, x, y));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_NEG, op(&g, FORMULA_OP_SUB, x, y), 0),
                    op(&g, FORMULA_OP_SUB, y, x));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_ADD, x, x), op(&g, FORMULA_OP_MUL, number(&g, 2.), x));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MUL, x, 0), 0);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MUL, x, one), x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MUL, number(&g, -1.), x), minus_x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MUL, minus_x, op(&g, FORMULA_OP_NEG, y, 0)),
                    op(&g, FORMULA_OP_MUL, x, y));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_DIV, minus_x, y),
                    op(&g, FORMULA_OP_NEG, op(&g, FORMULA_OP_DIV, x, y), 0));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_DIV, x, one), x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_DIV, x, number(&g, -1.)), minus_x);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_DIV, 0, x), 0);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MIN, x, x), x);
    CU_ASSERT_EQUAL(formula_graph_apply(&g, FORMULA_OP_SELECT, one, x, y), x);
    CU_ASSERT_EQUAL(formula_graph_apply(&g, FORMULA_OP_SELECT, 0, x, y), y);
    CU_ASSERT_EQUAL(formula_graph_apply(&g, FORMULA_OP_SELECT, x, y, y), y);
    formula_graph_clear(&g);
}

static void test_formula_graph_folds_constants(void)
{
    struct formula_graph g;
    double value;
    formula_graph_init(&g);
    const formula_graph_id x = op(&g, FORMULA_OP_EXP, number(&g, 2.385), 0);
    CU_ASSERT(formula_graph_is_constant(&g, x, &value));
    HARNESS_ASSERT_REL(value, exp(2.385), 2e-16);
    CU_ASSERT(formula_graph_is_constant(
        &g, formula_graph_power(&g, number(&g, -3.), number(&g, 5.)), &value));
    HARNESS_ASSERT_REL(value, -243., 0.);
    CU_ASSERT(!formula_graph_is_constant(&g, formula_graph_parameter(&g, 0), &value));
    formula_graph_clear(&g);
}

static size_t count(const struct formula_graph *g, enum formula_op o)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        n += g->nodes[i].kind == FORMULA_GRAPH_OPERATION && g->nodes[i].op == o ? 1 : 0;
    }
    return n;
}

static void test_formula_graph_joins_exponentials_where_wanted(void)
{
    struct formula_graph g;
    formula_graph_init(&g);
    const formula_graph_id u = formula_graph_input(&g, 0), v = formula_graph_input(&g, 1);
    const formula_graph_id c = formula_graph_parameter(&g, 0), d = formula_graph_parameter(&g, 1);
    const formula_graph_id n = op(&g, FORMULA_OP_EXP, u, 0), m = op(&g, FORMULA_OP_EXP, v, 0);
    const formula_graph_id cn = op(&g, FORMULA_OP_MUL, c, n), dm = op(&g, FORMULA_OP_MUL, d, m);
    const formula_graph_id joined = op(&g, FORMULA_OP_MUL, op(&g, FORMULA_OP_DIV, c, d),
                                       op(&g, FORMULA_OP_EXP, op(&g, FORMULA_OP_SUB, u, v), 0));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_DIV, cn, dm), joined);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_LOG, cn, 0),
                    op(&g, FORMULA_OP_ADD, op(&g, FORMULA_OP_LOG, c, 0), u));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_LOG, n, 0), u);
    CU_ASSERT_EQUAL(formula_graph_power(&g, n, d),
                    op(&g, FORMULA_OP_EXP, op(&g, FORMULA_OP_MUL, d, u), 0));
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_SQRT, n, 0),
                    op(&g, FORMULA_OP_EXP, op(&g, FORMULA_OP_MUL, number(&g, .5), u), 0));
    const size_t before = count(&g, FORMULA_OP_EXP);
    g.joins_exponentials = false;
    const formula_graph_id product = op(&g, FORMULA_OP_MUL, n, m);
    CU_ASSERT_EQUAL(g.nodes[product].op, FORMULA_OP_MUL);
    CU_ASSERT_EQUAL(count(&g, FORMULA_OP_EXP), before);
    formula_graph_clear(&g);
}

static void test_formula_graph_powers_are_chains_where_small_and_whole(void)
{
    static const struct {
        double exponent;
        size_t muls, divs, roots, logs;
    } rows[] = {{2., 1, 0, 0, 0},  {3., 2, 0, 0, 0},   {16., 4, 0, 0, 0}, {-7., 4, 1, 0, 0},
                {0., 0, 0, 0, 0},  {1., 0, 0, 0, 0},   {.5, 0, 0, 1, 0},  {-.5, 0, 1, 1, 0},
                {17., 1, 0, 0, 1}, {2.385, 1, 0, 0, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct formula_graph g;
        formula_graph_init(&g);
        (void)formula_graph_power(&g, formula_graph_input(&g, 0), number(&g, rows[i].exponent));
        CU_ASSERT_EQUAL(count(&g, FORMULA_OP_MUL), rows[i].muls);
        CU_ASSERT_EQUAL(count(&g, FORMULA_OP_DIV), rows[i].divs);
        CU_ASSERT_EQUAL(count(&g, FORMULA_OP_SQRT), rows[i].roots);
        CU_ASSERT_EQUAL(count(&g, FORMULA_OP_LOG), rows[i].logs);
        formula_graph_clear(&g);
    }
}

static void test_formula_graph_copies_and_stops_at_its_size(void)
{
    struct formula_graph g, copy;
    formula_graph_init(&g);
    const formula_graph_id x = formula_graph_input(&g, 0);
    formula_graph_copy(&copy, &g);
    (void)op(&copy, FORMULA_OP_EXP, x, 0);
    CU_ASSERT_EQUAL(copy.n, g.n + 1);
    CU_ASSERT_EQUAL(formula_graph_input(&copy, 0), x);
    formula_graph_clear(&copy);
    for (size_t i = 0; i < FORMULA_GRAPH_MAX_NODES; i++) {
        (void)op(&g, FORMULA_OP_MUL, x, number(&g, 2.385 + (double)i));
    }
    CU_ASSERT_EQUAL(g.trouble, FORMULA_GRAPH_SIZE);
    CU_ASSERT_EQUAL(op(&g, FORMULA_OP_MUL, x, x), 0);
    formula_graph_copy(&copy, &g);
    CU_ASSERT_EQUAL(copy.trouble, FORMULA_GRAPH_SIZE);
    formula_graph_clear(&copy);
    formula_graph_clear(&g);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"stores equal nodes once", test_formula_graph_stores_equal_nodes_once},
        {"simplifies without changing a bit", test_formula_graph_simplifies_without_changing_a_bit},
        {"folds constants", test_formula_graph_folds_constants},
        {"joins exponentials where wanted", test_formula_graph_joins_exponentials_where_wanted},
        {"powers are chains where small and whole",
         test_formula_graph_powers_are_chains_where_small_and_whole},
        {"copies and stops at its size", test_formula_graph_copies_and_stops_at_its_size},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
