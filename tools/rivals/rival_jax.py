"""The workloads of `kusari bench` in JAX, each step one jitted function: `python rival_jax.py mlp --threads 2`."""

import os

import protocol

ARGS = protocol.options(__doc__)
# XLA takes as many threads as the process may use processors.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: ARGS.threads])
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402

KEYS = iter(jax.random.split(jax.random.key(0), 200))


def normal(*shape, scale=1.0):
    return scale * jax.random.normal(next(KEYS), shape)


def integers(high, *shape):
    return jax.random.randint(next(KEYS), shape, 0, high)


def affine(source, target):
    return {"w": normal(source, target, scale=source**-0.5), "b": jnp.zeros(target)}


def apply(p, x):
    return x @ p["w"] + p["b"]


def cross_entropy(y, t):
    return optax.softmax_cross_entropy_with_integer_labels(y, t).mean()


def mlp():
    batch, width = ARGS.batch or 100, ARGS.width or 1000
    x, t = jax.random.uniform(next(KEYS), (batch, 784)), integers(10, batch)
    params = [affine(784, width), affine(width, width), affine(width, 10)]

    def loss(params, x, t):
        a, b, c = params
        return cross_entropy(apply(c, jax.nn.relu(apply(b, jax.nn.relu(apply(a, x))))), t)

    return params, optax.adam(1e-3), loss, (x, t)


def cnn():
    batch, c, (h, w) = ARGS.batch or 64, ARGS.channels or 32, ARGS.size or (32, 32)
    x, t = normal(batch, h, w, 3), integers(10, batch)  # NHWC, with which XLA is faster here than with NCHW

    def block(source, target):
        filters = normal(3, 3, source, target, scale=(9 * source) ** -0.5)
        return {"filters": filters, "gamma": jnp.ones(target), "beta": jnp.zeros(target)}

    params = [block(3, c), block(c, 2 * c), block(2 * c, 4 * c), affine(4 * c, 10)]

    def forward(p, x):
        y = jax.lax.conv_general_dilated(x, p["filters"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        mean, var = y.mean((0, 1, 2)), y.var((0, 1, 2))
        return jax.nn.relu((y - mean) * (jax.lax.rsqrt(var + 1e-5) * p["gamma"]) + p["beta"])

    def halve(x):
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss(params, x, t):
        x = halve(forward(params[1], forward(params[0], x)))
        return cross_entropy(apply(params[3], halve(forward(params[2], x)).mean((1, 2))), t)

    return params, optax.sgd(0.01, momentum=0.9), loss, (x, t)


def lstm():
    words, batch, length, width = 10_000, ARGS.batch or 20, ARGS.length or 35, ARGS.width or 256
    x, t = integers(words, length, batch), integers(words, length * batch)
    params = {
        "embed": normal(words, width),
        "upward": affine(width, 4 * width),
        "lateral": normal(width, 4 * width, scale=width**-0.5),
        "out": affine(width, words),
    }

    def loss(params, x, t):
        def cell(state, up):
            c, h = state
            a, i, f, o = jnp.split(up + h @ params["lateral"], 4, axis=1)
            c = jnp.tanh(a) * jax.nn.sigmoid(i) + jax.nn.sigmoid(f) * c
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (c, h), h

        start = (jnp.zeros((batch, width)),) * 2
        _, h = jax.lax.scan(cell, start, apply(params["upward"], params["embed"][x]))
        return cross_entropy(apply(params["out"], h.reshape(-1, width)), t)

    return params, optax.chain(optax.clip_by_global_norm(5.0), optax.sgd(0.1)), loss, (x, t)


def gpt():
    symbols, batch, length, width, heads = 256, ARGS.batch or 8, ARGS.length or 128, ARGS.width or 256, 4
    x, t = integers(symbols, batch, length), integers(symbols, batch, length)

    def norm():
        return {"gamma": jnp.ones(width), "beta": jnp.zeros(width)}

    def block():
        return {
            "norm1": norm(), "qkv": affine(width, 3 * width), "out": affine(width, width),
            "norm2": norm(), "up": affine(width, 4 * width), "down": affine(4 * width, width),
        }  # fmt: skip

    params = {
        "token": normal(symbols, width), "position": normal(length, width, scale=0.02),
        "blocks": [block() for _ in range(4)], "norm": norm(), "head": affine(width, symbols),
    }  # fmt: skip

    def normalized(p, x):
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(var + 1e-5) * p["gamma"] + p["beta"]

    def forward(p, x):
        qkv = apply(p["qkv"], normalized(p["norm1"], x)).reshape(batch, length, 3, heads, width // heads)
        y = jax.nn.dot_product_attention(qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2], is_causal=True)
        x = x + apply(p["out"], y.reshape(batch, length, width))
        hidden = jax.nn.gelu(apply(p["up"], normalized(p["norm2"], x)), approximate=False)
        return x + apply(p["down"], hidden)

    def loss(params, x, t):
        h = params["token"][x] + params["position"]
        for p in params["blocks"]:
            h = forward(p, h)
        return cross_entropy(apply(params["head"], normalized(params["norm"], h)), t)

    return params, optax.adamw(1e-3, weight_decay=0.01), loss, (x, t)


def scalar():
    return jnp.float32(3), optax.sgd(0.01), lambda x: x * x + 4 * x - 7, ()


def tinymlp():
    width = ARGS.width or 16
    params = [affine(2, width), affine(width, width), affine(width, 1)]

    def loss(params, x):
        a, b, c = params
        return apply(c, jnp.tanh(apply(b, jnp.tanh(apply(a, x)))))[0, 0]

    return params, optax.sgd(0.01), loss, (jnp.array([[0.5, -0.25]]),)


def elementwise():
    x = normal(ARGS.elements or 8_000_000)

    def loss(x):
        return (jax.nn.gelu(x, approximate=False) * jax.nn.sigmoid(x) + jnp.tanh(x)).sum()

    return x, None, loss, ()


def adam():
    """The update alone."""
    n = ARGS.elements or 100_000_000
    params, gradient = normal(n), normal(n)
    optimizer = optax.adam(1e-3)

    def update(params, state, gradient):
        change, state = optimizer.update(gradient, state)
        return optax.apply_updates(params, change), state

    run(jax.jit(update, donate_argnums=(0, 1)), params, optimizer.init(params), (gradient,))


def run(step, params, state, data, **parts):
    """Measures a step from parameters and state to new ones."""
    held = [params, state]

    def once():
        held[:] = step(*held, *data)
        jax.block_until_ready(held)

    protocol.report("JAX", ARGS, once, **parts)


def train(params, optimizer, loss, data):
    forward, gradients = jax.jit(loss), jax.jit(jax.value_and_grad(loss))
    if optimizer is None:
        protocol.report("JAX", ARGS, lambda: jax.block_until_ready(gradients(params, *data)))
        return

    def step(params, state, *data):
        change, state = optimizer.update(jax.grad(loss)(params, *data), state, params)
        return optax.apply_updates(params, change), state

    copy = jax.tree.map(jnp.copy, params)
    parts = {
        "forward": lambda: jax.block_until_ready(forward(copy, *data)),
        "forward_backward": lambda: jax.block_until_ready(gradients(copy, *data)),
    }
    run(jax.jit(step, donate_argnums=(0, 1)), params, optimizer.init(params), data, **parts)


def main():
    if ARGS.workload == "adam":
        adam()
    else:
        train(*globals()[ARGS.workload]())


main()
