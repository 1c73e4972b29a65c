#!/usr/bin/env bash
# A run that is asked to stop or loses a rank goes on where it stopped, at another number of ranks,
# to the same content. tests/long/kills.sh kills as often as one likes.
set -u
STEPS=500 "$(dirname "$0")/../long/kills.sh" "$1" "$2" 1 streaming bounded band fit write || failed=1
. "$(dirname "$0")/common.sh"
bad=${failed-0}

# A request to stop: exit code 85; another study is refused the records; the same command finishes.
study=$bench/quickstart_010.yaml
size=(--set space.params.steps=300 --set space.tokens.steps=300 --set fit.replicates=64
  --set search.path=streaming --set thin.points=0)
expect 0 "" run_ranks 2 frontier "$study" "${size[@]}" --output whole.h5
mpiexec -n 3 "$program" frontier "$study" "${size[@]}" --output stopped.h5 >/dev/null 2>err.txt &
pid=$!
for _ in {1..1000}; do
  [ -n "$(find stopped.h5.journal -name 'search*' -size +1k 2>/dev/null)" ] && break
  sleep 0.01
done
kill -USR1 $pid
wait $pid
code=$?
if [ $code = 85 ]; then
  [ -e stopped.h5 ] && complain "a checkpointed run has left a result"
  expect 2 "stopped.h5.journal: restart records of another study, which differs in seed (42, now 43)" \
    run_ranks 1 frontier "$study" "${size[@]}" --set seed=43 --output stopped.h5
  expect 0 "" run_ranks 2 frontier "$study" "${size[@]}" --output stopped.h5
elif [ $code = 0 ]; then
  echo "note: the run ended before the request to stop"
else
  complain "exit code $code after a request to stop"
fi
[ "$(digest stopped.h5)" = "$(digest whole.h5)" ] || complain "the resumed content differs"

exit $bad
