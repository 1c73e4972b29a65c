#!/usr/bin/python3
"""Open a result file as its readers do, without this project's help: h5py, xarray by both of its
netCDF-4 engines, and ncdump. Usage: open_result.py RESULT.h5
Exits 0 when all can read it, and 77 when what is installed can; prints `skipped: ...` for what is not. Debian's own
interpreter is named above because python3-h5py and python3-xarray are packages of it."""
import importlib.util
import re
import shutil
import subprocess
import sys


def require(condition, text):
    if not condition:
        sys.exit(f"{sys.argv[1]}: {text}")


def text_of(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def check_columns_h5py(group):
    """All columns are as long as the dimension, attached to it, and say what they are."""
    n = group["point"].shape[0]
    senses = set()
    for name, column in group.items():
        if "role" not in column.attrs:
            continue
        require(column.shape == (n,), f"{name}: has not {n} rows")
        require("point" in column.dims[0].keys(), f"{name}: is not along the dimension point")
        if text_of(column.attrs["role"]) == "objective":
            require("units" in column.attrs, f"{name}: an objective without units")
            senses.add(text_of(column.attrs["sense"]))
        if "flag_meanings" in column.attrs:
            words = text_of(column.attrs["flag_meanings"]).split(" ")
            codes = column[:]
            require(len(words) == len(column.attrs["flag_values"]), f"{name}: flags do not match")
            require(n == 0 or (codes.min() >= 0 and codes.max() < len(words)), f"{name}: codes")
    require(senses and senses <= {"minimise", "maximise"}, f"senses of the objectives: {senses}")
    return n


def check_h5py(path):
    import h5py

    n = None
    with h5py.File(path, "r") as file:
        require("study" in file, "holds no group study")
        if "frontier" in file:
            n = check_columns_h5py(file["frontier"])
        for law, fit in file.get("fit", {}).items():
            require(text_of(fit.attrs["law"]) == law, f"fit/{law}: names another law")
            k = fit["parameter"].shape[0]
            require(fit["value"].shape == (k,), f"fit/{law}: not one value a parameter")
            require(fit["replicates"].shape[1] == k, f"fit/{law}: replicates of another shape")
        if "run" in file:
            digest = text_of(file["run/content_digest"][()])
            require(re.fullmatch("[0-9a-f]{64}", digest), f"content digest: {digest}")
        return n, list(file.get("fit", {})), "frontier" in file


def names_h5py(path, law):
    """Names of the parameters of a law, joined from the characters in the file."""
    import h5py

    with h5py.File(path, "r") as file:
        rows = file[f"fit/{law}/parameter_name"][:]
    return [b"".join(row).decode("utf-8") for row in rows]


def check_xarray(path, engine, n, laws, has_frontier):
    import xarray

    if has_frontier:
        with xarray.open_dataset(path, group="/frontier", engine=engine) as table:
            require(dict(table.sizes) == {"point": n}, f"{engine}: dimensions {dict(table.sizes)}")
            require("point" in table.coords, f"{engine}: point is no coordinate")
            for name, column in table.data_vars.items():
                require(column.dims == ("point",), f"{engine}: {name}: not along point")
                require(column.values.shape == (n,), f"{engine}: {name}: not {n} values")
    for law in laws:
        with xarray.open_dataset(path, group=f"/fit/{law}", engine=engine) as fit:
            names = [text_of(v) for v in fit["parameter_name"].values.ravel()]
            require(names == names_h5py(path, law), f"{engine}: fit/{law}: parameters {names}")
            require("sentence" in fit.attrs, f"{engine}: fit/{law}: no verdict")


def check_ncdump(path, n, has_frontier):
    head = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True)
    require(head.returncode == 0, f"ncdump -h fails: {head.stderr}")
    if has_frontier:
        # netCDF shows a dimension of length 0 as an unlimited one.
        shown = f"point = {n} ;" if n > 0 else "point = UNLIMITED ; // (0 currently)"
        require(shown in head.stdout, f"ncdump -h does not show: {shown}")
        require(":units = " in head.stdout, "ncdump -h shows no units")
    whole = subprocess.run(["ncdump", path], capture_output=True)
    require(whole.returncode == 0, "ncdump fails on the values")


def is_installed(module):
    return importlib.util.find_spec(module) is not None


def main():
    path = sys.argv[1]
    if not is_installed("h5py"):
        print("skipped: h5py is not installed (Debian: python3-h5py)")
        sys.exit(77)
    all_there = True
    n, laws, has_frontier = check_h5py(path)
    for engine, module in (("h5netcdf", "h5netcdf"), ("netcdf4", "netCDF4")):
        if is_installed("xarray") and is_installed(module):
            check_xarray(path, engine, n, laws, has_frontier)
        else:
            all_there = False
            print(f"skipped: xarray with {engine} is not installed "
                  f"(Debian: python3-xarray, python3-{module.lower()})")
    if shutil.which("ncdump"):
        check_ncdump(path, n, has_frontier)
    else:
        all_there = False
        print("skipped: ncdump is not installed (Debian: netcdf-bin)")
    print(f"opened: {path}: {n if has_frontier else 'no'} rows, fits: {', '.join(laws) or 'none'}")
    sys.exit(0 if all_there else 77)


main()
