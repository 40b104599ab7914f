"""Strategies for queries aimed at records that exist."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize

from coursetrack.domain.entities import (
    CompletedLesson,
)
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery, TextMatch
from coursetrack.listing.store import Joined
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies.values import ids, instants, mostly, texts
from coursetrack.tracker import Tracker

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy


ShownRecord = tuple[CompletedLesson, Joined]
"""A record with the names it is shown with: what a query may be aimed at."""


def queries(
    *,
    tracker: Tracker | None = None,
    seen: Iterable[ShownRecord] = (),
    text_match: TextMatch | None = None,
) -> SearchStrategy[CompletedLessonQuery]:
    """Queries aimed at records that exist: their ids, parts of their names, their instants.

    The records are those of `tracker`, or those `seen` with their names. Each query names few
    filters, so that most find something; every order, direction and page is reached, pages past
    the end too, up to the highest that the endpoint takes.
    """
    if tracker is not None:
        read = tracker.completed_lessons
        seen = [*seen, *((record, read.joined(record)) for record in read)]
    aim = _Aim(tuple(seen))
    filters = st.lists(st.sampled_from(sorted(aim.filters)), max_size=2, unique=True)
    return filters.flatmap(
        lambda names: st.builds(
            CompletedLessonQuery,
            order_by=st.sampled_from(list(ORDERS)),
            direction=st.sampled_from([1, -1]),
            page=st.sampled_from([1, 1, 1, 1, 2, 2, 3, 10**9, 2**31 - 1]),
            size=st.sampled_from([1, 2, 3, 4, 25, 1000]),
            text_match=st.sampled_from([text_match] if text_match else ["contains", "exact"]),
            **{name: aim.filters[name] for name in names},
        )
    )


class _Aim:
    """For each filter a strategy of values that hit, nearly hit or miss what is there."""

    def __init__(self, seen: tuple[ShownRecord, ...]) -> None:
        records = [record for record, _ in seen]
        names = [names for _, names in seen]
        created = _near([record.created_on for record in records])
        updated = _near([record.updated_on for record in records])
        self.filters: dict[str, SearchStrategy[Any]] = {
            "id": ids(known=[record.id for record in records]),
            "lesson_id": ids(known=[x.lesson_id for x in records if x.lesson_id]),
            "member_id": ids(known=[x.member_id for x in records if x.member_id]),
            "unique_id": st.sampled_from([x.unique_id for x in records] or [_NO_UNIQUE_ID]),
            "system_id": _parts_of(x.system_id for x in records),
            "lesson_title": _parts_of(x.lesson_title for x in names),
            "full_name": _parts_of(x.full_name for x in names),
            "company_name": _parts_of(x.company_name for x in names),
            "team_names": _parts_of(x.team_names for x in names),
            "created_from": created,
            "created_to": created,
            "created_on": created,
            "updated_from": updated,
            "updated_to": updated,
            "updated_on": updated,
        }


_NO_UNIQUE_ID = "00000000-0000-0000-0000-000000000000"


def _near(known: list[datetime]) -> SearchStrategy[datetime]:
    hairs = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1)])
    return st.builds(_moved, st.sampled_from(sorted(set(known))), hairs) if known else instants()


def _moved(at: datetime, hair: timedelta) -> datetime:
    inside = datetime.min.replace(tzinfo=UTC) < at < datetime.max.replace(tzinfo=UTC)
    return at + hair if inside else at


def _parts_of(shown: Iterable[str | None]) -> SearchStrategy[str]:
    known = sorted({text for text in shown if text})
    if not known:
        return texts()
    parts = st.builds(
        lambda text, first, last: text[first % len(text) :][: 1 + last] or text,
        st.sampled_from(known),
        st.integers(0, 3),
        st.integers(0, 3),
    )
    whole = st.sampled_from(known)
    cases = st.sampled_from([str, str.upper, str.casefold, _decomposed, _loose])
    aimed = st.builds(lambda text, case: case(text), whole | parts, cases)
    return mostly(aimed, texts(), times=6)


def _decomposed(text: str) -> str:
    return normalize("NFD", text)


def _loose(text: str) -> str:
    return text.replace(",", " ,  ")
