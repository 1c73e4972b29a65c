/* No value of a box is below the bound that a search takes of it: for every law that designs can be
 * given to, with every correction that fits it, and for every formula of the tables. */
#include <stdlib.h>
#include <string.h>

#include "inputs/corrections.h"
#include "search/exact/bounds.h"
#include "solver/base/rng.h"
#include "solver/evaluator.h"
#include "solver/formula/formula.h"
#include "solver/formula/formula_bounds.h"
#include "solver/laws/custom.h"
#include "tests/harness.h"
#include "tests/known/laws.h"
#include "tests/search/front/brute.h"
#include "tests/solver/catalogue.h"

#if defined(__SANITIZE_ADDRESS__)
enum { N_BOXES = 60, WANTED_BOXES = 10000 };
#else
enum { N_BOXES = 600, WANTED_BOXES = 100000 };
#endif
enum { N_POINTS = 16, MOST_LEVELS = 64 };

static struct status_why why;
static size_t n_boxes; /* of all tests */

static size_t below(struct rng *r, size_t n)
{
    const size_t k = (size_t)(rng_uniform(r) * (double)n);
    return k < n ? k : n - 1;
}

/* The loss of a model over a space of all numbers that it reads. */
struct searched {
    struct predict_model model;
    struct hardware_catalogue catalogue;
    struct space space;
    struct evaluator_axis axes[DESIGN_N_INPUTS];
    double levels[DESIGN_N_INPUTS][MOST_LEVELS];
    enum footprint_outcome outcome;
    struct evaluator *evaluator;
    struct tables_outcome tables;
    struct problem problem;
};

static void evaluate(const void *context, uint64_t begin, size_t n, double values[], size_t stride)
{
    const struct searched *s = context;
    evaluator_block(s->evaluator, begin, n, values, stride);
}

/* Where the numbers of designs lie that the table of ranges does not name. */
static const struct range {
    const char *input;
    double lower, upper;
} other_ranges[] = {
    {"training_bits", 3, 16},
    {"experts", 1, 64},
    {"unique_tokens", 1e8, 1e12},
    {"batch_tokens", 1e4, 1e7},
};

/* Levels of an input, from one to many, the ends of its range among them. */
static size_t draw_levels(struct rng *r, const struct law *law, enum design_input input,
                          double levels[])
{
    const struct laws_range *named = laws_range_named(law, design_field(input)->name);
    double lower = 0.5, upper = 1.0;
    for (size_t i = 0; i < sizeof other_ranges / sizeof *other_ranges; i++) {
        if (strcmp(other_ranges[i].input, design_field(input)->name) == 0) {
            lower = other_ranges[i].lower;
            upper = other_ranges[i].upper;
        }
    }
    lower = named != NULL ? named->lower : lower;
    upper = named != NULL ? named->upper : upper;
    const size_t n = rng_uniform(r) < 0.2 ? 1 : 2 + below(r, MOST_LEVELS - 2);
    if (lower > 0.0) {
        space_log(lower, upper, n, levels);
    } else {
        space_linear(lower, upper, n, levels);
    }
    return n;
}

/* \return whether the loss has tables, so that boxes of it are bounded */
static bool make(struct rng *r, const struct predict_model *model, struct searched *s)
{
    memset(s, 0, sizeof *s);
    space_init(&s->space);
    s->model = *model;
    s->catalogue = catalogue_made_by_hand();
    s->outcome = FOOTPRINT_LOSS;
    struct evaluator_options o = {.axes = s->axes,
                                  .base = design_neutral(),
                                  .model = &s->model,
                                  .catalogue = &s->catalogue,
                                  .footprint = footprint_defaults(),
                                  .n_outcomes = 1,
                                  .outcomes = &s->outcome};
    const design_set reads = predict_reads(&s->model);
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        const struct design_field *field = design_field(input);
        if (!design_has(reads, input) || field->kind == DESIGN_CATEGORY) {
            continue;
        }
        const size_t n = draw_levels(r, model->law, input, s->levels[i]);
        s->axes[o.n_axes++] = (struct evaluator_axis){input, n, s->levels[i]};
        struct space_axis axis = {
            .role = SPACE_DECISION, .kind = SPACE_NUMBER, .n = n, .values = s->levels[i]};
        (void)snprintf(axis.name, sizeof axis.name, "%s", field->name);
        HARNESS_ASSERT_OK(space_add(&s->space, &axis, &why));
    }
    o.base.value[DESIGN_PRECISION] = PRECISION_BF16;
    if (evaluator_create(&o, &s->evaluator, &why) != STATUS_OK) { /* a level, not the bounds */
        CU_ASSERT(harness_contains(why.message, "outside the domain"));
        status_clear(&why);
    }
    s->problem = (struct problem){.space = &s->space,
                                  .n_objectives = 1,
                                  .is_partial = true,
                                  .evaluate = evaluate,
                                  .context = s,
                                  .tables = &s->tables};
    return s->evaluator != NULL && evaluator_tables(s->evaluator, 0, &s->tables)
           && bounds_apply(&s->problem);
}

