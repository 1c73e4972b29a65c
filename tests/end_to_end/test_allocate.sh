#!/usr/bin/env bash
# Questions and their answers, through the whole program: published optima, inverse questions, levels
# that compete, intervals over replicates, questions without an answer.
set -u
. "$(dirname "$0")/common.sh"

# value JSON PATH: one number of a JSON file, by a path of python subscripts.
value() {
  python3 -c "import json, sys; print('%.9g' % json.load(open(sys.argv[1]))$2)" "$1"
}
# close GOT WANTED DIGIT WHAT: equal to half a digit.
close() {
  awk -v a="$1" -v b="$2" -v d="$3" 'BEGIN { exit !(a - b <= d / 2 && b - a <= d / 2) }' \
    || complain "$4: $1, not $2"
}
first="['questions'][0]['answers'][0]"

# Compute-optimal, by each method.
for method in closed_form brent nlopt; do
  echo "law: {set: besiroglu2024_rounded}" >law.yaml
  expect 0 "" "$program" allocate law.yaml --set allocate.method=$method \
    --ask 'minimise loss_nat at compute_flop <= 5.76e23' --json $method.json
  close "$(value $method.json "$first['variables']['params']['value']")" 7.225e10 1e7 "$method: params"
  close "$(value $method.json "$first['variables']['tokens']['value']")" 1.3287e12 1e8 "$method: tokens"
  close "$(value $method.json "$first['objective']['value']")" 1.97444 1e-5 "$method: loss"
  grep -q "\[$method, " out.txt || complain "$method: another method answered"
done

# Unique tokens limited (muennighoff2023), precision held (kumar2024), levels of experts (ludziejewski2025).
cat >limited.yaml <<'END'
law: {set: muennighoff2023}
space: {unique_tokens: 25B}
allocate: {questions: [minimise loss_nat at compute_flop <= 1e22]}
END
expect 0 "" "$program" allocate limited.yaml --json limited.json
close "$(value limited.json "$first['variables']['params']['value']")" 7.02616e9 1e5 "data-limited params"
close "$(value limited.json "$first['variables']['tokens']['value']")" 2.37209e11 1e7 "data-limited tokens"
close "$(value limited.json "$first['objective']['value']")" 2.22212927 1e-8 "data-limited loss"
cat >experts.yaml <<'END'
law: {set: ludziejewski2025}
space: {experts: [1, 8, 32]}
accept_unpriced: [experts]
allocate: {questions: [minimise loss_nat at compute_flop <= 1e21]}
END
expect 0 "" "$program" allocate experts.yaml --json experts.json
i=0
for params in 5.71e9 3.79e9 2.88e9; do
  close "$(value experts.json "['questions'][0]['answers'][$i]['variables']['params']['value']")" $params 2e7 "experts"
  i=$((i + 1))
done
grep -q '^  \* experts=32: ' out.txt || complain "32 experts are not the best of three levels"

# Bits held: the closed form with N scaled by what the bits leave of it (kumar2024).
params=$(awk 'BEGIN { f = (1 - exp(.3037 - 8 / 2.6745)) * (1 - exp(1.4072 - 8 / 2.2102)) * (1 - exp(2.4185 - 8 / .9578))
  printf "%.12g", (4.299e3 / 1.806e4) ^ (1 / (2 * .4965)) / sqrt(f) * sqrt(1e21 / 6) }')
cat >bits.yaml <<'END'
law: {set: kumar2024}
space: {weight_bits: 8, activation_bits: 8, cache_bits: 8}
END
for method in closed_form brent nlopt; do
  expect 0 "" "$program" allocate bits.yaml --set allocate.method=$method \
    --ask 'minimise loss_nat at compute_flop <= 1e21' --json bits.json --force
  close "$(value bits.json "$first['variables']['params']['value']")" "$params" 100 "$method: bits"
  grep -q "\[$method, " out.txt || complain "$method: bits: another method answered"
done

# All bits together under the compute that bits count in: 7.002, as published (kumar2024).
echo "law: {set: kumar2024}" >together.yaml
expect 0 "" "$program" allocate together.yaml --json together.json \
  --ask 'minimise loss_nat at compute_bit_flop <= 1e21 over params, tokens, training_bits'
close "$(value together.json "$first['variables']['training_bits']['value']")" 7.002 1e-3 "best bits"

