"""How far a member is through a course: derived from the outline and what is completed."""

from collections.abc import Container
from fractions import Fraction

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.outline import Outline


@attrs.frozen(kw_only=True)
class Progress:
    """A member's progress through the countable lessons of the course, as it is now.

    `last_completed` is the member's latest completion of any lesson, by `created_on`, then id.
    """

    member_id: int
    countable_lesson_ids: tuple[int, ...]
    """The countable lessons, in reading order."""
    completed_lesson_ids: tuple[int, ...]
    """Those of them that are completed, in reading order."""
    last_completed: CompletedLesson | None = None

    @property
    def completed(self) -> int:
        """How many countable lessons are completed."""
        return len(self.completed_lesson_ids)

    @property
    def countable(self) -> int:
        """How many lessons count."""
        return len(self.countable_lesson_ids)

    @property
    def completeness(self) -> Fraction:
        """`completed` / `countable`, exact, 0..1; 0 when no lesson counts."""
        return Fraction(self.completed, self.countable) if self.countable else Fraction(0)

    @property
    def finished(self) -> bool:
        """Whether every countable lesson is completed, and there is one."""
        return 0 < self.countable == self.completed


def progress(
    outline: Outline, member_id: int, done: Container[int], last: CompletedLesson | None
) -> Progress:
    """The progress of a member who has completed the lessons `done`. O(lessons)."""
    countable = outline.countable_ids
    return Progress(
        member_id=member_id,
        countable_lesson_ids=countable,
        completed_lesson_ids=tuple(lesson_id for lesson_id in countable if lesson_id in done),
        last_completed=last,
    )
