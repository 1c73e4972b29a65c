#!/usr/bin/env bash
# What a band says of every row, against brute force in numpy from the replicates in the file: each
# draw's best loss of all configurations of the level that cost no more, and the loss that 5 % more
# compute buys. The shares tell rows apart.
set -u
. "$(dirname "$0")/common.sh"

study=$bench/quickstart_010.yaml
small=(--set space.params.steps=24 --set space.tokens.steps=21 --set fit.replicates=120
  --set "space.mfu_ratio.values=[0.3, 0.5]" --set 'space.lifespan_year=3' --set 'objectives=[loss_nat, energy_kwh]')
expect 0 "" run_ranks 2 band "$study" "${small[@]}" --output band.h5
grep -q 'the loss that 5 % more compute buys at the row, 0.00[0-9]* to 0.00[0-9]* nat' out.txt \
  || complain "epsilon is not said: $(cat out.txt)"
expect 0 "" "$program" band "$study" "${small[@]}" --set band.epsilon_nat=0.0123 --output said.h5
expect 0 "cut=" "$program" band "$study" "${small[@]}" --set band.candidates=5 --output cut.h5
grep -q 'more configurations were on frontiers of draws' out.txt || complain "the cut is not said"
expect 0 "" "$program" check "$study" "${small[@]}"
grep -q '^band .* s and .* MB a rank more for 120 draws' out.txt || complain "check does not count the band"

/usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null || { skip "h5py or numpy is not installed"; exit $bad; }
/usr/bin/python3 - <<'END' || complain "the band is not that of brute force"
import h5py, numpy as np
file, said, cut = (h5py.File(n + ".h5", "r") for n in ("band", "said", "cut"))
E, A, B, a, b = file["fit/chinchilla/replicates"][:].T[:, :, None]
e, A0, B0, a0, b0 = file["fit/chinchilla/value"][:]
assert E.shape[0] == 120
# The grid of one scenario level: all are alike, since energy is compute times a constant of the level.
n = 1e9 * 200 ** (np.arange(24) / 23)
d = 20e9 * 1000 ** (np.arange(21) / 20)
N, D = (x.ravel() for x in np.meshgrid(n, d, indexing="ij"))
cost = 6 * N * D
loss = E + A / N ** a + B / D ** b
best = np.array([loss[:, cost <= c * (1 + 1e-12)].min(axis=1) for c in cost]).T
regret = np.where(loss - best < 1e-11, 0, loss - best)
point = lambda s: e + A0 / (N * s) ** a0 + B0 / (D * s) ** b0
epsilon = point(1) - point(1.05 ** .5)
within = (regret <= epsilon).mean(axis=0)
band = file["frontier/band"]
at = band["configuration"][:] % N.size
assert band.attrs["epsilon"] in ("the loss that 5 % more compute buys at the row", b"the loss that 5 % more compute buys at the row")
np.testing.assert_allclose(band["epsilon_nat"][:], epsilon[at], rtol=1e-9)
np.testing.assert_allclose(band["probability_within"][:], within[at], atol=1e-12)
np.testing.assert_allclose(band["regret_nat_95"][:], np.quantile(regret, .95, axis=0)[at], rtol=1e-5, atol=1e-9)
on = band["on_frontier"][:] == 1
rows = band["probability_within"][:][on]
assert rows.min() < .9 and rows.max() <= 1 and len(set(rows)) > 10, (rows.min(), rows.max())
# What the noise of a run would have said.
assert ((regret <= file["fit/chinchilla"].attrs["noise_floor"] * point(1)).mean(axis=0)[at][on] > .99).all()
# All that is at least band.keep is a row, and the keys of the study are kept.
off = np.setdiff1d(np.arange(N.size), at[on])
assert (within[off] >= .05).sum() * 4 == (~on).sum(), ((within[off] >= .05).sum(), (~on).sum())
assert set(said["frontier/band/epsilon_nat"][:]) == {.0123}
np.testing.assert_allclose(said["frontier/band/probability_within"][:], (regret <= .0123).mean(axis=0)[said["frontier/band/configuration"][:] % N.size], atol=1e-12)
c = cut["frontier/band"]
assert c.attrs["n_candidates"] == 4 * 5 and c.attrs["n_cut"] > 0, dict(c.attrs)
END
exit $bad
