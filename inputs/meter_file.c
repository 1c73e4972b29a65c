#include "inputs/meter_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/log.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"

/* One quantity: a dataset, and a member of the counts. */
struct field {
    const char *name, *unit, *long_name;
    enum h5_type type;
    size_t offset;
};

#define COUNT(member, unit, long_name)                                                             \
    {                                                                                              \
#member, unit, long_name, H5_UINT64, offsetof(struct meter_counts, member)                 \
    }
#define SECONDS(member, long_name)                                                                 \
    {                                                                                              \
#member, "s", long_name, H5_DOUBLE, offsetof(struct meter_counts, member)                  \
    }

static const struct field fields[] = {
    COUNT(collectives, "1", "communications in which all ranks took part"),
    COUNT(messages, "1", "messages sent to one rank"),
    COUNT(sent_byte, "byte", "handed to MPI"),
    COUNT(received_byte, "byte", "got of MPI"),
    COUNT(items_done, "1", "items of work done"),
    COUNT(items_found, "1", "items of work found done, or left to other shards"),
    COUNT(peak_byte, "byte", "most memory in use until the end of the phase"),
    SECONDS(wall_second, "time"),
    SECONDS(cpu_second, "time of the processor"),
    SECONDS(waiting_second, "time in communication"),
};

enum { N_FIELDS = sizeof fields / sizeof *fields };

/* One quantity of all ranks and phases. \param [out] values  [n_ranks][METER_N_PHASES] of 8 bytes
 */
static void take(const struct field *f, size_t n_ranks, const struct meter_counts all[],
                 char values[])
{
    enum { WIDTH = 8 };
    for (size_t i = 0; i < n_ranks * METER_N_PHASES; i++) {
        memcpy(values + i * WIDTH, (const char *)&all[i] + f->offset, WIDTH);
    }
}

static enum status write_field(struct h5 *file, const struct field *f, size_t n_ranks,
                               const void *values, struct status_why *why)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/run/meter/%s", f->name);
    const struct h5_array array = {.path = path,
                                   .type = f->type,
                                   .values = values,
                                   .n_dimensions = 2,
                                   .shape = {n_ranks, METER_N_PHASES},
                                   .dimensions = {"/run/meter/rank", "/run/meter/phase"},
                                   .unit = f->unit,
                                   .long_name = f->long_name};
    return h5_write_array(file, &array, why);
}

static void say(size_t n_ranks, const struct meter_counts all[])
{
    for (size_t p = 0; p < METER_N_PHASES; p++) {
        struct meter_counts sum = {0};
        for (size_t r = 0; r < n_ranks; r++) {
            const struct meter_counts *c = &all[r * METER_N_PHASES + p];
            sum.collectives = c->collectives; /* the same on all */
            sum.messages += c->messages;
            sum.sent_byte += c->sent_byte;
            sum.received_byte += c->received_byte;
            sum.items_done += c->items_done;
            sum.items_found += c->items_found;
            sum.peak_byte = c->peak_byte > sum.peak_byte ? c->peak_byte : sum.peak_byte;
            sum.wall_second = c->wall_second > sum.wall_second ? c->wall_second : sum.wall_second;
            sum.cpu_second = c->cpu_second > sum.cpu_second ? c->cpu_second : sum.cpu_second;
            sum.waiting_second =
                c->waiting_second > sum.waiting_second ? c->waiting_second : sum.waiting_second;
        }
        if (sum.wall_second > 0.0) {
            log_line(LOG_DEBUG,
                     "meter phase=%s items=%llu found=%llu collectives=%llu messages=%llu "
                     "sent_byte=%llu received_byte=%llu wall_second=%.3f cpu_second=%.3f "
                     "waiting_second=%.3f peak_byte=%llu",
                     meter_names[p], (unsigned long long)sum.items_done,
                     (unsigned long long)sum.items_found, (unsigned long long)sum.collectives,
                     (unsigned long long)sum.messages, (unsigned long long)sum.sent_byte,
                     (unsigned long long)sum.received_byte, sum.wall_second, sum.cpu_second,
                     sum.waiting_second, (unsigned long long)sum.peak_byte);
        }
    }
}

enum status meter_file_write(MPI_Comm comm, struct h5 *file, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_ranks = (size_t)team_size(comm);
    struct meter_counts mine[METER_N_PHASES], *all = NULL;
    void *gathered = NULL, *values = NULL;
    size_t n_bytes = 0;

    meter_read(mine);
    STATUS_TRY(team_gather(comm, mine, sizeof mine, &gathered, &n_bytes, why));
    all = gathered;
    values = malloc(n_ranks * METER_N_PHASES * sizeof(double));
    if (values == NULL) {
        st = status_fail(why, STATUS_MEMORY, "counts of %zu ranks", n_ranks);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(h5_write_dimension(file, "/run/meter/rank", n_ranks, why));
    STATUS_TRY(h5_write_dimension(file, "/run/meter/phase", METER_N_PHASES, why));
    STATUS_TRY(h5_write_names(file, "/run/meter/phase_name", meter_names, METER_N_PHASES,
                              "/run/meter/phase", why));
    for (size_t i = 0; i < N_FIELDS; i++) {
        take(&fields[i], n_ranks, all, values);
        STATUS_TRY(write_field(file, &fields[i], n_ranks, values, why));
    }
    say(n_ranks, all);
out:
    free(values);
    free(gathered);
    return st;
}
