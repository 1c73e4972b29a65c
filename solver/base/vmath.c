#include "solver/base/vmath.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath_kernel.h"

/* What a processor must have for each level: those of the features listed by the psABI that tell
 * generations of processors apart; every processor that has them has the rest. */
static bool has_v2(void)
{
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
}

static bool has_v3(void)
{
    return has_v2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
           && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

static bool has_v4(void)
{
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
           && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
           && __builtin_cpu_supports("avx512cd");
}

static const struct {
    const char *name;
    bool (*is_available)(void);
    void (*exp)(size_t n, const double x[], double y[]);
    void (*log)(size_t n, const double x[], double y[]);
    double (*exp1)(double x);
    double (*log1)(double x);
} levels[VMATH_N_LEVELS] = {
#define VMATH_ROW(index, level)                                                                    \
    [index] = {#level,                                                                             \
               has_##level,                                                                        \
               vmath_kernel_exp_##level,                                                           \
               vmath_kernel_log_##level,                                                           \
               vmath_kernel_exp1_##level,                                                          \
               vmath_kernel_log1_##level}
    VMATH_ROW(VMATH_V2, v2),
    VMATH_ROW(VMATH_V3, v3),
    VMATH_ROW(VMATH_V4, v4),
#undef VMATH_ROW
};

/* VMATH_N_LEVELS: not chosen yet. */
static enum vmath_level chosen = VMATH_N_LEVELS;

static enum vmath_level best_level(void)
{
    enum vmath_level best = VMATH_V2;
    for (enum vmath_level l = VMATH_V2; l < VMATH_N_LEVELS; l++) {
        if (levels[l].is_available()) {
            best = l;
        }
    }
    return best;
}

enum vmath_level vmath_level(void)
{
    if (chosen == VMATH_N_LEVELS) {
        chosen = best_level();
    }
    return chosen;
}

const char *vmath_level_name(enum vmath_level level)
{
    STATUS_ASSERT(level < VMATH_N_LEVELS);
    return levels[level].name;
}

enum status vmath_start(struct status_why *why)
{
    const char *wanted = getenv("SCALEFRONT_ISA");
    if (!has_v2()) {
        return status_fail(why, STATUS_INPUT,
                           "this processor is too old: SSE4.2 and POPCNT are needed");
    }
    chosen = best_level();
    if (wanted == NULL || wanted[0] == '\0') {
        return STATUS_OK;
    }
    for (enum vmath_level l = VMATH_V2; l < VMATH_N_LEVELS; l++) {
        if (strcmp(wanted, levels[l].name) != 0) {
            continue;
        }
        if (!vmath_force(l)) {
            return status_fail(why, STATUS_INPUT,
                               "SCALEFRONT_ISA: %s: this processor goes up to %s only", wanted,
                               levels[chosen].name);
        }
        return STATUS_OK;
    }
    return status_fail(why, STATUS_INPUT, "SCALEFRONT_ISA: %s: must be v2, v3 or v4", wanted);
}

int vmath_force(enum vmath_level level)
{
    STATUS_ASSERT(level < VMATH_N_LEVELS);
    if (!levels[level].is_available()) {
        return 0;
    }
    chosen = level;
    return 1;
}

void vmath_exp(size_t n, const double x[], double y[])
{
    levels[vmath_level()].exp(n, x, y);
}

void vmath_log(size_t n, const double x[], double y[])
{
    levels[vmath_level()].log(n, x, y);
}

double vmath_exp1(double x)
{
    return levels[vmath_level()].exp1(x);
}

double vmath_log1(double x)
{
    return levels[vmath_level()].log1(x);
}
