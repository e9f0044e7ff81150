"""Real clients against the product: what it writes must load and give its numbers, and the reverse.

Prints a table of all cases; the exit code is 1 if one of them failed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Callable

from families import check_families
from product import CommandFailed, Product
from production import AS_ENGINES_READ, Conversation, Producer, Production, Reading
from query_scales import check_query_scales
from real_model import RealModel
from results import Results
from subjects import BLANK_TEXTS, SPECIAL_TEXT, TEXTS, Subject, subjects

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]

# Relative, of summed NLLs: float32 on both sides.
LIMIT = 2e-6
# Of the same program on another build of the same libtorch.
LIMIT_WHEEL = 1e-6

# Small enough that every model is written in several files.
SHARD = {"demonstration": "1MB", "stories15M": "20MB"}
SMALLEST_SHARD = "60KB"


# Adds the case of a client (package, version) whose answer it is given.
Judge = Callable[[Results, tuple[str, str], str, Any], None]


@dataclass
class Client:
    """An environment with a client, and the questions that are put to it in one process.

    Attributes:
        python: of the environment
        answers: known after ask_all
    """

    python: Path
    questions: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def versions(self) -> dict[str, str]:
        """Of the packages that cases name."""
        names = ("transformers", "peft", "safetensors", "tokenizers", "sentencepiece")
        code = f"import importlib.metadata as m; print(*(m.version(n) for n in {names}))"
        found = subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=True)
        return dict(zip(names, found.stdout.split(), strict=True))

    def add(self, ask: str, **arguments: Any) -> int:
        """Adds a question and returns its number."""
        plain = {k: str(v) if isinstance(v, Path) else v for k, v in arguments.items()}
        self.questions.append({"ask": ask} | plain)
        return len(self.questions) - 1

    def ask_all(self, work: Path) -> None:
        questions, answers = work / "questions.json", work / "answers.json"
        questions.write_text(json.dumps(self.questions))
        subprocess.run([self.python, HERE / "client.py", questions, answers], check=True)
        self.answers = json.loads(answers.read_text())

    def named(self, package: str) -> tuple[str, str]:
        return package, self.versions[package]


@dataclass(frozen=True)
class Check:
    """A question to a client, and what is done with its answer.

    Attributes:
        package: of the client, for the table
        number: of the question
        judge: adds the case to the results
    """

    package: str
    case: str
    number: int
    judge: Judge


@dataclass(frozen=True)
class Saved:
    """A directory that a client writes, for the product to read.

    Attributes:
        saving: number of the question that writes it
        reading: number of the question that reads it
    """

    made: Production
    case: str
    directory: Path
    saving: int
    reading: int


class Comparison:
    """The cases of one client: questions first, then its answers beside the product's."""

    def __init__(self, client: Client, made: list[Production], work: Path) -> None:
        self._client = client
        self._made = made
        self._work = work
        self._checks: list[Check] = []
        self._saved: list[Saved] = []

    def ask(self) -> None:
        for made in self._made:
            for reading in made.readings:
                self._ask_numbers(made, reading)
            if made.conversation is not None:
                self._ask_conversation(made, made.conversation)
            if made.exported is not None:
                self._ask_weights(made, made.exported)
                self._ask_saving(made, made.exported)
            if "generation_config.json" in made.subject.loader_files():
                self._ask_end_tokens(made)
            if made.texts:
                self._ask_tokens(made)
        self._client.ask_all(self._work)

    def _add(self, package: str, case: str, judge: Judge, ask: str, **arguments: Any) -> None:
        number = self._client.add(ask, **arguments)
        self._checks.append(Check(package, case, number, judge))

    def _ask_numbers(self, made: Production, reading: Reading) -> None:
        lengths = made.subject.lengths
        adapter = {} if reading.adapter is None else {"adapter": reading.adapter}
        self._add(
            "transformers" if reading.adapter is None else "peft",
            f"{made.subject.name}: {reading.case}",
            partial(Results.compare_nlls, lengths=lengths, wanted=reading.nlls, limit=LIMIT),
            "nll", directory=reading.directory, ids=made.ids, lengths=lengths, **adapter,
        )

    def _ask_conversation(self, made: Production, talk: Conversation) -> None:
        lengths = [talk.length]
        self._add(
            "transformers",
            f"{made.subject.name}: answer beyond the window, with cache",
            partial(Results.compare_nlls, lengths=lengths, wanted=[talk.nll], limit=LIMIT),
            "nll_with_cache", directory=talk.directory, ids=made.ids[: talk.length],
            prompt=talk.prompt,
        )

    def _ask_weights(self, made: Production, exported: Path) -> None:
        self._add(
            "safetensors", f"{made.subject.name}: weights, export",
            partial(Results.compare_lists, wanted=[]),
            "weights_differ", directory=exported, other=made.subject.directory,
        )

    def _ask_end_tokens(self, made: Production) -> None:
        end = made.subject.config()["eos_token_id"]
        for case, directory in made.copies.items():
            self._add(
                "transformers", f"{made.subject.name}: end tokens, {case}",
                partial(Results.compare_lists, wanted=[end]), "end_tokens", directory=directory,
            )

    def _ask_tokens(self, made: Production) -> None:
        subject = made.subject
        bare = dict(zip(TEXTS, made.texts, strict=True))
        whole = {text: ids if made.bos is None else [made.bos, *ids] for text, ids in bare.items()}
        but = ""
        if subject.is_llama_tokenizer and self._client.versions["transformers"] >= "5":
            but = " but for blanks at the start"
            whole = {text: ids for text, ids in whole.items() if text not in BLANK_TEXTS}
        plain = {text: ids for text, ids in bare.items() if text != SPECIAL_TEXT}

        def add(package: str, case: str, ask: str, wanted: dict[str, list[int]]) -> None:
            judge = partial(Results.compare_ids, wanted=wanted)
            self._add(package, case, judge, ask, directory=directory, texts=list(wanted))

        for where, directory in ({"original": subject.directory} | made.copies).items():
            case = f"{subject.name}: token ids, {where}"
            add("transformers", case + but, "tokens", whole)
            add("tokenizers", case, "json_tokens", bare)
            if "tokenizer.model" in subject.loader_files():
                add("sentencepiece", case, "sentencepiece_tokens", plain)

    def _ask_saving(self, made: Production, exported: Path) -> None:
        subject = made.subject
        shard = SHARD.get(subject.name, SMALLEST_SHARD)
        for case, options in {
            "saved in shards": {"dtype": "float32", "shard": shard},
            "saved in bf16": {"dtype": "bfloat16"},
        }.items():
            output = self._work / subject.name / case.replace(" ", "-")
            saving = self._client.add("save", directory=exported, output=output, **options)
            reading = self._client.add(
                "nll", directory=output, ids=made.ids, lengths=subject.lengths
            )
            self._saved.append(Saved(made, case, output, saving, reading))

    def compare(self, results: Results) -> None:
        """Adds all that needs the client's answers alone."""
        for check in self._checks:
            client, answer = self._client.named(check.package), self._client.answers[check.number]
            if "failure" in answer:
                results.add(*client, check.case, "-", answer["failure"])
            else:
                check.judge(results, client, check.case, answer["answer"])

    def compare_saved(self, product: Product, results: Results, jobs: int) -> None:
        """Has the product read what the client wrote."""
        with ThreadPoolExecutor(jobs) as pool:
            measured = list(pool.map(lambda saved: self._measure(product, saved), self._saved))
        client = self._client.named("transformers")
        for saved, nlls in zip(self._saved, measured):
            subject = saved.made.subject
            case = f"{subject.name}: export, {saved.case}, read by the product"
            answers = [self._client.answers[number] for number in (saved.saving, saved.reading)]
            failures = [answer["failure"] for answer in answers if "failure" in answer]
            if failures or isinstance(nlls, str):
                results.add(*client, case, "-", failures[0] if failures else str(nlls))
            else:
                wanted = answers[1]["answer"]
                results.compare_nlls(client, case, nlls, subject.lengths, wanted, LIMIT)

    def _measure(self, product: Product, saved: Saved) -> list[float] | str:
        """The product's NLLs, or why there are none."""
        if not saved.directory.exists():
            return "not written"
        lengths = saved.made.subject.lengths
        try:
            return product.nll(saved.directory, saved.made.ids, lengths, *AS_ENGINES_READ)
        except CommandFailed as failure:
            return str(failure)


