"""An office may ask for a reason of every act: each form has its field then, and hands on what is typed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from command_office import office_settings
from freezegun import freeze_time
from invoice_pages import text
from invoices import FRIDAY
from web_visitor import Visitor
from whole_office import GETS, REGISTRY, furnish_all

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.app import create_app
from process_manager.web.office import Office

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

A_FORM: Final = re.compile(r'<form[^>]*method="post" action="([^"]+)"([^>]*)>(.*?)</form>', re.DOTALL)
A_FIELD: Final = re.compile(r'<(?:input|textarea|select)[^>]* name="([^"]+)"(?:[^>]* value="([^"]*)")?')
NONE_KEPT: Final = re.compile(
    r"/preferences|/sign-out|/sign-in|/start/.*|/account/.*|/processes/views|/audit/verify|/commands/.*/run"
    r"|/(processes|jobs)/\d+/(run-now|check-again)"
)
"""What no reason is kept of, whatever an office asks for."""
SCHEDULE: Final = {"name": "nightly", "process": "rykker", "cron": "0 6 * * *", "reason": "the list of the day"}
NOT_SAID: Final = re.compile(r".{40}(?:needs a reason here|There is no reason).{40}")
PREVIEWS: Final = ("edit-payload", "/processes/many")
"""They show first what would be done: that page has the field."""


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def forms(database: Database, clock: Any) -> tuple[Visitor, dict[str, tuple[str, str]]]:
    """Each form that an admin finds on the pages of such an office, by its address: its attributes and its content."""
    furnished = furnish_all(database, clock)
    visitor = Visitor(create_app(Office.of(office_settings(reasons_required="*"), database, REGISTRY)))
    visitor.come_in(database, role=Role.ADMIN)
    assert visitor.post("/schedules", SCHEDULE).status_code == 303
    assert visitor.post("/events/signal", {"event": "paid:1", "reason": "paid by hand"}).status_code == 303
    assert visitor.post("/commands/rykker/disable", {"reason": "the bank is closed"}).status_code == 303
    pages = [furnished.address(path, each) for path in GETS for each in furnished.invoices]
    pages += ["/events?event=paid:1", *(f"/jobs/{each}/rerun" for each in furnished.jobs.values())]
    found: dict[str, tuple[str, str]] = {}
    for page in sorted(set(pages)):
        for address, more, body in A_FORM.findall(visitor.get(page).text):
            found[html.unescape(address)] = (more, body)
    return visitor, found


def test_each_form_has_the_field_and_hands_on_what_is_typed(
    forms: tuple[Visitor, dict[str, tuple[str, str]]],
) -> None:
    visitor, found = forms
    asked = {address: form for address, form in found.items() if not NONE_KEPT.fullmatch(address)}
    ways = {re.sub(r"/[^/]*[0-9][^/]*/", "/…/", address) for address in asked}
    assert {"/jobs/…/rerun", "/processes/…/rerun", "/schedules/nightly/run", "/batches/…/stop"} <= ways

    lacking = {
        address
        for address, (_, body) in asked.items()
        if 'name="reason"' not in body and not address.endswith(PREVIEWS)
    }
    answers = {address: text(sent(visitor, address, *form)) for address, form in asked.items()}
    refused = {address: told[0] for address, said in answers.items() if (told := NOT_SAID.findall(said))}

    assert (lacking, refused) == (set(), {})


def sent(visitor: Visitor, address: str, more: str, body: str) -> Any:
    fields: dict[str, str] = {name: html.unescape(value) for name, value in A_FIELD.findall(body) if name != "seen"}
    fields["reason"] = "because of the flood"
    if "multipart" not in more:
        return visitor.post(address, {**fields, "details": '{"note": "x"}'} if "details" in fields else fields)
    return visitor.ask("POST", address, content=parts(fields), headers=multipart(visitor))


def parts(fields: Mapping[str, str]) -> bytes:
    told = (f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{each}\r\n' for name, each in fields.items())
    return f"{''.join(told)}--x--\r\n".encode()


def multipart(visitor: Visitor) -> dict[str, str]:
    return {"Content-Type": "multipart/form-data; boundary=x", "Origin": visitor.address}
