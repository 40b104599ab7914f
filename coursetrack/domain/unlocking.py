"""Which locks keep a lesson from a member at an instant, and what would open them (rule 5)."""

from collections.abc import Container
from datetime import datetime

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
    own = lesson_lock(outline, lesson.id, member, done, at)
    shared = section_lock(outline, lesson.section_id, member, done, at)
    return tuple(refusal for refusal in (own, shared) if refusal is not None)


def lesson_lock(
    outline: Outline, lesson_id: int, member: CourseMember, done: Container[int], at: datetime
) -> Refusal | None:
    """The lesson's own lock while it is closed, else None. Does not ask if it is completed."""
    lock = outline.lesson_locks[lesson_id]
    if is_open(lock, member, done, at):
        return None
    return Refusal(
        code=RefusalCode.LESSON_LOCKED,
        lesson_id=lesson_id,
        requires=missing(lock, done),
        opens_at=opens_at(lock, member),
    )


def section_lock(
    outline: Outline,
    section_id: int | None,
    member: CourseMember,
    done: Container[int],
    at: datetime,
) -> Refusal | None:
    """The section's lock while it is closed, else None: the same for all its lessons."""
    if section_id is None:
        return None
    lock = outline.section_locks[section_id]
    if is_open(lock, member, done, at):
        return None
    return Refusal(
        code=RefusalCode.SECTION_LOCKED,
        section_id=section_id,
        requires=missing(lock, done),
        opens_at=opens_at(lock, member),
    )


def is_open(lock: Lock, member: CourseMember, done: Container[int], at: datetime) -> bool:
    """Whether `lock` is open to `member` at `at`. A wait is over at its last instant, inclusive."""
    if lock.wait is not None and at - member.created_on < lock.wait:
        return False
    return all(lesson_id in done for lesson_id in lock.requires)


def missing(lock: Lock, done: Container[int]) -> tuple[int, ...]:
    """The lessons that `lock` requires and that are not completed, in reading order."""
    return tuple(lesson_id for lesson_id in lock.requires if lesson_id not in done)


def opens_at(lock: Lock, member: CourseMember) -> datetime | None:
    """When the lock's wait is over (UTC); None without a wait, and beyond the year 9999."""
    try:
        return None if lock.wait is None else member.created_on + lock.wait
    except OverflowError:
        return None
