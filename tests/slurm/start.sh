#!/usr/bin/env bash
# Start a private Slurm of one node in FOLDER: no systemd, no cgroups, no accounting, ports of its
# own on the loopback address. Usage: start.sh FOLDER CPUS; then export SLURM_CONF=FOLDER/slurm.conf
# Exit 77: Slurm cannot be started on this machine, and standard output says why.
set -eu
folder=$1
cpus=$2
PATH=$PATH:/usr/sbin:/sbin
host=$(hostname -s)
socket=$folder/munge.socket

cannot() {
  echo "$1"
  exit 77
}
for tool in munged slurmctld slurmd sbatch; do
  command -v "$tool" >/dev/null || cannot "$tool is not installed"
done
timeout 2 getent hosts "$host" >/dev/null || cannot "the host name $host does not resolve"
[ ${#socket} -lt 100 ] || cannot "$socket is too long for a socket"

# Nobody may listen on the ports already: another Slurm, or another run of this test.
is_taken() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
for _ in 1 2 3 4 5 6 7 8; do
  port=$((20000 + RANDOM % 10000))
  is_taken "$port" || is_taken $((port + 1)) || break
done

mkdir -p "$folder"/{state,spool,tmp}
chmod 755 "$folder"
chmod 1777 "$folder/tmp"
(umask 077 && head -c 128 /dev/urandom >"$folder/munge.key")
munged --force --num-threads=1 --socket="$socket" --key-file="$folder/munge.key" \
  --log-file="$folder/munged.log" --pid-file="$folder/munged.pid" \
  --seed-file="$folder/munged.seed" >"$folder/munged.out" 2>&1 ||
  cannot "munged: $(head -n 1 "$folder/munged.out")"

# linuxproc and task/none do without cgroups; slurmd looks for /sys/fs/cgroup all the same unless
# the plugin is named. config_overrides allows more CPUs than the machine has.
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' >"$folder/cgroup.conf"
cat >"$folder/slurm.conf" <<END
ClusterName=scalefront_test
SlurmctldHost=$host(127.0.0.1)
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
TmpFS=$folder/tmp
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=bf_interval=2,sched_min_interval=100000
MpiDefault=none
KillWait=5
MinJobAge=3600
JobRequeue=1
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$folder/slurm.conf
slurmctld -i -f "$SLURM_CONF" >"$folder/slurmctld.out" 2>&1 ||
  cannot "slurmctld: $(tail -n 1 "$folder/slurmctld.out")"
slurmd -f "$SLURM_CONF" >"$folder/slurmd.out" 2>&1 ||
  cannot "slurmd: $(tail -n 1 "$folder/slurmd.out")"
for _ in {1..100}; do
  [ "$(timeout 5 sinfo --noheader --format=%t 2>/dev/null)" != idle ] || exit 0
  sleep 0.1
done
cannot "the node does not become idle: $(tail -n 1 "$folder/slurmd.log")"
