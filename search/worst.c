#include "search/worst.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS,
    MOST_TABLES = TABLES_MAX_PRODUCTS * TABLES_MAX_FACTORS + 1, /* of an outcome */
    PIECE = 1024, /* configurations evaluated at once: all their outcomes stay in the cache */
    ANY_LEVEL = -1
};

/* A table over the axes that are left, and what it was made from. */
struct collapsed {
    struct tables_table from;
    bool least;
    int64_t level; /* of the combined axes whose entries it has, or ANY_LEVEL: the worst of all */
    double *values;
};

struct worst {
    const struct problem *base;
    struct space space;
    struct problem problem;
    bool combined[SPACE_MAX_AXES];
    size_t n_axes, axes[SPACE_MAX_AXES]; /* of the base: those that are left */
    size_t n_levels;                     /* combinations of levels of the combined axes */
    uint64_t n_decisions;
    uint64_t *scenarios;          /* [scenarios of space][n_levels] of the base */
    size_t source[MOST_OUTCOMES]; /* outcome of the base behind each of the problem */
    bool least[MOST_OUTCOMES];    /* whether its least value is the worst */
    double *values;               /* [outcomes of the base][PIECE] */
    struct tables_outcome tables[MOST_OUTCOMES];
    size_t n_collapsed;
    struct collapsed collapsed[MOST_OUTCOMES * MOST_TABLES];
};

/* Whether a value is worse than the worst so far; what does not exist is worst of all. */
static bool is_worse(double value, double sofar, bool least)
{
    return isnan(value) || (least ? value < sofar : value > sofar);
}

/* Evaluation. */

static size_t n_outcomes(const struct problem *p)
{
    return p->n_objectives + p->n_constraints;
}

/* Configurations of one scenario level, at most a piece. */
static void evaluate_piece(const struct worst *w, uint64_t begin, size_t n, double values[],
                           size_t stride)
{
    const uint64_t *levels = w->scenarios + begin / w->n_decisions * w->n_levels;
    for (size_t c = 0; c < w->n_levels; c++) {
        const uint64_t from = levels[c] * w->n_decisions + begin % w->n_decisions;
        w->base->evaluate(w->base->context, from, n, w->values, PIECE);
        for (size_t k = 0; k < n_outcomes(&w->problem); k++) {
            const double *x = w->values + w->source[k] * PIECE;
            double *worst = values + k * stride;
            for (size_t i = 0; i < n; i++) {
                worst[i] = c == 0 || is_worse(x[i], worst[i], w->least[k]) ? x[i] : worst[i];
            }
        }
    }
}

static void evaluate(const void *context, uint64_t begin, size_t n, double values[], size_t stride)
{
    const struct worst *w = context;
    for (size_t done = 0; done < n;) {
        const uint64_t left = w->n_decisions - (begin + done) % w->n_decisions;
        size_t here = n - done < PIECE ? n - done : PIECE;
        here = here < left ? here : (size_t)left;
        evaluate_piece(w, begin + done, here, values + done, stride);
        done += here;
    }
}

/* Tables. */

/* The place in a table of a combination of the combined axes. */
static size_t offset_of(const struct worst *w, const struct tables_table *t, size_t combination)
{
    size_t offset = 0;
    for (size_t a = w->base->space->n_axes; a-- > 0;) {
        if (w->combined[a]) {
            offset += combination % w->base->space->axes[a].n * t->stride[a];
            combination /= w->base->space->axes[a].n;
        }
    }
    return offset;
}

/* A table by the axes that are left, as if the others stood at their first levels.
 * \return its entries when it is laid out over what it reads */
static size_t lay_out(const struct worst *w, const struct tables_table *t,
                      struct tables_table *dense)
{
    size_t n = 1;
    *dense = (struct tables_table){.values = t->values};
    for (size_t a = w->n_axes; a-- > 0;) {
        if (t->stride[w->axes[a]] != 0) {
            dense->stride[a] = n;
            n *= w->space.axes[a].n;
        }
    }
    return n;
}

/* The place in a table of the base of an entry of the dense one. */
static size_t place_of(const struct worst *w, const struct tables_table *t, size_t entry)
{
    size_t place = 0;
    for (size_t a = w->n_axes; a-- > 0;) {
        if (t->stride[w->axes[a]] != 0) {
            place += entry % w->space.axes[a].n * t->stride[w->axes[a]];
            entry /= w->space.axes[a].n;
        }
    }
    return place;
}

static bool reads_combined(const struct worst *w, const struct tables_table *t)
{
    bool reads = false;
    for (size_t a = 0; a < w->base->space->n_axes; a++) {
        reads = reads || (w->combined[a] && t->stride[a] != 0);
    }
    return reads;
}

static double worst_entry(const struct worst *w, const struct collapsed *c, size_t entry)
{
    const double *at = c->from.values + place_of(w, &c->from, entry);
    if (c->level != ANY_LEVEL) {
        return at[offset_of(w, &c->from, (size_t)c->level)];
    }
    double worst = at[0];
    for (size_t k = 1; k < w->n_levels; k++) {
        const double value = at[offset_of(w, &c->from, k)];
        worst = is_worse(value, worst, c->least) ? value : worst;
    }
    return worst;
}

