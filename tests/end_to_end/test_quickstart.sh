#!/usr/bin/env bash
# The shipped quickstart, from simulated runs to pictures, as a user would do it.
set -u
. "$(dirname "$0")/common.sh"

# The shipped sweep is what the simulate job writes.
expect 0 "" "$program" simulate "$studies/quickstart.yaml" --output sweep.csv
# The comment above it names the version that wrote it.
cmp <(grep -v '^#' sweep.csv) <(grep -v '^#' "$studies/quickstart_runs.csv") || complain "the shipped sweep differs from simulate"
expect 2 "exists; --force" "$program" simulate "$studies/quickstart.yaml" --output sweep.csv
expect 0 "" "$program" simulate "$studies/quickstart.yaml" --output sweep.csv --force

small=(--set space.params.steps=60 --set space.tokens.steps=50 --set fit.replicates=128)
expect 0 "" "$program" check "$studies/quickstart.yaml" "${small[@]}"
grep -q '^configurations  36000 in 4' out.txt || complain "check does not count 36000 configurations"

expect 0 "" run_ranks 2 frontier "$studies/quickstart.yaml" "${small[@]}" --output q.h5
[ -e q.h5.journal ] && complain "restart records are left after success"
expect 0 "already complete" "$program" frontier "$studies/quickstart.yaml" "${small[@]}" --output q.h5
other=("${small[@]}" --set seed=7 --output q.h5)
expect 2 "--force" "$program" frontier "$studies/quickstart.yaml" "${other[@]}"
expect 0 "" "$program" frontier "$studies/quickstart.yaml" "${other[@]}" --force

expect 0 "" "$program" report q.h5 --plots plots --csv rows.csv
for picture in frontier.svg frontier.png fit.svg fit.png; do
  [ -s "plots/$picture" ] || complain "no plots/$picture"
done
grep -qi 'identified' out.txt || complain "the report has no verdict"
/usr/bin/python3 - <<'END' || complain "a decision, a scenario or an objective of the quickstart decides nothing"
import collections, csv
goals = ("loss_nat", "cost_usd", "operational_carbon_kg")
levels = collections.defaultdict(list)
for row in csv.DictReader(open("rows.csv")):
    levels[row["served_tokens"], row["lifespan_year"]].append(row)
chosen = {}
for level, rows in levels.items():
    # The best of any objective is not the best of any other, also at an equal loss.
    best = [min(rows, key=lambda r: (float(r[g]), r["configuration"]))["configuration"] for g in goals]
    assert best[0] not in best[1:] and best[1] != best[2], (level, best)
    chosen[level] = {(r["params"], r["tokens"], r["device"]) for r in rows}
    for decision in ("params", "tokens", "device"):
        assert len({r[decision] for r in rows}) > 1, (level, decision)
assert len(levels) == 4
for a in levels:
    for b in levels:
        assert a == b or chosen[a] != chosen[b], (a, b)
assert {r["device"] for rows in levels.values() for r in rows} == {"Gaudi2", "MI300X", "B200-HGX"}
END
lines=$(wc -l <rows.csv)
[ "$lines" -gt 100 ] || complain "rows.csv has $lines lines"

# A limit with a unit: every row kept is within it.
expect 0 "" "$program" report q.h5 --max energy_kwh=500MWh --csv limited.csv
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "energy_kwh") c = i; next }
  !c || $c > 5e5 { bad = 1 } END { exit bad || NR < 2 }' limited.csv \
  || complain "--max energy_kwh=500MWh does not hold"
expect 6 "none of the" "$program" report q.h5 --max energy_kwh=1
expect 2 "did you mean energy_kwh" "$program" report q.h5 --max energy_kw=1
expect 2 "expected" "$program" report q.h5 --max energy_kwh=5kg

one=(--set fit.replicates=64 --set space.params=7B --set space.tokens=2T --set space.served_tokens=1T
  --set space.lifespan_year=4 --set space.device=A100-SXM4-40)
expect 0 "" "$program" evaluate "$studies/quickstart.yaml" "${one[@]}"
grep -q 'unattributed' out.txt || complain "the card lists no materials"
grep -q 'compute_flop *8.4e+22' out.txt || complain "the card has no compute of 8.4e22 FLOP"
expect 2 "wants one value" "$program" evaluate "$studies/quickstart.yaml"

# Objectives that never trade off are named before, after and in the report of a search: energy is
# compute x the rated 400 or 700 W / (peak x MFU), at the site's PUE; its volume is not counted.
old=("$bench/quickstart_010.yaml" --set space.params.steps=40 --set space.tokens.steps=40 --set fit.replicates=8)
expect 0 "" "$program" check "${old[@]}"
cp out.txt check.txt
expect 0 "" "$program" frontier "${old[@]}" --output old.h5
cat out.txt >>check.txt
expect 0 "" "$program" report old.h5
cat out.txt >>check.txt
for what in 'energy_kwh = a constant x compute_flop in each scenario level' 'mass_kg = a constant x compute_flop in each' \
  'thin view are of loss_nat, compute_flop'; do
  [ "$(grep -c "$what" check.txt)" = 3 ] || complain "not said three times: $what"
done
volume=$(grep -o '^hypervolume: [0-9.]*' out.txt)
expect 0 "" "$program" frontier "${old[@]}" --set 'objectives=[loss_nat, compute_flop]' \
  --set space.mfu_ratio=0.3 --set space.lifespan_year=2 --set space.device=A100-SXM4-40 --output two.h5
expect 0 "" "$program" report two.h5
[ "$(grep -o '^hypervolume: [0-9.]*' out.txt)" = "$volume" ] || complain "the hypervolume counts energy and mass"
expect 0 "" "$program" report q.h5
grep -q 'a constant' out.txt && complain "an objective of the quickstart never trades off"

# Other tools open the file.
"$source_dir/tests/end_to_end/open_result.py" q.h5
case $? in
  0) ;;
  77) skip "a reader of result files is not installed" ;;
  *) complain "open_result.py" ;;
esac

exit $bad
