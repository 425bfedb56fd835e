"""What a reader may do to a process: what its status allows, each with its effect, and why not where they may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import Forbidden
from process_manager.governance import permissions
from process_manager.inspection import ProcessPage
from process_manager.inspection.process_page import MOST_RELATED
from process_manager.inspection.step_line import StepLine
from process_manager.lifecycle.status import CLOSED, OPEN, Status, triggers
from process_manager.message import Message, numbered


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that the status of a process allows.

    Attributes:
        way: The end of its address.
        act: Its name in the table of acts and roles.
        name: What it is called.
        effect: What it does, in a sentence.
        button: What its button says.
        forbidden: Why the reader may not do it; empty where they may.
        asks_reason: Whether it asks for a reason.
        steps: The steps to choose from.
        is_grave: Whether it cannot be taken back.
        asks_of_children: Whether it asks what becomes of the children that are open.
        starts: Whether it starts another process, which is to be started once however often its form is sent.
    """

    way: str
    act: str
    name: str
    effect: str
    button: str
    forbidden: str = ""
    asks_reason: bool = True
    steps: tuple[StepLine, ...] = ()
    is_grave: bool = False
    asks_of_children: bool = False
    starts: bool = False


def offers(page: ProcessPage, actor: Actor, registry: Registry) -> list[Offer]:
    """Return what may be done to a process as it stands, the most usual first.

    Args:
        page: The process.
        actor: Who reads the page.
        registry: The classes that are known here.
    """
    found = [make(page, registry) for make in _MAKERS]
    return [_weighed(each, actor, page.process.name) for each in found if each is not None]


def forbidden(act: str, actor: Actor, kind: str | None) -> str:
    """Return why somebody may not do an act to processes of this name; nothing where they may; None: to any."""
    try:
        permissions.require(actor, act, kind or next(iter(sorted(actor.kinds or ())), None))
    except Forbidden:
        return Message(
            "Your role, %(role)s, cannot %(act)s.", role=permissions.ROLES[actor.role], act=permissions.ACTS[act].words
        )
    return ""


def forbidden_to_all(act: str, actor: Actor) -> str:
    """Return why somebody may not do an act that concerns every kind; nothing where they may."""
    if why := forbidden(act, actor, None):
        return why
    try:
        permissions.require(actor, act)
    except Forbidden:
        return Message("You see some kinds only, and this is about all of them.")
    return ""


def _weighed(offer: Offer, actor: Actor, kind: str) -> Offer:
    return replace(offer, forbidden=forbidden(offer.act, actor, kind))


def _restart(page: ProcessPage, _registry: Registry) -> Offer | None:
    if not _may_restart(page):
        return None
    number = _number(page)
    attempts = next((each.attempts for each in page.steps if each.name == page.process.step), None)
    facts = {"step": number, "round": page.process.round + 1}
    effect = Message("Step %(step)s runs again with new attempts, in round %(round)s. The history is kept.", **facts)
    if attempts:
        effect = numbered(
            "Step %(step)s runs again with one new attempt, in round %(round)s. The history is kept.",
            "Step %(step)s runs again with %(number)s new attempts, in round %(round)s. The history is kept.",
            attempts,
            **facts,
        )
    name = Message("Restart step %(step)s", step=number)
    return Offer("restart", "restart", name, effect, name)


def _run_now(page: ProcessPage, _registry: Registry) -> Offer | None:
    if page.process.status != Status.WAITING or _waits_for_another(page):
        return None
    effect = Message("Runs it now, whatever moment it waits for. What is switched off or quiet still holds it.")
    name = Message("Run now")
    return Offer("run-now", "run-now", name, effect, name, asks_reason=False)


def _check_again(page: ProcessPage, registry: Registry) -> Offer | None:
    process = page.process
    cls = registry.get(process.name, process.version)
    planned = () if cls is None else cls.plan
    has_check = any(each.name == process.step and each.verify is not None for each in planned)
    if process.status != Status.UNCERTAIN or not has_check:
        return None
    effect = Message("Asks the outside system whether it happened, and goes on by the answer.")
    name = Message("Check again now")
    return Offer("check-again", "run-now", name, effect, name, asks_reason=False)


