#include "solver/predict.h"

#include <math.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/footprint.h"

static const double outside = NAN; /* the macro is a float */

#define INPUT(name) DESIGN_BIT(DESIGN_##name)

static const struct predict_flag_field flag_fields[PREDICT_N_FLAGS] = {
    [PREDICT_EXTRAPOLATED] = {"extrapolated", "outside the hull of the runs behind the law, or the "
                                              "ranges of a correction"},
    [PREDICT_TRANSPLANTED] = {"transplanted", "a correction comes from another paper than the law"},
    [PREDICT_UNVALIDATED_COMPOSITION] = {"unvalidated_composition",
                                         "corrections at work were never fitted together"},
};

const struct predict_flag_field *predict_flag_field(enum predict_flag flag)
{
    STATUS_ASSERT((int)flag >= 0 && flag < PREDICT_N_FLAGS);
    return &flag_fields[flag];
}

/* Effective inputs. */

/* Where the first \a n corrections lead, of those that change \a target. */
static struct correct_point chain(const struct predict_model *m, size_t n,
                                  enum correct_target target, const struct design *d)
{
    struct correct_point at = {.law = m->law,
                               .theta = m->theta,
                               .design = d,
                               .params = d->value[DESIGN_PARAMS],
                               .tokens = d->value[DESIGN_TOKENS]};
    double *const changes = target == CORRECT_OF_TOKENS ? &at.tokens : &at.params;
    for (size_t i = 0; i < n; i++) {
        if (m->corrections[i].kind->target == target) {
            *changes *= correct_value(&m->corrections[i], &at);
        }
    }
    return at;
}

double predict_correction(const struct predict_model *m, size_t i, const struct design *d)
{
    const enum correct_target target = m->corrections[i].kind->target;
    const struct correct_point at =
        chain(m, i, target == CORRECT_OF_TOKENS ? CORRECT_OF_TOKENS : CORRECT_OF_PARAMS, d);
    return correct_value(&m->corrections[i], &at);
}

double predict_effective_params(const struct predict_model *m, const struct design *d)
{
    return chain(m, m->n_corrections, CORRECT_OF_PARAMS, d).params;
}

double predict_effective_tokens(const struct predict_model *m, const struct design *d)
{
    return chain(m, m->n_corrections, CORRECT_OF_TOKENS, d).tokens;
}

static double compute_of(const struct predict_model *m, const struct design *d)
{
    return m->at_budget ? d->value[DESIGN_BUDGET]
                        : footprint_compute_flop(d->value[DESIGN_PARAMS], d->value[DESIGN_TOKENS]);
}

static double width_of(const struct predict_model *m, const struct design *d)
{
    const double said = d->value[DESIGN_WIDTH];
    return said > 0.0 ? said : shape_of(d, m->embeddings).width;
}

static double depth_of(const struct predict_model *m, const struct design *d)
{
    const double said = d->value[DESIGN_DEPTH];
    return said > 0.0 ? said : shape_of(d, m->embeddings).depth;
}

static double body_of(const struct predict_model *m, const struct design *d)
{
    return shape_of(d, m->embeddings).body_params;
}

static double vocabulary_of(const struct predict_model *m, const struct design *d)
{
    return shape_of(d, m->embeddings).vocabulary_params;
}

#define NOTHING CORRECT_OF_LOSS /* a target that no input of a law is */

/* What a law may read of a design that is not simply one of its numbers. */
static const struct source {
    const char *name;
    enum design_input input;
    double (*value)(const struct predict_model *m, const struct design *d);
    design_set behind;
    enum correct_target target; /* what the corrections of this target change */
} sources[] = {
    {LAW_COMPUTE, DESIGN_PARAMS, compute_of, INPUT(PARAMS) | INPUT(TOKENS), NOTHING},
    {LAW_PARAMS, DESIGN_PARAMS, predict_effective_params, INPUT(PARAMS), CORRECT_OF_PARAMS},
    {LAW_ACTIVE_PARAMS, DESIGN_PARAMS, predict_effective_params, INPUT(PARAMS), CORRECT_OF_PARAMS},
    {"width", DESIGN_WIDTH, width_of, SHAPE_INPUTS, NOTHING},
    {"depth", DESIGN_DEPTH, depth_of, SHAPE_INPUTS, NOTHING},
    {"body_params", DESIGN_PARAMS, body_of, SHAPE_INPUTS, NOTHING},
    {"vocabulary_params", DESIGN_VOCABULARY, vocabulary_of, SHAPE_INPUTS, NOTHING},
    {LAW_TOKENS, DESIGN_TOKENS, predict_effective_tokens, INPUT(TOKENS), CORRECT_OF_TOKENS},
};

