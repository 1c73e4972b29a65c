"""The limits of profiles, held against a slower profile by scipy: is a limit that is said not to
exist really not there, and is one that is said to exist where the objective passes the threshold?

Usage: limits_scipy.py PROGRAM DATA [FITS]. DATA is the folder of the public observations; those that
are absent are left out. Fits up to FITS data sets (all) of the law `chinchilla` by both objectives,
with the least compute or the largest models left out in turn, and simulated ones with few runs.
For every figure whose side has no limit, the figure is held at values up to where the program
followed it and, for a flat side, ten times further (of logarithms: to another factor of 1,000),
and the rest is minimised from several starts by least_squares with its own gradient of Huber's sum.
For every side with a limit the figure is held there and a twentieth further out.
Prints a line for each disagreement and a table of the ends of all sides; exit code 1 with any.
"""

import collections
import csv
import json
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from scipy.optimize import least_squares

TERM = np.log([1e-6, 1e3])  # bounds of a term at the centre of the data
FLOOR = np.log([1e-4, 20.0])
EXPONENT = np.array([0.01, 2.0])
NAMES = ["E", "A", "B", "alpha", "beta", "exponent_params", "optimum_params", "optimum_tokens",
         "optimum_loss_nat"]
IS_LOG = [True, True, True, False, False, False, True, True, False]


class Oracle:
    """The objective of one data set over (ln E, ln of both terms at the centre, exponents)."""

    def __init__(self, params, tokens, loss, delta):
        x, y = np.log(params), np.log(tokens)
        self.centre = np.array([x.mean(), y.mean()])
        self.x, self.y = x - self.centre[0], y - self.centre[1]
        self.target, self.delta = np.log(loss), delta
        self.lower = np.array([FLOOR[0], TERM[0], TERM[0], EXPONENT[0], EXPONENT[0]])
        self.upper = np.array([FLOOR[1], TERM[1], TERM[1], EXPONENT[1], EXPONENT[1]])

    def residuals(self, z):
        terms = np.exp([np.full_like(self.x, z[0]), z[1] - z[3] * self.x, z[2] - z[4] * self.y])
        loss = terms.sum(axis=0)
        share = terms / loss
        gradient = np.array([share[0], share[1], share[2], -share[1] * self.x, -share[2] * self.y])
        return np.log(loss) - self.target, gradient.T

    def value(self, z):
        r = np.abs(self.residuals(z)[0])
        return np.where(r <= self.delta, 0.5 * r * r, self.delta * (r - 0.5 * self.delta)).sum()

    def natural(self, z):
        """theta of the law from centred values."""
        return np.array([z[0], z[1] + z[3] * self.centre[0], z[2] + z[4] * self.centre[1], z[3], z[4]])

    def figure(self, k, z, compute):
        theta = self.natural(z)
        if k < 5:
            return theta[k]
        alpha, beta = theta[3], theta[4]
        a = beta / (alpha + beta)
        log_product = np.log(compute / 6.0)
        log_params = (theta[1] - theta[2] + np.log(alpha / beta)) / (alpha + beta) + a * log_product
        if k == 5:
            return a
        if k == 6:
            return log_params
        if k == 7:
            return log_product - log_params
        return np.exp(theta[0]) + np.exp(theta[1] - alpha * log_params) + np.exp(
            theta[2] - beta * (log_product - log_params))

    def least(self, k, value, compute, starts):
        """Least objective with figure k at a value, by a stiff residual that pulls it there."""
        best, at = np.inf, None
        for start in starts:
            z = np.clip(start, self.lower + 1e-9, self.upper - 1e-9)
            for stiffness in (1e2, 1e4, 1e6):

                def f(z):
                    r = self.residuals(z)[0]
                    size = np.abs(r)
                    # a square of which half is Huber's rho
                    rho = np.where(size <= self.delta, r * r, self.delta * (2.0 * size - self.delta))
                    pull = stiffness * self.delta * (self.figure(k, z, compute) - value)
                    return np.append(np.sign(r) * np.sqrt(rho), pull)

                def jacobian(z):
                    r, g = self.residuals(z)
                    size = np.abs(r)
                    rho = np.where(size <= self.delta, r * r, self.delta * (2.0 * size - self.delta))
                    slope = np.where(size <= self.delta, 1.0, self.delta / np.sqrt(rho))
                    pull = np.empty(5)
                    for i in range(5):
                        h = 1e-6
                        up, down = z.copy(), z.copy()
                        up[i] += h
                        down[i] -= h
                        pull[i] = (self.figure(k, up, compute) - self.figure(k, down, compute)) / (2 * h)
                    return np.vstack([g * slope[:, None], stiffness * self.delta * pull])

                try:
                    z = least_squares(f, z, jacobian, (self.lower, self.upper), xtol=1e-13, ftol=1e-13,
                                      gtol=1e-13, x_scale="jac", max_nfev=400).x
                except ValueError:
                    break
                z = np.clip(z, self.lower + 1e-12, self.upper - 1e-12)
            off = abs(self.figure(k, z, compute) - value)
            if off <= 1e-6 * (1.0 + abs(value)) and self.value(z) < best:
                best, at = self.value(z), z
        return best, at


