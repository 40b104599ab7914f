"""Snapshots: the whole state as one plain value; nothing in one that comes back is trusted."""

import copy
import json
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    InvalidSnapshot,
    Lesson,
    PageVisit,
    Tracker,
    VideoProgress,
)
from coursetrack.domain.values import derived_unique_id
from coursetrack.listing.table import Table
from tests.tracker.scripts import START, Call, academy, play, scripts
from tests.tracker.test_changes import changes_of

OWN = "a1b2c3d4-e5f6-4890-abcd-ef1234567890"
DERIVED = derived_unique_id("CompletedLesson", 1)


@given(scripts, st.data())
def test_a_snapshot_and_the_changes_since_are_the_whole(
    calls: list[Call], data: st.DataObject
) -> None:
    tracker = academy()
    place = data.draw(st.integers(0, len(calls)))
    changes_of(tracker, calls[:place])
    snapshot = json.loads(json.dumps(tracker.snapshot()))
    changes = changes_of(tracker, calls[place:])
    restored = Tracker.restore(snapshot, changes)
    restored.check()
    assert restored == tracker
    assert restored.snapshot() == tracker.snapshot()
    assert restored.version == tracker.version


@given(scripts, scripts)
def test_a_restored_tracker_goes_on_as_the_first_one(calls: list[Call], more: list[Call]) -> None:
    tracker = academy()
    changes_of(tracker, calls)
    restored = Tracker.restore(tracker.snapshot())
    assert changes_of(restored, more) == changes_of(tracker, more)


def rich() -> dict[str, Any]:
    """A snapshot with something of everything."""
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START, event_id="a"))
    tracker.record(PageVisit(member_id=2, lesson_id=1, at=START))
    tracker.record(VideoProgress(member_id=1, lesson_id=3, at=START, start=1, end=2, duration=9))
    tracker.complete(lesson_id=2, member_id=1, at=START, by="admin@example.com")
    custom = CompletedLesson(id=9, lesson_id=2, member_id=2, created_on=START, custom_fields={})
    tracker.add(custom)
    return json.loads(json.dumps(tracker.snapshot()))


