#include "search/front/band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/uncertainty/quantile.h"
#include "inputs/items.h"
#include "inputs/journal.h"
#include "search/front/lowest.h"
#include "solver/base/team.h"

const double band_shares[BAND_N_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

enum {
    N_SCOUTS = 64, /* draws whose frontiers name the candidates of a large space: what is on .05 of
                      all frontiers is missed by all of them once in 27 */
    MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS
};

/* Regrets held at a time: 2 GiB. */
static const size_t most_regrets = (size_t)1 << 29;

/* What is kept of a row in a draw beside a regret, which is at least 0. */
static const float is_member = -1.0F; /* on the frontier of the draw: its regret is 0 */
static const float is_infeasible = NAN;

struct making {
    MPI_Comm comm;
    const struct band_options *o;
    size_t n_levels; /* of scenarios */
    size_t n_frontier;
    uint64_t *frontier; /* [n_frontier] configurations of the point estimate's, in its order */
    uint64_t *members;  /* [n_frontier] ascending */
    size_t n_rows;
    uint64_t *rows; /* [n_rows] configurations */
    float *regrets; /* [n_draws][n_rows] */
    /* Configurations seen on frontiers of scouts, and the journal that keeps them. */
    size_t n_seen, room;
    uint64_t *seen;
    struct journal *journal;
};

static int compare_indices(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static enum status sorted_copy(size_t n, const uint64_t indices[], uint64_t **made,
                               struct status_why *why)
{
    *made = malloc((n + 1) * sizeof **made);
    if (*made == NULL) {
        return status_fail(why, STATUS_MEMORY, "band: %zu configurations", n);
    }
    if (n > 0) {
        memcpy(*made, indices, n * sizeof **made);
        qsort(*made, n, sizeof **made, compare_indices);
    }
    return STATUS_OK;
}

static bool is_among(size_t n, const uint64_t ascending[], uint64_t index)
{
    return bsearch(&index, ascending, n, sizeof index, compare_indices) != NULL;
}

/* Take a row of objectives apart into its costs, all to be small, and the value.
 * \param [in,out] objectives  rounded */
static double take_apart(const struct problem *p, size_t value, const double objectives[],
                         double costs[])
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_objectives; i++) {
        if (i != value) {
            costs[n++] = p->objectives[i].maximise ? -objectives[i] : objectives[i];
        }
    }
    return objectives[value];
}

/* Evaluate one configuration. \return whether it is feasible: within all limits, no outcome NaN */
static bool evaluate(const struct problem *p, size_t value, uint64_t configuration, double costs[],
                     double *at)
{
    double values[MOST_OUTCOMES];
    bool feasible = true;
    p->evaluate(p->context, configuration, 1, values, 1);
    for (size_t c = 0; c < p->n_constraints; c++) {
        const double x = values[p->n_objectives + c];
        feasible = feasible && p->constraints[c].lower <= x && x <= p->constraints[c].upper;
    }
    for (size_t i = 0; i < p->n_objectives; i++) {
        feasible = feasible && !isnan(values[i]);
    }
    pareto_round(p->n_objectives, values);
    *at = take_apart(p, value, values, costs);
    return feasible;
}

/* One draw: its frontier, level by level, for questions. */
struct truth {
    const struct problem *problem;
    struct frontier frontier;
    uint64_t *members;     /* [frontier.n_rows] ascending */
    struct lowest *levels; /* [n_levels] */
};

static void truth_clear(struct truth *t, size_t n_levels)
{
    for (size_t s = 0; t->levels != NULL && s < n_levels; s++) {
        lowest_clear(&t->levels[s]);
    }
    free(t->levels);
    free(t->members);
    frontier_clear(&t->frontier);
}

/* The frontier is in the order of its levels. \param [out] t  cleared by the caller */
static enum status truth_make(const struct making *m, size_t k, struct truth *t,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_costs = m->o->point->n_objectives - 1;
    const uint64_t n_decisions = space_n_decisions(m->o->point->space);
    double *costs = NULL, *values = NULL;
    memset(t, 0, sizeof *t);
    STATUS_TRY(m->o->draw(m->o->context, k, &t->problem, &t->frontier, why));
    const struct frontier *f = &t->frontier;
    STATUS_TRY(sorted_copy(f->n_rows, f->configurations, &t->members, why));
    t->levels = calloc(m->n_levels, sizeof *t->levels);
    costs = malloc((f->n_rows * n_costs + 1) * sizeof *costs);
    values = malloc((f->n_rows + 1) * sizeof *values);
    if (t->levels == NULL || costs == NULL || values == NULL) {
        st = status_fail(why, STATUS_MEMORY, "band: %zu rows", f->n_rows);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < f->n_rows; i++) {
        values[i] = take_apart(t->problem, m->o->objective, f->objectives + i * f->n_objectives,
                               costs + i * n_costs);
    }
    for (size_t s = 0, begin = 0, end = 0; s < m->n_levels; s++, begin = end) {
        while (end < f->n_rows && f->configurations[end] / n_decisions == s) {
            end++;
        }
        STATUS_TRY(lowest_create(n_costs, end - begin, costs + begin * n_costs, values + begin,
                                 &t->levels[s], why));
    }
out:
    free(values);
    free(costs);
    return st;
}

