#include "inputs/catalogue/composition.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "solver/base/log.h"
#include "solver/base/units.h"

static const double absent = NAN; /* the macro is a float */

struct material_row {
    char device[HARDWARE_ID_SIZE], reading[4], component[32], symbol[24], status[16], source[64];
    struct hardware_interval mass_kg;
    enum hardware_reading read;   /* reading, looked up */
    enum hardware_status known;   /* status, looked up */
    int in_device, element, line; /* rows; -1: unattributed */
    const char *file;
};
#define GRAM(column, bound)                                                                        \
    SHEET_NUMBER(column, struct material_row, mass_kg.bound, false, 1 / UNITS_GRAM_PER_KG, 0, 1e6)
static const struct sheet_field fields[] = {
    SHEET_GROUP("device", struct material_row, device),
    SHEET_GROUP("reading", struct material_row, reading),
    SHEET_KEY("component", struct material_row, component),
    SHEET_KEY("symbol", struct material_row, symbol),
    GRAM("lo_g", lo),
    GRAM("typical_g", typical),
    GRAM("hi_g", hi),
    SHEET_NOTE("basis"),
    SHEET_TEXT("source", struct material_row, source),
    SHEET_TEXT("status", struct material_row, status),
};
const struct sheet composition_sheet = {.file = "materials.tsv",
                                        .n_fields = sizeof fields / sizeof *fields,
                                        .fields = fields,
                                        .row_size = sizeof(struct material_row),
                                        .line = offsetof(struct material_row, line),
                                        .origin = offsetof(struct material_row, file)};

/* The materials of one device in one reading while its components are summed. */
struct composition {
    size_t n;
    struct hardware_material materials[HARDWARE_MAX_MATERIALS];
    struct hardware_sum sums[HARDWARE_MAX_MATERIALS];
    double largest_kg[HARDWARE_MAX_MATERIALS];
    double typical_kg;
    const struct material_row *last; /* NULL: no row */
};

static enum status fail(const struct material_row *row, const char *column, const char *value,
                        const char *expected, struct status_why *why)
{
    return sheet_fail(row->file, row->line, column, value, expected, why);
}

static enum status find_reading(struct material_row *row, struct status_why *why)
{
    for (int r = 0; r < HARDWARE_N_READINGS; r++) {
        row->read = (enum hardware_reading)r;
        if (strcmp(hardware_reading_name(row->read), row->reading) == 0) {
            return STATUS_OK;
        }
    }
    return fail(row, "reading", row->reading, "expected A or B", why);
}

static enum status find_status(struct material_row *row, struct status_why *why)
{
    for (int s = HARDWARE_PUBLISHED; s <= HARDWARE_ABSENT; s++) {
        row->known = (enum hardware_status)s;
        if (strcmp(hardware_status_name(row->known), row->status) == 0) {
            return STATUS_OK;
        }
    }
    return fail(row, "status", row->status, "expected published, derived, proxy or absent", why);
}

static enum status find_element(struct material_row *row, const struct hardware_catalogue *c,
                                struct status_why *why)
{
    row->element = hardware_find_element(c, row->symbol);
    return row->element >= 0 || strcmp(row->symbol, "unattributed") == 0
               ? STATUS_OK
               : fail(row, "symbol", row->symbol,
                      "expected a symbol of the table of elements, or unattributed", why);
}

static enum status row_check(struct material_row *row, const struct hardware_catalogue *c,
                             struct status_why *why)
{
    enum status st;
    row->in_device = hardware_find_device(c, row->device);
    if (row->in_device < 0) {
        return fail(row, "device", row->device, "expected an id of the table of devices", why);
    }
    STATUS_TRY(find_reading(row, why));
    STATUS_TRY(find_element(row, c, why));
    STATUS_TRY(find_status(row, why));
    const struct hardware_interval m = row->mass_kg;
    const bool empty = isnan(m.lo) && isnan(m.typical) && isnan(m.hi);
    const bool ordered = m.lo <= m.typical && m.typical <= m.hi;
    if (row->known == HARDWARE_ABSENT ? !empty : !ordered) {
        st = fail(row, "typical_g", row->symbol,
                  "expected lo <= typical <= hi, all empty if absent", why);
    }
out:
    return st;
}

/* An absent component adds nothing: what it may hold is part of the unattributed rest. The status
 * of a sum is that of its largest component. */
