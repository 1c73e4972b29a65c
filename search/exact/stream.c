#define _POSIX_C_SOURCE 200809L
#include "search/exact/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"

enum {
    LONGEST_BLOCK = 65536, /* configurations dealt at once, */
    SHORTEST_BLOCK = 2048, /* fewer when the space is small, */
    WANTED_BLOCKS = 4096,  /* so that there is work for many ranks */
    LONGEST_PIECE = 2048,  /* configurations evaluated at once, */
    SHORTEST_PIECE = 256,  /* fewer when they have many outcomes, */
    PIECE_BYTES = 24576,   /* so that the values stay in the first-level cache */
    DESCRIPTION_SIZE = 512
};

/* The search of one rank. */
struct stream {
    const struct problem *problem;
    const struct path_options *options;
    uint64_t size, n_decisions, block;
    struct pareto **fronts; /* [n_scenarios], made when the first configuration comes */
    size_t n_scenarios;
    size_t piece;
    double *values;      /* [n_objectives + n_constraints][piece] */
    uint64_t *indices;   /* [piece] of the feasible configurations of a piece */
    uint64_t *survivors; /* [n_room] of a block */
    size_t n_room;
    uint64_t n_evaluated, n_feasible, n_undefined;
};

static uint64_t divide_up(uint64_t n, uint64_t by)
{
    return n / by + (n % by != 0);
}

static uint64_t block_length(const struct space *space)
{
    const uint64_t even = divide_up(space_size(space), WANTED_BLOCKS);
    return even < SHORTEST_BLOCK ? SHORTEST_BLOCK : even > LONGEST_BLOCK ? LONGEST_BLOCK : even;
}

size_t stream_n_blocks(const struct space *space)
{
    return (size_t)divide_up(space_size(space), block_length(space));
}

static size_t piece_length(size_t n_outcomes)
{
    const size_t fits = PIECE_BYTES / (n_outcomes * sizeof(double)) / 8 * 8;
    return fits < SHORTEST_PIECE ? SHORTEST_PIECE : fits > LONGEST_PIECE ? LONGEST_PIECE : fits;
}

static void stream_clear(struct stream *s)
{
    for (size_t level = 0; s->fronts != NULL && level < s->n_scenarios; level++) {
        pareto_destroy(s->fronts[level]);
    }
    free(s->fronts);
    free(s->values);
    free(s->indices);
    free(s->survivors);
}

static enum status stream_init(struct stream *s, const struct problem *problem,
                               const struct path_options *options, struct status_why *why)
{
    const size_t n_outcomes = problem->n_objectives + problem->n_constraints;

    STATUS_ASSERT(1 <= problem->n_objectives && problem->n_objectives <= PROBLEM_MAX_OBJECTIVES);
    STATUS_ASSERT(problem->n_constraints <= PROBLEM_MAX_CONSTRAINTS);
    *s = (struct stream){.problem = problem, .options = options};
    s->size = space_size(problem->space);
    s->n_decisions = space_n_decisions(problem->space);
    s->n_scenarios = (size_t)space_n_scenarios(problem->space);
    s->block = block_length(problem->space);
    s->piece = piece_length(n_outcomes);
    s->fronts = calloc(s->n_scenarios, sizeof(struct pareto *));
    s->values = aligned_alloc(64, n_outcomes * s->piece * sizeof *s->values);
    s->indices = malloc(s->piece * sizeof *s->indices);
    return s->fronts != NULL && s->values != NULL && s->indices != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "search: fronts of %zu scenario levels",
                             s->n_scenarios);
}

static size_t count(size_t n, const unsigned char marks[])
{
    size_t n_marked = 0;
    for (size_t i = 0; i < n; i++) {
        n_marked += marks[i];
    }
    return n_marked;
}

/* Mark which configurations of a piece have all outcomes. */
static void mark_defined(struct stream *s, size_t n, unsigned char defined[])
{
    const struct problem *p = s->problem;
    memset(defined, 1, n);
    for (size_t k = 0; p->is_partial && k < p->n_objectives + p->n_constraints; k++) {
        const double *x = s->values + k * s->piece;
        for (size_t i = 0; i < n; i++) {
            defined[i] &= (unsigned char)(x[i] == x[i]); /* not NaN */
        }
    }
    s->n_undefined += p->is_partial ? n - count(n, defined) : 0;
}

