"""The quiet windows of each process class: its own, else the engine's."""

from __future__ import annotations

from collections.abc import Mapping

from process_manager.definition.registry import Registry
from process_manager.gates import quiet
from process_manager.gates.quiet import Quiet
from process_manager.settings import Settings


def of_the_engine(settings: Settings) -> Quiet:
    """Return the quiet windows of every process without its own."""
    return quiet.parse(settings.quiet or quiet.DEFAULT, settings.zone_name())


def windows(registry: Registry, settings: Settings) -> Mapping[tuple[str, int], Quiet]:
    """Return the quiet windows of each class: its own, else the engine's."""
    zone, shared = settings.zone_name(), of_the_engine(settings)
    found = {(cls.name, cls.version): shared if cls.quiet is None else quiet.parse(cls.quiet, zone) for cls in registry}
    for name, version, _steps in registry.runnable():
        last = registry.last(name, version)
        if last is not None:
            found[name, version] = found[name, last.version]
    return found
