#!/usr/bin/env bash
# Nothing is free: a choice that no law, correction or cost reads is refused as a decision, flagged
# as a value, and named where nothing reads it.
set -u
. "$(dirname "$0")/common.sh"

cat >free.yaml <<'END'
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 100B, steps: 12}
  tokens: {from: 20B, to: 2T, steps: 12}
  post_bits: [1, 2, 4, 8, 16]
  cached_tokens: 100000
objectives: [loss_nat, compute_flop, serving_memory_byte]
END
why='free.yaml:5:14: space.post_bits: 5 levels: less of it makes serving_memory_byte better and nothing that is asked for worse; what prices it: beside another law law.corrections kumar2024_ptq, kurtic2024_fp8, kurtic2024_int; else give one value, make it a scenario or write accept_unpriced: [post_bits]'
for job in frontier check bayes; do
  expect 2 "$why" run_ranks 2 $job free.yaml
done
for path in auto bounded streaming; do
  expect 2 "$why" "$program" frontier free.yaml --set search.path=$path
done
expect 2 "accept_unpriced: post_bit: unknown; did you mean post_bits" "$program" check free.yaml --set 'accept_unpriced=[post_bit]'
expect 0 "" run_ranks 2 frontier free.yaml --set 'accept_unpriced=[post_bits]' --output accepted.h5
expect 0 "" "$program" rerun accepted.h5
expect 0 "" "$program" report accepted.h5 --csv accepted.csv
/usr/bin/python3 - <<'END' || complain "accepted rows are not flagged"
import csv
rows = list(csv.DictReader(open("accepted.csv")))
assert len(rows) > 20 and all(r["flag_unpriced"] == "1" and r["post_bits"] == "1" for r in rows)
END
# As a scenario, and with its correction, it is no free choice; one bit then never wins.
expect 0 "" "$program" check free.yaml --set 'space.post_bits={values: [4, 16], role: scenario}'
priced=(--set law.set=kumar2024_base --set 'law.corrections=[kumar2024_ptq]')
expect 0 "" "$program" frontier free.yaml "${priced[@]}" --output priced.h5
expect 0 "" "$program" report priced.h5 --csv priced.csv
/usr/bin/python3 - <<'END' || complain "the price of bits is not weighed"
import csv
rows = list(csv.DictReader(open("priced.csv")))
assert all(r["flag_unpriced"] == "0" for r in rows)
assert len({r["post_bits"] for r in rows}) > 2
END

# Every decision whose price is not read, with what would price it.
cat >one.yaml <<'END'
law: {set: besiroglu2024, corrections: [{kind: accuracy_sigmoid, k: -3.3, L0: 2.385, a: 0.7, b: 0.25}]}
space:
  params: {from: 1B, to: 100B, steps: 5}
  tokens: {from: 20B, to: 2T, steps: 5}
  device: H100-SXM5-80
  mfu_ratio: 0.4
  lifespan_year: 4
  optimizer: adamw
  fleet_devices: 512
  grid: USA
  site: Google
footprint: {activations: all, attention: true}
objectives: [loss_nat, accuracy_ratio, energy_kwh, mass_kg, cost_usd, memory_byte, serving_memory_byte, duration_day]
END
refuses() { # KEY LEVELS TEXT
  expect 2 "space.$1: " "$program" check one.yaml --set "space.$1=$2"
  grep -qF -- "$3" err.txt || complain "$1: '$3' is not in: $(cat err.txt)"
}
refuses training_bits '[3, 8, 16]' 'law.corrections kumar2024, kumar2024_weights, kumar2024_bf16'
refuses precision '[bf16, fp8]' 'law.set kumar2024'
refuses mfu_ratio '[0.3, 0.5]' 'more of it makes energy_kwh better'
refuses lifespan_year '[2, 6]' 'footprint.progress_ratio'
refuses fleet_devices '[64, 1024]' 'space.scaling_model, space.goodput_model'
refuses optimizer '[adamw, sgd]' 'nothing published here'
refuses window_tokens '[256, 1024]' 'less of it makes energy_kwh better'
refuses total_ratio '[1, 8]' 'less of it makes memory_byte better'
refuses microbatch_tokens '[2048, 65536]' 'less of it makes memory_byte better'
for unread in experts=[1,64] sparsity_ratio=[0.1,0.75] batch_tokens=[1M,60M] unique_tokens=[50B,1T]; do
  refuses "${unread%%=*}" "${unread#*=}" 'no objective, constraint, law or correction reads it'
