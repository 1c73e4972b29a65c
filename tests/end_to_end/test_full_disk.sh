#!/usr/bin/env bash
# A full disk: the result cannot be written, and nothing is left of it.
set -u
. "$(dirname "$0")/common.sh"

cat >good.yaml <<END
runs: {file: $bench/quickstart_runs.csv}
law: {id: chinchilla}
fit: {replicates: 16}
space:
  params: {from: 1B, to: 10B, steps: 12}
  tokens: {from: 20B, to: 1T, steps: 11}
  mfu_ratio: 0.4
  lifespan_year: 4
  device: A100-SXM4-40
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
END
if mkdir full && mount -t tmpfs -o size=64k tmpfs full 2>/dev/null; then
  for n in 1 3; do
    expect 3 "full/x.h5" run_ranks "$n" frontier good.yaml --output full/x.h5
    [ -z "$(find full -name 'x.h5*' -type f ! -path '*.journal/*')" ] \
      || complain "a partial file is left on the full disk"
  done
  umount full
else
  skip "no small file system can be mounted here"
fi

exit $bad
