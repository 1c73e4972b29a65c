#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jobs/allocation.h"
#include "jobs/answers_view.h"
#include "jobs/degenerate.h"
#include "jobs/job.h"
#include "jobs/model.h"
#include "jobs/pricing.h"
#include "jobs/rehearsal.h"
#include "jobs/result.h"
#include "jobs/summary.h"
#include "search/exact/path.h"
#include "search/front/frontier_file.h"
#include "search/front/pareto.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/team.h"

/* What a small trial says about the whole search. */
struct trial {
    double nanoseconds;              /**< a configuration, evaluated and filtered */
    double n_rows;                   /**< expected on the frontier, all scenario levels */
    bool level_wins[SPACE_MAX_AXES]; /**< a decision axis of which the coarse front holds one level
                                        only */
    size_t winner[SPACE_MAX_AXES];
};

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Of n evaluated configurations the feasible ones, objectives as they are compared.
 * \param [in,out] values   [outcomes][n]
 * \param [out]    indices  [n]
 * \return how many there are */
static size_t keep_feasible(const struct problem *p, uint64_t begin, size_t n, double values[],
                            uint64_t indices[])
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool feasible = true;
        for (size_t c = 0; c < p->n_constraints; c++) {
            const double v = values[(p->n_objectives + c) * n + i];
            feasible = feasible && p->constraints[c].lower <= v && v <= p->constraints[c].upper;
        }
        for (size_t k = 0; k < p->n_objectives; k++) {
            const double v = values[k * n + i];
            feasible = feasible && isfinite(v);
            values[k * n + n_kept] = p->objectives[k].maximise ? -v : v;
        }
        indices[n_kept] = begin + i;
        n_kept += feasible;
    }
    return n_kept;
}

enum { PIECE = 2048 };

/* Offer configurations begin ... begin + n - 1, at most a piece, to a front. \param values
 * [n_values][n] storage */
static enum status offer(const struct problem *p, struct pareto *front, uint64_t begin, size_t n,
                         double values[], struct status_why *why)
{
    uint64_t indices[PIECE];
    p->evaluate(p->context, begin, n, values, n);
    const size_t n_kept = keep_feasible(p, begin, n, values, indices);
    pareto_round(n * p->n_objectives, values);
    return pareto_offer(front, n_kept, values, n, indices, 0, why);
}

/* The front of a sub-grid of one scenario level: every k-th level of each decision axis, at most
 * about `most` configurations. Notes which axes have a winner. */
static enum status try_coarse(const struct problem *p, uint64_t first, double most,
                              struct pareto *front, double *n_offered, struct status_why *why)
{
    const struct space *s = p->space;
    const uint64_t n_decisions = space_n_decisions(s);
    size_t step[SPACE_MAX_AXES], count[SPACE_MAX_AXES], at[SPACE_MAX_AXES] = {0};
    double values[PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS];
    int n_long = 0;

    for (size_t i = 0; i < s->n_axes; i++) {
        n_long += s->axes[i].role == SPACE_DECISION && s->axes[i].n > 8;
    }
    const double thin = n_long > 0 ? pow(fmax(1.0, (double)n_decisions / most), 1.0 / n_long) : 1.0;
    for (size_t i = 0; i < s->n_axes; i++) {
        const bool walks = s->axes[i].role == SPACE_DECISION;
        step[i] = walks && s->axes[i].n > 8 ? (size_t)ceil(thin) : 1;
        count[i] = walks ? (s->axes[i].n + step[i] - 1) / step[i] : 1;
    }
    *n_offered = 0.0;
    for (;;) {
        uint64_t index = 0;
        for (size_t i = 0; i < s->n_axes; i++) {
            index = index * s->axes[i].n + at[i] * step[i];
        }
        const enum status st = offer(p, front, first + index, 1, values, why);
        if (st != STATUS_OK) {
            return st;
        }
        *n_offered += 1.0;
        size_t i = s->n_axes;
        while (i > 0 && ++at[i - 1] == count[i - 1]) {
            at[--i] = 0;
        }
        if (i == 0) {
            return pareto_settle(front, why);
        }
    }
}

/* A decision axis of which all points of the front hold the same level. */
static void note_winners(const struct space *s, const struct pareto *front, bool first,
                         struct trial *t)
{
    for (size_t k = 0; k < pareto_size(front); k++) {
        size_t levels[SPACE_MAX_AXES];
        space_levels(s, pareto_index(front, k), levels);
        for (size_t i = 0; i < s->n_axes; i++) {
            if (first && k == 0) {
                t->level_wins[i] = s->axes[i].role == SPACE_DECISION && s->axes[i].n > 1;
                t->winner[i] = levels[i];
            }
            t->level_wins[i] = t->level_wins[i] && levels[i] == t->winner[i];
        }
    }
}

