#include "jobs/card.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/uncertainty/quantile.h"
#include "solver/base/units.h"
#include "solver/draw.h"

/* Figures of a device that are drawn, in the order of their causes. */
static const struct {
    const char *name;
    size_t offset;
} figures[] = {
    {"mass_kg", offsetof(struct hardware, mass_kg)},
    {"embodied_carbon_kg", offsetof(struct hardware, embodied_carbon_kg)},
    {"server_embodied_carbon_kg", offsetof(struct hardware, server_embodied_carbon_kg)},
};
enum { N_FIGURES = sizeof figures / sizeof *figures, ALL_CAUSES = CARD_N_CAUSES };
_Static_assert((int)CARD_MASS + (int)N_FIGURES == (int)CARD_N_CAUSES, "one cause a figure");

struct card_judge {
    const struct study *study;
    const struct model *model;
    const struct hardware_catalogue *catalogue;
    size_t n_draws;
    struct hardware_interval (*drawn)[N_FIGURES]; /* [n_draws][n_devices] */
    double *values;                               /* [n_draws], of one outcome */
    double *outcomes; /* [CARD_N_CAUSES + 1][n_draws][FOOTPRINT_N_OUTCOMES], all causes last */
};

const char *card_cause_name(enum card_cause c)
{
    STATUS_ASSERT((int)c >= 0 && c < CARD_N_CAUSES);
    return c == CARD_FIT ? "fit" : figures[c - CARD_MASS].name;
}

static struct hardware_interval *figure_of(struct hardware *h, size_t f)
{
    return (struct hardware_interval *)(void *)((char *)h + figures[f].offset);
}

static enum status draw(struct card_judge *j, struct status_why *why)
{
    const size_t n_devices = j->catalogue->n_devices;
    for (size_t k = 0; k < j->n_draws; k++) {
        struct hardware_catalogue c;
        const enum status st = draw_catalogue(j->catalogue, j->study->seed, k + 1, &c, why);
        if (st != STATUS_OK) {
            return st;
        }
        for (size_t i = 0; i < n_devices; i++) {
            for (size_t f = 0; f < N_FIGURES; f++) {
                j->drawn[k * n_devices + i][f] = *figure_of(&c.devices[i], f);
            }
        }
        draw_clear(&c);
    }
    return STATUS_OK;
}

enum status card_judge_create(const struct study *study, const struct model *model,
                              const struct hardware_catalogue *catalogue, struct card_judge **made,
                              struct status_why *why)
{
    struct card_judge *j = calloc(1, sizeof *j);
    if (j == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for a card");
    }
    j->study = study;
    j->model = model;
    j->catalogue = catalogue;
    j->n_draws = model->has_fit ? model->fit.n_replicates : study->replicates;
    const size_t n_values = j->n_draws * FOOTPRINT_N_OUTCOMES;
    j->drawn = calloc(j->n_draws * catalogue->n_devices + 1, sizeof *j->drawn);
    j->values = calloc(j->n_draws + 1, sizeof *j->values);
    j->outcomes = calloc((ALL_CAUSES + 1) * n_values + 1, sizeof *j->outcomes);
    enum status st = STATUS_OK;
    if (j->drawn == NULL || j->values == NULL || j->outcomes == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu draws", j->n_draws);
    } else {
        st = draw(j, why);
    }
    if (st != STATUS_OK) {
        card_judge_destroy(j);
        j = NULL;
    }
    *made = j;
    return st;
}

void card_judge_destroy(struct card_judge *j)
{
    if (j != NULL) {
        free(j->drawn);
        free(j->values);
        free(j->outcomes);
        free(j);
    }
}

/* All outcomes; those of the law by a model with the numbers of a replicate. */
static void price(const struct card_judge *j, const struct predict_model *model,
                  const struct hardware_catalogue *catalogue, const struct design *d,
                  double outcome[])
{
    const struct price_subject subject = {.model = model,
                                          .catalogue = catalogue,
                                          .options = &j->study->footprint,
                                          .dependents = &j->study->dependents};
    price_outcomes(&subject, d, outcome);
}

