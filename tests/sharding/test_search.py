"""A search over shards against one store of all that they hold, names included."""

from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    ORDERS,
    CompletedLessonQuery,
    InvalidValue,
    Tracker,
)
from coursetrack.errors import MergeConflict, MissingShard, ShardsChanged, StaleReply
from coursetrack.listing.asks import Found, rank
from coursetrack.sharding import Ask, FoundPage, Reply, Search, merge, split
from coursetrack.testing import strategies as kit
from coursetrack.testing.strategies import START
from tests.sharding.worlds import big, few, placements, trackers

Query = CompletedLessonQuery
Between = Callable[[int], None]


def run(
    search: Search, query: Query, shards: Mapping[Hashable, Tracker], between: Between | None = None
) -> FoundPage:
    """Takes a search from its first ask to its page; `between` is told of each round."""
    asks = next(search)
    try:
        while True:
            replies = {
                name: shards[name].completed_lessons.answer(query, ask)
                for name, ask in asks.items()
            }
            if between is not None:
                between(search.rounds)
            asks = search.send(replies)
    except StopIteration as done:
        found: FoundPage = done.value
        return found


def one_store(tracker: Tracker, query: Query) -> tuple[Any, ...]:
    page = tracker.completed_lessons.find(query)
    return page, tuple(map(tracker.completed_lessons.joined, page.records))


def aimed(tracker: Tracker) -> st.SearchStrategy[Query]:
    """Queries for what is there: every filter, order and direction, small pages at any depth."""
    records = tracker.completed_lessons
    seen = [(record, records.joined(record)) for record in records]
    shape = st.tuples(st.sampled_from([1, 1, 2, 3, 5]), st.integers(1, 1 + len(seen)))
    return st.builds(
        lambda query, shape: attrs.evolve(query, size=shape[0], page=shape[1]),
        kit.queries(seen=seen),
        shape,
    )


@few
@given(trackers(), st.integers(1, 5), st.sampled_from([1, 20, 131_072]), st.data())
def test_a_search_over_shards_finds_what_one_store_finds(
    tracker: Tracker, count: int, budget: int, data: st.DataObject
) -> None:
    if data.draw(st.booleans()):
        plain = tracker.snapshot()
        plain["settings"]["accents"] = False
        tracker = Tracker.restore(plain)
    parts = split(tracker.snapshot(), count, data.draw(placements(count)))
    shards: dict[Hashable, Tracker] = dict(enumerate(map(Tracker.restore, parts)))
    for query in data.draw(st.lists(aimed(tracker), min_size=1, max_size=5)):
        found = run(Search(query, shards, budget=budget), query, shards)
        assert tuple(found) == one_store(tracker, query)


@few
@given(trackers(), st.data())
def test_the_rank_of_the_key_at_a_place_is_the_place(tracker: Tracker, data: st.DataObject) -> None:
    query = data.draw(aimed(tracker))
    found = Found(tracker.completed_lessons, query, tracker.version, accents=True)
    keys = [found.key_at(place) for place in range(found.total)]
    assert [rank(found, key) for key in keys] == list(range(found.total))
    assert sorted(keys, reverse=query.direction == -1) == keys


# -- many records, so that pages are deep


BIG = big()


@pytest.fixture
def shards() -> dict[Hashable, Tracker]:
    """The 1,200 records in three shards of very different sizes, and one empty."""
    sizes = {0: 0, 1: 1, 2: 1, 3: 1}
    parts = split(BIG.snapshot(), 4, lambda member_id: sizes.get(member_id % 10, 2))
    return dict(zip("abcd", map(Tracker.restore, parts), strict=True))


@pytest.mark.parametrize("order_by", ORDERS)
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.slow
def test_deep_pages_in_every_order(
    shards: dict[Hashable, Tracker], order_by: str, direction: int
) -> None:
    for page, size in ((20, 25), (48, 25), (49, 25), (2, 700), (7, 100)):
        query = Query(order_by=order_by, direction=direction, page=page, size=size)
        search = Search(query, shards, budget=80)
        assert tuple(run(search, query, shards)) == one_store(BIG, query)


def test_the_first_page_takes_one_round_and_so_does_a_single_shard(
    shards: dict[Hashable, Tracker],
) -> None:
    for query, names in ((Query(), "abcd"), (Query(page=40), "c")):
        search = Search(query, names)
        run(search, query, shards)
        assert search.rounds == 1


# -- writes between the rounds

DEEP = Query(order_by="CourseMemberCoworkerFullName", page=30, size=25)


def merged(shards: dict[Hashable, Tracker]) -> Tracker:
    """One tracker with the records of all shards, whose ids do not clash."""
    return Tracker.restore(merge(part.snapshot() for part in shards.values()))


WRITES = st.dictionaries(
    st.integers(1, 8),
    st.tuples(st.integers(0, 2), st.sampled_from(["delete", "update", "rename"]), st.integers(0)),
    max_size=4,
)
"""After which round what is done in which shard to which record."""


