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
# clean.py FILE...: no control character, no mark of direction, nothing that is not UTF-8. Of a stream it also says the command.
import os, re, sys
bad = 0
for path in sys.argv[1:]:
    command = os.path.splitext(path)[0] + ".command"
    said = " of: " + open(command, errors="replace").read() if os.path.exists(command) else ""
    try:
        text = open(path, "rb").read().decode("utf-8")
    except UnicodeDecodeError as why:
        print(path, why, said)
        bad = 1
        continue
    found = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    if found:
        print(f"{path}: {found.group()!r} in {text[max(0, found.start() - 60):found.end() + 20]!r}{said}")
        bad = 1
sys.exit(bad)
EOS
cat >cells.py <<'EOS'
# cells.py FILE...: as many cells in every row as in the header, and no text that a spreadsheet takes for a formula.
import csv, sys
def number(x):
    try:
        float(x)
    except ValueError:
        return False
    return True
for path in sys.argv[1:]:
    rows = [r for r in csv.reader(open(path, newline="")) if r and not r[0].startswith("#")]
    assert len(rows) > 1, path
    for r in rows:
        assert len(r) == len(rows[0]), (path, len(r), len(rows[0]), r)
        for x in r:
            assert not x or x[0] not in "=+-@\t\r" or number(x), (path, x)
EOS
# safe COMMAND...: whatever the exit code, nothing ran and no crash. Both streams are kept, and looked at in the end, all at once.
mkdir streams
runs=0
safe() {
  local code
  runs=$((runs + 1))
  out=streams/$runs.out err=streams/$runs.err
  "$@" >$out 2>$err
  code=$?
  case $code in 0 | 2 | 3 | 6) ;; *) complain "exit code $code: $*" ;; esac
  printf '%q ' "${@:2}" >streams/$runs.command
  [ ! -e ran ] || { complain "a name ran: $*"; rm -f ran; }
  return $code
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
/usr/bin/python3 - <<'EOS' || complain "no corpus of result files"
import shutil, h5py, numpy as np
from names import names, raw
def text_of(data):
    return np.array(data, dtype=f"S{max(1, len(data))}")
def put(f, name, longest):
    data = name if isinstance(name, bytes) else name.encode()
    g = f["/frontier"]
    f.attrs["title"] = text_of(data)
    for d in g.values():
        for a in ("units", "long_name", "flag_meanings"):
            if isinstance(d, h5py.Dataset) and a in d.attrs:
                d.attrs[a] = text_of(data.replace(b" ", b"_") + b" b" if a == "flag_meanings" else data)
    if isinstance(name, str) and name:
        g.move("energy_kwh", name.replace("/", "|")[:longest])
def make(path, name, longest):
    shutil.copy("base.h5", path)
    with h5py.File(path, "r+") as f:
        put(f, name, longest)
for i, name in enumerate(names + raw):
    make(f"h{i}.h5", name, 500)
make("long.h5", "l" * 3000, 3000)
EOS
# What its author wrote has the digest of its content: only then is it read.
"$source_dir/tests/end_to_end/renew_digest.py" h*.h5 long.h5 || complain "no digests"
for i in $(seq 0 27); do
  safe "$program" report h$i.h5 --csv h$i.csv || complain "no report of h$i: $(cat -v $err)"
done
safe "$program" report long.h5 --csv long.csv # a column of a longer name than the program writes: refused, or read whole
if command -v gnuplot >/dev/null; then
  for i in 0 1 2 3 4 13 16 20 26; do
    safe "$program" report h$i.h5 --plots "plots$i" || complain "no pictures of h$i: $(cat -v $err)"
  done
  /usr/bin/python3 -c 'import sys, xml.dom.minidom as m
for path in sys.argv[1:]:
    try:
        m.parse(path)
    except Exception as why:
        sys.exit(f"{path}: {why}")' plots*/*.svg || complain "a picture is no XML"
  grep -qF '{/Symbol' plots16/frontier.svg || complain "gnuplot took a name for markup"
  for folder in '`touch ran`' '|touch ran' "it's \"x\" \$(touch ran)" $'a\n!touch ran' '~'; do
    safe "$program" report base.h5 --plots "$folder" || complain "no folder '$folder': $(cat -v $err)"
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
open("own.bin", "w", newline="").write("".join(n + "\0" for n in names))
open("quoted.bin", "w").write("".join(json.dumps(n) + "\0" for n in names))
printf = "params,device\n" + "".join('1e9,"%s"\n' % n.replace('"', '""') for n in names if n)
open("designs.csv", "w", newline="").write(printf)
EOS
one=(--set space.params=2B --set space.tokens=40B)
mapfile -d '' -t owns <own.bin
mapfile -d '' -t quoted <quoted.bin
for i in "${!owns[@]}"; do
  own=${owns[i]}
  # A title that is refused hides the name of the device from every job: it is taken out then.
  if ! safe "$program" check s$i.yaml; then
    sed -i '1s/.*/title: base/' s$i.yaml
    safe "$program" check s$i.yaml
  fi
  safe "$program" catalogue s$i.yaml
  device=space.device=${quoted[i]}
  if safe "$program" frontier s$i.yaml --output s$i.h5; then
    safe "$program" evaluate s$i.yaml "${one[@]}" --set "$device" --csv e$i.csv || complain "no card of s$i.yaml: $(cat -v $err)"
    safe "$program" evaluate s$i.yaml "${one[@]}" --set "$device" --json - || complain "no JSON of s$i.yaml: $(cat -v $err)"
    safe "$program" report s$i.h5 --csv s$i.csv || complain "no report of s$i.h5: $(cat -v $err)"
    safe "$program" rerun s$i.h5 || complain "s$i.yaml is not repeated: $(cat -v $err)"
  fi
  safe "$program" evaluate base.yaml "${one[@]}" --set "space.device=$own"
  safe "$program" allocate base.yaml --ask "$own"
  safe "$program" "$own"
  safe "$program" report "$own" "--$own"
  safe "$program" report base.h5 --max "$own=1" --sort "$own"
  safe "$program" fit base.yaml --set "$own=$own"
done
[ "$(ls s*.csv | wc -l)" -ge 15 ] || complain "only $(ls s*.csv | wc -l) of the studies gave a result"
safe "$program" evaluate base.yaml --designs designs.csv
safe "$program" merge both.h5 s0.h5 base.h5
/usr/bin/python3 cells.py [hsel]*.csv || complain "the cells of a table"
/usr/bin/python3 clean.py [hse]*.csv streams/*.out streams/*.err || complain "a raw control character"
[ ! -e ran ] || complain "a name ran"
exit $bad
