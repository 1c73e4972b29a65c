#include "inputs/registry.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/sheet.h"
#include "solver/base/team.h"
#include "solver/base/units.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { FILE_NAME_SIZE = 256 };

#define PEAK(name, code)                                                                           \
    SHEET_NUMBER("peak_tflops_" name, struct hardware, peak_flop_per_second[code], false,          \
                 UNITS_FLOP_PER_TFLOP, 1e-2, 1e6)
#define DEVICE(member, lower, upper)                                                               \
    SHEET_NUMBER(#member, struct hardware, member, false, 1, lower, upper)
#define BOUND(member, bound, lower, upper)                                                         \
    SHEET_NUMBER(#member "_" #bound, struct hardware, member.bound, false, 1, lower, upper)

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
    BOUND(mass_kg, lo, 1e-3, 1e3),
    BOUND(mass_kg, typical, 1e-3, 1e3),
    BOUND(mass_kg, hi, 1e-3, 1e3),
    BOUND(embodied_carbon_kg, lo, 0.1, 1e5),
    BOUND(embodied_carbon_kg, typical, 0.1, 1e5),
    BOUND(embodied_carbon_kg, hi, 0.1, 1e5),
    DEVICE(price_usd, 1, 1e7),
    DEVICE(bandwidth_byte_per_second, 1e9, 1e15),
    DEVICE(rental_usd_per_hour, 1e-3, 1e4),
    DEVICE(measured_power_watt, 1, 1e5),
    DEVICE(server_power_watt, 0, 1e5),
    DEVICE(server_mass_kg, 0, 1e4),
    BOUND(server_embodied_carbon_kg, lo, 0, 1e5),
    BOUND(server_embodied_carbon_kg, typical, 0, 1e5),
    BOUND(server_embodied_carbon_kg, hi, 0, 1e5),
    DEVICE(server_price_ratio, 1, 100),
    DEVICE(heatsink_kg, 0, 1e3),
    DEVICE(casing_kg, 0, 1e3),
    SHEET_TEXT("source", struct hardware, source),
    SHEET_NOTE("note"),
};
static const struct sheet device_sheet = {"devices.tsv", COUNT(device_fields), device_fields,
                                          sizeof(struct hardware), offsetof(struct hardware, line)};

static const struct sheet_field grid_fields[] = {
    SHEET_KEY("id", struct hardware_grid, id),
    SHEET_NUMBER("carbon_kg_per_kwh", struct hardware_grid, carbon_kg_per_kwh, true, 1, 0, 5),
    SHEET_NUMBER("water_litre_per_kwh", struct hardware_grid, water_litre_per_kwh, false, 1, 0,
                 100),
    SHEET_NUMBER("price_usd_per_kwh", struct hardware_grid, price_usd_per_kwh, false, 1, 0, 100),
    SHEET_TEXT("source", struct hardware_grid, source),
    SHEET_NOTE("note"),
};
static const struct sheet grid_sheet = {"grids.tsv", COUNT(grid_fields), grid_fields,
                                        sizeof(struct hardware_grid),
                                        offsetof(struct hardware_grid, line)};

static const struct sheet_field site_fields[] = {
    SHEET_KEY("id", struct hardware_site, id),
    SHEET_NUMBER("pue_ratio", struct hardware_site, pue_ratio, true, 1, 1, 5),
    SHEET_NUMBER("water_litre_per_kwh", struct hardware_site, water_litre_per_kwh, false, 1, 0,
                 100),
    SHEET_TEXT("source", struct hardware_site, source),
    SHEET_NOTE("note"),
};
static const struct sheet site_sheet = {"sites.tsv", COUNT(site_fields), site_fields,
                                        sizeof(struct hardware_site),
                                        offsetof(struct hardware_site, line)};

struct format_row {
    char precision[16], is_bound[8], source[64];
    double mfu_factor;
    int line;
};
static const struct sheet_field format_fields[] = {
    SHEET_KEY("precision", struct format_row, precision),
    SHEET_NUMBER("mfu_factor", struct format_row, mfu_factor, false, 1, 0.01, 2),
    SHEET_TEXT("is_bound", struct format_row, is_bound),
    SHEET_TEXT("source", struct format_row, source),
    SHEET_NOTE("note"),
};
static const struct sheet format_sheet = {"formats.tsv", COUNT(format_fields), format_fields,
                                          sizeof(struct format_row),
                                          offsetof(struct format_row, line)};

struct material_row {
    char device[HARDWARE_ID_SIZE], reading[4], component[32], symbol[24], status[16], source[64];
    struct hardware_interval mass_g;
    enum hardware_status known; /* status, looked up */
    int line;
};
static const struct sheet_field material_fields[] = {
    SHEET_KEY("device", struct material_row, device),
    SHEET_KEY("reading", struct material_row, reading),
    SHEET_KEY("component", struct material_row, component),
    SHEET_KEY("symbol", struct material_row, symbol),
    SHEET_NUMBER("lo_g", struct material_row, mass_g.lo, false, 1, 0, 1e6),
    SHEET_NUMBER("typical_g", struct material_row, mass_g.typical, false, 1, 0, 1e6),
    SHEET_NUMBER("hi_g", struct material_row, mass_g.hi, false, 1, 0, 1e6),
    SHEET_NOTE("basis"),
    SHEET_TEXT("source", struct material_row, source),
    SHEET_TEXT("status", struct material_row, status),
};
static const struct sheet material_sheet = {"materials.tsv", COUNT(material_fields),
                                            material_fields, sizeof(struct material_row),
                                            offsetof(struct material_row, line)};

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
static const struct sheet law_sheet = {"laws.tsv", COUNT(law_fields), law_fields,
                                       sizeof(struct law_row), offsetof(struct law_row, line)};

const char *registry_folder(void)
{
    const char *folder = getenv("SCALEFRONT_DATA");
    return folder != NULL && folder[0] != '\0' ? folder : SCALEFRONT_DATA_DIR;
}

static enum status device_check_interval(const char *file, const struct hardware *h,
                                         struct hardware_interval i, const char *column,
                                         struct status_why *why)
{
    if (i.lo > i.typical || i.typical > i.hi || i.lo > i.hi) {
        return status_fail(why, STATUS_INPUT,
                           "%s:%d: %s: %g, %g, %g: expected lo <= typical <= hi for %s", file,
                           h->line, column, i.lo, i.typical, i.hi, h->id);
    }
    return STATUS_OK;
}

/* Vendors like to print peaks for matrices half of which is zero: twice the dense ones. A format is
 * at most twice as fast as the next wider one (2.045 at most among the rows shipped). */
static enum status device_check_peaks(const char *file, const struct hardware *h,
                                      struct status_why *why)
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
                               file, h->line, precision_name(pairs[i].narrow),
                               narrow / UNITS_FLOP_PER_TFLOP, ratio, precision_name(pairs[i].wide),
                               wide / UNITS_FLOP_PER_TFLOP);
        }
    }
    return STATUS_OK;
}

