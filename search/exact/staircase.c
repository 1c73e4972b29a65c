#include "search/exact/staircase.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/exact/pyramid.h"
#include "search/front/pareto.h"

enum {
    MOST_TABLES = TABLES_MAX_PRODUCTS * TABLES_MAX_FACTORS + 1,
    BINS_A_LEVEL = 8, /* of the core axes: a staircase has some points a level */
    LEAST_BINS = 1 << 10,
    MOST_BINS = 1 << 18
};

/* Works that differ by more than this ratio differ after rounding too, whatever they are multiplied
 * by (M41). */
static const double clearly = 1.0 + 0x1p-37;

/* An outcome over pyramids, at fixed levels outside the core. */
struct side {
    size_t n_products, n_factors[TABLES_MAX_PRODUCTS];
    bool has_rate;
    size_t n_tables; /* factors of the products in order, then the rate */
    struct pyramid pyramids[MOST_TABLES];
    const double *least[MOST_TABLES];
};

struct search {
    const struct layout *layout;
    struct side value, work;
    double most;
    double spread[SPACE_MAX_AXES];
    uint32_t *leaves[SPACE_MAX_AXES]; /* [levels] number of the node of each level */
    /* Least value seen of works in each bin, and of works in all bins below it. A bin is a range of
     * the bits of the work, which are in the order of the works. */
    size_t n_bins;
    double *bins, *below; /* [n_bins] */
    uint64_t first_bits;
    unsigned shift;
    size_t n_boxes, box_bytes;
    uint32_t *boxes; /* [n_boxes][3][n_core] number, begin and end of each node */
    size_t n_points, point_room;
    struct staircase_point *points;
};

static void side_clear(struct side *s)
{
    for (size_t k = 0; k < s->n_tables; k++) {
        pyramid_clear(&s->pyramids[k]);
    }
}

static enum status side_add(const struct search *s, const struct tables_table *t,
                            const size_t levels[], struct side *side, struct status_why *why)
{
    const struct layout *l = s->layout;
    struct pyramid *p = &side->pyramids[side->n_tables];
    const enum status st = pyramid_create(t, l->problem->space, l->n_core, l->core, p, why);
    if (st != STATUS_OK) {
        return st;
    }
    const double *least = p->least;
    for (size_t a = 0; a < l->problem->space->n_axes; a++) {
        least += p->stride[a] * levels[a];
    }
    side->least[side->n_tables++] = least;
    return STATUS_OK;
}

static enum status side_make(const struct search *s, const struct tables_outcome *o,
                             const size_t levels[], struct side *side, struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_ASSERT(!o->rounds);
    side->n_products = o->n_products;
    side->has_rate = o->has_rate;
    for (size_t p = 0; p < o->n_products; p++) {
        side->n_factors[p] = o->products[p].n;
        for (size_t f = 0; f < o->products[p].n; f++) {
            STATUS_TRY(side_add(s, &o->products[p].factors[f], levels, side, why));
        }
    }
    if (o->has_rate) {
        STATUS_TRY(side_add(s, &o->rate, levels, side, why));
    }
out:
    return st;
}

