#include "tests/search/bayes/known.h"

#include "solver/base/rng.h"
#include "tests/harness.h"

enum { NET = 40000, COARSE_NET = 2500, DRAWN = 20000 };

static void draw(const struct propose_problem *p, struct rng *r, double x[])
{
    for (size_t i = 0; i < p->n_variables; i++) {
        x[i] = variable_value(&p->variables[i], rng_uniform(r));
    }
}

/* A problem whose front is known by formula is tested with the front of a net. */
static void dtlz2_front(size_t k, size_t n, double x[])
{
    known_c2_front(k, n, x);
}

static void zdt1_front(size_t k, size_t n, double x[])
{
    for (size_t i = 1; i < KNOWN_ZDT1_VARIABLES; i++) {
        x[i] = 0.0;
    }
    x[0] = (double)k / (double)(n - 1);
}

static void test_known_formulas_are_the_volume_below_their_fronts(void)
{
    struct known zdt1 = known_problems[KNOWN_ZDT1], dtlz2 = known_problems[KNOWN_DTLZ2];
    const double best_zdt1 = zdt1.best, best_dtlz2 = dtlz2.best;
    zdt1.best = dtlz2.best = 0.0;
    zdt1.front = zdt1_front;
    dtlz2.front = dtlz2_front;
    HARNESS_ASSERT_REL(known_best(&zdt1, NET), best_zdt1, 1e-4);
    HARNESS_ASSERT_REL(known_best(&dtlz2, NET), best_dtlz2, 0.01);
    /* A net sees the front from its own side alone. */
    CU_ASSERT_TRUE(known_best(&zdt1, NET) < best_zdt1 && known_best(&dtlz2, NET) < best_dtlz2);
    HARNESS_ASSERT_REL(1.21 * best_zdt1, 0.876667, 1e-6);
    HARNESS_ASSERT_REL(1.331 * best_dtlz2, 1.331 - 0.5235987755982988, 1e-12);
}

/* Designs near the front, where a better one would be: a step from one of its designs. */
static void perturb(const struct propose_problem *p, struct rng *r, double x[])
{
    for (size_t i = 0; i < p->n_variables; i++) {
        const struct variable *v = &p->variables[i];
        const double u = variable_coordinate(v, x[i]);
        x[i] = variable_value(v, u + 0.05 * rng_normal(r));
        if (rng_below(r, 8) == 0) {
            x[i] = variable_value(v, rng_uniform(r));
        }
    }
}

/* Whether a place of the front is no worse anywhere, but for the distance of the net's neighbours.
 */
static bool is_behind(size_t m, const double place[], size_t n_front, const double front[])
{
    static const double net_step = 0.03;
    for (size_t i = 0; i < n_front; i++) {
        size_t n_no_worse = 0;
        for (size_t j = 0; j < m; j++) {
            n_no_worse += front[i * m + j] <= place[j] + net_step ? 1 : 0;
        }
        if (n_no_worse == m) {
            return true;
        }
    }
    return false;
}

static void test_known_no_design_is_beyond_a_front(void)
{
    static double x[VARIABLE_MOST], places[COARSE_NET * 3], place[4];
    for (size_t problem = 0; problem < KNOWN_N; problem++) {
        const struct known *k = &known_problems[problem];
        struct propose_problem p;
        struct rng r;
        size_t n_front = 0, n_beyond = 0, n_tried = 0;
        if (k->front == NULL) {
            continue;
        }
        known_begin(k, 0, 1, &p);
        rng_init(&r, 9, RNG_TEST, problem);
        for (size_t i = 0; i < COARSE_NET; i++) {
            k->front(i, COARSE_NET, x);
            n_front += known_places(k, &p, 1, x, places + n_front * p.n_objectives);
        }
        CU_ASSERT_TRUE(n_front > 300);
        for (size_t i = 0; i < DRAWN; i++) {
            if (i % 4 == 0) {
                draw(&p, &r, x);
            } else {
                k->front(rng_below(&r, COARSE_NET), COARSE_NET, x);
                perturb(&p, &r, x);
            }
            if (known_places(k, &p, 1, x, place) == 0) {
                continue;
            }
            n_tried++;
            n_beyond += is_behind(p.n_objectives, place, n_front, places) ? 0 : 1;
        }
        CU_ASSERT_TRUE(n_tried > 300);
        CU_ASSERT_EQUAL(n_beyond, 0);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"formulas are the volume below their fronts",
         test_known_formulas_are_the_volume_below_their_fronts},
        {"no design is beyond a front", test_known_no_design_is_beyond_a_front},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
