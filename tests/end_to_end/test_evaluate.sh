#!/usr/bin/env bash
# The card of a design and tables of designs: intervals, what makes them, absences, JSON and CSV.
set -u
. "$(dirname "$0")/common.sh"
study=$studies/gpt4-materials.yaml
set_levels=(--set space.mfu_ratio=0.35 --set space.lifespan_year=2)

expect 0 "" "$program" evaluate "$study" "${set_levels[@]}"
cp out.txt card.txt
grep -q '^  devices  *2515$' card.txt || complain "devices are not those published"
grep -q '^  embodied_carbon_kg .* embodied_carbon_kg 100 %$' card.txt ||
  complain "what the interval comes from is not said"
grep -q '^  extrapolated: ' card.txt || complain "no flag"
grep -q '^  mfu_model constant, .* amortisation busy' card.txt ||
  sed -n '/^models/,/^$/p' card.txt | grep -q 'amortisation busy' || complain "models are not named"
grep -q '^  Cu .* derived$' card.txt || complain "materials lack their status"
[ "$(awk 'length > 100' card.txt | wc -l)" = 0 ] || complain "lines are longer than 100 columns"
expect 0 "" run_ranks 3 evaluate "$study" "${set_levels[@]}"
cmp -s out.txt card.txt || complain "three ranks print another card"

# A figure that nobody published is named with its file and column, and nothing is put in its place.
expect 0 "" "$program" evaluate "$study" "${set_levels[@]}" --set space.device=TPUv5p
grep -q '^  mass_kg  *absent$' out.txt || complain "an absent mass is not said to be"
grep -q 'TPUv5p: mass_kg_typical' out.txt || complain "the column to fill is not named"

# JSON holds the same, and the shares of causes sum to 1.
expect 0 "" "$program" evaluate "$study" "${set_levels[@]}" --json card.json
/usr/bin/python3 - <<'PY' || complain "the JSON is not as the card"
import json, math
d = json.load(open("card.json"))["designs"][0]
assert d["outcomes"]["devices"]["value"] == 2515
e = d["outcomes"]["embodied_carbon_kg"]
assert e["lo"] <= e["median"] <= e["hi"] and e["lo"] < e["hi"]
# Half the weight lies above the typical value, log-uniform to 271 kg a device; below there is none.
typical, top = 127.6, 271.0
want = math.exp(math.log(typical) + 0.95 * math.log(top / typical)) / typical
assert abs(e["hi"] / e["value"] / want - 1) < 0.02, (e, want)
assert abs(sum(e["variance_shares"].values()) - 1) < 1e-12
assert d["design"]["device"] == "A100-SXM4-40" and 2514 < d["materials"]["device_lifetime"] < 2515
elements = {m["symbol"]: m for m in d["materials"]["elements"]}
assert elements["Cu"]["lo_kg"] < elements["Cu"]["typical_kg"] < elements["Cu"]["hi_kg"]
assert abs(sum(m["typical_kg"] for m in elements.values()) / d["outcomes"]["mass_kg"]["value"] - 1) < 1e-9
assert abs(d["outcomes"]["mass_kg"]["value"] / (d["outcomes"]["device_lifetime"]["value"] * 1.56) - 1) < 1e-12
assert "extrapolated" in d["flags"] and "hoffmann2022" in d["sources"]
PY

# A training that lasts longer than its devices are kept is said to: 10.1 years on 3,072 MI250X (dash2023).
long=(--set space.params=1T --set space.tokens=20T --set space.device=MI250X --set space.fleet_devices=3072
  --set space.mfu_ratio=0.3196)
expect 0 "" "$program" evaluate "$study" "${long[@]}" --set space.lifespan_year=6
grep -q '^  outlasts_devices: training takes 3694 days' out.txt || complain "10 years are not flagged"
expect 0 "" "$program" evaluate "$study" "${long[@]}" --set space.lifespan_year=11
grep -q outlasts_devices out.txt && complain "11 years of life are longer than 10 of training"

