import sys
import textwrap
from pathlib import Path

import pytest

from process_manager import Done, Process, StepRun
from process_manager.definition.loading import use_working_directory
from process_manager.definition.registry import Registry, discover
from process_manager.errors import StepsError, UnknownProcess, UsageError


class Letter(Process):
    STEPS = {"a": "work"}

    def work(self, run: StepRun) -> Done:
        return Done()


class Bill(Letter):
    STEPS = {"a": "work"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An importable package of a name of its own, in a folder that is first on the path."""
    name = f"office_{abs(hash(request.node.name))}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / name


def write(package: Path, module: str, text: str) -> str:
    head = "from process_manager import Process, Done\n"
    (package / f"{module}.py").write_text(head + textwrap.dedent(text), "utf-8")
    return package.name


SOURCE = """
    class Letter(Process):
        version = {version}
        STEPS = {{"a": "work"}}
        def work(self, run): return Done()
"""


def test_every_class_with_steps_is_found_in_a_package_and_below_it(package: Path) -> None:
    write(package, "letters", SOURCE.format(version=1))
    (package / "deep").mkdir()
    (package / "deep" / "__init__.py").touch()
    (package / "deep" / "bills.py").write_text(
        "from process_manager import Process, Done\n"
        "class Base(Process):\n    def work(self, run): return Done()\n"
        "class Bill(Base):\n    STEPS = {'a': 'work'}\n"
    )

    found = discover([package.name])

    assert found.pairs() == (("bill", 1), ("letter", 1))
    assert [cls.__name__ for cls in found] == ["Bill", "Letter"]


def test_below_a_package_that_says_so_nothing_is_found_nor_imported(package: Path) -> None:
    write(package, "letters", SOURCE.format(version=1))
    (package / "shown").mkdir()
    (package / "shown" / "__init__.py").write_text("DISCOVERED = False\n", "utf-8")
    (package / "shown" / "broken.py").write_text("raise RuntimeError\n", "utf-8")

    assert discover([package.name]).pairs() == (("letter", 1),)


def test_a_class_imported_into_a_second_module_is_one_class(package: Path) -> None:
    write(package, "letters", SOURCE.format(version=1))
    write(package, "others", f"from {package.name}.letters import Letter")

    assert discover([package.name]).pairs() == (("letter", 1),)


def test_versions_of_one_name_live_side_by_side_and_the_newest_is_started(package: Path) -> None:
    write(package, "one", SOURCE.format(version=9))
    write(package, "two", SOURCE.format(version=10))

    found = discover([package.name])

    assert found.pairs() == (("letter", 9), ("letter", 10))
    assert found.newest("letter").version == 10
    assert found.get("letter", 9) is not None
    assert found.get("letter", 11) is None


def test_two_classes_of_one_name_and_version_are_refused_naming_both(package: Path) -> None:
    write(package, "one", SOURCE.format(version=1))
    write(package, "two", SOURCE.format(version=1))

    with pytest.raises(UsageError) as refused:
        discover([package.name])

    assert str(refused.value) == (
        f"{package.name}.one.Letter and {package.name}.two.Letter are both version 1 of 'letter'. "
        "Raise the version of one, or give it another name."
    )


@pytest.mark.parametrize("annotation", ["", ": dict"])
def test_a_step_name_written_twice_in_the_source_is_refused(package: Path, annotation: str) -> None:
    write(
        package,
        "letters",
        f"""
        class Letter(Process):
            STEPS{annotation} = {{"a": "work", "b": "work", "a": "work"}}
            def work(self, run): return Done()
        """,
    )

    with pytest.raises(StepsError, match=rf"^{package.name}\.letters\.Letter\.STEPS, step 'a': the name is used twice"):
        discover([package.name])


# What stands in the second line of a module, and what is told of it.
BROKEN = [
    ("def broken(:", "SyntaxError: invalid syntax (broken.py, line 2). Fix it first."),
    ("import nothing_of_this_name", "-m pip install nothing_of_this_name`."),
    ("import nothing_of_this_name", "No module named 'nothing_of_this_name' ({file}, line 2). Install the package"),
    ("import yaml.nothing", "The yaml that is installed has none: look for the version that it needs."),
    ("import {package}.nothing", "Write {package}.nothing, or fix the import."),
    ("from {package} import broken\nbroken.x", "Two modules import each other: move what"),
    ("from {package}.broken import x", "Two modules import each other: move what both need into a third."),
    ("from process_manager import Nothing", "ImportError: cannot import name 'Nothing'"),
    ("x = undefined", "NameError: name 'undefined' is not defined ({file}, line 2). Fix it first."),
    ("import os; os.environ['NO_SUCH_NAME']", "KeyError: 'NO_SUCH_NAME' ({file}, line 2). Fix it first."),
    ("raise SystemExit(3)", "SystemExit: 3 ({file}, line 2). A module must not end the program"),
    ("import sys; sys.exit()", "SystemExit ({file}, line 2). A module must not end the program"),
    ("1 / 0", "ZeroDivisionError: division by zero ({file}, line 2). Fix it first."),
    ("raise RuntimeError('no')", "RuntimeError: no ({file}, line 2). Fix it first."),
    ("raise Exception('no')", "Exception: no ({file}, line 2). Fix it first."),
    ("raise BaseException", "BaseException ({file}, line 2). Fix it first."),
    ("raise RuntimeError('PWD=hunter2 is wrong')", "RuntimeError: PWD=*** is wrong ({file}, line 2)"),
    ("raise RuntimeError('x' * 100_000)", "x … ({file}, line 2). Fix it first."),
    ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E", "E: its text raised ZeroDivisionError ({file}, l"),
    ("import configparser; configparser.ConfigParser().get('a', 'b')", "NoSectionError: No section: 'a' ({file}, line"),
    (
        "import sqlite3; sqlite3.connect('/no/such/file')",
        "OperationalError: unable to open database file ({file}, line",
    ),
    ("import tomllib; tomllib.loads('=')", "TOMLDecodeError: "),
    ("open('/no/such/file')", "FileNotFoundError"),
    ("assert False", "AssertionError ({file}, line 2). Fix it first."),
]


@pytest.mark.parametrize(("text", "told"), BROKEN, ids=[f"{text[:40]}-{told[:20]}" for text, told in BROKEN])
def test_a_module_that_cannot_be_imported_is_named_with_its_line_its_problem_and_a_hint(
    package: Path, text: str, told: str
) -> None:
    write(package, "broken", text.format(package=package.name) if "{package}" in text else text)
    file = package / "broken.py"

    with pytest.raises(UsageError) as refused:
        discover([package.name])

    said = str(refused.value)
    assert said.startswith(f"{package.name}.broken cannot be imported: ")
    assert told.replace("{package}", package.name).replace("{file}", str(file)) in said
    assert "hunter2" not in said
    assert len(said) < 900


def test_the_line_that_is_named_is_the_innermost_of_the_office_s_own(package: Path) -> None:
    write(package, "zones", "import zoneinfo\n\ndef read(name):\n    return zoneinfo.ZoneInfo(name)\n")
    write(package, "letters", f"from {package.name}.zones import read\nread('Nowhere/At-All')\n")

    with pytest.raises(UsageError) as refused:
        discover([package.name])

    assert f"({package / 'zones.py'}, line 5)" in str(refused.value)
    assert str(refused.value).startswith(f"{package.name}.letters cannot be imported: ZoneInfoNotFoundError: ")


def test_ctrl_c_while_a_module_is_imported_is_no_mistake_of_its_own(package: Path) -> None:
    write(package, "letters", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        discover([package.name])


def test_all_that_is_broken_is_told_at_once_each_with_its_cause(package: Path) -> None:
    write(package, "bills", "1 / 0")
    write(package, "letters", "class Letter(Process):\n    STEPS = {'a': 'work'}\n")
    write(package, "pages", "import nothing_of_this_name")
    (package / "deep").mkdir()
    (package / "deep" / "__init__.py").write_text("raise ValueError('deep')\n", "utf-8")

    with pytest.raises(UsageError) as refused:
        discover([package.name])

    said = str(refused.value)
    assert said.startswith(f"4 modules are broken. (1) {package.name}.bills cannot be imported: ZeroDivisionError")
    assert f"(2) {package.name}.deep cannot be imported: ValueError: deep ({package / 'deep' / '__init__.py'}" in said
    assert f"(3) {package.name}.letters.Letter.STEPS, step 'a': the class has no method 'work'" in said
    assert f"(4) {package.name}.pages cannot be imported: ModuleNotFoundError" in said


def test_of_many_broken_modules_some_are_told_and_the_rest_is_counted(package: Path) -> None:
    for number in range(7):
        write(package, f"letter{number}", "1 / 0")

    with pytest.raises(UsageError, match=r"7 modules are broken\. \(1\) .* \(5\) .* And 2 more\.") as refused:
        discover([package.name])

    assert "(6)" not in str(refused.value)


def test_a_mistake_in_steps_keeps_its_own_words_through_discovery(package: Path) -> None:
    write(package, "letters", "class Letter(Process):\n    STEPS = {'a': 'work'}\n")

    with pytest.raises(StepsError, match=rf"^{package.name}\.letters\.Letter\.STEPS, step 'a': the class has no"):
        discover([package.name])


def test_a_value_that_a_class_cannot_have_is_told_with_its_module_and_line(package: Path) -> None:
    write(package, "letters", "from process_manager import every\nRETRY = every(minutes=1, attempts=0)\n")

    with pytest.raises(UsageError, match=rf"^{package.name}\.letters \(.*letters\.py, line 3\): attempts 0 is less"):
        discover([package.name])


def test_a_package_that_is_not_there_is_named_with_the_setting() -> None:
    with pytest.raises(UsageError, match=r"There is no process package 'no_such_office'.*PROCESS_PACKAGES"):
        discover(["no_such_office"])


def test_an_unknown_name_comes_with_the_nearest_one() -> None:
    registry = Registry([Letter], ["processes"])

    with pytest.raises(UnknownProcess) as unknown:
        registry.newest("leter")

    assert str(unknown.value) == "No process 'leter' is known in processes. Did you mean 'letter'?"
    assert unknown.value.exit_code == 3


def test_an_unknown_name_unlike_any_comes_with_those_that_are_known() -> None:
    registry = Registry([Letter, Bill], ["processes"])

    with pytest.raises(UnknownProcess, match=r"No process 'zzz' is known in processes. Known are: bill, letter."):
        registry.newest("zzz")


def test_an_unknown_name_in_an_empty_package_comes_with_what_to_do() -> None:
    with pytest.raises(UnknownProcess, match=r"is known in office. Put a Process class into one of them."):
        Registry([], ["office"]).newest("letter")


def test_the_working_directory_comes_first_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["elsewhere"])

    use_working_directory()
    use_working_directory()

    assert sys.path == [str(tmp_path), "elsewhere"]
