"""A course as its rules see it: lessons in reading order, and what opens each of them.

Reading order: unsectioned lessons first, then sections by `display_order`, lessons by
`display_order` within, ties by id. (decided)

Every lock needs one of two things, and :class:`Lock` states both: some lessons to be completed
(SEQUENTIAL), or some time since the enrolment (TIMED). What a lock requires lies strictly before
it in reading order, so locks cannot form a cycle.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TypeVar, assert_never

import attrs

from coursetrack.domain.entities import Course, Lesson, Section, UnlockType

Value = TypeVar("Value")


@attrs.frozen(kw_only=True)
class Lock:
    """Opens once every lesson of `requires` is completed and `wait` has passed since enrolment."""

    unlock_type: UnlockType = UnlockType.IMMEDIATE
    requires: tuple[int, ...] = ()
    wait: timedelta | None = None


OPEN = Lock()


@attrs.frozen(kw_only=True)
class Outline:
    """The compiled view of one course. Made by :func:`outline`; equal where its facts are."""

    course: Course
    sections: tuple[Section, ...]
    """All sections, by `display_order`, then id."""
    lessons: tuple[Lesson, ...]
    """All lessons in reading order, those that do not count included."""
    countable_ids: tuple[int, ...] = attrs.field(eq=False, repr=False)
    """The ids of the countable lessons in reading order."""
    positions: Mapping[int, int] = attrs.field(eq=False, repr=False)
    """Lesson id -> its place in `lessons`, from 0."""
    section_by_id: Mapping[int, Section] = attrs.field(eq=False, repr=False)
    lesson_locks: Mapping[int, Lock] = attrs.field(eq=False, repr=False)
    """Lesson id -> the lesson's own lock."""
    section_locks: Mapping[int, Lock] = attrs.field(eq=False, repr=False)
    """Section id -> the section's lock, which all its lessons share."""

    def lesson(self, lesson_id: int) -> Lesson:
        """The lesson with this id; a KeyError when the course has none."""
        return self.lessons[self.positions[lesson_id]]

    def place(self, lesson_id: int) -> int:
        """The lesson's place in reading order, from 0; a KeyError when the course has none."""
        return self.positions[lesson_id]

    def section_of(self, lesson: Lesson) -> Section | None:
        """The section that `lesson` is in, or None."""
        return None if lesson.section_id is None else self.section_by_id[lesson.section_id]

    def lesson_lock(self, lesson: Lesson) -> Lock:
        """The lesson's own lock."""
        return self.lesson_locks[lesson.id]

    def section_lock(self, lesson: Lesson) -> Lock:
        """The lock of the lesson's section; an open one for an unsectioned lesson."""
        return OPEN if lesson.section_id is None else self.section_locks[lesson.section_id]

    def is_countable(self, lesson: Lesson) -> bool:
        """Whether it counts for progress and for sequences: see :func:`is_countable`."""
        return is_countable(lesson, self.section_of(lesson))


def is_countable(lesson: Lesson, section: Section | None) -> bool:
    """Whether a lesson counts: required, active, in an active section or none, and trackable."""
    if section is not None and not section.active:
        return False
    return lesson.required and is_trackable(lesson)


def is_trackable(lesson: Lesson) -> bool:
    """Whether an event can complete a lesson as it is: active, with a criterion that can be met."""
    return lesson.active and lesson.criterion.can_be_met


def outline(course: Course, sections: Iterable[Section], lessons: Iterable[Lesson]) -> Outline:
    """The outline of `course`, given all sections and lessons of it in any order. O(L log L)."""
    ordered = tuple(sorted(sections, key=lambda each: (each.display_order, each.id)))
    by_id = {section.id: section for section in ordered}
    reading = _reading_order(ordered, lessons)
    countable = tuple(each for each in reading if is_countable(each, _section(by_id, each)))
    return Outline(
        course=course,
        sections=ordered,
        lessons=reading,
        countable_ids=tuple(lesson.id for lesson in countable),
        positions=_frozen((lesson.id, place) for place, lesson in enumerate(reading)),
        section_by_id=MappingProxyType(by_id),
        lesson_locks=_frozen(_lesson_locks(reading, frozenset(each.id for each in countable))),
        section_locks=_frozen(_section_locks(ordered, countable)),
    )


def _reading_order(sections: tuple[Section, ...], lessons: Iterable[Lesson]) -> tuple[Lesson, ...]:
    places: dict[int | None, int] = {section.id: at for at, section in enumerate(sections)}
    places[None] = -1
    return tuple(
        sorted(lessons, key=lambda each: (places[each.section_id], each.display_order, each.id))
    )


def _lesson_locks(
    reading: tuple[Lesson, ...], countable: frozenset[int]
) -> Iterator[tuple[int, Lock]]:
    previous: tuple[int, ...] = ()
    for lesson in reading:
        yield lesson.id, _lock(lesson, previous)
        if lesson.id in countable:
            previous = (lesson.id,)


def _section_locks(
    sections: tuple[Section, ...], countable: tuple[Lesson, ...]
) -> Iterator[tuple[int, Lock]]:
    within: dict[int | None, list[int]] = {}
    for lesson in countable:
        within.setdefault(lesson.section_id, []).append(lesson.id)
    previous: tuple[int, ...] = ()
    for section in sections:
        yield section.id, _lock(section, previous)
        # An inactive section has no countable lessons, and one without any is looked past.
        previous = tuple(within.get(section.id, ())) or previous


def _lock(entity: Lesson | Section, previous: tuple[int, ...]) -> Lock:
    match entity.unlock_type:
        case UnlockType.IMMEDIATE:
            return OPEN
        case UnlockType.SEQUENTIAL:
            return Lock(unlock_type=UnlockType.SEQUENTIAL, requires=previous)
        case UnlockType.TIMED:
            wait = timedelta(days=entity.unlock_after_days)
            return Lock(unlock_type=UnlockType.TIMED, wait=wait)
        case _:
            assert_never(entity.unlock_type)


def _section(by_id: Mapping[int, Section], lesson: Lesson) -> Section | None:
    return None if lesson.section_id is None else by_id[lesson.section_id]


def _frozen(items: Iterable[tuple[int, Value]]) -> Mapping[int, Value]:
    return MappingProxyType(dict(items))