@few
@given(st.sampled_from(sorted(ORDERS)), st.sampled_from([1, -1]), WRITES)
def test_with_writes_between_rounds_it_is_some_state_from_first_to_last(
    order_by: str, direction: int, writes: dict[int, tuple[int, str, int]]
) -> None:
    parts = split(BIG.snapshot(), 3)
    shards: dict[Hashable, Tracker] = dict(enumerate(map(Tracker.restore, parts)))
    query = Query(order_by=order_by, direction=direction, page=30, size=25)
    states = [one_store(BIG, query)]

    def write(rounds: int) -> None:
        if rounds in writes:
            shard, act, place = writes[rounds]
            part = shards[shard]
            records = list(part.completed_lessons)
            record = records[place % len(records)]
            match act:
                case "delete":
                    part.delete_completed(id=record.id)
                case "update":
                    part.update_completed(id=record.id, at=START + timedelta(days=9))
                case _:
                    who = part.coworker(record.member_id)
                    part.replace(attrs.evolve(who, full_name="Zoe"))
            states.append(one_store(merged(shards), query))

    search = Search(query, shards, budget=90, attempts=9)
    assert tuple(run(search, query, shards, write)) in states


def test_writes_that_never_stop_are_an_error(shards: dict[Hashable, Tracker]) -> None:
    def write(rounds: int) -> None:
        part = shards["b"]
        record = next(iter(part.completed_lessons))
        part.update_completed(id=record.id, at=START + timedelta(days=rounds))

    with pytest.raises(ShardsChanged, match="3 times; ask forks"):
        run(Search(DEEP, shards, budget=60, attempts=3), DEEP, shards, write)


def test_forks_do_not_change(shards: dict[Hashable, Tracker]) -> None:
    forks: dict[Hashable, Tracker] = {name: part.fork() for name, part in shards.items()}

    def write(_: int) -> None:
        part = shards["b"]
        part.delete_completed(id=next(iter(part.completed_lessons)).id)

    search = Search(DEEP, forks, budget=60, attempts=1)
    assert tuple(run(search, DEEP, forks, write)) == one_store(BIG, DEEP)


# -- shards that fail


def replies_of(
    shards: Mapping[Hashable, Tracker], query: Query, asks: Mapping[Hashable, Ask]
) -> dict[Hashable, Reply]:
    return {name: shards[name].completed_lessons.answer(query, asks[name]) for name in asks}


@pytest.mark.parametrize("query", [Query(), DEEP])
def test_a_shard_that_is_missing_is_named(shards: dict[Hashable, Tracker], query: Query) -> None:
    search = Search(query, shards, budget=200)
    replies = replies_of(shards, query, next(search))
    del replies["c"]
    with pytest.raises(MissingShard, match="shard 'c' did not answer") as raised:
        search.send(replies)
    assert raised.value.value == "c"
    with pytest.raises(StopIteration):
        search.send({})  # over: no page without it


def test_a_late_reply_is_named(shards: dict[Hashable, Tracker]) -> None:
    search = Search(DEEP, shards, budget=60)
    first = replies_of(shards, DEEP, next(search))
    second = replies_of(shards, DEEP, search.send(first))
    with pytest.raises(StaleReply, match="shard 'b' answers ask 1 where ask 2 is waited for"):
        search.send({**second, "b": first["b"]})


def test_a_shard_that_went_back_is_named(shards: dict[Hashable, Tracker]) -> None:
    before = shards["b"].fork()
    shards["b"].delete_completed(id=next(iter(shards["b"].completed_lessons)).id)
    search = Search(DEEP, shards, budget=60)
    asks = search.send(replies_of(shards, DEEP, next(search)))
    with pytest.raises(StaleReply, match="shard 'b' answers from version"):
        search.send(replies_of({**shards, "b": before}, DEEP, asks))


def test_two_shards_with_one_id_are_named(shards: dict[Hashable, Tracker]) -> None:
    twice = {"b": shards["b"], "again": shards["b"], "c": shards["c"]}
    for query in (Query(), Query(page=4, size=25)):
        with pytest.raises(MergeConflict, match="two shards hold a completed lesson"):
            run(Search(query, twice, budget=60), query, twice)


def test_what_is_no_reply_is_named(shards: dict[Hashable, Tracker]) -> None:
    for wrong, told in (
        (None, "replies: expected a mapping"),
        (dict.fromkeys("abcd", 1), r"replies\['a'\]: expected a Reply, got 1"),
        ({"e": 1}, "replies of the shards asked, and no others, got 'e'"),
    ):
        search = Search(Query(), shards)
        next(search)
        with pytest.raises(InvalidValue, match=told):
            search.send(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="shards: expected at least one shard"):
        Search(Query(), [])
    with pytest.raises(InvalidValue, match="query: expected a CompletedLessonQuery"):
        Search(None, [1])  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="ask: expected an Ask"):
        shards["a"].completed_lessons.answer(Query(), None)  # type: ignore[arg-type]


def test_asking_changes_nothing(shards: dict[Hashable, Tracker]) -> None:
    version = shards["b"].version
    run(Search(DEEP, shards, budget=60), DEEP, shards)
    assert shards["b"].version == version
