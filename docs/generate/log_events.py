"""The reference of the log events, collected from the source: name, level, fields, where it is logged."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from docs.generate import markdown

TOP: Final = Path(__file__).parent.parent.parent
PACKAGES: Final = ("process_manager", "processes", "tasks")
LEVELS: Final = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
EVENT: Final = re.compile(r"[a-z_]+\.[a-z_<>]+")
BEGINS: Final = ("failed", ("problem", "times", "for_seconds"))
ENDS: Final = ("recovered", ("times", "lasted_seconds"))
"""How something that lasts is told of, and the fields that each line of it has."""
INTRODUCTION: Final = """\
Each line of the log is one event: its moment, its level, the module, its name and its fields. Names do not change
within a version, so that a monitor may look for them. What is logged within a step also carries `process_id`, `name`,
`version`, `step` and `attempt`. Passwords, tokens and personal numbers are masked.

What lasts, such as a database that is away, is told when it begins, every five minutes with `times` and `for_seconds`,
and when it is over."""


class Event(NamedTuple):
    """One place where an event is logged."""

    name: str
    level: str
    fields: tuple[str, ...]
    module: str


def page() -> str:
    """Return the page."""
    head = ("event, level", "fields", "module")
    return markdown.page("Log events", INTRODUCTION, markdown.table(head, map(_row, events())))


def events() -> list[Event]:
    """Return every event of the engine and of the processes that come with it, sorted."""
    return sorted({event for file in files() for event in found(ast.parse(file.read_text("utf-8")), _dotted(file))})


def found(tree: ast.Module, module: str) -> Iterator[Event]:
    """Yield the events that a module logs: by a logger's method, or by something that is handed one."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if (own := level(call.func)) and call.args:
            yield from _event(call.args[0], own, tuple(word.arg or "…" for word in call.keywords), module)
        for handed, name in zip(call.args, call.args[1:], strict=False):
            if given := level(handed):
                yield from _event(name, given, _fields(tree, *BEGINS), module)
                for word in call.keywords:
                    yield from _event(word.value, given, _fields(tree, *ENDS), module)


def files() -> list[Path]:
    """Return the modules that are read."""
    return sorted(file for package in PACKAGES for file in (TOP / package).rglob("*.py"))


def level(node: ast.AST) -> str | None:
    """Return the level of a logger's method, None for anything else."""
    match node:
        case ast.Attribute(ast.Name("log" | "_log"), method):
            return LEVELS.get(method)
    return None


def _row(event: Event) -> tuple[str, ...]:
    fields = ", ".join(map(markdown.code, event.fields))
    module = event.module.removeprefix("process_manager.")
    return f"{markdown.code(event.name)}<br>{event.level}", fields, markdown.code(module)


def _dotted(file: Path) -> str:
    return ".".join(file.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__")


def _event(node: ast.AST, level: str, fields: tuple[str, ...], module: str) -> Iterator[Event]:
    name = _text(node)
    if EVENT.fullmatch(name):
        yield Event(name, level, fields, module)


def _fields(tree: ast.Module, method: str, always: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields of something that lasts: those of every line, then those that the module adds."""
    added = {
        word.arg or "…"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == method
        for word in call.keywords
    }
    return (*always, *sorted(added - {"about"}))


def _text(node: ast.AST) -> str:
    """Return the text of a constant, and of an f-string with the names of what it takes."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.FormattedValue(value):
            return f"<{ast.unparse(value)}>"
        case ast.JoinedStr(parts):
            return "".join(map(_text, parts))
    return ""