/* The parts that are told apart leave something for the board, or nothing. */
static enum status device_check_parts(const char *file, const struct hardware *h,
                                      struct status_why *why)
{
    const double parts_kg =
        (isnan(h->heatsink_kg) ? 0 : h->heatsink_kg) + (isnan(h->casing_kg) ? 0 : h->casing_kg);
    if (parts_kg > h->mass_kg.typical) {
        return status_fail(why, STATUS_INPUT,
                           "%s:%d: heatsink_kg: %g with casing_kg: expected at most "
                           "mass_kg_typical (%g) of %s",
                           file, h->line, parts_kg, h->mass_kg.typical, h->id);
    }
    return STATUS_OK;
}

static enum status device_check(const char *file, const struct hardware *h, struct status_why *why)
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
    STATUS_TRY(device_check_peaks(file, h, why));
    STATUS_TRY(device_check_parts(file, h, why));
    for (size_t i = 0; i < COUNT(intervals); i++) {
        STATUS_TRY(device_check_interval(file, h, intervals[i].value, intervals[i].column, why));
    }
out:
    return st;
}

static enum status format_take(const char *file, const struct format_row *row,
                               struct hardware_format formats[], struct status_why *why)
{
    const enum precision p = precision_find(row->precision);
    if (p == PRECISION_N || strcmp(precision_name(p), row->precision) != 0) {
        return sheet_fail(file, row->line, "precision", row->precision, "expected a known format",
                          why);
    }
    const bool yes = strcmp(row->is_bound, "yes") == 0;
    if (!yes && strcmp(row->is_bound, "no") != 0) {
        return sheet_fail(file, row->line, "is_bound", row->is_bound, "expected yes or no", why);
    }
    formats[p].mfu_factor = row->mfu_factor;
    formats[p].is_bound = yes;
    memcpy(formats[p].source, row->source, sizeof row->source);
    return STATUS_OK;
}