static enum status run_trial(const struct problem *p, struct trial *t, struct status_why *why)
{
    enum { MOST_SCENARIOS = 4, PIECES = 48 };
    static const double most_coarse = 20000.0;
    /* Rows grow by 2.1 to 2.3 when two axes of a fit-and-price space double: configurations^.56. */
    static const double growth = 0.56;
    const uint64_t n_decisions = space_n_decisions(p->space);
    const uint64_t n_scenarios = space_n_scenarios(p->space);
    const uint64_t n_tried = n_scenarios < MOST_SCENARIOS ? n_scenarios : MOST_SCENARIOS;
    struct pareto *front = NULL;
    double *values = malloc((p->n_objectives + p->n_constraints) * PIECE * sizeof *values);
    enum status st = STATUS_OK;

    if (values == NULL) {
        st = status_fail(why, STATUS_MEMORY, "a block of %d configurations", PIECE);
        goto out;
    }
    for (uint64_t k = 0; k < n_tried; k++) {
        const uint64_t first = k * (n_scenarios / n_tried) * n_decisions;
        double n_offered;
        pareto_destroy(front);
        STATUS_TRY(pareto_create(p->n_objectives, &front, why));
        STATUS_TRY(try_coarse(p, first, most_coarse, front, &n_offered, why));
        note_winners(p->space, front, k == 0, t);
        t->n_rows += (double)pareto_size(front) * pow((double)n_decisions / n_offered, growth)
                     * (double)n_scenarios / (double)n_tried;
    }
    const double begun = now_seconds();
    double n_timed = 0.0;
    for (uint64_t k = 0; k < PIECES; k++) {
        const size_t n = n_decisions < PIECE ? (size_t)n_decisions : PIECE;
        const uint64_t begin = (n_decisions - n) / PIECES * k;
        STATUS_TRY(offer(p, front, begin, n, values, why));
        n_timed += (double)n;
    }
    t->nanoseconds = 1e9 * (now_seconds() - begun) / n_timed;
out:
    free(values);
    pareto_destroy(front);
    return st;
}

static const char *level_text(const struct space_axis *axis, size_t level, char text[], size_t size)
{
    if (axis->kind == SPACE_CATEGORY) {
        (void)snprintf(text, size, "%s", axis->labels[level]);
        return text;
    }
    return summary_number(axis->values[level], true, text, size);
}

static void print_space(const struct space *s)
{
    for (size_t i = 0; i < s->n_axes; i++) {
        const struct space_axis *axis = &s->axes[i];
        char first[64], last[64];
        escape_print("  %-9s %-16s %8zu levels  %s .. %s\n",
                     axis->role == SPACE_SCENARIO ? "scenario" : "decision", axis->name, axis->n,
                     level_text(axis, 0, first, sizeof first),
                     level_text(axis, axis->n - 1, last, sizeof last));
    }
}

static void print_findings(const struct allocation *a, const struct trial *t)
{
    const struct space *s = &a->space;
    for (size_t i = 0; i < s->n_axes; i++) {
        char text[64];
        if (!allocation_reads(a, a->inputs[i])) {
            log_line(LOG_WARNING,
                     "space.%s enters no objective and no constraint: fix it to one value",
                     s->axes[i].name);
        } else if (t->level_wins[i]) {
            log_line(LOG_WARNING,
                     "space.%s: %s wins everywhere on a coarse grid; if it is not yours to choose, "
                     "make it a scenario",
                     s->axes[i].name, level_text(&s->axes[i], t->winner[i], text, sizeof text));
        }
    }
}

/* Axes that enter all outcomes as one combination. */
static void print_degenerate(const struct allocation *a)
{
    for (size_t i = 0; i < a->space.n_axes; i++) {
        for (size_t j = i + 1; j < a->space.n_axes; j++) {
            double power;
            enum footprint_outcome parted;
            char exponent[32] = "", advice[96] = "";
            if (!degenerate_pair(a, i, j, &power, &parted)) {
                continue;
            }
            if (fabs(power - 1.0) > 1e-4) {
                (void)snprintf(exponent, sizeof exponent, "^%.4g", power);
            }
            if (parted != FOOTPRINT_N_OUTCOMES) {
                (void)snprintf(advice, sizeof advice, ", or ask for what tells them apart, as %s",
                               footprint_field(parted)->name);
            }
            log_line(LOG_WARNING,
                     "space.%s and space.%s are degenerate: all that is asked for depends on %s x "
                     "%s%s alone; fix one%s",
                     a->space.axes[i].name, a->space.axes[j].name, a->space.axes[i].name,
                     a->space.axes[j].name, exponent, advice);
        }
    }
}

