#include "solver/price.h"

#include <string.h>

#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct status_why why;
static struct hardware_catalogue catalogue;
static struct footprint_options options;
static struct predict_model model;
static const struct dependent_list none;
static const double besiroglu[] = CATALOGUE_BESIROGLU;

/* A law without corrections, and options under which as many inputs as can be are read. */
static struct price_subject subject(void)
{
    catalogue = catalogue_made_by_hand();
    model = catalogue_model("chinchilla", besiroglu);
    options = footprint_defaults();
    options.attention = FOOTPRINT_ATTENTION;
    options.serving = FOOTPRINT_SERVING_MEMORY;
    options.activations = MEMORY_ALL;
    return (struct price_subject){&model, &catalogue, &options, &none};
}

static void correct(const char *kind, const double values[], size_t n)
{
    struct correct c = correct_neutral(correct_find(kind));
    memcpy(c.values, values, n * sizeof *values);
    status_clear(&why);
    HARNESS_ASSERT_OK(predict_correct(&model, &c, &why));
    HARNESS_ASSERT_OK(predict_check(&model, &why));
}

#define CORRECT(kind, ...)                                                                         \
    correct(kind, (const double[]){__VA_ARGS__},                                                   \
            sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

/* Everything said, and tokens served. */
static struct design said(void)
{
    struct design d = design_neutral();
    const double values[][2] = {{DESIGN_PARAMS, 31e9},
                                {DESIGN_TOKENS, 1.1e12},
                                {DESIGN_MFU, 0.41},
                                {DESIGN_GOODPUT, 0.87},
                                {DESIGN_LIFESPAN, 3.7},
                                {DESIGN_DEVICE, CATALOGUE_A100},
                                {DESIGN_GRID, CATALOGUE_USA},
                                {DESIGN_FLEET, 1000},
                                {DESIGN_SITE, CATALOGUE_SITE_1_1},
                                {DESIGN_DEADLINE, 33},
                                {DESIGN_SERVED_TOKENS, 4e12},
                                {DESIGN_PROMPT, 910},
                                {DESIGN_OUTPUT, 370},
                                {DESIGN_SAMPLES, 3},
                                {DESIGN_CACHED_TOKENS, 7e5},
                                {DESIGN_WINDOW, 610},
                                {DESIGN_FULL_LAYERS, 0.23},
                                {DESIGN_OPTIMIZER, CATALOGUE_ADAMW},
                                {DESIGN_MICROBATCH, 4096},
                                {DESIGN_CACHE_RATIO, 0.5},
                                {DESIGN_TOTAL_RATIO, 1.9},
                                {DESIGN_POST_BITS, 5},
                                {DESIGN_POST_CACHE_BITS, 6},
                                {DESIGN_SERVING_MFU, 0.21},
                                {DESIGN_PREFILL_MFU, 0.33},
                                {DESIGN_WIDTH, 5120},
                                {DESIGN_DEPTH, 47}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        d.value[(size_t)values[i][0]] = values[i][1];
    }
    return d;
}

static double other(enum design_input input, double value)
{
    const struct design_field *f = design_field(input);
    if (f->kind == DESIGN_CATEGORY) {
        return input == DESIGN_PRECISION   ? PRECISION_FP32
               : input == DESIGN_DEVICE    ? CATALOGUE_H100
               : input == DESIGN_GRID      ? CATALOGUE_FRANCE
               : input == DESIGN_SITE      ? CATALOGUE_SITE_NO_OVERHEAD
               : input == DESIGN_OPTIMIZER ? CATALOGUE_ADAMW_MASTER
                                           : 1.0;
    }
    if (isnan(value)) {
        return 1.0;
    }
    return isinf(value) ? 2e11 : value > 0.0 ? fmin(0.83 * value + 0.17, f->upper) : 0.7;
}

/* Where an input is moved, an outcome changes if and only if the machinery says that it reads it:
 * what it reads was noted while it was computed, what changes is seen here. */
static void test_price_outcomes_change_where_inputs_are_read(void)
{
    const struct price_subject s = subject();
    /* The second design leaves to other inputs what the first says, so that these are read. */
    struct design designs[] = {said(), said(), said()};
    static const enum design_input unsaid[] = {
        DESIGN_WIDTH,      DESIGN_DEPTH,           DESIGN_POST_BITS,  DESIGN_SERVING_MFU,
        DESIGN_MICROBATCH, DESIGN_POST_CACHE_BITS, DESIGN_PREFILL_MFU};
    for (size_t i = 0; i < sizeof unsaid / sizeof *unsaid; i++) {
        designs[1].value[unsaid[i]] = designs[2].value[unsaid[i]] = 0.0;
    }
    designs[2].value[DESIGN_SAMPLES] = 1.0;
    designs[2].value[DESIGN_WINDOW] = design_field(DESIGN_WINDOW)->neutral;
    size_t n_changes = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        bool changes = false;
        for (size_t k = 0; k < sizeof designs / sizeof *designs; k++) {
            double before[FOOTPRINT_N_OUTCOMES], after[FOOTPRINT_N_OUTCOMES];
            struct design moved = designs[k];
            moved.value[i] = other(input, moved.value[i]);
            price_outcomes(&s, &designs[k], before);
            price_outcomes(&s, &moved, after);
            for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
                const enum footprint_outcome outcome = (enum footprint_outcome)o;
                if (!(before[o] < after[o] || before[o] > after[o])) {
                    continue;
                }
                changes = true;
                n_changes++;
                CU_ASSERT(footprint_base(outcome) == FOOTPRINT_OF_LAW
                              ? design_has(predict_reads(&model), input)
                              : design_has(footprint_reads(outcome, &moved, &catalogue, &options),
                                           input));
            }
        }
        /* Models read by category, in whose range this fleet and this size are. */
        const bool is_read = design_has(price_reads(&s, &designs[0]), input);
        CU_ASSERT_EQUAL(changes, is_read);
    }
    CU_ASSERT(n_changes > 300);
}

