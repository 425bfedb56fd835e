"""What is personal or secret is marked where it is declared."""

from __future__ import annotations

import dataclasses
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,  # as pydantic wants it before Python 3.12
    Optional,
)

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, model_serializer
from typing_extensions import TypedDict

from process_manager import Done, Personal, Process, Secret, StepRun
from process_manager.definition import markers
from process_manager.errors import UsageError

Number = NewType("Number", str)


class Contact(BaseModel):
    phone: Annotated[str, Personal]
    room: int = 1


class Tree(BaseModel):
    name: Annotated[str, Personal]
    size: int = 1
    children: list[Tree] = []


class Branch(BaseModel):
    size: int
    children: list[Branch] = []


class Rows(RootModel[list[Contact]]):
    pass


class Told(BaseModel):
    phone: Annotated[str, Personal]

    @model_serializer
    def told(self) -> dict[str, Any]:
        return {"telephone": self.phone}


class Aliased(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    phone: Annotated[str, Personal] = Field(alias="Phone")


class ByName(BaseModel):
    phone: Annotated[str, Personal, Field(alias="Phone")]


class Whole(BaseModel):
    first: str
    last: str

    @computed_field
    @property
    def name(self) -> Annotated[str, Personal]:
        return f"{self.first} {self.last}"


@dataclasses.dataclass
class Address:
    street: Annotated[str, Personal]
    town: str


class Place(TypedDict):
    street: NotRequired[Annotated[str, Personal]]
    town: str


class Point(NamedTuple):
    town: str
    street: Annotated[str, Personal]


FIELDS = [
    (Annotated[str, Personal], ["field"]),
    (Annotated[str, Secret], ["field"]),
    (Annotated[str, Field(min_length=2), Personal], ["field"]),
    (Annotated[str, Personal] | None, ["field"]),
    (Optional[Annotated[str, Personal]], ["field"]),  # noqa: UP045 - as it is still written
    (Annotated[Number, Personal], ["field"]),
    (NewType("Marked", Annotated[str, Personal]), ["field"]),  # type: ignore[valid-newtype]
    (list[Annotated[str, Personal]], ["field.*"]),
    (Annotated[list[str], Personal], ["field"]),
    (set[Annotated[str, Personal]], ["field.*"]),
    (dict[str, Annotated[str, Personal]], ["field.*"]),
    (dict[Annotated[str, Personal], int], ["field"]),
    (tuple[int, Annotated[str, Personal]], ["field.1"]),
    (tuple[Annotated[str, Personal], ...], ["field.*"]),
    (Contact, ["field.phone"]),
    (Contact | None, ["field.phone"]),
    (list[Contact], ["field.*.phone"]),
    (dict[str, list[Contact]], ["field.*.*.phone"]),
    (int | Contact, ["field.phone"]),
    (Rows, ["field.*.phone"]),
    (Tree, ["field.children.*", "field.name"]),
    (Told, ["field"]),
    (Aliased, ["field.Phone"]),
    (ByName, ["field.phone"]),
    (Whole, ["field.name"]),
    (Address, ["field.street"]),
    (Place, ["field.street"]),
    (Point, ["field.1"]),
    (Literal["a", "b"], []),
    (Branch, []),
    (str, []),
    (Any, []),
]


def run(self: Process, run: StepRun) -> Done:
    return Done()


def made(**attributes: Any) -> type[Process]:
    return type("MarkedLetter", (Process,), {"STEPS": {"a": "run"}, "run": run, **attributes})


def refusal(**attributes: Any) -> str:
    with pytest.raises(UsageError) as refused:
        made(**attributes)
    return str(refused.value).removeprefix(f"class {__name__}.MarkedLetter: ")


def paths(process: type[Process]) -> list[str]:
    return [] if process.marks is None else sorted(".".join(path) for path in process.marks.paths)


@pytest.mark.parametrize(("kind", "marked"), FIELDS)
def test_a_field_is_marked_by_the_name_under_which_it_is_stored(kind: Any, marked: list[str]) -> None:
    model = type("Parameters", (BaseModel,), {"__annotations__": {"field": kind, "other": str}})

    assert paths(made(parameters=model)) == marked


def test_a_class_says_what_its_steps_add() -> None:
    process = made(
        parameters=Contact,
        personal=("cpr", "contact.*", "rows.0.name"),
        secret=("pin",),
        personal_keys=("reference",),
        personal_search=("cpr", "contact.name"),
    )

    assert process.marks == markers.Marks(
        frozenset({("phone",), ("cpr",), ("contact", "*"), ("rows", "0", "name"), ("pin",)}),
        frozenset({"reference"}),
        frozenset({("cpr",), ("contact", "name")}),
    )


def test_a_class_without_marks_has_none() -> None:
    assert made(parameters=Branch).marks is None
    assert Process.marks is None


def test_a_class_inherits_marks() -> None:
    base = made(personal=("cpr",))

    assert paths(type("Heir", (base,), {})) == ["cpr"]


def test_a_model_that_is_not_complete_is_marked_as_a_whole() -> None:
    model = type("Later", (BaseModel,), {"__annotations__": {"field": "Nowhere"}})

    assert paths(made(parameters=model)) == ["*"]


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"personal": "cpr"}, 'personal is a str, not a tuple. Write personal = ("name",).'),
        ({"secret": ["pin"]}, 'secret is a list, not a tuple. Write secret = ("name",).'),
        ({"personal": (7,)}, "personal has an int in it, which is no text. Write texts."),
        (
            {"personal": ("a..b",)},
            'personal has \'a..b\', which is no path. Write one as "cpr", "contact.phone" or "rows.*".',
        ),
        (
            {"secret": ("",)},
            'secret has \'\', which is no path. Write one as "cpr", "contact.phone" or "rows.*".',
        ),
        (
            {"personal": ("a. b",)},
            'personal has \'a. b\', which is no path. Write one as "cpr", "contact.phone" or "rows.*".',
        ),
        (
            {"personal": (".".join("a" * 101),)},
            "personal has a path of 101 parts. No payload is deeper than 100.",
        ),
        ({"personal": ("pin",), "secret": ("pin",)}, "personal and secret both have 'pin'. Keep it in one of them."),
        (
            {"personal_keys": ("refrence",)},
            "personal_keys has 'refrence', which is no key of a process. Did you mean 'reference'?",
        ),
        (
            {"personal_keys": ("cpr",)},
            "personal_keys has 'cpr', which is no key of a process. They are 'reference' and 'order_key'.",
        ),
        (
            {"personal": ("cpr",), "personal_search": ("zip",)},
            "personal_search has 'zip', which is not marked. Mark that field in the model, or name it in personal.",
        ),
        (
            {"personal": ("rows.*",), "personal_search": ("rows.*",)},
            "personal_search has 'rows.*', which is not marked. Mark that field in the model, or name it in personal.",
        ),
        ({"personel": ("cpr",)}, "personel is no option of a process. Did you mean `personal`?"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_class_and_the_attribute(
    attributes: dict[str, Any], problem: str
) -> None:
    assert refusal(**attributes) == problem


def test_a_mark_that_is_written_as_a_default_is_refused() -> None:
    class Wrong(BaseModel):
        cpr: str = Personal  # type: ignore[assignment]

    told = refusal(parameters=Wrong)

    assert told.endswith("Wrong: cpr has a mark as its default. Write cpr: Annotated[str, Personal].")


PAYLOAD = {
    "cpr": "0101901234",
    "age": None,
    "contact": {"phone": "20406080", "room": 7},
    "rows": [{"name": "Ida Holm", "size": 1}, {"name": "Bo Lund", "size": 2}],
    "by": {"ida@holm.dk": 1, "plain": True},
}


@pytest.mark.parametrize(
    ("path", "changed", "values"),
    [
        ("cpr", {"cpr": "***"}, ["0101901234"]),
        ("age", {"age": "***"}, []),
        ("nothing", {}, []),
        ("contact", {"contact": "***"}, ["20406080", 7]),
        ("contact.phone", {"contact": {"phone": "***", "room": 7}}, ["20406080"]),
        ("contact.*", {"contact": {"phone": "***", "room": "***"}}, ["20406080", 7]),
        ("rows.*.name", {"rows": [{"name": "***", "size": 1}, {"name": "***", "size": 2}]}, ["Ida Holm", "Bo Lund"]),
        ("rows.name", {"rows": [{"name": "***", "size": 1}, {"name": "***", "size": 2}]}, ["Ida Holm", "Bo Lund"]),
        ("rows.0", {"rows": ["***", {"name": "Bo Lund", "size": 2}]}, ["Ida Holm", 1]),
        ("cpr.number", {"cpr": "***"}, ["0101901234"]),  # not of the form that was declared
        ("age.number", {}, []),
        ("by", {"by": "***"}, ["ida@holm.dk", 1]),
    ],
)
def test_what_a_path_leads_to_is_masked_and_told(path: str, changed: dict[str, Any], values: list[Any]) -> None:
    marked = {tuple(path.split("."))}

    assert markers.masked(PAYLOAD, marked) == {**PAYLOAD, **changed}
    assert list(markers.values(PAYLOAD, marked)) == values


def test_marks_are_put_together() -> None:
    one = markers.Marks(frozenset({("a",)}), frozenset({"reference"}))
    other = markers.Marks(frozenset({("b",)}), search=frozenset({("b",)}))

    assert markers.together([None]) is None
    assert markers.together([None, one]) is one
    assert markers.together([one, other]) == markers.Marks(
        frozenset({("a",), ("b",)}), frozenset({"reference"}), frozenset({("b",)})
    )
    assert markers.together([one, markers.UNKNOWN]) == markers.Marks(
        frozenset({("a",), ("*",)}), frozenset({"reference", "order_key"}), is_unknown=True
    )
