#include "inputs/study/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/text/quantity.h"
#include "solver/base/escape.h"

const struct tree_node *value_of_default(const struct keys_row *row, struct value_default *made)
{
    if (row->initial == NULL) {
        return NULL;
    }
    const size_t length = strlen(row->initial);
    STATUS_ASSERT(length < sizeof made->text);
    memcpy(made->text, row->initial, length + 1);
    made->node = (struct tree_node){.kind = TREE_SCALAR, .text = made->text};
    return &made->node;
}

struct study_place value_place(const struct tree_node *node)
{
    return (struct study_place){node->line, node->column};
}

struct study_place value_key_place(const struct tree_node *node)
{
    return node->key == NULL ? value_place(node)
                             : (struct study_place){node->key_line, node->key_column};
}

enum status value_fail(const struct study *study, const struct tree_node *node,
                       const char *expected, struct status_why *why)
{
    char path[256];
    tree_path(node, path, sizeof path);
    return study_fail(study, value_place(node), path, node->text, expected, why);
}

/* "unknown; did you mean ...?", or all that is known. \param [out] expected  [size] */
static void expect_word(const char *word, const char *const known[], size_t n, char expected[],
                        size_t size)
{
    const char *nearest = study_nearest(word, known, n);
    if (nearest != NULL) {
        (void)snprintf(expected, size, "unknown; did you mean %s?", nearest);
    } else {
        char all[400];
        keys_join(known, n, all, sizeof all);
        (void)snprintf(expected, size, "unknown; expected %s", all);
    }
}

enum status value_fail_key(const struct study *study, const struct tree_node *node,
                           const char *const known[], size_t n, struct status_why *why)
{
    char path[256], expected[512];
    tree_path(node, path, sizeof path);
    expect_word(node->key, known, n, expected, sizeof expected);
    return study_fail(study, value_key_place(node), path, NULL, expected, why);
}

enum status value_fail_word(const struct study *study, const struct tree_node *node,
                            const char *const known[], size_t n, struct status_why *why)
{
    char expected[512];
    expect_word(node->text, known, n, expected, sizeof expected);
    return value_fail(study, node, expected, why);
}

enum status value_expect(const struct study *study, const struct tree_node *node,
                         enum tree_kind kind, struct status_why *why)
{
    if (node->kind == kind) {
        return STATUS_OK;
    }
    char expected[128];
    const bool is_nothing = node->kind == TREE_SCALAR && node->text[0] == '\0' && !node->is_quoted;
    (void)snprintf(expected, sizeof expected, "expected %s, not %s", tree_kind_name(kind),
                   is_nothing ? "nothing" : tree_kind_name(node->kind));
    return value_fail(study, node, expected, why);
}

/* A scalar that says something. */
static enum status expect_scalar(const struct study *study, const struct tree_node *node,
                                 struct status_why *why)
{
    const enum status st = value_expect(study, node, TREE_SCALAR, why);
    if (st == STATUS_OK && node->text[0] == '\0' && !node->is_quoted) {
        return value_fail(study, node, "expected a value; leave the key out for the default", why);
    }
    return st;
}

/* Whether text has a control character or one of the line ends of Unicode, which would not survive
 * being written and read again. */
static bool has_line_end(const char *text)
{
    static const char *const ends[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf"};
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == '\x7f') {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (strstr(text, ends[i]) != NULL) {
            return true;
        }
    }
    return false;
}

enum status value_text(const struct study *study, const struct tree_node *node, char text[],
                       size_t size, struct status_why *why)
{
    enum status st = expect_scalar(study, node, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (has_line_end(node->text)) {
        return value_fail(study, node, "expected one line without control characters", why);
    }
    const size_t length = strlen(node->text);
    if (length >= size) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "must have at most %zu bytes", size - 1);
        return value_fail(study, node, expected, why);
    }
    memcpy(text, node->text, length + 1);
    return STATUS_OK;
}

static enum status check_range(const struct study *study, const struct tree_node *node,
                               const struct keys_range *range, double value, struct status_why *why)
{
    if (range == NULL || keys_in_range(range, value)) {
        return STATUS_OK;
    }
    char expected[128];
    keys_range_text(range, expected, sizeof expected);
    return value_fail(study, node, expected, why);
}

enum status value_number(const struct study *study, const struct tree_node *node, const char *unit,
                         const struct keys_range *range, double *value, struct status_why *why)
{
    const enum status st = expect_scalar(study, node, why);
    if (st != STATUS_OK) {
        return st;
    }
    const char *wrong = quantity_parse(node->text, unit, value);
    return wrong != NULL ? value_fail(study, node, wrong, why)
                         : check_range(study, node, range, *value, why);
}

enum status value_count(const struct study *study, const struct tree_node *node,
                        const struct keys_range *range, uint64_t *value, struct status_why *why)
{
    enum status st = expect_scalar(study, node, why);
    if (st != STATUS_OK) {
        return st;
    }
    static const char digits[] = "0123456789";
    double number = 0;
    if (node->text[0] != '\0' && node->text[strspn(node->text, digits)] == '\0') {
        errno = 0;
        *value = strtoull(node->text, NULL, 10);
        if (errno != 0) {
            return value_fail(study, node, "must be below 2^64", why);
        }
        return check_range(study, node, range, (double)*value, why);
    }
    const char *wrong = quantity_parse(node->text, "count", &number);
    if (wrong != NULL) {
        return value_fail(study, node, wrong, why);
    }
    if ((st = check_range(study, node, range, number, why)) != STATUS_OK) {
        return st;
    }
    /* Beyond 2^53 a double is not one whole number any more. */
    if (number < 0 || number > 0x1p53 || rint(number) - number < 0 || rint(number) - number > 0) {
        return value_fail(study, node, "expected a whole number", why);
    }
    *value = (uint64_t)number;
    return STATUS_OK;
}

enum status value_choice(const struct study *study, const struct tree_node *node,
                         const char *const words[], int *choice, struct status_why *why)
{
    const enum status st = expect_scalar(study, node, why);
    if (st != STATUS_OK) {
        return st;
    }
    size_t n = 0;
    for (; words[n] != NULL; n++) {
        if (strcmp(words[n], node->text) == 0) {
            *choice = (int)n;
            return STATUS_OK;
        }
    }
    char all[256], expected[300];
    keys_join(words, n, all, sizeof all);
    (void)snprintf(expected, sizeof expected, "expected %s", all);
    return value_fail(study, node, expected, why);
}

void value_write_text(FILE *to, const char *text)
{
    escape_yaml(to, text);
}

void value_write_number(FILE *to, double value)
{
    enum { FEWEST = 15, MOST = 17 }; /* 17 digits give every double back, 15 most of them */
    char text[32];
    for (int n = FEWEST; n <= MOST; n++) {
        (void)snprintf(text, sizeof text, "%.*g", n, value);
        const double back = strtod(text, NULL);
        if (memcmp(&back, &value, sizeof back) == 0) {
            break;
        }
    }
    (void)fputs(text, to);
}