/* \param [in] m  NULL: of designs with params and tokens
 * \return a source whose input is DESIGN_N_INPUTS where no design has the input */
static struct source source_of(const struct predict_model *m, const struct law_input *input)
{
    if (m != NULL && m->at_budget && strcmp(input->name, LAW_COMPUTE) == 0) {
        return (struct source){LAW_COMPUTE, DESIGN_BUDGET, compute_of, INPUT(BUDGET), NOTHING};
    }
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (strcmp(sources[i].name, input->name) == 0) {
            return sources[i];
        }
    }
    const enum design_input same = design_find(input->name);
    if (same == DESIGN_N_INPUTS || design_field(same)->kind != DESIGN_NUMBER) {
        return (struct source){input->name, DESIGN_N_INPUTS, NULL, 0, NOTHING};
    }
    return (struct source){input->name, same, NULL, design_behind(same), NOTHING};
}

static double read(const struct predict_model *m, const struct design *d,
                   const struct law_input *input)
{
    const struct source s = source_of(m, input);
    return s.value != NULL ? s.value(m, d) : design_read(d, s.input);
}

/* An input of the law that no design has, or NULL. */
static const char *unknown_input(const struct law *law)
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        if (source_of(NULL, &law->inputs[i]).input == DESIGN_N_INPUTS) {
            return law->inputs[i].name;
        }
    }
    return NULL;
}

/* Whether the law reads what corrections of a target change. */
static bool law_reads(const struct law *law, enum correct_target target)
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        const struct source s = source_of(NULL, &law->inputs[i]);
        if (s.input != DESIGN_N_INPUTS && s.target == target) {
            return true;
        }
    }
    return false;
}

design_set predict_law_reads(const struct law *law)
{
    design_set all = 0;
    for (size_t i = 0; i < law->n_inputs; i++) {
        all |= source_of(NULL, &law->inputs[i]).behind;
    }
    return all;
}

/* Corrections and the law. */

enum status predict_correct(struct predict_model *m, const struct correct *c,
                            struct status_why *why)
{
    const enum status st = correct_check(c, why);
    if (st != STATUS_OK) {
        return st;
    }
    size_t at = 0;
    while (at < m->n_corrections && m->corrections[at].kind->stage < c->kind->stage) {
        at++;
    }
    if (at < m->n_corrections && m->corrections[at].kind->stage == c->kind->stage) {
        return status_fail(why, STATUS_INPUT, "corrections %s and %s: the same thing twice",
                           m->corrections[at].id, c->id);
    }
    memmove(&m->corrections[at + 1], &m->corrections[at],
            (m->n_corrections - at) * sizeof *m->corrections);
    m->corrections[at] = *c;
    m->n_corrections++;
    return STATUS_OK;
}

/* Why a correction cannot stand with the law, or NULL. */
static const char *law_refuses(const struct predict_model *m, const struct correct *c)
{
    const struct correct_kind *kind = c->kind;
    if ((kind->target == CORRECT_OF_TOKENS || kind->target == CORRECT_OF_PARAMS)
        && !law_reads(m->law, kind->target)) {
        return kind->target == CORRECT_OF_TOKENS ? "changes the tokens, which the law does not read"
                                                 : "changes the params, which the law does not "
                                                   "read";
    }
    if ((predict_law_reads(m->law) & kind->models) != 0) {
        return "would count a second time what the law reads itself";
    }
    if (kind->is_absolute && strcmp(c->source, CORRECT_OWN) != 0
        && !correct_same_paper(c->source, m->source)) {
        return "holds nats of its own paper, which cannot be mixed with a law of another";
    }
    if (kind->stage > CORRECT_ACCURACY && !predict_has_accuracy(m)) {
        return "needs an accuracy before it: add accuracy_sigmoid or accuracy_exponential";
    }
    return kind->refuses != NULL ? kind->refuses(m->law, m->theta) : NULL;
}

