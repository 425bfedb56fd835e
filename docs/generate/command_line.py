"""The reference of the command line: every command that click knows, with its help, options and example."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from docs.generate import markdown
from process_manager.cli.root import root
from process_manager.cli.session import Session

PROGRAM = "process-manager"
EVERYWHERE = ("--help", "--debug")
"""What each command takes is said once."""


def page() -> str:
    """Return the page."""
    found = list(commands())
    overview = markdown.table(
        ("command", "what it does"), ((_link(name), markdown.plain(_short(each))) for name, each, _ in found)
    )
    return markdown.page(
        "Command line",
        "Each command says the same with `--help`. Every one takes `--debug`, which shows the traceback of an error. "
        "What it ends with is told by [exit codes](exit-codes.md).",
        overview,
        *(section(name, command, context) for name, command, context in found),
    )


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield each command that does something, by its name as it is typed behind the program's."""
    with click.Context(root, info_name=PROGRAM, obj=Session(), max_content_width=100) as context:
        yield from _below(root, context, "")


def section(name: str, command: click.Command, context: click.Context) -> str:
    """Return what is said of one command."""
    options = [each for each in command.params if isinstance(each, click.Option) and is_its_own(each)]
    usage = " ".join([PROGRAM, name, *command.collect_usage_pieces(context)])
    rows = [(markdown.code(_names(each)), _told(each)) for each in options]
    parts = [
        f"## {name}",
        _help(command.help or ""),
        markdown.fenced(usage, "text"),
        markdown.table(("option", ""), rows) if rows else "",
        _example(command.epilog or ""),
    ]
    return "\n\n".join(part for part in parts if part)


def is_its_own(option: click.Option) -> bool:
    """Whether an option is shown with its command: those of every command are told once."""
    return not option.hidden and not set(option.opts) & set(EVERYWHERE)


def _below(
    group: click.Group, context: click.Context, before: str
) -> Iterator[tuple[str, click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        own = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _below(command, own, f"{before}{name} ")
        else:
            yield f"{before}{name}", command, own


def _link(name: str) -> str:
    return f"[`{name}`](#{name.replace(' ', '-')})"


def _short(command: click.Command) -> str:
    return command.get_short_help_str(limit=200)


def _help(text: str) -> str:
    """Return the help in Markdown: what stands behind a backspace keeps its lines."""
    paragraphs = inspect.cleandoc(text).partition("\f")[0].split("\n\n")
    return "\n\n".join(_paragraph(each) for each in paragraphs)


def _paragraph(text: str) -> str:
    if text.startswith("\b"):
        return markdown.fenced(text.lstrip("\b\n"), "text")
    return markdown.plain(" ".join(text.split()))


def _names(option: click.Option) -> str:
    """Return how an option is typed, with a word for its value."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.metavar or (option.name or '').upper()}"


def _told(option: click.Option) -> str:
    """Return what an option is for, what it may be and what it is otherwise."""
    told = [markdown.plain(option.help or "")]
    if isinstance(option.type, click.Choice):
        told.append(f"One of {', '.join(map(markdown.code, option.type.choices))}.")
    if option.show_default and option.default is not None:
        told.append(f"Default: {markdown.code(option.default)}.")
    return " ".join(told)


def _example(epilog: str) -> str:
    text = inspect.cleandoc(epilog.replace("\b", "")).strip()
    label, _, lines = text.partition("\n")
    if not lines:
        return markdown.plain(text)
    return f"{label}\n\n{markdown.fenced(inspect.cleandoc(lines), 'text')}"
