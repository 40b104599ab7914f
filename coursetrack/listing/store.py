"""The listing on one page: rows are the truth, every index is a memo that catches up.

    write ──> Table       append-only columns; changing a record adds a row and kills the old one
                │
                │         nothing else happens until somebody asks
                ▼
    query ──> Planner     filters ──> labels of a Dimension      "contains" among distinct names
                │                     spans of a time column
                ├──────── Index       one PostingList of rows per label: all, lesson, title, member,
                │                     name, company, team, teams' text, editor, system id
                │         LabelOrder  an index's lists one after the other: the order by that label
                ▼
              Answer      slice | chained | counted | walked | gathered
                │
                ▼
              Page        records are made for the page's rows only

Costs, for n records, a page of k rows, pieces of p (some 2,000) rows, d distinct labels:

    append, put, kill               O(1), amortised; the indexes are touched by the next read
    first read after w writes       O(w (log n + p)) for each index that the query needs
    all, one lesson, member, title, company or team, by Id or CreatedOn; a span of CreatedOn on
    any of these by the same; all by anything        O(log n + k), at any depth
    all or one label, a span of another time column  O(n/p log p + p + k)
    a text filter, first time       O(length of all distinct labels)
    anything else, first time       O(m log m) for the m rows of its smallest part; remembered
    rename, change of company       O(rows under the old label), once, at the next read
    an index asked for first        O(n), once; `prepare` does it ahead

Posting lists are in order of id. "In step" means that ids and instants ascend together, as they do
while events arrive in order; then that is the order by CreatedOn as well. From the first late
instant on, a long posting list's order by CreatedOn is kept beside it (`SideOrder`), a short one is
sorted when asked.

Answers that were gathered are remembered, and brought up to date by testing only what came since.
At most `remember_answers` are kept, and no more row numbers in them than four for each record;
what a query finds never depends on them.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.errors import CorruptStore
from coursetrack.listing.answer_cache import AnswerCache
from coursetrack.listing.dimensions import (
    Dimension,
    Editors,
    Joined,
    Label,
    LiveNames,
    NamedEntity,
    Systems,
)
from coursetrack.listing.fields import SIDE_IDS
from coursetrack.listing.indexes import EVERYTHING, Base, Index
from coursetrack.listing.planner import LONG, Plan, Planned, Planner
from coursetrack.listing.postings import PostingList, SortOrder
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.listing.side_orders import SideOrder
from coursetrack.listing.sort_orders import ByLabel, ByUniqueId
from coursetrack.listing.table import Columns, Completing, Mark, Row, Table
from coursetrack.listing.text_search import TextSearch

__all__ = ["Joined", "NamedEntity", "Row", "Store"]

_VACUUM_FROM = 4096
_PAGING = ("page", "size", "direction")
cache_key = attrgetter(
    *(each.name for each in attrs.fields(CompletedLessonQuery) if each.name not in _PAGING)
)
"""What tells the answers of two queries apart: every field but where its page lies."""

_PLAIN_DIMENSIONS = {EVERYTHING: None} | {each.name: each.side.value for each in SIDE_IDS}
_BASES = {each.side.value: each.name for each in SIDE_IDS}


class Store:
    """Completed lessons with live names. Written by the tracker only; it judges nothing."""

    def __init__(self, *, remember_answers: int = 256, accents: bool = True) -> None:
        self._live_names = LiveNames(accents=accents)
        self._cache = AnswerCache(remember_answers)
        self._begin(Table())

    def _begin(self, table: Table) -> None:
        """Takes up `table` with no index at all, in one step that cannot be cut in two."""
        dimensions = self._dimensions_of(table)
        orders: dict[str, SortOrder] = {
            name: ByLabel(table, dimension) for name, dimension in dimensions.items()
        }
        orders |= {name: SortOrder(table, name) for name in ("ids", "created", "updated")}
        orders["unique_id"] = unique = ByUniqueId(table)
        indexes: dict[str, Index] = {}
        side_orders: dict[tuple[str, str], SideOrder] = {}
        text_searches: dict[str, TextSearch] = {}
        self._cache.clear()
        (
            self.table,
            self._dimensions,
            self._orders,
            self._unique,
            self._by_dimension,
            self._side_orders,
            self._text_searches,
        ) = (table, dimensions, orders, unique, indexes, side_orders, text_searches)

    def _dimensions_of(self, table: Table) -> dict[str, Dimension]:
        plain = (Dimension(name, side) for name, side in _PLAIN_DIMENSIONS.items())
        accents = self.accents
        of_table = Editors(table, accents=accents), Systems(table, accents=accents)
        named = (*self._live_names.dimensions(), *of_table)
        return {each.name: each for each in (*plain, *named)}

    @property
    def accents(self) -> bool:
        """Whether accents count where texts are compared."""
        return self._live_names.accents

    # -- writing: each call sets a state, so that an undo may repeat it

    def put_named(self, before: NamedEntity | None, after: NamedEntity | None) -> None:
        """Makes `after` (or the absence of `before`) what records are shown and found by. O(1)."""
        self._live_names.put(before, after)

    def append(self, row: Row) -> None:
        """Adds what an event completed. O(1)."""
        self.table.append(row)

    def extend(self, rows: Sequence[Row]) -> None:
        """Adds all of `rows` or none. O(rows)."""
        self.table.extend(rows)

    def enqueue(self, ids: Sequence[int], events: Sequence[Completing]) -> None:
        """Adds what `events` completed, under these ids. O(1); the next read pays for them."""
        self.table.enqueue(ids, events)

    def put(self, before: CompletedLesson | None, after: CompletedLesson | None) -> None:
        """Makes `after` (or the absence of `before`) the record with that id. O(log n)."""
        record = after if after is not None else before
        if record is None:
            return
        row = self._row(record.id) if self.table.may_hold(record.id) else None
        if row is not None and after is not None and self.table.record(row) == after:
            return
        if row is not None:
            self.table.kill(row)
        if after is not None:
            self.table.put(after, replaced=row)
        self._vacuum()

    def columns(self) -> Columns:
        """All records as columns in order of id. O(n)."""
        return self.table.columns()

    def load(self, columns: Columns) -> None:
        """Holds exactly `columns` from now on: well formed, ids ascending. O(n)."""
        self._begin(Table.of(columns))

    def mark(self) -> Mark:
        """A place to `rewind` to; good as long as no record was put since."""
        return self.table.mark()

    def rewind(self, mark: Mark) -> None:
        """Forgets what was added since `mark`. O(rows forgotten)."""
        self._by_dimension = {
            name: each for name, each in self._by_dimension.items() if each.born <= mark.size
        }
        self._side_orders = {
            key: each
            for key, each in self._side_orders.items()
            if each.born <= mark.size and key[0] in self._by_dimension
        }
        self._cache.clear()
        self._unique.forget(mark.size)
        self.table.rewind(mark)

    def _vacuum(self) -> None:
        """Drops the dead rows once they are the majority, so that they cost O(1) each."""
        dead = self.table.size - self.table.live
        if dead > _VACUUM_FROM and dead > self.table.live:
            self._begin(self.table.compacted())

    def fork(self) -> "Store":
        """An independent store: names are copied, posting lists shared until either side writes."""
        self.table.settle()
        other = Store.__new__(Store)
        other._live_names = self._live_names.fork()
        other._cache = AnswerCache(self._cache.limit)
        other._begin(self.table.fork())
        other._unique = self._unique.fork(other.table)
        other._orders["unique_id"] = other._unique
        for name, index in self._by_dimension.items():
            other._by_dimension[name] = index.copy(
                other._dimensions[name], other._orders["ids"], other._base_of(name)
            )
        for (name, order), side_order in self._side_orders.items():
            if name in other._by_dimension:
                copy = side_order.copy(other._by_dimension[name], other._orders[order])
                other._side_orders[name, order] = copy
        return other

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
        if order == "ids" or (order == "created" and self.table.in_step):
            return index.lists[label]
        side_order = self._side_orders.get((dimension, order))
        if side_order is None:
            side_order = self._side_orders[dimension, order] = SideOrder(index, self._orders[order])
        return side_order.postings(label)

    def dimension(self, name: str) -> Dimension:
        """A dimension by its name."""
        return self._dimensions[name]

    def order(self, name: str) -> SortOrder:
        """An order by its name."""
        return self._orders[name]

    def matching(self, dimension: str, text: str, match: str) -> Sequence[Label]:
        """The labels in force that a folded text matches, in order."""
        index = self.index(dimension)
        if match == "exact":
            label = "=" + text
            return (label,) if label in index.lists else ()
        text_search = self._text_searches.get(dimension)
        if text_search is None or text_search.source != (index, index.labels_version):
            text_search = TextSearch((index, index.labels_version), index.labels)
            self._text_searches[dimension] = text_search
        return text_search.containing(text)

    def prepare(self) -> None:
        """Builds every index now rather than at the first query that needs it. O(n log n).

        The order by unique id is left out: it has to hash every id, and few ask for it.
        """
        self.table.settle()
        if not self.table.live:
            return
        for name in self._dimensions:
            if name in ("updated_by", "system_id"):
                continue  # few records have one, and then it is quick
            for label, postings in self.index(name).lists.items():
                if name == EVERYTHING or postings.size > LONG:
                    self.postings(name, label, "created")
        for order, other in (("created", "updated"), ("updated", "created")):
            self.postings(EVERYTHING, 0, order).zones(other, self._orders[other].column())
        for name in ("lesson_title", "full_name"):
            self.index(name).in_label_order().zones("created", self.table.created)

    # -- reading

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[CompletedLesson]:
        """All records by id. O(n)."""
        return map(self.table.record, self._all_by_id())

    def _all_by_id(self) -> PostingList:
        self.table.settle()
        return self.index(EVERYTHING).lists.get(0) or PostingList()

    def _row(self, id_: int) -> int | None:
        postings = self._all_by_id()
        start, stop = postings.bounds(self.table.ids, (id_, id_))
        return postings.slice(start, stop)[0] if start < stop else None

    def get(self, id_: int) -> CompletedLesson | None:
        """The record with this id, or None. O(log n)."""
        row = self._row(id_)
        return None if row is None else self.table.record(row)

    def id_of_unique(self, unique_id: str) -> int | None:
        """The id of the record with this unique id, or None. O(log n); hashes all ids once."""
        page = self.find(CompletedLessonQuery(unique_id=unique_id))
        return page.records[0].id if page.records else None

    def get_pair(self, lesson_id: int, member_id: int) -> CompletedLesson | None:
        """The completion of this lesson by this member, or None. O(completions of the member)."""
        rows = self._rows_of("member_id", member_id)
        lessons = self.table.lessons  # read last: what waited may have moved to wider columns
        found = next((row for row in rows if lessons[row] == lesson_id), None)
        return None if found is None else self.table.record(found)

    def of_lesson(self, lesson_id: int) -> tuple[CompletedLesson, ...]:
        """The lesson's records by id. O(its records)."""
        return tuple(map(self.table.record, self._rows_of("lesson_id", lesson_id)))

    def of_member(self, member_id: int) -> tuple[CompletedLesson, ...]:
        """The member's records by id. O(its records)."""
        return tuple(map(self.table.record, self._rows_of("member_id", member_id)))

    def latest_of_member(self, member_id: int) -> CompletedLesson | None:
        """The member's last record by instant, then id, or None. O(its records)."""
        rows = self._rows_of("member_id", member_id)
        row = max(rows, key=self._orders["created"].key, default=None)
        return None if row is None else self.table.record(row)

    def _rows_of(self, dimension: str, label: Label) -> PostingList:
        self.table.settle()
        return self.index(dimension).lists.get(label) or PostingList()

    def joined(self, record: CompletedLesson) -> Joined:
        """The names that a record is shown with, as they are now. O(teams)."""
        return self._live_names.joined(record)

    def find(self, query: CompletedLessonQuery) -> Page:
        """The page that `query` asks for, with exact totals."""
        self.table.settle()
        answer = self._planned(query).answer
        total, first = answer.total, (query.page - 1) * query.size
        last = min(first + query.size, total)
        if first >= last:
            rows = []
        elif query.direction == 1:
            rows = answer.rows(first, last)
        else:
            rows = answer.rows(total - last, total - first)[::-1]
        return Page(
            records=self.table.records(rows),
            total_items=total,
            page_number=query.page,
            page_size=query.size,
        )

    def explain(self, query: CompletedLessonQuery) -> Plan:
        """How `query` would be answered, and about how many rows that touches."""
        self.table.settle()
        planned = self._planned(query)
        total = planned.answer.total
        return Plan(
            strategy=planned.strategy,
            source=planned.source,
            tests=planned.tests,
            order=planned.order,
            total=total,
            rows_touched=planned.touched + min(query.size, total),
        )

    def _planned(self, query: CompletedLessonQuery) -> Planned:
        stamp = (self.table.size, len(self.table.deaths), self._live_names.version)
        key = cache_key(query)
        planned = self._cache.recall(key, stamp, self.table)
        if planned is None:
            asked_before = self._cache.asked(key)
            earlier = self._cache.earlier(key)
            planned = Planner(self, query, asked_before=asked_before, earlier=earlier).plan()
            self._cache.remember(key, stamp, planned, self.table)
        return planned

    # -- proving

    def check(self) -> None:
        """Proves every index against the rows, or raises CorruptStore. O(n) for each index."""
        self.table.settle()
        table = self.table
        rows = list(table.rows())
        if len(rows) != table.live or len({table.ids[row] for row in rows}) != len(rows):
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
