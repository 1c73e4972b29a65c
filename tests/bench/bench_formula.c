#define _XOPEN_SOURCE 700
/* A formula given as text against the built-in kernels of the same law: values beside law_losses,
 * gradients and Hessians beside the fit's kernel, which adds its Huber sum and gives the same two
 * orders in one pass. Nanoseconds a point, all from the first cache. */
#include <math.h>

#include "fitting/minimise/objective_kernel.h"
#include "solver/base/vmath.h"
#include "solver/formula/formula.h"
#include "solver/formula/formula_bounds.h"
#include "solver/laws/law.h"
#include "tests/bench/bench.h"

enum { N = 512, K = 5, MOST = 1 + K + K * (K + 1) / 2 };

struct run {
    double x[2][N], target[N], weight[N], out[MOST][N];
    double parameters[K], theta[K];
    struct formula_program *programs[3];
    double *workspaces[3];
    enum formula_order order;
};

static void run_formula(void *context)
{
    struct run *r = context;
    const double *columns[2] = {r->x[0], r->x[1]};
    double *outputs[MOST];
    for (size_t i = 0; i < MOST; i++) {
        outputs[i] = r->out[i];
    }
    formula_program_prepare(r->programs[r->order], r->parameters, r->workspaces[r->order]);
    formula_program_run(r->programs[r->order], N, columns, outputs, r->workspaces[r->order]);
}

static void run_bounds(void *context)
{
    struct run *r = context;
    double lowest[1], highest[1];
    for (size_t i = 0; i + 1 < N; i++) {
        formula_bounds_find(r->programs[0], (double[]){r->x[0][i], r->x[1][i]},
                            (double[]){r->x[0][i] + 1., r->x[1][i] + 1.}, lowest, highest,
                            r->workspaces[0]);
        r->out[0][i] = highest[0];
    }
}

static void run_law(void *context)
{
    struct run *r = context;
    const double *columns[] = {r->x[0], r->x[1]};
    law_values(law_find("chinchilla"), r->theta, N, columns, r->out[0]);
}

static void run_objective(void *context)
{
    static double (*const kernels[VMATH_N_LEVELS])(OBJECTIVE_KERNEL_ARGUMENTS) = {
        objective_kernel_evaluate_v2, objective_kernel_evaluate_v3, objective_kernel_evaluate_v4};
    struct run *r = context;
    const struct objective_kernel_data data = {
        .n = N, .n_terms = 2, .x = {r->x[0], r->x[1]}, .target = r->target, .weight = r->weight};
    double gradient[K], hessian[K * K];
    r->out[0][0] =
        kernels[vmath_level()](&data, r->theta, r->parameters[0], 1e-3, gradient, hessian);
}

/* The same law with text instead of a kernel; every parameter and input as the kernel has it. */
static void make(struct run *r)
{
    static const char *const inputs[] = {"N", "D"};
    static const char *const parameters[] = {"E", "A", "B", "alpha", "beta"};
    static const bool is_log[] = {true, true};
    const struct formula_names names = {2, inputs, is_log, K, parameters, NULL};
    const size_t by[K] = {0, 1, 2, 3, 4};
    struct formula *f = NULL;
    struct status_why why;
    size_t column;
    status_clear(&why);
    STATUS_ASSERT(formula_compile("loss = E + A/N^alpha + B/D^beta", &names, &f, &column, &why)
                  == STATUS_OK);
    for (enum formula_order o = FORMULA_VALUE; o <= FORMULA_HESSIAN; o++) {
        STATUS_ASSERT(formula_differentiate(f, o, K, by, &r->programs[o], &why) == STATUS_OK);
        r->workspaces[o] = malloc(formula_program_workspace(r->programs[o]) * sizeof(double));
        STATUS_ASSERT(r->workspaces[o] != NULL);
        (void)printf("order %d: %zu instructions, %zu registers\n", (int)o, r->programs[o]->n_code,
                     r->programs[o]->n_registers);
    }
    formula_destroy(f);
    for (size_t i = 0; i < N; i++) {
        r->x[0][i] = 17. + .017 * (double)((i * 389) % N);
        r->x[1][i] = 21. + .013 * (double)((i * 167) % N);
        r->target[i] = 1.1;
        r->weight[i] = 1.;
    }
    const double natural[K] = {1.817, 477.8, 2143.4, .347, .367};
    for (size_t i = 0; i < K; i++) {
        r->parameters[i] = natural[i];
        r->theta[i] = i < 3 ? log(natural[i]) : natural[i];
    }
}

int main(void)
{
    static const struct {
        const char *name;
        enum formula_order order;
        bench_fn *variant, *naive;
    } rows[] = {
        {"values, law_losses", FORMULA_VALUE, run_formula, run_law},
        {"gradients, objective_kernel", FORMULA_GRADIENT, run_formula, run_objective},
        {"Hessians, objective_kernel", FORMULA_HESSIAN, run_formula, run_objective},
        {"bounds of a box", FORMULA_VALUE, run_bounds, NULL},
    };
    static struct run r;
    make(&r);
    bench_heading();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows && vmath_force(level); i++) {
            char what[64];
            r.order = rows[i].order;
            (void)snprintf(what, sizeof what, "%s, %s", rows[i].name, vmath_level_name(level));
            bench_compare(what, N, 15, rows[i].variant, rows[i].naive, &r);
        }
    }
    for (size_t o = 0; o < 3; o++) {
        formula_program_destroy(r.programs[o]);
        free(r.workspaces[o]);
    }
    return 0;
}
