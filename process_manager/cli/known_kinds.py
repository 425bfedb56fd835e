"""A warning about names of processes that nobody here knows: another host may, or it is a slip of the finger."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError


def warn_of_unknown(session: Session, kinds: Iterable[str]) -> None:
    """Say which of these names no process has that is known here."""
    try:
        known = {cls.name for cls in session.registry}
    except UsageError:  # a broken process package is no reason not to give somebody a right
        return
    for kind in kinds:
        if kind not in known:
            near = get_close_matches(kind, sorted(known), n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            tell(f"No process that is known here has the name {kind!r}.{meant}")