def check_wheel(product: Product, torch: Path, subject: Subject, results: Results) -> None:
    """Compares the product on its own libtorch with the product on a wheel's, as GPU hosts have it.

    Args:
        torch: the wheel's folder
        subject: one with a vocabulary of more than 255
    """
    client = ("libtorch", "2.7.1")
    on_wheel = replace(product, environment={"PYTORCH_LIBRARY_PATH": str(torch / "lib")})
    ids = [i % 255 for i in range(subject.target)]
    case = f"{subject.name}: original, by PYTORCH_LIBRARY_PATH"
    try:
        wanted = product.nll(subject.directory, ids, subject.lengths)
        found = on_wheel.nll(subject.directory, ids, subject.lengths)
    except CommandFailed as failure:
        results.add(*client, case, "-", str(failure))
        return
    results.compare_nlls(client, case, found, subject.lengths, wanted, LIMIT_WHEEL)


def check_product(made: list[Production], results: Results) -> None:
    """Adds the product's own failures, and the files that a whole model must have."""
    for production in made:
        subject = production.subject
        for case, failure in production.failures:
            results.add("longrope", "", f"{subject.name}: {case}", "-", failure)
        for case, directory in production.copies.items():
            missing = [f for f in subject.loader_files() if not (directory / f).exists()]
            failure = f"not in {directory}: {', '.join(missing)}" if missing else ""
            results.add("longrope", "", f"{subject.name}: files, {case}", f"{len(missing)}", failure)


