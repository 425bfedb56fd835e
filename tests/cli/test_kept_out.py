"""An answer that another program's transaction kept from being recorded until its worker ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from backends import laid_out
from rig import execute
from shop import Shop

from benchmarks.hosting import Server
from process_manager.store import lanes


@pytest.mark.slow
def test_a_run_that_owes_an_answer_because_its_lane_is_held_says_so_and_ends_with_6(
    bare: Shop, server_of: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_of("postgresql_18")
    try:
        with laid_out(server.create("kept_out")) as database:
            monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", server.url("kept_out"))
            monkeypatch.setenv("PROCESS_MANAGER_GRACE", "1s")
            bare.ask("start", "letter", "--order-key", "a")
            with database.engine.begin() as other:
                lanes.lock(other, ["a"])
                answer = bare.ask("work", "--time-box", "2s")
                found = execute(database, "SELECT status FROM processes")

            assert (answer.code, found) == (6, [("running",)]), answer.err
            assert "1 answer of a step could not be recorded: another program's transaction" in answer.err
    finally:
        server.drop("kept_out")
