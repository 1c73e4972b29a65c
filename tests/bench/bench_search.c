/* The exact paths on allocation-like grids (model size x tokens x 4 precisions x 384 machine
 * options, of which 10 survive; loss, energy, materials, carbon), the way of a frontier to its file
 * included:
 *
 *     mpiexec -n 2 bench_search factored|bounded|streaming STEPS [FILE.h5]
 *
 * STEPS log steps of N and of D, which are incommensurate. `bounded` adds a deadline: at most so
 * many devices, rounded up, as cannot be factored. 511 steps are 4.0e8 configurations, 25516 are
 * 1.0e12. Prints rows, seconds of the clock and of the processors, nanoseconds a configuration,
 * peak memory of the largest rank. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "search/exact/branch.h"
#include "search/exact/factor.h"
#include "search/exact/stream.h"
#include "search/front/frontier_file.h"
#include "solver/base/log.h"
#include "solver/base/team.h"
#include "tests/bench/bench.h"

enum { N_PRECISIONS = 4, N_MFU = 8, N_LIVES = 8, N_DEVICES = 6 };
enum { N_OPTIONS = N_MFU * N_LIVES * N_DEVICES, N_COSTS = 3 };

/* Axes: params, tokens, precision, device, mfu, life; the last three make an option. */
static struct space space;
static double *params, *tokens, *token_loss, *param_loss; /* param_loss: [params][precision] */
static double coefficients[N_COSTS][N_PRECISIONS][N_OPTIONS], hours[N_PRECISIONS][N_OPTIONS];
static struct tables_outcome outcomes[N_COSTS + 2];

static void add_axis(const char *name, size_t n, double *values)
{
    struct status_why why = {STATUS_OK, ""};
    struct space_axis axis = {
        .role = SPACE_DECISION, .kind = SPACE_NUMBER, .n = n, .values = values};
    (void)snprintf(axis.name, sizeof axis.name, "%s", name);
    STATUS_ASSERT(space_add(&space, &axis, &why) == STATUS_OK);
}

/* Coefficients of the machine options: device x MFU x life, per precision. */
static void fill_options(void)
{
    static const double watt[N_DEVICES] = {250, 300, 400, 700, 700, 1000};
    static const double peak[N_DEVICES] = {.125, .2, .312, .99, 1.0, 2.25};
    static const double mass[N_DEVICES] = {1.2, 1.3, 1.6, 2.1, 2.2, 3.4};
    static const double embodied[N_DEVICES] = {90, 110, 150, 164, 180, 260};
    for (size_t p = 0; p < N_PRECISIONS; p++) {
        for (size_t o = 0; o < N_OPTIONS; o++) {
            const size_t device = o / (N_MFU * N_LIVES);
            const double mfu = .2 + .06 * (double)(o / N_LIVES % N_MFU);
            const double life = 1 + (double)(o % N_LIVES);
            const double fp8 = device >= 3 ? 2 : 1, fp4 = device >= 5 ? 4 : fp8;
            const double gains[N_PRECISIONS] = {.5, 1, fp8, fp4};
            const double hour = 6 / (peak[device] * 1e15 * gains[p] * mfu * 3600);
            const double kwh =
                hour * watt[device] * (.3 + .7 * pow(mfu, .8)) * 1.2e-3 * (1 + .04 * (life - 1));
            const double lives = hour / (life * 8766) * (1 + 4 * mfu * mfu);
            hours[p][o] = hour / (90 * 24);
            coefficients[0][p][o] = kwh;
            coefficients[1][p][o] = lives * mass[device];
            coefficients[2][p][o] = kwh * .4 + lives * embodied[device];
        }
    }
}

static void make_space(size_t n)
{
    static double codes[N_OPTIONS];
    static const double gamma[N_PRECISIONS] = {4, 3, 2, 1.2};
    params = malloc(n * sizeof *params);
    tokens = malloc(n * sizeof *tokens);
    token_loss = malloc(n * sizeof *token_loss);
    param_loss = malloc(n * N_PRECISIONS * sizeof *param_loss);
    STATUS_ASSERT(params != NULL && tokens != NULL && token_loss != NULL && param_loss != NULL);
    space_init(&space);
    space_log(1e8, 1e12, n, params);
    space_log(1e9, 2e13, n, tokens);
    for (size_t i = 0; i < n; i++) {
        token_loss[i] = 2085.43 * pow(tokens[i], -.3658);
        for (size_t p = 0; p < N_PRECISIONS; p++) {
            param_loss[i * N_PRECISIONS + p] =
                1.8172 + 482.01 * pow(params[i] * (1 - exp(-gamma[p])), -.3478);
        }
    }
    for (size_t o = 0; o < N_OPTIONS; o++) {
        codes[o] = (double)o;
    }
    add_axis("params", n, params);
    add_axis("tokens", n, tokens);
    add_axis("precision", N_PRECISIONS, codes);
    add_axis("device", N_DEVICES, codes);
    add_axis("mfu", N_MFU, codes);
    add_axis("life", N_LIVES, codes);
}

