#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inputs/lock.h"
#include "inputs/meter_file.h"
#include "inputs/text/digest.h"
#include "inputs/text/opened.h"
#include "jobs/corpus.h"
#include "jobs/frontier.h"
#include "jobs/job.h"
#include "jobs/sources.h"
#include "jobs/textfile.h"
#include "search/front/frontier.h"
#include "search/front/quality_file.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"

enum { PIECE = 65536, PATH_SIZE = 256 };

/* Where a result says of which files it was made; under /run, so that merged shards keep the digest
 * of the one run. */
#define INPUTS_DIGEST "/run/inputs_digest"

/* Where a row of the united frontier comes from. */
struct origin {
    size_t source, row, at; /* at: among the rows of this rank */
};

struct merge {
    MPI_Comm comm;
    const struct job_arguments *arguments;
    struct lock *lock; /* of the result */
    struct sources sources;
    struct frontier frontier;
    struct origin *origins; /* [n_mine] by source, then row */
};

/* Offer this rank's part of the rows of one file to the fronts of their levels. */
static enum status offer_rows(const struct sources *s, size_t source, struct team_range part,
                              struct pareto *fronts[], struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = s->problem.n_objectives;
    const uint64_t n_decisions = space_n_decisions(&s->space);
    uint64_t *keys = malloc(PIECE * sizeof *keys);
    double *x = malloc(PIECE * m * sizeof *x);

    if (keys == NULL || x == NULL) {
        st = status_fail(why, STATUS_MEMORY, "merge: %d rows", PIECE);
    }
    STATUS_TRY(st);
    for (size_t begin = part.begin; begin < part.end; begin += PIECE) {
        const size_t n = part.end - begin < PIECE ? part.end - begin : PIECE;
        STATUS_TRY(sources_keys(s, source, begin, n, keys, why));
        STATUS_TRY(sources_points(s, source, begin, n, x, why));
        for (size_t i = 0; i < n; i++) {
            struct pareto **front = &fronts[keys[i] / n_decisions];
            if (*front == NULL) {
                STATUS_TRY(pareto_create(m, front, why));
            }
            STATUS_TRY(pareto_offer(*front, 1, x + i * m, 1, &keys[i], 0, why));
        }
    }
out:
    free(keys);
    free(x);
    return st;
}

/* Filter the rows of all files against each other. */
static enum status filter(struct merge *g, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct sources *s = &g->sources;
    const size_t n_levels = (size_t)space_n_scenarios(&s->space);
    struct pareto **fronts = calloc(n_levels, sizeof(struct pareto *));

    if (fronts == NULL) {
        st = status_fail(why, STATUS_MEMORY, "merge: %zu scenario levels", n_levels);
    }
    for (size_t i = 0; st == STATUS_OK && i < s->n; i++) {
        const struct team_range part =
            team_share(s->sources[i].n_rows, team_rank(g->comm), team_size(g->comm));
        st = offer_rows(s, i, part, fronts, why);
    }
    for (size_t k = 0; st == STATUS_OK && k < n_levels; k++) {
        st = fronts[k] != NULL ? pareto_settle(fronts[k], why) : STATUS_OK;
    }
    STATUS_TRY(team_agree(g->comm, st, why));
    STATUS_TRY(frontier_merge(g->comm, &s->problem, fronts, n_levels, FRONTIER_MOST_GATHERED,
                              &g->frontier, why));
out:
    for (size_t k = 0; fronts != NULL && k < n_levels; k++) {
        pareto_destroy(fronts[k]);
    }
    free(fronts);
    return st;
}

struct wanted {
    uint64_t key;
    size_t at;
    bool is_found;
};

static int wanted_compare(const void *left, const void *right)
{
    const struct wanted *a = left, *b = right;
    return (a->key > b->key) - (a->key < b->key);
}

