#!/usr/bin/env bash
# Published figures come out of the models as expected, those known to differ by the reason given.
set -u
. "$(dirname "$0")/common.sh"
table=$source_dir/inputs/data/validation.tsv
unset SCALEFRONT_DATA

expect 0 "" "$program" validate
cp out.txt shipped.txt
grep -q ', 0 unexpected$' shipped.txt || complain "a figure did not come out as expected"
grep -q '^  F01 *devices *8800 *8800 .* agrees$' shipped.txt || complain "F01 is not as published"
grep -q '^  F05 *devices *1174 *978 .* differs, as known$' shipped.txt ||
  complain "F05 should differ"
[ "$(awk 'length > 100' shipped.txt | wc -l)" = 0 ] || complain "lines are longer than 100 columns"
rows=$(grep -vc '^#' "$table")
grep -q "^$((rows - 1)) figures" shipped.txt || complain "not every row was computed"
expect 0 "" run_ranks 3 validate
cmp -s out.txt shipped.txt || complain "three ranks print something else"

# JSON holds every row.
expect 0 "" run_ranks 3 validate --json all.json
/usr/bin/python3 - $((rows - 1)) <<'PY' || complain "the JSON is not as the table"
import json, sys
figures = json.load(open("all.json"))["figures"]
assert len(figures) == int(sys.argv[1])
f = {x["id"]: x for x in figures}
assert f["F02"]["computed"] == 2515 and f["F02"]["verdict"] == "agrees"
assert f["G1"]["verdict"] == "differs, as known" and f["G1"]["note"]
assert abs(f["W03"]["relative_error"]) < 1e-3 and f["W03"]["unit"] == "litre"
PY

# A figure that changes is found out, in both directions, and so is another reason to differ.
sed 's/\t8800\t0\tagrees/\t8801\t0\tagrees/' "$table" >changed.tsv
expect 6 "changed.tsv: 1 figures did not come out as expected" "$program" validate changed.tsv
grep -q '^  F01 .* UNEXPECTED$' out.txt || complain "the change is not shown"
sed 's/\t978\t/\t979.5\t/' "$table" >changed.tsv
expect 6 "1 figures" "$program" validate changed.tsv
sed 's/\t1174\t0.005\tdiffers/\t978\t0.005\tdiffers/' "$table" >changed.tsv
expect 6 "1 figures" run_ranks 3 validate changed.tsv

# Mistakes name the place.
head -n 6 "$table" | sed 's/mfu_ratio=0.2/mfu_rato=0.2/' >wrong.tsv
expect 2 "wrong.tsv:6" run_ranks 3 validate wrong.tsv
expect 2 "none.tsv: cannot open" run_ranks 3 validate none.tsv
head -n 6 "$table" | sed 's/lifespan_year=1; //' >wrong.tsv
expect 2 "wrong.tsv:6: devices: cannot be computed" "$program" validate wrong.tsv
exit $bad
