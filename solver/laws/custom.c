#include "solver/laws/custom.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/formula/formula.h"
#include "solver/laws/terms.h"

enum { N_ORDERS = FORMULA_HESSIAN + 1, N_PROBES = 3 };

/* A program with its workspace. */
struct custom_run {
    struct formula_program *program;
    double *workspace;
};

/* The law with what its functions need; the law is the first member, so that both are one. */
struct custom {
    struct law law;
    struct custom_source source;
    char term_names[LAW_MAX_TERMS][24];
    char response[CUSTOM_NAME_SIZE];
    size_t from[LAW_MAX_INPUTS]; /* input of the formula behind each of the law */
    struct formula *formula;
    struct custom_run orders[N_ORDERS]; /* value; and gradient; and second derivatives, by theta */
    struct custom_run by_inputs;        /* value and gradient by the inputs */
    struct custom_run terms[LAW_MAX_TERMS];
    struct custom_run offset;
    bool has_offset;
};

struct custom_parameter custom_parameter(const char *name)
{
    const double unsaid = (double)NAN;
    struct custom_parameter p = {.lower = unsaid,
                                 .upper = unsaid,
                                 .start_lower = unsaid,
                                 .start_upper = unsaid,
                                 .fixed = unsaid};
    (void)snprintf(p.name, sizeof p.name, "%s", name);
    return p;
}

/* The formula's columns behind those of the law; a formula may know inputs that it does not read.
 */
static void columns_of(const struct custom *c, const double *const x[], size_t first,
                       const double *columns[LAW_MAX_INPUTS])
{
    for (size_t i = 0; i < LAW_MAX_INPUTS; i++) {
        columns[i] = NULL;
    }
    for (size_t i = 0; i < c->law.n_inputs; i++) {
        columns[c->from[i]] = x[i] + first;
    }
}

static const struct custom *custom_of(const struct law *law)
{
    return law->data;
}

/* Run at one point. \param [out] out  [n_outputs] */
static void run_one(const struct custom *c, const struct custom_run *run, const double theta[],
                    const double x[], double out[])
{
    enum { MOST = 1 + LAW_MAX_PARAMETERS + LAW_MAX_PARAMETERS * (LAW_MAX_PARAMETERS + 1) / 2 };
    const double *at[LAW_MAX_INPUTS];
    const double *columns[LAW_MAX_INPUTS];
    double *outputs[MOST];
    for (size_t i = 0; i < c->law.n_inputs; i++) {
        at[i] = &x[i];
    }
    columns_of(c, at, 0, columns);
    for (size_t i = 0; i < run->program->n_outputs; i++) {
        outputs[i] = &out[i];
    }
    formula_program_prepare(run->program, theta, run->workspace);
    formula_program_run(run->program, 1, columns, outputs, run->workspace);
}

static void custom_block(const struct law *law, const double theta[], size_t order, size_t n,
                         const double *const x[], double *const out[])
{
    const struct custom *c = custom_of(law);
    const struct custom_run *run = &c->orders[order];
    const double *columns[LAW_MAX_INPUTS];
    columns_of(c, x, 0, columns);
    formula_program_prepare(run->program, theta, run->workspace);
    formula_program_run(run->program, n, columns, out, run->workspace);
}

static double custom_value(const struct law *law, const double theta[], const double x[],
                           double d_theta[], double d2_theta[], double d_x[])
{
    const struct custom *c = custom_of(law);
    const size_t p = law->n_parameters;
    const enum formula_order order = d2_theta != NULL  ? FORMULA_HESSIAN
                                     : d_theta != NULL ? FORMULA_GRADIENT
                                                       : FORMULA_VALUE;
    double out[1 + LAW_MAX_PARAMETERS + LAW_MAX_PARAMETERS * (LAW_MAX_PARAMETERS + 1) / 2];
    if (d_x != NULL) {
        run_one(c, &c->by_inputs, theta, x, out);
        memcpy(d_x, out + 1, law->n_inputs * sizeof *d_x);
    }
    run_one(c, &c->orders[order], theta, x, out);
    if (d_theta != NULL) {
        memcpy(d_theta, out + 1, p * sizeof *d_theta);
    }
    for (size_t i = 0; d2_theta != NULL && i < p; i++) {
        for (size_t j = 0; j <= i; j++) {
            d2_theta[i * p + j] = d2_theta[j * p + i] = out[1 + p + i * (i + 1) / 2 + j];
        }
    }
    return out[0];
}

