"""What one call of the command line works with: settings, process classes and database, each opened once."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from process_manager.cli import output_streams
from process_manager.cli.import_output import print_to_stderr
from process_manager.errors import SecondPersonNeeded

if TYPE_CHECKING:
    from process_manager.actor import Actor
    from process_manager.database import Database
    from process_manager.definition.markers import Marks
    from process_manager.definition.registry import Registry
    from process_manager.governance import Policies
    from process_manager.governance.action import Action
    from process_manager.inspection import Viewer
    from process_manager.inspection.viewer import MarksOf
    from process_manager.settings import Settings

T = TypeVar("T")


class Session:
    """One call of the command line; what it opens is read or made when it is first asked for."""

    def __init__(self) -> None:
        self.debug = False

    @cached_property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.load()

    def load(self, **overrides: object) -> Settings:
        """Load the settings with what the command line says on top; from here on these are in force."""
        from process_manager import settings
        from process_manager.definition.loading import use_working_directory

        use_working_directory()
        with print_to_stderr():  # packages declare settings, too
            found = settings.load(**overrides)
        self.debug = self.debug or found.debug
        self.__dict__["settings"] = found
        return found

    @property
    def zone(self) -> str | None:
        """The zone in which a person reads and types moments; None where the host's has no name."""
        from process_manager.errors import SettingsError

        settings = self.settings
        try:
            return settings.zone_name()
        except SettingsError:
            return None

    @cached_property
    def actor(self) -> Actor:
        """Who types this: the account of the operating system, with the role and the groups that the settings give."""
        from process_manager.actor import Actor, Role

        role, given = Role(self.settings.console_role), self.settings.console_groups
        groups = None if "*" in given else frozenset(given)
        return Actor(account(), is_person=True, way="console", role=role, groups=groups)

    @cached_property
    def policies(self) -> Policies:
        """The office's rules about acts."""
        from process_manager.governance import Policies

        return Policies.parse(self.settings.reasons_required or "")

    def act(self, database: Database, action: Action[T], *, dry_run: bool = False) -> T:
        """Do what the person asks for, and return what it answered; where a second person is needed, end with that."""
        from process_manager import governance

        answer = governance.acting(database, self.actor, action, policies=self.policies, dry_run=dry_run)
        if isinstance(answer, governance.Requested):
            raise SecondPersonNeeded(number=answer.number)
        return answer.value

    @cached_property
    def registry(self) -> Registry:
        """The process classes of the packages that the settings name; those of the working directory come first."""
        from process_manager.definition import registry

        packages = self.settings.process_packages
        with print_to_stderr():
            return registry.discover(packages)

    @cached_property
    def viewer(self) -> Viewer:
        """Who asks here: sees all but what the process classes of this host mark, and nothing of those not known here.

        The classes are loaded when the first process is shown.
        """
        from process_manager.inspection import Viewer

        return Viewer(marks=self._marks_of)

    def _marks_of(self, name: str, version: int) -> Marks | None:
        return self._marks(name, version)

    @cached_property
    def _marks(self) -> MarksOf:
        from process_manager.errors import UsageError
        from process_manager.inspection import marks_in

        try:
            return marks_in(self.registry)
        except UsageError as problem:
            tell(f"Nothing personal can be told apart, so payloads are not shown: {problem}")
            return marks_in(())

    @contextmanager
    def opened(self, *, makes: bool = False) -> Iterator[Database]:
        """Open the engine's database with the schema that this version works with.

        Only for what may come first, such as a start, a new SQLite file is made: whoever asks in the wrong folder is
        told that there is none.
        """
        from process_manager.database import schema
        from process_manager.database.clock_sync import ClockSync
        from process_manager.store.tables import SCHEMA

        with self.connected() as database:
            if makes:
                schema.require(database, wanted=SCHEMA, tell=tell)
            else:
                schema.expect(database, wanted=SCHEMA)
            with ClockSync(database, self.settings):
                yield database

    @contextmanager
    def looked_at(self) -> Iterator[Database]:
        """Open it likewise for what settings and classes answer in part: where none was made yet, an empty one."""
        from process_manager.database import schema
        from process_manager.errors import NoDatabaseYet

        with self.connected() as database:
            try:
                schema.require_file(database)
            except NoDatabaseYet as none:
                tell(f"Nothing was started here: {none.facts['problem']}.")
                asked = _empty()
            else:
                asked = self.opened()
        with asked as found:
            yield found

    @contextmanager
    def connected(self) -> Iterator[Database]:
        """Open the engine's database, whatever its schema."""
        from process_manager.database import connect

        database = connect(self.settings.database_url.get_secret_value(), call_timeout=self.settings.lease / 4)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def _empty() -> Iterator[Database]:
    """Open a database in which there is nothing, and which is gone after the block."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from process_manager.database import connect, schema

    with TemporaryDirectory(prefix="process-manager-") as folder:
        database = connect(f"sqlite:///{(Path(folder) / 'empty.db').as_posix()}")
        try:
            schema.upgrade(database, "head")
            yield database
        finally:
            database.close()


def tell(line: str) -> None:
    """Say something to the person: on stderr, for stdout is data."""
    output_streams.say(line)


def account() -> str:
    """Return who types this: the account and its host."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as containers have
        name = "unknown"
    return f"{name}@{socket.gethostname()}"
