"""Ids that go by member: what a record gets depends on its member and that member's own past.

The same events give the same ids under any number of shards, after any move of a member from one
to another, and in whatever order other members' events arrive::

    bits  62 … 22    the member's id
    bits  21 … 0     1 for the member's first record, 2 for the second, ...

    member 7: 7 * 2**22 + 1 = 29360129, then 29360130, ...

For members below 2**31 an id is below 2**53, so that JavaScript's numbers hold it. How many ids a
member was given is kept and never falls, so none is given twice: not after a deletion or a reset,
and not where the member itself went and came back. (decided)
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from coursetrack.domain.values import MAX_ID
from coursetrack.errors import CorruptStore, IdsExhausted
from coursetrack.knowledge.undo_log import UndoLog
from coursetrack.knowledge.unique_ids import GivenUniqueIds

Ids = Literal["in_order", "by_member"]
"""How completed lessons get their ids: 1, 2, 3, … in order of creation, or each member its own."""

_SERIAL_BITS = 22
_LAST_SERIAL = 2**_SERIAL_BITS - 1


class OwnId(NamedTuple):
    """An id taken apart: whose it is, and the how manieth of theirs."""

    member_id: int
    serial: int


def own_id(id_: int) -> OwnId:
    """Whose id this is, and the how manieth of theirs.

    >>> own_id(29360130)
    OwnId(member_id=7, serial=2)
    """
    return OwnId(id_ >> _SERIAL_BITS, id_ & _LAST_SERIAL)


def id_of(member_id: int, serial: int) -> int:
    """The id with this serial of a member's. IdsExhausted past 2**22 - 1 or 2**63 - 1."""
    id_ = (member_id << _SERIAL_BITS) + serial
    if serial > _LAST_SERIAL or id_ > MAX_ID:
        raise IdsExhausted(
            f"member {member_id} would get record {serial}; ids by member have room for members "
            f"below 2**41 with {_LAST_SERIAL} records each",
            value=member_id,
        )
    return id_


class MemberIds:
    """Which ids the members were given."""

    __slots__ = ("_borrowed", "serials")

    def __init__(self) -> None:
        self.serials: dict[int, int] = {}
        """Member id -> the highest serial that is given."""
        self._borrowed = False

    def fork(self) -> "MemberIds":
        """An independent copy. O(1); the next id that either side gives copies the serials."""
        other = MemberIds()
        self._borrowed = other._borrowed = True
        other.serials = self.serials
        return other

    def _own(self) -> None:
        if self._borrowed:
            self.serials = self.serials.copy()
            self._borrowed = False

    def is_new(self, id_: int) -> bool:
        """Whether no record can have had this id yet."""
        member_id, serial = own_id(id_)
        return serial > self.serials.get(member_id, 0)

    def next_ids(self, member_ids: Iterable[int], taken: GivenUniqueIds) -> list[int]:
        """The ids that the next records of these members get. They step over unique ids taken."""
        serials: dict[int, int] = {}
        latest, given, ids = serials.get, self.serials.get, list[int]()
        for member_id in member_ids:
            serial = (latest(member_id) or given(member_id, 0)) + 1
            while taken.derivable and taken.holder(id_of(member_id, serial)) is not None:
                serial += 1
            serials[member_id] = serial
            ids.append((member_id << _SERIAL_BITS) + serial)
        for member_id, serial in serials.items():
            id_of(member_id, serial)  # raises for one that there is no room for
        return ids

    def give(self, undo_log: UndoLog, ids: Iterable[int]) -> None:
        """Makes these ids be given. O(ids)."""
        self._own()
        highest: dict[int, int] = {}
        for id_ in ids:
            member_id = id_ >> _SERIAL_BITS
            if id_ > highest.get(member_id, -1):
                highest[member_id] = id_
        for member_id, serial in map(own_id, highest.values()):
            if serial > self.serials.get(member_id, 0):
                undo_log.put(self.serials, member_id, serial)

    def check(self, ids: Sequence[int]) -> None:
        """Proves that what the records have is given."""
        for id_ in ids:
            if self.is_new(id_):
                raise CorruptStore(f"completed lesson {id_} has an id that is still to be given")
