"""What JSON tells apart is a change, though Python holds 1, 1.0 and True for equal."""

import json
from enum import Enum
from itertools import combinations
from typing import Any

import attrs
import pytest

from coursetrack import Change, ChangeConflict, CompletedLesson, Course, Tracker
from tests.tracker.scripts import START, academy

ONES: tuple[Any, ...] = (1, 1.0, True, {"done": 1}, {"done": 1.0}, {"done": True}, [1], [[True]])
ZEROS: tuple[Any, ...] = (0, 0.0, -0.0, False, None, [], {}, "", [False], {"": 0}, [[0]])
FIELDS = ("custom_fields", "localization_details")


class Title(str, Enum):  # noqa: UP042  (a StrEnum says its value)
    """Text that says its name when it is asked for its text."""

    WELCOME = "Welcome"


def record(**fields: Any) -> CompletedLesson:
    return CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=START, **fields)


def holding(held: CompletedLesson) -> Tracker:
    tracker = academy()
    tracker.add(held)
    return tracker


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("values", [ONES, ZEROS])
def test_each_is_another_record_and_another_tracker(field: str, values: tuple[Any, ...]) -> None:
    records = [record(**{field: value}) for value in values]
    for one, other in combinations(records, 2):
        assert one != other
        assert holding(one) != holding(other)
    for each in records:
        again = CompletedLesson(**{**vars(each), "unique_id": ""})
        assert (each, hash(each), holding(each)) == (again, hash(again), holding(again))


def test_the_order_of_keys_is_no_difference() -> None:
    assert record(custom_fields={"a": 1, "b": 2}) == record(custom_fields={"b": 2, "a": 1})


@pytest.mark.parametrize("field", FIELDS)
def test_replace_takes_it(field: str) -> None:
    tracker = holding(record(**{field: {"done": 1}}))
    after = record(**{field: {"done": True}})
    (change,) = tracker.replace(after).changes
    told = tracker.snapshot()
    assert told["CompletedLesson"][0][field]["done"] is True
    assert getattr(tracker.completed_lessons.get(1), field)["done"] is True
    assert not tracker.replace(after).changes
    tracker.replay([change.inverse()])
    assert type(getattr(tracker.completed_lessons.get(1), field)["done"]) is int
    tracker.check()


def test_a_replayed_change_starts_from_what_json_tells() -> None:
    tracker = holding(record(custom_fields={"done": 1}))
    before = record(custom_fields={"done": True})
    after = attrs.evolve(before, custom_fields=None)
    with pytest.raises(ChangeConflict):
        tracker.replay([Change(sequence=tracker.version + 1, before=before, after=after)])


def test_text_that_is_an_enumerations_is_stored_as_its_value() -> None:
    tracker = Tracker()
    tracker.add(Course(id=1, title=Title.WELCOME))
    assert tracker.course(1).title == "Welcome"
    assert type(tracker.course(1).title) is str
    assert record(custom_fields={Title.WELCOME: Title.WELCOME}) == record(
        custom_fields={"Welcome": "Welcome"}
    )
    assert Tracker.restore(json.loads(json.dumps(tracker.snapshot()))) == tracker
