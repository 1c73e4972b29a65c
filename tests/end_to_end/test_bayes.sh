#!/usr/bin/env bash
# A Bayesian search by a command that does all that commands do: it sleeps, fails, hangs, prints
# garbage, dies, and leaves processes behind. Nothing is lost, nothing hangs, every failure is named,
# and ranks, delays and kills change nothing in the result.
set -u
. "$(dirname "$0")/common.sh"

# The fake trainer: what it does depends on the number of the design; how long it takes does not.
cat >train.sh <<'END'
#!/bin/sh
echo "$SCALEFRONT_ID" >>"$SCALEFRONT_STUDY/begun"
[ -z "${OMPI_COMM_WORLD_RANK-}" ] || exit 9 # it would be taken for a rank
sleep "0.0$(($$ % 8))"
case $SCALEFRONT_ID.$SCALEFRONT_ATTEMPT in
  1.1) echo "no space for the checkpoint" >&2; exit 3 ;; # and succeeds the second time
  3.1) trap '' TERM; sleep 60 ;;
  5.*) echo "loss = oops"; echo "hours = 1"; exit 0 ;;
  7.*) echo "loss = nan"; echo "hours = 1"; exit 0 ;;
  9.*) kill -9 $$ ;;
  11.*) echo full >/dev/full || exit 4 ;;
  13.*) exit 0 ;;
  15.*) sleep 60 & ;; # outlives its parent
esac
awk -v lr="$1" -v width="$2" -v kind="$3" 'BEGIN {
  print "epoch 1 of 1"
  print "loss =", 1.5 + (log(lr) / log(10) + 2.5) ^ 2 + 60 / width + (kind == "sgd" ? 0.3 : 0)
  printf "{\"hours\": %.17g, \"memory_gb\": %d}\n", width / 256, width / 10
}'
END
chmod +x train.sh
cat >study.yaml <<'END'
title: a fake trainer
seed: 3
bayes:
  evaluator: command
  variables:
    lr: {from: 1e-4, to: 0.1, scale: log}
    width: [64, 128, 256, 512]
    optimizer: [adam, sgd]
  objectives: {loss: {ideal: 1, reference: 6}, hours: {scale: log, ideal: 0.1, reference: 10}}
  limits: {memory_gb: {max: 40}}
  constraints: ["lr * width <= 10"]
  command: [./train.sh, "{lr}", "{width}", "{optimizer}"]
  evaluations: 20
  retries: 1
  timeout_hour: 0.5 s
  kill_after_hour: 0.1 s
  grace_hour: 0 s
  lag: 6
END

# search RANKS OUTPUT [OPTIONS...]
search() {
  local ranks=$1 output=$2
  shift 2
  run_ranks "$ranks" bayes study.yaml --output "$output" "$@" >out.txt 2>err.txt
}

# Processes of the trainer that are still there, after a moment in which they may end.
no_trainer_left() {
  for _ in {1..60}; do
    pgrep -f "^/bin/sh $work/train.sh" >/dev/null || return 0
    sleep 0.1
  done
  complain "a trainer has outlived the search: $1"
}

search 1 whole.h5 || complain "one rank: $(tail -n 2 err.txt)"
for text in 'evaluation 1 succeeded in the end, attempt 2 of 2: exit code 3: no space for the' \
  'evaluation 3 succeeded in the end, attempt 2 of 2: stopped after 0.5 s' \
  'evaluation 5 failed and is skipped, attempt 2 of 2: stdout:1: loss: oops: expected a finite' \
  'evaluation 7 failed and is skipped, attempt 2 of 2: stdout:1: loss: nan: expected a finite' \
  'evaluation 9 failed and is skipped, attempt 2 of 2: ended by signal 9' \
  'evaluation 11 failed and is skipped, attempt 2 of 2: exit code 4' \
  'evaluation 13 failed and is skipped, attempt 2 of 2: stdout: no value of loss'; do
  grep -qF "$text" err.txt || complain "the log lacks: $text"
done
grep -q '^20 evaluations, .* 5 failed; .* stopped by evaluations: whole.h5$' out.txt \
  || complain "the last words: $(cat out.txt)"
kept=$(cd whole.h5.evaluations && echo *)
[ "$kept" = "1.1 11.1 11.2 13.1 13.2 3.1 5.1 5.2 7.1 7.2 9.1 9.2" ] || complain "folders: $kept"
no_trainer_left "on one rank"
expected=$(digest whole.h5)
"$program" report whole.h5 >out.txt || complain "report: $(cat out.txt)"
grep -q 'optimizer .* loss .* hours' out.txt || complain "report shows no frontier"

# The same whatever the ranks and delays; more ranks than the lag lets work too.
for ranks in 2 3 5; do
  rm -rf same.h5*
  search "$ranks" same.h5 || complain "$ranks ranks: $(tail -n 2 err.txt)"
  [ "$(digest same.h5)" = "$expected" ] || complain "another search on $ranks ranks"
