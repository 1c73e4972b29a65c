#include "inputs/text/digest.h"

#include <nettle/sha2.h>
#include <stdio.h>

void digest_write(const unsigned char raw[DIGEST_RAW_SIZE], char digest[DIGEST_SIZE])
{
    for (size_t i = 0; i < DIGEST_RAW_SIZE; i++) {
        (void)snprintf(digest + 2 * i, 3, "%02x", raw[i]);
    }
}

void digest_raw(const void *bytes, size_t n, unsigned char raw[DIGEST_RAW_SIZE])
{
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    sha256_update(&ctx, n, bytes);
    sha256_digest(&ctx, DIGEST_RAW_SIZE, raw);
}

void digest_of(const void *bytes, size_t n, char digest[DIGEST_SIZE])
{
    unsigned char raw[DIGEST_RAW_SIZE];
    digest_raw(bytes, n, raw);
    digest_write(raw, digest);
}
