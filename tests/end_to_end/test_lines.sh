#!/usr/bin/env bash
# What the program prints: each write is of whole lines, so that standard output and standard error
# never splice; limits are read in the usual units; counts are printed whole.
set -u
. "$(dirname "$0")/common.sh"

cp "$bench/quickstart_runs.csv" .
cp "$bench/quickstart_010.yaml" quickstart.yaml
cat >design.yaml <<'END'
law: {set: besiroglu2024}
space: {params: {from: 1B, to: 64B, steps: 7}, tokens: {from: 20B, to: 640B, steps: 6},
  context_tokens: [1024, 4096], width: 4096, depth: 32, precision: bf16, mfu_ratio: 0.4, lifespan_year: 4, device: A100-SXM4-40,
  grid: USA, site: Google}
footprint: {attention: true}
accept_unpriced: [context_tokens]
objectives: [loss_nat, energy_kwh]
END

# A socket of datagrams keeps each write apart.
/usr/bin/python3 - "$program" <<'END' || complain "a write ends within a line"
import socket, subprocess, sys, threading
def writes(*arguments):
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    got = []
    p = subprocess.Popen([sys.argv[1], *arguments], stdout=theirs, stderr=theirs)
    theirs.close()
    mine.settimeout(0.2)
    while True:
        try:
            got.append(mine.recv(1 << 20))
        except socket.timeout:
            if p.poll() is not None:
                break
    assert p.returncode == 0, got
    return got
for arguments in (["fit", "quickstart.yaml", "--set", "fit.replicates=0"], ["check", "design.yaml"],
                  ["frontier", "design.yaml"], ["report", "design.h5"], ["catalogue", "devices"]):
    got = writes(*arguments)
    assert len(got) > 3, arguments
    for text in got:
        assert text.endswith(b"\n"), (arguments, text)
END

# Limits in the units that people write; a factor stands alone or before a unit.
"$program" report design.h5 --csv all.csv >/dev/null 2>err.txt || complain "no report: $(cat err.txt)"
for limit in energy_kwh=0.036TJ energy_kwh=10K 'energy_kwh=10K kWh' params=64B context_tokens=4K; do
  expect 0 "" "$program" report design.h5 --max "$limit" --csv "${limit//[ =]/_}.csv"
done
for other in energy_kwh_10K energy_kwh_10K_kWh; do
  cmp -s energy_kwh_0.036TJ.csv "$other.csv" || complain "0.036 TJ and $other are not the same limit"
done
cmp -s all.csv energy_kwh_0.036TJ.csv && complain "a limit of 10 MWh leaves all rows"
for limit in 'water_litre <= 20 ML' 'water_litre <= 20000 m3' 'water_litre <= 20M' 'device_hour <= 1M' \
  'energy_kwh <= 3.6 TJ' 'cost_usd <= 3M USD' 'devices <= 10K' 'mass_kg <= 2 kt' 'duration_day <= 9 weeks' \
  'memory_byte <= 4 PB' 'total_flop <= 1 YFLOP' 'body_params <= 70B'; do
  "$program" allocate design.yaml --ask "minimise loss_nat at $limit over params, tokens" \
    >out.txt 2>err.txt
  [ $? = 2 ] && grep -q expected err.txt && complain "$limit: $(cat err.txt)"
done

expect 0 "" "$program" check design.yaml
grep -q 'context_tokens .*1024 .. 4096' out.txt || complain "counts are not whole: $(grep context out.txt)"
exit $bad
