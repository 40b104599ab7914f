"""What happened, learner by learner: the one reading of a log that calibration and facts share."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import attrs

from coursetrack.domain.entities import Course, CourseMember, Entity, Lesson, Section
from coursetrack.domain.events import Event, PageVisit, Scored, VideoProgress
from coursetrack.domain.outline import outline
from coursetrack.domain.values import as_iterable
from coursetrack.domain.watched import Watched
from coursetrack.errors import InvalidValue
from coursetrack.simulation.habits import DAY
from coursetrack.simulation.outlines import Opens, as_opens, instant, opening_of, whole_second

SESSION = 1_800
"""A session ends after so many seconds without a visit."""

_STRAYS = 200
_SKIPPED = 2


@attrs.frozen(kw_only=True)
class PastCourse:
    """A course as it was: its lessons that are to be seen, in reading order, and its opening."""

    id: int
    lessons: tuple[Lesson, ...]
    opens: int | None
    """The second at which it opened; None when nobody came."""

    def section_number(self, place: int) -> int:
        """How many sections end before this place. O(lessons)"""
        return sum(self.ends_section(before) for before in range(place))

    def ends_section(self, place: int) -> bool:
        """Whether the lesson there is the last of its section, and another one follows."""
        after = place + 1
        return (
            after < len(self.lessons)
            and self.lessons[after].section_id != self.lessons[place].section_id
        )


class PastStep(NamedTuple):
    """From one first visit to the next: seconds, places, and the places skipped in between.

    Skipped are those in between that had not been opened; where they are more than two, or it goes
    back, the step is a leap and skips nothing.
    """

    second: int
    place: int
    then: int
    target: int
    leaps: bool
    skipped: tuple[int, ...]

    @property
    def rests(self) -> bool:
        """Whether the next visit is of another session."""
        return self.then - self.second > SESSION

    @property
    def rest(self) -> int:
        """How many seconds there are between two sessions; 0 within one."""
        return self.then - self.second if self.rests else 0


@attrs.frozen(kw_only=True)
class PastLife:
    """What one member did in a course. Places are those of the course's lessons, from 0."""

    member: CourseMember
    course: PastCourse
    visits: tuple[tuple[int, int], ...]
    """(second, place) of the first visit of each lesson, in order of time."""
    steps: tuple[PastStep, ...]
    """From each first visit to the next."""
    completed: Mapping[int, int]
    """Place -> the second of the last act that completes the lesson there."""
    coverages: tuple[float, ...] = ()
    """Of each video that was played, the share that was watched."""
    scores: tuple[float, ...] = ()
    """The share of the marks at the first try, of each lesson with a score."""

    @property
    def lag(self) -> int:
        """The seconds from the opening of the course to the enrolment."""
        enrolled = whole_second(self.member.created_on)
        return 0 if self.course.opens is None else enrolled - self.course.opens

    def passed(self) -> Iterator[tuple[int, bool]]:
        """The places that the learner came by step by step, and whether they were skipped."""
        for step in self.steps:
            if not step.leaps:
                yield from ((place, True) for place in step.skipped)
                yield step.target, False

    @property
    def sessions(self) -> int:
        """How many sessions the visits make."""
        seconds = [second for second, _ in self.visits]
        pauses = sum(after - before > SESSION for before, after in pairwise(seconds))
        return pauses + bool(seconds)


