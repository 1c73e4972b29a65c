#include "jobs/observed.h"

#include <math.h>
#include <stdio.h>

#include "solver/base/log.h"
#include "solver/base/units.h"
#include "solver/footprint.h"

bool observed_is_given(const struct study *study)
{
    const struct study_observed *o = &study->observed;
    return o->device_hour > 0.0 || o->duration_hour > 0.0 || o->energy_kwh > 0.0
           || o->power_watt > 0.0;
}

static enum status fail(const struct study *study, const char *key, const char *expected,
                        struct status_why *why)
{
    return study_fail(study, study->observed.place, key, NULL, expected, why);
}

enum status observed_refuse(const struct study *study, struct status_why *why)
{
    return !observed_is_given(study)
               ? STATUS_OK
               : fail(study, "observed", "is of one run: only evaluate reads it", why);
}

/* An outcome of the training alone. */
static double of_training(enum footprint_outcome o, const struct study *study,
                          const struct hardware_catalogue *catalogue, const struct design *d)
{
    double outcome[FOOTPRINT_N_OUTCOMES];
    struct design training = *d;
    training.value[DESIGN_SERVED_TOKENS] = 0.0;
    footprint_all(&training, catalogue, &study->footprint, outcome);
    return outcome[o];
}

/* Why an outcome of the training has no value. */
static enum status explain(enum footprint_outcome o, const char *key, const struct study *study,
                           const struct hardware_catalogue *catalogue, const struct design *d,
                           struct status_why *why)
{
    struct status_why absent;
    status_clear(&absent);
    (void)footprint_explain(o, d, catalogue, &study->footprint, &absent);
    return fail(study, key, absent.message[0] != '\0' ? absent.message : "cannot be used here",
                why);
}

/* The device-hours given; 0: none. */
static enum status hours_of(const struct study *study, const struct design *d, double *hours,
                            struct status_why *why)
{
    const struct study_observed *o = &study->observed;
    const double fleet = d->value[DESIGN_FLEET];
    if (o->device_hour > 0.0 && o->duration_hour > 0.0) {
        return fail(study, "observed.duration_hour", "observed.device_hour is given too", why);
    }
    if (o->duration_hour > 0.0 && !(fleet > 0.0)) {
        return fail(study, "observed.duration_hour", "needs space.fleet_devices", why);
    }
    *hours = o->duration_hour > 0.0 ? o->duration_hour * fleet : o->device_hour;
    return STATUS_OK;
}

/* M760: hours are inversely proportional to the MFU, so those at an MFU of one give it. */
static enum status apply_hours(const struct study *study,
                               const struct hardware_catalogue *catalogue, struct design *d,
                               struct status_why *why)
{
    double hours = 0.0;
    const enum status st = hours_of(study, d, &hours, why);
    if (st != STATUS_OK || !(hours > 0.0)) {
        return st;
    }
    if (study->space[DESIGN_MFU].given || study->space[DESIGN_MFU_MODEL].given) {
        return fail(study, "observed", "space gives an MFU too: leave out one of the two", why);
    }
    d->value[DESIGN_MFU] = 1.0;
    const double at_peak = of_training(FOOTPRINT_DEVICE_HOUR, study, catalogue, d);
    if (!(at_peak > 0.0)) {
        return explain(FOOTPRINT_DEVICE_HOUR, "observed", study, catalogue, d, why);
    }
    if (at_peak > hours) {
        char expected[160];
        (void)snprintf(expected, sizeof expected,
                       "%.6g device-hours are too few: the device takes %.6g at its dense peak",
                       hours, at_peak);
        return fail(study, "observed", expected, why);
    }
    d->value[DESIGN_MFU] = at_peak / hours;
    log_line(LOG_INFO, "observed device_hour=%.6g mfu_ratio=%.4g", hours, d->value[DESIGN_MFU]);
    return STATUS_OK;
}

/* M761: electricity is proportional to the mean power, so that at a kilowatt gives it. */
static enum status apply_power(struct study *study, struct hardware_catalogue *catalogue,
                               const struct design *d, struct status_why *why)
{
    const struct study_observed *o = &study->observed;
    const int code = design_code(d, DESIGN_DEVICE);
    if (!(o->power_watt > 0.0 || o->energy_kwh > 0.0)) {
        return STATUS_OK;
    }
    if (o->power_watt > 0.0 && o->energy_kwh > 0.0) {
        return fail(study, "observed.power_watt", "observed.energy_kwh is given too", why);
    }
    if (code < 0) {
        return fail(study, "observed", "needs space.device", why);
    }
    study->footprint.power = FOOTPRINT_MEASURED;
    catalogue->devices[code].measured_power_watt =
        o->power_watt > 0.0 ? o->power_watt : UNITS_WATT_PER_KW;
    if (o->energy_kwh > 0.0) {
        const double at_kilowatt = of_training(FOOTPRINT_ENERGY, study, catalogue, d);
        if (!(at_kilowatt > 0.0)) {
            return explain(FOOTPRINT_ENERGY, "observed.energy_kwh", study, catalogue, d, why);
        }
        catalogue->devices[code].measured_power_watt *= o->energy_kwh / at_kilowatt;
    }
    log_line(LOG_INFO, "observed power_watt=%.6g", catalogue->devices[code].measured_power_watt);
    return STATUS_OK;
}

enum status observed_apply(struct study *study, struct hardware_catalogue *catalogue,
                           struct design *d, struct status_why *why)
{
    const enum status st = apply_hours(study, catalogue, d, why);
    return st == STATUS_OK ? apply_power(study, catalogue, d, why) : st;
}
