"""The table's rows against plain records, through writes, forks, marks and compactions."""

from array import array
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import derived_unique_id, instant, microseconds
from coursetrack.listing import compaction
from coursetrack.listing import table as tables
from coursetrack.listing.compaction import Compaction
from coursetrack.listing.table import Columns, Extra, Table
from tests.listing.rows import row, table_of

UNIQUE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
FAR = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
INSTANTS = st.integers(-5, 9).map(instant) | st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), FAR, instant(2**32 * 1_000_000), instant(2**32 * 10**6 - 1)]
)
RECORDS = st.builds(
    CompletedLesson,
    id=st.integers(1, 30) | st.just(2**40),
    lesson_id=st.integers(0, 4) | st.just(2**33),
    member_id=st.integers(0, 4),
    created_on=INSTANTS,
    updated_on=st.none() | INSTANTS,
    updated_by=st.sampled_from([None, None, "Ed", "Al"]),
    system_id=st.sampled_from([None, None, "s"]),
    custom_fields=st.sampled_from([None, {"a": 1}]),
    to_string_text=st.sampled_from([None, "text"]),
    unique_id=st.sampled_from(["", "", UNIQUE]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "put", "remove", "append", "enqueue", "fork", "compact"]),
        RECORDS,
    ),
    max_size=14,
)


class Mirrored:
    """A table, and the records that it should hold."""

    def __init__(self) -> None:
        self.table = Table()
        self.records: dict[int, CompletedLesson] = {}
        self.compaction: Compaction | None = None

    def put(self, record: CompletedLesson) -> None:
        self.table.put(record, replaced=self.table.row_of(record.id))
        self.records[record.id] = record

    def remove(self, record: CompletedLesson) -> None:
        place = self.table.row_of(record.id)
        if place is not None:
            self.table.put(None, replaced=place)
        self.records.pop(record.id, None)

    def append(self, record: CompletedLesson) -> None:
        if record.id not in self.records:
            made = as_made(record)
            self.table.append((made.id, made.lesson_id, made.member_id, made.created_on))
            self.records[made.id] = made

    def enqueue(self, record: CompletedLesson) -> None:
        if record.id not in self.records:
            made = as_made(record)
            self.table.enqueue(
                (made.id,), (Event(made.lesson_id, made.member_id, made.created_on),)
            )
            self.records[made.id] = made

    def fork(self, record: CompletedLesson) -> None:
        """Goes on with a fork; what is written to its source is not seen."""
        source, self.table, self.compaction = self.table, self.table.fork(), None
        source.append(row(10**6, 5))
        source.flush()

    def compact(self, record: CompletedLesson) -> None:
        self.compaction = self.compaction or Compaction(self.table)

    def go_on(self) -> None:
        """A compaction that was begun goes on with each write."""
        if self.compaction is not None and self.compaction.step():
            self.table, self.compaction = self.compaction.new, None


def compacted(table: Table) -> Table:
    """The records of a table that nobody writes to in the meantime."""
    copying = Compaction(table)
    while not copying.step():
        pass
    now = copying.new.now
    assert now.size == now.live == len(copying.new.ids)
    assert now.rows_ascend
    return copying.new


@attrs.frozen
class Event:
    lesson_id: int
    member_id: int
    at: datetime


def as_made(record: CompletedLesson) -> CompletedLesson:
    return CompletedLesson(
        id=record.id,
        lesson_id=record.lesson_id,
        member_id=record.member_id,
        created_on=record.created_on,
    )


@settings(max_examples=40)
@given(steps=STEPS, at_once=st.sampled_from([1, 2, 5]))
def test_after_any_writes_it_holds_the_records(
    steps: list[tuple[str, CompletedLesson]], at_once: int
) -> None:
    usual, compaction.STEP = compaction.STEP, at_once
    try:
        mirrored_all(steps)
    finally:
        compaction.STEP = usual


