#include "jobs/draws.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "search/exact/path.h"
#include "solver/base/log.h"
#include "solver/draw.h"

enum { DEFAULT_DRAWS = 1000 }; /* of a catalogue alone */

/* The scale of the decision: a row that gives away less than this share of compute would buy is as
 * good as any. */
#define DRAWS_MORE_COMPUTE 0.05

static const enum footprint_outcome objective = FOOTPRINT_LOSS;

/* Position of the loss among the objectives, or their number. */
static size_t find_objective(const struct study *study)
{
    size_t i = 0;
    while (i < study->n_objectives && study->objectives[i] != objective) {
        i++;
    }
    return i;
}

/* A draw axis, or NULL. */
static const struct study_axis *find_draw(const struct study *study, enum design_input *input)
{
    for (size_t i = 0; i < study->n_space; i++) {
        *input = study->space_order[i];
        if (study->space[*input].is_axis && study->space[*input].role == STUDY_DRAW) {
            return &study->space[*input];
        }
    }
    return NULL;
}

static enum status check(const struct study *study, const struct model *model, size_t n_draws,
                         struct status_why *why)
{
    const size_t n_replicates = model->has_fit ? model->fit.n_replicates : 0;
    char text[64], expected[200];
    (void)snprintf(text, sizeof text, "%zu", n_draws);
    if (find_objective(study) == study->n_objectives) {
        return study_fail(study, study->objectives_place, "objectives", NULL,
                          "a band is of loss_nat, which is none of them", why);
    }
    enum design_input input;
    if (n_replicates == 0 && study->band_catalogue == STUDY_FALSE
        && find_draw(study, &input) == NULL) {
        return study_fail(study, study->band_draws_place, "band.draws", text,
                          "there is nothing to draw: the law has no replicates (fit.replicates), "
                          "band.catalogue is false, and space has no role: draw",
                          why);
    }
    if (n_replicates > 0 && n_draws > n_replicates) {
        (void)snprintf(expected, sizeof expected,
                       "at most as many as the fit has replicates, %zu (fit.replicates)",
                       n_replicates);
        return study_fail(study, study->band_draws_place, "band.draws", text, expected, why);
    }
    return STATUS_OK;
}

enum status draws_count(const struct study *study, const struct model *model, bool asked,
                        size_t *n_draws, struct status_why *why)
{
    *n_draws = study->band_draws;
    if (*n_draws == 0 && asked) {
        const bool has_replicates = model->has_fit && model->fit.n_replicates > 0;
        *n_draws = has_replicates ? model->fit.n_replicates : DEFAULT_DRAWS;
    }
    enum design_input input;
    const struct study_axis *drawn = find_draw(study, &input);
    if (*n_draws == 0 && drawn != NULL) {
        char key[64];
        (void)snprintf(key, sizeof key, "space.%s", design_field(input)->name);
        return study_fail(study, drawn->place, key, "role: draw",
                          "is drawn in a band alone: run scalefront band, or give band.draws", why);
    }
    return *n_draws > 0 ? check(study, model, *n_draws, why) : STATUS_OK;
}

/* The draw that is bound, and what it is made from. */
struct draws {
    const struct allocation *allocation;
    const struct model *model;
    struct predict_model predict;
    struct hardware_catalogue catalogue;
    struct allocation drawn;
};

static void release(struct draws *d)
{
    allocation_draw_clear(&d->drawn);
    draw_clear(&d->catalogue);
}

/* problem_draw(k) of the design. Every draw takes the fastest path that it can, unless the study
 * forces one: a table that is finite at the point estimate may be not in a draw. */
static enum status draw(void *context, size_t k, const struct problem **problem,
                        struct frontier *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct draws *d = context;
    const struct study *study = d->allocation->study;
    const struct fit *fit = &d->model->fit;
    const uint64_t figures = study->band_catalogue == STUDY_TRUE ? k : 0;
    const struct path_options options = {0};
    release(d);
    STATUS_ASSERT(k > 0);
    d->predict = d->model->predict;
    if (d->model->has_fit && fit->n_replicates > 0) {
        law_transform(fit->law, fit->replicates + (k - 1) * fit->law->n_parameters,
                      d->predict.theta);
    }
    STATUS_TRY(draw_catalogue(&d->allocation->catalogue, study->seed, figures, &d->catalogue, why));
    STATUS_TRY(allocation_draw(d->allocation, &d->predict, &d->catalogue, k, &d->drawn, why));
    const struct path *path = path_choose(&d->drawn.problem, (enum path_kind)study->path, why);
    if (path == NULL) {
        status_clear(why);
        path = path_choose(&d->drawn.problem, PATH_AUTO, why);
    }
    STATUS_TRY(path == NULL ? STATUS_INPUT : STATUS_OK);
    STATUS_TRY(path->search(MPI_COMM_SELF, &d->drawn.problem, &options, made, why));
    *problem = &d->drawn.problem;
out:
    return st;
}

/* The loss that DRAWS_MORE_COMPUTE buys at a row, params and tokens growing alike (docs/model.md
 * M730); where the law says nothing there, what the same share less would give away; 0 where it
 * depends on neither. */
static double tolerance(const void *context, uint64_t configuration)
{
    static const int directions[] = {1, -1};
    const struct draws *d = context;
    const struct allocation *a = d->allocation;
    struct design at;
    double bought = 0.0;
    evaluator_design(a->evaluator, configuration, &at);
    const double loss_nat = predict_loss_nat(a->model, &at);
    for (size_t i = 0; i < 2 && !(bought > 0.0); i++) {
        const double grown = exp(0.5 * directions[i] * log1p(DRAWS_MORE_COMPUTE));
        struct design other = at;
        other.value[DESIGN_PARAMS] *= grown;
        other.value[DESIGN_TOKENS] *= grown;
        dependent_apply(&a->study->dependents, 0, &other);
        bought = directions[i] * (loss_nat - predict_loss_nat(a->model, &other));
    }
    return bought > 0.0 ? bought : 0.0;
}

enum status draws_band(MPI_Comm comm, const struct allocation *allocation,
                       const struct model *model, size_t n_draws, const struct frontier *frontier,
                       const char *journal, const char *digest, struct band *made,
                       struct status_why *why)
{
    const struct study *study = allocation->study;
    struct draws draws = {.allocation = allocation, .model = model};
    struct band_options options = {
        .point = &allocation->problem,
        .frontier = frontier,
        .objective = find_objective(study),
        .n_draws = n_draws,
        .epsilon = study->band_epsilon_nat,
        .tolerance = tolerance,
        .tolerance_name = study->band_epsilon_nat > 0.0
                              ? "band.epsilon_nat of the study"
                              : "the loss that 5 % more compute buys at the row",
        .keep = study->band_keep,
        .most_candidates = (size_t)study->band_candidates,
        .draw = draw,
        .context = &draws,
        .journal = journal,
        .digest = digest,
    };
    const enum status st = band_make(comm, &options, made, why);
    release(&draws);
    if (st == STATUS_OK) {
        log_line(LOG_INFO, "band draws=%zu candidates=%zu cut=%zu rows=%zu", n_draws,
                 made->n_candidates, made->n_cut, made->n_rows);
    }
    return st;
}
