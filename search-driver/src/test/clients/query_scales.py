"""Query scales: what the product applies, what it folds into an export, and what PEFT applies must be the same.

Every model has random scales in the finest shape that its weights can contain.
"""

from __future__ import annotations

import json
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from families import SETTINGS, SHAPE, TOKENS, pairs
from product import CommandFailed, Product
from results import Results

# Relative, of summed NLLs: float32 on both sides.
LIMIT = 2e-6

# Less than scales change the sum; more than LIMIT by far.
LEAST_EFFECT = 1e-4

# One of each place that scales go to: rows of q_proj, of a fused qkv_proj, of q_b_proj after a part that is not
# rotated; neighbours; a part of a head; a norm of queries per head (with w - 1 stored, too), of all heads together,
# and after the rotation; biases; layers without the rescaled table.
FAMILIES = (
    "llama", "phi3", "deepseek_v3", "cohere", "stablelm", "qwen3", "gemma3_text", "olmo2",
    "hunyuan_v1_dense", "qwen2", "smollm3",
)

# Families whose queries' norm is shared by the heads, before the rotation.
SHARED_NORM = ("qwen3", "gemma3_text")

# (IA)3 multiplies what a linear module gives, and not a norm.
NO_ADAPTER = (*SHARED_NORM, "olmo2")

# How the suite's other cases name why version 4 is not asked.
NOT_IN_VERSION_4 = ("olmo2",)


@dataclass
class Scaled:
    """A model with factors and query scales, and the product's numbers.

    Attributes:
        shape: layers, heads and pairs of the scales
        folded: export with the scales in its weights
        base: export without the scales
        adapter: (IA)3 adapter of the scales; None where there can be none
        applied: NLLs of the model with --factors
        read: NLLs of the folded export
        without: NLLs of the model with --factors, without the scales
    """

    name: str
    directory: Path
    shape: tuple[int, int, int]
    window: int
    vocabulary: int
    folded: Path = Path()
    base: Path = Path()
    adapter: Path | None = None
    ids: list[int] = field(default_factory=list)
    applied: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lengths(self) -> list[int]:
        return [self.window + 1, 2 * self.window]

    def factors(self) -> dict[str, Any]:
        """A factors.json with scales."""
        layers, heads, pairs = self.shape
        draw = random.Random(self.name)
        # Version 4 accepts no other attention factor than su for Phi-3, which is what an absent one means.
        return {
            "rope_type": "longrope_query_scales",
            "long_factor": sorted(1 + 2 * draw.random() for _ in range(pairs)),
            "factor": 2.0,
            "original_max_position_embeddings": self.window,
            "longrope": {
                "query_scales": {
                    "layers": layers, "heads": heads,
                    "scales": [0.5 + draw.random() for _ in range(layers * heads * pairs)],
                }
            },
        }


def models(demonstration: Path, work: Path, python: Path, client: Path) -> list[Scaled]:
    """The demonstration model in float32, and a random model of each family, made by transformers."""
    questions = []
    for seed, type in enumerate(FAMILIES):
        config = SHAPE | SETTINGS[type] | {"model_type": type}
        # Rope types of their own are the other cases' matter.
        config.pop("rope_scaling", None)
        output = str(work / "models" / type)
        questions.append({"ask": "make", "output": output, "seed": seed, "config": config})
    real = {
        "ask": "save", "directory": str(demonstration), "dtype": "float32",
        "output": str(work / "models" / "demonstration"),
    }
    asked, answered = work / "questions.json", work / "answers.json"
    asked.write_text(json.dumps([real, *questions]))
    subprocess.run([python, client, asked, answered], check=True)
    made = []
    for question, answer in zip([real, *questions], json.loads(answered.read_text()), strict=True):
        directory = Path(question["output"])
        name = directory.name
        if "failure" in answer:
            made.append(Scaled(name, directory, (0, 0, 0), 0, 0, failures=[("made", answer["failure"])]))
            continue
        config = json.loads((directory / "config.json").read_text())
        heads = 1 if name in SHARED_NORM else config["num_attention_heads"]
        shape = (config["num_hidden_layers"], heads, pairs(config))
        window = config["max_position_embeddings"]
        made.append(Scaled(name, directory, shape, window, min(config["vocab_size"], TOKENS)))
    return made