def mirrored_all(steps: list[tuple[str, CompletedLesson]]) -> None:
    mirrored = Mirrored()
    for step, record in steps:
        getattr(mirrored, step)(record)
        mirrored.go_on()
        assert len(mirrored.table) == len(mirrored.records)
    table, records = mirrored.table, mirrored.records
    table.flush()
    rows = [*table.rows()]
    assert {table.record(each).id: table.record(each) for each in rows} == records
    assert [*table.rows(2)] == [each for each in rows if each >= 2]
    assert table.now.live == len(rows)
    for id_ in (*range(1, 31), 2**40):
        found = table.row_of(id_)
        assert (None if found is None else table.record(found)) == records.get(id_)
        assert id_ not in records or table.may_hold(id_)
    for each in rows:
        record = records[table.ids[each]]
        assert (table.editor(each), table.system_id(each)) == (record.updated_by, record.system_id)
        assert table.unique_id(each) == record.unique_id
        assert table.unique_number(each) == int(record.unique_id.replace("-", ""), 16)
    claims_hold(table, rows)
    again = Table.of(table.columns())
    assert [*again.records(again.rows())] == [records[id_] for id_ in sorted(records)]
    claims_hold(again, [*again.rows()])


def claims_hold(table: Table, rows: list[int]) -> None:
    """What the table says of its rows; it may be wrong only by not saying it."""
    ids, now = [table.ids[each] for each in rows], table.now
    if now.rows_ascend:
        assert ids == sorted(ids)
    if now.instants_ascend:
        times = [table.created[each] for each in sorted(rows, key=table.ids.__getitem__)]
        assert times == sorted(times)
    assert now.newest[0] >= max(ids, default=0)


# -- what is claimed while it can be


def test_rows_in_order_ascend_and_are_in_step() -> None:
    table = table_of([1, 2, 5], [3, 3, 9])
    assert table.now == tables.Now(3, 3, 0, (5, 9))
    table.append(row(6, 9))
    table.flush()
    assert (table.now.rows_ascend, table.now.instants_ascend) == (True, True)
    table.append(row(7, 8))
    table.flush()
    assert (table.now.rows_ascend, table.now.instants_ascend) == (True, False)
    table.append(row(4, 9))
    table.flush()
    assert table.now.rows_ascend is False


@pytest.mark.parametrize(
    ("ids", "created", "ascend", "instants_ascend"),
    [
        ([1, 2], [5, 4], True, False),
        ([2, 1], [5, 5], False, False),
        ([1, 2], [5, 5], True, True),
        ([2, 2], [5, 5], False, False),
    ],
)
def test_rows_that_come_together(
    ids: list[int], created: list[int], ascend: bool, instants_ascend: bool
) -> None:
    now = table_of(ids, created).now
    assert (now.rows_ascend, now.instants_ascend) == (ascend, instants_ascend)
    assert now.newest == (max(ids), max(created))


def record(id_: int, created: int, **more: Any) -> CompletedLesson:
    return CompletedLesson(id=id_, lesson_id=1, member_id=1, created_on=instant(created), **more)


def test_a_changed_record_stays_in_step_while_its_instant_stays() -> None:
    table = table_of([1, 2, 3])
    table.put(record(2, 2, updated_by="Ed"), replaced=1)
    assert (table.now.instants_ascend, table.now.rows_ascend) == (True, False)
    assert table.now == tables.Now(4, 3, 1, (3, 3), True, False)
    table.put(record(2, 1), replaced=3)
    assert table.now.instants_ascend is False


@pytest.mark.parametrize(
    ("id_", "created", "instants_ascend"), [(4, 3, True), (4, 2, False), (0, 3, False)]
)
def test_a_record_by_hand(id_: int, created: int, instants_ascend: bool) -> None:
    table = table_of([1, 2, 3])
    table.put(record(id_ or 3, created))
    assert table.now.instants_ascend is instants_ascend
    assert table.now.rows_ascend is (id_ == 4)


def test_compacted_it_may_be_in_step_again() -> None:
    table = table_of([1, 2, 3], [5, 9, 6])
    assert not table.now.instants_ascend
    table.put(None, replaced=1)
    again = compacted(table)
    assert again.now == tables.Now(2, 2, 0, (3, 6), True, True)
    table = table_of([1, 2, 3], [5, 9, 6])
    assert not compacted(table).now.instants_ascend


# -- columns that grow wider


def test_ids_and_instants_are_exact_however_far() -> None:
    table = table_of([1])
    assert table.ids.typecode == "i"
    assert table.created.typecode == "d"
    table.put(CompletedLesson(id=2**40, lesson_id=1, member_id=1, created_on=FAR))
    assert table.ids.typecode == "q"
    assert table.created.typecode == "q"
    assert table.record(1).created_on == FAR
    assert [*table.ids] == [1, 2**40]