def torch_folder(python: Path) -> Path:
    code = "import importlib.util; print(importlib.util.find_spec('torch').submodule_search_locations[0])"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip())


def say(started: float, words: str) -> None:
    print(f"[{time.monotonic() - started:4.0f} s] {words}", file=sys.stderr, flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="emptied first")
    parser.add_argument("--client", type=Path, action="append", required=True, metavar="PYTHON")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", metavar="NAME")
    return parser.parse_args()


def chosen(all_subjects: list[Subject], only: list[str] | None) -> list[Subject]:
    names = [subject.name for subject in all_subjects]
    stages = ["wheel", "families", "query-scales", "real-model"]
    unknown = set(only or []) - {*stages, *names}
    if unknown:
        sys.exit(f"--only {', '.join(unknown)}: expected some of {', '.join(stages + names)}.")
    return [subject for subject in all_subjects if only is None or subject.name in only]


def main() -> None:
    options, started, results = parse(), time.monotonic(), Results()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    data = os.environ.get("LONGROPE_DATA")
    product = Product(options.product)
    known = subjects(ROOT, Path(data) if data else None, options.work)
    wanted = chosen(known, options.only)

    def produce(subject: Subject) -> Production:
        (options.work / subject.name).mkdir()
        made = Producer(product, subject, options.work).make()
        say(started, f"{subject.name}: written by the product")
        return made

    with ThreadPoolExecutor(options.jobs) as pool:
        made = list(pool.map(produce, wanted))
    check_product(made, results)
    for python in options.client if made else []:
        client = Client(python)
        work = options.work / python.parents[1].name
        work.mkdir()
        comparison = Comparison(client, made, work)
        comparison.ask()
        say(started, f"{work.name}: answered")
        comparison.compare(results)
        comparison.compare_saved(product, results, options.jobs)
        say(started, f"{work.name}: what it saved was read by the product")
    if options.only is None or "families" in options.only:
        check_families(
            product, Path(data) if data else None, options.work / "families", options.client,
            HERE / "client.py", options.jobs, results,
        )
        say(started, "families: compared")
    if options.only is None or "query-scales" in options.only:
        check_query_scales(
            product, ROOT / "search-driver/demonstration", options.work / "query-scales",
            options.client, HERE / "client.py", options.jobs, results,
        )
        say(started, "query-scales: compared")
    if options.only is None or "wheel" in options.only:
        check_wheel(product, torch_folder(options.client[0]), known[0], results)
    if data and (options.only is None or "real-model" in options.only):
        work = options.work / "real-model"
        RealModel(product, Path(data), options.work.parent, work, options.client[0]).check(results)
        say(started, "real-model: measured")
    print(results.table())
    sys.exit(1 if results.failed() else 0)


if __name__ == "__main__":
    main()