static enum status check_corrections(const struct predict_model *m, struct status_why *why)
{
    for (size_t i = 0; i < m->n_corrections; i++) {
        const struct correct *c = &m->corrections[i];
        const char *refusal = law_refuses(m, c);
        if (refusal != NULL) {
            return status_fail(why, STATUS_INPUT, "correction %s with the law %s (%s): %s", c->id,
                               m->law->id, m->name, refusal);
        }
        for (size_t k = 0; k < i; k++) {
            const struct correct *other = &m->corrections[k];
            if ((c->kind->models & other->kind->models) != 0
                && !correct_is_joint(c->kind->stage, other->kind->stage)) {
                return status_fail(why, STATUS_INPUT,
                                   "corrections %s and %s: both count the same thing", other->id,
                                   c->id);
            }
        }
    }
    return STATUS_OK;
}

enum status predict_check(const struct predict_model *m, struct status_why *why)
{
    const struct law *law = m->law;
    const char *unknown = unknown_input(law);
    if (unknown != NULL) {
        return status_fail(why, STATUS_INPUT,
                           "law %s reads %s, which no design has: it can be fitted, not used "
                           "for allocations",
                           law->id, unknown);
    }
    if (strcmp(law->response, LAW_LOSS_NAT) != 0
        && strcmp(law->response, LAW_NORMALISED_LOSS_NAT) != 0) {
        return status_fail(why, STATUS_INPUT,
                           "law %s predicts %s, not " LAW_LOSS_NAT
                           ": it can be fitted, not used for allocations",
                           law->id, law->response);
    }
    return check_corrections(m, why);
}

bool predict_has_accuracy(const struct predict_model *m)
{
    for (size_t i = 0; i < m->n_corrections; i++) {
        if (m->corrections[i].kind->stage == CORRECT_ACCURACY) {
            return true;
        }
    }
    return false;
}

/* What is read. */

static design_set target_reads(const struct predict_model *m, enum correct_target target)
{
    design_set all = 0;
    for (size_t i = 0; i < m->n_corrections; i++) {
        const struct correct_kind *kind = m->corrections[i].kind;
        all |= kind->target == target ? kind->reads : 0;
    }
    return all;
}

/* Inputs of a design behind those of the law, a bit each, with what corrects them. */
static design_set behind(const struct predict_model *m, unsigned law_inputs)
{
    design_set all = 0;
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        if ((law_inputs >> i & 1u) != 0) {
            const struct source s = source_of(m, &m->law->inputs[i]);
            all |= s.behind | (s.target != NOTHING ? target_reads(m, s.target) : 0);
        }
    }
    return all;
}

/* Position among the corrections of the \a k-th term, which is one that they add. */
static size_t added(const struct predict_model *m, size_t k)
{
    size_t i = 0, left = k - m->law->n_terms;
    while (m->corrections[i].kind->target != CORRECT_OF_LOSS || left-- > 0) {
        i++;
    }
    return i;
}

size_t predict_n_terms(const struct predict_model *m)
{
    size_t n = m->law->n_terms;
    for (size_t i = 0; i < m->n_corrections; i++) {
        n += m->corrections[i].kind->target == CORRECT_OF_LOSS;
    }
    return n;
}

design_set predict_term_reads(const struct predict_model *m, size_t k)
{
    return k < m->law->n_terms
               ? behind(m, m->law->terms[k].inputs)
               : m->corrections[added(m, k)].kind->reads | target_reads(m, CORRECT_OF_PARAMS);
}

design_set predict_reads(const struct predict_model *m)
{
    design_set all = behind(m, (1u << m->law->n_inputs) - 1);
    for (size_t k = m->law->n_terms; k < predict_n_terms(m); k++) {
        all |= predict_term_reads(m, k);
    }
    return all;
}

design_set predict_accuracy_reads(const struct predict_model *m)
{
    return predict_reads(m) | target_reads(m, CORRECT_OF_ACCURACY);
}

