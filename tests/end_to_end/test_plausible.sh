#!/usr/bin/env bash
# Data that can be read and look wrong: one warning each, by name, on standard error, in the result
# file and in its report; `accept` takes it back; what cannot be is refused by line.
set -u
. "$(dirname "$0")/common.sh"

# make NAME EXPRESSION: 30 simulated runs, columns by the awk expression of n, d, c and loss.
make() {
  awk "BEGIN { srand(7); print \"$1\"
    for (i = 0; i < 30; i++) {
      k = i % 5; j = int(i / 5); n = 2e7 * 2.3 ^ k; d = 1e9 * 2.7 ^ j; c = 6 * n * d
      loss = (1.8 + 480 / n ^ 0.35 + 2100 / d ^ 0.37) * exp(0.003 * (rand() + rand() + rand() - 1.5))
      $2
    } }" >runs.csv
}
cat >s.yaml <<'END'
runs: {file: runs.csv}
fit: {replicates: 0, profile: false, sensitivity: none, folds: 0, held_out_share: 0}
END

# finds ID TEXT: the only warning of the fit, also in the file and the report; accepted it is gone.
finds() {
  expect 0 "warning: $1: $2" "$program" fit s.yaml --force
  [ "$(grep -c '^warning: ' err.txt)" = 1 ] || complain "$1: more than one warning: $(cat err.txt)"
  h5dump -d /study/findings s.fit.h5 | grep -q "$1: " || complain "$1: not in the result file"
  "$program" report s.fit.h5 2>/dev/null | grep -q "^warning $1: " || complain "$1: not in the report"
  "$program" check s.yaml 2>err.txt >/dev/null || complain "check: $(cat err.txt)"
  grep -qF "warning: $1: $2" err.txt || complain "$1: check does not warn"
  expect 0 "" "$program" fit s.yaml --force --set "accept=[$1]"
  grep '^warning: ' err.txt && complain "$1 is accepted and warned of"
}

make params,tokens,loss 'printf "%.0f,%.0f,%.5f\n", n, d, loss'
expect 0 "" "$program" fit s.yaml
grep '^warning: ' err.txt && complain "good runs are suspected"
"$program" report s.fit.h5 2>/dev/null | grep -q '^note outlier: 3: largest residuals of loss_nat: runs.csv:' ||
  complain "the report does not name the rows with the largest residuals"

make params,tokens,compute_flop,loss 'printf "%.0f,%.0f,%.5g,%.5f\n", n, d, c / 1e3, loss'
finds compute_ratio 'runs.csv:'
# 3.32e-04 for a slip of 3 in the middle of a power of ten: no unit is guessed.
grep -q 'scale: 1e3' err.txt && complain "an accepted finding is told"
expect 0 'in 30 of 30 rows: median 0.001, from 0.001 to 0.001; is a unit forgotten? runs.columns: {compute_flop: {column: compute_flop, scale: 1e3}}' \
  "$program" fit s.yaml --force --set 'fit.approaches=[1, 2, 3]'
