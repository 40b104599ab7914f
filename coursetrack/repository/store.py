"""The repository on one page: rows are the truth, every index is a memo that catches up.

    write ──> Table       append-only columns; changing a record adds a row and kills the old one
                │
                │         nothing else happens until somebody asks
                ▼
    query ──> Planner     filters ──> labels of a Dimension      "contains" among distinct names
                │                     spans of a time column
                ├──────── Family      one Run of rows per label: all, lesson, title, member, name,
                │                     company, team, teams' text, editor, system id
                │         Shelf       a family's runs one after the other: the order by that label
                ▼
              Answer      slice | chained | counted | walked | gathered
                │
                ▼
              Page        records are made for the page's rows only

Costs, for n records, a page of k rows, pieces of p (some 2,000) rows, d distinct labels:

    append, put, kill               O(1), amortised; the indexes are touched by the next read
    first read after w writes       O(w (log n + p)) for each family that the query needs
    all, one lesson, member, title, company or team, by Id or CreatedOn; a span of CreatedOn on
    any of these by the same; all by anything        O(log n + k), at any depth
    all or one label, a span of another time column  O(n/p log p + p + k)
    a text filter, first time       O(length of all distinct labels)
    anything else, first time       O(m log m) for the m rows of its smallest part; remembered
    rename, change of company       O(rows under the old label), once, at the next read
    a family asked for first        O(n), once; `prepare` does it ahead

Runs are in order of id. "In step" means that ids and instants ascend together, as they do while
events arrive in order; then that is the order by CreatedOn as well. From the first late instant
on, a long run's order by CreatedOn is kept beside it (`Aside`), a short one is sorted when asked.

Answers that were gathered are remembered, and brought up to date by testing only what came since.
At most `remember_answers` are kept, and no more row numbers in them than four for each record;
what a query finds never depends on them.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from coursetrack.domain.entities import CompletedLesson
from coursetrack.errors import CorruptStore
from coursetrack.repository.asides import Aside
from coursetrack.repository.directory import (
    Dimension,
    Directory,
    Editors,
    Joined,
    Label,
    NamedEntity,
    Systems,
)
from coursetrack.repository.families import EVERYTHING, Base, Family
from coursetrack.repository.haystack import Haystack
from coursetrack.repository.memory import Memory
from coursetrack.repository.orders import LabelOrder, UniqueOrder
from coursetrack.repository.planner import LONG, Plan, Planned, Planner
from coursetrack.repository.query import CompletedLessonQuery, Page
from coursetrack.repository.runs import Order, Run
from coursetrack.repository.table import Columns, Completing, Mark, Row, Table

__all__ = ["Joined", "NamedEntity", "Row", "Store"]

_VACUUM_FROM = 4096
_FILTERS = attrgetter(
    "lesson_id",
    "lesson_title",
    "member_id",
    "full_name",
    "company_name",
    "team_names",
    "created_from",
    "created_to",
    "updated_from",
    "updated_to",
    "created_on",
    "updated_on",
    "id",
    "unique_id",
    "system_id",
    "order_by",
    "text_match",
)
_PLAIN_DIMENSIONS = {"lesson_id": "lessons", "member_id": "members", EVERYTHING: None}
_BASES = {"lessons": "lesson_id", "members": "member_id"}


class Store:
    """Completed lessons with live names. Written by the tracker only; it judges nothing."""

    def __init__(self, *, remember_answers: int = 256) -> None:
        self._directory = Directory()
        self._memory = Memory(remember_answers)
        self._begin(Table())

    def _begin(self, table: Table) -> None:
        """Takes up `table` with no index at all, in one step that cannot be cut in two."""
        dimensions = self._dimensions_of(table)
        orders: dict[str, Order] = {
            name: LabelOrder(table, dimension) for name, dimension in dimensions.items()
        }
        orders |= {name: Order(table, name) for name in ("ids", "created", "updated")}
        orders["unique_id"] = unique = UniqueOrder(table)
        families: dict[str, Family] = {}
        asides: dict[tuple[str, str], Aside] = {}
        haystacks: dict[str, Haystack] = {}
        self._memory.clear()
        (
            self.table,
            self._dimensions,
            self._orders,
            self._unique,
            self._families,
            self._asides,
            self._haystacks,
        ) = (table, dimensions, orders, unique, families, asides, haystacks)

    def _dimensions_of(self, table: Table) -> dict[str, Dimension]:
        plain = (Dimension(name, side) for name, side in _PLAIN_DIMENSIONS.items())
        named = (*self._directory.dimensions(), Editors(table), Systems(table))
        return {each.name: each for each in (*plain, *named)}

    # -- writing: each call sets a state, so that an undo may repeat it

    def put_named(self, before: NamedEntity | None, after: NamedEntity | None) -> None:
        """Makes `after` (or the absence of `before`) what records are shown and found by. O(1)."""
        self._directory.put(before, after)

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
        self._families = {
            name: each for name, each in self._families.items() if each.born <= mark.size
        }
        self._asides = {
            key: each
            for key, each in self._asides.items()
            if each.born <= mark.size and key[0] in self._families
        }
        self._memory.clear()
        self._unique.forget(mark.size)
        self.table.rewind(mark)

    def _vacuum(self) -> None:
        """Drops the dead rows once they are the majority, so that they cost O(1) each."""
        dead = self.table.size - self.table.live
        if dead > _VACUUM_FROM and dead > self.table.live:
            self._begin(self.table.compacted())

    def fork(self) -> "Store":
        """An independent store. Rows and names are copied, runs shared until either side writes."""
        self.table.settle()
        other = Store.__new__(Store)
        other._directory = self._directory.fork()
        other._memory = Memory(self._memory.limit)
        other._begin(self.table.fork())
        other._unique = self._unique.fork(other.table)
        other._orders["unique_id"] = other._unique
        for name, family in self._families.items():
            other._families[name] = family.copy(
                other._dimensions[name], other._orders["ids"], other._base_of(name)
            )
        for (name, order), aside in self._asides.items():
            if name in other._families:
                copy = aside.copy(other._families[name], other._orders[order])
                other._asides[name, order] = copy
        return other

    # -- the planner's view

    def family(self, dimension: str) -> Family:
        """The family of a dimension, up to date. O(n) the first time."""
        family = self._families.get(dimension)
        if family is None:
            family = Family(
                self._dimensions[dimension], self._orders["ids"], self._base_of(dimension)
            )
            self._families[dimension] = family
        return family.refresh()

    def _base_of(self, dimension: str) -> Base | None:
        name = _BASES.get(self._dimensions[dimension].side or "")
        return None if name in (None, dimension) else lambda: self.family(name)

    def run(self, dimension: str, label: Label, order: str) -> Run:
        """The run of a label in force in an order: ids, created, updated or unique_id."""
        family = self.family(dimension)
        if order == "ids" or (order == "created" and self.table.in_step):
            return family.runs[label]
        aside = self._asides.get((dimension, order))
        if aside is None:
            aside = self._asides[dimension, order] = Aside(family, self._orders[order])
        return aside.run(label)

    def dimension(self, name: str) -> Dimension:
        """A dimension by its name."""
        return self._dimensions[name]

    def order(self, name: str) -> Order:
        """An order by its name."""
        return self._orders[name]

    def matching(self, dimension: str, text: str, match: str) -> Sequence[Label]:
        """The labels in force that a folded text matches, in order."""
        family = self.family(dimension)
        if match == "exact":
            label = "=" + text
            return (label,) if label in family.runs else ()
        haystack = self._haystacks.get(dimension)
        if haystack is None or haystack.source != (family, family.labels_version):
            haystack = Haystack((family, family.labels_version), family.labels)
            self._haystacks[dimension] = haystack
        return haystack.containing(text)

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
            for label, run in self.family(name).runs.items():
                if name == EVERYTHING or run.size > LONG:
                    self.run(name, label, "created")
        for order, other in (("created", "updated"), ("updated", "created")):
            self.run(EVERYTHING, 0, order).zones(other, self._orders[other].column())
        for name in ("lesson_title", "full_name"):
            self.family(name).shelved().zones("created", self.table.created)

    # -- reading

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[CompletedLesson]:
        """All records by id. O(n)."""
        return map(self.table.record, self._all_by_id())

    def _all_by_id(self) -> Run:
        self.table.settle()
        return self.family(EVERYTHING).runs.get(0) or Run()

    def _row(self, id_: int) -> int | None:
        run = self._all_by_id()
        start, stop = run.bounds(self.table.ids, (id_, id_))
        return run.slice(start, stop)[0] if start < stop else None

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

    def _rows_of(self, dimension: str, label: Label) -> Run:
        self.table.settle()
        return self.family(dimension).runs.get(label) or Run()

    def joined(self, record: CompletedLesson) -> Joined:
        """The names that a record is shown with, as they are now. O(teams)."""
        return self._directory.joined(record)

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
        stamp = (self.table.size, len(self.table.deaths), self._directory.version)
        key = _FILTERS(query)
        planned = self._memory.recall(key, stamp, self.table)
        if planned is None:
            asked_before = self._memory.asked(key)
            earlier = self._memory.earlier(key)
            planned = Planner(self, query, asked_before=asked_before, earlier=earlier).plan()
            self._memory.remember(key, stamp, planned, self.table)
        return planned

    # -- proving

    def check(self) -> None:
        """Proves every index against the rows, or raises CorruptStore. O(n) for each index."""
        self.table.settle()
        table = self.table
        rows = list(table.rows())
        if len(rows) != table.live or len({table.ids[row] for row in rows}) != len(rows):
            raise CorruptStore("rows in force: their number or their ids are wrong")
        for name, family in list(self._families.items()):
            self._check_family(f"family {name}", family.refresh(), rows)
        for (name, order), aside in self._asides.items():
            family = self.family(name)
            for label in list(aside.runs):
                if label in family.runs and list(aside.run(label)) != sorted(
                    family.runs[label], key=aside.order.key
                ):
                    raise CorruptStore(f"{name} {label!r} by {order} differs from the rows")

    def _check_family(self, name: str, family: Family, rows: list[int]) -> None:
        expected: dict[Label, list[int]] = {}
        for row in rows:
            for label in family.dimension.labels(family.dimension.side_of(self.table, row)):
                expected.setdefault(label, []).append(row)
        if family.runs.keys() != expected.keys() or list(family.labels) != sorted(expected):
            raise CorruptStore(f"{name}: its labels differ from the rows'")
        for label, run in family.runs.items():
            if list(run) != sorted(expected[label], key=family.order.key):
                raise CorruptStore(f"{name}: the run of {label!r} differs from the rows")
            run.check(f"{name}, run of {label!r}", self.table)
        if family.shelf is not None:
            family.shelf.check(f"shelf {name}", self.table)
