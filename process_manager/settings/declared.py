"""The settings that packages declare beside their processes and steps."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter, ValidationError, create_model

from process_manager.errors import SettingsError
from process_manager.redaction import redact_text
from process_manager.settings.model import PackageSettings, Settings
from process_manager.settings.value_types import Packages

ALWAYS = ("tasks", "processes")
"""Packages that are asked whatever the process packages are: an installation that names others may use ours, too."""

ENDING = "_settings"


def model_of(packages: Sequence[str] = ()) -> type[Settings]:
    """Return the class of the settings of the engine and of these packages.

    Args:
        packages: Names of packages; one that cannot be imported is told where its processes are looked for.

    Raises:
        SettingsError: A module that declares settings cannot be imported, or declares one that there is already.
    """
    found = [_load(name) for package in dict.fromkeys([*ALWAYS, *packages]) for name in _modules(package)]
    return _joined(*dict.fromkeys(cls for module in found for cls in _declared_by(module)))


def packages_in(written: object) -> tuple[str, ...]:
    """Return the names of the packages as they are written; none where that is wrong, which the settings tell."""
    with suppress(ValidationError):
        return _PACKAGES.validate_python(written)
    return ()


_PACKAGES: TypeAdapter[tuple[str, ...]] = TypeAdapter(Packages)


@cache
def _joined(*parts: type[PackageSettings]) -> type[Settings]:
    known = set(Settings.model_fields)
    for part in parts:
        for name in sorted(known & part.model_fields.keys()):
            raise SettingsError(
                where=f"{part.__module__}.{part.__name__}",
                problem=f"declares {name}, which is a setting already",
                hint="Give it another name.",
            )
        known |= part.model_fields.keys()
    bases: tuple[Any, ...] = (*reversed(parts), Settings)  # in this order the fields of the engine come first
    made: type[Settings] = create_model("Settings", __base__=bases)
    return made


def _modules(package: str) -> Iterator[str]:
    try:
        folders = importlib.import_module(package).__path__
    except (Exception, SystemExit):  # noqa: BLE001 - it may raise anything, and its processes are looked for later
        return
    names = (module.name for module in pkgutil.iter_modules(folders) if module.name.endswith(ENDING))
    yield from (f"{package}.{name}" for name in sorted(names))


def _load(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # it may raise anything
        problem = f"cannot be imported: {type(error).__name__}: {redact_text(str(error))}"
        raise SettingsError(where=name, problem=problem.rstrip(": ."), hint="Fix it first.") from error


def _declared_by(module: ModuleType) -> Iterator[type[PackageSettings]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, PackageSettings) and value.__module__ == module.__name__:
            yield value
