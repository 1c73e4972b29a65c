#include "solver/correct.h"

#include <math.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/optimum.h"

/* A value computed on the edge of a range is inside it whatever its rounding. */
static const double edge_slack = 1e-12;

static const double outside = NAN;

static double power(double base, double exponent)
{
    return vmath_exp1(exponent * vmath_log1(base));
}

/* Tokens that differ among those that are trained on. */
static double unique_of(const struct design *d, double tokens)
{
    return fmin(d->value[DESIGN_UNIQUE_TOKENS], tokens);
}

/* n units of which each beyond the first \a fresh is worth less and less: docs/model.md M202. */
static double worn(double n, double fresh, double scale)
{
    const double excess = n / fresh - 1.0;
    return fresh * (1.0 + scale * (1.0 - vmath_exp1(-excess / scale))) / n;
}

/* Batch: M200, M201. */

enum { BATCH_BCRIT, BATCH_EXPONENT };

static double batch_value(const struct correct_point *at, const double p[])
{
    enum { ENOUGH = 60 };
    static const double still = 1e-15;
    const double ratio = at->design->value[DESIGN_BATCH] / p[BATCH_BCRIT];
    const double log_tokens = vmath_log1(at->tokens);
    double log_least = log_tokens, wasted = 0.0;
    if (ratio <= 0.0) {
        return 1.0;
    }
    /* ln of the tokens needed is convex and rises with ln Dmin: Newton from above never turns. */
    for (int i = 0; i < ENOUGH; i++) {
        wasted = ratio * vmath_exp1(-p[BATCH_EXPONENT] * log_least);
        const double over = log_least + vmath_log1(1.0 + wasted) - log_tokens;
        const double slope = 1.0 - p[BATCH_EXPONENT] * wasted / (1.0 + wasted);
        if (!(over / slope > still * fabs(log_least))) {
            break;
        }
        log_least -= over / slope;
    }
    return 1.0 / (1.0 + wasted);
}

enum { BATCH_LOSS_BSTAR, BATCH_LOSS_EXPONENT };

/* The law where it reads params and tokens alone. */
static double loss_at(const struct correct_point *at, double log_tokens)
{
    const double log_params = vmath_log1(at->design->value[DESIGN_PARAMS]);
    const double *columns[LAW_MAX_INPUTS];
    double loss_nat;
    for (size_t i = 0; i < at->law->n_inputs; i++) {
        columns[i] = strcmp(at->law->inputs[i].name, LAW_TOKENS) == 0 ? &log_tokens : &log_params;
    }
    law_values(at->law, at->theta, 1, columns, &loss_nat);
    return loss_nat;
}

static const char *batch_loss_refuses(const struct law *law, const double theta[])
{
    (void)theta;
    for (size_t i = 0; i < law->n_inputs; i++) {
        const char *name = law->inputs[i].name;
        if (!law->inputs[i].logarithmic
            || (strcmp(name, LAW_PARAMS) != 0 && strcmp(name, LAW_TOKENS) != 0)) {
            return "needs a law of params and tokens alone";
        }
    }
    return NULL;
}

static double batch_loss_value(const struct correct_point *at, const double p[])
{
    enum { HALVINGS = 64 };
    const double batch = at->design->value[DESIGN_BATCH];
    const double log_tokens = vmath_log1(at->tokens);
    double from = 0.0, to = log_tokens, wasted = 0.0;
    if (batch <= 0.0) {
        return 1.0;
    }
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = 0.5 * (from + to);
        wasted =
            batch / p[BATCH_LOSS_BSTAR] * power(loss_at(at, middle), 1.0 / p[BATCH_LOSS_EXPONENT]);
        if (middle + vmath_log1(1.0 + wasted) < log_tokens) {
            from = middle;
        } else {
            to = middle;
        }
    }
    return 1.0 / (1.0 + wasted);
}

/* Tokens: M202, M203. */

enum { REPETITION_RD };

static double repetition_value(const struct correct_point *at, const double p[])
{
    return worn(at->tokens, unique_of(at->design, at->tokens), p[REPETITION_RD]);
}

