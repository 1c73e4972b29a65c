#!/usr/bin/env bash
# Shards of a search become what one run writes; frontiers of several studies become one.
set -u
. "$(dirname "$0")/common.sh"

cat >study.yaml <<'END'
title: shards
seed: 3
law: {set: besiroglu2024}
space:
  params: {from: 1B, to: 200B, steps: 41}
  tokens: {from: 20B, to: 20T, steps: 37}
  precision: bf16
  mfu_ratio: {values: [0.3, 0.5], role: scenario}
  lifespan_year: {values: [2, 4.5], role: scenario}
  device: {values: [A100-SXM4-40, H100-SXM5-80], role: scenario}
  grid: USA
  site: Google
objectives: [loss_nat, compute_flop, energy_kwh, mass_kg]
thin: {points: 7, epsilon: 0.1}
END

for path in streaming bounded factored; do
  setting=(--set "search.path=$path")
  expect 0 "" "$program" frontier study.yaml "${setting[@]}" --output "$path.h5"
  for n in 2 3 5; do
    shards=()
    for ((i = n; i > 0; i--)); do
      expect 0 "" run_ranks $((i % 2 + 1)) frontier study.yaml "${setting[@]}" --output "$path.s.h5" \
        --shard "$i/$n"
      shards+=("$path.s.${i}of$n.h5")
    done
    for ranks in 1 3; do
      expect 0 "" run_ranks "$ranks" merge "$path.$n.$ranks.h5" "${shards[@]}"
      [ "$(digest "$path.$n.$ranks.h5")" = "$(digest "$path.h5")" ] ||
        complain "$path: $n shards merged on $ranks ranks are not the one run"
    done
  done
  [ "$(digest "$path.s.1of2.h5")" != "$(digest "$path.h5")" ] || complain "a shard is the whole"
  expect 0 "already complete" "$program" frontier study.yaml "${setting[@]}" --output "$path.s.h5" \
    --shard 1/2
done
[ -n "$(digest streaming.h5)" ] || complain "no digest"

expect 0 "" "$program" report streaming.h5 --thin --csv thin.csv
grep -q "^hypervolume: 0\.[0-9]* to 0\.[0-9]* of the study's box, exact" out.txt ||
  complain "report prints no hypervolume"
h5dump -d /run/trace/hypervolume streaming.h5 >/dev/null || complain "a streamed search has no trace"
n=$(wc -l <thin.csv)
[ "$n" -gt 56 ] && [ "$n" -lt 1000 ] || complain "--thin gives $n lines"
expect 2 "band.draws" "$program" frontier "$bench/quickstart_010.yaml" --set band.draws=5 \
  --set fit.replicates=5 --set space.params.steps=9 --set space.tokens.steps=9 --shard 1/2

# With a fit, whose replicates go along.
small=(--set space.params.steps=40 --set space.tokens.steps=40 --set fit.replicates=50)
expect 0 "" "$program" frontier "$bench/quickstart_010.yaml" "${small[@]}" --output fitted.h5
for i in 1 2; do
  expect 0 "" "$program" frontier "$bench/quickstart_010.yaml" "${small[@]}" --output f.h5 --shard "$i/2"
done
expect 0 "" "$program" merge fitted.merged.h5 f.1of2.h5 f.2of2.h5
[ "$(digest fitted.merged.h5)" = "$(digest fitted.h5)" ] || complain "shards with a fit"
expect 0 "" "$program" report fitted.merged.h5

# Two studies: each other's worse rows go, and each row says where it comes from.
expect 0 "" "$program" frontier study.yaml --set space.params.steps=29 --set space.tokens.steps=31 \
  --output other.h5
for ranks in 1 3; do
  expect 0 "" run_ranks "$ranks" merge "both$ranks.h5" streaming.h5 other.h5
