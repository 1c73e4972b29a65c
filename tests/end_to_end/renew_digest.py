#!/usr/bin/python3
"""Give a result that was changed a content digest again, computed as docs/formats.md says and
without the program's help. Usage: renew_digest.py RESULT.h5... ; --check: exit code 1 if one has another."""
import hashlib
import struct
import sys

import h5py
import numpy

CHUNK_ROWS = 65536
OF_SCALES = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS"}
total = 0


def add(kind, path, name="", type_name="", shape=(), data=b""):
    global total
    text = b""
    for part in (kind, path, name, type_name):
        part = part.encode()
        text += struct.pack("<Q", len(part)) + part
    text += struct.pack("<Q", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape)
    text += struct.pack("<Q", len(data)) + data
    total += int.from_bytes(hashlib.sha256(text).digest(), "little")


def type_of(dtype):
    return "text" if dtype.kind == "S" else {"f": "f", "u": "u", "i": "i"}[dtype.kind] + str(
        dtype.itemsize)


def raw(value, dtype):
    return numpy.asarray(value, dtype=dtype).tobytes()


def attributes(path, o):
    for name in o.attrs:
        if name not in OF_SCALES:
            dtype, shape = o.attrs.get_id(name).dtype, o.attrs.get_id(name).shape
            add("attribute", path, name, type_of(dtype), shape, raw(o.attrs[name], dtype))


def visit(file, path, o):
    if isinstance(o, h5py.Group):
        if path != "/":
            add("group", path)
        attributes(path, o)
        for name in o:
            below = ("" if path == "/" else path) + "/" + name
            if below != "/run":
                visit(file, below, o[name])
        return
    values = raw(o[()], o.dtype) if o.size else b""
    if o.chunks:
        step = CHUNK_ROWS * o.dtype.itemsize
        values = b"".join(
            hashlib.sha256(values[i:i + step]).digest() for i in range(0, len(values), step))
    add("dataset", path, "", type_of(o.dtype), o.shape, values)
    attributes(path, o)
    for dimension in o.dims if "DIMENSION_LIST" in o.attrs else ():
        for scale in dimension.values():
            add("dimension", path, scale.name)


check = "--check" in sys.argv
for name in sys.argv[1:]:
    if name == "--check":
        continue
    with h5py.File(name, "r+") as result:
        total = 0
        visit(result, "/", result)
        found = hashlib.sha256((total % 2**256).to_bytes(32, "little")).hexdigest()
        if check and result["run/content_digest"][()].decode() != found:
            sys.exit(1)
        if not check:
            result["run/content_digest"][()] = found.encode()
