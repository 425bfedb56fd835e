"""Where the end of the audit chain is not what it should be, no act is done, and a sentence says why."""

import pytest
from rig import execute, start, status

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import ChainBroken
from process_manager.governance import Policies, acting
from process_manager.governance.process_actions import Abandon

ADA = Actor("ada", is_person=True, way="page")
BACK = "UPDATE audit_head SET number = 0"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DELETE FROM audit_head", "is missing"),
        (BACK, "says 0, but there are rows behind it"),
    ],
)
def test_an_act_that_cannot_be_chained_is_not_done_and_says_so(database: Database, change: str, said: str) -> None:
    first, second = start(database), start(database)
    acting(database, ADA, Abandon(first, reason="x"), policies=Policies())
    execute(database, change)

    with pytest.raises(ChainBroken, match=said):
        acting(database, ADA, Abandon(second, reason="x"), policies=Policies())

    assert status(database, second) == "pending"