def rows_of(data, name, columns, keep=lambda row: True):
    path = os.path.join(data, name)
    if not os.path.exists(path):
        return None
    with open(path, newline="") as file:
        if path.endswith(".jsonl"):
            rows = [json.loads(line) for line in file]
        else:
            rows = list(csv.DictReader(file))
    return np.array([[float(row[c]) for c in columns] for row in rows if keep(row)])


def public(data):
    """(name, array of params, tokens, loss)"""
    epoch = rows_of(data, "epoch_chinchilla/svg_extracted_data.csv", ["Model Size", "Training FLOP", "loss"])
    if epoch is not None:
        epoch[:, 1] /= 6.0 * epoch[:, 0]
        yield "epoch", epoch[np.argsort(epoch[:, 2])[:240]]
    for name in ("hot", "slim_chinchilla"):
        yield "gemstones " + name, rows_of(data, f"gemstones/wandb_df_for_fitting_{name}.jsonl",
                                           ["params_active_precise", "tokens", "final_loss"])
    yield "kyotakano", rows_of(data, "kyotakano/chinchilla_subset_234.csv", ["N", "D", "loss"])
    yield "datablations", rows_of(data, "datablations/datablations_all.csv", ["params_N", "tokens_D", "val_loss"],
                                  lambda row: float(row["tokens_D"]) <= 2.5 * float(row["unique_tokens_U"]))
    path = os.path.join(data, "isoflops_openathena/isoflops.csv")
    if os.path.exists(path):
        with open(path, newline="") as file:
            names = sorted({row["experiment"] for row in csv.DictReader(file)})
        for name in names:
            yield "isoflops " + name, rows_of(data, "isoflops_openathena/isoflops.csv", ["params", "tokens", "loss"],
                                              lambda row, name=name: row["experiment"] == name)
    path = os.path.join(data, "olmo_ladder/olmo_ladder_step1.csv")
    if os.path.exists(path):
        with open(path, newline="") as file:
            names = sorted({row["task"] for row in csv.DictReader(file)})
        for name in names:
            yield "olmo " + name, rows_of(data, "olmo_ladder/olmo_ladder_step1.csv",
                                          ["params_N", "tokens_D", "loss_ma5"],
                                          lambda row, name=name: row["task"] == name and row["mode"] == "train")


def subsets(name, rows):
    compute = rows[:, 0] * rows[:, 1]
    yield name, rows
    if len(rows) >= 24:
        yield name + ", upper half", rows[compute >= np.median(compute)]
        yield name + ", smaller models", rows[rows[:, 0] <= np.quantile(rows[:, 0], 0.6)]
        yield name + ", every third", rows[::3]


def simulated():
    generator = np.random.default_rng(2385)
    for i in range(24):
        n, noise = (12, 18, 30, 60)[i % 4], (0.003, 0.01, 0.03)[i % 3]
        compute = 6e18 * 3.1 ** generator.integers(0, 4, n)
        params = np.sqrt(compute / 120.0) * np.exp(generator.uniform(-2.0, 2.0, n))
        tokens = compute / (6.0 * params)
        loss = 1.8172 + 482.01 * params**-0.3478 + 2085.43 * tokens**-0.3658
        yield f"simulated {i}: {n} runs, noise {noise}", np.column_stack(
            [params, tokens, loss * np.exp(noise * generator.normal(size=n))])


def all_sets(data):
    for name, rows in public(data):
        if rows is not None:
            yield from subsets(name, rows)
    yield from simulated()


def fit(program, rows, objective, folder):
    with open(os.path.join(folder, "runs.csv"), "w") as file:
        file.write("params,tokens,loss\n")
        for row in rows:
            file.write(",".join(repr(float(v)) for v in row) + "\n")
    replicates = 100 if objective == "huber" else 0
    with open(os.path.join(folder, "s.yaml"), "w") as file:
        file.write("runs: {file: runs.csv}\nlaw: {id: chinchilla}\n"
                   f"fit: {{objective: {objective}, replicates: {replicates}, sensitivity: none, folds: 0, "
                   "held_out_share: 0}\n")
    output = os.path.join(folder, "fit.h5")
    ran = subprocess.run([program, "fit", "s.yaml", "--force", "--output", output], cwd=folder,
                         capture_output=True, text=True, check=False)
    return output if ran.returncode == 0 else None


