"""What public clients of the service send, as they send it: each gets what it reads."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from coursetrack.testing import FakeNexudus
from tests.testing.test_fake_siblings import COURSES, COWORKERS, LESSONS, MEMBERS, RECORDS, SECTIONS


@pytest.fixture
def fake() -> FakeNexudus:
    return FakeNexudus(RECORDS)


@pytest.fixture
def basic(fake: FakeNexudus) -> Iterator[httpx.Client]:
    """Signed in by Basic, as most of them are."""
    transport = httpx.WSGITransport(fake.wsgi)
    signed = ("admin@example.com", "password")
    with httpx.Client(transport=transport, base_url=fake.url, auth=signed) as client:
        yield client


def written(answer: httpx.Response) -> Any:
    """What a client goes on with after a write, if it sees that the write worked."""
    told = answer.json()
    assert (answer.status_code, told["WasSuccessful"], told["Errors"]) == (200, True, None)
    return told["Value"]


def test_a_connector_that_asks_for_all_in_one_page_and_writes_flags_as_text(
    fake: FakeNexudus, basic: httpx.Client
) -> None:
    fake.fail_next(409, retry_after=2)
    headers = {"Accept": "application/json", "Content": "application/json"}
    statuses = [basic.get(f"{COWORKERS}?size=1000", headers=headers).status_code for _ in range(2)]
    assert statuses == [409, 200]
    for text, flag in (("false", False), ("True", True)):
        told = written(basic.put(COWORKERS, json={"Id": 1006, "Active": text}))
        assert told["Active"] is flag
    assert written(basic.put(LESSONS, json={"Id": 10, "Active": "false"}))["Active"] is False
    assert not fake.tracker.lesson(10).active
    refused = basic.put(LESSONS, json={"Id": 10, "Active": "no"})
    assert refused.json()["Errors"][0]["Message"] == "expected true or false"


def test_a_client_that_asks_for_notnull_and_refreshes_its_token_on_401(fake: FakeNexudus) -> None:
    transport = httpx.WSGITransport(fake.wsgi)
    with httpx.Client(transport=transport, base_url=fake.url) as client:
        # A body without a content type, and an expiry that is a number.
        form = "grant_type=password&username=admin@example.com&password=password"
        token = client.post("/api/token", content=form).raise_for_status().json()
        assert token["expires_in"] > 0
        for id_, tariff in ((1006, 3), (1007, None)):
            client.put(
                COWORKERS,
                json={"Id": id_, "TariffId": tariff, "TeamIds": "5,6", "Email": "a@example.com"},
                headers={"authorization": f"Bearer {token['access_token']}"},
            ).raise_for_status()
        fake.expire_tokens()
        query = {"page": 1, "size": 25, "orderBy": "Id", "Coworker_Tariff": "notnull"}
        for status in (401, 200):
            headers = {"authorization": f"Bearer {token['access_token']}"}
            answer = client.get(COWORKERS, params=query, headers=headers)
            assert answer.status_code == status
            if status == 401:
                form = f"grant_type=refresh_token&refresh_token={token['refresh_token']}"
                token = client.post("/api/token", content=form).raise_for_status().json()
        page = answer.json()
        assert [each["Id"] for each in page["Records"]] == [1006]
        assert (page["CurrentPage"], page["HasNextPage"], page["TotalItems"]) == (1, False, 1)
        assert page["Records"][0]["TeamIds"].split(",") == ["5", "6"]
        wrong = client.get(COWORKERS, params={"Coworker_Tariff": "any"}, headers=headers)
        assert "expected an id" in wrong.json()["Message"]


def test_a_script_that_signs_in_with_a_client_id(fake: FakeNexudus) -> None:
    transport = httpx.WSGITransport(fake.wsgi)
    with httpx.Client(transport=transport, base_url=fake.url) as client:
        signing = {"grant_type": "password", "username": "admin@example.com"}
        headers = {"accept": "application/json", "client_id": "admin@example.com"}
        answers = [
            client.post("/api/token", data={**signing, "password": word}, headers=headers)
            for word in ("wrong", "password")
        ]
    assert [each.status_code for each in answers] == [400, 200]
    assert "access_token" in answers[1].json()


def test_a_back_office_test_that_builds_a_course(basic: httpx.Client) -> None:
    """It sends all that a form holds, files and names included, and whole records back."""
    form = {"NewImageUrl": None, "ImageFileName": None, "ClearImageFile": False}
    place = {"Active": True, "DisplayOrder": 0, "UnlockType": 1, "UnlockAfterDays": 0, **form}
    section = written(
        basic.post(
            SECTIONS,
            json={"Id": 0, "SectionContents": None, **place, "TypeName": "courseSection"}
            | {"CourseId": 1, "Title": "Week 2"},
        )
    )
    nothing = dict.fromkeys(
        ("SectionId", "SectionDisplayOrder", "SectionTitle", "SummaryText", "LessonContents")
    )
    lesson = written(
        basic.post(
            LESSONS,
            json={**nothing, **place, "CompletionType": 2, "TypeName": "courseLesson"}
            | {"CourseId": 1, "Title": "Videos", "SectionId": section["Id"]},
        )
    )
    assert (lesson["SectionId"], lesson["SectionTitle"]) == (section["Id"], "Week 2")
    assert (lesson["CompletionType"], lesson["UnlockType"]) == (2, 1)
    course = basic.get(f"{COURSES}/1").json()
    written(basic.put(COURSES, json={**course, "ShowInHomePage": True, "TypeName": "course"}))
    again = basic.get(f"{COURSES}/1").json()
    assert again == {
        **course, "ShowInHomePage": True, "UpdatedOn": again["UpdatedOn"],
        "UpdatedBy": "admin@example.com",
    }  # fmt: skip
    body = {"Approved": True, "Blocked": False, "CourseId": 1, "CoworkerId": 1007}
    assert written(basic.post(MEMBERS, json=body))["CoworkerFullName"] == "Charles Babbage"
    for page in ("1", "2"):  # its lists are walked with the other spelling of ascending
        query = {"page": page, "size": "1", "orderBy": "Title", "dir": "0"}
        assert basic.get(COURSES, params=query).json()["HasNextPage"] is (page == "1")
    query = {"courselesson_Course": "1", "from_courselesson_CreatedOn": "2020-01-01"}
    assert basic.get(LESSONS, params={**query, "size": "5000"}).json()["TotalItems"] == 3
    assert basic.get(f"{COURSES}/99").status_code == 404
    assert basic.post(f"{COURSES}/runCommand", json={"Ids": [1]}).status_code >= 400


def test_an_import_that_reads_pages_while_there_are_more(basic: httpx.Client) -> None:
    found, number = [], 1
    while True:
        query = {"size": 1, "page": number, "Coworker_FullName": "a", "_": "1700000000"}
        page = basic.get(COWORKERS, params=query).json()
        found += page["Records"]
        if page["CurrentPage"] >= page["TotalPages"]:
            break
        number += 1
    assert [each["FullName"] for each in found] == ["Ada Lovelace", "Charles Babbage"]
    sorted_by = {"orderBy": "FullName", "dir": "Ascending", "size": "50"}
    assert basic.get(COWORKERS, params=sorted_by).json()["Records"] == found


def test_a_door_sync_that_reads_a_coworker_and_sends_it_back_changed(basic: httpx.Client) -> None:
    coworker = basic.get(f"{COWORKERS}/1007").json()
    assert coworker["CoworkerContractIds"] is None
    told = written(basic.put(COWORKERS, json={**coworker, "Active": False, "UserId": 55}))
    assert (told["Active"], told["KeyFobNumber"]) == (False, None)
    assert basic.get(COWORKERS, params={"Coworker_User": "55"}).json()["Records"] == [told]
    answer = basic.post(f"{COWORKERS}?_depth=25", json={"FullName": "Bea", "Email": "b@e.example"})
    assert answer.json()["Status"] == 200
