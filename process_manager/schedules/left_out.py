"""Why a slot started nothing: kept as a code with its number, and told in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from process_manager.message import Message

_CODE: Final = re.compile(r":([a-z]+)(?: (\d{1,18}))?", re.ASCII)


def missed() -> Message:
    """Return that nobody started it in time."""
    return Message("Nobody was there in time, and missed slots are not made up for.")


def behind() -> Message:
    """Return that it was due together with an earlier one."""
    return Message("The process of an earlier slot is still open.")


def still_open(process_id: int) -> Message:
    """Return that this process of an earlier slot is in its way."""
    return Message("Process %(id)s of an earlier slot is still open.", id=process_id)


def had_started(process_id: int) -> Message:
    """Return that this process is there for it already."""
    return Message("Process %(id)s had been started for it.", id=process_id)


_ALONE: Final[Mapping[str, Callable[[], Message]]] = {"missed": missed, "behind": behind}
_NUMBERED: Final[Mapping[str, Callable[[int], Message]]] = {"open": still_open, "had": had_started}
_CODES: Final = {
    **{make().template: code for code, make in _ALONE.items()},
    **{make(0).template: code for code, make in _NUMBERED.items()},
}


def stored(told: str) -> str:
    """Return what the row of a schedule keeps of why a slot started nothing: its code, where it has one."""
    code = _CODES.get(told.template) if isinstance(told, Message) else None
    if code is None or not isinstance(told, Message):
        return told
    return f":{code}" + "".join(f" {fact}" for fact in told.facts.values())


def said(kept: str | None) -> str | None:
    """Return why a slot started nothing, of what a row keeps; text without a code stays as it is."""
    found = _CODE.fullmatch(kept or "")
    if found is None:
        return kept
    code, number = found.groups()
    if number is None:
        return _ALONE[code]() if code in _ALONE else kept
    return _NUMBERED[code](int(number)) if code in _NUMBERED else kept
