#define _POSIX_C_SOURCE 200809L
#include "jobs/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/study/difference.h"
#include "jobs/corpus.h"
#include "solver/base/team.h"

enum { PATH_SIZE = 256, LEVEL_SIZE = 512 };

size_t sources_size(enum h5_type type)
{
    static const size_t sizes[] = {
        [H5_DOUBLE] = 8, [H5_UINT64] = 8, [H5_INT32] = 4, [H5_UINT8] = 1};
    return sizes[type];
}

static void column_path(const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "/frontier/%s", name);
}

static enum status no_memory(const struct source *s, struct status_why *why)
{
    return status_fail(why, STATUS_MEMORY, "%s: %zu rows", s->path, s->n_rows);
}

/* A text attribute of /frontier/<name>, "" where there is none. The caller frees it. */
static enum status text_of(struct source *s, const char *name, const char *attribute, char **text,
                           struct status_why *why)
{
    char path[PATH_SIZE];
    column_path(name, path);
    if (h5_has_attribute(s->file, path, attribute)) {
        return h5_read_text_attribute(s->file, path, attribute, text, why);
    }
    *text = calloc(1, 1);
    return *text != NULL ? STATUS_OK : no_memory(s, why);
}

static enum status open_source(const char *path, struct source *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    enum h5_type type;
    uint64_t n_levels;
    s->path = path;
    STATUS_TRY(h5_open(MPI_COMM_SELF, path, &s->file, why));
    if (!h5_exists(s->file, "/frontier/configuration")
        || !h5_has_attribute(s->file, "/search", "n_decisions")) {
        st = status_fail(why, STATUS_INPUT, "%s: holds no frontier", path);
        goto out;
    }
    STATUS_TRY(h5_read_type(s->file, "/frontier/configuration", &type, &s->n_rows, why));
    STATUS_TRY(h5_read_count_attribute(s->file, "/search", "n_decisions", &s->n_decisions, why));
    STATUS_TRY(h5_read_count_attribute(s->file, "/search", "n_scenarios", &n_levels, why));
    s->n_levels = (size_t)n_levels;
    if (h5_has_attribute(s->file, "/search", "shard")) {
        STATUS_TRY(h5_read_count_attribute(s->file, "/search", "shard", &s->shard, why));
        STATUS_TRY(h5_read_count_attribute(s->file, "/search", "n_shards", &s->n_shards, why));
    }
out:
    return st;
}

/* Whether a text attribute is the same in two files. */
static enum status same_attribute(const struct source *a, const struct source *b,
                                  const char *object, const char *name, bool *same,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    char *mine = NULL, *other = NULL;
    STATUS_TRY(h5_read_text_attribute(a->file, object, name, &mine, why));
    STATUS_TRY(h5_read_text_attribute(b->file, object, name, &other, why));
    *same = strcmp(mine, other) == 0;
out:
    free(mine);
    free(other);
    return st;
}

/* All shards of one study, each once. */
static enum status check_shards(struct sources *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct source *first = &s->sources[0];
    const uint64_t n = first->n_shards;
    for (size_t i = 1; i < s->n; i++) {
        const struct source *x = &s->sources[i];
        bool same = true;
        STATUS_TRY(same_attribute(first, x, "/study", "digest", &same, why));
        if (!same || x->n_shards != n) {
            st = status_fail(why, STATUS_INPUT, "%s: is no shard of the study of %s", x->path,
                             first->path);
            goto out;
        }
        STATUS_TRY(same_attribute(first, x, "/search", "path", &same, why));
        if (!same) {
            st = status_fail(why, STATUS_INPUT, "%s: was searched by another path than %s", x->path,
                             first->path);
            goto out;
        }
        for (size_t k = 0; k < i; k++) {
            if (s->sources[k].shard == x->shard) {
                st = status_fail(why, STATUS_INPUT, "%s: shard %llu of %llu was given before: %s",
                                 x->path, (unsigned long long)x->shard, (unsigned long long)n,
                                 s->sources[k].path);
                goto out;
            }
        }
    }
    for (uint64_t shard = 1; shard <= n && s->n < n; shard++) {
        bool there = false;
        for (size_t i = 0; i < s->n; i++) {
            there = there || s->sources[i].shard == shard;
        }
        if (!there) {
            st = status_fail(why, STATUS_INPUT, "%s: shard %llu of %llu is missing", first->path,
                             (unsigned long long)shard, (unsigned long long)n);
            goto out;
        }
    }
out:
    return st;
}

