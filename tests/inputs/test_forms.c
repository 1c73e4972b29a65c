/* ranks: 1 3 */
#include "inputs/forms.h"

#include <string.h>

#include "tests/harness.h"

static struct status_why why;

static void test_forms_read_adds_every_row_of_the_shipped_table(void)
{
    status_clear(&why);
    HARNESS_ASSERT_OK(forms_read(harness_comm(), harness_source("inputs/data"), &why));
    const struct law *law = law_find("moe_joint");
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_EQUAL(law->n_parameters, 11);
    CU_ASSERT_EQUAL(law->n_inputs, 3);
    CU_ASSERT_STRING_EQUAL(law_find("accuracy_sigmoid")->response, "accuracy_ratio");
}

static void test_forms_errors(void)
{
    static const char head[] =
        "id\ttitle\tformula\tresponse_unit\tinputs\tparameters\tsource\tnote\n";
    static const struct {
        const char *row, *message;
    } rows[] = {
        {"a\tt\tloss = E + A/prams^al\tnat\tparams\tE A al\tnone\t\n",
         "forms.tsv:2: formula: a: column 14: "},
        {"a\tt\tloss = E + A/params^al\tnat\tparams\tE A al[2,1]\tnone\t\n",
         "al: bounds 2 and 1: expected lower < upper"},
        {"a\tt\tloss = E + A/params^al\tnat\tparams\tE A al(2)\tnone\t\n",
         "'al(2)': a formula cannot use this as a name"},
        {"a\tt\tloss = E + A/params^al\tnat\tparams:ln\tE A al\tnone\t\n",
         "params:ln: expected name, name:plain"},
        {"a\tt\tloss = E + A/params^al\tnat\tparams\tE A al B\tnone\t\n",
         "B: the formula does not use this parameter"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512], folder[1024];
        (void)snprintf(text, sizeof text, "%s%s", head, rows[i].row);
        (void)snprintf(folder, sizeof folder, "%s", harness_file("forms.tsv", text));
        *strrchr(folder, '/') = '\0';
        status_clear(&why);
        HARNESS_ASSERT_FAILS(forms_read(harness_comm(), folder, &why), STATUS_INPUT,
                             rows[i].message);
    }
}

static void test_forms_words_read_back(void)
{
    static const char parameters[] = "E A[1,20]:log alpha[0.125,2;0.25,0.5] n:plain b=0.25 c=alpha";
    static const char inputs[] = "params bits:plain>=3 day:plain";
    struct custom_source s = {.n_inputs = 0};
    char text[256];
    status_clear(&why);
    HARNESS_ASSERT_OK(forms_inputs(inputs, &s, &why));
    HARNESS_ASSERT_OK(forms_parameters(parameters, &s, &why));
    forms_print_inputs(&s, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, inputs);
    forms_print_parameters(&s, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, parameters);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"shipped", test_forms_read_adds_every_row_of_the_shipped_table},
        {"errors", test_forms_errors},
        {"words", test_forms_words_read_back},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
