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

# Two runs of one result at the same moment, PAIRS times: one writes it, the other says so at once.
# The search has a few tenths of a second of work, so that both are at it together.
big=(--set space.params.steps=350 --set space.tokens.steps=350)
expect 0 "" run_ranks 1 frontier study.yaml "${big[@]}" --output big.h5
two_runs() {
  local i codes
  for i in 1 2; do
    (
      "$program" "$@" >two.$i.out 2>&1
      echo $? >two.$i.code
    ) &
  done
  wait
  codes=$(sort -n two.1.code two.2.code | tr '\n' ' ')
  [ "$codes" = "0 7 " ] || complain "exit codes $codes of two runs of one result: $*"
  [ "$(cat two.?.out | grep -c "^scalefront: another run is writing two\..* since ")" = 1 ] \
    || complain "not one line about the other run: $*"
  [ -z "$(find . -name 'two.h5.*')" ] || complain "left behind: $(find . -name 'two.h5.*')"
}
for _ in $(seq "${PAIRS:-5}"); do
  rm -rf two.*
  two_runs frontier study.yaml "${big[@]}" --output two.h5
  [ "$(digest two.h5)" = "$(digest big.h5)" ] || complain "another content beside another run"
done
for i in 1 2; do
  expect 0 "" run_ranks 1 frontier study.yaml "${big[@]}" --shard "$i/2" --output part.h5
done
cat >fit.yaml <<END
runs: {file: $studies/quickstart_runs.csv}
law: {id: chinchilla}
fit: {replicates: 200}
END
for job in "fit fit.yaml --output two.h5" "merge two.h5 part.1of2.h5 part.2of2.h5"; do
  rm -rf two.*
  # shellcheck disable=SC2086 # words are meant
  two_runs $job
done

# A run that is killed holds nothing, and the next one goes on.
"$program" fit fit.yaml --set fit.replicates=20000 --output killed.h5 >/dev/null 2>&1 &
pid=$!
for _ in {1..500}; do
  [ -s killed.h5.lock ] && break
  sleep 0.01
done
expect 7 "another run is writing killed.h5: pid $pid on host $(hostname) since " \
  run_ranks 1 fit fit.yaml --output killed.h5
kill -9 $pid
wait $pid 2>/dev/null
rm -rf killed.h5.journal
expect 0 "" run_ranks 1 fit fit.yaml --output killed.h5

# A launcher of another MPI starts programs that each see themselves alone.
for variable in SLURM_STEP_NUM_TASKS PMI_SIZE; do
  expect 2 "$variable: 4: " env "$variable=4" "$program" check study.yaml
  expect 0 "" env "$variable=1" "$program" check study.yaml
  expect 0 "" env "$variable=2" mpiexec -n 2 "$program" check study.yaml
done
expect 2 "srun --mpi=pmix" env SLURM_STEP_NUM_TASKS=4 "$program" check study.yaml

exit $bad