static enum status read_objective(struct source *s, const char *name, struct problem_objective *o,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    char *unit = NULL, *sense = NULL;
    STATUS_TRY(text_of(s, name, "units", &unit, why));
    STATUS_TRY(text_of(s, name, "sense", &sense, why));
    (void)snprintf(o->name, sizeof o->name, "%.39s", name);
    (void)snprintf(o->unit, sizeof o->unit, "%.39s", unit);
    o->maximise = strcmp(sense, "maximise") == 0;
out:
    free(unit);
    free(sense);
    return st;
}

/* Objectives of a file. */
static enum status read_objectives(struct source *s, struct problem *p, struct status_why *why)
{
    enum status st = STATUS_OK;
    char **members = NULL, *role = NULL;
    size_t n = 0;
    p->n_objectives = 0;
    STATUS_TRY(h5_read_members(s->file, "/frontier", &members, &n, why));
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(text_of(s, members[i], "role", &role, why));
        if (strcmp(role, "objective") == 0) {
            if (p->n_objectives == PROBLEM_MAX_OBJECTIVES) {
                st = status_fail(why, STATUS_INPUT, "%s: more than 8 objectives", s->path);
                goto out;
            }
            STATUS_TRY(read_objective(s, members[i], &p->objectives[p->n_objectives++], why));
        }
        free(role);
        role = NULL;
    }
out:
    free(role);
    free(members);
    return st;
}

static enum status check_objectives(struct sources *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_TRY(read_objectives(&s->sources[0], &s->problem, why));
    for (size_t i = 1; i < s->n; i++) {
        struct problem other = {0};
        STATUS_TRY(read_objectives(&s->sources[i], &other, why));
        bool same = other.n_objectives == s->problem.n_objectives;
        for (size_t k = 0; same && k < other.n_objectives; k++) {
            const struct problem_objective *a = &s->problem.objectives[k],
                                           *b = &other.objectives[k];
            same = strcmp(a->name, b->name) == 0 && strcmp(a->unit, b->unit) == 0
                   && a->maximise == b->maximise;
        }
        if (!same) {
            st = status_fail(why, STATUS_INPUT,
                             "%s: has not the objectives of %s (names, units and senses, in order)",
                             s->sources[i].path, s->sources[0].path);
            goto out;
        }
    }
out:
    return st;
}

static void free_words(char **words, size_t n)
{
    for (size_t i = 0; words != NULL && i < n; i++) {
        free(words[i]);
    }
    free(words);
}

/* Position of a word in a list, to which it is added where it is new. */
static enum status find_word(char ***words, size_t *n, const char *word, size_t *at,
                             struct status_why *why)
{
    for (*at = 0; *at < *n; (*at)++) {
        if (strcmp((*words)[*at], word) == 0) {
            return STATUS_OK;
        }
    }
    char **more = realloc(*words, (*n + 1) * sizeof *more);
    char *copy = strdup(word);
    *words = more != NULL ? more : *words;
    if (more == NULL || copy == NULL) {
        free(copy);
        return status_fail(why, STATUS_MEMORY, "%zu names", *n);
    }
    more[(*n)++] = copy;
    return STATUS_OK;
}

/* The names of the codes of a column in one file, added to those of the files before. */
static enum status add_meanings(struct source *s, struct source_column *c, size_t source,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    char *text = NULL, *next = NULL;
    STATUS_TRY(text_of(s, c->name, "flag_meanings", &text, why));
    c->codes[source] = calloc(strlen(text) + 1, sizeof **c->codes);
    if (c->codes[source] == NULL) {
        st = no_memory(s, why);
    }
    STATUS_TRY(st);
    for (char *word = strtok_r(text, " ", &next); word != NULL; word = strtok_r(NULL, " ", &next)) {
        size_t at;
        STATUS_TRY(find_word(&c->meanings, &c->n_meanings, word, &at, why));
        c->codes[source][c->n_codes[source]++] = (int32_t)at;
    }
out:
    free(text);
    return st;
}

static void column_clear(struct source_column *c, size_t n_sources)
{
    for (size_t i = 0; c->codes != NULL && i < n_sources; i++) {
        free(c->codes[i]);
    }
    free(c->codes);
    free(c->n_codes);
    free_words(c->meanings, c->n_meanings);
    free(c->role);
    free(c->name);
    memset(c, 0, sizeof *c);
}

