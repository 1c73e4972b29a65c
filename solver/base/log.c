#define _POSIX_C_SOURCE 200809L
#include "solver/base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "solver/base/escape.h"

static bool speaks = false;
static enum log_level most_said = LOG_INFO;

static struct {
    const char *label;
    size_t n_items;
    double begun, shown; /* seconds */
    bool terminal, drawn;
    size_t depth; /* of phases inside phases: the outermost speaks */
} phase;

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void log_start(int rank, enum log_level most)
{
    speaks = rank == 0;
    most_said = most;
}

static void clear_bar(void)
{
    if (phase.drawn) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
        phase.drawn = false;
    }
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if (!speaks || level > most_said) {
        return;
    }
    enum { LONGEST = 4096 };
    char raw[LONGEST], line[ESCAPE_ROOM(LONGEST)];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    clear_bar();
    (void)fprintf(stderr, "%s: %s\n", names[level], escape_text(raw, line, sizeof line));
}

void log_progress_begin(const char *label, size_t n_items)
{
    if (phase.depth++ > 0) {
        return;
    }
    phase.label = label;
    phase.n_items = n_items;
    phase.begun = phase.shown = now_seconds();
    phase.terminal = isatty(STDERR_FILENO) != 0;
    phase.drawn = false;
}

void log_progress(size_t n_done)
{
    static const double bar_seconds = 0.2, line_seconds = 60.0, quiet_seconds = 1.0;
    if (!speaks || phase.n_items == 0 || phase.depth > 1) {
        return;
    }
    const double now = now_seconds(), spent = now - phase.begun;
    if (now - phase.shown < (phase.terminal ? bar_seconds : line_seconds)
        || spent < quiet_seconds) {
        return;
    }
    phase.shown = now;
    const double share = (double)n_done / (double)phase.n_items;
    const double left = n_done > 0 ? spent * (1.0 / share - 1.0) : 0.0;
    if (!phase.terminal) {
        (void)fprintf(stderr,
                      "info: %s done=%zu of=%zu percent=%.1f seconds=%.0f left_seconds=%.0f\n",
                      phase.label, n_done, phase.n_items, 100.0 * share, spent, left);
        return;
    }
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++) {
        bar[i] = i < (int)(share * WIDTH) ? '#' : '.';
    }
    bar[WIDTH] = '\0';
    (void)fprintf(stderr, "\r%s [%s] %5.1f %%  %.0f s left\033[K", phase.label, bar, 100.0 * share,
                  left);
    (void)fflush(stderr); /* the bar has no end of line */
    phase.drawn = true;
}

void log_progress_end(void)
{
    if (--phase.depth > 0) {
        return;
    }
    if (speaks) {
        clear_bar();
    }
    phase.n_items = 0;
}
