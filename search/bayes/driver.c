#include "search/bayes/driver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/journal.h"
#include "search/bayes/bench.h"
#include "solver/base/interrupt.h"
#include "solver/base/log.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"

/* Records of the journal: a design under 2 id by rank 0, before it is evaluated, and its result
 * under 2 id + 1 by the rank that evaluated it, before rank 0 hears of it. */

struct design {
    double u[VARIABLE_MOST];
    double second; /* of the search, over all its runs, when it was made */
    struct propose_state state;
};

enum place { WAITING, AWAY, IN }; /* of a design: to be evaluated, being evaluated, evaluated */

/* What ranks tell each other. */
enum letter_kind {
    EVALUATE, /* rank 0: this design */
    STOP,     /* rank 0: soon; another: it was asked to, or cannot go on */
    RESULT,   /* with its evaluation, which is recorded */
    LOST,     /* to be done again */
    FAILED,   /* and the policy is to abort */
    END       /* rank 0: nothing more will come; another: the same */
};

struct letter {
    enum letter_kind kind;
    double grace_seconds;
    struct driver_evaluation evaluation;
};

/* Why no further design is made; the order of enum reason. */
static const char *const reasons[] = {NULL,         "evaluations", "seconds", "hypervolume",
                                      "stagnation", "exhausted",   "failures"};
enum reason { GO_ON, EVALUATIONS, SECONDS, HYPERVOLUME, STAGNATION, EXHAUSTED, FAILURES };

/* What every rank has. */
struct search {
    const struct propose_problem *problem;
    const struct driver_options *options;
    struct journal *journal;
    struct team_post *post;
    struct bench bench;
};

/* What rank 0 knows. */
struct manager {
    struct search *s;
    int size;
    bool *is_busy;                         /* [size] */
    size_t n_made, n_in, room;             /* n_in of them have a result */
    struct design *designs;                /* [n_made] */
    struct driver_evaluation *evaluations; /* [n_made] those that are IN */
    enum place *places;                    /* [n_made] */
    double *hypervolume;                   /* [n_prefix] after this result and those before */
    struct propose_result *results;        /* imported ones, then [n_made] as they come in */
    size_t n_prefix;                       /* the results before this one are all in */
    size_t n_good;    /* of these and the imported ones: with values of their own */
    size_t n_settled; /* results after which a reason to stop holds; SIZE_MAX:
                         none */
    enum reason settled, reason;
    double best; /* of the hypervolume, as far as it counts as a gain */
    size_t best_at;
    double second, begun_second; /* of the search before this run; of the clock */
    double search_seconds;
    bool is_stopping, was_interrupted;
    enum status st, aborted; /* aborted: an evaluation has failed and the policy is to abort */
};

static double search_second(const struct manager *m)
{
    return m->second + meter_clock() - m->begun_second;
}

/* A block made larger; the old one, and \a st, when there is no memory. */
static void *enlarge(void *block, size_t n, size_t size, enum status *st, struct status_why *why)
{
    void *larger = realloc(block, n * size);
    if (larger != NULL) {
        return larger;
    }
    *st = status_fail(why, STATUS_MEMORY, "%zu designs", n);
    return block;
}