/* The table says which way costs fall; each is moved. */
static void test_price_table_says_which_way_costs_fall(void)
{
    const struct price_subject s = subject();
    size_t n_sides = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        const enum price_side cheap = price_row(input)->cheap;
        struct design d = said();
        if (design_field(input)->kind == DESIGN_CATEGORY || isnan(d.value[i])) {
            continue;
        }
        d.value[i] = d.value[i] > 0.0 && isfinite(d.value[i]) ? d.value[i] : 5.0;
        double before[FOOTPRINT_N_OUTCOMES], after[FOOTPRINT_N_OUTCOMES];
        struct design moved = d;
        moved.value[i] = 1.21 * d.value[i];
        price_outcomes(&s, &d, before);
        price_outcomes(&s, &moved, after);
        bool falls = false, rises = false;
        for (int o = FOOTPRINT_COMPUTE; o < FOOTPRINT_N_OUTCOMES; o++) {
            falls = falls || (o != FOOTPRINT_BODY_PARAMS && after[o] < before[o]);
            rises = rises || (o != FOOTPRINT_BODY_PARAMS && after[o] > before[o]);
        }
        if (cheap == PRICE_LESS || cheap == PRICE_MORE || cheap == PRICE_NEITHER) {
            n_sides++;
            CU_ASSERT(cheap == PRICE_NEITHER ? !falls && !rises
                                             : (cheap == PRICE_LESS ? !falls : !rises));
        }
    }
    CU_ASSERT(n_sides > 25);
}

static bool is_unpaid(const struct price_subject *s, enum design_input input, double value)
{
    struct design d = said();
    static const enum design_input choices[] = {DESIGN_POST_BITS, DESIGN_POST_CACHE_BITS,
                                                DESIGN_CACHE_RATIO, DESIGN_WINDOW, DESIGN_SAMPLES};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        d.value[choices[i]] = design_field(choices[i])->neutral;
    }
    CU_ASSERT_EQUAL(price_unpaid(s, &d), 0);
    d.value[input] = value;
    const design_set unpaid = price_unpaid(s, &d);
    CU_ASSERT((unpaid & ~DESIGN_BIT(input)) == 0);
    return unpaid != 0;
}

