"""One function for each thing a person or a program may do to processes; each joins the caller's transaction.

That must be READ COMMITTED, as those of `Database.begin` and `Database.run` are: UnfitTransaction else.
"""

from process_manager.operations.act import Act, abandon, rerun, restart
from process_manager.operations.may_run import require_runnable
from process_manager.operations.refusals import behind
from process_manager.operations.request import Start
from process_manager.operations.resolve import resolve
from process_manager.operations.start import Started, is_one_statement, start, start_each, start_held, start_many

__all__ = [
    "Act",
    "Start",
    "Started",
    "abandon",
    "behind",
    "is_one_statement",
    "require_runnable",
    "rerun",
    "resolve",
    "restart",
    "start",
    "start_each",
    "start_held",
    "start_many",
]
