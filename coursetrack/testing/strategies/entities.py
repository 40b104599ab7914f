"""Strategies for entities, each on its own: valid, with references that need not exist."""

from datetime import timedelta
from functools import cache
from typing import Any

from coursetrack.domain.criteria.criterion import Criterion
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
from coursetrack.domain.values import derived_unique_id
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies.criteria import criteria
from coursetrack.testing.strategies.values import (
    ANY_IDS,
    NO_IDS,
    START,
    coverages,
    instants,
    json_values,
    mostly,
    texts,
)

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy


# Built once: making a strategy costs more than drawing from it.
_TEXT_OR_NONE = st.none() | texts()
_INSTANT_OR_NONE = st.none() | instants()
_JSON = st.none() | json_values()
_COVERAGE = st.none() | coverages()
_VIDEO_DURATIONS = mostly(st.none(), st.sampled_from([10, 9.5, 20]), times=3)
_TEAMS = st.lists(texts(), max_size=3).map(tuple)
# Often left out, else one that a small id derives, whose own record may come or be there already.
_SMALL_UNIQUE_IDS = st.integers(1, 30).map(lambda id: derived_unique_id("CompletedLesson", id))
_UNIQUE_IDS = mostly(st.just(""), _SMALL_UNIQUE_IDS, times=2)
_ENROLMENTS = st.sampled_from([START, START + timedelta(days=1, microseconds=1)])
_COMPLETION_TYPES = st.sampled_from(
    [CompletionType.VISITED, CompletionType.BUTTON, CompletionType.VIDEO, CompletionType.NONE]
)


def coworkers(*, id: SearchStrategy[int] = ANY_IDS) -> SearchStrategy[Coworker]:
    """Coworkers, with and without a company and teams."""
    return st.builds(
        Coworker,
        id=id,
        full_name=texts(),
        company_name=_TEXT_OR_NONE,
        team_names=_TEAMS,
    )


def courses(*, id: SearchStrategy[int] = ANY_IDS) -> SearchStrategy[Course]:
    """Courses, most of them active."""
    return st.builds(Course, id=id, title=texts(), active=_usually(True))


def sections(
    *, id: SearchStrategy[int] = ANY_IDS, course_id: SearchStrategy[int] = ANY_IDS
) -> SearchStrategy[Section]:
    """Sections of every unlock type, often with equal display orders."""
    return st.builds(
        Section,
        id=id,
        course_id=course_id,
        title=texts(),
        **_outline_fields(),
    )


def lessons(
    *,
    id: SearchStrategy[int] = ANY_IDS,
    course_id: SearchStrategy[int] = ANY_IDS,
    section_id: SearchStrategy[int | None] = NO_IDS,
    criterion: SearchStrategy[Criterion] | None = None,
) -> SearchStrategy[Lesson]:
    """Lessons of every unlock type and criterion, told by the origin's two fields or as it is.

    A `criterion` of your own is told as it is, half of the time.
    """
    return st.builds(
        _lesson,
        criterion=_told() if criterion is None else _told_by(criterion, 1),
        id=id,
        course_id=course_id,
        section_id=section_id,
        title=texts(),
        video_duration=_VIDEO_DURATIONS,
        required=_usually(True),
        **_outline_fields(),
    )


def _lesson(criterion: dict[str, Any], **fields: Any) -> Lesson:
    return Lesson(**fields, **criterion)


@cache
def _told() -> SearchStrategy[dict[str, Any]]:
    return _told_by(criteria(), 2)


def _told_by(criterion: SearchStrategy[Criterion], times: int) -> SearchStrategy[dict[str, Any]]:
    spelled = {"completion_type": _COMPLETION_TYPES, "video_coverage": _COVERAGE}
    return mostly(
        st.fixed_dictionaries(spelled), st.fixed_dictionaries({"criterion": criterion}), times=times
    )


def course_members(
    *,
    id: SearchStrategy[int] = ANY_IDS,
    course_id: SearchStrategy[int] = ANY_IDS,
    coworker_id: SearchStrategy[int] = ANY_IDS,
) -> SearchStrategy[CourseMember]:
    """Enrolments, most of them approved and not blocked, from :data:`START` on."""
    return st.builds(
        CourseMember,
        id=id,
        course_id=course_id,
        coworker_id=coworker_id,
        created_on=_ENROLMENTS,
        approved=_usually(True),
        blocked=_usually(False),
    )


def completed_lessons(
    *,
    id: SearchStrategy[int] = ANY_IDS,
    lesson_id: SearchStrategy[int] = ANY_IDS,
    member_id: SearchStrategy[int] = ANY_IDS,
) -> SearchStrategy[CompletedLesson]:
    """Completions as an import brings them: own update instants, system ids, custom fields.

    Some have a unique id of their own, which another record may have or its id may derive.
    """
    return st.builds(
        CompletedLesson,
        id=id,
        lesson_id=lesson_id,
        member_id=member_id,
        created_on=instants(),
        updated_on=_INSTANT_OR_NONE,
        updated_by=_TEXT_OR_NONE,
        system_id=_TEXT_OR_NONE,
        custom_fields=_JSON,
        localization_details=_JSON,
        unique_id=_UNIQUE_IDS,
    )


@cache
def _usually(usual: bool) -> SearchStrategy[bool]:
    return mostly(st.just(usual), st.just(not usual), times=7)


@cache
def _outline_fields() -> dict[str, SearchStrategy[Any]]:
    return {
        "active": _usually(True),
        "display_order": st.integers(0, 2),
        "unlock_type": st.sampled_from([*UnlockType, UnlockType.SEQUENTIAL]),
        "unlock_after_days": st.sampled_from([0, 1, 2, 3, 3_650_000]),
    }
