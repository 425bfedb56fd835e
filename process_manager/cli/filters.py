"""Filters of processes: the options of `list`, and `--where key=value` for acts on many."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from process_manager.cli.completion import process_names
from process_manager.cli.moments import moment
from process_manager.cli.session import Session
from process_manager.errors import UsageError
from process_manager.lifecycle.status import Status

if TYPE_CHECKING:
    from process_manager.inspection import Filter

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final = (
    click.option("--status", multiple=True, type=click.Choice([str(each) for each in Status]), help="May be repeated."),
    click.option("--name", shell_complete=process_names, help="Of this process class."),
    click.option("--version", type=click.IntRange(1, 2**31 - 1), help="Of this version of it."),
    click.option("--step", help="Standing at this step."),
    click.option("--reference", help="With this number of the office."),
    click.option("--channel", help="Of this channel."),
    click.option("--order-key", help="Of this lane."),
    click.option("--error", metavar="TEXT", help="Whose newest message or traceback is an error with this text."),
    click.option("--cause", metavar="KEY", help="Stopped for this cause: `causes` shows the keys."),
    click.option("--created-since", metavar="MOMENT", help="Started then or later, such as 2026-11-30T08:00."),
    click.option("--created-until", metavar="MOMENT", help="Started before then."),
    click.option("--updated-since", metavar="MOMENT", help="Changed then or later."),
    click.option("--updated-until", metavar="MOMENT", help="Not changed since then."),
    click.option("--older-than", metavar="DURATION", help="Not changed for so long, such as 1h or 2d."),
)
_MOMENTS: Final = ("created_since", "created_until", "updated_since", "updated_until")
WORDS: Final = (
    "status", "name", "version", "step", "reference", "channel", "order-key", "error", "cause",
    "created-since", "created-until", "updated-since", "updated-until", "older-than",
)  # fmt: skip
_LONGEST: Final = 2_000
"""Characters of a text that is searched for: SQL Server takes 4,000, and no message is longer."""
_PAIR: Final = re.compile(r"\s+(?=[A-Za-z_-]+=)")


def filter_options(function: F) -> F:
    """Return the options that say which processes."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def asked(session: Session, options: Mapping[str, Any]) -> Filter:
    """Return the processes that the options say; raise IllegalValue for a moment or duration that is none."""
    from process_manager import clock, durations, inspection
    from process_manager.errors import IllegalValue

    given = {name: value for name, value in options.items() if name != "older_than"}
    given["cause"] = tuple(each.strip() for each in (given.get("cause") or "").split(",") if each.strip())
    for name in _MOMENTS:
        if given.get(name) is not None:
            what = f"--{name.replace('_', '-')}"
            given[name] = moment(given[name], session.zone, what=what, ends=name.endswith("until"))
    if len(given.get("error") or "") > _LONGEST:
        raise UsageError(problem=f"--error has more than {_LONGEST:,} characters. Name a part of the error.")
    if options.get("older_than") is not None:
        try:
            latest = clock.now() - durations.parse(options["older_than"])
        except OverflowError:
            hint = "Give some years at most."
            raise IllegalValue(
                what="--older-than", value=options["older_than"], problem="is too long", hint=hint
            ) from None
        given["updated_until"] = min(latest, given.get("updated_until") or latest)
    return inspection.Filter(**given)


def where(session: Session, texts: Iterable[str]) -> Filter:
    """Return the processes of `--where` texts, each `key=value` or several with spaces between; raise UsageError."""
    found: dict[str, Any] = {}
    for pair in (pair for text in texts for pair in _PAIR.split(text.strip())):
        word, equals, value = pair.partition("=")
        name = _known(word.strip(), pair if not equals else None)
        if not value.strip():
            raise UsageError(problem=f"--where {word}= has no value. Write {word}=something.")
        if name == "status":
            found.setdefault("status", []).extend(value.split(","))
        elif name in found:
            raise UsageError(problem=f"--where says {word} twice. Only status may be repeated.")
        else:
            found[name] = value.strip()
    return asked(session, _typed(found))


def _known(word: str, without_value: str | None) -> str:
    if without_value is not None:
        raise UsageError(problem=f"--where {without_value!r} is no key=value. Write status=failed, or older-than=1h.")
    word = word.replace("_", "-")
    if word not in WORDS:
        near = get_close_matches(word, WORDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The keys are {', '.join(WORDS)}."
        raise UsageError(problem=f"--where knows no key {word!r}. {hint}")
    return word.replace("-", "_")


def _typed(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as the options of `list` would give them."""
    typed = dict(found)
    if "status" in typed:
        typed["status"] = tuple(map(_status, typed["status"]))
    if "version" in typed:
        if not re.fullmatch(r"[0-9]{1,9}", typed["version"]):
            raise UsageError(problem=f"--where version={typed['version'][:20]} is no whole number. Write version=2.")
        typed["version"] = int(typed["version"])
    return typed


def _status(text: str) -> str:
    try:
        return Status(text.strip())
    except ValueError:
        raise UsageError(
            problem=f"--where status={text.strip()[:40]} is no status. They are {', '.join(Status)}."
        ) from None


def next_page(ctx: click.Context, below: int) -> str:
    """Return the command that shows the page after this one."""
    words: list[str] = [ctx.command_path]
    for option in ctx.command.params:
        if not isinstance(option, click.Option) or option.name in (None, "below", "help", "debug"):
            continue
        value = ctx.params.get(option.name)
        if value is not None and value != option.get_default(ctx) and value != ():
            for each in value if isinstance(value, tuple) else (value,):
                words += [option.opts[-1]] if option.is_flag else [option.opts[-1], str(each)]
    return _shell_line([*words[0].split(), *words[1:], "--below", str(below)])


def _shell_line(words: Sequence[str]) -> str:
    """Return the words as a person may paste them."""
    import os
    import shlex
    import subprocess

    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
