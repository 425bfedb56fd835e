"""Every process class that this installation knows: (name, version) → class."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from process_manager.errors import ProcessManagerError, StepsError, UnknownProcess, UsageError
from process_manager.process import Process, Upgrade


class Registry:
    """The process classes found in some packages."""

    def __init__(self, classes: Iterable[type[Process]], packages: Iterable[str] = ()) -> None:
        self.packages = tuple(packages)
        self._classes: dict[tuple[str, int], type[Process]] = {}
        for cls in classes:
            self._add(cls)

    def _add(self, cls: type[Process]) -> None:
        known = self._classes.setdefault((cls.name, cls.version), cls)
        if known is not cls:
            raise UsageError(
                problem=f"{_where(known)} and {_where(cls)} are both version {cls.version} of {cls.name!r}. "
                "Raise the version of one, or give it another name."
            )

    def __iter__(self) -> Iterator[type[Process]]:
        return iter(sorted(self._classes.values(), key=lambda cls: (cls.name, cls.version)))

    def get(self, name: str, version: int) -> type[Process] | None:
        """The class of this name and version, None if it is not here."""
        return self._classes.get((name, version))

    def newest(self, name: str) -> type[Process]:
        """The class that a new process of this name runs on; UnknownProcess, with a suggestion, if there is none."""
        found = [cls for cls in self if cls.name == name]
        if found:
            return found[-1]
        names = sorted({cls.name for cls in self})
        near = get_close_matches(name, names, n=1)
        packages = ", ".join(self.packages) or "no package"
        if near:
            cure = f"Did you mean {near[0]!r}?"
        else:
            cure = f"Known are: {', '.join(names)}." if names else "Put a Process class into one of them."
        raise UnknownProcess(name=name, packages=packages, cure=cure)

    def target(self, name: str, version: int) -> tuple[type[Process], Upgrade] | None:
        """The class that a process of this version goes on with by an upgrade; None when no class here declares one."""
        for cls in reversed(list(self)):
            if cls.name == name and version in cls.upgrades:
                return cls, cls.upgrades[version]
        return None

    def runnable(self) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
        """Every name and version that can be run here, each with the steps at which a process may stand."""
        found = {
            (cls.name, cls.version): tuple(step.name for step in cls.plan)
            for cls in self
            if self.target(cls.name, cls.version) is None
        }
        for cls in self:
            for version, upgrade in cls.upgrades.items():
                if self.target(cls.name, version) == (cls, upgrade):
                    found[cls.name, version] = _mapped(cls, upgrade)
        return tuple((name, version, steps) for (name, version), steps in sorted(found.items()))

    def pairs(self) -> tuple[tuple[str, int], ...]:
        """The names and versions known here, sorted."""
        return tuple(sorted(self._classes))


def _mapped(cls: type[Process], upgrade: Upgrade) -> tuple[str, ...]:
    """The old version's steps from which an upgrade leads on: those it names, and those that kept their name."""
    kept = [step.name for step in cls.plan if step.name not in upgrade.steps]
    return (*upgrade.steps, *kept)


def _where(cls: type[Process]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def discover(packages: Iterable[str]) -> Registry:
    """The registry of every Process class with STEPS in these packages and the modules below them."""
    names = tuple(packages)
    found: dict[int, type[Process]] = {}
    for name in names:
        for module in _modules(name):
            _refuse_repeated_steps(module)
            found.update({id(cls): cls for cls in _classes(module)})
    return Registry(found.values(), names)


def _modules(package: str) -> Iterator[ModuleType]:
    root = _import(package)
    yield root
    for info in pkgutil.walk_packages(getattr(root, "__path__", ()), prefix=f"{package}."):
        yield _import(info.name)


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ProcessManagerError:
        raise
    except ModuleNotFoundError as error:
        if error.name != name.split(".", maxsplit=1)[0]:
            raise UsageError(problem=f"{name} cannot be imported: {error}. Install what it needs.") from error
        raise UsageError(
            problem=f"There is no process package {name!r}. Run from the folder that holds it, or name yours in "
            "PROCESS_MANAGER_PROCESS_PACKAGES."
        ) from error
    except _BROKEN as error:
        raise UsageError(
            problem=f"{name} cannot be imported: {type(error).__name__}: {error}. Mend it first."
        ) from error


_BROKEN = (
    ImportError, SyntaxError, NameError, AttributeError, TypeError, ValueError, LookupError, ArithmeticError,
    AssertionError, OSError, RuntimeError,
)  # fmt: skip
"""What a module may raise while it is imported, an unset os.environ["…"] among it."""


def _classes(module: ModuleType) -> Iterator[type[Process]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Process) and value.plan:
            yield value


def _refuse_repeated_steps(module: ModuleType) -> None:
    """A key written twice in a dict is gone before any class can see it, so the source is asked."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        return  # an empty package, or one without source
    for cls in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for name in _repeated(cls):
            raise StepsError(
                process=cls.name, step=name, problem="the name is used twice", cure="Give each step a name of its own."
            )


def _repeated(cls: ast.ClassDef) -> Iterator[str]:
    for statement in cls.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and target.id == "STEPS" and isinstance(value, ast.Dict):
            names = [key.value for key in value.keys if isinstance(key, ast.Constant)]
            yield from (str(name) for index, name in enumerate(names) if name in names[:index])


def use_working_directory() -> None:
    """Put the working directory first on the path, so that an office's own `processes` are found."""
    here = str(Path.cwd())
    if not sys.path or sys.path[0] != here:
        sys.path.insert(0, here)
