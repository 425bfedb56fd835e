from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from pydantic import BaseModel, field_validator
from rig import NOON, Three, execute, start
from rows import everything

from process_manager import operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import PayloadError
from process_manager.operations import Start, Started


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with freeze_time(NOON):
        yield


class Facts(BaseModel):
    n: int = 0

    @field_validator("n")
    @classmethod
    def broken(cls, value: int) -> int:
        return value if value != 13 else {}["13"]


class Checked(Three):
    STEPS = {"a": "step"}
    parameters = Facts


class Commanded(Three):
    STEPS = {"a": "step"}
    arguments = ()


@pytest.mark.every_database
def test_those_that_fit_are_started_and_the_others_are_answered_with_their_errors_in_order(database: Database) -> None:
    taken = start(database, Checked, dedup_key="taken")
    wanted = [
        Start(Checked, {"n": "x"}),
        Start(Checked, {"n": 1}, dedup_key="k"),
        Start(Checked, {"n": 2}, reference="x" * 300),
        Start(Checked, {"n": 3}, dedup_key="taken"),
        Start(Checked, {"n": 4}, dedup_key="k"),
        Start(Three, {"n": b"x"}),
        Start(Checked, {"n": 5}, order_key="lane"),
    ]

    with database.begin() as connection:
        found = operations.start_each(connection, wanted, actor=Actor("Ada"))

    assert [each if isinstance(each, Started) else type(each).__name__ for each in found] == [
        "PayloadError",
        Started(taken + 1, is_new=True),
        "IllegalValue",
        Started(taken, is_new=False),
        Started(taken + 1, is_new=False),
        "NotJson",
        Started(taken + 2, is_new=True),
    ]
    assert execute(database, "SELECT parameters, created_by FROM processes ORDER BY id")[1:] == [
        ('{"n":1}', "Ada"),
        ('{"n":5}', "Ada"),
    ]


@pytest.mark.parametrize("wanted", [[], [Start(Checked, {"n": "x"})] * 2], ids=["none", "none that fits"])
def test_where_nothing_can_be_started_nothing_is_written(database: Database, wanted: list[Start]) -> None:
    before = everything(database)

    with database.begin() as connection:
        found = operations.start_each(connection, wanted)

    assert [type(each) for each in found] == [PayloadError] * len(wanted)
    assert everything(database) == before


def test_what_is_started_is_gone_with_the_callers_transaction(database: Database) -> None:
    before = everything(database)

    with pytest.raises(RuntimeError), database.begin() as connection:
        operations.start_each(connection, [Start(Checked)])
        raise RuntimeError

    assert everything(database) == before


def test_a_model_that_breaks_is_told_without_what_it_was_given(database: Database) -> None:
    with database.begin() as connection:
        bad, good = operations.start_each(connection, [Start(Checked, {"n": 13}), Start(Checked, {"n": 12})])

    assert str(bad) == "The payload of checked does not fit: its model raised KeyError. Nothing was started."
    assert isinstance(good, Started)


@pytest.mark.parametrize("payload", [[], "", 0, False, [1]])
def test_a_payload_that_is_no_object_is_refused_even_when_it_is_empty(database: Database, payload: Any) -> None:
    with database.begin() as connection, pytest.raises(PayloadError, match="not an object"):
        operations.start(connection, Three, payload)


def test_a_command_is_refused_with_the_command_that_starts_it(database: Database) -> None:
    with database.begin() as connection:
        (found,) = operations.start_each(connection, [Start(Commanded)])

    assert "`process-manager run-command commanded` does." in str(found)
