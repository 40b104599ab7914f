"""Everything that a tracker can know, as one closed union of frozen values.

A *fact* is an entity, evidence of what a member did on a lesson, or an event that is remembered by
its `event_id`. All else (progress, what is open, names in a list) is derived from facts.
"""

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
from coursetrack.domain.events import Event
from coursetrack.domain.evidence import Evidence
from coursetrack.domain.kinds import EVENT_KINDS, one_of
from coursetrack.domain.values import as_id
from coursetrack.errors import InvalidValue


@attrs.frozen(kw_only=True)
class RememberedEvent:
    """An event whose `event_id` is still known, so that its repeats can be told (rule 3).

    `place` numbers the remembered events in order of arrival: the lowest is forgotten first, and
    the next is one above the highest.
    """

    place: int
    event: Event

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "place", as_id("place", self.place))
        if type(self.event) not in EVENT_KINDS.values() or self.event.event_id is None:
            raise InvalidValue.of("event", self.event, f"{one_of(EVENT_KINDS)} with an event_id")

    @property
    def event_id(self) -> str:
        """The event's own id, which is never None here."""
        return str(self.event.event_id)


Fact = Entity | Evidence | RememberedEvent

FactKey = int | str | tuple[int, int]
"""What tells facts of one kind apart: an id, an event id, or a member's and a lesson's id."""


def key_of(fact: Fact) -> FactKey:
    """What tells `fact` from others of its kind."""
    if isinstance(fact, Evidence):
        return fact.member_id, fact.lesson_id
    if isinstance(fact, RememberedEvent):
        return fact.event_id
    return fact.id


def described(fact: Fact) -> str:
    """A fact's kind and key in words, for error messages: ``lesson 10``."""
    if isinstance(fact, Evidence):
        return f"{type(fact).__name__} of lesson {fact.lesson_id} by member {fact.member_id}"
    return f"{_NAMES[type(fact)]} {key_of(fact)!r}"


_NAMES: dict[type, str] = {
    Coworker: "coworker",
    Course: "course",
    Section: "section",
    Lesson: "lesson",
    CourseMember: "member",
    CompletedLesson: "completed lesson",
    RememberedEvent: "remembered event",
}