static enum status formats_take(const char *file, const struct format_row rows[], size_t n,
                                struct hardware_format formats[], struct status_why *why)
{
    for (size_t p = 0; p < PRECISION_N; p++) {
        formats[p].mfu_factor = NAN;
    }
    for (size_t i = 0; i < n; i++) {
        const enum status st = format_take(file, &rows[i], formats, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}

/* How published statements about a composition are read; the first is loaded, all are checked. */
static const char *const readings[] = {"A", "B"};

/* The materials of one device in one reading while its components are summed: a width is the sum
 * of the squared widths of the components. */
struct composition {
    size_t n;
    struct hardware_material materials[HARDWARE_MAX_MATERIALS];
    double typical_g[HARDWARE_MAX_MATERIALS];
    double below_g2[HARDWARE_MAX_MATERIALS], above_g2[HARDWARE_MAX_MATERIALS];
    double largest_g[HARDWARE_MAX_MATERIALS];
    double sum_g;
};

static enum status material_check(const char *file, struct material_row *row,
                                  const struct hardware_catalogue *c, struct status_why *why)
{
    if (hardware_find_device(c, row->device) < 0) {
        return sheet_fail(file, row->line, "device", row->device,
                          "expected an id of the table of devices", why);
    }
    size_t i = 0;
    while (i < COUNT(readings) && strcmp(readings[i], row->reading) != 0) {
        i++;
    }
    if (i == COUNT(readings)) {
        return sheet_fail(file, row->line, "reading", row->reading, "expected A or B", why);
    }
    row->known = HARDWARE_PUBLISHED;
    while (strcmp(hardware_status_name(row->known), row->status) != 0) {
        if (row->known == HARDWARE_ABSENT) {
            return sheet_fail(file, row->line, "status", row->status,
                              "expected published, derived, proxy or absent", why);
        }
        row->known = (enum hardware_status)(row->known + 1);
    }
    const struct hardware_interval m = row->mass_g;
    const bool empty = isnan(m.lo) && isnan(m.typical) && isnan(m.hi);
    const bool ordered = m.lo <= m.typical && m.typical <= m.hi;
    if (row->known == HARDWARE_ABSENT ? !empty : !ordered) {
        return sheet_fail(file, row->line, "typical_g", row->symbol,
                          "expected lo <= typical <= hi, all empty if absent", why);
    }
    return STATUS_OK;
}

/* An absent component adds nothing: what it may hold is part of the unattributed rest. The status
 * of a sum is that of its largest component. */
static enum status composition_add(struct composition *s, const char *file,
                                   const struct material_row *row, struct status_why *why)
{
    size_t i = 0;
    while (i < s->n && strcmp(s->materials[i].symbol, row->symbol) != 0) {
        i++;
    }
    if (i == HARDWARE_MAX_MATERIALS) {
        return sheet_fail(file, row->line, "symbol", row->symbol, "too many materials", why);
    }
    if (i == s->n) {
        memcpy(s->materials[i].symbol, row->symbol, sizeof row->symbol);
        s->materials[i].status = HARDWARE_ABSENT;
        s->n++;
    }
    if (row->known == HARDWARE_ABSENT) {
        return STATUS_OK;
    }
    const struct hardware_interval m = row->mass_g;
    const double below = m.typical - m.lo;
    const double above = m.hi - m.typical;
    if (s->materials[i].status == HARDWARE_ABSENT || m.typical > s->largest_g[i]) {
        s->materials[i].status = row->known;
        s->largest_g[i] = m.typical;
    }
    s->typical_g[i] += m.typical;
    s->below_g2[i] += below * below;
    s->above_g2[i] += above * above;
    s->sum_g += m.typical;
    return STATUS_OK;
}

static void composition_finish(const struct composition *s, struct hardware *h)
{
    h->n_materials = s->n;
    for (size_t i = 0; i < s->n; i++) {
        const double typical = s->typical_g[i];
        const double lo = fmax(0, typical - sqrt(s->below_g2[i]));
        const double hi = typical + sqrt(s->above_g2[i]);
        h->materials[i] = s->materials[i];
        h->materials[i].mass_kg =
            s->materials[i].status == HARDWARE_ABSENT
                ? (struct hardware_interval){NAN, NAN, NAN}
                : (struct hardware_interval){lo / UNITS_GRAM_PER_KG, typical / UNITS_GRAM_PER_KG,
                                             hi / UNITS_GRAM_PER_KG};
    }
}

/* Sum the components of one device in one reading and compare with its mass.
 * \param [in,out] h  receives the sums if \a load */
static enum status composition_take(const char *file, const struct material_row rows[], size_t n,
                                    const char *reading, bool load, const char *devices_file,
                                    struct hardware *h, struct status_why *why)
{
    static const double tolerance = 1e-6; /* tables are written to a milligram */
    struct composition sum = {0};
    int line = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].device, h->id) != 0 || strcmp(rows[i].reading, reading) != 0) {
            continue;
        }
        const enum status st = composition_add(&sum, file, &rows[i], why);
        if (st != STATUS_OK) {
            return st;
        }
        line = rows[i].line;
    }
    const double mass_g = h->mass_kg.typical * UNITS_GRAM_PER_KG;
    if (sum.n > 0 && !(fabs(sum.sum_g - mass_g) <= tolerance * mass_g)) {
        return status_fail(why, STATUS_INPUT,
                           "%s:%d: typical_g: %.9g: the rows of %s, reading %s, must sum to its "
                           "mass_kg_typical, %.9g g (%s:%d), unattributed included",
                           file, line, sum.sum_g, h->id, reading, mass_g, devices_file, h->line);
    }
    if (load) {
        composition_finish(&sum, h);
    }
    return STATUS_OK;
}

