#include "fitting/uncertainty/identify.h"

#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

/** Information of the runs at the planted values. */
static struct objective *find(struct identify *info)
{
    struct objective *o = NULL;
    struct status_why why;
    double z[LAW_MAX_PARAMETERS];
    const struct fit_options options = observations_options("chinchilla");
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    law_transform(o->law, planted, z);
    objective_centre(o, z, z);
    HARNESS_ASSERT_OK(identify_find(o, z, info, &why));
    return o;
}

static void test_identify_eigenvectors_reproduce_the_information(void)
{
    struct identify info;
    observations_simulate("chinchilla", planted, 9, 0.0, 1, &runs);
    objective_destroy(find(&info));
    double sum = 0.0;
    for (size_t i = 0; i < 5; i++) {
        sum += info.eigenvalues[i];
        CU_ASSERT_TRUE(i == 0 || info.eigenvalues[i] <= info.eigenvalues[i - 1]);
        CU_ASSERT_TRUE(info.independence[i] > 0.0 && info.independence[i] <= 1.0);
        for (size_t j = 0; j < 5; j++) {
            double element = 0.0;
            for (size_t k = 0; k < 5; k++) {
                element += info.eigenvalues[k] * info.vectors[k * 5 + i] * info.vectors[k * 5 + j];
            }
            CU_ASSERT_DOUBLE_EQUAL(element, info.scaled[i * 5 + j], 1e-13);
        }
    }
    CU_ASSERT_DOUBLE_EQUAL(sum, 5.0, 1e-13);
    HARNESS_ASSERT_REL(info.condition, sqrt(info.eigenvalues[0] / info.eigenvalues[4]), 1e-14);
}

/* Runs on the frontier alone, D = k N^(alpha / beta): both terms are one curve, rank 3 of 5. */
static void test_identify_sees_that_frontier_runs_have_rank_three(void)
{
    struct identify info;
    runs.n = 0;
    for (size_t i = 0; i < 30; i++) {
        const double params = 5e7 * pow(1.25, (double)i);
        observations_add(&runs, params, 31.0 * pow(params, 0.3371 / 0.3493), 2.0);
    }
    objective_destroy(find(&info));
    CU_ASSERT_TRUE(info.eigenvalues[2] > 1e-6);
    CU_ASSERT_TRUE(info.eigenvalues[3] < IDENTIFY_BLIND * info.eigenvalues[0]);
    CU_ASSERT_TRUE(info.condition > 1e5);
    const struct identify_evidence fine = {.interval = {1.0, 0.01, 0.98, 1.02}};
    size_t n_lost = 0;
    for (size_t i = 0; i < 5; i++) {
        n_lost += identify_verdict(law_find("chinchilla"), i, &info, &fine) == FIT_NOT_IDENTIFIED;
    }
    CU_ASSERT_TRUE(n_lost >= 4); /* A, B, alpha and beta; the floor alone is seen */
}

static enum fit_verdict judge(size_t i, double lower, double upper, double bound_ratio,
                              bool at_bound)
{
    struct identify info;
    observations_simulate("chinchilla", planted, 9, 0.0, 1, &runs);
    objective_destroy(find(&info));
    const struct identify_evidence evidence = {
        .at_bound = at_bound, .bound_ratio = bound_ratio, .interval = {1.0, 0.1, lower, upper}};
    return identify_verdict(law_find("chinchilla"), i, &info, &evidence);
}

static void test_identify_verdict_follows_its_rules(void)
{
    CU_ASSERT_EQUAL(judge(3, 0.8, 1.25, 0.0, false), FIT_IDENTIFIED);
    CU_ASSERT_EQUAL(judge(3, 0.7, 1.25, 0.0, false), FIT_WEAK);
    CU_ASSERT_EQUAL(judge(3, 0.1, 2.15, 0.0, false), FIT_NOT_IDENTIFIED);
    CU_ASSERT_EQUAL(judge(3, NAN, NAN, 0.0, false), FIT_NOT_IDENTIFIED);
    CU_ASSERT_EQUAL(judge(3, 0.8, 1.25, 0.03, false), FIT_WEAK);
    CU_ASSERT_EQUAL(judge(3, 0.8, 1.25, 0.26, false), FIT_NOT_IDENTIFIED);
    CU_ASSERT_EQUAL(judge(3, 0.8, 1.25, 0.0, true), FIT_NOT_IDENTIFIED);
    CU_ASSERT_EQUAL(judge(1, 0.3, 2.9, 0.0, false), FIT_IDENTIFIED);
    CU_ASSERT_EQUAL(judge(1, 0.3, 3.1, 0.0, false), FIT_WEAK);
    CU_ASSERT_EQUAL(judge(1, 1e-5, 1e5, 0.0, false), FIT_WEAK);
    CU_ASSERT_EQUAL(judge(1, NAN, NAN, 0.0, false), FIT_NOT_IDENTIFIED);
}

