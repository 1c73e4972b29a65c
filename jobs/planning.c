#include "jobs/planning.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "fitting/minimise/prior.h"
#include "fitting/uncertainty/quantile.h"
#include "inputs/study/keys.h"
#include "search/space.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"

static const struct study_place nowhere = {0, 0};

static const struct {
    const char *name;
    enum inform_target target;
    bool is_regret;
} targets[] = {{LAW_PARAMS, INFORM_PARAMS, false},
               {LAW_TOKENS, INFORM_TOKENS, false},
               {LAW_LOSS_NAT, INFORM_LOSS, false},
               {"exponent_a", INFORM_EXPONENT, false},
               {"regret", INFORM_PARAMS, true}};

enum { N_TARGETS = sizeof targets / sizeof *targets };

static const enum footprint_outcome currencies[STUDY_N_BUDGETS] = {
    [STUDY_BUDGET_COMPUTE] = FOOTPRINT_COMPUTE,
    [STUDY_BUDGET_DEVICE_HOUR] = FOOTPRINT_DEVICE_HOUR,
    [STUDY_BUDGET_ENERGY] = FOOTPRINT_ENERGY,
    [STUDY_BUDGET_COST] = FOOTPRINT_COST};

static enum status read_budget(struct planning *p, struct status_why *why)
{
    for (size_t i = 0; i < STUDY_N_BUDGETS; i++) {
        if (p->study->plan_budget[i] > 0.0) {
            p->currency = currencies[i];
            p->budget = p->study->plan_budget[i];
            return STATUS_OK;
        }
    }
    return study_fail(
        p->study, nowhere, "plan.budget", NULL,
        "missing: expected one of compute_flop, device_hour, energy_kwh and cost_usd, "
        "as {compute_flop: 1e21}",
        why);
}

static enum status read_target(struct planning *p, struct status_why *why)
{
    const char *said = p->study->plan_target, *names[N_TARGETS + LAW_MAX_PARAMETERS];
    const struct law *law = p->inform.law;
    for (size_t i = 0; i < N_TARGETS; i++) {
        names[i] = targets[i].name;
        if (strcmp(said, names[i]) == 0) {
            p->target = targets[i].target;
            p->is_regret = targets[i].is_regret;
            return STATUS_OK;
        }
    }
    const int k = law_find_parameter(law, said);
    if (k >= 0) {
        p->target = INFORM_PARAMETER;
        p->parameter = (size_t)k;
        return p->inform.slot[k] >= 0
                   ? STATUS_OK
                   : study_fail(p->study, p->study->plan_target_place, "plan.target", said,
                                "is fixed by law.parameters: nothing is to be learnt", why);
    }
    char all[512], expected[640];
    for (size_t i = 0; i < law->n_parameters; i++) {
        names[N_TARGETS + i] = law->parameters[i].name;
    }
    keys_join(names, N_TARGETS + law->n_parameters, all, sizeof all);
    (void)snprintf(expected, sizeof expected, "expected %s", all);
    return study_fail(p->study, p->study->plan_target_place, "plan.target", said, expected, why);
}

/* Noise of a run of the fit in its own unit: 1, or its standard error as residuals have it. */
static double unit_of(const struct planning *p, const struct fit_data *data, size_t i)
{
    if (data->error == NULL) {
        return 1.0;
    }
    return p->inform.residual == FIT_LOG ? data->error[i] / data->response[i] : data->error[i];
}

/* M305: an objective that leaves a part of the information of its runs unused acts as one that
 * uses all under more noise. */
static double find_excess(const struct planning *p, double scale)
{
    const struct study *s = p->study;
    const struct fit_options *o = p->model->has_fit ? &p->model->fit.options : NULL;
    const double over = o != NULL ? o->over_prediction : s->over_prediction;
    return sqrt(prior_inefficiency(o != NULL ? o->objective : (enum fit_objective)s->objective,
                                   o != NULL ? o->delta : s->delta, over > 0.0 ? over : 1.0,
                                   scale));
}

