"""Tells hypothesis how to make coursetrack's values, so that ``st.from_type(PageVisit)`` works.

Hypothesis calls :func:`register` as soon as it is imported. Strategies are imported only when
one of the types is asked for.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from coursetrack.domain.changes import Change
from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    Section,
)
from coursetrack.domain.facts import RememberedEvent
from coursetrack.domain.kinds import CRITERION_KINDS, EVENT_KINDS, EVIDENCE_KINDS
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.tracker import Tracker

STRATEGIES: Mapping[type[Any], str] = MappingProxyType(
    {
        Coworker: "coworkers",
        Course: "courses",
        Section: "sections",
        Lesson: "lessons",
        CourseMember: "course_members",
        CompletedLesson: "completed_lessons",
        CompletedLessonQuery: "queries",
        Change: "changes",
        RememberedEvent: "remembered_events",
        Criterion: "criteria",
        Tracker: "trackers",
    }
)
"""For each type the name of the strategy that makes it."""


def register() -> None:
    """Registers every type with hypothesis. The entry point ``hypothesis`` names this function."""
    from hypothesis.strategies import register_type_strategy

    for made, name in STRATEGIES.items():
        register_type_strategy(made, _later(name))
    for event in EVENT_KINDS.values():
        register_type_strategy(event, _event)
    for evidence in EVIDENCE_KINDS.values():
        register_type_strategy(evidence, _evidence)
    for criterion in CRITERION_KINDS.values():
        register_type_strategy(criterion, _criterion)


def _later(name: str) -> Any:
    return lambda _: getattr(_strategies(), name)()


def _strategies() -> Any:
    return import_module("coursetrack.testing.strategies")


def _event(kind: Any) -> Any:
    return _strategies().EVENTS[kind]()


def _evidence(kind: Any) -> Any:
    return _strategies().evidence(kind=kind)


def _criterion(kind: Any) -> Any:
    return _strategies().criteria(kind=kind)
