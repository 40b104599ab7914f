"""Which lessons of a course are open to a member at an instant; for the rest, why not."""

from collections.abc import Container, Iterator
from datetime import datetime

import attrs

from coursetrack.domain.entities import CourseMember
from coursetrack.domain.outline import Outline
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.reprs import short_repr
from coursetrack.domain.rules import lesson_refusals, member_refusals
from coursetrack.domain.unlocking import lesson_lock, section_lock


@attrs.frozen(kw_only=True)
class ClosedLesson:
    """A lesson that is not open, with every reason."""

    __repr__ = short_repr

    lesson_id: int
    refusals: tuple[Refusal, ...]


@attrs.frozen(kw_only=True)
class OpenLessons:
    """A course as one member finds it at `at`: a lesson is open when no event on it is refused.

    Both parts are in reading order, and together they are every lesson of the course.
    """

    __repr__ = short_repr

    member_id: int
    at: datetime
    open_lesson_ids: tuple[int, ...]
    closed: tuple[ClosedLesson, ...]

    def __contains__(self, lesson_id: object) -> bool:
        """Whether the lesson with this id is open. O(lessons)."""
        return lesson_id in self.open_lesson_ids

    def refusals(self, lesson_id: int) -> tuple[Refusal, ...]:
        """Why the lesson is not open; () for an open one. O(closed lessons)."""
        found = (each.refusals for each in self.closed if each.lesson_id == lesson_id)
        return next(found, ())


def open_lessons(
    outline: Outline, member: CourseMember, done: Container[int], at: datetime
) -> OpenLessons:
    """The lessons of the member's course, open or closed at `at`. O(lessons)."""
    found = tuple(_judged(outline, member, done, at))
    return OpenLessons(
        member_id=member.id,
        at=at,
        open_lesson_ids=tuple(each.lesson_id for each in found if not each.refusals),
        closed=tuple(each for each in found if each.refusals),
    )


def _judged(
    outline: Outline, member: CourseMember, done: Container[int], at: datetime
) -> Iterator[ClosedLesson]:
    # What rules.refusals() says of each lesson, but a section's lock is judged once for all of
    # its lessons: a long section behind a long section would take quadratic time otherwise.
    of_member = tuple(member_refusals(member, at))
    of_section = {
        section.id: section_lock(outline, section.id, member, done, at)
        for section in outline.sections
    }
    for lesson in outline.lessons:
        reasons = (*of_member, *lesson_refusals(outline, lesson))
        if lesson.id not in done:
            own = lesson_lock(outline, lesson.id, member, done, at)
            shared = None if lesson.section_id is None else of_section[lesson.section_id]
            reasons += tuple(lock for lock in (own, shared) if lock is not None)
        yield ClosedLesson(lesson_id=lesson.id, refusals=reasons)
