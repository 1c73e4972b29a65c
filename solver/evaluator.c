#include "solver/evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/evaluator_kernel.h"

enum {
    ALIGNMENT = 64,    /* bytes of a cache line: vectors then lie in one */
    CHUNK = 512,       /* configurations at a time: a few columns of them stay in the L1 cache */
    TAIL_WANTED = 256, /* a run this long hides the work done once a run */
    N_WORK_OF_COMPUTE = 2,  /* factors of compute_flop; the third gives device-hours */
    LARGEST_TABLE = 1 << 22 /* entries; a larger table would only be slow memory */
};
static const uint64_t largest_size = 1000000000000000000U; /* so that indices and sums fit */

/* What a factor stands for. */
enum kind { TERM, FLOP_PER_TOKEN, TOKENS, HOUR, RATE };

/* One quantity tabulated over the axes that it reads. The last axes together form the tail: a run
 * of consecutive configurations. A table varies in the tail either at each configuration or not at
 * all, so that the inner loops have step 1 or 0. */
struct factor {
    enum kind kind;
    size_t index;                   /* of the term, or the outcome */
    unsigned inputs;                /* of the design, a bit each */
    size_t stride[DESIGN_N_INPUTS]; /* [n_head] entries from level to level; 0: not read */
    size_t step;                    /* 1: varies in the tail */
    size_t n_entries;
    double *values; /* [n_entries], or NULL: too large, computed in the block */
};

enum { MAX_FACTORS = LAW_MAX_TERMS + 3 + FOOTPRINT_N_OUTCOMES };

struct evaluator {
    struct evaluator_options o; /* axes and outcomes point to the copies below */
    struct evaluator_axis axes[DESIGN_N_INPUTS];
    enum footprint_outcome outcomes[FOOTPRINT_N_OUTCOMES];
    uint64_t weight[DESIGN_N_INPUTS]; /* [n_axes] configurations from level to level */
    uint64_t size;
    size_t n_head, tail; /* axes before the tail, configurations in it */
    double offset, outer;
    bool plain_sum; /* outer is 1: the offset is part of the first term's table */
    size_t n_factors;
    struct factor factors[MAX_FACTORS];
    size_t terms, work;                 /* first factor of the loss; FLOP_PER_TOKEN, TOKENS, HOUR */
    size_t rates[FOOTPRINT_N_OUTCOMES]; /* factor of each outcome */
};

static const struct kernels {
    void (*sum)(size_t n, struct evaluator_kernel_operand a, struct evaluator_kernel_operand b,
                double out[]);
    void (*product)(size_t n, struct evaluator_kernel_operand a, struct evaluator_kernel_operand b,
                    double out[]);
} kernels[VMATH_N_LEVELS] = {
    [VMATH_V2] = {evaluator_kernel_sum_v2, evaluator_kernel_product_v2},
    [VMATH_V3] = {evaluator_kernel_sum_v3, evaluator_kernel_product_v3},
    [VMATH_V4] = {evaluator_kernel_sum_v4, evaluator_kernel_product_v4},
};

uint64_t evaluator_size(const struct evaluator *e)
{
    return e->size;
}

size_t evaluator_table_entries(const struct evaluator *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n_factors; i++) {
        n += e->factors[i].values != NULL ? e->factors[i].n_entries : 0;
    }
    return n;
}

void evaluator_design(const struct evaluator *e, uint64_t configuration, struct design *d)
{
    STATUS_ASSERT(configuration < e->size);
    *d = e->o.base;
    for (size_t a = e->o.n_axes; a-- > 0;) {
        const struct evaluator_axis *axis = &e->axes[a];
        d->value[axis->input] = axis->values[configuration % axis->n];
        configuration /= axis->n;
    }
}

/* Factors. */

/* What gives a term: its logarithm where there is one, to be exponentiated many at a time. */
static double (*term_of(const struct law *law))(const struct law *law, const double theta[],
                                                size_t k, const double x[])
{
    return law->log_term != NULL ? law->log_term : law->term;
}

static double factor_value(const struct evaluator *e, const struct factor *f,
                           uint64_t configuration)
{
    struct design d;
    double x[LAW_MAX_INPUTS];
    evaluator_design(e, configuration, &d);
    switch (f->kind) {
    case TERM:
        predict_inputs(e->o.model->law, &d, x);
        return term_of(e->o.model->law)(e->o.model->law, e->o.model->theta, f->index, x);
    case FLOP_PER_TOKEN:
        return footprint_compute_flop(d.value[DESIGN_PARAMS], 1.0);
    case TOKENS:
        return d.value[DESIGN_TOKENS];
    case HOUR:
        return footprint_hour_per_flop(&d, e->o.catalogue);
    case RATE:
        break;
    }
    return footprint_per_hour((enum footprint_outcome)f->index, &d, e->o.catalogue,
                              &e->o.footprint);
}

