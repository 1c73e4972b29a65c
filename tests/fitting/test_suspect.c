/* ranks: 1 */
#include "fitting/suspect.h"

#include <math.h>
#include <string.h>

#include "tests/harness.h"

/* By hand for the groups (1.1, 1.3, 0.9), (2.2, 2.6), (0.4, 0.1, 0.2, 0.3): means 1.1, 2.4, 0.25,
 * of all 9.1 / 9. With two degrees of freedom between, p is (1 + 2 F / 6)^-3 in closed form. */
static void test_suspect_split_is_the_analysis_of_variance(void)
{
    static const double value[] = {1.1, 2.2, 0.4, 1.3, 0.1, 2.6, 0.9, 0.2, 0.3};
    static const size_t level[] = {0, 1, 2, 0, 2, 1, 0, 2, 2};
    const struct suspect_split s = suspect_split(9, value, 3, level);
    const double msb = 6.1988888888888898 / 2.0, msw = 0.21 / 6.0, m = (9.0 - 29.0 / 9.0) / 2.0;
    HARNESS_ASSERT_REL(s.mean_size, m, 1e-12);
    HARNESS_ASSERT_REL(s.intraclass, (msb - msw) / (msb + (m - 1.0) * msw), 1e-12);
    HARNESS_ASSERT_REL(s.p, pow(1.0 + 2.0 * msb / msw / 6.0, -3.0), 1e-9);
    HARNESS_ASSERT_REL(s.sd_between, sqrt((msb - msw) / m), 1e-12);
}

static void test_suspect_split_of_equal_means_is_none(void)
{
    static const double value[] = {1.0, 3.0, 1.5, 2.5, 0.5, 3.5};
    static const size_t level[] = {0, 0, 1, 1, 2, 2};
    const struct suspect_split s = suspect_split(6, value, 3, level);
    CU_ASSERT(s.intraclass < 0.0 && s.intraclass > -1.01);
    HARNESS_ASSERT_REL(s.p, 1.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(s.sd_between, 0.0, 0.0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"split_is_the_analysis_of_variance", test_suspect_split_is_the_analysis_of_variance},
        {"split_of_equal_means_is_none", test_suspect_split_of_equal_means_is_none},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