/* A column of the first file, when the others have it too, of the same type, role and unit. */
static enum status try_column(struct sources *s, const char *name, struct source_column *c,
                              bool *is_common, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE], *role = NULL, *unit = NULL, *other = NULL;
    column_path(name, path);
    memset(c, 0, sizeof *c);
    c->name = strdup(name);
    c->codes = calloc(s->n, sizeof *c->codes);
    c->n_codes = calloc(s->n, sizeof *c->n_codes);
    if (c->name == NULL || c->codes == NULL || c->n_codes == NULL) {
        st = no_memory(&s->sources[0], why);
    }
    STATUS_TRY(st);
    STATUS_TRY(text_of(&s->sources[0], name, "role", &c->role, why));
    STATUS_TRY(text_of(&s->sources[0], name, "units", &unit, why));
    *is_common = c->role[0] != '\0';
    for (size_t i = 0; i < s->n && *is_common; i++) {
        struct source *source = &s->sources[i];
        enum h5_type type;
        size_t n_rows;
        if (!h5_exists(source->file, path)) {
            *is_common = false;
            break;
        }
        STATUS_TRY(h5_read_type(source->file, path, &type, &n_rows, why));
        if (n_rows != source->n_rows) {
            st = status_fail(why, STATUS_IO, "%s: %s: has not the rows of the other columns",
                             source->path, path);
            goto out;
        }
        c->type = i == 0 ? type : c->type;
        STATUS_TRY(text_of(source, name, "role", &role, why));
        STATUS_TRY(text_of(source, name, "units", &other, why));
        *is_common = type == c->type && strcmp(role, c->role) == 0 && strcmp(unit, other) == 0;
        STATUS_TRY(add_meanings(source, c, i, why));
        free(role);
        free(other);
        role = other = NULL;
    }
out:
    free(role);
    free(unit);
    free(other);
    return st;
}

static enum status find_columns(struct sources *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    char **members = NULL;
    size_t n = 0;
    STATUS_TRY(h5_read_members(s->sources[0].file, "/frontier", &members, &n, why));
    s->columns = calloc(n + 1, sizeof *s->columns);
    if (s->columns == NULL) {
        st = no_memory(&s->sources[0], why);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < n; i++) {
        bool is_common = false;
        struct source_column *c = &s->columns[s->n_columns];
        st = try_column(s, members[i], c, &is_common, why);
        if (st == STATUS_OK && is_common) {
            s->n_columns++;
        } else {
            column_clear(c, s->n);
        }
        STATUS_TRY(st);
    }
out:
    free(members);
    return st;
}

/* Number of the scenario axes of a file. */
static enum status count_scenarios(struct source *s, size_t *n_scenarios, struct status_why *why)
{
    enum status st = STATUS_OK;
    char **members = NULL, *role = NULL;
    size_t n = 0;
    *n_scenarios = 0;
    STATUS_TRY(h5_read_members(s->file, "/frontier", &members, &n, why));
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(text_of(s, members[i], "role", &role, why));
        *n_scenarios += strcmp(role, "scenario") == 0;
        free(role);
        role = NULL;
    }
out:
    free(role);
    free(members);
    return st;
}

static bool is_scenario(const struct source_column *column)
{
    return column->role != NULL && strcmp(column->role, "scenario") == 0;
}

/* What one row says of its scenario. \param [out] text  [LEVEL_SIZE] */
static enum status name_level(const struct sources *s, size_t source, size_t row, char text[],
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t used = 0;
    text[0] = '\0';
    for (size_t c = 0; c < s->n_columns && used < LEVEL_SIZE; c++) {
        const struct source_column *column = &s->columns[c];
        union {
            double number;
            int32_t code;
        } value = {0.0};
        if (!is_scenario(column)) {
            continue;
        }
        STATUS_TRY(sources_values(s, source, c, row, 1, &value, why));
        used += (size_t)(column->n_meanings > 0
                             ? snprintf(text + used, LEVEL_SIZE - used, "%s|",
                                        column->meanings[value.code])
                             : snprintf(text + used, LEVEL_SIZE - used, "%.17g|", value.number));
    }
out:
    return st;
}

