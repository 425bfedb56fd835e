"""What was measured, as a table and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, what it is held against, and how many times that it is."""

    figure: str
    value: float
    unit: str
    against: str
    ratio: float | None = None


def held_against(figure: str, value: float, unit: str, most: float) -> Figure:
    """A figure whose bound is a number of its own unit."""
    return Figure(figure, round(value, 4), unit, f"at most {most:g} {unit}", round(value / most, 3))


def write(figures: Sequence[Figure], path: Path) -> None:
    """Keep the figures as JSON."""
    text = json.dumps([asdict(each) for each in figures], indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def add(figures: Sequence[Figure], path: Path) -> None:
    """Keep the figures as JSON beside those that are there: one of the same name gives way, where it stood."""
    kept = {each["figure"]: Figure(**each) for each in json.loads(path.read_text("utf-8"))} if path.exists() else {}
    write(list((kept | {each.figure: each for each in figures}).values()), path)


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned lines."""
    rows = [("figure", "value", "unit", "ratio", "against"), *map(_cells, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_lines(rows, widths))


def _cells(each: Figure) -> tuple[str, ...]:
    value = f"{each.value:,.0f}" if abs(each.value) >= 1000 else f"{each.value:,.3f}"
    ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
    return each.figure, value, each.unit, ratio, each.against


def _lines(rows: Iterable[tuple[str, ...]], widths: Sequence[int]) -> Iterator[str]:
    for name, value, unit, ratio, against in rows:
        cells = (name.ljust(widths[0]), value.rjust(widths[1]), unit.ljust(widths[2]), ratio.rjust(widths[3]), against)
        yield "  ".join(cells).rstrip()
