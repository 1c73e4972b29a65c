#define _XOPEN_SOURCE 700
/* How often the intervals of a fit hold the truth: simulated runs of the Chinchilla law with 1 %
 * noise, fitted as `scalefront fit` does, nominal confidence 90 %. For each size the share of data
 * sets whose bootstrap and profile intervals hold each figure, and the share in which the truth is
 * among the nine tenths of the replicates next to a random reference point, which is 90 % when the
 * whole cloud is calibrated (TARP, arXiv:2302.03026).
 * Usage: bench_coverage [data sets] [huber|lad|least_squares] [case|residual] [runs of a set] */
#include <math.h>
#include <mpi.h>
#include <string.h>

#include "fitting/fit.h"
#include "fitting/uncertainty/quantile.h"
#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "solver/optimum.h"
#include "tests/bench/bench.h"

enum { MOST = 240, MOST_SETS = 4000, REPLICATES = 400, P = 5, FIGURES = P + FIT_N_DERIVED };

static const double planted[P] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658};
static const double noise = 0.01;
static const double confidence = 0.9;
static const double target_flop = 5.76e23;

struct tally {
    size_t n_sets, n_in_cloud;
    size_t n_bootstrap[FIGURES], n_profile[FIGURES], n_one_sided;
    double distance; /* largest of the empirical ranks from uniform */
    double ranks[MOST_SETS];
};

/** \a n runs: six budgets, models spread by a factor of 120 around the optimum of each. */
static void simulate(const struct law *law, size_t n, uint64_t set, double columns[3][MOST])
{
    double theta[LAW_MAX_PARAMETERS];
    struct rng stream;
    rng_init(&stream, 2385, RNG_TEST, set);
    law_transform(law, planted, theta);
    for (size_t i = 0; i < n; i++) {
        const double compute = 6e18 * pow(3.1, (double)(i % 6));
        const double share = ((double)(i / 6) + 0.3) / (double)(n / 6);
        const double params = sqrt(compute / 120.0) * pow(11.0, 2.0 * share - 1.0);
        const double x[] = {log(params), log(compute / (6.0 * params))};
        columns[0][i] = x[0];
        columns[1][i] = x[1];
        columns[2][i] =
            law->value(law, theta, x, NULL, NULL, NULL) * exp(noise * rng_normal(&stream));
    }
}

static bool holds(double lower, double upper, double truth)
{
    return !(truth < lower) && !(truth > upper); /* NaN: no limit on that side */
}

/** Share of the replicates that are nearer to a random point than the truth is, in standard
 * deviations of theta. */
static double rank_of_truth(const struct fit *f, uint64_t set)
{
    double theta[REPLICATES][LAW_MAX_PARAMETERS], truth[LAW_MAX_PARAMETERS];
    double scale[P], reference[P];
    struct rng stream;
    rng_init(&stream, 2386, RNG_TEST, set);
    law_transform(f->law, planted, truth);
    for (size_t r = 0; r < REPLICATES; r++) {
        law_transform(f->law, f->replicates + r * P, theta[r]);
    }
    for (size_t i = 0; i < P; i++) {
        double column[REPLICATES];
        double mean = 0.0;
        for (size_t r = 0; r < REPLICATES; r++) {
            column[r] = theta[r][i];
            mean += column[r] / REPLICATES;
        }
        scale[i] = quantile_deviation(column, REPLICATES);
        reference[i] = mean + 2.0 * scale[i] * (2.0 * rng_uniform(&stream) - 1.0);
    }
    double far = 0.0;
    size_t n_nearer = 0;
    for (size_t i = 0; i < P; i++) {
        far += pow((truth[i] - reference[i]) / scale[i], 2.0);
    }
    for (size_t r = 0; r < REPLICATES; r++) {
        double square = 0.0;
        for (size_t i = 0; i < P; i++) {
            square += pow((theta[r][i] - reference[i]) / scale[i], 2.0);
        }
        n_nearer += square < far;
    }
    return (double)n_nearer / REPLICATES;
}

