/** \file card.h
 * Everything that is said of one design: its outcomes, with intervals over the replicates of the
 * fit and draws of the catalogue, which of these makes an interval wide, its materials, and flags
 * (docs/model.md M284, M285).
 */
#ifndef JOBS_CARD_H
#define JOBS_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/model.h"
#include "solver/footprint.h"
#include "solver/price.h"

/** What an interval comes from. */
enum card_cause { CARD_FIT, CARD_MASS, CARD_EMBODIED, CARD_SERVER_EMBODIED, CARD_N_CAUSES };

/** "fit", or the figure of the catalogue. */
const char *card_cause_name(enum card_cause c);

/** What designs are judged by. Opaque: holds the draws, which all designs share. */
struct card_judge;

/** \param [in] study, model, catalogue  must outlive the judge; the model has passed predict_check
 * \return STATUS_OK or STATUS_MEMORY */
enum status card_judge_create(const struct study *study, const struct model *model,
                              const struct hardware_catalogue *catalogue, struct card_judge **made,
                              struct status_why *why);
void card_judge_destroy(struct card_judge *j);

enum card_knowledge {
    CARD_UNASKED, /**< an input that it needs is not said, or the model has no accuracy */
    CARD_ABSENT,  /**< a figure that it needs is not published, or a model says nothing here */
    CARD_KNOWN
};

struct card_outcome {
    enum card_knowledge knowledge;
    double value;
    char absence[STATUS_MESSAGE_SIZE]; /**< what is absent and where to fill it in */
    bool is_interval;                  /**< the four below are set */
    double lower, median, upper;       /**< at the confidence of the study; the median is of the
                                          fitted mean */
    bool is_new_run; /**< of the loss: lower and upper are of a new run, the mean's are below */
    double mean_lower, mean_upper; /**< NAN of other outcomes, and where not known */
    enum card_cause dominant;
    double shares[CARD_N_CAUSES]; /**< of the sum of the variances of each cause alone */
};

enum { CARD_MAX_SOURCES = 32, CARD_SOURCE_SIZE = 64 };

struct card {
    struct design design;
    const struct predict_model *model;
    const struct hardware_catalogue *catalogue;
    const struct footprint_options *options;
    double confidence;
    size_t n_draws;
    struct card_outcome outcomes[FOOTPRINT_N_OUTCOMES];
    const struct hardware *device; /**< NULL: not said */
    bool is_optimistic;            /**< the MFU of the format is an upper bound */
    bool is_over_memory;
    bool is_too_long; /**< training lasts longer than a device is kept */
    bool misses_deadline;
    bool is_unidentified;
    design_set unpriced;        /**< choices that nothing pays for (solver/price.h) */
    unsigned flags;             /**< of solver/predict.h */
    double extrapolation_ratio; /**< NAN where there is no loss */
    size_t n_sources;
    char sources[CARD_MAX_SOURCES][CARD_SOURCE_SIZE]; /**< keys of docs/sources.bib, each once */
};

/** Judge one design. \param [out] made  borrows from the judge; owns nothing */
void card_make(const struct card_judge *j, const struct design *d, struct card *made);

enum { CARD_MAX_WORDS = 9 };

/** The flags of a design, each a word. \param [out] words  [CARD_MAX_WORDS]; \return their number
 */
size_t card_flags(const struct card *c, const char *words[]);

/** The models that stand behind the figures, by the keys of studies. */
struct card_named {
    const char *key, *value;
};
enum { CARD_MAX_NAMED = 8 };
/** \param [out] named  [CARD_MAX_NAMED]; \return their number */
size_t card_models(const struct card *c, struct card_named named[]);

#endif
