/** \file bench.h
 * Measures a variant against the naive way to do the same. Both run alternately, so that a machine
 * that slows down slows both; the least times are printed, to which others on it added least. A
 * file that includes this header defines _XOPEN_SOURCE 700 first. Benchmarks need no MPI_Init.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/** One call of what is measured. */
typedef void bench_fn(void *context);

/** Seconds of a clock that never goes back. */
static inline double bench_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Seconds of the processor that this program has had: those that others take do not count. */
static inline double bench_processor_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double bench_time(bench_fn *f, void *context, size_t n_calls)
{
    const double begun = bench_processor_seconds();
    for (size_t i = 0; i < n_calls; i++) {
        f(context);
    }
    return bench_processor_seconds() - begun;
}

/** Calls that together last at least two milliseconds, far above the grain of the clock; the first
 * ones also warm the caches. */
static inline size_t bench_calls(bench_fn *f, void *context)
{
    size_t n_calls = 1;
    while (bench_time(f, context, n_calls) < 2e-3) {
        n_calls *= 2;
    }
    return n_calls;
}

/** The heading of the lines that bench_compare prints. */
static inline void bench_heading(void)
{
    (void)printf("%-40s %12s %12s %8s\n", "what", "variant_ns", "naive_ns", "ratio");
}

/** Print `what variant_ns naive_ns ratio`: the least of \a k alternating runs, a unit of work.
 * \param [in] n_units  units of work in one call: 1, or the elements of an array
 * \param [in] k        runs of each
 * \param [in] naive    NULL: the variant alone is measured */
static inline void bench_compare(const char *what, size_t n_units, int k, bench_fn *variant,
                                 bench_fn *naive, void *context)
{
    bench_fn *const f[2] = {variant, naive};
    const int n_sides = naive == NULL ? 1 : 2;
    double least[2] = {(double)INFINITY, (double)INFINITY};
    size_t n_calls[2] = {1, 1};
    for (int side = 0; side < n_sides; side++) {
        n_calls[side] = bench_calls(f[side], context);
    }
    for (int i = 0; i < k || i == 0; i++) {
        for (int side = 0; side < n_sides; side++) {
            const double seconds = bench_time(f[side], context, n_calls[side]);
            const double each = seconds / (double)(n_calls[side] * n_units) * 1e9;
            least[side] = each < least[side] ? each : least[side];
        }
    }
    if (naive == NULL) {
        (void)printf("%-40s %12.4g %12s %8s\n", what, least[0], "-", "-");
    } else {
        (void)printf("%-40s %12.4g %12.4g %8.3g\n", what, least[0], least[1], least[1] / least[0]);
    }
}

#endif