/* The expression of solver/tables.h on the least entries of a box. */
static double side_least(const struct side *side, size_t n_core, const uint32_t numbers[])
{
    size_t k = 0;
    double sum = 0.0;
    for (size_t p = 0; p < side->n_products; p++) {
        double product = 1.0;
        for (size_t f = 0; f < side->n_factors[p]; f++, k++) {
            size_t at = 0;
            for (size_t c = 0; c < n_core; c++) {
                at += side->pyramids[k].node_stride[c] * numbers[c];
            }
            product = f == 0 ? side->least[k][at] : product * side->least[k][at];
        }
        sum = p == 0 ? product : sum + product;
    }
    if (side->has_rate) {
        size_t at = 0;
        for (size_t c = 0; c < n_core; c++) {
            at += side->pyramids[k].node_stride[c] * numbers[c];
        }
        sum *= side->least[k][at];
    }
    return sum;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The bin of a work, which is not negative and not below the least one. */
static size_t bin_of(const struct search *s, double work)
{
    const uint64_t bin = (bits_of(work) - s->first_bits) >> s->shift;
    return bin < s->n_bins ? (size_t)bin : s->n_bins - 1;
}

/* The least value, rounded, and work of a box.
 * \return false when no point of it counts */
static bool box_least(const struct search *s, const uint32_t numbers[], double *value, double *work)
{
    const size_t n_core = s->layout->n_core;
    *value = side_least(&s->value, n_core, numbers);
    *work = side_least(&s->work, n_core, numbers);
    const bool counts = *value <= s->most && *work <= DBL_MAX; /* infinite of nothing but NaN */
    pareto_round(1, value);
    return counts;
}

/* Whether a box can hold a point of the staircase: no bin of smaller works has a better value. */
static bool may_hold(const struct search *s, const uint32_t numbers[])
{
    double value, work;
    return box_least(s, numbers, &value, &work) && value <= s->below[bin_of(s, work)];
}

/* Note the point in the middle of a box. */
static void probe(struct search *s, const uint32_t box[])
{
    const size_t n_core = s->layout->n_core;
    uint32_t numbers[SPACE_MAX_AXES];
    for (size_t c = 0; c < n_core; c++) {
        numbers[c] = s->leaves[c][(box[n_core + c] + box[2 * n_core + c]) / 2];
    }
    double value, work;
    if (box_least(s, numbers, &value, &work)) {
        double *bin = &s->bins[bin_of(s, work)];
        *bin = value < *bin ? value : *bin;
    }
}

static void renew_below(struct search *s)
{
    double least = (double)INFINITY;
    for (size_t i = 0; i < s->n_bins; i++) {
        s->below[i] = least;
        least = s->bins[i] < least ? s->bins[i] : least;
    }
}

static enum status add_point(struct search *s, const uint32_t box[], struct status_why *why)
{
    const struct layout *l = s->layout;
    if (s->n_points == s->point_room) {
        const size_t room = 2 * s->point_room + 4096;
        struct staircase_point *more = realloc(s->points, room * sizeof *more);
        if (more == NULL) {
            return status_fail(why, STATUS_MEMORY, "search: %zu points", room);
        }
        s->points = more;
        s->point_room = room;
    }
    struct staircase_point *p = &s->points[s->n_points++];
    p->value = side_least(&s->value, l->n_core, box);
    p->work = side_least(&s->work, l->n_core, box);
    pareto_round(1, &p->value);
    p->index = 0;
    for (size_t c = 0; c < l->n_core; c++) {
        p->index += l->weight[l->core[c]] * box[l->n_core + c];
    }
    return STATUS_OK;
}

/* The core axis along which a box is widest, or n_core if it is one point. */
static size_t widest(const struct search *s, const uint32_t box[])
{
    const size_t n_core = s->layout->n_core;
    size_t best = n_core;
    double most = 0.0;
    for (size_t c = 0; c < n_core; c++) {
        const uint32_t n = box[2 * n_core + c] - box[n_core + c];
        const double width = s->spread[c] * n;
        if (n > 1 && width > most) {
            most = width;
            best = c;
        }
    }
    return best;
}

/* Append one half of a box if it may hold a point. */
static void add_half(struct search *s, const uint32_t box[], size_t c, struct pyramid_node half)
{
    const size_t n_core = s->layout->n_core;
    uint32_t *to = s->boxes + s->n_boxes * 3 * n_core;
    memcpy(to, box, s->box_bytes);
    to[c] = (uint32_t)half.number;
    to[n_core + c] = (uint32_t)half.begin;
    to[2 * n_core + c] = (uint32_t)half.end;
    if (may_hold(s, to)) {
        probe(s, to);
        s->n_boxes++;
    }
}

/* Halve every box; single points become points. */
static enum status halve_boxes(struct search *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_core = s->layout->n_core, n = s->n_boxes;
    uint32_t *const old = s->boxes;
    s->boxes = malloc(2 * n * s->box_bytes + 1);
    s->n_boxes = 0;
    if (s->boxes == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu boxes", 2 * n);
    }
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        const uint32_t *box = old + i * 3 * n_core;
        if (!may_hold(s, box)) {
            continue; /* ruled out since it was made */
        }
        const size_t c = widest(s, box);
        if (c == n_core) {
            st = add_point(s, box, why);
            continue;
        }
        const struct pyramid_node node = {box[c], box[n_core + c], box[2 * n_core + c]};
        add_half(s, box, c, pyramid_lower(node));
        add_half(s, box, c, pyramid_upper(node));
    }
    free(old);
    renew_below(s);
    return st;
}

