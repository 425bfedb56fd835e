"""A weekend of invoices on the pages, and who looks at them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from invoices import REGISTRY, furnish
from rig import settings
from web_visitor import Visitor

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.app import create_app
from process_manager.web.office import Office

ZONE = "Europe/Copenhagen"


@dataclass
class Pages:
    """The pages over a database with invoices, by what became of each."""

    database: Database
    made: dict[str, int]
    visitor: Visitor

    def get(self, path: str, **headers: str) -> Any:
        """Ask for a page."""
        return self.visitor.get(path, **headers)

    def of(self, what: str, more: str = "") -> Any:
        """Ask for the page of an invoice."""
        return self.get(f"/processes/{self.made[what]}{more}")

    def act(self, what: str, way: str, **form: Any) -> Any:
        """Do something to an invoice."""
        return self.visitor.post(f"/processes/{self.made[what]}/{way}", form)


def made(database: Database, clock: Any, role: Role = Role.OPERATOR, **more: Any) -> Pages:
    """The pages, and somebody of this role who has signed in."""
    found = furnish(database, clock)
    visitor = Visitor(create_app(Office.of(settings(zone=ZONE), database, REGISTRY)))
    visitor.come_in(database, role=role, **more)
    return Pages(database, found, visitor)


def text(answer: Any) -> str:
    """What a page says, without markup, in one line."""
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
