/* ranks: 1 3 */
#include "inputs/catalogue/observed.h"

#include "tests/inputs/catalogue/tables.h"

static const struct hardware_mfu *find(const struct hardware_catalogue *c, const char *id)
{
    size_t i = 0;
    while (i < c->n_mfu && strcmp(c->mfu[i].id, id) != 0) {
        i++;
    }
    CU_ASSERT_FATAL(i < c->n_mfu);
    return &c->mfu[i];
}

static void test_observed_keeps_published_ratios(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    const struct hardware_mfu *palm = find(&c, "PaLM-540B");
    CU_ASSERT_STRING_EQUAL(palm->device, "TPUv4");
    CU_ASSERT(palm->is_steady);
    CU_ASSERT_EQUAL(palm->precision, PRECISION_BF16);
    HARNESS_ASSERT_REL(palm->devices, 6144.0, 0);
    HARNESS_ASSERT_REL(palm->mfu_ratio, 0.462, 0);
    CU_ASSERT_STRING_EQUAL(find(&c, "MegaScale-175B")->device, "");
    CU_ASSERT_EQUAL(find(&c, "DeepSeek-V3")->precision, PRECISION_FP8);
    CU_ASSERT(isnan(find(&c, "median-of-33")->params));
    registry_clear(&c);
}

/* Ratios that their authors or others computed from the same hours. */
static void test_observed_computes_the_ratio_of_whole_runs(void)
{
    static const struct {
        const char *id;
        double mfu_ratio;
    } wanted[] = {{"LLaMA-65B-whole", 0.477},
                  {"BLOOM-176B-whole", 0.318},
                  {"Llama-3.1-405B-whole", 0.346},
                  {"PaLM-540B-whole", 0.304}};
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct hardware_mfu *got = find(&c, wanted[i].id);
        CU_ASSERT_DOUBLE_EQUAL(got->mfu_ratio, wanted[i].mfu_ratio, 5e-4);
        CU_ASSERT(!got->is_steady);
    }
    registry_clear(&c);
}

#define HEAD                                                                                       \
    "id\tdevice\tdevices\tparams\ttokens\tcompute_flop\tprecision\tmfu_ratio\tdevice_hour"         \
    "\twall_clock_hour\tkind\tsource\n"

/* A user's log: operations or parameters and tokens, hours of all devices or of the clock. */
static void test_observed_reads_logs_of_runs(void)
{
    static const double peak = 3.1e12, seconds = 3600;
    struct tables t = {.mfu =
                           HEAD "a\tAbacus\t\t7.3e7\t2.1e9\t\tbf16\t\t310\t\t\tlog\n"
                                "b\tAbacus\t12\t7.3e7\t\t9e17\tbf16\t\t\t21.5\twhole-run\tlog\n"};
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(tables_read(t, NULL, &c, &why));
    HARNESS_ASSERT_REL(find(&c, "a")->mfu_ratio, 6 * 7.3e7 * 2.1e9 / (310 * seconds * peak), 1e-14);
    HARNESS_ASSERT_REL(find(&c, "b")->mfu_ratio, 9e17 / (12 * 21.5 * seconds * peak), 1e-14);
    CU_ASSERT(!find(&c, "a")->is_steady && !find(&c, "b")->is_steady);
    registry_clear(&c);
}

static void test_observed_errors(void)
{
    static const struct {
        const char *row, *message;
    } cases[] = {
        {"a\tAbakus\t\t\t\t\tbf16\t0.3\t\t\tsteady\tx\n",
         "mfu.tsv:2: device: Abakus: expected an id of the table of devices, or nothing"},
        {"a\tAbacus\t\t\t\t\tbf17\t0.3\t\t\tsteady\tx\n", "precision: bf17: expected a known"},
        {"a\tAbacus\t\t\t\t\tbf16\t0.3\t\t\tpeak\tx\n", "kind: peak: expected steady or whole-run"},
        {"a\tAbacus\t\t\t\t\tbf16\t0.3\t\t\t\tx\n", "kind: empty: expected steady or whole-run"},
        {"a\tAbacus\t\t\t\t\tbf16\t1.3\t\t\tsteady\tx\n", "mfu_ratio: 1.3: expected a number from"},
        {"a\tAbacus\t\t\t\t\tbf16\t0.3\t17\t\tsteady\tx\n", "mfu_ratio: a: expected either"},
        {"a\tAbacus\t\t7e7\t2e9\t\tbf16\t\t\t\t\tx\n", "mfu_ratio: empty: expected a ratio, dev"},
        {"a\tAbacus\t\t7e7\t2e9\t\tbf16\t\t\t17\t\tx\n", "mfu_ratio: empty: expected a ratio, dev"},
        {"a\tAbacus\t\t7e7\t\t\tbf16\t\t31\t\t\tx\n", "compute_flop: empty: expected"},
        {"a\t\t\t7e7\t2e9\t\tbf16\t\t31\t\t\tx\n", "device: empty: expected an id"},
        {"a\tAbacus\t\t7e7\t2e9\t\tbf16\t\t310\t\tsteady\tx\n", "kind: steady: expected whole-run"},
        {"a\tAbacus\t\t7e7\t2e9\t\tbf16\t\t31\t\t\tx\n",
         "mfu.tsv:2: mfu_ratio: 2.428: computed, expected at most 1; are these the device"},
        {"a\tAbacus\t\t7e7\t2e9\t\tfp4\t\t310\t\t\tx\n",
         "devices.tsv:2: Abacus: peak_tflops_fp4: absent, and a needs it: fill it in"},
    };
    struct status_why why = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "%s%s", HEAD, cases[i].row);
        const struct tables t = {.mfu = text};
        CU_ASSERT_EQUAL(tables_refuse(t, NULL, &why), STATUS_INPUT);
        if (!harness_contains(why.message, cases[i].message)) {
            harness_say(why.message);
            CU_FAIL("another message");
        }
        status_clear(&why);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"keeps_published_ratios", test_observed_keeps_published_ratios},
        {"computes_the_ratio_of_whole_runs", test_observed_computes_the_ratio_of_whole_runs},
        {"reads_logs_of_runs", test_observed_reads_logs_of_runs},
        {"errors", test_observed_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
