#include "solver/formula/formula.h"

#include "solver/formula/formula_bounds.h"
#include "tests/harness.h"
#include "tests/solver/formula/formulas.h"

static void test_paper_hoffmann_chinchilla_and_kaplan_values(void)
{
    static const char *const names[] = {"N", "D"};
    const char *chinchilla = "loss = E + A/N^alpha + B/D^beta";
    HARNESS_ASSERT_REL(formulas_value(chinchilla, 2, names, (double[]){70e9, 1.4e12},
                                      (double[]){1.69, 406.4, .34, 410.7, .28}),
                       1.93665, 3e-6);
    HARNESS_ASSERT_REL(
        formulas_value("exp(e) + exp(a - alpha*log(N)) + exp(b)/D^beta", 2, names,
                       (double[]){70e9, 1.4e12},
                       (double[]){.5267228, 6.0073404, .33917084, 6.0179186, .2849083}),
        1.92085, 3e-6);
    HARNESS_ASSERT_REL(formulas_value("((6.4e13/N)^(aN/aD) + 1.8e13/D)^aD", 2, names,
                                      (double[]){1e9, 1e10}, (double[]){.076, .103}),
                       2.41965, 3e-6);
}

static void test_paper_muennighoff_value(void)
{
    static const char *const names[] = {"N", "D", "U"};
    /* U_N = min(N, G^2 U) for equal exponents, G^2 = (A/B)^(1/alpha). */
    const char *text = "E + A/(min(N,(A/B)^(1/alpha)*U)*(1 - RN*expm1(-(N/min(N,(A/B)^(1/alpha)*U) "
                       "- 1)/RN)))^alpha + B/(U - U*RD*expm1(-(D/U - 1)/RD))^alpha";
    const double parameters[] = {exp(.6254804), exp(6.255414), exp(7.3049974),
                                 .3526596,      5.309743,      15.387756};
    HARNESS_ASSERT_REL(formulas_value(text, 3, names, (double[]){6.34e9, 242e9, 25e9}, parameters),
                       2.2256440889984477, 1e-13);
    HARNESS_ASSERT_REL(formulas_value(text, 3, names, (double[]){8.67e9, 178e9, 25e9}, parameters),
                       2.2269634075087867, 1e-13);
}

static void test_paper_broken_power_law_values(void)
{
    static const char *const names[] = {"x"};
    static const double x[] = {1., 1e6, 1e10, 1e16, 1e22};
    static const double want[] = {4659.998, 1972.323, 27.7221, .698613, .00862675};
    const char *text =
        "y = 1e-3 + 4.66e3*x^-.05 * (1 + (x/3e6)^(1/1.1))^(-.49*1.1)"
        "* (1 + (x/1e14)^(1/1.425))^(.811*1.425) * (1 + (x/2e20)^(1/.05))^(-2.1*.05)";
    for (size_t i = 0; i < 5; i++) {
        HARNESS_ASSERT_REL(formulas_value(text, 1, names, &x[i], NULL), want[i], 2e-6);
    }
    /* One break, against the C library. */
    const double p[] = {.021, 52.3, .083, 3.7e8, .61, .47};
    HARNESS_ASSERT_REL(
        formulas_value("a + b*x^-c0 * (1 + (x/d)^(1/f))^(-c1*f)", 1, names, &x[2],
                       (double[]){p[0], p[1], p[2], p[3], p[4], p[5]}),
        p[0] + p[1] * pow(x[2], -p[2]) * pow(1. + pow(x[2] / p[3], 1. / p[4]), -p[5] * p[4]),
        1e-13);
}

static void test_paper_sigmoid_value(void)
{
    static const char *const names[] = {"L"};
    const double loss = 2.385, p[] = {.243, .611, 4.17, 2.206};
    HARNESS_ASSERT_REL(formulas_value("acc = b + a*logistic(-k*(L - L0))", 1, names, &loss, p),
                       p[0] + p[1] / (1. + exp(p[2] * (loss - p[3]))), 1e-14);
}

enum { K = FORMULAS_N_VARIABLES };

/* Row i of the second derivatives y against the gradients at v[i] + h and v[i] - h. The differences
 * are as good as the digits of the gradient, whose parts may cancel: hence a share of the value. */
