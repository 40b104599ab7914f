"""What was asked before: what is held, what is brought up to date, and what is dropped."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from coursetrack import CompletedLesson, Tracker
from coursetrack.listing import answer_cache
from coursetrack.listing.answer_cache import AnswerCache, Stamp
from coursetrack.listing.answers import Gathered, Nothing, Slice, Walked
from coursetrack.listing.planner import Planned
from coursetrack.listing.postings import PostingList, SortOrder
from coursetrack.listing.table import Table
from tests.listing.rows import row, table_of


def stamp_of(table: Table, *renames: int) -> Stamp:
    return Stamp(table.now.size, table.now.dead, renames)


def nothing() -> Planned:
    return Planned(Nothing(), "nothing")


def gathered(
    table: Table,
    rows: Sequence[int],
    *,
    stands: Callable[[], bool] = lambda: True,
    touched: int = 0,
) -> Planned:
    """The rows with an even id, by id."""
    return Planned(
        Gathered(PostingList(rows)),
        "gathered",
        touched=touched,
        refill=lambda late: [each for each in late if table.ids[each] % 2 == 0],
        stands=stands,
        sorted_by=SortOrder(table, "ids"),
    )


def held(table: Table, planned: Planned, *renames: int, limit: int = 4) -> AnswerCache:
    cache = AnswerCache(limit)
    cache.remember("asked", stamp_of(table, *renames), planned, table)
    return cache


def test_an_answer_is_held_as_long_as_nothing_was_written() -> None:
    table = table_of([1, 2, 3])
    planned = nothing()
    cache = held(table, planned)
    assert cache.recall("asked", stamp_of(table), table) is planned
    assert cache.recall("asked", stamp_of(table), table) is planned
    assert cache.recall("another", stamp_of(table), table) is None
    table.append(row(4, 4))
    table.flush()
    assert cache.recall("asked", stamp_of(table), table) is None
    assert cache.earlier("asked") is planned.answer
    assert cache.earlier("another") is None


def test_an_answer_that_was_gathered_takes_up_what_came_and_went() -> None:
    table = table_of([1, 2, 3, 4])
    cache = held(table, gathered(table, [1, 3]))
    for id_ in (5, 6, 8):
        table.append(row(id_, id_))
    table.flush()
    table.put(None, replaced=1)
    table.put(None, replaced=6)  # came and went since
    planned = cache.recall("asked", stamp_of(table), table)
    assert planned is not None
    assert planned.answer.rows(0, planned.answer.total) == [3, 5]
    assert cache.recall("asked", stamp_of(table), table) is planned
    assert planned.answer.total == 2


def test_what_a_walk_became_is_held_in_its_place_and_kept_up_to_date() -> None:
    table = table_of([1, 2, 3, 4])
    walked = Planned(Walked(PostingList([1, 3]), list, 2, (0, 2), 9, Nothing), "walked")
    cache = held(table, walked)
    assert cache.recall("asked", stamp_of(table), table) is walked
    walked.became = gathered(table, [1, 3])
    table.append(row(6, 6))
    table.flush()
    planned = cache.recall("asked", stamp_of(table), table)
    assert planned is walked.became
    assert planned.answer.rows(0, 3) == [1, 3, 4]
    assert cache._rows == 3


def test_a_changed_record_is_taken_out_and_put_in_again() -> None:
    table = table_of([1, 2, 3, 4])
    cache = held(table, gathered(table, [1, 3]))
    table.put(table.record(1), replaced=1)
    planned = cache.recall("asked", stamp_of(table), table)
    assert planned is not None
    assert planned.answer.rows(0, 2) == [4, 3]


def test_a_rename_of_a_name_that_it_uses_drops_it() -> None:
    table = table_of([1, 2])
    cache = held(table, gathered(table, [1]), 7, 0)
    assert cache.recall("asked", stamp_of(table, 7, 0), table)
    assert cache.recall("asked", stamp_of(table, 7, 1), table) is None


def test_labels_that_stand_no_more_drop_it() -> None:
    table = table_of([1, 2])
    cache = held(table, gathered(table, [1], stands=lambda: False))
    table.append(row(4, 4))
    table.flush()
    assert cache.recall("asked", stamp_of(table), table) is None


def late(rows: int, touched: int) -> bool:
    """Whether an answer that touched so many rows takes up so many late ones."""
    table = table_of([1, 2])
    cache = held(table, gathered(table, [1], touched=touched))
    table.extend([row(id_, id_) for id_ in range(3, 3 + rows)])
    return cache.recall("asked", stamp_of(table), table) is not None


def test_after_many_writes_it_is_made_anew_unless_that_costs_more() -> None:
    few, cost = answer_cache._LATE, answer_cache._LATE_COST
    assert late(few, touched=0)
    assert not late(few + 1, touched=0)
    assert late(few + 1, touched=cost * (few + 1))
    assert not late(few + 2, touched=cost * (few + 1))


def test_deaths_are_late_too() -> None:
    table = table_of(range(1, 400))
    cache = held(table, gathered(table, [*range(1, 399, 2)]))
    for place in range(answer_cache._LATE + 1):
        table.put(None, replaced=place)
    assert cache.recall("asked", stamp_of(table), table) is None


def test_an_exception_on_the_way_loses_the_answer() -> None:
    table = table_of([1, 2])

    def fails() -> bool:
        raise KeyboardInterrupt

    cache = held(table, gathered(table, [1], stands=fails))
    table.append(row(4, 4))
    table.flush()
    with pytest.raises(KeyboardInterrupt):
        cache.recall("asked", stamp_of(table), table)
    assert cache.recall("asked", stamp_of(table), table) is None
    assert cache._rows == 0


def test_the_oldest_answer_goes_first_and_a_recalled_one_is_young() -> None:
    table = table_of([1, 2])
    cache = AnswerCache(2)
    for key in "ab":
        cache.remember(key, stamp_of(table), nothing(), table)
    cache.recall("a", stamp_of(table), table)
    cache.remember("c", stamp_of(table), nothing(), table)
    assert [*cache._held] == ["a", "c"]
    assert all(map(cache.asked, "abc"))
    assert not cache.asked("d")


def test_what_was_asked_is_remembered_four_times_as_long() -> None:
    table = table_of([1])
    cache = AnswerCache(2)
    for key in range(9):
        cache.remember(key, stamp_of(table), nothing(), table)
    assert not cache.asked(0)
    assert all(map(cache.asked, range(1, 9)))


def test_with_room_for_none_nothing_is_held() -> None:
    table = table_of([1])
    cache = held(table, nothing(), limit=0)
    assert not cache.asked("asked")
    assert cache.recall("asked", stamp_of(table), table) is None


def test_with_room_for_one_it_is_held() -> None:
    table = table_of([1])
    assert held(table, nothing(), limit=1).recall("asked", stamp_of(table), table)


def test_no_more_rows_are_held_than_four_for_each_record() -> None:
    table = table_of([1, 2])
    cache = AnswerCache(99)
    for key in range(4):
        cache.remember(key, stamp_of(table), gathered(table, [0, 1]), table)
    assert [*cache._held] == [0, 1, 2, 3]
    cache.remember(4, stamp_of(table), gathered(table, [0]), table)
    assert [*cache._held] == [1, 2, 3, 4]
    cache.remember(4, stamp_of(table), gathered(table, [0, 1]), table)  # in the place of itself
    assert [*cache._held] == [1, 2, 3, 4]
    assert cache._rows == 8
    many = Walked(PostingList([0, 1]), lambda rows: [*rows], 99, (0, 2), 9, Nothing)
    cache.remember(5, stamp_of(table), Planned(many, "walked"), table)
    assert [*cache._held] == [5]  # the last one stays, whatever it holds
    cache.remember(6, stamp_of(table), nothing(), table)
    assert [*cache._held] == [6]
    assert cache._rows == 0


def test_a_slice_holds_no_rows() -> None:
    table = table_of([1, 2])
    cache = AnswerCache(99)
    for key in range(20):
        planned = Planned(Slice(PostingList([0, 1]), 0, 2), "slice")
        cache.remember(key, stamp_of(table), planned, table)
    assert len(cache._held) == 20


def test_an_empty_table_holds_an_answer() -> None:
    table = Table()
    cache = AnswerCache(99)
    for key in range(5):
        cache.remember(key, stamp_of(table), gathered(table, [0]), table)
    assert [*cache._held] == [1, 2, 3, 4]


def test_the_rows_of_an_answer_are_counted_as_it_grows() -> None:
    table = table_of([1, 2])
    cache = held(table, gathered(table, [1]))
    table.extend([row(id_, id_) for id_ in (4, 6)])
    assert cache.recall("asked", stamp_of(table), table)
    assert cache._rows == 3


def test_it_forgets_everything() -> None:
    table = table_of([1])
    cache = held(table, gathered(table, [0]))
    cache.clear()
    assert (cache._held, cache._rows, cache.asked("asked")) == ({}, 0, False)


def test_without_room_nothing_is_kept() -> None:
    tracker = Tracker(remember_answers=0)
    tracker.add(
        CompletedLesson(id=1, lesson_id=0, member_id=0, created_on=datetime(2025, 1, 1, tzinfo=UTC))
    )
    for _ in range(2):
        assert tracker.completed_lessons.find().total_items == 1
    cache = tracker.completed_lessons._store.indexes.cache
    assert not cache._held
    assert not cache._asked