/* Whether a figure moves: the study that asks for an end of the intervals has no draws. */
static bool moves(const struct card_judge *j, enum card_cause cause)
{
    return cause == CARD_FIT ? j->model->has_fit : j->study->footprint.bound == HARDWARE_TYPICAL;
}

/* Outcomes of every draw when one cause alone moves, or all.
 * \param [out] outcomes  [n_draws][FOOTPRINT_N_OUTCOMES] */
static void draw_outcomes(const struct card_judge *j, const struct design *d, int cause,
                          double outcomes[])
{
    const int code = design_code(d, DESIGN_DEVICE);
    struct hardware_catalogue one = *j->catalogue;
    struct predict_model model = j->model->predict;
    struct design mine = *d;
    struct hardware device;
    if (code >= 0) {
        device = j->catalogue->devices[code];
        one.devices = &device;
        one.n_devices = 1;
        mine.value[DESIGN_DEVICE] = 0;
    }
    for (size_t k = 0; k < j->n_draws; k++) {
        if ((cause == CARD_FIT || cause == ALL_CAUSES) && moves(j, CARD_FIT)) {
            law_transform(model.law, j->model->fit.replicates + k * model.law->n_parameters,
                          model.theta);
        }
        for (size_t f = 0; code >= 0 && f < N_FIGURES; f++) {
            const int mover = (int)CARD_MASS + (int)f;
            if ((cause == mover || cause == ALL_CAUSES) && moves(j, (enum card_cause)mover)) {
                *figure_of(&device, f) = j->drawn[k * j->catalogue->n_devices + (size_t)code][f];
            }
        }
        price(j, &model, &one, &mine, outcomes + k * FOOTPRINT_N_OUTCOMES);
    }
}

/* The values of one outcome that are not NAN. \return their number */
static size_t gather(const struct card_judge *j, int cause, int o)
{
    const double *from = j->outcomes + (size_t)cause * j->n_draws * FOOTPRINT_N_OUTCOMES;
    size_t n = 0;
    for (size_t k = 0; k < j->n_draws; k++) {
        const double value = from[k * FOOTPRINT_N_OUTCOMES + (size_t)o];
        if (!isnan(value)) {
            j->values[n++] = value;
        }
    }
    return n;
}

static void spread(const struct card_judge *j, int o, struct card_outcome *outcome)
{
    const double tail = 0.5 * (1.0 - j->study->confidence), middle = 0.5;
    double sum = 0.0;
    size_t n = gather(j, ALL_CAUSES, o);
    if (n < 2) {
        return;
    }
    quantile_sort(j->values, n);
    outcome->is_interval = j->values[n - 1] > j->values[0];
    outcome->lower = quantile_linear(j->values, n, tail);
    outcome->median = quantile_linear(j->values, n, middle);
    outcome->upper = quantile_linear(j->values, n, 1.0 - tail);
    for (int c = 0; outcome->is_interval && c < CARD_N_CAUSES; c++) {
        n = gather(j, c, o);
        const double deviation = n > 1 ? quantile_deviation(j->values, n) : 0.0;
        outcome->shares[c] = deviation * deviation;
        sum += outcome->shares[c];
        if (outcome->shares[c] > outcome->shares[outcome->dominant]) {
            outcome->dominant = (enum card_cause)c;
        }
    }
    for (int c = 0; sum > 0.0 && c < CARD_N_CAUSES; c++) {
        outcome->shares[c] /= sum;
    }
}

/* The loss has two intervals: of the fitted mean, and of a new run around it. */
static void spread_loss(const struct card_judge *j, const struct design *d,
                        struct card_outcome *outcome)
{
    struct forecast_interval i;
    if (j->model->forecast == NULL) {
        return;
    }
    forecast_make(j->model->forecast, &j->model->predict, d, &i);
    outcome->mean_lower = i.mean_lower;
    outcome->mean_upper = i.mean_upper;
    outcome->is_new_run = !isnan(i.lower);
    if (outcome->is_new_run) {
        outcome->lower = i.lower;
        outcome->upper = i.upper;
    }
}

