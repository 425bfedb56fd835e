"""J3 to J8 and J10: jobs of bots, from their start to their result."""

from datetime import timedelta
from typing import Any

import pytest
from api_caller import Caller, basic, give_token
from bot_office import BEGAN, BOT, GO, Files, Patient, Reader, Teller, bot, job
from fastapi import FastAPI
from rig import Bench, Three, eventually, execute, row, settings, start, status, work, working
from web_visitor import add_user

from process_manager import clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import passwords
from process_manager.web.app import create_app
from process_manager.web.office import Office
from tests.web.api.test_bots import PASSWORD, told


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(Office.of(settings(), database, Registry((Reader, Three, Teller, Patient, Files))))


@pytest.fixture
def caller(app: FastAPI, database: Database) -> Caller:
    add_user(database, "ada", Role.OPERATOR, password_hash=passwords.hashed(PASSWORD, of="ada"))
    return Caller(app, basic("ada", PASSWORD))


def shown(caller: Caller, made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = caller.get(f"/jobs/{made['id']}").json()
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "field", "problem"),
    [
        ({"year": "2026"}, "parameters.year", "it is no value of the type integer"),
        ({"year": None}, "parameters.year", "it is no value of the type integer"),
        ({"month": 1}, "parameters.month", "it is not known"),
        ({"dry": 1}, "parameters.dry", "it is no value of the type boolean"),
        ({"kind": "other"}, "parameters.kind", "Input should be 'permit' or 'lease'"),
    ],
)
def test_j3_parameters_that_do_not_fit_are_told_as_400_with_their_path(
    caller: Caller, parameters: dict[str, Any], field: str, problem: str
) -> None:
    bot_id = bot(caller)

    answer = caller.post("/jobs", {"bot_id": bot_id, "parameters": parameters})

    assert (answer.status_code, told(answer)) == (400, [(field, problem)])
    assert caller.get("/jobs").json()["items"] == []


def test_j3_what_is_missing_is_told(caller: Caller) -> None:
    bot_id = bot(caller, default_parameters={})

    assert told(caller.post("/jobs", {"bot_id": bot_id})) == [("parameters.year", "missing")]


def test_j3_defaults_are_merged_and_stored_as_used(caller: Caller) -> None:
    schema = {"year": {"type": "integer"}, "note": {"type": "text", "default": "as ever"}, "dry": {"type": "boolean"}}
    bot_id = bot(caller, parameter_schema=schema, default_parameters={"year": 2026, "dry": True})

    made = job(caller, bot_id, parameters={"dry": False})

    assert made["parameters"] == {"year": 2026, "note": "as ever", "dry": False, "kind": "permit"}
    caller.client.patch(f"/api/v1/bots/{bot_id}", json={"default_parameters": {"year": 1999}})
    assert shown(caller, made)["parameters"]["year"] == 2026


def test_j4_a_disabled_bot_starts_no_job(caller: Caller) -> None:
    bot_id = bot(caller, enabled=False)

    refused = caller.post("/jobs", {"bot_id": bot_id})

    assert (refused.status_code, refused.json()["detail"]) == (409, "Bot 'Read the rows' is disabled. Enable it first.")


def test_j5_an_error_in_a_script_is_told_as_that_with_its_traceback_apart(caller: Caller, database: Database) -> None:
    made = job(caller, bot(caller), parameters={"note": "break"})
    execute(database, "UPDATE processes SET attempts = 100")

    work(database, Reader)

    found = shown(caller, made)
    assert (found["status"], found["reason"]) == ("failed", "failed")
    assert found["error_message"] == "AttributeError: 'StepRun' object has no attribute 'nothing'"
    assert found["error_details"].startswith("Traceback") and found["error_details"].rstrip().endswith("'nothing'")
    assert found["completed_at"] is not None and found["result"] is None


def test_j6_a_job_that_has_not_begun_never_starts_once_it_is_cancelled(caller: Caller, database: Database) -> None:
    made = job(caller, bot(caller))

    assert caller.post(f"/jobs/{made['id']}/cancel").json()["status"] == "cancelled"

    work(database, Reader)
    assert shown(caller, made)["status"] == "cancelled"
    assert caller.post(f"/jobs/{made['id']}/cancel").status_code == 409


