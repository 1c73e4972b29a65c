/** \file study.h
 * The study file: everything a job needs to know, in YAML, read strictly. One table of keys (path,
 * type, default, range, unit, help) reads the file and `--set path=value`, prints the help, writes
 * docs/study.md and the study as understood into result files. Messages are `file:line:column: key:
 * value: what was expected`.
 */
#ifndef INPUTS_STUDY_STUDY_H
#define INPUTS_STUDY_STUDY_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "inputs/text/digest.h"
#include "solver/base/status.h"
#include "solver/correct.h"
#include "solver/dependent.h"
#include "solver/design.h"
#include "solver/footprint.h"
#include "solver/hardware.h"
#include "solver/laws/custom.h"

enum {
    STUDY_MAX_COLUMNS = 32,
    STUDY_MAX_LIST = 64,
    STUDY_TEXT_SIZE = 256,
    STUDY_MAX_COMPARE = 15,
    STUDY_MAX_CORRECTIONS = CORRECT_N_STAGES,
    STUDY_MAX_QUESTIONS = 32,
    STUDY_MAX_QUESTION_LIMITS = 8,
    STUDY_NAME_SIZE = 40,
    STUDY_MAX_VARIABLES = 24,
    STUDY_MAX_VARIABLE_LEVELS = 1024,
    STUDY_MAX_GOALS = 8,
    STUDY_MAX_BOUNDS = 16,
    STUDY_MAX_WORDS = 64,
    STUDY_MAX_RULES = 16,
    STUDY_MAX_ACCEPTED = 16
};

/** Where a value was written; line 0: nowhere (the default), -1: on the command line. */
struct study_place {
    int line, column;
};

enum study_role { STUDY_DECISION, STUDY_SCENARIO, STUDY_DRAW };
enum study_combine { STUDY_EACH, STUDY_WORST };
enum study_scale { STUDY_LOG, STUDY_LINEAR };

/** One entry of `space`: a fixed value (n = 1 and not an axis), a list of levels, a range, or a
 * formula of other entries (n = 0 and not an axis). */
struct study_axis {
    bool given;
    bool is_axis;    /**< false: one fixed value, or a formula */
    char *formula;   /**< text, or NULL */
    bool is_integer; /**< levels, or what the formula gives, are whole numbers */
    enum study_role role;
    enum study_combine combine; /**< of a scenario */
    size_t n;                   /**< levels */
    double
        *values; /**< [n] numbers in the unit of the input, range expanded; NULL for categories */
    double *weights; /**< [n] of a draw; NULL: all alike */
    char **labels;   /**< [n] names of categories, not yet looked up; NULL for numbers */
    struct study_place place,
        *value_places; /**< of the entry; [n] of each level (of the entry for a range) */
    bool is_range;     /**< written as from, to, steps, scale, or as from, to, step */
    double from, to;   /**< of a range */
    enum study_scale scale;
    size_t steps; /**< of a range, as written: whole levels that come out alike are one */
    double step;  /**< from one whole level to the next; 0: by steps */
};

/** One entry of runs.columns: which column of the file holds what a law calls \a name. */
struct study_column {
    char name[CUSTOM_NAME_SIZE];
    char column[64];
    double scale; /**< the law's values are those of the file times it; > 0 */
    struct study_place name_place, place; /**< of the key and of the column */
};

/** `column op value` of runs.where. */
struct study_filter {
    char column[64];
    char op[3];     /**< "<", "<=", ">", ">=", "==", "!=" */
    char text[128]; /**< as written; compared as a number when both sides are numbers */
    struct study_place place;
};

enum study_objective { STUDY_HUBER, STUDY_LAD, STUDY_LEAST_SQUARES };
enum study_residual { STUDY_RESIDUAL_LOG, STUDY_RESIDUAL_LINEAR };
enum { STUDY_N_APPROACHES = 3 };
enum study_sensitivity { STUDY_SENSITIVITY_TABLE, STUDY_SENSITIVITY_NONE };
enum study_resampling { STUDY_KEYED, STUDY_NUMPY_MT19937 };
enum study_bootstrap { STUDY_CASE, STUDY_RESIDUAL, STUDY_CLUSTER };
enum study_switch { STUDY_FALSE, STUDY_TRUE };

