"""Kills a training and makes its files fail, and checks that nothing is lost.

    python3 tools/faults/faults.py target/release/kusari [--random 100] [--step 1] [--data mnist|table|text]

Needs a C compiler and Linux. The data are digits, then a table and a text that are read from files (--stream). Four parts each:

1. kills (SIGKILL) at random moments, each followed by `--resume`, until the run is done: the model file must have the
   bytes of an undisturbed run, and so must the last snapshot;
2. kills before, in and after every call that writes, syncs, renames or removes a file, likewise;
3. each of these calls made to fail once (no space, input/output error, a short write): either the run ends with an error
   that names a file, and `--resume` then gives the same bytes, or it goes on with a warning and gives them at once;
4. of table and text, calls that write to the files they are read from made to fail in a second run into the same
   folder: it ends with an error that names the folder, and model and snapshot of the first run are as they were.

Ends with 1 at the first run that differs.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# What is trained on, and the files that must have the same bytes.
CASES = {
    "mnist": ("train mnist --unit 16 --epoch 2 --seed 3 --every 30iteration", ["model.safetensors", "snapshot_iter_150"]),
    "table": (
        "train {folder}/table.csv --stream --unit 16 --members 2 --batch 64 --epoch 3 --seed 3 --every 7iteration",
        ["model.safetensors", "snapshot_iter_112"],
    ),
    "text": (
        "train {folder}/text.txt --stream --model lstm --width 16 --layer 1 --length 16 --batch 4 --iteration 99 --seed 3 "
        "--every 9iteration",
        ["model.safetensors", "snapshot_iter_99"],
    ),
}
# What is printed once the data are read.
READ = ["3000 rows, 4 columns", "the text is read from files"]


def write_text(path):
    """A text of 60,000 letters and some that take several bytes."""
    words = ["the ", "tree ", "grew — ", "slowly,\n", "é", "over the hill. "]
    with open(path, "w") as file:
        file.write("".join(words[i * i % 11 % 6] for i in range(10000)))


def write_table(path, rows=3000):
    """A table with numbers, words, a date and some cells missing."""
    with open(path, "w") as file:
        file.write("x,kind,when,class\n")
        for i in range(rows):
            x, kind = i * 37 % rows / rows, "ab"[i % 2]
            label = "yes" if (x > 0.5) == (kind == "a") else "no"
            file.write(f"{'' if i % 40 == 3 else x},{kind},2024-{i % 12 + 1:02}-11,{label}\n")


class Runs:
    """Runs of the program, each in a folder of its own below one."""

    def __init__(self, program, arguments, names, folder):
        self.program, self.arguments, self.folder = os.path.abspath(program), arguments.format(folder=folder).split(), folder
        self.names = names
        self.library = os.path.join(folder, "fault.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, os.path.join(HERE, "fault.c"), "-ldl"], check=True)

    def start(self, out, resume, fault=None, at=None):
        # Rows are kept beside the folder of results as long as that is not there.
        environment = dict(os.environ, FAULT_FOLDER=os.path.dirname(out), FAULT_COUNT=os.path.join(self.folder, "count"))
        environment["LD_PRELOAD"] = self.library
        if fault:
            environment |= {"FAULT": fault, "FAULT_AT": str(at)}
        command = [self.program, *self.arguments, "--out", out, *(["--resume"] if resume else [])]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, out, resume):
        """Runs to the end; what it printed."""
        process = self.start(out, resume)
        printed, errors = process.communicate()
        if process.returncode != 0:
            sys.exit(f"a run that should have ended well ended with {process.returncode}:\n{printed}{errors}")
        return printed

    def results(self, out):
        return [open(os.path.join(out, name), "rb").read() for name in self.names]

    def fresh(self):
        """A folder that is not there, in an empty one."""
        run = os.path.join(self.folder, "run")
        shutil.rmtree(run, ignore_errors=True)
        os.mkdir(run)
        return os.path.join(run, "result")

    def count(self):
        """How many calls the last run that ended by itself has made."""
        return int(open(os.path.join(self.folder, "count")).read())

    def same(self, out, expected, what):
        for name, bytes_, right in zip(self.names, self.results(out), expected):
            if bytes_ != right:
                sys.exit(f"{what}: {name} differs from that of the undisturbed run")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--random", type=int, default=100, help="kills at random moments")
    parser.add_argument("--step", type=int, default=1, help="only every so many calls")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", choices=CASES, action="append", help="only these data")
    options = parser.parse_args()
    random.seed(options.seed)
    for name in options.data or CASES:
        folder = tempfile.mkdtemp(prefix="faults-")
        write_table(os.path.join(folder, "table.csv"))
        write_text(os.path.join(folder, "text.txt"))
        print(f"{name}:")
        check(Runs(options.program, *CASES[name], folder), options)
        shutil.rmtree(folder)


def check(runs, options):
    whole = runs.fresh()
    begun = time.time()
    runs.finish(whole, False)
    seconds = time.time() - begun
    expected = runs.results(whole)
    count = runs.count()
    print(f"undisturbed: {seconds:.2f} s, {count} calls that write, sync, rename or remove")

    # 1. At random moments, several in a run.
    landed = kills = 0
    while landed < options.random:
        out, resume = runs.fresh(), False
        while True:
            process = runs.start(out, resume)
            try:
                process.communicate(timeout=random.uniform(0, 1.2 * seconds))
                if process.returncode != 0:
                    sys.exit(f"a resumed run ended with {process.returncode}")
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
                # Training ran: there was a folder with the settings of the run.
                landed += os.path.exists(os.path.join(out, "settings"))
                resume = True
        runs.same(out, expected, f"after kill {kills}")
    print(f"random kills: {kills}, {landed} of them while training ran; always the same bytes")

    # 2. At every call.
    done = unreached = 0
    for at in range(1, count + 1, options.step):
        for fault in ["kill-before", "kill-inside", "kill-after"]:
            out = runs.fresh()
            process = runs.start(out, False, fault, at)
            process.communicate()
            # The page is rewritten by the clock, so that a faster run makes fewer calls.
            reached = process.returncode == -9
            if not reached and (process.returncode != 0 or at < 0.7 * count):
                sys.exit(f"{fault} at call {at}: the run ended with {process.returncode}")
            runs.finish(out, True)
            runs.same(out, expected, f"{fault} at call {at}")
            done += reached
            unreached += not reached
    print(f"kills at calls: {done}, {unreached} runs ended before; always the same bytes")

    # 3. Failures.
    failed = warned = 0
    for at in range(1, count + 1, options.step):
        for fault in ["ENOSPC", "EIO", "short"]:
            out = runs.fresh()
            process = runs.start(out, False, fault, at)
            _, errors = process.communicate()
            what = f"{fault} at call {at}"
            if process.returncode not in (0, 1) or "panicked" in errors:
                sys.exit(f"{what}: the run ended with {process.returncode}:\n{errors}")
            if process.returncode == 1:
                if os.path.dirname(out) not in errors:
                    sys.exit(f"{what}: the message names no file:\n{errors}")
                failed += 1
                runs.finish(out, True)
            elif errors:
                warned += 1
            runs.same(out, expected, what)
    print(f"failing calls: {failed} ended with a message, {warned} with a warning; then always the same bytes")
    if "--stream" in runs.arguments:
        check_rows(runs, expected, options.step)


def check_rows(runs, expected, step):
    """Makes the calls fail with which rows or tokens are written to files, where an earlier run has left results."""
    out = runs.fresh()
    runs.finish(out, False)
    failed = unmoved = 0
    at = 1
    # A name that cannot be removed is no error; two calls that fail nothing in a row come after the data.
    while unmoved < 2:
        unmoved += 1
        for fault in ["ENOSPC", "EIO"]:
            process = runs.start(out, False, fault, at)
            printed, errors = process.communicate()
            if any(text in printed for text in READ):
                # What fails later is not their affair; the results are made again.
                out = runs.fresh()
                runs.finish(out, False)
                continue
            if process.returncode != 1 or os.path.dirname(out) not in errors:
                sys.exit(f"{fault} at call {at} for the data: ended with {process.returncode}:\n{errors}")
            runs.same(out, expected, f"{fault} at call {at} for the data")
            failed += 1
            unmoved = 0
        at += step
    print(f"data that could not be kept: {failed} runs ended with a message; the results before were as they were")


if __name__ == "__main__":
    main()
