"""One row of the table: a figure, what it is held to, and the bars of its chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

from benchmarks.figures import Figure


class Bound(NamedTuple):
    """What a figure must reach and what it should, of its ratio or of its value."""

    of: Literal["ratio", "value"]
    kind: Literal["at least", "at most"]
    must: float
    aim: float | None = None

    def said(self, unit: str) -> str:
        """The bound in words."""
        return f"{self.kind} {self.must:,g}{'' if self.of == 'ratio' else ' ' + unit}"

    def is_kept(self, reached: float, wanted: float) -> bool:
        """Whether what was reached is as good as what was wanted."""
        return reached >= wanted if self.kind == "at least" else reached <= wanted


GRADES: Final = ("missed", "must", "aim")


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one thing."""

    figure: Figure
    bounds: tuple[Bound, ...] = ()
    bars: Mapping[str, float] = field(default_factory=dict)  # label: value in the figure's unit

    def verdict(self) -> str:
        """The worst of `aim`, `must` and `missed`; nothing where there is no bound, or nothing to hold against it."""
        grades = [GRADES.index(self._grade(each)) for each in self.bounds if self._reached(each) is not None]
        return GRADES[min(grades)] if grades else ""

    def _grade(self, bound: Bound) -> str:
        reached = self._reached(bound) or 0.0
        if not bound.is_kept(reached, bound.must):
            return "missed"
        return "aim" if bound.aim is not None and bound.is_kept(reached, bound.aim) else "must"

    def _reached(self, bound: Bound) -> float | None:
        return self.figure.ratio if bound.of == "ratio" else self.figure.value

    def bounded(self) -> Row:
        """The same row, its figure saying what it must reach."""
        bounds = [each.said(self.figure.unit) for each in self.bounds]
        told = "; ".join(filter(None, [self.figure.against, *bounds]))
        return replace(self, figure=replace(self.figure, against=told))


def compared(name: str, unit: str, ours: float, other: Other, bound: Bound | None = None) -> Row:
    """A row that holds ours against another's value; without that, one that says what to install."""
    bounds = () if bound is None else (bound,)
    if other.value is None:
        return Row(Figure(name, _rounded(ours), unit, other.said), bounds, {"process-manager": ours})
    against = f"{_rounded(other.value):,g} {unit} by {other.said}"
    figure = Figure(name, _rounded(ours), unit, against, round(ours / other.value, 3))
    return Row(figure, bounds, {"process-manager": ours, other.label: other.value})


class Other(NamedTuple):
    """What ours is held against: its name in a chart, its value, and what it was or why it has none."""

    label: str
    value: float | None
    said: str


def valued(name: str, value: float, unit: str, bound: Bound, against: str = "") -> Row:
    """A row that is held against a number of its own unit."""
    figure = Figure(name, round(value, 4), unit, against, round(value / bound.must, 3) if bound.must else None)
    return Row(figure, (bound,), {"process-manager": value, bound.kind: bound.must})


def absent(name: str, unit: str, why: str) -> Row:
    """A row of what could not be measured here, and why."""
    return Row(Figure(name, 0, unit, f"not measured: {why}"))


def _rounded(value: float) -> float:
    return round(value) if abs(value) >= 100 else round(value, 2)
