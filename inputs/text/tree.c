#include "inputs/text/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Studies are four levels deep; the limit keeps recursion bounded on hostile input. */
enum { MAX_DEPTH = 16 };

struct builder {
    const char *name;
    const char *text; /* [n] */
    size_t n;
    yaml_parser_t parser;
    struct status_why *why;
};

static char *copy_text(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy != NULL) {
        memcpy(copy, text, n);
        copy[n] = '\0';
    }
    return copy;
}

static enum status fail_at(const struct builder *b, const yaml_mark_t *mark, const char *message)
{
    return status_fail(b->why, STATUS_INPUT, "%s:%zu:%zu: %s", b->name, mark->line + 1,
                       mark->column + 1, message);
}

static enum status fail_memory(const struct builder *b)
{
    return status_fail(b->why, STATUS_MEMORY, "%s: no room", b->name);
}

/* Line and column of a byte: libyaml has no mark for what it could not decode. */
static yaml_mark_t mark_of(const struct builder *b, size_t offset)
{
    yaml_mark_t mark = {0, 0, 0};
    for (size_t i = 0; i < offset && i < b->n; i++) {
        const bool is_end = b->text[i] == '\n';
        const bool continues = ((unsigned char)b->text[i] & 0xc0) == 0x80;
        mark.line += is_end;
        mark.column = is_end ? 0 : mark.column + !continues;
    }
    return mark;
}

static enum status fail_parser(const struct builder *b)
{
    const yaml_parser_t *p = &b->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        return fail_memory(b);
    }
    if (p->error == YAML_READER_ERROR) {
        const yaml_mark_t mark = mark_of(b, p->problem_offset);
        return fail_at(b, &mark, "expected UTF-8 text without control characters");
    }
    const yaml_mark_t *mark = &p->problem_mark;
    if (mark->index < b->n && b->text[mark->index] == '\t') {
        return fail_at(b, mark, "a tab cannot indent YAML: use spaces");
    }
    char message[256];
    (void)snprintf(message, sizeof message, "YAML: %s%s%s",
                   p->problem != NULL ? p->problem : "cannot be read",
                   p->context != NULL ? " " : "", p->context != NULL ? p->context : "");
    return fail_at(b, mark, message);
}

static enum status next_event(struct builder *b, yaml_event_t *event)
{
    return yaml_parser_parse(&b->parser, event) ? STATUS_OK : fail_parser(b);
}

static struct tree_node *new_node(enum tree_kind kind, const yaml_mark_t *mark)
{
    struct tree_node *node = calloc(1, sizeof *node);
    if (node != NULL) {
        node->kind = kind;
        node->line = (int)mark->line + 1;
        node->column = (int)mark->column + 1;
    }
    return node;
}

static void append(struct tree_node *parent, struct tree_node *node)
{
    node->parent = parent;
    if (parent->last == NULL) {
        parent->first = node;
    } else {
        parent->last->next = node;
    }
    parent->last = node;
    parent->n++;
}

/* Anchor and tag of an event that begins a node; both NULL for plain YAML. */
static bool is_decorated(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor != NULL || e->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor != NULL || e->data.mapping_start.tag != NULL;
    case YAML_ALIAS_EVENT:
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        break;
    }
    return false;
}

static enum status build(struct builder *b, struct tree_node *parent, const yaml_event_t *key,
                         const yaml_event_t *begin, int depth, struct tree_node **made);

/* Whether a scalar is some text without control characters, which would spoil messages. */
static bool is_word(const yaml_event_t *e)
{
    for (size_t i = 0; i < e->data.scalar.length; i++) {
        if (e->data.scalar.value[i] < ' ') {
            return false;
        }
    }
    return e->data.scalar.length > 0;
}

/* The key that begins the next member of a mapping. */
static enum status check_key(struct builder *b, const struct tree_node *mapping,
                             const yaml_event_t *e)
{
    if (is_decorated(e)) {
        return fail_at(b, &e->start_mark, "anchors, aliases and tags are not used here");
    }
    if (e->type != YAML_SCALAR_EVENT || !is_word(e)) {
        return fail_at(b, &e->start_mark, "expected a key, as in `key: value`");
    }
    const struct tree_node *other = tree_find(mapping, (const char *)e->data.scalar.value);
    if (other != NULL) {
        char path[256];
        tree_path(other, path, sizeof path);
        return status_fail(b->why, STATUS_INPUT, "%s:%zu:%zu: %s: given twice, first in line %d",
                           b->name, e->start_mark.line + 1, e->start_mark.column + 1, path,
                           other->key_line);
    }
    return STATUS_OK;
}