/* Find the rows of this rank in the files; several shards may have one, all alike. */
static enum status find_origins(struct merge *g, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct sources *s = &g->sources;
    const size_t n = g->frontier.n_mine;
    size_t n_found = 0;
    struct wanted *wanted = calloc(n + 1, sizeof *wanted);
    uint64_t *keys = malloc(PIECE * sizeof *keys);

    g->origins = malloc((n + 1) * sizeof *g->origins);
    if (wanted == NULL || keys == NULL || g->origins == NULL) {
        st = status_fail(why, STATUS_MEMORY, "merge: %zu rows", n);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < n; i++) {
        wanted[i] = (struct wanted){g->frontier.configurations[i], i, false};
    }
    qsort(wanted, n, sizeof *wanted, wanted_compare);
    for (size_t source = 0; source < s->n; source++) {
        const size_t n_rows = s->sources[source].n_rows;
        for (size_t begin = 0; begin < n_rows; begin += PIECE) {
            const size_t here = n_rows - begin < PIECE ? n_rows - begin : PIECE;
            STATUS_TRY(sources_keys(s, source, begin, here, keys, why));
            for (size_t i = 0; i < here; i++) {
                const struct wanted key = {.key = keys[i]};
                struct wanted *found = bsearch(&key, wanted, n, sizeof *wanted, wanted_compare);
                if (found != NULL && !found->is_found) {
                    found->is_found = true;
                    g->origins[n_found++] = (struct origin){source, begin + i, found->at};
                }
            }
        }
    }
    STATUS_ASSERT(n_found == n);
out:
    free(wanted);
    free(keys);
    return st;
}

/* Values of a column in the rows of this rank. \param [out] values  [n_mine] */
static enum status gather_column(const struct merge *g, size_t column, char values[],
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = g->frontier.n_mine;
    const size_t size = sources_size(g->sources.columns[column].type);
    char *piece = malloc(PIECE * size);
    if (piece == NULL) {
        return status_fail(why, STATUS_MEMORY, "merge: %d rows", PIECE);
    }
    for (size_t i = 0; i < n;) {
        const struct origin *first = &g->origins[i];
        size_t end = i;
        while (end < n && g->origins[end].source == first->source
               && g->origins[end].row < first->row + PIECE) {
            end++;
        }
        STATUS_TRY(sources_values(&g->sources, first->source, column, first->row,
                                  g->origins[end - 1].row + 1 - first->row, piece, why));
        for (; i < end; i++) {
            memcpy(values + g->origins[i].at * size,
                   piece + (g->origins[i].row - first->row) * size, size);
        }
    }
out:
    free(piece);
    return st;
}

/* Written anew: the box, and of several studies the categories. */
static const char *const anew[] = {
    "ideal",           "reference",   "multiple_of",   "factor_least",
    "factor_greatest", "flag_values", "flag_meanings", NULL};
static const char *const anew_of_shards[] = {"ideal",        "reference",       "multiple_of",
                                             "factor_least", "factor_greatest", NULL};

static enum status write_column(struct merge *g, struct h5 *file, size_t column,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct source_column *c = &g->sources.columns[column];
    const bool is_one = g->sources.are_shards;
    char path[PATH_SIZE];
    char *values = malloc((g->frontier.n_mine + 1) * sources_size(c->type));

    (void)snprintf(path, sizeof path, "/frontier/%s", c->name);
    st = values == NULL ? status_fail(why, STATUS_MEMORY, "merge: %zu rows", g->frontier.n_mine)
                        : gather_column(g, column, values, why);
    STATUS_TRY(team_agree(g->comm, st, why));
    const struct h5_column written = {.path = path,
                                      .type = c->type,
                                      .values = values,
                                      .n_rows = g->frontier.n_rows,
                                      .dimension = "/frontier/point",
                                      .n_flags = is_one ? 0 : c->n_meanings,
                                      .flag_meanings = (const char *const *)c->meanings};
    STATUS_TRY(h5_write_column(file, &written, why));
    STATUS_TRY(h5_copy_attributes(file, g->sources.sources[0].file, path,
                                  is_one ? anew_of_shards : anew, why));
out:
    free(values);
    return st;
}