static bool is_said(design_set inputs, const struct design *d)
{
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_has(inputs, (enum design_input)i) && isnan(d->value[i])) {
            return false;
        }
    }
    return true;
}

static design_set reads_of(const struct card *c, enum footprint_outcome o)
{
    if (footprint_base(o) == FOOTPRINT_OF_LAW) {
        return o == FOOTPRINT_LOSS ? predict_reads(c->model) : predict_accuracy_reads(c->model);
    }
    return footprint_reads(o, &c->design, c->catalogue, c->options);
}

static void know(const struct card *c, enum footprint_outcome o, struct card_outcome *outcome)
{
    struct status_why why;
    const bool is_of_law = footprint_base(o) == FOOTPRINT_OF_LAW;
    if ((o == FOOTPRINT_ACCURACY && !predict_has_accuracy(c->model))
        || !is_said(reads_of(c, o), &c->design)) {
        outcome->knowledge = CARD_UNASKED;
        return;
    }
    outcome->knowledge = isnan(outcome->value) ? CARD_ABSENT : CARD_KNOWN;
    if (outcome->knowledge == CARD_KNOWN) {
        return;
    }
    status_clear(&why);
    if (!is_of_law
        && footprint_explain(o, &c->design, c->catalogue, c->options, &why) != STATUS_OK) {
        (void)snprintf(outcome->absence, sizeof outcome->absence, "%s", why.message);
    } else {
        (void)snprintf(outcome->absence, sizeof outcome->absence,
                       "the design lies outside the domain of %s",
                       is_of_law ? predict_outside(c->model, &c->design) : "a model");
    }
}

static void add_sources(struct card *c, const char *keys)
{
    while (*keys != '\0') {
        const size_t n = strcspn(keys, ";");
        size_t i = 0;
        char key[CARD_SOURCE_SIZE];
        (void)snprintf(key, sizeof key, "%.*s", (int)n, keys);
        while (i < c->n_sources && strcmp(c->sources[i], key) != 0) {
            i++;
        }
        if (i == c->n_sources && i < CARD_MAX_SOURCES && n > 0) {
            memcpy(c->sources[c->n_sources++], key, sizeof key);
        }
        keys += n + (keys[n] == ';');
    }
}

static void add_all_sources(struct card *c)
{
    const int precision = design_code(&c->design, DESIGN_PRECISION);
    const int grid = design_code(&c->design, DESIGN_GRID);
    const int site = design_code(&c->design, DESIGN_SITE);
    const int optimizer = design_code(&c->design, DESIGN_OPTIMIZER);
    add_sources(c, c->model->source);
    for (size_t i = 0; i < c->model->n_corrections; i++) {
        add_sources(c, c->model->corrections[i].source);
    }
    add_sources(c, c->device != NULL ? c->device->source : "");
    add_sources(c, precision >= 0 ? c->catalogue->formats[precision].source : "");
    add_sources(c, grid >= 0 ? c->catalogue->grids[grid].source : "");
    add_sources(c, site >= 0 ? c->catalogue->sites[site].source : "");
    add_sources(c, optimizer >= 0 ? c->catalogue->optimizers[optimizer].source : "");
}

