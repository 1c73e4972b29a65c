/** \file laws.h
 * Every law, those of the program and those of the tables, with the ranges of its inputs and
 * coefficients, published or made up: for claims that hold for all of them. */
#ifndef TESTS_KNOWN_LAWS_H
#define TESTS_KNOWN_LAWS_H

#include <stdlib.h>
#include <string.h>

#include "inputs/forms.h"
#include "inputs/registry.h"
#include "tests/harness.h"

static struct law_set *laws_sets;
static size_t laws_n_sets;

/* Where runs lie, natural values; of two rows for an input the first whose law is this one holds.
 */
static const struct laws_range {
    const char *law, *input; /* law "": any */
    double lower, upper;
} laws_ranges[] = {
    {"hestness", "samples", 1, 1e8},
    {"coverage", "samples", 1, 1e3},
    {"pass_until", "params", 1e7, 1e11},
    {"ttspm", "samples", 1, 30},
    {"prefix", "samples", 1e2, 1e7},
    {"kaplan_batch", "loss_nat", 1.7, 6},
    {"bnsl3", "x", 1, 1e24},
    {"precision_ptq", "params", 1e7, 1e9},
    {"teacher_n", "params", 1e7, 1e8},
    {"", "params", 1e7, 1e11},
    {"", "tokens", 1e9, 1e12},
    {"", "compute_flop", 1e18, 1e24},
    {"", "least_steps", 1e3, 1e6},
    {"", "samples", 1, 1e3},
    {"", "width", 256, 4096},
    {"", "depth", 3, 80},
    {"", "body_params", 1e7, 1e10},
    {"", "vocabulary_params", 1e6, 1e9},
    {"", "unique_tokens", 1e8, 1e11},
    {"", "weight_bits", 3, 16},
    {"", "activation_bits", 4, 16},
    {"", "cache_bits", 4, 16},
    {"", "post_bits", 1, 6},
    {"", "active_params", 1e7, 1e11},
    {"", "experts", 1, 64},
    {"", "granularity", 1, 64},
    {"", "x", 1, 1e10},
    {"", "gpu_hour", 1e2, 1e5},
    {"", "loss_nat", 1.2, 4.5},
    {"", "sparsity_ratio", 0, 0.95},
    {"", "day", 0, 90},
    {"", "finetuning_tokens", 1e6, 1e10},
    {"", "batch_tokens", 1e4, 1e7},
};

/* Values to plant in laws without published coefficients. */
static const struct laws_plant {
    const char *law;
    double natural[LAW_MAX_PARAMETERS];
} laws_plants[] = {
    {"power_tokens", {1.73, 812, 0.31}},
    {"power_compute", {1.64, 1130, 0.157}},
    {"chinchilla_tied", {1.81, 493, 1720, 0.348}},
    {"chinchilla_outer", {1.71, 620, 2900, 0.36, 0.38, 0.83}},
    {"hestness", {6.3, 0.9, 11.9, 0.166}},
    {"gemstones_wdd", {1.41, 9.1, 2.3, 23000, 0.31, 0.47, 0.476}},
    {"precision_weights", {1.83, 431, 1810, 0.34, 0.36, 2.67, 0.30}},
    {"bnsl1", {0.31, 41, 0.11, 0.43, 2.1e4, 0.37}},
    {"bnsl2", {0.02, 37, 0.07, 0.52, 3.1e3, 0.21, -0.38, 2.3e7, 0.31}},
    {"scalerl", {0.19, 0.645, 3100, 1.7}},
    {"accuracy_sigmoid", {0.57, 0.26, -3.3, 2.4}},
    {"accuracy_exponential", {0.83, 1.9, 1.1}},
    {"accuracy_logit", {-24.7, 0.49}},
    {"coverage", {1.84, 0.21}},
    {"ttspm", {0.81, 0.17}},
    {"prefix", {0.94, 3.7, 0.41}},
    {"train_to_test", {1.37, 430, 2100, 0.61, 0.34, 0.37, 0.44}},
    {"farseer", {0.5, -2.0, 0.02, 5.0, 4.4, -0.05, 1.5, 0.1, -0.08}},
    {"pass_until", {310, 0.29}},
    {"critical_batch", {3.1e9, 7.3e5}},
};

static inline void laws_read(void)
{
    struct status_why why;
    status_clear(&why);
    if (laws_sets == NULL) {
        const char *folder = harness_source("inputs/data");
        HARNESS_ASSERT_OK(forms_read(harness_comm(), folder, &why));
        HARNESS_ASSERT_OK(
            registry_read_laws(harness_comm(), folder, &laws_sets, &laws_n_sets, &why));
    }
}

/** The range of an input of a law by its name; NULL: in no row. */
static inline const struct laws_range *laws_range_named(const struct law *law, const char *input)
{
    for (size_t i = 0; i < sizeof laws_ranges / sizeof laws_ranges[0]; i++) {
        if (strcmp(laws_ranges[i].input, input) == 0
            && (laws_ranges[i].law[0] == '\0' || strcmp(laws_ranges[i].law, law->id) == 0)) {
            return &laws_ranges[i];
        }
    }
    return NULL;
}

static inline const struct laws_range *laws_range_of(const struct law *law, size_t input)
{
    const struct laws_range *r = laws_range_named(law, law->inputs[input].name);
    if (r == NULL) {
        harness_say(law->inputs[input].name);
        CU_FAIL_FATAL("add the range of this input to the table");
        abort(); /* not reached: for the analyzer */
    }
    return r;
}

/** Natural values of the parameters of a law: published ones, where there are any. */
static inline const double *laws_planted(const struct law *law)
{
    for (size_t i = 0; i < laws_n_sets; i++) {
        if (laws_sets[i].law == law) {
            return laws_sets[i].natural;
        }
    }
    for (size_t i = 0; i < sizeof laws_plants / sizeof laws_plants[0]; i++) {
        if (strcmp(laws_plants[i].law, law->id) == 0) {
            return laws_plants[i].natural;
        }
    }
    harness_say(law->id);
    CU_FAIL_FATAL("add this law to the table of plants");
    abort(); /* not reached: for the analyzer */
}

#endif
