"""What the database says is wrong is told with what a person can do, by its code and whatever its language."""

import pytest

from process_manager.database import error_advice
from process_manager.errors import DatabaseUnreachable, SchemaBroken

# Codes, words, and what is told. Numbers are those of SQL Server where nothing else is said.
SAID = [
    ("229", "The INSERT permission was denied on the object 'processes'", "its account lacks the permission"),
    ("262", "CREATE TABLE permission denied in database 'pm'", "create and alter tables"),
    ("916", "The server principal is not able to access the database", "its account lacks the permission"),
    ("300", "VIEW SERVER STATE permission was denied", "its account lacks the permission"),
    ("4060", 'Cannot open database "pm" requested by the login', "there is no such database"),
    ("18456", "Login failed for user 'sa'", "refuses the login"),
    ("18456", "Fehler bei der Anmeldung für den Benutzer 'sa'", "Check user, password"),
    ("IM002", "Data source name not found and no default driver specified", "its ODBC driver is not installed"),
    ("42501", "keine Berechtigung für Tabelle processes", "GRANT it SELECT"),
    ("1226", "User 'office' has exceeded the 'max_user_connections' resource", "accepts no more connections"),
    ("", 'FATAL:  database "pm" is not currently accepting connections', "ALLOW_CONNECTIONS true"),
    ("", 'FATAL:  no pg_hba.conf entry for host "10.0.0.1"', "refuses the login"),
    ("", "SSL error: certificate verify failed", "sslrootcert"),
    ("08001", "SSL Provider: the certificate chain was issued by an authority that is not trusted", "certificate"),
]


@pytest.mark.parametrize(("code", "said", "told"), SAID)
def test_what_a_person_can_fix_is_reported_with_how(code: str, said: str, told: str) -> None:
    found = error_advice.explain(frozenset({code} - {""}), said, "mssql+pyodbc://db/pm")

    assert isinstance(found, DatabaseUnreachable)
    assert told in str(found)
    assert " ".join(said.split()) in str(found)


@pytest.mark.parametrize(("code", "said"), [("208", "Invalid object name 'x'"), ("207", "Invalid column name 'x'")])
def test_what_the_schema_lacks_is_reported_with_its_own_code(code: str, said: str) -> None:
    found = error_advice.explain(frozenset({code}), said, "mssql+pyodbc://db/pm")

    assert isinstance(found, SchemaBroken)
    assert found.exit_code == 8
    assert said in str(found)


def test_what_nobody_can_fix_is_left_to_others() -> None:
    assert error_advice.explain(frozenset({"40001"}), "could not serialize access", "postgresql://db/pm") is None
