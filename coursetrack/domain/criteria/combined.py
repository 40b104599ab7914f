"""Criteria over criteria: all of them, any of them, at least so many of them.

Each is met since the instant at which enough of its parts were: the n-th smallest of theirs.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self

import attrs

from coursetrack.domain.criteria.criterion import Criterion, Known, Need, effort, together
from coursetrack.domain.values import as_int
from coursetrack.errors import InvalidValue

MAX_DEPTH = 8
"""How many criteria over criteria may lie one within the other."""
MAX_PARTS = 100
"""How many parts one of them may have. (decided)"""


def _as_criteria(value: Iterable[object]) -> tuple[Criterion, ...]:
    criteria = tuple(value)
    if not 0 < len(criteria) <= MAX_PARTS:
        raise InvalidValue.of("criteria", criteria, f"from 1 to {MAX_PARTS} criteria")
    for each in criteria:
        if not isinstance(each, Criterion):
            raise InvalidValue.of("criteria", each, "a criterion such as Visited()")
        if each.depth >= MAX_DEPTH:
            raise InvalidValue.of("criteria", each, f"criteria nested at most {MAX_DEPTH} deep")
    return tuple(each for each in criteria if isinstance(each, Criterion))


def _as_written(value: object) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise InvalidValue.of("criteria", value, "a list of criteria")
    return value


@attrs.frozen(init=False, repr=False)
class _Combined(Criterion):
    """So many of the parts."""

    criteria: tuple[Criterion, ...]

    @property
    def needed(self) -> int:
        """How many of the parts have to be met: one, where nothing else is said."""
        return 1

    def __repr__(self) -> str:
        counted = (f"{self.count}",) if isinstance(self, AtLeast) else ()
        return f"{type(self).__name__}({', '.join((*counted, *map(repr, self.criteria)))})"

    @property
    def parts(self) -> tuple[Criterion, ...]:
        """The criteria."""
        return self.criteria

    @property
    def can_be_met(self) -> bool:
        """Whether enough of the parts can."""
        return sum(each.can_be_met for each in self.criteria) >= self.needed

    def since(self, known: Known) -> datetime | None:
        """The instant at which enough parts were met."""
        instants = [each.since(known) for each in self.criteria]
        met = sorted(each for each in instants if each is not None)
        return met[self.needed - 1] if len(met) >= self.needed else None

    def missing(self, known: Known) -> tuple[Need, ...]:
        """What the shortest of the parts that are not met need, as many as it takes."""
        ways = [each.missing(known) for each in self.criteria]
        open_ways = sorted((way for way in ways if way), key=effort)
        still = self.needed - (len(ways) - len(open_ways))
        return together(need for way in open_ways[: max(0, still)] for need in way)

    @classmethod
    def of_plain(cls, fields: Mapping[str, Any]) -> Self:
        """The one over the criteria that were written."""
        return cls(*_as_written(fields["criteria"]))


@attrs.frozen(init=False, repr=False)
class AllOf(_Combined):
    """All of these criteria."""

    def __init__(self, *criteria: Criterion) -> None:
        self.__attrs_init__(_as_criteria(criteria))

    @property
    def needed(self) -> int:
        """As many as there are."""
        return len(self.criteria)


@attrs.frozen(init=False, repr=False)
class AnyOf(_Combined):
    """Any of these criteria."""

    def __init__(self, *criteria: Criterion) -> None:
        self.__attrs_init__(_as_criteria(criteria))


@attrs.frozen(init=False, repr=False)
class AtLeast(_Combined):  # type: ignore[override]
    """At least `count` of these criteria, which may not be fewer."""

    count: int

    def __init__(self, count: int, *criteria: Criterion) -> None:
        taken = _as_criteria(criteria)
        count = as_int("count", count, low=1, high=len(taken))
        self.__attrs_init__(taken, count)

    @property
    def needed(self) -> int:
        """The count."""
        return self.count

    @classmethod
    def of_plain(cls, fields: Mapping[str, Any]) -> Self:
        """The one over the criteria that were written."""
        return cls(fields["count"], *_as_written(fields["criteria"]))
