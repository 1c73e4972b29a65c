#include "fitting/minimise/multistart.h"

#include <math.h>
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/start.h"
#include "solver/base/team.h"

size_t multistart_levels(const struct law *law)
{
    static const size_t levels[] = {1, 25, 5}; /* by number of exponents */
    size_t n_exponents = 0;
    for (size_t i = 0; i < law->n_parameters; i++) {
        n_exponents += law->parameters[i].role == LAW_EXPONENT;
    }
    return n_exponents < sizeof levels / sizeof levels[0] ? levels[n_exponents] : 3;
}

static void minimise_from(const struct objective *o, size_t levels, size_t i, struct fit_start *s)
{
    double z[LAW_MAX_PARAMETERS];
    struct local_end end;
    start_find(o, levels, i, z);
    objective_uncentre(o, z, s->start);
    local_minimise(o, false, z, &end);
    objective_uncentre(o, z, s->theta);
    s->objective = end.objective;
    s->reason = end.reason;
    s->n_evaluations = end.n_evaluations;
}

enum status multistart_run(MPI_Comm comm, const struct objective *o, struct fit_start starts[],
                           size_t *best, struct status_why *why)
{
    const size_t levels = multistart_levels(o->law);
    const size_t n = start_count(o->law, levels);
    const struct team_range mine = team_share(n, team_rank(comm), team_size(comm));
    memset(starts, 0, n * sizeof *starts);
    for (size_t i = mine.begin; i < mine.end; i++) {
        minimise_from(o, levels, i, &starts[i]);
    }
    team_fill(comm, starts, n * sizeof *starts);
    *best = n;
    for (size_t i = 0; i < n; i++) {
        if (starts[i].reason != FIT_DIVERGED
            && (*best == n || starts[i].objective < starts[*best].objective)) {
            *best = i;
        }
    }
    return *best < n
               ? STATUS_OK
               : status_fail(why, STATUS_NO, "law %s: none of %zu starts led to a finite value",
                             o->law->id, n);
}

double multistart_improve(const struct objective *o, size_t most, double objective, double z[])
{
    size_t levels = 1;
    while (start_count(o->law, levels + 1) > start_count(o->law, levels)
           && start_count(o->law, levels + 1) <= most) {
        levels++;
    }
    for (size_t i = 0; i < start_count(o->law, levels); i++) {
        double other[LAW_MAX_PARAMETERS];
        struct local_end end;
        start_find(o, levels, i, other);
        local_minimise(o, false, other, &end);
        if (end.reason != FIT_DIVERGED && end.objective < objective) {
            objective = end.objective;
            memcpy(z, other, o->law->n_parameters * sizeof *z);
        }
    }
    return objective;
}

double multistart_ridge(const struct objective *o, const struct fit_start starts[], size_t n,
                        size_t best)
{
    double runner_up = 0.0;
    double a[LAW_MAX_PARAMETERS];
    double b[LAW_MAX_PARAMETERS];
    (void)multistart_agreement(starts, n, best, &runner_up);
    size_t second = 0;
    while (second < n
           && !(starts[second].reason != FIT_DIVERGED && starts[second].objective <= runner_up
                && starts[second].objective >= runner_up)) {
        second++;
    }
    if (second == n) {
        return (double)NAN;
    }
    objective_centre(o, starts[best].theta, a);
    objective_centre(o, starts[second].theta, b);
    double highest = starts[second].objective;
    for (size_t k = 1; k < MULTISTART_SEGMENT; k++) {
        const double t = (double)k / MULTISTART_SEGMENT;
        double z[LAW_MAX_PARAMETERS];
        for (size_t i = 0; i < o->law->n_parameters; i++) {
            z[i] = a[i] + t * (b[i] - a[i]);
        }
        const double value = objective_value(o, z);
        highest = value > highest ? value : highest;
    }
    return highest / starts[best].objective - 1.0;
}

size_t multistart_agreement(const struct fit_start starts[], size_t n, size_t best,
                            double *runner_up)
{
    const double same = starts[best].objective * (1.0 + MULTISTART_SAME);
    size_t n_agree = 0;
    *runner_up = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (starts[i].reason == FIT_DIVERGED) {
            continue;
        }
        if (starts[i].objective <= same) {
            n_agree++;
        } else if (!(starts[i].objective >= *runner_up)) {
            *runner_up = starts[i].objective;
        }
    }
    return n_agree;
}
