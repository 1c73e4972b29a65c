#include "solver/formula/formula_program.h"

#include <stdlib.h>
#include <string.h>

/* What is known of a node while code is written. */
struct place {
    formula_operand at;
    size_t last_use; /* the node that reads it last */
    bool is_needed;
};

/* Scratch of the creation. */
struct writer {
    const struct formula_graph *g;
    struct formula_program *p;
    struct place *places; /* [g->n] */
    size_t *free_registers;
    size_t n_free;
};

static bool is_uniform(const struct formula_graph_node *node)
{
    return node->inputs == 0;
}

/* Mark what the outputs need, from the last node back, and who reads each node last. */
static void mark(struct writer *w, size_t n_outputs, const formula_graph_id outputs[])
{
    for (size_t i = 0; i < n_outputs; i++) {
        w->places[outputs[i]].is_needed = true;
        w->places[outputs[i]].last_use = SIZE_MAX; /* copied at the end perhaps */
    }
    for (size_t k = w->g->n; k-- > 0;) {
        const struct formula_graph_node *node = &w->g->nodes[k];
        if (!w->places[k].is_needed || node->kind != FORMULA_GRAPH_OPERATION) {
            continue;
        }
        for (size_t i = 0; i < formula_op_arity(node->op); i++) {
            struct place *from = &w->places[node->from[i]];
            from->last_use = from->is_needed ? from->last_use : k;
            from->is_needed = true;
        }
    }
}

/* Constants and leaves, which need no code. */
static void place_leaves(struct writer *w)
{
    struct formula_program *p = w->p;
    for (size_t k = 0; k < w->g->n; k++) {
        const struct formula_graph_node *node = &w->g->nodes[k];
        if (!w->places[k].is_needed) {
            continue;
        }
        if (node->kind == FORMULA_GRAPH_CONSTANT) {
            w->places[k].at = formula_op_operand(FORMULA_UNIFORM, p->n_parameters + p->n_constants);
            p->constants[p->n_constants++] = node->constant;
        } else if (node->kind == FORMULA_GRAPH_LEAF) {
            w->places[k].at =
                formula_op_operand(node->is_input ? FORMULA_COLUMN : FORMULA_UNIFORM, node->leaf);
            p->inputs |= node->inputs;
        }
    }
    p->n_uniforms = p->n_parameters + p->n_constants;
}

/* Results are computed in place where an operation gives them. */
static void place_outputs(struct writer *w, size_t n_outputs, const formula_graph_id outputs[])
{
    for (size_t i = n_outputs; i-- > 0;) {
        const struct formula_graph_node *node = &w->g->nodes[outputs[i]];
        if (node->kind == FORMULA_GRAPH_OPERATION && !is_uniform(node)) {
            w->places[outputs[i]].at = formula_op_operand(FORMULA_OUTPUT, i);
        }
    }
}

static void release_operands(struct writer *w, size_t k)
{
    const struct formula_graph_node *node = &w->g->nodes[k];
    for (size_t i = 0; i < formula_op_arity(node->op); i++) {
        struct place *from = &w->places[node->from[i]];
        if (from->last_use == k && formula_op_place(from->at) == FORMULA_REGISTER) {
            w->free_registers[w->n_free++] = formula_op_index(from->at);
            from->last_use = SIZE_MAX; /* once, also when it is both operands */
        }
    }
}

static formula_operand new_register(struct writer *w)
{
    if (w->n_free == 0) {
        return formula_op_operand(FORMULA_REGISTER, w->p->n_registers++);
    }
    return formula_op_operand(FORMULA_REGISTER, w->free_registers[--w->n_free]);
}

/* One instruction an operation, in the order of the nodes. */
static void write_code(struct writer *w)
{
    struct formula_program *p = w->p;
    for (size_t k = 0; k < w->g->n; k++) {
        const struct formula_graph_node *node = &w->g->nodes[k];
        struct place *here = &w->places[k];
        if (!here->is_needed || node->kind != FORMULA_GRAPH_OPERATION) {
            continue;
        }
        struct formula_instruction *code =
            is_uniform(node) ? &p->prepare_code[p->n_prepare_code++] : &p->code[p->n_code++];
        code->op = node->op;
        for (size_t i = 0; i < formula_op_arity(node->op); i++) {
            code->from[i] = w->places[node->from[i]].at;
        }
        if (is_uniform(node)) {
            here->at = formula_op_operand(FORMULA_UNIFORM, p->n_uniforms++);
        } else {
            release_operands(w, k);
            here->at = formula_op_place(here->at) == FORMULA_OUTPUT ? here->at : new_register(w);
        }
        code->to = here->at;
    }
}

/* The outputs that are constants, leaves, or the same as another. */
static void write_copies(struct writer *w, size_t n_outputs, const formula_graph_id outputs[])
{
    for (size_t i = 0; i < n_outputs; i++) {
        const formula_operand to = formula_op_operand(FORMULA_OUTPUT, i);
        const formula_operand from = w->places[outputs[i]].at;
        if (from != to) {
            w->p->code[w->p->n_code++] =
                (struct formula_instruction){FORMULA_OP_COPY, to, {from, 0, 0}};
        }
    }
}

