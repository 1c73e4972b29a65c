/** \file log.h
 * What the program says while it works: levelled lines `phase key=value ...` and a progress line
 * with an estimate of the time left, both on standard error and from rank 0 only, so that standard
 * output holds results and nothing else.
 */
#ifndef SOLVER_BASE_LOG_H
#define SOLVER_BASE_LOG_H

#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/** Say who speaks (only rank 0 prints) and how much; before this call nothing is printed. */
void log_start(int rank, enum log_level most);

/** Print one line; \a format gives the text after the level, without a newline. What would break
 * the line is escaped as escape_text does. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Begin a phase of \a n_items; on a terminal a bar is redrawn at most five times a second, in a
 * batch log a line is written each minute. A phase that ends within a second prints nothing.
 * \param [in] label  shown before the numbers; must outlive the phase. */
void log_progress_begin(const char *label, size_t n_items);

/** Say how many items are done, of all ranks; cheap enough for every item. */
void log_progress(size_t n_done);

/** End the phase and clear the bar. */
void log_progress_end(void);

#endif
