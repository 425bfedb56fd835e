"""The pages and files on running it for real, read by their own readers and held against the command."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import pytest

from process_manager import durations
from process_manager.cli.root import root
from process_manager.cli.session import Session
from process_manager.gates import switch_files
from process_manager.settings import PREFIX, Settings, model_of

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
RUNNING = HOW_TO / "files"
PAGE = "\n".join(
    (HOW_TO / name).read_text("utf-8")
    for name in ("linux.md", "windows.md", "stop-and-start.md", "docker.md", "iis.md")
)
SERVICES = sorted(RUNNING.glob("systemd/*.service"))
UNITS = [*SERVICES, *sorted(RUNNING.glob("systemd/*.timer"))]
CRON = (RUNNING / "cron/process-manager").read_text("utf-8")
TASKS = sorted(RUNNING.glob("windows/*.xml"))
NAMESPACE = {"": "http://schemas.microsoft.com/windows/2004/02/mit/task"}


def unit(file: Path) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, strict=True, delimiters="=")
    parsed.optionxform = str  # type: ignore[assignment]
    parsed.read_string(file.read_text("utf-8"))
    return parsed


def task(file: Path) -> ET.Element:
    return ET.fromstring(file.read_bytes())  # noqa: S314 - our own file


def settled(file: Path, *paths: str) -> dict[str, str | None]:
    return {path: task(file).findtext(path, namespaces=NAMESPACE) for path in paths}


def calls() -> set[str]:
    """Every call of the command in the page and the files, as it is typed behind the program's name."""
    in_page = re.findall(r"`(?:[^`\n]*/)?process-manager ([^`\n]+)`", PAGE)
    in_blocks = re.findall(r"^process-manager ([^#\n]+)", PAGE, re.MULTILINE)
    in_units = [unit(file)["Service"]["ExecStart"].partition("/process-manager ")[2] for file in SERVICES]
    in_cron = re.findall(r"/process-manager (\w.*?) 2>&1", CRON)
    in_tasks = [task(file).findtext("Actions/Exec/Arguments", "", NAMESPACE) for file in TASKS]
    return {*in_page, *in_blocks, *in_units, *in_cron, *in_tasks}


@pytest.mark.parametrize("call", sorted(calls()))
def test_every_call_can_be_typed_as_it_stands(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name, *words = shlex.split(call)
    with click.Context(root, info_name="process-manager", obj=Session()) as context:
        command = root.get_command(context, name)

        assert command is not None, f"there is no command {name}"
        command.make_context(name, words, parent=context)  # parses and checks, and runs nothing


def test_the_pages_and_the_files_call_what_they_are_about() -> None:
    assert {call.split()[0] for call in calls()} >= {"work", "worker", "list", "disable", "enable"}


def test_the_switch_files_of_the_page_are_those_that_are_looked_for(tmp_path: Path) -> None:
    names = {name.replace("<key>", "fakturering") for name in re.findall(r"`(?:locks/)?([a-z<>-]+\.disabled)`", PAGE)}

    for name in names:
        (tmp_path / name).touch()

    assert [switch.key for switch in switch_files.thrown(tmp_path)] == [
        "all-commands",
        "fakturering",
        "process-manager",
    ]


def test_every_setting_that_is_named_is_one() -> None:
    texts = [PAGE, CRON, (RUNNING / "settings.env").read_text("utf-8"), *(file.read_text("utf-8") for file in UNITS)]
    named = {name.lower() for text in texts for name in re.findall(rf"{PREFIX}([A-Z_]+)", text)}

    assert named - model_of().model_fields.keys() == set()


def test_the_settings_of_the_example_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(RUNNING / "settings.env", tmp_path / ".env")
    monkeypatch.chdir(tmp_path)

    assert str(Session().settings.locks_folder.as_posix()) == "/var/lib/process-manager/locks"


def test_every_file_is_named_on_a_page() -> None:
    names = {file.name for file in RUNNING.rglob("*") if file.is_file()}

    assert {name for name in names if name not in PAGE} == set()


def test_systemd_waits_longer_than_the_grace_period_before_it_kills() -> None:
    grace = Settings.model_fields["grace"].default

    waits = {file.name: durations.parse(unit(file)["Service"]["TimeoutStopSec"]) for file in SERVICES}

    assert {name: wait for name, wait in waits.items() if wait <= grace} == {}


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)
def test_a_service_drains_what_it_is_and_leaves_what_its_steps_started(file: Path) -> None:
    service = unit(file)["Service"]

    assert (service["KillSignal"], service["KillMode"]) == ("SIGTERM", "mixed")


