"""Completions by hand, as steps of one member's keyed state (rule 7).

In place of a record's id a write names its lesson: a member completes that at most once. The table
that a stream writes its completed lessons to knows which lesson an id is of, and
:func:`~coursetrack.knowledge.member_ids.own_id` whose it was at first.

An update takes the record out and puts it back as it is to be, in the state of the same member or
of another::

    after = attrs.evolve(before, lesson_id=12, updated_on=at, updated_by="Ada")
    state = delete_by_hand(state, lesson_id=before.lesson_id)
    state = add_by_hand(outlines, member, state, after)

A state is a value: where the second raises, go on with the state of before the first.
"""

from datetime import datetime

from coursetrack.domain.entities import CompletedLesson, CourseMember
from coursetrack.domain.values import as_id, as_instant, as_optional_text
from coursetrack.errors import DuplicateCompletion, InvalidValue, MissingEntity, MissingReference
from coursetrack.knowledge.member_ids import id_of, own_id
from coursetrack.sharding.keyed import Outlines, StepOutcome
from coursetrack.sharding.keyed_state import KeyedState, State


def complete_by_hand(
    outlines: Outlines,
    member: CourseMember,
    state: State | None,
    *,
    lesson_id: int,
    at: datetime,
    by: str | None = None,
    recorded_at: datetime | None = None,
) -> tuple[State, StepOutcome]:
    """Completes a lesson whatever the rules say, as ``Tracker.complete`` does. O(completed).

    MissingReference for an unknown lesson, DuplicateCompletion for a completed one.
    """
    record = CompletedLesson(
        id=id_of(member.id, KeyedState.read(state).given + 1),
        lesson_id=as_id("lesson_id", lesson_id),
        member_id=member.id,
        created_on=as_instant("at", at),
        updated_on=as_instant("recorded_at", at if recorded_at is None else recorded_at),
        updated_by=as_optional_text("by", by),
    )
    return add_by_hand(outlines, member, state, record), StepOutcome(completed=record)


def add_by_hand(
    outlines: Outlines, member: CourseMember, state: State | None, record: CompletedLesson
) -> State:
    """Puts a record there with the id that it has: an import, or one that was moved. O(completed).

    An id of another member's must have been given there: nobody here knows. InvalidValue for a
    record of another member, MissingReference and DuplicateCompletion as when completing.
    """
    if not isinstance(record, CompletedLesson) or record.member_id != member.id:
        raise InvalidValue.of("record", record, f"a completed lesson of member {member.id}")
    known = KeyedState.read(state)
    if record.lesson_id and record.lesson_id not in outlines.by_lesson:
        raise MissingReference(
            f"CompletedLesson {record.id}: there is no Lesson {record.lesson_id}", value=record
        )
    if record.lesson_id and record.lesson_id in known.completed:
        raise DuplicateCompletion(
            f"member {member.id} has completed lesson {record.lesson_id} already", value=record
        )
    whose, serial = own_id(record.id)
    given = max(known.given, serial) if whose == member.id else known.given
    return known.completing(record.lesson_id, given).written()


def delete_by_hand(state: State | None, *, lesson_id: int) -> State:
    """Takes a completion away; the member starts that lesson anew (rule 6). O(completed).

    As ``Tracker.delete_completed``. MissingEntity where the lesson is not completed.
    """
    known = KeyedState.read(state)
    if lesson_id not in known.completed:
        raise MissingEntity(f"lesson {lesson_id} is not completed", value=lesson_id)
    return known.without(lesson_id).written()
