"""The tracker answers as the naive model does, call by call, one by one and in bulk."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coursetrack import CourseMember, CoursetrackError, Outcome, Refusal, Tally, Tracker
from coursetrack.testing.model.model import Model
from tests.tracker.scripts import START, Call, academy, events, play, recorded, scripts

ANSWERED = ("add", "record", "record_many", "complete")


def told(name: str, outcome: Any) -> Any:
    """What a call's answer says about completions, or the kind of its error."""
    if isinstance(outcome, CoursetrackError):
        return type(outcome)
    if name not in ANSWERED:
        return None
    if name in ("add", "complete"):
        return outcome.completed, outcome.repeated, outcome.advanced
    counts = outcome.completed, outcome.advanced, outcome.repeated, outcome.ignored
    if not isinstance(outcome.refused, tuple):
        places = [(place, codes(refused)) for place, refused in outcome.refusals]
        return counts, outcome.ignored_at, dict(outcome.refused), places
    return counts, codes(outcome.refused)


def codes(refused: tuple[Refusal, ...]) -> tuple[str, ...]:
    return tuple(refusal.code for refusal in refused)


def assert_same(tracker: Tracker, model: Model) -> None:
    """Whether both know the same completions, progress and open lessons."""
    assert list(tracker.completed_lessons) == list(model.completed_lessons)
    for member in model.all_of(CourseMember):
        ours, theirs = (each.progress(member_id=member.id) for each in (tracker, model))
        assert ours.completed_lesson_ids == theirs.completed_lesson_ids
        assert ours.countable_lesson_ids == theirs.countable_lesson_ids
        assert ours.last_completed == theirs.last_completed
        assert ours.completeness == theirs.completeness
        assert ours.finished == theirs.finished
        assert 0 <= ours.completeness <= 1
        opened = tracker.open_lessons(member_id=member.id, at=START)
        locks = model.locks(member_id=member.id, at=START)
        assert [*opened.open_lesson_ids] == [id_ for id_, why in locks.items() if not why]


@given(scripts)
def test_every_call_answers_as_the_model(calls: list[Call]) -> None:
    tracker, model = academy(), academy(Model(remember_events=2))
    for call in calls:
        ours, theirs = play(tracker, call), play(model, call)
        assert told(call[0], ours) == told(call[0], theirs)
        tracker.check()
    assert_same(tracker, model)


@given(scripts, st.lists(events, max_size=30), recorded)
def test_a_bulk_is_its_events_one_by_one(
    calls: list[Call], many: list[Any], when: dict[str, Any]
) -> None:
    bulk, single = academy(), academy()
    for call in calls:
        play(bulk, call)
        play(single, call)
    before = bulk.snapshot()
    tally = play(bulk, ("record_many", (many,), when))
    outcomes = [play(single, ("record", (event,), when)) for event in many]
    bulk.check()
    if isinstance(tally, Tally):
        assert bulk == single
        assert bulk.snapshot() == single.snapshot()
        assert tally.changes == tuple(change for each in outcomes for change in each.changes)
        assert tally.events == len(many)
        assert tally.completed == sum(each.completed is not None for each in outcomes)
        assert tally.repeated == sum(each.repeated for each in outcomes)
        assert tally.advanced == sum(each.advanced for each in outcomes)
        assert tally.ignored == len(tally.ignored_at)
        assert tally.ignored_at == tuple(at for at, each in enumerate(outcomes) if each.ignored)
        assert tally.refusals == tuple(
            (at, each.refused) for at, each in enumerate(outcomes) if each.refused
        )
        assert tally.refused_events == len(tally.refusals)
    else:
        assert any(type(each) is type(tally) for each in outcomes)
        assert not all(isinstance(each, Outcome) for each in outcomes)
        assert bulk.snapshot() == before


@given(scripts)
def test_the_progress_of_a_course_is_that_of_each_member(calls: list[Call]) -> None:
    tracker = academy()
    for call in calls:
        play(tracker, call)
    for course_id in (1, 2):
        found = play(tracker, ("course_progress", (), {"course_id": course_id}))
        if not isinstance(found, CoursetrackError):
            assert found == tuple(
                tracker.progress(member_id=member.id)
                for member in tracker.entities()
                if isinstance(member, CourseMember) and member.course_id == course_id
            )
