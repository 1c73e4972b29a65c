#!/usr/bin/env bash
# What a space may hold: inputs that follow from others, whole levels, constraints with their slack. All paths give
# the same rows, at any number of ranks; an independent evaluation of the formula by numpy agrees.
set -u
. "$(dirname "$0")/common.sh"

cat >space.yaml <<'EOS'
law: {set: besiroglu2024}
space:
  params: {from: 1.3B, to: 97B, steps: 24}
  tokens_per_param: {from: 5, to: 200, steps: 30, integer: true, scale: log}
  tokens: {formula: "params * tokens_per_param"}
  batch_tokens: {formula: tokens / 7e5, integer: true}
  device: [H100-SXM5-80, A100-SXM4-40]
  precision: {values: [bf16, fp16], role: scenario}
  mfu_ratio: 0.4
  lifespan_year: 4
objectives: [loss_nat, device_hour]
constraints: {device_hour: {min: 3000 h, max: 2e6}, compute_flop: {max: 3e24}, tokens_per_param_ratio: {max: 1}}
EOS
expect 2 "space.yaml:12:80: constraints.tokens_per_param_ratio: unknown" "$program" check space.yaml
sed -i 's/, tokens_per_param_ratio: {max: 1}//' space.yaml
for path in auto bounded streaming; do
  expect 0 "" run_ranks 2 frontier space.yaml --output $path.h5 --set search.path=$path
done
grep -q 'path=streaming' err.txt || complain "the path is not named"
expect 0 "" run_ranks 3 frontier space.yaml --output auto3.h5 --set search.path=auto
[ "$(digest auto.h5)" = "$(digest auto3.h5)" ] || complain "another digest at 3 ranks"
/usr/bin/python3 - <<'EOS' || complain "the columns are not what they say"
import h5py, numpy as np
a, b, s = (h5py.File(name + ".h5")["frontier"] for name in ("auto", "bounded", "streaming"))
columns = [k for k in a if isinstance(a[k], h5py.Dataset) and "role" in a[k].attrs]
for k in columns:
    assert np.array_equal(a[k], b[k]) and np.array_equal(a[k], s[k]), k
assert a["tokens"].attrs["role"] == b"dependent" or a["tokens"].attrs["role"] == "dependent"
ratio, params, tokens = a["tokens_per_param"][:], a["params"][:], a["tokens"][:]
assert len(ratio) > 50 and np.array_equal(ratio, np.rint(ratio)) and len(set(ratio)) > 5
assert np.array_equal(tokens, params * ratio)
assert np.array_equal(a["batch_tokens"][:], np.rint(tokens / 7e5))
assert np.allclose(a["compute_flop"][:], 6 * params * tokens, rtol=1e-12)
low, high = a["slack_min_device_hour"][:], a["slack_max_device_hour"][:]
assert (low >= 0).all() and (high >= 0).all() and (a["slack_max_compute_flop"][:] >= 0).all()
assert np.allclose(low, a["device_hour"][:] - 3000, rtol=1e-9, atol=1e-6)
assert np.allclose(high, 2e6 - a["device_hour"][:], rtol=1e-9, atol=1e-6)
assert np.allclose(a["slack_max_compute_flop"][:], 3e24 - 6 * params * tokens, rtol=1e-9, atol=1e13)
assert "slack_min_compute_flop" not in a
EOS
expect 0 "" "$program" report auto.h5
grep -q 'tokens_per_param' out.txt && grep -Eq ' tokens( |$)' out.txt || complain "the report does not show what follows from others"
expect 0 "" "$program" check space.yaml
cat >one.yaml <<'EOS'
law: {set: besiroglu2024}
space: {params: 7B, tokens: {formula: 20 * params}, device: H100-SXM5-80, precision: bf16, mfu_ratio: 0.4}
objectives: [loss_nat, device_hour]
EOS
expect 0 "" "$program" evaluate one.yaml --json -
/usr/bin/python3 -c 'import json; d = json.load(open("out.txt"))["designs"][0]; assert "140000000000" in json.dumps(d).replace(".0", "") or "1.4e+11" in json.dumps(d)' \
  || complain "evaluate does not compute tokens"
printf 'params,tokens\n1e9,\n1e9,3e9\n' >designs.csv
expect 0 "" "$program" evaluate one.yaml --designs designs.csv --csv designs.out
/usr/bin/python3 -c 'import csv; r = list(csv.DictReader(open("designs.out"))); assert float(r[0]["tokens"]) == 2e10 and float(r[1]["tokens"]) == 3e9' \
  || complain "a table of designs does not follow the formula"

# Every kind of constraint, with its slack, and eight objectives, one of them maximised.
cat >limits.yaml <<'EOS'
law:
  set: besiroglu2024
  corrections: [{kind: accuracy_sigmoid, k: -3.3, L0: 2.385, a: 0.7, b: 0.25}]
space:
  params: {from: 1B, to: 70B, steps: 30}
  tokens: {from: 20B, to: 2T, steps: 30}
  device: [H100-SXM5-80, A100-SXM4-40]
  precision: bf16
  mfu_ratio: 0.4
  lifespan_year: 4
  grid: USA
  site: Google
  fleet_devices: [256, 1024]
  scaling_model: power
  deadline_day: 60
  optimizer: adamw
