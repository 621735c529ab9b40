"""What all rivals in Python share: the options, the clock, the JSON lines. The same rules as `kusari bench`."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

WORKLOADS = ["mlp", "cnn", "lstm", "gpt", "scalar", "tinymlp", "adam", "elementwise"]
SHORTEST = 1e-3  # what is shorter is called several times between two looks at the clock
BUDGET = 2.0  # seconds a measurement takes, unless the number of rounds is given


def options(description, workloads=WORKLOADS, extra=lambda parser: None):
    """The command line. With several workloads, each runs in a process of its own, and then the program ends."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("workload", nargs="*", choices=[[], *workloads], help=", ".join(workloads))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--step", action="store_true", help="measure the whole step only")
    parser.add_argument("--json", action="store_true", help="accepted and ignored: the output always is")
    for name in ["batch", "channels", "length", "width", "elements"]:
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--size", type=lambda text: [int(n) for n in text.split("x")], help="HxW")
    extra(parser)
    args = parser.parse_args()
    names = args.workload or workloads
    if len(names) > 1:
        rest = [a for a in sys.argv[1:] if a not in names]
        for name in names:
            subprocess.run([sys.executable, sys.argv[0], name, *rest], check=True)
        sys.exit()
    args.workload = names[0]
    set_threads(args.threads)
    return args


def options_of_functions(description, extra=lambda parser: None):
    """The command line of the scripts that measure functions."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", help="parts of names; default: all functions")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int)
    extra(parser)
    args = parser.parse_args()
    set_threads(args.threads)
    return args


def set_threads(n):
    """Read by the libraries when they are loaded."""
    for name in ["OMP", "MKL", "OPENBLAS"]:
        os.environ[f"{name}_NUM_THREADS"] = str(n)


def times(f, rounds, budget=BUDGET):
    """Milliseconds a call of `f`, over many rounds."""

    def once(calls):
        start = time.perf_counter()
        for _ in range(calls):
            f()
        return (time.perf_counter() - start) / calls

    start = time.perf_counter()
    first, one = once(1), once(1)
    one = min(first, one)
    if rounds is None:
        while time.perf_counter() - start < budget / 20 + first:
            one = min(one, once(1))
    calls = max(1, int(-(-SHORTEST // one)))
    least, most = (rounds, rounds) if rounds else (5, 2000)
    start, found = time.perf_counter(), []
    while len(found) < least or (len(found) < most and time.perf_counter() - start < budget):
        found.append(once(calls) * 1e3)
    return found


def peak_memory():
    """The most memory this process has had, in megabytes."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def report(rival, args, step, forward=None, forward_backward=None):
    """Measures the functions and prints the line."""
    found = times(step, args.rounds)
    line = {
        "workload": args.workload,
        "threads": args.threads,
        "ms_min": min(found),
        "ms_median": statistics.median(found),
        "rounds": len(found),
        "rss_mb": peak_memory(),
    }
    if not args.step:
        for name, f in [("forward", forward), ("forward_backward", forward_backward)]:
            if f:
                line[f"{name}_ms_min"] = min(times(f, args.rounds))
    line["rival"] = rival
    print(json.dumps({k: round(v, 6) if isinstance(v, float) else v for k, v in line.items()}), flush=True)