static enum status composition_add(struct composition *s, const struct material_row *row,
                                   struct status_why *why)
{
    size_t i = 0;
    while (i < s->n && strcmp(s->materials[i].symbol, row->symbol) != 0) {
        i++;
    }
    if (i == HARDWARE_MAX_MATERIALS) {
        return fail(row, "symbol", row->symbol, "too many materials", why);
    }
    struct hardware_material *m = &s->materials[i];
    if (i == s->n) {
        memcpy(m->symbol, row->symbol, sizeof m->symbol);
        m->element = row->element;
        m->status = HARDWARE_ABSENT;
        s->n++;
    }
    s->last = row;
    if (row->known == HARDWARE_ABSENT) {
        return STATUS_OK;
    }
    if (m->status == HARDWARE_ABSENT || row->mass_kg.typical > s->largest_kg[i]) {
        m->status = row->known;
        s->largest_kg[i] = row->mass_kg.typical;
    }
    hardware_sum_add(&s->sums[i], row->mass_kg);
    s->typical_kg += row->mass_kg.typical;
    return STATUS_OK;
}

static void composition_load(struct composition *s, struct hardware *h)
{
    h->n_materials = s->n;
    for (size_t i = 0; i < s->n; i++) {
        h->materials[i] = s->materials[i];
        h->materials[i].mass_kg = s->materials[i].status == HARDWARE_ABSENT
                                      ? (struct hardware_interval){absent, absent, absent}
                                      : hardware_sum_interval(&s->sums[i]);
    }
}

/* Whether two tables lie in one folder: both shipped, or both of the user. */
static bool is_together(const char *a, const char *b)
{
    const char *end_a = strrchr(a, '/'), *end_b = strrchr(b, '/');
    const size_t n_a = end_a != NULL ? (size_t)(end_a - a) : 0;
    const size_t n_b = end_b != NULL ? (size_t)(end_b - b) : 0;
    return n_a == n_b && strncmp(a, b, n_a) == 0;
}

/* A sum that is not the mass of its device. A row of the user's that replaces a shipped device may
 * have another mass, or none: then the shipped composition is not of that device, and is left out.
 */
static enum status doubt(struct composition *sum, const struct hardware *h,
                         enum hardware_reading reading, struct status_why *why)
{
    const double mass_kg = h->mass_kg.typical;
    if (is_together(sum->last->file, h->file)) {
        return isnan(mass_kg)
                   ? status_fail(why, STATUS_INPUT,
                                 "%s:%d: mass_kg_typical: absent, but %s:%d lists materials of %s",
                                 h->file, h->line, sum->last->file, sum->last->line, h->id)
                   : status_fail(why, STATUS_INPUT,
                                 "%s:%d: typical_g: %.9g: the rows of %s, reading %s, must sum to "
                                 "its mass_kg_typical, %.9g g (%s:%d), unattributed included",
                                 sum->last->file, sum->last->line,
                                 sum->typical_kg * UNITS_GRAM_PER_KG, h->id,
                                 hardware_reading_name(reading), mass_kg * UNITS_GRAM_PER_KG,
                                 h->file, h->line);
    }
    if (!isnan(mass_kg)) {
        log_line(LOG_WARNING,
                 "%s:%d: %s: its mass of %.9g kg is not that of the materials that %s lists, "
                 "%.9g kg: they are left out",
                 h->file, h->line, h->id, mass_kg, sum->last->file, sum->typical_kg);
    }
    sum->n = 0;
    return STATUS_OK;
}

/* Sum the components of one device in one reading and compare with its mass. */
static enum status composition_sum(const struct material_row rows[], size_t n, int device,
                                   enum hardware_reading reading,
                                   const struct hardware_catalogue *c, struct composition *sum,
                                   struct status_why *why)
{
    static const double tolerance = 1e-6; /* tables are written to a milligram */
    const struct hardware *h = &c->devices[device];
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].in_device == device && rows[i].read == reading) {
            const enum status st = composition_add(sum, &rows[i], why);
            if (st != STATUS_OK) {
                return st;
            }
        }
    }
    const double mass_kg = h->mass_kg.typical;
    const bool is_whole = fabs(sum->typical_kg - mass_kg) <= tolerance * mass_kg;
    if (sum->n > 0 && !is_whole) {
        return doubt(sum, h, reading, why);
    }
    return STATUS_OK;
}

enum status composition_take(void *rows, size_t n, enum hardware_reading reading,
                             struct hardware_catalogue *c, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct material_row *materials = rows;
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(row_check(&materials[i], c, why));
    }
    for (size_t d = 0; d < c->n_devices; d++) {
        struct hardware *h = &c->devices[d];
        for (int r = 0; r < HARDWARE_N_READINGS; r++) {
            struct composition sum;
            STATUS_TRY(
                composition_sum(materials, n, (int)d, (enum hardware_reading)r, c, &sum, why));
            if (sum.n > 0 && (h->n_materials == 0 || (enum hardware_reading)r == reading)) {
                composition_load(&sum, h);
            }
        }
    }
out:
    return st;
}