def test_j6_a_running_job_is_cancelling_until_its_step_is_at_its_checkpoint(caller: Caller, database: Database) -> None:
    BEGAN.clear()
    GO.clear()
    made = job(caller, bot(caller, script_identifier="patient", default_parameters={}))

    with working(database, Patient, lease=timedelta(seconds=1)):
        BEGAN.wait(10)
        assert shown(caller, made)["status"] == "running"
        assert caller.post(f"/jobs/{made['id']}/cancel", {"reason": "wrong"}).json()["status"] == "cancelling"
        eventually(lambda: shown(caller, made)["status"] == "cancelled")

    happened = caller.get(f"/jobs/{made['id']}/history").json()["items"]
    assert [(each["outcome"], each["message"], each["by"]) for each in happened][1:] == [("cancel", "wrong", "ada")]


def test_j7_a_rerun_is_a_new_job_linked_to_the_old_one_which_stays_as_it_was(
    caller: Caller, database: Database
) -> None:
    made = job(caller, bot(caller), parameters={"kind": "lease"})
    assert caller.post(f"/jobs/{made['id']}/rerun").status_code == 409
    work(database, Reader)
    before = shown(caller, made)

    again = caller.post(f"/jobs/{made['id']}/rerun")
    other = caller.post(f"/jobs/{made['id']}/rerun", {"parameters": {"year": 2027}})

    assert (again.status_code, again.json()["rerun_of_job_id"], again.json()["status"]) == (201, made["id"], "queued")
    assert again.json()["parameters"] == made["parameters"]
    assert other.json()["parameters"] == {**made["parameters"], "year": 2027, "kind": "permit"}
    assert shown(caller, made) == before
    assert told(caller.post(f"/jobs/{made['id']}/rerun", {"parameters": {"x": 1}})) == [
        ("parameters.x", "it is not known")
    ]


def test_j8_a_job_for_a_moment_starts_then_and_once_with_two_workers(caller: Caller, database: Database) -> None:
    at = (clock.now() + timedelta(hours=1)).isoformat()
    made = job(caller, bot(caller), scheduled_at=at)
    assert (made["status"], made["started_at"]) == ("scheduled", None) and made["scheduled_at"] is not None
    work(database, Reader)
    assert shown(caller, made)["status"] == "scheduled"

    execute(database, "UPDATE processes SET due_at = '2026-01-01 00:00:00.000000'")  # its moment has come
    one, other = Bench(database, Reader, name="one"), Bench(database, Reader, name="other")
    taken = [*one.write(), *other.write()]

    assert [each.claim.id for each in taken] == [int(made["id"])]


def test_j8_a_job_is_moved_to_another_moment_and_runs_at_that_one_only(caller: Caller, database: Database) -> None:
    made = job(caller, bot(caller))
    at = (clock.now() + timedelta(hours=1)).isoformat()

    moved = caller.post(f"/jobs/{made['id']}/schedule", {"scheduled_at": at})

    assert (moved.status_code, moved.json()["status"], moved.json()["rerun_of_job_id"]) == (
        201,
        "scheduled",
        made["id"],
    )
    assert shown(caller, made)["status"] == "cancelled"
    assert told(caller.post(f"/jobs/{made['id']}/schedule", {"scheduled_at": "tonight"}))[0][0] == "scheduled_at"


def test_j10_no_line_is_lost_or_comes_twice_while_the_threads_of_a_step_write(
    caller: Caller, database: Database
) -> None:
    made = job(caller, bot(caller, script_identifier="teller", default_parameters={}))
    lines, after = [], "0-0"

    with working(database, Teller):
        while (is_over := shown(caller, made)["status"] == "success") or True:
            page = caller.get(f"/jobs/{made['id']}/logs", after=after, limit=7).json()
            lines += [(each["number"], each["line"]["message"]) for each in page["items"]]
            after = page["next"]
            if is_over and not page["items"]:
                break

    assert [number for number, _ in lines] == list(range(1, 101))
    assert sorted(text for _, text in lines) == sorted(f"line {n} of {who}" for who in range(4) for n in range(25))


def test_a_job_that_is_done_gives_what_its_class_names_as_its_result(caller: Caller, database: Database) -> None:
    made = job(caller, bot(caller))
    assert made["status"] == "queued"
    assert caller.get(f"/jobs/{made['id']}/result").json() == {"status": "queued", "result": None}

    work(database, Reader)

    assert caller.get(f"/jobs/{made['id']}/result/").json() == {"status": "success", "result": {"rows": 4}}
    found = shown(caller, made)
    assert (found["triggered_by"], found["retry_count"], found["progress_percent"]) == ("ada", 0, 100)
    assert None not in (found["enqueued_at"], found["started_at"], found["completed_at"])