/** As enum path_kind of search/exact/path.h, which this room may not include. */
enum study_path { STUDY_PATH_AUTO, STUDY_PATH_FACTORED, STUDY_PATH_BOUNDED, STUDY_PATH_STREAMING };

enum study_solver { STUDY_NEWTON, STUDY_NLOPT };

/** Levels that fit.start_grid gives a parameter. */
enum { STUDY_MAX_LEVELS = 16 };
struct study_levels {
    char name[CUSTOM_NAME_SIZE];
    size_t n;
    double values[STUDY_MAX_LEVELS];
    struct study_place place; /**< of its name */
};

/** What law.parameters says of one. */
struct study_parameter {
    struct custom_parameter said;
    double prior_mean, prior_sd; /**< NAN: none */
    struct study_place place;    /**< of its name */
};

/** A law of fit.compare, and what is said of its parameters. */
struct study_law {
    char id[64];
    struct study_place place;
    size_t n_parameters;
    struct study_parameter parameters[LAW_MAX_PARAMETERS];
};

/** A number by its name. */
struct study_number {
    char name[16];
    double value;
    struct study_place place; /**< of the name */
};

/** One entry of law.corrections: published coefficients or a kind, and numbers over them. */
struct study_correction {
    char set[CORRECT_ID_SIZE]; /**< a row of inputs/data/corrections.tsv; "": see kind */
    char kind[CORRECT_ID_SIZE];
    char from[256];  /**< fit file whose parameters it takes by name; "" = none */
    char source[64]; /**< key of the paper that the numbers are from; "" = the study's own */
    size_t n_values;
    struct study_number values[CORRECT_MAX_PARAMETERS];
    struct study_place place;
};

struct study_limit {
    enum footprint_outcome outcome;
    double lower, upper; /**< -INFINITY, INFINITY where not given */
    struct study_place place;
};

enum study_method { STUDY_BY_ANY, STUDY_BY_CLOSED_FORM, STUDY_BY_BRENT, STUDY_BY_NLOPT };

/** Candidates of a plan along one input, evenly in its logarithm. */
struct study_range {
    double from, to; /**< 0 = the range of the runs */
    uint64_t steps;
    struct study_place place; /**< of its first end */
};

/** What the budget of a plan may be in. */
enum study_budget {
    STUDY_BUDGET_COMPUTE,
    STUDY_BUDGET_DEVICE_HOUR,
    STUDY_BUDGET_ENERGY,
    STUDY_BUDGET_COST,
    STUDY_N_BUDGETS
};

/** What a question speaks of: an outcome, or an input of designs. */
struct study_target {
    bool is_input;
    enum footprint_outcome outcome;
    enum design_input input;
};

/** One line of allocate.questions, or --ask; read by inputs/study/question.h. */
struct study_question {
    char text[STUDY_TEXT_SIZE]; /**< as written */
    struct study_place place;
    bool maximise;
    struct study_target target;
    size_t n_limits;
    struct {
        struct study_target of;
        double lower, upper; /**< -INFINITY, INFINITY where not given; equal: an equation; NAN: the
                                value of the design as the study gives it */
    } limits[STUDY_MAX_QUESTION_LIMITS];
    size_t n_vary; /**< 0: as the study says */
    enum design_input vary[DESIGN_N_INPUTS];
};

enum study_evaluator { STUDY_BY_MODEL, STUDY_BY_COMMAND, STUDY_BY_TABLE };

/** As enum driver_policy of search/bayes/driver.h, which this room may not include. */
enum study_on_failure { STUDY_SKIP, STUDY_ABORT, STUDY_RECOVER };

