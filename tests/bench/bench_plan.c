#define _XOPEN_SOURCE 700
/* What a plan saves: from simulated sweeps of a planted law of params and tokens (four budgets of
 * five models, 1 % noise, its exponents and scales drawn anew for each study), the compute that
 * nine more runs need until the standard deviation of a figure is a stated share of what it was.
 * Planned runs know only the fit of the sweep and its replicates. Beside them isoFLOP curves around
 * the fitted optimum, from an eighth to eight times it (one of nine models or three of three,
 * whichever is better), and runs drawn at random from the same candidates. All stay in one range of
 * params and tokens. The deviation is that of the information at the truth, the same for all.
 * Usage: bench_plan [studies] [share] */
#include <math.h>
#include <mpi.h>
#include <string.h>

#include "fitting/fit.h"
#include "fitting/uncertainty/inform.h"
#include "fitting/uncertainty/quantile.h"
#include "search/plan.h"
#include "solver/base/rng.h"
#include "solver/optimum.h"
#include "tests/bench/bench.h"

enum { P = 5, SWEEP = 20, RUNS = 9, SIDE = 15, N = SIDE * SIDE, DRAWS = 9, REPLICATES = 64 };
enum { MOST_STUDIES = 1000, RANDOM_DRAWS = 16 };
enum way { PLANNED, ISOFLOP, RANDOM, N_WAYS };

static const double noise = 0.01, target_flop = 1e24;
static const double least_flop = 1e17, most_flop = 1e24, factor = 1.5;
static const double least_params = 1.6e7, least_tokens = 1e8, wide = 1e3; /* as in the sweep */

struct trial {
    double truth[LAW_MAX_PARAMETERS];
    double sweep[3][SWEEP]; /* ln params, ln tokens, loss */
    struct fit fit;
    struct inform inform;
    double before[P * P], gradient[P]; /* at the truth */
    double x[N][2], cost[N], at_truth[N][P];
    double information[DRAWS * P * P], rows[DRAWS * N * P], gradients[DRAWS * P];
    size_t n_draws;
    struct rng stream;
};

static void simulate(struct trial *t, const struct law *law)
{
    const double natural[] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658};
    law_transform(law, natural, t->truth);
    /* Scales move with their exponents, so that terms keep their size among the runs. */
    const double at[] = {log(3e8), log(6e9)};
    for (size_t k = 0; k < 2; k++) {
        const double by = 0.03 * rng_normal(&t->stream);
        t->truth[3 + k] += by;
        t->truth[1 + k] += by * at[k] + 0.1 * rng_normal(&t->stream);
    }
    for (size_t i = 0; i < SWEEP; i++) {
        struct optimum best;
        const double flop = 6e17 * pow(3.1, (double)(i / 5));
        (void)optimum_at(law, t->truth, flop, &best);
        t->sweep[0][i] = log(best.params) + log(8.0) * ((double)(i % 5) / 2.0 - 1.0);
        t->sweep[1][i] = log(flop / 6.0) - t->sweep[0][i];
        const double x[] = {t->sweep[0][i], t->sweep[1][i]};
        t->sweep[2][i] =
            law->value(law, t->truth, x, NULL, NULL, NULL) * exp(noise * rng_normal(&t->stream));
    }
}

/* What the sweep tells, the target and the rows of all candidates, at one theta. */
static bool describe(struct trial *t, enum inform_target target, const double theta[],
                     double information[], double gradient[], double rows[])
{
    double value, row[LAW_MAX_PARAMETERS];
    bool ok = inform_aim(&t->inform, target, 0, target_flop, theta, &value, gradient);
    inform_begin(&t->inform, information);
    for (size_t i = 0; i < SWEEP; i++) {
        const double x[] = {t->sweep[0][i], t->sweep[1][i]};
        ok = inform_row(&t->inform, theta, x, noise, row) && ok;
        inform_add(&t->inform, 1.0, row, information);
    }
    for (size_t j = 0; j < N; j++) {
        ok = inform_row(&t->inform, theta, t->x[j], noise, rows + j * P) && ok;
    }
    return ok;
}

