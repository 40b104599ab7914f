"""The seeded workload of the query and write benchmarks, as entities and plain columns.

At its full size: a million completions in two years, of 2,000 lessons with Zipf popularity in 100
courses, by 50,000 members, who are 20,000 coworkers of 800 companies in 60 teams. A smaller one
has as many lessons and teams, and people in proportion. The titles in `SHARED_TITLES` are given to
a lesson of every course, so to 100 lessons each.

Completions arrive in order of time but for one in a hundred, which is up to a week late; a third
was updated later. Instants are whole seconds, kept as microseconds since 1970.
"""

from array import array
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random

import attrs

from benchmarks.names import full_names
from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson
from coursetrack.domain.values import microseconds

FULL_SIZE = 1_000_000
LESSONS, COURSES, TEAMS = 2_000, 100, 60
MEMBERS, COWORKERS, COMPANIES = 50_000, 20_000, 800
START = datetime(2023, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
SHARED_TITLES = (
    "Welcome",
    "How this course works",
    "Safety first",
    "Self-check",
    "Case study",
    "Further reading",
    "Summary",
    "Final quiz",
    "Your feedback",
    "Goodbye",
)

_SECOND = 1_000_000

Completion = tuple[int, int, int, int, int]
"""Id, lesson id, member id, created and updated in microseconds since 1970."""


@attrs.frozen(slots=False)
class Workload:
    """Entities and completions; row number n has the id n + 1. `late_writes` come after them."""

    courses: Sequence[Course]
    lessons: Sequence[Lesson]
    coworkers: Sequence[Coworker]
    members: Sequence[CourseMember]
    lesson_ids: "array[int]"
    member_ids: "array[int]"
    created: "array[int]"
    updated: "array[int]"
    late_writes: Sequence[Completion]
    popular: Sequence[int]
    """Lesson ids from the most completed on."""

    def __len__(self) -> int:
        return len(self.created)

    def rows(self) -> Iterator[Completion]:
        """All completions in order of arrival."""
        ids = range(1, len(self) + 1)
        return zip(ids, self.lesson_ids, self.member_ids, self.created, self.updated, strict=True)

    @cached_property
    def company_names(self) -> list[str]:
        """The names of all companies that have a coworker, sorted."""
        return sorted({who.company_name for who in self.coworkers if who.company_name})

    @cached_property
    def coworker_of(self) -> dict[int, Coworker]:
        """The coworker behind each member id."""
        by_id = {coworker.id: coworker for coworker in self.coworkers}
        return {member.id: by_id[member.coworker_id] for member in self.members}


def make_workload(size: int, *, seed: int = 1, late_writes: int = 2_000) -> Workload:
    """The workload with `size` completions. O(size): some seconds for a million."""
    random = Random(seed)
    share = size / FULL_SIZE
    coworkers = list(_coworkers(max(50, int(COWORKERS * share)), share, random))
    members = list(_members(max(100, int(MEMBERS * share)), len(coworkers), random))
    popular = random.sample(range(1, LESSONS + 1), LESSONS)
    pairs = _pairs(size + late_writes, popular, len(members), random)
    created = _instants(size, random)
    end = microseconds(START + SPAN)
    late = [
        (size + 1 + place, lesson_id, member_id, end + place * _SECOND, end + place * _SECOND)
        for place, (lesson_id, member_id) in enumerate(pairs[size:])
    ]
    return Workload(
        courses=[Course(id=id_, title=f"Course {id_}") for id_ in range(1, COURSES + 1)],
        lessons=list(_lessons()),
        coworkers=coworkers,
        members=members,
        lesson_ids=array("q", [lesson_id for lesson_id, _ in pairs[:size]]),
        member_ids=array("q", [member_id for _, member_id in pairs[:size]]),
        created=created,
        updated=array("q", [_updated(at, random) for at in created]),
        late_writes=late,
        popular=popular,
    )


def _lessons() -> Iterator[Lesson]:
    per_course = LESSONS // COURSES
    for place in range(LESSONS):
        course, within = divmod(place, per_course)
        if within < len(SHARED_TITLES):
            title = SHARED_TITLES[within]
        else:
            title = f"Topic {(place * 7919) % LESSONS:04} of course {course + 1}"
        yield Lesson(id=place + 1, course_id=course + 1, title=title, display_order=within)


def _coworkers(count: int, share: float, random: Random) -> Iterator[Coworker]:
    companies = max(20, int(COMPANIES * share))
    for id_, full_name in enumerate(full_names(count, random), start=1):
        company = random.randint(1, companies) if random.random() < 0.95 else None
        teams = sorted(random.sample(range(1, TEAMS + 1), random.choice((0, 1, 1, 2))))
        yield Coworker(
            id=id_,
            full_name=full_name,
            company_name=f"Company {company:03} Ltd" if company else None,
            team_names=tuple(f"Team {team:02}" for team in teams),
        )


def _members(count: int, coworkers: int, random: Random) -> Iterator[CourseMember]:
    for id_ in range(1, count + 1):
        yield CourseMember(
            id=id_,
            course_id=random.randint(1, COURSES),
            coworker_id=random.randint(1, coworkers),
            created_on=START,
        )


def _pairs(
    count: int, popular: Sequence[int], members: int, random: Random
) -> list[tuple[int, int]]:
    """So many different pairs; the lesson of rank r is drawn in proportion to 1 / r."""
    weights = list(accumulate(1 / rank for rank in range(1, len(popular) + 1)))
    pairs: dict[tuple[int, int], None] = {}
    while len(pairs) < count:
        lesson_id = popular[bisect(weights, random.random() * weights[-1])]
        pairs[lesson_id, 1 + int(random.random() * members)] = None
    return list(pairs)


def _instants(size: int, random: Random) -> "array[int]":
    start, seconds = microseconds(START), int(SPAN.total_seconds())
    instants = sorted(int(random.random() * seconds) for _ in range(size))
    for place in range(size):
        if random.random() < 0.01:
            instants[place] = max(0, instants[place] - random.randrange(7 * 86_400))
    return array("q", [start + at * _SECOND for at in instants])


def _updated(created: int, random: Random) -> int:
    if random.random() < 2 / 3:
        return created
    return created + random.randrange(1, 90 * 86_400) * _SECOND
