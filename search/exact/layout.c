#include "search/exact/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two costs that differ by more than this ratio differ after rounding to 40 bits too (M41). */
static const double clearly = 1.0 + 0x1p-37;

void layout_make(const struct problem *problem, struct layout *l)
{
    const struct space *s = problem->space;
    bool in_core[SPACE_MAX_AXES] = {false};
    uint64_t weight = 1, n_rest = 1;
    memset(l, 0, sizeof *l);
    l->problem = problem;
    for (size_t a = s->n_axes; a-- > 0;) {
        l->weight[a] = weight;
        weight *= s->axes[a].n;
        n_rest *= s->axes[a].role == SPACE_DECISION ? (uint64_t)s->axes[a].n : 1;
    }
    /* The longest axes, until the rest has few combinations; always those that are long enough for
     * bounds to pay. */
    for (size_t k = 0; k < s->n_axes; k++) {
        enum { LONG_AXIS = 32 };
        size_t longest = s->n_axes;
        for (size_t a = 0; a < s->n_axes; a++) {
            const bool free = s->axes[a].role == SPACE_DECISION && !in_core[a];
            longest =
                free && (longest == s->n_axes || s->axes[a].n > s->axes[longest].n) ? a : longest;
        }
        if (longest == s->n_axes
            || (n_rest <= LAYOUT_MOST_OPTIONS && s->axes[longest].n < LONG_AXIS)) {
            break;
        }
        in_core[longest] = true;
        n_rest /= s->axes[longest].n;
    }
    for (size_t a = 0; a < s->n_axes; a++) {
        if (in_core[a]) {
            l->core[l->n_core++] = a;
        } else if (s->axes[a].role == SPACE_DECISION) {
            l->rest[l->n_rest++] = a;
        }
    }
    l->n_options = n_rest;
}

void layout_scenario(const struct layout *l, uint64_t scenario, size_t levels[])
{
    const struct space *s = l->problem->space;
    for (size_t a = s->n_axes; a-- > 0;) {
        if (s->axes[a].role == SPACE_SCENARIO) {
            levels[a] = (size_t)(scenario % s->axes[a].n);
            scenario /= s->axes[a].n;
        }
    }
}

void layout_option(const struct layout *l, uint64_t option, size_t levels[])
{
    for (size_t r = l->n_rest; r-- > 0;) {
        const size_t n = l->problem->space->axes[l->rest[r]].n;
        levels[l->rest[r]] = (size_t)(option % n);
        option /= n;
    }
}

uint64_t layout_index(const struct layout *l, const size_t levels[])
{
    uint64_t index = 0;
    for (size_t a = 0; a < l->problem->space->n_axes; a++) {
        index += l->weight[a] * levels[a];
    }
    return index;
}

unsigned layout_wanted(const struct problem *problem, size_t outcome)
{
    if (outcome < problem->n_objectives) {
        return problem->objectives[outcome].maximise ? LAYOUT_MORE : LAYOUT_LESS;
    }
    const struct problem_constraint *c = &problem->constraints[outcome - problem->n_objectives];
    return (c->upper < (double)INFINITY ? LAYOUT_LESS : 0u)
           | (c->lower > -(double)INFINITY ? LAYOUT_MORE : 0u);
}

/* How the entries of a table at one option compare with those at another, over the whole core. */
enum { AT_MOST = 1, AT_LEAST = 2, CLEARLY_LESS = 4, CLEARLY_MORE = 8 };
enum { ALL = AT_MOST | AT_LEAST | CLEARLY_LESS | CLEARLY_MORE };

static unsigned compare_entries(double a, double b)
{
    return (a <= b ? AT_MOST : 0u) | (a >= b ? AT_LEAST : 0u)
           | (a >= 0.0 && a * clearly < b ? CLEARLY_LESS : 0u)
           | (b >= 0.0 && b * clearly < a ? CLEARLY_MORE : 0u);
}

static unsigned compare_from(const struct layout *l, const struct tables_table *t, size_t c,
                             const double *a, const double *b)
{
    while (c < l->n_core && t->stride[l->core[c]] == 0) {
        c++;
    }
    if (c == l->n_core || a == b) {
        return compare_entries(*a, *b);
    }
    unsigned all = ALL;
    const size_t stride = t->stride[l->core[c]];
    for (size_t i = 0; all != 0 && i < l->problem->space->axes[l->core[c]].n; i++) {
        all &= compare_from(l, t, c + 1, a + i * stride, b + i * stride);
    }
    return all;
}

static const double *at_levels(const struct layout *l, const struct tables_table *t,
                               const size_t levels[])
{
    const double *entry = t->values;
    for (size_t a = 0; a < l->problem->space->n_axes; a++) {
        entry += t->stride[a] * levels[a];
    }
    return entry;
}

/* Options are compared by the thousand, but read few places of the long tables over the core: what
 * comparing two places of a table gave is kept, in the slot that the places say. */
enum { N_SLOTS = 256 };

struct comparer {
    const struct layout *layout;
    struct {
        const struct tables_table *table;
        const double *a, *b;
        unsigned how;
    } slots[N_SLOTS];
};

static unsigned compare_table(struct comparer *c, const struct tables_table *t, const size_t x[],
                              const size_t y[])
{
    const double *a = at_levels(c->layout, t, x), *b = at_levels(c->layout, t, y);
    if (a == b) {
        return AT_MOST | AT_LEAST;
    }
    const size_t slot = (31 * (size_t)(a - t->values) + (size_t)(b - t->values)) % N_SLOTS;
    if (c->slots[slot].table != t || c->slots[slot].a != a || c->slots[slot].b != b) {
        c->slots[slot].table = t;
        c->slots[slot].a = a;
        c->slots[slot].b = b;
        c->slots[slot].how = compare_from(c->layout, t, 0, a, b);
    }
    return c->slots[slot].how;
}