/* Which file a row comes from, for frontiers of several studies. */
static enum status write_source(struct merge *g, struct h5 *file, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = g->frontier.n_mine;
    int32_t *codes = malloc((n + 1) * sizeof *codes);
    const char **names = malloc(g->sources.n * sizeof *names);
    if (codes == NULL || names == NULL) {
        st = status_fail(why, STATUS_MEMORY, "merge: %zu rows", n);
    }
    STATUS_TRY(team_agree(g->comm, st, why));
    STATUS_ASSERT(codes != NULL && names != NULL);
    for (size_t i = 0; i < n; i++) {
        codes[g->origins[i].at] = (int32_t)g->origins[i].source;
    }
    for (size_t i = 0; i < g->sources.n; i++) {
        names[i] = g->sources.sources[i].path;
    }
    const struct h5_column written = {.path = "/frontier/source",
                                      .type = H5_INT32,
                                      .values = codes,
                                      .n_rows = g->frontier.n_rows,
                                      .dimension = "/frontier/point",
                                      .long_name = "file that the row comes from",
                                      .n_flags = g->sources.n,
                                      .flag_meanings = names};
    STATUS_TRY(h5_write_column(file, &written, why));
    STATUS_TRY(h5_write_text_attribute(file, "/frontier/source", "role", "decision", why));
out:
    free(codes);
    free(names);
    return st;
}

static enum status write_frontier(struct merge *g, struct h5 *file, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct sources *s = &g->sources;
    STATUS_TRY(h5_write_group(file, "/frontier", why));
    STATUS_TRY(h5_write_count_attribute(file, "/frontier", "n_scenarios",
                                        space_n_scenarios(&s->space), why));
    STATUS_TRY(
        h5_write_count_attribute(file, "/frontier", "n_objectives", s->problem.n_objectives, why));
    STATUS_TRY(h5_write_dimension(file, "/frontier/point", g->frontier.n_rows, why));
    for (size_t c = 0; c < s->n_columns; c++) {
        STATUS_TRY(write_column(g, file, c, why));
    }
    if (!s->are_shards) {
        STATUS_TRY(write_source(g, file, why));
    }
out:
    return st;
}

/* What is a multiple in every study is one in their union, by one constant a level. */
static void unite_multiples(struct multiple *m, const struct multiple *other)
{
    m->is = m->is && other->is && m->of == other->of;
    m->least = fmin(m->least, other->least);
    m->greatest = fmax(m->greatest, other->greatest);
}

/* The box that holds those of all studies. */
static enum status unite_boxes(const struct merge *g, struct quality_box *box,
                               struct quality_options *options, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct problem *p = &g->sources.problem;
    STATUS_TRY(quality_file_read_terms(g->sources.sources[0].file, p, box, options, why));
    for (size_t i = 1; i < g->sources.n; i++) {
        struct quality_box other;
        struct quality_options ignored;
        STATUS_TRY(quality_file_read_terms(g->sources.sources[i].file, p, &other, &ignored, why));
        for (size_t j = 0; j < p->n_objectives; j++) {
            const bool more = p->objectives[j].maximise;
            if (more ? other.ideal[j] > box->ideal[j] : other.ideal[j] < box->ideal[j]) {
                box->ideal[j] = other.ideal[j];
            }
            if (more ? other.reference[j] < box->reference[j]
                     : other.reference[j] > box->reference[j]) {
                box->reference[j] = other.reference[j];
            }
            unite_multiples(&box->multiples[j], &other.multiples[j]);
        }
    }
out:
    return st;
}

/* What was searched: of shards what one run says of it, else the sums. */
static enum status write_search(struct merge *g, struct h5 *file, struct status_why *why)
{
    static const char *const not_of_the_whole[] = {"n_rows", "shard", "n_shards", "seed", NULL};
    enum status st = STATUS_OK;
    const struct sources *s = &g->sources;
    struct h5 *first = s->sources[0].file;

