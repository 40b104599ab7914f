"""Every "why?" is answered with data that agrees with the rules, and reads well."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.explanation import Action, Explanation, explanation
from coursetrack.domain.rules import refusals
from coursetrack.domain.unlocking import locks
from coursetrack.domain.watched import Watched
from tests.domain.courses import (
    BUTTON,
    DAY,
    NONE,
    SEQUENTIAL,
    START,
    TIMED,
    VIDEO,
    completed,
    course,
    done_sets,
    lesson,
    member,
    moments,
    parts,
    section,
)


def explained(outline, lesson_id, *done, at=START, who=None, watched=None) -> Explanation:
    one = outline.lesson(lesson_id)
    evidence = {} if watched is None else {lesson_id: {Watched: watched}}
    return explanation(outline, one, who or member(), completed(*done), evidence, at)


def steps(found):
    return [step.lesson.id for step in found.steps]


def test_a_completed_lesson_says_by_which_record_and_when():
    found = explained(course(lesson(10)), 10, 10)
    assert found.completed == completed(10)[10]
    assert (found.steps, found.next_step, found.locks, found.refusals) == ((), None, (), ())
    assert str(found) == (
        "lesson 10 'Lesson 10', member 7, at 2025-01-01T00:00:00+00:00: "
        "completed at 2025-01-01T00:00:00+00:00 (record 1)"
    )


def test_an_open_lesson_says_what_completes_it():
    found = explained(course(lesson(10, completion_type=BUTTON)), 10)
    assert found.completed is None
    assert found.next_step.lesson.id == 10
    assert found.next_step.action is Action.BUTTON_CLICK
    assert str(found).splitlines()[0].endswith("not completed; needs a click on its button")


def test_what_completes_a_lesson_of_each_type():
    outline = course(
        lesson(10, completion_type=NONE),
        lesson(11),
        lesson(12, completion_type=BUTTON),
        lesson(13, completion_type=VIDEO),
        lesson(14, completion_type=VIDEO, video_coverage=0.5),
        lesson(15, video_coverage=0.5),
    )
    assert [explained(outline, id_).action.value for id_ in range(10, 16)] == [
        "by_hand",
        "page_visit",
        "button_click",
        "video_finish",
        "video_progress",
        "page_visit",
    ]


def test_a_locked_lesson_shows_the_way_to_it_and_the_next_step():
    outline = course(lesson(10), *(lesson(id_, unlock_type=SEQUENTIAL) for id_ in (11, 12, 13)))
    found = explained(outline, 13, 10)
    assert steps(found) == [11, 12, 13]
    assert [step.lesson_requires for step in found.steps] == [(), (11,), (12,)]
    assert [step.waits for step in found.steps] == [False, True, True]
    assert found.next_step.lesson.id == 11
    (lock,) = found.locks
    assert (lock.is_open, lock.requires, lock.completed) == (False, (12,), ())
    assert str(lock) == "its own lock, SEQUENTIAL, is closed: missing 12"


def test_a_lock_says_what_satisfied_it_and_when_and_what_is_still_missing():
    outline = course(
        section(1), section(2, unlock_type=SEQUENTIAL), lesson(10, 1), lesson(11, 1), lesson(12, 2)
    )
    (lock,) = explained(outline, 12, 10).locks
    assert (lock.section_id, lock.is_open, lock.requires) == (2, False, (11,))
    assert lock.completed == (completed(10)[10],)
    assert str(lock) == (
        "section 2's lock, SEQUENTIAL, is closed: "
        "completed 10 at 2025-01-01T00:00:00+00:00; missing 11"
    )
    (lock,) = explained(outline, 12, 10, 11).locks
    assert lock.is_open
    assert [each.lesson_id for each in lock.completed] == [10, 11]


def test_a_timed_lock_says_from_when_before_and_after():
    outline = course(lesson(10, unlock_type=TIMED, unlock_after_days=3))
    opens = START + 3 * DAY
    before = explained(outline, 10)
    assert before.locks[0].opens_at == before.next_step.opens_at == opens
    assert str(before.locks[0]).endswith("TIMED, is closed until 2025-01-04T00:00:00+00:00")
    assert not before.is_open
    after = explained(outline, 10, at=opens)
    assert after.is_open
    assert str(after.locks[0]).endswith("TIMED, is open since 2025-01-04T00:00:00+00:00")


def test_the_next_step_is_the_one_that_can_be_taken_first():
    outline = course(
        section(1),
        section(2, unlock_type=SEQUENTIAL),
        lesson(10, 1, unlock_type=TIMED, unlock_after_days=5),
        lesson(11, 1, unlock_type=TIMED, unlock_after_days=2),
        lesson(12, 2),
    )
    found = explained(outline, 12)
    assert [step.section_requires for step in found.steps] == [(), (), (10, 11)]
    assert found.next_step.lesson.id == 11
    assert explained(outline, 12, at=START + 5 * DAY).next_step.lesson.id == 10


def test_where_time_never_opens_the_way_there_is_no_next_step():
    outline = course(
        lesson(10),
        lesson(11, unlock_type=TIMED, unlock_after_days=3_650_000),
        lesson(12, unlock_type=SEQUENTIAL),
    )
    found = explained(outline, 12)
    assert steps(found) == [11, 12]
    assert found.next_step is None
    assert str(explained(outline, 11).locks[0]).endswith("is closed for ever")


def test_standing_refusals_are_told_apart_from_locks():
    outline = course(lesson(10), lesson(11, unlock_type=SEQUENTIAL))
    found = explained(outline, 11, who=member(blocked=True))
    assert [each.code.value for each in found.refusals] == ["blocked", "lesson_locked"]
    assert [each.code.value for each in found.standing] == ["blocked"]
    assert "refused: member 7 is blocked" in str(found)


def test_a_lesson_of_another_course_has_no_locks_and_no_steps_for_the_member():
    outline = course(lesson(10), lesson(11, unlock_type=SEQUENTIAL))
    found = explained(outline, 11, who=member(course_id=2))
    assert [each.code.value for each in found.refusals] == ["other_course"]
    assert (found.locks, found.steps, found.next_step) == ((), (), None)


def test_a_video_says_what_is_watched_what_remains_and_how_little_would_do():
    outline = course(lesson(10, completion_type=VIDEO, video_coverage=0.9))
    evidence = Watched(
        member_id=7,
        lesson_id=10,
        stretches=((0, 5_000), (6_000, 8_500)),
        durations=(10_000,),
        at=START,
    )
    found = explained(outline, 10, watched=evidence).video
    assert found.coverage == Fraction(3, 4)
    assert found.threshold == Fraction(9, 10)
    assert found.remaining == ((5_000, 6_000), (8_500, 10_000))
    assert found.missing == 1_500
    assert str(found) == (
        "watched 75 %, 90 % is asked for, 1.5 s more would do; not seen 5-6 s, 8.5-10 s"
    )


def test_a_share_below_the_threshold_never_reads_like_the_threshold():
    outline = course(lesson(10, completion_type=VIDEO, video_coverage=0.9))
    evidence = Watched(
        member_id=7,
        lesson_id=10,
        stretches=((0, 8_999_999),),
        durations=(10_000_000,),
        at=START,
    )
    assert str(explained(outline, 10, watched=evidence).video).startswith("watched 89.99 %, 90 %")


def test_a_video_nobody_has_watched_and_a_lesson_that_is_none():
    outline = course(lesson(10, completion_type=VIDEO), lesson(11))
    video = explained(outline, 10).video
    assert (video.coverage, video.duration, video.missing) == (0, None, None)
    assert str(video) == "watched 0 %"
    assert explained(outline, 11).video is None


def test_a_locked_lesson_reads_from_the_answer_to_the_next_step():
    outline = course(
        section(1),
        section(2, unlock_type=SEQUENTIAL),
        *(lesson(id_, 1) for id_ in (10, 11, 12)),
        lesson(13, 2, unlock_type=TIMED, unlock_after_days=3),
    )
    assert str(explained(outline, 13)).splitlines() == [
        "lesson 13 'Lesson 13', member 7, at 2025-01-01T00:00:00+00:00: "
        "not completed; needs a visit to its page",
        "  its own lock, TIMED, is closed until 2025-01-04T00:00:00+00:00",
        "  section 2's lock, SEQUENTIAL, is closed: missing 10, 11, 12",
        "  next: lesson 10 'Lesson 10' by a visit to its page, open from 2025-01-01T00:00:00+00:00",
        "  lessons to complete, this one included: 4",
    ]


def test_an_open_lesson_and_one_that_never_opens_read_in_few_lines():
    outline = course(lesson(10), lesson(11, unlock_type=TIMED, unlock_after_days=3_650_000))
    assert str(explained(outline, 10)).splitlines()[1:] == [
        "  next: lesson 10 'Lesson 10' by a visit to its page, open from 2025-01-01T00:00:00+00:00",
    ]
    never = explained(outline, 11)
    assert str(never).splitlines()[1:] == ["  its own lock, TIMED, is closed for ever"]
    assert str(never.steps[0]) == "lesson 11 'Lesson 11' by a visit to its page, never open"


def test_the_text_stays_short_however_long_the_course_is():
    outline = course(
        section(1),
        section(2, unlock_type=SEQUENTIAL),
        *(lesson(id_, 1, unlock_type=SEQUENTIAL) for id_ in range(1, 2_000)),
        lesson(2_000, 2, title="T" * 10_000),
    )
    found = explained(outline, 2_000)
    assert len(found.steps) == 2_000
    assert len(str(found)) < 1_000
    assert "missing 1, 2, 3 and 1996 more" in str(found)


@given(parts(), done_sets(), moments())
def test_an_explanation_agrees_with_the_rules(given_parts, done, at):
    outline = course(*given_parts)
    for each in outline.lessons:
        found = explained(outline, each.id, *sorted(done), at=at)
        assert found.refusals == refusals(outline, each, member(), done, at)
        assert found.is_open == (found.refusals == ())
        for step in found.steps:
            closed = locks(outline, step.lesson, member(), done, at)
            needed = {*step.lesson_requires, *step.section_requires}
            assert needed == {each for lock in closed for each in lock.requires}
            assert needed <= {earlier.lesson.id for earlier in found.steps}
        assert (found.completed is None) == (each.id not in done)
        if found.completed is None:
            closed = [lock for lock in found.refusals if lock.is_lock]
            told = [lock for lock in found.locks if not lock.is_open]
            assert [lock.requires for lock in closed] == [lock.requires for lock in told]
            assert [lock.opens_at for lock in closed] == [lock.opens_at for lock in told]


@given(parts(), done_sets(), moments(), st.data())
def test_taking_the_next_step_again_and_again_completes_the_lesson(given_parts, done, at, data):
    outline = course(*given_parts)
    if not outline.countable_ids:
        return
    goal = data.draw(st.sampled_from(outline.countable_ids))
    found = explained(outline, goal, *sorted(done), at=at)
    if found.next_step is None:
        assert goal in done or any(step.opens_at is None for step in found.steps)
        return
    # A step taken also reaches forward in time when it has to wait; each is needed, none is extra.
    expected, taken = set(steps(found)), []
    while found.next_step is not None:
        step = found.next_step
        at = max(at, step.opens_at)
        assert refusals(outline, step.lesson, member(), {*done, *taken}, at) == ()
        taken.append(step.lesson.id)
        found = explained(outline, goal, *sorted({*done, *taken}), at=at)
    assert taken[-1] == goal
    assert set(taken) == expected
    assert len(taken) == len(expected)
