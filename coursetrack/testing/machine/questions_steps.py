"""Questions: pages of completions, progress, what is open, what would be."""

from datetime import datetime
from typing import Any

import attrs

from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Entity,
    Lesson,
    Section,
)
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.side_by_side import SideBySide
from coursetrack.testing.machine.step import Feature, step
from coursetrack.testing.model.expected import attempt, same
from coursetrack.testing.model.model import Model
from coursetrack.what_if import DifferenceReason

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DataObject


class QuestionSteps(SideBySide):
    """Questions: pages of completions, progress, what is open, what would be."""

    @step(Feature.QUERIES)
    def find(self, data: DataObject) -> None:
        """Asks a query, and goes on asking it after each later step."""
        query = data.draw(strategies.queries(seen=self.seen()), label="query")
        self.ask_after_each_step(query)

    @step(Feature.QUERIES)
    def find_all_pages(self, data: DataObject) -> None:
        """The pages joined together are the whole list, each row once."""
        query = data.draw(strategies.queries(seen=self.seen()), label="query")
        rows: list[CompletedLesson] = []
        page = self.tracker.completed_lessons.find(attrs.evolve(query, page=1))
        while page.records:
            rows += page.records
            query = attrs.evolve(query, page=page.page_number + 1)
            page = self.tracker.completed_lessons.find(query)
        whole = attrs.evolve(query, page=1, size=10**6)
        same("all pages", rows, list(self.model.completed_lessons.find(whole).records))

    @step(Feature.PROGRESS, at=strategies.instants())
    def look(self, data: DataObject, at: datetime) -> None:
        """Asks for a member's progress and which lessons are open to it."""
        member_id = data.draw(self.ids(CourseMember), label="member_id")
        _, wanted = self.both(lambda each: each.progress(member_id=member_id))
        if wanted.error is None:
            self.compare_member(member_id, at)

    @step(Feature.PROGRESS, at=st.none() | strategies.instants())
    def look_at_all(self, data: DataObject, at: datetime | None) -> None:
        """Asks for the progress of everybody in a course, as it is or as of an instant."""
        course_id = data.draw(st.sampled_from(self.known(Course) or [1]), label="course_id")
        if self.model.one(Course, course_id) is None:
            return
        members = [x.id for x in self.model.all_of(CourseMember) if x.course_id == course_id]
        told = self.tracker.course_progress(course_id=course_id, at=at)
        found = {each.member_id: each for each in told}
        same("the members of a course", sorted(found), members)
        for member_id in members:
            wanted = self.model.progress(member_id=member_id, at=at)
            self.compare_progress(found[member_id], wanted)

    @step(Feature.WHAT_IF, at=strategies.instants())
    def what_if(self, data: DataObject, at: datetime) -> None:
        """Asks what a change of the course would do to its members; nothing happens."""
        kind: type[Entity] = data.draw(
            st.sampled_from([Lesson, Section, CourseMember, Course]), label="kind"
        )
        entity = data.draw(self.some(kind, self.ids(kind)), label="entity")
        then = self.model.fork()
        got = attempt(lambda: self.tracker.what_if(replace=[entity], at=at))
        same("the error raised", got.error, attempt(lambda: then.replace(entity)).error)
        told = {} if got.error else {each.member_id: each for each in got.result.members}
        for member_id in self.known(CourseMember):
            self._compare_what_if(member_id, told.get(member_id), then, at)

    def _compare_what_if(self, member_id: int, told: Any, then: Model, at: datetime) -> None:
        before, after = (each.progress(member_id=member_id) for each in (self.model, then))
        was, now = (_open(each, member_id, at) for each in (self.model, then))
        if told is None:
            same("whom it does not concern", (after, now), (before, was))
            return
        self.compare_progress(told.before, before)
        self.compare_progress(told.after, after)
        found = {each.reason: set[int]() for each in told.differences}
        for each in told.differences:
            found[each.reason].add(each.lesson_id)
        same("what would open", found.get(DifferenceReason.OPENS, set()), now - was)
        if Feature.EVIDENCE in self.features:
            settled = _settled(then, member_id, at) - _settled(self.model, member_id, at)
            same("what settling would complete", found.get(DifferenceReason.ENOUGH, set()), settled)
        same("what would close", found.get(DifferenceReason.CLOSES, set()), was - now)


def _settled(model: Model, member_id: int, at: datetime) -> set[int]:
    """The lessons that settling the member's course would complete for the member."""
    then = model.fork()
    then.settle(course_id=then.need(CourseMember, member_id).course_id, at=at)
    return {
        each.lesson_id
        for each in then.completed_lessons
        if each.member_id == member_id and model.completed_lessons.get(each.id) is None
    }


def _open(model: Model, member_id: int, at: datetime) -> set[int]:
    locks = model.locks(member_id=member_id, at=at)
    return {lesson_id for lesson_id, reasons in locks.items() if not reasons}
