#include "solver/formula/formula_program.h"

#include "solver/base/vmath.h"
#include "tests/harness.h"
#include "tests/solver/formula/formulas.h"

enum { N = 603 /* two blocks, some eights and three more */, MOST = 64 };

struct columns {
    double x[FORMULAS_N_INPUTS][N], y[MOST][N];
};

static void draw_columns(struct columns *c)
{
    struct rng r;
    rng_init(&r, 2385, RNG_TEST, 7);
    for (size_t i = 0; i < N; i++) {
        double x[FORMULAS_N_INPUTS];
        formulas_draw_inputs(&r, x);
        for (size_t k = 0; k < FORMULAS_N_INPUTS; k++) {
            c->x[k][i] = x[k];
        }
    }
}

/* Points first to last in one call. */
static void run_piece(const struct formulas_run *run, struct columns *c, size_t first, size_t last)
{
    const double *columns[FORMULAS_N_INPUTS];
    double *outputs[MOST];
    for (size_t k = 0; k < FORMULAS_N_INPUTS; k++) {
        columns[k] = c->x[k] + first;
    }
    for (size_t k = 0; k < run->program->n_outputs; k++) {
        outputs[k] = c->y[k] + first;
    }
    formula_program_run(run->program, last - first, columns, outputs, run->workspace);
}

static void compare(const struct formulas_run *run, const struct columns *got,
                    const struct columns *want)
{
    int n_different = 0;
    for (size_t k = 0; k < run->program->n_outputs; k++) {
        for (size_t i = 0; i < N; i++) {
            n_different += formulas_same(got->y[k][i], want->y[k][i]) ? 0 : 1;
        }
    }
    CU_ASSERT_EQUAL(n_different, 0);
}

static void test_formula_program_gives_the_same_bits_on_every_level_and_cut(void)
{
    static struct columns got, want;
    const enum vmath_level kept = vmath_level();
    draw_columns(&want);
    for (size_t t = 0; t < FORMULAS_N; t++) {
        struct formulas_run run = formulas_make(formulas_texts[t], FORMULA_HESSIAN);
        const double v[] = {1.69, 406.4, .34, 410.7, .28, 2.2};
        CU_ASSERT(vmath_force(VMATH_V2));
        formula_program_prepare(run.program, v, run.workspace);
        run_piece(&run, &want, 0, N);
        for (enum vmath_level l = VMATH_V2; l < VMATH_N_LEVELS && vmath_force(l); l++) {
            formula_program_prepare(run.program, v, run.workspace);
            got = want;
            memset(got.y, 0, sizeof got.y);
            run_piece(&run, &got, 0, N);
            compare(&run, &got, &want);
            memset(got.y, 0, sizeof got.y);
            static const size_t cuts[] = {0, 1, 9, 17, 24, 311, 567, N};
            for (size_t i = 0; i + 1 < sizeof cuts / sizeof *cuts; i++) {
                run_piece(&run, &got, cuts[i], cuts[i + 1]);
            }
            compare(&run, &got, &want);
        }
        CU_ASSERT(vmath_force(kept));
        formulas_free(&run);
    }
}

static void test_formula_program_writes_only_its_points(void)
{
    struct formulas_run run = formulas_make(formulas_texts[0], FORMULA_VALUE);
    const double v[] = {1.69, 406.4, .34, 410.7, .28, 2.2};
    static struct columns c;
    draw_columns(&c);
    for (size_t i = 0; i < N; i++) {
        c.y[0][i] = -7.;
    }
    formula_program_prepare(run.program, v, run.workspace);
    run_piece(&run, &c, 16, 16);
    run_piece(&run, &c, 16, 29);
    HARNESS_ASSERT_REL(c.y[0][15], -7., 0.);
    CU_ASSERT(c.y[0][16] > 0. && c.y[0][28] > 0.);
    HARNESS_ASSERT_REL(c.y[0][29], -7., 0.);
    formulas_free(&run);
}

static void test_formula_program_gives_outputs_that_need_no_operation(void)
{
    struct status_why why;
    struct formula_graph g;
    struct formula_program *p = NULL;
    double work[8192], y[6][3] = {{0.}};
    status_clear(&why);
    formula_graph_init(&g);
    const formula_graph_id x = formula_graph_input(&g, 1), a = formula_graph_parameter(&g, 1);
    const formula_graph_id product = formula_graph_apply(&g, FORMULA_OP_MUL, a, x, 0);
    const formula_graph_id root = formula_graph_apply(&g, FORMULA_OP_SQRT, a, 0, 0);
    const formula_graph_id outputs[6] = {x,       a,       formula_graph_constant(&g, 2.385),
                                         product, product, root};
    HARNESS_ASSERT_OK(formula_program_create(&g, 2, 2, 6, outputs, &p, &why));
    CU_ASSERT_FATAL(p != NULL && formula_program_workspace(p) <= 8192);
    CU_ASSERT_EQUAL(p->inputs, 2);
    const double column[] = {.3, .7, 1.1};
    double *to[6] = {y[0], y[1], y[2], y[3], y[4], y[5]};
    formula_program_prepare(p, (double[]){-1., 4.}, work);
    formula_program_run(p, 3, (const double *[]){NULL, column}, to, work);
    for (size_t i = 0; i < 3; i++) {
        const double want[6] = {column[i], 4., 2.385, 4. * column[i], 4. * column[i], 2.};
        for (size_t k = 0; k < 6; k++) {
            HARNESS_ASSERT_REL(y[k][i], want[k], 0.);
        }
    }
    formula_program_destroy(p);
    formula_graph_clear(&g);
}

static void test_formula_program_computes_once_what_all_points_share(void)
{
    struct formulas_run run =
        formulas_make("E*exp(A) + log(B)*k^2.5 + x*sqrt(alpha) + N^beta", FORMULA_VALUE);
    CU_ASSERT_EQUAL(run.program->n_code, 5); /* two products, two sums, one exponential */
    CU_ASSERT(run.program->n_registers <= 2);
    formulas_free(&run);
}

static void test_formula_program_reuses_registers(void)
{
    struct formulas_run run = formulas_make(
        "exp(x)*exp(x*k)/(1+exp(x*A)) + exp(x*B)/(2+exp(x*E)) + exp(x*alpha)/(3+exp(x*beta))",
        FORMULA_VALUE);
    CU_ASSERT(run.program->n_code > 15);
    CU_ASSERT(run.program->n_registers <= 4);
    formulas_free(&run);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"gives the same bits on every level and cut",
         test_formula_program_gives_the_same_bits_on_every_level_and_cut},
        {"writes only its points", test_formula_program_writes_only_its_points},
        {"gives outputs that need no operation",
         test_formula_program_gives_outputs_that_need_no_operation},
        {"computes once what all points share",
         test_formula_program_computes_once_what_all_points_share},
        {"reuses registers", test_formula_program_reuses_registers},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
