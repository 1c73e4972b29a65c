#include "solver/claim.h"

#include <math.h>
#include <string.h>

#include "solver/base/units.h"
#include "solver/base/vmath.h"
#include "solver/optimum.h"

static const double absent = NAN; /* the macro is a float */

static const struct {
    const char *name, *unit;
} observations[CLAIM_N_OBSERVED] = {
    [CLAIM_DEVICE_HOUR] = {"device_hour", "hour"},
    [CLAIM_DURATION_HOUR] = {"duration_hour", "hour"},
    [CLAIM_TOKEN_RATE] = {"token_rate", "count"},
    [CLAIM_ENERGY_KWH] = {"energy_kwh", "kWh"},
    [CLAIM_EQUIPMENT_KWH] = {"equipment_kwh", "kWh"},
    [CLAIM_INTERVAL_HOUR] = {"interval_hour", "hour"},
    [CLAIM_LOSS_NAT] = {"loss_nat", "nat"},
    [CLAIM_GAIN] = {"gain_ratio", "1"},
};

const char *claim_observed_name(enum claim_observed o)
{
    STATUS_ASSERT((int)o >= 0 && o < CLAIM_N_OBSERVED);
    return observations[o].name;
}

const char *claim_observed_unit(enum claim_observed o)
{
    STATUS_ASSERT((int)o >= 0 && o < CLAIM_N_OBSERVED);
    return observations[o].unit;
}

struct claim_subject claim_unobserved(void)
{
    struct claim_subject s = {.element_class = -1};
    for (int o = 0; o < CLAIM_N_OBSERVED; o++) {
        s.observed[o] = NAN;
    }
    for (int i = 0; i < LAW_MAX_INPUTS; i++) {
        s.law_inputs[i] = NAN;
    }
    return s;
}

static double rate_of(enum footprint_outcome o, const struct claim_subject *s)
{
    return footprint_factor(FOOTPRINT_RATE, o, s->design, s->catalogue, s->options);
}

/* Device-hours of what was observed. */
static double hours_from(enum claim_observed o, const struct claim_subject *s)
{
    const double observed = s->observed[o];
    const int site = design_code(s->design, DESIGN_SITE);
    switch (o) {
    case CLAIM_DEVICE_HOUR:
        return observed;
    case CLAIM_DURATION_HOUR:
        return observed / UNITS_HOUR_PER_DAY / rate_of(FOOTPRINT_DURATION, s);
    case CLAIM_TOKEN_RATE:
        return s->design->value[DESIGN_SERVED_TOKENS] / observed / UNITS_SECOND_PER_HOUR;
    case CLAIM_ENERGY_KWH:
        return observed / rate_of(FOOTPRINT_ENERGY, s);
    case CLAIM_EQUIPMENT_KWH:
        return site < 0
                   ? absent
                   : observed * s->catalogue->sites[site].pue_ratio / rate_of(FOOTPRINT_ENERGY, s);
    case CLAIM_INTERVAL_HOUR:
    case CLAIM_LOSS_NAT:
    case CLAIM_GAIN:
    case CLAIM_N_OBSERVED:
        break;
    }
    return absent;
}

static bool is_electric(enum footprint_outcome o)
{
    return o == FOOTPRINT_ENERGY || o == FOOTPRINT_OPERATIONAL_CARBON || o == FOOTPRINT_SITE_WATER
           || o == FOOTPRINT_GRID_WATER || o == FOOTPRINT_WATER;
}

/* Device-hours behind an outcome: those observed, or those whose electricity was; electricity
 * first for what follows from it. NAN where neither was. */
static double hours_of(enum footprint_outcome o, const struct claim_subject *s)
{
    static const enum claim_observed kinds[] = {
        CLAIM_ENERGY_KWH, CLAIM_EQUIPMENT_KWH, CLAIM_DEVICE_HOUR,  CLAIM_DURATION_HOUR,
        CLAIM_TOKEN_RATE, CLAIM_ENERGY_KWH,    CLAIM_EQUIPMENT_KWH};
    enum { N_ELECTRIC = 2, N_KINDS = sizeof kinds / sizeof *kinds };
    for (size_t i = is_electric(o) ? 0 : N_ELECTRIC; i < N_KINDS; i++) {
        if (!isnan(s->observed[kinds[i]])) {
            return hours_from(kinds[i], s);
        }
    }
    return absent;
}

