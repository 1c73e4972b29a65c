#define _POSIX_C_SOURCE 200809L
#include "search/front/hypervolume.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/boxtree.h"
#include "search/front/hypervolume_kernel.h"
#include "search/front/rows.h"
#include "solver/base/rng.h"
#include "solver/base/vmath.h"

/* A front in two objectives: steps ascending in x, descending in y, in blocks, so that a step more
 * moves few others. */
enum { BLOCK_STEPS = 512 };

struct block {
    size_t n;
    double (*steps)[2]; /* [BLOCK_STEPS] of the pool */
};

struct stairs {
    size_t n_blocks, n_used; /* n_used: of the pool; a block that becomes empty is not used again */
    struct block *blocks;    /* none empty but the first when it is the only one */
    double (*pool)[2];
};

/* Room for \a n steps in all: a block is split in halves, and so after as many new steps again. */
static bool stairs_create(size_t n, struct stairs *s)
{
    const size_t n_blocks = n <= BLOCK_STEPS ? 1 : 2 * n / BLOCK_STEPS + 2;
    s->blocks = malloc(n_blocks * sizeof *s->blocks);
    s->pool = malloc((n_blocks == 1 ? n + 1 : n_blocks * BLOCK_STEPS) * sizeof *s->pool);
    return s->blocks != NULL && s->pool != NULL;
}

static void stairs_clear(struct stairs *s)
{
    free(s->blocks);
    free(s->pool);
}

static void stairs_empty(struct stairs *s)
{
    s->n_blocks = s->n_used = 1;
    s->blocks[0] = (struct block){0, s->pool};
}

