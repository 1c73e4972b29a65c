#!/usr/bin/python3
"""Change one value of each dataset of a result in turn, outside /run, and see that the program
refuses each copy as damaged. Usage: damage.py PROGRAM RESULT.h5"""
import shutil
import subprocess
import sys

try:
    import h5py
    import numpy
except ImportError:
    print("h5py is not installed (Debian: python3-h5py)")
    sys.exit(77)

program, result = sys.argv[1:]
copy = "damaged.h5"
names = []
with h5py.File(result, "r") as file:
    file.visititems(lambda name, o: names.append(name) if isinstance(o, h5py.Dataset) else None)
names = [n for n in names if not n.startswith("run/")] + ["run/content_digest"]
bad = 0


def refused(what, text=""):
    """Whether the copy is refused with exit code 3 and the text."""
    global bad
    run = subprocess.run([program, "report", copy], capture_output=True, text=True)
    if run.returncode != 3 or "damaged" not in run.stderr or text not in run.stderr:
        print(f"FAIL: {result}: {what}: exit code {run.returncode}: {run.stderr[-200:]}")
        bad = 1


for name in names:
    shutil.copy(result, copy)
    with h5py.File(copy, "r+") as file:
        dataset = file[name]
        if dataset.size == 0:
            continue
        if dataset.shape == ():
            raw = numpy.frombuffer(dataset[()], dtype="u1").copy()
            raw[-1] ^= 1
            dataset[()] = raw.tobytes()
        else:
            raw = dataset[...].copy()
            raw.reshape(-1).view("u1")[0] ^= 1
            dataset[...] = raw
    refused(name)
with h5py.File(result, "r") as file:
    law = next(iter(file["fit"]))
for name, value in (("theta", numpy.nan), ("range_upper", numpy.inf)):
    shutil.copy(result, copy)
    with h5py.File(copy, "r+") as file:
        file[f"fit/{law}/{name}"][0] = value
        del file["run"]  # a file without a digest
    refused(name, f"fit/{law}/{name}")
sys.exit(bad)
