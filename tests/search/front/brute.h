/** \file brute.h
 * The front by comparing each point with each: what the filters are held against. */
#ifndef TESTS_SEARCH_FRONT_BRUTE_H
#define TESTS_SEARCH_FRONT_BRUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether row \a a removes row \a b: no worse in all of \a m objectives and better in one, or
 * equal in all and of a lower index. */
static inline bool brute_removes(size_t m, const double a[], uint64_t index_a, const double b[],
                                 uint64_t index_b)
{
    bool better = false;
    for (size_t j = 0; j < m; j++) {
        if (a[j] > b[j]) {
            return false;
        }
        better = better || a[j] < b[j];
    }
    return better || index_a < index_b;
}

/** \param [in] x  [n][m]; the index of a row is its number \param [out] on_front  [n] */
static inline size_t brute_front(size_t m, size_t n, const double x[], bool on_front[])
{
    size_t n_front = 0;
    for (size_t i = 0; i < n; i++) {
        on_front[i] = true;
        for (size_t k = 0; k < n && on_front[i]; k++) {
            on_front[i] = !brute_removes(m, x + k * m, k, x + i * m, i);
        }
        n_front += on_front[i];
    }
    return n_front;
}

#endif
