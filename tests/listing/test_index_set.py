"""Everything that is derived from one table, as one object: forks, what is built ahead, proofs."""

import tracemalloc
from typing import Any

import pytest

from coursetrack.domain.values import derived_unique_id
from coursetrack.errors import CorruptStore
from coursetrack.listing import index_set
from coursetrack.listing.index_set import IndexSet
from coursetrack.listing.postings import PostingList
from tests.listing.rows import pieces_of, row
from tests.listing.worlds import Changing

EVERYTHING = "everything"


@pytest.fixture
def world() -> Changing:
    world = Changing()
    for n in range(3):
        world.complete_many(n, n, 9 - n)
    return world


def indexes_of(world: Changing) -> IndexSet:
    return IndexSet(world.table, world.names, 7)


def test_an_index_is_made_when_it_is_asked_for_and_kept(world: Changing) -> None:
    indexes = indexes_of(world)
    assert indexes._by_dimension == {}
    index = indexes.index("lesson_id")
    assert indexes.index("lesson_id") is index
    assert [*indexes._by_dimension] == ["lesson_id"]
    assert indexes.dimension("lesson_id") is index.dimension
    with pieces_of(4):  # so that these are merged from the one by lesson, and by member
        indexes.index("lesson_title")
        indexes.index("full_name")
    assert {*indexes._by_dimension} == {"lesson_id", "lesson_title", "full_name", "member_id"}


def test_a_posting_list_in_each_order(world: Changing) -> None:
    indexes, table = indexes_of(world), world.table
    by_id = indexes.postings("lesson_id", 1, "ids")
    assert by_id is indexes.index("lesson_id").lists[1]
    for order in ("created", "updated", "unique_id"):
        held = indexes.postings("lesson_id", 1, order)
        assert [*held] == sorted(by_id, key=indexes.order(order).key)
        assert indexes.postings("lesson_id", 1, order) is held
    assert [*indexes._side_orders] == [
        ("lesson_id", "created"),
        ("lesson_id", "updated"),
        ("lesson_id", "unique_id"),
    ]
    assert not table.now.instants_ascend


def test_in_step_the_order_by_id_is_the_one_by_created_on() -> None:
    world = Changing()
    world.complete_many(1, 1, 3)
    indexes = indexes_of(world)
    assert indexes.postings("lesson_id", 1, "created") is indexes.postings("lesson_id", 1, "ids")
    assert indexes.postings("lesson_id", 1, "updated") is not indexes.postings(
        "lesson_id", 1, "ids"
    )
    assert [*indexes._side_orders] == [("lesson_id", "updated")]


@pytest.mark.parametrize("id_", [1, 9, 27])
def test_a_row_is_found_by_its_unique_id(world: Changing, id_: int) -> None:
    found = indexes_of(world).rows_of_unique(derived_unique_id("CompletedLesson", id_))
    assert [world.table.ids[each] for each in found] == [id_]


def test_a_unique_id_that_nobody_has_finds_none(world: Changing) -> None:
    indexes, known = indexes_of(world), derived_unique_id("CompletedLesson", 1)
    other_half = known[:-1] + ("0" if known[-1] != "0" else "1")
    assert indexes.rows_of_unique(other_half) == []
    assert indexes.rows_of_unique(derived_unique_id("CompletedLesson", 99)) == []


def test_labels_are_matched_in_part_or_whole(world: Changing) -> None:
    world.rename_lesson(1, 3, 0)
    indexes = indexes_of(world)
    labels = [*indexes.index("lesson_title").labels]
    assert indexes.matching("lesson_title", "o", "contains") == ("=bo", "=zoe\u0308")
    assert indexes.matching("lesson_title", "bo", "exact") == ("=bo",)
    assert indexes.matching("lesson_title", "b", "exact") == ()
    searched = indexes._text_searches["lesson_title"]
    indexes.matching("lesson_title", "zo", "contains")
    assert indexes._text_searches["lesson_title"] is searched
    for id_ in (1, 2, 3, 4):
        world.rename_lesson(id_, 2, 0)
    assert labels != ["=bo"]
    assert indexes.matching("lesson_title", "o", "contains") == ("=bo",)