/* What a draw says of every row. */
static enum status do_draw(void *context, size_t item, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct making *m = context;
    const uint64_t n_decisions = space_n_decisions(m->o->point->space);
    float *regrets = m->regrets + item * m->n_rows;
    struct truth t;
    STATUS_TRY(truth_make(m, item + 1, &t, why));
    for (size_t i = 0; i < m->n_rows; i++) {
        double costs[PROBLEM_MAX_OBJECTIVES], value;
        const uint64_t row = m->rows[i];
        if (is_among(t.frontier.n_rows, t.members, row)) {
            regrets[i] = is_member;
        } else if (evaluate(t.problem, m->o->objective, row, costs, &value)) {
            const struct lowest *level = &t.levels[row / n_decisions];
            regrets[i] = (float)(value - lowest_at(level, costs, value));
        } else {
            regrets[i] = is_infeasible;
        }
    }
out:
    truth_clear(&t, m->n_levels);
    return st;
}

/* Candidates. */

static enum status add_seen(struct making *m, const uint64_t indices[], size_t n,
                            struct status_why *why)
{
    if (m->n_seen + n > m->room) {
        const size_t room = 2 * m->room + n;
        uint64_t *more = realloc(m->seen, room * sizeof *more);
        if (more == NULL) {
            return status_fail(why, STATUS_MEMORY, "band: %zu configurations", room);
        }
        m->seen = more;
        m->room = room;
    }
    if (n > 0) {
        memcpy(m->seen + m->n_seen, indices, n * sizeof *indices);
    }
    m->n_seen += n;
    return STATUS_OK;
}

/* Note what is on the frontier of a draw and not on that of the point estimate. */
static enum status do_scout(void *context, size_t item, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct making *m = context;
    const struct problem *problem = NULL;
    struct frontier f = {0};
    size_t n = 0;
    STATUS_TRY(m->o->draw(m->o->context, item + 1, &problem, &f, why));
    for (size_t i = 0; i < f.n_rows; i++) {
        if (!is_among(m->n_frontier, m->members, f.configurations[i])) {
            f.configurations[n++] = f.configurations[i];
        }
    }
    STATUS_TRY(add_seen(m, f.configurations, n, why));
    if (m->journal != NULL) {
        STATUS_TRY(
            journal_append(m->journal, item, f.configurations, n * sizeof *f.configurations, why));
    }
out:
    frontier_clear(&f);
    return st;
}

/* What an earlier run has seen, on rank 0. \param [in,out] done  [n_items] */
static enum status recall_scouts(struct making *m, size_t n_items, unsigned char done[],
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < journal_n_records(m->journal); i++) {
        const struct journal_record *r = journal_record(m->journal, i);
        if (r->item >= n_items) {
            continue;
        }
        done[r->item] = 1;
        if (team_rank(m->comm) == 0) {
            STATUS_TRY(add_seen(m, r->bytes, r->n / sizeof *m->seen, why));
        }
    }
out:
    return st;
}

struct sighting {
    uint64_t index;
    size_t n;
};

static int compare_sightings(const void *left, const void *right)
{
    const struct sighting *a = left, *b = right;
    return a->n != b->n ? (a->n < b->n) - (a->n > b->n)
                        : (a->index > b->index) - (a->index < b->index);
}

/* How often each configuration was seen. \param [in,out] seen  [n] sorted
 * \param [out] all  [n] at most \return how many differ */
static size_t count_seen(size_t n, uint64_t seen[], struct sighting all[])
{
    size_t n_different = 0;
    qsort(seen, n, sizeof *seen, compare_indices);
    for (size_t i = 0; i < n; i++) {
        if (n_different == 0 || all[n_different - 1].index != seen[i]) {
            all[n_different++] = (struct sighting){seen[i], 0};
        }
        all[n_different - 1].n++;
    }
    return n_different;
}

