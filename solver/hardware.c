#include "solver/hardware.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "solver/base/units.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *hardware_table_name(enum hardware_table t)
{
    static const char *const names[HARDWARE_N_TABLES] = {
#define HARDWARE_TABLE_NAME(code, name) [code] = (name),
        HARDWARE_TABLE_LIST(HARDWARE_TABLE_NAME)
#undef HARDWARE_TABLE_NAME
    };
    STATUS_ASSERT((size_t)t < COUNT(names));
    return names[t];
}

double hardware_pick(struct hardware_interval i, enum hardware_bound bound)
{
    const double values[] = {
        [HARDWARE_LO] = i.lo, [HARDWARE_TYPICAL] = i.typical, [HARDWARE_HI] = i.hi};
    STATUS_ASSERT((size_t)bound < COUNT(values));
    return values[bound];
}

void hardware_sum_add(struct hardware_sum *s, struct hardware_interval i)
{
    const double below = i.typical - i.lo;
    const double above = i.hi - i.typical;
    s->typical += i.typical;
    s->below2 += below * below;
    s->above2 += above * above;
}

struct hardware_interval hardware_sum_interval(const struct hardware_sum *s)
{
    return (struct hardware_interval){.lo = fmax(0.0, s->typical - sqrt(s->below2)),
                                      .typical = s->typical,
                                      .hi = s->typical + sqrt(s->above2)};
}

const char *hardware_bound_name(enum hardware_bound bound)
{
    static const char *const names[] = {
        [HARDWARE_LO] = "lo", [HARDWARE_TYPICAL] = "typical", [HARDWARE_HI] = "hi"};
    STATUS_ASSERT((size_t)bound < COUNT(names));
    return names[bound];
}

const char *hardware_status_name(enum hardware_status s)
{
    static const char *const names[] = {[HARDWARE_PUBLISHED] = "published",
                                        [HARDWARE_DERIVED] = "derived",
                                        [HARDWARE_PROXY] = "proxy",
                                        [HARDWARE_ABSENT] = "absent"};
    STATUS_ASSERT((size_t)s < COUNT(names));
    return names[s];
}

const char *hardware_reading_name(enum hardware_reading r)
{
    static const char *const names[] = {[HARDWARE_READING_A] = "A", [HARDWARE_READING_B] = "B"};
    STATUS_ASSERT((size_t)r < COUNT(names));
    return names[r];
}

/* The rows of a table as its reader needs them: ids come first, file and line somewhere behind. */
struct rows {
    const char *first;
    size_t n, size, file, line;
};

_Static_assert(offsetof(struct hardware, id) == 0 && offsetof(struct hardware_grid, id) == 0
                   && offsetof(struct hardware_site, id) == 0
                   && offsetof(struct hardware_mfu, id) == 0
                   && offsetof(struct hardware_optimizer, id) == 0
                   && offsetof(struct hardware_element, symbol) == 0
                   && offsetof(struct hardware_class, id) == 0,
               "rows are found by the id that they begin with");

static struct rows rows_of(const struct hardware_catalogue *c, enum hardware_table table)
{
#define ROWS(name, type)                                                                           \
    {                                                                                              \
        (const char *)c->name, c->n_##name, sizeof(type), offsetof(type, file),                    \
            offsetof(type, line)                                                                   \
    }
    const struct rows all[HARDWARE_N_TABLES] = {
        [HARDWARE_DEVICES] = ROWS(devices, struct hardware),
        [HARDWARE_FORMATS] = {(const char *)c->formats, PRECISION_N, sizeof *c->formats,
                              offsetof(struct hardware_format, file),
                              offsetof(struct hardware_format, line)},
        [HARDWARE_GRIDS] = ROWS(grids, struct hardware_grid),
        [HARDWARE_SITES] = ROWS(sites, struct hardware_site),
        [HARDWARE_MFU] = ROWS(mfu, struct hardware_mfu),
        [HARDWARE_OPTIMIZERS] = ROWS(optimizers, struct hardware_optimizer),
        [HARDWARE_ELEMENTS] = ROWS(elements, struct hardware_element),
        [HARDWARE_CLASSES] = ROWS(classes, struct hardware_class),
    };
#undef ROWS
    STATUS_ASSERT((size_t)table < COUNT(all));
    return all[table];
}

