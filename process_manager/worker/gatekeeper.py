"""The gates as one worker sees them: what it may claim now, and whether a step may start."""

from __future__ import annotations

import math
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager import clock, logs, time_zone
from process_manager.database import Database
from process_manager.definition.quiet_windows import windows
from process_manager.definition.registry import Registry
from process_manager.errors import ProcessManagerError, SwitchedOff
from process_manager.execution.completion import NotStarted
from process_manager.execution.held_step import HeldStep
from process_manager.gates import quiet, switch_files
from process_manager.gates.gate import Closed, Gates, GateSubject
from process_manager.gates.quiet import Quiet
from process_manager.gates.switches import ENGINE, EVERYTHING, Switch, merged
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.transition import Transition
from process_manager.settings import Settings
from process_manager.store import due, queries
from process_manager.store import switches as store_switches
from process_manager.store.due import ClaimRequest, Range

log = logs.get(__name__)

LATE: Final = 3.0
"""Seconds after the last look that succeeded from which one that fails is one too many: what is thrown is to be seen
within 5, and the next look is 2 away."""

PROMISE: Final = 5.0
"""Seconds, besides those of one call on the database, after which no step starts while a look gives no answer."""

MOST_CHANNELS: Final = 100
"""Of so many a claim asks one by one while a switch is thrown; of more it reads what a closed one holds, too."""

RUNS: Final = 20
"""How many runs of a step say how long it takes, where its author does not."""


class OpenPeriod(NamedTuple):
    """From when to when no window keeps a step from starting, unless a run of it takes longer than any known before."""

    since: datetime
    until: datetime
    longest: timedelta


