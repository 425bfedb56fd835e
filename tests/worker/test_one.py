"""One process that a person asked for, taken in a transaction of its own."""

from collections.abc import Callable

import pytest
from rig import Bench, row, start

from benchmarks.hosting import Server
from process_manager.errors import FateUnknown
from tests.direct.test_troubles import behind_a_proxy


def test_one_whose_taking_was_not_confirmed_is_told_of_and_given_back(server_of: Callable[[str], Server]) -> None:
    with behind_a_proxy(server_of) as (straight, through, proxy):
        process_id = start(straight)
        bench = Bench(through)
        with through.begin():
            pass
        proxy.swallow_commits(1)

        with pytest.raises(FateUnknown):
            bench.claims.take_one(through, process_id)
        assert row(straight, process_id)["status"] == "running"

        found = bench.write(claim=False)
        bench.claims.give_back(found, interrupted=False)
        bench.write(claim=False)

        assert [job.claim.id for job in found] == [process_id]
        assert row(straight, process_id)["status"] == "pending"
