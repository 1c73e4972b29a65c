/** \file throughput.h
 * What the throughput of training depends on beside the device and the format: the MFU that a model
 * of a size reaches, what is lost to communication when more devices work together, the share of
 * the time that failures leave, and what old devices lose against new ones (docs/model.md M164 to
 * M169). Every model has a source; outside the range of its data it gives NAN.
 */
#ifndef SOLVER_THROUGHPUT_H
#define SOLVER_THROUGHPUT_H

/** What gives the MFU of bf16 training. */
enum throughput_mfu {
    THROUGHPUT_MFU_CONSTANT,  /**< as said by the design */
    THROUGHPUT_MFU_LLMCARBON, /**< quadratics in the parameters: A100, Megatron */
    THROUGHPUT_MFU_FRONTIER,  /**< by parameters between three observations: MI250X */
    THROUGHPUT_N_MFU
};

/** What more devices at the same time do to it. */
enum throughput_scaling {
    THROUGHPUT_SCALING_CONSTANT, /**< nothing */
    THROUGHPUT_SCALING_POWER,    /**< a power law from one server on */
    THROUGHPUT_SCALING_LLAMA,    /**< between two observations of a model of 405B */
    THROUGHPUT_N_SCALING
};

/** What failures do to the goodput. */
enum throughput_goodput {
    THROUGHPUT_GOODPUT_CONSTANT, /**< what the design says is all */
    THROUGHPUT_GOODPUT_DALY,     /**< checkpoints at the best interval, restarts and lost work */
    THROUGHPUT_N_GOODPUT
};

const char *throughput_mfu_name(int model);
const char *throughput_scaling_name(int model);
const char *throughput_goodput_name(int model);

/** How often devices fail and what is done about it. */
struct throughput_failures {
    double per_device_hour; /**< interruptions of the run a device and hour; > 0 */
    double checkpoint_hour; /**< time to write a checkpoint; > 0 */
    double restart_hour;    /**< time from a failure until the run goes on; >= 0 */
};

/** Interruptions and restarts as published, checkpoints as they follow (docs/model.md M169). */
struct throughput_failures throughput_default_failures(void);

/** MFU of a model of \a params parameters; not for THROUGHPUT_MFU_CONSTANT. NAN outside the sizes
 * that were observed. */
double throughput_mfu_ratio(enum throughput_mfu model, double params);

/** MFU with \a devices over that with the fewest of which the model knows: one server, or 8,192 of
 * THROUGHPUT_SCALING_LLAMA. NAN below one device, and above the most that it knows. */
double throughput_scaling_ratio(enum throughput_scaling model, double devices);

/** Time between checkpoints that loses least. \param [in] mean_hour  between failures */
double throughput_checkpoint_interval_hour(double mean_hour, double checkpoint_hour);

/** Energy that a fleet of all ages up to \a lifespan_year needs for the same work, over that of its
 * newest devices, when the operations a joule of new devices grow by \a growth_per_year (a share).
 * 1 without growth. */
double throughput_ageing_ratio(double lifespan_year, double growth_per_year);

/** Share of the time in which \a devices make progress that is kept. NAN below one device and
 * for fleets that fail before they can go on. */
double throughput_goodput_ratio(enum throughput_goodput model, double devices,
                                const struct throughput_failures *failures);

#endif
