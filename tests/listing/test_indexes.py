"""An index that catches up with any writes, against lists worked out again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack.listing import indexes
from coursetrack.listing.indexes import EVERYTHING, Index
from coursetrack.listing.postings import SortOrder
from tests.listing.rows import pieces_of
from tests.listing.worlds import WRITES, Changing

DIMENSIONS = [*Changing().dimensions()]


def index_of(world: Changing, name: str, base: str | None = None) -> Index:
    dimensions, order = world.dimensions(), SortOrder(world.table, "ids")
    if base is None:
        return Index(dimensions[name], order)
    side = Index(dimensions[base], order)
    return Index(dimensions[name], order, lambda: side.refresh())


def agree(index: Index, world: Changing) -> None:
    ids = world.table.ids
    found = {label: [ids[row] for row in rows] for label, rows in index.lists.items()}
    expected = world.lists(index.dimension.name)
    assert found == expected
    assert list(index.labels) == sorted(expected)
    for postings in index.lists.values():
        postings.check("it", world.table)
    index.in_label_order().check("it", world.table)


@pytest.mark.parametrize("name", DIMENSIONS)
@settings(max_examples=15)
@given(writes=st.lists(WRITES, min_size=1, max_size=4), fork_at=st.integers(0, 3))
def test_after_any_writes_it_catches_up(name: str, writes: Any, fork_at: int) -> None:
    with pieces_of(4):
        world = Changing()
        index, kept = index_of(world, name), None
        for place, some in enumerate(writes):
            if place == fork_at:
                kept = index.copy(index.dimension, index.order, None)
            for write in some:
                world.write(*write)
            assert index.refresh() is index
            agree(index, world)
        if kept is not None:  # a copy is behind, and catches up by itself
            agree(kept.refresh(), world)
            agree(index.refresh(), world)


@pytest.mark.parametrize(
    ("name", "base"),
    [("lesson_title", "lesson_id"), ("team_names/each", "member_id"), ("full_name", "member_id")],
)
@settings(max_examples=15)
@given(writes=WRITES)
def test_it_is_merged_from_the_index_by_side_id(name: str, base: str, writes: Any) -> None:
    with pieces_of(4):
        world = Changing()
        world.complete_many(1, 1, 3)
        for write in writes:
            world.write(*write)
        index = index_of(world, name, base)
        agree(index.refresh(), world)
        world.complete_many(2, 3, 3)
        world.rename_coworker(1, 3, 2)
        agree(index.refresh(), world)


def test_nothing_written_costs_nothing() -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    index = index_of(world, "lesson_title").refresh()
    lists, changes = index.lists, index.label_changes
    world.table.alive = None  # type: ignore[assignment]  # whoever looks at rows now fails
    index.refresh()
    assert index.lists is lists
    assert index.label_changes is changes


def test_what_it_copied_is_not_written_to() -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    index = index_of(world, "lesson_id").refresh()
    copy = index.copy(index.dimension, index.order, None)
    shared = index.lists[2]
    assert copy.lists is index.lists
    assert copy.labels is index.labels
    before = [*shared]
    world.complete(2, 1, 5)
    index.refresh()
    assert [*shared] == before
    assert index.lists[2] is not shared
    mine = index.lists[2]
    world.complete(2, 2, 5)
    assert index.refresh().lists[2] is mine  # its own by now: written to in place


@pytest.mark.parametrize("writer", ["source", "copy"])
def test_a_copy_shares_all_until_either_side_catches_up(writer: str) -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    index = index_of(world, "lesson_id").refresh()
    label_order = index.in_label_order()
    copy = index.copy(index.dimension, index.order, None)
    assert copy.refresh().lists is index.refresh().lists
    assert copy.in_label_order() is label_order
    one, other = (index, copy) if writer == "source" else (copy, index)
    before = {label: [*each] for label, each in other.lists.items()}
    lists, labels = other.lists, [*other.labels]
    world.complete_many(2, 2, 3)
    agree(one.refresh(), world)
    assert one.in_label_order() is not label_order
    assert (other.lists, [*other.labels]) == (lists, labels)
    assert {label: [*each] for label, each in lists.items()} == before
    assert label_order.starts[-1] == 9
    agree(other.refresh(), world)
    held = one.lists
    world.complete(1, 1, 3)
    assert one.refresh().lists is held  # its own by now


@pytest.mark.parametrize("many", [20, indexes.BULK, indexes.BULK + 1])
def test_a_label_that_comes_or_goes_is_told(many: int) -> None:
    world = Changing()
    for _ in range(many):
        world.complete(1, 1, 3)
    index = index_of(world, "lesson_id").refresh()
    changes = index.label_changes
    before = [*changes]
    world.complete(1, 1, 3)
    index.refresh()
    assert index.label_changes is changes
    assert changes == before
    world.complete(2, 1, 3)
    index.refresh()
    world.delete(len(world.records) - 1)
    index.refresh()
    assert index.label_changes is changes
    assert changes == [*before, 2, 2]


def test_so_many_labels_that_all_are_looked_at_anew() -> None:
    world = Changing()
    world.complete(1, 1, 3)
    index = index_of(world, "member_id").refresh()
    changes = index.label_changes
    for member_id in range(2, indexes._LEAST_LOG + 2):
        world.complete(1, member_id, 3)
        index.refresh()
    assert len(changes) == indexes._LEAST_LOG + 1
    world.complete(1, member_id + 1, 3)
    assert index.refresh().label_changes is not changes
    index._start_again()
    assert index.label_changes == []


def test_a_rename_of_another_name_moves_no_row() -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    index = index_of(world, "company_name").refresh()
    lists = {label: (each, [*each]) for label, each in index.lists.items()}
    full_name, _, _ = world.shown[1]
    world.rename_coworker(1, 2, len(world.shown[1][2]))
    assert world.shown[1][0] != full_name
    index.refresh()
    assert all(index.lists[label] is each for label, (each, _) in lists.items())


def test_what_was_cut_off_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    index = index_of(world, "full_name").refresh()
    world.complete_many(2, 2, 3)
    world.delete(0)
    world.rename_coworker(1, 3, 1)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Index, "_add_arrived", cut_off)
        with pytest.raises(KeyboardInterrupt):
            index.refresh()
    agree(index.refresh(), world)
    lists = index.lists
    assert index.refresh().lists is lists  # and is well again


def test_rows_that_were_taken_back_are_forgotten() -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    index = index_of(world, "lesson_id").refresh()
    savepoint, records = world.table.savepoint(), dict(world.records)
    world.complete_many(2, 1, 3)
    index.refresh()
    world.table.roll_back_to(savepoint)
    world.records = records
    agree(index.refresh(), world)


def test_a_log_that_was_cut_makes_it_start_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coursetrack.listing.dimensions._LONGEST_LOG", 3)
    world = Changing()
    world.complete_many(1, 1, 3)
    index = index_of(world, "full_name").refresh()
    for name in (0, 1, 2, 3, 0, 2):
        world.rename_coworker(1, name, 0)
        world.rename_coworker(2, name, 1)
    agree(index.refresh(), world)


@pytest.mark.parametrize("gone", [1, 3, 4, 9])
def test_a_move_of_few_or_many_rows_of_a_list(gone: int) -> None:
    """One by one, by a new list, or the whole list."""
    world = Changing()
    for n in range(9):
        world.complete(1, 1 if n < gone else 2, n)
    for id_ in (1, 2):
        world.move_member(id_, id_, 0)
    world.rename_coworker(1, 0, 0)
    world.rename_coworker(2, 0, 0)
    index = index_of(world, "full_name").refresh()
    held = index.lists["=ada"]
    world.rename_coworker(1, 2, 0)
    agree(index.refresh(), world)
    if gone < 9:
        assert (index.lists["=ada"] is held) == (gone * 4 <= 9)


def test_deaths_of_most_rows_make_it_start_again() -> None:
    world = Changing()
    for n in range(16):
        world.complete(1, 1, n)
    index = index_of(world, EVERYTHING).refresh()
    held = index.lists[0]
    world.delete(0)
    world.delete(0)
    agree(index.refresh(), world)
    assert index.lists[0] is held
    for _ in range(3):
        world.delete(0)
    agree(index.refresh(), world)
    assert index.lists[0] is not held
