"""Strategies for query strings: every spelling of a query, and hostile ones."""

from collections.abc import Callable, Iterable
from datetime import datetime
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
        (name, draw(_written(getattr(query, field))))
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
    "2025-01-01T00:00:00.1234567",
    "\uff12\uff10\uff12\uff15-01-01",
    "[1,2",
    "[1,2,99999999999999999999]",
    "'; DROP TABLE lessons; --",
)
"""Values, percent-encoded, that lax parsers take, misread or fall over."""


def _written(value: object) -> SearchStrategy[str]:
    if not isinstance(value, datetime):
        return st.just(str(value))
    whole = value.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    exact = f"{whole}.{value.microsecond:06}" if value.microsecond else whole
    forms = [exact, exact + "Z", exact + "+00:00"]
    if not (value.second or value.microsecond):
        forms.append(whole[:16])
        if not (value.hour or value.minute):
            forms.append(whole[:10])
    return st.sampled_from(forms)
