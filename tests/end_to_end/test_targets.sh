#!/usr/bin/env bash
# Published fits of laws of many shapes, as studies of shared observations: the objective is that of the
# best fit known, or no worse than the peer's, and the error on runs that were held out is shown.
set -u
. "$(dirname "$0")/common.sh"
data=$source_dir/../shared/data

# have FILE: whether these observations are here.
have() {
  [ -e "$data/$1" ] || skip "the shared observations $1 are not here"
  [ -e "$data/$1" ]
}
# at_most LIMIT: the objective of the last fit.
at_most() {
  local got
  got=$(sed -n 's/^objective .*summed over .*: //p' out.txt)
  awk -v got="${got:-inf}" -v limit="$1" 'BEGIN { exit !(got <= limit) }' || complain "objective $got is above $1"
}
# A study on one line of its section fit; few figures beside the fit itself are wanted here.
quick='replicates: 0, folds: 0, sensitivity: none, profile: false'

# Tao et al. 2024: their script stopped at .062291745552.
if have vocab/exp_data.csv; then
  cat >vocab.yaml <<EOS
runs: {file: $data/vocab/exp_data.csv, where: ["FLOPs >= 2.18e17"]}
law:
  formula: "Lossu = A1/(Non_vocab_parameters/1e6)^b + A2/(vocab_size*embed_dim/1e6)^a2 + B/(num_characters/1e9*(0.00639222*log(vocab_size/1000)^2 - 0.15811069*log(vocab_size/1000) + 1.20470122))^b - E"
  inputs: Non_vocab_parameters vocab_size embed_dim num_characters
  parameters: {E: , A1: , A2: , B: , b: , a2: }
fit: {residual: linear, held_out_share: 0, $quick}
EOS
  expect 0 "" "$program" fit vocab.yaml
  grep -q '1200 rows, 1054 used' out.txt || complain "not 1054 of 1200 rows"
  at_most 0.0622913524145
  for row in 'E 5.535' 'A1 1.829' 'A2 0.1907' 'B 2.122' 'b 0.4453' 'a2 0.6637'; do
    grep -Eq "^  ${row// / +} " out.txt || complain "the vocabulary fit does not show: $row"
  done
fi

# Muennighoff et al. 2023: their notebook stopped at .0158259366. The valley is flat: continuation leads
# every start of the grid to one optimum, and those around it find the best one known.
if have datablations/datablations_outliers_removed.csv; then
  cat >repeated.yaml <<EOS
runs:
  file: $data/datablations/datablations_outliers_removed.csv
  columns: {params: params_N, tokens: tokens_D, unique_tokens: unique_tokens_U, loss_nat: val_loss}
law:
  id: data_constrained
  parameters: {E: {fixed: 1.86914367841}, A: {fixed: 520.82495166}, B: {fixed: 1487.71609378}, alpha: {fixed: 0.3526596}}
fit: {held_out_share: 0, $quick}
EOS
  expect 0 "" "$program" fit repeated.yaml
  at_most 0.0158046625
  grep -Eq '^starts     0 of 25 \(grid\) and [1-6] of 6 around the best end reach this optimum' out.txt || complain "the starts of the repeated runs"
  grep -Eq '^  RD +95\.37 .* not identified' out.txt || complain "R_D* is not 95.37, not identified"
  grep -Eq '^  RN +1\.706 ' out.txt || complain "R_N* is not 1.706"
  grep -q '^NOT IDENTIFIED' out.txt || complain "the repeated runs seem to identify R_D*"
fi

# Caballero et al. 2022: least squares of ln(y + 1); the published script ends at a root of the mean square
# of 5.985e-4 on 14 runs, that is at a sum of halves of 2.507e-6, and of .0109 on the 3 held out.
if have bnsl/four_digit_addition.csv; then
  awk -F, 'NR == 1 { print $0 ",y" } NR > 1 { printf "%s,%.15g\n", $0, log(1 + $2) }' \
    "$data/bnsl/four_digit_addition.csv" >bnsl.csv
  cat >bnsl.yaml <<EOS
runs: {file: bnsl.csv, columns: {x: train_set_size, compute_flop: train_set_size}}
law:
  formula: y = log(1 + a + b*x^(-c0)*(1 + (x/d1)^(1/f1))^(-c1*f1))
  inputs: x
  parameters:
    a: {lower: 0, upper: 1e3, start: [0, 1], transform: plain}
    b: {lower: 1e-6, upper: 1e6, start: [0.1, 100], transform: log}
    c0: {lower: -1, upper: 2, start: [0.01, 1]}
    c1: {lower: -10, upper: 10, start: [-1, 8]}
    d1: {lower: 10, upper: 1e4, start: [150, 900], transform: log}
    f1: {lower: 0.02, upper: 2, start: [0.03, 1]}
