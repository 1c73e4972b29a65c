#include "jobs/summary.h"

#include <math.h>
#include <string.h>

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
            (void)fputc('\n', to);
            column = 0;
        } else if (column > 0) {
            (void)fputc(' ', to);
            column++;
        }
        (void)fprintf(to, "%.*s", (int)word, text);
        column += word;
        text += word;
        text += *text == ' ' ? 1 : 0;
    }
    (void)fputc('\n', to);
}

void summary_verdict(FILE *to, const struct fit *f)
{
    print_wrapped(to, f->sentence);
}

/* What a profile says: both limits, one, or none. */
static const char *profile_text(const struct fit_profile *p, bool counts, char text[], size_t size)
{
    char lower[32], upper[32];
    (void)summary_number(p->lower, counts, lower, sizeof lower);
    (void)summary_number(p->upper, counts, upper, sizeof upper);
    switch (p->limits) {
    case FIT_TWO_SIDED:
        (void)snprintf(text, size, "%s..%s", lower, upper);
        break;
    case FIT_LOWER_ONLY:
        (void)snprintf(text, size, "> %s", lower);
        break;
    case FIT_UPPER_ONLY:
        (void)snprintf(text, size, "< %s", upper);
        break;
    case FIT_NO_LIMITS:
        (void)snprintf(text, size, "no limit");
        break;
    case FIT_FIXED:
        (void)snprintf(text, size, "fixed");
        break;
    }
    return text;
}

/* A row of the table; the figure of the profiles is told by its number. */
static void print_interval(FILE *to, const struct fit *f, size_t figure, const char *name,
                           struct fit_interval i, bool counts, const char *note)
{
    char value[32], error[32], lower[32], upper[32];
    (void)fprintf(to, "  %-22s %12s", name, summary_number(i.value, counts, value, sizeof value));
    if (isnan(i.standard_error)) {
        (void)fprintf(to, " %12s %12s %12s", "-", "-", "-");
    } else {
        (void)fprintf(to, " %12s %12s %12s",
                      summary_number(i.standard_error, counts, error, sizeof error),
                      summary_number(i.lower, counts, lower, sizeof lower),
                      summary_number(i.upper, counts, upper, sizeof upper));
    }
    if (figure < f->n_profiles) {
        char profile[80];
        (void)fprintf(to, "  %-20s",
                      profile_text(&f->profiles[figure], counts, profile, sizeof profile));
    }
    (void)fprintf(to, "  %s\n", note);
}

static void print_runs(FILE *to, const struct runs *runs)
{
    (void)fprintf(to, "runs      %s: %zu rows, %zu used", runs->file, runs->n_rows, runs->n);
    for (int r = 0; r < RUNS_N_REASONS; r++) {
        if (r != RUNS_USED && runs->counts[r] > 0) {
            (void)fprintf(to, ", %zu %s", runs->counts[r], runs_reason_text((enum runs_reason)r));
        }
    }
    (void)fprintf(to, "%s\n", runs->tokens_derived ? "; tokens = compute / (6 params)" : "");
}

static void print_ranges(FILE *to, const struct fit *f)
{
    (void)fprintf(to, "ranges   ");
    for (size_t i = 0; i < f->law->n_inputs; i++) {
        const char *name = f->law->inputs[i].name;
        const bool counts = strcmp(name, LAW_COMPUTE) != 0;
        char lower[32], upper[32];
        if (f->upper[i] > 0.0 && isfinite(f->upper[i])) {
            (void)fprintf(to, " %s %s..%s", name,
                          summary_number(f->lower[i], counts, lower, sizeof lower),
                          summary_number(f->upper[i], counts, upper, sizeof upper));
        }
    }
    (void)fputc('\n', to);
}

