"""Which events are forgotten, and where the next one is placed, by what is remembered alone."""

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
