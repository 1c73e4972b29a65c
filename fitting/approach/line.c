#include "fitting/approach/line.h"

#include <math.h>

#include "fitting/uncertainty/student.h"
#include "solver/base/vmath.h"

static const char *const texts[] = {
#define LINE_TEXT(code, text) [code] = (text),
    LINE_VERDICTS(LINE_TEXT)
#undef LINE_TEXT
};

const char *line_verdict_text(enum line_verdict v)
{
    STATUS_ASSERT((int)v >= 0 && v < LINE_N_VERDICTS);
    return texts[v];
}

/* Noise-free curves have no error at all, which would be infinite weight. */
static const double least_error = 1e-6;

static double weight_of(const struct line_options *o, size_t i)
{
    if (o->errors == NULL) {
        return 1.0;
    }
    const double error = fmax(o->errors[i], least_error);
    return 1.0 / (error * error);
}

/* Residual variance of a point of weight one. Of n points that repeat m, the sum is n / m times
 * that of the m, and so is the moment that it will be divided by. */
static double residual_variance(const struct line *l, const double x[], const double y[],
                                const struct line_options *o)
{
    double sum = 0.0;
    for (size_t i = 0; i < l->n; i++) {
        const double r = y[i] - l->y_mean - l->slope * (x[i] - l->x_mean);
        sum += weight_of(o, i) * r * r;
    }
    const double share = (double)l->n / (double)o->n_independent;
    const double variance = sum / (double)(o->n_independent - 2);
    return o->errors != NULL ? fmax(variance, share) : variance;
}

struct line line_fit(size_t n, const double x[], const double y[],
                     const struct line_options *options)
{
    struct line l = {.n = n,
                     .verdict = LINE_TOO_FEW,
                     .x_mean = NAN,
                     .y_mean = NAN,
                     .slope = NAN,
                     .variance = NAN,
                     .student = INFINITY};
    double x_sum = 0.0, y_sum = 0.0, product = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double w = weight_of(options, i);
        l.weight += w;
        x_sum += w * x[i];
        y_sum += w * y[i];
    }
    for (size_t i = 0; i < n; i++) {
        const double w = weight_of(options, i), d = x[i] - x_sum / l.weight;
        l.moment += w * d * d;
        product += w * d * (y[i] - y_sum / l.weight);
    }
    /* Equal budgets differ by rounding at most. */
    if (n < 2 || !(l.moment > 1e-20 * l.weight)) {
        return l;
    }
    l.verdict = LINE_EXACT;
    l.x_mean = x_sum / l.weight;
    l.y_mean = y_sum / l.weight;
    l.slope = product / l.moment;
    if (options->n_independent > 2) {
        l.verdict = LINE_FITTED;
        l.variance = residual_variance(&l, x, y, options);
        l.student = student_quantile(options->confidence, options->n_independent - 2);
    }
    return l;
}

static struct fit_interval interval(const struct line *l, double value, double variance)
{
    if (l->verdict != LINE_FITTED) {
        return (struct fit_interval){value, NAN, NAN, NAN};
    }
    const double error = sqrt(variance);
    return (struct fit_interval){value, error, value - l->student * error,
                                 value + l->student * error};
}

struct fit_interval line_slope(const struct line *l)
{
    return interval(l, l->slope, l->variance / l->moment);
}

struct fit_interval line_at(const struct line *l, double x)
{
    const double d = x - l->x_mean;
    return interval(l, l->y_mean + l->slope * d,
                    l->variance * (1.0 / l->weight + d * d / l->moment));
}

struct fit_interval line_exponential(struct fit_interval logarithm)
{
    const double value = vmath_exp1(logarithm.value);
    return (struct fit_interval){value, value * logarithm.standard_error,
                                 vmath_exp1(logarithm.lower), vmath_exp1(logarithm.upper)};
}
