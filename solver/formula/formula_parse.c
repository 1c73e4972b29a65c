#define _XOPEN_SOURCE 700 /* strnlen */
#include "solver/formula/formula_parse.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text is read as ASCII whatever the locale says. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool goes_on(char c)
{
    return begins_name(c) || is_digit(c);
}

struct parser {
    const char *text;
    size_t at; /* of the character to read next */
    size_t depth;
    struct formula_parse_scope *scope;
    struct formula_graph *g;
    size_t *column;
    struct status_why *why;
};

/* Fail at the character \a at. */
__attribute__((format(printf, 3, 4))) static enum status fail_at(struct parser *p, size_t at,
                                                                 const char *format, ...)
{
    char message[STATUS_MESSAGE_SIZE / 2];
    va_list rest;
    va_start(rest, format);
    (void)vsnprintf(message, sizeof message, format, rest);
    va_end(rest);
    *p->column = at + 1;
    return status_fail(p->why, STATUS_INPUT, "column %zu: %s", at + 1, message);
}

static void skip_space(struct parser *p)
{
    p->at += strspn(p->text + p->at, " \t\r\n");
}

static bool take(struct parser *p, char c)
{
    skip_space(p);
    if (p->text[p->at] != c) {
        return false;
    }
    p->at++;
    return true;
}

/* What stands at the cursor, for messages. */
static const char *found(const struct parser *p, char shown[8])
{
    const char c = p->text[p->at];
    if (c == '\0') {
        return "the end";
    }
    if (c < ' ' || c > '~') {
        return "a character beyond ASCII";
    }
    shown[0] = shown[2] = '\'';
    shown[1] = c;
    shown[3] = '\0';
    return shown;
}

static enum status expected(struct parser *p, const char *what)
{
    char shown[8];
    skip_space(p);
    return fail_at(p, p->at, "expected %s, found %s", what, found(p, shown));
}

/* Whether what was just built is a number that is not finite, or did not fit. */
static enum status check_node(struct parser *p, size_t at, formula_graph_id made)
{
    double value;
    if (p->g->trouble == FORMULA_GRAPH_MEMORY) {
        *p->column = at + 1;
        return status_fail(p->why, STATUS_MEMORY, "column %zu: out of memory", at + 1);
    }
    if (p->g->trouble == FORMULA_GRAPH_SIZE) {
        return fail_at(p, at, "the formula has more than %d operations", FORMULA_GRAPH_MAX_NODES);
    }
    if (formula_graph_is_constant(p->g, made, &value) && !isfinite(value)) {
        return fail_at(p, at, "the value is %s", isnan(value) ? "not a number" : "infinite");
    }
    return STATUS_OK;
}

static enum status parse_sum(struct parser *p, formula_graph_id *made);
static enum status parse_signed(struct parser *p, formula_graph_id *made);

static enum status parse_number(struct parser *p, formula_graph_id *made)
{
    enum { MOST = 64 };
    const char *s = p->text + p->at;
    size_t n = 0, n_digits = 0;
    for (bool has_point = false; is_digit(s[n]) || (s[n] == '.' && !has_point); n++) {
        has_point = has_point || s[n] == '.';
        n_digits += is_digit(s[n]) ? 1 : 0;
    }
    if (n_digits == 0) {
        return expected(p, "a number");
    }
    if (s[n] == 'e' || s[n] == 'E') {
        const size_t sign = s[n + 1] == '+' || s[n + 1] == '-' ? 1 : 0;
        const size_t digits = strspn(s + n + 1 + sign, "0123456789");
        n += digits > 0 ? 1 + sign + digits : 0;
    }
    if (goes_on(s[n]) || s[n] == '.') {
        return fail_at(p, p->at + n, "'%c' does not go on a number", s[n]);
    }
    char digits[MOST];
    if (n >= sizeof digits) {
        return fail_at(p, p->at, "a number has at most %d characters", MOST - 1);
    }
    memcpy(digits, s, n);
    digits[n] = '\0';
    *made = formula_graph_constant(p->g, strtod(digits, NULL));
    const size_t begun = p->at;
    p->at += n;
    return check_node(p, begun, *made);
}