void summary_fit(FILE *to, const struct fit *f, const struct runs *runs)
{
    (void)fprintf(to, "law       %s: %s\n", f->law->id, f->law->equation);
    if (runs != NULL) {
        print_runs(to, runs);
    }
    print_ranges(to, f);
    (void)fprintf(to, "objective %s of %s residuals", fit_objective_name(f->options.objective),
                  fit_residual_name(f->options.residual));
    if (f->options.objective == FIT_HUBER) {
        (void)fprintf(to, ", delta %g", f->options.delta);
    }
    (void)fprintf(to, ", summed over %zu runs: %.11g\n", f->n, f->objective);
    (void)fprintf(to, "starts    %zu of %zu reach it", f->n_agree, f->n_starts);
    if (isfinite(f->runner_up)) {
        (void)fprintf(to, "; the next optimum is %.3g %% worse",
                      100.0 * (f->runner_up / f->objective - 1.0));
    }
    (void)fprintf(to, "; scaled gradient %.1e, condition %.3g\n", f->gradient_norm, f->condition);
    if (f->n_replicates > 0) {
        (void)fprintf(to,
                      "bootstrap %zu replicates (%s, %s, seed %llu); %zu of %zu checked from other "
                      "starts agree\n",
                      f->n_replicates, fit_bootstrap_name(f->options.bootstrap),
                      fit_resampling_name(f->options.resampling),
                      (unsigned long long)f->options.seed, f->n_replicates_agree,
                      f->n_replicates_checked);
    }
    (void)fprintf(to, "noise     residuals have a robust standard deviation of %.3g\n\n",
                  f->noise_floor);
    char head[32];
    (void)snprintf(head, sizeof head, "%g %% interval", 100.0 * f->options.confidence);
    (void)fprintf(to, "  %-22s %12s %12s %25s%s\n", "parameter", "value", "std. error", head,
                  f->n_profiles > 0 ? "  by its profile" : "");
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        char note[64];
        (void)snprintf(note, sizeof note, "%s%s", fit_verdict_name(f->verdicts[i]),
                       f->at_bound[i] ? ", at its bound" : "");
        print_interval(to, f, i, f->law->parameters[i].name, f->natural[i], false, note);
    }
    if (f->has_optimum) {
        const size_t p = f->law->n_parameters;
        char note[64];
        (void)snprintf(note, sizeof note, "at %.3g FLOP", f->options.target_compute_flop);
        print_interval(to, f, p, "a (params* ~ C^a)", f->exponent_params, false, "");
        print_interval(to, f, p + 1, "params*", f->optimum_params, true, note);
        print_interval(to, f, p + 2, "tokens*", f->optimum_tokens, true, note);
        print_interval(to, f, p + 3, "loss_nat*", f->optimum_loss_nat, false, note);
    }
    (void)fputc('\n', to);
    summary_verdict(to, f);
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
    (void)fprintf(to,
                  "\napproach 2: parabolas of the loss through runs of equal compute (within %g of "
                  "its logarithm)\n%zu curves, %zu refused; intervals of %g %%\n",
                  f->options.tolerance, f->n_curves, n_refused, 100.0 * f->options.confidence);
    (void)fprintf(to, "  %12s %5s  %-28s %-28s %s\n", "compute_flop", "runs", "params*", "tokens*",
                  "");
    for (size_t i = 0; i < f->n_curves; i++) {
        const struct isoflop_curve *c = &f->curves[i];
        const struct isoflop_vertex *v = c->vertices;
        char params[96], tokens[96];
        const bool differ = v[ISOFLOP_PARAMS].verdict != v[ISOFLOP_TOKENS].verdict;
        (void)fprintf(to, "  %12.4g %5zu  %-28s %-28s %s%s%s\n", c->compute_flop, c->n,
                      print_range(v[ISOFLOP_PARAMS].log_optimum, params, sizeof params),
                      print_range(v[ISOFLOP_TOKENS].log_optimum, tokens, sizeof tokens),
                      isoflop_verdict_text(v[ISOFLOP_PARAMS].verdict), differ ? "; in tokens " : "",
                      differ ? isoflop_verdict_text(v[ISOFLOP_TOKENS].verdict) : "");
    }
}

static void print_levels(FILE *to, const struct envelope *e)
{
    (void)fprintf(to,
                  "\napproach 1: least loss at %zu levels of compute; %zu different sizes win\n",
                  e->n_levels, e->n_winners);
    for (int v = 0; v < ENVELOPE_N_VERDICTS; v++) {
        if (e->counts[v] > 0) {
            (void)fprintf(to, "  %6zu %s\n", e->counts[v],
                          envelope_verdict_text((enum envelope_verdict)v));
        }
    }
}

/* One approach in the table that has them side by side. */
static void print_approach(FILE *to, const char *name, const struct fit_interval figures[4],
                           const char *note)
{
    (void)fprintf(to, "  %-22s", name);
    for (int i = 0; i < 4; i++) {
        const struct fit_interval *e = &figures[i];
        char value[32], lower[32], upper[32], text[128];
        const bool counts = i >= 2;
        (void)summary_number(e->value, counts, value, sizeof value);
        (void)snprintf(text, sizeof text, isfinite(e->lower) ? "%s (%s..%s)" : "%s",
                       isnan(e->value) ? "-" : value,
                       summary_number(e->lower, counts, lower, sizeof lower),
                       summary_number(e->upper, counts, upper, sizeof upper));
        (void)fprintf(to, " %-26s", text);
    }
    (void)fprintf(to, "%s\n", note);
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
    (void)fprintf(to, "\nparams* ~ C^a, tokens* ~ C^b; params* and tokens* at %.4g FLOP\n",
                  f->options.target_compute_flop);
    (void)fprintf(to, "  %-22s %-26s %-26s %-26s %s\n", "approach", "a", "b", "params*", "tokens*");
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
        (void)fputc('\n', to);
        print_wrapped(to, a->sentence);
    }
}

