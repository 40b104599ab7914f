"""How many rounds a search takes and how many keys it moves, counted on made-up keys."""

import pytest

from benchmarks.engines.simulated_keys import SHAPES, counted, proven_start
from coursetrack import CompletedLessonQuery


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("page", "most"), [(1, 1), (2, 3), (20_000, 4), (40_000, 4)])
@pytest.mark.slow
def test_rounds_at_a_million_records_on_a_hundred_shards(shape: str, page: int, most: int) -> None:
    shards = SHAPES[shape](1_000_000, 100)
    query = CompletedLessonQuery(order_by="CreatedOn", page=page, size=25)
    count = counted(query, shards, budget=13_100)
    assert proven_start(count.found, shards) == (page - 1) * 25
    assert len(count.found.page.records) == 25
    assert count.found.page.total_items == 1_000_000
    assert count.rounds <= most
    # Some 18 bytes a key, and at most the budget's keys a round.
    assert count.replied_bytes < 13_100 * 20 * max(count.rounds - 1, 2)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_search_moves_some_keys_and_a_page_however_many_records_there_are(shape: str) -> None:
    query = CompletedLessonQuery(order_by="CreatedOn", page=2_000_000, size=25)
    shards = SHAPES[shape](10**9, 8)
    count = counted(query, shards, budget=2_000)
    assert proven_start(count.found, shards) == (2_000_000 - 1) * 25
    assert count.rounds <= 6
    assert count.replied_bytes < 150_000
