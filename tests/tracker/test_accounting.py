"""Accounting in bulk: every event is told of, and counted the same in any order of arrival."""

from collections import Counter
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    AllOf,
    Button,
    ButtonClick,
    EventConflict,
    Lesson,
    PageVisit,
    RefusalCode,
    ScoreAtLeast,
    Scored,
    Tracker,
    VideoFinish,
    VideoProgress,
    Visited,
)
from tests.domain.courses import BUTTON, DAY, SEQUENTIAL, START, VIDEO, lesson, parts
from tests.tracker.test_rules_properties import academy, begun, events, hands, standings, streams

VISIT = PageVisit(member_id=7, lesson_id=10, at=START)
CLICK = ButtonClick(member_id=7, lesson_id=10, at=START + DAY)
COUNTS = ("completed", "advanced", "repeated", "ignored", "refused_events")


def watch(start: float, end: float, **fields: Any) -> VideoProgress:
    told = {"member_id": 7, "lesson_id": 10, "at": START, "duration": 100, **fields}
    return VideoProgress(start=start, end=end, **told)


def counts(tally: Any) -> tuple[int, ...]:
    return tuple(getattr(tally, name) for name in COUNTS)


# -- which they were


def test_the_places_and_reasons_of_what_did_not_count_are_told():
    tracker = academy([lesson(10, completion_type=BUTTON), lesson(11, unlock_type=SEQUENTIAL)])
    locked = attrs.evolve(VISIT, lesson_id=11)
    stranger = attrs.evolve(VISIT, member_id=8)
    tally = tracker.record_many([VISIT, locked, CLICK, VISIT, stranger, locked, CLICK])
    assert counts(tally) == (2, 0, 1, 2, 2)
    assert tally.ignored_at == (0, 3)
    assert [(place, [each.code for each in why]) for place, why in tally.refusals] == [
        (1, [RefusalCode.LESSON_LOCKED]),
        (4, [RefusalCode.UNKNOWN_MEMBER]),
    ]
    assert tally.refusals[0].refusals[0].requires == (10,)
    assert tally.refused == {RefusalCode.LESSON_LOCKED: 1, RefusalCode.UNKNOWN_MEMBER: 1}
    assert tally.events == 7
    assert repr(tally) == (
        "Tally(completed=2, advanced=0, repeated=1, ignored=2, refused_events=2)"
    )


@given(parts(), standings, hands, streams)
def test_what_was_refused_or_ignored_can_be_sent_again(given_parts, standing, hand, stream):
    tracker = begun(given_parts, standing, hand)
    marked = [attrs.evolve(each, event_id=f"e{place}") for place, each in enumerate(stream)]
    tally = tracker.record_many(marked)
    assert sum(counts(tally)) == tally.events == len(stream)
    refused = [each.place for each in tally.refusals]
    assert refused == sorted(set(refused))
    assert {*refused}.isdisjoint(tally.ignored_at)
    for place in (*refused, *tally.ignored_at):
        # With another body too: its id is still free.
        tracker.fork().record(attrs.evolve(marked[place], at=START + 100 * DAY))


# -- the same in any order


def free(given_parts: list[Any]) -> list[Any]:
    return [attrs.evolve(each, unlock_type=1) for each in given_parts]


@given(parts(), standings, streams, st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order_of_arrival(given_parts, standing, stream, random):
    plain = [each for each in stream if not isinstance(each, VideoProgress)]
    shuffled = [*plain]
    random.shuffle(shuffled)
    one, other = (begun(free(given_parts), standing, set()) for _ in range(2))
    first, second = one.record_many(plain), other.record_many(shuffled)
    assert counts(first) == counts(second)
    assert first.refused == second.refused
    assert Counter(plain[at] for at in first.ignored_at) == Counter(
        shuffled[at] for at in second.ignored_at
    )


@given(parts(), streams, st.randoms(use_true_random=False))
def test_with_videos_what_is_ignored_and_refused_does_not(given_parts, stream, random):
    shuffled = [*stream]
    random.shuffle(shuffled)
    one, other = academy(free(given_parts)), academy(free(given_parts))
    first, second = one.record_many(stream), other.record_many(shuffled)
    assert first.refused == second.refused
    assert first.completed == second.completed
    assert Counter(stream[at] for at in first.ignored_at) == Counter(
        shuffled[at] for at in second.ignored_at
    )


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 0, 3, 2), (2, 3, 0, 1)])
def test_evidence_advances_and_is_never_ignored(order):
    tracker = academy([lesson(10, completion_type=VIDEO, video_coverage=1)])
    told = [watch(0, 50), watch(50, 100), watch(0, 50), VideoFinish(**who())]
    tally = tracker.record_many([told[place] for place in order])
    assert counts(tally) == (1, 1, 1, 1, 0)


