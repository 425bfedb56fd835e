"""What is marked shows nowhere but in the database: canaries in every place where a process can say something.

The same processes without marks show every canary, so that none of the places is one where nothing would be seen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import canary_steps
import pytest
from canary_steps import ENDINGS, PLACES, canary, payload, trace
from shop import Answer, Shop
from shop_fixtures import opened

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
    """What was shown and logged, by the command that showed it, in lower case; and what the database holds."""

    shown: dict[str, str]
    stored: str


SLOW = [pytest.param(way, marks=pytest.mark.slow) for way in sorted(WAYS) if way != "worker"]


@pytest.fixture(scope="module", params=["worker", *SLOW])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def said(way: str, laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Said]:
    with pytest.MonkeyPatch.context() as patch, opened(tmp_path_factory.mktemp(way) / "shop", patch) as shop:
        patch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "canary_steps")
        shutil.copy(laid / "engine.db", shop.file)
        shown = {**run(shop, way), **read(shop)}
        yield Said(shown, "\n".join(shop.content()).lower())


def run(shop: Shop, way: str) -> dict[str, str]:
    """Start the cases and work them; what is said meanwhile, the logs included."""
    name, command = WAYS[way], "nightly-open" if way == "open" else "nightly"
    starts = {f"start {ending}": told(shop.ask("start", name, *case(ending), "-o", "json")) for ending in ENDINGS}
    said = {"direct": told(shop.really(script=DIRECT))} if way == "direct" else starts
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
    return {" ".join(call): told(shop.ask(*call)) for call in wanted}


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


def test_each_reading_is_an_answer_with_a_mask_in_it(said: Said, way: str) -> None:
    told = [call for call, text in said.shown.items() if call.startswith(("show", "history", "list")) and "***" in text]

    assert (len(told) > 100) is (way != "open")
