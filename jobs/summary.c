#include "jobs/summary.h"

#include <math.h>
#include <string.h>

#include "fitting/minimise/multistart.h"
#include "solver/base/escape.h"

/* A target within this part of the largest compute is that compute, but for rounding. */
#define SUMMARY_SAME 1e-6
/* A figure that varies no more is a constant of the law, as a of one exponent for both. */
#define SUMMARY_ROUNDING 1e-12
/* Whole counts below this are printed with all their digits: 1024 and 131072, not 1.024K. */
#define SUMMARY_WHOLE 1e6

const char *summary_number(double value, bool counts, char text[], size_t size)
{
    static const struct {
        double factor;
        const char *suffix;
    } scales[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "K"}};
    if (isnan(value)) {
        (void)snprintf(text, size, "absent");
        return text;
    }
    if (counts && fabs(value) < SUMMARY_WHOLE && !(fabs(value - rint(value)) > 0.0)) {
        (void)snprintf(text, size, "%.0f", value);
        return text;
    }
    for (size_t i = 0; counts && i < sizeof scales / sizeof *scales; i++) {
        if (fabs(value) >= scales[i].factor) {
            (void)snprintf(text, size, "%.4g%s", value / scales[i].factor, scales[i].suffix);
            return text;
        }
    }
    (void)snprintf(text, size, "%.4g", value);
    return text;
}

/* Wrap at blanks. */
static void print_wrapped(FILE *to, const char *text)
{
    enum { WIDTH = 100 };
    size_t column = 0;
    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        if (column > 0 && column + 1 + word > WIDTH) {
            escape_fprint(to, "\n");
            column = 0;
        } else if (column > 0) {
            escape_fprint(to, " ");
            column++;
        }
        escape_fprint(to, "%.*s", (int)word, text);
        column += word;
        text += word;
        text += *text == ' ' ? 1 : 0;
    }
    escape_fprint(to, "\n");
}

void summary_verdict(FILE *to, const struct fit *f)
{
    escape_fprint(to, "%s\n", f->sentence);
}

void summary_findings(FILE *to, const char *text)
{
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        char line[640];
        (void)snprintf(line, sizeof line, "%s%.*s",
                       strncmp(text, "note ", 5) == 0 ? "" : "warning ", (int)n, text);
        print_wrapped(to, line);
        text += n + (text[n] == '\n');
    }
}

/* An interval as both limits, one, or none; NaN: no limit on that side. */
static const char *interval_text(double lower, double upper, bool counts, char text[], size_t size)
{
    char low[32], high[32];
    (void)summary_number(lower, counts, low, sizeof low);
    (void)summary_number(upper, counts, high, sizeof high);
    if (isnan(lower) && isnan(upper)) {
        (void)snprintf(text, size, "no limit");
    } else if (isnan(lower) || isnan(upper)) {
        (void)snprintf(text, size, "%s %s", isnan(lower) ? "<" : ">", isnan(lower) ? high : low);
    } else {
        (void)snprintf(text, size, "%s..%s", low, high);
    }
    return text;
}

/* The interval of a profile: a side that could not be followed is a question mark, never "no
 * limit". */
static const char *profile_text(const struct fit_profile *q, bool counts, char text[], size_t size)
{
    char low[32], high[32];
    const bool is_lost[] = {q->lower_end == FIT_END_NOT_FOLLOWED,
                            q->upper_end == FIT_END_NOT_FOLLOWED};
    if (!is_lost[0] && !is_lost[1]) {
        return interval_text(q->lower, q->upper, counts, text, size);
    }
    (void)summary_number(q->lower, counts, low, sizeof low);
    (void)summary_number(q->upper, counts, high, sizeof high);
    (void)snprintf(text, size, "%s..%s",
                   is_lost[0]        ? "?"
                   : isnan(q->lower) ? ""
                                     : low,
                   is_lost[1]        ? "?"
                   : isnan(q->upper) ? ""
                                     : high);
    return text;
}