/* How an outcome at one option compares with that at another. Sums and products of tables are
 * monotone in each entry. A clear difference is seen only in a single product that is not rounded
 * up: elsewhere it may be lost in a sum. */
static unsigned compare_outcome(struct comparer *comparer, const struct tables_outcome *o,
                                const size_t x[], const size_t y[])
{
    unsigned all = AT_MOST | AT_LEAST, any = 0;
    for (size_t p = 0; p < o->n_products; p++) {
        for (size_t i = 0; i < o->products[p].n; i++) {
            const unsigned c = compare_table(comparer, &o->products[p].factors[i], x, y);
            all &= c;
            any |= c;
        }
    }
    if (o->has_rate) {
        const unsigned c = compare_table(comparer, &o->rate, x, y);
        all &= c;
        any |= c;
    }
    const unsigned clear = o->n_products == 1 && !o->rounds ? CLEARLY_LESS | CLEARLY_MORE : 0;
    return all | (any & clear);
}

/* Whether a table has a number for any configuration of the core. */
static bool any_from(const struct layout *l, const struct tables_table *t, size_t c,
                     const double *entry)
{
    while (c < l->n_core && t->stride[l->core[c]] == 0) {
        c++;
    }
    if (c == l->n_core) {
        return !isnan(*entry);
    }
    bool any = false;
    for (size_t i = 0; !any && i < l->problem->space->axes[l->core[c]].n; i++) {
        any = any_from(l, t, c + 1, entry + i * t->stride[l->core[c]]);
    }
    return any;
}

static bool any_number(const struct layout *l, const struct tables_table *t, const size_t levels[])
{
    return any_from(l, t, 0, at_levels(l, t, levels));
}

/* Whether an option can have feasible configurations: no table is NaN all over the core. */
static bool is_defined(const struct layout *l, const size_t levels[])
{
    const struct problem *p = l->problem;
    bool defined = true;
    for (size_t i = 0; defined && i < p->n_objectives + p->n_constraints; i++) {
        const struct tables_outcome *o = &p->tables[i];
        for (size_t k = 0; k < o->n_products; k++) {
            for (size_t f = 0; f < o->products[k].n; f++) {
                defined = defined && any_number(l, &o->products[k].factors[f], levels);
            }
        }
        defined = defined && (!o->has_rate || any_number(l, &o->rate, levels));
    }
    return defined;
}

/* Whether option \a x makes option \a y superfluous: no worse in any outcome, whatever the core,
 * and either clearly better in one objective or of the lower index. Whether \a x has an outcome
 * where \a y has it is known only of outcomes that compare: NaN does not. */
static bool replaces(struct comparer *comparer, const size_t x[], const size_t y[])
{
    const struct layout *l = comparer->layout;
    const struct problem *p = l->problem;
    bool better = layout_index(l, x) < layout_index(l, y);
    for (size_t i = 0; i < p->n_objectives + p->n_constraints; i++) {
        const unsigned wanted = layout_wanted(p, i);
        const unsigned c = compare_outcome(comparer, &p->tables[i], x, y);
        if (((wanted & LAYOUT_LESS) != 0 && (c & AT_MOST) == 0)
            || ((wanted & LAYOUT_MORE) != 0 && (c & AT_LEAST) == 0)
            || (c & (AT_MOST | AT_LEAST)) == 0) {
            return false;
        }
        const unsigned clear = p->n_objectives > i && wanted == LAYOUT_LESS   ? CLEARLY_LESS
                               : p->n_objectives > i && wanted == LAYOUT_MORE ? CLEARLY_MORE
                                                                              : 0;
        better = better || (c & clear) != 0;
    }
    return better;
}

enum status layout_survivors(const struct layout *l, uint64_t scenario, uint32_t **options,
                             size_t *n, struct status_why *why)
{
    struct comparer comparer = {.layout = l};
    size_t x[SPACE_MAX_AXES] = {0}, y[SPACE_MAX_AXES] = {0};
    uint32_t *kept = malloc(l->n_options * sizeof *kept);
    size_t n_kept = 0;
    if (kept == NULL) {
        return status_fail(why, STATUS_MEMORY, "search: %llu options",
                           (unsigned long long)l->n_options);
    }
    layout_scenario(l, scenario, x);
    layout_scenario(l, scenario, y);
    for (uint32_t option = 0; option < l->n_options; option++) {
        bool replaced = false;
        layout_option(l, option, y);
        replaced = l->problem->is_partial && !is_defined(l, y);
        for (size_t k = 0; k < n_kept && !replaced; k++) {
            layout_option(l, kept[k], x);
            replaced = replaces(&comparer, x, y);
        }
        if (replaced) {
            continue;
        }
        size_t n_left = 0;
        for (size_t k = 0; k < n_kept; k++) {
            layout_option(l, kept[k], x);
            if (!replaces(&comparer, y, x)) {
                kept[n_left++] = kept[k];
            }
        }
        n_kept = n_left;
        kept[n_kept++] = option;
    }
    *options = kept;
    *n = n_kept;
    return STATUS_OK;
}

size_t layout_n_ranges(const struct space *space)
{
    enum { MOST_RANGES = 1024, STEPS_A_RANGE = 1024 };
    const double n = sqrt((double)space_n_decisions(space)) / STEPS_A_RANGE;
    return n < 1.0 ? 1 : n > MOST_RANGES ? MOST_RANGES : (size_t)n;
}
