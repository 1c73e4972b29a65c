/* ranks: 1 3 */
#include "fitting/uncertainty/bootstrap.h"

#include "fitting/minimise/local.h"
#include "fitting/minimise/start.h"
#include "solver/base/team.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

/** Simulated runs and their optimum. */
static struct objective *make(double z[])
{
    struct objective *o = NULL;
    struct status_why why;
    struct local_end end;
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 29, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    start_find(o, 5, 12, z);
    local_minimise(o, false, z, &end);
    return o;
}

/* numpy.random.RandomState(42).randint(240, size=12). */
static void test_bootstrap_numpy_draws_known_numbers(void)
{
    static const uint32_t first[] = {102, 179, 92, 14, 106, 71, 188, 20, 102, 121, 210, 214};
    struct bootstrap_numpy *s = bootstrap_numpy_create(42);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(bootstrap_numpy_below(s, 240), first[i]);
    }
    CU_ASSERT_EQUAL(bootstrap_numpy_below(s, 1), 0); /* draws nothing */
    for (size_t i = 6; i < 12; i++) {
        CU_ASSERT_EQUAL(bootstrap_numpy_below(s, 240), first[i]);
    }
    bootstrap_numpy_destroy(s);
}

/* randint(1000000) and randint(65537) of the same state: masks of 20 and of 17 ones. */
static void test_bootstrap_numpy_masks_cover_the_range(void)
{
    struct bootstrap_numpy *s = bootstrap_numpy_create(42);
    struct bootstrap_numpy *copy = bootstrap_numpy_create(42);
    CU_ASSERT_EQUAL(bootstrap_numpy_below(s, 1000000), 121958);
    CU_ASSERT_EQUAL(bootstrap_numpy_below(s, 1000000), 671155);
    CU_ASSERT_EQUAL(bootstrap_numpy_below(s, 1000000), 131932);
    CU_ASSERT_EQUAL(bootstrap_numpy_below(copy, 65537), 15795); /* 121958 is not below */
    bootstrap_numpy_destroy(s);
    bootstrap_numpy_destroy(copy);
}

static void test_bootstrap_draw_keyed_resamples_all_rows_alike(void)
{
    enum { N = 37, DRAWS = 4000 };
    unsigned count[N];
    unsigned again[N];
    double total[N] = {0.0};
    for (size_t r = 0; r < DRAWS; r++) {
        size_t sum = 0;
        bootstrap_draw_keyed(7, r, N, count);
        for (size_t i = 0; i < N; i++) {
            sum += count[i];
            total[i] += (double)count[i];
        }
        CU_ASSERT_EQUAL(sum, N);
    }
    for (size_t i = 0; i < N; i++) { /* 4000 expected, standard deviation 62 */
        CU_ASSERT_DOUBLE_EQUAL(total[i], (double)DRAWS, 320.0);
    }
    bootstrap_draw_keyed(7, 11, N, count);
    bootstrap_draw_keyed(7, 11, N, again);
    CU_ASSERT_EQUAL(memcmp(count, again, sizeof count), 0);
    bootstrap_draw_keyed(8, 11, N, again);
    CU_ASSERT_NOT_EQUAL(memcmp(count, again, sizeof count), 0);
}

static void test_bootstrap_run_solves_each_resample(void)
{
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(z);
    struct objective *sample = NULL;
    struct status_why why;
    struct bootstrap b;
    struct fit_options options = observations_options("chinchilla");
    unsigned count[OBSERVATIONS_MAX];
    options.n_replicates = 70; /* a full batch and a part */
    status_clear(&why);
    HARNESS_ASSERT_OK(bootstrap_run(harness_comm(), o, z, 1, &options, NULL, &b, &why));
    CU_ASSERT_EQUAL(b.n_replicates, 70);
    CU_ASSERT_EQUAL(b.n_checked, 5);
    CU_ASSERT_TRUE(b.n_agree <= b.n_checked);
    HARNESS_ASSERT_OK(objective_create_like(o, &sample, &why));
    for (size_t r = 0; r < 70; r += 23) {
        double best[LAW_MAX_PARAMETERS];
        struct local_end end;
        bootstrap_draw_keyed(options.seed, r, o->n, count);
        objective_resample(o, count, sample);
        start_find(sample, 5, 7, best);
        local_minimise(sample, false, best, &end);
        CU_ASSERT_TRUE(b.objectives[r] <= end.objective * (1.0 + 1e-9));
        law_transform(o->law, b.replicates + r * 5, best);
        objective_centre(sample, best, best);
        HARNESS_ASSERT_REL(objective_value(sample, best), b.objectives[r], 1e-10);
    }
    bootstrap_clear(&b);
    objective_destroy(sample);
    objective_destroy(o);
}