def test_an_idempotency_key_gives_the_first_job_again_and_each_bot_has_its_own(caller: Caller) -> None:
    one, other = bot(caller), bot(caller, name="Another")

    first = caller.post("/jobs", {"bot_id": one}, Idempotency_Key="k")
    again = caller.post("/jobs", {"bot_id": one}, Idempotency_Key="k")
    others = caller.post("/jobs", {"bot_id": other}, Idempotency_Key="k")

    assert (first.status_code, again.status_code, others.status_code) == (201, 200, 201)
    assert first.json()["id"] == again.json()["id"] != others.json()["id"]


def test_the_list_is_read_page_by_page_and_by_what_each_job_is(caller: Caller, database: Database) -> None:
    one, other = bot(caller), bot(caller, name="Another")
    made = [job(caller, each)["id"] for each in (one, other, one)]
    start(database)  # no job
    caller.post(f"/jobs/{made[0]}/cancel")
    later = job(caller, one, scheduled_at=(clock.now() + timedelta(hours=1)).isoformat())["id"]

    def found(**asked: Any) -> list[str]:
        return [each["id"] for each in caller.get("/jobs", **asked).json()["items"]]

    assert found() == [later, *reversed(made)]
    page = caller.get("/jobs", limit=2).json()
    assert found(below=page["next_below"]) == [made[1], made[0]]
    assert found(bot_id=other) == [made[1]]
    assert (found(status="scheduled"), found(status="queued")) == ([later], [made[2], made[1]])
    assert (found(status="cancelled"), found(status="failed"), found(status="running")) == ([made[0]], [], [])
    assert found(triggered_by="nobody") == []
    assert found(since=(clock.now() + timedelta(hours=1)).isoformat()) == []
    assert caller.get("/jobs", status="lost").status_code == 400


def test_a_process_that_is_no_job_is_not_there_among_them(caller: Caller, database: Database) -> None:
    process_id = start(database)

    assert caller.get(f"/jobs/{process_id}").status_code == 404
    assert caller.post(f"/jobs/{process_id}/cancel").status_code == 404
    assert status(database, process_id) == "pending"


def test_who_sees_other_kinds_only_sees_no_job_of_these(app: FastAPI, caller: Caller, database: Database) -> None:
    made = job(caller, bot(caller))
    give_token(database, "three:read")

    other = Caller(app)

    assert other.get("/jobs").json()["items"] == []
    assert other.get(f"/jobs/{made['id']}").status_code == 404
    assert row(database, int(made["id"]))["status"] == "pending"
    assert BOT["script_identifier"] == "reader"


def test_a_job_takes_its_files_with_a_form_and_a_rerun_others(caller: Caller, database: Database) -> None:
    schema = {"sheet": {"type": "file", "required": True}, "note": {"type": "string"}}
    bot_id = bot(caller, script_identifier="files", parameter_schema=schema, default_parameters={})
    given = {"bot_id": bot_id, "parameters": '{"note": "x"}'}

    missing = caller.client.post("/api/v1/jobs", data=given, files={"other": ("a.txt", b"abc")})
    made = caller.client.post("/api/v1/jobs/", data=given, files={"sheet": ("../../a.txt", b"abc")})
    work(database, Files)
    again = caller.client.post(f"/api/v1/jobs/{made.json()['id']}/rerun", files={"sheet": ("b.txt", b"abcd")})
    shared = caller.post(f"/jobs/{made.json()['id']}/rerun")
    work(database, Files)

    assert told(missing) == [
        ("parameters.other", "no file is taken here"),
        ("parameters.sheet", "missing: this is a file, upload it"),
    ]
    assert (made.status_code, [each["label"] for each in made.json()["input_files"]]) == (201, ["a.txt"])
    assert again.json()["parameters"] == {"note": "x"}
    assert [caller.get(f"/jobs/{each.json()['id']}/result").json()["result"] for each in (made, again, shared)] == [
        {"bytes": 3}, {"bytes": 4}, {"bytes": 3},
    ]  # fmt: skip
