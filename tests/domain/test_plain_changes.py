"""Changes as plain values and JSON: what each change says of itself, and none is made for a row."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import Change, PageVisit, Tracker
from coursetrack.domain import rows
from coursetrack.testing import strategies as kit
from tests.tracker.scripts import START, academy


@pytest.mark.slow
@given(
    kit.academies(min_each=1).flatmap(
        lambda x: st.tuples(st.just(x), kit.event_streams(academy=x, max_size=20))
    ),
    st.none() | kit.instants(),
)
def test_they_are_what_each_change_gives(drawn: Any, recorded_at: Any) -> None:
    made, events = drawn
    bulk, single = Tracker(remember_events=3), Tracker(remember_events=3)
    told = [tracker.add_all(made.entities) for tracker in (bulk, single)]
    told += [single.record(event, recorded_at) for event in events]
    for each in (*told, bulk.record_many(events, recorded_at)):
        plain = [change.to_dict() for change in each.changes]
        assert each.plain_changes() == plain
        # The order of the keys too.
        texts = [(change["sequence"], json.dumps(change)) for change in plain]
        assert each.json_changes() == texts
        assert [json.dumps(change) for change in each.plain_changes()] == [x for _, x in texts]
        assert [Change.from_dict(json.loads(text)) for _, text in texts] == [*each.changes]


def test_no_record_is_made_for_what_events_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = academy()
    visits = [PageVisit(member_id=id_, lesson_id=1, at=START) for id_ in (1, 2)]
    tally = tracker.record_many(visits)
    outcome = tracker.fork().record(attrs.evolve(visits[0], lesson_id=2))
    made: list[str] = []
    monkeypatch.setattr(rows, "record_of", lambda row: made.append("a record"))
    monkeypatch.setattr(Change, "__attrs_post_init__", lambda self: made.append("a change"))
    assert len(tally.plain_changes()) == len(tally.json_changes()) == tally.completed == 2
    assert len(outcome.json_changes()) <= 1
    assert not made