/** A source with \a options, and room for its replicates. */
static struct bootstrap_source *open_source(const struct objective *o, const double z[],
                                            const struct fit_options *options,
                                            struct objective **sample)
{
    struct bootstrap_source *source = NULL;
    struct status_why why;
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create_like(o, sample, &why));
    HARNESS_ASSERT_OK(bootstrap_source_create(o, z, options, &source, &why));
    return source;
}

static void test_bootstrap_cluster_draws_whole_groups(void)
{
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(z);
    struct objective *sample = NULL;
    struct fit_options options = observations_options("chinchilla");
    size_t cluster[OBSERVATIONS_MAX];
    enum { GROUPS = 5 };
    for (size_t i = 0; i < o->n; i++) {
        cluster[i] = i % GROUPS; /* 54 runs: groups of 11 and 10 */
    }
    options.bootstrap = FIT_CLUSTER;
    options.cluster = cluster;
    options.n_clusters = GROUPS;
    struct bootstrap_source *source = open_source(o, z, &options, &sample);
    for (size_t r = 0; r < 20; r++) {
        double weight[GROUPS] = {0.0};
        double drawn = 0.0;
        size_t row = 0;
        bootstrap_source_draw(source, r, sample);
        for (size_t i = 0; i < o->n && row < sample->n; i++) {
            if (fabs(sample->target[row] - o->target[i]) > 0.0) {
                continue; /* left out */
            }
            double *w = &weight[cluster[i]];
            CU_ASSERT_TRUE(*w < 1.0 || fabs(*w - sample->weight[row]) <= 0.0);
            *w = sample->weight[row++];
        }
        CU_ASSERT_EQUAL(row, sample->n); /* in the order of the runs */
        for (size_t k = 0; k < GROUPS; k++) {
            drawn += weight[k];
        }
        CU_ASSERT_EQUAL(drawn, GROUPS);
    }
    bootstrap_source_destroy(source);
    objective_destroy(sample);
    objective_destroy(o);
}

static void test_bootstrap_residual_moves_responses_alone(void)
{
    static const enum fit_residual spaces[] = {FIT_LOG, FIT_LINEAR};
    for (size_t k = 0; k < 2; k++) {
        double z[LAW_MAX_PARAMETERS];
        double residual[OBSERVATIONS_MAX];
        double mean = 0.0;
        size_t n_known = 0;
        struct objective *o = make(z);
        struct objective *sample = NULL;
        struct fit_options options = observations_options("chinchilla");
        if (spaces[k] == FIT_LINEAR) {
            o->residual = FIT_LINEAR;
            memcpy(o->target, o->response, o->n * sizeof *o->target);
        }
        options.bootstrap = FIT_RESIDUAL;
        objective_residuals(o, z, residual); /* predicted less observed */
        for (size_t i = 0; i < o->n; i++) {
            mean += residual[i] / (double)o->n;
        }
        struct bootstrap_source *source = open_source(o, z, &options, &sample);
        bootstrap_source_draw(source, 3, sample);
        CU_ASSERT_EQUAL(sample->n, o->n);
        CU_ASSERT_EQUAL(memcmp(sample->x[1], o->x[1], o->n * sizeof(double)), 0);
        for (size_t i = 0; i < o->n; i++) {
            const double fitted = o->target[i] + residual[i];
            const double drawn = sample->target[i] - fitted;
            for (size_t j = 0; j < o->n; j++) {
                if (fabs(drawn - (mean - residual[j])) < 1e-13) {
                    n_known++; /* minus a residual of some run, centred */
                    break;
                }
            }
            const double response = k == 0 ? exp(sample->target[i]) : sample->target[i];
            HARNESS_ASSERT_REL(sample->response[i], response, 1e-14);
        }
        CU_ASSERT_EQUAL(n_known, o->n);
        bootstrap_source_destroy(source);
        objective_destroy(sample);
        objective_destroy(o);
    }
}

