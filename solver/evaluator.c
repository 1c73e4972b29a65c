#include "solver/evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/evaluator_kernel.h"

enum {
    ALIGNMENT = 64,    /* bytes of a cache line: vectors then lie in one */
    CHUNK = 768,       /* configurations at a time: a few columns of them stay in the L1 cache */
    TAIL_WANTED = 256, /* a run this long hides the work done once a run */
    LARGEST_TABLE = 1 << 22 /* entries; a larger table would only be slow memory */
};
static const uint64_t largest_size = 1000000000000000000U; /* so that indices and sums fit */

/* What a factor is: a term of the loss, the weight of a correction of the accuracy, or one of the
 * factors of footprint.h. */
enum part { OF_LOSS, OF_ACCURACY, OF_PRICE };

/* One quantity tabulated over the axes that it reads. The last axes together form the tail: a run
 * of consecutive configurations. A table varies in the tail either at each configuration or not at
 * all, so that the inner loops have step 1 or 0. */
struct factor {
    enum part part;
    size_t index;                   /* of the term or correction, or the outcome of the rate */
    enum footprint_factor cost;     /* of OF_PRICE */
    bool has_nan;                   /* some entry lies outside a domain, or lacks a figure */
    design_set inputs;              /* of the design */
    size_t stride[DESIGN_N_INPUTS]; /* [n_head] entries from level to level; 0: not read */
    size_t n_read, read[DESIGN_N_INPUTS]; /* the head axes whose stride is not 0 */
    size_t step;                          /* 1: varies in the tail */
    size_t n_entries;
    double *values; /* [n_entries], or NULL: too large, computed in the block */
};

enum {
    MAX_FACTORS = PREDICT_MAX_TERMS + CORRECT_N_STAGES + FOOTPRINT_RATE + FOOTPRINT_N_OUTCOMES,
    NO_FACTOR = -1
};

/* A product of factors behind another product; factors that are 1 everywhere are left out, but
 * a first one. */
struct product {
    enum footprint_product id, of; /* of: or FOOTPRINT_NO_PRODUCT */
    int n;
    const struct factor *factors[2];
};

/* A sum of products, and the outcomes wanted that are proportional to it. */
struct base {
    int n, n_outcomes; /* n_outcomes 0: not in use */
    enum footprint_product products[FOOTPRINT_N_PRODUCTS];
    struct outcome {
        size_t position; /* among the outcomes wanted */
        const struct factor *rate;
        bool rounds; /* up to whole ones */
    } outcomes[FOOTPRINT_N_OUTCOMES];
};

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
    int terms;                       /* first factor of the loss, or NO_FACTOR */
    int weights[CORRECT_N_STAGES];   /* factor of each correction of the accuracy */
    int work[FOOTPRINT_RATE];        /* the factors of work, or NO_FACTOR */
    int rates[FOOTPRINT_N_OUTCOMES]; /* factor of each outcome */
    bool serves;                     /* whether any configuration serves tokens */
    int n_products;
    struct product products[FOOTPRINT_N_PRODUCTS]; /* [n_products] in use, in their order */
    struct base bases[FOOTPRINT_N_BASES];
};

static const struct kernels {
    void (*sum)(size_t n, struct evaluator_kernel_operand a, struct evaluator_kernel_operand b,
                double out[]);
    void (*product)(size_t n, struct evaluator_kernel_operand a, struct evaluator_kernel_operand b,
                    double out[]);
    void (*spread)(size_t n, const struct evaluator_kernel_scaled *a, size_t n_rates,
                   const double rates[], double *const out[]);
} kernels[VMATH_N_LEVELS] = {
    [VMATH_V2] = {evaluator_kernel_sum_v2, evaluator_kernel_product_v2, evaluator_kernel_spread_v2},
    [VMATH_V3] = {evaluator_kernel_sum_v3, evaluator_kernel_product_v3, evaluator_kernel_spread_v3},
    [VMATH_V4] = {evaluator_kernel_sum_v4, evaluator_kernel_product_v4, evaluator_kernel_spread_v4},
};

uint64_t evaluator_size(const struct evaluator *e)
{
    return e->size;
}