# -- built ahead


def test_prepared_nothing_is_left_to_build(world: Changing) -> None:
    with pieces_of(4):
        indexes = indexes_of(world)
        indexes.prepare()
        held = {
            name: {label: id(each) for label, each in index.lists.items()}
            for name, index in indexes._by_dimension.items()
        }
        assert held.keys() == {*world.dimensions()} - {"updated_by", "system_id"}
        long_lists = [
            (name, label)
            for name, index in indexes._by_dimension.items()
            for label, each in index.lists.items()
            if name == EVERYTHING or each.size > 3
        ]
        for name, label in long_lists:
            assert label in indexes._side_orders[name, "created"].lists
        short = [len(indexes.index(name).lists[x]) for name, x in _held(indexes) if x != 0]
        assert min(short) > 3
        for order in ("updated", "unique_id"):
            assert 0 in indexes._side_orders[EVERYTHING, order].lists
        assert len(indexes._unique.known) == world.table.now.size
        for order, other in (("created", "updated"), ("updated", "created")):
            zones = indexes.postings(EVERYTHING, 0, order)._zones
            assert zones is not None
            assert None not in zones[other]
        assert indexes._text_searches.keys() == {each.name for each in world.names.dimensions()}
        for name, text_search in indexes._text_searches.items():
            indexes.matching(name, "a", "contains")
            assert indexes._text_searches[name] is text_search
        for name in ("lesson_title", "full_name"):
            label_order = indexes._by_dimension[name].label_order
            assert label_order is not None
            assert None not in label_order._zones["created"]


def _held(indexes: IndexSet) -> list[tuple[str, Any]]:
    return [
        (name, label)
        for (name, order), side_order in indexes._side_orders.items()
        if order == "created"
        for label in side_order.lists
    ]


def test_of_an_empty_table_nothing_is_built() -> None:
    world = Changing()
    indexes = indexes_of(world)
    indexes.prepare()
    assert indexes._by_dimension == {}


def test_what_waits_is_prepared_too() -> None:
    world = Changing()
    world.table.append(row(1, 5))
    indexes = indexes_of(world)
    indexes.prepare()
    assert [*indexes.index(EVERYTHING).lists[0]] == [0]


# -- forks and marks


def test_a_fork_shares_the_lists_and_answers_by_itself(world: Changing) -> None:
    indexes = indexes_of(world)
    indexes.prepare()
    fork = indexes.fork(world.names.fork())
    assert fork.cache.limit == 7
    assert fork.cache is not indexes.cache
    assert fork._by_dimension.keys() == indexes._by_dimension.keys()
    for name, index in indexes._by_dimension.items():
        assert fork._by_dimension[name].lists == index.lists
        assert fork._by_dimension[name].order.table is fork.table
        assert fork._by_dimension[name].dimension is fork.dimension(name)
    for key, side_order in indexes._side_orders.items():
        assert fork._side_orders[key].lists == side_order.lists
        assert fork._side_orders[key].order is fork.order(key[1])
    assert fork.order("unique_id") is fork._unique
    assert len(fork._unique.known) == len(indexes._unique.known)
    fork.table.extend([row(99, 1)])
    fork.check()
    indexes.check()
    assert len(fork.postings(EVERYTHING, 0, "created")) == 28
    assert len(indexes.postings(EVERYTHING, 0, "created")) == 27
    assert len(fork.rows_of_unique(derived_unique_id("CompletedLesson", 99))) == 1


def test_going_back_drops_what_knows_of_rows_since(world: Changing) -> None:
    indexes = indexes_of(world)
    indexes.postings("lesson_id", 1, "created")
    indexes.postings(EVERYTHING, 0, "updated")
    savepoint = world.table.savepoint()
    world.table.extend([row(99, 1)])
    indexes.postings(EVERYTHING, 0, "updated")
    indexes.index("full_name")
    indexes.cache._rows = 5
    indexes.texts._rows[27] = "text"
    indexes.order("unique_id").column()
    zones = indexes.zones("created")
    indexes.roll_back_to(savepoint)
    world.table.extend([row(99, 90)])
    assert zones.refresh().highs == [90]
    indexes.roll_back_to(savepoint)
    assert [*indexes._by_dimension] == ["lesson_id"]
    assert [*indexes._side_orders] == [("lesson_id", "created")]
    assert (indexes.cache._rows, indexes.texts._rows) == (0, {})
    assert len(indexes._unique.known) == 27
    indexes.check()


