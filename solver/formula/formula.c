#include "solver/formula/formula.h"

#include <stdlib.h>
#include <string.h>

#include "solver/formula/formula_derive.h"
#include "solver/formula/formula_graph.h"
#include "solver/formula/formula_parse.h"

/* What a formula and its parts have in common. */
struct whole {
    struct formula_graph graph;
    struct formula_parse_scope scope;
};

struct formula {
    struct whole *whole; /* owned by the formula that formula_compile made */
    formula_graph_id root;
    struct formula *offset; /* NULL, or among the parts; an offset is its own */
    size_t n_terms;
    struct formula *terms; /* [n_terms] among the parts; a term is its own */
    struct formula *parts; /* owned; NULL in a part */
};

static enum status take_names(size_t n, const char *const names[], const bool is_log[],
                              struct formula_parse_name known[], struct status_why *why)
{
    if (n > FORMULA_PARSE_MAX_NAMES) {
        return status_fail(why, STATUS_INPUT, "a formula has at most %d inputs and parameters each",
                           FORMULA_PARSE_MAX_NAMES);
    }
    STATUS_ASSERT(n == 0 || names != NULL);
    for (size_t i = 0; i < n; i++) {
        if (!formula_parse_is_name(names[i])) {
            return status_fail(why, STATUS_INPUT,
                               "'%s': a formula cannot use this as a name: must be letters, digits "
                               "and _, not a function or pi",
                               names[i]);
        }
        memcpy(known[i].text, names[i], strlen(names[i]) + 1); /* a name fits */
        known[i].is_log = is_log != NULL && is_log[i];
    }
    return STATUS_OK;
}

static enum status refuse_repeated(const struct formula_parse_scope *s, struct status_why *why)
{
    for (size_t i = 0; i < s->n_inputs + s->n_parameters; i++) {
        for (size_t j = 0; j < i; j++) {
            const char *a =
                i < s->n_inputs ? s->inputs[i].text : s->parameters[i - s->n_inputs].text;
            const char *b =
                j < s->n_inputs ? s->inputs[j].text : s->parameters[j - s->n_inputs].text;
            if (strcmp(a, b) == 0) {
                return status_fail(why, STATUS_INPUT,
                                   "'%s': two columns or parameters of a "
                                   "formula have this name",
                                   a);
            }
        }
    }
    return STATUS_OK;
}

static enum status make_scope(const struct formula_names *names, struct formula_parse_scope *s,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    s->collects_parameters = names->parameters == NULL;
    STATUS_TRY(take_names(names->n_inputs, names->inputs, names->input_is_log, s->inputs, why));
    s->n_inputs = names->n_inputs;
    if (!s->collects_parameters) {
        STATUS_TRY(take_names(names->n_parameters, names->parameters, names->parameter_is_log,
                              s->parameters, why));
        s->n_parameters = names->n_parameters;
    }
    st = refuse_repeated(s, why);
out:
    return st;
}

static enum status check_graph(const struct formula_graph *g, const char *what,
                               struct status_why *why)
{
    if (g->trouble == FORMULA_GRAPH_SIZE) {
        return status_fail(why, STATUS_INPUT, "%s: more than %d operations", what,
                           FORMULA_GRAPH_MAX_NODES);
    }
    if (g->trouble == FORMULA_GRAPH_MEMORY) {
        return status_fail(why, STATUS_MEMORY, "%s: out of memory", what);
    }
    return STATUS_OK;
}

/* The summands of a sum with their signs, from the left. */
struct summands {
    size_t n;
    formula_graph_id *nodes; /* [n] of up to FORMULA_PARSE_MAX_LENGTH */
};

static void take_apart(struct formula_graph *g, formula_graph_id node, bool is_negative,
                       struct summands *all)
{
    if (all->n == FORMULA_PARSE_MAX_LENGTH) {
        g->trouble = FORMULA_GRAPH_SIZE;
    }
    if (g->trouble != FORMULA_GRAPH_FINE) {
        return;
    }
    const struct formula_graph_node a = g->nodes[node];
    const bool is_sum = a.kind == FORMULA_GRAPH_OPERATION && a.inputs != 0
                        && (a.op == FORMULA_OP_ADD || a.op == FORMULA_OP_SUB);
    if (is_sum) {
        take_apart(g, a.from[0], is_negative, all);
        take_apart(g, a.from[1], is_negative != (a.op == FORMULA_OP_SUB), all);
    } else if (a.kind == FORMULA_GRAPH_OPERATION && a.op == FORMULA_OP_NEG) {
        take_apart(g, a.from[0], !is_negative, all);
    } else {
        all->nodes[all->n++] =
            is_negative ? formula_graph_apply(g, FORMULA_OP_NEG, node, 0, 0) : node;
    }
}

