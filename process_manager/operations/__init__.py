"""One function for each thing a person or a program may do to processes; each joins the caller's transaction.

That must be READ COMMITTED, as those of `Database.begin` and `Database.run` are: UnfitTransaction else.
"""

from process_manager.lifecycle.payload_edit import PayloadChange, PayloadEdit
from process_manager.operations.abandon import abandon
from process_manager.operations.act import Act
from process_manager.operations.cancel import cancel
from process_manager.operations.commands import run_command, unlock
from process_manager.operations.drain import drain
from process_manager.operations.edit_payload import edit_payload
from process_manager.operations.limits import change_limit
from process_manager.operations.refusals import behind
from process_manager.operations.request import Start
from process_manager.operations.require_runnable import require_runnable
from process_manager.operations.rerun import rerun
from process_manager.operations.resolve import resolve
from process_manager.operations.restart import restart
from process_manager.operations.run_now import run_now
from process_manager.operations.signal import Signalled, signal, withdraw
from process_manager.operations.skip_step import skip_step
from process_manager.operations.start import Started, is_one_statement, start, start_each, start_held, start_many
from process_manager.operations.switches import disable, enable, enable_here
from process_manager.operations.tasks import TakenAnswer, answer_task, claim_task, reassign_task, release_task

__all__ = [
    "Act",
    "PayloadChange",
    "PayloadEdit",
    "Signalled",
    "Start",
    "Started",
    "TakenAnswer",
    "abandon",
    "answer_task",
    "behind",
    "cancel",
    "change_limit",
    "claim_task",
    "disable",
    "drain",
    "edit_payload",
    "enable",
    "enable_here",
    "is_one_statement",
    "reassign_task",
    "release_task",
    "require_runnable",
    "rerun",
    "resolve",
    "restart",
    "run_command",
    "run_now",
    "signal",
    "skip_step",
    "start",
    "start_each",
    "start_held",
    "start_many",
    "unlock",
    "withdraw",
]
