#include "fitting/uncertainty/bootstrap.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/multistart.h"
#include "fitting/minimise/robust.h"
#include "solver/base/rng.h"
#include "solver/base/team.h"

void bootstrap_draw_keyed(uint64_t seed, size_t r, size_t n, unsigned count[])
{
    struct rng stream;
    rng_init(&stream, seed, RNG_BOOTSTRAP, r);
    memset(count, 0, n * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        count[rng_below(&stream, n)]++;
    }
}

struct bootstrap_numpy {
    gsl_rng *twister;
};

struct bootstrap_numpy *bootstrap_numpy_create(uint64_t seed)
{
    STATUS_ASSERT(seed >= 1 && seed <= UINT32_MAX);
    struct bootstrap_numpy *s = malloc(sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->twister = gsl_rng_alloc(gsl_rng_mt19937);
    if (s->twister == NULL) {
        free(s);
        return NULL;
    }
    gsl_rng_set(s->twister, (unsigned long)seed);
    return s;
}

void bootstrap_numpy_destroy(struct bootstrap_numpy *s)
{
    if (s != NULL) {
        gsl_rng_free(s->twister);
        free(s);
    }
}

uint32_t bootstrap_numpy_below(struct bootstrap_numpy *s, uint64_t n)
{
    STATUS_ASSERT(n >= 1 && n <= (uint64_t)UINT32_MAX + 1);
    if (n == 1) {
        return 0; /* numpy draws nothing then */
    }
    uint64_t mask = n - 1;
    for (unsigned shift = 1; shift < 32; shift *= 2) {
        mask |= mask >> shift;
    }
    uint64_t index = n;
    while (index >= n) {
        index = gsl_rng_get(s->twister) & mask;
    }
    return (uint32_t)index;
}

struct bootstrap_source {
    const struct objective *full;
    const struct fit_options *options;
    struct bootstrap_numpy *numpy; /* NULL: keyed */
    size_t next;                   /* replicate whose draws come next from numpy's stream */
    size_t n_units;                /* drawn from: observations, or groups of them */
    size_t *unit;                  /* [n_units] drawn */
    unsigned *count;               /* [n_units] how often each was drawn */
    unsigned *row_count;           /* [n] the same of each observation; count but for groups */
    double *fitted, *residual;     /* [n] prediction and centred residual; NULL: not FIT_RESIDUAL */
    double *target;                /* [n] of the replicate */
};

/** Predictions at \a best and residuals, in standard errors where known, around their mean: a
 * residual of the resampled data must not shift the law. */
static void find_residuals(struct bootstrap_source *s, const double best[])
{
    const size_t n = s->full->n;
    double mean = 0.0;
    objective_residuals(s->full, best, s->residual);
    for (size_t i = 0; i < n; i++) {
        s->fitted[i] = s->full->target[i] + s->residual[i] * s->full->error[i];
        s->residual[i] = -s->residual[i]; /* observed less predicted */
        mean += s->residual[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        s->residual[i] -= mean;
    }
}

enum status bootstrap_source_create(const struct objective *full, const double best[],
                                    const struct fit_options *options,
                                    struct bootstrap_source **made, struct status_why *why)
{
    struct bootstrap_source *s = calloc(1, sizeof *s);
    *made = s;
    if (s == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for resampling");
    }
    const bool is_residual = options->bootstrap == FIT_RESIDUAL;
    const bool is_numpy = options->resampling == FIT_NUMPY_MT19937;
    s->full = full;
    s->options = options;
    s->n_units = options->bootstrap == FIT_CLUSTER ? options->n_clusters : full->n;
    s->unit = calloc(s->n_units, sizeof *s->unit);
    s->count = calloc(s->n_units, sizeof *s->count);
    s->row_count = calloc(full->n, sizeof *s->row_count);
    s->fitted = is_residual ? calloc(3 * full->n, sizeof *s->fitted) : NULL;
    s->numpy = is_numpy ? bootstrap_numpy_create(options->seed) : NULL;
    if (s->unit == NULL || s->count == NULL || s->row_count == NULL
        || (is_residual && s->fitted == NULL) || (is_numpy && s->numpy == NULL)) {
        bootstrap_source_destroy(s);
        *made = NULL;
        return status_fail(why, STATUS_MEMORY, "no memory to resample %zu observations", full->n);
    }
    if (is_residual) {
        s->residual = s->fitted + full->n;
        s->target = s->residual + full->n;
        find_residuals(s, best);
    }
    return STATUS_OK;
}

void bootstrap_source_destroy(struct bootstrap_source *s)
{
    if (s != NULL) {
        bootstrap_numpy_destroy(s->numpy);
        free(s->unit);
        free(s->count);
        free(s->row_count);
        free(s->fitted);
        free(s);
    }
}

/** The units of replicate \a r, in order of draw. Numpy's stream runs through all replicates. */
static void draw_units(struct bootstrap_source *s, size_t r)
{
    const size_t n = s->n_units;
    if (s->numpy == NULL) {
        struct rng stream;
        rng_init(&stream, s->options->seed, RNG_BOOTSTRAP, r);
        for (size_t i = 0; i < n; i++) {
            s->unit[i] = rng_below(&stream, n);
        }
        return;
    }
    if (r < s->next) {
        gsl_rng_set(s->numpy->twister, (unsigned long)s->options->seed);
        s->next = 0;
    }
    for (; s->next <= r; s->next++) {
        for (size_t i = 0; i < n; i++) {
            s->unit[i] = bootstrap_numpy_below(s->numpy, n);
        }
    }
}

void bootstrap_source_draw(struct bootstrap_source *s, size_t r, struct objective *sample)
{
    const size_t n = s->full->n;
    draw_units(s, r);
    if (s->fitted != NULL) {
        for (size_t i = 0; i < n; i++) {
            s->target[i] = s->fitted[i] + s->residual[s->unit[i]] * s->full->error[i];
        }
        objective_replace(s->full, s->target, sample);
        return;
    }
    memset(s->count, 0, s->n_units * sizeof *s->count);
    for (size_t i = 0; i < s->n_units; i++) {
        s->count[s->unit[i]]++;
    }
    const bool has_groups = s->options->bootstrap == FIT_CLUSTER;
    for (size_t i = 0; i < n; i++) {
        s->row_count[i] = s->count[has_groups ? s->options->cluster[i] : i];
    }
    objective_resample(s->full, s->row_count, sample);
}

/** What a batch works with. */
struct work {
    const struct objective *full;
    const double *optima; /* [n_optima][n_parameters] of the full data, the best first */
    size_t n_optima;
    const struct fit_options *options;
    const struct fit_restart *restart;
    struct objective *sample;
    struct bootstrap_source *source;
    double *results; /* [n_replicates][n_parameters + 1] */
    size_t n_batches;
    enum bootstrap_pass pass;
};

static size_t width(const struct work *w)
{
    return w->full->law->n_parameters + 1;
}

static struct team_range batch_range(const struct work *w, size_t batch)
{
    const size_t n = w->options->n_replicates;
    const size_t begin = batch * FIT_BATCH;
    return (struct team_range){begin, begin + FIT_BATCH < n ? begin + FIT_BATCH : n};
}

/** Solve the resample in w->sample as replicate \a r. \param [out] result  [width] natural values
 * and objective, this negated where the check beat the solution of the pass */
static void solve(const struct work *w, size_t r, double result[])
{
    const struct law *law = w->full->law;
    double z[LAW_MAX_PARAMETERS];
    double objective;
    if (w->pass == BOOTSTRAP_ROBUST) {
        struct robust_end end;
        robust_minimise(w->sample, w->optima, w->n_optima, z, &end);
        objective = end.objective;
    } else {
        struct local_end end;
        memcpy(z, w->optima, law->n_parameters * sizeof *z);
        local_minimise(w->sample, true, z, &end);
        objective = end.reason == FIT_DIVERGED ? (double)INFINITY : end.objective;
    }
    const double found = objective;
    if (r % BOOTSTRAP_CHECK_EACH == 0) {
        objective = robust_check(w->sample, objective, z);
    }
    objective_uncentre(w->full, z, z);
    law_natural(law, z, result);
    const bool beaten = found > objective * (1.0 + MULTISTART_SAME);
    result[law->n_parameters] = beaten ? -objective : objective;
}

static enum status run_batch(void *context, size_t batch, struct status_why *why)
{
    const struct work *w = context;
    const struct team_range range = batch_range(w, batch);
    for (size_t r = range.begin; r < range.end; r++) {
        bootstrap_source_draw(w->source, r, w->sample);
        solve(w, r, w->results + r * width(w));
    }
    if (w->restart == NULL || w->restart->record == NULL) {
        return STATUS_OK;
    }
    return w->restart->record(w->restart->context, (size_t)w->pass * w->n_batches + batch,
                              w->results + range.begin * width(w),
                              (range.end - range.begin) * width(w), why);
}

static enum status prepare(struct work *w, struct status_why *why)
{
    enum status st = objective_create_like(w->full, &w->sample, why);
    w->results = calloc(w->options->n_replicates * width(w), sizeof *w->results);
    if (st == STATUS_OK && w->results == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for %zu replicates",
                         w->options->n_replicates);
    }
    return st == STATUS_OK
               ? bootstrap_source_create(w->full, w->optima, w->options, &w->source, why)
               : st;
}

static void release(struct work *w)
{
    bootstrap_source_destroy(w->source);
    objective_destroy(w->sample);
    free(w->results);
}

/** All batches of a pass not done yet, then every rank has all its results. */
static enum status deal(MPI_Comm comm, struct work *w, enum bootstrap_pass pass,
                        struct status_why *why)
{
    static const char *const labels[] = {"bootstrap", "robust bootstrap"};
    const size_t p1 = width(w);
    const bool resumes = w->restart != NULL && w->restart->done != NULL;
    const unsigned char *done = resumes ? w->restart->done + (size_t)pass * w->n_batches : NULL;
    w->pass = pass;
    memset(w->results, 0, w->options->n_replicates * p1 * sizeof *w->results);
    for (size_t batch = 0; resumes && team_rank(comm) == 0 && batch < w->n_batches; batch++) {
        const struct team_range range = batch_range(w, batch);
        if (done[batch] != 0) {
            const size_t from = (size_t)pass * w->options->n_replicates + range.begin;
            memcpy(w->results + range.begin * p1, w->restart->results + from * p1,
                   (range.end - range.begin) * p1 * sizeof *w->results);
        }
    }
    const struct team_work all = {.label = labels[pass],
                                  .n_items = w->n_batches,
                                  .done = done,
                                  .item = run_batch,
                                  .context = w};
    const enum status st = team_deal(comm, &all, why);
    if (st == STATUS_OK) {
        team_fill(comm, w->results, w->options->n_replicates * p1 * sizeof *w->results);
    }
    return st;
}

/** Count agreement of the pass. */
static void count_agreement(const struct work *w, struct bootstrap *b)
{
    b->pass = w->pass;
    b->n_checked = b->n_agree = 0;
    for (size_t r = 0; r < w->options->n_replicates; r += BOOTSTRAP_CHECK_EACH) {
        b->n_checked++;
        b->n_agree += !signbit(w->results[r * width(w) + width(w) - 1]);
    }
}

static enum status unpack(const struct work *w, struct bootstrap *b, struct status_why *why)
{
    const size_t n = w->options->n_replicates;
    const size_t p = width(w) - 1;
    b->replicates = malloc(n * p * sizeof *b->replicates);
    b->objectives = malloc(n * sizeof *b->objectives);
    if (b->replicates == NULL || b->objectives == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu replicates", n);
    }
    b->n_replicates = n;
    for (size_t r = 0; r < n; r++) {
        memcpy(b->replicates + r * p, w->results + r * (p + 1), p * sizeof *b->replicates);
        b->objectives[r] = fabs(w->results[r * (p + 1) + p]);
    }
    return STATUS_OK;
}

enum status bootstrap_run(MPI_Comm comm, const struct objective *full, const double optima[],
                          size_t n_optima, const struct fit_options *options,
                          const struct fit_restart *restart, struct bootstrap *made,
                          struct status_why *why)
{
    STATUS_ASSERT(options->n_replicates > 0 && n_optima > 0);
    struct work w = {.full = full,
                     .optima = optima,
                     .n_optima = n_optima,
                     .options = options,
                     .restart = restart,
                     .n_batches = (options->n_replicates + FIT_BATCH - 1) / FIT_BATCH};
    enum status st = STATUS_OK;
    memset(made, 0, sizeof *made);
    STATUS_TRY(team_agree(comm, prepare(&w, why), why));
    STATUS_TRY(deal(comm, &w, BOOTSTRAP_WARM, why));
    count_agreement(&w, made);
    if ((double)made->n_agree < BOOTSTRAP_AGREEMENT * (double)made->n_checked) {
        STATUS_TRY(deal(comm, &w, BOOTSTRAP_ROBUST, why));
        count_agreement(&w, made);
    }
    STATUS_TRY(team_agree(comm, unpack(&w, made, why), why));
out:
    release(&w);
    if (st != STATUS_OK) {
        bootstrap_clear(made);
    }
    return st;
}

void bootstrap_clear(struct bootstrap *b)
{
    free(b->replicates);
    free(b->objectives);
    memset(b, 0, sizeof *b);
}
