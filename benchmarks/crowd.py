"""Many members of small courses, and their page visits: what the events benchmark records."""

from datetime import timedelta
from random import Random

from benchmarks.source import Source
from benchmarks.workload import START
from coursetrack.domain.entities import Course, CourseMember, Coworker, Entity, Lesson
from coursetrack.domain.events import PageVisit

LESSONS_EACH = 20
"""Lessons of each course; every member could complete them all."""

_PAIRS_PER_EVENT = 0.55  # so that 46 in 100 visits are the pair's first


def make_crowd(events: int, *, seed: int = 1) -> Source:
    """So many visits in order of time, each of a member to a random lesson of its own course."""
    random = Random(seed)
    members = max(1, int(events * _PAIRS_PER_EVENT / LESSONS_EACH))
    courses = max(1, members // 500)
    visits = []
    for place in range(events):
        member_id = 1 + int(random.random() * members)
        first = (member_id % courses) * LESSONS_EACH
        lesson_id = 1 + first + int(random.random() * LESSONS_EACH)
        at = START + timedelta(seconds=place)
        visits.append(PageVisit(member_id=member_id, lesson_id=lesson_id, at=at))
    return Source("crowd", _entities(members, courses), visits)


def _entities(members: int, courses: int) -> list[Entity]:
    made: list[Entity] = [Course(id=id_ + 1, title=f"Course {id_}") for id_ in range(courses)]
    for id_ in range(courses * LESSONS_EACH):
        course_id = id_ // LESSONS_EACH + 1
        made.append(Lesson(id=id_ + 1, course_id=course_id, title=f"Lesson {id_}"))
    for id_ in range(1, members + 1):
        made.append(Coworker(id=id_, full_name=f"Member {id_}"))
        course_id = id_ % courses + 1
        made.append(CourseMember(id=id_, course_id=course_id, coworker_id=id_, created_on=START))
    return made
