#define _POSIX_C_SOURCE 200809L
#include "jobs/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs/textfile.h"
#include "solver/base/escape.h"

/* A palette that stays distinct for colour-blind readers (Okabe and Ito 2008). */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#e69f00", "#56b4e9", "#000000", "#999933"};

/* Marks for the second and later rounds of colours: disc, square, triangle. */
static const int marks[] = {7, 5, 9};

enum {
    N_MARKS = sizeof marks / sizeof *marks,
    N_COLOURS = sizeof colours / sizeof *colours,
    MOST_LABELS = 24,
    MOST_DOTS = 500,
    PATH_SIZE = 4096
};

static void put_lines(FILE *to, const struct plot_panel *p, size_t panel)
{
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct plot_line *line = &p->lines[i];
        const size_t step = line->shape == PLOT_DOTS ? (line->n + MOST_DOTS - 1) / MOST_DOTS : 1;
        escape_fprint(to, "$p%zu_%zu << EOD\n", panel, i);
        for (size_t k = 0; k < line->n; k += step) {
            escape_fprint(to, "%.10g %.10g\n", line->x[k], line->y[k]);
        }
        escape_fprint(to, "EOD\n");
    }
}

/* Everything of a line but its points: style and, when wanted, title. */
static void put_style(FILE *to, const struct plot_line *line, size_t position, const char *size)
{
    const size_t i = line->colour > 0 ? line->colour - 1 : position;
    if (line->shape == PLOT_CURVE) {
        escape_fprint(to, "with lines lw 2 lc rgb \"%s\" ", colours[i % N_COLOURS]);
    } else {
        escape_fprint(to, "with points pt %d ps %s lc rgb \"%s\" ", marks[i / N_COLOURS % N_MARKS],
                      size, colours[i % N_COLOURS]);
    }
}

static void put_panel(FILE *to, const struct plot_panel *p, size_t panel)
{
    escape_fprint(to, "set title ");
    escape_gnuplot(to, p->title);
    escape_fprint(to, "\nset xlabel ");
    escape_gnuplot(to, p->x_label);
    escape_fprint(to, "\nset ylabel ");
    escape_gnuplot(to, p->y_label);
    escape_fprint(to, "\n%s logscale x\n%s logscale y\nset format x \"%s\"\nplot ",
                  p->log_x ? "set" : "unset", p->log_y ? "set" : "unset",
                  p->log_x ? "10^{%L}" : "%g");
    for (size_t i = 0; i < p->n_lines; i++) {
        escape_fprint(to, "%s$p%zu_%zu using 1:2 ", i > 0 ? ", " : "", panel, i);
        put_style(to, &p->lines[i], i, p->lines[i].shape == PLOT_DOTS ? "0.3" : "0.6");
        escape_fprint(to, "notitle");
    }
    escape_fprint(to, "\n");
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
    escape_fprint(to, "unset logscale\nunset border\nunset tics\nunset title\nunset xlabel\n"
                      "unset ylabel\nset key left top Left reverse samplen 2 noenhanced\n"
                      "set xrange [0:1]\nset yrange [0:1]\nplot ");
    for (size_t i = 0, n = 0; i < p->n_lines && n < MOST_LABELS; i++) {
        if (p->lines[i].label == NULL) {
            continue;
        }
        escape_fprint(to, "%sNaN ", n++ > 0 ? ", " : "");
        put_style(to, &p->lines[i], i, "1");
        escape_fprint(to, "title ");
        escape_gnuplot(to, p->lines[i].label);
    }
    escape_fprint(to, "\nset autoscale\nset border 3\nset tics nomirror\nunset key\n");
}

static void put_script(FILE *to, const char *terminal, const struct plot_panel panels[],
                       size_t n_panels)
{
    enum { PANEL_WIDTH = 520, HEIGHT = 440 };
    const bool legend = count_labels(&panels[0]) > 0;
    escape_fprint(to, "set terminal %s background \"white\" size %zu,%d\n", terminal,
                  (n_panels + (legend ? 1 : 0)) * PANEL_WIDTH, HEIGHT);
    escape_fprint(to, "set grid lc rgb \"#cccccc\" dt 3\nset border 3\nset tics nomirror\n"
                      "set title noenhanced\nset xlabel noenhanced\nset ylabel noenhanced\n"
                      "unset key\n");
    for (size_t i = 0; i < n_panels; i++) {
        put_lines(to, &panels[i], i);
    }
    escape_fprint(to, "set multiplot layout 1,%zu\n", n_panels + (legend ? 1 : 0));
    for (size_t i = 0; i < n_panels; i++) {
        put_panel(to, &panels[i], i);
    }
    if (legend) {
        put_legend(to, &panels[0]);
    }
    escape_fprint(to, "unset multiplot\n");
}

