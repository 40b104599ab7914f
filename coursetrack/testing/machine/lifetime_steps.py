"""What happens to a tracker as a whole: restarts, forks, replays."""

import attrs

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import CompletedLesson
from coursetrack.errors import VersionConflict
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.by_hand_steps import ByHandSteps
from coursetrack.testing.machine.events_steps import EventSteps
from coursetrack.testing.machine.step import Feature, step
from coursetrack.testing.machine.story import RESTART, noted
from coursetrack.testing.model.expected import attempt, same

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DataObject


class LifetimeSteps(EventSteps, ByHandSteps):
    """What happens to a tracker as a whole: restarts, forks, replays."""

    @step(Feature.VERSIONS)
    def write_too_late(self, data: DataObject) -> None:
        """Writes for an older version: refused, and nothing happens."""
        entity = data.draw(strategies.courses(), label="course")
        late = attempt(lambda: self.tracker.add(entity, expect_version=self.tracker.version + 1))
        same("the error raised", late.error, VersionConflict)

    @step(Feature.RESTARTS)
    def stop_and_start(self, data: DataObject) -> None:
        """Stops and starts the service, often just after its last record was deleted."""
        by_hand = Feature.BY_HAND in self.features
        records = self.known(CompletedLesson)
        if by_hand and records and data.draw(st.booleans(), label="without the last record"):
            self.both(lambda each: each.delete_completed(id=max(records)))
        self.go_on_with(self.restart(self.tracker), self.model, self.changes)
        self.calls.append(RESTART)
        if by_hand:
            self.complete_by_hand(data, strategies.START, "admin")

    @step(Feature.FORKS)
    def fork(self, data: DataObject) -> None:
        """Forks, and goes on with the fork; the one that is left behind must not notice."""
        self.leave_behind()
        self.go_on_with(self.tracker.fork(), self.model.fork(), self.changes)
        if Feature.EVENTS in self.features:
            self.record_some(data)
            self.watch_some(data)

    @step(Feature.FORKS)
    def switch(self, data: DataObject) -> None:
        """Goes on with the one that was left behind."""
        if self.other:
            tracker, model, changes, before = self.other
            self.leave_behind()
            self.go_on_with(tracker, model, changes)
            same("the one left behind", self.tracker.snapshot(), before)
            self.marks.clear()

    def teardown(self) -> None:
        """Ends a run: what a fork left behind is as it was."""
        if self.other:
            same("the one left behind", self.other[0].snapshot(), self.other[3])

    @step(Feature.REPLAY)
    def replay(self, data: DataObject) -> None:
        """Replays all changes onto an empty tracker, and goes on with that."""
        self.calls.append(noted("all changes so far are replayed onto an empty tracker"))
        fresh = self.make_tracker()
        fresh.replay(self.changes)
        same("the replayed tracker", fresh, self.tracker)
        self.go_on_with(fresh, self.model, self.changes)

    @step(Feature.REPLAY)
    def take_back(self, data: DataObject) -> None:
        """Takes back what the last steps changed, and often makes it again."""
        if not self.marks:
            return
        count, then = data.draw(st.sampled_from(self.marks), label="back to")
        last = self.changes[count:]
        self.calls.append(noted(f"the last {len(last)} changes are taken back, or made again"))
        self._apply([each.inverse() for each in reversed(last)])
        if data.draw(st.booleans(), label="and again"):
            self._apply(last)
            return
        then = then.fork()
        then.give_none_of(self.model)
        self.go_on_with(self.tracker, then, self.changes)

    def _apply(self, changes: list[Change]) -> None:
        numbered = enumerate(changes, len(self.changes) + 1)
        made = [attrs.evolve(each, sequence=sequence) for sequence, each in numbered]
        self.tracker.replay(made)
        self.changes.extend(made)