static bool prepare(struct trial *t, enum inform_target target)
{
    t->n_draws = 0;
    for (size_t k = 0; k < DRAWS; k++) {
        double theta[LAW_MAX_PARAMETERS];
        const size_t d = t->n_draws;
        memcpy(theta, t->fit.theta, sizeof theta);
        if (k > 0) {
            law_transform(t->fit.law, t->fit.replicates + k * (REPLICATES / DRAWS) * P, theta);
        }
        t->n_draws += describe(t, target, theta, t->information + d * P * P, t->gradients + d * P,
                               t->rows + d * N * P);
    }
    return t->n_draws > 0
           && describe(t, target, t->truth, t->before, t->gradient, &t->at_truth[0][0]);
}

/* ln of the target's deviation at the truth. \param [in] rows  [n][P] */
static double spread_of(const struct trial *t, const double rows[][P], size_t n)
{
    const double cost[RUNS] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const size_t all[RUNS] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    const struct plan_problem p = {.n_parameters = P,
                                   .n_candidates = RUNS,
                                   .n_draws = 1,
                                   .information = t->before,
                                   .rows = (const double *)rows,
                                   .target = t->gradient,
                                   .cost = cost,
                                   .budget = 1.0,
                                   .n_runs = 1,
                                   .n_repeats = 1};
    return plan_spread(&p, all, n);
}

static double planned(struct trial *t, double budget)
{
    const struct plan_problem p = {.n_parameters = P,
                                   .n_candidates = N,
                                   .n_draws = t->n_draws,
                                   .information = t->information,
                                   .rows = t->rows,
                                   .target = t->gradients,
                                   .cost = t->cost,
                                   .budget = budget,
                                   .n_runs = RUNS,
                                   .n_repeats = 1};
    struct status_why why = {0};
    struct plan plan;
    double rows[RUNS][P];
    if (plan_choose(&p, &plan, &why) != STATUS_OK) {
        return (double)NAN;
    }
    for (size_t i = 0; i < plan.n; i++) {
        memcpy(rows[i], t->at_truth[plan.steps[i].candidate], sizeof rows[i]);
    }
    const double spread = spread_of(t, (const double(*)[P])rows, plan.n);
    plan_clear(&plan);
    return spread;
}

/* Nine models as curves of equal length, each at 3.1 times the compute of the one before. */
static double curves(struct trial *t, double budget, size_t n_curves)
{
    const size_t length = RUNS / n_curves;
    double rows[RUNS][P], unit = 0.0;
    for (size_t c = 0; c < n_curves; c++) {
        unit += (double)length * pow(3.1, (double)c);
    }
    for (size_t i = 0; i < RUNS; i++) {
        struct optimum best;
        const double flop = budget / unit * pow(3.1, (double)(i / length));
        const double share = (double)(i % length) / (double)(length - 1);
        (void)optimum_at(t->fit.law, t->fit.theta, flop, &best);
        const double wanted = log(best.params) + log(8.0) * (2.0 * share - 1.0);
        const double lower = fmax(log(least_params), log(flop / 6.0 / (wide * least_tokens)));
        const double upper = fmin(log(wide * least_params), log(flop / 6.0 / least_tokens));
        const double log_params = fmin(upper, fmax(lower, wanted));
        const double x[] = {log_params, log(flop / 6.0) - log_params};
        (void)inform_row(&t->inform, t->truth, x, noise, rows[i]);
    }
    return spread_of(t, (const double(*)[P])rows, RUNS);
}

/* The better of one curve and three, in hindsight. */
static double isoflop(struct trial *t, double budget)
{
    return fmin(curves(t, budget, 1), curves(t, budget, 3));
}

/* The mean over draws of nine candidates, each drawn among those that the rest of the budget pays.
 */
static double at_random(struct trial *t, double budget)
{
    double sum = 0.0;
    for (size_t k = 0; k < RANDOM_DRAWS; k++) {
        double rows[RUNS][P], left = budget;
        size_t n = 0;
        for (; n < RUNS; n++) {
            size_t n_payable = 0, payable[N];
            for (size_t j = 0; j < N; j++) {
                if (t->cost[j] <= left) {
                    payable[n_payable++] = j;
                }
            }
            if (n_payable == 0) {
                break;
            }
            const size_t j = payable[rng_below(&t->stream, n_payable)];
            left -= t->cost[j];
            memcpy(rows[n], t->at_truth[j], sizeof rows[n]);
        }
        sum += spread_of(t, (const double(*)[P])rows, n);
    }
    return sum / RANDOM_DRAWS;
}

