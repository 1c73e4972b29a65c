/** \file precision.h
 * Number formats in which training arithmetic is done. Operations are counted whatever their width;
 * a format enters cost once, through the peak throughput of a device in it (docs/model.md).
 */
#ifndef SOLVER_PRECISION_H
#define SOLVER_PRECISION_H

/* enum, name in files and studies, bits */
#define PRECISION_LIST(X)                                                                          \
    X(PRECISION_FP32, "fp32", 32)                                                                  \
    X(PRECISION_TF32, "tf32", 19)                                                                  \
    X(PRECISION_BF16, "bf16", 16)                                                                  \
    X(PRECISION_FP8, "fp8", 8)                                                                     \
    X(PRECISION_INT8, "int8", 8)                                                                   \
    X(PRECISION_FP4, "fp4", 4)

enum precision {
#define PRECISION_ENUM(code, name, bits) code,
    PRECISION_LIST(PRECISION_ENUM)
#undef PRECISION_ENUM
        PRECISION_N
};

/** Name as in files; never NULL for a valid code. */
const char *precision_name(enum precision p);

/** The format called \a name ("fp16" counts as bf16: the same dense peaks), or PRECISION_N. */
enum precision precision_find(const char *name);

/** Width in bits. */
int precision_bits(enum precision p);

#endif
