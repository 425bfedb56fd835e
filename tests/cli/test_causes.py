"""Why processes have stopped, from the command line, and acting on those of one cause."""

from shop import Shop


def test_causes_are_listed_and_found_by_their_keys(busy: Shop) -> None:
    (cause,) = [row for row in busy.ask("causes", "-o", "json").json if row["name"] == "broken"]
    (key,) = cause["keys"]

    assert (cause["status"], cause["step"], cause["number"]) == ("failed", "try", 1)
    assert cause["examples"] == [{"id": 2, "reference": None}]
    assert [row["id"] for row in busy.ask("list", "-o", "json", "--cause", key).json] == [2]
    assert busy.ask("list", "--count", "--cause", "ffff").out == "0\n"
    assert key in busy.ask("causes", "--name", "broken").out

    done = busy.ask("restart-process", "--where", f"cause={key}", "--yes", "-o", "json")

    assert [row["result"] for row in done.json] == ["restarted"]


def test_nothing_has_stopped(shop: Shop) -> None:
    assert "Nothing has stopped." in shop.ask("causes").err