/* What ends a side of a profile that has no limit, and where. \return the length after it */
static size_t add_end(const struct fit_profile *q, bool is_lower, bool counts, size_t used,
                      char text[], size_t size)
{
    const enum fit_end end = is_lower ? q->lower_end : q->upper_end;
    const char *side = is_lower ? "below" : "above";
    char value[32];
    (void)summary_number(q->value[is_lower ? 0 : FIT_PROFILE_POINTS - 1], counts, value,
                         sizeof value);
    const char *between = used > 0 ? "; " : "";
    int n = 0;
    if (end == FIT_END_FLAT) {
        n = snprintf(text + used, size - used, "%sno limit %s as far as %s", between, side, value);
    } else if (end == FIT_END_AT_BOUND) {
        n = snprintf(text + used, size - used, "%s%s, the bounds end it at %s", between, side,
                     value);
    } else if (end == FIT_END_NOT_FOLLOWED) {
        n = snprintf(text + used, size - used, "%s%s, could not be followed past %s", between, side,
                     value);
    }
    return used + (size_t)n;
}

/* A figure that no run moves, and which is therefore the same in every replicate. */
static bool has_no_spread(const struct fit_interval *i)
{
    return i->standard_error <= SUMMARY_ROUNDING * fabs(i->value);
}

/* A row of the table; the figure of the profiles is told by its number. */
static void print_interval(FILE *to, const struct fit *f, size_t figure, const char *name,
                           struct fit_interval i, bool counts, const char *note)
{
    char value[32], error[32], text[80], ends[160] = "";
    const bool has_profile = figure < f->n_profiles;
    const struct fit_profile *q = has_profile ? &f->profiles[figure] : NULL;
    escape_fprint(to, "  %-18s %11s", name, summary_number(i.value, counts, value, sizeof value));
    escape_fprint(to, " %11s  %-20s",
                  isnan(i.standard_error) || has_no_spread(&i)
                      ? "-"
                      : summary_number(i.standard_error, counts, error, sizeof error),
                  q != NULL ? profile_text(q, counts, text, sizeof text)
                            : interval_text(i.lower, i.upper, counts, text, sizeof text));
    if (q != NULL && f->n_replicates > 0) {
        escape_fprint(
            to, " %-20s",
            interval_text(q->bootstrap_lower, q->bootstrap_upper, counts, text, sizeof text));
    }
    if (q != NULL) {
        const size_t used = add_end(q, true, counts, 0, ends, sizeof ends);
        (void)add_end(q, false, counts, used, ends, sizeof ends);
    }
    escape_fprint(to, " %s%s%s\n", note, note[0] != '\0' && ends[0] != '\0' ? "; " : "", ends);
}

/* Whether a parameter that the figure may depend on is held by its bound. */
static bool is_held_by_bound(const struct fit *f, bool of_exponents_alone)
{
    bool any = false;
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const bool counts = !of_exponents_alone || f->law->parameters[i].role == LAW_EXPONENT;
        any = any || (counts && f->at_bound[i]);
    }
    return any;
}

/* A figure of the law's optimum: where no parameter that it depends on moves, a function of the law
 * alone. */
static void print_derived(FILE *to, const struct fit *f, size_t figure, const char *name,
                          struct fit_interval i, bool counts, const char *note)
{
    char value[32];
    if (!has_no_spread(&i) || is_held_by_bound(f, figure == f->law->n_parameters)) {
        print_interval(to, f, figure, name, i, counts, note);
        return;
    }
    escape_fprint(to, "  %-18s %11s %11s  %s\n", name,
                  summary_number(i.value, counts, value, sizeof value), "-",
                  "follows from the law, whatever the runs");
}