/* The last block that begins at x or before, or the first. */
static size_t find_block(const struct stairs *s, double x)
{
    size_t low = 0, high = s->n_blocks;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (s->blocks[middle].steps[0][0] <= x) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The first step of a block behind x. */
static size_t find_step(const struct block *b, double x)
{
    size_t low = 0, high = b->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (b->steps[middle][0] <= x) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The block that holds the step at \a *step of \a block or behind it; n_blocks: there is none. */
static size_t block_behind(const struct stairs *s, size_t block, size_t *step)
{
    if (*step == s->blocks[block].n) {
        *step = 0;
        return s->blocks[block].n == 0 ? s->n_blocks : block + 1;
    }
    return block;
}

static void erase_step(struct stairs *s, size_t block, size_t step)
{
    struct block *b = &s->blocks[block];
    b->n--;
    memmove(b->steps + step, b->steps + step + 1, (b->n - step) * sizeof *b->steps);
    if (b->n == 0 && s->n_blocks > 1) {
        s->n_blocks--;
        memmove(b, b + 1, (s->n_blocks - block) * sizeof *b);
    }
}

static void insert_step(struct stairs *s, size_t block, size_t step, double x, double y)
{
    struct block *b = &s->blocks[block];
    if (b->n == BLOCK_STEPS) {
        const size_t half = BLOCK_STEPS / 2;
        memmove(b + 2, b + 1, (s->n_blocks - block - 1) * sizeof *b);
        b[1] = (struct block){BLOCK_STEPS - half, s->pool + s->n_used * BLOCK_STEPS};
        memcpy(b[1].steps, b->steps + half, b[1].n * sizeof *b->steps);
        b->n = half;
        s->n_blocks++;
        s->n_used++;
        if (step > half) {
            step -= half;
            b++;
        }
    }
    memmove(b->steps + step + 1, b->steps + step, (b->n - step) * sizeof *b->steps);
    b->steps[step][0] = x;
    b->steps[step][1] = y;
    b->n++;
}

/* Add a point; the reference is (rx, ry).
 * \return the area that it adds */
static double stairs_add(struct stairs *s, double x, double y, double rx, double ry)
{
    const size_t at = find_block(s, x), step = find_step(&s->blocks[at], x);
    double *before = step > 0 ? s->blocks[at].steps[step - 1] : NULL;
    double top = before != NULL ? before[1] : ry, left = x, area = 0.0;
    if (top <= y || x >= rx) {
        return 0.0;
    }
    double right = rx;
    for (;;) {
        size_t next = step;
        const size_t block = block_behind(s, at, &next);
        const double *behind = block < s->n_blocks ? s->blocks[block].steps[next] : NULL;
        right = behind != NULL ? behind[0] : rx;
        if (behind == NULL || behind[1] < y) {
            break;
        }
        area += (right - left) * (top - y);
        left = right;
        top = behind[1];
        erase_step(s, block, next);
    }
    area += (right - left) * (top - y);
    if (before != NULL && before[0] >= x) { /* the same x */
        before[1] = y;
    } else {
        insert_step(s, at, step, x, y);
    }
    return area;
}

/* Rows in ascending order of their last objective, then of the others: the order of the same set is
 * always the same. */
struct row {
    double x[HYPERVOLUME_MOST_EXACT];
};

static int row_compare(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    for (size_t j = HYPERVOLUME_MOST_EXACT; j-- > 0;) {
        if (a->x[j] != b->x[j]) {
            return a->x[j] < b->x[j] ? -1 : 1;
        }
    }
    return 0;
}

/* Area in two objectives of rows in ascending order of the second. */
static double area_2(size_t n, const struct row rows[], const double r[])
{
    double area = 0.0, least = r[0];
    for (size_t i = 0; i < n; i++) {
        if (rows[i].x[0] < least) {
            area += (least - rows[i].x[0]) * (r[1] - rows[i].x[1]);
            least = rows[i].x[0];
        }
    }
    return area;
}

/* Volume in three objectives of rows in ascending order of the third.
 * \param [in,out] stairs  room for \a n steps */
static double volume_3(size_t n, const struct row rows[], const double r[], struct stairs *stairs)
{
    double area = 0.0, volume = 0.0;
    stairs_empty(stairs);
    for (size_t i = 0; i < n; i++) {
        const double next = i + 1 < n ? rows[i + 1].x[2] : r[2];
        area += stairs_add(stairs, rows[i].x[0], rows[i].x[1], r[0], r[1]);
        volume += area * (next - rows[i].x[2]);
    }
    return volume;
}

/* What a volume in four objectives is found with: the slice of the first three grows point by point
 * as the fourth rises, by the part of the reference box that only the new point dominates. */
struct slices {
    struct hypervolume_columns columns; /* the points so far, mutually non-dominated */
    size_t *found;                      /* [room] */
    struct row *clipped;                /* [room] */
    struct stairs stairs;
};

static const struct kernels {
    void (*narrow)(const struct hypervolume_columns *c, const double point[3], double corner[3]);
    size_t (*find)(const struct hypervolume_columns *c, const double corner[3], size_t found[]);
} kernels[VMATH_N_LEVELS] = {
    [VMATH_V2] = {hypervolume_kernel_narrow_v2, hypervolume_kernel_find_v2},
    [VMATH_V3] = {hypervolume_kernel_narrow_v3, hypervolume_kernel_find_v3},
    [VMATH_V4] = {hypervolume_kernel_narrow_v4, hypervolume_kernel_find_v4},
};

static void columns_remove(struct hypervolume_columns *c, size_t i)
{
    c->n--;
    for (size_t j = 0; j < 3; j++) {
        c->x[j][i] = c->x[j][c->n];
        c->x[j][c->n] = (double)INFINITY;
    }
}

static void columns_add(struct hypervolume_columns *c, const double point[3])
{
    for (size_t j = 0; j < 3; j++) {
        c->x[j][c->n] = point[j];
    }
    c->n++;
}

/* The volume in three objectives that a new point adds; the point joins the others, those that it
 * dominates leave. */
static double slice_add(struct slices *s, const double point[3], const double r[])
{
    const struct kernels *k = &kernels[vmath_level()];
    double corner[3] = {r[0], r[1], r[2]};
    k->narrow(&s->columns, point, corner);
    if (corner[0] <= point[0] || corner[1] <= point[1] || corner[2] <= point[2]) {
        return 0.0;
    }
    const size_t n = k->find(&s->columns, corner, s->found);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < 3; j++) {
            s->clipped[i].x[j] = fmax(s->columns.x[j][s->found[i]], point[j]);
        }
        s->clipped[i].x[3] = 0.0;
    }
    for (size_t i = n; i-- > 0;) { /* from the last, so that earlier positions stay */
        double *const *x = s->columns.x;
        const size_t at = s->found[i];
        if (x[0][at] >= point[0] && x[1][at] >= point[1] && x[2][at] >= point[2]) {
            columns_remove(&s->columns, at);
        }
    }
    columns_add(&s->columns, point);
    qsort(s->clipped, n, sizeof *s->clipped, row_compare);
    const double whole = (corner[0] - point[0]) * (corner[1] - point[1]) * (corner[2] - point[2]);
    return whole - volume_3(n, s->clipped, corner, &s->stairs);
}

