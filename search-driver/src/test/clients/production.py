"""What the product makes of a model for the clients to read, with the numbers that it gives itself."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from product import CommandFailed, Partition, Product, with_config
from subjects import TEXTS, Subject

# transformers has no field for start tokens, so that they are left out of what is compared.
AS_ENGINES_READ = ("--start-tokens", 0)


@dataclass(frozen=True)
class Reading:
    """A directory that a client must read as the product does.

    Attributes:
        case: what it is, for the table
        nlls: the product's, by the subject's lengths
        adapter: directory of a low-rank adapter that belongs to it
    """

    case: str
    directory: Path
    nlls: list[float]
    adapter: Path | None = None


@dataclass(frozen=True)
class Conversation:
    """A prompt shorter than the window, and its answer, which ends beyond it.

    Attributes:
        directory: an export with the long factors at all lengths
        prompt: tokens
        length: tokens in all
        nll: of all of them
    """

    directory: Path
    prompt: int
    length: int
    nll: float


@dataclass
class Production:
    """All that was made of a model.

    Attributes:
        ids: of the text that everything is measured on, BOS included
        exported: the directory that `export` wrote
        copies: directories that are whole models, by case
        texts: the product's ids of TEXTS, without BOS
        failures: of the product itself: case and reason
    """

    subject: Subject
    ids: list[int] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    conversation: Conversation | None = None
    exported: Path | None = None
    copies: dict[str, Path] = field(default_factory=dict)
    texts: list[list[int]] = field(default_factory=list)
    bos: int | None = None
    failures: list[tuple[str, str]] = field(default_factory=list)


class Producer:
    """Runs the product's commands for one model; what fails is noted, and the rest goes on."""

    def __init__(self, product: Product, subject: Subject, work: Path) -> None:
        self._product = product
        self._subject = subject
        self._work = work / subject.name
        self._factors = self._work / "run" / "factors.json"
        self._made = Production(subject)

    def make(self) -> Production:
        if self._step("prepare", self._prepare):
            self._step("original", self._original)
            if self._subject.tokenizer:
                self._step("baselines", self._baselines)
                self._step("prepare texts", self._tokenise)
            if self._step("search", self._search):
                self._step("export", self._export)
                self._step("export, short factors long", self._export_long)
                self._step("export, table", self._export_table)
                self._step("finetune", self._finetune)
                self._step("finetune, low rank", self._finetune_low_rank)
            if self._subject.attention_window is not None:
                self._step("export, found without window", self._export_unwindowed)
        return self._made

    def _step(self, case: str, step: Callable[[], None]) -> bool:
        try:
            step()
            return True
        except (CommandFailed, OSError, KeyError, ValueError) as failure:
            self._made.failures.append((case, f"{type(failure).__name__}: {failure}"))
            return False

    def _prepare(self) -> None:
        data = self._work / "data"
        tokenizer = ("--tokenizer", self._subject.directory) if self._subject.tokenizer else ()
        self._product.run(
            "prepare", "--format", self._subject.format, "--input", *self._subject.documents,
            *tokenizer, "--min-tokens", self._subject.target, "--output", data,
            "--master", "local[1]",
        )
        partition = Partition.read(data)
        longest = max(partition.documents, key=lambda name: len(partition.documents[name]))
        self._made.ids = partition.with_bos(longest)[: self._subject.target]
        self._made.bos = partition.bos

    def _original(self) -> None:
        self._reading("original", self._subject.directory)

    def _baselines(self) -> None:
        """The closed forms that transformers has too, each told to it in config.json."""
        window, ratio = self._subject.window, self._subject.target / self._subject.window
        extends = {"factor": ratio, "original_max_position_embeddings": window}
        target = ("--target-length", self._subject.target)
        baselines = {
            "pi": ({"rope_type": "linear", "factor": ratio}, target),
            "yarn": ({"rope_type": "yarn"} | extends, target),
            # The base grows with the length of the text alone.
            "dynamic-ntk": ({"rope_type": "dynamic", "factor": 1.0}, ()),
        }
        for method, (rope, options) in baselines.items():
            directory = with_config(
                self._subject.directory, self._work / method, {"rope_scaling": rope}
            )
            nlls = self._nll(self._subject.directory, "--method", method, *options)
            self._made.readings.append(Reading(f"method {method}", directory, nlls))

    def _tokenise(self) -> None:
        lines = self._work / "texts.jsonl"
        documents = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate(TEXTS)]
        lines.write_text("\n".join(documents) + "\n")
        data = self._work / "texts"
        self._product.run(
            "prepare", "--format", "jsonl", "--input", lines, "--tokenizer",
            self._subject.directory, "--output", data, "--master", "local[1]",
        )
        partition = Partition.read(data)
        self._made.texts = [partition.documents[str(i)] for i in range(len(TEXTS))]

    def _search(self, name: str = "run", *options: str) -> None:
        self._product.run(
            "search", "--model", self._subject.directory, "--data", self._work / "data",
            "--target-length", self._subject.target, "--documents", 1, "--held-out-documents", 1,
            "--strategy", "paper", "--population", 8, "--parents", 4, "--mutations", 2,
            "--crossovers", 2, "--iterations", 1, "--output", self._work / name,
            "--master", "local[1]", *options,
        )

    def _export(self) -> None:
        directory = self._write("export", self._factors)
        self._made.exported = directory
        self._made.copies["export"] = directory
        self._reading("export", directory)

    def _export_long(self) -> None:
        """A model whose prompts may be shorter than the window and whose answers pass it."""
        directory = self._write("export-long", self._factors, options=("--short-factors", "long"))
        prompt, length = self._subject.window - 10, self._subject.window + 20
        lengths = [*self._subject.lengths, length]
        nlls = dict(zip(lengths, self._nll(directory, *AS_ENGINES_READ, lengths=lengths)))
        wanted = [nlls[n] for n in self._subject.lengths]
        self._made.readings.append(Reading("export, short factors long", directory, wanted))
        self._made.conversation = Conversation(directory, prompt, length, nlls[length])

    def _export_table(self) -> None:
        """Sets for three lengths: transformers reads the one for the window and the longest."""
        found = json.loads(self._factors.read_text())
        # Of other attention factors than su; transformers 4 computes su for Phi-3 whatever is said.
        su = self._subject.config()["model_type"] == "phi3"
        files = []
        for ratio in (1, 2, 3):
            length = ratio * self._subject.window
            rescaled = {
                "long_factor": [1 + (x - 1) * ratio / 3 for x in found["long_factor"]],
                "factor": float(ratio),
                "longrope": found["longrope"] | {"target_length": length},
            }
            if not su:
                rescaled["attention_factor"] = 1 + 0.05 * math.log(ratio)
            files.append(self._work / f"factors-{length}.json")
            files[-1].write_text(json.dumps(found | rescaled))
        directory = self._write("export-table", *files)
        engines = with_config(directory, self._work / "export-table-engines", {}, "longrope")
        nlls = self._nll(engines)
        self._made.readings.append(Reading("export, table", directory, nlls))

    def _export_unwindowed(self) -> None:
        """Factors that were found with full attention must be read with it."""
        whole = ("--attention-window", "none")
        self._search("run-unwindowed", *whole)
        factors = self._work / "run-unwindowed" / "factors.json"
        directory = self._write("export-unwindowed", factors)
        nlls = self._nll(directory, *AS_ENGINES_READ, *whole)
        self._made.readings.append(Reading("export, found without window", directory, nlls))

    def _finetune(self) -> None:
        directory = self._train("finetune")
        self._made.copies["finetune"] = directory
        self._reading("finetune", directory)

    def _finetune_low_rank(self) -> None:
        # In float32 merging rounds nothing, so that the adapter apart has the same numbers.
        options = ("--lora-rank", 4, "--dtype", "f32")
        merged = self._train("finetune-merged", *options)
        self._made.copies["finetune, merged"] = merged
        nlls = self._reading("finetune, merged", merged)
        adapter = self._train("finetune-adapter", *options, "--adapter")
        if self._made.exported is not None:
            reading = Reading("finetune, adapter", self._made.exported, nlls, adapter)
            self._made.readings.append(reading)

    def _train(self, name: str, *options: str | int) -> Path:
        directory = self._work / name
        self._product.run(
            "finetune", "--model", self._subject.directory, "--factors", self._factors,
            "--data", self._work / "data", "--length", self._subject.target, "--steps", 2,
            "--batch", 1, "--warmup-steps", 0, "--learning-rate", 1e-3, "--threads", 1,
            "--output", directory, *options,
        )
        return directory

    def _write(self, name: str, *factors: Path, options: tuple[str, ...] = ()) -> Path:
        directory = self._work / name
        files = [argument for file in factors for argument in ("--factors", file)]
        self._product.run(
            "export", "--format", "hf", "--model", self._subject.directory, *files, *options,
            "--output", directory,
        )
        return directory

    def _reading(self, case: str, directory: Path) -> list[float]:
        options = () if directory == self._subject.directory else AS_ENGINES_READ
        nlls = self._nll(directory, *options)
        self._made.readings.append(Reading(case, directory, nlls))
        return nlls

    def _nll(
        self, directory: Path, *options: str | int, lengths: list[int] | None = None
    ) -> list[float]:
        lengths = self._subject.lengths if lengths is None else lengths
        return self._product.nll(directory, self._made.ids, lengths, *options)