/* What is done to the values of a factor after factor_value, many at a time. */
static void factor_finish(const struct evaluator *e, const struct factor *f, size_t n,
                          double values[])
{
    if (f->kind != TERM) {
        return;
    }
    if (e->o.model->law->log_term != NULL) {
        vmath_exp(n, values, values);
    }
    for (size_t i = 0; f->index == 0 && e->plain_sum && i < n; i++) {
        values[i] += e->offset;
    }
}

/* A configuration whose design has the levels of a table entry. */
static uint64_t entry_configuration(const struct evaluator *e, const struct factor *f, size_t entry)
{
    const size_t run = f->step != 0 ? e->tail : 1;
    uint64_t configuration = entry % run;
    entry /= run;
    for (size_t a = e->n_head; a-- > 0;) {
        if (f->stride[a] != 0) {
            configuration += entry % e->axes[a].n * e->weight[a];
            entry /= e->axes[a].n;
        }
    }
    return configuration;
}

/* Lay a factor out over the axes that it reads and fill its table, if that is not too large. */
static enum status factor_tabulate(const struct evaluator *e, struct factor *f,
                                   struct status_why *why)
{
    f->step = 0;
    for (size_t a = e->n_head; a < e->o.n_axes; a++) {
        f->step |= f->inputs >> e->axes[a].input & 1u;
    }
    bool fits = true;
    f->n_entries = f->step != 0 ? e->tail : 1;
    for (size_t a = e->n_head; a-- > 0;) {
        const bool reads = (f->inputs >> e->axes[a].input & 1u) != 0;
        f->stride[a] = reads ? f->n_entries : 0;
        fits = fits && f->n_entries <= LARGEST_TABLE;
        f->n_entries *= reads && fits ? e->axes[a].n : 1;
    }
    if (!fits || f->n_entries > LARGEST_TABLE) {
        return STATUS_OK;
    }
    const size_t bytes = f->n_entries * sizeof *f->values;
    f->values = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (f->values == NULL) {
        return status_fail(why, STATUS_MEMORY, "evaluator: a table of %zu entries", f->n_entries);
    }
    for (size_t i = 0; i < f->n_entries; i++) {
        f->values[i] = factor_value(e, f, entry_configuration(e, f, i));
    }
    factor_finish(e, f, f->n_entries, f->values);
    return STATUS_OK;
}

/* Blocks. */

/* A run: at most CHUNK configurations in one tail. */
struct run {
    const struct kernels *kernels;
    uint64_t configuration;
    size_t n;
    size_t position;                /* of the first configuration in the tail */
    size_t levels[DESIGN_N_INPUTS]; /* of the head axes */
};

static void run_begin(const struct evaluator *e, struct run *r, uint64_t configuration)
{
    r->kernels = &kernels[vmath_level()];
    r->configuration = configuration;
    r->position = (size_t)(configuration % e->tail);
    for (size_t a = 0; a < e->n_head; a++) {
        r->levels[a] = (size_t)(configuration / e->weight[a] % e->axes[a].n);
    }
}

/* Take as many configurations as one run may have, \a left at most. */
static void run_take(const struct evaluator *e, struct run *r, size_t left)
{
    const size_t in_tail = e->tail - r->position;
    r->n = left < CHUNK ? left : CHUNK;
    r->n = r->n < in_tail ? r->n : in_tail;
}

static void run_advance(const struct evaluator *e, struct run *r)
{
    r->configuration += r->n;
    r->position += r->n;
    if (r->position == e->tail) {
        r->position = 0;
        for (size_t a = e->n_head; a-- > 0 && ++r->levels[a] == e->axes[a].n;) {
            r->levels[a] = 0;
        }
    }
}

/* Values of a factor in a run.
 * \param [out] scratch  [CHUNK] holds them where there is no table */
static struct evaluator_kernel_operand run_read(const struct evaluator *e, const struct run *r,
                                                const struct factor *f, double scratch[])
{
    if (f->values != NULL) {
        size_t entry = f->step * r->position;
        for (size_t a = 0; a < e->n_head; a++) {
            entry += f->stride[a] * r->levels[a];
        }
        return (struct evaluator_kernel_operand){f->values + entry, f->step};
    }
    const size_t n = f->step != 0 ? r->n : 1;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = factor_value(e, f, r->configuration + i);
    }
    factor_finish(e, f, n, scratch);
    return (struct evaluator_kernel_operand){scratch, f->step};
}

