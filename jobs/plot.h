/** \file plot.h
 * Pictures of a result, drawn by gnuplot as SVG and PNG: the frontier (loss against a cost, one
 * line a scenario level) and the fit (observations with the law's optimum, and residuals).
 */
#ifndef JOBS_PLOT_H
#define JOBS_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"

/** One line of points. */
struct plot_line {
    const char *label; /**< of the legend; NULL: none */
    size_t n;
    const double *x, *y;                               /**< [n], not owned */
    enum { PLOT_DOTS, PLOT_POINTS, PLOT_CURVE } shape; /**< dots: many, thinned to 500 */
    size_t colour; /**< lines of one colour belong together, from 1; 0: by position */
};

/** One panel. */
struct plot_panel {
    const char *title, *x_label, *y_label;
    int log_x, log_y;
    size_t n_lines;
    const struct plot_line *lines; /**< [n_lines] */
};

/** Whether the pictures of plot_draw may be written: see textfile_check. */
enum status plot_check(const char *folder, const char *name, bool force, struct status_why *why);

/** Draw panels side by side, and beside them the names of the lines of the first, to
 * FOLDER/NAME.svg and FOLDER/NAME.png. \return STATUS_OK; STATUS_INPUT (the folder cannot be made,
 * gnuplot is not installed); STATUS_LIBRARY (gnuplot failed) */
enum status plot_draw(const char *folder, const char *name, const struct plot_panel panels[],
                      size_t n_panels, struct status_why *why);

#endif