/* Values. */

static double law_input(const struct predict_model *m, const struct design *d, size_t i)
{
    const double value = read(m, d, &m->law->inputs[i]);
    return m->law->inputs[i].logarithmic ? vmath_log1(value) : value;
}

void predict_inputs(const struct predict_model *m, const struct design *d, double x[])
{
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        x[i] = law_input(m, d, i);
    }
}

/* What a law that gives no finite number inside its domain says, as a formula may: outside it says
 * nothing. The logarithm of 0 is a logarithm. */
static double inside(double value, bool is_logarithm)
{
    return isfinite(value) || (is_logarithm && value < 0.0) ? value : (double)INFINITY;
}

double predict_term(const struct predict_model *m, size_t k, const struct design *d)
{
    /* Domains have lower ends only, so this is inside for the inputs that the term does not read.
     */
    static const double far_inside = 48.0;
    const struct law *law = m->law;
    double x[LAW_MAX_INPUTS];
    if (k >= law->n_terms) {
        return predict_correction(m, added(m, k), d);
    }
    for (size_t i = 0; i < law->n_inputs; i++) {
        x[i] = (law->terms[k].inputs >> i & 1u) != 0 ? law_input(m, d, i) : far_inside;
    }
    if (!law->in_domain(law, x)) {
        return outside;
    }
    return law->log_term != NULL ? inside(law->log_term(law, m->theta, k, x), true)
                                 : inside(law->term(law, m->theta, k, x), false);
}

bool predict_in_domain(const struct predict_model *m, const struct design *d)
{
    return !isnan(predict_has_accuracy(m) ? predict_accuracy_ratio(m, d) : predict_loss_nat(m, d));
}

const char *predict_outside(const struct predict_model *m, const struct design *d)
{
    for (size_t i = 0; i < m->n_corrections; i++) {
        if (isnan(predict_correction(m, i, d))) {
            return m->corrections[i].id;
        }
    }
    return isnan(predict_loss_nat(m, d)) ? m->law->id : m->corrections[m->n_corrections - 1].id;
}

double predict_response(const struct predict_model *m, const struct design *d)
{
    double given[LAW_MAX_INPUTS];
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        given[i] = outside;
    }
    return predict_response_given(m, d, given);
}

double predict_response_given(const struct predict_model *m, const struct design *d,
                              const double given[])
{
    double x[LAW_MAX_INPUTS], response;
    const double *columns[LAW_MAX_INPUTS];
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        const struct law_input *input = &m->law->inputs[i];
        if (isnan(given[i]) && source_of(m, input).input == DESIGN_N_INPUTS) {
            return outside;
        }
        x[i] = isnan(given[i])      ? law_input(m, d, i)
               : input->logarithmic ? vmath_log1(given[i])
                                    : given[i];
        columns[i] = &x[i];
    }
    if (!m->law->in_domain(m->law, x)) {
        return outside;
    }
    law_values(m->law, m->theta, 1, columns, &response);
    return inside(response, false);
}

double predict_loss_nat(const struct predict_model *m, const struct design *d)
{
    double loss_nat = predict_response(m, d);
    for (size_t k = m->law->n_terms; k < predict_n_terms(m); k++) {
        loss_nat += predict_term(m, k, d);
    }
    return loss_nat;
}

void predict_accuracies(const struct predict_model *m, size_t n, const double *const weights[],
                        const size_t step[], double y[])
{
    for (size_t i = 0; i < m->n_corrections; i++) {
        if (m->corrections[i].kind->target == CORRECT_OF_ACCURACY) {
            correct_map(&m->corrections[i], n, y, weights[i], step[i], y);
        }
    }
}

double predict_accuracy_ratio(const struct predict_model *m, const struct design *d)
{
    double values[CORRECT_N_STAGES], y = predict_loss_nat(m, d);
    const double *weights[CORRECT_N_STAGES];
    size_t step[CORRECT_N_STAGES] = {0};
    for (size_t i = 0; i < m->n_corrections; i++) {
        values[i] = m->corrections[i].kind->target == CORRECT_OF_ACCURACY
                        ? predict_correction(m, i, d)
                        : 1.0;
        weights[i] = &values[i];
    }
    predict_accuracies(m, 1, weights, step, &y);
    return predict_has_accuracy(m) ? y : outside;
}