static void run_loss(const struct evaluator *e, const struct run *r, double loss_nat[])
{
    static const double nothing = 0.0;
    const struct factor *terms = &e->factors[e->terms];
    const size_t n_terms = e->o.model->law->n_terms;
    double scratch[2][CHUNK];
    struct evaluator_kernel_operand sum = run_read(e, r, &terms[0], scratch[0]);
    struct evaluator_kernel_operand next = {&nothing, 0};
    for (size_t k = 1; k == 1 || k < n_terms; k++) {
        if (k < n_terms) {
            next = run_read(e, r, &terms[k], scratch[1]);
        }
        r->kernels->sum(r->n, sum, next, loss_nat);
        sum = (struct evaluator_kernel_operand){loss_nat, 1};
    }
    if (e->plain_sum) {
        return;
    }
    vmath_log(r->n, loss_nat, loss_nat);
    r->kernels->product(r->n, sum, (struct evaluator_kernel_operand){&e->outer, 0}, loss_nat);
    vmath_exp(r->n, loss_nat, loss_nat);
    r->kernels->sum(r->n, sum, (struct evaluator_kernel_operand){&e->offset, 0}, loss_nat);
}

/* The products of footprint_all, in its order. \param [out] device_hour  unset when no outcome
 * needs it */
static void run_work(const struct evaluator *e, const struct run *r, double compute_flop[],
                     double device_hour[])
{
    const struct factor *work = &e->factors[e->work];
    double scratch[2][CHUNK];
    r->kernels->product(r->n, run_read(e, r, &work[0], scratch[0]),
                        run_read(e, r, &work[1], scratch[1]), compute_flop);
    if (e->n_factors > e->work + N_WORK_OF_COMPUTE) {
        const struct evaluator_kernel_operand flop = {compute_flop, 1};
        r->kernels->product(r->n, flop, run_read(e, r, &work[N_WORK_OF_COMPUTE], scratch[0]),
                            device_hour);
    }
}

static void run_cost(const struct evaluator *e, const struct run *r, enum footprint_outcome o,
                     const double device_hour[], double values[])
{
    double scratch[CHUNK];
    const struct evaluator_kernel_operand hours = {device_hour, 1};
    r->kernels->product(r->n, hours, run_read(e, r, &e->factors[e->rates[o]], scratch), values);
    for (size_t i = 0; o == FOOTPRINT_DEVICES && i < r->n; i++) {
        values[i] = footprint_devices(values[i]);
    }
}

void evaluator_block(const struct evaluator *e, uint64_t begin, size_t n, double outcomes[],
                     size_t stride)
{
    STATUS_ASSERT(begin <= e->size && n <= e->size - begin && n <= stride);
    _Alignas(ALIGNMENT) double compute_flop[CHUNK], device_hour[CHUNK];
    struct run r;
    run_begin(e, &r, begin);
    for (size_t done = 0; done < n; done += r.n) {
        run_take(e, &r, n - done);
        if (e->n_factors > e->work) {
            run_work(e, &r, compute_flop, device_hour);
        }
        for (size_t i = 0; i < e->o.n_outcomes; i++) {
            double *values = outcomes + i * stride + done;
            if (e->outcomes[i] == FOOTPRINT_LOSS) {
                run_loss(e, &r, values);
            } else if (e->outcomes[i] == FOOTPRINT_COMPUTE) {
                memcpy(values, compute_flop, r.n * sizeof *values);
            } else {
                run_cost(e, &r, e->outcomes[i], device_hour, values);
            }
        }
        run_advance(e, &r);
    }
}

/* Making one. */

static enum status check_value(const struct evaluator_options *o, enum design_input input,
                               double value, struct status_why *why)
{
    if (design_field(input)->kind == DESIGN_NUMBER) {
        return design_check(input, value, why);
    }
    STATUS_ASSERT(value >= 0.0 && value < design_n_categories(o->catalogue, input));
    return STATUS_OK;
}