/* M305: of new runs. \param [out] scale  of the runs of the fit, in their units */
static enum status find_noise(struct planning *p, double *scale, struct status_why *why)
{
    const struct model *m = p->model;
    *scale = m->has_fit && m->fit.noise_floor > 0.0 ? m->fit.noise_floor : p->study->plan_noise;
    p->noise = p->study->plan_noise;
    if (!(p->noise > 0.0)) {
        p->noise = *scale;
        const struct fit_data data =
            m->has_runs ? model_data(m, m->predict.law) : (struct fit_data){0};
        double *units = data.error != NULL ? malloc(data.n * sizeof *units) : NULL;
        if (data.error != NULL && units == NULL) {
            return status_fail(why, STATUS_MEMORY, "%zu runs", data.n);
        }
        for (size_t i = 0; units != NULL && i < data.n; i++) {
            units[i] = unit_of(p, &data, i);
        }
        if (units != NULL) {
            quantile_sort(units, data.n);
            p->noise *= quantile_linear(units, data.n, 0.5);
        }
        free(units);
    }
    return p->noise > 0.0
               ? STATUS_OK
               : study_fail(p->study, nowhere, "plan.noise", NULL,
                            "missing: there is no fit whose residuals tell the noise", why);
}

/* Ends of the candidates along one input, from the study or from the range of the runs. */
static enum status find_range(const struct planning *p, const char *input,
                              const struct study_range *said, double *from, double *to,
                              struct status_why *why)
{
    const int k = law_find_input(p->inform.law, input);
    const double widen = p->study->plan_support;
    *from = said->from > 0.0 || k < 0 ? said->from : p->model->predict.lower[k] / widen;
    *to = said->to > 0.0 || k < 0 ? said->to : p->model->predict.upper[k] * widen;
    if (*from > 0.0 && isfinite(*to) && *from <= *to) {
        return STATUS_OK;
    }
    char key[32];
    (void)snprintf(key, sizeof key, "plan.%s", input);
    return study_fail(p->study, said->place, key, NULL,
                      "expected {from: 10M, to: 1B}: the runs give no such range", why);
}

/* What candidates say themselves. */
static const design_set moved = DESIGN_BIT(DESIGN_PARAMS) | DESIGN_BIT(DESIGN_TOKENS);

/* A run has one price and one loss: what either reads has one level, but what candidates move. */
static enum status check_levels(const struct planning *p, design_set reads, struct status_why *why)
{
    const struct allocation *a = &p->allocation;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        const enum design_input input = a->inputs[i];
        if (design_has(reads & ~moved, input) && a->space.axes[i].n > 1) {
            char key[64], text[32], expected[160];
            (void)snprintf(key, sizeof key, "space.%s", design_field(input)->name);
            (void)snprintf(text, sizeof text, "%zu levels", a->space.axes[i].n);
            (void)snprintf(expected, sizeof expected,
                           "a plan is for one: %s and %s of its runs depend on it",
                           footprint_field(p->currency)->name, LAW_LOSS_NAT);
            return study_fail(p->study, p->study->space[input].place, key, text, expected, why);
        }
    }
    return STATUS_OK;
}

/* The study's one value of every input that prices and losses read. */
static enum status bind_base(struct planning *p, struct status_why *why)
{
    struct allocation *a = &p->allocation;
    struct design *base = &p->base;
    *base = a->base;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        base->value[a->inputs[i]] = a->space.axes[i].values[0];
    }
    base->value[DESIGN_PARAMS] = base->value[DESIGN_TOKENS] = 1e9;
    dependent_apply(&p->study->dependents, moved, base);
    const design_set priced =
        footprint_reads(p->currency, base, &a->catalogue, &p->study->footprint);
    const design_set reads =
        dependent_behind(&p->study->dependents, priced | predict_reads(&p->model->predict));
    const enum status st = check_levels(p, reads, why);
    if (st != STATUS_OK) {
        return st;
    }
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_has(priced, (enum design_input)i) && isnan(base->value[i])) {
            char key[64], expected[96];
            (void)snprintf(key, sizeof key, "space.%s", design_field((enum design_input)i)->name);
            (void)snprintf(expected, sizeof expected, "missing: needed for plan.budget in %s",
                           footprint_field(p->currency)->name);
            return study_fail(p->study, nowhere, key, NULL, expected, why);
        }
    }
    return footprint_explain(p->currency, base, &a->catalogue, &p->study->footprint, why);
}

