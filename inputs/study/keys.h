/** \file keys.h
 * The only list of what a study may say: path, type, default, range, unit, help, and where the
 * value lives in struct study. settings.h reads and writes values by it; help and docs/study.md are
 * printed from it.
 */
#ifndef INPUTS_STUDY_KEYS_H
#define INPUTS_STUDY_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum keys_type {
    KEYS_TEXT,        /**< char [size] */
    KEYS_CHOICE,      /**< enum, the index of the word in choices */
    KEYS_COUNT,       /**< uint64_t */
    KEYS_NUMBER,      /**< double in unit */
    KEYS_NUMBERS,     /**< double [size] in unit, with a size_t of how many */
    KEYS_LAWS,        /**< struct study_law [size], with a size_t of how many */
    KEYS_COLUMNS,     /**< runs.columns: a mapping from names to columns of the file */
    KEYS_FILTERS,     /**< runs.where */
    KEYS_SPACE,       /**< space: a mapping from inputs to axes */
    KEYS_OBJECTIVES,  /**< list of outcomes */
    KEYS_LIMITS,      /**< constraints: a mapping from outcomes to bounds */
    KEYS_PARAMETERS,  /**< law.parameters: a mapping from names to what is said of them */
    KEYS_GRID,        /**< fit.start_grid: a mapping from parameters to lists of numbers */
    KEYS_CORRECTIONS, /**< law.corrections: ids and mappings */
    KEYS_QUESTIONS,   /**< list of questions, a text each */
    KEYS_INPUTS,      /**< list of inputs that are numbers */
    KEYS_ANY_INPUTS,  /**< list of inputs, also of those that are names */
    KEYS_VARIABLES,   /**< bayes.variables: a mapping from names to ranges and levels */
    KEYS_GOALS,       /**< bayes.objectives: a mapping from names to what is said of them */
    KEYS_BOUNDS,      /**< bayes.limits: a mapping from names to bounds */
    KEYS_TEXTS,       /**< struct study_text [size], with a size_t of how many */
    KEYS_N_TYPES
};

struct keys_range {
    double lower, upper;
    bool lower_open, upper_open;
};

/** One key. In paths the words INPUT and OUTCOME stand for any input or outcome; such rows describe
 * members of what their section reads as a whole, and have no place in struct study. */
struct keys_row {
    const char *path; /**< "fit.delta" */
    enum keys_type type;
    const char *initial;        /**< default as it would be written, or NULL: none */
    const char *unit;           /**< for quantity_parse; NULL: that of the input or outcome */
    struct keys_range range;    /**< of counts and numbers */
    const char *const *choices; /**< words, ended by NULL */
    size_t offset, size;        /**< in struct study */
    size_t place;               /**< offset of its struct study_place; 0: not kept */
    size_t count;               /**< offset of the size_t that goes with a list */
    bool is_member;             /**< of an INPUT or OUTCOME */
    bool is_conduct;            /**< how long and how patiently a search is carried on */
    const char *help;
};

/** The \a i-th row, grouped by section, or NULL past the end. */
const struct keys_row *keys_at(size_t i);

/** The row with this path, or NULL. */
const struct keys_row *keys_find(const char *path);

/** Names directly below \a section ("" for the top), in order of the table. Borrowed. "INPUT" and
 * "OUTCOME" stand for themselves.
 * \param [out] names  [max] room for the names as texts of the caller
 * \return how many; 0 when there is no such section */
enum { KEYS_NAME_SIZE = 32, KEYS_MAX_MEMBERS = 32 };
size_t keys_members(const char *section, char names[KEYS_MAX_MEMBERS][KEYS_NAME_SIZE]);

/** Whether a value lies in the range. */
bool keys_in_range(const struct keys_range *range, double value);

/** "must be in (0, 1]", "must be > 0", "must be at least 1". \param [out] text  [size] */
void keys_range_text(const struct keys_range *range, char text[], size_t size);

/** What a row's value looks like, for help: "text", "huber, lad or least_squares", "count".
 * \param [out] text  [size] */
void keys_type_text(const struct keys_row *row, char text[], size_t size);

/** Words joined as "a, b or c". \param [in] words  [n]; \param [out] text  [size] */
void keys_join(const char *const words[], size_t n, char text[], size_t size);

#endif
