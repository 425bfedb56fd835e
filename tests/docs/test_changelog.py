"""The changelog: each release has its sections once, in one order, and nothing is told twice."""

import re
from pathlib import Path

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text("utf-8")
RELEASES = re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]
ORDER = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_each_release_has_its_sections_once_and_in_one_order() -> None:
    sections = [re.findall(r"^### (.+)$", release, re.MULTILINE) for release in RELEASES]

    assert sections == [[name for name in ORDER if name in found] for found in sections]


def test_nothing_is_told_twice() -> None:
    begins = [line[:40] for line in CHANGELOG.splitlines() if line.startswith("- ")]

    assert sorted({each for each in begins if begins.count(each) > 1}) == []
