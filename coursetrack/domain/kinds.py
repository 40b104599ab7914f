"""Every closed list of kinds, once: what there is of entities, events, evidence and criteria.

All other lists of kinds in the package derive from these. The kinds of lock are the members of
:class:`~coursetrack.domain.entities.UnlockType`; whoever tells them apart matches all of them.

A host may bring criteria of its own, and with them their evidence: :class:`Kinds` is the built-in
tables and those together. Nothing is registered anywhere: whoever reads plain values is given one.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, get_args

import attrs

from coursetrack.domain.criteria.amounts import ScoreAtLeast, TimeSpentAtLeast
from coursetrack.domain.criteria.combined import AllOf, AnyOf, AtLeast
from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.criteria.triggers import Button, Untracked, VideoEnd, Visited
from coursetrack.domain.criteria.video import VideoCoverage
from coursetrack.domain.entities import Entity
from coursetrack.domain.events import Event
from coursetrack.domain.evidence import (
    Evidence,
    FirstClick,
    FirstFinish,
    FirstVisit,
    Presence,
    Scores,
)
from coursetrack.domain.values import as_iterable
from coursetrack.domain.watched import Watched
from coursetrack.errors import InvalidValue

T = TypeVar("T")


def _by_name(kinds: Iterable[type[T]]) -> Mapping[str, type[T]]:
    return MappingProxyType({kind.__name__: kind for kind in kinds})


ENTITY_KINDS: Mapping[str, type[Any]] = _by_name(get_args(Entity))
"""The kinds of entity by name, completed lessons included."""

EVENT_KINDS: Mapping[str, type[Event]] = _by_name(get_args(Event))
"""The kinds of event by name."""

EVIDENCE_KINDS: Mapping[str, type[Evidence]] = _by_name(
    (FirstVisit, FirstClick, FirstFinish, Watched, Presence, Scores)
)
"""The kinds of evidence by name: at least one for each kind of event."""

CRITERION_KINDS: Mapping[str, type[Criterion]] = _by_name(
    (
        Untracked,
        Visited,
        Button,
        VideoEnd,
        VideoCoverage,
        TimeSpentAtLeast,
        ScoreAtLeast,
        AllOf,
        AnyOf,
        AtLeast,
    )
)
"""The kinds of criterion by name."""


@attrs.frozen
class Kinds:
    """The built-in kinds, and those that a host brings."""

    criteria: Mapping[str, type[Criterion]] = CRITERION_KINDS
    evidence: Mapping[str, type[Evidence]] = EVIDENCE_KINDS

    def knows(self, criterion: Criterion) -> bool:
        """Whether the criterion and all its parts are of these kinds."""
        known = self.criteria.get(type(criterion).__name__) is type(criterion)
        return known and all(map(self.knows, criterion.parts))

    @property
    def own(self) -> tuple[type[Criterion], ...]:
        """The criteria that the host brought."""
        return tuple(kind for name, kind in self.criteria.items() if name not in CRITERION_KINDS)


KINDS = Kinds()
"""The built-in kinds alone."""


def kinds_with(criteria: Iterable[type[Criterion]]) -> Kinds:
    """The built-in kinds and these criteria of the host's, with the evidence that they keep.

    InvalidValue for what is no criterion, and for a name that is taken.
    """
    own: dict[str, type[Criterion]] = {}
    evidence: dict[str, type[Evidence]] = {}
    for kind in as_iterable("criteria", criteria):
        if not (isinstance(kind, type) and issubclass(kind, Criterion)):
            raise InvalidValue.of("criteria", kind, "classes of criteria")
        _add(own, kind, CRITERION_KINDS)
        for each in kind.keeps:
            _add(evidence, each, EVIDENCE_KINDS)
    if not own:
        return KINDS
    return Kinds(
        MappingProxyType({**CRITERION_KINDS, **own}),
        MappingProxyType({**EVIDENCE_KINDS, **evidence}),
    )


def _add(kinds: dict[str, type[T]], kind: type[T], built_in: Mapping[str, type[T]]) -> None:
    name = kind.__name__
    if built_in.get(name, kind) is not kind or kinds.get(name, kind) is not kind:
        raise InvalidValue.of("criteria", kind, f"a kind whose name is not taken, as {name} is")
    if name not in built_in:
        kinds[name] = kind


def one_of(kinds: Mapping[str, type[Any]]) -> str:
    """The names of some kinds as an error says them: ``a PageVisit, ButtonClick or Scored``."""
    *names, last = kinds
    return f"a {', '.join(names)} or {last}"
