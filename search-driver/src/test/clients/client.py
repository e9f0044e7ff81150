"""The clients' side: answers a list of questions about model directories, inside a client's environment.

Reads a JSON list of questions, each an object with "ask" (the name of a function below) and its arguments,
and writes the list of answers: {"answer": …}, or {"failure": …} where the client could not give one.
"""

from __future__ import annotations

import json
import logging
import math
import sys
import warnings
from pathlib import Path
from typing import Any, Callable

import torch
import transformers
from peft import PeftModel
from safetensors.torch import load_file
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoTokenizer, GenerationConfig, PreTrainedModel

Ids = list[int]
MAJOR = int(transformers.__version__.split(".")[0])


def load(directory: str, dtype: str = "float32", adapter: str | None = None) -> PreTrainedModel:
    """The model as a user loads it, computing in float32 unless another type is asked for."""
    argument = "dtype" if MAJOR >= 5 else "torch_dtype"
    model = AutoModelForCausalLM.from_pretrained(
        directory, **{argument: getattr(torch, dtype)}
    )
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter)
    return model.eval()


def token_nlls(logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Of each token but the first, in nats; float64, because a float32 sum alone loses 2e-6.

    Args:
        logits: [tokens - 1, vocabulary], float32
        ids: [tokens]
    """
    # Few at a time: in float64 a long text's need many times the memory of the model.
    parts = zip(logits.split(512), ids[1:].split(512))
    chances = [torch.log_softmax(x.double(), dim=-1).gather(1, y[:, None])[:, 0] for x, y in parts]
    return -torch.cat(chances)


def nll(directory: str, ids: Ids, lengths: list[int], adapter: str | None = None) -> list[float]:
    """The sums over tokens 2 to n of the first n, for each length n."""
    model = load(directory, adapter=adapter)
    sums = []
    for length in lengths:
        window = torch.tensor(ids[:length])
        logits = model(window[None], use_cache=False).logits[0, :-1]
        sums.append(token_nlls(logits, window).sum().item())
    return sums


def nll_with_cache(directory: str, ids: Ids, prompt: int) -> float:
    """The sum over all tokens but the first: a prompt read at once, then token by token as an answer is."""
    model = load(directory)
    window = torch.tensor(ids)
    read = model(window[None, :prompt], use_cache=True)
    logits = [read.logits[0]]
    for position in range(prompt, len(ids) - 1):
        read = model(
            window[None, position : position + 1],
            past_key_values=read.past_key_values,
            use_cache=True,
        )
        logits.append(read.logits[0])
    return token_nlls(torch.cat(logits), window).sum().item()


def save(directory: str, output: str, dtype: str, shard: str | None = None) -> None:
    """Loads a model and writes it again, as after a training with this client."""
    options = {"max_shard_size": shard} if shard is not None else {}
    load(directory, dtype).save_pretrained(output, **options)


def tokens(directory: str, texts: list[str]) -> list[Ids]:
    """The ids of texts with the special tokens that transformers adds."""
    tokenizer = AutoTokenizer.from_pretrained(directory)
    return [tokenizer(text).input_ids for text in texts]


def json_tokens(directory: str, texts: list[str]) -> list[Ids]:
    """The ids that tokenizer.json gives, without special tokens."""
    tokenizer = Tokenizer.from_file(str(Path(directory, "tokenizer.json")))
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def sentencepiece_tokens(directory: str, texts: list[str]) -> list[Ids]:
    """The ids that tokenizer.model gives, without special tokens."""
    tokenizer = SentencePieceProcessor(str(Path(directory, "tokenizer.model")))
    return [tokenizer.encode(text) for text in texts]


def weights_differ(directory: str, other: str) -> list[str]:
    """Names of tensors that two directories do not share bit by bit."""
    first, second = all_weights(directory), all_weights(other)
    equal = {name for name in first.keys() & second.keys() if torch.equal(first[name], second[name])}
    return sorted((first.keys() | second.keys()) - equal)


def all_weights(directory: str) -> dict[str, torch.Tensor]:
    files = sorted(Path(directory).glob("*.safetensors"))
    return {name: tensor for file in files for name, tensor in load_file(file).items()}


def end_tokens(directory: str) -> list[int]:
    """The ids that end a generation."""
    ids = GenerationConfig.from_pretrained(directory).eos_token_id
    return ids if isinstance(ids, list) else [ids]


def make(config: dict[str, Any], output: str, seed: int) -> None:
    """Writes a random model, with config.json as it was given."""
    torch.manual_seed(seed)
    # transformers adds to what it is given.
    made = CONFIG_MAPPING[config["model_type"]].from_dict(json.loads(json.dumps(config)))
    model = AutoModelForCausalLM.from_config(made, dtype=torch.float32)
    for name, weight in model.named_parameters():
        noise = torch.randn_like(weight)
        if weight.dim() > 1:
            weight.copy_(noise * 1.5 / math.sqrt(weight.shape[-1]))
        elif "norm" in name and name.endswith("weight"):
            weight.add_(0.2 * noise)
        else:
            weight.add_(0.1 * noise)
    model.save_pretrained(output)
    Path(output, "config.json").write_text(json.dumps(config))


def rotation(directory: str, length: int) -> tuple[str, float, torch.Tensor, float]:
    """The rope type, base, frequencies and attention factor with which a fresh model reads a length."""
    model = load(directory)
    found = [m for m in model.modules() if "RotaryEmbedding" in type(m).__name__]
    layer = {"layer_type": "full_attention"} if isinstance(found[0].rope_type, dict) else {}
    prefix = "full_attention_" if layer else ""
    parameters = found[0].config.rope_parameters
    parameters = parameters["full_attention"] if layer else parameters
    cos, _ = found[0](torch.zeros(1, 1, 8), torch.arange(length)[None], **layer)
    frequencies = getattr(found[0], prefix + "inv_freq").double()
    # Position 0 has the angle 0, and its cosine is the factor.
    return parameters["rope_type"], parameters["rope_theta"], frequencies, cos[0, 0, 0].item()


def rotation_error(
    directory: str, exported: str, factors: list[float], attention: float, window: int, target: int
) -> float:
    """The greatest relative difference between an export's frequencies and the model's own divided by factors.

    Args:
        directory: of the model; the factors divide its own frequencies, but stand in place of longrope's
        attention: factor on top of the model's own
    """
    lengths = {target: torch.tensor(factors, dtype=torch.float64)}
    written = json.loads(Path(exported, "config.json").read_text())["rope_scaling"]
    if written["short_factor"] != written["long_factor"]:
        lengths[window] = torch.ones(len(factors), dtype=torch.float64)
    worst = 0.0
    for length, given in lengths.items():
        kind, base, own, scaling = rotation(directory, length)
        if kind == "longrope" and length == target:
            d = 2 * len(factors)
            own = base ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
        if kind == "longrope":
            scaling = 1.0
        _, _, found, factor = rotation(exported, length)
        wanted = own / given
        worst = max(worst, ((found - wanted) / wanted).abs().max().item())
        worst = max(worst, abs(factor / (scaling * attention) - 1))
    return worst


QUESTIONS: dict[str, Callable[..., Any]] = {
    question.__name__: question
    for question in (
        nll, nll_with_cache, save, make, rotation_error, tokens, json_tokens, sentencepiece_tokens, weights_differ, end_tokens,
    )
}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    arguments = {name: value for name, value in question.items() if name != "ask"}
    try:
        return {"answer": QUESTIONS[question["ask"]](**arguments)}
    except Exception as failure:  # Whatever a client raises is what its users see.
        sentence = " ".join(str(failure).split())
        return {"failure": f"{type(failure).__name__}: {sentence[:400]}"}


@torch.inference_mode()
def main() -> None:
    questions, answers = Path(sys.argv[1]), Path(sys.argv[2])
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(2)
    given = [answer(question) for question in json.loads(questions.read_text())]
    answers.write_text(json.dumps(given))


if __name__ == "__main__":
    main()
