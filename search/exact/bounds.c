#include "search/exact/bounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/pareto.h"

/* The largest entry of a table without its sign; INFINITY where an entry is not what it may be. */
static double largest(const struct tables_table *t, const struct problem *p)
{
    size_t n = 1;
    double most = 0.0;
    for (size_t a = 0; a < p->space->n_axes; a++) {
        n += t->stride[a] * (p->space->axes[a].n - 1); /* the last entry */
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(t->values[i])) {
            most = fmax(most, fabs(t->values[i]));
        } else if (!p->is_partial) {
            return (double)INFINITY;
        }
    }
    return most;
}

bool bounds_apply(const struct problem *p)
{
    bool all = true;
    for (size_t i = 0; i < p->n_objectives + p->n_constraints; i++) {
        const struct tables_outcome *o = &p->tables[i];
        double sum = 0.0;
        for (size_t k = 0; k < o->n_products; k++) {
            double product = 1.0;
            for (size_t f = 0; f < o->products[k].n; f++) {
                const double entry = largest(&o->products[k].factors[f], p);
                all = all && isfinite(entry);
                product *= entry;
            }
            sum += product;
        }
        const double rate = o->has_rate ? largest(&o->rate, p) : 1.0;
        double most = sum * rate;
        pareto_round(1, &most);
        all = all && isfinite(rate) && isfinite(sum) && isfinite(most);
    }
    return all;
}

/* The pyramid of a table; tables that several outcomes share have one. */
static enum status take_table(struct bounds *b, const struct tables_table *t, size_t *number,
                              struct status_why *why)
{
    for (*number = 0; *number < b->n_pyramids; ++*number) {
        if (b->sources[*number] == t->values) {
            return STATUS_OK;
        }
    }
    b->sources[*number] = t->values;
    b->n_pyramids++;
    return pyramid_create(t, b->layout.problem->space, b->layout.n_core, b->layout.core,
                          &b->pyramids[*number], why);
}

static enum status take_outcome(struct bounds *b, size_t i, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct tables_outcome *from = &b->layout.problem->tables[i];
    struct bounds_outcome *o = &b->outcomes[i];
    o->n_products = from->n_products;
    o->has_rate = from->has_rate;
    o->rounds = from->rounds;
    for (size_t p = 0; p < from->n_products; p++) {
        o->products[p].n = from->products[p].n;
        for (size_t f = 0; f < from->products[p].n; f++) {
            STATUS_TRY(
                take_table(b, &from->products[p].factors[f], &o->products[p].factors[f], why));
        }
    }
    if (from->has_rate) {
        STATUS_TRY(take_table(b, &from->rate, &o->rate, why));
    }
    b->wanted[i] = layout_wanted(b->layout.problem, i);
out:
    return st;
}

/* How much the tables change along each core axis: boxes are halved where they are widest in this
 * measure. */
static void measure_spreads(struct bounds *b)
{
    for (size_t c = 0; c < b->layout.n_core; c++) {
        for (size_t k = 0; k < b->n_pyramids; k++) {
            const struct pyramid *p = &b->pyramids[k];
            const double least = p->least[0], greatest = p->greatest[0]; /* of the whole core */
            const bool reads = p->node_stride[c] != 0 && least > 0.0;
            const double spread = reads ? log(greatest / least) : 0.0;
            b->spread[c] = fmax(b->spread[c], spread);
        }
        b->spread[c] = b->spread[c] > 0.0 ? b->spread[c] : 1.0;
    }
}

static void number_leaves(struct pyramid_node node, uint32_t leaves[])
{
    if (node.end - node.begin == 1) {
        leaves[node.begin] = (uint32_t)node.number;
        return;
    }
    number_leaves(pyramid_lower(node), leaves);
    number_leaves(pyramid_upper(node), leaves);
}

enum status bounds_create(const struct problem *problem, struct bounds *b, struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(b, 0, sizeof *b);
    layout_make(problem, &b->layout);
    b->n_objectives = problem->n_objectives;
    b->n_outcomes = problem->n_objectives + problem->n_constraints;
    for (size_t i = 0; i < b->n_outcomes; i++) {
        STATUS_TRY(take_outcome(b, i, why));
        b->any_more = b->any_more || (b->wanted[i] & LAYOUT_MORE) != 0;
    }
    measure_spreads(b);
    for (size_t c = 0; c < b->layout.n_core; c++) {
        const size_t n = problem->space->axes[b->layout.core[c]].n;
        b->leaves[c] = malloc(n * sizeof *b->leaves[c]);
        if (b->leaves[c] == NULL) {
            st = status_fail(why, STATUS_MEMORY, "search: %zu levels", n);
        }
        STATUS_TRY(st);
        number_leaves(pyramid_root(n), b->leaves[c]);
    }
out:
    return st;
}

