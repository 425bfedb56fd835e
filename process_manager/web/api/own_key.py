"""The Idempotency-Key of a request: by it, who sent it finds what they have started, and nobody else does."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from process_manager.actor import Actor

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="The same request again, with the same key, answers what the first has started. Each caller has "
        "keys of their own.",
    ),
]


def dedup_key(actor: Actor, in_body: str | None, in_header: str | None) -> str | None:
    """Return the dedup key of what is started: the office's own from the body, else the caller's from the header.

    No body can have a NUL in its key, so that nobody finds what another has started by writing down their name.
    """
    if in_body is not None or in_header is None:
        return in_body
    return f"{'person' if actor.is_person else 'program'}\0{actor.name}\0{in_header}"


def of_act(actor: Actor, what: str, key: str | None) -> str | None:
    """Return the dedup key of what an act on something starts: another for each act and each thing."""
    own = dedup_key(actor, None, key)
    return None if own is None else f"{own}\0{what}"
