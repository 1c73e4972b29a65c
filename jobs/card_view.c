#include "jobs/card_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/columns.h"
#include "jobs/document.h"
#include "jobs/pricing.h"
#include "jobs/summary.h"
#include "solver/base/escape.h"
#include "solver/optimum.h"

enum { WIDTH = 100, INDENT = 4 };

static const char *unit_of(const char *unit)
{
    return strcmp(unit, "1") == 0 ? "" : unit;
}

/* An input of a design as people write it. */
static const char *input_text(const struct card *c, enum design_input input, char text[],
                              size_t size)
{
    const struct design_field *field = design_field(input);
    const double value = c->design.value[input];
    if (field->kind == DESIGN_CATEGORY) {
        return design_category(c->catalogue, input, (int)value);
    }
    return summary_number(value, field->counts, text, size);
}

/* Inputs that are not said, and those that say nothing, are left out. */
static bool is_shown(const struct card *c, enum design_input input)
{
    const double value = c->design.value[input], neutral = design_field(input)->neutral;
    return !isnan(value)
           && (input == DESIGN_PRECISION || value < neutral || value > neutral || isnan(neutral));
}

static void print_design(FILE *to, const struct card *c)
{
    escape_fprint(to, "design\n");
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct design_field *field = design_field((enum design_input)i);
        char text[64];
        if (is_shown(c, (enum design_input)i)) {
            const char *unit = field->counts ? "" : unit_of(field->unit);
            escape_fprint(to, "  %-22s %14s%s%s\n", field->name,
                          input_text(c, (enum design_input)i, text, sizeof text),
                          unit[0] != '\0' ? " " : "", unit);
        }
    }
    escape_fprint(to, "  %-22s %14s (%s)\n", "law", c->model->law->id, c->model->name);
}

/* What the corrections make of the design, each with its factor and its paper. */
static void print_corrections(FILE *to, const struct predict_model *m, const struct design *d)
{
    static const char *const what[] = {[CORRECT_OF_TOKENS] = "tokens x",
                                       [CORRECT_OF_PARAMS] = "params x",
                                       [CORRECT_OF_LOSS] = "loss +",
                                       [CORRECT_OF_ACCURACY] = "accuracy"};
    if (m->n_corrections == 0) {
        return;
    }
    escape_fprint(to, "\ncorrections\n");
    for (size_t i = 0; i < m->n_corrections; i++) {
        const struct correct *c = &m->corrections[i];
        char value[32] = "";
        if (c->kind->value != NULL) {
            (void)snprintf(value, sizeof value, "%.5g", predict_correction(m, i, d));
        }
        escape_fprint(to, "  %-24s %14s  %s %s (%s)\n", c->id, value, what[c->kind->target],
                      c->kind->name, c->source);
    }
    char params[32], tokens[32];
    escape_fprint(to, "  the law sees %s params, %s tokens\n",
                  summary_number(predict_effective_params(m, d), true, params, sizeof params),
                  summary_number(predict_effective_tokens(m, d), true, tokens, sizeof tokens));
}

/* The loss with both intervals, each named. */
static void print_loss(FILE *to, const struct card_outcome *of, const char *value)
{
    const struct footprint_field *field = footprint_field(FOOTPRINT_LOSS);
    char range[48], mean[48];
    (void)snprintf(range, sizeof range, "%.5g .. %.5g", of->lower, of->upper);
    (void)snprintf(mean, sizeof mean, "%.5g .. %.5g", of->mean_lower, of->mean_upper);
    escape_fprint(to, "  %-22s %12s %-6s %-24s %s\n", field->name, value, field->unit,
                  of->is_new_run ? range : "absent", "new run");
    escape_fprint(to, "  %-22s %12s %-6s %-24s %s\n", "", "", "", mean, "mean");
}

