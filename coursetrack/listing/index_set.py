"""Everything that is derived from one table, as one object.

A store replaces its index set as a whole, by one assignment: after a compaction, or when it takes
up other rows. So no index can ever be asked about a table that it was not made for::

    store.indexes  ──> IndexSet(table of 9 rows, 5 of them dead)
    store.indexes  ──> IndexSet(compacted table of 4 rows)          no index, no answer yet
"""

from collections.abc import Sequence

from coursetrack.errors import CorruptStore
from coursetrack.listing.answer_cache import AnswerCache
from coursetrack.listing.bitmaps import Bitmap, Bitmaps, ZoneMap
from coursetrack.listing.dimensions import (
    TEXTS,
    Dimension,
    Editors,
    Label,
    LiveNames,
    Systems,
)
from coursetrack.listing.fields import SIDE_IDS
from coursetrack.listing.filters import HOT
from coursetrack.listing.indexes import EVERYTHING, Base, Index
from coursetrack.listing.planner import LONG
from coursetrack.listing.postings import PostingList, SortOrder
from coursetrack.listing.record_texts import RecordTexts
from coursetrack.listing.side_orders import SideOrder
from coursetrack.listing.sizes import bytes_of
from coursetrack.listing.sort_orders import ByLabel, ByUniqueId
from coursetrack.listing.table import Now, Table, unique_number
from coursetrack.listing.text_search import TextSearch

_PLAIN_DIMENSIONS = {EVERYTHING: None} | {each.name: each.side.value for each in SIDE_IDS}
_BASES = {each.side.value: each.name for each in SIDE_IDS}


