"""A machine's steps: what each belongs to, what runs around it, and how many there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol

from coursetrack.testing.extra import needs_hypothesis

with needs_hypothesis():
    from hypothesis import HealthCheck, settings
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisException
    from hypothesis.stateful import (
        precondition,
        rule,
    )
    from hypothesis.strategies import SearchStrategy

SIZE = settings(
    max_examples=100,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
"""The machine's default size."""


class Feature(StrEnum):
    """Parts of a tracker that a machine may be told to leave alone."""

    ENTITIES = "entities"
    """`add`, `replace` and `remove` of every kind but completed lessons, and `entities`."""
    EVENTS = "events"
    """`record`, `record_many` and `explain`."""
    DRY_RUNS = "dry_runs"
    """`refusals`, asked before each `record` too."""
    RECORDED_AT = "recorded_at"
    """`recorded_at` of `record`, `record_many` and, with `DRY_RUNS`, of `refusals`."""
    BY_HAND = "by_hand"
    """`complete`, `update_completed` and `delete_completed`."""
    EVIDENCE = "evidence"
    """`settle` and `reset`."""
    IMPORTS = "imports"
    """`add` and `replace` of completed lessons."""
    QUERIES = "queries"
    """`completed_lessons.find`."""
    ENDPOINT = "endpoint"
    """What an :class:`~coursetrack.endpoint.Endpoint` in front of it asks for."""
    PROGRESS = "progress"
    """`progress` and `course_progress`, with and without `at`, and `open_lessons`."""
    WHAT_IF = "what_if"
    """`what_if`."""
    VERSIONS = "versions"
    """`version`, the numbers of changes, and `add` with `expect_version`."""
    RESTARTS = "restarts"
    """`restart` of the machine: the usual one asks for `snapshot` and `restore`."""
    FORKS = "forks"
    """`fork` and `snapshot`."""
    REPLAY = "replay"
    """`replay`, equality, and the `changes` of every call."""


class Finder(Protocol):
    """Who is told how a machine's runs go."""

    def found(self, machine: Any, error: Exception, /) -> None:
        """A step of this machine failed."""

    def count(self) -> None:
        """A step was made."""


@contextmanager
def watched(machine: Any) -> Iterator[None]:
    """Tells the machine's finder, if it has one, of what fails inside, and that a step was made."""
    try:
        yield
    except HypothesisException:
        raise  # a draw that is thrown away, and no failure
    except Exception as error:
        if machine.finder is not None:
            machine.finder.found(machine, error)
        raise
    finally:
        if machine.finder is not None:
            machine.finder.count()


def step(feature: Feature, **drawn: SearchStrategy[Any]) -> Callable[[Any], Any]:
    """A rule that belongs to `feature` and runs between `before_step` and `after_step`."""

    def mark(method: Callable[..., None]) -> Any:
        @wraps(method)
        def run(self: Any, **values: Any) -> None:
            with watched(self):
                self.before_step()
                method(self, **values)
                self.after_step()

        on = precondition(lambda self: feature in self.features)
        # Typed as Any: the overloads of `rule` do not see that no strategy is named "target".
        any_rule: Any = rule
        return on(any_rule(data=st.data(), **drawn)(run))

    return mark