static void check_row(size_t i, double h, const double v[], const double y[], const double up[],
                      const double down[])
{
    for (size_t j = 0; j < K; j++) {
        const size_t row = i > j ? i : j, column = i > j ? j : i;
        const double curve = (up[1 + j] - down[1 + j]) / (2. * h);
        const double scale = fabs(y[1 + j]) / (fabs(v[i]) + .1) + fabs(curve);
        const double rest = fabs(y[0]) / (fabs(v[i]) + .1) / (fabs(v[j]) + .1);
        CU_ASSERT_DOUBLE_EQUAL(y[1 + K + row * (row + 1) / 2 + column], curve,
                               1e-5 * scale + 1e-7 * rest);
    }
}

static void test_formula_gradient_and_hessian_match_differences(void)
{
    for (size_t t = 0; t < FORMULAS_N; t++) {
        struct formulas_run run = formulas_make(formulas_texts[t], FORMULA_HESSIAN);
        for (uint64_t draw = 0; draw < 20; draw++) {
            struct rng r;
            double v[K], y[64], up[64], down[64];
            rng_init(&r, 2385, RNG_TEST, draw);
            formulas_draw_parameters(&r, v);
            formulas_draw_inputs(&r, v + FORMULAS_N_PARAMETERS);
            formulas_at(&run, v, v + FORMULAS_N_PARAMETERS, y);
            for (size_t i = 0; i < K; i++) {
                const double kept = v[i], h = 1e-5 * (fabs(kept) + .1);
                v[i] = kept + h;
                formulas_at(&run, v, v + FORMULAS_N_PARAMETERS, up);
                v[i] = kept - h;
                formulas_at(&run, v, v + FORMULAS_N_PARAMETERS, down);
                v[i] = kept;
                const double rise = (up[0] - down[0]) / (2. * h);
                const double size = fabs(y[0]) / (fabs(kept) + .1) + fabs(rise);
                CU_ASSERT_DOUBLE_EQUAL(y[1 + i], rise, 1e-6 * size);
                check_row(i, h, v, y, up, down);
            }
        }
        formulas_free(&run);
    }
}

static void test_formula_chinchilla_derivatives_match_the_closed_form(void)
{
    struct formulas_run run = formulas_make(formulas_texts[0], FORMULA_HESSIAN);
    struct rng r;
    rng_init(&r, 71, RNG_TEST, 0);
    for (int draw = 0; draw < 200; draw++) {
        double v[FORMULAS_N_VARIABLES], y[64];
        formulas_draw_parameters(&r, v);
        formulas_draw_inputs(&r, v + 6);
        formulas_at(&run, v, v + 6, y);
        const double n = v[6], d = v[7], p = exp(-v[2] * n), q = exp(-v[4] * d);
        const double gradient[] = {
            1., p, -v[1] * p * n, q, -v[3] * q * d, 0., -v[1] * v[2] * p, -v[3] * v[4] * q, 0.};
        for (size_t i = 0; i < 9; i++) {
            HARNESS_ASSERT_REL(y[1 + i], gradient[i], 4e-14);
        }
        const double *h = y + 10;
        HARNESS_ASSERT_REL(h[2 * 3 / 2 + 1], -n * p, 4e-14);           /* A alpha */
        HARNESS_ASSERT_REL(h[2 * 3 / 2 + 2], v[1] * n * n * p, 4e-14); /* alpha alpha */
        HARNESS_ASSERT_REL(h[6 * 7 / 2 + 6], v[1] * v[2] * v[2] * p, 4e-14);
        HARNESS_ASSERT_REL(h[7 * 8 / 2 + 4], -v[3] * (1. - v[4] * d) * q, 4e-13);
        CU_ASSERT(fabs(h[4 * 5 / 2 + 2]) <= 0.); /* alpha beta */
    }
    formulas_free(&run);
}

