"""Which lessons of a course are open to a member at an instant; for the rest, why not."""

from collections.abc import Container
from datetime import datetime

import attrs

from coursetrack.domain.entities import CourseMember
from coursetrack.domain.outline import Outline
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.rules import refusals


@attrs.frozen(kw_only=True)
class ClosedLesson:
    """A lesson that is not open, with every reason."""

    lesson_id: int
    refusals: tuple[Refusal, ...]


@attrs.frozen(kw_only=True)
class OpenLessons:
    """A course as one member finds it at `at`: a lesson is open when no event on it is refused.

    Both parts are in reading order, and together they are every lesson of the course.
    """

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
    """The lessons of the member's course, open or closed at `at`."""
    found = [(each.id, refusals(outline, each, member, done, at)) for each in outline.lessons]
    return OpenLessons(
        member_id=member.id,
        at=at,
        open_lesson_ids=tuple(lesson_id for lesson_id, reasons in found if not reasons),
        closed=tuple(
            ClosedLesson(lesson_id=lesson_id, refusals=reasons)
            for lesson_id, reasons in found
            if reasons
        ),
    )
