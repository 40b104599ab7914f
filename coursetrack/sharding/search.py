"""A query over many shards, without any network: questions out, replies in, a page at the end.

::

    search = Search(query, shards=[0, 1, 2])
    asks = next(search)                       # {shard: Ask}: hand each to its shard
    try:
        while True:
            asks = search.send({shard: ask_the_shard(shard, query, ask) for …})
    except StopIteration as done:
        page, names = done.value

How many rounds that takes: 1 where the first records of every shard are few enough to be brought
at once (`budget`; any first page of usual size) or where there is one shard; else the place of the
page is narrowed down by sampled keys first (`narrowing`) and its records are fetched last.
"""

from collections.abc import Generator, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import MAX_ID, as_int, as_iterable
from coursetrack.errors import (
    InvalidValue,
    MissingShard,
    ShardsChanged,
    StaleReply,
)
from coursetrack.listing.asks import Ask, Key, Reply
from coursetrack.listing.dimensions import Joined
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.sharding.cuts import Cuts
from coursetrack.sharding.narrowing import twice

Asks: TypeAlias = Mapping[Any, Ask]
Replies: TypeAlias = Mapping[Any, Reply]
_Row: TypeAlias = tuple[Key, CompletedLesson, Joined]
_FEW = 4096  # records brought at once rather than in three rounds


class FoundPage(NamedTuple):
    """What a search ends in: the page, and the names of each of its records."""

    page: Page
    names: tuple[Joined, ...]


class _Changed(Exception):
    """A shard has changed since an earlier round."""


class Search(Generator[Asks, Replies, FoundPage]):
    """The page that `query` asks for over all `shards`: the page that one store of all would give.

    A generator of ``{shard: Ask}``, to be sent ``{shard: Reply}`` by each shard's
    ``completed_lessons.answer(query, ask)``. It returns a :class:`FoundPage`. `shards` are names:
    numbers, texts, whatever the host tells them apart by. `budget` bounds the records or keys that
    all shards together bring in one round, except that each brings at least 16 keys.

    MissingShard names a shard that did not answer, StaleReply one whose reply is of another round
    or of a state before one that it answered from. Where a shard was written to between the rounds
    the search starts again, at most `attempts` times, then ShardsChanged. MergeConflict where two
    shards hold one id. After an error the search is over.
    """

    def __init__(
        self,
        query: CompletedLessonQuery,
        shards: Iterable[Hashable],
        *,
        budget: int = 131_072,
        attempts: int = 5,
    ) -> None:
        if not isinstance(query, CompletedLessonQuery):
            raise InvalidValue.of("query", query, "a CompletedLessonQuery")
        self._query = query
        self._shards = tuple(dict.fromkeys(as_iterable("shards", shards)))
        if not self._shards:
            raise InvalidValue.of("shards", shards, "at least one shard")
        self._budget = as_int("budget", budget, low=1, high=2**63 - 1)
        self._attempts = as_int("attempts", attempts, low=1, high=2**31)
        self._descending = query.direction == -1
        self._versions: dict[Hashable, int] = {}
        self._asked: Asks = {}
        self.rounds: int = 0
        """How many rounds there were so far, those before a new start included."""
        self._steps = self._run()

    # -- a generator

    def send(self, replies: Replies | None) -> Asks:
        """Takes the replies to what was asked, and gives what is asked next."""
        return self._steps.send(replies)  # type: ignore[arg-type]

    def throw(self, *error: Any) -> Asks:
        """Ends the search with an error of the host's."""
        return self._steps.throw(*error)

    # -- the rounds

    def _run(self) -> Generator[Asks, Replies, FoundPage]:
        for _ in range(self._attempts):
            try:
                return (yield from self._attempt())
            except _Changed:
                continue
        raise ShardsChanged(
            f"shards were written to between the rounds of a search {self._attempts} times; ask "
            "forks, or search again",
            value=self._query,
        )

    def _attempt(self) -> Generator[Asks, Replies, FoundPage]:
        query, shards = self._query, self._shards
        start = min((query.page - 1) * query.size, MAX_ID)  # nobody has as many records
        stop = min(start + query.size, MAX_ID)
        if len(shards) == 1:
            replies = yield from self._round({shards[0]: self._ask(start=start, stop=stop)})
            return self._page(replies, sum(reply.total for reply in replies), 0, query.size)
        if stop * len(shards) <= (min(_FEW, self._budget) if start else self._budget):
            replies = yield from self._round({shard: self._ask(stop=stop) for shard in shards})
            return self._page(replies, sum(reply.total for reply in replies), start, stop)
        return (yield from self._narrow(start, stop))

    def _narrow(self, start: int, stop: int) -> Generator[Asks, Replies, FoundPage]:
        """Finds both ends of the page in every shard, then fetches what is between them."""
        cuts = Cuts((start, stop), len(self._shards), self._budget, descending=self._descending)
        total = 0
        while not cuts.done:
            wanted = cuts.wanted()
            replies = yield from self._round(
                {
                    shard: self._ask(ranges=ranges)
                    for shard, ranges in zip(self._shards, wanted, strict=True)
                    if ranges
                }
            )
            total = total or sum(reply.total for reply in replies)  # the first round asks all
            told = iter(replies)
            cuts.take([next(told).sampled if ranges else () for ranges in wanted])
        first, last = cuts.found
        asks = {
            shard: self._ask(start=low, stop=high)
            for shard, low, high in zip(self._shards, first.held, last.held, strict=True)
            if low < high
        }
        replies = (yield from self._round(asks)) if asks else []
        return self._page(replies, total, 0, self._query.size)

    def _ask(self, **wanted: Any) -> Ask:
        return Ask(number=self.rounds + 1, **wanted)

    def _round(self, asks: Asks) -> Generator[Asks, Replies, list[Reply]]:
        self.rounds += 1
        replies = yield asks
        return _checked(asks, replies, self._versions)

    # -- the end

    def _page(self, replies: Sequence[Reply], total: int, start: int, stop: int) -> FoundPage:
        rows: list[_Row] = []
        for reply in replies:
            rows += zip(reply.keys, reply.records, reply.names, strict=True)
        rows.sort(key=itemgetter(0), reverse=self._descending)
        _require_distinct(rows)
        rows = rows[start:stop]
        page = Page(
            records=tuple(record for _, record, _ in rows),
            total_items=total,
            page_number=self._query.page,
            page_size=self._query.size,
        )
        return FoundPage(page, tuple(names for _, _, names in rows))


