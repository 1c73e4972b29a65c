"""The fit of bench_fit.c as a user of scipy would do it: BFGS with the analytic gradient.

Usage: baseline_scipy.py FOLDER DELTA SCALE. FOLDER holds runs.csv, a line `x,y,target` for each run
(centred inputs, logarithm of the loss), and starts.csv, a line `ln E,ln A,ln B,alpha,beta` for each
start. The objective is multiplied by SCALE, without which BFGS stops early.
Prints the seconds that all starts take, the least of three times, and then the objective of each.
"""

import sys
import time

import numpy as np
from scipy.optimize import minimize

REPEATS = 3


def read(folder, name):
    return np.loadtxt(f"{folder}/{name}.csv", delimiter=",")


def main(folder, delta, scale):
    x, y, target = read(folder, "runs").T
    starts = read(folder, "starts")

    def objective(z):
        """Huber's sum and its gradient."""
        terms = np.exp([np.full_like(x, z[0]), z[1] - z[3] * x, z[2] - z[4] * y])
        loss = terms.sum(axis=0)
        r = np.log(loss) - target
        size = np.abs(r)
        value = np.where(size <= delta, 0.5 * r * r, delta * (size - 0.5 * delta)).sum()
        first = np.clip(r, -delta, delta) / loss * terms
        gradient = np.append(first.sum(axis=1), [-first[1] @ x, -first[2] @ y])
        return scale * value, scale * gradient

    seconds = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        ends = [minimize(objective, z, jac=True, method="BFGS").fun / scale for z in starts]
        seconds.append(time.perf_counter() - begun)
    print(min(seconds), *ends)


with np.errstate(over="ignore", invalid="ignore"):
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