/* Put the collapsed table in the place of \a t, made now or before. */
static enum status collapse(struct worst *w, bool least, int64_t level, struct tables_table *t,
                            struct status_why *why)
{
    const struct tables_table from = *t;
    const size_t n = lay_out(w, &from, t);
    if (!reads_combined(w, &from)) {
        for (size_t a = 0; a < w->n_axes; a++) {
            t->stride[a] = from.stride[w->axes[a]];
        }
        return STATUS_OK;
    }
    for (size_t i = 0; i < w->n_collapsed; i++) {
        const struct collapsed *c = &w->collapsed[i];
        if (c->from.values == from.values && c->least == least && c->level == level) {
            t->values = c->values;
            return STATUS_OK;
        }
    }
    struct collapsed *made = &w->collapsed[w->n_collapsed];
    *made = (struct collapsed){from, least, level, malloc(n * sizeof *made->values)};
    if (made->values == NULL) {
        return status_fail(why, STATUS_MEMORY, "worst values: a table of %zu entries", n);
    }
    w->n_collapsed++;
    for (size_t i = 0; i < n; i++) {
        made->values[i] = worst_entry(w, made, i);
    }
    t->values = made->values;
    return STATUS_OK;
}

/* The tables of an outcome, each once. */
static size_t list_tables(struct tables_outcome *o, struct tables_table *tables[MOST_TABLES])
{
    size_t n = 0;
    for (size_t p = 0; p < o->n_products; p++) {
        for (size_t f = 0; f < o->products[p].n; f++) {
            tables[n++] = &o->products[p].factors[f];
        }
    }
    if (o->has_rate) {
        tables[n++] = &o->rate;
    }
    return n;
}

