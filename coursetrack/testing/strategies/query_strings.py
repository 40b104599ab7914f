"""Strategies for query strings: every spelling of a query, and hostile ones."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from urllib.parse import quote

from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies.queries import ShownRecord, queries
from coursetrack.testing.strategies.values import (
    texts,
)

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy


PREFIX = "CourseCompletedLesson_"
PARAMETERS = MappingProxyType(
    {
        "lesson_id": PREFIX + "CourseLesson",
        "lesson_title": PREFIX + "CourseLesson_Title",
        "member_id": PREFIX + "CourseMember",
        "full_name": PREFIX + "CourseMember_Coworker_FullName",
        "company_name": PREFIX + "CourseMember_Coworker_CompanyName",
        "team_names": PREFIX + "CourseMember_Coworker_TeamNames",
        "created_from": f"from_{PREFIX}CreatedOn",
        "created_to": f"to_{PREFIX}CreatedOn",
        "updated_from": f"from_{PREFIX}UpdatedOn",
        "updated_to": f"to_{PREFIX}UpdatedOn",
        "created_on": PREFIX + "CreatedOn",
        "updated_on": PREFIX + "UpdatedOn",
        "id": PREFIX + "Id",
        "unique_id": PREFIX + "UniqueId",
        "system_id": PREFIX + "SystemId",
    }
)
"""Each filter of a query by the name that the list endpoint knows it under [seed]."""


@st.composite
def spellings(draw: DrawFn, *, query: CompletedLessonQuery) -> str:
    """The ways in which a client may ask `query` as a query string, all meaning the same."""
    default = CompletedLessonQuery()
    pairs = [
        (name, draw(_written(field, getattr(query, field))))
        for field, name in PARAMETERS.items()
        if getattr(query, field) is not None
    ]
    directions = {1: ["1", "0", "asc", "ASCENDING"], -1: ["-1", "desc", "Descending"]}
    pairs += [("orderBy", query.order_by), ("page", str(query.page)), ("size", str(query.size))]
    pairs += [("dir", draw(st.sampled_from(directions[query.direction])))]
    if query.page == default.page and draw(st.booleans()):
        pairs.remove(("page", "1"))
    pairs += draw(st.sampled_from([[], [("_", "1")], [("cache", "no")]]))
    cases: SearchStrategy[Callable[[str], str]] = st.sampled_from([str, str.lower, str.upper])
    return "&".join(
        f"{draw(cases)(name)}={quote(value, safe=draw(st.sampled_from(['', ':,'])))}"
        for name, value in draw(st.permutations(pairs))
    )


def query_strings(*, seen: Iterable[ShownRecord] = ()) -> SearchStrategy[str]:
    """Query strings that a client may send and that the list endpoint answers with a page."""
    return queries(seen=seen, text_match="contains").flatmap(lambda query: spellings(query=query))


def hostile_query_strings() -> SearchStrategy[str]:
    """Query strings that somebody may send who does not wish well, or has a bug."""
    names = st.sampled_from([*PARAMETERS.values(), "page", "size", "orderBy", "dir", "id"])
    misspelt = st.sampled_from(
        [f"{PREFIX}CreatedOm", f"from_{PREFIX}", "", "from_", PREFIX, "\x00"]
    )
    values = st.sampled_from(HOSTILE_VALUES) | texts().map(quote) | st.text(_SYNTAX, max_size=12)
    pair = st.builds("{}={}".format, names | misspelt, values) | values
    return st.lists(pair, max_size=5).map("&".join)


_SYNTAX = "%&=;+?#[],-_.:TZ0aF \u0660\uff11"

HOSTILE_VALUES = (
    "%ff",
    "%",
    "%zz",
    "%00",
    "%ed%a0%80",
    "9" * 5_000,
    str(10**30),
    str((2**61 - 1) * 4),
    "-1",
    "0",
    "1.0",
    "1e3",
    "0x10",
    "1_000",
    "+1",
    "\uff11",
    "\u0661",
    "NaN",
    "2025-W01-1",
    "2025-001",
    "20250101",
    "2025-13-01",
    "2025-02-29",
    "2025-01-01T24:00",
    "2025-01-01T00:00+01:00",
    "2025-01-01T00:00%2B99:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00%2B14:00",
    "2025-01-01T00:00:00.1234567890",
    "9999-12-31T23:59:59.9999999",
    "\uff12\uff10\uff12\uff15-01-01",
    "[1,2",
    "[1,2,99999999999999999999]",
    "'; DROP TABLE lessons; --",
)
"""Values, percent-encoded, that lax parsers take, misread or fall over."""


def _written(field: str, value: object) -> SearchStrategy[str]:
    if not isinstance(value, datetime):
        return st.just(str(value))
    separators = st.sampled_from(["T", "t", " "])
    return st.builds(_dressed, st.sampled_from(_instants(field, value)), separators, _ZONES)


_ZONES = st.sampled_from(["", "Z", "z", "+00:00", "-00:00"])
_UNITS = len("2025-01-01"), len("2025-01-01T00:00"), len("2025-01-01T00:00:00")


def _instants(field: str, at: datetime) -> list[str]:
    """The texts that mean `at` as this field: to the microsecond, finer, and its whole unit."""
    text = _text(at)
    begins, ends = "2025-01-01T00:00:00.000000", "2025-01-01T23:59:59.999999"
    edge = ends if field.endswith("_to") else begins
    whole = [text[:unit] for unit in _UNITS if text[unit:] == edge[unit:]]
    if field.endswith("_from"):
        before = at > datetime.min.replace(tzinfo=UTC) and _text(at - timedelta(microseconds=1))
        finer = [f"{before}1", f"{before}999"] if before else []
    else:
        finer = [f"{text}9", f"{text}001"]
    return [text, f"{text}000", *finer, *whole]


def _text(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="microseconds")


def _dressed(text: str, separator: str, zone: str) -> str:
    return text if "T" not in text else text.replace("T", separator) + zone
