"""Rules 1, 2 and 4: what an event does, and every reason why it may not."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.events import ButtonClick, PageVisit, VideoFinish, VideoProgress
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.rules import (
    NOTHING,
    Decision,
    concerns,
    decide,
    refusals,
    unknown_refusals,
)
from coursetrack.domain.rules import known as known_of
from coursetrack.domain.watched import Watched
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
    course,
    done_sets,
    lesson,
    member,
    moments,
    parts,
    section,
)

WHO = {"member_id": 7, "lesson_id": 10, "at": START}
VISIT, CLICK, FINISH = PageVisit(**WHO), ButtonClick(**WHO), VideoFinish(**WHO)


COMPLETES = Decision(since=START, adds=True)


def watch(start: float, end: float, duration: float = 10, at=START) -> VideoProgress:
    return VideoProgress(**{**WHO, "at": at}, start=start, end=end, duration=duration)


def after(decision, before=None):
    """The evidence by kind once a decision was taken."""
    return {**(before or {}), **{type(each.after): each.after for each in decision.evidence}}


def seen(decision) -> Watched:
    return after(decision)[Watched]


# -- rules 1 and 2


def test_what_concerns_a_lesson_is_its_trigger_or_its_evidence():
    films = lesson(10, completion_type=VIDEO, video_coverage=0.9)
    told = {
        each: [concerns(each, event) for event in (VISIT, CLICK, FINISH, watch(0, 1))]
        for each in (lesson(10, completion_type=BUTTON), films)
    }
    assert [*told.values()] == [[False, True, False, False], [False, False, False, True]]


@pytest.mark.parametrize(
    ("completion_type", "completing"),
    [(NONE, []), (VISITED, [VISIT]), (BUTTON, [CLICK]), (VIDEO, [FINISH])],
)
def test_only_the_matching_trigger_completes(completion_type, completing):
    one = lesson(10, completion_type=completion_type)
    for event in (VISIT, CLICK, FINISH):
        decision = decide(one, event, {})
        assert decision.completes is (event in completing)
        assert decision.evidence == ()


@pytest.mark.parametrize("completion_type", [NONE, VISITED, BUTTON])
def test_watching_is_no_evidence_for_a_lesson_that_is_no_video(completion_type):
    one = lesson(10, completion_type=completion_type, video_coverage=0.1)
    assert decide(one, watch(0, 10), {}) == NOTHING


@pytest.mark.parametrize("completion_type", [VISITED, BUTTON])
def test_a_threshold_has_no_effect_on_a_lesson_that_is_no_video(completion_type):
    one = lesson(10, completion_type=completion_type, video_coverage=0.9)
    event = VISIT if completion_type is VISITED else CLICK
    assert decide(one, event, {}) == COMPLETES


def test_a_video_without_a_threshold_keeps_the_evidence_and_waits_for_the_end():
    decision = decide(lesson(10, completion_type=VIDEO), watch(0, 10), {})
    assert not decision.completes
    assert seen(decision).coverage == 1


def test_a_video_with_a_threshold_is_not_completed_by_its_end():
    one = lesson(10, completion_type=VIDEO, video_coverage=0.9)
    assert decide(one, FINISH, {}) == NOTHING


def test_a_threshold_is_reached_at_the_exact_millisecond():
    one = lesson(10, completion_type=VIDEO, video_coverage=0.9)
    first = decide(one, watch(0, 8.999), {})
    assert not first.completes
    second = decide(one, watch(8.999, 9), after(first))
    assert second.completes
    assert seen(second).stretches == ((0, 9_000),)


def test_a_threshold_that_floats_cannot_write_is_exact():
    one = lesson(10, completion_type=VIDEO, video_coverage=Fraction(1, 3))
    assert not decide(one, watch(0, 3.333), {}).completes
    assert decide(one, watch(0, 3.334), {}).completes
    assert decide(one, watch(0, 0.001, 0.003), {}).completes


def test_watching_the_same_part_again_never_completes():
    one, evidence = lesson(10, completion_type=VIDEO, video_coverage=0.9), {}
    for _ in range(20):
        decision = decide(one, watch(0, 5), evidence)
        assert not decision.completes
        evidence = after(decision, evidence)
    assert evidence[Watched].coverage == Fraction(1, 2)


def test_a_lowered_threshold_takes_effect_with_the_next_report_that_adds_something():
    evidence = after(decide(lesson(10, completion_type=VIDEO, video_coverage=0.9), watch(0, 5), {}))
    lowered = lesson(10, completion_type=VIDEO, video_coverage=0.5)
    later = START + DAY
    assert decide(lowered, watch(0, 0, at=later), evidence) == NOTHING
    for nothing_new in (watch(1, 4, at=later), watch(0, 5, at=later)):
        decision = decide(lowered, nothing_new, evidence)
        assert not decision.completes
        assert after(decision, evidence)[Watched].at == later  # in whatever order they arrive
    assert decide(lowered, watch(5, 5.001, at=later), evidence).since == later


@pytest.mark.parametrize("duration", [10, 10.001, 600])
def test_a_reversed_stretch_counts_for_nothing(duration):
    one = lesson(10, completion_type=VIDEO, video_coverage=0.1)
    assert decide(one, watch(9, 1, duration), {}) == NOTHING


def test_a_placeholder_does_not_complete_a_film():
    """One second of one second, once the player has told of 600 s."""
    one = lesson(10, completion_type=VIDEO, video_coverage=0.9)
    evidence = after(decide(one, watch(0, 5, 600), {}))
    assert not decide(one, watch(0, 1, 1), evidence).completes
    assert not decide(one, watch(5, 6, 6), evidence).completes
    known = lesson(10, completion_type=VIDEO, video_coverage=0.9, video_duration=600)
    assert not decide(known, watch(0, 1, 1), {}).completes
    assert decide(known, watch(0, 540, 541), {}).completes


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8),
    st.fractions("1/50", 1),
    st.randoms(use_true_random=False),
)
def test_what_is_met_does_not_depend_on_the_order_of_reports(ends, share, random):
    one = lesson(10, completion_type=VIDEO, video_coverage=share)
    covered = {second for start, end in ends for second in range(start, end)}
    for _ in range(2):
        evidence: dict = {}
        for start, end in ends:
            evidence = after(decide(one, watch(start, end, 20), evidence), evidence)
        found = one.criterion.since(known_of(one, evidence))
        assert (found is not None) == (Fraction(len(covered), 20) >= share)
        random.shuffle(ends)


# -- rule 4


def refused(outline, who, at=START, done=()):
    return refusals(outline, outline.lesson(10), who, set(done), at)


def codes(found):
    return [refusal.code.value for refusal in found]


def test_nothing_is_refused_where_all_is_well():
    assert refused(course(section(5), lesson(10, 5)), member()) == ()


def test_before_the_enrolment_and_at_it():
    outline = course(lesson(10))
    assert refused(outline, member(), START - TICK) == (
        Refusal(code=RefusalCode.BEFORE_ENROLMENT, member_id=7, opens_at=START),
    )
    assert refused(outline, member(), START) == ()
    (refusal,) = refused(outline, member(), START - TICK)
    assert str(refusal) == "member 7 is not enrolled until 2025-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("wrong", "code"), [({"approved": False}, "not_approved"), ({"blocked": True}, "blocked")]
)
def test_a_member_who_may_not(wrong, code):
    outline = course(lesson(10))
    assert refused(outline, member(**wrong)) == (Refusal(code=RefusalCode(code), member_id=7),)


def test_an_inactive_course():
    outline = course(lesson(10), active=False)
    assert refused(outline, member()) == (Refusal(code=RefusalCode.COURSE_INACTIVE, course_id=1),)


def test_an_inactive_section():
    outline = course(section(5, active=False), lesson(10, 5))
    assert refused(outline, member()) == (Refusal(code=RefusalCode.SECTION_INACTIVE, section_id=5),)


def test_an_inactive_lesson():
    outline = course(lesson(10, active=False))
    assert refused(outline, member()) == (Refusal(code=RefusalCode.LESSON_INACTIVE, lesson_id=10),)


def test_a_lesson_of_another_course_and_then_no_word_about_locks():
    outline = course(lesson(9), lesson(10, unlock_type=SEQUENTIAL))
    stranger = member(course_id=2)
    assert refused(outline, member()) != ()
    assert refused(outline, stranger) == (
        Refusal(code=RefusalCode.OTHER_COURSE, course_id=1, lesson_id=10, member_id=7),
    )


def test_all_reasons_are_given_at_once_in_the_order_of_the_codes():
    outline = course(
        section(4),
        section(5, active=False, unlock_type=SEQUENTIAL),
        lesson(9, 4),
        lesson(10, 5, active=False, unlock_type=TIMED, unlock_after_days=1),
        active=False,
    )
    found = refused(outline, member(approved=False, blocked=True), START - TICK)
    assert codes(found) == [
        "before_enrolment",
        "not_approved",
        "blocked",
        "course_inactive",
        "section_inactive",
        "lesson_inactive",
        "lesson_locked",
        "section_locked",
    ]
    assert found[-2].opens_at == START + DAY
    assert found[-1].requires == (9,)


def test_standing_reasons_hold_for_a_completed_lesson_too_and_locks_do_not():
    outline = course(lesson(9), lesson(10, unlock_type=SEQUENTIAL))
    who = member(blocked=True)
    assert codes(refused(outline, who)) == ["blocked", "lesson_locked"]
    assert codes(refused(outline, who, done=[10])) == ["blocked"]


@pytest.mark.parametrize(
    ("lesson_known", "member_known", "expected"),
    [
        (False, False, ["unknown_lesson", "unknown_member"]),
        (False, True, ["unknown_lesson", "before_enrolment", "blocked"]),
        (True, False, ["unknown_member", "lesson_inactive"]),
    ],
)
def test_of_what_is_unknown_only_that_is_said(lesson_known, member_known, expected):
    outline = course(lesson(9), lesson(10, active=False, unlock_type=SEQUENTIAL))
    found = unknown_refusals(
        10,
        7,
        outline if lesson_known else None,
        member(blocked=True) if member_known else None,
        START - TICK,
    )
    assert codes(found) == expected
    assert all(refusal.lesson_id in (10, None) for refusal in found)
    assert all(refusal.member_id in (7, None) for refusal in found)


@given(parts(), done_sets(), moments(), st.booleans(), st.booleans(), st.integers(1, 2))
def test_reasons_come_once_each_in_the_order_of_the_codes(
    given_parts, done, at, approved, blocked, course_id
):
    outline = course(*given_parts)
    who = member(approved=approved, blocked=blocked, course_id=course_id)
    order = list(RefusalCode)
    for each in outline.lessons:
        places = [order.index(found.code) for found in refusals(outline, each, who, done, at)]
        assert places == sorted(set(places))


def test_what_was_watched_belongs_to_the_member_and_the_lesson_of_the_event():
    decision = decide(lesson(10, completion_type=VIDEO), watch(1, 2), {})
    assert seen(decision) == Watched(
        member_id=7, lesson_id=10, stretches=((1_000, 2_000),), durations=(10_000,), at=START
    )
