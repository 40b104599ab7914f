"""The other five operations: what they answer, and that a refused one changes nothing."""

import json
from datetime import datetime
from typing import Any

import pytest

from coursetrack.endpoint import Principal, Reason
from coursetrack.tracker import Tracker
from tests.endpoint.worlds import NOW, PATH, Caller, filled, problems_in, state_of

FREE = {"CourseLessonId": 12, "CourseMemberId": 8}


@pytest.fixture
def caller() -> Caller:
    return Caller()


# -- paths and methods


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/api",
        "/api/content",
        "/api/content/coursecompletedlesson",
        "/api/content/coursecompletedlessonsx",
        "/api/content/coursecompletedlessons/1/2",
        "/api/content/coursecompletedlessons//",
        "/api/content/coursecompletedlessons//1",
        "api/content/coursecompletedlessons",
        "/api/content/cour\u017fecompletedlessons",
        "/api/content/coursecompletedle\u017fsons",
        None,
        7,
        b"/api/content/coursecompletedlessons",
        ["/"],
    ],
)
def test_an_unknown_path_is_not_found(path: Any) -> None:
    response = Caller(principal=None).ask("GET", path)
    assert (response.status, response.body) == (404, "Not found")
    assert response.reason is Reason.UNKNOWN_PATH


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "HEAD", "OPTIONS", "get", "", None, 1, []])
def test_a_known_path_names_the_methods_it_knows(caller: Caller, method: Any) -> None:
    response = caller.ask(method)
    assert (response.status, response.headers["Allow"]) == (405, "GET, POST, PUT")
    json.dumps(response.body)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_record_s_path_knows_other_methods(caller: Caller, method: str) -> None:
    response = caller.ask(method, f"{PATH}/1")
    assert (response.status, response.headers["Allow"]) == (405, "DELETE, GET")


@pytest.mark.parametrize("body", [None, 5, "x"])
def test_what_is_no_request_is_not_found(caller: Caller, body: Any) -> None:
    assert caller.endpoint.handle(body, principal=None).status == 404


def test_one_slash_at_the_end_is_ignored(caller: Caller) -> None:
    assert caller.get(path=f"{PATH}/").body == caller.get().body
    assert caller.get(path=f"{PATH}/1/").body == caller.get(path=f"{PATH}/1").body


def test_paths_compare_in_any_case(caller: Caller) -> None:
    for odd in (PATH.upper(), PATH.title(), PATH.swapcase() + "/"):
        assert caller.get(path=odd).body == caller.get().body
    assert caller.get(path=f"{PATH.upper()}/1").body == caller.get(path=f"{PATH}/1").body
    assert caller.ask("DELETE", "/API/Content/CourseCompletedLessons/1/").status == 200


# -- get one


def test_get_one_is_the_list_s_record(caller: Caller) -> None:
    for record in caller.get().body["Records"]:
        response = caller.get(path=f"{PATH}/{record['Id']}")
        assert (response.status, response.body) == (200, record)
        assert list(response.body) == list(record)


