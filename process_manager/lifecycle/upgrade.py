"""How a live process of an older version goes on with a newer one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from process_manager import serialization
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Transition


@dataclass(frozen=True, slots=True)
class Upgrade:
    """How a live process of an older version goes on with this one.

    A step that is not named keeps its name; one that this version does not have makes the process wait.

    Attributes:
        steps: The new name of each step that was renamed, by the old one.
        payload: A function that returns the new payload from the old one; None to keep it.
    """

    steps: Mapping[str, str] = field(default_factory=dict)
    payload: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None


def upgraded(claim: Claim, now: datetime, hops: Sequence[tuple[int, Upgrade]]) -> Transition:
    """Move a process to the newest version, version by version; whatever a conversion raises passes.

    Each of `hops` is a newer version, and how an older one goes on with it.
    A renamed step keeps its idempotency key: what it may have done under the old name, it did.
    """
    step, version, payload, entries = claim.step, claim.version, serialization.loads(claim.payload), []
    for newer, upgrade in hops:
        following = upgrade.steps.get(step, step)
        message = f"Version {version}, step {step!r}, goes on with version {newer}, step {following!r}."
        entries.append(HistoryEntry(following, claim.attempts, "upgrade", message, now, now))
        payload = _converted(upgrade, payload)
        step, version = following, newer
    state = ProcessState(
        move("running", "advance"),
        step,
        claim.attempts,
        attempts_since=claim.attempts_since,
        crashes=claim.crashes,
        own_crashes=claim.own_crashes,
        doubtful_since=claim.doubtful_since,
        payload=serialization.dumps(payload),
        version=version,
        reruns=None if step == claim.step else _under_its_old_key(claim, step),
    )
    return Transition(claim, state, tuple(entries), now)


def _converted(upgrade: Upgrade, payload: dict[str, Any]) -> dict[str, Any]:
    converted: object = payload if upgrade.payload is None else upgrade.payload(payload)
    if not isinstance(converted, Mapping):
        raise TypeError(f"the conversion answered {serialization.kind(converted)}, not a mapping: return the payload")
    return dict(converted)


def _under_its_old_key(claim: Claim, step: str) -> str:
    before = serialization.loads(claim.reruns) if claim.reruns else {}
    again = before.get(claim.step, 0)
    return serialization.dumps({**before, step: again if isinstance(again, str) else f"{claim.step}/{again}"})
