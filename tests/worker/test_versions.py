"""Versions side by side, upgrades, and what nobody knows."""

from typing import Any

import pytest
from rig import eventually, execute, get, outcomes, row, settings, start, status, told, work, working

from process_manager import Done, Process, Retry, StepRun, Upgrade, every
from process_manager.database import Database
from process_manager.definition import quiet_windows
from process_manager.definition.registry import Registry
from process_manager.errors import StepsError, UsageError

pytestmark = pytest.mark.every_database

KEYS: list[str] = []


class One(Process):
    """The first version of a letter: it fails at its second step."""

    name = "letter"
    version = 1
    retry = every(seconds=0.001, attempts=2)
    STEPS = {"write": "write", "post": "post"}

    def write(self, run: StepRun) -> Done:
        return Done("written by version 1", {"text": "hej"})

    def post(self, run: StepRun) -> Retry:
        KEYS.append(run.idempotency_key)
        return Retry("the post is closed")


class TwoBeside(Process):
    """A second version that takes nothing over."""

    name = "letter"
    version = 2
    STEPS = {"compose": "compose"}

    def compose(self, run: StepRun) -> Done:
        return Done("version 2")


class Two(Process):
    """A second version that takes the first over, its step renamed."""

    name = "letter"
    version = 2
    STEPS = {"compose": "compose", "send": "send", "file": "send"}
    upgrades = {1: Upgrade({"write": "compose", "post": "send"}, payload=lambda old: {**old, "body": old["text"]})}

    def compose(self, run: StepRun) -> Done:
        return Done("composed")

    def send(self, run: StepRun) -> Done:
        KEYS.append(run.idempotency_key)
        return Done(f"{run.step} by version 2", {"seen": run.payload.get("body")})


class Three(Process):
    """A third version, which knows only the second."""

    name = "letter"
    version = 3
    STEPS = {"send": "send", "file": "send"}
    upgrades = {2: Upgrade()}

    def send(self, run: StepRun) -> Done:
        return Done(f"{run.step} by version 3")


def failed(database: Database) -> int:
    """A letter of version 1 that stands at its second step."""
    KEYS.clear()
    process_id = start(database, One)
    eventually(lambda: work(database, One) and status(database, process_id) == "failed")
    execute(database, "UPDATE processes SET status = 'pending', due_at = created_at")
    return process_id


def test_e5_a_process_goes_on_with_the_version_it_was_started_with(database: Database) -> None:
    process_id = failed(database)

    work(database, One, TwoBeside)

    assert get(database, process_id).version == 1
    assert {step for step, _ in outcomes(database, process_id)} == {"write", "post"}


def test_e5_with_a_declared_upgrade_it_goes_on_with_the_new_version_at_the_mapped_step(database: Database) -> None:
    process_id = failed(database)

    work(database, One, Two)

    assert told(database, process_id, "step", "outcome", "message")[-3:] == [
        ("send", "upgrade", "Version 1, step 'post', goes on with version 2, step 'send'."),
        ("send", "done", "send by version 2"),
        ("file", "done", "file by version 2"),
    ]
    assert (row(database, process_id)["version"], status(database, process_id)) == (2, "succeeded")
    assert get(database, process_id).payload["seen"] == "hej"


def test_a_renamed_step_keeps_its_idempotency_key(database: Database) -> None:
    failed(database)

    work(database, One, Two)

    assert len(set(KEYS[:-1])) == 1
    assert KEYS[-1] != KEYS[0]  # the step after it has a key of its own


def test_upgrades_lead_from_version_to_version(database: Database) -> None:
    process_id = failed(database)

    work(database, Two, Three)

    assert told(database, process_id, "step", "outcome", "message")[-4:-1] == [
        ("send", "upgrade", "Version 1, step 'post', goes on with version 2, step 'send'."),
        ("send", "upgrade", "Version 2, step 'send', goes on with version 3, step 'send'."),
        ("send", "done", "send by version 3"),
    ]