/* Room for one more design. */
static enum status make_room(struct manager *m, struct status_why *why)
{
    enum { FIRST_ROOM = 64 };
    enum status st = STATUS_OK;
    const size_t n_imported = m->s->options->n_imported;
    if (m->n_made < m->room) {
        return STATUS_OK;
    }
    const size_t n = m->room > 0 ? 2 * m->room : FIRST_ROOM;
    m->designs = enlarge(m->designs, n, sizeof *m->designs, &st, why);
    m->evaluations = enlarge(m->evaluations, n, sizeof *m->evaluations, &st, why);
    m->places = enlarge(m->places, n, sizeof *m->places, &st, why);
    m->hypervolume = enlarge(m->hypervolume, n, sizeof *m->hypervolume, &st, why);
    m->results = enlarge(m->results, n_imported + n, sizeof *m->results, &st, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (m->room == 0 && n_imported > 0) {
        memcpy(m->results, m->s->options->imported, n_imported * sizeof *m->results);
    }
    m->room = n;
    return STATUS_OK;
}

static enum status add_design(struct manager *m, const struct design *d, struct status_why *why)
{
    const enum status st = make_room(m, why);
    if (st == STATUS_OK) {
        m->designs[m->n_made] = *d;
        m->places[m->n_made] = WAITING;
        memset(&m->evaluations[m->n_made], 0, sizeof *m->evaluations);
        m->n_made++;
    }
    return st;
}

/* Whether the results before \a n, all of them, are a reason to stop. */
static enum reason judge(struct manager *m, size_t n)
{
    static const double least_gain = 1e-4; /* of the box */
    const struct driver_stop *stop = &m->s->options->stop;
    const double volume = m->hypervolume[n - 1];
    const size_t n_initial = m->s->problem->n_initial;
    if (n >= n_initial && m->n_good == 0) {
        return FAILURES;
    }
    if (volume > m->best + least_gain || n <= n_initial) {
        m->best = volume;
        m->best_at = n;
    }
    if (volume >= stop->hypervolume && stop->hypervolume > 0.0) {
        return HYPERVOLUME;
    }
    return stop->stagnation > 0 && n - m->best_at >= stop->stagnation ? STAGNATION : GO_ON;
}

/* Take the results in that follow those before without a gap: only these decide. */
static enum status extend(struct manager *m, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_imported = m->s->options->n_imported;
    while (st == STATUS_OK && m->n_prefix < m->n_made && m->places[m->n_prefix] == IN) {
        const size_t n = ++m->n_prefix;
        const struct driver_evaluation *e = &m->evaluations[n - 1];
        m->n_good += e->result.outcome == PROPOSE_DONE && !e->is_recovered;
        st = propose_hypervolume(m->s->problem, n_imported + n, m->results, &m->hypervolume[n - 1],
                                 why);
        const enum reason reason = st == STATUS_OK ? judge(m, n) : GO_ON;
        if (reason != GO_ON && m->n_settled == SIZE_MAX) {
            m->n_settled = n;
            m->settled = reason;
        }
    }
    return st;
}

static void tell(const struct driver_evaluation *e, const struct driver_options *options)
{
    if (e->message[0] == '\0') {
        return;
    }
    const char *what = e->is_recovered                       ? "recovered"
                       : e->result.outcome == PROPOSE_DONE   ? "succeeded in the end"
                       : options->on_failure == DRIVER_ABORT ? "failed"
                                                             : "failed and is skipped";
    log_line(LOG_WARNING, "evaluation %llu %s, attempt %lu of %lu: %s",
             (unsigned long long)e->result.id, what, (unsigned long)e->attempts,
             (unsigned long)options->n_retries + 1, e->message);
}

static enum status take_result(struct manager *m, const struct driver_evaluation *e,
                               struct status_why *why)
{
    const size_t id = (size_t)e->result.id;
    STATUS_ASSERT(id < m->n_made && m->places[id] != IN);
    m->places[id] = IN;
    m->n_in++;
    m->evaluations[id] = *e;
    m->results[m->s->options->n_imported + id] = e->result;
    return extend(m, why);
}

/* Go on from what was recorded: the records come by item, a design before its result. */
static enum status recall(struct manager *m, struct status_why *why)
{
    enum status st = make_room(m, why);
    const size_t n = journal_n_records(m->s->journal);
    double made = 0.0;
    for (size_t i = 0; i < m->s->options->n_imported; i++) {
        m->n_good += m->s->options->imported[i].outcome == PROPOSE_DONE;
    }
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        const struct journal_record *r = journal_record(m->s->journal, i);
        struct driver_evaluation e;
        struct design d;
        if (r->item == 2 * m->n_made && r->n == sizeof d) {
            memcpy(&d, r->bytes, sizeof d);
            st = add_design(m, &d, why);
            made = d.second;
            m->second = fmax(m->second, made);
        } else if (r->item + 1 == 2 * m->n_made && r->n == sizeof e) {
            memcpy(&e, r->bytes, sizeof e);
            m->second = fmax(m->second, made + e.seconds);
            st = take_result(m, &e, why);
        }
    }
    if (m->n_made > 0) {
        meter_items(0, m->n_in);
        log_line(LOG_INFO, "bayes resumed designs=%zu results=%zu", m->n_made, m->n_in);
    }
    return st;
}

