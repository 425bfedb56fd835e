"""The picture of the lifecycle: what `diagram()` says, drawn where the tables here put it.

`python -m docs.generate.lifecycle` writes docs/lifecycle.svg, which the README and the pages show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from docs.generate.svg import Point, box, drawing, frame, line, mark, text
from process_manager.lifecycle.status import CLOSED, FINAL, MEANING, NEEDS_A_PERSON, OPEN, Status, diagram

FILE: Final = Path(__file__).parent.parent / "lifecycle.svg"
START: Final = "[*]"
SIZE: Final = (1010, 536)


class Arrow(NamedTuple):
    """An arrow of the diagram, and the triggers that it stands for."""

    source: str
    to: str
    triggers: str


class Way(NamedTuple):
    """Where an arrow runs, and where its name stands."""

    points: tuple[Point, ...]
    name_at: Point
    anchor: str = "middle"


CENTRES: Final[Mapping[str, Point]] = {
    "pending": (210, 130),
    "waiting": (210, 290),
    "running": (530, 210),
    "failed": (360, 440),
    "quarantined": (530, 440),
    "uncertain": (700, 440),
    "rejected": (930, 90),
    "skipped": (930, 210),
    "succeeded": (930, 290),
    "abandoned": (930, 440),
}
"""The middle of each box."""

WAYS: Final[Mapping[tuple[str, str], Way]] = {
    (START, "pending"): Way(((140, 210), (170, 210), (170, 152)), (140, 190), "end"),
    (START, "waiting"): Way(((140, 210), (170, 210), (170, 268)), (140, 240), "end"),
    ("waiting", "pending"): Way(((240, 268), (240, 152)), (250, 214), "start"),
    ("pending", "running"): Way(((272, 122), (500, 122), (500, 188)), (386, 114)),
    ("waiting", "running"): Way(((272, 298), (500, 298), (500, 232)), (386, 316)),
    ("running", "pending"): Way(((468, 200), (400, 200), (400, 140), (272, 140)), (336, 158)),
    ("running", "waiting"): Way(((468, 220), (400, 220), (400, 280), (272, 280)), (336, 272)),
    ("running", "running"): Way(((545, 188), (545, 150), (580, 150), (580, 188)), (562, 142)),
    ("running", "rejected"): Way(((592, 200), (680, 200), (680, 90), (868, 90)), (824, 82)),
    ("running", "skipped"): Way(((592, 210), (868, 210)), (824, 202)),
    ("running", "succeeded"): Way(((592, 220), (680, 220), (680, 280), (868, 280)), (824, 272)),
    ("running", "failed"): Way(((515, 232), (515, 370), (360, 370), (360, 418)), (420, 362)),
    ("running", "quarantined"): Way(((530, 232), (530, 418)), (538, 392), "start"),
    ("running", "uncertain"): Way(((545, 232), (545, 350), (700, 350), (700, 418)), (622, 342)),
    ("uncertain", "succeeded"): Way(((725, 418), (725, 300), (868, 300)), (824, 318)),
    ("failed", "pending"): Way(((360, 462), (360, 482), (100, 482), (100, 138), (148, 138)), (230, 475)),
    ("quarantined", "pending"): Way(((530, 462), (530, 482), (100, 482), (100, 138), (148, 138)), (445, 475)),
    ("uncertain", "pending"): Way(((700, 462), (700, 500), (80, 500), (80, 122), (148, 122)), (615, 493)),
    ("rejected", "pending"): Way(((930, 68), (930, 28), (210, 28), (210, 108)), (570, 20)),
}
GIVEN_UP: Final = Way(((780, 440), (868, 440)), (824, 432))
"""From the frame: whatever is open may be abandoned."""
FRAME: Final = ((60, 48), (780, 520))


def arrows() -> Iterator[Arrow]:
    """Yield what the diagram says, line by line; the ends are marked and have no arrow."""
    for source, to, triggers in re.findall(r"^ +(\S+) --> (\w+): (.+)$", diagram(), re.MULTILINE):
        yield Arrow(source, to, triggers)


def picture() -> str:
    """Return the picture; KeyError for a status or an arrow that has no place in the tables above."""
    from_frame = {arrow for arrow in arrows() if arrow.to == "abandoned"}
    if {arrow.source for arrow in from_frame} != set(OPEN):
        raise KeyError("The frame says that whatever is open may be abandoned, which is not so any more.")
    drawn = [part for arrow in arrows() if arrow not in from_frame for part in way(WAYS[arrow.source, arrow.to], arrow)]
    boxes = [part for status in Status for part in state(status)]
    return drawing(
        SIZE,
        "The lifecycle of a process",
        described(),
        [*frame(*FRAME, "open"), *way(GIVEN_UP, next(iter(from_frame))), *drawn, mark((140, 210)), *boxes],
    )


def way(drawn: Way, arrow: Arrow) -> Iterator[str]:
    """Yield the line of an arrow and its name."""
    yield line(drawn.points)
    yield text(arrow.triggers, drawn.name_at, anchor=drawn.anchor)


def state(status: Status) -> Iterator[str]:
    """Yield the box of a status, which says by its look what a person has to think of it."""
    kind = "person" if status in NEEDS_A_PERSON else "closed" if status in CLOSED else "alive"
    yield from box(CENTRES[status], status, kind=kind, is_final=status in FINAL, told=MEANING[status])


def described() -> str:
    """Return the arrows in words, for who does not see them."""
    told = "; ".join(
        f"{'start' if arrow.source == START else arrow.source} to {arrow.to} by {arrow.triggers}" for arrow in arrows()
    )
    return f"{told}. Nothing leaves {', '.join(FINAL)}."


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8", newline="\n")
