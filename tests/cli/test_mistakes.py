"""What is typed, written or deployed wrong is told in one line that says what, where and what to do."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shop import Shop

# What is typed, and what the one line says. Nothing is deployed but `deployed`, and there is one process.
MISTAKES = [
    (["lsit"], "There is no command 'lsit'. Did you mean 'list'?"),
    (["restart", "7"], "There is no command 'restart'. Did you mean 'restart-process'?"),
    (["list", "--statsu", "failed"], "--statsu"),
    (["list", "--status", "done"], "'done' is not one of 'pending', 'running'"),
    (["list", "--limit", "0"], "--limit"),
    (["list", "-o", "xml"], "'xml' is not one of 'table', 'json', 'jsonl', 'csv'"),
    (["show"], "Missing argument 'ID'"),
    (["show", "abc"], "'abc' is no id. An id is a whole number"),
    (["show", "0"], "'0' is no id"),
    (["show", "--", "-1"], "'-1' is no id"),
    (["work", str(10**30)], "is no id"),
    (["history", "9223372036854775808"], "'9223372036854775808' is no id"),
    (["history", "٣"], "is no id"),
    (["work", "1", "--channel", "x"], "do not go together"),
    (["work", "--time-box", "5"], "'5' is not a duration. Write a whole number and its unit"),
    (["work", "--time-box", "100d"], "is out of range"),
    (["worker", "--concurrency", "0"], "--concurrency"),
    (["abandon-process", "1"], "Missing option '--reason'"),
    (["abandon-process", "1", "--reason", " "], "--reason is empty"),
    (["start", "letter", "--payload", "{"], "--payload is not JSON: Expecting property name"),
    (["start", "letter", "--payload", "[" * 100_000], "--payload is nested too deeply"),
    (["start", "letter", "--payload", "[1]"], "it is a list, not an object. Nothing was started."),
    (["start", "letter", "--payload", '{"invoice": "x"}'], "does not fit: invoice: Input should be a valid integer"),
    (["start", "letter", "--payload", '{"invoice": -1}'], "invoice: Input should be greater than 0"),
    (["start", "slow", "--payload", '{"a": NaN}'], "payload.a is"),
    (["start", "letter", "--payload", "@nowhere.json"], "nowhere.json cannot be read: No such file"),
    (["start", "letter", "--payload", "@latin.json"], "latin.json is not UTF-8. Save it as UTF-8."),
    (["start", "letter", "--payload", "@half.json"], "half.json is not JSON"),
    (["start", "letter", "--at", "tomorrow"], "--at 'tomorrow' is no moment. Write it as 2026-11-30T08:00"),
    (["start", "letter", "--reference", "x" * 300], "reference"),
    (["start", "letter", "--reference", ""], "reference '' is empty"),
    (["start", "letter", "--dedup-key", ""], "empty"),
    (["db", "downgrade", "9999"], "There is no schema '9999'."),
    (["db", "sql", "--dialect", "oracle"], "'oracle' is not one of"),
    (["list", "--error", "x" * 2001], "--error has more than 2,000 characters. Name a part of the error."),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES, ids=[" ".join(row[0])[:50] for row in MISTAKES])
def test_what_is_typed_wrong_is_told_in_one_line_and_changes_nothing(
    shop: Shop, arguments: list[str], said: str
) -> None:
    shop.start("letter")
    Path("latin.json").write_bytes('{"to": "Åse"}'.encode("latin-1"))
    Path("half.json").write_text('{"to": ')
    before = shop.content()

    answer = shop.ask(*arguments)

    assert said in answer.err
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "Traceback" not in answer.err
    assert shop.content() == before


def test_an_unknown_process_is_told_with_the_one_that_was_meant(shop: Shop) -> None:
    answer = shop.ask("start", "leter")

    assert answer.code == 3
    assert answer.err == "Error: No process 'leter' is known in deployed. Did you mean 'letter'?\n"


# A file of the working directory, what is in it, the exit code and what the one line says.
FILES = [
    ("process_manager.toml", "lease = 90s", 2, "process_manager.toml: is not valid TOML"),
    ("process_manager.toml", 'leese = "90s"', 2, "process_manager.toml, leese: is not a setting. Did you mean lease?"),
    (".env", "PROCESS_MANAGER_LEES=1m", 2, ".env, PROCESS_MANAGER_LEES: is not a setting"),
    ("process_manager.toml", 'retry = "often"', 2, "Retry policy 'often' is not known"),
    ("process_manager.toml", 'grace = "soon"', 2, "process_manager.toml, grace: 'soon' is not a duration"),
    ("process_manager.toml", 'logging_config = "no.yaml"', 2, "no.yaml: cannot be read"),
    ("process_manager.toml", 'database_url = "mysql://u:geheim@h/d"', 7, "mysql://u:***@h/d cannot be used"),
    ("process_manager.toml", 'database_url = "no url"', 7, "it is not a database URL"),
    ("process_manager.toml", 'database_url = "sqlite:///no/where.db"', 7, "there is no folder"),
    ("process_manager.toml", 'database_url = "sqlite:////tmp"', 7, "is a folder"),
    ("process_manager.toml", 'database_url = "sqlite://///server/share/a.db"', 7, "it is on a network path"),
    ("process_manager.toml", 'database_url = "sqlite:///process_manager.toml"', 7, "file is not a database"),
    ("process_manager.toml", 'database_url = "sqlite:///of-another.db"', 7, "it holds tables of another program"),
]


@pytest.mark.parametrize(("name", "text", "code", "said"), FILES, ids=[row[1] for row in FILES])
def test_a_broken_installation_is_told_in_one_line(bare: Shop, name: str, text: str, code: int, said: str) -> None:
    Path(name).write_text(text + "\n" + "# filled up, for SQLite looks at the first page of a file\n" * 20)
    with sqlite3.connect("of-another.db") as other:
        other.execute("CREATE TABLE theirs (id)")
    other.close()

    answer = bare.ask("work")

    assert said in answer.err
    assert "geheim" not in answer.err
    assert (answer.code, answer.out, answer.err.count("\n")) == (code, "", 1)
    assert bare.content() == []


MODULES = {
    "no_such_method": (
        "class Post(Process):\n    STEPS = {'write': 'wriite'}\n    def write(self, run): ...",
        "Post.STEPS, step 'write': the class has no method 'wriite'. Did you mean 'write'?",
    ),
    "no_task": (
        "class Post(Process):\n    STEPS = {'write': 7}",
        "Post.STEPS, step 'write': 7 is neither a method name",
    ),
    "twice": (
        "class Post(Process):\n    STEPS = {'a': 'f', 'a': 'f'}\n    def f(self, run): ...",
        "Post.STEPS, step 'a': the name is used twice",
    ),
    "configparser": (
        "import configparser\nraise configparser.Error('no')",
        "Error: no (office_configparser.py, line 3).",
    ),
    "plain": ("raise Exception('no')", "Exception: no (office_plain.py, line 2). Fix it first."),
    "exit": ("import sys\nsys.exit('bye')", "SystemExit: bye (office_exit.py, line 3). A module must not end"),
    "syntax": ("class Post(Process:", "cannot be imported: SyntaxError"),
    "not_installed": ("import no_such_package", "-m pip install no_such_package`."),
}


@pytest.mark.parametrize("kind", MODULES)
def test_a_mistake_in_a_process_class_is_told_in_one_line(
    shop: Shop, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, said = MODULES[kind]
    Path(f"office_{kind}.py").write_text(f"from process_manager import Process\n{source}\n")
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", f"office_{kind}")
    before = shop.content()

    answers = [shop.ask("start", "post"), shop.ask("work"), shop.ask("processes")]

    assert {(answer.code, answer.out, answer.err.count("\n")) for answer in answers} == {(2, "", 1)}
    assert all(said in answer.err for answer in answers), answers
    assert shop.content() == before


def test_a_process_package_that_is_not_there_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_of_nobody")

    answer = shop.ask("start", "letter")

    assert answer.code == 2
    assert answer.err.startswith("Error: There is no process package 'office_of_nobody'.")


@pytest.mark.parametrize(("found", "hint"), [("0000", "Run `process-manager db upgrade`"), ("9999", "newer version")])
@pytest.mark.parametrize(
    "arguments", [["list"], ["start", "letter"], ["work"], ["abandon-process", "1", "--reason", "x"]]
)
def test_a_schema_that_is_too_old_or_too_new_ends_with_8(
    shop: Shop, found: str, hint: str, arguments: list[str]
) -> None:
    shop.start("letter")
    shop.execute("UPDATE alembic_version SET version_num = ?", found)
    before = shop.content()

    answer = shop.ask(*arguments)

    assert (answer.code, answer.out, answer.err.count("\n")) == (8, "", 1)
    assert f"has schema {found}, but this version works with" in answer.err
    assert hint in answer.err
    assert shop.content() == before


def test_a_schema_of_a_newer_version_is_not_upgraded(shop: Shop) -> None:
    shop.execute("UPDATE alembic_version SET version_num = '9999'")

    answer = shop.ask("db", "upgrade")

    assert (answer.code, answer.out, answer.err.count("\n")) == (8, "", 1)


@contextmanager
def held(file: Path) -> Iterator[None]:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def test_a_database_that_another_program_holds_is_told_within_a_quarter_of_the_lease(shop: Shop) -> None:
    with held(shop.file):
        answers = [shop.ask("start", "letter"), shop.ask("list")]

    assert [answer.code for answer in answers] == [7, 0]  # who only reads waits for nobody
    assert "another program holds its lock. Close the program that writes to it" in answers[0].err
    assert answers[0].err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_database_that_may_not_be_written_is_told(shop: Shop) -> None:
    shop.file.chmod(0o400)

    assert shop.ask("start", "letter").code == 7


RAISING = """
import click
from process_manager.cli.base_command import CliCommand

@click.command(cls=CliCommand)
def explode():
    raise ZeroDivisionError("a secret=hunter2\\nand more")

commands = [explode]
"""


def test_an_error_that_nobody_foresaw_is_one_line_and_with_debug_a_traceback(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("office_raising").mkdir()
    Path("office_raising/commands.py").write_text(RAISING)
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_raising")

    short, before, behind = shop.ask("explode"), shop.ask("--debug", "explode"), shop.ask("explode", "--debug")

    assert [short.code, before.code, behind.code] == [1, 1, 1]
    assert short.err == (
        "Error: ZeroDivisionError: a secret=*** and more (nobody foresaw this; run it with --debug for the traceback)\n"
    )
    assert before.err == behind.err
    assert behind.err.startswith("Traceback (most recent call last):")
    assert "hunter2" not in behind.err


def test_a_foreseen_error_shows_its_traceback_where_the_settings_say_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_DEBUG", "true")

    answer = shop.ask("show", 99)

    assert (answer.code, "Traceback" in answer.err) == (3, True)
