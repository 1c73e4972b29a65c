/* ranks: 1 3 */
#define _POSIX_C_SOURCE 200809L
#include "inputs/study/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/inputs/mutate.h"

static struct status_why why;

static enum status parse(const char *text, struct study *study)
{
    return study_parse("study.yaml", text, strlen(text), NULL, 0, study, &why);
}

static enum status parse_with(const char *text, const char *path, const char *value,
                              struct study *study)
{
    const struct study_setting setting = {path, value};
    return study_parse("study.yaml", text, strlen(text), &setting, 1, study, &why);
}

static const char full[] =
    "title: \"Which 1B to 100B model, \\\"honestly\\\"?\"\n"
    "seed: 18446744073709551615\n"
    "runs:\n"
    "  file: data/runs.csv\n"
    "  columns: {params: {column: \"Model Size\", scale: 1e6}, compute_flop: Training FLOP, loss: "
    "L}\n"
    "  where: [\"loss < 5\", \"family == pythia v2\", 'x>=1e9']\n"
    "  drop_highest_loss: 5\n"
    "law: {from: fit.h5, id: kaplan}\n"
    "fit:\n"
    "  objective: lad\n"
    "  delta: 2.5e-3\n"
    "  residual: linear\n"
    "  replicates: 4K\n"
    "  resampling: numpy_mt19937\n"
    "  bootstrap: cluster\n"
    "  cluster: family\n"
    "  profile: false\n"
    "  confidence: 80 %\n"
    "  target_compute_flop: 5.76e23 FLOP\n"
    "space:\n"
    "  params: {from: 1B, to: 100B, steps: 7}\n"
    "  tokens: {from: 20B, to: 10T, steps: 3, scale: linear}\n"
    "  precision: bf16\n"
    "  mfu_ratio: {values: [0.3, 40 %, 0.57], role: scenario}\n"
    "  lifespan_year: [2, 30 month, 4 y]\n"
    "  device: {values: [A100-SXM4-40, H100-SXM5-80], role: scenario}\n"
    "  grid: USA\n"
    "  site: [Google]\n"
    "objectives: [loss_nat, compute_flop, energy_kwh, mass_kg]\n"
    "constraints: {energy_kwh: {max: 1 GWh}, device_hour: {min: 1, max: 1e7}, devices: {max: "
    "8.8K}}\n"
    "footprint: {amortisation: utilised, utilisation_ratio: 0.8, power_ratio: 0.7, bound: hi}\n"
    "catalogue: {devices: tables/mine.csv, classes: ours.tsv, reading: B, "
    "heavy_above_g_per_cm3: 3.5}\n"
    "simulate: {set: besiroglu2024, budgets_flop: [1e18, 3.1 EFLOP], points: 11, noise: 0.02, "
    "span: 6}\n"
    "output: result.h5\n";

