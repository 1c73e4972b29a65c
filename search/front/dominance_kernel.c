#include "search/front/dominance_kernel.h"

#include <math.h>
#include <stdbool.h>

#include "solver/base/lane8.h"

_Static_assert((int)DOMINANCE_LANES == (int)LANE8_N && (int)DOMINANCE_LEAF == 2 * (int)LANE8_N,
               "nodes are one vector wide, leaves two");

/* Bit i: lane i of a mask is set. */
LANE8_INLINE unsigned bits_of(lane8_mask mask)
{
#if defined(__AVX512DQ__)
    return _mm512_movepi64_mask((__m512i)mask);
#elif defined(__AVX__)
    const union {
        lane8_mask whole;
        __m256d half[2];
    } m = {mask};
    return (unsigned)_mm256_movemask_pd(m.half[0]) | (unsigned)_mm256_movemask_pd(m.half[1]) << 4;
#else
    unsigned bits = 0;
    for (unsigned i = 0; i < LANE8_N; i++) {
        bits |= (unsigned)(mask[i] & 1) << i;
    }
    return bits;
#endif
}

/* Lanes of [m][stride] columns that are no greater than the point in every objective. */
LANE8_INLINE unsigned no_worse(size_t m, const double columns[], size_t stride,
                               const double point[])
{
    lane8_mask mask = lane8_load(columns) <= lane8_set1(point[0]);
    for (size_t j = 1; j < m; j++) {
        mask &= lane8_load(columns + j * stride) <= lane8_set1(point[j]);
    }
    return bits_of(mask);
}

LANE8_INLINE bool equals(size_t m, const double columns[], size_t stride, const double point[])
{
    bool same = true;
    for (size_t j = 0; j < m; j++) {
        same = same && columns[j * stride] == point[j];
    }
    return same;
}

/* What a search has found so far, short of a point that dominates. */
struct found {
    bool duplicate; /* an equal point of a lower index */
    size_t equal;   /* position of an equal point of the same or a higher index */
};

/* Look at eight places of a leaf; whether a point there dominates. */
LANE8_INLINE bool leaf_dominates(size_t m, const struct dominance_tree *t, size_t leaf,
                                 size_t begin, const double point[], uint64_t index,
                                 struct found *found)
{
    const double *columns = t->leaves + leaf * m * DOMINANCE_LEAF + begin;
    unsigned hits = no_worse(m, columns, DOMINANCE_LEAF, point);
    for (; hits != 0; hits &= hits - 1) {
        const size_t lane = (size_t)__builtin_ctz(hits);
        if (!equals(m, columns + lane, DOMINANCE_LEAF, point)) {
            return true;
        }
        const size_t at = t->first[leaf] + begin + lane;
        found->duplicate = found->duplicate || t->indices[at] < index;
        found->equal = t->indices[at] >= index ? at : found->equal;
    }
    return false;
}

/* Whether one of the boxes named by \a whole lies entirely at or below the point. A box whose
 * greatest corner equals the point must be opened: the point itself may be in it. */
LANE8_INLINE bool box_dominates(size_t m, unsigned whole, const double greatest[],
                                const double point[])
{
    for (; whole != 0; whole &= whole - 1) {
        if (!equals(m, greatest + __builtin_ctz(whole), LANE8_N, point)) {
            return true;
        }
    }
    return false;
}

LANE8_INLINE enum dominance_verdict query(size_t m, const struct dominance_tree *t,
                                          const double point[], uint64_t index, size_t *equal)
{
    int32_t stack[DOMINANCE_MAX_DEPTH * LANE8_N];
    size_t height = 0;
    struct found found = {false, SIZE_MAX};

    if (t->n_points > 0) {
        stack[height++] = 0;
    }
    while (height > 0) {
        const int32_t node = stack[--height];
        const double *least = t->corners + (size_t)node * 2 * m * LANE8_N;
        const double *greatest = least + m * LANE8_N;
        unsigned open = no_worse(m, least, LANE8_N, point);
        if (open == 0) {
            continue;
        }
        if (box_dominates(m, open & no_worse(m, greatest, LANE8_N, point), greatest, point)) {
            return DOMINANCE_DOMINATED;
        }
        for (; open != 0; open &= open - 1) {
            const int32_t child = t->children[node * LANE8_N + __builtin_ctz(open)];
            if (child >= 0) {
                stack[height++] = child;
                continue;
            }
            const size_t leaf = (size_t)(-1 - child);
            if (leaf_dominates(m, t, leaf, 0, point, index, &found)
                || leaf_dominates(m, t, leaf, LANE8_N, point, index, &found)) {
                return DOMINANCE_DOMINATED;
            }
        }
    }
    *equal = found.equal;
    return found.duplicate ? DOMINANCE_DUPLICATE : DOMINANCE_NONE;
}

