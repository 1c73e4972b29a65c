/* ranks: 1 */
#include "inputs/plausible.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/laws/law.h"
#include "tests/harness.h"

static struct status_why why;

/* The findings on these runs, `accept` as given, by the law chinchilla. */
static enum status judge(const char *csv, const char *more, struct plausible *list)
{
    char text[512], path[1024];
    struct study study;
    struct runs runs;
    const struct law *law = law_find("chinchilla");
    memset(list, 0, sizeof *list);
    (void)harness_file("runs.csv", csv);
    (void)snprintf(text, sizeof text, "runs: {file: runs.csv}\n%s", more);
    (void)snprintf(path, sizeof path, "%s", harness_file("study.yaml", text));
    enum status st = study_read(harness_comm(), path, NULL, 0, &study, &why);
    CU_ASSERT_EQUAL_FATAL(st, STATUS_OK);
    st = plausible_check_accepted(&study, &why);
    if (st == STATUS_OK) {
        st = runs_read(harness_comm(), &study, &law, 1, &runs, &why);
    }
    if (st == STATUS_OK) {
        st = plausible_runs(&study, &runs, law, list, &why);
        runs_clear(&runs);
    }
    study_clear(&study);
    return st;
}

/* One finding of this check about n rows, with this text in it. */
static void assert_found(const char *csv, enum plausible_check check, size_t n, const char *text)
{
    struct plausible list;
    char accept[64];
    HARNESS_ASSERT_OK(judge(csv, "", &list));
    CU_ASSERT_EQUAL_FATAL(list.n, 1);
    CU_ASSERT_EQUAL(list.all[0].check, check);
    CU_ASSERT_EQUAL(list.all[0].n, n);
    CU_ASSERT_PTR_NOT_NULL(strstr(list.all[0].text, text));
    (void)snprintf(accept, sizeof accept, "accept: [%s]\n", plausible_name(check));
    HARNESS_ASSERT_OK(judge(csv, accept, &list));
    CU_ASSERT_EQUAL(list.n, 0);
}

static void test_plausible_runs_without_fault_have_no_finding(void)
{
    struct plausible list;
    HARNESS_ASSERT_OK(judge(
        "N,D,C,loss\n1e8,2e9,1.3e18,3.1\n2e8,2e9,2.2e18,2.9\n2e8,5e9,6.9e18,2.8\n", "", &list));
    CU_ASSERT_EQUAL(list.n, 0);
}

static void test_plausible_runs_name_a_compute_that_contradicts_params_and_tokens(void)
{
    /* Ratios 1.0833, 0.001 and 0.0005: the median is the middle one, the worst the last. */
    assert_found(
        "N,D,C,loss\n1e8,2e9,1.3e18,3.1\n2e8,2e9,2.4e15,2.9\n2e8,5e9,3e15,2.8\n", PLAUSIBLE_COMPUTE,
        2,
        "runs.csv:4: compute / (6 params tokens) is outside 0.5 to 2 in 2 of 3 rows: median "
        "0.001, from 0.0005 to 1.083; is a unit forgotten? runs.columns: {compute_flop: "
        "{column: C, scale: 1e3}}");
}

static void test_plausible_runs_name_sizes_in_millions(void)
{
    assert_found("N,D,loss\n100,2e9,3.1\n2.2e4,2e9,2.9\n210,5e9,2.8\n", PLAUSIBLE_PARAMS, 3,
                 "runs.csv:3: the largest params are 2.2e+04");
    assert_found("N,D,loss\n1e8,200,3.1\n2.2e8,2000,2.9\n2.1e8,5e5,2.8\n", PLAUSIBLE_TOKENS, 3,
                 "runs.csv:4: the largest tokens are 5e+05; are these millions? runs.columns: "
                 "{tokens: {column: D, scale: 1e6}}");
}

static void test_plausible_runs_name_losses_that_are_none(void)
{
    assert_found("N,D,loss\n1e8,2e9,37.1\n2.2e8,2e9,11.9\n2.1e8,5e9,28\n", PLAUSIBLE_PERPLEXITY, 3,
                 "median 28, look like perplexity");
    assert_found("N,D,loss\n1e8,2e9,0.61\n2.2e8,2e9,0.41\n2.1e8,5e9,0.38\n", PLAUSIBLE_BITS, 3,
                 "median 0.41, look like bits");
    struct plausible list;
    HARNESS_ASSERT_OK(judge("N,D,loss\n1e8,2e9,11.9\n2.2e8,2e9,11.8\n2.1e8,5e9,0.55\n", "", &list));
    CU_ASSERT_EQUAL(list.n, 0);
}

static void test_plausible_runs_count_rows_that_repeat_another(void)
{
    assert_found("N,D,loss\n1e8,2e9,3.1\n2e8,2e9,2.9\n1e8,2e9,3.1\n2e8,2e9,2.9\n2e8,2e9,2.9\n",
                 PLAUSIBLE_EQUAL_ROWS, 3,
                 "runs.csv:4: 3 of 5 rows repeat another exactly, this one "
                 "that of line 2");
}

static void test_plausible_runs_name_one_input_with_different_losses(void)
{
    assert_found("N,D,loss\n1e8,2e9,3.1\n2e8,2e9,2.9\n1e8,2e9,3.2\n2e8,2e9,2.91\n2e8,3e9,2.7\n",
                 PLAUSIBLE_SPREAD, 2,
                 "runs.csv:2: 5 rows at 3 different inputs of the law, and loss_nat of one input "
                 "differ by up to 3.23 %");
}

