/** \file difference.h
 * In which keys two studies differ, from their texts as understood (study_effective).
 */
#ifndef INPUTS_STUDY_DIFFERENCE_H
#define INPUTS_STUDY_DIFFERENCE_H

#include <stddef.h>

/** Name the keys, "seed (42, now 43), space.params (not said before)", as many as find room.
 * \param [out] text  [size]; empty when there is none */
void difference_keys(const char *before, const char *now, char text[], size_t size);

#endif