# A table of designs: empty fields are as in the study, order does not matter.
cat >designs.csv <<'END'
tokens,mfu_ratio,lifespan_year,device
,0.35,2,
13T,20 %,1 year,A100-SXM4-40
2T,0.35,2,TPUv5p
END
expect 0 "" "$program" evaluate "$study" --designs designs.csv --csv table.csv
/usr/bin/python3 - <<'PY' || complain "the table of designs is wrong"
import csv
rows = list(csv.DictReader(open("table.csv")))
assert [r["devices"] for r in rows] == ["2515", "8800", "263"], [r["devices"] for r in rows]
assert [r["mass_kg"] == "" for r in rows] == [False, False, True]
assert float(rows[0]["embodied_carbon_kg_lo"]) <= float(rows[0]["embodied_carbon_kg"])
assert float(rows[0]["embodied_carbon_kg"]) < float(rows[0]["embodied_carbon_kg_hi"])
assert rows[0]["flags"] == "extrapolated" and rows[2]["device"] == "TPUv5p"
PY

# Masses of named lists, from the tables themselves (model.md M140), in the lives used up.
cat >classes.py <<'PY'
import csv, math, sys
def read(name):
    rows = csv.reader((l for l in open(f"{sys.argv[1]}/inputs/data/{name}.tsv") if l[0] != "#"), delimiter="\t")
    head = next(rows)
    return [dict(zip(head, r)) for r in rows]
members = {c["id"]: c["members"].split() for c in read("classes")}
def mass_kg(name, device):
    rows = [[float(m[k]) / 1e3 for k in ("lo_g", "typical_g", "hi_g")] for m in read("materials")
            if m["device"] == device and m["reading"] == "A" and m["symbol"] in members[name]]
    typical = sum(t for _, t, _ in rows)
    return (typical, max(0, typical - math.sqrt(sum((t - l) ** 2 for l, t, _ in rows))),
            typical + math.sqrt(sum((h - t) ** 2 for _, t, h in rows)))
def check(row, name, device="A100-SXM4-40"):
    for side, kg in zip(("", "_lo", "_hi"), mass_kg(name, device)):
        got = float(row[f"class_{name}_kg{side}"])
        assert kg > 0 and abs(got / (kg * float(row["device_lifetime"])) - 1) < 1e-9, (name, side, got, kg)
PY
/usr/bin/python3 - "$source_dir" <<'PY' || complain "masses of named lists are not those of the tables"
from classes import check
import csv
rows = list(csv.DictReader(open("table.csv")))
for name in ("precious", "eu_critical", "conflict", "epa"):
    check(rows[0], name)
    check(rows[1], name)
assert rows[0]["class_heavy_status"] == "derived" and rows[0]["class_precious_status"] == "proxy"
assert rows[2]["class_heavy_kg"] == "" and rows[2]["class_heavy_status"] == "absent"
PY
expect 0 "" "$program" frontier "$study" --output classes.h5 \
  --set 'catalogue.class_columns=precious eu_critical'
expect 0 "" "$program" report classes.h5 --csv classes.csv
/usr/bin/python3 - "$source_dir" <<'PY' || complain "masses of named lists on a frontier"
from classes import check
import csv
rows = list(csv.DictReader(open("classes.csv")))
for row in rows:
    check(row, "precious")
    check(row, "eu_critical")
assert rows and "class_heavy_kg" not in rows[0]
PY
expect 2 "catalogue.class_columns: toxic: unknown; expected heavy rohs who" "$program" frontier "$study" \
  --force --output classes.h5 --set catalogue.class_columns=toxic
expect 2 "class_heavy_kg" "$program" check "$study" --set 'objectives=[loss_nat, class_heavy_kg]'
expect 0 "" run_ranks 3 evaluate "$study" --designs designs.csv
cmp -s out.txt table.csv || complain "three ranks print another table"

