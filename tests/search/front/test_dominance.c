#include "search/front/dominance.h"

#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"
#include "tests/search/front/brute.h"

enum { N = 64, ROOM = 67, N_KILLERS = 5 };

/* [8][ROOM] columns and [N_KILLERS][m] killers, with many ties. */
static void fill(uint64_t seed, size_t m, double x[], double killers[])
{
    struct rng r;
    rng_init(&r, 11, RNG_TEST, seed);
    for (size_t i = 0; i < m * ROOM; i++) {
        x[i] = (double)rng_below(&r, 4);
    }
    for (size_t i = 0; i < N_KILLERS * m; i++) {
        killers[i] = (double)rng_below(&r, 3) + 1;
    }
}

static void point_of(size_t m, const double x[], size_t i, double point[])
{
    for (size_t j = 0; j < m; j++) {
        point[j] = x[j * ROOM + i];
    }
}

static void check_kill(size_t m, size_t n, uint64_t seed)
{
    double x[DOMINANCE_MAX_OBJECTIVES * ROOM], killers[N_KILLERS * DOMINANCE_MAX_OBJECTIVES];
    double point[DOMINANCE_MAX_OBJECTIVES];
    uint32_t alive[N];
    size_t at = 0;

    fill(seed, m, x, killers);
    const size_t n_alive = dominance_kill(m, N_KILLERS, killers, n, x, ROOM, alive);
    for (size_t i = 0; i < n; i++) {
        bool dead = false;
        point_of(m, x, i, point);
        for (size_t k = 0; k < N_KILLERS; k++) {
            dead = dead || brute_removes(m, killers + k * m, 1, point, 0); /* never by equality */
        }
        if (!dead) {
            CU_ASSERT(at < n_alive && alive[at] == i);
            at++;
        }
    }
    CU_ASSERT_EQUAL(at, n_alive);
}

static void check_cover_and_scan(size_t m, size_t n, uint64_t seed)
{
    double x[DOMINANCE_MAX_OBJECTIVES * ROOM], killers[N_KILLERS * DOMINANCE_MAX_OBJECTIVES];
    double point[DOMINANCE_MAX_OBJECTIVES], window[DOMINANCE_MAX_OBJECTIVES * N];
    uint8_t bits[N / 8];

    fill(seed, m, x, killers);
    for (size_t i = 0; i < N; i++) {
        point_of(m, x, i, point);
        dominance_place(m, i, point, window);
    }
    for (size_t k = 0; k < N_KILLERS; k++) {
        const double *killer = killers + k * m;
        enum dominance_verdict want = DOMINANCE_NONE;
        dominance_cover(m, killer, N, x, ROOM, bits);
        for (size_t i = 0; i < N; i++) {
            point_of(m, x, i, point);
            CU_ASSERT_EQUAL(bits[i / 8] >> i % 8 & 1, brute_removes(m, killer, 0, point, 1));
            if (i < n && brute_removes(m, point, 1, killer, 0)) {
                want = DOMINANCE_DOMINATED;
            } else if (i < n && want == DOMINANCE_NONE && brute_removes(m, point, 0, killer, 1)) {
                want = DOMINANCE_DUPLICATE;
            }
        }
        CU_ASSERT_EQUAL(dominance_scan(m, n, window, killer), want);
        size_t covered = 0;
        while (covered < n && (bits[covered / 8] >> covered % 8 & 1) == 0) {
            covered++;
        }
        CU_ASSERT_EQUAL(dominance_find_covered(m, n, window, killer), covered);
    }
}

static void test_kernels_agree_with_plain_comparison_on_every_level(void)
{
    const enum vmath_level usual = vmath_level();
    for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (!vmath_force((enum vmath_level)level)) {
            continue;
        }
        for (size_t m = 1; m <= DOMINANCE_MAX_OBJECTIVES; m++) {
            for (uint64_t seed = 0; seed < 8; seed++) {
                check_kill(m, N - 5 * (size_t)seed, 100 * m + seed);
                check_cover_and_scan(m, 3 + 7 * (size_t)seed, 100 * m + seed);
            }
        }
    }
    (void)vmath_force(usual);
}

static void test_scan_of_nothing_finds_nothing(void)
{
    const double point[] = {2.5, 1.5};
    CU_ASSERT_EQUAL(dominance_scan(2, 0, NULL, point), 0);
    CU_ASSERT_EQUAL(dominance_find_covered(2, 0, NULL, point), 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"kernels_agree_with_plain_comparison_on_every_level",
         test_kernels_agree_with_plain_comparison_on_every_level},
        {"scan_of_nothing_finds_nothing", test_scan_of_nothing_finds_nothing},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
