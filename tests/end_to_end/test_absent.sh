#!/usr/bin/env bash
# Levels whose figures nobody published are left out by name and recorded; combinations without a
# figure, or outside a domain, are infeasible and counted, apart from what breaks a limit, with the
# same rows on every path; nothing left ends the run.
set -u
. "$(dirname "$0")/common.sh"

cat >absent.yaml <<'EOF'
law: {set: besiroglu2024, corrections: [kumar2024_bf16]}
space:
  params: {from: 1B, to: 10B, steps: 7}
  tokens: {from: 20B, to: 1T, steps: 9}
  mfu_ratio: 0.4
  precision: [bf16, fp8]
  device: [A100-SXM4-40, H100-SXM5-80, TPUv5p]
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
EOF
expect 0 'TPUv5p: power_watt: absent, and energy_kwh needs it: fill it in or leave this option out' \
  "$program" frontier absent.yaml --set search.path=streaming
# fp8 has no peak on the A100: a quarter of 252 configurations.
h5dump -a /search/n_absent absent.h5 | grep -q '(0): 63' || complain "63 configurations lack a figure"
h5dump -a /run/n_feasible absent.h5 | grep -q '(0): 189' || complain "189 configurations are feasible"
h5dump -d /search/removed absent.h5 | grep -q 'device: TPUv5p: devices.tsv:' || complain "not recorded"
expect 0 'feasible=189' run_ranks 3 frontier absent.yaml --set search.path=streaming --output three.h5
[ "$(digest absent.h5)" = "$(digest three.h5)" ] || complain "the digest depends on the ranks"
expect 2 'every other combination lacks a figure too' "$program" frontier absent.yaml --set 'space.device=[TPUv5p]' \
  --output none.h5

# This model of the MFU says nothing below 22e9 parameters: 6 of 7 steps, where the figures are there,
# at 9 numbers of tokens. A limit is no domain.
cat >domain.yaml <<'EOF'
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 30B, steps: 7}
  tokens: {from: 20B, to: 1T, steps: 9}
  mfu_model: [constant, frontier]
  mfu_ratio: 0.4
  precision: [bf16, fp8]
  device: [A100-SXM4-40, H100-SXM5-80]
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
accept_unpriced: [mfu_model, precision]
constraints: {loss_nat: {max: 2.2}}
EOF
for path in auto streaming; do
  expect 0 '162 of 504 configurations lie outside a domain and are infeasible' \
    "$program" frontier domain.yaml --set "search.path=$path" --output "$path.h5"
  grep -q 'absent=126 domain=162' err.txt || complain "the counts are not told apart on path $path"
  h5dump -a /search/n_domain "$path.h5" | grep -q '(0): 162' || complain "n_domain on path $path"
  expect 0 '' "$program" report "$path.h5" --csv "$path.csv"
done
h5dump -a /search/path auto.h5 | grep -q bounded || complain "a study with gaps is streamed"
h5dump -a /run/n_undefined streaming.h5 | grep -q '(0): 288' || complain "162 + 126 are undefined"
expect 2 'domain.yaml:11:13: objectives: no configuration of the space has them: the first lies outside the domain of frontier' \
  "$program" check domain.yaml --set space.mfu_model=frontier --set 'space.params=[1B, 2B]'

# Nothing feasible is an answer: exit code 6 with the reason, from one run, again, and from its
# shards; the file is whole, and repeating it gives the same.
none=(--set 'constraints.loss_nat.max=1.7')
why='nothing.h5: no configuration is feasible: 126 lack a figure, 162 lie outside a domain, 216 break a constraint'
expect 6 "$why" run_ranks 2 frontier domain.yaml "${none[@]}" --output nothing.h5
expect 6 'nothing.h5: no configuration is feasible' "$program" frontier domain.yaml "${none[@]}" --output nothing.h5
grep -q 'already complete' err.txt || complain "an answer of no is searched for again"
expect 0 '' "$program" report nothing.h5
for i in 1 2; do
  expect 0 '' "$program" frontier domain.yaml "${none[@]}" --output n.h5 --shard "$i/2"
  expect 0 'already complete' "$program" frontier domain.yaml "${none[@]}" --output n.h5 --shard "$i/2"
done
expect 6 'merged.h5: no configuration is feasible' "$program" merge merged.h5 n.1of2.h5 n.2of2.h5
[ "$(digest merged.h5)" = "$(digest nothing.h5)" ] || complain "shards without rows are not the one run"
expect 0 '' "$program" rerun nothing.h5
expect 6 ': no configuration is feasible: ' "$program" band "$bench/quickstart_010.yaml" --output band.h5 \
  --set fit.replicates=5 --set band.draws=5 --set space.params.steps=5 --set space.tokens.steps=5 \
  --set fit.profile=false --set constraints.loss_nat.max=0.5
expect 0 '' "$program" rerun band.h5
cat >bits.yaml <<'EOF'
law: {set: kumar2024}
space:
  params: {from: 1B, to: 20B, steps: 5}
  tokens: 1T
  weight_bits: [2, 4, 16]
  activation_bits: 16
  cache_bits: 16
objectives: [loss_nat, compute_flop]
EOF
expect 2 'bits.yaml:5:16: space.weight_bits: 2: outside the domain of precision' "$program" check bits.yaml
cmp auto.csv streaming.csv || complain "the rows depend on the path"
exit "$bad"
