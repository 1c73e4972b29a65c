#include "solver/draw.h"

#include <string.h>

#include "tests/harness.h"

static struct status_why why;

enum { N = 20000 };

/* Shares of draws below the typical value and below the geometric middle of each side. */
static void count(struct hardware_interval i, double shares[3])
{
    const double marks[3] = {i.typical, sqrt(i.lo * i.typical), sqrt(i.typical * i.hi)};
    struct rng r;
    rng_init(&r, 2385, RNG_TEST, 0);
    memset(shares, 0, 3 * sizeof *shares);
    for (int k = 0; k < N; k++) {
        const double x = draw_interval(i, &r);
        CU_ASSERT(i.lo <= x && x <= i.hi);
        for (int j = 0; j < 3; j++) {
            shares[j] += (x < marks[j]) / (double)N;
        }
    }
}

static void test_draw_interval_is_log_uniform_on_each_side_with_half_the_weight(void)
{
    double shares[3];
    count((struct hardware_interval){127.6, 150.25, 1271.0}, shares);
    CU_ASSERT_DOUBLE_EQUAL(shares[0], 0.5, 0.015);
    CU_ASSERT_DOUBLE_EQUAL(shares[1], 0.25, 0.015);
    CU_ASSERT_DOUBLE_EQUAL(shares[2], 0.75, 0.015);
}

static void test_draw_interval_needs_a_typical_value_and_keeps_it_where_a_bound_is_absent(void)
{
    struct rng r;
    rng_init(&r, 7, RNG_TEST, 0);
    bool below = false;
    for (int k = 0; k < 200; k++) {
        CU_ASSERT(isnan(draw_interval((struct hardware_interval){1.0, NAN, 2.0}, &r)));
        const double x = draw_interval((struct hardware_interval){NAN, 3.5, 4.25}, &r);
        CU_ASSERT(x >= 3.5 && x <= 4.25);
        CU_ASSERT_DOUBLE_EQUAL(draw_interval((struct hardware_interval){3.5, 3.5, 3.5}, &r), 3.5,
                               1e-15);
        const double y = draw_interval((struct hardware_interval){0.0, 2.0, 2.0}, &r);
        CU_ASSERT(y >= 0.0 && y < 2.0 + 1e-9);
        below = below || y < 1.0;
    }
    CU_ASSERT(below);
}

static void fill(struct hardware devices[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        devices[i].mass_kg = (struct hardware_interval){1.25, 2.385, 3.5};
        devices[i].embodied_carbon_kg = (struct hardware_interval){100.5, 150.25, 170.0};
        devices[i].n_materials = 2;
        devices[i].materials[0].mass_kg = (struct hardware_interval){0.25, 0.5, 0.75};
        devices[i].materials[1].mass_kg = (struct hardware_interval){0.25, NAN, 0.75};
    }
}

static void test_draw_catalogue_draws_each_row_and_field_once_by_its_key(void)
{
    struct hardware devices[3] = {0};
    struct hardware_catalogue c = {.n_devices = 3, .devices = devices}, a, b, other;
    fill(devices, 3);
    HARNESS_ASSERT_OK(draw_catalogue(&c, 42, 7, &a, &why));
    HARNESS_ASSERT_OK(draw_catalogue(&c, 42, 7, &b, &why));
    CU_ASSERT_EQUAL(memcmp(a.devices, b.devices, sizeof devices), 0);
    const struct hardware *h = a.devices;
    CU_ASSERT(h[0].mass_kg.typical != h[1].mass_kg.typical);
    CU_ASSERT(h[0].mass_kg.lo == h[0].mass_kg.typical && h[0].mass_kg.hi == h[0].mass_kg.typical);
    CU_ASSERT(h[0].mass_kg.typical / 2.385 != h[0].embodied_carbon_kg.typical / 150.25);
    CU_ASSERT(h[0].materials[0].mass_kg.typical != 0.5);
    CU_ASSERT(isnan(h[0].materials[1].mass_kg.typical)
              && h[0].materials[1].mass_kg.hi == 0.75); /* not drawn */
    CU_ASSERT_EQUAL(devices[0].mass_kg.typical, 2.385); /* the catalogue stays */
    HARNESS_ASSERT_OK(draw_catalogue(&c, 42, 8, &other, &why));
    CU_ASSERT(other.devices[0].mass_kg.typical != h[0].mass_kg.typical);
    draw_clear(&other);
    HARNESS_ASSERT_OK(draw_catalogue(&c, 43, 7, &other, &why));
    CU_ASSERT(other.devices[0].mass_kg.typical != h[0].mass_kg.typical);
    draw_clear(&other);
    draw_clear(&b);
    draw_clear(&a);
}

static void test_draw_0_is_the_catalogue_itself(void)
{
    struct hardware devices[2] = {0};
    struct hardware_catalogue c = {.n_devices = 2, .devices = devices}, made;
    fill(devices, 2);
    HARNESS_ASSERT_OK(draw_catalogue(&c, 42, 0, &made, &why));
    CU_ASSERT_EQUAL(memcmp(made.devices, devices, sizeof devices), 0);
    draw_clear(&made);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"interval_is_log_uniform",
         test_draw_interval_is_log_uniform_on_each_side_with_half_the_weight},
        {"interval_needs_a_typical_value",
         test_draw_interval_needs_a_typical_value_and_keeps_it_where_a_bound_is_absent},
        {"catalogue_draws_by_key", test_draw_catalogue_draws_each_row_and_field_once_by_its_key},
        {"0_is_the_catalogue_itself", test_draw_0_is_the_catalogue_itself},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
