"""The registry: every process class that this installation knows, by name and version."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from types import ModuleType
from typing import Final

from process_manager.definition import loading
from process_manager.definition.limit import Shared
from process_manager.definition.process import Process
from process_manager.definition.step import PlannedStep, full_name
from process_manager.errors import ProcessManagerError, StepsError, UnknownProcess, UsageError
from process_manager.lifecycle.upgrade import Upgrade

NAMED: Final = 5
"""Broken modules that are told one by one."""

Hop = tuple[type[Process], Upgrade]
"""A newer version, and how a live process of an older one goes on with it."""

Code = tuple[type[Process], PlannedStep]
"""What is run: a step, and the class that it belongs to."""


class Registry:
    """The process classes found in some packages."""

    def __init__(self, classes: Iterable[type[Process]], packages: Iterable[str] = ()) -> None:
        self.packages = tuple(packages)
        self._classes: dict[tuple[str, int], type[Process]] = {}
        self._hops: dict[tuple[str, int], tuple[Hop, ...]] = {}  # found once: it is asked for every claim
        self._steps_found: dict[tuple[str, int, str], Code | None] = {}  # as well
        self.shared: dict[str, Shared] = {}
        """What its classes share with the fleet: limits and rates, by name."""
        for cls in classes:
            self._add(cls)

    def _add(self, cls: type[Process]) -> None:
        known = self._classes.setdefault((cls.name, cls.version), cls)
        if known is not cls:
            raise UsageError(
                problem=f"{full_name(known)} and {full_name(cls)} are both version {cls.version} of {cls.name!r}. "
                "Raise the version of one, or give it another name."
            )
        for step in cls.plan if cls.pools else ():
            self._share(cls, step.limit)
            self._share(cls, step.rate)

    def _share(self, cls: type[Process], shared: Shared | None) -> None:
        if shared is not None and self.shared.setdefault(shared.name, shared) != shared:
            raise UsageError(
                problem=f"{full_name(cls)} declares {shared}, and another class {self.shared[shared.name]}. "
                "Declare it once, and name that in both."
            )

    def __iter__(self) -> Iterator[type[Process]]:
        return iter(sorted(self._classes.values(), key=lambda cls: (cls.name, cls.version)))

    def among(self, names: Collection[str] | None) -> Registry:
        """Return what is known under these names, as if there were no others.

        Args:
            names: The names of processes; None for all.

        Returns:
            The classes with these names.
        """
        return self if names is None else Registry((each for each in self if each.name in names), self.packages)

    def get(self, name: str, version: int) -> type[Process] | None:
        """Return the class of a name and version.

        Args:
            name: The name of the process.
            version: Its version.

        Returns:
            The class, or None if it is not here.
        """
        return self._classes.get((name, version))

    def step(self, name: str, version: int, step: str) -> Code | None:
        """Return the code of one step.

        Args:
            name: The name of the process.
            version: Its version.
            step: The name of the step.

        Returns:
            The class and its step, or None if either is not here.
        """
        key = (name, version, step)
        if key not in self._steps_found:
            cls = self.get(name, version)
            planned = next((each for each in cls.plan if each.name == step), None) if cls else None
            self._steps_found[key] = None if cls is None or planned is None else (cls, planned)
        return self._steps_found[key]

    def newest(self, name: str) -> type[Process]:
        """Return the class that a new process of a name runs on.

        Args:
            name: The name of the process.

        Returns:
            The class with the highest version.

        Raises:
            UnknownProcess: There is none; the error names the one that was probably meant.
        """
        found = [cls for cls in self if cls.name == name]
        if found:
            return found[-1]
        names = sorted({cls.name for cls in self})
        near = get_close_matches(name, names, n=1)
        packages = ", ".join(self.packages) or "no package"
        if near:
            hint = f"Did you mean {near[0]!r}?"
        else:
            hint = f"Known are: {', '.join(names)}." if names else "Put a Process class into one of them."
        raise UnknownProcess(name=name, packages=packages, hint=hint)

    def hops(self, name: str, version: int) -> tuple[Hop, ...]:
        """Return how a process of an older version goes on with newer ones, version by version.

        Args:
            name: The name of the process.
            version: The version that it was started with.

        Returns:
            The newer classes, each with its `Upgrade`; empty when no class here takes it over.
        """
        pair = (name, version)
        if pair not in self._hops:
            hop = self._hop(*pair)
            self._hops[pair] = () if hop is None else (hop, *self.hops(name, hop[0].version))
        return self._hops[pair]

    def _hop(self, name: str, version: int) -> Hop | None:
        takers = [cls for cls in self if cls.name == name and version in cls.upgrades]
        return (takers[-1], takers[-1].upgrades[version]) if takers else None

    def last(self, name: str, version: int) -> type[Process] | None:
        """Return the class that a process of an older version ends up with by upgrades.

        Args:
            name: The name of the process.
            version: The version that it was started with.

        Returns:
            The class, or None when no class here takes it over.
        """
        hops = self.hops(name, version)
        return hops[-1][0] if hops else None

    def runnable(self) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
        """List everything that can be run here.

        Returns:
            Each name and version, with the steps at which a process may stand.
        """
        known = {(cls.name, cls.version) for cls in self}
        older = {(cls.name, version) for cls in self for version in cls.upgrades}
        return tuple((*pair, self._steps(*pair)) for pair in sorted(known | older))

    def _steps(self, name: str, version: int) -> tuple[str, ...]:
        """Return the steps from which a process goes on here: its class's, or those that upgrades lead to one."""
        hops = self.hops(name, version)
        cls = hops[-1][0] if hops else self._classes[name, version]
        names = [step.name for step in cls.plan]
        if not hops:
            return tuple(names)
        mapped = [step for _cls, upgrade in hops for step in upgrade.steps]
        return tuple(step for step in dict.fromkeys([*mapped, *names]) if landing(step, hops) in names)

    def pairs(self) -> tuple[tuple[str, int], ...]:
        """List the names and versions that are known here.

        Returns:
            The pairs, sorted.
        """
        return tuple(sorted(self._classes))


