"""Three weeks of an office, lived through by a worker whose clock is moved: what the pages of the demo show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from process_manager import clock, governance, inspection, operations
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import Policies, bots
from process_manager.governance.bot_actions import StartJob
from process_manager.governance.bots import NewBot
from process_manager.governance.fleet_actions import Disable
from process_manager.governance.process_actions import Restart
from process_manager.governance.start_actions import RunCommand
from process_manager.inspection import Filter
from process_manager.lifecycle import Status
from process_manager.worker import Plan, Worker
from processes.demo import arrangements, asked, data, office
from processes.demo.arrangements import METTE, OPERATOR
from processes.demo.office import REGISTRY, Fate, ImportPostings, Invoice, PermitImport

DAYS: Final = 21
SLICES: Final = (time(6, 40), time(9, 15), time(11, 30))
"""When invoices come in, in UTC."""

RUN_BY_HAND: Final = ("operations", "budget")
"""Which postings somebody imports each morning; the others come by the clock."""

AT_ONCE: Final = 6
FIRST: Final = 10_100
"""The number of the first invoice."""

SOON: Final = timedelta(minutes=5)
OFFICE: Final = Actor("invoice-office", way="api", role=Role.CASEWORKER)

USUAL: Final[dict[int, Fate]] = {17: "cvr", 31: "nothing", 43: "refused", 67: "printer"}
"""What becomes of every so many-th invoice of the past."""

LARGE: Final = (10_601, 10_602, 10_603, 10_604)
"""Invoices over the limit: the first two are asked about so early that one of them is overdue now."""

LATE: Final = 5
"""How many working days ago they are."""

REMINDED: Final = (4, 9, 15, 22, 28)
PAID: Final = 2
"""Which of the first invoices are waited for, and how many of these are paid now."""

OPEN: Final[tuple[tuple[Fate | None, str | None], ...]] = (
    ("refused", "debtor 90007919"),
    (None, "debtor 90007919"),  # waits behind it
    ("refused", None),
    ("refused", None),
    ("printer", None),
    ("no answer", None),
    ("no answer", None),
    ("later", None),
    ("later", None),
    ("cvr", None),
    (None, None),
    (None, None),
)
"""What becomes of this morning's invoices, and their lanes."""


def live_through(database: Database, plan: Plan) -> None:
    """Let the three weeks until now happen; the clock is the host's again then."""
    today = clock.host()
    try:
        numbers = iter(range(FIRST, FIRST + 10_000))
        days = list(_days(today))
        office.unreachable.add(("budget", days[-1].date()))
        _move_to(days[0])
        arrangements.arrange(database)
        for day in days:
            _live(database, plan, day, numbers)
            if day == days[-LATE]:
                asked.hear(database)
                _ask_people(database, plan, LARGE[:2])
        _this_morning(database, plan, today, numbers)
    finally:
        clock.follow_host()


def _days(today: datetime) -> Iterator[datetime]:
    """Yield the working days before today, at midnight."""
    midnight = datetime.combine(today.date(), time(), today.tzinfo)
    days = (midnight - timedelta(days=back) for back in range(DAYS, 0, -1))
    return (day for day in days if day.weekday() < 5)


def _live(database: Database, plan: Plan, day: datetime, numbers: Iterator[int]) -> None:
    """Live through a working day: what failed the day before is restarted first."""
    _move_to(datetime.combine(day.date(), time(5, 0), day.tzinfo))
    for argument in RUN_BY_HAND:
        key = f"{ImportPostings.name}-{argument}"
        governance.acting(database, OPERATOR, RunCommand(ImportPostings.name, key, REGISTRY), policies=Policies())
    _work(database, plan)
    _restart_failed(database, plan)
    for at in SLICES:
        _move_to(datetime.combine(day.date(), at, day.tzinfo))
        for number in (next(numbers) for _ in range(AT_ONCE)):
            _start(database, number, next((fate for each, fate in USUAL.items() if number % each == 0), None))
        _work(database, plan)
    _let_fail(database, plan)


