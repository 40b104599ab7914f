"""The evidence of what members did on lessons, by member, lesson and kind."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from coursetrack.domain.criteria.criterion import EvidenceByKind
from coursetrack.domain.evidence import Evidence
from coursetrack.knowledge.undo_log import UndoLog

_NOBODY: Mapping[int, EvidenceByKind] = MappingProxyType({})
_NOTHING: EvidenceByKind = MappingProxyType({})


class EvidenceTable:
    """What is kept for each (member, lesson) pair: at most one :class:`Evidence` of each kind.

    A member's mappings are never changed but replaced, so that forks share all of them.
    """

    __slots__ = ("_borrowed", "_by_member")

    def __init__(self) -> None:
        self._by_member: dict[int, Mapping[int, EvidenceByKind]] = {}
        self._borrowed = False

    def __len__(self) -> int:
        """How many pieces of evidence there are. O(pairs)."""
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Evidence]:
        """All by member id, then lesson id, then kind."""
        for member_id in sorted(self._by_member):
            yield from self.of_member(member_id)

    def get(self, evidence: Evidence) -> Evidence | None:
        """The piece of the same member, lesson and kind, or None."""
        return self.of_pair(evidence.member_id, evidence.lesson_id).get(type(evidence))

    def of_pair(self, member_id: int, lesson_id: int) -> EvidenceByKind:
        """What is kept for one member and one lesson, by kind. O(1)."""
        return self._by_member.get(member_id, _NOBODY).get(lesson_id, _NOTHING)

    def by_lesson(self, member_id: int) -> Mapping[int, EvidenceByKind]:
        """What is kept for one member, by lesson id, then kind. O(1)."""
        return self._by_member.get(member_id, _NOBODY)

    def of_member(self, member_id: int) -> tuple[Evidence, ...]:
        """All that is kept for a member, by lesson id, then kind."""
        found = self.by_lesson(member_id)
        return tuple(each for lesson_id in sorted(found) for each in in_order(found[lesson_id]))

    def of_lesson(self, lesson_id: int) -> tuple[Evidence, ...]:
        """All that is kept for a lesson, by member id, then kind. O(members)."""
        return tuple(
            each
            for member_id in sorted(self._by_member)
            for each in in_order(self.of_pair(member_id, lesson_id))
        )

    def put(self, undo_log: UndoLog, before: Evidence | None, after: Evidence | None) -> None:
        """Replaces `before` by `after`; either may be None. O(lessons kept for the member)."""
        fact = after or before
        assert fact is not None
        if self._borrowed:
            self._by_member = self._by_member.copy()
            self._borrowed = False
        lessons = dict(self.by_lesson(fact.member_id))
        kinds = dict(lessons.pop(fact.lesson_id, _NOTHING))
        kinds.pop(type(fact), None)
        if after is not None:
            kinds[type(fact)] = after
        if kinds:
            lessons[fact.lesson_id] = kinds
        if lessons:
            undo_log.put(self._by_member, fact.member_id, lessons)
        else:
            undo_log.drop(self._by_member, fact.member_id)

    def fork(self) -> "EvidenceTable":
        """The same evidence, independent. O(1); the next write to either side copies a dict."""
        other = EvidenceTable()
        self._borrowed = other._borrowed = True
        other._by_member = self._by_member
        return other


def in_order(evidence: EvidenceByKind) -> list[Evidence]:
    """What is kept for one pair, by the name of the kind."""
    return sorted(evidence.values(), key=lambda each: type(each).__name__)