static void print_outcome(FILE *to, const struct card *c, enum footprint_outcome o)
{
    const struct card_outcome *of = &c->outcomes[o];
    const struct footprint_field *field = footprint_field(o);
    if (of->knowledge == CARD_ABSENT) {
        escape_fprint(to, "  %-22s %12s\n", field->name, "absent");
        summary_wrap(to, of->absence, INDENT, WIDTH);
        return;
    }
    char value[32];
    (void)snprintf(value, sizeof value, footprint_rounds(o) ? "%.0f" : "%.5g", of->value);
    if (o == FOOTPRINT_LOSS && !isnan(of->mean_lower)) {
        print_loss(to, of, value);
        return;
    }
    if (of->is_interval) {
        const double percent = 100.0;
        char range[48];
        (void)snprintf(range, sizeof range, "%.5g .. %.5g", of->lower, of->upper);
        escape_fprint(to, "  %-22s %12s %-6s %-24s %s %.0f %%\n", field->name, value,
                      unit_of(field->unit), range, card_cause_name(of->dominant),
                      percent * of->shares[of->dominant]);
        return;
    }
    const char *unit = unit_of(field->unit);
    escape_fprint(to, "  %-22s %12s%s%s\n", field->name, value, unit[0] != '\0' ? " " : "", unit);
}

static bool is_of_memory(enum footprint_outcome o)
{
    const enum footprint_base base = footprint_base(o);
    return base == FOOTPRINT_OF_MEMORY || base == FOOTPRINT_OF_SERVING_BYTE;
}

/* The outcomes of one section. */
static void print_outcomes(FILE *to, const struct card *c, const char *title, bool of_memory)
{
    const double percent = 100.0;
    bool any = false;
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        if (c->outcomes[o].knowledge == CARD_UNASKED
            || is_of_memory((enum footprint_outcome)o) != of_memory) {
            continue;
        }
        if (!any && c->n_draws > 0 && !of_memory) {
            char of[48];
            (void)snprintf(of, sizeof of, "%g %% of %zu draws", percent * c->confidence,
                           c->n_draws);
            escape_fprint(to, "\n%-24s %12s %-6s %-24s %s\n", title, "", "", of, "mostly from");
        } else if (!any) {
            escape_fprint(to, "\n%s\n", title);
        }
        any = true;
        print_outcome(to, c, (enum footprint_outcome)o);
    }
}

static void print_optimum(FILE *to, const struct card *c)
{
    struct optimum best;
    const struct card_outcome *compute = &c->outcomes[FOOTPRINT_COMPUTE];
    if (compute->knowledge == CARD_KNOWN
        && optimum_at(c->model->law, c->model->theta, compute->value, &best)) {
        char params[32], tokens[32];
        escape_fprint(to, "  the same compute at its best%s: %s params, %s tokens, loss %.5g nat\n",
                      c->model->n_corrections > 0 ? ", without corrections" : "",
                      summary_number(best.params, true, params, sizeof params),
                      summary_number(best.tokens, true, tokens, sizeof tokens), best.loss_nat);
    }
}

/* Heaviest first; what no source attributes last. */
static int compare_materials(const void *left, const void *right)
{
    const struct hardware_material *a = left, *b = right;
    const bool a_last = strcmp(a->symbol, "unattributed") == 0;
    const bool b_last = strcmp(b->symbol, "unattributed") == 0;
    if (a_last != b_last) {
        return a_last ? 1 : -1;
    }
    const double x = a->mass_kg.typical, y = b->mass_kg.typical;
    return (x < y) - (x > y);
}

static struct hardware_interval times(struct hardware_interval i, double factor)
{
    return (struct hardware_interval){i.lo * factor, i.typical * factor, i.hi * factor};
}

static void print_mass(FILE *to, const char *name, struct hardware_interval kg, const char *known)
{
    const double figures[] = {kg.lo, kg.typical, kg.hi};
    escape_fprint(to, "  %-22s", name);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        char text[32] = "-"; /* not known */
        if (!isnan(figures[i])) {
            (void)snprintf(text, sizeof text, "%.4g", figures[i]);
        }
        escape_fprint(to, " %12s", text);
    }
    escape_fprint(to, "  %s\n", known);
}

