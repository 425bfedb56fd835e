"""What is sent by somebody whom nobody knows, over a real socket: answered before it is read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from rig import execute
from uvicorn.protocols.http.h11_impl import H11Protocol
from web_server import serving
from web_visitor import as_program, basic

from process_manager.web import server
from process_manager.web.office import Office

MEGABYTES = 40
PIECE = b"x" * 1_000_000

LENGTH = f"Content-Length: {MEGABYTES * len(PIECE)}"
CHUNKED = "Transfer-Encoding: chunked"


Counted = tuple[tuple[str, int], list[int]]


@pytest.fixture
def counted(office: Office) -> Iterator[Counted]:
    """Where a server listens, and how many bytes it has read, piece by piece."""
    read: list[int] = []

    class Counting(H11Protocol):
        def data_received(self, data: bytes) -> None:
            read.append(len(data))
            super().data_received(data)

    running = server.made(office)
    running.config.http = Counting
    with serving(office, running) as found:
        yield (urlsplit(found).hostname or "", urlsplit(found).port or 0), read


def name_of(address: tuple[str, int]) -> str:
    """Return the name by which a server for this machine alone is asked."""
    host, port = address
    return f"{host}:{port}"


def upload(address: tuple[str, int], path: str, *headers: str, first: bytes = b"", host: str | None = None) -> str:
    """Send 40 MB, or as much of it as is taken, and return the head of the answer."""
    head = "\r\n".join([f"POST {path} HTTP/1.1", f"Host: {host or name_of(address)}", *headers, "", ""])
    with socket.create_connection(address, timeout=30) as connection:
        sender = threading.Thread(target=send, args=(connection, head.encode() + first, CHUNKED in headers))
        sender.start()
        answer = b""
        with suppress(ConnectionError):
            while b"\r\n\r\n" not in answer and (more := connection.recv(4096)):
                answer += more
        connection.close()
        sender.join(30)
    return answer.decode().partition("\r\n\r\n")[0]


def send(connection: socket.socket, head: bytes, is_chunked: bool) -> None:
    with suppress(OSError):
        connection.sendall(head)
        for _ in range(MEGABYTES):
            connection.sendall(b"%x\r\n%b\r\n" % (len(PIECE), PIECE) if is_chunked else PIECE)


NOBODY = {
    "nothing": (),
    "a token that is none": ("Authorization: Bearer pm_x",),
    "a password that is wrong": (f"Authorization: {basic('nobody', 'a wrong password')}",),
    "a cookie of nobody": ("Cookie: process-manager-session=x",),
}


@pytest.mark.parametrize("how", [LENGTH, CHUNKED], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("path", ["/api/v1/jobs", "/system"])
@pytest.mark.parametrize("who", sorted(NOBODY))
def test_forty_megabytes_of_somebody_unknown_are_not_read(
    office: Office, counted: Counted, who: str, path: str, how: str
) -> None:
    address, read = counted

    head = upload(address, path, how, *NOBODY[who])

    assert head.startswith("HTTP/1.1 401")
    assert "connection: close" in head.lower()
    assert sum(read) < 400_000
    assert execute(office.database, "SELECT (SELECT count(*) FROM processes) + (SELECT count(*) FROM audit)") == [(0,)]


@pytest.mark.parametrize(
    ("how", "most"), [(LENGTH, 400_000), (CHUNKED, 3_000_000)], ids=["with its length", "in chunks"]
)
def test_of_somebody_known_no_more_is_read_than_is_taken(counted: Counted, how: str, most: int) -> None:
    address, read = counted

    origin = f"Origin: http://{name_of(address)}"
    head = upload(address, "/preferences", how, origin, "Content-Type: application/x-www-form-urlencoded")

    assert head.startswith("HTTP/1.1 413")
    assert sum(read) < most


def test_of_a_file_no_more_is_read_than_is_taken_and_nothing_of_it_is_left(office: Office, counted: Counted) -> None:
    address, read = counted
    part = b'--x\r\nContent-Disposition: form-data; name="rows"; filename="a.csv"\r\n\r\n'
    known = f"Authorization: {as_program(office.database, ('*', 'start'))}"

    head = upload(
        address, "/api/v1/processes", CHUNKED, "Content-Type: multipart/form-data; boundary=x", known,
        first=b"%x\r\n%b\r\n" % (len(part), part),
    )  # fmt: skip

    assert head.startswith("HTTP/1.1 413")
    assert "connection: close" in head.lower()
    assert 16_000_000 < sum(read) < 20_000_000
    assert execute(office.database, "SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM file_pieces)") == [
        (0,)
    ]


def test_what_leads_nowhere_is_not_read_either(office: Office, counted: Counted) -> None:
    address, read = counted

    head = upload(address, "/api/v1/nothing", CHUNKED, f"Authorization: {as_program(office.database)}")

    assert head.startswith("HTTP/1.1 404")
    assert sum(read) < 400_000


@pytest.mark.parametrize("how", [LENGTH, CHUNKED], ids=["with its length", "in chunks"])
def test_what_is_sent_under_a_name_of_somebody_else_is_not_read_either(counted: Counted, how: str) -> None:
    address, read = counted

    head = upload(address, "/api/v1/jobs", how, host="evil.example")

    assert head.startswith("HTTP/1.1 421")
    assert "connection: close" in head.lower()
    assert sum(read) < 400_000


def test_a_small_body_that_nobody_reads_leaves_the_connection_open(counted: Counted) -> None:
    address, _read = counted
    head = f"POST /api/v1/jobs HTTP/1.1\r\nHost: {name_of(address)}\r\nContent-Length: 5\r\n\r\n"

    with socket.create_connection(address, timeout=30) as connection:
        for _ in range(2):
            connection.sendall(head.encode() + b"hello")
            assert answer_of(connection).startswith("HTTP/1.1 401")


def answer_of(connection: socket.socket) -> str:
    """Return one whole answer."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(4096)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2]) for line in head.splitlines() if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(4096)
    return head.decode()
