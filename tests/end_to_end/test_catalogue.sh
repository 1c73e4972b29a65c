#!/usr/bin/env bash
# A user's own tables: they count, they are embedded with their checksums, and they enter the digest.
set -u
. "$(dirname "$0")/common.sh"

mkdir tables
cat >tables/devices.csv <<'EOF'
id,vendor,peak_tflops_bf16,power_watt,source
Homemade,us,93.5,211,measured
EOF
printf 'id\tcarbon_kg_per_kwh\tsource\nroof\t0.041\tmeasured\n' >tables/grids.tsv
cat >own.yaml <<'EOF'
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 10B, steps: 7}
  tokens: {from: 20B, to: 1T, steps: 7}
  mfu_ratio: 0.4
  device: [Homemade, A100-SXM4-40]
  precision: bf16
  grid: roof
  site: Google
objectives: [loss_nat, operational_carbon_kg]
catalogue: {devices: tables/devices.csv, grids: tables/grids.tsv}
EOF
expect 0 "" "$program" frontier own.yaml
for table in devices.csv grids.tsv; do
  sum=$(sha256sum "tables/$table" | cut -d ' ' -f 1)
  name=$table
  [ "$table" = grids.tsv ] && name=$(h5ls own.h5/study/files | grep -o '[0-9]*_grids.tsv')
  h5dump -a "/study/files/$name/sha256" own.h5 | grep -q "$sum" || complain "$table is not embedded"
done

# What the tables hold can be looked up, with the user's rows.
"$program" catalogue devices | grep -q '^  A100-SXM4-40  *312  *400  *40  *1.56  *127.6' ||
  complain "devices are not listed"
"$program" catalogue own.yaml | grep -q '^  Homemade  *93.5  *211  *-  *-  *-  *-  measured' ||
  complain "a device of the user's is not listed"
"$program" catalogue materials | grep -q '^  list epa .* 1288.2 ' || complain "lists are not weighed"
expect 2 "device: no such table; did you mean devices?" run_ranks 3 catalogue device

# Another row is another input.
first=$(digest own.h5)
expect 0 "" "$program" frontier own.yaml
sed -i 's/211/212/' tables/devices.csv
expect 2 "exists, from another study, inputs or version" "$program" frontier own.yaml
expect 0 "" run_ranks 3 frontier own.yaml --force
[ "$(digest own.h5)" != "$first" ] || complain "a row of the user's does not enter the digest"

# What is wrong in a table of the user's is refused by its own file and line.
sed -i 's/Homemade,us/Homemade,/' tables/devices.csv
expect 2 "tables/devices.csv:2: vendor: empty" "$program" frontier own.yaml --force
sed -i 's/Homemade,/Homemade,us/; s/power_watt/power_wat/' tables/devices.csv
expect 2 "devices.csv: column: power_wat: unknown; did you mean power_watt" \
  run_ranks 3 frontier own.yaml --force
sed -i 's/power_wat/power_watt/; s/Homemade/Homemaid/' tables/devices.csv
expect 2 "space.device: Homemade: unknown; did you mean Homemaid" "$program" frontier own.yaml --force
sed -i 's/Homemaid/Homemade/; s/,212,/,,/' tables/devices.csv
expect 2 "tables/devices.csv:2: Homemade: power_watt: absent" \
  "$program" frontier own.yaml --force --set space.device=Homemade
rm tables/grids.tsv
expect 2 "tables/grids.tsv: cannot open" run_ranks 3 frontier own.yaml --force
# A row of one's own in the place of a shipped device: without a mass, or with another, the shipped
# materials are not its own, and are absent; with the same mass they stay.
cat >mine.yaml <<'END'
law: {set: besiroglu2024}
catalogue: {devices: mine.csv}
space: {params: 7B, tokens: 1T, precision: bf16, mfu_ratio: 0.4, lifespan_year: 4, device: H100-SXM5-80, grid: USA, site: Google}
END
# mine MASS: that study with a device of this mass
mine() {
  printf 'id,vendor,peak_tflops_bf16,power_watt,memory_gb,mass_kg_typical,source\nH100-SXM5-80,NVIDIA,989.4,700,80,%s,mine\n' "$1" >mine.csv
  expect 0 "$2" "$program" evaluate mine.yaml
}
mine '' ''
grep -q '^  mass_kg  *absent$' out.txt || complain "a mass that a row leaves out is not absent"
grep -q 'mine.csv:2: H100-SXM5-80: mass_kg_typical: absent' out.txt || complain "the column to fill is not named"
# 6 N D / (989.4 TFLOP/s x .4) hours at 700 W, on a grid and site as shipped (PUE 1.1): the device is used.
grep -q '^  energy_kwh  *22493 kWh$' out.txt || complain "the user's device is not priced"
grep -q '^  unattributed ' out.txt && complain "materials of another device are shown"
mine 2.5 'mine.csv:2: H100-SXM5-80: its mass of 2.5 kg is not that of the materials'
grep -q '^  unattributed ' out.txt && complain "materials that do not sum to the mass are shown"
mine 2.2 ''
grep -q '^  unattributed ' out.txt || complain "materials that sum to the mass are left out"
# 6 N D at 40 % of 989.4 TFLOP/s are .8413 lives of four years, of 2.2 kg each.
grep -q '^  sum  *-  *1.851  *-  ' out.txt || complain "a bound that is not known has a figure"
grep -qi '[^a-z]nan[^a-z]' out.txt && complain "nan is printed"
exit $bad