/* Mark which of them lie within every constraint too. */
static size_t mark_feasible(struct stream *s, size_t n, unsigned char feasible[])
{
    const struct problem *p = s->problem;
    mark_defined(s, n, feasible);
    for (size_t c = 0; c < p->n_constraints; c++) {
        const double *x = s->values + (p->n_objectives + c) * s->piece;
        const double lower = p->constraints[c].lower, upper = p->constraints[c].upper;
        for (size_t i = 0; i < n; i++) {
            feasible[i] &= (unsigned char)((x[i] >= lower) & (x[i] <= upper));
        }
    }
    return count(n, feasible);
}

/* Move the objectives of the feasible configurations to the front of their columns. */
static void keep_feasible(struct stream *s, uint64_t begin, size_t n,
                          const unsigned char feasible[])
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        s->indices[n_kept] = begin + i;
        n_kept += feasible[i];
    }
    for (size_t j = 0; j < s->problem->n_objectives; j++) {
        double *x = s->values + j * s->piece;
        for (size_t i = 0; i < n_kept; i++) {
            /* Written above. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
            x[i] = x[s->indices[i] - begin];
        }
    }
}

static enum status refuse(const struct problem *p, size_t objective, double x,
                          uint64_t configuration, struct status_why *why)
{
    char text[DESCRIPTION_SIZE];
    space_describe(p->space, configuration, sizeof text, text);
    return status_fail(why, STATUS_INPUT,
                       "objective %s is %s where it must be finite: configuration %llu (%s)",
                       p->objectives[objective].name, isnan(x) ? "not a number" : "infinite",
                       (unsigned long long)configuration, text);
}

/* Bring the first n values of each objective into the form that is compared. */
static enum status make_comparable(struct stream *s, size_t n, struct status_why *why)
{
    const struct problem *p = s->problem;
    for (size_t j = 0; j < p->n_objectives; j++) {
        double *x = s->values + j * s->piece;
        int all_finite = 1;
        pareto_round(n, x);
        for (size_t i = 0; i < n; i++) {
            all_finite &= fabs(x[i]) < (double)INFINITY;
        }
        for (size_t i = 0; !all_finite && i < n; i++) {
            if (!isfinite(x[i])) {
                return refuse(p, j, x[i], s->indices[i], why);
            }
        }
        for (size_t i = 0; p->objectives[j].maximise && i < n; i++) {
            x[i] = -x[i];
        }
    }
    return STATUS_OK;
}

/* Evaluate configurations of one scenario level, at most a piece, and offer them to its front. */
static enum status do_piece(struct stream *s, uint64_t begin, size_t n, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct problem *p = s->problem;
    struct pareto **front = &s->fronts[begin / s->n_decisions];
    unsigned char feasible[LONGEST_PIECE];

    if (*front == NULL) {
        STATUS_TRY(pareto_create(p->n_objectives, front, why));
    }
    p->evaluate(p->context, begin, n, s->values, s->piece);
    const size_t n_feasible = mark_feasible(s, n, feasible);
    s->n_evaluated += n;
    s->n_feasible += n_feasible;
    keep_feasible(s, begin, n, feasible);
    STATUS_TRY(make_comparable(s, n_feasible, why));
    STATUS_TRY(pareto_offer(*front, n_feasible, s->values, s->piece, s->indices, 0, why));
out:
    return st;
}

/* Length of the piece that begins at \a begin: within the cache, the range and the level. */
static size_t piece_at(const struct stream *s, uint64_t begin, uint64_t end)
{
    const uint64_t level_left = s->n_decisions - begin % s->n_decisions;
    const uint64_t left = end - begin < level_left ? end - begin : level_left;
    return left < s->piece ? (size_t)left : s->piece;
}

/* Hand the caller what is left of a block. */
static enum status record_block(struct stream *s, size_t block, uint64_t begin, uint64_t end,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n = 0;
    for (uint64_t level = begin / s->n_decisions; level <= (end - 1) / s->n_decisions; level++) {
        const struct pareto *front = s->fronts[level];
        /* At most the whole block survives. */
        n += pareto_between(front, begin, end, s->n_room - n, s->survivors + n);
    }
    STATUS_TRY(s->options->record(s->options->context, block, s->survivors, n, why));
out:
    return st;
}

static enum status settle(struct stream *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t level = 0; level < s->n_scenarios; level++) {
        if (s->fronts[level] != NULL) {
            STATUS_TRY(pareto_settle(s->fronts[level], why));
        }
    }
out:
    return st;
}

/* Let the trace see the fronts. */
static enum status sample(struct stream *s, struct status_why *why)
{
    enum status st;
    const size_t m = s->problem->n_objectives;
    struct rows found = {0};
    size_t n = 0;
    STATUS_TRY(settle(s, why));
    for (size_t level = 0; level < s->n_scenarios; level++) {
        n += s->fronts[level] != NULL ? pareto_size(s->fronts[level]) : 0;
    }
    if (!trace_affords(s->options->trace, n)) {
        return st;
    }
    STATUS_TRY(rows_create(m, n, &found, why));
    found.n = 0;
    for (size_t level = 0; level < s->n_scenarios; level++) {
        const struct pareto *front = s->fronts[level];
        for (size_t i = 0; front != NULL && i < pareto_size(front); i++) {
            memcpy(found.x + found.n * m, pareto_point(front, i), m * sizeof *found.x);
            found.indices[found.n++] = pareto_index(front, i);
        }
    }
    STATUS_TRY(trace_take(s->options->trace, &found, why));
out:
    rows_clear(&found);
    return st;
}

static enum status do_block(void *context, size_t block, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct stream *s = context;
    const uint64_t begin = block * s->block;
    const uint64_t end = s->size - begin < s->block ? s->size : begin + s->block;

    for (uint64_t at = begin; at < end;) {
        const size_t n = piece_at(s, at, end);
        STATUS_TRY(do_piece(s, at, n, why));
        at += n;
    }
    if (s->options->record != NULL) {
        STATUS_TRY(record_block(s, block, begin, end, why));
    }
    if (trace_is_due(s->options->trace)) {
        STATUS_TRY(sample(s, why));
    }
out:
    return st;
}

/* Offer this rank's share of the survivors of an interrupted run, runs of neighbours together. */
static enum status offer_again(struct stream *s, struct team_range share, struct status_why *why)
{
    enum status st = STATUS_OK;
    const uint64_t *known = s->options->survivors;
    for (size_t i = share.begin; i < share.end;) {
        size_t n = 1;
        STATUS_ASSERT(known[i] < s->size);
        const size_t most = piece_at(s, known[i], s->size);
        while (n < most && i + n < share.end && known[i + n] == known[i] + n) {
            n++;
        }
        STATUS_TRY(do_piece(s, known[i], n, why));
        i += n;
    }
out:
    s->n_evaluated = 0; /* they were counted by the run that found them */
    s->n_feasible = 0;
    s->n_undefined = 0;
    return st;
}

/* What a rank does before the blocks are dealt. */
static enum status prepare(MPI_Comm comm, struct stream *s, const struct problem *problem,
                           const struct path_options *options, struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_TRY(stream_init(s, problem, options, why));
    if (options->record != NULL) {
        s->n_room = (size_t)s->block;
        s->survivors = malloc(s->n_room * sizeof *s->survivors);
        if (s->survivors == NULL) {
            st = status_fail(why, STATUS_MEMORY, "search: block of %zu", s->n_room);
        }
        STATUS_TRY(st);
    }
    STATUS_TRY(
        offer_again(s, team_share(options->n_survivors, team_rank(comm), team_size(comm)), why));
out:
    return st;
}

enum status stream_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why)
{
    enum status st = STATUS_OK;
    struct stream s = {0};
    const struct team_work work = {.label = "search",
                                   .n_items = stream_n_blocks(problem->space),
                                   .done = options->done,
                                   .item = do_block,
                                   .context = &s};

    memset(made, 0, sizeof *made);
    st = prepare(comm, &s, problem, options, why);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(team_deal(comm, &work, why));
    st = settle(&s, why);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(
        frontier_merge(comm, problem, s.fronts, s.n_scenarios, FRONTIER_MOST_GATHERED, made, why));
    made->n_evaluated = team_sum(comm, s.n_evaluated);
    made->n_feasible = team_sum(comm, s.n_feasible);
    made->n_undefined = team_sum(comm, s.n_undefined);
out:
    stream_clear(&s);
    return st;
}
