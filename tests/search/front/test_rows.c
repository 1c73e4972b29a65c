#include "search/front/rows.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "solver/base/rng.h"
#include "tests/harness.h"

static struct status_why why;

enum { M = 3, N = 5000, N_DECISIONS = 700 };

/* Rows with many ties, of both signs, the same configuration twice now and then. */
static void make_rows(struct rows *r)
{
    struct rng g;
    rng_init(&g, 41, RNG_SIMULATE, 0);
    HARNESS_ASSERT_OK(rows_create(M, N, r, &why));
    for (size_t i = 0; i < N; i++) {
        const size_t c = (size_t)(rng_uniform(&g) * 3.0 * N_DECISIONS);
        r->indices[i] = c;
        for (size_t j = 0; j < M; j++) { /* a configuration always has the same values */
            r->x[i * M + j] = 0.37 * (double)((c * (j + 3) * 7919 % 1009) % (3 + 5 * j)) - 1.2;
        }
    }
}

static bool is_before(const struct rows *r, size_t i, size_t k)
{
    const int order = rows_compare(M, N_DECISIONS, r, i, r, k);
    return order < 0 || (order == 0 && r->indices[i] < r->indices[k]);
}

static void test_rows_come_in_canonical_order_each_once(void)
{
    struct rows r = {0}, given = {0};
    bool seen[3 * N_DECISIONS] = {false};
    size_t n_different = 0, n_wrong = 0;
    make_rows(&r);
    make_rows(&given);
    for (size_t i = 0; i < N; i++) {
        n_different += !seen[given.indices[i]];
        seen[given.indices[i]] = true;
    }
    HARNESS_ASSERT_OK(rows_sort(M, N_DECISIONS, &r, &why));
    CU_ASSERT_EQUAL(r.n, n_different);
    for (size_t i = 0; i < r.n; i++) {
        const uint64_t c = r.indices[i];
        n_wrong += i > 0 && !is_before(&r, i - 1, i);
        for (size_t j = 0; j < M; j++) { /* values moved with their index */
            n_wrong +=
                r.x[i * M + j] != 0.37 * (double)((c * (j + 3) * 7919 % 1009) % (3 + 5 * j)) - 1.2;
        }
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
    rows_clear(&r);
    rows_clear(&given);
}

/* As when several ranks have sent what they had sorted: with rows in more than one of the runs. */
static void test_sorted_runs_are_merged(void)
{
    for (size_t n_runs = 1; n_runs <= 80; n_runs += n_runs < 8 ? 1 : 36) {
        struct rows want = {0}, r = {0};
        size_t n_wrong = 0;
        make_rows(&want);
        HARNESS_ASSERT_OK(rows_sort(M, N_DECISIONS, &want, &why));
        HARNESS_ASSERT_OK(rows_create(M, 2 * want.n, &r, &why));
        r.n = 0;
        for (size_t run = 0; run < n_runs; run++) {
            for (size_t i = 0; i < want.n; i++) { /* some rows are in two runs */
                if (i * 7 % n_runs == run || (i % 11 == 0 && i * 5 % n_runs == run)) {
                    rows_copy(M, &want, i, &r, r.n++);
                }
            }
        }
        CU_ASSERT(n_runs < 6 || r.n > want.n);
        HARNESS_ASSERT_OK(rows_sort(M, N_DECISIONS, &r, &why));
        CU_ASSERT_EQUAL_FATAL(r.n, want.n);
        for (size_t i = 0; i < r.n; i++) {
            n_wrong += r.indices[i] != want.indices[i]
                       || memcmp(r.x + i * M, want.x + i * M, M * sizeof *r.x) != 0;
        }
        CU_ASSERT_EQUAL(n_wrong, 0);
        rows_clear(&want);
        rows_clear(&r);
    }
}

static void test_no_rows_and_infinite_values_can_be_sorted(void)
{
    struct rows r = {0};
    HARNESS_ASSERT_OK(rows_create(1, 0, &r, &why));
    HARNESS_ASSERT_OK(rows_sort(1, 10, &r, &why));
    CU_ASSERT_EQUAL(r.n, 0);
    rows_clear(&r);
    HARNESS_ASSERT_OK(rows_create(1, 3, &r, &why));
    const double x[3] = {HUGE_VAL, -2.5, 1e300};
    for (size_t i = 0; i < 3; i++) {
        r.x[i] = x[i];
        r.indices[i] = i;
    }
    HARNESS_ASSERT_OK(rows_sort(1, 10, &r, &why));
    CU_ASSERT_EQUAL(r.indices[0], 1);
    CU_ASSERT_EQUAL(r.indices[1], 2);
    CU_ASSERT_EQUAL(r.indices[2], 0);
    rows_clear(&r);
}

/* Growing keeps what is there, and asks for memory now and then only. */
static void test_room_grows_and_rows_stay(void)
{
    struct rows r = {0};
    size_t n_grown = 0;
    for (size_t i = 0; i < 1000; i++) {
        const size_t room = r.room;
        HARNESS_ASSERT_OK(rows_reserve(2, i + 1, &r, &why));
        CU_ASSERT(r.room > i);
        n_grown += r.room != room;
        r.indices[i] = 7 * i;
        r.x[2 * i] = 0.5 * (double)i;
        r.x[2 * i + 1] = -1.0;
        r.n++;
    }
    CU_ASSERT(n_grown < 25);
    for (size_t i = 0; i < 1000; i++) {
        CU_ASSERT(r.indices[i] == 7 * i && r.x[2 * i] == 0.5 * (double)i);
    }
    rows_clear(&r);
    CU_ASSERT_EQUAL(r.room, 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"rows_come_in_canonical_order_each_once", test_rows_come_in_canonical_order_each_once},
        {"sorted_runs_are_merged", test_sorted_runs_are_merged},
        {"no_rows_and_infinite_values_can_be_sorted",
         test_no_rows_and_infinite_values_can_be_sorted},
        {"room_grows_and_rows_stay", test_room_grows_and_rows_stay},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