# Mistakes name file, line, column, key and value.
wrong() {
  printf '%b' "$1" >wrong.csv
  expect 2 "$2" run_ranks "${3:-1}" evaluate "$study" --designs wrong.csv
}
wrong 'mfu_ratio,lifespan_year\n0.3,2\n1.3,2\n' 'wrong.csv:3:1: mfu_ratio: 1.3: must be in (0, 1]' 3
wrong 'mfu_ratio,lifespan_year\n0.3,two\n' 'wrong.csv:2:2: lifespan_year: two: expected'
wrong 'mfu_ratio,lifespan_yer\n0.3,2\n' 'wrong.csv:1:2: lifespan_yer: unknown; did you mean lifespan_year'
wrong 'mfu_ratio,lifespan_year\n0.3,\n' 'wrong.csv:2:2: lifespan_year: empty: expected a value' 3
wrong 'mfu_ratio,lifespan_year,device\n0.3,2,A101\n' 'wrong.csv:2:3: device: A101: unknown'
wrong 'mfu_ratio\n0.3\n' 'space.lifespan_year: 5 levels: evaluate wants one value'
expect 2 "no/where.json: cannot write" run_ranks 3 evaluate "$study" "${set_levels[@]}" \
  --json no/where.json
# What a run is known to have used: 1,022,362 device-hours for 65.2B on 1.4T tokens are an MFU of .477 of
# 312 TFLOP/s, and 449 MWh at a PUE of 1.1 a mean of 399.3 W (touvron2023: 400 W, 449 MWh).
cat >used.yaml <<'END'
law: {set: besiroglu2024}
space: {params: 65.2B, tokens: 1.4T, precision: bf16, lifespan_year: 4, device: A100-SXM4-80, grid: LLaMA-USA, site: LLaMA-USA}
observed: {device_hour: 1022362 h, energy_kwh: 449 MWh}
END
expect 0 'observed power_watt=399.25' "$program" evaluate used.yaml --json used.json
/usr/bin/python3 - <<'PY' || complain "observed hours and electricity do not come back"
import json
d = json.load(open("used.json"))["designs"][0]
hours, mfu = 1022362.0, 6 * 65.2e9 * 1.4e12 / (1022362.0 * 3600 * 312e12)
assert abs(d["design"]["mfu_ratio"] / mfu - 1) < 1e-12, d["design"]
o = {name: d["outcomes"][name]["value"] for name in ("device_hour", "energy_kwh", "operational_carbon_kg", "device_lifetime")}
assert abs(o["device_hour"] / hours - 1) < 1e-12 and abs(o["energy_kwh"] / 449e3 - 1) < 1e-12, o
assert abs(o["operational_carbon_kg"] / (449e3 * 0.385) - 1) < 1e-9, o  # kg a kWh of touvron2023
assert abs(o["device_lifetime"] / (hours / (4 * 8760)) - 1) < 1e-12, o
PY
sed 's/observed:.*/observed: {duration_hour: 21 d, power_watt: 330}/; s/space: {/space: {fleet_devices: 2048, /' used.yaml >days.yaml
expect 0 'observed device_hour=1.03219e+06' "$program" evaluate days.yaml --json days.json
/usr/bin/python3 -c 'import json
o = json.load(open("days.json"))["designs"][0]["outcomes"]
assert abs(o["duration_day"]["value"] / 21 - 1) < 1e-12
assert abs(o["energy_kwh"]["value"] / (2048 * 21 * 24 * 0.330 * 1.1) - 1) < 1e-12' || complain "days and watts do not come back"
expect 2 'used.yaml:3:48: observed: space gives an MFU too' "$program" evaluate used.yaml --set space.mfu_ratio=0.4
expect 2 'the device takes 487607 at its dense peak' "$program" evaluate used.yaml --set observed.device_hour=1000
expect 2 'observed.power_watt: observed.energy_kwh is given too' "$program" evaluate used.yaml --set observed.power_watt=330
sed 's/fleet_devices: 2048, //' days.yaml >fleetless.yaml
expect 2 'observed.duration_hour: needs space.fleet_devices' "$program" evaluate fleetless.yaml
echo 'objectives: [loss_nat, energy_kwh]' >>used.yaml
for job in frontier check; do
  expect 2 'observed: is of one run: only evaluate reads it' "$program" "$job" used.yaml
done
expect 2 'observed: is of one run: only evaluate reads it' "$program" allocate used.yaml --ask 'minimise loss_nat at compute_flop <= 1e24'
exit $bad
