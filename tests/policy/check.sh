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
hits=$(grep -nE '^#include "' solver/base/*.[ch] | grep -vE '"solver/base/')
[ -n "$hits" ] && complain "solver/base/ includes from outside itself" "$hits"
hits=$(grep -nE '^#include "' solver/laws/*.[ch] 2>/dev/null | grep -vE '"solver/(base|laws)/')
[ -n "$hits" ] && complain "solver/laws/ includes from beyond base and laws" "$hits"

# 2. External libraries stay behind their doors.
hits=$(grep -rnE '#include <hdf5' solver inputs fitting search jobs | grep -vE '^(inputs/h5\.c|jobs/main\.c):')
[ -n "$hits" ] && complain "hdf5.h outside inputs/h5.c and jobs/main.c" "$hits"
hits=$(grep -rnE '\bMPI_[A-Z][a-z_]+ *\(' --include='*.[ch]' solver inputs fitting search jobs \
  | grep -vE '^(solver/base/team\.c|inputs/h5\.c|jobs/main\.c):')
[ -n "$hits" ] && complain "MPI calls outside solver/base/team.c, inputs/h5.c, jobs/main.c" "$hits"
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

# 6. Layout of the code, where the formatter is at hand.
if command -v clang-format >/dev/null; then
  hits=$(find solver inputs fitting search jobs tests -name '*.[ch]' -print0 \
    | xargs -0 clang-format --dry-run -Werror 2>&1 | grep -E 'error:' | head -20)
  [ -n "$hits" ] && complain "clang-format differs" "$hits"
else
  echo "skipped: clang-format is not installed"
fi
exit $bad
