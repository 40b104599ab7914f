"""A step of one member's keyed state against a tracker of all: same records, ids, refusals."""

import json
import operator
import pickle
from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    CoursetrackError,
    Coworker,
    DuplicateCompletion,
    Event,
    EventConflict,
    InvalidValue,
    Lesson,
    MissingEntity,
    MissingReference,
    PageVisit,
    Tracker,
    VideoProgress,
)
from coursetrack.sharding import (
    Outlines,
    StepOutcome,
    add_by_hand,
    complete_by_hand,
    delete_by_hand,
    states_of,
    step,
)
from coursetrack.testing import strategies as kit
from coursetrack.testing.strategies import START
from tests.sharding.worlds import few, taught


@few
@given(taught(), st.none() | kit.instants(), st.booleans())
def test_steps_do_what_the_tracker_does(drawn: Any, recorded_at: Any, by_json: bool) -> None:
    academy, events = drawn
    tracker = Tracker(ids="by_member")
    tracker.add_all(academy.entities)
    outlines = pickle.loads(pickle.dumps(Outlines(academy.entities)))
    members = {member.id: member for member in academy.members}
    states: dict[int, Any] = {}
    for event in events:
        expected = tracker.record(event, recorded_at=recorded_at)
        member = members.get(event.member_id)
        if member is None:
            assert expected.refused
            continue
        before = states.get(member.id)
        kept = json.dumps(before)
        state, told = step(outlines, member, before, event, recorded_at=recorded_at)
        assert json.dumps(before) == kept
        assert told.completed == expected.completed
        assert told.refused == expected.refused
        assert told.repeated == expected.repeated
        assert told.ignored == expected.ignored
        states[member.id] = json.loads(json.dumps(state)) if by_json else state
    # What a tracker knows, taken apart by member, is what the steps have kept.
    kept_states = {id_: state for id_, state in states.items() if state is not None}
    assert json.dumps(states_of(tracker.snapshot()), sort_keys=True) == json.dumps(
        kept_states, sort_keys=True
    )


@few
@given(taught(), st.integers(0, 20))
def test_a_stream_takes_over_from_a_tracker(drawn: Any, cut: int) -> None:
    academy, events = drawn
    tracker = Tracker(ids="by_member")
    tracker.add_all(academy.entities)
    tracker.record_many(events[:cut])
    states = states_of(tracker.snapshot())
    outlines = Outlines(academy.entities)
    for event in events[cut:]:
        expected = tracker.record(event)
        if not any(member.id == event.member_id for member in academy.members):
            continue
        member = tracker.member(event.member_id)
        state, told = step(outlines, member, states.get(member.id), event)
        assert told.completed == expected.completed
        if state is not None:
            states[member.id] = state


class Keyed:
    """A keyed stream in a dict, with a tracker's methods; its table knows the records by id."""

    def __init__(self, academy: kit.Academy) -> None:
        self.outlines = Outlines(academy.entities)
        self.members = {member.id: member for member in academy.members}
        self.states: dict[int, Any] = {}
        self.table: dict[int, CompletedLesson] = {}

    def record(self, event: Event) -> None:
        if event.member_id in self.members:
            member, state = self.members[event.member_id], self.states.get(event.member_id)
            self._keep(member, step(self.outlines, member, state, event))

    def complete(self, *, member_id: int, **told: Any) -> None:
        member, state = self.members[member_id], self.states.get(member_id)
        self._keep(member, complete_by_hand(self.outlines, member, state, **told))

    def update_completed(self, *, id: int, at: datetime, by: str, **changed: int) -> None:
        before = self.table[id]
        told = {"updated_on": max(at, before.updated_on), "updated_by": by}
        after = attrs.evolve(before, **changed, **told)
        member = self.members[after.member_id]
        left = delete_by_hand(self.states[before.member_id], lesson_id=before.lesson_id)
        states = {**self.states, before.member_id: left}
        state = add_by_hand(self.outlines, member, states.get(member.id), after)
        self.states, self.table[id] = {**states, member.id: state}, after

    def delete_completed(self, *, id: int) -> None:
        record = self.table[id]
        state = self.states[record.member_id]
        self.states[record.member_id] = delete_by_hand(state, lesson_id=record.lesson_id)
        del self.table[id]

    def _keep(self, member: CourseMember, told: tuple[Any, StepOutcome]) -> None:
        self.states[member.id], outcome = told
        if outcome.completed is not None:
            self.table[outcome.completed.id] = outcome.completed


