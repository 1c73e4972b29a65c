#include "inputs/parts.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "inputs/sheet.h"

#define NUMBER(member, lower, upper)                                                               \
    SHEET_NUMBER(#member, struct parts_row, member, true, 1, lower, upper)
static const struct sheet_field fields[] = {
    SHEET_KEY("whole", struct parts_row, whole),
    SHEET_KEY("part", struct parts_row, part),
    NUMBER(count, 1e-6, 1e6),
    NUMBER(size, 1e-6, 1e9),
    SHEET_TEXT("unit", struct parts_row, unit),
    NUMBER(kg_per_unit, 0, 1e6),
    SHEET_TEXT("source", struct parts_row, source),
    SHEET_NOTE("note"),
};
static const struct sheet sheet = {.file = "parts.tsv",
                                   .n_fields = sizeof fields / sizeof *fields,
                                   .fields = fields,
                                   .row_size = sizeof(struct parts_row),
                                   .line = offsetof(struct parts_row, line)};

enum status parts_read(MPI_Comm comm, const char *folder, struct parts_row **rows, size_t *n,
                       struct status_why *why)
{
    char path[2048];
    void *read = NULL;
    const enum status st = sheet_read(comm, &sheet, folder, path, sizeof path, &read, n, why);
    *rows = read;
    return st;
}

double parts_embodied_kg(const struct parts_row rows[], size_t n, const char *whole)
{
    double sum = 0.0;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].whole, whole) == 0) {
            sum += rows[i].count * rows[i].size * rows[i].kg_per_unit;
            any = true;
        }
    }
    return any ? sum : (double)NAN;
}
