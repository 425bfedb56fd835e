"""What is marked shows nowhere but in the database: canaries in every place where a process can say something.

The same processes without marks show every canary, so that none of the places is one where nothing would be seen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import canary_steps
import pytest
import sqlalchemy as sa
from canary_steps import ENDINGS, PLACES, canary, payload, trace
from shop import Answer, Shop
from shop_fixtures import opened

from process_manager import clock, inspection
from process_manager.definition.registry import discover
from process_manager.gates.gate import Gates
from process_manager.inspection import Viewer, marks_in
from process_manager.store.audit_chain import audit

pytestmark = pytest.mark.slow

WAYS = {"worker": "case", "child": "case-in-child", "direct": "case", "open": "case-open"}
"""How the steps are run, and the name of the class."""

FORMS = (["-o", "table"], ["-o", "json"], ["-o", "csv"])

DIRECT = """
from canary_steps import Case, ENDINGS, canary, payload
from process_manager import direct, logs
logs.configure()
for ending in ENDINGS:
    direct.run(Case, payload(ending), reference=canary("reference"), order_key=f"{canary('order key')} {ending}")
"""


PLAIN_LOG = """
version: 1
disable_existing_loggers: false
formatters: {plain: {format: "%(levelname)s %(message)s"}}
handlers: {file: {class: logging.FileHandler, filename: canaries.log, encoding: utf-8, formatter: plain}}
root: {level: INFO, handlers: [file]}
"""
"""A log file with a formatter that is none of ours."""


class Said(NamedTuple):
    """What was shown and logged, by the command that did it, and what database and audit chain hold; in lower case."""

    shown: dict[str, str]
    stored: str
    chain: str


@pytest.fixture(scope="module", params=sorted(WAYS))
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def said(way: str, laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Said]:
    with pytest.MonkeyPatch.context() as patch, opened(tmp_path_factory.mktemp(way) / "shop", patch) as shop:
        patch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "canary_steps")
        shutil.copy(laid / "engine.db", shop.file)
        shown = {**run(shop, way), **read(shop)}
        with closing(shop.database()) as database, database.read() as connection:
            chain = str(connection.execute(sa.select(audit)).all())
        yield Said(shown, "\n".join(shop.content()).lower(), chain.lower())


def run(shop: Shop, way: str) -> dict[str, str]:
    """Start the cases and work them; what is said meanwhile, the logs included."""
    name, command = WAYS[way], "nightly-open" if way == "open" else "nightly"
    if way == "direct":
        said = {"direct": told(shop.really(script=DIRECT))}
    else:
        said = {f"start {ending}": told(shop.ask("start", name, *case(ending), "-o", "json")) for ending in ENDINGS}
    said["run-command"] = told(shop.ask("run-command", command, "-o", "json"))
    shop.folder.joinpath("logging.yaml").write_text(PLAIN_LOG, "utf-8")
    said["work 1"] = told(shop.really("work", 1, PROCESS_MANAGER_LOG_FORMAT="json"))
    said["work 2"] = told(shop.really("work", 2, PROCESS_MANAGER_LOGGING_CONFIG="logging.yaml"))
    said["work"] = told(shop.really("work"))
    said["log file"] = (shop.folder / "canaries.log").read_text("utf-8").lower()
    said["behind"] = told(shop.ask("start", name, *case("wait"), "-o", "json"))  # in its lane behind another
    wrong = json.dumps({**payload("done"), "field": f"refused {canary('refused value')}"})
    said["refused payload"] = told(shop.ask("start", name, "--payload", wrong))
    said["refused reference"] = told(shop.ask("start", name, "--reference", f"{canary('refused reference')} "))
    return said


def told(answer: Answer) -> str:
    return f"{answer.code}\n{answer.out}\n{answer.err}".lower()


def case(ending: str) -> tuple[str, ...]:
    keys = ("--reference", canary("reference"), "--order-key", f"{canary('order key')} {ending}")
    return ("--payload", json.dumps(payload(ending)), *keys)


def read(shop: Shop) -> dict[str, str]:
    """What every command that reads says, in every form."""
    found = shop.ask("list", "-o", "json").json
    ids = [str(each["id"]) for each in found]
    rest = [str(each["id"]) for each in found if each["status"] not in ("waiting", "pending")]
    lists = [["list"], ["status"], ["doctor"], ["list", "--error", "a"], ["list", "--status", "failed"]]
    wanted = [[*call, *form] for call in lists for form in (*FORMS, ["-o", "jsonl"], ["--excel"])]
    wanted += [[command, process_id, *form] for command in ("show", "history") for process_id in ids for form in FORMS]
    wanted += [["history", process_id, "--full"] for process_id in ids]
    wanted += [["watch", *rest], ["workers"], ["processes"], ["list", "--count"], ["check"]]
    wanted += [["work", ids[0]], ["restart-process", ids[0]], ["restart-process", "--where", "error=a", "--dry-run"]]
    return {**{" ".join(call): told(shop.ask(*call)) for call in wanted}, **acts(shop, ids), **pages(shop, ids)}


def acts(shop: Shop, ids: list[str]) -> dict[str, str]:
    """What the acts say that show a difference, or are refused."""
    stands = {each: shop.show(int(each), "name", "status") for each in ids}
    resting = [each for each, (name, status) in stands.items() if "case" in name and status in ("failed", "waiting")]
    edit = ["--set", f"field={canary('edited value')}", "--reason", "she moved"]
    wanted = [["edit-payload", each, *edit, *form] for each in resting for form in FORMS]
    wanted += [["rerun-process", ids[0]], ["abandon-process", *ids, "--reason", "an end"]]
    return {" ".join([*call[:2], *call[6:]]): told(shop.ask(*call)) for call in wanted}


def pages(shop: Shop, ids: list[str]) -> dict[str, str]:
    """What the page of a process shows."""
    registry = discover(["canary_steps"])
    viewer = Viewer(marks=marks_in(registry))
    found = {}
    with closing(shop.database()) as database, database.read() as connection:
        around = inspection.look_around(connection, Gates(), {}, now=clock.now())
        for each in ids:
            page = inspection.process_page(connection, int(each), around=around, registry=registry, viewer=viewer)
            found[f"page {each}"] = str(page).lower()
    return found


def places(way: str) -> list[str]:
    """Where there is something to see: only a child's own output is kept by the engine."""
    return [each for each in PLACES if each != "printed in a child" or way in ("child", "open")]


def test_a_canary_shows_in_no_output_and_in_no_log(said: Said, way: str) -> None:
    found = {place: [call for call, text in said.shown.items() if trace(place) in text] for place in places(way)}

    if way == "open":
        assert [place for place, calls in found.items() if not calls] == []
    else:
        assert {place: calls[:5] for place, calls in found.items() if calls} == {}


def test_every_canary_was_there(said: Said, way: str) -> None:
    kept = [place for place in places(way) if place not in canary_steps.OTHERS]

    assert [place for place in kept if trace(place) not in said.stored] == []


def test_the_audit_chain_holds_no_canary(said: Said, way: str) -> None:
    found = [place for place in PLACES if trace(place) in said.chain]

    assert "edit-payload" in said.chain
    assert found == (["field", "edited value"] if way == "open" else [])


def test_each_reading_is_an_answer_with_a_mask_in_it(said: Said, way: str) -> None:
    told = [call for call, text in said.shown.items() if call.startswith(("show", "history", "list")) and "***" in text]

    assert (len(told) > 100) is (way != "open")
