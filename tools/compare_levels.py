#!/usr/bin/env python3
"""Functions that the processor's best instructions make slower than AVX2 does, worst first.

Loops are plain Rust that the compiler vectorises once for each set of instructions; now and then it gives one of them up.
Needs a release build of the command and a quiet machine with AVX-512:
    cargo build --release && python3 tools/compare_levels.py [--sittings 3] [PART …]
"""

import argparse
import json
import os
import pathlib
import subprocess

KUSARI = pathlib.Path(__file__).resolve().parent.parent / "target/release/kusari"
KEYS = ["forward_ms_min", "forward_backward_ms_min"]


def run(level, parts, best):
    """Keeps the shorter times of every function."""
    command = [KUSARI, "bench", f"--functions={','.join(parts)}" if parts else "--functions", "--json"]
    done = subprocess.run(command, env=os.environ | level, stdout=subprocess.PIPE, text=True, check=True)
    for line in map(json.loads, done.stdout.splitlines()):
        for key in KEYS:
            if key in line:
                place = (line["function"], key)
                best[place] = min(best.get(place, float("inf")), line[key])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", help="parts of names; default: all functions")
    parser.add_argument("--sittings", type=int, default=2, help="how often everything is run in turn")
    parser.add_argument("--above", type=float, default=1.1, help="show ratios from here on")
    args = parser.parse_args()
    full, avx2 = {}, {}
    for _ in range(args.sittings):
        run({}, args.part, full)
        run({"KUSARI_SIMD": "avx2"}, args.part, avx2)
    ratios = sorted(((full[place] / avx2[place], *place) for place in full), reverse=True)
    for ratio, name, key in ratios:
        if ratio >= args.above:
            what = "forward" if key == KEYS[0] else "with backward"
            print(f"{ratio:5.2f}  {name:28} {what:14} {full[name, key]:9.4f} ms, AVX2 {avx2[name, key]:9.4f} ms")
    print(f"{sum(r >= args.above for r, *_ in ratios)} of {len(ratios)} measurements from {args.above} on.")


if __name__ == "__main__":
    main()
