#include "inputs/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/study/keys.h"
#include "inputs/text/quantity.h"
#include "inputs/text/table.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"
#include "solver/laws/custom.h"

/* Operations of training a token, a parameter: C = 6 N D (docs/model.md M10). */
static const double flop_per_param_token = 6;

/* What every study may map, before what its laws read, and the names under which people write it;
 * the first that is there is taken. */
enum { PARAMS, TOKENS, COMPUTE, LOSS, WEIGHT, ERROR, N_COMMON, MAX_USUAL = 8 };
static const struct {
    const char *name, *key; /* of the column in the runs, and in runs.columns */
    const char *usual[MAX_USUAL];
} common[N_COMMON] = {
    [PARAMS] = {LAW_PARAMS,
                LAW_PARAMS,
                {"params", "N", "parameters", "model_size", "n_params", "params_N"}},
    [TOKENS] = {LAW_TOKENS, LAW_TOKENS, {"tokens", "D", "training_tokens", "n_tokens", "tokens_D"}},
    [COMPUTE] = {LAW_COMPUTE,
                 LAW_COMPUTE,
                 {"compute_flop", "C", "flops", "training_flop", "budget"}},
    [LOSS] = {LAW_LOSS_NAT, LAW_LOSS_NAT, {"loss_nat", "loss", "val_loss", "final_loss"}},
    [WEIGHT] = {RUNS_WEIGHT, "weight", {NULL}},
    [ERROR] = {RUNS_ERROR, RUNS_ERROR, {NULL}},
};

/* A column of a law beside these is called in the file as in the law, unless the study says more.
 */
enum { MAX_COLUMNS = RUNS_MAX_COLUMNS + 1 }; /* and the response */

static const char *const reason_texts[] = {
#define RUNS_TEXT(code, text) [code] = (text),
    RUNS_REASONS(RUNS_TEXT)
#undef RUNS_TEXT
};

const char *runs_reason_text(enum runs_reason r)
{
    STATUS_ASSERT((int)r >= 0 && r < RUNS_N_REASONS);
    return reason_texts[r];
}

/* One column to read. The first N_COMMON are those above, the others a law's. */
struct wanted {
    const char *name; /* in the runs */
    const char *key;  /* in runs.columns */
    int column;       /* in the file, or -1 */
    double scale;     /* from the file to the law */
    bool is_positive; /* what is not is an error */
    bool is_read;     /* by a law, as an input or the response */
    double least;     /* in the domain of every law that reads it */
    const char *law;  /* id of the law that asks for the least */
    double *values;   /* [n_rows] natural values; rows not used are unset */
};

/* A file being read: its table, and where the columns are in it. */
struct reader {
    const struct study *study;
    const struct law *const *laws;
    size_t n_laws;
    const struct table *table;
    size_t n_wanted;
    struct wanted wanted[MAX_COLUMNS];
    size_t response; /* index among those wanted */
    int filter_column[STUDY_MAX_LIST];
    struct runs *made;
    struct status_why *why;
};

/* End of the message for a column that is not in the file. */
static enum status fail_column(const struct reader *r, struct study_place place, const char *key,
                               const char *name)
{
    enum { MAX_SHOWN = 64 };
    const char *known[MAX_SHOWN];
    char all[400], expected[600];
    size_t n = table_n_columns(r->table);
    n = n < MAX_SHOWN ? n : MAX_SHOWN;
    for (size_t i = 0; i < n; i++) {
        known[i] = table_column(r->table, i);
    }
    keys_join(known, n, all, sizeof all);
    const char *nearest = study_nearest(name, known, n), *hint = "";
    for (size_t i = 0; i < n && strcmp(name, LAW_LOSS_NAT) == 0; i++) {
        if (strstr(known[i], "ppl") != NULL || strstr(known[i], "perplex") != NULL) {
            hint = "; a loss in nat is the natural logarithm of a perplexity";
        }
    }
    (void)snprintf(expected, sizeof expected, "no such column%s%s%s; the file has %s%s",
                   nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "?" : "", all, hint);
    return study_fail(r->study, place, key, name, expected, r->why);
}

