#define _XOPEN_SOURCE 700
/* How often the intervals of a fit hold the truth: simulated runs of a law of two variables with 1
 * % noise, fitted as `scalefront fit` does, nominal confidence 90 %. For each size the share of
 * data sets in which each figure lies in the interval that the summary shows first (by profile) and
 * in that of the bootstrap, and the share in which the truth is among the nine tenths of the
 * replicates next to a random reference point, which is 90 % when the whole cloud is calibrated
 * (TARP, arXiv:2302.03026).
 * Usage: bench_coverage [data sets] [huber|lad|least_squares] [law] [runs of a set] */
#include <math.h>
#include <mpi.h>
#include <string.h>

#include "fitting/fit.h"
#include "fitting/uncertainty/profile.h"
#include "fitting/uncertainty/quantile.h"
#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "solver/optimum.h"
#include "tests/bench/bench.h"

enum { MOST = 240, MOST_SETS = 4000, REPLICATES = 400, MOST_P = 5 };
enum { MOST_FIGURES = MOST_P + FIT_N_DERIVED };

/* besiroglu2024, kaplan2020 */
static const struct planted {
    const char *law;
    double natural[MOST_P];
} laws[] = {{"chinchilla", {1.8172, 482.01, 2085.43, 0.3478, 0.3658}},
            {"kaplan_nd", {6.4e13, 1.8e13, 0.076, 0.103}}};
static const double noise = 0.01;
static const double confidence = 0.9;
static const double target_flop = 5.76e23;

struct tally {
    size_t n_sets, n_in_cloud;
    size_t n_bootstrap[MOST_FIGURES], n_shown[MOST_FIGURES], n_one_sided;
    double distance; /* largest of the empirical ranks from uniform */
    double ranks[MOST_SETS];
};

/** \a n runs: six budgets, models spread by a factor of 120 around the optimum of each. */
static void simulate(const struct law *law, const double natural[], size_t n, uint64_t set,
                     double columns[3][MOST])
{
    double theta[LAW_MAX_PARAMETERS];
    struct rng stream;
    rng_init(&stream, 2385, RNG_TEST, set);
    law_transform(law, natural, theta);
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
static double rank_of_truth(const struct fit *f, const double natural[], uint64_t set)
{
    const size_t p = f->law->n_parameters;
    double theta[REPLICATES][LAW_MAX_PARAMETERS], truth[LAW_MAX_PARAMETERS];
    double scale[MOST_P], reference[MOST_P];
    struct rng stream;
    rng_init(&stream, 2386, RNG_TEST, set);
    law_transform(f->law, natural, truth);
    for (size_t r = 0; r < REPLICATES; r++) {
        law_transform(f->law, f->replicates + r * p, theta[r]);
    }
    for (size_t i = 0; i < p; i++) {
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
    for (size_t i = 0; i < p; i++) {
        far += pow((truth[i] - reference[i]) / scale[i], 2.0);
    }
    for (size_t r = 0; r < REPLICATES; r++) {
        double square = 0.0;
        for (size_t i = 0; i < p; i++) {
            square += pow((theta[r][i] - reference[i]) / scale[i], 2.0);
        }
        n_nearer += square < far;
    }
    return (double)n_nearer / REPLICATES;
}

static void count(const struct fit *f, const double natural[], uint64_t set, struct tally *t)
{
    const size_t p = f->law->n_parameters;
    double theta[LAW_MAX_PARAMETERS], truth[MOST_FIGURES];
    struct optimum best;
    law_transform(f->law, natural, theta);
    (void)optimum_at(f->law, theta, target_flop, &best);
    memcpy(truth, natural, p * sizeof *truth);
    truth[p] = best.exponent_params;
    truth[p + 1] = best.params;
    truth[p + 2] = best.tokens;
    truth[p + 3] = best.loss_nat;
    for (size_t k = 0; k < f->n_profiles; k++) {
        const struct fit_interval *x = profile_estimate(f, k);
        const struct fit_profile *q = &f->profiles[k];
        t->n_shown[k] += holds(x->lower, x->upper, truth[k]);
        t->n_bootstrap[k] += holds(q->bootstrap_lower, q->bootstrap_upper, truth[k]);
        t->n_one_sided += q->lower_end != FIT_END_LIMIT || q->upper_end != FIT_END_LIMIT;
    }
    const double rank = rank_of_truth(f, natural, set);
    t->n_in_cloud += rank < confidence;
    t->ranks[t->n_sets++] = rank;
}

static double percent(size_t n, const struct tally *t)
{
    return 100.0 * (double)n / (double)t->n_sets;
}

static void print(const struct law *law, size_t n, struct tally *t)
{
    static const char *const derived[FIT_N_DERIVED] = {"a", "N*", "D*", "loss_nat*"};
    const size_t n_figures = law->n_parameters + FIT_N_DERIVED;
    quantile_sort(t->ranks, t->n_sets);
    for (size_t i = 0; i < t->n_sets; i++) {
        const double off = fabs(((double)i + 0.5) / (double)t->n_sets - t->ranks[i]);
        t->distance = off > t->distance ? off : t->distance;
    }
    (void)printf("n = %zu, %zu data sets; standard error of a share near 90 %%: %.1f\n", n,
                 t->n_sets, 100.0 * sqrt(0.09 / (double)t->n_sets));
    (void)printf("  %-10s %10s %10s\n", "figure", "shown", "bootstrap");
    for (size_t k = 0; k < n_figures; k++) {
        (void)printf("  %-10s %9.1f%% %9.1f%%\n",
                     k < law->n_parameters ? law->parameters[k].name
                                           : derived[k - law->n_parameters],
                     percent(t->n_shown[k], t), percent(t->n_bootstrap[k], t));
    }
    (void)printf("  without one or both limits: %.1f %%\n",
                 percent(t->n_one_sided, t) / (double)n_figures);
    (void)printf("  cloud of replicates: %.1f %% at 90 %%, ranks %.3f from uniform\n",
                 percent(t->n_in_cloud, t), t->distance);
    (void)fflush(stdout);
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
    const struct planted *planted = &laws[argc > 3 && strcmp(argv[3], laws[1].law) == 0];
    const struct law *law = law_find(planted->law);
    const struct fit_options options = {.law = law,
                                        .objective = objective_of(argc > 2 ? argv[2] : "huber"),
                                        .delta = 1e-3,
                                        .seed = 42,
                                        .n_replicates = REPLICATES,
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
            simulate(law, planted->natural, sizes[k], set, columns);
            const struct fit_data data = {
                .n = sizes[k], .x = {columns[0], columns[1]}, .response = columns[2]};
            STATUS_TRY(fit_run(MPI_COMM_SELF, &data, &options, NULL, &f, &why));
            count(&f, planted->natural, set, &tallies[k]);
            fit_clear(&f);
        }
        if (tallies[k].n_sets > 0) {
            print(law, sizes[k], &tallies[k]);
        }
    }
out:
    if (st != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
    }
    (void)MPI_Finalize();
    return st == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
