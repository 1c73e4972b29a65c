/** \file digest.h
 * SHA-256 of bytes, the same digits as `sha256sum` prints: of input files, of studies, of results.
 */
#ifndef INPUTS_TEXT_DIGEST_H
#define INPUTS_TEXT_DIGEST_H

#include <stddef.h>

enum { DIGEST_RAW_SIZE = 32, DIGEST_SIZE = 65 }; /* bytes; hexadecimal digits and the end */

/** Digest of \a n bytes. */
void digest_of(const void *bytes, size_t n, char digest[DIGEST_SIZE]);

/** The same as bytes. */
void digest_raw(const void *bytes, size_t n, unsigned char raw[DIGEST_RAW_SIZE]);

/** Bytes of a digest as hexadecimal digits. */
void digest_write(const unsigned char raw[DIGEST_RAW_SIZE], char digest[DIGEST_SIZE]);

#endif
