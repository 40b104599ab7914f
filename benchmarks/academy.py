"""A seeded academy with every kind of lesson and lock, and what its members did in two years."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

from benchmarks.names import full_names
from benchmarks.source import Source, in_order_of_time
from coursetrack.domain.entities import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
    UnlockType,
)
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress

COURSES, SECTIONS, LESSONS = 20, 5, 6
"""How many courses, sections of each, and lessons of each section."""

_START = datetime(2024, 1, 1, tzinfo=UTC)
_DURATION = 600.0
_TYPES = (
    CompletionType.VISITED,
    CompletionType.BUTTON,
    CompletionType.VIDEO,
    CompletionType.VISITED,
    CompletionType.BUTTON,
    CompletionType.NONE,
)
_UNLOCKS = (
    UnlockType.IMMEDIATE,
    UnlockType.SEQUENTIAL,
    UnlockType.IMMEDIATE,
    UnlockType.TIMED,
    UnlockType.IMMEDIATE,
)


def make_academy(*, members: int = 12_000, seed: int = 1) -> Source:
    """An academy with so many members; some 25 events of each, in order of time."""
    random = Random(seed)
    lessons = list(_lessons())
    enrolled = list(_members(members, random))
    events = [event for member in enrolled for event in _story(member, lessons, random)]
    return Source(
        name=f"seeded academy, seed {seed}",
        entities=[*_outline(), *lessons, *_coworkers(members, random), *enrolled],
        events=in_order_of_time(events),
    )


def _outline() -> Iterator[Entity]:
    for course in range(1, COURSES + 1):
        yield Course(id=course, title=f"Course {course}", active=course != COURSES)
        for place, unlock_type in enumerate(_UNLOCKS):
            yield Section(
                id=_section_id(course, place),
                course_id=course,
                title=f"Week {place + 1}",
                display_order=place,
                unlock_type=unlock_type,
                unlock_after_days=21,
            )


def _lessons() -> Iterator[Lesson]:
    for place in range(COURSES * SECTIONS * LESSONS):
        section, within = divmod(place, LESSONS)
        course = section // SECTIONS + 1
        completion_type = _TYPES[within]
        is_watched = completion_type is CompletionType.VIDEO and section % 2 == 0
        yield Lesson(
            id=place + 1,
            course_id=course,
            section_id=_section_id(course, section % SECTIONS),
            title="Welcome" if place % 30 == 0 else f"Lesson {section % SECTIONS + 1}.{within + 1}",
            display_order=within,
            unlock_type=UnlockType.SEQUENTIAL if within == 1 else UnlockType.IMMEDIATE,
            completion_type=completion_type,
            video_coverage=Fraction(9, 10) if is_watched else None,
        )


def _section_id(course: int, place: int) -> int:
    return (course - 1) * SECTIONS + place + 1


def _coworkers(count: int, random: Random) -> Iterator[Coworker]:
    for id_, full_name in enumerate(full_names(count, random), start=1):
        yield Coworker(
            id=id_,
            full_name=full_name,
            company_name=f"Company {random.randint(1, 400)}" if random.random() < 0.9 else None,
            team_names=tuple(f"Team {random.randint(1, 30)}" for _ in range(random.randint(0, 2))),
        )


def _members(count: int, random: Random) -> Iterator[CourseMember]:
    for id_ in range(1, count + 1):
        yield CourseMember(
            id=id_,
            course_id=random.randint(1, COURSES),
            coworker_id=id_,
            created_on=_START + timedelta(minutes=random.randint(0, 600 * 24 * 60)),
            approved=random.random() < 0.98,
            blocked=random.random() < 0.01,
        )


def _story(member: CourseMember, lessons: list[Lesson], random: Random) -> Iterator[Event]:
    """One member's way through the course, which most leave before its end."""
    size = SECTIONS * LESSONS
    first = (member.course_id - 1) * size
    at = member.created_on - timedelta(hours=1 if random.random() < 0.02 else -1)
    for lesson in lessons[first : first + random.randint(2, size)]:
        at += timedelta(minutes=random.expovariate(1 / 1_500))
        yield from _attempts(member.id, lesson, at, random)


def _attempts(member_id: int, lesson: Lesson, at: datetime, random: Random) -> Iterator[Event]:
    yield PageVisit(member_id=member_id, lesson_id=lesson.id, at=at)
    later = at + timedelta(minutes=11)
    if lesson.completion_type is CompletionType.BUTTON and random.random() < 0.95:
        yield ButtonClick(member_id=member_id, lesson_id=lesson.id, at=later)
    elif lesson.video_coverage is not None:
        for start in (0.0, 200.0, 400.0):
            yield VideoProgress(
                member_id=member_id,
                lesson_id=lesson.id,
                at=at + timedelta(seconds=start + 200),
                start=start,
                end=start + 210 * random.random() ** 0.05,
                duration=_DURATION,
            )
    elif lesson.completion_type is CompletionType.VIDEO:
        yield VideoFinish(member_id=member_id, lesson_id=lesson.id, at=later)
    if random.random() < 0.1:
        yield PageVisit(member_id=member_id, lesson_id=lesson.id, at=later + timedelta(days=1))