def sides(output):
    """Of each figure and side: end, limit (NaN), reached, threshold."""
    with h5py.File(output) as file:
        group = file["fit/chinchilla"]
        read = {name: group[name][()] for name in group if isinstance(group[name], h5py.Dataset)}
        compute = float(group.attrs["target_compute_flop"]) if "target_compute_flop" in group.attrs else None
        theta, objective = read["theta"], float(read["optimum_objective"][0])
        ends = None
        if "profile_lower_end" in read:
            meanings = group["profile_lower_end"].attrs["flag_meanings"]
            meanings = (meanings.decode() if isinstance(meanings, bytes) else meanings).split()
            ends = [[meanings[v] for v in read["profile_lower_end"]],
                    [meanings[v] for v in read["profile_upper_end"]]]
    made = []
    for k in range(len(read["profile_threshold"])):
        for s, side in enumerate(("lower", "upper")):
            limit = read["profile_" + side][k]
            end = ends[s][k] if ends else ("limit" if np.isfinite(limit) else "none")
            made.append((k, s, end, limit, read["profile_value"][k][-s], read["profile_threshold"][k],
                         read["profile_value"][k][8]))
    return made, theta, objective, compute


def held(k, natural):
    return np.log(natural) if IS_LOG[k] else natural


def check(name, rows, objective, output, counts):
    made, theta, least, compute = sides(output)
    delta = 1e-3 if objective == "huber" else 1e3
    oracle = Oracle(*rows.T, delta)
    z = theta.copy()
    z[1] -= z[3] * oracle.centre[0]
    z[2] -= z[4] * oracle.centre[1]
    n_bad = 0
    generator = np.random.default_rng(7)
    spread = [z + generator.normal(size=5) * [0.3, 0.5, 0.5, 0.1, 0.1] for _ in range(3)]
    for k, s, end, limit, reached, threshold, at in made:
        counts[NAMES[k], end] += 1
        start, step = held(k, at), held(k, limit if end == "limit" else reached) - held(k, at)
        if end == "limit":
            value, _ = oracle.least(k, start + step, compute, [z] + spread[:1])
            rise = value - least
            if rise < 0.98 * threshold:
                further, _ = oracle.least(k, start + 1.3 * step, compute, [z] + spread)
                print(f"{name} ({objective}): {NAMES[k]} side {s}: at the limit {limit:.6g} the rise is "
                      f"{rise / threshold:.4f} of the threshold, a third beyond {(further - least) / threshold:.4f}")
                n_bad += 1
            continue
        if not np.isfinite(step) or step == 0.0:
            continue
        points = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0] + ([1.3, 2.0] if end == "flat" else [])
        last = [z] + spread
        for part in points:
            value, found = oracle.least(k, start + part * step, compute, last)
            rise = (value - least) / threshold
            if np.isfinite(value) and rise > 1.02:
                print(f"{name} ({objective}): {NAMES[k]} side {s} is said to be {end} to {reached:.6g}, but at "
                      f"{start + part * step:.6g} the rise is {rise:.3f} of the threshold")
                n_bad += 1
                break
            last = [z] + spread[:1] + ([found] if found is not None else [])
        # What the program says of the end itself: beyond it, is there a limit that it missed?
        if end in ("none", "not_followed"):
            for part in (1.1, 1.5, 3.0, 10.0):
                value, found = oracle.least(k, start + part * step, compute, last)
                if np.isfinite(value) and value - least > 1.02 * threshold:
                    print(f"{name} ({objective}): {NAMES[k]} side {s} is {end} beyond {reached:.6g}; scipy finds "
                          f"a limit before {part} times that distance")
                    n_bad += end == "none"
                    break
                last = [z] + ([found] if found is not None else [])
    return n_bad


def main(program, data, most):
    counts = collections.Counter()
    n_bad = n_fits = n_failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in all_sets(data):
            for objective in ("huber", "least_squares"):
                if n_fits >= most:
                    break
                output = fit(os.path.abspath(program), rows, objective, folder)
                if output is None:
                    n_failed += 1
                    continue
                n_fits += 1
                n_bad += check(name, rows, objective, output, counts)
                sys.stdout.flush()
    ends = sorted({end for _, end in counts})
    print(f"{n_fits} fits ({n_failed} refused), {n_bad} sides that scipy contradicts")
    print(f"{'sides':18s}" + "".join(f"{end:>14s}" for end in ends))
    for figure in NAMES:
        print(f"{figure:18s}" + "".join(f"{counts[figure, end]:14d}" for end in ends))
    return n_bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10**9))
