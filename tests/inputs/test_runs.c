/* ranks: 1 3 */
#include "inputs/runs.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/inputs/mutate.h"

static struct status_why why;

/* Read runs.csv with this text by a study whose section runs has these further lines. */
static enum status read_runs_of(const struct law *const laws[], size_t n_laws, const char *csv,
                                const char *more, struct runs *made)
{
    char text[512], path[1024];
    struct study study;
    (void)harness_file("runs.csv", csv);
    (void)snprintf(text, sizeof text, "runs:\n  file: runs.csv\n%s", more);
    (void)snprintf(path, sizeof path, "%s", harness_file("study.yaml", text));
    enum status st = study_read(harness_comm(), path, NULL, 0, &study, &why);
    CU_ASSERT_EQUAL(st, STATUS_OK);
    st = runs_read(harness_comm(), &study, laws, n_laws, made, &why);
    study_clear(&study);
    return st;
}

static enum status read_runs(const char *csv, const char *more, struct runs *made)
{
    return read_runs_of(NULL, 0, csv, more, made);
}

static void test_runs_derive_tokens_from_compute(void)
{
    struct runs r;
    HARNESS_ASSERT_OK(read_runs("Model Size,Training FLOP,loss\n"
                                "7e8,8.4e20,2.51\n"
                                "1.3e9,7.8e20,2.47\n",
                                "  columns: {params: Model Size, compute_flop: Training FLOP}\n",
                                &r));
    CU_ASSERT_EQUAL(r.n, 2);
    CU_ASSERT(r.tokens_derived && !r.compute_derived);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_PARAMS)->logs[0], log(7e8), 1e-15);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_TOKENS)->logs[0], log(2e11), 1e-15);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_TOKENS)->logs[1], log(1e11), 1e-15);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_COMPUTE)->logs[1], log(7.8e20), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(r.response.values[1], 2.47, 0);
    CU_ASSERT(r.lines[0] == 2 && r.lines[1] == 3);
    CU_ASSERT_EQUAL(r.n_bytes, strlen(r.bytes));
    CU_ASSERT(strncmp(r.bytes, "Model Size", 10) == 0);
    CU_ASSERT(harness_contains(r.file, "/runs.csv"));
    runs_clear(&r);
}

static void test_runs_hold_weights_and_errors_where_the_study_names_them(void)
{
    static const char *const csv = "N,D,loss,weight,sd\n3e9,7e10,2.2,2.5,0.013\n4e9,8e10,2.1,1,0\n";
    struct runs r;
    HARNESS_ASSERT_OK(read_runs(csv, "", &r));
    CU_ASSERT_PTR_NULL(runs_find(&r, RUNS_WEIGHT));
    CU_ASSERT_PTR_NULL(runs_find(&r, RUNS_ERROR));
    runs_clear(&r);
    HARNESS_ASSERT_OK(read_runs(csv, "  columns: {weight: weight, loss_error: loss}\n", &r));
    CU_ASSERT_EQUAL(runs_find(&r, RUNS_WEIGHT)->values[0], 2.5);
    CU_ASSERT_EQUAL(runs_find(&r, RUNS_ERROR)->values[1], 2.1);
    runs_clear(&r);
    HARNESS_ASSERT_FAILS(read_runs(csv, "  columns: {loss_error: sd}\n", &r), STATUS_INPUT,
                         "runs.csv:3: sd: 0: must be > 0");
    runs_clear(&r);
}

static void test_runs_derive_compute_from_tokens_and_keep_both_when_given(void)
{
    struct runs r;
    HARNESS_ASSERT_OK(read_runs("N,D,loss\n3e9,7e10,2.2\n", "", &r));
    CU_ASSERT(r.compute_derived && !r.tokens_derived);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_COMPUTE)->logs[0], log(1.26e21), 1e-15);
    runs_clear(&r);
    HARNESS_ASSERT_OK(read_runs("N,D,C,loss\n3e9,7e10,1.31e21,2.2\n", "", &r));
    CU_ASSERT(!r.compute_derived && !r.tokens_derived);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_COMPUTE)->logs[0], log(1.31e21), 1e-15);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_TOKENS)->logs[0], log(7e10), 1e-15);
    runs_clear(&r);
    HARNESS_ASSERT_OK(read_runs("D\tval_loss\n7e10\t2.2\n", "", &r));
    CU_ASSERT(runs_find(&r, LAW_PARAMS) == NULL && runs_find(&r, LAW_COMPUTE) == NULL);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_TOKENS)->logs[0], log(7e10), 1e-15);
    runs_clear(&r);
}

