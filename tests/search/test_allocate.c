#include "search/allocate.h"

#include "tests/harness.h"

/* Chinchilla's form with the corrections that the questions below need; everything by hand, so that
 * it shares nothing with the program's laws. */
struct planner {
    double E, A, B, alpha, beta;
    double served;   /* tokens of inference, 2 N each */
    double unique;   /* distinct tokens, 0: all; repetition as muennighoff2023 has it */
    double RD, RN;   /* of repetition */
    bool loss_first; /* objective loss, limit flop; else the other way round */
};

static const struct planner besiroglu = {.E = 1.81686,
                                         .A = 482.00572,
                                         .B = 2085.43420,
                                         .alpha = 0.34781,
                                         .beta = 0.36585,
                                         .loss_first = true};
static const struct planner hoffmann_rounded = {
    .E = 1.69, .A = 406.4, .B = 410.7, .alpha = 0.336, .beta = 0.283};

static double saturate(double n, double unique, double scale)
{
    return unique - unique * scale * expm1(-(n / unique - 1.0) / scale);
}

static double loss_of(const struct planner *p, double N, double D)
{
    if (p->unique > 0.0) {
        const double U = fmin(D, p->unique);
        const double G = pow(p->alpha * p->A / (p->beta * p->B), 1.0 / (p->alpha + p->beta));
        const double UN = fmin(N, G * pow(G * U, p->beta / p->alpha));
        D = saturate(D, U, p->RD);
        N = saturate(N, UN, p->RN);
    }
    return p->E + p->A * pow(N, -p->alpha) + p->B * pow(D, -p->beta);
}

static double flop_of(const struct planner *p, double N, double D)
{
    return 6.0 * N * D + 2.0 * N * p->served;
}

static void evaluate(const void *context, const double x[], double values[])
{
    const struct planner *p = context;
    values[p->loss_first ? 0 : 1] = loss_of(p, x[0], x[1]);
    values[p->loss_first ? 1 : 0] = flop_of(p, x[0], x[1]);
}

static void least_params(const void *context, const double x[], double values[])
{
    const struct planner *p = context;
    values[0] = x[0];
    values[1] = flop_of(p, x[0], x[1]);
    values[2] = loss_of(p, x[0], x[1]);
}

static struct allocate_problem problem_of(const struct planner *p, double limit)
{
    return (struct allocate_problem){
        .n_variables = 2,
        .variables = {{1e6, 1e15, true}, {1e7, 1e17, true}},
        .n_limits = 1,
        .limits = {{-INFINITY, limit}},
        .logarithmic = true,
        .evaluate = evaluate,
        .context = p,
    };
}

static struct allocate_answer solve(const struct allocate_problem *p, enum allocate_method method)
{
    struct status_why why;
    struct allocate_answer answer;
    status_clear(&why);
    HARNESS_ASSERT_OK(allocate_solve(p, method, &answer, &why));
    return answer;
}

/* M5 by hand. */
static void optimum_by_hand(const struct planner *p, double flop, double x[])
{
    const double sum = p->alpha + p->beta;
    const double G = pow(p->alpha * p->A / (p->beta * p->B), 1.0 / sum);
    x[0] = G * pow(flop / 6.0, p->beta / sum);
    x[1] = pow(flop / 6.0, p->alpha / sum) / G;
}

static void test_allocate_reaches_the_closed_form_by_every_method(void)
{
    static const enum allocate_method methods[] = {ALLOCATE_BRENT, ALLOCATE_NLOPT};
    static const double budgets[] = {2.37e18, 5.76e23, 3.8e25};
    for (size_t m = 0; m < 2; m++) {
        for (size_t i = 0; i < 3; i++) {
            double x[2];
            struct allocate_problem p = problem_of(&besiroglu, budgets[i]);
            optimum_by_hand(&besiroglu, budgets[i], x);
            const struct allocate_answer a = solve(&p, methods[m]);
            CU_ASSERT_EQUAL(a.reason, ALLOCATE_SOLVED);
            CU_ASSERT_EQUAL(a.method, methods[m]);
            CU_ASSERT_TRUE(a.is_polished);
            HARNESS_ASSERT_REL(a.x[0], x[0], 1e-8);
            HARNESS_ASSERT_REL(a.x[1], x[1], 1e-8);
            HARNESS_ASSERT_REL(a.values[0], loss_of(&besiroglu, x[0], x[1]), 1e-12);
            CU_ASSERT_TRUE(a.residual < 1e-11);
            CU_ASSERT_EQUAL(a.binding, 1);
            CU_ASSERT_EQUAL(a.at_lower | a.at_upper | a.flat, 0);
        }
    }
}

