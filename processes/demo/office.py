"""The processes of the demo's pages: invoices that meet all that an office meets, and an import that takes its time."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Final, Literal

from pydantic import BaseModel, Field

from process_manager import Cron, Done, Process, Reject, Retry, Skip, Step, StepRun, Wait, clock, every
from process_manager.definition.registry import Registry
from processes.demo.coordination import Archive, Reconciliation, Reminder
from processes.demo.family import Hearing, LargeInvoice, NeighbourLetter
from processes.fakturering import Fakturering

Fate = Literal["refused", "no answer", "printer", "cvr", "nothing", "later"]

DAY: Final = timedelta(days=1)
REFUSED: Final = "SAP refused the logon: the password of user RPA_FAKT has expired"

fates: Final[dict[str, Fate]] = {}
"""What becomes of an invoice in its first round, by its reference; of all others nothing is told."""


class PrinterError(Exception):
    """The letter cannot be printed."""


class Invoice(Process):
    """An invoice for the use of a street, booked in SAP and sent as a letter."""

    label = "Invoice"
    retry = every(minutes=5, attempts=3)
    says = {
        "book": "It could not be booked. The robot team has been told, and it will be sent once SAP works again.",
        "letter": "The letter is not printed yet. The robot team has been told.",
    }
    columns = ("applicant", "amount")
    search = ("permit", "cvr")
    personal = ("contact",)
    STEPS = {
        "check": "check_permit",
        "book": Step("book_order", effect="once", verify="ask_sap"),
        "letter": "print_letter",
        "send": "send_letter",
    }

    def check_permit(self, run: StepRun) -> Done | Reject | Skip:
        """Look the permit up, and what it costs."""
        run.exchange("Permits", {"permit": run.payload["permit"]}, {"days": 14, "metres": 12.5})
        match _fate(run):
            case "cvr":
                return Reject(f"the CVR number {run.payload['cvr'][:7]} has 7 digits", code="cvr")
            case "nothing":
                return Skip("the permit was withdrawn before it began")
        return Done("The permit is valid: 14 days, 12.5 m.", {"days": 14})

    def book_order(self, run: StepRun) -> Done | Retry | Wait:
        """Create the order in SAP, once."""
        run.log("Signed in to SAP", system="P11", user="RPA_FAKT")
        call = {"call": "ZFI_CREATE_ORDER", "reference": run.reference, "amount": run.payload["amount"]}
        match _fate(run):
            case "refused":
                run.exchange("SAP", call, "RFC_LOGON_FAILURE")
                return Retry(REFUSED)
            case "no answer":
                run.exchange("SAP", call)
                raise TimeoutError("SAP did not answer in 30.0 s")
            case "later":
                return Wait("the permit begins tomorrow", after=DAY)
        order = f"45001{run.process_id:05}"
        run.exchange("SAP", call, {"order": order})
        return Done(f"Order {order}.", {"order": order})

    def ask_sap(self, run: StepRun) -> None:
        """Ask whether SAP has the order: it cannot be asked, so that a person has to look."""
        run.exchange("SAP", {"search": run.reference}, "503 order search is down")

    def print_letter(self, run: StepRun) -> Done:
        """Make the letter."""
        if _fate(run) == "printer":
            raise PrinterError(f"printer RHS-2 has no paper left for order {run.payload['order']}")
        return Done("2 pages.")

    def send_letter(self, run: StepRun) -> Done:
        """Send it by Digital Post."""
        run.exchange("Digital Post", {"to": run.payload["applicant"]}, {"status": "accepted"})
        return Done("Sent.")


class PermitsWanted(BaseModel):
    """Which permits are read."""

    permits: int = Field(480, ge=1, le=10_000, description="How many are read at most.")
    seconds_each: int = Field(0, ge=0, le=10, description="How long is waited after each, to be kind to the office.")


class PermitImport(Process):
    """The permits of the day, read from the office that gives them."""

    label = "Import of permits"
    parameters = PermitsWanted
    schedule = Cron("0 6 * * mon-fri", working_days="only", holidays="DK", overlap="skip")
    STEPS = {"fetch": "fetch_permits", "compare": "compare_permits"}

    def fetch_permits(self, run: StepRun) -> Done:
        """Read one permit after the other, and end at the next where somebody asks for it."""
        total, pause = run.payload["permits"], run.payload["seconds_each"]
        for number in range(1, total + 1):
            run.checkpoint()
            run.progress(number, total, f"permit {number} of {total}")
            if number % 25 == 0:
                run.log(f"Read {number} of {total} permits", last=f"26-{number:05}")
            time.sleep(pause)
        return Done(f"{total} permits.", {"read": total})

    def compare_permits(self, run: StepRun) -> Done:
        """Find those that are new."""
        return Done(f"{run.payload['read'] // 20} are new.")


class ImportPostings(Process):
    """The postings of the night, read from a service; one command for each."""

    label = "Import of postings"
    arguments = ("assets", "operations", "budget")
    retry = every(minutes=5, attempts=2)
    quiet = "sat,sun; mon-fri 18:00-05:30"
    STEPS = {"read": "read_postings", "book": "book_postings"}

    def read_postings(self, run: StepRun) -> Done | Retry:
        """Read what the service has."""
        if (run.payload.get("argument"), clock.now().date()) in unreachable:
            return Retry("the service BUDGET-7 answers 503")
        return Done("1 204 postings.", {"read": 1204})

    def book_postings(self, run: StepRun) -> Done:
        """Book them."""
        return Done(f"{run.payload['read']} are booked.")


unreachable: Final[set[tuple[str, date]]] = set()
"""Which services do not answer, on which days."""


REGISTRY: Final = Registry(
    (
        Fakturering,
        Invoice,
        PermitImport,
        ImportPostings,
        Reminder,
        Reconciliation,
        Archive,
        LargeInvoice,
        Hearing,
        NeighbourLetter,
    )
)


def _fate(run: StepRun) -> Fate | None:
    return fates.get(run.reference or "") if run.round == 1 else None
