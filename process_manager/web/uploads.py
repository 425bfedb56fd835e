"""Forms with files, as browsers and programs send them (multipart): each file is stored while it comes.

A file is never whole in memory, and nothing is read of a request that may not send one. What no process has when the
request has been answered is removed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import anyio
import sqlalchemy as sa
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from process_manager import files, serialization
from process_manager.actor import Actor
from process_manager.errors import IllegalValue, ProcessManagerError
from process_manager.files import Receiver, StoredFile
from process_manager.governance import permissions
from process_manager.web.office import Office
from process_manager.web.refusals import RefusedRequest, TooLarge
from process_manager.web.routes import MOST_FILES

MOST_FIELDS: Final = 200
MOST_OF_FIELDS: Final = 1_000_000
"""Bytes of all that is no file."""
MOST_OF_HEADERS: Final = 4_000
"""Bytes before each part."""


@dataclass(slots=True)
class Upload:
    """What came with a form.

    Attributes:
        fields: What was typed, by the names of the fields; of several with one name, the last.
        files: The files that were stored, which are nobody's yet.
        refused: Why a file was not taken, by the name of its field.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: list[StoredFile] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def is_form_with_files(request: Request) -> bool:
    """Return whether a request says that it sends such a form."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


@asynccontextmanager
async def received(request: Request, act: str) -> AsyncIterator[Upload]:
    """Take in a form for the length of the block.

    Args:
        request: The request, whose body nobody has read.
        act: What the files are for, by its name in the table of acts: who may do it to nothing sends nothing.

    Yields:
        What came.

    Raises:
        Forbidden: Whoever asks may not do that to any process.
        FileTooLarge: A file has more bytes than are taken; the rest is not read.
        RefusedRequest: It is no such form, or has too many parts.
    """
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require_somewhere(actor, act)
    reader = _FormReader(office, actor, _boundary(request))
    try:
        async for chunk in request.stream():
            await reader.take(chunk)
        reader.require_end()
        yield reader.upload
    finally:
        with anyio.CancelScope(shield=True):  # whoever hung up leaves nothing either
            await run_in_threadpool(reader.leave)


def _boundary(request: Request) -> bytes:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= 200:
        raise RefusedRequest("The form has no boundary between its parts, so it cannot be read.")
    return boundary


class _Event(NamedTuple):
    """What the parser came upon."""

    what: str
    data: bytes = b""


class _FormReader:
    """Reads a form piece by piece."""

    def __init__(self, office: Office, actor: Actor, boundary: bytes) -> None:
        self.upload = Upload()
        self._office = office
        self._actor = actor
        self._events: list[_Event] = []
        self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]  # a part of all callbacks
        self._head = b""
        self._headers: dict[str, bytes] = {}
        self._name = ""
        self._text: bytearray | None = None
        self._receiver: Receiver | None = None
        self._parts = self._taken = 0
        self._has_ended = False

    def _callbacks(self) -> dict[str, object]:
        def marks(what: str) -> object:
            return lambda: self._events.append(_Event(what))

        def brings(what: str) -> object:
            return lambda data, start, end: self._events.append(_Event(what, data[start:end]))

        alone = ("part_begin", "header_end", "headers_finished", "part_end", "end")
        with_data = ("header_field", "header_value", "part_data")
        return {f"on_{each}": marks(each) for each in alone} | {f"on_{each}": brings(each) for each in with_data}

    async def take(self, chunk: bytes) -> None:
        """Take in what came next."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise RefusedRequest("The form cannot be read: it is not as its boundary says.") from None
        events, self._events = self._events, []
        for event in events:
            if event.what == "part_data":
                await self._data(event.data)
            else:
                await self._mark(event)

    def require_end(self) -> None:
        """Raise RefusedRequest unless all of the form has come."""
        if not self._has_ended:
            raise RefusedRequest("The form ends in the middle. Send it again.")

    def leave(self) -> None:
        """Remove what is nobody's; what cannot be removed now is removed by a sweep."""
        with suppress(sa.exc.SQLAlchemyError, ProcessManagerError):
            if self._receiver is not None:
                self._receiver.__exit__(RuntimeError)
            files.discard(self._office.database, self._office.settings, self.upload.files)

    async def _mark(self, event: _Event) -> None:
        match event.what:
            case "part_begin":
                self._begin()
            case "header_field":
                self._head += event.data
            case "header_value":
                self._value(event.data)
            case "header_end":
                self._head = b""
            case "headers_finished":
                await self._open()
            case "part_end":
                await self._close()
            case "end":
                self._has_ended = True

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_FIELDS + MOST_FILES:
            raise TooLarge(f"The form has more than {MOST_FIELDS + MOST_FILES} parts.")
        self._headers = {}
        self._head = b""

    def _value(self, data: bytes) -> None:
        name = self._head.decode("latin-1").lower()
        self._headers[name] = self._headers.get(name, b"") + data
        if sum(map(len, self._headers.values())) + len(self._head) > MOST_OF_HEADERS:
            raise RefusedRequest("A part of the form says too much about itself.")

    async def _open(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._name = _text(options.get(b"name", b""))[:200]
        self._text = self._receiver = None
        if b"filename" not in options:
            self._text = bytearray()
        elif options[b"filename"]:  # a browser sends an empty one where no file was chosen
            await run_in_threadpool(self._receive, _text(options[b"filename"]))

    def _receive(self, label: str) -> None:
        if len(self.upload.files) >= MOST_FILES:
            raise TooLarge(f"At most {MOST_FILES} files are taken at once.")
        kind = _text(self._headers.get("content-type", b""))
        office, named = self._office, {"name": self._name, "label": label, "media_type": kind}
        try:
            self._receiver = Receiver(office.database, office.settings, actor=self._actor, **named)
        except IllegalValue as problem:
            self.upload.refused[self._name] = str(problem)
        else:
            self._receiver.__enter__()

    async def _data(self, data: bytes) -> None:
        if self._receiver is not None:
            await run_in_threadpool(self._receiver.write, data)
        elif self._text is not None:
            self._taken += len(data)
            if self._taken > MOST_OF_FIELDS:
                raise TooLarge(f"At most {MOST_OF_FIELDS:,} bytes are taken beside the files.")
            self._text += data

    async def _close(self) -> None:
        if self._receiver is not None:
            receiver, self._receiver = self._receiver, None
            await run_in_threadpool(receiver.__exit__, None)
            self.upload.files.append(receiver.file)
        elif self._text is not None:
            self.upload.fields[self._name] = _text(bytes(self._text))


def _text(data: bytes) -> str:
    return serialization.clean(data.decode("utf-8", "replace"), MOST_OF_FIELDS)
