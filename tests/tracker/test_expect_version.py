"""The version that a caller expects is asked for by every write, right before it starts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coursetrack import (
    Change,
    Course,
    InvalidValue,
    PageVisit,
    SequenceRepeat,
    Tracker,
    VersionConflict,
)
from tests.tracker.scripts import START, academy

EVENT = PageVisit(member_id=1, lesson_id=1, at=START)
COURSE = Course(id=9, title="Nine")

WRITES: dict[str, Callable[[Tracker, Any], object]] = {
    "add": lambda tracker, version: tracker.add(COURSE, expect_version=version),
    "add_all": lambda tracker, version: tracker.add_all([], expect_version=version),
    "record": lambda tracker, version: tracker.record(EVENT, expect_version=version),
    "record_many": lambda tracker, version: tracker.record_many([EVENT], expect_version=version),
    "replay": lambda tracker, version: tracker.replay([], expect_version=version),
    "complete": lambda tracker, version: tracker.complete(
        lesson_id=1, member_id=1, at=START, expect_version=version
    ),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("version", [False, True, "3", 3.0, ()])
def test_what_is_no_integer_is_named(write: str, version: object) -> None:
    tracker = academy()
    with pytest.raises(InvalidValue, match="expect_version: expected an integer"):
        WRITES[write](tracker, version)
    assert tracker == academy()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("version", [-1, 10**5000, -(10**5000)], ids=["-1", "huge", "-huge"])
def test_a_number_of_any_size_is_a_conflict(write: str, version: int) -> None:
    tracker = academy()
    with pytest.raises(VersionConflict, match="expected version"):
        WRITES[write](tracker, version)
    assert tracker == academy()


def writing_first(tracker: Tracker, items: list[Any]) -> Iterator[Any]:
    """The items, once the tracker has been written to by somebody else."""
    tracker.add(Course(id=8, title="Eight"))
    yield from items


@pytest.mark.parametrize(
    "write",
    [
        lambda tracker, **told: tracker.add_all(writing_first(tracker, [COURSE]), **told),
        lambda tracker, **told: tracker.record_many(writing_first(tracker, [EVENT]), **told),
        lambda tracker, **told: tracker.replay(writing_first(tracker, []), **told),
    ],
)
def test_what_a_generator_wrote_is_noticed(write: Callable[..., object]) -> None:
    tracker = academy()
    with pytest.raises(VersionConflict):
        write(tracker, expect_version=tracker.version)
    only_by_the_generator = academy()
    only_by_the_generator.add(Course(id=8, title="Eight"))
    assert tracker == only_by_the_generator


def test_changes_follow_what_a_generator_wrote() -> None:
    tracker = academy()
    change = Change(sequence=tracker.version + 1, after=COURSE)
    with pytest.raises(SequenceRepeat):
        tracker.replay(writing_first(tracker, [change]))
    tracker.replay([Change(sequence=tracker.version + 1, after=COURSE)])
    tracker.check()