/* Why no further design is made: a question of their number, of the results that the next one would
 * be made from, even if more are in, and of the clock. */
static enum reason why_stop(const struct manager *m)
{
    const struct driver_stop *stop = &m->s->options->stop;
    const size_t lag = m->s->problem->lag;
    const size_t n_known = m->n_made >= lag ? m->n_made - lag + 1 : 0;
    if (stop->evaluations > 0 && m->n_made >= stop->evaluations) {
        return EVALUATIONS;
    }
    if (m->n_settled <= n_known) {
        return m->settled;
    }
    return stop->seconds > 0.0 && search_second(m) >= stop->seconds ? SECONDS : GO_ON;
}

/* Whether the results that the next design is made from are in. */
static bool can_make(const struct manager *m)
{
    return m->reason == GO_ON && m->n_prefix + m->s->problem->lag > m->n_made;
}

/* Make the next design, record it, and let it wait for a rank. */
static enum status make_design(struct manager *m, struct status_why *why)
{
    const struct propose_problem *p = m->s->problem;
    const size_t n_known = m->n_made >= p->lag ? m->n_made - p->lag + 1 : 0;
    const size_t n_pending = m->n_made - n_known;
    const double begun = meter_clock();
    struct design d;
    struct status_why empty;
    double *pending = malloc((n_pending * p->n_variables + 1) * sizeof *pending);
    if (pending == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu designs", n_pending);
    }
    memset(&d, 0, sizeof d);
    status_clear(&empty);
    if (m->n_made > 0) {
        d.state = m->designs[m->n_made - 1].state;
    }
    for (size_t i = 0; i < n_pending; i++) {
        memcpy(pending + i * p->n_variables, m->designs[n_known + i].u,
               p->n_variables * sizeof *pending);
    }
    enum status st = propose_design(p, m->n_made, m->s->options->n_imported + n_known, m->results,
                                    n_pending, pending, &d.state, d.u, &empty);
    free(pending);
    m->search_seconds += meter_clock() - begun;
    if (st == STATUS_NO) { /* every design that is allowed has been made */
        m->reason = EXHAUSTED;
        return STATUS_OK;
    }
    if (st != STATUS_OK) {
        return status_fail(why, st, "%s", empty.message);
    }
    d.second = search_second(m);
    st = journal_append(m->s->journal, 2 * (uint64_t)m->n_made, &d, sizeof d, why);
    if (st == STATUS_OK) {
        st = journal_sync(m->s->journal, why);
    }
    return st == STATUS_OK ? add_design(m, &d, why) : st;
}

/* Send a letter. To have no memory for one is as bad as a lost rank: somebody would wait for it. */
static void post(struct search *s, int to, enum letter_kind kind, double grace_seconds,
                 const struct driver_evaluation *e)
{
    struct letter letter;
    struct status_why why;
    memset(&letter, 0, sizeof letter);
    status_clear(&why);
    letter.kind = kind;
    letter.grace_seconds = grace_seconds;
    if (e != NULL) {
        letter.evaluation = *e;
    }
    STATUS_ASSERT(team_post_send(s->post, to, &letter, sizeof letter, &why) == STATUS_OK);
}

