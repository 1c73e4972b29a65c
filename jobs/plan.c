#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "jobs/document.h"
#include "jobs/job.h"
#include "jobs/model.h"
#include "jobs/planning.h"
#include "jobs/result.h"
#include "jobs/summary.h"
#include "jobs/textfile.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"

static const char *settles(const struct planning *p, size_t i)
{
    return p->inform.law->parameters[p->steps[i].settles].name;
}

/* Columns of the CSV, members of a run in the JSON. */
static const char *const columns[] = {"run",          "params",
                                      "tokens",       "compute_flop",
                                      "cost",         "loss_nat",
                                      "loss_lower",   "loss_upper",
                                      "gain",         "share",
                                      "target_lower", "target_upper",
                                      "regret_nat",   "wasted_compute_ratio",
                                      "saved_flop"};

enum { N_COLUMNS = sizeof columns / sizeof *columns, N_OF_REGRET = 3 };

/* The last ones are those of a regret. */
static size_t n_columns(const struct planning *p)
{
    return p->is_regret ? N_COLUMNS : N_COLUMNS - N_OF_REGRET;
}

/* \param [out] values  [n_columns] of one run of the plan */
static void fill(const struct planning *p, size_t i, double values[])
{
    const struct plan_step *step = &p->plan.steps[i];
    const struct planning_run *run = &p->runs[step->candidate];
    const struct fit_interval target = planning_interval(p, i + 1);
    const double all[N_COLUMNS] = {(double)(i + 1), run->params,   run->tokens,  run->compute_flop,
                                   run->cost,       run->loss_nat, run->lower,   run->upper,
                                   step->gain,      step->share,   target.lower, target.upper};
    for (size_t k = 0; k < N_COLUMNS - N_OF_REGRET; k++) {
        values[k] = all[k];
    }
    if (p->is_regret) {
        double *own = values + N_COLUMNS - N_OF_REGRET;
        *own++ = target.value;
        *own++ = p->regret.after[i + 1].wasted_compute_ratio;
        *own = p->regret.saved_flop[i];
    }
}

static enum status write_csv(FILE *f, const void *context, struct status_why *why)
{
    const struct planning *p = context;
    (void)why;
    escape_fprint(
        f,
        "# Runs to pay for next, by scalefront %s; docs/formats.md. The target is %s, the "
        "cost is %s.\n",
        SCALEFRONT_VERSION, p->study->plan_target, footprint_field(p->currency)->name);
    for (size_t k = 0; k < n_columns(p); k++) {
        escape_fprint(f, "%s,", columns[k]);
    }
    escape_fprint(f, "settles,worth\n");
    for (size_t i = 0; i < p->plan.n; i++) {
        double v[N_COLUMNS];
        fill(p, i, v);
        escape_fprint(f, "%.0f,%.0f,%.0f,%.6e,%.6g,%.6f,%.6f,%.6f,%.6f,%.6g,%.6g,%.6g,", v[0], v[1],
                      v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11]);
        if (p->is_regret) {
            escape_fprint(f, "%.6g,%.6g,%.6e,", v[12], v[13], v[14]);
        }
        escape_fprint(f, "%s,%s\n", settles(p, i), i < p->plan.n_worth ? "yes" : "no");
    }
    return STATUS_OK;
}

static bool add_number(json_t *to, const char *name, double value)
{
    return json_object_set_new(to, name, isfinite(value) ? json_real(value) : json_null()) == 0;
}

static bool add_interval(json_t *to, const char *name, struct fit_interval interval)
{
    json_t *made = json_object();
    return json_object_set_new(to, name, made) == 0 && add_number(made, "value", interval.value)
           && add_number(made, "lower", interval.lower)
           && add_number(made, "upper", interval.upper);
}

/* What only a plan for the regret has. */
static bool add_regret(json_t *to, const struct planning *p)
{
    const struct planning_regret *r = &p->regret;
    json_t *made = json_object();
    return json_object_set_new(to, "regret", made) == 0
           && add_number(made, "wasted_compute_ratio_before", r->after[0].wasted_compute_ratio)
           && add_number(made, "wasted_compute_ratio_after",
                         r->after[p->plan.n].wasted_compute_ratio)
           && add_number(made, "replicates_exact_nat", r->exact_nat)
           && add_number(made, "replicates_by_curvature_nat", r->by_curvature_nat);
}

