"""Rows as bits, kept beside an index, and zone maps: against sets and plain comparisons."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.errors import CorruptStore
from coursetrack.listing import bitmaps, side_orders
from coursetrack.listing.bitmaps import Bitmap, Bitmaps, ZoneMap
from coursetrack.listing.indexes import Index
from coursetrack.listing.postings import SortOrder
from tests.listing.rows import pieces_of, row, table_of
from tests.listing.test_costs import Reads
from tests.listing.test_indexes import index_of
from tests.listing.test_side_orders import BASES
from tests.listing.worlds import WRITES, Changing

N = 40
ROWS = st.sets(st.integers(0, N - 1))
ORDER = SortOrder(table_of([]), "ids")


@pytest.mark.parametrize("sparse", [1, 10**6])
@given(one=ROWS, other=ROWS, late=st.integers(0, 60), gone=st.integers(0, 60))
def test_bits_are_a_set_of_rows(
    sparse: int, one: set[int], other: set[int], late: int, gone: int
) -> None:
    with pieces_of(8), pytest.MonkeyPatch.context() as patch:
        patch.setattr(bitmaps, "_SPARSE", sparse)
        first = Bitmap.of((sorted(one),), len(one), N)
        parts = [each for each in sorted(other) if each % 2], [2 * n for n in range(20)]
        second = Bitmap.of(parts, N, N)
        both = {*parts[0], *parts[1]}
        assert [*first] == sorted(one)
        assert len(first) == len(one) == sum(first.counts)
        assert [*(first & second)] == sorted(one & both)
        assert [*(first | second)] == sorted(one | both)
        assert first.rows([4, 0]) == [*first.rows([4]), *first.rows([0])]
        assert first.rows([4]) == [n for n in sorted(one) if n >= 32]
        copy = first.copy(size=70)
        assert len(copy.blocks) == 9
        copy.add(ORDER, late)
        assert copy.discard(ORDER, gone) is (gone in {*one, late})
        assert [*copy] == sorted({*one, late} - {gone})
        assert len(copy) == len({*one, late} - {gone})
        assert copy.discard(ORDER, 999) is False
        assert [*first] == sorted(one)
        first.extend(ORDER, [99, 7])
        assert [*first] == sorted({*one, 7, 99})


VALUES = st.lists(st.integers(0, 20), min_size=1, max_size=N)


@given(values=VALUES, held=ROWS, ends=st.tuples(st.integers(0, 21), st.integers(-1, 20)))
def test_a_range_keeps_the_rows_in_it(
    values: list[int], held: set[int], ends: tuple[int, int]
) -> None:
    with pieces_of(4):
        low, high = ends
        table = table_of(range(1, len(values) + 1), values)
        rows = sorted(each for each in held if each < len(values))
        bitmap = Bitmap.of((rows,), len(rows), len(values))
        found = bitmap.within(ZoneMap(table, "created").refresh(), (low, high))
        assert [*found] == [each for each in rows if low <= values[each] <= high]
        assert [*bitmap] == rows


@given(values=VALUES, more=VALUES, back=st.booleans())
def test_a_zone_map_knows_the_ends_of_each_block(
    values: list[int], more: list[int], back: bool
) -> None:
    with pieces_of(4):
        table = table_of(range(1, len(values) + 1), values)
        zones, savepoint = ZoneMap(table, "created").refresh(), table.savepoint()
        copy = zones.copy(table)
        start = len(values) + 1
        table.extend([row(start + n, at) for n, at in enumerate(more)])
        values = values + more
        if back:
            zones.refresh()
            table.roll_back_to(savepoint)
            zones.forget(savepoint.size)
            others = [21 - at for at in more]
            table.extend([row(start + 50 + n, at) for n, at in enumerate(others)])
            values = values[: start - 1] + others
        for each in (zones, copy):
            each.refresh()
            blocks = [values[at : at + 4] for at in range(0, len(values), 4)]
            assert each.lows == [*map(min, blocks)]
            assert each.highs == [*map(max, blocks)]


def test_a_row_that_is_the_latest_is_looked_at_alone() -> None:
    table = table_of(range(1, 2_000))
    zones = ZoneMap(table, "created").refresh()
    for id_ in range(2_000, 2_040):
        table.extend([row(id_, id_ if id_ % 8 else 7)])  # now and then a late one, not the earliest
        table.created, before = Reads("d", table.created), Reads.count
        zones.refresh()
        assert Reads.count - before == 1
    assert (zones.lows, zones.highs) == ([1], [2_039])
    table.extend([row(2_040, -5)])
    assert zones.refresh().lows == [-5]


def test_a_block_that_is_full_is_looked_at_once() -> None:
    with pieces_of(4):
        table = table_of(range(1, 11))
        zones = ZoneMap(table, "created").refresh()
        zones.lows[0] = -1
        table.extend([row(11, 11)])
        assert zones.refresh().lows == [-1, 5, 9]


# -- kept beside an index


def agree(index: Index, kept: Bitmaps) -> None:
    for label, rows in index.refresh().lists.items():
        held = kept.bitmap(label)
        assert [*held] == sorted(rows)
        assert len(held.blocks) == -(-index.order.table.now.size // 4)
    kept.check("it")


@pytest.mark.parametrize("name", BASES)
@settings(max_examples=15)
@given(
    writes=st.lists(WRITES, min_size=1, max_size=4),
    fork_at=st.integers(0, 3),
    few=st.sampled_from([0, 8]),
)
def test_after_any_writes_bits_catch_up(name: str, writes: Any, fork_at: int, few: int) -> None:
    with pieces_of(4), pytest.MonkeyPatch.context() as patch:
        patch.setattr(side_orders, "_FEW", few)
        world, copy = Changing(), None
        index = index_of(world, name, BASES[name])
        kept = Bitmaps(index, SortOrder(world.table, "ids"))
        for place, some in enumerate(writes):
            if place == fork_at:
                copy = kept.copy(index, kept.order)
            for write in some:
                world.write(*write)
            agree(index, kept)
        if copy is not None:
            agree(index, copy)
            agree(index, kept)


def test_a_write_changes_the_bits_that_are_kept() -> None:
    world = Changing()
    for _ in range(40):
        world.complete(1, 1, 1)
    index = index_of(world, "lesson_id").refresh()
    kept = Bitmaps(index, SortOrder(world.table, "ids"))
    kept.bitmap(1)
    held = kept.lists[1]
    world.complete(1, 1, 1)
    world.delete(0)
    index.refresh()
    assert [*kept.bitmap(1)] == [*range(1, 41)]
    assert kept.lists[1] is held


def test_what_is_asked_for_is_the_callers_own() -> None:
    world = Changing()
    world.complete_many(1, 1, 1)
    kept = Bitmaps(index_of(world, "lesson_id").refresh(), SortOrder(world.table, "ids"))
    kept.bitmap(1).add(ORDER, 900)
    assert 900 not in [*kept.bitmap(1)]


def test_wrong_bits_are_found() -> None:
    world = Changing()
    world.complete_many(1, 1, 1)
    kept = Bitmaps(index_of(world, "lesson_id").refresh(), SortOrder(world.table, "ids"))
    kept.bitmap(1)
    kept.lists[1].blocks[0] ^= 1
    with pytest.raises(CorruptStore, match="it: the bits of 1 differ"):
        kept.check("it")
