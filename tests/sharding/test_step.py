"""A step of one member's keyed state against a tracker of all: same records, ids, refusals."""

import json
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    EventConflict,
    InvalidValue,
    Lesson,
    PageVisit,
    Tracker,
    VideoProgress,
)
from coursetrack.sharding import Outlines, StepOutcome, states_of, step
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
    assert len(pickle.dumps(state)) < 140
    assert len(json.dumps(state)) < 220


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
