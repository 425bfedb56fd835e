"""A bar chart of one figure as SVG text: the same numbers give the same text, so that a difference shows in review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.peers.rows import Row

WIDTH: Final = 720
LEFT: Final = 150  # where the bars begin
RIGHT: Final = 120  # what their values need
TOP: Final = 44
BAR: Final = 22
STEP: Final = 32
OURS: Final = "#2f6f4f"
OTHERS: Final = "#9aa5b1"
STYLE: Final = (
    "text{font:13px sans-serif;fill:#1f2933}.t{font-weight:bold}@media(prefers-color-scheme:dark){text{fill:#e4e7eb}}"
)


def write(rows: Iterable[Row], folder: Path) -> None:
    """A file for each row that has something to show."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        if row.bars:
            (folder / f"{row.figure.figure}.svg").write_text(svg(row), encoding="utf-8", newline="\n")


def svg(row: Row) -> str:
    """The chart."""
    figure = row.figure
    height = TOP + STEP * len(row.bars)
    title = escape(f"{figure.figure.replace('_', ' ')} ({figure.unit})")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">',
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        f'<text class="t" x="0" y="20">{title}</text>',
        *_bars(row.bars),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bars(bars: Mapping[str, float]) -> Iterator[str]:
    most = max(*bars.values(), 1e-9)
    for place, (label, value) in enumerate(bars.items()):
        top, middle = TOP + STEP * place, TOP + STEP * place + BAR - 6
        width = max(1.0, (WIDTH - LEFT - RIGHT) * value / most)
        colour = OURS if place == 0 else OTHERS
        yield f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end">{escape(label)}</text>'
        yield f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" rx="3" fill="{colour}"/>'
        yield f'<text x="{LEFT + width + 8:.1f}" y="{middle}">{told(value)}</text>'


def told(value: float) -> str:
    """A number as a person reads it."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"
