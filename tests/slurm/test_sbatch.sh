#!/usr/bin/env bash
# The .sbatch files under a real, private Slurm. Usage: test_sbatch.sh PROGRAM SOURCE_DIR
set -u
program=$1
source=$2
here=$source/tests/slurm
folder=$(mktemp -d /tmp/scalefront_slurm.XXXXXX)
trap '"$here/stop.sh" "$folder"' EXIT
trap 'exit 1' INT TERM HUP
failed=0

reason=$("$here/start.sh" "$folder" 4)
case $? in
  0) ;;
  77)
    echo "$reason"
    exit 77
    ;;
  *)
    echo "start.sh failed: $reason"
    exit 1
    ;;
esac
export SLURM_CONF=$folder/slurm.conf
cd "$folder/tmp" || exit 1

# fail CLAIM: report it with what the job printed last.
fail() {
  echo "FAILED: $1"
  scontrol show job "$job" 2>/dev/null | grep -E 'JobState|ExitCode|Reason|StdOut' | sed 's/^/  /'
  tail -n 15 "$out" 2>/dev/null | sed 's/^/  | /'
  tail -n 15 "$folder/slurmd.log" | sed 's/^/  slurmd: /'
  failed=1
}
submit() { # submit JOB ARGUMENTS...: on two ranks; sets job and out
  local name=$1
  shift
  job=$(sbatch --parsable --ntasks=2 --time=5 "$source/jobs/$name.sbatch" "$@")
  out=$name.$job.out
}
field() { # field NAME: of the job, as Slurm shows it
  scontrol show job "$job" --oneliner | tr ' ' '\n' | sed -n "s/^$1=//p"
}
wait_for() { # wait_for SECONDS COMMAND...: until it succeeds
  local tenths=$(($1 * 10))
  shift
  while ! "$@"; do
    [ $((tenths--)) -gt 0 ] || return 1
    sleep 0.1
  done
}
has_ended() {
  case $(field JobState) in PENDING | RUNNING | COMPLETING | CONFIGURING) return 1 ;; esac
}
prints() {
  grep -q "$1" "$out" 2>/dev/null
}
both_ranks_print() {
  [ "$(grep -c "$1" "$out" 2>/dev/null)" = 2 ]
}
is_requeued() {
  [ "$(field JobState)" = PENDING ] && [ "$(field Restarts)" = 1 ]
}

# A program that works until it is asked to stop, once; it is no MPI program, so each rank is alone.
cat >stand_in <<'END'
#!/usr/bin/env bash
trap 'echo "asked to stop"; exit 85' USR1
echo "run ${SLURM_RESTART_COUNT:-0}: $*"
[ "${SLURM_RESTART_COUNT:-0}" = 0 ] || exit 0
for _ in {1..300}; do sleep 0.1; done
END
chmod +x stand_in

for name in fit frontier; do
  SCALEFRONT=$PWD/stand_in submit "$name" "a study.yaml" --set seed=7
  if ! wait_for 20 both_ranks_print "run 0: $name a study.yaml --set seed=7"; then
    fail "$name.sbatch starts the program with its arguments"
    continue
  fi
  scancel --batch --signal=USR1 "$job"
  wait_for 20 is_requeued || fail "$name.sbatch requeues a job that saved its work"
  # Slurm would hold the job for two minutes. A second is needed: slurmd keeps whole seconds, and
  # refuses a job that it ended in this one.
  sleep 2
  scontrol update jobid="$job" StartTime=now
  wait_for 30 has_ended || fail "$name.sbatch ends after its requeue"
  [ "$(field JobState) $(field ExitCode)" = "COMPLETED 0:0" ] ||
    fail "$name.sbatch completes after its requeue"
  prints "asked to stop" && prints "run 1: $name a study.yaml" ||
    fail "$name.sbatch appends the output of both runs"
done

SCALEFRONT=$PWD/absent submit fit study.yaml
wait_for 20 has_ended
[ "$(field ExitCode)" = 2:0 ] && prints "no program at .*absent" ||
  fail "fit.sbatch says that the program is missing"

# The real program on a small study.
export SCALEFRONT=$program
for name in fit frontier; do
  submit "$name" "$source/inputs/studies/quickstart.yaml" --output "$name.h5"
  wait_for 120 has_ended
  [ "$(field JobState) $(field ExitCode)" = "COMPLETED 0:0" ] && [ -s "$name.h5" ] ||
    fail "$name.sbatch completes the quickstart study"
done

