#include "solver/tables.h"

#include "tests/harness.h"

/* Three axes of 2, 3 and 2 levels; E + A(x) + B(y, z), and (a(x) b(y) + c(z)) r(y) rounded up. */
static const double a_of_x[] = {1.5, 2.5}, b_of_y[] = {3.0, 5.0, 7.0}, c_of_z[] = {0.25, 0.5},
                    r_of_y[] = {10.0, 20.0, 30.0},
                    yz[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}; /* [3][2] */

static void test_tables_sum_their_products(void)
{
    const struct tables_outcome o = {
        .n_products = 2, .products = {{1, {{a_of_x, {1, 0, 0}}}}, {1, {{yz, {0, 2, 1}}}}}};
    const size_t levels[] = {1, 2, 0};
    CU_ASSERT_EQUAL(tables_value(&o, 3, levels), 2.5 + 0.5);
}

static void test_tables_multiply_the_sum_by_the_rate_and_round_up(void)
{
    struct tables_outcome o = {
        .n_products = 2,
        .products = {{2, {{a_of_x, {1, 0, 0}}, {b_of_y, {0, 1, 0}}}}, {1, {{c_of_z, {0, 0, 1}}}}},
        .has_rate = true,
        .rate = {r_of_y, {0, 1, 0}}};
    const size_t levels[] = {0, 1, 1};
    CU_ASSERT_EQUAL(tables_value(&o, 3, levels), (1.5 * 5.0 + 0.5) * 20.0);
    o.rounds = true;
    const size_t other[] = {0, 0, 0};
    CU_ASSERT_EQUAL(tables_value(&o, 3, other), 48.0); /* 47.5 */
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"sum_their_products", test_tables_sum_their_products},
                           {"multiply_the_sum_by_the_rate_and_round_up",
                            test_tables_multiply_the_sum_by_the_rate_and_round_up},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
