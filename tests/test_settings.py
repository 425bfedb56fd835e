import os
from datetime import timedelta
from pathlib import Path

import pytest

from process_manager import settings
from process_manager.errors import SettingsError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in settings.model_of().model_fields:
        monkeypatch.delenv(settings.PREFIX + name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(**overrides: object) -> str:
    with pytest.raises(SettingsError) as refused:
        settings.load(**overrides)
    assert refused.value.exit_code == 2
    return str(refused.value)


UNSET = (
    "zone", "quiet", "logging_config", "log_level", "reasons_required", "web_certificate", "web_key",
    "web_origins", "web_proxy", "web_proxy_secret", "web_proxy_secret_file", "web_proxy_roles",
    "fakturering_url", "openorchestrator_url", "upload_types", "files_folder", "event_keep",
)  # fmt: skip


def test_an_installation_that_sets_nothing_works() -> None:
    found = settings.load().model_dump()

    assert found.pop("database_url").get_secret_value() == f"sqlite:///{Path('process-manager.db').absolute()}"
    assert found == {
        **dict.fromkeys(UNSET),
        "process_packages": ("processes",),
        "locks_folder": Path("locks").absolute(),
        "lease": timedelta(seconds=90),
        "time_box": timedelta(minutes=5),
        "grace": timedelta(seconds=30),
        "clock": "database",
        "concurrency": 8,
        "retry": "classic",
        "log_format": "console",
        "console_role": "operator",
        "console_groups": ("*",),
        "upload_limit": 16,
        "upload_keep": timedelta(days=1),
        "batch_keep": timedelta(days=90),
        "web_host": "127.0.0.1",
        "web_port": 8000,
        "web_proxy_sign_on": False,
        "debug": False,
    }


def test_the_caller_comes_before_the_environment_before_dotenv_before_toml(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "process_manager.toml").write_text('lease = "1m"\ngrace = "1m"\ntime_box = "1m"\nconcurrency = 1\n')
    (empty_folder / ".env").write_text(
        "PROCESS_MANAGER_LEASE=2m\nPROCESS_MANAGER_GRACE=2m\nPROCESS_MANAGER_TIME_BOX=2m\n"
    )
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "3m")
    monkeypatch.setenv("PROCESS_MANAGER_GRACE", "3m")

    found = settings.load(lease="4m")

    assert [found.lease, found.grace, found.time_box] == [timedelta(minutes=each) for each in (4, 3, 2)]
    assert found.concurrency == 1


def test_an_option_that_was_not_given_leaves_the_environment_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_CONCURRENCY", "3")

    assert settings.load(concurrency=None).concurrency == 3


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("process_packages", "processes, office.flows", ("processes", "office.flows")),
        ("lease", "1h", timedelta(hours=1)),
        ("zone", "Europe/Copenhagen", "Europe/Copenhagen"),
        ("quiet", "none", "none"),
        ("log_level", "debug", "DEBUG"),
        ("log_format", "json", "json"),
        ("debug", "true", True),
        ("locks_folder", "/srv/låse", Path("/srv/låse")),
    ],
)
def test_a_variable_is_read_as_its_kind(name: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.PREFIX + name.upper(), text)

    assert getattr(settings.load(), name) == value


def test_a_list_in_toml_names_the_packages(empty_folder: Path) -> None:
    (empty_folder / "process_manager.toml").write_text('process_packages = ["processes", "office.flows"]\n')

    assert settings.load().process_packages == ("processes", "office.flows")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "LEASE",
            "90",
            "PROCESS_MANAGER_LEASE: '90' is not a duration. "
            "Write a whole number and its unit (d, h, m, s or ms), such as 90s, 5m, 1h30m or 2d.",
        ),
        ("LEASE", "2h", "PROCESS_MANAGER_LEASE: 2h is out of range. Give a duration from 1s to 1h."),
        (
            "CONCURRENCY",
            "501",
            "PROCESS_MANAGER_CONCURRENCY: is refused: input should be less than or equal to 500. "
            "How many steps one worker runs at once, from 1 to 500.",
        ),
        (
            "ZONE",
            "Europe/Copenhage{n",
            "PROCESS_MANAGER_ZONE: 'Europe/Copenhage{n' is not a time zone. "
            "Give an IANA name, such as Europe/Copenhagen.",
        ),
        (
            "ZONE",
            "../../etc",
            "PROCESS_MANAGER_ZONE: '../../etc' is not a time zone. Give an IANA name, such as Europe/Copenhagen.",
        ),
        (
            "PROCESS_PACKAGES",
            "processes,my-flows",
            "PROCESS_MANAGER_PROCESS_PACKAGES: 'my-flows' is not a package name. "
            "Give importable names, such as processes,office.flows.",
        ),
        ("DATABASE_URL", " ", "PROCESS_MANAGER_DATABASE_URL: is empty. Remove it or give it a value."),
        ("DATABASE", "x", "PROCESS_MANAGER_DATABASE: is not a setting. Did you mean PROCESS_MANAGER_DATABASE_URL?"),
    ],
)
def test_a_wrong_variable_is_refused_in_one_line_that_says_what_to_do(
    name: str, text: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PREFIX + name, text)

    assert refusal() == sentence


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        (
            ".env",
            b"PROCESS_MANAGER_LEES=5m\n",
            ".env, PROCESS_MANAGER_LEES: is not a setting. Did you mean PROCESS_MANAGER_LEASE?",
        ),
        (
            ".env",
            b"PROCESS_MANAGER_LEASE=2h\n",
            ".env, PROCESS_MANAGER_LEASE: 2h is out of range. Give a duration from 1s to 1h.",
        ),
        (".env", b"PROCESS_MANAGER_ZONE\n", ".env, PROCESS_MANAGER_ZONE: is empty. Remove it or give it a value."),
        (".env", b"A=1\nB='unclosed\n", ".env, line 2: cannot be read. Write NAME=value, or quote the value."),
        (".env", "A=æ".encode("latin-1"), ".env: is not UTF-8. Save it as UTF-8."),
        ("process_manager.toml", b'leas = "5m"\n', "process_manager.toml, leas: is not a setting. Did you mean lease?"),
        (
            "process_manager.toml",
            b"PROCESS_MANAGER_LEASE = '5m'\n",
            "process_manager.toml, PROCESS_MANAGER_LEASE: is not a setting. Did you mean lease?",
        ),
        (
            "process_manager.toml",
            b"debug = 'maybe'\n",
            "process_manager.toml, debug: is refused: input should be a valid boolean, unable to interpret input. "
            "Whether an error shows its traceback: true or false.",
        ),
        (
            "process_manager.toml",
            b"lease = 5m\n",
            "process_manager.toml: is not valid TOML: Expected newline or end of document after a statement "
            '(at line 1, column 10). Write lines such as lease = "90s".',
        ),
        ("process_manager.toml", "# æ".encode("utf-16"), "process_manager.toml: is not UTF-8. Save it as UTF-8."),
    ],
)
def test_a_broken_file_is_refused_in_one_line_that_names_file_and_key(
    file: str, content: bytes, sentence: str, empty_folder: Path
) -> None:
    (empty_folder / file).write_bytes(content)

    assert refusal() == sentence


