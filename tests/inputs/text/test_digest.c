#include <string.h>

#include "inputs/text/digest.h"
#include "tests/harness.h"

/* Known answers of FIPS 180-4, as `sha256sum` prints them. */
static void test_digest_of_known_texts(void)
{
    static const char *const texts[] = {"", "abc",
                                        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"};
    static const char *const digests[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char digest[DIGEST_SIZE];
        digest_of(texts[i], strlen(texts[i]), digest);
        CU_ASSERT_STRING_EQUAL(digest, digests[i]);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"test_digest_of_known_texts", test_digest_of_known_texts},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
