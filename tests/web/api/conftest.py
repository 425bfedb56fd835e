from pathlib import Path

import pytest
from api_caller import Caller, Letter, Tidy, give_token
from fastapi import FastAPI
from rig import Odd, Three, settings

from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """What the API works with: an empty database, four classes, and a folder for switch files."""
    folder = tmp_path / "locks"
    folder.mkdir()
    return Office.of(settings(locks_folder=folder), database, Registry((Letter, Odd, Three, Tidy)))


@pytest.fixture
def app(office: Office) -> FastAPI:
    """The pages and the API."""
    return create_app(office)


@pytest.fixture
def caller(app: FastAPI, database: Database) -> Caller:
    """A program whose token may do all that a token can."""
    give_token(database)
    return Caller(app)