static void clear(struct searched *s)
{
    evaluator_destroy(s->evaluator);
    space_clear(&s->space);
}

/* A box around a random configuration: from that alone to the whole space. */
static void draw_box(struct rng *r, const struct bounds *b, struct pyramid_node nodes[])
{
    const struct space *space = b->layout.problem->space;
    const size_t deepest = below(r, 8);
    for (size_t c = 0; c < b->layout.n_core; c++) {
        nodes[c] = pyramid_root(space->axes[b->layout.core[c]].n);
        for (size_t k = 0; k < deepest && nodes[c].end - nodes[c].begin > 1; k++) {
            nodes[c] = rng_uniform(r) < 0.5 ? pyramid_lower(nodes[c]) : pyramid_upper(nodes[c]);
        }
    }
}

/* Values of a box beyond its bounds. */
static size_t count_beyond(struct rng *r, const struct bounds *b, const struct problem *p)
{
    struct pyramid_node nodes[SPACE_MAX_AXES] = {{0}};
    size_t levels[SPACE_MAX_AXES] = {0}, at[BOUNDS_MOST_PYRAMIDS] = {0}, n_beyond = 0;
    uint32_t numbers[SPACE_MAX_AXES] = {0};
    double best = 0.0;
    layout_option(&b->layout, below(r, (size_t)b->layout.n_options), levels);
    bounds_place(b, levels, at);
    draw_box(r, b, nodes);
    for (size_t c = 0; c < b->layout.n_core; c++) {
        numbers[c] = (uint32_t)nodes[c].number;
    }
    const bool feasible = bounds_best(b, at, numbers, &best);
    const double worst = bounds_worst(b, at, numbers, 0);
    for (size_t k = 0; k < N_POINTS; k++) {
        for (size_t c = 0; c < b->layout.n_core; c++) { /* the corners, then points inside */
            const size_t n = nodes[c].end - nodes[c].begin;
            const size_t corner = k >> c & 1U ? n - 1 : 0;
            levels[b->layout.core[c]] = nodes[c].begin + (k < 8 ? corner : below(r, n));
        }
        double x;
        if (brute_evaluate(p, layout_index(&b->layout, levels), &x)) {
            n_beyond += !feasible || !(best <= x && x <= worst);
        }
    }
    n_boxes++;
    return n_beyond;
}

/* \return whether the model is searched by boxes */
static bool check_model(const struct predict_model *model, uint64_t item)
{
    static struct searched s;
    static struct bounds bounds;
    struct rng r;
    size_t n_beyond = 0;
    rng_init(&r, 2385, RNG_TEST, item);
    const bool is_bounded = make(&r, model, &s);
    if (is_bounded) {
        HARNESS_ASSERT_OK(bounds_create(&s.problem, &bounds, &why));
        for (size_t k = 0; k < N_BOXES; k++) {
            n_beyond += count_beyond(&r, &bounds, &s.problem);
        }
        bounds_clear(&bounds);
    }
    clear(&s);
    if (n_beyond > 0) {
        harness_say(model->law->id);
        harness_say(model->n_corrections > 0 ? model->corrections[0].id : "without correction");
    }
    CU_ASSERT_EQUAL(n_beyond, 0);
    return is_bounded;
}