enum { QUALITY_FACTOR };

static double quality_value(const struct correct_point *at, const double p[])
{
    (void)at;
    return p[QUALITY_FACTOR];
}

/* Parameters: M204 to M207. */

enum { EXPERTS_A, EXPERTS_B, EXPERTS_C, EXPERTS_ES, EXPERTS_EM };

/* What counts is not only N, so only a law of N at one number of tokens can take it. */
static const char *experts_refuses(const struct law *law, const double theta[])
{
    (void)theta;
    return law_find_input(law, LAW_TOKENS) >= 0 || law_find_input(law, LAW_COMPUTE) >= 0
               ? "was fitted at one number of tokens and cannot feed a law that reads tokens"
               : NULL;
}

static double experts_value(const struct correct_point *at, const double p[])
{
    static const double log_10 = 2.302585092994045684; /* ln 10 */
    const double experts = at->design->value[DESIGN_EXPERTS];
    const double effective =
        1.0
        / (1.0 / (experts - 1.0 + 1.0 / (1.0 / p[EXPERTS_ES] - 1.0 / p[EXPERTS_EM]))
           + 1.0 / p[EXPERTS_EM]);
    const double dense = p[EXPERTS_A] + p[EXPERTS_C] * vmath_log1(p[EXPERTS_ES]) / log_10;
    const double log_ratio = vmath_log1(effective / p[EXPERTS_ES]);
    /* ln(EPC / N) = [(alpha(E) - alpha(Es)) ln N + b ln(E / Es)] / alpha(Es) */
    return vmath_exp1(
        (p[EXPERTS_C] * log_ratio / log_10 * vmath_log1(at->params) + p[EXPERTS_B] * log_ratio)
        / dense);
}

enum { SPARSITY_AS, SPARSITY_CS, SPARSITY_BS, SPARSITY_BN };

static double sparsity_value(const struct correct_point *at, const double p[])
{
    const double dense = 1.0 - at->design->value[DESIGN_SPARSITY];
    const double scale = p[SPARSITY_AS] * power(dense, p[SPARSITY_BS]) + p[SPARSITY_CS];
    return power((p[SPARSITY_AS] + p[SPARSITY_CS]) / scale, 1.0 / p[SPARSITY_BN]);
}

/* The tensors whose bits count, in the order of the parameters: g and n each. */
static const struct {
    enum design_input input;
    double least; /* the runs with fewer bits diverged */
} tensors[] = {{DESIGN_WEIGHT_BITS, 3.0}, {DESIGN_ACTIVATION_BITS, 4.0}, {DESIGN_CACHE_BITS, 4.0}};

enum { N_TENSORS = sizeof tensors / sizeof *tensors };

enum { PRECISION_BASE_BITS = 2 * N_TENSORS };

/* What bits leave of a tensor; 1 where nothing is said of it. */
static double kept_of(const double p[], size_t tensor, double bits)
{
    const double g = p[2 * tensor], n = p[2 * tensor + 1];
    return g > 0.0 ? 1.0 - vmath_exp1(n - bits / g) : 1.0;
}

static double precision_value(const struct correct_point *at, const double p[])
{
    const double base_bits = p[PRECISION_BASE_BITS];
    double factor = 1.0;
    for (size_t i = 0; i < N_TENSORS; i++) {
        const double bits = design_bits(at->design, tensors[i].input);
        if (p[2 * i] > 0.0 && !(bits >= tensors[i].least * (1.0 - edge_slack))) {
            return outside;
        }
        factor *= kept_of(p, i, bits);
        if (base_bits > 0.0) { /* the law's parameters are those of runs in these bits */
            factor /= kept_of(p, i, base_bits);
        }
    }
    return factor > 0.0 ? factor : outside;
}

enum { EXCESS_RN };

static const char *excess_refuses(const struct law *law, const double theta[])
{
    return isnan(optimum_params_of(law, theta, 1.0))
               ? "needs a law of one power term in params and one in tokens"
               : NULL;
}

