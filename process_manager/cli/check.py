"""`check`: whether this installation is ready to work; nothing is changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from process_manager import time_zone
from process_manager.cli import check_database, context
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.check_database import Found
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.plurals import counted

if TYPE_CHECKING:
    from process_manager.inspection.findings import Finding

COLUMNS: Final = ("what", "result", "message")


@click.command(cls=CliCommand, example="check")
@output_option
@click.pass_obj
def check(session: Session, form: str) -> None:
    """Check settings, database, process classes and clock.

    Rights and folders, too: a server is asked whether it answers and what this account may do. It changes nothing. It
    ends with 0 if all is well or only worth a warning, with 2 for what is written wrong, with 7 or 8 for the database.
    """
    from process_manager.inspection.findings import summary

    with _no_bytecode():
        findings, code = _look(session)
    rows = [fields(each) for each in findings]
    write_rows([{name: row[name] for name in COLUMNS} for row in rows], Look(form, COLUMNS))
    tell(summary(findings))
    if code:
        raise click.exceptions.Exit(code)


def _look(session: Session) -> tuple[list[Finding], int]:
    """Return what was found, and the exit code of the first that is wrong; what depends on that is not checked."""
    from process_manager.inspection.findings import Finding, Result

    findings: list[Finding] = []
    code, wrong = 0, set[str]()
    for what, look, needs in _CHECKS:
        if needs in wrong:
            continue
        try:
            findings += [Finding(what, Result(result), message) for result, message in look(session)]
        except ProcessManagerError as problem:
            findings.append(Finding(what, Result.PROBLEM, str(problem)))
            code = code or problem.exit_code
            wrong |= {what, *(name for name, _, needed in _CHECKS if needed == what)}
    return findings, code


def _settings(session: Session) -> Found:
    from process_manager import settings

    _ = session.settings
    given = sorted({where.split(",", maxsplit=1)[0] for where in settings.origins().values()} - {"default"})
    yield "ok", f"taken from {', '.join(given)}" if given else "all as they are by default"
    for name, where in settings.origins().items():
        if _has_control_character(getattr(session.settings, name)):
            holds = "holds a tab, a new line or the like: in double quotes \\t and \\n mean them"
            yield "warning", f"{where} ({name}) {holds}"


def _has_control_character(value: object) -> bool:
    from pydantic import SecretStr

    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    return isinstance(text, str | Path) and any(letter < " " or letter == "\x7f" for letter in str(text))


def _zone(session: Session) -> Found:
    name = session.settings.zone_name()
    yield "ok", name if session.settings.zone else f"{name}, the host's own"
    if session.settings.zone is None and (other := time_zone.differs(name)):
        yield (
            "warning",
            f"/etc/timezone says {other}, but the clock of this host goes by {name}: set PROCESS_MANAGER_ZONE",
        )


def _quiet(session: Session) -> Found:
    quiet = context.engine_windows(session)
    window = quiet.next_window(_now())
    if window is not None and window.start <= _now():
        until = time_zone.told(window.end, quiet.zone.key, time_zone.TO_THE_MINUTE)
        yield "warning", f"{quiet}; it is quiet now, until {until}"
    else:
        yield "ok", str(quiet)


def _retry(session: Session) -> Found:
    from process_manager.lifecycle import retry

    retry.parse(session.settings.retry)
    yield "ok", session.settings.retry


def _logging(session: Session) -> Found:
    from process_manager import logs

    yield "ok", str(logs.check(session.settings.logging_config))


def _packages(session: Session) -> Found:
    from process_manager.definition import command

    registry = session.registry
    context.windows(session)
    classes = list(registry)
    if not classes:
        yield "warning", f"there is no process class in {', '.join(registry.packages)}"
        return
    commands = command.known(registry)
    of_them = f", {counted(len(commands), 'command')}" if commands else ""
    yield "ok", f"{', '.join(f'{cls.name} {cls.version}' for cls in classes)}{of_them}"


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Importing leaves nothing beside the source."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _switch_files(session: Session) -> Found:
    from process_manager import settings
    from process_manager.gates import switch_files

    folder = session.settings.locks_folder
    if folder.exists() and not folder.is_dir():
        raise UsageError(problem=f"{folder} is no folder, so no switch file in it is seen. Name another, or remove it.")
    if not folder.is_dir():
        result = "ok" if settings.origins()["locks_folder"] == "default" else "warning"  # nobody named it
        yield result, f"there is no folder {folder}: make it if you want switch files (`disable` needs none)"
        return
    if not os.access(folder, os.R_OK | os.X_OK):
        raise UsageError(problem=f"{folder} may not be read by this account, so no switch file is seen. Allow it.")
    for file in switch_files.strange(folder):
        yield "warning", f"{file} disables nothing: a key is 1 to 64 of a-z, 0-9, _ and -"
    for switch in switch_files.thrown(folder):
        yield "warning", str(switch)
    yield "ok", str(folder)


def _files(session: Session) -> Found:
    """Say whether the folder of the files can be used from here; nothing where they are in the database."""
    folder = session.settings.files_folder
    if folder is not None:
        from process_manager.files import folder as files_folder

        files_folder.probe(folder)
        yield "ok", f"{folder}: a file was written, read and deleted"


def _now() -> datetime:
    from process_manager import clock

    return clock.now()


_CHECKS: Final[tuple[tuple[str, Callable[[Session], Found], str], ...]] = (
    ("settings", _settings, ""),
    ("zone", _zone, "settings"),
    ("quiet windows", _quiet, "settings"),
    ("retry policy", _retry, "settings"),
    ("logging", _logging, "settings"),
    ("process packages", _packages, "settings"),
    ("switch files", _switch_files, "settings"),
    ("files", _files, "settings"),
    ("database", check_database.database, "settings"),
    ("rights", check_database.rights, "database"),
    ("isolation", check_database.isolation, "database"),
    ("clock", check_database.clock, "database"),
    ("open processes", check_database.open_processes, "database"),
)
"""What is looked at, how, and what must be right for it."""