static enum status build_pair(struct builder *b, struct tree_node *mapping, const yaml_event_t *key,
                              int depth)
{
    yaml_event_t value;
    struct tree_node *made = NULL;
    enum status st = check_key(b, mapping, key);
    if (st == STATUS_OK && (st = next_event(b, &value)) == STATUS_OK) {
        st = build(b, mapping, key, &value, depth, &made);
        yaml_event_delete(&value);
    }
    return st;
}

static enum status build_members(struct builder *b, struct tree_node *parent, int depth)
{
    for (;;) {
        yaml_event_t event;
        struct tree_node *made = NULL;
        enum status st = next_event(b, &event);
        if (st != STATUS_OK) {
            return st;
        }
        const bool is_end =
            event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
        if (!is_end) {
            st = parent->kind == TREE_MAPPING ? build_pair(b, parent, &event, depth)
                                              : build(b, parent, NULL, &event, depth, &made);
        }
        yaml_event_delete(&event);
        if (is_end || st != STATUS_OK) {
            return st;
        }
    }
}

static enum status fill_scalar(struct builder *b, const yaml_event_t *e, struct tree_node *node)
{
    const char *text = (const char *)e->data.scalar.value;
    node->text = copy_text(text, e->data.scalar.length);
    node->is_quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (node->text == NULL) {
        return fail_memory(b);
    }
    return strlen(text) == e->data.scalar.length
               ? STATUS_OK
               : fail_at(b, &e->start_mark, "a zero character in a text");
}

/* Make the node that an event begins. It belongs to its parent at once, so that messages know its
 * path and a failure frees everything with the root; without a parent it is the root. */
static enum status build(struct builder *b, struct tree_node *parent, const yaml_event_t *key,
                         const yaml_event_t *begin, int depth, struct tree_node **made)
{
    if (is_decorated(begin)) {
        return fail_at(b, &begin->start_mark, "anchors, aliases and tags are not used here");
    }
    if (depth > MAX_DEPTH) {
        return fail_at(b, &begin->start_mark, "nested too deeply");
    }
    struct tree_node *node = new_node(begin->type == YAML_SCALAR_EVENT          ? TREE_SCALAR
                                      : begin->type == YAML_MAPPING_START_EVENT ? TREE_MAPPING
                                                                                : TREE_LIST,
                                      &begin->start_mark);
    *made = node;
    if (node == NULL) {
        /* One root a document: none is lost here. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        return fail_memory(b);
    }
    if (parent != NULL) {
        append(parent, node);
    }
    if (key != NULL) {
        node->key = copy_text((const char *)key->data.scalar.value, key->data.scalar.length);
        node->key_line = (int)key->start_mark.line + 1;
        node->key_column = (int)key->start_mark.column + 1;
        if (node->key == NULL) {
            return fail_memory(b);
        }
    }
    return begin->type == YAML_SCALAR_EVENT ? fill_scalar(b, begin, node)
                                            : build_members(b, node, depth + 1);
}

/* One event of the stream outside the document's content. */
static enum status take_event(struct builder *b, const yaml_event_t *e, struct tree_node **root)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        return *root == NULL ? STATUS_OK
                             : fail_at(b, &e->start_mark, "a second document begins here");
    case YAML_SCALAR_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
    case YAML_ALIAS_EVENT:
        return build(b, NULL, NULL, e, 0, root);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        break;
    }
    return STATUS_OK;
}

enum status tree_parse(const char *name, const char *text, size_t n, struct tree_node **root,
                       struct status_why *why)
{
    enum status st = STATUS_OK;
    struct builder b = {.name = name, .text = text, .n = n, .why = why};
    struct tree_node *made = NULL;

    *root = NULL;
    if (!yaml_parser_initialize(&b.parser)) {
        return fail_memory(&b);
    }
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, n);
    for (bool ended = false; !ended;) {
        yaml_event_t event;
        STATUS_TRY(next_event(&b, &event));
        ended = event.type == YAML_STREAM_END_EVENT;
        st = take_event(&b, &event, &made);
        yaml_event_delete(&event);
        STATUS_TRY(st);
    }
    if (made == NULL && (made = new_node(TREE_MAPPING, &(yaml_mark_t){0, 0, 0})) == NULL) {
        st = fail_memory(&b);
    }
    *root = made;
    made = NULL;
