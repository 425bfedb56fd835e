"""The Makefile, its twin for Windows, the workflow that runs both, and the hooks before a commit."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parents[2]
MAKEFILE = (TOP / "Makefile").read_text("utf-8")
TWIN = (TOP / "make.ps1").read_text("utf-8")

HOOKS_FILE = TOP / ".pre-commit-config.yaml"


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


@pytest.mark.parametrize(
    ("text", "target"),
    [(MAKEFILE, r"^([a-z-]+):.*## (.+)$"), (TWIN, r"^    '([a-z-]+)' += '(.+)'$")],
    ids=["Makefile", "make.ps1"],
)
def test_the_list_of_targets_is_read_on_one_screen(text: str, target: str) -> None:
    lines = [f"  {name:11} {what}" for name, what in re.findall(target, text, re.MULTILINE)]

    assert 10 <= len(lines) <= 22  # below its own heading, above the prompt
    assert [line for line in lines if len(line) > 80] == []


def hooks() -> dict[str, list[str]]:
    """What each hook runs, as a shell is given it."""
    read = yaml.safe_load(HOOKS_FILE.read_text("utf-8"))
    return {hook["id"]: shlex.split(hook["entry"]) for repo in read["repos"] for hook in repo["hooks"]}


def test_the_hooks_before_a_commit_are_well_written_and_run_what_make_lint_runs() -> None:
    linted = re.findall(r"^\t@\$\(BIN\)/((?:ruff|mypy)[^|.\n]*)", MAKEFILE, re.MULTILINE)
    scripts = [words[2].partition(" exec ")[2] for words in hooks().values()]

    checked = subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(HOOKS_FILE)], check=False)

    assert checked.returncode == 0
    assert [script.removesuffix(' --force-exclude "$@"') for script in scripts] == [text.strip() for text in linted]


def test_every_tool_before_a_commit_is_installed_with_the_tests() -> None:
    pyproject = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    installed = {re.split("[^a-z-]", each)[0] for each in pyproject["project"]["optional-dependencies"]["dev"]}
    tools = {words[2].partition(" exec ")[2].split()[0] for words in hooks().values()}

    assert tools == {"ruff", "mypy"}
    assert tools | {"pre-commit"} <= installed


@pytest.mark.skipif(shutil.which("sh") is None, reason="git brings sh, and hooks run under git")
@pytest.mark.parametrize(("hook", "text"), [("ruff-check", "import os\n"), ("ruff-format", "a  =  1\n")])
def test_a_hook_refuses_what_make_lint_refuses(hook: str, text: str, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.py", tmp_path / "good.py"
    bad.write_text(text, "utf-8")
    good.write_text("a = 1\n", "utf-8")
    here = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}

    ended = [
        subprocess.run([*hooks()[hook], str(file)], cwd=TOP, env=here, capture_output=True, check=False).returncode
        for file in (bad, good)
    ]

    assert ended == [1, 0]


def test_the_suite_runs_on_linux_and_windows_with_the_oldest_and_a_new_python() -> None:
    job = workflow()["jobs"]["test"]
    runs = [step["run"] for step in job["steps"] if "run" in step]

    assert job["strategy"]["matrix"] == {"os": ["ubuntu-latest", "windows-latest"], "python": ["3.11", "3.13"]}
    assert {"make peers", "make test", "./make.ps1 peers", "./make.ps1 test"} <= set(runs)
