"""One small checkpoint of each model family, its export by the product, and what transformers computes of it.

The checkpoints are those of LONGROPE_DATA/families where there are some, else random ones that transformers itself
makes of the settings below.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Callable

from product import CommandFailed, Product
from results import Results

# Relative, of summed NLLs: float32 on both sides, also in routers, where a rounding weighs more.
LIMIT = 1e-5

# Relative, of frequencies and attention factors in float32.
LIMIT_ROTATION = 5e-7

S, F = "sliding_attention", "full_attention"
TOKENS = 300

LLAMA3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
LATENT = {
    "q_lora_rank": 24, "kv_lora_rank": 16, "qk_rope_head_dim": 16, "qk_nope_head_dim": 12,
    "v_head_dim": 20, "num_key_value_heads": 4,
}
TWO_TABLES = {"sliding_window": 24, "layer_types": [S, F, S, F]}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
LOCAL_EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}

# What differs from SHAPE. The rope types are spread over the families.
SHAPE = {
    "vocab_size": TOKENS, "hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4,
    "num_key_value_heads": 2, "intermediate_size": 96, "max_position_embeddings": 64,
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "rope_theta": 10000.0,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "llama": {"rope_scaling": LLAMA3},
    "arcee": {"rope_scaling": YARN},
    "mistral": {"sliding_window": 24, "head_dim": 24},
    "ministral": {"head_dim": 16, **TWO_TABLES},
    "ministral3": {
        "head_dim": 16, "sliding_window": None, "rope_theta": None,
        "rope_parameters": YARN | {"rope_theta": 10000.0, "llama_4_scaling_beta": 0.3},
    },
    "mixtral": {"sliding_window": None, **LOCAL_EXPERTS},
    "qwen2": {"rope_scaling": YARN},
    "qwen2_moe": {**EXPERTS, "shared_expert_intermediate_size": 32},
    "qwen3": {"head_dim": 24, "rope_scaling": {"rope_type": "linear", "factor": 2.0}},
    "qwen3_moe": {"head_dim": 16, **EXPERTS},
    "phi": {"partial_rotary_factor": 0.5, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}},
    "phi3": {"partial_rotary_factor": 0.75, "sliding_window": None},
    "phimoe": {"sliding_window": None, **LOCAL_EXPERTS},
    "gemma": {"head_dim": 16},
    "gemma2": {"head_dim": 16, "sliding_window": 24},
    "gemma3_text": {
        "head_dim": 16, "rope_scaling": {"rope_type": "linear", "factor": 4.0}, **TWO_TABLES,
    },
    "olmo": {},
    "olmo2": {},
    # Version 4 gives the windowed layers the same base, and version 5 this one.
    "olmo3": {"rope_theta": 500000.0, "rope_scaling": YARN, **TWO_TABLES},
    "olmoe": {"num_experts": 4, "num_experts_per_tok": 2},
    "smollm3": {},
    "granite": {"attention_multiplier": 0.2},
    "granitemoe": {"attention_multiplier": 0.2, **LOCAL_EXPERTS},
    "glm": {"head_dim": 16, "rope_scaling": YARN},
    "glm4": {"head_dim": 16},
    "seed_oss": {"head_dim": 16},
    "cohere": {},
    "cohere2": TWO_TABLES,
    "starcoder2": {},
    "gpt_oss": {
        "head_dim": 16, "rope_scaling": YARN | {"truncate": False}, **LOCAL_EXPERTS, **TWO_TABLES,
    },
    "deepseek_v3": {
        "rope_scaling": YARN | {"mscale": 0.8, "mscale_all_dim": 1.0}, "n_routed_experts": 4,
        "n_group": 2, "topk_group": 1, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
        "first_k_dense_replace": 1, **LATENT,
    },
    "minicpm3": LATENT,
    "exaone4": TWO_TABLES,
    "ernie4_5": {"head_dim": 16},
    "hunyuan_v1_dense": {
        "head_dim": 16, "rope_scaling": {"type": "dynamic", "factor": 1.0, "alpha": 50.0},
    },
    "apertus": {"rope_scaling": LLAMA3},
    "stablelm": {"partial_rotary_factor": 0.5},
    "helium": {"head_dim": 16},
    "nemotron": {"partial_rotary_factor": 0.5},
}

# Why transformers 4 is not asked about a family.
NOT_IN_VERSION_4 = {
    "minicpm3": "unknown", "ministral3": "unknown",
    "olmo": "rejects longrope", "olmo2": "rejects longrope", "nemotron": "reads no rope_scaling",
    "apertus": "another activation", "gemma": "another activation",
    "gemma2": "no soft caps", "gpt_oss": "no sinks", "qwen2_moe": "other windows",
}

@dataclass
class FamilyExport:
    """A model and its export, with the product's numbers.

    Attributes:
        window: its original window, tokens
        factors: factors.json, over the model's own table
        exported: read at all lengths
        nlls: of the exported model, by length
        over: of the model with --factors, by length beyond the window
        by_length: whether the model's own table is another at each length; the export has the target's
        failures: of the product itself: case and reason
    """

    name: str
    directory: Path
    window: int = 0
    factors: Path = Path()
    exported: Path = Path()
    ids: list[int] = field(default_factory=list)
    nlls: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    by_length: bool = False

    def config(self) -> dict[str, Any]:
        return json.loads((self.directory / "config.json").read_text())

    @property
    def type(self) -> str:
        return self.config()["model_type"]

    @property
    def target(self) -> int:
        return 2 * self.window

    @property
    def lengths(self) -> list[int]:
        return [self.window // 2, self.window, self.window + 1, self.target]

    @property
    def beyond(self) -> list[int]:
        least = self.target if self.by_length else self.window + 1
        return [length for length in self.lengths if length >= least]


def checkpoints(data: Path | None, work: Path, python: Path, client: Path) -> list[FamilyExport]:
    """One of each family.

    Args:
        data: the folder of reference models; None: none
        python: of the environment whose transformers makes checkpoints
        client: the program that does
    """
    if data is not None and (data / "families").is_dir():
        first: dict[str, Path] = {}
        for directory in sorted((data / "families").iterdir()):
            if (directory / "config.json").exists() and not directory.name.startswith("trap"):
                type = json.loads((directory / "config.json").read_text())["model_type"]
                first.setdefault(type, directory)
        return [FamilyExport(type, directory) for type, directory in sorted(first.items())]
    questions = [
        {
            "ask": "make", "output": str(work / "models" / type), "seed": seed,
            "config": {k: v for k, v in (SHAPE | change).items() if (k, v) != ("rope_theta", None)}
            | {"model_type": type},
        }
        for seed, (type, change) in enumerate(SETTINGS.items())
    ]
    (work / "questions.json").write_text(json.dumps(questions))
    subprocess.run(
        [python, client, work / "questions.json", work / "answers.json"], check=True
    )
    made = []
    for question, answer in zip(questions, json.loads((work / "answers.json").read_text())):
        family = FamilyExport(question["config"]["model_type"], Path(question["output"]))
        if "failure" in answer:
            family.failures.append(("made by transformers", answer["failure"]))
        made.append(family)
    return made


def produce(product: Product, family: FamilyExport, work: Path) -> None:
    """Has the product export factors for a model, and measure it."""
    if family.failures:
        return
    config = family.config()
    own = config.get("rope_scaling") or config.get("rope_parameters") or {}
    own = own.get(F, own)
    family.window = config["max_position_embeddings"]
    longrope = own.get("rope_type", own.get("type")) == "longrope"
    if longrope:
        inside = own.get("original_max_position_embeddings")
        family.window = config.get("original_max_position_embeddings", inside)
    family.by_length = own.get("rope_type") == "dynamic" and "alpha" not in own
    draw = random.Random(family.name)
    family.ids = [draw.randrange(3, TOKENS) for _ in range(family.target)]
    work.mkdir(parents=True)
    try:
        family.factors = work / "factors.json"
        found = None if longrope else _search(product, family, work)
        # Random weights often need no rescaling, and the factor 1 would show little.
        useful = found is not None and any(factor != 1 for factor in found["long_factor"])
        factors = found if useful else _random_factors(family, draw)
        family.factors.write_text(json.dumps(factors))
        family.exported = work / "export"
        export = (
            "export", "--model", family.directory, "--factors", family.factors, "--format", "hf",
        )
        product.run(*export, "--output", family.exported)
        family.nlls = product.nll(family.exported, family.ids, family.lengths)
        family.over = product.nll(
            family.directory, family.ids, family.beyond, "--factors", family.factors,
            "--start-tokens", 0,
        )
        if family.type in ("phimoe", "ministral3"):
            options = ("--output", work / "x", "--short-factors", "original")
            _refused(product, family, "two sets", (*export, *options), "--short-factors long")
        if family.by_length:
            given = ("--factors", family.directory / "config.json", "--output", work / "x")
            command = (*export[:3], *given, "--format", "hf")
            _refused(product, family, "dynamic config", command, "dynamic has other factors")
    except (CommandFailed, OSError, KeyError, ValueError) as failure:
        family.failures.append(("export", f"{type(failure).__name__}: {failure}"))


def _refused(
    product: Product, family: FamilyExport, case: str, command: tuple[Any, ...], why: str
) -> None:
    try:
        product.run(*command)
        family.failures.append((case, "was not refused"))
    except CommandFailed as refusal:
        if "exit code 2" not in str(refusal) or why not in str(refusal):
            family.failures.append((case, str(refusal)))


def _search(product: Product, family: FamilyExport, work: Path) -> dict[str, Any]:
    """Searches for a few evaluations; returns the factors without start tokens."""
    draw = random.Random(family.name)
    documents = work / "documents.jsonl"
    with documents.open("w") as lines:
        for document in ("first", "second"):
            ids = [draw.randrange(3, TOKENS) for _ in range(2 * family.target)]
            lines.write(json.dumps({"id": document, "input_ids": ids}) + "\n")
    product.run(
        "prepare", "--format", "tokens", "--input", documents, "--min-tokens", family.target,
        "--output", work / "data", "--master", "local[1]",
    )
    product.run(
        "search", "--model", family.directory, "--data", work / "data", "--target-length",
        family.target, "--documents", 1, "--held-out-documents", 1, "--strategy", "paper",
        "--population", 8, "--parents", 4, "--mutations", 2, "--crossovers", 2, "--iterations", 1,
        "--output", work / "run", "--master", "local[1]",
    )
    found = json.loads((work / "run" / "factors.json").read_text())
    # Engines have no field for start tokens.
    found["longrope"]["start_tokens"] = 0
    return found


def pairs(config: dict[str, Any]) -> int:
    """The number of rotated pairs."""
    parts = {"phi": 0.5, "glm": 0.5, "glm4": 0.5, "nemotron": 0.5, "stablelm": 0.25}
    if "qk_rope_head_dim" in config:
        return config["qk_rope_head_dim"] // 2
    defaults = {"qwen3": 128, "glm": 128, "glm4": 128, "seed_oss": 128, "ernie4_5": 128, "helium": 128}
    divided = config["hidden_size"] // config["num_attention_heads"]
    width = config.get("head_dim") or defaults.get(config["model_type"], divided)
    own = config.get("rope_parameters") or {}
    part = config.get("partial_rotary_factor", parts.get(config["model_type"], 1))
    return int(width * own.get("partial_rotary_factor", part)) // 2


def _random_factors(family: FamilyExport, draw: random.Random) -> dict[str, Any]:
    # Version 4 accepts no other attention factor than su for Phi-3.
    su = math.sqrt(1 + math.log(2) / math.log(family.window))
    return {
        "rope_type": "longrope",
        "long_factor": sorted(1 + 2 * draw.random() for _ in range(pairs(family.config()))),
        "factor": 2.0,
        "attention_factor": su if family.type == "phi3" else 1.05,
        "original_max_position_embeddings": family.window,
    }


class FamilyComparison:
    """The cases of one client: what it computes of every family's export, beside the product's numbers."""

    def __init__(self, version: str, families: list[FamilyExport]) -> None:
        self._client = ("transformers", version)
        self._judges: list[tuple[str, Callable[[Results, Any], None]]] = []
        self.questions: list[dict[str, Any]] = []
        for family in families:
            if not family.failures and (version >= "5" or family.type not in NOT_IN_VERSION_4):
                self._ask(family, version >= "5")

    def _ask(self, family: FamilyExport, rotations: bool) -> None:
        name = f"family {family.name}: export"
        exported = {"directory": str(family.exported)}
        compare = partial(
            Results.compare_nlls, client=self._client, case=name, lengths=family.lengths,
            wanted=family.nlls, limit=LIMIT,
        )
        self._add(
            name, "nll", exported | {"ids": family.ids, "lengths": family.lengths},
            lambda results, found: compare(results, found=found),
        )
        if rotations:
            place = {"directory": str(family.directory)}
            given = json.loads(family.factors.read_text())
            arguments = place | {
                "exported": str(family.exported), "factors": given["long_factor"],
                "attention": given["attention_factor"], "window": family.window,
                "target": family.target,
            }
            case = f"family {family.name}: frequencies and attention factors"
            self._add(case, "rotation_error", arguments, partial(self._judge_rotation, case))

    def _add(
        self, case: str, ask: str, arguments: dict[str, Any], judge: Callable[[Results, Any], None]
    ) -> None:
        self.questions.append({"ask": ask} | arguments)
        self._judges.append((case, judge))

    def _judge_rotation(self, case: str, results: Results, found: float) -> None:
        bad = "" if found <= LIMIT_ROTATION else f"more than {LIMIT_ROTATION:.0e}"
        results.add(*self._client, case, f"{found:.1e}", bad)

    def compare(self, results: Results, answers: list[dict[str, Any]]) -> None:
        for (case, judge), answer in zip(self._judges, answers, strict=True):
            if "failure" in answer:
                results.add(*self._client, case, "-", answer["failure"])
            else:
                judge(results, answer["answer"])


def check_families(
    product: Product, data: Path | None, work: Path, clients: list[Path], client: Path, jobs: int,
    results: Results,
) -> None:
    """Adds all cases of all families."""
    work.mkdir()
    families = checkpoints(data, work, clients[0], client)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda family: produce(product, family, work / family.name), families))
    for family in families:
        for case, failure in family.failures:
            results.add("longrope", "", f"family {family.name}: {case}", "-", failure)
        if not family.failures:
            results.compare_nlls(
                ("longrope", ""), f"family {family.name}: export beside --factors",
                family.nlls[-len(family.beyond):], family.beyond, family.over, LIMIT,
            )
    for python in clients:
        code = "import importlib.metadata as m; print(m.version('transformers'))"
        found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
        comparison = FamilyComparison(found.stdout.strip(), families)
        questions, answers = work / "asked.json", work / "answered.json"
        questions.write_text(json.dumps(comparison.questions))
        subprocess.run([python, client, questions, answers], check=True)
        comparison.compare(results, json.loads(answers.read_text()))
