"""What is personal or secret in an answer to a task: fields of its form, and what the process itself marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from process_manager import serialization
from process_manager.definition import markers
from process_manager.definition.markers import Marks, Path

if TYPE_CHECKING:
    import sqlalchemy as sa

Values = Mapping[str, Any]


class AnswerMarks(NamedTuple):
    """What is kept with a task, because whoever shows an answer may know neither the form nor the class."""

    answer: frozenset[Path] = frozenset()
    payload: frozenset[Path] = frozenset()
    keys: frozenset[str] = frozenset()

    def stored(self) -> str:
        """Return it as JSON."""
        paths = {name: sorted(map(list, getattr(self, name))) for name in ("answer", "payload")}
        return serialization.dumps({**paths, "keys": sorted(self.keys)})

    def masked(self, answer: Values, process: sa.RowMapping) -> Values:
        """Return an answer with a mask for what its form marks, and for what the process, given as its row, marks."""
        of_process = Marks(self.payload, self.keys)
        keys = {name: process[name] for name in ("reference", "order_key")}
        hidden = markers.hidden(process["payload"] or process["parameters"] or "{}", keys, of_process)
        return cast(Values, hidden.value(markers.masking([answer], self.answer)(answer)))


def of_step(form: frozenset[Path], process: Marks | None) -> AnswerMarks:
    """Return what is marked where a step of a process asks for a form."""
    marks = process or markers.NOTHING
    return AnswerMarks(form, marks.paths, marks.keys)


def read(text: str) -> AnswerMarks:
    """Return what is marked in an answer, from what is stored of it."""
    found = serialization.loads(text)
    answer, payload = (frozenset(map(tuple, found[name])) for name in ("answer", "payload"))
    return AnswerMarks(answer, payload, frozenset(found["keys"]))
