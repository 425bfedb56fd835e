"""Tables on a terminal: cells are wrapped at blanks and no word is broken, however narrow it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

GAP: Final = "  "
ENOUGH: Final = 24
"""A column so wide need not be wider, if others would have to be left out for it."""
LONG: Final = 30
"""A word of a message that is longer, such as an address, may go on in the next line after one of its marks."""
LEAST: Final = 12
"""Of a value beside its name; where there is less room it goes below."""

_PROSE: Final = ("message", "detail")
_PART: Final = re.compile(r"[^/\\.,;:&?=_-]*[/\\.,;:&?=_-]+|[^/\\.,;:&?=_-]+")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The lines of a table, how many of them are its heading, and the columns for which there was no room."""

    lines: list[str]
    heading: int
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and cells, in pieces that are kept whole."""

    name: str
    heading: list[str]
    cells: list[list[str]]
    is_empty: bool
    need: int  # as wide as its longest piece
    want: int  # so wide that nothing is wrapped


def draw(names: Sequence[str], rows: Sequence[Sequence[str]], *, width: int, spare: Sequence[str] = ()) -> Drawn:
    """Draw the rows as a table, without what is `spare` as far as there is no room; without a table, each by itself."""
    every = [_column(names, rows, index) for index in range(len(names))]
    for columns in _choices(every, spare):
        if (widths := _widths(columns, width)) is not None:
            left = tuple(each.name for each in every if each not in columns and not each.is_empty)
            return _table(columns, widths, left)
    blocks = [block(list(zip(names, row, strict=True)), width=width) for row in rows]
    return Drawn([line for each in blocks for line in ["", *each]][1:], 0)


def block(fields: Sequence[tuple[str, str]], *, width: int) -> list[str]:
    """Return one row by itself: a line for each field, its value wrapped beside its name."""
    indent = max(len(name) for name, _value in fields)
    return [line for name, value in fields for line in _field(name, _words(value), indent, width)]


def _field(name: str, words: list[str], indent: int, width: int) -> list[str]:
    room = width - indent - len(GAP)
    if room < max(LEAST, *(_width(word.rstrip()) for word in words), 0):  # it stands below its name
        return [name, *(f"{GAP}{line}" for line in _lines(words, width - len(GAP)))]
    first, *more = _lines(words, room)
    return [f"{name:<{indent}}{GAP}{first}".rstrip(), *(f"{'':<{indent}}{GAP}{line}" for line in more)]


def beside(before: str, text: str, *, width: int) -> list[str]:
    """Return the text behind what stands before it, in lines below each other."""
    first, *more = _lines(_words(text), max(width - _width(before), LEAST))
    return [(before + first).rstrip(), *(" " * _width(before) + line for line in more)]


def _column(names: Sequence[str], rows: Sequence[Sequence[str]], index: int) -> Column:
    name = names[index]
    is_prose = name in _PROSE or index == len(names) - 1
    cells = [_words(row[index], longest=LONG if is_prose else None) for row in rows]
    texts = [re.findall(r"[^_]+_?|_", name), *cells]
    need = max(_width(piece.strip()) for pieces in texts for piece in pieces or [""])
    want = max(_width("".join(pieces).strip()) for pieces in texts)
    return Column(name, texts[0], cells, not any(cells), need, want)


def _words(text: str, longest: int | None = None) -> list[str]:
    """Return the words with the blank behind each; a longer one in parts."""
    words = re.findall(r"\S+\s?", text)
    if longest is None:
        return words
    return [part for word in words for part in ([word] if len(word.strip()) <= longest else _PART.findall(word))]


def _choices(every: list[Column], spare: Sequence[str]) -> Iterable[list[Column]]:
    """Yield what may be shown: all, then without what is empty, then without more and more of what is spare."""
    yield every
    columns = [each for each in every if not each.is_empty] or every
    yield columns
    for name in spare:
        fewer = [each for each in columns if each.name != name]
        if fewer and len(fewer) < len(columns):
            columns = fewer
            yield columns


def _widths(columns: Sequence[Column], width: int) -> list[int] | None:
    """Return how wide each is; None when there is no room. What is left is shared: who wants least is served first."""
    found = [max(each.need, min(each.want, ENOUGH) if each.name in _PROSE else 0) for each in columns]
    rest = width - sum(found) - len(GAP) * (len(columns) - 1)
    if rest < 0:
        return None
    wishes = sorted((each.want - found[index], index) for index, each in enumerate(columns))
    for number, (wish, index) in enumerate(wishes):
        given = max(0, min(wish, rest // (len(wishes) - number)))
        found[index] += given
        rest -= given
    return found


def _table(columns: Sequence[Column], widths: Sequence[int], left: tuple[str, ...]) -> Drawn:
    heading = _row([each.heading for each in columns], widths)
    count = len(columns[0].cells)
    rows = [_row([each.cells[number] for each in columns], widths) for number in range(count)]
    return Drawn([*heading, *(line for row in rows for line in row)], len(heading), left)


def _row(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Return one row in as many lines as its tallest cell."""
    columns = [_lines(pieces, width) for pieces, width in zip(cells, widths, strict=True)]
    height = max(map(len, columns))
    padded = [[*lines, *[""] * (height - len(lines))] for lines in columns]
    return [
        GAP.join(line + " " * (width - _width(line)) for line, width in zip(lines, widths, strict=True)).rstrip()
        for lines in zip(*padded, strict=True)
    ]


def _lines(pieces: Sequence[str], width: int) -> list[str]:
    """Return the pieces in lines of at most this width; one that is wider has a line of its own."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and _width((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _width(text: str) -> int:
    """Return how many columns of a terminal it takes."""
    from rich.cells import cell_len

    return len(text) if text.isascii() else cell_len(text)
