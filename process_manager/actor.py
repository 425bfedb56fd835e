"""Who acts: a person or a program, the way by which it came, and what it may do."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Final, Literal

from process_manager import serialization

NAME_LENGTH: Final = 200
REQUEST_LENGTH: Final = 100

Way = Literal["code", "console", "api", "page"]


class Role(StrEnum):
    """What an actor may do, in general; the table of acts and roles says what each may do."""

    VIEWER = "viewer"
    CASEWORKER = "caseworker"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, from where, and what they may do.

    Attributes:
        name: The person or program; shortened to 200 characters, and `somebody` where it is empty.
        is_person: Whether it is a person; otherwise it is a program.
        way: How they came: from code, from the console, through the API, or from a page.
        address: From which address they came, where one is known.
        request_id: The id of the request, by which logs of several systems are brought together.
        role: What they may do.
        kinds: The names of the processes that they may see; None for all.
        scopes: Of a token: pairs of a process name, or `*`, and `start`, `read` or `act`; None for no token.
        token: The id of that token; None for no token.
        groups: The groups whose tasks they may answer; None for all.
    """

    name: str
    _: KW_ONLY
    is_person: bool = False
    way: Way = "code"
    address: str | None = None
    request_id: str | None = None
    role: Role = Role.OPERATOR
    kinds: frozenset[str] | None = None
    scopes: frozenset[tuple[str, str]] | None = None
    token: int | None = None
    groups: frozenset[str] | None = frozenset()

    def __post_init__(self) -> None:
        stored = serialization.clean(self.name, NAME_LENGTH).strip() or "somebody"
        object.__setattr__(self, "name", stored)
        if self.request_id is not None:
            object.__setattr__(self, "request_id", serialization.clean(self.request_id, REQUEST_LENGTH))


CODE: Final = Actor("code")
"""Whoever calls a function without saying who acts."""
