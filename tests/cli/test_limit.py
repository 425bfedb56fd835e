"""`limit`: what the fleet shares, and another number of it."""

from shop import Shop

LIMIT = "INSERT INTO limits (name, declared) VALUES ('sap-seats', 3)"


def test_a_limit_is_listed_and_changed_with_a_reason(shop: Shop) -> None:
    assert "There is none yet" in shop.ask("limit", "list").err
    shop.execute(LIMIT)

    changed = shop.ask("limit", "sap-seats", 5, "--reason", "two more licences")
    again = shop.ask("limit", "sap-seats", 5)
    (found,) = shop.ask("limit", "list", "-o", "json").json
    back = shop.ask("limit", "sap-seats", "declared")

    assert (changed.code, changed.err.strip()) == (0, "'sap-seats' is 5 from now on.")
    assert again.err.strip() == "'sap-seats' was 5 before."
    assert (found["name"], found["most"], found["declared"], found["taken"], found["by"]) == ("sap-seats", 5, 3, 0, [])
    assert back.err.strip() == "'sap-seats' is what the code declares from now on."
    assert "sap-seats" in shop.ask("limit", "sap-seats").out


def test_what_is_no_number_and_what_is_no_limit_is_refused(shop: Shop) -> None:
    shop.execute(LIMIT)

    assert shop.ask("limit", "sap-seats", "many").code == 2
    assert shop.ask("limit", "sap-seats", 10_001).code == 2
    assert "Did you mean 'sap-seats'?" in shop.ask("limit", "sap-seat", 5).err