/** One entry of bayes.variables: a range (n = 0) or levels. */
struct study_variable {
    char name[STUDY_NAME_SIZE], unit[STUDY_NAME_SIZE];
    struct study_place place;
    double from, to;
    enum study_scale scale;
    size_t n;                        /**< levels */
    double *values;                  /**< [n] ascending; NULL for names */
    char (*labels)[STUDY_NAME_SIZE]; /**< [n]; NULL for numbers */
};

/** One entry of bayes.objectives. */
struct study_goal {
    char name[STUDY_NAME_SIZE], unit[STUDY_NAME_SIZE];
    struct study_place place;
    bool maximise;
    enum study_scale scale;
    double reference, ideal, recover; /**< NAN: not said */
    double noise_sd;                  /**< 0: not said */
};

/** One entry of bayes.limits. */
struct study_bound {
    char name[STUDY_NAME_SIZE], unit[STUDY_NAME_SIZE];
    struct study_place place;
    double lower, upper; /**< -INFINITY, INFINITY where not given */
    double recover;      /**< NAN: not said */
};

/** One item of a list of texts. */
struct study_text {
    char text[512];
    struct study_place place;
};

/** All settings with their defaults filled in. Open; cleared by study_clear. Paths are as written:
 * resolve with study_path. */
struct study {
    char file[1024]; /**< the study file */
    char *text;      /**< [n_text] its bytes */
    size_t n_text;
    char title[STUDY_TEXT_SIZE];
    uint64_t seed;

    /* runs */
    char runs_file[1024];
    struct study_place runs_place;
    size_t n_accepted;
    struct study_text accepted[STUDY_MAX_ACCEPTED]; /**< checks of plausible.h that may find */
    size_t n_runs_columns;
    struct study_column runs_columns[STUDY_MAX_COLUMNS]; /**< [n_runs_columns] the others are looked
                                                            for by their usual names */
    size_t n_filters;
    struct study_filter filters[STUDY_MAX_LIST];
    uint64_t drop_highest_loss; /**< rows whose loss is among the k highest (ties included) are
                                   dropped */

    /* law: exactly one of set, from or a fit of runs by id or formula */
    char law_id[64];     /**< default "chinchilla" */
    char law_set[64];    /**< published coefficients; "" = none */
    char law_from[1024]; /**< a fit file; "" = none */
    struct study_place law_id_place, law_set_place, law_from_place;
    char law_formula[CUSTOM_TEXT_SIZE]; /**< "" = none */
    char law_inputs[256];               /**< words of forms.h; "" = params, tokens, compute_flop */
    struct study_place law_formula_place, law_inputs_place;
    size_t n_law_parameters;
    struct study_parameter law_parameters[LAW_MAX_PARAMETERS];

    size_t n_corrections;
    struct study_correction corrections[STUDY_MAX_CORRECTIONS];
    struct study_place corrections_place;

    /* fit */
    enum study_objective objective;
    double delta;           /**< Huber's; in (0, 10] */
    double over_prediction; /**< factor of rho where the law predicts too much */
    enum study_residual residual;
    uint64_t starts; /**< points of a Sobol sequence; 0 = as many as the law asks for */
    size_t n_start_grid;
    struct study_levels start_grid[LAW_MAX_PARAMETERS];
    enum study_solver solver;
    uint64_t replicates; /**< bootstrap; 0 = none */
    enum study_resampling resampling;
    enum study_bootstrap bootstrap;
    char cluster[64]; /**< column of the runs file with the group of each run; "" = none */
    struct study_place bootstrap_place, cluster_place;
    enum study_switch profile;
    double confidence;          /**< of intervals, in (0, 1) */
    double target_compute_flop; /**< N*, D* are reported here; 0 = at the largest compute seen */
    size_t n_approaches;        /**< 0 = approach 3, the fit, alone */
    double approaches[STUDY_N_APPROACHES]; /**< [n_approaches] of Hoffmann et al. 2022: 1, 2, 3 */
    struct study_place approaches_place;
    uint64_t folds;        /**< of cross-validation; 0 = none */
    double held_out_share; /**< of the runs, those of most compute; 0 = none */
    enum study_sensitivity sensitivity;
    size_t n_compare;
    struct study_law compare[STUDY_MAX_COMPARE]; /**< laws to fit beside law.id, each once */

