"""A tracker that somebody built upon: what is added comes along, and it may be weakly held."""

import copy
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from coursetrack.domain.entities import Course
from coursetrack.domain.events import MAX_EVENT_ID, PageVisit
from coursetrack.errors import InvalidValue
from coursetrack.tracker import Tracker
from tests.domain.courses import START


class Noted(Tracker):
    """Keeps a note."""

    def __init__(self, note: str) -> None:
        super().__init__()
        self.note = note


class Slotted(Noted):
    """Keeps a place in a slot too."""

    __slots__ = ("place",)

    def __init__(self, note: str, place: int) -> None:
        super().__init__(note)
        self.place = place


def pickled(tracker: Tracker) -> Any:
    return pickle.loads(pickle.dumps(tracker))


@pytest.mark.parametrize("copied", [Tracker.fork, copy.copy, copy.deepcopy, pickled])
def test_what_a_subclass_added_comes_along(copied: Callable[[Tracker], Any]) -> None:
    tracker = Slotted("spring term", 3)
    tracker.add(Course(id=1, title="C"))
    other = copied(tracker)
    assert type(other) is Slotted
    assert (other.note, other.place) == ("spring term", 3)
    assert other == tracker
    other.note = "autumn term"
    other.add(Course(id=2, title="D"))
    assert (tracker.note, tracker.version) == ("spring term", 1)


@pytest.mark.parametrize("copied", [Tracker.fork, copy.copy, pickled])
def test_an_attribute_that_is_not_there_yet_stays_away(copied: Callable[[Tracker], Any]) -> None:
    tracker = Noted("spring term")
    del tracker.note
    assert not hasattr(copied(tracker), "note")
    assert pickled(Tracker()) == Tracker()


def test_a_tracker_may_be_weakly_held() -> None:
    tracker = Tracker()
    assert weakref.ref(tracker)() is tracker


def test_an_event_id_has_a_longest() -> None:
    told: dict[str, Any] = {"member_id": 1, "lesson_id": 1, "at": START}
    assert PageVisit(**told, event_id="é" * MAX_EVENT_ID).event_id == "é" * MAX_EVENT_ID
    with pytest.raises(InvalidValue, match="at most 1,000 characters, not 1,001") as caught:
        PageVisit(**told, event_id="e" * (MAX_EVENT_ID + 1))
    assert len(str(caught.value)) < 200