def past_lives(
    entities: Iterable[Entity], events: Iterable[Event], opens: Opens = None
) -> list[PastLife]:
    """One life for each member; events of others are passed over. O(events x log events).

    Where `opens` does not tell, a course opens at the start of the UTC day (counted from 1970) on
    which visits are no longer strays: fewer than 1 in 200 came before.
    """
    known = [*as_iterable("entities", entities)]
    members = {each.id: each for each in known if isinstance(each, CourseMember)}
    lessons = {each.id: each for each in known if isinstance(each, Lesson)}
    visited: dict[int, dict[int, int]] = {id_: {} for id_ in members}
    acted: dict[int, dict[int, int]] = {id_: {} for id_ in members}
    films: dict[int, dict[int, Watched]] = {}
    tries: dict[int, dict[int, Scored]] = {}
    for event in as_iterable("events", events):
        if not isinstance(event, Event):
            raise InvalidValue.of("events", event, "an event")
        member, lesson = members.get(event.member_id), lessons.get(event.lesson_id)
        if member is None or lesson is None or lesson.course_id != member.course_id:
            continue
        second = whole_second(event.at)
        if isinstance(event, PageVisit):
            first = visited[member.id]
            first[lesson.id] = min(second, first.get(lesson.id, second))
        else:
            last = acted[member.id]
            last[lesson.id] = max(second, last.get(lesson.id, second))
            if isinstance(event, VideoProgress):
                _watch(films.setdefault(member.id, {}), event)
            elif isinstance(event, Scored):
                tried = tries.setdefault(member.id, {})
                tried[lesson.id] = min(event, tried.get(lesson.id, event), key=_when)
    courses = _courses(known, visited, members, as_opens(opens))
    return [
        attrs.evolve(
            _life(member, courses[member.course_id], visited[id_], acted[id_]),
            coverages=tuple(float(each.coverage) for each in films.get(id_, {}).values()),
            scores=tuple(float(each.share) for each in tries.get(id_, {}).values()),
        )
        for id_, member in members.items()
    ]


def _watch(films: dict[int, Watched], event: VideoProgress) -> None:
    told, known = Watched.of(event), films.get(event.lesson_id)
    if told is not None:
        films[event.lesson_id] = told if known is None else known.merged(told)


def _when(event: Event) -> datetime:
    return event.at


def _life(
    member: CourseMember, course: PastCourse, visited: Mapping[int, int], acted: Mapping[int, int]
) -> PastLife:
    places = {lesson.id: place for place, lesson in enumerate(course.lessons)}
    visits = sorted((second, places[id_]) for id_, second in visited.items() if id_ in places)
    return PastLife(
        member=member,
        course=course,
        visits=tuple(visits),
        steps=tuple(_steps(visits)),
        completed={places[id_]: second for id_, second in acted.items() if id_ in places},
    )


def _steps(visits: Sequence[tuple[int, int]]) -> Iterator[PastStep]:
    opened = set()
    for (second, place), (then, target) in pairwise(visits):
        opened.add(place)
        between: tuple[int, ...] = ()
        if target > place + 1:
            between = tuple(each for each in range(place + 1, target) if each not in opened)
        leaps = target < place or len(between) > _SKIPPED
        yield PastStep(second, place, then, target, leaps, () if leaps else between)


def _courses(
    known: Sequence[Entity],
    visited: Mapping[int, Mapping[int, int]],
    members: Mapping[int, CourseMember],
    opens: Opens,
) -> dict[int, PastCourse]:
    seconds: dict[int, list[int]] = {}
    for id_, member in members.items():
        seconds.setdefault(member.course_id, []).extend(visited[id_].values())
    found = {}
    for course in known:
        if isinstance(course, Course):
            found[course.id] = PastCourse(
                id=course.id,
                lessons=tuple(_seen(course, known)),
                opens=_opening(course.id, seconds.get(course.id, []), opens),
            )
    return found


def _seen(course: Course, known: Sequence[Entity]) -> Iterable[Lesson]:
    made = outline(
        course,
        [each for each in known if isinstance(each, Section) and each.course_id == course.id],
        [each for each in known if isinstance(each, Lesson) and each.course_id == course.id],
    )
    for lesson in made.lessons:
        section = made.section_of(lesson)
        if lesson.active and (section is None or section.active):
            yield lesson


def _opening(course_id: int, seconds: list[int], opens: Opens) -> int | None:
    told = opening_of(opens, course_id)
    if told is not None:
        return whole_second(told)
    if not seconds:
        return None
    seconds.sort()
    day = seconds[len(seconds) // _STRAYS] // DAY * DAY
    while bisect_left(seconds, day + DAY) * _STRAYS < len(seconds):
        day += DAY
    return day


def opening(course: PastCourse) -> datetime | None:
    """The instant at which a course opened; None when nobody came."""
    return None if course.opens is None else instant(course.opens)