/* Of configurations seen, in each scenario level those seen most often, then of the lowest index;
 * at most as many of a level as wanted. \param [in,out] seen  [*n] \param [out] n_cut  how many
 * were seen and are left out */
static enum status choose_seen(const struct making *m, uint64_t seen[], size_t *n, size_t *n_cut,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    const uint64_t n_decisions = space_n_decisions(m->o->point->space);
    struct sighting *all = malloc((*n + 1) * sizeof *all);
    size_t *taken = calloc(m->n_levels, sizeof *taken);
    if (all == NULL || taken == NULL) {
        st = status_fail(why, STATUS_MEMORY, "band: %zu configurations", *n);
    }
    STATUS_TRY(st);
    STATUS_ASSERT(all != NULL && taken != NULL);
    const size_t n_different = count_seen(*n, seen, all);
    qsort(all, n_different, sizeof *all, compare_sightings);
    *n = 0;
    for (size_t i = 0; i < n_different; i++) {
        size_t *of_level = &taken[all[i].index / n_decisions];
        if (*of_level < m->o->most_candidates) {
            ++*of_level;
            seen[(*n)++] = all[i].index;
        }
    }
    *n_cut = n_different - *n;
    qsort(seen, *n, sizeof *seen, compare_indices);
out:
    free(taken);
    free(all);
    return st;
}

/* The candidates of a space that is too large to look at each. Collective. */
static enum status scout(struct making *m, uint64_t **made, size_t *n, size_t *n_cut,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    unsigned char done[N_SCOUTS] = {0};
    struct team_work work = {.label = "candidates",
                             .item = do_scout,
                             .context = m,
                             .done = done,
                             .n_items = m->o->n_draws < N_SCOUTS ? m->o->n_draws : N_SCOUTS};
    void *all = NULL;
    size_t n_bytes = 0;
    if (m->o->journal != NULL) {
        STATUS_TRY(journal_open(m->comm, m->o->journal, "scouts", m->o->digest, &m->journal, why));
        STATUS_TRY(team_agree(m->comm, recall_scouts(m, work.n_items, done, why), why));
    }
    STATUS_TRY(team_deal(m->comm, &work, why));
    STATUS_TRY(team_gather(m->comm, m->seen, m->n_seen * sizeof *m->seen, &all, &n_bytes, why));
    *made = all;
    *n = n_bytes / sizeof **made;
    STATUS_TRY(team_agree(m->comm, choose_seen(m, *made, n, n_cut, why), why));
out:
    journal_close(m->journal);
    return st;
}

/* All configurations that are not on the frontier. */
static enum status take_all(const struct making *m, uint64_t **made, size_t *n,
                            struct status_why *why)
{
    const uint64_t size = space_size(m->o->point->space);
    *made = malloc((size_t)size * sizeof **made);
    *n = 0;
    if (*made == NULL) {
        return status_fail(why, STATUS_MEMORY, "band: %zu configurations", (size_t)size);
    }
    for (uint64_t i = 0; i < size; i++) {
        if (!is_among(m->n_frontier, m->members, i)) {
            (*made)[(*n)++] = i;
        }
    }
    return STATUS_OK;
}

/* The rows to look at: the frontier, then the candidates. Collective. */
static enum status list_rows(struct making *m, struct band *band, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct frontier *f = m->o->frontier;
    uint64_t *others = NULL;
    void *all = NULL;
    size_t n = 0, n_bytes = 0;
    STATUS_TRY(team_gather(m->comm, f->configurations, f->n_mine * sizeof *f->configurations, &all,
                           &n_bytes, why));
    m->frontier = all;
    m->n_frontier = n_bytes / sizeof *m->frontier;
    STATUS_TRY(team_agree(m->comm, sorted_copy(m->n_frontier, m->frontier, &m->members, why), why));
    band->all_candidates = space_n_decisions(m->o->point->space) <= m->o->most_candidates;
    STATUS_TRY(band->all_candidates ? team_agree(m->comm, take_all(m, &others, &n, why), why)
                                    : scout(m, &others, &n, &band->n_cut, why));
    band->n_frontier = m->n_frontier;
    band->n_candidates = n;
    m->n_rows = m->n_frontier + n;
    m->rows = malloc((m->n_rows + 1) * sizeof *m->rows);
    if (m->rows == NULL) {
        st = status_fail(why, STATUS_MEMORY, "band: %zu rows", m->n_rows);
    } else {
        memcpy(m->rows, m->frontier, m->n_frontier * sizeof *m->rows);
        memcpy(m->rows + m->n_frontier, others, n * sizeof *m->rows);
    }
    STATUS_TRY(team_agree(m->comm, st, why));
out:
    free(others);
    return st;
}

