"""Orders by label and by unique id, against sorting by what they mean."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import derived_unique_id, instant
from coursetrack.listing.dimensions import Dimension
from coursetrack.listing.sort_orders import ByLabel, ByUniqueId, SecondHalf
from coursetrack.listing.table import Table, unique_number
from tests.listing.rows import IDS, row, table_of
from tests.listing.worlds import WRITES, Changing


@pytest.mark.parametrize("name", ["lesson_title", "lesson_id", "company_name", "updated_by"])
@settings(max_examples=15)
@given(writes=WRITES)
def test_by_label_then_by_id(name: str, writes: list[tuple[str, int, int, int]]) -> None:
    world = Changing()
    for write in writes:
        world.write(*write)
    order = ByLabel(world.table, world.dimensions()[name])
    rows = [*world.table.rows()]
    order.sort(rows)
    ids = [world.table.ids[row] for row in rows]
    assert ids == sorted(world.records, key=lambda id_: (world.labels(name, id_), id_))
    assert [order.key(row) for row in rows] == [(world.labels(name, i)[0], i) for i in ids]
    assert order.name == name


def test_by_system_id_rows_have_their_own_side() -> None:
    world = Changing()
    for id_, system_id in ((1, "b"), (2, None), (3, "A")):
        world.table.put(
            CompletedLesson(
                id=id_, lesson_id=1, member_id=1, created_on=instant(5), system_id=system_id
            )
        )
    order, rows = ByLabel(world.table, world.dimensions()["system_id"]), [0, 1, 2]
    order.sort(rows)
    assert rows == [1, 2, 0]


class Compared(str):
    """A label that counts how often it is compared."""

    count = 0

    def __lt__(self, other: str) -> bool:
        Compared.count += 1
        return str.__lt__(self, other)


def test_labels_are_compared_and_not_rows() -> None:
    class Titled(Dimension):
        def labels(self, side: int) -> tuple[str, ...]:
            return (Compared(f"={-side % 7}"),)

    table = Table()
    table.extend([row(n, n, lesson_id=n % 20) for n in range(1, 2_001)])
    order, rows = ByLabel(table, Titled("lesson_title", "lessons")), [*range(2_000)]
    order.sort(rows)
    labels = [order.label(each) for each in rows]
    assert Compared.count <= 20 * 5  # of 7 labels of 20 lessons, whatever the rows
    assert [*zip(labels, rows, strict=True)] == sorted(zip(labels, rows, strict=True))


def given_ids(table: Table, *unique_ids: str) -> None:
    for unique_id in unique_ids:
        id_ = table.now.size + 1
        table.put(
            CompletedLesson(
                id=id_, lesson_id=1, member_id=1, created_on=instant(0), unique_id=unique_id
            )
        )


HIGH = "a1b2c3d4-e5f6-4890-abcd-"


@given(ids=IDS, tails=st.lists(st.integers(0, 99), max_size=4, unique=True))
def test_by_unique_id_is_by_its_text(ids: list[int], tails: list[int]) -> None:
    """Some share their first half, and the tie is decided by the second."""
    table = table_of(sorted(ids))
    start = max(ids, default=0)
    texts = {row: derived_unique_id("CompletedLesson", id_) for row, id_ in enumerate(sorted(ids))}
    for place, tail in enumerate(tails, 1):
        text = f"{HIGH}{tail:012}"
        texts[table.now.size] = text
        table.put(
            CompletedLesson(
                id=start + place, lesson_id=1, member_id=1, created_on=instant(0), unique_id=text
            )
        )
    order, rows = ByUniqueId(table), [*texts]
    order.sort(rows)
    assert rows == sorted(texts, key=texts.__getitem__)
    assert [*order.column()] == [unique_number(text) >> 64 for text in texts.values()]
    for each in rows:
        (high, low), id_ = order.key(each)
        assert (high << 64) + low.number == unique_number(texts[each])
        assert id_ == table.ids[each]


def test_rows_that_came_since_are_known_and_those_taken_back_are_not() -> None:
    table = table_of([1, 2])
    order = ByUniqueId(table)
    first = [*order.column()]
    savepoint = table.savepoint()
    given_ids(table, f"{HIGH}000000000001")
    assert [*order.column()] == [*first, unique_number(HIGH + "0" * 12) >> 64]
    order.forget(savepoint.size)
    table.roll_back_to(savepoint)
    assert [*order.column()] == first
    given_ids(table, f"b{HIGH[1:]}000000000001")
    assert order.column()[2] == unique_number(f"b{HIGH[1:]}000000000001") >> 64


def test_a_fork_knows_what_its_source_knew_and_goes_its_own_way() -> None:
    table = table_of([1, 2])
    order = ByUniqueId(table)
    order.column()
    other = order.fork(table.fork())
    assert [*other.known] == [*order.column()]
    given_ids(other.table, f"{HIGH}000000000001")
    given_ids(table, f"b{HIGH[1:]}000000000001")
    assert other.column()[2] != order.column()[2]


def test_the_second_half_is_hashed_only_where_the_first_ones_are_the_same() -> None:
    table = table_of(range(1, 200))
    order, hashed = ByUniqueId(table), Table.unique_number
    rows = [*range(199)]
    order.sort(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "unique_number", lambda *_: 1 / 0)
        for a, b in pairwise(rows):
            assert order.key(a) < order.key(b)
    one, same = SecondHalf(table, 3), SecondHalf(table, 3)
    assert one == same
    assert one != 3
    assert one.number == hashed(table, 3) & (2**64 - 1)
