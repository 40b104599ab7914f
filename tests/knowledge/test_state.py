"""The state: one way in, all or nothing, and a failed write that anybody finishes taking back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from coursetrack.domain.entities import CompletedLesson, Course, CourseMember, Coworker, Lesson
from coursetrack.domain.facts import Fact
from coursetrack.domain.rows import Edit
from coursetrack.domain.values import MAX_ID
from coursetrack.errors import (
    ChangeConflict,
    CorruptStore,
    DuplicateCompletion,
    DuplicateId,
    IdsExhausted,
    MissingEntity,
    MissingReference,
    StillReferenced,
)
from coursetrack.knowledge.state import State
from coursetrack.knowledge.undo_log import UndoLog
from tests.domain.courses import START

LATER = START + timedelta(days=1)
COURSE, LESSON = Course(id=1, title="C"), Lesson(id=1, course_id=1, title="L")
COWORKER = Coworker(id=1, full_name="Ada")
MEMBER = CourseMember(id=1, course_id=1, coworker_id=1, created_on=START)
RECORD = CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=LATER)


def made(*more: Fact) -> State:
    """One course with a lesson, and a member of it."""
    state = State(first_id=1, id_step=1, remember_events=2, remember_answers=9)
    state.commit([(None, fact) for fact in (COURSE, LESSON, COWORKER, MEMBER, *more)])
    return state


def seen(state: State) -> tuple[Any, ...]:
    """All that is known."""
    facts = (state.entity_tables, state.store, state.evidence, state.remembered)
    return state.version, state.next_id, *map(list, facts)


WRONG: dict[str, tuple[Edit, type[Exception]]] = {
    "what is there already": ((None, LESSON), DuplicateId),
    "what is not there": ((attrs.evolve(LESSON, id=9), None), MissingEntity),
    "another before": ((attrs.evolve(LESSON, title="M"), LESSON), ChangeConflict),
    "no such lesson": ((None, attrs.evolve(RECORD, id=2, lesson_id=9)), MissingReference),
    "no such member": ((None, attrs.evolve(RECORD, id=2, member_id=9)), MissingReference),
    "completed already": ((None, attrs.evolve(RECORD, id=2)), DuplicateCompletion),
    "a record's id": ((None, attrs.evolve(RECORD, lesson_id=2)), DuplicateId),
    "a unique id": (
        (None, attrs.evolve(RECORD, id=2, lesson_id=2, unique_id=RECORD.unique_id)),
        DuplicateId,
    ),
    "a lesson with completions": ((LESSON, None), StillReferenced),
    "a member with completions": ((MEMBER, None), StillReferenced),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_commit_that_fails_has_changed_nothing(what: str) -> None:
    state = made(attrs.evolve(LESSON, id=2, unique_id=""), RECORD)
    before = seen(state)
    edit, error = WRONG[what]
    good: Edit = (COURSE, attrs.evolve(COURSE, title="Renamed"))
    with pytest.raises(error):
        state.commit([good, edit])
    assert seen(state) == before
    assert state.failed is None
    state.check()


def test_the_next_id_follows_every_one_that_is_taken() -> None:
    state = made()
    assert state.new_id(1) == 1
    state.commit([(None, attrs.evolve(RECORD, id=7))])
    assert state.new_id(1) == 8
    assert list(state.new_ids([])) == []


def test_ids_and_versions_end() -> None:
    state = made()
    state.next_id = MAX_ID + 1
    with pytest.raises(IdsExhausted):
        state.new_id(1)
    state.version = MAX_ID
    with pytest.raises(IdsExhausted):
        state.commit([(None, Course(id=2, title="D"))])
    assert state.entity_tables.get(Course, 2) is None


class Cut(BaseException):
    """Cuts something off."""


def half_taken_back() -> State:
    """A state whose failed write was being taken back when that was cut off as well."""
    state, undo_log, cuts = made(), UndoLog(), [True]

    def cut_once() -> None:
        if cuts:
            cuts.clear()
            raise Cut

    state.take(undo_log, (None, attrs.evolve(LESSON, id=2, unique_id="")))
    undo_log.note(cut_once)
    state.take(undo_log, (None, RECORD))
    state.failed = undo_log
    with pytest.raises(Cut):
        state.take_back()
    assert state.failed is not None
    assert seen(state) != seen(made())
    return state


@pytest.mark.parametrize("ask", [State.current_store, State.current_version, State.take_back])
def test_who_comes_next_finishes_taking_back(ask: Callable[[State], object]) -> None:
    state = half_taken_back()
    assert ask(state) in (None, state.store, made().version)
    assert state.failed is None
    assert seen(state) == seen(made())
    state.check()


def test_what_is_taken_back_is_not_taken_back_again() -> None:
    state = half_taken_back()
    state.take_back()
    state.commit([(None, RECORD)])
    state.take_back()
    assert list(state.store) == [RECORD]


def test_what_was_just_read_is_not_looked_up_again() -> None:
    state = made(RECORD)
    stale = attrs.evolve(LESSON, title="M")
    with pytest.raises(ChangeConflict):
        state.commit([(stale, LESSON)])
    looked_up: list[Fact] = []

    class Counting(State):
        """Counts what is looked up."""

        __slots__ = ()

        def current(self, fact: Fact) -> Fact | None:
            looked_up.append(fact)
            return super().current(fact)

    counting = Counting(first_id=1, id_step=1, remember_events=2, remember_answers=9)
    counting.commit([(None, COURSE)])
    assert looked_up == [COURSE]
    counting.commit([(COURSE, attrs.evolve(COURSE, title="D"))], just_read=True)
    assert looked_up == [COURSE]


def test_a_fork_is_independent() -> None:
    state = made(RECORD)
    fork = state.fork()
    assert fork.knows_the_same(state)
    fork.commit([(RECORD, None)])
    assert not fork.knows_the_same(state)
    assert list(state.store) == [RECORD]
    state.check()
    fork.check()


def _spoil_rule(state: State) -> None:
    state.compiled[1] = (1, None, 0, 0, None)


CORRUPTIONS: dict[str, Callable[[State], object]] = {
    "a compiled rule that is stale": _spoil_rule,
    "a completion that is not marked": lambda s: s.completions.discard(UndoLog(), 1, 1),
    "a completion of a lesson that is gone": lambda s: s.store.put(
        None, attrs.evolve(RECORD, id=2, lesson_id=9)
    ),
    "a completion of a member who is gone": lambda s: s.store.put(
        None, attrs.evolve(RECORD, id=2, member_id=9)
    ),
    "a unique id that nobody was given": lambda s: s.given.derivable.update({RECORD.unique_id: 1}),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_check_finds(what: str) -> None:
    state = made(RECORD)
    state.check()
    CORRUPTIONS[what](state)
    with pytest.raises(CorruptStore):
        state.check()