# A search in three tasks of an array, and the merge that depends on them: the content of one run.
cat >sweep.yaml <<'END'
title: an array of jobs
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 200B, steps: 60}
  tokens: {from: 20B, to: 20T, steps: 60}
  precision: bf16
  mfu_ratio: {values: [0.3, 0.4, 0.5, 0.6], role: scenario}
  lifespan_year: 2
  device: H100-SXM5-80
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
search: {path: streaming}
END
digest() {
  h5dump -d /run/content_digest "$1" | grep -o '"[0-9a-f]\{64\}'
}
"$program" frontier sweep.yaml --output one.h5 >/dev/null 2>&1
sweep=$(sbatch --parsable --array=1-3 --ntasks=1 --time=5 "$source/jobs/sweep.sbatch" sweep.yaml \
  --output wide.h5)
job=$(sbatch --parsable --dependency="afterok:$sweep" --ntasks=2 --time=5 "$source/jobs/merge.sbatch" \
  wide.h5 wide.{1..3}of3.h5)
out=merge.$job.out
wait_for 60 has_ended
[ "$(field JobState) $(field ExitCode)" = "COMPLETED 0:0" ] ||
  fail "merge.sbatch runs when all tasks of sweep.sbatch have ended: $(tail -n 2 sweep."$sweep".*.out)"
[ -s one.h5 ] && [ "$(digest wide.h5)" = "$(digest one.h5)" ] ||
  fail "an array of jobs and its merge write what one run writes"

# A task that is asked to stop saves its work, goes back into the queue and ends with the same shard.
long=(--set space.params.steps=1000 --set space.tokens.steps=1000)
"$program" frontier sweep.yaml "${long[@]}" --output alone.h5 --shard 2/3 >/dev/null 2>&1
array=$(sbatch --parsable --array=2 --ntasks=1 --time=5 --export=ALL,SHARDS=3 "$source/jobs/sweep.sbatch" \
  sweep.yaml "${long[@]}" --output again.h5)
job=${array}_2
out=sweep.$array.2.out
has_records() {
  [ -n "$(find again.2of3.h5.journal -name 'search*' -size +1k 2>/dev/null)" ]
}
wait_for 30 has_records || fail "a task of sweep.sbatch records its work"
scancel --batch --signal=USR1 "$job"
wait_for 20 is_requeued || fail "sweep.sbatch requeues a task that saved its work"
sleep 2
scontrol update jobid="$job" StartTime=now
wait_for 60 has_ended || fail "sweep.sbatch ends after its requeue"
[ "$(field JobState) $(field ExitCode)" = "COMPLETED 0:0" ] && prints "journal phase=search records=" ||
  fail "a requeued task goes on where it was"
[ "$(digest again.2of3.h5)" = "$(digest alone.2of3.h5)" ] ||
  fail "a requeued task writes what it would have written"

# A Bayesian search by a command, which must not take itself for a rank, is asked to stop, goes back
# into the queue, goes on with its records, and ends as if it had never stopped.
cat >train.sh <<'END'
#!/bin/sh
sleep 0.1
[ -z "${OMPI_COMM_WORLD_RANK-}" ] || exit 9
echo "$SCALEFRONT_ID" >>"$SCALEFRONT_STUDY/begun"
awk -v x="$1" -v y="$2" 'BEGIN { print "loss =", (x - 0.3) ^ 2 + y / 7; print "hours =", 1.5 - y + x / 9 }'
END
chmod +x train.sh
cat >bayes.yaml <<'END'
title: a search by a command
seed: 5
bayes:
  evaluator: command
  variables: {x: {from: 0, to: 1}, y: {from: 0, to: 1}}
  objectives: {loss: {ideal: 0, reference: 1}, hours: {ideal: 0, reference: 2}}
  command: [./train.sh, "{x}", "{y}"]
  evaluations: 14
  grace_hour: 0 s
  lag: 4
END
: >begun
# Slurm would ask a job of five minutes to stop at once.
job=$(sbatch --parsable --ntasks=2 --time=10 "$source/jobs/bayes.sbatch" bayes.yaml --output bayes.h5)
out=bayes.$job.out
has_begun() {
  [ "$(wc -l <begun)" -ge 3 ]
}
wait_for 30 has_begun || fail "bayes.sbatch starts the command"
scancel --batch --signal=USR1 "$job"
wait_for 20 is_requeued || fail "bayes.sbatch requeues a search that saved its work"
"$program" bayes bayes.yaml --output alone_bayes.h5 >/dev/null 2>&1 # takes more than a second
scontrol update jobid="$job" StartTime=now
wait_for 60 has_ended || fail "bayes.sbatch ends after its requeue"
[ "$(field JobState) $(field ExitCode)" = "COMPLETED 0:0" ] && prints "bayes resumed designs=" ||
  fail "a requeued search goes on where it was"
[ -s bayes.h5 ] && [ "$(digest bayes.h5)" = "$(digest alone_bayes.h5)" ] ||
  fail "a requeued search finds what it would have found"
exit "$failed"
