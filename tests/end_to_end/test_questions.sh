#!/usr/bin/env bash
# Inverse questions through the whole program, on a device and a law of one's own, against answers that
# scipy finds from the formulas alone: a target of accuracy, a fleet and its deadline, serving counted as
# sardana2024 does, repeated data, the least lifespan and MFU for a budget of material, no answer.
set -u
. "$(dirname "$0")/common.sh"

cat >devices.csv <<'EOF'
id,vendor,peak_tflops_bf16,power_watt,mass_kg_lo,mass_kg_typical,mass_kg_hi,rental_usd_per_hour,source
Own,us,237.5,411,1.7,1.9,2.3,2.385,measured
EOF
cat >own.yaml <<'EOF'
law:
  id: chinchilla
  parameters: {E: {fixed: 1.7}, A: {fixed: 431}, B: {fixed: 1207}, alpha: {fixed: 0.341}, beta: {fixed: 0.327}}
  corrections: [{kind: accuracy_exponential, epsilon: 0.97, k: 1.9, gamma: 0.61}]
catalogue: {devices: devices.csv}
footprint: {cost: rental}
space:
  device: Own
  precision: bf16
  mfu_ratio: 0.37
  goodput_ratio: 0.93
  lifespan_year: 3.7
EOF
ask() {
  local code=$1 text=$2 file=$3
  shift 3
  expect "$code" "$text" "$program" allocate "$file" "$@"
}
ask 0 "" own.yaml --json plain.json \
  --ask 'minimise compute_flop at accuracy_ratio >= 0.6' \
  --ask 'maximise accuracy_ratio at duration_day <= 23, fleet_devices = 1500 over params, tokens' \
  --ask 'minimise fleet_devices at duration_day <= 23, loss_nat <= 2.05 over params, tokens, fleet_devices' \
  --ask 'minimise lifespan_year at mass_kg <= 2.1t, params = 70B, tokens = 1.4T' \
  --ask 'minimise mfu_ratio at mass_kg <= 2.1t, params = 70B, tokens = 1.4T over mfu_ratio'
ask 0 "" own.yaml --json served.json --set space.served_tokens=9T --set space.prompt_tokens=300 \
  --set space.output_tokens=500 --set space.prefill_mfu_ratio=0.29 --set space.serving_mfu_ratio=0.11 \
  --ask 'minimise cost_usd at loss_nat <= 2.05'
sed '/corrections/s/\[.*\]/[{kind: repetition, RD: 11.3}]/' own.yaml >repeated.yaml
ask 0 "" repeated.yaml --json repeated.json --set space.unique_tokens=90B \
  --ask 'minimise compute_flop at loss_nat <= 2.05'
/usr/bin/python3 - <<'PY' || complain "an answer is not that of scipy"
import json
from math import exp, log
from scipy.optimize import brentq, minimize_scalar

E, A, B, a, b = 1.7, 431, 1207, 0.341, 0.327
rate = 237.5e12 * 0.37 * 0.93  # operations a second of one device
hour = 3600.0

def answer(name, i=0):
    found = json.load(open(name + ".json"))["questions"][i]["answers"][0]
    return found["objective"]["value"], {k: v["value"] for k, v in found["variables"].items()}

def tokens_of(n, loss, effective=lambda d: d):
    need = (B / (loss - E - A * n**-a)) ** (1 / b)
    return brentq(lambda ln: effective(exp(ln)) - need, log(need) - 1, log(need) + 25, xtol=1e-13)

def least(cost, loss, effective=lambda d: d):
    """Least cost(N, D) where the loss is met, along ln N."""
    low = log((A / (loss - E)) ** (1 / a))
    def at(ln):
        try:
            return log(cost(exp(ln), exp(tokens_of(exp(ln), loss, effective))))
        except ValueError:  # more tokens than repetition can replace
            return 1e3
    found = minimize_scalar(at, bounds=(low + 0.02, low + 9), method="bounded", options={"xatol": 1e-10})
    return exp(found.fun), exp(found.x)

def close(got, want, to=1e-7):
    assert abs(got / want - 1) < to, (got, want)

# An accuracy of .6 is a loss: 1 - .97 + 1.9 exp(-.61 L) = .6.
loss = -log((0.6 - 0.03) / 1.9) / 0.61
value, at = answer("plain")
want, n = least(lambda n, d: 6 * n * d, loss)
close(value, want)
close(at["params"], n, 1e-4)
close(at["params"] * at["tokens"] * 6, want)

# 1,500 devices for 23 days are so many operations; the optimum of Hoffmann et al. in closed form.
compute = 1500 * 23 * 24 * hour * rate
best = (a * A / (b * B)) ** (1 / (a + b)) * (compute / 6) ** (b / (a + b))
loss = E + A / best**a + B / (compute / 6 / best) ** b
value, at = answer("plain", 1)
close(value, 0.03 + 1.9 * exp(-0.61 * loss))
close(at["params"], best, 1e-4)

# The least fleet that meets the deadline and the loss.
want, n = least(lambda n, d: 6 * n * d / (rate * 23 * 24 * hour), 2.05)
value, at = answer("plain", 2)
close(value, want, 1e-5)
close(at["params"], n, 1e-2)

# Lives of one device each, of 1.9 kg: lifespan and MFU are what makes 2,100 kg of them.
lives_hour = 6 * 70e9 * 1.4e12 / rate / hour
close(answer("plain", 3)[0], lives_hour / (2100 / 1.9) / 8760, 1e-6)
close(answer("plain", 4)[0], 0.37 * lives_hour / (2100 / 1.9) / (3.7 * 8760), 1e-6)

# Cost of training and of serving, each at its own MFU (sardana2024): dollars a device-hour.
def cost(n, d):
    served = 9e12
    read, written = served * 300 / 800, served * 500 / 800
    at = 237.5e12 * 0.93 * hour
    return 2.385 * (6 * n * d / (at * 0.37) + 2 * n * read / (at * 0.29) + 2 * n * written / (at * 0.11))
value, at = answer("served")
want, n = least(cost, 2.05)
close(value, want)
close(at["params"], n, 1e-4)
alone = least(lambda n, d: 6 * n * d, 2.05)[1]
assert at["params"] < 0.9 * alone, "serving makes models small"

# 90 billion different tokens, worth less each time they come again (muennighoff2023).
def worth(d):
    return d if d <= 90e9 else 90e9 * (1 + 11.3 * (1 - exp(-(d / 90e9 - 1) / 11.3)))
value, at = answer("repeated")
want, n = least(lambda n, d: 6 * n * d, 2.05, worth)
close(value, want)
close(at["params"], n, 1e-4)
assert at["tokens"] > 90e9
PY

# What cannot be reached says how near one comes, and exit code 6.
ask 6 "accuracy_ratio cannot be more than" own.yaml --ask 'minimise compute_flop at accuracy_ratio >= 0.9'
ask 6 "it stays above 1.7 nat, its irreducible loss" own.yaml --ask 'minimise energy_kwh at loss_nat <= 1.69' \
  --set space.grid=USA --set space.site=Google
ask 6 "" own.yaml --ask 'minimise lifespan_year at mass_kg <= 1 kg, params = 70B, tokens = 1.4T'
ask 6 "" repeated.yaml --set space.unique_tokens=1B --ask 'minimise compute_flop at loss_nat <= 2.05'
exit $bad
