#!/usr/bin/env bash
# The band is the same at any number of ranks and after an interruption; a result repeats itself
# from what it embeds, and says so when it does not.
set -u
. "$(dirname "$0")/common.sh"

mkdir -p study/tables inputs
cp "$bench/quickstart_runs.csv" inputs/runs.csv
cat >study/small.yaml <<'EOF'
title: small
seed: 7
runs: {file: ../inputs/runs.csv}
fit: {replicates: 24, profile: false, folds: 0, held_out_share: 0, sensitivity: none}
space:
  params: {from: 1B, to: 100B, steps: 23}
  tokens: {from: 20B, to: 9T, steps: 21}
  precision: bf16
  mfu_ratio: 0.4
  lifespan_year: [2, 4]
  device: [A100-SXM4-40, own]
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh, mass_kg]
constraints: {loss_nat: {max: 2.6}}
accept_unpriced: [lifespan_year]
catalogue: {devices: tables/devices.tsv}
band: {catalogue: true}
EOF
{ grep -v '^#' "$source_dir/inputs/data/devices.tsv" | head -n 1
  grep '^A100-SXM4-40' "$source_dir/inputs/data/devices.tsv" | sed 's/^A100-SXM4-40/own/'
} >study/tables/devices.tsv

expect 0 "" run_ranks 1 band study/small.yaml --output one.h5 --set thin.points=3
for n in 2 3; do
  expect 0 "" run_ranks $n band study/small.yaml --output ranks.h5 --force --set thin.points=3
  [ "$(digest ranks.h5)" = "$(digest one.h5)" ] || complain "the band differs at $n ranks"
  rm -f ranks.h5
done
for path in bounded streaming; do
  expect 0 "" run_ranks 2 band study/small.yaml --output path.h5 --set search.path=$path --set thin.points=3
  for column in configuration regret_nat_50 regret_nat_95 probability_within membership; do
    h5diff one.h5 path.h5 /frontier/band/$column >/dev/null || complain "$column differs when $path"
  done
  rm -f path.h5
done

# From the embedded inputs alone: the originals are gone, and the shipped tables too.
expect 0 "" run_ranks 1 fit study/small.yaml --output fit.h5
mv study gone
mv inputs gone_too
mkdir elsewhere
expect 0 "" run_ranks 2 rerun one.h5
grep -q "now  $(digest one.h5)" out.txt || complain "rerun does not print the digest"
(cd elsewhere && expect 0 "" run_ranks 1 rerun ../fit.h5; exit $bad) || bad=1
[ -z "$(ls -d rerun.* elsewhere/rerun.* 2>/dev/null)" ] || complain "rerun leaves files behind"

# A result with another number in it, made by another version, or without a study.
change() {
  /usr/bin/python3 -c "import h5py, numpy, sys
with h5py.File(sys.argv[1], 'r+') as f:
    $2" "$1" 2>/dev/null && "$source_dir/tests/end_to_end/renew_digest.py" "$1"
}
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
  cp one.h5 changed.h5
  /usr/bin/python3 -c "import h5py
h5py.File('changed.h5', 'r+')['/frontier/loss_nat'][3] += 1"
  expect 3 "damaged or changed" run_ranks 1 rerun changed.h5
  cp one.h5 changed.h5
  change changed.h5 "f.attrs['source'] = numpy.bytes_(b'scalefront 0.0.7')"
  expect 2 "made by scalefront 0.0.7; this is scalefront" run_ranks 1 rerun changed.h5
  # Names that lead out of the folder: refused, and nothing is written there.
  for name in ../../../../../../../../../../escaped /escaped .. . '' a/b; do
    cp one.h5 changed.h5
    change changed.h5 "f['/study'].attrs['file'] = numpy.bytes_(b'$name' or bytes(1))"
    expect 2 "expected a name without folders" run_ranks 1 rerun changed.h5
  done
  for up in ../../../../../../../../../ ../../x/../../../../../../../../ "$PWD/escaped/"; do
    cp one.h5 changed.h5
    change changed.h5 "t = f['/study/effective'][()].decode().replace('../inputs/runs.csv', '${up}escaped.csv')
    del f['/study/effective']; f['/study/effective'] = numpy.bytes_(t.encode())"
    expect 2 "escaped.csv" run_ranks 2 rerun changed.h5
  done
  [ -z "$(find . .. -maxdepth 2 -name 'escaped*' -newer fit.h5 2>/dev/null)" ] || complain "rerun wrote outside"
  # A message names files as the study does, and none that is gone.
  cp one.h5 changed.h5
  change changed.h5 "t = f['/study/effective'][()].decode().replace('seed: 7', 'seed: x')
    del f['/study/effective']; f['/study/effective'] = numpy.bytes_(t.encode())"
  expect 2 "small.yaml:" run_ranks 2 rerun changed.h5
  ! grep -q 'rerun\.' err.txt out.txt || complain "rerun names a file that it deleted: $(cat err.txt)"
  expect 0 "rerun job=band file=one.h5" run_ranks 1 rerun one.h5
  ! grep -q 'rerun\.' err.txt out.txt || complain "rerun names a file that it deleted: $(cat err.txt out.txt)"
  cp one.h5 changed.h5
  change changed.h5 "f['/study'].attrs['job'] = numpy.bytes_(b'bayes')"
  expect 2 "rerun starts no commands" run_ranks 1 rerun changed.h5
  cp one.h5 changed.h5
  change changed.h5 "del f['/study/files']"
  expect 2 "holds no study to run again" run_ranks 1 rerun changed.h5
else
  skip "h5py is not installed"
fi

# What a band needs is said before the search.
cp -r gone study
cp -r gone_too inputs
grep -v '^runs' study/small.yaml >study/published.yaml
expect 2 "a band is of loss_nat" run_ranks 1 band study/small.yaml --output x.h5 --set 'objectives=[energy_kwh, mass_kg]'
expect 2 "at most as many as the fit has replicates, 24" run_ranks 1 band study/small.yaml --output x.h5 --set band.draws=25

expect 2 "a shard has only part of the frontier" run_ranks 1 frontier study/small.yaml --output x.h5 --shard 1/2 --set band.draws=5
expect 0 "" run_ranks 1 frontier study/small.yaml --output part.h5 --shard 1/2
expect 2 "is a part of a search" run_ranks 1 rerun part.1of2.h5

# Interrupted in the band, it goes on to the same content at another number of ranks.
size=(--set space.params.steps=250 --set space.tokens.steps=250 --set band.candidates=300)
expect 0 "" run_ranks 2 band study/small.yaml "${size[@]}" --output whole.h5
mpiexec -n 2 "$program" band study/small.yaml "${size[@]}" --output stopped.h5 >/dev/null 2>err.txt &
pid=$!
for _ in $(seq 1 1000); do
  [ -n "$(find stopped.h5.journal -name 'band*' -size +1k 2>/dev/null)" ] && break
  sleep 0.01
done
kill -USR1 $pid
wait $pid
code=$?
[ $code = 85 ] || [ $code = 0 ] || complain "exit code $code after a request to stop"
[ $code = 85 ] || echo "note: the band ended before the request to stop"
expect 0 "" run_ranks 3 band study/small.yaml "${size[@]}" --output stopped.h5
[ "$(digest stopped.h5)" = "$(digest whole.h5)" ] || complain "the resumed band differs"

exit $bad
