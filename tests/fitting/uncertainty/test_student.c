#include "fitting/uncertainty/student.h"

#include "tests/harness.h"

/* From printed tables of Student's distribution, two-sided. */
static void test_student_quantile_has_tabulated_values(void)
{
    static const struct {
        double confidence;
        size_t freedom;
        double t;
    } cases[] = {
        {0.95, 1, 12.7062047362}, {0.95, 2, 4.3026527297},  {0.95, 3, 3.1824463053},
        {0.95, 8, 2.3060041352},  {0.95, 13, 2.1603686565}, {0.5, 1, 1.0},
        {0.8, 5, 1.4758840488},   {0.99, 4, 4.6040948713},  {0.9, 30, 1.6972608866},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        HARNESS_ASSERT_REL(student_quantile(cases[i].confidence, cases[i].freedom), cases[i].t,
                           1e-10);
    }
}

static void test_student_quantile_tends_to_the_normal_one(void)
{
    CU_ASSERT_DOUBLE_EQUAL(student_quantile(0.95, 20001), 1.959963984540054, 2e-4);
    CU_ASSERT_TRUE(student_quantile(0.95, 20001) > 1.959963984540054);
    CU_ASSERT_TRUE(isinf(student_quantile(0.95, 0)));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"tabulated", test_student_quantile_has_tabulated_values},
        {"normal", test_student_quantile_tends_to_the_normal_one},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
