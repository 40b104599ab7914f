"""The reading side of the repository: what ``tracker.completed_lessons`` is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, get_args

from coursetrack.domain.entities import CompletedLesson
from coursetrack.errors import InvalidValue, nearest, shown
from coursetrack.listing.asks import Ask, Found, Reply, answer, as_ask
from coursetrack.listing.plain_columns import CountKey
from coursetrack.listing.planner import Plan
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.listing.record_texts import JsonPage
from coursetrack.listing.store import Joined, Store


class CompletedLessons:
    """The completed lessons of a tracker, to read. Always current; what it returns is immutable.

    Asking builds indexes and remembers answers, so threads that ask hold the same lock as those
    that write.
    """

    __slots__ = ("_current_store", "_version")

    def __init__(self, current_store: Callable[[], Store], version: Callable[[], int]) -> None:
        self._current_store = current_store
        self._version = version

    @property
    def _store(self) -> Store:
        return self._current_store()

    @property
    def accents(self) -> bool:
        """Whether accents count where texts are compared."""
        return self._store.accents

    def __repr__(self) -> str:
        return f"<CompletedLessons: {len(self)}>"

    def __len__(self) -> int:
        """How many there are."""
        return len(self._store)

    def __iter__(self) -> Iterator[CompletedLesson]:
        """All of them by id."""
        return iter(self._store)

    def __contains__(self, id_: object) -> bool:
        """Whether a completed lesson has this id."""
        return type(id_) is int and self._store.get(id_) is not None

    def get(self, id_: int) -> CompletedLesson | None:
        """The completed lesson with this id, or None. O(log n)."""
        return self._store.get(_as_integer("id_", id_))

    def get_pair(self, lesson_id: int, member_id: int) -> CompletedLesson | None:
        """This lesson's completion by this member, or None. O(completions of the member)."""
        return self._store.get_pair(
            _as_integer("lesson_id", lesson_id), _as_integer("member_id", member_id)
        )

    def find(self, query: CompletedLessonQuery | None = None) -> Page:
        """The page that `query` asks for, with exact totals; without one the first of all."""
        return self._store.find(_EVERYTHING if query is None else _as_query(query))

    def find_json(self, query: CompletedLessonQuery | None = None) -> JsonPage:
        """The same page as `find`, its records as UTF-8 JSON: what the endpoint sends.

        They are written straight from the columns, and no record is made. O(records of the page).
        """
        return self._store.find_json(_EVERYTHING if query is None else _as_query(query))

    def answer(self, query: CompletedLessonQuery, ask: Ask) -> Reply:
        """What a search over shards asks this one, answered. O((log n + samples) lookups).

        `query` says which records in which order; its page and size are not looked at.
        """
        found = Found(self, _as_query(query), self._version(), accents=self._store.accents)
        return answer(found, as_ask(ask))

    def count(self, query: CompletedLessonQuery | None = None) -> int:
        """How many records `query` finds, on all its pages together; without one, all there are."""
        return self._store.count(_EVERYTHING if query is None else _as_query(query))

    def columns(self, query: CompletedLessonQuery | None = None) -> dict[str, list[Any]]:
        """All that `query` finds, in its order, as plain columns with the names as they are now.

        ``pandas.DataFrame(...)`` and ``polars.DataFrame(...)`` take the dict as it is. Its keys are
        the query's names of the list fields: ``id``, ``created_on``, ``lesson_title``, … `page` and
        `size` do not matter. O(records found), and makes none. (decided)
        """
        return self._store.plain_columns(_EVERYTHING if query is None else _as_query(query))

    def counts(
        self, *, by: CountKey | Sequence[CountKey], query: CompletedLessonQuery | None = None
    ) -> dict[tuple[Any, ...], int]:
        """How many records share each combination of `by`; what ``tracker.counts`` answers.

        O(records found), and makes none. InvalidValue for a key that is none, or none at all.
        """
        asked = _EVERYTHING if query is None else _as_query(query)
        return self._store.counts(_as_keys(by), asked)

    def joined(self, record: CompletedLesson) -> Joined:
        """The names that `record` is shown with, as they are now."""
        return self._store.joined(record)

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names that this lesson and this member are shown with, as they are now.

        The title is None where there is no such lesson, the full name where there is no such
        member: both have one always.
        """
        return self._store.names(
            _as_integer("lesson_id", lesson_id), _as_integer("member_id", member_id)
        )

    def explain(self, query: CompletedLessonQuery) -> Plan:
        """How `query` would be answered: what is read, what tested, about how many rows touched.

        Finds the total on the way, so it costs what `find` costs without the page's records.
        """
        return self._store.explain(_as_query(query))

    def prepare(self) -> None:
        """Builds every index now, which otherwise happens at the first query that needs it.

        O(n log n); a hash of every id is part of it, since `uniqueId` may be asked for.
        """
        self._store.prepare()

    def memory(self) -> dict[str, int]:
        """About how many bytes each part takes: the rows, each index, and what is kept beside it.

        Worked out from the sizes of arrays and lists; names and remembered answers come on top.
        An index is there once a query needed it, or all are after `prepare`. O(pieces of
        indexes). (decided)
        """
        return self._store.memory()


_EVERYTHING = CompletedLessonQuery()


def _as_integer(field: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise InvalidValue.of(field, value, "an integer")


def _as_keys(value: object) -> tuple[CountKey, ...]:
    known = get_args(CountKey)
    expected = f"one or several of {', '.join(known)}, each once"
    if not isinstance(value, Iterable):
        raise InvalidValue.of("by", value, expected)
    keys = (value,) if isinstance(value, str) else tuple(value)
    for key in keys:
        if key not in known:
            near = nearest(key, known) if isinstance(key, str) else None
            hint = f" (did you mean {shown(near)}?)" if near else ""
            raise InvalidValue.of("by", key, expected + hint)
    if not keys or len(set(keys)) < len(keys):
        raise InvalidValue.of("by", value, expected)
    return keys


def _as_query(value: object) -> CompletedLessonQuery:
    if isinstance(value, CompletedLessonQuery):
        return value
    raise InvalidValue.of("query", value, "a CompletedLessonQuery")
