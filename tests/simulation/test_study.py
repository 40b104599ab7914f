"""Studies: what they answer, that the tracker is left alone, and what not reacting gets wrong."""

from datetime import timedelta
from fractions import Fraction

import attrs
import pytest

from coursetrack import (
    DifferenceReason,
    InvalidValue,
    Lesson,
    MissingEntity,
    Tracker,
    UnlockType,
    VideoCoverage,
)
from coursetrack.simulation import (
    DEFAULT_HABITS,
    Announcement,
    Estimate,
    Study,
    backtest,
    by_member,
    calibrate,
    in_order,
)
from coursetrack.simulation.estimates import corrected, estimate
from tests.simulation.worlds import DAY, START, academy, tracker_of

ACADEMY = academy(60)
EAGER = attrs.evolve(
    DEFAULT_HABITS,
    cohorts=tuple(attrs.evolve(each, starts=1.0, stop=(0.03,)) for each in DEFAULT_HABITS.cohorts),
)


def study(**named: object) -> Study:
    """A study of the small academy."""
    return Study(tracker_of(ACADEMY), **{"habits": EAGER, "opens": START, "seed": 1, **named})  # type: ignore[arg-type]


def sequential(tracker: Tracker) -> list[object]:
    """All lessons of course 1, one locked by the other."""
    return [
        attrs.evolve(each, unlock_type=UnlockType.SEQUENTIAL)
        for each in tracker.lessons(course_id=1)
    ]


def test_a_study_leaves_the_tracker_alone_and_answers_the_same_twice() -> None:
    tracker = tracker_of(ACADEMY)
    asked = Study(tracker, habits=EAGER, opens=START, seed=1)
    lived = asked.run(until=START + 20 * DAY)
    lived.check()
    assert len(tracker.completed_lessons) == 0 < len(lived.completed_lessons)
    tracker.remove(tracker.lesson(12))
    assert asked.run(until=START + 20 * DAY) == lived
    assert all(record.created_on < START + 20 * DAY for record in lived.completed_lessons)
    instants = [record.created_on for record in lived.completed_lessons]
    assert instants == sorted(instants)


def test_a_run_is_the_closed_stream() -> None:
    lived = tracker_of(ACADEMY)
    lived.record_many(in_order(ACADEMY, habits=EAGER, opens=START, seed=1))
    assert lived == study().run()


def test_the_future_is_forecast_and_shrinks_to_the_truth() -> None:
    whole = study().run()
    dates = [START + days * DAY for days in (10, 30, 90)]
    forecasts = study().finished_by_each(dates, share=Fraction(3, 4), replications=5)
    assert [each.value for each in forecasts] == sorted(each.value for each in forecasts)
    assert all(0 <= each.low <= each.value <= each.high <= 60 for each in forecasts)
    assert forecasts[0].is_thin
    assert "chance alone" in str(forecasts[0])
    events = list(in_order(ACADEMY, habits=EAGER, opens=START, seed=1))
    told = study(seed=2).given(events, at=events[-1].at + 900 * DAY)
    late = told.finished_by(events[-1].at + 999 * DAY, share=0.75, replications=2)
    done = sum(p.completeness >= 0.75 for p in whole.course_progress(course_id=1))
    assert late.value == done


def test_what_is_known_is_not_done_again_and_silence_holds() -> None:
    at = START + 6 * DAY
    events = [e for e in in_order(ACADEMY, habits=EAGER, opens=START, seed=1) if e.at <= at]
    told = study(seed=7).given(events, at=at)
    lived, before = told.run(), tracker_of(ACADEMY)
    before.record_many(events)
    known = _pairs(before)
    for record in lived.completed_lessons:
        pair = record.lesson_id, record.member_id
        assert record.created_on <= at if pair in known else record.created_on > at
    with pytest.raises(InvalidValue, match="no event after"):
        study().given(events, at=START)


