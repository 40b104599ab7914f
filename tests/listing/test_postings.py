"""A posting list against a sorted list."""

from array import array
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.errors import CorruptStore
from coursetrack.listing import postings
from coursetrack.listing.postings import PostingList, SortOrder, inside, merged, sorted_by
from coursetrack.listing.table import Table
from tests.listing.rows import TIMES, pieces_of, table_of

ROWS = 40


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Forty rows whose ids and instants come in any order."""
    ids = draw(st.permutations(range(1, ROWS + 1)))
    return table_of(ids, draw(st.lists(TIMES, min_size=ROWS, max_size=ROWS)))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "discard", "discard", "extend", "copy"]),
        st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=30, unique=True),
    ),
    max_size=12,
)


@pytest.mark.parametrize("name", ["ids", "created"])
@given(table=tables(), steps=STEPS, span=st.tuples(TIMES, TIMES))
def test_after_any_writes_it_is_the_sorted_rows(
    name: str, table: Table, steps: list[tuple[str, list[int]]], span: tuple[int, int]
) -> None:
    order = SortOrder(table, name)
    with pieces_of(4):
        held, wanted = PostingList(), set[int]()
        for step, rows in steps:
            before, kept = held, list(held)
            if step == "add" and rows[0] not in wanted:
                held.add(order, rows[0])
                wanted.add(rows[0])
            elif step == "discard":
                assert held.discard(order, rows[0]) == (rows[0] in wanted)
                wanted.discard(rows[0])
            elif step == "extend" and (new := sorted(set(rows) - wanted)):
                held.extend(order, new)
                wanted |= {*new}
            elif step == "copy":
                held = held.copy("another")
                held.add(order, ROWS - 1) if ROWS - 1 not in wanted else None
                wanted.add(ROWS - 1)
                assert list(before) == kept  # what is shared is copied before it is written to
            if held.pieces:
                held.zones("created", table.created)
            agree(held, sorted(wanted, key=order.key), table, order, span)


def agree(
    held: PostingList, rows: list[int], table: Table, order: SortOrder, span: tuple[int, int]
) -> None:
    assert list(held) == rows
    assert (len(held), held.size) == (len(rows), len(rows))
    held.check("it", table)
    assert all(0 < len(piece) <= 8 for piece in held.pieces)
    assert held.blocks == len(held.pieces)
    assert [*held.starts] == [sum(map(len, held.pieces[:at])) for at in range(held.blocks + 1)]
    for start, stop in ((0, 3), (1, len(rows)), (5, 5), (7, 99), (len(rows), 99)):
        assert held.slice(start, stop) == rows[start:stop]
    column = order.column()
    start, stop = held.bounds(column, span)
    expected = [row for row in rows if span[0] <= column[row] <= span[1]]
    assert rows[start:stop] == (expected if start <= stop else [])
    for place, (piece, zone) in enumerate(
        zip(held.pieces, held.zones("created", table.created), strict=True)
    ):
        assert held.block_rows(place) == piece
        assert held.long_list(place) is None
        assert sorted(zone) == sorted(piece)
        assert all(table.created[a] <= table.created[b] for a, b in pairwise(zone))


def test_a_piece_holds_2048_rows_and_is_split_at_twice_as_many() -> None:
    table = table_of(range(1, 4100))
    order, held = SortOrder(table, "ids"), PostingList(range(2048))
    assert held.blocks == 1
    assert PostingList(range(2049)).blocks == 2
    for row in range(2048, 4096):
        held.add(order, row)
    assert held.blocks == 1
    held.add(order, 4096)
    assert [len(piece) for piece in held.pieces] == [2048, 2049]


def test_a_row_behind_all_others_compares_nothing_but_the_last() -> None:
    table = table_of(range(1, 50))
    order, held = SortOrder(table, "ids"), PostingList(range(20))
    asked: list[int] = []
    key = order.key
    order_key: Callable[[int], object] = lambda row: asked.append(row) or key(row)  # noqa: E731
    counting = type("Counting", (SortOrder,), {"key": staticmethod(order_key)})(table, "ids")
    held.add(counting, 30)
    assert sorted(asked) == [19, 30]


def test_a_short_tail_joins_the_last_piece() -> None:
    table = table_of(range(1, 20))
    order = SortOrder(table, "ids")
    with pieces_of(4):
        held = PostingList([0, 1])
        held.extend(order, [2, 3])
        assert [*map(list, held.pieces)] == [[0, 1, 2, 3]]
        held.extend(order, [4])
        assert [*map(list, held.pieces)] == [[0, 1, 2, 3], [4]]
        held.zones("created", table.created)
        held.extend(order, [5])
        assert [*map(list, held.zones("created", table.created))] == [[0, 1, 2, 3], [4, 5]]


def test_few_rows_in_between_are_added_one_by_one() -> None:
    """So that the pieces stay, and with them what is known of them."""
    table = table_of(range(1, 99))
    order = SortOrder(table, "ids")
    with pieces_of(4):
        held = PostingList([*range(0, 70, 2)])
        last = held.pieces[-1]
        held.extend(order, [1, 3])
        assert held.pieces[-1] is last
        held.extend(order, [5, 7, 9, 11, 13, 15])
        assert held.pieces[-1] is not last
        assert list(held) == sorted([*range(0, 70, 2), 1, 3, 5, 7, 9, 11, 13, 15])


def test_a_changed_piece_alone_is_sorted_anew() -> None:
    table = table_of(range(1, 20))
    order = SortOrder(table, "ids")
    with pieces_of(4):
        held = PostingList(range(8))
        first, second = held.zones("created", table.created)
        held.discard(order, 6)
        again = held.zones("created", table.created)
        assert again[0] is first
        assert again[1] is not second


# -- orders


@given(table=tables(), rows=st.lists(st.integers(0, ROWS - 1), unique=True).map(sorted))
def test_an_order_sorts_by_its_column_then_by_id(table: Table, rows: list[int]) -> None:
    for name in ("ids", "created", "updated"):
        order, sorted_rows = SortOrder(table, name), rows[:]
        order.sort(sorted_rows)
        assert order.column() is getattr(table, name)
        keys = [(order.column()[row], table.ids[row]) for row in sorted_rows]
        assert keys == sorted(keys) == [order.key(row) for row in sorted_rows]


def test_rows_that_ascend_are_not_sorted_by_id() -> None:
    table = table_of([3, 5, 9], [7, 2, 2])
    rows = [0, 1, 2]
    SortOrder(table, "created").sort(rows)
    assert rows == [1, 2, 0]


# -- merging, sorting, testing


@given(rows=st.lists(st.integers(0, 60), max_size=40, unique=True), cuts=st.integers(1, 5))
def test_parts_are_merged_whether_few_or_many(rows: list[int], cuts: int) -> None:
    parts = [rows[at::cuts] for at in range(cuts)]
    for sparse in (0, 10**9):
        before, postings._SPARSE = postings._SPARSE, sparse
        try:
            assert merged(parts, len(rows), 61) == sorted(rows)
        finally:
            postings._SPARSE = before


def test_many_parts_are_marked_not_sorted() -> None:
    twice = [[1, 2], [2, 3]]  # only marking makes a row of two parts one
    assert merged(twice, 4, 4 * 16) == [1, 2, 3]
    assert merged(twice, 4, 4 * 16 + 1) == [1, 2, 2, 3]


@given(values=st.lists(TIMES, min_size=1, max_size=9), span=st.tuples(TIMES, TIMES))
def test_rows_are_sorted_and_tested_by_a_column(values: list[int], span: tuple[int, int]) -> None:
    rows = range(len(values))
    assert list(sorted_by(values, rows)) == sorted(rows, key=values.__getitem__)
    assert inside(values, span, rows) == [
        row for row in rows if values[row] >= span[0] and values[row] <= span[1]
    ]


# -- proving


def test_check_finds_each_corruption() -> None:
    table = table_of(range(1, 20), [*range(19, 0, -1)])

    def held() -> PostingList:
        with pieces_of(4):
            found = PostingList(range(10))
        assert found.starts
        found.zones("created", table.created)
        found.check("it", table)
        return found

    wrong = held()
    wrong.size = 11
    with pytest.raises(CorruptStore, match="it: its size is wrong"):
        wrong.check("it", table)
    wrong = held()
    wrong.pieces.append(array("i"))
    with pytest.raises(CorruptStore, match="a piece is empty"):
        wrong.check("it", table)
    wrong = held()
    wrong._starts = [0, 3, 8, 10]
    with pytest.raises(CorruptStore, match="prefix sums"):
        wrong.check("it", table)
    wrong = held()
    wrong.zones("created", table.created)[0].reverse()
    with pytest.raises(CorruptStore, match="values of created"):
        wrong.check("it", table)