def landing(step: str, hops: Iterable[Hop]) -> str:
    """Return the step that a step becomes by these upgrades."""
    for _cls, upgrade in hops:
        step = upgrade.steps.get(step, step)
    return step


def discover(packages: Iterable[str]) -> Registry:
    """Return the registry of every Process class with STEPS in these packages and the modules below them.

    Below a package that says `DISCOVERED = False` nothing is looked for, nor imported.

    UsageError tells of all that is broken at once: whoever fixes one module should not meet the next only then.
    """
    names = tuple(packages)
    found: dict[int, type[Process]] = {}
    broken: list[ProcessManagerError] = []
    for name in names:
        for module in _modules(name, broken):
            try:
                _refuse_repeated_steps(module)
            except StepsError as problem:
                broken.append(problem)
            found.update({id(cls): cls for cls in _classes(module)})
    _refuse(broken)
    return Registry(found.values(), names)


def _modules(package: str, broken: list[ProcessManagerError]) -> Iterator[ModuleType]:
    """Yield the package and all below it, without those that cannot be imported."""
    root = _package(package, broken)
    waiting = [] if root is None else [root]
    while waiting:
        module = waiting.pop(0)
        yield module
        if not getattr(module, "DISCOVERED", True):
            continue
        below = pkgutil.iter_modules(getattr(module, "__path__", ()), prefix=f"{module.__name__}.")
        found = [_load(info.name, broken) for info in below]
        waiting[:0] = [each for each in found if each is not None]


def _package(name: str, broken: list[ProcessManagerError]) -> ModuleType | None:
    try:
        found = loading.load(name)
        loading.refuse_hiding(found)
        return found
    except UsageError as problem:
        if not loading.is_missing(problem.__cause__, name):
            broken.append(problem)
            return None
        raise UsageError(
            problem=f"There is no process package {name!r}. Run from the folder that holds it, or name yours in "
            "PROCESS_MANAGER_PROCESS_PACKAGES."
        ) from problem


def _load(name: str, broken: list[ProcessManagerError]) -> ModuleType | None:
    try:
        return loading.load(name)
    except ProcessManagerError as problem:
        broken.append(problem)
        return None


def _refuse(broken: Sequence[ProcessManagerError]) -> None:
    if len(broken) == 1:
        raise broken[0]
    if broken:
        more = [f"And {len(broken) - NAMED} more."] if len(broken) > NAMED else []
        told = [f"({number}) {problem}" for number, problem in enumerate(broken[:NAMED], 1)]
        raise UsageError(problem=" ".join([f"{len(broken)} modules are broken.", *told, *more]))


def _classes(module: ModuleType) -> Iterator[type[Process]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Process) and value.plan:
            yield value


def _refuse_repeated_steps(module: ModuleType) -> None:
    """Refuse a step name written twice: the dict has lost one before any class can see it, so the source is read."""
    try:
        source = inspect.getsource(module)
    except (OSError, TypeError):
        return  # an empty package, or one without source
    if "STEPS" not in source:
        return
    for cls in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)):
        for name in _repeated(cls):
            raise StepsError(
                process=f"{module.__name__}.{cls.name}",
                step=name,
                problem="the name is used twice",
                hint="Give each step a name of its own.",
            )


def _repeated(cls: ast.ClassDef) -> Iterator[str]:
    for statement in cls.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and target.id == "STEPS" and isinstance(value, ast.Dict):
            names = [key.value for key in value.keys if isinstance(key, ast.Constant)]
            yield from (str(name) for index, name in enumerate(names) if name in names[:index])
