"""Indexes: the posting lists of one dimension, each by itself.

An index holds one posting list for each label of a dimension. A write touches no index: `refresh`
brings one up to date when it is asked next. In this order, so that each step finds rows under the
labels that they have at that moment:

    moves    a lesson or coworker was renamed: its rows go from the old label's list to the new one
    tombstones   rows that are not in force any more leave their posting lists
    arrivals   rows that have come since join their posting lists

Posting lists of an index are in order of id.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress
from typing import Any

from sortedcontainers import SortedList

from coursetrack.listing.dimensions import Dimension, Label, Move
from coursetrack.listing.label_order import LabelOrder
from coursetrack.listing.postings import PostingList, SortOrder, merged
from coursetrack.listing.sizes import bytes_of
from coursetrack.listing.table import Table

EVERYTHING = "everything"

Base = Callable[[], "Index"]
"""The index by side id, up to date: a dimension's lists are first merged from its lists."""

BULK = 512

_LEAST_LOG = 64
_LOG_SHARE = 32
"""Where one of so many labels changed, whoever holds all of them begins anew."""


class Index:
    """One posting list for each label of `dimension`, its rows in order of id."""

    def __init__(self, dimension: Dimension, order: SortOrder, base: Base | None = None) -> None:
        self.dimension = dimension
        self.order = order
        self.owner: object = object()
        self._base = base
        self.label_changes: list[Label] = []  # those that came or went; another list once it is cut
        self._busy = False
        self._borrowed = False  # the containers are another's too: copied before they are written
        self._start_again()

    def _start_again(self) -> None:
        self.lists: dict[Label, PostingList] = {}
        self.labels: Any = SortedList()  # those of the posting lists, in order
        self.label_order: LabelOrder | None = None
        self._borrowed = False
        self.label_changes = []
        self.watermark: int = 0
        self._seen_dead = self._table.now.dead
        self._moved = len(self.dimension.moves)
        self._generation = self.dimension.generation

    @property
    def _table(self) -> Table:
        return self.order.table

    def in_label_order(self) -> "LabelOrder":
        """The posting lists one after the other. O(labels log labels) the first time."""
        if self.label_order is None:
            self.label_order = LabelOrder(self.lists, self.labels)
        return self.label_order

    def copy(self, dimension: Dimension, order: SortOrder, base: Base | None) -> "Index":
        """An independent copy. O(1): all is shared until either side has something to catch up::

        lists       one dict, for both            until then
                    a dict each, of one label's   from then on: O(labels)
                    list until that is written
        """
        other = Index.__new__(Index)
        other.__dict__.update(self.__dict__)
        other.dimension, other.order, other._base = dimension, order, base
        other.owner, self.owner = object(), object()
        other._borrowed = self._borrowed = True
        return other

    def _detach(self) -> None:
        """Makes the containers its own, before the first write. O(labels)."""
        if self._borrowed:
            lists = self.lists.copy()
            self.label_order = self.label_order and self.label_order.copy(lists)
            self.lists, self.labels = lists, self.labels.copy()
            self.label_changes = []
            self._borrowed = False

    def memory(self) -> int:
        """About how many bytes the posting lists and their order take. O(pieces)."""
        lists = bytes_of((self.lists,)) + sum(each.memory() for each in self.lists.values())
        label_order = self.label_order
        order = 0 if label_order is None else label_order.memory()
        return lists + order + 16 * len(self.labels)  # some 8 bytes for each label, and its share

    # -- catching up

    def refresh(self) -> "Index":
        """Brings the index up to date and returns it. O(1) when nothing was written."""
        table, dimension = self._table, self.dimension
        now = table.now
        behind = (
            self.watermark != now.size
            or self._seen_dead != now.dead
            or self._moved != len(dimension.moves)
            or self._busy
            or self._generation != dimension.generation
        )
        if behind:
            was_cut_off, self._busy = self._busy, True  # stays so where this one is cut off
            if was_cut_off or self._generation != dimension.generation or self.watermark > now.size:
                self._start_again()
            self._detach()
            died = table.tombstones[self._seen_dead : now.dead]
            self._move(dimension.moves[self._moved :], died)
            self._drop_dead(died)
            self._add_arrived(now.size - self.watermark)
            self._moved, self._seen_dead = len(dimension.moves), now.dead
            self.watermark = now.size
            self._busy = False
        return self

    def _move(self, moves: Sequence[Move], died: Sequence[int]) -> None:
        for move in moves:
            old, new = self.dimension.change(move)
            rows = self._rows_of(move.side, old[0], died) if old != new else []
            if not rows:
                continue
            for label in old:
                if label not in new:
                    self._leave(label, rows)
            for label in new:
                if label not in old:
                    self._join(label, rows[:])

    def _rows_of(self, side: int, label: Label, died: Sequence[int]) -> list[int]:
        rows = self.rows_of_side(side, self.watermark, died)
        if rows is not None:
            return rows
        column = getattr(self._table, self.dimension.side or "")
        return [row for row in self.lists.get(label, ()) if column[row] == side]

    def rows_of_side(self, side: int, watermark: int, died: Iterable[int]) -> list[int] | None:
        """The rows of a lesson or member, ascending, as they were before what came since.

        Without the rows from `watermark` on, with those that `died`. O(rows of the side + died).
        None where no index goes by side.
        """
        if self._base is None:
            return None
        rows = {row for row in self._base().lists.get(side, ()) if row < watermark}
        column = getattr(self._table, self.dimension.side or "")
        rows.update(row for row in died if row < watermark and column[row] == side)
        return sorted(rows)

    def _leave(self, label: Label, rows: list[int]) -> None:
        postings = self.lists[label]
        if len(rows) == len(postings):
            self._resized(label, -len(rows))
            self._remove(label)
        elif len(rows) * 4 > len(postings):
            gone = set(rows)
            self.lists[label] = PostingList(
                [row for row in postings if row not in gone], self.owner
            )
            self._resized(label, -len(rows))
        else:
            postings = self._own(label)
            for row in rows:
                postings.discard(self.order, row)
            self._resized(label, -len(rows))

    def _join(self, label: Label, rows: list[int]) -> None:
        self._own(label).extend(self.order, rows)
        self._resized(label, len(rows))

    def _drop_dead(self, tombstones: Sequence[int]) -> None:
        table, dimension = self._table, self.dimension
        if len(tombstones) * 8 > self.watermark:
            self._start_again()
            return
        for row in dict.fromkeys(tombstones):
            if row >= self.watermark or table.alive[row]:
                continue
            for label in dimension.labels(dimension.side_of(table, row)):
                postings = self._own(label)
                postings.discard(self.order, row)
                self._resized(label, -1)
                if not postings:
                    self._remove(label)

    def _add_arrived(self, count: int) -> None:
        table, dimension = self._table, self.dimension
        if count > BULK:
            self._bear_many()
            return
        for row in table.rows(self.watermark):
            for label in dimension.labels(dimension.side_of(table, row)):
                self._own(label).add(self.order, row)
                self._resized(label, 1)

    def _bear_many(self) -> None:
        if not self.watermark:
            self.label_order = None
        for label, rows in self._grouped().items():
            if not self.watermark and rows:  # the first rows ever: nothing to fit them into
                self.order.sort(rows)
                self.lists[label] = PostingList(rows, self.owner)
            elif rows:
                self._join(label, rows)
        if not self.watermark:
            self.labels, self.label_changes = SortedList(self.lists), []

    def _grouped(self) -> dict[Label, list[int]]:
        """The rows that came since, by label; each list in order of arrival."""
        table, labels = self._table, self.dimension.labels
        if self.dimension.name == EVERYTHING:
            return {0: list(table.rows(self.watermark))}
        if self._base is not None and not self.watermark:
            return self._merged(self._base())
        sides: Iterable[int] = self.dimension.sides(table, self.watermark)
        if table.now.live != table.now.size:
            sides = compress(sides, table.alive[self.watermark : table.now.size])
        by_side: dict[int, list[int]] = defaultdict(list)
        for row, side in zip(table.rows(self.watermark), sides, strict=True):
            by_side[side].append(row)
        parts: dict[Label, list[list[int]]] = defaultdict(list)
        for side, rows in by_side.items():
            for label in labels(side):
                parts[label].append(rows)
        return {
            label: rows[0] if len(rows) == 1 else sorted(chain.from_iterable(rows))
            for label, rows in parts.items()
        }

    def _merged(self, base: "Index") -> dict[Label, list[int]]:
        parts: dict[Label, list[PostingList]] = defaultdict(list)
        for side, postings in base.lists.items():
            for label in self.dimension.labels(side):
                parts[label].append(postings)
        size = self._table.now.size
        return {label: merged(lists, sum(map(len, lists)), size) for label, lists in parts.items()}

    def _own(self, label: Label) -> PostingList:
        """The posting list of `label`, to write to: copied first where a fork may read it."""
        postings = self.lists.get(label)
        if postings is None:
            postings = self.lists[label] = PostingList(owner=self.owner)
            self.labels.add(label)
            self._changed(label)
            if self.label_order is not None:
                self.label_order.insert(label)
        elif postings.owner is not self.owner:
            postings = self.lists[label] = postings.copy(self.owner)
        return postings

    def _remove(self, label: Label) -> None:
        del self.lists[label]
        self.labels.remove(label)
        self._changed(label)
        if self.label_order is not None:
            self.label_order.remove(label)

    def _changed(self, label: Label) -> None:
        """Tells those who hold all labels that `label` came or went. O(1), amortised."""
        if len(self.label_changes) > max(_LEAST_LOG, len(self.labels) // _LOG_SHARE):
            self.label_changes = []
        self.label_changes.append(label)

    def _resized(self, label: Label, by: int) -> None:
        if self.label_order is not None:
            self.label_order.resized(label, by)
