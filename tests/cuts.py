"""Calls to cut off, and what must hold afterwards: each happened or did not, and life goes on.

A small academy, made with :func:`tests.limits.low_limits` in force, in which a handful of records
splits posting lists, a few renames overflow the log of moves, and two deletions compact the table.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import attrs

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
from coursetrack.errors import EventConflict
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.testing.faults import cut_off, cut_off_twice, executed_places
from coursetrack.testing.strategies import START
from coursetrack.tracker import Tracker

LATER = START + timedelta(days=1)
VIDEO = Lesson(
    id=3, course_id=1, title="Film", completion_type=CompletionType.VIDEO, video_coverage=0.5
)
CLICKED = Lesson(
    id=2, course_id=1, section_id=1, title="Press", completion_type=CompletionType.BUTTON
)
MEMBER = CourseMember(id=1, course_id=1, coworker_id=1, created_on=START)
LAST = CourseMember(id=8, course_id=2, coworker_id=2, created_on=START)

Call = Callable[[Tracker], object]


def academy() -> list[Any]:
    """Two courses, five lessons, three coworkers, eight members."""
    return [
        Course(id=1, title="Onboarding"),
        Course(id=2, title="Other"),
        Section(id=1, course_id=1, title="Week 1"),
        Section(id=2, course_id=1, title="Week 2", unlock_type=UnlockType.SEQUENTIAL),
        Lesson(id=1, course_id=1, title="Welcome"),
        CLICKED,
        VIDEO,
        Lesson(id=4, course_id=1, section_id=2, title="Late"),
        Lesson(id=5, course_id=2, title="Welcome"),
        Coworker(id=1, full_name="Ada", company_name="Engines", team_names=("Design", "Ops")),
        Coworker(id=2, full_name="Zoë", team_names=("Ops",)),
        Coworker(id=3, full_name="Bo", company_name="Zoo"),
        MEMBER,
        *(
            attrs.evolve(MEMBER, id=id_, coworker_id=id_ % 3 + 1, unique_id="")
            for id_ in range(2, 8)
        ),
        LAST,
    ]


def a_tracker(*, warm: bool = True) -> Tracker:
    """An academy with some history; `warm` has its indexes built by queries."""
    tracker = Tracker(remember_events=2)
    tracker.add_all(academy())
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=LATER, event_id="e1"))
    tracker.record(PageVisit(member_id=2, lesson_id=1, at=LATER, event_id="e2"))
    tracker.record(VideoProgress(member_id=1, lesson_id=3, at=LATER, start=0, end=3, duration=10))
    tracker.replace(attrs.evolve(VIDEO, video_coverage=0.2))  # what was watched is enough now
    tracker.complete(lesson_id=5, member_id=8, at=LATER, by="admin")
    tracker.record_many(
        PageVisit(member_id=id_, lesson_id=1, at=LATER + timedelta(hours=9 - id_))
        for id_ in range(3, 8)
    )
    for day in range(4):
        at = LATER + timedelta(days=day)
        tracker.update_completed(id=1, at=at, by=f"admin {day}")
        tracker.update_completed(id=2, at=at, by=f"admin {day}")
    for name in ("Zoe", "Zoë B"):
        tracker.replace(attrs.evolve(tracker.coworker(2), full_name=name))
    if warm:
        answers(tracker)
    else:
        tracker.record(ButtonClick(member_id=7, lesson_id=2, at=LATER))  # waits; two may not
    return tracker


def answers(tracker: Tracker) -> list[Any]:
    """The answers to questions of every kind, which builds every index."""
    find = tracker.completed_lessons.find
    pages = [
        find(CompletedLessonQuery(order_by=order_by, **filters))
        for order_by, filters in (
            ("Id", {}),
            ("CreatedOn", {"lesson_id": 1}),
            ("UpdatedOn", {"created_from": START}),
            ("CourseLessonTitle", {}),
            ("CourseMemberCoworkerFullName", {"lesson_title": "e"}),
            ("CreatedOn", {"team_names": "ops"}),
            ("UniqueId", {}),
            ("UpdatedBy", {"full_name": "ada"}),
        )
    ]
    return [
        *((page.records, page.total_items) for page in pages),
        tracker.completed_lessons.find_json(CompletedLessonQuery(order_by="CourseLessonTitle")),
        tracker.completed_lessons.columns(CompletedLessonQuery(team_names="ops")),
        tracker.version,
        tracker.progress(member_id=2).completed_lesson_ids,
    ]


CHANGES = a_tracker(warm=False).complete(lesson_id=2, member_id=2, at=LATER).changes


def many_events() -> list[Any]:
    """Events of every kind, more of them than may wait."""
    clicks = [ButtonClick(member_id=id_, lesson_id=2, at=LATER) for id_ in range(1, 8)]
    return [
        *clicks,
        ButtonClick(member_id=2, lesson_id=2, at=START),
        VideoFinish(member_id=2, lesson_id=3, at=LATER, event_id="e9"),
        VideoProgress(member_id=2, lesson_id=3, at=LATER, start=0, end=9, duration=10),
        PageVisit(member_id=3, lesson_id=4, at=LATER, event_id="e10"),
    ]


def fail_in_bulk(tracker: Tracker) -> None:
    """Many events, the last of which is refused with an error: nothing may be left of them."""
    wrong = PageVisit(member_id=1, lesson_id=2, at=LATER, event_id="e2")
    with suppress(EventConflict):
        tracker.record_many([*many_events()[:9], wrong])


def rename_everybody(tracker: Tracker) -> None:
    """One change of several, which overflows the log of moves."""
    renamed = attrs.evolve(tracker.coworker(2), full_name="Zoë C.", team_names=("Design", "Sales"))
    tracker.replace(renamed)


WRITES: dict[str, Call] = {
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
    "move a video": lambda t: t.replace(attrs.evolve(t.lesson(4), course_id=2, section_id=None)),
    "rename a coworker": rename_everybody,
    "another coworker": lambda t: t.replace(attrs.evolve(t.member(1), coworker_id=2)),
    "retire a section": lambda t: t.replace(attrs.evolve(t.section(1), active=False)),
    "retire a course": lambda t: t.replace(attrs.evolve(t.course(1), active=False)),
    "remove a lesson, and compact": lambda t: t.remove(t.lesson(1)),
    "remove a watched lesson": lambda t: t.remove(t.lesson(3)),
    "remove a member, and compact": lambda t: t.remove(t.member(1)),
    "complete": lambda t: t.complete(lesson_id=2, member_id=1, at=LATER, by="admin"),
    "update, and compact": lambda t: t.update_completed(
        id=1, lesson_id=2, member_id=1, at=LATER + timedelta(days=9), by="boss"
    ),
    "delete, and compact": lambda t: t.delete_completed(id=1),
    "an event": lambda t: t.record(ButtonClick(member_id=1, lesson_id=2, at=LATER)),
    "an event to remember": lambda t: t.record(
        ButtonClick(member_id=1, lesson_id=2, at=LATER, event_id="e3")
    ),
    "an event that repeats": lambda t: t.record(
        PageVisit(member_id=1, lesson_id=1, at=LATER, event_id="e4")
    ),
    "a refused event": lambda t: t.record(PageVisit(member_id=8, lesson_id=2, at=LATER)),
    "a stretch": lambda t: t.record(
        VideoProgress(member_id=2, lesson_id=3, at=LATER, start=1, end=2, duration=10)
    ),
    "the last stretch": lambda t: t.record(
        VideoProgress(member_id=1, lesson_id=3, at=LATER, start=3, end=9, duration=10)
    ),
    "many events": lambda t: t.record_many(many_events()),
    "many events as columns": lambda t: t.record_columns(
        [event.to_plain()[0] for event in many_events()],
        *zip(*(event.to_plain()[1:4] for event in many_events()), strict=True),
        event_ids=[event.event_id for event in many_events()],
        bodies=[event.to_plain()[5:] for event in many_events()],
    ),
    "an event with the host's time": lambda t: t.record(
        ButtonClick(member_id=1, lesson_id=2, at=LATER), recorded_at=LATER + timedelta(hours=1)
    ),
    "many events with the host's time": lambda t: t.record_many(
        many_events(), recorded_at=LATER + timedelta(hours=1)
    ),
    "settle a course": lambda t: t.settle(course_id=1, at=LATER + timedelta(days=8)),
    "reset a member": lambda t: t.reset(member_id=1),
    "many events that fail": fail_in_bulk,
    "replay": lambda t: t.replay(
        [
            attrs.evolve(change, sequence=t.version + place)
            for place, change in enumerate(CHANGES, 1)
        ]
    ),
    "take a fork": lambda t: t.fork(),
}
"""Every way to change a tracker, and one that must leave it as it is."""

COLD = ("complete", "delete, and compact", "an event", "rename a coworker", "many events")
"""The writes that build indexes where there are none."""

BY_MEMBER = ("an event", "complete", "many events", "many events as columns")
"""The writes that give ids."""

READS: dict[str, Call] = {
    "ask everything": answers,
    "a page as JSON": lambda t: t.completed_lessons.find_json(),
    "all as columns": lambda t: t.completed_lessons.columns(),
    "prepare": lambda t: t.completed_lessons.prepare(),
    "walk along": lambda t: list(t.completed_lessons),
    "a pair": lambda t: t.completed_lessons.get_pair(1, 2),
    "check": lambda t: t.check(),
}
"""Questions that build indexes and bring them up to date."""


def lag_behind(tracker: Tracker) -> Tracker:
    """Has the indexes of `tracker` behind by arrivals, tombstones and moves of every kind."""
    tracker.record_many(many_events())
    tracker.record(PageVisit(member_id=8, lesson_id=5, at=LATER + timedelta(days=2)))
    tracker.delete_completed(id=4)
    tracker.replace(attrs.evolve(tracker.lesson(1), title="Hello"))
    tracker.replace(attrs.evolve(tracker.coworker(3), full_name="Beo", team_names=("Ops", "Lab")))
    return tracker


FIRST_QUESTIONS: tuple[Call, ...] = (
    lambda t: t.version,
    lambda t: t.completed_lessons.find(),
    lambda t: t.completed_lessons.count(),
    lambda t: t.completed_lessons.find_json(),
    lambda t: t.refusals(PageVisit(member_id=1, lesson_id=4, at=LATER)),
    lambda t: t.fork(),
    lambda t: t.snapshot(),
)
"""Any of these may be the first to meet a tracker that was cut off."""


class Case:
    """One call with the trackers before and after it, and what they answer."""

    def __init__(self, name: str, call: Call, before: Tracker) -> None:
        self.name = name
        self.call = call
        self.before = before
        self.after = before.fork()
        call(self.after)
        # Of forks, so that what is cold stays cold.
        self._answers = {id(whole): answers(whole.fork()) for whole in (before, self.after)}

    def places(self, *, finely: bool) -> int:
        """How many places the call passes."""
        subject = self.before.fork()
        return executed_places(lambda: self.call(subject), finely=finely)

    def cut(self, place: int, *, finely: bool) -> None:
        """Cuts the call off there and proves what is left; AssertionError says what is wrong."""
        subject = self.before.fork()
        cut_off(lambda: self.call(subject), at=place, finely=finely)
        self.prove(subject, place, f"{self.name}, cut off at place {place} (finely: {finely})")

    def cut_twice(self, place: int, again: int, *, finely: bool) -> bool:
        """Cuts the clean-up off as well. False where it has not as many points as that."""
        subject = self.before.fork()
        reached = cut_off_twice(lambda: self.call(subject), at=place, again=again, finely=finely)
        told = f"{self.name}, cut off at place {place} and point {again} (finely: {finely})"
        self.prove(subject, place + again, told)
        return reached

    def prove(self, subject: Tracker, number: int, told: str) -> None:
        """That `subject` is as before or as after, that its indexes are right, and that it works.

        `number` varies which question is the first to be asked.
        """
        FIRST_QUESTIONS[number % len(FIRST_QUESTIONS)](subject)
        undone = subject == self.before
        assert undone or subject == self.after, f"{told}: neither before nor after"
        whole = self.before if undone else self.after
        assert answers(subject) == self._answers[id(whole)], f"{told}: other answers"
        subject.check()
        if undone:
            self.call(subject)
            assert subject == self.after, f"{told}: the same call, again, does something else"
            assert answers(subject) == self._answers[id(self.after)], f"{told}: answers after it"


def cases() -> Iterator[Case]:
    """Every call, warm and cold where that differs."""
    warm, cold = a_tracker(), a_tracker(warm=False)
    for name, call in WRITES.items():
        yield Case(name, call, warm)
    for name in COLD:
        yield Case(f"{name}, cold", WRITES[name], cold)
    behind, new = lag_behind(a_tracker()), lag_behind(a_tracker(warm=False))
    by_member = Tracker(ids="by_member")
    by_member.add_all(academy())
    by_member.record(PageVisit(member_id=1, lesson_id=1, at=LATER))
    for name in BY_MEMBER:
        yield Case(f"{name}, ids by member", WRITES[name], by_member)
    for name, call in READS.items():
        yield Case(f"{name}, behind", call, behind)
        yield Case(f"{name}, cold", call, new)
