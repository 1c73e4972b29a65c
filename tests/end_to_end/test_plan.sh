#!/usr/bin/env bash
# The next runs through the whole program: same bytes on any ranks, budgets in FLOP and in energy, a
# sweep on the frontier alone, a plan from a fit file and from published coefficients, bad input.
set -u
. "$(dirname "$0")/common.sh"

cp "$studies/quickstart.yaml" "$studies/quickstart_runs.csv" .
few="--set fit.replicates=64"
for n in 1 3; do
  expect 0 "runs=12" run_ranks $n plan quickstart.yaml $few --set plan.budget.compute_flop=1e22 \
    --output plan_$n.csv --json plan_$n.json
done
cmp plan_1.csv plan_3.csv || complain "another plan on three ranks"
cmp plan_1.json plan_3.json || complain "another JSON on three ranks"
awk -F , '/^[0-9]/ { sum += $5; if (($5 / (6 * $2 * $3) - 1) ^ 2 > 1e-10) bad = 1 }
  END { exit !(sum > 0 && sum <= 1e22 && !bad) }' plan_1.csv || complain "the budget or 6 N D is not kept"
awk -F , '/^[0-9]/ { if (n++ && ($11 < lower || $12 > upper)) bad = 1; lower = $11; upper = $12 }
  END { exit bad }' plan_1.csv || complain "the interval of the target widens"
expect 2 "exists; --force replaces it" "$program" plan quickstart.yaml $few \
  --set plan.budget.compute_flop=1e22 --output plan_1.csv

# In energy, from a fit file: the design is another, since cost is.
expect 0 "" "$program" fit quickstart.yaml $few --output kept.h5
sed 's/^law: .*/law: {from: kept.h5}/; /^runs:/,+1d; /^fit:/,+4d' quickstart.yaml >kept.yaml
energy="--set plan.budget.energy_kwh=3000 --set plan.target=exponent_a"
expect 2 "kept.yaml:23:14: space.mfu_ratio: 3 levels: a plan is for one: energy_kwh" "$program" plan kept.yaml $energy
expect 2 "space.device: 2 levels: a plan is for one" "$program" plan kept.yaml $energy --set space.mfu_ratio=0.4
energy="$energy --set space.mfu_ratio=0.4 --set space.device=A100-SXM4-40"
expect 0 "" "$program" plan kept.yaml $energy
awk -F , '/^[0-9]/ { sum += $5 } END { exit !(sum > 0 && sum <= 3000) }' kept_plan.csv \
  || complain "more than 3000 kWh"

# Twenty tokens a parameter and nothing else: the exponents trade off, and the plan leaves that line.
awk 'BEGIN { srand(7); print "params,tokens,loss"
  for (i = 0; i < 40; i++) { N = 5e7 * exp(.1 * i); D = 20 * N
    printf "%.0f,%.0f,%.5f\n", N, D, (1.8172 + 482.01 / N ^ .3478 + 2085.43 / D ^ .3658) * (1 + .004 * cos(7 * i * i)) } }' >line.csv
cat >line.yaml <<'END'
runs: {file: line.csv}
fit: {replicates: 64}
plan:
  target: exponent_a
  budget: {compute_flop: 3e20}
END
expect 0 "" "$program" plan line.yaml
grep -q 'The runs so far leave open: .*alpha.*plan again' out.txt || complain "the open direction is not named"
awk -F , '/^[0-9]/ { r = $3 / $2 / 20; if (r > 8 || r < 1 / 8) off++ } END { exit !(off >= 6) }' line_plan.csv \
  || complain "the plan stays near the frontier"

# A first sweep, from published coefficients.
cat >first.yaml <<'END'
law: {set: besiroglu2024}
plan:
  params: {from: 20M, to: 1B}
  tokens: {from: 400M, to: 40B}
  budget: {compute_flop: 1e20}
  target_compute_flop: 1e24
END
expect 2 "plan.noise: missing" "$program" plan first.yaml
expect 0 "runs=12" "$program" plan first.yaml --set plan.noise=0.01
expect 2 "plan.budget: missing" "$program" plan quickstart.yaml $few
sed 's/3e20/-3/' line.yaml >negative.yaml
expect 2 "negative.yaml:5:26: plan.budget.compute_flop: -3: must be > 0" "$program" plan negative.yaml
expect 6 "no candidate run costs at most" "$program" plan line.yaml --force --set plan.budget.compute_flop=1e3
expect 2 "plan.target: gamma: expected params, tokens, loss_nat, exponent_a, E, A, B, alpha or beta" \
  "$program" plan line.yaml --force --set plan.target=gamma
sed 's/compute_flop: 1e20/energy_kwh: 10/' first.yaml >energy.yaml
expect 2 "missing: needed for plan.budget in energy_kwh" "$program" plan energy.yaml --set plan.noise=0.01
expect 2 "plan.params: from is above to" "$program" plan first.yaml --force --set plan.params.to=10M
expect 2 "plan.budget: given twice" "$program" plan line.yaml --force --set plan.budget.cost_usd=10
exit $bad
