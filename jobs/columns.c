#include "jobs/columns.h"

#include <math.h>
#include <stdio.h>

static void add(struct columns *c, const char *name, const char *unit, const char *long_name,
                const char *role)
{
    STATUS_ASSERT(c->n < COLUMNS_MOST);
    c->columns[c->n++] = (struct frontier_file_column){name, unit, long_name, role};
}

/* The inputs that follow from others, none of them from one that is \a unknown. */
static void add_dependents(struct columns *c, design_set unknown)
{
    const struct dependent_list *list = &c->allocation->study->dependents;
    for (size_t i = 0; i < list->n; i++) {
        const enum design_input input = list->all[i].input;
        const struct design_field *field = design_field(input);
        if ((dependent_behind(list, DESIGN_BIT(input)) & unknown) == 0) {
            c->dependents[c->n_dependents++] = input;
            add(c, field->name, field->unit, field->long_name, "dependent");
        }
    }
}

static void add_outcomes(struct columns *c)
{
    const struct allocation *a = c->allocation;
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        bool is_objective = false;
        for (size_t i = 0; i < a->problem.n_objectives; i++) {
            is_objective = is_objective || a->outcomes[i] == (enum footprint_outcome)o;
        }
        if (!is_objective && allocation_can(a, (enum footprint_outcome)o)) {
            const struct footprint_field *field = footprint_field((enum footprint_outcome)o);
            c->outcomes[c->n_outcomes++] = (enum footprint_outcome)o;
            add(c, field->name, field->unit, field->long_name, NULL);
        }
    }
}

/* What is said of the loss beside its value. */
static void add_of_loss(struct columns *c)
{
    c->has_loss = allocation_can(c->allocation, FOOTPRINT_LOSS);
    if (c->has_loss) {
        add(c, "extrapolation_ratio", "1",
            "least product of factors by which what the law reads must change to lie among its "
            "runs; 1: among them",
            NULL);
    }
    if (!c->has_loss || c->forecast == NULL) {
        c->forecast = NULL;
        return;
    }
    if (forecast_has_new_run(c->forecast)) {
        add(c, "loss_nat_lo", "nat", "lower end of the interval of a new run", NULL);
        add(c, "loss_nat_hi", "nat", "upper end of the interval of a new run", NULL);
    }
    add(c, "loss_nat_mean_lo", "nat", "lower end of the interval of the fitted mean", NULL);
    add(c, "loss_nat_mean_hi", "nat", "upper end of the interval of the fitted mean", NULL);
}

/* \return how many columns were filled */
static size_t fill_of_loss(const struct columns *c, const struct design *d, double values[],
                           size_t stride)
{
    size_t n = 0;
    if (c->has_loss) {
        values[n++ * stride] = predict_extrapolation_ratio(c->allocation->model, d);
    }
    if (c->forecast != NULL) {
        struct forecast_interval i;
        forecast_make(c->forecast, c->allocation->model, d, &i);
        if (forecast_has_new_run(c->forecast)) {
            values[n++ * stride] = i.lower;
            values[n++ * stride] = i.upper;
        }
        values[n++ * stride] = i.mean_lower;
        values[n++ * stride] = i.mean_upper;
    }
    return n;
}

static const char *const side_suffixes[COLUMNS_OF_CLASS] = {"", "_lo", "_hi"};

const char *columns_class_name(const struct hardware_class *class, size_t side, char name[],
                               size_t size)
{
    (void)snprintf(name, size, "class_%s_kg%s", class->id, side_suffixes[side]);
    return name;
}

void columns_class_mass(const struct hardware_catalogue *catalogue, const struct design *d,
                        double device_lifetime, int class, double kg[COLUMNS_OF_CLASS])
{
    const int device = design_code(d, DESIGN_DEVICE);
    const double none = NAN; /* the macro is a float */
    const struct hardware_interval mass =
        device >= 0 ? hardware_class_mass(catalogue, device, class).mass_kg
                    : (struct hardware_interval){none, none, none};
    const double of_one[COLUMNS_OF_CLASS] = {mass.typical, mass.lo, mass.hi};
    for (size_t side = 0; side < COLUMNS_OF_CLASS; side++) {
        kg[side] = device_lifetime * of_one[side];
    }
}

static void add_classes(struct columns *c)
{
    static const char *const sides[COLUMNS_OF_CLASS] = {"", ", lower bound", ", upper bound"};
    const struct allocation *a = c->allocation;
    for (size_t i = 0; i < COLUMNS_OF_CLASS * a->n_classes; i++) {
        const size_t side = i % COLUMNS_OF_CLASS;
        const struct hardware_class *class =
            &a->catalogue.classes[a->classes[i / COLUMNS_OF_CLASS]];
        (void)columns_class_name(class, side, c->classes[i].name, sizeof c->classes[i].name);
        (void)snprintf(c->classes[i].long_name, sizeof c->classes[i].long_name,
                       "%s, in the device lives used up%s", class->title, sides[side]);
        add(c, c->classes[i].name, "kg", c->classes[i].long_name, NULL);
    }
}

static void add_slack(struct columns *c, size_t constraint, bool is_upper)
{
    const struct problem_constraint *of = &c->problem->constraints[constraint];
    struct columns_slack *s = &c->slacks[c->n_slacks++];
    s->constraint = constraint;
    s->is_upper = is_upper;
    (void)snprintf(s->name, sizeof s->name, "slack_%s_%s", is_upper ? "max" : "min", of->name);
    (void)snprintf(s->long_name, sizeof s->long_name, "how far %s is %s", of->name,
                   is_upper ? "below its greatest" : "above its least");
    add(c, s->name, of->unit, s->long_name, "slack");
}