static void test_runs_count_every_dropped_row_with_its_reason(void)
{
    struct runs r;
    HARNESS_ASSERT_OK(read_runs("# by family\n"
                                "N,D,loss,family,note\n"
                                "1e9,2e10,3.1,pythia,\n" /* used */
                                "2e9,2e10,3.0,opt,\n"    /* filtered */
                                "3e9,2e10,,pythia,\n"    /* empty loss */
                                "4e9,2e10,5.5,pythia,\n" /* among the highest */
                                "5e9,2e10,4.5,pythia,\n" /* among the highest: a tie */
                                "6e9,2e10,4.5,pythia,\n" /* among the highest */
                                "7e9,2e10,9.9,pythia,\n" /* filtered: loss */
                                "8e9,2e10,2.9,,\n"       /* empty family */
                                "9e9,bad,2.8,opt,\n"     /* filtered before it is read */
                                "1e10,2e10,2.7,pythia,x\n",
                                "  where: [family == pythia, loss < 9]\n  drop_highest_loss: 2\n",
                                &r));
    static const unsigned char want[] = {
        RUNS_USED,      RUNS_FILTERED, RUNS_EMPTY, RUNS_HIGH_LOSS, RUNS_HIGH_LOSS,
        RUNS_HIGH_LOSS, RUNS_FILTERED, RUNS_EMPTY, RUNS_FILTERED,  RUNS_USED};
    CU_ASSERT_EQUAL(r.n_rows, sizeof want);
    CU_ASSERT(r.n_rows == sizeof want && memcmp(r.reasons, want, sizeof want) == 0);
    CU_ASSERT_EQUAL(r.n, 2);
    CU_ASSERT(r.lines[0] == 3 && r.lines[1] == 12);
    HARNESS_ASSERT_REL(runs_find(&r, LAW_PARAMS)->logs[1], log(1e10), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(r.response.values[1], 2.7, 0);
    CU_ASSERT_EQUAL(r.counts[RUNS_USED], 2);
    CU_ASSERT_EQUAL(r.counts[RUNS_FILTERED], 3);
    CU_ASSERT_EQUAL(r.counts[RUNS_HIGH_LOSS], 3);
    CU_ASSERT_EQUAL(r.counts[RUNS_EMPTY], 2);
    CU_ASSERT_STRING_EQUAL(runs_reason_text(RUNS_EMPTY), "a field is empty");
    runs_clear(&r);
}

static void test_runs_where_compares_numbers_as_numbers_and_text_as_text(void)
{
    static const struct {
        const char *where;
        size_t n;
    } cases[] = {
        {"N < 3e9", 2},  {"N <= 3.0e9", 3}, {"N > 3e9", 1},    {"N >= 3000000000", 2},
        {"N == 3e9", 1}, {"N != 3e9", 3},   {"tag == a b", 2}, {"tag != a b", 2},
        {"tag == 1", 1}, {"tag == 1.0", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char more[128];
        struct runs r;
        (void)snprintf(more, sizeof more, "  where: [\"%s\"]\n", cases[i].where);
        HARNESS_ASSERT_OK(read_runs("N,D,loss,tag\n"
                                    "1e9,2e10,3.1,a b\n"
                                    "2e9,2e10,3.0,1\n"
                                    "3e9,2e10,2.9,a b\n"
                                    "4e9,2e10,2.8,c\n",
                                    more, &r));
        CU_ASSERT_EQUAL(r.n, cases[i].n);
        runs_clear(&r);
    }
}

static void test_runs_of_the_chinchilla_figure_are_240_of_245(void)
{
    const char *path = harness_data("epoch_chinchilla/svg_extracted_data.csv");
    if (path == NULL) {
        return;
    }
    char text[2048];
    struct study s;
    struct runs r;
    (void)snprintf(text, sizeof text,
                   "runs:\n  file: %s\n"
                   "  columns: {params: Model Size, compute_flop: Training FLOP, loss_nat: loss}\n"
                   "  drop_highest_loss: 5\n",
                   path);
    HARNESS_ASSERT_OK(study_parse("epoch.yaml", text, strlen(text), NULL, 0, &s, &why));
    HARNESS_ASSERT_OK(runs_read(harness_comm(), &s, NULL, 0, &r, &why));
    CU_ASSERT_EQUAL(r.n_rows, 245);
    CU_ASSERT_EQUAL(r.n, 240);
    CU_ASSERT_EQUAL(r.counts[RUNS_HIGH_LOSS], 5);
    CU_ASSERT(r.tokens_derived);
    CU_ASSERT_EQUAL(r.lines[0], 7); /* the five highest are the first five rows */
    runs_clear(&r);
    study_clear(&s);
}

static void test_runs_errors_name_file_line_and_column(void)
{
    static const struct {
        const char *csv, *more, *message;
    } bad[] = {
        {"N,D,loss\n1e9,many,3\n", "", "runs.csv:2: D: many: expected a number"},
        {"N,D,loss\n1e9,2e10,3\n1e9,2e10,nan\n", "", "runs.csv:3: loss: nan: expected a finite"},
        {"N,D,loss\n1e9,1e999,3\n", "", "runs.csv:2: D: 1e999: expected a finite number"},
        {"N,D,loss\n0,2e10,3\n", "", "runs.csv:2: N: 0: must be > 0"},
        {"N,D,loss\n1e9,2e10,-3\n", "", "runs.csv:2: loss: -3: must be > 0"},
        {"N,D,loss\n1e200,1e200,3\n", "", "runs.csv:2: N: 1e200: too large or too small"},
        {"N,D,score\n1e9,2e10,3\n", "", "runs.columns.loss_nat: loss_nat: no such column"},
        {"size,loss\n1,2\n", "",
         "study.yaml:2:9: runs.columns.params: params: no such column; the file has size or loss"},
        {"Model Size,D,loss\n1e9,2e10,3\n", "  columns: {params: Model size}\n",
         "study.yaml:3:21: runs.columns.params: Model size: no such column, did you mean Model "
         "Size?"},
        {"N,D,loss\n1e9,2e10,3\n", "  where: [famly == x]\n",
         "study.yaml:3:11: runs.where: famly: no such column; the file has N, D or loss"},
        {"N,D,loss\n1e9,2e10,x\n", "  where: [loss < 5]\n", "runs.csv:2: loss: x: expected a num"},
        {"N,D,loss\n", "", "runs.csv: none of 0 rows is left"},
        {"N,D,loss\n1,2,3\n1,,3\n2,2,3\n", "  where: [loss > 3]\n",
         "none of 3 rows is left; 3: filtered by runs.where"},
        {"N,D,loss\n1,2,3\n1,,3\n2,2,3\n", "  drop_highest_loss: 7\n",
         "none of 3 rows is left; 2: among the highest losses (runs.drop_highest_loss); 1: a field "
         "is empty"},
        {"", "", "runs.csv: empty: expected a header line"},
        {"N,D,loss\n1,2\n", "", "runs.csv:2: 2 fields where the header has 3"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct runs r;
        CU_ASSERT_EQUAL(read_runs(bad[i].csv, bad[i].more, &r), STATUS_INPUT);
        CU_ASSERT_EQUAL(r.n, 0);
        if (!harness_contains(why.message, bad[i].message)) {
            harness_say(why.message);
            harness_say(bad[i].message);
            CU_FAIL("another message");
        }
        status_clear(&why);
    }
}

static void test_runs_survive_damaged_files(void)
{
    enum { N = 300 };
    size_t n_read = 0, n_wrong = 0;
    struct study s;
    char text[1200];
    (void)snprintf(text, sizeof text,
                   "runs: {file: %s, where: [loss < 5, tag != x], drop_highest_loss: 1}\n",
                   harness_path("damaged.csv"));
    HARNESS_ASSERT_OK(study_parse("s.yaml", text, strlen(text), NULL, 0, &s, &why));
    for (uint64_t i = 0; i < N; i++) {
        char damaged[MUTATE_SIZE];
        struct runs r;
        (void)mutate(
            "N,D,loss,tag\n1e9,2e10,2.5,a\n7e8,3e10,2.6,b\n2e9,,2.4,x\n1.3e9,1e11,2.31,c\n", i,
            damaged);
        (void)harness_file("damaged.csv", damaged);
        if (runs_read(harness_comm(), &s, NULL, 0, &r, &why) == STATUS_OK) {
            n_read++;
            size_t n = 0;
            for (int reason = 0; reason < RUNS_N_REASONS; reason++) {
                n += r.counts[reason];
            }
            n_wrong += n != r.n_rows || r.n == 0 || r.n != r.counts[RUNS_USED];
        } else {
            n_wrong += why.code != STATUS_INPUT || why.message[0] == '\0';
        }
        runs_clear(&r);
        status_clear(&why);
    }
    CU_ASSERT(n_read > N / 20 && n_read < N);
    CU_ASSERT_EQUAL(n_wrong, 0);
    study_clear(&s);
}

static void test_runs_errors_without_a_file(void)
{
    struct study s;
    struct runs r;
    const char *const texts[] = {"seed: 3\n", "runs: {file: absent.csv}\n"};
    HARNESS_ASSERT_OK(study_parse("s.yaml", texts[0], strlen(texts[0]), NULL, 0, &s, &why));
    HARNESS_ASSERT_FAILS(runs_read(harness_comm(), &s, NULL, 0, &r, &why), STATUS_INPUT,
                         "s.yaml: runs.file: expected the file of observed runs");
    study_clear(&s);
    HARNESS_ASSERT_OK(study_parse("x/s.yaml", texts[1], strlen(texts[1]), NULL, 0, &s, &why));
    HARNESS_ASSERT_FAILS(runs_read(harness_comm(), &s, NULL, 0, &r, &why), STATUS_INPUT,
                         "x/absent.csv: cannot open: No such file");
    study_clear(&s);
    runs_clear(&r); /* allowed after a failure */
}

static void test_runs_number_the_groups_of_the_rows_in_use(void)
{
    const char *const csv = "N,D,loss,family\n"
                            "1e9,2e10,3.1,pythia\n"
                            "2e9,2e10,3.0,opt\n"
                            "3e9,2e10,,gpt\n" /* not used, so no group */
                            "4e9,2e10,2.9,pythia\n"
                            "5e9,2e10,2.8,neox\n";
    static const size_t groups[] = {0, 1, 0, 2};
    struct runs r;
    HARNESS_ASSERT_OK(read_runs(csv, "fit: {cluster: family}\n", &r));
    CU_ASSERT_EQUAL(r.n_clusters, 3);
    CU_ASSERT_EQUAL_FATAL(r.n, 4);
    CU_ASSERT_EQUAL(memcmp(r.clusters, groups, sizeof groups), 0);
    runs_clear(&r);
    HARNESS_ASSERT_OK(read_runs(csv, "", &r));
    CU_ASSERT_PTR_NULL(r.clusters);
    runs_clear(&r);
    HARNESS_ASSERT_FAILS(
        read_runs(csv, "fit: {cluster: famly}\n", &r), STATUS_INPUT,
        "study.yaml:3:16: fit.cluster: famly: no such column, did you mean family");
}

static void test_runs_hold_the_columns_that_laws_read(void)
{
    struct runs r;
    struct study study;
    struct law sigmoid = {.id = "sigmoid", .response = "accuracy_ratio", .n_inputs = 2};
    sigmoid.inputs[0] = (struct law_input){"loss_nat", false};
    sigmoid.inputs[1] = (struct law_input){"width", true};
    struct law other = sigmoid;
    const struct law *const laws[] = {&sigmoid, &other};
    static const char text[] = "runs: {file: wide.csv, where: [width > 0]}\n"
                               "fit: {residual: linear}\n";
    (void)harness_file("wide.csv", "width,loss,accuracy_ratio,N\n512,2.5,0.3,1e8\n0,2.2,0.4,1e8\n"
                                   "1024,2.4,-0.35,2e8\n");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s", harness_file("study.yaml", text));
    status_clear(&why);
    HARNESS_ASSERT_OK(study_read(harness_comm(), path, NULL, 0, &study, &why));
    HARNESS_ASSERT_OK(runs_read(harness_comm(), &study, laws, 1, &r, &why));
    CU_ASSERT_EQUAL_FATAL(r.n, 2);
    CU_ASSERT_STRING_EQUAL(r.response.name, "accuracy_ratio");
    CU_ASSERT_EQUAL(r.response.values[1], -0.35);
    CU_ASSERT_PTR_NULL(r.response.logs);
    CU_ASSERT_EQUAL(runs_input(&r, &sigmoid.inputs[0])[1], 2.4);
    HARNESS_ASSERT_REL(runs_input(&r, &sigmoid.inputs[1])[1], log(1024), 1e-15);
    CU_ASSERT_PTR_NOT_NULL(runs_find(&r, "params"));
    CU_ASSERT_PTR_NULL(runs_find(&r, "depth"));
    runs_clear(&r);
    other.response = "loss_nat";
    HARNESS_ASSERT_FAILS(runs_read(harness_comm(), &study, laws, 2, &r, &why), STATUS_INPUT,
                         "they cannot be fitted to the same runs");
    sigmoid.inputs[1].name = "depth";
    status_clear(&why);
    HARNESS_ASSERT_FAILS(runs_read(harness_comm(), &study, laws, 1, &r, &why), STATUS_INPUT,
                         "runs.columns.depth: depth: no such column");
    study_clear(&study);
}

static void test_runs_map_any_name_of_the_law_to_a_column_and_its_scale(void)
{
    struct runs r;
    struct law broken = {.id = "broken", .response = "y", .n_inputs = 2};
    broken.inputs[0] = (struct law_input){"x", true};
    broken.inputs[1] = (struct law_input){"weight", false};
    const struct law *const laws[] = {&broken};
    static const char csv[] = "size,N_M,score,w,loss\n3,70,0.25,1.5,2\n5,160,0.5,-2.5,2\n";
    HARNESS_ASSERT_OK(read_runs_of(laws, 1, csv,
                                   "  columns: {x: size, y: {column: score, scale: 100}, params: "
                                   "{column: N_M, scale: 1e6}, weight: w}\n",
                                   &r));
    CU_ASSERT_STRING_EQUAL(r.response.name, "y");
    CU_ASSERT_EQUAL(r.response.values[0], 25);
    CU_ASSERT_EQUAL(runs_find(&r, "x")->values[1], 5);
    CU_ASSERT_EQUAL(runs_find(&r, "params")->values[1], 160e6);
    HARNESS_ASSERT_REL(runs_find(&r, "params")->logs[1], log(160e6), 1e-15);
    /* An input of this name is no weight of the runs. */
    CU_ASSERT_EQUAL(runs_input(&r, &broken.inputs[1])[1], -2.5);
    CU_ASSERT_PTR_NULL(runs_find(&r, RUNS_WEIGHT));
    runs_clear(&r);
    static const char *const bad[][2] = {
        {"  columns: {wieght: w, x: size, y: score}\n",
         "study.yaml:3:13: runs.columns: wieght: unknown, did you mean weight?; expected a name of "
         "the law: x, weight or y"},
        {"  columns: {x: siz, y: score, weight: w}\n",
         "study.yaml:3:16: runs.columns.x: siz: no such column, did you mean size?"},
        {"  columns: {x: {scale: 2, column: siz}, y: score, weight: w}\n",
         "study.yaml:3:35: runs.columns.x: siz: no such column, did you mean size?"},
        {"  columns: {x: {column: size, scale: 1e30}, y: score, weight: w}\n",
         "runs.csv:3: size: 1e300: too large with its scale"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *text = i < 3 ? csv : "size,score,w\n3,1,1\n1e300,1,1\n";
        HARNESS_ASSERT_FAILS(read_runs_of(laws, 1, text, bad[i][0], &r), STATUS_INPUT, bad[i][1]);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"derive_tokens_from_compute", test_runs_derive_tokens_from_compute},
        {"derive_compute_from_tokens_and_keep_both_when_given",
         test_runs_derive_compute_from_tokens_and_keep_both_when_given},
        {"hold_weights_and_errors_where_the_study_names_them",
         test_runs_hold_weights_and_errors_where_the_study_names_them},
        {"count_every_dropped_row_with_its_reason",
         test_runs_count_every_dropped_row_with_its_reason},
        {"where_compares_numbers_as_numbers_and_text_as_text",
         test_runs_where_compares_numbers_as_numbers_and_text_as_text},
        {"needs of_the_chinchilla_figure_are_240_of_245",
         test_runs_of_the_chinchilla_figure_are_240_of_245},
        {"number_the_groups_of_the_rows_in_use", test_runs_number_the_groups_of_the_rows_in_use},
        {"errors_name_file_line_and_column", test_runs_errors_name_file_line_and_column},
        {"survive_damaged_files", test_runs_survive_damaged_files},
        {"errors_without_a_file", test_runs_errors_without_a_file},
        {"map", test_runs_map_any_name_of_the_law_to_a_column_and_its_scale},
        {"other columns", test_runs_hold_the_columns_that_laws_read},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
