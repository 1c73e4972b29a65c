#!/usr/bin/env bash
# A result of which one value was changed is refused as damaged, whichever value it is.
set -u
. "$(dirname "$0")/common.sh"

expect 0 "" run_ranks 1 frontier "$studies/quickstart.yaml" --set space.params.steps=12 \
  --set space.tokens.steps=11 --set fit.replicates=16 --output whole.h5
expect 0 "" run_ranks 1 report whole.h5
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  "$source_dir/tests/end_to_end/renew_digest.py" whole.h5 --check \
    || complain "another content digest than docs/formats.md gives"
fi
"$source_dir/tests/end_to_end/damage.py" "$program" whole.h5
code=$?
[ "$code" != 77 ] || skip "h5py is not installed"
[ "$code" = 0 ] || [ "$code" = 77 ] || bad=1

exit $bad