def changed(path: str, value: Any) -> dict[str, Any]:
    """The rich snapshot with one value put elsewhere; ``a.0.b`` leads to it."""
    snapshot = rich()
    *way, last = path.split(".")
    holder = snapshot
    for key in way:
        holder = holder[int(key)] if isinstance(holder, list) else holder[key]
    holder[int(last) if isinstance(holder, list) else last] = value
    return snapshot


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("format", "csv", "snapshot.format"),
        ("format_version", 3, "snapshot.format_version"),
        ("version", -1, "snapshot.version"),
        ("next_id", 1, "snapshot.next_id"),
        ("next_id", "4", "snapshot.next_id"),
        ("settings", {}, "snapshot.settings"),
        ("settings.id_step", 0, "snapshot.settings.id_step"),
        ("entities.Course", {}, r"snapshot.entities.Course: expected a list"),
        ("entities.Course.0.id", 9, r"snapshot.entities.Section\[0\]: .*course_id"),
        ("entities.Course.1.id", 1, r"snapshot.entities.Course\[1\]: course 1 is there already"),
        ("entities.Lesson.3.section_id", 7, r"snapshot.entities.Lesson\[3\]: .*section_id"),
        ("entities.Lesson.0.unlock_type", 9, r"snapshot.entities.Lesson\[0\].unlock_type"),
        ("entities.CourseMember.0.created_on", "2025-W01-1", "created_on"),
        ("entities.CourseMember.0.created_on", "2025-01-01T00:00:00", "created_on"),
        ("entities.Coworker.0.team_names", "Ops", "team_names"),
        ("entities.Coworker.0.team_names", [None], "team_names"),
        ("completed_lessons", [], "snapshot.completed_lessons"),
        ("completed_lessons.id", [1], "columns of one length"),
        ("completed_lessons.id.1", 1, r"snapshot.completed_lessons.id\[1\]: .*above"),
        ("completed_lessons.id.1", True, r"snapshot.completed_lessons.id\[1\]"),
        ("completed_lessons.id.1", 2**63, r"snapshot.completed_lessons.id\[1\]"),
        ("completed_lessons.lesson_id.0", 99, r"snapshot.completed_lessons.lesson_id\[0\]"),
        ("completed_lessons.member_id.1", 1, r"snapshot.completed_lessons\[1\]: .*no other"),
        ("completed_lessons.created_on.0", 10**30, r"completed_lessons.created_on\[0\]"),
        ("completed_lessons.updated_on.1", "late", r"completed_lessons.updated_on\[1\]"),
        ("completed_lessons.updated_by.2", 7, r"completed_lessons.updated_by\[2\]: .*text"),
        ("completed_lessons.updated_by.2", "\ud800", r"updated_by\[2\]: .*surrogates"),
        (
            "completed_lessons.updated_by",
            ["ada"],
            "updated_by: .*no values, or 3",
        ),
        ("completed_lessons.unique_id", [None, "x", None], r"unique_id\[1\]: expected a UUID"),
        ("completed_lessons.unique_id", [OWN, None, OWN], r"unique_id\[2\]: .*as 1 has it too"),
        ("completed_lessons.unique_id", [None, DERIVED, None], r"unique_id\[0\]: .*record 2"),
        ("CompletedLesson.0.id", 1, r"snapshot.CompletedLesson\[0\]: .*there already"),
        ("CompletedLesson.0.lesson_id", 1, r"snapshot.CompletedLesson\[0\]: .*already"),
        ("CompletedLesson.0.member_id", 77, r"snapshot.CompletedLesson\[0\]: .*no CourseMember"),
        ("CompletedLesson.0.custom_fields", {"a": float("nan")}, "custom_fields"),
        ("evidence.Watched.0.stretches", [[2, 1]], r"snapshot.evidence.Watched\[0\].stretches"),
        ("evidence.Watched.0.stretches", [[0, 5], [5, 6]], "neither empty nor touching"),
        ("evidence.Watched.0.stretches", [[0]], "whole milliseconds"),
        ("evidence.Watched.0.durations", [5, 5], "sorted and distinct"),
        ("evidence.Watched.0.member_id", 0, r"snapshot.evidence.Watched\[0\]"),
        ("RememberedEvent.0.place", 0, r"snapshot.RememberedEvent\[0\].place"),
        ("RememberedEvent.0.event.kind", "Visit", r"RememberedEvent\[0\].event.kind"),
        ("RememberedEvent.0.event.event_id", None, r"event_id"),
        ("RememberedEvent", [None], r"snapshot.RememberedEvent\[0\]"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(path: str, value: Any, where: str) -> None:
    with pytest.raises(InvalidSnapshot, match=where):
        Tracker.restore(changed(path, value))


def imported(many: int) -> Tracker:
    """So many records as another system has them, every third one changed by somebody."""
    tracker = Tracker()
    tracker.add_all([Course(id=1, title="C"), Coworker(id=1, full_name="Ada")])
    tracker.add_all(Lesson(id=id_, course_id=1, title="L") for id_ in range(1, many + 1))
    tracker.add(CourseMember(id=1, course_id=1, coworker_id=1, created_on=START))
    tracker.add_all(
        CompletedLesson(
            id=id_,
            lesson_id=id_,
            member_id=1,
            created_on=START,
            system_id=None if id_ % 2 else f"SAP-{id_}",
            to_string_text=None if id_ % 5 else "Text",
            unique_id=UUID(int=id_, version=4 + id_ % 2),
        )
        for id_ in range(1, many + 1)
    )
    for id_ in range(1, many + 1, 3):
        tracker.update_completed(id=id_, at=START + timedelta(days=id_), by=f"editor {id_ % 4}")
    return tracker


def test_imported_and_changed_records_are_columns_and_none_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracker = imported(30)
    made: list[str] = []
    monkeypatch.setattr(CompletedLesson, "__attrs_post_init__", lambda self: made.append("by hand"))
    monkeypatch.setattr(Table, "records", lambda self, rows: made.append("by the table"))
    snapshot = json.loads(json.dumps(tracker.snapshot()))
    restored = Tracker.restore(snapshot)
    assert not made
    monkeypatch.undo()
    assert snapshot["CompletedLesson"] == []
    restored.check()
    assert restored == tracker
    assert restored.snapshot() == snapshot


def test_columns_that_a_snapshot_lacks_are_empty() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    snapshot = tracker.snapshot()
    for name in ("updated_by", "system_id", "to_string_text", "unique_id"):
        assert snapshot["completed_lessons"].pop(name) == []
    assert Tracker.restore(snapshot) == tracker


def test_a_unique_id_in_capitals_is_the_same_and_a_derived_one_none() -> None:
    tracker = academy()
    for member_id in (1, 2):
        tracker.record(PageVisit(member_id=member_id, lesson_id=1, at=START))
    snapshot = tracker.snapshot()
    snapshot["completed_lessons"]["unique_id"] = [DERIVED.upper(), OWN.upper()]
    restored = Tracker.restore(snapshot)
    restored.check()
    assert restored.snapshot()["completed_lessons"]["unique_id"] == [None, OWN]


@pytest.mark.parametrize("hostile", [None, 5, "snapshot", [], {}, {"format": "coursetrack"}])
def test_what_is_no_snapshot_is_refused(hostile: object) -> None:
    with pytest.raises(InvalidSnapshot):
        Tracker.restore(hostile)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
values = leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.text(max_size=3), leaves)


