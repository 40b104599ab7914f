"""The rules compiled for events that come by the million: a compiled rule per lesson.

A compiled rule is an immutable tuple, made from the pure rules when first asked for and dropped
when a course changes. With the member's state it answers the plain case in a few integer
operations; whenever it cannot, because somebody is unknown or barred, or something inactive, the
course ids of compiled rule and member state differ, and the rules are asked in full.
"""

from datetime import UTC, datetime, timedelta

from coursetrack.domain.entities import Lesson
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish
from coursetrack.domain.rules import decide, lesson_refusals
from coursetrack.knowledge.completions import Completions
from coursetrack.knowledge.entity_tables import EntityTables

CompiledRule = tuple[int, type[Event] | None, int, int, timedelta | None]
"""Course id, completing kind of event or None, the lesson's bit, the bits needed, the wait."""

_CLOSED: CompiledRule = (-2, None, 0, 0, None)
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_SAMPLES: tuple[Event, ...] = tuple(
    kind(member_id=1, lesson_id=1, at=_ALWAYS) for kind in (PageVisit, ButtonClick, VideoFinish)
)


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
        outline = self._entity_tables.outline(lesson.course_id)
        if any(lesson_refusals(outline, lesson)):
            return _CLOSED
        own, section = outline.lesson_lock(lesson), outline.section_lock(lesson)
        need = self._pairs.mask((*own.requires, *section.requires))
        waits = [lock.wait for lock in (own, section) if lock.wait is not None]
        bit = self._pairs.bits[lesson.id]
        return lesson.course_id, _trigger(lesson), bit, need, max(waits, default=None)


def _trigger(lesson: Lesson) -> type[Event] | None:
    """The kind of event that completes `lesson` by itself, as the rules decide it."""
    completing = (type(each) for each in _SAMPLES if decide(lesson, each, None).completes)
    return next(completing, None)