/* What the first design of the space holds that nothing reads or pays for. Collective. */
static enum status check_prices(MPI_Comm comm, const struct allocation *a, struct status_why *why)
{
    const struct price_subject subject = allocation_subject(a);
    struct design d = a->base;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        d.value[a->inputs[i]] = a->space.axes[i].values[0];
    }
    dependent_apply(&a->study->dependents, 0, &d);
    return pricing_tell(comm, &subject, 1, &d, allocation_said(a->study), why);
}

/* Questions whose answers stand on bounds, are not determined, or do not exist. Collective. */
static enum status check_questions(MPI_Comm comm, const struct study *study,
                                   const struct model *model, struct status_why *why)
{
    struct allocation open = {0};
    struct answers answers = {0};
    enum status st = allocation_open(comm, study, &model->predict, &open, why);
    if (st == STATUS_OK) {
        st = check_prices(comm, &open, why);
    }
    for (size_t k = 0; st == STATUS_OK && k < study->n_questions; k++) {
        STATUS_TRY(answers_make(comm, &open, &study->questions[k], model, &answers, why));
        char told[512] = "";
        for (size_t i = 0; i < answers.inquiry.n_cases; i++) {
            const struct answers_case *c = &answers.cases[i];
            char notes[512];
            if (c->is_best) {
                answers_view_trouble(&answers, i, notes, sizeof notes);
            } else {
                (void)snprintf(notes, sizeof notes, "%s", c->reason);
            }
            if (notes[0] != '\0' && strcmp(notes, told) != 0) {
                log_line(LOG_WARNING, "%s: %s", study->questions[k].text, notes);
                (void)snprintf(told, sizeof told, "%s", notes);
            }
        }
        answers_clear(&answers);
    }
out:
    answers_clear(&answers);
    allocation_clear(&open);
    return st;
}

/* What the paths cost: streaming a configuration, the others a row; measured on one core with four
 * objectives (docs/running.md), the rows' way to the file included. */
static const struct {
    const char *explanation;
    double second_a_row, draw_second_a_row; /* the latter of a draw, which goes to no file */
} costs[PATH_N] = {
    [PATH_FACTORED] = {"factored (staircases of loss and work, united)", 3e-6, 1e-6},
    [PATH_BOUNDED] = {"bounded (boxes that cannot win are not evaluated)", 5e-6, 4e-6},
    [PATH_STREAMING] = {"streaming (every configuration is evaluated)", 0.0, 0.0},
};

static void print_estimates(const struct allocation *a, const struct path *path,
                            const struct trial *t, int n_ranks)
{
    /* Bytes a row: the index and the objectives. Streaming holds fronts with their trees on every
     * rank; the other paths hold each row on one rank, and as much again when it moves. Each rank
     * then fills the further columns of its rows, as many as the file holds at a time. */
    const double row_bytes = 8.0 * (double)(a->problem.n_objectives + 1);
    const double n_columns = (double)(1 + a->space.n_axes + FOOTPRINT_N_OUTCOMES + 2);
    /* Shuffle and deflate shrink frontier columns about 2.6 times; text and tables take 0.2 MB. */
    static const double shrink = 2.6, fixed_megabyte = 0.2;
    const double n = (double)space_size(&a->space);
    const bool streams = path->kind == PATH_STREAMING;
    const double rows_here = t->n_rows / n_ranks;
    const double searched = row_bytes * (streams ? 6.0 * t->n_rows : 2.0 * rows_here);
    const double held = 8.0 * fmin(FOOTPRINT_N_OUTCOMES * rows_here, FRONTIER_FILE_MOST_NUMBERS);
    const double most = fmax(searched, row_bytes * rows_here + held);
    const double seconds =
        streams ? 1e-9 * t->nanoseconds * n : 0.1 + costs[path->kind].second_a_row * t->n_rows;
    escape_print("path            %s\n"
                 "configurations  %.6g in %llu scenario levels of %llu\n"
                 "rows            about %.2g on the frontier\n"
                 "time            about %.2g s of search on %d rank%s (%.3g ns a configuration)\n"
                 "memory          about %.3g MB a rank for tables and rows\n"
                 "file            about %.2g MB\n",
                 costs[path->kind].explanation, n, (unsigned long long)space_n_scenarios(&a->space),
                 (unsigned long long)space_n_decisions(&a->space), t->n_rows, seconds / n_ranks,
                 n_ranks, n_ranks == 1 ? "" : "s", 1e9 * seconds / n,
                 1e-6 * (8.0 * (double)evaluator_table_entries(a->evaluator) + most),
                 fixed_megabyte + 1e-6 * 8.0 * n_columns * t->n_rows / shrink);
}