objectives: [loss_nat, accuracy_ratio, energy_kwh, operational_carbon_kg, duration_day, device_hour, cost_usd, water_litre]
constraints:
  duration_day: {max: 90 d}
  devices: {max: 800}
  deadline_fleet: {min: 3, max: 900}
  cost_usd: {max: 2e6}
  memory_load_ratio: {max: 64}
  energy_kwh: {min: 1000, max: 4e5}
  accuracy_ratio: {min: 0.3}
EOS
expect 0 "" run_ranks 2 frontier limits.yaml --output limits.h5
/usr/bin/python3 - <<'EOS' || complain "slack or objectives are not what they say"
import h5py, numpy as np
f = h5py.File("limits.h5")["frontier"]
bounds = {"duration_day": (None, 90), "devices": (None, 800), "deadline_fleet": (3, 900), "cost_usd": (None, 2e6),
          "memory_load_ratio": (None, 64), "energy_kwh": (1000, 4e5), "accuracy_ratio": (.3, None)}
for name, (low, high) in bounds.items():
    x = f[name][:]
    for side, bound, sign in (("min", low, 1), ("max", high, -1)):
        column = f"slack_{side}_{name}"
        assert (column in f) == (bound is not None), column
        if bound is not None:
            slack = f[column][:]
            assert f[column].attrs["role"] in ("slack", b"slack") and f[column].attrs.get("units") == f[name].attrs.get("units")
            assert (slack >= 0).all() and np.allclose(slack, sign * (x - bound), rtol=1e-9, atol=1e-9 * abs(bound)), column
names = ["loss_nat", "accuracy_ratio", "energy_kwh", "operational_carbon_kg", "duration_day", "device_hour", "cost_usd", "water_litre"]
x = np.array([f[k][:] * (-1 if f[k].attrs["sense"] in ("maximise", b"maximise") else 1) for k in names]).T
assert len(x) > 50 and f["accuracy_ratio"].attrs["sense"] in ("maximise", b"maximise")
for p in x:
    assert not ((x <= p).all(1) & (x < p).any(1)).any()
EOS

# A formula whose levels are too many for a table: the path is named, and so is the reason.
sed -e 's/steps: 24}/steps: 2300}/' -e 's/tokens_per_param: .*/tokens_per_param: {from: 5, to: 200, steps: 2300}/' space.yaml >wide.yaml
expect 0 "no table of params x tokens_per_param: too many levels; every configuration is streamed" "$program" check wide.yaml
grep -q 'path  *streaming' out.txt || complain "check does not name the path of a formula without table"

# A draw axis: only through a band; each row is feasible as often as the levels that allow it are drawn.
cat >draw.yaml <<'EOS'
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 70B, steps: 40}
  tokens: {from: 20B, to: 2T, steps: 40}
  device: H100-SXM5-80
  precision: bf16
  mfu_ratio: {values: [0.3, 0.4, 0.5], role: draw, weights: [1, 2, 1]}
objectives: [loss_nat, device_hour]
constraints: {device_hour: {max: 100000 h}}
band: {epsilon_nat: 0.01, keep: 0.01}
EOS
expect 2 "draw.yaml:7:14: space.mfu_ratio: role: draw: is drawn in a band alone: run scalefront band" "$program" frontier draw.yaml
for n in 1 3; do
  expect 0 "" run_ranks $n band draw.yaml --set band.draws=300 --output draw$n.h5
done
[ "$(digest draw1.h5)" = "$(digest draw3.h5)" ] || complain "draws of levels differ at 3 ranks"
/usr/bin/python3 - <<'EOS' || complain "levels are not drawn as they weigh"
import h5py, numpy as np
f = h5py.File("draw1.h5")["frontier"]
b = f["band"]
assert "mfu_ratio" not in f and (f["slack_max_device_hour"][:] >= 0).all()
hours = 6 * b["params"][:] * b["tokens"][:] / (f["params"][0] * f["tokens"][0] * 6) * f["device_hour"][0]   # at an MFU of .4
feasible = b["probability_feasible"][:]
drawn = [np.unique(np.round(feasible[(hours * .4 / high <= 1e5) & (hours * .4 / low > 1e5)], 9)) for low, high in ((.3, .4), (.4, .5))]
assert [len(d) for d in drawn] == [1, 1], drawn
assert abs(drawn[0][0] - .75) < .08 and abs(drawn[1][0] - .25) < .08, drawn
assert (feasible[hours * .4 / .3 <= 1e5] == 1).all() and (hours * .4 / .5 <= 1e5).all()
EOS

# An index above 2^53 reaches the file as it is: the best of 1e18 configurations is the last of all.
cat >large.yaml <<'EOS'
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 1T, steps: 1000000}
  tokens: {from: 10B, to: 100T, steps: 1000000}
  mfu_ratio: {from: 0.2, to: 0.6, steps: 1000000}
  device: H100-SXM5-80
  precision: bf16
objectives: [loss_nat]
constraints: {device_hour: {max: 1e30}}
accept_unpriced: [mfu_ratio]
EOS
expect 0 "configurations=1000000000000000000" "$program" frontier large.yaml --output large.h5
/usr/bin/python3 - <<'EOS' || complain "a large index is not exact"
import h5py
f = h5py.File("large.h5")["frontier"]
# The loss reads no MFU and the limit binds nowhere: of equal configurations that of the lowest index stays.
assert f["configuration"].dtype == "uint64" and list(f["configuration"][:]) == [999999999999 * 1000000]
EOS
exit $bad
