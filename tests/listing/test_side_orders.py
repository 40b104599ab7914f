"""Posting lists in another order than by id, kept beside an index, against sorting them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.domain.entities import Coworker
from coursetrack.listing import side_orders
from coursetrack.listing.indexes import Index
from coursetrack.listing.postings import SortOrder
from coursetrack.listing.side_orders import SideOrder
from tests.listing.rows import pieces_of
from tests.listing.test_indexes import index_of
from tests.listing.worlds import WRITES, Changing


def agree(index: Index, side_order: SideOrder) -> None:
    for label, rows in index.refresh().lists.items():
        held = side_order.postings(label)
        assert list(held) == sorted(rows, key=side_order.order.key)
        held.check("it", side_order.order.table)


BASES = {"everything": None, "full_name": "member_id", "team_names/each": "member_id"}


@pytest.mark.parametrize("name", BASES)
@settings(max_examples=15)
@given(
    writes=st.lists(WRITES, min_size=1, max_size=4),
    fork_at=st.integers(0, 3),
    few=st.sampled_from([0, 1, 8]),
    by_side=st.booleans(),
)
def test_after_any_writes_it_catches_up(
    name: str, writes: Any, fork_at: int, few: int, by_side: bool
) -> None:
    """With an index by side id rows move; without one, the labels that they move between go."""
    with pieces_of(4), pytest.MonkeyPatch.context() as patch:
        patch.setattr(side_orders, "_FEW", few)
        world, kept = Changing(), None
        index = index_of(world, name, BASES[name] if by_side else None)
        side_order = SideOrder(index, SortOrder(world.table, "created"))
        for place, some in enumerate(writes):
            if place == fork_at:
                kept = side_order.copy(index, side_order.order)
            for write in some:
                world.write(*write)
            agree(index, side_order)
        if kept is not None:
            agree(index, kept)
            agree(index, side_order)


def filled(rows: int = 20) -> tuple[Changing, Index, SideOrder]:
    """Lesson 1 completed so many times, later ones earlier; its lists are held."""
    world = Changing()
    for n in range(rows):
        world.complete(1, 1 + n % 2, 90 - n)
    index = index_of(world, "full_name").refresh()
    side_order = SideOrder(index, SortOrder(world.table, "created"))
    agree(index, side_order)
    return world, index, side_order


def test_a_label_is_sorted_when_it_is_asked_for() -> None:
    world, index, _ = filled()
    side_order = SideOrder(index, SortOrder(world.table, "created"))
    assert side_order.lists == {}
    side_order.postings("=bo")
    assert [*side_order.lists] == ["=bo"]
    world.complete(1, 1, 5)
    index.refresh()
    side_order.postings("=bo")
    assert [*side_order.lists] == ["=bo"]


def test_nothing_written_keeps_the_lists() -> None:
    _, index, side_order = filled()
    before = side_order.lists
    agree(index, side_order)
    assert side_order.lists is before


def test_a_move_drops_the_labels_that_it_touches() -> None:
    world, index, side_order = filled()
    held = dict(side_order.lists)
    labels = {world.labels("full_name", id_)[0] for id_ in (1, 2)}
    assert len(labels) == 2
    coworker_id = world.coworker_of[1]
    (old,) = world.labels("full_name", 1)
    free = next(n for n, key in ((0, "=ada"), (2, "=bo"), (3, "=zoe\u0308")) if key not in labels)
    world.rename_coworker(coworker_id, free, 0)
    index.refresh()
    (other,) = labels - {old}
    assert side_order.postings(other) is held[other]
    assert old not in side_order.lists
    agree(index, side_order)


def test_few_rows_that_move_are_put_where_they_belong() -> None:
    world = Changing()
    for n in range(100):
        world.complete(1, 2 if n % 20 else 1, 90 - n % 80)
        world.complete(1, 4, 90 - n % 70)
    index = index_of(world, "full_name", "member_id").refresh()
    side_order = SideOrder(index, SortOrder(world.table, "created"))
    agree(index, side_order)
    held = dict(side_order.lists)
    old, new = (world.labels("full_name", id_)[0] for id_ in (1, 3))  # of members 1 and 2
    assert old != new
    world.move_member(1, world.coworker_of[2], 0)
    index.refresh()
    assert side_order.postings(new) is held[new]
    agree(index, side_order)


def test_a_rename_of_another_name_drops_none() -> None:
    world, index, side_order = filled()
    held = dict(side_order.lists)
    world.rename_lesson(1, 3, 0)
    world.names.put(None, Coworker(id=1, full_name=world.shown[1][0], company_name="Another"))
    index.refresh()
    for label in held:
        assert side_order.postings(label) is held[label]


def test_few_deaths_are_taken_out_and_many_sort_anew() -> None:
    world, index, side_order = filled(40)
    label = world.labels("full_name", 1)[0]
    held = side_order.postings(label)
    assert len(held) == 20
    world.delete(0)
    world.delete(1)  # ids 1 and 3, of the same member
    index.refresh()
    assert side_order.postings(label) is held
    for _ in range(10):
        world.delete(0)
    index.refresh()
    assert side_order.postings(label) is not held
    agree(index, side_order)


def test_rows_that_were_taken_back_are_forgotten() -> None:
    world, index, side_order = filled()
    savepoint, records = world.table.savepoint(), dict(world.records)
    world.complete(1, 1, 1)
    agree(index, side_order)
    world.table.roll_back_to(savepoint)
    world.records = records
    agree(index, side_order)


def test_a_log_that_was_cut_drops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coursetrack.listing.dimensions._LONGEST_LOG", 2)
    world, index, side_order = filled()
    for name in (0, 1, 2, 3, 0):
        world.rename_coworker(2, name, 1)
    agree(index, side_order)


def test_a_copy_and_its_source_write_apart() -> None:
    world, index, side_order = filled()
    copy = side_order.copy(index, side_order.order)
    label = world.labels("full_name", 1)[0]
    shared = side_order.lists[label]
    assert copy.lists[label] is shared
    before = [*shared]
    world.complete(1, 1, 3)
    index.refresh()
    for each in (copy, side_order):
        assert [*each.postings(label)] == sorted(index.lists[label], key=each.order.key)
    assert [*shared] == before
    assert copy.lists[label] is not side_order.lists[label]


def test_what_was_cut_off_holds_nothing() -> None:
    world, index, side_order = filled()
    world.complete(1, 1, 3)
    index.refresh()
    label = world.labels("full_name", 1)[0]
    side_order.lists[label] = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        side_order.postings(label)
    agree(index, side_order)
