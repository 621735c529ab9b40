"""The workloads of `kusari bench` in PyTorch: `python rival_pytorch.py mlp --threads 2 [--compile] [--fused] [--bf16]`."""

import protocol

ARGS = protocol.options(
    __doc__,
    extra=lambda parser: (
        parser.add_argument("--compile", action="store_true", help="torch.compile"),
        parser.add_argument("--fused", action="store_true", help="the optimiser's fused implementation"),
        parser.add_argument("--bf16", action="store_true", help="the loss under torch.autocast"),
    ),
)

import torch  # noqa: E402  (after the number of threads is set)
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

from gpt_pytorch import Gpt  # noqa: E402


def mlp():
    batch, width = ARGS.batch or 100, ARGS.width or 1000
    x, t = torch.rand(batch, 784), torch.randint(10, (batch,))
    model = nn.Sequential(
        nn.Linear(784, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
    )
    return model.parameters(), torch.optim.Adam, {}, lambda: F.cross_entropy(model(x), t)


def cnn():
    batch, c, (h, w) = ARGS.batch or 64, ARGS.channels or 32, ARGS.size or (32, 32)
    x, t = torch.randn(batch, 3, h, w), torch.randint(10, (batch,))

    def block(source, target):
        return [nn.Conv2d(source, target, 3, padding=1, bias=False), nn.BatchNorm2d(target), nn.ReLU()]

    model = nn.Sequential(
        *block(3, c), *block(c, 2 * c), nn.MaxPool2d(2), *block(2 * c, 4 * c), nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * c, 10),
    )  # fmt: skip
    return model.parameters(), torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}, lambda: F.cross_entropy(model(x), t)


class Lstm(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.embed, self.lstm, self.out = nn.Embedding(words, width), nn.LSTM(width, width), nn.Linear(width, words)

    def forward(self, x):
        return self.out(self.lstm(self.embed(x))[0]).flatten(0, 1)


def lstm():
    words, batch, length, width = 10_000, ARGS.batch or 20, ARGS.length or 35, ARGS.width or 256
    x, t = torch.randint(words, (length, batch)), torch.randint(words, (length * batch,))
    model = Lstm(words, width)
    return model.parameters(), torch.optim.SGD, {"lr": 0.1}, lambda: F.cross_entropy(model(x), t)


def gpt():
    symbols, batch, length, width = 256, ARGS.batch or 8, ARGS.length or 128, ARGS.width or 256
    x, t = torch.randint(symbols, (batch, length)), torch.randint(symbols, (batch * length,))
    model = Gpt(symbols, length, width)
    return model.parameters(), torch.optim.AdamW, {}, lambda: F.cross_entropy(model(x), t)


def scalar():
    x = nn.Parameter(torch.tensor(3.0))
    return [x], torch.optim.SGD, {"lr": 0.01}, lambda: x * x + 4 * x - 7


def tinymlp():
    x, width = torch.tensor([[0.5, -0.25]]), ARGS.width or 16
    model = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
    return model.parameters(), torch.optim.SGD, {"lr": 0.01}, lambda: model(x)


def elementwise():
    x = nn.Parameter(torch.randn(ARGS.elements or 8_000_000))
    return [x], None, {}, lambda: (F.gelu(x) * torch.sigmoid(x) + torch.tanh(x)).sum()


def adam(rival):
    """The update alone."""
    n = ARGS.elements or 100_000_000
    x, gradient = nn.Parameter(torch.rand(n)), torch.rand(n)
    optimizer = torch.optim.Adam([x], fused=ARGS.fused or None)

    def step():
        x.grad = gradient
        optimizer.step()

    protocol.report(rival, ARGS, torch.compile(step) if ARGS.compile else step)


def train(rival, parameters, Optimizer, settings, loss):
    parameters = list(parameters)
    optimizer = Optimizer(parameters, fused=ARGS.fused or None, **settings) if Optimizer else None
    if ARGS.bf16:
        loss = torch.autocast("cpu", torch.bfloat16)(loss)
    loss = torch.compile(loss) if ARGS.compile else loss

    def forget():
        for parameter in parameters:
            parameter.grad = None

    def step():
        if optimizer:
            optimizer.zero_grad(set_to_none=True)
        else:
            forget()
        loss().backward()
        if ARGS.workload == "lstm":
            nn.utils.clip_grad_norm_(parameters, 5.0)
        if optimizer:
            optimizer.step()

    def gradients():
        forget()
        loss().backward()

    protocol.report(rival, ARGS, step, loss, gradients)


def main():
    torch.set_num_threads(ARGS.threads)
    torch.manual_seed(0)
    rival = "PyTorch" + (", compiled" if ARGS.compile else "") + (", fused" if ARGS.fused else "")
    if ARGS.workload == "adam":
        adam(rival)
    else:
        train(rival, *globals()[ARGS.workload]())


main()
