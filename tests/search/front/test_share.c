/* ranks: 1 2 3 4 7 */
#include "search/front/share.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/h5.h"
#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/front/problems.h"

static struct status_why why;

static const struct share_shape shape = {.m = 3, .n_decisions = 90001};

static void fill_row(uint64_t c, uint64_t n_values, double x[])
{
    for (size_t j = 0; j < shape.m; j++) {
        x[j] = 0.37 * (double)(problems_hash(c * 8 + j) % n_values);
    }
}

/* Configurations 0 ... n - 1, each on one rank or, every fifth, on all. */
static void make_rows(size_t n, uint64_t n_values, bool all_on_last, struct rows *mine)
{
    const int rank = team_rank(harness_comm()), size = team_size(harness_comm());
    HARNESS_ASSERT_OK(rows_create(shape.m, n, mine, &why));
    mine->n = 0;
    for (uint64_t c = 0; c < n; c++) {
        const int owner = all_on_last ? size - 1 : (int)(problems_hash(c) % (uint64_t)size);
        if (owner == rank || (c % 5 == 0 && !all_on_last)) {
            fill_row(c, n_values, mine->x + mine->n * shape.m);
            mine->indices[mine->n++] = c;
        }
    }
}

/* The same rows in order, on one rank. */
static void make_whole(size_t n, uint64_t n_values, struct rows *whole)
{
    HARNESS_ASSERT_OK(rows_create(shape.m, n, whole, &why));
    for (uint64_t c = 0; c < n; c++) {
        whole->indices[c] = c;
        fill_row(c, n_values, whole->x + c * shape.m);
    }
    HARNESS_ASSERT_OK(rows_sort(shape.m, shape.n_decisions, whole, &why));
}

static bool is_part(const struct rows *mine, const struct rows *whole, size_t first)
{
    return first + mine->n <= whole->n
           && memcmp(mine->indices, whole->indices + first, mine->n * sizeof *mine->indices) == 0
           && memcmp(mine->x, whole->x + first * shape.m, mine->n * shape.m * sizeof *mine->x) == 0;
}

/* Several chunks of a file, two levels. */
static void test_rows_are_sorted_and_dealt_as_columns_want_them(void)
{
    enum { N = 150001 };
    struct rows whole = {0};
    make_whole(N, 1 << 20, &whole);
    for (int all_on_last = 0; all_on_last < 2; all_on_last++) {
        struct rows mine = {0};
        size_t n_rows = 0, first = 0, begin, end;
        make_rows(N, 1 << 20, all_on_last == 1, &mine);
        HARNESS_ASSERT_OK(share_sort(harness_comm(), &shape, &mine, &why));
        const size_t at = (size_t)team_before(harness_comm(), mine.n);
        CU_ASSERT(is_part(&mine, &whole, at));
        const size_t size = (size_t)team_size(harness_comm());
        CU_ASSERT(mine.n < 2 * N / size + 1); /* cut where it should be */
        HARNESS_ASSERT_OK(share_deal(harness_comm(), &shape, &mine, &n_rows, &first, &why));
        h5_column_share(N, team_rank(harness_comm()), team_size(harness_comm()), &begin, &end);
        CU_ASSERT_EQUAL(n_rows, N);
        CU_ASSERT_EQUAL(first, begin);
        CU_ASSERT_EQUAL(mine.n, end - begin);
        CU_ASSERT(is_part(&mine, &whole, first));
        rows_clear(&mine);
    }
    rows_clear(&whole);
}

/* What one rank finds by comparing each with each. */
static void filter_whole(struct rows *whole, uint64_t *n_duplicates)
{
    size_t n_kept = 0;
    const size_t m = shape.m;
    *n_duplicates = 0;
    for (size_t i = 0; i < whole->n; i++) {
        bool removed = false;
        for (size_t k = n_kept; k-- > 0 && !removed;) {
            removed =
                whole->indices[k] / shape.n_decisions == whole->indices[i] / shape.n_decisions;
            for (size_t j = 0; j < m; j++) {
                removed = removed && whole->x[k * m + j] <= whole->x[i * m + j];
            }
        }
        *n_duplicates +=
            removed && rows_compare(m, shape.n_decisions, whole, n_kept - 1, whole, i) == 0;
        if (!removed) {
            rows_copy(m, whole, i, whole, n_kept++);
        }
    }
    whole->n = n_kept;
}

static void test_no_row_stays_that_one_of_another_rank_removes(void)
{
    enum { N = 95000 };
    const uint64_t values[] = {7, 60, 1 << 20};
    for (size_t v = 0; v < 3; v++) {
        struct rows whole = {0}, mine = {0};
        uint64_t want, n_duplicates = 0;
        make_whole(N, values[v], &whole);
        filter_whole(&whole, &want);
        make_rows(N, values[v], false, &mine);
        HARNESS_ASSERT_OK(share_sort(harness_comm(), &shape, &mine, &why));
        HARNESS_ASSERT_OK(share_filter(harness_comm(), &shape, &mine, &n_duplicates, &why));
        CU_ASSERT_EQUAL(team_sum(harness_comm(), mine.n), whole.n);
        CU_ASSERT(is_part(&mine, &whole, (size_t)team_before(harness_comm(), mine.n)));
        CU_ASSERT(team_sum(harness_comm(), n_duplicates)
                  >= want); /* some removed ones have a twin */
        rows_clear(&mine);
        rows_clear(&whole);
    }
}

static void test_ranks_without_rows_take_part(void)
{
    for (size_t n = 0; n < 3; n++) {
        struct rows mine = {0}, whole = {0};
        uint64_t n_duplicates = 0;
        size_t n_rows = 9, first = 0;
        make_whole(n, 1, &whole); /* all equal */
        make_rows(n, 1, true, &mine);
        HARNESS_ASSERT_OK(share_sort(harness_comm(), &shape, &mine, &why));
        HARNESS_ASSERT_OK(share_filter(harness_comm(), &shape, &mine, &n_duplicates, &why));
        HARNESS_ASSERT_OK(share_deal(harness_comm(), &shape, &mine, &n_rows, &first, &why));
        CU_ASSERT_EQUAL(n_rows, n < 2 ? n : 1);
        CU_ASSERT(is_part(&mine, &whole, first));
        rows_clear(&mine);
        rows_clear(&whole);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"rows_are_sorted_and_dealt_as_columns_want_them",
         test_rows_are_sorted_and_dealt_as_columns_want_them},
        {"no_row_stays_that_one_of_another_rank_removes",
         test_no_row_stays_that_one_of_another_rank_removes},
        {"ranks_without_rows_take_part", test_ranks_without_rows_take_part},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
