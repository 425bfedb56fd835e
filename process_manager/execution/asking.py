"""What a step asks a person, completed by what its process is: marks, and moments in the office's calendar."""

from __future__ import annotations

from process_manager import serialization
from process_manager.definition import declared_marks
from process_manager.gates.quiet import Quiet
from process_manager.lifecycle.asking import form_at
from process_manager.lifecycle.new_task import NewTask
from process_manager.lifecycle.transition import Transition
from process_manager.schedules import workdays


def completed(transition: Transition, windows: Quiet) -> Transition:
    """Return the transition; its task is due, and reminded of, at moments of the office that the windows tell of."""
    asked = transition.coordination
    if asked is None or asked.task is None:
        return transition
    office = workdays.working_time_of(windows)
    task = asked.task._replace(
        marks=_marks(asked.task),
        zone=office.zone.key,
        holidays=office.holidays,
        due_at=workdays.after(office, transition.at, asked.task.due),
        remind_at=workdays.after(office, transition.at, asked.task.remind),
    )
    return transition._replace(coordination=asked._replace(task=task))


def _marks(task: NewTask) -> str:
    """Return what is personal in an answer, as JSON: whoever shows it may not have the form."""
    return serialization.dumps(sorted(map(list, declared_marks.marked_in(form_at(task.form)))))
