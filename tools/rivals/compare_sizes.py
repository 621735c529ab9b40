"""Draws the cost of an element against the number of elements, for kusari and PyTorch.

    python compare_sizes.py --kusari target/release/kusari --pytorch TORCH/bin/python --out result

Needs matplotlib; writes sizes.png.
"""

import json
import subprocess

from compare import HERE, processor
from compare_functions import arguments

COLORS = {"kusari": "#c1272d", "PyTorch": "#888888"}


def measure(command, best):
    """Adds the shorter times to `best`: {function: {elements: ns}}."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    for line in map(json.loads, done.stdout.splitlines()):
        line_of = best.setdefault(line["function"], {})
        n = str(line["elements"])
        line_of[n] = min(line_of.get(n, float("inf")), line["ns"])


def picture(found, path, title):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib import ticker

    figure, panels = plt.subplots(2, 3, figsize=(9, 5), sharex=True, layout="constrained")
    for axes, function in zip(panels.flat, found["kusari"], strict=True):
        for name, color in COLORS.items():
            points = found[name][function]
            axes.plot([int(n) for n in points], list(points.values()), "o-", ms=3, lw=1.3, color=color, label=name)
        axes.set(xscale="log", yscale="log", title=function)
        axes.grid(alpha=0.25)
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        axes.yaxis.set_minor_locator(ticker.NullLocator())
        axes.set_ylabel("ns a FLOP" if function == "matmul" else "ns an element")
    for axes in panels[1]:
        axes.set_xlabel("elements")
    panels[0, 0].legend(frameon=False)
    figure.suptitle(title, fontsize=10)
    figure.savefig(path, dpi=90)


def main():
    args = arguments(__doc__)
    found = {name: {} for name in COLORS}
    threads = ["--threads", str(args.threads)]
    for _ in range(args.sittings):
        measure([args.kusari, "bench", "--sizes", "--json", *threads], found["kusari"])
        measure([args.pytorch, str(HERE / "rival_pytorch_sizes.py"), *threads], found["PyTorch"])
    args.out.mkdir(parents=True, exist_ok=True)
    picture(found, args.out / "sizes.png", f"{args.threads} threads, {processor()}")


main()