/* One line of held-out errors, or why there is none. */
static void print_errors(FILE *to, const char *what, const struct select_errors *e)
{
    static const char *const reasons[] = {[SELECT_DONE] = "",
                                          [SELECT_OFF] = "not asked for",
                                          [SELECT_FEW_ROWS] = "too few runs",
                                          [SELECT_NO_COMPUTE] = "the runs do not tell compute",
                                          [SELECT_FAILED] = "a fit without them failed"};
    if (e->outcome == SELECT_OFF) {
        return;
    }
    (void)fprintf(to, "%-9s ", what);
    if (e->outcome == SELECT_DONE) {
        (void)fprintf(to, "%zu runs from fits of %zu: error %.3g %% (rms), %+.3g %% (mean)",
                      e->n_held, e->n_fit, 100.0 * e->root_mean_square, 100.0 * e->mean);
    } else {
        (void)fprintf(to, "%s", reasons[e->outcome]);
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
        (void)fprintf(to, "criteria  none: the law passes through every run, so that its noise has "
                          "no scale\n");
        return;
    }
    if (isnan(k->aic)) {
        (void)fprintf(to, "criteria  none: without the priors the information is singular\n");
        return;
    }
    (void)fprintf(to,
                  "criteria  AIC %.6g, AICc %.6g, BIC %.6g; log-likelihood %.6g%s, %.4g parameters "
                  "with the noise\n",
                  k->aic, k->aicc, k->bic, k->log_likelihood, rules[k->rule], k->effective);
}

void summary_checks(FILE *to, const struct fit *f, const struct select *s)
{
    (void)fputc('\n', to);
    print_criteria(to, &s->criteria);
    print_errors(to, "folds", &s->folds);
    (void)fprintf(to, "%s", s->folds.outcome == SELECT_OFF ? "" : "\n");
    print_errors(to, "largest", &s->largest);
    if (s->largest.outcome == SELECT_DONE) {
        (void)fprintf(to, ", %.3g times beyond in compute", s->extrapolation_ratio);
    }
    (void)fprintf(to, "%s", s->largest.outcome == SELECT_OFF ? "" : "\n");
    if (f->has_optimum && isfinite(s->target_ratio)) {
        (void)fprintf(to, "target    %.3g FLOP is %.3g times the largest compute of the runs%s\n",
                      f->options.target_compute_flop, s->target_ratio,
                      s->target_ratio > 1.0 ? ": a projection that no run tests" : "");
    }
}

void summary_sensitivity(FILE *to, const struct sensitivity *s)
{
    (void)fprintf(to, "\n  %-42s %6s", "under other choices", "runs");
    if (s->has_optimum) {
        (void)fprintf(to, " %8s %10s %10s %10s\n", "a", "params*", "tokens*", "loss_nat*");
    } else {
        for (size_t i = 0; i < s->law->n_parameters; i++) {
            (void)fprintf(to, " %10s", s->law->parameters[i].name);
        }
        (void)fputc('\n', to);
    }
    for (size_t k = 0; k < s->n_rows; k++) {
        const struct sensitivity_row *r = &s->rows[k];
        char params[32], tokens[32];
        (void)fprintf(to, "  %-42s %6zu", r->what, r->n);
        if (s->has_optimum) {
            (void)fprintf(to, " %8.4f %10s %10s %10.4f\n", r->exponent_params,
                          summary_number(r->optimum_params, true, params, sizeof params),
                          summary_number(r->optimum_tokens, true, tokens, sizeof tokens),
                          r->optimum_loss);
            continue;
        }
        for (size_t i = 0; i < s->law->n_parameters; i++) {
            (void)fprintf(to, " %10.4g", r->natural[i]);
        }
        (void)fputc('\n', to);
    }
}

void summary_comparison(FILE *to, const struct fit fits[], const struct select of[],
                        const struct select_comparison *c)
{
    (void)fprintf(to, "\n  %-24s %10s %14s %11s %11s %11s %11s  %s\n", "law", "parameters",
                  "objective", "AICc", "BIC", "folds %", "largest %", "identified");
    for (size_t i = 0; i < c->n; i++) {
        (void)fprintf(to, "%c %-24s %10zu %14.8g %11.6g %11.6g %11.4g %11.4g  %s\n",
                      c->is_tied[i] ? '*' : ' ', fits[i].law->id, of[i].criteria.n_parameters - 1,
                      fits[i].objective, of[i].criteria.aicc, of[i].criteria.bic,
                      100.0 * of[i].folds.root_mean_square, 100.0 * of[i].largest.root_mean_square,
                      fits[i].identified ? "yes" : "no");
    }
    if (c->best < c->n) {
        (void)fprintf(to, "* predicts best: every other law is worse by more than its error\n");
    } else if (c->lowest < c->n) {
        (void)fprintf(to, "* not worse than the lowest error over the folds by more than its "
                          "standard error: none stands out\n");
    }
}
