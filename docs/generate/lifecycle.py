"""The picture of the lifecycle: what `diagram()` says, drawn where the tables here put it.

`python -m docs.generate.lifecycle` writes docs/lifecycle.svg, which the README and the pages show.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from docs.generate.svg import Point, box, drawing, frame, line, mark, text
from process_manager.lifecycle.status import CLOSED, FINAL, NEEDS_A_PERSON, OPEN, Status, diagram

FILE: Final = Path(__file__).parent.parent / "lifecycle.svg"
START: Final = "[*]"
SIZE: Final = (960, 532)


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
    "pending": (162, 130),
    "waiting": (162, 290),
    "running": (482, 210),
    "failed": (312, 440),
    "quarantined": (482, 440),
    "uncertain": (652, 440),
    "rejected": (882, 90),
    "skipped": (882, 210),
    "succeeded": (882, 290),
    "abandoned": (882, 440),
}
"""The middle of each box."""

WAYS: Final[Mapping[tuple[str, str], Way]] = {
    (START, "pending"): Way(((92, 210), (122, 210), (122, 152)), (92, 190), "end"),
    (START, "waiting"): Way(((92, 210), (122, 210), (122, 268)), (92, 240), "end"),
    ("waiting", "pending"): Way(((192, 268), (192, 152)), (202, 214), "start"),
    ("pending", "running"): Way(((224, 122), (452, 122), (452, 188)), (338, 114)),
    ("waiting", "running"): Way(((224, 298), (452, 298), (452, 232)), (338, 316)),
    ("running", "pending"): Way(((420, 200), (352, 200), (352, 140), (224, 140)), (288, 158)),
    ("running", "waiting"): Way(((420, 220), (352, 220), (352, 280), (224, 280)), (288, 272)),
    ("running", "running"): Way(((497, 188), (497, 150), (532, 150), (532, 188)), (514, 142)),
    ("running", "rejected"): Way(((544, 200), (632, 200), (632, 90), (820, 90)), (776, 82)),
    ("running", "skipped"): Way(((544, 210), (820, 210)), (776, 202)),
    ("running", "succeeded"): Way(((544, 220), (632, 220), (632, 280), (820, 280)), (776, 272)),
    ("running", "failed"): Way(((467, 232), (467, 370), (312, 370), (312, 418)), (372, 362)),
    ("running", "quarantined"): Way(((482, 232), (482, 418)), (490, 392), "start"),
    ("running", "uncertain"): Way(((497, 232), (497, 350), (652, 350), (652, 418)), (574, 342)),
    ("uncertain", "succeeded"): Way(((677, 418), (677, 300), (820, 300)), (776, 318)),
    ("failed", "pending"): Way(((312, 462), (312, 482), (52, 482), (52, 138), (100, 138)), (182, 475)),
    ("quarantined", "pending"): Way(((482, 462), (482, 482), (52, 482), (52, 138), (100, 138)), (397, 475)),
    ("uncertain", "pending"): Way(((652, 462), (652, 500), (32, 500), (32, 122), (100, 122)), (567, 493)),
    ("rejected", "pending"): Way(((882, 68), (882, 28), (162, 28), (162, 108)), (522, 20)),
}
GIVEN_UP: Final = Way(((732, 440), (820, 440)), (776, 432))
"""From the frame: whatever is open may be abandoned."""
LAST_SKIPPED: Final = Way(((732, 224), (820, 224)), (740, 242), "start")
"""From the frame: a person may skip the last step of what is open and at rest."""
FRAME: Final = ((12, 48), (732, 520))


def arrows() -> Iterator[Arrow]:
    """Yield what the diagram says, line by line; the ends are marked and have no arrow."""
    for source, to, triggers in re.findall(r"^ +(\S+) --> (\w+): (.+)$", diagram(), re.MULTILINE):
        yield Arrow(source, to, triggers)


def picture() -> str:
    """Return the picture; KeyError for a status or an arrow that has no place in the tables above."""
    from_frame = {arrow for arrow in arrows() if arrow.to == "abandoned"}
    if {arrow.source for arrow in from_frame} != set(OPEN):
        raise KeyError("The frame says that whatever is open may be abandoned, which is not so any more.")
    skipped = {arrow for arrow in arrows() if arrow.to == "skipped" and arrow.source != "running"}
    stays = {arrow for arrow in arrows() if arrow.source == arrow.to != "running"}  # a person changed what it carries
    left = [arrow for arrow in arrows() if arrow not in from_frame | skipped | stays]
    drawn = [part for arrow in left for part in way(WAYS[arrow.source, arrow.to], arrow)]
    boxes = [part for status in Status for part in state(status)]
    return drawing(
        SIZE,
        "The lifecycle of a process",
        described(),
        [
            *frame(*FRAME, "open"),
            *way(GIVEN_UP, next(iter(from_frame))),
            *_last_skipped(skipped),
            *drawn,
            mark((92, 210)),
            *boxes,
        ],
    )


def way(drawn: Way, arrow: Arrow) -> Iterator[str]:
    """Yield the line of an arrow and its name."""
    yield line(drawn.points)
    yield text(arrow.triggers, drawn.name_at, anchor=drawn.anchor)


def _last_skipped(arrows: Collection[Arrow]) -> Iterator[str]:
    yield line(LAST_SKIPPED.points)
    yield text(f"{next(iter(arrows)).triggers} at rest", LAST_SKIPPED.name_at, anchor=LAST_SKIPPED.anchor)


def state(status: Status) -> Iterator[str]:
    """Yield the box of a status, which says by its look what a person has to think of it."""
    kind = "person" if status in NEEDS_A_PERSON else "closed" if status in CLOSED else "alive"
    yield from box(CENTRES[status], status, kind=kind, is_final=status in FINAL)


def described() -> str:
    """Return the arrows in words, for who does not see them."""
    told = "; ".join(
        f"{'start' if arrow.source == START else arrow.source} to {arrow.to} by {arrow.triggers}" for arrow in arrows()
    )
    return f"{told}. Nothing leaves {', '.join(FINAL)}."


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8", newline="\n")
