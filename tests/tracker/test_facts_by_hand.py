"""Facts and changes made by hand are checked as they are made: what replays can be restored."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from coursetrack import (
    Change,
    Course,
    FirstVisit,
    IdsExhausted,
    InvalidValue,
    PageVisit,
    Presence,
    Scores,
    Tracker,
    VideoProgress,
    Watched,
)
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.values import MAX_ID
from tests.tracker.scripts import academy

START = datetime(2025, 1, 1, tzinfo=UTC)
EVENT = PageVisit(member_id=1, lesson_id=1, at=START, event_id="e")
COURSE = Course(id=9, title="Nine")


class MyVisit(PageVisit):
    """An event that no snapshot has a name for."""


def watched(**fields: Any) -> Watched:
    return Watched(**{"member_id": 1, "lesson_id": 1, "at": START, **fields})


def presence(spans: Any) -> Presence:
    return Presence(member_id=1, lesson_id=1, spans=spans)


def scores(best: Any) -> Scores:
    return Scores(member_id=1, lesson_id=1, best=best)


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("member_id", lambda: watched(member_id=0)),
        ("member_id", lambda: watched(member_id="1")),
        ("lesson_id", lambda: watched(lesson_id=2**63)),
        ("stretches", lambda: watched(stretches="abc")),
        ("stretches", lambda: watched(stretches=None)),
        ("stretches", lambda: watched(stretches=((5, 1),), durations=(3,))),
        ("stretches", lambda: watched(stretches=((1, 1),))),
        ("stretches", lambda: watched(stretches=((1, 5), (5, 6)))),
        ("stretches", lambda: watched(stretches=((7, 8), (1, 2)))),
        ("stretches", lambda: watched(stretches=((1, 2, 3),))),
        ("stretches", lambda: watched(stretches=(5,))),
        ("stretches", lambda: watched(stretches=((-1, 2),))),
        ("stretches", lambda: watched(stretches=((1, 2**63),))),
        ("stretches", lambda: watched(stretches=((0, 1.5),))),
        ("stretches", lambda: watched(stretches=((False, 5),))),
        ("durations", lambda: watched(durations=5)),
        ("durations", lambda: watched(durations=(0,))),
        ("durations", lambda: watched(durations=(3, 3))),
        ("durations", lambda: watched(durations=(4, 3))),
        ("durations", lambda: watched(durations=("4",))),
        ("at", lambda: watched(at=START.replace(tzinfo=None))),
        ("at", lambda: Watched(member_id=1, lesson_id=1, stretches=((0, 5),))),
        ("at", lambda: FirstVisit(member_id=1, lesson_id=1, at="now")),
        ("spans", lambda: presence(((5, 1),))),
        ("spans", lambda: presence(((1, 5), (5, 6)))),
        ("spans", lambda: presence(((0, 1.5),))),
        ("spans", lambda: presence(((0, 2**62),))),
        ("spans", lambda: presence("abc")),
        ("best", lambda: scores("abc")),
        ("best", lambda: scores([(1, START, 2)])),
        ("best", lambda: scores([(1, "now")])),
        ("best", lambda: scores([(float("nan"), START)])),
        ("best", lambda: scores([(1, START), (0, START)])),
        ("best", lambda: scores([(0, START), (1, START)])),
        ("place", lambda: RememberedEvent(place=-1, event=EVENT)),
        ("place", lambda: RememberedEvent(place="z", event=EVENT)),
        ("place", lambda: RememberedEvent(place=2**63, event=EVENT)),
        ("event", lambda: RememberedEvent(place=1, event=None)),
        (
            "event",
            lambda: RememberedEvent(place=1, event=PageVisit(member_id=1, lesson_id=1, at=START)),
        ),
        (
            "event",
            lambda: RememberedEvent(
                place=1, event=MyVisit(member_id=1, lesson_id=1, at=START, event_id="e")
            ),
        ),
        ("sequence", lambda: Change(sequence="x", after=COURSE)),
        ("sequence", lambda: Change(sequence=None, after=COURSE)),
        ("sequence", lambda: Change(sequence=True, after=COURSE)),
        ("sequence", lambda: Change(sequence=1.0, after=COURSE)),
        ("sequence", lambda: Change(sequence=0, after=COURSE)),
        ("sequence", lambda: Change(sequence=10**5000, after=COURSE)),
        ("sequence", lambda: Change(sequence=MAX_ID, after=COURSE).inverse()),
        ("sequence", lambda: Change(sequence=1, after=COURSE).inverse("x")),
    ],
)
def test_a_wrong_part_is_named(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValue) as caught:
        make()
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: expected ")


def test_lists_become_tuples() -> None:
    made = watched(stretches=[[0, 5], [7, 8]], durations=[10, 11])
    assert made == watched(stretches=((0, 5), (7, 8)), durations=(10, 11))
    parts = [watched(stretches=((0, 5),), durations=(10,)), watched(stretches=((7, 8),))]
    assert hash(made) == hash(parts[1].merged(parts[0]).merged(watched(durations=(11,))))


def test_an_event_of_a_kind_of_ones_own_is_not_remembered() -> None:
    tracker = academy()
    with pytest.raises(InvalidValue, match="event: expected"):
        tracker.record(MyVisit(member_id=1, lesson_id=1, at=START, event_id="e"))
    assert tracker.snapshot() == academy().snapshot()


def at_version(version: int) -> Tracker:
    """A tracker that counts its changes from far above."""
    return Tracker.restore({**academy().snapshot(), "version": version})


WRITES: dict[str, Callable[[Tracker], object]] = {
    "an event": lambda tracker: tracker.record(PageVisit(member_id=1, lesson_id=1, at=START)),
    "an event with an id": lambda tracker: tracker.record(EVENT),
    "events": lambda tracker: tracker.record_many([PageVisit(member_id=1, lesson_id=1, at=START)]),
    "events with ids": lambda tracker: tracker.record_many([EVENT]),
    "by hand": lambda tracker: tracker.complete(lesson_id=1, member_id=1, at=START),
    "an entity": lambda tracker: tracker.add(COURSE),
}


@pytest.mark.parametrize("write", WRITES)
def test_the_last_version_is_the_last(write: str) -> None:
    tracker = at_version(MAX_ID)
    before = tracker.snapshot()
    with pytest.raises(IdsExhausted, match="version"):
        WRITES[write](tracker)
    assert tracker.snapshot() == before
    tracker.check()


def test_the_last_version_can_be_reached_and_restored() -> None:
    tracker = at_version(MAX_ID - 1)
    (change,) = tracker.record(PageVisit(member_id=1, lesson_id=1, at=START)).changes
    assert change.sequence == tracker.version == MAX_ID
    assert Tracker.restore(json.loads(json.dumps(tracker.snapshot()))) == tracker


def test_many_events_stop_before_the_last_version() -> None:
    tracker = at_version(MAX_ID - 1)
    with pytest.raises(IdsExhausted, match="version"):
        tracker.record_many([EVENT, PageVisit(member_id=1, lesson_id=1, at=START)])
    assert tracker == academy()
    assert tracker.version == MAX_ID - 1


def test_the_last_place_is_the_last() -> None:
    tracker = academy()
    fact = RememberedEvent(place=MAX_ID, event=EVENT)
    tracker.replay([Change(sequence=tracker.version + 1, after=fact)])
    before = tracker.snapshot()
    with pytest.raises(IdsExhausted, match="place"):
        tracker.record(PageVisit(member_id=1, lesson_id=1, at=START, event_id="next"))
    assert Tracker.restore(before).snapshot() == tracker.snapshot() == before


def test_what_was_watched_far_out_can_be_restored() -> None:
    tracker = academy()
    fact = watched(stretches=((0, MAX_ID),), durations=(MAX_ID,))
    tracker.replay([Change(sequence=tracker.version + 1, after=fact)])
    tracker.record(
        VideoProgress(member_id=1, lesson_id=1, at=START, start=0, end=10**9, duration=10**9)
    )
    assert Tracker.restore(json.loads(json.dumps(tracker.snapshot()))) == tracker
