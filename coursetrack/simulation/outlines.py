"""A course and its learners as behaviours see them, compiled once for a whole stream."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import attrs

from coursetrack.domain.criteria.criterion import Action, Known, Need
from coursetrack.domain.entities import (
    Course,
    CourseMember,
    Lesson,
    Section,
)
from coursetrack.domain.outline import Outline, outline
from coursetrack.domain.values import as_id, as_instant, as_iterable
from coursetrack.errors import InvalidValue, MissingReference
from coursetrack.simulation.announcements import Announcement
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.whereabouts import OFTEN

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

Opens = datetime | Mapping[int, datetime] | None
"""When courses open: one instant for all, one for each course id, or no matter (None)."""


def whole_second(at: datetime) -> int:
    """The first whole second since 1970 UTC that is not before `at`."""
    return -((_EPOCH - at) // _SECOND)


def instant(second: int) -> datetime:
    """The instant of a whole second since 1970 UTC."""
    return datetime.fromtimestamp(second, UTC)


@attrs.frozen(kw_only=True)
class Step:
    """A lesson that learners of one cohort come by, with the shares that hold for it."""

    lesson: Lesson
    lesson_id: int
    needs: tuple[Need, ...]
    """What is asked of a learner who opens it, by the shortest way."""
    is_clicked: bool
    """Whether that is a click and nothing else."""
    stop: float
    skip: float
    skip_astray: float
    press: float
    press_last: float
    pause: float
    is_pressed: bool
    """Whether it takes a single act besides the visit to complete it."""
    ends_section: bool
    """Whether the next lesson is of another section."""
    due: int | None
    """The second on which that section is due by the plan, where it is not due at once."""


@attrs.frozen(kw_only=True)
class History:
    """What one member did before the simulation goes on: taken from real events."""

    visits: tuple[tuple[int, int], ...] = ()
    """(second, lesson id) of the first visit of each lesson, in order of time."""
    completed: frozenset[int] = frozenset()
    """The lessons on which something was done that completes them."""
    until: int = 0
    """Up to this second, included, everything is known; so nothing else happened."""


@attrs.frozen(kw_only=True)
class Learner:
    """A member of a course, about to act. Times are whole seconds since 1970 UTC."""

    id: int
    member: CourseMember
    since: int
    """Nothing may happen before: the enrolment, or the opening if that comes later."""
    cohort: int
    """The number of the member's cohort in the habits."""
    history: History | None = None


@attrs.frozen(kw_only=True)
class CourseOutline:
    """A course as its learners find it: the domain's outline, and what habits say of each lesson.

    Inactive lessons are not to be seen, and so are not among the steps.
    """

    outline: Outline
    opens: datetime | None
    announcements: tuple[Announcement, ...]
    steps_of_cohort: tuple[tuple[Step, ...], ...] = attrs.field(repr=False)
    usual: tuple[bool, ...] = attrs.field(repr=False)
    """Of each step, whether more learners open the lesson than skip it."""
    places: Mapping[int, int] = attrs.field(repr=False)
    """Lesson id -> its place among the steps, from 0."""

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """The lessons to be seen, in reading order."""
        return tuple(step.lesson for step in self.steps_of_cohort[0])

    def needed_for(self, lesson_id: int) -> tuple[int, ...]:
        """The lessons that must be completed before this one opens, in reading order. O(lessons)"""
        found: set[int] = set()
        waiting = [lesson_id]
        while waiting:
            lesson = self.outline.lesson(waiting.pop())
            locks = self.outline.lesson_lock(lesson), self.outline.section_lock(lesson)
            new = {needed for lock in locks for needed in lock.requires} - found
            found |= new
            waiting.extend(new)
        return tuple(sorted(found, key=self.outline.place))

    def learner(
        self, member: CourseMember, habits: Habits, history: History | None = None
    ) -> Learner:
        """`member` as a learner of this course."""
        enrolled = whole_second(member.created_on)
        opens = enrolled if self.opens is None else whole_second(self.opens)
        return Learner(
            id=member.id,
            member=member,
            since=max(enrolled, opens),
            cohort=habits.cohort_of(enrolled - opens),
            history=history,
        )


def course_outline(
    found: Outline,
    habits: Habits,
    opens: datetime | None = None,
    announcements: Iterable[Announcement] = (),
) -> CourseOutline:
    """The outline of a course for learners with these habits. O(lessons x cohorts)."""
    seen = [lesson for lesson in found.lessons if _is_seen(found, lesson)]
    steps = tuple(
        tuple(_steps(found, seen, habits, number, opens)) for number in range(len(habits.cohorts))
    )
    return CourseOutline(
        outline=found,
        opens=opens,
        announcements=tuple(sorted(announcements, key=lambda each: (each.at, each.id))),
        steps_of_cohort=steps,
        usual=tuple(step.skip < OFTEN for step in steps[0]),
        places=MappingProxyType({lesson.id: place for place, lesson in enumerate(seen)}),
    )


