"""The models that the clients and the product both read."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from product import with_config

# Files beside weights and config.json that loaders look for.
LOADER_FILES = (
    "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "vocab.json", "merges.txt",
)

# Special tokens in a text are text to sentencepiece, and tokens to all others.
SPECIAL_TEXT = "special tokens as text: <s> </s> <unk> <|endoftext|> [INST]"

# LlamaTokenizer of transformers 5 replaces the normalizer of tokenizer.json by one that sets no blank before a text
# (nor before one that follows a special token) that begins with a blank. All others, sentencepiece included, set it.
BLANK_TEXTS = ("  two leading blanks, and one trailing ", " ", SPECIAL_TEXT)

# Texts on which tokenizers are apt to differ.
TEXTS = (
    *BLANK_TEXTS,
    "Once upon a time, there was a little girl.",
    "\n\n\ttabs and\r\nline ends\r\n\r\n",
    "indented\n        eight\n                sixteen blanks",
    "caf\u00e9, and the same decomposed: cafe\u0301",
    "typography: \u201cquoted\u201d \u2013 dashed \u2026 \u00a0no-break\u202fnarrow",
    "\u65e5\u672c\u8a9e \u4e2d\u6587 \ud55c\uad6d\uc5b4 \u05e2\u05d1\u05e8\u05d9\u05ea \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0939\u093f\u0928\u094d\u0926\u0940",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7 \U00013000 \u16a0\u16a2\u16a6",
    "\ufeffa byte order mark, \u200b a blank without width, \ufffd",
    "control \u0001 \u001b[0m \u007f",
    "1234567890 3.14159e-10 0x7fff_ffff",
    "CamelCaseIdentifiers and snake_case_ones(){}[];/*comment*/",
    "a" * 300,
)


@dataclass(frozen=True)
class Subject:
    """A model and documents for it.

    Attributes:
        directory: the Hugging Face checkpoint
        window: its original window, tokens
        documents: for `prepare`
        format: of the documents
    """

    name: str
    directory: Path
    window: int
    documents: list[Path]
    format: str

    @property
    def tokenizer(self) -> bool:
        return (self.directory / "tokenizer.json").exists()

    @property
    def target(self) -> int:
        """Length that factors are searched for, tokens."""
        return 3 * self.window

    @property
    def lengths(self) -> list[int]:
        """Lengths to compare at: within the window, at its end, just beyond it, and far beyond."""
        return [self.window // 2, self.window, self.window + 1, 2 * self.window, 3 * self.window]

    def loader_files(self) -> list[str]:
        return [name for name in LOADER_FILES if (self.directory / name).exists()]

    def config(self) -> dict[str, Any]:
        return json.loads((self.directory / "config.json").read_text())

    @property
    def attention_window(self) -> int | None:
        """Tokens that attention reaches back in some layer; None: all."""
        config = self.config()
        return config.get("sliding_window") if config.get("use_sliding_window", True) else None

    @property
    def is_llama_tokenizer(self) -> bool:
        config = json.loads((self.directory / "tokenizer_config.json").read_text())
        return config["tokenizer_class"] == "LlamaTokenizer"


def subjects(root: Path, data: Path | None, work: Path) -> list[Subject]:
    """All that are there: the demonstration model always, others in the folder of reference models.

    Args:
        root: of the checkout
        work: where documents are written that must be made
    """
    demonstration = root / "search-driver/demonstration"
    # Java sources that the build fetches for the quick start.
    sources = root / "search-driver/target/demonstration"
    found = [Subject("demonstration", demonstration, 256, [sources], "archive")]
    if data is not None:
        stories = sorted((data / "tinystories/long").glob("*.txt"))
        found.append(Subject("stories15M", data / "models/stories15M", 256, stories[:4], "text"))
        for directory in sorted((data / "oracle/zoo").iterdir()):
            if directory.is_dir():
                found.append(_random(directory, work))
    return found


def _random(directory: Path, work: Path) -> Subject:
    """A small random model, with documents of random ids."""
    config = json.loads((directory / "config.json").read_text())
    name = directory.name
    if config["model_type"] == "phi3":
        # What transformers takes for the padding id of Phi-3 otherwise is beyond this vocabulary.
        directory = with_config(directory, work / f"{name}-original", {"pad_token_id": None})
    window = config["max_position_embeddings"]
    draw = random.Random(1)
    file = work / f"{name}.jsonl"
    with file.open("w") as lines:
        for document in ("first", "second", "third", "fourth"):
            ids = [draw.randrange(3, config["vocab_size"]) for _ in range(4 * window)]
            lines.write(json.dumps({"id": document, "input_ids": ids}) + "\n")
    return Subject(name, directory, window, [file], "tokens")