def _restart_earlier(page: ProcessPage, _registry: Registry) -> Offer | None:
    earlier = tuple(each for each in page.steps if each.place == "done")
    is_possible = _may_restart(page) and page.knows_steps and page.process.doubtful_since is None
    if not (earlier and is_possible):
        return None
    effect = Message("Runs that step and all later steps again.")
    name, button = Message("Restart from an earlier step…"), Message("Restart from this step")
    return Offer("restart-from", "restart", name, effect, button, steps=earlier)


def _skip(page: ProcessPage, _registry: Registry) -> Offer | None:
    process = page.process
    is_rejected = process.status == Status.REJECTED
    is_possible = "skip-step" in triggers(process.status) and _is_settled(page) and not _waits_for_another(page)
    if is_rejected or not is_possible:
        return None
    following = next((each for each in page.steps if each.place == "todo"), None)
    number = _number(page)
    effect = Message("Ends it as if step %(step)s were done. Nothing is sent.", step=number)
    if following:
        effect = Message(
            "Continues with step %(next)s as if step %(step)s were done. Nothing is sent.",
            next=following.number,
            step=number,
        )
    name, button = Message("Skip step %(step)s…", step=number), Message("Skip step %(step)s", step=number)
    return Offer("skip-step", "skip-step", name, effect, button)


def _edit(page: ProcessPage, _registry: Registry) -> Offer | None:
    if "edit-payload" not in triggers(page.process.status) or not _is_settled(page):
        return None
    effect = Message("Shows you the changes first, then starts a new round. The process stays where it stands.")
    name, button = Message("Edit details…"), Message("Show changes")
    return Offer("edit-payload", "edit-payload", name, effect, button, asks_reason=False)


def _is_settled(page: ProcessPage) -> bool:
    """Return whether its class is known here, and no step of it is in doubt."""
    return page.knows_steps and page.process.doubtful_since is None


def _reveal(page: ProcessPage, _registry: Registry) -> Offer | None:
    if not page.is_masked:
        return None
    effect = Message("Shows what is masked, once. The audit keeps who looked, and why.")
    return Offer("reveal", "reveal", Message("Show personal fields…"), effect, Message("Show them once"))


def _stop(page: ProcessPage, _registry: Registry) -> Offer | None:
    if page.process.status != Status.RUNNING or page.process.stop_requested_at is not None:
        return None
    effect = Message("Asks it to stop. It ends at its next safe point; nothing is undone outside.")
    return Offer("cancel", "cancel", Message("Stop…"), effect, Message("Ask it to stop"))


def _abandon(page: ProcessPage, _registry: Registry) -> Offer | None:
    if "abandon" not in triggers(page.process.status):
        return None
    behind = next((each for each in page.relatives if each.how == "behind"), None)
    effect = Message("Ends it permanently. Nothing is undone outside.")
    if behind is not None:
        after = behind.reference or Message("Process %(id)s", id=behind.id)
        effect = Message("Ends it permanently. Nothing is undone outside. %(process)s runs next.", process=after)
    name, button = Message("Abandon…"), Message("Abandon permanently")
    theirs = [each for each in page.relatives if each.how == "child"]  # the first of them
    asks = any(each.status in OPEN for each in theirs) or len(theirs) >= MOST_RELATED
    return Offer("abandon", "abandon", name, effect, button, is_grave=True, asks_of_children=asks)


def _rerun(page: ProcessPage, registry: Registry) -> Offer | None:
    known = any(cls.name == page.process.name for cls in registry)
    if page.process.status not in CLOSED or not known:
        return None
    effect = Message("Starts a new process with the same details, linked to this one. This one stays as it is.")
    name = Message("Run again")
    return Offer("rerun", "rerun", name, effect, name, asks_reason=False, starts=True)


def _may_restart(page: ProcessPage) -> bool:
    """Return whether it may be restarted as it stands: one that waits for its lane may not."""
    return "restart" in triggers(page.process.status) and not _waits_for_another(page)


def _waits_for_another(page: ProcessPage) -> bool:
    return page.process.status == Status.WAITING and page.process.due_at is None


def _number(page: ProcessPage) -> str:
    return next((str(each.number) for each in page.steps if each.place == "now"), "") or str(page.process.step)


_MAKERS: Final[Sequence[Callable[[ProcessPage, Registry], Offer | None]]] = (
    _restart,
    _rerun,
    _run_now,
    _check_again,
    _restart_earlier,
    _skip,
    _edit,
    _stop,
    _abandon,
    _reveal,
)