    /* space, by input */
    struct study_axis space[DESIGN_N_INPUTS];
    size_t n_space;
    enum design_input space_order[DESIGN_N_INPUTS]; /**< [n_space] order of appearance */
    struct dependent_list dependents; /**< what its formulas give, in order (dependents.h) */

    /* search */
    enum study_path path;
    uint64_t thin_points; /**< rows a scenario level that stand for its frontier; 0 = none */
    double thin_epsilon;  /**< edge of a box, a share of the frontier's extent; 0 = none */
    size_t n_objectives;
    enum footprint_outcome objectives[FOOTPRINT_N_OUTCOMES];
    struct study_place objectives_place;
    size_t n_limits;
    struct study_limit limits[FOOTPRINT_N_OUTCOMES]; /**< `constraints: {energy_kwh: {max: 1e6}}` */
    size_t n_accept_unpriced;
    enum design_input accept_unpriced[DESIGN_N_INPUTS]; /**< chosen though nothing pays for them */

    /* band */
    uint64_t band_draws; /**< 0 = none, or all that there are */
    enum study_switch band_catalogue;
    double band_epsilon_nat; /**< 0 = what 5 % more compute buys at a row */
    double band_keep;
    uint64_t band_candidates;
    struct study_place band_draws_place, band_catalogue_place, band_epsilon_place;

    struct footprint_options footprint;

    /* What one run is known to have used, in the place of what models say; 0: not given. */
    struct study_observed {
        double device_hour, duration_hour; /* of all devices together; of the fleet */
        double energy_kwh;                 /* at the wall, PUE included */
        double power_watt;                 /* mean draw of a device with its share of the server */
        struct study_place place;          /* of the last one given */
    } observed;

    /* catalogue */
    char catalogue_files[HARDWARE_N_TABLES][1024]; /**< a table of the user's; "" = none */
    enum hardware_reading catalogue_reading;
    char class_columns[256]; /**< ids of classes, separated by blanks */
    struct study_place class_columns_place;
    double heavy_above_g_per_cm3; /**< threshold of the class `heavy`; 0 = as the table says */

    /* allocate */
    size_t n_vary; /**< 0: params and tokens, unless space holds them at one value */
    enum design_input vary[DESIGN_N_INPUTS];
    size_t n_questions;
    struct study_question questions[STUDY_MAX_QUESTIONS];
    enum study_method method;

    /* simulate */
    char simulate_set[64];
    struct study_place simulate_set_place;
    size_t n_budgets;
    double budgets_flop[STUDY_MAX_LIST];
    uint64_t simulate_points; /**< per budget */
    double simulate_noise;    /**< standard deviation of ln loss */
    double simulate_span;     /**< models from optimum / span to optimum * span; > 1 */

    /* plan */
    struct study_range plan_params, plan_tokens;
    double plan_budget[STUDY_N_BUDGETS]; /**< at most one is given; 0 = not */
    struct study_place plan_budget_places[STUDY_N_BUDGETS];
    uint64_t plan_runs, plan_repeats;
    char plan_target[CUSTOM_NAME_SIZE]; /**< "params", ..., or a parameter of the law */
    struct study_place plan_target_place;
    double plan_compute_flop; /**< of the target; 0 = that of the fit */
    uint64_t plan_draws;      /**< replicates of the fit that the plan is for */
    double plan_noise;        /**< of a new run; 0 = as the fit says */
    double plan_worth;
    double plan_support; /**< >= 1, greatest extrapolation ratio of a candidate */
    struct study_place plan_support_place;

