"""The product's side: its command line, and what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet

# A command takes seconds; one that waits for something must not hold up the suite.
LONGEST_SECONDS = 600


class CommandFailed(Exception):
    """A command of the product that ended with another exit code than 0."""


@dataclass(frozen=True)
class Partition:
    """Documents as the product has tokenised them.

    Attributes:
        documents: token ids by document id, without BOS
        bos: what begins every sequence, if the tokenizer has such a token
    """

    documents: dict[str, list[int]]
    bos: int | None

    @staticmethod
    def read(directory: Path) -> Partition:
        manifest = json.loads((directory / "manifest.json").read_text())
        documents = {}
        for name in manifest["files"]:
            for row in pyarrow.parquet.read_table(directory / name).to_pylist():
                # Little-endian int32.
                documents[row["id"]] = list(memoryview(row["tokens"]).cast("i"))
        return Partition(documents, manifest["bos_token_id"])

    def with_bos(self, document: str) -> list[int]:
        ids = self.documents[document]
        return ids if self.bos is None else [self.bos, *ids]


@dataclass(frozen=True)
class Product:
    """The command line under test.

    Attributes:
        command: such as bin/longrope
        environment: variables beside the suite's own
    """

    command: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path | int | float) -> None:
        """Runs a command.

        Raises:
            CommandFailed: with its exit code and its last words
        """
        line = [str(self.command), *map(str, arguments)]
        # Most of a command's time is the start of its JVM: one compiler is enough for that.
        defaults = {"LONGROPE_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}
        try:
            ended = subprocess.run(
                line, env=defaults | dict(os.environ) | self.environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=LONGEST_SECONDS,
            )
        except subprocess.TimeoutExpired as slow:
            raise CommandFailed(f"{arguments[0]}: not done after {LONGEST_SECONDS} s") from slow
        if ended.returncode != 0:
            words = " ".join((ended.stderr or ended.stdout).strip().splitlines()[-3:])
            raise CommandFailed(f"{arguments[0]}: exit code {ended.returncode}: {words[-400:]}")

    def nll(
        self, directory: Path, ids: list[int], lengths: list[int], *options: str | int
    ) -> list[float]:
        """The sums over tokens 2 to n of the first n, for each length n, as `perplexity` gives them."""
        with tempfile.TemporaryDirectory() as scratch:
            tokens, report = Path(scratch, "ids.json"), Path(scratch, "report.json")
            tokens.write_text(json.dumps(ids))
            self.run(
                "perplexity", "--model", directory, "--token-ids", tokens, "--threads", 1,
                "--length", ",".join(map(str, lengths)), "--json", report, *options,
            )
            results = json.loads(report.read_text())["results"]
        by_length = {result["length"]: result["nll"] for result in results}
        return [by_length[length] for length in lengths]


def with_config(directory: Path, output: Path, change: dict[str, Any], remove: str = "") -> Path:
    """Makes a directory with the files of another and a changed config.json."""
    output.mkdir(parents=True)
    for file in directory.iterdir():
        if file.name != "config.json":
            (output / file.name).symlink_to(file.resolve())
    config = json.loads((directory / "config.json").read_text())
    config.pop(remove, None)
    (output / "config.json").write_text(json.dumps(config | change))
    return output