static int find_usual(const struct table *t, const char *const usual[MAX_USUAL])
{
    for (int i = 0; i < MAX_USUAL && usual[i] != NULL; i++) {
        const int column = table_find(t, usual[i]);
        if (column >= 0) {
            return column;
        }
    }
    return -1;
}

/* Want a column that a law names. \return its index among those wanted */
static size_t want(struct reader *r, const char *name, bool is_positive)
{
    size_t i = 0;
    while (i < r->n_wanted && strcmp(r->wanted[i].name, name) != 0) {
        i++;
    }
    if (i == r->n_wanted) {
        STATUS_ASSERT(r->n_wanted < MAX_COLUMNS);
        r->wanted[r->n_wanted++] = (struct wanted){
            .name = name, .key = name, .column = -1, .scale = 1.0, .least = -(double)INFINITY};
    }
    r->wanted[i].is_positive = r->wanted[i].is_positive || is_positive;
    return i;
}

/* Least value of an input in the domain of its law. */
static double least_of(const struct law *law, size_t input)
{
    const struct custom_source *custom = custom_source_of(law);
    for (size_t i = 0; custom != NULL && i < custom->n_inputs; i++) {
        if (strcmp(custom->inputs[i].name, law->inputs[input].name) == 0) {
            return custom->inputs[i].least * (1.0 - 1e-12);
        }
    }
    return law->in_domain == NULL ? -(double)INFINITY : law->inputs[input].logarithmic ? 1.0 : 0.0;
}

/* List the columns of the study and of all laws. */
static enum status list_columns(struct reader *r)
{
    const char *response = r->n_laws > 0 ? r->laws[0]->response : LAW_LOSS_NAT;
    for (size_t c = 0; c < N_COMMON; c++) {
        r->wanted[want(r, common[c].name, true)].key = common[c].key;
    }
    for (size_t i = 0; i < r->n_laws; i++) {
        const struct law *law = r->laws[i];
        if (strcmp(law->response, response) != 0) {
            return status_fail(r->why, STATUS_INPUT,
                               "law %s predicts %s and law %s %s: they cannot be fitted to the "
                               "same runs",
                               r->laws[0]->id, response, law->id, law->response);
        }
        for (size_t j = 0; j < law->n_inputs; j++) {
            const size_t w = want(r, law->inputs[j].name, law->inputs[j].logarithmic);
            const double least = least_of(law, j);
            r->wanted[w].is_read = true;
            if (least > r->wanted[w].least) {
                r->wanted[w].least = least;
                r->wanted[w].law = law->id;
            }
        }
    }
    r->response = want(r, response, false);
    r->wanted[r->response].is_read = true;
    return STATUS_OK;
}

/* Fail for a key of runs.columns that names nothing of the laws. */
static enum status fail_key(const struct reader *r, const struct study_column *said)
{
    const char *known[MAX_COLUMNS], *read[MAX_COLUMNS];
    char all[400], expected[600];
    size_t n = 0;
    for (size_t i = 0; i < r->n_wanted; i++) {
        known[i] = r->wanted[i].key;
        if (r->wanted[i].is_read) {
            read[n++] = r->wanted[i].key;
        }
    }
    keys_join(read, n, all, sizeof all);
    const char *nearest = study_nearest(said->name, known, r->n_wanted);
    (void)snprintf(expected, sizeof expected, "unknown%s%s%s; expected a name of the law: %s",
                   nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "?" : "", all);
    return study_fail(r->study, said->name_place, "runs.columns", said->name, expected, r->why);
}

/* Take what the study says of columns. An input that a law calls weight comes before the weight of
 * a run, as the last of that key. */
