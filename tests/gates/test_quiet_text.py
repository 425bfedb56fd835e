import pytest
from hypothesis import given
from hypothesis import strategies as st

from process_manager.errors import IllegalValue
from process_manager.gates import quiet

ANY_RULE = (
    "Write 23:50-24:00, sat,sun or mon-fri 12:00-12:30, holidays DK, month-end 18:00-24:00, year-end, "
    "2026-12-24 12:00-24:00 or 2026-12-24 12:00..2026-12-27 06:00, several with ; between them, or none."
)
HOURS = "Write start-end as 23:50-24:00, 22:00-06:00 over midnight, or 00:00-24:00 for the whole day."
WEEKDAYS = "Write some of mon, tue, wed, thu, fri, sat, sun, such as sat,sun or mon-fri 12:00-12:30."
DATE = "Write 2026-12-24, or 12-24 for that day of each year, and hours after it: 2026-12-24 12:00-24:00."
COUNTRY = "Write the two letters of a country, as in holidays DK, holidays NO or holidays PL."
LAST_DAYS = "Write month-end for the last day, month-end -2 for the last two."
NO_HOUR = (
    "no hour of the week open. Leave some hours out, such as mon-fri 08:00-16:00; to stop all work, throw a switch."
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("none", "none"),
        (" None ", "none"),
        ("23:50–24:00", "23:50-24:00"),
        ("9:00 - 16:00", "09:00-16:00"),
        ("Sat, Sun", "sat,sun"),
        ("mon,tue,wed 12:00-12:30", "mon-wed 12:00-12:30"),
        ("fri-mon", "mon,fri,sat,sun"),
        ("mon-sun 22:00-06:00", "22:00-06:00"),
        ("mon 00:00-24:00", "mon"),
        ("holidays dk + Optional + 06-05", "holidays DK+optional+06-05"),
        ("holidays DK+public", "holidays DK"),
        ("month-end -1", "month-end"),
        ("Month-End  -2   18:00-24:00", "month-end -2 18:00-24:00"),
        ("year-end 18:00-24:00", "year-end 18:00-24:00"),
        ("02-29", "02-29"),
        ("2026-12-24 12:00 .. 2026-12-27 06:00", "2026-12-24 12:00..2026-12-27 06:00"),
        ("2026-12-24..2026-12-26", "2026-12-24 00:00..2026-12-27 00:00"),
        ("sat;; sun ;sat;", "sat; sun"),
    ],
)
def test_a_text_is_read_as_people_write_it(text: str, shown: str) -> None:
    windows = quiet.parse(text, "Europe/Oslo")

    assert str(windows) == shown
    assert quiet.parse(shown, "Europe/Oslo") == windows


def test_a_list_of_texts_is_read_as_one() -> None:
    assert quiet.parse(["23:50-24:00", "sat; sun"], "UTC") == quiet.parse("23:50-24:00; sat; sun", "UTC")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"Quiet windows '' say nothing. {ANY_RULE}"),
        ("sat; sometimes", f"Quiet window 'sometimes' is not understood. {ANY_RULE}"),
        ("none; sat", f"Quiet window 'none' is not understood. {ANY_RULE}"),
        ("23.50-24.00", f"Quiet window '23.50-24.00' is not understood. {ANY_RULE}"),
        ("holidays", f"Quiet window 'holidays' is not understood. {ANY_RULE}"),
        ("month-end 2", f"Quiet window 'month-end 2' is not understood. {ANY_RULE}"),
        ("23:50-24:00 sat", f"Quiet window '23:50-24:00 sat' is not understood. {ANY_RULE}"),
        ("sat; sun 25:00-26:00", f"Hours '25:00-26:00' are on no clock. {HOURS}"),
        ("24:01-24:30", f"Hours '24:01-24:30' are on no clock. {HOURS}"),
        ("12:60-13:00", f"Hours '12:60-13:00' are on no clock. {HOURS}"),
        ("12:00", f"Hours '12:00' are on no clock. {HOURS}"),
        ("٢٣:50-24:00", f"Hours '٢٣:50-24:00' are on no clock. {HOURS}"),
        ("24:00-06:00", f"Hours '24:00-06:00' do not begin within a day. {HOURS}"),
        ("12:00-12:00", f"Hours '12:00-12:00' begin and end at one time. {HOURS}"),
        ("sat,sunday", f"Weekdays 'sat,sunday' has 'sunday', which is no day of the week. {WEEKDAYS}"),
        ("mon- 12:00-13:00", f"Weekdays 'mon-' has 'mon-', which is no day of the week. {WEEKDAYS}"),
        ("2026-02-30", f"Date '2026-02-30' is in no calendar. {DATE}"),
        ("00-00", f"Date '00-00' is in no calendar. {DATE}"),
        ("holidays DK+12-32", f"Date '12-32' is in no calendar. {DATE}"),
        ("12-24..12-27", "Date '12-24' has no year. Write 2026-12-24 12:00..2026-12-27 06:00."),
        ("2026-12-24 noon..2026-12-27", f"Hours '2026-12-24 noon' are on no clock. {HOURS}"),
        (
            "2026-12-27..2026-12-24",
            "Span '2026-12-27 00:00..2026-12-25 00:00' does not lead from one wall time to a later one. "
            "Write start..end as 2026-12-24 12:00..2026-12-27 06:00, without a zone.",
        ),
        ("month-end -29", f"Last days 29 are not 1 to 28. {LAST_DAYS}"),
        ("month-end -0", f"Last days 0 are not 1 to 28. {LAST_DAYS}"),
        ("holidays XX", f"Country 'XX' has no calendar of holidays. {COUNTRY}"),
        ("holidays Denmark", f"Country 'DENMARK' has no calendar of holidays. {COUNTRY}"),
        (
            "holidays NO+optional",
            "Holiday category of NO 'optional' is not known. "
            "The calendar of NO has public; write holidays DK+optional for two.",
        ),
        ("00:00-24:00", f"Quiet windows '00:00-24:00' leave {NO_HOUR}"),
        ("mon-fri; sat,sun", f"Quiet windows 'mon-fri; sat,sun' leave {NO_HOUR}"),
        ("sat; 00:00-9:00; 9:00-24:00", f"Quiet windows 'sat; 00:00-09:00; 09:00-24:00' leave {NO_HOUR}"),
    ],
)
def test_what_is_no_quiet_window_is_refused_with_the_part_and_a_hint(text: str, message: str) -> None:
    with pytest.raises(IllegalValue) as refusal:
        quiet.parse(text, "Europe/Oslo")

    assert str(refusal.value) == message


@pytest.mark.parametrize("zone", ["Europe/Kopenhagen", "Europe", "", "../etc/passwd", "Europe/Oslo\x00"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(IllegalValue) as refusal:
        quiet.parse("sat", zone)

    assert str(refusal.value) == f"Time zone {zone!r} is not known. Give an IANA name, such as Europe/Copenhagen."


@given(st.text(alphabet="monsatfri,-:;. 0123456789+endyhlDK–", max_size=30))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        windows = quiet.parse(text, "UTC")
    except IllegalValue as refusal:
        assert "Write" in str(refusal) or "Leave" in str(refusal)
    else:
        assert quiet.parse(str(windows), "UTC") == windows
