"""The file of `start-many`: read a batch at a time, each line made into a start or refused with the reason."""

from __future__ import annotations

import codecs
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from process_manager import serialization
from process_manager.cli.moments import moment
from process_manager.errors import UsageError

if TYPE_CHECKING:
    from process_manager.definition.process import Process
    from process_manager.operations import Start

KEYS: Final = ("payload", "reference", "dedup_key", "order_key", "at", "channel")
"""What a line may say: the options of `start`."""

BATCH: Final = 1000
"""Lines of one transaction, at most."""

ROOM: Final = 4 * 2**20
"""Bytes after which a batch is full: MariaDB takes 16 MB in one statement."""

LONGEST: Final = 8 * 2**20
"""Bytes of a line; a file without line ends, such as one JSON list, must not be read whole."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, by its number in the file; of one that is too long only the beginning."""

    number: int
    text: bytes


@contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    """Yield the file, or stdin for `-`, with an @ before it or without; raise UsageError when it cannot be read."""
    path = source.removeprefix("@")
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        file: BinaryIO = open(path, "rb")  # noqa: PTH123, SIM115 - an empty Path would be the folder; it is closed below
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    with file:
        yield file


class HashedFile:
    """A file, and the hash of what was read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.name = str(getattr(file, "name", "stdin"))

    def readline(self, most: int) -> bytes:
        """Return the next line, or as many bytes of it."""
        text = self._file.readline(most)
        self._hash.update(text)
        return text

    @property
    def sha256(self) -> str:
        """The hash of all that was read so far."""
        return self._hash.hexdigest()


def batches(file: HashedFile) -> Iterator[list[Line]]:
    """Yield its lines, as many at a time as make one transaction; raise UsageError when reading fails."""
    batch, size = [], 0
    for line in _lines(file):
        batch.append(line)
        size += len(line.text)
        if len(batch) == BATCH or size >= ROOM:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _lines(file: HashedFile) -> Iterator[Line]:
    number = 0
    while text := _read_line(file):
        number += 1
        if number == 1:
            text = _without_mark(text)
        if text.strip():
            yield Line(number, text)


def _read_line(file: HashedFile) -> bytes:
    try:
        text = rest = file.readline(LONGEST + 1)
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST + 1)
        return text
    except OSError as error:
        raise _unreadable(file.name, error) from None


def _unreadable(path: str, error: Exception) -> UsageError:
    why = getattr(error, "strerror", None) or error
    return UsageError(problem=f"{path} cannot be read: {why}. Give @ and the path of a file, or @- for stdin.")


def _without_mark(text: bytes) -> bytes:
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError(problem="The file is UTF-16, as Windows PowerShell writes it. Save it as UTF-8.")
    return text.removeprefix(codecs.BOM_UTF8)


def start_of(line: Line, process: type[Process], zone: str | None) -> Start | UsageError:
    """Return the start that the line asks for, or why it asks for none."""
    from process_manager.operations import Start

    try:
        said = _object(line.text)
        _refuse_unknown(said)
        _refuse_no_text(said)
        at = said.pop("at", None)
        return Start(process, **said, at=None if at is None else moment(at, zone, what="at"))
    except UsageError as problem:
        return problem


def _object(text: bytes) -> dict[str, Any]:
    """Return the JSON object that the line is; raise UsageError, without what stands in it, when it is none."""
    if len(text) > LONGEST:
        raise UsageError(problem=f"It is longer than {LONGEST >> 20} MiB. Write one object a line.")
    try:
        found = serialization.read(text.rstrip().decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError(problem="It is not UTF-8. Save the file as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise UsageError(problem=f"It is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise UsageError(problem="It is nested too deeply. Give a flatter object.") from None
    except ValueError:
        raise UsageError(problem="It is not JSON: a number in it is too long. Write it as text.") from None
    if not isinstance(found, dict):
        raise UsageError(problem=f"It is {serialization.kind(found)}, not an object. Write one object a line.")
    return found


def _refuse_unknown(said: dict[str, Any]) -> None:
    unknown = next((key for key in said if key not in KEYS), None)
    if unknown is None:
        return
    near = get_close_matches(unknown, KEYS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"The keys are {', '.join(KEYS)}; put the process's own in payload."
    raise UsageError(problem=f"It has a key {unknown[:50]!r}, which is none of a start. {hint}")


def _refuse_no_text(said: dict[str, Any]) -> None:
    for key in KEYS[1:]:
        value = said.get(key)
        if value is not None and not isinstance(value, str):
            raise UsageError(problem=f"Its {key} is {serialization.kind(value)}, not a text. Write it in quotes.")