def test_an_unknown_override_is_refused() -> None:
    assert refusal(concurency=3) == "concurency: is not a setting. Did you mean concurrency?"


def test_a_far_off_name_is_answered_with_all_settings(empty_folder: Path) -> None:
    (empty_folder / "process_manager.toml").write_text("xyzzy = 1\n")

    assert refusal().endswith(f"The settings are {', '.join(settings.model_of().model_fields)}.")


def test_a_file_saved_by_a_windows_editor_is_read(empty_folder: Path) -> None:
    (empty_folder / "process_manager.toml").write_bytes(b'\xef\xbb\xbflease = "1m"\r\n')
    (empty_folder / ".env").write_bytes(b"\xef\xbb\xbfPROCESS_MANAGER_GRACE=1m\r\n")

    found = settings.load()

    assert (found.lease, found.grace) == (timedelta(minutes=1), timedelta(minutes=1))


def test_the_names_of_other_programs_and_of_our_test_servers_are_left_alone(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / ".env").write_text("COMPOSE_PROJECT_NAME=office\n")
    monkeypatch.setenv("PROCESS_MANAGER_TEST_MSSQL", "mssql+pyodbc://…")

    assert settings.load().concurrency == 8


@pytest.mark.parametrize("name", ["database_url", "fakturering_url", "openorchestrator_url"])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sqlite:///books/år.db", "sqlite:///HERE/books/år.db"),
        ("sqlite+pysqlite:///books.db?timeout=3", "sqlite+pysqlite:///HERE/books.db?timeout=3"),
        ("sqlite:////srv/books.db", "sqlite:////srv/books.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite:///file:books.db?uri=true", "sqlite:///file:books.db?uri=true"),
        ("postgresql+psycopg://office:p/w@db/books", "postgresql+psycopg://office:p/w@db/books"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the paths are POSIX ones")
def test_a_file_is_where_it_was_when_the_settings_were_read(
    name: str, written: str, read: str, empty_folder: Path
) -> None:
    found = getattr(settings.load(**{name: written}), name)

    assert found.get_secret_value() == read.replace("HERE", str(empty_folder))


def test_every_path_of_the_settings_is_from_the_folder_in_which_they_were_read(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings.load(locks_folder="stop", logging_config="log/own.yaml")
    monkeypatch.chdir(empty_folder.parent)

    assert (found.locks_folder, found.logging_config) == (empty_folder / "stop", empty_folder / "log" / "own.yaml")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (r"RETRY='pa${OFFICE}ss'", "pa${OFFICE}ss"),
        (r"RETRY='C:\temp\new'", r"C:\temp\new"),
        (r"RETRY='it\'s'", "it's"),
        (r'RETRY="C:\temp"', "C:\temp"),
        (r'RETRY="C:\\temp\\${OFFICE}"', r"C:\temp\Nord"),
        (r"RETRY=C:\temp\${OFFICE}  # ours", r"C:\temp\Nord"),
        (r"RETRY=${NOTHING:-by default}", "by default"),
        (r"export RETRY = '${OFFICE}'", "${OFFICE}"),
        ("RETRY='two\n${OFFICE}'", "two\n${OFFICE}"),
    ],
)
def test_a_line_of_dotenv_is_read_as_its_users_expect(
    line: str, value: str, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICE", "Syd")
    line = line.replace("RETRY", "PROCESS_MANAGER_RETRY")
    (empty_folder / ".env").write_text(f"OFFICE=Nord\n{line}\n", "utf-8")

    assert settings.load().retry == value


def test_no_refusal_and_no_print_of_the_settings_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", "postgresql://office:hunter2@db/pm")

    shown = repr(settings.load()) + refusal(concurrency=0)

    assert "hunter2" not in shown


def test_settings_never_change_once_read() -> None:
    found = settings.load()

    with pytest.raises(ValueError, match="frozen"):
        found.concurrency = 9  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    missing = [name for name, field in settings.model_of().model_fields.items() if not field.description]

    assert missing == []
