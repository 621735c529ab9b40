"""Measures every function of kusari and of PyTorch in turn, and writes a table, worst ratio first.

    python compare_functions.py --kusari target/release/kusari --pytorch TORCH/bin/python --out result [PART …]
"""

import argparse
import json
import os
import pathlib
import subprocess

from compare import HERE, duration, processor

KEYS = ["forward_ms_min", "forward_backward_ms_min"]


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", help="parts of names; default: all functions")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sittings", type=int, default=3, help="how often everything is run in turn")
    parser.add_argument("--kusari", default=os.environ.get("KUSARI", "target/release/kusari"))
    parser.add_argument("--pytorch", default=os.environ.get("PYTORCH"), required="PYTORCH" not in os.environ)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."))
    return parser.parse_args()


def run(command):
    """The lines of JSON by function."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {line["function"]: line for line in map(json.loads, done.stdout.splitlines())}


def merge(best, found):
    """Keeps the shorter times."""
    for name, line in found.items():
        old = best.setdefault(name, line)
        assert old["inputs"] == line["inputs"], name
        for key in KEYS:
            if key in line:
                old[key] = min(old[key], line[key])


def table(ours, theirs, args):
    rows = []
    for name, mine in ours.items():
        other = theirs.get(name, {})
        ratios = [mine[key] / other[key] if key in mine and key in other else None for key in KEYS]
        rows.append((max((r for r in ratios if r), default=0), name, mine, other, ratios))
    rows.sort(key=lambda row: -row[0])
    lines = [
        "| function | inputs | kusari | PyTorch | ratio | kusari, with backward | PyTorch | ratio |",
        "|---" * 8 + "|",
    ]
    for _, name, mine, other, ratios in rows:
        cells = [f"`{name}`", mine["inputs"].replace("x", "×").replace(" ", ", ")]
        for key, share in zip(KEYS, ratios, strict=True):
            cells += [duration(line[key]) if key in line else "–" for line in (mine, other)]
            cells.append(f"{share:.2f}" if share else "–")
        lines.append("| " + " | ".join(cells) + " |")
    slower = sum(worst > 1 for worst, *_ in rows)
    lines += [
        "",
        f"{len(rows)} functions, {slower} slower than PyTorch eager forward or with backward. Shortest time of "
        f"{args.sittings} interleaved sittings, {args.threads} threads, {processor()}.",
    ]
    return "\n".join(lines) + "\n"


def main():
    args = arguments(__doc__)
    threads = ["--threads", str(args.threads)]
    parts = f"--functions={','.join(args.part)}" if args.part else "--functions"
    ours, theirs = {}, {}
    for _ in range(args.sittings):
        merge(ours, run([args.kusari, "bench", parts, "--json", *threads]))
        merge(theirs, run([args.pytorch, str(HERE / "rival_pytorch_functions.py"), *args.part, *threads]))
    args.out.mkdir(parents=True, exist_ok=True)
    text = table(ours, theirs, args)
    (args.out / "functions.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
