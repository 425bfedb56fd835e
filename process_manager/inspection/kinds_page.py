"""Kinds and versions: can all that is open be run, and what would this code do to it, were it deployed?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.inspection.code_availability import CodeAvailability, waits_for
from process_manager.inspection.command_cards import said_by
from process_manager.inspection.step_line import purpose
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import kinds as store
from process_manager.store.workers import Known

Pair = tuple[str, int]
Standing = Literal["used", "newest", "empty", "stranded", "partly"]
Fate = Literal["stranded", "moves", "continues"]

MOST: Final = store.MOST


@dataclass(frozen=True, slots=True)
class KindStep:
    """A step of a kind: its name, what it does, how it may be repeated, and how many stand there, up to a limit."""

    name: str
    says: str
    effect: str
    here: int


@dataclass(frozen=True, slots=True)
class KindVersion:
    """A version of a kind.

    Attributes:
        version: Its number.
        is_known: Whether it is known here.
        workers: The living workers that can run it.
        due: How many are due.
        waiting: How many wait.
        running: How many run.
        person: How many need a person.
        oldest: When the oldest that is open was started.
        standing: `used`, or `stranded` where nobody can run any that is to run, `partly` where nobody can run some;
            `newest` and `empty` have none open, and `empty` is an old one.
        stranded: How many rest at a step that nobody can run.
        stranded_at: Those steps.
    """

    version: int
    is_known: bool
    workers: tuple[str, ...]
    due: int
    waiting: int
    running: int
    person: int
    oldest: datetime | None
    standing: Standing
    stranded: int
    stranded_at: tuple[str, ...]

    @property
    def open(self) -> int:
        """How many have not ended."""
        return self.due + self.waiting + self.running + self.person


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of processes: its steps as its newest version has them, and its versions, the newest first."""

    name: str
    label: str
    says: str
    steps: tuple[KindStep, ...]
    versions: tuple[KindVersion, ...]


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the code that is known here would do to a version with open processes.

    Attributes:
        name: The name of the kind.
        version: The version.
        open: How many have not ended.
        oldest: When the oldest of them was started.
        fate: `continues` with this version, `moves` to another by an upgrade, or `stranded`: some cannot go on.
        becomes: The version with which they go on by an upgrade.
        stranded: How many cannot go on.
        steps: The steps at which those stand.
        is_known: Whether this code has the version, or an upgrade from it.
    """

    name: str
    version: int
    open: int
    oldest: datetime | None
    fate: Fate
    becomes: int | None
    stranded: int
    steps: tuple[str, ...]
    is_known: bool


@dataclass(frozen=True, slots=True)
class KindsPage:
    """Kinds and versions.

    Attributes:
        kinds: Every kind that is known here, or of which anything is open.
        deployments: What the code here would do to what is open: what would be stranded first.
        is_deployed: Whether every living worker has this code, as far as its versions and steps go.
    """

    kinds: tuple[Kind, ...]
    deployments: tuple[Deployment, ...]
    is_deployed: bool


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where processes of a version stand: resting with a moment, in a lane, with a worker, or with a person."""

    what: str
    step: str
    channel: str
    number: int
    oldest: datetime


def kinds_page(
    connection: sa.Connection, *, around: Surroundings, registry: Registry, viewer: Viewer = CONSOLE
) -> KindsPage:
    """Return the kinds and versions, and what the code that is known here would do to what is open.

    Args:
        connection: A connection in any transaction.
        around: What surrounds the processes, from `look_around`.
        registry: The classes that are known here.
        viewer: Who asks.

    Returns:
        The versions with open processes, and each kind, as the page of kinds shows them.
    """
    resting = {
        (row["name"], row["version"]): (int(row["number"]), int(row["due"]))
        for row in store.resting(connection, now=around.now, kinds=viewer.kinds)
    }
    stands: defaultdict[Pair, list[_Stand]] = defaultdict(list)
    for row in (*store.resting_steps(connection, list(resting)), *store.elsewhere(connection, kinds=viewer.kinds)):
        stand = _Stand(row["what"], row["step"], row["channel"], row["number"], row["oldest"])
        stands[row["name"], row["version"]].append(stand)
    known = {pair for pair in registry.pairs() if viewer.kinds is None or pair[0] in viewer.kinds}
    run = {(name, version) for each in around.workers for name, version, _ in each.knows}
    versions = {
        pair: _version(pair, resting.get(pair, (0, 0)), stands[pair], around, registry)
        for pair in sorted({*known, *run, *resting, *stands})
    }
    return KindsPage(
        kinds=tuple(_kind(name, versions, stands, registry) for name in sorted({name for name, _ in versions})),
        deployments=_deployments(versions, stands, registry),
        is_deployed=_is_deployed(around, registry, viewer),
    )


