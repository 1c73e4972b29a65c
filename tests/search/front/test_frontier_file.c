/* ranks: 1 3 */
#include "search/front/frontier_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;

enum { N_PARAMS = 20000, N_CHOSEN = 70001 };

/* 2 sites (scenarios) x 20,000 sizes x 3 devices. */
static void make_space(struct space *s)
{
    static double sizes[N_PARAMS], codes[3] = {4, 2, 9};
    static char names[5][16] = {"A100 SXM", "H100", "TPUv4", "Luleå", "Dublin"};
    char *devices[] = {names[0], names[1], names[2]}, *sites[] = {names[3], names[4]};
    space_init(s);
    space_log(1.3e8, 7.7e10, N_PARAMS, sizes);
    HARNESS_ASSERT_OK(space_add(s,
                                &(struct space_axis){.name = "params",
                                                     .unit = "1",
                                                     .long_name = "parameters",
                                                     .role = SPACE_DECISION,
                                                     .kind = SPACE_NUMBER,
                                                     .n = N_PARAMS,
                                                     .values = sizes},
                                &why));
    HARNESS_ASSERT_OK(space_add(s,
                                &(struct space_axis){.name = "device",
                                                     .role = SPACE_DECISION,
                                                     .kind = SPACE_CATEGORY,
                                                     .n = 3,
                                                     .values = codes,
                                                     .labels = devices},
                                &why));
    HARNESS_ASSERT_OK(space_add(s,
                                &(struct space_axis){.name = "site",
                                                     .role = SPACE_SCENARIO,
                                                     .kind = SPACE_CATEGORY,
                                                     .n = 2,
                                                     .values = codes,
                                                     .labels = sites},
                                &why));
}

static double objective(uint64_t configuration, size_t k)
{
    return k == 0 ? 1.7 + 1.0 / (double)(configuration + 3) : 2.5e-3 * (double)configuration;
}

/* Every k-th configuration, as if these were the frontier; each rank has its share. */
static void make_frontier(MPI_Comm comm, size_t n_rows, struct frontier *f)
{
    size_t end;
    *f = (struct frontier){.n_rows = n_rows,
                           .n_objectives = 2,
                           .n_evaluated = 120000,
                           .n_feasible = 110000,
                           .n_duplicates = 17,
                           .n_survivors = 80000};
    h5_column_share(n_rows, team_rank(comm), team_size(comm), &f->first, &end);
    f->n_mine = end - f->first;
    f->configurations = malloc((n_rows + 1) * sizeof *f->configurations);
    f->objectives = malloc((n_rows + 1) * 2 * sizeof *f->objectives);
    STATUS_ASSERT(f->configurations != NULL && f->objectives != NULL);
    for (size_t i = 0; i < f->n_mine; i++) {
        f->configurations[i] = (f->first + i) * 120000 / n_rows;
        f->objectives[2 * i] = objective(f->configurations[i], 0);
        f->objectives[2 * i + 1] = objective(f->configurations[i], 1);
    }
}

static void fill(const void *context, size_t n, const uint64_t configurations[], double values[])
{
    const double factor = *(const double *)context;
    for (size_t i = 0; i < n; i++) {
        values[i] = factor * (double)configurations[i];
        values[n + i] = -(double)configurations[i];
    }
}

static void fill_flags(const void *context, size_t n, const uint64_t configurations[],
                       double values[])
{
    (void)context;
    for (size_t i = 0; i < n; i++) {
        values[i] = configurations[i] % 5 == 3 ? 1 : 0;
    }
}

static size_t most_numbers; /* of the content; 0: the usual */

