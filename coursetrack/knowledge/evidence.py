"""What members watched of videos, by member and lesson."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from coursetrack.domain.watched import Watched
from coursetrack.knowledge.undo_log import UndoLog

_NOTHING: Mapping[int, Watched] = MappingProxyType({})


class Evidence:
    """Each (member, lesson) pair's :class:`Watched`, if there is one.

    A member's mapping is never changed but replaced, so that forks share all of them.
    """

    __slots__ = ("_by_member",)

    def __init__(self) -> None:
        self._by_member: dict[int, Mapping[int, Watched]] = {}

    def __len__(self) -> int:
        """How many pairs have something watched. O(members)."""
        return sum(map(len, self._by_member.values()))

    def __iter__(self) -> Iterator[Watched]:
        """All by member id, then lesson id."""
        for member_id in sorted(self._by_member):
            yield from self.of_member(member_id)

    def get(self, member_id: int, lesson_id: int) -> Watched | None:
        """What the member watched of the lesson, or None."""
        return self._by_member.get(member_id, _NOTHING).get(lesson_id)

    def of_member(self, member_id: int) -> tuple[Watched, ...]:
        """All that a member watched, by lesson id."""
        found = self._by_member.get(member_id, _NOTHING)
        return tuple(found[lesson_id] for lesson_id in sorted(found))

    def of_lesson(self, lesson_id: int) -> tuple[Watched, ...]:
        """All that was watched of a lesson, by member id. O(members)."""
        return tuple(
            self._by_member[member_id][lesson_id]
            for member_id in sorted(self._by_member)
            if lesson_id in self._by_member[member_id]
        )

    def put(self, undo_log: UndoLog, before: Watched | None, after: Watched | None) -> None:
        """Replaces `before` by `after`; either may be None. O(lessons watched by the member)."""
        fact = after or before
        assert fact is not None
        found = dict(self._by_member.get(fact.member_id, _NOTHING))
        found.pop(fact.lesson_id, None)
        if after is not None:
            found[fact.lesson_id] = after
        if found:
            undo_log.put(self._by_member, fact.member_id, found)
        else:
            undo_log.drop(self._by_member, fact.member_id)

    def fork(self) -> "Evidence":
        """The same evidence, independent. One copy of a dict of members."""
        other = Evidence()
        other._by_member = self._by_member.copy()
        return other