static int point_compare(const void *left, const void *right)
{
    const struct staircase_point *a = left, *b = right;
    if (a->work != b->work) {
        return a->work < b->work ? -1 : 1;
    }
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

/* Whether one of the points kept so far, all of no larger work, removes a point. Values do not rise
 * along them, so only the last few can have the same value and almost the same work. */
static bool removed(const struct staircase_point kept[], size_t n, const struct staircase_point *p)
{
    if (n > 0 && kept[n - 1].value < p->value) {
        return true;
    }
    for (size_t i = n; i-- > 0 && kept[i].value <= p->value;) {
        if (kept[i].work * clearly < p->work || kept[i].index < p->index) {
            return true;
        }
    }
    return false;
}

static void sweep(struct search *s)
{
    size_t n = 0;
    qsort(s->points, s->n_points, sizeof *s->points, point_compare);
    for (size_t i = 0; i < s->n_points; i++) {
        if (!removed(s->points, n, &s->points[i])) {
            s->points[n++] = s->points[i];
        }
    }
    s->n_points = n;
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

/* How much the tables change from level to level along each core axis. */
static void measure_spreads(struct search *s)
{
    for (size_t c = 0; c < s->layout->n_core; c++) {
        const double n = (double)s->layout->problem->space->axes[s->layout->core[c]].n;
        double spread = 0.0;
        for (size_t k = 0; k < s->work.n_tables; k++) {
            const struct pyramid *p = &s->work.pyramids[k];
            const bool reads = p->node_stride[c] != 0 && p->least[0] > 0.0;
            spread = fmax(spread, reads ? log(p->greatest[0] / p->least[0]) : 0.0);
        }
        s->spread[c] = (spread > 0.0 ? spread : 1.0) / n;
    }
}

/* More bins rule out more boxes, and take longer to renew at each halving. */
static size_t count_bins(const struct layout *l)
{
    size_t n_levels = 0, n = LEAST_BINS;
    for (size_t c = 0; c < l->n_core; c++) {
        n_levels += l->problem->space->axes[l->core[c]].n;
    }
    while (n < BINS_A_LEVEL * n_levels && n < MOST_BINS) {
        n *= 2;
    }
    return n;
}

/* Bins from the least work to the greatest. */
static void place_bins(struct search *s)
{
    const uint32_t root[SPACE_MAX_AXES] = {0};
    double greatest = 0.0;
    const double least = side_least(&s->work, s->layout->n_core, root);
    for (size_t k = 0; k < s->work.n_tables; k++) {
        const ptrdiff_t from = s->work.least[k] - s->work.pyramids[k].least;
        const double entry = s->work.pyramids[k].greatest[from];
        greatest = k == 0 ? entry : greatest * entry;
    }
    s->first_bits = bits_of(least);
    const uint64_t range = greatest > least ? bits_of(greatest) - s->first_bits : 0;
    while (range >> s->shift >= s->n_bins) {
        s->shift++;
    }
    for (size_t i = 0; i < s->n_bins; i++) {
        s->bins[i] = s->below[i] = (double)INFINITY;
    }
}

static enum status prepare(struct search *s, const struct tables_outcome *value,
                           const struct tables_outcome *work, const size_t levels[],
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct layout *l = s->layout;
    STATUS_TRY(side_make(s, value, levels, &s->value, why));
    STATUS_TRY(side_make(s, work, levels, &s->work, why));
    s->n_bins = count_bins(l);
    s->bins = malloc(s->n_bins * sizeof *s->bins);
    s->below = malloc(s->n_bins * sizeof *s->below);
    s->box_bytes = 3 * l->n_core * sizeof *s->boxes;
    s->boxes = malloc(s->box_bytes + 1);
    if (s->bins == NULL || s->below == NULL || s->boxes == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu bins", s->n_bins);
    }
    STATUS_TRY(st);
    for (size_t c = 0; c < l->n_core; c++) {
        const size_t n = l->problem->space->axes[l->core[c]].n;
        s->leaves[c] = malloc(n * sizeof *s->leaves[c]);
        if (s->leaves[c] == NULL) {
            st = status_fail(why, STATUS_MEMORY, "search: %zu levels", n);
        }
        STATUS_TRY(st);
        number_leaves(pyramid_root(n), s->leaves[c]);
        s->boxes[c] = 0;
        s->boxes[l->n_core + c] = 0;
        s->boxes[2 * l->n_core + c] = (uint32_t)n;
    }
    s->n_boxes = 1;
    measure_spreads(s);
    place_bins(s);
out:
    return st;
}

enum status staircase_make(const struct layout *l, const struct tables_outcome *value,
                           const struct tables_outcome *work, const size_t levels[], double most,
                           struct staircase *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct search *s = calloc(1, sizeof *s);
    memset(made, 0, sizeof *made);
    if (s == NULL) {
        return status_fail(why, STATUS_MEMORY, "search: %zu bytes", sizeof *s);
    }
    s->layout = l;
    s->most = most;
    STATUS_TRY(prepare(s, value, work, levels, why));
    while (s->n_boxes > 0) {
        STATUS_TRY(halve_boxes(s, why));
    }
    sweep(s);
    made->n = s->n_points;
    made->points = s->points;
    s->points = NULL;
out:
    side_clear(&s->value);
    side_clear(&s->work);
    for (size_t c = 0; c < l->n_core; c++) {
        free(s->leaves[c]);
    }
    free(s->bins);
    free(s->below);
    free(s->boxes);
    free(s->points);
    free(s);
    return st;
}

void staircase_clear(struct staircase *s)
{
    free(s->points);
    memset(s, 0, sizeof *s);
}
