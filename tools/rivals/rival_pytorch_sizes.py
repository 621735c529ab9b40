"""`kusari bench --sizes` in PyTorch: nanoseconds an element (matmul: a floating-point operation)."""

import json
import math

import protocol

ARGS = protocol.options_of_functions(__doc__, lambda parser: parser.add_argument("--elements", type=int, default=10**8))

import torch  # noqa: E402


def adam(n):
    x = torch.nn.Parameter(torch.rand(n))
    x.grad = torch.rand(n)
    return torch.optim.Adam([x], fused=True).step, n


def one(f, shape=lambda n: (n,)):
    def make(n):
        x = torch.rand(shape(n)) * 2 - 1
        return lambda: f(x), x.numel()

    return make


def add(n):
    a, b = torch.rand(n), torch.rand(n)
    return lambda: a + b, n


def matmul(n):
    side = round(math.sqrt(n))
    a, b = torch.rand(side, side), torch.rand(side, side)
    return lambda: a @ b, 2 * side**3


FUNCTIONS = {
    "add": add,
    "tanh": one(torch.tanh),
    "sum": one(torch.sum),
    "softmax": one(lambda x: torch.softmax(x, 1), lambda n: (n // 1000, 1000)),
    "adam": adam,
    "matmul": matmul,
}


def main():
    torch.set_num_threads(ARGS.threads)
    sizes = [m * 10**e for e in range(3, 9) for m in (1, 3)]
    for name, make in FUNCTIONS.items():
        for n in sizes:
            if n > min(ARGS.elements, 10**7 if name == "matmul" else 10**8):
                break
            f, operations = make(n)
            with torch.no_grad():
                ns = min(protocol.times(f, ARGS.rounds, 0.2)) * 1e6 / operations
            line = {"function": name, "threads": ARGS.threads, "elements": n, "ns": round(ns, 6)}
            print(json.dumps(line), flush=True)


main()
