"""The posting lists of an index in another order than by id, kept beside them.

While ids and instants ascend together ("in step"), the posting lists in order of id are in order
of CreatedOn as well. Where another order of a long posting list is asked for, it is kept in a side
order.
"""

from collections import defaultdict
from collections.abc import Iterable

from coursetrack.listing.dimensions import Label
from coursetrack.listing.indexes import Index
from coursetrack.listing.postings import PostingList, SortOrder

_FEW = 8
"""A posting list of which more than one row in so many died is sorted anew."""


class SideOrder:
    """The long posting lists of an index that were asked for in another order than by id.

    Held posting lists catch up with arrivals and tombstones; a label that a move touches is
    dropped, and sorted anew when it is asked for again. O(m log m) for m rows, O(m) where they are
    nearly in order.
    """

    def __init__(self, index: Index, order: SortOrder) -> None:
        self._index = index
        self.order = order
        self.lists: dict[Label, PostingList] = {}
        self._owner = object()
        self._level()

    def _level(self) -> None:
        """Notes how far the index's sources have got."""
        now, dimension = self.order.table.now, self._index.dimension
        self.watermark: int = now.size
        self._seen_dead = now.dead
        self._moved, self._generation = len(dimension.moves), dimension.generation

    def postings(self, label: Label) -> PostingList:
        """The posting list of `label` in this order, up to date. The index must be, and hold it."""
        self._refresh()
        postings = self.lists.get(label)
        if postings is None:
            rows = list(self._index.lists[label])
            self.order.sort(rows)
            postings = self.lists[label] = PostingList(rows, self._owner)
        return postings

    def _refresh(self) -> None:
        table, dimension = self.order.table, self._index.dimension
        arrivals, tombstones = (
            table.now.size - self.watermark,
            table.tombstones[self._seen_dead : table.now.dead],
        )
        if not (arrivals or tombstones or self._moved != len(dimension.moves)):
            return
        held, self.lists = self.lists, {}  # an exception below leaves nothing held
        if arrivals < 0 or self._generation != dimension.generation:
            self._level()
            return
        for move in dimension.moves[self._moved :]:
            old, new = dimension.change(move)
            for label in (*old, *new) if old != new else ():
                held.pop(label, None)
        dead = [
            row
            for row in dict.fromkeys(tombstones)
            if row < self.watermark and not table.alive[row]
        ]
        for label, rows in self._by_label(held, dead).items():
            if len(rows) * _FEW > len(held[label]):
                del held[label]
            else:
                postings = self._own(held, label)
                for row in rows:
                    postings.discard(self.order, row)
        for label, rows in self._by_label(held, table.rows(self.watermark)).items():
            self._own(held, label).extend(self.order, rows)
        self._level()
        self.lists = held

    def _by_label(
        self, held: dict[Label, PostingList], rows: Iterable[int]
    ) -> dict[Label, list[int]]:
        """Those of `rows` that belong into a held posting list, by its label."""
        table, dimension = self.order.table, self._index.dimension
        found: dict[Label, list[int]] = defaultdict(list)
        for row in rows:
            for label in dimension.labels(dimension.side_of(table, row)):
                if label in held:
                    found[label].append(row)
        return found

    def _own(self, held: dict[Label, PostingList], label: Label) -> PostingList:
        postings = held[label]
        if postings.owner is not self._owner:
            postings = held[label] = postings.copy(self._owner)
        return postings

    def copy(self, index: Index, order: SortOrder) -> "SideOrder":
        """An independent copy; posting lists are shared until either side writes. O(labels)."""
        other = SideOrder.__new__(SideOrder)
        other.__dict__.update(self.__dict__)
        other._index, other.order, other.lists = index, order, self.lists.copy()
        other._owner, self._owner = object(), object()
        return other
