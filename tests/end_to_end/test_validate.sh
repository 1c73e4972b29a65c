#!/usr/bin/env bash
# Published figures come out of the models as expected, those known to differ by the reason given.
set -u
. "$(dirname "$0")/common.sh"
table=$source_dir/inputs/data/validation.tsv
unset SCALEFRONT_DATA

expect 0 "" "$program" validate
cp out.txt shipped.txt
grep -q ', 0 unexpected$' shipped.txt || complain "a figure did not come out as expected"
grep -q '^  F06 *devices *697 *697 .* agrees$' shipped.txt || complain "F06 is not as published"
grep -q '^  F01 *devices *8800 *8800 .* arithmetic$' shipped.txt || complain "F01 is not as published"
grep -q '^  F05 *devices *1174 *978 .* differs, as known$' shipped.txt ||
  complain "F05 should differ"
[ "$(awk 'length > 100' shipped.txt | wc -l)" = 0 ] || complain "lines are longer than 100 columns"
rows=$(grep -vc '^#' "$table")
agree=$(awk -F'\t' '$10 == "agrees"' "$table" | wc -l)
arithmetic=$(awk -F'\t' '$10 == "arithmetic"' "$table" | wc -l)
differ=$(awk -F'\t' '$10 == "differs"' "$table" | wc -l)
grep -qx "$((rows - 1)) figures: $agree agree, $arithmetic are arithmetic on their own inputs, $differ differ as known, 0 unexpected" shipped.txt ||
  complain "not every row was computed"
[ "$agree" -ge 177 ] && [ "$arithmetic" -ge 66 ] && [ "$differ" -ge 19 ] ||
  complain "figures are missing: $agree, $arithmetic and $differ"
# What was found from the figure that it gives is no evidence (the mean bits of mixed formats, the share of a cache, ...).
for figure in R-EAD R-SLEEP LC-USD Z-KIVI Z-MCMOE Z-MIXLLM Z-CODE K-MIX; do
  grep -q "^  $figure .* arithmetic$" shipped.txt || complain "$figure is counted as evidence"
done

# Questions, laws by the names of their inputs, laws whose numbers the row says, idle electricity.
for figure in 'U-BITS-BEST *training_bits *7.002' 'SAR-30B-N *params *1.641e+10' 'SAR-30B-C *total_flop *0.163' \
  'V-43K *vocabulary *43000' 'DEN-3.3 *law_response *12.4' 'TTS-3 *saturation_samples *9' 'B8-idle *carbon_kg *50500' \
  'MOE-32-nu *tokens_exponent *0.2652' 'S3-RATIO *device_hour *1.738' 'LC-35 *deadline_fleet *3610'; do
  grep -q "^  $figure .* \(agrees\|arithmetic\)$" shipped.txt || complain "$figure is not as published"
done
expect 0 "" run_ranks 3 validate --json all.json
cmp -s out.txt shipped.txt || complain "three ranks print something else"

# JSON holds every row.
/usr/bin/python3 - $((rows - 1)) <<'PY' || complain "the JSON is not as the table"
import json, sys
figures = json.load(open("all.json"))["figures"]
assert len(figures) == int(sys.argv[1])
f = {x["id"]: x for x in figures}
assert f["F06"]["computed"] == 697 and f["F06"]["verdict"] == "agrees"
assert f["F02"]["computed"] == 2515 and f["F02"]["verdict"] == "arithmetic"
assert f["G1"]["verdict"] == "differs, as known" and f["G1"]["note"]
assert abs(f["W03"]["relative_error"]) < 1e-3 and f["W03"]["unit"] == "litre"
PY

# A figure that changes is found out, in both directions, and so is another reason to differ.
head -n 22 "$table" >few.tsv
sed 's/\t8800\t0\tarithmetic/\t8801\t0\tarithmetic/' few.tsv >changed.tsv
expect 6 "changed.tsv: 1 figures did not come out as expected" "$program" validate changed.tsv
grep -q '^  F01 .* UNEXPECTED$' out.txt || complain "the change is not shown"
sed 's/\t978\t/\t979.5\t/' few.tsv >changed.tsv
expect 6 "1 figures" "$program" validate changed.tsv
sed 's/\t1174\t0.005\tdiffers/\t978\t0.005\tdiffers/' few.tsv >changed.tsv
expect 6 "1 figures" run_ranks 3 validate changed.tsv

# Mistakes name the place.
head -n 9 "$table" | sed 's/mfu_ratio=0.2/mfu_rato=0.2/' >wrong.tsv
expect 2 "wrong.tsv:9" run_ranks 3 validate wrong.tsv
expect 2 "none.tsv: cannot open" run_ranks 3 validate none.tsv
row() { # row GIVEN: a table of one figure
  head -n 8 "$table"
  printf 'X\tkumar2024\tit\tlaw_response\t\t%s\t\t1\t0.1\tagrees\t\t\n' "$1"
}
row 'law.set=xiao2024; input.month=3' >wrong.tsv
expect 2 "wrong.tsv:9: month: the law does not read it" run_ranks 3 validate wrong.tsv
row 'law.set=xiao2024' >wrong.tsv
expect 2 "wrong.tsv:9: law_response: cannot be computed" "$program" validate wrong.tsv
row 'law.set=besiroglu2024; ask=minimise loss_nat at compute_flop <= 1e21, loss_nat <= 1.9 over params, tokens' >wrong.tsv
expect 2 "has no answer" run_ranks 3 validate wrong.tsv
row 'law.set=besiroglu2024; ask=minimise loss_nat at compute_flops <= 1e21 over params, tokens' >wrong.tsv
expect 2 "did you mean compute_flop" "$program" validate wrong.tsv
row 'law.set=xiao2024; input.month=3; plan.runs=3' >wrong.tsv
expect 2 "wrong.tsv:9: plan.runs: no figure reads it" "$program" validate wrong.tsv

# A row reads the tables that it names: 4.17 kW instead of the shipped power, 1 device for one hour.
grep -v '^#' "$source_dir/inputs/data/devices.tsv" | awk -F'\t' -v OFS='\t' 'NR == 1 {
    for (i = 1; i <= NF; i++) if ($i == "power_watt") c = i; print }
  $1 == "A100-SXM4-40" { $c = 4170; print }' >hot.tsv
figure() {
  head -n 8 "$table"
  printf 'X\tkumar2024\tit\tenergy_kwh\t\t%s\t\t%s\t0.0001\tagrees\t\t\n' "$1" "$2"
}
figure 'device=A100-SXM4-40; sites.pue_ratio=1; observed.device_hour=1' 0.4 >shipped.tsv
expect 0 "" run_ranks 3 validate shipped.tsv
figure 'device=A100-SXM4-40; sites.pue_ratio=1; observed.device_hour=1; catalogue.devices=hot.tsv' 4.17 >own.tsv
expect 0 "" run_ranks 3 validate own.tsv
head -n 9 "$table" | sed 's/lifespan_year=1; //' >wrong.tsv
expect 2 "wrong.tsv:9: devices: cannot be computed" "$program" validate wrong.tsv
exit $bad
