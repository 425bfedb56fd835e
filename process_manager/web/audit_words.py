"""What the audit says of each act: what somebody did, and what they tried where they were refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DONE: Final[Mapping[str, str]] = {
    "restart": "restarted %(what)s",
    "run-now": "ran %(what)s at once",
    "rerun": "ran %(what)s again",
    "resolve": "resolved %(what)s",
    "skip-step": "skipped a step of %(what)s",
    "edit-payload": "edited the details of %(what)s",
    "cancel": "asked %(what)s to stop",
    "abandon": "abandoned %(what)s",
    "task-answer": "answered %(what)s",
    "task-claim": "claimed %(what)s",
    "task-release": "released %(what)s",
    "task-reassign": "gave %(what)s to others",
    "signal": "signalled %(what)s",
    "withdraw": "withdrew %(what)s",
    "start-batch": "started a batch: %(what)s",
    "stop-batch": "stopped %(what)s",
    "reveal": "looked at what is masked: %(what)s",
    "unlock": "unlocked %(what)s",
    "disable": "switched off %(what)s",
    "enable": "switched on %(what)s",
    "drain": "drained %(what)s",
    "limit": "changed the limit %(what)s",
    "user-add": "added the user %(what)s",
    "user-disable": "disabled the user %(what)s",
    "user-enable": "let the user %(what)s sign in again",
    "user-role": "gave the user %(what)s a role",
    "user-kinds": "said which kinds the user %(what)s sees",
    "user-groups": "said whose tasks the user %(what)s answers",
    "user-password": "gave the user %(what)s a password",
    "user-sign-out": "signed the user %(what)s out everywhere",
    "own-password": "changed the own password: %(what)s",
    "own-sign-out": "signed out everywhere: %(what)s",
    "shared-view": "saved or deleted the view %(what)s for everybody",
    "token-add": "made a token for %(what)s",
    "token-revoke": "revoked %(what)s",
    "bot-create": "made the bot %(what)s",
    "bot-edit": "edited the bot %(what)s",
    "bot-delete": "deleted the bot %(what)s",
    "schedule-add": "made the schedule %(what)s",
    "schedule-pause": "paused the schedule %(what)s",
    "schedule-resume": "resumed the schedule %(what)s",
    "schedule-run": "ran the schedule %(what)s at once",
    "schedule-remove": "removed the schedule %(what)s",
    "sign-in": "signed in as %(what)s",
}
"""Each act that the chain tells of, done."""

TRIED: Final[Mapping[str, str]] = {
    "restart": "tried to restart %(what)s",
    "run-now": "tried to run %(what)s at once",
    "rerun": "tried to run %(what)s again",
    "resolve": "tried to resolve %(what)s",
    "skip-step": "tried to skip a step of %(what)s",
    "edit-payload": "tried to edit the details of %(what)s",
    "cancel": "tried to stop %(what)s",
    "abandon": "tried to abandon %(what)s",
    "task-answer": "tried to answer %(what)s",
    "task-claim": "tried to claim %(what)s",
    "task-release": "tried to release %(what)s",
    "task-reassign": "tried to give %(what)s to others",
    "signal": "tried to signal %(what)s",
    "withdraw": "tried to withdraw %(what)s",
    "start-batch": "tried to start a batch: %(what)s",
    "stop-batch": "tried to end %(what)s",
    "reveal": "tried to look at what is masked: %(what)s",
    "unlock": "tried to unlock %(what)s",
    "disable": "tried to switch off %(what)s",
    "enable": "tried to switch on %(what)s",
    "drain": "tried to drain %(what)s",
    "limit": "tried to change the limit %(what)s",
    "user-add": "tried to add the user %(what)s",
    "user-disable": "tried to disable the user %(what)s",
    "user-enable": "tried to let the user %(what)s sign in again",
    "user-role": "tried to give the user %(what)s a role",
    "user-kinds": "tried to say which kinds the user %(what)s sees",
    "user-groups": "tried to say whose tasks the user %(what)s answers",
    "user-password": "tried to give the user %(what)s a password",
    "user-sign-out": "tried to sign the user %(what)s out everywhere",
    "own-password": "tried to change the own password: %(what)s",
    "own-sign-out": "tried to sign out everywhere: %(what)s",
    "shared-view": "tried to save or delete the view %(what)s for everybody",
    "token-add": "tried to make a token for %(what)s",
    "token-revoke": "tried to revoke %(what)s",
    "bot-create": "tried to make the bot %(what)s",
    "bot-edit": "tried to edit the bot %(what)s",
    "bot-delete": "tried to delete the bot %(what)s",
    "schedule-add": "tried to make the schedule %(what)s",
    "schedule-pause": "tried to pause the schedule %(what)s",
    "schedule-resume": "tried to resume the schedule %(what)s",
    "schedule-run": "tried to run the schedule %(what)s at once",
    "schedule-remove": "tried to remove the schedule %(what)s",
    "sign-in": "tried to sign in as %(what)s",
}
"""The same acts, refused."""

OTHER: Final[Mapping[bool, str]] = {True: "did this to %(what)s: %(act)s", False: "tried this on %(what)s: %(act)s"}
"""An act that this version does not know, done or refused."""

LABELS: Final = {"actor": "who", "act": "act", "target": "on", "result": "result", "since": "since"}
"""What each filter is called."""


def sentence(act: str, *, is_done: bool) -> str:
    """Return what a row says of an act, with a place for what it concerned, and for the act where nobody knows it."""
    return (DONE if is_done else TRIED).get(act, OTHER[is_done])
