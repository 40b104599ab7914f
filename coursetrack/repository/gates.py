"""The rules compiled for events that come by the million: a gate per lesson, a standing per member.

Both are immutable tuples, made from the pure rules when first asked for and dropped when an entity
changes. They answer the plain case in a few integer operations; whenever they cannot, because
something is unknown, inactive or locked, the course ids differ and the rules are asked in full.
"""

from datetime import UTC, datetime, timedelta

from coursetrack.domain.entities import CourseMember, Coworker, Lesson
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish
from coursetrack.domain.rules import decide, lesson_refusals, member_refusals
from coursetrack.repository.catalogue import Catalogue, Listed
from coursetrack.repository.pairs import Pairs

Gate = tuple[int, type[Event] | None, int, int, timedelta | None]
"""Course id, completing kind of event or None, the lesson's bit, the bits needed, the wait."""

Standing = tuple[int, datetime]
"""Course id and enrolment instant."""

_NO_COURSE, _NO_MEMBER = -1, -2
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_CLOSED: Gate = (_NO_COURSE, None, 0, 0, None)
_NOBODY: Standing = (_NO_MEMBER, _ALWAYS)
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


class Standings(dict[int, Standing]):
    """Member id -> where the member may learn, and since when. Nowhere if blocked or unknown."""

    __slots__ = ("_catalogue",)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def __missing__(self, member_id: int) -> Standing:
        member = self._catalogue.table(CourseMember).get(member_id)
        if member is None:
            return _NOBODY
        standing = self[member_id] = _standing(member)
        return standing


def forget(gates: Gates, standings: Standings, entity: Listed) -> None:
    """Drops all that `entity` may have gone into."""
    if isinstance(entity, CourseMember):
        standings.pop(entity.id, None)
    elif not isinstance(entity, Coworker):
        gates.clear()


def _trigger(lesson: Lesson) -> type[Event] | None:
    """The kind of event that completes `lesson` by itself, as the rules decide it."""
    completing = (type(each) for each in _SAMPLES if decide(lesson, each, None).completes)
    return next(completing, None)


def _standing(member: CourseMember) -> Standing:
    barred = any(member_refusals(member, member.created_on))
    return (_NO_MEMBER if barred else member.course_id), member.created_on