out:
    tree_destroy(made);
    yaml_parser_delete(&b.parser);
    return st;
}

void tree_destroy(struct tree_node *root)
{
    if (root == NULL) {
        return;
    }
    for (struct tree_node *member = root->first, *next; member != NULL; member = next) {
        next = member->next;
        tree_destroy(member);
    }
    free(root->text);
    free(root->key);
    free(root);
}

const struct tree_node *tree_find(const struct tree_node *mapping, const char *key)
{
    const struct tree_node *member = mapping->kind == TREE_MAPPING ? mapping->first : NULL;
    while (member != NULL && (member->key == NULL || strcmp(member->key, key) != 0)) {
        member = member->next;
    }
    return member;
}

void tree_path(const struct tree_node *node, char path[], size_t size)
{
    size_t length = 0;
    path[0] = '\0';
    if (node->parent != NULL) {
        tree_path(node->parent, path, size);
        length = strlen(path);
    }
    if (node->key != NULL && length < size) {
        (void)snprintf(path + length, size - length, "%s%s", length > 0 ? "." : "", node->key);
    }
}

const char *tree_kind_name(enum tree_kind kind)
{
    static const char *const names[] = {
        [TREE_SCALAR] = "one value", [TREE_LIST] = "a list", [TREE_MAPPING] = "a mapping"};
    return names[kind];
}

static void mark_command_line(struct tree_node *node)
{
    node->line = TREE_ON_COMMAND_LINE;
    node->key_line = TREE_ON_COMMAND_LINE;
    for (struct tree_node *member = node->first; member != NULL; member = member->next) {
        mark_command_line(member);
    }
}

/* The member of a mapping with this key, made empty when there is none; NULL: no memory. */
static struct tree_node *find_or_make(struct tree_node *mapping, const char *key, size_t length)
{
    for (struct tree_node *member = mapping->first; member != NULL; member = member->next) {
        if (strlen(member->key) == length && memcmp(member->key, key, length) == 0) {
            return member;
        }
    }
    struct tree_node *made = new_node(TREE_MAPPING, &(yaml_mark_t){0, 0, 0});
    if (made != NULL && (made->key = copy_text(key, length)) == NULL) {
        free(made);
        made = NULL;
    }
    if (made != NULL) {
        mark_command_line(made);
        append(mapping, made);
    }
    return made;
}

/* Give place the content of value, whose node is freed; key and neighbours of place stay. */
static void replace(struct tree_node *place, struct tree_node *value)
{
    const struct tree_node old = *place;
    *place = *value;
    place->key = old.key;
    place->next = old.next;
    place->parent = old.parent;
    for (struct tree_node *member = place->first; member != NULL; member = member->next) {
        member->parent = place;
    }
    *value = (struct tree_node){.first = old.first, .text = old.text};
    tree_destroy(value);
}

enum status tree_set(struct tree_node *root, const char *path, const char *value,
                     struct status_why *why)
{
    struct tree_node *made = NULL, *place = root;
    char name[256];
    (void)snprintf(name, sizeof name, "--set: %s", path);
    enum status st = tree_parse(name, value, strlen(value), &made, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (made->kind == TREE_MAPPING && made->n == 0 && strchr(value, '{') == NULL) {
        st = status_fail(why, STATUS_INPUT, "%s: expected a value", name);
    }
    for (const char *at = path; st == STATUS_OK && at != NULL;) {
        const char *dot = strchr(at, '.');
        const size_t length = dot != NULL ? (size_t)(dot - at) : strlen(at);
        if (length == 0) {
            st = status_fail(why, STATUS_INPUT, "%s: expected a path as runs.file", name);
        } else if (place->kind != TREE_MAPPING) {
            st = status_fail(why, STATUS_INPUT, "%s: %.*s is %s, not a mapping", name,
                             (int)(at - path) - 1, path, tree_kind_name(place->kind));
        } else if ((place = find_or_make(place, at, length)) == NULL) {
            st = status_fail(why, STATUS_MEMORY, "%s: no room", name);
        }
        at = dot != NULL ? dot + 1 : NULL;
    }
    if (st != STATUS_OK) {
        tree_destroy(made);
        return st;
    }
    mark_command_line(made);
    replace(place, made);
    return STATUS_OK;
}
