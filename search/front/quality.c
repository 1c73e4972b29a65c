#include "search/front/quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/hypervolume.h"
#include "search/front/thin.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"

/* Rows up to which the exact volume takes seconds, by the number of objectives. */
static const size_t most_exact[HYPERVOLUME_MOST_EXACT + 1] = {0, SIZE_MAX, SIZE_MAX, 1000000,
                                                              20000};

enum { N_SAMPLES = 50000 }; /* a standard error of at most 0.0023 of the box */

/* Least and greatest finite entry; false where there is none. */
static bool range_of_table(const struct tables_table *t, const struct space *space, double *least,
                           double *greatest)
{
    size_t n = 1;
    for (size_t a = 0; a < space->n_axes; a++) {
        n += t->stride[a] * (space->axes[a].n - 1);
    }
    *least = (double)INFINITY;
    *greatest = -(double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(t->values[i])) {
            *least = fmin(*least, t->values[i]);
            *greatest = fmax(*greatest, t->values[i]);
        }
    }
    return *least <= *greatest;
}

/* Put a table of the one entry \a value in the place of \a t. */
static void make_constant(struct tables_table *t, const double *value)
{
    memset(t->stride, 0, sizeof t->stride);
    t->values = value;
}

/* Sums and products of tables are monotone in every entry. */
static bool range_of_outcome(const struct tables_outcome *o, const struct space *space,
                             double *least, double *greatest)
{
    enum { MOST_TABLES = TABLES_MAX_PRODUCTS * TABLES_MAX_FACTORS + 1 };
    static const size_t at_first[TABLES_MAX_AXES] = {0};
    struct tables_outcome low = *o, high = *o;
    double lows[MOST_TABLES], highs[MOST_TABLES];
    size_t n = 0;

    for (size_t p = 0; p < o->n_products; p++) {
        for (size_t i = 0; i < o->products[p].n; i++, n++) {
            if (!range_of_table(&o->products[p].factors[i], space, &lows[n], &highs[n])) {
                return false;
            }
            make_constant(&low.products[p].factors[i], &lows[n]);
            make_constant(&high.products[p].factors[i], &highs[n]);
        }
    }
    if (o->has_rate) {
        if (!range_of_table(&o->rate, space, &lows[n], &highs[n])) {
            return false;
        }
        make_constant(&low.rate, &lows[n]);
        make_constant(&high.rate, &highs[n]);
    }
    *least = tables_value(&low, space->n_axes, at_first);
    *greatest = tables_value(&high, space->n_axes, at_first);
    return isfinite(*least) && isfinite(*greatest);
}

/* The configurations of which every number is at an end of its axis; of categories all, or, where
 * these are too many, the first and the last. */
struct corners {
    const struct space *space;
    size_t n[SPACE_MAX_AXES], total; /* levels taken of each axis */
};

static void corners_make(const struct space *space, struct corners *c)
{
    enum { MOST_CORNERS = 65536 };
    c->space = space;
    for (int all_categories = 1; all_categories >= 0; all_categories--) {
        c->total = 1;
        for (size_t a = 0; a < space->n_axes; a++) {
            const bool all = all_categories && space->axes[a].kind == SPACE_CATEGORY;
            c->n[a] = all || space->axes[a].n < 2 ? space->axes[a].n : 2;
            c->total = c->total > MOST_CORNERS ? c->total : c->total * c->n[a];
        }
        if (c->total <= MOST_CORNERS) {
            return;
        }
    }
}

static uint64_t corner_at(const struct corners *c, size_t i)
{
    uint64_t index = 0, weight = 1;
    for (size_t a = c->space->n_axes; a-- > 0;) {
        const size_t n = c->space->axes[a].n, step = i % c->n[a];
        index += weight * (c->n[a] == n ? step : step * (n - 1));
        weight *= n;
        i /= c->n[a];
    }
    return index;
}

static void range_of_corners(const struct problem *p, double least[], double greatest[])
{
    double values[PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS];
    struct corners c;
    corners_make(p->space, &c);
    for (size_t i = 0; i < c.total; i++) {
        p->evaluate(p->context, corner_at(&c, i), 1, values, 1);
        for (size_t j = 0; j < p->n_objectives; j++) {
            if (isfinite(values[j])) {
                least[j] = fmin(least[j], values[j]);
                greatest[j] = fmax(greatest[j], values[j]);
            }
        }
    }
}