/* A replicate does not depend on which were made before: numpy's stream is found again. */
static void test_bootstrap_source_draws_in_any_order(void)
{
    static const enum fit_resampling streams[] = {FIT_KEYED, FIT_NUMPY_MT19937};
    static const size_t order[] = {0, 1, 4, 2, 9, 1, 0};
    for (size_t k = 0; k < 2; k++) {
        double z[LAW_MAX_PARAMETERS];
        double weight[10][OBSERVATIONS_MAX];
        size_t n[10];
        struct objective *o = make(z);
        struct objective *sample = NULL;
        struct fit_options options = observations_options("chinchilla");
        options.resampling = streams[k];
        struct bootstrap_source *source = open_source(o, z, &options, &sample);
        for (size_t r = 0; r < 10; r++) {
            bootstrap_source_draw(source, r, sample);
            n[r] = sample->n;
            memcpy(weight[r], sample->weight, sample->n * sizeof(double));
        }
        for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
            const size_t r = order[i];
            bootstrap_source_draw(source, r, sample);
            CU_ASSERT_EQUAL_FATAL(sample->n, n[r]);
            CU_ASSERT_EQUAL(memcmp(weight[r], sample->weight, n[r] * sizeof(double)), 0);
        }
        bootstrap_source_destroy(source);
        objective_destroy(sample);
        objective_destroy(o);
    }
}

/* From a point without a value no warm solution comes: the checks see it, the starts mend it. */
static void test_bootstrap_run_solves_from_starts_when_checks_disagree(void)
{
    enum { N = 32 };
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(z);
    struct status_why why;
    struct bootstrap good;
    struct bootstrap bad;
    struct fit_options options = observations_options("chinchilla");
    options.n_replicates = N;
    status_clear(&why);
    HARNESS_ASSERT_OK(bootstrap_run(harness_comm(), o, z, 1, &options, NULL, &good, &why));
    double away[LAW_MAX_PARAMETERS];
    memcpy(away, z, sizeof away);
    away[3] = NAN;
    HARNESS_ASSERT_OK(bootstrap_run(harness_comm(), o, away, 1, &options, NULL, &bad, &why));
    CU_ASSERT_EQUAL(good.pass, BOOTSTRAP_WARM);
    CU_ASSERT_EQUAL(good.n_agree, good.n_checked);
    CU_ASSERT_EQUAL(bad.pass, BOOTSTRAP_ROBUST);
    CU_ASSERT_EQUAL(bad.n_checked, 2);
    CU_ASSERT_EQUAL(bad.n_agree, 2); /* of the robust pass, not of the one that it replaces */
    size_t n_same = 0; /* of the others of `good` one in a hundred may be a worse optimum */
    for (size_t r = 0; r < N; r++) {
        n_same += fabs(bad.objectives[r] - good.objectives[r]) <= 1e-9 * good.objectives[r];
    }
    CU_ASSERT_TRUE(n_same >= N - 2);
    bootstrap_clear(&good);
    bootstrap_clear(&bad);
    objective_destroy(o);
}

/** What the restart test records, as fit_restart wants it back. */
enum { RESTART_N = 2 * FIT_BATCH + 9, RESTART_BATCHES = 3 };
struct log {
    size_t n_records;
    double results[FIT_PASSES * RESTART_N * 6];
};

static enum status record(void *context, size_t item, const double results[], size_t n_values,
                          struct status_why *why)
{
    struct log *log = context;
    const size_t row = item / RESTART_BATCHES * RESTART_N + item % RESTART_BATCHES * FIT_BATCH;
    (void)why;
    memcpy(log->results + row * 6, results, n_values * sizeof *results);
    log->n_records++;
    return STATUS_OK;
}