def produce(product: Product, model: Scaled, work: Path) -> None:
    """Has the product apply the scales, fold them, and write them as an adapter."""
    if model.failures:
        return
    draw = random.Random(model.name)
    model.ids = [draw.randrange(3, model.vocabulary) for _ in range(2 * model.window)]
    work.mkdir(parents=True)
    factors = work / "factors.json"
    factors.write_text(json.dumps(model.factors()))
    export = ("export", "--model", model.directory, "--factors", factors)
    without = "--without-query-scales"
    try:
        model.folded, model.base = work / "folded", work / "base"
        product.run(*export, "--format", "hf", "--output", model.folded)
        product.run(*export, "--format", "hf", "--output", model.base, without, "--link")
        nll = partial(product.nll, model.directory, model.ids, model.lengths, "--factors", factors)
        model.applied, model.without = nll(), nll(without)
        model.read = product.nll(model.folded, model.ids, model.lengths)
        if model.name not in NO_ADAPTER:
            model.adapter = work / "adapter"
            product.run(*export, "--format", "peft", "--output", model.adapter)
    except (CommandFailed, OSError, KeyError, ValueError) as failure:
        model.failures.append(("scales", f"{type(failure).__name__}: {failure}"))


def check_query_scales(
    product: Product, demonstration: Path, work: Path, clients: list[Path], client: Path, jobs: int,
    results: Results,
) -> None:
    """Adds all cases of query scales."""
    work.mkdir()
    made = models(demonstration, work, clients[0], client)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda model: produce(product, model, work / model.name), made))
    for model in made:
        for case, failure in model.failures:
            results.add("longrope", "", f"query scales, {model.name}: {case}", "-", failure)
        if not model.failures:
            case = f"query scales, {model.name}: folded beside applied"
            results.compare_nlls(
                ("longrope", ""), case, model.read, model.lengths, model.applied, LIMIT
            )
            moved = max(abs(a / b - 1) for a, b in zip(model.applied, model.without, strict=True))
            small = "" if moved > LEAST_EFFECT else "the scales change nothing"
            results.add("longrope", "", f"query scales, {model.name}: their effect", f"{moved:.1e}", small)
    for python in clients:
        _compare(python, client, [model for model in made if not model.failures], work, results)


def _compare(python: Path, client: Path, made: list[Scaled], work: Path, results: Results) -> None:
    code = "import importlib.metadata as m; print(m.version('transformers'), m.version('peft'))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    transformers, peft = found.stdout.split()
    questions: list[dict[str, Any]] = []
    cases: list[tuple[tuple[str, str], str, Scaled]] = []
    for model in made:
        if transformers < "5" and model.name in NOT_IN_VERSION_4:
            continue
        plain = {"ask": "nll", "ids": model.ids, "lengths": model.lengths}
        questions.append(plain | {"directory": str(model.folded)})
        cases.append((("transformers", transformers), "folded export", model))
        if model.adapter is not None:
            questions.append(plain | {"directory": str(model.base), "adapter": str(model.adapter)})
            cases.append((("peft", peft), "(IA)3 adapter", model))
    asked, answered = work / "asked.json", work / "answered.json"
    asked.write_text(json.dumps(questions))
    subprocess.run([python, client, asked, answered], check=True)
    for (name, case, model), answer in zip(cases, json.loads(answered.read_text()), strict=True):
        title = f"query scales, {model.name}: {case}"
        if "failure" in answer:
            results.add(*name, title, "-", answer["failure"])
        else:
            results.compare_nlls(name, title, answer["answer"], model.lengths, model.applied, LIMIT)