static void count(const struct fit *f, uint64_t set, struct tally *t)
{
    double theta[LAW_MAX_PARAMETERS];
    struct optimum best;
    law_transform(f->law, planted, theta);
    (void)optimum_at(f->law, theta, target_flop, &best);
    const double truth[FIGURES] = {planted[0],  planted[1],  planted[2],
                                   planted[3],  planted[4],  best.exponent_params,
                                   best.params, best.tokens, best.loss_nat};
    const struct fit_interval *const derived[] = {&f->exponent_params, &f->optimum_params,
                                                  &f->optimum_tokens, &f->optimum_loss_nat};
    for (size_t k = 0; k < FIGURES; k++) {
        const struct fit_interval *x = k < P ? &f->natural[k] : derived[k - P];
        const struct fit_profile *p = &f->profiles[k];
        t->n_bootstrap[k] += holds(x->lower, x->upper, truth[k]);
        t->n_profile[k] += holds(p->lower, p->upper, truth[k]);
        t->n_one_sided += p->limits != FIT_TWO_SIDED;
    }
    const double rank = rank_of_truth(f, set);
    t->n_in_cloud += rank < confidence;
    t->ranks[t->n_sets++] = rank;
}

static double percent(size_t n, const struct tally *t)
{
    return 100.0 * (double)n / (double)t->n_sets;
}

static void print(size_t n, struct tally *t)
{
    static const char *const names[FIGURES] = {"E", "A",  "B",  "alpha",    "beta",
                                               "a", "N*", "D*", "loss_nat*"};
    quantile_sort(t->ranks, t->n_sets);
    for (size_t i = 0; i < t->n_sets; i++) {
        const double off = fabs(((double)i + 0.5) / (double)t->n_sets - t->ranks[i]);
        t->distance = off > t->distance ? off : t->distance;
    }
    (void)printf("n = %zu, %zu data sets; standard error of a share near 90 %%: %.1f\n", n,
                 t->n_sets, 100.0 * sqrt(0.09 / (double)t->n_sets));
    (void)printf("  %-10s %10s %10s\n", "figure", "bootstrap", "profile");
    for (size_t k = 0; k < FIGURES; k++) {
        (void)printf("  %-10s %9.1f%% %9.1f%%\n", names[k], percent(t->n_bootstrap[k], t),
                     percent(t->n_profile[k], t));
    }
    (void)printf("  profiles without one or both limits: %.1f %%\n",
                 percent(t->n_one_sided, t) / FIGURES);
    (void)printf("  cloud of replicates: %.1f %% at 90 %%, ranks %.3f from uniform\n",
                 percent(t->n_in_cloud, t), t->distance);
}

static enum fit_objective objective_of(const char *name)
{
    enum fit_objective o = FIT_HUBER;
    while (o < FIT_LEAST_SQUARES && strcmp(name, fit_objective_name(o)) != 0) {
        o++;
    }
    return o;
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {240, 60, 30};
    static struct tally tallies[3];
    const size_t asked = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    const size_t n_sets = asked < MOST_SETS ? asked : MOST_SETS;
    const size_t only = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    const struct law *law = law_find("chinchilla");
    const struct fit_options options = {
        .law = law,
        .objective = objective_of(argc > 2 ? argv[2] : "huber"),
        .delta = 1e-3,
        .seed = 42,
        .n_replicates = REPLICATES,
        .bootstrap = argc > 3 && strcmp(argv[3], "residual") == 0 ? FIT_RESIDUAL : FIT_CASE,
        .profile = true,
        .confidence = confidence,
        .target_compute_flop = target_flop};
    struct status_why why;
    enum status st = STATUS_OK;
    status_clear(&why);
    (void)MPI_Init(&argc, &argv);
    STATUS_TRY(vmath_start(&why));
    for (size_t k = 0; k < 3; k++) {
        for (uint64_t set = 0; set < n_sets && (only == 0 || only == sizes[k]); set++) {
            static double columns[3][MOST];
            struct fit f;
            simulate(law, sizes[k], set, columns);
            const struct fit_data data = {
                .n = sizes[k], .x = {columns[0], columns[1]}, .response = columns[2]};
            STATUS_TRY(fit_run(MPI_COMM_SELF, &data, &options, NULL, &f, &why));
            count(&f, set, &tallies[k]);
            fit_clear(&f);
        }
        if (tallies[k].n_sets > 0) {
            print(sizes[k], &tallies[k]);
        }
    }
out:
    if (st != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
    }
    (void)MPI_Finalize();
    return st == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
