import sys
import textwrap
from pathlib import Path

import pytest

from process_manager import Done, Process, StepRun
from process_manager.errors import StepsError, UnknownProcess, UsageError
from process_manager.registry import Registry, discover, use_working_directory


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

    with pytest.raises(StepsError, match=r"Letter.STEPS, step 'a': the name is used twice"):
        discover([package.name])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def broken(:", "SyntaxError"),
        ("import nothing_of_this_name", "Install what it needs."),
        ("from process_manager import Nothing", "ImportError"),
        ("x = undefined", "NameError"),
        ("import os; os.environ['NO_SUCH_NAME']", "KeyError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise RuntimeError('no')", "RuntimeError: no. Mend it first."),
        ("open('/no/such/file')", "FileNotFoundError"),
        ("assert False", "AssertionError"),
    ],
)
def test_a_module_that_cannot_be_imported_is_named_with_its_problem(package: Path, text: str, problem: str) -> None:
    write(package, "broken", text)

    with pytest.raises(UsageError) as refused:
        discover([package.name])

    assert str(refused.value).startswith(f"{package.name}.broken cannot be imported: ")
    assert problem in str(refused.value)


def test_a_mistake_in_steps_keeps_its_own_words_through_discovery(package: Path) -> None:
    write(package, "letters", "class Letter(Process):\n    STEPS = {'a': 'work'}\n")

    with pytest.raises(StepsError, match=r"Letter.STEPS, step 'a': the class has no method 'work'"):
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
