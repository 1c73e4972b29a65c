#include "inputs/study/keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/study/study.h"

static const char *const objectives[] = {
    [STUDY_HUBER] = "huber", [STUDY_LAD] = "lad", [STUDY_LEAST_SQUARES] = "least_squares", NULL};
static const char *const residuals[] = {
    [STUDY_RESIDUAL_LOG] = "log", [STUDY_RESIDUAL_LINEAR] = "linear", NULL};
static const char *const resamplings[] = {
    [STUDY_KEYED] = "keyed", [STUDY_NUMPY_MT19937] = "numpy_mt19937", NULL};
static const char *const sensitivities[] = {
    [STUDY_SENSITIVITY_TABLE] = "table", [STUDY_SENSITIVITY_NONE] = "none", NULL};
static const char *const solvers[] = {[STUDY_NEWTON] = "newton", [STUDY_NLOPT] = "nlopt", NULL};
static const char *const bootstraps[] = {
    [STUDY_CASE] = "case", [STUDY_RESIDUAL] = "residual", [STUDY_CLUSTER] = "cluster", NULL};
static const char *const combines[] = {[STUDY_EACH] = "each", [STUDY_WORST] = "worst", NULL};
static const char *const switches[] = {[STUDY_FALSE] = "false", [STUDY_TRUE] = "true", NULL};
static const char *const scales[] = {[STUDY_LOG] = "log", [STUDY_LINEAR] = "linear", NULL};
static const char *const roles[] = {
    [STUDY_DECISION] = "decision", [STUDY_SCENARIO] = "scenario", [STUDY_DRAW] = "draw", NULL};
static const char *const paths[] = {"auto", "factored", "bounded", "streaming", NULL};
static const char *const amortisations[] = {[FOOTPRINT_BUSY] = "busy",
                                            [FOOTPRINT_UTILISED] = "utilised",
                                            [FOOTPRINT_CALENDAR] = "calendar",
                                            NULL};
static const char *const readings[] = {
    [HARDWARE_READING_A] = "A", [HARDWARE_READING_B] = "B", NULL};
static const char *const methods[] = {[STUDY_BY_ANY] = "auto",
                                      [STUDY_BY_CLOSED_FORM] = "closed_form",
                                      [STUDY_BY_BRENT] = "brent",
                                      [STUDY_BY_NLOPT] = "nlopt",
                                      NULL};
static const char *const bounds[] = {
    [HARDWARE_LO] = "lo", [HARDWARE_TYPICAL] = "typical", [HARDWARE_HI] = "hi", NULL};
static const char *const powers[] = {[FOOTPRINT_RATED] = "rated",
                                     [FOOTPRINT_SERVER] = "server",
                                     [FOOTPRINT_MEASURED] = "measured",
                                     NULL};
static const char *const boundaries[] = {
    [FOOTPRINT_DEVICE_ALONE] = "device", [FOOTPRINT_WITH_SERVER] = "server", NULL};
static const char *const payments[] = {
    [FOOTPRINT_PURCHASE] = "purchase", [FOOTPRINT_RENTAL] = "rental", NULL};
static const char *const countings[] = {[FOOTPRINT_COUNT_PARAMS] = "params",
                                        [FOOTPRINT_COUNT_LAST_LAYER] = "last_layer",
                                        [FOOTPRINT_COUNT_NON_EMBEDDING] = "non_embedding",
                                        [FOOTPRINT_COUNT_GIVEN] = "given",
                                        NULL};
static const char *const attentions[] = {
    [FOOTPRINT_NO_ATTENTION] = "false", [FOOTPRINT_ATTENTION] = "true", NULL};
static const char *const embeddings[] = {[SHAPE_UNTIED] = "untied", [SHAPE_TIED] = "tied", NULL};
static const char *const activations[] = {[MEMORY_NO_ACTIVATIONS] = "none",
                                          [MEMORY_ALL] = "all",
                                          [MEMORY_SELECTIVE] = "selective",
                                          [MEMORY_RECOMPUTED] = "recomputed",
                                          NULL};
static const char *const servings[] = {
    [FOOTPRINT_SERVING_COMPUTE] = "compute", [FOOTPRINT_SERVING_MEMORY] = "memory", NULL};

static const char *const evaluators[] = {
    [STUDY_BY_MODEL] = "model", [STUDY_BY_COMMAND] = "command", [STUDY_BY_TABLE] = "replay", NULL};
static const char *const policies[] = {
    [STUDY_SKIP] = "skip", [STUDY_ABORT] = "abort", [STUDY_RECOVER] = "recover", NULL};
static const char *const senses[] = {"minimise", "maximise", NULL};

#define AT(member)    .offset = offsetof(struct study, member)
#define SIZED(member) AT(member), .size = sizeof((struct study *)0)->member
#define PLACE(member) .place = offsetof(struct study, member)
#define COUNT(member) .count = offsetof(struct study, member)
/* Ranges: closed, left open, right open, open. */
#define FROM_TO(a, b)  .range = {(a), (b), false, false}
#define ABOVE_TO(a, b) .range = {(a), (b), true, false}
#define BETWEEN(a, b)  .range = {(a), (b), true, true}

static const char *const transforms[] = {"inferred", "log", "plain", NULL};

#define COLUMN_SIZE sizeof((struct study_column *)0)->column