def _this_morning(database: Database, plan: Plan, today: datetime, numbers: Iterator[int]) -> None:
    _move_to(today - timedelta(hours=3))
    _ask_people(database, plan, LARGE[2:])
    _answer_people(database, plan)
    _move_to(today - timedelta(hours=2))
    _restart_failed(database, plan)
    for fate, lane in OPEN:
        _start(database, next(numbers), fate, order_key=lane)
    _wait_for_payments(database, plan)
    _let_fail(database, plan)
    arrangements.close_month(database, today - timedelta(days=today.day))
    clock.follow_host()
    later = clock.now() + timedelta(hours=3)
    _start(database, next(numbers), None, at=later)
    _switch_off(database, later + timedelta(days=2))
    arrangements.fill_seats(database)
    _start_job(database)


def _ask_people(database: Database, plan: Plan, numbers: Sequence[int]) -> None:
    """Let these invoices over the limit be asked of economy."""
    for number in numbers:
        asked.ask(database, number)
    _work(database, plan)


def _answer_people(database: Database, plan: Plan) -> None:
    """Let somebody answer what was asked first, and some of the neighbours who are heard."""
    asked.answer_first(database)
    asked.answer_hearing(database)
    _work(database, plan)


def _wait_for_payments(database: Database, plan: Plan) -> None:
    """Let reminders wait for some of the first invoices, and let some of these be paid."""
    references = [f"2026-{FIRST + number}" for number in REMINDED]
    for reference in references:
        arrangements.remind(database, reference)
    _work(database, plan)
    arrangements.pay(database, references[:PAID])
    _work(database, plan)


def _switch_off(database: Database, until: datetime) -> None:
    off = Disable(f"{ImportPostings.name}-operations", reason="the accounts are being revised", until=until)
    governance.acting(database, OPERATOR, off, policies=Policies())


def _start_job(database: Database) -> None:
    """Let a front end start a job of a bot, which runs when the pages are first shown."""
    new = NewBot("Permit import", PermitImport.name, "Reads the permits of the day.")
    bot = database.run(lambda it: bots.create(it, new, REGISTRY, by="demo", now=clock.now()))
    given = {"permits": 2400, "seconds_each": 1}
    job = StartJob(bot.id, PermitImport.name, registry=REGISTRY, given=given)
    governance.acting(database, OFFICE, job, policies=Policies())


def _start(database: Database, number: int, fate: Fate | None, **options: Any) -> None:
    reference = f"2026-{number}"
    if fate is not None:
        office.fates[reference] = fate
    database.run(
        lambda it: operations.start(it, Invoice, _payload(number), reference=reference, actor=OFFICE, **options)
    )


def _payload(number: int) -> dict[str, object]:
    row = data.invoice_row(number)
    return {
        "permit": row["permit"],
        "applicant": row["applicant"],
        "contact": row["contact"],
        "place": row["place"],
        "cvr": row["cvr"],
        "amount": f"{number * 37 % 9000 + 400}.00",
    }


def _let_fail(database: Database, plan: Plan) -> None:
    """Let what is retried use its attempts up."""
    for _ in range(2):
        _move_to(clock.now() + SOON)
        _work(database, plan)


def _restart_failed(database: Database, plan: Plan) -> None:
    for process_id in _failed(database):
        action = Restart(process_id, registry=REGISTRY, reason="the password is new, and there is paper again")
        governance.acting(database, METTE, action, policies=Policies())
    _work(database, plan)


def _failed(database: Database) -> list[int]:
    with database.read() as connection:
        which = Filter(name=Invoice.name, status=(Status.FAILED,))
        return [each.id for each in inspection.page(connection, which, limit=100)]


def _work(database: Database, plan: Plan) -> None:
    Worker(database, replace(plan, until_empty=True)).run()


def _move_to(moment: datetime) -> None:
    clock.follow(moment - clock.host())
