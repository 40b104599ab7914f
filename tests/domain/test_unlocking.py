"""Rule 5 and rule 6: what is locked, what opens it, and at which instant exactly."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.open_lessons import open_lessons
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.rules import refusals
from coursetrack.domain.unlocking import locks
from tests.domain.courses import (
    DAY,
    NONE,
    SEQUENTIAL,
    START,
    TICK,
    TIMED,
    completed,
    course,
    done_sets,
    lesson,
    member,
    moments,
    parts,
    section,
)


def lesson_locked(lesson_id, *requires, opens_at=None):
    return Refusal(
        code=RefusalCode.LESSON_LOCKED, lesson_id=lesson_id, requires=requires, opens_at=opens_at
    )


def section_locked(section_id, *requires, opens_at=None):
    return Refusal(
        code=RefusalCode.SECTION_LOCKED, section_id=section_id, requires=requires, opens_at=opens_at
    )


def locked(outline, lesson_id, done=(), at=START, who=None):
    return locks(outline, outline.lesson(lesson_id), who or member(), set(done), at)


def test_an_immediate_lesson_is_open_from_the_enrolment():
    assert locked(course(lesson(10), lesson(11)), 11) == ()


def test_a_sequential_lesson_opens_when_the_one_before_is_completed():
    outline = course(lesson(10), lesson(11, unlock_type=SEQUENTIAL))
    assert locked(outline, 11) == (lesson_locked(11, 10),)
    assert locked(outline, 11, done=[10]) == ()


def test_the_first_lesson_of_a_sequence_is_open():
    assert locked(course(lesson(10, unlock_type=SEQUENTIAL)), 10) == ()


def test_a_lesson_of_type_none_does_not_block_a_sequence():
    outline = course(
        lesson(10), lesson(11, completion_type=NONE), lesson(12, unlock_type=SEQUENTIAL)
    )
    assert locked(outline, 12) == (lesson_locked(12, 10),)
    assert locked(outline, 12, done=[10]) == ()


def test_an_inactive_lesson_does_not_block_a_sequence():
    before = course(lesson(10), lesson(11), lesson(12, unlock_type=SEQUENTIAL))
    assert locked(before, 12, done=[10]) == (lesson_locked(12, 11),)
    after = course(lesson(10), lesson(11, active=False), lesson(12, unlock_type=SEQUENTIAL))
    assert locked(after, 12, done=[10]) == ()


def test_a_timed_lesson_opens_to_the_microsecond_and_inclusive():
    outline = course(lesson(10, unlock_type=TIMED, unlock_after_days=3))
    opens = START + 3 * DAY
    assert locked(outline, 10, at=opens - TICK) == (lesson_locked(10, opens_at=opens),)
    assert locked(outline, 10, at=opens) == ()


def test_days_are_counted_from_the_members_own_enrolment():
    outline = course(lesson(10, unlock_type=TIMED, unlock_after_days=1))
    late = member(created_on=START + DAY)
    assert locked(outline, 10, at=START + DAY) == ()
    assert locked(outline, 10, at=START + DAY, who=late) == (
        lesson_locked(10, opens_at=START + 2 * DAY),
    )


def test_timed_with_no_days_is_open_from_the_enrolment():
    assert locked(course(lesson(10, unlock_type=TIMED)), 10, at=START) == ()


def test_a_wait_beyond_the_year_9999_never_ends_and_breaks_nothing():
    outline = course(lesson(10, unlock_type=TIMED, unlock_after_days=3_650_000))
    end_of_time = datetime.max.replace(tzinfo=UTC)
    assert locked(outline, 10, at=end_of_time) == (lesson_locked(10),)
    assert str(lesson_locked(10)) == "lesson 10 is locked for ever"


def test_a_sequential_section_opens_when_the_section_before_is_completed():
    outline = course(
        section(1), section(2, unlock_type=SEQUENTIAL), lesson(10, 1), lesson(11, 1), lesson(12, 2)
    )
    assert locked(outline, 12) == (section_locked(2, 10, 11),)
    assert locked(outline, 12, done=[11]) == (section_locked(2, 10),)
    assert locked(outline, 12, done=[10, 11]) == ()


def test_a_timed_section_keeps_all_its_lessons_closed():
    outline = course(section(1, unlock_type=TIMED, unlock_after_days=7), lesson(10, 1))
    opens = START + 7 * DAY
    assert locked(outline, 10, at=opens - TICK) == (section_locked(1, opens_at=opens),)
    assert locked(outline, 10, at=opens) == ()


def test_a_lesson_is_open_when_its_own_lock_and_its_sections_are():
    outline = course(
        section(1),
        section(2, unlock_type=SEQUENTIAL),
        lesson(10, 1),
        lesson(11, 1),
        lesson(12, 2, unlock_type=TIMED, unlock_after_days=1),
    )
    both = (lesson_locked(12, opens_at=START + DAY), section_locked(2, 10, 11))
    assert locked(outline, 12) == both
    assert locked(outline, 12, at=START + DAY) == both[1:]
    assert locked(outline, 12, done=[10, 11]) == both[:1]
    assert locked(outline, 12, done=[10, 11], at=START + DAY) == ()


def test_a_completed_lesson_is_never_locked():
    outline = course(
        section(1),
        section(2, unlock_type=TIMED, unlock_after_days=9),
        lesson(10, 1),
        lesson(11, 2, unlock_type=SEQUENTIAL),
    )
    assert len(locked(outline, 11)) == 2
    assert locked(outline, 11, done=[11]) == ()


def test_a_lesson_put_in_between_later_locks_nothing_that_is_completed():
    later = course(
        lesson(10),
        lesson(11, display_order=10),
        lesson(12, unlock_type=SEQUENTIAL),
        lesson(13, unlock_type=SEQUENTIAL),
    )
    assert locked(later, 12, done=[10, 12]) == ()
    assert locked(later, 13, done=[10, 12]) == ()


@given(parts(), done_sets(), moments())
def test_open_lessons_says_of_each_lesson_what_the_rules_say(given_parts, done, at):
    outline = course(*given_parts)
    found = open_lessons(outline, member(), done, at)
    for each in outline.lessons:
        reasons = refusals(outline, each, member(), done, at)
        assert found.refusals(each.id) == reasons
        assert (each.id in found) == (not reasons)
    closed = [each.lesson_id for each in found.closed]
    assert sorted((*found.open_lesson_ids, *closed), key=outline.place) == [
        each.id for each in outline.lessons
    ]


@given(parts(), done_sets(), moments())
def test_a_lock_opens_once_all_that_it_asks_for_is_there(given_parts, done, at):
    outline = course(*given_parts)
    for each in outline.lessons:
        for lock in locks(outline, each, member(), done, at):
            assert lock.is_lock
            assert done.isdisjoint(lock.requires)
            later = max(at, lock.opens_at or at)
            left = locks(outline, each, member(), done.union(lock.requires), later)
            never = not lock.requires and lock.opens_at is None
            assert (lock.code in {other.code for other in left}) is never


@given(parts(), done_sets(), done_sets(), moments(), moments())
def test_completing_more_and_waiting_longer_never_locks(given_parts, done, more, first, second):
    outline = course(*given_parts)
    at, later = min(first, second), max(first, second)
    for each in outline.lessons:
        before = {lock.code for lock in locks(outline, each, member(), done, at)}
        after = {lock.code for lock in locks(outline, each, member(), done | more, later)}
        assert after <= before


@given(st.sampled_from(RefusalCode))
def test_every_code_has_a_sentence(code):
    told = Refusal(code=code, course_id=1, section_id=2, lesson_id=3, member_id=4, opens_at=START)
    assert str(told)
    assert "None" not in str(told)


def test_sentences_say_what_opens_a_lock():
    assert str(lesson_locked(12, 10)) == "lesson 12 is locked until lesson 10 is completed"
    assert str(section_locked(2, 10, 11)) == (
        "section 2 is locked until lessons 10, 11 are completed"
    )
    assert str(section_locked(2, opens_at=START)) == (
        "section 2 is locked until 2025-01-01T00:00:00+00:00"
    )


def test_completions_by_lesson_id_serve_as_what_is_done():
    outline = course(lesson(10), lesson(11, unlock_type=SEQUENTIAL))
    assert locks(outline, outline.lesson(11), member(), completed(10), START) == ()