done
expect 2 'no objective, constraint, law or correction reads it' "$program" check one.yaml \
  --set 'space.batch_tokens={values: [1M, 60M], role: scenario}'
# A price that is asked for is enough, and devices stand for themselves.
expect 0 "" "$program" check one.yaml --set 'space.lifespan_year=[2, 6]' --set footprint.progress_ratio=0.26
expect 0 "" "$program" check one.yaml --set 'space.fleet_devices=[64, 1024]' --set space.scaling_model=power
expect 0 "" "$program" check one.yaml --set 'space.precision=[bf16, fp8]' --set 'law.corrections=[kumar2024_bf16, {kind: accuracy_sigmoid, k: -3.3, L0: 2.385, a: 0.7, b: 0.25}]'
expect 0 "" "$program" check one.yaml --set 'space.device=[A100-SXM4-40, H100-SXM5-80]'

# One value is flagged, and what nothing reads is named.
flags() { # KEY VALUE WORD
  expect 0 "" "$program" evaluate one.yaml --set space.params=7B --set space.tokens=1T --set "space.$1=$2"
  grep -q "^  unpriced: $1: " out.txt || complain "$1=$2 is not flagged"
  grep -qF "$1 is unpriced: no outcome is worse for it; what prices it: $3" err.txt || complain "$1: $(cat err.txt)"
}
flags unique_tokens 50B 'law.corrections muennighoff2023'
flags post_bits 4 'law.corrections kurtic2024_fp8'
flags sparsity_ratio 0.75 'law.corrections frantar2023_t5'
flags experts 64 'beside another law law.corrections clark2022_sbase'
flags batch_tokens 60M 'law.corrections kaplan2020'
flags training_bits 3 'law.corrections kumar2024'
flags precision fp8 'law.corrections kumar2024'
flags optimizer adamw_8bit 'nothing published here'
flags window_tokens 512 'nothing published here'
expect 0 'no law, correction, cost or formula in use reads batch_tokens, experts' "$program" evaluate one.yaml \
  --set space.params=7B --set space.tokens=1T --set space.batch_tokens=4M --set space.experts=8
expect 0 "" "$program" evaluate one.yaml --set space.params=7B --set space.tokens=1T
grep -q unpriced out.txt err.txt && complain "a plain design is flagged"
printf 'params,tokens,post_bits\n7e9,1e12,4\n7e9,1e12,\n' >designs.csv
expect 0 "" "$program" evaluate one.yaml --designs designs.csv --csv designs.out --json designs.json
/usr/bin/python3 - <<'END' || complain "rows of a table are not flagged one by one"
import csv, json
rows = list(csv.DictReader(open("designs.out")))
assert ["unpriced" in r["flags"].split(";") for r in rows] == [True, False]
assert ["unpriced" in d["flags"] for d in json.load(open("designs.json"))["designs"]] == [True, False]
END
# Questions are held to the same rule.
expect 2 'over post_bits: post_bits: less of it makes serving_memory_byte better' "$program" allocate one.yaml \
  --set space.params=7B --set space.tokens=1T --ask 'minimise serving_memory_byte at loss_nat <= 2.5 over post_bits'
expect 2 'over experts: experts: moves, but nothing that is asked for reads it' "$program" allocate one.yaml \
  --set space.params=7B --set space.tokens=1T --ask 'minimise loss_nat at energy_kwh <= 1GWh over experts'