/* Copy the axes, checking every level, and number the configurations. */
static enum status take_axes(struct evaluator *e, struct status_why *why)
{
    enum status st = STATUS_OK;
    unsigned moved = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (!isnan(e->o.base.value[i])) {
            STATUS_TRY(check_value(&e->o, (enum design_input)i, e->o.base.value[i], why));
        }
    }
    e->size = 1;
    for (size_t a = e->o.n_axes; a-- > 0;) {
        const struct evaluator_axis *axis = &e->o.axes[a];
        STATUS_ASSERT(axis->n > 0 && (moved >> axis->input & 1u) == 0);
        moved |= 1u << axis->input;
        for (size_t i = 0; i < axis->n; i++) {
            STATUS_TRY(check_value(&e->o, axis->input, axis->values[i], why));
        }
        if (axis->n > largest_size / e->size) {
            st = status_fail(why, STATUS_INPUT, "more than 1e18 configurations");
            goto out;
        }
        e->axes[a] = *axis;
        e->weight[a] = e->size;
        e->size *= axis->n;
    }
    e->o.axes = e->axes;
out:
    return st;
}

/* The tail: the last axis, and those before it until a run is long enough. */
static void choose_tail(struct evaluator *e)
{
    e->n_head = e->o.n_axes;
    e->tail = 1;
    while (e->n_head > 0 && e->tail < TAIL_WANTED
           && (e->n_head == e->o.n_axes || e->tail * e->axes[e->n_head - 1].n <= LARGEST_TABLE)) {
        e->n_head--;
        e->tail *= e->axes[e->n_head].n;
    }
}

