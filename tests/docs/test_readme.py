"""The README: short, true to the figures that are kept, and with nothing in it that leads nowhere."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from process_manager import Ask, Done, Reject, Retry, Skip, Wait

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))


def proofs(name: str) -> list[dict[str, Any]]:
    """The rows of a proof, one for each database, as they were kept."""
    rows: list[dict[str, Any]] = json.loads((TOP / "proofs" / "results.json").read_text("utf-8"))
    return [row for row in rows if row["figure"] == name]


def rates() -> dict[str, dict[str, Any]]:
    """The figures of the last benchmark by their names."""
    return {row["figure"]: row for row in json.loads((TOP / "benchmarks" / "latest.json").read_text("utf-8"))}


def numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d,.]*\d|\d", text)


def test_it_is_read_in_a_few_minutes() -> None:
    assert len(README.splitlines()) <= 150


def test_its_process_is_a_module_of_15_lines() -> None:
    (code,) = re.findall(r'^```python title="processes/\w+\.py"\n(.*?)^```', README, re.MULTILINE | re.DOTALL)

    assert len(code.splitlines()) <= 15
    assert max(map(len, code.splitlines())) <= 120
    assert ast.parse(code)


def test_it_names_every_outcome() -> None:
    named = re.findall(r"^\| `(\w+)\(", SECTIONS["What a step returns"], re.MULTILINE)

    assert named == [cls.__name__ for cls in (Done, Skip, Wait, Ask, Retry, Reject)]


def test_every_link_leads_to_something() -> None:
    linked = re.findall(r"\]\((?!https://)([^)#]+)", README)

    assert "docs/lifecycle.svg" in linked
    assert [to for to in linked if not (TOP / to).exists()] == []


def test_what_it_says_to_hold_is_what_the_proofs_found() -> None:
    told = [line for line in SECTIONS["What holds"].splitlines() if line.startswith("- ")]
    killed, commits, stalls = proofs("sigkill"), proofs("kills at every commit"), proofs("stalls")
    (weather,), starts = proofs("weather"), proofs("starts with one key")
    returns = [weather[way] for way in ("restarted", "read_only", "cut_off", "throttled", "pooler_restarted")]

    assert [numbers(line) for line in told] == [
        ["10,000", "200", "0", "0"],
        ["74"],
        ["55", "16,445", "3.3"],
        ["74"],
        ["1,500"],
        ["16,000", "16"],
    ]
    assert [(row["processes"], row["kills"], row["lost"], row["doubled"]) for row in killed] == [(10000, 200, 0, 0)] * 2
    assert [row["kills"] for row in commits] == [74] * 3
    assert (weather["processes"], weather["kills"], weather["lost"], weather["doubled"]) == (16445, 55, 0, 0)
    assert 3.2 < max(returns) <= 3.3
    assert [(row["steps_stalled"], row["refused"]) for row in stalls] == [(74, 74)] * 2
    assert [(row["processes"] >= 1500, row["most_at_once"]) for row in proofs("seats")] == [(True, 3)] * 2
    assert [(row["starts"], row["processes"]) for row in starts] == [(16000, 1)] * 3
    assert [row["faults"] for row in killed + commits + stalls + [weather] + starts if row["faults"]] == []


def test_the_rates_beside_others_are_those_of_the_last_benchmark() -> None:
    (row,) = re.findall(r"^\| steps a second \|(.*)$", SECTIONS["Beside others"], re.MULTILINE)
    dbos, procrastinate = (rates()[f"postgresql_vs_{name}"] for name in ("dbos", "procrastinate"))

    assert dbos["value"] == procrastinate["value"]
    assert numbers(row) == [f"{dbos['value']:,}", *(numbers(each["against"])[0] for each in (dbos, procrastinate))]
