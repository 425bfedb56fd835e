"""Importing an author's module: whatever it raises is reported with its module, its line and what to do."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from process_manager.errors import ProcessManagerError, UsageError
from process_manager.redaction import redact_text

SHOWN: Final = 400
"""Characters that are shown of what a module raised."""


def load(name: str) -> ModuleType:
    """Import the module of this name; raise UsageError that says where it broke and why. Ctrl-C passes."""
    try:
        return importlib.import_module(name)
    except UsageError as problem:
        if name in str(problem):
            raise
        raise UsageError(problem=f"{name}{_where(problem, name)}: {problem}") from problem
    except (KeyboardInterrupt, ProcessManagerError):
        raise
    except BaseException as problem:  # a module may raise anything while it is imported, SystemExit too
        raise UsageError(problem=f"{name} cannot be imported: {_cause(problem, name)}") from problem


def refuse_hiding(package: ModuleType) -> None:
    """Raise UsageError when a folder that adds to a package has a module of the same name as one that is there."""
    folders = [Path(folder) for folder in getattr(package, "__path__", ())]
    adding = [folder for folder in folders if not (folder / "__init__.py").is_file()]
    for own, other in itertools.product(adding, (folder for folder in folders if folder not in adding)):
        for name in sorted(_names(own) & _names(other)):
            raise UsageError(
                problem=f"{own / name} has the name of a module that is installed in {other}. Rename yours, or make an "
                f"empty file {own / '__init__.py'}: then only what is in {own} is used."
            )


def _names(folder: Path) -> set[str]:
    """Return the modules of a folder; its commands may take the place of others."""
    return {module.name for module in pkgutil.iter_modules([str(folder)])} - {"commands"}


def use_working_directory() -> None:
    """Put the working directory first on the path, so that an office's own `processes` are found."""
    here = str(Path.cwd())
    if not sys.path or sys.path[0] != here:
        sys.path.insert(0, here)


def is_missing(problem: BaseException | None, name: str) -> bool:
    """Return whether it was raised because there is no such module, not because of what one imports."""
    missing = problem.name if isinstance(problem, ModuleNotFoundError) else None
    return missing is not None and (name == missing or name.startswith(f"{missing}."))


def _cause(problem: BaseException, name: str) -> str:
    """Return what was raised, where, and the hint."""
    kind = type(problem).__name__
    text = " ".join(redact_text(_text(problem)).split())
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
    where = "" if isinstance(problem, SyntaxError) else _where(problem, name)  # its text names file and line
    said = f"{kind}: {short}".rstrip(": .")
    return f"{said}{where}. {_hint(problem, name)}"


def _text(problem: BaseException) -> str:
    try:
        return str(problem)
    except BaseException as worse:  # noqa: BLE001 - a foreign __str__ may raise anything
        return f"its text raised {type(worse).__name__}"


def _where(problem: BaseException, name: str) -> str:
    """Return the innermost line that the office wrote itself: below it there is only what it uses."""
    frames = [
        (Path(frame.f_code.co_filename), line)
        for frame, line in traceback.walk_tb(problem.__traceback__)
        if _is_own(frame.f_globals.get("__name__", ""), frame.f_code.co_filename, name)
    ]
    return f" ({_short(frames[-1][0])}, line {frames[-1][1]})" if frames else ""


def _is_own(module: str, file: str, name: str) -> bool:
    top = module.partition(".")[0]
    if top == name.partition(".")[0]:
        return True
    return top != "process_manager" and Path(file).is_file() and not any(_is_in(file, one) for one in _libraries())


def _is_in(file: str, folder: str) -> bool:
    return Path(folder) in Path(file).parents


def _libraries() -> Iterator[str]:
    paths = sysconfig.get_paths()
    yield from (paths[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


def _short(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if here in file.parents else file


def _hint(problem: BaseException, name: str) -> str:
    if isinstance(problem, ModuleNotFoundError) and problem.name:
        return _hint_for_missing(problem.name, name)
    if isinstance(problem, ImportError | AttributeError) and "partially initialized" in str(problem):
        return "Two modules import each other: move what both need into a third."
    if isinstance(problem, SystemExit):
        return "A module must not end the program while it is imported."
    return "Fix it first."


def _hint_for_missing(missing: str, name: str) -> str:
    top = missing.partition(".")[0]
    if top == name.partition(".")[0]:
        return f"Write {missing}, or fix the import."
    if top in sys.modules and missing != top:
        return f"The {top} that is installed has none: look for the version that it needs."
    return f"Install the package that brings it, most likely by `{sys.executable} -m pip install {top}`."
