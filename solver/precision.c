#include "solver/precision.h"

#include <string.h>

#include "solver/base/status.h"

static const struct {
    const char *name;
    int bits;
} formats[PRECISION_N] = {
#define PRECISION_ROW(code, name, bits) [code] = {(name), (bits)},
    PRECISION_LIST(PRECISION_ROW)
#undef PRECISION_ROW
};

const char *precision_name(enum precision p)
{
    STATUS_ASSERT((int)p >= 0 && p < PRECISION_N);
    return formats[p].name;
}

enum precision precision_find(const char *name)
{
    if (strcmp(name, "fp16") == 0) {
        return PRECISION_BF16;
    }
    int p = 0;
    while (p < PRECISION_N && strcmp(formats[p].name, name) != 0) {
        p++;
    }
    return (enum precision)p;
}

int precision_bits(enum precision p)
{
    STATUS_ASSERT((int)p >= 0 && p < PRECISION_N);
    return formats[p].bits;
}
