#!/usr/bin/python3
"""Every key of a study is read: set to a value other than its default, in a study where it matters,
it changes the result, or the message. Usage: keys.py PROGRAM SOURCE_DIR [KEY]   in a folder of its own.

One row a key: the job, the study, what is set, and settings of both runs. The figures of the result
must differ; after an empty list stand, where that is not enough, a text that the job says then and
not before, and a file that is there then and not before. A key of `scalefront --keys` without a row
fails: add one to ROWS."""
import hashlib
import math
import os
import re
import shutil
import subprocess
import sys

import h5py
import numpy

PROGRAM, SOURCE = sys.argv[1:3]


def write_runs():
    """36 runs of a known law with a residual that has no law, and columns for every purpose."""
    with open("runs.csv", "w", encoding="utf-8") as file:
        file.write("params,tokens,compute_flop,loss_nat,N2,D2,C2,other_loss,weight,w2,loss_error,e2,family,width\n")
        for i in range(36):
            params = 1e7 * 4.3 ** (i % 6) * (1 + 0.03 * (i % 5))
            tokens = 2e9 * 3.1 ** (i // 6) * (1 + 0.02 * (i % 7))
            noise = 0.012 * math.sin(12.9898 * i + 4.1)
            loss = (1.82 + 482 / params**0.3478 + 2085 / tokens**0.3658) * math.exp(noise)
            file.write(f"{params:.6g},{tokens:.6g},{6 * params * tokens:.8g},{loss:.8g},"
                       f"{params * (1 + 0.1 * (i % 2)):.6g},{tokens * (1 + 0.07 * (i % 3)):.6g},"
                       f"{5 * params * tokens:.8g},{loss * (1 + 0.01 * (i % 4)):.8g},1,{1 + i % 3},"
                       f"0.02,{0.01 + 0.01 * (i % 3)},{'ab'[i % 2]},{128 * (1 + i % 4)}\n")


def text_of(name):
    return open(f"{SOURCE}/inputs/data/{name}.tsv", encoding="utf-8").read().splitlines()


def write_table(name, change):
    """A table of the user's own: the header and the rows that `change` returns, changed."""
    lines = [line for line in text_of(name) if not line.startswith("#")]
    header = lines[0].split("\t")
    rows = []
    for line in lines[1:]:
        row = dict(zip(header, line.split("\t")))
        if change(row):
            rows.append("\t".join(row.get(column, "") for column in header))
    assert rows, name
    with open(f"own_{name}.tsv", "w", encoding="utf-8") as file:
        file.write("\n".join([lines[0], *rows]) + "\n")


def with_value(key, name, column, value):
    def change(row):
        if row[key] != name:
            return False
        row[column] = value
        return True

    return change


def write_tables():
    write_table("devices", with_value("id", "A100-SXM4-40", "power_watt", "417"))
    write_table("formats", with_value("precision", "fp8", "mfu_factor", "0.71"))
    write_table("grids", with_value("id", "USA", "carbon_kg_per_kwh", "0.417"))
    write_table("sites", with_value("id", "Google", "pue_ratio", "1.27"))
    write_table("optimizers", with_value("id", "adamw", "state_byte_per_param", "9"))
    write_table("elements", with_value("symbol", "Sn", "density_g_per_cm3", "4.1"))
    write_table("classes", with_value("id", "rohs", "members", "Pb Hg Cd Sn"))

    def composition(row):
        if row["device"] != "A100-SXM4-40" or row["reading"] != "A":
            return False
        if row["symbol"] == "Cu" and row["component"] == "heatsink":
            row["lo_g"], row["typical_g"], row["hi_g"] = "1101", "1180", "1245"
        return True

    write_table("materials", composition)
    own = False

    def mfu(row):
        nonlocal own
        if own or row["device"] != "A100-SXM4-40" or not row["mfu_ratio"] or not row["params"]:
            return False
        row["mfu_ratio"] = "0.137"
        own = True
        return True

    write_table("mfu", mfu)


STUDIES = {
    "fit": """
runs: {file: runs.csv}
law: {id: chinchilla}
fit: {replicates: 12, folds: 0, sensitivity: none, profile: false, held_out_share: 0}
""",
    "formula": """
runs: {file: runs.csv}
law: {formula: "loss_nat = E + A/params^alpha + B/tokens^beta", parameters: {E: {}, A: {}, B: {}, alpha: {}, beta: {}}}
fit: {replicates: 0, folds: 0, sensitivity: none, profile: false, held_out_share: 0}
""",
    "space": """
seed: 5
runs: {file: runs.csv}
law: {id: chinchilla}
fit: {replicates: 12, folds: 0, sensitivity: none, profile: false, held_out_share: 0}
space:
  params: {from: 1B, to: 20B, steps: 9}
  tokens: {from: 20B, to: 500B, steps: 8}
  precision: bf16
  mfu_ratio: 0.4
  lifespan_year: 4
  device: A100-SXM4-40
  grid: USA
  site: Google
objectives: [loss_nat, energy_kwh]
""",
    "design": """
law: {set: besiroglu2024}
space:
  params: 7.1B
  tokens: 190B
  precision: bf16
  mfu_ratio: 0.41
  lifespan_year: 4
  device: A100-SXM4-40
  grid: USA
  site: Google
""",
    "plan": """
seed: 5
runs: {file: runs.csv}
law: {id: chinchilla}
fit: {objective: least_squares, replicates: 12, folds: 0, sensitivity: none, profile: false}
space: {precision: bf16, mfu_ratio: 0.4, lifespan_year: 4, device: A100-SXM4-40, grid: USA, site: Google}
plan: {target_compute_flop: 1e23, params: {steps: 7}, tokens: {steps: 6}, budget: {compute_flop: 1e22}, runs: 4, draws: 4}
""",
    "simulate": """
simulate: {set: besiroglu2024, budgets_flop: [6e18, 3e19], points: 3}
""",
    "bayes": """
seed: 3
bayes:
  evaluator: command
  variables: {lr: {from: 1e-4, to: 0.1}, width: {from: 64, to: 512}}
  objectives: {loss: {ideal: 1, reference: 9}, hours: {ideal: 0.01, reference: 10}}
  command: [./train.sh, "{lr}", "{width}"]
  evaluations: 9
""",
    "replay": """
seed: 3
bayes:
  evaluator: replay
  table: table.csv
  variables: {lr: {from: 1e-4, to: 0.1}, width: {from: 64, to: 512}}
  objectives: {loss: {ideal: 1, reference: 9}, hours: {ideal: 0.01, reference: 10}}
  evaluations: 9
""",
    "none": "title: nothing\n",
}

TRAIN = """#!/bin/sh
awk -v lr="$1" -v width="$2" -v word="${3:-none}" 'BEGIN {
  print "loss =", 1.5 + (log(lr) / log(10) + 2.5) ^ 2 + 60 / width + (word == "more")
  print "hours =", width / 256
  print "memory_gb =", width / 10 }'
echo '{"loss": 2, "hours": 3}' >other.json
[ "${FAIL-}" = "" ] || exit 3
"""
def write_table_of_designs():
    with open("table.csv", "w", encoding="utf-8") as file, open("table2.csv", "w", encoding="utf-8") as other:
        for to, factor in ((file, 1), (other, 1.13)):
            to.write("lr,width,loss,hours\n")
            for i in range(8):
                for k in range(5):
                    lr, width = 1.1e-4 * 2.3**i, 70 + 90 * k
                    loss = 1.5 + (math.log10(lr) + 2.5) ** 2 + 60 / width
                    to.write(f"{lr:.6g},{width},{factor * loss:.6g},{width / 256:.6g}\n")



FAIL = """#!/bin/sh
n=$(cat "$SCALEFRONT_STUDY/tries" 2>/dev/null || echo 0)
echo $((n + 1)) >"$SCALEFRONT_STUDY/tries"
[ $((n % 5)) != 2 ] || exit 3
exec "$SCALEFRONT_STUDY/train.sh" "$@"
"""
SLOW = """#!/bin/sh
trap 'sleep 0.3; echo late >"$SCALEFRONT_STUDY/late"; exit 1' TERM
sleep 0.4 &
wait
exec "$SCALEFRONT_STUDY/train.sh" "$@"
"""

SHAPE = ("space.depth=32", "space.width=4096")


def variables(more):
    return f"bayes.variables={{lr: {{from: 1e-4, to: 0.1{more}}}, width: {{from: 64, to: 512}}}}"


def goals(more):
    return f"bayes.objectives={{loss: {{{more}}}, hours: {{ideal: 0.01, reference: 10}}}}"


def limits(more):
    return f"bayes.limits={{memory_gb: {{{more}}}}}"


OTHERS = ", E: {}, A: {}, B: {}, beta: {}"


def parameters(more, others=""):
    return f"law.parameters={{alpha: {{{more}}}{others}}}"


LOSS = "ideal: 1, reference: 9"
FAILS = 'bayes.command=[./fail.sh, "{lr}", "{width}"]'
DRAWS = ("band.draws=10", "band.epsilon_nat=0.0001")
SLOWLY = 'bayes.command=[./slow.sh, "{lr}", "{width}"]'
SERVED = (*SHAPE, "space.served_tokens=1T", "space.prompt_tokens=900", "space.output_tokens=300")
FLEET = ("space.goodput_model=daly", "space.fleet_devices=1000")
ASK = "allocate.questions=['minimise loss_nat at compute_flop <= 1e22 over params, tokens']"


ROWS = {
    "title": ("fit", "fit", "title=another"),
    "seed": ("fit", "fit", "seed=7"),
    "accept": ("fit", "fit", "accept=[outlier]", "accept=[compute_ratio]", "runs.columns={params: {column: params, scale: 3}}",
               [], "warning: compute_ratio"),
    "runs.file": ("fit", "fit", "runs.file=few.csv"),
    "runs.columns": ("fit", "fit", "runs.columns={params: N2}"),
    "runs.columns.params": ("fit", "fit", "runs.columns.params=N2"),
    "runs.columns.tokens": ("fit", "fit", "runs.columns.tokens=D2"),
    "runs.columns.compute_flop": ("fit", "fit", "runs.columns.compute_flop=C2", "law.id=power_compute"),
    "runs.columns.loss_nat": ("fit", "fit", "runs.columns.loss_nat=other_loss"),
    "runs.columns.weight": ("fit", "fit", "runs.columns.weight=w2"),
    "runs.columns.loss_error": ("fit", "fit", "runs.columns.loss_error=e2"),
    "runs.columns.NAME": ("fit", "formula", "runs.columns.width=w2", *(
        "law.inputs=params width", "law.formula=loss_nat = E + A/params^alpha + B/width^beta")),
    "runs.columns.NAME.column": ("fit", "fit", "runs.columns={params: {column: N2}}"),
    "runs.columns.NAME.scale": ("fit", "fit", "runs.columns={params: {column: params, scale: 1.3}}"),
    "runs.where": ("fit", "fit", 'runs.where=["family == a"]'),
    "runs.drop_highest_loss": ("fit", "fit", "runs.drop_highest_loss=2"),
    "law.id": ("fit", "fit", "law.id=power_compute"),
    "law.set": ("evaluate", "design", "law.set=hoffmann2022"),
    "law.from": ("evaluate", "design", "law={from: kept.h5}"),
    "law.formula": ("fit", "formula", "law.formula=loss_nat = E + A/params^alpha + 2*B/tokens^beta"),
    "law.inputs": ("fit", "formula", "law.inputs=params width", [], "unknown name 'tokens'"),
    "law.parameters": ("fit", "fit", "law.parameters={beta: {tie: alpha}}"),
    "law.parameters.NAME.lower": ("fit", "fit", parameters("lower: 0.37")),
    "law.parameters.NAME.upper": ("fit", "fit", parameters("upper: 0.3")),
    "law.parameters.NAME.start": ("fit", "formula", parameters("start: 0.9", OTHERS)),
    "law.parameters.NAME.transform": ("fit", "formula", parameters("transform: log", OTHERS)),
    "law.parameters.NAME.fixed": ("fit", "fit", parameters("fixed: 0.31")),
    "law.parameters.NAME.prior.mean": ("fit", "fit", parameters("prior: {mean: 0.41, sd: 0.01}"),
                                       parameters("prior: {mean: 0.31, sd: 0.01}")),
    "law.parameters.NAME.prior.sd": ("fit", "fit", parameters("prior: {mean: 0.41, sd: 0.02}"),
                                     parameters("prior: {mean: 0.41, sd: 0.01}")),
    "law.parameters.NAME.tie": ("fit", "fit", "law.parameters={beta: {tie: alpha}}"),
    "law.corrections": ("evaluate", "design", "law.corrections=[{kind: repetition, RD: 15}]", "space.unique_tokens=20B"),
    "law.corrections.set": ("evaluate", "design", "law.corrections=[{set: muennighoff2023, RD: 5}]", "space.unique_tokens=20B"),
    "law.corrections.kind": ("evaluate", "design", "law.corrections=[{kind: repetition, RD: 15}]", "space.unique_tokens=20B"),
    "law.corrections.from": ("evaluate", "design", "law.corrections=[{kind: repetition, from: kept.h5}]",
                             "space.unique_tokens=20B", [], "kept.h5"),
    "law.corrections.source": ("evaluate", "design", "law.corrections=[{kind: repetition, RD: 15, source: kumar2024}]",
                               "law.corrections=[{kind: repetition, RD: 15}]", "space.unique_tokens=20B"),
    "law.corrections.PARAMETER": ("evaluate", "design", "law.corrections=[{kind: repetition, RD: 16}]",
                                  "law.corrections=[{kind: repetition, RD: 15}]", "space.unique_tokens=20B"),
    "fit.objective": ("fit", "fit", "fit.objective=least_squares"),
    "fit.delta": ("fit", "fit", "fit.delta=0.01"),
    "fit.over_prediction": ("fit", "fit", "fit.over_prediction=3"),
    "fit.residual": ("fit", "fit", "fit.residual=linear"),
    "fit.starts": ("fit", "fit", "fit.starts=7"),
    "fit.start_grid": ("fit", "fit", "fit.start_grid={alpha: [0.2, 0.6]}"),
    "fit.start_grid.NAME": ("fit", "fit", "fit.start_grid.alpha=[0.2, 0.6]"),
    "fit.solver": ("fit", "fit", "fit.solver=nlopt"),
    "fit.replicates": ("fit", "fit", "fit.replicates=9"),
    "fit.resampling": ("fit", "fit", "fit.resampling=numpy_mt19937", "seed=7"),
    "fit.bootstrap": ("fit", "fit", "fit.bootstrap=residual"),
    "fit.cluster": ("fit", "fit", "fit.cluster=width", "fit.bootstrap=cluster", "fit.cluster=params"),
    "fit.profile": ("fit", "fit", "fit.profile=true"),
    "fit.confidence": ("fit", "fit", "fit.confidence=0.8"),
    "fit.target_compute_flop": ("fit", "fit", "fit.target_compute_flop=3e24"),
    "fit.folds": ("fit", "fit", "fit.folds=3"),
    "fit.held_out_share": ("fit", "fit", "fit.held_out_share=0.3"),
    "fit.sensitivity": ("fit", "fit", "fit.sensitivity=table"),
    "fit.compare": ("fit", "fit", "fit.compare=[kaplan_nd]"),
    "fit.compare.parameters": ("fit", "fit", "fit.compare=[{id: kaplan_nd, parameters: {aN: {fixed: 0.076}}}]",
                               "fit.compare=[kaplan_nd]"),
    "fit.approaches": ("fit", "fit", "fit.approaches=[1]"),
    "space": ("frontier", "space", "space.site=Arizona"),
    "space.INPUT.from": ("frontier", "space", "space.params.from=2B"),
    "space.INPUT.to": ("frontier", "space", "space.params.to=30B"),
    "space.INPUT.steps": ("frontier", "space", "space.params.steps=11"),
    "space.INPUT.step": ("frontier", "space", "space.params={from: 1B, to: 9B, step: 4B, integer: true}",
                         "space.params={from: 1B, to: 9B, step: 2B, integer: true}"),
    "space.INPUT.integer": ("frontier", "space", "space.params={from: 10, to: 20, steps: 9, integer: true}",
                            "space.params={from: 10, to: 20, steps: 9}", "law={set: besiroglu2024}", "fit.replicates=0"),
    "space.INPUT.formula": ("frontier", "space", "space.tokens={formula: 21 * params}", "space.tokens={formula: 20 * params}"),
    "space.INPUT.scale": ("frontier", "space", "space.params.scale=linear"),
    "space.INPUT.values": ("frontier", "space", "space.params={values: [1.1B, 3B]}"),
    "space.INPUT.role": ("frontier", "space", "space.mfu_ratio={values: [0.3, 0.4], role: scenario}",
                         "space.mfu_ratio={values: [0.3, 0.4]}", "accept_unpriced=[mfu_ratio]"),
    "accept_unpriced": ("frontier", "space", "accept_unpriced=[tokens]", "space.mfu_ratio={values: [0.3, 0.4]}",
                        "accept_unpriced=[mfu_ratio]", [], "or write accept_unpriced: [mfu_ratio]"),
    "space.INPUT.weights": ("frontier", "space", "space.grid={values: [USA, FRA], role: draw, weights: [1, 9]}",
                            "space.grid={values: [USA, FRA], role: draw, weights: [9, 1]}",
                            "objectives=[loss_nat, carbon_kg]", *DRAWS),
    "space.INPUT.combine": ("frontier", "space", "space.mfu_ratio={values: [0.3, 0.4], role: scenario, combine: worst}",
                            "space.mfu_ratio={values: [0.3, 0.4], role: scenario}"),
    "objectives": ("frontier", "space", "objectives=[loss_nat, carbon_kg]"),
    "constraints": ("frontier", "space", "constraints={energy_kwh: {max: 1 GWh}}"),
    "constraints.OUTCOME.min": ("frontier", "space", "constraints={energy_kwh: {min: 1 GWh}}"),
    "constraints.OUTCOME.max": ("frontier", "space", "constraints={energy_kwh: {max: 1 GWh}}"),
    "search.path": ("frontier", "space", "search.path=streaming"),
    "thin.points": ("frontier", "space", "thin.points=3"),
    "thin.epsilon": ("frontier", "space", "thin.epsilon=0.2"),
    "band.draws": ("frontier", "space", "band.draws=8"),
    "band.catalogue": ("frontier", "space", "band.catalogue=true", *DRAWS, "objectives=[loss_nat, embodied_carbon_kg]",
                       "space.device=[A100-SXM4-40, H100-SXM5-80]"),
    "band.epsilon_nat": ("frontier", "space", "band.epsilon_nat=0.01", *DRAWS),
    "band.keep": ("frontier", "space", "band.keep=0.9", "band.draws=10", "band.epsilon_nat=0.01"),
    "band.candidates": ("frontier", "space", "band.candidates=2", "band.draws=10", "band.epsilon_nat=0.01"),
    "footprint.amortisation": ("evaluate", "design", "footprint.amortisation=calendar", "footprint.utilisation_ratio=0.6"),
    "footprint.utilisation_ratio": ("evaluate", "design", "footprint.utilisation_ratio=0.6", "footprint.amortisation=utilised"),
    "observed.device_hour": ("evaluate", "design", "observed.device_hour=1e9", [], "space gives an MFU too"),
    "observed.duration_hour": ("evaluate", "design", "observed.duration_hour=1e9", [], "needs space.fleet_devices"),
    "observed.energy_kwh": ("evaluate", "design", "observed.energy_kwh=12345 kWh"),
    "observed.power_watt": ("evaluate", "design", "observed.power_watt=331"),
    "footprint.power_ratio": ("evaluate", "design", "footprint.power_ratio=0.7"),
    "footprint.power": ("evaluate", "design", "footprint.power=server"),
    "footprint.bound": ("evaluate", "design", "footprint.bound=hi"),
    "footprint.embodied": ("evaluate", "design", "footprint.embodied=server"),
    "footprint.cost": ("evaluate", "design", "footprint.cost=rental"),
    "footprint.counting": ("evaluate", "design", "footprint.counting=non_embedding", *SHAPE),
    "footprint.attention": ("evaluate", "design", "footprint.attention=true", *SHAPE),
    "footprint.embeddings": ("evaluate", "design", "footprint.embeddings=tied", "footprint.counting=non_embedding", *SHAPE),
    "footprint.serving": ("evaluate", "design", "footprint.serving=memory", *SERVED),
    "footprint.flop_per_byte": ("evaluate", "design", "footprint.flop_per_byte=100", *SERVED),
    "footprint.activations": ("evaluate", "design", "footprint.activations=all", *SHAPE, "space.microbatch_tokens=4096", "space.optimizer=adamw"),
    "footprint.mean_life_year": ("evaluate", "design", "footprint.mean_life_year=3", "space.lifespan_model=weibull"),
    "footprint.life_shape": ("evaluate", "design", "footprint.life_shape=2", "space.lifespan_model=weibull"),
    "footprint.progress_ratio": ("evaluate", "design", "footprint.progress_ratio=0.3", "space.lifespan_model=weibull"),
    "footprint.failures_per_device_hour": ("evaluate", "design", "footprint.failures_per_device_hour=1e-4", *FLEET),
    "footprint.checkpoint_hour": ("evaluate", "design", "footprint.checkpoint_hour=1 min", *FLEET),
    "footprint.restart_hour": ("evaluate", "design", "footprint.restart_hour=1", *FLEET),
    "catalogue.devices": ("evaluate", "design", "catalogue.devices=own_devices.tsv"),
    "catalogue.formats": ("evaluate", "design", "catalogue.formats=own_formats.tsv", "space.precision=fp8",
                          "space.device=H100-SXM5-80"),
    "catalogue.grids": ("evaluate", "design", "catalogue.grids=own_grids.tsv"),
    "catalogue.sites": ("evaluate", "design", "catalogue.sites=own_sites.tsv"),
    "catalogue.materials": ("evaluate", "design", "catalogue.materials=own_materials.tsv"),
    "catalogue.mfu": ("catalogue", "design", "catalogue.mfu=own_mfu.tsv"),
    "catalogue.optimizers": ("evaluate", "design", "catalogue.optimizers=own_optimizers.tsv", "space.optimizer=adamw"),
    "catalogue.elements": ("evaluate", "design", "catalogue.elements=own_elements.tsv"),
    "catalogue.classes": ("evaluate", "design", "catalogue.classes=own_classes.tsv"),
    "catalogue.reading": ("evaluate", "design", "catalogue.reading=B"),
    "catalogue.heavy_above_g_per_cm3": ("evaluate", "design", "catalogue.heavy_above_g_per_cm3=8"),
    "catalogue.class_columns": ("frontier", "space", "catalogue.class_columns=heavy"),
    "allocate.questions": ("allocate", "design", "allocate.questions=['minimise loss_nat at compute_flop <= 2e22 over params, tokens']", ASK),
    "allocate.vary": ("allocate", "design", "allocate.vary=[tokens]", "allocate.vary=[params, tokens]",
                      "allocate.questions=[minimise compute_flop at loss_nat <= 2.2]"),
    "allocate.method": ("allocate", "design", "allocate.method=nlopt", ASK),
    "simulate.set": ("simulate", "simulate", "simulate.set=hoffmann2022"),
    "simulate.budgets_flop": ("simulate", "simulate", "simulate.budgets_flop=[6e18, 4e19]"),
    "simulate.points": ("simulate", "simulate", "simulate.points=4"),
    "simulate.noise": ("simulate", "simulate", "simulate.noise=0.02"),
    "simulate.span": ("simulate", "simulate", "simulate.span=4"),
    "plan.params.from": ("plan", "plan", "plan.params.from=1e8"),
    "plan.params.to": ("plan", "plan", "plan.params.to=3e9"),
    "plan.params.steps": ("plan", "plan", "plan.params.steps=8"),
    "plan.tokens.from": ("plan", "plan", "plan.tokens.from=1e10"),
    "plan.tokens.to": ("plan", "plan", "plan.tokens.to=1e11"),
    "plan.tokens.steps": ("plan", "plan", "plan.tokens.steps=9"),
    "plan.budget.compute_flop": ("plan", "plan", "plan.budget.compute_flop=4e21"),
    "plan.budget.device_hour": ("plan", "plan", "plan.budget={device_hour: 3000}"),
    "plan.budget.energy_kwh": ("plan", "plan", "plan.budget={energy_kwh: 3000}"),
    "plan.budget.cost_usd": ("plan", "plan", "plan.budget={cost_usd: 3000}"),
    "plan.runs": ("plan", "plan", "plan.runs=2"),
    "plan.repeats": ("plan", "plan", "plan.repeats=3"),
    "plan.support": ("plan", "plan", "plan.support=8", "plan.params.to=3e11", "plan.tokens.to=1e13"),
    "plan.target": ("plan", "plan", "plan.target=exponent_a"),
    "plan.target_compute_flop": ("plan", "plan", "plan.target_compute_flop=1e24"),
    "plan.draws": ("plan", "plan", "plan.draws=7"),
    "plan.noise": ("plan", "plan", "plan.noise=0.05"),
    "plan.worth": ("plan", "plan", "plan.worth=0.9"),
    "bayes.evaluator": ("bayes", "replay", "bayes.evaluator=command", 'bayes.command=[./train.sh, "{lr}", "{width}"]'),
    "bayes.variables": ("bayes", "bayes", variables(", scale: log")),
    "bayes.variables.NAME.from": ("bayes", "bayes", "bayes.variables.lr.from=2e-4"),
    "bayes.variables.NAME.to": ("bayes", "bayes", "bayes.variables.lr.to=0.2"),
    "bayes.variables.NAME.scale": ("bayes", "bayes", "bayes.variables.lr.scale=log"),
    "bayes.variables.NAME.values": ("bayes", "bayes", "bayes.variables={lr: {values: [1e-3, 3e-3]}, width: {from: 64, to: 512}}"),
    "bayes.variables.NAME.unit": ("bayes", "bayes", "bayes.variables.lr.unit=per_step"),
    "bayes.objectives": ("bayes", "bayes", "bayes.objectives={loss: {ideal: 1, reference: 9}}"),
    "bayes.objectives.NAME.sense": ("bayes", "bayes", goals("ideal: 10, reference: 0.5, sense: maximise"), goals("ideal: 1, reference: 9")),
    "bayes.objectives.NAME.scale": ("bayes", "bayes", "bayes.objectives.loss.scale=log"),
    "bayes.objectives.NAME.reference": ("bayes", "bayes", "bayes.objectives.loss.reference=12"),
    "bayes.objectives.NAME.ideal": ("bayes", "bayes", "bayes.objectives.loss.ideal=0.5"),
    "bayes.objectives.NAME.noise_sd": ("bayes", "bayes", "bayes.objectives.loss.noise_sd=0.7"),
    "bayes.objectives.NAME.recover": ("bayes", "bayes", "bayes.objectives.loss.recover=8", FAILS,
                                      "bayes.on_failure=recover", goals(LOSS + ", recover: 7").replace(
                                          "reference: 10", "reference: 10, recover: 2")),
    "bayes.objectives.NAME.unit": ("bayes", "bayes", "bayes.objectives.loss.unit=nat"),
    "bayes.limits": ("bayes", "bayes", limits("max: 20")),
    "bayes.limits.NAME.min": ("bayes", "bayes", limits("min: 30"), limits("min: 10")),
    "bayes.limits.NAME.max": ("bayes", "bayes", limits("max: 20"), limits("max: 40")),
    "bayes.limits.NAME.recover": ("bayes", "bayes", limits("max: 40, recover: 1"), FAILS, "bayes.on_failure=recover",
                                  limits("max: 40, recover: 99"), goals(LOSS + ", recover: 7").replace(
                                      "reference: 10", "reference: 10, recover: 2")),
    "bayes.limits.NAME.unit": ("bayes", "bayes", limits("max: 40, unit: GB"), limits("max: 40")),
    "bayes.constraints": ("bayes", "bayes", 'bayes.constraints=["lr * width <= 10"]'),
    "bayes.command": ("bayes", "bayes", 'bayes.command=[./train.sh, "{lr}", "{width}", more]'),
    "bayes.output": ("bayes", "bayes", "bayes.output=other.json"),
    "bayes.table": ("bayes", "replay", "bayes.table=table2.csv"),
    "bayes.import": ("bayes", "bayes", "bayes.import=table.csv"),
    "bayes.evaluations": ("bayes", "bayes", "bayes.evaluations=7"),
    "bayes.time_hour": ("bayes", "bayes", "bayes.time_hour=1e-9", [], "stopped by seconds"),
    "bayes.hypervolume": ("bayes", "bayes", "bayes.hypervolume=0.01"),
    "bayes.stagnation": ("bayes", "replay", "bayes.stagnation=2", "bayes.evaluations=25"),
    "bayes.initial": ("bayes", "bayes", "bayes.initial=3"),
    "bayes.lag": ("bayes", "bayes", "bayes.lag=2"),
    "bayes.timeout_hour": ("bayes", "bayes", "bayes.timeout_hour=0.05 s", SLOWLY, "bayes.evaluations=1"),
    "bayes.retries": ("bayes", "bayes", "bayes.retries=2", FAILS),
    "bayes.on_failure": ("bayes", "bayes", "bayes.on_failure=abort", FAILS, [], "mend the cause and run the same command again"),
    "bayes.grace_hour": "test_bayes.sh stops searches within their grace",
    "bayes.kill_after_hour": ("bayes", "bayes", "bayes.kill_after_hour=1 s", "bayes.kill_after_hour=0.01 s", SLOWLY,
                              "bayes.evaluations=1", "bayes.timeout_hour=0.05 s", [], "", "late"),
    "bayes.keep_folders": ("bayes", "bayes", "bayes.keep_folders=true", [], "", "out.h5.evaluations/1.1"),
    "output": ("fit", "fit", "output=named.h5", [], "", "named.h5"),
}


def write_inputs():
    write_runs()
    write_tables()
    write_table_of_designs()
    lines = open("runs.csv", encoding="utf-8").read().splitlines()
    with open("few.csv", "w", encoding="utf-8") as file:
        file.write("\n".join(lines[:30]) + "\n")
    for name, text in STUDIES.items():
        with open(f"{name}.yaml", "w", encoding="utf-8") as file:
            file.write(text)
    for name, text in (("train.sh", TRAIN), ("fail.sh", FAIL), ("slow.sh", SLOW)):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o755)
    subprocess.run([PROGRAM, "fit", "fit.yaml", "--output", "kept.h5"], check=True, capture_output=True)


