"""Changes: all that happened, in order, as values that replay, take back, and travel as JSON."""

import json

import attrs
import pytest
from hypothesis import given

from coursetrack import (
    ButtonClick,
    Change,
    ChangeConflict,
    CompletedLessonQuery,
    Course,
    CourseMember,
    CoursetrackError,
    FirstVisit,
    InvalidSnapshot,
    InvalidValue,
    Lesson,
    Outcome,
    PageVisit,
    SequenceGap,
    SequenceRepeat,
    StillReferenced,
    Tally,
    Tracker,
    VersionConflict,
)
from tests.tracker.scripts import START, Call, academy, play, scripts


def changes_of(tracker: Tracker, calls: list[Call]) -> list[Change]:
    """What the calls changed, one after the other."""
    found: list[Change] = []
    for call in calls:
        outcome = play(tracker, call)
        if isinstance(outcome, Outcome | Tally):
            found.extend(outcome.changes)
    return found


@given(scripts)
def test_replay_onto_an_empty_tracker_gives_an_equal_one(calls: list[Call]) -> None:
    tracker = Tracker(remember_events=2)
    built = Tracker(remember_events=2)
    changes = changes_of(built, [("add_all", (academy().entities(),), {})])
    changes += changes_of(built, calls)
    tracker.replay(changes)
    assert tracker == built
    assert tracker.version == built.version == len(changes)
    assert [change.sequence for change in changes] == list(range(1, len(changes) + 1))
    tracker.check()


@given(scripts)
def test_changes_travel_as_json(calls: list[Call]) -> None:
    for change in changes_of(academy(), calls):
        assert Change.from_dict(json.loads(json.dumps(change.to_dict()))) == change


@given(scripts)
def test_inverses_take_everything_back(calls: list[Call]) -> None:
    tracker, untouched = academy(), academy()
    changes = changes_of(tracker, calls)
    for change in reversed(changes):
        tracker.replay([change.inverse(tracker.version + 1)])
        tracker.check()
    assert tracker == untouched
    assert list(tracker.entities()) == list(untouched.entities())


@given(scripts)
def test_a_call_that_raises_changes_nothing(calls: list[Call]) -> None:
    tracker = academy()
    for call in calls:
        before = tracker.snapshot()
        outcome = play(tracker, call)
        if isinstance(outcome, CoursetrackError):
            assert tracker.snapshot() == before
        tracker.check()


def test_an_inverse_follows_its_change() -> None:
    tracker = academy()
    (change,) = tracker.add(Course(id=9, title="Nine")).changes
    assert change.inverse() == Change(sequence=change.sequence + 1, before=change.after)
    tracker.replay([change.inverse()])
    assert tracker == academy()


def test_a_gap_and_a_repeat_in_the_sequence_are_named() -> None:
    tracker, other = academy(), academy()
    changes = [tracker.add(Course(id=id_, title="More")).changes[0] for id_ in (7, 8)]
    with pytest.raises(SequenceGap, match=f"expected .* {other.version + 1}, got"):
        other.replay(changes[1:])
    other.replay(changes)
    with pytest.raises(SequenceRepeat):
        other.replay(changes)
    assert other == tracker


def test_replay_is_all_or_nothing_and_starts_from_what_is_known() -> None:
    tracker = academy()
    version = tracker.version
    good = Change(sequence=version + 1, after=Course(id=9, title="Nine"))
    stale = Change(
        sequence=version + 2,
        before=Course(id=1, title="Never its title"),
        after=Course(id=1, title="New"),
    )
    with pytest.raises(ChangeConflict, match="course 1"):
        tracker.replay([good, stale])
    assert tracker == academy()
    assert tracker.version == version
    with pytest.raises(InvalidValue, match="a Change"):
        tracker.replay([good.to_dict()])


def test_a_replay_leaves_no_completion_or_evidence_behind() -> None:
    """What `remove` and `replace` would take along or refuse, a change made by hand may not do."""
    tracker = academy()
    tracker.complete(lesson_id=1, member_id=1, at=START)
    tracker.replay(
        [Change(sequence=tracker.version + 1, after=FirstVisit(member_id=2, lesson_id=2, at=START))]
    )
    tracker.add(Course(id=9, title="Nine"))
    before = tracker.snapshot()
    entities = {(type(each), each.id): each for each in tracker.entities()}
    for kind, id_ in ((Lesson, 1), (Lesson, 2), (CourseMember, 1), (CourseMember, 2)):
        entity = entities[kind, id_]
        gone = Change(sequence=tracker.version + 1, before=entity)
        with pytest.raises(StillReferenced, match="cannot go before its completions and evidence"):
            tracker.replay([gone])
        assert tracker.snapshot() == before
    for kind in (Lesson, CourseMember):
        entity = entities[kind, 1]
        fields = {"course_id": 9} | ({"section_id": None} if kind is Lesson else {})
        moved = attrs.evolve(entity, **fields)
        change = Change(sequence=tracker.version + 1, before=entity, after=moved)
        with pytest.raises(StillReferenced, match="it has 1 completed lesson; delete them first"):
            tracker.replay([change])
        assert tracker.snapshot() == before