/* Summaries. */

/* \param [out] room  [n_draws] */
static void summarise(const struct making *m, size_t row, double room[], struct band_row *made)
{
    const struct band_options *o = m->o;
    double costs[PROBLEM_MAX_OBJECTIVES];
    size_t n = 0, n_member = 0, n_within = 0;
    made->configuration = m->rows[row];
    (void)evaluate(o->point, o->objective, made->configuration, costs, &made->value);
    made->epsilon = o->epsilon > 0.0 ? o->epsilon : o->tolerance(o->context, made->configuration);
    for (size_t k = 0; k < o->n_draws; k++) {
        const float regret = m->regrets[k * m->n_rows + row];
        if (!isnan(regret)) {
            n_member += regret < 0.0F;
            room[n] = regret < 0.0F ? 0.0 : (double)regret;
            n_within += room[n++] <= made->epsilon;
        }
    }
    quantile_sort(room, n);
    for (size_t q = 0; q < BAND_N_QUANTILES; q++) {
        made->regret[q] = n > 0 ? quantile_linear(room, n, band_shares[q]) : (double)NAN;
    }
    made->within = (double)n_within / (double)o->n_draws;
    made->feasible = (double)n / (double)o->n_draws;
    made->membership = (double)n_member / (double)o->n_draws;
}

/* Each rank its share of the rows; then those off the frontier that are kept. Collective. */
static enum status summarise_all(struct making *m, struct band *band, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct team_range share = team_share(m->n_rows, team_rank(m->comm), team_size(m->comm));
    double *room = malloc(m->o->n_draws * sizeof *room);
    band->rows = calloc(m->n_rows + 1, sizeof *band->rows);
    if (room == NULL || band->rows == NULL) {
        st = status_fail(why, STATUS_MEMORY, "band: %zu rows", m->n_rows);
    }
    STATUS_TRY(team_agree(m->comm, st, why));
    for (size_t i = share.begin; i < share.end; i++) {
        summarise(m, i, room, &band->rows[i]);
    }
    team_fill(m->comm, band->rows, m->n_rows * sizeof *band->rows);
    band->n_rows = band->n_frontier;
    for (size_t i = band->n_frontier; i < m->n_rows; i++) {
        if (band->rows[i].within >= m->o->keep) {
            band->rows[band->n_rows++] = band->rows[i];
        }
    }
out:
    free(room);
    return st;
}

/* Room for the regrets. */
static enum status make_room(struct making *m, struct status_why *why)
{
    const size_t n_draws = m->o->n_draws;
    if (m->n_rows > most_regrets / n_draws) {
        return status_fail(why, STATUS_INPUT,
                           "band: %zu rows in %zu draws are more than are held at a time, %zu: "
                           "fewer draws, or longer steps",
                           m->n_rows, n_draws, most_regrets);
    }
    m->regrets = calloc(n_draws * m->n_rows + 1, sizeof *m->regrets);
    return m->regrets != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "band: %zu rows in %zu draws", m->n_rows, n_draws);
}

enum status band_make(MPI_Comm comm, const struct band_options *o, struct band *made,
                      struct status_why *why)
{
    enum status st = STATUS_OK;
    struct making m = {.comm = comm, .o = o};
    struct items *items = NULL;
    memset(made, 0, sizeof *made);
    STATUS_ASSERT(o->n_draws > 0 && o->objective < o->point->n_objectives
                  && !o->point->objectives[o->objective].maximise
                  && (o->epsilon > 0.0 || o->tolerance != NULL));
    made->n_draws = o->n_draws;
    made->tolerance_name = o->tolerance_name;
    m.n_levels = (size_t)space_n_scenarios(o->point->space);
    STATUS_TRY(list_rows(&m, made, why));
    STATUS_TRY(team_agree(comm, make_room(&m, why), why));
    if (o->journal != NULL) {
        STATUS_TRY(items_open(comm, o->journal, "band", o->digest, &items, why));
    }
    const struct team_work work = {
        .label = "band", .n_items = o->n_draws, .item = do_draw, .context = &m};
    STATUS_TRY(items_deal(comm, items, &work, m.n_rows * sizeof *m.regrets, m.regrets, why));
    STATUS_TRY(summarise_all(&m, made, why));
out:
    items_close(items);
    free(m.regrets);
    free(m.rows);
    free(m.seen);
    free(m.members);
    free(m.frontier);
    if (st != STATUS_OK) {
        band_clear(made);
    }
    return st;
}

void band_clear(struct band *b)
{
    free(b->rows);
    memset(b, 0, sizeof *b);
}
