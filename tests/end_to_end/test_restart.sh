#!/usr/bin/env bash
# A search or a fit that is interrupted or killed goes on where it stopped, at another number of
# ranks, to the same content.
set -u
. "$(dirname "$0")/common.sh"

study=$studies/quickstart.yaml
size=(--set space.params.steps=900 --set space.tokens.steps=900 --set fit.replicates=64)
expect 0 "" run_ranks 2 frontier "$study" "${size[@]}" --output whole.h5

# wait_for_records OUTPUT PHASE: until some items of the phase are recorded.
wait_for_records() {
  for _ in $(seq 1 1000); do
    [ -n "$(find "$1.journal" -name "$2*" -size +1k 2>/dev/null)" ] && break
    sleep 0.01
  done
}

# A request to stop: exit code 85; another study is refused the records; the same command finishes.
mpiexec -n 3 "$program" frontier "$study" "${size[@]}" --output stopped.h5 >/dev/null 2>err.txt &
pid=$!
wait_for_records stopped.h5 stream
kill -USR1 $pid
wait $pid
code=$?
if [ $code = 85 ]; then
  [ -e stopped.h5 ] && complain "a checkpointed run has left a result"
  expect 2 "" run_ranks 1 frontier "$study" "${size[@]}" --set seed=43 --output stopped.h5
  expect 0 "" run_ranks 2 frontier "$study" "${size[@]}" --output stopped.h5
elif [ $code = 0 ]; then
  echo "note: the run ended before the request to stop"
else
  complain "exit code $code after a request to stop"
fi
[ "$(digest stopped.h5)" = "$(digest whole.h5)" ] || complain "the resumed content differs"

# A rank dies: mpiexec ends the others; the same command finishes.
mpiexec -n 2 "$program" frontier "$study" "${size[@]}" --output killed.h5 >/dev/null 2>err.txt &
pid=$!
wait_for_records killed.h5 stream
pkill -9 -n -P "$pid" # one rank, not mpiexec
wait $pid
expect 0 "" run_ranks 1 frontier "$study" "${size[@]}" --output killed.h5
[ "$(digest killed.h5)" = "$(digest whole.h5)" ] || complain "the content after a kill differs"

# The same of a fit, while it follows profiles and while it predicts the folds.
size=(--set fit.replicates=400 --set fit.folds=81 --set 'fit.compare=[chinchilla_tied]')
expect 0 "" run_ranks 2 fit "$study" "${size[@]}" --output whole_fit.h5
for phase in profiles checks; do
  mpiexec -n 2 "$program" fit "$study" "${size[@]}" --output $phase.h5 >/dev/null 2>err.txt &
  pid=$!
  wait_for_records $phase.h5 $phase
  pkill -9 -n -P "$pid"
  wait $pid
  [ -e $phase.h5 ] && echo "note: the fit ended before it was killed"
  expect 0 "" run_ranks 3 fit "$study" "${size[@]}" --output $phase.h5
  [ "$(digest $phase.h5)" = "$(digest whole_fit.h5)" ] || complain "the fit after a kill in its $phase differs"
done

exit $bad
