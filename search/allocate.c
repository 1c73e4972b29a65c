#include "search/allocate.h"

#include <math.h>
#include <string.h>

#include "search/optimise/nested.h"
#include "search/optimise/newton.h"
#include "search/optimise/starts.h"
#include "search/optimise/view.h"

const char *allocate_method_name(enum allocate_method m)
{
    static const char *const names[] = {[ALLOCATE_AUTO] = "auto",
                                        [ALLOCATE_CLOSED_FORM] = "closed_form",
                                        [ALLOCATE_BRENT] = "brent",
                                        [ALLOCATE_NLOPT] = "nlopt"};
    STATUS_ASSERT((size_t)m < sizeof names / sizeof *names);
    return names[m];
}

/* The closed form, if it lies within the bounds and keeps all limits. */
static bool by_closed_form(struct view *v, struct allocate_answer *answer)
{
    const struct allocate_problem *p = v->problem;
    double x[ALLOCATE_MAX_VARIABLES], u[ALLOCATE_MAX_VARIABLES];
    if (p->closed_form == NULL || !p->closed_form(p->context, x)) {
        return false;
    }
    view_coordinates(v, x, u);
    for (size_t i = 0; i < p->n_variables; i++) {
        if (!(u[i] > 0.0 && u[i] < 1.0)) {
            return false;
        }
    }
    view_answer(v, u, ALLOCATE_CLOSED_FORM, answer);
    return answer->reason == ALLOCATE_SOLVED;
}

/* Polish a point and make it the answer. */
static void finish(struct view *v, double u[], enum allocate_method method,
                   struct allocate_answer *answer)
{
    unsigned flat = 0;
    const bool polished = newton_polish(v, u, &flat);
    view_answer(v, u, method, answer);
    answer->is_polished = polished;
    answer->flat = flat;
}

static enum status by_nlopt(struct view *v, struct allocate_answer *answer, struct status_why *why)
{
    double u[ALLOCATE_MAX_VARIABLES];
    struct starts_found found;
    const enum status st = starts_solve(v, u, &found, why);
    if (st == STATUS_OK) {
        finish(v, u, ALLOCATE_NLOPT, answer);
        answer->n_starts = found.n_starts;
        answer->n_agree = found.n_agree;
    }
    return st;
}

enum status allocate_solve(const struct allocate_problem *p, enum allocate_method method,
                           struct allocate_answer *answer, struct status_why *why)
{
    struct view v = view_of(p);
    const bool nests = p->n_variables <= ALLOCATE_MAX_NESTED;
    memset(answer, 0, sizeof *answer);
    answer->reason = ALLOCATE_NO_METHOD;
    if (p->n_variables == 0) {
        view_answer(&v, NULL, ALLOCATE_CLOSED_FORM, answer);
        return STATUS_OK;
    }
    if ((method == ALLOCATE_AUTO || method == ALLOCATE_CLOSED_FORM) && by_closed_form(&v, answer)) {
        return STATUS_OK;
    }
    if ((method == ALLOCATE_AUTO || method == ALLOCATE_BRENT) && nests) {
        double u[ALLOCATE_MAX_VARIABLES];
        nested_solve(&v, u);
        finish(&v, u, ALLOCATE_BRENT, answer);
        if (method == ALLOCATE_BRENT || answer->reason == ALLOCATE_SOLVED) {
            return STATUS_OK;
        }
    }
    if (method != ALLOCATE_AUTO && method != ALLOCATE_NLOPT) {
        answer->reason = ALLOCATE_NO_METHOD;
        return STATUS_OK;
    }
    return by_nlopt(&v, answer, why);
}

enum status allocate_follow(const struct allocate_problem *p, const struct allocate_answer *near,
                            struct allocate_answer *answer, struct status_why *why)
{
    struct view v = view_of(p);
    if (p->n_variables == 0 || by_closed_form(&v, answer)) {
        return p->n_variables == 0 ? allocate_solve(p, ALLOCATE_AUTO, answer, why) : STATUS_OK;
    }
    double u[ALLOCATE_MAX_VARIABLES];
    unsigned flat = 0;
    view_coordinates(&v, near->x, u);
    if (near->is_polished && newton_follow(&v, u, near->binding, &flat)) {
        view_answer(&v, u, near->method, answer);
        answer->is_polished = true;
        answer->flat = flat;
        return STATUS_OK;
    }
    return allocate_solve(p, near->method, answer, why);
}

/* The outcome of one limit in the place of the objective, which is limited by nothing. */
struct relaxed {
    const struct allocate_problem *of;
    size_t limit;
};

static void evaluate_relaxed(const void *context, const double x[], double values[])
{
    const struct relaxed *r = context;
    double all[1 + ALLOCATE_MAX_LIMITS];
    r->of->evaluate(r->of->context, x, all);
    values[0] = all[1 + r->limit];
    for (size_t k = 0, to = 1; k < r->of->n_limits; k++) {
        if (k != r->limit) {
            values[to++] = all[1 + k];
        }
    }
}

enum status allocate_relax(const struct allocate_problem *p, const struct allocate_answer *failed,
                           size_t k, struct allocate_answer *answer, struct status_why *why)
{
    const struct relaxed r = {p, k};
    struct allocate_problem q = *p;
    double values[1 + ALLOCATE_MAX_LIMITS];
    q.evaluate = evaluate_relaxed;
    q.closed_form = NULL;
    q.context = &r;
    q.n_limits = 0;
    for (size_t i = 0; i < p->n_limits; i++) {
        if (i != k) {
            q.limits[q.n_limits++] = p->limits[i];
        }
    }
    /* Towards the limit: up when the value falls short of it, else down. */
    q.logarithmic = p->limits[k].lower > 0.0 || p->limits[k].upper > 0.0;
    q.maximise = failed->values[1 + k] < p->limits[k].lower;
    const enum status st = allocate_solve(&q, ALLOCATE_AUTO, answer, why);
    if (st == STATUS_OK) {
        p->evaluate(p->context, answer->x, values);
        memcpy(answer->values, values, (1 + p->n_limits) * sizeof *values);
    }
    return st;
}
