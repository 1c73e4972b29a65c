#!/usr/bin/env bash
# jobs/launch and jobs/local give back the program's exit code and turn signals into a request to
# stop. The program is a stand-in, so that the moment of a signal is certain.
# Usage: test_launch.sh PROGRAM SOURCE_DIR
set -u
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0
fail() {
  echo "FAILED: $1"
  failed=1
}

cat >stand_in <<'END'
#!/usr/bin/env bash
# stand_in code N: exit with N.   stand_in wait: exit with 85 when asked to stop.
# stand_in deaf: cannot be asked.   stand_in say ...: print the arguments.
case $1 in
  code) exit "$2" ;;
  say) echo "$@" ;;
  wait) trap 'exit 85' USR1 ;;
  deaf) trap '' USR1 TERM ;;
esac
[ "$1" = wait ] || [ "$1" = deaf ] || exit 0
touch "started.${OMPI_COMM_WORLD_RANK:-0}"
for _ in {1..200}; do sleep 0.1; done
END
chmod +x stand_in
export SCALEFRONT=$folder/stand_in
set -m # else the shell starts background commands with INT ignored

# start RANKS ARGUMENTS...: in the background, until every rank has started; sets launched
start() {
  rm -f started.*
  "$source/jobs/launch" "$@" 2>errors &
  launched=$!
  for _ in {1..100}; do
    [ "$(find . -name 'started.*' | wc -l)" -lt "$1" ] || return 0
    sleep 0.1
  done
  fail "launch $* starts its ranks"
}
# ends_with CODE CLAIM
ends_with() {
  wait "$launched"
  local code=$?
  [ "$code" = "$1" ] || fail "$2: code $code instead of $1"
}

for ranks in 1 3; do
  for code in 0 2 85; do
    "$source/jobs/launch" "$ranks" code "$code" 2>errors
    [ $? = "$code" ] || fail "launch $ranks gives back the code $code"
    [ ! -s errors ] || fail "launch $ranks adds nothing to the program's words: $(head -n 3 errors)"
  done
  for signal in INT TERM HUP USR1; do
    start "$ranks" wait
    kill -"$signal" "$launched"
    ends_with 85 "$signal asks $ranks ranks to stop"
  done
done

start 3 deaf
kill -INT "$launched"
sleep 0.3
kill -0 "$launched" || fail "one INT only asks"
kill -INT "$launched"
ends_with 1 "a second INT kills"

[ "$("$source/jobs/local" say "a  b" -n 2 '*' | sort -u)" = 'say a  b *' ] ||
  fail "local passes arguments on as they are"
[ "$("$source/jobs/local" say -n 2 | wc -l)" = 2 ] || fail "local -n 2 starts two ranks"
[ "$("$source/jobs/local" say | wc -l)" = 1 ] || fail "local runs unknown jobs on one rank"
"$source/jobs/local" fit -n 0 2>errors
[ $? = 2 ] && grep -q -e '-n 0: must be the number of ranks' errors || fail "local refuses -n 0"
SCALEFRONT=$folder/absent "$source/jobs/local" say 2>errors
[ $? = 2 ] && grep -q "no program at $folder/absent" errors || fail "a missing program is named"
exit "$failed"
