"""Progress is a recount of the records under the outline as it is now."""

from fractions import Fraction

from hypothesis import given

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.progress import progress
from tests.domain.courses import (
    DAY,
    NONE,
    START,
    completed,
    course,
    done_sets,
    lesson,
    parts,
    section,
)


def of(outline, done):
    return progress(outline, 7, completed(*sorted(done)).values())


def test_finished_on_is_the_last_instant_among_the_lessons_that_count():
    outline = course(lesson(10), lesson(11), lesson(12, required=False), lesson(13, active=False))
    records = {
        **completed(10, at=START + 2 * DAY),
        **completed(11, at=START + DAY),
        **completed(12, 13, 99, at=START + 9 * DAY),
    }
    assert progress(outline, 7, records.values()).finished_on == START + 2 * DAY
    del records[11]
    assert progress(outline, 7, records.values()).finished_on is None
    assert progress(course(), 7, records.values()).finished_on is None


def test_a_lesson_that_is_not_required_counts_on_neither_side():
    outline = course(lesson(10), lesson(11, required=False))
    assert (of(outline, [11]).completed, of(outline, [11]).countable) == (0, 1)
    assert of(outline, [10]).finished
    assert of(course(lesson(11, required=False)), [11]).completeness == 0


def test_every_completion_counts_for_the_last_one_those_without_a_lesson_too():
    records = [
        CompletedLesson(id=id_, lesson_id=0, member_id=7, created_on=START + days * DAY)
        for id_, days in ((1, 2), (2, 3), (3, 1))
    ]
    assert progress(course(lesson(10)), 7, records).last_completed == records[1]


def test_progress_counts_completed_lessons_of_those_that_count():
    found = of(course(lesson(10), lesson(11), lesson(12)), [11])
    assert (found.completed, found.countable) == (1, 3)
    assert found.completeness == Fraction(1, 3)
    assert found.completed_lesson_ids == (11,)
    assert found.countable_lesson_ids == (10, 11, 12)
    assert not found.finished


def test_finished_when_all_that_counts_is_completed():
    assert of(course(lesson(10), lesson(11, completion_type=NONE)), [10]).finished


def test_nothing_that_counts_is_zero_and_not_finished():
    found = of(course(lesson(10, completion_type=NONE)), [10])
    assert (found.completed, found.countable, found.completeness) == (0, 0, 0)
    assert not found.finished


def test_a_lesson_added_later_makes_finished_false_again():
    assert of(course(lesson(10)), [10]).finished
    after = of(course(lesson(10), lesson(11)), [10])
    assert not after.finished
    assert after.completeness == Fraction(1, 2)


def test_a_completed_lesson_made_inactive_leaves_both_sides_of_the_fraction():
    assert of(course(lesson(10), lesson(11)), [10]).completeness == Fraction(1, 2)
    after = of(course(lesson(10, active=False), lesson(11)), [10])
    assert (after.completed, after.countable, after.completeness) == (0, 1, 0)


def test_lessons_of_an_inactive_section_and_of_another_course_do_not_count():
    outline = course(section(5, active=False), lesson(10, 5), lesson(11))
    found = of(outline, [10, 99, 11])
    assert (found.completed, found.countable) == (1, 1)


@given(parts(), done_sets())
def test_progress_is_a_recount_and_never_over_one(given_parts, done):
    outline = course(*given_parts)
    found = of(outline, done)
    counting = [each.id for each in outline.lessons if outline.is_countable(each)]
    assert list(found.countable_lesson_ids) == counting
    assert list(found.completed_lesson_ids) == [each for each in counting if each in done]
    assert 0 <= found.completeness <= 1
    assert found.completeness * found.countable == found.completed
    assert found.finished == (counting != [] and done.issuperset(counting))
    assert (found.finished_on is not None) == found.finished
