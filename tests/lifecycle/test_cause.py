"""The cause of an error: the same for all that differ in numbers, ids and quoted values only."""

import pytest

from process_manager.lifecycle.cause import cause


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("SAP refused the logon of user RPA_FAKT 10 times", "SAP refused the logon of user RPA_FAKT … times"),
        ("Invoice 2026-10482 is not there", "Invoice … is not there"),
        ("no answer in 30.0 s", "no answer in … s"),
        ("row 7318 of 'VejmanFakturering' is locked by 12", "row … of “…” is locked by …"),
        ("KeyError: 'beløb'", "KeyError: “…”"),
        ('no field "amount"', "no field “…”"),
        ("job 6f1d3c1e-0c7b-4a53-9a55-3d2f3f0c8b11 is gone", "job … is gone"),
        ("commit a1b2c3d4e5 is missing", "commit … is missing"),
        ("permit Ø-417/26 is over", "permit … is over"),
        ("two\n lines", "two lines"),
        ("", ""),
        (None, ""),
    ],
)
def test_what_differs_is_taken_out(message: str | None, told: str) -> None:
    assert cause(message) == told


def test_words_that_differ_are_two_causes() -> None:
    assert cause("the password has expired") != cause("the password is wrong")


def test_a_cause_is_told_alike_when_it_is_asked_again() -> None:
    told = cause("row 7318 of 'VejmanFakturering' is locked by 12")

    assert cause(told) == told


def test_a_long_message_is_cut_and_takes_no_long_time() -> None:
    assert len(cause("x" * 100_000)) == 300
    assert cause("'" * 10_000) is not None
    assert len(cause("1-" * 50_000)) < 300
