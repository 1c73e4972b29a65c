/** \file rows.h
 * Points with their configurations, objectives minimised, and their canonical order: scenario
 * level, objectives, global index.
 */
#ifndef SEARCH_FRONT_ROWS_H
#define SEARCH_FRONT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"

/** Cleared by rows_clear; a zeroed struct holds none. */
struct rows {
    size_t n;
    uint64_t *indices; /**< [n] */
    double *x;         /**< [n][m] rounded, without a negative zero */
    size_t room;       /**< at least so many fit */
};

/** Room for \a n rows, at least one. \return STATUS_OK or STATUS_MEMORY */
enum status rows_create(size_t m, size_t n, struct rows *r, struct status_why *why);
void rows_clear(struct rows *r);

/** Make room for \a n rows in all, at least one, and for half as many again when there is not.
 * \return STATUS_OK or STATUS_MEMORY (the rows stay) */
enum status rows_reserve(size_t m, size_t n, struct rows *r, struct status_why *why);

/** Row \a i of \a from becomes row \a k of \a to, which may be the same row. */
void rows_copy(size_t m, const struct rows *from, size_t i, struct rows *to, size_t k);

/** Put rows in canonical order, each configuration once.
 * \param [in] n_decisions  configurations of a scenario level
 * \return STATUS_OK or STATUS_MEMORY */
enum status rows_sort(size_t m, uint64_t n_decisions, struct rows *r, struct status_why *why);

/** Whether row \a i of \a a comes before row \a k of \a b, and whether neither does, whatever their
 * indices: < 0, 0 or > 0. */
int rows_compare(size_t m, uint64_t n_decisions, const struct rows *a, size_t i,
                 const struct rows *b, size_t k);

#endif
