#include "solver/optimum.h"

#include "solver/predict.h"
#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct optimum optimum_of(const char *law_id, const double natural[], double compute_flop)
{
    const struct predict_model m = catalogue_model(law_id, natural);
    struct optimum best = {0};
    CU_ASSERT(optimum_at(m.law, m.theta, compute_flop, &best));
    return best;
}

/* The budget of Chinchilla and Gopher; digits as printed. */
static void test_paper_hoffmann2022_optimum(void)
{
    const double tex[] = CATALOGUE_HOFFMANN_TEX, rounded[] = CATALOGUE_HOFFMANN_ROUNDED;
    const struct optimum exact = optimum_of("chinchilla", tex, 5.76e23);
    CU_ASSERT_DOUBLE_EQUAL(exact.params, 4.036e10, 0.5e7);
    CU_ASSERT_DOUBLE_EQUAL(exact.tokens, 2.379e12, 0.5e9);
    CU_ASSERT_DOUBLE_EQUAL(exact.tokens / exact.params, 58.9, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(exact.loss_nat, 1.9184, 0.5e-4);
    const struct optimum coarse = optimum_of("chinchilla", rounded, 5.76e23);
    CU_ASSERT_DOUBLE_EQUAL(coarse.params, 3.219e10, 0.5e7);
    /* Rounding two digits of the coefficients moved the optimal size by 20 %. */
    CU_ASSERT_DOUBLE_EQUAL(coarse.tokens / coarse.params, 92.65, 0.05);
    /* Published exponents of approach 3: .46 and .54; of its frontier: .15484 in all. */
    CU_ASSERT_DOUBLE_EQUAL(exact.exponent_params, 0.46, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(exact.exponent_tokens, 0.54, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(exact.exponent_params * 0.33917084, 0.15484, 0.5e-5);
}

static void test_paper_besiroglu2024_optimum(void)
{
    static const struct {
        double compute_flop, params, params_digit, tokens, tokens_digit;
    } rows[] = {{5.76e23, 7.225e10, 1e7, 1.3287e12, 1e8},
                {1e21, 2.7785e9, 1e5, 5.9985e10, 1e6},
                {3.8e25, 6.187e11, 1e8, 1.0237e13, 1e9}};
    const double natural[] = CATALOGUE_BESIROGLU_ROUNDED, unrounded[] = CATALOGUE_BESIROGLU;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct optimum best = optimum_of("chinchilla", natural, rows[i].compute_flop);
        CU_ASSERT_DOUBLE_EQUAL(best.params, rows[i].params, 0.5 * rows[i].params_digit);
        CU_ASSERT_DOUBLE_EQUAL(best.tokens, rows[i].tokens, 0.5 * rows[i].tokens_digit);
        HARNESS_ASSERT_REL(6 * best.params * best.tokens, rows[i].compute_flop, 1e-13);
    }
    const struct optimum best = optimum_of("chinchilla", natural, 5.76e23);
    CU_ASSERT_DOUBLE_EQUAL(best.tokens / best.params, 18.39, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(best.loss_nat, 1.97444, 0.5e-5);
    CU_ASSERT_DOUBLE_EQUAL(best.exponent_params, 0.513, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(best.exponent_params * 0.3478, 0.17829, 0.5e-5);
    HARNESS_ASSERT_REL(optimum_of("chinchilla", unrounded, 5.76e23).params, best.params, 2e-3);
}

static double loss_at_budget(const struct predict_model *m, double compute_flop, double log_params)
{
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = exp(log_params);
    d.value[DESIGN_TOKENS] = compute_flop / (6.0 * d.value[DESIGN_PARAMS]);
    return predict_loss_nat(m, &d);
}

/* Golden section in ln params. \return the minimum value */
static double search_loss(const struct predict_model *m, double compute_flop, double *log_params)
{
    const double ratio = 0.5 * (sqrt(5.0) - 1.0);
    double from = log(1e3), to = log(1e17);
    while (to - from > 1e-7) {
        const double left = to - ratio * (to - from), right = from + ratio * (to - from);
        if (loss_at_budget(m, compute_flop, left) < loss_at_budget(m, compute_flop, right)) {
            to = right;
        } else {
            from = left;
        }
    }
    *log_params = 0.5 * (from + to);
    return loss_at_budget(m, compute_flop, *log_params);
}

static void test_optimum_agrees_with_golden_section(void)
{
    static const struct {
        const char *law_id;
        double natural[LAW_MAX_PARAMETERS];
    } rows[] = {{"chinchilla", {1.69, 406.4, 410.7, 0.34, 0.28}},
                {"chinchilla", {1.81686, 482.006, 2085.434, 0.34781, 0.36585}},
                {"chinchilla", {0.731, 3.9, 91.3, 0.117, 0.243}},
                {"kaplan_nd", CATALOGUE_KAPLAN}};
    static const double budgets[] = {3.7e18, 5.76e23, 2.1e26};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct predict_model m = catalogue_model(rows[i].law_id, rows[i].natural);
        for (size_t k = 0; k < sizeof budgets / sizeof *budgets; k++) {
            double log_params;
            const double loss_nat = search_loss(&m, budgets[k], &log_params);
            const struct optimum best = optimum_of(rows[i].law_id, rows[i].natural, budgets[k]);
            /* A flat minimum is found to the root of the rounding of its value. */
            CU_ASSERT_DOUBLE_EQUAL(log(best.params), log_params, 1e-6);
            HARNESS_ASSERT_REL(best.loss_nat, loss_nat, 1e-13);
            CU_ASSERT(best.loss_nat <= loss_nat * (1.0 + 1e-14));
        }
    }
}

static void test_optimum_grows_with_the_budget_by_its_exponents(void)
{
    const double natural[] = CATALOGUE_KAPLAN;
    const struct optimum small = optimum_of("kaplan_nd", natural, 3.3e20),
                         large = optimum_of("kaplan_nd", natural, 9.9e24);
    const double growth = log(9.9e24 / 3.3e20);
    HARNESS_ASSERT_REL(log(large.params / small.params), small.exponent_params * growth, 1e-12);
    HARNESS_ASSERT_REL(log(large.tokens / small.tokens), small.exponent_tokens * growth, 1e-12);
    HARNESS_ASSERT_REL(small.exponent_params, 1.0 / (1.0 + 0.076 / 0.103), 1e-12);
}

/* The least product for the loss of a budget is that budget's, also under an outer exponent. */
static void test_optimum_of_loss_inverts_that_of_a_budget(void)
{
    static const struct {
        const char *law_id;
        double natural[LAW_MAX_PARAMETERS];
    } rows[] = {{"chinchilla", {0.731, 3.9, 91.3, 0.117, 0.243}}, {"kaplan_nd", CATALOGUE_KAPLAN}};
    static const double none[LAW_MAX_INPUTS] = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct predict_model m = catalogue_model(rows[i].law_id, rows[i].natural);
        const struct optimum there = optimum_of(rows[i].law_id, rows[i].natural, 7.3e22);
        struct optimum_form form;
        struct optimum back;
        CU_ASSERT_TRUE_FATAL(optimum_read(m.law, m.theta, none, &form));
        CU_ASSERT_TRUE(optimum_of_loss(&form, there.loss_nat, &back));
        HARNESS_ASSERT_REL(back.params, there.params, 1e-11);
        HARNESS_ASSERT_REL(back.tokens, there.tokens, 1e-11);
        HARNESS_ASSERT_REL(back.loss_nat, there.loss_nat, 1e-14);
        CU_ASSERT_FALSE(optimum_of_loss(&form, form.offset, &back));
    }
}

/* Against differences of the law itself along the budget and of optima along compute. */
static void test_optimum_tells_what_it_costs_to_miss_it(void)
{
    static const struct {
        const char *law_id;
        double natural[LAW_MAX_PARAMETERS];
    } rows[] = {{"chinchilla", {0.731, 3.9, 91.3, 0.117, 0.243}}, {"kaplan_nd", CATALOGUE_KAPLAN}};
    static const double compute_flop = 7.3e22, step = 1e-3, offs[] = {-2.3, -0.04, 0.7, 3.1};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct predict_model m = catalogue_model(rows[i].law_id, rows[i].natural);
        const struct optimum best = optimum_of(rows[i].law_id, rows[i].natural, compute_flop);
        const double log_params = log(best.params);
        const double bend = loss_at_budget(&m, compute_flop, log_params + step)
                            + loss_at_budget(&m, compute_flop, log_params - step)
                            - 2.0 * best.loss_nat;
        HARNESS_ASSERT_REL(best.curvature_nat, bend / (step * step), 1e-5);
        const double fall =
            optimum_of(rows[i].law_id, rows[i].natural, compute_flop * exp(-step)).loss_nat
            - optimum_of(rows[i].law_id, rows[i].natural, compute_flop * exp(step)).loss_nat;
        HARNESS_ASSERT_REL(best.slope_nat, fall / (2.0 * step), 1e-6);
        for (size_t k = 0; k < sizeof offs / sizeof *offs; k++) {
            const double missed = loss_at_budget(&m, compute_flop, log_params + offs[k]);
            HARNESS_ASSERT_REL(
                optimum_regret(m.law, m.theta, compute_flop, best.params * exp(offs[k])),
                missed - best.loss_nat, 1e-9);
        }
    }
    const double natural[] = {1.62, 873.0, 0.131};
    const struct predict_model m = catalogue_model("power_params", natural);
    CU_ASSERT(isnan(optimum_regret(m.law, m.theta, compute_flop, 1e9)));
}

/* A law whose term in params is not a power. */
static double bent_log_term(const struct law *law, const double theta[], size_t k, const double x[])
{
    (void)law;
    return k == 0 ? theta[0] - 0.01 * x[0] * x[0] : theta[1] - 0.3 * x[1];
}

static void test_optimum_refuses_laws_without_a_closed_form(void)
{
    const double natural[] = {1.62, 873.0, 0.131}, theta[] = {6.0, 6.2};
    static const char *const ids[] = {"power_params", "power_tokens", "power_compute"};
    struct optimum best;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct predict_model m = catalogue_model(ids[i], natural);
        CU_ASSERT(!optimum_at(m.law, m.theta, 1e21, &best));
    }
    struct law bent = *law_find("chinchilla");
    bent.log_term = bent_log_term;
    CU_ASSERT(!optimum_at(&bent, theta, 1e21, &best));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"paper_hoffmann2022_optimum", test_paper_hoffmann2022_optimum},
        {"paper_besiroglu2024_optimum", test_paper_besiroglu2024_optimum},
        {"agrees_with_golden_section", test_optimum_agrees_with_golden_section},
        {"grows_with_the_budget_by_its_exponents",
         test_optimum_grows_with_the_budget_by_its_exponents},
        {"of_loss_inverts_that_of_a_budget", test_optimum_of_loss_inverts_that_of_a_budget},
        {"tells_what_it_costs_to_miss_it", test_optimum_tells_what_it_costs_to_miss_it},
        {"refuses_laws_without_a_closed_form", test_optimum_refuses_laws_without_a_closed_form},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
