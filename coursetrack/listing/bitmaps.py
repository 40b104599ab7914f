"""Rows as bits: what several filters have in common is one AND, and a count reads no row.

    rows     0 1 2 3 | 4 5 6 7         in blocks of 4 here, of 2,048 else
    team     1 0 0 1 | 0 1 1 0
    lesson   1 1 0 1 | 0 0 1 0
    both     1 0 0 1 | 0 0 1 0         counts  2 1

The bits of labels that many rows have are kept (`Bitmaps`), the others are marked when asked for.

A zone map knows the least and greatest value of each block in a column. A range takes blocks whole
or not at all, and looks into those at its ends; a page looks into the blocks that it can lie in::

    created  3 5 4 9 | 8 11 10 12      zones  3..9  8..12
    ranks 0 and 1 of `both`            2 rows are at most 9: so is all of the page, and the blocks
                                       that begin by then hold it  ->  3 9 10, sorted  ->  3 9
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, compress
from operator import and_, or_

from coursetrack.errors import CorruptStore
from coursetrack.listing.dimensions import Label
from coursetrack.listing.postings import Column, SortOrder, Span, inside
from coursetrack.listing.side_orders import Beside
from coursetrack.listing.sizes import bytes_of
from coursetrack.listing.table import Table

_SPARSE = 64
"""Of so many rows fewer than one: each bit is set by itself, which costs more for each."""

_SINGLE = 16
"""Up to so many bits of a block are taken one by one; more are looked up by the octet."""

_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
"""Which bits a byte has."""


class BlockSize:
    """How many rows a block has. Small in tests, so that there are several."""

    rows = 2048


class Bitmap:
    """A set of rows, as one integer for each block of them; its lowest bit is the first row."""

    __slots__ = ("_counts", "block", "blocks", "owner")

    def __init__(self, blocks: list[int], block: int, owner: object = None) -> None:
        self.blocks: list[int] = blocks
        self.block: int = block
        self.owner: object = owner
        self._counts: list[int] | None = None

    @classmethod
    def of(
        cls, parts: Sequence[Iterable[int]], count: int, size: int, owner: object = None
    ) -> "Bitmap":
        """The `count` rows of all `parts` together, out of a table of `size`. O(count + size)."""
        block = BlockSize.rows
        bitmap = cls([0] * -(-size // block), block, owner)
        if count * _SPARSE < size:
            for row in chain.from_iterable(parts):
                bitmap.blocks[row // block] |= 1 << row % block
            return bitmap
        marks = bytearray(b"0") * (len(bitmap.blocks) * block)
        for row in chain.from_iterable(parts):
            marks[row] = 49  # "1"
        marks.reverse()  # a text of bits begins with the highest
        ends = range(len(marks), 0, -block)
        bitmap.blocks = [int(marks[end - block : end], 2) for end in ends]
        return bitmap

    def copy(self, owner: object = None, size: int = 0) -> "Bitmap":
        """An independent copy, out of a table of at least `size` rows. O(blocks)."""
        missing = [0] * (-(-size // self.block) - len(self.blocks))
        copy = Bitmap(self.blocks + missing, self.block, owner)
        copy._counts = None if self._counts is None else self._counts + missing
        return copy

    def memory(self) -> int:
        """About how many bytes it takes. O(blocks)."""
        return bytes_of(chain((self.blocks,), self.blocks))

    # -- reading

    @property
    def counts(self) -> list[int]:
        """How many rows each block holds. O(blocks) the first time."""
        if self._counts is None:
            self._counts = [*map(int.bit_count, self.blocks)]
        return self._counts

    def __len__(self) -> int:
        return sum(self.counts)

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows(range(len(self.blocks))))

    def rows(self, places: Iterable[int]) -> list[int]:
        """The rows of the blocks at some places, ascending there. O(blocks + rows)."""
        found: list[int] = []
        width, counts, block = -(-self.block // 8), self.counts, self.block
        for place in places:
            bits, first = self.blocks[place], place * block
            if counts[place] > _SINGLE:
                octets = bits.to_bytes(width, "little")
                found += [
                    first + 8 * at + bit
                    for at in compress(range(width), octets)
                    for bit in _BITS[octets[at]]
                ]
                continue
            while bits:
                rest = bits & bits - 1
                found.append(first + (bits ^ rest).bit_length() - 1)
                bits = rest
        return found

    def __and__(self, other: "Bitmap") -> "Bitmap":
        """The rows of both; both know of equally many blocks."""
        return Bitmap([*map(and_, self.blocks, other.blocks)], self.block)

    def __or__(self, other: "Bitmap") -> "Bitmap":
        """The rows of either; both know of equally many blocks."""
        return Bitmap([*map(or_, self.blocks, other.blocks)], self.block)

    def within(self, zones: "ZoneMap", span: Span) -> "Bitmap":
        """Those whose value lies in `span`. O(blocks + rows of the blocks at its ends)."""
        low, high = span
        blocks = self.blocks[:]
        for place, (least, greatest) in enumerate(zip(zones.lows, zones.highs, strict=True)):
            if high < least or greatest < low:
                blocks[place] = 0
            elif blocks[place] and (least < low or high < greatest):
                first, bits = place * self.block, 0
                for row in inside(zones.column, span, self.rows((place,))):
                    bits |= 1 << row - first
                blocks[place] = bits
        return Bitmap(blocks, self.block)

    # -- writing

    def add(self, order: SortOrder, row: int) -> None:
        """Puts `row` in. O(1); orders make no difference to bits."""
        place, bit, counts = row // self.block, 1 << row % self.block, self.counts
        missing = [0] * (place + 1 - len(self.blocks))
        self.blocks += missing
        counts += missing
        if not self.blocks[place] & bit:
            self.blocks[place] |= bit
            counts[place] += 1

    def discard(self, order: SortOrder, row: int) -> bool:
        """Takes `row` out; False when it is not there. O(1)."""
        place, bit = row // self.block, 1 << row % self.block
        if place >= len(self.blocks) or not self.blocks[place] & bit:
            return False
        self.counts[place] -= 1
        self.blocks[place] ^= bit
        return True

    def extend(self, order: SortOrder, rows: Iterable[int]) -> None:
        """Puts many rows in. O(rows)."""
        for row in rows:
            self.add(order, row)


class ZoneMap:
    """The least and the greatest value of a column in each block of a table's rows.

    Rows never change, so a block that is full is looked at once; dead rows count too.
    """

    __slots__ = ("_by_high", "_by_low", "_name", "_seen", "_table", "block", "highs", "lows")

    def __init__(self, table: Table, name: str) -> None:
        self._table = table
        self._name = name
        self.block: int = BlockSize.rows
        self.lows: list[float] = []
        self.highs: list[float] = []
        self._seen = 0
        self._by_low: list[int] = []
        self._by_high: list[int] = []

    @property
    def column(self) -> Column:
        """The column as it is now."""
        column: Column = getattr(self._table, self._name)
        return column

    def copy(self, table: Table) -> "ZoneMap":
        """The same of a copy of the table. O(blocks)."""
        other = ZoneMap(table, self._name)
        other.block, other._seen = self.block, self._seen
        other.lows, other.highs = self.lows[:], self.highs[:]
        return other

    def memory(self) -> int:
        """About how many bytes it takes. O(1)."""
        return 6 * bytes_of((self.lows,))  # two lists of values of as much each, and two of places

    def forget(self, size: int) -> None:
        """Drops what is known of the rows from `size` on: others may come in their place."""
        if self._seen > size:
            full = size // self.block
            del self.lows[full:], self.highs[full:]
            self._seen, self._by_low = full * self.block, []

    def refresh(self) -> "ZoneMap":
        """Takes up the rows that came, and returns it. O(such rows), at times O(block + blocks)."""
        size, block = self._table.now.size, self.block
        if self._seen == size and self._by_low:
            return self
        full = self._seen // block
        if len(self.lows) == full + 1 and self._has_grown(full):
            self._seen = size
            return self
        del self.lows[full:], self.highs[full:]
        column = self.column
        for start in range(full * block, size, block):
            values = column[start : min(start + block, size)]
            self.lows.append(min(values))
            self.highs.append(max(values))
        places = range(len(self.lows))
        self._by_low = sorted(places, key=self.lows.__getitem__)
        self._by_high = sorted(places, key=self.highs.__getitem__)
        self._seen = size
        return self

    def _has_grown(self, last: int) -> bool:
        """Takes up rows of the last block alone; False where other blocks, or their order, change.

        What a service does all day: a row comes, and is the latest.
        """
        size = self._table.now.size
        if size > (last + 1) * self.block or not self._by_low or self._by_high[-1] != last:
            return False
        values = self.column[self._seen : size]
        if min(values) < self.lows[last]:
            return False
        self.highs[last] = max(self.highs[last], *values)
        return True

    def around(self, counts: Sequence[int], start: int, stop: int) -> tuple[list[int], int]:
        """The blocks that the ranks from `start` to `stop` lie in, and how many rows come before.

        `counts` says how many rows of a set each block has; ranks are by value. O(blocks).
        """
        low = self.lows[_reached(self._by_low, counts, start + 1)]
        high = self.highs[_reached(self._by_high, counts, stop)]
        before = sum(compress(counts, map(low.__gt__, self.highs)))
        bounds = zip(self.lows, self.highs, strict=True)
        return [
            place
            for place, (least, greatest) in enumerate(bounds)
            if least <= high and low <= greatest
        ], before

    def check(self, name: str) -> None:
        """Proves the bounds against the rows, or raises CorruptStore. O(rows)."""
        kept, fresh = self.refresh(), ZoneMap(self._table, self._name)
        fresh.block = self.block
        names = ("lows", "highs", "_by_low", "_by_high")
        fresh.refresh()
        if any(getattr(kept, each) != getattr(fresh, each) for each in names):
            raise CorruptStore(f"{name}: the bounds of a zone differ from the rows")


def _reached(places: Sequence[int], counts: Sequence[int], rank: int) -> int:
    """The first of `places` with which their counts reach `rank`."""
    sums = [*accumulate(map(counts.__getitem__, places))]
    return places[bisect_left(sums, rank)]


class Bitmaps(Beside[Bitmap]):
    """The bits of those labels of an index that many rows have, kept once they were asked for."""

    def _made(self, label: Label) -> Bitmap:
        rows = self._index.lists[label]
        return Bitmap.of((rows,), rows.size, self.order.table.now.size, self._owner)

    def bitmap(self, label: Label) -> Bitmap:
        """A copy of the bits of `label`. The index must be up to date, and hold it."""
        return self._held(label).copy(size=self.order.table.now.size)

    def check(self, name: str) -> None:
        """Proves what is held against the index, or raises CorruptStore."""
        for label in list(self.lists):
            if label in self._index.lists and list(self.bitmap(label)) != sorted(
                self._index.lists[label]
            ):
                raise CorruptStore(f"{name}: the bits of {label!r} differ from the rows")
