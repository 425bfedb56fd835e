"""Forms that start something: each carries a key of its own, so that what is sent twice is started once."""

from __future__ import annotations

import secrets
from typing import Annotated, Final

from fastapi import Depends, Form, Request
from markupsafe import Markup

from process_manager.web.api import own_key

FIELD: Final = "once"
MOST: Final = 100

_DRAWN: Final = Markup('<input type="hidden" name="{}" value="{}" autocomplete="off">')
"""Without `autocomplete` a browser has the old key again after a reload."""


def field() -> Markup:
    """Return the hidden field of a form, with another key each time that one is drawn."""
    return _DRAWN.format(FIELD, secrets.token_urlsafe(12))


def key(request: Request, sent: str) -> str | None:
    """Return the dedup key of what a form starts; None where it came without one.

    Args:
        request: What it was sent with: each person, and each address that is sent to, has keys of its own.
        sent: What came in its field.
    """
    is_one = 0 < len(sent) <= MOST
    return own_key.of_act(request.state.actor, f"form {request.scope['path']}", sent) if is_one else None


def _sent(request: Request, once: Annotated[str, Form()] = "") -> str | None:
    return key(request, once)


Once = Annotated[str | None, Depends(_sent)]
"""The dedup key of what the form of a request starts."""
