"""Questions that a person may ask, a function for each; the command line shows the answers."""

from process_manager.inspection.attention import MOST_COUNTED, Attention, Concern, attention, needs_a_person
from process_manager.inspection.batches import Batch, BatchItem, batch, batch_items, batches
from process_manager.inspection.causes import CauseExample, StopCause, StopCauses, causes
from process_manager.inspection.children import ListedChild, children
from process_manager.inspection.code_availability import unknown_here
from process_manager.inspection.command_page import CommandPage, command_page
from process_manager.inspection.commands import CommandStatus, Fault, State, statuses
from process_manager.inspection.counting import count, counts, matching, newest_moment
from process_manager.inspection.events import EventDetail, EventOverview, event, events
from process_manager.inspection.explain import explain
from process_manager.inspection.findings import Finding
from process_manager.inspection.fleet import Version, living, versions
from process_manager.inspection.fleet_page import FleetPage, fleet_page
from process_manager.inspection.kinds_page import Kind, KindsPage, kinds_page
from process_manager.inspection.limits import SeatHolder, SharedLimit, shared_limits
from process_manager.inspection.list_page import ListPage, ListRow, list_page
from process_manager.inspection.log_tail import LogLine, LogTail, logs
from process_manager.inspection.process_files import ProcessFile, process_files, stored_file
from process_manager.inspection.process_page import ProcessPage, Relative, process_page
from process_manager.inspection.processes import (
    Filter,
    Overview,
    Watched,
    get,
    page,
    watched,
)
from process_manager.inspection.quiet_windows import ComingWindow, coming_windows
from process_manager.inspection.report_answers import Report
from process_manager.inspection.reports import (
    report,
    report_days,
    report_durations,
    report_errors,
    report_steps,
)
from process_manager.inspection.schedules import (
    ComingSlot,
    ScheduleView,
    coming_moments,
    coming_slots,
    schedule,
    schedules,
)
from process_manager.inspection.search import MOST_FOUND, found
from process_manager.inspection.sentence import Sentence, sentence
from process_manager.inspection.start_page import ComingStep, StartableKind, StartPage, start_page, startable_kinds
from process_manager.inspection.step_history import History, history
from process_manager.inspection.surroundings import Surroundings, look_around
from process_manager.inspection.tasks import (
    TaskDetail,
    TaskPage,
    TaskView,
    count_tasks,
    task,
    tasks,
    tasks_asked,
    tasks_of,
)
from process_manager.inspection.thrown_switches import thrown_switches
from process_manager.inspection.urgent_first import urgent_first
from process_manager.inspection.viewer import CONSOLE, Viewer, marks_in
from process_manager.store.task_queries import TaskFilter
from process_manager.store.urgency import FIRST, Place, Reach

__all__ = [
    "CONSOLE",
    "FIRST",
    "MOST_COUNTED",
    "MOST_FOUND",
    "Attention",
    "Batch",
    "BatchItem",
    "CauseExample",
    "ComingSlot",
    "ComingStep",
    "ComingWindow",
    "CommandPage",
    "CommandStatus",
    "Concern",
    "EventDetail",
    "EventOverview",
    "Fault",
    "Filter",
    "Finding",
    "FleetPage",
    "History",
    "Kind",
    "KindsPage",
    "ListPage",
    "ListRow",
    "ListedChild",
    "LogLine",
    "LogTail",
    "Overview",
    "Place",
    "ProcessFile",
    "ProcessPage",
    "Reach",
    "Relative",
    "Report",
    "ScheduleView",
    "SeatHolder",
    "Sentence",
    "SharedLimit",
    "StartPage",
    "StartableKind",
    "State",
    "StopCause",
    "StopCauses",
    "Surroundings",
    "TaskDetail",
    "TaskFilter",
    "TaskPage",
    "TaskView",
    "Version",
    "Viewer",
    "Watched",
    "attention",
    "batch",
    "batch_items",
    "batches",
    "causes",
    "children",
    "coming_moments",
    "coming_slots",
    "coming_windows",
    "command_page",
    "count",
    "count_tasks",
    "counts",
    "event",
    "events",
    "explain",
    "fleet_page",
    "found",
    "get",
    "history",
    "kinds_page",
    "list_page",
    "living",
    "logs",
    "look_around",
    "marks_in",
    "matching",
    "needs_a_person",
    "newest_moment",
    "page",
    "process_files",
    "process_page",
    "report",
    "report_days",
    "report_durations",
    "report_errors",
    "report_steps",
    "schedule",
    "schedules",
    "sentence",
    "shared_limits",
    "start_page",
    "startable_kinds",
    "statuses",
    "stored_file",
    "task",
    "tasks",
    "tasks_asked",
    "tasks_of",
    "thrown_switches",
    "unknown_here",
    "urgent_first",
    "versions",
    "watched",
]
