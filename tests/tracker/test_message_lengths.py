"""An error's message stays short, whatever it has to tell of."""

from collections.abc import Callable

import attrs
import pytest

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import CompletedLesson, Course, Coworker, Lesson
from coursetrack.domain.events import PageVisit
from coursetrack.domain.facts import Fact
from coursetrack.domain.plain_events import event_from_plain
from coursetrack.errors import CoursetrackError
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.tracker import Tracker
from tests.cuts import LATER, START, a_tracker

BIG = "x" * 1_000_000
LONGEST = 500
LARGE = CompletedLesson(
    id=1, lesson_id=1, member_id=1, created_on=START, updated_by=BIG, custom_fields={"a": BIG}
)


def replaying(tracker: Tracker, before: Fact) -> None:
    tracker.replay([Change(sequence=tracker.version + 1, before=before, after=None)])


def a_large_lesson(tracker: Tracker) -> None:
    """What is there is large, and what the change starts from is something else."""
    tracker.replace(attrs.evolve(tracker.lesson(4), title=BIG))
    replaying(tracker, attrs.evolve(tracker.lesson(4), title="L"))


def a_large_record(tracker: Tracker) -> None:
    done = tracker.complete(lesson_id=2, member_id=3, at=LATER, by=BIG).require_completed()
    replaying(tracker, attrs.evolve(done, updated_by="admin"))


CALLS: dict[str, Callable[[Tracker], object]] = {
    "add": lambda t: t.add(Lesson(id=1, course_id=1, title=BIG)),
    "add_all": lambda t: t.add_all([Lesson(id=1, course_id=1, title=BIG)] * 2_000),
    "reference": lambda t: t.add(Lesson(id=91, course_id=99, title=BIG)),
    "replace": lambda t: t.replace(Lesson(id=91, course_id=1, title=BIG)),
    "remove": lambda t: t.remove(Lesson, BIG),  # type: ignore[call-overload]
    "unique_id": lambda _: Lesson(id=91, course_id=1, title="L", unique_id=BIG),
    "team_names": lambda _: Coworker(id=1, full_name="Ada", team_names=BIG),
    "event_id": lambda _: PageVisit(member_id=1, lesson_id=1, at=LATER, event_id=BIG),
    "event": lambda t: t.record(PageVisit(member_id=2, lesson_id=2, at=LATER, event_id="e2")),
    "plain": lambda _: event_from_plain((BIG, 1, 1, 1)),
    "columns": lambda t: t.record_columns(["PageVisit", BIG], [1, 1], [1, 1], [1, 1]),
    "before": lambda t: replaying(t, Lesson(id=1, course_id=1, title=BIG)),
    "record before": lambda t: replaying(t, LARGE),
    "a large lesson": a_large_lesson,
    "a large record": a_large_record,
    "by": lambda t: t.complete(lesson_id=2, member_id=1, at=LATER, by=[BIG]),  # type: ignore[arg-type]
    "order_by": lambda _: CompletedLessonQuery(order_by=BIG),  # type: ignore[arg-type]
    "text_match": lambda _: CompletedLessonQuery(text_match=BIG),  # type: ignore[arg-type]
    "restore": lambda _: Tracker.restore({BIG: 1}),
    "version": lambda t: t.add(Course(id=7, title="C"), expect_version=BIG),  # type: ignore[arg-type]
    "id": lambda t: t.lesson(10**100_000),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_message_stays_short(what: str) -> None:
    tracker = a_tracker(warm=False)
    with pytest.raises(CoursetrackError) as caught:
        CALLS[what](tracker)
    assert len(str(caught.value)) < LONGEST
    assert len(repr(caught.value)) < LONGEST