void quality_box_make(const struct problem *problem, struct quality_box *made)
{
    double least[PROBLEM_MAX_OBJECTIVES], greatest[PROBLEM_MAX_OBJECTIVES];
    for (size_t j = 0; j < problem->n_objectives; j++) {
        least[j] = (double)INFINITY;
        greatest[j] = -(double)INFINITY;
    }
    range_of_corners(problem, least, greatest);
    for (size_t j = 0; j < problem->n_objectives; j++) {
        double low, high;
        if (problem->tables != NULL
            && range_of_outcome(&problem->tables[j], problem->space, &low, &high)) {
            least[j] = low;
            greatest[j] = high;
        } else if (least[j] > greatest[j]) { /* no corner has a value */
            least[j] = 0.0;
            greatest[j] = 1.0;
        }
        const bool maximise = problem->objectives[j].maximise;
        made->ideal[j] = maximise ? greatest[j] : least[j];
        made->reference[j] = maximise ? least[j] : greatest[j];
    }
    memset(made->multiples, 0, sizeof made->multiples);
    multiples_find(problem, made->multiples);
}

size_t quality_box_independent(const struct quality_box *box, size_t n_objectives, size_t which[])
{
    size_t n = 0;
    for (size_t j = 0; j < n_objectives; j++) {
        if (!box->multiples[j].is) {
            which[n++] = j;
        }
    }
    return n;
}

double quality_share(const struct quality_box *box, size_t objective, double x)
{
    static const double long_range = 10.0;
    const double ideal = box->ideal[objective], reference = box->reference[objective];
    const double least = fmin(ideal, reference), greatest = fmax(ideal, reference);
    if (least == greatest) {
        return 0.0;
    }
    if (least > 0.0 && x > 0.0 && greatest >= long_range * least) {
        const double from = vmath_log1(ideal);
        return (vmath_log1(x) - from) / (vmath_log1(reference) - from);
    }
    return (x - ideal) / (reference - ideal);
}

/* The rows of this rank by scenario level, and how many each rank has of each. */
struct levels {
    MPI_Comm comm;
    const struct problem *problem;
    size_t m, n_levels;
    size_t first;         /* row of the frontier that is the first of this rank */
    const double *points; /* [..][m] of this rank, own sign */
    size_t *begin;        /* [n_levels + 1] into them */
    uint64_t *counts;     /* [ranks][n_levels] */
};

static enum status levels_make(MPI_Comm comm, const struct problem *problem,
                               const struct frontier *f, struct levels *l, struct status_why *why)
{
    const size_t rank = (size_t)team_rank(comm), size = (size_t)team_size(comm);
    const uint64_t n_decisions = space_n_decisions(problem->space);

    *l = (struct levels){.comm = comm,
                         .problem = problem,
                         .first = f->first,
                         .points = f->objectives,
                         .m = problem->n_objectives,
                         .n_levels = (size_t)space_n_scenarios(problem->space)};
    l->begin = calloc(l->n_levels + 1, sizeof *l->begin);
    l->counts = calloc(l->n_levels * size, sizeof *l->counts);
    if (l->begin == NULL || l->counts == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu scenario levels", l->n_levels);
    }
    uint64_t *mine = l->counts + rank * l->n_levels;
    for (size_t i = 0; i < f->n_mine; i++) {
        mine[f->configurations[i] / n_decisions]++;
    }
    for (size_t s = 0; s < l->n_levels; s++) {
        l->begin[s + 1] = l->begin[s] + (size_t)mine[s];
    }
    return STATUS_OK;
}

static void levels_clear(struct levels *l)
{
    free(l->begin);
    free(l->counts);
}

/* One level as this rank sees it. */
struct level {
    size_t n, n_mine;     /* rows of all ranks, of this one */
    size_t first;         /* row of the frontier that is the first of this rank's */
    bool is_spread;       /* several ranks have rows of it */
    bool is_owner;        /* this is the lowest rank that has */
    const double *points; /* [n_mine][m] */
};