def test_the_other_members_of_a_coworker_keep_their_names_when_one_leaves() -> None:
    tracker = academy()
    coworker_id = tracker.member(1).coworker_id
    for id_ in range(50, 70):
        tracker.add(attrs.evolve(tracker.member(1), id=id_, coworker_id=coworker_id))
        tracker.complete(lesson_id=1, member_id=id_, at=START)
    name = tracker.coworker(coworker_id).full_name
    for id_ in range(69, 49, -1):
        assert tracker.completed_lessons.count(CompletedLessonQuery(full_name=name)) == id_ - 49
        tracker.remove(CourseMember, id_)
        tracker.check()
    assert tracker.completed_lessons.count(CompletedLessonQuery(full_name=name)) == 0


def test_expect_version_is_asked_by_every_write() -> None:
    tracker = academy()
    stale = {"expect_version": tracker.version - 1}
    event = PageVisit(member_id=1, lesson_id=1, at=START)
    for write in (
        lambda: tracker.add(Course(id=9, title="Nine"), **stale),
        lambda: tracker.add_all([], **stale),
        lambda: tracker.replace(Course(id=1, title="One"), **stale),
        lambda: tracker.remove(Lesson(id=1, course_id=1, title=""), **stale),
        lambda: tracker.record(event, **stale),
        lambda: tracker.record_many([event], **stale),
        lambda: tracker.complete(lesson_id=1, member_id=1, at=START, **stale),
        lambda: tracker.update_completed(id=1, at=START, **stale),
        lambda: tracker.delete_completed(id=1, **stale),
        lambda: tracker.replay([], **stale),
    ):
        with pytest.raises(VersionConflict, match="expected version"):
            write()
    assert tracker == academy()
    assert tracker.record(event, expect_version=tracker.version).completed is not None


def test_a_forgotten_event_is_an_explicit_change() -> None:
    tracker = academy()
    for event_id in "abc":
        event = ButtonClick(member_id=1, lesson_id=2, at=START, event_id=event_id)
        changes = tracker.record(event).changes
    assert [(each.before is None, each.after is None) for each in changes] == [
        (False, True),
        (True, False),
    ]
    assert changes[0].before.event_id == "a"


GOOD = Change(sequence=1, after=Lesson(id=1, course_id=2, title="Welcome")).to_dict()


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (None, "change: expected an object"),
        ({**GOOD, "sequence": 0}, "change.sequence"),
        ({**GOOD, "sequence": True}, "change.sequence"),
        ({**GOOD, "kind": "Lessen"}, "change.kind: .*did you mean 'Lesson'"),
        ({**GOOD, "kind": ["Lesson"]}, "change.kind"),
        ({**GOOD, "after": None}, "change: expected a fact before"),
        ({**GOOD, "extra": 1}, "change: expected no key but"),
        ({key: GOOD[key] for key in GOOD if key != "before"}, "change.before"),
        ({**GOOD, "after": {**GOOD["after"], "title": 5}}, "change.after.title: expected text"),
        ({**GOOD, "after": {**GOOD["after"], "id": 1.0}}, "change.after.id"),
        ({**GOOD, "after": {**GOOD["after"], "id": 2**63}}, "change.after.id"),
        ({**GOOD, "after": {**GOOD["after"], "titel": "x"}}, "did you mean 'title'"),
        ({**GOOD, "after": {**GOOD["after"], "video_coverage": "2/4"}}, "video_coverage"),
        ({**GOOD, "after": {**GOOD["after"], "video_coverage": "3/2"}}, "video_coverage"),
        ({**GOOD, "after": {**GOOD["after"], "unique_id": None}}, "unique_id"),
        ({**GOOD, "before": {**GOOD["after"], "id": 3}}, "change: expected a Lesson"),
    ],
)
def test_a_serialised_change_is_checked_in_full(broken: object, where: str) -> None:
    with pytest.raises(InvalidSnapshot, match=where):
        Change.from_dict(broken)


def test_a_change_needs_one_fact_of_one_identity() -> None:
    with pytest.raises(InvalidValue):
        Change(sequence=1)
    with pytest.raises(InvalidValue):
        Change(sequence=1, before=Course(id=1, title="a"), after=Course(id=2, title="a"))
    with pytest.raises(InvalidValue):
        Change(sequence=1, after="a course")
