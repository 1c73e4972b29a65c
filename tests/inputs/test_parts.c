#include "inputs/parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/harness.h"

static struct status_why why;

static void test_paper_faiz2023_embodied_carbon_of_xlm(void)
{
    struct parts_row *rows = NULL;
    size_t n;
    HARNESS_ASSERT_OK(parts_read(harness_comm(), harness_source("inputs/data"), &rows, &n, &why));
    /* GPU 9.78 kg; an eighth of CPU 1.47, DRAM 102.4, SSD 576 and the rest 148.2. */
    HARNESS_ASSERT_REL(parts_embodied_kg(rows, n, "XLM-V100"),
                       9.78 + (1.47 + 102.4 + 576.0 + 148.2) / 8.0, 1e-14);
    HARNESS_ASSERT_REL(parts_embodied_kg(rows, n, "A100-teardown"), 111.3271, 1e-12);
    CU_ASSERT(isnan(parts_embodied_kg(rows, n, "A100")));
    free(rows);
}

static void test_parts_errors(void)
{
    struct parts_row *rows = NULL;
    size_t n;
    char folder[1024];
    (void)harness_file("parts.tsv", "whole\tpart\tcount\tsize\tunit\tkg_per_unit\tsource\n"
                                    "X\tdie\t0\t8.1\tcm2\t1.2\tfaiz2023\n");
    (void)snprintf(folder, sizeof folder, "%s", harness_path("."));
    HARNESS_ASSERT_FAILS(parts_read(harness_comm(), folder, &rows, &n, &why), STATUS_INPUT,
                         "parts.tsv:2: count: 0: expected a number from 1e-06");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"paper_faiz2023_embodied_carbon_of_xlm", test_paper_faiz2023_embodied_carbon_of_xlm},
        {"a part without a count is refused", test_parts_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
