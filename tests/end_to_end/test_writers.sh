#!/usr/bin/env bash
# What other runs do, or have left behind, never hangs a run and never costs a result.
set -u
. "$(dirname "$0")/common.sh"

cat >study.yaml <<END
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 100B, steps: 10}
  tokens: {from: 20B, to: 5T, steps: 10}
  precision: bf16
  mfu_ratio: 0.4
  lifespan_year: 4
  device: H100-SXM5-80
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
END
# The content digest of this study, which nothing below may change.
expect 0 "" run_ranks 2 frontier study.yaml --output whole.h5
right=$(digest whole.h5)

# A rank that dies while Open MPI opens a file leaves a semaphore that is never raised again, named
# for the file; sem_t is 32 bytes, and all zero is a semaphore of value 0.
name=stale.$$.h5
semaphore=/dev/shm/sem.OMPIO_$name.partial
if head -c 32 /dev/zero 2>/dev/null >"$semaphore"; then
  for n in 1 2; do
    expect 0 "" timeout -k 5 60 mpiexec -n "$n" "$program" frontier study.yaml --output "$name"
    [ "$(digest "$name")" = "$right" ] || complain "another content beside a stale semaphore"
    rm -f "$name"
  done
  rm -f "$semaphore"
else
  skip "no semaphore can be made in /dev/shm"
fi

exit $bad
