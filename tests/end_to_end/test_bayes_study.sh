#!/usr/bin/env bash
# What a study may say of a Bayesian search: a table instead of a command, earlier evaluations, the
# model; what `check` answers; and mistakes, with their place.
set -u
. "$(dirname "$0")/common.sh"

# A table of 8 x 6 designs, a third of them missing, and one without outcomes.
awk 'BEGIN {
  print "width,lr,kind,loss,hours"
  for (w = 1; w <= 8; w++) for (k = 1; k <= 6; k++) for (o = 0; o < 2; o++) {
    if ((w * 7 + k * 3 + o) % 3 == 0) continue
    lr = 10 ^ (-k / 2 - 1)
    loss = 1.5 + (k / 2 - 1.5) ^ 2 / 3 + 2 / w + (o ? 0.25 : 0)
    printf "%d,%.6g,%s,%s,%.6g\n", 64 * w, lr, o ? "sgd" : "adam", \
      w == 3 && k == 2 ? "" : sprintf("%.6g", loss), w * 0.3
  }
}' >table.csv
cat >replay.yaml <<'END'
seed: 5
bayes:
  evaluator: replay
  table: table.csv
  variables:
    width: {from: 100, to: 600}
    lr: {from: 1e-5, to: 1, scale: log}
    kind: [adam, sgd]
  objectives:
    loss: {ideal: 1, reference: 4}
    hours: {ideal: 0.1, reference: 3}
  evaluations: 25
END
expect 0 'bayes evaluator=replay evaluations=25' run_ranks 1 bayes replay.yaml
expect 0 'bayes evaluator=replay evaluations=25' run_ranks 3 bayes replay.yaml --output other.h5
[ "$(digest replay.h5)" = "$(digest other.h5)" ] || complain "another replay on 3 ranks"
"$program" report replay.h5 --csv rows.csv >/dev/null || complain "no report"
# Every row of the frontier is one of the table, widths within their range.
/usr/bin/python3 - <<'END' || complain "the frontier is not of the table"
import csv
table = {(float(r["width"]), float(r["lr"]), r["kind"]): r for r in csv.DictReader(open("table.csv"))}
rows = list(csv.DictReader(open("rows.csv")))
assert len(rows) >= 3
for r in rows:
    t = min(table, key=lambda k: abs(k[0] - float(r["width"])) + abs(k[1] / float(r["lr"]) - 1) + (k[2] != r["kind"]))
    assert t[2] == r["kind"] and abs(t[1] / float(r["lr"]) - 1) < 1e-6, (t, r)
    assert abs(float(table[t]["loss"]) / float(r["loss"]) - 1) < 1e-6, (table[t], r)
    assert 100 <= t[0] <= 600
END

# All of the table: every design once, then there is none left. The same designs as a warm start
# leave nothing to do.
expect 0 'stopped_by=exhausted' run_ranks 2 bayes replay.yaml --set bayes.evaluations=0 \
  --set bayes.stagnation=1000 --output all.h5
n=$(awk -F, 'NR > 1 && $1 > 100 && $1 < 600' table.csv | wc -l)
grep -q "^$n evaluations" out.txt || complain "of $n designs: $(cat out.txt)"
expect 0 'stopped_by=exhausted' run_ranks 1 bayes replay.yaml --set bayes.import=all.h5 \
  --output nothing.h5
grep -q "^0 evaluations" out.txt || complain "imported designs are made again: $(cat out.txt)"
expect 0 "bayes imported rows=$n of=$(($(wc -l <table.csv) - 1))" run_ranks 1 bayes replay.yaml \
  --set bayes.import=table.csv --output nothing2.h5

expect 6 'nothing was evaluated: stopped by seconds' run_ranks 1 bayes replay.yaml --set bayes.time_hour=1e-12 \
  --output late.h5

# The model of the program, with its space and objectives; `check` knows better.
cat >model.yaml <<'END'
law: {set: besiroglu2024, corrections: [kumar2024_bf16]}
space:
  params: {from: 1B, to: 100B, steps: 20}
  tokens: {from: 20B, to: 10T, steps: 20}
  precision: [bf16, fp8]
  device: H100-SXM5-80
  mfu_ratio: 0.4
  lifespan_year: 5
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
constraints: {energy_kwh: {max: 10GWh}}
bayes:
  evaluator: model
  evaluations: 20
  objectives: {loss_nat: {ideal: 1.7, reference: 4}, energy_kwh: {scale: log, ideal: 1, reference: 1e9}}