    STATUS_TRY(h5_write_group(file, "/search", why));
    STATUS_TRY(h5_write_count_attribute(file, "/search", "n_rows", g->frontier.n_rows, why));
    if (s->are_shards) {
        STATUS_TRY(h5_copy_attributes(file, first, "/search", not_of_the_whole, why));
        if (h5_exists(first, "/search/removed")) {
            STATUS_TRY(h5_copy(file, first, "/search/removed", why));
        }
        if (g->frontier.n_rows == 0 && h5_exists(first, FRONTIER_LIMITS)) {
            STATUS_TRY(h5_copy(file, first, FRONTIER_LIMITS, why));
        }
    } else {
        STATUS_TRY(h5_write_text_attribute(file, "/search", "path", "merge", why));
        STATUS_TRY(h5_write_count_attribute(file, "/search", "n_scenarios",
                                            space_n_scenarios(&s->space), why));
        STATUS_TRY(h5_write_count_attribute(file, "/search", "n_decisions",
                                            space_n_decisions(&s->space), why));
    }
out:
    return st;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What identifies one file: its content, and of a study its path, which the column `source` names.
 * \param [out] text  the caller frees it; NULL where the file has no digest */
static enum status identify(const char *path, char **text, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *file = NULL;
    char *digest = NULL;
    *text = NULL;
    STATUS_TRY(h5_open(MPI_COMM_SELF, path, &file, why));
    if (h5_exists(file, "/run/content_digest")) {
        STATUS_TRY(h5_read_text(file, "/run/content_digest", &digest, why));
        const bool is_shard = h5_has_attribute(file, "/search", "shard");
        const size_t size = strlen(digest) + strlen(path) + 2;
        *text = malloc(size);
        if (*text == NULL) {
            st = status_fail(why, STATUS_MEMORY, "%s: digest", path);
            goto out;
        }
        (void)snprintf(*text, size, "%s %s", digest, is_shard ? "" : path);
    }
out:
    free(digest);
    h5_close(file);
    return st;
}

/* Digest of what the result is made of; shards may come in any order. Empty where one of the files
 * has none. */
static enum status identify_all(const struct job_arguments *a, char digest[DIGEST_SIZE],
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    char **texts = calloc(a->n_more + 1, sizeof *texts), *all = NULL;
    size_t n = 0, size = 0;
    FILE *f = open_memstream(&all, &size);
    digest[0] = '\0';
    if (texts == NULL || f == NULL) {
        st = status_fail(why, STATUS_MEMORY, "merge: %zu files", a->n_more);
    }
    STATUS_TRY(st);
    for (; n < a->n_more; n++) {
        STATUS_TRY(identify(a->more[n], &texts[n], why));
        if (texts[n] == NULL) {
            goto out;
        }
    }
    if (texts[0] != NULL && texts[0][strlen(texts[0]) - 1] == ' ') {
        qsort(texts, n, sizeof *texts, compare_texts);
    }
    escape_fprint(f, "%s %d", SCALEFRONT_VERSION, a->mixed);
    for (size_t i = 0; i < n; i++) {
        escape_fprint(f, "\n%s", texts[i]);
    }
    if (fflush(f) != 0) {
        st = status_fail(why, STATUS_MEMORY, "merge: %zu files", a->n_more);
        goto out;
    }
    digest_of(all, size, digest);
out:
    if (f != NULL) {
        (void)fclose(f);
    }
    for (size_t i = 0; texts != NULL && i < n; i++) {
        free(texts[i]);
    }
    free(texts);
    free(all);
    return st;
}

/* Counts of what all files say of their runs. */
static enum status write_run(struct merge *g, struct h5 *file, struct status_why *why)
{
    static const char *const names[] = {"n_evaluated", "n_feasible", "n_undefined", "n_duplicates",
                                        "n_survivors"};
    enum status st = STATUS_OK;
    char digest[DIGEST_SIZE];
    STATUS_TRY(h5_write_group(file, "/run", why));
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < g->sources.n; i++) {
            uint64_t value = 0;
            if (h5_has_attribute(g->sources.sources[i].file, "/run", names[k])) {
                STATUS_TRY(h5_read_count_attribute(g->sources.sources[i].file, "/run", names[k],
                                                   &value, why));
            }
            sum += value;
        }
        STATUS_TRY(h5_write_count_attribute(file, "/run", names[k], sum, why));
    }
    STATUS_TRY(h5_write_count_attribute(file, "/run", "n_merged", g->sources.n, why));
    STATUS_TRY(team_agree(g->comm, identify_all(g->arguments, digest, why), why));
    if (digest[0] != '\0') {
        STATUS_TRY(h5_write_text(file, INPUTS_DIGEST, digest, why));
    }
    if (!g->sources.are_shards && g->sources.difference[0] == '\0') {
        STATUS_TRY(h5_write_text(file, CORPUS_UNITED, g->sources.corpus, why));
    }
    STATUS_TRY(meter_file_write(g->comm, file, why));
