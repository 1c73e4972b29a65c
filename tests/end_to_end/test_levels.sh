#!/usr/bin/env bash
# The same content on every vector level of this processor.
set -u
. "$(dirname "$0")/common.sh"

study=$bench/quickstart_010.yaml
small=(--set space.params.steps=80 --set space.tokens.steps=70 --set fit.replicates=200)
for level in v2 v3 v4; do
  if SCALEFRONT_ISA=$level "$program" frontier "$study" "${small[@]}" --output "$level.h5" \
    >/dev/null 2>err.txt; then
    [ -n "$(digest "$level.h5")" ] || complain "no digest on $level"
    [ "$(digest "$level.h5")" = "$(digest v2.h5)" ] || complain "content on $level differs"
  elif grep -q 'SCALEFRONT_ISA' err.txt; then
    skip "this processor has no $level"
  else
    complain "level $level fails"
  fi
done
expect 2 "SCALEFRONT_ISA" env SCALEFRONT_ISA=v9 "$program" frontier "$study" --output v9.h5

exit $bad