@given(st.data(), values)
def test_any_value_in_any_place_is_restored_or_refused(data: st.DataObject, value: Any) -> None:
    snapshot = holder = rich()
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(holder[key], dict | list) or not holder[key] or data.draw(st.booleans()):
            break
        holder = holder[key]
    holder[key] = value
    given = copy.deepcopy(snapshot)
    found = restored_or_refused(snapshot)
    if isinstance(found, Tracker):
        found.check()
        assert Tracker.restore(found.snapshot()) == found
    else:
        assert found.startswith("snapshot")
    assert repr(snapshot) == repr(given)


def restored_or_refused(snapshot: object) -> Tracker | str:
    """The tracker, or what the error says."""
    try:
        return Tracker.restore(snapshot)
    except InvalidSnapshot as error:
        return str(error)


def test_a_fork_shares_nothing_that_changes() -> None:
    tracker = academy()
    before = tracker.snapshot()
    fork = tracker.fork()
    assert fork == tracker
    fork.record(PageVisit(member_id=1, lesson_id=1, at=START, event_id="x"))
    fork.remove(fork.lesson(4))
    fork.check()
    assert tracker.snapshot() == before
    tracker.record(PageVisit(member_id=2, lesson_id=1, at=START))
    tracker.check()
    assert fork.completed_lessons.get_pair(1, 2) is None


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda tracker: pickle.loads(pickle.dumps(tracker))]
)
def test_a_copy_by_any_means_is_independent(copied: Callable[[Tracker], Tracker]) -> None:
    tracker = Tracker.restore(rich())
    before = tracker.snapshot()
    other = copied(tracker)
    assert other.snapshot() == before
    other.record(PageVisit(member_id=1, lesson_id=4, at=START))
    other.remove(other.member(2))
    other.check()
    tracker.check()
    assert tracker.snapshot() == before


@given(scripts, scripts)
def test_a_fork_goes_on_as_its_origin_would(calls: list[Call], more: list[Call]) -> None:
    tracker = academy()
    changes_of(tracker, calls)
    fork, untouched = tracker.fork(), tracker.snapshot()
    for call in more:
        play(fork, call)
    fork.check()
    assert tracker.snapshot() == untouched
    changes_of(tracker, more)
    assert tracker == fork
