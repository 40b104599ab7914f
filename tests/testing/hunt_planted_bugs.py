"""The whole hunt: the machine as it is shipped finds at least 29 of the 30 planted bugs.

It takes some minutes, so it has a name that pytest does not collect by itself::

    pytest tests/testing/hunt_planted_bugs.py
"""

from hypothesis import Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from coursetrack.testing.machine import SIZE, TrackerMachine
from tests.testing.planted_bugs import BUGS, Bug, planted

# The default size; what is found need not be made small, and every hunt is the same.
HUNT = settings(
    SIZE,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    verbosity=Verbosity.quiet,
    print_blob=False,
)


def is_found(bug: Bug) -> bool:
    """Whether the machine fails while `bug` is in the engine."""
    with planted(bug):
        try:
            run_state_machine_as_test(TrackerMachine, settings=HUNT)
        except Exception:
            return True
    return False


def test_the_machine_finds_the_planted_bugs() -> None:
    assert len(BUGS) == 30
    missed = [bug.name for bug in BUGS if not is_found(bug)]
    assert len(missed) <= 1, missed


def test_the_machine_finds_nothing_in_the_engine() -> None:
    run_state_machine_as_test(TrackerMachine, settings=HUNT)
