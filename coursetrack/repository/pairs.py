"""Which member has completed which lesson, as bits.

Each lesson has a slot in its course, a bit; each member a desk, whose mask has the bits of the
completed lessons of the member's own course::

    lesson 10: 0b001    lesson 11: 0b010    lesson 12: 0b100
    desks[7] == [1, enrolled, 0b101]        member 7 has completed lessons 10 and 12 of course 1

So "is it completed", "is all that a lock requires completed" and "how many of those that count"
are one operation on integers each. A slot is free again once its lesson is gone. Completions of
another course's lesson, which only a hand can make, are kept aside as stray pairs.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.domain.rules import member_refusals
from coursetrack.errors import CorruptStore
from coursetrack.repository.catalogue import Catalogue
from coursetrack.repository.journal import Journal

Desk = list[Any]
"""Where a member may learn (course id, or nowhere), since when, and the mask, which moves.

A list, since events look up and move one per completion, and a second table would cost a fifth.
"""

MASK = 2
"""The place of the mask on a desk."""

_NOWHERE = -1
_NOBODY: tuple[int, datetime, int] = (_NOWHERE, datetime.min.replace(tzinfo=UTC), 0)


def desk_of(member: CourseMember, mask: int) -> Desk:
    """The desk of a member: nowhere while standing reasons refuse every event."""
    barred = any(member_refusals(member, member.created_on))
    return [_NOWHERE if barred else member.course_id, member.created_on, mask]


class Desks(dict[int, Desk]):
    """Member id -> desk. Somebody unknown has one nowhere, which nobody completes anything at."""

    __slots__ = ()

    def __missing__(self, _: int) -> Any:
        return _NOBODY


class Pairs:
    """The completed (lesson, member) pairs of a catalogue's lessons and members."""

    __slots__ = ("_lessons", "_members", "_stray", "_used", "bits", "desks")

    def __init__(self, catalogue: Catalogue) -> None:
        self._lessons = catalogue.table(Lesson)
        self._members = catalogue.table(CourseMember)
        self._stray: set[tuple[int, int]] = set()
        self._used: dict[int, int] = {}
        self.bits: dict[int, int] = {}
        """Lesson id -> the lesson's bit in its course."""
        self.desks = Desks()
        """Member id -> desk, for every member."""

    # -- reading

    def holds(self, lesson_id: int, member_id: int) -> bool:
        """Whether this lesson is completed by this member. O(1)."""
        if self._at_home(lesson_id, member_id):
            return self.done(member_id) & self.bits[lesson_id] != 0
        return (lesson_id, member_id) in self._stray

    def done(self, member_id: int) -> int:
        """The bits of the completed lessons of the member's own course."""
        mask: int = self.desks[member_id][MASK]
        return mask

    def mask(self, lesson_ids: Iterable[int]) -> int:
        """The bits of these lessons of one course together."""
        mask = 0
        for lesson_id in lesson_ids:
            mask |= self.bits[lesson_id]
        return mask

    def completed_by(self, member_id: int) -> "CompletedBy":
        """The ids of the lessons that a member has completed, as a container. O(1)."""
        return CompletedBy(self, member_id)

    def _at_home(self, lesson_id: int, member_id: int) -> bool:
        lesson, member = self._lessons.get(lesson_id), self._members.get(member_id)
        return lesson is not None and member is not None and lesson.course_id == member.course_id

    # -- writing

    def add(self, journal: Journal, lesson_id: int, member_id: int) -> None:
        """Makes the pair be completed. O(1)."""
        if self._at_home(lesson_id, member_id):
            mask = self.done(member_id) | self.bits[lesson_id]
            journal.set_item(self.desks[member_id], MASK, mask)
        else:
            journal.include(self._stray, (lesson_id, member_id))

    def fill(self, pairs: Iterable[tuple[int, int]]) -> int | None:
        """Makes pairs of known lessons and members be completed, with no way back.

        Stops at the first one that is completed already and returns its place, else None.
        """
        lessons, members, desks = self._lessons, self._members, self.desks
        slots = {id_: (lessons[id_].course_id, bit) for id_, bit in self.bits.items()}
        homes = {id_: member.course_id for id_, member in members.items()}
        for place, pair in enumerate(pairs):
            lesson_id, member_id = pair
            course_id, bit = slots[lesson_id]
            if course_id == homes[member_id]:
                desk = desks[member_id]
                if desk[MASK] & bit:
                    return place
                desk[MASK] |= bit
            elif pair in self._stray:
                return place
            else:
                self._stray.add(pair)
        return None

    def discard(self, journal: Journal, lesson_id: int, member_id: int) -> None:
        """Makes the pair be not completed. O(1)."""
        if self._at_home(lesson_id, member_id):
            mask = self.done(member_id) & ~self.bits[lesson_id]
            journal.set_item(self.desks[member_id], MASK, mask)
        else:
            journal.exclude(self._stray, (lesson_id, member_id))

    def open_slot(self, journal: Journal, lesson: Lesson) -> None:
        """Gives a lesson, which is completed by nobody, the lowest free bit of its course."""
        used = self._used.get(lesson.course_id, 0)
        bit = ~used & (used + 1)
        journal.put(self.bits, lesson.id, bit)
        journal.put(self._used, lesson.course_id, used | bit)

    def close_slot(self, journal: Journal, lesson: Lesson) -> None:
        """Frees the bit of a lesson that is completed by nobody any more."""
        left = self._used[lesson.course_id] & ~self.bits[lesson.id]
        journal.put(self._used, lesson.course_id, left)
        journal.drop(self.bits, lesson.id)

    def seat(self, journal: Journal, member: CourseMember) -> None:
        """Gives a new or changed member the desk that is right now, with the mask as it was."""
        journal.put(self.desks, member.id, desk_of(member, self.done(member.id)))

    def unseat(self, journal: Journal, member: CourseMember) -> None:
        """Takes the desk of a member away who has completed nothing any more."""
        journal.drop(self.desks, member.id)

    def fork(self, catalogue: Catalogue) -> "Pairs":
        """The same pairs over `catalogue`, which is a fork of this one's. O(members)."""
        other = Pairs(catalogue)
        other._stray = self._stray.copy()
        other._used = self._used.copy()
        other.bits = self.bits.copy()
        other.desks.update({member_id: desk.copy() for member_id, desk in self.desks.items()})
        return other

    # -- proving

    def check(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Proves that exactly these (lesson id, member id) pairs are held, each once."""
        count = 0
        self._check_slots()
        self._check_desks()
        for lesson_id, member_id in pairs:
            count += 1
            if not self.holds(lesson_id, member_id):
                raise CorruptStore(f"lesson {lesson_id} by member {member_id} is not among pairs")
        held = len(self._stray) + sum(desk[MASK].bit_count() for desk in self.desks.values())
        if held != count:
            raise CorruptStore(f"{held} pairs are held for {count} completed lessons")

    def _check_desks(self) -> None:
        if self.desks.keys() != self._members.keys():
            raise CorruptStore("not every member has a desk, or somebody else has")
        for member_id, desk in self.desks.items():
            if desk != desk_of(self._members[member_id], desk[MASK]):
                raise CorruptStore(f"the desk of member {member_id} is stale")

    def _check_slots(self) -> None:
        used: dict[int, int] = {}
        for lesson_id, bit in self.bits.items():
            course_id = self._lessons[lesson_id].course_id
            if bit.bit_count() != 1 or used.get(course_id, 0) & bit:
                raise CorruptStore(f"lesson {lesson_id} has no slot of its own")
            used[course_id] = used.get(course_id, 0) | bit
        if used != {course_id: mask for course_id, mask in self._used.items() if mask}:
            raise CorruptStore("the used slots are not those of the lessons")
        if self.bits.keys() != self._lessons.keys():
            raise CorruptStore("not every lesson has a slot")


class CompletedBy:
    """The lessons that one member has completed: ``lesson_id in …`` is O(1). Live."""

    __slots__ = ("_member_id", "_pairs")

    def __init__(self, pairs: Pairs, member_id: int) -> None:
        self._pairs = pairs
        self._member_id = member_id

    def __contains__(self, lesson_id: object) -> bool:
        """Whether the member has completed this lesson."""
        return isinstance(lesson_id, int) and self._pairs.holds(lesson_id, self._member_id)
