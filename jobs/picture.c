#include "jobs/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/plot.h"

static void label_axis(const struct frontier_file_table *t, size_t c, char text[], size_t size)
{
    (void)snprintf(text, size, "%s (%s)", t->long_names[c],
                   strcmp(t->units[c], "1") == 0 ? t->names[c] : t->units[c]);
}

/* The first objective against each other one, a line a scenario level. */
enum status picture_frontier(const struct selection *s, const char *folder, struct status_why *why)
{
    enum { MOST_PANELS = 3, LABEL_SIZE = 160 };
    const struct frontier_file_table *t = s->table;
    const size_t y = selection_first_objective(t);
    struct plot_panel panels[MOST_PANELS] = {0};
    struct plot_line *lines = calloc(MOST_PANELS * s->n_levels, sizeof *lines);
    char(*labels)[LABEL_SIZE] = calloc(s->n_levels, sizeof *labels);
    char axis_labels[MOST_PANELS + 1][LABEL_SIZE], titles[MOST_PANELS][LABEL_SIZE];
    double *points = malloc((MOST_PANELS + 1) * (s->n + 1) * sizeof *points);
    size_t n_panels = 0;
    enum status st = STATUS_OK;

    if (lines == NULL || labels == NULL || points == NULL) {
        st = status_fail(why, STATUS_MEMORY, "a plot of %zu rows", s->n);
        goto out;
    }
    for (size_t i = 0; i < s->n; i++) {
        points[i] = t->values[y][s->rows[i]];
    }
    label_axis(t, y, axis_labels[MOST_PANELS], LABEL_SIZE);
    for (size_t c = 0; c < t->n_columns && n_panels < MOST_PANELS; c++) {
        if (t->roles[c] != FRONTIER_FILE_OBJECTIVE || c == y) {
            continue;
        }
        double *x = points + (n_panels + 1) * s->n;
        for (size_t i = 0; i < s->n; i++) {
            x[i] = t->values[c][s->rows[i]];
        }
        struct plot_panel *p = &panels[n_panels];
        p->lines = lines + n_panels * s->n_levels;
        for (size_t k = 0; k < s->n_levels; k++) {
            const size_t begin = s->level_begins[k];
            selection_name_level(t, s->rows[begin], labels[k], LABEL_SIZE);
            lines[n_panels * s->n_levels + k] = (struct plot_line){
                .label = labels[k][0] != '\0' ? labels[k] : NULL,
                .n = s->level_begins[k + 1] - begin,
                .x = x + begin,
                .y = points + begin,
                .shape = PLOT_DOTS,
            };
        }
        label_axis(t, c, axis_labels[n_panels], LABEL_SIZE);
        (void)snprintf(titles[n_panels], LABEL_SIZE, "Pareto frontier: %s against %s", t->names[y],
                       t->names[c]);
        p->title = titles[n_panels];
        p->x_label = axis_labels[n_panels];
        p->y_label = axis_labels[MOST_PANELS];
        p->log_x = 1;
        p->n_lines = s->n_levels;
        n_panels++;
    }
    if (n_panels > 0) {
        st = plot_draw(folder, "frontier", panels, n_panels, why);
    }
out:
    free(points);
    free(labels);
    free(lines);
    return st;
}
