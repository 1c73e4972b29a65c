#!/usr/bin/env bash
# docs/tutorial.md: each of its commands runs, and each line that it shows is printed, `...` standing
# for anything. Commands on files of the reader's own (my.yaml, STUDY.yaml, all.h5) are not run.
set -u
. "$(dirname "$0")/common.sh"

cp -r "$source_dir/inputs" .
/usr/bin/python3 - "$program" "$source_dir/docs/tutorial.md" <<'END' || complain "the tutorial is not what the program does"
import re, shlex, subprocess, sys
program, page = sys.argv[1:]
starts = ("jobs/local ", "scalefront ", "build/release/scalefront ")
def line_shown(line, printed):
    parts = [" ".join(p.split()) for p in line.split("...")]
    for text in printed:
        at = 0
        for part in parts:
            found = text.find(part, at)
            if found < 0:
                break
            at = found + len(part)
        else:
            return True
    return False
commands, expected, text, fenced = 0, [], "", False
printed, wrong = [], []
for line in open(page):
    fenced ^= line.startswith("```")
    if fenced or not line.startswith("    "):
        continue
    text += line.strip()
    if text.endswith("\\"):
        text = text[:-1]
        continue
    line, text = text, ""
    if re.search(r"\bmy\.yaml|\bSTUDY|\ball\.h5|^sbatch", line):
        continue
    if line.startswith(starts):
        ran = subprocess.run([program, *shlex.split(line)[1:]], capture_output=True, text=True)
        if ran.returncode != 0:
            wrong.append(f"exit code {ran.returncode}: {line}\n{ran.stderr[-500:]}")
        printed += [" ".join(x.split()) for x in (ran.stdout + "\n" + ran.stderr).split("\n")]
        commands += 1
    elif not line_shown(line, printed):
        wrong.append(f"is not printed: {line}")
    else:
        expected.append(line)
for what in wrong:
    print(what)
sys.exit(1 if wrong or commands < 8 or len(expected) < 15 else 0)
END
exit $bad