/* Whether the runs of the fit, widened as the study says, surround a candidate. */
static bool is_supported(const struct planning *p, const struct design *d)
{
    static const double slack = 1e-6; /* params and tokens are whole numbers */
    return predict_extrapolation_ratio(&p->model->predict, d)
           <= p->study->plan_support * (1.0 + slack);
}

/* Why there is no candidate. */
static enum status fail_empty(const struct planning *p, size_t n_supported, struct status_why *why)
{
    if (n_supported > 0) {
        return status_fail(why, STATUS_NO, "no candidate run costs at most plan.budget, %g %s",
                           p->budget, footprint_field(p->currency)->unit);
    }
    char text[32];
    (void)snprintf(text, sizeof text, "%g", p->study->plan_support);
    (void)study_fail(p->study, p->study->plan_support_place, "plan.support", text,
                     "no candidate of plan.params and plan.tokens lies among the runs of the fit "
                     "so widened: give more",
                     why);
    return STATUS_NO;
}

/* Candidates that the law speaks of, its runs support and the budget allows. */
static enum status list_runs(struct planning *p, struct status_why *why)
{
    size_t n_supported = 0;
    const size_t n[] = {(size_t)p->study->plan_params.steps, (size_t)p->study->plan_tokens.steps};
    double ends[2][2], *levels = malloc((n[0] + n[1]) * sizeof *levels);
    struct design d;
    enum status st = STATUS_OK;

    p->runs = malloc(n[0] * n[1] * sizeof *p->runs);
    if (levels == NULL || p->runs == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu candidate runs", n[0] * n[1]);
        goto out;
    }
    STATUS_TRY(find_range(p, LAW_PARAMS, &p->study->plan_params, &ends[0][0], &ends[0][1], why));
    STATUS_TRY(find_range(p, LAW_TOKENS, &p->study->plan_tokens, &ends[1][0], &ends[1][1], why));
    STATUS_TRY(bind_base(p, why));
    d = p->base;
    space_log(ends[0][0], ends[0][1], n[0], levels);
    space_log(ends[1][0], ends[1][1], n[1], levels + n[0]);
    for (size_t i = 0; i < n[0] * n[1]; i++) {
        double outcome[FOOTPRINT_N_OUTCOMES];
        d.value[DESIGN_PARAMS] = round(levels[i / n[1]]);
        d.value[DESIGN_TOKENS] = round(levels[n[0] + i % n[1]]);
        dependent_apply(&p->study->dependents, moved, &d);
        if (!is_supported(p, &d)) {
            continue;
        }
        n_supported++;
        allocation_price(&p->allocation, &p->model->predict, &d, outcome);
        const double cost = outcome[p->currency];
        if (cost > 0.0 && cost <= p->budget && isfinite(outcome[FOOTPRINT_LOSS])) {
            p->runs[p->n_runs++] = (struct planning_run){.params = d.value[DESIGN_PARAMS],
                                                         .tokens = d.value[DESIGN_TOKENS],
                                                         .compute_flop = outcome[FOOTPRINT_COMPUTE],
                                                         .cost = cost,
                                                         .loss_nat = outcome[FOOTPRINT_LOSS]};
        }
    }
    if (p->n_runs == 0) {
        st = fail_empty(p, n_supported, why);
    }
out:
    free(levels);
    return st;
}

/* M306 with the runs of the fit at one draw. \return false: the draw says nothing usable */
static bool begin_draw(const struct planning *p, const double theta[], double scale,
                       double information[])
{
    const struct model *m = p->model;
    inform_begin(&p->inform, information);
    if (!m->has_runs) {
        return !m->has_fit
               || inform_add_replicates(&p->inform, m->fit.replicates, m->fit.n_replicates,
                                        information);
    }
    const struct fit_data data = model_data(m, p->inform.law);
    for (size_t i = 0; i < data.n; i++) {
        double x[LAW_MAX_INPUTS], row[LAW_MAX_PARAMETERS];
        for (size_t k = 0; k < p->inform.law->n_inputs; k++) {
            x[k] = data.x[k][i];
        }
        if (!inform_row(&p->inform, theta, x, p->excess * scale * unit_of(p, &data, i), row)) {
            return false;
        }
        inform_add(&p->inform, data.weight != NULL ? data.weight[i] : 1.0, row, information);
    }
    return true;
}

