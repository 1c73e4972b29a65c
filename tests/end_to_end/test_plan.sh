#!/usr/bin/env bash
# The next runs through the whole program: same bytes on any ranks, budgets in FLOP and in energy, a
# sweep on the frontier alone, a plan from a fit file and from published coefficients, bad input.
set -u
. "$(dirname "$0")/common.sh"

cp "$bench/quickstart_runs.csv" .
cp "$bench/quickstart_010.yaml" quickstart.yaml
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
expect 2 "kept.yaml:24:14: space.mfu_ratio: 3 levels: a plan is for one: energy_kwh" "$program" plan kept.yaml $energy
expect 2 "space.device: 2 levels: a plan is for one" "$program" plan kept.yaml $energy --set space.mfu_ratio=0.4
energy="$energy --set space.mfu_ratio=0.4 --set space.device=A100-SXM4-40"
expect 0 "" "$program" plan kept.yaml $energy
awk -F , '/^[0-9]/ { sum += $5 } END { exit !(sum > 0 && sum <= 3000) }' kept_plan.csv \
  || complain "more than 3000 kWh"

# The regret: what the plan expects to be left of it is what choices by fits of simulated runs lose.
expect 0 "" "$program" plan quickstart.yaml $few --set plan.budget.compute_flop=1e22 \
  --set plan.target=regret --output regret.csv --json regret.json
grep -q 'Target: regret, .*After run [1-9][0-9]* each saves less than it takes' out.txt || complain "nothing is said of the regret"
cat >known.yaml <<'END'
law: {set: besiroglu2024}
fit: {objective: least_squares}
plan:
  params: {from: 20M, to: 1B}
  tokens: {from: 400M, to: 40B}
  budget: {compute_flop: 1e22}
  runs: 40
  repeats: 4
  noise: 0.001
  target: regret
  target_compute_flop: 1e22
END
expect 0 "runs=40" "$program" plan known.yaml --json known.json
/usr/bin/python3 - >out.txt <<'END' || complain "regret: $(cat out.txt)"
import csv, json, math, sys
import numpy as np

def check(ok, text):
    if not ok:
        sys.exit(print(text) or 1)

plan = json.load(open("regret.json"))
runs = plan["runs"]
means = [plan["before"]["value"]] + [r["regret_nat"] for r in runs]
check(all(b < a for a, b in zip(means, means[1:])), "it does not fall with each run")
check(plan["after"]["value"] == means[-1] and means[-1] < plan["after"]["upper"], "the end")
said = plan["regret"]
check(abs(said["replicates_exact_nat"] / said["replicates_by_curvature_nat"] - 1) < 0.05,
      "the curvature does not tell the regret of the replicates")
saved = sum(r["saved_flop"] for r in runs)
wasted = said["wasted_compute_ratio_before"] - said["wasted_compute_ratio_after"]
check(abs(saved / (5.76e23 * wasted) - 1) < 1e-9, "saved compute")
pays = [r["saved_flop"] >= r["compute_flop"] for r in runs]
check(0 < plan["n_worth"] < len(runs) and pays[plan["n_worth"] - 1]
      and not any(pays[plan["n_worth"]:]), "n_worth")

# Gauss-Newton fits of log losses of the planned runs, 2000 studies at once.
rows = [r for r in csv.reader(open("known_plan.csv")) if r[0].isdigit()]
N, D = (np.log([float(r[k]) for r in rows]) for k in (1, 2))
truth = np.array([math.log(1.8172), math.log(482.01), math.log(2085.43), 0.3478, 0.3658])

def predict(t):
    E, A, B = np.exp(t[:, :1]), np.exp(t[:, 1:2] - t[:, 3:4] * N), np.exp(t[:, 2:3] - t[:, 4:5] * D)
    L = E + A + B
    return np.log(L), np.stack([E / L, A / L, B / L, -A * N / L, -B * D / L], 2)

def loss(x, y):
    return math.exp(truth[0]) + np.exp(truth[1] - truth[3] * x) + np.exp(truth[2] - truth[4] * y)

def best(t):
    return ((t[:, 1] - t[:, 2] + np.log(t[:, 3] / t[:, 4])) + t[:, 4] * work) / (t[:, 3] + t[:, 4])

work = math.log(1e22 / 6)
theta = np.tile(truth, (2000, 1))
seen = predict(theta)[0] + 0.001 * np.random.default_rng(7).standard_normal((2000, len(N)))
for _ in range(30):
    value, J = predict(theta)
    step = np.linalg.solve(np.einsum("sik,sil->skl", J, J), np.einsum("sik,si->sk", J, seen - value)[..., None])
    theta = theta + step[..., 0]
check(np.abs(step).max() < 1e-6, "the fits of the check did not converge")
x, x0 = best(theta), best(truth[None])[0]
lost = (loss(x, work - x) - loss(x0, work - x0)).mean()
told = json.load(open("known.json"))["after"]["value"]
print(f"expected {told:.4g} nat, simulated {lost:.4g}")
sys.exit(not abs(told / lost - 1) < 0.1)
END

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
expect 0 "" "$program" plan line.yaml --output near.csv
awk -F , '/^[0-9]/ { r = $3 / $2 / 20; if (r > 1.001 || r < .999) off++ } END { exit off != 0 }' near.csv \
  || complain "the plan leaves the hull of the runs, which is a line"
expect 6 "plan.support: 1: no candidate of plan.params and plan.tokens lies among the runs" \
  "$program" plan line.yaml --output near.csv --force --set plan.params.from=3B --set plan.params.to=9B
box="--set plan.params.from=50M --set plan.params.to=2.47B --set plan.tokens.from=1B --set plan.tokens.to=49.4B"
expect 0 "" "$program" plan line.yaml $box --set plan.support=64
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
expect 2 "plan.target: gamma: expected params, tokens, loss_nat, exponent_a, regret, E, A, B, alpha or beta" \
  "$program" plan line.yaml --force --set plan.target=gamma
sed 's/compute_flop: 1e20/energy_kwh: 10/' first.yaml >energy.yaml
expect 2 "missing: needed for plan.budget in energy_kwh" "$program" plan energy.yaml --set plan.noise=0.01
expect 2 "plan.params: from is above to" "$program" plan first.yaml --force --set plan.params.to=10M
expect 2 "plan.budget: given twice" "$program" plan line.yaml --force --set plan.budget.cost_usd=10
exit $bad
