/** \file tree.h
 * YAML as a tree of nodes that know their line and column, read strictly: one document; no anchors,
 * aliases or tags; plain keys, none twice in a mapping. What the keys mean is not known here (see
 * keys.h).
 */
#ifndef INPUTS_TEXT_TREE_H
#define INPUTS_TEXT_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"

enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAPPING };

enum { TREE_ON_COMMAND_LINE = -1 /**< line of what `--set` gave */ };

/** One value. Members of lists and mappings are chained in the order of the text. */
struct tree_node {
    enum tree_kind kind;
    int line, column; /**< counted from 1, columns in characters */
    char *text;       /**< of a scalar: never NULL there */
    bool is_quoted;   /**< of a scalar: "" is a text, nothing at all is not */
    char *key;        /**< in a mapping; else NULL */
    int key_line, key_column;
    size_t n; /**< members */
    struct tree_node *first, *last, *next;
    struct tree_node *parent; /**< not owned */
};

/** Parse a text; nothing in it counts as an empty mapping.
 * \param [in]  name  stands for the file in messages
 * \param [out] root  new; freed by tree_destroy
 * \return STATUS_OK, STATUS_INPUT as `name:line:column: ...`, STATUS_MEMORY */
enum status tree_parse(const char *name, const char *text, size_t n, struct tree_node **root,
                       struct status_why *why);

/** Put a value at a dotted path, replacing what is there and making mappings on the way; the nodes
 * get the line TREE_ON_COMMAND_LINE.
 * \param [in] value  YAML, as `50` or `[a, b]`
 * \return STATUS_OK; STATUS_INPUT as `--set: path: ...` when the path or value is malformed or
 *         leads through something that is no mapping; STATUS_MEMORY */
enum status tree_set(struct tree_node *root, const char *path, const char *value,
                     struct status_why *why);

/** Free a tree; NULL allowed. */
void tree_destroy(struct tree_node *root);

/** The member of a mapping called \a key, or NULL. */
const struct tree_node *tree_find(const struct tree_node *mapping, const char *key);

/** Dotted path of a node from the root, as "space.params.from"; items of lists have the path of
 * their list. \param [out] path  [size], cut when too long */
void tree_path(const struct tree_node *node, char path[], size_t size);

/** "a mapping", "a list", "one value": for messages. */
const char *tree_kind_name(enum tree_kind kind);

#endif