/* M308 of one draw, and what the choice of the fit costs in it if it is a replicate. */
static void weigh_draw(struct planning *p, const double theta[])
{
    struct planning_regret *r = &p->regret;
    struct optimum best = {0};
    (void)optimum_at(p->inform.law, theta, p->compute_flop, &best); /* inform_aim has it */
    p->weights[p->n_draws] = 0.5 * best.curvature_nat;
    p->slopes[p->n_draws] = best.slope_nat;
    if (p->n_draws > 0) {
        const double off = p->value - vmath_log1(best.params);
        r->exact_nat += optimum_regret(p->inform.law, theta, p->compute_flop, vmath_exp1(p->value));
        r->by_curvature_nat += p->weights[p->n_draws] * off * off;
    }
}

/* One draw: what is known, what each candidate would tell, and how the target moves.
 * \return false: it has no such target */
static bool add_draw(struct planning *p, const double theta[], double scale)
{
    const size_t n = p->inform.n;
    const size_t d = p->n_draws;
    struct predict_model at = p->model->predict;
    struct design design = p->base;
    double value;
    memcpy(at.theta, theta, p->inform.law->n_parameters * sizeof *theta);
    if (!inform_aim(&p->inform, p->target, p->parameter, p->compute_flop, theta, &value,
                    p->gradients + d * n)
        || !begin_draw(p, theta, scale, p->information + d * n * n)) {
        return false;
    }
    for (size_t j = 0; j < p->n_runs; j++) {
        double x[LAW_MAX_INPUTS], *const row = p->rows + (d * p->n_runs + j) * n;
        design.value[DESIGN_PARAMS] = p->runs[j].params;
        design.value[DESIGN_TOKENS] = p->runs[j].tokens;
        dependent_apply(&p->study->dependents, moved, &design);
        predict_inputs(&at, &design, x);
        if (!inform_row(&p->inform, theta, x, p->excess * p->noise, row)) {
            memset(row, 0, n * sizeof *row);
        }
    }
    p->value = d == 0 ? value : p->value;
    if (p->is_regret) {
        weigh_draw(p, theta);
    }
    p->n_draws++;
    return true;
}

/* The optimum, and replicates spread evenly over those of the fit. */
static enum status make_draws(struct planning *p, double scale, struct status_why *why)
{
    const struct fit *fit = p->model->has_fit ? &p->model->fit : NULL;
    const size_t n = p->inform.n, n_replicates = fit != NULL ? fit->n_replicates : 0;
    const size_t wanted = (size_t)p->study->plan_draws;
    const size_t n_more = wanted < n_replicates ? wanted : n_replicates;
    p->information = malloc((1 + n_more) * n * n * sizeof *p->information);
    p->gradients = malloc((1 + n_more) * n * sizeof *p->gradients);
    p->rows = malloc((1 + n_more) * p->n_runs * n * sizeof *p->rows);
    p->costs = malloc(p->n_runs * sizeof *p->costs);
    p->weights = malloc((1 + n_more) * sizeof *p->weights);
    p->slopes = malloc((1 + n_more) * sizeof *p->slopes);
    if (p->information == NULL || p->gradients == NULL || p->rows == NULL || p->costs == NULL
        || p->weights == NULL || p->slopes == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu candidate runs in %zu draws", p->n_runs,
                           1 + n_more);
    }
    if (!p->model->has_runs && fit != NULL && n_replicates < 2) {
        return study_fail(p->study, p->study->law_from_place, "law.from", p->study->law_from,
                          "the fit has no replicates, which tell what it knows", why);
    }
    if (!add_draw(p, p->model->predict.theta, scale)) {
        return study_fail(
            p->study, p->study->plan_target_place, "plan.target", p->study->plan_target,
            "the law has no optimum of params and tokens in closed form: expected one "
            "of its parameters",
            why);
    }
    for (size_t k = 0; k < n_more; k++) {
        double theta[LAW_MAX_PARAMETERS];
        law_transform(p->inform.law,
                      fit->replicates + k * n_replicates / n_more * p->inform.law->n_parameters,
                      theta);
        (void)add_draw(p, theta, scale);
    }
    for (size_t j = 0; j < p->n_runs; j++) {
        p->costs[j] = p->runs[j].cost;
    }
    return STATUS_OK;
}

