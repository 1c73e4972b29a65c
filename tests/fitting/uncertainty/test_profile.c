/* ranks: 1 3 */
#include "fitting/uncertainty/profile.h"
#include "tests/fitting/observations.h"
static struct observations runs;
static void test_try(void)
{
    struct fit f; struct status_why why; status_clear(&why);
    if (!observations_epoch(false, &runs)) { return; }
    for (int k = 0; k < 3; k++) {
    struct fit_options options = observations_options("chinchilla");
    options.objective = (enum fit_objective)k;
    options.n_replicates = 1000; options.profile = true; options.confidence = 0.9;
    const struct fit_data data = observations_data(&runs, options.law);
    HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, &options, NULL, &f, &why));
    for (size_t i = 0; i < f.n_profiles; i++) {
        const struct fit_interval *x = i < 5 ? &f.natural[i] : i == 5 ? &f.exponent_params : i == 6 ? &f.optimum_params : i == 7 ? &f.optimum_tokens : &f.optimum_loss_nat;
        printf("%zu %s boot %g..%g profile %g..%g T/V %g\n", i, fit_limits_name(f.profiles[i].limits), x->lower, x->upper, f.profiles[i].lower, f.profiles[i].upper, f.profiles[i].threshold / f.objective);
        for (size_t j = 0; j < FIT_PROFILE_POINTS; j++) printf(" %.3g", f.profiles[i].rise[j] / f.profiles[i].threshold);
        printf("\n");
    }
    fit_clear(&f);
    }
}
int main(int argc, char **argv)
{
    CU_TestInfo tests[] = { {"try", test_try}, CU_TEST_INFO_NULL, };
    return harness_main(argc, argv, tests);
}
