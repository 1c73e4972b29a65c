#include "solver/price.h"

#include <math.h>

/* Nothing but rounding: outcomes that do not read an input come out alike to the last bits. */
static const double rounding = 1e-12;

static const struct price_row rows[DESIGN_N_INPUTS] = {
    [DESIGN_PARAMS] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_TOKENS] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_PRECISION] = {PRICE_CHOICE, PRICE_EITHER, NULL},
    [DESIGN_MFU] = {PRICE_FACT, PRICE_MORE, NULL},
    [DESIGN_GOODPUT] = {PRICE_FACT, PRICE_MORE, NULL},
    [DESIGN_LIFESPAN] = {PRICE_FACT, PRICE_MORE, "footprint.progress_ratio"},
    [DESIGN_DEVICE] = {PRICE_ALTERNATIVE, PRICE_EITHER, NULL},
    [DESIGN_GRID] = {PRICE_ALTERNATIVE, PRICE_EITHER, NULL},
    [DESIGN_SITE] = {PRICE_ALTERNATIVE, PRICE_EITHER, NULL},
    [DESIGN_UNIQUE_TOKENS] = {PRICE_CHOICE, PRICE_NEITHER, NULL},
    [DESIGN_BATCH] = {PRICE_CHOICE, PRICE_NEITHER, NULL},
    [DESIGN_EXPERTS] = {PRICE_CHOICE, PRICE_NEITHER, "space.total_ratio"},
    [DESIGN_SPARSITY] = {PRICE_CHOICE, PRICE_NEITHER, "space.params"},
    [DESIGN_WEIGHT_BITS] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_ACTIVATION_BITS] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_CACHE_BITS] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_TRAINING_BITS] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_POST_BITS] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_SAMPLES] = {PRICE_CHOICE, PRICE_LESS, "space.served_questions"},
    [DESIGN_SERVED_TOKENS] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_SERVING_MFU] = {PRICE_FACT, PRICE_MORE, NULL},
    [DESIGN_FLEET] = {PRICE_FACT, PRICE_MORE, "space.scaling_model, space.goodput_model"},
    [DESIGN_DEADLINE] = {PRICE_FACT, PRICE_MORE, NULL},
    [DESIGN_WIDTH] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_DEPTH] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_VOCABULARY] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_CONTEXT] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_TOTAL_RATIO] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_FLOP_PER_TOKEN] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_MICROBATCH] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_PROMPT] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_OUTPUT] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_PREFILL_MFU] = {PRICE_FACT, PRICE_MORE, NULL},
    [DESIGN_CACHE_RATIO] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_CACHED_TOKENS] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_WINDOW] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_FULL_LAYERS] = {PRICE_FACT, PRICE_LESS, NULL},
    [DESIGN_POST_CACHE_BITS] = {PRICE_CHOICE, PRICE_LESS, NULL},
    [DESIGN_MFU_MODEL] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_SCALING_MODEL] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_GOODPUT_MODEL] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_LIFESPAN_MODEL] = {PRICE_FACT, PRICE_EITHER, NULL},
    [DESIGN_OPTIMIZER] = {PRICE_CHOICE, PRICE_EITHER, NULL},
    [DESIGN_TOKENS_PER_PARAM] = {PRICE_FACT, PRICE_NEITHER, NULL},
    [DESIGN_ASPECT] = {PRICE_FACT, PRICE_NEITHER, NULL},
    [DESIGN_BUDGET] = {PRICE_FACT, PRICE_NEITHER, NULL},
    [DESIGN_SERVED_QUESTIONS] = {PRICE_FACT, PRICE_LESS, NULL},
};

const struct price_row *price_row(enum design_input input)
{
    STATUS_ASSERT((int)input >= 0 && input < DESIGN_N_INPUTS);
    return &rows[input];
}

void price_outcomes(const struct price_subject *s, const struct design *d, double outcome[])
{
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        outcome[o] = (double)NAN;
    }
    footprint_all(d, s->catalogue, s->options, outcome);
    outcome[FOOTPRINT_LOSS] = predict_loss_nat(s->model, d);
    outcome[FOOTPRINT_ACCURACY] = predict_accuracy_ratio(s->model, d);
}

design_set price_reads(const struct price_subject *s, const struct design *d)
{
    design_set all = predict_accuracy_reads(s->model);
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        all |= footprint_reads((enum footprint_outcome)o, d, s->catalogue, s->options);
    }
    return dependent_behind(s->dependents, all);
}

/* Comparing. */

enum { BETTER = 1, WORSE = 2 };

/* What the second of two values is beside the first. */
static unsigned compare(enum price_side better, double first, double second)
{
    if (!isfinite(first) || !isfinite(second)
        || fabs(second - first) <= rounding * fmax(fabs(first), fabs(second))) {
        return 0;
    }
    const bool is_more = second > first;
    return better == PRICE_EITHER              ? BETTER | WORSE
           : is_more == (better == PRICE_MORE) ? BETTER
                                               : WORSE;
}

/* The value from which the choice that an input is departs; NAN: there is none. */
static double reference_of(const struct price_subject *s, enum design_input input)
{
    if (input == DESIGN_OPTIMIZER) { /* the one behind nearly all published laws */
        const int code = design_find_category(s->catalogue, input, "adamw");
        return code < 0 ? (double)NAN : code;
    }
    return design_field(input)->neutral;
}

