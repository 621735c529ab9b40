"""Functions that the processor's best instructions make slower than AVX2 does, worst first.

    python compare_levels.py --kusari target/release/kusari [PART …]

Loops are plain Rust that the compiler vectorises once for each set of instructions; now and then it gives one of them up.
Needs a quiet machine with AVX-512.
"""

import argparse
import os

from compare_functions import KEYS, merge, run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", help="parts of names; default: all functions")
    parser.add_argument("--sittings", type=int, default=2, help="how often everything is run in turn")
    parser.add_argument("--above", type=float, default=1.1, help="show ratios from here on")
    parser.add_argument("--kusari", default=os.environ.get("KUSARI", "target/release/kusari"))
    args = parser.parse_args()
    parts = f"--functions={','.join(args.part)}" if args.part else "--functions"
    command = [args.kusari, "bench", parts, "--json"]
    full, avx2 = {}, {}
    for _ in range(args.sittings):
        merge(full, run(command))
        merge(avx2, run(["env", "KUSARI_SIMD=avx2", *command]))
    ratios = [
        (line[key] / avx2[name][key], name, key) for name, line in full.items() for key in KEYS if key in line
    ]
    above = sorted((row for row in ratios if row[0] >= args.above), reverse=True)
    for ratio, name, key in above:
        what = "forward" if key == KEYS[0] else "with backward"
        print(f"{ratio:5.2f}  {name:28} {what:14} {full[name][key]:9.4f} ms, AVX2 {avx2[name][key]:9.4f} ms")
    print(f"{len(above)} of {len(ratios)} measurements from {args.above} on.")


if __name__ == "__main__":
    main()
