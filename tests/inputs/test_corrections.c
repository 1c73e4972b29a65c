/* ranks: 1 3 */
#include "inputs/corrections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/forms.h"
#include "inputs/registry.h"
#include "solver/predict.h"
#include "tests/harness.h"

static struct status_why why;

static void read_shipped(struct correct **rows, size_t *n)
{
    status_clear(&why);
    HARNESS_ASSERT_OK(
        corrections_read(harness_comm(), harness_source("inputs/data"), rows, n, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(*rows);
}

/* What a study with one entry gets. */
static enum status choose(const char *entry, struct correct *made)
{
    struct study study;
    struct correct *rows = NULL;
    size_t n = 0;
    char text[256];
    read_shipped(&rows, &n);
    (void)snprintf(text, sizeof text, "law:\n  corrections: [%s]\n", entry);
    HARNESS_ASSERT_OK(study_parse("s.yaml", text, strlen(text), NULL, 0, &study, &why));
    const enum status st = corrections_choose(&study, &study.corrections[0], rows, n, made, &why);
    study_clear(&study);
    free(rows);
    return st;
}

static void test_corrections_read_the_shipped_table(void)
{
    struct correct *rows = NULL;
    size_t n = 0;
    read_shipped(&rows, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].id, "bergsma2025") == 0) { /* its coefficient is not published */
            HARNESS_ASSERT_FAILS(correct_check(&rows[i], &why), STATUS_INPUT,
                                 "correction bergsma2025: Bcrit: no value is published");
        } else {
            HARNESS_ASSERT_OK(correct_check(&rows[i], &why));
        }
        CU_ASSERT(!correct_same_paper(rows[i].source, CORRECT_OWN));
    }
    free(rows);
}

static void test_corrections_choose_published_numbers(void)
{
    struct correct c;
    HARNESS_ASSERT_OK(choose("kumar2024", &c));
    CU_ASSERT_STRING_EQUAL(c.id, "kumar2024");
    CU_ASSERT_STRING_EQUAL(c.source, "kumar2024");
    CU_ASSERT_STRING_EQUAL(c.kind->name, "precision");
    CU_ASSERT_EQUAL(c.values[correct_find_parameter(c.kind, "gk")], 0.9578);
    CU_ASSERT_EQUAL_FATAL(c.n_ranges, 3);
    CU_ASSERT_EQUAL(c.ranges[1].input, DESIGN_TOKENS);
    CU_ASSERT(c.ranges[1].lower <= 0.0 && c.ranges[1].upper >= 2.6e10);
    CU_ASSERT_EQUAL(c.ranges[2].lower, 3.0);
    HARNESS_ASSERT_OK(choose("kumar2024_weights", &c));
    CU_ASSERT_EQUAL(c.values[correct_find_parameter(c.kind, "gk")], 0.0); /* left out */
}

static void test_corrections_choose_the_studys_own_numbers(void)
{
    struct correct c;
    HARNESS_ASSERT_OK(choose("{set: bergsma2025, Bcrit: 31.7}", &c));
    HARNESS_ASSERT_OK(correct_check(&c, &why));
    CU_ASSERT_EQUAL(c.values[0], 31.7);
    CU_ASSERT_EQUAL(c.values[1], 0.462);
    CU_ASSERT_STRING_EQUAL(c.source, "bergsma2025");
    HARNESS_ASSERT_OK(choose("{kind: repetition, RD: 11.3}", &c));
    CU_ASSERT_STRING_EQUAL(c.id, "repetition");
    CU_ASSERT_STRING_EQUAL(c.source, CORRECT_OWN);
    HARNESS_ASSERT_OK(choose("{kind: repetition, RD: 11.3, source: muennighoff2023}", &c));
    CU_ASSERT_STRING_EQUAL(c.source, "muennighoff2023");
    HARNESS_ASSERT_FAILS(choose("muennigoff2023", &c), STATUS_INPUT,
                         "s.yaml:2:17: law.corrections: muennigoff2023: unknown; did you mean "
                         "muennighoff2023?");
    HARNESS_ASSERT_FAILS(choose("{set: muennighoff2023, RN: 3}", &c), STATUS_INPUT,
                         "RN: no parameter of this correction");
}