expect 0 "" "$program" allocate one.yaml --set space.params=7B --set space.tokens=1T --set 'accept_unpriced=[post_bits]' \
  --ask 'minimise serving_memory_byte at loss_nat <= 2.5 over post_bits'
grep -q 'unpriced' out.txt || complain "an accepted question is not flagged"

# Samples cost what they draw: demand is in questions. 2 N tokens of answers, and those of the prompt once.
cat >samples.yaml <<'END'
law: {set: besiroglu2024, corrections: [{kind: accuracy_sigmoid, k: -3.3, L0: 2.385, a: 0.7, b: 0.25}, brown2024_swebench]}
space:
  params: 7B
  tokens: 1T
  device: H100-SXM5-80
  mfu_ratio: 0.4
  grid: USA
  site: Google
  prompt_tokens: 200
  output_tokens: 100
  served_questions: 3B
  samples: 1
objectives: [accuracy_ratio, total_flop, energy_kwh]
END
printf 'samples\n1\n64\n' >samples.csv
expect 0 "" "$program" evaluate samples.yaml --designs samples.csv --json samples.json
/usr/bin/python3 - <<'END' || complain "samples do not cost what they draw"
import json
one, many = (d["outcomes"] for d in json.load(open("samples.json"))["designs"])
value = lambda d, k: d[k]["value"]
close = lambda x, y: abs(x / y - 1) < 1e-12
assert value(many, "accuracy_ratio") > value(one, "accuracy_ratio")
for d, n in ((one, 1), (many, 64)):
    assert close(value(d, "total_flop"), 6 * 7e9 * 1e12 + 2 * 7e9 * 3e9 * (200 + n * 100))
    assert close(value(d, "energy_kwh"), value(one, "energy_kwh") * value(d, "total_flop") / value(one, "total_flop"))
END
expect 0 "" "$program" check samples.yaml --set 'space.samples=[1, 8, 64]'
free='served_tokens fixes the demand, so that more samples would cost nothing: state it as served_questions'
sed -e 's/served_questions: 3B/served_tokens: 1T/' samples.yaml >tokens.yaml
expect 2 "space.samples: $free" "$program" check tokens.yaml --set 'space.samples=[1, 8, 64]'
expect 2 "$free" "$program" allocate tokens.yaml --ask 'maximise accuracy_ratio at energy_kwh <= 1GWh over samples'
printf 'samples\n1\n64\n' >samples.csv
expect 2 "samples.csv:3:1: samples: 64: $free" "$program" evaluate tokens.yaml --designs samples.csv
expect 0 "" "$program" allocate samples.yaml --ask 'maximise accuracy_ratio at total_flop <= 1e23 over samples'
expect 2 'served_tokens is given too' "$program" evaluate samples.yaml --set space.served_tokens=1T

# A deadline limits a fleet that is given, on every path, in questions and on the card.
cat >deadline.yaml <<'END'
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 100B, steps: 30}
  tokens: {from: 20B, to: 2T, steps: 30}
  device: H100-SXM5-80
  mfu_ratio: 0.4
  fleet_devices: 512
  deadline_day: 30
objectives: [loss_nat, compute_flop]
END
for path in auto bounded streaming; do
  expect 0 "" run_ranks 2 frontier deadline.yaml --set search.path=$path --output $path.h5
  expect 0 "" "$program" report $path.h5 --csv $path.csv
