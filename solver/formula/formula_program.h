/** \file formula_program.h
 * A formula, or a formula and its derivatives, as code that runs on columns of points. What depends
 * on the parameters alone is computed once, by formula_program_prepare; the rest in blocks of up to
 * 256 points that stay in the first cache. Every point gets the same bits wherever it stands in
 * whichever call, on every machine and vector level. Nothing is allocated after the creation: all
 * that changes lives in the caller's workspace, so that one program serves many threads.
 */
#ifndef SOLVER_FORMULA_FORMULA_PROGRAM_H
#define SOLVER_FORMULA_FORMULA_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"
#include "solver/formula/formula_graph.h"
#include "solver/formula/formula_op.h"

enum { FORMULA_PROGRAM_BLOCK = 256 };

/** Made by formula_differentiate or formula_program_create; read-only. */
struct formula_program {
    size_t n_inputs, n_parameters, n_outputs;
    uint64_t inputs;    /**< bit i: input i is read */
    size_t n_constants; /**< uniform rows: parameters, constants, results of prepare_code */
    size_t n_uniforms;
    size_t n_registers;
    size_t n_prepare_code, n_code;
    double *constants; /**< [n_constants] */
    struct formula_instruction *prepare_code, *code;
};

/** A program that computes nodes of a graph.
 * \param [in] outputs  [n_outputs] nodes, any number of times each
 * \return STATUS_OK or STATUS_MEMORY; the caller destroys *made */
enum status formula_program_create(const struct formula_graph *g, size_t n_inputs,
                                   size_t n_parameters, size_t n_outputs,
                                   const formula_graph_id outputs[], struct formula_program **made,
                                   struct status_why *why);
void formula_program_destroy(struct formula_program *p);

/** How many doubles formula_program_prepare, formula_program_run and formula_bounds_find need. */
size_t formula_program_workspace(const struct formula_program *p);

/** Set the parameters; before the first run, and again for each new vector.
 * \param [in]  parameters  [n_parameters], logarithms of those declared logarithmic
 * \param [out] workspace   [formula_program_workspace], kept by the caller between the calls */
void formula_program_prepare(const struct formula_program *p, const double parameters[],
                             double workspace[]);

/** The outputs of \a n points. What is undefined is NaN (log or a broken power of a negative
 * number).
 * \param [in]  columns  [n_inputs] pointers to [n]; logarithms of inputs declared logarithmic;
 *                       those of inputs not read may be NULL
 * \param [out] outputs  [n_outputs] pointers to [n] that overlap neither each other nor columns
 * \param [in,out] workspace  prepared with the parameters */
void formula_program_run(const struct formula_program *p, size_t n, const double *const columns[],
                         double *const outputs[], double workspace[]);

/** Where the parts of a workspace begin, on a boundary of a cache line: for formula_bounds. */
struct formula_program_layout {
    double *uniforms;  /**< [n_uniforms][8] */
    double *registers; /**< [n_registers][256] */
    double *columns;   /**< [n_inputs][8] */
    double *outputs;   /**< [n_outputs][8] */
};
struct formula_program_layout formula_program_layout(const struct formula_program *p,
                                                     double workspace[]);

#endif
