"""Guards the cost of an operation: instructions a step of small graphs, counted by valgrind, against stated bands.

    cargo bench -p kusari --bench operations --no-run --message-format json | python3 tools/instructions.py

Instructions do not depend on how busy a machine is, so this can run where clocks cannot be trusted. The bands are wide
enough for another compiler or C library. Ends with 1 when a count leaves its band: above, something became dearer;
below, the band should follow.
"""

import json
import re
import subprocess
import sys

# Instructions a step, and how far a count may lie from it.
EXPECTED = {"scalar": 8_950, "tinymlp": 26_500, "forward": 7_100}
BAND = 0.2


def instructions(program: str, name: str, steps: int) -> int:
    """Instructions of `steps` steps of a workload, the program's start included."""
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command = [*valgrind, program, name, "--steps", str(steps)]
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"instructions: {' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return int(found[1])


def program() -> str:
    """The benchmark's path, from what cargo says on standard input."""
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message["target"]["name"] == "operations":
            return message["executable"]
    sys.exit("instructions: expected cargo's messages on standard input, with the benchmark 'operations' in them")


def main() -> None:
    path, outside = program(), 0
    for name, expected in EXPECTED.items():
        short, long = (instructions(path, name, steps) for steps in (500, 1500))
        step = (long - short) / 1000
        inside = abs(step / expected - 1) <= BAND
        outside += not inside
        print(f"{name:<8} {step:8.0f} instructions a step, expected {expected} within {BAND:.0%}{'' if inside else '  <-- outside'}")
    sys.exit(1 if outside else 0)


if __name__ == "__main__":
    main()
