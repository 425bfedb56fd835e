"""What a person gives as JSON: from stdin too, and with every key once."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from shop import Shop

SAID = "{} is given twice, and one of the values would be lost. Keep one of them.\n"
TWICE = [
    ('{"invoice": 7, "invoice": 8}', "invoice"),
    ('{"a": {"b": [0, {"c": 1, "d": 2, "c": 1}]}}', "a.b[1].c"),
    ('{"a b": {"": 1, "": 1}}', "['a b']['']"),
    ('{"x": {"y": 1, "y": 2}, "x": 3}', "x"),  # the outer one is told: of the inner nothing is left
]


def stdin(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_a_payload_is_read_from_stdin(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b'\xef\xbb\xbf{"invoice": 7}')
    started = shop.ask("start", "posting", "--payload", "@-")
    assert shop.ask("work").code == 0
    stdin(monkeypatch, '{"number": "Å-4711"}'.encode())
    resolved = shop.ask("resolve-process", 1, "--happened", "--payload", "@-", "--reason", "the bank has it")

    assert (started.code, resolved.code) == (0, 0)
    assert shop.show(1, "payload") == {"invoice": 7, "number": "Å-4711"}


@pytest.mark.slow
def test_a_real_stdin_is_read_to_its_end(shop: Shop) -> None:
    (shop.folder / "payload.json").write_text('{"invoice": 7}', "utf-8")
    put = "import os, sys; os.dup2(os.open('payload.json', os.O_RDONLY), 0)"
    ask = "from process_manager.cli import exit_codes; sys.exit(exit_codes.run(['start', 'letter', '--payload', '@-']))"

    answer = shop.really(script=f"{put}; {ask}")

    assert (answer.code, answer.out) == (0, "1\n")
    assert shop.show(1, "payload")["invoice"] == 7


@pytest.mark.parametrize(("text", "said"), [(b"\xff", "- is not UTF-8"), (b"", "- is not JSON"), (b"[", "- is not")])
def test_a_stdin_that_holds_no_json_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, text: bytes, said: str
) -> None:
    stdin(monkeypatch, text)

    answer = shop.ask("start", "posting", "--payload", "@-")

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize(("text", "path"), TWICE, ids=[path for _text, path in TWICE])
def test_a_key_that_is_given_twice_is_refused_with_its_path(shop: Shop, text: str, path: str) -> None:
    Path("payload.json").write_text(text, "utf-8")
    Path("lines.jsonl").write_text(f'{{"payload": {text}}}\n{{"reference": "a", "reference": "b"}}\n{{}}\n', "utf-8")
    whole = f"payload{path}" if path.startswith("[") else f"payload.{path}"

    typed = shop.ask("start", "letter", "--payload", text)
    filed = shop.ask("start", "letter", "--payload", "@payload.json")
    lines = shop.ask("start-many", "letter", "@lines.jsonl", "-o", "json")

    assert [(each.code, each.err) for each in (typed, filed)] == [(2, f"Error: {SAID.format(whole)}")] * 2
    told: Any = {each["line"]: each["message"] for each in json.loads(lines.out)}
    assert (lines.code, told) == (9, {1: SAID.format(whole).strip(), 2: SAID.format("reference").strip(), 3: ""})
    assert shop.show(1, "reference") is None
