"""The listing on one page: rows are the truth, every index is a memo that catches up.

    write ──> Table       append-only columns; changing a record adds a row, and the old one dies
                │
                │         nothing else happens until somebody asks
                ▼
    query ──> Planner     filters ──> labels of a Dimension      "contains" among distinct names
                │                     spans of a time column
                ├──────── Index       one PostingList of rows per label: all, lesson, title, member,
                │                     name, company, team, teams' text, editor, system id
                │         SideOrder   long lists in another order, beside the index
                │         Bitmaps     the rows of labels that many have, as bits, beside it too
                │         LabelOrder  an index's lists one after the other: the order by that label
                │         ZoneMap     least and greatest value of each 2,048 rows of the table
                ▼
              Answer      total first, the page alone second:
                │
                │         slice     the wanted order stands ready              any page
                │         chained   it is several lists in a row               any page
                │         counted   a list in a range of another column        any page
                │         walked    the total is known: walk up to the page    near pages, resumed
                │         bitmap    filters are ANDed, a page's blocks sorted  any page
                │         gathered  everything else: test, sort, remember      any page, once made
                ▼
              Page        records, texts or columns are made for its rows only

The idea behind all of it: a posting list says how many without being read, and so do bits. So the
total comes from lists, bisections and ANDs, not from rows, wherever filters go by labels that many
rows have; what remains is finding the page, by the cheapest of the ways above. Where one filter
leaves few rows (256), they are tested and sorted, and nothing else is thought about.

Costs, for n records, a page of k rows, pieces and blocks of p (some 2,000) rows, d labels:

    append, put                     O(1), amortised; the indexes are touched by the next read
    first read after w writes       O(w (log n + p)) for each index that the query needs
    a record by its id              O(log n), without any index
    all, one lesson, member, title, company or team, by Id or CreatedOn; a span of CreatedOn on
    any of these by the same; all by anything        O(log n + k), at any depth
    all or one label, a span of another time column  O(n/p log p + p + k)
    two hot labels and more, spans, by Id or an instant          O(n/p + rows of the page's blocks)
    a text filter, first time       O(length of all distinct labels + n/m k) for its m rows;
                                    the next page goes on from there
    its page in the middle          O(m + n/p), with a very small constant for each of m rows
    anything else, first time       O(m log m) for the m rows of its smallest part; remembered
    a label that comes or goes      O(its length) for each text asked for again
    rename, change of company       O(rows of the person or lesson), once, at the next read
    an index asked for first        O(n), once; `prepare` does it ahead
    compaction                      O(64 rows) a write, while it lasts
    fork                            O(1); the next read after a write to either side copies the
                                    labels, the next write the columns

Posting lists are in order of id. "In step" means that ids and instants ascend together, as they do
while events arrive in order; then that is the order by CreatedOn as well. From the first late
instant on, a long posting list's order by CreatedOn is kept beside it (`SideOrder`), a short one is
sorted when asked. Bits and zone maps go by row and need neither.

Answers are remembered with a stamp: how many rows and tombstones there were, and how often the
names that they use were changed. A write leaves a gathered answer, or one in bits, to be brought up
to date by testing only what came since; a rename drops those that use that name, and no other. At
most `remember_answers` are kept, and no more row numbers in them than four for each record; what a
query finds never depends on them.

`memory` says what each part takes. Per record, of 300,000 with some late: rows 31 bytes, posting
lists 55, other orders of them 27, sorted values for ranges 14, bits 15, unique ids 12, texts 2.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.rows import Row
from coursetrack.listing.answer_cache import Stamp
from coursetrack.listing.compaction import Compaction
from coursetrack.listing.dimensions import Joined, Label, LiveNames, NamedEntity
from coursetrack.listing.index_set import IndexSet
from coursetrack.listing.indexes import EVERYTHING
from coursetrack.listing.plain_columns import CountKey, counted, plain_columns
from coursetrack.listing.planner import Plan, Planned, Planner
from coursetrack.listing.postings import PostingList
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.listing.record_texts import JsonPage
from coursetrack.listing.table import Columns, CompletingAll, Now, Table

__all__ = ["Joined", "NamedEntity", "Row", "Store"]

_COMPACT_FROM = 4096
_PAGING = ("page", "size", "direction")
cache_key: Callable[[Any], Any] = attrgetter(
    *(each.name for each in attrs.fields(CompletedLessonQuery) if each.name not in _PAGING)
)
"""What tells the answers of two queries apart: every field but where its page lies."""


class Store:
    """Completed lessons with live names. Written by the tracker only; it judges nothing."""

    def __init__(self, *, remember_answers: int = 256, accents: bool = True) -> None:
        self._live_names = LiveNames(accents=accents)
        self._remember_answers = remember_answers
        self._begin(Table())

    def _begin(self, table: Table) -> None:
        """Takes up `table` with no index at all, by one assignment."""
        self._compaction: Compaction | None = None
        self.indexes: IndexSet = IndexSet(table, self._live_names, self._remember_answers)

    @property
    def table(self) -> Table:
        """The rows."""
        return self.indexes.table

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
        self.indexes.table.append(row)

    def extend(self, rows: Sequence[Row]) -> None:
        """Adds all of `rows` or none. O(rows)."""
        self.table.extend(rows)

    def enqueue(
        self, ids: Sequence[int], events: CompletingAll, updated: datetime | None = None
    ) -> None:
        """Adds what `events` completed, under these ids. O(1); the next read pays for them.

        All were updated at `updated`, or each when it was created.
        """
        self.table.enqueue(ids, events, updated)

    def put(self, before: CompletedLesson | None, after: CompletedLesson | None) -> None:
        """Makes `after` (or the absence of `before`) the record with that id. O(log n)."""
        record = after if after is not None else before
        if record is None:
            return
        table = self.indexes.table
        table.trim()
        row = table.row_of(record.id) if table.may_hold(record.id) else None
        if row is None if after is None else row is not None and table.record(row) == after:
            return  # it is so already
        table.put(after, replaced=row)
        self._compact()

    def columns(self) -> Columns:
        """All records as columns in order of id. O(n)."""
        return self.table.columns()

    def load(self, columns: Columns) -> None:
        """Holds exactly `columns` from now on: well formed, ids ascending. O(n)."""
        self._begin(Table.of(columns))

    def savepoint(self) -> Now:
        """A place to `roll_back_to` to; good as long as no record was put since."""
        return self.table.savepoint()

    def roll_back_to(self, savepoint: Now) -> None:
        """Forgets what was added since `savepoint`. O(rows forgotten)."""
        self.indexes.roll_back_to(savepoint)

    def _compact(self) -> None:
        """Once dead rows are the majority, copies the others at each write, and drops the table."""
        compaction, self._compaction = self._compaction, None  # so it is where this one is cut off
        if compaction is None:
            now = self.table.now
            dead = now.size - now.live
            if dead <= _COMPACT_FROM or dead <= now.live:
                return
            compaction = Compaction(self.table)
        if compaction.step():
            self._begin(compaction.new)
        else:
            self._compaction = compaction

    def fork(self) -> "Store":
        """An independent store: names are copied, posting lists shared until either side writes."""
        self.table.flush()
        other = Store.__new__(Store)
        other._live_names = self._live_names.fork()
        other._remember_answers = self._remember_answers
        other._compaction = None
        other.indexes = self.indexes.fork(other._live_names)
        return other

    def prepare(self) -> None:
        """Builds every index now rather than at the first query that needs it. O(n log n)."""
        self.indexes.prepare()

    def memory(self) -> dict[str, int]:
        """About how many bytes each part takes, names apart. O(pieces of all posting lists)."""
        return self.indexes.memory()

    # -- reading

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[CompletedLesson]:
        """All records by id. O(n)."""
        return map(self.table.record, self._all_by_id())

    def _all_by_id(self) -> PostingList:
        self.table.flush()
        return self.indexes.index(EVERYTHING).lists.get(0) or PostingList()

    def get(self, id_: int) -> CompletedLesson | None:
        """The record with this id, or None. O(log n)."""
        row = self.table.row_of(id_)
        return None if row is None else self.table.record(row)

    def id_of_unique(self, unique_id: str) -> int | None:
        """The id of the record with this unique id, or None. O(log n); hashes all ids once."""
        self.table.flush()
        rows = self.indexes.rows_of_unique(unique_id) if self.table.now.live else ()
        return self.table.ids[rows[0]] if rows else None

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

    def count_of(self, dimension: str, label: Label) -> int:
        """How many records have this label in a dimension. O(1) once its index is up to date."""
        return self._rows_of(dimension, label).size

    def latest_of_member(self, member_id: int) -> CompletedLesson | None:
        """The member's last record by instant, then id, or None. O(its records)."""
        rows = self._rows_of("member_id", member_id)
        row = max(rows, key=self.indexes.order("created").key, default=None)
        return None if row is None else self.table.record(row)

    def _rows_of(self, dimension: str, label: Label) -> PostingList:
        self.table.flush()
        return self.indexes.index(dimension).lists.get(label) or PostingList()

    def rows(self, query: CompletedLessonQuery) -> list[int]:
        """The rows of all that `query` finds, in its order; its page and size do not matter."""
        answer = self._planned(query).answer
        rows = answer.rows(0, answer.total)
        return rows if query.direction == 1 else rows[::-1]

    def count(self, query: CompletedLessonQuery) -> int:
        """How many records `query` finds, on all its pages."""
        return self._planned(query).answer.total

    def plain_columns(self, query: CompletedLessonQuery) -> dict[str, list[Any]]:
        """What `query` finds as plain columns, one for each list field. O(records found)."""
        return plain_columns(self.table, self._live_names, self.rows(query))

    def counts(
        self, keys: Sequence[CountKey], query: CompletedLessonQuery
    ) -> dict[tuple[Any, ...], int]:
        """How many of the records that `query` finds share each combination of `keys`."""
        rows = self.rows(attrs.evolve(query, order_by="Id", direction=1))
        return counted(self.table, self._live_names, keys, rows)

    def joined(self, record: CompletedLesson) -> Joined:
        """The names that a record is shown with, as they are now. O(1)."""
        return self.names(record.lesson_id, record.member_id)

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names that a lesson and a member are shown with; None for what is not there. O(1)."""
        return self._live_names.names(lesson_id, member_id)

    def find(self, query: CompletedLessonQuery) -> Page:
        """The page that `query` asks for, with exact totals."""
        rows, total = self._found(query)
        return Page(
            records=self.table.records(rows),
            total_items=total,
            page_number=query.page,
            page_size=query.size,
        )

    def find_json(self, query: CompletedLessonQuery) -> JsonPage:
        """The same page, its records as JSON, with their names as they are now."""
        rows, total = self._found(query)
        return JsonPage(
            records=self.indexes.texts.of(rows),
            total_items=total,
            page_number=query.page,
            page_size=query.size,
        )

    def _found(self, query: CompletedLessonQuery) -> tuple[Sequence[int], int]:
        """The rows of the page that `query` asks for, and how many there are on all pages."""
        answer = self._planned(query).answer
        total, first = answer.total, (query.page - 1) * query.size
        last = min(first + query.size, total)
        if first >= last:
            return (), total
        if query.direction == 1:
            return answer.rows(first, last), total
        return answer.rows(total - last, total - first)[::-1], total

    def explain(self, query: CompletedLessonQuery) -> Plan:
        """How `query` would be answered, and about how many rows that touches."""
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
        self.table.flush()
        indexes = self.indexes
        now, cache = indexes.table.now, indexes.cache
        stamp = Stamp(now.size, now.dead, self._live_names.renames(query))
        key = cache_key(query)
        planned = cache.recall(key, stamp, indexes.table)
        if planned is None or not planned.fits(query):
            asked_before = cache.asked(key)
            earlier = cache.earlier(key)
            planned = Planner(indexes, query, asked_before=asked_before, earlier=earlier).plan()
            cache.remember(key, stamp, planned, indexes.table)
        return planned

    # -- proving

    def check(self) -> None:
        """Proves every index against the rows, or raises CorruptStore. O(n) for each index."""
        self.indexes.check()

    def check_names(self, entities: Iterable[NamedEntity]) -> None:
        """Proves that records are shown and found by the names of `entities`. O(entities)."""
        self._live_names.check(entities)
