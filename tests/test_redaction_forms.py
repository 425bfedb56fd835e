"""The forms in which a secret stands in a text, each masked, and the sentences that stay as they are."""

import time

import pytest

from process_manager.redaction import redact, redact_text

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nq2w/3+4=\n-----END RSA PRIVATE KEY-----"

# A text, and what is read of it.
FORMS = [
    # key and value, in four languages
    ("password: hunter2", "password: ***"),
    ("Password = hunter2, user sa", "Password = ***, user sa"),
    ("pw='hunter2'", "pw=***"),
    ('pw="hunter2 and more"', "pw=***"),
    ("db_pw=hunter2", "db_pw=***"),
    ("pass: hunter2", "pass: ***"),
    ("pin=4711", "pin=***"),
    ("passphrase: hunter2", "passphrase: ***"),
    ("kodeord: hunter2", "kodeord: ***"),
    ("Adgangskode til SAP: hunter2", "Adgangskode til SAP: ***"),
    ("adgangskoden: hunter2", "adgangskoden: ***"),
    ("pinkode=4711", "pinkode=***"),
    ("løsenord: hunter2", "løsenord: ***"),
    ("api-nøgle: hunter2", "api-nøgle: ***"),
    ("hemmelighed=hunter2", "hemmelighed=***"),
    ("passord: hunter2", "passord: ***"),
    ("API-nøkkel = hunter2", "API-nøkkel = ***"),
    ("hasło: hunter2", "hasło: ***"),
    ("Haslo=hunter2", "Haslo=***"),
    ("klucz API: hunter2", "klucz API: ***"),
    ("password=hun,ter2", "password=***"),
    ("password=hun(ter2", "password=***"),
    ("login(user='sa', password='hunter2')", "login(user='sa', password=***)"),
    ("{'password' => 'hunter2'}", "{'password' => ***}"),
    ("('password', 'hunter2')", "('password', ***)"),
    ("password for user sa: hunter2", "password for user sa: ***"),
    # within JSON, XML and YAML
    ('{"password":"hunter2","id":7}', '{"password":***,"id":7}'),
    ('{"body": "{\\"password\\": \\"my hunter2\\", \\"id\\": 7}"}', '{"body": "{\\"password\\": ***, \\"id\\": 7}"}'),
    ("%22password%22%3A%22hunter2%22%2C", "%22password%22%3A***%2C"),
    ("<ns:Password>hunter2</ns:Password>", "<ns:Password>***</ns:Password>"),
    ('<add key="DbPassword" value="hunter2" />', '<add key="DbPassword" value=*** />'),
    ("apiKey: !!str hunter2", "apiKey: *** hunter2"),
    # sentences and command lines
    ("the password is hunter2", "the password is ***"),
    ("password is x", "password is ***"),
    ("password for sa was 'hunter2'", "password for sa was ***"),
    ("adgangskoden er hunter2", "adgangskoden er ***"),
    ("passordet er: hunter2", "passordet er: ***"),
    ("hasło to hunter2", "hasło to ***"),
    ("password hunter2 was refused", "password *** was refused"),
    ("ALTER ROLE sa PASSWORD 'hunter2'", "ALTER ROLE sa PASSWORD ***"),
    ("CREATE USER sa IDENTIFIED BY 'hunter2'", "CREATE USER sa IDENTIFIED BY ***"),
    ("run --password hunter2 --user sa", "run --password *** --user sa"),
    ("run --password x", "run --password ***"),
    ("run --db-password='hunter2'", "run --db-password=***"),
    ("plink -pw hunter2 host", "plink -pw *** host"),
    ("curl -u office:hunter2 host", "curl -u office:*** host"),
    ("sqlcmd -S srv -U sa -P hunter2", "sqlcmd -S srv -U sa -P ***"),
    ("mysql -u root -phunter2 -P 3306", "mysql -u root -p*** -P 3306"),
    # headers
    ("Authorization: Basic dXNlcjpodW50ZXIy", "Authorization: ***"),
    ("Authorization: hunter2", "Authorization: ***"),
    ('Authorization: Digest username="sa", response="hunter2"', "Authorization: ***"),
    ("sent Basic dXNlcjpodW50ZXIy", "sent Basic ***"),
    ("sent Basic dXNl", "sent Basic ***"),
    ("X-Api-Key: hunter2", "X-Api-Key: ***"),
    ("Ocp-Apim-Subscription-Key: hunter2", "Ocp-Apim-Subscription-Key: ***"),
    ("Cookie: a=hunter2; b=hunter2", "Cookie: ***"),
    ("Set-Cookie: session=hunter2; Path=/", "Set-Cookie: ***"),
    ("GET /a;jsessionid=hunter2hunter2", "GET /a;jsessionid=***"),
    # connection strings and clouds
    ("Server=h;User ID=sa;Password=my hunter2;Encrypt=no", "Server=h;User ID=sa;Password=***;Encrypt=no"),
    ("DRIVER={x};PWD={a;hunter2};UID=sa", "DRIVER={x};PWD=***;UID=sa"),
    ("AccountName=n;AccountKey=aHVudGVyMg==;End=x", "AccountName=n;AccountKey=***;End=x"),
    ("AccountKey=x", "AccountKey=***"),
    ("sent pm_0123456789abcdefghijABCDEFGHIJ0123456789-_x on", "sent *** on"),
    ("SharedAccessKeyName=n;SharedAccessKey=hunter2", "SharedAccessKeyName=***;SharedAccessKey=***"),
    ("https://b/c?sv=2024&sig=hunter2%2Fhunter2&se=1", "https://b/c?sv=2024&sig=***&se=1"),
    ("AWS_SECRET_ACCESS_KEY=hunter2", "AWS_SECRET_ACCESS_KEY=***"),
    ("with AKIAIOSFODNN7EXAMPLE at", "with *** at"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "***"),
    (f"sent {JWT} on", "sent *** on"),
    ("client_secret=hunter2&grant_type=x", "client_secret=***&grant_type=x"),
    ("postgresql://sa:my hunter2 @ home@db/pm", "postgresql://sa:***@db/pm"),
    ("127.0.0.1:5432:pm:sa:hunter2", "127.0.0.1:5432:pm:sa:***"),
    (f"key {PEM} was read", "key -----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY----- was read"),
    ("BEGIN\nMIIEow\n-----END PRIVATE KEY-----", "***-----END PRIVATE KEY-----"),
]