static bool has_hours(const struct claim_subject *s)
{
    bool any = false;
    for (int o = CLAIM_DEVICE_HOUR; o <= CLAIM_EQUIPMENT_KWH; o++) {
        any = any || !isnan(s->observed[o]);
    }
    return any;
}

static bool is_of_hours(enum footprint_outcome o)
{
    const enum footprint_base base = footprint_base(o);
    return base == FOOTPRINT_OF_TRAINING_HOUR || base == FOOTPRINT_OF_TOTAL_HOUR;
}

static double outcome_of(enum footprint_outcome o, const struct claim_subject *s)
{
    double outcome[FOOTPRINT_N_OUTCOMES];
    if (o == FOOTPRINT_LOSS) {
        return predict_loss_nat(s->model, s->design);
    }
    if (o == FOOTPRINT_ACCURACY) {
        return predict_accuracy_ratio(s->model, s->design);
    }
    if (o == FOOTPRINT_CARBON && has_hours(s)) { /* each from what was observed of it */
        return outcome_of(FOOTPRINT_OPERATIONAL_CARBON, s)
               + outcome_of(FOOTPRINT_EMBODIED_CARBON, s);
    }
    if (has_hours(s) && is_of_hours(o)) {
        const double value = hours_of(o, s) * rate_of(o, s);
        return footprint_rounds(o) ? footprint_devices(value) : value;
    }
    footprint_all(s->design, s->catalogue, s->options, outcome);
    return outcome[o];
}

/* MFU of an observed run, of its training and what it served. */
static double mfu_of(const struct claim_subject *s)
{
    const int device = design_code(s->design, DESIGN_DEVICE);
    const int precision = design_code(s->design, DESIGN_PRECISION);
    if (device < 0 || precision < 0) {
        return absent;
    }
    return hardware_mfu_of(outcome_of(FOOTPRINT_TOTAL_FLOP, s), hours_of(FOOTPRINT_DEVICE_HOUR, s),
                           s->catalogue->devices[device].peak_flop_per_second[precision]);
}

/* Answers that a device writes at the same time: tokens a second, each answer having one in
 * every so many seconds. */
static double streams_of(const struct claim_subject *s)
{
    return s->observed[CLAIM_TOKEN_RATE] * s->observed[CLAIM_INTERVAL_HOUR] * UNITS_SECOND_PER_HOUR;
}

/* Kilograms of a list of elements in the device lives used up (docs/model.md M140). */
static double class_mass(const struct claim_subject *s)
{
    const int device = design_code(s->design, DESIGN_DEVICE);
    if (device < 0 || s->element_class < 0) {
        return absent;
    }
    const struct hardware_content content =
        hardware_class_mass(s->catalogue, device, s->element_class);
    return outcome_of(FOOTPRINT_DEVICE_LIFETIME, s)
           * hardware_pick(content.mass_kg, s->options->bound);
}

static double activation_byte(const struct claim_subject *s)
{
    return footprint_factor(FOOTPRINT_ACTIVATIONS, FOOTPRINT_MEMORY, s->design, s->catalogue,
                            s->options);
}

static double cache_byte(const struct claim_subject *s)
{
    return footprint_factor(FOOTPRINT_HELD_BYTE_PER_TOKEN, FOOTPRINT_SERVING_BYTE, s->design,
                            s->catalogue, s->options)
           * s->design->value[DESIGN_CACHED_TOKENS];
}

static struct optimum optimum_of(const struct claim_subject *s)
{
    struct optimum best;
    const double compute_flop = outcome_of(FOOTPRINT_COMPUTE, s);
    if (!optimum_at(s->model->law, s->model->theta, compute_flop, &best)) {
        best = (struct optimum){absent, absent, absent, absent, absent, absent, absent};
    }
    return best;
}

static double optimal_params(const struct claim_subject *s)
{
    return optimum_of(s).params;
}

static double optimal_tokens(const struct claim_subject *s)
{
    return optimum_of(s).tokens;
}

static double optimal_loss(const struct claim_subject *s)
{
    return optimum_of(s).loss_nat;
}

static double optimal_exponent(const struct claim_subject *s)
{
    return optimum_of(s).exponent_params;
}

static double optimal_ratio(const struct claim_subject *s)
{
    const struct optimum best = optimum_of(s);
    return best.tokens / best.params;
}

static double loss_over_optimum(const struct claim_subject *s)
{
    return outcome_of(FOOTPRINT_LOSS, s) / optimum_of(s).loss_nat;
}

