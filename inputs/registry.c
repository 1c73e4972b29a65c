#include "inputs/registry.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/catalogue/composition.h"
#include "inputs/catalogue/lists.h"
#include "inputs/catalogue/observed.h"
#include "inputs/sheet.h"
#include "solver/base/team.h"
#include "solver/base/units.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { FILE_NAME_SIZE = 256 };

#define SHEET(name, list, row)                                                                     \
    {                                                                                              \
        .file = (name), .n_fields = COUNT(list), .fields = (list), .row_size = sizeof(row),        \
        .line = offsetof(row, line), .origin = offsetof(row, file)                                 \
    }

#define PEAK(name, code)                                                                           \
    SHEET_NUMBER("peak_tflops_" name, struct hardware, peak_flop_per_second[code], false,          \
                 UNITS_FLOP_PER_TFLOP, 1e-2, 1e6)
#define DEVICE(member, lower, upper)                                                               \
    SHEET_NUMBER(#member, struct hardware, member, false, 1, lower, upper)
#define BOUND(column, member, lower, upper)                                                        \
    SHEET_NUMBER(column, struct hardware, member, false, 1, lower, upper)

static const struct sheet_field device_fields[] = {
    SHEET_KEY("id", struct hardware, id),
    SHEET_TEXT("vendor", struct hardware, vendor),
    DEVICE(year, 1990, 2100),
    PEAK("fp32", PRECISION_FP32),
    PEAK("tf32", PRECISION_TF32),
    PEAK("bf16", PRECISION_BF16),
    PEAK("fp8", PRECISION_FP8),
    PEAK("int8", PRECISION_INT8),
    PEAK("fp4", PRECISION_FP4),
    DEVICE(power_watt, 1, 1e5),
    SHEET_NUMBER("memory_gb", struct hardware, memory_byte, false, UNITS_BYTE_PER_GB, 1, 1e5),
    BOUND("mass_kg_lo", mass_kg.lo, 1e-3, 1e3),
    BOUND("mass_kg_typical", mass_kg.typical, 1e-3, 1e3),
    BOUND("mass_kg_hi", mass_kg.hi, 1e-3, 1e3),
    BOUND("embodied_carbon_kg_lo", embodied_carbon_kg.lo, 0.1, 1e5),
    BOUND("embodied_carbon_kg_typical", embodied_carbon_kg.typical, 0.1, 1e5),
    BOUND("embodied_carbon_kg_hi", embodied_carbon_kg.hi, 0.1, 1e5),
    DEVICE(price_usd, 1, 1e7),
    DEVICE(bandwidth_byte_per_second, 1e9, 1e15),
    DEVICE(rental_usd_per_hour, 1e-3, 1e4),
    DEVICE(measured_power_watt, 1, 1e5),
    DEVICE(server_power_watt, 0, 1e5),
    DEVICE(server_mass_kg, 0, 1e4),
    BOUND("server_embodied_carbon_kg_lo", server_embodied_carbon_kg.lo, 0, 1e5),
    BOUND("server_embodied_carbon_kg_typical", server_embodied_carbon_kg.typical, 0, 1e5),
    BOUND("server_embodied_carbon_kg_hi", server_embodied_carbon_kg.hi, 0, 1e5),
    DEVICE(server_price_ratio, 1, 100),
    DEVICE(heatsink_kg, 0, 1e3),
    DEVICE(casing_kg, 0, 1e3),
    SHEET_TEXT("source", struct hardware, source),
    SHEET_NOTE("note"),
};
static const struct sheet device_sheet = SHEET("devices.tsv", device_fields, struct hardware);

static const struct sheet_field grid_fields[] = {
    SHEET_KEY("id", struct hardware_grid, id),
    SHEET_NUMBER("carbon_kg_per_kwh", struct hardware_grid, carbon_kg_per_kwh, true, 1, 0, 5),
    SHEET_NUMBER("water_litre_per_kwh", struct hardware_grid, water_litre_per_kwh, false, 1, 0,
                 100),
    SHEET_NUMBER("price_usd_per_kwh", struct hardware_grid, price_usd_per_kwh, false, 1, 0, 100),
    SHEET_TEXT("source", struct hardware_grid, source),
    SHEET_NOTE("note"),
};
static const struct sheet grid_sheet = SHEET("grids.tsv", grid_fields, struct hardware_grid);

static const struct sheet_field site_fields[] = {
    SHEET_KEY("id", struct hardware_site, id),
    SHEET_NUMBER("pue_ratio", struct hardware_site, pue_ratio, true, 1, 1, 5),
    SHEET_NUMBER("water_litre_per_kwh", struct hardware_site, water_litre_per_kwh, false, 1, 0,
                 100),
    SHEET_TEXT("source", struct hardware_site, source),
    SHEET_NOTE("note"),
};
static const struct sheet site_sheet = SHEET("sites.tsv", site_fields, struct hardware_site);

struct format_row {
    char precision[16], is_bound[8], source[64];
    double mfu_factor;
    const char *file;
    int line;
};
static const struct sheet_field format_fields[] = {
    SHEET_KEY("precision", struct format_row, precision),
    SHEET_NUMBER("mfu_factor", struct format_row, mfu_factor, false, 1, 0.01, 2),
    SHEET_TEXT("is_bound", struct format_row, is_bound),
    SHEET_TEXT("source", struct format_row, source),
    SHEET_NOTE("note"),
};
static const struct sheet format_sheet = SHEET("formats.tsv", format_fields, struct format_row);

static const struct sheet_field optimizer_fields[] = {
    SHEET_KEY("id", struct hardware_optimizer, id),
    SHEET_NUMBER("state_byte_per_param", struct hardware_optimizer, state_byte_per_param, true, 1,
                 0, 1e3),
    SHEET_TEXT("source", struct hardware_optimizer, source),
    SHEET_NOTE("note"),
};
static const struct sheet optimizer_sheet =
    SHEET("optimizers.tsv", optimizer_fields, struct hardware_optimizer);

struct law_row {
    char id[SHEET_MEMBER_SIZE(struct law_set, id)], title[SHEET_MEMBER_SIZE(struct law_set, title)],
        source[SHEET_MEMBER_SIZE(struct law_set, source)];
    char law[48], parameters[512];
    double params_lower, params_upper, tokens_lower, tokens_upper;
    int line;
};
static const struct sheet_field law_fields[] = {
    SHEET_KEY("id", struct law_row, id),
    SHEET_TEXT("law", struct law_row, law),
    SHEET_TEXT("title", struct law_row, title),
    SHEET_TEXT("parameters", struct law_row, parameters),
    SHEET_NUMBER("params_lower", struct law_row, params_lower, false, 1, 1, 1e18),
    SHEET_NUMBER("params_upper", struct law_row, params_upper, false, 1, 1, 1e18),
    SHEET_NUMBER("tokens_lower", struct law_row, tokens_lower, false, 1, 1, 1e18),
    SHEET_NUMBER("tokens_upper", struct law_row, tokens_upper, false, 1, 1, 1e18),
    SHEET_TEXT("source", struct law_row, source),
    SHEET_NOTE("note"),
};
static const struct sheet law_sheet = {"laws.tsv",
                                       COUNT(law_fields),
                                       law_fields,
                                       sizeof(struct law_row),
                                       offsetof(struct law_row, line),
                                       0};

const char *registry_folder(void)
{
    const char *folder = getenv("SCALEFRONT_DATA");
    return folder != NULL && folder[0] != '\0' ? folder : SCALEFRONT_DATA_DIR;
}

static enum status device_check_interval(const struct hardware *h, struct hardware_interval i,
                                         const char *column, struct status_why *why)
{
    if (i.lo > i.typical || i.typical > i.hi || i.lo > i.hi) {
        return status_fail(why, STATUS_INPUT,
                           "%s:%d: %s: %g, %g, %g: expected lo <= typical <= hi for %s", h->file,
                           h->line, column, i.lo, i.typical, i.hi, h->id);
    }
    return STATUS_OK;
}

/* Vendors like to print peaks for matrices half of which is zero: twice the dense ones. A format is
 * at most twice as fast as the next wider one (2.045 at most among the rows shipped). */
static enum status device_check_peaks(const struct hardware *h, struct status_why *why)
{
    static const double ratio = 2.2;
    static const struct {
        enum precision narrow, wide;
    } pairs[] = {{PRECISION_BF16, PRECISION_TF32},
                 {PRECISION_FP8, PRECISION_BF16},
                 {PRECISION_INT8, PRECISION_BF16},
                 {PRECISION_FP4, PRECISION_FP8}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        const double narrow = h->peak_flop_per_second[pairs[i].narrow];
        const double wide = h->peak_flop_per_second[pairs[i].wide];
        if (narrow > ratio * wide) {
            return status_fail(why, STATUS_INPUT,
                               "%s:%d: peak_tflops_%s: %g: expected at most %g times "
                               "peak_tflops_%s (%g); is it a sparse peak? only dense ones count",
                               h->file, h->line, precision_name(pairs[i].narrow),
                               narrow / UNITS_FLOP_PER_TFLOP, ratio, precision_name(pairs[i].wide),
                               wide / UNITS_FLOP_PER_TFLOP);
        }
    }
    return STATUS_OK;
}

/* The parts that are told apart leave something for the board, or nothing. */
static enum status device_check_parts(const struct hardware *h, struct status_why *why)
{
    const double parts_kg =
        (isnan(h->heatsink_kg) ? 0 : h->heatsink_kg) + (isnan(h->casing_kg) ? 0 : h->casing_kg);
    if (parts_kg > h->mass_kg.typical) {
        return status_fail(why, STATUS_INPUT,
                           "%s:%d: heatsink_kg: %g with casing_kg: expected at most "
                           "mass_kg_typical (%g) of %s",
                           h->file, h->line, parts_kg, h->mass_kg.typical, h->id);
    }
    return STATUS_OK;
}

static enum status device_check(const struct hardware *h, struct status_why *why)
{
    const struct {
        struct hardware_interval value;
        const char *column;
    } intervals[] = {
        {h->mass_kg, "mass_kg_typical"},
        {h->embodied_carbon_kg, "embodied_carbon_kg_typical"},
        {h->server_embodied_carbon_kg, "server_embodied_carbon_kg_typical"},
    };
    enum status st;
    STATUS_TRY(device_check_peaks(h, why));
    STATUS_TRY(device_check_parts(h, why));
    for (size_t i = 0; i < COUNT(intervals); i++) {
        STATUS_TRY(device_check_interval(h, intervals[i].value, intervals[i].column, why));
    }
out:
    return st;
}

static enum status format_take(const struct format_row *row, struct hardware_format formats[],
                               struct status_why *why)
{
    const enum precision p = precision_find(row->precision);
    if (p == PRECISION_N || strcmp(precision_name(p), row->precision) != 0) {
        return sheet_fail(row->file, row->line, "precision", row->precision,
                          "expected a known format", why);
    }
    struct hardware_format *f = &formats[p];
    f->mfu_factor = row->mfu_factor;
    f->file = row->file;
    f->line = row->line;
    memcpy(f->source, row->source, sizeof row->source);
    return sheet_yes(row->is_bound, "is_bound", row->file, row->line, &f->is_bound, why);
}

static enum status formats_take(const struct format_row rows[], size_t n,
                                struct hardware_format formats[], struct status_why *why)
{
    for (size_t p = 0; p < PRECISION_N; p++) {
        formats[p].mfu_factor = NAN;
    }
    for (size_t i = 0; i < n; i++) {
        const enum status st = format_take(&rows[i], formats, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}

static const struct sheet *const sheets[HARDWARE_N_TABLES] = {
    [HARDWARE_DEVICES] = &device_sheet,
    [HARDWARE_FORMATS] = &format_sheet,
    [HARDWARE_GRIDS] = &grid_sheet,
    [HARDWARE_SITES] = &site_sheet,
    [HARDWARE_MATERIALS] = &composition_sheet,
    [HARDWARE_MFU] = &observed_sheet,
    [HARDWARE_OPTIMIZERS] = &optimizer_sheet,
    [HARDWARE_ELEMENTS] = &lists_element_sheet,
    [HARDWARE_CLASSES] = &lists_class_sheet,
};

/* All tables as they were read. */
struct tables {
    void *rows[HARDWARE_N_TABLES];
    size_t n[HARDWARE_N_TABLES];
};

/* Hand the rows of one table over. */
static void *take(struct tables *t, enum hardware_table table, size_t *n)
{
    void *rows = t->rows[table];
    t->rows[table] = NULL;
    *n = t->n[table];
    return rows;
}

static enum status tables_read(MPI_Comm comm, const char *folder,
                               const struct registry_options *options, char *names,
                               struct tables *tables, struct status_why *why)
{
    for (int t = 0; t < HARDWARE_N_TABLES; t++) {
        char *name = names + (size_t)t * 2 * REGISTRY_PATH_SIZE;
        char *own = name + REGISTRY_PATH_SIZE;
        const int length = snprintf(name, REGISTRY_PATH_SIZE, "%s/%s", folder, sheets[t]->file);
        if (length < 0 || length >= REGISTRY_PATH_SIZE) {
            return status_fail(why, STATUS_INPUT, "%s: the folder of tables has too long a name",
                               folder);
        }
        (void)snprintf(own, REGISTRY_PATH_SIZE, "%s", options->own[t]);
        const enum status st = sheet_read_own(comm, sheets[t], name, own[0] == '\0' ? NULL : own,
                                              &tables->rows[t], &tables->n[t], why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}

/* What the tables say of each other. */
static enum status tables_take(struct tables *t, const struct registry_options *options,
                               struct hardware_catalogue *made, struct status_why *why)
{
    enum status st;
    made->devices = take(t, HARDWARE_DEVICES, &made->n_devices);
    made->grids = take(t, HARDWARE_GRIDS, &made->n_grids);
    made->sites = take(t, HARDWARE_SITES, &made->n_sites);
    made->optimizers = take(t, HARDWARE_OPTIMIZERS, &made->n_optimizers);
    made->reading = options->reading;
    for (size_t i = 0; i < made->n_devices; i++) {
        STATUS_TRY(device_check(&made->devices[i], why));
    }
    STATUS_TRY(formats_take(t->rows[HARDWARE_FORMATS], t->n[HARDWARE_FORMATS], made->formats, why));
    STATUS_TRY(lists_take(t->rows[HARDWARE_ELEMENTS], t->n[HARDWARE_ELEMENTS],
                          t->rows[HARDWARE_CLASSES], t->n[HARDWARE_CLASSES],
                          options->heavy_above_g_per_cm3, made, why));
    STATUS_TRY(composition_take(t->rows[HARDWARE_MATERIALS], t->n[HARDWARE_MATERIALS],
                                options->reading, made, why));
    STATUS_TRY(observed_take(t->rows[HARDWARE_MFU], t->n[HARDWARE_MFU], made, why));
out:
    return st;
}

enum status registry_read(MPI_Comm comm, const char *folder, const struct registry_options *options,
                          struct hardware_catalogue *made, struct status_why *why)
{
    static const struct registry_options shipped = {.reading = HARDWARE_READING_A};
    enum status st = STATUS_OK;
    struct tables tables = {{NULL}, {0}};
    options = options == NULL ? &shipped : options;
    memset(made, 0, sizeof *made);
    made->file_names = calloc((size_t)HARDWARE_N_TABLES * 2, REGISTRY_PATH_SIZE);
    if (made->file_names == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: no memory for names of files", folder);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(tables_read(comm, folder, options, made->file_names, &tables, why));
    st = tables_take(&tables, options, made, why);
    STATUS_TRY(team_agree(comm, st, why));
out:
    for (int t = 0; t < HARDWARE_N_TABLES; t++) {
        free(tables.rows[t]);
    }
    if (st != STATUS_OK) {
        registry_clear(made);
    }
    return st;
}

enum status registry_read_study(MPI_Comm comm, const struct study *study,
                                struct hardware_catalogue *made, struct status_why *why)
{
    struct registry_options options = {.reading = study->catalogue_reading,
                                       .heavy_above_g_per_cm3 = study->heavy_above_g_per_cm3};
    for (int t = 0; t < HARDWARE_N_TABLES; t++) {
        if (study->catalogue_files[t][0] != '\0') {
            study_path(study, study->catalogue_files[t], options.own[t], sizeof options.own[t]);
        }
    }
    return registry_read(comm, registry_folder(), &options, made, why);
}

void registry_clear(struct hardware_catalogue *c)
{
    free(c->devices);
    free(c->grids);
    free(c->sites);
    free(c->mfu);
    free(c->optimizers);
    free(c->elements);
    free(c->classes);
    free(c->file_names);
    memset(c, 0, sizeof *c);
}

/* The tables whose figures can be given one by one. */
static const struct sheet *figure_sheet(enum hardware_table table)
{
    const struct sheet *sheet = table == HARDWARE_DEVICES ? &device_sheet
                                : table == HARDWARE_GRIDS ? &grid_sheet
                                                          : &site_sheet;
    STATUS_ASSERT(table == HARDWARE_DEVICES || table == HARDWARE_GRIDS || table == HARDWARE_SITES);
    return sheet;
}

void registry_blank(enum hardware_table table, void *row)
{
    const struct sheet *sheet = figure_sheet(table);
    const double absent = NAN;
    memset(row, 0, sheet->row_size);
    for (size_t i = 0; i < sheet->n_fields; i++) {
        if (sheet->fields[i].kind == SHEET_KIND_NUMBER) {
            memcpy((char *)row + sheet->fields[i].offset, &absent, sizeof absent);
        }
    }
}

enum status registry_set(enum hardware_table table, void *row, const char *column,
                         const char *value, const char *file, int line, struct status_why *why)
{
    const struct sheet *sheet = figure_sheet(table);
    const char *known[SHEET_MAX_FIELDS];
    size_t n = 0;
    for (size_t i = 0; i < sheet->n_fields; i++) {
        const struct sheet_field *f = &sheet->fields[i];
        if (f->kind == SHEET_KIND_NUMBER && strcmp(f->column, column) == 0) {
            double number = NAN;
            const enum status st = sheet_number(f, value, file, line, &number, why);
            memcpy((char *)row + f->offset, &number, sizeof number);
            return st;
        }
        if (f->kind == SHEET_KIND_NUMBER) {
            known[n++] = f->column;
        }
    }
    return sheet_fail_unknown(file, line, hardware_table_name(table), column,
                              "expected a column of numbers", known, n, why);
}

/* One `name=value` of the column parameters. \param [in,out] natural  [n_parameters] NAN until
 * given */
static enum status parameter_take(const char *file, const struct law_row *row, char *word,
                                  const struct law *law, double natural[], struct status_why *why)
{
    const char *known[LAW_MAX_PARAMETERS];
    char *equals = strchr(word, '=');
    if (equals == NULL) {
        return sheet_fail(file, row->line, "parameters", word, "expected name=value", why);
    }
    *equals = '\0';
    size_t i = 0;
    for (; i < law->n_parameters; i++) {
        known[i] = law->parameters[i].name;
        if (strcmp(known[i], word) == 0) {
            break;
        }
    }
    if (i == law->n_parameters) {
        return sheet_fail_unknown(file, row->line, "parameters", word, "no parameter of this law",
                                  known, law->n_parameters, why);
    }
    if (!isnan(natural[i])) {
        return sheet_fail(file, row->line, "parameters", word, "given twice", why);
    }
    const struct sheet_field as_field = {.column = word,
                                         .required = true,
                                         .scale = 1,
                                         .minimum = law->parameters[i].lower,
                                         .maximum = law->parameters[i].upper};
    return sheet_number(&as_field, equals + 1, file, row->line, &natural[i], why);
}

static enum status parameters_take(const char *file, const struct law_row *row,
                                   const struct law *law, double natural[], struct status_why *why)
{
    char text[sizeof row->parameters];
    char *rest = text;
    memcpy(text, row->parameters, sizeof text);
    for (size_t i = 0; i < law->n_parameters; i++) {
        natural[i] = NAN;
    }
    while (*(rest += strspn(rest, " ")) != '\0') {
        char *word = rest;
        rest += strcspn(rest, " ");
        if (*rest != '\0') {
            *rest++ = '\0';
        }
        const enum status st = parameter_take(file, row, word, law, natural, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (isnan(natural[i])) {
            return sheet_fail(file, row->line, "parameters", law->parameters[i].name, "not given",
                              why);
        }
    }
    return STATUS_OK;
}

/* The range of one input, if the law reads it; an end not stated is NAN. */
static enum status range_take(const char *file, const struct law_row *row, struct law_set *set,
                              const char *name, double lower, double upper, struct status_why *why)
{
    const int i = law_find_input(set->law, name);
    if (lower > upper) {
        return sheet_fail(file, row->line, name, row->id, "expected lower <= upper", why);
    }
    if (i >= 0) {
        set->lower[i] = isnan(lower) ? 0 : lower;
        set->upper[i] = isnan(upper) ? (double)INFINITY : upper;
    }
    return STATUS_OK;
}

static enum status law_take(const char *file, const struct law_row *row, struct law_set *set,
                            struct status_why *why)
{
    memcpy(set->id, row->id, sizeof set->id);
    memcpy(set->title, row->title, sizeof set->title);
    memcpy(set->source, row->source, sizeof set->source);
    set->law = law_find(row->law);
    if (set->law == NULL) {
        return sheet_fail(file, row->line, "law", row->law, "expected the id of a law", why);
    }
    for (size_t i = 0; i < set->law->n_inputs; i++) {
        set->lower[i] = 0;
        set->upper[i] = (double)INFINITY;
    }
    const enum status st =
        range_take(file, row, set, LAW_PARAMS, row->params_lower, row->params_upper, why);
    if (st != STATUS_OK) {
        return st;
    }
    const enum status next =
        range_take(file, row, set, LAW_TOKENS, row->tokens_lower, row->tokens_upper, why);
    if (next != STATUS_OK) {
        return next;
    }
    return parameters_take(file, row, set->law, set->natural, why);
}

enum status registry_read_laws(MPI_Comm comm, const char *folder, struct law_set **sets, size_t *n,
                               struct status_why *why)
{
    enum status st;
    void *rows = NULL;
    struct law_set *made = NULL;
    size_t n_rows = 0;
    char file[FILE_NAME_SIZE];
    STATUS_TRY(sheet_read(comm, &law_sheet, folder, file, sizeof file, &rows, &n_rows, why));
    made = calloc(n_rows, sizeof *made);
    if (made == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: no memory for %zu laws", file, n_rows);
    }
    STATUS_TRY(team_agree(comm, st, why));
    for (size_t i = 0; i < n_rows; i++) {
        STATUS_TRY(law_take(file, (const struct law_row *)rows + i, &made[i], why));
    }
    *sets = made;
    *n = n_rows;
    made = NULL;
out:
    free(made);
    free(rows);
    return st;
}

const struct law_set *registry_find_law(const struct law_set sets[], size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(sets[i].id, id) == 0) {
            return &sets[i];
        }
    }
    return NULL;
}
