"""Many shards that answer like one list, for an endpoint to stand in front of."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from coursetrack.domain.entities import CompletedLesson
from coursetrack.errors import CoursetrackError, InvalidValue, MissingEntity, MissingShard
from coursetrack.listing.asks import Ask, Reply
from coursetrack.listing.dimensions import Joined
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.sharding.search import FoundPage, Search

Answer: TypeAlias = Callable[[CompletedLessonQuery, Ask], Reply]
"""A shard at the other end of whatever carries it: ``completed_lessons.answer`` over there."""


class Listed(Protocol):
    """What a tracker offers to be a shard by itself."""

    @property
    def completed_lessons(self) -> Any:
        """Its records, which ``answer``."""


Shard: TypeAlias = Listed | Answer
_EVERYTHING = CompletedLessonQuery()


class Shards:
    """Answers like a tracker's ``completed_lessons``, over many shards, names included.

    `shards` are trackers, or callables that carry a question to one and bring its reply, by name;
    without names they are 0, 1, 2, … Give `shard_of`, from member id to name, so that questions
    about one member go to that member's shard alone.

    Each answer is that of one store that holds all that the shards hold. A callable that raises,
    or returns None, is a shard that is gone: MissingShard names it. Writes go to the tracker that
    holds the member, or to a callable that has `complete`, `update_completed` and
    `delete_completed` as well and carries them there; InvalidValue where it has not.
    """

    def __init__(
        self,
        shards: Iterable[Shard] | Mapping[Hashable, Shard],
        *,
        shard_of: Callable[[int], Hashable] | None = None,
        budget: int = 131_072,
        attempts: int = 5,
    ) -> None:
        named: Any = shards if isinstance(shards, Mapping) else enumerate(shards)
        self._shards: dict[Hashable, Shard] = dict(named)
        self._answers = {name: _answer_of(name, shard) for name, shard in self._shards.items()}
        self._shard_of = shard_of
        self._limits = {"budget": budget, "attempts": attempts}
        self._came: dict[tuple[int, int], Joined] = {}
        Search(_EVERYTHING, self._shards, **self._limits)  # says now what is wrong with them

    @property
    def completed_lessons(self) -> "Shards":
        """This, as an endpoint asks for it."""
        return self

    def __len__(self) -> int:
        """How many records all shards hold. One round."""
        return sum(reply.total for reply in self._ask_all(Ask(number=1)).values())

    # -- reading

    def search(self, query: CompletedLessonQuery) -> FoundPage:
        """The page that `query` asks for, with its names."""
        search = Search(query, self._concerned(query), **self._limits)
        asks = next(search)
        try:
            while True:
                asks = search.send(self._replies(query, asks))
        except StopIteration as done:
            found: FoundPage = done.value
            return found

    def find(self, query: CompletedLessonQuery) -> Page:
        """The page that `query` asks for, with exact totals."""
        page, names = self.search(query)
        pairs = ((record.lesson_id, record.member_id) for record in page.records)
        self._came = dict(zip(pairs, names, strict=True))
        return page

    def get(self, id_: int) -> CompletedLesson | None:
        """The record with this id, or None. One round."""
        records = self.find(CompletedLessonQuery(id=id_)).records if id_ > 0 else ()
        return records[0] if records else None

    def get_pair(self, lesson_id: int, member_id: int) -> CompletedLesson | None:
        """The record of this pair, or None. One round."""
        if lesson_id < 1 or member_id < 1:
            return None
        pair = CompletedLessonQuery(lesson_id=lesson_id, member_id=member_id, size=1)
        records = self.find(pair).records
        return records[0] if records else None

    def joined(self, record: CompletedLesson) -> Joined:
        """The names of `record`; see :meth:`names`."""
        return self.names(record.lesson_id, record.member_id)

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names of a lesson and a member: as they came with the last page, or asked for now.

        Those of a page are told once: who asks again wants them as they are by then. One round.
        """
        came = self._came.pop((lesson_id, member_id), None)
        if came is not None:
            return came
        replies = self._ask_all(Ask(number=1, pair=(lesson_id, member_id)))
        return Joined(*map(_first_known, *(reply.names[0] for reply in replies.values())))

    def _concerned(self, query: CompletedLessonQuery) -> Iterable[Hashable]:
        if query.member_id is None or self._shard_of is None:
            return self._shards
        return (self._named(self._shard_of(query.member_id)),)

    def _named(self, name: Hashable) -> Hashable:
        if name not in self._shards:
            raise MissingShard(f"shard_of names {name!r}, which is no shard here", value=name)
        return name

    def _ask_all(
        self, ask: Ask, query: CompletedLessonQuery = _EVERYTHING
    ) -> dict[Hashable, Reply]:
        replies = self._replies(query, dict.fromkeys(self._shards, ask))
        for name, reply in replies.items():
            if reply is None:
                raise MissingShard(f"shard {name!r} did not answer", value=name)
        return replies

    def _replies(
        self, query: CompletedLessonQuery, asks: Mapping[Hashable, Ask]
    ) -> dict[Hashable, Reply]:
        return {name: self._reply(name, query, ask) for name, ask in asks.items()}

    def _reply(self, name: Hashable, query: CompletedLessonQuery, ask: Ask) -> Reply:
        try:
            return self._answers[name](query, ask)
        except CoursetrackError:
            raise
        except Exception as error:
            raise MissingShard(f"shard {name!r} did not answer: {error!r}", value=name) from error

    # -- writing

    def complete(self, *, lesson_id: int, member_id: int, at: datetime, by: str) -> Any:
        """Creates a record by hand in the member's shard; see the tracker's own."""
        shard = self._writer(self._holder_of(member_id))
        return shard.complete(lesson_id=lesson_id, member_id=member_id, at=at, by=by)

    def update_completed(
        self, *, id: int, lesson_id: int, member_id: int, at: datetime, by: str
    ) -> Any:
        """Moves a record to another pair, within its shard; see the tracker's own."""
        shard = self._writer(self._holder_of_record(id))
        return shard.update_completed(id=id, lesson_id=lesson_id, member_id=member_id, at=at, by=by)

    def delete_completed(self, *, id: int) -> Any:
        """Removes a record; see the tracker's own."""
        return self._writer(self._holder_of_record(id)).delete_completed(id=id)

    def _holder_of(self, member_id: int) -> Hashable:
        if self._shard_of is not None:
            return self._named(self._shard_of(member_id))
        replies = self._ask_all(Ask(number=1, pair=(0, member_id)))
        for name, reply in replies.items():
            if reply.names[0].full_name is not None:
                return name
        raise MissingEntity(f"no shard has a CourseMember {member_id}", value=member_id)

    def _holder_of_record(self, id_: int) -> Hashable:
        replies = self._ask_all(Ask(number=1), CompletedLessonQuery(id=id_))
        for name, reply in replies.items():
            if reply.total:
                return name
        raise MissingEntity(f"there is no completed lesson {id_}", value=id_)

    def _writer(self, name: Hashable) -> Any:
        shard = self._shards[name]
        if not hasattr(shard, "complete"):
            raise InvalidValue.of(f"shards[{name!r}]", shard, "a tracker, to be written to")
        return shard


def _answer_of(name: Hashable, shard: Any) -> Answer:
    found = getattr(getattr(shard, "completed_lessons", None), "answer", shard)
    if callable(found):
        answer: Answer = found
        return answer
    raise InvalidValue.of(
        f"shards[{name!r}]", shard, "a tracker, or a callable from (query, ask) to a Reply"
    )


def _first_known(*names: str | None) -> str | None:
    return next((name for name in names if name is not None), None)
