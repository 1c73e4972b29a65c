/** \file brute.h
 * Fronts by comparing each point with each: what the filters and searches are held against. */
#ifndef TESTS_SEARCH_FRONT_BRUTE_H
#define TESTS_SEARCH_FRONT_BRUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/frontier.h"

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

/** Evaluate configuration \a i alone; whether it is feasible. \param [out] x  [n_objectives]
 * minimised and rounded */
static inline bool brute_evaluate(const struct problem *p, uint64_t i, double x[])
{
    double values[PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS] = {0};
    p->evaluate(p->context, i, 1, values, 1);
    for (size_t j = 0; j < p->n_objectives; j++) {
        if (p->is_partial && isnan(values[j])) {
            return false;
        }
        x[j] = p->objectives[j].maximise ? 0.0 - values[j] : values[j] + 0.0;
    }
    pareto_round(p->n_objectives, x);
    for (size_t c = 0; c < p->n_constraints; c++) {
        const double v = values[p->n_objectives + c];
        if (!(p->constraints[c].lower <= v && v <= p->constraints[c].upper)) {
            return false;
        }
    }
    return true;
}

/** Put a row where canonical order within its level, which begins at row \a from, wants it. */
static inline void brute_insert(struct frontier *f, size_t from, const double x[], uint64_t index)
{
    const size_t m = f->n_objectives;
    size_t at = f->n_rows++;
    for (; at > from; at--) {
        const double *before = f->objectives + (at - 1) * m;
        size_t j = 0;
        while (j < m && before[j] == x[j]) {
            j++;
        }
        if (j == m || before[j] < x[j]) {
            break;
        }
        memcpy(f->objectives + at * m, before, m * sizeof *x);
        f->configurations[at] = f->configurations[at - 1];
    }
    memcpy(f->objectives + at * m, x, m * sizeof *x);
    f->configurations[at] = index;
}

/** The whole frontier, level by level, in canonical order; cleared by frontier_clear. */
static inline void brute_frontier(const struct problem *p, struct frontier *made)
{
    const size_t m = p->n_objectives, n = (size_t)space_n_decisions(p->space);
    const size_t size = (size_t)space_size(p->space);
    double *x = malloc(n * m * sizeof *x);
    uint64_t *indices = malloc(n * sizeof *indices);
    bool *on_front = malloc(n * sizeof *on_front);

    *made = (struct frontier){.n_objectives = m};
    made->configurations = malloc(size * sizeof *made->configurations);
    made->objectives = malloc(size * m * sizeof *made->objectives);
    for (size_t begin = 0; begin < size; begin += n) {
        size_t n_feasible = 0;
        const size_t from = made->n_rows;
        for (size_t i = begin; i < begin + n; i++) {
            if (brute_evaluate(p, i, x + n_feasible * m)) {
                indices[n_feasible++] = i;
            }
        }
        made->n_feasible += n_feasible;
        (void)brute_front(m, n_feasible, x, on_front);
        for (size_t i = 0; i < n_feasible; i++) {
            if (on_front[i]) {
                brute_insert(made, from, x + i * m, indices[i]);
            }
        }
    }
    for (size_t i = 0; i < made->n_rows * m; i++) {
        const bool negated = p->objectives[i % m].maximise;
        made->objectives[i] = negated ? 0.0 - made->objectives[i] : made->objectives[i];
    }
    made->n_mine = made->n_rows; /* every rank has all */
    free(on_front);
    free(indices);
    free(x);
}

/** Whether a frontier has the rows of another, in the same order, bit for bit: of those of this
 * rank, which \a b has too. */
static inline bool brute_same_rows(const struct frontier *a, const struct frontier *b)
{
    const size_t m = a->n_objectives, at = a->first - b->first;
    if (a->n_rows != b->n_rows || m != b->n_objectives || a->first < b->first
        || at + a->n_mine > b->n_mine) {
        return false;
    }
    return a->n_mine == 0
           || (memcmp(a->configurations, b->configurations + at,
                      a->n_mine * sizeof *a->configurations)
                   == 0
               && memcmp(a->objectives, b->objectives + at * m,
                         a->n_mine * m * sizeof *a->objectives)
                      == 0);
}

#endif
