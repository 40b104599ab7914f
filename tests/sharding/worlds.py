"""Random trackers with all that one can know, and the ways to cut them into shards."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from coursetrack import (
    Course,
    CourseMember,
    CoursetrackError,
    Coworker,
    Event,
    Lesson,
    PageVisit,
    Tracker,
)
from coursetrack.sharding import shard_of
from coursetrack.testing import strategies as kit
from coursetrack.testing.strategies import START

ShardOf = Callable[[int], int]


few = settings(max_examples=max(5, settings().max_examples // 5))
"""A world is slow to draw, and has room for a lot."""


def academies() -> st.SearchStrategy[kit.Academy]:
    """Academies in which something can happen."""
    return kit.academies(min_each=1, max_members=8)


def taught() -> st.SearchStrategy[tuple[kit.Academy, tuple[Event, ...]]]:
    """Academies, each with a stream of events."""
    return academies().flatmap(
        lambda academy: st.tuples(st.just(academy), kit.event_streams(academy=academy))
    )


@st.composite
def trackers(draw: st.DrawFn, **options: Any) -> Tracker:
    """Trackers with events recorded, and records made, imported and updated by hand."""
    academy = draw(academies())
    tracker = Tracker(**options)
    tracker.add_all(academy.entities)
    tracker.record_many(draw(kit.event_streams(academy=academy, max_size=30)))
    lesson_ids = st.sampled_from([lesson.id for lesson in academy.lessons])
    member_ids = st.sampled_from([member.id for member in academy.members])
    records = kit.completed_lessons(
        id=st.integers(1, 60), lesson_id=lesson_ids, member_id=member_ids
    )
    for record in draw(st.lists(records, max_size=8)):
        attempt(tracker.add, record)
    for record in draw(st.lists(records, max_size=2)):
        attempt(
            tracker.update_completed,
            id=record.id,
            lesson_id=record.lesson_id,
            at=record.created_on,
            by="Ada",
        )
    return tracker


def big(members: int = 60, lessons: int = 20) -> Tracker:
    """1,200 records with names and instants that repeat."""
    tracker = Tracker()
    tracker.add(Course(id=1, title="Course"))
    for id_ in range(1, lessons + 1):
        tracker.add(Lesson(id=id_, course_id=1, title=f"Lesson {id_ % 7}"))
    for id_ in range(1, members + 1):
        teams = ("Ops",) if id_ % 3 else ()
        company = f"Company {id_ % 5}" if id_ % 5 else None
        tracker.add(
            Coworker(id=id_, full_name=f"N{id_ % 11}", company_name=company, team_names=teams)
        )
        tracker.add(CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=START))
    tracker.record_many(
        PageVisit(member_id=m, lesson_id=n, at=START + timedelta(seconds=(m * 31 + n * 17) % 97))
        for m in range(1, members + 1)
        for n in range(1, lessons + 1)
    )
    return tracker


def attempt(call: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    """Makes a call that the rules may refuse."""
    with suppress(CoursetrackError):
        call(*arguments, **named)


def placements(shards: int) -> st.SearchStrategy[ShardOf]:
    """Ways to give each member a shard: the usual one, and any other."""
    usual: ShardOf = lambda member_id: shard_of(member_id, shards)  # noqa: E731
    tables = st.lists(st.integers(0, shards - 1), min_size=10, max_size=10)
    return st.just(usual) | tables.map(lambda table: lambda member_id: table[member_id % 10])


def of_shard(events: tuple[Event, ...], shard: int, shard_of: ShardOf) -> list[Event]:
    """The events of a shard's members, in order."""
    return [event for event in events if shard_of(event.member_id) == shard]