static int find_row(const struct hardware_catalogue *c, enum hardware_table table, const char *id)
{
    const struct rows rows = rows_of(c, table);
    for (size_t i = 0; i < rows.n; i++) {
        if (strcmp(rows.first + i * rows.size, id) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int hardware_find_device(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c, HARDWARE_DEVICES, id);
}

int hardware_find_grid(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c, HARDWARE_GRIDS, id);
}

int hardware_find_site(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c, HARDWARE_SITES, id);
}

int hardware_find_optimizer(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c, HARDWARE_OPTIMIZERS, id);
}

int hardware_find_class(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c, HARDWARE_CLASSES, id);
}

int hardware_find_element(const struct hardware_catalogue *c, const char *symbol)
{
    return find_row(c, HARDWARE_ELEMENTS, symbol);
}

size_t hardware_n_rows(const struct hardware_catalogue *c, enum hardware_table table)
{
    return rows_of(c, table).n;
}

const void *hardware_row(const struct hardware_catalogue *c, enum hardware_table table, int row)
{
    const struct rows rows = rows_of(c, table);
    STATUS_ASSERT(row >= 0 && (size_t)row < rows.n);
    return rows.first + (size_t)row * rows.size;
}

const char *hardware_id(const struct hardware_catalogue *c, enum hardware_table table, int row)
{
    const char *begins_with_id = hardware_row(c, table, row);
    return table == HARDWARE_FORMATS ? precision_name((enum precision)row) : begins_with_id;
}

void hardware_row_text(const struct hardware_catalogue *c, enum hardware_table table, int row,
                       char text[], size_t size)
{
    const struct rows rows = rows_of(c, table);
    const char *first = hardware_row(c, table, row);
    const char *id = hardware_id(c, table, row);
    const char *file;
    int line;
    memcpy(&file, first + rows.file, sizeof file);
    memcpy(&line, first + rows.line, sizeof line);
    char number[16] = "";
    if (line > 0) {
        (void)snprintf(number, sizeof number, ":%d", line);
    }
    (void)snprintf(text, size, "%s%s%s: %s", file == NULL ? hardware_table_name(table) : file,
                   file == NULL ? ".tsv" : "", number, id);
}

enum status hardware_fail_absent(const struct hardware_catalogue *c, enum hardware_table table,
                                 int row, const char *column, const char *needed_by,
                                 struct status_why *why)
{
    char text[768];
    hardware_row_text(c, table, row, text, sizeof text);
    return status_fail(why, STATUS_INPUT,
                       "%s: %s: absent, and %s needs it: fill it in or leave this option out", text,
                       column, needed_by);
}

double hardware_mfu_of(double compute_flop, double device_hour, double peak_flop_per_second)
{
    return compute_flop / (device_hour * UNITS_SECOND_PER_HOUR * peak_flop_per_second);
}

struct hardware_content hardware_class_mass(const struct hardware_catalogue *c, int device,
                                            int class_)
{
    STATUS_ASSERT(device >= 0 && (size_t)device < c->n_devices);
    STATUS_ASSERT(class_ >= 0 && (size_t)class_ < c->n_classes);
    const struct hardware *h = &c->devices[device];
    const uint32_t bit = UINT32_C(1) << class_;
    struct hardware_sum members = {0}, unattributed = {0};
    double heaviest_kg = -1.0;
    struct hardware_content content = {.mass_kg = {(double)NAN, (double)NAN, (double)NAN},
                                       .unattributed_kg = {(double)NAN, (double)NAN, (double)NAN},
                                       .status = HARDWARE_ABSENT};
    for (size_t i = 0; i < h->n_materials; i++) {
        const struct hardware_material *m = &h->materials[i];
        const struct hardware_element *e = m->element < 0 ? NULL : &c->elements[m->element];
        if (m->status == HARDWARE_ABSENT) {
            continue; /* what it may weigh is part of the unattributed rest */
        }
        if (e == NULL || (e->undecided & bit) != 0) {
            hardware_sum_add(&unattributed, m->mass_kg);
        } else if ((e->classes & bit) != 0) {
            hardware_sum_add(&members, m->mass_kg);
            if (m->mass_kg.typical > heaviest_kg) {
                heaviest_kg = m->mass_kg.typical;
                content.status = m->status;
            }
        }
    }
    if (h->n_materials > 0) {
        content.mass_kg = hardware_sum_interval(&members);
        content.mass_kg.hi = fmin(content.mass_kg.hi, h->mass_kg.hi);
        content.unattributed_kg = hardware_sum_interval(&unattributed);
    }
    return content;
}
