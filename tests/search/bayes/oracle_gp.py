#!/usr/bin/python3
"""What scikit-learn makes of the Gaussian process of test_gp.c. Usage: oracle_gp.py FILE

FILE: a line `n_variables n n_designs`; a line with the number of categories of each variable, 0 for
a number; a line `variance nugget length...` (theta for a category), not as logarithms; n lines of
coordinates, standard deviation of the noise and y; n_designs lines of coordinates.
Prints mean and standard deviation at each design; then what each of the n values is off from what
the others let expect, in standard deviations; then the logarithm of the marginal likelihood and its
derivatives by the logarithms of variance, nugget and lengths; all under the constant mean that
maximises that likelihood.

A category is a Matern-1/2 kernel over its one-hot columns: two of them are sqrt(2) apart, so
exp(-theta) = exp(-sqrt(2) / length)."""
import sys

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

LONG = 1e15  # a length at which a column plays no part


def columns(u, levels):
    """Numbers as they are, categories one-hot (their coordinates are centres of cells)."""
    made = []
    for x, n in zip(u.T, levels):
        code = (x * n).astype(int)
        made.append(np.eye(n)[code] if n > 0 else x[:, None])
    return np.hstack(made)


def main(path):
    with open(path) as file:
        d, n, _ = map(int, file.readline().split())
        levels = list(map(int, file.readline().split()))
        variance, nugget, *lengths = map(float, file.readline().split())
        rows = [list(map(float, line.split())) for line in file]
    data, designs = np.array(rows[:n]), np.array(rows[n:])
    # One factor for all numbers, one for each category; each sees the other columns at no distance.
    owner = np.repeat(np.arange(d), [max(count, 1) for count in levels])
    is_number = np.array([count == 0 for count in levels])
    kernel = ConstantKernel(variance)
    kernel *= Matern([lengths[i] if is_number[i] else LONG for i in owner], nu=2.5)
    for c in np.flatnonzero(~is_number):
        kernel *= Matern([np.sqrt(2) / lengths[c] if i == c else LONG for i in owner], nu=0.5)
    kernel += WhiteKernel(nugget)

    y = data[:, d + 1]
    mean, scale = y.mean(), y.std()
    noise = (data[:, d] / scale) ** 2
    x, z = columns(data[:, :d], levels), (y - mean) / scale
    whole = np.linalg.inv(kernel(x) + np.diag(noise))
    centre = whole.sum(0) @ z / whole.sum()

    def fit(rows):
        model = GaussianProcessRegressor(kernel, alpha=noise[rows], optimizer=None)
        return model.fit(x[rows], z[rows] - centre)

    gp = fit(np.arange(n))
    at, sd = gp.predict(columns(designs, levels), return_std=True)
    for m, s in zip(at, sd):
        print(f"{mean + scale * (centre + m):.17g} {scale * np.sqrt(s * s - nugget):.17g}")
    for i in range(n):
        at, sd = fit(np.arange(n) != i).predict(x[i : i + 1], return_std=True)
        print(f"{(z[i] - centre - at[0]) / np.sqrt(sd[0] ** 2 + noise[i]):.17g}")
    value, by = gp.log_marginal_likelihood(kernel.theta, eval_gradient=True)
    # Of each length the sum over its columns in all factors; a theta falls as its length grows.
    by_length = np.zeros(d)
    np.add.at(by_length, np.tile(owner, 1 + np.sum(~is_number)), by[1:-1])
    by_length *= np.where(is_number, 1.0, -1.0)
    print(f"{value:.17g} {by[0]:.17g} {by[-1]:.17g}", *(f"{g:.17g}" for g in by_length))


main(sys.argv[1])
