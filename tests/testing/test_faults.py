"""Every mutating call of the tracker, cut off at each of its lines: it happened or it did not."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    Section,
    UnlockType,
)
from coursetrack.domain.events import ButtonClick, PageVisit, VideoFinish, VideoProgress
from coursetrack.listing import store
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.testing.faults import (
    PACKAGE,
    InjectedFault,
    cut_off,
    cut_off_everywhere,
    executed_lines,
)
from coursetrack.testing.strategies import START
from coursetrack.tracker import Tracker

LATER = START + timedelta(days=1)
VIDEO = Lesson(
    id=3, course_id=1, title="Film", completion_type=CompletionType.VIDEO, video_coverage=0.5
)
CLICKED = Lesson(id=2, course_id=1, section_id=1, title="Press", completion_type=2 + 1)
MEMBER = CourseMember(id=1, course_id=1, coworker_id=1, created_on=START)


def a_tracker(*, warm: bool = True) -> Tracker:
    """A small school with some history; `warm` has its indexes built by queries."""
    tracker = Tracker(remember_events=2)
    tracker.add_all(
        [
            Course(id=1, title="Onboarding"),
            Course(id=2, title="Other"),
            Section(id=1, course_id=1, title="Week 1"),
            Section(id=2, course_id=1, title="Week 2", unlock_type=UnlockType.SEQUENTIAL),
            Lesson(id=1, course_id=1, title="Welcome"),
            CLICKED,
            VIDEO,
            Lesson(id=4, course_id=1, section_id=2, title="Late"),
            Coworker(id=1, full_name="Ada", company_name="Engines", team_names=("Design", "Ops")),
            Coworker(id=2, full_name="Zoë"),
            MEMBER,
            CourseMember(id=2, course_id=1, coworker_id=2, created_on=START),
            CourseMember(id=3, course_id=2, coworker_id=2, created_on=START),
        ]
    )
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=LATER, event_id="e1"))
    tracker.record(PageVisit(member_id=2, lesson_id=1, at=LATER, event_id="e2"))
    tracker.record(VideoProgress(member_id=1, lesson_id=3, at=LATER, start=0, end=3, duration=10))
    tracker.complete(lesson_id=4, member_id=3, at=LATER, by="admin")
    if warm:
        read_everything(tracker)
    return tracker


def read_everything(tracker: Tracker) -> list[Any]:
    """The answers to queries of every kind, which builds every index."""
    return [
        tracker.completed_lessons.find(CompletedLessonQuery(order_by=order_by, **filters))
        for order_by in ("Id", "CreatedOn", "CourseLessonTitle", "CourseMemberCoworkerFullName")
        for filters in ({}, {"lesson_id": 1}, {"team_names": "ops"}, {"lesson_title": "e"})
    ]


CHANGES = a_tracker(warm=False).complete(lesson_id=2, member_id=2, at=LATER).changes
Call = Callable[[Tracker], object]
CALLS: dict[str, Call] = {
    "add a course": lambda t: t.add(Course(id=9, title="New")),
    "add a lesson": lambda t: t.add(Lesson(id=9, course_id=1, section_id=1, title="New")),
    "add a member": lambda t: t.add(attrs.evolve(MEMBER, id=9, unique_id="")),
    "add several": lambda t: t.add_all(
        [Section(id=9, course_id=2, title="S"), Lesson(id=9, course_id=2, section_id=9, title="L")]
    ),
    "import a record": lambda t: t.add(
        CompletedLesson(id=40, lesson_id=2, member_id=2, created_on=START, system_id="SAP")
    ),
    "rename a lesson": lambda t: t.replace(attrs.evolve(t.lesson(1), title="Hello")),
    "move a lesson": lambda t: t.replace(attrs.evolve(t.lesson(1), course_id=2)),
    "rename a coworker": lambda t: t.replace(
        attrs.evolve(t.coworker(1), full_name="Ada L.", team_names=("Ops",))
    ),
    "another coworker": lambda t: t.replace(attrs.evolve(t.member(1), coworker_id=2)),
    "move a member": lambda t: t.replace(attrs.evolve(t.member(1), course_id=2)),
    "retire a section": lambda t: t.replace(attrs.evolve(t.section(1), active=False)),
    "retire a course": lambda t: t.replace(attrs.evolve(t.course(1), active=False)),
    "remove a lesson": lambda t: t.remove(t.lesson(1)),
    "remove a watched lesson": lambda t: t.remove(t.lesson(3)),
    "remove a member": lambda t: t.remove(t.member(1)),
    "complete": lambda t: t.complete(lesson_id=2, member_id=1, at=LATER, by="admin"),
    "update": lambda t: t.update_completed(id=1, lesson_id=2, member_id=1, at=LATER, by="boss"),
    "delete": lambda t: t.delete_completed(id=1),
    "an event": lambda t: t.record(ButtonClick(member_id=1, lesson_id=2, at=LATER)),
    "an event to remember": lambda t: t.record(
        ButtonClick(member_id=1, lesson_id=2, at=LATER, event_id="e3")
    ),
    "an event that repeats": lambda t: t.record(
        PageVisit(member_id=1, lesson_id=1, at=LATER, event_id="e4")
    ),
    "a refused event": lambda t: t.record(PageVisit(member_id=3, lesson_id=2, at=LATER)),
    "a stretch": lambda t: t.record(
        VideoProgress(member_id=2, lesson_id=3, at=LATER, start=1, end=2, duration=10)
    ),
    "the last stretch": lambda t: t.record(
        VideoProgress(member_id=1, lesson_id=3, at=LATER, start=3, end=9, duration=10)
    ),
    "many events": lambda t: t.record_many(
        [
            ButtonClick(member_id=1, lesson_id=2, at=LATER),
            ButtonClick(member_id=2, lesson_id=2, at=START),
            VideoFinish(member_id=2, lesson_id=3, at=LATER, event_id="e9"),
            VideoProgress(member_id=2, lesson_id=3, at=LATER, start=0, end=9, duration=10),
        ]
    ),
    "replay": lambda t: t.replay(
        [
            attrs.evolve(change, sequence=t.version + place)
            for place, change in enumerate(CHANGES, 1)
        ]
    ),
}


# Cold indexes are built within the call that is cut off, which the longest of them need not show.
COLD = ("complete", "update", "an event", "rename a coworker", "move a member", "many events")


@pytest.mark.parametrize(
    ("name", "warm"),
    [
        *(pytest.param(name, True, marks=pytest.mark.slow) for name in CALLS),
        *((name, False) for name in COLD),
    ],
)
def test_a_call_that_is_cut_off_happened_or_did_not(name: str, warm: bool) -> None:
    call, before, after = CALLS[name], a_tracker(warm=warm), a_tracker(warm=warm)
    call(after)
    lines = 0
    for line, tracker in cut_off_everywhere(before.fork, call):
        lines = line
        is_undone, is_done = tracker == before, tracker == after
        assert is_undone or is_done, f"cut off at line {line}, it is neither before nor after"
        whole = before if is_undone else after
        assert tracker.version == whole.version, f"version after a cut at line {line}"
        assert read_everything(tracker) == read_everything(whole), f"answers after line {line}"
        tracker.check()
    assert lines > 3


@pytest.mark.parametrize("name", ["complete", "many events", "rename a coworker"])
def test_after_a_cut_the_same_call_works(name: str) -> None:
    call, after = CALLS[name], a_tracker()
    call(after)
    for line, tracker in cut_off_everywhere(a_tracker, call):
        if tracker != after:
            call(tracker)
        assert tracker == after, line


# -- the injector itself


def count_to(number: int) -> int:
    """Executes some lines of this file."""
    total = 0
    for _ in range(number):
        total += 1
    return total


def test_lines_are_counted(tmp_path_factory: Any) -> None:
    from pathlib import Path

    here = Path(__file__)
    few, more = (executed_lines(lambda n=n: count_to(n), within=here) for n in (1, 4))
    assert more - few == 6


def test_only_the_packages_lines_count() -> None:
    assert executed_lines(lambda: count_to(3)) == 0


def test_a_call_is_cut_off_where_asked() -> None:
    tracker = a_tracker()
    call = lambda: CALLS["complete"](tracker)  # noqa: E731
    assert cut_off(call, at=1)
    assert not cut_off(call, at=10**6)
    assert len(tracker.completed_lessons) == 4


def test_a_fault_is_no_usual_exception() -> None:
    assert not issubclass(InjectedFault, Exception)


def test_a_folder_may_be_relative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PACKAGE.parent)
    call = partial(CALLS["add a course"], a_tracker())
    assert executed_lines(call, within=Path("coursetrack")) > 10


def test_a_folder_in_which_nothing_runs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no line of a file"):
        list(cut_off_everywhere(a_tracker, CALLS["add a course"], within=tmp_path))


def test_lines_are_numbered_from_1() -> None:
    with pytest.raises(ValueError, match="from 1"):
        cut_off(lambda: None, at=0)


# -- compaction


def a_tracker_with_dead_rows() -> Tracker:
    """One more deleted record, and its dead rows are dropped."""
    tracker = a_tracker()
    tracker.complete(lesson_id=2, member_id=1, at=LATER)
    for day in range(3):
        tracker.update_completed(id=1, at=LATER + timedelta(days=day), by=f"admin {day}")
    read_everything(tracker)
    return tracker


def test_a_delete_that_compacts_happened_or_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = a_tracker_with_dead_rows(), a_tracker_with_dead_rows()
    monkeypatch.setattr(store, "_VACUUM_FROM", 3)
    rows = after._state.store.table.now.size
    after.delete_completed(id=2)
    assert after._state.store.table.now.size < rows
    for line, tracker in cut_off_everywhere(before.fork, lambda t: t.delete_completed(id=2)):
        assert tracker in (before, after), line
        whole = before if tracker == before else after
        assert read_everything(tracker) == read_everything(whole), f"answers after line {line}"
        tracker.check()
