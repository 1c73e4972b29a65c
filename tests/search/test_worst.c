/* ranks: 1 2 3 */
#include "search/worst.h"

#include <math.h>

#include "search/exact/path.h"
#include "search/exact/stream.h"
#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static const struct path_options plain;
static struct random_problem made;

/* The same by definition: a problem that looks at every level of every combined axis by its index.
 */
struct by_definition {
    const struct problem *base, *shape; /* shape: space, objectives and constraints of the answer */
    const bool *combined;
};

/* Levels of the base for a configuration of what is left and one of what is combined. */
static uint64_t index_in_base(const struct by_definition *d, uint64_t left, uint64_t combined)
{
    const struct space *s = d->base->space;
    uint64_t index = 0, weight = 1;
    for (size_t a = s->n_axes; a-- > 0;) {
        uint64_t *from = d->combined[a] ? &combined : &left;
        index += weight * (*from % s->axes[a].n);
        *from /= s->axes[a].n;
        weight *= s->axes[a].n;
    }
    return index;
}

static void evaluate_by_definition(const void *context, uint64_t begin, size_t n, double values[],
                                   size_t stride)
{
    const struct by_definition *d = context;
    const struct problem *b = d->base;
    const uint64_t n_left = space_size(d->shape->space), n_all = space_size(b->space);
    for (size_t i = 0; i < n; i++) {
        bool feasible = true;
        for (uint64_t c = 0; c < n_all / n_left; c++) {
            double x[RANDOM_MAX_OUTCOMES] = {0};
            b->evaluate(b->context, index_in_base(d, begin + i, c), 1, x, 1);
            for (size_t k = 0; k < b->n_constraints; k++) {
                const double v = x[b->n_objectives + k];
                feasible = feasible && b->constraints[k].lower <= v && v <= b->constraints[k].upper;
            }
            for (size_t j = 0; j < b->n_objectives; j++) {
                double *worst = &values[j * stride + i];
                *worst = c == 0                      ? x[j]
                         : b->objectives[j].maximise ? fmin(*worst, x[j])
                                                     : fmax(*worst, x[j]);
            }
        }
        values[b->n_objectives * stride + i] = feasible ? 0.0 : 1.0;
    }
}

/* Combine some of the scenario axes of a random problem. \return how many */
static size_t choose(struct rng *r, const struct space *s, bool combined[])
{
    size_t n = 0, last = s->n_axes;
    for (size_t a = 0; a < s->n_axes; a++) {
        combined[a] = s->axes[a].role == SPACE_SCENARIO && rng_uniform(r) < 0.6;
        last = s->axes[a].role == SPACE_SCENARIO ? a : last;
        n += combined[a];
    }
    if (n == 0 && last < s->n_axes) {
        combined[last] = true;
        n = 1;
    }
    return n;
}

static void expect_rows_of_definition(const struct problem *base, const bool combined[],
                                      const struct problem *answer)
{
    const struct by_definition d = {base, answer, combined};
    struct problem p = *answer;
    struct frontier want;
    p.evaluate = evaluate_by_definition;
    p.context = &d;
    p.n_constraints = 1;
    p.constraints[0] = (struct problem_constraint){.lower = 0.0, .upper = 0.0};
    brute_frontier(&p, &want);
    for (int kind = PATH_FACTORED; kind <= PATH_STREAMING; kind++) {
        struct frontier got;
        const struct path *path = path_choose(answer, (enum path_kind)kind, &why);
        if (path != NULL) {
            HARNESS_ASSERT_OK(path->search(harness_comm(), answer, &plain, &got, &why));
            CU_ASSERT(brute_same_rows(&got, &want));
            frontier_clear(&got);
        }
        status_clear(&why);
    }
    frontier_clear(&want);
}

static void test_worst_rows_equal_the_definition_on_every_path(void)
{
    size_t n_problems = 0, n_tables = 0;
    for (uint64_t seed = 1; seed <= 220; seed++) {
        struct rng r;
        struct worst *w = NULL;
        bool combined[SPACE_MAX_AXES];
        rng_init(&r, seed, RNG_SIMULATE, 7);
        random_problem(3000 + seed, 7, &made);
        for (size_t k = 0; k < made.problem.n_constraints; k++) { /* some have two bounds */
            struct problem_constraint *c = &made.problem.constraints[k];
            c->lower = isfinite(c->upper) && rng_uniform(&r) < 0.4 ? 0.3 * c->upper : c->lower;
        }
        if (choose(&r, &made.space, combined) > 0) {
            HARNESS_ASSERT_OK(worst_create(&made.problem, combined, &w, &why));
            CU_ASSERT_PTR_NOT_NULL_FATAL(w);
            expect_rows_of_definition(&made.problem, combined, worst_problem(w));
            n_problems++;
            n_tables += worst_problem(w)->tables != NULL;
            worst_destroy(w);
        }
        space_clear(&made.space);
    }
    CU_ASSERT(n_problems > 100);
    CU_ASSERT(n_tables > 20 && n_tables < n_problems);
}