def _version(
    pair: Pair, resting: tuple[int, int], stands: Sequence[_Stand], around: Surroundings, registry: Registry
) -> KindVersion:
    name, version = pair
    number, due = resting
    lost = _stranded(pair, stands, around, registry)
    counted = {what: sum(each.number for each in stands if each.what == what) for what in ("lane", "running", "person")}
    some = number + sum(counted.values())
    to_run = {each.step for each in stands if each.what in ("resting", "lane")}
    newest = max((each for of, each in registry.pairs() if of == name), default=version)
    standing: Standing = "newest" if version >= newest else "empty"
    if some:
        standing = "used" if not lost else "partly" if to_run - {each.step for each in lost} else "stranded"
    return KindVersion(
        version=version,
        is_known=registry.get(name, version) is not None,
        workers=tuple(each.name for each in around.workers if any(pair == known[:2] for known in each.knows)),
        due=due,
        waiting=number - due + counted["lane"],
        running=counted["running"],
        person=counted["person"],
        oldest=min((each.oldest for each in stands), default=None),
        standing=standing,
        stranded=sum(each.number for each in lost),
        stranded_at=tuple(sorted({each.step for each in lost})),
    )


def _stranded(pair: Pair, stands: Iterable[_Stand], around: Surroundings, registry: Registry) -> list[_Stand]:
    """Return what rests at a step that no living worker can run; where none lives, that this code cannot."""
    here = registry.runnable()
    return [
        each
        for each in stands
        if each.what in ("resting", "lane")
        and waits_for(CodeAvailability(*pair, each.step, each.channel), around.workers, here) is not None
    ]


def _kind(
    name: str, versions: Mapping[Pair, KindVersion], stands: Mapping[Pair, Sequence[_Stand]], registry: Registry
) -> Kind:
    own = [each for pair, each in sorted(versions.items(), reverse=True) if pair[0] == name]
    cls = next((found for each in own if (found := registry.get(name, each.version)) is not None), None)
    at: defaultdict[str, int] = defaultdict(int)
    for each in own:
        for stand in stands.get((name, each.version), ()):
            at[stand.step] += stand.number
    return Kind(
        name=name,
        label=(cls.label or "") if cls else "",
        says=said_by(cls) if cls else "",
        steps=_steps(cls, at),
        versions=tuple(own),
    )


def _steps(cls: type[Process] | None, at: Mapping[str, int]) -> tuple[KindStep, ...]:
    """Return the steps of a class, then those at which processes of other versions stand."""
    planned = cls.plan if cls else ()
    own = [KindStep(each.name, purpose(each), each.effect, at.get(each.name, 0)) for each in planned]
    others = sorted(set(at) - {each.name for each in own})
    return tuple(own + [KindStep(each, "", "", at[each]) for each in others])


def _deployments(
    versions: Mapping[Pair, KindVersion], stands: Mapping[Pair, Sequence[_Stand]], registry: Registry
) -> tuple[Deployment, ...]:
    runnable: dict[Pair, Sequence[str]] = {(name, version): steps for name, version, steps in registry.runnable()}
    found = [
        _deployment(pair, each, stands.get(pair, ()), runnable.get(pair), registry)
        for pair, each in versions.items()
        if each.open
    ]
    return tuple(sorted(found, key=lambda each: (_FATES.index(each.fate), each.name, each.version)))


def _deployment(
    pair: Pair,
    version: KindVersion,
    stands: Sequence[_Stand],
    steps: Sequence[str] | None,
    registry: Registry,
) -> Deployment:
    lost = [each for each in stands if steps is None or each.step not in steps]
    last = registry.last(*pair)
    becomes = last.version if last is not None and last.version != pair[1] else None
    return Deployment(
        name=pair[0],
        version=pair[1],
        open=version.open,
        oldest=version.oldest,
        fate="stranded" if lost else "moves" if becomes else "continues",
        becomes=becomes,
        stranded=sum(each.number for each in lost),
        steps=tuple(sorted({each.step for each in lost})),
        is_known=steps is not None,
    )


def _is_deployed(around: Surroundings, registry: Registry, viewer: Viewer) -> bool:
    def seen(known: Iterable[Known]) -> set[Known]:
        return {(name, version, tuple(steps)) for name, version, steps in known if _sees(viewer, name)}

    here = seen(registry.runnable())
    return bool(around.workers) and all(seen(each.knows) == here for each in around.workers)


def _sees(viewer: Viewer, name: str) -> bool:
    return viewer.kinds is None or name in viewer.kinds


_FATES: Final = ("stranded", "moves", "continues")
