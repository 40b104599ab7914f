"""Snapshots split and merged: nothing is lost, in whatever order and number."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    InvalidSnapshot,
    InvalidValue,
    Lesson,
    PageVisit,
    Tracker,
)
from coursetrack.errors import MergeConflict
from coursetrack.sharding import SLOTS, merge, shard_of, slot_of, split
from coursetrack.testing.strategies import START
from tests.sharding.worlds import few, of_shard, placements, taught, trackers

SHARDS = st.integers(1, 5)


@few
@given(trackers(), SHARDS, st.data())
def test_merging_what_was_split_is_the_whole_in_any_order(
    tracker: Tracker, shards: int, data: st.DataObject
) -> None:
    whole = tracker.snapshot()
    parts = split(whole, shards, data.draw(placements(shards)))
    assert len(parts) == shards
    assert merge(data.draw(st.permutations(parts))) == whole


@few
@given(trackers(), st.data())
def test_two_shards_as_five_and_as_one_again_are_the_whole(
    tracker: Tracker, data: st.DataObject
) -> None:
    whole = tracker.snapshot()
    two = split(whole, 2, data.draw(placements(2)))
    of_five = data.draw(placements(5))
    at_once = split(merge(two), 5, of_five)
    # As a host does it whose shards are too big to be merged first: piece by piece.
    pieces = [split(part, 5, of_five) for part in two]
    piece_by_piece = [merge([first, second]) for first, second in zip(*pieces, strict=True)]
    assert merge(at_once) == merge(piece_by_piece) == whole
    assert [_facts(part) for part in at_once[1:]] == [_facts(part) for part in piece_by_piece[1:]]


@few
@given(trackers(), SHARDS)
def test_each_shard_is_a_tracker_that_holds_together(tracker: Tracker, shards: int) -> None:
    parts = [Tracker.restore(part) for part in split(tracker.snapshot(), shards)]
    for part in parts:
        part.check()
    assert sum(len(part.completed_lessons) for part in parts) == len(tracker.completed_lessons)
    assert Tracker.restore(merge(part.snapshot() for part in parts)) == tracker


@few
@given(taught(), st.sampled_from(["in_order", "by_member"]), st.data())
def test_folding_and_splitting_commute_ids_too_where_they_go_by_member(
    drawn: Any, ids: Any, data: st.DataObject
) -> None:
    academy, events = drawn
    shard_of = data.draw(placements(3))
    empty = Tracker(ids=ids)
    empty.add_all(academy.entities)
    whole = empty.fork()
    whole.record_many(events)
    folded_first = split(whole.snapshot(), 3, shard_of)
    split_first = []
    for shard, part in enumerate(split(empty.snapshot(), 3, shard_of)):
        tracker = Tracker.restore(part)
        tracker.record_many(of_shard(events, shard, shard_of))
        split_first.append(tracker.snapshot())
    assert [_facts(part) for part in split_first] == [_facts(part) for part in folded_first]


@few
@given(taught(), st.data())
def test_a_stream_through_shards_that_come_and_go_gives_one_trackers_ids(
    drawn: Any, data: st.DataObject
) -> None:
    academy, events = drawn
    one = Tracker(ids="by_member")
    one.add_all(academy.entities)
    whole = one.snapshot()
    one.record_many(events)
    cut = data.draw(st.integers(0, len(events)))
    for part_of_stream, shards in ((events[:cut], 2), (events[cut:], 5)):
        shard_of = data.draw(placements(shards))
        parts = [Tracker.restore(part) for part in split(whole, shards, shard_of)]
        for shard, part in enumerate(parts):
            for event in of_shard(part_of_stream, shard, shard_of):
                part.record(event)
        whole = merge(part.snapshot() for part in parts)
    merged = Tracker.restore(whole)
    merged.check()
    assert list(merged.completed_lessons) == list(one.completed_lessons)
    assert whole["given_ids"] == one.snapshot()["given_ids"]


@few
@given(taught(), st.data())
def test_the_catalogue_changes_in_every_shard_and_a_member_in_its_own(
    drawn: Any, data: st.DataObject
) -> None:
    academy, events = drawn
    one = Tracker(ids="by_member")
    one.add_all(academy.entities)
    shard_of = data.draw(placements(3))
    parts = [Tracker.restore(part) for part in split(one.snapshot(), 3, shard_of)]
    lesson = data.draw(st.sampled_from(academy.lessons))
    member = data.draw(st.sampled_from(academy.members))
    coworker = one.coworker(member.coworker_id)
    renamed = attrs.evolve(lesson, title="Renamed", active=not lesson.active)
    blocked = attrs.evolve(member, blocked=True)
    moved = attrs.evolve(coworker, company_name="Moved")
    cut = data.draw(st.integers(0, len(events)))
    for part_of_stream in (events[:cut], events[cut:]):
        one.record_many(part_of_stream)
        for shard, part in enumerate(parts):
            part.record_many(of_shard(part_of_stream, shard, shard_of))
        one.replace(renamed)
        one.replace(blocked)
        one.replace(moved)
        parts[shard_of(member.id)].replace(blocked)
        for part in parts:
            part.replace(renamed)
            if any(each in (coworker, moved) for each in part.entities()):
                part.replace(moved)
    assert _facts(merge(part.snapshot() for part in parts)) == _facts(one.snapshot())


def _facts(snapshot: dict[str, Any]) -> dict[str, Any]:
    """What is known, but for numbers that count what one tracker has seen: places, ids in order."""
    by_member = snapshot["settings"]["ids"] == "by_member"
    completed = snapshot["completed_lessons"]
    if by_member:
        return {**_counted(snapshot), "completed_lessons": completed}
    pairs = zip(
        completed["lesson_id"], completed["member_id"], completed["created_on"], strict=True
    )
    return {
        **_counted(snapshot),
        "completed_lessons": sorted(pairs),
        "CompletedLesson": [{**each, "id": 0} for each in snapshot["CompletedLesson"]],
    }


def _counted(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: value for key, value in snapshot.items() if key not in _COUNTING},
        "RememberedEvent": sorted(
            json.dumps(each["event"], sort_keys=True) for each in snapshot["RememberedEvent"]
        ),
    }


_COUNTING = ("version", "next_id")


# -- worked


@pytest.fixture
def academy() -> Tracker:
    """One course, two members, one completion each."""
    tracker = Tracker()
    tracker.add(Course(id=1, title="Course"))
    tracker.add_all(Lesson(id=id_, course_id=1, title=f"Lesson {id_}") for id_ in (1, 2))
    for id_ in (1, 2, 3):
        tracker.add(Coworker(id=id_, full_name="Ada"))
    for id_ in (1, 2):
        tracker.add(CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=START))
        tracker.record(PageVisit(member_id=id_, lesson_id=1, at=START, event_id=f"e{id_}"))
    return tracker


def parity(member_id: int) -> int:
    return member_id % 2


def test_the_catalogue_goes_everywhere_and_members_go_with_what_is_theirs(academy: Tracker) -> None:
    even, odd = split(academy.snapshot(), 2, parity)
    for part in (even, odd):
        assert part["entities"]["Course"] == academy.snapshot()["entities"]["Course"]
        assert len(part["entities"]["Lesson"]) == 2
    assert [member["id"] for member in even["entities"]["CourseMember"]] == [2]
    assert even["completed_lessons"]["member_id"] == [2]
    assert [each["event"]["event_id"] for each in even["RememberedEvent"]] == ["e2"]
    # The third coworker is nobody's member, and stays with the first shard.
    assert [coworker["id"] for coworker in even["entities"]["Coworker"]] == [2, 3]
    assert [coworker["id"] for coworker in odd["entities"]["Coworker"]] == [1]


def test_an_entity_that_differs_is_named(academy: Tracker) -> None:
    even, odd = map(Tracker.restore, split(academy.snapshot(), 2, parity))
    odd.replace(attrs.evolve(odd.lesson(2), title="Renamed"))
    with pytest.raises(MergeConflict, match="Lesson 2 differs between two shards"):
        merge([even.snapshot(), odd.snapshot()])


def test_a_member_in_two_shards_is_named(academy: Tracker) -> None:
    whole = academy.snapshot()
    with pytest.raises(MergeConflict, match="CourseMember 1 is in two shards"):
        merge([whole, whole])


def test_an_id_given_in_two_shards_is_named(academy: Tracker) -> None:
    parts = [Tracker.restore(part) for part in split(academy.snapshot(), 2, parity)]
    for id_, part in zip((2, 1), parts, strict=True):
        part.record(PageVisit(member_id=id_, lesson_id=2, at=START))
    with pytest.raises(MergeConflict, match="completed lesson 3 is in two shards"):
        merge(part.snapshot() for part in parts)


def test_an_event_id_used_in_two_shards_is_named(academy: Tracker) -> None:
    parts = [Tracker.restore(part) for part in split(academy.snapshot(), 2, parity)]
    for id_, part in zip((2, 1), parts, strict=True):
        part.record(PageVisit(member_id=id_, lesson_id=1, at=START, event_id="twice"))
    with pytest.raises(MergeConflict, match="remembered event twice is in two shards"):
        merge(part.snapshot() for part in parts)


def test_settings_that_differ_are_named() -> None:
    parts = [Tracker(remember_events=many).snapshot() for many in (1, 2)]
    with pytest.raises(MergeConflict, match=r"settings\.remember_events is 1 in one shard and 2"):
        merge(parts)


def test_numberings_that_interleave_become_the_one_they_are_part_of(academy: Tracker) -> None:
    shards = []
    for shard in (0, 1):
        tracker = Tracker(first_id=1 + shard, id_step=2)
        tracker.add_all(academy.entities())
        tracker.remove(tracker.member(2 - shard))
        for lesson_id in (1, 2)[: 2 - shard]:
            tracker.record(PageVisit(member_id=1 + shard, lesson_id=lesson_id, at=START))
        shards.append(tracker.snapshot())
    merged = Tracker.restore(merge(shards))
    merged.check()
    assert [record.id for record in merged.completed_lessons] == [1, 2, 3]
    outcome = merged.complete(lesson_id=2, member_id=2, at=START)
    assert outcome.completed is not None
    # 4 was shard 1's next and 5 shard 0's: none that anybody may have given is given again.
    assert outcome.completed.id == 5


def test_records_of_no_member_stay_with_the_first_shard() -> None:
    tracker = Tracker()
    tracker.add(CompletedLesson(id=9, lesson_id=0, member_id=0, created_on=START))
    first, second = split(tracker.snapshot(), 2)
    assert [each["id"] for each in first["CompletedLesson"]] == [9]
    assert second["CompletedLesson"] == []


@pytest.mark.parametrize("wrong", [2, -1, None, "0", True])
def test_what_is_no_shard_is_named(academy: Tracker, wrong: Any) -> None:
    with pytest.raises(InvalidValue, match=r"shard_of\(\d\): expected a shard from 0 to 1, got"):
        split(academy.snapshot(), 2, lambda _: wrong)


def test_what_is_no_snapshot_is_named(academy: Tracker) -> None:
    for wrong in (None, [], {}, {**academy.snapshot(), "format": "other"}):
        with pytest.raises(InvalidSnapshot):
            split(wrong, 2)  # type: ignore[arg-type]
        with pytest.raises(InvalidSnapshot):
            merge([wrong])  # type: ignore[list-item]
    with pytest.raises(InvalidValue, match="at least one snapshot"):
        merge([])
    with pytest.raises(InvalidValue, match="shards: expected an integer from 1"):
        split(academy.snapshot(), 0)


# -- slots


def test_slots_are_the_same_for_ever() -> None:
    # Written down once: a change here would send members to other shards than where they are.
    assert [slot_of(id_) for id_ in (1, 2, 3, 2**31, 2**63 - 1)] == [1509, 1162, 2288, 3231, 3773]


@given(st.integers(1, 2**63 - 1), st.integers(1, 50))
def test_every_member_has_a_shard(member_id: int, shards: int) -> None:
    assert 0 <= slot_of(member_id) < SLOTS
    assert 0 <= shard_of(member_id, shards) < shards


@pytest.mark.parametrize("step", [1, 2, 1024, 4096])
def test_members_spread_evenly_whatever_their_ids_have_in_common(step: int) -> None:
    counts = [0] * 8
    for id_ in range(1, 8001):
        counts[shard_of(id_ * step, 8)] += 1
    assert all(850 < count < 1150 for count in counts), counts