/* The functions: an operation of the graph, or one built from others. */
struct function {
    const char *name;
    size_t least, most; /* arguments */
    formula_graph_id (*make)(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                             formula_graph_id b);
    enum formula_op op;
};

static formula_graph_id make_op(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                                formula_graph_id b)
{
    return formula_graph_apply(g, op, a, b, 0);
}

static formula_graph_id make_power(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                                   formula_graph_id b)
{
    (void)op;
    return formula_graph_power(g, a, b);
}

static formula_graph_id scaled_log(struct formula_graph *g, double per_log, formula_graph_id a)
{
    return formula_graph_apply(g, FORMULA_OP_MUL, formula_graph_constant(g, per_log),
                               formula_graph_apply(g, FORMULA_OP_LOG, a, 0, 0), 0);
}

static formula_graph_id make_log2(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                                  formula_graph_id b)
{
    (void)op;
    (void)b;
    return scaled_log(g, 1.4426950408889634, a); /* 1 / ln 2 */
}

static formula_graph_id make_log10(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                                   formula_graph_id b)
{
    (void)op;
    (void)b;
    return scaled_log(g, 0.4342944819032518, a); /* 1 / ln 10 */
}

static const struct function functions[] = {
    {"exp", 1, 1, make_op, FORMULA_OP_EXP},        {"log", 1, 1, make_op, FORMULA_OP_LOG},
    {"log2", 1, 1, make_log2, FORMULA_OP_LOG},     {"log10", 1, 1, make_log10, FORMULA_OP_LOG},
    {"sqrt", 1, 1, make_op, FORMULA_OP_SQRT},      {"expm1", 1, 1, make_op, FORMULA_OP_EXPM1},
    {"log1p", 1, 1, make_op, FORMULA_OP_LOG1P},    {"abs", 1, 1, make_op, FORMULA_OP_ABS},
    {"tanh", 1, 1, make_op, FORMULA_OP_TANH},      {"logistic", 1, 1, make_op, FORMULA_OP_LOGISTIC},
    {"pow", 2, 2, make_power, FORMULA_OP_EXP},     {"min", 2, SIZE_MAX, make_op, FORMULA_OP_MIN},
    {"max", 2, SIZE_MAX, make_op, FORMULA_OP_MAX},
};

static const struct function *find_function(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (strcmp(functions[i].name, name) == 0) {
            return &functions[i];
        }
    }
    return NULL;
}

bool formula_parse_is_name(const char *text)
{
    size_t n = 0;
    while (goes_on(text[n])) {
        n++;
    }
    return begins_name(text[0]) && text[n] == '\0' && n < FORMULA_PARSE_NAME_SIZE
           && strcmp(text, "pi") != 0 && find_function(text) == NULL;
}

/* The arguments of a function behind its opening parenthesis; min and max take them in turn. */
static enum status parse_arguments(struct parser *p, const struct function *f, size_t at,
                                   formula_graph_id *made)
{
    formula_graph_id first = 0, next = 0;
    enum status st = STATUS_OK;
    size_t n = 1;
    STATUS_TRY(parse_sum(p, &first));
    for (; n < f->most && take(p, ','); n++) {
        STATUS_TRY(parse_sum(p, &next));
        first = f->make(p->g, f->op, first, next);
        STATUS_TRY(check_node(p, at, first));
    }
    if (n < f->least) {
        return expected(p, "',' and another argument");
    }
    if (!take(p, ')')) {
        return expected(p, n < f->most ? "',' or ')'" : "')'");
    }
    if (f->most == 1) {
        first = f->make(p->g, f->op, first, 0);
    }
    *made = first;
    st = check_node(p, at, first);
out:
    return st;
}

