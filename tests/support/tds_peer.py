"""What speaks TDS, the language of SQL Server, as far as a driver needs it to log in, ask and be refused.

`Peer(answer)` listens on a port; `answer` is given each batch and says a text (one row of one column), None (done), or
raises fake_server.Fault. It has no tables: it is there so that Microsoft's own driver says what it says of an error.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from fake_server import Fault

_BATCH, _RPC, _REPLY, _ATTENTION, _TRANSACTION, _LOGIN, _PRELOGIN = 1, 3, 4, 6, 14, 16, 18
_ENDS_MESSAGE: Final = 1
_NO_ENCRYPTION: Final = b"\x02"
_COLLATION: Final = b"\x09\x04\xd0\x00\x34"
_VERSION: Final = bytes([16, 0, 0x10, 0x45])
_BEGIN: Final = 5

Answer = Callable[[str], str | None]


class Late(Fault):
    """What is said behind the count of a row: by a trigger, or the second of two statements."""


class Peer:
    """The server, for as long as the block."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            while message := _message(client):
                kind, data = message
                answered = self._reply(kind, data)
                client.sendall(struct.pack(">BBHHBB", _REPLY, _ENDS_MESSAGE, len(answered) + 8, 0, 1, 0) + answered)

    def _reply(self, kind: int, data: bytes) -> bytes:
        if kind == _PRELOGIN:
            return _prelogin()
        if kind == _LOGIN:
            return _logged_in()
        if kind == _ATTENTION:
            return _done(0x20)
        (length,) = struct.unpack_from("<I", data)
        if kind == _TRANSACTION:
            (what,) = struct.unpack_from("<H", data, length)
            return _transaction(begins=what == _BEGIN) + _done()
        try:
            text = self._answer(data[length:].decode("utf-16le", "replace"))
        except Fault as fault:
            return (_done(0x11, 1) if isinstance(fault, Late) else b"") + _error(fault) + _done(2)
        return _done() if text is None else _row(text)


def _message(client: socket.socket) -> tuple[int, bytes] | None:
    """The next message with its kind; None when the client has gone."""
    data, ends, kind = b"", False, 0
    while not ends:
        head = _read(client, 8)
        if not head:
            return None
        kind, status, length = struct.unpack_from(">BBH", head)
        data += _read(client, length - 8)
        ends = bool(status & _ENDS_MESSAGE)
    return kind, data


def _read(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := client.recv(count - len(data))):
        data += more
    return data if len(data) == count else b""


def _prelogin() -> bytes:
    options = [(0, _VERSION + b"\x00\x00"), (1, _NO_ENCRYPTION), (2, b"\x00"), (4, b"\x00")]
    head, data, begin = b"", b"", 5 * len(options) + 1
    for token, value in options:
        head += struct.pack(">BHH", token, begin + len(data), len(value))
        data += value
    return head + b"\xff" + data


def _logged_in() -> bytes:
    acknowledged = b"\x01\x74\x00\x00\x04" + _short("Microsoft SQL Server") + _VERSION
    said = _sized(b"\xe3", b"\x01" + _short("pm") + _short("master")) + _sized(
        b"\xe3", b"\x07\x05" + _COLLATION + b"\x00"
    )
    size = _sized(b"\xe3", b"\x04" + _short("4096") + _short("4096"))
    return said + _sized(b"\xad", acknowledged) + size + _done()


def _transaction(*, begins: bool) -> bytes:
    number = b"\x08" + struct.pack("<Q", 7)
    return _sized(b"\xe3", b"\x08" + number + b"\x00" if begins else b"\x09\x00" + number)


def _error(fault: Fault) -> bytes:
    said = struct.pack("<iBB", fault.number, 1, 16) + struct.pack("<H", len(fault.text)) + fault.text.encode("utf-16le")
    return _sized(b"\xaa", said + _short("server") + _short("") + struct.pack("<i", 1))


def _row(text: str) -> bytes:
    column = (
        b"\x81\x01\x00" + struct.pack("<IH", 0, 1) + b"\xe7" + struct.pack("<H", 8000) + _COLLATION + _short("said")
    )
    value = text.encode("utf-16le")
    return column + b"\xd1" + struct.pack("<H", len(value)) + value + _done(0x10, 1)


def _done(status: int = 0, count: int = 0) -> bytes:
    return b"\xfd" + struct.pack("<HHQ", status, 0, count)


def _short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16le")


def _sized(token: bytes, data: bytes) -> bytes:
    return token + struct.pack("<H", len(data)) + data
