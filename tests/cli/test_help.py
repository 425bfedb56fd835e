"""The help of every command, and the commands that process packages offer."""

from pathlib import Path

import pytest
from shop import Shop

from process_manager.cli.root import BUILT_IN


def test_help_of_every_command_is_there_with_an_example(shop: Shop) -> None:
    commands = [[name] for name in BUILT_IN] + [["db", name] for name in ("upgrade", "downgrade", "current", "sql")]

    answers = {" ".join(words): shop.ask(*words, "--help") for words in commands}

    assert {answer.code for answer in answers.values()} == {0}
    assert [
        name for name, answer in answers.items() if f"process-manager {name}" not in answer.out.split("Example:")[-1]
    ] == []


@pytest.mark.parametrize("arguments", [[], ["db"], ["config"]], ids=" ".join)
def test_the_list_of_commands_breaks_no_sentence_off(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    lines = shop.ask(*arguments, "--help").out.splitlines()

    assert [line for line in lines if line.startswith("  ") and line.endswith("...")] == []


LOADED = """
import sys
from process_manager.cli import exit_codes
for words in sys.argv[1:]:
    code = exit_codes.run(words.split())
    found = sorted({"sqlalchemy", "pydantic", "structlog", "rich", "alembic", "yaml"} & sys.modules.keys())
    print("asked", words, code, *found)
"""


def test_help_loads_nothing_that_takes_long(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCESS_MANAGER_PROCESS_PACKAGES")
    asked = ["--help", *(f"{name} --help" for name in (*BUILT_IN, "demo", "fakturering"))]

    answer = bare.really(*asked, script=LOADED)

    assert [line for line in answer.out.splitlines() if line.startswith("asked")] == [
        f"asked {each} 0" for each in asked
    ]


def test_nothing_typed_is_answered_with_the_help(bare: Shop) -> None:
    answer = bare.ask()

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Usage: process-manager")


OFFERED = """
import click
from process_manager.cli.base_command import CliCommand

@click.command(cls=CliCommand, example="greet")
def greet():
    click.echo("hej")

commands = [greet]
"""


def test_a_process_package_may_offer_commands_of_its_own(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("office_greeting").mkdir()
    Path("office_greeting/commands.py").write_text(OFFERED)
    Path("office_broken").mkdir()
    Path("office_broken/commands.py").write_text("import no_such_thing")
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_greeting,office_broken")

    greeting, listed = shop.ask("greet"), shop.ask("--help")

    assert greeting.out == "hej\n"
    assert "greet" in listed.out
    assert listed.err.startswith(
        "The commands of office_broken are left out. office_broken.commands cannot be imported: ModuleNotFoundError: "
        f"No module named 'no_such_thing' ({Path('office_broken/commands.py')}, line 1). Install the package"
    )
    assert listed.err.count("\n") == 1


TOGETHER = {"list": "list_processes", "worker": "work", "disable": "switches", "enable": "switches",
            "signal": "events", "withdraw": "events"}  # fmt: skip
"""Commands that lie under another name: a word of Python's, and what is the same done two ways."""


def test_each_command_lies_in_a_file_of_its_name() -> None:
    expected = {name: TOGETHER.get(name, name.removesuffix("-process").replace("-", "_")) for name in BUILT_IN}

    assert {name: place.partition(":")[0] for name, place in BUILT_IN.items()} == expected