static double effective_params(const struct claim_subject *s)
{
    return predict_effective_params(s->model, s->design);
}

static double effective_tokens(const struct claim_subject *s)
{
    return predict_effective_tokens(s->model, s->design);
}

static double law_response(const struct claim_subject *s)
{
    return predict_response_given(s->model, s->design, s->law_inputs);
}

/* The law as a power of params and one of tokens, all else being as in the design. */
static struct optimum_form form_of(const struct claim_subject *s)
{
    struct optimum_form form;
    double x[LAW_MAX_INPUTS];
    predict_inputs(s->model, s->design, x);
    if (!optimum_read(s->model->law, s->model->theta, x, &form)) {
        form = (struct optimum_form){absent, absent, {absent, absent}, {absent, absent}};
    }
    return form;
}

static double params_scale(const struct claim_subject *s)
{
    return vmath_exp1(form_of(s).params.log_scale);
}

static double params_exponent(const struct claim_subject *s)
{
    return form_of(s).params.exponent;
}

static double tokens_scale(const struct claim_subject *s)
{
    return vmath_exp1(form_of(s).tokens.log_scale);
}

static double tokens_exponent(const struct claim_subject *s)
{
    return form_of(s).tokens.exponent;
}

/* Tokens with which the loss observed is reached, all else being as in the design: halved down to
 * the last bit of their logarithm. */
static double tokens_of_loss(const struct claim_subject *s)
{
    enum { HALVINGS = 60 };
    double from = 0.0, to = vmath_log1(design_field(DESIGN_TOKENS)->upper);
    struct design d = *s->design;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = 0.5 * (from + to);
        d.value[DESIGN_TOKENS] = vmath_exp1(middle);
        if (predict_loss_nat(s->model, &d) > s->observed[CLAIM_LOSS_NAT]) {
            from = middle;
        } else {
            to = middle;
        }
    }
    const bool is_inside = from > 0.0 && to < vmath_log1(design_field(DESIGN_TOKENS)->upper);
    return is_inside ? vmath_exp1(to) : absent;
}

/* What one more sample adds to the response of the law. */
static double gain_of(const struct claim_subject *s, int input, double samples)
{
    struct claim_subject at = *s;
    at.law_inputs[input] = samples + 1.0;
    const double more = law_response(&at);
    at.law_inputs[input] = samples;
    return more - law_response(&at);
}

/* The least number of samples at which one more gains no more than the gain stated; gains fall. */
static double saturation_samples(const struct claim_subject *s)
{
    static const double most = 1e12;
    const int input = law_find_input(s->model->law, design_field(DESIGN_SAMPLES)->name);
    const double least = s->observed[CLAIM_GAIN];
    if (input < 0 || isnan(least)) {
        return absent;
    }
    const double first = isnan(gain_of(s, input, 0.0)) ? 1.0 : 0.0;
    double from = first - 1.0, to = first;
    while (gain_of(s, input, to) > least && to < most) {
        from = to;
        to = 2.0 * to + 1.0;
    }
    while (to - from > 1.0) {
        const double middle = floor(0.5 * (from + to));
        if (gain_of(s, input, middle) > least) {
            from = middle;
        } else {
            to = middle;
        }
    }
    return isnan(gain_of(s, input, to)) || to >= most ? absent : to;
}

/* What papers print beside the outcomes: the law that it needs, and where it comes from. What else
 * it reads, and where that is absent, is said by NAN. */
static const struct {
    const char *name, *unit;
    enum claim_law needs;
    double (*value)(const struct claim_subject *s);
} others[] = {
    {"mfu_ratio", "1", CLAIM_NO_LAW, mfu_of},
    {"streams", "1", CLAIM_NO_LAW, streams_of},
    {"class_mass_kg", "kg", CLAIM_NO_LAW, class_mass},
    {"activation_byte", "byte", CLAIM_NO_LAW, activation_byte},
    {"cache_byte", "byte", CLAIM_NO_LAW, cache_byte},
    {"optimal_params", "1", CLAIM_LAW_OF_LOSS, optimal_params},
    {"optimal_tokens", "1", CLAIM_LAW_OF_LOSS, optimal_tokens},
    {"optimal_token_ratio", "1", CLAIM_LAW_OF_LOSS, optimal_ratio},
    {"optimal_loss_nat", "nat", CLAIM_LAW_OF_LOSS, optimal_loss},
    {"optimal_exponent_params", "1", CLAIM_LAW_OF_LOSS, optimal_exponent},
    {"loss_over_optimum", "1", CLAIM_LAW_OF_LOSS, loss_over_optimum},
    {"effective_params", "1", CLAIM_LAW_OF_LOSS, effective_params},
    {"effective_tokens", "1", CLAIM_LAW_OF_LOSS, effective_tokens},
    {"params_scale", "nat", CLAIM_LAW_OF_LOSS, params_scale},
    {"params_exponent", "1", CLAIM_LAW_OF_LOSS, params_exponent},
    {"tokens_scale", "nat", CLAIM_LAW_OF_LOSS, tokens_scale},
    {"tokens_exponent", "1", CLAIM_LAW_OF_LOSS, tokens_exponent},
    {"tokens_of_loss", "1", CLAIM_LAW_OF_LOSS, tokens_of_loss},
    {"law_response", "1", CLAIM_ANY_LAW, law_response},
    {"saturation_samples", "1", CLAIM_ANY_LAW, saturation_samples},
};
enum { N_OTHERS = sizeof others / sizeof *others };

