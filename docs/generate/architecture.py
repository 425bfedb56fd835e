"""The page of the architecture: the map that the architecture test holds, and what each module says of itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from docs.generate import markdown

TOP: Final = Path(__file__).parent.parent.parent
PACKAGES: Final = ("process_manager", "processes", "tasks")
INTRODUCTION: Final = """\
Each folder is a room with one purpose. A module imports from the rooms below its own, never from those above, and no
module reaches itself through its imports. `tests/test_architecture.py` holds this map."""


def page() -> str:
    """Return the page."""
    return markdown.page("Architecture", INTRODUCTION, *(_package(TOP / name) for name in PACKAGES))


def _package(folder: Path) -> str:
    rows = [(markdown.code(name), markdown.plain(told)) for name, told in rooms(folder)]
    return f"## {folder.name}\n\n{markdown.table(('room', 'what it is'), rows)}"


def rooms(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each room of a package with the first line of what it says of itself."""
    for file in sorted(folder.iterdir()):
        if file.is_dir() and (file / "__init__.py").is_file():
            yield f"{file.name}/", first_line(file / "__init__.py")
        elif file.suffix == ".py" and file.stem != "__init__":
            yield file.stem, first_line(file)


def first_line(module: Path) -> str:
    """Return the first line of a module's docstring, nothing where it has none."""
    return (ast.get_docstring(ast.parse(module.read_text("utf-8"))) or "").partition("\n")[0]