/* Materials of a device, heaviest first. \param [out] sorted  [HARDWARE_MAX_MATERIALS] */
static void sort_materials(const struct hardware *h, struct hardware_material sorted[])
{
    memcpy(sorted, h->materials, h->n_materials * sizeof *sorted);
    qsort(sorted, h->n_materials, sizeof *sorted, compare_materials);
}

/* Kilograms of each material and of each list, as intervals, in the lives used up: their sum is
 * mass_kg. */
static void print_materials(FILE *to, const struct card *c)
{
    struct hardware_material sorted[HARDWARE_MAX_MATERIALS];
    const struct hardware *h = c->device;
    const struct card_outcome *count = &c->outcomes[FOOTPRINT_DEVICE_LIFETIME];
    if (h == NULL || count->knowledge != CARD_KNOWN) {
        return;
    }
    if (h->n_materials == 0) {
        escape_fprint(to, "\nmaterials: no composition of %s is in the catalogue\n", h->id);
        return;
    }
    escape_fprint(to, "\nmaterials of %.5g lives of %s, kg\n  %-22s %12s %12s %12s  status\n",
                  count->value, h->id, "", "lo", "typical", "hi");
    sort_materials(h, sorted);
    for (size_t i = 0; i < h->n_materials; i++) {
        print_mass(to, sorted[i].symbol, times(sorted[i].mass_kg, count->value),
                   hardware_status_name(sorted[i].status));
    }
    print_mass(to, "sum", times(h->mass_kg, count->value), "mass_kg");
    escape_fprint(to, "\nof these, by named list (of what is split into elements)\n");
    for (size_t k = 0; k < c->catalogue->n_classes; k++) {
        const struct hardware_content content =
            hardware_class_mass(c->catalogue, (int)(h - c->catalogue->devices), (int)k);
        if (content.status == HARDWARE_ABSENT) {
            escape_fprint(to, "  %-22s %12s %12s %12s  absent\n", c->catalogue->classes[k].id, "",
                          "", "");
        } else {
            print_mass(to, c->catalogue->classes[k].id, times(content.mass_kg, count->value),
                       hardware_status_name(content.status));
        }
    }
}

/* What published laws of hyper-parameters say of the design, each by its own way of counting. */
static void print_advice(FILE *to, const struct law_set sets[], size_t n_sets,
                         const struct design *d)
{
    static const char *const responses[] = {"learning_rate", "batch_tokens", "timescale"};
    escape_fprint(to, "\nadvice of published laws\n");
    for (size_t k = 0; k < sizeof responses / sizeof *responses; k++) {
        for (size_t i = 0; i < n_sets; i++) {
            struct predict_model m = {.law = sets[i].law};
            law_transform(m.law, sets[i].natural, m.theta);
            const double value =
                strcmp(m.law->response, responses[k]) == 0 ? predict_response(&m, d) : (double)NAN;
            if (!isnan(value)) {
                escape_fprint(to, "  %-24s %14.5g  %s\n", responses[k], value, sets[i].id);
            }
        }
    }
}

