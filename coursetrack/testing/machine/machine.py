"""The state machine itself: everything that may happen, in any order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs

from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.entities_steps import EntitySteps
from coursetrack.testing.machine.events_steps import VIDEO
from coursetrack.testing.machine.evidence_steps import EvidenceSteps
from coursetrack.testing.machine.lifetime_steps import LifetimeSteps
from coursetrack.testing.machine.questions_steps import QuestionSteps
from coursetrack.testing.machine.requests_steps import RequestSteps
from coursetrack.testing.machine.running import TestCases, run_machine
from coursetrack.testing.machine.step import SIZE, Feature, watched
from coursetrack.testing.model.model import Model
from coursetrack.testing.strategies import Academy

with needs_hypothesis():
    from hypothesis import settings
    from hypothesis import strategies as st
    from hypothesis.stateful import initialize
    from hypothesis.strategies import DataObject

_PLACES = st.integers(0, 7)
_OWN_ID = VIDEO.id - 1
_DAYS = st.sampled_from([strategies.START + timedelta(days=days) for days in (0, 1, 9)])


class TrackerMachine(EntitySteps, EvidenceSteps, QuestionSteps, RequestSteps, LifetimeSteps):
    """Does the same to a tracker and to the model, in any order, and compares after each step.

    Override `make_tracker` to drive your own service, `make_model` where it remembers more or fewer
    than two event ids or numbers its records in its own way, `restart` to say how it comes back
    after a stop, `criteria` and `own_criteria` for criteria of your own, `before_step` and
    `after_step` to add checks of your own (call ``super()``), `features` to leave parts alone, and
    ``TestCase.settings`` for another size. What `make_tracker` returns needs `add_all`,
    `completed_lessons`, and the methods of :class:`~coursetrack.tracker.Tracker` that
    :class:`Feature` lists for each feature.
    """

    @initialize(
        academy=strategies.academies(min_each=2),
        completed=st.lists(st.tuples(_PLACES, _PLACES, _DAYS), min_size=4, max_size=14),
        data=st.data(),
    )
    def begin(
        self, academy: Academy, completed: list[tuple[int, int, datetime]], data: DataObject
    ) -> None:
        """Every run starts in some academy with a video, some lessons completed already.

        One more lesson has a criterion of your own, if there are any.
        """
        lessons = [attrs.evolve(VIDEO, course_id=academy.members[0].course_id)]
        own = self.own_criteria()
        if own is not None:
            told: dict[str, Any] = {"completion_type": None, "video_coverage": None}
            criterion = data.draw(own, label="criterion")
            lessons.append(attrs.evolve(lessons[0], **told, id=_OWN_ID, criterion=criterion))
        with watched(self):
            self.both(lambda each: each.add_all([*academy.entities, *lessons]))
            for place, other, at in completed if Feature.BY_HAND in self.features else []:
                lesson_id = academy.lessons[place % len(academy.lessons)].id
                member_id = academy.members[other % len(academy.members)].id
                self.complete_pair(lesson_id, member_id, at, "admin" if place % 2 else None)
            self.after_step()

    TestCase: ClassVar[Any] = TestCases()  # type: ignore[misc]
    """The machine as a test case of unittest, for pytest too; its `settings` say how large."""


def check_tracker(
    make_tracker: Callable[[], Any],
    *,
    make_model: Callable[[], Model] = Model,
    features: frozenset[Feature] = frozenset(Feature),
    settings: settings = SIZE,
) -> None:
    """Runs the machine on what `make_tracker` makes; fails with the shortest run that differs.

    `make_model` says what is made: the usual one is of a tracker with the usual arguments. A
    failure says which field of which record differs, and gives the calls that lead there as a
    program. Making it short is bounded; it takes seconds, at most a minute or so.
    """

    if not features:
        raise ValueError(f"features is empty; expected at least one of {list(Feature)}")

    class Machine(TrackerMachine):
        def make_tracker(self) -> Any:
            return make_tracker()

        def make_model(self) -> Model:
            return make_model()

    Machine.features = features
    run_machine(Machine, settings=settings)
