#include "inputs/text/quantity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static void test_quantity_number_reads_to_the_last_character(void)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"2.385", 2.385}, {"-7", -7},     {"+.5", .5},       {"3.", 3},
                {"1e6", 1e6},     {"1E-3", 1e-3}, {"0e-999", 0},     {"-0.0", 0},
                {"007", 7},       {"5e+2", 500},  {"1e-310", 1e-310}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = NAN;
        CU_ASSERT_PTR_NULL(quantity_number(good[i].text, &value));
        CU_ASSERT_DOUBLE_EQUAL(value, good[i].value, 0);
    }
    static const char *const bad[] = {"",     " 1",  "1 ",  "1_000", "1e",   "64x",
                                      "0x10", "--1", "1,5", ".",     "e5",   "1e5.5",
                                      "1 2",  "70B", "-",   "+",     "1e+ ", "1.2.3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 17;
        const char *expected = quantity_number(bad[i], &value);
        CU_ASSERT_PTR_NOT_NULL(expected);
        CU_ASSERT(expected != NULL && strcmp(expected, "expected a number") == 0);
        CU_ASSERT_DOUBLE_EQUAL(value, 17, 0);
    }
}

static void test_quantity_refuses_what_is_not_finite(void)
{
    static const char *const bad[] = {"nan",  "NaN",  "-nan",     "inf",   "-Inf",
                                      ".inf", ".NaN", "Infinity", "1e400", "-1e999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 17;
        const char *expected = quantity_number(bad[i], &value);
        CU_ASSERT(expected != NULL && strcmp(expected, "expected a finite number") == 0);
        expected = quantity_parse(bad[i], "kWh", &value);
        CU_ASSERT(expected != NULL && strcmp(expected, "expected a finite number") == 0);
        CU_ASSERT_DOUBLE_EQUAL(value, 17, 0);
    }
    double value = 17;
    CU_ASSERT_PTR_NOT_NULL(quantity_number("1e-400", &value));
    CU_ASSERT_PTR_NOT_NULL(quantity_parse("1e308 GWh", "kWh", &value));
    CU_ASSERT_DOUBLE_EQUAL(value, 17, 0);
}

static void test_quantity_parse_converts_units(void)
{
    static const struct {
        const char *text, *unit;
        double value;
    } good[] = {
        {"70B", "count", 70e9},
        {"1.4T", "count", 1.4e12},
        {"1.1 B", "count", 1.1e9},
        {"350 M", "count", 350e6},
        {"12K", "count", 12e3},
        {"417", "count", 417},
        {"6e25 FLOP", "FLOP", 6e25},
        {"3.1 EFLOP", "FLOP", 3.1e18},
        {"2 kFLOP", "FLOP", 2e3},
        {"1 PF-day", "FLOP", 8.64e19},
        {"30 d", "hour", 720},
        {"90 min", "hour", 1.5},
        {"1800 s", "hour", .5},
        {"2 y", "year", 2},
        {"2.7y", "year", 2.7},
        {"3 years", "year", 3},
        {"6 month", "year", .5},
        {"73 d", "year", .2},
        {"2", "year", 2},
        {"1 y", "hour", 8760},
        {"1 GWh", "kWh", 1e6},
        {"350 Wh", "kWh", .35},
        {"7.2 MWh", "kWh", 7200},
        {"3600000 J", "kWh", 1},
        {"400 W", "W", 400},
        {"0.7 kW", "W", 700},
        {"20.4 MW", "W", 20.4e6},
        {"30 g", "kg", .03},
        {"1.7 t", "kg", 1700},
        {"2.5 kg", "kg", 2.5},
        {"10.3 MUSD", "USD", 10.3e6},
        {"40 %", "1", .4},
        {"7%", "1", .07},
        {"0.35", "1", .35},
        {"80 GB", "byte", 80e9},
        {"80 GiB", "byte", 80.0 * 0x1p30},
        {"31 g/kWh", "kg/kWh", .031},
        {"0.4 kg/kWh", "kg/kWh", .4},
        {"1.98 nat", "nat", 1.98},
        {"2.5 m3", "litre", 2500},
        {"1.7 ML", "litre", 1.7e6},
        {"12 kL", "litre", 12e3},
        {"3 litres", "litre", 3},
        {"417 L", "litre", 417},
        {"2.3M", "litre", 2.3e6},
        {"3.6 TJ", "kWh", 1e6},
        {"7.2 PJ", "kWh", 2e9},
        {"1M", "hour", 1e6},
        {"1.5M h", "hour", 1.5e6},
        {"2M", "kWh", 2e6},
        {"3 weeks", "day", 21},
        {"5K", "1", 5000},
        {"7B", "1", 7e9},
        {"10.3M USD", "USD", 10.3e6},
        {"2.5B", "USD", 2.5e9},
        {"4K kg", "kg", 4000},
        {"3.3 Mt", "kg", 3.3e9},
        {"20M", "W", 20e6},
        {"1.2T", "FLOP", 1.2e12},
        {"640M", "byte", 640e6},
        {"1.5 PB", "byte", 1.5e15},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = NAN;
        CU_ASSERT_PTR_NULL(quantity_parse(good[i].text, good[i].unit, &value));
        CU_ASSERT_DOUBLE_EQUAL(value, good[i].value, 0);
    }
}

