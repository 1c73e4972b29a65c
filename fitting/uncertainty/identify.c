#include "fitting/uncertainty/identify.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fitting/minimise/dense.h"

/* Widths of the interval at which a parameter is called weak or not identified: of E and exponents
 * relative to the value, of scales as a factor from end to end. */
#define IDENTIFY_WIDTH_WEAK  0.5
#define IDENTIFY_WIDTH_LOST  2.0
#define IDENTIFY_FACTOR_WEAK 10.0
/* Shares of replicates at a bound; the first is the end of a 95 % interval. */
#define IDENTIFY_BOUND_WEAK 0.025
#define IDENTIFY_BOUND_LOST 0.25

/* Share, of the largest, from which a parameter takes part in a direction. */
#define IDENTIFY_SHARE 0.3

/** J^T J of the columns scaled to length one. */
static void find_scaled(const struct objective *o, const double z[], struct identify *info)
{
    const size_t p = info->p;
    for (size_t i = 0; i < o->n; i++) {
        double d_z[LAW_MAX_PARAMETERS];
        (void)objective_row(o, z, i, d_z);
        for (size_t j = 0; j < p * p; j++) {
            const bool moves = objective_moves(o, j / p) && objective_moves(o, j % p);
            info->scaled[j] += moves ? o->weight[i] * d_z[j / p] * d_z[j % p] : 0.0;
        }
    }
    for (size_t i = 0; i < p; i++) {
        info->length[i] = sqrt(info->scaled[i * p + i]);
    }
    for (size_t j = 0; j < p * p; j++) {
        const double lengths = info->length[j / p] * info->length[j % p];
        info->scaled[j] = lengths > 0.0 ? info->scaled[j] / lengths : 0.0;
    }
    /* What is fixed or tied is known beside the data: a direction of its own of length one. */
    for (size_t i = 0; i < p; i++) {
        if (!objective_moves(o, i)) {
            info->scaled[i * p + i] = 1.0;
        }
    }
}

