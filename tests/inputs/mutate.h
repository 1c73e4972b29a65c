/** \file mutate.h
 * Texts with small damage, the same on every run: what a reader must survive. */
#ifndef TESTS_INPUTS_MUTATE_H
#define TESTS_INPUTS_MUTATE_H

#include <string.h>

#include "solver/base/rng.h"

enum { MUTATE_SIZE = 8192 };

/* Put n bytes of new text at a place. */
static void mutate_insert(char text[MUTATE_SIZE], size_t *length, size_t at, const char *more,
                          size_t n)
{
    if (*length + n < MUTATE_SIZE) {
        memmove(text + at + n, text + at, *length - at);
        memcpy(text + at, more, n);
        *length += n;
    }
}

/** Copy \a original and damage it in one to three places. \param [out] text the length is returned;
 * a zero byte follows it and may be inside it */
static size_t mutate(const char *original, uint64_t item, char text[MUTATE_SIZE])
{
    enum { REPLACE, REMOVE, INSERT, REPEAT, SPECIAL, N_KINDS, MOST_PIECE = 12, MOST_PLACES = 3 };
    static const char *const special[] = {
        ":", "\n", "\t", "\"", "'",  "[",    "]",    "{", "}", ",",     "#", "- ", "*",
        "&", "!",  "|",  ">",  "\r", "\xff", "\xc3", "%", "@", "1e999", "-", ": ", "---\n"};
    struct rng r;
    size_t length = strlen(original);
    rng_init(&r, 1, RNG_TEST, item);
    memcpy(text, original, length);
    for (uint32_t places = 1 + rng_below(&r, MOST_PLACES); places > 0 && length > 1; places--) {
        const size_t at = rng_below(&r, length);
        size_t piece = 1 + rng_below(&r, MOST_PIECE);
        piece = piece < length - at ? piece : length - at;
        char copy[MOST_PIECE];
        memcpy(copy, text + at, piece);
        const char byte = (char)rng_below(&r, 256);
        const char *word = special[rng_below(&r, sizeof special / sizeof *special)];
        switch (rng_below(&r, N_KINDS)) {
        case REPLACE:
            text[at] = byte;
            break;
        case REMOVE:
            memmove(text + at, text + at + piece, length - at - piece);
            length -= piece;
            break;
        case INSERT:
            mutate_insert(text, &length, at, &byte, 1);
            break;
        case REPEAT:
            mutate_insert(text, &length, rng_below(&r, length), copy, piece);
            break;
        default:
            mutate_insert(text, &length, at, word, strlen(word));
            break;
        }
    }
    text[length] = '\0';
    return length;
}

#endif
