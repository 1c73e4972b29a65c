#!/usr/bin/env bash
# House rules a compiler cannot check. Usage: check.sh SOURCE_DIR BUILD_DIR
set -u
cd "$1" || exit 2
build=$2
bad=0
complain() {
  printf 'policy: %s\n' "$1"
  printf '%s\n' "$2" | sed 's/^/  /'
  bad=1
}

# 1. A folder includes only from itself and the folders before it; so does a room inside its folder.
order=(solver inputs fitting search jobs)
allowed=
for folder in "${order[@]}"; do
  allowed="$allowed|$folder"
  hits=$(grep -rnE --include='*.[ch]' '^#include "' "$folder" | grep -vE "\"(${allowed#|})/")
  [ -n "$hits" ] && complain "$folder/ includes from a later folder" "$hits"
done
# room ROOM ALLOWED: of its own folder a room includes only what the pattern allows.
room() {
  local folder=${1%%/*} hits
  hits=$(grep -nE "^#include \"$folder/" "$1"/*.[ch] | grep -vE "\"$folder/($2)")
  [ -n "$hits" ] && complain "$1/ includes from outside its rooms" "$hits"
}
room solver/base 'base/'
room solver/formula '(base|formula)/'
room solver/laws '(base|formula|laws)/'
room inputs/text 'text/'
room inputs/study '(text|study)/'
room inputs/catalogue '((text|catalogue)/|sheet\.h)'
room fitting/minimise '(minimise/|fit\.h)'
room fitting/uncertainty '((minimise|uncertainty)/|fit\.h)'
room fitting/approach '((approach|uncertainty)/|fit\.h)'
room search/optimise '(optimise/|allocate\.h)'
room search/front '(front/|space\.h|problem\.h)'
room search/bayes '((front|bayes)/|space\.h|problem\.h)'

# 2. External libraries stay behind their doors.
hits=$(grep -rnE '#include <hdf5' solver inputs fitting search jobs | grep -vE '^(inputs/h5\.c|jobs/main\.c):')
[ -n "$hits" ] && complain "hdf5.h outside inputs/h5.c and jobs/main.c" "$hits"
hits=$(grep -rnE '\bMPI_[A-Z][a-z_]+ *\(' --include='*.[ch]' solver inputs fitting search jobs \
  | grep -vE '^(solver/base/team\.c|jobs/main\.c):')
[ -n "$hits" ] && complain "MPI calls outside solver/base/team.c, which counts them, and jobs/main.c" "$hits"
hits=$(grep -rnE '#include <(nlopt|gsl)' --include='*.[ch]' solver inputs jobs | grep -v '^jobs/main\.c:')
[ -n "$hits" ] && complain "NLopt or GSL outside fitting/ and search/" "$hits"
hits=$(grep -rnE 'MPI_COMM_WORLD' solver inputs fitting search)
[ -n "$hits" ] && complain "MPI_COMM_WORLD outside jobs/ and tests/" "$hits"
hits=$(grep -rnE '\b(fopen|fread|fwrite|open)\s*\(' --include='*.c' solver)
[ -n "$hits" ] && complain "solver/ does file I/O" "$hits"

# 3. Exported symbols carry their file's name.
for object in $(find "$build" -path '*/CMakeFiles/*.dir/*' -name '*.c.o' \
  | grep -E '/CMakeFiles/(solver|inputs|fitting|search)(_v[234])?\.dir/'); do
  stem=$(basename "$object" .c.o)
  hits=$(nm --extern-only --defined-only "$object" | awk '{print $3}' \
    | grep -vE "^(${stem}_|__asan|__odr_asan|__gcov|__x86)")
  [ -n "$hits" ] && complain "$stem.c exports names without the prefix ${stem}_" "$hits"
done

# 4. Every module has its test; a kernel is tested with the module whose name it carries.
for source in $(find solver inputs fitting search -name '*.c'); do
  module=$(basename "$source" .c)
  module=${module%_kernel}
  test=tests/$(dirname "$source")/test_$module.c
  [ -e "$test" ] || complain "no test for $source" "expected $test"
done

# 5. No silent randomness, no plain assert, no run-time clones of functions.
hits=$(grep -rnE '\b(rand|srand|drand48|nlopt_srand_time)\s*\(|#include <assert.h>|target_clones' \
  --include='*.[ch]' solver inputs fitting search jobs tests)
[ -n "$hits" ] && complain "use the keyed streams, STATUS_ASSERT and kernels" "$hits"

# 6. No function longer than a screen or two: a brace in the first column opens and closes it.
hits=$(find solver inputs fitting search jobs tests -name '*.c' -exec awk '
  FNR == 1 { start = 0 }
  /^\{/ { start = FNR }
  /^\}/ { if (start && FNR - start > 80) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }
  ' {} +)
[ -n "$hits" ] && complain "functions longer than 80 lines" "$hits"

# 7. What a test skips, ctest knows: the words are printed by the harness and by tests/end_to_end/common.sh.
hits=$(grep -rnE "(echo|print|printf|say)\b.*[\"']skipped: " tests --include='*.sh' --include='*.py' --include='*.c' \
  | grep -vE '^tests/(harness\.c|end_to_end/(common\.sh|open_result\.py)|policy/[^:]*|bench/[^:]*):')
[ -n "$hits" ] && complain "use harness_skip or skip" "$hits"

# 8. Every script is bash that parses; what a user launches is executable.
for script in $(grep -rlE '^#!.*\bbash\b' jobs tests .ci); do
  hits=$(bash -n "$script" 2>&1) || complain "$script does not parse" "$hits"
  [ -x "$script" ] || case $script in
    *.sbatch) ;;
    *) complain "$script is not executable" "chmod +x $script" ;;
  esac
done

# 9. No path of somebody's machine. Only the tests look for observations beside the checkout.
hits=$(grep -rnIE '/w[o]rk/|/tmp/w[t]/|/h[o]me/|\.\./s[h]ared' \
  solver inputs fitting search jobs tests docs .ci ./*.* .clang-* \
  | grep -vE '^tests/[^:]+:[0-9]+:.*\.\./s[h]ared/data')
[ -n "$hits" ] && complain "a path of one machine" "$hits"

# 10. A source is a key of docs/sources.bib, in the tables (column `source`, keys separated by `;`)
# and wherever code or text names one like author2022.
if [ -e docs/sources.bib ]; then
  known=$(sed -n 's/^@[a-z]*{\([^,]*\),.*/\1/p' docs/sources.bib)
  cited=$(
    awk -F '\t' '
      FNR == 1 { column = 0 }
      /^#/ { next }
      !column { for (i = 1; i <= NF; i++) if ($i == "source") column = i; if (!column) column = -1; next }
      column > 0 { n = split($column, keys, ";"); for (i = 1; i <= n; i++) print keys[i] " " FILENAME }
      ' inputs/data/*.tsv
    grep -roE --include='*.[ch]' --include='*.md' --include='*.yaml' \
      '\b[a-z]{3,}(19|20)[0-9]{2}[a-z]?\b' solver inputs fitting search jobs docs \
      | awk -F : '{print $2 " " $1}'
  )
  # "none", "definition" and "estimate" say that there is no source, and why.
  hits=$(printf '%s\n' "$cited" | sort -u | awk -v known="$known none definition estimate" '
    BEGIN { n = split(known, keys); for (i = 1; i <= n; i++) is_known[keys[i]] = 1 }
    NF == 2 && !($1 in is_known) { print $2 ": " $1 }')
  [ -n "$hits" ] && complain "cited, but not in docs/sources.bib" "$hits"
fi

# 11. A newcomer finds the two commands, and what the pages link to.
for command in 'jobs/local frontier inputs/studies/quickstart.yaml' 'tests/run'; do
  grep -qF "$command" README.md || complain "README.md lacks a command" "$command"
done
hits=$(grep -oE '\]\([^)#: ]+' README.md docs/*.md | sed 's/:\](/ /' | while read -r page link; do
  [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
done)
[ -n "$hits" ] && complain "links that lead nowhere" "$hits"

# 12. What others wrote (names, titles, paths) leaves through solver/base/escape.h alone. Studies and
# designs for a command are written by the modules named here, which quote every text; a message goes
# through status_fail and log_line.
writers='^solver/base/(escape|log|status)\.c|^inputs/study/[a-z]+\.c|^search/bayes/(bayes_file|command)\.c'
hits=$(grep -rnE '\b(v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|popen|system)\s*\(' --include='*.c' \
  solver inputs fitting search jobs | grep -vE "$writers" | grep -vF 'fwrite(bytes, ')
[ -n "$hits" ] && complain "text written without escape_print, escape_fprint, escape_csv or escape_gnuplot" "$hits"
exit $bad
