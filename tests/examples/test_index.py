"""The examples as a whole: all of them are listed, short, and made of what everybody may import."""

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
FILES = sorted(file for file in FOLDER.rglob("*.py") if file != FOLDER / "__init__.py")
EXAMPLES = {file.relative_to(FOLDER).parts[0] for file in FILES}
PUBLIC = {
    "process_manager",
    "process_manager.database",
    "process_manager.direct",
    "process_manager.operations",
    "process_manager.settings",
    "process_manager.store",
    "process_manager.store.ledger",
}
NAMES = {("process_manager.database", "Database"), ("process_manager.database", "connect")}


def imported(file: Path) -> set[tuple[str, str]]:
    """Return the modules of the engine that a file imports from, each with the name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {(node.module or "", alias.name) for node in froms for alias in node.names}


def test_the_index_names_each_example_once() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\| \[([\w.]+)/?\]", index, re.MULTILINE)) == sorted(EXAMPLES)
    assert len(EXAMPLES) == 8


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_short_and_imports_what_is_public(file: Path) -> None:
    ours = {each for each in imported(file) if each[0].startswith("process_manager")}

    assert {module for module, _name in ours} <= PUBLIC
    assert {each for each in ours if each[0] == "process_manager.database"} <= NAMES
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 80
