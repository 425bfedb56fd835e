"""The filters of the audit, as they stand in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from process_manager.errors import UsageError
from process_manager.governance.audit import AuditFilter
from process_manager.message import Message
from process_manager.web.filters import Chip, a_day, a_number

NAMES: Final = ("actor", "act", "target", "result", "since", "below")
RESULTS: Final = ("done", "refused")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class AskedAudit:
    """What the address of the audit asks for.

    Attributes:
        given: The filters as they stand there, without what is empty.
        which: The same for the chain.
    """

    given: Mapping[str, str]
    which: AuditFilter

    def address(self, path: str = "/audit", **changes: str | None) -> str:
        """Return an address with these filters changed; None leaves one out."""
        left = {name: value for name, value in {**self.given, **changes}.items() if value}
        return f"{path}?{urlencode(left)}".rstrip("?")

    @property
    def chips(self) -> list[Chip]:
        """The filters that are set."""
        shown = {name: value for name, value in self.given.items() if name != "below"}
        lone: dict[str, str | None] = {"below": None}
        return [Chip(name, value, self.address("/audit", **{**lone, name: None})) for name, value in shown.items()]


def asked(params: QueryParams, zone: str | None) -> AskedAudit:
    """Return what an address asks for; raise UsageError where a value cannot be one.

    Args:
        params: What stands in the address. A target that is a number is a process.
        zone: The zone of the reader's clock, in which days begin.
    """
    given = {name: params[name].strip()[:_LONGEST] for name in NAMES if params.get(name, "").strip()}
    if given.get("result", "done") not in RESULTS:
        raise UsageError(problem=Message("There is no result %(result)s.", result=repr(given["result"][:40])))
    target = given.get("target", "")
    is_process = target.isascii() and target.isdigit() and int(target) < 2**63
    which = AuditFilter(
        actor=given.get("actor"),
        act=given.get("act"),
        process_id=int(target) if is_process else None,
        target=target if target and not is_process else None,
        result=given.get("result"),
        since=a_day(given.get("since"), zone),
        below=a_number(given, "below"),
    )
    return AskedAudit(given, which)