/* Quantities are numbered: outcomes, the others, inputs of the design. */
enum { FIRST_INPUT = FOOTPRINT_N_OUTCOMES + N_OTHERS };

int claim_n_quantities(void)
{
    return FIRST_INPUT + DESIGN_N_INPUTS;
}

int claim_find(const char *name)
{
    for (int q = 0; q < claim_n_quantities(); q++) {
        if (strcmp(claim_name(q), name) == 0) {
            return q;
        }
    }
    return -1;
}

const char *claim_name(int quantity)
{
    STATUS_ASSERT(quantity >= 0 && quantity < claim_n_quantities());
    return quantity < FOOTPRINT_N_OUTCOMES ? footprint_field((enum footprint_outcome)quantity)->name
           : quantity < FIRST_INPUT
               ? others[quantity - FOOTPRINT_N_OUTCOMES].name
               : design_field((enum design_input)(quantity - FIRST_INPUT))->name;
}

const char *claim_unit(int quantity)
{
    STATUS_ASSERT(quantity >= 0 && quantity < claim_n_quantities());
    return quantity < FOOTPRINT_N_OUTCOMES ? footprint_field((enum footprint_outcome)quantity)->unit
           : quantity < FIRST_INPUT
               ? others[quantity - FOOTPRINT_N_OUTCOMES].unit
               : design_field((enum design_input)(quantity - FIRST_INPUT))->unit;
}

enum claim_law claim_needs(int quantity)
{
    STATUS_ASSERT(quantity >= 0 && quantity < claim_n_quantities());
    if (quantity >= FOOTPRINT_N_OUTCOMES) {
        return quantity < FIRST_INPUT ? others[quantity - FOOTPRINT_N_OUTCOMES].needs
                                      : CLAIM_NO_LAW;
    }
    return footprint_base((enum footprint_outcome)quantity) == FOOTPRINT_OF_LAW ? CLAIM_LAW_OF_LOSS
                                                                                : CLAIM_NO_LAW;
}

double claim_value(int quantity, const struct claim_subject *s)
{
    STATUS_ASSERT(s->model != NULL || claim_needs(quantity) == CLAIM_NO_LAW);
    return quantity < FOOTPRINT_N_OUTCOMES ? outcome_of((enum footprint_outcome)quantity, s)
           : quantity < FIRST_INPUT        ? others[quantity - FOOTPRINT_N_OUTCOMES].value(s)
                                           : s->design->value[quantity - FIRST_INPUT];
}

const char *claim_form_name(enum claim_form f)
{
    static const char *const names[CLAIM_N_FORMS] = {[CLAIM_VALUE] = "value",
                                                     [CLAIM_RATIO] = "ratio",
                                                     [CLAIM_CUT] = "cut",
                                                     [CLAIM_RISE] = "rise",
                                                     [CLAIM_DIFFERENCE] = "difference"};
    STATUS_ASSERT((int)f >= 0 && f < CLAIM_N_FORMS);
    return names[f];
}

double claim_formed(enum claim_form f, double value, double against)
{
    switch (f) {
    case CLAIM_RATIO:
        return value / against;
    case CLAIM_CUT:
        return 1.0 - value / against;
    case CLAIM_RISE:
        return value / against - 1.0;
    case CLAIM_DIFFERENCE:
        return value - against;
    case CLAIM_VALUE:
    case CLAIM_N_FORMS:
        break;
    }
    return value;
}