@pytest.mark.parametrize("at", [2**53 - 1, 2**53, -(2**53) + 1, -(2**53)])
def test_instants_are_floats_while_those_are_exact(at: int) -> None:
    table = Table()
    table.append((1, 1, 1, instant(at)))
    table.flush()
    assert int(table.created[0]) == microseconds(table.record(0).created_on) == at
    assert table.created.typecode == ("d" if abs(at) < 2**53 else "q")


@pytest.mark.parametrize("at", [-1, 0, 1, 2**32 * 10**6 - 1, 2**32 * 10**6, 2**32 * 10**6 + 1])
def test_a_record_has_the_instant_that_it_was_given(at: int) -> None:
    made = CompletedLesson(
        id=1, lesson_id=1, member_id=1, created_on=instant(at), updated_on=instant(at + 1)
    )
    table = Table()
    table.put(made)
    assert table.record(0) == made


# -- what waits


def test_what_waits_counts_and_comes_in_its_order() -> None:
    table = table_of([1])
    table.enqueue((2, 3), (Event(7, 1, instant(5)), Event(8, 2, instant(6))))
    table.append(row(4, 9, lesson_id=5))
    assert (len(table), table.now.size) == (4, 1)
    table.flush()
    assert [*table.ids] == [1, 2, 3, 4]
    assert [*table.lessons] == [1, 7, 8, 5]
    assert [*table.members] == [1, 1, 2, 1]
    assert [*table.created] == [1, 5, 6, 9]
    assert [*table.updated] == [1, 5, 6, 9]
    assert table.may_hold(4)
    assert not table.may_hold(5)


def test_what_waits_may_have_been_updated_later() -> None:
    table = table_of([1])
    table.enqueue((2, 3), (Event(7, 1, instant(5)), Event(8, 2, instant(6))), instant(20))
    table.append(row(4, 9, lesson_id=5))
    table.flush()
    assert [*table.created] == [1, 5, 6, 9]
    assert [*table.updated] == [1, 20, 20, 9]


def test_too_much_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_BUFFER_LIMIT", 3)
    table = Table()
    for id_ in (1, 2):
        table.append(row(id_, id_))
    assert table.now.size == 0
    table.append(row(3, 3))
    assert table.now.size == 3


def test_rows_that_fail_are_not_there() -> None:
    table = table_of([1])
    with pytest.raises(OverflowError):
        table.extend([row(2, 2), (2**70, 1, 1, instant(5))])
    assert (len(table), [*table.rows()]) == (1, [0])
    table.extend([row(2, 2)])
    assert [*table.ids] == [1, 2]
    assert [*table.created] == [1, 2]


def test_a_put_that_fails_has_not_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of([1, 2])
    with monkeypatch.context() as patched:
        patched.setattr(tables, "_extra", None)
        with pytest.raises(TypeError):
            table.put(record(2, 3, updated_by="Ed"), replaced=1)
    assert table.row_of(2) == 1
    assert [len(getattr(table, name)) for name in tables._COLUMNS] == [2] * 6
    assert (len(table.alive), [*table.rows()]) == (2, [0, 1])
    table.append(row(3, 9))
    assert table.row_of(3) == 2


def test_a_death_that_was_cut_off_is_taken_back() -> None:
    table = table_of([1, 2, 3])
    table.put(None, replaced=0)
    table.tombstones.append(1)
    table.alive[1] = 0
    assert table.row_of(2) == 1
    assert [*table.tombstones] == [0]
    assert [*table.rows()] == [1, 2]


def test_what_a_failed_write_noted_is_cut() -> None:
    table = table_of([1, 2])
    table._write(2, record(3, 3, system_id="s", updated_by="Ed"))
    table.trim()
    assert table.extras == {}
    table.append(row(3, 3))
    table.flush()
    assert table.record(2) == record(3, 3)


# -- marks and forks


@given(before=st.integers(0, 3), after=st.integers(0, 3), waiting=st.booleans())
def test_a_mark_is_gone_back_to(before: int, after: int, waiting: bool) -> None:
    table = table_of(range(1, before + 1))
    if waiting:
        table.append(row(10, 3))
    savepoint, kept = table.savepoint(), table.columns()
    table.extend([row(20 + n, 1) for n in range(after)])
    table.append(row(5, 1))
    table.row_of(5)
    table.roll_back_to(savepoint)
    assert table.columns() == kept
    assert table.now == attrs.evolve(savepoint, buffered=[])
    assert table.row_of(5) is None
    table.append(row(30, 7))
    assert table.row_of(30) == before + waiting


