"""Unique ids that records were given, where an id might derive the same one.

A record that is given none derives its unique id from its id, and those are as distinct as the
ids. So only the given ones are kept, and of these only those that have the form of a derived one:
nobody else's records cost anything. An id whose unique id is taken is stepped over (decided)::

    record 9 was given what id 2 derives:    ids given from 1 on: 1, 3, 4, …
"""

from collections.abc import Iterable, Sequence
from itertools import count, islice

from coursetrack.domain.entities import CompletedLesson, given_unique_id
from coursetrack.domain.values import derived_unique_id, may_be_derived
from coursetrack.errors import CorruptStore
from coursetrack.knowledge.undo_log import UndoLog


class GivenUniqueIds(dict[str, int]):
    """Unique id -> id of the record that was given it, where some id may derive it."""

    __slots__ = ()

    def holder(self, id_: int) -> int | None:
        """The id of the record that was given the unique id that `id_` derives, or None. O(1)."""
        return self.get(derived_unique_id(CompletedLesson.__name__, id_)) if self else None

    def free_ids(self, first: int, step: int, many: int) -> Sequence[int]:
        """The `many` ids from `first` on, by `step`, whose unique ids nobody was given.

        O(1) while nothing is kept, else O(many + ids stepped over).
        """
        if not self:
            return range(first, first + step * many, step)
        free = (id_ for id_ in count(first, step) if self.holder(id_) is None)
        return tuple(islice(free, many))

    def put(
        self, undo_log: UndoLog, before: CompletedLesson | None, after: CompletedLesson | None
    ) -> None:
        """Keeps what `after` was given in the place of what `before` was. O(1)."""
        for record in _kept(before):
            undo_log.drop(self, record.unique_id)
        for record in _kept(after):
            undo_log.put(self, record.unique_id, record.id)

    def check(self, records: Iterable[CompletedLesson]) -> None:
        """Proves that no two of all `records` share a unique id, and that theirs are kept.

        Walks them twice, and hashes their ids, only where a record was given a unique id.
        """
        given = [record for record in records if given_unique_id(record) is not None]
        if given:
            _require_distinct(records)
        if self != {each.unique_id: each.id for record in given for each in _kept(record)}:
            raise CorruptStore("the unique ids kept are not those that the records were given")


def _kept(record: CompletedLesson | None) -> tuple[CompletedLesson, ...]:
    """`record`, if its unique id is one to keep."""
    given = None if record is None else given_unique_id(record)
    return () if record is None or given is None or not may_be_derived(given) else (record,)


def _require_distinct(records: Iterable[CompletedLesson]) -> None:
    holders: dict[str, int] = {}
    for record in records:
        holder = holders.setdefault(record.unique_id, record.id)
        if holder != record.id:
            raise CorruptStore(
                f"completed lessons {holder} and {record.id} have the unique id {record.unique_id}"
            )
