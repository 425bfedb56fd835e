"""The language of the source: a function's docstring begins with an imperative verb, as PEP 257 has it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[2] / "process_manager"

ROOMS = sorted(room.name for room in ENGINE.iterdir() if room.suffix == ".py" or (room / "__init__.py").is_file())

NO_VERBS = frozenset({
    "A", "All", "An", "Another", "As", "At", "Each", "Every", "How", "If", "It", "Its", "Many", "No", "None", "Not",
    "Nothing", "Of", "On", "One", "Seconds", "Such", "That", "The", "Those", "Until", "What", "When", "Where",
    "Whether", "Which", "Why",
})  # fmt: skip


def sources(room: str) -> list[Path]:
    place = ENGINE / room
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def first_words(source: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each function that has a docstring, and the first word of that; not of properties."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_property(node):
            continue
        if text := ast.get_docstring(node):
            yield node.name, text.split()[0].rstrip(",:;.")


def is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether it is read as an attribute: that is named, as attributes are."""
    return any(ast.unparse(each).split(".")[-1] in ("property", "cached_property") for each in node.decorator_list)


@pytest.mark.parametrize("room", ROOMS)
def test_docstrings_of_functions_begin_with_a_verb(room: str) -> None:
    files = sources(room)
    wrong = [
        f"{file.relative_to(ENGINE)}: {name} begins with {word!r}"
        for file in files
        for name, word in first_words(file.read_text("utf-8"))
        if word in NO_VERBS
    ]

    assert files
    assert wrong == []


def test_a_docstring_that_begins_with_no_verb_is_found() -> None:
    found = list(first_words('def f() -> int:\n    """The number."""\ndef g() -> None:\n    """Count."""\n'))

    assert found == [("f", "The"), ("g", "Count")]
