#include "search/optimise/nested.h"

#include <math.h>
#include <stddef.h>

/* Points of a scan: outer, inner. A step of the innermost is a factor of five or so of a variable
 * that ranges over twelve decades. */
enum { SCAN = 33 };

static bool accepts(double parabola, double q, double last, double x, double a, double b)
{
    return fabs(parabola) < fabs(0.5 * q * last) && parabola > q * (a - x)
           && parabola < q * (b - x);
}

double nested_minimise(double (*f)(void *context, double x), void *context, double a, double b)
{
    enum { MOST = 80 };
    static const double golden = 0.3819660112501051, tolerance = 1e-9, least = 1e-14;
    double x = a + golden * (b - a), w = x, v = x, step = 0.0, last = 0.0;
    double fx = f(context, x), fw = fx, fv = fx;
    for (int i = 0; i < MOST; i++) {
        const double middle = 0.5 * (a + b), near = tolerance * fabs(x) + least;
        if (fabs(x - middle) <= 2.0 * near - 0.5 * (b - a)) {
            break;
        }
        double p = 0.0, q = 0.0;
        if (fabs(last) > near) { /* a parabola through the three best */
            const double r = (x - w) * (fx - fv), s = (x - v) * (fx - fw);
            p = (x - v) * s - (x - w) * r;
            q = 2.0 * (s - r);
            p = q > 0.0 ? -p : p;
            q = fabs(q);
        }
        if (fabs(last) > near && isfinite(p) && accepts(p, q, last, x, a, b)) {
            last = step;
            step = p / q;
            if (x + step - a < 2.0 * near || b - x - step < 2.0 * near) {
                step = x < middle ? near : -near;
            }
        } else {
            last = x < middle ? b - x : a - x;
            step = golden * last;
        }
        const double u = x + (fabs(step) >= near ? step : step > 0.0 ? near : -near);
        const double fu = f(context, u);
        if (fu <= fx) {
            *(u < x ? &b : &a) = x;
            v = w, fv = fw;
            w = x, fw = fx;
            x = u, fx = fu;
        } else {
            *(u < x ? &a : &b) = u;
            if (fu <= fw || w == x) {
                v = w, fv = fw;
                w = u, fw = fu;
            } else if (fu <= fv || v == x || v == w) {
                v = u, fv = fu;
            }
        }
    }
    return x;
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
        double from = scan[j > 0 ? j - 1 : j].u[level];
        double to = scan[j + 1 < SCAN ? j + 1 : j].u[level];
        if (!keeps(&l.best)) {
            l.by_violation = true;
            (void)nested_minimise(cost_at, &l, from, to);
            l.by_violation = false;
        }
        if (keeps(&l.best)) {
            const double inside = l.best.u[level];
            from = keeps(&scan[j > 0 ? j - 1 : j]) ? from : edge_of(&l, inside, from);
            to = keeps(&scan[j + 1 < SCAN ? j + 1 : j]) ? to : edge_of(&l, inside, to);
            (void)nested_minimise(cost_at, &l, from, to);
        }
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
