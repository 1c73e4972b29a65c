#!/usr/bin/env bash
# Corrections through the whole program: published ones on the card of a design, an accuracy from a fit,
# a frontier of accuracy with its flags, and refusals in one line.
set -u
. "$(dirname "$0")/common.sh"

cat >repeated.yaml <<'EOS'
law:
  set: muennighoff2023_base
  corrections: [muennighoff2023, muennighoff2023_excess]
space: {params: 6.34e9, tokens: 242e9, unique_tokens: 25e9}
objectives: [loss_nat]
EOS
expect 0 "" "$program" evaluate repeated.yaml
grep -Eq '^  muennighoff2023 +0\.78863  tokens x repetition \(muennighoff2023\)$' out.txt || complain "no factor of the tokens"
grep -Eq '^  loss_nat +2\.2256 nat$' out.txt || complain "not the loss of the paper"
grep -A1 '^flags' out.txt | grep -q none || complain "a flag where all is of one paper"

# Of 1e9 parameters and 1e11 tokens: figures that the papers print or that follow from theirs.
expect 0 "" "$program" evaluate repeated.yaml --set space.params=1e9 --set space.tokens=1e11
for line in 'learning_rate +0\.0016325  li2025_lr' 'batch_tokens +1\.1077e\+06  li2025_batch' \
  'learning_rate +0\.0021291  porian2024_lr' 'batch_tokens +1\.6086e\+06  porian2024_batch' \
  'learning_rate +0\.00035508  bjorck2024_lr'; do
  grep -Eq "^  $line\$" out.txt || complain "no advice: $line"
done

# Accuracies of runs made with a = .7, b = .25, k = -3.3, L0 = 2.385: the fit gives them back to the search.
awk 'BEGIN { print "loss_nat,accuracy_ratio"
  for (i = 0; i < 24; i++) { l = 1.7 + .09 * i; printf "%.10g,%.10g\n", l, .25 + .7 / (1 + exp(3.3 * (l - 2.385))) } }' >accuracy.csv
cat >accuracy.yaml <<'EOS'
runs: {file: accuracy.csv}
law: {id: accuracy_sigmoid}
fit: {objective: least_squares, residual: linear, replicates: 0, profile: false, folds: 0, held_out_share: 0, sensitivity: none}
EOS
expect 0 "" "$program" fit accuracy.yaml --output accuracy.h5
cat >search.yaml <<'EOS'
law:
  set: muennighoff2023_base
  corrections:
    - muennighoff2023
    - {set: kumar2024_weights}
    - {kind: accuracy_sigmoid, from: accuracy.h5}
    - {kind: coverage, b: 0.31}
space:
  params: {from: 1B, to: 10B, steps: 12}
  tokens: {from: 20B, to: 500B, steps: 12}
  weight_bits: [4, 16]
  samples: [1, 7]
  unique_tokens: 25B
objectives: [accuracy_ratio, compute_flop]
constraints: {accuracy_ratio: {max: 0.9}}
EOS
expect 0 "" run_ranks 2 frontier search.yaml --output search.h5
expect 0 "" "$program" report search.h5 --csv rows.csv
python=/usr/bin/python3
"$python" - rows.csv <<'EOS' || complain "the frontier of accuracy is not what the formulas give"
import csv, math, sys
rows = list(csv.DictReader(line for line in open(sys.argv[1]) if line.strip() and not line.startswith('#')))
assert rows, "no rows"
for row in rows:
    n, d, bits, k = (float(row[x]) for x in ("params", "tokens", "weight_bits", "samples"))
    u = min(d, 25e9)
    d = u * (1 + 15.387756 * (1 - math.exp(-(d / u - 1) / 15.387756)))
    n *= 1 - math.exp(.3037 - bits / 2.6745)
    loss = math.exp(.6254804) + math.exp(6.255414) / n ** .3526596 + math.exp(7.3049974) / d ** .3526596
    one = .25 + .7 / (1 + math.exp(3.3 * (loss - 2.385)))
    assert abs(float(row["accuracy_ratio"]) - one ** (k ** -.31)) < 1e-6, row
    assert row["flag_transplanted"] == "1", row
    assert (row["flag_unvalidated_composition"] == "1") == (float(row["tokens"]) > 25e9), row
best = sorted(rows, key=lambda r: float(r["compute_flop"]))
assert all(float(a["accuracy_ratio"]) < float(b["accuracy_ratio"]) for a, b in zip(best, best[1:]))
EOS

expect 2 "corrections: correction kumar2024_ptq with the law chinchilla (muennighoff2023_base): holds nats of its own paper" \
  "$program" evaluate repeated.yaml --set 'law.corrections=[kumar2024_ptq]'
expect 2 "correction bergsma2025: Bcrit: no value is published: give one" \
  "$program" evaluate repeated.yaml --set 'law.corrections=[bergsma2025]'
expect 2 "needs an accuracy" "$program" evaluate repeated.yaml --set 'law.corrections=[brown2024_swebench]'
expect 2 "law.corrections needs accuracy_sigmoid" "$program" evaluate repeated.yaml --set 'objectives=[accuracy_ratio]'
expect 2 "weight_bits: 2" "$program" frontier search.yaml --output low.h5 --set 'space.weight_bits=[2, 4]'

exit $bad
