"""`--reveal`: what is marked in a process is shown, once the audit chain says to whom and why."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from process_manager.cli.session import Session

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.inspection import Viewer

F = TypeVar("F", bound=Callable[..., Any])

_REVEAL = click.option("--reveal", is_flag=True, help="Show what is personal or secret; the audit chain keeps it.")
_REASON = click.option("--reason", help="Why it is revealed.")


def reveal_options(function: F) -> F:
    """Return the options of what shows one process; the command is given the reason as `reveals`, or None."""

    @wraps(function)
    def called(*arguments: Any, reveal: bool, reason: str | None, **options: Any) -> Any:
        if reveal and reason is None:
            raise click.UsageError("--reveal wants --reason: why it has to be seen.")
        if reason is not None and not reveal:
            raise click.UsageError("--reason goes with --reveal.")
        return function(*arguments, reveals=reason, **options)

    return _REVEAL(_REASON(cast(F, called)))


def viewer(session: Session, database: Database, process_id: int, reveals: str | None) -> Viewer:
    """Return who looks at a process; with a reason the act is done first, and what is marked is shown."""
    from dataclasses import replace

    from process_manager.governance.process_actions import Reveal

    if reveals is None:
        return session.viewer
    session.act(database, Reveal(process_id, reason=reveals))
    return replace(session.viewer, reveals=True)
