#include "solver/claim.h"

#include <math.h>
#include <string.h>

#include "solver/base/units.h"
#include "solver/optimum.h"

static const double absent = NAN; /* the macro is a float */

static const struct {
    const char *name, *unit;
} observations[CLAIM_N_OBSERVED] = {
    [CLAIM_NOT_OBSERVED] = {"", ""},
    [CLAIM_DEVICE_HOUR] = {"device_hour", "hour"},
    [CLAIM_DURATION_HOUR] = {"duration_hour", "hour"},
    [CLAIM_ENERGY_KWH] = {"energy_kwh", "kWh"},
    [CLAIM_EQUIPMENT_KWH] = {"equipment_kwh", "kWh"},
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

static double rate_of(enum footprint_outcome o, const struct claim_subject *s)
{
    return footprint_factor(FOOTPRINT_RATE, o, s->design, s->catalogue, s->options);
}

/* Device-hours of an observed run. */
static double hours_of(const struct claim_subject *s)
{
    switch (s->observed) {
    case CLAIM_DURATION_HOUR:
        return s->observation / UNITS_HOUR_PER_DAY / rate_of(FOOTPRINT_DURATION, s);
    case CLAIM_ENERGY_KWH:
        return s->observation / rate_of(FOOTPRINT_ENERGY, s);
    case CLAIM_EQUIPMENT_KWH: {
        const int site = design_code(s->design, DESIGN_SITE);
        return site < 0 ? absent
                        : s->observation * s->catalogue->sites[site].pue_ratio
                              / rate_of(FOOTPRINT_ENERGY, s);
    }
    case CLAIM_NOT_OBSERVED:
    case CLAIM_DEVICE_HOUR:
    case CLAIM_N_OBSERVED:
        break;
    }
    return s->observation;
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
    if (s->observed != CLAIM_NOT_OBSERVED && is_of_hours(o)) {
        const double value = hours_of(s) * rate_of(o, s);
        return footprint_rounds(o) ? footprint_devices(value) : value;
    }
    footprint_all(s->design, s->catalogue, s->options, outcome);
    return outcome[o];
}

/* MFU of an observed run. */
static double mfu_of(const struct claim_subject *s)
{
    const int device = design_code(s->design, DESIGN_DEVICE);
    const int precision = design_code(s->design, DESIGN_PRECISION);
    if (s->observed == CLAIM_NOT_OBSERVED || device < 0 || precision < 0) {
        return absent;
    }
    return hardware_mfu_of(outcome_of(FOOTPRINT_COMPUTE, s), hours_of(s),
                           s->catalogue->devices[device].peak_flop_per_second[precision]);
}

static struct optimum optimum_of(const struct claim_subject *s)
{
    struct optimum best;
    const double compute_flop = outcome_of(FOOTPRINT_COMPUTE, s);
    if (!optimum_at(s->model->law, s->model->theta, compute_flop, &best)) {
        best = (struct optimum){absent, absent, absent, absent, absent};
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

static double effective_params(const struct claim_subject *s)
{
    return predict_effective_params(s->model, s->design);
}

static double effective_tokens(const struct claim_subject *s)
{
    return predict_effective_tokens(s->model, s->design);
}

/* What papers print beside the outcomes. */
static const struct {
    const char *name, *unit;
    bool needs_model;
    double (*value)(const struct claim_subject *s);
} others[] = {
    {"mfu_ratio", "1", false, mfu_of},
    {"optimal_params", "1", true, optimal_params},
    {"optimal_tokens", "1", true, optimal_tokens},
    {"optimal_loss_nat", "nat", true, optimal_loss},
    {"optimal_exponent_params", "1", true, optimal_exponent},
    {"effective_params", "1", true, effective_params},
    {"effective_tokens", "1", true, effective_tokens},
};
enum { N_OTHERS = sizeof others / sizeof *others };

int claim_n_quantities(void)
{
    return FOOTPRINT_N_OUTCOMES + N_OTHERS;
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
                                           : others[quantity - FOOTPRINT_N_OUTCOMES].name;
}

const char *claim_unit(int quantity)
{
    STATUS_ASSERT(quantity >= 0 && quantity < claim_n_quantities());
    return quantity < FOOTPRINT_N_OUTCOMES ? footprint_field((enum footprint_outcome)quantity)->unit
                                           : others[quantity - FOOTPRINT_N_OUTCOMES].unit;
}

bool claim_needs_model(int quantity)
{
    STATUS_ASSERT(quantity >= 0 && quantity < claim_n_quantities());
    return quantity < FOOTPRINT_N_OUTCOMES
               ? footprint_base((enum footprint_outcome)quantity) == FOOTPRINT_OF_LAW
               : others[quantity - FOOTPRINT_N_OUTCOMES].needs_model;
}

double claim_value(int quantity, const struct claim_subject *s)
{
    STATUS_ASSERT(s->model != NULL || !claim_needs_model(quantity));
    return quantity < FOOTPRINT_N_OUTCOMES ? outcome_of((enum footprint_outcome)quantity, s)
                                           : others[quantity - FOOTPRINT_N_OUTCOMES].value(s);
}

const char *claim_form_name(enum claim_form f)
{
    static const char *const names[CLAIM_N_FORMS] = {[CLAIM_VALUE] = "value",
                                                     [CLAIM_RATIO] = "ratio",
                                                     [CLAIM_CUT] = "cut",
                                                     [CLAIM_RISE] = "rise"};
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
    case CLAIM_VALUE:
    case CLAIM_N_FORMS:
        break;
    }
    return value;
}