static double custom_term(const struct law *law, const double theta[], size_t k, const double x[])
{
    double out[1];
    run_one(custom_of(law), &custom_of(law)->terms[k], theta, x, out);
    return out[0];
}

static double custom_offset(const struct law *law, const double theta[])
{
    static const double none[LAW_MAX_INPUTS] = {0.0};
    double out[1] = {0.0};
    if (custom_of(law)->has_offset) {
        run_one(custom_of(law), &custom_of(law)->offset, theta, none, out);
    }
    return out[0];
}

static bool custom_in_domain(const struct law *law, const double x[])
{
    const struct custom *c = custom_of(law);
    for (size_t i = 0; i < law->n_inputs; i++) {
        const struct custom_input *input = &c->source.inputs[c->from[i]];
        const double value = input->logarithmic ? vmath_exp1(x[i]) : x[i];
        if (!isfinite(x[i]) || value < input->least * (1.0 - 1e-12)) {
            return false;
        }
    }
    return true;
}

const struct custom_source *custom_source_of(const struct law *law)
{
    return law->in_domain == custom_in_domain ? &custom_of(law)->source : NULL;
}

static void run_clear(struct custom_run *run)
{
    formula_program_destroy(run->program);
    free(run->workspace);
}

void custom_destroy(struct law *law)
{
    if (law == NULL) {
        return;
    }
    struct custom *c = (void *)law;
    for (size_t i = 0; i < N_ORDERS; i++) {
        run_clear(&c->orders[i]);
    }
    for (size_t k = 0; k < LAW_MAX_TERMS; k++) {
        run_clear(&c->terms[k]);
    }
    run_clear(&c->by_inputs);
    run_clear(&c->offset);
    formula_destroy(c->formula);
    free(c);
}

static enum status run_make(const struct formula *f, enum formula_order order, size_t n_by,
                            const size_t by[], struct custom_run *made, struct status_why *why)
{
    const enum status st = formula_differentiate(f, order, n_by, by, &made->program, why);
    if (st != STATUS_OK) {
        return st;
    }
    made->workspace = calloc(formula_program_workspace(made->program), sizeof *made->workspace);
    return made->workspace != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "no memory for the program of a formula");
}

/* Copy \a text with every name of a fixed parameter replaced by its value, of a tied one by the
 * parameter that it equals. */
static enum status substitute(const struct custom_source *s, char to[], size_t size,
                              struct status_why *why)
{
    size_t n = 0;
    for (const char *at = s->text; *at != '\0';) {
        size_t length = 1;
        if (isalpha((unsigned char)*at) || *at == '_') {
            while (isalnum((unsigned char)at[length]) || at[length] == '_') {
                length++;
            }
        } else if (isdigit((unsigned char)*at) || *at == '.') { /* 1e5 is no name e5 */
            length = (size_t)strcspn(at, "+-*/^(), =");
            length = length > 0 ? length : 1;
        }
        char word[CUSTOM_NAME_SIZE + 32];
        (void)snprintf(word, sizeof word, "%.*s", (int)length, at);
        for (size_t i = 0; i < s->n_parameters; i++) {
            const struct custom_parameter *p = &s->parameters[i];
            if (strlen(p->name) == length && strncmp(p->name, at, length) == 0) {
                if (!isnan(p->fixed)) {
                    (void)snprintf(word, sizeof word, "(%.17g)", p->fixed);
                } else if (p->tied_to[0] != '\0') {
                    (void)snprintf(word, sizeof word, "%s", p->tied_to);
                }
            }
        }
        if (n + strlen(word) + 1 > size) {
            return status_fail(why, STATUS_INPUT, "the formula is too long");
        }
        memcpy(to + n, word, strlen(word));
        n += strlen(word);
        at += length;
    }
    to[n] = '\0';
    return STATUS_OK;
}

static bool is_free(const struct custom_parameter *p)
{
    return isnan(p->fixed) && p->tied_to[0] == '\0';
}

/* Compile \a text with the names of the source.
 * \param [in] logs  [n] of the parameters; NULL: all as they are */
