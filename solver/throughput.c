#include "solver/throughput.h"

#include <math.h>
#include <stddef.h>

#include "solver/base/status.h"
#include "solver/base/units.h"
#include "solver/base/vmath.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const double outside = NAN; /* the macro is a float */

const char *throughput_mfu_name(int model)
{
    static const char *const names[THROUGHPUT_N_MFU] = {[THROUGHPUT_MFU_CONSTANT] = "constant",
                                                        [THROUGHPUT_MFU_LLMCARBON] = "llmcarbon",
                                                        [THROUGHPUT_MFU_FRONTIER] = "frontier"};
    STATUS_ASSERT(model >= 0 && model < THROUGHPUT_N_MFU);
    return names[model];
}

const char *throughput_scaling_name(int model)
{
    static const char *const names[THROUGHPUT_N_SCALING] = {[THROUGHPUT_SCALING_CONSTANT] =
                                                                "constant",
                                                            [THROUGHPUT_SCALING_POWER] = "power",
                                                            [THROUGHPUT_SCALING_LLAMA] = "llama"};
    STATUS_ASSERT(model >= 0 && model < THROUGHPUT_N_SCALING);
    return names[model];
}

const char *throughput_goodput_name(int model)
{
    static const char *const names[THROUGHPUT_N_GOODPUT] = {
        [THROUGHPUT_GOODPUT_CONSTANT] = "constant", [THROUGHPUT_GOODPUT_DALY] = "daly"};
    STATUS_ASSERT(model >= 0 && model < THROUGHPUT_N_GOODPUT);
    return names[model];
}

/* The fits of faiz2023 to the weak scaling of Megatron on A100s of 80 GB, in TFLOP/s a device:
 * tensor parallelism within a server of eight, pipelines above. */
static double llmcarbon(double params)
{
    static const struct {
        double upper, a, b, c; /* a x^2 + b x + c up to `upper` parameters */
    } fits[] = {
        /* A server holds 0.03e9 parameters a GB: 8 * 80 GB. */
        {19.2e9, -8.82079068e-20, 1.68591116e-9, 133.954735},
        {1e12, -5.60233749e-23, 8.45435587e-11, 134.546129},
    };
    static const double smallest = 1.7e9, peak_tflops = 312.0;
    for (size_t i = 0; i < COUNT(fits) && params >= smallest; i++) {
        if (params <= fits[i].upper) {
            return ((fits[i].a * params + fits[i].b) * params + fits[i].c) / peak_tflops;
        }
    }
    return outside;
}

/* An MFU that was observed, at a size of the model or of the fleet. */
struct observation {
    double size, mfu_ratio;
};

/* The MFU between observations, linear in the logarithm of the size; NAN outside them. */
static double between(const struct observation rows[], size_t n, double size)
{
    for (size_t i = 1; i < n && size >= rows[0].size; i++) {
        if (size <= rows[i].size) {
            const double from = vmath_log1(rows[i - 1].size), to = vmath_log1(rows[i].size);
            const double share = (vmath_log1(size) - from) / (to - from);
            return rows[i - 1].mfu_ratio + share * (rows[i].mfu_ratio - rows[i - 1].mfu_ratio);
        }
    }
    return outside;
}

/* Three sizes on Frontier (dash2023). */
static double frontier(double params)
{
    static const struct observation rows[] = {{22e9, 0.3838}, {175e9, 0.3614}, {1e12, 0.3196}};
    return between(rows, COUNT(rows), params);
}

/* Two fleets of H100s on 405B parameters at the same batch (grattafiori2024), over the smaller. */
static double llama(double devices)
{
    static const struct observation rows[] = {{8192.0, 0.43}, {16384.0, 0.41}};
    return devices < rows[0].size ? 1.0 : between(rows, COUNT(rows), devices) / rows[0].mfu_ratio;
}

double throughput_mfu_ratio(enum throughput_mfu model, double params)
{
    STATUS_ASSERT(model == THROUGHPUT_MFU_LLMCARBON || model == THROUGHPUT_MFU_FRONTIER);
    return model == THROUGHPUT_MFU_LLMCARBON ? llmcarbon(params) : frontier(params);
}

double throughput_scaling_ratio(enum throughput_scaling model, double devices)
{
    /* An efficiency of .94 when 8 became 384 (xu2025): 8^.0160 / 384^.0160. */
    static const double server_devices = 8.0, exponent = -0.0160;
    if (model == THROUGHPUT_SCALING_CONSTANT) {
        return 1.0;
    }
    if (devices < 1.0 || isnan(devices)) {
        return outside;
    }
    return model == THROUGHPUT_SCALING_LLAMA
               ? llama(devices)
               : vmath_exp1(exponent * vmath_log1(fmax(devices, server_devices) / server_devices));
}

struct throughput_failures throughput_default_failures(void)
{
    /* 466 interruptions of 16,384 devices in 54 days, 2.195e-5 a device and hour, and more than 90
     * % of the time used (grattafiori2024); 10 minutes to restart (daly2006). With these, a
     * checkpoint of 10 s makes the model give .900 for that run. */
    return (struct throughput_failures){.per_device_hour = 2.195e-5,
                                        .checkpoint_hour = 10.0 / UNITS_SECOND_PER_HOUR,
                                        .restart_hour = 10.0 / 60.0};
}

double throughput_checkpoint_interval_hour(double mean_hour, double checkpoint_hour)
{
    const double x = checkpoint_hour / (2.0 * mean_hour);
    if (x >= 1.0) {
        return mean_hour;
    }
    return sqrt(2.0 * checkpoint_hour * mean_hour) * (1.0 + sqrt(x) / 3.0 + x / 9.0)
           - checkpoint_hour;
}

/* e^x - 1 for x > 0, without cancellation and with the exponential that has the same bits
 * everywhere. */
static double exp_less_one(double x)
{
    if (x > 1.0) {
        return vmath_exp1(x) - 1.0;
    }
    double sum = 0.0, term = x;
    for (double n = 2.0; sum + term > sum; n += 1.0) {
        sum += term;
        term *= x / n;
    }
    return sum;
}

double throughput_ageing_ratio(double lifespan_year, double growth_per_year)
{
    if (growth_per_year <= 0.0) {
        return 1.0;
    }
    const double x = lifespan_year * vmath_log1(1.0 + growth_per_year);
    return x + x / exp_less_one(x);
}

double throughput_goodput_ratio(enum throughput_goodput model, double devices,
                                const struct throughput_failures *failures)
{
    /* Less than this is no training: the fleet fails before it can go on. */
    static const double no_progress = 1e-6;
    if (model == THROUGHPUT_GOODPUT_CONSTANT) {
        return 1.0;
    }
    if (devices < 1.0 || isnan(devices)) {
        return outside;
    }
    const double mean_hour = 1.0 / (failures->per_device_hour * devices);
    const double interval_hour =
        throughput_checkpoint_interval_hour(mean_hour, failures->checkpoint_hour);
    const double ratio = interval_hour / mean_hour * vmath_exp1(-failures->restart_hour / mean_hour)
                         / exp_less_one((interval_hour + failures->checkpoint_hour) / mean_hour);
    return ratio >= no_progress ? ratio : outside;
}
