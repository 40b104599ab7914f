"""Running a machine so that a failure reads: what differs, and the shortest run that shows it.

::

    the completed lessons: record 1 (lesson 1, member 1): updated_by
         got: 'admin'
    expected: None

    after these calls, the shortest run found:

    from datetime import UTC, datetime
    from coursetrack import Course, CourseMember, Coworker, Lesson
    tracker = make_tracker()
    tracker.add_all([Course(id=1, title='a'), ...])
    tracker.complete(lesson_id=1, member_id=1, at=datetime(2025, 1, 1, tzinfo=UTC), by='admin')
    tracker.update_completed(id=1, at=datetime(2025, 1, 1, tzinfo=UTC), by=None)

Making a run shorter is bounded, by :data:`MOST_STEPS` and by the tries of :func:`shortest`: a
failing machine says something within seconds mostly, and within a minute on an ordinary computer.
"""

from collections.abc import Sequence
from typing import Any, NoReturn
from unittest import TestCase

import attrs

from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.side_by_side import SideBySide
from coursetrack.testing.machine.step import SIZE
from coursetrack.testing.machine.story import RESTART, Call, program, shortest, simplest

with needs_hypothesis():
    from hypothesis import settings
    from hypothesis.stateful import run_state_machine_as_test

MOST_STEPS = 200
"""How many steps hypothesis may make to shorten a run that its calls alone do not bring back."""


class _Enough(BaseException):
    """Ends hypothesis' search. No Exception: that would be one more failure to look into."""


@attrs.frozen
class _Failure:
    """A failing run: its calls, what it asked between them, and what went wrong."""

    calls: tuple[Call, ...]
    asked: tuple[Any, ...]
    steps: int
    error: Exception


class _Finder:
    """Keeps the shortest failing run that it is told of, and ends the search when it has cost."""

    def __init__(self) -> None:
        self.best: _Failure | None = None
        self._steps = 0

    def found(self, machine: SideBySide, error: Exception) -> None:
        """Takes note of a run that failed. One that its calls alone bring back is enough."""
        if self.best is not None and len(machine.calls) >= len(self.best.calls):
            return
        asked = tuple(machine.asked)
        self.best = _Failure(tuple(machine.calls), asked, machine.steps, error)
        if _error_of(type(machine), self.best, self.best.calls) is not None:
            raise _Enough

    def count(self) -> None:
        """Counts a step once something has failed."""
        self._steps += self.best is not None
        if self._steps > MOST_STEPS:
            raise _Enough


def run_machine(machine: type[SideBySide], *, settings: settings) -> None:
    """Runs `machine`. Fails with what differs and the shortest run found, as a program."""
    finder = _Finder()
    watched = type(machine.__name__, (machine,), {"finder": finder})
    try:
        run_state_machine_as_test(watched, settings=settings)
    except (Exception, _Enough):
        if finder.best is None:
            raise
        failure = finder.best
    else:
        return
    _tell(machine, failure)


class TestCases:
    """Gives each machine a test case of its own, which runs it with :func:`run_machine`."""

    def __init__(self) -> None:
        self._made: dict[type[Any], type[TestCase]] = {}

    def __get__(self, _: object, machine: type[Any]) -> Any:
        found = self._made.get(machine)
        return self._make(machine) if found is None else found

    def _make(self, machine: type[Any]) -> type[TestCase]:
        class MachineTestCase(TestCase):
            settings = SIZE

            def runTest(self) -> None:  # noqa: N802  (unittest's name)
                run_machine(machine, settings=self.settings)

        MachineTestCase.__name__ = f"{machine.__name__}.TestCase"
        MachineTestCase.__qualname__ = f"{machine.__qualname__}.TestCase"
        MachineTestCase.__module__ = machine.__module__
        self._made[machine] = MachineTestCase
        return MachineTestCase


def _tell(machine: type[SideBySide], failure: _Failure) -> NoReturn:
    """Raises what a failing run comes to, with the calls that are left of it."""
    error = failure.error

    def fails(calls: Sequence[Call]) -> bool:
        nonlocal error
        found = _error_of(machine, failure, calls)
        error = found or error
        return found is not None

    plain = simplest(shortest(failure.calls, fails), fails)
    calls = shortest(plain, fails)  # what plainer values no longer need goes, too
    what = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
    cause = None if isinstance(error, AssertionError) else error
    told = f"{what}\n\nafter these calls, the shortest run found:\n\n{program(calls)}\n"
    raise AssertionError(told) from cause


def _error_of(
    machine: type[SideBySide], failure: _Failure, calls: Sequence[Call]
) -> Exception | None:
    """What goes wrong when only these `calls` are made, and the last questions are asked."""
    run = machine()
    run.asked, run.steps = [*failure.asked], failure.steps
    try:
        for call in calls:
            if call is RESTART:
                run.tracker = run.restart(run.tracker)
            elif call.name:
                run.both(call.on)
        run.compare()
    except Exception as error:
        return error
    finally:
        run.teardown()
    return None
