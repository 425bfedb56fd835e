"""Settings that a package declares: read, refused and shown as those of the engine are."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rig import INSTALLATION
from shop import Shop

from process_manager import classic, settings
from process_manager.definition.step_host import Host
from process_manager.errors import SettingsError
from process_manager.execution.isolation import child_host
from processes.fakturering_settings import FaktureringSettings
from tasks.openorchestrator_settings import OpenOrchestratorSettings

MAIL = """
from pydantic import Field
from process_manager.settings import PackageSettings

class MailSettings(PackageSettings):
    mail_port: int = Field(25, ge=1, description="The port of the mail server.")
    mail_host: str | None = Field(None, examples=["mail.office"], description="The mail server.")
"""

Declare = Callable[..., str]


@pytest.fixture
def declare(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Put a process package with a module `mail_settings` there, and name it."""

    def declared(name: str, source: str = MAIL) -> str:
        Path(name).mkdir()
        Path(name, "__init__.py").touch()
        Path(name, "mail_settings.py").write_text(source, "utf-8")
        monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", name)
        return name

    return declared


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        settings.load()
    return " ".join(str(refused.value).split())


def test_the_settings_of_a_process_package_are_read_as_the_others_are(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare("office_read")
    Path("process_manager.toml").write_text("mail_port = 1\n", "utf-8")
    Path(".env").write_text("PROCESS_MANAGER_MAIL_PORT=2\nPROCESS_MANAGER_MAIL_HOST=post\n", "utf-8")
    monkeypatch.setenv("PROCESS_MANAGER_MAIL_PORT", "3")

    found, origins = settings.load().model_dump(), settings.origins()

    assert (found["mail_port"], found["mail_host"], settings.load(mail_port=4).model_dump()["mail_port"]) == (
        3,
        "post",
        4,
    )
    assert (origins["mail_port"], origins["mail_host"]) == (
        "PROCESS_MANAGER_MAIL_PORT",
        ".env, PROCESS_MANAGER_MAIL_HOST",
    )


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("MAIL_PRT", "1", "PROCESS_MANAGER_MAIL_PRT: is not a setting. Did you mean PROCESS_MANAGER_MAIL_PORT?"),
        (
            "MAIL_PORT",
            "0",
            "PROCESS_MANAGER_MAIL_PORT: is refused: input should be greater than or equal to 1. "
            "The port of the mail server.",
        ),
        ("MAIL_HOST", " ", "PROCESS_MANAGER_MAIL_HOST: is empty. Remove it or give it a value."),
    ],
)
def test_a_wrong_setting_of_a_package_is_refused_as_the_others_are(
    declare: Declare, monkeypatch: pytest.MonkeyPatch, name: str, text: str, sentence: str
) -> None:
    declare("office_refused")
    monkeypatch.setenv(settings.PREFIX + name, text)

    assert refusal() == sentence


def test_a_package_cannot_declare_a_setting_that_there_is_already(declare: Declare) -> None:
    declare("office_taken", MAIL.replace("mail_port", "concurrency"))

    assert refusal() == (
        "office_taken.mail_settings.MailSettings: declares concurrency, which is a setting already. "
        "Give it another name."
    )


@pytest.mark.parametrize(
    ("line", "told"), [("raise ValueError('PWD=hunter2')", "ValueError: PWD=***"), ("exit(3)", "SystemExit: 3")]
)
def test_a_declaration_that_breaks_is_refused_by_its_name(declare: Declare, line: str, told: str) -> None:
    name = declare(f"office_broken_{line[:4]}", line)

    assert refusal() == f"{name}.mail_settings: cannot be imported: {told}. Fix it first."


def test_a_module_that_only_imports_a_declaration_declares_nothing(declare: Declare) -> None:
    name = declare("office_twice")
    Path(name, "other_settings.py").write_text(f"from {name}.mail_settings import MailSettings\n", "utf-8")

    assert settings.load().model_dump()["mail_port"] == 25


def test_an_installation_that_names_other_packages_sets_what_the_included_steps_need(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare("office_own")
    monkeypatch.setenv("PROCESS_MANAGER_FAKTURERING_URL", "sqlite:////srv/invoices.db")
    monkeypatch.setenv("PROCESS_MANAGER_OPENORCHESTRATOR_URL", "sqlite:////srv/queues.db")

    found = settings.load()

    urls = FaktureringSettings.of(found).fakturering_url, OpenOrchestratorSettings.of(found).openorchestrator_url
    assert [url and url.get_secret_value() for url in urls] == [
        "sqlite:////srv/invoices.db",
        "sqlite:////srv/queues.db",
    ]


def test_settings_that_were_read_without_a_package_have_its_defaults() -> None:
    plain = settings.Settings()

    assert FaktureringSettings.of(plain).fakturering_url is None


def test_the_settings_of_a_package_are_in_force_in_a_child(declare: Declare) -> None:
    name = declare("office_child")
    ours = settings.load(mail_host="post")
    host = Host(None, ours, INSTALLATION, lambda _evidence: None)  # type: ignore[arg-type]

    handed = child_host.handed(host, database=("sqlite:///x.db", None), log_settings=None, retry=classic())
    theirs = child_host.ChildHost(handed, lambda _evidence: None)

    assert ours.process_packages == (name,)
    assert theirs.settings.model_dump() == ours.model_dump()


@pytest.mark.slow
def test_the_command_line_shows_the_settings_of_packages_found_in_its_folder(bare: Shop, declare: Declare) -> None:
    declare("office_shown")
    Path(".env").write_text("PROCESS_MANAGER_MAIL_HOST=post\n", "utf-8")

    shown = bare.really("config", "show", "-o", "json")
    example = bare.really("config", "example")

    rows = {row["name"]: (row["value"], row["origin"], row["meaning"]) for row in shown.json}
    assert rows["mail_host"] == ("post", ".env, PROCESS_MANAGER_MAIL_HOST", "The mail server.")
    assert rows["mail_port"] == (25, "default", "The port of the mail server.")
    assert re.search(r"^# The mail server\.\n# Not set .*\n#PROCESS_MANAGER_MAIL_HOST=mail\.office$", example.out, re.M)
    assert "#PROCESS_MANAGER_FAKTURERING_URL=" in example.out


@pytest.mark.slow
def test_what_a_declaration_prints_is_no_data(bare: Shop, declare: Declare) -> None:
    declare("office_printing", f"print('printed')\n{MAIL}")

    answer = bare.really("config", "show", "-o", "json")

    assert {row["name"] for row in answer.json} >= {"mail_port", "mail_host"}
    assert answer.err == "printed\n"


def test_an_example_is_written_while_the_settings_in_force_are_wrong(
    bare: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "nonsense")

    answer = bare.ask("config", "example")

    assert answer.code == 0
    assert "#PROCESS_MANAGER_LEASE=1m30s\n" in answer.out