static void test_price_of_a_choice_is_read_or_flagged(void)
{
    const struct price_subject s = subject();
    static const struct {
        enum design_input input;
        double value;
    } choices[] = {{DESIGN_UNIQUE_TOKENS, 5.5e10}, {DESIGN_BATCH, 6e7},
                   {DESIGN_EXPERTS, 64},           {DESIGN_SPARSITY, 0.75},
                   {DESIGN_POST_BITS, 4},          {DESIGN_TRAINING_BITS, 3},
                   {DESIGN_WINDOW, 512},           {DESIGN_POST_CACHE_BITS, 4},
                   {DESIGN_CACHE_RATIO, 0.25},     {DESIGN_OPTIMIZER, CATALOGUE_LOW_RANK}};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        CU_ASSERT(is_unpaid(&s, choices[i].input, choices[i].value));
    }
    /* Slower, larger or as before: paid, or no gain. */
    CU_ASSERT(!is_unpaid(&s, DESIGN_PRECISION, PRECISION_FP32));
    CU_ASSERT(!is_unpaid(&s, DESIGN_TRAINING_BITS, 16));
    CU_ASSERT(!is_unpaid(&s, DESIGN_OPTIMIZER, CATALOGUE_ADAMW_MASTER));
    CU_ASSERT(!is_unpaid(&s, DESIGN_MFU, 0.5));
    CU_ASSERT(!is_unpaid(&s, DESIGN_LIFESPAN, 6));
}

static void test_price_of_a_choice_is_that_of_its_correction(void)
{
    struct price_subject s = subject();
    CORRECT("repetition", 15.39);
    CORRECT("critical_batch", 1e3, 0.462);
    CORRECT("precision", 2.67, 0.3, 2.2, 1.4, 0.96, 2.4, 16);
    CU_ASSERT(!is_unpaid(&s, DESIGN_UNIQUE_TOKENS, 5.5e10));
    CU_ASSERT(!is_unpaid(&s, DESIGN_BATCH, 6e7));
    CU_ASSERT(!is_unpaid(&s, DESIGN_TRAINING_BITS, 5));
    CU_ASSERT(is_unpaid(&s, DESIGN_POST_BITS, 4));
    CORRECT("quantisation", 0.0598, 0.5907, 0.5068, 0.3439, INFINITY);
    CU_ASSERT(!is_unpaid(&s, DESIGN_POST_BITS, 4));
    /* Sparse weights are worth more dense ones, and no cost is read that they raise. */
    CORRECT("sparsity", 16.8, 45.0, 0.722, 0.245);
    CU_ASSERT(is_unpaid(&s, DESIGN_SPARSITY, 0.75));
}

static struct price_gain weigh(const struct price_subject *s, enum design_input input, size_t n,
                               const double values[], size_t n_targets,
                               const struct price_target targets[])
{
    static const double params[] = {1e9, 7e9, 70e9}, tokens[] = {2e10, 3e11, 4e12};
    const struct price_axis axes[] = {
        {DESIGN_PARAMS, 3, params}, {DESIGN_TOKENS, 3, tokens}, {input, n, values}};
    const struct design base = said();
    return price_weigh(s, &base, 3, axes, 2, n_targets, targets);
}

static void test_price_weighs_a_gain_against_what_is_asked(void)
{
    const struct price_subject s = subject();
    static const double bits[] = {1, 2, 4, 8, 16}, mfu[] = {0.3, 0.5}, life[] = {2, 4, 6};
    static const double fleets[] = {64, 512, 4096};
    static const struct price_target loss_and_memory[] = {
        {.outcome = FOOTPRINT_LOSS, .better = PRICE_LESS},
        {.outcome = FOOTPRINT_SERVING_BYTE, .better = PRICE_LESS}};
    static const struct price_target costs[] = {
        {.outcome = FOOTPRINT_ENERGY, .better = PRICE_LESS},
        {.outcome = FOOTPRINT_MASS, .better = PRICE_LESS},
        {.outcome = FOOTPRINT_DURATION, .better = PRICE_LESS}};
    struct price_gain gain = weigh(&s, DESIGN_POST_BITS, 5, bits, 2, loss_and_memory);
    CU_ASSERT(gain.is_free && gain.target == 1 && !gain.by_more);
    gain = weigh(&s, DESIGN_MFU, 2, mfu, 3, costs);
    CU_ASSERT(gain.is_free && gain.target == 0 && gain.by_more);
    gain = weigh(&s, DESIGN_LIFESPAN, 3, life, 3, costs);
    CU_ASSERT(gain.is_free && gain.target == 1 && gain.by_more);
    gain = weigh(&s, DESIGN_FLEET, 3, fleets, 3, costs);
    CU_ASSERT(gain.is_free && gain.target == 2 && gain.by_more);
    /* What is not asked for is no gain. */
    CU_ASSERT(!weigh(&s, DESIGN_POST_BITS, 5, bits, 3, costs).is_free
              || !weigh(&s, DESIGN_POST_BITS, 5, bits, 1, loss_and_memory).is_free);
    CU_ASSERT(!weigh(&s, DESIGN_POST_BITS, 5, bits, 1, loss_and_memory).is_free);
    /* Old devices need more energy where new ones get better; large fleets fail more often. */
    options.progress_ratio = 0.26;
    CU_ASSERT(!weigh(&s, DESIGN_LIFESPAN, 3, life, 3, costs).is_free);
    CORRECT("quantisation", 0.0598, 0.5907, 0.5068, 0.3439, INFINITY);
    CU_ASSERT(!weigh(&s, DESIGN_POST_BITS, 5, bits, 2, loss_and_memory).is_free);
}