static void test_formula_logarithmic_names_give_the_same_values_over_all_sizes(void)
{
    static const char *const inputs[] = {"N", "D"}, *const parameters[] = {"A", "a", "b"};
    static const bool yes[] = {true, true}, a_is_log[] = {true, false, false};
    const char *text = "A*N^a*D^b/sqrt(N*D) + log(N^2/D)";
    struct status_why why;
    struct formula *f[2] = {NULL, NULL};
    struct formula_program *p[2] = {NULL, NULL};
    size_t column;
    status_clear(&why);
    struct formula_names names = {2, inputs, NULL, 3, parameters, NULL};
    HARNESS_ASSERT_OK(formula_compile(text, &names, &f[0], &column, &why));
    names.input_is_log = yes;
    names.parameter_is_log = a_is_log;
    HARNESS_ASSERT_OK(formula_compile(text, &names, &f[1], &column, &why));
    for (size_t i = 0; i < 2; i++) {
        HARNESS_ASSERT_OK(formula_differentiate(f[i], FORMULA_VALUE, 0, NULL, &p[i], &why));
    }
    CU_ASSERT_EQUAL(p[1]->n_prepare_code + p[1]->n_code <= 11, 1);
    double work[2][8192], y[2], *out[2] = {&y[0], &y[1]};
    CU_ASSERT_FATAL(formula_program_workspace(p[0]) <= 8192
                    && formula_program_workspace(p[1]) <= 8192);
    const double v[] = {3.21e7, .37, -.81}, logs[] = {log(3.21e7), .37, -.81};
    formula_program_prepare(p[0], v, work[0]);
    formula_program_prepare(p[1], logs, work[1]);
    const double n = 7.3e9, d = 2.9e11, log_n = log(n), log_d = log(d);
    formula_program_run(p[0], 1, (const double *[]){&n, &d}, &out[0], work[0]);
    formula_program_run(p[1], 1, (const double *[]){&log_n, &log_d}, &out[1], work[1]);
    HARNESS_ASSERT_REL(y[0], pow(n, .37) * 3.21e7 * pow(d, -.81) / sqrt(n * d) + log(n * n / d),
                       1e-13);
    HARNESS_ASSERT_REL(y[1], y[0], 1e-13);
    /* N^2 alone would overflow: only logarithms pass. */
    const double huge_n = 600., huge_d = 1190.;
    formula_program_run(p[1], 1, (const double *[]){&huge_n, &huge_d}, &out[1], work[1]);
    HARNESS_ASSERT_REL(
        y[1], exp(logs[0] + .37 * huge_n - .81 * huge_d - .5 * (huge_n + huge_d)) + 10., 1e-12);
    for (size_t i = 0; i < 2; i++) {
        formula_program_destroy(p[i]);
        formula_destroy(f[i]);
    }
}

static double part_at(const struct formula *f, const double parameters[], const double inputs[])
{
    struct status_why why;
    struct formulas_run run = {NULL, NULL};
    double y = 0.;
    status_clear(&why);
    HARNESS_ASSERT_OK(formula_differentiate(f, FORMULA_VALUE, 0, NULL, &run.program, &why));
    run.workspace = malloc(formula_program_workspace(run.program) * sizeof(double));
    STATUS_ASSERT(run.workspace != NULL);
    formulas_at(&run, parameters, inputs, &y);
    formulas_free(&run);
    return y;
}

static void test_formula_is_its_offset_and_terms_to_the_bit(void)
{
    static const struct {
        const char *text;
        size_t n_terms;
        bool has_offset;
        uint64_t inputs[3];
    } rows[] = {
        {"E + A/N^alpha + B/D^beta", 2, true, {1, 2}},
        {"A/N^alpha - (B/D^beta - E*k) + 3 - x*(N + D)", 3, true, {1, 2, 7}},
        {"-(x + N/D)", 2, false, {4, 3}},
        {"min(N, D)", 1, false, {3}},
        {"E*2 - k", 0, true, {0}},
    };
    const double v[] = {1.69, 406.4, .34, 410.7, .28, 2.2}, x[] = {23.4, 26.1, 1.37};
    for (size_t t = 0; t < sizeof rows / sizeof *rows; t++) {
        struct status_why why;
        struct formula *f = NULL;
        size_t column;
        status_clear(&why);
        HARNESS_ASSERT_OK(formula_compile(rows[t].text, &formulas_names, &f, &column, &why));
        CU_ASSERT_EQUAL_FATAL(formula_n_terms(f), rows[t].n_terms);
        CU_ASSERT_EQUAL(formula_offset(f) != NULL, rows[t].has_offset);
        double sum = formula_offset(f) != NULL ? part_at(formula_offset(f), v, x) : 0.;
        uint64_t read = 0;
        for (size_t i = 0; i < rows[t].n_terms; i++) {
            CU_ASSERT_EQUAL(formula_inputs(formula_term(f, i)), rows[t].inputs[i]);
            CU_ASSERT_EQUAL(formula_n_terms(formula_term(f, i)), 1);
            read |= rows[t].inputs[i];
            sum = sum + part_at(formula_term(f, i), v, x);
        }
        CU_ASSERT_EQUAL(formula_inputs(f), read);
        CU_ASSERT(formulas_same(part_at(f, v, x), sum));
        formula_destroy(f);
    }
}

