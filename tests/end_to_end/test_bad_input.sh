#!/usr/bin/env bash
# Bad input: one clear line, exit code 2, nothing left behind, no hang; some of it on three ranks.
set -u
. "$(dirname "$0")/common.sh"

# study NAME SED_SCRIPT: a small sound study, spoilt by the script.
study() {
  cat >"$1" <<EOF
title: bad input
runs: {file: runs.csv}
law: {id: chinchilla}
fit: {replicates: 16}
space:
  params: {from: 1B, to: 10B, steps: 12}
  tokens: {from: 20B, to: 1T, steps: 11}
  mfu_ratio: 0.4
  lifespan_year: 4
  device: A100-SXM4-40
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
EOF
  sed -i "$2" "$1"
}
cp "$bench/quickstart_runs.csv" runs.csv
study good.yaml ''
expect 0 "" "$program" frontier good.yaml
rm -f good.h5

# spoilt TEXT SED_SCRIPT [RANKS]: the frontier of the spoilt study fails with the text.
spoilt() {
  study spoilt.yaml "$2"
  expect 2 "$1" run_ranks "${3:-1}" frontier spoilt.yaml
  if ls spoilt.h5* >/dev/null 2>&1; then
    complain "files are left after: $1"
    rm -rf spoilt.h5*
  fi
}
spoilt "spoilt.yaml:8:3: space.mfu_ration" 's/mfu_ratio/mfu_ration/'
spoilt "did you mean mfu_ratio" 's/mfu_ratio/mfu_ration/' 3
spoilt "spoilt.yaml:8:14: space.mfu_ratio: 1.7: must be in (0, 1]" 's/mfu_ratio: 0.4/mfu_ratio: 1.7/'
spoilt "30 kg" 's/lifespan_year: 4/lifespan_year: 30 kg/'
spoilt "spoilt.yaml:10:11: space.device: A100-SXM4-41" 's/SXM4-40/SXM4-41/'
spoilt "did you mean A100-SXM4-40" 's/SXM4-40/SXM4-41/'
spoilt "norun.csv" 's/runs.csv/norun.csv/' 3
spoilt "space.params" 's/from: 1B/from: -1B/'
spoilt "chinchila" 's/chinchilla/chinchila/'
spoilt "energy_kw" 's/energy_kwh\]/energy_kw]/'
spoilt "spoilt.yaml:4:36: fit.start_grid: gamma: no parameter of law chinchilla; expected E, A, B, alpha or beta" \
  's/replicates: 16/replicates: 16, start_grid: {gamma: [0.2]}/'
spoilt "fit.start_grid.beta: 4: must be in" 's/replicates: 16/replicates: 16, start_grid: {beta: [4]}/' 3
spoilt "space.grid" 's/grid: USA/grid: USA\n  grid: FRA/'
spoilt "mass_kg_typical" 's/energy_kwh\]/mass_kg]/; s/A100-SXM4-40/A100-SXM4-80/' 3
spoilt "space.lifespan_year: missing" 's/energy_kwh\]/mass_kg]/; /lifespan_year/d'

# spoilt_runs TEXT AWK_SCRIPT [RANKS]: the fit of the spoilt runs fails.
spoilt_runs() {
  study runs.yaml 's/runs.csv/spoilt.csv/'
  awk "$2" runs.csv >spoilt.csv
  expect 2 "$1" run_ranks "${3:-1}" fit runs.yaml
  ls runs.fit.h5* >/dev/null 2>&1 && complain "files are left after: $1"
}
spoilt_runs "spoilt.csv" 'NR < 0'
spoilt_runs "loss_nat" '{ gsub("loss_nat", "score"); print }'
spoilt_runs "spoilt.csv:7:" 'NR == 7 { sub("^[0-9]*", "many") } { print }'
spoilt_runs "many" 'NR == 7 { sub("^[0-9]*", "many") } { print }'
spoilt_runs "nan" 'NR == 8 { $0 = "1e9,1e10,6e19,nan,6e19" } { print }' 3
spoilt_runs "-1e9" 'NR == 8 { $0 = "-1e9,1e10,6e19,2.5,6e19" } { print }'
spoilt_runs "5 parameters" 'NR <= 7' 3

# Where results go, and the command line.
expect 2 "nowhere" "$program" frontier good.yaml --output nowhere/x.h5
expect 2 "/proc/x.h5" "$program" frontier good.yaml --output /proc/x.h5
echo kept >other.h5
expect 2 "--force" "$program" frontier good.yaml --output other.h5
[ "$(cat other.h5)" = kept ] || complain "an existing file was touched without --force"
expect 2 "nostudy.yaml" "$program" frontier nostudy.yaml
: >empty.yaml
expect 2 "empty.yaml" "$program" frontier empty.yaml
expect 2 "did you mean frontier" "$program" frontie good.yaml
expect 2 "did you mean --output" "$program" frontier good.yaml --ouput x.h5
expect 2 "expected" "$program" frontier
expect 2 "space.params.stepz" "$program" frontier good.yaml --set space.params.stepz=3
expect 2 "other.h5" "$program" report other.h5
expect 2 "nothing.h5" "$program" report nothing.h5


# What is empty is not there: every text of a study, every option, every name of a file.
for key in title output runs.file law.id law.set law.formula law.from bayes.table; do
  printf '%s: ""\n' "$key" | sed 's/^\([a-z]*\)\.\([a-z]*\): \(.*\)/\1: {\2: \3}/' >empty.yaml
  expect 2 "empty.yaml:1:" "$program" check empty.yaml
  expect 2 "expected a text; for none leave the key out" "$program" check empty.yaml
done
for option in --set --output --shard; do
  expect 2 "$option: : expected" "$program" frontier empty.yaml $option ''
done
for option in --max --min --sort --rows --csv --plots; do
  expect 2 "$option: : expected" "$program" report empty.h5 $option=
done
for option in --designs --json --csv; do
  expect 2 "$option: : expected" "$program" evaluate empty.yaml $option ''
done
expect 2 "--ask: : expected" "$program" allocate empty.yaml --ask ''
expect 2 "not an empty name" "$program" fit ''
expect 2 "--set: of a study, and devices is a shipped table" "$program" catalogue devices --set seed=7
expect 2 "--force: this command writes no file" "$program" evaluate empty.yaml --force
exit $bad