static void post_all(struct manager *m, enum letter_kind kind, double grace_seconds)
{
    for (int rank = 1; rank < m->size; rank++) {
        post(m->s, rank, kind, grace_seconds, NULL);
    }
}

static void stop(struct manager *m, double grace_seconds)
{
    if (!m->is_stopping) {
        m->is_stopping = true;
        post_all(m, STOP, grace_seconds);
        bench_stop(&m->s->bench, grace_seconds);
    }
}

/* What an evaluation has come to, on whichever rank. */
static enum status settle(struct manager *m, int rank, enum letter_kind kind,
                          const struct driver_evaluation *e, struct status_why *why)
{
    m->is_busy[rank] = false;
    if (kind == LOST) {
        m->places[e->result.id] = WAITING;
        return STATUS_OK;
    }
    tell(e, m->s->options);
    if (kind == FAILED) {
        m->places[e->result.id] = WAITING;
        stop(m, m->s->options->grace_seconds); /* others may be worth waiting for */
        m->aborted = status_fail(why, STATUS_INPUT,
                                 "evaluation %llu failed: %s; all others are recorded: mend the "
                                 "cause and run the same command again",
                                 (unsigned long long)e->result.id, e->message);
        return STATUS_OK;
    }
    return take_result(m, e, why);
}

/* Look at the own bench. \param [out] kind  of the letter about it
 * \return whether the evaluation has ended, and is recorded if it has a result */
static bool look(struct search *s, enum letter_kind *kind, enum status *st, struct status_why *why)
{
    if (!s->bench.is_busy) {
        return false;
    }
    const enum driver_progress progress = bench_look(&s->bench);
    if (progress == DRIVER_RUNNING) {
        return false;
    }
    const struct driver_evaluation *e = &s->bench.evaluation;
    *kind = progress == DRIVER_DONE ? RESULT : progress == DRIVER_FAILED ? FAILED : LOST;
    if (*kind == RESULT) {
        *st = journal_append(s->journal, 2 * e->result.id + 1, e, sizeof *e, why);
        if (*st == STATUS_OK) {
            *st = journal_sync(s->journal, why);
        }
        *kind = *st == STATUS_OK ? RESULT : LOST;
        meter_items(*kind == RESULT, 0);
    }
    return true;
}

/* Take what has arrived and what the own bench has come to. \return whether there was anything */
static bool take_news(struct manager *m, struct status_why *why)
{
    struct letter letter;
    int from;
    bool any = false;
    enum status st = STATUS_OK;
    while (m->st == STATUS_OK && team_post_take(m->s->post, &from, &letter, sizeof letter, NULL)) {
        any = true;
        if (letter.kind == STOP) {
            m->was_interrupted = true;
        } else {
            m->st = settle(m, from, letter.kind, &letter.evaluation, why);
        }
    }
    enum letter_kind kind;
    if (m->st == STATUS_OK && look(m->s, &kind, &st, why)) {
        any = true;
        m->st = settle(m, 0, kind, &m->s->bench.evaluation, why);
        m->st = m->st == STATUS_OK ? st : m->st;
    }
    return any;
}

/* The next design for a free rank: one that waits, or a new one; n_made: none. A design that waits
 * when the time is up is left, unless later ones have begun. */
static size_t next_design(struct manager *m, struct status_why *why)
{
    size_t last = m->n_made, id = m->n_prefix;
    while (last > 0 && m->places[last - 1] == WAITING) {
        last--;
    }
    while (id < m->n_made && m->places[id] != WAITING) {
        id++;
    }
    m->reason = m->reason == GO_ON ? why_stop(m) : m->reason;
    if (id < m->n_made) {
        return m->reason == SECONDS && id >= last ? m->n_made : id;
    }
    if (can_make(m)) {
        m->st = make_design(m, why);
        return m->st == STATUS_OK && m->reason == GO_ON ? m->n_made - 1 : m->n_made;
    }
    return m->n_made;
}

