#include "jobs/rehearsal.h"

#include <math.h>
#include <stdio.h>

#include "jobs/searching.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/team.h"

static void print_variable(const struct variable *v)
{
    escape_print("  decision  %-22s ", v->name);
    if (v->kind == VARIABLE_CONTINUOUS) {
        escape_print("%g .. %g%s\n", v->lower, v->upper, v->is_log ? ", logarithmic" : "");
    } else if (v->kind == VARIABLE_ORDINAL) {
        escape_print("%zu levels  %g .. %g\n", v->n_levels, v->values[0],
                     v->values[v->n_levels - 1]);
    } else {
        escape_print("%zu names  %s .. %s\n", v->n_levels, v->labels[0],
                     v->labels[v->n_levels - 1]);
    }
}

static void print_search(const struct searching *s, const double first[])
{
    const struct propose_problem *p = &s->problem;
    char line[4096];
    for (size_t i = 0; i < p->n_variables; i++) {
        print_variable(&p->variables[i]);
    }
    for (size_t i = 0; i < p->n_objectives; i++) {
        escape_print("  objective %-22s %s%s\n", p->objectives[i].name,
                     p->objectives[i].maximise ? "maximise" : "minimise",
                     p->objectives[i].is_log ? ", logarithmic" : "");
    }
    for (size_t i = 0; i < p->n_limits; i++) {
        escape_print("  limit     %-22s %g .. %g\n", p->limits[i].name, p->limits[i].lower,
                     p->limits[i].upper);
    }
    escape_print("evaluations     %llu by %s, at most %zu at once, %zu before the first model\n",
                 (unsigned long long)s->options.stop.evaluations, s->evaluator.name, p->lag,
                 p->n_initial);
    if (s->command != NULL) {
        command_line(s->command, 0, first, sizeof line, line);
        escape_print("first command   %s\n", line);
    } else if (s->replay != NULL) {
        escape_print("table           %zu designs\n", replay_n(s->replay));
    }
}

enum status rehearsal_print(MPI_Comm comm, const struct study *study, const char *path,
                            struct status_why *why)
{
    struct searching searching;
    double first[VARIABLE_MOST];
    char folder[1200];
    searching_folder(path, folder, sizeof folder);
    enum status st = searching_make(comm, study, NULL, folder, &searching, why);
    if (st != STATUS_OK) {
        return st;
    }
    st = team_agree(comm, searching_first(&searching, first, why), why);
    if (st == STATUS_OK && team_rank(comm) == 0) {
        escape_print("%s is sound: a Bayesian search\n", study->file);
        print_search(&searching, first);
    }
    searching_clear(&searching);
    return st;
}

void rehearsal_warn(const struct study *study, double nanoseconds)
{
    static const double design_second = 0.1; /* to choose one of the first hundred */
    if (study->evaluator != STUDY_BY_MODEL || study->evaluator_place.line == 0) {
        return;
    }
    const double seconds = design_second * (double)study->bayes_evaluations;
    log_line(LOG_WARNING,
             "bayes.evaluator: model: an evaluation costs %.2g ns, choosing %llu designs about "
             "%.2g s: in that time `frontier` goes through a grid of %.1g configurations one by "
             "one, and finds its exact frontier",
             nanoseconds, (unsigned long long)study->bayes_evaluations, seconds,
             1e9 * seconds / nanoseconds);
}