def who() -> dict[str, Any]:
    return {"member_id": 7, "lesson_id": 10, "at": START}


@pytest.mark.parametrize("late", [False, True])
def test_every_kind_of_evidence_advances(late):
    criterion = AllOf(Visited(), Button(), ScoreAtLeast(0.5))
    tracker = academy([Lesson(id=10, course_id=1, title="Exam", criterion=criterion)])
    marks = [Scored(**who(), score=score, out_of=10) for score in (1, 9)]
    stream = [VISIT, VISIT, CLICK, watch(0, 9), *marks]
    outcomes = [tracker.record(each) for each in (reversed(stream) if late else stream)]
    assert sum(each.advanced for each in outcomes) == (2 if late else 3)
    assert sum(each.completed is not None for each in outcomes) == 1
    assert sum(each.ignored for each in outcomes) == 1
    for each in outcomes:
        flags = (each.completed is not None, each.advanced, each.repeated, each.ignored)
        assert flags.count(True) == 1
        assert bool(each.changes) == (each.advanced or each.completed is not None)


@given(parts(), hands, events(st.integers(1, 9)))
def test_an_outcome_is_one_of_five(given_parts, hand, event):
    outcome = begun(given_parts, {}, hand).record(event)
    flags = (outcome.completed, outcome.advanced, outcome.repeated, outcome.ignored)
    assert [bool(each) for each in (*flags, outcome.refused)].count(True) == 1


# -- event ids


def test_what_is_ignored_or_refused_does_not_use_its_event_id_up():
    tracker = academy([lesson(10, completion_type=BUTTON), lesson(11, unlock_type=SEQUENTIAL)])
    ignored, refused = (
        attrs.evolve(each, event_id="e") for each in (VISIT, attrs.evolve(VISIT, lesson_id=11))
    )
    assert tracker.record(ignored).ignored
    assert tracker.record(refused).refused
    assert tracker.record_many([ignored, refused]).changes == ()
    assert tracker.record(attrs.evolve(CLICK, event_id="e")).completed
    with pytest.raises(EventConflict):
        tracker.record(ignored)


def test_an_event_that_met_a_completed_lesson_uses_its_id_up_and_one_that_adds_nothing_does_not():
    film = lesson(12, completion_type=VIDEO, video_coverage=1)
    tracker: Tracker = academy([lesson(10, completion_type=BUTTON), film])
    tracker.record(CLICK)
    assert tracker.record(attrs.evolve(CLICK, event_id="late")).repeated
    with pytest.raises(EventConflict):
        tracker.record(attrs.evolve(CLICK, event_id="late", at=START))
    first = watch(0, 9, lesson_id=12)
    tracker.record(first)
    again = tracker.record(attrs.evolve(first, event_id="again"))
    assert (again.repeated, again.changes) == (True, ())
    assert tracker.record(attrs.evolve(first, event_id="again", end=20)).advanced


@pytest.mark.parametrize(
    ("field", "same", "other"),
    [
        ("start", (1, 1.0, 1.0004, 0.9996), 1.001),
        ("end", (50, 50.0, 50.00049, 49.9996), 50.0006),
        ("duration", (100, 100.0, 100.0004), 99.999),
    ],
)
def test_bodies_are_compared_in_milliseconds(field, same, other):
    film = lesson(10, completion_type=VIDEO, video_coverage=1)
    for restored in (False, True):
        tracker = academy([film])
        sent = watch(1, 50, event_id="e")
        assert tracker.record(sent).advanced
        tracker = Tracker.restore(tracker.snapshot()) if restored else tracker
        for value in same:
            again = attrs.evolve(sent, **{field: value})
            assert again == sent
            assert tracker.record(again).repeated
            assert tracker.record_many([again]).repeated == 1
        with pytest.raises(EventConflict):
            tracker.record(attrs.evolve(sent, **{field: other}))
