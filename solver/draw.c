#include "solver/draw.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"

/* Fields of a device in the order of their numbers, which are part of the keys; the materials
 * follow. Append only. */
static const size_t fields[] = {
    offsetof(struct hardware, mass_kg),
    offsetof(struct hardware, embodied_carbon_kg),
    offsetof(struct hardware, server_embodied_carbon_kg),
};

enum { N_FIELDS = sizeof fields / sizeof *fields, FIELD_BITS = 6, ROW_BITS = 26 };
_Static_assert(N_FIELDS + HARDWARE_MAX_MATERIALS <= 1 << FIELD_BITS, "a field has its bits");

double draw_interval(struct hardware_interval i, struct rng *r)
{
    const double u = rng_uniform(r), half = 0.5;
    const double bound = u < half ? i.lo : i.hi;
    const double share = u < half ? 2.0 * u : 2.0 * (1.0 - u); /* 0 at the bound */
    if (isnan(i.typical) || isnan(bound)) {
        return i.typical;
    }
    if (!(bound > 0.0)) {
        return share * i.typical + (1.0 - share) * bound; /* no logarithm: uniform */
    }
    const double from = vmath_log1(bound), to = vmath_log1(i.typical);
    return vmath_exp1(from + share * (to - from));
}

static void draw_field(struct hardware_interval *i, uint64_t seed, uint64_t k, size_t row,
                       size_t field)
{
    struct rng r;
    rng_init(&r, seed, RNG_CATALOGUE,
             k << (ROW_BITS + FIELD_BITS) | (uint64_t)row << FIELD_BITS | (uint64_t)field);
    const double drawn = draw_interval(*i, &r);
    if (!isnan(drawn)) {
        *i = (struct hardware_interval){drawn, drawn, drawn};
    }
}

enum status draw_catalogue(const struct hardware_catalogue *c, uint64_t seed, uint64_t k,
                           struct hardware_catalogue *made, struct status_why *why)
{
    STATUS_ASSERT(k >> (64 - ROW_BITS - FIELD_BITS) == 0 && c->n_devices >> ROW_BITS == 0);
    *made = *c;
    made->devices = malloc((c->n_devices + 1) * sizeof *made->devices);
    if (made->devices == NULL) {
        return status_fail(why, STATUS_MEMORY, "a catalogue of %zu devices", c->n_devices);
    }
    memcpy(made->devices, c->devices, c->n_devices * sizeof *made->devices);
    for (size_t row = 0; k > 0 && row < c->n_devices; row++) {
        struct hardware *h = &made->devices[row];
        for (size_t f = 0; f < N_FIELDS; f++) {
            draw_field((struct hardware_interval *)(void *)((char *)h + fields[f]), seed, k, row,
                       f);
        }
        for (size_t i = 0; i < h->n_materials; i++) {
            draw_field(&h->materials[i].mass_kg, seed, k, row, N_FIELDS + i);
        }
    }
    return STATUS_OK;
}

void draw_clear(struct hardware_catalogue *made)
{
    free(made->devices);
    memset(made, 0, sizeof *made);
}
