"""lstm, a GRU step and attention."""

import chainer.functions as F
import torch
import torch.nn.functional as T

from samples import booleans, constant, given, normal


def record(cases):
    recurrent(cases)
    attention(cases)


def recurrent(cases):
    """lstm: (c, x (B, 4n) interleaved per unit as a i f o) to (c, h). links.gru: see `gru`."""
    cases.chainer("lstm", F.lstm, normal(3, 2), normal(3, 8))
    cases.chainer("lstm.smaller_batch", F.lstm, normal(4, 2), normal(2, 8))
    weights = [normal(2, 3), normal(2), normal(2, 2), normal(2)] * 3
    cases.chainer("links.gru", gru, normal(4, 2), normal(4, 3), *weights)


def gru(h, x, *weights):
    """Inputs h, x, then W and b of W_r, U_r, W_z, U_z, W, U: Chainer's GRU, one step."""
    w_r, u_r, w_z, u_z, w, u = [weights[i : i + 2] for i in range(0, 12, 2)]
    r = F.sigmoid(F.linear(x, *w_r) + F.linear(h, *u_r))
    z = F.sigmoid(F.linear(x, *w_z) + F.linear(h, *u_z))
    h_bar = F.tanh(F.linear(x, *w) + F.linear(r * h, *u))
    return F.linear_interpolate(z, h_bar, h)


def attention(cases):
    """(q, k, v[, mask]); a bool mask is true where a key may be seen, a float mask is added."""
    run = lambda **options: lambda q, k, v: T.scaled_dot_product_attention(q, k, v, **options)
    masked = lambda q, k, v, m: T.scaled_dot_product_attention(q, k, v, attn_mask=m)
    name = "scaled_dot_product_attention"
    heads = lambda length: normal(2, 2, length, 4)
    cases.torch(name, run(), heads(3), heads(5), normal(2, 2, 5, 3))
    cases.torch(name + ".three_dim", run(), normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 4))
    cases.torch(name + ".causal", run(is_causal=True), heads(5), heads(5), heads(5))
    cases.torch(name + ".causal_more_keys", run(is_causal=True), heads(3), heads(5), heads(5))
    visible = given([[True, True, False, True, False], [False, True, True, False, True], [True] * 5])
    cases.torch(name + ".bool_mask", masked, heads(3), heads(5), heads(5), visible)
    padding = given([[[[True, True, True, False, False]]], [[[True] * 4 + [False]]]])
    cases.torch(name + ".bool_mask_broadcast", masked, heads(3), heads(5), heads(5), padding)
    cases.torch(name + ".float_mask", masked, heads(3), heads(5), heads(5), constant(normal(3, 5)))
    cases.torch(name + ".scale0p25", run(scale=0.25), heads(3), heads(3), heads(3))