/* Give designs to free ranks, rank 0 last. */
static bool give_work(struct manager *m, struct status_why *why)
{
    bool any = false;
    for (int i = 1; m->st == STATUS_OK && !m->is_stopping && i <= m->size; i++) {
        const int rank = i % m->size;
        if (m->is_busy[rank]) {
            continue;
        }
        const size_t id = next_design(m, why);
        if (m->st != STATUS_OK || id == m->n_made) {
            return any;
        }
        struct driver_evaluation e;
        memset(&e, 0, sizeof e);
        e.result.id = id;
        memcpy(e.result.u, m->designs[id].u, sizeof e.result.u);
        m->is_busy[rank] = true;
        m->places[id] = AWAY;
        any = true;
        if (rank == 0) {
            bench_begin(&m->s->bench, &e.result);
        } else {
            post(m->s, rank, EVALUATE, 0.0, &e);
        }
    }
    return any;
}

static bool is_anybody_busy(const struct manager *m)
{
    for (int rank = 0; rank < m->size; rank++) {
        if (m->is_busy[rank]) {
            return true;
        }
    }
    return false;
}

/* End what is under way at once; if it has a result by now, that is recorded. */
static enum status clear_bench(struct search *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    enum letter_kind kind;
    long slept = 0;
    bench_stop(&s->bench, 0.0);
    while (s->bench.is_busy && !look(s, &kind, &st, why)) {
        team_rest(&slept);
    }
    return st;
}

/* Say farewell: the others answer, after which no letter is on its way. What still comes before is
 * of evaluations that are recorded. */
static enum status dismiss(struct manager *m, struct status_why *why)
{
    struct letter letter;
    int n_left = m->size - 1;
    long slept = 0;
    post_all(m, END, 0.0);
    while (n_left > 0) {
        if (team_post_take(m->s->post, NULL, &letter, sizeof letter, NULL)) {
            n_left -= letter.kind == END;
            slept = 0;
        } else {
            team_rest(&slept);
        }
    }
    return clear_bench(m->s, why);
}

/* Whether the search is over: nothing more is to be made, and nothing that was begun is lost. */
static bool is_over(const struct manager *m)
{
    for (size_t i = 0; i < m->n_made; i++) {
        if (m->places[i] != IN && (m->reason != SECONDS || m->was_interrupted)) {
            return false;
        }
    }
    return m->reason != GO_ON;
}

static enum status manage(struct manager *m, struct status_why *why)
{
    long slept = 0;
    m->st = recall(m, why);
    log_progress_begin("evaluations", (size_t)m->s->options->stop.evaluations);
    while (m->st == STATUS_OK) {
        bool any = take_news(m, why);
        if (m->was_interrupted || interrupt_requested()) {
            m->was_interrupted = true;
            stop(m, m->s->options->grace_seconds);
        }
        any = give_work(m, why) || any;
        log_progress(m->n_in);
        if (any) {
            slept = 0;
        } else if (!is_anybody_busy(m)) {
            break;
        } else {
            team_rest(&slept);
        }
    }
    log_progress_end();
    const enum status st = dismiss(m, why);
    m->st = m->st == STATUS_OK ? st : m->st;
    m->st = m->st == STATUS_OK ? m->aborted : m->st;
    if (m->st == STATUS_OK && !is_over(m)) {
        return status_fail(why, STATUS_CHECKPOINTED,
                           "bayes: stopped on request; %zu of %zu designs are evaluated", m->n_in,
                           m->n_made);
    }
    return m->st;
}

/* Do what a letter says. \return false for the last one */
static bool obey(struct search *s, const struct letter *letter)
{
    if (letter->kind == EVALUATE) {
        bench_begin(&s->bench, &letter->evaluation.result);
    } else if (letter->kind == STOP) {
        bench_stop(&s->bench, letter->grace_seconds);
    }
    return letter->kind != END;
}

