"""The ways to answer a query, each a small value that knows its total and finds any page's rows.

Positions count from 0 in ascending order; a descending page is the mirrored one, read backwards.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Protocol, TypeAlias

import attrs

from coursetrack.listing.bitmaps import Bitmap, ZoneMap
from coursetrack.listing.label_order import LabelOrder
from coursetrack.listing.postings import Column, PostingList, SortOrder, Span, inside

Test = Callable[[Sequence[int]], list[int]]
"""Keeps those of some rows that match, in the same order."""


Zone: TypeAlias = "array[int] | PostingList"
"""The sorted rows of a block, or the long posting list that a block is."""

_BLOCKS_HELD = 8
_STRIDE = 256
_PAGES_HELD = 8


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


Part: TypeAlias = tuple[PostingList, int, int]
"""The stretch of a posting list between two positions."""


@attrs.frozen
class Chained:
    """Stretches of posting lists one after the other. O(log parts) for any page."""

    parts: Sequence[Part]
    starts: list[int]
    total: int

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "Chained":
        """The chain of `parts`. O(parts)."""
        starts = list(accumulate((stop - start for _, start, stop in parts), initial=0))
        return cls(parts, starts, starts[-1])

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions."""
        found: list[int] = []
        place = bisect_right(self.starts, start) - 1
        while len(found) < stop - start:
            postings, first, last = self.parts[place]
            first += start + len(found) - self.starts[place]
            found += postings.slice(first, min(last, first + stop - start - len(found)))
            place += 1
        return found


class Bitmapped:
    """Rows that are known as bits, in the order of a column that has a zone map.

    Only the blocks that a page may lie in are sorted. O(blocks + rows of those) for any page.
    """

    def __init__(self, bitmap: Bitmap, zones: ZoneMap, order: SortOrder) -> None:
        self.bitmap = bitmap
        self.total: int = len(bitmap)
        self._zones = zones
        self._order = order
        self._pages: dict[tuple[int, int], list[int]] = {}  # those asked for last

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(1) if asked before."""
        found = self._pages.get((start, stop))
        if found is None:
            if len(self._pages) >= _PAGES_HELD:
                self._pages.clear()
            found = self._pages[start, stop] = self._found(start, stop)
        return found[:]

    def _found(self, start: int, stop: int) -> list[int]:
        if start >= stop:
            return []
        zones, counts = self._zones.refresh(), self.bitmap.counts
        counts = counts + [0] * (len(zones.lows) - len(counts))
        places, before = zones.around(counts, start, stop)
        rows = self.bitmap.rows(places)
        self._order.sort(rows)
        return rows[start - before : stop - before]

    def add(self, order: SortOrder, row: int) -> None:
        """Puts `row`, which came late, in. O(1)."""
        self._pages.clear()
        self.bitmap.add(order, row)
        self.total += 1

    def discard(self, order: SortOrder, row: int) -> None:
        """Takes `row` out, if it is there. O(1)."""
        self._pages.clear()
        self.total -= self.bitmap.discard(order, row)


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

        Where `earlier` is the same count before some writes, only changed blocks count anew. A
        source that is counted by this column for the first time has its rows tested: O(rows).
        """
        zones: list[Zone] = []
        if source.is_worth_zones(name):
            zones = list(source.zones(name, column))
            known = earlier if isinstance(earlier, Counted) else None
            counts = _counts(zones, name, column, span, known)
        else:
            blocks = map(source.block_rows, range(source.blocks))
            counts = [len(inside(column, span, rows)) for rows in blocks]
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
        first = self.source.starts[place]
        ends = max(self.start - first, 0), max(self.stop - first, 0)
        long_list = self.source.long_list(place)
        if long_list is not None:  # a block of its own, counted piece by piece in turn
            ends = ends[0], min(ends[1], long_list.size)
            return Counted.of(long_list, self.name, self.column, self.span, *ends).rows(start, stop)
        hits = self._hits.get(place)
        if hits is None:
            part = self.source.block_rows(place)[slice(*ends)]
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


