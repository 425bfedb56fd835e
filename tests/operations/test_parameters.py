"""What the `parameters` of a class say of a payload that a person corrects."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator
from rig import Three, get, start, work
from rows import everything

from process_manager import Done, Process, Retry, StepRun, every
from process_manager.database import Database
from process_manager.errors import EditError
from process_manager.operations import PayloadChange
from tests.operations.test_edit_payload import edit


class Contact(BaseModel):
    name: str
    phone: int | None = None


class Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    invoice: int
    contact: Contact
    lang: Annotated[str, Field(alias="Sprache")] = "da"


class Checked(Process):
    """Its first step adds a field that the model would forbid, and fails then."""

    parameters = Parameters
    retry = every(seconds=1, attempts=1)
    STEPS = {"look": "look", "send": "send"}

    def look(self, run: StepRun) -> Done:
        return Done("", {"found": {"rows": 3}})

    def send(self, run: StepRun) -> Retry:
        return Retry("down")


@pytest.fixture
def checked(database: Database) -> int:
    """A failed process with a model, a step of which added something."""
    process_id = start(database, Checked, {"invoice": 7, "contact": {"name": "Ada"}})
    work(database, Checked)
    return process_id


def test_what_is_changed_is_stored_as_the_model_makes_it_and_the_rest_left_alone(
    database: Database, checked: int
) -> None:
    made = edit(database, checked, Checked, contact__phone="123", found__rows="four", invoice="8", new=1)

    assert made.changes() == [
        PayloadChange("contact.phone", "null", "123"),
        PayloadChange("found.rows", "3", '"four"'),
        PayloadChange("invoice", "7", "8"),
        PayloadChange("new", None, "1"),
    ]
    assert get(database, checked).payload == {
        "invoice": 8, "contact": {"name": "Ada", "phone": 123}, "lang": "da", "found": {"rows": "four"}, "new": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "unset", "problem"),
    [
        ({"invoice": "seven"}, (), "invoice: Input should be a valid integer"),
        ({"contact__phone": "none"}, (), "contact.phone: Input should be a valid integer"),
        ({"contact": "Ada"}, (), "contact: Input should be a valid dictionary"),
        ({"lang": 5}, (), "(lang|Sprache): Input should be a valid string"),
        ({}, ("invoice",), "invoice: Field required"),
        ({}, ("contact.name",), "contact.name: Field required"),
    ],
)
def test_what_does_not_fit_the_model_is_refused_without_its_value(
    database: Database, checked: int, changes: Any, unset: Any, problem: str
) -> None:
    before = everything(database)

    with pytest.raises(EditError, match=f"The payload of checked would not fit: {problem}.*Nothing was changed") as no:
        edit(database, checked, Checked, unset=unset, **changes)

    assert no.value.exit_code == 2
    assert "seven" not in str(no.value)
    assert everything(database) == before


def test_a_field_that_a_step_made_unfit_holds_up_no_other(database: Database) -> None:
    class Spoils(Checked):
        def look(self, run: StepRun) -> Done:
            return Done("", {"contact": "Ada, by phone"})

    process_id = start(database, Spoils, {"invoice": 7, "contact": {"name": "Ada"}})
    work(database, Spoils)

    edit(database, process_id, Spoils, invoice=8)

    assert get(database, process_id).payload == {"invoice": 8, "contact": "Ada, by phone", "lang": "da"}


def test_what_was_not_touched_is_left_as_a_step_wrote_it_and_what_was_removed_has_its_default(
    database: Database,
) -> None:
    class Writes(Checked):
        def look(self, run: StepRun) -> Done:
            return Done("", {"invoice": "9"})

    process_id = start(database, Writes, {"invoice": 7, "contact": {"name": "Ada"}, "Sprache": "en"})
    work(database, Writes)

    made = edit(database, process_id, Writes, unset=["lang"], contact__phone=1)

    assert made.changes() == [PayloadChange("contact.phone", "null", "1"), PayloadChange("lang", '"en"', '"da"')]
    assert get(database, process_id).payload == {"invoice": "9", "contact": {"name": "Ada", "phone": 1}, "lang": "da"}


def test_a_rule_of_the_model_over_several_fields_holds(database: Database) -> None:
    class Amounts(BaseModel):
        net: int
        gross: int

        @model_validator(mode="after")
        def ordered(self) -> Amounts:
            if self.net > self.gross:
                raise ValueError("net is more than gross")
            return self

    process = type("Ordered", (Three,), {"parameters": Amounts})
    process_id = start(database, process, {"net": 1, "gross": 2})

    with pytest.raises(EditError, match="payload: Value error, net is more than gross"):
        edit(database, process_id, process, net=3)


def test_a_model_of_a_whole_mapping_checks_all_of_it(database: Database) -> None:
    process = type("Whole", (Three,), {"parameters": RootModel[dict[str, int]]})
    process_id = start(database, process, {"a": 1})

    edit(database, process_id, process, b="2")
    with pytest.raises(EditError, match="c: Input should be a valid integer"):
        edit(database, process_id, process, c="x")

    assert get(database, process_id).payload == {"a": 1, "b": 2}


def test_whatever_a_validator_raises_is_a_refusal(database: Database) -> None:
    class Raises(BaseModel):
        n: int

        @model_validator(mode="after")
        def small(self) -> Raises:
            if self.n > 1:
                raise ZeroDivisionError
            return self

    process = type("Raising", (Three,), {"parameters": Raises})
    process_id = start(database, process, {"n": 1})

    with pytest.raises(EditError, match="its model raised ZeroDivisionError"):
        edit(database, process_id, process, n=2)