static void copy_name(char to[FORMULA_PARSE_NAME_SIZE], const char from[FORMULA_PARSE_NAME_SIZE])
{
    memcpy(to, from, FORMULA_PARSE_NAME_SIZE);
}

static bool find_name(const struct formula_parse_name names[], size_t n, const char *text,
                      size_t *index)
{
    for (*index = 0; *index < n; (*index)++) {
        if (strcmp(names[*index].text, text) == 0) {
            return true;
        }
    }
    return false;
}

/* The leaf of a known name, its exponential if the name is given as a logarithm. */
static enum status leaf_of(struct parser *p, const char *name, size_t at, formula_graph_id *made)
{
    struct formula_parse_scope *s = p->scope;
    size_t i;
    bool is_log;
    if (find_name(s->inputs, s->n_inputs, name, &i)) {
        *made = formula_graph_input(p->g, i);
        is_log = s->inputs[i].is_log;
    } else {
        if (!find_name(s->parameters, s->n_parameters, name, &i)) {
            if (!s->collects_parameters) {
                return fail_at(p, at, "unknown name '%s'", name);
            }
            if (i == FORMULA_PARSE_MAX_NAMES) {
                return fail_at(p, at, "more than %d parameters", FORMULA_PARSE_MAX_NAMES);
            }
            copy_name(s->parameters[s->n_parameters++].text, name);
        }
        *made = formula_graph_parameter(p->g, i);
        is_log = s->parameters[i].is_log;
    }
    if (is_log) {
        *made = formula_graph_apply(p->g, FORMULA_OP_EXP, *made, 0, 0);
    }
    return check_node(p, at, *made);
}

/* The name at the cursor; the cursor moves behind it. */
static enum status take_name(struct parser *p, char name[FORMULA_PARSE_NAME_SIZE])
{
    size_t n = 0;
    while (goes_on(p->text[p->at + n])) {
        n++;
    }
    if (n >= FORMULA_PARSE_NAME_SIZE) {
        return fail_at(p, p->at, "a name has at most %d characters", FORMULA_PARSE_NAME_SIZE - 1);
    }
    memcpy(name, p->text + p->at, n);
    name[n] = '\0';
    p->at += n;
    return STATUS_OK;
}

static enum status parse_name(struct parser *p, formula_graph_id *made)
{
    char name[FORMULA_PARSE_NAME_SIZE] = "";
    const size_t begun = p->at;
    enum status st = STATUS_OK;
    STATUS_TRY(take_name(p, name));
    const struct function *f = find_function(name);
    if (take(p, '(')) {
        if (f == NULL) {
            return fail_at(p, begun, "unknown function '%s'", name);
        }
        return parse_arguments(p, f, begun, made);
    }
    if (f != NULL) {
        return expected(p, "'(' behind the name of a function");
    }
    if (strcmp(name, "pi") == 0) {
        *made = formula_graph_constant(p->g, 3.141592653589793);
        return STATUS_OK;
    }
    st = leaf_of(p, name, begun, made);
out:
    return st;
}

static enum status parse_value(struct parser *p, formula_graph_id *made)
{
    enum status st = STATUS_OK;
    skip_space(p);
    const char c = p->text[p->at];
    if (is_digit(c) || c == '.') {
        return parse_number(p, made);
    }
    if (begins_name(c)) {
        return parse_name(p, made);
    }
    if (!take(p, '(')) {
        return expected(p, "a number, a name or '('");
    }
    STATUS_TRY(parse_sum(p, made));
    if (!take(p, ')')) {
        return expected(p, "an operator or ')'");
    }
out:
    return st;
}

static enum status parse_power(struct parser *p, formula_graph_id *made)
{
    formula_graph_id exponent = 0;
    enum status st = STATUS_OK;
    STATUS_TRY(parse_value(p, made));
    if (take(p, '^')) {
        const size_t at = p->at - 1;
        STATUS_TRY(parse_signed(p, &exponent));
        *made = formula_graph_power(p->g, *made, exponent);
        st = check_node(p, at, *made);
    }
out:
    return st;
}

