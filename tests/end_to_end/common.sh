# Shared by the scripts of this folder: source it with the program and the source folder as $1, $2.
# Each script works in a temporary folder that goes with it.
program=$1
source_dir=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/scalefront_e2e.XXXXXX")
trap 'leave $?' EXIT
cd "$work" || exit 1
bad=0
skipped=no
studies=$source_dir/inputs/studies
bench=$source_dir/tests/bench

# A test that passed what it could and skipped something ends with 77, which ctest shows as skipped.
leave() {
  rm -rf "$work"
  [ "$1" != 0 ] || [ "$skipped" = no ] || exit 77
}
# skip WHY: something of this script cannot run on this machine.
skip() {
  echo "skipped: $*"
  skipped=yes
}
complain() {
  echo "FAIL: $*"
  bad=1
}

# run_ranks N ARGUMENTS...: the program on N ranks.
run_ranks() {
  local n=$1
  shift
  if [ "$n" = 1 ]; then "$program" "$@"; else mpiexec -n "$n" "$program" "$@"; fi
}

# expect CODE TEXT COMMAND...: the exit code, and a text that its standard error holds.
expect() {
  local code=$1 text=$2 got
  shift 2
  "$@" >out.txt 2>err.txt
  got=$?
  if [ "$got" != "$code" ]; then
    complain "exit code $got instead of $code: $*"
    tail -n 5 err.txt | sed 's/^/  /'
  elif [ -n "$text" ] && ! grep -qF -- "$text" err.txt; then
    complain "no '$text' in the message of: $*"
    tail -n 5 err.txt | sed 's/^/  /'
  fi
}

# digest FILE: the content digest of a result.
digest() {
  h5dump -d /run/content_digest "$1" | grep -o '"[0-9a-f]\{64\}' | tr -d '"'
}