static void print_flags(FILE *to, const struct card *c, const struct fit *fit)
{
    escape_fprint(to, "\nflags\n");
    for (int f = 0; f < PREDICT_N_FLAGS; f++) {
        if ((c->flags >> f & 1u) != 0) {
            const struct predict_flag_field *field = predict_flag_field((enum predict_flag)f);
            escape_fprint(to, "  %s: %s\n", field->name, field->long_name);
        }
        if (f == PREDICT_EXTRAPOLATED && (c->flags >> f & 1u) != 0) {
            escape_fprint(to,
                          "%*sextrapolation_ratio %.3g: the least product of factors that leads "
                          "inside\n",
                          INDENT, "", c->extrapolation_ratio);
        }
    }
    if (c->is_optimistic) {
        escape_fprint(
            to, "  optimistic_precision: the MFU of this format is a published upper bound\n");
    }
    if (c->is_over_memory) {
        escape_fprint(
            to,
            "  over_memory: training needs the memory of %.0f devices, of which the fleet "
            "has %.0f\n",
            c->outcomes[FOOTPRINT_MEMORY_DEVICES].value, c->design.value[DESIGN_FLEET]);
    }
    if (c->is_too_long) {
        escape_fprint(
            to, "  outlasts_devices: training takes %.0f days, longer than a device is kept\n",
            c->outcomes[FOOTPRINT_DURATION].value);
    }
    if (c->misses_deadline) {
        escape_fprint(to,
                      "  misses_deadline: training takes %.4g days of the %.4g in which it must "
                      "end\n",
                      c->outcomes[FOOTPRINT_DURATION].value, c->design.value[DESIGN_DEADLINE]);
    }
    if (c->is_unidentified && fit != NULL) {
        escape_fprint(to, "  not_identified: ");
        summary_verdict(to, fit);
    }
    char names[256];
    if (c->unpriced != 0) {
        pricing_names(c->unpriced, names, sizeof names);
        escape_fprint(to,
                      "  unpriced: %s: no law, correction or cost in use makes anything worse for "
                      "it\n",
                      names);
    }
    const char *words[CARD_MAX_WORDS];
    if (card_flags(c, words) == 0) {
        escape_fprint(to, "  none\n");
    }
}

static void print_provenance(FILE *to, const struct card *c)
{
    struct card_named named[CARD_MAX_NAMED];
    char text[CARD_MAX_SOURCES * (CARD_SOURCE_SIZE + 2)] = "";
    const size_t n = card_models(c, named);
    for (size_t i = 0; i < n; i++) {
        const size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s%s %s", i > 0 ? ", " : "", named[i].key,
                       named[i].value);
    }
    escape_fprint(to, "\nmodels\n");
    summary_wrap(to, text, INDENT / 2, WIDTH);
    text[0] = '\0';
    for (size_t i = 0; i < c->n_sources; i++) {
        const size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? ", " : "", c->sources[i]);
    }
    escape_fprint(to, "\nsources (keys of docs/sources.bib)\n");
    summary_wrap(to, text, INDENT / 2, WIDTH);
}

void card_view_print(FILE *to, const struct card *c, const struct fit *fit,
                     const struct law_set sets[], size_t n_sets)
{
    print_design(to, c);
    print_corrections(to, c->model, &c->design);
    print_outcomes(to, c, "price", false);
    print_optimum(to, c);
    print_outcomes(to, c, "memory", true);
    print_materials(to, c);
    print_advice(to, sets, n_sets, &c->design);
    print_flags(to, c, fit);
    print_provenance(to, c);
}

static json_t *design_json(const struct card *c)
{
    json_t *o = json_object();
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        const double value = c->design.value[i];
        if (design_field(input)->kind == DESIGN_CATEGORY && !isnan(value)) {
            (void)document_put_text(o, design_field(input)->name,
                                    design_category(c->catalogue, input, (int)value));
        } else if (isfinite(value)) {
            (void)document_put_number(o, design_field(input)->name, value);
        }
    }
    return o;
}

/* Both intervals of the loss: of a new run as of any outcome, and of the mean. */
static void put_loss(json_t *made, const struct card_outcome *of)
{
    const double none = NAN; /* the macro is a float */
    (void)document_put_number(made, "lo", of->is_new_run ? of->lower : none);
    (void)document_put_number(made, "hi", of->is_new_run ? of->upper : none);
    (void)document_put_number(made, "mean_lo", of->mean_lower);
    (void)document_put_number(made, "mean_hi", of->mean_upper);
    (void)document_put_text(made, "interval", "lo and hi: new run; mean_lo and mean_hi: mean");
}

