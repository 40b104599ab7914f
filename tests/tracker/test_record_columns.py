"""Columns of events against the events themselves: the same result, whatever comes."""

import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack import (
    Course,
    CourseMember,
    Coworker,
    EventConflict,
    InvalidValue,
    Lesson,
    PageVisit,
    Tracker,
    VersionConflict,
    recording,
)
from coursetrack.column_recording import EventColumns
from coursetrack.recording import judge
from coursetrack.testing import strategies as kit
from coursetrack.testing.strategies import START

few = settings(max_examples=max(5, settings().max_examples // 3))


def columns(events: Any) -> dict[str, Any]:
    """Events as `record_columns` takes them."""
    plain = [event.to_plain() for event in events]
    return {
        "kinds": [each[0] for each in plain],
        "member_ids": [each[1] for each in plain],
        "lesson_ids": [each[2] for each in plain],
        "instants": [each[3] for each in plain],
        "event_ids": [each[4] if len(each) > 4 else None for each in plain],
        "bodies": [each[5:] for each in plain],
    }


@few
@given(
    kit.academies(min_each=1).flatmap(
        lambda x: st.tuples(st.just(x), kit.event_streams(academy=x, max_size=30))
    ),
    st.sampled_from(["in_order", "by_member"]),
    st.none() | kit.instants(),
    st.integers(0, 30),
)
def test_columns_do_what_their_events_do(drawn: Any, ids: Any, recorded_at: Any, cut: int) -> None:
    academy, events = drawn
    by_columns, by_events, one_by_one = (Tracker(ids=ids, remember_events=3) for _ in range(3))
    for tracker in (by_columns, by_events, one_by_one):
        tracker.add_all(academy.entities)
    for part in (events[:cut], events[cut:]):
        told = by_columns.record_columns(**columns(part), recorded_at=recorded_at)
        expected = by_events.record_many(part, recorded_at=recorded_at)
        assert told == expected or told.changes == expected.changes
        for name in ("completed", "advanced", "repeated", "ignored_at", "refusals", "events"):
            assert getattr(told, name) == getattr(expected, name), name
    for event in events:
        one_by_one.record(event, recorded_at=recorded_at)
    by_columns.check()
    assert by_columns.snapshot() == by_events.snapshot()
    assert by_columns == one_by_one


@pytest.fixture
def tracker() -> Tracker:
    """One member, three lessons to visit."""
    tracker = Tracker()
    tracker.add(Course(id=1, title="Course"))
    tracker.add_all(Lesson(id=id_, course_id=1, title="Lesson") for id_ in (1, 2, 3))
    tracker.add(Coworker(id=1, full_name="Ada"))
    tracker.add(CourseMember(id=7, course_id=1, coworker_id=1, created_on=START))
    return tracker


FIRST = START - START.fromtimestamp(0, tz=START.tzinfo)
AT = FIRST // timedelta(microseconds=1)


def test_one_kind_serves_for_all(tracker: Tracker) -> None:
    tally = tracker.record_columns("PageVisit", [7, 7, 8], [1, 2, 1], (AT, AT - 1, AT))
    assert (tally.completed, tally.refused_events) == (1, 2)
    assert [each.place for each in tally.refusals] == [1, 2]
    assert tracker.record_columns([], [], [], []).events == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kinds": ["PageVisit", "PageVist"]}, "did you mean 'PageVisit'"),
        ({"kinds": ["PageVisit", 1]}, r"kinds\[1\]: expected the name of a kind of event, got 1"),
        ({"kinds": "x"}, "kind: expected one of PageVisit"),
        ({"member_ids": [7, 7.0]}, r"member_ids\[1\]: expected an integer, got 7.0"),
        ({"member_ids": [7, True]}, r"member_ids\[1\]: expected an integer, got True"),
        ({"lesson_ids": ["1", 2]}, r"lesson_ids\[0\]: expected an integer, got '1'"),
        ({"lesson_ids": [1, 0]}, "lesson_id: expected an integer from 1"),
        ({"instants": [AT, 10**18]}, r"instants\[1\]: expected microseconds since 1970"),
        ({"instants": [AT]}, "instants: expected 2 values, as many as member_ids, got 1"),
        ({"event_ids": ["a"]}, "event_ids: expected 2 values"),
        ({"event_ids": [None, 5]}, "event_id: expected text, got 5"),
        ({"bodies": [(), (1,)]}, "plain: expected 4 values, or also an event_id"),
        ({"member_ids": 5}, "member_ids: expected an iterable"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_recorded(
    tracker: Tracker, wrong: dict[str, Any], told: str
) -> None:
    before = tracker.snapshot()
    good = {"kinds": "PageVisit", "member_ids": [7, 7], "lesson_ids": [1, 2], "instants": [AT, AT]}
    with pytest.raises(InvalidValue, match=told):
        tracker.record_columns(**{**good, **wrong})
    assert tracker.snapshot() == before
    tracker.check()


def test_a_conflict_takes_everything_back(tracker: Tracker) -> None:
    tracker.record(PageVisit(member_id=7, lesson_id=3, at=START, event_id="a"))
    before = tracker.snapshot()
    with pytest.raises(EventConflict):
        tracker.record_columns("PageVisit", [7, 7], [1, 2], [AT, AT], event_ids=[None, "a"])
    assert tracker.snapshot() == before
    with pytest.raises(VersionConflict):
        tracker.record_columns("PageVisit", [7], [1], [AT], expect_version=0)
    tracker.check()


def test_columns_are_copied(tracker: Tracker) -> None:
    members, lessons = [7, 7], [1, 2]
    tally = tracker.record_columns("PageVisit", members, lessons, [AT, AT])
    members.clear()
    lessons.clear()
    assert len(tally.changes) == 2


def test_no_event_is_made_where_none_is_needed(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventColumns, "event", lambda *_: pytest.fail("an event was made"))
    tally = tracker.record_columns("PageVisit", [7, 7, 7], [1, 2, 1], [AT, AT, AT])
    assert (tally.completed, tally.repeated) == (2, 1)
    assert tracker.record_columns("ButtonClick", [7], [3], [AT]).ignored == 1


@pytest.mark.parametrize("one", [True, False])
def test_what_completes_a_lesson_is_taken_without_a_call_for_each(
    tracker: Tracker, one: bool
) -> None:
    calls = []
    for many in (300, 600):
        by_columns, by_events, seen = tracker.fork(), tracker.fork(), list[str]()
        kinds, lessons = "PageVisit" if one else ["PageVisit"] * many, [1, 2, 3] * (many // 3)
        sys.setprofile(lambda frame, event, _, seen=seen: seen.append(event))
        try:
            tally = by_columns.record_columns(kinds, [7] * many, lessons, [AT] * many)
        finally:
            sys.setprofile(None)
        calls.append(sum(event in ("call", "c_call") for event in seen))
        assert (tally.completed, tally.repeated) == (3, many - 3)
        visits = [PageVisit(member_id=7, lesson_id=id_, at=START) for id_ in lessons]
        assert tally.changes == by_events.record_many(visits).changes
        by_columns.check()
    assert calls[1] <= calls[0] + 10


@pytest.mark.parametrize("late", [0, 1, 2])
def test_who_enrolled_later_is_asked_about(tracker: Tracker, late: int) -> None:
    """Of one kind all, but not all of them after everybody had enrolled."""
    member = CourseMember(
        id=8, course_id=1, coworker_id=1, created_on=START + timedelta(microseconds=1)
    )
    tracker.add(member)
    by_events = tracker.fork()
    instants = [AT, AT, AT]
    instants[late] += 1
    told = tracker.record_columns("PageVisit", [7, 8, 8], [1, 1, 2], instants)
    expected = by_events.record_many(
        PageVisit(member_id=member_id, lesson_id=lesson_id, at=START + timedelta(microseconds=more))
        for member_id, lesson_id, more in zip(
            (7, 8, 8), (1, 1, 2), (each - AT for each in instants), strict=True
        )
    )
    assert told.changes == expected.changes
    assert told.refusals == expected.refusals


def test_events_with_ids_are_judged_by_nobody_where_they_are_plain(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[object] = []
    monkeypatch.setattr(
        recording, "judge", lambda state, event, at: judged.append(event) or judge(state, event, at)
    )
    columns = ["PageVisit", [7] * 9, [1, 2, 3] * 3, [AT] * 9]
    ids = [f"e{place}" for place in range(8)] + [None]
    tally = tracker.record_columns(*columns, event_ids=ids)
    assert (tally.completed, tally.repeated, len(tally.changes)) == (3, 6, 11)
    again = tracker.record_columns(*columns, event_ids=ids)
    assert (again.repeated, again.changes) == (9, ())
    assert judged == []
    with pytest.raises(EventConflict):
        tracker.record_columns(*columns, event_ids=[*ids[1:], "e0"])
    tracker.check()
