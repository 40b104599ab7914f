"""Calls of the tracker cut off at some of their places: each happened or it did not.

Every place of every call is ``python -m tests.interrupts --sweep``; here a few are drawn for each,
always the same ones.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import attrs
import pytest

from coursetrack.testing.faults import (
    PACKAGE,
    InjectedFault,
    cut_off,
    cut_off_everywhere,
    cut_off_twice,
    executed_lines,
    executed_places,
)
from tests.cuts import BY_MEMBER, COLD, READS, WRITES, Case, a_tracker, cases
from tests.limits import low_limits

NAMES = [
    *WRITES,
    *(f"{name}, cold" for name in COLD),
    *(f"{name}, ids by member" for name in BY_MEMBER),
    *(f"{name}, {how}" for name in READS for how in ("behind", "cold")),
]


@pytest.fixture(scope="module")
def all_cases() -> Iterator[dict[str, Case]]:
    """Every case by name, while the limits are low."""
    with low_limits():
        yield {case.name: case for case in cases()}


def some(case: Case, many: int, *, finely: bool) -> list[int]:
    """`many` places of a case, its first and last among them."""
    count = case.places(finely=finely)
    drawn = Random(case.name).sample(range(1, count + 1), min(many, count))
    return sorted({1, count, *drawn})


def test_each_case_is_named(all_cases: dict[str, Case]) -> None:
    assert sorted(all_cases) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_call_that_is_cut_off_happened_or_did_not(name: str, all_cases: dict[str, Case]) -> None:
    case = all_cases[name]
    for place in some(case, 3, finely=True):
        case.cut(place, finely=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_wherever_it_is_cut_off(name: str, all_cases: dict[str, Case]) -> None:
    case = all_cases[name]
    for place in some(case, 10, finely=True):
        case.cut(place, finely=True)


WITHOUT_CLEAN_UP = ("a refused event", "take a fork")


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITES)
def test_its_clean_up_may_be_cut_off_as_well(name: str, all_cases: dict[str, Case]) -> None:
    case, points = all_cases[name], 0
    count = case.places(finely=True)
    # From the end, where most is to be taken back, until enough of the clean-up was cut. Not tried
    # are the few places between a raise and what its `except` assigns: no signal strikes there.
    for place in range(count, 0, -max(1, count // 50)):
        again = 1
        while points < 15 and again < 100 and case.cut_twice(place, again, finely=True):
            again, points = 2 * again + 1, points + 1
        if points >= 15:
            break
    assert bool(points) is (name not in WITHOUT_CLEAN_UP)


def test_a_failing_bulk_is_taken_back_by_the_next_call(all_cases: dict[str, Case]) -> None:
    case = all_cases["many events that fail"]
    middle = case.places(finely=False) // 2
    points = 0
    while case.cut_twice(middle, points + 1, finely=False):
        points += 1
    assert points > 20


@pytest.mark.slow
def test_a_delete_that_compacts_is_cut_off_at_every_line(all_cases: dict[str, Case]) -> None:
    case = all_cases["delete, and compact"]
    whole = case.before.fork()
    rows = whole._state.store.table.now.size
    case.call(whole)
    assert whole._state.store.table.now.size < rows
    for place in range(1, case.places(finely=False) + 1):
        case.cut(place, finely=False)


# -- the injector itself


def count_to(number: int) -> int:
    """Executes some lines of this file."""
    total = 0
    for _ in range(number):
        total += 1
    return total


def test_lines_are_counted() -> None:
    here = Path(__file__)
    few, more = (executed_lines(lambda n=n: count_to(n), within=here) for n in (1, 4))
    assert more - few == 6


def test_only_the_packages_lines_count() -> None:
    assert executed_lines(lambda: count_to(3)) == 0


def test_a_call_is_cut_off_where_asked() -> None:
    tracker = a_tracker()
    held = len(tracker.completed_lessons)
    call = partial(WRITES["complete"], tracker)
    assert cut_off(call, at=1)
    assert len(tracker.completed_lessons) == held
    assert not cut_off(call, at=10**6)
    assert len(tracker.completed_lessons) == held + 1


def test_a_fault_is_no_usual_exception() -> None:
    assert not issubclass(InjectedFault, Exception)


def test_a_folder_may_be_relative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PACKAGE.parent)
    call = partial(WRITES["add a course"], a_tracker())
    assert executed_lines(call, within=Path("coursetrack")) > 10


def test_a_folder_in_which_nothing_runs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no line of a file"):
        list(cut_off_everywhere(a_tracker, WRITES["add a course"], within=tmp_path))


def test_lines_are_numbered_from_1() -> None:
    with pytest.raises(ValueError, match="from 1"):
        cut_off(lambda: None, at=0)


@attrs.define
class Two:
    """Two values that one statement stores."""

    one: int = 0
    other: int = 0

    def store(self) -> None:
        """One line, two stores."""
        self.one, self.other = 1, 2


def test_finely_cuts_between_the_stores_of_one_line() -> None:
    here = Path(__file__)
    coarse = {(two.one, two.other) for _, two in cut_off_everywhere(Two, Two.store, within=here)}
    fine = {
        (two.one, two.other)
        for _, two in cut_off_everywhere(Two, Two.store, finely=True, within=here)
    }
    assert coarse == {(0, 0)}
    assert fine == {(0, 0), (1, 0), (1, 2)}
    assert executed_places(Two().store, within=here) == executed_lines(Two().store, within=here)


def clean_up_after(two: Two) -> None:
    """Puts both back where it is cut off, unless that is cut off too."""
    try:
        two.store()
    except BaseException:
        setattr(two, "one", 0)  # noqa: B010
        setattr(two, "other", 0)  # noqa: B010
        raise


def test_a_clean_up_is_cut_off_where_asked() -> None:
    left = []
    for again in (1, 2, 3, 4):
        two = Two()
        call = partial(clean_up_after, two)
        reached = cut_off_twice(call, at=4, again=again, finely=True, within=Path(__file__))
        left.append((two.one, two.other, reached))
    assert left[-1] == (0, 0, False)
    assert (1, 0, True) in left or (0, 0, True) in left