def test_the_daemon_comes_back_unless_only_a_person_can_help() -> None:
    service = unit(RUNNING / "systemd/process-manager.service")["Service"]

    assert (service["Type"], service["Restart"], service["RestartPreventExitStatus"]) == ("exec", "on-failure", "2 8")


def test_the_timer_starts_a_run_every_five_minutes_that_ends_before_the_next() -> None:
    service = unit(RUNNING / "systemd/process-manager-work.service")["Service"]
    timer = unit(RUNNING / "systemd/process-manager-work.timer")["Timer"]

    assert (service["Type"], timer["OnCalendar"], timer["Unit"]) == ("oneshot", "*:0/5", "process-manager-work.service")
    assert service["ExecStart"].endswith(" work --time-box 4m")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for file in UNITS:  # with a program that is there
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", file.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / file.name).write_text(text, "utf-8")

    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / file.name) for file in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    # It reads the host's own units too, and ends with 0 whatever it only warns of.
    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (0, [])


def test_cron_starts_no_run_beside_another() -> None:
    entries = [line for line in CRON.splitlines() if line.startswith("*")]

    assert [entry.split()[:6] for entry in entries] == [["*/5", "*", "*", "*", "*", "process-manager"]]
    assert "flock --nonblock --conflict-exit-code 0 " in entries[0]
    assert "%" not in entries[0]  # which cron reads as the end of a line


@pytest.mark.parametrize("file", TASKS, ids=lambda file: file.name)
def test_a_task_runs_while_its_account_is_logged_on_and_keeps_no_password(file: Path) -> None:
    text = file.read_bytes().decode("utf-16")

    assert settled(
        file,
        "Principals/Principal/LogonType",
        "Principals/Principal/RunLevel",
        "Settings/MultipleInstancesPolicy",
        "Settings/IdleSettings/StopOnIdleEnd",
        "Settings/DisallowStartIfOnBatteries",
        "Actions/Exec/WorkingDirectory",
    ) == {
        "Principals/Principal/LogonType": "InteractiveToken",
        "Principals/Principal/RunLevel": "LeastPrivilege",
        "Settings/MultipleInstancesPolicy": "IgnoreNew",
        "Settings/IdleSettings/StopOnIdleEnd": "false",
        "Settings/DisallowStartIfOnBatteries": "false",
        "Actions/Exec/WorkingDirectory": "C:\\process-manager",
    }
    assert "<LogonType>Password" not in text
    assert "<UserId>" not in text  # it is imported by the account it is for


@pytest.mark.parametrize("file", TASKS, ids=lambda file: file.name)
def test_a_task_is_written_as_task_scheduler_reads_it(file: Path) -> None:
    content = file.read_bytes()

    assert content.startswith(b"\xff\xfe")
    assert content.decode("utf-16").startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n')


def test_the_run_is_started_every_five_minutes_and_ended_long_after_its_time_box() -> None:
    assert settled(
        RUNNING / "windows/process-manager-work.xml",
        "Triggers/TimeTrigger/Repetition/Interval",
        "Triggers/TimeTrigger/Repetition/Duration",
        "Settings/ExecutionTimeLimit",
    ) == {
        "Triggers/TimeTrigger/Repetition/Interval": "PT5M",
        "Triggers/TimeTrigger/Repetition/Duration": None,  # for ever
        "Settings/ExecutionTimeLimit": "PT1H",
    }


def test_the_daemon_starts_at_logon_has_no_time_limit_and_comes_back() -> None:
    assert settled(
        RUNNING / "windows/process-manager-worker.xml",
        "Triggers/LogonTrigger/Enabled",
        "Settings/ExecutionTimeLimit",
        "Settings/RestartOnFailure/Interval",
    ) == {
        "Triggers/LogonTrigger/Enabled": "true",
        "Settings/ExecutionTimeLimit": "PT0S",
        "Settings/RestartOnFailure/Interval": "PT1M",
    }