static void test_study_reads_every_key(void)
{
    struct study s;
    HARNESS_ASSERT_OK(parse(full, &s));
    CU_ASSERT_STRING_EQUAL(s.title, "Which 1B to 100B model, \"honestly\"?");
    CU_ASSERT_EQUAL(s.seed, UINT64_MAX);
    CU_ASSERT_STRING_EQUAL(s.runs_file, "data/runs.csv");
    CU_ASSERT(s.runs_place.line == 4 && s.runs_place.column == 9);
    CU_ASSERT_EQUAL_FATAL(s.n_runs_columns, 3);
    CU_ASSERT_STRING_EQUAL(s.runs_columns[0].name, "params");
    CU_ASSERT_STRING_EQUAL(s.runs_columns[0].column, "Model Size");
    CU_ASSERT_EQUAL(s.runs_columns[0].scale, 1e6);
    CU_ASSERT(s.runs_columns[0].name_place.column == 13 && s.runs_columns[0].place.column == 30);
    CU_ASSERT_STRING_EQUAL(s.runs_columns[1].column, "Training FLOP");
    CU_ASSERT_EQUAL(s.runs_columns[1].scale, 1);
    CU_ASSERT_EQUAL(s.runs_columns[2].place.line, 5);
    CU_ASSERT_EQUAL(s.n_filters, 3);
    CU_ASSERT_STRING_EQUAL(s.filters[1].column, "family");
    CU_ASSERT_STRING_EQUAL(s.filters[1].op, "==");
    CU_ASSERT_STRING_EQUAL(s.filters[1].text, "pythia v2");
    CU_ASSERT_STRING_EQUAL(s.filters[2].column, "x");
    CU_ASSERT_STRING_EQUAL(s.filters[2].op, ">=");
    CU_ASSERT_EQUAL(s.drop_highest_loss, 5);
    CU_ASSERT_STRING_EQUAL(s.law_from, "fit.h5");
    CU_ASSERT_STRING_EQUAL(s.law_id, "kaplan");
    CU_ASSERT_EQUAL(s.objective, STUDY_LAD);
    CU_ASSERT_EQUAL(s.residual, STUDY_RESIDUAL_LINEAR);
    CU_ASSERT_EQUAL(s.resampling, STUDY_NUMPY_MT19937);
    CU_ASSERT_EQUAL(s.bootstrap, STUDY_CLUSTER);
    CU_ASSERT_STRING_EQUAL(s.cluster, "family");
    CU_ASSERT_EQUAL(s.profile, STUDY_FALSE);
    CU_ASSERT_DOUBLE_EQUAL(s.delta, 2.5e-3, 0);
    CU_ASSERT_EQUAL(s.replicates, 4000);
    CU_ASSERT_DOUBLE_EQUAL(s.confidence, .8, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.target_compute_flop, 5.76e23, 0);
    CU_ASSERT_EQUAL(s.n_objectives, 4);
    CU_ASSERT_EQUAL(s.objectives[2], FOOTPRINT_ENERGY);
    CU_ASSERT_EQUAL(s.n_limits, 3);
    CU_ASSERT_EQUAL(s.limits[0].outcome, FOOTPRINT_ENERGY);
    CU_ASSERT_DOUBLE_EQUAL(s.limits[0].upper, 1e6, 0);
    CU_ASSERT(isinf(s.limits[0].lower) && s.limits[0].lower < 0);
    CU_ASSERT_DOUBLE_EQUAL(s.limits[1].lower, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.limits[2].upper, 8800, 0);
    CU_ASSERT_EQUAL(s.footprint.amortisation, FOOTPRINT_UTILISED);
    CU_ASSERT_EQUAL(s.footprint.bound, HARDWARE_HI);
    CU_ASSERT_DOUBLE_EQUAL(s.footprint.utilisation_ratio, .8, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.footprint.power_ratio, .7, 0);
    CU_ASSERT_STRING_EQUAL(s.catalogue_files[HARDWARE_DEVICES], "tables/mine.csv");
    CU_ASSERT_STRING_EQUAL(s.catalogue_files[HARDWARE_CLASSES], "ours.tsv");
    CU_ASSERT_STRING_EQUAL(s.catalogue_files[HARDWARE_GRIDS], "");
    CU_ASSERT_EQUAL(s.catalogue_reading, HARDWARE_READING_B);
    CU_ASSERT_DOUBLE_EQUAL(s.heavy_above_g_per_cm3, 3.5, 0);
    CU_ASSERT_STRING_EQUAL(s.simulate_set, "besiroglu2024");
    CU_ASSERT_EQUAL(s.n_budgets, 2);
    CU_ASSERT_DOUBLE_EQUAL(s.budgets_flop[1], 3.1e18, 0);
    CU_ASSERT_EQUAL(s.simulate_points, 11);
    CU_ASSERT_DOUBLE_EQUAL(s.simulate_noise, .02, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.simulate_span, 6, 0);
    CU_ASSERT_STRING_EQUAL(s.output, "result.h5");
    CU_ASSERT_EQUAL(s.output_place.line, 34);
    CU_ASSERT_EQUAL(s.n_text, strlen(full));
    CU_ASSERT_STRING_EQUAL(s.text, full);
    study_clear(&s);
}

