"""Academies: courses, lessons and members whose references all exist, and their strategy."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import attrs

from coursetrack.domain.entities import (
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
)
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.strategies.entities import (
    course_members,
    courses,
    coworkers,
    lessons,
    sections,
)

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Academy:
    """Courses, their lessons, and who is enrolled: entities whose references all exist."""

    courses: tuple[Course, ...] = ()
    sections: tuple[Section, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    coworkers: tuple[Coworker, ...] = ()
    members: tuple[CourseMember, ...] = ()

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All of them in an order in which they can be added."""
        return self.courses + self.sections + self.lessons + self.coworkers + self.members


@st.composite
def academies(
    draw: DrawFn,
    *,
    min_each: int = 0,
    max_courses: int = 2,
    max_sections: int = 5,
    max_lessons: int = 8,
    max_coworkers: int = 4,
    max_members: int = 5,
) -> Academy:
    """Academies whose references are coherent, from an empty one to `max_…` of each kind."""

    def some(most: int, one: Callable[[SearchStrategy[int]], SearchStrategy[T]]) -> tuple[T, ...]:
        count = draw(st.integers(min(min_each, most), most))
        return tuple(draw(one(st.just(number))) for number in range(1, count + 1))

    def each(most: int, one: Callable[[SearchStrategy[int]], SearchStrategy[T]]) -> tuple[T, ...]:
        return some(most if own_courses else 0, one)

    def lesson(id: SearchStrategy[int]) -> SearchStrategy[Lesson]:
        course = draw(course_of)
        return lessons(
            id=id, course_id=st.just(course), section_id=_sections_of(own_sections, course)
        )

    own_courses = some(max_courses, lambda id: courses(id=id))
    # Most of it in one course: what is locked by what shows in a course of some length.
    course_ids = [course.id for course in own_courses] or [1]
    course_of = st.sampled_from([course_ids[0]] * 3 + course_ids)
    own_sections = each(max_sections, lambda id: sections(id=id, course_id=course_of))
    own_lessons = each(max_lessons, lesson)
    own_coworkers = some(max_coworkers, lambda id: coworkers(id=id))
    coworker_of = st.sampled_from([who.id for who in own_coworkers] or [1])
    return Academy(
        courses=own_courses,
        sections=own_sections,
        lessons=own_lessons,
        coworkers=own_coworkers,
        members=each(
            max_members if own_coworkers else 0,
            lambda id: course_members(id=id, course_id=course_of, coworker_id=coworker_of),
        ),
    )


def _sections_of(sections: Iterable[Section], course_id: int) -> SearchStrategy[int | None]:
    return st.sampled_from([None, *(each.id for each in sections if each.course_id == course_id)])