static void write_frontier(MPI_Comm comm, const char *path, size_t n_rows, double factor,
                           char digest[DIGEST_SIZE])
{
    static const struct frontier_file_column columns[] = {
        {"energy_kwh", "kWh", "energy at the wall", NULL}, {"minus", "", NULL, "slack"}};
    static const struct frontier_file_column flags[] = {
        {"extrapolated", "", "outside the data of the fit", NULL}};
    struct space space;
    struct frontier frontier;
    struct h5 *file = NULL;

    make_space(&space);
    make_frontier(comm, n_rows, &frontier);
    const struct problem problem = {
        .space = &space,
        .n_objectives = 2,
        .objectives = {{"loss_nat", "nat", "loss", false}, {"goodness", "1", "", true}}};
    const struct frontier_file_content content = {.problem = &problem,
                                                  .frontier = &frontier,
                                                  .n_columns = 2,
                                                  .columns = columns,
                                                  .fill = fill,
                                                  .context = &factor,
                                                  .n_flags = 1,
                                                  .flags = flags,
                                                  .fill_flags = fill_flags,
                                                  .path_name = "streaming",
                                                  .most_numbers = most_numbers};
    HARNESS_ASSERT_OK(h5_create(comm, path, &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    HARNESS_ASSERT_OK(frontier_file_write(comm, file, &content, &why));
    HARNESS_ASSERT_OK(h5_commit(file, digest, &why));
    free(frontier.configurations);
    free(frontier.objectives);
    space_clear(&space);
}

static void read_frontier(const char *path, struct frontier_file_table *t)
{
    struct h5 *file = NULL;
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    HARNESS_ASSERT_OK(frontier_file_read(file, t, &why));
    h5_close(file);
}

static void copy_path(char path[1024], const char *name)
{
    (void)snprintf(path, 1024, "%s", harness_path(name));
}

static void check_values(const struct frontier_file_table *t, double factor)
{
    size_t n_wrong = 0;
    for (size_t i = 0; i < t->n_rows; i++) {
        const uint64_t c = (uint64_t)i * 120000 / t->n_rows;
        n_wrong += t->values[0][i] != (double)c;
        const uint64_t level = c / (N_PARAMS * 3);
        n_wrong += t->values[1][i] != (double)level;
        n_wrong += !(t->values[2][i] >= 1.3e8 && t->values[2][i] <= 7.7e10);
        n_wrong += i > 0 && c / 60000 == (uint64_t)(i - 1) * 120000 / t->n_rows / 60000
                   && t->values[2][i] < t->values[2][i - 1];
        n_wrong += t->values[3][i] != (double)(c % 3);
        n_wrong += t->values[4][i] != objective(c, 0) || t->values[5][i] != objective(c, 1);
        n_wrong += t->values[6][i] != factor * (double)c || t->values[7][i] != -(double)c;
        n_wrong += t->values[8][i] != (c % 5 == 3 ? 1 : 0);
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
}

static void test_frontier_file_reads_back_every_column(void)
{
    static const struct {
        const char *name, *unit, *long_name;
        enum frontier_file_role role;
    } want[] = {
        {"configuration", "", "global index of the configuration", FRONTIER_FILE_OTHER},
        {"site", "", "", FRONTIER_FILE_SCENARIO},
        {"params", "1", "parameters", FRONTIER_FILE_DECISION},
        {"device", "", "", FRONTIER_FILE_DECISION},
        {"loss_nat", "nat", "loss", FRONTIER_FILE_OBJECTIVE},
        {"goodness", "1", "", FRONTIER_FILE_OBJECTIVE},
        {"energy_kwh", "kWh", "energy at the wall", FRONTIER_FILE_OTHER},
        {"minus", "", "", FRONTIER_FILE_OTHER},
        {"flag_extrapolated", "", "outside the data of the fit", FRONTIER_FILE_FLAG},
    };
    enum { N_WANT = sizeof want / sizeof *want };
    char path[1024];
    struct frontier_file_table t;

    copy_path(path, "frontier.h5");
    write_frontier(harness_comm(), path, N_CHOSEN, 2.385, NULL);
    read_frontier(path, &t);
    CU_ASSERT_EQUAL(t.n_rows, N_CHOSEN);
    CU_ASSERT_EQUAL_FATAL(t.n_columns, N_WANT);
    for (size_t c = 0; c < N_WANT; c++) {
        CU_ASSERT_STRING_EQUAL(t.names[c], want[c].name);
        CU_ASSERT_STRING_EQUAL(t.units[c], want[c].unit);
        CU_ASSERT_STRING_EQUAL(t.long_names[c], want[c].long_name);
        CU_ASSERT_EQUAL(t.roles[c], want[c].role);
        CU_ASSERT_EQUAL(t.meanings[c] != NULL, c == 1 || c == 3);
    }
    CU_ASSERT_STRING_EQUAL(t.meanings[1][0], "Luleå");
    CU_ASSERT_STRING_EQUAL(t.meanings[3][0], "A100_SXM");
    CU_ASSERT_STRING_EQUAL(t.meanings[3][2], "TPUv4");
    CU_ASSERT_PTR_NULL(t.meanings[3][3]);
    check_values(&t, 2.385);
    frontier_file_clear(&t);
}

static void test_frontier_file_says_senses_and_counts(void)
{
    static const struct {
        const char *object, *name;
        uint64_t value;
    } want[] = {{"/frontier", "n_scenarios", 2},
                {"/frontier", "n_objectives", 2},
                {"/search", "n_configurations", 120000},
                {"/search", "n_scenarios", 2},
                {"/search", "n_decisions", 60000},
                {"/search", "n_rows", N_CHOSEN},
                {"/run", "n_evaluated", 120000},
                {"/run", "n_feasible", 110000},
                {"/run", "n_duplicates", 17},
                {"/run", "n_survivors", 80000}};
    static const char *const texts[][3] = {{"/frontier/goodness", "sense", "maximise"},
                                           {"/frontier/loss_nat", "sense", "minimise"},
                                           {"/search", "path", "streaming"}};
    struct h5 *file = NULL;

    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path("frontier.h5"), &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        uint64_t value = 0;
        HARNESS_ASSERT_OK(
            h5_read_count_attribute(file, want[i].object, want[i].name, &value, &why));
        CU_ASSERT_EQUAL(value, want[i].value);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *text = NULL;
        HARNESS_ASSERT_OK(h5_read_text_attribute(file, texts[i][0], texts[i][1], &text, &why));
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_STRING_EQUAL(text, texts[i][2]);
        free(text);
    }
    h5_close(file);
}

static void test_frontier_file_content_is_the_same_on_one_rank_and_on_all(void)
{
    char path[1024], all[DIGEST_SIZE], other[DIGEST_SIZE], one[DIGEST_SIZE];
    copy_path(path, "same.h5");
    write_frontier(harness_comm(), path, N_CHOSEN, 2.385, all);
    write_frontier(harness_comm(), path, N_CHOSEN, 2.386, other);
    char own[1024];
    (void)snprintf(own, sizeof own, "%.1000s.%d", path, team_rank(harness_comm()));
    write_frontier(MPI_COMM_SELF, own, N_CHOSEN, 2.385, one);
    CU_ASSERT_STRING_EQUAL(all, one);
    CU_ASSERT_STRING_NOT_EQUAL(all, other);
}

/* Each further column is filled by itself where no two are held. */
static void test_frontier_file_content_is_the_same_however_few_columns_are_held(void)
{
    char path[1024], few[DIGEST_SIZE], all[DIGEST_SIZE];
    copy_path(path, "few.h5");
    write_frontier(harness_comm(), path, N_CHOSEN, 2.385, all);
    for (size_t held = 1; held <= 2; held++) {
        most_numbers = held * (N_CHOSEN + 1);
        write_frontier(harness_comm(), path, N_CHOSEN, 2.385, few);
        CU_ASSERT_STRING_EQUAL(few, all);
    }
    most_numbers = 0;
}

static void test_frontier_file_without_rows_or_with_one_chunk(void)
{
    char path[1024];
    struct frontier_file_table t;
    copy_path(path, "small.h5");
    write_frontier(harness_comm(), path, 0, 2.385, NULL);
    read_frontier(path, &t);
    CU_ASSERT_EQUAL(t.n_rows, 0);
    CU_ASSERT_EQUAL(t.n_columns, 9);
    frontier_file_clear(&t);
    write_frontier(harness_comm(), path, 7, 2.385, NULL);
    read_frontier(path, &t);
    CU_ASSERT_EQUAL(t.n_rows, 7);
    check_values(&t, 2.385);
    frontier_file_clear(&t);
}

/* A file whose frontier has one good column and one bad one. */
static struct h5 *open_damaged(size_t n_bad, int32_t bad_code)
{
    static const char *const words[] = {"a", "b"};
    const int32_t codes[] = {0, 1, bad_code, 0};
    char path[1024];
    size_t begin, end;
    struct h5 *file = NULL;
    copy_path(path, "damaged.h5");
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_OK(h5_write_dimension(file, "/frontier/point", 3, &why));
    HARNESS_ASSERT_OK(h5_write_dimension(file, "/frontier/band", n_bad, &why));
    for (int k = 0; k < 2; k++) {
        const char *name = k == 0 ? "/frontier/good" : "/frontier/bad";
        const size_t n = k == 0 ? 3 : n_bad;
        const struct h5_column column = {.path = name,
                                         .type = H5_INT32,
                                         .values = codes,
                                         .n_rows = n,
                                         .dimension = k == 0 ? "/frontier/point" : "/frontier/band",
                                         .n_flags = k == 0 ? 0 : 2,
                                         .flag_meanings = words};
        h5_column_share(n, team_rank(harness_comm()), team_size(harness_comm()), &begin, &end);
        HARNESS_ASSERT_OK(h5_write_column(file, &column, &why));
        HARNESS_ASSERT_OK(h5_write_text_attribute(file, name, "role", "decision", &why));
    }
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    return file;
}

static void test_frontier_file_errors(void)
{
    struct frontier_file_table t;
    char path[1024];
    struct h5 *file = NULL;

    copy_path(path, "none.h5");
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_OK(h5_write_group(file, "/fit", &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_FAILS(frontier_file_read(file, &t, &why), STATUS_INPUT,
                         "the file holds no frontier");
    h5_close(file);
    file = open_damaged(3, 2);
    HARNESS_ASSERT_FAILS(frontier_file_read(file, &t, &why), STATUS_IO,
                         "/frontier/bad: row 2: 2 is no code of its 2 categories");
    CU_ASSERT(t.n_columns == 0 && t.names == NULL);
    h5_close(file);
    file = open_damaged(4, 1);
    HARNESS_ASSERT_FAILS(frontier_file_read(file, &t, &why), STATUS_IO,
                         "/frontier/bad: has not the rows of the other columns");
    h5_close(file);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"reads back every column", test_frontier_file_reads_back_every_column},
        {"says senses and counts", test_frontier_file_says_senses_and_counts},
        {"content is the same on one rank and on all",
         test_frontier_file_content_is_the_same_on_one_rank_and_on_all},
        {"content is the same however few columns are held",
         test_frontier_file_content_is_the_same_however_few_columns_are_held},
        {"without rows or with one chunk", test_frontier_file_without_rows_or_with_one_chunk},
        {"errors", test_frontier_file_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
