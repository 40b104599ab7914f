"""Findings are true, and say what a course's author would want to know."""

import pytest
from hypothesis import given

from coursetrack.domain.criteria.combined import AllOf, AnyOf, AtLeast
from coursetrack.domain.criteria.triggers import Button, Untracked, Visited
from coursetrack.domain.criteria.video import VideoCoverage
from coursetrack.domain.lint import CENTURY, FindingCode, lint
from coursetrack.domain.open_lessons import open_lessons
from coursetrack.domain.watched import Watched
from tests.domain.courses import (
    BUTTON,
    NONE,
    SEQUENTIAL,
    START,
    TIMED,
    VIDEO,
    course,
    lesson,
    member,
    parts,
    section,
)


def found(*given_parts, **fields):
    """What lint says, as (code, sections, lessons, because sections, because lessons)."""
    return [
        (
            each.code.value,
            each.section_ids,
            each.lesson_ids,
            each.because_section_ids,
            each.because_lesson_ids,
        )
        for each in lint(course(*given_parts, **fields))
    ]


def test_a_course_in_order_has_no_findings():
    assert (
        found(
            section(1),
            section(2, unlock_type=SEQUENTIAL),
            section(3, unlock_type=TIMED, unlock_after_days=7),
            lesson(10, 1, unlock_type=SEQUENTIAL),
            lesson(11, 1, unlock_type=SEQUENTIAL),
            lesson(12, 2, unlock_type=TIMED, unlock_after_days=3),
            lesson(13, 3, completion_type=VIDEO, video_coverage=0.9),
            lesson(14, 3, completion_type=NONE),
        )
        == []
    )


def test_an_inactive_course():
    assert found(lesson(10), active=False) == [("course_inactive", (), (), (), ())]


def test_a_course_that_nobody_can_finish():
    code = "course_without_countable_lessons"
    assert found(lesson(10, completion_type=NONE)) == [(code, (), (), (), ())]
    assert found() == [(code, (), (), (), ())]


@pytest.mark.parametrize(
    "inside", [[], [lesson(11, 2, completion_type=NONE)], [lesson(11, 2, active=False)]]
)
def test_a_section_where_nothing_counts(inside):
    assert found(lesson(10), section(2), *inside) == [
        ("section_without_countable_lessons", (2,), (), (), ())
    ]


def test_lessons_that_no_event_completes_because_of_their_section():
    assert found(
        lesson(9),
        section(2, active=False),
        lesson(10, 2),
        lesson(11, 2, active=False),
        lesson(12, 2, completion_type=NONE),
        lesson(13, 2, completion_type=BUTTON),
    ) == [("lessons_in_inactive_section", (), (10, 13), (2,), ())]


def test_a_wait_of_more_than_a_century_and_all_that_waits_for_it():
    long = CENTURY.days + 1
    assert found(
        section(1),
        section(2, unlock_type=SEQUENTIAL),
        lesson(10, 1),
        lesson(11, 1, unlock_type=TIMED, unlock_after_days=long),
        lesson(12, 1),
        lesson(13, 1, unlock_type=SEQUENTIAL),
        lesson(14, 2),
        lesson(15, 2, unlock_type=SEQUENTIAL),
    ) == [("never_opens", (), (11,), (), ()), ("behind_never_opening", (), (14, 15), (), (11,))]
    assert found(lesson(11, unlock_type=TIMED, unlock_after_days=long - 1)) == []


def test_a_section_that_waits_more_than_a_century():
    long = CENTURY.days + 1
    assert found(
        section(1, unlock_type=TIMED, unlock_after_days=long),
        lesson(10, 1),
        section(2),
        lesson(11, 2, unlock_type=SEQUENTIAL),
    ) == [("never_opens", (1,), (), (), ()), ("behind_never_opening", (), (11,), (), (10,))]


def test_a_threshold_on_what_is_no_video():
    assert found(lesson(10, completion_type=BUTTON, video_coverage=0.9)) == [
        ("threshold_without_video", (), (10,), (), ())
    ]


def test_days_without_timed_and_timed_without_days():
    assert found(
        section(1, unlock_after_days=3),
        section(2, unlock_type=TIMED),
        lesson(10, 1, unlock_type=TIMED),
        lesson(11, 2, unlock_after_days=3),
    ) == [
        ("days_without_timed", (1,), (), (), ()),
        ("days_without_timed", (), (11,), (), ()),
        ("timed_without_days", (2,), (), (), ()),
        ("timed_without_days", (), (10,), (), ()),
    ]


def test_days_that_are_over_before_the_section_opens():
    assert found(
        section(1, unlock_type=TIMED, unlock_after_days=7),
        lesson(10, 1, unlock_type=TIMED, unlock_after_days=6),
        lesson(11, 1, unlock_type=TIMED, unlock_after_days=7),
    ) == [("timed_within_section_wait", (), (10,), (1,), ())]


def test_a_sequence_of_lessons_with_nothing_before_it_that_counts():
    assert found(
        lesson(10, completion_type=NONE),
        lesson(11, active=False),
        lesson(12, unlock_type=SEQUENTIAL),
    ) == [("sequence_without_start", (), (12,), (), (10, 11))]


def test_a_sequence_of_lessons_that_looks_past_its_neighbour():
    assert found(
        lesson(10), lesson(11, completion_type=NONE), lesson(12, unlock_type=SEQUENTIAL)
    ) == [("sequence_skips", (), (12,), (), (11,))]