END
expect 0 'bayes evaluator=model evaluations=20' run_ranks 2 bayes model.yaml
"$program" report model.h5 | grep -q 'params .* precision .* loss_nat .* energy_kwh' \
  || complain "no frontier of the model"
expect 0 'in that time `frontier` goes through a grid of' run_ranks 1 check model.yaml

# check prints what would run; nothing is left behind.
cat >command.yaml <<'END'
bayes:
  evaluator: command
  variables: {lr: {from: 1e-4, to: 0.1, scale: log}, kind: [adam, "it's"]}
  objectives: {loss: {}}
  constraints: ["lr < 0.05"]
  command: [sh, "-c", "exit $0", "{kind}", "--lr={lr}"]
END
expect 0 "" run_ranks 1 check command.yaml
grep -q "^first command   sh -c 'exit \$0' .* --lr=0\.0" out.txt || complain "check: $(cat out.txt)"
[ -e command.h5.evaluations ] && complain "check has left a folder"

# A command that uses MPI itself, begun by a rank.
expect 0 "" run_ranks 2 bayes command.yaml --set bayes.evaluations=2 --output mpi.h5 --set \
  'bayes.command=[sh, "-c", "mpiexec -n 2 true && echo loss = 2.5", "{kind}"]'
grep -q '^2 evaluations, 1 on the frontier;' out.txt || complain "MPI in MPI: $(cat out.txt err.txt)"

# bad EXPRESSION MESSAGE: the study of the command, edited.
bad() {
  sed -E "$1" command.yaml >bad.yaml
  expect 2 "$2" run_ranks 1 bayes bad.yaml
  [ -e bad.h5 ] && complain "a result of a bad study"
}
bad 's/lr < 0.05/rl < 0.05/' 'bad.yaml:5:17: bayes.constraints: rl < 0.05: column 1: '
bad 's/lr < 0.05/lr = 0.05/' 'lr = 0.05: expected `FORMULA <= FORMULA`, or <, >= or >'
bad 's/\[sh,/[shh,/' 'bad.yaml:6:12: bayes.command: shh: no such program in PATH'
bad 's/loss: /lr: /' 'bayes: lr: is the name of two of variables, objectives and limits'
bad 's/loss: /status: /' 'bayes: status: has a meaning of its own here'
bad 's/loss: /Folder: /' 'bayes: Folder: has a meaning of its own here'
bad '/command: \[/d' 'bad.yaml:2:14: bayes.command: missing: expected [program, word, ...]'
bad '/variables/d' 'bayes.variables: missing: expected {name: {from: a, to: b}, ...}'
bad 's/evaluator: command/evaluator: replay/' 'bayes.table: missing: expected a CSV file'
bad 's/(evaluator: command)/\1\n  on_failure: recover/' \
  'bad.yaml:3:15: bayes.on_failure: loss: recover: expected a value to recover it with'
bad 's/(evaluator: command)/\1\n  evaluations: 0/' 'bayes.evaluations: 0: nothing else ends the search'
bad 's/(evaluator: command)/\1\n  import: nothing.csv/' 'nothing.csv: '
bad 's/command: \[/command: ["{x}", /' 'bayes.command: {x}: {x} is unknown'
expect 2 'bayes.variables: with evaluator: model the variables' run_ranks 1 bayes model.yaml \
  --set 'bayes.variables={lr: [1, 2]}' --output bad.h5
expect 2 'bayes.objectives: hours: with evaluator: model expected one of objectives' \
  run_ranks 1 bayes model.yaml --set 'bayes.objectives={hours: {}}' --output bad.h5
expect 2 'space.mfu_ratio: a Bayesian search is of one scenario' run_ranks 1 bayes model.yaml \
  --set 'space.mfu_ratio={values: [0.3, 0.4], role: scenario}' --output bad.h5
exit $bad
