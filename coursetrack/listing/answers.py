"""The ways to answer a query, each a small value that knows its total and finds any page's rows.

Positions count from 0 in ascending order; a descending page is the mirrored one, read backwards.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Protocol, TypeAlias

import attrs

from coursetrack.listing.label_order import LabelOrder
from coursetrack.listing.postings import Column, PostingList, Span, inside

Test = Callable[[Sequence[int]], list[int]]
"""Keeps those of some rows that match, in the same order."""


Zone: TypeAlias = "array[int] | PostingList"
"""The sorted rows of a block, or the long posting list that a block is."""

_BLOCKS_HELD = 8


class Answer(Protocol):
    """All rows that a query finds, in its order."""

    @property
    def total(self) -> int:
        """How many rows there are."""

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions, ``0 <= start <= stop <= total``."""


@attrs.frozen
class Nothing:
    """No row."""

    total: int = 0

    def rows(self, start: int, stop: int) -> list[int]:
        """No row."""
        return []


@attrs.frozen
class Slice:
    """A stretch of a posting list or label order in the wanted order. O(log n) for any page."""

    source: PostingList | LabelOrder
    start: int
    total: int

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions."""
        return self.source.slice(self.start + start, self.start + stop)


@attrs.frozen
class Chained:
    """Whole posting lists one after the other. O(log posting lists) for any page."""

    lists: Sequence[PostingList]
    starts: list[int]
    total: int

    @classmethod
    def of(cls, lists: Sequence[PostingList]) -> "Chained":
        """The chain of `posting lists`. O(posting lists)."""
        starts = list(accumulate(map(len, lists), initial=0))
        return cls(lists, starts, starts[-1])

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions."""
        found: list[int] = []
        place = bisect_right(self.starts, start) - 1
        while len(found) < stop - start:
            skip = start + len(found) - self.starts[place]
            found += self.lists[place].slice(skip, skip + stop - start - len(found))
            place += 1
        return found


@attrs.frozen
class Counted:
    """The part of a posting list or label order whose value of another column lies in a span.

    Counted block by block from sorted rows; only the blocks that a page lies in are looked into.
    """

    source: PostingList | LabelOrder
    name: str
    column: Column
    span: Span
    start: int
    stop: int
    zones: Sequence[Zone]
    counts: Sequence[int]
    starts: Sequence[int]
    total: int
    _hits: dict[int, list[int]] = attrs.field(factory=dict, eq=False)

    @classmethod
    def of(
        cls,
        source: PostingList | LabelOrder,
        name: str,
        column: Column,
        span: Span,
        start: int,
        stop: int,
        earlier: "Answer | None" = None,
    ) -> "Counted":
        """Counts the rows between two positions of `source`. O(blocks).

        Where `earlier` is the same count before some writes, only changed blocks count anew.
        """
        zones = list(source.zones(name, column))
        known = earlier if isinstance(earlier, Counted) else None
        counts = _counts(zones, name, column, span, known)
        held, edges = counts[:], source.starts
        for place, count in enumerate(counts):
            first, last = edges[place], edges[place + 1]
            if count and (first < start or stop < last):
                part = source.block_rows(place)[max(start - first, 0) : max(stop - first, 0)]
                held[place] = len(inside(column, span, part))
        starts = list(accumulate(held, initial=0))
        return cls(source, name, column, span, start, stop, zones, counts, starts, starts[-1])

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(log blocks + rows of the blocks looked into)."""
        found: list[int] = []
        place = bisect_right(self.starts, start) - 1
        skip, wanted = start - self.starts[place], stop - start
        while len(found) < wanted:
            last = min(skip + wanted - len(found), self.starts[place + 1] - self.starts[place])
            found += self._within(place, skip, last)
            skip, place = 0, place + 1
        return found

    def _within(self, place: int, start: int, stop: int) -> list[int]:
        long_list = self.source.long_list(place)
        if long_list is not None:  # a block of its own, counted piece by piece in turn
            return Counted.of(long_list, self.name, self.column, self.span, 0, long_list.size).rows(
                start, stop
            )
        hits = self._hits.get(place)
        if hits is None:
            first = self.source.starts[place]
            part = self.source.block_rows(place)
            part = part[max(self.start - first, 0) : max(self.stop - first, 0)]
            if len(self._hits) >= _BLOCKS_HELD:
                self._hits.clear()
            hits = self._hits[place] = inside(self.column, self.span, part)
        return hits[start:stop]


def _counts(
    zones: Sequence[Zone], name: str, column: Column, span: Span, earlier: Counted | None
) -> list[int]:
    """For each zone, how many of its rows lie in `span`."""
    if earlier is not None and earlier.span == span and len(earlier.zones) == len(zones):
        return [
            count
            if zone is old and not isinstance(zone, PostingList)
            else _count(zone, name, column, span)
            for zone, old, count in zip(zones, earlier.zones, earlier.counts, strict=True)
        ]
    return [_count(zone, name, column, span) for zone in zones]


def _count(zone: Zone, name: str, column: Column, span: Span) -> int:
    if isinstance(zone, PostingList):
        return sum(_counts(zone.zones(name, column), name, column, span, None))
    low, high = span
    first, last = column[zone[0]], column[zone[-1]]
    if low <= first and last <= high:
        return len(zone)
    if high < first or last < low:
        return 0
    value = column.__getitem__
    return bisect_right(zone, high, key=value) - bisect_left(zone, low, key=value)


@attrs.frozen
class Walked:
    """The rows of a posting list or label order that pass a test; their number is known before.

    Walks from the nearer end: the first and last pages are quick, the middle one touches half.
    """

    source: PostingList | LabelOrder
    test: Test
    total: int

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(rows from the nearer end)."""
        if self.total - stop < start:
            return self._backward(self.total - stop, self.total - start)[::-1]
        found: list[int] = []
        passed = 0
        for place in range(self.source.blocks):
            hits = self.test(self.source.block_rows(place))
            if passed + len(hits) > start:
                found += hits[max(start - passed, 0) : stop - passed]
            passed += len(hits)
            if passed >= stop:
                break
        return found

    def _backward(self, start: int, stop: int) -> list[int]:
        found: list[int] = []
        passed = 0
        for place in range(self.source.blocks - 1, -1, -1):
            hits = self.test(self.source.block_rows(place))[::-1]
            if passed + len(hits) > start:
                found += hits[max(start - passed, 0) : stop - passed]
            passed += len(hits)
            if passed >= stop:
                break
        return found


@attrs.frozen
class Gathered:
    """Rows that were collected, tested and sorted for this query."""

    postings: PostingList

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.postings.size

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions."""
        return self.postings.slice(start, stop)
