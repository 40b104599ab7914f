"""Events as tuples: what travels comes back equal, whatever the kind."""

import json
import pickle
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import find, given

from coursetrack import Event, InvalidValue, PageVisit, event_from_plain
from coursetrack.domain.kinds import EVENT_KINDS
from coursetrack.testing import strategies as kit
from coursetrack.testing.strategies import START


@given(kit.events())
def test_an_event_comes_back_equal_from_its_tuple(event: Event) -> None:
    plain = event.to_plain()
    assert event_from_plain(plain) == event
    assert event_from_plain(json.loads(json.dumps(plain))) == event
    assert {type(each) for each in plain} <= {int, str, type(None)}
    assert event_from_plain(plain).to_plain() == plain


def test_every_kind_is_reached_and_has_its_own_name() -> None:
    for name, kind in EVENT_KINDS.items():
        event = find(kit.events(), lambda event, kind=kind: type(event) is kind)
        assert event.to_plain()[0] == name


def test_a_tuple_is_half_as_long_as_a_pickled_event() -> None:
    events = [
        PageVisit(member_id=7, lesson_id=id_, at=START + timedelta(seconds=id_))
        for id_ in range(1, 101)
    ]
    plain = [event.to_plain() for event in events]
    assert 2 * len(pickle.dumps(plain)) < len(pickle.dumps(events))


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        (None, "plain: expected a tuple of kind, member, lesson, instant"),
        ("PageVisit", "plain: expected a tuple"),
        (("PageVisit", 1, 2), "plain: expected a tuple"),
        (("PageVist", 1, 2, 3), r"kind: expected one of .* \(did you mean 'PageVisit'\?\)"),
        ((1, 1, 2, 3), "kind: expected one of"),
        (("PageVisit", 1, 2, 3, "id", 5), "4 values, or also an event_id"),
        (("VideoProgress", 1, 2, 3), "4 values, event_id or None, start, end, duration"),
        (("VideoProgress", 1, 2, 3, None, 0, 1.5, 10), "end: expected an integer"),
        (("Scored", 1, 2, 3, None, "1/0", "1/1"), "score: expected an exact number such as"),
        (("Scored", 1, 2, 3, None, 1, "1/1"), "score: expected an exact number such as"),
        (("PageVisit", 0, 2, 3), "member_id: expected an integer from 1"),
        (("PageVisit", 1, "2", 3), "lesson_id: expected an integer from 1"),
        (("PageVisit", 1, 2, 10**18), "at: expected an integer from"),
        (("PageVisit", 1, 2, True), "at: expected an integer from"),
        (("PageVisit", 1, 2, 3, 4), "event_id: expected text"),
    ],
)
def test_what_is_no_event_is_named(plain: Any, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        event_from_plain(plain)
