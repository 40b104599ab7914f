"""``check()`` finds what it promises: an entity or evidence that was changed behind its back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coursetrack import (
    ORDERS,
    AllOf,
    CompletedLessonQuery,
    CorruptStore,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    PageVisit,
    ScoreAtLeast,
    Scored,
    Section,
    TimeSpent,
    TimeSpentAtLeast,
    Tracker,
    UnlockType,
    VideoCoverage,
    VideoProgress,
)
from coursetrack.knowledge.entity_tables import EntityTables
from coursetrack.knowledge.undo_log import UndoLog

START = datetime(2025, 1, 1, tzinfo=UTC)


def academy() -> Tracker:
    """Two lessons completed, evidence of three kinds for a third, and every index made."""
    tracker = Tracker()
    whole = AllOf(VideoCoverage(1), TimeSpentAtLeast(100), ScoreAtLeast(1))
    tracker.add_all(
        [
            Course(id=1, title="Onboarding"),
            Course(id=2, title="Leaving"),
            Section(id=1, course_id=1, title="Week 1"),
            Section(id=2, course_id=1, title="Week 2", display_order=1),
            Lesson(id=1, course_id=1, title="Welcome", section_id=1),
            Lesson(id=2, course_id=1, title="Tour", unlock_type=UnlockType.SEQUENTIAL),
            Lesson(id=3, course_id=1, title="Film", section_id=2, criterion=whole),
            Coworker(id=1, full_name="Ada", company_name="Engines", team_names=("Ops",)),
            Coworker(id=2, full_name="Zoë"),
            CourseMember(id=1, course_id=1, coworker_id=1, created_on=START),
            CourseMember(id=2, course_id=1, coworker_id=2, created_on=START),
        ]
    )
    who: dict[str, Any] = {"member_id": 1, "lesson_id": 3, "at": START + timedelta(hours=1)}
    tracker.record(PageVisit(member_id=1, lesson_id=2, at=START))
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    tracker.record(VideoProgress(**who, start=0, end=5, duration=60))
    tracker.record(TimeSpent(**who, seconds=5))
    tracker.record(Scored(**who, score=1, out_of=2))
    for order in ORDERS:
        tracker.completed_lessons.find(CompletedLessonQuery(order_by=order))
    for field in ("lesson_title", "full_name", "company_name", "team_names"):
        tracker.completed_lessons.find(CompletedLessonQuery(**{field: "a"}))
    tracker.check()
    return tracker


SECTIONS: dict[str, Any] = {
    "id": 9,
    "course_id": 2,
    "active": False,
    "display_order": 5,
    "unlock_type": UnlockType.SEQUENTIAL,
}
ANOTHER: dict[type, dict[str, Any]] = {
    Course: {"id": 9, "active": False, "title": 5},
    Section: SECTIONS,
    Lesson: SECTIONS
    | {
        "title": "Renamed",
        "section_id": 2,
        "required": False,
        "display_order": 2**40,
        "unique_id": "0",
        "criterion": VideoCoverage(1),
    },
    Coworker: {
        "id": 9,
        "full_name": "Renamed",
        "company_name": None,
        "team_names": ("Design",),
        "unique_id": "0",
    },
    CourseMember: {
        "id": 9,
        "course_id": 2,
        "coworker_id": 2,
        "created_on": START + timedelta(1),
        "approved": False,
        "blocked": True,
        "unique_id": "0",
    },
}


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, values in ANOTHER.items() for field in values]
)
def test_an_entity_changed_behind_the_trackers_back_is_found(kind: type, field: str) -> None:
    tracker = academy()
    entity = next(each for each in tracker.entities() if type(each) is kind)
    object.__setattr__(entity, field, ANOTHER[kind][field])
    with pytest.raises(CorruptStore):
        tracker.check()


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("Watched", "stretches", ((0, 6_000),)),
        ("Watched", "stretches", ((0, 1_000), (1_000, 5_000))),
        ("Watched", "durations", (5, 4)),
        ("Watched", "at", None),
        ("Watched", "total", 4_999),
        ("Presence", "total", 1),
        ("Scores", "best", ((1, START), (1, START))),
        ("Scores", "lesson_id", 9),
        ("Scores", "member_id", 9),
    ],
)
def test_evidence_changed_behind_the_trackers_back_is_found(
    kind: str, field: str, value: Any
) -> None:
    tracker = academy()
    evidence = next(x for x in tracker._state.evidence if type(x).__name__ == kind)
    object.__setattr__(evidence, field, value)
    with pytest.raises(CorruptStore):
        tracker.check()


def _names(tracker: Tracker) -> Any:
    return tracker._state.store._live_names


NAMES: dict[str, Callable[[Any], Any]] = {
    "a title that is not the lesson's": lambda names: names.titles.update({1: "Renamed"}),
    "a title of no lesson": lambda names: names.titles.update({9: "Renamed"}),
    "a lesson without a title": lambda names: names.titles.pop(1),
    "a member shown as another": lambda names: names.shown.update({1: names.shown[2]}),
    "a member of another coworker": lambda names: names.coworker_of.update({1: 2}),
    "a coworker without a member": lambda names: names.members_of.update({1: ()}),
    "a label of another": lambda names: names.of_members.known.update(
        {1: names.of_members.known[2]}
    ),
    "a label of nobody": lambda names: names.of_lessons.known.pop(2),
    "labels of another coworker": lambda names: names.labels_of.update({1: names.labels_of[2]}),
}


@pytest.mark.parametrize("what", NAMES)
def test_names_that_are_not_the_entities_are_found(what: str) -> None:
    tracker = academy()
    NAMES[what](_names(tracker))
    with pytest.raises(CorruptStore, match=r"(names|labels).* disagree with the entities"):
        tracker.check()


def test_what_is_worked_out_of_a_course_is_found_where_it_is_stale() -> None:
    tables = EntityTables()
    for entity in academy().entities():
        tables.put(UndoLog(), None, entity)  # type: ignore[arg-type]
    for field in ("countable_ids", "positions", "section_by_id", "lesson_locks", "section_locks"):
        object.__setattr__(tables.outline(1), field, {})
        with pytest.raises(CorruptStore, match="outline kept for course 1"):
            tables.check()
        tables._outlines.clear()
        tables.check()
