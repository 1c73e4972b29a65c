#include "search/bayes/normal.h"

#include <string.h>

#include "solver/base/vmath.h"
#include "tests/harness.h"

/* z, ln Phi(z), psi(z), ln psi(z), computed by mpmath with 50 digits (1.2.1; erfc, and below -25
 * the continued fraction of 4,000 terms). A psi of 0 stands for one below 1e-300. */
static const double known[][4] = {
    {-1e8, -5000000000000019.3396, 0, -5000000000000037.7603},
    {-37000.0, -684500011.43761172556, 0, -684500021.95628491865},
    {-312.5, -48834.788553242118998, 0, -48840.533178190456654},
    {-41.375, -860.58751116574281791, 0, -864.31135357976615622},
    {-25.25, -322.93057705939401347, 2.2357181763193665731e-142, -326.16252069701840694},
    {-9.8125, -51.355302773519654819, 4.9684892983060890617e-24, -53.658926402078540221},
    {-4.03125, -10.492617292016540753, 6.2182342007097600712e-6, -11.988024582078871435},
    {-2.6875, -5.6269728020840582494, 0.0011042660802941163198, -6.8085743454074613642},
    {-1.0625, -1.9379115701325937476, 0.073862274279218519296, -2.6055530782741467866},
    {-0.40625, -1.0721277420126135617, 0.22829240959508071492, -1.4771279735020292883},
    {-0.001953125, -0.6947067633692675965, 0.39796647882320388221, -0.92138750130704665181},
    {0, -0.69314718055994530942, 0.39894228040143267794, -0.91893853320467274178},
    {0.34375, -0.45494502558954592693, 0.59415821749461713461, -0.52060963566831677823},
    {0.90625, -0.20138422665649134677, 1.0055359485332856151, 0.0055206814893332717813},
    {1.71875, -0.043774214392795081674, 1.7362185455875439505, 0.5517094986300431616},
    {3.28125, -0.00051687404031521254741, 3.2813866426009375125, 1.1882660899500653802},
    {7.40625, -6.4960405630325859872e-14, 7.406250000000008477, 2.0023242383354057831},
    {12.5, -3.7325642988777137612e-36, 12.5, 2.5257286443082554398},
    {1e6, 0.0, 1e6, 13.815510557964274104},
};
enum { N_KNOWN = sizeof known / sizeof *known };

static void test_normal_gives_the_known_values_in_both_tails(void)
{
    double z[N_KNOWN], log_cdf[N_KNOWN], gain[N_KNOWN], log_gain[N_KNOWN];
    for (size_t i = 0; i < N_KNOWN; i++) {
        z[i] = known[i][0];
    }
    normal_log_cdf(N_KNOWN, z, log_cdf);
    normal_gain(N_KNOWN, z, gain);
    normal_log_gain(N_KNOWN, z, log_gain);
    for (size_t i = 0; i < N_KNOWN; i++) {
        HARNESS_ASSERT_REL(log_cdf[i], known[i][1], 1e-14);
        CU_ASSERT_DOUBLE_EQUAL(gain[i], known[i][2], 1e-15 * known[i][2] + 1e-300);
        CU_ASSERT_DOUBLE_EQUAL(log_gain[i], known[i][3], 1e-15 * (1 + fabs(known[i][3])));
    }
}

static void test_normal_between_keeps_small_differences_in_both_tails(void)
{
    /* a, b, ln(Phi(b) - Phi(a)) by mpmath, as above. */
    static const double between[][3] = {
        {-0.71875, 1.40625, -0.37975706362514721636},   {2.34375, 2.40625, -6.5110847227737537304},
        {-11.25, -11.1875, -66.601466618364709757},     {38.5, 40.25, -745.69527029041108133},
        {-3.1875, 9.71875, -0.00071779984652588549838}, {5.5, 5.5009765625, -22.978094842384731366},
        {-6.25, -0.15625, -0.82572363959533600721},
    };
    enum { N = sizeof between / sizeof *between };
    double a[N], b[N], y[N];
    for (size_t i = 0; i < N; i++) {
        a[i] = between[i][0];
        b[i] = between[i][1];
    }
    normal_log_between(N, a, b, y);
    for (size_t i = 0; i < N; i++) {
        HARNESS_ASSERT_REL(y[i], between[i][2], 3e-14);
    }
    const double unbounded[3][2] = {{-(double)INFINITY, (double)INFINITY},
                                    {-(double)INFINITY, -1.0625},
                                    {1.0625, (double)INFINITY}};
    for (size_t i = 0; i < 3; i++) {
        normal_log_between(1, &unbounded[i][0], &unbounded[i][1], y);
        HARNESS_ASSERT_REL(y[0], i == 0 ? 0.0 : -1.9379115701325937476, 1e-14);
    }
}

static void test_normal_agrees_with_libm_where_that_is_exact(void)
{
    const long double root_half = sqrtl(0.5L);
    double worst = 0;
    for (double z = -37.0; z < 8.0; z += 0.0837) {
        double y;
        const long double tail = 0.5L * erfcl(fabsl((long double)z) * root_half);
        const long double truth = z < 0 ? logl(tail) : log1pl(-tail);
        normal_log_cdf(1, &z, &y);
        worst = fmax(worst, (double)fabsl(((long double)y - truth) / truth));
    }
    CU_ASSERT(worst < 1e-14);
}

static void test_normal_stays_finite_and_in_order_however_far(void)
{
    const double z[] = {-(double)INFINITY, -1e150, -1e120, -1e40, -3e9, -2.9e9};
    enum { N = sizeof z / sizeof *z };
    double log_cdf[N], log_gain[N], between[N];
    normal_log_cdf(N, z, log_cdf);
    normal_log_gain(N, z, log_gain);
    normal_log_between(N, z, z, between);
    for (size_t i = 0; i < N; i++) {
        CU_ASSERT(isfinite(log_cdf[i]) && isfinite(log_gain[i]) && isfinite(between[i]));
        CU_ASSERT(log_gain[i] <= log_cdf[i]);
        CU_ASSERT(i < 2 || (log_cdf[i] > log_cdf[i - 1] && log_gain[i] > log_gain[i - 1]));
    }
}

static void test_normal_gives_the_same_bits_on_every_level(void)
{
    enum { N = 1003 };
    static double z[N], b[N], first[4][N], y[4][N];
    for (size_t i = 0; i < N; i++) {
        z[i] = 0.0731 * (double)i - 60.0 + 1e-7 * (double)(i * i % 971);
        b[i] = z[i] + 0.013 * (double)(i % 17);
    }
    const enum vmath_level before = vmath_level();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (!vmath_force(level)) {
            continue;
        }
        normal_log_cdf(N, z, y[0]);
        normal_gain(N, z, y[1]);
        normal_log_gain(N, z, y[2]);
        normal_log_between(N, z, b, y[3]);
        if (level == VMATH_V2) {
            memcpy(first, y, sizeof y);
        }
        CU_ASSERT(memcmp(first, y, sizeof y) == 0);
    }
    CU_ASSERT(vmath_force(before));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"known values in both tails", test_normal_gives_the_known_values_in_both_tails},
        {"small differences", test_normal_between_keeps_small_differences_in_both_tails},
        {"agrees with libm", test_normal_agrees_with_libm_where_that_is_exact},
        {"finite and in order", test_normal_stays_finite_and_in_order_however_far},
        {"same bits on every level", test_normal_gives_the_same_bits_on_every_level},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
