/** \file value.h
 * One value of a study: read from a node of its tree, with a message that names the place when it
 * does not fit, and written back as YAML that reads to the same value.
 */
#ifndef INPUTS_STUDY_VALUE_H
#define INPUTS_STUDY_VALUE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "inputs/study/keys.h"
#include "inputs/study/study.h"
#include "inputs/text/tree.h"

/** A default of the table of keys as a node to read, in the caller's storage. */
struct value_default {
    struct tree_node node;
    char text[64];
};

/** The row's default as a node without a place; NULL when there is none. */
const struct tree_node *value_of_default(const struct keys_row *row, struct value_default *made);

/** Where a node, or its key, was written. */
struct study_place value_place(const struct tree_node *node);
struct study_place value_key_place(const struct tree_node *node);

/** Record that a node's value does not fit. \param [in] expected  end of the message */
enum status value_fail(const struct study *study, const struct tree_node *node,
                       const char *expected, struct status_why *why);

/** Record that a node's key is not one of \a known, naming the nearest or all of them. */
enum status value_fail_key(const struct study *study, const struct tree_node *node,
                           const char *const known[], size_t n, struct status_why *why);

/** Likewise that the text of a node is not one of \a known. */
enum status value_fail_word(const struct study *study, const struct tree_node *node,
                            const char *const known[], size_t n, struct status_why *why);

/** Check the kind of a node. \return STATUS_OK or STATUS_INPUT as "expected a mapping, not a list"
 */
enum status value_expect(const struct study *study, const struct tree_node *node,
                         enum tree_kind kind, struct status_why *why);

/** The functions below read a scalar and return STATUS_OK or STATUS_INPUT. */

/** \param [out] text  [size]; at most size - 1 bytes, on one line */
enum status value_text(const struct study *study, const struct tree_node *node, char text[],
                       size_t size, struct status_why *why);

/** \param [in] unit  of quantity_parse; \param [in] range  NULL: any finite number */
enum status value_number(const struct study *study, const struct tree_node *node, const char *unit,
                         const struct keys_range *range, double *value, struct status_why *why);

enum status value_count(const struct study *study, const struct tree_node *node,
                        const struct keys_range *range, uint64_t *value, struct status_why *why);

/** \param [in] words  ended by NULL; \param [out] choice  index of the word */
enum status value_choice(const struct study *study, const struct tree_node *node,
                         const char *const words[], int *choice, struct status_why *why);

/** Write so that reading gives the same bytes and the same bits. */
void value_write_text(FILE *to, const char *text);
void value_write_number(FILE *to, double value);

#endif
