"""The machine: it passes on the engine, fails on a wrong one, and can be made one's own."""

from typing import Any

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.outcomes import Outcome
from coursetrack.listing import postings
from coursetrack.listing.completed_lessons import CompletedLessons
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.testing.machine import SIZE, Feature, TrackerMachine, check_tracker
from coursetrack.testing.model.model import Model
from coursetrack.tracker import Tracker

SMALL = settings(SIZE, max_examples=8, database=None)
FEW = settings(SMALL, max_examples=5)
FAIL_FAST = settings(SIZE, phases=[Phase.generate], database=None, print_blob=False)


class UsualMachine(TrackerMachine):
    """The machine as it is shipped."""


class ShardMachine(TrackerMachine):
    """A tracker that gives every third id, from 5 on, and knows neither events nor accents."""

    def make_tracker(self) -> Tracker:
        return Tracker(first_id=5, id_step=3, remember_events=0, remember_answers=0, accents=False)

    def make_model(self) -> Model:
        return Model(first_id=5, id_step=3, remember_events=0, accents=False)


class ByMemberMachine(TrackerMachine):
    """A tracker whose ids go by member."""

    def make_tracker(self) -> Tracker:
        return Tracker(ids="by_member", remember_events=2)

    def make_model(self) -> Model:
        return Model(ids="by_member", remember_events=2)


class TinyPiecesMachine(TrackerMachine):
    """A store whose runs are split after three rows, so that every split and merge happens."""

    def __init__(self) -> None:
        self.usual = postings.PieceLimit.piece
        postings.PieceLimit.piece = 3
        super().__init__()

    def teardown(self) -> None:
        postings.PieceLimit.piece = self.usual


UsualMachine.TestCase.settings = settings(SMALL, max_examples=50)
ShardMachine.TestCase.settings = FEW
ByMemberMachine.TestCase.settings = FEW
TinyPiecesMachine.TestCase.settings = settings(SMALL, max_examples=20)

TestUsual = pytest.mark.slow(UsualMachine.TestCase)
TestShard = pytest.mark.slow(ShardMachine.TestCase)
TestByMember = pytest.mark.slow(ByMemberMachine.TestCase)
TestTinyPieces = pytest.mark.slow(TinyPiecesMachine.TestCase)


class Forgetful(Tracker):
    """A tracker that loses its last completed lesson when it is forked."""

    def fork(self) -> Tracker:
        twin = super().fork()
        for record in list(twin.completed_lessons)[-1:]:
            twin.delete_completed(id=record.id)
        return twin


def test_a_wrong_tracker_is_found() -> None:
    with pytest.raises(AssertionError, match=r"got: .*\nexpected: "):
        check_tracker(Forgetful, settings=FAIL_FAST)


class SecondPages:
    """Completed lessons whose second page by UpdatedOn is turned around; all else is as it was."""

    def __init__(self, read: CompletedLessons) -> None:
        self.read = read

    def __getattr__(self, name: str) -> Any:
        return getattr(self.read, name)

    def __len__(self) -> int:
        return len(self.read)

    def __iter__(self) -> Any:
        return iter(self.read)

    def find(self, query: CompletedLessonQuery) -> Any:
        page = self.read.find(query)
        wrong = query.page == 2 and query.order_by == "UpdatedOn"
        return attrs.evolve(page, records=page.records[::-1]) if wrong else page


@pytest.mark.slow
def test_what_goes_wrong_on_a_later_page_alone_is_found() -> None:
    """As it was not, while each run asked for first pages mostly."""

    class Wrong(Tracker):
        @property
        def completed_lessons(self) -> Any:
            return SecondPages(super().completed_lessons)

    with pytest.raises(AssertionError, match=r"UpdatedOn.*page=2.*the order of ids"):
        check_tracker(Wrong, settings=settings(FAIL_FAST, derandomize=True))


@pytest.mark.slow
def test_the_engine_passes_in_one_line() -> None:
    check_tracker(Tracker, settings=SMALL)


@pytest.mark.slow
def test_a_feature_can_be_left_out() -> None:
    class Broken(Tracker):
        def complete(self, **given: Any) -> Outcome:
            raise NotImplementedError

        def snapshot(self) -> Any:
            raise NotImplementedError

    left = frozenset({Feature.QUERIES, Feature.ENTITIES, Feature.PROGRESS})
    check_tracker(Broken, features=left, settings=SMALL)


