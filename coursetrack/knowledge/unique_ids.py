"""Unique ids that records were given, each with its record's id.

A record that is given none derives its unique id from its id, and those are as distinct as the
ids: they are not kept. Of the given ones, those that have the form of a derived one are kept apart:
only they can be what an id derives, and an id whose unique id is taken is stepped over (decided)::

    record 9 was given what id 2 derives:    ids given from 1 on: 1, 3, 4, …

So a unique id is free, without looking at any record, unless it is kept here; only one that has the
form of a derived one must be looked for among the records.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, islice

from coursetrack.domain.entities import CompletedLesson, given_unique_id
from coursetrack.domain.values import derived_unique_id, may_be_derived
from coursetrack.errors import CorruptStore
from coursetrack.knowledge.undo_log import UndoLog


class GivenUniqueIds:
    """Unique id -> id of the record that was given it."""

    __slots__ = ("_borrowed", "derivable", "others")

    def __init__(self) -> None:
        self.derivable: dict[str, int] = {}
        """Those that some id may derive."""
        self.others: dict[str, int] = {}
        """Those that no id can derive: nobody but who is given one asks for them."""
        self._borrowed = False

    def fork(self) -> "GivenUniqueIds":
        """An independent copy. O(1); the next write to either side copies what it has."""
        other = GivenUniqueIds()
        self._borrowed = other._borrowed = True
        other.derivable, other.others = self.derivable, self.others
        return other

    def _own(self) -> None:
        if self._borrowed:
            self.derivable, self.others = self.derivable.copy(), self.others.copy()
            self._borrowed = False  # last: cut off before, both are copied again

    def given_to(self, unique_id: str) -> int | None:
        """The id of the record that was given this unique id, or None. O(1)."""
        return self._among(unique_id).get(unique_id)

    def _among(self, unique_id: str) -> dict[str, int]:
        return self.derivable if may_be_derived(unique_id) else self.others

    def holder(self, id_: int) -> int | None:
        """The id of the record that was given the unique id that `id_` derives, or None. O(1)."""
        if not self.derivable:
            return None
        return self.derivable.get(derived_unique_id(CompletedLesson.__name__, id_))

    def free_ids(self, first: int, step: int, many: int) -> Sequence[int]:
        """The `many` ids from `first` on, by `step`, whose unique ids nobody was given.

        O(1) while nothing is kept, else O(many + ids stepped over).
        """
        if not self.derivable:
            return range(first, first + step * many, step)
        free = (id_ for id_ in count(first, step) if self.holder(id_) is None)
        return tuple(islice(free, many))

    def fill(self, given: Mapping[str, int]) -> None:
        """Keeps all of `given` as well, with no way back. O(given)."""
        self._own()
        self.others.update(given)
        for unique_id in filter(may_be_derived, given):
            self.derivable[unique_id] = self.others.pop(unique_id)

    def put(
        self, undo_log: UndoLog, before: CompletedLesson | None, after: CompletedLesson | None
    ) -> None:
        """Keeps what `after` was given in the place of what `before` was. O(1)."""
        self._own()
        was = None if before is None else given_unique_id(before)
        if was is not None:
            undo_log.drop(self._among(was), was)
        now = None if after is None else given_unique_id(after)
        if after is not None and now is not None:
            undo_log.put(self._among(now), now, after.id)

    def check(self, records: Iterable[CompletedLesson]) -> None:
        """Proves that no two of all `records` share a unique id, and that theirs are kept.

        Walks them twice, and hashes their ids, only where a record was given a unique id.
        """
        given = [record for record in records if given_unique_id(record) is not None]
        if given:
            _require_distinct(records)
        expected = GivenUniqueIds()
        for record in given:
            expected._among(record.unique_id)[record.unique_id] = record.id
        if (self.derivable, self.others) != (expected.derivable, expected.others):
            raise CorruptStore("the unique ids kept are not those that the records were given")


def _require_distinct(records: Iterable[CompletedLesson]) -> None:
    holders: dict[str, int] = {}
    for record in records:
        holder = holders.setdefault(record.unique_id, record.id)
        if holder != record.id:
            raise CorruptStore(
                f"completed lessons {holder} and {record.id} have the unique id {record.unique_id}"
            )