/* What the study said of a parameter beside the law, and what the data say. */
static const char *parameter_note(const struct fit *f, size_t i, char text[], size_t size)
{
    const struct fit_parameter_option *option = &f->options.parameters[i];
    size_t used = (size_t)snprintf(text, size, "%s%s", fit_verdict_name(f->verdicts[i]),
                                   f->at_bound[i] ? ", at its bound" : "");
    for (char *c = text; *c != '\0'; c++) { /* the names are those of a file */
        if (*c == '_') {
            *c = ' ';
        }
    }
    if (option->tied && used < size) {
        used += (size_t)snprintf(text + used, size - used, ", tied to %s",
                                 f->law->parameters[option->tied_to].name);
    }
    if (option->prior_sd > 0.0 && used < size) {
        used += (size_t)snprintf(text + used, size - used, ", prior %.4g +- %.2g",
                                 option->prior_mean, option->prior_sd);
    }
    if (option->bounded && used < size) {
        double lower, upper;
        fit_bounds(f->law, i, option, &lower, &upper);
        (void)snprintf(text + used, size - used, ", bounds %.4g to %.4g", lower, upper);
    }
    return text;
}

/* A parameter that the study fixed has no error. */
static void print_parameter(FILE *to, const struct fit *f, size_t i)
{
    const char *name = f->law->parameters[i].name;
    char note[160], value[32];
    (void)parameter_note(f, i, note, sizeof note);
    if (f->verdicts[i] == FIT_HELD) {
        const int rest = f->n_profiles > 0 && f->n_replicates > 0 ? 41 : 20;
        escape_fprint(to, "  %-18s %11s %11s  %-*s %s\n", name,
                      summary_number(f->natural[i].value, false, value, sizeof value), "-", rest,
                      "-", note);
    } else {
        print_interval(to, f, i, name, f->natural[i], false, note);
    }
}

static void print_runs(FILE *to, const struct runs *runs)
{
    escape_fprint(to, "runs       %s: %zu rows, %zu used", runs->file, runs->n_rows, runs->n);
    for (int r = 0; r < RUNS_N_REASONS; r++) {
        if (r != RUNS_USED && runs->counts[r] > 0) {
            escape_fprint(to, ", %zu %s", runs->counts[r], runs_reason_text((enum runs_reason)r));
        }
    }
    escape_fprint(to, "%s\n", runs->tokens_derived ? "; tokens = compute / (6 params)" : "");
}

static void print_ranges(FILE *to, const struct fit *f)
{
    const char *between = "ranges     ";
    for (size_t i = 0; i < f->law->n_inputs; i++) {
        const char *name = f->law->inputs[i].name;
        const bool counts = strcmp(name, LAW_COMPUTE) != 0;
        char text[80];
        if (isfinite(f->lower[i]) && isfinite(f->upper[i])) {
            escape_fprint(to, "%s%s %s", between, name,
                          interval_text(f->lower[i], f->upper[i], counts, text, sizeof text));
            between = "; ";
        }
    }
    escape_fprint(to, "\n");
}

static void print_objective(FILE *to, const struct fit *f)
{
    const double over = f->options.over_prediction;
    escape_fprint(to, "objective  %s of %s residuals", fit_objective_name(f->options.objective),
                  fit_residual_name(f->options.residual));
    if (f->options.objective == FIT_HUBER) {
        escape_fprint(to, ", delta %g", f->options.delta);
    }
    if (over > 0.0 && (over < 1.0 || over > 1.0)) {
        escape_fprint(to, ", times %g where the law predicts too much", over);
    }
    escape_fprint(to, ", summed over %zu runs: %.11g\n", f->n, f->objective);
}

/* Whether two ends are one optimum; the tolerance is that of the count of those that agree. */
static bool is_same_end(const struct fit *f, double a, double b)
{
    const double exact = multistart_exact(f->options.objective, f->n);
    return multistart_agrees(a, b, exact) && multistart_agrees(b, a, exact);
}

/* More starts are counted only. */
enum { STARTS_LISTED = 100 };

