"""A web server takes few threads, each of which keeps the memory of its largest page."""

from __future__ import annotations

import pytest
from anyio import to_thread
from rig import eventually
from web_server import serving

from process_manager.web import memory, server
from process_manager.web.office import Office


@pytest.mark.slow
def test_a_server_works_on_a_few_requests_at_once(
    durable_files: None, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[float] = []
    keep = memory.keep_few_threads

    def told() -> None:
        keep()
        found.append(to_thread.current_default_thread_limiter().total_tokens)

    monkeypatch.setattr(memory, "keep_few_threads", told)
    with serving(office, server.made(office)):
        eventually(lambda: bool(found))

    assert found == [memory.THREADS]