/* A published set as a model. */
static struct predict_model model_of(const char *id)
{
    struct law_set *sets = NULL;
    size_t n = 0;
    struct predict_model m = {.n_corrections = 0};
    status_clear(&why);
    HARNESS_ASSERT_OK(forms_read(harness_comm(), harness_source("inputs/data"), &why));
    HARNESS_ASSERT_OK(
        registry_read_laws(harness_comm(), harness_source("inputs/data"), &sets, &n, &why));
    const struct law_set *set = registry_find_law(sets, n, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(set);
    m.law = set->law;
    law_transform(m.law, set->natural, m.theta);
    (void)snprintf(m.source, sizeof m.source, "%s", set->source);
    free(sets);
    return m;
}

static double loss_of(const struct predict_model *m, double params, double tokens,
                      enum design_input input, double value)
{
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = params;
    d.value[DESIGN_TOKENS] = tokens;
    d.value[input] = value;
    HARNESS_ASSERT_OK(predict_check(m, &why));
    return predict_loss_nat(m, &d);
}

/* The same law as a formula that reads unique tokens, and as corrections of one that does not. */
static void test_corrections_make_of_a_base_law_what_its_paper_fitted(void)
{
    struct predict_model whole = model_of("muennighoff2023"),
                         base = model_of("muennighoff2023_base");
    struct correct c;
    HARNESS_ASSERT_OK(choose("muennighoff2023", &c));
    HARNESS_ASSERT_OK(predict_correct(&base, &c, &why));
    HARNESS_ASSERT_OK(choose("muennighoff2023_excess", &c));
    HARNESS_ASSERT_OK(predict_correct(&base, &c, &why));
    for (double params = 3e7; params < 1e11; params *= 2.7) {
        for (double unique = 1e9; unique < 1e12; unique *= 3.3) {
            HARNESS_ASSERT_REL(loss_of(&base, params, 242e9, DESIGN_UNIQUE_TOKENS, unique),
                               loss_of(&whole, params, 242e9, DESIGN_UNIQUE_TOKENS, unique), 2e-9);
        }
    }
    whole = model_of("kumar2024");
    base = model_of("kumar2024_base");
    HARNESS_ASSERT_OK(choose("kumar2024", &c));
    HARNESS_ASSERT_OK(predict_correct(&base, &c, &why));
    for (double bits = 3.0; bits < 20.0; bits += 0.7) {
        HARNESS_ASSERT_REL(loss_of(&base, 3.1e8, 26e9, DESIGN_WEIGHT_BITS, bits),
                           loss_of(&whole, 3.1e8, 26e9, DESIGN_WEIGHT_BITS, bits), 1e-12);
    }
}

static void test_paper_ludziejewski2025_losses_of_experts(void)
{
    const struct predict_model m = model_of("ludziejewski2025");
    CU_ASSERT_DOUBLE_EQUAL(loss_of(&m, 1e9, 2e10, DESIGN_EXPERTS, 1), 2.57760, 0.5e-5);
    CU_ASSERT_DOUBLE_EQUAL(loss_of(&m, 1e9, 2e10, DESIGN_EXPERTS, 8), 2.50878, 0.5e-5);
}

static void test_corrections_errors(void)
{
    static const char head[] =
        "id\tkind\ttitle\tparameters\tparams_lower\tparams_upper\tsource\tfitted_with\n";
    static const struct {
        const char *row, *message;
    } rows[] = {
        {"a\trepetitions\tt\tRD=3\t\t\tnone\tx\n", "corrections.tsv:2: kind: repetitions: no such"},
        {"a\trepetition\tt\tRN=3\t\t\tnone\tx\n", "corrections.tsv:2: parameters: RN: no param"},
        {"a\trepetition\tt\tRD\t\t\tnone\tx\n", "parameters: RD: expected name=value"},
        {"a\trepetition\tt\tRD=-3\t\t\tnone\tx\n", "corrections.tsv:2: RD: -3: "},
        {"a\trepetition\tt\tRD=3\t9\t7\tnone\tx\n", "params: a: expected lower <= upper"},
        {"a\trepetition\tt\tRD=3\t\t\t\tx\n", "corrections.tsv:2: source"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512], folder[1024];
        struct correct *made = NULL;
        size_t n = 0;
        (void)snprintf(text, sizeof text, "%s%s", head, rows[i].row);
        (void)snprintf(folder, sizeof folder, "%s", harness_file("corrections.tsv", text));
        *strrchr(folder, '/') = '\0';
        status_clear(&why);
        HARNESS_ASSERT_FAILS(corrections_read(harness_comm(), folder, &made, &n, &why),
                             STATUS_INPUT, rows[i].message);
        CU_ASSERT_PTR_NULL(made);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"read_the_shipped_table", test_corrections_read_the_shipped_table},
        {"choose_published_numbers", test_corrections_choose_published_numbers},
        {"choose_the_studys_own_numbers", test_corrections_choose_the_studys_own_numbers},
        {"make_of_a_base_law_what_its_paper_fitted",
         test_corrections_make_of_a_base_law_what_its_paper_fitted},
        {"paper_ludziejewski2025_losses_of_experts", test_paper_ludziejewski2025_losses_of_experts},
        {"errors", test_corrections_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
