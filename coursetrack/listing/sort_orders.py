"""Orders that are not one column of the table: by label, and by unique id."""

from array import array
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter
from typing import Any

from coursetrack.listing.dimensions import Dimension, Label
from coursetrack.listing.postings import Column, SortOrder
from coursetrack.listing.table import Table


class ByLabel(SortOrder):
    """Ascending by a dimension's label, ties by id."""

    def __init__(self, table: Table, dimension: Dimension) -> None:
        super().__init__(table, "ids")
        self.name: str = dimension.name
        self.dimension = dimension

    def label(self, row: int) -> Label:
        """The row's label: the only one, for no order goes by a dimension with several."""
        return self.dimension.labels(self.dimension.side_of(self.table, row))[0]

    def key(self, row: int) -> tuple[Any, int]:
        """Where `row` belongs."""
        return self.label(row), self.table.ids[row]

    def sort(self, rows: list[int]) -> None:
        """Puts `rows`, which ascend as they arrived, in this order. O(n log n)."""
        if not self.table.now.rows_ascend:
            rows.sort(key=self.table.ids.__getitem__)
        label_of = _Labels(self.dimension)
        labelled = zip(map(label_of.__getitem__, self._sides(rows)), rows, strict=True)
        rows[:] = [row for _, row in sorted(labelled, key=itemgetter(0))]

    def _sides(self, rows: list[int]) -> Iterable[int]:
        if self.dimension.side is None:
            return [self.dimension.side_of(self.table, row) for row in rows]
        column: array[int] = getattr(self.table, self.dimension.side)
        return map(column.__getitem__, rows)


class _Labels(dict[int, Label]):
    """The label of a side id; looked up once for each."""

    def __init__(self, dimension: Dimension) -> None:
        super().__init__()
        self._dimension = dimension

    def __missing__(self, side: int) -> Label:
        label = self[side] = self._dimension.labels(side)[0]
        return label


def unique_number(unique_id: str) -> int:
    """A unique id as a number of 128 bits."""
    return int(unique_id.replace("-", ""), 16)


class ByUniqueId(SortOrder):
    """Ascending by unique id as text, which is to say by its 128 bits.

    Nobody pays for hashing the ids until somebody asks for this order; then it is some
    microseconds a record once, and 16 bytes a record from then on.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table, "ids")
        self.name = "unique_id"
        self._high = array("Q")
        self._low = array("Q")

    def _refresh(self) -> None:
        for row in range(len(self._low), self.table.now.size):
            number = self.table.unique_number(row)
            del self._high[row:]
            self._high.append(number >> 64)
            self._low.append(number & (2**64 - 1))

    def forget(self, savepoint: int) -> None:
        """Drops what is known of the rows from `savepoint` on."""
        del self._low[savepoint:], self._high[savepoint:]

    def fork(self, table: Table) -> "ByUniqueId":
        """An independent copy for a copy of the table."""
        other = ByUniqueId(table)
        other._high, other._low = self._high[: len(self._low)], self._low[:]
        return other

    def column(self) -> Column:
        """The first halves of the unique ids."""
        self._refresh()
        return self._high

    def key(self, row: int) -> tuple[Any, int]:
        """Where `row` belongs."""
        self._refresh()
        return (self._high[row], self._low[row]), self.table.ids[row]

    def sort(self, rows: list[int]) -> None:
        """Puts `rows` in this order. O(n log n)."""
        rows.sort(key=self.column().__getitem__)
        if any(self._high[a] == self._high[b] for a, b in pairwise(rows)):
            rows.sort(key=self.key)