static void test_no_loss_of_any_law_is_beyond_the_bounds_of_its_box(void)
{
    size_t n_bounded = 0;
    laws_read();
    const struct law *law;
    for (size_t i = 0; (law = law_at(i)) != NULL; i++) {
        const struct predict_model model = catalogue_model(law->id, laws_planted(law));
        if (predict_check(&model, &why) == STATUS_OK) {
            n_bounded += check_model(&model, i);
        }
        status_clear(&why);
    }
    for (size_t i = 0; i < laws_n_sets; i++) {
        const struct predict_model model =
            catalogue_model(laws_sets[i].law->id, laws_sets[i].natural);
        if (predict_check(&model, &why) == STATUS_OK) {
            n_bounded += check_model(&model, 100 + i);
        }
        status_clear(&why);
    }
    CU_ASSERT(n_bounded >= 20);
}

/* What is not published is in the middle of what is allowed, or next to its end. */
static void complete(struct correct *c)
{
    for (size_t i = 0; i < c->kind->n_parameters; i++) {
        const struct correct_parameter *p = &c->kind->parameters[i];
        if (isnan(c->values[i])) {
            c->values[i] = isfinite(p->upper) && p->upper < 1e3 ? 0.5 * (p->lower + p->upper)
                                                                : p->lower + 2.385;
        }
    }
}

static void test_no_loss_with_any_correction_is_beyond_the_bounds_of_its_box(void)
{
    struct correct *published = NULL;
    size_t n_published = 0, n_kinds = 0, n_effects = 0;
    laws_read();
    HARNESS_ASSERT_OK(corrections_read(harness_comm(), harness_source("inputs/data"), &published,
                                       &n_published, &why));
    const struct correct_kind *kind;
    for (size_t k = 0; (kind = correct_at(k)) != NULL; k++) {
        size_t n_bounded = 0;
        for (size_t c = 0; c <= n_published; c++) {
            struct correct correction = c < n_published ? published[c] : correct_neutral(kind);
            if (correction.kind != kind) {
                continue;
            }
            complete(&correction);
            for (size_t i = 0; i < laws_n_sets; i++) {
                struct predict_model model =
                    catalogue_model(laws_sets[i].law->id, laws_sets[i].natural);
                (void)snprintf(model.source, sizeof model.source, "%s", laws_sets[i].source);
                if (predict_correct(&model, &correction, &why) == STATUS_OK
                    && predict_check(&model, &why) == STATUS_OK && n_bounded < 9) {
                    n_bounded += check_model(&model, 1000 * (k + 1) + 50 * c + i);
                }
                status_clear(&why);
            }
        }
        const bool is_of_loss = kind->target != CORRECT_OF_ACCURACY;
        n_effects += is_of_loss;
        n_kinds += is_of_loss && n_bounded > 0;
        if (is_of_loss && n_bounded == 0) {
            harness_say(kind->name);
        }
    }
    free(published);
    CU_ASSERT_EQUAL(n_kinds, n_effects);
}

/* A formula of the tables, on the inputs as its law takes them. */
struct compiled {
    const struct custom_source *source;
    struct formula_program *program;
    double *workspace, lower[LAW_MAX_INPUTS], upper[LAW_MAX_INPUTS];
};

static void compile(const struct law *law, struct compiled *c)
{
    const char *inputs[LAW_MAX_INPUTS] = {NULL}, *parameters[LAW_MAX_PARAMETERS] = {NULL};
    bool is_log[LAW_MAX_INPUTS] = {false};
    struct formula *f = NULL;
    size_t column;
    c->source = custom_source_of(law);
    for (size_t i = 0; i < law->n_inputs; i++) {
        const struct laws_range *r = laws_range_of(law, i);
        inputs[i] = law->inputs[i].name;
        is_log[i] = law->inputs[i].logarithmic;
        c->lower[i] = is_log[i] ? log(r->lower) : r->lower;
        c->upper[i] = is_log[i] ? log(r->upper) : r->upper;
    }
    for (size_t i = 0; i < law->n_parameters; i++) {
        parameters[i] = law->parameters[i].name;
    }
    const struct formula_names names = {.n_inputs = law->n_inputs,
                                        .inputs = inputs,
                                        .input_is_log = is_log,
                                        .n_parameters = law->n_parameters,
                                        .parameters = parameters};
    HARNESS_ASSERT_OK(formula_compile(c->source->text, &names, &f, &column, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    HARNESS_ASSERT_OK(formula_differentiate(f, FORMULA_VALUE, 0, NULL, &c->program, &why));
    formula_destroy(f);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c->program);
    c->workspace = malloc(formula_program_workspace(c->program) * sizeof(double));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c->workspace);
    formula_program_prepare(c->program, laws_planted(law), c->workspace);
}

