"""Tells hypothesis how to make coursetrack's values, so that ``st.from_type(PageVisit)`` works.

Hypothesis calls :func:`register` as soon as it is imported. Strategies are imported only when
one of the types is asked for.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    Section,
)
from coursetrack.domain.events import ButtonClick, PageVisit, VideoFinish, VideoProgress
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.watched import Watched
from coursetrack.listing.query import CompletedLessonQuery

STRATEGIES: Mapping[type[Any], str] = MappingProxyType(
    {
        Coworker: "coworkers",
        Course: "courses",
        Section: "sections",
        Lesson: "lessons",
        CourseMember: "course_members",
        CompletedLesson: "completed_lessons",
        PageVisit: "page_visits",
        ButtonClick: "button_clicks",
        VideoFinish: "video_finishes",
        VideoProgress: "video_progresses",
        CompletedLessonQuery: "queries",
        Change: "changes",
        Watched: "watched",
        RememberedEvent: "remembered_events",
    }
)
"""For each type the name of the strategy that makes it."""


def register() -> None:
    """Registers every type with hypothesis. The entry point ``hypothesis`` names this function."""
    from hypothesis.strategies import register_type_strategy

    for made, name in STRATEGIES.items():
        register_type_strategy(made, _later(name))


def _later(name: str) -> Any:
    return lambda _: getattr(import_module("coursetrack.testing.strategies"), name)()
