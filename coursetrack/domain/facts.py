"""Everything that a tracker can know, as one closed union of frozen values.

A *fact* is an entity, what a member watched of a video, or an event that is remembered by its
`event_id`. All else (progress, what is open, names in a list) is derived from facts.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
)
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress
from coursetrack.domain.values import MAX_ID, as_id
from coursetrack.domain.watched import Watched
from coursetrack.errors import InvalidValue

_EVENTS = frozenset({PageVisit, ButtonClick, VideoFinish, VideoProgress})


@attrs.frozen(kw_only=True)
class RememberedEvent:
    """An event whose `event_id` is still known, so that its repeats can be told (rule 3).

    `place` numbers the remembered events in order of arrival: the lowest is forgotten first, and
    the next is one above the highest.
    """

    place: int
    event: Event

    def __attrs_post_init__(self) -> None:
        if type(self.place) is not int or not 0 < self.place <= MAX_ID:
            object.__setattr__(self, "place", as_id("place", self.place))
        if type(self.event) not in _EVENTS or self.event.event_id is None:
            expected = "a PageVisit, ButtonClick, VideoFinish or VideoProgress with an event_id"
            raise InvalidValue.of("event", self.event, expected)

    @property
    def event_id(self) -> str:
        """The event's own id, which is never None here."""
        return str(self.event.event_id)


Fact = Entity | Watched | RememberedEvent

FactKey = int | str | tuple[int, int]
"""What tells facts of one kind apart: an id, an event id, or a member's and a lesson's id."""

FACT_KINDS: Mapping[str, type[Any]] = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            Coworker,
            Course,
            Section,
            Lesson,
            CourseMember,
            CompletedLesson,
            Watched,
            RememberedEvent,
        )
    }
)
"""The kinds of fact by name."""


def key_of(fact: Fact) -> FactKey:
    """What tells `fact` from others of its kind.

    >>> key_of(Watched(member_id=7, lesson_id=10))
    (7, 10)
    """
    if isinstance(fact, Watched):
        return fact.member_id, fact.lesson_id
    if isinstance(fact, RememberedEvent):
        return fact.event_id
    return fact.id


def described(fact: Fact) -> str:
    """A fact's kind and key in words, for error messages: ``lesson 10``."""
    name = _NAMES[type(fact)]
    if isinstance(fact, Watched):
        return f"{name} of lesson {fact.lesson_id} by member {fact.member_id}"
    return f"{name} {key_of(fact)!r}"


_NAMES: dict[type, str] = {
    Coworker: "coworker",
    Course: "course",
    Section: "section",
    Lesson: "lesson",
    CourseMember: "member",
    CompletedLesson: "completed lesson",
    Watched: "what was watched",
    RememberedEvent: "remembered event",
}
