#!/usr/bin/env python3
"""Runs ONNX files of kusari in onnxruntime and compares what they give with what kusari gave.

    python3 -m venv venv && venv/bin/pip install onnx onnxruntime numpy
    venv/bin/python tools/onnx/check.py            # has the tests write the files of every function, and checks them
    venv/bin/python tools/onnx/check.py FOLDER     # checks the files that lie there: NAME.onnx beside NAME.npz

An npz file holds the inputs as in/NAME and the outputs as out/NAME. Prints the largest difference for each function,
relative to 1 + |value|, and fails where one is above the tolerance.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

# float32: sums of at most some hundred products, in another order.
TOLERANCE = 2e-6


def difference(got, expected):
    """The largest difference relative to 1 + |expected|; infinite where shape, dtype or non-finite values differ."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return float("inf")
    if got.size == 0:
        return 0.0
    a, b = got.astype(np.float64), expected.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(a - b) / (1.0 + np.abs(b)))
    return float(np.where(np.isnan(apart), np.inf, apart).max())


def check(path):
    """The number of nodes and the largest difference of a file."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    values = np.load(path.with_suffix(".npz"))
    inputs = {key[3:]: values[key] for key in values if key.startswith("in/")}
    used = {x.name for x in session.get_inputs()}
    names = [y.name for y in session.get_outputs()]
    results = session.run(names, {key: x for key, x in inputs.items() if key in used})
    worst = max(difference(np.asarray(y), values[f"out/{name}"]) for name, y in zip(names, results))
    return len(model.graph.node), worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as temporary:
        if folder is None:
            folder = pathlib.Path(temporary)
            command = "cargo test -p kusari --test all --locked onnx::"
            subprocess.run(command.split(), check=True, env=os.environ | {"KUSARI_ONNX": str(folder)})
        table, failures = collections.OrderedDict(), []
        paths = sorted(folder.glob("*.onnx"))
        for path in paths:
            name = path.stem.split("-", 1)[1] if path.stem[:3].isdigit() else path.stem
            function = name.split(".")[0]
            try:
                nodes, worst = check(path)
            except Exception as error:  # onnx and onnxruntime have many kinds
                failures.append(f"{path.stem}: {str(error).strip().splitlines()[0]}")
                continue
            row = table.setdefault(function, [0, 0, 0.0])
            table[function] = [row[0] + 1, max(row[1], nodes), max(row[2], worst)]
            if not worst <= TOLERANCE:
                failures.append(f"{path.stem}: differs by {worst:.1e}")
    print(f"{'function':<40}{'files':>6}{'nodes':>7}{'difference':>12}")
    for function, (files, nodes, worst) in table.items():
        print(f"{function:<40}{files:>6}{nodes:>7}{worst:>12.1e}")
    print(f"{len(paths)} files of {len(table)} functions and models, {len(failures)} failures"
          f" (onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__})")
    for failure in failures:
        print(failure)
    sys.exit(1 if failures or not paths else 0)


if __name__ == "__main__":
    main()
