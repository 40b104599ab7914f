"""Evidence: what settles a course after its criteria changed, and what starts a lesson anew."""

from datetime import datetime

from coursetrack.domain.entities import Course, CourseMember, Lesson
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.side_by_side import SideBySide
from coursetrack.testing.machine.step import Feature, step

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DataObject


class EvidenceSteps(SideBySide):
    """Settling and resetting."""

    @step(Feature.EVIDENCE, at=strategies.instants())
    def settle(self, data: DataObject, at: datetime) -> None:
        """Completes whatever the evidence is enough for by now."""
        course_id = data.draw(self.ids(Course), label="course_id")
        self.both(lambda each: each.settle(course_id=course_id, at=at))

    @step(Feature.EVIDENCE)
    def reset(self, data: DataObject) -> None:
        """Has a member start a lesson, or the whole course, anew."""
        member_id = data.draw(self.ids(CourseMember), label="member_id")
        lesson_id = data.draw(self.ids(Lesson) | st.none(), label="lesson_id")
        self.both(lambda each: each.reset(member_id=member_id, lesson_id=lesson_id))