# -- what it takes


def test_what_each_part_takes_is_about_what_memory_was_taken() -> None:
    world = Changing()
    for n in range(400):
        world.complete_many(n, n, 9 - n % 9)
    before = world.table.memory()
    tracemalloc.start()
    try:
        indexes = indexes_of(world)
        indexes.prepare()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    parts = indexes.memory()
    assert parts["rows"] == before
    told = sum(parts.values()) - before
    assert 0.8 * taken < told < 1.2 * taken
    assert {"lesson_id: posting lists", "everything: by created", "lesson_id: bits"} <= parts.keys()
    assert {"full_name: text", "unique ids", "zone maps"} <= parts.keys()
    assert parts["unique ids"] >= 8 * 3_600


# -- proving


def corrupted(world: Changing, change: Any) -> None:
    with pieces_of(4):
        indexes = indexes_of(world)
        indexes.prepare()
        indexes.check()
        change(indexes)
        indexes.check()


def test_check_finds_each_corruption(world: Changing) -> None:
    def lose_a_row(indexes: IndexSet) -> None:
        postings = indexes._by_dimension["lesson_id"].lists[1]
        del postings.pieces[0][0]
        postings.size -= 1

    def mix_an_order(indexes: IndexSet) -> None:
        indexes._side_orders[EVERYTHING, "created"].lists[0] = PostingList([*range(27)][::-1])

    def spoil_a_label(indexes: IndexSet) -> None:
        indexes._by_dimension["lesson_id"].labels.add(9)

    def add_a_label(indexes: IndexSet) -> None:
        indexes._by_dimension["lesson_id"].lists[9] = PostingList([1])

    def spoil_a_sum(indexes: IndexSet) -> None:
        indexes._by_dimension["lesson_id"].lists[1]._starts = [0, 1]

    def spoil_a_label_order(indexes: IndexSet) -> None:
        label_order = indexes._by_dimension["full_name"].label_order
        assert label_order
        label_order._sizes[0] += 1

    def spoil_a_zone(indexes: IndexSet) -> None:
        indexes.zones("created").lows[0] -= 1

    def lose_a_zone(indexes: IndexSet) -> None:
        indexes.zones("created").highs.pop()

    def wake_the_dead(indexes: IndexSet) -> None:
        indexes.table.put(None, replaced=3)
        indexes.table.alive[3] = 1

    def repeat_an_id(indexes: IndexSet) -> None:
        indexes.table.ids[3] = indexes.table.ids[4]

    for change, why in (
        (lose_a_row, "index lesson_id: the posting list of 1 differs"),
        (mix_an_order, "everything 0 by created differs from the rows"),
        (spoil_a_label, "index lesson_id: its labels differ"),
        (add_a_label, "index lesson_id: its labels differ"),
        (spoil_a_sum, "index lesson_id, posting list of 1: its prefix sums"),
        (spoil_a_label_order, "label order index full_name: its blocks"),
        (repeat_an_id, "rows in force: their number or their ids"),
        (spoil_a_zone, "zone map of created: the bounds"),
        (lose_a_zone, "zone map of created: the bounds"),
        (wake_the_dead, "rows in force: their number or their ids"),
    ):
        fresh = Changing()
        for n in range(3):
            fresh.complete_many(n, n, 9 - n)
        with pytest.raises(CorruptStore, match=why):
            corrupted(fresh, change)


def test_the_dimensions_are_those_of_names_and_of_rows(world: Changing) -> None:
    indexes = indexes_of(world)
    assert indexes._dimensions.keys() == world.dimensions().keys()
    assert index_set._BASES == {"lessons": "lesson_id", "members": "member_id"}
    for name, side in (("lesson_id", "lessons"), ("member_id", "members"), (EVERYTHING, None)):
        assert indexes.dimension(name).side == side