/* A box of inputs: one point, around one, to an end of the ranges or beyond it, or all. */
static void draw_inputs(struct rng *r, const struct compiled *c, size_t n, double lower[],
                        double upper[])
{
    const double width = ldexp(1.0, -(int)below(r, 30));
    const size_t way = below(r, 8);
    for (size_t i = 0; i < n; i++) {
        const double range = c->upper[i] - c->lower[i];
        const double at = c->lower[i] + range * rng_uniform(r);
        const double half = way == 0 ? 0.0 : range * width;
        lower[i] = way == 1 ? c->lower[i] : way == 2 ? c->lower[i] - 0.2 * range : at - half;
        upper[i] = way == 1 ? c->upper[i] : at + half;
    }
}

static size_t count_outside(struct rng *r, const struct compiled *c, size_t n_inputs)
{
    double lower[LAW_MAX_INPUTS], upper[LAW_MAX_INPUTS], lowest, highest;
    double x[LAW_MAX_INPUTS][N_POINTS], y[N_POINTS], *out[1] = {y};
    const double *columns[LAW_MAX_INPUTS];
    size_t n_outside = 0;
    draw_inputs(r, c, n_inputs, lower, upper);
    for (size_t i = 0; i < n_inputs; i++) {
        columns[i] = x[i];
        for (size_t k = 0; k < N_POINTS; k++) {
            const double inside = lower[i] + (upper[i] - lower[i]) * rng_uniform(r);
            x[i][k] = k < 8 ? (k >> i % 3 & 1U ? upper[i] : lower[i]) : fmin(upper[i], inside);
        }
    }
    formula_bounds_find(c->program, lower, upper, &lowest, &highest, c->workspace);
    formula_program_run(c->program, N_POINTS, columns, out, c->workspace);
    for (size_t k = 0; k < N_POINTS; k++) {
        n_outside += !isnan(y[k]) && !(lowest <= y[k] && y[k] <= highest);
    }
    n_boxes++;
    return n_outside;
}

static void test_no_value_of_any_formula_is_outside_its_interval(void)
{
    size_t n_formulas = 0;
    laws_read();
    const struct law *law;
    for (size_t i = 0; (law = law_at(i)) != NULL; i++) {
        struct compiled c = {0};
        struct rng r;
        size_t n_outside = 0;
        if (custom_source_of(law) == NULL) {
            continue;
        }
        compile(law, &c);
        rng_init(&r, 71, RNG_TEST, i);
        for (size_t k = 0; k < N_BOXES; k++) {
            n_outside += count_outside(&r, &c, law->n_inputs);
        }
        if (n_outside > 0) {
            harness_say(law->id);
        }
        CU_ASSERT_EQUAL(n_outside, 0);
        free(c.workspace);
        formula_program_destroy(c.program);
        n_formulas++;
    }
    CU_ASSERT(n_formulas >= 40);
}

static void test_there_were_enough_boxes(void)
{
    CU_ASSERT(n_boxes >= WANTED_BOXES);
    free(laws_sets);
    laws_sets = NULL;
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"no_loss_of_any_law_is_beyond_the_bounds_of_its_box",
         test_no_loss_of_any_law_is_beyond_the_bounds_of_its_box},
        {"no_loss_with_any_correction_is_beyond_the_bounds_of_its_box",
         test_no_loss_with_any_correction_is_beyond_the_bounds_of_its_box},
        {"no_value_of_any_formula_is_outside_its_interval",
         test_no_value_of_any_formula_is_outside_its_interval},
        {"there_were_enough_boxes", test_there_were_enough_boxes},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