/* Ranks but the first: evaluate what comes. */
static enum status work(struct search *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    bool has_asked = false, goes_on = true;
    struct letter letter;
    long slept = 0;
    while (goes_on) {
        enum letter_kind kind;
        bool any = team_post_take(s->post, NULL, &letter, sizeof letter, NULL);
        goes_on = !any || obey(s, &letter);
        if (goes_on && look(s, &kind, &st, why)) {
            any = true;
            post(s, 0, kind, 0.0, &s->bench.evaluation);
        }
        if (!has_asked && (st != STATUS_OK || interrupt_requested())) {
            has_asked = true;
            post(s, 0, STOP, 0.0, NULL);
        }
        slept = any ? 0 : slept;
        if (!any) {
            team_rest(&slept);
        }
    }
    const enum status cleared = clear_bench(s, why);
    post(s, 0, END, 0.0, NULL);
    return st == STATUS_OK ? cleared : st;
}

/* Give every rank what rank 0 has. */
static enum status share(MPI_Comm comm, const struct manager *m, struct driver_log *log,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    struct {
        uint64_t n, reason;
        double search_seconds;
    } head = {m->n_prefix, m->reason, m->search_seconds};
    team_spread(comm, 0, &head, sizeof head);
    log->n = (size_t)head.n;
    log->stopped_by = reasons[head.reason];
    log->search_seconds = head.search_seconds;
    log->evaluations = malloc((log->n + 1) * sizeof *log->evaluations);
    log->states = malloc((log->n + 1) * sizeof *log->states);
    log->hypervolume = malloc((log->n + 1) * sizeof *log->hypervolume);
    if (log->evaluations == NULL || log->states == NULL || log->hypervolume == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu evaluations", log->n);
    }
    STATUS_TRY(team_agree(comm, st, why));
    for (size_t i = 0; i < m->n_prefix; i++) { /* only rank 0 has some */
        log->evaluations[i] = m->evaluations[i];
        log->states[i] = m->designs[i].state;
        log->hypervolume[i] = m->hypervolume[i];
    }
    team_spread(comm, 0, log->evaluations, log->n * sizeof *log->evaluations);
    team_spread(comm, 0, log->states, log->n * sizeof *log->states);
    team_spread(comm, 0, log->hypervolume, log->n * sizeof *log->hypervolume);
out:
    return st;
}

static void clear_manager(struct manager *m)
{
    free(m->is_busy);
    free(m->designs);
    free(m->evaluations);
    free(m->places);
    free(m->hypervolume);
    free(m->results);
}

enum status driver_search(MPI_Comm comm, const struct propose_problem *problem,
                          const struct driver_evaluator *evaluator,
                          const struct driver_options *options, const char *folder,
                          const char *digest, struct driver_log *log, struct status_why *why)
{
    enum status st = STATUS_OK;
    const int rank = team_rank(comm);
    struct search s = {.problem = problem, .options = options};
    struct manager m = {
        .s = &s, .size = team_size(comm), .n_settled = SIZE_MAX, .begun_second = meter_clock()};
    s.bench = (struct bench){
        .problem = problem, .evaluator = evaluator, .options = options, .worker = rank};
    memset(log, 0, sizeof *log);
    m.is_busy = calloc((size_t)m.size, sizeof *m.is_busy);
    if (m.is_busy == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%d ranks", m.size);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(journal_open(comm, folder, "bayes", digest, &s.journal, why));
    STATUS_TRY(team_post_open(comm, &s.post, why));
    st = rank == 0 ? manage(&m, why) : work(&s, why);
    team_post_close(s.post);
    s.post = NULL;
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(share(comm, &m, log, why));
out:
    journal_close(s.journal);
    clear_manager(&m);
    if (st != STATUS_OK) {
        driver_clear(log);
    }
    return st;
}

void driver_clear(struct driver_log *log)
{
    free(log->evaluations);
    free(log->states);
    free(log->hypervolume);
    memset(log, 0, sizeof *log);
}
