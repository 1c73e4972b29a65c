#include "fitting/uncertainty/student.h"

#include <math.h>

#include "solver/base/status.h"

static const double half_pi = 1.57079632679489661923;

/* Each step halves the angle; what is left is below pi / 128, where nine terms of the series reach
 * the last bit. */
static double arc_tangent(double x)
{
    enum { N_HALVINGS = 6, N_TERMS = 9 };
    for (int i = 0; i < N_HALVINGS; i++) {
        x /= 1.0 + sqrt(1.0 + x * x);
    }
    double sum = 0.0;
    for (int k = N_TERMS; k >= 0; k--) {
        sum = 1.0 / (2.0 * k + 1.0) - x * x * sum;
    }
    return x * sum * (1 << N_HALVINGS);
}

/* P(|T| <= t) as a finite sum in the sine and cosine of atan(t / sqrt(freedom)). */
static double probability(double t, size_t freedom)
{
    const double nu = (double)freedom;
    const double sine = t / sqrt(nu + t * t), cosine_squared = nu / (nu + t * t);
    const size_t odd = freedom % 2;
    double term = 1.0, sum = 0.0;
    for (size_t k = odd; k + 1 < freedom; k += 2) {
        sum += term;
        term *= cosine_squared * ((double)k + 1.0) / ((double)k + 2.0);
    }
    return odd == 0 ? sine * sum
                    : (arc_tangent(t / sqrt(nu)) + sine * sqrt(cosine_squared) * sum) / half_pi;
}

double student_quantile(double confidence, size_t freedom)
{
    STATUS_ASSERT(confidence > 0.0 && confidence < 1.0);
    if (freedom == 0) {
        return INFINITY;
    }
    double lower = 0.0, upper = 1.0;
    while (probability(upper, freedom) < confidence) {
        lower = upper;
        upper *= 2.0;
    }
    for (double middle; (middle = 0.5 * (lower + upper)) > lower && middle < upper;) {
        *(probability(middle, freedom) < confidence ? &lower : &upper) = middle;
    }
    return upper;
}
