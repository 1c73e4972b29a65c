#!/usr/bin/env bash
# No row of a table is lost in silence: rows in and rows out of every reader, with names that begin
# with #, quoted commas, quotes and newlines, blank lines, each end of line, and none at the end.
set -u
. "$(dirname "$0")/common.sh"

# ends FILE: the same table by each end of line, without the last one: FILE.lf, FILE.crlf, FILE.cr.
ends() {
  /usr/bin/python3 - "$1" <<'END'
import sys
text = open(sys.argv[1], newline="").read().rstrip("\n")
for name, end in (("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r")):
    open(f"{sys.argv[1]}.{name}", "w", newline="").write(text.replace("\n", end))
END
}

# Runs: 24 rows, a third of the names begin with #.
awk 'BEGIN {
  print "# a comment, with a comma\n\n#and another"
  print "name,params,tokens,loss"
  for (i = 0; i < 24; i++) {
    n = 2e7 * 1.3 ^ (i % 8); d = 1e9 * 3 ^ int(i / 8)
    name = i % 3 == 0 ? "#" i : i % 3 == 1 ? "\"a \"\"b\"\",\n# " i "\"" : "run" i
    printf "%s,%.6g,%.6g,%.6g\n", name, n, d, 1.8 + 480 / n ^ 0.35 + 2100 / d ^ 0.37
    if (i % 5 == 0) print ""
  }
}' >runs.csv
ends runs.csv
for file in runs.csv runs.csv.lf runs.csv.crlf runs.csv.cr; do
  cat >fit.yaml <<END
runs: {file: $file}
fit: {replicates: 0, profile: false, sensitivity: none, folds: 0, held_out_share: 0}
END
  expect 0 "rows=24 used=24" "$program" fit fit.yaml --force
done
sed '$a # the last line' runs.csv >late.csv
expect 2 "late.csv:42: 1 fields where the header has 4; a line that begins with # is a comment only" \
  "$program" fit fit.yaml --set runs.file=late.csv --output late.h5

# Tables of devices, places and observed runs; --designs.
printf 'id,vendor,peak_tflops_bf16,power_watt,source\n#1,"u,\ns",93.5,211,mine\n\nTwo,us,94,212,mine\n#3,us,95,213,mine' >devices.csv
printf 'id\tcarbon_kg_per_kwh\tsource\n#roof\t0.041\tmine\n\nyard\t0.04\tmine' >grids.tsv
printf 'id,device,devices,params,tokens,precision,wall_clock_hour,source\n#a,Two,64,1e9,1e11,bf16,70,mine\nb,Two,64,1e9,1e11,bf16,71,mine\n\n#c,#3,64,1e9,1e11,bf16,72,mine' >mfu.csv
printf 'params,tokens,device,grid\n1B,20B,#1,#roof\n\n2B,20B,Two,yard\n3B,20B,#3,#roof' >designs.csv
ends devices.csv
ends grids.tsv
ends mfu.csv
ends designs.csv
for end in lf crlf cr; do
  cat >own.yaml <<END
law: {set: besiroglu2024}
catalogue: {devices: devices.csv.$end, grids: grids.tsv.$end, mfu: mfu.csv.$end}
space: {params: 1B, tokens: 20B, precision: bf16, mfu_ratio: 0.4, device: "#1", grid: "#roof", site: Google}
END
  expect 0 "" "$program" catalogue own.yaml
  for id in '#1' Two '#3' '#roof' yard '#a' b '#c'; do
    [ "$(grep -c "^  $id  " out.txt)" = 1 ] || complain "$end: $id is not in the catalogue once"
  done
  expect 0 "" "$program" evaluate own.yaml --designs "designs.csv.$end" --csv rows.csv
  [ "$(wc -l <rows.csv)" = 4 ] || complain "$end: 3 designs give $(wc -l <rows.csv) lines"
  rm -f rows.csv
done

# The table of a Bayesian search, and earlier evaluations.
awk 'BEGIN {
  print "#\nkind,width,loss"
  for (i = 1; i <= 12; i++) printf "%s,%d,%.6g\n%s", i % 2 ? "#odd" : "even", i, 1 + (i - 5) ^ 2, i % 4 ? "" : "\n"
}' >table.csv
ends table.csv
for end in lf crlf cr; do
  cat >replay.yaml <<END
bayes:
  evaluator: replay
  table: table.csv.$end
  variables: {kind: ["#odd", even], width: {from: 1, to: 12}}
  objectives: {loss: {ideal: 0, reference: 60}}
  evaluations: 0
  stagnation: 1000
END
  expect 0 "" "$program" bayes replay.yaml --output "all.$end.h5"
  grep -q '^12 evaluations' out.txt || complain "$end: of 12 designs: $(cat out.txt)"
  expect 0 "bayes imported rows=12 of=12" "$program" bayes replay.yaml \
    --set "bayes.import=table.csv.$end" --output "again.$end.h5"
done

# Shipped tables: every line below the header is one row, so none may look like a comment.
for table in "$source_dir"/inputs/data/*.tsv; do
  awk -v f="$table" '!header { header = !/^#/ && NF > 0; next }
    /^#/ { print f ":" FNR ": a comment below the header"; bad = 1 } END { exit bad }' "$table" \
    || complain "a shipped table has a comment among its rows"
done
rows=$(awk '!header { header = !/^#/ && NF > 0; next } NF > 0' "$source_dir/inputs/data/validation.tsv" | wc -l)
{ cat "$source_dir/inputs/data/validation.tsv"; printf '\n\n'; } >validation.tsv
"$program" validate validation.tsv --json - | grep -c '"id"' | grep -qx "$rows" \
  || complain "validate computes other than its $rows rows"
exit $bad
