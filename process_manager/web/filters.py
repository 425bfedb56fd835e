"""The filters of the list, as they stand in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from process_manager.errors import UsageError
from process_manager.inspection import FIRST, Filter, Place, Reach
from process_manager.lifecycle.status import NEEDS_A_PERSON, OPEN, Status
from process_manager.message import Message

PERSON: Final = "person"
"""In the address: all that need a person."""
OPENED: Final = "open"
_GROUPS: Final[Mapping[str, tuple[Status, ...]]] = {PERSON: NEEDS_A_PERSON, OPENED: OPEN}
PLACES: Final = ("after", "before")
"""In the address: where the page begins, or ends."""
_TEXTS: Final = ("name", "step", "reference", "channel", "order_key", "error")
_LONGEST: Final = 2_000
_NUMBER: Final = 2**31


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: its name, its value, and the address without it."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for.

    Attributes:
        given: The filters as they stand there, without what is empty.
        which: The same for the store.
        reach: Where in the list it begins.
    """

    given: Mapping[str, str]
    which: Filter
    reach: Reach = FIRST

    def address(self, **changes: str | None) -> str:
        """Return the address of the first page with these filters changed; None leaves one out."""
        left = {name: value for name, value in {**self.sought, **changes}.items() if value}
        return f"/processes?{urlencode(left)}".rstrip("?")

    @property
    def sought(self) -> dict[str, str]:
        """The filters without a place in the list."""
        return {name: value for name, value in self.given.items() if name not in PLACES}

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set."""
        return [Chip(name, value, self.address(**{name: None})) for name, value in self.sought.items()]


def asked(params: QueryParams, zone: str | None) -> Asked:
    """Return what an address asks for; raise UsageError where a value cannot be one.

    Args:
        params: What stands in the address.
        zone: The zone of the reader's clock, in which days begin.
    """
    names = (*_TEXTS, "status", "version", "since", "cause", *PLACES)
    given = {name: params[name].strip()[:_LONGEST] for name in names if params.get(name, "").strip()}
    texts = {name: given[name] for name in _TEXTS if name in given}
    which = Filter(
        status=_statuses(given.get("status")),
        version=a_number(given, "version"),
        created_since=a_day(given.get("since"), zone),
        cause=tuple(each for each in given.get("cause", "").split(",") if each),
    )
    return Asked(given, replace(which, **texts), _span(given))  # type: ignore[arg-type]  # the names are those of texts


def _span(given: Mapping[str, str]) -> Reach:
    if "before" in given:
        return Reach(Place.parse(given["before"]), is_back=True)
    return Reach(Place.parse(given["after"])) if "after" in given else FIRST


def _statuses(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    if text in _GROUPS:
        return tuple(map(str, _GROUPS[text]))
    try:
        return tuple(str(Status(each.strip())) for each in text.split(","))
    except ValueError:
        raise UsageError(
            problem=Message(
                "There is no status %(text)s. They are %(known)s.", text=repr(text[:40]), known=", ".join(Status)
            )
        ) from None


def a_number(given: Mapping[str, str], name: str) -> int | None:
    """Return the number of this name in an address; raise UsageError where it is none."""
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < (_NUMBER if name == "version" else 2**63):
        raise UsageError(
            problem=Message("%(name)s=%(text)s in the address is no number. Leave it out.", name=name, text=text[:40])
        )
    return int(text)


def a_day(text: str | None, zone: str | None) -> datetime | None:
    """Return the moment at which a day begins in a zone; raise UsageError where it is none."""
    if text is None:
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            problem=Message("since=%(text)s in the address is no day. Write since=2026-11-27.", text=text[:40])
        ) from None
    return day if day.tzinfo is not None else day.replace(tzinfo=ZoneInfo(zone or "UTC"))
