"""The grammar of instants: exactly it, both ways."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coursetrack.endpoint import read_instant, write_instant
from coursetrack.endpoint.instants import read_first, read_last, shown_instant
from coursetrack.errors import InvalidValue

utc_instants = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-12-31", datetime(2025, 12, 31, tzinfo=UTC)),
        ("2025-12-31T23:59", datetime(2025, 12, 31, 23, 59, tzinfo=UTC)),
        ("2025-12-31T23:59Z", datetime(2025, 12, 31, 23, 59, tzinfo=UTC)),
        ("2025-12-31T23:59:58", datetime(2025, 12, 31, 23, 59, 58, tzinfo=UTC)),
        ("2025-12-31T23:59:58.1Z", datetime(2025, 12, 31, 23, 59, 58, 100_000, tzinfo=UTC)),
        ("2025-12-31T23:59:58.000001", datetime(2025, 12, 31, 23, 59, 58, 1, tzinfo=UTC)),
        ("2025-12-31T23:59-00:30", datetime(2026, 1, 1, 0, 29, tzinfo=UTC)),
        ("2025-12-31T23:59+23:59", datetime(2025, 12, 31, tzinfo=UTC)),
        ("2025-12-31t23:59z", datetime(2025, 12, 31, 23, 59, tzinfo=UTC)),
        ("2025-12-31 23:59", datetime(2025, 12, 31, 23, 59, tzinfo=UTC)),
        ("2025-12-31 23:59:58+01:00", datetime(2025, 12, 31, 22, 59, 58, tzinfo=UTC)),
        ("2025-12-31T23:59:58.1234567Z", datetime(2025, 12, 31, 23, 59, 58, 123_456, tzinfo=UTC)),
        ("2025-12-31T23:59:58.000000001", datetime(2025, 12, 31, 23, 59, 58, tzinfo=UTC)),
        ("2024-02-29T00:00", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_what_is_read(text: str, expected: datetime) -> None:
    assert read_instant(text) == expected
    assert read_instant(text).tzinfo is UTC


NOT_INSTANTS = [
    "",
    "2025",
    "2025-12",
    "20251231",
    "2025-W52-3",
    "2025-365",
    "2025-12-31T",
    "2025-12-31T23",
    "2025-12-31T2359",
    "2025-12-31  23:59",
    "2025-12-31_23:59",
    "2025-12-31z",
    "2025-12-31Z",
    "2025-12-31T23:59 Z",
    "2025-12-31T23:59:58.",
    "2025-12-31T23:59:58,5",
    "2025-12-31T23:59:58.0000000001",
    "2025-12-31T23:59:58.1234567890Z",
    "2025-12-31T23:59:58.１",
    "2025-12-31T23:59.5",
    "2025-12-31T24:00",
    "2025-12-31T23:60",
    "2025-12-31T23:59:60",
    "2025-12-31T23:59+24:00",
    "2025-12-31T23:59+01:60",
    "2025-12-31T23:59+0100",
    "2025-12-31T23:59+01",
    "2025-12-31T23:59+01:00:00",
    "2025-12-31T23:59 01:00",
    "2025-02-29",
    "2025-00-01",
    "2025-13-01",
    "2025-01-00",
    "0000-01-01",
    "-001-01-01",
    "+2025-01-01",
    "12025-01-01",
    "9999-12-31T23:59-00:01",
    "0001-01-01T00:00+00:01",
    "２０２５-01-01",
    "2025-01-0١",
    "2025−01−01",
    " 2025-01-01",
    "2025-01-01\n",
    "2025-01-01T00:00\x00",
    "2025-01-01T00:00[UTC]",
    "now",
    "1735689600",
    "9" * 100_000,
]


@pytest.mark.parametrize("text", NOT_INSTANTS, ids=lambda text: repr(text[:30]))
def test_what_is_not_read(text: str) -> None:
    with pytest.raises(InvalidValue, match="expected a date such as"):
        read_instant(text)


@given(utc_instants)
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(999, 9, 9, 9, 9, 9, 1, tzinfo=UTC))
def test_written_and_read_again_to_the_microsecond(at: datetime) -> None:
    assert read_instant(write_instant(at)) == at


@given(utc_instants)
@example(datetime(1, 1, 1, tzinfo=UTC))
def test_records_show_whole_seconds_in_twenty_characters(at: datetime) -> None:
    text = shown_instant(at)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", text)
    assert read_instant(text) == at.replace(microsecond=0)


@given(utc_instants, st.integers(-23, 23), st.integers(0, 59))
def test_an_offset_is_taken_away(at: datetime, hours: int, minutes: int) -> None:
    ahead = timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes)
    try:
        local = at + ahead
    except OverflowError:
        return
    sign = "-" if ahead < timedelta(0) else "+"
    text = f"{write_instant(local).removesuffix('Z')}{sign}{abs(hours):02}:{minutes:02}"
    assert read_instant(text) == at


@given(st.from_regex(r"[0-9TZ:.+-]{1,30}", fullmatch=True) | st.text(max_size=40))
def test_whatever_is_read_is_within_the_grammar(text: str) -> None:
    try:
        at = read_instant(text)
    except InvalidValue:
        return
    assert text.isascii()
    assert read_instant(write_instant(at)) == at
    assert write_instant(at)[:4].isdigit()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-12-31", "2025-12-31T00:00:00.000000Z", "2025-12-31T23:59:59.999999Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000000Z", "2024-02-29T23:59:59.999999Z"),
        ("2025-12-31T23:59", "2025-12-31T23:59:00.000000Z", "2025-12-31T23:59:59.999999Z"),
        ("2025-12-31t23:59+01:00", "2025-12-31T22:59:00.000000Z", "2025-12-31T22:59:59.999999Z"),
        ("2025-12-31 23:59-05:30", "2026-01-01T05:29:00.000000Z", "2026-01-01T05:29:59.999999Z"),
        ("2025-12-31T23:59:30", "2025-12-31T23:59:30.000000Z", "2025-12-31T23:59:30.999999Z"),
        ("2025-12-31T23:59:30z", "2025-12-31T23:59:30.000000Z", "2025-12-31T23:59:30.999999Z"),
        ("2025-12-31T23:59:30.0", "2025-12-31T23:59:30.000000Z", "2025-12-31T23:59:30.000000Z"),
        ("2025-12-31T23:59:30.25", "2025-12-31T23:59:30.250000Z", "2025-12-31T23:59:30.250000Z"),
        ("2025-12-31T23:59:30.1234560", "2025-12-31T23:59:30.123456Z", None),
        ("2025-12-31T23:59:30.123456000", "2025-12-31T23:59:30.123456Z", None),
        (
            "2025-12-31T23:59:30.1234561",
            "2025-12-31T23:59:30.123457Z",
            "2025-12-31T23:59:30.123456Z",
        ),
        (
            "2025-12-31T23:59:59.999999999",
            "2026-01-01T00:00:00.000000Z",
            "2025-12-31T23:59:59.999999Z",
        ),
        ("9999-12-31", "9999-12-31T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000000Z", "0001-01-01T23:59:59.999999Z"),
    ],
)
def test_a_bound_covers_what_is_written(text: str, first: str, last: str | None) -> None:
    assert write_instant(read_first(text)) == first
    assert write_instant(read_last(text)) == (first if last is None else last)


def test_what_is_after_the_last_instant_is_no_lower_bound() -> None:
    with pytest.raises(InvalidValue, match="outside the years 1 to 9999"):
        read_first("9999-12-31T23:59:59.9999991")
    assert read_last("9999-12-31T23:59:59.9999991") == datetime.max.replace(tzinfo=UTC)


@given(utc_instants)
def test_a_record_is_found_by_the_instant_that_it_shows(at: datetime) -> None:
    shown = shown_instant(at)
    for unit in (10, 16, 19):
        assert read_first(shown[:unit]) <= at <= read_last(shown[:unit])
    assert read_first(shown) <= at <= read_last(shown)


@given(
    st.from_regex(
        r"2025-0[1-9]-1[0-9][Tt ][01][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?", fullmatch=True
    )
)
def test_bounds_lie_around_the_instant_itself(text: str) -> None:
    """``from_`` and ``to_`` of one text meet exactly where a microsecond lies within it."""
    first, at, last = read_first(text), read_instant(text), read_last(text)
    assert at <= first <= at + timedelta(microseconds=1)
    digits = text.partition(".")[2]
    if digits:
        assert last == at
        assert (first == at) == (digits[6:].strip("0") == "")
    else:
        unit = timedelta(minutes=1) if len(text) == 16 else timedelta(seconds=1)
        assert last + timedelta(microseconds=1) == first + unit
