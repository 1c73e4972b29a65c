#include "solver/formula/formula_bounds.h"

#include "tests/harness.h"
#include "tests/solver/formula/formulas.h"

enum { N_POINTS = 16, N_BOXES = 100000 };

/* More than the formulas that all stages share: signs, poles and borders of domains inside boxes.
 */
static const char *const wild_texts[] = {
    "1/(x - k) + log(x - 2.385) - sqrt(3 - x)",
    "(x - k)^2*(x - E)^3/(x^2 - k)",
    "log1p(-x/k)*expm1(k - x*x) + abs(x - 2.2)*min(x, 1/x)",
    "tanh(x - k)/logistic(x*(k - x)) - max(x^alpha, (k - x)^beta)",
    "(N - D)/(N + D) * exp(-x*1e3) * x^400",
    "(log(N) - 20)*(log(D) - 20)*(x - 2)",
};

static double end_of(struct rng *r, double low, double high, double at, double width)
{
    const double x = at + width * (rng_uniform(r) - .5);
    return x < low ? low : x > high ? high : x;
}

/* A box around a random point, from a point itself to a large part of the range. */
static void draw_box(struct rng *r, double lower[], double upper[])
{
    static const double low[] = {13.8, 13.8, -1.}, high[] = {29.9, 29.9, 5.};
    const double width = ldexp(1., -(int)rng_below(r, 30));
    for (size_t k = 0; k < FORMULAS_N_INPUTS; k++) {
        const double range = high[k] - low[k], at = low[k] + range * rng_uniform(r);
        const double a = end_of(r, low[k], high[k], at, width * range);
        const double b = end_of(r, low[k], high[k], at, width * range);
        lower[k] = fmin(a, b);
        upper[k] = rng_below(r, 10) == 0 ? lower[k] : fmax(a, b);
    }
}

/* Points of the box, its corners among them. */
static void draw_points(struct rng *r, const double lower[], const double upper[],
                        double x[FORMULAS_N_INPUTS][N_POINTS])
{
    for (size_t i = 0; i < N_POINTS; i++) {
        for (size_t k = 0; k < FORMULAS_N_INPUTS; k++) {
            const double inside = lower[k] + (upper[k] - lower[k]) * rng_uniform(r);
            const double corner = i >> k & 1U ? upper[k] : lower[k];
            x[k][i] = i < 8 ? corner : fmin(upper[k], inside);
        }
    }
}

/* How many values of \a n_boxes boxes lie outside, and how many of all bounds are finite. */
static size_t count_outside(const struct formulas_run *run, uint64_t stream, size_t n_boxes,
                            size_t *n_finite)
{
    size_t n_outside = 0;
    const size_t n_out = run->program->n_outputs;
    for (size_t b = 0; b < n_boxes; b++) {
        struct rng r;
        double v[FORMULAS_N_PARAMETERS], lower[3], upper[3], lowest[16], highest[16];
        double x[3][N_POINTS], y[16][N_POINTS], *out[16];
        rng_init(&r, stream, RNG_TEST, b);
        formulas_draw_parameters(&r, v);
        draw_box(&r, lower, upper);
        draw_points(&r, lower, upper, x);
        for (size_t k = 0; k < n_out; k++) {
            out[k] = y[k];
        }
        formula_program_prepare(run->program, v, run->workspace);
        formula_bounds_find(run->program, lower, upper, lowest, highest, run->workspace);
        formula_program_run(run->program, N_POINTS, (const double *[]){x[0], x[1], x[2]}, out,
                            run->workspace);
        for (size_t k = 0; k < n_out; k++) {
            *n_finite += isfinite(lowest[k]) && isfinite(highest[k]) ? 1 : 0;
            for (size_t i = 0; i < N_POINTS; i++) {
                n_outside +=
                    !isnan(y[k][i]) && !(y[k][i] >= lowest[k] && y[k][i] <= highest[k]) ? 1 : 0;
            }
        }
    }
    return n_outside;
}

static void test_formula_bounds_enclose_every_value_of_the_box(void)
{
    const size_t n_wild = sizeof wild_texts / sizeof *wild_texts;
    size_t n_finite = 0;
    for (size_t t = 0; t < FORMULAS_N + n_wild; t++) {
        const char *text = t < FORMULAS_N ? formulas_texts[t] : wild_texts[t - FORMULAS_N];
        struct formulas_run run = formulas_make(text, FORMULA_VALUE);
        CU_ASSERT_EQUAL(count_outside(&run, t, 1 + N_BOXES / (FORMULAS_N + n_wild), &n_finite), 0);
        formulas_free(&run);
    }
    CU_ASSERT(n_finite > N_BOXES / 2); /* the test would be idle on infinite bounds */
}

