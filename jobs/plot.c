#define _POSIX_C_SOURCE 200809L
#include "jobs/plot.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A palette that stays distinct for colour-blind readers (Okabe and Ito 2008). */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#e69f00", "#56b4e9", "#000000", "#999933"};

/* Marks for the second and later rounds of colours: disc, square, triangle. */
static const int marks[] = {7, 5, 9};

enum {
    N_MARKS = sizeof marks / sizeof *marks,
    N_COLOURS = sizeof colours / sizeof *colours,
    MOST_LABELS = 24,
    MOST_DOTS = 500
};

/* gnuplot text inside double quotes, enhanced mode off: only these two need care. */
static void put_text(FILE *to, const char *text)
{
    (void)fputc('"', to);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            (void)fputc('\\', to);
        }
        (void)fputc(*text, to);
    }
    (void)fputc('"', to);
}

static void put_lines(FILE *to, const struct plot_panel *p, size_t panel)
{
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct plot_line *line = &p->lines[i];
        const size_t step = line->shape == PLOT_DOTS ? (line->n + MOST_DOTS - 1) / MOST_DOTS : 1;
        (void)fprintf(to, "$p%zu_%zu << EOD\n", panel, i);
        for (size_t k = 0; k < line->n; k += step) {
            (void)fprintf(to, "%.10g %.10g\n", line->x[k], line->y[k]);
        }
        (void)fprintf(to, "EOD\n");
    }
}

/* Everything of a line but its points: style and, when wanted, title. */
static void put_style(FILE *to, const struct plot_line *line, size_t position, const char *size)
{
    const size_t i = line->colour > 0 ? line->colour - 1 : position;
    if (line->shape == PLOT_CURVE) {
        (void)fprintf(to, "with lines lw 2 lc rgb \"%s\" ", colours[i % N_COLOURS]);
    } else {
        (void)fprintf(to, "with points pt %d ps %s lc rgb \"%s\" ", marks[i / N_COLOURS % N_MARKS],
                      size, colours[i % N_COLOURS]);
    }
}

static void put_panel(FILE *to, const struct plot_panel *p, size_t panel)
{
    (void)fprintf(to, "set title ");
    put_text(to, p->title);
    (void)fprintf(to, "\nset xlabel ");
    put_text(to, p->x_label);
    (void)fprintf(to, "\nset ylabel ");
    put_text(to, p->y_label);
    (void)fprintf(to, "\n%s logscale x\n%s logscale y\nset format x \"%s\"\nplot ",
                  p->log_x ? "set" : "unset", p->log_y ? "set" : "unset",
                  p->log_x ? "10^{%L}" : "%g");
    for (size_t i = 0; i < p->n_lines; i++) {
        (void)fprintf(to, "%s$p%zu_%zu using 1:2 ", i > 0 ? ", " : "", panel, i);
        put_style(to, &p->lines[i], i, p->lines[i].shape == PLOT_DOTS ? "0.3" : "0.6");
        (void)fprintf(to, "notitle");
    }
    (void)fprintf(to, "\n");
}

static size_t count_labels(const struct plot_panel *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_lines; i++) {
        n += p->lines[i].label != NULL;
    }
    return n;
}

/* A last cell that holds nothing but the names of the lines. */
static void put_legend(FILE *to, const struct plot_panel *p)
{
    (void)fprintf(to, "unset logscale\nunset border\nunset tics\nunset title\nunset xlabel\n"
                      "unset ylabel\nset key left top Left reverse samplen 2 noenhanced\n"
                      "set xrange [0:1]\nset yrange [0:1]\nplot ");
    for (size_t i = 0, n = 0; i < p->n_lines && n < MOST_LABELS; i++) {
        if (p->lines[i].label == NULL) {
            continue;
        }
        (void)fprintf(to, "%sNaN ", n++ > 0 ? ", " : "");
        put_style(to, &p->lines[i], i, "1");
        (void)fprintf(to, "title ");
        put_text(to, p->lines[i].label);
    }
    (void)fprintf(to, "\nset autoscale\nset border 3\nset tics nomirror\nunset key\n");
}

static void put_script(FILE *to, const char *path, const char *terminal,
                       const struct plot_panel panels[], size_t n_panels)
{
    const bool legend = count_labels(&panels[0]) > 0;
    (void)fprintf(to, "set terminal %s\nset output ", terminal);
    put_text(to, path);
    (void)fprintf(to, "\nset grid lc rgb \"#cccccc\" dt 3\nset border 3\nset tics nomirror\n"
                      "set title noenhanced\nset xlabel noenhanced\nset ylabel noenhanced\n"
                      "unset key\n");
    for (size_t i = 0; i < n_panels; i++) {
        put_lines(to, &panels[i], i);
    }
    (void)fprintf(to, "set multiplot layout 1,%zu\n", n_panels + (legend ? 1 : 0));
    for (size_t i = 0; i < n_panels; i++) {
        put_panel(to, &panels[i], i);
    }
    if (legend) {
        put_legend(to, &panels[0]);
    }
    (void)fprintf(to, "unset multiplot\nunset output\n");
}

static enum status make_folder(const char *folder, struct status_why *why)
{
    enum { MODE = 0777 };
    struct stat info;
    if (mkdir(folder, MODE) != 0
        && (errno != EEXIST || stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))) {
        return status_fail(why, STATUS_INPUT, "%s: cannot make the folder: %s", folder,
                           strerror(errno));
    }
    return STATUS_OK;
}

enum status plot_draw(const char *folder, const char *name, const struct plot_panel panels[],
                      size_t n_panels, struct status_why *why)
{
    static const struct {
        const char *suffix, *terminal;
    } outputs[] = {{"svg", "svg enhanced font \"sans,11\" background \"white\""},
                   {"png", "pngcairo enhanced font \"sans,10\" background \"white\""}};
    enum { PANEL_WIDTH = 520, HEIGHT = 440, NO_COMMAND = 127 };
    enum status st = make_folder(folder, why);
    if (st != STATUS_OK) {
        return st;
    }
    /* Should gnuplot be missing, writing to it must not end the program. */
    struct sigaction ignore, before;
    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGPIPE, &ignore, &before);
    FILE *to = popen("gnuplot", "w");
    int code = -1;
    if (to != NULL) {
        for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
            char path[1200], terminal[160];
            (void)snprintf(path, sizeof path, "%s/%s.%s", folder, name, outputs[i].suffix);
            (void)snprintf(terminal, sizeof terminal, "%s size %zu,%d", outputs[i].terminal,
                           (n_panels + (count_labels(&panels[0]) > 0 ? 1 : 0)) * PANEL_WIDTH,
                           HEIGHT);
            put_script(to, path, terminal, panels, n_panels);
        }
        code = pclose(to);
    }
    (void)sigaction(SIGPIPE, &before, NULL);
    if (code != -1 && WIFEXITED(code) && WEXITSTATUS(code) == NO_COMMAND) {
        return status_fail(why, STATUS_INPUT,
                           "gnuplot: not found; install gnuplot-nox for --plots");
    }
    if (code != 0) {
        return status_fail(why, STATUS_LIBRARY, "gnuplot failed on %s/%s", folder, name);
    }
    return STATUS_OK;
}
