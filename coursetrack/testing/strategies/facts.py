"""Strategies for what a tracker hands out to be kept: changes, and the facts that no call takes."""

from collections.abc import Mapping
from functools import partial, reduce
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.changes import Change
from coursetrack.domain.events import Event
from coursetrack.domain.evidence import Evidence
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.kinds import EVIDENCE_KINDS
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies import entities
from coursetrack.testing.strategies.events import EVENTS, events
from coursetrack.testing.strategies.values import ANY_IDS

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy

_EVENT_IDS = st.sampled_from(["e1", "e2", "e3", "e4"])
_ORDINALS = st.integers(1, 9)


def evidence(
    *,
    kind: type[Evidence],
    member_id: SearchStrategy[int] = ANY_IDS,
    lesson_id: SearchStrategy[int] = ANY_IDS,
) -> SearchStrategy[Any]:
    """What some events say together, as evidence of one kind."""
    telling = EVENTS[kind.event]().filter(lambda event: kind.of(event) is not None)
    told = st.lists(telling, min_size=1, max_size=4)
    return st.builds(partial(_merged, kind), member_id, lesson_id, told)


def _merged(kind: type[Evidence], member_id: int, lesson_id: int, events: list[Any]) -> Evidence:
    own = (attrs.evolve(each, member_id=member_id, lesson_id=lesson_id) for each in events)
    made: Any = reduce(kind.merged, map(kind.of, own))  # type: ignore[arg-type]
    found: Evidence = made
    return found


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


def _of_pair(kind: type[Evidence], key: SearchStrategy[int]) -> SearchStrategy[Any]:
    return evidence(kind=kind, member_id=key, lesson_id=key)


# For each kind of fact, those that have the same key.
_ONE_FACT: Mapping[str, Any] = MappingProxyType(
    {
        "Coworker": lambda key: entities.coworkers(id=key),
        "Course": lambda key: entities.courses(id=key),
        "Section": lambda key: entities.sections(id=key),
        "Lesson": lambda key: entities.lessons(id=key),
        "CourseMember": lambda key: entities.course_members(id=key),
        "CompletedLesson": lambda key: entities.completed_lessons(id=key),
        "RememberedEvent": lambda key: remembered_events(event_id=key),
        **{name: partial(_of_pair, kind) for name, kind in EVIDENCE_KINDS.items()},
    }
)
