"""Databases to try the invoice dispatch on: rows as a municipality has them, invented from first to last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from processes.demo.schema import INVOICE_TABLES, QUEUE_REVISION, queue_metadata

APPLICANTS: Final = (
    "Æblehavens Malerfirma ApS",
    "Søren Ødegaard Tømrer- og Snedkerforretning",
    "Østjysk Stilladsudlejning A/S",
    "Grønnegade Kaffebar I/S",
    "Kræmmer & Sønner Entreprise A/S",
    "Ejerforeningen Åhavnen 14-22",
    "Bjørn Skærbæk, murermester",
    "Fødevarevognen Små Retter ApS",
    "Hårby Kloak & Anlæg A/S",
    "Blomster på Hjørnet v/ Åse Kjær",
)
STREETS: Final = (
    "Åboulevarden",
    "Nørre Allé",
    "Søndergade",
    "Ørneborgvej",
    "Mølleengen",
    "Skt. Knuds Torv",
    "Bæksgade",
)
KINDS: Final = (
    ("Stillads", "12.350"),
    ("Container", "18.500"),
    ("Materialeplads", "9.750"),
    ("Lift", "21.000"),
    ("Skurvogn", "15.250"),
    ("Udeservering", "4.125"),
)
CONTACTS: Final = ("Mette Bæk", "Jørgen Ålund", "Karen Sørensen", None)

_INSERT: Final = sa.text(
    """INSERT INTO VejmanFakturering
    (VejmanID, VejmanFakturaID, FørsteSted, Ansøger, Tilladelsesnr, TilladelsesType, ATT, CvrNr, Enhedspris, Meter,
     Startdato, Slutdato, FakturaStatus, FakturaDato, Ordrenummer)
    VALUES
    (:vejman_id, :vejman_faktura_id, :place, :applicant, :permit, :kind, :contact, :cvr, :price, :metres,
     :starts, :ends, :status, :invoiced, :order_number)"""
)


def make_invoices(path: Path, rows: int) -> bool:
    """Whether the invoice database was made, with so many rows: one that is there already is left as it is."""
    if path.exists():
        return False
    engine = _new_file(path)
    with engine.begin() as connection:
        for statement in INVOICE_TABLES:
            connection.execute(sa.text(statement))
        if rows:
            connection.execute(_INSERT, list(invoice_rows(rows)))
    engine.dispose()
    return True


def make_queues(path: Path) -> bool:
    """Whether the OpenOrchestrator database was made, empty: one that is there already is left as it is."""
    if path.exists():
        return False
    engine = _new_file(path)
    with engine.begin() as connection:
        queue_metadata.create_all(connection)
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": QUEUE_REVISION})
    engine.dispose()
    return True


def _new_file(path: Path) -> sa.Engine:
    """An engine on a new file, where readers and a writer do not wait for each other."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    return engine


def invoice_rows(rows: int) -> Iterator[Mapping[str, object]]:
    """Invented invoice rows, the same ones each time: about four of five are Afsendt, every ninth has no VejmanID."""
    yield from map(invoice_row, range(1, rows + 1))


def invoice_row(number: int) -> Mapping[str, object]:
    """The invented invoice row of this number."""
    kind, price = KINDS[number % len(KINDS)]
    starts = date(2026, 1, 5) + timedelta(days=number * 7 % 280)
    status = _status(number)
    invoiced = starts + timedelta(days=40) if status == "Faktureret" else None
    return {
        "vejman_id": None if number % 9 == 4 else 480_000 + number * 13,
        "vejman_faktura_id": f"VF-2026-{number:06}",
        "place": f"{STREETS[number * 3 % len(STREETS)]} {number * 11 % 180 + 1}",
        "applicant": APPLICANTS[number * 7 % len(APPLICANTS)],
        "permit": f"26-{number:05}{'æøå'[number % 3].upper()}",
        "kind": kind,
        "contact": CONTACTS[number % len(CONTACTS)],
        "cvr": str(90_000_000 + number * 7919 % 9_999_999),
        "price": price,
        "metres": f"{number * 17 % 90 + 3}.500",
        "starts": starts.isoformat(),
        "ends": (starts + timedelta(days=number * 5 % 60)).isoformat(),
        "status": status,
        "invoiced": invoiced.isoformat() if invoiced else None,
        "order_number": f"45{number:08}" if invoiced else None,
    }


def _status(number: int) -> str:
    if number % 10 == 3:
        return "Ny"
    return "Faktureret" if number % 10 == 7 else "Afsendt"