static double excess_value(const struct correct_point *at, const double p[])
{
    const double unique = unique_of(at->design, at->tokens);
    const double best = optimum_params_of(at->law, at->theta, unique);
    return worn(at->params, fmin(at->params, best), p[EXCESS_RN]);
}

/* Loss: M208. */

enum { QUANTISATION_C, QUANTISATION_G, QUANTISATION_GD, QUANTISATION_GN, QUANTISATION_CW };

/* What is added falls with the effective parameters, which such a law keeps to itself. */
static const char *quantisation_refuses(const struct law *law, const double theta[])
{
    (void)theta;
    return law_find_input(law, design_field(DESIGN_WEIGHT_BITS)->name) >= 0
               ? "needs the correction precision beside a law that does not read bits"
               : NULL;
}

static double quantisation_value(const struct correct_point *at, const double p[])
{
    const double bits = at->design->value[DESIGN_POST_BITS];
    const double kept = design_bits(at->design, DESIGN_WEIGHT_BITS) - bits;
    if (bits <= 0.0 || kept <= 0.0) {
        return 0.0; /* as trained */
    }
    const double rise =
        vmath_exp1(p[QUANTISATION_GD] * vmath_log1(at->tokens)
                   - p[QUANTISATION_GN] * vmath_log1(at->params) - bits / p[QUANTISATION_G]);
    return p[QUANTISATION_C] * rise * (1.0 - vmath_exp1(-p[QUANTISATION_CW] * kept));
}

/* Accuracy: M209 to M212. */

enum { SIGMOID_A, SIGMOID_B, SIGMOID_K, SIGMOID_L0 };

static void sigmoid_map(const double p[], size_t n, const double x[], const double *weight,
                        size_t step, double y[])
{
    (void)weight;
    (void)step;
    for (size_t i = 0; i < n; i++) {
        y[i] = -p[SIGMOID_K] * (x[i] - p[SIGMOID_L0]);
    }
    vmath_exp(n, y, y);
    for (size_t i = 0; i < n; i++) {
        y[i] = p[SIGMOID_B] + p[SIGMOID_A] / (1.0 + y[i]);
    }
}

enum { EXPONENTIAL_EPSILON, EXPONENTIAL_K, EXPONENTIAL_GAMMA };

static void exponential_map(const double p[], size_t n, const double x[], const double *weight,
                            size_t step, double y[])
{
    (void)weight;
    (void)step;
    for (size_t i = 0; i < n; i++) {
        y[i] = -p[EXPONENTIAL_GAMMA] * x[i];
    }
    vmath_exp(n, y, y);
    for (size_t i = 0; i < n; i++) {
        y[i] = 1.0 - p[EXPONENTIAL_EPSILON] + p[EXPONENTIAL_K] * y[i];
    }
}

enum { RECOVERY_R8, RECOVERY_R4 };

static double recovery_value(const struct correct_point *at, const double p[])
{
    enum { WIDE = 16, BYTE = 8, NIBBLE = 4 };
    const double said = at->design->value[DESIGN_POST_BITS];
    const double bits = said > 0.0 ? said : (double)WIDE; /* 0: as trained */
    return bits >= WIDE     ? 1.0
           : bits >= BYTE   ? p[RECOVERY_R8]
           : bits >= NIBBLE ? p[RECOVERY_R4]
                            : outside;
}

static void recovery_map(const double p[], size_t n, const double x[], const double *weight,
                         size_t step, double y[])
{
    (void)p;
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i] * weight[i * step];
    }
}

enum { COVERAGE_B };

static double coverage_value(const struct correct_point *at, const double p[])
{
    return power(at->design->value[DESIGN_SAMPLES], -p[COVERAGE_B]);
}

static void coverage_map(const double p[], size_t n, const double x[], const double *weight,
                         size_t step, double y[])
{
    (void)p;
    vmath_log(n, x, y);
    for (size_t i = 0; i < n; i++) {
        y[i] *= weight[i * step];
    }
    vmath_exp(n, y, y);
}

enum { TTSPM_FMAX };

static double ttspm_value(const struct correct_point *at, const double p[])
{
    (void)p;
    return at->design->value[DESIGN_SAMPLES];
}