/* "1-20, 23": the starts, from 1, that reach the optimum; of many stretches the first. */
static void print_agreeing(FILE *to, const struct fit *f)
{
    enum { SHOWN = 6 };
    const char *between = " (";
    size_t n_shown = 0;
    for (size_t i = 0; i < f->n_starts && n_shown <= SHOWN; i++) {
        size_t last = i;
        while (last < f->n_starts && is_same_end(f, f->starts[last].objective, f->objective)) {
            last++;
        }
        if (last == i) {
            continue;
        }
        if (n_shown == SHOWN) {
            escape_fprint(to, "%s...", between);
        } else {
            escape_fprint(to, last > i + 1 ? "%s%zu-%zu" : "%s%zu", between, i + 1, last);
        }
        between = ", ";
        n_shown++;
        i = last;
    }
    escape_fprint(to, "%s", between[0] == ',' ? ")" : "");
}

/* The other optima, least first, and how the objective rises on the way to the first of them. */
static void print_runners_up(FILE *to, const struct fit *f)
{
    enum { SHOWN = 3 };
    if (f->n_optima < 2) {
        return;
    }
    for (size_t k = 1; k < f->n_optima && k <= SHOWN; k++) {
        const struct fit_optimum *other = &f->optima[k];
        escape_fprint(to, "%s%.3g %% worse (%zu start%s)", k == 1 ? "runners-up " : ", ",
                      100.0 * (other->objective / f->objective - 1.0), other->n_starts,
                      other->n_starts == 1 ? "" : "s");
    }
    if (f->n_optima > SHOWN + 1) {
        escape_fprint(to, ", and %zu other%s", f->n_optima - SHOWN - 1,
                      f->n_optima == SHOWN + 2 ? "" : "s");
    }
    if (isfinite(f->ridge_rise)) {
        escape_fprint(to, "; on the way to the first the objective rises by %.3g %% at most",
                      100.0 * f->ridge_rise);
    }
    escape_fprint(to, "\n");
}

static void print_starts(FILE *to, const struct fit *f)
{
    escape_fprint(to, "starts     %zu of %zu (%s", f->n_agree, f->n_starts,
                  fit_design_name(f->design));
    if (f->n_points > f->n_starts) {
        escape_fprint(to, ", chosen from %zu points", f->n_points);
    }
    escape_fprint(to, ")");
    if (f->n_agree < f->n_starts && f->n_starts <= STARTS_LISTED) {
        print_agreeing(to, f);
    }
    if (f->n_near > 0) {
        escape_fprint(to, " and %zu of %zu around the best end", f->n_near_agree, f->n_near);
    }
    escape_fprint(to, " reach this optimum");
    if (f->n_fallback > 0) {
        escape_fprint(to, "; %zu end by nlopt, where newton failed", f->n_fallback);
    }
    if (isfinite(f->gradient_norm)) {
        escape_fprint(to, "; scaled gradient %.1e", f->gradient_norm);
    }
    escape_fprint(to, "; condition number %.3g\n", f->condition);
    print_runners_up(to, f);
}

static void print_bootstrap(FILE *to, const struct fit *f)
{
    if (f->n_replicates == 0) {
        return;
    }
    escape_fprint(to,
                  "bootstrap  %zu replicates (%s, %s, seed %llu%s); %zu of %zu checked from other "
                  "starts agree\n",
                  f->n_replicates, fit_bootstrap_name(f->options.bootstrap),
                  fit_resampling_name(f->options.resampling), (unsigned long long)f->options.seed,
                  f->replicates_robust ? ", several starts each" : "", f->n_replicates_agree,
                  f->n_replicates_checked);
}

/* What no law of this shape explains; in standard errors where the study gives these. */
static void print_noise(FILE *to, const struct fit *f)
{
    const char *of = f->options.residual == FIT_LOG ? "log " : "";
    escape_fprint(to, "noise      floor %.3g: robust standard deviation of the %sresiduals\n",
                  f->noise_floor, of);
}