done
no_trainer_left "on five ranks"

# wait_for_results N: until so many trainers have begun.
wait_for_results() {
  for _ in {1..2000}; do
    [ "$(wc -l <begun)" -ge "$1" ] && return
    sleep 0.01
  done
  complain "the search does not come to $1 evaluations"
}

# interrupt SIGNAL WHOM RANKS: end a search in the middle, then finish it at another number of ranks.
interrupt() {
  rm -rf killed.h5*
  : >begun
  mpiexec -n "$3" "$program" bayes study.yaml --output killed.h5 >out.txt 2>err.txt &
  local job=$!
  wait_for_results 9
  case $2 in
    rank) kill "-$1" "$(pgrep -P $job | tail -n 1)" ;;
    mpiexec) kill "-$1" $job ;;
  esac
  wait $job 2>/dev/null
  code=$?
  no_trainer_left "$1 of $2"
  for _ in {1..100}; do # ranks that have lost mpiexec need a moment to notice
    pgrep -f "^$program bayes study.yaml --output killed.h5" >/dev/null || break
    sleep 0.1
  done
  [ -e killed.h5 ] && complain "a search that was ended has left a result"
  search "$4" killed.h5 || complain "after $1 of $2: $(tail -n 2 err.txt)"
  grep -q 'bayes resumed' err.txt || complain "after $1 of $2 the search began anew"
  [ "$(digest killed.h5)" = "$expected" ] || complain "another search after $1 of $2"
  # 20 designs, 7 second attempts, and what was lost: no more than was under way, with retries.
  [ "$(wc -l <begun)" -le $((20 + 7 + 2 * 3)) ] || complain "too many evaluations: $(wc -l <begun)"
}
interrupt KILL rank 3 2
interrupt KILL mpiexec 2 5
interrupt USR1 mpiexec 3 1
[ "$code" = 85 ] || complain "exit code $code after a request to stop"

# Abort, mend, and go on, also with more patience; earlier evaluations begin another search.
expect 2 'evaluation 5 failed: stdout:1: loss: oops' run_ranks 2 bayes study.yaml \
  --set bayes.on_failure=abort --output abort.h5
[ -d abort.h5.journal ] || complain "the records of an aborted search are gone"
sed -i 's/echo "loss = oops"/echo memory_gb=1; echo "loss = 2.5"/' train.sh
expect 2 'evaluation 7 failed: stdout:1: loss: nan' run_ranks 3 bayes study.yaml \
  --set bayes.on_failure=abort --output abort.h5
grep -q 'bayes resumed' err.txt || complain "an aborted search began anew"
expect 0 'bayes resumed' run_ranks 1 bayes study.yaml --set bayes.on_failure=skip \
  --set bayes.evaluations=12 --set bayes.retries=0 --output abort.h5
search 2 more.h5 --set bayes.import=whole.h5 --set bayes.evaluations=4 \
  --set bayes.keep_folders=true || complain "import: $(tail -n 2 err.txt)"
grep -q 'bayes imported rows=20 of=20' err.txt || complain "nothing was imported"
[ "$(cd more.h5.evaluations && echo *)" = "0.1 1.1 1.2 2.1 3.1 3.2" ] || complain "folders not kept"

# What is wrong is said with its place before anything runs.
: >begun
sed 's/"{lr}"/"{LR}"/' study.yaml >bad.yaml
expect 2 'bad.yaml:12:12: bayes.command: {LR}: {LR} is unknown' run_ranks 1 bayes bad.yaml
[ -s begun ] && complain "a study with a mistake has begun an evaluation"
# A command that always fails: the search ends after its first designs, says the commonest reason and
# answers no, again when it is asked again; a design within the limits that none is, is no too.
cat >broken.py <<'END'
END
expect 6 'all 13 evaluations failed, 13 of them alike: exit code 2: ' run_ranks 2 bayes study.yaml \
  --output broken.h5 --set 'bayes.command=[/usr/bin/python3, broken.py, "{lr}", "{width}", "{optimizer}"]'
grep -qF 'bayes.command: broken.py lies beside the study' err.txt || complain "the misplaced word is not named"
expect 0 'write {study}/broken.py' "$program" check study.yaml \
  --set 'bayes.command=[/usr/bin/python3, broken.py, "{lr}", "{width}", "{optimizer}"]'
expect 6 'no design has values within the limits' run_ranks 1 bayes study.yaml \
  --output broken.h5 --set 'bayes.command=[/usr/bin/python3, broken.py, "{lr}", "{width}", "{optimizer}"]'
expect 6 'keeps the limits' run_ranks 1 bayes study.yaml --output none.h5 --set bayes.evaluations=4 \
  --set bayes.limits.memory_gb.max=1
exit $bad
