/** \file sheet.h
 * Tables under inputs/data as lists of columns: the list drives the reading, the checks and the
 * messages, which are `file:line: column: value: expected`. A row is a plain struct; a sheet says
 * where its members lie. A user's table beside a shipped one replaces whole rows and adds others.
 */
#ifndef INPUTS_SHEET_H
#define INPUTS_SHEET_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"

enum sheet_kind {
    SHEET_KIND_GROUP,  /**< a key; a user's rows replace all shipped rows of their group */
    SHEET_KIND_KEY,    /**< text; no two rows may agree in all their keys */
    SHEET_KIND_TEXT,   /**< text kept */
    SHEET_KIND_NUMBER, /**< a double; NAN where empty */
    SHEET_KIND_NOTE    /**< for people only */
};

/** One column. */
struct sheet_field {
    const char *column;
    enum sheet_kind kind;
    bool required;           /**< the column must exist and be filled in every row */
    size_t offset, size;     /**< of the member; bytes of a text, its end included */
    double scale;            /**< from the unit of the column to that of the member */
    double minimum, maximum; /**< allowed, in the unit of the column */
};

#define SHEET_MEMBER_SIZE(type, member) sizeof(((type *)NULL)->member)
#define SHEET_WORDS(column, kind, required, type, member)                                          \
    {                                                                                              \
        column, kind, required, offsetof(type, member), SHEET_MEMBER_SIZE(type, member), 0, 0, 0   \
    }
#define SHEET_GROUP(column, type, member) SHEET_WORDS(column, SHEET_KIND_GROUP, true, type, member)
#define SHEET_KEY(column, type, member)   SHEET_WORDS(column, SHEET_KIND_KEY, true, type, member)
#define SHEET_TEXT(column, type, member)  SHEET_WORDS(column, SHEET_KIND_TEXT, true, type, member)
#define SHEET_OPTIONAL(column, type, member)                                                       \
    SHEET_WORDS(column, SHEET_KIND_TEXT, false, type, member)
#define SHEET_NUMBER(column, type, member, required, scale, minimum, maximum)                      \
    {                                                                                              \
        column, SHEET_KIND_NUMBER, required, offsetof(type, member), sizeof(double), scale,        \
            minimum, maximum                                                                       \
    }
#define SHEET_NOTE(column)                                                                         \
    {                                                                                              \
        column, SHEET_KIND_NOTE, false, 0, 0, 0, 0, 0                                              \
    }

enum { SHEET_MAX_FIELDS = 40 };

/** One table. */
struct sheet {
    const char *file; /**< name in its folder */
    size_t n_fields;  /**< at most SHEET_MAX_FIELDS */
    const struct sheet_field *fields;
    size_t row_size;
    size_t line;   /**< offset of the member `int line` */
    size_t origin; /**< offset of a member `const char *file`, which borrows the path; 0: none */
};

/** Read all rows of a table, the same on every rank. Collective over \a comm.
 * \param [out] path  [size] folder and file, for messages
 * \param [out] rows  new array [*n] of rows, in file order; the caller frees it
 * \return STATUS_OK; STATUS_INPUT: what table_read refuses, an unknown or missing column, no row,
 * an empty, long, unreadable or out of range value, keys that an earlier row has; STATUS_MEMORY;
 * agreed on */
enum status sheet_read(MPI_Comm comm, const struct sheet *s, const char *folder, char path[],
                       size_t size, void **rows, size_t *n, struct status_why *why);

/** The same from a file, and beside it a user's. The user's rows replace the shipped ones of the
 * same group whole (of the same keys where the sheet has no groups), and stand behind the rest.
 * \param [in] path, own  the rows borrow them if the sheet keeps the file; own may be NULL */
enum status sheet_read_own(MPI_Comm comm, const struct sheet *s, const char *path, const char *own,
                           void **rows, size_t *n, struct status_why *why);

/** Read one number by the rules of \a f. Not collective. */
enum status sheet_number(const struct sheet_field *f, const char *value, const char *file, int line,
                         double *member, struct status_why *why);

/** Read "yes" or "no". Not collective. */
enum status sheet_yes(const char *value, const char *column, const char *file, int line, bool *yes,
                      struct status_why *why);

/** Record `file:line: column: value: expected`. \return STATUS_INPUT */
enum status sheet_fail(const char *file, int line, const char *column, const char *value,
                       const char *expected, struct status_why *why);

/** Record `file:line: what: word: expected; did you mean ...`, the last only when one of \a known
 * is near. \param [in] line  0: left out. \return STATUS_INPUT */
enum status sheet_fail_unknown(const char *file, int line, const char *what, const char *word,
                               const char *expected, const char *const known[], size_t n,
                               struct status_why *why);

#endif