/* All outcomes of a design whose input has another value, compared. */
static unsigned compare_all(const struct price_subject *s, const struct design *d,
                            const double outcome[], enum design_input input, double reference)
{
    double without[FOOTPRINT_N_OUTCOMES];
    struct design other = *d;
    unsigned all = 0;
    other.value[input] = reference;
    dependent_apply(s->dependents, 0, &other);
    price_outcomes(s, &other, without);
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        const enum price_side better =
            footprint_maximises((enum footprint_outcome)o) ? PRICE_MORE : PRICE_LESS;
        all |= o == FOOTPRINT_BODY_PARAMS ? 0 : compare(better, without[o], outcome[o]);
    }
    return all;
}

design_set price_unpaid(const struct price_subject *s, const struct design *d)
{
    double outcome[FOOTPRINT_N_OUTCOMES] = {0.0};
    bool is_priced = false;
    design_set unpaid = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        const double reference = reference_of(s, input), value = d->value[i];
        if (rows[i].kind != PRICE_CHOICE || isnan(reference) || isnan(value)
            || (value >= reference && value <= reference)) {
            continue;
        }
        if (!is_priced) {
            price_outcomes(s, d, outcome);
            is_priced = true;
        }
        const unsigned moves = compare_all(s, d, outcome, input, reference);
        const bool is_read = moves != 0 || design_has(price_reads(s, d), input);
        unpaid |= !is_read || moves == BETTER ? DESIGN_BIT(input) : 0;
    }
    return unpaid;
}

/* Designs that are looked at, and levels of the axis in question at each. */
enum { N_SAMPLES = 33, MOST_LEVELS = 17 };

/* The first design has the first levels, the second the last ones; the others are spread evenly, no
 * two axes alike. */
static size_t level_of(size_t sample, size_t axis, size_t n)
{
    if (sample < 2) {
        return sample == 0 ? 0 : n - 1;
    }
    const double turn = sqrt((double)(2 + axis) * (double)(2 + axis) + 1.0);
    const size_t level = (size_t)(fmod((double)sample * turn, 1.0) * (double)n);
    return level < n ? level : n - 1;
}

static void targets_of(const struct price_subject *s, struct design *d, size_t n_targets,
                       const struct price_target targets[], double values[])
{
    double outcome[FOOTPRINT_N_OUTCOMES];
    dependent_apply(s->dependents, 0, d);
    price_outcomes(s, d, outcome);
    for (size_t t = 0; t < n_targets; t++) {
        values[t] = targets[t].is_input ? d->value[targets[t].input] : outcome[targets[t].outcome];
    }
}

/* Gains of one target or more without a loss, by the larger and by the smaller of two levels. */
struct gains {
    bool by_more, by_less;
    size_t target;
};

/* Compare two levels. \return what the second is beside the first; notes a gain */
static unsigned compare_levels(size_t n_targets, const struct price_target targets[],
                               const double first[], const double second[], bool is_more,
                               struct gains *gains)
{
    unsigned all = 0;
    size_t moved = 0;
    for (size_t t = n_targets; t-- > 0;) {
        const unsigned moves = compare(targets[t].better, first[t], second[t]);
        moved = moves != 0 ? t : moved;
        all |= moves;
    }
    if (all == BETTER || all == WORSE) {
        const bool by_more = is_more == (all == BETTER);
        gains->target = !gains->by_more && !gains->by_less ? moved : gains->target;
        gains->by_more = gains->by_more || by_more;
        gains->by_less = gains->by_less || !by_more;
    }
    return all;
}

struct price_gain price_weigh(const struct price_subject *s, const struct design *base,
                              size_t n_axes, const struct price_axis axes[], size_t axis,
                              size_t n_targets, const struct price_target targets[])
{
    double values[MOST_LEVELS][PRICE_MOST_TARGETS];
    static const struct price_gain paid = {false, 0, false};
    struct gains gains = {false, false, 0};
    const struct price_axis *of = &axes[axis];
    const bool is_number = design_field(of->input)->kind == DESIGN_NUMBER;
    const size_t n = of->n < MOST_LEVELS ? of->n : (size_t)MOST_LEVELS;
    STATUS_ASSERT(n_axes <= DESIGN_N_INPUTS && n_targets <= PRICE_MOST_TARGETS);
    for (size_t sample = 0; n > 1 && sample < N_SAMPLES; sample++) {
        double levels[MOST_LEVELS];
        for (size_t k = 0; k < n; k++) {
            struct design d = *base;
            for (size_t a = 0; a < n_axes; a++) {
                d.value[axes[a].input] = axes[a].values[level_of(sample, a, axes[a].n)];
            }
            levels[k] = of->values[k * (of->n - 1) / (n - 1)];
            d.value[of->input] = levels[k];
            targets_of(s, &d, n_targets, targets, values[k]);
            for (size_t j = 0; j < k; j++) {
                const unsigned moves = compare_levels(n_targets, targets, values[j], values[k],
                                                      levels[k] > levels[j], &gains);
                if (moves == (BETTER | WORSE) || (is_number && gains.by_more && gains.by_less)) {
                    return paid; /* one for another, or best between two levels */
                }
            }
        }
    }
    return (struct price_gain){gains.by_more || gains.by_less, gains.target, gains.by_more};
}

/* What gives a price. */

static const design_set size = DESIGN_BIT(DESIGN_PARAMS) | DESIGN_BIT(DESIGN_TOKENS);

design_set price_corrected(const struct correct_kind *kind)
{
    design_set all = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        all |= design_has(kind->models, (enum design_input)i) ? design_behind((enum design_input)i)
                                                              : 0;
    }
    return all & ~size;
}

design_set price_in_law(const struct law *law)
{
    return predict_law_reads(law) & ~size;
}