static enum status map_columns(struct reader *r)
{
    const struct study *s = r->study;
    for (size_t i = 0; i < s->n_runs_columns; i++) {
        const struct study_column *said = &s->runs_columns[i];
        struct wanted *w = NULL;
        for (size_t c = 0; c < r->n_wanted; c++) {
            w = strcmp(r->wanted[c].key, said->name) == 0 ? &r->wanted[c] : w;
        }
        if (w == NULL) {
            return fail_key(r, said);
        }
        w->column = table_find(r->table, said->column);
        w->scale = said->scale;
        if (w->column < 0) {
            char key[KEYS_NAME_SIZE + CUSTOM_NAME_SIZE];
            (void)snprintf(key, sizeof key, "runs.columns.%s", said->name);
            return fail_column(r, said->place, key, said->column);
        }
    }
    return STATUS_OK;
}

/* Find the columns of which the study says nothing: \a w by its usual names. */
static int find_column(const struct reader *r, size_t w)
{
    if (w < N_COMMON) {
        return find_usual(r->table, common[w].usual);
    }
    /* cppcheck-suppress arrayIndexOutOfBoundsCond ; w is below n_wanted */
    return table_find(r->table, r->wanted[w].name);
}

static enum status find_columns(struct reader *r)
{
    const struct study *s = r->study;
    for (size_t i = 0; i < r->n_wanted; i++) {
        struct wanted *w = &r->wanted[i];
        w->column = w->column >= 0 ? w->column : find_column(r, i);
        if (w->column < 0 && (i >= N_COMMON || i == r->response)) {
            char key[KEYS_NAME_SIZE + CUSTOM_NAME_SIZE];
            (void)snprintf(key, sizeof key, "runs.columns.%s", w->key);
            return fail_column(r, s->runs_place, key, w->name);
        }
    }
    if (!r->wanted[LOSS].is_read) {
        r->wanted[LOSS].column = -1; /* a loss beside another response is not needed */
    }
    if (r->n_wanted == N_COMMON && r->wanted[PARAMS].column < 0 && r->wanted[TOKENS].column < 0
        && r->wanted[COMPUTE].column < 0) {
        return fail_column(r, s->runs_place, "runs.columns.params", LAW_PARAMS);
    }
    return STATUS_OK;
}

/* Find the columns that tell rows apart but that no law reads. */
static enum status find_filters(struct reader *r)
{
    const struct study *s = r->study;
    for (size_t i = 0; i < s->n_filters; i++) {
        r->filter_column[i] = table_find(r->table, s->filters[i].column);
        if (r->filter_column[i] < 0) {
            return fail_column(r, s->filters[i].place, "runs.where", s->filters[i].column);
        }
    }
    if (s->cluster[0] != '\0' && table_find(r->table, s->cluster) < 0) {
        return fail_column(r, s->cluster_place, "fit.cluster", s->cluster);
    }
    return STATUS_OK;
}

static enum status fail_field(const struct reader *r, size_t row, int column, const char *expected)
{
    return status_fail(r->why, STATUS_INPUT, "%s:%d: %s: %.80s: %s", table_name(r->table),
                       table_line(r->table, row), table_column(r->table, (size_t)column),
                       table_field(r->table, row, (size_t)column), expected);
}

/* -1, 0 or 1 as a is smaller than, equal to or larger than b. */
static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static bool holds(const char *op, int order)
{
    switch (op[0]) {
    case '<':
        return order < 0 || (op[1] == '=' && order == 0);
    case '>':
        return order > 0 || (op[1] == '=' && order == 0);
    case '!':
        return order != 0;
    default:
        return order == 0;
    }
}

