#!/usr/bin/env bash
# Break one stored figure at a time, in a copy of the sources, and see the named test turn red.
# Usage: mutations.sh PROGRAM SOURCE_DIR [FILE]   FILE: only the mutations of this source file
# Each line of mutations.tsv is a file, an expression of sed, and a test of ctest. A mutation that
# changes no line, does not compile, or leaves its test green is a failure. The last line counts.
set -u
source=$2
only=${3-}
work=$(mktemp -d "${TMPDIR:-/tmp}/scalefront_mutations.XXXXXX")
trap 'rm -rf "$work"' EXIT
copy=$work/copy
mkdir "$copy"
(cd "$source" && cp -r CMakeLists.txt solver inputs fitting search jobs tests docs "$copy")
[ ! -d "$source/../shared/data" ] || { mkdir "$work/shared" && ln -s "$(cd "$source/../shared/data" && pwd)" "$work/shared/data"; }
cd "$copy" || exit 1
if ! cmake -G Ninja -B build -D CMAKE_BUILD_TYPE=RelWithDebInfo >log 2>&1; then
  tail -n 20 log
  exit 1
fi

n=0
red=0
while IFS=$'\t' read -r file expression test; do
  case $file in '' | \#*) continue ;; esac
  [ -z "$only" ] || [ "$file" = "$only" ] || continue
  n=$((n + 1))
  cp "$file" kept
  sed -i "$expression" "$file"
  target=test.${test%.needs}
  case $test in end_to_end.*) target=scalefront ;; esac
  if cmp -s "$file" kept; then
    verdict='CHANGES NOTHING'
  elif ! cmake --build build --target "${target%.np*}" </dev/null >log 2>&1; then
    verdict='DOES NOT COMPILE'
  elif ctest --test-dir build --no-tests=error -R "^${test//./\\.}$" </dev/null >log 2>&1; then
    verdict='STAYS GREEN'
  elif grep -q 'No tests were found' log; then
    verdict='NO SUCH TEST'
  else
    verdict=red
    red=$((red + 1))
  fi
  printf '%-16s %-28s %-30s %s\n' "$verdict" "$file" "$test" "$expression"
  cp kept "$file"
done <"$source/tests/long/mutations.tsv"
echo "$red of $n mutations turn their test red"
[ "$red" -eq "$n" ]