static void slices_clear(struct slices *s)
{
    for (size_t j = 0; j < 3; j++) {
        free(s->columns.x[j]);
    }
    free(s->found);
    free(s->clipped);
    stairs_clear(&s->stairs);
}

static enum status slices_create(size_t n, struct slices *s, struct status_why *why)
{
    const size_t room = (n / 8 + 1) * 8;
    bool all = true;
    memset(s, 0, sizeof *s);
    for (size_t j = 0; j < 3; j++) {
        s->columns.x[j] = aligned_alloc(64, room * sizeof(double));
        for (size_t i = 0; s->columns.x[j] != NULL && i < room; i++) {
            s->columns.x[j][i] = (double)INFINITY;
        }
        all = all && s->columns.x[j] != NULL;
    }
    s->found = malloc(room * sizeof *s->found);
    s->clipped = malloc(room * sizeof *s->clipped);
    all = stairs_create(room, &s->stairs) && all && s->found != NULL && s->clipped != NULL;
    return all ? STATUS_OK : status_fail(why, STATUS_MEMORY, "hypervolume of %zu points", n);
}

static enum status volume_4(size_t n, const struct row rows[], const double r[], double *volume,
                            struct status_why *why)
{
    struct slices s;
    double slice = 0.0;
    const enum status st = slices_create(n, &s, why);
    *volume = 0.0;
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        const double next = i + 1 < n ? rows[i + 1].x[3] : r[3];
        slice += slice_add(&s, rows[i].x, r);
        *volume += slice * (next - rows[i].x[3]);
    }
    slices_clear(&s);
    return st;
}

/* The points below the reference, in the order of row_compare: that of rows whose objectives are
 * turned round. \param [out] rows  [n] the objectives that are missing are 0 */
static enum status sort_below(size_t m, size_t n, const double points[], const double reference[],
                              struct row rows[], size_t *n_below, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct rows r = {0};
    STATUS_TRY(rows_create(m, n, &r, why));
    r.n = 0;
    for (size_t i = 0; i < n; i++) {
        bool below = true;
        for (size_t j = 0; j < m; j++) {
            const double x = points[i * m + j];
            r.x[r.n * m + m - 1 - j] = x + 0.0; /* equal bits for equal numbers */
            below = below && x < reference[j];
        }
        r.indices[r.n] = i;
        r.n += below;
    }
    STATUS_TRY(rows_sort(m, UINT64_MAX, &r, why));
    *n_below = r.n;
    for (size_t i = 0; i < r.n; i++) {
        memset(&rows[i], 0, sizeof rows[i]);
        for (size_t j = 0; j < m; j++) {
            rows[i].x[j] = r.x[i * m + m - 1 - j];
        }
    }
out:
    rows_clear(&r);
    return st;
}