static enum status compile(const struct custom *c, const char *text, bool all, const bool logs[],
                           struct formula **made, size_t *column, struct status_why *why)
{
    const struct custom_source *s = &c->source;
    const char *inputs[LAW_MAX_INPUTS];
    const char *parameters[LAW_MAX_PARAMETERS + 1] = {NULL};
    bool input_logs[LAW_MAX_INPUTS];
    size_t n = 0;
    for (size_t i = 0; i < s->n_inputs; i++) {
        inputs[i] = s->inputs[i].name;
        input_logs[i] = s->inputs[i].logarithmic;
    }
    for (size_t i = 0; i < s->n_parameters; i++) {
        if (all || is_free(&s->parameters[i])) {
            parameters[n++] = s->parameters[i].name;
        }
    }
    const struct formula_names names = {.n_inputs = s->n_inputs,
                                        .inputs = inputs,
                                        .input_is_log = input_logs,
                                        .n_parameters = n,
                                        .parameters = parameters,
                                        .parameter_is_log = logs};
    return formula_compile(text, &names, made, column, why);
}

/* The inputs that the formula reads, in the order of the source. */
static enum status take_inputs(struct custom *c, struct status_why *why)
{
    const uint64_t read = formula_inputs(c->formula);
    for (size_t i = 0; i < c->source.n_inputs; i++) {
        if ((read >> i & 1u) != 0) {
            c->from[c->law.n_inputs] = i;
            c->law.inputs[c->law.n_inputs++] =
                (struct law_input){c->source.inputs[i].name, c->source.inputs[i].logarithmic};
        }
    }
    return c->law.n_inputs > 0 ? STATUS_OK
                               : status_fail(why, STATUS_INPUT, "the formula reads no input");
}

/* A value for trying a parameter or an input out: untidy, and different for each. */
static double probe(size_t i, size_t k)
{
    return 0.31 + fmod(0.618034 * (double)(i + 1) + 0.1931 * (double)k, 0.5);
}

static void probe_inputs(const struct custom *c, size_t k, double x[])
{
    for (size_t i = 0; i < c->law.n_inputs; i++) {
        const double least = c->source.inputs[c->from[i]].least;
        const double natural = (least > 0.0 ? least : 0.0) + 2.0 + 3.0 * probe(i, k);
        x[i] = c->law.inputs[i].logarithmic ? vmath_log1(natural) : natural;
    }
}

/* Parameters in which the response is jointly linear: second derivatives that are zero without any
 * rounding, as those by rules of differentiation are. \param [out] linear  [n] */
static enum status find_linear(struct custom *c, size_t n, bool linear[], struct status_why *why)
{
    struct custom_run run = {0};
    size_t by[LAW_MAX_PARAMETERS];
    double out[1 + LAW_MAX_PARAMETERS + LAW_MAX_PARAMETERS * (LAW_MAX_PARAMETERS + 1) / 2];
    bool curved[LAW_MAX_PARAMETERS][LAW_MAX_PARAMETERS] = {{false}};
    for (size_t i = 0; i < n; i++) {
        by[i] = i;
    }
    enum status st = run_make(c->formula, FORMULA_HESSIAN, n, by, &run, why);
    for (size_t k = 0; st == STATUS_OK && k < N_PROBES; k++) {
        double theta[LAW_MAX_PARAMETERS], x[LAW_MAX_INPUTS];
        for (size_t i = 0; i < n; i++) {
            theta[i] = probe(i, k);
        }
        probe_inputs(c, k, x);
        run_one(c, &run, theta, x, out);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j <= i; j++) {
                const double second = out[1 + n + i * (i + 1) / 2 + j];
                curved[i][j] = curved[i][j] || second < 0.0 || second > 0.0 || isnan(second);
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        linear[i] = true;
        for (size_t j = 0; j <= i; j++) {
            linear[i] = linear[i] && !(curved[i][j] && (j == i || linear[j]));
        }
    }
    run_clear(&run);
    return st;
}

/* Whether the response is a straight line along the chosen parameters together, over all sizes that
 * they may have: the derivatives of min and max do not show their kinks. */