static void test_study_space_keeps_the_order_and_kind_of_its_entries(void)
{
    static const enum design_input order[] = {DESIGN_PARAMS, DESIGN_TOKENS,   DESIGN_PRECISION,
                                              DESIGN_MFU,    DESIGN_LIFESPAN, DESIGN_DEVICE,
                                              DESIGN_GRID,   DESIGN_SITE};
    struct study s;
    HARNESS_ASSERT_OK(parse(full, &s));
    CU_ASSERT_EQUAL(s.n_space, sizeof order / sizeof *order);
    CU_ASSERT(memcmp(s.space_order, order, sizeof order) == 0);
    const struct study_axis *grid = &s.space[DESIGN_GRID];
    CU_ASSERT(grid->given && !grid->is_axis && grid->n == 1);
    CU_ASSERT_STRING_EQUAL(grid->labels[0], "USA");
    CU_ASSERT(s.space[DESIGN_SITE].is_axis && s.space[DESIGN_SITE].n == 1);
    CU_ASSERT(!s.space[DESIGN_GOODPUT].given);
    const struct study_axis *life = &s.space[DESIGN_LIFESPAN];
    CU_ASSERT(life->is_axis && life->n == 3 && life->role == STUDY_DECISION);
    CU_ASSERT_DOUBLE_EQUAL(life->values[1], 2.5, 0);
    CU_ASSERT(life->value_places[1].line == 25 && life->value_places[1].column == 22);
    CU_ASSERT_EQUAL(s.space[DESIGN_MFU].role, STUDY_SCENARIO);
    CU_ASSERT_STRING_EQUAL(s.space[DESIGN_DEVICE].labels[1], "H100-SXM5-80");
    study_clear(&s);
}

static void test_study_without_keys_has_the_defaults(void)
{
    struct study s;
    HARNESS_ASSERT_OK(parse("title: nothing else\n", &s));
    const struct footprint_options footprint = footprint_defaults();
    CU_ASSERT_STRING_EQUAL(s.law_id, "chinchilla");
    CU_ASSERT_EQUAL(s.objective, STUDY_HUBER);
    CU_ASSERT_DOUBLE_EQUAL(s.delta, 1e-3, 0);
    CU_ASSERT_EQUAL(s.replicates, 1000);
    CU_ASSERT_DOUBLE_EQUAL(s.confidence, .95, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.target_compute_flop, 0, 0);
    CU_ASSERT_EQUAL(s.n_space + s.n_objectives + s.n_limits + s.n_filters + s.n_budgets, 0);
    CU_ASSERT_EQUAL(s.footprint.amortisation, footprint.amortisation);
    CU_ASSERT_EQUAL(s.footprint.bound, footprint.bound);
    CU_ASSERT_DOUBLE_EQUAL(s.footprint.power_ratio, footprint.power_ratio, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.footprint.utilisation_ratio, footprint.utilisation_ratio, 0);
    CU_ASSERT_EQUAL(s.law_id_place.line, 0);
    study_clear(&s);
}

static void test_study_settings_override_the_file(void)
{
    const struct study_setting settings[] = {{"space.params.steps", "50"},
                                             {"objectives", "[loss_nat, energy_kwh]"},
                                             {"space.grid", "[NOR, CHN]"},
                                             {"fit.replicates", "0"}};
    struct study s;
    HARNESS_ASSERT_OK(study_parse("study.yaml", full, strlen(full), settings,
                                  sizeof settings / sizeof *settings, &s, &why));
    CU_ASSERT_EQUAL(s.space[DESIGN_PARAMS].n, 50);
    CU_ASSERT_EQUAL(s.n_objectives, 2);
    CU_ASSERT_EQUAL(s.objectives_place.line, -1);
    CU_ASSERT_EQUAL(s.space[DESIGN_GRID].n, 2);
    CU_ASSERT_EQUAL(s.replicates, 0);
    study_clear(&s);
    HARNESS_ASSERT_OK(parse_with("", "title", "only this", &s));
    CU_ASSERT_STRING_EQUAL(s.title, "only this");
    study_clear(&s);
    HARNESS_ASSERT_FAILS(parse_with(full, "fit.delta", "11", &s), STATUS_INPUT,
                         "--set: fit.delta: 11: must be in (0, 10]");
    HARNESS_ASSERT_FAILS(parse_with(full, "fti.delta", "1", &s), STATUS_INPUT,
                         "--set: fti: unknown; did you mean fit?");
}