/* Every number that an outcome reads must be said by the base or moved by an axis. */
static enum status check_said(const struct evaluator *e, enum footprint_outcome o,
                              struct status_why *why)
{
    if (o == FOOTPRINT_LOSS) {
        const enum status st = predict_check(e->o.model->law, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    const unsigned inputs = o == FOOTPRINT_LOSS ? predict_design_inputs(e->o.model->law)
                                                : 1u << DESIGN_PARAMS | 1u << DESIGN_TOKENS;
    struct design d;
    evaluator_design(e, 0, &d);
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if ((inputs >> i & 1u) != 0 && isnan(d.value[i])) {
            return status_fail(why, STATUS_INPUT, "%s: not said, and %s needs it",
                               design_field((enum design_input)i)->name, footprint_field(o)->name);
        }
    }
    return STATUS_OK;
}

/* Figures may be absent in rows of the catalogue only, so all combinations of the axes of
 * categories are looked at. */
static enum status check_figures(const struct evaluator *e, enum footprint_outcome o,
                                 struct status_why *why)
{
    const unsigned inputs = FOOTPRINT_HOUR_INPUTS | footprint_per_hour_inputs(o);
    struct evaluator_axis axes[DESIGN_N_INPUTS];
    size_t n_axes = 0;
    uint64_t n = 1;
    for (size_t a = 0; a < e->o.n_axes; a++) {
        const enum design_input input = e->axes[a].input;
        if ((inputs >> input & 1u) != 0 && design_field(input)->kind == DESIGN_CATEGORY) {
            axes[n_axes++] = e->axes[a];
            n *= e->axes[a].n;
        }
    }
    struct design d;
    evaluator_design(e, 0, &d);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t rest = i;
        for (size_t a = n_axes; a-- > 0;) {
            d.value[axes[a].input] = axes[a].values[rest % axes[a].n];
            rest /= axes[a].n;
        }
        const enum status st = footprint_explain(o, &d, e->o.catalogue, &e->o.footprint, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}

/* Each level of the axes that the law reads, beside the first and the last level of the others. */
static enum status check_domain(const struct evaluator *e, struct status_why *why)
{
    const struct law *law = e->o.model->law;
    const unsigned inputs = predict_design_inputs(law);
    const uint64_t corners[] = {0, e->size - 1};
    double x[LAW_MAX_INPUTS];
    struct design d;
    for (size_t k = 0; k < sizeof corners / sizeof *corners; k++) {
        evaluator_design(e, corners[k], &d);
        predict_inputs(law, &d, x);
        if (!law->in_domain(law, x)) {
            return status_fail(why, STATUS_INPUT,
                               "params %.12g with tokens %.12g: outside the "
                               "domain of the law %s",
                               d.value[DESIGN_PARAMS], d.value[DESIGN_TOKENS], law->id);
        }
        for (size_t a = 0; a < e->o.n_axes; a++) {
            const struct evaluator_axis *axis = &e->axes[a];
            for (size_t i = 0; (inputs >> axis->input & 1u) != 0 && i < axis->n; i++) {
                struct design moved = d;
                moved.value[axis->input] = axis->values[i];
                predict_inputs(law, &moved, x);
                if (!law->in_domain(law, x)) {
                    return status_fail(why, STATUS_INPUT,
                                       "%s: %.12g: outside the domain of the "
                                       "law %s",
                                       design_field(axis->input)->name, axis->values[i], law->id);
                }
            }
        }
    }
    return STATUS_OK;
}

/* The first outcome of those that follows the same rate. */
static enum footprint_outcome rate_of(enum footprint_outcome o)
{
    return o == FOOTPRINT_DEVICES ? FOOTPRINT_DEVICE_LIFETIME : o;
}

static void add_factor(struct evaluator *e, enum kind kind, size_t index, unsigned inputs)
{
    e->factors[e->n_factors++] = (struct factor){.kind = kind, .index = index, .inputs = inputs};
}

static void add_terms(struct evaluator *e)
{
    const struct law *law = e->o.model->law;
    e->terms = e->n_factors;
    e->offset = law->offset(law, e->o.model->theta);
    e->outer = law->outer(law, e->o.model->theta);
    e->plain_sum = !(e->outer < 1.0 || e->outer > 1.0);
    for (size_t k = 0; k < law->n_terms; k++) {
        add_factor(e, TERM, k, predict_term_inputs(law, k));
    }
}

/* List the factors of the outcomes wanted: terms, work, hours, rates. */
static void list_factors(struct evaluator *e)
{
    bool wanted[FOOTPRINT_N_OUTCOMES] = {false};
    bool costs = false, hours = false;
    for (size_t i = 0; i < e->o.n_outcomes; i++) {
        wanted[rate_of(e->outcomes[i])] = true;
        costs = costs || e->outcomes[i] != FOOTPRINT_LOSS;
        hours = hours || e->outcomes[i] > FOOTPRINT_COMPUTE;
    }
    if (wanted[FOOTPRINT_LOSS]) {
        add_terms(e);
    }
    e->work = e->n_factors;
    if (costs) {
        add_factor(e, FLOP_PER_TOKEN, 0, 1u << DESIGN_PARAMS);
        add_factor(e, TOKENS, 0, 1u << DESIGN_TOKENS);
    }
    if (hours) {
        add_factor(e, HOUR, 0, FOOTPRINT_HOUR_INPUTS);
    }
    for (int i = FOOTPRINT_DEVICE_HOUR; i < FOOTPRINT_N_OUTCOMES; i++) {
        const enum footprint_outcome o = (enum footprint_outcome)i;
        e->rates[o] = o == FOOTPRINT_DEVICES ? e->rates[FOOTPRINT_DEVICE_LIFETIME] : e->n_factors;
        if (wanted[o]) {
            add_factor(e, RATE, (size_t)o, footprint_per_hour_inputs(o));
        }
    }
}

enum status evaluator_create(const struct evaluator_options *o, struct evaluator **made,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    struct evaluator *e = NULL;

    STATUS_ASSERT(o->n_axes <= DESIGN_N_INPUTS && o->n_outcomes <= FOOTPRINT_N_OUTCOMES);
    STATUS_ASSERT(o->footprint.power_ratio > 0.0 && o->footprint.utilisation_ratio > 0.0);
    *made = NULL;
    e = calloc(1, sizeof *e);
    if (e == NULL) {
        st = status_fail(why, STATUS_MEMORY, "evaluator");
        goto out;
    }
    e->o = *o;
    for (size_t i = 0; i < o->n_outcomes; i++) {
        e->outcomes[i] = o->outcomes[i];
    }
    e->o.outcomes = e->outcomes;
    STATUS_TRY(take_axes(e, why));
    choose_tail(e);
    for (size_t i = 0; i < o->n_outcomes; i++) {
        STATUS_TRY(check_said(e, o->outcomes[i], why));
        if (o->outcomes[i] == FOOTPRINT_LOSS) {
            STATUS_TRY(check_domain(e, why));
        } else if (o->outcomes[i] > FOOTPRINT_COMPUTE) {
            STATUS_TRY(check_figures(e, o->outcomes[i], why));
        }
    }
    list_factors(e);
    for (size_t i = 0; i < e->n_factors; i++) {
        STATUS_TRY(factor_tabulate(e, &e->factors[i], why));
    }
    *made = e;
    e = NULL;
out:
    evaluator_destroy(e);
    return st;
}

void evaluator_destroy(struct evaluator *e)
{
    if (e == NULL) {
        return;
    }
    for (size_t i = 0; i < e->n_factors; i++) {
        free(e->factors[i].values);
    }
    free(e);
}
