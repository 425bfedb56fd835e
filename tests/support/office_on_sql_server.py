"""The office's invoice table on a SQL Server without row versions: who reads a row that another session holds waits."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from fake_odbc import URL
from fake_server import Answer, Fault, Statement
from office import Office

from processes.fakturering import invoice_table


@dataclass(slots=True)
class Invoices:
    """The rows, what was written of them, and which are held; a script for the fake server."""

    statuses: dict[int, str]
    held: set[int] = field(default_factory=set)
    held_log: bool = False
    log: list[tuple[int, str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, said: Statement) -> Answer | None:
        for name, text in invoice_table.statements("mssql").items():
            if _bare(text) == _bare(said.text):
                self.asked.append(name)
                return getattr(self, f"_{name}")(*said.values)  # type: ignore[no-any-return]
        return None

    def _count(self, status: str) -> Answer:
        return Answer(("",), [(list(self.statuses.values()).count(status),)])

    def _candidates(self, limit: int, status: str, after: int) -> Answer:
        return Answer(
            ("ID",), [(each,) for each, now in self.statuses.items() if now == status and each > after][:limit]
        )

    def _move(self, new: str, old: str, ids: str, _action: str, _old: str, _new: str, by: str) -> Answer:
        moved = [each for each in json.loads(ids) if each not in self.held and self.statuses.get(each) == old]
        self.statuses |= dict.fromkeys(moved, new)
        self.log += [(each, new, by) for each in moved]
        return Answer(("ID",), [(each,) for each in moved])

    def _recognise(self, claims: str, status: str, _status: str) -> Answer:
        marks = {each["id"]: each["mark"] for each in json.loads(claims)}
        if self.held_log or self.held & marks.keys():
            raise Fault(1222)
        named = [(row_id, by[-8:]) for row_id, new, by in self.log if new == status]
        found = [each for each in marks if self.statuses.get(each) == status and (each, marks[each]) in named]
        return Answer(("ID",), [(each,) for each in found])

    def _hold(self, ids: str) -> Answer:
        names = ("ID", "VejmanID", "Tilladelsesnr", "FakturaStatus")
        free = [each for each in json.loads(ids) if each not in self.held and each in self.statuses]
        return Answer(names, [(each, each, "26-1", self.statuses[each]) for each in free])

    def _statuses(self, ids: str) -> Answer:
        there = [each for each in json.loads(ids) if each in self.statuses]
        return Answer(("ID", "FakturaStatus"), [(each, self.statuses[each]) for each in there])


class ServedOffice(Office):
    """An office whose invoices are there."""

    @property
    def environment(self) -> dict[str, str]:
        return {**Office.environment.fget(self), "PROCESS_MANAGER_FAKTURERING_URL": URL}  # type: ignore[attr-defined]


def _bare(text: str) -> Any:
    """A text without its parameters, which the driver is told by place."""
    return re.sub(r":\w+|\?", "?", text)
