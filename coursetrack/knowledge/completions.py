"""Which member has completed which lesson, as bits.

Each lesson has a slot in its course, a bit; each member a state, whose mask has the bits of the
completed lessons of the member's own course::

    lesson 10: 0b001    lesson 11: 0b010    lesson 12: 0b100
    member_states[7] == [1, enrolled, 0b101]    7 has completed lessons 10 and 12 of course 1

So "is it completed", "is all that a lock requires completed" and "how many of those that count"
are one operation on integers each. A slot is free again once its lesson is gone. Completions of
another course's lesson, which only a hand can make, are kept aside as stray pairs.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.domain.rules import member_refusals
from coursetrack.errors import CorruptStore
from coursetrack.knowledge.entity_tables import EntityTables
from coursetrack.knowledge.undo_log import UndoLog

MemberState = list[Any]
"""Where a member may learn (course id, or nowhere), since when, and the mask, which moves.

A list, since events look up and move one per completion, and a second table would cost a fifth.
"""

MASK = 2
"""The place of the mask on a member state."""

_NOWHERE = -1
_NOBODY: Any = (_NOWHERE, datetime.min.replace(tzinfo=UTC), 0)


def member_state_of(member: CourseMember, mask: int) -> MemberState:
    """The member state of a member: nowhere while standing reasons refuse every event."""
    barred = any(member_refusals(member, member.created_on))
    return [_NOWHERE if barred else member.course_id, member.created_on, mask]


Layer = dict[int, Any]
"""Member states as they were when a fork was taken: they never change again."""


class MemberStates(dict[int, MemberState]):
    """Member id -> member state. Somebody unknown is nowhere, and completes nothing there.

    What a fork and its original have in common lies in layers below, the newest first; whoever is
    looked up there is copied up. So a fork copies nothing, and an event looks into one dict::

        layers ()                 {7: [1, on, 0b1], 8: [1, on, 0b0]}    before a fork
        layers ({7: …, 8: …},)    {}                                    after it, on both sides
        layers ({7: …, 8: …},)    {7: [1, on, 0b11]}                    7 completes one more here
        layers ({7: …, 8: …},)    {7: [1, on, 0b11], 8: nobody}         8 is removed here
    """

    __slots__ = ("_layers",)

    def __init__(self, layers: tuple[Layer, ...] = ()) -> None:
        super().__init__()
        self._layers = layers

    def __missing__(self, member_id: int) -> Any:
        for layer in self._layers:
            found = layer.get(member_id)
            if found is not None:
                if found is _NOBODY:
                    break
                state = self[member_id] = found.copy()
                return state
        return _NOBODY  # and not kept: nobody knows how many strangers there are

    def remove(self, undo_log: UndoLog, member_id: int) -> None:
        """Makes this member be nobody. O(layers)."""
        if any(member_id in layer for layer in self._layers):
            undo_log.put(self, member_id, _NOBODY)
        else:
            undo_log.drop(self, member_id)

    def everybody(self) -> dict[int, MemberState]:
        """All states, in a fresh dict. To read only. O(members)."""
        merged: dict[int, MemberState] = {}
        for layer in (*reversed(self._layers), self):
            merged.update(layer)
        return {id_: state for id_, state in merged.items() if state is not _NOBODY}

    def layers(self) -> tuple[Layer, ...]:
        """What two sides may start from that share all of this, which must not change any more.

        A layer is at least twice as large as the one above it: smaller ones are merged. So there
        are O(log members) of them, and merging is O(log members) for each state that was looked up.
        """
        if not self:
            return self._layers
        top: Layer = self
        below = self._layers
        while below and 2 * len(top) >= len(below[0]):
            top, below = {**below[0], **top}, below[1:]
            if not below:
                top = {id_: state for id_, state in top.items() if state is not _NOBODY}
        return (top, *below)


class Completions:
    """The completed (lesson, member) pairs of the lessons and members of entity tables."""

    __slots__ = ("_borrowed", "_entity_tables", "_stray", "_used", "bits", "member_states")

    def __init__(self, entity_tables: EntityTables) -> None:
        self._entity_tables = entity_tables
        self._stray: set[tuple[int, int]] = set()
        self._borrowed = False  # the stray pairs are another's too: copied before a write
        self._used: dict[int, int] = {}
        self.bits: dict[int, int] = {}
        """Lesson id -> the lesson's bit in its course."""
        self.member_states: MemberStates = MemberStates()
        """Member id -> member state, for every member. Another one once a fork was taken."""

    # -- reading

    @property
    def _lessons(self) -> Mapping[int, Lesson]:
        return self._entity_tables.table(Lesson)

    @property
    def _members(self) -> Mapping[int, CourseMember]:
        return self._entity_tables.table(CourseMember)

    def holds(self, lesson_id: int, member_id: int) -> bool:
        """Whether this lesson is completed by this member. O(1)."""
        if self._at_home(lesson_id, member_id):
            return self.done(member_id) & self.bits[lesson_id] != 0
        return (lesson_id, member_id) in self._stray

    def done(self, member_id: int) -> int:
        """The bits of the completed lessons of the member's own course."""
        mask: int = self.member_states[member_id][MASK]
        return mask

    def mask(self, lesson_ids: Iterable[int]) -> int:
        """The bits of these lessons of one course together."""
        mask = 0
        for lesson_id in lesson_ids:
            mask |= self.bits[lesson_id]
        return mask

    def foreign(self, course_id: int) -> tuple[tuple[int, int], ...]:
        """The (lesson id, member id) pairs of which only one is of this course. O(stray pairs)."""
        return tuple(
            (lesson_id, member_id)
            for lesson_id, member_id in self._stray
            if course_id in (self._lessons[lesson_id].course_id, self._members[member_id].course_id)
        )

    def completed_by(self, member_id: int) -> "CompletedBy":
        """The ids of the lessons that a member has completed, as a container. O(1)."""
        return CompletedBy(self, member_id)

    def _at_home(self, lesson_id: int, member_id: int) -> bool:
        lesson, member = self._lessons.get(lesson_id), self._members.get(member_id)
        return lesson is not None and member is not None and lesson.course_id == member.course_id

    # -- writing

    def add(self, undo_log: UndoLog, lesson_id: int, member_id: int) -> None:
        """Makes the pair be completed. O(1)."""
        if self._at_home(lesson_id, member_id):
            mask = self.done(member_id) | self.bits[lesson_id]
            undo_log.set_item(self.member_states[member_id], MASK, mask)
        else:
            self._own()
            undo_log.include(self._stray, (lesson_id, member_id))

    def _own(self) -> None:
        if self._borrowed:
            self._stray = self._stray.copy()
            self._borrowed = False

    def fill(self, pairs: Iterable[tuple[int, int]]) -> int | None:
        """Makes pairs of known lessons and members be completed, with no way back.

        Stops at the first one that is completed already and returns its place, else None.
        """
        lessons, members, member_states = self._lessons, self._members, self.member_states
        self._own()
        slots = {id_: (lessons[id_].course_id, bit) for id_, bit in self.bits.items()}
        homes = {id_: member.course_id for id_, member in members.items()}
        for place, pair in enumerate(pairs):
            lesson_id, member_id = pair
            course_id, bit = slots[lesson_id]
            if course_id == homes[member_id]:
                member_state = member_states[member_id]
                if member_state[MASK] & bit:
                    return place
                member_state[MASK] |= bit
            elif pair in self._stray:
                return place
            else:
                self._stray.add(pair)
        return None

    def discard(self, undo_log: UndoLog, lesson_id: int, member_id: int) -> None:
        """Makes the pair be not completed. O(1)."""
        if self._at_home(lesson_id, member_id):
            mask = self.done(member_id) & ~self.bits[lesson_id]
            undo_log.set_item(self.member_states[member_id], MASK, mask)
        else:
            self._own()
            undo_log.exclude(self._stray, (lesson_id, member_id))

    def open_slot(self, undo_log: UndoLog, lesson: Lesson) -> None:
        """Gives a lesson, which is completed by nobody, the lowest free bit of its course."""
        used = self._used.get(lesson.course_id, 0)
        bit = ~used & (used + 1)
        undo_log.put(self.bits, lesson.id, bit)
        undo_log.put(self._used, lesson.course_id, used | bit)

    def close_slot(self, undo_log: UndoLog, lesson: Lesson) -> None:
        """Frees the bit of a lesson that is completed by nobody any more."""
        left = self._used[lesson.course_id] & ~self.bits[lesson.id]
        if left:
            undo_log.put(self._used, lesson.course_id, left)
        else:
            undo_log.drop(self._used, lesson.course_id)
        undo_log.drop(self.bits, lesson.id)

    def seat(self, undo_log: UndoLog, member: CourseMember) -> None:
        """Gives a new or changed member the state that is right now, with the mask as it was."""
        undo_log.put(self.member_states, member.id, member_state_of(member, self.done(member.id)))

    def unseat(self, undo_log: UndoLog, member: CourseMember) -> None:
        """Takes the member state of a member away who has completed nothing any more."""
        self.member_states.remove(undo_log, member.id)

    def fork(self, entity_tables: EntityTables) -> "Completions":
        """The same pairs over `entity_tables`, which is a fork of this one's. O(lessons).

        Member states are copied one by one, when either side looks them up; stray pairs all at
        once, when either side changes any.
        """
        other, layers = Completions(entity_tables), self.member_states.layers()
        self._borrowed = other._borrowed = True
        other._stray, other._used, other.bits = self._stray, self._used.copy(), self.bits.copy()
        other.member_states = MemberStates(layers)
        self.member_states = MemberStates(layers)  # last: what it was is a layer from here on
        return other

    # -- proving

    def check(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Proves that exactly these (lesson id, member id) pairs are held, each once."""
        count = 0
        self._check_slots()
        self._check_member_states()
        for lesson_id, member_id in pairs:
            count += 1
            if not self.holds(lesson_id, member_id):
                raise CorruptStore(f"lesson {lesson_id} by member {member_id} is not among pairs")
        states = self.member_states.everybody().values()
        held = len(self._stray) + sum(member_state[MASK].bit_count() for member_state in states)
        if held != count:
            raise CorruptStore(f"{held} pairs are held for {count} completed lessons")

    def _check_member_states(self) -> None:
        states = self.member_states.everybody()
        if states.keys() != self._members.keys():
            raise CorruptStore("not every member has a member state, or somebody else has")
        for member_id, member_state in states.items():
            if member_state != member_state_of(self._members[member_id], member_state[MASK]):
                raise CorruptStore(f"the member state of member {member_id} is stale")

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

    def __init__(self, pairs: Completions, member_id: int) -> None:
        self._pairs = pairs
        self._member_id = member_id

    def __contains__(self, lesson_id: object) -> bool:
        """Whether the member has completed this lesson."""
        return isinstance(lesson_id, int) and self._pairs.holds(lesson_id, self._member_id)
