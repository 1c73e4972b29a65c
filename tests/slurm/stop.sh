#!/usr/bin/env bash
# Stop what start.sh started in FOLDER, and only that, and remove FOLDER. Usage: stop.sh FOLDER
set -u
folder=$1
export SLURM_CONF=$folder/slurm.conf

# The jobs first: their processes are children of slurmd's helpers and would outlive slurmd.
if [ -s "$folder/slurmctld.pid" ]; then
  timeout 5 scancel --user="$(id -un)" 2>/dev/null
  for _ in {1..80}; do
    [ -n "$(timeout 5 squeue --noheader 2>/dev/null)" ] || break
    sleep 0.1
  done
fi

# Nothing of their state is kept, so that they need no time to write it.
for daemon in slurmd slurmctld munged; do
  pid=$(cat "$folder/$daemon.pid" 2>/dev/null) && kill -KILL "$pid" 2>/dev/null
done
rm -rf "$folder"