done
[ "$(digest both1.h5)" = "$(digest both3.h5)" ] || complain "a union differs between ranks"
expect 0 "" "$program" report both1.h5 --csv both.csv
expect 0 "" "$program" report streaming.h5 --csv one.csv
expect 0 "" "$program" report other.h5 --csv two.csv
/usr/bin/python3 - <<'END' || complain "the union of two studies is not the front of their rows"
import csv
axes, goals = ("mfu_ratio", "lifespan_year", "device"), ("loss_nat", "compute_flop", "energy_kwh", "mass_kg")
def rows(path, source=None):
    for row in csv.DictReader(open(path)):
        yield (row.get("source", source), tuple(row[a] for a in axes),
               tuple(float(row[g]) for g in goals))
every = list(rows("one.csv", "streaming.h5")) + list(rows("two.csv", "other.h5"))
points = {}
for source, level, x in every:
    points.setdefault(level, []).append((x, source))
front = set()
for level, these in points.items():
    these.sort(key=lambda p: p[0])
    kept = []
    for x, source in these:
        if not any(all(a <= b for a, b in zip(y, x)) for y, _ in kept):
            kept.append((x, source))
    front |= {(s, level, x) for x, s in kept}
got = set(rows("both.csv"))
assert {(l, x) for _, l, x in got} == {(l, x) for _, l, x in front}, (len(got), len(front))
assert {s for s, _, _ in got} == {"streaming.h5", "other.h5"}
END

# Run again after its own end: nothing to do. Shards may come in another order, other files not.
before=$(sha256sum <streaming.2.1.h5)
expect 0 "merge already complete file=streaming.2.1.h5" run_ranks 2 merge streaming.2.1.h5 \
  streaming.s.1of2.h5 streaming.s.2of2.h5
expect 0 "merge already complete" "$program" merge both1.h5 streaming.h5 other.h5
expect 2 "exists, and was not made of these files" "$program" merge both1.h5 other.h5 streaming.h5
expect 2 "exists, and was not made of these files" "$program" merge streaming.2.1.h5 \
  streaming.s.1of3.h5 streaming.s.2of3.h5 streaming.s.3of3.h5
[ "$(sha256sum <streaming.2.1.h5)" = "$before" ] || complain "a merge run again writes"
cp both3.h5 forced.h5
expect 0 "" "$program" merge forced.h5 other.h5 streaming.h5 --force

# Losses of other laws or runs do not compare: refused by what differs, or mixed with a warning.
bench_small=(--set space.params.steps=9 --set space.tokens.steps=9 --set fit.replicates=0)
cp "$bench/quickstart_010.yaml" "$bench/quickstart_runs.csv" .
grep -v '^#' quickstart_runs.csv >plain.csv
{ head -1 plain.csv; sed 1d plain.csv | tac; } >permuted.csv
sed '$d' plain.csv >fewer.csv
fitted() { # OUTPUT SETTING...: a small frontier of a fit
  local output=$1
  shift
  expect 0 "" "$program" frontier quickstart_010.yaml "${bench_small[@]}" "$@" --output "$output"
}
fitted p.h5
fitted wide.h5 --set space.params.steps=11 --set runs.file=permuted.csv
fitted fewer.h5 --set runs.file=fewer.csv
grep -v "^thin" study.yaml | sed 's/steps: [0-9]*/steps: 9/' >published.yaml
for set in besiroglu2024 hoffmann2022; do
  expect 0 "" "$program" frontier published.yaml --set law.set=$set --output $set.h5
done
expect 0 "kind=studies" "$program" merge same.h5 p.h5 wide.h5
expect 0 "kind=studies" "$program" merge again.h5 same.h5 p.h5
expect 2 "fewer.h5: its losses do not compare with those of p.h5, which differs in fit.chinchilla.runs (81 with SHA-256" \
  "$program" merge x.h5 p.h5 wide.h5 fewer.h5