out:
    return st;
}

/* What the result says of its studies. */
static enum status write_study(struct merge *g, struct h5 *file, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *first = g->sources.sources[0].file;
    if (g->sources.are_shards) {
        STATUS_TRY(h5_copy_attributes(file, first, "/", NULL, why));
        STATUS_TRY(h5_copy(file, first, "/study", why));
        if (h5_exists(first, "/fit")) {
            STATUS_TRY(h5_copy(file, first, "/fit", why));
        }
    } else {
        STATUS_TRY(h5_write_text_attribute(file, "/", "Conventions", "CF-1.8", why));
        STATUS_TRY(
            h5_write_text_attribute(file, "/", "title", "frontiers of several studies", why));
        STATUS_TRY(h5_write_group(file, "/study", why));
        STATUS_TRY(h5_write_text_attribute(file, "/study", "job", "merge", why));
        if (g->sources.difference[0] != '\0') {
            STATUS_TRY(h5_write_text(file, CORPUS_MIXED, g->sources.difference, why));
        }
    }
out:
    return st;
}

static enum status write_all(struct merge *g, const char *path, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *file = NULL;
    struct quality_box box;
    struct quality_options options;
    char digest[DIGEST_SIZE];

    STATUS_TRY(team_agree(g->comm, unite_boxes(g, &box, &options, why), why));
    (void)meter_begin(METER_WRITE);
    STATUS_TRY(h5_create(g->comm, path, &file, why));
    STATUS_TRY(write_study(g, file, why));
    STATUS_TRY(write_frontier(g, file, why));
    STATUS_TRY(write_search(g, file, why));
    STATUS_TRY(quality_file_add(g->comm, file, &g->sources.problem, &g->frontier, &box, &options,
                                NULL, why));
    STATUS_TRY(write_run(g, file, why));
    STATUS_TRY(lock_check(g->lock, why));
    st = h5_commit(file, digest, why);
    file = NULL;
    STATUS_TRY(st);
    log_line(LOG_INFO, "result file=%s content_digest=%.16s", path, digest);
out:
    h5_abandon(file);
    return st;
}

/* Whether the result is there, made of these files. */
static bool is_made(const struct job_arguments *a, bool *is_empty)
{
    struct h5 *old = NULL;
    char *made_of = NULL, digest[DIGEST_SIZE];
    uint64_t n_rows = 0;
    struct status_why ignored; /* what is no such result is judged as any other file */
    status_clear(&ignored);
    bool is = h5_open(MPI_COMM_SELF, a->file, &old, &ignored) == STATUS_OK
              && h5_exists(old, INPUTS_DIGEST)
              && h5_read_text(old, INPUTS_DIGEST, &made_of, &ignored) == STATUS_OK
              && identify_all(a, digest, &ignored) == STATUS_OK && strcmp(digest, made_of) == 0
              && h5_read_count_attribute(old, "/search", "n_rows", &n_rows, &ignored) == STATUS_OK;
    *is_empty = is && n_rows == 0;
    free(made_of);
    h5_close(old);
    return is;
}