static void test_formula_tells_its_names(void)
{
    struct status_why why;
    struct formula *f = NULL;
    size_t column;
    status_clear(&why);
    const struct formula_names names = {.n_inputs = 3, .inputs = formulas_inputs};
    HARNESS_ASSERT_OK(
        formula_compile("loss = floor + A*x^-b + 0*unused + A/D^b", &names, &f, &column, &why));
    CU_ASSERT_STRING_EQUAL(formula_result(f), "loss");
    CU_ASSERT_EQUAL(formula_n_inputs(f), 3);
    CU_ASSERT_EQUAL_FATAL(formula_n_parameters(f), 4);
    CU_ASSERT_STRING_EQUAL(formula_parameter(f, 0), "floor");
    CU_ASSERT_STRING_EQUAL(formula_parameter(f, 1), "A");
    CU_ASSERT_STRING_EQUAL(formula_parameter(f, 2), "b");
    CU_ASSERT_STRING_EQUAL(formula_parameter(f, 3), "unused");
    CU_ASSERT_EQUAL(formula_inputs(f), 6);
    CU_ASSERT_EQUAL(formula_parameters(f), 7);
    formula_destroy(f);
}

static void test_formula_derives_by_a_subset_in_its_order(void)
{
    struct formulas_run all = formulas_make(formulas_texts[0], FORMULA_HESSIAN);
    const size_t by[] = {6, 2};
    struct formulas_run some = {NULL, NULL};
    struct status_why why;
    struct formula *f = NULL;
    size_t column;
    status_clear(&why);
    HARNESS_ASSERT_OK(formula_compile(formulas_texts[0], &formulas_names, &f, &column, &why));
    HARNESS_ASSERT_OK(formula_differentiate(f, FORMULA_HESSIAN, 2, by, &some.program, &why));
    formula_destroy(f);
    CU_ASSERT_EQUAL_FATAL(some.program->n_outputs, 6);
    some.workspace = malloc(formula_program_workspace(some.program) * sizeof(double));
    STATUS_ASSERT(some.workspace != NULL);
    const double v[] = {1.69, 406.4, .34, 410.7, .28, 2.2}, x[] = {23.4, 26.1, 1.37};
    double y[64], z[6];
    formulas_at(&all, v, x, y);
    formulas_at(&some, v, x, z);
    const double want[] = {y[0],
                           y[1 + 6],
                           y[1 + 2],
                           y[10 + 6 * 7 / 2 + 6],
                           y[10 + 6 * 7 / 2 + 2],
                           y[10 + 2 * 3 / 2 + 2]};
    for (size_t i = 0; i < 6; i++) {
        HARNESS_ASSERT_REL(z[i], want[i], 1e-14);
    }
    formulas_free(&all);
    formulas_free(&some);
}

/* A random text, its value by the C library, and the largest number met on the way. */
struct writer {
    struct rng r;
    char text[4096];
    const double *inputs, *parameters;
    long double most;
};

static void put(struct writer *w, const char *text)
{
    STATUS_ASSERT(strlen(w->text) + strlen(text) < sizeof w->text);
    (void)strcat(w->text, text);
}

static long double write_leaf(struct writer *w)
{
    static const char *const constants[] = {"2", ".7", "1e-1", "3", "1", "0", "1.5"};
    static const long double values[] = {2.L, .7L, .1L, 3.L, 1.L, 0.L, 1.5L};
    const uint32_t k = rng_below(&w->r, 16);
    if (k < 3) {
        put(w, formulas_inputs[k]);
        return k < 2 ? expl((long double)w->inputs[k]) : (long double)w->inputs[k];
    }
    if (k < 9) {
        put(w, formulas_parameters[k - 3]);
        return (long double)w->parameters[k - 3];
    }
    put(w, constants[k - 9]);
    return values[k - 9];
}

