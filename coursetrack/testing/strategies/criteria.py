"""Strategies for criteria: those that the origin has, those beyond, and those over others."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from coursetrack.domain.criteria.amounts import ScoreAtLeast, TimeSpentAtLeast
from coursetrack.domain.criteria.combined import AllOf, AnyOf, AtLeast
from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.criteria.triggers import Button, Untracked, VideoEnd, Visited
from coursetrack.domain.criteria.video import VideoCoverage
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies.values import coverages

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy

_SECONDS = st.sampled_from([60, 30, 0.001, 90, 86_400])


Parts = SearchStrategy[Any]

CRITERIA: Mapping[type[Criterion], Callable[[Parts], SearchStrategy[Any]]] = MappingProxyType(
    {
        Visited: lambda _: st.just(Visited()),
        Button: lambda _: st.just(Button()),
        VideoEnd: lambda _: st.just(VideoEnd()),
        Untracked: lambda _: st.just(Untracked()),
        VideoCoverage: lambda _: st.builds(VideoCoverage, coverages()),
        TimeSpentAtLeast: lambda _: st.builds(TimeSpentAtLeast, _SECONDS),
        ScoreAtLeast: lambda _: st.builds(ScoreAtLeast, coverages()),
        AllOf: lambda parts: _few(parts).map(lambda some: AllOf(*some)),
        AnyOf: lambda parts: _few(parts).map(lambda some: AnyOf(*some)),
        AtLeast: lambda parts: _few(parts).flatmap(
            lambda some: st.integers(1, len(some)).map(lambda count: AtLeast(count, *some))
        ),
    }
)
"""The strategy of each kind of criterion, given that of the parts it may have."""


@cache
def criteria(*, kind: type[Criterion] | None = None) -> SearchStrategy[Any]:
    """Criteria of every kind, or of one, now and then nested."""
    if kind is not None:
        return CRITERIA[kind](criteria())
    return st.recursive(_of_any_kind(st.nothing()), _of_any_kind, max_leaves=4)


def _of_any_kind(parts: Parts) -> SearchStrategy[Any]:
    return st.one_of([each(parts) for each in CRITERIA.values()])


def _few(parts: Parts) -> SearchStrategy[list[Any]]:
    return st.lists(parts, min_size=1, max_size=3)