enum status hypervolume_exact(size_t m, size_t n, const double points[], const double reference[],
                              double *volume, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct stairs stairs = {0};
    /* Fewer objectives are four of which the others are all 0 below a reference of 1. */
    double r[HYPERVOLUME_MOST_EXACT] = {1.0, 1.0, 1.0, 1.0};
    struct row *rows = malloc((n + 1) * sizeof *rows);
    size_t n_below = 0;

    STATUS_ASSERT(1 <= m && m <= HYPERVOLUME_MOST_EXACT);
    *volume = 0.0;
    if (!stairs_create(n, &stairs) || rows == NULL) {
        st = status_fail(why, STATUS_MEMORY, "hypervolume of %zu points", n);
    }
    STATUS_TRY(st);
    memcpy(r, reference, m * sizeof *r);
    STATUS_TRY(sort_below(m, n, points, reference, rows, &n_below, why));
    if (m == HYPERVOLUME_MOST_EXACT) {
        STATUS_TRY(volume_4(n_below, rows, r, volume, why));
    } else if (m <= 2) {
        *volume = area_2(n_below, rows, r);
    } else {
        *volume = volume_3(n_below, rows, r, &stairs);
    }
out:
    free(rows);
    stairs_clear(&stairs);
    return st;
}

enum status hypervolume_mark(size_t m, size_t n, const double points[], const double ideal[],
                             const double reference[], uint64_t seed, size_t n_samples,
                             unsigned char hit[], struct status_why *why)
{
    enum status st = STATUS_OK;
    struct boxtree tree;
    struct rng r;
    double *copy = malloc((n + 1) * m * sizeof *copy);
    uint64_t *indices = calloc(n + 1, sizeof *indices);

    boxtree_init(&tree);
    if (copy == NULL || indices == NULL) {
        st = status_fail(why, STATUS_MEMORY, "hypervolume of %zu points", n);
    }
    STATUS_TRY(st);
    memcpy(copy, points, n * m * sizeof *copy);
    STATUS_TRY(boxtree_build(&tree, m, n, copy, indices, why));
    rng_init(&r, seed, RNG_SAMPLE, 0);
    for (size_t i = 0; i < n_samples; i++) {
        double x[DOMINANCE_MAX_OBJECTIVES];
        size_t equal;
        for (size_t j = 0; j < m; j++) {
            x[j] = ideal[j] + rng_uniform(&r) * (reference[j] - ideal[j]);
        }
        hit[i] = boxtree_query(&tree, x, UINT64_MAX, &equal) != DOMINANCE_NONE;
    }
out:
    boxtree_clear(&tree);
    free(copy);
    free(indices);
    return st;
}

void hypervolume_estimate(size_t m, const double ideal[], const double reference[],
                          size_t n_samples, const unsigned char hit[], double *volume,
                          double *standard_error)
{
    double box = 1.0;
    size_t n_hits = 0;
    for (size_t j = 0; j < m; j++) {
        box *= reference[j] - ideal[j];
    }
    for (size_t i = 0; i < n_samples; i++) {
        n_hits += hit[i];
    }
    const double share = (double)n_hits / (double)n_samples;
    *volume = box * share;
    *standard_error = box * sqrt(share * (1.0 - share) / (double)n_samples);
}

enum status hypervolume_sample(size_t m, size_t n, const double points[], const double ideal[],
                               const double reference[], uint64_t seed, size_t n_samples,
                               double *volume, double *standard_error, struct status_why *why)
{
    unsigned char *hit = malloc(n_samples + 1);
    *volume = *standard_error = 0.0;
    if (hit == NULL) {
        return status_fail(why, STATUS_MEMORY, "hypervolume: %zu samples", n_samples);
    }
    const enum status st =
        hypervolume_mark(m, n, points, ideal, reference, seed, n_samples, hit, why);
    if (st == STATUS_OK) {
        hypervolume_estimate(m, ideal, reference, n_samples, hit, volume, standard_error);
    }
    free(hit);
    return st;
}
