"""Shards as big as one likes that hold no record: keys are worked out from their places.

What a search does with them is counted: rounds, asks, replies, and the bytes that these are as
pickles. That a page is right is proved by its first key's rank over all shards.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import instant, microseconds
from coursetrack.listing.asks import Key, answer, rank
from coursetrack.listing.dimensions import Joined
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.sharding import FoundPage, Search

_SPAN = 2**48  # microseconds, some nine years
_MIX = 0x9E3779B97F4A7C15
_NAMES = Joined("Welcome", "Ada Lovelace", "Analytical Engines", "Design, Ops")


@attrs.frozen
class SimulatedShard:
    """`total` records of which the keys rise through one stretch of time, never evenly."""

    number: int
    shards: int
    total: int
    first: int = 0
    span: int = _SPAN
    version: int = 1
    descending: bool = False

    def key_at(self, place: int) -> Key:
        """The key at a place: an instant, and an id that no other shard has."""
        step = self.span // self.total
        jitter = ((place * self.shards + self.number + 1) * _MIX >> 17) % step
        at = self.first + place * step + jitter
        return at, at * self.shards + self.number + 1

    def records(self, start: int, stop: int) -> Sequence[tuple[Key, CompletedLesson, Joined]]:
        """Made-up records with the keys at these places."""
        return [*self._records(start, stop)]

    def _records(self, start: int, stop: int) -> Iterator[tuple[Key, CompletedLesson, Joined]]:
        for place in range(start, stop):
            at, id_ = self.key_at(place)
            record = CompletedLesson(id=id_, lesson_id=1, member_id=1, created_on=instant(int(at)))
            yield (at, id_), record, _NAMES

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The same names for everybody."""
        return _NAMES


def evenly(records: int, shards: int) -> list[SimulatedShard]:
    """Every shard as big as the next, over the same time: members hash to slots."""
    return [SimulatedShard(shard, shards, records // shards) for shard in range(shards)]


def in_ranges(records: int, shards: int) -> list[SimulatedShard]:
    """Every shard has a time of its own: the orders of the shards do not mix at all."""
    span = _SPAN // shards
    return [
        SimulatedShard(shard, shards, records // shards, first=shard * span, span=span)
        for shard in range(shards)
    ]


def one_big(records: int, shards: int) -> list[SimulatedShard]:
    """One shard holds half of everything, in a tenth of the time."""
    rest = records // 2 // (shards - 1)
    big = SimulatedShard(0, shards, records - rest * (shards - 1), _SPAN // 3, _SPAN // 10)
    return [big, *(SimulatedShard(shard, shards, rest) for shard in range(1, shards))]


SHAPES: dict[str, Callable[[int, int], list[SimulatedShard]]] = {
    "evenly": evenly,
    "in ranges": in_ranges,
    "one big": one_big,
}


@attrs.frozen
class Count:
    """What one search took."""

    found: FoundPage
    rounds: int
    asked_bytes: int
    replied_bytes: int


def counted(query: CompletedLessonQuery, shards: Sequence[SimulatedShard], **limits: Any) -> Count:
    """One search over `shards`, counted."""
    search = Search(query, range(len(shards)), **limits)
    asked = replied = 0
    asks = next(search)
    try:
        while True:
            replies = {shard: answer(shards[int(str(shard))], ask) for shard, ask in asks.items()}
            asked += sum(len(pickle.dumps(ask)) for ask in asks.values())
            replied += sum(len(pickle.dumps(reply)) for reply in replies.values())
            asks = search.send(replies)
    except StopIteration as done:
        return Count(done.value, search.rounds, asked, replied)


def proven_start(found: FoundPage, shards: Sequence[SimulatedShard]) -> int:
    """How many keys of all shards come before the first one of the page."""
    first = found.page.records[0]
    key = (microseconds(first.created_on), first.id)
    return sum(rank(shard, key) for shard in shards)
