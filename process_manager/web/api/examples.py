"""What the document of the API shows as answers: one invoice, and what surrounds it."""

from __future__ import annotations

from typing import Any, Final

PROCESS: Final[dict[str, Any]] = {
    "id": 4711,
    "name": "fakturering",
    "version": 2,
    "reference": "2026-117",
    "status": "failed",
    "step": "queue",
    "attempt": 5,
    "round": 1,
    "due_at": None,
    "retry_after": None,
    "waiting_for": None,
    "channel": "default",
    "order_key": None,
    "worker": None,
    "lease_ends_at": None,
    "message": "SAP is closed for the night",
    "payload": {"invoice": 117},
    "rerun_of": None,
    "created_at": "2026-11-30T07:00:00Z",
    "created_by": "payroll",
    "updated_at": "2026-11-30T08:12:04Z",
    "finished_at": None,
    "command_key": None,
    "doubtful_since": None,
    "created_way": "api",
    "request_id": "4f1c2a7be01d9c33",
    "seq": 6,
    "stop_requested_at": None,
    "stop_requested_by": None,
    "stop_requested_reason": None,
    "event": None,
    "parent_id": None,
}
SENTENCE: Final = "Failed: “SAP is closed for the night”. Stopped until someone acts."
LOG_LINE: Final = {"seq": 6, "number": 2, "at": "2026-11-30T08:12:03Z", "line": {"message": "3 of 7 lines are booked"}}
HISTORY: Final[dict[str, Any]] = {
    "process_id": 4711,
    "seq": 6,
    "round": 1,
    "step": "queue",
    "attempt": 5,
    "outcome": "retry",
    "code": None,
    "message": "SAP is closed for the night",
    "started_at": "2026-11-30T08:12:02Z",
    "finished_at": "2026-11-30T08:12:04Z",
    "payload": None,
    "exchanges": [],
    "logs": [{"message": "3 of 7 lines are booked", "at": "2026-11-30T08:12:03Z"}],
    "progress": None,
    "error": None,
    "worker": "office-1:812:3fb2",
    "by": None,
}
FILE: Final = {
    "name": "rows",
    "label": "november.xlsx",
    "media_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created_at": "2026-11-30T06:59:58Z",
    "created_by": "payroll",
    "is_masked": False,
}
ACT: Final = {"process_id": 4711, "act": "restart", "audit_number": 90210, "is_dry_run": False}
CAUSE: Final[dict[str, Any]] = {
    "keys": ["3fb20c1d9a77e4f0"],
    "status": "failed",
    "name": "fakturering",
    "version": 2,
    "step": "queue",
    "number": 6,
    "said": "SAP is closed for the night",
    "oldest": "2026-11-29T21:13:04Z",
    "newest": "2026-11-30T08:12:04Z",
    "passed": 214,
    "examples": [{"id": 4711, "reference": "2026-117"}],
}
COMMAND: Final[dict[str, Any]] = {
    "key": "import-books-service1",
    "label": "Import books",
    "state": "Error",
    "detail": "process 4712 has failed",
    "owner": None,
    "since": None,
    "process_id": 4712,
    "last_execution": "2026-11-29T22:00:41Z",
    "errors": [
        {"at": "2026-11-30T06:00:03Z", "process_id": 4712, "step": "import", "message": "The share is not there"}
    ],
}
SWITCH: Final[dict[str, Any]] = {
    "key": "fakturering",
    "reason": "SAP is closed",
    "by": "ada",
    "since": "2026-11-30T07:55:00Z",
    "until": "2026-11-30T12:00:00Z",
    "where": "database",
}
WINDOW: Final = {
    "of": "engine",
    "start": "2026-11-30T21:00:00Z",
    "end": "2026-12-01T05:00:00Z",
    "rule": "22:00-06:00",
    "zone": "Europe/Copenhagen",
    "held": 12,
    "at_end": 3,
}
WORKER: Final[dict[str, Any]] = {
    "name": "office-1:812:3fb2",
    "host": "office-1",
    "pid": 812,
    "started_at": "2026-11-30T05:00:00Z",
    "seen_at": "2026-11-30T08:12:00Z",
    "concurrency": 8,
    "channels": [],
    "knows": [{"name": "fakturering", "version": 2, "steps": ["claim", "queue"]}],
    "drain_asked_at": None,
}
KIND: Final[dict[str, Any]] = {
    "name": "fakturering",
    "label": "Invoicing",
    "version": 2,
    "known": True,
    "becomes": None,
    "channel": "default",
    "steps": ["claim", "queue"],
    "counts": {"failed": 3, "succeeded": 1200},
    "live": 3,
    "workers": ["office-1:812:3fb2"],
    "waits": False,
    "waits_for": [],
}
WORKER_DETAIL: Final[dict[str, Any]] = {
    "worker": WORKER,
    "standing": "working",
    "held": 1,
    "steps": [
        {
            "process_id": 4711,
            "name": "fakturering",
            "version": 2,
            "step": "queue",
            "worker": "office-1:812:3fb2",
            "since": "2026-11-30T08:11:58Z",
            "lease_ends_at": "2026-11-30T08:13:28Z",
            "is_held": True,
        }
    ],
}
KIND_DETAIL: Final[dict[str, Any]] = {
    "kind": {
        "name": "fakturering",
        "label": "Invoicing",
        "says": "Sends one invoice to SAP.",
        "steps": [
            {"name": "claim", "says": "Take the row.", "effect": "transactional", "here": 0},
            {"name": "queue", "says": "Put it into the queue.", "effect": "idempotent", "here": 3},
        ],
        "versions": [
            {
                "version": 2,
                "is_known": True,
                "workers": ["office-1:812:3fb2"],
                "due": 0,
                "waiting": 0,
                "running": 0,
                "person": 3,
                "oldest": "2026-11-29T07:00:00Z",
                "standing": "used",
                "stranded": 0,
                "stranded_at": [],
            }
        ],
    },
    "deployments": [
        {
            "name": "fakturering",
            "version": 2,
            "open": 3,
            "oldest": "2026-11-29T07:00:00Z",
            "fate": "continues",
            "becomes": None,
            "stranded": 0,
            "steps": [],
            "is_known": True,
        }
    ],
}
