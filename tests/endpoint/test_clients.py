"""Clients as others write them, unchanged, against an embedded host."""

from collections.abc import Iterator
from typing import Any

import pytest

from coursetrack.domain.entities import CompletedLesson, Lesson
from tests.endpoint.worlds import PATH, Caller, at
from tests.endpoint.wsgi import TOKEN, host

httpx = pytest.importorskip("httpx", reason="httpx is not installed")

LESSONS = range(200, 1250)


@pytest.fixture
def caller() -> Caller:
    """1,053 records, so that one page of the largest size does not hold them all."""
    caller = Caller()
    for id_ in LESSONS:
        caller.tracker.add(Lesson(id=id_, course_id=1, title=f"Lesson {id_}"))
        caller.tracker.add(
            CompletedLesson(
                id=id_, lesson_id=id_, member_id=7, created_on=at(f"2025-04-01T00:{id_ % 60:02}:00")
            )
        )
    return caller


@pytest.fixture
def client(caller: Caller) -> Iterator[Any]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx.WSGITransport(app=host(caller))
    with httpx.Client(transport=transport, base_url="http://spaces", headers=headers) as made:
        yield made


def walk(client: Any, **params: Any) -> Iterator[dict[str, Any]]:
    """The loop that most clients have: ask, yield, go on while there is a next page."""
    page = 1
    while True:
        response = client.get(PATH, params={**params, "page": page})
        response.raise_for_status()
        body = response.json()
        yield from body["Records"]
        if not body["HasNextPage"]:
            return
        page = body["CurrentPage"] + 1


def test_a_client_asks_for_everything_at_once_and_walks_on(client: Any) -> None:
    assert client.get(PATH, params={"page": 1, "size": 5000}).json()["PageSize"] == 1000
    ids = [record["Id"] for record in walk(client, size=5000)]
    assert ids == [1, 2, 3, *LESSONS]


def test_a_client_synchronises_from_the_beginning_of_time(client: Any) -> None:
    since = {"from_CourseCompletedLesson_UpdatedOn": "1970-01-01T00:00:00Z"}
    found = list(walk(client, size=100, orderBy="UpdatedOn", dir=1, **since))
    assert len({record["Id"] for record in found}) == 1053
    times = [record["UpdatedOn"] for record in found]
    assert times == sorted(times)


def test_a_client_synchronises_with_an_offset(client: Any) -> None:
    since = {"from_CourseCompletedLesson_UpdatedOn": "2025-04-01T01:59:00+01:00"}
    assert {record["UpdatedOn"] for record in walk(client, **since)} == {"2025-04-01T00:59:00Z"}
    text = "from_CourseCompletedLesson_UpdatedOn=2025-04-01T01:59:00+01:00"
    refused = client.get(f"{PATH}?{text}")
    assert refused.status_code == 400
    assert "%2B" in refused.json()["Message"]


def test_a_client_spells_names_its_own_way_and_sends_more(client: Any) -> None:
    params = {"courseCompletedLesson_CourseLesson": 10, "_": 1736500000, "apiVersion": "2"}
    assert [record["Id"] for record in walk(client, **params)] == [1, 3]
    params = {"COURSECOMPLETEDLESSON_COURSEMEMBER_COWORKER_FULLNAME": "ZOE\u0308"}
    assert [record["Id"] for record in walk(client, **params)] == [3]


def test_a_client_creates_with_extra_keys_and_reads_the_value(client: Any) -> None:
    body = {
        "TypeName": "CourseCompletedLesson",
        "CourseLessonId": 12,
        "CourseMemberId": 8,
        "Id": 0,
        "IsNew": True,
        "CustomFields": {"Data": []},
    }
    value = client.post(PATH, json=body).raise_for_status().json()["Value"]
    assert client.get(f"{PATH}/{value['Id']}").json() == value
    changed = {**value, "CourseLessonId": 11}
    assert client.put(PATH, json=changed).json()["Value"]["CourseLessonTitle"] == "Zo\u00eb's tour"
    assert client.delete(f"{PATH}/{value['Id']}").json()["WasSuccessful"] is True
    assert client.get(f"{PATH}/{value['Id']}").json() == "Not found"


def test_a_client_gets_several_in_its_own_order(client: Any) -> None:
    found = client.get(f"{PATH}/", params={"id": "[203,9999,1]"}).json()
    assert [record["Id"] for record in found] == [203, 1]
