#!/usr/bin/env bash
# Names that others wrote stay text in every output, from a study and from a result file: none runs, none adds a cell
# or a line, none reaches the terminal as a control character.
set -u
. "$(dirname "$0")/common.sh"
/usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null || { skip "no h5py"; exit 0; }
mkdir work && cd work || exit 1

# The corpus: each name would leave a file `ran` in some language, or breaks a cell, a line or a screen.
cat >names.py <<'EOS'
names = ["`touch ran`", "$(touch ran)", "x'; touch ran; '", 'a"\n!touch ran\n"', "it's\nset output '|touch ran'\n",
         "a,b", 'say "x"', "=1+2", "+1+cmd|'touch ran'!A0", "-a", "@SUM(1)", "\t=1", "\r=1", "\x1b[2J\x1b]0;t\x07", "\x9b31m",
         "100 %s %n %d", "{/Symbol a}_b^c", "@x", "\u202eabc", "\u2028line", "l" * 3000, "; rm x", "&<b>\"", "\\n\\", " ", ""]
raw = [b"\xff\xfe", b"a\xc0\xafb"]
EOS
cat >clean.py <<'EOS'
# clean.py FILE...: no control character, no mark of direction, nothing that is not UTF-8.
import re, sys
for path in sys.argv[1:]:
    text = open(path, "rb").read().decode("utf-8")
    found = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    if found:
        sys.exit(f"{path}: {found.group()!r} in {text[max(0, found.start() - 60):found.end() + 20]!r}")
EOS
cat >cells.py <<'EOS'
# cells.py FILE: as many cells in every row as in the header, and no text that a spreadsheet takes for a formula.
import csv, sys
rows = [r for r in csv.reader(open(sys.argv[1], newline="")) if r and not r[0].startswith("#")]
def number(x):
    try:
        float(x)
    except ValueError:
        return False
    return True
for r in rows:
    assert len(r) == len(rows[0]), (len(r), len(rows[0]), r)
    for x in r:
        assert not x or x[0] not in "=+-@\t\r" or number(x), x
EOS
# safe COMMAND...: whatever the exit code, nothing ran, no crash, and both streams are clean.
safe() {
  local code
  "$@" >out.txt 2>err.txt
  code=$?
  case $code in 0 | 2 | 3 | 6) ;; *) complain "exit code $code: $*" ;; esac
  /usr/bin/python3 clean.py out.txt err.txt || complain "of: ${*:2:4}"
  [ ! -e ran ] || { complain "a name ran: $*"; rm -f ran; }
  return $code
}
cells() {
  /usr/bin/python3 clean.py "$1" && /usr/bin/python3 cells.py "$1" || complain "the cells of $1"
}

# From a result file: the names of devices, titles, units, long names and columns.
cat >base.yaml <<'EOS'
title: base
law: {set: besiroglu2024}
space:
  params: [1.3B, 7.1B, 31B]
  tokens: [20B, 90B]
  device: {values: [H100-SXM5-80, A100-SXM4-40], role: scenario}
  precision: bf16
  mfu_ratio: 0.4
  lifespan_year: 4
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh, mass_kg]
EOS
expect 0 "" "$program" frontier base.yaml --output base.h5
/usr/bin/python3 - <<'EOS'
import shutil, h5py, numpy as np
from names import names, raw
def put(f, where, name):
    data = name if isinstance(name, bytes) else name.encode()
    text = np.array(data, dtype=f"S{max(1, len(data))}")
    g = f["/frontier"]
    if where == "attributes":
        f.attrs["title"] = text
        for d in g.values():
            for a in ("units", "long_name", "flag_meanings"):
                if isinstance(d, h5py.Dataset) and a in d.attrs:
                    d.attrs[a] = np.bytes_(data.replace(b" ", b"_") + b" b") if a == "flag_meanings" else text
    elif where == "column":
        g.move("energy_kwh", name.replace("/", "|").replace("\0", "") or "empty")
