#include "search/front/dominance.h"

#include "search/front/dominance_kernel.h"
#include "solver/base/status.h"
#include "solver/base/vmath.h"

static const struct dominance_kernel *kernel(size_t m)
{
    static const struct dominance_kernel *const levels[VMATH_N_LEVELS] = {
        [VMATH_V2] = dominance_kernel_v2,
        [VMATH_V3] = dominance_kernel_v3,
        [VMATH_V4] = dominance_kernel_v4,
    };
    STATUS_ASSERT(1 <= m && m <= DOMINANCE_MAX_OBJECTIVES);
    return &levels[vmath_level()][m];
}

enum dominance_verdict dominance_query(size_t m, const struct dominance_tree *tree,
                                       const double point[], uint64_t index, size_t *equal)
{
    return kernel(m)->query(tree, point, index, equal);
}

size_t dominance_kill(size_t m, size_t n_killers, const double killers[], size_t n,
                      const double x[], size_t stride, uint32_t alive[])
{
    return kernel(m)->kill(n_killers, killers, n, x, stride, alive);
}

void dominance_cover(size_t m, const double killer[], size_t n, const double x[], size_t stride,
                     uint8_t bits[])
{
    STATUS_ASSERT(n % DOMINANCE_LANES == 0);
    kernel(m)->cover(killer, n, x, stride, bits);
}

enum dominance_verdict dominance_scan(size_t m, size_t n, const double window[],
                                      const double point[])
{
    return kernel(m)->scan(n, window, point);
}

size_t dominance_find_covered(size_t m, size_t n, const double window[], const double point[])
{
    return kernel(m)->find_covered(n, window, point);
}

void dominance_place(size_t m, size_t at, const double point[], double window[])
{
    const size_t lane = at % DOMINANCE_LANES;
    double *columns = window + (at - lane) * m;
    for (size_t j = 0; j < m; j++) {
        columns[j * DOMINANCE_LANES + lane] = point[j];
    }
}