def figures_of(path):
    """A digest of all that a result holds but how it was made and what was asked."""
    digest = hashlib.sha256()

    def add(name, item):
        if name.split("/")[0] in ("study", "run"):
            return
        for key in sorted(item.attrs):
            if key not in ("REFERENCE_LIST", "DIMENSION_LIST"):
                digest.update(repr((name, key, item.attrs[key])).encode())
        if isinstance(item, h5py.Dataset):
            values = item[()]
            digest.update(repr((name, item.shape)).encode())
            digest.update(repr(values.tolist() if isinstance(values, numpy.ndarray) else values).encode())

    with h5py.File(path, "r") as file:
        digest.update(repr(file.attrs.get("title")).encode())
        file.visititems(add)
    return digest.hexdigest()


FILES = {"fit", "frontier", "band", "bayes"}


def run(job, study, settings, created=None):
    """Exit code, what the job said, and what tells its result."""
    for path in ("out.h5", "out.csv", "tries", "late", "named.h5"):
        if os.path.exists(path):
            os.remove(path)
    for path in ("out.h5.evaluations", "out.h5.journal"):
        shutil.rmtree(path, ignore_errors=True)
    command = [PROGRAM, job, f"{study}.yaml"]
    if not any(setting.startswith("output=") for setting in settings):
        command += ["--output", "out.h5"] if job in FILES else []
        command += ["--output", "out.csv"] if job in ("simulate", "plan") else []
    command += ["--json", "-"] if job in ("evaluate", "allocate", "validate") else []
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    result = done.stdout
    if os.path.exists("out.h5"):
        result = figures_of("out.h5")
    elif os.path.exists("out.csv"):
        result = open("out.csv", encoding="utf-8").read() + done.stdout
    return done.returncode, done.stdout + done.stderr, result, bool(created) and os.path.exists(created)


