"""What the tracker says and what it does are one: over random courses, members and events."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletionType, Course, Coworker, Lesson, Section
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress
from coursetrack.domain.explanation import Action
from coursetrack.tracker import Tracker
from tests.domain.courses import DAY, START, VIDEO, course, lesson, member, moments, parts, section

EVENTS = {
    Action.PAGE_VISIT: PageVisit,
    Action.BUTTON_CLICK: ButtonClick,
    Action.VIDEO_FINISH: VideoFinish,
}


def academy(given_parts: Iterable[Lesson | Section], **fields: Any) -> Tracker:
    tracker = Tracker()
    tracker.add_all([Course(id=1, title="Course"), Coworker(id=1, full_name="Ada")])
    tracker.add_all(sorted(given_parts, key=lambda each: type(each) is Lesson))
    tracker.add(member(**fields))
    return tracker


def events(lesson_ids: st.SearchStrategy[int]) -> st.SearchStrategy[Event]:
    """Events of member 7, and now and then of a stranger."""
    who = {
        "member_id": st.sampled_from((7, 7, 7, 7, 7, 7, 8)),
        "lesson_id": lesson_ids,
        "at": moments(),
    }
    seconds = st.integers(0, 4)
    return st.one_of(
        *(st.builds(kind, **who) for kind in EVENTS.values()),
        st.builds(VideoProgress, **who, start=seconds, end=seconds, duration=st.just(4)),
    )


streams = st.lists(events(st.integers(1, 9)), max_size=25)
hands = st.sets(st.integers(1, 9), max_size=3)
standings = st.fixed_dictionaries(
    {
        "approved": st.sampled_from((True, True, True, False)),
        "blocked": st.sampled_from((False, False, False, True)),
    }
)


def begun(
    given_parts: list[Lesson | Section], standing: dict[str, bool], hand: set[int]
) -> Tracker:
    """The academy with some completions that were made by hand."""
    tracker = academy(given_parts, **standing)
    for lesson_id in sorted(hand):
        if any(type(each) is Lesson and each.id == lesson_id for each in given_parts):
            tracker.complete(lesson_id=lesson_id, member_id=7, at=START, by="admin")
    return tracker


def lesson_ids(given_parts: list[Lesson | Section]) -> list[int]:
    return sorted(each.id for each in given_parts if type(each) is Lesson)


def pairs(tracker: Tracker) -> list[tuple[int, int]]:
    return sorted((each.lesson_id, each.member_id) for each in tracker.completed_lessons)


# -- what is said is what is done


@given(parts(), standings, hands, streams)
def test_an_explanation_says_beforehand_what_an_event_will_do(given_parts, standing, hand, stream):
    tracker = begun(given_parts, standing, hand)
    known = set(lesson_ids(given_parts))
    for event in stream:
        if event.lesson_id not in known or event.member_id != 7:
            assert tracker.record(event).refused
            continue
        told = tracker.explain(lesson_id=event.lesson_id, member_id=7, at=event.at)
        outcome = tracker.record(event)
        assert outcome.refused == told.refusals
        if told.completed is not None:
            assert outcome.refused or outcome.repeated != outcome.ignored
        if outcome.refused or outcome.repeated or outcome.ignored:
            assert outcome.changes == ()
        if not outcome.refused and told.completed is None and not isinstance(event, VideoProgress):
            assert (outcome.completed is not None) == (EVENTS.get(told.action) is type(event))
        after = tracker.explain(lesson_id=event.lesson_id, member_id=7, at=event.at)
        assert after.completed == (outcome.completed or told.completed)


@given(parts(), standings, hands, streams, moments())
def test_a_lesson_is_open_exactly_when_a_visit_to_it_is_not_refused(
    given_parts, standing, hand, stream, at
):
    tracker = begun(given_parts, standing, hand)
    tracker.record_many(stream)
    found = tracker.open_lessons(member_id=7, at=at)
    for lesson_id in lesson_ids(given_parts):
        visit = PageVisit(member_id=7, lesson_id=lesson_id, at=at)
        refused = tracker.fork().record(visit).refused
        assert found.refusals(lesson_id) == refused
        assert (lesson_id in found) == (not refused)


def completing(lesson_id: int, action: Action, at: datetime) -> Event:
    who = {"member_id": 7, "lesson_id": lesson_id, "at": at}
    if action is Action.VIDEO_PROGRESS:
        return VideoProgress(**who, start=0, end=4, duration=4)
    return EVENTS[action](**who)


@given(parts(), hands, moments())
def test_following_the_next_step_completes_any_lesson_that_can_be_reached(given_parts, hand, start):
    begun_at = begun(given_parts, {}, hand)
    for goal in course(*given_parts).countable_ids:
        tracker, at = begun_at.fork(), start
        told = tracker.explain(lesson_id=goal, member_id=7, at=at)
        unreachable = any(step.opens_at is None for step in told.steps)
        assert (told.next_step is None) == (told.completed is not None or unreachable)
        while told.next_step is not None:
            step = told.next_step
            at = max(at, step.opens_at)
            assert tracker.record(completing(step.lesson.id, step.action, at)).completed
            before, told = told, tracker.explain(lesson_id=goal, member_id=7, at=at)
            assert len(told.steps) == len(before.steps) - 1
        assert (told.completed is None) == unreachable


# -- repeats, and order


@given(parts(), standings, hands, streams)
def test_a_repeat_changes_nothing(given_parts, standing, hand, stream):
    tracker = begun(given_parts, standing, hand)
    for event in stream:
        first = tracker.record(event)
        version, facts = tracker.version, tracker.fork()
        again = tracker.record(event)
        assert (again.changes, tracker.version) == ((), version)
        assert tracker == facts
        assert again.refused == first.refused
        assert again.repeated == bool(first.completed or first.repeated or first.advanced)
        assert again.ignored == first.ignored


@given(parts(), standings, hands, streams)
def test_a_stream_sent_twice_with_event_ids_counts_once(given_parts, standing, hand, stream):
    marked = [attrs.evolve(event, event_id=str(n)) for n, event in enumerate(stream)]
    tracker = begun(given_parts, standing, hand)
    first = [tracker.record(event) for event in marked]
    accepted = [event for event, each in zip(marked, first, strict=True) if not each.refused]
    facts = tracker.fork()
    tally = tracker.record_many(accepted)
    assert tally.ignored == sum(each.ignored for each in first)
    assert tally.repeated == len(accepted) - tally.ignored
    assert tracker == facts


@given(parts(), streams, st.randoms(use_true_random=False))
def test_where_nothing_waits_for_a_lesson_the_order_of_events_completes_the_same(
    given_parts, stream, random
):
    free = [attrs.evolve(each, unlock_type=1) for each in given_parts]
    shuffled = list(stream)
    random.shuffle(shuffled)
    one, other = academy(free), academy(free)
    one.record_many(stream)
    other.record_many(shuffled)
    assert pairs(one) == pairs(other)


@given(parts(), standings, hands, streams)
def test_in_bulk_as_one_by_one(given_parts, standing, hand, stream):
    one, other = (begun(given_parts, standing, hand) for _ in range(2))
    outcomes = [one.record(event) for event in stream]
    tally = other.record_many(stream)
    assert one == other
    assert tally.completed == sum(each.completed is not None for each in outcomes)
    assert tally.repeated == sum(each.repeated for each in outcomes)
    assert tally.ignored == sum(each.ignored for each in outcomes)
    reasons = [reason.code for each in outcomes for reason in each.refused]
    assert dict(tally.refused) == {code: reasons.count(code) for code in set(reasons)}


@given(parts(), parts(), hands, streams)
def test_what_is_completed_stays_completed_whatever_becomes_of_the_course(
    given_parts, other_parts, hand, stream
):
    tracker = begun(given_parts, {}, hand)
    tracker.record_many(stream)
    before = list(tracker.completed_lessons)
    sections = {each.id for each in given_parts if type(each) is Section}
    now = {(type(each), each.id) for each in given_parts}
    for each in other_parts:
        fits = type(each) is Section or each.section_id in {None, *sections}
        if (type(each), each.id) in now and fits:
            tracker.replace(each)
    assert list(tracker.completed_lessons) == before
    tracker.check()
    closed = tracker.open_lessons(member_id=7, at=START).closed
    locked = {each.lesson_id for each in closed if any(lock.is_lock for lock in each.refusals)}
    assert locked.isdisjoint(each.lesson_id for each in before)
    for record in before:
        visit = PageVisit(member_id=7, lesson_id=record.lesson_id, at=START + DAY)
        outcome = tracker.record(visit)
        assert outcome.completed is None
        assert not any(reason.is_lock for reason in outcome.refused)


# -- numbers


@given(parts(), hands, streams)
def test_progress_is_a_recount_of_the_records(given_parts, hand, stream):
    tracker = begun(given_parts, {}, hand)
    tracker.record_many(stream)
    records = list(tracker.completed_lessons)
    done = {record.lesson_id for record in records}
    active = {each.id for each in given_parts if type(each) is Section and each.active}
    countable = [
        each.id
        for each in course(*given_parts).lessons
        if each.active
        and each.required
        and each.section_id in {None, *active}
        and each.completion_type is not CompletionType.NONE
    ]
    found = tracker.progress(member_id=7)
    assert list(found.countable_lesson_ids) == countable
    assert list(found.completed_lesson_ids) == [each for each in countable if each in done]
    assert 0 <= found.completeness <= 1
    assert found.finished == (countable != [] and done.issuperset(countable))
    latest = max(records, key=lambda record: (record.created_on, record.id), default=None)
    assert found.last_completed == latest
    assert tracker.course_progress(course_id=1) == (found,)


def watched(stretches: Iterable[tuple[int, int]]) -> set[int]:
    """The seconds that were watched: none of a reversed stretch."""
    return {second for start, end in stretches for second in range(start, end)}


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=10),
    st.fractions(min_value="1/30", max_value=1),
    st.integers(1, 19),
)
def test_a_video_completes_with_the_event_whose_seconds_reach_the_threshold(ends, share, days):
    tracker = academy([section(1), lesson(1, 1, completion_type=VIDEO, video_coverage=share)])
    reached: datetime | None = None
    latest = START
    for place, (start, end) in enumerate(ends):
        at = START + (place * days % 20) * DAY
        tracker.record(
            VideoProgress(member_id=7, lesson_id=1, at=at, start=start, end=end, duration=20)
        )
        before, now = watched(ends[:place]), watched(ends[: place + 1])
        covered = Fraction(len(now), 20)
        # Never before enough was watched: as of the latest report that added something.
        latest = latest if now == before else max(latest, at)
        if reached is None and covered >= share:
            reached = latest
        told = tracker.explain(lesson_id=1, member_id=7, at=START)
        assert (told.completed and told.completed.created_on) == reached
        if reached is None:
            assert told.video.coverage == covered
