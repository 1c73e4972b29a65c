/* ranks: 1 3 4 */
#include "solver/base/team.h"

#include "tests/harness.h"

static void test_team_share_cuts_evenly(void)
{
    for (size_t n = 0; n <= 23; n++) {
        for (int size = 1; size <= 7; size++) {
            size_t next = 0;
            for (int rank = 0; rank < size; rank++) {
                const struct team_range r = team_share(n, rank, size);
                CU_ASSERT_EQUAL(r.begin, next);
                CU_ASSERT(r.end - r.begin == n / (size_t)size
                          || r.end - r.begin == n / (size_t)size + 1);
                next = r.end;
            }
            CU_ASSERT_EQUAL(next, n);
        }
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"share cuts evenly", test_team_share_cuts_evenly},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
