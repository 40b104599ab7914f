"""Events remembered by their id: in order of their places, no more than the capacity."""

from collections.abc import Callable

import pytest

from coursetrack.domain.events import PageVisit
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.values import MAX_ID
from coursetrack.errors import CorruptStore, IdsExhausted
from coursetrack.knowledge.event_ids import EventIds
from coursetrack.knowledge.undo_log import UndoLog
from tests.domain.courses import START


def event(event_id: str) -> PageVisit:
    return PageVisit(member_id=1, lesson_id=1, at=START, event_id=event_id)


def remembered(*places: int, capacity: int = 3) -> EventIds:
    """One event at each of these places, its id the place."""
    event_ids = EventIds(capacity)
    for place in places:
        event_ids.put(UndoLog(), None, RememberedEvent(place=place, event=event(str(place))))
    return event_ids


def test_they_come_in_order_of_their_places() -> None:
    event_ids = remembered(5, 2, 9)
    assert [each.place for each in event_ids] == [2, 5, 9]
    assert len(event_ids) == 3
    assert event_ids.get("5") is not None
    assert event_ids.get("6") is None
    assert event_ids.holds_place(9)
    assert not event_ids.holds_place(3)
    event_ids.check()


@pytest.mark.parametrize(
    ("places", "capacity", "forgotten", "place"),
    [
        ((), 3, [], 1),
        ((4,), 3, [], 5),
        ((4, 6, 7), 3, [4], 8),
        ((4, 6, 7), 1, [4, 6, 7], 8),
        ((9, 6, 7), 2, [6, 7], 10),
    ],
)
def test_the_oldest_go_for_a_new_one(
    places: tuple[int, ...], capacity: int, forgotten: list[int], place: int
) -> None:
    event_ids = remembered(*places, capacity=capacity)
    gone, new = event_ids.welcome(event("new"))
    assert [each.place for each in gone] == forgotten
    assert new == RememberedEvent(place=place, event=event("new"))
    assert len(event_ids) == len(places)


def test_nothing_is_remembered_without_room() -> None:
    assert remembered(capacity=0).welcome(event("new")) == ((), None)


def test_the_last_place_is_the_last() -> None:
    with pytest.raises(IdsExhausted):
        remembered(MAX_ID).welcome(event("new"))


@pytest.mark.parametrize(("gone", "first", "last"), [(1, 4, 9), (9, 1, 4), (4, 1, 9)])
def test_the_ends_move_with_what_goes_and_come_back(gone: int, first: int, last: int) -> None:
    event_ids, undo_log = remembered(1, 4, 9), UndoLog()
    event_ids.put(undo_log, event_ids.get(str(gone)), None)
    assert (event_ids._first, event_ids._last) == (first, last)
    event_ids.check()
    undo_log.roll_back()
    assert [each.place for each in event_ids] == [1, 4, 9]
    event_ids.check()


def test_a_fork_is_independent() -> None:
    event_ids = remembered(1, 2)
    fork = event_ids.fork()
    fork.put(UndoLog(), fork.get("1"), None)
    assert [len(each) for each in (event_ids, fork)] == [2, 1]
    assert fork.capacity == event_ids.capacity
    fork.check()
    event_ids.check()


CORRUPTIONS: dict[str, Callable[[EventIds], object]] = {
    "a place without an event": lambda each: each._ids.update({7: "seven"}),
    "an event without a place": lambda each: each._ids.pop(2),
    "an event at another's place": lambda each: each._ids.update({2: "1"}),
    "another first place": lambda each: setattr(each, "_first", 2),
    "another last place": lambda each: setattr(each, "_last", 1),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_check_finds(what: str) -> None:
    event_ids = remembered(1, 2)
    CORRUPTIONS[what](event_ids)
    with pytest.raises(CorruptStore):
        event_ids.check()
