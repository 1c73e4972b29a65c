/** \file lists.h
 * The tables of elements and of classes: named lists of elements, written out or told by a
 * threshold of density. Membership becomes bits of the elements.
 */
#ifndef INPUTS_CATALOGUE_LISTS_H
#define INPUTS_CATALOGUE_LISTS_H

#include "inputs/sheet.h"
#include "solver/hardware.h"

extern const struct sheet lists_element_sheet, lists_class_sheet;

/** Load elements and classes, and note the members. A row that stands for several elements is a
 * member when all of them are, and undecided when some are.
 * \param [in] elements  [n_elements] of lists_element_sheet
 * \param [in] classes   [n_classes] of lists_class_sheet
 * \param [in] heavy_above_g_per_cm3  replaces the threshold of the class `heavy`; 0: does not
 * \return STATUS_OK; STATUS_INPUT: a row of the elements with neither a number nor the symbols that
 * it stands for, an unknown symbol, a class with neither members nor a threshold, too many classes;
 * STATUS_MEMORY */
enum status lists_take(const void *elements, size_t n_elements, const void *classes,
                       size_t n_classes, double heavy_above_g_per_cm3, struct hardware_catalogue *c,
                       struct status_why *why);

#endif
