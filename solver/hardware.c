#include "solver/hardware.h"

#include <string.h>

#include "solver/base/status.h"

double hardware_pick(struct hardware_interval i, enum hardware_bound bound)
{
    const double values[] = {
        [HARDWARE_LO] = i.lo, [HARDWARE_TYPICAL] = i.typical, [HARDWARE_HI] = i.hi};
    STATUS_ASSERT((size_t)bound < sizeof values / sizeof *values);
    return values[bound];
}

const char *hardware_bound_name(enum hardware_bound bound)
{
    static const char *const names[] = {
        [HARDWARE_LO] = "lo", [HARDWARE_TYPICAL] = "typical", [HARDWARE_HI] = "hi"};
    STATUS_ASSERT((size_t)bound < sizeof names / sizeof *names);
    return names[bound];
}

const char *hardware_status_name(enum hardware_status s)
{
    static const char *const names[] = {[HARDWARE_PUBLISHED] = "published",
                                        [HARDWARE_DERIVED] = "derived",
                                        [HARDWARE_PROXY] = "proxy",
                                        [HARDWARE_ABSENT] = "absent"};
    STATUS_ASSERT((size_t)s < sizeof names / sizeof *names);
    return names[s];
}

/* Index of the row whose id, at the start of each of \a n rows of \a size bytes, is \a id. */
static int find_row(const void *rows, size_t n, size_t size, const char *id)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp((const char *)rows + i * size, id) == 0) {
            return (int)i;
        }
    }
    return -1;
}

_Static_assert(offsetof(struct hardware, id) == 0 && offsetof(struct hardware_grid, id) == 0
                   && offsetof(struct hardware_site, id) == 0,
               "find_row expects the id first");

int hardware_find_device(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c->devices, c->n_devices, sizeof *c->devices, id);
}

int hardware_find_grid(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c->grids, c->n_grids, sizeof *c->grids, id);
}

int hardware_find_site(const struct hardware_catalogue *c, const char *id)
{
    return find_row(c->sites, c->n_sites, sizeof *c->sites, id);
}