static enum status find_eigen(struct identify *info, struct status_why *why)
{
    const size_t p = info->p;
    double matrix[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double vectors[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double values[LAW_MAX_PARAMETERS];
    memcpy(matrix, info->scaled, p * p * sizeof *matrix);
    gsl_eigen_symmv_workspace *space = gsl_eigen_symmv_alloc(p);
    if (space == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for the eigenvalues of a fit");
    }
    gsl_matrix_view m = gsl_matrix_view_array(matrix, p, p);
    gsl_matrix_view v = gsl_matrix_view_array(vectors, p, p);
    gsl_vector_view w = gsl_vector_view_array(values, p);
    (void)gsl_eigen_symmv(&m.matrix, &w.vector, &v.matrix, space);
    (void)gsl_eigen_symmv_sort(&w.vector, &v.matrix, GSL_EIGEN_SORT_VAL_DESC);
    gsl_eigen_symmv_free(space);
    for (size_t k = 0; k < p; k++) {
        size_t largest = 0;
        for (size_t i = 0; i < p; i++) {
            largest = fabs(vectors[i * p + k]) > fabs(vectors[largest * p + k]) ? i : largest;
        }
        const double sign = vectors[largest * p + k] < 0.0 ? -1.0 : 1.0;
        info->eigenvalues[k] = values[k] > 0.0 ? values[k] : 0.0;
        for (size_t i = 0; i < p; i++) {
            info->vectors[k * p + i] = sign * vectors[i * p + k];
        }
    }
    return STATUS_OK;
}

enum status identify_find(const struct objective *o, const double z[], struct identify *made,
                          struct status_why *why)
{
    memset(made, 0, sizeof *made);
    made->p = o->law->n_parameters;
    const size_t p = made->p;
    find_scaled(o, z, made);
    const enum status st = find_eigen(made, why);
    if (st != STATUS_OK) {
        return st;
    }
    const double least = made->eigenvalues[p - 1];
    made->condition = least > 0.0 ? sqrt(made->eigenvalues[0] / least) : (double)INFINITY;
    double matrix[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double inverse[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    memcpy(matrix, made->scaled, p * p * sizeof *matrix);
    if (dense_invert(p, matrix, inverse)) {
        for (size_t i = 0; i < p; i++) {
            made->independence[i] = 1.0 / inverse[i * p + i];
        }
    }
    return STATUS_OK;
}

void identify_direction(const struct law *law, const struct identify *info, bool takes_part[])
{
    const double *v = info->vectors + (info->p - 1) * info->p;
    double largest = 0.0;
    for (size_t i = 0; i < info->p; i++) {
        largest = fabs(v[i]) > largest ? fabs(v[i]) : largest;
    }
    for (size_t i = 0; i < info->p; i++) {
        takes_part[i] = fabs(v[i]) >= IDENTIFY_SHARE * largest;
    }
    for (size_t k = 0; k < law->n_terms; k++) {
        const struct law_term *t = &law->terms[k];
        if (t->scale >= 0 && (takes_part[t->scale] || takes_part[t->exponent])) {
            takes_part[t->scale] = takes_part[t->exponent] = true;
        }
    }
}

/** Whether parameter \a i takes part in a direction that the data do not see. */
static bool is_blind(const struct identify *info, size_t i)
{
    for (size_t k = 0; k < info->p; k++) {
        if (info->eigenvalues[k] < IDENTIFY_BLIND * info->eigenvalues[0]
            && fabs(info->vectors[k * info->p + i]) >= IDENTIFY_SHARE) {
            return true;
        }
    }
    return false;
}

enum fit_verdict identify_verdict(const struct law *law, size_t i, const struct identify *info,
                                  const struct identify_evidence *evidence)
{
    const bool is_scale = law->parameters[i].role == LAW_SCALE;
    const struct fit_interval *x = &evidence->interval;
    const double width = is_scale ? x->upper / x->lower : (x->upper - x->lower) / fabs(x->value);
    const double weak = is_scale ? IDENTIFY_FACTOR_WEAK : IDENTIFY_WIDTH_WEAK;
    const double lost = is_scale ? (double)INFINITY : IDENTIFY_WIDTH_LOST;
    if (evidence->at_bound || evidence->bound_ratio > IDENTIFY_BOUND_LOST || !(width < lost)
        || is_blind(info, i)) {
        return FIT_NOT_IDENTIFIED;
    }
    return evidence->bound_ratio > IDENTIFY_BOUND_WEAK || width > weak ? FIT_WEAK : FIT_IDENTIFIED;
}

void identify_names(const struct law *law, const bool marked[], char text[], size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < law->n_parameters; i++) {
        n += marked[i];
    }
    text[0] = '\0';
    size_t k = 0;
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (marked[i]) {
            const size_t used = strlen(text);
            const char *between = k == 0 ? "" : k + 1 == n ? " and " : ", ";
            (void)snprintf(text + used, size - used, "%s%s", between, law->parameters[i].name);
            k++;
        }
    }
}

/** Parameters with the verdict \a v. \return how many */
static size_t mark(const struct fit *f, enum fit_verdict v, bool marked[])
{
    size_t n = 0;
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        marked[i] = f->verdicts[i] == v;
        n += marked[i];
    }
    return n;
}

/** Add to the sentence; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) static void say(struct fit *f, const char *format, ...)
{
    const size_t used = strlen(f->sentence);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(f->sentence + used, sizeof f->sentence - used, format, arguments);
    va_end(arguments);
}

/** "E, A and alpha" */
static void say_names(struct fit *f, const bool marked[])
{
    const size_t used = strlen(f->sentence);
    identify_names(f->law, marked, f->sentence + used, sizeof f->sentence - used);
}

/** The first parameter on a bound, if any. */
static void say_bound(struct fit *f)
{
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const struct law_parameter *q = &f->law->parameters[i];
        if (f->at_bound[i]) {
            const bool has_unit = strcmp(q->unit, "1") != 0;
            const char *unit = has_unit ? q->unit : "";
            say(f, "; %s runs to its bound (%.3g%s%s)", q->name, f->natural[i].value,
                has_unit ? " " : "", unit);
            if (f->n_profiles > 0 && isnan(f->natural[i].lower) && isfinite(f->natural[i].upper)) {
                say(f, " and may be as large as %.3g (%.0f %%)", f->natural[i].upper,
                    100.0 * f->options.confidence);
            }
            return;
        }
    }
}