expect 2 "fewer.h5: its losses do not compare with those of same.h5" "$program" merge x.h5 same.h5 fewer.h5
expect 2 "besiroglu2024.h5: its losses do not compare with those of p.h5" "$program" merge x.h5 p.h5 besiroglu2024.h5
expect 2 'law.set ("besiroglu2024", now' "$program" merge x.h5 besiroglu2024.h5 hoffmann2022.h5
expect 2 "--mixed" "$program" frontier study.yaml --mixed
expect 2 "--mixed" "$program" report p.h5 --mixed
expect 0 "fewer.h5: its losses do not compare with those of p.h5" run_ranks 2 merge mixed.h5 p.h5 fewer.h5 --mixed
expect 0 "merge already complete" "$program" merge mixed.h5 p.h5 fewer.h5 --mixed
expect 2 "does not say of which law and runs" "$program" merge x.h5 mixed.h5 p.h5
expect 0 "" "$program" report mixed.h5
grep -q "^warning: fewer.h5: its losses do not compare with those of p.h5" out.txt ||
  complain "report does not say that losses are mixed"
/usr/bin/python3 - <<'END' || complain "the source of a mixed row is not its file"
import h5py
with h5py.File("mixed.h5") as f:
    rows, code = f["frontier"], f["frontier/source"]
    names = code.attrs["flag_meanings"]
    names = (names.decode() if isinstance(names, bytes) else names).split()
    assert names == ["p.h5", "fewer.h5"] and "mixed" in f["study"]
    goals = [n for n in rows if rows[n].attrs.get("role") in (b"objective", "objective")]
    assert "loss_nat" in goals
    of = {k: {tuple(p) for p in zip(*(h5py.File(k)["frontier"][g][:] for g in goals))} for k in names}
    assert of["p.h5"] != of["fewer.h5"]
    got = list(zip(code[:], zip(*(rows[g][:] for g in goals))))
    assert {c for c, _ in got} == {0, 1}
    for c, point in got:
        assert tuple(point) in of[names[c]]
with h5py.File("same.h5") as f:
    assert "mixed" not in f["study"] and "source" in f["frontier"]
END

# What cannot be united is refused by name.
s=streaming.s
expect 2 "shard 3 of 5 is missing" "$program" merge x.h5 $s.1of5.h5 $s.2of5.h5 $s.4of5.h5 $s.5of5.h5
expect 2 "$s.1of2.h5: shard 1 of 2 was given before" "$program" merge x.h5 $s.1of2.h5 $s.1of2.h5
expect 2 "is no shard of the study of" "$program" merge x.h5 $s.1of2.h5 $s.2of3.h5
expect 2 "is no shard of the study of" "$program" merge x.h5 $s.1of2.h5 bounded.s.2of2.h5
expect 2 "shards and whole frontiers" "$program" merge x.h5 $s.1of2.h5 other.h5
expect 0 "" "$program" frontier study.yaml --set "objectives=[loss_nat, energy_kwh, mass_kg, carbon_kg]" --output two.h5
expect 2 "two.h5: has not the objectives of streaming.h5" run_ranks 3 merge x.h5 streaming.h5 two.h5
expect 0 "" "$program" fit "$bench/quickstart_010.yaml" --set fit.replicates=0 --output fit.h5
expect 2 "fit.h5: holds no frontier" "$program" merge x.h5 streaming.h5 fit.h5
head -c 30000 other.h5 >torn.h5
expect 3 "torn.h5: cannot read: a damaged HDF5 file" "$program" merge x.h5 other.h5 torn.h5
expect 2 "expected files to unite" "$program" merge x.h5
expect 2 "exists, and was not made of these files; --force replaces it" "$program" merge other.h5 streaming.h5
expect 2 "is the input other.h5" "$program" merge other.h5 other.h5
expect 2 "expected I/N" "$program" frontier study.yaml --shard 3/2
expect 2 "expected I/N" "$program" frontier study.yaml --shard 0/2
[ ! -e x.h5 ] || complain "a refused merge leaves a file"

exit $bad