/* Heads of the columns: the interval names what it is by. */
static void print_heads(FILE *to, const struct fit *f)
{
    char head[48];
    (void)snprintf(head, sizeof head, "%g %% by %s", 100.0 * f->options.confidence,
                   fit_interval_source(f));
    escape_fprint(to, "\n  %-18s %11s %11s  %-20s", "", "value", "std. error", head);
    escape_fprint(to, "%s\n", f->n_profiles > 0 && f->n_replicates > 0 ? " (by bootstrap)" : "");
}

void summary_fit(FILE *to, const struct fit *f, const struct runs *runs)
{
    escape_fprint(to, "law        %s: %s\n", f->law->id, f->law->equation);
    if (runs != NULL) {
        print_runs(to, runs);
    }
    print_ranges(to, f);
    print_objective(to, f);
    print_starts(to, f);
    print_bootstrap(to, f);
    print_noise(to, f);
    print_heads(to, f);
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        print_parameter(to, f, i);
    }
    if (f->has_optimum) {
        const size_t p = f->law->n_parameters;
        char note[64];
        (void)snprintf(note, sizeof note, "at %.3g FLOP", f->options.target_compute_flop);
        print_derived(to, f, p, "a (params* ~ C^a)", f->exponent_params, false, "");
        print_derived(to, f, p + 1, "params*", f->optimum_params, true, note);
        print_derived(to, f, p + 2, "tokens*", f->optimum_tokens, true, note);
        print_derived(to, f, p + 3, "loss_nat*", f->optimum_loss_nat, false, note);
    }
}

/* "1.2B (1.1B..1.4B)" of a logarithm; \param [out] text [size], returned */
static const char *print_range(struct fit_interval log_value, char text[], size_t size)
{
    char value[32], lower[32], upper[32];
    const bool is_bounded = isfinite(log_value.lower) && isfinite(log_value.upper);
    (void)summary_number(exp(log_value.value), true, value, sizeof value);
    (void)snprintf(text, size, is_bounded ? "%s (%s..%s)" : "%s",
                   isnan(log_value.value) ? "-" : value,
                   summary_number(exp(log_value.lower), true, lower, sizeof lower),
                   summary_number(exp(log_value.upper), true, upper, sizeof upper));
    return text;
}

static void print_curves(FILE *to, const struct isoflop *f)
{
    const size_t n_refused = isoflop_n_refused(f);
    escape_fprint(to,
                  "\napproach 2: parabolas of the loss through runs of equal compute (within %g of "
                  "its logarithm)\n%zu curves, %zu refused; intervals of %g %%\n",
                  f->options.tolerance, f->n_curves, n_refused, 100.0 * f->options.confidence);
    escape_fprint(to, "  %12s %5s  %-28s %-28s %s\n", "compute_flop", "runs", "params*", "tokens*",
                  "");
    for (size_t i = 0; i < f->n_curves; i++) {
        const struct isoflop_curve *c = &f->curves[i];
        const struct isoflop_vertex *v = c->vertices;
        char params[96], tokens[96];
        const bool differ = v[ISOFLOP_PARAMS].verdict != v[ISOFLOP_TOKENS].verdict;
        escape_fprint(to, "  %12.4g %5zu  %-28s %-28s %s%s%s\n", c->compute_flop, c->n,
                      print_range(v[ISOFLOP_PARAMS].log_optimum, params, sizeof params),
                      print_range(v[ISOFLOP_TOKENS].log_optimum, tokens, sizeof tokens),
                      isoflop_verdict_text(v[ISOFLOP_PARAMS].verdict), differ ? "; in tokens " : "",
                      differ ? isoflop_verdict_text(v[ISOFLOP_TOKENS].verdict) : "");
    }
}

static void print_levels(FILE *to, const struct envelope *e)
{
    escape_fprint(to,
                  "\napproach 1: least loss at %zu levels of compute; %zu different sizes win\n",
                  e->n_levels, e->n_winners);
    for (int v = 0; v < ENVELOPE_N_VERDICTS; v++) {
        if (e->counts[v] > 0) {
            escape_fprint(to, "  %6zu %s\n", e->counts[v],
                          envelope_verdict_text((enum envelope_verdict)v));
        }
    }
}