/* What one filter says to a row. Numbers are compared as numbers, the rest as text for equality. */
static enum status apply_filter(const struct reader *r, size_t row, size_t filter,
                                enum runs_reason *reason)
{
    const struct study_filter *f = &r->study->filters[filter];
    const int column = r->filter_column[filter];
    const char *field = table_field(r->table, row, (size_t)column);
    double have, want;
    if (field[0] == '\0') {
        *reason = RUNS_EMPTY;
        return STATUS_OK;
    }
    const char *wrong = quantity_number(field, &have);
    if (wrong == NULL && quantity_number(f->text, &want) == NULL) {
        *reason = holds(f->op, compare(have, want)) ? RUNS_USED : RUNS_FILTERED;
        return STATUS_OK;
    }
    if (f->op[0] == '<' || f->op[0] == '>') {
        return fail_field(r, row, column, wrong);
    }
    *reason = holds(f->op, strcmp(field, f->text)) ? RUNS_USED : RUNS_FILTERED;
    return STATUS_OK;
}

static enum status apply_filters(const struct reader *r, size_t row, enum runs_reason *reason)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && *reason == RUNS_USED && i < r->study->n_filters; i++) {
        st = apply_filter(r, row, i, reason);
    }
    return st;
}

/* What is wrong with a number where it stands; \param [out] text  [size] storage. \return NULL when
 * nothing is */
static const char *judge(const struct reader *r, size_t wanted, double value, char text[],
                         size_t size)
{
    const struct wanted *w = &r->wanted[wanted];
    if (!isfinite(value)) {
        return "too large with its scale";
    }
    if (w->is_positive && !(value > 0)) {
        return "must be > 0";
    }
    if (w->is_read && value < w->least) {
        const bool is_size = wanted == PARAMS || wanted == TOKENS;
        (void)snprintf(text, size, "must be at least %g for law %.40s%s", w->least, w->law,
                       is_size ? "; are these billions? Then say scale: 1e9" : "");
        return text;
    }
    if (wanted == r->response && !(value > 0) && r->study->residual == STUDY_RESIDUAL_LOG) {
        return "must be > 0, as residuals are of its logarithm (fit.residual)";
    }
    if (wanted == r->response && value > 1.0 && strcmp(w->name, "accuracy_ratio") == 0) {
        return "must be at most 1; is it in percent? Then say scale: 0.01";
    }
    return NULL;
}

/* Read the numbers of a row that the filters let pass. */
static enum status read_numbers(struct reader *r, size_t row, enum runs_reason *reason)
{
    for (size_t c = 0; c < r->n_wanted; c++) {
        const int column = r->wanted[c].column;
        if (column >= 0 && table_field(r->table, row, (size_t)column)[0] == '\0') {
            *reason = RUNS_EMPTY;
            return STATUS_OK;
        }
    }
    for (size_t c = 0; c < r->n_wanted; c++) {
        const struct wanted *w = &r->wanted[c];
        if (w->column < 0) {
            continue;
        }
        const char *field = table_field(r->table, row, (size_t)w->column);
        const char *wrong = quantity_number(field, &w->values[row]);
        char text[160];
        w->values[row] *= w->scale;
        wrong = wrong == NULL ? judge(r, c, w->values[row], text, sizeof text) : wrong;
        if (wrong != NULL) {
            return fail_field(r, row, w->column, wrong);
        }
    }
    return STATUS_OK;
}

/* Fill in the one of tokens and compute that the file does not have. */
static enum status derive(struct reader *r, size_t row)
{
    const struct wanted *w = r->wanted;
    double *derived = NULL;
    if (r->made->tokens_derived) {
        derived = &w[TOKENS].values[row];
        *derived = w[COMPUTE].values[row] / (flop_per_param_token * w[PARAMS].values[row]);
    } else if (r->made->compute_derived) {
        derived = &w[COMPUTE].values[row];
        *derived = flop_per_param_token * w[PARAMS].values[row] * w[TOKENS].values[row];
    }
    if (r->made->tokens_derived && w[TOKENS].is_read && w[TOKENS].values[row] < w[TOKENS].least) {
        return fail_field(r, row, w[COMPUTE].column,
                          "gives fewer than one token, compute / (6 params): in what unit is it?");
    }
    if (derived != NULL && !(*derived > 0 && isfinite(*derived))) {
        return fail_field(r, row, w[PARAMS].column,
                          "too large or too small with the other columns of this row");
    }
    return STATUS_OK;
}

