"""The Makefile, its twin for Windows, and the workflow that runs both."""

import re
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).parent.parent
MAKEFILE = (TOP / "Makefile").read_text("utf-8")
TWIN = (TOP / "make.ps1").read_text("utf-8")


def workflow() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((TOP / ".github/workflows/tests.yml").read_text("utf-8"))
    return read


def test_the_twin_has_the_targets_of_the_makefile_in_its_help_and_in_its_code() -> None:
    wanted = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    table = TWIN.partition("$Says = [ordered]@{")[2].partition("}")[0]

    assert phony is not None
    assert sorted(phony[1].split()) == sorted(wanted)
    assert re.findall(r"^    '([a-z-]+)' +=", table, re.MULTILINE) == wanted
    assert re.findall(r"^        '([a-z-]+)' \{", TWIN, re.MULTILINE) == wanted


def test_the_twin_installs_what_the_makefile_installs() -> None:
    pinned = r"[A-Za-z]+==[0-9.*]*[0-9*]"
    versions = re.search(r"^PEER_VERSIONS := (.*)$", MAKEFILE, re.MULTILINE)

    assert versions is not None
    assert re.findall(r"'([0-9.]+)'", TWIN.partition("$PeerVersions =")[2].partition("\n")[0]) == versions[1].split()
    assert sorted(re.findall(pinned, TWIN)) == sorted(re.findall(pinned, MAKEFILE))
    assert re.findall(r"'(\.\[.*\])'", TWIN) == re.findall(r"'(\.\[.*\])'", MAKEFILE)


def test_the_twin_is_ascii_for_windows_powershell_reads_no_other_by_itself() -> None:
    assert TWIN.isascii()


def test_the_suite_runs_on_linux_and_windows_with_the_oldest_and_a_new_python() -> None:
    job = workflow()["jobs"]["test"]
    runs = [step["run"] for step in job["steps"] if "run" in step]

    assert job["strategy"]["matrix"] == {"os": ["ubuntu-latest", "windows-latest"], "python": ["3.11", "3.13"]}
    assert {"make peers", "make test", "./make.ps1 peers", "./make.ps1 test"} <= set(runs)