static void ttspm_map(const double p[], size_t n, const double x[], const double *weight,
                      size_t step, double y[])
{
    for (size_t i = 0; i < n; i++) {
        y[i] = 1.0 - x[i] / p[TTSPM_FMAX];
    }
    vmath_log(n, y, y);
    for (size_t i = 0; i < n; i++) {
        y[i] *= weight[i * step];
    }
    vmath_exp(n, y, y);
    for (size_t i = 0; i < n; i++) {
        y[i] = p[TTSPM_FMAX] * (1.0 - y[i]);
    }
}

#define INPUT(name) DESIGN_BIT(DESIGN_##name)
#define BITS                                                                                       \
    (INPUT(WEIGHT_BITS) | INPUT(ACTIVATION_BITS) | INPUT(CACHE_BITS) | INPUT(TRAINING_BITS))
#define MOST 1e30

static const struct correct_kind kinds[] = {
    {.name = "critical_batch",
     .title = "tokens lost to a batch, critical at Bcrit tokens^exponent",
     .stage = CORRECT_BATCH,
     .target = CORRECT_OF_TOKENS,
     .reads = INPUT(TOKENS) | INPUT(BATCH),
     .models = INPUT(BATCH),
     .n_parameters = 2,
     .parameters = {{"Bcrit", 1e-12, MOST, NAN}, {"exponent", 0.0, 0.99, 0.0}},
     .value = batch_value},
    {.name = "critical_batch_loss",
     .title = "tokens lost to a batch, critical at Bstar / loss^(1/aB)",
     .stage = CORRECT_BATCH,
     .target = CORRECT_OF_TOKENS,
     .reads = INPUT(PARAMS) | INPUT(TOKENS) | INPUT(BATCH),
     .models = INPUT(BATCH),
     .n_parameters = 2,
     .parameters = {{"Bstar", 1e-12, MOST, NAN}, {"aB", 0.01, 10.0, NAN}},
     .refuses = batch_loss_refuses,
     .value = batch_loss_value},
    {.name = "repetition",
     .title = "worth of tokens seen again",
     .stage = CORRECT_REPETITION,
     .target = CORRECT_OF_TOKENS,
     .reads = INPUT(TOKENS) | INPUT(UNIQUE_TOKENS),
     .models = INPUT(UNIQUE_TOKENS),
     .n_parameters = 1,
     .parameters = {{"RD", 1e-3, 1e6, NAN}},
     .value = repetition_value},
    {.name = "quality",
     .title = "worth of a token beside those of the law",
     .stage = CORRECT_QUALITY,
     .target = CORRECT_OF_TOKENS,
     .n_parameters = 1,
     .parameters = {{"factor", 1e-6, 1e6, NAN}},
     .value = quality_value},
    {.name = "experts_epc",
     .title = "effective parameter count of routed models",
     .stage = CORRECT_EXPERTS,
     .target = CORRECT_OF_PARAMS,
     .reads = INPUT(PARAMS) | INPUT(EXPERTS),
     .models = INPUT(EXPERTS),
     .n_parameters = 5,
     .parameters = {{"a", -1.0, -1e-3, NAN},
                    {"b", -1.0, 0.0, NAN},
                    {"c", 0.0, 0.1, NAN},
                    {"Es", 1.0, 100.0, NAN},
                    {"Em", 2.0, 1e6, NAN}},
     .refuses = experts_refuses,
     .value = experts_value},
    {.name = "sparsity",
     .title = "dense parameters worth those that are not zero",
     .stage = CORRECT_SPARSITY,
     .target = CORRECT_OF_PARAMS,
     .reads = INPUT(SPARSITY),
     .models = INPUT(SPARSITY),
     .n_parameters = 4,
     .parameters = {{"aS", 0.0, MOST, NAN},
                    {"cS", 1e-12, MOST, NAN},
                    {"bS", 1e-3, 10.0, NAN},
                    {"bN", 1e-3, 10.0, NAN}},
     .value = sparsity_value},
    {.name = "precision",
     .title = "bits of weights, activations and cache in training",
     .stage = CORRECT_PRECISION,
     .target = CORRECT_OF_PARAMS,
     .reads = BITS | INPUT(PRECISION),
     .models = BITS,
     .n_parameters = PRECISION_BASE_BITS + 1,
     .parameters = {{"gw", 0.0, 6.0, 0.0},
                    {"nw", -1.0, 3.0, 0.0},
                    {"ga", 0.0, 6.0, 0.0},
                    {"na", -1.0, 3.0, 0.0},
                    {"gk", 0.0, 6.0, 0.0},
                    {"nk", -1.0, 3.0, 0.0},
                    {"base_bits", 0.0, 64.0, 0.0}},
     .value = precision_value},
    {.name = "excess_params",
     .title = "worth of parameters beyond those that the unique tokens can teach",
     .stage = CORRECT_EXCESS,
     .target = CORRECT_OF_PARAMS,
     .reads = INPUT(PARAMS) | INPUT(TOKENS) | INPUT(UNIQUE_TOKENS),
     .models = INPUT(UNIQUE_TOKENS),
     .n_parameters = 1,
     .parameters = {{"RN", 1e-3, 1e6, NAN}},
     .refuses = excess_refuses,
     .value = excess_value},
    {.name = "quantisation",
     .title = "loss added by quantising the weights after training",
     .stage = CORRECT_QUANTISATION,
     .target = CORRECT_OF_LOSS,
     .is_absolute = true,
     .reads =
         INPUT(TOKENS) | INPUT(PARAMS) | INPUT(POST_BITS) | INPUT(WEIGHT_BITS) | INPUT(PRECISION),
     .models = INPUT(POST_BITS),
     .n_parameters = 5,
     .parameters = {{"C", 0.0, MOST, NAN},
                    {"g", 0.1, 6.0, NAN},
                    {"gD", 0.0, 2.0, NAN},
                    {"gN", 0.0, 2.0, NAN},
                    {"Cw", 0.0, INFINITY, INFINITY}},
     .refuses = quantisation_refuses,
     .value = quantisation_value},
    {.name = "accuracy_sigmoid",
     .title = "accuracy b + a / (1 + exp(-k (loss - L0)))",
     .stage = CORRECT_ACCURACY,
     .target = CORRECT_OF_ACCURACY,
     .is_absolute = true,
     .n_parameters = 4,
     .parameters = {{"a", 0.0, 1.0, NAN},
                    {"b", 0.0, 1.0, NAN},
                    {"k", -100.0, -1e-3, NAN},
                    {"L0", 0.0, 20.0, NAN}},
     .map = sigmoid_map},
    {.name = "accuracy_exponential",
     .title = "accuracy 1 - epsilon + k exp(-gamma loss)",
     .stage = CORRECT_ACCURACY,
     .target = CORRECT_OF_ACCURACY,
     .is_absolute = true,
     .n_parameters = 3,
     .parameters = {{"epsilon", 1e-6, 1.0, NAN}, {"k", 1e-6, 1e6, NAN}, {"gamma", 1e-3, 10.0, NAN}},
     .map = exponential_map},
    {.name = "recovery",
     .title = "share of the accuracy that quantised weights keep, by bits",
     .stage = CORRECT_RECOVERY,
     .target = CORRECT_OF_ACCURACY,
     .reads = INPUT(POST_BITS),
     .models = INPUT(POST_BITS),
     .n_parameters = 2,
     .parameters = {{"r8", 0.95, 1.005, NAN}, {"r4", 0.95, 1.005, NAN}},
     .value = recovery_value,
     .map = recovery_map},
    {.name = "coverage",
     .title = "questions answered by one of several samples, a power of their number",
     .stage = CORRECT_SAMPLES,
     .target = CORRECT_OF_ACCURACY,
     .reads = INPUT(SAMPLES),
     .models = INPUT(SAMPLES),
     .n_parameters = 1,
     .parameters = {{"b", 0.0, 3.0, NAN}},
     .value = coverage_value,
     .map = coverage_map},
    {.name = "ttspm",
     .title = "score of several samples, which saturates at Fmax",
     .stage = CORRECT_SAMPLES,
     .target = CORRECT_OF_ACCURACY,
     .reads = INPUT(SAMPLES),
     .models = INPUT(SAMPLES),
     .n_parameters = 1,
     .parameters = {{"Fmax", 1e-3, 1.0, NAN}},
     .value = ttspm_value,
     .map = ttspm_map},
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

const struct correct_kind *correct_at(size_t i)
{
    return i < N_KINDS ? &kinds[i] : NULL;
}

const struct correct_kind *correct_find(const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

int correct_find_parameter(const struct correct_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_parameters; i++) {
        if (strcmp(kind->parameters[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

struct correct correct_neutral(const struct correct_kind *kind)
{
    struct correct c = {.source = CORRECT_OWN, .kind = kind};
    (void)strncpy(c.id, kind->name, sizeof c.id - 1);
    for (size_t i = 0; i < kind->n_parameters; i++) {
        c.values[i] = kind->parameters[i].neutral;
    }
    return c;
}

enum status correct_check(const struct correct *c, struct status_why *why)
{
    for (size_t i = 0; i < c->kind->n_parameters; i++) {
        const struct correct_parameter *p = &c->kind->parameters[i];
        if (isnan(c->values[i])) {
            return status_fail(why, STATUS_INPUT,
                               "correction %s: %s: no value is published: give one, as {%s: ...}",
                               c->id, p->name, p->name);
        }
        if (!(c->values[i] >= p->lower && c->values[i] <= p->upper)) {
            return status_fail(why, STATUS_INPUT, "correction %s: %s: %g: must be in [%g, %g]",
                               c->id, p->name, c->values[i], p->lower, p->upper);
        }
    }
    return STATUS_OK;
}

double correct_value(const struct correct *c, const struct correct_point *at)
{
    return c->kind->value != NULL ? c->kind->value(at, c->values) : 1.0;
}

void correct_map(const struct correct *c, size_t n, const double x[], const double *weight,
                 size_t step, double y[])
{
    c->kind->map(c->values, n, x, weight, step, y);
    for (size_t i = 0; i < n; i++) {
        y[i] = y[i] >= 0.0 && y[i] <= 1.0 ? y[i] : outside;
    }
}

double correct_range_ratio(double x, double lower, double upper)
{
    if (x >= lower * (1.0 - edge_slack) && x <= upper * (1.0 + edge_slack)) {
        return 1.0;
    }
    if (isnan(x)) {
        return x;
    }
    const double above = x > upper ? x / upper : lower / x;
    return above > 1.0 ? above : (double)INFINITY;
}

double correct_extrapolation_ratio(const struct correct *c, const struct design *d)
{
    double ratio = 1.0;
    for (size_t i = 0; i < c->n_ranges; i++) {
        const struct correct_range *r = &c->ranges[i];
        ratio *= correct_range_ratio(design_read(d, r->input), r->lower, r->upper);
    }
    return ratio;
}

bool correct_same_paper(const char *source, const char *other)
{
    while (*source != '\0') {
        const size_t length = strcspn(source, ";");
        for (const char *key = other; *key != '\0';) {
            const size_t n = strcspn(key, ";");
            if (n == length && n > 0 && strncmp(source, key, n) == 0) {
                return true;
            }
            key += n + (key[n] == ';');
        }
        source += length + (source[length] == ';');
    }
    return false;
}

bool correct_is_joint(enum correct_stage a, enum correct_stage b)
{
    static const enum correct_stage pairs[][2] = {{CORRECT_REPETITION, CORRECT_EXCESS},
                                                  {CORRECT_PRECISION, CORRECT_QUANTISATION}};
    const enum correct_stage first = a < b ? a : b, last = a < b ? b : a;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i][0] == first && pairs[i][1] == last) {
            return true;
        }
    }
    /* An accuracy is read off any loss, and samples are drawn with any accuracy; what quantised
     * weights keep of an accuracy was measured with one sample. */
    return first == last || last == CORRECT_ACCURACY || first == CORRECT_ACCURACY
           || (last == CORRECT_SAMPLES && first != CORRECT_RECOVERY);
}
