#!/usr/bin/env bash
# Every key of a study is read, and what docs/study.md offers is taken: keys.py says how.
set -u
. "$(dirname "$0")/common.sh"

"$source_dir/tests/end_to_end/keys.py" "$program" "$source_dir" || complain "keys.py"

# A key given on the command line that the job does not read is named, with the jobs that do.
cat >fit.yaml <<END
runs: {file: $studies/quickstart_runs.csv}
fit: {replicates: 0, folds: 0, sensitivity: none, profile: false, held_out_share: 0}
END
expect 0 "--set plan.runs: fit does not read it, but check and plan do" "$program" fit fit.yaml --set plan.runs=3
expect 0 "--set band.draws: fit does not read it" "$program" fit fit.yaml --set band.draws=3 --force
expect 0 "" "$program" fit fit.yaml --set fit.delta=0.002 --force
! grep -q 'does not read' err.txt || complain "a key that fit reads is said not to be read"

exit $bad