static json_t *outcome_json(const struct card *c, enum footprint_outcome o)
{
    const struct card_outcome *of = &c->outcomes[o];
    json_t *made = json_object();
    (void)document_put_number(made, "value", of->value);
    (void)document_put_text(made, "unit", footprint_field(o)->unit);
    if (of->knowledge == CARD_ABSENT) {
        (void)document_put_text(made, "absent", of->absence);
    }
    if (o == FOOTPRINT_LOSS) {
        put_loss(made, of);
    }
    if (of->is_interval) {
        json_t *shares = json_object();
        if (o != FOOTPRINT_LOSS) {
            (void)document_put_number(made, "lo", of->lower);
            (void)document_put_number(made, "hi", of->upper);
        }
        (void)document_put_number(made, "median", of->median);
        for (int k = 0; k < CARD_N_CAUSES; k++) {
            (void)document_put_number(shares, card_cause_name((enum card_cause)k), of->shares[k]);
        }
        (void)document_put(made, "variance_shares", shares);
    }
    return made;
}

static json_t *mass_json(const char *key, const char *name, struct hardware_interval kg,
                         enum hardware_status status)
{
    json_t *o = json_object();
    (void)document_put_text(o, key, name);
    (void)document_put_number(o, "lo_kg", kg.lo);
    (void)document_put_number(o, "typical_kg", kg.typical);
    (void)document_put_number(o, "hi_kg", kg.hi);
    (void)document_put_text(o, "status", hardware_status_name(status));
    return o;
}

/* Of the device lives used up, as mass_kg is; null without a composition. */
static json_t *materials_json(const struct card *c)
{
    const struct hardware *h = c->device;
    const struct card_outcome *count = &c->outcomes[FOOTPRINT_DEVICE_LIFETIME];
    if (h == NULL || count->knowledge != CARD_KNOWN || h->n_materials == 0) {
        return json_null();
    }
    json_t *o = json_object(), *elements = json_array(), *classes = json_array();
    (void)document_put_text(o, "device", h->id);
    (void)document_put_number(o, "device_lifetime", count->value);
    for (size_t i = 0; i < h->n_materials; i++) {
        (void)json_array_append_new(elements,
                                    mass_json("symbol", h->materials[i].symbol,
                                              times(h->materials[i].mass_kg, count->value),
                                              h->materials[i].status));
    }
    for (size_t k = 0; k < c->catalogue->n_classes; k++) {
        const struct hardware_content content =
            hardware_class_mass(c->catalogue, (int)(h - c->catalogue->devices), (int)k);
        (void)json_array_append_new(classes, mass_json("class", c->catalogue->classes[k].id,
                                                       times(content.mass_kg, count->value),
                                                       content.status));
    }
    (void)document_put(o, "elements", elements);
    (void)document_put(o, "classes", classes);
    return o;
}

json_t *card_view_json(const struct card *c)
{
    const char *words[CARD_MAX_WORDS];
    struct card_named named[CARD_MAX_NAMED];
    json_t *o = json_object(), *outcomes = json_object(), *flags = json_array();
    json_t *models = json_object(), *sources = json_array();
    bool ok = true;
    for (int i = 0; i < FOOTPRINT_N_OUTCOMES; i++) {
        if (c->outcomes[i].knowledge != CARD_UNASKED) {
            ok = ok
                 && document_put(outcomes, footprint_field((enum footprint_outcome)i)->name,
                                 outcome_json(c, (enum footprint_outcome)i));
        }
    }
    for (size_t i = 0, n = card_flags(c, words); i < n; i++) {
        ok = ok && json_array_append_new(flags, json_string(words[i])) == 0;
    }
    for (size_t i = 0, n = card_models(c, named); i < n; i++) {
        ok = ok && document_put_text(models, named[i].key, named[i].value);
    }
    for (size_t i = 0; i < c->n_sources; i++) {
        ok = ok && json_array_append_new(sources, json_string(c->sources[i])) == 0;
    }
    ok = document_put(o, "design", design_json(c)) && ok;
    ok = document_put(o, "outcomes", outcomes) && ok;
    ok = document_put_number(o, "confidence", c->confidence) && ok;
    ok = document_put(o, "draws", json_integer((json_int_t)c->n_draws)) && ok;
    ok = document_put_number(o, "extrapolation_ratio", c->extrapolation_ratio) && ok;
    ok = document_put(o, "materials", materials_json(c)) && ok;
    ok = document_put(o, "models", models) && ok;
    ok = document_put(o, "flags", flags) && ok;
    ok = document_put(o, "sources", sources) && ok;
    if (!ok) {
        json_decref(o);
        return NULL;
    }
    return o;
}

