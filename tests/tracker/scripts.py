"""Random scripts of calls over a small world, in which most things happen to most entities."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from coursetrack import (
    AllOf,
    AnyOf,
    AtLeast,
    Button,
    ButtonClick,
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    CoursetrackError,
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
    VideoEnd,
    VideoFinish,
    VideoProgress,
    Visited,
)

START = datetime(2025, 1, 1, tzinfo=UTC)
Call = tuple[str, tuple[Any, ...], dict[str, Any]]

few = st.integers(1, 4)
two = st.integers(1, 2)
instants = st.integers(-1, 5).map(lambda days: START + timedelta(days=days))

courses = st.builds(Course, id=two, title=st.just("Course"), active=st.booleans() | st.just(True))
sections = st.builds(
    Section,
    id=two,
    course_id=two,
    title=st.just("Section"),
    active=st.booleans() | st.just(True),
    display_order=two,
    unlock_type=st.sampled_from(UnlockType),
    unlock_after_days=two,
)
_outline: dict[str, Any] = {
    "id": few,
    "course_id": two,
    "title": st.sampled_from(["Welcome", "Goodbye"]),
    "section_id": st.none() | two,
    "active": st.booleans() | st.just(True),
    "display_order": two,
    "unlock_type": st.just(UnlockType.IMMEDIATE) | st.sampled_from(UnlockType),
    "unlock_after_days": two,
    "required": st.booleans() | st.just(True),
}
_criteria = st.sampled_from(
    [
        TimeSpentAtLeast(90_000),
        ScoreAtLeast(0.5),
        AllOf(Visited(), Button()),
        AnyOf(VideoCoverage(0.5), Button(), TimeSpentAtLeast(60)),
        AtLeast(2, Visited(), ScoreAtLeast(1), AnyOf(Button(), VideoEnd())),
    ]
)
lessons = st.builds(
    Lesson,
    **_outline,
    completion_type=st.sampled_from(CompletionType),
    video_coverage=st.sampled_from([None, Fraction(1, 2), Fraction(1)]),
) | st.builds(Lesson, **_outline, criterion=_criteria)
coworkers = st.builds(
    Coworker,
    id=two,
    full_name=st.sampled_from(["Ada", "Bea"]),
    team_names=st.sampled_from([(), ("Ops",), ("Design", "Ops")]),
)
members = st.builds(
    CourseMember,
    id=few,
    course_id=two,
    coworker_id=two,
    created_on=st.just(START),
    approved=st.booleans() | st.just(True),
    blocked=st.just(False) | st.booleans(),
)
completed = st.builds(
    CompletedLesson,
    id=st.integers(1, 12),
    lesson_id=st.integers(0, 4),
    member_id=st.integers(0, 4),
    created_on=instants,
    updated_on=st.none() | instants,
    updated_by=st.none() | st.just("admin@example.com"),
    system_id=st.none() | st.just("S-1"),
    custom_fields=st.none() | st.just({"Grade": [1, 2.5, None, {"Of": "x"}]}),
    unique_id=st.just("") | st.just("a1b2c3d4-e5f6-7890-abcd-ef1234567890"),
)
entities = courses | sections | lessons | coworkers | members | completed
_seconds = st.integers(0, 10)
_told = {
    "member_id": few,
    "lesson_id": few,
    "at": instants,
    "event_id": st.none() | st.sampled_from("abc"),
}
events = st.one_of(
    st.builds(PageVisit, **_told),
    st.builds(ButtonClick, **_told),
    st.builds(VideoFinish, **_told),
    st.builds(VideoProgress, **_told, start=_seconds, end=_seconds, duration=st.just(10)),
    st.builds(TimeSpent, **_told, seconds=st.sampled_from([60, 86_400])),
    st.builds(Scored, **_told, score=_seconds, out_of=st.just(10)),
)

recorded = st.fixed_dictionaries({}, optional={"recorded_at": instants})

calls: st.SearchStrategy[Call] = st.one_of(
    st.tuples(
        st.sampled_from(["add", "replace", "replace", "remove"]), st.tuples(entities), st.just({})
    ),
    st.tuples(st.just("add_all"), st.tuples(st.lists(entities, max_size=3)), st.just({})),
    st.tuples(st.just("record"), st.tuples(events), recorded),
    st.tuples(st.just("record_many"), st.tuples(st.lists(events, max_size=8)), recorded),
    st.tuples(
        st.just("complete"),
        st.just(()),
        st.fixed_dictionaries({"lesson_id": few, "member_id": few, "at": instants}),
    ),
    st.tuples(
        st.just("update_completed"),
        st.just(()),
        st.fixed_dictionaries(
            {
                "id": few,
                "lesson_id": few,
                "member_id": few,
                "at": instants,
                "by": st.just("admin@example.com"),
            }
        ),
    ),
    st.tuples(st.just("delete_completed"), st.just(()), st.fixed_dictionaries({"id": few})),
    st.tuples(
        st.just("settle"),
        st.just(()),
        st.fixed_dictionaries({"course_id": two, "at": instants}),
    ),
    st.tuples(
        st.just("reset"),
        st.just(()),
        st.fixed_dictionaries({"member_id": few, "lesson_id": st.none() | few}),
    ),
)
scripts = st.lists(calls, max_size=30)


def academy(tracker: Any = None) -> Any:
    """Two courses with lessons of every type and members, of whom all may learn."""
    tracker = Tracker(remember_events=2) if tracker is None else tracker
    for id_ in (1, 2):
        tracker.add(Course(id=id_, title="Course"))
        tracker.add(Coworker(id=id_, full_name="Ada", team_names=("Ops",)))
    tracker.add(Section(id=1, course_id=1, title="Section", unlock_type=UnlockType.SEQUENTIAL))
    for id_, kind in enumerate(
        (CompletionType.VISITED, CompletionType.BUTTON, CompletionType.VIDEO), 1
    ):
        tracker.add(Lesson(id=id_, course_id=1, title="Welcome", completion_type=kind))
    tracker.add(Lesson(id=4, course_id=1, section_id=1, title="Goodbye"))
    for id_, course_id in enumerate((1, 1, 2), 1):
        tracker.add(CourseMember(id=id_, course_id=course_id, coworker_id=1, created_on=START))
    return tracker


def play(tracker: Any, call: Call) -> Any:
    """What the call returned, or the error that it raised."""
    name, arguments, named = call
    method: Callable[..., Any] = getattr(tracker, name)
    try:
        return method(*arguments, **named)
    except CoursetrackError as error:
        return error
