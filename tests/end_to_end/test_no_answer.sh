#!/usr/bin/env bash
# Questions and searches without an answer: what stands in the way is named, with the nearest values
# over all cases, held against brute force over the grid and the closed form of the law.
source "$(dirname "$0")/common.sh"

cat >study.yaml <<'END'
law: {set: besiroglu2024}
space: {params: {from: 1B, to: 100B, steps: 20}, tokens: {from: 20B, to: 5T, steps: 20}, precision: bf16, mfu_ratio: 0.4, lifespan_year: 4, device: [A100-SXM4-40, H100-SXM5-80], grid: USA, site: Google}
objectives: [loss_nat, energy_kwh]
END

# ask CODE TEXT QUESTION [options]
ask() {
  local code=$1 text=$2 question=$3
  shift 3
  expect "$code" "$text" "$program" allocate study.yaml --ask "$question" "$@"
}

# A limit that no design could meet, or that every design meets, is an input to mend.
for limit in 'compute_flop <= 0' 'energy_kwh <= -3' 'energy_kwh >= -3' 'device_hour = 0' 'mass_kg <= 0' \
  'cost_usd <= -1' 'accuracy_ratio >= 95' 'accuracy_ratio <= 0'; do
  ask 2 "study.yaml: --ask: $limit: must " "minimise loss_nat at $limit"
done
expect 2 'constraints.energy_kwh: must be above 0' "$program" check study.yaml --set constraints.energy_kwh.max=0
expect 2 'constraints.accuracy_ratio: must be a share' "$program" check study.yaml --set constraints.accuracy_ratio.min=60
# What may be nothing is a question that has no answer here.
ask 6 'cost_usd cannot be less than' 'minimise loss_nat at cost_usd <= 0'

# Below the irreducible loss nothing is searched: E of besiroglu2024 is 1.81686.
ask 6 'it stays above 1.81686 nat' 'minimise energy_kwh at loss_nat <= 1.5'
grep -q 'its irreducible loss, however large params and tokens are' err.txt || complain "E is not named"
ask 6 'irreducible' 'minimise energy_kwh at loss_nat <= 0'

# Of two devices the reason is that of the better one, though the other comes first.
ask 6 '(best of all: device=H100-SXM5-80)' 'minimise loss_nat at energy_kwh <= 3'
grep -q 'params at its lower bound, tokens at its lower bound' err.txt || complain "the bounds that bind are not named"
read -r nearest < <(grep -o 'energy_kwh cannot be less than [0-9.]*' err.txt | grep -o '[0-9.]*$')
expect 0 '' "$program" evaluate study.yaml --set space.params=1B --set space.tokens=20B \
  --set space.device=H100-SXM5-80 --json least.json
/usr/bin/python3 - "$nearest" <<'PY' || complain "the nearest energy is not that of the least design"
import json, sys
def find(x, key):
    if isinstance(x, dict):
        if key in x:
            return x[key]
        x = list(x.values())
    for y in x if isinstance(x, list) else []:
        found = find(y, key)
        if found is not None:
            return found
    return None
least = find(json.load(open("least.json")), "energy_kwh")
least = least["value"] if isinstance(least, dict) else least
assert abs(float(sys.argv[1]) / least - 1) < 1e-5, (sys.argv[1], least)
PY

# A frontier without rows: limits in words, in the file and from report, at any number of ranks.
limits=(--set constraints.energy_kwh.max=1MWh --set constraints.loss_nat.max=2.1)
expect 6 'no configuration is feasible' run_ranks 1 frontier study.yaml "${limits[@]}" --output one.h5
grep -F 'configurations break it' out.txt >said.txt
expect 6 'no configuration is feasible' run_ranks 3 frontier study.yaml "${limits[@]}" --output three.h5
[ "$(digest one.h5)" = "$(digest three.h5)" ] || complain "ranks change what is said of limits"
expect 0 '' "$program" report one.h5
grep -F 'configurations break it' out.txt | cmp -s - said.txt || complain "report says something else of limits"
expect 0 '' "$program" frontier study.yaml --set search.path=streaming --set 'objectives=[loss_nat, energy_kwh]' --output all.h5
/usr/bin/python3 - <<'PY' || complain "the limits are not those of brute force"
import re
from math import exp, log
# The law and prices by hand: energy is proportional to params * tokens on each device, so two
# evaluations by the program give its factors.
text = open("said.txt").read().splitlines()
assert len(text) == 2, text
got = [re.match(r"(\w+) <= .*: (\d+) of 800 configurations break it, (\d+) of 800 configurations break it alone; with the other limits kept the nearest value is ([\d.]+)", t) for t in text]
assert all(got), text
import h5py
f = h5py.File("all.h5")["frontier"]
rows = list(zip(f["params"][:], f["tokens"][:], f["energy_kwh"][:], f["loss_nat"][:]))
# The coefficients of besiroglu2024 as inputs/data/laws.tsv has them.
E, A, B, a, b = 1.81686, 482.00572, 2085.43420, 0.34781, 0.36585
n = [1e9 * (100.0) ** (i / 19) for i in range(20)]
d = [20e9 * (250.0) ** (i / 19) for i in range(20)]
factor = min(e / (p * t) for p, t, e, l in rows)  # of the thriftier device, on the whole frontier
peak = {"H100": 989.4e12, "A100": 312e12}
power = {"H100": 700.0, "A100": 400.0}
ratio = (power["A100"] / peak["A100"]) / (power["H100"] / peak["H100"])
def loss(p, t):
    return E + A / p**a + B / t**b
seen = [(factor * r * p * t, loss(p, t)) for r in (1.0, ratio) for p in n for t in d]
too_dear = [x for x in seen if x[0] > 1000]
too_high = [x for x in seen if x[1] > 2.1]
assert int(got[0][2]) == len(too_dear), (got[0][2], len(too_dear))
assert int(got[0][3]) == sum(x[1] <= 2.1 for x in too_dear)
assert int(got[1][2]) == len(too_high), (got[1][2], len(too_high))
assert int(got[1][3]) == sum(x[0] <= 1000 for x in too_high)
assert abs(float(got[0][4]) / min(x[0] for x in seen if x[1] <= 2.1) - 1) < 1e-5
assert abs(float(got[1][4]) - min(x[1] for x in seen if x[0] <= 1000)) < 1e-5
PY
exit $bad
