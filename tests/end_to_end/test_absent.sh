#!/usr/bin/env bash
# Levels whose figures nobody published are left out by name and recorded; combinations without a
# figure are infeasible and counted; nothing left ends the run.
set -u
. "$(dirname "$0")/common.sh"

cat >absent.yaml <<'EOF'
law: {set: besiroglu2024}
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
  "$program" frontier absent.yaml
# fp8 has no peak on the A100: a quarter of 252 configurations.
h5dump -a /search/n_absent absent.h5 | grep -q '(0): 63' || complain "63 configurations lack a figure"
h5dump -a /run/n_feasible absent.h5 | grep -q '(0): 189' || complain "189 configurations are feasible"
h5dump -d /search/removed absent.h5 | grep -q 'device: TPUv5p: devices.tsv:' || complain "not recorded"
expect 0 'feasible=189' run_ranks 3 frontier absent.yaml --output three.h5
[ "$(digest absent.h5)" = "$(digest three.h5)" ] || complain "the digest depends on the ranks"
expect 2 'every other combination lacks a figure too' "$program" frontier absent.yaml --set 'space.device=[TPUv5p]' \
  --output none.h5
exit "$bad"
