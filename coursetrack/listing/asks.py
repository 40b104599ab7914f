"""One shard's side of a search: what it can be asked about a query, and its pure reply.

A query's answer is an ordered row of records. Each has a *key*, the value that it is ordered by
and its id, and a *place*, counted from 0 in the query's own order and direction::

    place    0            1            2            3
    key      ("=ada", 9)  ("=ada", 12) ("=bea", 4)  ("=cyd", 1)      by full name, ascending

An :class:`Ask` wants keys at evenly spaced places within ranges of keys, the records between two
places, or the names that a lesson and a member are shown with. The searching side puts these
together (``coursetrack.sharding``).
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import MAX_ID, as_int, microseconds
from coursetrack.errors import InvalidValue
from coursetrack.listing.dimensions import Joined, label_for, label_of
from coursetrack.listing.fields import FIELDS, ORDERS, Kind, OrderBy
from coursetrack.listing.query import CompletedLessonQuery, Page

Key = tuple[int | str, int]
"""What a record is ordered by, and its id."""


class KeyRange(NamedTuple):
    """Records from the key `low` on and before `high` (None: no end there), to be sampled."""

    low: Key | None
    high: Key | None
    samples: int


class Sampled(NamedTuple):
    """The places that the ends of a key range have, and the keys at :func:`spaced` places."""

    low: int
    high: int
    keys: tuple[Key, ...]


@attrs.frozen(kw_only=True)
class Ask:
    """A question to one shard; plain and small, so that any engine can carry it.

    Some `ranges` of keys to be sampled; the records at the places from `start` on and before
    `stop`; the names of the lesson and the member in `pair`. The reply carries the `number`, so
    that a late one is told from the one that is waited for.
    """

    number: int
    ranges: tuple[KeyRange, ...] = ()
    start: int = 0
    stop: int = 0
    pair: tuple[int, int] | None = None


@attrs.frozen(kw_only=True)
class Reply:
    """A shard's answer to the :class:`Ask` with this `number`, at its tracker's `version`.

    `total` is the number of its records that the query finds. `sampled` tells of each range. The
    `records` come with their `keys` and the `names` that they are shown with; where names were
    asked for, `names` holds them alone.
    """

    number: int
    version: int
    total: int
    sampled: tuple[Sampled, ...] = ()
    keys: tuple[Key, ...] = ()
    records: tuple[CompletedLesson, ...] = ()
    names: tuple[Joined, ...] = ()


class Ordered(Protocol):
    """All that one shard's query finds, in the query's order."""

    @property
    def version(self) -> int:
        """The version of what is asked: it differs whenever the answer may."""

    @property
    def total(self) -> int:
        """How many records there are."""

    @property
    def descending(self) -> bool:
        """Whether the first key is the greatest."""

    def key_at(self, place: int) -> Key:
        """The key of the record at a place below `total`."""

    def records(self, start: int, stop: int) -> Sequence[tuple[Key, CompletedLesson, Joined]]:
        """The records from one place on and before another, at most `total`."""

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names of a lesson and a member; None where they are unknown."""


class Source(Protocol):
    """What can be listed: as ``tracker.completed_lessons`` is."""

    def find(self, query: CompletedLessonQuery) -> Page:
        """The page that `query` asks for."""

    def joined(self, record: CompletedLesson) -> Joined:
        """The names that `record` is shown with."""

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names of a lesson and a member; None where they are unknown."""


class Found:
    """What `query` finds in a source, place by place: pages of one record and slices of pages."""

    __slots__ = ("_accents", "_query", "_source", "descending", "total", "version")

    def __init__(
        self, source: Source, query: CompletedLessonQuery, version: int, *, accents: bool
    ) -> None:
        self._source = source
        self._accents = accents
        self._query = query
        self.descending: bool = query.direction == -1
        self.version: int = version
        self.total: int = self._page(1, 1).total_items

    def _page(self, page: int, size: int) -> Page:
        return self._source.find(attrs.evolve(self._query, page=page, size=size))

    def key_at(self, place: int) -> Key:
        """The key of the record at a place. One page of one record."""
        (record,) = self._page(place + 1, 1).records
        return self._key(record, self._source.joined(record))

    def _key(self, record: CompletedLesson, names: Joined) -> Key:
        return key_of(self._query.order_by, record, names, accents=self._accents)

    def records(self, start: int, stop: int) -> list[tuple[Key, CompletedLesson, Joined]]:
        """The records from one place on and before another: two pages of their number at most."""
        if start >= stop:
            return []
        size = stop - start
        page, skip = divmod(start, size)
        found = self._page(page + 1, size).records
        if skip:
            found = (*found[skip:], *self._page(page + 2, size).records[:skip])
        named = zip(found, map(self._source.joined, found), strict=True)
        return [(self._key(record, names), record, names) for record, names in named]

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names of a lesson and a member; None where they are unknown."""
        return self._source.names(lesson_id, member_id)


def answer(found: Ordered, ask: Ask) -> Reply:
    """The reply to `ask`. O((log n + samples) lookups) and O(records asked for)."""
    total = found.total
    stop = min(ask.stop, total)
    rows = found.records(ask.start, stop) if ask.start < stop else ()
    names = tuple(names for _, _, names in rows)
    return Reply(
        number=ask.number,
        version=found.version,
        total=total,
        sampled=tuple(_sampled(found, each) for each in ask.ranges),
        keys=tuple(key for key, _, _ in rows),
        records=tuple(record for _, record, _ in rows),
        names=names if ask.pair is None else (found.names(*ask.pair),),
    )


def _sampled(found: Ordered, wanted: KeyRange) -> Sampled:
    low = 0 if wanted.low is None else rank(found, wanted.low)
    high = found.total if wanted.high is None else rank(found, wanted.high)
    keys = map(found.key_at, spaced(low, high, wanted.samples))
    return Sampled(low, high, tuple(keys))


def rank(found: Ordered, key: Key) -> int:
    """How many records come before `key`, whether or not a record has it. O(log n) lookups."""
    low, high = 0, found.total
    while low < high:
        middle = (low + high) // 2
        here = found.key_at(middle)
        if here > key if found.descending else here < key:
            low = middle + 1
        else:
            high = middle
    return low


def spaced(low: int, high: int, samples: int) -> Sequence[int]:
    """At most `samples` places, evenly spaced from `low` on and before `high`; all where they fit.

    >>> list(spaced(10, 14, 8)), list(spaced(0, 100, 4))
    ([10, 11, 12, 13], [0, 25, 50, 75])
    """
    width = high - low
    if width <= samples:
        return range(low, high)
    return [low + step * width // samples for step in range(samples)]


def as_ask(value: object) -> Ask:
    """`value`, if it is an Ask with whole numbers; InvalidValue if not."""
    if isinstance(value, Ask):
        for name in ("start", "stop"):
            as_int(name, getattr(value, name), low=0, high=MAX_ID)
        return value
    raise InvalidValue.of("ask", value, "an Ask")


# -- keys


def key_of(order_by: OrderBy, record: CompletedLesson, names: Joined, *, accents: bool) -> Key:
    """The key of a record in ascending order of `order_by`: what its indexes sort it by."""
    field = FIELDS[ORDERS[order_by]]
    value = getattr(record if field.of is None else names, field.name)
    if field.kind is Kind.INSTANT:
        return microseconds(value), record.id
    if field.kind is Kind.CODE:  # found as it is written, and yet sorted like other texts
        return label_of(value, accents=accents), record.id
    return label_for(field, value, accents=accents), record.id
