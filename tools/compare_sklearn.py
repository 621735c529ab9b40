#!/usr/bin/env python3
"""Cross-validated scores of `kusari train` and of scikit-learn's MLP with scaled inputs, side by side.

Needs scikit-learn and pandas, and a release build of the command:
    cargo build --release && python3 tools/compare_sklearn.py
Files can be named; the last column is the target. Both train on the same number of folds, and neither is given any option.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile
import warnings

import pandas
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = pathlib.Path(__file__).resolve().parent.parent


def sklearn_score(file, folds, repeats):
    data = pandas.read_csv(file)
    x, y = data.iloc[:, :-1], data.iloc[:, -1]
    if y.dtype.kind in "if":
        model, splits = MLPRegressor(random_state=0, max_iter=1000), RepeatedKFold
    else:
        model, splits = MLPClassifier(random_state=0, max_iter=1000), RepeatedStratifiedKFold
    folds = splits(n_splits=folds, n_repeats=repeats, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a thousand epochs may be too few to converge
        scores = cross_val_score(make_pipeline(StandardScaler(), model), x, y, cv=folds)
    return scores.mean(), scores.std()


def kusari_score(command, file, folds, repeats):
    with tempfile.TemporaryDirectory() as out:
        arguments = [command, "train", file, "--folds", folds, "--repeat", repeats, "--out", out]
        run = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=True)
    line = next(line for line in run.stdout.splitlines() if line.startswith("mean ± sd"))
    name, mean, deviation = re.search(r": (.+?) (-?[\d.]+) ± ([\d.]+)", line).groups()
    return name, float(mean), float(deviation)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = ROOT / "crates/cli/tests/data"
    parser.add_argument("files", nargs="*", default=[data / f"{n}.csv" for n in ("iris", "wine", "diabetes")])
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--kusari", default=ROOT / "target/release/kusari")
    options = parser.parse_args()
    print(f"{'data':16} {'score':9} {'kusari':18} scikit-learn MLP")
    for file in options.files:
        name, mean, deviation = kusari_score(options.kusari, file, options.folds, options.repeat)
        other, spread = sklearn_score(file, options.folds, options.repeat)
        print(f"{pathlib.Path(file).stem:16} {name:9} {mean:.4f} ± {deviation:.4f}    {other:.4f} ± {spread:.4f}", flush=True)


if __name__ == "__main__":
    main()
