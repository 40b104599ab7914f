"""A criterion of one's own, in one file: its evidence, itself, and the shipped machine over it.

Nothing in the package knows of it. What a host writes is the two classes; the rest are tests.
"""

import json
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from coursetrack import (
    Action,
    AllOf,
    AtLeast,
    Button,
    ButtonClick,
    Change,
    Course,
    CourseMember,
    Coworker,
    Criterion,
    Evidence,
    InvalidSnapshot,
    InvalidValue,
    Known,
    Lesson,
    Need,
    PageVisit,
    Tracker,
    VideoCoverage,
)
from coursetrack.testing import strategies
from coursetrack.testing.machine import TrackerMachine

# -- what a host writes


def _as_days(value: Sequence[int]) -> tuple[int, ...]:
    return tuple(value)


@attrs.frozen(kw_only=True)
class VisitDays(Evidence):
    """The days (UTC, as ordinals) on which the member opened the page, sorted."""

    days: tuple[int, ...] = attrs.field(converter=_as_days)

    event = PageVisit
    grows = ("days",)

    @classmethod
    def of(cls, event: PageVisit) -> Self:
        """The one day of a visit."""
        days = (event.at.toordinal(),)
        return cls(member_id=event.member_id, lesson_id=event.lesson_id, days=days)

    def merged(self, other: Self) -> Self:
        """The days of both."""
        days = tuple(sorted({*self.days, *other.days}))
        return self if days == self.days else attrs.evolve(self, days=days)


@attrs.frozen
class VisitedOnDays(Criterion):
    """The page was opened on at least so many days. Met since the last of them began (UTC)."""

    count: int

    keeps = (VisitDays,)

    def since(self, known: Known) -> datetime | None:
        """The beginning of the day on which there were enough."""
        days = self._days(known)
        if len(days) < self.count:
            return None
        return datetime.fromordinal(days[self.count - 1]).replace(tzinfo=UTC)

    def missing(self, known: Known) -> tuple[Need, ...]:
        """Visits on further days: a day each, and the first one now."""
        left = self.count - len(self._days(known))
        if left <= 0:
            return ()
        day = timedelta(days=left - 1) // timedelta(milliseconds=1)
        text = f"visits on {left} more days"
        return (Need(action=Action.PAGE_VISIT, milliseconds=day, text=text),)

    def _days(self, known: Known) -> tuple[int, ...]:
        found = known.get(VisitDays)
        return () if found is None else found.days


# -- what the package makes of it

START = datetime(2025, 1, 1, tzinfo=UTC)
OWN = (VisitedOnDays,)


def visit(day: int) -> PageVisit:
    return PageVisit(member_id=7, lesson_id=10, at=START + timedelta(days=day, hours=8))


def academy(criterion: Criterion) -> Tracker:
    tracker = Tracker(criteria=OWN)
    tracker.add_all(
        [
            Course(id=1, title="Habits"),
            Lesson(id=10, course_id=1, title="Diary", criterion=criterion),
            Coworker(id=100, full_name="Ada Lovelace"),
            CourseMember(id=7, course_id=1, coworker_id=100, created_on=START),
        ]
    )
    return tracker


def test_it_completes_a_lesson_in_any_order_of_arrival() -> None:
    for days in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        tracker = academy(VisitedOnDays(3))
        outcomes = [tracker.record(visit(day)) for day in days]
        assert [each.completed is not None for each in outcomes] == [False, False, True]
        assert outcomes[-1].require_completed().created_on == START + timedelta(days=2)


