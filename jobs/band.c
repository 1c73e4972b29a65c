#include "jobs/frontier.h"

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    return frontier_run(comm, arguments, true, why);
}

const struct job band_job = {
    .name = "band",
    .takes = "STUDY.yaml",
    .help = "the frontier, and what it is worth under the uncertainty of the fit",
    .detail =
        "Does what frontier does, then finds the exact frontier again for each replicate of the\n"
        "fit (and of the catalogue, with band.catalogue) and writes, for each row, how much loss\n"
        "it gives away where that replicate is the truth, and how often it is as good as the best\n"
        "(docs/formats.md, /frontier/band). Interrupted (exit code 85), the same command goes on.",
    .options = JOB_STUDY | JOB_OUTPUT,
    .run = run,
};