/* The levels of one file among those of all. Rows are in the order of the levels. */
static enum status number_levels(struct sources *s, size_t source, char ***names, size_t *n,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    struct source *x = &s->sources[source];
    uint64_t *configurations = malloc((x->n_rows + 1) * sizeof *configurations);
    char text[LEVEL_SIZE];
    x->levels = calloc(x->n_levels + 1, sizeof *x->levels);
    if (configurations == NULL || x->levels == NULL) {
        st = no_memory(x, why);
    }
    STATUS_TRY(st);
    STATUS_TRY(h5_read_rows(x->file, "/frontier/configuration", H5_UINT64, 0, x->n_rows,
                            configurations, why));
    for (size_t i = 0; i < x->n_rows; i++) {
        const uint64_t level = configurations[i] / x->n_decisions;
        if (level >= x->n_levels) {
            st = status_fail(why, STATUS_IO, "%s: row %zu is of no scenario level", x->path, i);
            goto out;
        }
        if (i == 0 || configurations[i - 1] / x->n_decisions != level) {
            STATUS_TRY(name_level(s, source, i, text, why));
            STATUS_TRY(find_word(names, n, text, &x->levels[level], why));
        }
    }
out:
    free(configurations);
    return st;
}

/* Frontiers of several studies: number the scenario levels that they have in all. */
static enum status unite_levels(struct sources *s, size_t *n_levels, struct status_why *why)
{
    enum status st = STATUS_OK;
    char **names = NULL;
    size_t n_common = 0;
    *n_levels = 0;
    for (size_t c = 0; c < s->n_columns; c++) {
        n_common += is_scenario(&s->columns[c]);
    }
    for (size_t i = 0; i < s->n; i++) {
        size_t n;
        STATUS_TRY(count_scenarios(&s->sources[i], &n, why));
        if (n != n_common) {
            st = status_fail(why, STATUS_INPUT, "%s: has not the scenario axes of %s",
                             s->sources[i].path, s->sources[i == 0 ? 1 : 0].path);
            goto out;
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        STATUS_TRY(number_levels(s, i, &names, n_levels, why));
    }
out:
    free_words(names, *n_levels);
    return st;
}

/* A space of so many levels and configurations, to number rows by. */
static void make_space(struct sources *s, size_t n_levels, uint64_t n_decisions)
{
    space_init(&s->space);
    s->space.n_axes = 2;
    s->space.axes[0] = (struct space_axis){
        .name = "level", .role = SPACE_SCENARIO, .n = n_levels > 0 ? n_levels : 1};
    s->space.axes[1] = (struct space_axis){
        .name = "configuration", .role = SPACE_DECISION, .n = n_decisions > 0 ? n_decisions : 1};
    s->problem.space = &s->space;
}

/* Say in which way the losses of a file are not those of the first. */
static void compare_corpora(struct sources *s, const struct source *x, const char *other)
{
    char keys[400];
    const char *first = s->sources[0].path;
    if (s->corpus[0] == '\0' || other[0] == '\0') {
        (void)snprintf(s->difference, sizeof s->difference,
                       "%.120s: does not say of which law and runs its losses are, to compare with "
                       "%.120s",
                       s->corpus[0] == '\0' ? first : x->path,
                       s->corpus[0] == '\0' ? x->path : first);
    } else if (strcmp(s->corpus, other) != 0) {
        difference_keys(s->corpus, other, keys, sizeof keys);
        (void)snprintf(s->difference, sizeof s->difference,
                       "%.90s: its losses do not compare with those of %.90s, which differs in %s",
                       x->path, first, keys);
    }
}

/* Frontiers of several studies are filtered against each other by losses of one corpus. */
static enum status check_corpora(struct sources *s, bool mixed, struct status_why *why)
{
    enum status st = STATUS_OK;
    char *other = NULL;
    STATUS_TRY(corpus_read(s->sources[0].file, &s->corpus, why));
    for (size_t i = 1; i < s->n && s->difference[0] == '\0'; i++) {
        STATUS_TRY(corpus_read(s->sources[i].file, &other, why));
        compare_corpora(s, &s->sources[i], other);
        free(other);
        other = NULL;
    }
    if (s->difference[0] != '\0' && !mixed) {
        st = status_fail(why, STATUS_INPUT, "%s; --mixed unites them all the same", s->difference);
    }
out:
    free(other);
    return st;
}

static enum status open_all(struct sources *s, const char *const paths[], bool mixed,
                            struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n_rows = 0, n_shards = 0, n_levels = 0;
    for (size_t i = 0; i < s->n; i++) {
        STATUS_TRY(open_source(paths[i], &s->sources[i], why));
        s->sources[i].first = n_rows;
        n_rows += s->sources[i].n_rows;
        n_shards += s->sources[i].n_shards > 0;
    }
    if (n_shards > 0 && n_shards < s->n) {
        for (size_t i = 0; i < s->n; i++) {
            if ((s->sources[i].n_shards > 0) != (s->sources[0].n_shards > 0)) {
                st = status_fail(why, STATUS_INPUT,
                                 "%s: shards and whole frontiers cannot be united: %s",
                                 s->sources[i].path, s->sources[0].path);
                goto out;
            }
        }
    }
    s->are_shards = n_shards > 0;
    if (s->are_shards) {
        STATUS_TRY(check_shards(s, why));
    }
    STATUS_TRY(check_objectives(s, why));
    if (!s->are_shards) {
        STATUS_TRY(check_corpora(s, mixed, why));
    }
    STATUS_TRY(find_columns(s, why));
    if (s->are_shards) {
        make_space(s, s->sources[0].n_levels, s->sources[0].n_decisions);
    } else {
        STATUS_TRY(unite_levels(s, &n_levels, why));
        make_space(s, n_levels, n_rows);
    }
out:
    return st;
}

enum status sources_open(MPI_Comm comm, const char *const paths[], size_t n, bool mixed,
                         struct sources *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(made, 0, sizeof *made);
    made->sources = calloc(n, sizeof *made->sources);
    if (made->sources == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu files", n);
    } else {
        made->n = n;
        st = open_all(made, paths, mixed, why);
    }
    st = team_agree(comm, st, why);
    if (st != STATUS_OK) {
        sources_clear(made);
    }
    return st;
}

void sources_clear(struct sources *s)
{
    for (size_t c = 0; c < s->n_columns; c++) {
        column_clear(&s->columns[c], s->n);
    }
    for (size_t i = 0; s->sources != NULL && i < s->n; i++) {
        free(s->sources[i].levels);
        h5_close(s->sources[i].file);
    }
    free(s->corpus);
    free(s->columns);
    free(s->sources);
    memset(s, 0, sizeof *s);
}

enum status sources_keys(const struct sources *s, size_t source, size_t begin, size_t n,
                         uint64_t keys[], struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct source *x = &s->sources[source];
    STATUS_TRY(h5_read_rows(x->file, "/frontier/configuration", H5_UINT64, begin, n, keys, why));
    for (size_t i = 0; i < n; i++) {
        if (keys[i] / x->n_decisions >= x->n_levels) {
            st = status_fail(why, STATUS_IO, "%s: row %zu is of no scenario level", x->path,
                             begin + i);
            goto out;
        }
        if (!s->are_shards) {
            keys[i] = x->levels[keys[i] / x->n_decisions] * space_n_decisions(&s->space) + x->first
                      + begin + i;
        }
    }
out:
    return st;
}

enum status sources_points(const struct sources *s, size_t source, size_t begin, size_t n,
                           double x[], struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = s->problem.n_objectives;
    double *column = malloc((n + 1) * sizeof *column);
    if (column == NULL) {
        return no_memory(&s->sources[source], why);
    }
    for (size_t k = 0; k < m; k++) {
        char path[PATH_SIZE];
        column_path(s->problem.objectives[k].name, path);
        STATUS_TRY(h5_read_rows(s->sources[source].file, path, H5_DOUBLE, begin, n, column, why));
        for (size_t i = 0; i < n; i++) {
            x[i * m + k] = s->problem.objectives[k].maximise ? 0.0 - column[i] : column[i];
        }
    }
out:
    free(column);
    return st;
}

enum status sources_values(const struct sources *s, size_t source, size_t column, size_t begin,
                           size_t n, void *values, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct source_column *c = &s->columns[column];
    char path[PATH_SIZE];
    column_path(c->name, path);
    STATUS_TRY(h5_read_rows(s->sources[source].file, path, c->type, begin, n, values, why));
    for (size_t i = 0; !s->are_shards && c->n_meanings > 0 && c->type == H5_INT32 && i < n; i++) {
        int32_t *code = (int32_t *)values + i;
        if (*code < 0 || (size_t)*code >= c->n_codes[source]) {
            st = status_fail(why, STATUS_IO, "%s: %s: row %zu: %d is no code of its categories",
                             s->sources[source].path, path, begin + i, (int)*code);
            goto out;
        }
        *code = c->codes[source][*code];
    }
out:
    return st;
}
