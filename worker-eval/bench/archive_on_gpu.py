#!/usr/bin/env python3
"""Measures the decoder's own program on a GPU where DJL's libtorch cannot be loaded.

    bin/longrope bench archive --model MODEL --output decoder.pt
    python3 worker-eval/bench/archive_on_gpu.py --archive decoder.pt --model MODEL --length 32768,131072

MODEL is the directory of a Llama; its config.json alone is read here, and the weights are random. The
calls are those of LayerSteps.java with the sizes of Chunks.GPU. Prints, for each length, useful FLOP a
second as a fraction of the card's bf16 matrix product measured before and after, and the peak of memory
beside the weights; then the difference of the mean NLL in bf16 and in float32, and a plain Hugging Face
forward where transformers is installed. Needs torch 2.5 or later with CUDA; without, a small model shows
that all calls go.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
CHUNK, BLOCK, VOCABULARY_BLOCK = 32_768, 4096, 1 << 16


class Model:
    """Random weights of a Llama in the order of DecoderSpec.programOrder; an empty tensor is one that it lacks."""

    def __init__(self, config, dtype, device):
        self.config = config
        generator = torch.Generator(device).manual_seed(42)
        d, f = config["hidden_size"], config["intermediate_size"]
        queries = config["num_attention_heads"] * head_width(config)
        keys = key_value_heads(config) * head_width(config)

        def matrix(rows, columns):
            return torch.randn(rows, columns, generator=generator, device=device).mul_(0.02).to(dtype)

        ones = torch.ones(d, device=device, dtype=dtype)
        none = torch.empty(0, device=device, dtype=dtype)
        self.embedding = matrix(config["vocab_size"], d)
        self.layers = [
            [none, ones, matrix(queries, d), matrix(keys, d), matrix(keys, d), matrix(d, queries)]
            + [ones, matrix(f, d), matrix(f, d), matrix(d, f)]
            for _ in range(config["num_hidden_layers"])
        ]
        self.output = [ones, none, matrix(config["vocab_size"], d), none]

    def widened(self):
        wide = object.__new__(Model)
        wide.config, wide.embedding = self.config, self.embedding.float()
        wide.layers = [[t.float() for t in layer] for layer in self.layers]
        wide.output = [t.float() for t in self.output]
        return wide


def head_width(config):
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]


def key_value_heads(config):
    return config.get("num_key_value_heads") or config["num_attention_heads"]


def nll(program, model, tokens):
    """NLL in nats of tokens[1:], as LayerSteps computes it."""
    n = len(tokens) - 1
    width = head_width(model.config)
    device = tokens.device
    inverse = 10_000.0 ** (-torch.arange(0, width, 2, device=device, dtype=torch.float64) / width)
    cos, sin = program.tables(inverse, torch.full_like(inverse, 2.0), 0, 1.0, n, 512)
    x = program.allocate(model.embedding, cos, n)
    program.embed_into(x, tokens[:-1].unsqueeze(0), model.embedding, 0)
    keys, values = program.caches(x)
    for weights in model.layers:
        for first in range(0, n, CHUNK):
            last = min(n, first + CHUNK)
            q = program.queries(x, last - first)
            blocks = [(s, min(last, s + BLOCK)) for s in range(first, last, BLOCK)]
            for s, e in blocks:
                program.queries_keys_values(x, cos, sin, weights, q, keys, values, first, s, e)
            program.attention(q, keys, values, weights, first, 0, model.config["num_attention_heads"], 0)
            for s, e in blocks:
                program.output(x, weights, q, first, s, e)
    del keys, values
    targets = tokens[1:].unsqueeze(0)
    parts = [
        program.head(x, model.output, targets, s, min(n, s + BLOCK), VOCABULARY_BLOCK)
        for s in range(0, n, BLOCK)
    ]
    return torch.cat(parts, 1).double()


def seconds(action):
    synchronize()
    start = time.perf_counter()
    action()
    synchronize()
    return time.perf_counter() - start


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def forget_peak():
    if DEVICE == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_bytes():
    return torch.cuda.max_memory_allocated() if DEVICE == "cuda" else math.nan


def allocated_bytes():
    return torch.cuda.memory_allocated() if DEVICE == "cuda" else math.nan


def matrix_product():
    size, repetitions = (8192, 20) if DEVICE == "cuda" else (1024, 1)
    a = torch.randn(size, size, device=DEVICE, dtype=torch.bfloat16)
    b = torch.randn(size, size, device=DEVICE, dtype=torch.bfloat16)
    a @ b
    taken = seconds(lambda: [a @ b for _ in range(repetitions)])
    return 2 * size**3 * repetitions / taken


def flop(config, n):
    d, f = config["hidden_size"], config["intermediate_size"]
    queries = config["num_attention_heads"] * head_width(config)
    keys = key_value_heads(config) * head_width(config)
    layers = config["num_hidden_layers"]
    matrices = layers * (2 * d * queries + 2 * d * keys + 3 * d * f) + config["vocab_size"] * d
    return 2 * n * matrices + 4 * layers * queries * n * (n + 1) / 2


def hugging_face(config, length):
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.device(DEVICE):
        wide = LlamaConfig(**{**config, "max_position_embeddings": length})
        model = LlamaForCausalLM(wide).to(torch.bfloat16).eval()
    ids = torch.randint(config["vocab_size"], (1, length), device=DEVICE)
    model(ids[:, :512])
    return seconds(lambda: model(ids, labels=ids, use_cache=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--archive", required=True)
    parser.add_argument("--model", type=Path, required=True, help="directory whose config.json names the shape")
    parser.add_argument("--length", default="32768,131072")
    options = parser.parse_args()
    config = json.loads((options.model / "config.json").read_text())
    if config["model_type"] != "llama":
        parser.error(f"{options.model} is a {config['model_type']}: expected a llama, whose weights this script makes.")
    program = torch.jit.load(options.archive, map_location=DEVICE)
    print(f"{torch.cuda.get_device_name() if DEVICE == 'cuda' else DEVICE}, torch {torch.__version__}")
    lengths = [int(length) for length in options.length.split(",")]
    vocabulary = config["vocab_size"]
    with torch.inference_mode():
        model = Model(config, torch.bfloat16, DEVICE)
        nll(program, model, torch.randint(vocabulary, (4096,), device=DEVICE))
        for length in lengths:
            tokens = torch.randint(vocabulary, (length,), device=DEVICE)
            before = matrix_product()
            forget_peak()
            weights = allocated_bytes()
            taken = seconds(lambda: nll(program, model, tokens))
            peak = peak_bytes() - weights
            rate = (before + matrix_product()) / 2
            wide = key_value_heads(config) * head_width(config)
            buffers = (peak / (2 * length) - 2 * wide) / config["hidden_size"]
            print(
                f"{length:>9,} tokens {taken:9.2f} s  {flop(config, length - 1) / taken / rate:.2f} of"
                f" {rate / 1e12:.0f} TFLOP/s  {peak / 2**30:.1f} GiB beside the weights,"
                f" {buffers:.1f} buffers beside keys and values"
            )
        small = {**config, "num_hidden_layers": min(4, config["num_hidden_layers"])}
        model = None
        forget_peak()
        half = Model(small, torch.bfloat16, DEVICE)
        tokens = torch.randint(vocabulary, (4096,), device=DEVICE)
        narrow = nll(program, half, tokens).mean().item()
        wide = nll(program, half.widened(), tokens).mean().item()
        print(f"mean NLL bf16 {narrow:.6f}, f32 {wide:.6f}, difference {abs(narrow - wide):.1e}")
        assert math.isfinite(narrow) and abs(narrow - wide) < 1e-3
        try:
            for length in lengths:
                print(f"Hugging Face {length:,} tokens {hugging_face(config, length):.2f} s")
                forget_peak()
        except (ImportError, torch.cuda.OutOfMemoryError) as problem:
            print(f"Hugging Face: {type(problem).__name__}")


if __name__ == "__main__":
    main()