/* Of eight points in columns, those that \a killer dominates strictly; all must be asked for. */
LANE8_INLINE unsigned killed(size_t m, const double killer[], const lane8 points[])
{
    lane8_mask mask = lane8_set1(killer[0]) <= points[0];
    for (size_t j = 1; j < m; j++) {
        mask &= lane8_set1(killer[j]) <= points[j];
    }
    if (bits_of(mask) == 0) {
        return 0;
    }
    lane8_mask better = lane8_set1(killer[0]) < points[0];
    for (size_t j = 1; j < m; j++) {
        better |= lane8_set1(killer[j]) < points[j];
    }
    return bits_of(mask & better);
}

LANE8_INLINE size_t kill(size_t m, size_t n_killers, const double killers[], size_t n,
                         const double x[], size_t stride, uint32_t alive[])
{
    size_t n_alive = 0;
    for (size_t i = 0; i < n; i += LANE8_N) {
        lane8 points[DOMINANCE_MAX_OBJECTIVES];
        const size_t here = n - i < LANE8_N ? n - i : LANE8_N;
        for (size_t j = 0; j < m; j++) {
            points[j] = here == LANE8_N ? lane8_load(x + j * stride + i)
                                        : lane8_load_part(x + j * stride + i, here, 0);
        }
        unsigned left = (1U << here) - 1;
        for (size_t k = 0; k < n_killers && left != 0; k++) {
            left &= ~killed(m, killers + k * m, points);
        }
        for (; left != 0; left &= left - 1) {
            alive[n_alive++] = (uint32_t)(i + (size_t)__builtin_ctz(left));
        }
    }
    return n_alive;
}

LANE8_INLINE void cover(size_t m, const double killer[], size_t n, const double x[], size_t stride,
                        uint8_t bits[])
{
    for (size_t i = 0; i < n; i += LANE8_N) {
        lane8_mask mask = lane8_set1(killer[0]) <= lane8_load(x + i);
        for (size_t j = 1; j < m; j++) {
            mask &= lane8_set1(killer[j]) <= lane8_load(x + j * stride + i);
        }
        bits[i / LANE8_N] = (uint8_t)bits_of(mask);
    }
}

LANE8_INLINE enum dominance_verdict scan(size_t m, size_t n, const double window[],
                                         const double point[])
{
    bool duplicate = false;
    for (size_t i = 0; i < n; i += LANE8_N) {
        const double *columns = window + i * m;
        unsigned hits = no_worse(m, columns, LANE8_N, point);
        if (n - i < LANE8_N) {
            hits &= (1U << (n - i)) - 1;
        }
        for (; hits != 0; hits &= hits - 1) {
            if (!equals(m, columns + __builtin_ctz(hits), LANE8_N, point)) {
                return DOMINANCE_DOMINATED;
            }
            duplicate = true;
        }
    }
    return duplicate ? DOMINANCE_DUPLICATE : DOMINANCE_NONE;
}

LANE8_INLINE size_t find_covered(size_t m, size_t n, const double window[], const double point[])
{
    for (size_t i = 0; i < n; i += LANE8_N) {
        const double *columns = window + i * m;
        lane8_mask mask = lane8_set1(point[0]) <= lane8_load(columns);
        for (size_t j = 1; j < m; j++) {
            mask &= lane8_set1(point[j]) <= lane8_load(columns + j * LANE8_N);
        }
        const unsigned hits = bits_of(mask);
        if (hits != 0) {
            const size_t at = i + (size_t)__builtin_ctz(hits);
            return at < n ? at : n;
        }
    }
    return n;
}

/* The same with the number of objectives known to the compiler. */
#define VARIANTS(m)                                                                                \
    static enum dominance_verdict query_##m(const struct dominance_tree *t, const double point[],  \
                                            uint64_t index, size_t *equal)                         \
    {                                                                                              \
        return query(m, t, point, index, equal);                                                   \
    }                                                                                              \
    static size_t kill_##m(size_t n_killers, const double killers[], size_t n, const double x[],   \
                           size_t stride, uint32_t alive[])                                        \
    {                                                                                              \
        return kill(m, n_killers, killers, n, x, stride, alive);                                   \
    }                                                                                              \
    static void cover_##m(const double killer[], size_t n, const double x[], size_t stride,        \
                          uint8_t bits[])                                                          \
    {                                                                                              \
        cover(m, killer, n, x, stride, bits);                                                      \
    }                                                                                              \
    static enum dominance_verdict scan_##m(size_t n, const double window[], const double point[])  \
    {                                                                                              \
        return scan(m, n, window, point);                                                          \
    }                                                                                              \
    static size_t find_covered_##m(size_t n, const double window[], const double point[])          \
    {                                                                                              \
        return find_covered(m, n, window, point);                                                  \
    }
VARIANTS(1)
VARIANTS(2)
VARIANTS(3)
VARIANTS(4)
VARIANTS(5)
VARIANTS(6)
VARIANTS(7)
VARIANTS(8)

#define ROW(m) [m] = {query_##m, kill_##m, cover_##m, scan_##m, find_covered_##m}
const struct dominance_kernel LANE8_NAME(dominance_kernel)[DOMINANCE_MAX_OBJECTIVES + 1] = {
    ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7), ROW(8),
};
