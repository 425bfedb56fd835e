import pytest
from fastapi import FastAPI
from rig import Three, settings
from web_visitor import Visitor

from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    """What the pages work with: an empty database."""
    return Office.of(settings(), database, Registry((Three,)))


@pytest.fixture
def app(office: Office) -> FastAPI:
    """The pages and the API."""
    return create_app(office)


@pytest.fixture
def visitor(app: FastAPI) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app)