@pytest.mark.parametrize("id_", ["4", "0", "-1", "x", "1.0", "１", "9" * 5000, str(2**63), "%31"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_missing_record_is_not_found(caller: Caller, id_: str, method: str) -> None:
    response = caller.ask(method, f"{PATH}/{id_}")
    assert (response.status, response.body) == (404, "Not found")
    assert response.reason is Reason.MISSING_RECORD


# -- get several


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("[1,2,3]", [1, 2, 3]),
        ("[3,1]", [3, 1]),
        ("[3,99,1]", [3, 1]),
        ("[2]", [2]),
        ("[2,2]", [2, 2]),
        ("[]", []),
        ("[ 1, 2 ]", [1, 2]),
        ("%5B1%2C2%5D", [1, 2]),
        ("[99]", []),
    ],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
def test_several_come_bare_in_the_order_asked(
    caller: Caller, text: str, ids: list[int], path: str
) -> None:
    for name in ("id", "ID"):
        response = caller.get(f"{name}={text}", path)
        assert response.status == 200
        assert [record["Id"] for record in response.body] == ids


@pytest.mark.parametrize(
    "text", ["[", "[1", "[1]]", "[[1]]", "[1,]", "[a]", "[1;2]", "[0]", "[１]"]
)
def test_one_bad_id_spoils_the_list(caller: Caller, text: str) -> None:
    assert caller.complaints([("id", text)]).keys() == {"id"}


def test_several_ignore_paging_and_refuse_filters(caller: Caller) -> None:
    assert [each["Id"] for each in caller.get("id=[2,1]&page=x&size=1&foo=1").body] == [2, 1]
    assert caller.complaints("id=[1]&CourseCompletedLesson_CourseLesson=10") == {
        "CourseCompletedLesson_CourseLesson": "does not combine with a list of ids"
    }
    assert caller.complaints("id=[1]&id=[2]") == {"id": "is given more than once"}


# -- create


def test_create_answers_with_the_whole_record(caller: Caller) -> None:
    response = caller.ask("POST", body={**FREE, "TypeName": "CourseCompletedLesson", "X": [1]})
    assert response.status == 200
    assert list(response.body) == ["Status", "Message", "Value", "WasSuccessful", "Errors"]
    value = response.body.pop("Value")
    assert response.body == {
        "Status": 200,
        "Message": "CourseCompletedLesson was successfully created.",
        "WasSuccessful": True,
        "Errors": None,
    }
    assert value == caller.get(path=f"{PATH}/4").body
    assert value["CreatedOn"] == value["UpdatedOn"] == "2025-06-01T12:00:00Z"
    assert (value["UpdatedBy"], value["CourseLessonTitle"]) == ("admin@example.com", "Farewell")


BAD_BODIES: list[tuple[Any, set[str]]] = [
    (None, {"body"}),
    ("", {"body"}),
    ("nonsense", {"body"}),
    ([], {"body"}),
    ([FREE], {"body"}),
    (5, {"body"}),
    (True, {"body"}),
    (object(), {"body"}),
    ({}, {"CourseLessonId", "CourseMemberId"}),
    ({"CourseLessonId": None, "CourseMemberId": None}, {"CourseLessonId", "CourseMemberId"}),
    ({"CourseLessonId": "12", "CourseMemberId": 8}, {"CourseLessonId"}),
    ({"CourseLessonId": 12.0, "CourseMemberId": True}, {"CourseLessonId", "CourseMemberId"}),
    ({"CourseLessonId": [12], "CourseMemberId": {"Id": 8}}, {"CourseLessonId", "CourseMemberId"}),
    ({"CourseLessonId": 0, "CourseMemberId": -8}, {"CourseLessonId", "CourseMemberId"}),
    ({"CourseLessonId": 2**63, "CourseMemberId": 8}, {"CourseLessonId"}),
    ({"CourseLessonId": 999, "CourseMemberId": 998}, {"CourseLessonId", "CourseMemberId"}),
    ({"CourseLessonId": "x", "CourseMemberId": 998}, {"CourseLessonId", "CourseMemberId"}),
    ({"CourseLessonId": 10, "CourseMemberId": 7}, {"CourseLessonId"}),
    ('{"CourseLessonId": 12, "CourseLessonId": 11, "CourseMemberId": 8}', {"CourseLessonId"}),
    ({"CourseLessonId": 12, "courselessonid": 11, "CourseMemberId": 8}, {"CourseLessonId"}),
]


@pytest.mark.parametrize(("body", "names"), BAD_BODIES)
def test_a_bad_body_names_every_property_and_changes_nothing(
    caller: Caller, body: Any, names: set[str]
) -> None:
    before = state_of(caller.tracker)
    for method in ("POST", "PUT"):
        sent = {**body, "Id": 2} if method == "PUT" and isinstance(body, dict) else body
        response = caller.ask(method, body=sent)
        assert response.status == 400, response
        wanted = names | {"Id"} if method == "PUT" and isinstance(body, str) else names
        assert names <= problems_in(response).keys() <= wanted
        assert response.body["Status"] == 500
        assert response.body["WasSuccessful"] is False
        first = response.body["Errors"][0]
        assert list(first) == ["AttemptedValue", "Message", "PropertyName"]
        assert response.body["Message"].startswith(f"{first['PropertyName']}: {first['Message']}")
    assert state_of(caller.tracker) == before


def test_a_missing_property_is_told_in_the_origin_s_words(caller: Caller) -> None:
    response = caller.ask("POST", body={"CourseMemberId": 8})
    assert response.body["Message"] == "CourseLessonId: is a required field"


@pytest.mark.parametrize(
    "body",
    [
        '{"CourseLessonId": 12, "CourseMemberId": 8}',
        b'{"CourseLessonId": 12, "CourseMemberId": 8, "TypeName": "\xc3\xab"}',
        bytearray(b'{"courselessonid": 12, "COURSEMEMBERID": 8}'),
        {"courseLessonId": 12, "courseMemberId": 8, "Nested": {"CourseLessonId": 1}},
    ],
)
def test_a_body_may_be_json_or_what_was_parsed_from_it(caller: Caller, body: Any) -> None:
    response = caller.ask("POST", body=body)
    assert response.status == 200, response.body
    assert response.body["Value"]["CourseLessonId"] == 12


# -- update


def test_update_moves_the_record_and_keeps_when_it_was_created(caller: Caller) -> None:
    other = Caller(caller.tracker, principal=Principal("b@example.com", is_unrestricted_admin=True))
    before = caller.get(path=f"{PATH}/1").body
    response = other.ask("PUT", body={"Id": 1, **FREE})
    assert response.status == 200
    assert response.body["Message"] == "CourseCompletedLesson was successfully updated."
    value = response.body["Value"]
    assert value == caller.get(path=f"{PATH}/1").body
    kept = ("Id", "UniqueId", "CreatedOn", "SystemId")
    assert [value[name] for name in kept] == [before[name] for name in kept]
    assert (value["UpdatedOn"], value["UpdatedBy"]) == ("2025-06-01T12:00:00Z", "b@example.com")
    assert (value["CourseLessonId"], value["CourseMemberId"]) == (12, 8)


def test_a_record_may_keep_its_pair(caller: Caller) -> None:
    response = caller.ask("PUT", body={"Id": 1, "CourseLessonId": 10, "CourseMemberId": 7})
    assert response.body["Value"]["UpdatedOn"] == "2025-06-01T12:00:00Z"


def test_an_update_of_nothing_is_not_found(caller: Caller) -> None:
    before = state_of(caller.tracker)
    response = caller.ask("PUT", body={"Id": 99, "CourseLessonId": 999})
    assert (response.status, response.body) == (404, "Not found")
    assert state_of(caller.tracker) == before


def test_an_update_without_id_names_it(caller: Caller) -> None:
    assert problems_in(caller.ask("PUT", body=FREE)) == {"Id": "is a required field"}


# -- delete


def test_delete_answers_with_the_id_once(caller: Caller) -> None:
    response = caller.ask("DELETE", f"{PATH}/2")
    assert response.body == {
        "Status": 200,
        "Message": "CourseCompletedLesson was successfully deleted.",
        "Value": {"Id": 2},
        "WasSuccessful": True,
        "Errors": None,
    }
    assert caller.ids("") == [1, 3]
    assert caller.ask("DELETE", f"{PATH}/2").status == 404


# -- what the host persists


def test_a_write_hands_over_its_changes_and_a_replay_of_them_is_the_same(caller: Caller) -> None:
    restored = Tracker.restore(caller.tracker.snapshot())
    answers = [
        caller.ask("POST", body=FREE),
        caller.ask("PUT", body={"Id": 1, "CourseLessonId": 10, "CourseMemberId": 7}),
        caller.ask("DELETE", f"{PATH}/2"),
        caller.ask("DELETE", f"{PATH}/2"),
        caller.get(),
    ]
    assert [len(answer.changes) for answer in answers] == [1, 1, 1, 0, 0]
    restored.replay(change for answer in answers for change in answer.changes)
    assert restored == caller.tracker


# -- what the host hands over


@pytest.mark.parametrize("when", [None, "2025-01-01", 5, datetime(2025, 1, 1)])  # noqa: DTZ001
def test_a_write_without_an_instant_is_the_host_s_mistake(caller: Caller, when: Any) -> None:
    before = state_of(caller.tracker)
    for write in (
        {"method": "POST", "body": FREE},
        {"method": "PUT", "body": {**FREE, "Id": 1}},
        {"method": "DELETE", "path": f"{PATH}/2"},
        {"method": "DELETE", "path": f"{PATH}/99"},
    ):
        response = caller.ask(**write, when=when)
        assert (response.status, response.reason) == (500, Reason.FAILED)
        assert "at: expected an aware datetime" in response.body["Message"]
    assert caller.ask("GET", when=when).status == 200
    assert state_of(caller.tracker) == before


@pytest.mark.parametrize("name", [5, b"x", "\ud800"])
def test_a_name_that_is_no_text_is_the_host_s_mistake(caller: Caller, name: Any) -> None:
    odd = Caller(caller.tracker, principal=Principal(name, is_unrestricted_admin=True))
    assert odd.ask("POST", body=FREE).status == 500
    assert caller.ids("") == [1, 2, 3]


def test_answers_are_fresh(caller: Caller) -> None:
    caller.get().body["Records"][1]["CustomFields"]["Points"].append(3)
    assert caller.get().body["Records"][1]["CustomFields"] == {"Points": [1, 2]}
    assert NOW.tzinfo is not None


def test_ids_that_are_used_up_are_told_and_change_nothing() -> None:
    caller = Caller(filled(Tracker(first_id=2**63 - 1)))
    assert caller.ask("POST", body=FREE).body["Value"]["Id"] == 2**63 - 1
    before = state_of(caller.tracker)
    response = caller.ask("POST", body={"CourseLessonId": 12, "CourseMemberId": 7})
    assert (response.status, response.reason) == (409, Reason.FAILED)
    assert list(response.body) == ["Status", "Message", "Value", "WasSuccessful", "Errors"]
    assert (response.body["WasSuccessful"], response.body["Value"]) == (False, None)
    assert state_of(caller.tracker) == before


def test_every_reason_has_a_docstring_of_its_own() -> None:
    told = [reason.__doc__ or "" for reason in Reason]
    assert len(set(told)) == len(told)
    assert all(text.endswith(".") for text in told)
    assert Reason("failed") is Reason.FAILED == "failed"
