#!/usr/bin/env bash
# Published figures that need no data but what is shipped, through the whole program: device counts
# and copper of From FLOPs to Footprints, and the Pile runs that identify no law.
set -u
. "$(dirname "$0")/common.sh"

# gpt4 MFU YEARS: the number of devices of that scenario.
gpt4() {
  awk -F, -v mfu="$1" -v years="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["mfu_ratio"] == mfu && $at["lifespan_year"] == years { print $at["devices"] }' gpt4.csv
}
expect 0 "" "$program" frontier "$studies/gpt4-materials.yaml" --output gpt4.h5
expect 0 "" "$program" report gpt4.h5 --csv gpt4.csv
for row in "0.2 1 8800" "0.35 2 2515" "0.2 5 1760" "0.5 2 1760" "0.5 3 1174" "0.25 6 1174" "0.6 3 978"; do
  read -r mfu years devices <<<"$row"
  [ "$(gpt4 "$mfu" "$years")" = "$devices" ] || complain "MFU $mfu, $years years: $(gpt4 "$mfu" "$years") devices, not $devices"
done
expect 0 "" "$program" evaluate "$studies/gpt4-materials.yaml" --set space.mfu_ratio=0.35 --set space.lifespan_year=2
grep -q '^  Cu *29[67]. *317. *334. ' out.txt || complain "copper of 2,515 A100 is not 3.17 t (2.97 to 3.34)"

expect 0 "" "$program" fit "$studies/pile.yaml" --set fit.replicates=200
grep -q 'NOT IDENTIFIED' out.txt || complain "the Pile runs seem to identify a law"

exit $bad