/* The parts of the sum; the root becomes their sum in the promised order. */
static enum status make_parts(struct formula *f, struct summands *all, struct status_why *why)
{
    struct formula_graph *g = &f->whole->graph;
    formula_graph_id sum = 0;
    bool has_offset = false;
    take_apart(g, f->root, false, all);
    f->parts = calloc(all->n + 1, sizeof *f->parts);
    if (f->parts == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu terms of a formula", all->n);
    }
    f->terms = f->parts + 1;
    for (size_t i = 0; i < all->n; i++) {
        if (g->nodes[all->nodes[i]].inputs == 0) {
            sum = formula_graph_apply(g, FORMULA_OP_ADD, sum, all->nodes[i], 0);
            has_offset = true;
        }
    }
    if (has_offset) {
        f->offset = &f->parts[0];
        f->parts[0] = (struct formula){.whole = f->whole, .root = sum, .offset = f->offset};
    }
    for (size_t i = 0; i < all->n; i++) {
        if (g->nodes[all->nodes[i]].inputs != 0) {
            struct formula *t = &f->terms[f->n_terms++];
            *t = (struct formula){
                .whole = f->whole, .root = all->nodes[i], .n_terms = 1, .terms = t};
            sum = formula_graph_apply(g, FORMULA_OP_ADD, sum, all->nodes[i], 0);
        }
    }
    f->root = sum;
    return STATUS_OK;
}

enum status formula_compile(const char *text, const struct formula_names *names,
                            struct formula **made, size_t *column, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct summands all = {0};
    struct formula *f = calloc(1, sizeof *f);
    *column = 0;
    all.nodes = malloc(FORMULA_PARSE_MAX_LENGTH * sizeof *all.nodes);
    if (f != NULL) {
        f->whole = calloc(1, sizeof *f->whole);
    }
    if (f == NULL || f->whole == NULL || all.nodes == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for a formula");
        goto out;
    }
    STATUS_TRY(make_scope(names, &f->whole->scope, why));
    formula_graph_init(&f->whole->graph);
    STATUS_TRY(formula_parse_text(text, &f->whole->scope, &f->whole->graph, &f->root, column, why));
    STATUS_TRY(make_parts(f, &all, why));
    STATUS_TRY(check_graph(&f->whole->graph, "this formula", why));
    *made = f;
    f = NULL;
out:
    free(all.nodes);
    formula_destroy(f);
    return st;
}

void formula_destroy(struct formula *f)
{
    if (f != NULL) {
        if (f->whole != NULL) {
            formula_graph_clear(&f->whole->graph);
        }
        free(f->whole);
        free(f->parts);
        free(f);
    }
}

const char *formula_result(const struct formula *f)
{
    return f->whole->scope.result;
}

size_t formula_n_inputs(const struct formula *f)
{
    return f->whole->scope.n_inputs;
}

size_t formula_n_parameters(const struct formula *f)
{
    return f->whole->scope.n_parameters;
}

const char *formula_parameter(const struct formula *f, size_t i)
{
    STATUS_ASSERT(i < f->whole->scope.n_parameters);
    return f->whole->scope.parameters[i].text;
}

uint64_t formula_inputs(const struct formula *f)
{
    return f->whole->graph.nodes[f->root].inputs;
}

uint64_t formula_parameters(const struct formula *f)
{
    return f->whole->graph.nodes[f->root].parameters;
}

const struct formula *formula_offset(const struct formula *f)
{
    return f->offset;
}

size_t formula_n_terms(const struct formula *f)
{
    return f->n_terms;
}

const struct formula *formula_term(const struct formula *f, size_t i)
{
    STATUS_ASSERT(i < f->n_terms);
    return &f->terms[i];
}

/* The nodes of the outputs, in the promised order. */
static void derive(struct formula_graph *g, const struct formula_parse_scope *s,
                   enum formula_order order, size_t n_by, const size_t by[],
                   formula_graph_id leaves[], formula_graph_id outputs[])
{
    for (size_t i = 0; i < n_by; i++) {
        STATUS_ASSERT(by[i] < s->n_parameters + s->n_inputs);
        leaves[i] = by[i] < s->n_parameters ? formula_graph_parameter(g, by[i])
                                            : formula_graph_input(g, by[i] - s->n_parameters);
    }
    if (order >= FORMULA_GRADIENT) {
        formula_derive_gradient(g, outputs[0], n_by, leaves, outputs + 1);
    }
    for (size_t i = 0; order >= FORMULA_HESSIAN && i < n_by; i++) {
        formula_derive_gradient(g, outputs[1 + i], i + 1, leaves,
                                outputs + 1 + n_by + i * (i + 1) / 2);
    }
}

enum status formula_differentiate(const struct formula *f, enum formula_order order, size_t n_by,
                                  const size_t by[], struct formula_program **made,
                                  struct status_why *why)
{
    const struct formula_parse_scope *s = &f->whole->scope;
    enum status st = STATUS_OK;
    const size_t n_first = order >= FORMULA_GRADIENT ? n_by : 0;
    const size_t n_second = order >= FORMULA_HESSIAN ? n_by * (n_by + 1) / 2 : 0;
    const size_t n_outputs = 1 + n_first + n_second;
    struct formula_graph g;
    formula_graph_id *leaves = calloc(n_first + 1, sizeof *leaves);
    formula_graph_id *outputs = calloc(n_outputs, sizeof *outputs);
    formula_graph_copy(&g, &f->whole->graph);
    if (leaves == NULL || outputs == NULL || g.trouble != FORMULA_GRAPH_FINE) {
        st = status_fail(why, STATUS_MEMORY, "no memory for the derivatives of a formula");
        goto out;
    }
    outputs[0] = f->root;
    derive(&g, s, order, n_first, by, leaves, outputs);
    STATUS_TRY(check_graph(&g, "the derivatives of this formula", why));
    STATUS_TRY(
        formula_program_create(&g, s->n_inputs, s->n_parameters, n_outputs, outputs, made, why));
out:
    formula_graph_clear(&g);
    free(outputs);
    free(leaves);
    return st;
}
