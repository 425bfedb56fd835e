"""The command `process-manager`: every command by its name, loaded when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

from process_manager.cli.import_output import print_to_stderr
from process_manager.cli.session import Session, tell
from process_manager.errors import ProcessManagerError, SettingsError

BUILT_IN: Final[Mapping[str, str]] = {
    "start": "start:start",
    "start-many": "start_many:start_many",
    "list": "list_processes:list_processes",
    "show": "show:show",
    "history": "history:history",
    "watch": "watch:watch",
    "restart-process": "restart:restart_process",
    "run-now": "run_now:run_now",
    "skip-step": "skip_step:skip_step",
    "edit-payload": "edit_payload:edit_payload",
    "cancel": "cancel:cancel",
    "abandon-process": "abandon:abandon_process",
    "rerun-process": "rerun:rerun_process",
    "resolve-process": "resolve:resolve_process",
    "work": "work:work",
    "worker": "work:worker",
    "web": "web:web",
    "workers": "workers:workers",
    "drain": "drain:drain",
    "signal": "events:signal",
    "withdraw": "events:withdraw",
    "events": "events:events",
    "tasks": "tasks:tasks",
    "limit": "limit:limit",
    "status": "status:status",
    "causes": "causes:causes",
    "report": "report:report",
    "run-command": "run_command:run_command",
    "unlock": "unlock:unlock",
    "disable": "switches:disable",
    "enable": "switches:enable",
    "quiet": "quiet:quiet",
    "schedule": "schedule:schedule",
    "processes": "processes:processes",
    "diagram": "diagram:diagram",
    "check": "check:check",
    "doctor": "doctor:doctor",
    "user": "user:user",
    "token": "token:token",
    "bot": "bot:bot",
    "audit": "audit:audit",
    "config": "config:config",
    "db": "db:db",
    "completion": "completion:completion",
}
"""Each command, and where it is written."""

PACKAGES: Final = click.Option(["--packages"], envvar="PROCESS_MANAGER_PROCESS_PACKAGES")
BY_DEFAULT: Final = ("processes",)
SETTINGS_FILES: Final = (".env", "process_manager.toml")


class Root(click.Group):
    """The built-in commands, then those that the process packages offer in a module `commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        return [*BUILT_IN, *(name for name in _offered(ctx) if name not in BUILT_IN)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, None if there is none."""
        if cmd_name not in BUILT_IN:
            return _offered(ctx).get(cmd_name)
        module, _, attribute = BUILT_IN[cmd_name].partition(":")
        found = getattr(importlib.import_module(f"process_manager.cli.{module}"), attribute)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; raise UsageError with a suggestion when they name none."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            known = self.list_commands(ctx)
            near = [each for each in known if each.startswith(f"{name}-")] or get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"There is no command {name!r}. {hint}".strip(), ctx)
        return super().resolve_command(ctx, args)


def _offered(ctx: click.Context) -> Mapping[str, click.Command]:
    """Return the commands that process packages offer, by name; a broken one is told and left out."""
    known = ctx.meta.get(__name__)
    if known is None:
        from process_manager.definition.loading import use_working_directory

        use_working_directory()
        quiet = ctx.resilient_parsing  # a shell asks for completions: nothing may come between them
        found = [command for package in _packages(ctx) for command in _commands(package, quiet=quiet)]
        known = ctx.meta[__name__] = {command.name or "": command for command in found}
    return dict(known)


def _packages(ctx: click.Context) -> tuple[str, ...]:
    """Return the process packages, reading the settings, which is slow, only where there are any."""
    given = PACKAGES.resolve_envvar_value(ctx)
    if given is None and not any(Path(name).is_file() for name in SETTINGS_FILES):
        return BY_DEFAULT
    try:
        return ctx.ensure_object(Session).settings.process_packages
    except SettingsError:  # told by the command itself, if it needs them
        return BY_DEFAULT


def _commands(package: str, *, quiet: bool) -> list[click.Command]:
    from process_manager.definition import loading

    name = f"{package}.commands"
    try:
        with print_to_stderr():
            offered = getattr(loading.load(name), "commands", ())
    except ProcessManagerError as problem:
        if not quiet and not loading.is_missing(problem.__cause__, name):  # most packages offer none
            tell(f"The commands of {package} are left out. {' '.join(str(problem).split())}")
        return []
    return [command for command in offered if isinstance(command, click.Command)]


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command says more with --help. Settings come from PROCESS_MANAGER_… variables, .env and "
    "process_manager.toml.",
)
@click.version_option(package_name="process-manager", message="process-manager %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_obj
def root(session: Session, debug: bool) -> None:
    """Run processes step by step, each outcome kept with its history."""
    session.debug = session.debug or debug
