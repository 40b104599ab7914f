"""The compiled view of a course, held against the rules read word by word."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import Lesson, Section, UnlockType
from coursetrack.domain.outline import Lock, Outline
from tests.domain.courses import NONE, SEQUENTIAL, TIMED, course, lesson, parts, section


def ids(outline: Outline) -> list[int]:
    return [each.id for each in outline.lessons]


# -- reading order


def test_unsectioned_lessons_come_first_then_sections_by_display_order():
    found = course(
        section(1, display_order=2),
        section(2, display_order=1),
        lesson(10, 1),
        lesson(11, 2),
        lesson(12),
        lesson(13, 2, display_order=-1),
    )
    assert ids(found) == [12, 13, 11, 10]


def test_ties_are_read_by_id():
    found = course(
        section(9, display_order=0),
        section(8, display_order=0),
        *(lesson(id_, section_id, display_order=0) for id_, section_id in ((3, 9), (2, 9), (4, 8))),
    )
    assert ids(found) == [4, 2, 3]


@given(parts(), st.randoms(use_true_random=False))
def test_the_order_in_which_parts_are_handed_over_does_not_matter(given_parts, random):
    shuffled = list(given_parts)
    random.shuffle(shuffled)
    one, other = course(*given_parts), course(*shuffled)
    assert one == other
    assert one.countable_ids == other.countable_ids
    assert one.lesson_locks == other.lesson_locks
    assert one.section_locks == other.section_locks


@given(parts())
def test_every_lesson_has_one_place(given_parts):
    found = course(*given_parts)
    assert sorted(ids(found)) == sorted(each.id for each in given_parts if type(each) is Lesson)
    assert [found.place(each.id) for each in found.lessons] == list(range(len(found.lessons)))
    assert all(found.lesson(each.id) is each for each in found.lessons)


# -- which lessons count


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"completion_type": NONE}, False),
        ({"required": False}, False),
        ({"section_id": 5}, True),
        ({"section_id": 6}, False),
    ],
)
def test_a_lesson_counts_when_it_is_active_in_an_active_section_and_tracked(changed, counts):
    found = course(section(5), section(6, active=False), lesson(10, **changed))
    assert found.is_countable(found.lesson(10)) is counts
    assert found.countable_ids == ((10,) if counts else ())


# -- what opens a lesson, what opens a section


def test_a_sequential_lesson_requires_the_one_before_it_across_sections():
    found = course(
        section(1), section(2), lesson(10), lesson(11, 1), lesson(12, 2, unlock_type=SEQUENTIAL)
    )
    assert found.lesson_locks[12] == Lock(unlock_type=SEQUENTIAL, requires=(11,))


def test_the_first_lesson_of_a_sequence_requires_nothing():
    found = course(lesson(10, unlock_type=SEQUENTIAL), lesson(11, unlock_type=SEQUENTIAL))
    assert found.lesson_locks[10].requires == ()
    assert found.lesson_locks[11].requires == (10,)


@pytest.mark.parametrize(
    "skipped",
    [{"active": False}, {"completion_type": NONE}, {"required": False}, {"section_id": 6}],
)
def test_a_sequence_looks_past_what_does_not_count(skipped):
    before = course(lesson(10), lesson(11), lesson(12, 7, unlock_type=SEQUENTIAL), section(7))
    assert before.lesson_locks[12].requires == (11,)
    after = course(
        section(6, active=False),
        section(7),
        lesson(10),
        lesson(11, **skipped),
        lesson(12, 7, unlock_type=SEQUENTIAL),
    )
    assert after.lesson_locks[12].requires == (10,)


def test_a_sequential_section_requires_every_countable_lesson_of_the_one_before():
    found = course(
        section(1),
        section(2, unlock_type=SEQUENTIAL),
        lesson(9),
        lesson(10, 1),
        lesson(11, 1, completion_type=NONE),
        lesson(12, 1, active=False),
        lesson(14, 1, required=False),
        lesson(13, 1),
        lesson(14, 2),
    )
    assert found.section_locks[2] == Lock(unlock_type=SEQUENTIAL, requires=(10, 13))


@pytest.mark.parametrize(
    "between",
    [
        [section(2, active=False), lesson(11, 2)],
        [section(2), lesson(11, 2, completion_type=NONE)],
        [section(2)],
    ],
)
def test_a_sequential_section_looks_past_sections_where_nothing_counts(between):
    found = course(section(1), lesson(10, 1), *between, section(3, unlock_type=SEQUENTIAL))
    assert found.section_locks[3].requires == (10,)


def test_unsectioned_lessons_are_no_section():
    found = course(lesson(10), section(1, unlock_type=SEQUENTIAL), lesson(11, 1))
    assert found.section_locks[1].requires == ()


def test_a_timed_lock_waits_for_whole_days_of_24_hours():
    found = course(
        section(1, unlock_type=TIMED, unlock_after_days=7),
        lesson(10, 1, unlock_type=TIMED, unlock_after_days=3),
    )
    assert found.lesson_locks[10].wait == timedelta(hours=72)
    assert found.section_locks[1].wait == timedelta(hours=168)


def test_days_without_timed_are_no_wait():
    found = course(lesson(10, unlock_after_days=3))
    assert found.lesson_locks[10] == Lock()


# -- the rules, read word by word


def naive_lesson_requires(found: Outline, one: Lesson) -> tuple[int, ...]:
    if one.unlock_type is not SEQUENTIAL:
        return ()
    before = found.lessons[: found.lessons.index(one)]
    return tuple(each.id for each in before if found.is_countable(each))[-1:]


def naive_section_requires(found: Outline, one: Section) -> tuple[int, ...]:
    if one.unlock_type is not SEQUENTIAL:
        return ()
    for earlier in reversed(found.sections[: found.sections.index(one)]):
        inside = [each for each in found.lessons if each.section_id == earlier.id]
        counting = tuple(each.id for each in inside if found.is_countable(each))
        if counting:
            return counting
    return ()


@given(parts())
def test_locks_are_what_the_rules_say(given_parts):
    found = course(*given_parts)
    for one in found.lessons:
        assert found.lesson_lock(one).requires == naive_lesson_requires(found, one)
        assert found.lesson_lock(one).unlock_type is one.unlock_type
    for each in found.sections:
        assert found.section_locks[each.id].requires == naive_section_requires(found, each)
        assert (found.section_locks[each.id].wait is None) == (
            each.unlock_type is not UnlockType.TIMED
        )


@given(parts())
def test_locks_ask_only_for_countable_lessons_that_come_earlier(given_parts):
    """So there is no cycle, and nothing waits for what no event can complete."""
    found = course(*given_parts)
    for one in found.lessons:
        required = (*found.lesson_lock(one).requires, *found.section_lock(one).requires)
        assert all(found.place(each) < found.place(one.id) for each in required)
        assert set(required) <= set(found.countable_ids)