class IndexSet:
    """A table with its dimensions, its orders, and the indexes and answers made so far."""

    def __init__(self, table: Table, live_names: LiveNames, remember_answers: int) -> None:
        self.table = table
        self.accents: bool = live_names.accents  # whether they count where texts are compared
        self.cache: AnswerCache = AnswerCache(remember_answers)
        self.texts: RecordTexts = RecordTexts(table, live_names)
        self._dimensions = _dimensions(table, live_names)
        self._orders: dict[str, SortOrder] = {
            name: ByLabel(table, dimension) for name, dimension in self._dimensions.items()
        }
        self._orders |= {name: SortOrder(table, name) for name in ("ids", "created", "updated")}
        self._orders["unique_id"] = self._unique = ByUniqueId(table)
        self._by_dimension: dict[str, Index] = {}
        self._side_orders: dict[tuple[str, str], SideOrder] = {}
        self._bitmaps: dict[str, Bitmaps] = {}
        self._zones: dict[str, ZoneMap] = {}
        self._text_searches: dict[str, TextSearch] = {}

    def fork(self, live_names: LiveNames) -> "IndexSet":
        """An independent set. O(indexes): all is shared until either side reads after a write."""
        other = IndexSet(self.table.fork(), live_names, self.cache.limit)
        other._orders["unique_id"] = other._unique = self._unique.fork(other.table)
        for name, index in self._by_dimension.items():
            other._by_dimension[name] = index.copy(
                other._dimensions[name], other._orders["ids"], other._base_of(name)
            )
        for (name, order), side_order in self._side_orders.items():
            if name in other._by_dimension:
                copy = side_order.copy(other._by_dimension[name], other._orders[order])
                other._side_orders[name, order] = copy
        for name, bitmaps in self._bitmaps.items():
            if name in other._by_dimension:
                index = other._by_dimension[name]
                other._bitmaps[name] = bitmaps.copy(index, other._orders["ids"])
        other._zones = {name: zones.copy(other.table) for name, zones in self._zones.items()}
        return other

    def roll_back_to(self, savepoint: Now) -> None:
        """Forgets the rows added since `savepoint`, and what was derived from them. O(such rows).

        May be called again where it was cut off: what is derived goes before the rows do.
        """
        self._by_dimension = {
            name: each
            for name, each in self._by_dimension.items()
            if each.watermark <= savepoint.size
        }
        self._side_orders = {
            key: each
            for key, each in self._side_orders.items()
            if each.watermark <= savepoint.size and key[0] in self._by_dimension
        }
        self._bitmaps = {
            name: each
            for name, each in self._bitmaps.items()
            if each.watermark <= savepoint.size and name in self._by_dimension
        }
        for zones in self._zones.values():
            zones.forget(savepoint.size)
        self.cache.clear()
        self.texts.forget()
        self._unique.forget(savepoint.size)
        self.table.roll_back_to(savepoint)

    # -- the planner's view

    def index(self, dimension: str) -> Index:
        """The index of a dimension, up to date. O(n) the first time."""
        index = self._by_dimension.get(dimension)
        if index is None:
            index = Index(
                self._dimensions[dimension], self._orders["ids"], self._base_of(dimension)
            )
            self._by_dimension[dimension] = index
        return index.refresh()

    def _base_of(self, dimension: str) -> Base | None:
        name = _BASES.get(self._dimensions[dimension].side or "")
        return None if name in (None, dimension) else lambda: self.index(name)

    def postings(self, dimension: str, label: Label, order: str) -> PostingList:
        """The posting list of a label in force in an order: ids, created, updated or unique_id."""
        index = self.index(dimension)
        if order == "ids" or (order == "created" and self.table.now.instants_ascend):
            return index.lists[label]
        side_order = self._side_orders.get((dimension, order))
        if side_order is None:
            side_order = self._side_orders[dimension, order] = SideOrder(index, self._orders[order])
        return side_order.postings(label)

    def bitmap(self, dimension: str, label: Label) -> Bitmap:
        """The rows of a label in force, as bits that are kept. O(rows) the first time."""
        index = self.index(dimension)
        bitmaps = self._bitmaps.get(dimension)
        if bitmaps is None:
            bitmaps = self._bitmaps[dimension] = Bitmaps(index, self._orders["ids"])
        return bitmaps.bitmap(label)

    def zones(self, name: str) -> ZoneMap:
        """The zone map of a column, up to date: ids, created or updated. O(n) the first time."""
        zones = self._zones.get(name)
        if zones is None:
            zones = self._zones[name] = ZoneMap(self.table, name)
        return zones.refresh()

    def rows_of_unique(self, unique_id: str) -> Sequence[int]:
        """The rows in force with this unique id; none or one. O(log n); hashes all ids once."""
        number = unique_number(unique_id)
        postings, high = self.postings(EVERYTHING, 0, "unique_id"), number >> 64
        found = postings.slice(*postings.bounds(self._unique.column(), (high, high)))
        return [row for row in found if self.table.unique_number(row) == number]

    def dimension(self, name: str) -> Dimension:
        """A dimension by its name."""
        return self._dimensions[name]

    def order(self, name: str) -> SortOrder:
        """An order by its name."""
        return self._orders[name]

    def matching(self, dimension: str, text: str, match: str) -> Sequence[Label]:
        """The labels in force that a folded text matches, in order."""
        if match == "exact":
            label = "=" + text
            return (label,) if label in self.index(dimension).lists else ()
        return self._text_search(dimension).containing(text)

    def _text_search(self, dimension: str) -> TextSearch:
        """All labels in force, to be searched. O(labels) once; then O(those that came or went)."""
        index = self.index(dimension)
        text_search = self._text_searches.get(dimension)
        if text_search is None or text_search.changes is not index.label_changes:
            text_search = TextSearch(index.labels, index.lists, index.label_changes)
            self._text_searches[dimension] = text_search
        return text_search

    def prepare(self) -> None:
        """Builds every index now rather than at the first query that needs it. O(n log n)."""
        self.table.flush()
        if not self.table.now.live:
            return
        for name in self._dimensions:
            if name in ("updated_by", "system_id"):
                continue  # few records have one, and then it is quick
            for label, postings in self.index(name).lists.items():
                if name == EVERYTHING or postings.size > LONG:
                    self.postings(name, label, "created")
                if name != EVERYTHING and postings.size * HOT >= self.table.now.size:
                    self.bitmap(name, label)
        for name in ("ids", "created", "updated"):
            self.zones(name)
        for order, other in (("created", "updated"), ("updated", "created")):
            self.postings(EVERYTHING, 0, order).zones(other, self._orders[other].column())
        self.postings(EVERYTHING, 0, "unique_id")
        for name in TEXTS:
            self._text_search(name)
        for name in ("lesson_title", "full_name"):
            self.index(name).in_label_order().zones("created", self.table.created)

    def memory(self) -> dict[str, int]:
        """About how many bytes the rows, each index and what is kept beside it take. O(pieces)."""
        self.table.flush()
        parts = {"rows": self.table.memory()}
        for name, index in self._by_dimension.items():
            parts[f"{name}: posting lists"] = index.memory()
        for (name, order), side_order in self._side_orders.items():
            parts[f"{name}: by {order}"] = side_order.memory()
        for name, bitmaps in self._bitmaps.items():
            parts[f"{name}: bits"] = bitmaps.memory()
        for name, text_search in self._text_searches.items():
            parts[f"{name}: text"] = text_search.memory()
        parts["unique ids"] = bytes_of((self._unique.known,))
        parts["zone maps"] = sum(each.memory() for each in self._zones.values())
        return parts

    # -- proving

    def check(self) -> None:
        """Proves every index against the rows, or raises CorruptStore. O(n) for each index."""
        self.table.flush()
        table = self.table
        rows = list(table.rows())
        if len(rows) != table.now.live or len({table.ids[row] for row in rows}) != len(rows):
            raise CorruptStore("rows in force: their number or their ids are wrong")
        for name, index in list(self._by_dimension.items()):
            self._check_index(f"index {name}", index.refresh(), rows)
        for (name, order), side_order in self._side_orders.items():
            index = self.index(name)
            for label in list(side_order.lists):
                if label in index.lists and list(side_order.postings(label)) != sorted(
                    index.lists[label], key=side_order.order.key
                ):
                    raise CorruptStore(f"{name} {label!r} by {order} differs from the rows")

        for name, bitmaps in self._bitmaps.items():
            self.index(name)
            bitmaps.check(name)
        for column, zones in self._zones.items():
            zones.check(f"zone map of {column}")

    def _check_index(self, name: str, index: Index, rows: list[int]) -> None:
        expected: dict[Label, list[int]] = {}
        for row in rows:
            for label in index.dimension.labels(index.dimension.side_of(self.table, row)):
                expected.setdefault(label, []).append(row)
        if index.lists.keys() != expected.keys() or list(index.labels) != sorted(expected):
            raise CorruptStore(f"{name}: its labels differ from the rows'")
        for label, postings in index.lists.items():
            if list(postings) != sorted(expected[label], key=index.order.key):
                raise CorruptStore(f"{name}: the posting list of {label!r} differs from the rows")
            postings.check(f"{name}, posting list of {label!r}", self.table)
        if index.label_order is not None:
            index.label_order.check(f"label order {name}", self.table)


def _dimensions(table: Table, live_names: LiveNames) -> dict[str, Dimension]:
    plain = (Dimension(name, side) for name, side in _PLAIN_DIMENSIONS.items())
    accents = live_names.accents
    of_table = Editors(table, accents=accents), Systems(table, accents=accents)
    return {each.name: each for each in (*plain, *live_names.dimensions(), *of_table)}