# All approaches speak of one compute: their optima agree within the spread of parabolas.
/usr/bin/python3 - out.txt <<'END' || complain "approaches are not of one compute"
import re, sys
unit = {"": 1, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
rows = {}
for line in open(sys.argv[1]):
    m = re.match(r"  (\d) \w+.*?([\d.]+)([KMBT]?) \([^)]*\) +([\d.]+)([KMBT]?) \([^)]*\)$", line.rstrip())
    if m:
        rows[m[1]] = float(m[2]) * unit[m[3]]
assert "3" in rows and len(rows) >= 2, open(sys.argv[1]).read()[-1500:]
for k, v in rows.items():
    assert 0.3 < v / rows["3"] < 3, rows
END

make params,tokens,loss 'printf "%.4f,%.0f,%.5f\n", n / 1e6, d, loss'
finds small_params 'runs.csv:'
make params,tokens,loss 'printf "%.0f,%.4f,%.5f\n", n, d / 1e6, loss'
finds small_tokens 'runs.csv:'
make params,tokens,loss 'printf "%.0f,%.0f,%.5f\n", n, d, exp(loss)'
finds perplexity 'runs.csv: the losses in column loss'
make params,tokens,loss_bits 'printf "%.0f,%.0f,%.5f\n", n, d, loss / log(2)'
sed 's/runs: {file: runs.csv}/runs: {file: runs.csv, columns: {loss_nat: loss_bits}}/' s.yaml >t.yaml
expect 0 'warning: bits: runs.csv: the losses in column loss_bits' "$program" fit t.yaml
make params,tokens,loss 'printf "%.0f,%.0f,%.5f\n%.0f,%.0f,%.5f\n", n, d, loss, n, d, loss'
finds equal_rows 'runs.csv:3: 30 of 60 rows repeat another exactly, this one that of line 2'
make params,tokens,loss 'printf "%.0f,%.0f,%.5f\n", n, d, i == 7 ? 10 * loss : loss'
finds outlier 'runs.csv:9: loss: '
make params,tokens,loss,family 'printf "%.0f,%.0f,%.5f,%s\n", n, d, (k + j) % 2 ? loss : 1.05 * loss, (k + j) % 2 ? "A" : "B"'
finds residual_split 'runs.csv: the residuals split by column family'
"$program" fit s.yaml --force 2>/dev/null | grep -q '^NOT JUDGED: the residuals split by family' ||
  complain "a fit of rows that are not independent is judged as if they were"
expect 0 "" "$program" fit s.yaml --force --set fit.bootstrap=cluster --set fit.cluster=family --set fit.replicates=16
grep '^warning: residual_split' err.txt && complain "groups that are drawn whole are suspected"

# Refused by line.
make params,tokens,loss 'printf "%.6f,%.0f,%.5f\n", n / 1e9, d, loss'
expect 2 "runs.csv:2: params: 0.020000: must be at least 1 for law chinchilla; are these billions?" \
  "$program" fit s.yaml --force
make compute_flop,accuracy_ratio 'printf "%.5g,%.4f\n", c, 100 / (1 + exp(20 - log(c) / 2.3))'
expect 2 "must be at most 1; is it in percent? Then say scale: 0.01" \
  "$program" fit s.yaml --force --set law.id=accuracy_logit

# Logs of a user's own and devices of a user's own.
cat >mfu.csv <<'END'
id,device,devices,params,tokens,precision,wall_clock_hour,source
slow,A100-SXM4-40,1024,7e9,1e12,bf16,1000000,mine
gcd,MI250X,2048,13e9,1e12,bf16,300,mine
card,MI250X,1024,13e9,1e12,bf16,150,mine
END
printf 'id,vendor,peak_tflops_bf16,power_watt,source\nSparse,us,1979,700,mine\n' >devices.csv
echo 'catalogue: {mfu: mfu.csv, devices: devices.csv}' >c.yaml
expect 0 "low_mfu: mfu.csv:2: slow: the MFU of 1 run is below 0.01, here 3.65e-05; is the time in seconds? Then it is 0.1315" \
  "$program" catalogue c.yaml
grep -q 'half_devices: mfu.csv:3: gcd: .* the MFU is 0.1842 instead of 0.09208' err.txt || complain "no hint of two dies"
grep -q 'peak_per_watt: devices.csv:2: Sparse: peak_tflops_bf16 over power_watt is 1.26 times' err.txt ||
  complain "a sparse peak is not suspected: $(cat err.txt)"
[ "$(grep -c '^warning: ' err.txt)" = 3 ] || complain "more than three warnings: $(cat err.txt)"
expect 0 "" "$program" catalogue c.yaml --set 'accept=[low_mfu, half_devices, peak_per_watt]'
grep '^warning: ' err.txt && complain "accepted findings are warned of"
expect 2 "accept: low_mfo: no check of that name, did you mean low_mfu?" \
  "$program" catalogue c.yaml --set 'accept=[low_mfo]'
exit $bad
