"""Small academies to live in, and streams of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from coursetrack import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Event,
    Lesson,
    Section,
    Tracker,
    UnlockType,
)
from coursetrack.simulation import in_order
from coursetrack.testing.strategies import academies

START = datetime(2025, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
TYPES = (CompletionType.BUTTON, CompletionType.VIDEO, CompletionType.VISITED)


def academy(members: int = 40, lessons: int = 12, **fields: Any) -> list[Entity]:
    """A course of three sections, a third of the members enrolled before it opens at START."""
    return [
        Course(id=1, title="Onboarding"),
        *(Section(id=n, course_id=1, title=f"Week {n}", display_order=n) for n in (1, 2, 3)),
        *(lesson(n, lessons, **fields) for n in range(1, lessons + 1)),
        Coworker(id=1, full_name="Ada Lovelace"),
        *(
            CourseMember(
                id=n, course_id=1, coworker_id=1, created_on=START + (n - members // 3) * DAY / 2
            )
            for n in range(1, members + 1)
        ),
    ]


def lesson(number: int, of: int, **fields: Any) -> Lesson:
    """Lesson `number` of so many, with a button unless told otherwise."""
    told = {"completion_type": CompletionType.BUTTON, **fields}
    return Lesson(
        id=number,
        course_id=1,
        title=f"Lesson {number}",
        section_id=1 + (number - 1) * 3 // of,
        display_order=number,
        **told,
    )


def tracker_of(entities: Iterable[Entity]) -> Tracker:
    """A tracker with these entities."""
    tracker = Tracker()
    tracker.add_all(entities)
    return tracker


def small_academies() -> st.SearchStrategy[tuple[Entity, ...]]:
    """Academies of every kind of lesson, lock and member."""
    found = academies(min_each=1, max_courses=2, max_members=6)
    return found.map(lambda academy: academy.entities)


def closed(entities: Sequence[Entity], **named: Any) -> tuple[Tracker, list[Event]]:
    """The tracker that lived through a stream in order of time, and the events, refused or not."""
    tracker, stream, events = tracker_of(entities), in_order(entities, **named), list[Event]()
    event = next(stream, None)
    while event is not None:
        events.append(event)
        outcome = tracker.record(event)
        try:
            event = stream.send(outcome)
        except StopIteration:
            event = None
    return tracker, events


def without_locks(entities: Iterable[Entity]) -> list[Entity]:
    """The same entities with everything open, active, approved and not blocked."""
    import attrs

    opened = []
    for entity in entities:
        if isinstance(entity, Lesson | Section):
            entity = attrs.evolve(entity, active=True, unlock_type=UnlockType.IMMEDIATE)
        elif isinstance(entity, Course):
            entity = attrs.evolve(entity, active=True)
        elif isinstance(entity, CourseMember):
            entity = attrs.evolve(entity, approved=True, blocked=False)
        opened.append(entity)
    return opened


HALF = Fraction(1, 2)
