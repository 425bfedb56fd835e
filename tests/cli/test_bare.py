"""What `pip install` brings without an extra is enough for every command on SQLite: no driver is looked for."""

import json

import pytest
from shop import Shop

DRIVERS = ("psycopg", "pyodbc", "mssql_python")
COMMANDS = (
    ["check"],
    ["start", "letter"],
    ["doctor"],
    ["work"],
    ["worker", "--until-empty"],
    ["list"],
    ["show", "1"],
    ["history", "1"],
    ["status"],
    ["workers"],
    ["processes"],
    ["quiet"],
    ["config", "show"],
    ["db", "current"],
    ["db", "upgrade"],
    ["db", "sql"],
)
SCRIPT = f"""
import json, sys
sys.modules.update(dict.fromkeys({DRIVERS!r}))  # an import of one raises
from process_manager.cli import exit_codes
codes = [exit_codes.run(command) for command in {COMMANDS!r}]
print(json.dumps(codes))
"""


@pytest.mark.slow
def test_on_sqlite_no_command_needs_the_driver_of_a_server(shop: Shop) -> None:
    answer = shop.really(script=SCRIPT)

    codes = json.loads(answer.out.splitlines()[-1])
    assert {" ".join(command): code for command, code in zip(COMMANDS, codes, strict=True) if code} == {}, answer.err