/* What each candidate is expected to show, with the noise of its own, at the optimum. */
static void predict_runs(struct planning *p)
{
    const size_t n = p->inform.n;
    const double z = quantile_normal(0.5 + 0.5 * p->confidence);
    double information[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double covariance[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    memcpy(information, p->information, n * n * sizeof *information);
    const bool known = dense_invert(n, information, covariance);
    for (size_t j = 0; j < p->n_runs; j++) {
        struct planning_run *run = &p->runs[j];
        const double *row = p->rows + j * n;
        double sum = 1.0 / (p->excess * p->excess);
        for (size_t i = 0; known && i < n * n; i++) {
            /* Of add_draw. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
            sum += row[i / n] * covariance[i] * row[i % n];
        }
        const double half = known ? z * p->excess * p->noise * sqrt(sum) : (double)NAN;
        const bool is_log = p->inform.residual == FIT_LOG;
        run->lower = is_log ? run->loss_nat * vmath_exp1(-half) : run->loss_nat - half;
        run->upper = is_log ? run->loss_nat * vmath_exp1(half) : run->loss_nat + half;
    }
}

/* M304: spreads of every parameter along the plan, at the optimum. */
static enum status find_settled(struct planning *p, struct status_why *why)
{
    static const double open_share = 0.5;
    size_t *chosen = malloc((p->plan.n + 1) * sizeof *chosen);
    p->steps = calloc(p->plan.n + 1, sizeof *p->steps);
    if (chosen == NULL || p->steps == NULL) {
        free(chosen);
        return status_fail(why, STATUS_MEMORY, "%zu runs", p->plan.n);
    }
    for (size_t i = 0; i < p->plan.n; i++) {
        chosen[i] = p->plan.steps[i].candidate;
        p->steps[i].factor = (double)INFINITY;
    }
    for (size_t k = 0; k < p->inform.n; k++) {
        double unit[LAW_MAX_PARAMETERS] = {0.0};
        struct plan_problem one = p->problem;
        unit[k] = 1.0;
        one.n_draws = 1;
        one.target = unit;
        one.weight = NULL;
        double before = plan_spread(&one, NULL, 0);
        const double open = vmath_log1(open_share * p->inform.sd[k]);
        p->open_before[p->inform.of[k]] =
            before >= open
            || (p->model->has_fit && p->model->fit.verdicts[p->inform.of[k]] == FIT_NOT_IDENTIFIED);
        for (size_t i = 0; i < p->plan.n; i++) {
            const double after = plan_spread(&one, chosen, i + 1);
            const double factor = vmath_exp1(after - before);
            if (factor < p->steps[i].factor) {
                p->steps[i] = (struct planning_step){p->inform.of[k], factor};
            }
            before = after;
        }
        p->open_after[p->inform.of[k]] = before >= open;
    }
    free(chosen);
    return STATUS_OK;
}

/* M310 along the plan; a run is worth it while it saves more of the target's compute than it takes,
 * or one after it does. */
static enum status find_regret(struct planning *p, struct status_why *why)
{
    struct planning_regret *r = &p->regret;
    size_t *chosen = malloc((p->plan.n + 1) * sizeof *chosen);
    struct regret_draw *draws = calloc(p->n_draws, sizeof *draws);
    enum status st = STATUS_OK;
    r->after = calloc(p->plan.n + 1, sizeof *r->after);
    r->saved_flop = calloc(p->plan.n + 1, sizeof *r->saved_flop);
    if (chosen == NULL || draws == NULL || r->after == NULL || r->saved_flop == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu runs", p->plan.n);
        goto out;
    }
    r->exact_nat /= (double)(p->n_draws - 1);
    r->by_curvature_nat /= (double)(p->n_draws - 1);
    for (size_t n = 0; n <= p->plan.n; n++) {
        for (size_t d = 0; d < p->n_draws; d++) {
            draws[d] = (struct regret_draw){
                p->weights[d] * plan_variance(&p->problem, d, chosen, n), p->slopes[d]};
        }
        r->after[n] = regret_of(draws, p->n_draws, p->confidence);
        if (n < p->plan.n) {
            chosen[n] = p->plan.steps[n].candidate;
        }
    }
    p->plan.n_worth = 0;
    for (size_t i = 0; i < p->plan.n; i++) {
        r->saved_flop[i] =
            p->compute_flop
            * (r->after[i].wasted_compute_ratio - r->after[i + 1].wasted_compute_ratio);
        if (r->saved_flop[i] >= p->runs[chosen[i]].compute_flop) {
            p->plan.n_worth = i + 1;
        }
    }
out:
    free(chosen);
    free(draws);
    return st;
}

static enum status plan(struct planning *p, struct status_why *why)
{
    const struct study *study = p->study;
    static const struct fit_parameter_option nothing[LAW_MAX_PARAMETERS];
    const struct model *m = p->model;
    double scale = 0.0;
    enum status st = STATUS_OK;

    inform_open(m->predict.law,
                m->has_fit ? m->fit.options.residual : (enum fit_residual)study->residual,
                m->has_fit ? m->fit.options.parameters : nothing, m->predict.theta, &p->inform);
    p->compute_flop = study->plan_compute_flop > 0.0 ? study->plan_compute_flop
                      : m->has_fit                   ? m->fit.options.target_compute_flop
                                                     : study->target_compute_flop;
    p->confidence = m->has_fit ? m->fit.options.confidence : study->confidence;
    STATUS_TRY(read_budget(p, why));
    STATUS_TRY(read_target(p, why));
    if (p->target != INFORM_PARAMETER && !(p->compute_flop > 0.0)) {
        return study_fail(study, nowhere, "plan.target_compute_flop", NULL,
                          "missing: the target is an optimum at a compute", why);
    }
    STATUS_TRY(find_noise(p, &scale, why));
    p->excess = find_excess(p, scale);
    STATUS_TRY(list_runs(p, why));
    STATUS_TRY(make_draws(p, scale, why));
    predict_runs(p);
    p->problem = (struct plan_problem){.n_parameters = p->inform.n,
                                       .n_candidates = p->n_runs,
                                       .n_draws = p->n_draws,
                                       .information = p->information,
                                       .rows = p->rows,
                                       .target = p->gradients,
                                       .weight = p->is_regret ? p->weights : NULL,
                                       .cost = p->costs,
                                       .budget = p->budget,
                                       .n_runs = (size_t)study->plan_runs,
                                       .n_repeats = (size_t)study->plan_repeats,
                                       .worth = study->plan_worth};
    STATUS_TRY(plan_choose(&p->problem, &p->plan, why));
    STATUS_TRY(find_settled(p, why));
    if (p->is_regret) {
        STATUS_TRY(find_regret(p, why));
    }
out:
    return st;
}

enum status planning_make(MPI_Comm comm, const struct study *study, const struct model *model,
                          struct planning *made, struct status_why *why)
{
    _Static_assert((int)PLAN_MAX_PARAMETERS >= (int)LAW_MAX_PARAMETERS, "a plan holds any law");
    memset(made, 0, sizeof *made);
    made->study = study;
    made->model = model;
    const enum status st = allocation_open(comm, study, &model->predict, &made->allocation, why);
    return st == STATUS_OK ? team_agree(comm, plan(made, why), why) : st;
}

void planning_clear(struct planning *p)
{
    if (p->study != NULL) {
        allocation_clear(&p->allocation);
    }
    plan_clear(&p->plan);
    free(p->runs);
    free(p->information);
    free(p->rows);
    free(p->gradients);
    free(p->costs);
    free(p->weights);
    free(p->slopes);
    free(p->regret.after);
    free(p->regret.saved_flop);
    free(p->steps);
    memset(p, 0, sizeof *p);
}

double planning_spread(const struct planning *p, size_t n)
{
    return n > 0 ? p->plan.steps[n - 1].spread : p->plan.spread_before;
}

struct fit_interval planning_interval(const struct planning *p, size_t n)
{
    if (p->is_regret) {
        const struct regret *r = &p->regret.after[n];
        return (struct fit_interval){r->expected_nat, (double)NAN, r->lower_nat, r->upper_nat};
    }
    const double sd = vmath_exp1(planning_spread(p, n));
    const double half = quantile_normal(0.5 + 0.5 * p->confidence) * sd;
    struct fit_interval shown = {p->value, sd, p->value - half, p->value + half};
    if (inform_is_log(&p->inform, p->target, p->parameter)) {
        shown.value = vmath_exp1(shown.value);
        shown.lower = vmath_exp1(shown.lower);
        shown.upper = vmath_exp1(shown.upper);
    }
    return shown;
}