@few
@given(taught(), st.data())
def test_completions_by_hand_among_the_events(drawn: Any, data: st.DataObject) -> None:
    academy, events = drawn
    tracker, keyed = Tracker(ids="by_member"), Keyed(academy)
    tracker.add_all(academy.entities)
    # The last is of no lesson that there is.
    lessons = st.sampled_from([*(each.id for each in academy.lessons), 999])
    members = st.sampled_from(sorted(keyed.members))
    for event in events:
        what = data.draw(st.sampled_from(["complete", "update", "delete", "event", "event"]))
        call = operator.methodcaller("record", event)
        if what == "complete":
            told = {"lesson_id": data.draw(lessons), "member_id": data.draw(members)}
            call = operator.methodcaller("complete", **told, at=event.at, by="Ada")
        elif what != "event" and keyed.table:
            record = keyed.table[data.draw(st.sampled_from(sorted(keyed.table)))]
            told = {"lesson_id": data.draw(lessons), "member_id": data.draw(members)}
            call = operator.methodcaller("delete_completed", id=record.id)
            if what == "update":
                call = operator.methodcaller(
                    "update_completed", id=record.id, at=event.at, by="Bea", **told
                )
        errors = [type(attempted(call, each)) for each in (tracker, keyed)]
        assert errors[0] == errors[1]
        assert sorted(keyed.table.values(), key=lambda each: each.id) == [
            *tracker.completed_lessons
        ]
    nothing = (1, 0, (), (), ())
    kept = {id_: state for id_, state in keyed.states.items() if state not in (None, nothing)}
    assert json.dumps(states_of(tracker.snapshot()), sort_keys=True) == json.dumps(
        kept, sort_keys=True
    )


def attempted(call: Callable[[Any], Any], each: Any) -> CoursetrackError | None:
    """The error of a call, if it raises one."""
    try:
        call(each)
    except CoursetrackError as error:
        return error
    return None


def test_what_cannot_be_done_by_hand_is_named() -> None:
    outlines, ada = Outlines(LESSONS), ADA
    state, told = complete_by_hand(outlines, ada, None, lesson_id=3_002_001, at=START, by="Bea")
    assert told.completed is not None
    assert (told.completed.id, told.completed.updated_by) == (7 * 2**22 + 1, "Bea")
    with pytest.raises(MissingEntity, match="lesson 3 is not completed"):
        delete_by_hand(state, lesson_id=3)
    with pytest.raises(InvalidValue, match="record: expected a completed lesson of member 8"):
        add_by_hand(outlines, attrs.evolve(ada, id=8), None, told.completed)
    with pytest.raises(DuplicateCompletion, match="member 7 has completed lesson 3002001 already"):
        add_by_hand(outlines, ada, state, told.completed)
    with pytest.raises(MissingReference, match="there is no Lesson 9"):
        complete_by_hand(outlines, ada, state, lesson_id=9, at=START)


LESSONS = [
    Course(id=1, title="Course"),
    Coworker(id=1, full_name="Ada"),
    *(Lesson(id=3_002_000 + id_, course_id=1, title="Lesson") for id_ in range(1, 21)),
]
ADA = CourseMember(id=7, course_id=1, coworker_id=1, created_on=START)


def visit(lesson_id: int, **told: Any) -> PageVisit:
    return PageVisit(member_id=7, lesson_id=3_002_000 + lesson_id, at=START, **told)


def test_a_state_is_small() -> None:
    outlines, state = Outlines(LESSONS), None
    for lesson_id in range(1, 21):
        state, told = step(outlines, ADA, state, visit(lesson_id))
        assert told.completed is not None
    assert len(pickle.dumps(state)) < 80
    assert len(json.dumps(state)) < 100


def test_at_most_so_many_events_are_remembered() -> None:
    outlines, state = Outlines(LESSONS), None
    for lesson_id in range(1, 6):
        event = visit(lesson_id, event_id=f"e{lesson_id}")
        state, _ = step(outlines, ADA, state, event, remember_events=2)
    assert state is not None
    assert [plain[4] for plain in state[4]] == ["e4", "e5"]
    with pytest.raises(EventConflict, match="event_id 'e5' was seen before"):
        step(outlines, ADA, state, visit(6, event_id="e5"))
    assert step(outlines, ADA, state, visit(5, event_id="e5"))[1] == StepOutcome(repeated=True)
    state, _ = step(outlines, ADA, None, visit(1, event_id="e"), remember_events=0)
    assert state == (1, 1, (3_002_001,), (), ())


def test_evidence_goes_once_the_lesson_is_completed() -> None:
    video = Lesson(
        id=1, course_id=1, title="Video", video_coverage=0.5, completion_type=CompletionType.VIDEO
    )
    outlines = Outlines([LESSONS[0], video])

    def watched(end: float) -> VideoProgress:
        return VideoProgress(member_id=7, lesson_id=1, at=START, start=0, end=end, duration=10)

    state, told = step(outlines, ADA, None, watched(4))
    assert told.advanced
    assert state is not None
    assert [kind for kind, _ in state[3]] == ["Watched"]
    state, told = step(outlines, ADA, state, watched(6))
    assert told.completed is not None
    assert state == (1, 1, (1,), (), ())


def test_what_is_no_state_or_another_members_event_is_named() -> None:
    outlines = Outlines(LESSONS)
    for wrong in ((), (2, 0, (), (), ()), "x", {}):
        with pytest.raises(InvalidValue, match="state: expected a member's state of layout 1"):
            step(outlines, ADA, wrong, visit(1))  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="event: expected an event of member 8"):
        step(outlines, attrs.evolve(ADA, id=8), None, visit(1))
