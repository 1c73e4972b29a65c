#include "search/optimise/nested.h"

#include <math.h>
#include <stddef.h>

/* Points of a scan: outer, inner. A step of the innermost is a factor of five or so of a variable
 * that ranges over twelve decades. */
enum { SCAN = 33 };

/* Brent's method between steps: an interval, the three best points and the last two steps. */
struct brent {
    double a, b;
    double x, w, v, fx, fw, fv; /* best, second and third; fx <= fw <= fv */
    double step, last;
};

/* The step to the vertex of the parabola through the three best points, if it is inside and less
 * than half of the one before the last: else the longer part of the interval is cut by golden
 * section. */
static void choose_step(struct brent *s, double near)
{
    static const double golden = 0.3819660112501051;
    const double middle = 0.5 * (s->a + s->b);
    const double r = (s->x - s->w) * (s->fx - s->fv), t = (s->x - s->v) * (s->fx - s->fw);
    const double bend = 2.0 * (t - r), vertex = ((s->x - s->v) * t - (s->x - s->w) * r) / -bend;
    const bool fits = fabs(s->last) > near && fabs(vertex) < 0.5 * fabs(s->last)
                      && s->x + vertex > s->a && s->x + vertex < s->b;
    if (!fits) { /* also when the parabola is not one, by NAN */
        s->last = s->x < middle ? s->b - s->x : s->a - s->x;
        s->step = golden * s->last;
        return;
    }
    s->last = s->step;
    s->step = vertex;
    if (s->x + vertex - s->a < 2.0 * near || s->b - s->x - vertex < 2.0 * near) {
        s->step = s->x < middle ? near : -near;
    }
}

/* Take a new point in: the interval shrinks to the side of the better one. Equality means copies.
 */
static void absorb(struct brent *s, double u, double fu)
{
    if (fu <= s->fx) {
        *(u < s->x ? &s->b : &s->a) = s->x;
        s->v = s->w, s->fv = s->fw;
        s->w = s->x, s->fw = s->fx;
        s->x = u, s->fx = fu;
        return;
    }
    *(u < s->x ? &s->a : &s->b) = u;
    if (fu <= s->fw || s->w == s->x) {
        s->v = s->w, s->fv = s->fw;
        s->w = u, s->fw = fu;
    } else if (fu <= s->fv || s->v == s->x || s->v == s->w) {
        s->v = u, s->fv = fu;
    }
}

double nested_minimise(double (*f)(void *context, double x), void *context, double a, double b)
{
    enum { MOST = 80 };
    static const double golden = 0.3819660112501051, tolerance = 1e-9, least = 1e-14;
    const double x = a + golden * (b - a), fx = f(context, x);
    struct brent s = {a, b, x, x, x, fx, fx, fx, 0.0, 0.0};
    for (int i = 0; i < MOST; i++) {
        const double near = tolerance * fabs(s.x) + least;
        if (fabs(s.x - 0.5 * (s.a + s.b)) <= 2.0 * near - 0.5 * (s.b - s.a)) {
            break;
        }
        choose_step(&s, near);
        const double least_step = s.step > 0.0 ? near : -near;
        const double u = s.x + (fabs(s.step) >= near ? s.step : least_step);
        absorb(&s, u, f(context, u));
    }
    return s.x;
}

struct candidate {
    double u[ALLOCATE_MAX_NESTED];
    struct view_value value;
};

struct nested {
    struct view *v;
    double u[ALLOCATE_MAX_NESTED];
};

/* A search along one coordinate, those before it held. */
struct line {
    struct nested *s;
    size_t level;
    bool by_violation; /* what is minimised: the violation of the limits, else the objective */
    struct candidate best;
};

static void along(struct nested *s, size_t level, struct candidate *best);

static bool keeps(const struct candidate *c)
{
    return c->value.worst <= VIEW_SLACK;
}

/* The best point with coordinate \a level at \a t. */
static void try_at(struct nested *s, size_t level, double t, struct candidate *tried)
{
    s->u[level] = t;
    if (level + 1 < s->v->problem->n_variables) {
        along(s, level + 1, tried);
        return;
    }
    for (size_t i = 0; i <= level; i++) {
        tried->u[i] = s->u[i];
    }
    view_evaluate(s->v, s->u, &tried->value);
}

