"""Strategies for what a tracker hands out to be kept: changes, and the facts that no call takes."""

from collections.abc import Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.changes import Change
from coursetrack.domain.events import Event, VideoProgress
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.watched import Watched
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies import entities
from coursetrack.testing.strategies.events import events, video_progresses
from coursetrack.testing.strategies.values import ANY_IDS

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy

_EVENT_IDS = st.sampled_from(["e1", "e2", "e3", "e4"])
_ORDINALS = st.integers(1, 9)


def watched(
    *, member_id: SearchStrategy[int] = ANY_IDS, lesson_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[Watched]:
    """What came of some reports on a short video."""
    reports = st.lists(video_progresses(), min_size=1, max_size=4)
    return st.builds(_watched, member_id, lesson_id, reports)


def _watched(member_id: int, lesson_id: int, reports: list[VideoProgress]) -> Watched:
    def plus(found: Watched, report: VideoProgress) -> Watched:
        return found.plus(report.stretch, report.duration_ms)

    return reduce(plus, reports, Watched(member_id=member_id, lesson_id=lesson_id))


def remembered_events(
    *, event_id: SearchStrategy[str] = _EVENT_IDS
) -> SearchStrategy[RememberedEvent]:
    """Events with an id of their own, as they are remembered."""
    event: SearchStrategy[Event] = st.builds(attrs.evolve, events(), event_id=event_id)
    return st.builds(RememberedEvent, place=_ORDINALS, event=event)


def changes(*, sequence: SearchStrategy[int] = _ORDINALS) -> SearchStrategy[Change]:
    """Additions, replacements and removals of one fact of any kind."""
    return st.sampled_from(sorted(_ONE_FACT)).flatmap(lambda kind: _changes_of(kind, sequence))


def _changes_of(kind: str, sequence: SearchStrategy[int]) -> SearchStrategy[Change]:
    key = _EVENT_IDS if kind == "RememberedEvent" else ANY_IDS
    return key.flatmap(lambda key: _changes_from(_ONE_FACT[kind](st.just(key)), sequence))


def _changes_from(fact: SearchStrategy[Any], sequence: SearchStrategy[int]) -> SearchStrategy[Any]:
    return (
        st.builds(Change, sequence=sequence, after=fact)
        | st.builds(Change, sequence=sequence, before=fact, after=fact)
        | st.builds(Change, sequence=sequence, before=fact)
    )


# For each kind of fact, those that have the same key.
_ONE_FACT: Mapping[str, Any] = MappingProxyType(
    {
        "Coworker": lambda key: entities.coworkers(id=key),
        "Course": lambda key: entities.courses(id=key),
        "Section": lambda key: entities.sections(id=key),
        "Lesson": lambda key: entities.lessons(id=key),
        "CourseMember": lambda key: entities.course_members(id=key),
        "CompletedLesson": lambda key: entities.completed_lessons(id=key),
        "Watched": lambda key: watched(member_id=key, lesson_id=key),
        "RememberedEvent": lambda key: remembered_events(event_id=key),
    }
)
