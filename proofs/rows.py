"""What a proof found: one row a figure and database, as a table and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Row:
    """One proof on one database; it holds when nothing is lost, nothing doubled and no fault is named."""

    figure: str
    database: str
    processes: int
    kills: int
    lost: int
    doubled: int
    seconds: float
    faults: tuple[str, ...] = ()
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether it was shown."""
        return not (self.lost or self.doubled or self.faults)

    def counted(self) -> dict[str, Any]:
        """What does not depend on the machine."""
        names = ("figure", "database", "processes", "kills", "lost", "doubled", "faults")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, Any]:
        """The row as it is kept."""
        return {**self.counted(), "faults": list(self.faults), "seconds": round(self.seconds, 1), **self.more}


def keep(rows: Iterable[Row], path: Path = KEPT) -> None:
    """Put the rows in the file, each in the place of an earlier one of its figure and database."""
    before = json.loads(path.read_text("utf-8")) if path.exists() else []
    kept = {(each["figure"], each["database"]): each for each in before}
    kept |= {(row.figure, row.database): row.as_json() for row in rows}
    path.write_text(json.dumps(list(kept.values()), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def show(rows: Sequence[Row]) -> None:
    """The rows as a table."""
    from rich.console import Console
    from rich.table import Table

    columns = ("figure", "database", "processes", "kills", "lost", "doubled", "seconds")
    table = Table(*columns, "more", "shown")
    for row in rows:
        more = ", ".join(f"{name} {value:g}" for name, value in row.more.items())
        cells = [f"{value:.1f}" if isinstance(value := getattr(row, name), float) else str(value) for name in columns]
        table.add_row(*cells, more, "yes" if row.holds else "NO")
    Console().print(table)