/** Run from \a z as a whole, then again where the items \a done are there: the same replicates,
 * and only the others are made. */
static void check_restart(const struct objective *o, const double z[], const unsigned char done[],
                          size_t n_all, size_t n_left)
{
    static struct log log;
    static double results[FIT_PASSES * RESTART_N * 6];
    struct status_why why;
    struct bootstrap whole;
    struct bootstrap resumed;
    struct fit_options options = observations_options("chinchilla");
    options.n_replicates = RESTART_N;
    options.resampling = FIT_NUMPY_MT19937;
    memset(&log, 0, sizeof log);
    struct fit_restart restart = {.record = record, .context = &log};
    status_clear(&why);
    HARNESS_ASSERT_OK(bootstrap_run(harness_comm(), o, z, 1, &options, &restart, &whole, &why));
    CU_ASSERT_EQUAL(team_sum(harness_comm(), log.n_records), n_all);
    team_fill(harness_comm(), log.results, sizeof log.results); /* each batch is on one rank */
    log.n_records = 0;
    restart.done = done;
    memcpy(results, log.results, sizeof results);
    restart.results = results;
    HARNESS_ASSERT_OK(bootstrap_run(harness_comm(), o, z, 1, &options, &restart, &resumed, &why));
    CU_ASSERT_EQUAL(team_sum(harness_comm(), log.n_records), n_left);
    CU_ASSERT_EQUAL(whole.pass, resumed.pass);
    CU_ASSERT_EQUAL(memcmp(whole.replicates, resumed.replicates, RESTART_N * 5 * sizeof(double)),
                    0);
    CU_ASSERT_EQUAL(memcmp(whole.objectives, resumed.objectives, RESTART_N * sizeof(double)), 0);
    CU_ASSERT_EQUAL(whole.n_agree, resumed.n_agree);
    bootstrap_clear(&whole);
    bootstrap_clear(&resumed);
}

static void test_bootstrap_run_resumes_to_the_same_replicates(void)
{
    static const unsigned char warm[FIT_PASSES * RESTART_BATCHES] = {1, 0, 1};
    static const unsigned char robust[FIT_PASSES * RESTART_BATCHES] = {1, 1, 1, 0, 1, 0};
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(z);
    check_restart(o, z, warm, 3, 1);
    z[3] = NAN; /* no warm solution: both passes are needed */
    check_restart(o, z, robust, 6, 2);
    objective_destroy(o);
}

static enum status refuse(void *context, size_t batch, const double results[], size_t n_values,
                          struct status_why *why)
{
    (void)context;
    (void)results;
    (void)n_values;
    return status_fail(why, STATUS_IO, "no room for batch %zu", batch);
}

static void test_bootstrap_errors(void)
{
    double z[LAW_MAX_PARAMETERS];
    struct objective *o = make(z);
    struct status_why why;
    struct bootstrap b;
    struct fit_options options = observations_options("chinchilla");
    const struct fit_restart restart = {.record = refuse};
    options.n_replicates = 3;
    status_clear(&why);
    HARNESS_ASSERT_FAILS(bootstrap_run(harness_comm(), o, z, 1, &options, &restart, &b, &why),
                         STATUS_IO, "no room for batch 0");
    CU_ASSERT_PTR_NULL(b.replicates);
    objective_destroy(o);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"numpy", test_bootstrap_numpy_draws_known_numbers},
        {"masks", test_bootstrap_numpy_masks_cover_the_range},
        {"keyed", test_bootstrap_draw_keyed_resamples_all_rows_alike},
        {"run", test_bootstrap_run_solves_each_resample},
        {"disagree", test_bootstrap_run_solves_from_starts_when_checks_disagree},
        {"cluster", test_bootstrap_cluster_draws_whole_groups},
        {"residual", test_bootstrap_residual_moves_responses_alone},
        {"order", test_bootstrap_source_draws_in_any_order},
        {"restart", test_bootstrap_run_resumes_to_the_same_replicates},
        {"errors", test_bootstrap_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