/* One approach in the table that has them side by side. */
static void print_approach(FILE *to, const char *name, const struct fit_interval figures[4],
                           const char *note)
{
    escape_fprint(to, "  %-22s", name);
    for (int i = 0; i < 4; i++) {
        const struct fit_interval *e = &figures[i];
        char value[32], range[80], text[128];
        const bool counts = i >= 2;
        (void)summary_number(e->value, counts, value, sizeof value);
        (void)interval_text(e->lower, e->upper, counts, range, sizeof range);
        (void)snprintf(text, sizeof text, isnan(e->lower) && isnan(e->upper) ? "%s" : "%s (%s)",
                       isnan(e->value) ? "-" : value, range);
        escape_fprint(to, " %-26s", text);
    }
    escape_fprint(to, "%s\n", note);
}

static void print_power_law(FILE *to, const char *name, const struct isoflop_law *params,
                            const struct isoflop_law *tokens)
{
    const struct fit_interval figures[4] = {params->exponent, tokens->exponent, params->optimum,
                                            tokens->optimum};
    print_approach(to, name, figures,
                   params->verdict == LINE_FITTED ? "" : line_verdict_text(params->verdict));
}

/* b = 1 - a turns the interval around. */
static struct fit_interval complement(struct fit_interval a)
{
    return (struct fit_interval){1.0 - a.value, a.standard_error, 1.0 - a.upper, 1.0 - a.lower};
}

void summary_approaches(FILE *to, const struct fit *f, const struct approaches *a)
{
    if (!a->has_envelope && !a->has_isoflop) {
        return;
    }
    const struct envelope *e = &a->envelope;
    const struct isoflop *i = &a->isoflop;
    if (a->has_envelope) {
        print_levels(to, e);
    }
    if (a->has_isoflop) {
        print_curves(to, i);
    }
    escape_fprint(to, "\nparams* ~ C^a, tokens* ~ C^b; params* and tokens* at %.4g FLOP\n",
                  f->options.target_compute_flop);
    escape_fprint(to, "  %-22s %-26s %-26s %-26s %s\n", "approach", "a", "b", "params*", "tokens*");
    if (a->has_envelope) {
        print_power_law(to, "1 envelope", &e->laws[ISOFLOP_PARAMS], &e->laws[ISOFLOP_TOKENS]);
    }
    for (int w = 0; a->has_isoflop && w < ISOFLOP_N_WEIGHTINGS; w++) {
        print_power_law(to, w == ISOFLOP_EQUAL ? "2 parabolas" : "2 parabolas, weighted",
                        &i->laws[ISOFLOP_PARAMS][w], &i->laws[ISOFLOP_TOKENS][w]);
    }
    if (f->has_optimum) {
        char name[80];
        const struct fit_interval figures[4] = {f->exponent_params, complement(f->exponent_params),
                                                f->optimum_params, f->optimum_tokens};
        (void)snprintf(name, sizeof name, "3 %s", f->law->id);
        print_approach(to, name, figures, "");
    }
    if (a->has_isoflop) {
        escape_fprint(to, "\n");
        print_wrapped(to, a->sentence);
    }
}

/* Errors of the prediction of runs left out, or why there is none. */
static void print_errors(FILE *to, const char *what, const struct select_errors *e)
{
    static const char *const reasons[] = {[SELECT_DONE] = "",
                                          [SELECT_OFF] = "not asked for",
                                          [SELECT_FEW_ROWS] = "too few runs",
                                          [SELECT_NO_COMPUTE] = "the runs do not tell compute",
                                          [SELECT_FAILED] = "a fit without them failed"};
    if (e->outcome == SELECT_DONE) {
        escape_fprint(to, "prediction %s: error %.3g %% rms, %+.3g %% mean, of %zu runs by ", what,
                      100.0 * e->root_mean_square, 100.0 * e->mean, e->n_held);
    } else {
        escape_fprint(to, "prediction %s: none, %s\n", what, reasons[e->outcome]);
    }
}