/* The least compute at which a way reaches a spread, between budgets by the line through both. */
static double needed(struct trial *t, double (*way)(struct trial *t, double budget), double goal)
{
    double before = spread_of(t, NULL, 0), log_before = 0.0;
    for (double flop = least_flop; flop < most_flop; flop *= factor) {
        const double spread = way(t, flop);
        if (spread <= goal) {
            const double share = (before - goal) / (before - spread);
            return log_before > 0.0 ? exp(log_before + share * (log(flop) - log_before)) : flop;
        }
        before = spread;
        log_before = log(flop);
    }
    return most_flop;
}

static double median_of(double values[], size_t n)
{
    quantile_sort(values, n);
    return quantile_linear(values, n, 0.5);
}

static void compare(struct trial *t, enum inform_target target, const char *name, size_t n_studies,
                    double share)
{
    static double flop[N_WAYS][MOST_STUDIES], ratio[N_WAYS][MOST_STUDIES];
    static double (*const ways[N_WAYS])(struct trial * t, double budget) = {planned, isoflop,
                                                                            at_random};
    static const char *const names[N_WAYS] = {"planned", "isoFLOP", "random"};
    static const struct fit_parameter_option nothing[LAW_MAX_PARAMETERS];
    const struct law *law = law_find("chinchilla");
    size_t n = 0;
    for (uint64_t s = 0; s < n_studies; s++) {
        struct status_why why = {0};
        rng_init(&t->stream, 2385, RNG_TEST, s);
        simulate(t, law);
        const struct fit_data data = {
            .n = SWEEP, .x = {t->sweep[0], t->sweep[1]}, .response = t->sweep[2]};
        const struct fit_options options = {.law = law,
                                            .objective = FIT_LEAST_SQUARES,
                                            .seed = s,
                                            .n_replicates = REPLICATES,
                                            .confidence = 0.9,
                                            .target_compute_flop = target_flop};
        if (fit_run(MPI_COMM_WORLD, &data, &options, NULL, &t->fit, &why) != STATUS_OK) {
            continue;
        }
        inform_open(law, FIT_LOG, nothing, t->truth, &t->inform);
        if (prepare(t, target)) {
            const double goal = spread_of(t, NULL, 0) + log(share);
            for (size_t w = 0; w < N_WAYS; w++) {
                flop[w][n] = needed(t, ways[w], goal);
                ratio[w][n] = flop[w][n] / flop[PLANNED][n];
            }
            n++;
        }
        fit_clear(&t->fit);
    }
    for (size_t w = 0; w < N_WAYS && n > 0; w++) {
        size_t n_worse = 0, n_never = 0;
        for (size_t i = 0; i < n; i++) {
            n_worse += ratio[w][i] < 1.0;
            n_never += flop[w][i] >= most_flop;
        }
        const double typical = median_of(flop[w], n), median = median_of(ratio[w], n);
        (void)printf("%-10s %-8s studies=%zu median_flop=%.3g ratio_median=%.3g ratio_q10=%.3g "
                     "ratio_q90=%.3g plan_worse=%zu "
                     "never=%zu\n",
                     name, names[w], n, typical, median, quantile_linear(ratio[w], n, 0.1),
                     quantile_linear(ratio[w], n, 0.9), n_worse, n_never);
        (void)fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    static struct trial trial;
    struct trial *t = &trial;
    const size_t asked = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 200;
    const double share = argc > 2 ? strtod(argv[2], NULL) : 0.7;
    (void)MPI_Init(&argc, &argv);
    for (size_t j = 0; j < N; j++) {
        t->x[j][0] = log(least_params) + log(wide) * (double)(j / SIDE) / (SIDE - 1);
        t->x[j][1] = log(least_tokens) + log(wide) * (double)(j % SIDE) / (SIDE - 1);
        t->cost[j] = 6.0 * exp(t->x[j][0] + t->x[j][1]);
    }
    const size_t n = asked < MOST_STUDIES ? asked : MOST_STUDIES;
    compare(t, INFORM_PARAMS, "params", n, share);
    compare(t, INFORM_EXPONENT, "exponent_a", n, share);
    (void)MPI_Finalize();
    return EXIT_SUCCESS;
}
