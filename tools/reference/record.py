"""Writes the fixtures of crates/kusari/tests/reference: `python record.py [functions optimizers ...]`."""

import importlib
import sys

import archive

FAMILIES = "arithmetic reduction shape activation connection pooling normalization sequence loss".split()
WHAT = ["functions", "optimizers", "curves", "snapshots", "trainer_snapshots"]


def functions():
    """All families of functions into functions.npz."""
    from cases import Cases

    cases = Cases()
    for family in FAMILIES:
        importlib.import_module("functions_" + family).record(cases)
    archive.write("functions.npz", cases.arrays)


def main():
    for name in sys.argv[1:] or WHAT:
        functions() if name == "functions" else importlib.import_module(name).record()


if __name__ == "__main__":
    main()
