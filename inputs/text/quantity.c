#include "inputs/text/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/units.h"

/* Every kind of quantity is counted in a unit of which all the others are whole multiples, so that
 * conversions divide whole numbers: 7 % becomes 7/100 and not 7 * 0.01. */
enum kind {
    RATIO,
    COUNT,
    COMPUTE,
    TIME,
    ENERGY,
    POWER,
    MASS,
    WATER,
    MONEY,
    LOSS,
    MEMORY,
    INTENSITY
};

static const struct {
    enum kind kind;
    const char *name;
    double size;
} suffixes[] = {
    {RATIO, "%", 1},
    {COUNT, "K", 1e3},
    {COUNT, "k", 1e3},
    {COUNT, "M", 1e6},
    {COUNT, "B", 1e9},
    {COUNT, "T", 1e12},
    {COMPUTE, "FLOP", 1},
    {COMPUTE, "kFLOP", 1e3},
    {COMPUTE, "MFLOP", 1e6},
    {COMPUTE, "GFLOP", 1e9},
    {COMPUTE, "TFLOP", 1e12},
    {COMPUTE, "PFLOP", 1e15},
    {COMPUTE, "EFLOP", 1e18},
    {COMPUTE, "ZFLOP", 1e21},
    {COMPUTE, "YFLOP", 1e24},
    {COMPUTE, "PF-day", UNITS_FLOP_PER_PF_DAY},
    {COMPUTE, "PF-days", UNITS_FLOP_PER_PF_DAY},
    {TIME, "s", 1},
    {TIME, "min", 60},
    {TIME, "h", UNITS_SECOND_PER_HOUR},
    {TIME, "hour", UNITS_SECOND_PER_HOUR},
    {TIME, "hours", UNITS_SECOND_PER_HOUR},
    {TIME, "d", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_DAY},
    {TIME, "day", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_DAY},
    {TIME, "days", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_DAY},
    {TIME, "week", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_DAY * 7},
    {TIME, "weeks", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_DAY * 7},
    {TIME, "month", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_YEAR / 12},
    {TIME, "months", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_YEAR / 12},
    {TIME, "y", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_YEAR},
    {TIME, "year", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_YEAR},
    {TIME, "years", UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_YEAR},
    {ENERGY, "J", 1},
    {ENERGY, "kJ", 1e3},
    {ENERGY, "MJ", 1e6},
    {ENERGY, "GJ", 1e9},
    {ENERGY, "TJ", 1e12},
    {ENERGY, "PJ", 1e15},
    {ENERGY, "Wh", UNITS_SECOND_PER_HOUR},
    {ENERGY, "kWh", UNITS_SECOND_PER_HOUR * 1e3},
    {ENERGY, "MWh", UNITS_SECOND_PER_HOUR * 1e6},
    {ENERGY, "GWh", UNITS_SECOND_PER_HOUR * 1e9},
    {ENERGY, "TWh", UNITS_SECOND_PER_HOUR * 1e12},
    {POWER, "W", 1},
    {POWER, "kW", 1e3},
    {POWER, "MW", 1e6},
    {POWER, "GW", 1e9},
    {MASS, "g", 1},
    {MASS, "kg", 1e3},
    {MASS, "t", 1e6},
    {MASS, "kt", 1e9},
    {MASS, "Mt", 1e12},
    {WATER, "litre", 1},
    {WATER, "litres", 1},
    {WATER, "L", 1},
    {WATER, "m3", 1e3},
    {WATER, "kL", 1e3},
    {WATER, "ML", 1e6},
    {WATER, "GL", 1e9},
    {MONEY, "USD", 1},
    {MONEY, "kUSD", 1e3},
    {MONEY, "MUSD", 1e6},
    {MONEY, "GUSD", 1e9},
    {LOSS, "nat", 1},
    {MEMORY, "byte", 1},
    {MEMORY, "bytes", 1},
    {MEMORY, "kB", 1e3},
    {MEMORY, "MB", 1e6},
    {MEMORY, "GB", 1e9},
    {MEMORY, "TB", 1e12},
    {MEMORY, "PB", 1e15},
    {MEMORY, "KiB", 0x1p10},
    {MEMORY, "MiB", 0x1p20},
    {MEMORY, "GiB", 0x1p30},
    {MEMORY, "TiB", 0x1p40},
    {INTENSITY, "g/kWh", 1},
    {INTENSITY, "kg/kWh", 1e3},
};

/* The units that callers ask for. K, M, B and T also stand before a unit or alone, as `10M USD` or
 * `1M` hours, but for letters that could be read as a unit of the kind itself: bytes, and tonnes.
 */
