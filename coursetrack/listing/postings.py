"""Posting lists: rows in order, in pieces short enough to insert into, with counts for ranges.

    keys      10 11 12 | 14 14 15 | 19 20        three pieces
    starts    0          3          6         8  prefix sums: a deep page is one bisection
    zone      a piece's rows sorted by *another* column: how many rows of the piece lie in a
              range of that column is two bisections, so a range is counted piece by piece and
              only the piece that the page begins in is looked into

A posting list does not know its columns: whoever calls hands over the order (and the column) to
read with. Positions count from 0 in ascending order.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, compress
from operator import attrgetter
from typing import Any

from coursetrack.errors import CorruptStore
from coursetrack.listing.sizes import bytes_of
from coursetrack.listing.table import Table

Column = Sequence[Any]
Span = tuple[float, float]
"""The least and the greatest value of a range, both included."""


class PieceLimit:
    """How long a piece may grow. Small in tests, so that every split and merge happens."""

    piece = 2048


class SortOrder:
    """Ascending by one column of the table, ties by id."""

    __slots__ = ("_column", "name", "table")

    def __init__(self, table: Table, name: str) -> None:
        self.table: Table = table
        self.name: str = name
        self._column: Callable[[Table], Column] = attrgetter(name)

    def column(self) -> Column:
        """The column as it is now: a widened one is another object."""
        return self._column(self.table)

    def key(self, row: int) -> tuple[Any, int]:
        """Where `row` belongs. No two rows in force have the same key."""
        return self._column(self.table)[row], self.table.ids[row]

    def sort(self, rows: list[int]) -> None:
        """Puts `rows`, which ascend as they arrived, in this order. O(n log n) at most."""
        if not self.table.now.rows_ascend:
            rows.sort(key=self.table.ids.__getitem__)
        if self.name != "ids":
            rows.sort(key=self.column().__getitem__)


def merged(parts: Iterable[Iterable[int]], count: int, size: int) -> list[int]:
    """The `count` different rows of all `parts`, ascending, out of a table of `size` rows.

    O(count log parts), or O(size) with a very small constant where that is cheaper.
    """
    if count * _SPARSE < size:
        return sorted(chain.from_iterable(parts))
    marks = bytearray(size)
    for row in chain.from_iterable(parts):
        marks[row] = 1
    return list(compress(range(size), marks))


_SPARSE = 16


class PostingList:
    """Rows in ascending order. Costs are for n rows in pieces of at most p (some 2,000)."""

    __slots__ = ("_shared", "_starts", "_zones", "owner", "pieces", "size")

    def __init__(self, rows: Sequence[int] = (), owner: object = None) -> None:
        self.owner: object = owner
        self._shared = (
            False  # pieces may be another posting list's: each write copies the one it changes
        )
        self._fill(rows)

    def _fill(self, rows: Sequence[int]) -> None:
        step, size = PieceLimit.piece, len(rows)
        if 0 < size <= step:
            self.pieces: list[array[int]] = [array("i", rows)]
        else:
            self.pieces = [array("i", rows[at : at + step]) for at in range(0, size, step)]
        self.size: int = size
        self._starts: list[int] | None = None
        self._zones: dict[str, list[array[int] | None]] | None = None

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.pieces)

    def copy(self, owner: object) -> "PostingList":
        """An independent copy; this posting list must not be written to any more. O(n/p)."""
        other = PostingList(owner=owner)
        other._shared = True
        other.pieces = self.pieces[:]
        other.size = self.size
        if self._zones is not None:
            other._zones = {name: zones[:] for name, zones in self._zones.items()}
        return other

    def _own(self, place: int) -> "array[int]":
        """The piece at `place`, to write to."""
        if self._shared:
            self.pieces[place] = self.pieces[place][:]
        return self.pieces[place]

    # -- writing

    def add(self, order: SortOrder, row: int) -> None:
        """Puts `row` in its place. O(1) at the end, else O(log n + p)."""
        key = order.key
        pieces, wanted = self.pieces, key(row)
        if not pieces:
            self._fill((row,))
            return
        if key(pieces[-1][-1]) < wanted:
            place = len(pieces) - 1
            self._own(place).append(row)
        else:
            place = bisect_left(pieces, wanted, key=lambda piece: key(piece[-1]))
            insort(self._own(place), row, key=key)
        self._changed(place, 1)
        if len(pieces[place]) > 2 * PieceLimit.piece:
            self._split(place)

    def discard(self, order: SortOrder, row: int) -> bool:
        """Takes `row` out; False when it is not there. O(log n + p)."""
        key = order.key
        pieces, wanted = self.pieces, key(row)
        place = bisect_left(pieces, wanted, key=lambda piece: key(piece[-1]))
        if place == len(pieces):
            return False
        piece = pieces[place]
        at = bisect_left(piece, wanted, key=key)
        if piece[at] != row:
            return False
        del self._own(place)[at]
        self._changed(place, -1)
        if not pieces[place]:
            self._drop(place)
        return True

    def extend(self, order: SortOrder, rows: list[int]) -> None:
        """Puts many rows, in order of arrival, in their places.

        O(n + rows), or O(rows) where all come behind.
        """
        order.sort(rows)
        if self.pieces and order.key(rows[0]) < order.key(self.pieces[-1][-1]):
            if len(rows) * 16 < self.size:
                for row in rows:
                    self.add(order, row)
                return
            rows = sorted([*self, *rows])
            order.sort(rows)
            self._fill(rows)
            return
        if self.pieces and len(self.pieces[-1]) + len(rows) <= PieceLimit.piece:
            self._own(-1).extend(rows)
            self._changed(len(self.pieces) - 1, len(rows))
            return
        tail = PostingList(rows)
        self.pieces += tail.pieces
        self.size += tail.size
        self._starts = None
        if self._zones is not None:
            for zones in self._zones.values():
                zones += [None] * len(tail.pieces)

    def _changed(self, place: int, by: int) -> None:
        self.size += by
        self._starts = None
        if self._zones is not None:
            for zones in self._zones.values():
                zones[place] = None

    def _split(self, place: int) -> None:
        piece = self.pieces[place]
        half = len(piece) // 2
        self.pieces[place : place + 1] = [piece[:half], piece[half:]]
        if self._zones is not None:
            for zones in self._zones.values():
                zones.insert(place, None)

    def _drop(self, place: int) -> None:
        del self.pieces[place]
        if self._zones is not None:
            for zones in self._zones.values():
                del zones[place]

    # -- reading by position

    @property
    def starts(self) -> list[int]:
        """The position of each piece's first row, and the number of rows. O(n/p) after a write."""
        if self._starts is None:
            self._starts = list(accumulate(map(len, self.pieces), initial=0))
        return self._starts

    def slice(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(log n/p + rows)."""
        stop = min(stop, self.size)
        if start >= stop:
            return []
        pieces = self.pieces
        if len(pieces) == 1:
            return pieces[0][start:stop].tolist()
        starts = self.starts
        place = bisect_right(starts, start) - 1
        found: list[int] = []
        while start < stop:
            base = starts[place]
            found += pieces[place][start - base : stop - base]
            place += 1
            start = starts[place]
        return found

    def long_list(self, place: int) -> "PostingList | None":
        """None: no block of a posting list is longer than a piece."""
        return None

    @property
    def blocks(self) -> int:
        """How many pieces there are."""
        return len(self.pieces)

    def block_rows(self, place: int) -> Sequence[int]:
        """The rows of a piece in order."""
        return self.pieces[place]

    # -- reading by range

    def bounds(self, column: Column, span: Span) -> tuple[int, int]:
        """The positions whose value in `column`, the list's own order, is in `span`. O(log n)."""
        return self._position(column, span[0], bisect_left), self._position(
            column, span[1], bisect_right
        )

    def _position(self, column: Column, value: float, bisect: Callable[..., int]) -> int:
        pieces, get = self.pieces, column.__getitem__
        place = bisect(pieces, value, key=lambda piece: get(piece[-1]))
        if place == len(pieces):
            return self.size
        within = bisect(pieces[place], value, key=get)
        return within if place == 0 else self.starts[place] + within

    def is_worth_zones(self, name: str) -> bool:
        """Always: they are made of this list alone."""
        return True

    def zones(self, name: str, column: Column) -> Sequence["array[int]"]:
        """For each piece, its rows in order of `column`. Kept; a changed piece is sorted anew."""
        if self._zones is None:
            self._zones = {}
        zones = self._zones.setdefault(name, [None] * len(self.pieces))
        if None in zones:
            for place, zone in enumerate(zones):
                if zone is None:
                    zones[place] = sorted_by(column, self.pieces[place])
        return zones  # type: ignore[return-value]

    def memory(self) -> int:
        """About how many bytes it takes. O(n/p)."""
        zones = (self._zones or {}).values()
        kept = (zone for each in zones for zone in each if zone is not None)
        return bytes_of(chain((self, self.pieces), zones, self.pieces, kept))

    def check(self, name: str, table: Table) -> None:
        """Proves the sums and zones against the pieces, or raises CorruptStore."""
        if self.size != sum(map(len, self.pieces)) or not all(self.pieces):
            raise CorruptStore(f"{name}: its size is wrong or a piece is empty")
        if self.starts != list(accumulate(map(len, self.pieces), initial=0)):
            raise CorruptStore(f"{name}: its prefix sums are wrong")
        for column, zones in (self._zones or {}).items():
            for piece, zone in zip(self.pieces, zones, strict=True):
                if zone is not None and zone != sorted_by(getattr(table, column), piece):
                    raise CorruptStore(f"{name}: the values of {column} are wrong")


def sorted_by(column: Column, rows: Iterable[int]) -> "array[int]":
    """`rows` in ascending order of their values in `column`."""
    return array("i", sorted(rows, key=column.__getitem__))


def inside(column: Column, span: Span, rows: Iterable[int]) -> list[int]:
    """Those of `rows` whose value in `column` lies in `span`, in the same order. O(rows)."""
    low, high = span
    return [row for row in rows if low <= column[row] <= high]
