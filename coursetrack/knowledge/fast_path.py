"""The rules compiled for events that come by the million: a compiled rule per lesson.

A compiled rule is an immutable tuple, made from the pure rules when first asked for and dropped
when a course changes. With the member's state it answers the plain case in a few integer
operations; whenever it cannot, because somebody is unknown or barred, or something inactive, the
course ids of compiled rule and member state differ, and the rules are asked in full.
"""

from datetime import timedelta

import attrs

from coursetrack.domain.entities import Course, Lesson, Section, UnlockType
from coursetrack.domain.events import Event, PageVisit
from coursetrack.domain.kinds import EVENT_KINDS
from coursetrack.domain.outline import Outline, outline
from coursetrack.domain.rules import lesson_refusals
from coursetrack.knowledge.completions import Completions
from coursetrack.knowledge.entity_tables import EntityTables


class ToBeJudged:
    """Stands for a trigger where an event may be evidence: the criterion has to be asked."""


Trigger = type[Event] | type[ToBeJudged] | None
CompiledRule = tuple[int, Trigger, int, int, timedelta | None]
"""Course id, completing kind of event or None, the lesson's bit, the bits needed, the wait."""

_CLOSED: CompiledRule = (-2, None, 0, 0, None)

PLAIN_KINDS = frozenset(
    kind for kind in EVENT_KINDS.values() if len(attrs.fields(kind)) == len(attrs.fields(PageVisit))
)
"""The kinds of event that carry nothing but who, what and when: they may be settled here."""


class CompiledRules(dict[int, CompiledRule]):
    """Lesson id -> its compiled rule: the closed one where it is unknown or inactive."""

    __slots__ = ("_entity_tables", "_pairs")

    def __init__(self, entity_tables: EntityTables, pairs: Completions) -> None:
        super().__init__()
        self._entity_tables = entity_tables
        self._pairs = pairs

    def __missing__(self, lesson_id: int) -> CompiledRule:
        lesson = self._entity_tables.table(Lesson).get(lesson_id)
        if lesson is None:
            return _CLOSED
        rule = self[lesson_id] = self._compiled(lesson)
        return rule

    def _compiled(self, lesson: Lesson) -> CompiledRule:
        view = self._outline(lesson)
        if any(lesson_refusals(view, lesson)):
            return _CLOSED
        own, section = view.lesson_lock(lesson), view.section_lock(lesson)
        need = self._pairs.mask((*own.requires, *section.requires))
        waits = [lock.wait for lock in (own, section) if lock.wait is not None]
        bit = self._pairs.bits[lesson.id]
        return lesson.course_id, _trigger(lesson), bit, need, max(waits, default=None)

    def _outline(self, lesson: Lesson) -> Outline:
        """What tells the locks of `lesson`: its course's outline, or one of as little as it takes.

        Only a sequence asks what else there is. So adding lessons and recording events in turn does
        not cost an outline of all lessons each time.
        """
        tables = self._entity_tables
        id_ = lesson.section_id
        sections = () if id_ is None else (tables.table(Section)[id_],)
        if any(each.unlock_type is UnlockType.SEQUENTIAL for each in (lesson, *sections)):
            return tables.outline(lesson.course_id)
        return outline(tables.table(Course)[lesson.course_id], sections, (lesson,))


def _trigger(lesson: Lesson) -> Trigger:
    """The plain kind of event that completes `lesson` alone; None where no plain kind concerns it.

    ToBeJudged where one does that does not complete it alone.
    """
    criterion = lesson.criterion
    if any(
        kind.event in PLAIN_KINDS and kind.event is not criterion.trigger
        for kind in criterion.reads
    ):
        return ToBeJudged
    return criterion.trigger
