"""Every rule as a worked example over the tracker: a before, an after, and what is written."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import attrs
import pytest

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import CompletedLesson, Course, Coworker
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress
from coursetrack.domain.watched import Watched
from coursetrack.errors import DuplicateCompletion, EventConflict, InvalidValue
from coursetrack.tracker import Tracker
from tests.domain.courses import (
    BUTTON,
    DAY,
    NONE,
    SEQUENTIAL,
    START,
    TICK,
    TIMED,
    VIDEO,
    VISITED,
    lesson,
    member,
    section,
)


def academy(*parts: Any, **settings: Any) -> Tracker:
    """Course 1 with these sections and lessons, and Ada enrolled as member 7 at START."""
    tracker = Tracker(**settings)
    tracker.add_all([Course(id=1, title="Onboarding"), Coworker(id=1, full_name="Ada")])
    tracker.add_all([*parts, member()])
    return tracker


def visit(lesson_id: int = 10, at: datetime = START, **fields: Any) -> PageVisit:
    return PageVisit(**{"member_id": 7, "lesson_id": lesson_id, "at": at, **fields})


def click(lesson_id: int = 10, at: datetime = START) -> ButtonClick:
    return ButtonClick(member_id=7, lesson_id=lesson_id, at=at)


def finish(lesson_id: int = 10, at: datetime = START) -> VideoFinish:
    return VideoFinish(member_id=7, lesson_id=lesson_id, at=at)


def watch(start: float, end: float, lesson_id: int = 10, at: datetime = START) -> VideoProgress:
    return VideoProgress(
        member_id=7, lesson_id=lesson_id, at=at, start=start, end=end, duration=100
    )


def done(tracker: Tracker) -> list[int]:
    return sorted(each.lesson_id for each in tracker.completed_lessons)


def codes(tracker: Tracker, event: Event) -> list[str]:
    """Why `event` is refused; checked to have written nothing."""
    before = tracker.fork()
    outcome = tracker.record(event)
    if outcome.refused:
        assert (outcome.completed, outcome.changes, outcome.repeated) == (None, (), False)
        assert tracker == before
        assert tracker.version == before.version
    return [refusal.code.value for refusal in outcome.refused]


# -- rule 1: a trigger must match


@pytest.mark.parametrize(
    ("completion_type", "completing"),
    [(NONE, None), (VISITED, visit), (BUTTON, click), (VIDEO, finish)],
)
def test_only_the_trigger_of_the_lessons_type_completes_it(
    completion_type: Any, completing: Callable[[], Event] | None
):
    for event in (visit, click, finish):
        tracker = academy(lesson(10, completion_type=completion_type))
        outcome = tracker.record(event())
        assert (outcome.completed is not None) == (event is completing)
        assert outcome.ignored == (event is not completing)
        assert done(tracker) == ([10] if event is completing else [])


def test_a_lesson_of_type_none_may_be_completed_by_hand():
    tracker = academy(lesson(10, completion_type=NONE))
    assert tracker.record(visit()).ignored
    assert tracker.complete(lesson_id=10, member_id=7, at=START, by="admin").completed
    assert done(tracker) == [10]


# -- rule 2: video


def test_a_video_without_a_threshold_completes_at_its_end_only():
    tracker = academy(lesson(10, completion_type=VIDEO))
    # It is kept, since a threshold that is set later counts it.
    assert tracker.record(watch(0, 100)).advanced
    assert tracker.record(finish()).completed


def test_a_video_with_a_threshold_does_not_complete_by_jumping_to_its_end():
    tracker = academy(lesson(10, completion_type=VIDEO, video_coverage=0.9))
    assert tracker.record(watch(99, 100)).advanced
    assert tracker.record(finish()).ignored
    assert done(tracker) == []


def test_a_video_with_a_threshold_does_not_complete_by_watching_one_part_again():
    tracker = academy(lesson(10, completion_type=VIDEO, video_coverage=0.9))
    assert tracker.record(watch(0, 50)).advanced
    for minute in range(1, 10):
        at = START + timedelta(minutes=minute)
        again = tracker.record(watch(0, 50, at=at))
        [change] = again.changes  # the latest instant alone: the same in whatever order they come
        assert again.repeated
        assert attrs.evolve(change.before, at=at) == change.after
        assert tracker.record(watch(50, 50, at=at)).changes == ()  # a player that is paused
    explained = tracker.explain(lesson_id=10, member_id=7, at=START)
    assert explained.video.coverage == Fraction(1, 2)
    assert explained.video.missing == 40_000


@pytest.mark.parametrize(("end", "completes"), [(89.999, False), (90, True)])
def test_a_threshold_is_exact_to_the_millisecond(end: float, completes: bool):
    tracker = academy(lesson(10, completion_type=VIDEO, video_coverage=0.9))
    assert (tracker.record(watch(0, end)).completed is not None) == completes


def test_stretches_arrive_in_any_order_and_the_one_that_reaches_the_threshold_completes():
    tracker = academy(lesson(10, completion_type=VIDEO, video_coverage=1))
    first, last = START + DAY, START + 2 * DAY
    assert tracker.record(watch(50, 100, at=last)).advanced
    # It is the late event that completes, but before the last one nobody had watched enough.
    outcome = tracker.record(watch(0, 50, at=first))
    assert outcome.completed.created_on == last
    kinds = [(type(each.before), type(each.after)) for each in outcome.changes]
    assert kinds == [(Watched, Watched), (type(None), CompletedLesson)]


def test_watching_on_after_the_completion_is_a_repeat():
    tracker = academy(lesson(10, completion_type=VIDEO, video_coverage=0.5))
    tracker.record(watch(0, 50))
    outcome = tracker.record(watch(50, 100))
    assert outcome.repeated
    assert outcome.changes == ()


# -- rule 3: one completion per pair; event ids


def test_a_repeated_trigger_leaves_the_record_untouched():
    tracker = academy(lesson(10))
    first = tracker.record(visit(at=START + DAY)).completed
    for at in (START, START + DAY, START + 2 * DAY):
        outcome = tracker.record(visit(at=at))
        assert outcome.repeated
        assert outcome.changes == ()
    assert list(tracker.completed_lessons) == [first]


def test_an_event_retried_by_a_client_counts_once():
    tracker = academy(lesson(10), lesson(11))
    assert tracker.record(visit(event_id="a")).completed
    again = tracker.record(visit(event_id="a"))
    assert again.repeated
    assert again.changes == ()


def test_an_event_id_with_another_body_is_an_error_and_changes_nothing():
    tracker = academy(lesson(10), lesson(11))
    tracker.record(visit(event_id="a"))
    before = tracker.fork()
    with pytest.raises(EventConflict, match="'a'"):
        tracker.record(visit(11, event_id="a"))
    assert tracker == before
    assert tracker.record(visit(11, event_id="b")).completed


def test_the_id_of_a_refused_event_is_not_remembered():
    tracker = academy(lesson(10), lesson(11, unlock_type=SEQUENTIAL))
    assert codes(tracker, visit(11, event_id="a")) == ["lesson_locked"]
    tracker.record(visit())
    assert tracker.record(visit(11, event_id="a")).completed


def test_ids_are_remembered_up_to_a_bound_and_the_oldest_is_forgotten():
    tracker = academy(lesson(10), lesson(11), remember_events=1)
    tracker.record(visit(event_id="a"))
    tracker.record(visit(11, event_id="b"))
    with pytest.raises(EventConflict):
        tracker.record(visit(event_id="b"))
    # "a" is forgotten: an event of that id counts as new, and finds its lesson completed.
    assert tracker.record(visit(11, event_id="a")).repeated


# -- rule 4: refusals


def test_an_unknown_lesson_and_an_unknown_member():
    tracker = academy(lesson(10))
    assert codes(tracker, visit(99)) == ["unknown_lesson"]
    assert codes(tracker, visit(member_id=99)) == ["unknown_member"]
    assert codes(tracker, visit(99, member_id=99)) == ["unknown_lesson", "unknown_member"]


def test_a_lesson_of_another_course():
    tracker = academy(lesson(10))
    tracker.add_all([Course(id=2, title="Other"), lesson(20, course_id=2)])
    assert codes(tracker, visit(20)) == ["other_course"]
    assert codes(tracker, visit(10)) == []


def test_before_the_enrolment_and_at_its_instant():
    tracker = academy(lesson(10))
    assert codes(tracker, visit(at=START - TICK)) == ["before_enrolment"]
    assert tracker.record(visit(at=START)).completed


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        (member(approved=False), member(), "not_approved"),
        (member(blocked=True), member(), "blocked"),
        (
            Course(id=1, title="Onboarding", active=False),
            Course(id=1, title="On"),
            "course_inactive",
        ),
        (section(5, active=False), section(5), "section_inactive"),
        (lesson(10, 5, active=False), lesson(10, 5), "lesson_inactive"),
    ],
)
def test_a_standing_reason_holds_until_it_is_lifted(wrong: Any, right: Any, code: str):
    tracker = academy(section(5), lesson(10, 5))
    tracker.replace(wrong)
    assert codes(tracker, visit()) == [code]
    tracker.replace(right)
    assert tracker.record(visit()).completed
    tracker.replace(wrong)
    assert codes(tracker, visit()) == [code]


def test_all_reasons_are_given_at_once():
    tracker = academy(
        section(5, active=False), lesson(9), lesson(10, 5, active=False, unlock_type=SEQUENTIAL)
    )
    tracker.replace(member(approved=False, blocked=True))
    assert codes(tracker, visit(at=START - TICK)) == [
        "before_enrolment",
        "not_approved",
        "blocked",
        "section_inactive",
        "lesson_inactive",
        "lesson_locked",
    ]


def test_what_is_watched_of_a_locked_video_is_refused_and_not_kept():
    tracker = academy(
        lesson(9), lesson(10, completion_type=VIDEO, video_coverage=0.5, unlock_type=SEQUENTIAL)
    )
    assert codes(tracker, watch(0, 50)) == ["lesson_locked"]
    tracker.record(visit(9))
    assert tracker.explain(lesson_id=10, member_id=7, at=START).video.coverage == 0
    assert tracker.record(watch(0, 50)).completed


def test_a_mismatched_trigger_is_refused_all_the_same():
    tracker = academy(lesson(9), lesson(10, unlock_type=SEQUENTIAL))
    assert codes(tracker, click(10)) == ["lesson_locked"]
    tracker.record(visit(9))
    assert tracker.record(click(10)).ignored


# -- rule 5: unlocking


def test_a_sequence_is_taken_step_by_step():
    tracker = academy(*(lesson(id_, unlock_type=SEQUENTIAL) for id_ in (10, 11, 12)))
    assert codes(tracker, visit(12)) == ["lesson_locked"]
    (refusal,) = tracker.record(visit(12)).refused
    assert refusal.requires == (11,)
    for lesson_id in (10, 11, 12):
        assert tracker.open_lessons(member_id=7, at=START).open_lesson_ids[-1] == lesson_id
        assert tracker.record(visit(lesson_id)).completed


@pytest.mark.parametrize(
    "skipped", [{"completion_type": NONE}, {"active": False}, {"section_id": 6}]
)
def test_a_lesson_that_no_event_completes_does_not_block_the_sequence(skipped: dict[str, Any]):
    tracker = academy(
        section(6, active=False, display_order=0),
        section(7),
        lesson(10),
        lesson(11),
        lesson(12, 7, unlock_type=SEQUENTIAL),
    )
    tracker.record(visit(10))
    assert codes(tracker, visit(12)) == ["lesson_locked"]
    tracker.replace(lesson(11, **skipped))
    assert tracker.record(visit(12)).completed


def test_a_timed_lesson_opens_at_the_exact_instant():
    tracker = academy(lesson(10, unlock_type=TIMED, unlock_after_days=2))
    (refusal,) = tracker.record(visit(at=START + 2 * DAY - TICK)).refused
    assert refusal.opens_at == START + 2 * DAY
    assert tracker.record(visit(at=refusal.opens_at)).completed


def test_days_are_24_hours_whatever_the_zone_of_the_event_says():
    tracker = academy(lesson(10, unlock_type=TIMED, unlock_after_days=1))
    kiribati = timezone(timedelta(hours=14))
    early = (START + DAY - TICK).astimezone(kiribati)
    assert codes(tracker, visit(at=early)) == ["lesson_locked"]
    assert tracker.record(visit(at=early + TICK)).completed


def test_a_sequential_section_waits_for_every_countable_lesson_of_the_one_before():
    tracker = academy(
        section(1),
        section(2, active=False),
        section(3, unlock_type=SEQUENTIAL),
        lesson(10, 1),
        lesson(11, 1),
        lesson(12, 1, completion_type=NONE),
        lesson(13, 2),
        lesson(14, 3),
    )
    (refusal,) = tracker.record(visit(14)).refused
    assert (refusal.section_id, refusal.requires) == (3, (10, 11))
    tracker.record(visit(11))
    (refusal,) = tracker.record(visit(14)).refused
    assert refusal.requires == (10,)
    tracker.record(visit(10))
    assert tracker.record(visit(14)).completed


def test_a_timed_section_opens_all_its_lessons_at_once():
    tracker = academy(
        section(1, unlock_type=TIMED, unlock_after_days=7), lesson(10, 1), lesson(11, 1)
    )
    opens = START + 7 * DAY
    before = tracker.open_lessons(member_id=7, at=opens - TICK)
    assert before.open_lesson_ids == ()
    assert {each.refusals[0].opens_at for each in before.closed} == {opens}
    assert tracker.open_lessons(member_id=7, at=opens).open_lesson_ids == (10, 11)


def test_reading_order_decides_what_comes_before():
    tracker = academy(
        section(1, display_order=2),
        section(2, display_order=1),
        lesson(10, 1, unlock_type=SEQUENTIAL),
        lesson(11, 2),
        lesson(12),
    )
    (refusal,) = tracker.record(visit(10)).refused
    assert refusal.requires == (11,)
    tracker.replace(section(1, display_order=0))
    (refusal,) = tracker.record(visit(10)).refused
    assert refusal.requires == (12,)


def test_a_completion_by_hand_opens_what_waits_for_it():
    tracker = academy(lesson(10), lesson(11, unlock_type=SEQUENTIAL))
    assert codes(tracker, visit(11)) == ["lesson_locked"]
    tracker.complete(lesson_id=10, member_id=7, at=START + 9 * DAY, by="admin")
    # That it is completed counts, not since when: events arrive late and out of order.
    assert tracker.record(visit(11, at=START)).completed


# -- rule 6: completed stays completed


def test_a_completed_lesson_stays_open_when_a_lock_is_put_on_it_later():
    tracker = academy(lesson(9), lesson(10))
    tracker.record(visit(10))
    tracker.replace(lesson(10, unlock_type=SEQUENTIAL))
    assert 10 in tracker.open_lessons(member_id=7, at=START)
    assert tracker.record(visit(10)).repeated
    tracker.replace(lesson(10, unlock_type=TIMED, unlock_after_days=99))
    assert tracker.record(visit(10)).repeated
    assert done(tracker) == [10]


def test_deleting_a_completion_locks_what_is_not_completed_and_undoes_nothing():
    tracker = academy(*(lesson(id_, unlock_type=SEQUENTIAL) for id_ in (10, 11, 12)))
    for lesson_id in (10, 11):
        tracker.record(visit(lesson_id))
    tracker.delete_completed(id=tracker.completed_lessons.get_pair(10, 7).id)
    assert done(tracker) == [11]
    assert tracker.record(visit(11)).repeated
    # 12 asks for 11 only, which stays completed.
    assert tracker.record(visit(12)).completed


def test_a_deleted_completion_takes_what_was_watched_with_it():
    """A heartbeat of a paused player must not undo a reset: the member starts anew."""
    tracker = academy(lesson(10, completion_type=VIDEO, video_coverage=0.5))
    first = tracker.record(watch(0, 50)).completed
    before = tracker.fork()
    outcome = tracker.delete_completed(id=first.id)
    later = START + DAY
    assert tracker.record(watch(50, 50, at=later)).completed is None
    assert tracker.record(watch(0, 49, at=later)).completed is None
    second = tracker.record(watch(49, 51, at=later)).completed
    assert second.created_on == later
    assert second.id != first.id
    # And all of it can be taken back.
    undone = before.fork()
    undone.delete_completed(id=first.id)
    places = range(undone.version + 1, undone.version + 3)
    taken_back = [c.inverse(n) for c, n in zip(reversed(outcome.changes), places, strict=True)]
    undone.replay(taken_back)
    assert undone == before


# -- rule 7: by hand


def test_by_hand_whatever_the_rules_say():
    tracker = academy(
        lesson(9), lesson(10, active=False, completion_type=NONE, unlock_type=SEQUENTIAL)
    )
    tracker.replace(member(blocked=True))
    record = tracker.complete(lesson_id=10, member_id=7, at=START - DAY, by="admin").completed
    assert (record.created_on, record.updated_by) == (START - DAY, "admin")


def test_a_pair_completed_by_hand_once_more_is_an_error():
    tracker = academy(lesson(10))
    tracker.record(visit())
    before = tracker.fork()
    with pytest.raises(DuplicateCompletion):
        tracker.complete(lesson_id=10, member_id=7, at=START, by="admin")
    assert tracker == before


@pytest.mark.parametrize("gone", [lesson(10), member()])
def test_with_a_lesson_or_a_member_go_its_completions(gone: Any):
    tracker = academy(lesson(10), lesson(11))
    tracker.record(visit(10))
    outcome = tracker.remove(gone)
    assert done(tracker) == []
    assert [type(change.before) for change in outcome.changes] == [CompletedLesson, type(gone)]
    assert all(isinstance(change, Change) and change.after is None for change in outcome.changes)


# -- rule 8: time


def test_a_completion_has_the_instant_of_its_event():
    tracker = academy(lesson(10), lesson(11))
    late, early = START + 30 * DAY, START + DAY
    assert tracker.record(visit(10, at=late)).completed.created_on == late
    record = tracker.record(visit(11, at=early)).completed
    assert (record.created_on, record.updated_on, record.updated_by) == (early, early, None)


def test_an_instant_without_a_zone_is_refused_where_it_enters():
    tracker = academy(lesson(10))
    with pytest.raises(InvalidValue, match="no time zone"):
        visit(at=START.replace(tzinfo=None))
    with pytest.raises(InvalidValue, match="no time zone"):
        tracker.open_lessons(member_id=7, at=START.replace(tzinfo=None))
    with pytest.raises(InvalidValue, match="no time zone"):
        tracker.explain(lesson_id=10, member_id=7, at=START.replace(tzinfo=None))


# -- progress


def test_progress_follows_completions_and_the_course():
    tracker = academy(lesson(10), lesson(11, completion_type=NONE), lesson(12))
    assert tracker.progress(member_id=7).completeness == 0
    tracker.record(visit(12))
    tracker.complete(lesson_id=11, member_id=7, at=START + DAY, by="admin")
    found = tracker.progress(member_id=7)
    assert (found.completed, found.countable, found.finished) == (1, 2, False)
    assert found.last_completed.lesson_id == 11
    tracker.record(visit(10))
    assert tracker.progress(member_id=7).finished
    tracker.add(lesson(13))
    found = tracker.progress(member_id=7)
    assert (found.completeness, found.finished) == (Fraction(2, 3), False)
    tracker.replace(lesson(10, active=False))
    assert tracker.progress(member_id=7).completeness == Fraction(1, 2)


def test_a_course_where_nothing_counts_is_at_zero_and_not_finished():
    tracker = academy(lesson(10, completion_type=NONE))
    tracker.complete(lesson_id=10, member_id=7, at=START, by="admin")
    found = tracker.progress(member_id=7)
    assert (found.completed, found.countable, found.completeness) == (0, 0, 0)
    assert not found.finished


# -- explaining


def test_the_explanation_leads_to_the_completion():
    tracker = academy(
        lesson(10),
        lesson(11, completion_type=BUTTON, unlock_type=SEQUENTIAL),
        lesson(12, completion_type=VIDEO, video_coverage=0.5, unlock_type=SEQUENTIAL),
    )

    def following() -> tuple[int, str] | None:
        step = tracker.explain(lesson_id=12, member_id=7, at=START).next_step
        return None if step is None else (step.lesson.id, step.action.value)

    assert following() == (10, "page_visit")
    tracker.record(visit(10))
    assert following() == (11, "button_click")
    tracker.record(click(11))
    assert following() == (12, "video_progress")
    record = tracker.record(watch(0, 50, 12)).completed
    assert following() is None
    assert tracker.explain(lesson_id=12, member_id=7, at=START).completed == record


def test_what_lint_finds_is_gone_when_it_is_put_right():
    tracker = academy(section(5, active=False), lesson(9), lesson(10, 5))
    (finding,) = tracker.lint(course_id=1)
    assert (finding.code.value, finding.lesson_ids) == ("lessons_in_inactive_section", (10,))
    assert codes(tracker, visit(10)) == ["section_inactive"]
    tracker.replace(section(5))
    assert tracker.lint(course_id=1) == ()
    assert tracker.record(visit(10)).completed