with open("list.txt", "w") as out:
    for i, name in enumerate(names + raw):
        for where in ("attributes", "column"):
            if where == "column" and (isinstance(name, bytes) or name in ("", ".")):
                continue
            path = f"h{i}_{where}.h5"
            shutil.copy("base.h5", path)
            with h5py.File(path, "r+") as f:
                put(f, where, name)
            print(path, file=out)
EOS
# What its author wrote has the digest of its content: only then is it read.
xargs "$source_dir/tests/end_to_end/renew_digest.py" <list.txt || complain "no digests"
while read -r file; do
  stem=${file%.h5}
  if safe "$program" report "$file" --csv "$stem.csv"; then cells "$stem.csv"; fi
done <list.txt
[ "$(ls h*.csv | wc -l)" -ge 20 ] || complain "only $(ls h*.csv | wc -l) of the files were reported"
if command -v gnuplot >/dev/null; then
  for i in 0 1 2 3 4 13 16 20 26; do
    safe "$program" report h${i}_attributes.h5 --plots "plots$i" || complain "no pictures of h$i: $(cat err.txt)"
    for picture in "plots$i"/*.svg; do
      /usr/bin/python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$picture" \
        || complain "$picture is no XML"
    done
  done
  grep -qF '{/Symbol' plots16/frontier.svg || complain "gnuplot took a name for markup"
  for folder in '`touch ran`' '|touch ran' "it's \"x\" \$(touch ran)" $'a\n!touch ran' '~'; do
    safe "$program" report base.h5 --plots "$folder" || complain "no folder '$folder': $(cat err.txt)"
    [ -s "$folder/frontier.svg" ] || complain "no picture in '$folder'"
  done
else
  skip "no gnuplot"
fi

# From a study: its title, the names of its tables, its files, its command line.
/usr/bin/python3 - "$source_dir/inputs/data/devices.tsv" <<'EOS'
import json, sys
from names import names
lines = [l for l in open(sys.argv[1]) if not l.startswith("#")]
row = next(l for l in lines if l.startswith("A100-SXM4-40\t"))
for i, name in enumerate(names):
    open(f"devices{i}.tsv", "w").write(lines[0] + row.replace("A100-SXM4-40", name.replace("\t", " "), 1))
    study = open("base.yaml").read().replace("title: base", "title: " + json.dumps(name))
    study = study.replace("A100-SXM4-40", json.dumps(name)).replace(", role: scenario", "")
    open(f"s{i}.yaml", "w").write(study + f"catalogue: {{devices: devices{i}.tsv}}\n")
printf = "params,device\n" + "".join('1e9,"%s"\n' % n.replace('"', '""') for n in names if n)
open("designs.csv", "w", newline="").write(printf)
EOS
one=(--set space.params=2B --set space.tokens=40B)
for i in $(seq 0 25); do
  own=$(/usr/bin/python3 -c "from names import names; print(names[$i], end='')")
  safe "$program" check s$i.yaml
  safe "$program" catalogue s$i.yaml
  safe "$program" evaluate s$i.yaml "${one[@]}" --set "space.device=$own"
  if safe "$program" evaluate s$i.yaml "${one[@]}" --set "space.device=$own" --csv e$i.csv; then cells e$i.csv; fi
  safe "$program" evaluate s$i.yaml "${one[@]}" --set "space.device=$own" --json -
  if safe "$program" frontier s$i.yaml --output s$i.h5; then
    safe "$program" report s$i.h5 --csv s$i.csv && cells s$i.csv
    safe "$program" rerun s$i.h5 || complain "the title of s$i.yaml is not repeated: $(cat err.txt)"
  fi
  safe "$program" allocate s$i.yaml --ask "$own"
  safe "$program" "$own"
  safe "$program" report "$own" "--$own"
  safe "$program" report base.h5 --max "$own=1" --sort "$own"
  safe "$program" fit base.yaml --set "$own=$own"
done
safe "$program" evaluate base.yaml --designs designs.csv
safe "$program" merge both.h5 s0.h5 base.h5
exit $bad
