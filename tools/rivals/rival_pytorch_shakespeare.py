"""`kusari train shakespeare` in PyTorch: the same network, text, steps and schedule.

    python rival_pytorch_shakespeare.py                    # 2600 steps of 16 x 128 characters, then the held-out tenth
    python rival_pytorch_shakespeare.py --iteration 100    # a part of the time; compare with `kusari train shakespeare --iteration 100`
    python rival_pytorch_shakespeare.py --schedule cosine --compile

Width 128, 4 layers, 4 heads; AdamW (rate 0.003, beta2 0.99, decay 0.1), gradients no longer than 1. Prints the validation
loss per character and the seconds that training took, with and without the time until the first step was done.
"""

import argparse
import gzip
import os
import pathlib
import time

TEXT = pathlib.Path(__file__).resolve().parents[2] / "crates/kusari/assets/tinyshakespeare/input.txt.gz"
HELD = 32  # pieces that are looked at together


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--iteration", type=int, default=2600)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--schedule", choices=["cycle", "cosine"], default="cycle")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--fused", action="store_true", help="the optimiser's fused implementation")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


ARGS = arguments()
for library in ["OMP", "MKL", "OPENBLAS"]:
    os.environ[f"{library}_NUM_THREADS"] = str(ARGS.threads)

import torch  # noqa: E402  (after the number of threads is set)
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

from gpt_pytorch import Gpt  # noqa: E402


def drawn_small(model):
    """The model with weights of deviation 0.02 and biases of 0."""
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
    return model


def measure(model, tokens):
    """The mean loss of a token, in pieces that follow each other."""
    total, given = 0.0, 0
    with torch.no_grad():
        while left := len(tokens) - given - 1:
            length = min(ARGS.length, left)
            count = min(HELD, left // length)
            part = tokens[given : given + count * length + 1]
            x, t = part[:-1].view(count, length), part[1:]
            total += F.cross_entropy(model(x), t).item() * len(t)
            given += len(t)
    return total / given


def main():
    torch.set_num_threads(ARGS.threads)
    torch.manual_seed(ARGS.seed)
    text = gzip.decompress(TEXT.read_bytes()).decode()
    symbols = {c: i for i, c in enumerate(sorted(set(text)))}
    tokens = torch.tensor([symbols[c] for c in text])
    cut = len(tokens) - round(len(tokens) * 0.1)
    train, held = tokens[:cut], tokens[cut:]

    model = drawn_small(Gpt(len(symbols), ARGS.length, ARGS.width))
    rate = {"lr": ARGS.lr, "betas": (0.9, 0.99), "weight_decay": 0.1, "fused": ARGS.fused or None}
    optimizer = torch.optim.AdamW(model.parameters(), **rate)
    if ARGS.schedule == "cycle":
        cycle = {"pct_start": max(0.05, 2 / ARGS.iteration), "div_factor": 10, "final_div_factor": 10}
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, ARGS.lr, ARGS.iteration, **cycle)
    else:
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, ARGS.iteration)
    run = torch.compile(model) if ARGS.compile else model

    def step():
        starts = torch.randint(len(train) - ARGS.length, (ARGS.batch,))
        pieces = torch.stack([train[start : start + ARGS.length + 1] for start in starts])
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(run(pieces[:, :-1]), pieces[:, 1:].flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()

    start = time.perf_counter()
    step()
    first = time.perf_counter()
    for _ in range(ARGS.iteration - 1):
        step()
    end = time.perf_counter()
    print(f"{ARGS.iteration} steps in {end - start:.1f} s, {(end - first) / max(ARGS.iteration - 1, 1) * 1e3:.1f} ms a step after the first")
    print(f"validation loss {measure(model, held):.4f}")


main()
