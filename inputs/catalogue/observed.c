#include "inputs/catalogue/observed.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/footprint.h"

struct run_row {
    struct hardware_mfu mfu;
    char precision[16], kind[16];
    double tokens, compute_flop, device_hour, wall_clock_hour;
};
#define NUMBER(column, member, lower, upper)                                                       \
    SHEET_NUMBER(column, struct run_row, member, false, 1, lower, upper)
static const struct sheet_field fields[] = {
    SHEET_KEY("id", struct run_row, mfu.id),
    SHEET_OPTIONAL("device", struct run_row, mfu.device),
    NUMBER("devices", mfu.devices, 1, 1e9),
    NUMBER("params", mfu.params, 1, 1e18),
    NUMBER("tokens", tokens, 1, 1e18),
    NUMBER("compute_flop", compute_flop, 1, 1e36),
    SHEET_TEXT("precision", struct run_row, precision),
    NUMBER("mfu_ratio", mfu.mfu_ratio, 1e-6, 1),
    NUMBER("device_hour", device_hour, 1e-9, 1e18),
    NUMBER("wall_clock_hour", wall_clock_hour, 1e-9, 1e9),
    SHEET_OPTIONAL("kind", struct run_row, kind),
    SHEET_TEXT("source", struct run_row, mfu.source),
    SHEET_NOTE("note"),
};
const struct sheet observed_sheet = {.file = "mfu.tsv",
                                     .n_fields = sizeof fields / sizeof *fields,
                                     .fields = fields,
                                     .row_size = sizeof(struct run_row),
                                     .line = offsetof(struct run_row, mfu.line),
                                     .origin = offsetof(struct run_row, mfu.file)};

static const char whole_run[] = "whole-run";

static enum status fail(const struct run_row *row, const char *column, const char *value,
                        const char *expected, struct status_why *why)
{
    return sheet_fail(row->mfu.file, row->mfu.line, column, value, expected, why);
}

/* The ratio of a run that tells its time. */
static enum status compute(const struct run_row *row, const struct hardware_catalogue *c,
                           struct hardware_mfu *made, struct status_why *why)
{
    const int device = hardware_find_device(c, made->device);
    const double compute_flop = isnan(row->compute_flop)
                                    ? footprint_compute_flop(made->params, row->tokens)
                                    : row->compute_flop;
    const double device_hour =
        isnan(row->device_hour) ? made->devices * row->wall_clock_hour : row->device_hour;
    if (isnan(device_hour)) {
        return fail(row, "mfu_ratio", "",
                    "expected a ratio, device_hour, or devices and wall_clock_hour", why);
    }
    if (isnan(compute_flop)) {
        return fail(row, "compute_flop", "",
                    "expected compute_flop, or params and tokens, for the ratio of a run", why);
    }
    if (device < 0) {
        return fail(row, "device", made->device,
                    "expected an id of the table of devices, for its peak", why);
    }
    const double peak = c->devices[device].peak_flop_per_second[made->precision];
    if (isnan(peak)) {
        char column[32];
        (void)snprintf(column, sizeof column, "peak_tflops_%s", precision_name(made->precision));
        return hardware_fail_absent(c, HARDWARE_DEVICES, device, column, made->id, why);
    }
    if (row->kind[0] != '\0' && strcmp(row->kind, whole_run) != 0) {
        return fail(row, "kind", row->kind, "expected whole-run: the time is that of a run", why);
    }
    made->is_computed = true;
    made->mfu_ratio = hardware_mfu_of(compute_flop, device_hour, peak);
    if (made->mfu_ratio > 1.0) {
        char ratio[32];
        (void)snprintf(ratio, sizeof ratio, "%.4g", made->mfu_ratio);
        return fail(row, "mfu_ratio", ratio,
                    "computed, expected at most 1; are these the device and precision?", why);
    }
    return STATUS_OK;
}

static enum status take(const struct run_row *row, const struct hardware_catalogue *c,
                        struct hardware_mfu *made, struct status_why *why)
{
    *made = row->mfu;
    made->precision = precision_find(row->precision);
    made->is_steady = strcmp(row->kind, "steady") == 0;
    if (made->precision == PRECISION_N) {
        return fail(row, "precision", row->precision, "expected a known format", why);
    }
    if (isnan(made->mfu_ratio)) {
        return compute(row, c, made, why);
    }
    if (!isnan(row->device_hour) || !isnan(row->wall_clock_hour)) {
        return fail(row, "mfu_ratio", made->id, "expected either a ratio or the time of a run",
                    why);
    }
    if (made->device[0] != '\0' && hardware_find_device(c, made->device) < 0) {
        return fail(row, "device", made->device,
                    "expected an id of the table of devices, or nothing", why);
    }
    return made->is_steady || strcmp(row->kind, whole_run) == 0
               ? STATUS_OK
               : fail(row, "kind", row->kind, "expected steady or whole-run", why);
}

enum status observed_take(const void *rows, size_t n, struct hardware_catalogue *c,
                          struct status_why *why)
{
    const struct run_row *runs = rows;
    c->mfu = calloc(n, sizeof *c->mfu);
    if (c->mfu == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu observations", n);
    }
    c->n_mfu = n;
    for (size_t i = 0; i < n; i++) {
        const enum status st = take(&runs[i], c, &c->mfu[i], why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}
