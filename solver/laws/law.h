/** \file law.h
 * Scaling laws as data plus functions. A law predicts a loss from the logarithms of its inputs as
 *
 *     loss = offset(theta) + (sum over k of exp(log_term(theta, k, log_x)))^outer(theta)
 *
 * which is Chinchilla with outer = 1 and Kaplan's L(N,D) with offset = 0 (docs/model.md M1 to M4).
 * Each term names the inputs it reads: the evaluator tabulates terms over the product of their
 * axes. Laws are rows of one table: adding one adds a file, a row in law.c, its tests and its
 * equations in docs/model.md.
 */
#ifndef SOLVER_LAWS_LAW_H
#define SOLVER_LAWS_LAW_H

#include <stdbool.h>
#include <stddef.h>

enum { LAW_MAX_PARAMETERS = 8, LAW_MAX_TERMS = 4 };

/** What a law may read; log_x arrays are indexed by it. */
enum law_input { LAW_PARAMS, LAW_TOKENS, LAW_COMPUTE, LAW_N_INPUTS };

/** Name of an input as in studies and files: "params", "tokens", "compute_flop". */
const char *law_input_name(enum law_input input);

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
    unsigned inputs;     /**< bit (1u << input) for each input read */
    int scale, exponent; /**< parameters of the term exp(scale - exponent * log_x) when it has this
                              shape with theta in transformed values, else -1 */
};

/** One functional form; rows live in the files beside this one and are never freed. */
struct law {
    const char *id;       /**< key in studies: "chinchilla" */
    const char *title;    /**< one line for people */
    const char *source;   /**< key of docs/sources.bib */
    const char *equation; /**< "loss = E + A/params^alpha + B/tokens^beta" */
    size_t n_inputs;
    enum law_input inputs[LAW_N_INPUTS];
    size_t n_parameters;
    struct law_parameter parameters[LAW_MAX_PARAMETERS];
    size_t n_terms;
    struct law_term terms[LAW_MAX_TERMS];
    int floor; /**< index of the parameter E, or -1 */
    /** ln of term \a k. \param [in] theta [n_parameters] transformed; \param [in] log_x
     * [LAW_N_INPUTS] */
    double (*log_term)(const double theta[], size_t k, const double log_x[]);
    double (*offset)(const double theta[]);
    double (*outer)(const double theta[]);
    /** Loss in nat with exact derivatives.
     * \param [out] d_theta   [n_parameters] or NULL
     * \param [out] d2_theta  [n_parameters][n_parameters] second derivatives, or NULL
     * \param [out] d_log_x   [LAW_N_INPUTS] or NULL; zero for inputs not read */
    double (*loss_nat)(const double theta[], const double log_x[], double d_theta[],
                       double d2_theta[], double d_log_x[]);
    /** Whether the law says anything about this input. */
    bool (*in_domain)(const double log_x[]);
};

/** The \a i-th law, or NULL past the end. */
const struct law *law_at(size_t i);

/** The law called \a id, or NULL. */
const struct law *law_find(const char *id);

/** Natural values to theta and back. \param [in,out]  [n_parameters], in place allowed */
void law_transform(const struct law *law, const double natural[], double theta[]);
void law_natural(const struct law *law, const double theta[], double natural[]);

/** Losses of many points, by vmath: the same bits everywhere, and those of law.loss_nat where the
 * outer exponent is 1.
 * \param [in]  log_x     [LAW_N_INPUTS] pointers to [n] columns; those of inputs not read may be
 * NULL
 * \param [out] loss_nat  [n] */
void law_losses(const struct law *law, const double theta[], size_t n, const double *const log_x[],
                double loss_nat[]);

/** Published coefficients of a law; the table is inputs/data/laws.tsv. */
struct law_set {
    char id[48]; /**< "besiroglu2024" */
    char title[160];
    const struct law *law;
    double natural[LAW_MAX_PARAMETERS];
    double lower[LAW_N_INPUTS], upper[LAW_N_INPUTS]; /**< range of the data behind it, natural
                                                        units; 0 and inf if not stated */
    char source[64];                                 /**< key of docs/sources.bib */
};

#endif
