"""What is disabled, as far as it concerns whoever asks."""

from __future__ import annotations

from collections.abc import Iterable

from process_manager.definition.process import Process, keys
from process_manager.gates.gate import Gates
from process_manager.gates.switches import ENGINE, EVERYTHING, Switch
from process_manager.inspection.viewer import CONSOLE, Viewer


def thrown_switches(gates: Gates, classes: Iterable[type[Process]], *, viewer: Viewer = CONSOLE) -> list[Switch]:
    """Return the switches that hold now, by key.

    Args:
        gates: The switches, as they stand now.
        classes: The classes that are known here: they know which commands and channels are theirs.
        viewer: Who asks; who sees some processes only is shown what holds these.

    Returns:
        The switches.
    """
    found = sorted(gates.switches.values(), key=lambda switch: switch.key)
    if viewer.kinds is None:
        return found
    theirs = [cls for cls in classes if cls.name in viewer.kinds]
    concerned = {word for cls in theirs for word in (cls.channel, *keys(cls).values())}
    return [each for each in found if each.key in {*concerned, *viewer.kinds, EVERYTHING, ENGINE}]