static enum status materials_take(const char *file, struct material_row rows[], size_t n,
                                  struct hardware_catalogue *c, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(material_check(file, &rows[i], c, why));
    }
    for (size_t d = 0; d < c->n_devices; d++) {
        for (size_t r = 0; r < COUNT(readings); r++) {
            STATUS_TRY(composition_take(file, rows, n, readings[r], r == 0, c->devices_file,
                                        &c->devices[d], why));
        }
    }
out:
    return st;
}

enum status registry_read(MPI_Comm comm, const char *folder, struct hardware_catalogue *made,
                          struct status_why *why)
{
    enum status st;
    void *devices = NULL, *grids = NULL, *sites = NULL, *formats = NULL, *materials = NULL;
    size_t n_formats, n_materials;
    char formats_file[sizeof made->devices_file], materials_file[sizeof made->devices_file];
    memset(made, 0, sizeof *made);
    STATUS_TRY(sheet_read(comm, &device_sheet, folder, made->devices_file,
                          sizeof made->devices_file, &devices, &made->n_devices, why));
    STATUS_TRY(sheet_read(comm, &grid_sheet, folder, made->grids_file, sizeof made->grids_file,
                          &grids, &made->n_grids, why));
    STATUS_TRY(sheet_read(comm, &site_sheet, folder, made->sites_file, sizeof made->sites_file,
                          &sites, &made->n_sites, why));
    STATUS_TRY(sheet_read(comm, &format_sheet, folder, formats_file, sizeof formats_file, &formats,
                          &n_formats, why));
    STATUS_TRY(sheet_read(comm, &material_sheet, folder, materials_file, sizeof materials_file,
                          &materials, &n_materials, why));
    made->devices = devices;
    made->grids = grids;
    made->sites = sites;
    devices = grids = sites = NULL;
    for (size_t i = 0; i < made->n_devices; i++) {
        STATUS_TRY(device_check(made->devices_file, &made->devices[i], why));
    }
    STATUS_TRY(formats_take(formats_file, formats, n_formats, made->formats, why));
    STATUS_TRY(materials_take(materials_file, materials, n_materials, made, why));
out:
    free(devices);
    free(grids);
    free(sites);
    free(formats);
    free(materials);
    if (st != STATUS_OK) {
        registry_clear(made);
    }
    return st;
}

void registry_clear(struct hardware_catalogue *c)
{
    free(c->devices);
    free(c->grids);
    free(c->sites);
    memset(c, 0, sizeof *c);
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