/* What draw reads. */
struct picture {
    const char *terminal;
    const struct plot_panel *panels;
    size_t n_panels;
};

/* Start gnuplot, which reads its script from \a script and writes the picture to \a picture: it is
 * given no name of a file, and reads no settings of the user. \return 0 or an errno */
static int start(int script, int picture, pid_t *child)
{
    extern char **environ;
    static const char *const words[] = {"gnuplot", "-d", NULL};
    char *given[sizeof words / sizeof *words];
    posix_spawn_file_actions_t actions;
    memcpy(given, words, sizeof given); /* posix_spawn asks for words that may change */
    int error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, script, STDIN_FILENO);
        error =
            error != 0 ? error : posix_spawn_file_actions_adddup2(&actions, picture, STDOUT_FILENO);
        error = error != 0 ? error : posix_spawnp(child, words[0], &actions, NULL, given, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    return error;
}

/* Send the script to a gnuplot that runs, and wait for its end. \return whether it went well */
static bool feed(int script, const struct picture *p, pid_t child)
{
    /* Should gnuplot end early, writing to it must not end the program. */
    struct sigaction ignore, before;
    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGPIPE, &ignore, &before);
    FILE *to = fdopen(script, "w");
    bool ok = to != NULL;
    if (ok) {
        put_script(to, p->terminal, p->panels, p->n_panels);
        ok = fclose(to) == 0;
    } else {
        (void)close(script);
    }
    int code = 0;
    while (waitpid(child, &code, 0) < 0 && errno == EINTR) {
    }
    (void)sigaction(SIGPIPE, &before, NULL);
    return ok && WIFEXITED(code) && WEXITSTATUS(code) == 0;
}

static enum status draw(FILE *f, const void *context, struct status_why *why)
{
    int ends[2];
    pid_t child;
    if (pipe(ends) != 0) {
        return status_fail(why, STATUS_LIBRARY, "gnuplot: no pipe: %s", strerror(errno));
    }
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    const int error = start(ends[0], fileno(f), &child);
    (void)close(ends[0]);
    if (error != 0) {
        (void)close(ends[1]);
        return error == ENOENT ? status_fail(why, STATUS_INPUT,
                                             "gnuplot: not found; install gnuplot-nox for --plots")
                               : status_fail(why, STATUS_LIBRARY, "gnuplot: %s", strerror(error));
    }
    return feed(ends[1], context, child) ? STATUS_OK
                                         : status_fail(why, STATUS_LIBRARY, "gnuplot failed");
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

/* Kinds of pictures; the suffix is that of the file. */
static const struct {
    const char *suffix, *terminal;
} kinds[] = {{"svg", "svg enhanced font \"sans,11\""},
             {"png", "pngcairo enhanced font \"sans,10\""}};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

static void name_picture(const char *folder, const char *name, size_t kind, char path[],
                         size_t size)
{
    (void)snprintf(path, size, "%s/%s.%s", folder, name, kinds[kind].suffix);
}

enum status plot_check(const char *folder, const char *name, bool force, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < N_KINDS; i++) {
        char path[PATH_SIZE];
        name_picture(folder, name, i, path, sizeof path);
        st = textfile_check(path, force, why);
    }
    return st;
}

enum status plot_draw(const char *folder, const char *name, const struct plot_panel panels[],
                      size_t n_panels, struct status_why *why)
{
    enum status st = make_folder(folder, why);
    for (size_t i = 0; st == STATUS_OK && i < N_KINDS; i++) {
        const struct picture picture = {kinds[i].terminal, panels, n_panels};
        char path[PATH_SIZE];
        name_picture(folder, name, i, path, sizeof path);
        st = textfile_write(path, draw, &picture, why);
    }
    return st;
}
