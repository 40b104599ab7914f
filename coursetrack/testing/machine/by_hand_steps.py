"""Completions by hand and by import."""

from datetime import datetime

import attrs

from coursetrack.domain.entities import (
    CompletedLesson,
    CourseMember,
    Lesson,
)
from coursetrack.domain.values import derived_unique_id
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.side_by_side import SideBySide
from coursetrack.testing.machine.step import Feature, step
from coursetrack.testing.model.expected import same

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DataObject


class ByHandSteps(SideBySide):
    """Completions by hand and by import."""

    @step(Feature.BY_HAND, at=strategies.instants(), by=st.none() | strategies.texts())
    def complete(self, data: DataObject, at: datetime, by: str | None) -> None:
        """Creates a completion whatever the rules say."""
        self.complete_by_hand(data, at, by)

    def complete_by_hand(self, data: DataObject, at: datetime, by: str | None) -> None:
        """Creates a completion of some lesson by some member."""
        lesson_id = data.draw(self.ids(Lesson), label="lesson_id")
        member_id = data.draw(self.ids(CourseMember), label="member_id")
        self.complete_pair(lesson_id, member_id, at, by)

    def complete_pair(self, lesson_id: int, member_id: int, at: datetime, by: str | None) -> None:
        """Creates a completion in both, and compares what came of it."""
        got, wanted = self.both(
            lambda each: each.complete(lesson_id=lesson_id, member_id=member_id, at=at, by=by)
        )
        if wanted.error is None:
            same("what was completed", got.result.completed, wanted.result.completed)

    @step(Feature.BY_HAND, at=strategies.instants(), by=st.none() | strategies.texts())
    def update_completed(self, data: DataObject, at: datetime, by: str | None) -> None:
        """Moves a completion, often to where it is."""
        id = data.draw(self.ids(CompletedLesson), label="id")
        changed = data.draw(
            st.fixed_dictionaries(
                {}, optional={"lesson_id": self.ids(Lesson), "member_id": self.ids(CourseMember)}
            ),
            label="changed",
        )
        self.both(lambda each: each.update_completed(id=id, at=at, by=by, **changed))

    @step(Feature.BY_HAND)
    def delete_completed(self, data: DataObject) -> None:
        """Deletes a completion."""
        id = data.draw(self.ids(CompletedLesson), label="id")
        self.both(lambda each: each.delete_completed(id=id))

    @step(Feature.IMPORTS)
    def import_completed(self, data: DataObject) -> None:
        """Adds a record as another system kept it: own id, instants, system id, custom fields."""
        whose = data.draw(self.ids(CourseMember), label="whose id, where ids go by member")
        ids = st.integers(1, 30) | st.just(self.model.coming_id(whose))
        entity = data.draw(self.some(CompletedLesson, ids), label="record")
        if data.draw(st.booleans(), label="with the unique id of a record to come"):
            ahead = data.draw(st.integers(0, 2), label="how far ahead")
            coming = self.model.coming_id(whose, ahead)
            entity = attrs.evolve(entity, unique_id=derived_unique_id("CompletedLesson", coming))
        self.both(lambda each: each.add(entity))

    @step(Feature.IMPORTS)
    def replace_completed(self, data: DataObject) -> None:
        """Puts another record in a record's place."""
        entity = data.draw(self.some(CompletedLesson, self.ids(CompletedLesson)), label="record")
        self.both(lambda each: each.replace(entity))