done
expect 0 "" "$program" frontier deadline.yaml --set constraints.duration_day.max=30 --output limit.h5
expect 0 "" "$program" report limit.h5 --csv limit.csv
/usr/bin/python3 - <<'END' || complain "the deadline is not kept"
import csv
rows = {n: [(r["params"], r["tokens"]) for r in csv.DictReader(open(n + ".csv"))] for n in ("auto", "bounded", "streaming", "limit")}
assert len(rows["auto"]) > 20 and all(rows[n] == rows["limit"] for n in rows)
days = [float(r["duration_day"]) for r in csv.DictReader(open("auto.csv"))]
assert 20 < max(days) <= 30
END
expect 0 "" "$program" check deadline.yaml
grep -q 'deadline  *a limit' out.txt || complain "check does not say that the deadline is a limit"
expect 0 "" "$program" allocate deadline.yaml --ask 'minimise loss_nat at compute_flop <= 1e26' --json deadline.json
/usr/bin/python3 - <<'END' || complain "a question does not keep the deadline"
import json
days = json.load(open("deadline.json"))["questions"][0]["answers"][0]["outcomes"]["duration_day"]
assert abs((days["value"] if isinstance(days, dict) else days) - 30) < 1e-3
END
expect 0 "" "$program" evaluate deadline.yaml --set space.params=70B --set space.tokens=2T
grep -q '^  misses_deadline: ' out.txt || complain "the card does not say that the deadline is missed"
expect 0 "" "$program" check deadline.yaml --set 'objectives=[loss_nat, deadline_fleet]'
# Short words are understood, whatever they are meant to name; all that is missing is told at once.
cat >words.yaml <<'END'
law: {set: besiroglu2024}
space: {params: {from: 1B, to: 9B, steps: 3}, tokens: {from: 20B, to: 1T, steps: 3}}
objectives: [loss_nat, energy_kwh, cost_usd]
END
means() { # KEY VALUE NAME
  expect 2 "did you mean $3" "$program" check words.yaml --set "$1=$2"
}
means space.mfu 0.4 mfu_ratio
means space.lifespan 4 lifespan_year
means space.fleet 64 fleet_devices
means objectives '[loss, cost_usd]' loss_nat
means objectives '[loss_nat, cost]' cost_usd
means objectives '[loss_nat, energy]' energy_kwh
means constraints '{carbon: {max: 1t}}' carbon_kg
means allocate.questions '[minimise cost at loss_nat <= 2 over params]' cost_usd
means law.set hoffmann hoffmann2022
means law.corrections '[kumar]' kumar2024
known=(--set space.mfu_ratio=0.4 --set space.lifespan_year=4 --set space.grid=USA --set space.site=Google)
expect 2 "did you mean H100-SXM5-80" "$program" check words.yaml "${known[@]}" --set space.device=H100
expect 2 "did you mean USA" "$program" check words.yaml "${known[@]}" --set space.device=H100-SXM5-80 --set space.grid=usa
expect 2 "space.mfu_ratio, space.lifespan_year, space.device, space.grid, space.site: missing: needed for energy_kwh, cost_usd" \
  "$program" check words.yaml
expect 2 "mfu_ratio, device, site: are needed: give them in space" "$program" allocate words.yaml --ask 'minimise energy_kwh at loss_nat <= 2.5'
# A law in compute is read at a compute: (Cc / C)^aC with Cc 2.6784e28 and aC .05 (kaplan2020).
cat >compute.yaml <<'END'
law: {set: kaplan2020_c}
space: {budget_flop: 3.3e21}
objectives: [loss_nat]
END
expect 0 "" "$program" evaluate compute.yaml --json compute.json
/usr/bin/python3 - <<'END' || complain "a law in compute is not read at the compute"
import json
outcomes = json.load(open("compute.json"))["designs"][0]["outcomes"]
assert abs(outcomes["loss_nat"]["value"] / (2.6784e28 / 3.3e21) ** .05 - 1) < 1e-12 and "compute_flop" not in outcomes
END
expect 0 "" "$program" evaluate compute.yaml --set space.params=5B --set space.tokens=1T --json both.json
/usr/bin/python3 -c 'import json; a, b = (json.load(open(f))["designs"][0]["outcomes"]["loss_nat"]["value"] for f in ("compute.json", "both.json")); assert a == b' \
  || complain "params and tokens take the place of the budget"
exit $bad