static void assert_reads_back(const char *text)
{
    struct study first, second;
    char *once = NULL, *twice = NULL;
    char digests[2][65];
    HARNESS_ASSERT_OK(parse(text, &first));
    HARNESS_ASSERT_OK(study_effective(&first, &once, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(once);
    HARNESS_ASSERT_OK(parse(once, &second));
    HARNESS_ASSERT_OK(study_effective(&second, &twice, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(twice);
    CU_ASSERT_STRING_EQUAL(once, twice);
    HARNESS_ASSERT_OK(study_digest(&first, digests[0], &why));
    HARNESS_ASSERT_OK(study_digest(&second, digests[1], &why));
    CU_ASSERT_STRING_EQUAL(digests[0], digests[1]);
    /* The places differ; what was read must not. */
    CU_ASSERT_EQUAL(first.seed, second.seed);
    CU_ASSERT_STRING_EQUAL(first.title, second.title);
    CU_ASSERT_STRING_EQUAL(first.law_id, second.law_id);
    CU_ASSERT_EQUAL(first.n_runs_columns, second.n_runs_columns);
    for (size_t i = 0; i < first.n_runs_columns; i++) {
        const struct study_column *a = &first.runs_columns[i], *b = &second.runs_columns[i];
        CU_ASSERT_STRING_EQUAL(a->name, b->name);
        CU_ASSERT_STRING_EQUAL(a->column, b->column);
        CU_ASSERT_EQUAL(a->scale, b->scale);
    }
    CU_ASSERT(memcmp(first.budgets_flop, second.budgets_flop, sizeof first.budgets_flop) == 0);
    CU_ASSERT(memcmp(first.objectives, second.objectives, sizeof first.objectives) == 0);
    CU_ASSERT_EQUAL(first.n_limits, second.n_limits);
    CU_ASSERT_EQUAL(first.n_filters, second.n_filters);
    for (size_t i = 0; i < first.n_filters; i++) {
        CU_ASSERT_STRING_EQUAL(first.filters[i].column, second.filters[i].column);
        CU_ASSERT_STRING_EQUAL(first.filters[i].op, second.filters[i].op);
        CU_ASSERT_STRING_EQUAL(first.filters[i].text, second.filters[i].text);
    }
    CU_ASSERT(memcmp(first.space_order, second.space_order, sizeof first.space_order) == 0);
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct study_axis *a = &first.space[i], *b = &second.space[i];
        CU_ASSERT(a->given == b->given && a->is_axis == b->is_axis && a->n == b->n
                  && a->role == b->role);
        CU_ASSERT(a->values == NULL || memcmp(a->values, b->values, a->n * sizeof(double)) == 0);
    }
    study_clear(&first);
    study_clear(&second);
    free(once);
    free(twice);
}

static void test_study_effective_reads_back_to_the_same_study(void)
{
    assert_reads_back(full);
    assert_reads_back("seed: 7\n");
    assert_reads_back("law: {set: besiroglu2024}\ntitle: 'a\\b \"c\" # d: \xc3\xa9'\n");
    assert_reads_back("space: {params: 0.1, tokens: [1e9, 3333333333.3], device: '5'}\n"
                      "fit: {delta: 0.30000000000000004, confidence: 0.1}\n"
                      "constraints: {loss_nat: {min: 1.1}, mass_kg: {max: 3 t}}\n");
}

/* Whether a study that was understood says the same when it is written and read again. */
static bool reads_back(const struct study *s)
{
    struct study again;
    char *once = NULL, *twice = NULL;
    bool same = study_effective(s, &once, &why) == STATUS_OK && parse(once, &again) == STATUS_OK;
    if (same) {
        same = study_effective(&again, &twice, &why) == STATUS_OK && strcmp(once, twice) == 0;
        study_clear(&again);
    }
    if (!same) {
        harness_say(once != NULL ? once : why.message);
    }
    free(once);
    free(twice);
    return same;
}

static void test_study_survives_damaged_text(void)
{
    enum { N = 4000 };
    size_t n_read = 0, n_silent = 0, n_multiline = 0, n_changed = 0;
    for (uint64_t i = 0; i < N; i++) {
        char text[MUTATE_SIZE];
        struct study s;
        const size_t n = mutate(full, i, text);
        if (study_parse("study.yaml", text, n, NULL, 0, &s, &why) == STATUS_OK) {
            n_read++;
            n_changed += !reads_back(&s);
            study_clear(&s);
        } else {
            n_silent += why.code != STATUS_INPUT || strncmp(why.message, "study.yaml:", 11) != 0;
            n_multiline += strchr(why.message, '\n') != NULL;
        }
        status_clear(&why);
    }
    CU_ASSERT(n_read > N / 50 && n_read < N); /* the damage is neither always fatal nor never */
    CU_ASSERT_EQUAL(n_silent, 0);
    CU_ASSERT_EQUAL(n_multiline, 0);
    CU_ASSERT_EQUAL(n_changed, 0);
}

static void test_study_digest_ignores_only_the_output(void)
{
    char digests[3][65];
    static const char *const texts[] = {"seed: 7\noutput: a.h5\n", "# comment\nseed: 07\n",
                                        "seed: 8\noutput: a.h5\n"};
    for (size_t i = 0; i < 3; i++) {
        struct study s;
        HARNESS_ASSERT_OK(parse(texts[i], &s));
        HARNESS_ASSERT_OK(study_digest(&s, digests[i], &why));
        study_clear(&s);
    }
    CU_ASSERT_EQUAL(strlen(digests[0]), 64);
    CU_ASSERT_STRING_EQUAL(digests[0], digests[1]);
    CU_ASSERT_STRING_NOT_EQUAL(digests[0], digests[2]);
}

/* Records of a search hold when it is only carried on in another way. */
static void test_study_records_digest_ignores_patience(void)
{
    char digests[3][65], whole[3][65];
    static const char *const texts[] = {"bayes: {retries: 1, timeout_hour: 2}\n",
                                        "bayes: {evaluations: 7, on_failure: abort}\n",
                                        "bayes: {retries: 1, timeout_hour: 2, lag: 5}\n"};
    for (size_t i = 0; i < 3; i++) {
        struct study s;
        HARNESS_ASSERT_OK(parse(texts[i], &s));
        HARNESS_ASSERT_OK(study_records_digest(&s, digests[i], &why));
        HARNESS_ASSERT_OK(study_digest(&s, whole[i], &why));
        study_clear(&s);
    }
    CU_ASSERT_STRING_EQUAL(digests[0], digests[1]);
    CU_ASSERT_STRING_NOT_EQUAL(digests[0], digests[2]);
    CU_ASSERT_STRING_NOT_EQUAL(whole[0], whole[1]);
}

static void test_study_reads_where_fits_start(void)
{
    struct study s;
    HARNESS_ASSERT_OK(parse("fit:\n  starts: 500\n  solver: nlopt\n"
                            "  start_grid: {alpha: [0.2, 0.31], RD: [15]}\n",
                            &s));
    CU_ASSERT_EQUAL(s.starts, 500);
    CU_ASSERT_EQUAL(s.solver, STUDY_NLOPT);
    CU_ASSERT_EQUAL_FATAL(s.n_start_grid, 2);
    CU_ASSERT_STRING_EQUAL(s.start_grid[0].name, "alpha");
    CU_ASSERT_EQUAL(s.start_grid[0].n, 2);
    CU_ASSERT_EQUAL(s.start_grid[0].values[1], 0.31);
    CU_ASSERT_EQUAL(s.start_grid[0].place.line, 4);
    CU_ASSERT_STRING_EQUAL(s.start_grid[1].name, "RD");
    CU_ASSERT_EQUAL(s.start_grid[1].values[0], 15.0);
    study_clear(&s);
}

static void test_study_wants_the_approaches_listed_and_always_the_fit(void)
{
    struct study s;
    HARNESS_ASSERT_OK(parse("fit: {approaches: [2]}\n", &s));
    CU_ASSERT(!study_wants_approach(&s, 1) && study_wants_approach(&s, 2));
    CU_ASSERT(study_wants_approach(&s, 3));
    CU_ASSERT_EQUAL(s.approaches_place.line, 1);
    study_clear(&s);
    HARNESS_ASSERT_OK(parse("title: none\n", &s));
    CU_ASSERT(!study_wants_approach(&s, 1) && !study_wants_approach(&s, 2));
    CU_ASSERT(study_wants_approach(&s, 3));
    study_clear(&s);
}

/** A study and what its message contains. */
struct bad {
    const char *text, *message;
};

static void check_bad(const struct bad bad[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct study s;
        CU_ASSERT_EQUAL(parse(bad[i].text, &s), STATUS_INPUT);
        CU_ASSERT_PTR_NULL(s.text);
        if (!harness_contains(why.message, bad[i].message)) {
            harness_say(why.message);
            harness_say(bad[i].message);
            CU_FAIL("another message");
        }
        status_clear(&why);
    }
}

static void test_study_errors_name_place_key_value_and_what_was_expected(void)
{
    static const struct bad bad[] = {
        {"", "study.yaml: empty: expected a study"},
        {"# only a comment\n", "study.yaml: empty"},
        {"- a\n- b\n", "study.yaml:1:1: expected a mapping, not a list"},
        {"runs.csv", "study.yaml:1:1: runs.csv: expected a mapping, not one value"},
        {"---\n...\n", "study.yaml:2:1: expected a mapping, not nothing"},
        {"objectives: [\"a\\nb\"]\n", "objectives: a b: expected one line"},
        {"fitt: 3\n", "study.yaml:1:1: fitt: unknown; did you mean fit?"},
        {"fit:\n  dleta: 3\n", "study.yaml:2:3: fit.dleta: unknown; did you mean delta?"},
        {"constraint: 3\n", "constraint: unknown; did you mean constraints?"},
        {"quux: 3\n",
         "study.yaml:1:1: quux: unknown; expected title, seed, accept, runs, law, fit, space, "
         "objectives, constraints, accept_unpriced, search, thin, band, footprint, observed, "
         "catalogue, allocate, "
         "simulate, plan, bayes "
         "or "
         "output"},
        {"fit: 3\n", "study.yaml:1:6: fit: 3: expected a mapping, not one value"},
        {"fit:\n", "study.yaml:1:5: fit: expected a mapping, not nothing"},
        {"title: [a]\n", "study.yaml:1:8: title: expected one value, not a list"},
        {"title:\nseed: 3\n", "title: expected a value; leave the key out for the default"},
        {"title: \"a\\nb\"\n", "title: a b: expected one line without control characters"},
        {"seed: -1\n", "seed: -1: must be in [0, "},
        {"seed: 1.5\n", "study.yaml:1:7: seed: 1.5: expected a whole number"},
        {"seed: 18446744073709551616\n", "must be below 2^64"},
        {"seed: many\n", "seed: many: expected a count"},
        {"fit: {objective: hubber}\n",
         "study.yaml:1:18: fit.objective: hubber: expected huber, lad or least_squares"},
        {"fit: {delta: 1e7x}\n", "fit.delta: 1e7x: expected a number"},
        {"fit: {delta: nan}\n", "fit.delta: nan: expected a finite number"},
        {"fit: {delta: .inf}\n", "expected a finite number"},
        {"fit: {delta: 1e400}\n", "expected a finite number"},
        {"fit: {confidence: 1}\n", "fit.confidence: 1: must be in (0, 1)"},
        {"fit: {target_compute_flop: 30 kg}\n",
         "fit.target_compute_flop: 30 kg: expected an amount of compute: FLOP"},
        {"fit: {approaches: 2}\n", "fit.approaches: 2: expected a list, not one value"},
        {"fit: {approaches: [1, 4]}\n", "study.yaml:1:23: fit.approaches: 4: must be in [1, 3]"},
        {"fit: {approaches: [1.5]}\n", "fit.approaches: 1.5: expected whole numbers: 1, 2 or 3"},
        {"law: {set: a, from: b}\n", "law.from: b: law.set is given too"},
        {"law: {set: a, id: b}\n", "law.id: b: law.set says which law it is"},
        {"runs: {where: loss < 5}\n", "runs.where: loss < 5: expected a list, not one value"},
        {"runs: {where: [loss = 5]}\n", "loss = 5: expected `column op value` with <"},
        {"runs: {where: [< 5]}\n", "expected `column op value`"},
        {"runs: {where: ['loss <']}\n", "expected `column op value`"},
        {"runs: {where: [loss < five]}\n", "expected a number after <"},
        {"runs: {where: []}\n", "expected a list of 1 to 64 items"},
        {"space: {param: 3}\n", "study.yaml:1:9: space.param: unknown; did you mean params?"},
        {"space: [params]\n", "space: expected a mapping, not a list"},
        {"objectives: loss_nat\n", "objectives: loss_nat: expected a list, not one value"},
        {"objectives: [loss_nat, energy]\n",
         "objectives: energy: unknown; did you mean energy_kwh?"},
        {"objectives: [zeal]\n", "objectives: zeal: unknown; expected loss_nat"},
        {"objectives: [energy_kw]\n", "objectives: energy_kw: unknown; did you mean energy_kwh?"},
        {"objectives: [mass_kg, loss_nat, mass_kg]\n",
         "study.yaml:1:33: objectives: mass_kg: this objective is in the list twice"},
        {"constraints: {energy_kwh: 3}\n", "constraints.energy_kwh: 3: expected a mapping"},
        {"constraints: {energy_kwh: {}}\n", "constraints.energy_kwh: expected min or max"},
        {"constraints: {energy_kwh: {mx: 3}}\n", "energy_kwh.mx: unknown; did you mean max?"},
        {"constraints: {energy_kwh: {most: 3}}\n", "energy_kwh.most: unknown; expected min or max"},
        {"constraints: {energy_kwh: {max: 3 kg}}\n", "3 kg: expected an energy: Wh"},
        {"constraints: {energy_kwh: {min: 3, max: 2}}\n", "min must be at most max"},
        {"constraints: {energie_kwh: {max: 2}}\n", "did you mean energy_kwh?"},
        {"simulate: {budgets_flop: [1e18, 1 EFLOP]}\n",
         "simulate.budgets_flop: 1 EFLOP: this value is in the list twice"},
        {"simulate: {span: 1}\n", "simulate.span: 1: must be in (1, 1000000]"},
        {"a: [\n", "study.yaml:2:1: YAML: "},
        {"a: *b\n", "study.yaml:1:4: anchors, aliases and tags are not used here"},
        {"seed: 1\nseed: 2\n", "study.yaml:2:1: seed: given twice, first in line 1"},
        {"fit:\n\tdelta: 1\n", "study.yaml:2:1: a tab cannot indent YAML: use spaces"},
        {"title: \xe9\n", "study.yaml:1:8: expected UTF-8 text"},
    };
    check_bad(bad, sizeof bad / sizeof *bad);
}

static void test_study_errors_of_starts(void)
{
    static const struct bad bad[] = {
        {"fit: {start_grid: [1]}\n", "fit.start_grid: expected a mapping, not a list"},
        {"fit: {start_grid: {alpha: 0.2}}\n",
         "study.yaml:1:27: fit.start_grid.alpha: 0.2: expected a list, not one value"},
        {"fit: {start_grid: {alpha: [0.2, low]}}\n",
         "fit.start_grid.alpha: low: expected a number"},
        {"fit: {start_grid: {alpha: [0.2, 0.2]}}\n", "this value is in the list twice"},
        {"fit: {start_grid: {alpha: []}}\n", "expected a list of 1 to 16 items"},
        {"fit: {starts: -3}\n", "fit.starts: -3: "},
        {"fit: {solver: bfgs}\n", "fit.solver: bfgs: expected newton or nlopt"},
    };
    check_bad(bad, sizeof bad / sizeof *bad);
}

static void test_study_read_gives_every_rank_the_study(void)
{
    struct study s;
    char path[256];
    HARNESS_ASSERT_OK(
        study_read(harness_comm(), harness_file("mine.yaml", full), NULL, 0, &s, &why));
    CU_ASSERT_EQUAL(s.space[DESIGN_PARAMS].n, 7);
    study_path(&s, s.runs_file, path, sizeof path);
    CU_ASSERT_STRING_EQUAL(path, harness_path("data/runs.csv"));
    study_path(&s, "/data/runs.csv", path, sizeof path);
    CU_ASSERT_STRING_EQUAL(path, "/data/runs.csv");
    study_clear(&s);
    HARNESS_ASSERT_OK(parse("runs: {file: x.csv}\n", &s));
    study_path(&s, s.runs_file, path, sizeof path);
    CU_ASSERT_STRING_EQUAL(path, "x.csv");
    study_clear(&s);
    HARNESS_ASSERT_FAILS(study_read(harness_comm(), "/nowhere.yaml", NULL, 0, &s, &why),
                         STATUS_INPUT, "/nowhere.yaml: cannot open: No such file");
    study_clear(&s); /* allowed after a failure */
}

static void test_study_nearest_forgives_slips_of_the_hand(void)
{
    static const char *const known[] = {"params",        "tokens",      "mfu_ratio",
                                        "lifespan_year", "id",          "H100-SXM5-80",
                                        "carbon_kg",     "grid_carbon", "USA"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"parmas", "params"},
        {"param", "params"},
        {"token", "tokens"},
        {"tkoens", "tokens"},
        {"tkoen", "tokens"},
        {"mfu_ration", "mfu_ratio"},
        {"mfuratio", "mfu_ratio"},
        {"lifetime_year", "lifespan_year"},
        {"dI", NULL},
        {"mfu", "mfu_ratio"},
        {"lifespan", "lifespan_year"},
        {"life", "lifespan_year"},
        {"H100", "H100-SXM5-80"},
        {"h100", "H100-SXM5-80"},
        {"SXM5", "H100-SXM5-80"},
        {"carbon", "carbon_kg"},
        {"usa", "USA"},
        {"ratio", "mfu_ratio"},
        {"tio", NULL},
        {"iid", "id"},
        {"xy", NULL},
        {"", NULL},
        {"completely", NULL},
        {"a_very_long_word_that_no_key_of_any_study_will_ever_have_in_it_because_it_is_long", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = study_nearest(cases[i].word, known, sizeof known / sizeof *known);
        CU_ASSERT(cases[i].nearest == NULL
                      ? nearest == NULL
                      : nearest != NULL && strcmp(nearest, cases[i].nearest) == 0);
    }
    CU_ASSERT_PTR_NULL(study_nearest("word", NULL, 0));
}

static void test_study_help_names_every_section(void)
{
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(to);
    study_print_keys(to);
    CU_ASSERT_EQUAL(fclose(to), 0);
    CU_ASSERT(harness_contains(text, "fit.delta"));
    CU_ASSERT(harness_contains(text, "huber, lad or least_squares, default huber"));
    CU_ASSERT(harness_contains(text, "number in FLOP"));
    free(text);
}

static void test_study_page_of_docs_is_what_the_table_prints(void)
{
    char *printed = NULL, *committed = NULL;
    size_t n_printed = 0, n_committed = 0;
    FILE *to = open_memstream(&printed, &n_printed);
    FILE *from = fopen(harness_source("docs/study.md"), "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(to);
    CU_ASSERT_PTR_NOT_NULL_FATAL(from);
    study_print_page(to);
    CU_ASSERT_EQUAL(fclose(to), 0);
    committed = calloc(n_printed + 2, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(committed);
    n_committed = fread(committed, 1, n_printed + 1, from);
    (void)fclose(from);
    CU_ASSERT_EQUAL(n_committed, n_printed);
    CU_ASSERT_STRING_EQUAL(committed, printed);
    free(committed);
    free(printed);
}

static void test_study_errors_of_columns(void)
{
    static const char *const cases[][2] = {
        {"runs: {columns: {loss: {colum: x}}}\n",
         "runs.columns.loss.colum: unknown; did you mean column?"},
        {"runs: {columns: {loss: {scale: 2}}}\n",
         "runs.columns.loss: expected {column: name, scale: number}"},
        {"runs: {columns: {loss: {column: x, scale: 0}}}\n",
         "runs.columns.loss.scale: 0: must be in (0, 1e+30]"},
        {"runs: {columns: [loss]}\n", "runs.columns: expected a mapping, not a list"},
    };
    struct study s;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        HARNESS_ASSERT_FAILS(parse(cases[i][0], &s), STATUS_INPUT, cases[i][1]);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"reads_every_key", test_study_reads_every_key},
        {"space_keeps_the_order_and_kind_of_its_entries",
         test_study_space_keeps_the_order_and_kind_of_its_entries},
        {"without_keys_has_the_defaults", test_study_without_keys_has_the_defaults},
        {"settings_override_the_file", test_study_settings_override_the_file},
        {"effective_reads_back_to_the_same_study",
         test_study_effective_reads_back_to_the_same_study},
        {"survives_damaged_text", test_study_survives_damaged_text},
        {"digest_ignores_only_the_output", test_study_digest_ignores_only_the_output},
        {"records_digest_ignores_patience", test_study_records_digest_ignores_patience},
        {"errors_name_place_key_value_and_what_was_expected",
         test_study_errors_name_place_key_value_and_what_was_expected},
        {"read_gives_every_rank_the_study", test_study_read_gives_every_rank_the_study},
        {"nearest_forgives_slips_of_the_hand", test_study_nearest_forgives_slips_of_the_hand},
        {"help_names_every_section", test_study_help_names_every_section},
        {"starts", test_study_reads_where_fits_start},
        {"errors_of_starts", test_study_errors_of_starts},
        {"wants_approaches", test_study_wants_the_approaches_listed_and_always_the_fit},
        {"page_of_docs_is_what_the_table_prints", test_study_page_of_docs_is_what_the_table_prints},
        {"errors_of_columns", test_study_errors_of_columns},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
