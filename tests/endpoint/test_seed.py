"""The seed document's own words: its example comes out equal, its three requests are answered."""

import json

import pytest

from coursetrack.tracker import Tracker
from tests.endpoint.worlds import SEED_RECORD, Caller, filled

EXAMPLE = """{
"Records": [
{
"CourseLessonId": 0,
"CourseLessonTitle": null,
"CourseMemberId": 0,
"CourseMemberCoworkerFullName": null,
"CourseMemberCoworkerCompanyName": null,
"CourseMemberCoworkerTeamNames": null,
"Id": 87654321,
"UpdatedOn": "2025-01-15T10:30:00Z",
"CreatedOn": "2025-01-10T08:00:00Z",
"UniqueId": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
"UpdatedBy": "admin@example.com",
"IsNew": false,
"SystemId": null,
"ToStringText": "CourseCompletedLesson Example",
"LocalizationDetails": null,
"CustomFields": null
}
],
"CurrentPageSize": 15,
"CurrentPage": 1,
"CurrentOrderField": "CreatedOn",
"CurrentSortDirection": 1,
"FirstItem": 1,
"HasNextPage": false,
"HasPreviousPage": false,
"LastItem": 1,
"PageNumber": 1,
"PageSize": 15,
"TotalItems": 1,
"TotalPages": 1
}"""

RANGE = (
    "from_CourseCompletedLesson_UpdatedOn=2025-01-01T00:00"
    "&to_CourseCompletedLesson_UpdatedOn=2025-12-31T23:59&orderBy=UpdatedOn&dir=-1"
)


@pytest.fixture
def seeded() -> Caller:
    return Caller(filled(Tracker(), [SEED_RECORD]))


def test_the_example_comes_out_equal_with_its_keys_in_order(seeded: Caller) -> None:
    response = seeded.get("page=1&size=15&orderBy=CreatedOn&dir=1")
    assert response.status == 200
    expected = json.loads(EXAMPLE)
    assert response.body == expected
    assert json.dumps(response.body) == json.dumps(expected)


def test_the_filter_request_is_answered_with_what_is_wrong_with_its_placeholder() -> None:
    caller = Caller()
    response = caller.get("CourseCompletedLesson_CreatedOn=example-value&orderBy=CreatedOn&dir=1")
    assert response.status == 400
    [error] = response.body["Errors"]
    assert error["PropertyName"] == "CourseCompletedLesson_CreatedOn"
    assert error["AttemptedValue"] == "example-value"
    assert response.body["Message"].startswith("CourseCompletedLesson_CreatedOn: expected a date")
    found = caller.ids("CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00&orderBy=CreatedOn")
    assert found == [2]


def test_the_range_request_finds_what_was_updated_within_it(seeded: Caller) -> None:
    assert seeded.ids(RANGE) == [87654321]
    assert Caller().ids(RANGE) == [2, 3, 1]
    assert Caller().get(RANGE).body["CurrentSortDirection"] == -1


def test_a_record_alone_is_the_list_s_record(seeded: Caller) -> None:
    alone = seeded.get(path="/api/content/coursecompletedlessons/87654321")
    assert alone.body == json.loads(EXAMPLE)["Records"][0]
