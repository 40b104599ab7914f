"""Habits: they round-trip, name what is wrong, and come back when counted in their own stream."""

import json

import attrs
import pytest

from coursetrack import InvalidValue, Lesson, PageVisit, ScoreAtLeast, VideoCoverage
from coursetrack.simulation import (
    DEFAULT_HABITS,
    Habits,
    Quantiles,
    Rhythm,
    by_member,
    calibrate,
    facts,
)
from coursetrack.simulation.lives import past_lives
from tests.simulation.worlds import DAY, START, academy


def counted(members: int = 60) -> Habits:
    """Habits that were counted in a small stream of the default ones."""
    entities = academy(members)
    return calibrate(entities, by_member(entities, opens=START, seed=4))


@pytest.mark.parametrize("habits", [DEFAULT_HABITS, counted()], ids=["default", "counted"])
def test_habits_round_trip(habits: Habits) -> None:
    text = json.dumps(habits.to_dict())
    assert Habits.from_dict(json.loads(text)) == habits
    assert json.dumps(Habits.from_dict(json.loads(text)).to_dict()) == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pres": 0.5}, "did you mean 'press'"),
        ({"press": 2}, "press: expected a number from 0 to 1, got 2"),
        ({"gap": 5}, "habits.gap: expected a list"),
        ({"jumps": [0]}, "jumps"),
        ({"cohorts": []}, "until=None"),
        ({"rest": []}, "rest"),
        ({"lessons": []}, "habits.lessons"),
        ({"lessons": {"A": {}}}, r"habits.lessons\['A'\]: 'skip' is missing"),
        ({"tiring": [[1]]}, "5 rows"),
        ({"plan": -1}, "plan"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Habits.from_dict({**DEFAULT_HABITS.to_dict(), **change})


def test_habits_that_are_no_object_or_lack_something() -> None:
    with pytest.raises(InvalidValue, match="an object with"):
        Habits.from_dict([])
    with pytest.raises(InvalidValue, match="'press' is missing"):
        Habits.from_dict({k: v for k, v in DEFAULT_HABITS.to_dict().items() if k != "press"})


def test_counting_needs_visits() -> None:
    with pytest.raises(InvalidValue, match="page visits of members"):
        calibrate(academy(3), [])
    stranger = PageVisit(member_id=99, lesson_id=1, at=START)
    with pytest.raises(InvalidValue, match="page visits of members"):
        calibrate(academy(3), [stranger])


def test_steady_learners_complete_all_or_nothing_and_each_lesson_as_often() -> None:
    entities = academy(400)
    found, uneven = [], []
    for share in (0.0, 0.9):
        habits = attrs.evolve(DEFAULT_HABITS, press=0.7, steady=share)
        events = list(by_member(entities, habits=habits, opens=START, seed=1))
        lives = [life for life in past_lives(entities, events, START) if len(life.visits) > 5]
        uneven.append(sum(3 * len(life.completed) < len(life.visits) for life in lives))
        found.append(calibrate(entities, events, opens=START))
    assert uneven[1] > 5 * uneven[0] + 5
    assert found[0].steady < 0.4 < 0.8 < found[1].steady
    assert abs(found[0].press - found[1].press) < 0.05


@pytest.mark.slow
def test_what_is_simulated_and_counted_comes_back() -> None:
    entities = academy(1_500, 40)
    habits = attrs.evolve(
        DEFAULT_HABITS,
        press=0.8,
        press_last=0.5,
        pause=0.2,
        gap=Quantiles((5, 100, 400)),
        tiring=((1,),) * 5,
    )
    found = calibrate(
        entities, by_member(entities, habits=habits, opens=START, seed=1), opens=START
    )
    assert abs(found.press - 0.8) < 0.02
    assert abs(found.press_last - 0.5) < 0.04
    assert abs(found.pause - 0.2) < 0.03
    assert abs(found.gap(0.5) - 100) < 8
    assert abs(found.skip - habits.skip) < 0.004
    assert abs(found.cohorts[0].starts - habits.cohorts[0].starts) < 0.04
    assert abs(found.cohorts[-1].starts - habits.cohorts[-1].starts) < 0.04
    for place in (0, 4, 12):
        assert abs(found.cohorts[0].stop[place] - habits.cohorts[0].stop[min(place, 10)]) < 0.03
    again = calibrate(entities, by_member(entities, habits=found, opens=START, seed=2), opens=START)
    assert abs(again.press - found.press) < 0.02
    assert abs(again.pause - found.pause) < 0.03


def test_rests_are_counted_by_the_rest_before() -> None:
    entities = academy(40)
    # Everybody pauses after each lesson: four hours, and then, having paused so long, two days.
    hours = [0, 4, 52, 100, 148]
    events = [
        PageVisit(member_id=member, lesson_id=n + 1, at=START + (20 + hour / 24) * DAY)
        for member in range(1, 41)
        for n, hour in enumerate(hours)
    ]
    rest = calibrate(entities, events, opens=START).rest
    medians = [[week(0.5) for week in row] for row in rest]  # in busy time, which no clock tells
    assert max(medians[0]) < min(medians[1])
    for row in (2, 4):  # nobody had such a rest before
        assert rest[row] == DEFAULT_HABITS.rest[row]
    with pytest.raises(InvalidValue, match=r"rest: expected 5 rows"):
        attrs.evolve(DEFAULT_HABITS, rest=DEFAULT_HABITS.rest[:4])


def test_what_is_watched_and_scored_comes_back() -> None:
    films = [
        attrs.evolve(each, completion_type=None, criterion=criterion, video_duration=200)
        if isinstance(each, Lesson)
        else each
        for each in academy(60)
        for criterion in [VideoCoverage(0.5) if each.id % 2 else ScoreAtLeast(0.5)]
    ]
    habits = attrs.evolve(
        DEFAULT_HABITS, coverage=Quantiles((0.2, 0.6)), score=Quantiles((0.5, 0.7, 1.5 / 2))
    )
    events = list(by_member(films, habits=habits, opens=START, seed=1))
    found = calibrate(films, reversed(events), opens=START)
    for share in (0.1, 0.5, 0.9):
        assert abs(found.coverage(share) - habits.coverage(share)) < 0.06
        assert abs(found.score(share) - habits.score(share)) < 0.06
    told = facts(films, events, opens=START)
    assert abs(Quantiles.of(told.coverage)(0.5) - 0.4) < 0.06
    assert "videos played" in str(told)


def test_runs_are_counted_alone_too_and_their_opening_is_found() -> None:
    first, second = academy(40), academy(40)
    second = [
        attrs.evolve(each, id=each.id + 100, **_moved(each))
        for each in second
        if hasattr(each, "id")
    ]
    entities = [*first, *second]
    events = list(by_member(entities, opens={1: START, 101: START + 3 * DAY}, seed=1))
    habits = calibrate(entities, events)
    assert len(habits.runs) == 2
    assert habits.runs[0] == calibrate(first, [e for e in events if e.member_id < 100]).runs[0]
    assert set(habits.lessons) == {f"Lesson {n}" for n in range(1, 13)}


def _moved(entity: object) -> dict[str, int]:
    return {
        name: getattr(entity, name) + 100
        for name in ("course_id", "section_id", "coworker_id")
        if hasattr(entity, name)
    }


def test_a_lesson_that_most_skip_leads_nobody_astray() -> None:
    entities = academy(300)
    events = [e for e in by_member(entities, opens=START, seed=1) if e.lesson_id != 5]
    habits = calibrate(entities, events, opens=START)
    assert habits.lessons["Lesson 5"].skip > 0.7
    assert habits.skip < 0.02
    again = list(by_member(entities, habits=habits, opens=START, seed=2))
    visits = facts(entities, again, opens=START).visit_funnel
    assert visits["Lesson 5"] < 0.2 < visits["Lesson 6"]


def test_the_hours_of_visits_are_found() -> None:
    entities = academy(300)
    night = attrs.evolve(DEFAULT_HABITS, rhythm=Rhythm([1] * 3 + [0.01] * 21))
    habits = calibrate(entities, by_member(entities, habits=night, opens=START, seed=1))
    weights = habits.rhythm.weights
    assert sum(weights[hour] for hour in range(168) if hour % 24 < 4) > 0.6 * sum(weights)