/* The result must be no folder and no source of itself. */
static enum status check_output(MPI_Comm comm, const struct job_arguments *a,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    if (a->n_more == 0) {
        st = status_fail(why, STATUS_INPUT, "merge: expected files to unite behind the result %s",
                         a->file);
    }
    for (size_t i = 0; i < a->n_more && st == STATUS_OK; i++) {
        st = opened_note(a->more[i], why);
    }
    if (st == STATUS_OK && team_rank(comm) == 0) {
        st = textfile_check(a->file, true, why);
    }
    return team_agree(comm, st, why);
}

/* What is at the path of the result: nothing, this result already, or a file that only --force
 * replaces. Reading it notes it as an input, so check_output comes before.
 * \param [out] found  it is complete, and has no row */
static enum status look_at_existing(MPI_Comm comm, const struct job_arguments *a, bool found[2],
                                    struct status_why *why)
{
    enum status st = STATUS_OK;
    found[0] = found[1] = false;
    if (team_rank(comm) == 0 && access(a->file, F_OK) == 0) {
        found[0] = is_made(a, &found[1]);
        if (!found[0] && !a->force) {
            st = status_fail(why, STATUS_INPUT,
                             "%s: exists, and was not made of these files; --force replaces it",
                             a->file);
        }
    }
    team_fill(comm, found, 2 * sizeof *found);
    return team_agree(comm, st, why);
}

static enum status no_rows(const struct job_arguments *a, struct status_why *why)
{
    return status_fail(why, STATUS_NO, "%s: no configuration is feasible", a->file);
}

static enum status run(MPI_Comm comm, const struct job_arguments *a, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct merge g = {.comm = comm, .arguments = a};
    bool found[2];
    STATUS_TRY(check_output(comm, a, why));
    STATUS_TRY(look_at_existing(comm, a, found, why));
    if (!found[0]) {
        STATUS_TRY(lock_take(comm, a->file, NULL, &g.lock, why));
        STATUS_TRY(look_at_existing(comm, a, found, why)); /* another run may just have ended */
    }
    if (found[0]) {
        log_line(LOG_INFO, "merge already complete file=%s", a->file);
        st = found[1] ? no_rows(a, why) : STATUS_OK;
        goto out;
    }
    STATUS_TRY(h5_check_output(comm, a->file, why));
    STATUS_TRY(sources_open(comm, a->more, a->n_more, a->mixed, &g.sources, why));
    if (g.sources.difference[0] != '\0') {
        log_line(LOG_WARNING, "%s", g.sources.difference);
    }
    (void)meter_begin(METER_SEARCH);
    STATUS_TRY(filter(&g, why));
    STATUS_TRY(team_agree(comm, find_origins(&g, why), why));
    log_line(LOG_INFO, "merge files=%zu kind=%s rows=%zu", g.sources.n,
             g.sources.are_shards ? "shards" : "studies", g.frontier.n_rows);
    STATUS_TRY(write_all(&g, a->file, why));
    if (team_rank(comm) == 0) {
        escape_print("%zu rows on the frontier of %zu files: %s\n", g.frontier.n_rows, g.sources.n,
                     a->file);
    }
    if (g.frontier.n_rows == 0) {
        st = no_rows(a, why);
    }
out:
    free(g.origins);
    frontier_clear(&g.frontier);
    sources_clear(&g.sources);
    lock_release(g.lock);
    return st;
}

const struct job merge_job = {
    .name = "merge",
    .takes = "RESULT.h5 FILE.h5...",
    .help = "unite the shards of a search, or frontiers of several studies",
    .detail =
        "Shards, written by `frontier --shard I/N`, become what one run would have written, with\n"
        "the same content digest; one that is missing or given twice is refused. Frontiers of\n"
        "several studies with the same objectives and scenario axes become one, whose column\n"
        "`source` says which file a row comes from; those of other laws or runs need --mixed.\n"
        "Exit code 6: no row at all.",
    .options = JOB_FILES,
    .run = run,
};