void card_make(const struct card_judge *j, const struct design *d, struct card *made)
{
    double outcome[FOOTPRINT_N_OUTCOMES];
    struct card *c = made;
    memset(c, 0, sizeof *c);
    c->design = *d;
    c->model = &j->model->predict;
    c->catalogue = j->catalogue;
    c->options = &j->study->footprint;
    c->confidence = j->study->confidence;
    c->n_draws = j->n_draws;
    const int device = design_code(d, DESIGN_DEVICE), precision = design_code(d, DESIGN_PRECISION);
    c->device = device >= 0 ? &j->catalogue->devices[device] : NULL;
    price(j, c->model, j->catalogue, d, outcome);
    for (int cause = 0; cause <= ALL_CAUSES; cause++) {
        draw_outcomes(j, d, cause, j->outcomes + (size_t)cause * j->n_draws * FOOTPRINT_N_OUTCOMES);
    }
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        struct card_outcome *of = &c->outcomes[o];
        of->value = outcome[o];
        know(c, (enum footprint_outcome)o, of);
        if (of->knowledge == CARD_KNOWN) {
            spread(j, o, of);
        }
        of->mean_lower = of->mean_upper = (double)NAN;
        if (of->knowledge == CARD_KNOWN && o == FOOTPRINT_LOSS) {
            spread_loss(j, d, of);
        }
    }
    const bool has_loss = c->outcomes[FOOTPRINT_LOSS].knowledge == CARD_KNOWN;
    c->flags = has_loss ? predict_flags(c->model, d) : 0;
    c->extrapolation_ratio = has_loss ? predict_extrapolation_ratio(c->model, d) : (double)NAN;
    c->is_optimistic = precision >= 0 && j->catalogue->formats[precision].is_bound;
    c->is_over_memory = c->outcomes[FOOTPRINT_MEMORY_LOAD].knowledge == CARD_KNOWN
                        && outcome[FOOTPRINT_MEMORY_LOAD] > 1.0;
    c->is_too_long = c->outcomes[FOOTPRINT_DURATION].knowledge == CARD_KNOWN
                     && outcome[FOOTPRINT_DURATION] * UNITS_HOUR_PER_DAY
                            > d->value[DESIGN_LIFESPAN] * UNITS_HOUR_PER_YEAR;
    c->misses_deadline = c->outcomes[FOOTPRINT_DEADLINE_USE].knowledge == CARD_KNOWN
                         && outcome[FOOTPRINT_DEADLINE_USE] > 1.0;
    c->is_unidentified = j->model->has_fit && !j->model->fit.identified;
    const struct price_subject subject = {.model = c->model,
                                          .catalogue = j->catalogue,
                                          .options = c->options,
                                          .dependents = &j->study->dependents};
    c->unpriced = price_unpaid(&subject, d);
    add_all_sources(c);
}

size_t card_flags(const struct card *c, const char *words[])
{
    size_t n = 0;
    for (int f = 0; f < PREDICT_N_FLAGS; f++) {
        if ((c->flags >> f & 1u) != 0) {
            words[n++] = predict_flag_field((enum predict_flag)f)->name;
        }
    }
    if (c->is_optimistic) {
        words[n++] = "optimistic_precision";
    }
    if (c->is_over_memory) {
        words[n++] = "over_memory";
    }
    if (c->is_too_long) {
        words[n++] = "outlasts_devices";
    }
    if (c->misses_deadline) {
        words[n++] = "misses_deadline";
    }
    if (c->is_unidentified) {
        words[n++] = "not_identified";
    }
    if (c->unpriced != 0) {
        words[n++] = "unpriced";
    }
    STATUS_ASSERT(n <= CARD_MAX_WORDS);
    return n;
}

size_t card_models(const struct card *c, struct card_named named[])
{
    static const enum design_input categories[] = {DESIGN_MFU_MODEL, DESIGN_SCALING_MODEL,
                                                   DESIGN_GOODPUT_MODEL, DESIGN_LIFESPAN_MODEL};
    size_t n = 0;
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        named[n++] = (struct card_named){
            design_field(categories[i])->name,
            design_category(c->catalogue, categories[i], design_code(&c->design, categories[i]))};
    }
    named[n++] =
        (struct card_named){"amortisation", footprint_amortisation_name(c->options->amortisation)};
    named[n++] = (struct card_named){"bound", hardware_bound_name(c->options->bound)};
    return n;
}