    /* bayes */
    enum study_evaluator evaluator;
    size_t n_variables, n_goals, n_bounds, n_rules, n_words;
    struct study_variable variables[STUDY_MAX_VARIABLES];
    struct study_goal goals[STUDY_MAX_GOALS];
    struct study_bound bounds[STUDY_MAX_BOUNDS];
    struct study_text rules[STUDY_MAX_RULES]; /**< formulas over the variables */
    struct study_text words[STUDY_MAX_WORDS]; /**< of the command */
    char bayes_output[STUDY_TEXT_SIZE];       /**< file that the command writes; "": stdout */
    char bayes_table[1024], bayes_import[1024];
    struct study_place evaluator_place, variables_place, goals_place, bounds_place, words_place,
        bayes_table_place, bayes_import_place, on_failure_place;
    uint64_t bayes_evaluations, bayes_stagnation; /**< 0: not by this */
    double bayes_time_hour, bayes_hypervolume;    /**< 0: not by this */
    uint64_t bayes_initial;                       /**< 0: twice the variables, and two */
    uint64_t bayes_lag;
    double timeout_hour; /**< 0: none */
    double grace_hour, kill_after_hour;
    uint64_t retries;
    enum study_on_failure on_failure;
    enum study_switch keep_folders;

    char output[1024]; /**< result file; "" = the study's name with .h5, in the working directory */
    struct study_place output_place;
};

/** A value given on the command line as `--set path=value`. */
struct study_setting {
    const char *path, *value;
};

/** Read and check a study. Rank 0 reads, all receive. Collective over \a comm.
 * \param [in] settings  [n_settings] override the file
 * \return STATUS_OK, STATUS_INPUT (with file:line:column and the nearest known key), STATUS_MEMORY;
 * agreed on */
enum status study_read(MPI_Comm comm, const char *path, const struct study_setting settings[],
                       size_t n_settings, struct study *study, struct status_why *why);

/** The same from text in memory. Not collective. */
enum status study_parse(const char *name, const char *text, size_t n,
                        const struct study_setting settings[], size_t n_settings,
                        struct study *study, struct status_why *why);
void study_clear(struct study *study);

/** Whether `fit.approaches` asks for an approach; 3 is always done. */
bool study_wants_approach(const struct study *study, int approach);

/** Record a failure that belongs to a place in the study: `file:line:column: key: value: expected`.
 */
enum status study_fail(const struct study *study, struct study_place place, const char *key,
                       const char *value, const char *expected, struct status_why *why);

/** The place of a column, from 1, of a text that stands at \a place: after a quote, if there is
 * one; \a place itself where \a column is 0. */
struct study_place study_place_in(const struct study *study, struct study_place place,
                                  size_t column);

/** A path written in the study, relative to the study's own folder. \param [out] path [size] */
void study_path(const struct study *study, const char *written, char path[], size_t size);

/** The study as understood: every key with its value in effect, as YAML that reads back to the same
 * study. The caller frees it. */
enum status study_effective(const struct study *study, char **text, struct status_why *why);

/** SHA-256 of what the result depends on: the study as understood (without output). For journals.
 */
enum status study_digest(const struct study *study, char digest[DIGEST_SIZE],
                         struct status_why *why);

/** The same of what the records of a search depend on: also without the keys that say how long and
 * how patiently it is carried on, so that these may change between its runs. */
enum status study_records_digest(const struct study *study, char digest[DIGEST_SIZE],
                                 struct status_why *why);

/** Print the table of keys: as help for the terminal, or as a page of docs. */
void study_print_keys(FILE *to);
void study_print_page(FILE *to);

/** The known word nearest to \a word, or NULL: one that it is a whole part of, as mfu of mfu_ratio
 * or H100 of H100-SXM5-80, else one at an edit distance of at most a third of its length, at
 * least 2. For other modules' messages too. */
const char *study_nearest(const char *word, const char *const known[], size_t n);

#endif