static const struct keys_row rows[] = {
    {"title", KEYS_TEXT, SIZED(title), .help = "what the study is about, in one line"},
    {"seed", KEYS_COUNT, "0", AT(seed), FROM_TO(0, 0x1p64),
     .help = "key of all random numbers; the same seed gives the same result"},

    {"accept", KEYS_TEXTS, AT(accepted), .size = STUDY_MAX_ACCEPTED, COUNT(n_accepted),
     .help = "checks of plausibility whose findings are right as they are, as [compute_ratio, "
             "outlier]; docs/formats.md lists them"},

    {"runs.file", KEYS_TEXT, SIZED(runs_file), PLACE(runs_place),
     .help = "CSV or TSV file of observed runs, relative to the study"},
    {"runs.columns", KEYS_COLUMNS, AT(runs_columns), COUNT(n_runs_columns),
     .help = "columns of the file by the names of what the law reads and predicts, as {params: "
             "Model Size, y: score}; usual names are found without it"},
    {"runs.columns.params", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "column with the number of parameters"},
    {"runs.columns.tokens", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "column with the training tokens; without one, compute / (6 params)"},
    {"runs.columns.compute_flop", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "column with the training compute; without one, 6 params tokens"},
    {"runs.columns.loss_nat", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "column with the loss"},
    {"runs.columns.weight", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "column with the weight of each run in the sum; without one, 1 each"},
    {"runs.columns.loss_error", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "column with the standard error of each response; residuals are divided by it, and "
             "fit.delta is then in standard errors"},
    {"runs.columns.NAME", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "column with any other input of the law, or with its response; without it, the column "
             "of that name"},
    {"runs.columns.NAME.column", KEYS_TEXT, .size = COLUMN_SIZE, .is_member = true,
     .help = "the column, where a scale goes with it, as {column: N_M, scale: 1e6}"},
    {"runs.columns.NAME.scale", KEYS_NUMBER, "1", "1", ABOVE_TO(0, 1e30), .is_member = true,
     .help = "factor from the values of the file to those of the law"},
    {"runs.where", KEYS_FILTERS, AT(filters), COUNT(n_filters),
     .help = "rows to use, as [\"loss < 5\", \"family == pythia\"]; all must hold"},
    {"runs.drop_highest_loss", KEYS_COUNT, "0", AT(drop_highest_loss), FROM_TO(0, 1e9),
     .help = "drop the rows whose loss is among the k highest, ties included"},

    {"law.id", KEYS_TEXT, "chinchilla", SIZED(law_id), PLACE(law_id_place),
     .help = "scaling law to fit to the runs, or to take from a fit file"},
    {"law.set", KEYS_TEXT, SIZED(law_set), PLACE(law_set_place),
     .help = "published coefficients instead of a fit, a row of inputs/data/laws.tsv"},
    {"law.from", KEYS_TEXT, SIZED(law_from), PLACE(law_from_place),
     .help = "result file of an earlier fit, relative to the study"},
    {"law.formula", KEYS_TEXT, SIZED(law_formula), PLACE(law_formula_place),
     .help = "a law of one's own, as loss_nat = E + A/params^alpha; its names are those of "
             "law.inputs and law.parameters"},
    {"law.inputs", KEYS_TEXT, SIZED(law_inputs), PLACE(law_inputs_place),
     .help = "columns of the runs that law.formula may read, as \"width bits:plain>=3\"; params, "
             "tokens and compute_flop when not said"},
    {"law.parameters", KEYS_PARAMETERS, AT(law_parameters), COUNT(n_law_parameters),
     .help = "parameters of law.formula, or what differs in those of law.id, as {E: {}, alpha: "
             "{lower: 0.05, upper: 1.2}}"},
    {"law.parameters.NAME.lower", KEYS_NUMBER, .is_member = true, .help = "least value"},
    {"law.parameters.NAME.upper", KEYS_NUMBER, .is_member = true, .help = "largest value"},
    {"law.parameters.NAME.start", KEYS_NUMBER, .is_member = true,
     .help = "where the fit begins, or [from, to]"},
    {"law.parameters.NAME.transform", KEYS_CHOICE, .choices = transforms, .is_member = true,
     .help = "how the fit moves it; log for scales and plain for exponents when not said"},
    {"law.parameters.NAME.fixed", KEYS_NUMBER, .is_member = true, .help = "held at this value"},
    {"law.parameters.NAME.prior.mean", KEYS_NUMBER, .is_member = true,
     .help = "mean of a Gaussian prior"},
    {"law.parameters.NAME.prior.sd", KEYS_NUMBER, .is_member = true,
     .help = "standard deviation of the prior"},
    {"law.parameters.NAME.tie", KEYS_TEXT, .size = CUSTOM_NAME_SIZE, .is_member = true,
     .help = "the parameter that it equals"},

    {"law.corrections", KEYS_CORRECTIONS, AT(corrections), .size = STUDY_MAX_CORRECTIONS,
     COUNT(n_corrections), PLACE(corrections_place),
     .help = "what stands before and after the law: ids of published coefficients, rows of "
             "inputs/data/corrections.tsv, or mappings as {kind: repetition, RD: 15}"},
    {"law.corrections.set", KEYS_TEXT, .size = CORRECT_ID_SIZE, .is_member = true,
     .help = "published coefficients; other numbers of the mapping replace theirs"},
    {"law.corrections.kind", KEYS_TEXT, .size = CORRECT_ID_SIZE, .is_member = true,
     .help = "kind of correction, for numbers of one's own: the table below"},
    {"law.corrections.from", KEYS_TEXT, .size = 256, .is_member = true,
     .help = "result file of a fit whose parameters it takes by name, relative to the study"},
    {"law.corrections.source", KEYS_TEXT, .size = 64, .is_member = true,
     .help = "key of the paper that the numbers are from; the study's own when not said"},
    {"law.corrections.PARAMETER", KEYS_NUMBER, .is_member = true,
     .help = "a number of the correction"},

    {"fit.objective", KEYS_CHOICE, "huber", .choices = objectives, AT(objective),
     .help = "what the fit minimises"},
    {"fit.delta", KEYS_NUMBER, "1e-3", "1", ABOVE_TO(0, 10), AT(delta),
     .help = "where Huber's loss turns from square to linear"},
    {"fit.over_prediction", KEYS_NUMBER, "1", "1", BETWEEN(0, 1e6), AT(over_prediction),
     .help = "factor of a run's part of the objective where the law predicts too much"},
    {"fit.residual", KEYS_CHOICE, "log", .choices = residuals, AT(residual),
     .help = "difference of logarithms of losses, or of losses"},
    {"fit.starts", KEYS_COUNT, "0", FROM_TO(0, 1e5), AT(starts),
     .help = "starts, at points of a scrambled Sobol sequence over the exponents that "
             "fit.start_grid does not name; 0 for a grid of 25 levels of one exponent, 5 of two, 3 "
             "of three and four, and for the best 256 of 2048 points over more"},
    {"fit.start_grid", KEYS_GRID, AT(start_grid), COUNT(n_start_grid),
     .help = "levels of parameters at which to start, each with each, as {alpha: [0.2, 0.3]}; what "
             "is not named starts as without it"},
    {"fit.start_grid.NAME", KEYS_NUMBERS, .is_member = true, .help = "up to 16 different values"},
    {"fit.solver", KEYS_CHOICE, "newton", .choices = solvers, AT(solver),
     .help = "what minimises: Newton's method, with NLopt's SLSQP where it fails, or SLSQP "
             "throughout"},
    {"fit.replicates", KEYS_COUNT, "1000", FROM_TO(0, 1e6), AT(replicates),
     .help = "bootstrap replicates; 0 for none"},
    {"fit.resampling", KEYS_CHOICE, "keyed", .choices = resamplings, AT(resampling),
     .help = "generator of the bootstrap's draws"},
    {"fit.bootstrap", KEYS_CHOICE, "case", .choices = bootstraps, AT(bootstrap),
     PLACE(bootstrap_place),
     .help = "what is drawn: runs, residuals on the fitted values, or whole groups of runs"},
    {"fit.cluster", KEYS_TEXT, SIZED(cluster), PLACE(cluster_place),
     .help = "column of the runs file that tells the groups, for fit.bootstrap: cluster"},
    {"fit.profile", KEYS_CHOICE, "true", .choices = switches, AT(profile),
     .help = "profile likelihood intervals; without them a fit of few runs takes half the time"},
    {"fit.confidence", KEYS_NUMBER, "0.95", "1", BETWEEN(0, 1), AT(confidence),
     .help = "of intervals"},
    {"fit.target_compute_flop", KEYS_NUMBER, NULL, "FLOP", BETWEEN(0, INFINITY),
     AT(target_compute_flop),
     .help = "budget at which the best params and tokens are reported; without it, the largest "
             "compute seen"},
    {"fit.folds", KEYS_COUNT, "5", FROM_TO(0, 255), AT(folds),
     .help = "random folds of cross-validation, 2 or more; 0 for none"},
    {"fit.held_out_share", KEYS_NUMBER, "0.2", "1", FROM_TO(0, 0.9), AT(held_out_share),
     .help = "share of the runs, those of most compute, predicted from the rest; 0 for none"},
    {"fit.sensitivity", KEYS_CHOICE, "table", .choices = sensitivities, AT(sensitivity),
     .help = "fit again under other objectives, residuals and rows, and show how the answer moves"},
    {"fit.compare", KEYS_LAWS, AT(compare), .size = STUDY_MAX_COMPARE, COUNT(n_compare),
     .help = "more laws to fit to the same rows and to hold against law.id, each by its name or as "
             "{id: name, parameters: {...}}; law.parameters speaks of law.id alone"},
    {"fit.compare.parameters", KEYS_PARAMETERS, .is_member = true,
     .help = "as law.parameters: lower, upper, fixed, tie and prior"},

    {"fit.approaches", KEYS_NUMBERS, NULL, "1", FROM_TO(1, STUDY_N_APPROACHES), AT(approaches),
     .size = STUDY_N_APPROACHES, COUNT(n_approaches), PLACE(approaches_place),
     .help =
         "of [1, 2, 3], those wanted beside the fit of the law, which is 3 and always done: 1 the "
         "envelope of least losses, 2 parabolas through runs of equal compute"},

    {"space", KEYS_SPACE, AT(space), COUNT(n_space),
     .help = "inputs of the search: a fixed value, a list of levels, or a mapping as below"},
    {"space.INPUT.from", KEYS_NUMBER, .is_member = true, .help = "first level of a range"},
    {"space.INPUT.to", KEYS_NUMBER, .is_member = true, .help = "last level of a range"},
    {"space.INPUT.steps", KEYS_COUNT, "100", FROM_TO(1, 1e6), .is_member = true,
     .help = "levels of a range, both ends included"},
    {"space.INPUT.step", KEYS_NUMBER, .is_member = true,
     .help = "with integer: from one whole level to the next, instead of steps"},
    {"space.INPUT.integer", KEYS_CHOICE, "false", .choices = switches, .is_member = true,
     .help = "whole levels up to 2^53: those of a range, or what a formula gives, are rounded, and "
             "levels that come out alike are one"},
    {"space.INPUT.formula", KEYS_TEXT, .is_member = true,
     .help = "value that follows from other inputs, as \"20 * params\": no axis, and no more "
             "configurations"},
    {"space.INPUT.scale", KEYS_CHOICE, .choices = scales, .is_member = true,
     .help = "spacing of a range; log for counts, linear for the rest"},
    {"space.INPUT.values", KEYS_NUMBERS, .is_member = true,
     .help = "levels, numbers or names, instead of a range"},
    {"space.INPUT.role", KEYS_CHOICE, "decision", .choices = roles, .is_member = true,
     .help = "decision: levels compete; scenario: one frontier a level; draw: every draw of the "
             "band takes one, and the point frontier the middle one"},
    {"space.INPUT.weights", KEYS_NUMBERS, .is_member = true,
     .help = "of a draw: how often each of values is drawn, relative to the others"},
    {"space.INPUT.combine", KEYS_CHOICE, "each", .choices = combines, .is_member = true,
     .help = "worst: beside one frontier a level of this scenario, that of the worst values over "
             "its levels"},

    {"objectives", KEYS_OBJECTIVES, AT(objectives), COUNT(n_objectives), PLACE(objectives_place),
     .help = "outcomes to make small together; accuracy_ratio is made large"},
    {"constraints", KEYS_LIMITS, AT(limits), COUNT(n_limits),
     .help = "bounds on outcomes, as {energy_kwh: {max: 1 GWh}}"},
    {"constraints.OUTCOME.min", KEYS_NUMBER, .is_member = true, .help = "least allowed"},
    {"constraints.OUTCOME.max", KEYS_NUMBER, .is_member = true, .help = "most allowed"},
    {"accept_unpriced", KEYS_ANY_INPUTS, AT(accept_unpriced), COUNT(n_accept_unpriced),
     .help = "inputs that may be chosen although nothing asked for pays for them: rows then have "
             "flag_unpriced"},

    {"search.path", KEYS_CHOICE, "auto", .choices = paths, AT(path),
     .help = "way through the space; all give the same rows, and auto takes the fastest that can"},

    {"thin.points", KEYS_COUNT, "50", AT(thin_points), FROM_TO(0, 1e5),
     .help = "rows of each scenario level that cover the most hypervolume, kept beside the "
             "frontier; of 2 to 4 objectives; 0 = none"},
    {"thin.epsilon", KEYS_NUMBER, "0.01", "1", FROM_TO(0, 1), AT(thin_epsilon),
     .help = "edge of the boxes of which one row each is kept beside the frontier, a share of its "
             "extent; 0 = none"},

    {"band.draws", KEYS_COUNT, "0", FROM_TO(0, 1e6), AT(band_draws), PLACE(band_draws_place),
     .help = "replicates of the fit under which the frontier is looked at again; 0 for none, and, "
             "in the job band, for all"},
    {"band.catalogue", KEYS_CHOICE, "false", .choices = switches, AT(band_catalogue),
     PLACE(band_catalogue_place), .help = "draw the figures of the catalogue that have bounds too"},
    {"band.epsilon_nat", KEYS_NUMBER, NULL, "nat", BETWEEN(0, INFINITY), AT(band_epsilon_nat),
     PLACE(band_epsilon_place),
     .help =
         "regret that counts as none; without it, the loss that 5 % more compute buys at the row"},
    {"band.keep", KEYS_NUMBER, "0.05", "1", FROM_TO(0, 1), AT(band_keep),
     .help = "least share of draws in which a configuration off the frontier is within "
             "band.epsilon_nat, to be a row of the band"},
    {"band.candidates", KEYS_COUNT, "2000", FROM_TO(0, 1e8), AT(band_candidates),
     .help = "most configurations of a scenario level off the frontier that are looked at"},

    {"footprint.amortisation", KEYS_CHOICE, "busy", .choices = amortisations,
     AT(footprint.amortisation),
     .help = "hours of a device's life that carry its mass and embodied carbon"},
    {"footprint.utilisation_ratio", KEYS_NUMBER, "1", "1", ABOVE_TO(0, 1),
     AT(footprint.utilisation_ratio),
     .help = "share of the life that is work, for amortisation: utilised"},
    {"footprint.power_ratio", KEYS_NUMBER, "1", "1", ABOVE_TO(0, 10), AT(footprint.power_ratio),
     .help = "mean draw over the rated power, for power: rated and server"},
    {"footprint.power", KEYS_CHOICE, "rated", .choices = powers, AT(footprint.power),
     .help = "power at the wall: rated of the device, server with the rest of the server, measured "
             "the mean draw of whole systems"},
    {"footprint.bound", KEYS_CHOICE, "typical", .choices = bounds, AT(footprint.bound),
     .help = "which end of published intervals of mass and embodied carbon"},
    {"footprint.embodied", KEYS_CHOICE, "device", .choices = boundaries, AT(footprint.embodied),
     .help = "whose making the embodied carbon is: the device, or its share of the server too"},
    {"footprint.cost", KEYS_CHOICE, "purchase", .choices = payments, AT(footprint.cost),
     .help = "devices bought, with their servers and electricity, or rented"},
    {"footprint.counting", KEYS_CHOICE, "params", .choices = countings, AT(footprint.counting),
     .help = "operations that count: of all parameters, of the body and the last layer, of the "
             "body, or flop_per_token as given"},
    {"footprint.attention", KEYS_CHOICE, "false", .choices = attentions, AT(footprint.attention),
     .help = "whether the operations of attention between tokens count too"},
    {"footprint.embeddings", KEYS_CHOICE, "untied", .choices = embeddings, AT(footprint.embeddings),
     .help = "two matrices of the vocabulary among the parameters, or one for both ends"},
    {"footprint.serving", KEYS_CHOICE, "compute", .choices = servings, AT(footprint.serving),
     .help = "time of serving: operations alone, or reading the cache of keys and values too; "
             "goodput_ratio divides both"},
    {"footprint.flop_per_byte", KEYS_NUMBER, "562.5", "1", FROM_TO(0, 1e6),
     AT(footprint.flop_per_byte), .help = "operations that a byte read costs, in decode_eflop"},
    {"footprint.activations", KEYS_CHOICE, "none", .choices = activations,
     AT(footprint.activations),
     .help = "activations that memory_byte counts: none, all, selective (those of attention are "
             "computed again) or recomputed (the inputs of layers are held)"},
    {"footprint.mean_life_year", KEYS_NUMBER, "5", "year", ABOVE_TO(0, 100),
     AT(footprint.mean_life_year),
     .help = "mean life of a device that is not retired, for lifespan_model"},
    {"footprint.life_shape", KEYS_NUMBER, "5", "1", FROM_TO(0.2, 50), AT(footprint.life_shape),
     .help = "shape of Weibull, for lifespan_model: weibull"},
    {"footprint.progress_ratio", KEYS_NUMBER, "0", "1", FROM_TO(0, 10),
     AT(footprint.progress_ratio),
     .help = "growth a year of the operations a joule of new devices, which charges energy to a "
             "long lifespan; 0.3 from 2020 to 2024"},
    {"footprint.failures_per_device_hour", KEYS_NUMBER, "2.195e-5", "1", ABOVE_TO(0, 1),
     AT(footprint.failures.per_device_hour), .help = "interruptions, for goodput_model: daly"},
    {"footprint.checkpoint_hour", KEYS_NUMBER, "10 s", "hour", ABOVE_TO(0, 100),
     AT(footprint.failures.checkpoint_hour),
     .help = "time to write a checkpoint, for goodput_model: daly"},
    {"footprint.restart_hour", KEYS_NUMBER, "10 min", "hour", FROM_TO(0, 100),
     AT(footprint.failures.restart_hour),
     .help = "time from a failure until the run goes on, for goodput_model: daly"},

    {"observed.device_hour", KEYS_NUMBER, NULL, "hour", BETWEEN(0, INFINITY),
     AT(observed.device_hour), PLACE(observed.place),
     .help = "device-hours that the training run of `evaluate` took: its MFU follows"},
    {"observed.duration_hour", KEYS_NUMBER, NULL, "hour", BETWEEN(0, INFINITY),
     AT(observed.duration_hour), PLACE(observed.place),
     .help = "the same as time of the clock, on space.fleet_devices devices"},
    {"observed.energy_kwh", KEYS_NUMBER, NULL, "kWh", BETWEEN(0, INFINITY), AT(observed.energy_kwh),
     PLACE(observed.place),
     .help = "electricity that it took at the wall, PUE included: its power follows"},
    {"observed.power_watt", KEYS_NUMBER, NULL, "W", BETWEEN(0, INFINITY), AT(observed.power_watt),
     PLACE(observed.place),
     .help = "mean draw of a device at work with its share of the server, in the place of "
             "footprint.power"},

    {"catalogue.devices", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_DEVICES]),
     .help = "a table of one's own beside inputs/data/devices.tsv, relative to the study: its rows "
             "replace those of the same id and add others"},
    {"catalogue.formats", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_FORMATS]),
     .help = "the same for formats.tsv: factors from the MFU of bf16"},
    {"catalogue.grids", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_GRIDS]),
     .help = "the same for grids.tsv: electricity"},
    {"catalogue.sites", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_SITES]),
     .help = "the same for sites.tsv: data centres"},
    {"catalogue.materials", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_MATERIALS]),
     .help = "the same for materials.tsv: compositions, each replaced whole"},
    {"catalogue.mfu", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_MFU]),
     .help = "the same for mfu.tsv: observed MFU; a row may tell device_hour, params and tokens "
             "instead of mfu_ratio"},
    {"catalogue.optimizers", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_OPTIMIZERS]),
     .help = "the same for optimizers.tsv: bytes that optimizers keep"},
    {"catalogue.elements", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_ELEMENTS]),
     .help = "the same for elements.tsv: elements and their densities"},
    {"catalogue.classes", KEYS_TEXT, SIZED(catalogue_files[HARDWARE_CLASSES]),
     .help = "the same for classes.tsv: named lists of elements"},
    {"catalogue.reading", KEYS_CHOICE, "A", .choices = readings, AT(catalogue_reading),
     .help = "of the composition of the A100: A takes its heat sink as copper, B every published "
             "sentence to the letter"},
    {"catalogue.heavy_above_g_per_cm3", KEYS_NUMBER, NULL, "1", BETWEEN(0, 50),
     AT(heavy_above_g_per_cm3),
     .help = "density above which a metal is in the class heavy; without it, as in classes.tsv"},
    {"catalogue.class_columns", KEYS_TEXT, SIZED(class_columns), PLACE(class_columns_place),
     .help =
         "named lists of elements of classes.tsv, separated by blanks, whose mass in the device "
         "lives used up becomes columns of a frontier: class_heavy_kg, with _lo and _hi"},

    {"allocate.questions", KEYS_QUESTIONS, AT(questions), COUNT(n_questions),
     .help =
         "what to solve for, as [\"minimise energy_kwh at loss_nat <= 2.0 over params, tokens\"]; "
         "limits are on outcomes or inputs, with <=, >= or =; that of an outcome may be `given`, "
         "its value for the design in space"},
    {"allocate.vary", KEYS_INPUTS, AT(vary), COUNT(n_vary),
     .help = "inputs that questions without `over` may move; params and tokens when not said, "
             "unless space holds them at one value"},
    {"allocate.method", KEYS_CHOICE, "auto", .choices = methods, AT(method),
     .help = "auto: a closed form where there is one, nested one-dimensional searches for one or "
             "two inputs, NLopt for more"},

    {"simulate.set", KEYS_TEXT, SIZED(simulate_set), PLACE(simulate_set_place),
     .help = "published coefficients that make the runs"},
    {"simulate.budgets_flop", KEYS_NUMBERS, NULL, "FLOP", BETWEEN(0, INFINITY), AT(budgets_flop),
     .size = STUDY_MAX_LIST, COUNT(n_budgets), .help = "compute of each curve of equal compute"},
    {"simulate.points", KEYS_COUNT, "9", FROM_TO(1, 1e6), AT(simulate_points),
     .help = "runs a budget"},
    {"simulate.noise", KEYS_NUMBER, "0.01", "1", FROM_TO(0, 1), AT(simulate_noise),
     .help = "standard deviation of the logarithm of the loss"},
    {"simulate.span", KEYS_NUMBER, "8", "1", ABOVE_TO(1, 1e6), AT(simulate_span),
     .help = "models reach from the best size divided by it to the best size times it"},

    {"plan.params.from", KEYS_NUMBER, NULL, "count", BETWEEN(0, INFINITY), AT(plan_params.from),
     PLACE(plan_params.place),
     .help = "least params of a run that may be planned; without it, the "
             "least of the runs"},
    {"plan.params.to", KEYS_NUMBER, NULL, "count", BETWEEN(0, INFINITY), AT(plan_params.to),
     .help = "most params of such a run; without it, the most of the runs"},
    {"plan.params.steps", KEYS_COUNT, "25", FROM_TO(1, 100), AT(plan_params.steps),
     .help = "sizes to choose from, evenly in the logarithm"},
    {"plan.tokens.from", KEYS_NUMBER, NULL, "count", BETWEEN(0, INFINITY), AT(plan_tokens.from),
     PLACE(plan_tokens.place), .help = "the same for tokens"},
    {"plan.tokens.to", KEYS_NUMBER, NULL, "count", BETWEEN(0, INFINITY), AT(plan_tokens.to),
     .help = "the same for tokens"},
    {"plan.tokens.steps", KEYS_COUNT, "25", FROM_TO(1, 100), AT(plan_tokens.steps),
     .help = "the same for tokens"},
    {"plan.budget.compute_flop", KEYS_NUMBER, NULL, "FLOP", BETWEEN(0, INFINITY),
     AT(plan_budget[STUDY_BUDGET_COMPUTE]), PLACE(plan_budget_places[STUDY_BUDGET_COMPUTE]),
     .help = "most that all planned runs may cost together; one of these four"},
    {"plan.budget.device_hour", KEYS_NUMBER, NULL, "hour", BETWEEN(0, INFINITY),
     AT(plan_budget[STUDY_BUDGET_DEVICE_HOUR]), PLACE(plan_budget_places[STUDY_BUDGET_DEVICE_HOUR]),
     .help = "the same; needs a device, mfu_ratio and precision in space"},
    {"plan.budget.energy_kwh", KEYS_NUMBER, NULL, "kWh", BETWEEN(0, INFINITY),
     AT(plan_budget[STUDY_BUDGET_ENERGY]), PLACE(plan_budget_places[STUDY_BUDGET_ENERGY]),
     .help = "the same; needs a site too"},
    {"plan.budget.cost_usd", KEYS_NUMBER, NULL, "USD", BETWEEN(0, INFINITY),
     AT(plan_budget[STUDY_BUDGET_COST]), PLACE(plan_budget_places[STUDY_BUDGET_COST]),
     .help = "the same in money"},
    {"plan.runs", KEYS_COUNT, "12", FROM_TO(1, 1000), AT(plan_runs), .help = "most runs to plan"},
    {"plan.repeats", KEYS_COUNT, "1", FROM_TO(1, 1000), AT(plan_repeats),
     .help = "most times that the same run is planned, with another seed of its own"},
    {"plan.target", KEYS_TEXT, "params", SIZED(plan_target), PLACE(plan_target_place),
     .help =
         "figure to become certain: params, tokens or loss_nat of the optimum at "
         "plan.target_compute_flop, its expected regret, exponent_a, or a parameter of the law"},
    {"plan.target_compute_flop", KEYS_NUMBER, NULL, "FLOP", BETWEEN(0, INFINITY),
     AT(plan_compute_flop), .help = "compute of that optimum; without it, fit.target_compute_flop"},
    {"plan.draws", KEYS_COUNT, "32", FROM_TO(0, 1000), AT(plan_draws),
     .help = "replicates of the fit that the plan is for, beside its optimum"},
    {"plan.noise", KEYS_NUMBER, NULL, "1", BETWEEN(0, INFINITY), AT(plan_noise),
     .help = "standard deviation of a new run's residual; without it, that of the fit; published "
             "coefficients (law.set) need it"},
    {"plan.worth", KEYS_NUMBER, "0.1", "1", FROM_TO(0, 1), AT(plan_worth),
     .help = "a run is worth its footprint while its gain per cost is at least this share of that "
             "of the plan up to it"},
    {"plan.support", KEYS_NUMBER, "1", "1", FROM_TO(1, 1e6), AT(plan_support),
     PLACE(plan_support_place),
     .help =
         "greatest extrapolation_ratio of a planned run: 1 keeps to the hull of the runs of the "
         "fit, 4 lets the product of the factors by which params and tokens lie outside it "
         "reach 4"},

    {"bayes.evaluator", KEYS_CHOICE, "model", .choices = evaluators, AT(evaluator),
     PLACE(evaluator_place),
     .help = "what evaluates designs, for the job bayes: the model of this program over space, a "
             "command of one's own, or the rows of a table"},
    {"bayes.variables", KEYS_VARIABLES, AT(variables), COUNT(n_variables), PLACE(variables_place),
     .help = "what a command or a table varies, as {lr: {from: 1e-4, to: 0.1, scale: log}, width: "
             "[64, 128], optimizer: [adam, sgd]}; with evaluator: model it is space"},
    {"bayes.variables.NAME.from", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "first value of a range"},
    {"bayes.variables.NAME.to", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "last value of a range; a table has its own values between them"},
    {"bayes.variables.NAME.scale", KEYS_CHOICE, "linear", .choices = scales, .is_member = true,
     .help = "how a range is spread"},
    {"bayes.variables.NAME.values", KEYS_NUMBERS, .is_member = true,
     .help = "levels instead of a range: numbers with an order, or names"},
    {"bayes.variables.NAME.unit", KEYS_TEXT, .size = STUDY_NAME_SIZE, .is_member = true,
     .help = "unit, for the result file"},
    {"bayes.objectives", KEYS_GOALS, AT(goals), COUNT(n_goals), PLACE(goals_place),
     .help = "outcomes of the command or columns of the table that compete, as {loss: {}, "
             "throughput: {sense: maximise}}; with evaluator: model what more is said of "
             "objectives"},
    {"bayes.objectives.NAME.sense", KEYS_CHOICE, "minimise", .choices = senses, .is_member = true,
     .help = "which way is better"},
    {"bayes.objectives.NAME.scale", KEYS_CHOICE, "linear", .choices = scales, .is_member = true,
     .help = "log: positive, and its ratios count"},
    {"bayes.objectives.NAME.reference", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "worst value of interest, a corner of the box whose covered share is the "
             "hypervolume; without it, from the first designs"},
    {"bayes.objectives.NAME.ideal", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "best value thinkable, the other corner"},
    {"bayes.objectives.NAME.noise_sd", KEYS_NUMBER, "0", "count", .is_member = true,
     .help = "standard deviation of an evaluation, of the logarithm where scale is log; 0: learnt"},
    {"bayes.objectives.NAME.recover", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "value of a failed evaluation, for on_failure: recover"},
    {"bayes.objectives.NAME.unit", KEYS_TEXT, .size = STUDY_NAME_SIZE, .is_member = true,
     .help = "unit, for the result file"},
    {"bayes.limits", KEYS_BOUNDS, AT(bounds), COUNT(n_bounds), PLACE(bounds_place),
     .help = "outcomes that must stay within bounds and are known after an evaluation only, as "
             "{memory_gb: {max: 80}}"},
    {"bayes.limits.NAME.min", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "least value allowed"},
    {"bayes.limits.NAME.max", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "largest value allowed"},
    {"bayes.limits.NAME.recover", KEYS_NUMBER, NULL, "count", .is_member = true,
     .help = "value of a failed evaluation, for on_failure: recover"},
    {"bayes.limits.NAME.unit", KEYS_TEXT, .size = STUDY_NAME_SIZE, .is_member = true,
     .help = "unit, for the result file"},
    {"bayes.constraints", KEYS_TEXTS, AT(rules), .size = STUDY_MAX_RULES, COUNT(n_rules),
     .help = "formulas over the variables that must hold before a design is evaluated, as [\"lr * "
             "batch <= 10\"]; a category is its place in its list, from 0"},
    {"bayes.command", KEYS_TEXTS, AT(words), .size = STUDY_MAX_WORDS, COUNT(n_words),
     PLACE(words_place),
     .help = "words of the command, as [./train.py, --lr, \"{lr}\"]; docs/running.md"},
    {"bayes.output", KEYS_TEXT, SIZED(bayes_output),
     .help = "file with the outcomes, in the folder of the evaluation; without it, what the "
             "command prints"},
    {"bayes.table", KEYS_TEXT, SIZED(bayes_table), PLACE(bayes_table_place),
     .help = "CSV of designs and outcomes, for evaluator: replay, relative to the study"},
    {"bayes.import", KEYS_TEXT, SIZED(bayes_import), PLACE(bayes_import_place),
     .help = "CSV, or result of an earlier search, whose evaluations this one begins with"},
    {"bayes.evaluations", KEYS_COUNT, "100", AT(bayes_evaluations), FROM_TO(0, 1e5),
     .is_conduct = true, .help = "designs to evaluate; 0: until another reason to stop"},
    {"bayes.time_hour", KEYS_NUMBER, NULL, "hour", BETWEEN(0, INFINITY), AT(bayes_time_hour),
     .is_conduct = true,
     .help = "begin no evaluation after this time, over all runs of the search; the result then "
             "depends on the clock"},
    {"bayes.hypervolume", KEYS_NUMBER, NULL, "1", ABOVE_TO(0, 1), AT(bayes_hypervolume),
     .is_conduct = true, .help = "stop when this share of the box is covered"},
    {"bayes.stagnation", KEYS_COUNT, "0", AT(bayes_stagnation), FROM_TO(0, 1e5), .is_conduct = true,
     .help = "stop after so many results without a gain of 1e-4 of the box; 0: never"},
    {"bayes.initial", KEYS_COUNT, "0", AT(bayes_initial), FROM_TO(0, 1e5),
     .help = "designs spread evenly before the first model; 0: twice the variables, and two"},
    {"bayes.lag", KEYS_COUNT, "8", AT(bayes_lag), FROM_TO(1, 1000),
     .help = "most evaluations under way at once; each design is made from the results up to so "
             "many before it, at any number of ranks"},
    {"bayes.timeout_hour", KEYS_NUMBER, NULL, "hour", BETWEEN(0, INFINITY), AT(timeout_hour),
     .is_conduct = true, .help = "time after which a command is stopped; without it, never"},
    {"bayes.retries", KEYS_COUNT, "0", AT(retries), FROM_TO(0, 100), .is_conduct = true,
     .help = "further attempts at a design that has failed"},
    {"bayes.on_failure", KEYS_CHOICE, "skip", .choices = policies, AT(on_failure),
     PLACE(on_failure_place), .is_conduct = true,
     .help = "after the last attempt: skip the design, which counts as infeasible, abort the "
             "search, or recover: take the values stated for that"},
    {"bayes.grace_hour", KEYS_NUMBER, "30 s", "hour", FROM_TO(0, 1000), AT(grace_hour),
     .is_conduct = true,
     .help = "how long commands go on after a request to stop; then they are lost and done again"},
    {"bayes.kill_after_hour", KEYS_NUMBER, "5 s", "hour", FROM_TO(0, 1), AT(kill_after_hour),
     .is_conduct = true, .help = "time between SIGTERM and SIGKILL for a command that is stopped"},
    {"bayes.keep_folders", KEYS_CHOICE, "false", .choices = switches, AT(keep_folders),
     .is_conduct = true, .help = "keep the folders of evaluations that succeeded too"},

    {"output", KEYS_TEXT, SIZED(output), PLACE(output_place),
     .help = "result file; without it, the study's name with .h5, in the working directory"},
};

