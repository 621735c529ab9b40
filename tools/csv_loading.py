#!/usr/bin/env python3
"""How long a large CSV file takes to load: `kusari train` up to the line with rows and columns, and `polars.read_csv`.

    tools/csv_loading.py target/release/kusari /tmp/big.csv [--rows 2000000] [--threads 2] [--repeat 5]

The file is generated if it is not there: 20 columns, of which 14 hold numbers, 4 words, one dates and one the class. The
lowest of some times counts for both, taken in turns; those of kusari hold all that it takes to start.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time


def generate(path, rows):
    """Writes the table, the same at every call."""
    source = random.Random(1)
    kinds = [f"kind{i}" for i in range(40)]
    names = [f"x{i}" for i in range(14)] + [f"w{i}" for i in range(4)] + ["day", "class"]
    with open(path + ".part", "w") as file:
        file.write(",".join(names) + "\n")
        for row in range(rows):
            numbers = [source.gauss(0, 1) for _ in range(14)]
            words = [kinds[source.randrange(40)] for _ in range(4)]
            day = f"2024-{row % 12 + 1:02}-{row % 28 + 1:02}"
            label = "yes" if numbers[0] + numbers[1] > 0 else "no"
            file.write(",".join([f"{v:.6f}" for v in numbers] + words + [day, label]) + "\n")
    os.rename(path + ".part", path)


def of_kusari(program, path, threads):
    """Seconds until the table is read."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "train", path, "--threads", str(threads), "--out", os.path.join(folder, "result")]
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if " rows, " in line and " columns" in line:
                    seconds = time.perf_counter() - start
                    process.kill()
                    return seconds
    sys.exit("kusari did not say how many rows there are")


def of_polars(path, threads):
    """Seconds of polars.read_csv, in a process of its own, which is how its number of threads is set."""
    code = "import sys, time, polars; t = time.perf_counter(); polars.read_csv(sys.argv[1]); print(time.perf_counter() - t)"
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads)}
    run = subprocess.run([sys.executable, "-c", code, path], env=environment, capture_output=True, text=True, check=True)
    return float(run.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kusari")
    parser.add_argument("file")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    if not os.path.exists(given.file):
        generate(given.file, given.rows)
    times = [(of_kusari(given.kusari, given.file, given.threads), of_polars(given.file, given.threads)) for _ in range(given.repeat)]
    ours, theirs = (min(column) for column in zip(*times))
    size = os.path.getsize(given.file) / 1e6
    print(f"{size:.0f} MB, {given.threads} threads: kusari {ours:.2f} s, polars {theirs:.2f} s, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