# The vocabulary for a body and a budget (tao2024): 43K printed; the coefficients give 42,211 (scipy).
cat >vocabulary.yaml <<'END'
law: {set: tao2024}
footprint: {embeddings: tied}
space: {width: 3200}
END
ask='minimise loss_nat at compute_flop <= 2.3e21'
expect 0 "" "$program" allocate vocabulary.yaml --json vocabulary.json \
  --ask "$ask, body_params = 2.87e9 over params, tokens, vocabulary" --ask "$ask over params, tokens, vocabulary"
close "$(value vocabulary.json "$first['variables']['vocabulary']['value']")" 42211.47 0.1 "vocabulary"
close "$(value vocabulary.json "$first['outcomes']['body_params']")" 2.87e9 1 "body"
# A budget alone: the law wants a small body and many tokens (scipy: 25,434 at 651.06M in all).
second="['questions'][1]['answers'][0]['variables']"
close "$(value vocabulary.json "$second['vocabulary']['value']")" 25434.18 0.1 "vocabulary of a budget"
close "$(value vocabulary.json "$second['params']['value']")" 651.0605e6 1e3 "params of a budget"
# All parameters held, by nested searches (scipy: 97,465).
expect 0 "" "$program" allocate vocabulary.yaml --set space.params=3B --ask "$ask over tokens, vocabulary" --json all.json
close "$(value all.json "$first['variables']['vocabulary']['value']")" 97464.66 0.1 "vocabulary of all parameters"

# What serves the loss of a design for least operations (sardana2024): 16.41B on 3.265T instead of 30B.
cat >serve.yaml <<'END'
law: {set: sardana2024}
space: {params: 30B, tokens: 1.556T, served_tokens: 5T}
END
ask='minimise total_flop at loss_nat <= given over params, tokens'
expect 0 "" "$program" allocate serve.yaml --ask "$ask" --json serve.json
close "$(value serve.json "$first['variables']['params']['value']")" 16.41e9 1e7 "served: params"
close "$(value serve.json "$first['variables']['tokens']['value']")" 3.265e12 1e9 "served: tokens"
# ... also where its tokens follow from a formula: 20 a parameter.
expect 0 "" "$program" allocate serve.yaml --ask 'minimise params at loss_nat <= given over params' \
  --set 'space.tokens={formula: 20 * params}' --json follows.json
close "$(value follows.json "$first['variables']['params']['value']")" 30e9 1e4 "the given loss is that of 30B on 20 tokens each"
expect 2 "tokens: needs one value in space" "$program" allocate serve.yaml --set 'space.tokens={from: 1T, to: 2T, steps: 2}' --ask "$ask"

# A law whose numbers the study says itself.
cat >own.yaml <<'END'
law: {id: chinchilla, parameters: {E: {fixed: 1.8172}, A: {fixed: 482.01}, B: {fixed: 2085.43}, alpha: {fixed: 0.3478}, beta: {fixed: 0.3658}}}
END
expect 0 "" "$program" allocate own.yaml --ask 'minimise loss_nat at compute_flop <= 5.76e23' --json own.json
close "$(value own.json "$first['variables']['params']['value']")" 7.225e10 1e7 "own numbers: params"
sed 's/, beta: {fixed: 0.3658}//' own.yaml >part.yaml
expect 2 "law.parameters.beta.fixed" "$program" allocate part.yaml --ask 'minimise loss_nat at compute_flop <= 5.76e23'

sed 's/A: {fixed: 482.01}/A: {fixed: -482.01}/' own.yaml >part.yaml
expect 2 "law.parameters.A.fixed: must be in [" "$program" allocate part.yaml --ask 'minimise loss_nat at compute_flop <= 5.76e23'

# A year of Frontier buys 1.19e25 FLOP.
echo "law: {set: besiroglu2024}" >frontier.yaml
expect 0 "" "$program" allocate frontier.yaml --ask 'minimise loss_nat at compute_flop <= 1.19e25' --json year.json
close "$(value year.json "$first['variables']['params']['value']")" 341e9 2e9 "a year of Frontier: params"
close "$(value year.json "$first['variables']['tokens']['value']")" 5.8e12 1e11 "a year of Frontier: tokens"
close "$(value year.json "$first['objective']['value']")" 1.908 1e-3 "a year of Frontier: loss"

# An input given as a list keeps to its levels, of which each is tried: 7 bits of those said, by
# brute force over the list, within a limit on it, and where nothing else moves.
bits=(--set 'space.training_bits=[4, 5, 7, 11, 16]' --force --json listed.json)
expect 0 "" "$program" allocate together.yaml "${bits[@]}" \
  --ask 'minimise loss_nat at compute_bit_flop <= 1e21 over params, tokens, training_bits'