static void test_quantity_parse_of_a_count_equals_the_written_power_of_ten(void)
{
    for (int i = 1; i < 2000; i++) {
        char short_form[32], long_form[32];
        (void)snprintf(short_form, sizeof short_form, "%d.%03dT", i % 13, i);
        (void)snprintf(long_form, sizeof long_form, "%d.%03de12", i % 13, i);
        double value = NAN;
        CU_ASSERT_PTR_NULL(quantity_parse(short_form, "count", &value));
        CU_ASSERT_DOUBLE_EQUAL(value, strtod(long_form, NULL), 0);
    }
}

static void test_quantity_errors_name_the_units_understood(void)
{
    double plain = NAN;
    CU_ASSERT_PTR_NULL(quantity_parse("2.5", "furlong", &plain));
    CU_ASSERT_DOUBLE_EQUAL(plain, 2.5, 0);
    static const struct {
        const char *text, *unit, *expected;
    } bad[] = {
        {"30 kg", "year", "expected a time: s, min, h, d, week, month, y"},
        {"30 m", "hour", "expected a time: s, min, h, d, week, month, y"},
        {"many", "count", "expected a count, with K, M, B or T for 1e3, 1e6, 1e9, 1e12"},
        {"70 b", "count", "expected a count, with K, M, B or T for 1e3, 1e6, 1e9, 1e12"},
        {"1e6 kW", "kWh", "expected an energy: Wh, kWh, MWh, GWh, TWh, J to PJ"},
        {"1 GWh ", "kWh", "expected an energy: Wh, kWh, MWh, GWh, TWh, J to PJ"},
        {" 1 GWh", "kWh", "expected an energy: Wh, kWh, MWh, GWh, TWh, J to PJ"},
        {"0x1p3", "W", "expected a power: W, kW, MW, GW"},
        {"5 years", "1", "expected a number, or a percentage as 40 %"},
        {"5 FLOPS", "FLOP", "expected an amount of compute: FLOP, kFLOP to YFLOP, PF-day"},
        {"", "kg", "expected a mass: g, kg, t, kt, Mt"},
        {"12 %", "nat", "expected a loss in nat"},
        {"1T", "kg", "expected a mass: g, kg, t, kt, Mt"},
        {"80B", "byte", "expected an amount of memory: byte, kB to PB, KiB to TiB"},
        {"2M", "nat", "expected a loss in nat"},
        {"1M kg", "hour", "expected a time: s, min, h, d, week, month, y"},
        {"1Mh", "hour", "expected a time: s, min, h, d, week, month, y"},
        {"1M ", "hour", "expected a time: s, min, h, d, week, month, y"},
        {"3 gallon", "litre", "expected an amount of water: litre, m3, kL, ML, GL"},
        {"12 furlong", "furlong", "expected a number"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 17;
        const char *expected = quantity_parse(bad[i].text, bad[i].unit, &value);
        CU_ASSERT(expected != NULL && strcmp(expected, bad[i].expected) == 0);
        CU_ASSERT_DOUBLE_EQUAL(value, 17, 0);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"number_reads_to_the_last_character", test_quantity_number_reads_to_the_last_character},
        {"refuses_what_is_not_finite", test_quantity_refuses_what_is_not_finite},
        {"parse_converts_units", test_quantity_parse_converts_units},
        {"parse_of_a_count_equals_the_written_power_of_ten",
         test_quantity_parse_of_a_count_equals_the_written_power_of_ten},
        {"errors_name_the_units_understood", test_quantity_errors_name_the_units_understood},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