static const struct wanted {
    const char *unit;
    enum kind kind;
    double size;
    const char *ambiguous; /* letters that are no factors here */
    const char *expected;
} wanted_units[] = {
    {"1", RATIO, 100, "", "expected a number, or a percentage as 40 %"},
    {"count", COUNT, 1, "", "expected a count, with K, M, B or T for 1e3, 1e6, 1e9, 1e12"},
    {"FLOP", COMPUTE, 1, "", "expected an amount of compute: FLOP, kFLOP to YFLOP, PF-day"},
    {"hour", TIME, UNITS_SECOND_PER_HOUR, "", "expected a time: s, min, h, d, week, month, y"},
    {"day", TIME, UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_DAY, "",
     "expected a time: s, min, h, d, week, month, y"},
    {"year", TIME, UNITS_SECOND_PER_HOUR *UNITS_HOUR_PER_YEAR, "",
     "expected a time: s, min, h, d, week, month, y"},
    {"kWh", ENERGY, UNITS_SECOND_PER_HOUR * 1e3, "",
     "expected an energy: Wh, kWh, MWh, GWh, TWh, J to PJ"},
    {"W", POWER, 1, "", "expected a power: W, kW, MW, GW"},
    {"kg", MASS, 1e3, "T", "expected a mass: g, kg, t, kt, Mt"},
    {"litre", WATER, 1, "", "expected an amount of water: litre, m3, kL, ML, GL"},
    {"USD", MONEY, 1, "", "expected an amount of money: USD, kUSD, MUSD, GUSD"},
    {"nat", LOSS, 1, "KMBT", "expected a loss in nat"},
    {"byte", MEMORY, 1, "B", "expected an amount of memory: byte, kB to PB, KiB to TiB"},
    {"kg/kWh", INTENSITY, 1e3, "KMBT", "expected a carbon intensity: g/kWh, kg/kWh"},
};

static const char *const expected_number = "expected a number";
static const char *const expected_finite = "expected a finite number";
static const char *const expected_larger = "too close to zero for a number of 64 bits";

static size_t digits(const char *text)
{
    size_t n = 0;
    while (isdigit((unsigned char)text[n])) {
        n++;
    }
    return n;
}

/* Length of the decimal number at the start of text, 0 if there is none: strtod would also take
 * hexadecimal numbers, names of infinity and blanks. */
static size_t number_length(const char *text)
{
    size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0;
    const size_t whole = digits(text + at);
    at += whole;
    size_t fraction = 0;
    if (text[at] == '.') {
        fraction = digits(text + at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0) {
        return 0;
    }
    if (text[at] == 'e' || text[at] == 'E') {
        const size_t sign = text[at + 1] == '-' || text[at + 1] == '+' ? 1 : 0;
        const size_t power = digits(text + at + 1 + sign);
        at += power > 0 ? 1 + sign + power : 0;
    }
    return at;
}

/* Whether text is one of the words that C and YAML use for what is no finite number. */
static bool is_unbounded(const char *text)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    char lower[16] = "";
    text += text[0] == '-' || text[0] == '+' ? 1 : 0;
    text += text[0] == '.' ? 1 : 0;
    for (size_t i = 0; i + 1 < sizeof lower && text[i] != '\0'; i++) {
        lower[i] = (char)tolower((unsigned char)text[i]);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(lower, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the digits before the exponent are all zero. */
static bool is_written_zero(const char *text, size_t n)
{
    for (size_t i = 0; i < n && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] >= '1' && text[i] <= '9') {
            return false;
        }
    }
    return true;
}

/* NULL when the value is what the text said, as far as a double can. */
static const char *check_value(double value, const char *text, size_t length)
{
    if (!isfinite(value)) {
        return expected_finite;
    }
    return fpclassify(value) == FP_ZERO && !is_written_zero(text, length) ? expected_larger : NULL;
}

const char *quantity_number(const char *text, double *value)
{
    const size_t length = number_length(text);
    if (length == 0 || text[length] != '\0') {
        return is_unbounded(text) ? expected_finite : expected_number;
    }
    const double v = strtod(text, NULL);
    const char *wrong = check_value(v, text, length);
    if (wrong == NULL) {
        *value = v;
    }
    return wrong;
}

static const struct wanted *find_wanted(const char *unit)
{
    for (size_t i = 0; i < sizeof wanted_units / sizeof *wanted_units; i++) {
        if (strcmp(unit, wanted_units[i].unit) == 0) {
            return &wanted_units[i];
        }
    }
    return NULL;
}

/* Size of a suffix of this kind; 0 if there is none. */
static double suffix_size(enum kind kind, const char *name)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (suffixes[i].kind == kind && strcmp(name, suffixes[i].name) == 0) {
            return suffixes[i].size;
        }
    }
    return 0;
}

/* Size of what follows a number: a unit, a factor, or a factor and a unit; 0 if it is none. */
static double size_of(const struct wanted *wanted, const char *suffix)
{
    const char letter[2] = {suffix[0], '\0'};
    const double size = suffix_size(wanted->kind, suffix), factor = suffix_size(COUNT, letter);
    if (size > 0 || !(factor > 0)
        || strchr(wanted->ambiguous, toupper((unsigned char)letter[0])) != NULL) {
        return size;
    }
    if (suffix[1] == '\0') {
        return factor * wanted->size;
    }
    return suffix[1] == ' '
               ? factor * suffix_size(wanted->kind, suffix + 1 + strspn(suffix + 1, " "))
               : 0;
}

const char *quantity_parse(const char *text, const char *unit, double *value)
{
    const struct wanted *wanted = find_wanted(unit);
    if (wanted == NULL) {
        return quantity_number(text, value);
    }
    const size_t length = number_length(text);
    if (length == 0) {
        return is_unbounded(text) ? expected_finite : wanted->expected;
    }
    const char *suffix = text + length;
    double v;
    if (*suffix == '\0') {
        v = strtod(text, NULL);
    } else {
        const double size = size_of(wanted, suffix + strspn(suffix, " "));
        if (!(size > 0)) {
            return wanted->expected;
        }
        /* Extended precision, so that 1.4T is the same double as 1.4e12. */
        v = (double)(strtold(text, NULL) * (long double)size / (long double)wanted->size);
    }
    const char *wrong = check_value(v, text, length);
    if (wrong == NULL) {
        *value = v;
    }
    return wrong;
}