/* The criteria with what they are taken from, or why there are none. */
static void print_criteria(FILE *to, const struct select_criteria *k)
{
    static const char *const rules[] = {
        [SELECT_LIKELIHOOD] = "",
        [SELECT_WEIGHTED] = " by weighted likelihood",
        [SELECT_PENALISED] = " at the optimum with priors",
    };
    if (k->rule == SELECT_NO_NOISE) {
        escape_fprint(to,
                      "criteria   none: the law passes through every run, so that its noise has "
                      "no scale\n");
        return;
    }
    if (isnan(k->aic)) {
        escape_fprint(to, "criteria   none: without the priors the information is singular\n");
        return;
    }
    escape_fprint(
        to,
        "criteria   AIC %.6g, AICc %.6g, BIC %.6g; log-likelihood %.6g%s, %.4g parameters "
        "with the noise\n",
        k->aic, k->aicc, k->bic, k->log_likelihood, rules[k->rule], k->effective);
}

void summary_checks(FILE *to, const struct fit *f, const struct select *s)
{
    escape_fprint(to, "\n");
    print_criteria(to, &s->criteria);
    if (s->folds.outcome != SELECT_OFF) {
        print_errors(to, "of folds", &s->folds);
    }
    if (s->folds.outcome == SELECT_DONE) {
        escape_fprint(to, "%zu fits of %zu or more others\n", s->n_folds, s->folds.n_fit);
    }
    if (s->largest.outcome != SELECT_OFF) {
        print_errors(to, "of the largest", &s->largest);
    }
    if (s->largest.outcome == SELECT_DONE) {
        escape_fprint(to, "a fit of the other %zu, %.3g times beyond its compute\n",
                      s->largest.n_fit, s->extrapolation_ratio);
    }
    if (f->has_optimum && isfinite(s->target_ratio)) {
        escape_fprint(to,
                      s->target_ratio > 1.0 + SUMMARY_SAME
                          ? "projection to %.3g FLOP, %.3g times the largest compute of the runs: "
                            "no run tests it\n"
                          : "target     %.3g FLOP is %.3g times the largest compute of the runs\n",
                      f->options.target_compute_flop, s->target_ratio);
    }
}

/* The figures of a choice that the table shows. \return how many */
static size_t shown_figures(const struct sensitivity *s, const struct sensitivity_row *r,
                            double figures[])
{
    const double optimum[] = {r->exponent_params, r->optimum_params, r->optimum_tokens,
                              r->optimum_loss};
    const size_t n = s->has_optimum ? sizeof optimum / sizeof optimum[0] : s->law->n_parameters;
    memcpy(figures, s->has_optimum ? optimum : r->natural, n * sizeof *figures);
    return n;
}

static void print_choice(FILE *to, const struct sensitivity *s, const char *what, const char *runs,
                         const double figures[], size_t n)
{
    escape_fprint(to, "  %-42s %6s", what, runs);
    for (size_t i = 0; i < n; i++) {
        const bool counts = i == 1 || i == 2;
        char text[32];
        if (s->has_optimum && !counts) {
            escape_fprint(to, " %10.4f", figures[i]);
        } else {
            escape_fprint(to, " %10s",
                          summary_number(figures[i], s->has_optimum, text, sizeof text));
        }
    }
    escape_fprint(to, "\n");
}

