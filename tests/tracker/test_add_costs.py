"""What an add costs does not grow with what is there already, whatever all of it shares.

Counted in calls, and in bytes: who copies what is there allocates as many.
"""

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import count
from types import FrameType
from typing import Any
from uuid import UUID

import pytest

from coursetrack import CompletedLesson, Course, CourseMember, Coworker, Lesson, Tracker
from coursetrack.testing.strategies import START

FEW, MANY = 40, 400


def members_of_one_coworker(id_: int) -> Any:
    return CourseMember(id=id_, course_id=1, coworker_id=1, created_on=START)


def lessons_with_one_title(id_: int) -> Any:
    return Lesson(id=id_ + 10, course_id=1, title="Welcome")


def coworkers_of_one_team(id_: int) -> Any:
    return Coworker(id=id_ + 10, full_name="Ada", company_name="Engines", team_names=("Ops",))


def records_of_one_lesson(id_: int) -> Any:
    return CompletedLesson(
        id=id_,
        lesson_id=1,
        member_id=id_ + 10**6,
        created_on=START,
        unique_id=UUID(int=id_, version=4),
    )


SHAPES = (
    members_of_one_coworker,
    lessons_with_one_title,
    coworkers_of_one_team,
    records_of_one_lesson,
)


def begun(shape: Callable[[int], Any]) -> tuple[Tracker, Iterator[Any]]:
    """A tracker for entities of this shape, and these."""
    tracker = Tracker()
    tracker.add_all([Course(id=1, title="C"), Coworker(id=1, full_name="Ada")])
    tracker.add(Lesson(id=1, course_id=1, title="Welcome"))
    if shape is records_of_one_lesson:
        tracker.add_all(members_of_one_coworker(10**6 + id_) for id_ in range(1, FEW + MANY + 20))
    return tracker, map(shape, count(1))


def calls_of(call: Callable[[], object]) -> int:
    """How many functions `call` enters, those written in C too."""
    seen = 0

    def enter(frame: FrameType, event: str, _: Any) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    usual = sys.getprofile()
    sys.setprofile(enter)
    try:
        call()
    finally:
        sys.setprofile(usual)
    return seen


def bytes_of(call: Callable[[], object]) -> int:
    """The most bytes that `call` holds beyond what was there before."""
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    call()
    _, peak = tracemalloc.get_traced_memory()
    return peak - before


@pytest.mark.parametrize("shape", SHAPES)
def test_an_add_to_many_costs_what_an_add_to_few_does(shape: Callable[[int], Any]) -> None:
    tracker, entities = begun(shape)
    calls, sizes = [], []
    for already in (FEW, MANY):
        tracker.add_all(next(entities) for _ in range(already))
        each = [next(entities) for _ in range(8)]
        calls.append(min(calls_of(lambda x=x: tracker.add(x)) for x in each[:4]))
        tracemalloc.start()
        # The least of some: now and then a table grows.
        sizes.append(min(bytes_of(lambda x=x: tracker.add(x)) for x in each[4:]))
        tracemalloc.stop()
    assert calls[1] <= calls[0] + 4
    assert sizes[1] <= sizes[0] + 1_000