static long double write_value(struct writer *w, int depth);

/* An operand that stays clear of 0 and of poles and borders of domains. */
static long double write_positive(struct writer *w, int depth)
{
    if (rng_below(&w->r, 2) == 0) { /* a product of powers, positive as it is */
        const uint32_t k = rng_below(&w->r, 2);
        put(w, k == 0 ? "(N^alpha*D)" : "(B/N)");
        const long double n = expl((long double)w->inputs[0]), d = expl((long double)w->inputs[1]);
        return k == 0 ? powl(n, (long double)w->parameters[2]) * d
                      : (long double)w->parameters[3] / n;
    }
    put(w, "(abs(");
    const long double x = write_value(w, depth);
    put(w, ") + .5)");
    return fabsl(x) + .5L;
}

static long double write_binary(struct writer *w, uint32_t kind, int depth)
{
    static const char *const between[] = {" + ", " - ", "*", "/", "^", ", ", ", "};
    put(w, kind == 5 ? "min(" : kind == 6 ? "max(" : "(");
    const long double a = kind == 4 ? write_positive(w, depth) : write_value(w, depth);
    put(w, between[kind]);
    const long double b = kind == 3 ? write_positive(w, depth) : write_value(w, depth);
    put(w, ")");
    const long double y[] = {a + b, a - b, a * b, a / b, powl(a, b), fminl(a, b), fmaxl(a, b)};
    return y[kind];
}

static long double write_unary(struct writer *w, uint32_t kind, int depth)
{
    static const char *const names[] = {"-(",   "exp(",  "expm1(", "tanh(",  "logistic(", "abs(",
                                        "log(", "sqrt(", "log2(",  "log10(", "log1p("};
    put(w, names[kind]);
    const long double x = kind < 6 ? write_value(w, depth) : write_positive(w, depth);
    put(w, ")");
    const long double p = fabsl(x);
    const long double y[] = {-x,       expl(x), expm1l(x), tanhl(x), 1.L / (1.L + expl(-x)),
                             p,        logl(p), sqrtl(p),  log2l(p), log10l(p),
                             log1pl(p)};
    return y[kind];
}

static long double write_value(struct writer *w, int depth)
{
    const uint32_t kind = rng_below(&w->r, 22);
    const long double y = depth == 0 || kind > 17 ? write_leaf(w)
                          : kind < 7              ? write_binary(w, kind, depth - 1)
                                                  : write_unary(w, kind - 7, depth - 1);
    w->most = fmaxl(w->most, fabsl(y));
    return y;
}

/* The value, the sum of the parts to the bit, and the bounds of a box around the point. */
static void check_promises(const struct formula *f, const struct writer *w, long double want)
{
    const double v = part_at(f, w->parameters, w->inputs);
    double sum =
        formula_offset(f) != NULL ? part_at(formula_offset(f), w->parameters, w->inputs) : 0.;
    for (size_t i = 0; i < formula_n_terms(f); i++) {
        sum = sum + part_at(formula_term(f, i), w->parameters, w->inputs);
    }
    CU_ASSERT(formulas_same(v, sum) || fpclassify(v) == FP_ZERO);
    if (w->most < 1e5L && fabs(v - (double)want) > 1e-8 * (double)w->most) {
        harness_say(w->text);
        CU_FAIL("differs from the C library");
    }
    struct formulas_run run = formulas_make(w->text, FORMULA_HESSIAN);
    double lower[3], upper[3], lowest[64], highest[64], y[64];
    for (size_t i = 0; i < 3; i++) {
        lower[i] = w->inputs[i] - .1;
        upper[i] = w->inputs[i] + .2;
    }
    formulas_at(&run, w->parameters, w->inputs, y);
    formula_bounds_find(run.program, lower, upper, lowest, highest, run.workspace);
    for (size_t i = 0; i < run.program->n_outputs; i++) {
        CU_ASSERT(isnan(y[i]) || (y[i] >= lowest[i] && y[i] <= highest[i]));
    }
    CU_ASSERT(formulas_same(y[0], v));
    formulas_free(&run);
}

