"""Small courses to test with: everything in course 1, everybody enrolled at START."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Lesson,
    Section,
    UnlockType,
)
from coursetrack.domain.outline import Outline, outline

START = datetime(2025, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

SEQUENTIAL, TIMED = UnlockType.SEQUENTIAL, UnlockType.TIMED
NONE, VISITED, BUTTON, VIDEO = CompletionType


def lesson(id_: int, section_id: int | None = None, **fields: Any) -> Lesson:
    """A lesson that lies at `id_` in its section's order unless `display_order` says else."""
    told = {"course_id": 1, "title": f"Lesson {id_}", "display_order": id_, **fields}
    return Lesson(id=id_, section_id=section_id, **told)


def section(id_: int, **fields: Any) -> Section:
    """A section that lies at `id_` in the course's order unless `display_order` says else."""
    return Section(
        **{"course_id": 1, "title": f"Week {id_}", "display_order": id_, **fields}, id=id_
    )


def member(**fields: Any) -> CourseMember:
    """Member 7 of course 1."""
    return CourseMember(
        **{"id": 7, "course_id": 1, "coworker_id": 1, "created_on": START, **fields}
    )


def course(*parts: Lesson | Section, active: bool = True) -> Outline:
    """The outline of course 1 with these sections and lessons."""
    return outline(
        Course(id=1, title="Onboarding", active=active),
        [part for part in parts if isinstance(part, Section)],
        [part for part in parts if isinstance(part, Lesson)],
    )


def completed(*lesson_ids: int, at: datetime = START) -> dict[int, CompletedLesson]:
    """Member 7's completions of these lessons, by lesson id."""
    return {
        lesson_id: CompletedLesson(id=place, lesson_id=lesson_id, member_id=7, created_on=at)
        for place, lesson_id in enumerate(lesson_ids, start=1)
    }


def _unlocks() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "active": st.sampled_from((True, True, True, False)),
        "display_order": st.integers(0, 2),
        "unlock_type": st.sampled_from(UnlockType),
        "unlock_after_days": st.sampled_from((0, 1, 2, 40_000, 3_650_000)),
    }


@st.composite
def parts(draw: Callable[[st.SearchStrategy[Any]], Any]) -> list[Lesson | Section]:
    """The sections and lessons of a random small course, ties and odd settings included."""
    sections = [
        section(id_, **draw(st.fixed_dictionaries(_unlocks())))
        for id_ in range(1, 1 + draw(st.integers(0, 4)))
    ]
    lessons = [
        lesson(
            id_,
            draw(st.sampled_from([None, *(each.id for each in sections)])),
            completion_type=draw(st.sampled_from(CompletionType)),
            video_coverage=draw(st.sampled_from((None, 0.5, 1))),
            required=draw(st.sampled_from((True, True, False))),
            **draw(st.fixed_dictionaries(_unlocks())),
        )
        for id_ in range(1, 1 + draw(st.integers(0, 9)))
    ]
    return draw(st.permutations([*sections, *lessons]))


def done_sets() -> st.SearchStrategy[set[int]]:
    """Which lessons a member has completed, in any combination."""
    return st.sets(st.integers(1, 9))


def moments() -> st.SearchStrategy[datetime]:
    """Instants around the enrolment and around the days at which waits end."""
    return st.builds(
        lambda days, ticks: START + days * DAY + ticks * TICK,
        st.integers(-1, 3),
        st.integers(-1, 1),
    )