/* Whether NAN in an outcome comes from NAN in a table: the map of an accuracy makes more. */
static bool tables_tell(const struct evaluator *e)
{
    bool tell = true;
    for (size_t i = 0; i < e->n_factors; i++) {
        tell = tell && e->factors[i].values != NULL;
    }
    for (size_t i = 0; i < e->o.n_outcomes; i++) {
        tell = tell && e->outcomes[i] != FOOTPRINT_ACCURACY;
    }
    return tell;
}

bool evaluator_is_complete(const struct evaluator *e)
{
    bool complete = tables_tell(e);
    for (size_t i = 0; i < e->n_factors; i++) {
        complete = complete && !e->factors[i].has_nan;
    }
    return complete;
}

size_t evaluator_table_entries(const struct evaluator *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n_factors; i++) {
        n += e->factors[i].values != NULL ? e->factors[i].n_entries : 0;
    }
    return n;
}

static const struct dependent_list no_dependents;

static const struct dependent_list *dependents_of(const struct evaluator_options *o)
{
    return o->dependents != NULL ? o->dependents : &no_dependents;
}

/* What is on the axes alone. */
static void axes_design(const struct evaluator *e, uint64_t configuration, struct design *d)
{
    STATUS_ASSERT(configuration < e->size);
    *d = e->o.base;
    for (size_t a = e->o.n_axes; a-- > 0;) {
        const struct evaluator_axis *axis = &e->axes[a];
        d->value[axis->input] = axis->values[configuration % axis->n];
        configuration /= axis->n;
    }
}

void evaluator_design(const struct evaluator *e, uint64_t configuration, struct design *d)
{
    axes_design(e, configuration, d);
    dependent_apply(dependents_of(&e->o), 0, d);
}

/* Factors. */

static double factor_value(const struct evaluator *e, const struct factor *f,
                           uint64_t configuration)
{
    struct design d;
    axes_design(e, configuration, &d);
    dependent_apply(dependents_of(&e->o), ~f->inputs, &d);
    return f->part == OF_LOSS       ? predict_term(e->o.model, f->index, &d)
           : f->part == OF_ACCURACY ? predict_correction(e->o.model, f->index, &d)
                                    : footprint_factor(f->cost, (enum footprint_outcome)f->index,
                                                       &d, e->o.catalogue, &e->o.footprint);
}