static void test_paper_besiroglu2024_compute_optimum(void)
{
    const struct planner printed = {.E = 1.8172,
                                    .A = 482.01,
                                    .B = 2085.43,
                                    .alpha = 0.3478,
                                    .beta = 0.3658,
                                    .loss_first = true};
    const struct allocate_problem p = problem_of(&printed, 5.76e23);
    const struct allocate_answer a = solve(&p, ALLOCATE_AUTO);
    CU_ASSERT_DOUBLE_EQUAL(a.x[0], 7.225e10, 0.5e7);
    CU_ASSERT_DOUBLE_EQUAL(a.x[1], 1.3287e12, 0.5e8);
    CU_ASSERT_DOUBLE_EQUAL(a.values[0], 1.97444, 0.5e-5);
}

/* Beyond Chinchilla-Optimal: the least compute over the life at the loss of a given model. */
static void test_paper_sardana2024_inference_moves_the_optimum(void)
{
    static const struct {
        double params, tokens, served, best_params, params_digit, best_tokens, tokens_digit, saving;
    } rows[] = {{30e9, 1.556e12, 5e12, 16.41e9, 1e7, 3.265e12, 1e9, 0.163},
                {70e9, 4.255e12, 1e13, 41.55e9, 1e7, 7.923e12, 1e9, 0.120},
                {7e9, 0.2762e12, 1e11, 6.00e9, 1e7, 0.0, 0.0, 0.0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct planner sardana = hoffmann_rounded;
        sardana.served = rows[i].served;
        const double loss = loss_of(&sardana, rows[i].params, rows[i].tokens);
        const struct allocate_problem p = problem_of(&sardana, loss);
        const struct allocate_answer a = solve(&p, ALLOCATE_BRENT);
        const double saving = 1.0 - a.values[0] / flop_of(&sardana, rows[i].params, rows[i].tokens);
        CU_ASSERT_DOUBLE_EQUAL(a.x[0], rows[i].best_params, 0.5 * rows[i].params_digit);
        if (rows[i].best_tokens > 0.0) {
            CU_ASSERT_DOUBLE_EQUAL(a.x[1], rows[i].best_tokens, 0.5 * rows[i].tokens_digit);
            CU_ASSERT_DOUBLE_EQUAL(saving, rows[i].saving, 0.001);
        } else {
            CU_ASSERT_DOUBLE_EQUAL(a.x[1] / rows[i].tokens, 1.176, 0.0005);
        }
    }
}

/* Unique tokens run out: more epochs and a smaller model. */
static void test_paper_muennighoff2023_data_limited_optimum(void)
{
    const struct planner limited = {.E = 1.86914367841,
                                    .A = 520.82495166,
                                    .B = 1487.71609378,
                                    .alpha = 0.3526596,
                                    .beta = 0.3526596,
                                    .unique = 25e9,
                                    .RD = 15.387756,
                                    .RN = 5.309743,
                                    .loss_first = true};
    for (enum allocate_method m = ALLOCATE_BRENT; m <= ALLOCATE_NLOPT; m++) {
        const struct allocate_problem p = problem_of(&limited, 1e22);
        const struct allocate_answer a = solve(&p, m);
        HARNESS_ASSERT_REL(a.x[0], 7.02616e9, 1e-6);
        HARNESS_ASSERT_REL(a.x[1], 2.37209e11, 1e-5);
        CU_ASSERT_DOUBLE_EQUAL(a.values[0], 2.22212927, 0.5e-8);
    }
}

/* The least compute for the loss that a budget gives is that budget. */
static void test_allocate_inverts_itself(void)
{
    struct planner back = besiroglu;
    back.loss_first = false;
    double x[2];
    optimum_by_hand(&besiroglu, 4.1e22, x);
    const struct allocate_problem p = problem_of(&back, loss_of(&back, x[0], x[1]));
    for (enum allocate_method m = ALLOCATE_BRENT; m <= ALLOCATE_NLOPT; m++) {
        const struct allocate_answer a = solve(&p, m);
        HARNESS_ASSERT_REL(a.values[0], 4.1e22, 1e-9);
        HARNESS_ASSERT_REL(a.x[0], x[0], 1e-8);
    }
}

/* Approach 3 of the vocabulary law: the vocabulary that is best for a body of given size and width
 * at a budget. Units of the published coefficients: millions, thousands and thousand millions. */
struct vocabulary {
    double body, width, flop;
};

static void vocabulary_evaluate(const void *context, const double x[], double values[])
{
    const struct vocabulary *v = context;
    const double tokens = v->flop / (6.0 * (v->body + x[0] * v->width));
    values[0] = 0.195842 / pow(x[0] * v->width / 1e6, 0.670737)
                + 2.124112 / pow(tokens / 1e9, 0.446606) + 1.831386 / pow(v->body / 1e6, 0.446606);
}

static void test_paper_tao2024_best_vocabulary(void)
{
    const struct vocabulary body = {2.87e9, 3200.0, 2.3e21};
    const struct allocate_problem p = {
        .n_variables = 1,
        .variables = {{1e3, 1e7, true}},
        .logarithmic = true,
        .evaluate = vocabulary_evaluate,
        .context = &body,
    };
    for (enum allocate_method m = ALLOCATE_BRENT; m <= ALLOCATE_NLOPT; m++) {
        const struct allocate_answer a = solve(&p, m);
        CU_ASSERT_TRUE(a.is_polished);
        CU_ASSERT_DOUBLE_EQUAL(a.x[0], 42212.0, 1.0);
    }
}

/* A loss below what the budget reaches: how far each limit would have to give. */
static void test_allocate_relax_says_what_is_in_reach(void)
{
    const struct allocate_problem p = {
        .n_variables = 2,
        .variables = {{1e6, 1e15, true}, {1e7, 1e17, true}},
        .n_limits = 2,
        .limits = {{-INFINITY, 5.76e23}, {-INFINITY, 1.9}},
        .logarithmic = true,
        .evaluate = least_params,
        .context = &besiroglu,
    };
    struct status_why why;
    struct allocate_answer nearest;
    double x[2];
    status_clear(&why);
    const struct allocate_answer a = solve(&p, ALLOCATE_AUTO);
    CU_ASSERT_EQUAL(a.reason, ALLOCATE_INFEASIBLE);
    CU_ASSERT_TRUE(a.residual > 1e-3);
    HARNESS_ASSERT_OK(allocate_relax(&p, &a, 1, &nearest, &why));
    CU_ASSERT_EQUAL(nearest.reason, ALLOCATE_SOLVED);
    optimum_by_hand(&besiroglu, 5.76e23, x);
    HARNESS_ASSERT_REL(nearest.values[2], loss_of(&besiroglu, x[0], x[1]), 1e-11);
    HARNESS_ASSERT_OK(allocate_relax(&p, &a, 0, &nearest, &why));
    optimum_by_hand(&besiroglu, nearest.values[1], x);
    HARNESS_ASSERT_REL(loss_of(&besiroglu, x[0], x[1]), 1.9, 1e-10);
}

/* The answer of a neighbour leads to the same digits as a solve from nothing. */
static void test_allocate_follow_gives_what_solve_gives(void)
{
    struct planner served = besiroglu;
    served.served = 3.1e12;
    struct status_why why;
    struct allocate_answer followed;
    struct allocate_problem p = problem_of(&served, 2.7e23);
    status_clear(&why);
    const struct allocate_answer near = solve(&p, ALLOCATE_AUTO);
    served.alpha *= 1.02;
    served.B *= 0.93;
    const struct allocate_answer anew = solve(&p, ALLOCATE_AUTO);
    HARNESS_ASSERT_OK(allocate_follow(&p, &near, &followed, &why));
    HARNESS_ASSERT_REL(followed.x[0], anew.x[0], 1e-10);
    HARNESS_ASSERT_REL(followed.x[1], anew.x[1], 1e-10);
    CU_ASSERT_TRUE(followed.evaluations < anew.evaluations / 4);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"closed_form", test_allocate_reaches_the_closed_form_by_every_method},
        {"inverse", test_allocate_inverts_itself},
        {"besiroglu", test_paper_besiroglu2024_compute_optimum},
        {"sardana", test_paper_sardana2024_inference_moves_the_optimum},
        {"muennighoff", test_paper_muennighoff2023_data_limited_optimum},
        {"tao", test_paper_tao2024_best_vocabulary},
        {"relax", test_allocate_relax_says_what_is_in_reach},
        {"follow", test_allocate_follow_gives_what_solve_gives},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
