#!/usr/bin/env python3
"""Coverage of the intervals of new runs and of the mean on runs that the fit has not seen.

usage: prediction.py PROGRAM SOURCE_DIR SPLITS [DATA...]

For each data set and each of SPLITS random splits, 80 % of the runs are fitted by the program and the
other 20 % are evaluated by it; the share of their losses inside loss_nat_lo..loss_nat_hi, and inside
loss_nat_mean_lo..loss_nat_mean_hi, is the coverage. Last the fifth of the runs with most compute is
left out. Needs Python alone. Observations that are not there are passed over.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile


def rows_of_csv(path, params, tokens, loss):
    with open(path) as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            yield params(row), tokens(row), loss(row)


def quickstart(source):
    return rows_of_csv(source + "/inputs/studies/quickstart_runs.csv", lambda r: float(r["params"]),
                       lambda r: float(r["tokens"]), lambda r: float(r["loss_nat"]))


def gemstones(source):
    with open(source + "/../shared/data/gemstones/wandb_df_for_fitting_hot.jsonl") as file:
        for line in file:
            r = json.loads(line)
            yield r["params_active_precise"], r["tokens"], r["final_loss"]


def chinchilla(source):
    return rows_of_csv(source + "/../shared/data/epoch_chinchilla/svg_extracted_data.csv",
                       lambda r: float(r["Model Size"]),
                       lambda r: float(r["Training FLOP"]) / 6 / float(r["Model Size"]),
                       lambda r: float(r["loss"]))


def olmo(source):
    with open(source + "/../shared/data/olmo_ladder/olmo_ladder_step1.csv") as file:
        for r in csv.DictReader(file):
            if r["metric"] == "c4":
                yield float(r["params_N"]), float(r["tokens_D"]), float(r["loss_ma5"])


SETS = {"quickstart": quickstart, "gemstones": gemstones, "chinchilla": chinchilla, "olmo": olmo}
STUDY = "runs: {file: train.csv}\nfit: {replicates: 200, profile: false}\n"


def cover(program, folder, train, held):
    """How many of the held runs are inside each interval."""
    with open(folder + "/train.csv", "w") as file:
        file.write("params,tokens,loss_nat\n")
        file.writelines("%.17g,%.17g,%.17g\n" % row for row in train)
    with open(folder + "/held.csv", "w") as file:
        file.write("params,tokens\n")
        file.writelines("%.17g,%.17g\n" % row[:2] for row in held)
    with open(folder + "/study.yaml", "w") as file:
        file.write(STUDY)
    done = subprocess.run([program, "evaluate", "study.yaml", "--designs", "held.csv", "--csv",
                           "card.csv", "--force"], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    cards = list(csv.DictReader(open(folder + "/card.csv")))
    counts = {}
    for kind in ("", "mean_"):
        ends = [(float(c["loss_nat_%slo" % kind]), float(c["loss_nat_%shi" % kind])) for c in cards]
        counts[kind] = sum(lo <= row[2] <= hi for (lo, hi), row in zip(ends, held))
    return counts


def main():
    program, source, n_splits = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    print("data          runs  new run  lowest  highest   mean  |  largest out: x compute  new run   mean")
    for name in sys.argv[4:] or SETS:
        try:
            rows = list(SETS[name](source))
        except FileNotFoundError:
            print("%-12s not here" % name)
            continue
        n_held = len(rows) // 5
        shares, mean = [], []
        with tempfile.TemporaryDirectory() as folder:
            for k in range(n_splits):
                order = list(range(len(rows)))
                random.Random(1000 + k).shuffle(order)
                held = [rows[i] for i in order[:n_held]]
                train = [rows[i] for i in order[n_held:]]
                counts = cover(program, folder, train, held)
                shares.append(counts[""] / n_held)
                mean.append(counts["mean_"] / n_held)
            by_compute = sorted(rows, key=lambda r: r[0] * r[1])
            train, held = by_compute[:-n_held], by_compute[-n_held:]
            counts = cover(program, folder, train, held)
            reach = held[-1][0] * held[-1][1] / (train[-1][0] * train[-1][1])
        print("%-12s %5d  %6.1f%%  %5.1f%%   %5.1f%%  %4.1f%%  |  %22.3g  %6.1f%%  %4.1f%%" % (
            name, len(rows), 100 * sum(shares) / n_splits, 100 * min(shares), 100 * max(shares),
            100 * sum(mean) / n_splits, reach, 100 * counts[""] / n_held,
            100 * counts["mean_"] / n_held), flush=True)


main()