static struct level level_at(const struct levels *l, size_t s)
{
    const int rank = team_rank(l->comm), size = team_size(l->comm);
    struct level v = {.n_mine = l->begin[s + 1] - l->begin[s],
                      .first = l->first + l->begin[s],
                      .points = l->points + l->begin[s] * l->m};
    int n_ranks = 0;
    for (int r = 0; r < size; r++) {
        const uint64_t n = l->counts[(size_t)r * l->n_levels + s];
        v.is_owner = v.is_owner || (r == rank && n > 0 && n_ranks == 0);
        v.n += (size_t)n;
        n_ranks += n > 0;
    }
    v.is_spread = n_ranks > 1;
    return v;
}

/* Doubles of all ranks in rank order, when they are spread; else this rank's. \param [in,out] x new
 * array of \a n, replaced */
static enum status gather_spread(MPI_Comm comm, bool is_spread, double **x, size_t *n,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    void *all = NULL;
    size_t n_bytes;
    if (is_spread) {
        STATUS_TRY(team_gather(comm, *x, *n * sizeof **x, &all, &n_bytes, why));
        free(*x);
        *x = all;
        *n = n_bytes / sizeof **x;
    }
out:
    return st;
}

static enum status measure_level(const struct levels *l, size_t s, const struct quality_box *box,
                                 uint64_t seed, struct quality *q, struct status_why *why)
{
    static const double ideal[PROBLEM_MAX_OBJECTIVES] = {0.0};
    static const double reference[PROBLEM_MAX_OBJECTIVES] = {1.0, 1.0, 1.0, 1.0,
                                                             1.0, 1.0, 1.0, 1.0};
    const struct level v = level_at(l, s);
    const bool is_exact = l->m <= HYPERVOLUME_MOST_EXACT && v.n <= most_exact[l->m];
    enum status st = STATUS_OK;
    size_t n = v.n_mine * l->m;
    double *shares = malloc((n + 1) * sizeof *shares);
    unsigned char *hit = calloc(N_SAMPLES, 1);

    if (shares == NULL || hit == NULL) {
        st = status_fail(why, STATUS_MEMORY, "hypervolume of %zu points", v.n_mine);
    }
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        shares[i] = quality_share(box, i % l->m, v.points[i]);
    }
    STATUS_TRY(team_agree(l->comm, st, why));
    STATUS_ASSERT(shares != NULL && hit != NULL);
    if (is_exact) {
        STATUS_TRY(gather_spread(l->comm, v.is_spread, &shares, &n, why));
        if (v.is_owner) {
            st = hypervolume_exact(l->m, n / l->m, shares, reference, &q->volumes[s], why);
        }
    } else {
        if (v.n_mine > 0) {
            st = hypervolume_mark(l->m, v.n_mine, shares, ideal, reference, seed, N_SAMPLES, hit,
                                  why);
        }
        if (v.is_spread) { /* a sample is below the frontier when it is below anyone's part */
            team_fill(l->comm, hit, N_SAMPLES);
        }
        if (v.is_owner) {
            hypervolume_estimate(l->m, ideal, reference, N_SAMPLES, hit, &q->volumes[s],
                                 &q->standard_errors[s]);
        }
    }
    STATUS_TRY(team_agree(l->comm, st, why));
out:
    free(shares);
    free(hit);
    return st;
}

/* Rows of one level from which those that stand for it are chosen. */
struct candidates {
    size_t m, n;
    double *x; /* [n][m + 1] row number, then the point, minimised */
    double least[PROBLEM_MAX_OBJECTIVES], greatest[PROBLEM_MAX_OBJECTIVES]; /* of the level */
    double weights[PROBLEM_MAX_OBJECTIVES];                                 /* for the knee */
    double *shares;                                                         /* [n][m] */
    size_t *chosen;                                                         /* [n] */
};

static void candidates_clear(struct candidates *c)
{
    free(c->x);
    free(c->shares);
    free(c->chosen);
}

static enum status find_shares(struct candidates *c, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t width = c->m + 1;
    double *points = malloc((c->n + 1) * c->m * sizeof *points);
    free(c->shares);
    free(c->chosen);
    c->shares = malloc((c->n + 1) * c->m * sizeof *c->shares);
    c->chosen = malloc((c->n + 1) * sizeof *c->chosen);
    if (points == NULL || c->shares == NULL || c->chosen == NULL) {
        st = status_fail(why, STATUS_MEMORY, "thinning of %zu points", c->n);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < c->n; i++) {
        memcpy(points + i * c->m, c->x + i * width + 1, c->m * sizeof *points);
    }
    thin_shares_within(c->m, c->least, c->greatest, c->n, points, c->shares);
out:
    free(points);
    return st;
}

