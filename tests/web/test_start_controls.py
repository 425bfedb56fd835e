"""The controls of a form, made from the model of the parameters, and what is read from them."""

from __future__ import annotations

from datetime import UTC

import pytest
from pydantic import BaseModel, RootModel

from process_manager.web import typed_values
from process_manager.web.start_controls import WHOLE, Control, controls
from tests.web.test_start import InvoiceParameters


def test_each_field_has_a_control_of_its_kind() -> None:
    found = {".".join(each.path): (each.sort, each.is_needed, each.value) for each in controls(InvoiceParameters)}

    assert found == {
        "permit": ("text", True, ""),
        "amount": ("number", True, ""),
        "days": ("whole", False, "14"),
        "cvr": ("text", True, ""),
        "valid_from": ("date", True, ""),
        "booked_at": ("moment", False, ""),
        "kind": ("few", False, "stillads"),
        "zone": ("many", True, ""),
        "letter": ("yes", False, "yes"),
        "contact.name": ("text", True, ""),
        "contact.phone": ("text", False, ""),
        "notes": ("long", False, ""),
        "lines": ("json", False, "[]"),
        "password": ("secret", False, ""),
        "bilag": ("file", False, ""),
    }


def test_what_has_no_fields_is_written_as_json() -> None:
    assert controls(None) == controls(RootModel[dict[str, int]]) == [WHOLE]


class Odd(BaseModel):
    """What a plain control would change by itself."""

    agreed: bool | None = None
    greeting: str = "Dear\nAda"


def test_a_control_holds_what_it_begins_with() -> None:
    agreed, greeting = controls(Odd)
    assert (agreed.sort, agreed.choices, greeting.sort) == ("either", ("yes", "no"), "long")

    found = [
        typed_values.read([agreed, greeting], fields, language="da", zone=UTC).payload
        for fields in ({}, {"p.agreed": "yes", "p.greeting": "Dear\r\nBo"}, {"p.agreed": "no"})
    ]

    assert found == [{}, {"agreed": True, "greeting": "Dear\nBo"}, {"agreed": False}]


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("da", "7.480,00", "7480.00"),
        ("da", "7480.00", "7480.00"),
        ("da", "7.480", "7480"),
        ("da", "1 250,5", "1250.5"),
        ("en", "7,480.00", "7480.00"),
        ("en", "7480.00", "7480.00"),
        ("en", "-5", "-5"),
        ("da", "ingenting", "ingenting"),
    ],
)
def test_a_number_is_read_as_its_language_writes_it(language: str, typed: str, number: str) -> None:
    amount = Control(("amount",), "number", "Amount")

    found = typed_values.read([amount], {"p.amount": typed}, language=language, zone=UTC)

    assert found.payload == {"amount": number}


def test_what_is_left_empty_is_left_out_but_not_what_it_stands_in() -> None:
    found = typed_values.read(controls(InvoiceParameters), {}, language="da", zone=UTC)

    assert (found.payload, found.wrong) == ({"letter": False, "contact": {}}, {})
