"""Every list of kinds has them all: a kind that is missing somewhere is named with the place."""

from collections.abc import Iterable

import pytest

import coursetrack
from coursetrack.domain import facts
from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.kinds import CRITERION_KINDS, ENTITY_KINDS, EVENT_KINDS, EVIDENCE_KINDS
from coursetrack.domain.plain import fact_kinds
from coursetrack.knowledge import state
from coursetrack.knowledge.entity_tables import REFERENCES
from coursetrack.testing.registration import STRATEGIES
from coursetrack.testing.strategies.criteria import CRITERIA
from coursetrack.testing.strategies.events import EVENTS

ENTITIES = set(ENTITY_KINDS.values())
NOT_EVIDENCE = set(fact_kinds().values()) - set(EVIDENCE_KINDS.values())

LISTS: dict[str, tuple[Iterable[type], Iterable[type]]] = {
    "knowledge/entity_tables: REFERENCES": ([*REFERENCES, CompletedLesson], ENTITIES),
    "knowledge/state: _WAYS": (state._WAYS, NOT_EVIDENCE),
    "domain/facts: _NAMES": (facts._NAMES, NOT_EVIDENCE),
    "testing/registration: STRATEGIES": (ENTITIES & set(STRATEGIES), ENTITIES),
    "testing/strategies/events: EVENTS": (EVENTS, EVENT_KINDS.values()),
    "testing/strategies/criteria: CRITERIA": (CRITERIA, CRITERION_KINDS.values()),
    "domain/kinds: EVIDENCE_KINDS, by event": (
        {kind.event for kind in EVIDENCE_KINDS.values()},
        EVENT_KINDS.values(),
    ),
}


@pytest.mark.parametrize("place", LISTS)
def test_a_list_of_kinds_has_them_all(place: str) -> None:
    has, wanted = (set(each) for each in LISTS[place])
    missing = sorted(kind.__name__ for kind in wanted - has)
    assert not missing, f"{place} lacks {missing}"
    assert has == wanted


@pytest.mark.parametrize("kinds", [ENTITY_KINDS, EVENT_KINDS, EVIDENCE_KINDS, CRITERION_KINDS])
def test_every_kind_is_public(kinds: dict[str, type]) -> None:
    missing = [name for name in kinds if getattr(coursetrack, name, None) is not kinds[name]]
    assert not missing, f"coursetrack/__init__ lacks {missing}"