@pytest.mark.slow
def test_the_machine_can_be_made_ones_own() -> None:
    """Every hook is called, and the service comes back from what it wrote down."""
    seen: list[str] = []

    class Own(TrackerMachine):
        def make_tracker(self) -> Tracker:
            seen.append("make")
            return super().make_tracker()

        def restart(self, tracker: Tracker) -> Tracker:
            seen.append("restart")
            fresh = Tracker.restore(tracker.snapshot())
            assert fresh == tracker
            return fresh

        def before_step(self) -> None:
            seen.append("before")

        def after_step(self) -> None:
            super().after_step()
            seen.append("after")

    # The same runs every time: among a few, chance may leave the restart out.
    run_state_machine_as_test(Own, settings=settings(SMALL, max_examples=15, derandomize=True))
    assert {"make", "restart", "before", "after"} == set(seen)
    assert seen.count("before") < seen.count("after") <= seen.count("before") + seen.count("make")


@pytest.mark.slow
def test_a_restart_that_forgets_is_found() -> None:
    class Restarted(TrackerMachine):
        def restart(self, tracker: Tracker) -> Tracker:
            fresh = Tracker.restore(tracker.snapshot())
            for record in list(fresh.completed_lessons)[-1:]:
                fresh.replace(attrs.evolve(record, updated_by="restart"))
            return fresh

    with pytest.raises(AssertionError, match="the completed lessons"):
        run_state_machine_as_test(Restarted, settings=FAIL_FAST)


def test_records_read_from_a_model_are_the_engines() -> None:
    """The model gives the engine's own values, so an endpoint can be put in front of it."""
    assert all(isinstance(each, CompletedLesson) for each in Model().completed_lessons)


class KeepsTheEditor(Tracker):
    """A tracker that does not forget who wrote a record last."""

    def update_completed(self, *, id: int, by: str | None = None, **given: Any) -> Outcome:
        record = self.completed_lessons.get(id)
        kept = record.updated_by if record else None
        return super().update_completed(id=id, by=by or kept, **given)


class GivesIdsAgain(TrackerMachine):
    """A service that gives the id of its deleted last record again after a restart."""

    def restart(self, tracker: Tracker) -> Tracker:
        next_id = max((each.id for each in tracker.completed_lessons), default=0) + 1
        return Tracker.restore(tracker.snapshot() | {"next_id": next_id})


@pytest.mark.slow
def test_a_writer_that_is_kept_is_found() -> None:
    features = frozenset(Feature) - {Feature.RESTARTS, Feature.FORKS}
    with pytest.raises(AssertionError, match="the completed lessons"):
        check_tracker(KeepsTheEditor, features=features, settings=FAIL_FAST)


@pytest.mark.slow
def test_an_id_that_is_given_again_is_found() -> None:
    with pytest.raises(AssertionError, match="what was completed"):
        run_state_machine_as_test(GivesIdsAgain, settings=FAIL_FAST)


@pytest.mark.parametrize("feature", Feature)
@pytest.mark.slow
def test_each_feature_can_stand_alone(feature: Feature) -> None:
    """With one feature alone, only the methods that it lists are asked for."""
    check_tracker(
        lambda: Only(_METHODS[feature]),
        features=frozenset({feature}),
        settings=settings(SMALL, max_examples=3),
    )


def test_a_machine_without_features_is_refused() -> None:
    with pytest.raises(ValueError, match="features is empty"):
        check_tracker(Tracker, features=frozenset())


_METHODS = {
    Feature.DRY_RUNS: {"refusals"},
    Feature.EVIDENCE: {"reset", "settle"},
    Feature.RECORDED_AT: {"record", "record_many"},
    Feature.ENTITIES: {"add", "replace", "remove", "entities"},
    Feature.EVENTS: {"record", "record_many", "explain"},
    Feature.BY_HAND: {"complete", "update_completed", "delete_completed"},
    Feature.IMPORTS: {"add", "replace"},
    Feature.QUERIES: set[str](),
    Feature.ENDPOINT: {"complete", "update_completed", "delete_completed"},
    Feature.PROGRESS: {"progress", "course_progress", "open_lessons"},
    Feature.WHAT_IF: {"what_if"},
    Feature.VERSIONS: {"version", "add"},
    Feature.RESTARTS: {"snapshot"},
    Feature.FORKS: {"fork", "snapshot"},
    Feature.REPLAY: {"replay"},
}


class Only:
    """A tracker with some of its methods."""

    def __init__(self, methods: set[str], tracker: Tracker | None = None) -> None:
        self.methods = methods | {"add_all", "completed_lessons"}
        self.tracker = tracker or Tracker()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Only) and self.tracker == other.tracker

    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if name not in self.methods:
            raise AttributeError(f"this service has no {name}")
        if name == "fork":
            return lambda: Only(self.methods, self.tracker.fork())
        return getattr(self.tracker, name)