static void test_price_of_what_follows_is_read(void)
{
    struct price_subject s = subject();
    struct dependent_list list = {0};
    size_t column;
    static const double sparsity[] = {0.0, 0.5, 0.9};
    static const struct price_target targets[] = {
        {.outcome = FOOTPRINT_LOSS, .better = PRICE_LESS},
        {.outcome = FOOTPRINT_COMPUTE, .better = PRICE_LESS}};
    CORRECT("sparsity", 16.8, 45.0, 0.722, 0.245);
    CU_ASSERT(weigh(&s, DESIGN_SPARSITY, 3, sparsity, 2, targets).is_free);
    HARNESS_ASSERT_OK(
        dependent_add(&list, DESIGN_PARAMS, "8e9 * (1 - sparsity_ratio)", false, &column, &why));
    CU_ASSERT_PTR_NULL(dependent_sort(&list));
    s.dependents = &list;
    CU_ASSERT(!weigh(&s, DESIGN_SPARSITY, 3, sparsity, 2, targets).is_free);
    dependent_clear(&list);
}

static void test_price_held_or_undefined_is_no_gain(void)
{
    const struct price_subject s = subject();
    static const double mfu[] = {0.3, 0.5};
    struct price_target held = {.outcome = FOOTPRINT_ENERGY, .better = PRICE_EITHER};
    CU_ASSERT(!weigh(&s, DESIGN_MFU, 2, mfu, 1, &held).is_free);
    held = (struct price_target){.is_input = true, .input = DESIGN_MFU, .better = PRICE_MORE};
    CU_ASSERT(weigh(&s, DESIGN_MFU, 2, mfu, 1, &held).is_free);
    held = (struct price_target){.outcome = FOOTPRINT_ACCURACY, .better = PRICE_MORE};
    CU_ASSERT(!weigh(&s, DESIGN_MFU, 2, mfu, 1, &held).is_free);
}

static void test_price_corrections_and_laws_name_their_inputs(void)
{
    CU_ASSERT_EQUAL(price_corrected(correct_find("quantisation")), DESIGN_BIT(DESIGN_POST_BITS));
    CU_ASSERT_EQUAL(price_corrected(correct_find("repetition")), DESIGN_BIT(DESIGN_UNIQUE_TOKENS));
    CU_ASSERT(design_has(price_corrected(correct_find("precision")), DESIGN_PRECISION));
    CU_ASSERT_EQUAL(price_in_law(law_find("chinchilla")), 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"outcomes_change_where_inputs_are_read", test_price_outcomes_change_where_inputs_are_read},
        {"table_says_which_way_costs_fall", test_price_table_says_which_way_costs_fall},
        {"choice_is_read_or_flagged", test_price_of_a_choice_is_read_or_flagged},
        {"choice_is_that_of_its_correction", test_price_of_a_choice_is_that_of_its_correction},
        {"weighs_a_gain_against_what_is_asked", test_price_weighs_a_gain_against_what_is_asked},
        {"of_what_follows_is_read", test_price_of_what_follows_is_read},
        {"held_or_undefined_is_no_gain", test_price_held_or_undefined_is_no_gain},
        {"corrections_and_laws_name_their_inputs",
         test_price_corrections_and_laws_name_their_inputs},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
