"""Which member has completed which lesson, as bits.

Each lesson has a slot in its course, a bit; each member a mask, whose bits are the completed
lessons of the member's own course::

    lesson 10: 0b001    lesson 11: 0b010    lesson 12: 0b100
    done[7] == 0b101                        member 7 has completed lessons 10 and 12

So "is it completed", "is all that a lock requires completed" and "how many of those that count"
are one operation on integers each. A slot is free again once its lesson is gone. Completions of
another course's lesson, which only a hand can make, are kept aside as stray pairs.
"""

from collections.abc import Iterable

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.errors import CorruptStore
from coursetrack.repository.catalogue import Catalogue
from coursetrack.repository.journal import Journal


class Pairs:
    """The completed (lesson, member) pairs of a catalogue's lessons and members."""

    __slots__ = ("_lessons", "_members", "_stray", "_used", "bits", "done")

    def __init__(self, catalogue: Catalogue) -> None:
        self._lessons = catalogue.table(Lesson)
        self._members = catalogue.table(CourseMember)
        self._stray: set[tuple[int, int]] = set()
        self._used: dict[int, int] = {}
        self.bits: dict[int, int] = {}
        """Lesson id -> the lesson's bit in its course."""
        self.done: dict[int, int] = {}
        """Member id -> the bits of the completed lessons of the member's course; or absent."""

    # -- reading

    def holds(self, lesson_id: int, member_id: int) -> bool:
        """Whether this lesson is completed by this member. O(1)."""
        if self._at_home(lesson_id, member_id):
            return self.done.get(member_id, 0) & self.bits[lesson_id] != 0
        return (lesson_id, member_id) in self._stray

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
            mask = self.done.get(member_id, 0) | self.bits[lesson_id]
            journal.put(self.done, member_id, mask)
        else:
            journal.include(self._stray, (lesson_id, member_id))

    def fill(self, pairs: Iterable[tuple[int, int]]) -> int | None:
        """Makes pairs of known lessons and members be completed, with no way back.

        Stops at the first one that is completed already and returns its place, else None.
        """
        lessons, members, done = self._lessons, self._members, self.done
        slots = {id_: (lessons[id_].course_id, bit) for id_, bit in self.bits.items()}
        homes = {id_: member.course_id for id_, member in members.items()}
        for place, pair in enumerate(pairs):
            lesson_id, member_id = pair
            course_id, bit = slots[lesson_id]
            if course_id == homes[member_id]:
                mask = done.get(member_id, 0)
                if mask & bit:
                    return place
                done[member_id] = mask | bit
            elif pair in self._stray:
                return place
            else:
                self._stray.add(pair)
        return None

    def discard(self, journal: Journal, lesson_id: int, member_id: int) -> None:
        """Makes the pair be not completed. O(1)."""
        if self._at_home(lesson_id, member_id):
            mask = self.done.get(member_id, 0) & ~self.bits[lesson_id]
            journal.put(self.done, member_id, mask)
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

    def forget_member(self, journal: Journal, member_id: int) -> None:
        """Drops the mask of a member who has completed nothing any more."""
        journal.drop(self.done, member_id)

    def fork(self, catalogue: Catalogue) -> "Pairs":
        """The same pairs over `catalogue`, which is a fork of this one's. Copies in C."""
        other = Pairs(catalogue)
        other._stray = self._stray.copy()
        other._used = self._used.copy()
        other.bits = self.bits.copy()
        other.done = self.done.copy()
        return other

    # -- proving

    def check(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Proves that exactly these (lesson id, member id) pairs are held, each once."""
        count = 0
        self._check_slots()
        for lesson_id, member_id in pairs:
            count += 1
            if not self.holds(lesson_id, member_id):
                raise CorruptStore(f"lesson {lesson_id} by member {member_id} is not among pairs")
        held = len(self._stray) + sum(mask.bit_count() for mask in self.done.values())
        if held != count:
            raise CorruptStore(f"{held} pairs are held for {count} completed lessons")

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
