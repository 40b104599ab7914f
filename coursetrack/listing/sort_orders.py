"""Orders that are not one column of the table: by label, and by unique id."""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, pairwise, repeat
from typing import Any, ClassVar

from coursetrack.domain.values import derived_unique_number
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
        """Puts `rows`, which ascend as they arrived, in this order. O(n + d log d), d labels.

        Rows are dealt out by side id, so that only labels are compared::

            rows     0 1 2 3 4      members  7 9 7 8 9       label of 7, 8, 9   "=bo" "=ada" "=bo"
            members  {7: 0 2, 9: 1 4, 8: 3}
            labels   {"=ada": [3], "=bo": [0 2, 1 4]}        rows  3 0 1 2 4
        """
        if not self.table.now.rows_ascend:
            rows.sort(key=self.table.ids.__getitem__)
        by_side: dict[int, list[int]] = defaultdict(list)
        for side, row in zip(self._sides(rows), rows, strict=True):
            by_side[side].append(row)
        by_label: dict[Label, list[list[int]]] = defaultdict(list)
        for side, group in by_side.items():
            by_label[self.dimension.labels(side)[0]].append(group)
        rows.clear()
        for label in sorted(by_label):
            groups = by_label[label]
            rows += groups[0] if len(groups) == 1 else self._by_id(groups)

    def _by_id(self, groups: list[list[int]]) -> list[int]:
        """The rows of all `groups`, each of them in order of id, in order of id."""
        found = [*chain.from_iterable(groups)]
        found.sort(key=None if self.table.now.rows_ascend else self.table.ids.__getitem__)
        return found

    def _sides(self, rows: list[int]) -> Iterable[int]:
        if self.dimension.side is None:
            return [self.dimension.side_of(self.table, row) for row in rows]
        column: array[int] = getattr(self.table, self.dimension.side)
        return map(column.__getitem__, rows)


class ByUniqueId(SortOrder):
    """Ascending by unique id as text, which is to say by its 128 bits.

    Nobody pays for hashing the ids until somebody asks for this order; then it is some
    microseconds a record once, and 8 bytes a record from then on: the first half of the 128 bits.
    The second decides so seldom that it is hashed again.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table, "ids")
        self.name = "unique_id"
        # The first half of each row's, as far as it was asked for.
        self.known: array[int] = array("Q")

    def forget(self, savepoint: int) -> None:
        """Drops what is known of the rows from `savepoint` on."""
        del self.known[savepoint:]

    def fork(self, table: Table) -> "ByUniqueId":
        """An independent copy for a copy of the table."""
        other = ByUniqueId(table)
        other.known = self.known[:]
        return other

    def column(self) -> Column:
        """The first halves of the unique ids. O(rows that came since)."""
        rows = range(len(self.known), self.table.now.size)
        if rows:
            self.known.extend(array("Q", [number >> 64 for number in self._numbers(rows)]))
        return self.known

    def _numbers(self, rows: range) -> Iterable[int]:
        table = self.table
        if table.extras:
            return map(table.unique_number, rows)
        ids = table.ids[rows.start : rows.stop]
        return map(derived_unique_number, repeat("CompletedLesson"), ids)

    def key(self, row: int) -> tuple[Any, int]:
        """Where `row` belongs."""
        return (self.column()[row], SecondHalf(self.table, row)), self.table.ids[row]

    def sort(self, rows: list[int]) -> None:
        """Puts `rows` in this order. O(n log n)."""
        rows.sort(key=self.column().__getitem__)
        if any(self.known[a] == self.known[b] for a, b in pairwise(rows)):
            rows.sort(key=self.key)


class SecondHalf:
    """The second 64 bits of a row's unique id: worked out when it is compared, and it seldom is."""

    __slots__ = ("_row", "_table")

    def __init__(self, table: Table, row: int) -> None:
        self._table = table
        self._row = row

    @property
    def number(self) -> int:
        """The bits."""
        return self._table.unique_number(self._row) & (2**64 - 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecondHalf) and self.number == other.number

    def __lt__(self, other: "SecondHalf") -> bool:
        return self.number < other.number

    __hash__: ClassVar[None] = None  # type: ignore[assignment]
