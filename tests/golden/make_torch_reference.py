#!/usr/bin/python3
"""Losses, gradients and optimizer steps of two small models, by PyTorch: an independent reference for the C++ decoder.

Writes tests/golden/torch/{gpt2,llama}.{json,weights,gradients,after}: shape, tokens and losses; the starting weights; the gradient
of the first batch; the weights after ten AdamW steps. Everything is computed in float64 from float32 weights, so what differs from
the reference is float32's rounding. Needs Debian's python3-torch 1.13 or any newer PyTorch; run it from anywhere.

The model is written from docs/model.md alone, in plain tensor operations.
"""
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parent / "torch"
BATCHES, SEQUENCES = 10, 3
OPTIMIZER = dict(learning_rate=0.003, beta1=0.9, beta2=0.99, epsilon=1e-8, weight_decay=0.1, clip_norm=1.0)

CONFIGS = {
    "gpt2": dict(vocabulary=61, context=14, layers=2, width=24, heads=2, head_size=12, hidden=96, norm="layernorm",
                 position="learned", activation="gelu", bias=True, tie_embeddings=True),
    # heads * head_size = 24 differs from the width
    "llama": dict(vocabulary=61, context=14, layers=2, width=20, heads=3, head_size=8, hidden=52, norm="rmsnorm",
                  position="rope", activation="swiglu", bias=False, tie_embeddings=False),
}


def shapes(c):
    """Names and shapes of all tensors, in the order of docs/model.md."""
    C, A, H = c["width"], c["heads"] * c["head_size"], c["hidden"]
    result = {"embed.weight": (c["vocabulary"], C)}
    if c["position"] == "learned":
        result["position.weight"] = (c["context"], C)

    def norm(name):
        result[name + ".weight"] = (C,)
        if c["norm"] == "layernorm":
            result[name + ".bias"] = (C,)

    def linear(name, out, inner):
        result[name + ".weight"] = (out, inner)
        if c["bias"]:
            result[name + ".bias"] = (out,)

    for i in range(c["layers"]):
        block = f"blocks.{i}."
        norm(block + "attn_norm")
        for part in "qkv":
            linear(block + "attn." + part, A, C)
        linear(block + "attn.o", C, A)
        norm(block + "mlp_norm")
        if c["activation"] == "swiglu":
            linear(block + "mlp.gate", H, C)
        linear(block + "mlp.up", H, C)
        linear(block + "mlp.down", C, H)
    norm("final_norm")
    if not c["tie_embeddings"]:
        result["head.weight"] = (c["vocabulary"], C)
    return result


def loss_of(c, w, tokens):
    """Mean next-token cross-entropy of tokens [B, T + 1] under the weights w, a dict of tensors."""
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    B, T = inputs.shape
    h, d = c["heads"], c["head_size"]

    def norm(x, name):
        if c["norm"] == "layernorm":
            return F.layer_norm(x, (c["width"],), w[name + ".weight"], w[name + ".bias"], eps=1e-5)
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * w[name + ".weight"]

    def linear(x, name):
        return F.linear(x, w[name + ".weight"], w.get(name + ".bias"))

    def rotate(x):  # [B, h, T, d]: the pairs (j, j + d/2) turn by t * 10000^(-2j/d)
        j = torch.arange(d // 2, dtype=x.dtype)
        angle = torch.arange(T, dtype=x.dtype)[:, None] * 10000.0 ** (-2 * j / d)
        a, b = x[..., : d // 2], x[..., d // 2 :]
        return torch.cat([a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()], -1)

    def attention(x, block):
        q, k, v = (linear(x, block + "attn." + part).view(B, T, h, d).transpose(1, 2) for part in "qkv")
        if c["position"] == "rope":
            q, k = rotate(q), rotate(k)
        scores = (q @ k.transpose(-1, -2)) / math.sqrt(d)
        scores = scores.masked_fill(torch.ones(T, T, dtype=torch.bool).triu(1), -math.inf)
        return linear((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, h * d), block + "attn.o")

    def mlp(x, block):
        up = linear(x, block + "mlp.up")
        if c["activation"] == "swiglu":
            hidden = F.silu(linear(x, block + "mlp.gate")) * up
        else:
            hidden = 0.5 * up * (1 + torch.tanh(math.sqrt(2 / math.pi) * (up + 0.044715 * up**3)))
        return linear(hidden, block + "mlp.down")

    x = w["embed.weight"][inputs]
    if c["position"] == "learned":
        x = x + w["position.weight"][:T]
    for i in range(c["layers"]):
        block = f"blocks.{i}."
        x = x + attention(norm(x, block + "attn_norm"), block)
        x = x + mlp(norm(x, block + "mlp_norm"), block)
    logits = F.linear(norm(x, "final_norm"), w["embed.weight" if c["tie_embeddings"] else "head.weight"])
    return F.cross_entropy(logits.reshape(B * T, -1), targets.reshape(-1))


def write_safetensors(path, tensors):
    header, blobs, at = {}, [], 0
    for name, tensor in tensors.items():
        values = tensor.detach().to(torch.float32).flatten().tolist()
        blobs.append(struct.pack(f"<{len(values)}f", *values))
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(blobs[-1])]}
        at += len(blobs[-1])
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def main():
    OUT.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    for seed, (name, c) in enumerate(CONFIGS.items()):
        torch.manual_seed(seed)
        weights = {}
        for tensor, shape in shapes(c).items():
            centre = 1.0 if tensor.endswith("norm.weight") else 0.0
            weights[tensor] = (centre + 0.15 * torch.randn(shape)).to(torch.float64).requires_grad_()
        write_safetensors(OUT / f"{name}.weights.safetensors", weights)
        tokens = torch.randint(c["vocabulary"], (BATCHES, SEQUENCES, c["context"] + 1))

        o = OPTIMIZER
        groups = [dict(params=[p for p in weights.values() if p.dim() == 2], weight_decay=o["weight_decay"]),
                  dict(params=[p for p in weights.values() if p.dim() == 1], weight_decay=0.0)]
        optimizer = torch.optim.AdamW(groups, lr=o["learning_rate"], betas=(o["beta1"], o["beta2"]), eps=o["epsilon"])
        losses, norms = [], []
        for batch in tokens:
            optimizer.zero_grad()
            loss = loss_of(c, weights, batch)
            loss.backward()
            if not losses:
                write_safetensors(OUT / f"{name}.gradients.safetensors", {k: p.grad for k, p in weights.items()})
            norms.append(float(torch.nn.utils.clip_grad_norm_(weights.values(), o["clip_norm"])))
            losses.append(float(loss))
            optimizer.step()
        write_safetensors(OUT / f"{name}.after.safetensors", weights)
        (OUT / f"{name}.json").write_text(json.dumps(dict(config=c, optimizer=o, pytorch=torch.__version__, losses=losses,
                                                          gradient_norms=norms, tokens=tokens.tolist())) + "\n")


if __name__ == "__main__":
    main()
