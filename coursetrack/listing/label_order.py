"""Label orders: the posting lists of an index one after the other, in the order of their labels.

Every row of a posting list has the same label. So the order by title, ties by id, is the posting
lists by title one after the other: nothing more is kept for it than where each list begins.

    labels    "=aerobics"  "=biology"  |  "=chemistry"  "=drama"         two blocks
    rows      3 8          1 2 6       |  4             5 7
    starts    0                           5                       8

Labels stand in blocks of some 2,000 rows, with the prefix sums of the blocks' lengths; what a
range selects is counted block by block, as a posting list counts it piece by piece.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any

from coursetrack.errors import CorruptStore
from coursetrack.listing.dimensions import Label
from coursetrack.listing.postings import Column, PieceLimit, PostingList, sorted_by
from coursetrack.listing.sizes import bytes_of
from coursetrack.listing.table import Table

_LABELS = 128


class LabelOrder:
    """The posting lists of an index one after the other, by label. Positions count from 0."""

    def __init__(self, lists: dict[Label, PostingList], labels: Iterable[Label]) -> None:
        self._lists = lists
        self._counted: set[str] = set()  # the columns that a range of was counted
        self._blocks: list[list[Label]] = []
        self._sizes: list[int] = []
        self._fill(labels)

    def _fill(self, labels: Iterable[Label]) -> None:
        lists, size = self._lists, 0
        block: list[Label] = []
        for label in labels:
            if block and (size + len(lists[label]) > PieceLimit.piece or len(block) >= _LABELS):
                self._blocks.append(block)
                self._sizes.append(size)
                block, size = [], 0
            block.append(label)
            size += len(lists[label])
        if block:
            self._blocks.append(block)
            self._sizes.append(size)
        self._starts: list[int] | None = None
        self._zones: dict[str, list[Any]] = {}

    def copy(self, lists: dict[Label, PostingList]) -> "LabelOrder":
        """An independent copy over a copy of the posting lists. O(labels)."""
        other = LabelOrder.__new__(LabelOrder)
        other._lists = lists
        other._blocks = [block[:] for block in self._blocks]
        other._sizes = self._sizes[:]
        other._starts = None
        other._counted = self._counted.copy()
        other._zones = {name: zones[:] for name, zones in self._zones.items()}
        return other

    # -- writing

    def _place(self, label: Label) -> int:
        return max(0, bisect_right(self._blocks, label, key=lambda block: block[0]) - 1)

    def insert(self, label: Label) -> None:
        """A label has come, with no rows yet. O(labels in a block)."""
        if not self._blocks:
            self._blocks, self._sizes, self._zones = [[label]], [0], {}
            return
        place = self._place(label)
        insort(self._blocks[place], label)
        if len(self._blocks[place]) > 2 * _LABELS:
            self._split(place)

    def resized(self, label: Label, by: int) -> None:
        """The label's posting list has `by` rows more. O(log labels)."""
        place = self._place(label)
        self._sizes[place] += by
        self._starts = None
        for zones in self._zones.values():
            zones[place] = None
        if self._sizes[place] > 2 * PieceLimit.piece and len(self._blocks[place]) > 1:
            self._split(place)

    def remove(self, label: Label) -> None:
        """A label has gone; its posting list was empty. O(labels in a block)."""
        place = self._place(label)
        block = self._blocks[place]
        del block[bisect_left(block, label)]
        if not block:
            del self._blocks[place], self._sizes[place]
            self._starts = None
            for zones in self._zones.values():
                del zones[place]

    def _split(self, place: int) -> None:
        lists, block = self._lists, self._blocks[place]
        sums = list(accumulate(len(lists[label]) for label in block))
        if len(block) > 2 * _LABELS:
            half = len(block) // 2
        else:
            half = min(len(block) - 1, bisect_left(sums, sums[-1] / 2) + 1)
        self._blocks[place : place + 1] = [block[:half], block[half:]]
        self._sizes[place : place + 1] = [sums[half - 1], sums[-1] - sums[half - 1]]
        self._starts = None
        for zones in self._zones.values():
            zones[place : place + 1] = [None, None]

    # -- reading

    @property
    def starts(self) -> list[int]:
        """The position of each block's first row, and the number of rows."""
        if self._starts is None:
            self._starts = list(accumulate(self._sizes, initial=0))
        return self._starts

    def slice(self, start: int, stop: int) -> list[int]:
        """The rows at these positions. O(log blocks + labels in a block + rows)."""
        starts, lists = self.starts, self._lists
        stop = min(stop, starts[-1])
        if start >= stop:
            return []
        place = bisect_right(starts, start) - 1
        skip, wanted = start - starts[place], stop - start
        found: list[int] = []
        for label in chain.from_iterable(self._blocks[place:]):
            postings = lists[label]
            if skip >= postings.size:
                skip -= postings.size
                continue
            found += postings.slice(skip, skip + wanted - len(found))
            skip = 0
            if len(found) == wanted:
                break
        return found

    def has_zones(self, name: str) -> bool:
        """Whether the blocks are sorted by that column already."""
        return name in self._zones

    def is_worth_zones(self, name: str) -> bool:
        """Whether they are there, or are asked for again: to sort all rows takes five counts."""
        if self.has_zones(name) or name in self._counted:
            return True
        self._counted.add(name)
        return False

    def zones(self, name: str, column: Column) -> Sequence["array[int] | PostingList"]:
        """For each block its rows in order of `column`; a long posting list stands for itself."""
        zones = self._zones.setdefault(name, [None] * len(self._blocks))
        if None in zones:
            for place, zone in enumerate(zones):
                if zone is None:
                    rows = self.long_list(place)
                    zones[place] = (
                        sorted_by(column, self.block_rows(place)) if rows is None else rows
                    )
        return zones

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self._blocks)

    def long_list(self, place: int) -> PostingList | None:
        """The posting list that is this block, where it is longer than a piece."""
        block = self._blocks[place]
        one_long_run = len(block) == 1 and self._sizes[place] > PieceLimit.piece
        return self._lists[block[0]] if one_long_run else None

    def block_rows(self, place: int) -> Sequence[int]:
        """All rows of a block in order."""
        lists = self._lists
        return list(chain.from_iterable(lists[label] for label in self._blocks[place]))

    def memory(self) -> int:
        """About how many bytes it takes, without the posting lists. O(blocks)."""
        zones = (zone for zones in self._zones.values() for zone in zones)
        arrays = (zone for zone in zones if isinstance(zone, array))
        return bytes_of(chain(self._blocks, arrays))

    def check(self, name: str, table: Table) -> None:
        """Proves the label order against its index, or raises CorruptStore."""
        lists = self._lists
        if list(chain.from_iterable(self._blocks)) != sorted(lists):
            raise CorruptStore(f"{name}: its labels differ from the index's")
        if self._sizes != [sum(len(lists[label]) for label in block) for block in self._blocks]:
            raise CorruptStore(f"{name}: its blocks' sizes are wrong")
        for column, zones in self._zones.items():
            for place, zone in enumerate(zones):
                rows = self.block_rows(place)
                if isinstance(zone, array) and zone != sorted_by(getattr(table, column), rows):
                    raise CorruptStore(f"{name}: the values of {column} are wrong")