def _is_seen(found: Outline, lesson: Lesson) -> bool:
    section = found.section_of(lesson)
    return lesson.active and (section is None or section.active)


def _steps(
    found: Outline, seen: list[Lesson], habits: Habits, number: int, opens: datetime | None
) -> Iterator[Step]:
    cohort, sections = habits.cohorts[number], 0
    for place, lesson in enumerate(seen):
        known = habits.lessons.get(lesson.title)
        needs = needs_of(lesson)
        actions = [need.action for need in needs]
        follows = seen[place + 1] if place + 1 < len(seen) else lesson
        across = follows.section_id != lesson.section_id
        sections += across
        due = None if opens is None else whole_second(opens) + sections * habits.plan
        stop = cohort.stop_across if across else cohort.stop
        skip = known.skip if known else habits.skip
        general = habits.pause_across if across else habits.pause
        yield Step(
            lesson=lesson,
            lesson_id=lesson.id,
            needs=needs,
            is_clicked=actions == [Action.BUTTON_CLICK],
            stop=known.stop[number] if known else stop[min(place, len(stop) - 1)],
            skip=skip,
            skip_astray=max(skip, habits.skip_astray),
            press=known.press if known else habits.press,
            press_last=known.press_last if known else habits.press_last,
            pause=known.pause if known else general,
            is_pressed=actions in ([Action.BUTTON_CLICK], [Action.VIDEO_FINISH]),
            ends_section=across,
            due=due if across else None,
        )


def needs_of(lesson: Lesson) -> tuple[Need, ...]:
    """What is asked of a learner who has done nothing yet, by the shortest way."""
    return (
        lesson.criterion.missing(Known({}, lesson.video_duration_ms))
        if lesson.criterion.can_be_met
        else ()
    )


class Courses:
    """The courses among some entities, compiled; members are passed through as they come."""

    def __init__(
        self, habits: Habits, opens: Opens = None, announcements: Iterable[Announcement] = ()
    ) -> None:
        self._habits = habits
        self._opens = as_opens(opens)
        self._announcements = tuple(announcements)
        self._outlines: dict[int, CourseOutline] = {}

    def members(self, entities: Iterable[object]) -> Iterator[tuple[CourseMember, CourseOutline]]:
        """Each member among `entities` with the course; courses and lessons come before them."""
        courses: dict[int, Course] = {}
        sections: dict[int, list[Section]] = {}
        lessons: dict[int, list[Lesson]] = {}
        for entity in as_iterable("entities", entities):
            if isinstance(entity, CourseMember):
                yield entity, self._outline(entity, courses, sections, lessons)
            elif isinstance(entity, Course):
                courses[entity.id] = entity
            elif isinstance(entity, Section | Lesson):
                if entity.course_id in self._outlines:
                    raise InvalidValue.of("entities", entity, "lessons and sections before members")
                if isinstance(entity, Section):
                    sections.setdefault(entity.course_id, []).append(entity)
                else:
                    lessons.setdefault(entity.course_id, []).append(entity)

    def _outline(
        self,
        member: CourseMember,
        courses: Mapping[int, Course],
        sections: Mapping[int, list[Section]],
        lessons: Mapping[int, list[Lesson]],
    ) -> CourseOutline:
        id_ = member.course_id
        known = self._outlines.get(id_)
        if known is not None:
            return known
        if id_ not in courses:
            raise MissingReference(f"member {member.id}: there is no course {id_}", value=member)
        made = course_outline(
            outline(courses[id_], sections.get(id_, ()), lessons.get(id_, ())),
            self._habits,
            opening_of(self._opens, id_),
            [each for each in self._announcements if each.course_id in (None, id_)],
        )
        self._outlines[id_] = made
        return made


def opening_of(opens: Opens, course_id: int) -> datetime | None:
    """When a course opens; None where that does not matter."""
    return opens.get(course_id) if isinstance(opens, Mapping) else opens


def as_opens(opens: object) -> Opens:
    """`opens` with each instant in UTC."""
    if isinstance(opens, Mapping):
        return MappingProxyType(
            {as_id("opens", id_): as_instant("opens", at) for id_, at in opens.items()}
        )
    return None if opens is None else as_instant("opens", opens)