/* What a band takes: each draw is a search and a look at every row, the scouts are searched once
 * more, and every rank holds four bytes a row and draw. Without a loss there is no band. */
static void print_band(const struct allocation *a, const struct path *path, const struct trial *t,
                       int n_ranks)
{
    enum { N_SCOUTS = 64 };
    const struct study *study = a->study;
    const double n_levels = (double)space_n_scenarios(&a->space);
    const double n_draws =
        study->band_draws > 0 ? (double)study->band_draws : (double)study->replicates;
    const double n_candidates = (double)study->band_candidates;
    const double all = (double)space_size(&a->space);
    const bool takes_all = (double)space_n_decisions(&a->space) <= n_candidates;
    const double n_rows = takes_all ? all : fmin(all, t->n_rows + n_levels * n_candidates);
    const double n_searches = n_draws + (takes_all ? 0.0 : fmin(n_draws, N_SCOUTS));
    bool has_loss = false;
    for (size_t k = 0; k < study->n_objectives; k++) {
        has_loss = has_loss || study->objectives[k] == FOOTPRINT_LOSS;
    }
    if (has_loss && n_draws > 0.0) {
        const double a_search = path->kind == PATH_STREAMING
                                    ? 1e-9 * t->nanoseconds * all
                                    : costs[path->kind].draw_second_a_row * t->n_rows;
        const double seconds = n_searches * a_search + 1e-9 * t->nanoseconds * n_draws * n_rows;
        escape_print(
            "band            about %.2g s and %.3g MB a rank more for %.0f draws of `%s`\n",
            seconds / n_ranks, 4e-6 * n_draws * n_rows, n_draws,
            study->band_draws > 0 ? "frontier" : "band");
    }
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct model model = {0};
    struct allocation allocation = {0};
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (study.evaluator != STUDY_BY_MODEL) {
        char path[1024];
        result_path(&study, arguments, ".h5", path, sizeof path);
        STATUS_TRY(rehearsal_print(comm, &study, path, why));
        if (study.n_space == 0 && study.n_questions == 0) {
            goto out;
        }
    }
    STATUS_TRY(model_make(comm, &study, MODEL_POINT, NULL, NULL, &model, why));
    STATUS_TRY(check_questions(comm, &study, &model, why));
    if (study.n_space == 0 || (study.n_objectives == 0 && study.n_questions > 0)) {
        if (team_rank(comm) == 0) {
            escape_print("%s is sound: %s, no search\n", study.file,
                         study.n_questions > 0 ? "questions" : "a fit");
        }
        goto out;
    }
    STATUS_TRY(allocation_make(comm, &study, &model.predict, &allocation, why));
    struct trial trial = {0};
    const struct path *path = path_choose(&allocation.problem, (enum path_kind)study.path, why);
    if (path == NULL) {
        st = STATUS_INPUT;
    }
    STATUS_TRY(st);
    STATUS_TRY(team_agree(comm, run_trial(&allocation.problem, &trial, why), why));
    if (team_rank(comm) == 0) {
        escape_print("%s is sound\nlaw             %s (%s)\n", study.file, model.predict.law->id,
                     model.predict.name);
        print_space(&allocation.space);
        if (study.space[DESIGN_DEADLINE].given) {
            escape_print("deadline        %s\n",
                         allocation_has_deadline(&study)
                             ? "a limit: with fleet_devices given, duration_day is at most "
                               "deadline_day"
                             : "sizes the fleet: deadline_fleet; with fleet_devices it would be a "
                               "limit");
        }
        print_estimates(&allocation, path, &trial, team_size(comm));
        print_band(&allocation, path, &trial, team_size(comm));
        print_findings(&allocation, &trial);
        struct multiple multiples[PROBLEM_MAX_OBJECTIVES];
        multiples_find(&allocation.problem, multiples);
        summary_multiples(stdout, &allocation.problem, multiples);
        print_degenerate(&allocation);
        rehearsal_warn(&study, trial.nanoseconds);
    }
out:
    allocation_clear(&allocation);
    model_clear(&model);
    study_clear(&study);
    return st;
}

const struct job check_job = {
    .name = "check",
    .takes = "STUDY.yaml",
    .help = "read a study, try it on a coarse grid, estimate the work",
    .detail =
        "Reads the study and everything it names, fits the law without a bootstrap, and prints "
        "the\n"
        "number of configurations, the path of the search, and estimates of seconds, memory and\n"
        "file size. Warns of axes that change nothing, that have one winning level or that only\n"
        "matter together, and of questions whose answer stands on a bound or is not determined. Of "
        "a\n"
        "Bayesian search by a command it prints the command line of the first design.",
    .options = JOB_STUDY,
    .run = run,
};
