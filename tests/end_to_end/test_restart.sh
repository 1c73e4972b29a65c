#!/usr/bin/env bash
# A search that is interrupted or killed goes on where it stopped, at another number of ranks, to
# the same content.
set -u
. "$(dirname "$0")/common.sh"

study=$studies/quickstart.yaml
size=(--set space.params.steps=900 --set space.tokens.steps=900 --set fit.replicates=64)
expect 0 "" run_ranks 2 frontier "$study" "${size[@]}" --output whole.h5

# wait_for_blocks OUTPUT: until some blocks of the search are recorded.
wait_for_blocks() {
  for _ in $(seq 1 1000); do
    [ -n "$(find "$1.journal" -name 'stream*' -size +1k 2>/dev/null)" ] && break
    sleep 0.01
  done
}

# A request to stop: exit code 85; another study is refused the records; the same command finishes.
mpiexec -n 3 "$program" frontier "$study" "${size[@]}" --output stopped.h5 >/dev/null 2>err.txt &
pid=$!
wait_for_blocks stopped.h5
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
wait_for_blocks killed.h5
pkill -9 -n -P "$pid" # one rank, not mpiexec
wait $pid
expect 0 "" run_ranks 1 frontier "$study" "${size[@]}" --output killed.h5
[ "$(digest killed.h5)" = "$(digest whole.h5)" ] || complain "the content after a kill differs"

exit $bad
