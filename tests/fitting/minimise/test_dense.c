#include "fitting/minimise/dense.h"

#include <string.h>

#include "tests/harness.h"

/* Symmetric, positive definite; the solution of A x = b is {1.5, -2.25, 0.7}. */
static const double spd[] = {4.1, 1.2, -0.4, 1.2, 3.3, 0.9, -0.4, 0.9, 2.7};
static const double wanted[] = {1.5, -2.25, 0.7};

static void multiply(const double a[], const double x[], double b[])
{
    for (size_t i = 0; i < 3; i++) {
        b[i] = 0.0;
        for (size_t j = 0; j < 3; j++) {
            b[i] += a[i * 3 + j] * x[j];
        }
    }
}

static void test_dense_solve_finds_the_solution(void)
{
    double a[9];
    double x[3];
    memcpy(a, spd, sizeof a);
    multiply(spd, wanted, x);
    CU_ASSERT_TRUE(dense_solve(3, a, x));
    for (size_t i = 0; i < 3; i++) {
        HARNESS_ASSERT_REL(x[i], wanted[i], 1e-14);
    }
}

static void test_dense_solve_refuses_what_is_not_positive_definite(void)
{
    double indefinite[] = {1.0, 2.0, 2.0, 1.0};
    double singular[] = {1.0, 3.0, 3.0, 9.0};
    double x[] = {0.3, 0.7};
    CU_ASSERT_FALSE(dense_solve(2, indefinite, x));
    CU_ASSERT_FALSE(dense_solve(2, singular, x));
}

static void test_dense_invert_times_the_matrix_is_one(void)
{
    double a[9];
    double inverse[9];
    memcpy(a, spd, sizeof a);
    CU_ASSERT_TRUE(dense_invert(3, a, inverse));
    for (size_t j = 0; j < 3; j++) {
        double column[3];
        double product[3];
        for (size_t i = 0; i < 3; i++) {
            column[i] = inverse[i * 3 + j];
        }
        multiply(spd, column, product);
        for (size_t i = 0; i < 3; i++) {
            CU_ASSERT_DOUBLE_EQUAL(product[i], i == j ? 1.0 : 0.0, 1e-14);
        }
    }
}

static void test_dense_eliminate_needs_pivots(void)
{
    const double matrix[] = {0.0, 2.0, 0.3, 1.7, 0.1, -1.1, 0.6, 5.0, 0.0};
    double a[9];
    double x[3];
    memcpy(a, matrix, sizeof a);
    multiply(matrix, wanted, x);
    CU_ASSERT_TRUE(dense_eliminate(3, a, x));
    for (size_t i = 0; i < 3; i++) {
        HARNESS_ASSERT_REL(x[i], wanted[i], 1e-13);
    }
    double singular[] = {1.0, 3.0, 2.0, 6.0};
    CU_ASSERT_FALSE(dense_eliminate(2, singular, x));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"solve", test_dense_solve_finds_the_solution},
        {"refuse", test_dense_solve_refuses_what_is_not_positive_definite},
        {"invert", test_dense_invert_times_the_matrix_is_one},
        {"eliminate", test_dense_eliminate_needs_pivots},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