static void add_slacks(struct columns *c)
{
    for (size_t i = 0; i < c->problem->n_constraints; i++) {
        if (isfinite(c->problem->constraints[i].lower)) {
            add_slack(c, i, false);
        }
        if (isfinite(c->problem->constraints[i].upper)) {
            add_slack(c, i, true);
        }
    }
}

static void choose_flags(struct columns *c)
{
    for (int f = 0; f < PREDICT_N_FLAGS; f++) {
        const struct predict_flag_field *field = predict_flag_field((enum predict_flag)f);
        c->flags[f] = (struct frontier_file_column){field->name, "", field->long_name, NULL};
    }
    c->flags[COLUMNS_FLAG_PRECISION] = (struct frontier_file_column){
        "optimistic_precision", "", "the MFU of this precision is a published upper bound", NULL};
    c->flags[COLUMNS_FLAG_UNPRICED] = (struct frontier_file_column){
        "unpriced", "", "a choice makes an outcome better and nothing read pays for it", NULL};
}

void columns_make(const struct allocation *a, struct forecast *forecast, struct columns *c)
{
    *c = (struct columns){.allocation = a, .problem = &a->problem, .forecast = forecast};
    add_dependents(c, 0);
    add_outcomes(c);
    add_of_loss(c);
    add_classes(c);
    add_slacks(c);
    choose_flags(c);
}

void columns_make_worst(const struct allocation *a, const struct problem *problem,
                        struct columns *c)
{
    design_set unknown = 0;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        unknown |= DESIGN_BIT(a->inputs[i]);
    }
    for (size_t i = 0; i < problem->space->n_axes; i++) {
        unknown &= ~DESIGN_BIT(design_find(problem->space->axes[i].name));
    }
    *c = (struct columns){.allocation = a, .problem = problem};
    add_dependents(c, unknown);
    add_slacks(c);
}

/* How far the constraints of a configuration are from binding, by the values that the search
 * compares: none is negative on a frontier. \param [out] values  [n_slacks][stride] */
static void fill_slacks(const struct columns *c, uint64_t configuration, double values[],
                        size_t stride)
{
    const struct problem *p = c->problem;
    double outcomes[PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS];
    if (c->n_slacks > 0) {
        p->evaluate(p->context, configuration, 1, outcomes, 1);
    }
    for (size_t k = 0; k < c->n_slacks; k++) {
        const struct columns_slack *s = &c->slacks[k];
        const struct problem_constraint *of = &p->constraints[s->constraint];
        const double value = outcomes[p->n_objectives + s->constraint];
        values[k * stride] = s->is_upper ? of->upper - value : value - of->lower;
    }
}

static void fill_dependents(const struct columns *c, const struct design *d, double values[],
                            size_t stride)
{
    for (size_t k = 0; k < c->n_dependents; k++) {
        values[k * stride] = d->value[c->dependents[k]];
    }
}

void columns_fill(const void *context, size_t n, const uint64_t configurations[], double values[])
{
    const struct columns *c = context;
    for (size_t i = 0; i < n; i++) {
        struct design d;
        double outcome[FOOTPRINT_N_OUTCOMES], *at = values + i;
        allocation_outcomes(c->allocation, configurations[i], &d, outcome);
        fill_dependents(c, &d, at, n);
        at += c->n_dependents * n;
        for (size_t k = 0; k < c->n_outcomes; k++, at += n) {
            *at = outcome[c->outcomes[k]];
        }
        at += fill_of_loss(c, &d, at, n) * n;
        for (size_t k = 0; k < c->allocation->n_classes; k++) {
            double kg[COLUMNS_OF_CLASS];
            columns_class_mass(&c->allocation->catalogue, &d, outcome[FOOTPRINT_DEVICE_LIFETIME],
                               c->allocation->classes[k], kg);
            for (size_t side = 0; side < COLUMNS_OF_CLASS; side++, at += n) {
                *at = kg[side];
            }
        }
        fill_slacks(c, configurations[i], at, n);
    }
}

void columns_fill_worst(const void *context, size_t n, const uint64_t configurations[],
                        double values[])
{
    const struct columns *c = context;
    const struct space *s = c->problem->space;
    struct design d = c->allocation->base;
    size_t levels[SPACE_MAX_AXES] = {0};
    for (size_t i = 0; i < n; i++) {
        space_levels(s, configurations[i], levels);
        for (size_t a = 0; a < s->n_axes; a++) {
            d.value[design_find(s->axes[a].name)] = s->axes[a].values[levels[a]];
        }
        dependent_apply(&c->allocation->study->dependents, 0, &d);
        fill_dependents(c, &d, values + i, n);
        fill_slacks(c, configurations[i], values + i + c->n_dependents * n, n);
    }
}

void columns_fill_flags(const void *context, size_t n, const uint64_t configurations[],
                        double values[])
{
    const struct columns *c = context;
    for (size_t i = 0; i < n; i++) {
        struct design d;
        evaluator_design(c->allocation->evaluator, configurations[i], &d);
        const unsigned flags = predict_flags(c->allocation->model, &d);
        const int precision = (int)d.value[DESIGN_PRECISION];
        for (unsigned f = 0; f < PREDICT_N_FLAGS; f++) {
            values[f * n + i] = (flags >> f & 1u) != 0 ? 1.0 : 0.0;
        }
        values[COLUMNS_FLAG_PRECISION * n + i] =
            c->allocation->catalogue.formats[precision].is_bound ? 1.0 : 0.0;
        values[COLUMNS_FLAG_UNPRICED * n + i] =
            allocation_is_unpriced(c->allocation, &d) ? 1.0 : 0.0;
    }
}
