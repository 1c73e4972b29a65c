#!/usr/bin/env bash
# Intervals of the loss: a new run is inside its own as often as it says, the mean's are narrower, and
# card, answers and rows of a frontier give the same figures at any number of ranks.
set -u
. "$(dirname "$0")/common.sh"

# Runs that the fit has not seen: eight random fifths of the shipped sweep, 128 runs in all.
/usr/bin/python3 "$source_dir/tests/bench/prediction.py" "$program" "$source_dir" 8 quickstart >coverage.txt ||
  complain "the coverage cannot be computed"
awk '$1 == "quickstart" { new = $3 + 0; mean = $6 + 0; seen = 1 }
  END { exit !(seen && new >= 90 && new <= 98 && mean >= 10 && mean <= 75) }' coverage.txt ||
  complain "coverage of new runs is not 90 to 98 %, or that of the mean not 10 to 75 %: $(cat coverage.txt)"

cp "$studies/quickstart_runs.csv" .
cat >study.yaml <<'END'
runs: {file: quickstart_runs.csv}
fit: {replicates: 64, profile: false}
space:
  params: {from: 100M, to: 300B, steps: 7, scale: log}
  tokens: {from: 10B, to: 3T, steps: 5, scale: log}
objectives: [loss_nat, compute_flop]
END
expect 0 "" run_ranks 1 frontier study.yaml --output one.h5
expect 0 "" run_ranks 3 frontier study.yaml --output three.h5
expect 0 "" "$program" report one.h5 --csv one.csv --rows 100
grep -q 'loss_nat_lo and loss_nat_hi: interval of a new run' out.txt || complain "the report does not name the interval"
expect 0 "" "$program" report three.h5 --csv three.csv
cmp <(grep -v '^#' one.csv) <(grep -v '^#' three.csv) || complain "other rows on three ranks"
grep -v '^#' one.csv | /usr/bin/python3 -c '
import csv, sys
print("params,tokens")
for r in csv.DictReader(sys.stdin):
    print(r["params"] + "," + r["tokens"])' >designs.csv
expect 0 "" "$program" evaluate study.yaml --designs designs.csv --csv cards.csv --json cards.json
/usr/bin/python3 - <<'PY' || complain "card and frontier differ"
import csv, json
rows = list(csv.DictReader(l for l in open("one.csv") if not l.startswith("#")))
cards = list(csv.DictReader(open("cards.csv")))
cases = json.load(open("cards.json"))
cases = cases["designs"] if "designs" in cases else cases["cards"]
assert len(rows) == len(cards) == len(cases) > 8
names = ["loss_nat_lo", "loss_nat_hi", "loss_nat_mean_lo", "loss_nat_mean_hi", "extrapolation_ratio"]
for row, card, case in zip(rows, cards, cases):
    for name in names:
        assert abs(float(row[name]) / float(card[name]) - 1) < 1e-5, (name, row[name], card[name])
    lo, hi, mean_lo, mean_hi = (float(card[n]) for n in names[:4])
    assert lo < mean_lo < float(card["loss_nat"]) < mean_hi < hi
    of = case["outcomes"]["loss_nat"]
    assert [of["lo"], of["hi"], of["mean_lo"], of["mean_hi"]] == [lo, hi, mean_lo, mean_hi]
    assert (float(card["extrapolation_ratio"]) > 1) == ("extrapolated" in card["flags"].split(";"))
PY

# The same from the fit's file, by the replicates or, where there are none, by the covariance.
expect 0 "" "$program" fit study.yaml --output a.fit.h5
sed '/^runs/d; /^fit/d' study.yaml >from.yaml
echo 'law: {from: a.fit.h5}' >>from.yaml
expect 0 "" "$program" evaluate from.yaml --designs designs.csv --csv from.csv
cmp cards.csv from.csv || complain "a fit file gives other intervals"
expect 0 "" "$program" evaluate study.yaml --designs designs.csv --csv bare.csv --set fit.replicates=0
/usr/bin/python3 - <<'PY' || complain "intervals by the covariance are far from those by replicates"
import csv
for a, b in zip(csv.DictReader(open("cards.csv")), csv.DictReader(open("bare.csv"))):
    width = [float(r["loss_nat_hi"]) - float(r["loss_nat_lo"]) for r in (a, b)]
    assert 0.7 < width[1] / width[0] < 1.4, width
PY

# A question, and coefficients without runs, which say nothing of either.
expect 0 "" "$program" allocate study.yaml --ask 'minimise loss_nat at compute_flop <= 1e21' --json answer.json
grep -q 'loss_nat of a new run 2[.0-9]* \.\. 2[.0-9]*' out.txt || complain "the answer does not name a new run"
/usr/bin/python3 - <<'PY' || complain "the answer has no interval of a new run"
import json
of = json.load(open("answer.json"))
text = json.dumps(of)
assert '"new_run"' in text and '"mean"' in text and '"extrapolation_ratio"' in text
PY
sed '/^law/d' from.yaml >set.yaml
echo 'law: {set: besiroglu2024}' >>set.yaml
expect 0 "" "$program" evaluate set.yaml --designs designs.csv --csv set.csv
/usr/bin/python3 - <<'PY' || complain "published coefficients have an interval from nowhere"
import csv
for r in csv.DictReader(open("set.csv")):
    assert r["loss_nat"] and not r["loss_nat_lo"] and not r["loss_nat_mean_lo"]
PY
exit $bad
