#include "solver/base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "solver/base/escape.h"

static const struct {
    int exit_code;
    const char *text;
} codes[] = {
#define STATUS_ROW(code, exit_code, text) [code] = {(exit_code), (text)},
    STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

enum { N_CODES = sizeof codes / sizeof *codes };

const char *status_text(enum status code)
{
    return (int)code >= 0 && (int)code < N_CODES ? codes[code].text : "unknown status";
}

int status_exit_code(enum status code)
{
    return (int)code >= 0 && (int)code < N_CODES ? codes[code].exit_code : 1;
}

void status_clear(struct status_why *why)
{
    why->code = STATUS_OK;
    why->message[0] = '\0';
}

/* In parentheses: for the analyzer it is a macro too. */
enum status(status_fail)(struct status_why *why, enum status code, const char *format, ...)
{
    STATUS_ASSERT(code != STATUS_OK);
    if (why->code == STATUS_OK) {
        char raw[STATUS_MESSAGE_SIZE];
        va_list args;
        why->code = code;
        va_start(args, format);
        (void)vsnprintf(raw, sizeof raw, format, args);
        va_end(args);
        (void)escape_text(raw, why->message, sizeof why->message);
    }
    return code;
}

void status_bug(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "%s:%d: bug: expected %s\n", file, line, condition);
    abort();
}