def test_a_comparison_without_a_change_tells_of_none() -> None:
    found = study().compare(replications=2)
    assert (found.completions.value, found.completions.low, found.completions.high) == (0, 0, 0)
    assert {each.estimate.value for each in found.lessons} == {0}
    assert (found.refused, found.sensitivity) == (0, ())


def test_a_gain_of_a_threshold_is_that_of_living_again() -> None:
    films = [
        attrs.evolve(each, completion_type=None, video_coverage=None, criterion=VideoCoverage(0.8))
        if isinstance(each, Lesson)
        else each
        for each in ACADEMY
    ]
    before, changed = tracker_of(films), tracker_of(films)
    lower = [
        attrs.evolve(each, criterion=VideoCoverage(0.4)) for each in before.lessons(course_id=1)
    ]
    for each in lower:
        changed.replace(each)
    lived, again = (
        Study(each, habits=EAGER, opens=START, seed=1).run() for each in (before, changed)
    )
    # Nothing is locked, so everybody does the same, and what was watched is enough for more.
    gained = {
        (difference.lesson_id, member.member_id)
        for member in lived.what_if(replace=lower).members
        for difference in member.differences
        if difference.reason is DifferenceReason.ENOUGH
    }
    assert gained
    assert gained == _pairs(again) - _pairs(lived)
    settled = lived.fork()
    for each in lower:
        settled.replace(each)
    settled.settle(course_id=1, at=START + 900 * DAY)
    assert _pairs(settled) == _pairs(again)


def _pairs(tracker: Tracker) -> set[tuple[int, int]]:
    return {(record.lesson_id, record.member_id) for record in tracker.completed_lessons}


def test_replaying_without_reacting_gives_the_wrong_answer() -> None:
    tracker = tracker_of(ACADEMY)
    locked = sequential(tracker)
    plain = tracker.fork()
    events = list(in_order(ACADEMY, habits=EAGER, opens=START, seed=1))
    plain.record_many(events)
    naive = tracker.fork()
    for each in locked:
        naive.replace(each)  # type: ignore[arg-type]
    naive.record_many(events)
    before, replayed = len(plain.completed_lessons), len(naive.completed_lessons)
    found = Study(tracker, habits=EAGER, opens=START, seed=1).compare(
        replace=locked, replications=1
    )  # type: ignore[arg-type]
    assert found.completions_before == before
    lived = found.completions.value / before
    assert replayed / before - 1 < -0.05
    assert lived > 0
    assert found.refused > 0
    shares = dict(found.sensitivity)
    assert shares[0.5] < found.completions.value <= shares[1.0]
    assert "patience 0.9 is an assumption" in str(found)


def test_load_counts_each_event_once() -> None:
    found = study().load(per=timedelta(hours=1), replications=2)
    events = [
        len(list(by_member(ACADEMY, habits=EAGER, opens=START, seed=1, replication=n)))
        for n in (0, 1)
    ]
    assert found.events.value == sum(events) / 2
    assert 1 <= found.peak.value <= found.events.value
    mail = Announcement(id=1, at=START + 5 * DAY, reaches=1.0)
    called = study(announcements=[mail]).load(per=timedelta(hours=1), replications=2)
    assert called.peak.value > found.peak.value
    assert called.busiest == mail.at
    with pytest.raises(InvalidValue, match="whole seconds"):
        study().load(per=timedelta(0))


def test_results_read_well() -> None:
    asked = study()
    results = (
        asked.finished_by(START + 30 * DAY, replications=2),
        asked.funnel(course_id=1, replications=2),
        asked.compare(replace=sequential(tracker_of(ACADEMY)), replications=1),  # type: ignore[arg-type]
        asked.load(per=timedelta(minutes=1), replications=1),
    )
    for result in results:
        assert len(str(result)) > 30
        assert result._repr_html_().startswith("<")
    assert len(repr(results[1])) < 80
    assert "2025-02-05" in str(results[0])


