"""A folder in which the command line is used: settings, a database, and ways to ask in this program or a real one."""

from __future__ import annotations

import io
import json
import os
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from programs import Program
from rig import eventually

from process_manager.cli import exit_codes
from process_manager.database import Database, connect

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call of the command line gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to stdout, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shop:
    """The folder."""

    folder: Path

    @property
    def file(self) -> Path:
        """The engine's database."""
        return self.folder / "process-manager.db"

    def ask(self, *arguments: object) -> Answer:
        """The answer, given within this program."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = exit_codes.run([str(argument) for argument in arguments])
        return Answer(code, out.getvalue(), err.getvalue())

    def spawn(self, *arguments: object, script: str = "", **environment: str) -> Program:
        """A real program, or this script, with these variables in its environment."""
        path = os.pathsep.join([str(HERE), str(HERE.parent.parent)])
        return Program(
            [sys.executable, *(("-c", script) if script else ("-m", "process_manager")), *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, **environment},
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Ctrl-Break reaches a whole group
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def really(self, *arguments: object, script: str = "", **environment: str) -> Answer:
        """The answer of a real program."""
        with self.spawn(*arguments, script=script, **environment) as program:
            out, err = program.communicate(timeout=30)
        return Answer(program.returncode, out, err)

    def on_a_terminal(self, *arguments: object, typed: str = "") -> tuple[int, str]:
        """The exit code of a real program on a terminal on which a person types this line, and all that it showed."""
        import pty

        ours, theirs = pty.openpty()
        program = Program(
            [sys.executable, "-m", "process_manager", *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)]), "COLUMNS": "200"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        os.write(ours, f"{typed}\n".encode())
        with program:
            said = b"".join(iter(lambda: _read(ours), b""))
            os.close(ours)
            return program.wait(timeout=20), said.decode()

    def typed(self, line: str) -> list[str]:
        """The words of a line that a command told a person to type."""
        return shlex.split(line, posix=os.name != "nt")

    def start(self, name: str, payload: Any = None, *options: object) -> int:
        """The id of a new process."""
        given = () if payload is None else ("--payload", json.dumps(payload))
        answer = self.ask("start", name, *given, *options)
        assert answer.code == 0, answer.err
        return int(answer.out)

    def show(self, process_id: int, *names: str) -> Any:
        """Where a process stands: one fact of it, or several."""
        found = self.ask("show", process_id, "-o", "json").json
        return found[names[0]] if len(names) == 1 else tuple(found[name] for name in names)

    def history(self, process_id: int, *names: str) -> list[tuple[Any, ...]]:
        """Some facts of each row of its history."""
        return [tuple(row[name] for name in names) for row in self.ask("history", process_id, "-o", "json").json]

    def database(self) -> Database:
        """The engine's database, for what the command line cannot do."""
        return connect(f"sqlite:///{self.file}")

    def execute(self, statement: str, *values: object) -> None:
        """Change the database behind everybody's back."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)

    def content(self) -> list[str]:
        """Everything in the database but the audit chain, as text; nothing where there is none."""
        if not self.file.exists():
            return []
        with closing(sqlite3.connect(self.file)) as connection:
            return [line for line in connection.iterdump() if not line.startswith('INSERT INTO "audit')]


def _read(terminal: int) -> bytes:
    """What is shown next; nothing once the other side is gone."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def slow(shop: Shop, seconds: float, *options: object) -> int:
    """The id of a new process whose step lasts so long and leaves the file `begun`."""
    return shop.start("slow", {"folder": str(shop.folder), "seconds": seconds}, *options)


@contextmanager
def in_the_step(shop: Shop, *arguments: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A real worker whose step has begun; killed at the end if it is still there."""
    settings = {f"PROCESS_MANAGER_{name.upper()}": value for name, value in environment.items()}
    with shop.spawn(*arguments, **settings) as program:
        try:
            eventually((shop.folder / "begun").exists)
            yield program
        finally:
            program.kill()