static bool is_straight(const struct custom *c, const struct custom_run *run, size_t n,
                        const bool chosen[])
{
    enum { N_LINES = 16, DECADES = 12 };
    for (size_t k = 0; k < N_LINES; k++) {
        double theta[3][LAW_MAX_PARAMETERS], x[LAW_MAX_INPUTS], y[3] = {0.0};
        for (size_t i = 0; i < n; i++) {
            theta[0][i] = theta[1][i] = theta[2][i] = probe(i, k);
            if (chosen[i]) {
                theta[0][i] = pow(10.0, DECADES * (2.0 * probe(i, 2 * k) - 1.1));
                theta[1][i] = pow(10.0, DECADES * (2.0 * probe(i + n, 2 * k + 1) - 1.1));
                theta[2][i] = 0.5 * (theta[0][i] + theta[1][i]);
            }
        }
        probe_inputs(c, k, x);
        for (size_t end = 0; end < 3; end++) {
            run_one(c, run, theta[end], x, &y[end]);
        }
        if (!(fabs(y[2] - 0.5 * (y[0] + y[1])) <= 1e-9 * (fabs(y[0]) + fabs(y[1])))) {
            return false;
        }
    }
    return true;
}

/* Of the linear parameters those that are so everywhere. \param [out] straight  [n] */
static enum status find_straight(struct custom *c, size_t n, const bool linear[], bool straight[],
                                 struct status_why *why)
{
    struct custom_run run = {0};
    const enum status st = run_make(c->formula, FORMULA_VALUE, 0, NULL, &run, why);
    memset(straight, 0, n * sizeof *straight);
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        straight[i] = linear[i];
        straight[i] = linear[i] && is_straight(c, &run, n, straight);
    }
    run_clear(&run);
    return st;
}

/* The index of the parameter that stands alone as the part without inputs, or -1. */
static int find_floor(const struct formula *f, const bool linear[])
{
    const struct formula *offset = formula_offset(f);
    const uint64_t read = offset != NULL ? formula_parameters(offset) : 0;
    if (read == 0 || (read & (read - 1)) != 0) {
        return -1;
    }
    int i = 0;
    while ((read >> i & 1u) == 0) {
        i++;
    }
    return linear[i] ? i : -1;
}

static double said(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
}

/* Bounds and range of starts: what is said, else a default by the role, else what fits both. */
static enum status set_parameter(struct law_parameter *p, const struct custom_parameter *s,
                                 enum law_role role, struct status_why *why)
{
    static const struct {
        double lower, upper, start_lower, start_upper;
    } usual[] = {[LAW_FLOOR] = {1e-4, 20.0, 0.1, 4.0},
                 [LAW_SCALE] = {1e-6, 1e45, 1.0, 1e6},
                 [LAW_EXPONENT] = {0.01, 2.0, 0.1, 0.9}};
    p->lower = said(s->lower, usual[role].lower);
    p->upper = said(s->upper, usual[role].upper);
    if (!(p->lower < p->upper) || (p->transform == LAW_LOG && !(p->lower > 0.0))) {
        return status_fail(why, STATUS_INPUT, "%s: bounds %g and %g: expected lower < upper%s",
                           p->name, p->lower, p->upper,
                           p->transform == LAW_LOG ? ", and lower > 0 for a logarithm" : "");
    }
    const bool inside = usual[role].start_lower > p->lower && usual[role].start_upper < p->upper
                        && isnan(s->start_lower);
    p->start_lower = inside ? usual[role].start_lower : p->lower;
    p->start_upper = inside ? usual[role].start_upper : p->upper;
    if (!isnan(s->start_lower)) {
        p->start_lower = s->start_lower;
        p->start_upper = said(s->start_upper, s->start_lower);
    }
    if (p->start_lower < p->lower || p->start_upper > p->upper || p->start_lower > p->start_upper) {
        return status_fail(why, STATUS_INPUT, "%s: start %g..%g: expected inside %g..%g", p->name,
                           p->start_lower, p->start_upper, p->lower, p->upper);
    }
    return STATUS_OK;
}

/* The parameters of the law, and which of them the formula takes as logarithms. */
static enum status take_parameters(struct custom *c, bool logs[], struct status_why *why)
{
    struct law *law = &c->law;
    bool linear[LAW_MAX_PARAMETERS], straight[LAW_MAX_PARAMETERS];
    const size_t n = formula_n_parameters(c->formula);
    enum status st = find_linear(c, n, linear, why);
    st = st == STATUS_OK ? find_straight(c, n, linear, straight, why) : st;
    law->floor = st == STATUS_OK ? find_floor(c->formula, straight) : -1;
    for (size_t i = 0, k = 0; st == STATUS_OK && i < c->source.n_parameters; i++) {
        const struct custom_parameter *s = &c->source.parameters[i];
        if (!is_free(s)) {
            continue;
        }
        if ((formula_parameters(c->formula) >> k & 1u) == 0) {
            return status_fail(why, STATUS_INPUT, "%s: the formula does not use this parameter",
                               s->name);
        }
        struct law_parameter *p = &law->parameters[k];
        p->name = s->name;
        p->unit = "1";
        logs[k] = s->transform == CUSTOM_LOG || (s->transform == CUSTOM_INFERRED && linear[k]);
        p->transform = logs[k] ? LAW_LOG : LAW_PLAIN;
        p->role = !straight[k] ? LAW_EXPONENT : (int)k == law->floor ? LAW_FLOOR : LAW_SCALE;
        st = set_parameter(p, s, linear[k] && !straight[k] ? LAW_SCALE : p->role, why);
        k++;
    }
    law->n_parameters = n;
    return st;
}