class _Walk:
    """The rows of some blocks that pass a test, stride by stride, as far as was asked for.

    It goes on from where it stopped: page 2 tests only what page 1 did not::

        blocks   [3 1 8] [2 9 4 7] [5]         hits  [1] [2]      ends  0 1 2       page 1
        strides  [3 1 8] [2 9] [4 7] [5]       hits  [1] [2] [7]  ends  0 1 2 3     page 2
    """

    def __init__(
        self,
        blocks: Sequence[int],
        rows_of: Callable[[int], Sequence[int]],
        hits_in: Callable[[Sequence[int]], Sequence[int]],
    ) -> None:
        self._blocks = blocks
        self._rows_of = rows_of
        self._hits_in = hits_in  # which may raise TooFar
        self._hits: list[Sequence[int]] = []
        self._ends = [0]
        self._begins = [(0, 0)]  # in which block, and where in it, each step begins
        self._block: tuple[int, Sequence[int]] = (-1, ())  # that of the last step

    @property
    def reached(self) -> int:
        """How many rows were found so far."""
        return self._ends[-1]

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(rows of the blocks not walked before)."""
        while self.reached < stop:
            self._go_on()
        found: list[int] = []
        place = bisect_right(self._ends, start) - 1
        while len(found) < stop - start:
            skip = start + len(found) - self._ends[place]
            found += self._hits[place][skip : skip + stop - start - len(found)]
            place += 1
        return found

    def _go_on(self) -> None:
        place = len(self._ends) - 1
        del self._hits[place:], self._begins[place + 1 :]  # what a step that was cut off left
        block, start = self._begins[place]
        if self._block[0] != block:
            self._block = block, self._rows_of(self._blocks[block])
        rows, stop = self._block[1], start + _STRIDE
        self._hits.append(array("i", self._hits_in(rows[start:stop])))
        self._begins.append((block, stop) if stop < len(rows) else (block + 1, 0))
        self._ends.append(self.reached + len(self._hits[place]))


class TooFar(Exception):
    """A walk has tested as many rows as it may."""


class Walked:
    """The rows of a posting list or label order that pass a test; their number is known before.

    Walks from the nearer end, and goes on from there when the next page is asked for: the first
    and last pages are quick, the middle one touches half. Walks between two positions only.

    How far a page is can only be guessed: all of a company's people may be called Zoe. A walk that
    would test more than `most` rows is given up for the answer that `otherwise` makes, so it costs
    at most that much more::

        most 100, page 1 after 40 rows       walked        page 2 after 120 rows      otherwise
    """

    def __init__(
        self,
        source: PostingList | LabelOrder,
        test: Test,
        total: int,
        between: tuple[int, int],
        most: int,
        otherwise: Callable[[], Answer],
    ) -> None:
        start, stop = between
        self.total = total
        self.width: int = stop - start
        self._source, self._test = source, test
        self._left = most
        self._otherwise = otherwise
        self._instead: Answer | None = None
        first, last = bisect_right(source.starts, start) - 1, bisect_left(source.starts, stop)
        blocks = range(first, last)
        rows_of = source.block_rows
        self._front = _Walk(blocks, rows_of, self._hits_in)
        self._back = _Walk(blocks[::-1], lambda block: rows_of(block)[::-1], self._hits_in)

    def _hits_in(self, rows: Sequence[int]) -> list[int]:
        if len(rows) > self._left:
            raise TooFar
        hits = self._test(rows)
        self._left -= len(rows)
        return hits

    def steps(self, start: int, stop: int) -> int:
        """About how many rows must still be tested for the rows at these positions."""
        missing = min(stop - self._front.reached, self.total - start - self._back.reached)
        return max(missing, 0) * self.width // max(self.total, 1)

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(rows from the nearer end that were not walked before)."""
        if self._instead is None:
            try:
                return self._walked(start, stop)
            except TooFar:
                self._instead = self._otherwise()
        return self._instead.rows(start, stop)

    def _walked(self, start: int, stop: int) -> list[int]:
        missing = stop - self._front.reached
        if missing > 0 and missing > self.total - start - self._back.reached:
            return self._back.rows(self.total - stop, self.total - start)[::-1]
        return self._front.rows(start, stop)


class Few:
    """A few rows that were tested and sorted for this query."""

    __slots__ = ("_rows", "total")

    def __init__(self, rows: list[int]) -> None:
        self.total: int = len(rows)
        self._rows = rows

    def rows(self, start: int, stop: int) -> list[int]:
        """The rows at these positions."""
        return self._rows[start:stop]


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

    def add(self, order: SortOrder, row: int) -> None:
        """Puts `row`, which came late, in its place. O(log n + p)."""
        self.postings.add(order, row)

    def discard(self, order: SortOrder, row: int) -> None:
        """Takes `row` out, if it is there. O(log n + p)."""
        self.postings.discard(order, row)
