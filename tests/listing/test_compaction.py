"""Compaction, a few rows at each write: what a write costs, and what comes of it."""

from datetime import timedelta
from random import Random

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.listing import compaction, store
from coursetrack.listing.compaction import Compaction
from coursetrack.listing.store import Store
from coursetrack.listing.table import Table
from tests.listing.rows import row
from tests.listing.test_costs import Reads


def filled(count: int) -> Store:
    """Records 1 to `count`, in order, of ten lessons."""
    made = Store()
    made.extend([row(n, n, lesson_id=n % 10, member_id=n) for n in range(1, count + 1)])
    return made


def rename(held: Store, id_: int, by: str) -> None:
    before = held.get(id_)
    assert before is not None
    held.put(before, attrs.evolve(before, updated_by=by, updated_on=before.created_on))


def counted(table: Table) -> None:
    for name in ("ids", "lessons", "members", "created", "updated", "editors"):
        column = getattr(table, name)
        setattr(table, name, Reads(column.typecode, column))


@pytest.mark.parametrize("how", ["deletes", "updates"])
def test_no_write_reads_more_than_its_share(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,500 records, of which three in four are deleted, or all of them changed twice."""
    monkeypatch.setattr(store, "_COMPACT_FROM", 300)
    monkeypatch.setattr(compaction, "STEP", 16)
    count = 1_500
    held, order = filled(count), [*range(1, count + 1)]
    Random(3).shuffle(order)
    counted(held.table)
    tables, most = [held.table], 0
    for place, id_ in enumerate(order * 2 if how == "updates" else order[: count * 3 // 4]):
        before = Reads.count
        if how == "updates":
            rename(held, id_, f"editor {place % 7}")
        else:
            held.put(held.get(id_), None)
        most = max(most, Reads.count - before)
        if held.table is not tables[-1]:
            tables.append(held.table)
            counted(held.table)
    assert len(tables) > 1, "nothing was compacted"
    assert most <= 20 * compaction.STEP + 100
    assert held.table.now.size < 2.5 * len(held) + 300
    held.check()


@settings(max_examples=20)
@given(
    writes=st.lists(
        st.tuples(st.sampled_from(["delete", "change", "complete"]), st.integers(1, 30)),
        max_size=60,
    ),
    at_once=st.integers(1, 4),
)
def test_a_store_that_is_compacted_meanwhile_holds_the_same(
    writes: list[tuple[str, int]], at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "STEP", at_once)
        patch.setattr(store, "_COMPACT_FROM", 2)
        held = filled(12)
        records = {each.id: each for each in held}
        for what, id_ in writes:
            if what == "complete" and id_ > max(records, default=0):
                held.append(row(id_, id_))
                records[id_] = next(each for each in held if each.id == id_)
            elif what == "delete" and id_ in records:
                held.put(records.pop(id_), None)
            elif what == "change" and id_ in records:
                before = records[id_]
                later = before.created_on + timedelta(seconds=1)
                records[id_] = attrs.evolve(before, updated_on=later, updated_by="Ed")
                held.put(before, records[id_])
        assert [*held] == [records[id_] for id_ in sorted(records)]
        assert len(held) == len(records)
        held.check()


def test_a_step_that_is_cut_off_is_lost_with_its_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_COMPACT_FROM", 2)
    monkeypatch.setattr(compaction, "STEP", 1)
    held = filled(12)
    for id_ in range(1, 8):
        held.put(held.get(id_), None)
    assert isinstance(held._compaction, Compaction)
    monkeypatch.setattr(Table, "take", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        held.put(held.get(8), None)
    assert held._compaction is None
    monkeypatch.undo()
    assert [each.id for each in held] == [9, 10, 11, 12]


def test_a_fork_begins_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_COMPACT_FROM", 2)
    monkeypatch.setattr(compaction, "STEP", 1)
    held = filled(12)
    for id_ in range(1, 8):
        held.put(held.get(id_), None)
    fork = held.fork()
    assert fork._compaction is None
    for each in (fork, held):
        each.put(each.get(8), None)
        each.check()
    monkeypatch.setattr(compaction, "STEP", 5)
    before = held.table
    for n in range(5):
        rename(held, 9, f"editor {n}")
    assert held.table is not before
    assert fork.table is not held.table
    fork.append(row(99, 99))
    assert [each.id for each in held] == [9, 10, 11, 12]
    assert [each.id for each in fork] == [9, 10, 11, 12, 99]
