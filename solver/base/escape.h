/** \file escape.h
 * Text that somebody else wrote (names of a study, of a table, of a result file, of a folder), put
 * into an output so that it stays text: one function for each language that the program writes. No
 * other module decides how a text is quoted; tests/policy/check.sh looks for writers that pass by.
 * JSON is written by jansson, whose strings take any UTF-8; SVG is written by gnuplot.
 */
#ifndef SOLVER_BASE_ESCAPE_H
#define SOLVER_BASE_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/** Room for \a n bytes of text after escape_text: a byte becomes four at most. */
#define ESCAPE_ROOM(n) (4 * (n) + 1)

/** A text on one line for a terminal or a message: a control character becomes `\n`, `\t`, `\r` or
 * `\x1b`, a character that is invisible or turns the direction of writing becomes `\u202e`, a byte
 * that is not UTF-8 becomes `\xff`. Everything else, a backslash too, stays as it is, so that what
 * was escaped once does not change any more.
 * \param [out] to  [size], ended by a zero byte; what has no room is cut between characters
 * \return \a to */
const char *escape_text(const char *text, char to[], size_t size);

/** As fprintf, for a terminal and for every other output of lines: the line breaks and tabs of the
 * format remain, all characters that come from the arguments are escaped as escape_text does. An
 * error of the stream is kept in the stream. */
void escape_fprint(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** As escape_fprint to the standard output. */
void escape_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Write a text of several lines, each of which is escaped as escape_text does. */
void escape_lines(FILE *to, const char *text);

/** Write a text as one cell of CSV (RFC 4180), escaped as escape_text does, in quotes where it
 * holds a comma, a quote or a space at an end. A text that a spreadsheet would take for a formula,
 * which begins with one of `= + - @` and is no number, gets an apostrophe before it. */
void escape_csv(FILE *to, const char *text);

/** Write a text as a string of gnuplot, in single quotes, in which gnuplot replaces nothing.
 * Control characters, those that escape_text shows as `\u202e`, and bytes that are not UTF-8 are
 * left out. Markup (`_`, `^`, `{}`) is for the caller to switch off, with `noenhanced`. */
void escape_gnuplot(FILE *to, const char *text);

/** Write a text as a string of YAML in double quotes, which reads back to the same bytes. */
void escape_yaml(FILE *to, const char *text);

#endif