@pytest.mark.parametrize(("text", "read"), FORMS, ids=[row[0][:40] for row in FORMS])
def test_each_form_of_a_secret_is_masked_and_what_is_around_it_stays(text: str, read: str) -> None:
    assert redact_text(text) == read


ORDINARY = [
    "password is required",
    "The password must not be empty.",
    "password: Field required",
    "Access denied for user 'sa'@'h' (using password: YES)",
    'password authentication failed for user "office"',
    "Login failed: the password has expired",
    "token expired",
    "the token has run out; the token is valid for an hour",
    "Basic training, basic JavaScript and Basic authentication",
    "Bearer authentication is required",
    "tasknøgle 7 og kodenummer 12",
    "kodeord mangler",
    "adgangskoden er forkert",
    "passordet er utløpt",
    "hasło jest nieprawidłowe",
    "sekretær: Anna Hansen",
    "secretary: Anna Hansen",
    "fejlkode: 42, postkode: 8000, kode: 7",
    "spw: 3, compass: north, spin=4, bypass=1",
    "dedup-nøgle: k, order_key=lane, key: 7",
    "use --password or --token to say it",
    "--password <secret> [--token TOKEN]",
    "https://host:8080/a?mail=x@y.dk and a@b.dk",
    "2026-11-21T10:00:00+00:00 12:3456:a:b:c",
    '{"password": null, "token": false}',
    "der Kodex, en nøgle, et pas, opløsning: 3",
    "work done in 5432 ms: 41 rows, sig selv",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "key",
    ["password", "kodeord", "adgangskode", "hasło", "passord", "pw", "db_pw", "pass", "pin", "api_key", "apiKey", "sig",
     "authorization", "AccountKey", "clientSecret", "set-cookie", "privat_nøgle", "personnummer", "elev_cpr"],
)  # fmt: skip
def test_a_key_of_an_event_that_names_a_secret_hides_its_value(key: str) -> None:
    assert redact({key: {"any": "thing"}}) == {key: "***"}


@pytest.mark.parametrize(
    "key", ["dedup_key", "order_key", "idempotency_key", "key", "kode", "step", "spin", "passed", "author", "sekretær"]
)
def test_a_key_of_an_event_that_names_none_leaves_its_value(key: str) -> None:
    assert redact({key: "thing"}) == {key: "thing"}


PIECES = [
    "pw=", "password ", "password is ", "password for ", "--password ", "--a", "-", '\\"', '"password": \\"', "<pw>",
    "<pw ", "'pw' value=", "basic ", "Basic aB", "bearer a", "mysql ", "sqlcmd -P", "sig=", "cookie:",
    "authorization: digest ", "-----BEGIN PRIVATE KEY-----", "-----END ", "eyJabcdef.", "postgresql://a:", "postgresql://a:b@",
    "a:5432:", "token,", "token(", "identified by ", "hasło to ", " -u a:", "pw%3d%7b", "api ",
    "secret" + "'" * 50, "a" * 50 + ".",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_a_text_eight_times_as_long_costs_about_eight_times_as_much(piece: str) -> None:
    short, long = (piece * (size // len(piece)) for size in (10_000, 80_000))

    assert cost(long) < 24 * cost(short) + 0.02  # what is tried again at each place costs 64 times as much


def cost(text: str) -> float:
    """Seconds of this thread, the best of three."""
    found = []
    for _ in range(3):
        begun = time.thread_time()
        redact_text(text, limit=len(text))
        found.append(time.thread_time() - begun)
    return min(found)
