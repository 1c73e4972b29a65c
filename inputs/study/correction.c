#include "inputs/study/correction.h"

#include <ctype.h>
#include <string.h>

#include "inputs/study/value.h"

/* The texts of an entry: their keys and where they go. */
static const struct {
    const char *key;
    size_t offset, size;
} texts[] = {
#define TEXT(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct study_correction, member),                                        \
            sizeof((struct study_correction *)0)->member                                           \
    }
    TEXT(set),
    TEXT(kind),
    TEXT(from),
    TEXT(source),
#undef TEXT
};

enum { N_TEXTS = sizeof texts / sizeof *texts };

static enum status read_number(const struct study *study, const struct tree_node *m,
                               struct study_correction *c, struct status_why *why)
{
    struct study_number *number = &c->values[c->n_values];
    if (c->n_values == CORRECT_MAX_PARAMETERS || strlen(m->key) >= sizeof number->name) {
        return value_fail(study, m, "expected the name of a parameter", why);
    }
    (void)snprintf(number->name, sizeof number->name, "%s", m->key);
    number->place = value_key_place(m);
    c->n_values++;
    return value_number(study, m, "1", NULL, &number->value, why);
}

/* Whether any kind has a parameter of this name. */
static bool is_parameter(const char *name)
{
    bool any = false;
    for (size_t i = 0; !any && correct_at(i) != NULL; i++) {
        any = correct_find_parameter(correct_at(i), name) >= 0;
    }
    return any;
}

static enum status read_entry(const struct study *study, const struct tree_node *m,
                              struct study_correction *c, struct status_why *why)
{
    const char *words[N_TEXTS];
    for (size_t i = 0; i < N_TEXTS; i++) {
        words[i] = texts[i].key;
        if (strcmp(m->key, texts[i].key) == 0) {
            return value_text(study, m, (char *)c + texts[i].offset, texts[i].size, why);
        }
    }
    /* No kind has it, and a word follows: someone looks for one of the keys above. */
    return m->kind == TREE_SCALAR && isalpha((unsigned char)m->text[0]) && !is_parameter(m->key)
               ? value_fail_key(study, m, words, N_TEXTS, why)
               : read_number(study, m, c, why);
}

/* The kind that an entry names has the parameters that it gives. */
static enum status check_kind(const struct study *study, const struct tree_node *node,
                              const struct study_correction *c, struct status_why *why)
{
    enum { MOST = 32 };
    const char *known[MOST];
    size_t n = 0;
    const struct correct_kind *kind = correct_find(c->kind);
    if (kind == NULL) {
        for (; n < MOST && correct_at(n) != NULL; n++) {
            known[n] = correct_at(n)->name;
        }
        return value_fail_word(study, tree_find(node, "kind"), known, n, why);
    }
    for (; n < N_TEXTS; n++) {
        known[n] = texts[n].key;
    }
    for (size_t i = 0; i < kind->n_parameters; i++) {
        known[n++] = kind->parameters[i].name;
    }
    for (const struct tree_node *m = node->first; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < n && strcmp(known[i], m->key) != 0) {
            i++;
        }
        if (i == n) {
            return value_fail_key(study, m, known, n, why);
        }
    }
    return STATUS_OK;
}

enum status correction_read(const struct study *study, const struct tree_node *node,
                            struct study_correction *c, struct status_why *why)
{
    *c = (struct study_correction){.place = value_place(node)};
    if (node->kind == TREE_SCALAR) {
        return value_text(study, node, c->set, sizeof c->set, why);
    }
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    for (const struct tree_node *m = node->first; st == STATUS_OK && m != NULL; m = m->next) {
        st = read_entry(study, m, c, why);
    }
    if (st == STATUS_OK && (c->set[0] == '\0') == (c->kind[0] == '\0')) {
        return value_fail(study, node, "expected either set or kind, as {kind: repetition, RD: 15}",
                          why);
    }
    return st == STATUS_OK && c->kind[0] != '\0' ? check_kind(study, node, c, why) : st;
}

void correction_write(FILE *to, const struct study_correction *c)
{
    const char *between = "{";
    for (size_t i = 0; i < N_TEXTS; i++) {
        const char *text = (const char *)c + texts[i].offset;
        if (text[0] != '\0') {
            (void)fprintf(to, "%s%s: ", between, texts[i].key);
            value_write_text(to, text);
            between = ", ";
        }
    }
    for (size_t i = 0; i < c->n_values; i++) {
        (void)fprintf(to, "%s%s: ", between, c->values[i].name);
        value_write_number(to, c->values[i].value);
        between = ", ";
    }
    (void)fputc('}', to);
}