def test_html_is_escaped() -> None:
    tracker = tracker_of(ACADEMY)
    tracker.replace(attrs.evolve(tracker.lesson(1), title="<script>"))
    html = Study(tracker, habits=EAGER).funnel(course_id=1, replications=1)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_progress_may_be_shown_by_the_iterator() -> None:
    seen = []

    def track(numbers: range) -> object:
        for number in numbers:
            seen.append(number)
            yield number

    few = study().compare(replications=track(range(2)))  # type: ignore[arg-type]
    assert seen == [0, 1]
    assert few == study().compare(replications=2)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: Study("tracker"), "tracker"),
        (lambda: study(habits={}), "habits"),
        (lambda: study(seed="x"), "seed"),
        (lambda: study().compare(replications=0), "replications"),
        (lambda: study().finished_by(START, share=0), "share"),
        (lambda: study().finished_by(START.replace(tzinfo=None)), "time zone"),
    ],
)
def test_wrong_arguments_are_named(ask: object, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        ask()  # type: ignore[operator]
    with pytest.raises(MissingEntity):
        study().funnel(course_id=9)


# -- estimates


def test_one_group_holds_chance_alone() -> None:
    found = estimate([[10, 12, 14]])
    assert found.is_thin
    assert found.value == 12
    # Student with two degrees of freedom, variance 4, one more run: 2.92 x sqrt(4 x 4 / 3).
    assert found.high == pytest.approx(12 + 2.920 * (16 / 3) ** 0.5)
    assert estimate([[5]]) == Estimate(value=5, low=5, high=5)


def test_groups_that_differ_widen_the_range() -> None:
    alike, apart = estimate([[9, 11], [9, 11]]), estimate([[0, 2], [18, 20]])
    assert alike.value == apart.value == 10
    assert apart.high - apart.low > 3 * (alike.high - alike.low)
    assert estimate([[0, 2], [18, 20]], low=0, high=19).range == (10, 0, 19)
    assert str(estimate([[1200.0], [1200.0]])) == "1,200 (1,200 to 1,200)"


def test_past_misses_move_and_widen() -> None:
    found = corrected(100, [1.0, 1.2, 1.4], low=0, high=500)
    assert found.value == pytest.approx(120)
    assert found.high == pytest.approx(120 + 100 * 2.920 * (0.04 * 4 / 3) ** 0.5)
    assert corrected(100, [3.0, 3.0], high=200).range == (200, 200, 200)


@pytest.mark.slow
def test_a_backtest_tells_how_far_forecasts_were_off() -> None:
    entities, events, opens = [], [], {}
    for run in (1, 2, 3):
        moved = [_of_run(each, run) for each in academy(50)]
        entities += moved
        opens[run] = START + run * 30 * DAY
        events += by_member(moved, habits=EAGER, opens=opens, seed=run)
    habits = calibrate(entities, events, opens=opens)
    known = backtest(habits, entities, events, opens=opens, days=(10, 30))
    assert [len(each.ratios) for each in known.misses] == [3] * 4
    assert all(0.3 < ratio < 3 for each in known.misses for ratio in each.ratios)
    asked = Study(tracker_of(academy(50)), habits=known, opens=START)
    found = asked.finished_by(START + 30 * DAY, share=0.9, replications=3)
    assert found.runs == 3
    with pytest.raises(InvalidValue, match="three past runs"):
        backtest(DEFAULT_HABITS, [], [], opens=None)


def _of_run(entity: object, run: int) -> object:
    """The entity with all its ids moved to those of another run."""
    ids = {
        name: getattr(entity, name) + (1_000 * run if name != "course_id" else run - 1)
        for name in ("id", "course_id", "section_id", "coworker_id")
        if hasattr(entity, name)
    }
    if type(entity).__name__ == "Course":
        ids["id"] = run
    if hasattr(entity, "created_on"):
        ids["created_on"] = entity.created_on + run * 30 * DAY
    return attrs.evolve(entity, **ids)  # type: ignore[type-var]