void card_view_csv_head(FILE *to, const struct hardware_catalogue *catalogue)
{
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        escape_fprint(to, "%s,", design_field((enum design_input)i)->name);
    }
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        const char *name = footprint_field((enum footprint_outcome)o)->name;
        escape_fprint(to, "%s,%s_lo,%s_hi,", name, name, name);
    }
    for (size_t k = 0; k < catalogue->n_classes; k++) {
        char name[HARDWARE_ID_SIZE + 16];
        for (size_t side = 0; side < COLUMNS_OF_CLASS; side++) {
            escape_csv(to, columns_class_name(&catalogue->classes[k], side, name, sizeof name));
            escape_fprint(to, ",");
        }
        (void)snprintf(name, sizeof name, "class_%s_status", catalogue->classes[k].id);
        escape_csv(to, name);
        escape_fprint(to, ",");
    }
    escape_fprint(to, "loss_nat_mean_lo,loss_nat_mean_hi,extrapolation_ratio,flags\n");
}

/* A number that reads back to the same bits, or nothing. */
static void print_cell(FILE *to, double value)
{
    enum { DIGITS = 17 };
    if (!isnan(value)) {
        escape_fprint(to, "%.*g", DIGITS, value);
    }
    escape_fprint(to, ",");
}

/* Of the lives used up, as mass_kg is, not of devices counted whole. */
static void print_classes(FILE *to, const struct card *c)
{
    const int device = design_code(&c->design, DESIGN_DEVICE);
    for (size_t k = 0; k < c->catalogue->n_classes; k++) {
        double kg[COLUMNS_OF_CLASS];
        columns_class_mass(c->catalogue, &c->design, c->outcomes[FOOTPRINT_DEVICE_LIFETIME].value,
                           (int)k, kg);
        for (size_t side = 0; side < COLUMNS_OF_CLASS; side++) {
            print_cell(to, kg[side]);
        }
        const enum hardware_status status =
            device >= 0 ? hardware_class_mass(c->catalogue, device, (int)k).status
                        : HARDWARE_ABSENT;
        escape_fprint(to, "%s,", hardware_status_name(status));
    }
}

void card_view_csv_row(FILE *to, const struct card *c)
{
    const char *words[CARD_MAX_WORDS];
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        if (design_field(input)->kind == DESIGN_CATEGORY && !isnan(c->design.value[i])) {
            escape_csv(to, design_category(c->catalogue, input, (int)c->design.value[i]));
            escape_fprint(to, ",");
        } else {
            print_cell(to, c->design.value[i]);
        }
    }
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        const struct card_outcome *of = &c->outcomes[o];
        const bool is_loss = o == FOOTPRINT_LOSS;
        const bool is_known = is_loss ? of->is_new_run : of->is_interval;
        const double otherwise = is_loss ? (double)NAN : of->value;
        print_cell(to, of->value);
        print_cell(to, is_known ? of->lower : otherwise);
        print_cell(to, is_known ? of->upper : otherwise);
    }
    print_classes(to, c);
    print_cell(to, c->outcomes[FOOTPRINT_LOSS].mean_lower);
    print_cell(to, c->outcomes[FOOTPRINT_LOSS].mean_upper);
    print_cell(to, c->extrapolation_ratio);
    for (size_t i = 0, n = card_flags(c, words); i < n; i++) {
        escape_fprint(to, "%s%s", i > 0 ? ";" : "", words[i]);
    }
    escape_fprint(to, "\n");
}
