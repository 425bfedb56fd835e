"""Every statement that the engine runs, as SQL Server would be sent it: it compiles, and is T-SQL.

No statement was run on a SQL Server by these tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rig import NOON, Three, execute, odd, restart, start, status, work, working
from sqlalchemy.sql.dml import Insert
from test_store_auditing_sql import complaints
from test_store_sql import DIALECTS, statements

from process_manager import Done, Process, Reject, Retry, StepRun, clock, command, inspection, operations
from process_manager.database import Database, schema
from process_manager.inspection import commands as standing
from process_manager.operations import Act, commanding, switching
from process_manager.registry import Registry
from process_manager.store import auditing, claiming, commands, due, keys, lanes, ledger, reading, tables, workers
from process_manager.store.changing import Change
from process_manager.store.due import Shape
from process_manager.store.ledger import Taken, Taking
from process_manager.store.reading import Filter

ADA = Act("Ada", "why not")
