/** \file validation.h
 * Published figures and what they were computed from (inputs/data/validation.tsv): inputs of a
 * design, figures of the catalogue or in their place, keys of a study, what was observed. A row is
 * turned into a subject of solver/claim.h, which computes the figure.
 */
#ifndef INPUTS_VALIDATION_H
#define INPUTS_VALIDATION_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "inputs/parts.h"
#include "inputs/study/study.h"
#include "solver/claim.h"

/** What a computed figure says of a row. */
enum validation_verdict {
    VALIDATION_AGREES,     /**< as expected: a model gives the published figure */
    VALIDATION_ARITHMETIC, /**< so it does, but an input came from the figure, or the figure is
                              arithmetic on the inputs alone: no model is tested */
    VALIDATION_DIFFERS,    /**< as known: it is the figure known instead */
    VALIDATION_UNEXPECTED, /**< it should agree and differs, or the other way round, or differs
                              otherwise than known */
    VALIDATION_N_VERDICTS
};

/** One figure. */
struct validation_row {
    char id[24];
    char source[64]; /**< keys of docs/sources.bib, separated by ';' */
    char title[128];
    int quantity; /**< of solver/claim.h */
    enum claim_form form;
    char given[512], against[256];    /**< `key=value; key=value`; the second over the first */
    double published;                 /**< in the unit of the quantity */
    double tolerance;                 /**< of the relative error */
    enum validation_verdict expected; /**< not VALIDATION_UNEXPECTED */
    double instead;                   /**< what the models are known to give where they differ */
    char note[512];                   /**< why not, or what a reader should know */
    char quantity_name[32], form_name[16], expected_name[16]; /**< as written */
    const char *file;                                         /**< borrowed: the path read */
    int line;
};

/** Read a table of published figures. Collective over \a comm.
 * \param [in]  path  must outlive the rows
 * \param [out] rows  new array [*n]; the caller frees it
 * \return STATUS_OK, STATUS_INPUT with file and line, STATUS_MEMORY; agreed on */
enum status validation_read(MPI_Comm comm, const char *path, struct validation_row **rows,
                            size_t *n, struct status_why *why);

/** An input of a law that a row says by name, so that no design need have it. */
struct validation_law_input {
    char name[32];
    double value;
};

/** A row, or its counterpart, bound to figures. Cleared by validation_clear; not to be copied. */
struct validation_subject {
    struct study study;
    struct design design;
    struct hardware device; /**< a row of the catalogue, or an empty one, with the row's figures */
    struct hardware_grid grid;
    struct hardware_site site;
    struct hardware_catalogue catalogue; /**< of these three; borrows the rest */
    bool has_own;
    struct hardware_catalogue own; /**< when has_own: with the tables that the row names */
    struct claim_subject claim;    /**< model and inputs of the law not set */
    char ask[STUDY_TEXT_SIZE]; /**< a question whose answer stands in the place of what the design
                                  gives; "": none. Behind <=, >= and =, "given" is the value of the
                                  design as given */
    size_t n_law_inputs;
    struct validation_law_input law_inputs[LAW_MAX_INPUTS];
};

/** What rows speak of; borrowed. */
struct validation_tables {
    const struct hardware_catalogue *catalogue;
    const struct parts_row *parts; /**< [n_parts] */
    size_t n_parts;
};

/** Bind what a row says. A row whose keys name tables of its own (catalogue.*) has its own
 * catalogue; keys that no figure reads are refused. Collective over \a comm. \param [in]
 * with_against  whether the column against counts too \return STATUS_OK; STATUS_INPUT with file,
 * line, key and value */
enum status validation_bind(MPI_Comm comm, const struct validation_row *row, bool with_against,
                            const struct validation_tables *tables, struct validation_subject *made,
                            struct status_why *why);
void validation_clear(struct validation_subject *s);

/** Relative error of a computed figure. */
double validation_error(const struct validation_row *row, double computed);

const char *validation_verdict_name(enum validation_verdict v);

enum validation_verdict validation_judge(const struct validation_row *row, double computed);

#endif