/* A catalogue of one shipped device and a user's, with a user's run. */
static void judge_catalogue(double tflops, double mfu, const char *device, struct plausible *list)
{
    static const char folder[] = "/shipped";
    static struct study study; /* accepts nothing */
    struct hardware devices[2] = {{.id = "Best", .power_watt = 500, .file = "/shipped/devices.tsv"},
                                  {.id = "Mine", .power_watt = 400, .file = "mine.csv", .line = 7}};
    struct hardware_mfu runs[2] = {{.id = "ours",
                                    .device = "Best",
                                    .mfu_ratio = 1e-4,
                                    .is_computed = true,
                                    .file = devices[0].file},
                                   {.id = "run",
                                    .devices = 256,
                                    .mfu_ratio = mfu,
                                    .is_computed = true,
                                    .file = "log.csv",
                                    .line = 3}};
    const struct hardware_catalogue c = {
        .n_devices = 2, .devices = devices, .n_mfu = 2, .mfu = runs};
    (void)snprintf(runs[1].device, sizeof runs[1].device, "%s", device);
    for (int p = 0; p < PRECISION_N; p++) {
        devices[0].peak_flop_per_second[p] = devices[1].peak_flop_per_second[p] = NAN;
    }
    devices[0].peak_flop_per_second[PRECISION_BF16] = 1000e12;
    devices[1].peak_flop_per_second[PRECISION_BF16] = tflops * 1e12;
    memset(list, 0, sizeof *list);
    plausible_catalogue(&study, &c, folder, list);
}

static void test_plausible_catalogue_names_users_rows_out_of_range(void)
{
    struct plausible list;
    judge_catalogue(990, 0.0101, "Best", &list); /* 2.475 against 2 TFLOP/s a watt: 1.2375 times */
    CU_ASSERT_EQUAL(list.n, 0);
    judge_catalogue(1010, 0.4, "Best", &list);
    CU_ASSERT_EQUAL_FATAL(list.n, 1);
    CU_ASSERT_EQUAL(list.all[0].check, PLAUSIBLE_PEAK);
    CU_ASSERT_PTR_NOT_NULL(strstr(list.all[0].text, "mine.csv:7: Mine: peak_tflops_bf16 over "
                                                    "power_watt is 1.26 times"));
    judge_catalogue(900, 1e-4, "Best", &list);
    CU_ASSERT_EQUAL_FATAL(list.n, 1);
    CU_ASSERT_EQUAL(list.all[0].check, PLAUSIBLE_LOW_MFU);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(list.all[0].text, "log.csv:3: run: the MFU of 1 run is below 0.01"));
    CU_ASSERT_PTR_NOT_NULL(strstr(list.all[0].text, "in seconds? Then it is 0.36"));
    judge_catalogue(900, 0.12, "MI250X", &list);
    CU_ASSERT_EQUAL_FATAL(list.n, 1);
    CU_ASSERT_EQUAL(list.all[0].check, PLAUSIBLE_HALF_DEVICES);
    CU_ASSERT_PTR_NOT_NULL(strstr(list.all[0].text, "the MFU is 0.24 instead of 0.12"));
    judge_catalogue(900, 0.12, "Best", &list);
    CU_ASSERT_EQUAL(list.n, 0);
    judge_catalogue(900, 0.3, "MI250X", &list);
    CU_ASSERT_EQUAL(list.n, 0);
}

static void test_plausible_text_has_a_line_a_finding(void)
{
    struct plausible list = {0};
    const struct plausible *const lists[] = {NULL, &list};
    plausible_note(&list, PLAUSIBLE_OUTLIER, 3, "row %d", 7);
    char *text = plausible_text(lists, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, "note outlier: 3: row 7\n");
    free(text);
}

static void test_plausible_errors(void)
{
    struct plausible list;
    HARNESS_ASSERT_FAILS(
        judge("N,D,loss\n1e8,2e9,3.1\n", "accept: [compute_rato]\n", &list), STATUS_INPUT,
        "study.yaml:2:10: accept: compute_rato: no check of that name, did you mean "
        "compute_ratio?");
    HARNESS_ASSERT_FAILS(judge("N,D,loss\n1e8,2e9,3.1\n0.5,2e9,3\n", "", &list), STATUS_INPUT,
                         "runs.csv:3: N: 0.5: must be at least 1 for law chinchilla; are these "
                         "billions?");
    HARNESS_ASSERT_FAILS(judge("N,D,loss\n1e8,2e9,3.1\n1e8,2e9,-3\n", "", &list), STATUS_INPUT,
                         "runs.csv:3: loss: -3: must be > 0");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"runs_without_fault_have_no_finding", test_plausible_runs_without_fault_have_no_finding},
        {"runs_name_a_compute_that_contradicts_params_and_tokens",
         test_plausible_runs_name_a_compute_that_contradicts_params_and_tokens},
        {"runs_name_sizes_in_millions", test_plausible_runs_name_sizes_in_millions},
        {"runs_name_losses_that_are_none", test_plausible_runs_name_losses_that_are_none},
        {"runs_count_rows_that_repeat_another", test_plausible_runs_count_rows_that_repeat_another},
        {"runs_name_one_input_with_different_losses",
         test_plausible_runs_name_one_input_with_different_losses},
        {"catalogue_names_users_rows_out_of_range",
         test_plausible_catalogue_names_users_rows_out_of_range},
        {"text_has_a_line_a_finding", test_plausible_text_has_a_line_a_finding},
        {"errors", test_plausible_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
