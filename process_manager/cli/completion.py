"""Completion in a shell: the scripts that switch it on, and the words that only this installation knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli.base_command import CliCommand
from process_manager.cli.import_output import be_silent
from process_manager.cli.session import Session
from process_manager.errors import ProcessManagerError

if TYPE_CHECKING:
    from process_manager.definition.process import Process

PROGRAM: Final = "process-manager"
VARIABLE: Final = "_PROCESS_MANAGER_COMPLETE"
_INSTRUCTION: Final = click.Option(["--complete"], envvar=VARIABLE)
SHELLS: Final = ("bash", "zsh", "fish", "powershell")

_POWERSHELL: Final = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    $env:COMP_WORDS = (@($before | ForEach-Object { $_.Extent.Text }) + $wordToComplete) -join ' '
    $env:COMP_CWORD = $before.Count
    $env:%(complete_var)s = 'powershell_complete'
    try {
        %(prog_name)s | Where-Object { $_ } | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s
    }
}
"""


@click.command(cls=CliCommand, example="completion bash >> ~/.bashrc")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands in a shell.

    bash and zsh read it from ~/.bashrc or ~/.zshrc, fish from ~/.config/fish/completions/process-manager.fish,
    PowerShell from $PROFILE.
    """
    from click.shell_completion import ShellComplete, get_completion_class

    from process_manager.cli.root import root

    _know_powershell()
    cls = get_completion_class(shell)
    if cls is None:  # pragma: no cover - each of SHELLS is known
        raise click.UsageError(f"{shell} is not known.")
    click.echo(ShellComplete.source(cls(root, {}, PROGRAM, VARIABLE)), nl=False)


def answer() -> int | None:
    """Return the exit code once a shell's request for completions is answered; None when there was none."""
    from process_manager.cli.root import root

    instruction = _INSTRUCTION.resolve_envvar_value(click.Context(root))
    if instruction is None:
        return None
    from click.shell_completion import shell_complete

    _know_powershell()
    try:
        with be_silent():
            return shell_complete(root, {"obj": Session()}, PROGRAM, VARIABLE, instruction)
    except Exception:  # noqa: BLE001 - what is typed so far, or what is deployed, is wrong: nothing completes it
        return 1


def _know_powershell() -> None:
    """Newer versions of click bring it along."""
    from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

    class PowershellComplete(BashComplete):
        """PowerShell: a word and its help in each line."""

        name = "powershell"
        source_template = _POWERSHELL

        def format_completion(self, item: CompletionItem[str]) -> str:
            return f"{item.value}\t{item.help or ''}"

    if get_completion_class("powershell") is None:
        add_completion_class(PowershellComplete)


def process_names(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the processes that are known here, as far as they begin like this; none where they cannot be read."""
    return _beginning(incomplete, {cls.name for cls in _classes(ctx)})


def command_keys(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the keys of the commands that are known here."""
    from process_manager.definition.process import keys

    found = [key for cls in _classes(ctx) if cls.arguments is not None for key in keys(cls).values()]
    return _beginning(incomplete, found)


def switch_keys(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return what can be disabled: processes, commands with their arguments, channels."""
    from process_manager.definition.process import keys

    found = {key for cls in _classes(ctx) for key in (cls.name, cls.channel, *keys(cls).values())}
    return _beginning(incomplete, found)


def _classes(ctx: click.Context) -> list[type[Process]]:
    try:
        return list(ctx.ensure_object(Session).registry)
    except ProcessManagerError:  # a broken installation completes its commands still
        return []


def _beginning(incomplete: str, words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if word.startswith(incomplete)})
