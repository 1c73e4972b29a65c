/* The Bayesian search on problems whose fronts are known: the hypervolume that it has found after
 * 100 and 200 evaluations, as a share of the front's, and the seconds of one core that making the
 * designs took. Usage: bench_bayes [PROBLEM [SEEDS [EVALUATIONS]]]; "all" for every problem.
 * Medians below a target are marked, and the exit code says whether there was one. */
#define _XOPEN_SOURCE 700
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "search/bayes/propose.h"
#include "tests/harness.h"
#include "tests/search/bayes/known.h"

enum { MOST_SEEDS = 25, MOST_EVALUATIONS = 500, LAG = 4, FIRST = 100, SECOND = 200 };

/* What is asked of the medians after 100 and 200 evaluations; NAN: nothing. */
static const double targets[KNOWN_N][2] = {
    [KNOWN_ZDT1] = {0.99, 0.995},
    [KNOWN_DTLZ2] = {0.84, 0.915},
    [KNOWN_ALLOCATION] = {0.975, 0.98},
    [KNOWN_C2_DTLZ2] = {(double)NAN, (double)NAN},
    [KNOWN_OSY] = {(double)NAN, (double)NAN},
    [KNOWN_MIXED] = {(double)NAN, (double)NAN},
    [KNOWN_DTLZ2_4] = {(double)NAN, (double)NAN},
};
static const double most_seconds = 10.0; /* for the first 100 evaluations */

/* One search: shares of the front's hypervolume and seconds spent, after 100 and 200. */
struct course {
    double share[2], seconds[2];
};

/* Time of this thread on a core: others on the machine do not count. */
static double seconds_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void evaluate(const struct known *k, const struct propose_problem *p, uint64_t id,
                     struct propose_result *r)
{
    double x[VARIABLE_MOST];
    for (size_t i = 0; i < p->n_variables; i++) {
        x[i] = variable_value(&p->variables[i], r->u[i]);
    }
    r->id = id;
    r->outcome = PROPOSE_DONE;
    k->evaluate(x, r->objectives, r->limits);
}

static enum status run(const struct known *k, uint64_t seed, size_t n, double best,
                       struct course *c, struct status_why *why)
{
    static struct propose_result results[MOST_EVALUATIONS];
    static const size_t stops[] = {FIRST, SECOND};
    struct propose_problem p;
    struct propose_state state = {0};
    enum status st = STATUS_OK;
    double seconds = 0.0;
    *c = (struct course){{(double)NAN, (double)NAN}, {(double)NAN, (double)NAN}};
    known_begin(k, seed, LAG, &p);
    for (size_t id = 0; id < n; id++) {
        double pending[LAG * VARIABLE_MOST];
        const size_t n_results = id < LAG ? 0 : id - LAG + 1;
        for (size_t i = n_results; i < id; i++) {
            memcpy(pending + (i - n_results) * p.n_variables, results[i].u,
                   p.n_variables * sizeof *pending);
        }
        const double begun = seconds_now();
        STATUS_TRY(propose_design(&p, id, n_results, results, id - n_results, pending, &state,
                                  results[id].u, why));
        seconds += seconds_now() - begun;
        evaluate(k, &p, id, &results[id]);
        for (size_t i = 0; i < 2; i++) {
            if (id + 1 == stops[i]) {
                STATUS_TRY(propose_hypervolume(&p, id + 1, results, &c->share[i], why));
                c->share[i] /= best;
                c->seconds[i] = seconds;
            }
        }
    }
out:
    return st;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Print median, least and greatest. \return the median */
static double print_spread(size_t n, double values[], const char *unit)
{
    qsort(values, n, sizeof *values, ascending);
    const double median = 0.5 * (values[(n - 1) / 2] + values[n / 2]);
    (void)printf("  %.4g%s [%.4g, %.4g]", median, unit, values[0], values[n - 1]);
    return median;
}

/* All seeds of a problem. \return whether the medians meet what is asked */
static bool bench(size_t problem, size_t n_seeds, size_t n)
{
    static const size_t net = 1000000;
    const struct known *k = &known_problems[problem];
    static struct course courses[MOST_SEEDS];
    const double best = known_best(k, net);
    bool meets = true;
    for (size_t s = 0; s < n_seeds; s++) {
        struct status_why why = {STATUS_OK, ""};
        if (run(k, s + 1, n, best, &courses[s], &why) != STATUS_OK) {
            (void)printf("%s, seed %zu: %s\n", k->name, s + 1, why.message);
            return false;
        }
    }
    for (size_t i = 0; i < 2 && n >= (i == 0 ? FIRST : SECOND); i++) {
        double share[MOST_SEEDS], seconds[MOST_SEEDS];
        for (size_t s = 0; s < n_seeds; s++) {
            share[s] = courses[s].share[i];
            seconds[s] = courses[s].seconds[i];
        }
        (void)printf("%-12s %4d:", k->name, i == 0 ? FIRST : SECOND);
        const double found = print_spread(n_seeds, share, "");
        const double took = print_spread(n_seeds, seconds, " s");
        const bool is_low = found < targets[problem][i];
        const bool is_slow = i == 0 && took > most_seconds;
        (void)printf("%s%s\n", is_low ? "  below its target" : "", is_slow ? "  too slow" : "");
        (void)fflush(stdout);
        meets = meets && !is_low && !is_slow;
    }
    return meets;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "all";
    const size_t n_seeds = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 5;
    const size_t n = argc > 3 ? (size_t)strtoul(argv[3], NULL, 10) : SECOND;
    bool meets = true;
    if (n_seeds < 1 || n_seeds > MOST_SEEDS || n > MOST_EVALUATIONS) {
        (void)fprintf(stderr, "bench_bayes: up to %d seeds and %d evaluations\n", MOST_SEEDS,
                      MOST_EVALUATIONS);
        return EXIT_FAILURE;
    }
    (void)printf("share of the front's hypervolume and seconds of search: median [least, "
                 "greatest] of %zu seeds\n",
                 n_seeds);
    for (size_t i = 0; i < KNOWN_N; i++) {
        if (strcmp(name, "all") == 0 || strcmp(name, known_problems[i].name) == 0) {
            meets = bench(i, n_seeds, n) && meets;
        }
    }
    return meets ? EXIT_SUCCESS : EXIT_FAILURE;
}