static void make_outcomes(void)
{
    const struct tables_table n = {.values = params, .stride = {1}};
    const struct tables_table d = {.values = tokens, .stride = {0, 1}};
    outcomes[0] = (struct tables_outcome){
        .n_products = 2,
        .products = {{1, {{.values = param_loss, .stride = {N_PRECISIONS, 0, 1}}}},
                     {1, {{.values = token_loss, .stride = {0, 1}}}}}};
    for (size_t k = 0; k <= N_COSTS; k++) {
        const double *values = k < N_COSTS ? coefficients[k][0] : hours[0];
        outcomes[1 + k] = (struct tables_outcome){
            .n_products = 1,
            .products = {{3,
                          {n,
                           d,
                           {.values = values,
                            .stride = {0, 0, N_OPTIONS, N_MFU * N_LIVES, N_LIVES, 1}}}}},
            .rounds = k == N_COSTS};
    }
}

static void evaluate(const void *context, uint64_t begin, size_t n, double values[], size_t stride)
{
    const struct problem *p = context;
    size_t levels[SPACE_MAX_AXES];
    for (size_t i = 0; i < n; i++) {
        space_levels(&space, begin + i, levels);
        for (size_t k = 0; k < p->n_objectives + p->n_constraints; k++) {
            values[k * stride + i] = tables_value(&outcomes[k], space.n_axes, levels);
        }
    }
}

static enum status write_file(const char *path, const struct problem *p, const struct frontier *f,
                              const char *path_name, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *file = NULL;
    char digest[DIGEST_SIZE];
    const struct frontier_file_content content = {
        .problem = p, .frontier = f, .path_name = path_name};
    STATUS_TRY(h5_create(MPI_COMM_WORLD, path, &file, why));
    STATUS_TRY(frontier_file_write(MPI_COMM_WORLD, file, &content, why));
    st = h5_commit(file, digest, why);
    file = NULL;
    if (st == STATUS_OK && team_rank(MPI_COMM_WORLD) == 0) {
        (void)printf("digest %s\n", digest);
    }
out:
    h5_abandon(file);
    return st;
}

/* \param [in] searched, written  seconds of the clock. \param [in] worked  of this rank's
 * processor, in the search */
static void report(const struct frontier *f, double searched, double worked, double written)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    const double cpu = (double)used.ru_utime.tv_sec + 1e-6 * (double)used.ru_utime.tv_usec
                       + (double)used.ru_stime.tv_sec + 1e-6 * (double)used.ru_stime.tv_usec;
    const double peak = team_max(MPI_COMM_WORLD, 1e-3 * (double)used.ru_maxrss);
    const double most_cpu = team_max(MPI_COMM_WORLD, cpu);
    const double most_worked = team_max(MPI_COMM_WORLD, worked);
    const double n = (double)space_size(&space);
    if (team_rank(MPI_COMM_WORLD) == 0) {
        (void)printf("configurations %.4g  rows %zu  survivors %llu  evaluated %.4g\n"
                     "search %.3f s, of the processor %.3f s a rank = %.4f ns a configuration\n"
                     "write %.3f s  processor %.3f s a rank in all  peak %.0f MB a rank\n",
                     n, f->n_rows, (unsigned long long)f->n_survivors, (double)f->n_evaluated,
                     searched, most_worked, 1e9 * most_worked / n, written, most_cpu, peak);
    }
}

int main(int argc, char **argv)
{
    enum status st = STATUS_OK;
    struct status_why why = {STATUS_OK, ""};
    struct frontier f = {0};
    const struct path_options plain = {0};
    MPI_Init(&argc, &argv);
    log_start(team_rank(MPI_COMM_WORLD), LOG_INFO);
    if (argc < 3) {
        (void)fprintf(stderr, "usage: bench_search factored|bounded|streaming STEPS [FILE.h5]\n");
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    }
    make_space((size_t)atol(argv[2]));
    fill_options();
    make_outcomes();
    struct problem p = {
        .space = &space,
        .n_objectives = 4,
        .objectives = {{.name = "loss"}, {.name = "energy"}, {.name = "mass"}, {.name = "carbon"}},
        .n_constraints = argv[1][0] == 'b' ? 1 : 0,
        .constraints = {{.name = "devices", .lower = -(double)INFINITY, .upper = 65536}},
        .evaluate = evaluate,
        .context = &p,
        .tables = outcomes};
    const double begun = bench_seconds(), before = bench_processor_seconds();
    st = (argv[1][0] == 'f'   ? factor_search
          : argv[1][0] == 'b' ? branch_search
                              : stream_search)(MPI_COMM_WORLD, &p, &plain, &f, &why);
    const double found = bench_seconds(), worked = bench_processor_seconds() - before;
    if (st == STATUS_OK && argc > 3) {
        st = write_file(argv[3], &p, &f, argv[1], &why);
    }
    if (st == STATUS_OK) {
        report(&f, found - begun, worked, bench_seconds() - found);
    } else {
        (void)fprintf(stderr, "%s\n", why.message);
    }
    frontier_clear(&f);
    space_clear(&space);
    free(params);
    free(tokens);
    free(token_loss);
    free(param_loss);
    MPI_Finalize();
    return st == STATUS_OK ? 0 : 1;
}