class Gatekeeper:
    """Reads the switches, and knows the windows and how long steps take. Asked by several threads, changed by one."""

    def __init__(self, database: Database, registry: Registry, settings: Settings, channels: tuple[str, ...]) -> None:
        self._database = database
        self._registry = registry
        self._folder = settings.locks_folder
        self._channels = tuple(dict.fromkeys(channels))
        self._declared = frozenset(cls.channel for cls in registry)
        self._filled: frozenset[str] | None = None  # in which anything rests, read while any key is disabled
        self._ranges = tuple(Range(*each) for each in registry.runnable())
        self._quiet = windows(registry, settings)
        self._durations: dict[tuple[str, int, str], deque[timedelta]] = {}
        self._files: list[Switch] = []
        self._fleet: list[Switch] = []
        self._blind: list[Switch] = []  # what stands for the switches that could not be read
        self._call = settings.lease.total_seconds() / 4  # seconds that a call on the database may take
        self._looked = time.monotonic()  # when a look began that succeeded
        self._knows_until = math.inf  # by the same clock
        self._gates = Gates()
        self._warned: set[tuple[str, int, str]] = set()
        self._sure: dict[tuple[str, int, str], OpenPeriod] = {}

    def look(self) -> None:
        """Read the switches of this host and of the fleet; when that cannot be done for too long, no step starts."""
        began = time.monotonic()
        self._files = switch_files.thrown(self._folder)
        self._merge()  # a file is obeyed even while the database is away
        try:
            with self._database.read() as connection:
                self._fleet = store_switches.thrown(connection)
                self._filled = self._find_filled(connection)
        except (ProcessManagerError, sa.exc.SQLAlchemyError):
            if time.monotonic() - self._looked >= LATE:
                self._go_blind()
            raise
        self._see(began)

    def _find_filled(self, connection: sa.Connection) -> frozenset[str] | None:
        """Return the channels in which anything rests; None when no switch can close one, or there are too many."""
        if self._channels or not (self._files or self._fleet):
            return None
        found = due.channels(connection, self.everything(), most=MOST_CHANNELS)
        return None if found is None else frozenset(found)

    def finds_channels(self, connection: sa.Connection) -> bool:
        """Look again in which channels anything rests, and return whether there are more than were known."""
        before = self._filled
        if before is None:
            return False
        self._filled = self._find_filled(connection)
        return self._filled is None or not self._filled <= before

    def _see(self, began: float) -> None:
        blind, self._blind = self._blind, []
        if blind:
            log.warning("switches.known", unknown_for_seconds=round(began - self._looked, 1))
        self._looked, self._knows_until = began, began + PROMISE + self._call
        self._merge()

    def _go_blind(self) -> None:
        """Close every gate until the switches are read: nobody knows what was disabled meanwhile."""
        if self._blind:
            return
        seconds = round(time.monotonic() - self._looked, 1)
        reason = f"the switches could not be read for {seconds} s, so nobody knows what is disabled"
        self._blind = [Switch(EVERYTHING, reason, by="this worker", since=clock.now())]
        self._merge()
        log.warning("switches.unknown", for_seconds=seconds, starts="nothing until they are read")

    def _merge(self) -> None:
        self._gates = Gates(merged([*self._files, *self._fleet, *self._blind], clock.now()))

    def learn(self, transition: Transition) -> None:
        """Take note of how long the steps took that are recorded as done."""
        for entry in transition.entries:
            if entry.outcome == "done":
                self.took(transition.claim, entry.finished_at - entry.started_at)

    def took(self, claim: Claim, duration: timedelta) -> None:
        """Take note of how long a step took."""
        step = (claim.name, claim.version, claim.step)
        known, sure = self._durations.get(step), self._sure.get(step)
        if known is not None:
            known.append(duration)
        if sure is not None and duration > sure.longest:
            self._sure.pop(step, None)

    def claim_request(self, now: datetime) -> ClaimRequest:
        """Return what this worker may claim now: nothing that is disabled or in a quiet window."""
        if time.monotonic() >= self._knows_until:
            self._go_blind()
        switches = {key: switch for key, switch in self._gates.switches.items() if switch.holds(now)}
        if EVERYTHING in switches or ENGINE in switches:
            return ClaimRequest(())
        ranges = tuple(each for each in self._ranges if self._closed(each, now) is None)
        return self._without(ClaimRequest(ranges, self._channels), off=tuple(sorted(switches)))

    def _without(self, request: ClaimRequest, *, off: tuple[str, ...]) -> ClaimRequest:
        """Return what is left without disabled keys: by the channels that are open, where a closed one holds anything.

        What rests in a closed channel would be read anew by every claim. What comes into a channel that nobody declares
        and that held nothing is taken after the next look.
        """
        filled = self._filled or frozenset()
        among = self._channels or (() if filled.isdisjoint(off) else sorted(filled | self._declared))
        if not among:
            return replace(request, excluded_channels=off, excluded_keys=off)
        open_ = tuple(each for each in among if each not in off)
        return replace(request, channels=open_, excluded_keys=off) if open_ else ClaimRequest(())

    def everything(self) -> ClaimRequest:
        """Return what this worker would claim if every gate were open."""
        return ClaimRequest(self._ranges, self._channels)

    def holds_all(self, connection: sa.Connection) -> bool:
        """Return whether something is due, and all that is due is behind a closed gate."""
        now = clock.now()
        first = due.next_due(connection, self.everything())
        open_ = due.next_due(connection, self.claim_request(now))
        return first is not None and first <= now and (open_ is None or open_ > now)

    def quiet_of(self, name: str, version: int) -> Quiet:
        """Return the quiet windows of a process."""
        return self._quiet.get((name, version), quiet.NONE)

    def refuses(self, held: HeldStep) -> NotStarted | None:
        """Return why the step may not start now, and until when if that is known; None when it may."""
        now = clock.now()
        claim = held.claim
        sure = self._sure.get((claim.name, claim.version, claim.step))
        if sure is not None and sure.since <= now < sure.until and not self._gates.switches:
            return None  # mostly, and every step asks
        refusal = NotStarted(held) if self.closed(claim) is not None else self._too_long(held, now)
        if refusal is None:
            found = self._reckoned(held, now)
            sure = found._replace(until=min(found.until, self._blind_at(now)))
            self._sure[claim.name, claim.version, claim.step] = sure
        return refusal

    def _reckoned(self, held: HeldStep, now: datetime) -> OpenPeriod:
        """Return for how long no known window or duration keeps the step from starting."""
        windows = self.quiet_of(held.claim.name, held.claim.version)
        closing = windows.open_until(now) or now
        if not windows.rules:
            return OpenPeriod(now, closing, timedelta.max)
        if held.planned.expected is not None:
            return OpenPeriod(now, now + max(closing - now - held.planned.expected, timedelta(0)), timedelta.max)
        longest = max(self._took(held.claim), default=timedelta(0))
        return OpenPeriod(now, closing - longest, longest)

    def _blind_at(self, now: datetime) -> datetime:
        """Return when nobody would know any more how the switches are, if no look gave an answer from now on."""
        left = self._knows_until - time.monotonic()
        return now + timedelta(seconds=min(left, 3600.0))

    def require_open(self, held: HeldStep) -> None:
        """Raise SwitchedOff, with the reason and the moment, unless the step may start now."""
        what, zone = f"Process {held.claim.id}", self.quiet_of(held.claim.name, held.claim.version).zone.key
        if (closed := self.closed(held.claim)) is not None:
            hint = "Wait for that to end; `process-manager enable KEY` enables what is disabled."
            raise SwitchedOff(what=what, why=closed.reason(zone), hint=hint)
        refusal = self._too_long(held, clock.now())
        if refusal is not None and refusal.until is not None:
            why = "its step would not be over before the next quiet window"
            at = time_zone.told(refusal.until, zone, time_zone.TO_THE_MINUTE)
            raise SwitchedOff(what=what, why=why, hint=f"There is time for it from {at}.")

    def step_behind(self, claim: Claim) -> str | None:
        """Return the first step of the next process of a lane; None when it may not start, or is to be upgraded."""
        code = self._registry.step(claim.name, claim.version, claim.step)
        goes_on = not self._registry.hops(claim.name, claim.version) and self.closed(claim) is None
        if code is None or not goes_on:
            return None
        first = code[0].plan[0].name
        return None if first in code[0].pools else first

    def closed(self, claim: Claim) -> Closed | None:
        """Return the first gate that is closed to this process now."""
        if time.monotonic() >= self._knows_until:
            self._go_blind()
        place = GateSubject(claim.name, claim.channel, claim.command_key)
        return self._gates.closed(place, self.quiet_of(claim.name, claim.version), clock.now())

    def _closed(self, each: Range, now: datetime) -> Closed | None:
        return self._gates.closed(GateSubject(each.name), self.quiet_of(each.name, each.version), now)

    def _too_long(self, held: HeldStep, now: datetime) -> NotStarted | None:
        claim = held.claim
        windows = self.quiet_of(claim.name, claim.version)
        needed = self._expected(held, windows, now) if windows.rules else None
        if needed is None:
            return None
        ready = claim.ready_at or claim.step_started_at
        start, warn = windows.start_for(now, needed, ready=ready)
        if warn:
            self._warn(claim, needed)
        return NotStarted(held, until=start) if start > now else None

    def _expected(self, held: HeldStep, windows: Quiet, now: datetime) -> timedelta | None:
        """Return how long the step will take, declared or the median of its last runs; None if it does not matter."""
        if held.planned.expected is not None:
            return held.planned.expected
        took = self._took(held.claim)
        if len(took) < RUNS or windows.start_for(now, max(took)) == (now, False):
            return None  # too few, or even the longest would be over in time
        return sorted(took)[len(took) // 2]

    def _took(self, claim: Claim) -> deque[timedelta]:
        """Return the durations of the step's last runs, read from the history when they are first asked for."""
        step = (claim.name, claim.version, claim.step)
        if step not in self._durations:
            found: list[timedelta] = []
            with suppress(ProcessManagerError, sa.exc.SQLAlchemyError), self._database.read() as connection:
                found = queries.durations(connection, *step, most=RUNS)
            self._durations[step] = deque(reversed(found), maxlen=RUNS)
        return self._durations[step]

    def _warn(self, claim: Claim, needed: timedelta) -> None:
        step = (claim.name, claim.version, claim.step)
        if step not in self._warned:
            self._warned.add(step)
            log.warning("step.longer_than_any_open_period", name=claim.name, step=claim.step, expected=str(needed))
