"""What a measurement prints and keeps: tables for people, JSON for comparison, targets for both."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"


@dataclass(kw_only=True)
class Target:
    """What was wanted of one figure, and what it is. `at_most` False: at least."""

    what: str
    wanted: float
    measured: float
    at_most: bool = True

    @property
    def reached(self) -> bool:
        if self.at_most:
            return self.measured <= self.wanted
        return self.measured >= self.wanted


@dataclass(kw_only=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)

    def add(self, *row: Any) -> None:
        self.rows.append(row)

    def printed(self) -> str:
        cells = [[_cell(value) for value in row] for row in (self.columns, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [_line(row, widths) for row in cells]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join([f"\n{self.title}", lines[0], rule, *lines[1:]])


class Report:
    """Tables are printed as they are finished, so that a long run can be watched."""

    def __init__(self, name: str, machine: Mapping[str, Any]) -> None:
        self._name = name
        self._machine = machine
        self._began = datetime.now(UTC)
        self._tables: list[Table] = []
        self.targets: list[Target] = []
        say(_about(machine))

    def show(self, table: Table) -> None:
        self._tables.append(table)
        say(table.printed())

    def finish(self) -> None:
        """Say which targets were reached and write the JSON."""
        if self.targets:
            table = Table(title="targets", columns=("", "wanted", "measured", "reached"))
            for one in self.targets:
                sign = "≤" if one.at_most else "≥"
                table.add(one.what, f"{sign} {_cell(one.wanted)}", one.measured, one.reached)
            self.show(table)
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self._name}-{self._began:%Y%m%d-%H%M%S}.json"
        content = {
            "what": self._name,
            "began": self._began.isoformat(timespec="seconds"),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": self._machine,
            "tables": [asdict(table) for table in self._tables],
            "targets": [asdict(one) | {"reached": one.reached} for one in self.targets],
        }
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str))
        say(f"\nwritten to {path.relative_to(Path.cwd())}")


def _about(machine: Mapping[str, Any]) -> str:
    fsync = machine["fsync_ms"]
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB,"
        f" Linux {machine['kernel']}\nPython {machine['python']}, {machine['python_speed']:,} loops"
        f" a second\n{machine['file_system']}, fsync p50 {fsync['p50']} ms, p99 {fsync['p99']} ms"
    )


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(row, widths, strict=True)
    aligned = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return "  ".join(aligned).rstrip()