/** The widest interval among the parameters marked that are not on a bound. */
static void say_interval(struct fit *f, const bool marked[])
{
    size_t widest = f->law->n_parameters;
    double most = 0.0;
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const struct fit_interval *x = &f->natural[i];
        const double width = (x->upper - x->lower) / fabs(x->value);
        if (marked[i] && !f->at_bound[i] && width > most) {
            most = width;
            widest = i;
        }
    }
    if (widest < f->law->n_parameters) {
        say(f, "; %s lies anywhere from %.4g to %.4g (%.0f %%)", f->law->parameters[widest].name,
            f->natural[widest].lower, f->natural[widest].upper, 100.0 * f->options.confidence);
    }
}

/** "; they set no lower limit on E and B" of those marked whose profile says so, and which limits
 * could not be followed: that is a failure of the minimisation, and says nothing of the data. */
static void say_missing(struct fit *f, const bool marked[], bool is_lower)
{
    const char *side = is_lower ? "lower" : "upper";
    bool open[LAW_MAX_PARAMETERS] = {false}, lost[LAW_MAX_PARAMETERS] = {false};
    bool any_open = false, any_lost = false;
    for (size_t i = 0; f->n_profiles > 0 && i < f->law->n_parameters; i++) {
        const enum fit_end end = is_lower ? f->profiles[i].lower_end : f->profiles[i].upper_end;
        const bool counts = marked[i] && !f->at_bound[i];
        open[i] = counts && (end == FIT_END_FLAT || end == FIT_END_AT_BOUND);
        lost[i] = counts && end == FIT_END_NOT_FOLLOWED;
        any_open = any_open || open[i];
        any_lost = any_lost || lost[i];
    }
    if (any_open) {
        say(f, "; they set no %s limit on ", side);
        say_names(f, open);
    }
    if (any_lost) {
        say(f, "; the solver lost its way to the %s limit of ", side);
        say_names(f, lost);
    }
}

/** How many starts agree, and what the others reach. */
static void say_starts(struct fit *f)
{
    if (f->n_starts == 1 && f->n_near == 0) {
        say(f, "one start, as no exponent is left to vary");
        return;
    }
    if (f->n_agree > 0) {
        say(f, "%zu of %zu starts reach the same optimum", f->n_agree, f->n_starts);
    } else {
        say(f,
            "none of %zu starts reaches this optimum, which %zu of %zu around the best end found",
            f->n_starts, f->n_near_agree, f->n_near);
    }
    if (isfinite(f->runner_up) && f->objective > 0.0) {
        say(f, ", the next one is %.2g %% worse", 100.0 * (f->runner_up / f->objective - 1.0));
    }
}

void identify_describe(struct fit *f, const struct identify *info)
{
    bool lost[LAW_MAX_PARAMETERS] = {false};
    bool weak[LAW_MAX_PARAMETERS] = {false};
    bool trading[LAW_MAX_PARAMETERS] = {false};
    const bool is_lost = mark(f, FIT_NOT_IDENTIFIED, lost) > 0;
    const bool is_weak = mark(f, FIT_WEAK, weak) > 0;
    identify_direction(f->law, info, trading);
    bool is_any_held = false;
    size_t n_trading = 0;
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        is_any_held = is_any_held || f->verdicts[i] == FIT_HELD;
        trading[i] = trading[i] && f->verdicts[i] != FIT_HELD;
        n_trading += trading[i];
    }
    f->sentence[0] = '\0';
    if (!is_lost && !is_weak) {
        say(f, "Identified: ");
        say_starts(f);
        say(f,
            "; these %zu runs determine every %sparameter, each interval is narrower than half its "
            "value or, of a scale, than a factor of ten (condition number %.3g).",
            f->n, is_any_held ? "free " : "", info->condition);
        return;
    }
    say(f,
        is_lost ? "NOT IDENTIFIED: these %zu runs do not determine "
                : "WEAKLY identified: these %zu runs determine only roughly ",
        f->n);
    say_names(f, is_lost ? lost : weak);
    say_bound(f);
    say_interval(f, is_lost ? lost : weak);
    say_missing(f, is_lost ? lost : weak, true);
    say_missing(f, is_lost ? lost : weak, false);
    say(f, "; ");
    if (n_trading > 1) {
        say_names(f, trading);
        say(f, " trade off (");
    }
    say(f, "condition number %.3g%s; %s. ", info->condition, n_trading > 1 ? ")" : "",
        is_lost ? "do not extrapolate with this fit" : "carry the intervals into every prediction");
    say_starts(f);
    say(f, ".");
}
