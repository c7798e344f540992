#!/usr/bin/python3
"""torch_work.py WORK THREADS SECONDS: the work of train_work, by PyTorch. Prints one JSON line.

Written the way a PyTorch user who wants speed writes it: one product for q, k and v, batched products for attention, fused
gelu, layer norm and cross-entropy, AdamW over lists of tensors.
"""
import json
import math
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

WORKS = {  # layers, width, heads, context, vocabulary; 8 sequences
    "A": (4, 128, 4, 128, 256),
    "B": (6, 256, 4, 256, 32000),
    "quick": (2, 64, 2, 64, 256),
}


class Block(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.register_buffer("future", torch.full((context, context), -math.inf).triu(1))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (p.view(B, T, self.heads, -1).transpose(1, 2) for p in self.qkv(self.norm1(x)).split(C, -1))
        scores = q @ k.transpose(-1, -2) * (1 / math.sqrt(C // self.heads)) + self.future
        x = x + self.o((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class GPT2(nn.Module):
    def __init__(self, name, layers, width, heads, context, vocabulary):
        super().__init__()
        self.embed, self.position = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(Block(width, heads, context) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        if name != "quick":  # the reference works tie head and embedding, as GPT-2 does
            self.head.weight = self.embed.weight
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02)

    def forward(self, tokens, targets):
        x = self.blocks(self.embed(tokens) + self.position.weight)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), targets.flatten())


def main():
    name, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = GPT2(name, *WORKS[name])
    context, vocabulary = WORKS[name][3:]
    tokens = torch.randint(vocabulary, (8, context + 1))
    inputs, targets = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()
    optimizer = torch.optim.AdamW([dict(params=[p for p in model.parameters() if p.dim() == 2], weight_decay=0.1),
                                   dict(params=[p for p in model.parameters() if p.dim() == 1], weight_decay=0.0)],
                                  lr=1e-4, betas=(0.9, 0.99), foreach=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = model(inputs, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    for _ in range(2):
        step()
    start, cpu_start, steps = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - start < seconds:
        loss = step()
        steps += 1
    elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    print(json.dumps(dict(work=name, workers=threads, backend="pytorch " + torch.__version__,
                          tokens_per_second=steps * inputs.numel() / elapsed,
                          tokens_per_cpu_second=steps * inputs.numel() / cpu * threads, loss=float(loss))))


if __name__ == "__main__":
    main()