static enum status read_row(struct reader *r, size_t row)
{
    enum runs_reason reason = RUNS_USED;
    enum status st = apply_filters(r, row, &reason);
    if (st == STATUS_OK && reason == RUNS_USED) {
        st = read_numbers(r, row, &reason);
    }
    if (st == STATUS_OK && reason == RUNS_USED) {
        st = derive(r, row);
    }
    r->made->reasons[row] = (unsigned char)reason;
    return st;
}

static int compare_descending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return compare(*y, *x);
}

/* Mark the rows whose loss is at least the k-th largest of those in use. */
static enum status drop_highest(struct reader *r)
{
    struct runs *made = r->made;
    const double *loss = r->wanted[r->response].values;
    const uint64_t k = r->study->drop_highest_loss;
    size_t n = 0;
    if (k == 0) {
        return STATUS_OK;
    }
    double *sorted = malloc((made->n_rows + 1) * sizeof *sorted);
    if (sorted == NULL) {
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n_rows);
    }
    for (size_t i = 0; i < made->n_rows; i++) {
        if (made->reasons[i] == RUNS_USED) {
            sorted[n++] = loss[i];
        }
    }
    qsort(sorted, n, sizeof *sorted, compare_descending);
    for (size_t i = 0; n > 0 && i < made->n_rows; i++) {
        if (made->reasons[i] == RUNS_USED && (k >= n || loss[i] >= sorted[k - 1])) {
            made->reasons[i] = RUNS_HIGH_LOSS;
        }
    }
    free(sorted);
    return STATUS_OK;
}

static enum status make_room(struct reader *r)
{
    struct runs *made = r->made;
    const size_t room = made->n_rows + 1; /* so that none of them is nothing */
    bool ok = (made->reasons = calloc(room, sizeof *made->reasons)) != NULL;
    for (size_t c = 0; c < r->n_wanted; c++) {
        ok = ok && (r->wanted[c].values = calloc(room, sizeof(double))) != NULL;
    }
    return ok ? STATUS_OK
              : status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n_rows);
}

/* Hand the values of a column over, with their logarithms. */
static enum status keep_column(struct reader *r, struct wanted *w, struct runs_column *to)
{
    const size_t n = r->made->n;
    bool all_positive = true;
    (void)snprintf(to->name, sizeof to->name, "%s", w->name);
    (void)snprintf(to->source, sizeof to->source, "%.63s",
                   w->column >= 0 ? table_column(r->table, (size_t)w->column) : "");
    to->scale = w->scale;
    to->values = w->values;
    w->values = NULL;
    for (size_t i = 0; i < n; i++) {
        all_positive = all_positive && to->values[i] > 0;
    }
    if (!all_positive) {
        return STATUS_OK;
    }
    to->logs = malloc((n + 1) * sizeof *to->logs);
    if (to->logs == NULL) {
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", r->made->file, n);
    }
    vmath_log(n, to->values, to->logs);
    return STATUS_OK;
}

/* Keep the rows in use: their columns and lines. */
static enum status keep_used(struct reader *r)
{
    struct runs *made = r->made;
    for (size_t i = 0; i < made->n_rows; i++) {
        const size_t to = made->n;
        made->counts[made->reasons[i]]++;
        if (made->reasons[i] != RUNS_USED) {
            continue;
        }
        for (size_t c = 0; c < r->n_wanted; c++) {
            r->wanted[c].values[to] = r->wanted[c].values[i]; /* to <= i */
        }
        made->n++;
    }
    made->lines = malloc((made->n + 1) * sizeof *made->lines);
    if (made->lines == NULL) {
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n_rows);
    }
    for (size_t i = 0, to = 0; i < made->n_rows; i++) {
        if (made->reasons[i] == RUNS_USED) {
            made->lines[to++] = table_line(r->table, i);
        }
    }
    enum status st = STATUS_OK;
    for (size_t c = 0; st == STATUS_OK && c < r->n_wanted; c++) {
        const bool is_known = r->wanted[c].column >= 0 || (c == TOKENS && made->tokens_derived)
                              || (c == COMPUTE && made->compute_derived);
        if (is_known) {
            st =
                keep_column(r, &r->wanted[c],
                            c == r->response ? &made->response : &made->columns[made->n_columns++]);
        }
    }
    return st;
}

