"""Facts of a log, worked by hand, and distances."""

from datetime import timedelta

import pytest

from coursetrack import ButtonClick, Event, InvalidValue, PageVisit
from coursetrack.simulation import by_member, distance, facts
from coursetrack.simulation.lives import past_lives
from tests.simulation.worlds import START, academy

MINUTE = timedelta(minutes=1)


def visit(member: int, lesson: int, minutes: int) -> Event:
    """A visit so many minutes after the start."""
    return PageVisit(member_id=member, lesson_id=lesson, at=START + minutes * MINUTE)


def click(member: int, lesson: int, minutes: int) -> Event:
    """A press of the button."""
    return ButtonClick(member_id=member, lesson_id=lesson, at=START + minutes * MINUTE)


WORKED = [
    visit(1, 1, 0),
    click(1, 1, 1),
    visit(1, 2, 2),
    visit(1, 1, 3),  # a second visit counts for nothing
    visit(1, 4, 100),
    click(1, 4, 101),
    visit(2, 1, 5),
    visit(9, 1, 5),  # nobody that is known
]


def test_a_log_worked_by_hand() -> None:
    found = facts(academy(3), reversed(WORKED), opens=START)
    assert (found.members, found.learners) == (3, 2)
    assert list(found.visit_funnel.values())[:5] == [1, 0.5, 0, 0.5, 0]
    assert list(found.completion_funnel.values())[:5] == [0.5, 0, 0, 0.5, 0]
    assert found.lessons == (1, 3)
    assert found.sessions == (1, 2)
    assert found.gaps == (120, 98 * 60)
    assert (found.press, found.press_furthest) == (0.5, 0.5)
    assert found.next_is_following == 0.5
    assert (found.gap_in_session, found.gap_between_sessions) == (120, 98 * 60)
    assert found.dropout == (1.0,)
    assert found.weekdays[0] == 1
    assert str(found).splitlines()[0] == "3 members, 2 learners; 0.0% opened 90 % of the lessons"


def test_an_empty_log_has_facts_too() -> None:
    found = facts(academy(3), [])
    assert (found.learners, found.share_90, found.dropout) == (0, 0, ())
    assert distance(found, found).ks_lessons == 0 if found.visit_funnel else True


def test_a_log_is_at_no_distance_from_itself_and_at_the_same_from_both_sides() -> None:
    entities = academy(80)
    one, other = (
        facts(entities, by_member(entities, opens=START, seed=seed), opens=START) for seed in (1, 2)
    )
    assert set(vars_of(distance(one, one))) == {0}
    assert vars_of(distance(one, other)) == pytest.approx(vars_of(distance(other, one)))
    assert all(0 <= each <= 1 for each in vars_of(distance(one, other)))
    renamed = facts(academy(80), [], opens=START)
    with pytest.raises(InvalidValue, match="titled"):
        distance(one, type(renamed)(**{**_fields(one), "visit_funnel": {"Another": 1.0}}))


def vars_of(found: object) -> list[float]:
    """The numbers of a distance."""
    return [getattr(found, name) for name in found.__slots__ if not name.startswith("__")]  # type: ignore[attr-defined]


def _fields(found: object) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__slots__ if not name.startswith("__")}  # type: ignore[attr-defined]


def test_the_opening_is_the_day_on_which_visits_are_no_strays() -> None:
    day = timedelta(days=1)
    strays = [visit(1, 1, -60 * 24 * 9)]
    many = [
        PageVisit(member_id=member, lesson_id=lesson, at=START + 2 * day + lesson * MINUTE)
        for member in range(1, 41)
        for lesson in range(2, 9)
    ]
    opens = past_lives(academy(40), [*strays, *many])[0].course.opens
    assert opens == int((START + 2 * day).timestamp())