static enum status take_rows(const struct levels *l, const struct level *v, struct candidates *c,
                             struct status_why *why)
{
    const size_t m = l->m, width = m + 1;
    c->m = m;
    c->n = v->n_mine;
    c->x = malloc((c->n + 1) * width * sizeof *c->x);
    if (c->x == NULL) {
        return status_fail(why, STATUS_MEMORY, "thinning of %zu points", c->n);
    }
    for (size_t j = 0; j < m; j++) {
        c->least[j] = (double)INFINITY;
        c->greatest[j] = -(double)INFINITY;
    }
    for (size_t i = 0; i < c->n; i++) {
        double *x = c->x + i * width;
        x[0] = (double)(v->first + i);
        for (size_t j = 0; j < m; j++) {
            const double own = v->points[i * m + j];
            x[1 + j] = l->problem->objectives[j].maximise ? 0.0 - own : own;
            c->least[j] = fmin(c->least[j], x[1 + j]);
            c->greatest[j] = fmax(c->greatest[j], x[1 + j]);
        }
    }
    return STATUS_OK;
}

/* Make the extent that of the whole level. Collective. */
static enum status share_extent(const struct levels *l, bool is_spread, struct candidates *c,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n = 2 * c->m;
    double *all = malloc(n * sizeof *all);
    if (all == NULL) {
        st = status_fail(why, STATUS_MEMORY, "thinning of %zu points", c->n);
    }
    STATUS_TRY(team_agree(l->comm, st, why));
    STATUS_ASSERT(all != NULL);
    memcpy(all, c->least, c->m * sizeof *all);
    memcpy(all + c->m, c->greatest, c->m * sizeof *all);
    STATUS_TRY(gather_spread(l->comm, is_spread, &all, &n, why));
    for (size_t i = 0; i < n; i++) {
        const size_t j = i % c->m;
        if (i / c->m % 2 == 0) {
            c->least[j] = fmin(c->least[j], all[i]);
        } else {
            c->greatest[j] = fmax(c->greatest[j], all[i]);
        }
    }
out:
    free(all);
    return st;
}

/* Find the weights of the objectives over the whole level. Collective. */
static enum status find_weights(const struct levels *l, bool is_spread, struct candidates *c,
                                struct status_why *why)
{
    enum status st = find_shares(c, why);
    double sums[THIN_MOST_SUMS] = {0.0};
    size_t n = THIN_MOST_SUMS;
    double *all = malloc(n * sizeof *all);
    if (st == STATUS_OK && all == NULL) {
        st = status_fail(why, STATUS_MEMORY, "thinning of %zu points", c->n);
    }
    STATUS_TRY(team_agree(l->comm, st, why));
    STATUS_ASSERT(all != NULL);
    thin_sums(c->m, c->n, c->shares, all);
    STATUS_TRY(gather_spread(l->comm, is_spread, &all, &n, why));
    for (size_t i = 0; i < n; i++) {
        sums[i % THIN_MOST_SUMS] += all[i];
    }
    thin_weights(c->m, sums, c->weights);
out:
    free(all);
    return st;
}

/* Leave only those that the boxes choose, and the knee. What they choose of a part of a level holds
 * what they choose of the whole. */
static enum status keep_boxes(struct candidates *c, double epsilon, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t width = c->m + 1;
    size_t n = 0, n_kept = 0;
    if (c->n == 0) {
        return STATUS_OK;
    }
    STATUS_TRY(thin_boxes(c->m, c->n, c->shares, epsilon, c->chosen, &n, why));
    const size_t knee = thin_knee(c->m, c->n, c->shares, c->weights);
    for (size_t i = 0, k = 0; i < c->n; i++) {
        const bool is_chosen = k < n && c->chosen[k] == i;
        k += is_chosen;
        if (is_chosen || i == knee) {
            memmove(c->x + n_kept++ * width, c->x + i * width, width * sizeof *c->x);
        }
    }
    c->n = n_kept;
out:
    return st;
}

/* Choose by boxes; \param [out] chosen  among them, greedily, up to \a n_points, or among all when
 * the level is small. */
