#!/usr/bin/env bash
# The same content at any number of ranks; equal files without /run.
set -u
. "$(dirname "$0")/common.sh"

study=$bench/quickstart_010.yaml
small=(--set space.params.steps=80 --set space.tokens.steps=70 --set fit.replicates=200)
for n in 1 2 3 4 7; do
  expect 0 "" run_ranks "$n" frontier "$study" "${small[@]}" --output "ranks$n.h5"
  [ "$(digest "ranks$n.h5")" = "$(digest ranks1.h5)" ] || complain "content at $n ranks differs"
done
[ -n "$(digest ranks1.h5)" ] || complain "no digest"
expect 0 "" "$program" frontier "$study" "${small[@]}" --set seed=43 --output other.h5
[ "$(digest other.h5)" != "$(digest ranks1.h5)" ] || complain "another seed gives the same content"

# Where the study lies is no part of the content.
mkdir elsewhere
cp "$study" "$bench/quickstart_runs.csv" elsewhere
expect 0 "" "$program" frontier elsewhere/quickstart_010.yaml "${small[@]}" --output moved.h5
[ "$(digest moved.h5)" = "$(digest ranks1.h5)" ] || complain "the folder of the study changes the content"

export SOURCE_DATE_EPOCH=1700000000
for n in 1 3 4; do
  expect 0 "" run_ranks "$n" frontier "$study" "${small[@]}" --output "epoch$n.h5"
  cmp "epoch1.h5" "epoch$n.h5" || complain "files at 1 and $n ranks differ"
done

exit $bad
