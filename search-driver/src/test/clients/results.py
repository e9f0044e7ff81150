"""What was compared, and the table of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

# Characters of a failure that are shown.
LONGEST = 600


@dataclass(frozen=True)
class Result:
    """A case of one client.

    Attributes:
        error: the greatest relative difference of numbers, how many things differ, or -
        failure: why the case failed; empty if it did not
    """

    client: str
    version: str
    case: str
    error: str
    failure: str = ""


@dataclass
class Results:
    """All results so far, in the order of the table."""

    rows: list[Result] = field(default_factory=list)

    def add(self, client: str, version: str, case: str, error: str, failure: str = "") -> None:
        self.rows.append(Result(client, version, case, error, failure))

    def compare_nlls(
        self, client: tuple[str, str], case: str, found: list[float] | float, lengths: list[int],
        wanted: list[float], limit: float,
    ) -> None:
        """Adds a case that fails where the NLL at a length differs by more than the relative limit."""
        found = found if isinstance(found, list) else [found]
        errors = [abs(f - w) / abs(w) for w, f in zip(wanted, found, strict=True)]
        bad = [
            f"{n} tokens: {f:.9g} instead of {w:.9g}"
            for n, w, f, error in zip(lengths, wanted, found, errors, strict=True)
            if not error <= limit
        ]
        worst = math.nan if any(math.isnan(e) for e in errors) else max(errors)
        failure = f"more than {limit:.0e}: " + "; ".join(bad) if bad else ""
        self.add(*client, case, f"{worst:.1e}", failure)

    def compare_ids(
        self, client: tuple[str, str], case: str, found: list[list[int]],
        wanted: dict[str, list[int]],
    ) -> None:
        """Adds a case that fails where the ids of a text are not the same."""
        bad = [
            f"{text[:20]!r}: {f} instead of {w}"
            for (text, w), f in zip(wanted.items(), found, strict=True)
            if w != f
        ]
        self.add(*client, case, f"{len(bad)} of {len(wanted)}", "; ".join(bad))

    def compare_lists(
        self, client: tuple[str, str], case: str, found: list[Any], wanted: list[Any]
    ) -> None:
        """Adds a case that fails where a list is not the same."""
        equal = found == wanted
        self.add(*client, case, str(int(not equal)), "" if equal else f"{found} instead of {wanted}")

    def failed(self) -> bool:
        return any(row.failure for row in self.rows)

    def table(self) -> str:
        """All cases; what failed again below it, with its reason."""
        head = ("client", "version", "case", "error", "")
        cells = [
            (row.client, row.version, row.case, row.error, "FAILED" if row.failure else "ok")
            for row in self.rows
        ]
        widths = [max(len(row[i]) for row in [head, *cells]) for i in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in [head, *cells]
        ]
        lines += [
            f"\n{row.client} {row.version}, {row.case}:\n  {row.failure[:LONGEST]}"
            for row in self.rows
            if row.failure
        ]
        passed = sum(not row.failure for row in self.rows)
        lines.append(f"\n{passed} of {len(self.rows)} cases passed.")
        return "\n".join(lines)