static void test_formula_bounds_enclose_derivatives(void)
{
    size_t n_finite = 0;
    for (size_t t = 0; t < FORMULAS_N; t++) {
        struct formulas_run run = formulas_make(formulas_texts[t], FORMULA_GRADIENT);
        CU_ASSERT_EQUAL(count_outside(&run, 71 + t, 500, &n_finite), 0);
        formulas_free(&run);
    }
    CU_ASSERT(n_finite > 20000);
}

static void bounds_of(const char *text, double low, double high, double y[2])
{
    struct formulas_run run = formulas_make(text, FORMULA_VALUE);
    const double v[FORMULAS_N_PARAMETERS] = {1.69, 406.4, .34, 410.7, .28, 2.2};
    formula_program_prepare(run.program, v, run.workspace);
    formula_bounds_find(run.program, (double[]){20.1, 21.2, low}, (double[]){22.3, 25.4, high},
                        &y[0], &y[1], run.workspace);
    formulas_free(&run);
}

static void test_formula_bounds_are_tight_where_each_input_occurs_once(void)
{
    double y[2];
    bounds_of("E + A/N^alpha + B/D^beta", 0., 0., y);
    HARNESS_ASSERT_REL(y[0], 1.69 + 406.4 * exp(-.34 * 22.3) + 410.7 * exp(-.28 * 25.4), 4e-15);
    HARNESS_ASSERT_REL(y[1], 1.69 + 406.4 * exp(-.34 * 20.1) + 410.7 * exp(-.28 * 21.2), 4e-15);
    bounds_of("x^2", -1.7, 1.1, y);
    HARNESS_ASSERT_REL(y[0], 0., 0.);
    HARNESS_ASSERT_REL(y[1], 1.7 * 1.7, 0.);
    bounds_of("abs(x) - 3", -1.7, -1.1, y);
    HARNESS_ASSERT_REL(y[0], 1.1 - 3., 1e-15);
    HARNESS_ASSERT_REL(y[1], 1.7 - 3., 1e-15);
}

static void test_formula_bounds_at_poles_and_outside_domains(void)
{
    const double infinity = (double)INFINITY;
    double y[2];
    bounds_of("1/x", -1., 2., y);
    CU_ASSERT(y[0] <= -infinity && y[1] >= infinity);
    bounds_of("log(x)", -3., 1.5, y);
    CU_ASSERT(y[0] <= -infinity);
    HARNESS_ASSERT_REL(y[1], log(1.5), 1e-14);
    bounds_of("E + log(x)", -3., -1., y);
    CU_ASSERT(isnan(y[0]) && isnan(y[1]));
    bounds_of("min(sqrt(x), 3)", -3., -1., y);
    CU_ASSERT(isnan(y[0]) && isnan(y[1]));
    bounds_of("exp(x)*0.5 + log1p(x)", -infinity, infinity, y);
    CU_ASSERT(y[0] <= -infinity && y[1] >= infinity);
    bounds_of("logistic(x) + 2*tanh(x) + exp(-abs(x))", -infinity, infinity, y);
    HARNESS_ASSERT_REL(y[0], -2., 1e-15);
    HARNESS_ASSERT_REL(y[1], 4., 1e-15);
    bounds_of("x*(x - 3)", 0., infinity, y); /* 0 times infinity is no end */
    CU_ASSERT(y[0] <= -infinity && y[1] >= infinity);
    bounds_of("x*(k - 2.2)", -infinity, infinity, y); /* a parameter makes it 0 times x */
    HARNESS_ASSERT_REL(y[0], 0., 0.);
    HARNESS_ASSERT_REL(y[1], 0., 0.);
    bounds_of("x - x^2", infinity, infinity, y); /* infinity less infinity: no end, not no number */
    CU_ASSERT(!isnan(y[0]) && !isnan(y[1]));
    bounds_of("E*k", 0., 1., y);
    HARNESS_ASSERT_REL(y[0], 1.69 * 2.2, 0.);
    HARNESS_ASSERT_REL(y[1], 1.69 * 2.2, 0.);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"enclose every value of the box", test_formula_bounds_enclose_every_value_of_the_box},
        {"enclose derivatives", test_formula_bounds_enclose_derivatives},
        {"are tight where each input occurs once",
         test_formula_bounds_are_tight_where_each_input_occurs_once},
        {"at poles and outside domains", test_formula_bounds_at_poles_and_outside_domains},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
