#!/usr/bin/env bash
# Kill one rank of a long run by SIGKILL at random moments, run the same command again at another
# number of ranks, and compare the content digest with that of an undisturbed run.
# Usage: kills.sh PROGRAM SOURCE_DIR [KILLS [CASE...]]   CASES: streaming bounded factored band fit write
# Prints a line a kill and one a case; the exit code is 1 when anything differs, hangs, leaves a file
# under its final name, or loses more than an interval of the journal.
set -u
kills=${3:-40}
. "$(dirname "$0")/../end_to_end/common.sh"
shift $(($# < 3 ? $# : 3))
cases=("$@")
[ $# -gt 0 ] || cases=(streaming bounded factored band fit write)
interval=5   # seconds between two syncs of the journal (docs/formats.md)
patience=120 # seconds after which a run hangs
RANDOM=${SEED:-2385}

cat >study.yaml <<'YAML'
title: long enough to be killed
seed: 3
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 200B, steps: 1000}
  tokens: {from: 20B, to: 20T, steps: 1000}
  precision: [bf16, fp8]
  mfu_ratio: {values: [0.3, 0.4, 0.5, 0.6], role: scenario}
  lifespan_year: 2
  device: [H100-SXM5-80]
  grid: USA
  site: Google
accept_unpriced: [precision]
objectives: [loss_nat, energy_kwh]
thin: {points: 0, epsilon: 0}
YAML

# choose CASE: the arguments of the program; the phase whose records are looked at, and that of
# which the items are counted
choose() {
  local quick=$bench/quickstart_010.yaml small=(--set space.params.steps=40 --set space.tokens.steps=40)
  phase=search meter=search
  case $1 in
    streaming) arguments=(frontier study.yaml --set search.path=streaming) ;;
    bounded) arguments=(frontier study.yaml --set search.path=bounded) ;;
    factored) arguments=(frontier study.yaml --set search.path=factored) ;;
    write) arguments=(frontier study.yaml --set search.path=factored) ;;
    band) arguments=(band "$quick" "${small[@]}" --set band.draws=200 --set fit.replicates=200
      --set thin.points=0) phase=band meter=band ;;
    fit) arguments=(fit "$quick" --set fit.replicates=400 --set fit.folds=81
      --set 'fit.compare=[chinchilla_tied]') phase=checks meter=fit ;;
  esac
  # Steps of the long axes, for machines and times other than those of the test.
  if [ -n "${STEPS-}" ] && [ "${arguments[1]}" = study.yaml ]; then
    arguments+=(--set "space.params.steps=$STEPS" --set "space.tokens.steps=$STEPS")
  fi
}

# start RANKS OUTPUT: in the background; sets pid
start() {
  timeout "$patience" mpiexec -n "$1" "$program" "${arguments[@]}" --output "$2" >/dev/null 2>err.txt &
  timer=$!
  pid=
  for _ in {1..200}; do
    pid=$(pgrep -P "$timer" -x mpiexec -o) && break
    sleep 0.01
  done
}
seconds() { awk -v a="$1" -v b="$2" "BEGIN { printf \"%.3f\", $3 }"; }
is_more() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b) }'; }

# age OUTPUT NOW: seconds since each rank has recorded an item of the phase, or begun: of the rank
# for which it is longest.
age() {
  find "$1.journal" -name "$phase.*.journal" -printf '%T@\n' 2>/dev/null |
    awk -v now="$2" '{ if (now - $1 > most) most = now - $1 } END { printf "%.3f", most + 0 }'
}

# strike CASE NUMBER LENGTH: one kill and what follows
strike() {
  local output=$1.$2.h5 first=$((1 + RANDOM % 4)) second span=$3
  second=$((1 + (first + RANDOM % 3) % 4)) # another one
  start "$first" "$output"
  if [ "$1" = write ]; then # within the write: as soon as the unfinished file is there
    while kill -0 "$timer" 2>/dev/null && ! compgen -G "$output*.partial" >/dev/null; do sleep 0.005; done
    span=0.2
  fi
  sleep "$(seconds "$RANDOM" "$span" '.9 * a / 32768 * b')"
  local victims=() now lost=0 code ended
  mapfile -t victims < <([ -z "$pid" ] || pgrep -P "$pid")
  if [ ${#victims[@]} -gt 0 ]; then
    kill -KILL "${victims[RANDOM % ${#victims[@]}]}"
  fi
  now=$EPOCHREALTIME
  wait "$timer" 2>/dev/null
  code=$?
  ended=$(seconds "$EPOCHREALTIME" "$now" 'a - b')
  [ "$code" != 124 ] || complain "$1: the run hangs after the kill of a rank"
  if [ "$code" = 0 ]; then
    n_late=$((n_late + 1))
  else
    # Killed between its last two steps, a run leaves a result, which is whole, and its records.
    [ ! -e "$output" ] || [ "$(digest "$output")" = "$whole" ] ||
      complain "$1: a killed run left $output, which is not the result"
    lost=$(age "$output" "$now")
  fi
  timeout "$patience" mpiexec -n "$second" "$program" "${arguments[@]}" --output "$output" --verbose \
    >/dev/null 2>err.txt
  code=$?
  [ "$code" = 0 ] || complain "$1: code $code at $second ranks after the kill: $(tail -n 1 err.txt)"
  [ "$(digest "$output")" = "$whole" ] || complain "$1: another content at $second ranks after the kill"
  [ ! -e "$output.journal" ] || complain "$1: restart records are left"
  local again found
  read -r again found < <(sed -n "s/.*meter phase=$meter items=\([0-9]*\) found=\([0-9]*\) .*/\1 \2/p" err.txt)
  [ "${again:-0}" != 0 ] || lost=0 # all was recorded
  printf '%-9s kill %2d of %d ranks: ended after %s s, %s s not recorded; %d ranks found %s items, did %s\n' \
    "$1" "$2" "$first" "$ended" "$lost" "$second" "${found:--}" "${again:--}"
  is_more "$lost" "$interval" && complain "$1: $lost s of work were not recorded"
  is_more "$lost" "$most_lost" && most_lost=$lost
  is_more "$ended" "$most_ended" && most_ended=$ended
  rm -f "$output"
}

for case in "${cases[@]}"; do
  choose "$case"
  begun=$EPOCHREALTIME
  expect 0 "" run_ranks 2 "${arguments[@]}" --output whole.h5
  length=$(seconds "$EPOCHREALTIME" "$begun" 'a - b')
  whole=$(digest whole.h5)
  rm -f whole.h5
  most_lost=0 most_ended=0 n_late=0
  for ((i = 1; i <= kills + n_late && n_late <= kills; i++)); do strike "$case" "$i" "$length"; done
  echo "$case: $kills kills in runs of $length s, $n_late too late; ended within $most_ended s;" \
    "at most $most_lost s of a rank unrecorded"
done
exit $bad
