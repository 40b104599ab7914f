"""What is kept beside the posting lists of an index: another order of their rows, or their bits.

While ids and instants ascend together ("in step"), the posting lists in order of id are in order
of CreatedOn as well. Where another order of a long posting list is asked for, it is kept in a side
order.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, Protocol, Self, TypeVar

from coursetrack.listing.dimensions import Label
from coursetrack.listing.indexes import Index
from coursetrack.listing.postings import PostingList, SortOrder
from coursetrack.listing.sizes import bytes_of

_FEW = 8
"""What more than one row in so many died of is made anew."""


class Rows(Protocol):
    """A set of rows in some form."""

    owner: object

    def __len__(self) -> int:
        """How many there are."""

    def copy(self, owner: object) -> Self:
        """An independent copy."""

    def discard(self, order: SortOrder, row: int) -> object:
        """Takes a row out."""

    def memory(self) -> int:
        """About how many bytes it takes."""

    def extend(self, order: SortOrder, rows: list[int]) -> None:
        """Puts many rows in."""


Form = TypeVar("Form", bound=Rows)


class Beside(Generic[Form]):
    """The rows of those labels of an index that were asked for in a form which it does not have.

    What is held catches up with moves, tombstones and arrivals, in this order, as the index does;
    where too much of it changed it is dropped, and made anew when it is asked for again.
    """

    def __init__(self, index: Index, order: SortOrder) -> None:
        self._index = index
        self.order = order
        self.lists: dict[Label, Form] = {}
        self._owner = object()
        self._level()

    def _made(self, label: Label) -> Form:
        raise NotImplementedError(f"{type(self).__name__} makes nothing")

    def memory(self) -> int:
        """About how many bytes all that is held takes."""
        return bytes_of((self.lists,)) + sum(each.memory() for each in self.lists.values())

    def _level(self) -> None:
        """Notes how far the index's sources have got."""
        now, dimension = self.order.table.now, self._index.dimension
        self.watermark: int = now.size
        self._seen_dead = now.dead
        self._moved, self._generation = len(dimension.moves), dimension.generation

    def _held(self, label: Label) -> Form:
        self._refresh()
        held = self.lists.get(label)
        if held is None:
            held = self.lists[label] = self._made(label)
        return held

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
            self._move(held, move.side, {*old} - {*new}, {*new} - {*old}, tombstones)
        dead = [
            row
            for row in dict.fromkeys(tombstones)
            if row < self.watermark and not table.alive[row]
        ]
        for label, rows in self._by_label(held, dead).items():
            if len(rows) * _FEW > len(held[label]):
                del held[label]
            else:
                form = self._own(held, label)
                for row in rows:
                    form.discard(self.order, row)
        for label, rows in self._by_label(held, table.rows(self.watermark)).items():
            self._own(held, label).extend(self.order, rows)
        self._level()
        self.lists = held

    def _move(
        self,
        held: dict[Label, Form],
        side: int,
        left: set[Label],
        joined: set[Label],
        died: Iterable[int],
    ) -> None:
        """Takes the rows of a side id from the labels that they left to those they joined.

        What is held of a label is dropped where the rows are a large part of it.
        """
        touched = [label for label in (*left, *joined) if label in held]
        if not touched:
            return
        rows = self._index.rows_of_side(side, self.watermark, died)
        for label in touched:
            if rows is None or len(rows) * _FEW > len(held[label]):
                del held[label]
            elif label in left:
                form = self._own(held, label)
                for row in rows:
                    form.discard(self.order, row)
            elif rows:
                self._own(held, label).extend(self.order, rows[:])

    def _by_label(self, held: dict[Label, Form], rows: Iterable[int]) -> dict[Label, list[int]]:
        """Those of `rows` that belong into what is held of a label, by the label."""
        table, dimension = self.order.table, self._index.dimension
        found: dict[Label, list[int]] = defaultdict(list)
        for row in rows:
            for label in dimension.labels(dimension.side_of(table, row)):
                if label in held:
                    found[label].append(row)
        return found

    def _own(self, held: dict[Label, Form], label: Label) -> Form:
        form = held[label]
        if form.owner is not self._owner:
            form = held[label] = form.copy(self._owner)
        return form

    def copy(self, index: Index, order: SortOrder) -> Self:
        """An independent copy; what is held is shared until either side writes. O(labels)."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._index, other.order, other.lists = index, order, self.lists.copy()
        other._owner, self._owner = object(), object()
        return other


class SideOrder(Beside[PostingList]):
    """The long posting lists of an index that were asked for in another order than by id."""

    def _made(self, label: Label) -> PostingList:
        rows = list(self._index.lists[label])
        self.order.sort(rows)
        return PostingList(rows, self._owner)

    def postings(self, label: Label) -> PostingList:
        """The posting list of `label` in this order, up to date. The index must be, and hold it.

        O(m log m) for m rows the first time, O(m) where they are nearly in order.
        """
        return self._held(label)
