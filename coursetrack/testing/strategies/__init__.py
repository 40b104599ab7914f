"""Hypothesis strategies: entities, academies, event streams, changes, queries, query strings.

Everything is keyword-only, and built rather than filtered: each draw is valid and none is thrown
away. Values come from small pools on purpose, because ties, repeated titles and shared instants
are where engines differ; what shrinks becomes an early, plain value.

Needs the extra ``testing``: ``pip install coursetrack[testing]``.
"""

from coursetrack.testing.strategies.academies import Academy, academies
from coursetrack.testing.strategies.criteria import criteria
from coursetrack.testing.strategies.entities import (
    completed_lessons,
    course_members,
    courses,
    coworkers,
    lessons,
    sections,
)
from coursetrack.testing.strategies.events import (
    EVENTS,
    Arrival,
    academy_events,
    button_clicks,
    event_streams,
    events,
    page_visits,
    scores,
    times_spent,
    video_finishes,
    video_progresses,
)
from coursetrack.testing.strategies.facts import changes, evidence, remembered_events
from coursetrack.testing.strategies.queries import ShownRecord, queries
from coursetrack.testing.strategies.query_strings import (
    HOSTILE_VALUES,
    PARAMETERS,
    PREFIX,
    hostile_query_strings,
    query_strings,
    spellings,
)
from coursetrack.testing.strategies.trackers import trackers
from coursetrack.testing.strategies.values import (
    AWKWARD_TEXTS,
    START,
    any_instants,
    coverages,
    ids,
    instants,
    json_values,
    texts,
)

__all__ = [
    "AWKWARD_TEXTS",
    "EVENTS",
    "HOSTILE_VALUES",
    "PARAMETERS",
    "PREFIX",
    "START",
    "Academy",
    "Arrival",
    "ShownRecord",
    "academies",
    "academy_events",
    "any_instants",
    "button_clicks",
    "changes",
    "completed_lessons",
    "course_members",
    "courses",
    "coverages",
    "coworkers",
    "criteria",
    "event_streams",
    "events",
    "evidence",
    "hostile_query_strings",
    "ids",
    "instants",
    "json_values",
    "lessons",
    "page_visits",
    "queries",
    "query_strings",
    "remembered_events",
    "scores",
    "sections",
    "spellings",
    "texts",
    "times_spent",
    "trackers",
    "video_finishes",
    "video_progresses",
]
