/** \file predict.h
 * From a design to its loss and accuracy: maps the design's inputs to those of a law, through the
 * corrections of a model (solver/correct.h), and says how far the result can be trusted.
 */
#ifndef SOLVER_PREDICT_H
#define SOLVER_PREDICT_H

#include <stdbool.h>

#include "solver/correct.h"
#include "solver/design.h"
#include "solver/laws/law.h"
#include "solver/shape.h"
#include "solver/support.h"

/** Terms of a law and what corrections add to the loss. */
enum { PREDICT_MAX_TERMS = LAW_MAX_TERMS + 1 };

/** A law with its numbers, fitted or published, the range in which it was seen, and the corrections
 * that stand before and after it. Plain data. */
struct predict_model {
    const struct law *law;
    double theta[LAW_MAX_PARAMETERS];
    double lower[LAW_MAX_INPUTS],
        upper[LAW_MAX_INPUTS];     /**< [n_inputs] of the law, natural units */
    const struct support *support; /**< hull of its runs in the inputs of the law; not owned; NULL:
                                      only the ranges above are known */
    char name[64];                 /**< "fit of runs.csv" or the id of a published set */
    char source[64]; /**< keys of docs/sources.bib, separated by ';', or CORRECT_OWN: a fit */
    enum shape_embeddings embeddings; /**< of the shape that a law of width or depth reads */
    bool at_budget; /**< a law in compute is read at budget_flop, not at 6 params tokens (M726) */
    size_t n_corrections;
    struct correct corrections[CORRECT_N_STAGES]; /**< [n_corrections] in the order of stages */
};

/** What a row says of itself. */
enum predict_flag {
    PREDICT_EXTRAPOLATED,
    PREDICT_TRANSPLANTED,
    PREDICT_UNVALIDATED_COMPOSITION,
    PREDICT_N_FLAGS
};

struct predict_flag_field {
    const char *name, *long_name;
};

const struct predict_flag_field *predict_flag_field(enum predict_flag flag);

/** Add a correction, of whatever stage, in its place.
 * \return STATUS_OK, or STATUS_INPUT: a value is missing or not allowed, or the model has another
 * correction of the same stage */
enum status predict_correct(struct predict_model *m, const struct correct *c,
                            struct status_why *why);

/** Whether designs can be given to the law of a model, and its corrections to each other.
 * \return STATUS_OK, or STATUS_INPUT naming the input that no design has, or the response that is
 * not a loss: such laws can be fitted only; or the correction that does not fit the law, counts
 * twice what something else counts, belongs to the absolute losses of another paper, or lacks an
 * accuracy before it */
enum status predict_check(const struct predict_model *m, struct status_why *why);

/** Inputs of a design that a law reads by itself, without corrections. */
design_set predict_law_reads(const struct law *law);

/** Whether it predicts an accuracy beside the loss. */
bool predict_has_accuracy(const struct predict_model *m);

/** Inputs of a design that the loss, or the accuracy, reads. The model, as that of the functions
 * below, has passed predict_check. */
design_set predict_reads(const struct predict_model *m);
design_set predict_accuracy_reads(const struct predict_model *m);

/** The loss as offset + (sum of the law's terms)^outer + what corrections add: the number of terms,
 * first those of the law; the inputs that one reads; and its value, of the law's where it gives
 * logarithms the logarithm. NAN where what it reads lies outside the domain, and there alone: a
 * value inside it that is no finite number is INFINITY. */
size_t predict_n_terms(const struct predict_model *m);
design_set predict_term_reads(const struct predict_model *m, size_t k);
double predict_term(const struct predict_model *m, size_t k, const struct design *d);

/** Effective parameters and tokens of a design (docs/model.md M200 to M207). */
double predict_effective_params(const struct predict_model *m, const struct design *d);
double predict_effective_tokens(const struct predict_model *m, const struct design *d);

/** Value of the \a i-th correction in its place: a factor, nats, or a weight (correct_value). */
double predict_correction(const struct predict_model *m, size_t i, const struct design *d);

/** The law's inputs as its functions take them (docs/model.md M7): those of the design by name,
 * params and tokens corrected; compute_flop is 6 N D, or the budget of a model
 * at_budget, active_params the params, unique_tokens at
 * most the tokens, and bits that are not said those of the precision.
 * \param [out] x  [n_inputs] */
void predict_inputs(const struct predict_model *m, const struct design *d, double x[]);

/** Whether the law and every correction say something about the design. */
bool predict_in_domain(const struct predict_model *m, const struct design *d);

/** The id of what says nothing about a design outside the domain: the law's or a correction's. */
const char *predict_outside(const struct predict_model *m, const struct design *d);

/** What the law says of a design, whatever it predicts, before anything is added; the model need
 * not have passed predict_check. NAN outside the domain, and where no design has what it reads. */
double predict_response(const struct predict_model *m, const struct design *d);

/** The same where inputs of the law are said that no design has, or others than the design's.
 * \param [in] given  [n_inputs] of the law, natural; NAN: as the design has it */
double predict_response_given(const struct predict_model *m, const struct design *d,
                              const double given[]);

/** Loss in nat; NAN outside the domain. */
double predict_loss_nat(const struct predict_model *m, const struct design *d);

/** Accuracies of \a n losses through the corrections of accuracy.
 * \param [in] weights  [n_corrections] values of each correction of accuracy, \a step[i] (0 or 1)
 * apart; those of the others are not read
 * \param [in,out] y    [n] losses in, accuracies out */
void predict_accuracies(const struct predict_model *m, size_t n, const double *const weights[],
                        const size_t step[], double y[]);

/** Share of the questions answered rightly; NAN outside the domain. */
double predict_accuracy_ratio(const struct predict_model *m, const struct design *d);

/** How far a design lies outside what was seen: the greater of the law's ratio (support_ratio;
 * where only ranges are known the product of the factors by which inputs lie outside them) and
 * those of the corrections at work. Exactly 1 inside, INFINITY where no factor leads inside, NAN
 * where an input that the law reads is not said. docs/model.md M711. */
double predict_extrapolation_ratio(const struct predict_model *m, const struct design *d);

/** Flags of a design, a bit (1u << flag) each: whether its extrapolation ratio is above 1; a
 * correction at work comes from another paper than the law; two corrections at work were never
 * fitted together. */
unsigned predict_flags(const struct predict_model *m, const struct design *d);

#endif
