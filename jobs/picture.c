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

enum { MOST_PANELS = 3, LABEL_SIZE = 160 };

/* One objective against another, with all the texts that it needs. */
struct scatter {
    char title[LABEL_SIZE], x_label[LABEL_SIZE], y_label[LABEL_SIZE];
    struct plot_line *lines; /* [n_levels] */
    double *x, *y;           /* [n rows] */
};

static void clear_scatter(struct scatter *a)
{
    free(a->lines);
    free(a->x);
    free(a->y);
}

static enum status make_scatter(const struct selection *s, size_t x, size_t y,
                                char labels[][LABEL_SIZE], struct scatter *made,
                                struct plot_panel *panel, struct status_why *why)
{
    const struct frontier_file_table *t = s->table;
    made->lines = calloc(s->n_levels, sizeof *made->lines);
    made->x = malloc(s->n * sizeof *made->x);
    made->y = malloc(s->n * sizeof *made->y);
    if (made->lines == NULL || made->x == NULL || made->y == NULL) {
        return status_fail(why, STATUS_MEMORY, "a plot of %zu rows", s->n);
    }
    for (size_t i = 0; i < s->n; i++) {
        made->x[i] = t->values[x][s->rows[i]];
        made->y[i] = t->values[y][s->rows[i]];
    }
    for (size_t k = 0; k < s->n_levels; k++) {
        const size_t begin = s->level_begins[k];
        made->lines[k] = (struct plot_line){
            .label = labels[k][0] != '\0' ? labels[k] : NULL,
            .n = s->level_begins[k + 1] - begin,
            .x = made->x + begin,
            .y = made->y + begin,
            .shape = PLOT_DOTS,
        };
    }
    label_axis(t, x, made->x_label, LABEL_SIZE);
    label_axis(t, y, made->y_label, LABEL_SIZE);
    (void)snprintf(made->title, LABEL_SIZE, "Pareto frontier: %s against %s", t->names[y],
                   t->names[x]);
    *panel = (struct plot_panel){.title = made->title,
                                 .x_label = made->x_label,
                                 .y_label = made->y_label,
                                 .log_x = 1,
                                 .n_lines = s->n_levels,
                                 .lines = made->lines};
    return STATUS_OK;
}

enum status picture_frontier(const struct selection *s, const char *folder, struct status_why *why)
{
    const struct frontier_file_table *t = s->table;
    const size_t y = selection_first_objective(t);
    struct plot_panel panels[MOST_PANELS] = {0};
    struct scatter scatters[MOST_PANELS] = {0};
    char(*labels)[LABEL_SIZE] = calloc(s->n_levels, sizeof *labels);
    size_t n_panels = 0;
    enum status st = STATUS_OK;

    if (labels == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu labels", s->n_levels);
    }
    for (size_t k = 0; k < s->n_levels; k++) {
        selection_name_level(t, s->rows[s->level_begins[k]], labels[k], LABEL_SIZE);
    }
    for (size_t x = 0; x < t->n_columns && n_panels < MOST_PANELS; x++) {
        if (t->roles[x] == FRONTIER_FILE_OBJECTIVE && x != y) {
            n_panels++;
            STATUS_TRY(
                make_scatter(s, x, y, labels, &scatters[n_panels - 1], &panels[n_panels - 1], why));
        }
    }
    if (n_panels > 0) {
        st = plot_draw(folder, "frontier", panels, n_panels, why);
    }
out:
    for (size_t i = 0; i < n_panels; i++) {
        clear_scatter(&scatters[i]);
    }
    free(labels);
    return st;
}