/* Inputs of a formula as bits of those of the law. */
static unsigned law_inputs_of(const struct custom *c, const struct formula *f)
{
    unsigned bits = 0;
    for (size_t i = 0; i < c->law.n_inputs; i++) {
        bits |= (formula_inputs(f) >> c->from[i] & 1u) != 0 ? 1u << i : 0u;
    }
    return bits;
}

/* The terms: the summands at the top, or all of the formula as one where these are too many. */
static enum status take_terms(struct custom *c, struct status_why *why)
{
    struct law *law = &c->law;
    const bool splits = formula_n_terms(c->formula) <= LAW_MAX_TERMS;
    law->n_terms = splits ? formula_n_terms(c->formula) : 1;
    enum status st = STATUS_OK;
    for (size_t k = 0; st == STATUS_OK && k < law->n_terms; k++) {
        const struct formula *term = splits ? formula_term(c->formula, k) : c->formula;
        (void)snprintf(c->term_names[k], sizeof c->term_names[k], "%zu", k + 1);
        law->terms[k] = (struct law_term){c->term_names[k], law_inputs_of(c, term), -1, -1};
        st = run_make(term, FORMULA_VALUE, 0, NULL, &c->terms[k], why);
    }
    c->has_offset = splits && formula_offset(c->formula) != NULL;
    if (st == STATUS_OK && c->has_offset) {
        st = run_make(formula_offset(c->formula), FORMULA_VALUE, 0, NULL, &c->offset, why);
    }
    return st;
}

/* Whether ln of term k is theta[scale] - theta[exponent] * x for two of the parameters, tried out
 * at points where anything else differs. */
static bool is_power(struct custom *c, size_t k)
{
    struct law_term *t = &c->law.terms[k];
    const struct formula *term = formula_term(c->formula, k);
    const unsigned inputs = t->inputs;
    if (inputs == 0 || (inputs & (inputs - 1)) != 0) {
        return false;
    }
    size_t input = 0;
    while ((inputs >> input & 1u) == 0) {
        input++;
    }
    for (size_t i = 0; i < c->law.n_parameters; i++) {
        if ((formula_parameters(term) >> i & 1u) == 0) {
            continue;
        }
        const struct law_parameter *p = &c->law.parameters[i];
        int *slot = p->role == LAW_SCALE && p->transform == LAW_LOG        ? &t->scale
                    : p->role == LAW_EXPONENT && p->transform == LAW_PLAIN ? &t->exponent
                                                                           : NULL;
        if (slot == NULL || *slot >= 0) {
            return false;
        }
        *slot = (int)i;
    }
    if (t->scale < 0 || t->exponent < 0 || !c->law.inputs[input].logarithmic) {
        return false;
    }
    for (size_t probed = 0; probed < N_PROBES; probed++) {
        double theta[LAW_MAX_PARAMETERS] = {0.0}, x[LAW_MAX_INPUTS] = {0.0};
        for (size_t i = 0; i < c->law.n_parameters; i++) {
            theta[i] = probe(i, probed);
        }
        probe_inputs(c, probed, x);
        const double wanted = theta[t->scale] - theta[t->exponent] * x[input];
        if (!(fabs(vmath_log1(custom_term(&c->law, theta, k, x)) - wanted) < 1e-13)) {
            return false;
        }
    }
    return true;
}

