#include "fitting/minimise/dense.h"

#include <math.h>
#include <string.h>

#include "solver/base/status.h"
#include "solver/laws/law.h"

/* A pivot smaller than this part of its diagonal element is rounding. */
#define DENSE_ROUNDING 1e-13

/** Replace the lower triangle of \a a by its factor. */
static bool factor(size_t n, double a[])
{
    for (size_t j = 0; j < n; j++) {
        double pivot = a[j * n + j];
        const double before = fabs(pivot);
        for (size_t k = 0; k < j; k++) {
            pivot -= a[j * n + k] * a[j * n + k];
        }
        if (!(pivot > DENSE_ROUNDING * before)) {
            return false;
        }
        const double root = sqrt(pivot);
        a[j * n + j] = root;
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++) {
                sum -= a[i * n + k] * a[j * n + k];
            }
            a[i * n + j] = sum / root;
        }
    }
    return true;
}

/** Solve with the factor. */
static void substitute(size_t n, const double a[], double x[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            x[i] -= a[i * n + k] * x[k];
        }
        x[i] /= a[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++) {
            x[i] -= a[k * n + i] * x[k];
        }
        x[i] /= a[i * n + i];
    }
}

bool dense_solve(size_t n, double a[], double x[])
{
    if (!factor(n, a)) {
        return false;
    }
    substitute(n, a, x);
    return true;
}

bool dense_invert(size_t n, double a[], double inverse[])
{
    STATUS_ASSERT(n <= LAW_MAX_PARAMETERS);
    if (!factor(n, a)) {
        return false;
    }
    for (size_t j = 0; j < n; j++) {
        double x[LAW_MAX_PARAMETERS] = {0.0};
        x[j] = 1.0;
        substitute(n, a, x);
        for (size_t i = 0; i < n; i++) {
            inverse[i * n + j] = x[i];
        }
    }
    return true;
}

static void swap_rows(size_t n, double a[], double x[], size_t i, size_t j)
{
    for (size_t k = 0; k < n; k++) {
        const double held = a[i * n + k];
        a[i * n + k] = a[j * n + k];
        a[j * n + k] = held;
    }
    const double held = x[i];
    x[i] = x[j];
    x[j] = held;
}

bool dense_eliminate(size_t n, double a[], double x[])
{
    double largest = 0.0;
    for (size_t i = 0; i < n * n; i++) {
        largest = fabs(a[i]) > largest ? fabs(a[i]) : largest;
    }
    for (size_t j = 0; j < n; j++) {
        size_t best = j;
        for (size_t i = j + 1; i < n; i++) {
            best = fabs(a[i * n + j]) > fabs(a[best * n + j]) ? i : best;
        }
        if (!(fabs(a[best * n + j]) > DENSE_ROUNDING * largest)) {
            return false;
        }
        swap_rows(n, a, x, j, best);
        for (size_t i = j + 1; i < n; i++) {
            const double part = a[i * n + j] / a[j * n + j];
            for (size_t k = j; k < n; k++) {
                a[i * n + k] -= part * a[j * n + k];
            }
            x[i] -= part * x[j];
        }
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++) {
            x[i] -= a[i * n + k] * x[k];
        }
        x[i] /= a[i * n + i];
    }
    return true;
}
