"""Strategies for ids, texts, instants, shares and JSON: small pools, so that values meet."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from functools import cache
from typing import Any

from coursetrack.domain.values import MAX_ID
from coursetrack.testing.extra import needs_hypothesis

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy


START = datetime(2025, 1, 1, tzinfo=UTC)
"""The instant around which instants are drawn."""

AWKWARD_TEXTS = (
    "a",
    "A",
    "b",
    "ab",
    "Zoe\u0308",
    "ZO\u00cb",
    "zo\u00eb",
    "stra\u00dfe",
    "STRASSE",
    "\u0130",
    "i\u0307",
    "\u03a3\u03c3\u03c2",
    "\u212b",
    "\u03a4\u03b1\u0390\u03b6\u03b7\u03c2",
    "\u1fb7",
    "\uac01",
    "q\u0307\u0323",
    "\ufb01n",
    "a,b",
    " a , b ",
    "100%",
    "a+b&c=d",
    "\u65e5\u672c",
    "\U0001f600",
    "a\x00b",
    "\u202etxt",
    "",
)
"""Texts that compare, fold, sort or travel in ways that are easy to get wrong."""


# Inside both ends of time, without a zone: what `st.datetimes` takes.
_FIRST = START.replace(year=2, tzinfo=None)
_LAST = START.replace(year=9998, tzinfo=None)


def ids(*, known: Sequence[int] = ()) -> SearchStrategy[int]:
    """Ids: mostly those that are `known`, else small ones, else the ends of the range."""
    others = st.integers(1, 9) | st.sampled_from([MAX_ID, 2**61 - 1, 2**31])
    return mostly(st.sampled_from(list(known)), others) if known else others


def mostly(
    usual: SearchStrategy[Any], rare: SearchStrategy[Any], *, times: int = 8
) -> SearchStrategy[Any]:
    """`usual` that many `times` as often as `rare`; shrinks to `usual`."""
    # Not by repeating `usual` between `|`: there a strategy counts once, however often it stands.
    return st.sampled_from([True] * times + [False]).flatmap(lambda often: usual if often else rare)


ANY_IDS = ids()
NO_IDS = st.none()


@cache
def texts() -> SearchStrategy[str]:
    """Texts: awkward ones that meet each other, else any without lone surrogates."""
    awkward = st.sampled_from(AWKWARD_TEXTS)
    return mostly(awkward, st.text(st.characters(exclude_categories=["Cs"])), times=3)


@cache
def instants(*, since: datetime = START) -> SearchStrategy[datetime]:
    """UTC instants some weeks around `since`, often equal, often a hair apart."""
    days = st.sampled_from([0, 0, 1, 1, 2, 3, 20, -1])
    hairs = st.sampled_from([0, 0, 0, 0, 1, -1, 999_999, 1_000_000, 60_000_000])
    return st.builds(lambda day, hair: since + timedelta(days=day, microseconds=hair), days, hairs)


@cache
def any_instants() -> SearchStrategy[datetime]:
    """Aware instants of all years and zones whose UTC form exists."""
    zones = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-839, 839))
    return st.datetimes(min_value=_FIRST, max_value=_LAST, timezones=zones) | st.sampled_from(
        [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    )


@cache
def coverages() -> SearchStrategy[Fraction]:
    """Shares of a video, above 0 and at most 1."""
    return st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(9, 10)]) | st.builds(
        lambda part, rest: Fraction(part, part + rest), st.integers(1, 999), st.integers(0, 999)
    )


@cache
def json_values() -> SearchStrategy[Any]:
    """What custom fields may hold: small JSON values."""
    plain = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | texts()
    return st.recursive(
        plain, lambda x: st.lists(x, max_size=3) | st.dictionaries(texts(), x, max_size=3)
    )
