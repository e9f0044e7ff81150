#!/usr/bin/env python3
"""Measures the decoder's own program on a GPU where DJL's libtorch cannot be loaded.

    bin/longrope bench archive --output decoder.pt
    python3 worker-eval/bench/archive_on_gpu.py --archive decoder.pt --length 32768,131072

Random weights in the shape of Llama 2 7B; the calls are those of DecodingSession.java with the sizes of
Chunks.GPU. Prints, for each length, useful FLOP a second as a fraction of the card's bf16 matrix
product measured before and after, and the peak of memory beside the weights; then the difference of
the mean NLL in bf16 and in float32, and a plain Hugging Face forward where transformers is installed.
Needs torch 2.5 or later with CUDA; without, a small --hidden, --layers … shows that all calls go.
"""

import argparse
import math
import time

import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
CHUNK, BLOCK, VOCABULARY_BLOCK = 32_768, 4096, 1 << 16
EPSILON = 1e-5


class Model:
    """Weights in the order that the program takes them."""

    def __init__(self, shape, dtype, device):
        self.shape = shape
        self.dtype = dtype
        generator = torch.Generator(device).manual_seed(42)
        d, f = shape.hidden, shape.inner

        def matrix(rows, columns):
            return torch.randn(rows, columns, generator=generator, device=device).mul_(0.02).to(dtype)

        ones = torch.ones(d, device=device, dtype=dtype)
        none = torch.empty(0, device=device, dtype=dtype)
        self.embedding = matrix(shape.vocabulary, d)
        self.layers = [
            [ones, matrix(d, d), matrix(d, d), matrix(d, d), matrix(d, d)]
            + [ones, matrix(f, d), matrix(f, d), matrix(d, f)]
            + [none] * 7
            for _ in range(shape.layers)
        ]
        self.norm = ones
        self.head = matrix(shape.vocabulary, d)

    def widened(self):
        wide = object.__new__(Model)
        wide.shape, wide.dtype = self.shape, torch.float32
        wide.embedding, wide.norm, wide.head = (t.float() for t in (self.embedding, self.norm, self.head))
        wide.layers = [[t.float() for t in layer] for layer in self.layers]
        return wide


def nll(program, model, tokens):
    """NLL in nats of tokens[1:], as DecodingSession computes it."""
    shape, n = model.shape, len(tokens) - 1
    width = shape.hidden // shape.heads
    device = tokens.device
    inverse = 10_000.0 ** (-torch.arange(0, width, 2, device=device, dtype=torch.float64) / width)
    cos, sin = program.tables(inverse, torch.full_like(inverse, 2.0), 0, 1.0, n, 512)
    x = program.allocate(model.embedding, cos, n)
    program.embed_into(x, tokens[:-1].unsqueeze(0), model.embedding, 0)
    keys, values = program.caches(x, shape.heads, width)
    for weights in model.layers:
        for first in range(0, n, CHUNK):
            last = min(n, first + CHUNK)
            q = program.queries(x, shape.heads, last - first, width)
            blocks = [(s, min(last, s + BLOCK)) for s in range(first, last, BLOCK)]
            for s, e in blocks:
                program.queries_keys_values(x, cos, sin, weights, q, keys, values, first, s, e, EPSILON)
            program.attention(q, keys, values, first, 0, shape.heads, 0)
            for s, e in blocks:
                program.output(x, weights, q, first, s, e, EPSILON)
    del keys, values
    targets = tokens[1:].unsqueeze(0)
    parts = [
        program.head(x, model.norm, model.head, targets, s, min(n, s + BLOCK), EPSILON, VOCABULARY_BLOCK)
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


def flop(shape, n):
    matrices = 4 * shape.hidden**2 + 3 * shape.hidden * shape.inner
    linear = 2 * n * (shape.layers * matrices + shape.vocabulary * shape.hidden)
    return linear + 4 * shape.layers * shape.hidden * n * (n + 1) / 2


def hugging_face(shape, length):
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        vocab_size=shape.vocabulary,
        max_position_embeddings=length,
    )
    with torch.device(DEVICE):
        model = LlamaForCausalLM(config).to(torch.bfloat16).eval()
    ids = torch.randint(shape.vocabulary, (1, length), device=DEVICE)
    model(ids[:, :512])
    return seconds(lambda: model(ids, labels=ids, use_cache=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--archive", required=True)
    parser.add_argument("--length", default="32768,131072")
    parser.add_argument("--hidden", type=int, default=4096)
    parser.add_argument("--inner", type=int, default=11008)
    parser.add_argument("--layers", type=int, default=32)
    parser.add_argument("--heads", type=int, default=32)
    parser.add_argument("--vocabulary", type=int, default=32000)
    shape = parser.parse_args()
    program = torch.jit.load(shape.archive, map_location=DEVICE)
    print(f"{torch.cuda.get_device_name() if DEVICE == 'cuda' else DEVICE}, torch {torch.__version__}")
    lengths = [int(length) for length in shape.length.split(",")]
    with torch.inference_mode():
        model = Model(shape, torch.bfloat16, DEVICE)
        nll(program, model, torch.randint(shape.vocabulary, (4096,), device=DEVICE))
        for length in lengths:
            tokens = torch.randint(shape.vocabulary, (length,), device=DEVICE)
            before = matrix_product()
            forget_peak()
            weights = allocated_bytes()
            taken = seconds(lambda: nll(program, model, tokens))
            peak = peak_bytes() - weights
            rate = (before + matrix_product()) / 2
            buffers = peak / (2 * length * shape.hidden) - 2
            print(
                f"{length:>9,} tokens {taken:9.2f} s  {flop(shape, length - 1) / taken / rate:.2f} of"
                f" {rate / 1e12:.0f} TFLOP/s  {peak / 2**30:.1f} GiB beside the weights,"
                f" {buffers:.1f} buffers beside keys and values"
            )
        small = argparse.Namespace(**{**vars(shape), "layers": min(4, shape.layers)})
        model = None
        forget_peak()
        half = Model(small, torch.bfloat16, DEVICE)
        tokens = torch.randint(shape.vocabulary, (4096,), device=DEVICE)
        narrow = nll(program, half, tokens).mean().item()
        wide = nll(program, half.widened(), tokens).mean().item()
        print(f"mean NLL bf16 {narrow:.6f}, f32 {wide:.6f}, difference {abs(narrow - wide):.1e}")
        assert math.isfinite(narrow) and abs(narrow - wide) < 1e-3
        try:
            for length in lengths:
                print(f"Hugging Face {length:,} tokens {hugging_face(shape, length):.2f} s")
                forget_peak()
        except (ImportError, torch.cuda.OutOfMemoryError) as problem:
            print(f"Hugging Face: {type(problem).__name__}")


if __name__ == "__main__":
    main()