static void test_identify_names_reads_as_words(void)
{
    const struct law *law = law_find("chinchilla");
    const bool one[] = {false, true, false, false, false};
    const bool two[] = {false, true, false, true, false};
    const bool three[] = {true, false, true, false, true};
    char text[64];
    identify_names(law, one, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "A");
    identify_names(law, two, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "A and alpha");
    identify_names(law, three, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "E, B and beta");
}

static void test_identify_direction_keeps_a_term_together(void)
{
    const struct identify info = {.p = 5, .vectors = {[20] = 0.8, [21] = 0.1, [22] = -0.59}};
    bool part[LAW_MAX_PARAMETERS];
    identify_direction(law_find("chinchilla"), &info, part);
    CU_ASSERT_TRUE(part[0] && part[2] && part[4]);
    CU_ASSERT_FALSE(part[1] || part[3]);
}

static void test_identify_describe_says_how_weak(void)
{
    struct fit f = {.law = law_find("chinchilla"), .n = 31, .n_starts = 25, .n_agree = 20};
    const struct identify info = {
        .p = 5, .condition = 88.4, .vectors = {[20] = 0.8, [21] = 0.1, [22] = -0.59}};
    f.options.confidence = 0.9;
    f.objective = 1.0;
    f.runner_up = 1.25;
    f.verdicts[3] = FIT_WEAK;
    f.natural[3] = (struct fit_interval){0.3, 0.1, 0.2, 0.5};
    identify_describe(&f, &info);
    CU_ASSERT_STRING_EQUAL(
        f.sentence,
        "WEAKLY identified: these 31 runs determine only roughly alpha; alpha lies anywhere from "
        "0.2 to 0.5 (90 %); E, B and beta trade off (condition number 88.4); carry the intervals "
        "into every prediction. 20 of 25 starts reach the same optimum, the next one is 25 % "
        "worse.");
    /* Profiles without limits, a bound, and a parameter that the study fixed. */
    struct fit_profile profiles[5] = {
        [0] = {.lower_end = FIT_END_AT_BOUND}, [3] = {.upper_end = FIT_END_FLAT}};
    f.n_profiles = 5;
    f.profiles = profiles;
    f.n_agree = 25;
    f.runner_up = NAN;
    f.at_bound[0] = true;
    f.natural[0] = (struct fit_interval){0.0001, 0.1, NAN, 0.731};
    f.natural[3].upper = NAN;
    f.verdicts[0] = f.verdicts[3] = FIT_NOT_IDENTIFIED;
    f.verdicts[2] = f.verdicts[4] = FIT_HELD;
    identify_describe(&f, &info);
    CU_ASSERT_STRING_EQUAL(
        f.sentence,
        "NOT IDENTIFIED: these 31 runs do not determine E and alpha; E runs to its bound (0.0001 "
        "nat) and may be as large as 0.731 (90 %); they set no upper limit on alpha; "
        "condition number 88.4; do not extrapolate with this fit. 25 of 25 starts reach the "
        "same optimum.");
    /* A failure of the minimisation is told as one. */
    profiles[3].upper_end = FIT_END_NOT_FOLLOWED;
    identify_describe(&f, &info);
    CU_ASSERT(
        harness_contains(f.sentence, "; the solver lost its way to the upper limit of alpha;"));
    CU_ASSERT_FALSE(harness_contains(f.sentence, "they set no upper limit"));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"eigenvectors", test_identify_eigenvectors_reproduce_the_information},
        {"frontier", test_identify_sees_that_frontier_runs_have_rank_three},
        {"verdict", test_identify_verdict_follows_its_rules},
        {"names", test_identify_names_reads_as_words},
        {"direction", test_identify_direction_keeps_a_term_together},
        {"describe", test_identify_describe_says_how_weak},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
