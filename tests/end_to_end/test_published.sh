#!/usr/bin/env bash
# Published figures of shared observations, through the whole program: the refit of the digitised
# Chinchilla runs, and approaches 1 and 2 on published sweeps.
set -u
. "$(dirname "$0")/common.sh"

runs=$source_dir/../shared/data/epoch_chinchilla/svg_extracted_data.csv
if [ -e "$runs" ]; then
  cat >epoch.yaml <<EOF
seed: 42
runs:
  file: $runs
  columns: {params: "Model Size", compute_flop: "Training FLOP", loss_nat: loss}
  drop_highest_loss: 5
law: {id: chinchilla}
fit: {objective: huber, delta: 1e-3, replicates: 4000, resampling: numpy_mt19937, target_compute_flop: 5.76e23}
EOF
  expect 0 "" run_ranks 2 fit epoch.yaml
  grep -q '245 rows, 240 used, 5 among the highest losses' out.txt || complain "not 240 of 245 rows"
  grep -q 'over 240 runs: 0.0010182740' out.txt || complain "not the optimum .0010182740"
  # Value, standard error, the interval by profile, and by bootstrap to the digits shown.
  for row in 'E 1.817 0.02566 .* 1.769..1.871' 'A 477.8 124.5 .* 286.1..743.6' \
    'B 2143 1293 .* 1042..5810' 'alpha 0.3473 0.0154 .* 0.3168..0.3733' \
    'beta 0.3672 0.02059 .* 0.3313..0.4154'; do
    grep -Eq "^  ${row// / +} .*identified" out.txt || complain "the fit does not show: $row"
  done
  expect 0 "" "$program" fit epoch.yaml --set fit.objective=lad --set fit.replicates=0 --output lad.h5
  grep -Eq '240 runs: 1.129494(6|7)' out.txt || complain "not the LAD optimum 1.1294947"
  for row in 'A 482' 'B 2085' 'E 1.817' 'alpha 0.3478' 'beta 0.3659'; do
    grep -Eq "^  ${row// / +} " out.txt || complain "the LAD fit does not show: $row"
  done
  expect 0 "" run_ranks 3 fit epoch.yaml --set fit.replicates=0 --set 'fit.compare=[kaplan_nd, power_tokens]' --output compare.h5
  for row in 'objective lad 240 0\.5126' 'objective least_squares 240 0\.5298' 'objective least_squares, residuals linear 240 0\.5446'; do
    grep -Eq "^  ${row// / +} " out.txt || complain "the table of choices does not show: $row"
  done
  grep -q '^projection to 5.76e+23 FLOP, 44.5 times the largest compute of the runs' out.txt || complain "5.76e23 FLOP is no projection"
  grep -Eq '^\* chinchilla +5 .* yes$' out.txt || complain "chinchilla does not stand out"
  grep -Eq '^  kaplan_nd +4 ' out.txt || complain "kaplan_nd does not move its four parameters"
  cp out.txt fit.txt
  expect 0 "" "$program" report compare.h5
  diff -B <(sed -n '/^criteria/,$p' fit.txt) <(sed -n '/^criteria/,$p' out.txt) || complain "report and fit show other checks"
  # Each law has its own parameters: of kaplan_nd two are held, of chinchilla one has a prior.
  expect 0 "" "$program" fit epoch.yaml --set fit.replicates=0 --set 'law.parameters={E: {prior: {mean: 1.8, sd: 0.01}}}' \
    --set 'fit.compare=[{id: kaplan_nd, parameters: {aN: {fixed: 0.076}, aD: {tie: aN}}}]' --output held.h5
  grep -Eq '^. kaplan_nd +2 ' out.txt || complain "two parameters of kaplan_nd are not held"
  grep -Eq '^  E .*prior 1.8 \+- 0.01$' out.txt || complain "the prior of E is not shown"
  # One exponent for both leaves a to the law: no interval of it.
  expect 0 "" "$program" fit epoch.yaml --set fit.replicates=0 --set 'law.parameters={beta: {tie: alpha}}' --output tied.h5
  grep -Eq '^  a .* 0\.5 +- +follows from the law' out.txt || complain "a of tied exponents has an interval"
  expect 2 'no parameter of the law' "$program" fit epoch.yaml --set 'fit.compare=[{id: kaplan_nd, parameters: {E: {fixed: 2}}}]' --output bad.h5
  expect 2 'is the law of the study' "$program" fit epoch.yaml --set 'fit.compare=[chinchilla]' --output bad.h5
else
  skip "the shared observations epoch_chinchilla are not here"
fi

sweeps=$source_dir/../shared/data/isoflops_openathena/isoflops.csv
if [ -e "$sweeps" ]; then
  cat >llama3.yaml <<EOF
runs: {file: $sweeps, where: ["experiment == llama_3__raw_loss"]}
law: {id: chinchilla}
fit: {objective: least_squares, residual: linear, replicates: 0, approaches: [1, 2, 3]}
EOF
  expect 0 "" run_ranks 2 fit llama3.yaml
  grep -q '^10 curves, 0 refused' out.txt || complain "not all 10 curves of Llama 3 are kept"
  grep -Eq '^  2 parabolas +0\.4632 \(.*0\.5368 \(' out.txt || complain "approach 2: not a = .4632, b = .5368"
  grep -q '^  1 envelope ' out.txt || complain "approach 1 is missing"
  cp out.txt fit.txt
  expect 0 "" "$program" report llama3.fit.h5 --plots plots
  diff -B <(sed -n '/^approach 1/,$p' fit.txt) <(sed -n '/^approach 1/,$p' out.txt) || complain "report and fit show other approaches"
  grep -q 'Approach 2' plots/fit.svg || complain "the picture lacks the parabolas"
  expect 0 "" "$program" fit llama3.yaml --set 'runs.where=["experiment == misfitting__fineweb_c4__transformer"]' --output c4.h5
  [ "$(grep -c 'refused: negative curvature' out.txt)" = 4 ] || complain "not 4 refused curves of fineweb_c4"
else
  skip "the shared observations isoflops_openathena are not here"
fi

exit $bad
