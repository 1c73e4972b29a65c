/** \file law.h
 * Scaling laws as data plus functions. A law predicts a response, most often a loss, from its
 * inputs as
 *
 *     response = offset(theta) + (sum over k of exp(log_term(theta, k, x)))^outer(theta)
 *
 * which is Chinchilla with outer = 1 and Kaplan's L(N,D) with offset = 0 (docs/model.md M1 to M4).
 * Inputs have names, in an order that is the law's own; an input declared logarithmic is given as
 * its natural logarithm. Each term names the inputs it reads: the evaluator tabulates terms over
 * the product of their axes. Laws are rows of one table: adding one adds a file, a row in law.c,
 * its tests and its equations in docs/model.md.
 */
#ifndef SOLVER_LAWS_LAW_H
#define SOLVER_LAWS_LAW_H

#include <stdbool.h>
#include <stddef.h>

enum { LAW_MAX_PARAMETERS = 24, LAW_MAX_INPUTS = 8, LAW_MAX_TERMS = 8 };

/** Names of the inputs that a design gives (solver/predict.h) and of the usual response. */
#define LAW_PARAMS        "params"
#define LAW_ACTIVE_PARAMS "active_params" /**< those used for each token: a design's params */
#define LAW_TOKENS        "tokens"
#define LAW_COMPUTE       "compute_flop"
#define LAW_LOSS_NAT      "loss_nat"
/** A loss less that of guessing by the frequencies of words, which vocabularies share; negative. */
#define LAW_NORMALISED_LOSS_NAT "normalised_loss_nat"

/** What a law reads; x arrays are in the order of the law's inputs. */
struct law_input {
    const char *name; /**< of the column of runs, and of the design's input where there is one */
    bool logarithmic; /**< x holds the natural logarithm of the value, which must be positive */
};

/** How the fit moves a parameter: theta is its logarithm or itself. */
enum law_transform { LAW_LOG, LAW_PLAIN };

/** Role of a parameter in variable projection. */
enum law_role {
    LAW_FLOOR, /**< the offset E: enters linearly */
    LAW_SCALE, /**< multiplies one term, the k-th of this role the k-th term, whose ln is linear in
                  theta of this parameter */
    LAW_EXPONENT /**< everything else */
};

/** One parameter. Bounds and starts are in natural (not transformed) values. */
struct law_parameter {
    const char *name; /**< "E", "A", "alpha": as published */
    const char *unit; /**< "nat", "1", ... */
    enum law_transform transform;
    enum law_role role;
    double lower, upper; /**< the fit stays inside; scales of power terms are held tighter, see
                            fitting/minimise/objective.h */
    double start_lower, start_upper; /**< range of starts */
};

/** One term of the sum. */
struct law_term {
    const char *name;
    unsigned inputs;     /**< bit (1u << i) for each input i of the law that it reads */
    int scale, exponent; /**< parameters of the term exp(scale - exponent * x) of its only, and
                              logarithmic, input when it has this shape with theta in transformed
                              values, else -1 */
};

/** One functional form; rows live in the files beside this one and are never freed. */
struct law {
    const char *id;       /**< key in studies: "chinchilla" */
    const char *title;    /**< one line for people */
    const char *source;   /**< key of docs/sources.bib */
    const char *equation; /**< "loss = E + A/params^alpha + B/tokens^beta" */
    const char *response; /**< what is predicted: "loss_nat", "accuracy_ratio", ... */
    const char *response_unit;
    size_t n_inputs;
    struct law_input inputs[LAW_MAX_INPUTS];
    size_t n_parameters;
    struct law_parameter parameters[LAW_MAX_PARAMETERS];
    size_t n_terms;
    struct law_term terms[LAW_MAX_TERMS];
    int floor;        /**< index of the parameter E, or -1 */
    const void *data; /**< of the law's functions; NULL if they need none */
    /** ln of term \a k; NULL: terms may be negative, see term.
     * \param [in] theta  [n_parameters] transformed; \param [in] x  [n_inputs] */
    double (*log_term)(const struct law *law, const double theta[], size_t k, const double x[]);
    /** Term \a k itself; NULL: exp(log_term). */
    double (*term)(const struct law *law, const double theta[], size_t k, const double x[]);
    double (*offset)(const struct law *law, const double theta[]);
    double (*outer)(const struct law *law, const double theta[]);
    /** Response with exact derivatives.
     * \param [out] d_theta   [n_parameters] or NULL
     * \param [out] d2_theta  [n_parameters][n_parameters] second derivatives, or NULL
     * \param [out] d_x       [n_inputs] or NULL */
    double (*value)(const struct law *law, const double theta[], const double x[], double d_theta[],
                    double d2_theta[], double d_x[]);
    /** Responses at many points with derivatives by theta up to \a order 0, 1 or 2; NULL: by value,
     * point by point.
     * \param [in]  x    [n_inputs] pointers to [n] columns
     * \param [out] out  pointers to [n] columns: the response; the p first derivatives; the second
     * ones by parameters i and j <= i at 1 + p + i (i + 1) / 2 + j */
    void (*block)(const struct law *law, const double theta[], size_t order, size_t n,
                  const double *const x[], double *const out[]);
    /** Whether the law says anything about these inputs. */
    bool (*in_domain)(const struct law *law, const double x[]);
};

/** Position of the parameter called \a name among those of \a law, or -1. */
int law_find_parameter(const struct law *law, const char *name);

/** Position of the input called \a name among those of \a law, or -1. */
int law_find_input(const struct law *law, const char *name);

/** Add a law to those found by the two functions below, in place of one of the same id that was
 * added before; it lives as long as the program. \return false when there are too many */
enum { LAW_MAX_ADDED = 96 };
bool law_add(const struct law *law);

/** The \a i-th law, or NULL past the end. */
const struct law *law_at(size_t i);

/** The law called \a id, or NULL. */
const struct law *law_find(const char *id);

/** Theta of a parameter that is fitted by its logarithm and is 0: ln 1e-300. Added to a loss, such
 * a term changes no bit of it. */
#define LAW_LOG_ZERO (-690.77552789821368)

/** Natural values to theta and back; 0 is LAW_LOG_ZERO where theta is a logarithm, and all below it
 * is 0. \param [in,out]  [n_parameters], in place allowed */
void law_transform(const struct law *law, const double natural[], double theta[]);
void law_natural(const struct law *law, const double theta[], double natural[]);

/** Responses at many points, by vmath: the same bits everywhere, and those of law.value where the
 * outer exponent is 1.
 * \param [in]  x         [n_inputs] pointers to [n] columns
 * \param [out] response  [n] */
void law_values(const struct law *law, const double theta[], size_t n, const double *const x[],
                double response[]);

/** Published coefficients of a law; the table is inputs/data/laws.tsv. */
struct law_set {
    char id[48]; /**< "besiroglu2024" */
    char title[160];
    const struct law *law;
    double natural[LAW_MAX_PARAMETERS];
    double lower[LAW_MAX_INPUTS], upper[LAW_MAX_INPUTS]; /**< [n_inputs] range of the data behind
                                                            it, natural units; 0 and inf if not
                                                            stated */
    char source[64];                                     /**< key of docs/sources.bib */
};

#endif
