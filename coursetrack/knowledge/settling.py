"""Who has enough evidence for a lesson by now, though no event has completed it.

So it is where a criterion was changed after the evidence came. A completion opens what is locked
behind it: lessons are looked at in reading order, and each that is due counts for those after it.
"""

from collections.abc import Container, Iterator
from datetime import datetime

import attrs

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.domain.rules import known, refusals
from coursetrack.knowledge.state import State


@attrs.frozen
class Due:
    """A lesson that a member has enough evidence for, since when (UTC)."""

    lesson: Lesson
    member: CourseMember
    since: datetime


def due(state: State, member: CourseMember, at: datetime) -> Iterator[Due]:
    """What of the member's course is due at `at`, in reading order. O(lessons with evidence).

    Due is a lesson that is not completed, on which an event at `at` would not be refused, and
    whose criterion is met by what is known, at `at` or before.
    """
    done = _Done(state.completions.completed_by(member.id))
    outline = state.entity_tables.outline(member.course_id)
    for each in _enough(state, member):
        in_time = each.since <= at and each.lesson.course_id == member.course_id
        if in_time and not refusals(outline, each.lesson, member, done, at):
            done.as_well.add(each.lesson.id)
            yield each


def due_in_time(state: State, member: CourseMember) -> Iterator[Due]:
    """What is due as soon as its locks are open and the member is enrolled. O(as :func:`due`)."""
    for each in _enough(state, member):
        outline = state.entity_tables.outline(each.lesson.course_id)
        # Locks never hold for a completed lesson, so asking as if it were one leaves them out.
        done = (each.lesson.id,)
        if not refusals(outline, each.lesson, member, done, member.created_on):
            yield each


def _enough(state: State, member: CourseMember) -> Iterator[Due]:
    """The lessons that are not completed and whose criterion is met, in reading order."""
    lessons, done = state.entity_tables.table(Lesson), state.completions.completed_by(member.id)
    found = [
        (lessons[lesson_id], evidence)
        for lesson_id, evidence in state.evidence.by_lesson(member.id).items()
        if lesson_id not in done
    ]
    places = {
        lesson.id: state.entity_tables.outline(lesson.course_id).place(lesson.id)
        for lesson, _ in found
    }
    for lesson, evidence in sorted(found, key=lambda each: (places[each[0].id], each[0].id)):
        since = lesson.criterion.since(known(lesson, evidence))
        if since is not None:
            yield Due(lesson, member, since)


class _Done:
    """The lessons that a member has completed, and some as well."""

    def __init__(self, completed: Container[int]) -> None:
        self._completed = completed
        self.as_well: set[int] = set()

    def __contains__(self, lesson_id: object) -> bool:
        return lesson_id in self.as_well or lesson_id in self._completed