def check(key, row, kept):
    """What is wrong with the row, or None."""
    job, study, setting, *rest = row
    common, said, created = rest, None, None
    if [] in rest:
        at = rest.index([])
        common, said, created = rest[:at], rest[at + 1], (rest[at + 2] if len(rest) > at + 2 else None)
    base = (job, study, *common, created)
    if base not in kept:
        kept[base] = run(job, study, common, created)
    code, before, result, was_there = kept[base]
    if code not in (0, 6):
        return f"the run without it fails: {before.strip()[-300:]}"
    code, after, changed, is_there = run(job, study, [*common, setting], created)
    if created:
        return None if is_there and not was_there else f"{setting}: no {created}: {after.strip()[-300:]}"
    if said is not None:
        return None if said in after and said not in before else f"{setting}: not told {said!r}: {after.strip()[-300:]}"
    if code not in (0, 6):
        return f"{setting}: {after.strip()[-300:]}"
    return None if changed != result else f"{setting}: accepted, and the result is the same"


def refused(*arguments):
    """What the program says of a value that it does not take, or an empty text."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)
    last = (done.stderr.strip().splitlines() or [""])[-1]
    return last if done.returncode == 2 else ""


def check_page():
    """What docs/study.md offers is taken: defaults and ends of ranges of the keys; what an input has
    when nothing is said of it, 0 or inf, and the least value, in a study, by --set and in a table."""
    page = subprocess.run([PROGRAM, "--keys-page"], check=True, capture_output=True, text=True).stdout
    wrong = []
    rows = re.findall(r"^\| `([\w.]+)` \| [^|]* \| [^|]* \| ([^|]*?) ?\| ([^|]*?) ?\|", page, re.MULTILINE)
    offers = {"default": {}, "least": {}, "most": {}}
    for key, default, ends in rows:
        if re.search(r"INPUT|NAME|OUTCOME", key):
            continue
        limits = re.fullmatch(r"([\[(])(.*), (.*)([\])])", ends)
        offers["default"].update({key: default} if default else {})
        offers["least"].update({key: limits[2]} if limits and limits[1] == "[" else {})
        offers["most"].update({key: limits[3]} if limits and limits[4] == "]" and key != "seed" else {})
    for which, values in offers.items():
        told = refused("check", "none.yaml", *(word for key in values for word in ("--set", f"{key}={values[key]}")))
        if len(values) < 15 or "must be" in told or "expected one" in told:
            wrong.append(f"{which} of {len(values)} keys: {told}")
    inputs = re.findall(r"^\| `(\w+)` \| [^|]* \| ([\[(])([^,|]*), ([^\]|]*)\]( or inf)? \|", page, re.MULTILINE)
    values = {name: "inf" if inf else least for name, bracket, least, _, inf in inputs if inf or bracket == "["}
    with open("neutral.yaml", "w", encoding="utf-8") as file:
        file.write(STUDIES["design"] + "".join(f"  {name}: {value}\n" for name, value in values.items()))
    with open("neutral.csv", "w", encoding="utf-8") as file:
        file.write(",".join(values) + "\n" + ",".join(values.values()) + "\n")
    for arguments in (["neutral.yaml"], ["design.yaml", "--designs", "neutral.csv"],
                      ["design.yaml", *(word for name in values for word in ("--set", f"space.{name}={values[name]}"))]):
        told = refused("evaluate", *arguments)
        if told or len(values) < 15:
            wrong.append(f"{len(values)} inputs by {arguments[:3]}: {told}")
    return wrong


def main():
    write_inputs()
    page = subprocess.run([PROGRAM, "--keys"], check=True, capture_output=True, text=True).stdout
    keys = re.findall(r"^  (\w[\w.]*) ", page, re.MULTILINE)
    wanted = sys.argv[3:]
    kept, bad = {}, 0
    for key in keys:
        if wanted and key not in wanted:
            continue
        row = ROWS.get(key)
        if row is None:
            wrong = (f"no row in {os.path.basename(__file__)}: add \"{key}\": (job, study, setting, settings of both "
                     "runs...) whose result the key changes")
        else:
            wrong = None if isinstance(row, str) else check(key, row, kept)
        if wrong:
            print(f"FAIL: {key}: {wrong}")
            bad += 1
    for told in [] if wanted else check_page():
        print(f"FAIL: {told}")
        bad += 1
    for key in sorted(set(ROWS) - set(keys)):
        print(f"FAIL: {key}: a row of {os.path.basename(__file__)} for no key")
        bad += 1
    sys.exit(bad > 0)


main()