static enum status write_json(const char *path, const struct planning *p, struct status_why *why)
{
    json_t *root = json_object(), *list = json_array();
    bool ok =
        json_object_set_new(root, "version", json_string(SCALEFRONT_VERSION)) == 0
        && json_object_set_new(root, "target", json_string(p->study->plan_target)) == 0
        && json_object_set_new(root, "currency", json_string(footprint_field(p->currency)->name))
               == 0
        && add_number(root, "budget", p->budget) && add_number(root, "cost", p->plan.cost)
        && add_number(root, "confidence", p->confidence)
        && add_interval(root, "before", planning_interval(p, 0))
        && add_interval(root, "after", planning_interval(p, p->plan.n))
        && json_object_set_new(root, "n_worth", json_integer((json_int_t)p->plan.n_worth)) == 0
        && (!p->is_regret || add_regret(root, p)) && json_object_set_new(root, "runs", list) == 0;
    for (size_t i = 0; ok && i < p->plan.n; i++) {
        double values[N_COLUMNS];
        json_t *run = json_object();
        fill(p, i, values);
        ok = json_array_append_new(list, run) == 0
             && json_object_set_new(run, "settles", json_string(settles(p, i))) == 0;
        for (size_t k = 0; ok && k < n_columns(p); k++) {
            ok = add_number(run, columns[k], values[k]);
        }
    }
    if (!ok) {
        json_decref(root);
        root = NULL;
    }
    return document_write(path, root, why);
}

static bool counts(const struct planning *p)
{
    return !p->is_regret && (p->target == INFORM_PARAMS || p->target == INFORM_TOKENS);
}

static void print_interval(const struct planning *p, const char *before, size_t n, FILE *to)
{
    char texts[2][32];
    const struct fit_interval i = planning_interval(p, n);
    escape_fprint(to, "%s%s to %s", before,
                  summary_number(i.lower, counts(p), texts[0], sizeof texts[0]),
                  summary_number(i.upper, counts(p), texts[1], sizeof texts[1]));
}

/* Parameters marked, as "alpha, beta". \return whether there is any */
static bool print_marked(const struct planning *p, const bool marked[], FILE *to)
{
    bool any = false;
    for (size_t i = 0; i < p->inform.law->n_parameters; i++) {
        if (marked[i]) {
            escape_fprint(to, "%s%s", any ? ", " : "", p->inform.law->parameters[i].name);
            any = true;
        }
    }
    return any;
}

static void print_table(const struct planning *p, FILE *to)
{
    const struct footprint_field *currency = footprint_field(p->currency);
    escape_fprint(to, "\n  run    params    tokens  %12s  loss_nat  %s  settles\n", currency->name,
                  p->is_regret ? "regret_nat  wasted" : "target interval");
    for (size_t i = 0; i < p->plan.n; i++) {
        char texts[2][32];
        const struct planning_run *run = &p->runs[p->plan.steps[i].candidate];
        escape_fprint(to, "  %3zu  %8s  %8s  %12.4g  %8.4f  ", i + 1,
                      summary_number(run->params, true, texts[0], sizeof texts[0]),
                      summary_number(run->tokens, true, texts[1], sizeof texts[1]), run->cost,
                      run->loss_nat);
        if (p->is_regret) {
            const struct regret *r = &p->regret.after[i + 1];
            escape_fprint(to, "%10.3g  %4.3g %%", r->expected_nat, 100.0 * r->wasted_compute_ratio);
        } else {
            print_interval(p, "", i + 1, to);
        }
        escape_fprint(to, "  %s x %.2g%s\n", settles(p, i), p->steps[i].factor,
                      i < p->plan.n_worth ? "" : "  (not worth it)");
    }
}

/* The interval and the waste after the first runs of a plan for the regret. */
static void print_waste(const struct planning *p, size_t n, FILE *to)
{
    escape_fprint(to, "%.3g nat", p->regret.after[n].expected_nat);
    print_interval(p, " (", n, to);
    escape_fprint(to, ") and wastes %.3g %% of that compute",
                  100.0 * p->regret.after[n].wasted_compute_ratio);
}

/* What the runs do to the regret, and whether the target's compute pays for theirs. */
static void print_regret(const struct planning *p, FILE *to)
{
    const struct planning_regret *r = &p->regret;
    const size_t n = p->plan.n;
    double taken_flop = 0.0, saved_flop = 0.0;
    for (size_t i = 0; i < n; i++) {
        taken_flop += p->runs[p->plan.steps[i].candidate].compute_flop;
        saved_flop += r->saved_flop[i];
    }
    escape_fprint(to,
                  "Target: regret, the loss that an allocation of %.3g FLOP gives away while the "
                  "best is not known. With what is known now it is expected to be ",
                  p->compute_flop);
    print_waste(p, 0, to);
    escape_fprint(to, " (%g %% interval, by the information of %zu draws of the fit)",
                  100.0 * p->confidence, p->n_draws);
    if (isfinite(r->exact_nat)) {
        escape_fprint(to,
                      "; were the replicates of the fit true, today's choice would cost %.3g nat, "
                      "%.3g by the curvature at the optimum",
                      r->exact_nat, r->by_curvature_nat);
    }
    escape_fprint(to, ". With the %zu runs below, for %.3g of %.3g %s, it is ", n, p->plan.cost,
                  p->budget, footprint_field(p->currency)->unit);
    print_waste(p, n, to);
    escape_fprint(to, ": they take %.3g FLOP and save %.3g. ", taken_flop, saved_flop);
    if (p->plan.n_worth < n) {
        escape_fprint(to, "After run %zu each saves less than it takes.\n", p->plan.n_worth);
    } else {
        escape_fprint(to, "The last of them still saves more than it takes.\n");
    }
}