static enum status choose_greedily(const struct candidates *c, bool among_all, size_t n_boxed,
                                   const size_t boxed[], size_t n_points, size_t chosen[],
                                   size_t *n_chosen, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (among_all) {
        return thin_greedy(c->m, c->n, c->shares, n_points, chosen, n_chosen, why);
    }
    double *some = malloc((n_boxed + 1) * c->m * sizeof *some);
    if (some == NULL) {
        return status_fail(why, STATUS_MEMORY, "thinning of %zu points", n_boxed);
    }
    for (size_t i = 0; i < n_boxed; i++) {
        memcpy(some + i * c->m, c->shares + boxed[i] * c->m, c->m * sizeof *some);
    }
    STATUS_TRY(thin_greedy(c->m, n_boxed, some, n_points, chosen, n_chosen, why));
    for (size_t i = 0; i < *n_chosen; i++) {
        chosen[i] = boxed[chosen[i]];
    }
out:
    free(some);
    return st;
}

static enum status add_picks(const struct candidates *c, const struct quality_pick marks[],
                             struct quality *q, struct status_why *why)
{
    size_t n = q->n_picks;
    for (size_t i = 0; i < c->n; i++) {
        n += marks[i].order > 0 || marks[i].is_box || marks[i].is_knee;
    }
    struct quality_pick *picks = realloc(q->picks, (n + 1) * sizeof *picks);
    if (picks == NULL) {
        return status_fail(why, STATUS_MEMORY, "thinning to %zu points", n);
    }
    q->picks = picks;
    for (size_t i = 0; i < c->n; i++) {
        if (marks[i].order > 0 || marks[i].is_box || marks[i].is_knee) {
            picks[q->n_picks] = marks[i];
            picks[q->n_picks++].row = (uint64_t)c->x[i * (c->m + 1)];
        }
    }
    return STATUS_OK;
}

static enum status choose(struct candidates *c, bool is_small,
                          const struct quality_options *options, struct quality *q,
                          struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_points = c->m <= HYPERVOLUME_MOST_EXACT ? options->n_points : 0;
    struct quality_pick *marks = calloc(c->n + 1, sizeof *marks);
    size_t *greedy = malloc((n_points + 1) * sizeof *greedy);
    size_t n_boxed = 0, n_greedy = 0;

    if (marks == NULL || greedy == NULL) {
        st = status_fail(why, STATUS_MEMORY, "thinning of %zu points", c->n);
    }
    STATUS_TRY(st);
    STATUS_TRY(find_shares(c, why));
    const double epsilon = options->epsilon > 0.0 ? options->epsilon : QUALITY_EPSILON;
    STATUS_TRY(thin_boxes(c->m, c->n, c->shares, epsilon, c->chosen, &n_boxed, why));
    for (size_t i = 0; options->epsilon > 0.0 && i < n_boxed; i++) {
        marks[c->chosen[i]].is_box = 1;
    }
    if (n_points > 0) {
        st = choose_greedily(c, is_small, n_boxed, c->chosen, n_points, greedy, &n_greedy, why);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < n_greedy; i++) {
        marks[greedy[i]].order = (uint32_t)i + 1;
    }
    marks[thin_knee(c->m, c->n, c->shares, c->weights)].is_knee = 1;
    STATUS_TRY(add_picks(c, marks, q, why));
out:
    free(marks);
    free(greedy);
    return st;
}

static enum status thin_level(const struct levels *l, size_t s,
                              const struct quality_options *options, struct quality *q,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct level v = level_at(l, s);
    const bool is_small = v.n <= QUALITY_MOST_GREEDY;
    struct candidates c = {0};

    STATUS_TRY(team_agree(l->comm, take_rows(l, &v, &c, why), why));
    STATUS_TRY(share_extent(l, v.is_spread, &c, why));
    STATUS_TRY(find_weights(l, v.is_spread, &c, why));
    if (!is_small) {
        st = keep_boxes(&c, options->epsilon > 0.0 ? options->epsilon : QUALITY_EPSILON, why);
        STATUS_TRY(team_agree(l->comm, st, why));
    }
    size_t n = c.n * (c.m + 1);
    STATUS_TRY(gather_spread(l->comm, v.is_spread, &c.x, &n, why));
    c.n = n / (c.m + 1);
    if (v.is_owner) {
        st = choose(&c, is_small, options, q, why);
    }
    STATUS_TRY(team_agree(l->comm, st, why));
out:
    candidates_clear(&c);
    return st;
}