static void test_formula_random_texts_agree_with_the_c_library(void)
{
    size_t n_compared = 0;
    for (uint64_t item = 0; item < 3000; item++) {
        static struct writer w;
        double v[FORMULAS_N_PARAMETERS], x[FORMULAS_N_INPUTS];
        struct status_why why;
        struct formula *f = NULL;
        size_t column;
        w = (struct writer){.inputs = x, .parameters = v};
        rng_init(&w.r, 5, RNG_TEST, item);
        for (size_t i = 0; i < FORMULAS_N_PARAMETERS; i++) {
            v[i] = formulas_between(&w.r, .3, 2.2);
        }
        for (size_t i = 0; i < FORMULAS_N_INPUTS; i++) {
            x[i] = formulas_between(&w.r, -1.3, 1.4);
        }
        const long double want = write_value(&w, 5);
        status_clear(&why);
        if (formula_compile(w.text, &formulas_names, &f, &column, &why) == STATUS_OK) {
            check_promises(f, &w, want);
            n_compared += w.most < 1e5L ? 1 : 0;
        } else { /* a constant part may overflow, nothing else */
            CU_ASSERT(harness_contains(why.message, "the value is infinite"));
        }
        formula_destroy(f);
    }
    CU_ASSERT(n_compared > 2000);
}

static void test_formula_errors(void)
{
    static const char *const pi[] = {"pi"}, *const dash[] = {"a-b"}, *const twice[] = {"N", "N"};
    static const char *const both[] = {"N"};
    struct status_why why;
    struct formula *f = NULL;
    size_t column = 9;
    status_clear(&why);
    struct formula_names names = {.n_inputs = 1, .inputs = pi};
    HARNESS_ASSERT_FAILS(formula_compile("1", &names, &f, &column, &why), STATUS_INPUT,
                         "'pi': a formula cannot use this as a name");
    CU_ASSERT_EQUAL(column, 0);
    names.inputs = dash;
    HARNESS_ASSERT_FAILS(formula_compile("1", &names, &f, &column, &why), STATUS_INPUT, "'a-b'");
    names.inputs = twice;
    names.n_inputs = 2;
    HARNESS_ASSERT_FAILS(formula_compile("1", &names, &f, &column, &why), STATUS_INPUT,
                         "'N': two columns or parameters");
    names = (struct formula_names){
        .n_inputs = 1, .inputs = both, .n_parameters = 1, .parameters = both};
    HARNESS_ASSERT_FAILS(formula_compile("1", &names, &f, &column, &why), STATUS_INPUT,
                         "'N': two columns or parameters");
    names.n_inputs = 65;
    HARNESS_ASSERT_FAILS(formula_compile("1", &names, &f, &column, &why), STATUS_INPUT,
                         "at most 64 inputs");
    HARNESS_ASSERT_FAILS(formula_compile("E + A/N^alhpa", &formulas_names, &f, &column, &why),
                         STATUS_INPUT, "column 9: unknown name 'alhpa'");
    CU_ASSERT_EQUAL(column, 9);
    CU_ASSERT_PTR_NULL(f);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"paper hoffmann chinchilla and kaplan values",
         test_paper_hoffmann_chinchilla_and_kaplan_values},
        {"paper muennighoff value", test_paper_muennighoff_value},
        {"paper broken power law values", test_paper_broken_power_law_values},
        {"paper sigmoid value", test_paper_sigmoid_value},
        {"gradient and hessian match differences",
         test_formula_gradient_and_hessian_match_differences},
        {"chinchilla derivatives match the closed form",
         test_formula_chinchilla_derivatives_match_the_closed_form},
        {"logarithmic names give the same values over all sizes",
         test_formula_logarithmic_names_give_the_same_values_over_all_sizes},
        {"is its offset and terms to the bit", test_formula_is_its_offset_and_terms_to_the_bit},
        {"tells its names", test_formula_tells_its_names},
        {"derives by a subset in its order", test_formula_derives_by_a_subset_in_its_order},
        {"random texts agree with the c library",
         test_formula_random_texts_agree_with_the_c_library},
        {"errors", test_formula_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
