#include "search/front/hypervolume_kernel.h"

#include <math.h>

#include "solver/base/lane8.h"

#define JOIN(a, b)     a##b
#define NAME(a, b)     JOIN(a, b)
#define LEVELLED(name) NAME(hypervolume_kernel_##name##_, LANE8_LEVEL)

LANE8_INLINE double least_lane(lane8 v)
{
    double lanes[LANE8_N], least;
    lane8_store(lanes, v);
    least = lanes[0];
    for (size_t i = 1; i < LANE8_N; i++) {
        least = lanes[i] < least ? lanes[i] : least;
    }
    return least;
}

void LEVELLED(narrow)(const struct hypervolume_columns *c, const double point[3], double corner[3])
{
    const lane8 beyond = lane8_set1((double)INFINITY);
    const lane8 px = lane8_set1(point[0]), py = lane8_set1(point[1]), pz = lane8_set1(point[2]);
    lane8 x = beyond, y = beyond, z = beyond;
    for (size_t i = 0; i < c->n; i += LANE8_N) {
        const lane8 qx = lane8_load(c->x[0] + i), qy = lane8_load(c->x[1] + i);
        const lane8 qz = lane8_load(c->x[2] + i);
        const lane8_mask no_worse_x = qx <= px, no_worse_y = qy <= py, no_worse_z = qz <= pz;
        x = lane8_min(x, lane8_select(no_worse_y & no_worse_z, qx, beyond));
        y = lane8_min(y, lane8_select(no_worse_x & no_worse_z, qy, beyond));
        z = lane8_min(z, lane8_select(no_worse_x & no_worse_y, qz, beyond));
    }
    corner[0] = fmin(corner[0], least_lane(x));
    corner[1] = fmin(corner[1], least_lane(y));
    corner[2] = fmin(corner[2], least_lane(z));
}

size_t LEVELLED(find)(const struct hypervolume_columns *c, const double corner[3], size_t found[])
{
    const lane8 cx = lane8_set1(corner[0]), cy = lane8_set1(corner[1]), cz = lane8_set1(corner[2]);
    size_t n = 0;
    for (size_t i = 0; i < c->n; i += LANE8_N) {
        const lane8_mask below = (lane8_load(c->x[0] + i) < cx) & (lane8_load(c->x[1] + i) < cy)
                                 & (lane8_load(c->x[2] + i) < cz);
        if (lane8_any(below) == 0) {
            continue;
        }
        for (size_t k = i; k < i + LANE8_N && k < c->n; k++) {
            found[n] = k;
            n += c->x[0][k] < corner[0] && c->x[1][k] < corner[1] && c->x[2][k] < corner[2];
        }
    }
    return n;
}