/* Levels go up with the ranks that own them, and rows with levels. */
static enum status share_picks(MPI_Comm comm, struct quality *q, struct status_why *why)
{
    enum status st = STATUS_OK;
    void *all = NULL;
    size_t n_bytes;
    STATUS_TRY(team_gather(comm, q->picks, q->n_picks * sizeof *q->picks, &all, &n_bytes, why));
    free(q->picks);
    q->picks = all;
    q->n_picks = n_bytes / sizeof *q->picks;
out:
    return st;
}

/* The same problem, rows and box without some objectives. */
struct reduced {
    struct problem problem;
    struct frontier frontier;
    struct quality_box box;
};

/* \param [in] which  [n] objectives that stay \param [out] r  its objectives are freed by the
 * caller
 */
static enum status reduce(const struct problem *p, const struct frontier *f,
                          const struct quality_box *box, size_t n, const size_t which[],
                          struct reduced *r, struct status_why *why)
{
    *r = (struct reduced){.problem = *p, .frontier = *f};
    r->problem.n_objectives = r->frontier.n_objectives = n;
    r->problem.tables = NULL;
    r->frontier.objectives = malloc((f->n_mine * n + 1) * sizeof *f->objectives);
    if (r->frontier.objectives == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu rows", f->n_mine);
    }
    for (size_t k = 0; k < n; k++) {
        r->problem.objectives[k] = p->objectives[which[k]];
        r->box.ideal[k] = box->ideal[which[k]];
        r->box.reference[k] = box->reference[which[k]];
    }
    for (size_t i = 0; i < f->n_mine; i++) {
        for (size_t k = 0; k < n; k++) {
            r->frontier.objectives[i * n + k] = f->objectives[i * f->n_objectives + which[k]];
        }
    }
    return STATUS_OK;
}

static enum status measure(MPI_Comm comm, const struct problem *problem, const struct frontier *f,
                           const struct quality_box *box, const struct quality_options *options,
                           struct quality *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct levels l = {0};

    memset(made, 0, sizeof *made);
    st = levels_make(comm, problem, f, &l, why);
    made->n_levels = l.n_levels;
    made->volumes = calloc(l.n_levels, sizeof *made->volumes);
    made->standard_errors = calloc(l.n_levels, sizeof *made->standard_errors);
    if (st == STATUS_OK && (made->volumes == NULL || made->standard_errors == NULL)) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %zu scenario levels", l.n_levels);
    }
    STATUS_TRY(team_agree(comm, st, why));
    team_fill(comm, l.counts, l.n_levels * (size_t)team_size(comm) * sizeof *l.counts);
    for (size_t s = 0; s < l.n_levels; s++) {
        STATUS_TRY(measure_level(&l, s, box, options->seed, made, why));
        if (options->n_points > 0 || options->epsilon > 0.0) {
            STATUS_TRY(thin_level(&l, s, options, made, why));
        }
    }
    team_fill(comm, made->volumes, l.n_levels * sizeof *made->volumes);
    team_fill(comm, made->standard_errors, l.n_levels * sizeof *made->standard_errors);
    STATUS_TRY(share_picks(comm, made, why));
out:
    levels_clear(&l);
    if (st != STATUS_OK) {
        quality_clear(made);
    }
    return st;
}

enum status quality_measure(MPI_Comm comm, const struct problem *problem, const struct frontier *f,
                            const struct quality_box *box, const struct quality_options *options,
                            struct quality *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t which[PROBLEM_MAX_OBJECTIVES];
    struct reduced r;
    const size_t n = quality_box_independent(box, problem->n_objectives, which);
    memset(made, 0, sizeof *made);
    if (n == problem->n_objectives) {
        return measure(comm, problem, f, box, options, made, why);
    }
    STATUS_TRY(team_agree(comm, reduce(problem, f, box, n, which, &r, why), why));
    STATUS_TRY(measure(comm, &r.problem, &r.frontier, &r.box, options, made, why));
out:
    free(r.frontier.objectives);
    return st;
}

void quality_clear(struct quality *q)
{
    free(q->volumes);
    free(q->standard_errors);
    free(q->picks);
    memset(q, 0, sizeof *q);
}
