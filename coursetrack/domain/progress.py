"""How far a member is through a course: derived from the outline and what is completed."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.outline import Outline
from coursetrack.domain.reprs import html_table, short_repr


@attrs.frozen(kw_only=True)
class Progress:
    """A member's progress through the countable lessons of the course.

    `last_completed` is the member's latest completion of any lesson, by `created_on`, then id.
    `finished_on` is the latest `created_on` among the countable lessons once all of them are
    completed, else None: a lesson that does not count never moves it.
    """

    __repr__ = short_repr

    member_id: int
    countable_lesson_ids: tuple[int, ...]
    """The countable lessons, in reading order."""
    completed_lesson_ids: tuple[int, ...]
    """Those of them that are completed, in reading order."""
    last_completed: CompletedLesson | None = None
    finished_on: datetime | None = None

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

    def _repr_html_(self) -> str:
        heads = ("member", "completed", "completeness", "finished on")
        return html_table("Progress", heads, [progress_cells(self)])


def progress_cells(progress: Progress) -> tuple[object, ...]:
    """The cells of a row that shows `progress` in a table."""
    return (
        progress.member_id,
        f"{progress.completed} of {progress.countable}",
        f"{float(progress.completeness):.0%}",
        progress.finished_on,
    )


def progress(outline: Outline, member_id: int, completions: Iterable[CompletedLesson]) -> Progress:
    """The progress of a member who has these completions and no others. O(lessons + n)."""
    records = tuple(completions)
    by_lesson = {record.lesson_id: record for record in records}
    countable = outline.countable_ids
    counted = [by_lesson[lesson_id] for lesson_id in countable if lesson_id in by_lesson]
    is_finished = 0 < len(countable) == len(counted)
    return Progress(
        member_id=member_id,
        countable_lesson_ids=countable,
        completed_lesson_ids=tuple(record.lesson_id for record in counted),
        last_completed=max(records, key=_by_instant, default=None),
        finished_on=max(record.created_on for record in counted) if is_finished else None,
    )


def _by_instant(record: CompletedLesson) -> tuple[datetime, int]:
    return record.created_on, record.id
