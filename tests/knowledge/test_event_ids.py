"""Events remembered by their id: in order of their places, no more than the capacity."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert event_ids.event("5") is not None
    assert event_ids.event("6") is None
    assert event_ids.holds_place(9)
    assert not event_ids.holds_place(3)
    event_ids.check()


@pytest.mark.parametrize("place", [2, 7])
def test_one_is_found_by_its_id_whatever_its_place(place: int) -> None:
    asked = RememberedEvent(place=place, event=event("2"))
    found = remembered(1, 2, 4).current(asked)
    assert found is not None
    assert (found.place, found.event_id) == (2, "2")
    assert remembered(1).current(asked) is None


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


def current(event_ids: EventIds, place: int) -> RememberedEvent:
    found = event_ids.current(RememberedEvent(place=place, event=event(str(place))))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("gone", "next_place"), [((1,), 10), ((9,), 5), ((4,), 10), ((1, 4, 9), 1)]
)
def test_what_goes_comes_back_wherever_it_was(gone: tuple[int, ...], next_place: int) -> None:
    event_ids, undo_log = remembered(1, 4, 9), UndoLog()
    for place in gone:
        event_ids.put(undo_log, current(event_ids, place), None)
        event_ids.check()
    _, new = event_ids.welcome(event("new"))
    assert new is not None
    assert new.place == next_place
    undo_log.roll_back()
    assert [each.place for each in event_ids] == [1, 4, 9]
    event_ids.check()


steps = st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=30)


@given(steps, st.integers(0, 30), st.integers(0, 40))
def test_any_places_come_and_go_as_in_a_sorted_dict(
    steps: list[tuple[int, bool]], saved: int, many: int
) -> None:
    event_ids, undo_log = EventIds(4), UndoLog()
    held: dict[int, str] = {}
    for at, (place, comes) in enumerate(steps):
        if at == saved:  # from here on, all is taken back in the end
            undo_log, kept = UndoLog(), dict(held)
        if comes is (place not in held):
            fact = RememberedEvent(place=place, event=event(f"{place}"))
            event_ids.put(undo_log, *((None, fact) if comes else (fact, None)))
            held.update({place: fact.event_id}) if comes else held.pop(place)
        event_ids.check()
        assert {each.place: each.event_id for each in event_ids} == held
    if saved < len(steps):
        undo_log.roll_back()
        assert {each.place: each.event_id for each in event_ids} == kept
        event_ids.check()
    before, savepoint = list(event_ids), event_ids.savepoint()
    for each in range(many):
        event_ids.remember(event(f"new {each}"))
    memory = event_ids.number(savepoint)
    event_ids.check()
    assert len(event_ids) <= 4 or not many
    told = [edit for edits in memory.edits() for edit in edits]
    assert len(told) == memory.changes
    gone = [edit[0] for edit in told if edit[0] is not None]
    assert [*gone, *event_ids] == [*before, *(edit[1] for edit in told if edit[1] is not None)]
    event_ids.roll_back_to(savepoint)
    event_ids.roll_back_to(savepoint)
    assert list(event_ids) == before
    event_ids.check()


class Counted(list[Any]):
    """A list that counts the values that are read in it."""

    read = 0

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        self.read += len(found) if isinstance(at, slice) else 1
        return found


def test_remembering_reads_few_of_many() -> None:
    """Each forgets one: a constant number of values a time, however many there are."""
    event_ids = EventIds(1_000)
    savepoint = event_ids.savepoint()
    for place in range(1_000):
        event_ids.remember(event(f"{place}"))
    event_ids.number(savepoint)
    read = 0
    for each in range(2_000):
        events = event_ids._queue.events = Counted(event_ids._queue.events)
        savepoint = event_ids.savepoint()
        event_ids.remember_one(event(f"new {each}"), f"new {each}", savepoint[0])
        read += events.read
    assert read <= 6 * 2_000  # the oldest, and what is copied once a quarter is forgotten
    assert len(event_ids) == 1_000
    event_ids.check()


CORRUPTIONS: dict[str, Callable[[EventIds], object]] = {
    "a place without an event": lambda each: each._queue.places.append(7),
    "an event without a place": lambda each: each._queue.events.append(event("3")),
    "places that do not ascend": lambda each: each._queue.places.reverse(),
    "one that is not known": lambda each: each.known.pop("2"),
    "one that is forgotten": lambda each: setattr(each._queue, "first", 1),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_check_finds(what: str) -> None:
    event_ids = remembered(1, 2)
    CORRUPTIONS[what](event_ids)
    with pytest.raises(CorruptStore):
        event_ids.check()