void bounds_clear(struct bounds *b)
{
    for (size_t k = 0; k < b->n_pyramids; k++) {
        pyramid_clear(&b->pyramids[k]);
    }
    for (size_t c = 0; c < b->layout.n_core; c++) {
        free(b->leaves[c]);
        b->leaves[c] = NULL;
    }
    b->n_pyramids = 0;
}

void bounds_place(const struct bounds *b, const size_t levels[], size_t at[])
{
    for (size_t k = 0; k < b->n_pyramids; k++) {
        at[k] = 0;
        for (size_t a = 0; a < b->layout.problem->space->n_axes; a++) {
            at[k] += b->pyramids[k].stride[a] * levels[a];
        }
    }
}

/* The expression of an outcome (solver/tables.h) over entries of pyramids. */
static double outcome_at(const struct bounds_outcome *o, const double x[])
{
    double sum = 0.0;
    for (size_t p = 0; p < o->n_products; p++) {
        double value = x[o->products[p].factors[0]];
        for (size_t f = 1; f < o->products[p].n; f++) {
            value *= x[o->products[p].factors[f]];
        }
        sum = p == 0 ? value : sum + value;
    }
    const double value = o->has_rate ? sum * x[o->rate] : sum;
    return o->rounds ? footprint_devices(value) : value;
}

static size_t entry_at(const struct bounds *b, size_t pyramid, const size_t at[],
                       const uint32_t numbers[])
{
    size_t entry = at[pyramid];
    for (size_t c = 0; c < b->layout.n_core; c++) {
        entry += b->pyramids[pyramid].node_stride[c] * numbers[c];
    }
    return entry;
}

/* An objective as it is compared. */
static double comparable(const struct bounds *b, size_t objective, double value)
{
    pareto_round(1, &value);
    return (b->wanted[objective] == LAYOUT_MORE ? -value : value) + 0.0;
}

bool bounds_best(const struct bounds *b, const size_t at[], const uint32_t numbers[],
                 double point[])
{
    double least[BOUNDS_MOST_PYRAMIDS], greatest[BOUNDS_MOST_PYRAMIDS];
    for (size_t k = 0; k < b->n_pyramids; k++) {
        const size_t entry = entry_at(b, k, at, numbers);
        least[k] = b->pyramids[k].least[entry];
        if (b->any_more) {
            greatest[k] = b->pyramids[k].greatest[entry];
        }
    }
    /* Where there is nothing but NaN, least and greatest are infinite, and what is made of them is
     * not finite; of finite entries it is (bounds_apply). */
    for (size_t i = b->n_objectives; i < b->n_outcomes; i++) {
        const struct problem_constraint *c = &b->layout.problem->constraints[i - b->n_objectives];
        const double low = outcome_at(&b->outcomes[i], least);
        if (!isfinite(low) || ((b->wanted[i] & LAYOUT_LESS) != 0 && !(low <= c->upper))
            || ((b->wanted[i] & LAYOUT_MORE) != 0
                && !(outcome_at(&b->outcomes[i], greatest) >= c->lower))) {
            return false;
        }
    }
    for (size_t i = 0; i < b->n_objectives; i++) {
        const bool more = b->wanted[i] == LAYOUT_MORE;
        point[i] = comparable(b, i, outcome_at(&b->outcomes[i], more ? greatest : least));
        if (!isfinite(point[i])) {
            return false;
        }
    }
    return true;
}

double bounds_worst(const struct bounds *b, const size_t at[], const uint32_t numbers[],
                    size_t objective)
{
    double x[BOUNDS_MOST_PYRAMIDS];
    const struct bounds_outcome *o = &b->outcomes[objective];
    const bool more = b->wanted[objective] == LAYOUT_MORE;
    for (size_t p = 0; p < o->n_products + 1; p++) {
        const bool is_rate = p == o->n_products;
        const size_t n = is_rate ? (o->has_rate ? 1 : 0) : o->products[p].n;
        for (size_t f = 0; f < n; f++) {
            const size_t k = is_rate ? o->rate : o->products[p].factors[f];
            const size_t entry = entry_at(b, k, at, numbers);
            x[k] = more ? b->pyramids[k].least[entry] : b->pyramids[k].greatest[entry];
        }
    }
    return comparable(b, objective, outcome_at(o, x));
}
