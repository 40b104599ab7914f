"""Values in their one normal form."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain import values
from coursetrack.domain.entities import Section
from coursetrack.domain.events import TimeSpent
from coursetrack.errors import InvalidValue


@given(st.sampled_from(["Lesson", "CompletedLesson"]), st.integers(1, values.MAX_ID))
def test_a_derived_unique_id_is_the_uuid5_of_kind_and_id(kind: str, id_: int) -> None:
    expected = uuid5(UUID(bytes=values._NAMESPACE), f"{kind}/{id_}")
    assert values.derived_unique_id(kind, id_) == str(expected)
    assert values.derived_unique_number(kind, id_) == expected.int


@given(st.integers(-(10**14), 10**15))
def test_microseconds_and_instants_are_inverse(since_epoch: int) -> None:
    assert values.microseconds(values.instant(since_epoch)) == since_epoch


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner),
    )
)
def test_frozen_json_thaws_to_what_it_was(value: object) -> None:
    frozen = values.as_json("field", value)
    hash(frozen)
    assert values.thawed(frozen) == value


class LyingInt(int):
    """Says that it is within any bounds, and turns into another number."""

    def __le__(self, other: object) -> bool:
        return True

    __lt__ = __ge__ = __gt__ = __le__

    def __int__(self) -> int:
        return 7


class LyingFloat(float):
    """Turns into another number."""

    def __float__(self) -> float:
        return 0.5


class LyingFraction(Fraction):
    """Is made of no numbers."""

    numerator = "a"  # type: ignore[assignment]
    denominator = 0  # type: ignore[assignment]


class LyingDecimal(Decimal):
    """Says that it is small and whole."""

    def is_finite(self) -> bool:
        return True

    def as_integer_ratio(self) -> tuple[int, int]:
        return 7, 1


class LyingText(str):
    """Is called ASCII, and encodes whatever it is."""

    def isascii(self) -> bool:
        return True

    def encode(self, *_: object) -> bytes:
        return b"x"


class LyingInstant(datetime):
    """Says that it is in UTC and moves to another day."""

    def utcoffset(self) -> timedelta:
        return timedelta(0)

    def astimezone(self, *_: object) -> "LyingInstant":
        return LyingInstant(1999, 1, 1, tzinfo=UTC)


class RaisingZone(tzinfo):
    """A time zone that does not work."""

    def utcoffset(self, _: datetime | None) -> timedelta:
        raise ZeroDivisionError


def test_what_is_stored_is_what_a_subclass_holds_not_what_it_says() -> None:
    assert type(values.as_id("id", LyingInt(5))) is int
    assert values.as_id("id", LyingInt(5)) == 5
    assert values.as_int("size", LyingInt(5), low=1, high=9) == 5
    assert values.as_json("custom_fields", [LyingInt(5), LyingFloat(1.5)]) == (5, 1.5)
    exact = [
        values.as_exact("score", each, "a number")
        for each in (LyingInt(5), LyingFloat(1.5), LyingFraction(1, 3), LyingDecimal("0.25"))
    ]
    assert exact == [5, Fraction(3, 2), Fraction(1, 3), Fraction(1, 4)]
    assert Section(id=1, course_id=1, title="a", unlock_type=LyingInt(3)).unlock_type == 3
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for lie, told in ((LyingFloat(1.5), 1.5), (LyingInt(5), 5)):
        stay = TimeSpent(member_id=1, lesson_id=1, at=start, seconds=lie)
        assert (type(stay.seconds), stay.seconds) == (type(told), told)
    for refused in (
        lambda: values.as_exact("score", LyingDecimal("NaN"), "a number"),
        lambda: values.as_id("id", LyingInt(-5)),
        lambda: values.as_int("size", LyingInt(99), low=1, high=9),
        lambda: values.as_json("custom_fields", LyingInt(2**70)),
        lambda: values.as_json("custom_fields", LyingFloat("nan")),
        lambda: values.as_text("title", LyingText("\ud800")),
        lambda: values.as_instant("at", LyingInstant(2025, 1, 1)),
        lambda: values.as_instant("at", datetime(2025, 1, 1, tzinfo=RaisingZone())),
    ):
        with pytest.raises(InvalidValue):
            refused()
    at = values.as_instant("at", LyingInstant(2025, 1, 1, 8, tzinfo=timezone(timedelta(hours=1))))
    assert (type(at), at) == (datetime, datetime(2025, 1, 1, 7, tzinfo=UTC))
    # Where it says that it is in UTC it is moved as any other is, by datetime's own method.
    at = values.as_instant("at", LyingInstant(2025, 1, 1, 8, tzinfo=UTC))
    assert (type(at), at) == (datetime, datetime(2025, 1, 1, 8, tzinfo=UTC))
    plain = datetime(2025, 1, 1, 8, tzinfo=UTC)
    assert values.as_instant("at", plain) is plain


def test_a_list_that_holds_itself_many_times_over_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert values._MOST_VALUES == 100_000
    monkeypatch.setattr(values, "_MOST_VALUES", 1_000)
    value: list[object] = []
    for _ in range(30):
        value = [value, value]
    with pytest.raises(InvalidValue, match="at most 1000 values"):
        values.as_json("custom_fields", value)
    assert len(values.as_json("custom_fields", [0] * 999)) == 999
    with pytest.raises(InvalidValue):
        values.as_json("custom_fields", [0] * 1_000)


def test_a_unique_id_in_its_normal_form_makes_no_uuid(monkeypatch: pytest.MonkeyPatch) -> None:
    normal = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
    monkeypatch.delattr(values.UUID, "__init__")
    assert values.as_unique_id("unique_id", normal) == normal
