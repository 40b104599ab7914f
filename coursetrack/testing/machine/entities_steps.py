"""Changes of the course and its people: additions, renames, moves, removals."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs

from coursetrack.domain.entities import (
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
)
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.side_by_side import SideBySide
from coursetrack.testing.machine.step import Feature, step

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DataObject

_OUTLINED = st.sampled_from([Lesson, Lesson, Section, CourseMember])
_OUTLINE = (
    *("completion_type", "video_coverage", "criterion", "video_duration"),
    *("active", "display_order", "unlock_type", "unlock_after_days"),
    *("required", "approved", "blocked"),
)


class EntitySteps(SideBySide):
    """Changes of the course and its people: additions, renames, moves, removals."""

    @step(Feature.ENTITIES, kind=st.sampled_from([Lesson, CourseMember, Coworker, Section, Course]))
    def add(self, data: DataObject, kind: type[Entity]) -> None:
        """Adds an entity, whose id may be taken and whose references may be missing."""
        entity = data.draw(self.some(kind, strategies.ids()), label="entity")
        self.both(lambda each: each.add(entity))

    @step(Feature.ENTITIES, kind=st.sampled_from([Lesson, Coworker, CourseMember, Section, Course]))
    def replace(self, data: DataObject, kind: type[Entity]) -> None:
        """Changes one or two fields of an entity: renames, moves, blocks, retires."""
        found = self.model.one(kind, data.draw(self.ids(kind), label="id"))
        if found is None:
            return
        drawn = data.draw(self.some(kind, st.just(found.id)), label="drawn from")
        names = [each.alias for each in attrs.fields(kind) if each.init]
        fields = [name for name in names if name not in ("id", "unique_id")]
        chosen = data.draw(
            st.lists(st.sampled_from(fields), min_size=1, max_size=2), label="fields"
        )
        self._replace(_with(found, drawn, chosen))

    def _replace(self, entity: Entity) -> None:
        self.both(lambda each: each.replace(entity))

    @step(Feature.ENTITIES)
    def rename(self, data: DataObject) -> None:
        """Renames what a record shows, which is then found by its new names only."""
        seen = [(each, names) for each, names in self.seen() if each.lesson_id and each.member_id]
        if not seen:
            return
        record, names = data.draw(st.sampled_from(seen), label="record")
        member = self.model.need(CourseMember, record.member_id)
        shown_by: list[Lesson | Coworker] = [
            self.model.need(Lesson, record.lesson_id),
            self.model.need(Coworker, member.coworker_id),
        ]
        found = data.draw(st.sampled_from(shown_by), label="what")
        drawn = data.draw(self.some(type(found), st.just(found.id)), label="drawn from")
        self._replace(_with(found, drawn, ["title", "full_name", "company_name", "team_names"]))
        for shown in (names, self.model.completed_lessons.joined(record)):
            self.compare_pages(self.by_names(shown))

    @step(Feature.ENTITIES)
    def rearrange(self, data: DataObject) -> None:
        """Changes what comes after what, what is locked and what counts, here and there."""
        for kind in data.draw(st.lists(_OUTLINED, min_size=3, max_size=8), label="kinds"):
            found = self.model.one(kind, data.draw(self.ids(kind), label="id"))
            if found is not None:
                self._rearrange(data, found)

    def _rearrange(self, data: DataObject, found: Entity) -> None:
        drawn = data.draw(self.some(type(found), st.just(found.id)), label="drawn from")
        entity = _with(found, drawn, _OUTLINE)
        if isinstance(entity, Lesson):
            sections = [x.id for x in self.academy.sections if x.course_id == entity.course_id]
            section_id = data.draw(st.sampled_from([None, *sections]), label="section_id")
            entity = attrs.evolve(entity, section_id=section_id)
        self._replace(entity)
        if isinstance(entity, Section) and data.draw(st.booleans(), label="emptied"):
            for lesson in [x for x in self.academy.lessons if x.section_id == entity.id]:
                self._replace(attrs.evolve(lesson, section_id=None))
        if Feature.PROGRESS in self.features:
            for member_id in self.known(CourseMember):
                self.compare_member(member_id, strategies.START + timedelta(days=1))

    @step(Feature.ENTITIES, kind=st.sampled_from([Lesson, CourseMember, Coworker, Section, Course]))
    def remove(self, data: DataObject, kind: type[Entity]) -> None:
        """Removes an entity, which may be missing or still referred to."""
        entity = data.draw(self.some(kind, self.ids(kind)), label="entity")
        self.both(lambda each: each.remove(entity))


_COMPLETES = ("completion_type", "video_coverage", "criterion")
"""What completes a lesson is taken as a whole: one of these may contradict another's."""


def _with(entity: Any, other: Any, names: Sequence[str]) -> Any:
    """`entity` with those of the fields that it has taken from `other`."""
    # By the names under which they are made: a lesson's criterion as it was told.
    has = {each.alias: each.name for each in attrs.fields(type(entity)) if each.init}
    if any(name in _COMPLETES for name in names):
        names = (*names, *_COMPLETES)
    taken = {name: getattr(other, has[name]) for name in names if name in has}
    return attrs.evolve(entity, **taken)