/* Scenarios of real evaluators, with inputs that follow from others. */
static void test_worst_of_dependent_inputs_equals_the_definition(void)
{
    static struct random_evaluated evaluated;
    size_t n_problems = 0, n_tables = 0;
    for (uint64_t seed = 1; seed <= 90; seed++) {
        struct rng r;
        struct worst *w = NULL;
        bool combined[SPACE_MAX_AXES];
        rng_init(&r, seed, RNG_SIMULATE, 8);
        random_evaluated(500 + seed, 9, &evaluated);
        if (choose(&r, &evaluated.space, combined) > 0) {
            HARNESS_ASSERT_OK(worst_create(&evaluated.problem, combined, &w, &why));
            CU_ASSERT_PTR_NOT_NULL_FATAL(w);
            expect_rows_of_definition(&evaluated.problem, combined, worst_problem(w));
            n_problems++;
            n_tables += worst_problem(w)->tables != NULL;
            worst_destroy(w);
        }
        random_evaluated_clear(&evaluated);
    }
    CU_ASSERT(n_problems > 20 && n_tables > 10);
}

/* Options whose figures alone depend on the scenario keep the tables, and with them the fast path.
 */
static void test_worst_of_figures_stays_factored(void)
{
    size_t n_factored = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct worst *w = NULL;
        struct frontier want, got;
        const bool combined[SPACE_MAX_AXES] = {true};
        random_factored(seed, &made);
        HARNESS_ASSERT_OK(worst_create(&made.problem, combined, &w, &why));
        CU_ASSERT_PTR_NOT_NULL_FATAL(w);
        const struct problem *p = worst_problem(w);
        if (p->tables != NULL) {
            const struct path *path = path_choose(p, PATH_AUTO, &why);
            CU_ASSERT_EQUAL(path->kind, PATH_FACTORED);
            HARNESS_ASSERT_OK(stream_search(harness_comm(), p, &plain, &want, &why));
            HARNESS_ASSERT_OK(path->search(harness_comm(), p, &plain, &got, &why));
            CU_ASSERT(brute_same_rows(&got, &want));
            frontier_clear(&want);
            frontier_clear(&got);
            n_factored++;
        }
        worst_destroy(w);
        space_clear(&made.space);
    }
    CU_ASSERT(n_factored > 0);
}

/* What does not exist in one level is infeasible in all. */
static void nan_in_one_level(const void *context, uint64_t begin, size_t n, double values[],
                             size_t stride)
{
    (void)context;
    for (size_t i = 0; i < n; i++) { /* two levels of five configurations */
        const uint64_t decision = (begin + i) % 5, level = (begin + i) / 5;
        const double missing = level == 1 && decision < 2 ? (double)NAN : 0.0;
        values[i] = (double)(decision + 10 * level) + missing;
        values[stride + i] = missing;
    }
}

static void test_worst_of_what_does_not_exist_is_infeasible(void)
{
    struct space s;
    struct worst *w = NULL;
    struct frontier f;
    const bool combined[SPACE_MAX_AXES] = {true};
    space_init(&s);
    problems_axis(&s, "scenario", SPACE_SCENARIO, 1, 2, 2);
    problems_axis(&s, "decision", SPACE_DECISION, 1, 5, 5);
    struct problem p = {.space = &s,
                        .n_objectives = 1,
                        .n_constraints = 1,
                        .constraints = {{.lower = -(double)INFINITY, .upper = (double)INFINITY}},
                        .is_partial = true,
                        .evaluate = nan_in_one_level};
    HARNESS_ASSERT_OK(worst_create(&p, combined, &w, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(w);
    HARNESS_ASSERT_OK(stream_search(harness_comm(), worst_problem(w), &plain, &f, &why));
    CU_ASSERT_EQUAL(f.n_rows, 1);
    CU_ASSERT(f.n_mine == 0
              || (f.configurations[0] == 2 && !(f.objectives[0] < 12 || f.objectives[0] > 12)));
    CU_ASSERT_EQUAL(f.n_feasible, 3);
    CU_ASSERT_EQUAL(f.n_undefined, 2);
    frontier_clear(&f);
    worst_destroy(w);

    p.n_constraints = 9;
    for (size_t k = 0; k < 9; k++) {
        p.constraints[k] = (struct problem_constraint){.lower = 1.0, .upper = 2.0};
    }
    HARNESS_ASSERT_FAILS(worst_create(&p, combined, &w, &why), STATUS_INPUT,
                         "more than 16 constraints");
    space_clear(&s);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"rows_equal_the_definition_on_every_path",
         test_worst_rows_equal_the_definition_on_every_path},
        {"of_dependent_inputs_equals_the_definition",
         test_worst_of_dependent_inputs_equals_the_definition},
        {"of_figures_stays_factored", test_worst_of_figures_stays_factored},
        {"of_what_does_not_exist_is_infeasible", test_worst_of_what_does_not_exist_is_infeasible},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
