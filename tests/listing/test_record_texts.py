"""The JSON of rows: what each part of it says, whoever made the record."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coursetrack import CompletedLesson, CompletedLessonQuery, Tracker

START = datetime(2025, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def told(record: CompletedLesson) -> dict[str, object]:
    """A record, as the listing's JSON tells it."""
    tracker = Tracker()
    tracker.add(record)
    [text] = tracker.completed_lessons.find_json().records
    found: dict[str, object] = json.loads(text)
    return found


def record(**given: object) -> CompletedLesson:
    usual = {"id": 5, "lesson_id": 0, "member_id": 0, "created_on": START}
    return CompletedLesson(**{**usual, **given})  # type: ignore[arg-type]


@given(st.datetimes(timezones=st.just(UTC)))
@example(EPOCH)
@example(EPOCH - timedelta(microseconds=1))
@example(LAST)
def test_instants_are_told_in_whole_seconds(at: datetime) -> None:
    shown = at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    assert told(record(created_on=at))["CreatedOn"] == shown


@pytest.mark.parametrize("minute", range(0, 1440, 59))
def test_every_minute_of_a_day(minute: int) -> None:
    at = START + timedelta(minutes=minute)
    assert told(record(created_on=at))["CreatedOn"] == f"{at:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"updated_by": "admin"}, {"UpdatedBy": "admin"}),
        ({"system_id": "SAP 7"}, {"SystemId": "SAP 7"}),
        ({"to_string_text": ""}, {"ToStringText": ""}),
        ({"custom_fields": {"a": [1, None]}}, {"CustomFields": {"a": [1, None]}}),
        ({"localization_details": []}, {"LocalizationDetails": []}),
        ({"updated_on": START + timedelta(days=1)}, {"UpdatedOn": "2025-01-02T00:00:00Z"}),
        ({"unique_id": f"{UUID(int=7)}"}, {"UniqueId": "00000000-0000-0000-0000-000000000007"}),
    ],
)
def test_what_a_hand_gave_is_told_and_the_rest_is_as_usual(
    given: dict[str, object], shown: dict[str, object]
) -> None:
    assert told(record(**given)) == {**told(record()), **shown}


def test_a_query_is_asked_and_without_one_all_is() -> None:
    tracker = Tracker()
    for id_ in (1, 2, 3):
        tracker.add(record(id=id_))
    lists = tracker.completed_lessons
    ids = [json.loads(each)["Id"] for each in lists.find_json().records]
    assert ids == [1, 2, 3]
    [text] = lists.find_json(CompletedLessonQuery(page=2, size=1, direction=-1)).records
    assert json.loads(text)["Id"] == 2
