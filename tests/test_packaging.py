"""The installed wheel works without the checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TOP = Path(__file__).parent.parent
pytest.importorskip("hatchling", reason="the wheel is built with hatchling: pip install -e '.[dev]'")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(TOP), cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else; what it depends on comes from our own environment."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(folder)]
    run("-m", "pip", "install", *options, str(wheel), cwd=folder)
    return folder


def run(*arguments: str, cwd: Path, path: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROCESS_MANAGER_")}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_carries_all_that_the_engine_needs_beside_its_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    migrations = {f"process_manager/{file.relative_to(TOP).as_posix()}" for file in (TOP / "migrations").rglob("*.py")}
    shipped = {
        file.relative_to(TOP).as_posix()
        for package in ("process_manager", "processes", "tasks")
        for file in (TOP / package).rglob("*.py")
    }

    web = {
        file.relative_to(TOP).as_posix() for file in (TOP / "process_manager/web").rglob("*.*") if file.suffix != ".pyc"
    }

    wanted = {"process_manager/logging.yaml", "process_manager/py.typed", "process_manager/migrations/env.py"}
    assert sorted((wanted | migrations | shipped | web) - names) == []
    assert [name for name in names if name.endswith("licenses/LICENSE")] != []


def test_the_wheel_claims_no_other_top_level_name(wheel: Path) -> None:
    tops = {name.split("/", maxsplit=1)[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {name for name in tops if not name.endswith(".dist-info")} == {"process_manager", "processes", "tasks"}


def test_the_installed_package_finds_its_own_logging_and_migrations(installed: Path, tmp_path: Path) -> None:
    program = (
        "import pathlib, process_manager, processes, tasks\n"
        "from process_manager import logs\n"
        "logs.configure(style='json'); logs.get('office').info('step.done')\n"
        "print(pathlib.Path(process_manager.__file__).parent)"
    )

    assert run("-c", program, cwd=tmp_path, path=installed) == f"{installed / 'process_manager'}\n"


def test_the_source_archive_carries_the_examples_and_the_settings_to_copy(tmp_path: Path) -> None:
    run("-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(TOP), cwd=tmp_path)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    examples = {file.relative_to(TOP).as_posix() for file in (TOP / "examples").rglob("*.py")}

    assert sorted({".env.example", "examples/README.md", *examples} - names) == []


@pytest.mark.skipif(not (TOP / "process_manager/__main__.py").exists(), reason="the command line is not written yet")
def test_the_installed_command_answers_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert "Usage:" in run("-m", "process_manager", "--help", cwd=tmp_path, path=installed)
    assert list(tmp_path.iterdir()) == []
