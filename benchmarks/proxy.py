"""A TCP proxy before a database server that misbehaves on command, as networks and failing servers do."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NamedTuple, Self

from benchmarks.hosting import HOST, free_port

CHUNK: Final = 1 << 16


class Commit(NamedTuple):
    """How a protocol asks for a COMMIT, and what is in the reply to it."""

    asked: bytes
    answered: re.Pattern[bytes]


# The reply is the tag of a command that is complete: of a COMMIT, or of a statement after which no transaction is open.
POSTGRESQL: Final = Commit(b"", re.compile(rb"C\0\0\0.(COMMIT\0|(SELECT|INSERT 0) \d+\0Z\0\0\0\x05I)", re.DOTALL))
MARIADB: Final = Commit(b"\x03COMMIT", re.compile(b""))


@dataclass(eq=False)
class Pair:
    """A client's connection and the one to the server behind it."""

    client: socket.socket
    server: socket.socket
    is_silent: bool = False
    is_committing: bool = False

    def cut(self) -> None:
        """End both; whoever reads or writes there notices."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Forwards every byte, until it is told to swallow replies, to be silent or to refuse."""

    def __init__(self, port_behind: int, commit: Commit = POSTGRESQL) -> None:
        self.port = free_port()
        self.swallowed = 0
        self._behind = port_behind
        self._commit = commit
        self._lock = threading.Lock()
        self._pairs: set[Pair] = set()
        self._to_swallow = 0
        self._is_silent = False
        self._listener: socket.socket | None = None
        self.refuse(False)

    def swallow_commits(self, count: int) -> None:
        """Let the next COMMITs through, wait for the server's replies, and end those connections without them."""
        with self._lock:
            self._to_swallow += count

    def silence(self, is_silent: bool = True) -> None:
        """Take everything in and forward nothing, on connections that are there and on new ones.

        What was silent once stays so: half a conversation is no good to anybody. `False` concerns new connections.
        """
        with self._lock:
            self._is_silent = is_silent
        if is_silent:
            self.silence_present()

    def silence_present(self) -> int:
        """The connections of this moment fall silent, new ones do not; how many."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            pair.is_silent = True
        return len(pairs)

    def cut(self) -> int:
        """End the connections of this moment; how many."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            pair.cut()
        return len(pairs)

    def refuse(self, refuses: bool = True) -> None:
        """Listen no more, or again."""
        if refuses and self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # or accept() would go on
            self._listener.close()
            self._listener = None
        elif not refuses and self._listener is None:
            self._listener = socket.create_server((HOST, self.port), backlog=256)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True, name="proxy").start()

    def close(self) -> None:
        """End it and every connection."""
        self.refuse()
        self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._join(listener.accept()[0])

    def _join(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((HOST, self._behind))
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            pair = Pair(client, server, is_silent=self._is_silent)
            self._pairs.add(pair)
        for pump in (self._forward, self._reply):
            threading.Thread(target=self._run, args=(pump, pair), daemon=True, name="proxy").start()

    def _run(self, pump: Callable[[Pair], None], pair: Pair) -> None:
        try:
            with contextlib.suppress(OSError):
                pump(pair)
        finally:
            pair.cut()
            with self._lock:
                self._pairs.discard(pair)

    def _forward(self, pair: Pair) -> None:
        while said := pair.client.recv(CHUNK):
            if pair.is_silent:
                continue
            if self._commit.asked in said:
                pair.is_committing = True
            pair.server.sendall(said)

    def _reply(self, pair: Pair) -> None:
        while said := pair.server.recv(CHUNK):
            if pair.is_silent:
                continue
            if pair.is_committing and self._commit.answered.search(said):
                pair.is_committing = False
                if self._swallows():
                    return
            pair.client.sendall(said)

    def _swallows(self) -> bool:
        with self._lock:
            if not self._to_swallow:
                return False
            self._to_swallow -= 1
            self.swallowed += 1
            return True