/* Number the groups of the rows in use by the text of their column; an empty field is a group. */
static enum status find_clusters(struct reader *r)
{
    struct runs *made = r->made;
    const int column = table_find(r->table, r->study->cluster);
    const char **names = calloc(made->n + 1, sizeof *names);
    made->clusters = malloc((made->n + 1) * sizeof *made->clusters);
    if (names == NULL || made->clusters == NULL) {
        free(names);
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n);
    }
    for (size_t i = 0, to = 0; i < made->n_rows; i++) {
        if (made->reasons[i] != RUNS_USED) {
            continue;
        }
        const char *name = table_field(r->table, i, (size_t)column);
        size_t k = 0;
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): each counted group has a name */
        while (k < made->n_clusters && strcmp(names[k], name) != 0) {
            k++;
        }
        if (k == made->n_clusters) {
            names[made->n_clusters++] = name;
        }
        made->clusters[to++] = k;
    }
    free(names);
    return STATUS_OK;
}

/* The text of a row in a column, to be sorted. */
struct label {
    const char *text;
    size_t at;
};

static int compare_labels(const void *a, const void *b)
{
    const struct label *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* Group the rows in use by their texts in a column. \param labels  [n] storage */
static enum status add_group(struct reader *r, size_t column, struct label labels[])
{
    struct runs *made = r->made;
    struct runs_group *g = &made->groups[made->n_groups];
    size_t n_levels = 0;
    for (size_t i = 0, to = 0; i < made->n_rows; i++) {
        if (made->reasons[i] == RUNS_USED) {
            labels[to] = (struct label){table_field(r->table, i, column), to};
            to++;
        }
    }
    qsort(labels, made->n, sizeof *labels, compare_labels);
    for (size_t i = 0; i < made->n; i++) {
        n_levels += i == 0 || strcmp(labels[i].text, labels[i - 1].text) != 0;
    }
    if (n_levels < 2 || n_levels > made->n / 2) {
        return STATUS_OK;
    }
    g->levels = malloc(made->n * sizeof *g->levels);
    if (g->levels == NULL) {
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n);
    }
    for (size_t i = 0, level = 0; i < made->n; i++) {
        level += i > 0 && strcmp(labels[i].text, labels[i - 1].text) != 0;
        g->levels[labels[i].at] = level;
    }
    g->n_levels = n_levels;
    (void)snprintf(g->name, sizeof g->name, "%.63s", table_column(r->table, column));
    made->n_groups++;
    return STATUS_OK;
}

/* Group the rows by every column that nothing reads. */
static enum status find_groups(struct reader *r)
{
    enum status st = STATUS_OK;
    struct runs *made = r->made;
    struct label *labels = malloc(made->n * sizeof *labels);
    if (labels == NULL) {
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n);
    }
    for (size_t c = 0; c < table_n_columns(r->table) && made->n_groups < RUNS_MAX_GROUPS; c++) {
        bool is_wanted = false;
        for (size_t i = 0; i < r->n_wanted; i++) {
            is_wanted = is_wanted || r->wanted[i].column == (int)c;
        }
        if (!is_wanted) {
            STATUS_TRY(add_group(r, c, labels));
        }
    }
out:
    free(labels);
    return st;
}

