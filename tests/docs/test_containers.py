"""The image, what starts it, and IIS in front of it: read by their own readers, and held against the program.

No image is built here. What can be known without: every file, command, option and setting in them is there.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from pydantic import SecretStr
from rig import settings
from web_server import serving

from process_manager import durations
from process_manager.cli.root import root
from process_manager.cli.session import Session
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.settings import PREFIX, Settings, model_of
from process_manager.web import proxy
from process_manager.web.office import Office

TOP = Path(__file__).parents[2]
FILES = TOP / "docs" / "how-to" / "files"
DOCKERFILE = (TOP / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "compose.yaml").read_text("utf-8"))
SERVICES = {name: service for name, service in COMPOSE["services"].items() if name != "database"}
IIS = FILES / "iis"


def instructions(name: str) -> list[str]:
    """What follows an instruction of the Dockerfile, each time."""
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def checked(words: list[str]) -> None:
    """Parse a call of the command, and run nothing."""
    name, *rest = words
    with click.Context(root, info_name="process-manager", obj=Session()) as context:
        command = root.get_command(context, name)
        assert command is not None, f"there is no command {name}"
        if isinstance(command, click.Group):
            command = command.get_command(context, rest.pop(0))
            assert command is not None
        command.make_context(name, rest, parent=context)


def copied() -> list[str]:
    """What of the repository goes into the image."""
    lines = [shlex.split(each) for each in instructions("COPY") if not each.startswith("--from")]
    return [each for words in lines for each in words[:-1]]


def test_what_is_copied_into_the_image_is_there_and_left_in_by_the_ignore_file() -> None:
    kept = [line[1:] for line in (TOP / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]

    assert [each for each in copied() if not (TOP / each).exists()] == []
    assert [each for each in copied() if not any(each == one or each.startswith(f"{one}/") for one in kept)] == []


def test_the_image_is_built_of_what_the_package_is_built_of() -> None:
    built = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    extras = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

    assert {*built["packages"], *built["force-include"], "pyproject.toml", "README.md", "LICENSE"} <= set(copied())
    assert set(re.findall(r"EXTRAS=(\S+)", DOCKERFILE)[0].split(",")) <= extras.keys()


def test_it_has_two_stages_and_runs_as_nobody_in_particular() -> None:
    assert [each.partition(" AS ")[2] for each in instructions("FROM")] == ["build", ""]
    assert instructions("USER") == ["10001:10001"]
    assert "10001" in next(each for each in instructions("RUN") if "useradd" in each)
    assert instructions("ENTRYPOINT") == ['["process-manager"]']
    checked(yaml.safe_load(instructions("CMD")[-1]))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_a_call_that_can_be_typed(name: str) -> None:
    checked(SERVICES[name]["command"])


def test_every_setting_is_one_and_every_value_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    in_image = dict(re.findall(rf"({PREFIX}[A-Z_]+)=(\S+)", " ".join(instructions("ENV"))))

    for service in SERVICES.values():
        given = {**in_image, **service["environment"]}
        values = {name.removeprefix(PREFIX).lower(): value for name, value in given.items()}
        assert values.keys() <= model_of().model_fields.keys()
        assert isinstance(Settings(**values).database_url, SecretStr)


def test_it_waits_longer_than_the_grace_period_before_it_kills() -> None:
    for service in SERVICES.values():
        grace = durations.parse(service["environment"][f"{PREFIX}GRACE"])
        assert durations.parse(service["stop_grace_period"]) > grace


def test_nothing_has_more_rights_than_it_needs_and_no_secret_is_in_the_file() -> None:
    for service in SERVICES.values():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    text = (TOP / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"PASSWORD[^}\n]*", text)) == {
        "PASSWORD:?set it in .env",
        "PASSWORD: ${DATABASE_PASSWORD:?set it in .env",
    }


def test_what_waits_for_another_waits_for_one_that_is_there_and_the_schema_comes_first() -> None:
    waits = {name: list(service.get("depends_on", {})) for name, service in SERVICES.items()}

    assert waits == {"web": ["schema"], "worker": ["schema"], "schema": ["database"]}
    assert {each for service in SERVICES.values() for each in service.get("secrets", [])} <= COMPOSE["secrets"].keys()
    volumes = [each.partition(":")[0] for service in COMPOSE["services"].values() for each in service["volumes"]]
    assert {each for each in volumes if not each.startswith("./")} == COMPOSE["volumes"].keys()
    assert [name for name, service in SERVICES.items() if not service.get("healthcheck", {}).get("disable")] == ["web"]


@pytest.fixture
def office(database: Database) -> Office:
    """What the pages work with: an empty database."""
    return Office.of(settings(), database, Registry(()))


@pytest.mark.slow
def test_the_health_check_is_content_with_pages_that_may_be_asked_and_with_nothing_else(office: Office) -> None:
    with serving(office) as address:
        ready = asked(port=address.rpartition(":")[2])
    gone = asked(port=address.rpartition(":")[2])

    assert (ready, gone) == (0, 1)


def asked(port: str) -> int:
    words = [sys.executable, str(FILES / "docker" / "ready.py")]
    environment = {"PROCESS_MANAGER_WEB_PORT": port}
    return subprocess.run(words, env=environment, capture_output=True, timeout=60, check=False).returncode


def test_the_health_check_is_where_the_image_looks_for_it() -> None:
    target = next(each for each in instructions("COPY") if "ready.py" in each).split()[-1]

    assert target in instructions("HEALTHCHECK")[0]


def settings_of(element: ET.Element) -> Iterator[tuple[str, str]]:
    for each in element.iter("add"):
        if "key" in each.attrib:
            yield each.attrib["key"], each.attrib["value"]


def test_iis_hands_on_to_where_the_pages_listen_and_has_no_secret_in_its_file() -> None:
    config = ET.fromstring((IIS / "web.config").read_bytes())  # noqa: S314 - our own file
    action = config.find("system.webServer/rewrite/rules/rule/action")
    host, port = Settings.model_fields["web_host"].default, Settings.model_fields["web_port"].default

    assert action is not None
    assert action.attrib == {"type": "Rewrite", "url": f"http://{host}:{port}/{{R:1}}"}
    assert dict(settings_of(config)) == {"ProxySecret": "", "Groups": ""}


def test_iis_asks_windows_for_pages_and_nobody_for_the_api() -> None:
    config = ET.fromstring((IIS / "web.config").read_bytes())  # noqa: S314 - our own file
    found = {
        where: {
            name: found.attrib["enabled"]
            for name in ("anonymousAuthentication", "windowsAuthentication")
            if (found := config.find(f"{where}/security/authentication/{name}")) is not None
        }
        for where in ("system.webServer", "location/system.webServer")
    }

    assert found == {
        "system.webServer": {"anonymousAuthentication": "false", "windowsAuthentication": "true"},
        "location/system.webServer": {"anonymousAuthentication": "true", "windowsAuthentication": "false"},
    }
    assert config.find("location[@path='api']") is not None


def test_the_module_of_iis_removes_what_was_sent_and_says_what_the_pages_read() -> None:
    text = (IIS / "ForwardUser.cs").read_text("utf-8")
    config = ET.fromstring((IIS / "web.config").read_bytes())  # noqa: S314 - our own file
    module = config.find("system.webServer/modules/add")

    assert set(proxy.OURS) == set(re.findall(r'"(X-Process-Manager-\w+)"', text))
    assert module is not None
    assert f"class {module.attrib['type']} " in text
    assert set(re.findall(r'AppSettings\["(\w+)"\]', text)) == dict(settings_of(config)).keys()
    assert text.index("Headers.Remove(name)") < text.index("Headers.Set(")
