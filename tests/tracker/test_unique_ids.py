"""Unique ids that records are given by hand, and what ids then are left to give."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    CorruptStore,
    DuplicateId,
    IdsExhausted,
    ImportProblems,
    InvalidSnapshot,
    PageVisit,
    Tracker,
)
from coursetrack.domain.values import derived_unique_id
from coursetrack.endpoint import Endpoint, Principal, Request
from coursetrack.testing.model.model import Model
from tests.tracker.scripts import START, Call, academy, calls, play
from tests.tracker.test_changes import changes_of
from tests.tracker.test_model import assert_same, told

ADMIN = Principal("admin@example.com", is_unrestricted_admin=True)
LAST = 2**63 - 1


def derived(id_: int) -> str:
    """The unique id that a record with this id derives."""
    return derived_unique_id("CompletedLesson", id_)


def plain(id_: int, **more: Any) -> CompletedLesson:
    """The record with this id, of no lesson and member."""
    return CompletedLesson(id=id_, lesson_id=0, member_id=0, created_on=START, **more)


def posing(id_: int, as_: int) -> CompletedLesson:
    """The record with this id that was given the unique id of another one."""
    return plain(id_, unique_id=derived(as_))


def ids(tracker: Any) -> list[int]:
    """The ids of all completed lessons."""
    return [record.id for record in tracker.completed_lessons]


def visit(member_id: int, lesson_id: int = 1, **more: Any) -> PageVisit:
    """A visit that completes a lesson."""
    return PageVisit(member_id=member_id, lesson_id=lesson_id, at=START, **more)


def by_hand(tracker: Tracker) -> None:
    tracker.complete(lesson_id=2, member_id=1, at=START, by="ada")


def by_request(tracker: Tracker) -> None:
    body = {"CourseLessonId": 2, "CourseMemberId": 1}
    request = Request("POST", "/api/content/coursecompletedlessons", body=body)
    assert Endpoint(tracker).handle(request, principal=ADMIN, at=START).status == 200


WAYS = [
    by_hand,
    by_request,
    lambda tracker: tracker.record(visit(1)),
    lambda tracker: tracker.record(visit(1, event_id="e")),
    lambda tracker: tracker.record_many([visit(1)]),
    lambda tracker: tracker.record_many([visit(1, event_id="e")]),
]


@pytest.mark.parametrize("way", WAYS)
def test_an_id_whose_unique_id_is_taken_is_stepped_over(way: Any) -> None:
    tracker = academy(Tracker(first_id=51))
    tracker.add_all([posing(30, 51), posing(31, 52), posing(32, 54)])
    way(tracker)
    assert ids(tracker)[-1] == 53
    assert tracker.complete(lesson_id=3, member_id=1, at=START).completed.id == 55
    tracker.check()
    assert Tracker.restore(tracker.snapshot()) == tracker


def test_a_bulk_steps_over_as_its_events_do() -> None:
    bulk, single = academy(), academy()
    for tracker in (bulk, single):
        tracker.add(posing(1, 3))
        tracker.add(posing(2, 5))
    events = [visit(1), visit(2), visit(1, lesson_id=4)]
    tally = bulk.record_many(events)
    outcomes = [single.record(event) for event in events]
    assert ids(bulk) == ids(single) == [1, 2, 4, 6, 7]
    assert tally.changes == tuple(change for each in outcomes for change in each.changes)
    assert bulk.snapshot() == single.snapshot()


def test_shards_step_over_by_their_own_step() -> None:
    tracker = academy(Tracker(first_id=2, id_step=3))
    tracker.add_all([posing(100, 3), posing(102, 5)])
    tracker.record_many([visit(1), visit(2)])
    assert ids(tracker) == [2, 8, 100, 102]
    assert tracker.complete(lesson_id=2, member_id=1, at=START).completed.id == 11


def test_an_id_is_free_again_unless_it_was_stepped_over() -> None:
    tracker = academy(Tracker(first_id=91))
    tracker.add_all([posing(1, 91), posing(2, 93)])
    tracker.record(visit(1))
    tracker.delete_completed(id=1)
    tracker.delete_completed(id=2)
    tracker.record(visit(2))
    assert ids(tracker) == [92, 93]


def test_a_record_cannot_derive_what_another_was_given() -> None:
    tracker = academy()
    tracker.add(posing(3, 9))
    for same in (plain(9), posing(9, 9)):
        refused(tracker, DuplicateId, lambda same=same: tracker.add(same))
    tracker.add(posing(9, 4))  # the id itself is free, with another unique id
    refused(tracker, DuplicateId, lambda: tracker.replace(plain(9)))
    refused(tracker, ImportProblems, lambda: tracker.add_all([posing(8, 7), posing(7, 7)]))
    tracker.replace(posing(3, 3))
    tracker.replace(plain(9))
    tracker.check()


def test_a_record_cannot_be_given_what_another_derives() -> None:
    tracker = academy()
    tracker.record_many([visit(1), visit(2)])
    refused(tracker, DuplicateId, lambda: tracker.add(posing(9, 2)))
    tracker.add(posing(9, 9))
    refused(tracker, DuplicateId, lambda: tracker.replace(posing(9, 1)))


def refused(tracker: Tracker, error: type[Exception], call: Any) -> None:
    """Asserts that the call is refused by this error and that nothing has changed."""
    before = tracker.snapshot()
    with pytest.raises(error):
        call()
    assert tracker.snapshot() == before
    tracker.check()


def test_a_change_that_brings_the_same_unique_id_is_refused() -> None:
    change = academy().record(visit(1)).changes[0]
    tracker = academy()
    tracker.add(posing(9, 1))
    moved = attrs.evolve(change, sequence=tracker.version + 1)
    refused(tracker, DuplicateId, lambda: tracker.replay([moved]))


@pytest.mark.parametrize("by", [None, "ada"])
def test_a_snapshot_with_the_same_unique_id_twice_is_refused(by: str | None) -> None:
    tracker = academy()
    tracker.complete(lesson_id=1, member_id=1, at=START, by=by)
    tracker.add(posing(9, 8))
    snapshot = tracker.snapshot()
    snapshot["CompletedLesson"][-1]["unique_id"] = derived(1)
    with pytest.raises(InvalidSnapshot, match="unique_id"):
        Tracker.restore(snapshot)


def test_the_last_id_may_be_taken_too() -> None:
    tracker = academy(Tracker(first_id=LAST))
    tracker.add(posing(1, LAST))
    for call in (
        lambda: tracker.complete(lesson_id=1, member_id=1, at=START),
        lambda: tracker.record(visit(1)),
        lambda: tracker.record_many([visit(1)]),
    ):
        refused(tracker, IdsExhausted, call)
    tracker.remove(posing(1, LAST))
    assert tracker.record(visit(1)).completed.id == LAST


@pytest.mark.parametrize("unique_id", [derived(2), "a1b2c3d4-e5f6-4890-abcd-ef1234567890"])
def test_a_check_finds_a_unique_id_that_two_records_have(unique_id: str) -> None:
    tracker = academy()
    tracker.add(plain(1, unique_id=unique_id))
    store = tracker._state.store
    store.put(None, plain(2, unique_id=unique_id))
    with pytest.raises(CorruptStore, match="lessons 1 and 2 have the unique id"):
        tracker.check()


def test_a_check_finds_a_given_unique_id_that_is_not_kept() -> None:
    tracker = academy()
    tracker.add(posing(1, 9))
    tracker._state.given.derivable.clear()
    with pytest.raises(CorruptStore, match="unique ids kept"):
        tracker.check()


# Ids are given from 21 on, so that one added below is taken without moving the next one.
FIRST = 21
poses = st.builds(posing, st.integers(1, 3) | st.integers(FIRST, 26), st.integers(FIRST, 30))
visits = st.builds(visit, st.integers(1, 3), lesson_id=st.sampled_from([1, 4]))
poseurs = st.one_of(
    st.tuples(st.sampled_from(["add", "add", "replace", "remove"]), st.tuples(poses), st.just({})),
    st.tuples(st.just("record"), st.tuples(visits), st.just({})),
    st.tuples(st.just("record_many"), st.tuples(st.lists(visits, max_size=4)), st.just({})),
)
mixed = st.lists(poseurs | poseurs | calls, max_size=30)


@given(mixed)
def test_the_ids_given_are_those_of_the_model(script: list[Call]) -> None:
    tracker = academy(Tracker(first_id=FIRST, remember_events=2))
    model = academy(Model(first_id=FIRST, remember_events=2))
    for call in script:
        ours, theirs = play(tracker, call), play(model, call)
        assert told(call[0], ours) == told(call[0], theirs)
        tracker.check()
        unique_ids = [record.unique_id for record in tracker.completed_lessons]
        assert len(set(unique_ids)) == len(unique_ids)
    assert_same(tracker, model)


@given(mixed, mixed)
def test_however_a_tracker_comes_back_it_gives_the_same_ids(
    script: list[Call], more: list[Call]
) -> None:
    tracker = academy(Tracker(first_id=FIRST, remember_events=2))
    begun = tracker.snapshot()
    changes = changes_of(tracker, script)
    twins = [
        tracker.fork(),
        Tracker.restore(tracker.snapshot()),
        Tracker.restore(begun, changes),
    ]
    wanted = changes_of(tracker, more)
    for twin in twins:
        assert changes_of(twin, more) == wanted
        twin.check()
        assert twin.snapshot() == tracker.snapshot()
