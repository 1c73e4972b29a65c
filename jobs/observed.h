/** \file observed.h
 * What a training run is known to have used (`observed` of a study) in the place of what models
 * say: device-hours become the MFU that gives them, electricity the mean power of a device. All
 * other outcomes follow by the same arithmetic as ever (docs/model.md M760, M761).
 */
#ifndef JOBS_OBSERVED_H
#define JOBS_OBSERVED_H

#include <stdbool.h>

#include "inputs/study/study.h"
#include "solver/design.h"
#include "solver/hardware.h"

/** Whether a study gives any of it. */
bool observed_is_given(const struct study *study);

/** Refuse it where a job cannot use it: it is of one run, and only `evaluate` judges one.
 * \return STATUS_OK or STATUS_INPUT with the place */
enum status observed_refuse(const struct study *study, struct status_why *why);

/** Put it into a design, the options of the study and the device of the design.
 * \param [in,out] study      its footprint.power becomes measured where a power is known
 * \param [in,out] catalogue  the measured power of the design's device is set
 * \param [in,out] d          its mfu_ratio is set where hours are known
 * \return STATUS_OK; STATUS_INPUT: the study gives an MFU too, or hours twice, or power twice; a
 * figure that turns hours into an MFU is missing; fewer hours than the device takes at its peak */
enum status observed_apply(struct study *study, struct hardware_catalogue *catalogue,
                           struct design *d, struct status_why *why);

#endif
