from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from process_manager.errors import IllegalValue
from process_manager.lifecycle.retry import RetryPolicy, classic, every, exponential, never, parse

SECOND = timedelta(seconds=1)


def rests(policy: RetryPolicy, count: int, *, roll: float = 0.5) -> list[float | None]:
    delays = [policy.delay(attempt, age=timedelta(0), roll=roll) for attempt in range(1, count + 1)]
    return [None if delay is None else delay.total_seconds() for delay in delays]


def test_the_classic_policy_rests_60_60_60_60_120_180_seconds_and_fails_at_the_50th() -> None:
    found = rests(classic(), 51)

    assert found[:7] == [60, 60, 60, 60, 120, 180, 240]
    assert found[48:] == [60 * 46, None, None]


@given(attempt=st.integers(1, 49))
def test_the_classic_policy_rests_60_seconds_for_each_attempt_after_the_third(attempt: int) -> None:
    assert classic().delay(attempt, age=timedelta(0), roll=0.0) == timedelta(seconds=60 * max(attempt - 3, 1))


def test_a_fixed_policy_rests_the_same_until_its_last_attempt() -> None:
    assert rests(every(minutes=1, attempts=3), 4) == [60, 60, None, None]


def test_never_gives_no_second_attempt() -> None:
    assert rests(never(), 2) == [None, None]


@given(attempt=st.integers(1, 10**6))
def test_an_unlimited_policy_is_never_exhausted(attempt: int) -> None:
    for policy in (classic(attempts=None), every(seconds=1, attempts=None), exponential(attempts=None)):
        assert policy.delay(attempt, age=timedelta(days=9), roll=0.999) is not None


@given(
    attempt=st.integers(1, 5000),
    roll=st.floats(0, 1, exclude_max=True),
    first=st.floats(0.001, 1000),
    factor=st.floats(1, 10_000),
)
def test_full_jitter_draws_from_zero_to_the_doubled_rest_never_over_the_cap(
    attempt: int, roll: float, first: float, factor: float
) -> None:
    least, cap = timedelta(seconds=first), timedelta(seconds=first * factor)
    policy = exponential(first=least, cap=cap, attempts=None)

    delay = policy.delay(attempt, age=timedelta(0), roll=roll)

    assert delay is not None
    assert timedelta(0) <= delay <= min(cap, least * 2 ** min(attempt - 1, 30)) + timedelta(microseconds=1)


@given(attempt=st.integers(1, 40))
def test_full_jitter_spreads_evenly_over_its_whole_range(attempt: int) -> None:
    policy = exponential(first=SECOND, cap=timedelta(days=20000), attempts=None)
    low, middle, high = (policy.delay(attempt, age=timedelta(0), roll=roll) for roll in (0.0, 0.5, 0.999))

    assert low == timedelta(0)
    assert middle is not None and high is not None
    assert abs(2 * middle - high) <= 0.01 * high


def test_a_rest_that_the_step_asked_for_comes_before_the_policys() -> None:
    assert every(minutes=1).delay(1, age=timedelta(0), roll=0, after=SECOND) == SECOND


def test_a_rest_that_the_step_asked_for_does_not_outlive_the_policys_attempts() -> None:
    assert every(minutes=1, attempts=2).delay(2, age=timedelta(0), roll=0, after=SECOND) is None


@pytest.mark.parametrize(("age", "goes_on"), [(0, True), (60, True), (61, False), (10**6, False)])
def test_a_policy_is_exhausted_when_the_next_attempt_would_be_past_its_greatest_age(age: int, goes_on: bool) -> None:
    policy = every(minutes=1, max_age=timedelta(minutes=2))

    assert (policy.delay(1, age=timedelta(seconds=age), roll=0) is not None) == goes_on


def test_the_longest_rest_there_is_exhausts_a_policy_with_an_age_and_overflows_nothing() -> None:
    policy = classic(max_age=timedelta(days=1))

    assert policy.delay(1, age=timedelta(seconds=5), roll=0, after=timedelta.max) is None


POLICIES = st.one_of(
    st.just(never()),
    st.builds(
        classic,
        attempts=st.none() | st.integers(1, 99),
        max_age=st.none() | st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    ),
    st.builds(
        every,
        seconds=st.integers(1, 10**6).map(lambda milliseconds: milliseconds / 1000),
        attempts=st.none() | st.integers(1, 99),
    ),
    st.builds(
        exponential,
        first=st.integers(1, 10**4).map(lambda milliseconds: timedelta(milliseconds=milliseconds)),
        cap=st.integers(10**4, 10**8).map(lambda milliseconds: timedelta(milliseconds=milliseconds)),
        attempts=st.none() | st.integers(1, 99),
    ),
)


@given(policy=POLICIES, attempt=st.integers(1, 100), roll=st.floats(0, 1, exclude_max=True))
def test_a_policys_text_reads_back_as_the_same_policy(policy: RetryPolicy, attempt: int, roll: float) -> None:
    read = parse(policy.text)

    assert read == policy
    assert read.delay(attempt, age=timedelta(0), roll=roll) == policy.delay(attempt, age=timedelta(0), roll=roll)


@pytest.mark.parametrize(
    ("text", "attempts", "first"),
    [
        ("classic", 50, 60),
        ("  classic  ", 50, 60),
        ("classic x5", 5, 60),
        ("never", 1, None),
        ("every 1m", 50, 60),
        ("every 1m30s x10", 10, 90),
        ("every 5s xunlimited", None, 5),
        ("exponential 2s..10m x8", 8, 1),
        ("exponential 1s..10m x8 for 2d", 8, 0.5),
    ],
)
def test_a_policy_is_read_as_people_write_it(text: str, attempts: int | None, first: float | None) -> None:
    policy = parse(text)

    assert policy.attempts == attempts
    assert rests(policy, 1) == [first]


@pytest.mark.parametrize(
    "text",
    ["", "classics", "every", "every x10", "every 1m x", "every 1m x-1", "exponential 1s", "exponential 1s..",
     "never x3 for 2d y", "CLASSIC", "every 1m x10 x10", "every one minute", "every 1m x1.5", "every 0s",
     "every 1m x0", "exponential 10m..1s", "every 1m for ever", "exponential 0s..1s"],
)  # fmt: skip
def test_what_is_no_policy_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(IllegalValue) as refused:
        parse(text)

    assert refused.value.exit_code == 2
    assert "Write" in str(refused.value) or "Give" in str(refused.value)


@pytest.mark.parametrize(
    "make",
    [
        every,
        lambda: every(seconds=-1),
        lambda: every(seconds=1, attempts=0),
        lambda: classic(attempts=-3),
        lambda: exponential(first=timedelta(0)),
        lambda: exponential(first=2 * SECOND, cap=SECOND),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(make: object) -> None:
    with pytest.raises(IllegalValue):
        make()  # type: ignore[operator]
