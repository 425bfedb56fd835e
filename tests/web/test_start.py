"""The page from which processes are started: its form is made from the model, and says what is wrong where it is."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from fastapi import FastAPI
from invoice_pages import text
from pydantic import BaseModel, Field, field_validator
from rig import Three, execute, settings
from web_visitor import Visitor

from process_manager import Done, File, Personal, Process, Secret, Step, StepRun, serialization
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office


class Kind(Enum):
    """What is put up."""

    SCAFFOLD = "stillads"
    CONTAINER = "container"


class Contact(BaseModel):
    """Who receives the invoice."""

    name: Annotated[str, Personal]
    phone: str | None = None


class InvoiceParameters(BaseModel):
    """What an invoice is booked with."""

    permit: str = Field(title="Tilladelsesnr", description="As on the permit, including the letter.")
    amount: Decimal = Field(gt=0, decimal_places=2)
    days: int = 14
    cvr: str
    valid_from: date
    booked_at: datetime | None = None
    kind: Kind = Kind.SCAFFOLD
    zone: Literal["north", "east", "south", "west", "centre"]
    letter: bool = True
    contact: Contact
    notes: str = Field("", max_length=1000)
    lines: list[int] = []
    password: Annotated[str, Secret] = "kept"  # noqa: S105 - of a test
    bilag: Annotated[str, File(".pdf")] | None = None

    @field_validator("cvr")
    @classmethod
    def eight_digits(cls, value: str) -> str:
        if len(value) != 8:
            raise ValueError(f"This has {len(value)} digits; a CVR number has 8.")
        return value


class Invoice(Process):
    """Book one invoice in SAP and tell the applicant."""

    label = "faktura"
    parameters = InvoiceParameters
    STEPS = {"check": "check", "book": Step("book", effect="once")}

    def check(self, run: StepRun) -> Done:
        """Reads the permit."""
        return Done()

    def book(self, run: StepRun) -> Done:
        return Done()


class Tidy(Process):
    """A command, which is not started."""

    arguments = ()
    STEPS = {"a": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


@pytest.fixture
def app(database: Database) -> FastAPI:
    zone = "Europe/Copenhagen"
    return create_app(Office.of(settings(zone=zone, upload_limit=1), database, Registry([Invoice, Three, Tidy])))


@pytest.fixture
def ada(visitor: Visitor, database: Database) -> Visitor:
    """Somebody who may start processes."""
    visitor.come_in(database, role=Role.CASEWORKER)
    return visitor


GOOD = {
    "p.permit": "Å-518/26", "p.amount": "7480.50", "p.days": "14", "p.cvr": "12345678", "p.valid_from": "2026-12-01",
    "p.kind": "container", "p.zone": "east", "p.contact.name": "Ida Holm", "p.contact.phone": "", "p.notes": "",
    "p.lines": "[1, 2]", "p.booked_at": "2026-11-30T08:00", "reference": "2026-10560",
}  # fmt: skip


def send(ada: Visitor, *files: tuple[str, tuple[str, bytes]], **more: str) -> Any:
    form = {**GOOD, **{name.replace("__", "."): value for name, value in more.items()}}
    return ada.browser.post(
        "/start/invoice", data=form, files=files or [("nothing", ("", b""))], headers={"Origin": ada.address}
    )


def made(database: Database) -> list[Any]:
    return [serialization.loads(row[0]) for row in execute(database, "SELECT parameters FROM processes")]


def test_the_kinds_are_those_that_one_may_start(ada: Visitor) -> None:
    shown = text(ada.get("/start"))

    assert "You may start two kinds of processes." in shown
    assert "faktura Book one invoice in SAP and tell the applicant. 2 steps · invoice 1" in shown
    assert "tidy" not in shown


def test_who_may_start_nothing_is_told_who_may(visitor: Visitor, database: Database) -> None:
    visitor.come_in(database, role=Role.VIEWER)

    assert [visitor.get(path).status_code for path in ("/start", "/start/invoice")] == [403, 403]
    assert 'href="/start"' not in visitor.get("/attention").text


def test_a_command_is_not_started_here(ada: Visitor) -> None:
    assert ada.get("/start/tidy").status_code == 422
    assert ada.get("/start/nothing").status_code == 404


def test_a_kind_without_a_model_takes_json(ada: Visitor, database: Database) -> None:
    answer = ada.browser.post(
        "/start/three", data={"p.": '{"a": 1}'}, files=[("n", ("", b""))], headers={"Origin": ada.address}
    )

    assert answer.status_code == 303
    assert made(database) == [{"a": 1}]


def test_the_form_says_what_its_author_says(ada: Visitor) -> None:
    page = ada.get("/start/invoice")
    shown = text(page)

    assert "Start faktura: Book one invoice in SAP and tell the applicant." in shown
    assert "Tilladelsesnr As on the permit, including the letter." in shown
    assert "Contact: Name Personal: hidden in lists and logs." in shown
    assert "1 check · Reads the permit. 2 book once" in shown
    assert ".pdf. At most 1 MB. It is stored under a name of its own." in shown
    assert 'type="password"' in page.text
    assert "kept" not in page.text


def test_what_fits_is_started_and_leads_to_its_page(ada: Visitor, database: Database) -> None:
    answer = send(ada, ("bilag", ("Tilladelse.pdf", b"%PDF-")), p__password="hunter2")  # noqa: S106 - of a test

    assert (answer.status_code, answer.headers["location"]) == (303, "/processes/1?done=start")
    assert made(database) == [
        {
            "permit": "Å-518/26", "amount": "7480.50", "days": 14, "cvr": "12345678", "valid_from": "2026-12-01",
            "booked_at": "2026-11-30T08:00:00+01:00", "kind": "container", "zone": "east", "letter": False,
            "contact": {"name": "Ida Holm", "phone": None}, "notes": "", "lines": [1, 2], "password": "hunter2",
            "bilag": "Tilladelse.pdf",
        }
    ]  # fmt: skip
    assert execute(database, "SELECT process_id, name, label FROM files") == [(1, "bilag", "Tilladelse.pdf")]
    assert execute(database, "SELECT reference, created_by, created_way FROM processes") == [
        ("2026-10560", "ada", "page")
    ]


def test_what_does_not_fit_keeps_what_was_typed_and_says_what_is_wrong_beside_it(
    ada: Visitor, database: Database
) -> None:
    answer = send(ada, p__cvr="1234567", p__amount="much", p__valid_from="", p__zone="", reference="  ")
    shown = text(answer)

    assert answer.status_code == 422
    assert "Nothing was started. Correct 4 fields first: Amount , Cvr , Valid from , Zone ." in shown
    assert "Cvr This has 7 digits; a CVR number has 8." in shown
    assert "Amount Write a number." in shown
    assert "Valid from Fill this in." in shown
    assert 'id="p-cvr" name="p.cvr" type="text" value="1234567" aria-invalid="true" aria-describedby="p-cvr-e"' in (
        answer.text
    )
    assert 'href="#p-cvr"' in answer.text
    assert 'value="container" checked' in answer.text
    assert 'value="Ida Holm"' in answer.text
    assert made(database) == []


@pytest.mark.parametrize(
    ("files", "more", "said"),
    [
        ((("bilag", ("Tilladelse.docx", b"PK")),), {}, "The file must end in .pdf"),
        ((("other", ("x.pdf", b"1")),), {}, "other: No file is taken here, only as bilag"),
        ((), {"p__lines": "[1,"}, "This is no JSON."),
        ((), {"p__lines": "[1, true, []]"}, "Write a whole number."),
        ((), {"p__booked_at": "tomorrow"}, "Write a date and a time."),
        ((), {"at": "tomorrow"}, "Write a date and a time."),
        ((), {"p__kind": "ship"}, "Choose one of these: 'stillads' or 'container'."),
        ((), {"p__amount": "0"}, "Write more than 0."),
        ((), {"p__contact__name": ""}, "Fill this in."),
        ((), {"reference": "x" * 201}, "is empty, over 200 characters"),
    ],
)
def test_each_kind_of_mistake_is_told_where_it_is(
    ada: Visitor, database: Database, files: tuple[Any, ...], more: dict[str, str], said: str
) -> None:
    answer = send(ada, *files, **more)

    assert answer.status_code == 422
    assert said in text(answer)
    assert made(database) == []
    assert execute(database, "SELECT count(*) FROM files") == [(0,)]


def test_a_check_starts_nothing(ada: Visitor, database: Database) -> None:
    answer = send(ada, ("bilag", ("a.pdf", b"1")), dry="1", p__password="hunter2")  # noqa: S106 - of a test

    assert answer.status_code == 200
    assert "Nothing was started. All of it fits: Start makes one such process. Choose the files again" in text(answer)
    assert 'value="7480.50"' in answer.text
    assert "hunter2" not in answer.text
    assert (made(database), execute(database, "SELECT count(*) FROM files")) == ([], [(0,)])


def test_a_second_start_with_its_key_leads_to_the_first(ada: Visitor, database: Database) -> None:
    first, again = (send(ada, dedup_key="faktura:2026-10560") for _ in range(2))

    assert [each.headers["location"] for each in (first, again)] == [
        "/processes/1?done=start", "/processes/1?done=was-there",
    ]  # fmt: skip
    assert "has the dedup key already" in text(ada.get(again.headers["location"]))


def test_it_starts_when_it_is_told_to(ada: Visitor, database: Database) -> None:
    send(ada, at="2027-01-04T08:00", order_key="debtor 7")

    assert execute(database, "SELECT status, due_at, order_key FROM processes") == [
        ("waiting", "2027-01-04 07:00:00.000000", "debtor 7")
    ]


def test_in_danish_a_comma_is_one(ada: Visitor, database: Database) -> None:
    ada.browser.cookies.set("language", "da", domain="127.0.0.1")

    answer = send(ada, p__amount="7.480,00")
    refused = send(ada, p__amount="ingenting")

    assert answer.status_code == 303
    assert made(database)[0]["amount"] == "7480.00"
    assert "Skriv et tal." in text(refused)
    assert "Ret 1 felt først: Amount ." in text(refused)


PAYLOAD = '"><script>alert(1)</script>'


def test_nothing_that_is_typed_becomes_markup(ada: Visitor) -> None:
    page = send(ada, **{name.replace(".", "__"): PAYLOAD for name in GOOD}).text

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;") > 8


def test_another_site_starts_nothing(ada: Visitor, database: Database) -> None:
    answer = ada.browser.post("/start/invoice", data=GOOD, headers={"Origin": "https://elsewhere.example"})

    assert (answer.status_code, made(database)) == (403, [])