grep -q '^  \* training_bits=7: ' out.txt || complain "the best of the listed bits is not 7: $(grep '\*' out.txt)"
for b in 4 5 7 11 16; do
  expect 0 "" "$program" allocate together.yaml --set space.training_bits=$b --force --json one.json \
    --ask 'minimise loss_nat at compute_bit_flop <= 1e21'
  one=$(value one.json "$first['objective']['value']")
  listed=$(python3 - "$b" <<'END'
import json, sys
for a in json.load(open("listed.json"))["questions"][0]["answers"]:
    if float(a["levels"]["training_bits"]) == float(sys.argv[1]):
        print("%.9g" % a["objective"]["value"])
END
  )
  [ "$one" = "$listed" ] || complain "$b bits: $listed in the list, $one alone"
done
expect 0 "" "$program" allocate together.yaml "${bits[@]}" \
  --ask 'minimise loss_nat at compute_bit_flop <= 1e21, training_bits <= 5 over params, tokens, training_bits'
grep -q '^  \* training_bits=5: ' out.txt || complain "a limit does not hold for a list"
expect 0 "" "$program" allocate together.yaml "${bits[@]}" --set space.params=1B --set space.tokens=20B \
  --set 'accept_unpriced=[training_bits]' \
  --ask 'minimise loss_nat at training_bits <= 12 over training_bits'
grep -q '^  \* training_bits=11: ' out.txt || complain "a list alone does not move"

# What check says of a study without trade-offs, and of questions that run to a bound.
cat >idle.yaml <<'END'
law: {set: hoffmann2022}
space:
  params: 222B
  tokens: 13T
  precision: bf16
  mfu_ratio: {from: 0.2, to: 0.6, steps: 5}
  lifespan_year: {from: 1, to: 6, steps: 6}
  device: A100-SXM4-40
  grid: USA
  site: Google
objectives: [loss_nat, mass_kg]
accept_unpriced: [mfu_ratio, lifespan_year]
allocate:
  questions:
    - minimise mass_kg over mfu_ratio, lifespan_year
    - minimise lifespan_year at mass_kg <= 3t
END
expect 0 "mfu_ratio and space.lifespan_year are degenerate" "$program" check idle.yaml
grep -qF "over mfu_ratio, lifespan_year: mfu_ratio at its upper bound; lifespan_year at its upper bound" err.txt \
  || complain "check does not name the bounds"
expect 0 "" "$program" check idle.yaml --set 'objectives=[loss_nat, mass_kg, energy_kwh]'
grep -q degenerate err.txt && complain "energy tells mfu_ratio from lifespan_year"
expect 0 "" "$program" allocate idle.yaml --ask 'minimise lifespan_year at mass_kg <= 3t, mfu_ratio = 0.5' --json life.json
# 1.7316e25 FLOP at 312 TFLOP/s x .5 in lives of one A100 each; the mass at the end is the limit.
close "$(value life.json "['questions'][2]['answers'][0]['outcomes']['mass_kg']")" 3000 1e-5 "mass of the least life"

# Inverse questions on the quickstart: scenarios apart, intervals over the fit's replicates.
quick=$bench/quickstart_010.yaml
expect 0 "" run_ranks 2 allocate "$quick" --set fit.replicates=200 --json quick.json \
  --ask 'minimise loss_nat at compute_flop <= 5.76e23' --ask 'minimise energy_kwh at loss_nat <= 2.0'
[ "$(grep -c 'energy_kwh .* kWh (' out.txt)" = 6 ] || complain "not six scenarios with intervals"
cp quick.json two.json
expect 0 "" "$program" allocate "$quick" --set fit.replicates=200 --json quick.json --force \
  --ask 'minimise loss_nat at compute_flop <= 5.76e23' --ask 'minimise energy_kwh at loss_nat <= 2.0'
cmp -s quick.json two.json || complain "the answers depend on the number of ranks"

# No answer: the reason, and exit code 6.
expect 6 "loss_nat cannot be less than 1.97" "$program" allocate law.yaml \
  --ask 'minimise params at loss_nat <= 1.9, compute_flop <= 5.76e23'
expect 2 "did you mean compute_flop?" "$program" allocate law.yaml --ask 'minimise loss_nat at compute_flo <= 1'
expect 2 "mfu_ratio, device, site: are needed: give them in space" "$program" allocate law.yaml --ask 'minimise energy_kwh at loss_nat <= 2'
exit $bad