/* Flags. */

/* By what the law reads of the design itself, before corrections. */
static double law_ratio(const struct predict_model *m, const struct design *d)
{
    double x[LAW_MAX_INPUTS], ratio = 1.0;
    _Static_assert((int)SUPPORT_MAX_INPUTS >= (int)LAW_MAX_INPUTS, "a hull has any law's inputs");
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        const struct source s = source_of(m, &m->law->inputs[i]);
        x[i] = s.target == NOTHING ? read(m, d, &m->law->inputs[i]) : d->value[s.input];
        ratio *= correct_range_ratio(x[i], m->lower[i], m->upper[i]);
    }
    return m->support != NULL ? support_ratio(m->support, x) : ratio;
}

/* Whether a correction changes anything for this design. */
static bool at_work(const struct predict_model *m, size_t i, const struct design *d)
{
    const struct correct_kind *kind = m->corrections[i].kind;
    if (kind->stage == CORRECT_ACCURACY) {
        return true;
    }
    if (kind->stage == CORRECT_SAMPLES) {
        return d->value[DESIGN_SAMPLES] > 1.0;
    }
    const double neutral = kind->target == CORRECT_OF_LOSS ? 0.0 : 1.0;
    const double value = predict_correction(m, i, d);
    return value < neutral || value > neutral;
}

/* Stages that the law itself covers, where the design makes use of them. */
static unsigned law_stages(const struct predict_model *m, const struct design *d)
{
    static const struct {
        enum design_input input;
        enum correct_stage stage;
    } rows[] = {{DESIGN_UNIQUE_TOKENS, CORRECT_REPETITION}, {DESIGN_EXPERTS, CORRECT_EXPERTS},
                {DESIGN_SPARSITY, CORRECT_SPARSITY},        {DESIGN_BATCH, CORRECT_BATCH},
                {DESIGN_WEIGHT_BITS, CORRECT_PRECISION},    {DESIGN_SAMPLES, CORRECT_SAMPLES}};
    unsigned stages = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const bool reads = law_find_input(m->law, design_field(rows[i].input)->name) >= 0;
        const double x = d->value[rows[i].input], neutral = design_field(rows[i].input)->neutral;
        const bool used = rows[i].input == DESIGN_UNIQUE_TOKENS ? x < d->value[DESIGN_TOKENS]
                          : rows[i].input == DESIGN_WEIGHT_BITS ? true
                                                                : x < neutral || x > neutral;
        stages |= reads && used ? 1u << rows[i].stage : 0;
    }
    return stages;
}

static bool is_unvalidated(unsigned stages)
{
    for (int a = 0; a < CORRECT_N_STAGES; a++) {
        for (int b = 0; b < a; b++) {
            if ((stages >> a & 1u) != 0 && (stages >> b & 1u) != 0
                && !correct_is_joint((enum correct_stage)a, (enum correct_stage)b)) {
                return true;
            }
        }
    }
    return false;
}

double predict_extrapolation_ratio(const struct predict_model *m, const struct design *d)
{
    double ratio = law_ratio(m, d);
    for (size_t i = 0; i < m->n_corrections; i++) {
        const double other =
            at_work(m, i, d) ? correct_extrapolation_ratio(&m->corrections[i], d) : 1.0;
        ratio = other > ratio ? other : ratio;
    }
    return ratio;
}

unsigned predict_flags(const struct predict_model *m, const struct design *d)
{
    unsigned flags = predict_extrapolation_ratio(m, d) > 1.0 ? 1u << PREDICT_EXTRAPOLATED : 0;
    unsigned stages = law_stages(m, d);
    for (size_t i = 0; i < m->n_corrections; i++) {
        const struct correct *c = &m->corrections[i];
        if (at_work(m, i, d)) {
            stages |= 1u << c->kind->stage;
            flags |= correct_same_paper(c->source, m->source) ? 0 : 1u << PREDICT_TRANSPLANTED;
        }
    }
    return flags | (is_unvalidated(stages) ? 1u << PREDICT_UNVALIDATED_COMPOSITION : 0);
}