/* A floor and power terms of parameters of their own. */
static bool is_power_sum(struct custom *c)
{
    struct law *law = &c->law;
    size_t n_used = law->floor >= 0 ? 1 : 0;
    bool all = formula_n_terms(c->formula) <= LAW_MAX_TERMS && c->has_offset == (law->floor >= 0)
               && (law->floor < 0 || law->parameters[law->floor].transform == LAW_LOG);
    double theta[LAW_MAX_PARAMETERS] = {0.0};
    if (all && law->floor >= 0) { /* E itself, not 2 E */
        theta[law->floor] = probe(0, 0);
        all = fabs(vmath_log1(custom_offset(law, theta)) - probe(0, 0)) < 1e-13;
    }
    for (size_t k = 0; all && k < law->n_terms; k++) {
        all = is_power(c, k);
        n_used += 2;
    }
    all = all && n_used == law->n_parameters;
    for (size_t k = 0; !all && k < law->n_terms; k++) {
        law->terms[k].scale = law->terms[k].exponent = -1;
    }
    return all;
}

/* The programs of the whole formula. */
static enum status make_programs(struct custom *c, struct status_why *why)
{
    size_t by[LAW_MAX_PARAMETERS];
    enum status st = STATUS_OK;
    for (size_t i = 0; i < c->law.n_parameters; i++) {
        by[i] = i;
    }
    for (size_t order = 0; st == STATUS_OK && order < N_ORDERS; order++) {
        const size_t n_by = order == FORMULA_VALUE ? 0 : c->law.n_parameters;
        st = run_make(c->formula, (enum formula_order)order, n_by, n_by > 0 ? by : NULL,
                      &c->orders[order], why);
    }
    for (size_t i = 0; i < c->law.n_inputs; i++) {
        by[i] = c->law.n_parameters + c->from[i];
    }
    return st == STATUS_OK
               ? run_make(c->formula, FORMULA_GRADIENT, c->law.n_inputs, by, &c->by_inputs, why)
               : st;
}

static void set_functions(struct custom *c)
{
    struct law *law = &c->law;
    law->data = c;
    law->outer = terms_outer;
    law->in_domain = custom_in_domain;
    if (is_power_sum(c)) {
        law->log_term = terms_log;
        law->offset = terms_offset;
        law->value = terms_value;
        return;
    }
    law->term = custom_term;
    law->offset = custom_offset;
    law->value = custom_value;
    law->block = custom_block;
}

static enum status build(struct custom *c, size_t *column, struct status_why *why)
{
    struct formula *as_written = NULL;
    bool logs[LAW_MAX_PARAMETERS] = {false};
    char text[2 * CUSTOM_TEXT_SIZE];
    size_t ignored = 0;
    /* As written, so that a mistake is found at its column. */
    enum status st = compile(c, c->source.text, true, NULL, &as_written, column, why);
    if (st != STATUS_OK) {
        return st;
    }
    const char *result = formula_result(as_written);
    const bool is_loss = result[0] == '\0' || strcmp(result, "loss") == 0;
    (void)snprintf(c->response, sizeof c->response, "%s", is_loss ? LAW_LOSS_NAT : result);
    formula_destroy(as_written);
    *column = 0;
    st = substitute(&c->source, text, sizeof text, why);
    if (st == STATUS_OK) {
        st = compile(c, text, false, NULL, &c->formula, &ignored, why);
    }
    if (st == STATUS_OK) {
        st = take_inputs(c, why);
    }
    if (st == STATUS_OK) {
        c->law.data = c;
        st = take_parameters(c, logs, why);
    }
    if (st != STATUS_OK) {
        return st;
    }
    formula_destroy(c->formula);
    c->formula = NULL;
    st = compile(c, text, false, logs, &c->formula, &ignored, why);
    if (st == STATUS_OK) {
        st = take_terms(c, why);
    }
    return st == STATUS_OK ? make_programs(c, why) : st;
}

enum status custom_create(const struct custom_source *source, struct law **made, size_t *column,
                          struct status_why *why)
{
    struct custom *c = calloc(1, sizeof *c);
    *made = NULL;
    *column = 0;
    if (c == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for a law");
    }
    c->source = *source;
    c->law.id = c->source.id;
    c->law.title = c->source.title;
    c->law.source = c->source.source;
    c->law.equation = c->source.text;
    c->law.response = c->response;
    c->law.response_unit = c->source.response_unit;
    const enum status st = build(c, column, why);
    if (st != STATUS_OK) {
        custom_destroy(&c->law);
        return st;
    }
    set_functions(c);
    *made = &c->law;
    return STATUS_OK;
}