static enum status parse_signed(struct parser *p, formula_graph_id *made)
{
    enum status st = STATUS_OK;
    if (++p->depth > FORMULA_PARSE_MAX_DEPTH) {
        return fail_at(p, p->at, "nested more than %d deep", FORMULA_PARSE_MAX_DEPTH);
    }
    const bool is_negative = take(p, '-');
    if (is_negative || take(p, '+')) {
        STATUS_TRY(parse_signed(p, made));
        *made = is_negative ? formula_graph_apply(p->g, FORMULA_OP_NEG, *made, 0, 0) : *made;
    } else {
        STATUS_TRY(parse_power(p, made));
    }
    p->depth--;
out:
    return st;
}

/* Operands of the next tighter kind between two operators of the same strength, from the left. */
static enum status parse_chain(struct parser *p, const char operators[2],
                               const enum formula_op ops[2],
                               enum status (*parse_operand)(struct parser *, formula_graph_id *),
                               formula_graph_id *made)
{
    formula_graph_id right = 0;
    enum status st = STATUS_OK;
    STATUS_TRY(parse_operand(p, made));
    for (;;) {
        const bool is_first = take(p, operators[0]);
        if (!is_first && !take(p, operators[1])) {
            break;
        }
        const size_t at = p->at - 1;
        STATUS_TRY(parse_operand(p, &right));
        *made = formula_graph_apply(p->g, ops[is_first ? 0 : 1], *made, right, 0);
        STATUS_TRY(check_node(p, at, *made));
    }
out:
    return st;
}

static enum status parse_product(struct parser *p, formula_graph_id *made)
{
    static const enum formula_op ops[2] = {FORMULA_OP_MUL, FORMULA_OP_DIV};
    return parse_chain(p, "*/", ops, parse_signed, made);
}

static enum status parse_sum(struct parser *p, formula_graph_id *made)
{
    static const enum formula_op ops[2] = {FORMULA_OP_ADD, FORMULA_OP_SUB};
    return parse_chain(p, "+-", ops, parse_product, made);
}

/* `name =` at the left, if it is there. */
static enum status parse_result(struct parser *p)
{
    char name[FORMULA_PARSE_NAME_SIZE] = "";
    enum status st = STATUS_OK;
    skip_space(p);
    const size_t begun = p->at;
    if (!begins_name(p->text[begun])) {
        return STATUS_OK;
    }
    STATUS_TRY(take_name(p, name));
    if (!take(p, '=')) {
        p->at = begun;
        return STATUS_OK;
    }
    if (!formula_parse_is_name(name)) {
        return fail_at(p, begun, "'%s' has a meaning already", name);
    }
    copy_name(p->scope->result, name);
out:
    return st;
}

enum status formula_parse_text(const char *text, struct formula_parse_scope *scope,
                               struct formula_graph *g, formula_graph_id *root, size_t *column,
                               struct status_why *why)
{
    struct parser p = {.text = text, .scope = scope, .g = g, .column = column, .why = why};
    enum status st = STATUS_OK;
    *column = 0;
    scope->result[0] = '\0';
    if (strnlen(text, FORMULA_PARSE_MAX_LENGTH + 1) > FORMULA_PARSE_MAX_LENGTH) {
        return fail_at(&p, (size_t)FORMULA_PARSE_MAX_LENGTH, "a formula has at most %d characters",
                       FORMULA_PARSE_MAX_LENGTH);
    }
    STATUS_TRY(check_node(&p, 0, 0));
    STATUS_TRY(parse_result(&p));
    STATUS_TRY(parse_sum(&p, root));
    skip_space(&p);
    if (p.text[p.at] != '\0') {
        st = expected(&p, "an operator or the end");
    }
out:
    return st;
}
