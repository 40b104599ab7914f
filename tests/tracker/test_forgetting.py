"""Which events are forgotten, and where the next one is placed, by what is remembered alone."""

import json

from hypothesis import given
from hypothesis import strategies as st

from coursetrack import Change, PageVisit, Tracker
from coursetrack.domain.facts import RememberedEvent
from tests.tracker.scripts import START, academy

CAPACITY = 4


def visit(event_id: str) -> PageVisit:
    """A visit to a lesson that is completed already: it is remembered, and nothing else."""
    return PageVisit(member_id=1, lesson_id=1, at=START, event_id=event_id)


def tracker_of(capacity: int = CAPACITY) -> Tracker:
    tracker = Tracker(remember_events=capacity)
    tracker.add_all(academy().entities())
    tracker.complete(lesson_id=1, member_id=1, at=START)
    return tracker


def remembered(tracker: Tracker) -> dict[int, str]:
    """Event id by place, as the snapshot tells."""
    told = tracker.snapshot()["RememberedEvent"]
    return {each["place"]: each["event"]["event_id"] for each in told}


def take_back(tracker: Tracker, change: Change) -> None:
    tracker.replay([change.inverse(tracker.version + 1)])


def put_at(tracker: Tracker, place: int, event_id: str) -> None:
    """Remembers an event at a place of the caller's choosing."""
    fact = RememberedEvent(place=place, event=visit(event_id))
    tracker.replay([Change(sequence=tracker.version + 1, after=fact)])


def test_the_lowest_place_is_forgotten_whatever_gaps_there_are() -> None:
    tracker = tracker_of(capacity=6)
    changes = [tracker.record(visit(f"e{number}")).changes[0] for number in range(1, 7)]
    for taken_back in (1, 3):
        take_back(tracker, changes[taken_back])
    assert list(remembered(tracker)) == [1, 3, 5, 6]
    for number in (8, 9, 10):
        tracker.record(visit(f"e{number}"))
    assert list(remembered(tracker).values()) == ["e3", "e5", "e6", "e8", "e9", "e10"]
    tracker.check()


def test_a_wide_gap_is_stepped_over() -> None:
    tracker = tracker_of(capacity=3)
    for place, event_id in ((1, "a"), (10**12, "b"), (10**15, "c")):
        put_at(tracker, place, event_id)
    tracker.record(visit("d"))
    assert remembered(tracker) == {10**12: "b", 10**15: "c", 10**15 + 1: "d"}
    tracker.record(visit("e"))
    assert remembered(tracker) == {10**15: "c", 10**15 + 1: "d", 10**15 + 2: "e"}
    tracker.check()


def test_a_bound_below_what_a_snapshot_holds_forgets_the_lowest_places() -> None:
    tracker = tracker_of()
    for place, event_id in ((9, "d"), (2, "a"), (7, "c"), (3, "b")):
        put_at(tracker, place, event_id)
    told = tracker.snapshot()
    told["settings"]["remember_events"] = 2
    tracker = Tracker.restore(told)
    tracker.record(visit("e"))
    assert remembered(tracker) == {9: "d", 10: "e"}


def test_the_next_place_follows_the_highest_that_is_left() -> None:
    tracker = tracker_of()
    changes = [tracker.record(visit(event_id)).changes[0] for event_id in "abc"]
    for taken_back in (1, 2):
        take_back(tracker, changes[taken_back])
    restored = Tracker.restore(json.loads(json.dumps(tracker.snapshot())))
    for each in (tracker, restored, tracker.fork()):
        each.record(visit("d"))
        assert remembered(each) == {1: "a", 2: "d"}


class Naive:
    """Places and event ids in one dict, always looked through from end to end."""

    def __init__(self) -> None:
        self.held: dict[int, str] = {}

    def record(self, event_id: str) -> None:
        if event_id in self.held.values():
            return
        place = max(self.held, default=0) + 1
        while len(self.held) >= CAPACITY:
            del self.held[min(self.held)]
        self.held[place] = event_id

    def take_back(self, which: int) -> str:
        return self.held.pop(sorted(self.held)[which % len(self.held)])


WAYS = ("original", "fork", "restored")
steps = st.lists(
    st.tuples(
        st.sampled_from(["record", "record", "many", "take back", "take back", "put", *WAYS]),
        st.integers(0, 30),
    ),
    min_size=12,
    max_size=40,
)


def follow(tracker: Tracker, naive: Naive, step: str, number: int) -> Tracker:
    """Does one step with both; the tracker to go on with."""
    if step == "record":
        tracker.record(visit(f"e{number}"))
        naive.record(f"e{number}")
    elif step == "many":
        event_ids = [f"e{each}" for each in range(number, number + 3)]
        tracker.record_many([visit(event_id) for event_id in event_ids])
        list(map(naive.record, event_ids))
    elif step == "take back" and naive.held:
        event_id = naive.take_back(number)
        known = tracker.snapshot()["RememberedEvent"]
        fact = next(each for each in known if each["event"]["event_id"] == event_id)
        gone = RememberedEvent(place=fact["place"], event=visit(event_id))
        tracker.replay([Change(sequence=tracker.version + 1, before=gone)])
    elif step == "put" and number and number not in naive.held:
        event_id = f"put at {number}"
        if event_id not in naive.held.values():
            put_at(tracker, number, event_id)
            naive.held[number] = event_id
    elif step == "fork":
        return tracker.fork()
    elif step == "restored":
        return Tracker.restore(tracker.snapshot())
    return tracker


@given(steps)
def test_any_way_on_forgets_and_places_as_one_dict_does(script: list[tuple[str, int]]) -> None:
    tracker, naive = tracker_of(), Naive()
    for step, number in script:
        tracker = follow(tracker, naive, step, number)
        assert remembered(tracker) == naive.held
        tracker.check()