/* What is done to the values of a factor after factor_value, many at a time. */
static void factor_finish(const struct evaluator *e, const struct factor *f, size_t n,
                          double values[])
{
    if (f->part != OF_LOSS || f->index >= e->o.model->law->n_terms) {
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
        f->step |= design_has(f->inputs, e->axes[a].input) ? 1 : 0;
    }
    bool fits = true;
    f->n_entries = f->step != 0 ? e->tail : 1;
    for (size_t a = e->n_head; a-- > 0;) {
        const bool reads = design_has(f->inputs, e->axes[a].input);
        f->stride[a] = reads ? f->n_entries : 0;
        f->read[f->n_read] = a;
        f->n_read += reads;
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
    for (size_t i = 0; i < f->n_entries; i++) {
        f->has_nan = f->has_nan || isnan(f->values[i]);
    }
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
    configuration /= e->tail;
    for (size_t a = e->n_head; a-- > 0;) {
        r->levels[a] = (size_t)(configuration % e->axes[a].n);
        configuration /= e->axes[a].n;
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
        for (size_t k = 0; k < f->n_read; k++) {
            entry += f->stride[f->read[k]] * r->levels[f->read[k]];
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

static const double zero = 0.0, unit = 1.0;
static const struct evaluator_kernel_operand zero_operand = {&zero, 0};

/* Sum of the terms from \a first to before \a end; \a sum already has what is before them. */
static struct evaluator_kernel_operand run_add(const struct evaluator *e, const struct run *r,
                                               size_t first, size_t end,
                                               struct evaluator_kernel_operand sum,
                                               double loss_nat[])
{
    double scratch[CHUNK];
    for (size_t k = first; k < end; k++) {
        r->kernels->sum(r->n, sum, run_read(e, r, &e->factors[(size_t)e->terms + k], scratch),
                        loss_nat);
        sum = (struct evaluator_kernel_operand){loss_nat, 1};
    }
    return sum;
}

static void run_loss(const struct evaluator *e, const struct run *r, double loss_nat[])
{
    const size_t n_terms = e->o.model->law->n_terms;
    double scratch[CHUNK];
    struct evaluator_kernel_operand sum = run_read(e, r, &e->factors[e->terms], scratch);
    if (n_terms == 1) {
        r->kernels->sum(r->n, sum, zero_operand, loss_nat);
        sum = (struct evaluator_kernel_operand){loss_nat, 1};
    }
    sum = run_add(e, r, 1, n_terms, sum, loss_nat);
    if (!e->plain_sum) {
        vmath_log(r->n, loss_nat, loss_nat);
        r->kernels->product(r->n, sum, (struct evaluator_kernel_operand){&e->outer, 0}, loss_nat);
        vmath_exp(r->n, loss_nat, loss_nat);
        r->kernels->sum(r->n, sum, (struct evaluator_kernel_operand){&e->offset, 0}, loss_nat);
    }
    (void)run_add(e, r, n_terms, predict_n_terms(e->o.model), sum, loss_nat);
}

static void run_accuracy(const struct evaluator *e, const struct run *r, double accuracy[])
{
    double scratch[CORRECT_N_STAGES][CHUNK];
    const double *weights[CORRECT_N_STAGES] = {NULL};
    size_t step[CORRECT_N_STAGES] = {0};
    for (size_t i = 0; i < e->o.model->n_corrections; i++) {
        if (e->weights[i] != NO_FACTOR) {
            const struct evaluator_kernel_operand w =
                run_read(e, r, &e->factors[e->weights[i]], scratch[i]);
            weights[i] = w.x;
            step[i] = w.step;
        }
    }
    run_loss(e, r, accuracy);
    predict_accuracies(e->o.model, r->n, weights, step, accuracy);
}

/* A quantity of work of a run. */
struct quantity {
    struct evaluator_kernel_scaled a; /* of a table or of the values here */
    _Alignas(ALIGNMENT) double values[CHUNK];
};

/* Those not in use are unset. */
struct work {
    struct quantity products[FOOTPRINT_N_PRODUCTS], sum;
};

static void set(struct quantity *q, const double *x, size_t step)
{
    q->a.x = x;
    q->a.step = step;
    q->a.n_times = 0;
    for (size_t t = 0; t < EVALUATOR_KERNEL_TIMES; t++) {
        q->a.times[t] = 1.0;
    }
}

/* The quantity without further numbers to multiply it with. */
static struct evaluator_kernel_operand settle(const struct run *r, struct quantity *q)
{
    if (q->a.n_times > 0) {
        double *const values = q->values;
        r->kernels->spread(r->n, &q->a, 1, &unit, &values);
        set(q, values, 1);
    }
    return (struct evaluator_kernel_operand){q->a.x, q->a.step};
}

static void multiply(const struct run *r, struct quantity *q, struct evaluator_kernel_operand by)
{
    if (q->a.step != 0 && by.step == 0 && q->a.n_times < EVALUATOR_KERNEL_TIMES) {
        q->a.times[q->a.n_times++] = *by.x;
    } else if (q->a.step == 0 && by.step != 0) {
        const double first = *q->a.x;
        set(q, by.x, 1);
        q->a.times[q->a.n_times++] = first;
    } else if (q->a.step == 0) {
        /* No run is empty. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
        q->values[0] = *q->a.x * *by.x;
        q->a.x = q->values;
    } else {
        r->kernels->product(r->n, settle(r, q), by, q->values);
        set(q, q->values, 1);
    }
}

/* The factors of a product, from left to right, behind the product before it. */
static void run_product(const struct evaluator *e, const struct run *r, const struct product *p,
                        struct work *w)
{
    double scratch[CHUNK];
    struct quantity *q = &w->products[p->id];
    int i = 0;
    if (p->of == FOOTPRINT_NO_PRODUCT) {
        const struct evaluator_kernel_operand first = run_read(e, r, p->factors[i++], q->values);
        set(q, first.x, first.step);
    } else {
        struct quantity *of = &w->products[p->of];
        if (of->a.x == of->values) {
            (void)settle(r, of); /* whose values change no more then */
        }
        q->a = of->a;
    }
    for (; i < p->n; i++) {
        multiply(r, q, run_read(e, r, p->factors[i], scratch));
        if (q->a.x == scratch) {
            memcpy(q->values, scratch, r->n * sizeof *scratch);
            q->a.x = q->values;
        }
    }
}

/* The products of a base, from left to right. */
static struct quantity *run_base(const struct run *r, const struct base *b, bool of_design,
                                 struct work *w)
{
    if (b->n == 1) {
        return &w->products[b->products[0]];
    }
    set(&w->sum, of_design ? &unit : &zero, 0);
    for (int i = 0; i < b->n; i++) {
        const struct evaluator_kernel_operand next = settle(r, &w->products[b->products[i]]);
        if (i == 0) {
            set(&w->sum, next.x, next.step);
        } else {
            r->kernels->sum(r->n, settle(r, &w->sum), next, w->sum.values);
            set(&w->sum, w->sum.values, 1);
        }
    }
    return &w->sum;
}

/* The outcomes of a base. \param [out] outcomes  [n_outcomes][stride] of the run */
static void run_costs(const struct evaluator *e, const struct run *r, enum footprint_base base,
                      struct work *w, double outcomes[], size_t stride)
{
    double scratch[CHUNK], rates[FOOTPRINT_N_OUTCOMES], *out[FOOTPRINT_N_OUTCOMES];
    const struct base *b = &e->bases[base];
    struct quantity *quantity = run_base(r, b, base == FOOTPRINT_OF_DESIGN, w);
    size_t n = 0;
    for (int k = 0; k < b->n_outcomes; k++) {
        double *values = outcomes + b->outcomes[k].position * stride;
        const struct evaluator_kernel_operand rate = run_read(e, r, b->outcomes[k].rate, scratch);
        if (rate.step == 0) {
            rates[n] = *rate.x;
            out[n++] = values;
        } else {
            r->kernels->product(r->n, settle(r, quantity), rate, values);
        }
    }
    r->kernels->spread(r->n, &quantity->a, n, rates, out);
    for (int k = 0; k < b->n_outcomes; k++) {
        double *values = outcomes + b->outcomes[k].position * stride;
        for (size_t i = 0; b->outcomes[k].rounds && i < r->n; i++) {
            values[i] = footprint_devices(values[i]);
        }
    }
}

/* The products of footprint_all, in its order, then what is proportional to them or their sums. */
static void run_footprint(const struct evaluator *e, const struct run *r, struct work *w,
                          double outcomes[], size_t stride)
{
    for (int p = 0; p < e->n_products; p++) {
        run_product(e, r, &e->products[p], w);
    }
    for (int base = 0; base < FOOTPRINT_N_BASES; base++) {
        if (e->bases[base].n_outcomes > 0) {
            run_costs(e, r, (enum footprint_base)base, w, outcomes, stride);
        }
    }
}

void evaluator_block(const struct evaluator *e, uint64_t begin, size_t n, double outcomes[],
                     size_t stride)
{
    STATUS_ASSERT(begin <= e->size && n <= e->size - begin && n <= stride);
    struct work work;
    struct run r;
    run_begin(e, &r, begin);
    for (size_t done = 0; done < n; done += r.n) {
        run_take(e, &r, n - done);
        run_footprint(e, &r, &work, outcomes + done, stride);
        for (size_t i = 0; i < e->o.n_outcomes; i++) {
            double *values = outcomes + i * stride + done;
            if (e->outcomes[i] == FOOTPRINT_LOSS) {
                run_loss(e, &r, values);
            } else if (e->outcomes[i] == FOOTPRINT_ACCURACY) {
                run_accuracy(e, &r, values);
            }
        }
        run_advance(e, &r);
    }
}

/* Tables for others to read. */

/* A factor by its levels: those of the tail axes are numbered in the order of the axes. A tail axis
 * that it does not read has its first level's entries: all are the same.
 * \return false if it has no table */
static bool factor_table(const struct evaluator *e, const struct factor *f, struct tables_table *t)
{
    size_t stride = f->step;
    *t = (struct tables_table){.values = f->values};
    for (size_t a = e->o.n_axes; a-- > e->n_head; stride *= e->axes[a].n) {
        t->stride[a] = design_has(f->inputs, e->axes[a].input) ? stride : 0;
    }
    for (size_t a = 0; a < e->n_head; a++) {
        t->stride[a] = f->stride[a];
    }
    return f->values != NULL;
}

design_set evaluator_untabulated(const struct evaluator *e)
{
    for (size_t i = 0; i < e->n_factors; i++) {
        if (e->factors[i].values == NULL) {
            return e->factors[i].inputs;
        }
    }
    return 0;
}

static const struct product *find_product(const struct evaluator *e, enum footprint_product id)
{
    int p = 0;
    while (e->products[p].id != id) {
        p++;
    }
    return &e->products[p];
}

/* Add the factors of a product, those of the product before it first. */
static bool add_factors(const struct evaluator *e, enum footprint_product id,
                        struct tables_product *made)
{
    const struct product *p = find_product(e, id);
    bool all = p->of == FOOTPRINT_NO_PRODUCT || add_factors(e, p->of, made);
    for (int i = 0; i < p->n; i++) {
        all = factor_table(e, p->factors[i], &made->factors[made->n++]) && all;
    }
    return all;
}

static bool loss_tables(const struct evaluator *e, struct tables_outcome *made)
{
    bool all = e->plain_sum;
    for (size_t k = 0; k < predict_n_terms(e->o.model); k++) {
        const struct factor *f = &e->factors[(size_t)e->terms + k];
        struct tables_product *p = &made->products[made->n_products++];
        p->n = 1;
        all = factor_table(e, f, &p->factors[0]) && all;
    }
    return all;
}

bool evaluator_tables(const struct evaluator *e, size_t outcome, struct tables_outcome *made)
{
    const enum footprint_outcome o = e->outcomes[outcome];
    const enum footprint_base base = footprint_base(o);
    memset(made, 0, sizeof *made);
    if (base == FOOTPRINT_OF_LAW) {
        return o == FOOTPRINT_LOSS && loss_tables(e, made);
    }
    made->has_rate = true;
    made->rounds = footprint_rounds(o);
    bool all = factor_table(e, &e->factors[e->rates[o]], &made->rate);
    if (base == FOOTPRINT_OF_DESIGN) { /* the rate is all there is */
        made->products[0] = (struct tables_product){.n = 1, .factors = {made->rate}};
        made->n_products = 1;
        made->has_rate = false;
        return all;
    }
    for (int i = 0; i < e->bases[base].n; i++) {
        all =
            add_factors(e, e->bases[base].products[i], &made->products[made->n_products++]) && all;
    }
    return all;
}

/* Gaps. */

/* The tables with NAN, and the axes that they read. */
struct gaps {
    size_t n_tables;
    struct tables_table tables[MAX_FACTORS];
    bool is_read[DESIGN_N_INPUTS];    /* [n_axes] */
    uint64_t n_combinations, n_alike; /* of levels on those axes, and on the others */
};

static struct gaps find_gaps(const struct evaluator *e)
{
    struct gaps g = {.n_combinations = 1};
    for (size_t i = 0; i < e->n_factors; i++) {
        g.n_tables +=
            e->factors[i].has_nan && factor_table(e, &e->factors[i], &g.tables[g.n_tables]);
    }
    for (size_t a = 0; a < e->o.n_axes; a++) {
        for (size_t t = 0; t < g.n_tables; t++) {
            g.is_read[a] = g.is_read[a] || g.tables[t].stride[a] != 0;
        }
        g.n_combinations *= g.is_read[a] ? e->axes[a].n : 1;
    }
    g.n_alike = e->size / g.n_combinations;
    return g;
}

bool evaluator_gaps(const struct evaluator *e,
                    void (*visit)(void *context, uint64_t configuration, uint64_t n), void *context)
{
    const struct gaps g = find_gaps(e);
    if (!tables_tell(e) || g.n_combinations > LARGEST_TABLE) {
        return false;
    }
    for (uint64_t i = 0; g.n_tables > 0 && i < g.n_combinations; i++) {
        size_t at[MAX_FACTORS] = {0};
        uint64_t rest = i, configuration = 0;
        for (size_t a = e->o.n_axes; a-- > 0;) {
            const size_t level = g.is_read[a] ? (size_t)(rest % e->axes[a].n) : 0;
            rest /= g.is_read[a] ? e->axes[a].n : 1;
            configuration += level * e->weight[a];
            for (size_t t = 0; t < g.n_tables; t++) {
                at[t] += level * g.tables[t].stride[a];
            }
        }
        bool any = false;
        for (size_t t = 0; t < g.n_tables; t++) {
            any = any || isnan(g.tables[t].values[at[t]]);
        }
        if (any) {
            visit(context, configuration, g.n_alike);
        }
    }
    return true;
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
    design_set moved = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (!isnan(e->o.base.value[i])) {
            STATUS_TRY(check_value(&e->o, (enum design_input)i, e->o.base.value[i], why));
        }
    }
    e->size = 1;
    for (size_t a = e->o.n_axes; a-- > 0;) {
        const struct evaluator_axis *axis = &e->o.axes[a];
        STATUS_ASSERT(axis->n > 0 && !design_has(moved, axis->input));
        moved |= DESIGN_BIT(axis->input);
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

/* Whether a design with one input moved lies in the domain. */
static bool is_inside(const struct evaluator *e, const struct design *d, enum design_input input,
                      double value)
{
    struct design moved = *d;
    moved.value[input] = value;
    dependent_apply(dependents_of(&e->o), 0, &moved);
    return predict_in_domain(e->o.model, &moved);
}

/* A level of an axis that the law reads is refused where it lies outside the domain beside both
 * the first and the last levels of the other axes. What lies outside together with others only is
 * NAN in the block. */
static enum status check_domain(const struct evaluator *e, design_set inputs,
                                struct status_why *why)
{
    struct design first, last, refused;
    const struct evaluator_axis *of = NULL;
    evaluator_design(e, 0, &first);
    evaluator_design(e, e->size - 1, &last);
    bool any = predict_in_domain(e->o.model, &first);
    for (size_t a = 0; a < e->o.n_axes; a++) {
        const struct evaluator_axis *axis = &e->axes[a];
        for (size_t i = 0; design_has(inputs, axis->input) && i < axis->n; i++) {
            if (is_inside(e, &first, axis->input, axis->values[i])
                || is_inside(e, &last, axis->input, axis->values[i])) {
                any = true;
            } else if (of == NULL) {
                of = axis;
                refused = first;
                refused.value[axis->input] = axis->values[i];
                dependent_apply(dependents_of(&e->o), 0, &refused);
            }
        }
    }
    if (!any) {
        return status_fail(why, STATUS_INPUT,
                           "params %.12g with tokens %.12g: outside the domain of %s",
                           first.value[DESIGN_PARAMS], first.value[DESIGN_TOKENS],
                           predict_outside(e->o.model, &first));
    }
    return of == NULL ? STATUS_OK
                      : status_fail(why, STATUS_INPUT, "%s: %.12g: outside the domain of %s",
                                    design_field(of->input)->name, refused.value[of->input],
                                    predict_outside(e->o.model, &refused));
}

/* Every number that an outcome of the law reads must be said by the base or moved by an axis. */
static enum status check_law(const struct evaluator *e, enum footprint_outcome o,
                             struct status_why *why)
{
    const struct predict_model *m = e->o.model;
    const enum status st = predict_check(m, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (o == FOOTPRINT_ACCURACY && !predict_has_accuracy(m)) {
        return status_fail(why, STATUS_INPUT,
                           "accuracy_ratio: the law %s gives a loss: law.corrections needs "
                           "accuracy_sigmoid or accuracy_exponential",
                           m->law->id);
    }
    const design_set inputs = evaluator_reads(&e->o, o);
    struct design d;
    evaluator_design(e, 0, &d);
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_has(inputs, (enum design_input)i) && isnan(d.value[i])) {
            return status_fail(why, STATUS_INPUT, "%s: not said, and %s needs it",
                               design_field((enum design_input)i)->name, footprint_field(o)->name);
        }
    }
    return check_domain(e, inputs, why);
}

/* The design of the last levels: that of most work, served tokens included. */
static struct design last_design(const struct evaluator_options *o)
{
    struct design d = o->base;
    for (size_t a = 0; a < o->n_axes; a++) {
        const struct evaluator_axis *axis = &o->axes[a];
        double *value = &d.value[axis->input];
        *value = axis->values[axis->n - 1];
        const bool serves =
            axis->input == DESIGN_SERVED_TOKENS || axis->input == DESIGN_SERVED_QUESTIONS;
        for (size_t i = 0; serves && i < axis->n; i++) {
            *value = fmax(*value, axis->values[i]);
        }
    }
    dependent_apply(dependents_of(o), 0, &d);
    return d;
}

/* What a factor reads of any configuration: that
 * depends on the levels of categories, of each by itself. */
static design_set reads_of(const struct evaluator_options *o, enum footprint_factor f,
                           enum footprint_outcome outcome)
{
    const struct design last = last_design(o);
    design_set all = footprint_factor_reads(f, outcome, &last, o->catalogue, &o->footprint);
    for (size_t a = 0; a < o->n_axes; a++) {
        const struct evaluator_axis *axis = &o->axes[a];
        struct design d = last;
        for (size_t i = 0; design_field(axis->input)->kind == DESIGN_CATEGORY && i < axis->n; i++) {
            d.value[axis->input] = axis->values[i];
            all |= footprint_factor_reads(f, outcome, &d, o->catalogue, &o->footprint);
        }
    }
    return all;
}

/* The factors of a product and of those before it, a bit each. */
static unsigned factors_of(enum footprint_product p)
{
    const struct footprint_product_row *row = footprint_product(p);
    unsigned all = row->of == FOOTPRINT_NO_PRODUCT ? 0 : factors_of(row->of);
    for (int i = 0; i < row->n; i++) {
        all |= 1u << row->factors[i];
    }
    return all;
}

static bool serves(const struct evaluator_options *o)
{
    const struct design last = last_design(o);
    return design_serves(&last);
}

design_set evaluator_reads(const struct evaluator_options *o, enum footprint_outcome outcome)
{
    if (footprint_base(outcome) == FOOTPRINT_OF_LAW) {
        return dependent_behind(dependents_of(o), outcome == FOOTPRINT_LOSS
                                                      ? predict_reads(o->model)
                                                      : predict_accuracy_reads(o->model));
    }
    enum footprint_product list[FOOTPRINT_N_PRODUCTS];
    const int n = footprint_base_products(footprint_base(outcome), serves(o), &o->footprint, list);
    unsigned factors = 1u << FOOTPRINT_RATE;
    design_set all = 0;
    for (int i = 0; i < n; i++) {
        factors |= factors_of(list[i]);
    }
    for (int f = 0; f <= FOOTPRINT_RATE; f++) {
        all |= (factors >> f & 1u) != 0 ? reads_of(o, (enum footprint_factor)f, outcome) : 0;
    }
    return dependent_behind(dependents_of(o), all);
}

/* The combinations of levels of all axes of categories among \a inputs, one after another.
 * \return false behind the last */
static bool next_combination(const struct evaluator_options *o, design_set inputs,
                             uint64_t combination, struct design *d)
{
    for (size_t a = o->n_axes; a-- > 0;) {
        const struct evaluator_axis *axis = &o->axes[a];
        if (design_has(inputs, axis->input) && design_field(axis->input)->kind == DESIGN_CATEGORY) {
            d->value[axis->input] = axis->values[combination % axis->n];
            combination /= axis->n;
        }
    }
    return combination == 0;
}

/* Every number that an outcome reads must be said, and some combination of categories must have all
 * figures. */
static enum status check_cost(const struct evaluator *e, enum footprint_outcome o,
                              struct status_why *why)
{
    struct design d = last_design(&e->o);
    const design_set inputs = evaluator_reads(&e->o, o);
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_has(inputs, (enum design_input)i) && isnan(d.value[i])) {
            return status_fail(why, STATUS_INPUT, "%s: not said, and %s needs it",
                               design_field((enum design_input)i)->name, footprint_field(o)->name);
        }
    }
    enum status st = STATUS_OK;
    for (uint64_t i = 0; next_combination(&e->o, inputs, i, &d); i++) {
        st = footprint_explain(o, &d, e->o.catalogue, &e->o.footprint, why);
        if (st == STATUS_OK) {
            status_clear(why);
            return st;
        }
    }
    return st;
}

static int add_factor(struct evaluator *e, struct factor f)
{
    f.inputs = dependent_behind(dependents_of(&e->o), f.inputs);
    e->factors[e->n_factors] = f;
    return (int)e->n_factors++;
}

static void add_terms(struct evaluator *e)
{
    const struct law *law = e->o.model->law;
    e->terms = (int)e->n_factors;
    e->offset = law->offset(law, e->o.model->theta);
    e->outer = law->outer(law, e->o.model->theta);
    e->plain_sum = !(e->outer < 1.0 || e->outer > 1.0);
    for (size_t k = 0; k < predict_n_terms(e->o.model); k++) {
        (void)add_factor(e, (struct factor){.part = OF_LOSS,
                                            .index = k,
                                            .inputs = predict_term_reads(e->o.model, k)});
    }
}

static void add_weights(struct evaluator *e)
{
    for (size_t i = 0; i < e->o.model->n_corrections; i++) {
        const struct correct_kind *kind = e->o.model->corrections[i].kind;
        e->weights[i] =
            kind->target != CORRECT_OF_ACCURACY
                ? NO_FACTOR
                : add_factor(
                    e, (struct factor){.part = OF_ACCURACY, .index = i, .inputs = kind->reads});
    }
}

static int add_cost(struct evaluator *e, enum footprint_factor f, enum footprint_outcome o)
{
    return add_factor(
        e, (struct factor){
               .part = OF_PRICE, .index = (size_t)o, .cost = f, .inputs = reads_of(&e->o, f, o)});
}

/* Put a product to use, with its factors and the products before it. */
static void use_product(struct evaluator *e, enum footprint_product p,
                        bool used[FOOTPRINT_N_PRODUCTS])
{
    const struct footprint_product_row *row = footprint_product(p);
    used[p] = true;
    if (row->of != FOOTPRINT_NO_PRODUCT) {
        use_product(e, row->of, used);
    }
    for (int i = 0; i < row->n; i++) {
        const enum footprint_factor f = row->factors[i];
        if (e->work[f] == NO_FACTOR) {
            e->work[f] = add_cost(e, f, FOOTPRINT_LOSS);
        }
    }
}

/* A factor that is 1 everywhere, so that nothing is multiplied. */
static bool is_one(const struct factor *f)
{
    return f->values != NULL && f->n_entries == 1 && !(f->values[0] < 1.0 || f->values[0] > 1.0)
           && !isnan(f->values[0]);
}

/* Put the products in use into their order, each behind the one that it begins with; the factors
 * have their tables. */
static void list_products(struct evaluator *e, const bool used[FOOTPRINT_N_PRODUCTS])
{
    for (int id = 0; id < FOOTPRINT_N_PRODUCTS; id++) {
        const struct footprint_product_row *row = footprint_product((enum footprint_product)id);
        struct product p = {.id = (enum footprint_product)id, .of = row->of};
        for (int i = 0; used[id] && i < row->n; i++) {
            const struct factor *f = &e->factors[e->work[row->factors[i]]];
            if (!is_one(f) || (i == 0 && p.of == FOOTPRINT_NO_PRODUCT)) {
                p.factors[p.n++] = f;
            }
        }
        if (used[id]) {
            e->products[e->n_products++] = p;
        }
    }
}

/* List the factors of the outcomes wanted: terms, work, rates. */
static void list_factors(struct evaluator *e, bool used[FOOTPRINT_N_PRODUCTS])
{
    e->serves = serves(&e->o);
    e->terms = NO_FACTOR;
    for (int f = 0; f < FOOTPRINT_RATE; f++) {
        e->work[f] = NO_FACTOR;
    }
    for (size_t i = 0; i < e->o.n_outcomes; i++) {
        const enum footprint_outcome o = e->outcomes[i];
        if (footprint_base(o) == FOOTPRINT_OF_LAW) {
            if (e->terms == NO_FACTOR) {
                add_terms(e);
            }
            if (o == FOOTPRINT_ACCURACY) {
                add_weights(e);
            }
            continue;
        }
        struct base *base = &e->bases[footprint_base(o)];
        base->n =
            footprint_base_products(footprint_base(o), e->serves, &e->o.footprint, base->products);
        e->rates[o] = add_cost(e, FOOTPRINT_RATE, o);
        base->outcomes[base->n_outcomes++] =
            (struct outcome){i, &e->factors[e->rates[o]], footprint_rounds(o)};
        for (int k = 0; k < base->n; k++) {
            use_product(e, base->products[k], used);
        }
    }
}

enum status evaluator_create(const struct evaluator_options *o, struct evaluator **made,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    struct evaluator *e = NULL;
    bool used[FOOTPRINT_N_PRODUCTS] = {false};

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
        STATUS_TRY(footprint_base(o->outcomes[i]) == FOOTPRINT_OF_LAW
                       ? check_law(e, o->outcomes[i], why)
                       : check_cost(e, o->outcomes[i], why));
    }
    list_factors(e, used);
    for (size_t i = 0; i < e->n_factors; i++) {
        STATUS_TRY(factor_tabulate(e, &e->factors[i], why));
    }
    list_products(e, used);
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
