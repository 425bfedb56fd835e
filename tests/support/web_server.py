"""The pages on a real socket, served by a thread of this program, so that a test may move its clock."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from process_manager.web import server
from process_manager.web.office import Office
from process_manager.web.server import WebServer


@contextmanager
def serving(office: Office, running: WebServer | None = None) -> Iterator[str]:
    """Serve during the block, and yield the address."""
    running = running or server.made(office)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    thread = threading.Thread(target=running.run, args=([listener],), name="web")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.stop()
        thread.join(30)
        assert not thread.is_alive(), "the server did not stop"
