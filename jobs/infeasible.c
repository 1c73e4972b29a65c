#include "jobs/infeasible.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "search/limits.h"
#include "solver/base/team.h"

enum { LINE_SIZE = 512 };

/* "1556 of 1600 configurations", "about 97.3 % of all configurations" */
static const char *share_of(uint64_t n, const struct limits_report *report, char text[],
                            size_t size)
{
    if (report->is_sample) {
        (void)snprintf(text, size, "about %.3g %% of all configurations",
                       100.0 * (double)n / (double)report->n_seen);
    } else {
        (void)snprintf(text, size, "%llu of %llu configurations", (unsigned long long)n,
                       (unsigned long long)report->n_seen);
    }
    return text;
}

static bool is_within(const struct problem_constraint *c, double x)
{
    return c->lower <= x && x <= c->upper;
}

static int describe_bounds(const struct problem_constraint *c, char line[])
{
    return !isfinite(c->lower)
               ? snprintf(line, LINE_SIZE, "%s <= %.6g %s", c->name, c->upper, c->unit)
           : !isfinite(c->upper)
               ? snprintf(line, LINE_SIZE, "%s >= %.6g %s", c->name, c->lower, c->unit)
               : snprintf(line, LINE_SIZE, "%.6g <= %s <= %.6g %s", c->lower, c->name, c->upper,
                          c->unit);
}

/* \return characters written */
static int describe(const struct problem_constraint *c, const struct limits_row *row,
                    const struct limits_report *report, char line[])
{
    char broken[96], alone[96];
    const int n = describe_bounds(c, line);
    char *rest = line + n;
    const size_t size = LINE_SIZE - (size_t)n;
    if (isnan(row->reached)) {
        return n + snprintf(rest, size, ": no configuration has a value of it\n");
    }
    if (!is_within(c, row->reached)) {
        return n
               + snprintf(rest, size,
                          ": no configuration reaches that; the nearest value is %.6g %s\n",
                          row->reached, c->unit);
    }
    const int m = snprintf(rest, size, ": %s break it, %s break it alone; ",
                           share_of(row->n_broken, report, broken, sizeof broken),
                           share_of(row->n_alone, report, alone, sizeof alone));
    return n + m
           + (isnan(row->nearest)
                  ? snprintf(rest + m, size - (size_t)m, "none keeps the other limits\n")
                  : snprintf(rest + m, size - (size_t)m,
                             "with the other limits kept the nearest value is %.6g %s\n",
                             row->nearest, c->unit));
}

enum status infeasible_describe(MPI_Comm comm, const struct allocation *a, char **text,
                                struct status_why *why)
{
    const struct problem *p = &a->problem;
    struct limits_report report = {0};
    enum status st = limits_explain(comm, p, LIMITS_MOST_COUNTED, &report, why);
    *text = NULL;
    if (st != STATUS_OK) {
        return st;
    }
    char *lines = calloc(p->n_constraints + 1, LINE_SIZE);
    if (lines == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu limits", p->n_constraints);
    }
    st = team_agree(comm, st, why);
    for (size_t k = 0, at = 0; st == STATUS_OK && lines != NULL && k < p->n_constraints; k++) {
        at += (size_t)describe(&p->constraints[k], &report.rows[k], &report, lines + at);
    }
    *text = lines;
    return st;
}
