"""Strategies for events, alone and in streams: ordered, late, duplicated."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import attrs

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.domain.events import (
    ButtonClick,
    Event,
    PageVisit,
    Scored,
    TimeSpent,
    VideoFinish,
    VideoProgress,
)
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies.academies import Academy
from coursetrack.testing.strategies.values import (
    ANY_IDS,
    ids,
    instants,
    mostly,
)

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy


_EVENT_IDS = st.sampled_from([None, None, None, "e1", "e2", "e3", "e4"])
_STRETCHES = st.sampled_from(
    [
        *[(0, 10), (0, 1), (2, 3), (4, 5), (6, 7), (8, 9), (0, 5), (5, 10), (4, 9)],
        *[(2.5, 5), (9.9995, 11), (5, 0), (4, 4), (-1, 3), (12, 15)],
    ]
)
_DURATIONS = st.sampled_from([10, 10.001, 9.5, 10, 10.001, 9.5, 0.5])
_SECONDS = st.sampled_from([60, 1, 30, 0, 0.5, 86_400])
_SCORES = st.sampled_from([(8, 10), (1, 1), (0, 10), (0.5, 1), (9, 10), (-1, 10), (11, 10)])


def page_visits(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[PageVisit]:
    """Page visits."""
    return st.builds(PageVisit, **_event_fields(member_id, lesson_id))


def button_clicks(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[ButtonClick]:
    """Button clicks."""
    return st.builds(ButtonClick, **_event_fields(member_id, lesson_id))


def video_finishes(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[VideoFinish]:
    """Video ends."""
    return st.builds(VideoFinish, **_event_fields(member_id, lesson_id))


def video_progresses(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[VideoProgress]:
    """Watched stretches of a short video: whole, touching, reversed, empty, beyond the end."""
    fields = _event_fields(member_id, lesson_id)
    return st.builds(_watching, stretch=_STRETCHES, duration=_DURATIONS, **fields)


def _watching(stretch: tuple[float, float], **fields: Any) -> VideoProgress:
    return VideoProgress(start=stretch[0], end=stretch[1], **fields)


def times_spent(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[TimeSpent]:
    """Stretches of presence: short, long, empty, at the same time as others."""
    return st.builds(TimeSpent, seconds=_SECONDS, **_event_fields(member_id, lesson_id))


def scores(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[Scored]:
    """Results: none, some, all, and beyond."""
    return st.builds(_scoring, result=_SCORES, **_event_fields(member_id, lesson_id))


def _scoring(result: tuple[float, float], **fields: Any) -> Scored:
    return Scored(score=result[0], out_of=result[1], **fields)


EVENTS: Mapping[type[Event], Callable[..., SearchStrategy[Any]]] = MappingProxyType(
    {
        PageVisit: page_visits,
        ButtonClick: button_clicks,
        VideoFinish: video_finishes,
        VideoProgress: video_progresses,
        TimeSpent: times_spent,
        Scored: scores,
    }
)
"""The strategy of each kind of event."""


def events(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[Event]:
    """Events of every kind."""
    return st.one_of([each(member_id=member_id, lesson_id=lesson_id) for each in EVENTS.values()])


def _event_fields(member_id: SearchStrategy[int], lesson_id: SearchStrategy[int]) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "lesson_id": lesson_id,
        "at": instants(),
        "event_id": _EVENT_IDS,
    }


Arrival = Literal["ordered", "late"]


@st.composite
def event_streams(
    draw: DrawFn,
    *,
    academy: Academy,
    arrival: Arrival = "late",
    duplicated: bool = True,
    max_size: int = 20,
) -> tuple[Event, ...]:
    """Events of an academy's members and now and then of strangers.

    ``"ordered"`` arrives by instant, ``"late"`` in any order. A `duplicated` stream repeats some
    of its events. Event ids never conflict: one that is used again has the same body.
    """
    own = academy_events(academy=academy)
    stream = draw(st.lists(own, max_size=max_size))
    if duplicated and stream:
        stream += draw(st.lists(st.sampled_from(stream), max_size=max_size // 4))
        stream = draw(st.permutations(stream)) if arrival == "late" else stream
    if arrival == "ordered":
        stream = sorted(stream, key=lambda event: event.at)
    return tuple(_with_own_ids(stream))


def academy_events(*, academy: Academy) -> SearchStrategy[Event]:
    """Events, most of them by a member of the academy on a lesson, with the trigger it wants."""
    lesson_ids = ids(known=[each.id for each in academy.lessons])
    member_ids = ids(known=[each.id for each in academy.members])
    strangers = events(member_id=member_ids, lesson_id=lesson_ids)
    fitting = [
        (lesson, member)
        for lesson in academy.lessons
        for member in academy.members
        if lesson.course_id == member.course_id
    ]
    if not fitting:
        return strangers
    return mostly(st.sampled_from(fitting).flatmap(triggers), strangers, times=3)


def triggers(pair: tuple[Lesson, CourseMember]) -> SearchStrategy[Event]:
    """Events of the kinds that this lesson's criterion looks at, by this member."""
    lesson, member = pair
    kinds = {kind.event: EVENTS[kind.event] for kind in lesson.criterion.reads}
    return st.one_of(
        [
            each(member_id=st.just(member.id), lesson_id=st.just(lesson.id))
            for each in kinds.values() or [page_visits]
        ]
    )


def _with_own_ids(stream: Iterable[Event]) -> Iterable[Event]:
    bodies: dict[str, Event] = {}
    for event in stream:
        if event.event_id is None or bodies.setdefault(event.event_id, event) == event:
            yield event
        else:
            yield attrs.evolve(event, event_id=None)