def test_e5_with_neither_version_deployed_it_waits_without_a_write(database: Database) -> None:
    failed(database)
    before = execute(database, "SELECT * FROM processes")

    work(database, TwoBeside)

    assert execute(database, "SELECT * FROM processes") == before


def test_e6_a_process_whose_step_is_gone_waits_and_never_rewinds(database: Database) -> None:
    failed(database)
    before = execute(database, "SELECT * FROM processes")
    gone = type("Gone", (Process,), {"name": "letter", "STEPS": {"write": "write"}, "write": One.write})

    work(database, gone)

    assert execute(database, "SELECT * FROM processes") == before


def test_an_upgrade_whose_conversion_fails_needs_a_person(database: Database) -> None:
    process_id = failed(database)

    def broken(_old: dict[str, Any]) -> dict[str, Any]:
        raise KeyError("text")

    two = type("Two", (Two,), {"name": "letter", "upgrades": {1: Upgrade({"post": "send"}, payload=broken)}})
    work(database, two)

    found = get(database, process_id)
    assert (found.status, found.version) == ("failed", 1)
    assert found.message == "The upgrade to version 2 failed: KeyError: 'text'"


def test_two_workers_with_two_versions_each_run_their_own(database: Database) -> None:
    class Old(Process):
        """Version 1."""

        name = "paper"
        STEPS = {"a": "a"}

        def a(self, run: StepRun) -> Done:
            return Done("old")

    class New(Old):
        """Version 2."""

        name = "paper"
        version = 2

        def a(self, run: StepRun) -> Done:
            return Done("new")

    with working(database, Old), working(database, New):
        old, new = start(database, Old), start(database, New)
        eventually(lambda: status(database, old) == status(database, new) == "succeeded")

    assert (get(database, old).message, get(database, new).message) == ("old", "new")


def test_an_upgrade_to_a_step_that_is_not_there_is_refused() -> None:
    with pytest.raises(StepsError, match="upgrades maps 'post' to it"):
        type("Bad", (TwoBeside,), {"name": "letter", "version": 3, "upgrades": {1: Upgrade({"post": "nowhere"})}})


@pytest.mark.parametrize("version", [0, 2, 3, "1"])
def test_an_upgrade_from_anything_but_an_earlier_version_is_refused(version: object) -> None:
    with pytest.raises(UsageError, match="no Upgrade from an earlier version"):
        type("Bad", (TwoBeside,), {"name": "letter", "upgrades": {version: Upgrade()}})


def test_an_upgrade_chain_that_leads_to_no_step_leaves_the_process_where_it_is(database: Database) -> None:
    process_id = failed(database)
    gap = type("Gap", (Three,), {"name": "letter", "version": 4, "STEPS": {"file": "send"}, "upgrades": {3: Upgrade()}})
    before = execute(database, "SELECT * FROM processes")

    work(database, Two, Three, gap)

    assert execute(database, "SELECT * FROM processes") == before
    assert get(database, process_id).version == 1


def test_a_conversion_that_forgets_to_answer_keeps_the_payload_and_needs_a_person(database: Database) -> None:
    process_id = failed(database)

    def forgetful(old: dict[str, Any]) -> None:
        old["new"] = 1

    two = type("Two", (Two,), {"name": "letter", "upgrades": {1: Upgrade({"post": "send"}, payload=forgetful)}})  # type: ignore[arg-type]
    work(database, two)

    found = get(database, process_id)
    assert (found.status, found.version, dict(found.payload)) == ("failed", 1, {"text": "hej"})
    assert "the conversion answered None, not a mapping" in (found.message or "")


def test_the_windows_of_an_old_version_are_those_of_the_version_it_ends_with() -> None:
    night = type(
        "Night", (Three,), {"name": "letter", "version": 3, "quiet": "17:00-08:00", "upgrades": {2: Upgrade()}}
    )

    found = quiet_windows.windows(Registry([One, Two, night]), settings(quiet="none"))

    assert {pair: str(windows) for pair, windows in found.items()} == {
        ("letter", version): "17:00-08:00" for version in (1, 2, 3)
    }
