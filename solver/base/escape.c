#define _POSIX_C_SOURCE 200809L
#include "solver/base/escape.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/status.h"

enum {
    LONGEST = 16,  /* bytes of one character as shown, with its zero byte */
    INVALID = -1,  /* not UTF-8 */
    ASCII = 0x80,  /* first code that is not */
    ORDINARY = 512 /* bytes of text that most prints fit in */
};

/* The character at the start of a text that is not empty. \return how many bytes it has */
static size_t next(const unsigned char *text, long *code)
{
    static const struct {
        unsigned char mask, lead;
        long least; /* a longer form of a smaller code is not UTF-8 */
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    static const long last = 0x10ffff, surrogates = 0xd800, after_surrogates = 0xe000;
    enum { N_FORMS = sizeof forms / sizeof *forms, BITS = 6, PAYLOAD = 0x3f, FOLLOWS = 0x80 };
    *code = INVALID;
    for (size_t n = 0; n < N_FORMS; n++) {
        if ((text[0] & forms[n].mask) != forms[n].lead) {
            continue;
        }
        long made = text[0] & (unsigned char)~forms[n].mask;
        for (size_t i = 1; i <= n; i++) {
            if ((text[i] & ~(unsigned)PAYLOAD) != FOLLOWS) { /* also stops at the zero byte */
                return 1;
            }
            made = made << BITS | (text[i] & PAYLOAD);
        }
        if (made < forms[n].least || made > last
            || (made >= surrogates && made < after_surrogates)) {
            return 1;
        }
        *code = made;
        return n + 1;
    }
    return 1;
}

/* Whether a character does something instead of showing something: controls, marks of direction,
 * separators of lines, the byte order mark (Unicode 15, categories Cc, Cf in part, Zl, Zp). */
static bool is_control(long code)
{
    static const struct {
        long first, last;
    } ranges[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},  {0x200e, 0x200f},
                  {0x2028, 0x202e}, {0x2060, 0x2069}, {0xfeff, 0xfeff}};
    bool is = false;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        is = is || (code >= ranges[i].first && code <= ranges[i].last);
    }
    return is;
}

/* The character at the start of a text as it is shown. \return how many bytes of the text it is */
static size_t show(const char *text, char shown[LONGEST])
{
    static const char letters[] = "\a\b\t\n\v\f\r";
    if (text[0] >= ' ' && text[0] <= '~') { /* nearly all */
        shown[0] = text[0];
        shown[1] = '\0';
        return 1;
    }
    long code;
    const size_t n = next((const unsigned char *)text, &code);
    const char *letter = code > 0 && code < ASCII ? strchr(letters, (int)code) : NULL;
    if (code == INVALID) {
        (void)snprintf(shown, LONGEST, "\\x%02x", (unsigned)(unsigned char)text[0]);
    } else if (letter != NULL) {
        (void)snprintf(shown, LONGEST, "\\%c", "abtnvfr"[letter - letters]);
    } else if (is_control(code)) {
        (void)snprintf(shown, LONGEST, code < ASCII ? "\\x%02lx" : "\\u%04lx", (unsigned long)code);
    } else {
        (void)snprintf(shown, LONGEST, "%.*s", (int)n, text);
    }
    return n;
}

const char *escape_text(const char *text, char to[], size_t size)
{
    STATUS_ASSERT(size > 0);
    size_t used = 0;
    while (*text != '\0') {
        char shown[LONGEST];
        text += show(text, shown);
        const size_t n = strlen(shown);
        if (used + n >= size) {
            break;
        }
        memcpy(to + used, shown, n);
        used += n;
    }
    to[used] = '\0';
    return to;
}

static size_t count_breaks(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += *text == '\n' || *text == '\t';
    }
    return n;
}

/* Write what was printed, with the breaks of the format as they are.
 * \param [in] other  the same with other bytes for the breaks of the format; NULL: all breaks are
 *                    the format's */
