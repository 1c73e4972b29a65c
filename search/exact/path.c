#include "search/exact/path.h"

#include <math.h>
#include <string.h>

#include "search/exact/branch.h"
#include "search/exact/factor.h"
#include "search/exact/stream.h"
#include "solver/base/log.h"

const char *const path_names[PATH_N + 1] = {[PATH_AUTO] = "auto",
                                            [PATH_FACTORED] = "factored",
                                            [PATH_BOUNDED] = "bounded",
                                            [PATH_STREAMING] = "streaming"};

static bool stream_can(const struct problem *problem)
{
    (void)problem;
    return true;
}

static enum status stream_n_items(const struct problem *problem, size_t *n, struct status_why *why)
{
    (void)why;
    *n = stream_n_blocks(problem->space);
    return STATUS_OK;
}

/* The fastest first. */
static const struct path paths[] = {
    {PATH_FACTORED, factor_can, factor_n_items, factor_search},
    {PATH_BOUNDED, branch_can, branch_n_items, branch_search},
    {PATH_STREAMING, stream_can, stream_n_items, stream_search},
};

/* The same bits, but any NaN says the same. */
static bool same_value(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Whether the tables say what the evaluation says, to the bit, at configurations spread over the
 * space. */
static bool tables_hold(const struct problem *p)
{
    enum { N_PROBES = 512, MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS };
    const uint64_t size = space_size(p->space);
    const uint64_t step = size / N_PROBES + 1;
    for (uint64_t i = 0; i < size; i += step) {
        double values[MOST_OUTCOMES];
        size_t levels[SPACE_MAX_AXES] = {0};
        p->evaluate(p->context, i, 1, values, 1);
        space_levels(p->space, i, levels);
        for (size_t k = 0; k < p->n_objectives + p->n_constraints; k++) {
            if (!same_value(tables_value(&p->tables[k], p->space->n_axes, levels), values[k])) {
                return false;
            }
        }
    }
    return true;
}

const struct path *path_choose(const struct problem *problem, enum path_kind wanted,
                               struct status_why *why)
{
    const bool usable = problem->tables == NULL || tables_hold(problem);
    if (!usable) {
        log_line(LOG_WARNING, "the tables of the search differ from the evaluation: streaming");
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const bool asked = wanted == PATH_AUTO || wanted == paths[i].kind;
        if (asked && (usable || paths[i].kind == PATH_STREAMING) && paths[i].can(problem)) {
            return &paths[i];
        }
    }
    (void)status_fail(why, STATUS_INPUT, "search.path: %s: not for this study: %s",
                      path_names[wanted],
                      wanted == PATH_FACTORED
                          ? "all objectives but one must be work times figures of the option, "
                            "minimised, not rounded up, with upper bounds alone"
                          : "the law must be a plain sum of terms that read few levels");
    return NULL;
}
