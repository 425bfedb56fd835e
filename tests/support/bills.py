"""Bills that fail until the network is up, and the batches by which they are restarted."""

from __future__ import annotations

from typing import Any

from rig import Three, history, start, work

from process_manager import Done, Process, Retry, StepRun, clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import Policies, acting, batches, users
from process_manager.governance.batch_actions import StartBatch
from process_manager.governance.batch_runner import BatchRunner
from process_manager.governance.batches import BatchRequest
from process_manager.governance.users import NewUser
from process_manager.lifecycle.retry import every
from process_manager.store import batches as store

ADA = Actor("ada", is_person=True, way="page", request_id="r-1", role=Role.OPERATOR)
NONE = Policies()


class Bill(Process):
    """A bill, which fails as long as its payload or the test says so."""

    retry = every(seconds=1, attempts=1)
    STEPS = {"send": "send_it", "file": "file_it"}
    fails = True

    def send_it(self, run: StepRun) -> Any:
        """Send it."""
        return Retry("the network is down") if type(self).fails or run.payload.get("bad") else Done("sent")

    def file_it(self, run: StepRun) -> Done:
        """File it."""
        return Done("filed")


KNOWN = Registry([Bill, Three])


def failed(database: Database, count: int, **payload: Any) -> list[int]:
    """Bills that have failed; from now on, they would not any more."""
    ids = [start(database, Bill, payload) for _ in range(count)]
    Bill.fails = True
    work(database, Bill)
    Bill.fails = False
    return ids


def asked(database: Database, ids: list[int], *, act: str = "restart", one_first: bool = False) -> int:
    """A batch of ada's, which nobody does yet."""
    request = BatchRequest(act, "the network is up", ids, {"ids": len(ids)}, one_first=one_first)
    answer = acting(database, ADA, StartBatch(request, "bill"), policies=NONE)
    return answer.value  # type: ignore[union-attr, no-any-return]


def runner(database: Database, name: str = "web-1") -> BatchRunner:
    """What a server does batches with."""
    return BatchRunner(database, KNOWN, NONE, name)


def row(database: Database, batch_id: int) -> dict[str, Any]:
    """The row of a batch."""
    with database.read() as connection:
        return dict(batches.require(connection, batch_id))


def results(database: Database, batch_id: int) -> list[tuple[Any, ...]]:
    """What became of each, and how it stands."""
    with database.read() as connection:
        found = store.items(connection, batch_id, after=0, limit=1_000)
    return [(each["process_id"], each["result"], each["status"]) for each in found]


def restarts(database: Database, ids: list[int]) -> set[int]:
    """How often each of these was restarted."""
    return {sum(each.outcome == "restart" for each in history(database, process_id)) for process_id in ids}


def add_ada(database: Database) -> None:
    """Add an operator."""
    Bill.fails = True
    new = NewUser("ada", Role.OPERATOR, None, "no password has it")
    database.run(lambda connection: users.add(connection, new, by="root", now=clock.now()))
