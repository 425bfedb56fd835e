"""What the blocks of the pages are held against: a test that a wrong page fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_blocks import Step, normal, played, steps
from page_blocks import FENCE, Block, pages
from page_folder import PageFolder
from sybil.example import SybilFailure

PROCESS = """\
```python title="processes/letter.py"
from process_manager import Done, Process, StepRun


class Letter(Process):
    STEPS = {"write": "write_it"}

    def write_it(self, run: StepRun) -> Done:
        return Done("written")
```
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """The folder of a page."""
    with PageFolder():
        yield Path.cwd()


def problem(page: Path, text: str) -> str | None:
    """Do the blocks of a page, and return what is wrong with the first that is."""
    page.write_text(text, encoding="utf-8")
    for example in pages.parse(page):
        try:
            example.evaluate()
        except SybilFailure as failure:
            return str(failure)
    return None


def test_a_page_runs_what_it_writes(folder: Path) -> None:
    typed = "$ process-manager start letter\n1\n$ process-manager work\n$ process-manager show 1\n"
    shown = "id 1\n…\nstatus succ…\n…\n"

    assert problem(folder / "page.md", f"{PROCESS}```console\n{typed}{shown}```\n") is None


def test_what_a_page_shows_otherwise_than_it_is_is_told(folder: Path) -> None:
    text = f"{PROCESS}```console\n$ process-manager start letter\n2\n```\n"

    assert "-2\n" in str(problem(folder / "page.md", text))


def test_a_command_that_fails_unseen_is_told(folder: Path) -> None:
    assert "ended with 3" in str(played("$ process-manager start nothing"))


def test_a_command_that_fails_as_shown_is_right(folder: Path) -> None:
    assert played("$ process-manager show 7\nError: …\n$ echo $?\n7\n") is None


def test_a_file_written_twice_is_read_as_it_is_now(folder: Path) -> None:
    second = PROCESS.replace("written", "sealed")
    run = "```console\n$ process-manager start letter\n…\n$ process-manager work\n```\n"
    text = f"{PROCESS}{run}{second}{run}```console\n$ process-manager history 2 -o csv\n…\n…sealed…\n```\n"

    assert problem(folder / "page.md", text) is None


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("env", "PROCESS_MANAGER_LEASES=90s"),
        ("env", "PROCESS_MANAGER_LEASE=soon"),
        ("shell", "process-manager work --for-ever"),
        ("bat", r".venv\Scripts\process-manager walk"),
        ("yaml", "a: [1"),
        ("cobol", "STOP RUN."),
        ("python", "1 +"),
    ],
)
def test_a_block_that_is_wrong_fails(folder: Path, language: str, body: str) -> None:
    with pytest.raises(Exception, match=r"."):
        assert problem(folder / "page.md", f"```{language}\n{body}\n```\n") is None


def test_what_a_page_exports_and_where_it_goes_is_over_with_the_page() -> None:
    before = (Path.cwd(), dict(os.environ), sys.path[:])

    with PageFolder():
        assert played("$ mkdir there\n$ cd there\n$ export PROCESS_MANAGER_LEASE=5s") is None
        assert (Path.cwd().name, os.environ["PROCESS_MANAGER_LEASE"]) == ("there", "5s")

    assert (Path.cwd(), dict(os.environ), sys.path[:]) == before


def test_what_no_test_knows_how_to_do_is_told(folder: Path) -> None:
    with pytest.raises(LookupError, match=r"No test knows how to do 'process-manager list \| head'"):
        played("$ process-manager list | head")


def test_a_line_goes_on_after_a_backslash_and_what_is_shown_belongs_to_it() -> None:
    text = "$ process-manager start \\\n    letter\n1\n$ process-manager work\n"

    assert list(steps(text)) == [
        Step("$", "process-manager start letter", "1"),
        Step("$", "process-manager work", ""),
    ]


def test_what_is_another_at_each_run_has_one_word() -> None:
    assert normal("7  2026-11-29 21:00:03  in 4 s") == normal("7   2025-01-02 03:04:05   in 12 s")


def test_a_block_in_a_list_loses_its_indent() -> None:
    found = FENCE.search("- as\n\n    ```yaml\n    a:\n      b: 1\n    ```\n")

    assert found is not None
    assert Block(found).text == "a:\n  b: 1\n"
