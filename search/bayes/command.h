/** \file command.h
 * A command of the user as evaluator. Each attempt runs in a folder of its own, FOLDER/ID.ATTEMPT,
 * which is removed after a success and kept after a failure. The design reaches the command as
 * words (`{learning_rate}`), as variables of its environment (SCALEFRONT_learning_rate) and as the
 * file design.json; outcomes come back as JSON or lines `name = value` (search/bayes/outcomes.h),
 * from a file or from what the command prints. docs/running.md, Evaluations by a command.
 */
#ifndef SEARCH_BAYES_COMMAND_H
#define SEARCH_BAYES_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/bayes/driver.h"
#include "search/bayes/variable.h"
#include "solver/base/status.h"

/** What is borrowed must outlive the command. */
struct command_options {
    size_t n_variables;
    const struct variable *variables; /**< [n_variables] */
    size_t n_outcomes;
    const char *const *outcomes; /**< [n_outcomes] names */
    size_t n_words;
    const char *const *words; /**< [n_words] with {variable}, {id}, {attempt}, {folder}, {design},
                                 {study}; {{ and }} stand for braces */
    const char *study_folder; /**< for {study}, and for a program written with a slash */
    const char *folder;       /**< of the evaluations; made when missing */
    const char *output;       /**< file in the folder of the evaluation; "": what it prints */
    double timeout_seconds;   /**< 0: none */
    double grace_seconds;     /**< between SIGTERM and SIGKILL */
    bool keeps_folders;       /**< after a success too */
};

/** Opaque. */
struct command;

/** \param [out] made  the caller destroys it
 * \return STATUS_OK; STATUS_INPUT: an unknown placeholder, a stray brace, a program that is not
 * there; STATUS_MEMORY, STATUS_LIBRARY */
enum status command_create(const struct command_options *options, struct command **made,
                           struct status_why *why);
void command_destroy(struct command *c);

/** What the driver asks; borrows \a c. */
struct driver_evaluator command_evaluator(struct command *c);

/** A word that is a relative path of a file beside the study, though the command runs in the folder
 * of its attempt, where that file is not: mostly it should begin with {study}/. The first word with
 * a slash is found from the study and is not meant.
 * \param [in] from  index of the word to begin with. \return its index; n_words: there is none */
size_t command_misplaced(const struct command *c, size_t from);

/** The command line of a design as one would type it in a shell. \param [in] values  [n_variables]
 * \param [out] text  [size], cut where that ends */
void command_line(const struct command *c, uint64_t id, const double values[], size_t size,
                  char text[]);

#endif