fit: {objective: least_squares, residual: linear, held_out_share: 0.18, $quick}
EOS
  expect 0 "" "$program" fit bnsl.yaml
  grep '^prediction of the largest' out.txt | sed 's/^/four-digit addition: /'
  grep -q 'of 3 runs by a fit of the other 14' out.txt || complain "not 3 runs held out of 17"
  expect 0 "" "$program" fit bnsl.yaml --set 'runs.where=["role == train"]' --set fit.held_out_share=0 --output train.h5
  at_most 2.5074e-6
fi

# Bhagia et al. 2024, first step: 16 runs give the loss of their 7B and 13B models, 2 and 4 % too low.
if have olmo_ladder/olmo_ladder_step1.csv; then
  cat >ladder.yaml <<EOS
runs:
  file: $data/olmo_ladder/olmo_ladder_step1.csv
  columns: {params: params_N, tokens: tokens_D, compute_flop: flops, loss_nat: loss_ma5}
  where: ["metric == c4"]
fit: {held_out_share: 0.112, $quick}
EOS
  # ladder WHERE OBJECTIVE ERROR_7B ERROR_13B, errors in percent as published.
  ladder() {
    expect 0 "" "$program" fit ladder.yaml --force --set "runs.where=[\"$1\", \"mode == train\"]" --set fit.held_out_share=0
    at_most "$2"
    expect 0 "" "$program" fit ladder.yaml --force --set "runs.where=[\"$1\"]"
    grep -q 'of 2 runs by a fit of the other 16' out.txt || complain "not 2 runs held out of 18"
    h5dump -y -w 0 -m %.8g -d /fit/chinchilla/checks/held_out_error ladder.fit.h5 | tr -d ' \n' \
      | awk -F '[{,}]' -v a="$3" -v b="$4" '{
        for (i = 1; i <= NF; i++) if ($i ~ /^-?[0-9.e-]+$/) { first = last; last = $i }
        first = 100 * (exp(first) - 1); last = 100 * (exp(last) - 1)
        printf "held out: %.2f and %.2f %%\n", first, last
        exit !((first - a) ^ 2 < 3.7e-5 && (last - b) ^ 2 < 3.7e-5) }' || complain "not the published errors $3 and $4 %"
  }
  ladder "metric == c4" 3.3e-5 -1.98 -3.83
  ladder "task == mmlu_avg_test_5shot" 6.66e-5 1.28 0.18
fi

# McLeish et al. 2025, delta 1e-4: the published fit stopped at 1.33978e-5.
if have gemstones/wandb_df_for_fitting_slim_chinchilla.jsonl; then
  sed -E 's/.*"params_active_precise":([^,]*),"tokens":([^,]*),.*"final_loss":([^,}]*).*/\1,\2,\3/; 1i N,D,loss' \
    "$data/gemstones/wandb_df_for_fitting_slim_chinchilla.jsonl" >slim.csv
  printf 'runs: {file: slim.csv}\nfit: {delta: 1e-4, held_out_share: 0, %s}\n' "$quick" >slim.yaml
  expect 0 "" "$program" fit slim.yaml
  at_most 0.00001303645
  for row in 'alpha 0.2011' 'beta 0.5235' 'E 1.541'; do
    grep -Eq "^  ${row// / +} " out.txt || complain "the slim fit does not show: $row"
  done
fi

# McLeish et al. 2025, width, depth and tokens: both published optima have no floor (ln E of -155 and -4555),
# which the law's own bound of E keeps out of reach and the study's lets in.
if have gemstones/wandb_df_for_fitting_hot_100b_plus.jsonl; then
  sed -E 's/.*"width":([0-9]+),"depth":([0-9]+),"tokens":([0-9]+).*"final_loss":([0-9.]+).*/\1,\2,\3,\4/; 1i width,depth,tokens,loss_nat' \
    "$data/gemstones/wandb_df_for_fitting_hot_100b_plus.jsonl" >wide.csv
  for row in '1e-4 0.00041994625' '1e-3 0.00387821745'; do
    read -r delta published <<<"$row"
    cat >wide.yaml <<EOS
runs: {file: wide.csv}
law: {id: gemstones_wdd, parameters: {E: {lower: 0}}}
fit: {delta: $delta, held_out_share: 0, $quick}
EOS
    expect 0 "" "$program" fit wide.yaml --output "wide$delta.h5"
    at_most "$published"
    grep -Eq '^  E +0 .*at its bound, bounds 0 to 20' out.txt || complain "E of width, depth and tokens is not 0"
  done
fi

exit $bad