static enum status fail_no_rows(const struct reader *r)
{
    const struct runs *made = r->made;
    char text[256] = "";
    for (int i = RUNS_USED + 1; i < RUNS_N_REASONS; i++) {
        const size_t length = strlen(text);
        if (made->counts[i] > 0) {
            (void)snprintf(text + length, sizeof text - length, "; %zu: %s", made->counts[i],
                           runs_reason_text((enum runs_reason)i));
        }
    }
    return status_fail(r->why, STATUS_INPUT, "%s: none of %zu rows is left%s", made->file,
                       made->n_rows, text);
}

static enum status fill(struct reader *r)
{
    enum status st = STATUS_OK;
    struct runs *made = r->made;
    const char *bytes = table_bytes(r->table, &made->n_bytes);

    made->n_rows = table_n_rows(r->table);
    STATUS_TRY(list_columns(r));
    STATUS_TRY(map_columns(r));
    STATUS_TRY(find_columns(r));
    STATUS_TRY(find_filters(r));
    const bool has_params = r->wanted[PARAMS].column >= 0;
    const bool has_tokens = r->wanted[TOKENS].column >= 0;
    const bool has_compute = r->wanted[COMPUTE].column >= 0;
    made->tokens_derived = has_params && has_compute && !has_tokens;
    made->compute_derived = has_params && has_tokens && !has_compute;
    STATUS_TRY(make_room(r));
    for (size_t i = 0; i < made->n_rows; i++) {
        STATUS_TRY(read_row(r, i));
    }
    STATUS_TRY(drop_highest(r));
    STATUS_TRY(keep_used(r));
    if (made->n == 0) {
        STATUS_TRY(fail_no_rows(r));
    }
    if (r->study->cluster[0] != '\0') {
        STATUS_TRY(find_clusters(r));
    }
    STATUS_TRY(find_groups(r));
    made->bytes = malloc(made->n_bytes + 1);
    if (made->bytes == NULL) {
        st = status_fail(r->why, STATUS_MEMORY, "%s: %zu bytes", made->file, made->n_bytes);
        goto out;
    }
    memcpy(made->bytes, bytes, made->n_bytes);
    made->bytes[made->n_bytes] = '\0';
out:
    return st;
}

enum status runs_read(MPI_Comm comm, const struct study *study, const struct law *const laws[],
                      size_t n_laws, struct runs *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct table *table = NULL;
    struct reader r = {.study = study, .laws = laws, .n_laws = n_laws, .made = made, .why = why};

    *made = (struct runs){0};
    if (study->runs_file[0] == '\0') {
        return study_fail(study, study->runs_place, "runs.file", NULL,
                          "expected the file of observed runs", why);
    }
    study_path(study, study->runs_file, made->file, sizeof made->file);
    STATUS_TRY(table_read(comm, made->file, &table, why));
    r.table = table;
    STATUS_TRY(team_agree(comm, fill(&r), why));
out:
    for (size_t c = 0; c < r.n_wanted; c++) {
        free(r.wanted[c].values);
    }
    table_destroy(table);
    if (st != STATUS_OK) {
        runs_clear(made);
    }
    return st;
}

const struct runs_column *runs_find(const struct runs *r, const char *name)
{
    for (size_t i = 0; i < r->n_columns; i++) {
        if (strcmp(r->columns[i].name, name) == 0) {
            return &r->columns[i];
        }
    }
    return NULL;
}

const double *runs_input(const struct runs *r, const struct law_input *input)
{
    const struct runs_column *column = runs_find(r, input->name);
    return column == NULL ? NULL : input->logarithmic ? column->logs : column->values;
}

void runs_clear(struct runs *r)
{
    for (size_t i = 0; i < r->n_columns; i++) {
        free(r->columns[i].values);
        free(r->columns[i].logs);
    }
    free(r->response.values);
    free(r->response.logs);
    free(r->lines);
    free(r->clusters);
    for (size_t i = 0; i < r->n_groups; i++) {
        free(r->groups[i].levels);
    }
    free(r->reasons);
    free(r->bytes);
    *r = (struct runs){0};
}
