"""The page of the architecture: the map that the architecture test holds, and what each room says of itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from docs.generate import markdown

TOP: Final = Path(__file__).parent.parent.parent
ENGINE: Final = TOP / "process_manager"
HELD_BY: Final = TOP / "tests" / "test_architecture.py"
INTRODUCTION: Final = """\
The packages and modules of the engine are its rooms; each has one purpose. They lie in layers: a room imports from the
layers below its own, and from those behind it in its own layer, never from those above. `tests/test_architecture.py`
holds this map, from which this page is made.

`processes/` and `tasks/` stand on the engine: processes on tasks, and both on what an author imports.
`migrations/` stands alone: a released migration does not change when a table does."""


class Layer(NamedTuple):
    """A row of the map: what it is, and its rooms from left to right."""

    name: str
    rooms: tuple[str, ...]


def page() -> str:
    """Return the page."""
    return markdown.page("Architecture", INTRODUCTION, *map(section, layers()), "## Beside the engine", beside())


def layers() -> list[Layer]:
    """Return the layers from the top down: each is a text of the map's list, below a comment that names it."""
    source = HELD_BY.read_text("utf-8")
    found: list[Layer] = []
    name = ""
    for line in _list(source, "MAP").splitlines()[1:-1]:
        text = line.strip()
        if text.startswith("#"):
            name = text.removeprefix("#").strip()
        elif name and found and found[-1].name == name:
            found[-1] = Layer(name, (*found[-1].rooms, *_names(text)))
        else:
            found.append(Layer(name, _names(text)))
    return found


def section(layer: Layer) -> str:
    """Return what is said of a layer: its rooms, what each imports, and the modules of those that are folders."""
    rooms = [room for room in layer.rooms if where(room).exists()]
    rows = [(markdown.code(room), markdown.plain(first_line(room)), _list_of(imports(room))) for room in rooms]
    title = f"{layer.name[:1].upper()}{layer.name[1:]}"
    table = markdown.table(("room", "what it is", "imports from"), rows)
    return "\n\n".join([f"## {title}", table, *(_modules(room) for room in rooms if where(room).is_dir())])


def beside() -> str:
    """Return the folders of the checkout that are not the engine."""
    folders = [file.parent for file in sorted(TOP.glob("*/__init__.py")) if file.parent != ENGINE]
    rows = [(markdown.code(f"{each.name}/"), markdown.plain(docstring(each / "__init__.py"))) for each in folders]
    return markdown.table(("folder", "what it is"), rows)


def where(room: str) -> Path:
    """Return the folder or the file of a room."""
    folder = ENGINE if room == ENGINE.name else ENGINE / room
    return folder if folder.is_dir() and room != ENGINE.name else _file(room)


def first_line(room: str) -> str:
    """Return what a room says of itself."""
    place = where(room)
    return docstring(place / "__init__.py" if place.is_dir() else place)


def docstring(file: Path) -> str:
    """Return the first line of a module's docstring, nothing where it has none."""
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]


def imports(room: str) -> list[str]:
    """Return the other rooms that a room imports from, sorted."""
    place = where(room)
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    names = {name for file in files for name in _imported(ast.parse(file.read_text("utf-8")))}
    return sorted(names - {room})


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(str(module), names) if module == ENGINE.name:
                yield from (each.name for each in names)
            case ast.ImportFrom(str(module)) if module.startswith(f"{ENGINE.name}."):
                yield module.split(".")[1]


def _modules(room: str) -> str:
    files = [file for file in sorted(where(room).rglob("*.py")) if file.name != "__init__.py"]
    rows = [
        (markdown.code(file.relative_to(where(room)).with_suffix("").as_posix()), markdown.plain(docstring(file)))
        for file in files
    ]
    return markdown.folded(f"The {len(files)} modules of {room}", markdown.table(("module", "what it is"), rows))


def _list(source: str, name: str) -> str:
    """Return the source of a list, for its comments are not in the tree; LookupError when there is none."""
    for node in ast.parse(source).body:
        match node:
            case ast.Assign([ast.Name(found)], ast.List() as value) if found == name:
                return ast.get_source_segment(source, value) or ""
    raise LookupError(f"{HELD_BY.name} has no list {name}: the page Architecture is made from it.")


def _names(text: str) -> tuple[str, ...]:
    return tuple(ast.literal_eval(text.rstrip(",").strip()).split())


def _file(room: str) -> Path:
    return ENGINE / ("__init__.py" if room == ENGINE.name else f"{room}.py")


def _list_of(rooms: list[str]) -> str:
    return ", ".join(map(markdown.code, rooms))
