"""In a folder without a database: what asks says that there is none, and only what may come first makes one."""

from pathlib import Path

import pytest
from shop import Shop

ASKS: list[list[str]] = [
    ["list"],
    ["list", "--count"],
    ["show", "7"],
    ["history", "7"],
    ["watch", "7"],
    ["status"],
    ["workers"],
    ["restart-process", "7"],
    ["restart-process", "--where", "status=failed", "--yes"],
    ["abandon-process", "7", "--reason", "x"],
    ["rerun-process", "7"],
    ["resolve-process", "7", "--happened", "--reason", "x"],
    ["unlock", "tidy", "--reason", "x"],
    ["enable", "letter"],
    ["bot", "list"],
    ["bot", "remove", "7"],
    ["work", "7"],
    ["doctor"],
    ["db", "current"],
    ["db", "downgrade", "base", "--yes"],
]
MAKES: list[list[str]] = [
    ["start", "letter"],
    ["start-many", "letter", "@lines"],
    ["run-command", "tidy"],
    ["work"],
    ["worker", "--until-empty"],
    ["disable", "letter", "--reason", "x"],
    ["bot", "add", "Letters", "letter"],
    ["db", "upgrade"],
]


@pytest.mark.parametrize("words", ASKS, ids=" ".join)
@pytest.mark.parametrize("is_there", [False, True])
def test_what_asks_or_acts_on_what_is_there_makes_no_database(bare: Shop, words: list[str], is_there: bool) -> None:
    if is_there:
        bare.file.touch()  # as a broken-off copy leaves it

    answer = bare.ask(*words)

    assert answer.code == 7, answer
    assert f"there is no database {bare.file} yet. The first process that is started creates it" in (
        answer.err + answer.out
    ).replace("\n", " ")
    assert [(file.name, file.stat().st_size) for file in bare.folder.iterdir()] == (
        [(bare.file.name, 0)] if is_there else []
    )


@pytest.mark.parametrize("words", MAKES, ids=" ".join)
def test_what_may_come_first_makes_the_database_and_says_where(bare: Shop, words: list[str]) -> None:
    Path("lines").write_text("{}\n")

    answer = bare.ask(*words)

    assert answer.code == 0, answer.err
    said = f"Made a new database: {bare.file}" if words[0] != "db" else "has schema"
    assert said in answer.err
    assert bare.ask("list").code == 0


@pytest.mark.parametrize(("words", "known"), [(["processes"], "letter"), (["quiet", "--days", "2"], "of,start,end")])
def test_what_classes_and_settings_say_is_told_without_a_database(bare: Shop, words: list[str], known: str) -> None:
    answer = bare.ask(*words, "-o", "csv")

    assert answer.code == 0, answer.err
    assert known in answer.out
    assert f"Nothing was started here: there is no database {bare.file} yet." in answer.err.replace("\n", " ")
    assert not bare.file.exists()


@pytest.mark.slow
def test_a_completion_makes_no_database(bare: Shop) -> None:
    asked = {"_PROCESS_MANAGER_COMPLETE": "bash_complete", "COMP_CWORD": "2"}

    answer = bare.really(COMP_WORDS="process-manager show ", **asked)
    names = bare.really(COMP_WORDS="process-manager start ", **asked)

    assert answer.err == names.err == ""
    assert "letter" in names.out
    assert [file for file in bare.folder.iterdir() if file.suffix == ".db"] == []


@pytest.mark.slow
def test_starts_at_once_in_an_empty_folder_make_one_database_and_all_start(bare: Shop) -> None:
    programs = [bare.spawn("start", "letter") for _ in range(4)]
    told = [each.communicate(timeout=60) for each in programs]

    assert [each.returncode for each in programs] == [0, 0, 0, 0], told
    assert sorted(int(out) for out, _ in told) == [1, 2, 3, 4]
    assert sum("Made a new database" in err for _, err in told) == 1
