"""The laws of streams, on academies of every kind."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coursetrack import (
    AllOf,
    AnyOf,
    Button,
    CourseMember,
    Entity,
    Event,
    InvalidValue,
    Lesson,
    MissingReference,
    PageVisit,
    ScoreAtLeast,
    Scored,
    TimeSpent,
    TimeSpentAtLeast,
    Tracker,
    UnlockType,
    VideoCoverage,
    VideoEnd,
    VideoProgress,
    Visited,
)
from coursetrack.simulation import (
    DEFAULT_HABITS,
    Announcement,
    Draws,
    Finisher,
    Mixture,
    Sampler,
    StepByStep,
    Study,
    by_member,
    calibrate,
    in_order,
    instant,
)
from tests.simulation.worlds import (
    DAY,
    START,
    academy,
    closed,
    small_academies,
    tracker_of,
    without_locks,
)

FEW = settings(max_examples=8)
EAGER = attrs.evolve(
    DEFAULT_HABITS,
    cohorts=tuple(attrs.evolve(each, starts=1.0, stop=(0.03,)) for each in DEFAULT_HABITS.cohorts),
)
"""Everybody begins, and few stop: so that locks are met."""
BEHAVIOURS = (StepByStep(), Finisher(), Sampler(), Mixture({StepByStep(): 2, Finisher(): 1}))

CRITERIA = (
    Button(),
    VideoCoverage(0.5),
    TimeSpentAtLeast(150),
    ScoreAtLeast(0.8),
    AllOf(Visited(), VideoEnd(), AnyOf(ScoreAtLeast(0.5), TimeSpentAtLeast(30))),
)
MIXED = [
    attrs.evolve(each, completion_type=None, video_coverage=None, criterion=CRITERIA[each.id % 5])
    if isinstance(each, Lesson)
    else each
    for each in academy(30, video_duration=90)
]
"""A course with lessons of every kind of criterion."""


def told(events: Iterable[Event]) -> str:
    """A digest of events, to the last bit."""
    lines = (
        f"{type(e).__name__} {e.member_id} {e.lesson_id} {e.at.isoformat()} "
        f"{getattr(e, 'start', 0)!r} {getattr(e, 'end', 0)!r}"
        for e in events
    )
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def golden() -> str:
    """The digests of an open stream, a closed one, one by another seed, and of habits counted."""
    _, events = closed(MIXED, habits=EAGER, opens=START, seed=1)
    habits = repr(calibrate(MIXED, events, opens=START).to_dict())
    return " ".join(
        (
            told(by_member(MIXED, opens=START, seed=1)),
            told(events),
            told(in_order(MIXED, habits=EAGER, opens=START, seed=2, replication=3)),
            sha256(habits.encode()).hexdigest()[:16],
        )
    )


GOLDEN = ("f9d944d8d55c301e", "a60d322b67acb1f2", "26c31050fb51a667", "1ef2be11061cf2f7")


def test_the_same_key_gives_the_same_stream_on_every_python() -> None:
    assert golden().split() == list(GOLDEN)


def key(event: Event) -> tuple[Any, ...]:
    """What streams in order of time are ordered by."""
    return event.at, event.member_id


@FEW
@given(small_academies(), st.integers(0, 99), st.sampled_from(BEHAVIOURS))
def test_in_order_is_by_member_sorted(entities: Sequence[Entity], seed: int, how: Any) -> None:
    told = {"habits": EAGER, "seed": seed, "behaviour": how}
    everybody = list(by_member(entities, **told))
    assert list(in_order(entities, **told)) == sorted(everybody, key=key)
    for event in everybody:
        assert event.at >= tracker_of(entities).member(event.member_id).created_on


@FEW
@given(small_academies(), st.integers(0, 99), st.randoms(use_true_random=False))
def test_the_order_of_members_and_shards_do_not_matter(
    entities: Sequence[Entity], seed: int, random: Any
) -> None:
    members = [each for each in entities if isinstance(each, CourseMember)]
    others = [each for each in entities if not isinstance(each, CourseMember)]
    whole = list(in_order(entities, habits=EAGER, seed=seed))
    shuffled = random.sample(members, len(members))
    assert list(in_order([*others, *shuffled], habits=EAGER, seed=seed)) == whole
    for count in (1, 2, 5):
        shards = [
            event
            for shard in range(count)
            for event in by_member(
                [*others, *(each for each in members if each.id % count == shard)],
                habits=EAGER,
                seed=seed,
            )
        ]
        assert sorted(shards, key=key) == whole


@FEW
@given(small_academies(), st.integers(0, 99))
def test_shards_that_react_to_their_own_trackers_agree(
    entities: Sequence[Entity], seed: int
) -> None:
    members = [each for each in entities if isinstance(each, CourseMember)]
    others = [each for each in entities if not isinstance(each, CourseMember)]
    tracker, whole = closed(entities, habits=EAGER, seed=seed)
    completed = sorted((x.created_on, x.lesson_id, x.member_id) for x in tracker.completed_lessons)
    for count in (2, 5):
        parts = [
            closed([*others, *mine], habits=EAGER, seed=seed)
            for mine in ([x for x in members if x.id % count == shard] for shard in range(count))
        ]
        assert sorted((event for _, events in parts for event in events), key=key) == whole
        assert completed == sorted(
            (x.created_on, x.lesson_id, x.member_id)
            for part, _ in parts
            for x in part.completed_lessons
        )


@FEW
@given(small_academies(), st.integers(0, 99), st.integers(0, 60))
def test_cutting_a_stream_and_going_on_equals_one_run(
    entities: Sequence[Entity], seed: int, days: int
) -> None:
    named = {"habits": EAGER, "seed": seed}
    whole = list(in_order(entities, **named))
    assume(whole)
    cut = whole[0].at + days * DAY
    halves = [*in_order(entities, until=cut, **named), *in_order(entities, since=cut, **named)]
    assert halves == whole
    parts = [*by_member(entities, until=cut, **named), *by_member(entities, since=cut, **named)]
    assert sorted(parts, key=key) == whole


@FEW
@given(small_academies(), st.integers(0, 99), st.integers(0, 60))
def test_a_life_that_is_cut_and_goes_on_equals_one_run(
    entities: Sequence[Entity], seed: int, days: int
) -> None:
    study = Study(tracker_of(entities), habits=EAGER, seed=seed)
    whole, life = study.run(), study.live()
    life.run(START + days * DAY)
    assert life.run() == whole
    assert life.tracker.snapshot() == whole.snapshot()


@FEW
@given(small_academies(), st.integers(0, 99), st.sampled_from(BEHAVIOURS))
@pytest.mark.slow
def test_where_nothing_is_refused_open_and_closed_streams_are_equal(
    entities: Sequence[Entity], seed: int, how: Any
) -> None:
    named = {"habits": EAGER, "seed": seed, "behaviour": how}
    opened = without_locks(entities)
    tracker, events = closed(opened, **named)
    assert events == list(in_order(opened, **named))
    again = tracker_of(opened)
    assert again.record_many(events).refused_events == 0
    assert again == tracker


@FEW
@given(small_academies(), st.integers(0, 99), st.floats(0, 1), st.floats(0, 1))
def test_less_patience_takes_nobody_further(
    entities: Sequence[Entity], seed: int, a: float, b: float
) -> None:
    low, high = (attrs.evolve(EAGER, patience=share) for share in sorted((a, b)))
    _, few = closed(entities, habits=low, seed=seed)
    _, more = closed(entities, habits=high, seed=seed)
    for member in {event.member_id for event in more}:
        mine = [event for event in few if event.member_id == member]
        theirs = [event for event in more if event.member_id == member]
        assert theirs[: len(mine)] == mine


@FEW
@given(small_academies(), st.integers(0, 99), st.floats(0, 1))
def test_who_stops_sooner_gets_no_further(
    entities: Sequence[Entity], seed: int, more: float
) -> None:
    def sooner(shares: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(share + (1 - share) * more for share in shares)

    soon = attrs.evolve(
        EAGER,
        stop_astray=sooner(EAGER.stop_astray),
        cohorts=tuple(
            attrs.evolve(each, stop=sooner(each.stop), stop_across=sooner(each.stop_across))
            for each in EAGER.cohorts
        ),
    )
    few, many = (
        _first_visits(by_member(entities, habits=habits, seed=seed)) for habits in (soon, EAGER)
    )
    assert all(many[member][: len(lessons)] == lessons for member, lessons in few.items())


@FEW
@given(small_academies(), st.integers(0, 99))
def test_learners_do_what_locks_ask_for(entities: Sequence[Entity], seed: int) -> None:
    patient = attrs.evolve(EAGER, patience=1.0)
    tracker, events = closed(entities, habits=patient, seed=seed, behaviour=Finisher())
    tracker.check()
    for progress in (p for c in (1, 2) for p in _progress(tracker, c)):
        member = tracker.member(progress.member_id)
        waits = any(
            each.unlock_type is UnlockType.TIMED and each.unlock_after_days > 10_000
            for each in entities
            if not isinstance(each, CourseMember) and hasattr(each, "unlock_type")
        )
        active = tracker.course(member.course_id).active
        if member.approved and not member.blocked and active and not waits:
            assert progress.completed == progress.countable
    assert sorted(events, key=key) == events


def _progress(tracker: Tracker, course_id: int) -> Iterable[Any]:
    if any(each.id == course_id for each in tracker.entities() if type(each).__name__ == "Course"):
        return tracker.course_progress(course_id=course_id)
    return ()


def test_inserting_a_lesson_changes_no_draw_of_another() -> None:
    entities = academy(60)
    new = attrs.evolve(entities[9], id=99, unique_id="", title="New")
    assert isinstance(new, Lesson)
    calm = attrs.evolve(
        EAGER, skip=0.0, skip_astray=0.0, leap=(0.0,), leap_astray=(0.0,), leap_first=0.0
    )
    before = _first_visits(by_member(entities, habits=calm, opens=START, seed=3))
    after = _first_visits(
        by_member([*entities[:9], new, *entities[9:]], habits=calm, opens=START, seed=3)
    )
    kept = attrs.evolve(new, display_order=0)
    assert kept.id == 99
    # Whoever comes to the new lesson comes to the later ones later, but stops at the same lesson.
    for member, lessons in before.items():
        others = [lesson for lesson in after[member] if lesson != 99]
        assert others == lessons or (after[member][-1] == 99 and lessons[: len(others)] == others)


def _first_visits(events: Iterable[Event]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for event in events:
        if isinstance(event, PageVisit):
            found.setdefault(event.member_id, []).append(event.lesson_id)
    return found


def test_criteria_of_every_kind_are_acted_on_and_met() -> None:
    stretches = [
        event
        for event in by_member(MIXED, habits=EAGER, opens=START, seed=1)
        if isinstance(event, VideoProgress)
    ]
    pairs = list(pairwise(stretches))
    same = [(a, b) for a, b in pairs if (a.member_id, a.lesson_id) == (b.member_id, b.lesson_id)]
    assert any(b.start < a.end for a, b in same)
    assert any(b.start > a.end for a, b in same)
    tracker, events = closed(MIXED, habits=EAGER, opens=START, seed=1, behaviour=Finisher())
    assert {TimeSpent, Scored, VideoProgress} <= set(map(type, events))
    assert all(progress.finished for progress in tracker.course_progress(course_id=1))


def test_an_announcement_brings_many_at_once_and_nobody_twice() -> None:
    entities = academy(300)
    mail = Announcement(id=1, at=START + 9 * DAY, reaches=1.0)

    def within(stream: Iterable[Event]) -> int:
        return sum(mail.at <= event.at < mail.at + timedelta(minutes=50) for event in stream)

    plain = list(in_order(entities, habits=EAGER, opens=START, seed=1))
    called = list(in_order(entities, habits=EAGER, opens=START, seed=1, announcements=[mail]))
    assert within(called) > 5 * within(plain)
    before = [event for event in plain if event.at < mail.at]
    assert [event for event in called if event.at < mail.at] == before
    assert len(_first_visits(called)) == len(_first_visits(plain))
    silent = attrs.evolve(mail, reaches=0.0)
    assert (
        list(in_order(entities, habits=EAGER, opens=START, seed=1, announcements=[silent])) == plain
    )


def test_a_behaviour_of_ones_own() -> None:
    def lurker(learner: Any, outline: Any, habits: Any, draws: Draws) -> Any:
        at = learner.since
        for lesson in outline.lessons:
            at += 1 + int(habits.gap(draws(learner.id, lesson.id).gap))
            outcome = yield PageVisit(member_id=learner.id, lesson_id=lesson.id, at=instant(at))
            if outcome is not None and outcome.refused:
                return

    entities = academy(5)
    events = list(in_order(entities, behaviour=lurker, opens=START))
    assert len(events) == 60
    mixed = list(in_order(entities, behaviour=Mixture({lurker: 1, Sampler(): 1}), opens=START))
    assert 0 < len(mixed) < 60

    def backwards(learner: Any, outline: Any, habits: Any, draws: Draws) -> Any:
        for place, lesson in enumerate(outline.lessons):
            at = instant(learner.since - place)
            yield PageVisit(member_id=learner.id, lesson_id=lesson.id, at=at)

    with pytest.raises(InvalidValue, match="in order of time"):
        list(in_order(entities, behaviour=backwards))


def test_what_cannot_be_streamed_is_named() -> None:
    entities = academy(2)
    with pytest.raises(MissingReference, match="no course 1"):
        next(by_member(entities[1:]))
    with pytest.raises(InvalidValue, match="before members"):
        list(by_member([*entities, entities[5]]))
    with pytest.raises(InvalidValue, match="shares"):
        Mixture({})


def test_members_may_come_from_an_endless_generator() -> None:
    entities = academy(1)

    def many() -> Iterable[Entity]:
        yield from entities
        number = 1
        while True:
            number += 1
            yield CourseMember(id=number, course_id=1, coworker_id=1, created_on=START)

    stream = by_member(many(), seed=5)
    assert max(next(stream).member_id for _ in range(2_000)) > 50
