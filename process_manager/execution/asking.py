"""What a step asks a person, completed by what its process is: marks, and moments in the office's calendar."""

from __future__ import annotations

from process_manager.definition import answer_marks, declared_marks
from process_manager.definition.markers import Marks
from process_manager.gates.quiet import Quiet
from process_manager.lifecycle.asking import form_at
from process_manager.lifecycle.transition import Transition
from process_manager.schedules import workdays


def completed(transition: Transition, windows: Quiet, marks: Marks | None) -> Transition:
    """Return the transition; its task is due, and reminded of, at moments of the office that the windows tell of.

    What is personal is kept with it: the marks of its form, and of the process, which are given.
    """
    asked = transition.coordination
    if asked is None or asked.task is None:
        return transition
    office = workdays.working_time_of(windows)
    task = asked.task._replace(
        marks=answer_marks.of_step(declared_marks.marked_in(form_at(asked.task.form)), marks).stored(),
        zone=office.zone.key,
        holidays=office.holidays,
        due_at=workdays.after(office, transition.at, asked.task.due),
        remind_at=workdays.after(office, transition.at, asked.task.remind),
    )
    return transition._replace(coordination=asked._replace(task=task))
