"""Who asks, and what they work with: what the routes of the API are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from process_manager import governance
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import SecondPersonNeeded
from process_manager.governance import Acted, permissions
from process_manager.governance.action import Action
from process_manager.inspection import Viewer
from process_manager.web.office import Office

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the office, and what of it they see."""

    office: Office
    viewer: Viewer


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something, and where."""

    office: Office
    actor: Actor

    @property
    def registry(self) -> Registry:
        """The process classes that are there for them."""
        return self.office.known_to(self.actor)

    def act(self, action: Action[T], *, dry_run: bool = False) -> Acted[T]:
        """Do what is asked for; raise SecondPersonNeeded where nothing is done yet."""
        office = self.office
        answer = governance.acting(office.database, self.actor, action, policies=office.policies, dry_run=dry_run)
        if isinstance(answer, governance.Requested):
            raise SecondPersonNeeded(number=answer.number)
        return answer


def reader_of(request: Request) -> Reader:
    """Return who reads; raise Forbidden for a token that may not."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    return Reader(office, office.viewer(actor))


def doer_of(request: Request) -> Doer:
    """Return who does something."""
    return Doer(request.app.state.office, request.state.actor)


Reading = Annotated[Reader, Depends(reader_of)]
Doing = Annotated[Doer, Depends(doer_of)]