def test_a_mark_does_not_grow_with_what_waits() -> None:
    table = table_of([1])
    savepoint = table.savepoint()
    table.append(row(2, 2))
    table.roll_back_to(savepoint)
    table.append(row(3, 3))
    table.flush()
    assert [*table.ids] == [1, 3]


def test_a_fork_and_its_source_write_apart() -> None:
    source = table_of([1, 2])
    source.put(record(2, 2, updated_by="Ed", system_id="s"), replaced=1)
    source.append(row(3, 3))
    fork = source.fork()
    assert fork.ids is source.ids  # shared until the fork writes
    source.append(row(4, 4))
    source.put(None, replaced=0)
    source.put(record(3, 3, updated_by="Al"), replaced=3)
    fork.append(row(5, 5))
    fork.put(record(2, 2, updated_by="Bo", to_string_text="t"), replaced=2)
    assert [each.id for each in source.records(source.rows())] == [2, 4, 3]
    assert [each.updated_by for each in source.records(source.rows())] == ["Ed", None, "Al"]
    assert [each.id for each in fork.records(fork.rows())] == [1, 3, 5, 2]
    assert [each.updated_by for each in fork.records(fork.rows())] == [None, None, None, "Bo"]
    assert fork.editor_names != source.editor_names
    assert fork.record(fork.row_of(2) or 0).to_string_text == "t"


# -- ids that do not ascend


def test_a_stray_is_noted_by_its_id_and_the_others_are_bisected() -> None:
    table = table_of([1, 2, 3])
    assert table.strays == {}
    table.put(record(2, 2, updated_by="Ed"), replaced=1)
    table.append(row(4, 4))
    assert [table.row_of(id_) for id_ in (1, 2, 3, 4, 5)] == [0, 3, 2, 4, None]
    assert table.strays == {2: (3,)}
    assert (table.tops_from, [*table.tops]) == (3, [3, 4])
    for _ in range(5):
        table.put(record(2, 2, updated_by="Al"), replaced=table.row_of(2))
    assert table.strays == {2: (8, 9)}  # the one that died last, and no other dead one


def test_a_note_of_rows_that_were_taken_back_is_passed_over() -> None:
    table = table_of([5, 6])
    table.append(row(3, 3))
    savepoint = table.savepoint()
    table.append(row(2, 9))
    assert table.row_of(2) == 3
    table.roll_back_to(savepoint)
    table.append(row(4, 9))
    assert (table.row_of(4), table.row_of(2), table.row_of(3)) == (3, None, 2)


# -- whole tables


def test_columns_are_by_id_whatever_the_order_of_arrival() -> None:
    table = table_of([3, 1], [7, 8])
    table.put(record(2, 9, updated_on=instant(11), updated_by="Ed", unique_id=UNIQUE))
    extra = Extra(None, None, None, None, UNIQUE)
    assert table.columns() == Columns(
        [1, 2, 3], [1] * 3, [1] * 3, [8, 9, 7], [8, 11, 7], [0, 1, 0], (None, "Ed"), {1: extra}
    )
    assert all(type(each) is int for each in table.columns().created)


def test_a_table_of_no_columns_is_empty() -> None:
    empty = Table.of(Table().columns())
    assert (len(empty), [*empty.rows()], empty.row_of(1)) == (0, [], None)
    assert compacted(empty).now == tables.Now()


def test_a_table_of_columns_is_its_own() -> None:
    table = table_of([1, 2])
    table.put(record(3, 3, updated_by="Ed", system_id="s"))
    columns = table.columns()
    other = Table.of(columns)
    assert other.editor_numbers == {None: 0, "Ed": 1}
    other.put(record(4, 4, updated_by="Al", system_id="t"))
    assert table.columns() == columns
    assert other.record(3).updated_by == "Al"
    assert derived_unique_id("CompletedLesson", 4) == other.unique_id(3)


def test_values_are_picked_in_any_number() -> None:
    column = array("i", [5, 6, 7])
    assert [tables.picked(column, rows) for rows in ([], [2], [2, 0])] == [[], [7], [7, 5]]


def test_one_instant_is_one_object() -> None:
    made = table_of([1], [5]).record(0)
    assert made.updated_on is made.created_on
    assert made.created_on - timedelta(microseconds=5) == instant(0)