def test_it_is_explained_settled_and_told_of_by_what_if_in_any_nesting() -> None:
    tracker = academy(AllOf(Button(), AtLeast(1, VisitedOnDays(3), VideoCoverage(0.5))))
    tracker.record(visit(0))
    assert tracker.record(visit(0)).changes == ()
    tracker.record(ButtonClick(member_id=7, lesson_id=10, at=START))
    told = tracker.explain(lesson_id=10, member_id=7, at=START)
    assert "needs visits on 2 more days" in str(told)
    easier = attrs.evolve(tracker.lesson(10), criterion=AllOf(Button(), VisitedOnDays(1)))
    (member,) = tracker.what_if(replace=[easier], at=START + timedelta(days=1)).members
    assert [each.lesson_id for each in member.differences] == [10]
    tracker.replace(easier)
    assert tracker.settle(course_id=1, at=START + timedelta(days=1)).completed is not None


def test_it_is_written_down_and_read_back_where_it_is_told_of() -> None:
    tracker = academy(AllOf(VisitedOnDays(3), Button()))
    lesson = tracker.lesson(10)
    change = tracker.record(visit(0)).changes[0]
    written = json.loads(json.dumps(change.to_dict()))
    assert Change.from_dict(written, criteria=OWN) == change
    snapshot = json.loads(json.dumps(tracker.snapshot()))
    restored = Tracker.restore(snapshot, criteria=OWN)
    assert restored == tracker
    assert restored.lesson(10) == lesson
    assert pickle.loads(pickle.dumps(tracker)) == tracker
    assert tracker.fork().record(visit(1)).changes[0].kind == "VisitDays"
    with pytest.raises(InvalidSnapshot, match="VisitedOnDays"):
        Tracker.restore(snapshot)
    with pytest.raises(InvalidSnapshot, match="VisitDays"):
        Change.from_dict(written)


def test_a_change_tells_only_of_the_days_that_differ() -> None:
    tracker = academy(VisitedOnDays(100))
    for day in range(50):
        change = tracker.record(visit(day)).changes[0]
    assert change.before is not None
    assert (change.before.days, len(change.after.days)) == ((), 1)
    again = tracker.fork()
    again.replay([change.inverse()])
    assert again.record(visit(49)).advanced
    assert again == tracker


def test_a_tracker_that_was_not_told_of_it_takes_no_lesson_with_it() -> None:
    tracker = Tracker()
    tracker.add(Course(id=1, title="Habits"))
    with pytest.raises(InvalidValue, match="Tracker\\(criteria="):
        tracker.add(Lesson(id=10, course_id=1, title="Diary", criterion=AllOf(VisitedOnDays(3))))
    assert not list(tracker.lessons(course_id=1))


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 4))
def test_a_naive_recount_says_the_same(days: list[int], count: int) -> None:
    tracker = academy(VisitedOnDays(count))
    for day in days:
        tracker.record(visit(day))
    completed = tracker.completed_lessons.get_pair(10, 7)
    assert (completed is not None) == (len(set(days)) >= count)


class OwnMachine(TrackerMachine):
    """The machine as it is shipped, over lessons with this criterion and others around it."""

    criteria = OWN

    def own_criteria(self) -> SearchStrategy[Criterion]:
        """It alone, and as a part of others."""
        alone = st.builds(VisitedOnDays, st.integers(1, 3))
        return alone | st.builds(AllOf, alone, strategies.criteria())


@pytest.mark.slow
class TestOwnMachine(OwnMachine.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(OwnMachine.TestCase.settings, max_examples=20, stateful_step_count=20)


@pytest.mark.slow
def test_the_machine_meets_it() -> None:
    """So the machine's run means something: it has lessons with it, and they are completed."""
    met: list[int] = []

    class Looking(OwnMachine):
        def after_step(self) -> None:
            super().after_step()
            mine = {x.id for x in self.model.all_of(Lesson) if VisitDays in x.criterion.reads}
            done = {each.lesson_id for each in self.model.completed_lessons}
            kept = {kind.__name__ for kind, _ in self.model.reports}
            if mine & done and "VisitDays" in kept:
                met.append(len(mine & done))

    Looking.TestCase.settings = settings(
        OwnMachine.TestCase.settings, max_examples=15, stateful_step_count=20, database=None
    )
    Looking.TestCase("runTest").runTest()
    assert met
