"""The lines by which each example says how it is started, typed as they stand in an empty folder."""

import importlib
import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest
from shop import Shop

STANDS = {
    "batch_with_ledger": ["succeeded"],
    "file_drop": ["succeeded"],
    "invoice_approval": ["succeeded"],
    "nightly_import": ["succeeded"],
    "once_payment": ["succeeded"],
    "permit_upgrade": ["succeeded"],
    "reminder_letter": ["waiting"],
    "robot_call": ["succeeded"],
}


def type_line(shop: Shop, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a shell would do with the line."""
    command, *words = shlex.split(line)
    if command == "mkdir":
        Path(words[0]).mkdir()
    elif command == "echo":
        text, how, file = words
        with Path(file).open("w" if how == ">" else "a", encoding="utf-8") as opened:
            opened.write(f"{text}\n")
    elif command == "python":
        monkeypatch.setattr(sys, "argv", words[1:])
        run_module(words[1])
    else:
        answer = shop.ask(*words)
        assert (command, answer.code) == ("process-manager", 0), answer.err


def run_module(name: str) -> None:
    """Run a module as `python -m` does; SystemExit when it ends with another code than 0."""
    with pytest.MonkeyPatch.context() as without:
        without.delitem(sys.modules, name, raising=False)  # it is run anew, as in a program of its own
        try:
            runpy.run_module(name, run_name="__main__")
        except SystemExit as end:
            if end.code:
                raise


@pytest.mark.parametrize("example", sorted(STANDS))
def test_an_example_starts_as_it_says(example: str, bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "examples")
    said = importlib.import_module(f"examples.{example}").__doc__ or ""
    lines = re.findall(r"^    (.+)$", said, re.MULTILINE)

    for line in lines:
        type_line(bare, line, monkeypatch)

    assert len(lines) >= 2
    assert [row["status"] for row in bare.ask("list", "-o", "json").json] == STANDS[example]
