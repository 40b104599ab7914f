"""Which locks keep a lesson from a member at an instant, and what would open them (rule 5)."""

from collections.abc import Container, Iterator
from datetime import datetime, timedelta

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.domain.outline import Lock, Outline
from coursetrack.domain.refusals import Refusal, RefusalCode


def locks(
    outline: Outline, lesson: Lesson, member: CourseMember, done: Container[int], at: datetime
) -> tuple[Refusal, ...]:
    """The locks on `lesson` for `member` at `at`: none, the lesson's own, its section's, or both.

    `done` are the ids of the lessons the member has completed. A completed lesson is never
    locked (rule 6). O(1), and O(lessons of the previous section) for a SEQUENTIAL section.
    """
    if lesson.id in done:
        return ()
    return tuple(_locks(outline, lesson, member, done, at))


def _locks(
    outline: Outline, lesson: Lesson, member: CourseMember, done: Container[int], at: datetime
) -> Iterator[Refusal]:
    own = outline.lesson_lock(lesson)
    if not is_open(own, member, done, at):
        yield lesson_locked(lesson.id, own, member, done)
    section = outline.section_lock(lesson)
    if lesson.section_id is not None and not is_open(section, member, done, at):
        yield section_locked(lesson.section_id, section, member, done)


def is_open(lock: Lock, member: CourseMember, done: Container[int], at: datetime) -> bool:
    """Whether the lock is open at `at`. A wait is over at its very last instant (inclusive)."""
    if lock.wait is not None and at - member.created_on < lock.wait:
        return False
    return all(lesson_id in done for lesson_id in lock.requires)


def lesson_locked(
    lesson_id: int, lock: Lock, member: CourseMember, done: Container[int]
) -> Refusal:
    """The refusal for a lesson whose own `lock` is closed, with what opens it."""
    return Refusal(
        code=RefusalCode.LESSON_LOCKED,
        lesson_id=lesson_id,
        requires=missing(lock, done),
        opens_at=opens_at(lock, member),
    )


def section_locked(
    section_id: int, lock: Lock, member: CourseMember, done: Container[int]
) -> Refusal:
    """The refusal for the lessons of a section whose `lock` is closed, with what opens it."""
    return Refusal(
        code=RefusalCode.SECTION_LOCKED,
        section_id=section_id,
        requires=missing(lock, done),
        opens_at=opens_at(lock, member),
    )


def missing(lock: Lock, done: Container[int]) -> tuple[int, ...]:
    """The lessons that `lock` requires and that are not completed, in reading order."""
    return tuple(lesson_id for lesson_id in lock.requires if lesson_id not in done)


def opens_at(lock: Lock, member: CourseMember) -> datetime | None:
    """When the lock's wait is over (UTC); None without a wait, and beyond the year 9999."""
    return None if lock.wait is None else _later(member.created_on, lock.wait)


def _later(at: datetime, wait: timedelta) -> datetime | None:
    try:
        return at + wait
    except OverflowError:
        return None