/* Whether every entry of a table is at its worst at one combination of the combined axes. */
static bool is_worst_at(const struct worst *w, const struct tables_table *t, bool least,
                        size_t combination)
{
    struct tables_table dense;
    const size_t n = lay_out(w, t, &dense), offset = offset_of(w, t, combination);
    for (size_t i = 0; i < n; i++) {
        const double *at = t->values + place_of(w, t, i);
        for (size_t k = 0; k < w->n_levels; k++) {
            const double value = at[offset_of(w, t, k)];
            if (!(least ? at[offset] <= value : at[offset] >= value)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_negative_somewhere(const struct worst *w, const struct tables_table *t)
{
    struct tables_table dense;
    const size_t n = lay_out(w, t, &dense);
    for (size_t i = 0; i < n * w->n_levels; i++) {
        if (t->values[place_of(w, t, i / w->n_levels) + offset_of(w, t, i % w->n_levels)] < 0.0) {
            return true;
        }
    }
    return false;
}

/* Outcomes are monotone in each entry of their tables, as computed: the worst over the combined
 * axes comes from the worst entries, if these can be had at once. That is so where one table alone
 * reads these axes, and where all that do are at their worst at one combination of levels.
 * \param [out] level  that combination, or ANY_LEVEL for one table. \return false: neither */
static bool find_level(const struct worst *w, size_t n, struct tables_table *const tables[],
                       bool least, int64_t *level)
{
    const struct tables_table *first = NULL;
    bool is_alone = true;
    for (size_t i = 0; i < n; i++) {
        if (reads_combined(w, tables[i])) {
            first = first == NULL ? tables[i] : first;
            is_alone = is_alone && tables[i]->values == first->values;
        }
    }
    *level = ANY_LEVEL;
    bool found = is_alone;
    for (size_t c = 0; !found && c < w->n_levels; c++) {
        found = true;
        for (size_t i = 0; found && i < n; i++) {
            found = !reads_combined(w, tables[i]) || is_worst_at(w, tables[i], least, c);
        }
        *level = (int64_t)c;
    }
    return found;
}

/* The tables of one outcome. \param [in,out] has  false from the first that has none */
static enum status combine(struct worst *w, size_t outcome, bool *has, struct status_why *why)
{
    struct tables_outcome *o = &w->tables[outcome];
    struct tables_table *tables[MOST_TABLES];
    int64_t level;
    *o = w->base->tables[w->source[outcome]];
    const size_t n = list_tables(o, tables);
    *has = *has && find_level(w, n, tables, w->least[outcome], &level);
    /* A rate makes a negative sum less where it is more. */
    for (size_t i = 0; *has && o->has_rate && reads_combined(w, &o->rate) && i < n; i++) {
        *has = !is_negative_somewhere(w, tables[i]);
    }
    enum status st = STATUS_OK;
    for (size_t i = 0; *has && st == STATUS_OK && i < n; i++) {
        st = collapse(w, w->least[outcome], level, tables[i], why);
    }
    return st;
}

/* Making one. */

static enum status make_space(struct worst *w, struct status_why *why)
{
    const struct space *s = w->base->space;
    enum status st = STATUS_OK;
    w->n_levels = 1;
    for (size_t a = 0; st == STATUS_OK && a < s->n_axes; a++) {
        STATUS_ASSERT(!w->combined[a] || s->axes[a].role == SPACE_SCENARIO);
        if (w->combined[a]) {
            w->n_levels *= s->axes[a].n;
        } else {
            w->axes[w->n_axes++] = a;
            st = space_add(&w->space, &s->axes[a], why);
        }
    }
    w->n_decisions = space_n_decisions(s);
    return st;
}

/* The scenario level of the base for one of the space and a combination of the combined axes. */
static uint64_t scenario_of(const struct worst *w, uint64_t scenario, uint64_t combination)
{
    const struct space *s = w->base->space;
    uint64_t found = 0, weight = 1;
    for (size_t a = s->n_axes; a-- > 0;) {
        if (s->axes[a].role != SPACE_SCENARIO) {
            continue;
        }
        uint64_t *rest = w->combined[a] ? &combination : &scenario;
        found += *rest % s->axes[a].n * weight;
        *rest /= s->axes[a].n;
        weight *= s->axes[a].n;
    }
    return found;
}

static enum status make_scenarios(struct worst *w, struct status_why *why)
{
    const size_t n = (size_t)space_n_scenarios(&w->space);
    w->scenarios = malloc(n * w->n_levels * sizeof *w->scenarios);
    w->values = malloc(n_outcomes(w->base) * PIECE * sizeof *w->values);
    if (w->scenarios == NULL || w->values == NULL) {
        return status_fail(why, STATUS_MEMORY, "worst values: %zu scenario levels",
                           n * w->n_levels);
    }
    for (size_t i = 0; i < n * w->n_levels; i++) {
        w->scenarios[i] = scenario_of(w, i / w->n_levels, i % w->n_levels);
    }
    return STATUS_OK;
}

/* A constraint of the base by one of its bounds, or by none: that its outcome exists. */
static enum status add_constraint(struct worst *w, size_t k, bool is_lower, struct status_why *why)
{
    struct problem *p = &w->problem;
    if (p->n_constraints == PROBLEM_MAX_CONSTRAINTS) {
        return status_fail(why, STATUS_INPUT,
                           "combine: worst: more than %d constraints, where one of two bounds "
                           "counts twice",
                           PROBLEM_MAX_CONSTRAINTS);
    }
    const size_t outcome = n_outcomes(p);
    struct problem_constraint *c = &p->constraints[p->n_constraints++];
    *c = w->base->constraints[k];
    c->lower = is_lower ? c->lower : -(double)INFINITY;
    c->upper = is_lower ? (double)INFINITY : c->upper;
    w->source[outcome] = w->base->n_objectives + k;
    w->least[outcome] = is_lower;
    return STATUS_OK;
}

static enum status make_outcomes(struct worst *w, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct problem *p = &w->problem;
    p->space = &w->space;
    p->evaluate = evaluate;
    p->context = w;
    p->n_objectives = w->base->n_objectives;
    p->is_partial = w->base->is_partial;
    for (size_t j = 0; j < p->n_objectives; j++) {
        p->objectives[j] = w->base->objectives[j];
        w->source[j] = j;
        w->least[j] = p->objectives[j].maximise;
    }
    for (size_t k = 0; st == STATUS_OK && k < w->base->n_constraints; k++) {
        const struct problem_constraint *c = &w->base->constraints[k];
        const bool has_lower = c->lower > -(double)INFINITY,
                   has_upper = c->upper < (double)INFINITY;
        if (has_lower) {
            st = add_constraint(w, k, true, why);
        }
        if (st == STATUS_OK && (has_upper || !has_lower)) {
            st = add_constraint(w, k, false, why);
        }
    }
    return st;
}

enum status worst_create(const struct problem *problem, const bool combined[], struct worst **made,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    struct worst *w = calloc(1, sizeof *w);
    bool has_tables = problem->tables != NULL;

    *made = NULL;
    if (w == NULL) {
        return status_fail(why, STATUS_MEMORY, "worst values");
    }
    w->base = problem;
    memcpy(w->combined, combined, problem->space->n_axes * sizeof *combined);
    space_init(&w->space);
    STATUS_TRY(make_space(w, why));
    STATUS_TRY(make_scenarios(w, why));
    STATUS_TRY(make_outcomes(w, why));
    for (size_t k = 0; has_tables && k < n_outcomes(&w->problem); k++) {
        STATUS_TRY(combine(w, k, &has_tables, why));
    }
    w->problem.tables = has_tables ? w->tables : NULL;
    *made = w;
    w = NULL;
out:
    worst_destroy(w);
    return st;
}

void worst_destroy(struct worst *w)
{
    if (w == NULL) {
        return;
    }
    for (size_t i = 0; i < w->n_collapsed; i++) {
        free(w->collapsed[i].values);
    }
    free(w->scenarios);
    free(w->values);
    space_clear(&w->space);
    free(w);
}

const struct problem *worst_problem(const struct worst *w)
{
    return &w->problem;
}