static void offer(struct line *l, const struct candidate *c)
{
    if (view_is_better(&c->value, &l->best.value)) {
        l->best = *c;
    }
}

static double cost_at(void *context, double t)
{
    struct line *l = context;
    struct candidate c;
    try_at(l->s, l->level, t, &c);
    offer(l, &c);
    if (l->by_violation) {
        return c.value.worst;
    }
    return keeps(&c) ? c.value.objective : (double)INFINITY;
}

/* Bisect between a point that keeps the limits and one that does not, to the last bit: outcomes may
 * be steps. */
static double edge_of(struct line *l, double inside, double outside)
{
    for (;;) {
        const double t = 0.5 * (inside + outside);
        if (!(t > fmin(inside, outside) && t < fmax(inside, outside))) {
            return inside;
        }
        struct candidate c;
        try_at(l->s, l->level, t, &c);
        offer(l, &c);
        *(keeps(&c) ? &inside : &outside) = t;
    }
}

/* Bisect the root of row \a k, an equation, between two points where its signs differ. */
static void root_of(struct line *l, size_t k, const struct candidate *a, const struct candidate *b)
{
    double from = a->u[l->level], to = b->u[l->level];
    const bool rises = a->value.row[k] < 0.0;
    struct candidate c = *a;
    for (;;) {
        const double t = 0.5 * (from + to);
        if (!(t > from && t < to)) {
            offer(l, &c); /* not before: the last point solves the equation best */
            return;
        }
        try_at(l->s, l->level, t, &c);
        *((c.value.row[k] < 0.0) == rises ? &from : &to) = t;
    }
}

/* Roots of all equations; whether there are any equations. */
static bool solve_equations(struct line *l, const struct candidate scan[])
{
    bool any = false;
    for (size_t k = 0; k < l->s->v->n_rows; k++) {
        if (l->s->v->rows[k].side != VIEW_EQUATION) {
            continue;
        }
        any = true;
        for (size_t j = 0; j + 1 < SCAN; j++) {
            const struct view_value *a = &scan[j].value, *b = &scan[j + 1].value;
            if (isfinite(a->worst) && isfinite(b->worst)
                && (a->row[k] < 0.0) != (b->row[k] < 0.0)) {
                root_of(l, k, &scan[j], &scan[j + 1]);
            }
        }
    }
    return any;
}

/* Between the neighbours of the best point of the scan: where the limits are kept, then the best.
 */
static void refine(struct line *l, const struct candidate *below, const struct candidate *above)
{
    double from = below->u[l->level], to = above->u[l->level];
    if (!keeps(&l->best)) {
        l->by_violation = true;
        (void)nested_minimise(cost_at, l, from, to);
        l->by_violation = false;
    }
    if (!keeps(&l->best)) {
        return;
    }
    const double inside = l->best.u[l->level];
    from = keeps(below) ? from : edge_of(l, inside, from);
    to = keeps(above) ? to : edge_of(l, inside, to);
    (void)nested_minimise(cost_at, l, from, to);
}

static void along(struct nested *s, size_t level, struct candidate *best)
{
    struct candidate scan[SCAN];
    struct line l = {.s = s, .level = level};
    const bool innermost = level + 1 == s->v->problem->n_variables;
    size_t j = 0;
    for (size_t i = 0; i < SCAN; i++) {
        try_at(s, level, (double)i / (SCAN - 1), &scan[i]);
        j = view_is_better(&scan[i].value, &scan[j].value) ? i : j;
    }
    l.best = scan[j];
    if (!(innermost && solve_equations(&l, scan))) {
        refine(&l, &scan[j > 0 ? j - 1 : j], &scan[j + 1 < SCAN ? j + 1 : j]);
    }
    *best = l.best;
}

void nested_solve(struct view *v, double u[])
{
    const size_t n = v->problem->n_variables;
    struct nested s = {.v = v};
    struct candidate best;
    STATUS_ASSERT(n <= ALLOCATE_MAX_NESTED);
    along(&s, 0, &best);
    for (size_t i = 0; i < n; i++) {
        u[i] = best.u[i];
    }
}
