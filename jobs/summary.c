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

static void print_interval(FILE *to, const char *name, struct fit_interval i, bool counts,
                           const char *note)
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
                      "bootstrap %zu replicates (%s, seed %llu); %zu of %zu checked from other "
                      "starts agree\n",
                      f->n_replicates, fit_resampling_name(f->options.resampling),
                      (unsigned long long)f->options.seed, f->n_replicates_agree,
                      f->n_replicates_checked);
    }
    (void)fprintf(to, "noise     residuals have a robust standard deviation of %.3g\n\n",
                  f->noise_floor);
    char head[32];
    (void)snprintf(head, sizeof head, "%g %% interval", 100.0 * f->options.confidence);
    (void)fprintf(to, "  %-22s %12s %12s %25s\n", "parameter", "value", "std. error", head);
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        char note[64];
        (void)snprintf(note, sizeof note, "%s%s", fit_verdict_name(f->verdicts[i]),
                       f->at_bound[i] ? ", at its bound" : "");
        print_interval(to, f->law->parameters[i].name, f->natural[i], false, note);
    }
    if (f->has_optimum) {
        char note[64];
        (void)snprintf(note, sizeof note, "at %.3g FLOP", f->options.target_compute_flop);
        print_interval(to, "a (params* ~ C^a)", f->exponent_params, false, "");
        print_interval(to, "params*", f->optimum_params, true, note);
        print_interval(to, "tokens*", f->optimum_tokens, true, note);
        print_interval(to, "loss_nat*", f->optimum_loss_nat, false, note);
    }
    (void)fputc('\n', to);
    summary_verdict(to, f);
}
