"""What a picture is drawn of: boxes, arrows, texts. It follows the reader's light or dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

Point = tuple[int, int]

WIDTH: Final = 124
HEIGHT: Final = 44
ROUND: Final = 10

STYLE: Final = """\
text{font:14px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#334155}
.name{font-weight:600;fill:#0f172a;text-anchor:middle;dominant-baseline:central}
.line{fill:none;stroke:#64748b;stroke-width:1.5}
.head,.start{fill:#64748b}
.frame{fill:none;stroke:#94a3b8;stroke-dasharray:5 5}
.box{stroke-width:1.5}
.alive{fill:#dbeafe;stroke:#2563eb}
.person{fill:#fef3c7;stroke:#b45309}
.closed{fill:#f1f5f9;stroke:#475569}
.final{fill:none;stroke:#475569}
@media (prefers-color-scheme:dark){
text{fill:#cbd5e1}
.name{fill:#f8fafc}
.line{stroke:#94a3b8}
.head,.start{fill:#94a3b8}
.frame{stroke:#64748b}
.alive{fill:#1e3a8a;stroke:#60a5fa}
.person{fill:#713f12;stroke:#fbbf24}
.closed{fill:#334155;stroke:#94a3b8}
.final{stroke:#94a3b8}
}"""


def drawing(size: Point, title: str, description: str, parts: Iterable[str]) -> str:
    """Return the file: a picture with a name and a description that a screen reader reads."""
    width, height = size
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(description)}</desc>',
            f"<style>\n{STYLE}\n</style>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8"'
            ' markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
            *parts,
            "</svg>\n",
        ]
    )


def box(centre: Point, name: str, *, kind: str, is_final: bool) -> Iterator[str]:
    """Yield a box with its name, with a second border where nothing leaves it."""
    x, y = centre
    yield _rectangle(x, y, 0, f"box {kind}")
    if is_final:
        yield _rectangle(x, y, 4, "final")
    yield f'<text class="name" x="{x}" y="{y}">{escape(name)}</text>'


def frame(corner: Point, opposite: Point, name: str) -> Iterator[str]:
    """Yield a frame with its name at its upper left."""
    (x, y), (right, bottom) = corner, opposite
    yield f'<rect class="frame" x="{x}" y="{y}" width="{right - x}" height="{bottom - y}" rx="{ROUND}"/>'
    yield text(name, (x + 14, y + 22), anchor="start")


def line(points: Sequence[Point]) -> str:
    """Return an arrow through the points, its corners rounded."""
    start, *corners, end = points
    steps = [f"M{start[0]} {start[1]}"]
    for before, corner, after in zip(points, corners, points[2:], strict=False):
        (x, y), (to_x, to_y) = _towards(corner, before), _towards(corner, after)
        steps.append(f"L{x} {y}Q{corner[0]} {corner[1]} {to_x} {to_y}")
    return f'<path class="line" d="{"".join(steps)}L{end[0]} {end[1]}" marker-end="url(#head)"/>'


def text(words: str, at: Point, *, anchor: str = "middle") -> str:
    """Return a text at this place."""
    return f'<text x="{at[0]}" y="{at[1]}" text-anchor="{anchor}">{escape(words)}</text>'


def mark(at: Point) -> str:
    """Return the dot that everything begins at."""
    return f'<circle class="start" cx="{at[0]}" cy="{at[1]}" r="7"/>'


def _rectangle(x: int, y: int, inside: int, look: str) -> str:
    left, top = x - WIDTH // 2 + inside, y - HEIGHT // 2 + inside
    width, height = WIDTH - 2 * inside, HEIGHT - 2 * inside
    return f'<rect class="{look}" x="{left}" y="{top}" width="{width}" height="{height}" rx="{ROUND - inside}"/>'


def _towards(corner: Point, other: Point) -> Point:
    """Return the point that lies a little before the corner, on the straight line from the other."""
    (x, y), (to_x, to_y) = corner, other
    length = max(abs(to_x - x), abs(to_y - y)) or 1
    short = min(ROUND, length // 2)
    return x + (to_x - x) * short // length, y + (to_y - y) * short // length