void summary_sensitivity(FILE *to, const struct sensitivity *s)
{
    static const char *const optimum[] = {"a", "params*", "tokens*", "loss_nat*"};
    double least[LAW_MAX_PARAMETERS] = {0.0}, most[LAW_MAX_PARAMETERS] = {0.0};
    double figures[LAW_MAX_PARAMETERS] = {0.0};
    size_t n = 0;
    escape_fprint(to, "\n  %-42s %6s", "sensitivity to other choices", "runs");
    for (size_t i = 0; i < (s->has_optimum ? 4 : s->law->n_parameters); i++) {
        escape_fprint(to, " %10s", s->has_optimum ? optimum[i] : s->law->parameters[i].name);
        least[i] = (double)INFINITY;
        most[i] = -(double)INFINITY;
    }
    escape_fprint(to, "\n");
    for (size_t k = 0; k < s->n_rows; k++) {
        char runs[24];
        n = shown_figures(s, &s->rows[k], figures);
        (void)snprintf(runs, sizeof runs, "%zu", s->rows[k].n);
        print_choice(to, s, s->rows[k].what, runs, figures, n);
        for (size_t i = 0; i < n; i++) {
            least[i] = figures[i] < least[i] ? figures[i] : least[i];
            most[i] = figures[i] > most[i] ? figures[i] : most[i];
        }
    }
    print_choice(to, s, "least of all", "", least, n);
    print_choice(to, s, "most of all", "", most, n);
}

void summary_comparison(FILE *to, const struct fit fits[], const struct select of[],
                        const struct select_comparison *c)
{
    escape_fprint(to, "\n  %-24s %10s %14s %11s %11s %11s %11s  %s\n", "laws on the same runs",
                  "parameters", "objective", "AICc", "BIC", "folds %", "largest %", "identified");
    for (size_t i = 0; i < c->n; i++) {
        escape_fprint(to, "%c %-24s %10zu %14.8g %11.6g %11.6g %11.4g %11.4g  %s\n",
                      c->is_tied[i] ? '*' : ' ', fits[i].law->id, of[i].criteria.n_parameters - 1,
                      fits[i].objective, of[i].criteria.aicc, of[i].criteria.bic,
                      100.0 * of[i].folds.root_mean_square, 100.0 * of[i].largest.root_mean_square,
                      fits[i].identified ? "yes" : "no");
    }
    if (c->best < c->n) {
        escape_fprint(to, "* predicts best: every other law is worse by more than its error\n");
    } else if (c->lowest < c->n) {
        escape_fprint(to, "* not worse than the lowest error over the folds by more than its "
                          "standard error: none stands out\n");
    }
}

void summary_wrap(FILE *to, const char *text, int indent, int width)
{
    const int most = width - indent;
    while (*text != '\0') {
        int n = (int)strlen(text);
        if (n > most) {
            n = most;
            while (n > 0 && text[n] != ' ') {
                n--;
            }
            n = n > 0 ? n : most;
        }
        escape_fprint(to, "%*s%.*s\n", indent, "", n, text);
        text += n;
        text += strspn(text, " ");
    }
}

void summary_multiples(FILE *to, const struct problem *p, const struct multiple m[])
{
    static const double equal_to = 1e-9;
    const char *each = space_n_scenarios(p->space) > 1 ? " in each scenario level" : "";
    char others[PROBLEM_MAX_OBJECTIVES * (SPACE_NAME_SIZE + 2)] = "";
    bool any = false;
    for (size_t k = 0; k < p->n_objectives; k++) {
        const size_t used = strlen(others);
        if (!m[k].is) {
            (void)snprintf(others + used, sizeof others - used, "%s%s", used > 0 ? ", " : "",
                           p->objectives[k].name);
            continue;
        }
        any = true;
        const char *of = p->objectives[m[k].of].name;
        if (m[k].greatest <= m[k].least * (1.0 + equal_to)) {
            escape_fprint(to, "%s = %.4g x %s%s\n", p->objectives[k].name, m[k].least, of, each);
        } else {
            escape_fprint(to, "%s = a constant x %s in each scenario level, %.4g to %.4g\n",
                          p->objectives[k].name, of, m[k].least, m[k].greatest);
        }
    }
    if (any) {
        escape_fprint(to,
                      "  What is a constant times another never trades off with it: hypervolumes, "
                      "knees and the thin view are of %s.\n",
                      others);
    }
}
