"""What hypothesis draws for the model of the lifecycle: answers, moments, starts."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from rig import NOON
from scripted_processes import CLASSES

from process_manager import BusinessError, Done, Reject, Retry, Skip, Wait

SECONDS = st.sampled_from([1, 5, 30, 60, 61, 91, 200, 400])
GOOD = st.builds(lambda number: Done("ok", {"k": number}), st.integers(0, 9))
ANSWERS = st.one_of(
    GOOD,
    GOOD,
    GOOD,
    GOOD,  # as often as all others together: they would not let a process get far
    st.sampled_from([Done("ok"), Done("far", goto="c"), Done("back", goto="a"), Done("bad", {"x": float("nan")})]),
    st.sampled_from([Skip("none"), Reject("no"), BusinessError("no"), ValueError("oh"), SystemExit(3), "maybe"]),
    st.sampled_from([Retry("down"), Retry("down", after=timedelta(0)), Retry("down", after=timedelta(minutes=9))]),
    st.sampled_from([Wait(event="e"), Wait(event="f"), Wait(event="e", after=timedelta(seconds=40))]),
    st.sampled_from([Wait("rest", after=timedelta(seconds=40)), Wait("until", until=NOON + timedelta(minutes=2))]),
)
VERIFIED = st.sampled_from(
    [Done(""), Done("it did", {"v": 1}), Retry("no"), Retry("no"), None, Wait("ask later", after=timedelta(seconds=7)),
     Wait(event="e"), KeyError("who"), "maybe"],
)  # fmt: skip
ANSWERED = st.tuples(ANSWERS, VERIFIED, st.booleans())
GOING_WELL = st.tuples(GOOD, VERIFIED, st.booleans())
SEATED_WELL = st.tuples(st.just(Done("ok")), st.none(), st.just(False))
PAUSES = st.sampled_from([0, 1, 61, 92])
PICK = st.integers(0, 40)
EVENTS = st.sampled_from(["e", "f"])
SWITCHES = st.sampled_from(["flow", "plain", "default", "all-commands"])
STARTS = st.tuples(
    st.sampled_from([*CLASSES]), st.sampled_from(["p", "q", None, None]), st.sampled_from([None, "k", "l"]),
    st.sampled_from([None, None, None, -10, 50]),
)  # fmt: skip
