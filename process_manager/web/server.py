"""The server around the application: uvicorn, whose signals the command line hears."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from process_manager.web import memory
from process_manager.web.app import create_app
from process_manager.web.batch_thread import BatchThread
from process_manager.web.office import Office

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all good."""


class WebServer(uvicorn.Server):
    """Serves until it is told to stop; told twice, it ends at once. Beside that, it does batches."""

    def __init__(self, config: uvicorn.Config, office: Office) -> None:
        super().__init__(config)
        self._office = office

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on these sockets."""
        memory.keep_few_heaps()
        with BatchThread(self._office):
            super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        memory.keep_few_threads()
        await super().startup(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever runs it."""
        yield

    def stop(self) -> None:
        """Take no new requests, and end when those that run are answered."""
        self.force_exit = self.should_exit
        self.should_exit = True


def made(office: Office) -> WebServer:
    """Return a server of the pages and the API."""
    settings = office.settings
    certificate, key = settings.web_certificate, settings.web_key
    return WebServer(
        uvicorn.Config(
            create_app(office),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,  # ours
            log_level="warning",
            access_log=False,  # it would tell what was asked for
            server_header=False,
            proxy_headers=False,  # anybody could send them
            timeout_graceful_shutdown=max(1, int(settings.grace.total_seconds())),
            ssl_ciphers=CIPHERS,  # its own are those of TLS 1.0, without one that is thought safe today
            ssl_certfile=None if certificate is None else str(certificate),
            ssl_keyfile=None if key is None else str(key),
        ),
        office,
    )
