"""Runs `kusari bench` and its rivals in turn, several rounds interleaved, and writes the ratios of their minima.

    python compare.py --kusari target/release/kusari --pytorch TORCH/bin/python --out result
    python compare.py cnn --batch 16 --threads 1 --contestants kusari,eager,compiled
    python compare.py --shapes --contestants kusari,eager,compiled

Interpreters and programs may also be given as environment variables: KUSARI, PYTORCH, JAX, CHAINER, BURN, CANDLE.
Writes ratios.md and, where matplotlib is there, ratios.png.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys

import protocol

HERE = pathlib.Path(__file__).resolve().parent
SHAPES = ["batch", "channels", "size", "length", "width", "elements"]


def python(name, script, *flags):
    return lambda paths: paths[name] and [paths[name], str(HERE / script), *flags]


# Other shapes than the workloads' own.
OTHER = [
    "mlp --batch 16", "mlp --batch 512", "mlp --width 100",
    "cnn --batch 16", "cnn --batch 512", "cnn --channels 16", "cnn --channels 48", "cnn --channels 96", "cnn --size 31x33",
    "lstm --batch 16", "lstm --length 64", "lstm --length 512", "lstm --width 100", "lstm --width 1000",
    "gpt --batch 16", "gpt --length 64", "gpt --length 512", "gpt --width 100", "gpt --width 1000",
    "tinymlp --width 100", "tinymlp --width 1000",
]  # fmt: skip


# How each contestant is started, given the paths of interpreters and programs; the workloads that it has.
CONTESTANTS = {
    "kusari": (lambda paths: [paths["kusari"], "bench"], protocol.WORKLOADS),
    "eager": (python("pytorch", "rival_pytorch.py"), protocol.WORKLOADS),
    "compiled": (python("pytorch", "rival_pytorch.py", "--compile"), protocol.WORKLOADS),
    "fused": (python("pytorch", "rival_pytorch.py", "--fused"), ["mlp", "gpt", "adam"]),
    "jax": (python("jax", "rival_jax.py"), protocol.WORKLOADS),
    "chainer": (python("chainer", "rival_chainer.py"), protocol.WORKLOADS),
    "burn": (lambda paths: paths["burn"] and [paths["burn"]], protocol.WORKLOADS),
    "candle": (lambda paths: paths["candle"] and [paths["candle"]], protocol.WORKLOADS),
}
TITLES = {
    "kusari": "kusari", "eager": "PyTorch eager", "compiled": "torch.compile", "fused": "PyTorch, fused optimiser",
    "jax": "JAX jit", "chainer": "Chainer", "burn": "Burn", "candle": "Candle",
}  # fmt: skip
# Whose better time is the measure; of Adam alone the fused one counts too.
MEASURE = ["eager", "compiled"]


def measure_of(case):
    return [*MEASURE, "fused"] if case.startswith("adam") else MEASURE


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="*", help="default: all")
    parser.add_argument("--shapes", action="store_true", help="many other shapes, one after another")
    parser.add_argument("--contestants", help="comma-separated; default: all that can be started")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sittings", type=int, default=3, help="how often everything is run in turn")
    parser.add_argument("--rounds", type=int, help="steps in a sitting; default: two seconds")
    parser.add_argument("--bf16", action="store_true", help="mixed precision: kusari and PyTorch only")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."))
    for name in ["kusari", "pytorch", "jax", "chainer", "burn", "candle"]:
        default = os.environ.get(name.upper(), "target/release/kusari" if name == "kusari" else None)
        parser.add_argument(f"--{name}", default=default, help="path of the interpreter or program")
    for name in SHAPES:
        parser.add_argument(f"--{name}")
    return parser.parse_args()


def run(command, case, args):
    """One line of JSON, or none where the contestant cannot do it."""
    command = [*command, *case.split(), "--json", "--step", "--threads", str(args.threads)]
    if args.rounds:
        command += ["--rounds", str(args.rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        print(f"  {case}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr, flush=True)
        return None
    return json.loads(lines[-1])


def cases(args):
    """Workloads, each with the options of its shape."""
    if args.shapes:
        return [case for case in OTHER if not args.workload or case.split()[0] in args.workload]
    shape = [f" --{name} {getattr(args, name)}" for name in SHAPES if getattr(args, name)]
    return [workload + "".join(shape) for workload in args.workload or protocol.WORKLOADS]


def precision(name, args):
    """How a contestant is asked for mixed precision."""
    return [] if not args.bf16 else ["--dtype", "bf16"] if name == "kusari" else ["--bf16"]


def collect(args):
    """The shortest times and the smallest memory of every contestant by case."""
    commands = {name: (start(vars(args)), can) for name, (start, can) in CONTESTANTS.items()}
    wanted = args.contestants.split(",") if args.contestants else [name for name, (c, _) in commands.items() if c]
    best = {}
    for sitting in range(args.sittings):
        for case in cases(args):
            for name in wanted:
                command, can = commands[name]
                found = run([*command, *precision(name, args)], case, args) if case.split()[0] in can else None
                if found:
                    old = best.setdefault(case, {}).get(name, {"ms": float("inf"), "mb": float("inf")})
                    new = {"ms": min(old["ms"], found["ms_min"]), "mb": min(old["mb"], found["rss_mb"])}
                    best[case][name] = new
                    print(f"{sitting + 1} {case:20} {name:10} {found['ms_min']:12.4f} ms", flush=True)
    return best


def duration(ms):
    return f"{ms * 1e3:.2f} µs" if ms < 0.1 else f"{ms:.3g} ms" if ms < 100 else f"{ms:.0f} ms"


def ratio(found, workload):
    """kusari's time to the better of PyTorch's."""
    others = [found[name]["ms"] for name in measure_of(workload) if name in found]
    return found["kusari"]["ms"] / min(others) if others and "kusari" in found else None


def table(best, args):
    names = [name for name in TITLES if any(name in found for found in best.values())]
    lines = [
        "| workload | " + " | ".join(TITLES[name] for name in names) + " | kusari ÷ better PyTorch |",
        "|---" * (len(names) + 2) + "|",
    ]
    for workload, found in best.items():
        cells = [duration(found[name]["ms"]) if name in found else "–" for name in names]
        share = ratio(found, workload)
        lines.append(f"| `{workload}` | " + " | ".join(cells) + f" | {f'**{share:.3g}**' if share else '–'} |")
    lines += [
        "",
        f"Shortest step of {args.sittings} interleaved sittings, {args.threads} thread{'s' * (args.threads > 1)}, "
        f"{processor()}.",
    ]
    return "\n".join(lines) + "\n"


def processor():
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def picture(best, path):
    """Every contestant's time as a multiple of the better PyTorch's, on a logarithmic axis."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    style = {
        "kusari": ("o", "#c1272d", 60), "jax": ("s", "#2e86ab", 28), "chainer": ("^", "#6a994e", 30),
        "burn": ("D", "#f18f01", 26), "candle": ("v", "#7b2d8b", 30),
    }  # fmt: skip
    best = {workload: found for workload, found in best.items() if set(found) & set(measure_of(workload))}
    figure, axes = plt.subplots(figsize=(7.5, 0.42 * len(best) + 1.3))
    for row, (workload, found) in enumerate(best.items()):
        one = min(found[name]["ms"] for name in measure_of(workload) if name in found)
        axes.axhline(row, color="#eeeeee", zorder=0)
        for name, (marker, color, size) in style.items():
            if name in found:
                label = TITLES[name] if row == 0 else None
                axes.scatter(found[name]["ms"] / one, row, marker=marker, color=color, s=size, label=label, zorder=3)
    axes.axvline(1, color="black", linewidth=1, label="better of PyTorch eager, compiled")
    axes.set_xscale("log")
    axes.set_yticks(range(len(best)), list(best))
    axes.invert_yaxis()
    axes.set_xlabel("time of a step, PyTorch = 1 (left is faster)")
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.16), ncol=3, frameon=False, fontsize=8)
    for side in ["top", "right", "left"]:
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=110, bbox_inches="tight")


def main():
    args = arguments()
    best = collect(args)
    args.out.mkdir(parents=True, exist_ok=True)
    text = table(best, args)
    (args.out / "ratios.md").write_text(text)
    print("\n" + text)
    try:
        if any(set(found) & set(MEASURE) for found in best.values()):
            picture(best, args.out / "ratios.png")
    except ModuleNotFoundError:
        print("no picture without matplotlib")


if __name__ == "__main__":
    main()