def _checked(asks: Asks, replies: object, versions: dict[Hashable, int]) -> list[Reply]:
    """The replies in the order of the asks, if they are all there and of one state each."""
    if not isinstance(replies, Mapping):
        raise InvalidValue.of("replies", replies, "a mapping from each shard to its Reply")
    for shard in replies:
        if shard not in asks:
            raise InvalidValue.of("replies", shard, "replies of the shards asked, and no others")
    found = [_reply(shard, ask, replies.get(shard)) for shard, ask in asks.items()]
    changed = False
    for shard, reply in zip(asks, found, strict=True):
        before = versions.setdefault(shard, reply.version)
        if reply.version < before:
            raise StaleReply(
                f"shard {shard!r} answers from version {reply.version}, and did from {before} "
                "before; is it still catching up?",
                value=shard,
            )
        changed |= reply.version > before
        versions[shard] = reply.version
    if changed:
        raise _Changed
    return found


def _reply(shard: Hashable, ask: Ask, reply: object) -> Reply:
    if reply is None:
        raise MissingShard(f"shard {shard!r} did not answer", value=shard)
    if not isinstance(reply, Reply):
        raise InvalidValue.of(f"replies[{shard!r}]", reply, "a Reply")
    if reply.number != ask.number:
        raise StaleReply(
            f"shard {shard!r} answers ask {reply.number} where ask {ask.number} is waited for",
            value=shard,
        )
    return reply


def _require_distinct(rows: Sequence[_Row]) -> None:
    for (_, record, _), (_, other, _) in pairwise(sorted(rows, key=lambda row: row[1].id)):
        if record.id == other.id:
            raise twice(record.id)