const struct keys_row *keys_at(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const struct keys_row *keys_find(const char *path)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].path, path) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

size_t keys_members(const char *section, char names[KEYS_MAX_MEMBERS][KEYS_NAME_SIZE])
{
    const size_t length = strlen(section);
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *rest = rows[i].path;
        if (length > 0) {
            if (strncmp(rest, section, length) != 0 || rest[length] != '.') {
                continue;
            }
            rest += length + 1;
        }
        char name[KEYS_NAME_SIZE];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, "."), rest);
        if (n == 0 || strcmp(names[n - 1], name) != 0) {
            STATUS_ASSERT(n < KEYS_MAX_MEMBERS);
            memcpy(names[n++], name, sizeof name);
        }
    }
    return n;
}

bool keys_in_range(const struct keys_range *range, double value)
{
    const bool above = range->lower_open ? value > range->lower : value >= range->lower;
    const bool below = range->upper_open ? value < range->upper : value <= range->upper;
    return above && below;
}

void keys_range_text(const struct keys_range *range, char text[], size_t size)
{
    if (isinf(range->upper)) {
        (void)snprintf(text, size, "must be %s %.10g", range->lower_open ? ">" : "at least",
                       range->lower);
    } else {
        (void)snprintf(text, size, "must be in %c%.10g, %.10g%c", range->lower_open ? '(' : '[',
                       range->lower, range->upper, range->upper_open ? ')' : ']');
    }
}