def test_a_sequence_of_sections_with_nothing_before_it_that_counts():
    assert found(lesson(10), section(1, unlock_type=SEQUENTIAL), lesson(11, 1)) == [
        ("sequence_without_start", (1,), (), (), (10,))
    ]
    assert found(section(1, active=False), section(2, unlock_type=SEQUENTIAL), lesson(11, 2)) == [
        ("sequence_without_start", (2,), (), (1,), ())
    ]


def test_a_sequence_of_sections_that_looks_past_its_neighbour():
    assert found(
        section(1),
        section(2, active=False),
        section(3, unlock_type=SEQUENTIAL),
        lesson(10, 1),
        lesson(11, 3),
    ) == [("sequence_skips", (3,), (), (2,), ())]


def test_findings_are_listed_by_code_whether_sections_or_lessons_have_them():
    codes = [
        finding[0]
        for finding in found(
            section(1),
            section(2, active=False),
            section(3, unlock_type=SEQUENTIAL),
            lesson(8, completion_type=NONE),
            lesson(9, 1, unlock_type=SEQUENTIAL),
            lesson(11, 3),
        )
    ]
    assert codes == ["sequence_without_start", "sequence_skips"]


def test_a_sequence_among_equals_goes_by_id():
    assert found(
        section(1, display_order=0),
        section(2, display_order=0, unlock_type=SEQUENTIAL),
        lesson(10, 1, display_order=0),
        lesson(11, 1, display_order=0, unlock_type=SEQUENTIAL),
        lesson(12, 2, display_order=0),
        lesson(13, 2, display_order=0),
    ) == [("tied_sequence", (1, 2), (), (), ()), ("tied_sequence", (), (10, 11), (), ())]


def test_a_finding_reads_as_a_sentence():
    (told,) = lint(course(lesson(9), section(2, active=False), lesson(10, 2)))
    assert str(told) == "lesson 10: active, but no event completes what is in here (section 2)"
    assert str(lint(course())[0]) == "course 1: no lesson counts, so nobody can finish it"


@given(parts())
def test_findings_come_by_code_and_concern_what_is_there(given_parts):
    outline = course(*given_parts)
    findings = lint(outline)
    order = list(FindingCode)
    places = [order.index(each.code) for each in findings]
    assert places == sorted(places)
    assert len(set(findings)) == len(findings)
    for each in findings:
        assert {*each.lesson_ids, *each.because_lesson_ids} <= set(outline.positions)
        assert {*each.section_ids, *each.because_section_ids} <= set(outline.section_by_id)
        assert str(each)


@given(parts())
def test_in_a_century_all_is_completed_but_what_lint_says_never_opens(given_parts):
    """Nothing else can block a course: no inactive, untracked, tied or first lesson."""
    outline = course(*given_parts)
    done: set[int] = set()
    for _ in outline.lessons:
        found_open = open_lessons(outline, member(), done, START + CENTURY).open_lesson_ids
        done.update(set(found_open).intersection(outline.countable_ids))
    never: set[int] = set()
    for finding in lint(outline):
        if finding.code in (FindingCode.NEVER_OPENS, FindingCode.BEHIND_NEVER_OPENING):
            never.update(finding.lesson_ids)
            never.update(
                each.id for each in outline.lessons if each.section_id in finding.section_ids
            )
    assert done == set(outline.countable_ids) - never


# -- criteria


def test_a_criterion_that_no_event_can_meet_is_found_and_one_that_somebody_chose_is_not():
    outline = course(
        lesson(10, criterion=AllOf(Visited(), Untracked())),
        lesson(11, criterion=AtLeast(2, Visited(), Untracked(), AllOf(Untracked()))),
        lesson(12, completion_type=NONE),
        lesson(13, criterion=Untracked()),
        lesson(14),
    )
    never = [each.lesson_ids for each in lint(outline) if each.code == "criterion_never_met"]
    assert never == [(10,), (11,)]
    assert outline.countable_ids == (14,)


def test_a_part_that_has_no_effect_is_found():
    outline = course(
        lesson(10, criterion=AnyOf(Visited(), AllOf(Button(), Untracked()))),
        lesson(11, criterion=AnyOf(Visited(), Button())),
    )
    (told,) = lint(outline)
    assert (told.code.value, told.lesson_ids) == ("criterion_part_never_met", (10,))
    assert outline.countable_ids == (10, 11)


@pytest.mark.parametrize(
    ("durations", "known", "doubtful"),
    [
        ([600_000, 600_000], None, False),
        ([600_000, 594_000], None, False),
        ([600_000, 593_999], None, True),
        ([1_000, 600_000], None, True),
        ([1_000, 600_000], 600, False),
        ([], None, False),
    ],
)
def test_a_threshold_of_a_video_whose_length_players_do_not_agree_on(durations, known, doubtful):
    outline = course(lesson(10, criterion=AllOf(VideoCoverage(0.9)), video_duration=known))
    evidence = [
        (10, {Watched: Watched(member_id=id_, lesson_id=10, durations=(each,))})
        for id_, each in enumerate(durations, 1)
    ]
    found = [each.code.value for each in lint(outline, evidence=evidence)]
    assert found == ["duration_unknown"] * doubtful


def test_completions_that_join_two_courses_are_told_lesson_by_lesson():
    outline = course(lesson(10), lesson(11))
    foreign = [(11, 8), (10, 9), (11, 7), (10, 7)]
    told = [
        (each.lesson_ids, each.member_ids)
        for each in lint(outline, [], foreign, [])
        if each.code is FindingCode.FOREIGN_COMPLETIONS
    ]
    assert told == [((10,), (7, 9)), ((11,), (7, 8))]