static void write_shown(FILE *to, const char *printed, const char *other)
{
    size_t plain = 0; /* bytes that may be written as they are */
    for (size_t i = 0; printed[i] != '\0';) {
        char shown[LONGEST];
        const bool is_break = printed[i] == '\n' || printed[i] == '\t';
        const bool is_of_format = is_break && (other == NULL || other[i] != printed[i]);
        const size_t n = is_of_format ? 1 : show(printed + i, shown);
        if (!is_of_format && strncmp(shown, printed + i, n) != 0) {
            (void)fprintf(to, "%.*s", (int)(i - plain), printed + plain);
            (void)fputs(shown, to);
            plain = i + n;
        }
        i += n;
    }
    (void)fputs(printed + plain, to);
}

/* Print with other bytes for the breaks of the format: what differs then is the format's.
 * \return the caller frees it; NULL without memory */
static char *print_otherwise(const char *format, size_t size, va_list args)
{
    char *changed = strdup(format), *made = changed != NULL ? malloc(size) : NULL;
    for (char *at = changed; made != NULL && *at != '\0'; at++) {
        if (*at == '\n' || *at == '\t') {
            *at = '\r';
        }
    }
    if (made != NULL) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)vsnprintf(made, size, changed, args); /* the compiler checked it as the format */
#pragma GCC diagnostic pop
    }
    free(changed);
    return made;
}

static void __attribute__((format(printf, 2, 0))) print(FILE *to, const char *format, va_list args)
{
    char few[ORDINARY], *many = NULL, *other = NULL;
    const char *printed = few;
    va_list again, once_more;
    va_copy(again, args);
    va_copy(once_more, args);
    const int length = vsnprintf(few, sizeof few, format, args);
    const size_t size = length > 0 ? (size_t)length + 1 : 1;
    if (size > sizeof few && (many = malloc(size)) != NULL) {
        (void)vsnprintf(many, size, format, again);
        printed = many;
    }
    if (length > 0) {
        if (count_breaks(printed) != count_breaks(format)) {
            other = print_otherwise(format, size, once_more);
        }
        write_shown(to, printed, other);
    }
    free(other);
    free(many);
    va_end(once_more);
    va_end(again);
}

void escape_fprint(FILE *to, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(to, format, args);
    va_end(args);
}

void escape_print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(stdout, format, args);
    va_end(args);
}

void escape_lines(FILE *to, const char *text)
{
    while (*text != '\0') {
        char shown[LONGEST];
        const bool is_end = *text == '\n';
        text += show(text, shown);
        (void)fputs(is_end ? "\n" : shown, to);
    }
}

static bool is_number(const char *text)
{
    char *end;
    (void)strtod(text, &end);
    return end != text && *end == '\0';
}

void escape_csv(FILE *to, const char *text)
{
    const size_t length = strlen(text);
    const bool spaces = length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
    const bool quotes = spaces || strpbrk(text, ",\"") != NULL;
    (void)fputs(quotes ? "\"" : "", to);
    (void)fputs(length > 0 && strchr("=+-@", text[0]) != NULL && !is_number(text) ? "'" : "", to);
    while (*text != '\0') {
        char shown[LONGEST];
        text += show(text, shown);
        (void)fputs(shown[0] == '"' ? "\"\"" : shown, to);
    }
    (void)fputs(quotes ? "\"" : "", to);
}

void escape_gnuplot(FILE *to, const char *text)
{
    (void)fputc('\'', to);
    while (*text != '\0') {
        long code;
        const size_t n = next((const unsigned char *)text, &code);
        if (code == '\'') {
            (void)fputs("''", to);
        } else if (code != INVALID && !is_control(code)) {
            (void)fprintf(to, "%.*s", (int)n, text);
        }
        text += n;
    }
    (void)fputc('\'', to);
}

void escape_yaml(FILE *to, const char *text)
{
    (void)fputc('"', to);
    while (*text != '\0') {
        char shown[LONGEST];
        const size_t n = show(text, shown);
        const bool is_plain = strncmp(shown, text, n) == 0;
        (void)fputs(*text == '"' || (*text == '\\' && is_plain) ? "\\" : "", to);
        (void)fputs(shown, to);
        text += n;
    }
    (void)fputc('"', to);
}
