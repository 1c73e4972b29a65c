#define _POSIX_C_SOURCE 200809L
#include "solver/base/meter.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

const char *const meter_names[METER_N_PHASES] = {
    [METER_START] = "start", [METER_FIT] = "fit",   [METER_SEARCH] = "search",
    [METER_MERGE] = "merge", [METER_BAND] = "band", [METER_QUALITY] = "quality",
    [METER_WRITE] = "write"};

static struct {
    struct meter_counts counts[METER_N_PHASES];
    enum meter_phase phase;
    double wall, cpu; /* when the counts of the phase were last brought up to date */
} meter;

static double read_clock(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double meter_clock(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Bring the current phase up to date. */
static void settle(void)
{
    static const uint64_t kibibyte = 1024;
    struct meter_counts *c = &meter.counts[meter.phase];
    const double wall = meter_clock(), cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    struct rusage used;

    if (meter.wall > 0.0) { /* else this is the first call, with which counting begins */
        c->wall_second += wall - meter.wall;
        c->cpu_second += cpu - meter.cpu;
    }
    meter.wall = wall;
    meter.cpu = cpu;
    if (getrusage(RUSAGE_SELF, &used) == 0) {
        c->peak_byte = (uint64_t)used.ru_maxrss * kibibyte;
    }
}

enum meter_phase meter_begin(enum meter_phase phase)
{
    const enum meter_phase before = meter.phase;
    settle();
    meter.phase = phase;
    return before;
}

static struct meter_counts *add(double begun, size_t sent_byte, size_t received_byte)
{
    struct meter_counts *c = &meter.counts[meter.phase];
    c->sent_byte += sent_byte;
    c->received_byte += received_byte;
    c->waiting_second += meter_clock() - begun;
    return c;
}

void meter_collective(double begun, size_t sent_byte, size_t received_byte)
{
    add(begun, sent_byte, received_byte)->collectives++;
}

void meter_message(double begun, size_t sent_byte, size_t received_byte)
{
    add(begun, sent_byte, received_byte)->messages += sent_byte > 0;
}

void meter_wait(double begun)
{
    (void)add(begun, 0, 0);
}

void meter_items(size_t n_done, size_t n_found)
{
    meter.counts[meter.phase].items_done += n_done;
    meter.counts[meter.phase].items_found += n_found;
}

void meter_read(struct meter_counts counts[METER_N_PHASES])
{
    settle();
    memcpy(counts, meter.counts, sizeof meter.counts);
}