void keys_join(const char *const words[], size_t n, char text[], size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n && length < size; i++) {
        const char *between = i == 0 ? "" : i + 1 < n ? ", " : " or ";
        const int written = snprintf(text + length, size - length, "%s%s", between, words[i]);
        length += written > 0 ? (size_t)written : 0;
    }
}

void keys_type_text(const struct keys_row *row, char text[], size_t size)
{
    static const char *const names[KEYS_N_TYPES] = {
        [KEYS_TEXT] = "text",        [KEYS_COUNT] = "count",        [KEYS_NUMBER] = "number",
        [KEYS_NUMBERS] = "list",     [KEYS_LAWS] = "list",          [KEYS_COLUMNS] = "mapping",
        [KEYS_FILTERS] = "list",     [KEYS_SPACE] = "mapping",      [KEYS_OBJECTIVES] = "list",
        [KEYS_LIMITS] = "mapping",   [KEYS_PARAMETERS] = "mapping", [KEYS_GRID] = "mapping",
        [KEYS_CORRECTIONS] = "list", [KEYS_QUESTIONS] = "list",     [KEYS_INPUTS] = "list",
        [KEYS_ANY_INPUTS] = "list",  [KEYS_VARIABLES] = "mapping",  [KEYS_GOALS] = "mapping",
        [KEYS_BOUNDS] = "mapping",   [KEYS_TEXTS] = "list",         [KEYS_CHOICE] = NULL};
    if (row->choices == NULL) {
        (void)snprintf(text, size, "%s", names[row->type]);
        return;
    }
    size_t n = 0;
    while (row->choices[n] != NULL) {
        n++;
    }
    keys_join(row->choices, n, text, size);
}
