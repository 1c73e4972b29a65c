#!/usr/bin/env bash
# No output of a job is one of its inputs, under whatever name; another file is replaced only when that is asked for;
# devices and pipes are no files; what is left of a killed run, or laid there as a link, is not followed.
set -u
. "$(dirname "$0")/common.sh"

cp "$studies/quickstart_runs.csv" runs.csv
cp "$source_dir/inputs/data/grids.tsv" grids.tsv
cat >study.yaml <<'EOS'
runs: {file: runs.csv}
law: {id: chinchilla}
fit: {replicates: 20}
catalogue: {grids: grids.tsv}
space:
  params: [1.3B, 7.1B]
  tokens: [20B, 90B]
  device: H100-SXM5-80
  precision: bf16
  mfu_ratio: 0.4
  grid: FRA
  site: Google
objectives: [loss_nat, compute_flop]
plan: {budget: {compute_flop: 1e21}, params: {from: 1e8, to: 1e9}, tokens: {from: 1e9, to: 1e10}}
simulate: {set: besiroglu2024, budgets_flop: [1e18], points: 3}
EOS
sed 's/^runs.*/law: {from: fit.h5}/; /^law: {id/d; /^fit/d' study.yaml >from.yaml
printf 'params,tokens\n2e9,4e10\n3e9,5e10\n' >designs.csv
cp "$source_dir/inputs/data/validation.tsv" table.tsv
expect 0 "" "$program" fit study.yaml --output fit.h5
expect 0 "" "$program" frontier from.yaml --output front.h5
ln -s runs.csv link.csv
ln runs.csv hard.csv
one=(--set space.params=2B --set space.tokens=40B)
ask='minimise loss_nat at compute_flop <= 1e21'
sha256sum study.yaml from.yaml runs.csv grids.tsv designs.csv table.tsv fit.h5 front.h5 >before.sha

# refused OUTPUT COMMAND...: the command would write OUTPUT, which it reads. With --force too.
refused() {
  local output=$1
  shift
  expect 2 "$output: is the input" "$program" "$@"
  expect 2 "$output: is the input" "$program" "$@" --force
  sha256sum --quiet -c before.sha || complain "an input was changed by: $*"
}
for output in runs.csv study.yaml ./grids.tsv link.csv hard.csv "$PWD/runs.csv"; do
  refused "$output" evaluate study.yaml "${one[@]}" --csv "$output"
  refused "$output" allocate study.yaml --ask "$ask" --json "$output"
  refused "$output" plan study.yaml --output "$output"
  refused "$output" fit study.yaml --output "$output"
done
refused designs.csv evaluate from.yaml --designs designs.csv --csv designs.csv
refused designs.csv evaluate from.yaml --designs designs.csv --json designs.csv
refused fit.h5 evaluate from.yaml "${one[@]}" --csv fit.h5
refused fit.h5 frontier from.yaml --output fit.h5
refused front.h5 report front.h5 --csv front.h5
refused ./front.h5 merge ./front.h5 fit.h5 front.h5
refused study.yaml simulate study.yaml --output study.yaml
refused study.yaml plan study.yaml --json study.yaml
refused table.tsv validate table.tsv --json table.tsv
mkdir pictures
ln front.h5 pictures/frontier.svg
refused pictures/frontier.svg report front.h5 --plots pictures
rm pictures/frontier.svg

# Two outputs of one name: the second would replace the first.
expect 2 "both: is the input both" "$program" evaluate from.yaml "${one[@]}" --csv both --json both

# Another regular file stays, unless --force.
# replaced FILE COMMAND...
replaced() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  echo precious >"$file"
  expect 2 "$file: exists; --force replaces it" "$program" "$@"
  grep -qx precious "$file" || complain "$file was replaced by: $*"
  expect 0 "" "$program" "$@" --force
  ! grep -qsx precious "$file" || complain "$file was not replaced with --force by: $*"
}
replaced a.csv report front.h5 --csv a.csv
replaced a.json allocate from.yaml --ask "$ask" --json a.json
replaced b.csv evaluate from.yaml --designs designs.csv --csv b.csv
replaced b.json evaluate from.yaml "${one[@]}" --json b.json
replaced c.csv plan study.yaml --output c.csv
replaced c.json validate --json c.json
replaced d.csv simulate study.yaml --output d.csv
if command -v gnuplot >/dev/null; then
  replaced drawn/frontier.png report front.h5 --plots drawn
  replaced drawn/fit.svg report fit.h5 --plots drawn
else
  skip "no gnuplot"
fi
echo precious >e.h5
expect 2 "e.h5: exists, from another study" "$program" fit study.yaml --output e.h5
expect 0 "" "$program" fit study.yaml --output e.h5 --force
expect 0 "already complete" "$program" fit study.yaml --output e.h5

# Devices and pipes; the shell's own file behind /dev/stdout grows and is not replaced.
expect 0 "" "$program" report front.h5 --csv /dev/null
expect 0 "" "$program" report front.h5 --csv /dev/null
"$program" report front.h5 --csv /dev/stdout >both.txt 2>/dev/null || complain "no CSV to /dev/stdout"
grep -q hypervolume both.txt && grep -q ',params,tokens,' both.txt || complain "/dev/stdout lost something"
mkfifo pipe
timeout 20 cat pipe >piped.csv &
expect 0 "" timeout 20 "$program" report front.h5 --csv pipe
wait
cmp -s piped.csv a.csv || complain "the pipe holds something else than the file"

# Links that somebody laid where temporary files go.
echo precious >precious
for name in f.csv.part g.h5.partial g.h5.check; do ln -s precious $name; done
mkdir h.h5.journal
for n in 0 1; do ln -s ../precious h.h5.journal/bootstrap.$n.partial; done
expect 0 "" "$program" report front.h5 --csv f.csv
expect 0 "" "$program" fit study.yaml --output g.h5
expect 0 "" "$program" fit study.yaml --output h.h5
grep -qx precious precious || complain "a temporary file followed a link"
exit $bad