enum status formula_program_create(const struct formula_graph *g, size_t n_inputs,
                                   size_t n_parameters, size_t n_outputs,
                                   const formula_graph_id outputs[], struct formula_program **made,
                                   struct status_why *why)
{
    enum status st = STATUS_OK;
    struct formula_program *p = calloc(1, sizeof *p);
    struct writer w = {.g = g, .p = p};
    w.places = calloc(g->n, sizeof *w.places);
    w.free_registers = malloc(g->n * sizeof *w.free_registers);
    if (p != NULL) {
        p->constants = malloc(g->n * sizeof *p->constants);
        p->prepare_code = calloc(g->n, sizeof *p->prepare_code);
        p->code = calloc(g->n + n_outputs, sizeof *p->code);
    }
    if (p == NULL || w.places == NULL || w.free_registers == NULL || p->constants == NULL
        || p->prepare_code == NULL || p->code == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for a formula of %zu operations", g->n);
        goto out;
    }
    p->n_inputs = n_inputs;
    p->n_parameters = n_parameters;
    p->n_outputs = n_outputs;
    mark(&w, n_outputs, outputs);
    place_leaves(&w);
    place_outputs(&w, n_outputs, outputs);
    write_code(&w);
    write_copies(&w, n_outputs, outputs);
    *made = p;
    p = NULL;
out:
    free(w.free_registers);
    free(w.places);
    formula_program_destroy(p);
    return st;
}

void formula_program_destroy(struct formula_program *p)
{
    if (p != NULL) {
        free(p->code);
        free(p->prepare_code);
        free(p->constants);
        free(p);
    }
}

size_t formula_program_workspace(const struct formula_program *p)
{
    return FORMULA_OP_LANES - 1 + (p->n_uniforms + p->n_inputs + p->n_outputs) * FORMULA_OP_LANES
           + p->n_registers * FORMULA_PROGRAM_BLOCK;
}

struct formula_program_layout formula_program_layout(const struct formula_program *p,
                                                     double workspace[])
{
    const size_t past = (uintptr_t)workspace / sizeof *workspace % FORMULA_OP_LANES;
    struct formula_program_layout at;
    at.registers = workspace + (FORMULA_OP_LANES - past) % FORMULA_OP_LANES;
    at.uniforms = at.registers + p->n_registers * FORMULA_PROGRAM_BLOCK;
    at.columns = at.uniforms + p->n_uniforms * FORMULA_OP_LANES;
    at.outputs = at.columns + p->n_inputs * FORMULA_OP_LANES;
    return at;
}

static void fill(double row[FORMULA_OP_LANES], double value)
{
    for (size_t i = 0; i < FORMULA_OP_LANES; i++) {
        row[i] = value;
    }
}

static struct formula_frame frame_of(const struct formula_program_layout *at)
{
    return (struct formula_frame){
        .base = {[FORMULA_UNIFORM] = at->uniforms, [FORMULA_REGISTER] = at->registers},
        .pitch = {[FORMULA_UNIFORM] = FORMULA_OP_LANES,
                  [FORMULA_REGISTER] = FORMULA_PROGRAM_BLOCK,
                  [FORMULA_COLUMN] = FORMULA_OP_LANES,
                  [FORMULA_OUTPUT] = FORMULA_OP_LANES},
    };
}

void formula_program_prepare(const struct formula_program *p, const double parameters[],
                             double workspace[])
{
    const struct formula_program_layout at = formula_program_layout(p, workspace);
    for (size_t i = 0; i < p->n_parameters; i++) {
        fill(at.uniforms + i * FORMULA_OP_LANES, parameters[i]);
    }
    for (size_t i = 0; i < p->n_constants; i++) {
        fill(at.uniforms + (p->n_parameters + i) * FORMULA_OP_LANES, p->constants[i]);
    }
    struct formula_frame frame = frame_of(&at);
    frame.n = FORMULA_OP_LANES;
    formula_op_run(p->n_prepare_code, p->prepare_code, &frame);
}

/* The last, incomplete eight points go through padded copies. */
static void run_tail(const struct formula_program *p, size_t start, size_t n,
                     const double *const columns[], double *const outputs[],
                     const struct formula_program_layout *at)
{
    struct formula_frame frame = frame_of(at);
    frame.n = FORMULA_OP_LANES;
    frame.base[FORMULA_COLUMN] = at->columns;
    frame.base[FORMULA_OUTPUT] = at->outputs;
    for (size_t i = 0; i < p->n_inputs; i++) {
        if (p->inputs >> i & 1U) {
            fill(at->columns + i * FORMULA_OP_LANES, columns[i][start]);
            memcpy(at->columns + i * FORMULA_OP_LANES, columns[i] + start, n * sizeof(double));
        }
    }
    formula_op_run(p->n_code, p->code, &frame);
    for (size_t i = 0; i < p->n_outputs; i++) {
        memcpy(outputs[i] + start, at->outputs + i * FORMULA_OP_LANES, n * sizeof(double));
    }
}

void formula_program_run(const struct formula_program *p, size_t n, const double *const columns[],
                         double *const outputs[], double workspace[])
{
    const struct formula_program_layout at = formula_program_layout(p, workspace);
    struct formula_frame frame = frame_of(&at);
    frame.columns = columns;
    frame.outputs = outputs;
    const size_t whole = n - n % FORMULA_OP_LANES;
    for (size_t start = 0; start < whole; start += FORMULA_PROGRAM_BLOCK) {
        frame.start = start;
        frame.n = whole - start < FORMULA_PROGRAM_BLOCK ? whole - start : FORMULA_PROGRAM_BLOCK;
        formula_op_run(p->n_code, p->code, &frame);
    }
    if (whole < n) {
        run_tail(p, whole, n - whole, columns, outputs, &at);
    }
}