/* What the runs do to the interval of any other target. */
static void print_narrowing(const struct planning *p, FILE *to)
{
    const struct plan *plan = &p->plan;
    const struct footprint_field *currency = footprint_field(p->currency);
    const double factor = vmath_exp1(planning_spread(p, plan->n) - plan->spread_before);
    escape_fprint(to, "Target: %s", p->study->plan_target);
    if (p->target != INFORM_PARAMETER && p->target != INFORM_EXPONENT) {
        escape_fprint(to, " of the optimum at %.3g FLOP", p->compute_flop);
    }
    print_interval(p, ". With what is known now it is expected in ", 0, to);
    escape_fprint(to, " (%g %% interval, by the information of %zu draws of the fit). ",
                  100.0 * p->confidence, p->n_draws);
    escape_fprint(to, "The %zu runs below cost %.3g of %.3g %s and make it ", plan->n, plan->cost,
                  p->budget, currency->unit);
    print_interval(p, "", plan->n, to);
    escape_fprint(to, ", %.2g times as wide.\n", factor);
    if (plan->n_worth < plan->n) {
        const size_t n = plan->n_worth;
        double cost = 0.0;
        for (size_t i = 0; i < n; i++) {
            cost += p->runs[plan->steps[i].candidate].cost;
        }
        escape_fprint(to,
                      "After run %zu (%.3g %s) the curve is flat: each further run gains less than "
                      "%g of what the plan up to it gains for its cost.\n",
                      n, cost, currency->unit, p->study->plan_worth);
    } else {
        escape_fprint(to, "Every run is worth its footprint by plan.worth: %g.\n",
                      p->study->plan_worth);
    }
}

/* The plan in plain words. */
static void print_words(const struct planning *p, FILE *to)
{
    if (p->is_regret) {
        print_regret(p, to);
    } else {
        print_narrowing(p, to);
    }
    bool open = false, left = false;
    for (size_t i = 0; i < p->inform.law->n_parameters; i++) {
        open = open || p->open_before[i];
        left = left || p->open_after[i];
    }
    if (open) {
        escape_fprint(to, "The runs so far leave open: ");
        (void)print_marked(p, p->open_before, to);
        escape_fprint(to, "; the plan %s", left ? "still leaves open: " : "settles all of them");
        (void)print_marked(p, p->open_after, to);
        escape_fprint(to, ". What is open lets the fit stand far from the truth, and the interval "
                          "above with it: pay for the first runs, fit, and plan again.\n");
    }
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct model model = {0};
    struct planning planning = {0};
    char path[1024];
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    study.output[0] = '\0'; /* that key names the result of a fit or a search */
    result_path(&study, arguments, "_plan.csv", path, sizeof path);
    STATUS_TRY(result_check_texts(comm, &study, arguments, path, why));
    STATUS_TRY(model_make(comm, &study, MODEL_REPLICATES, NULL, NULL, &model, why));
    STATUS_TRY(planning_make(comm, &study, &model, &planning, why));
    if (team_rank(comm) == 0) {
        st = textfile_write(path, write_csv, &planning, why);
        if (st == STATUS_OK && arguments->json != NULL) {
            st = write_json(arguments->json, &planning, why);
        }
    }
    STATUS_TRY(team_agree(comm, st, why));
    if (team_rank(comm) == 0) {
        print_words(&planning, stdout);
        print_table(&planning, stdout);
    }
    log_line(LOG_INFO, "plan candidates=%zu draws=%zu runs=%zu worth=%zu file=%s", planning.n_runs,
             planning.n_draws, planning.plan.n, planning.plan.n_worth, path);
out:
    planning_clear(&planning);
    model_clear(&model);
    study_clear(&study);
    return st;
}

const struct job plan_job = {
    .name = "plan",
    .takes = "STUDY.yaml",
    .help = "the next runs to pay for, so that a figure becomes certain",
    .detail =
        "Chooses, of the runs between plan.params and plan.tokens, those that under plan.budget\n"
        "most narrow the interval of plan.target, given the fit of the study's runs (or "
        "law.from).\n"
        "Writes them as a CSV in the order in which they pay, and says when to stop.\n"
        "  scalefront plan quickstart.yaml --set plan.budget.compute_flop=1e21",
    .options = JOB_STUDY | JOB_OUTPUT | JOB_JSON,
    .run = run,
};
