"""The rules compiled for events that come by the million: a gate per lesson.

A gate is an immutable tuple, made from the pure rules when first asked for and dropped when a
course changes. With the member's desk it answers the plain case in a few integer operations;
whenever it cannot, because somebody is unknown or barred, or something inactive, the course ids
of gate and desk differ, and the rules are asked in full.
"""

from datetime import UTC, datetime, timedelta

from coursetrack.domain.entities import Lesson
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish
from coursetrack.domain.rules import decide, lesson_refusals
from coursetrack.repository.catalogue import Catalogue
from coursetrack.repository.pairs import Pairs

Gate = tuple[int, type[Event] | None, int, int, timedelta | None]
"""Course id, completing kind of event or None, the lesson's bit, the bits needed, the wait."""

_CLOSED: Gate = (-2, None, 0, 0, None)
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_SAMPLES: tuple[Event, ...] = tuple(
    kind(member_id=1, lesson_id=1, at=_ALWAYS) for kind in (PageVisit, ButtonClick, VideoFinish)
)


class Gates(dict[int, Gate]):
    """Lesson id -> its gate. A lesson that is unknown or inactive has the closed gate."""

    __slots__ = ("_catalogue", "_pairs")

    def __init__(self, catalogue: Catalogue, pairs: Pairs) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._pairs = pairs

    def __missing__(self, lesson_id: int) -> Gate:
        lesson = self._catalogue.table(Lesson).get(lesson_id)
        if lesson is None:
            return _CLOSED
        gate = self[lesson_id] = self._compiled(lesson)
        return gate

    def _compiled(self, lesson: Lesson) -> Gate:
        outline = self._catalogue.outline(lesson.course_id)
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
