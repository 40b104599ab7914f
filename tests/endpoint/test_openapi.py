"""The description and the handler check each other."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.endpoint import openapi, read_instant
from coursetrack.endpoint.description import _INSTANT_PATTERN
from coursetrack.endpoint.rights import Operation
from coursetrack.errors import InvalidValue
from tests.endpoint.test_instants import NOT_INSTANTS
from tests.endpoint.test_list import ENVELOPE
from tests.endpoint.worlds import PATH, Caller

FREE = {"CourseLessonId": 12, "CourseMemberId": 8}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

ANSWERS: list[tuple[str, dict[str, Any]]] = [
    ("get", {}),
    ("get", {"query": "size=1&page=2&orderBy=UpdatedOn&dir=-1"}),
    ("get", {"query": "id=[1,2]"}),
    ("get", {"query": "page=0&CourseCompletedLesson_X=1&dir=" + "9" * 100}),
    ("get", {"path": f"{PATH}/2"}),
    ("get", {"path": f"{PATH}/99"}),
    ("post", {"body": FREE}),
    ("post", {"body": [1]}),
    ("post", {"body": {"CourseLessonId": {}, "CourseMemberId": 10**40}}),
    ("put", {"body": {"Id": 1, **FREE}}),
    ("put", {"body": {"Id": 99, **FREE}}),
    ("put", {"body": {"Id": 1.5, **FREE}}),
    ("delete", {"path": f"{PATH}/2"}),
    ("delete", {"path": f"{PATH}/99"}),
]


def _described(method: str, path: str) -> dict[str, Any]:
    template = PATH if path == PATH else f"{PATH}/{{id}}"
    operation: dict[str, Any] = openapi()["paths"][template][method]
    return operation


def test_each_call_gives_a_fresh_description_that_json_can_write() -> None:
    first = openapi()
    assert json.loads(json.dumps(first)) == first
    first["paths"].clear()
    first["components"]["schemas"]["Record"]["properties"].clear()
    assert openapi()["paths"].keys() == {PATH, f"{PATH}/{{id}}"}
    assert openapi()["components"]["schemas"]["Record"]["properties"]


def test_exactly_the_described_methods_are_answered() -> None:
    for template, path in ((PATH, PATH), (f"{PATH}/{{id}}", f"{PATH}/1")):
        described = {name.upper() for name in openapi()["paths"][template]} & set(METHODS)
        answered = {each for each in METHODS if Caller().ask(each, path).status != 405}
        assert answered == described


def test_every_role_is_told() -> None:
    text = json.dumps(openapi())
    assert all(operation.role in text for operation in Operation)


@pytest.mark.parametrize("each", openapi()["paths"][PATH]["get"]["parameters"])
def test_every_described_parameter_is_understood(each: dict[str, Any]) -> None:
    assert each["name"] in Caller().complaints([(each["name"], "\x00"), (each["name"], "\x00")])


def test_the_described_keys_are_the_answer_s_in_order() -> None:
    schemas = openapi()["components"]["schemas"]
    body = Caller().get().body
    assert list(schemas["Page"]["properties"]) == list(body) == ENVELOPE
    assert list(schemas["Record"]["properties"]) == list(body["Records"][0])


@pytest.mark.parametrize("spelling", _described("get", PATH)["parameters"][2]["schema"]["enum"])
def test_every_described_order_is_understood(spelling: str) -> None:
    assert Caller().get(f"orderBy={spelling}").status == 200


@pytest.mark.parametrize("direction", _described("get", PATH)["parameters"][3]["schema"]["enum"])
def test_every_described_direction_is_understood(direction: object) -> None:
    assert Caller().get(f"dir={direction}").status == 200


@given(st.from_regex(_INSTANT_PATTERN, fullmatch=True))
def test_the_described_instants_are_read_unless_the_day_does_not_exist(text: str) -> None:
    assert not re.search("; (?!there is no such day|it is outside the years)", _refusal(text))
    assert _refusal(text) == "" or "; " in _refusal(text)


def _refusal(text: str) -> str:
    try:
        read_instant(text)
    except InvalidValue as error:
        return str(error).partition("date alone)")[2] or "no reason"
    return ""


@pytest.mark.parametrize("text", [each for each in NOT_INSTANTS if len(each) < 100])
def test_what_the_handler_refuses_is_not_described(text: str) -> None:
    impossible = {"2025-02-29", "0000-01-01", "9999-12-31T23:59-00:01", "0001-01-01T00:00+00:01"}
    assert (re.fullmatch(_INSTANT_PATTERN, text) is not None) == (text in impossible)


@pytest.mark.parametrize(("method", "asked"), ANSWERS)
@pytest.mark.parametrize("principal", ["admin", None])
def test_every_answer_is_of_the_described_form(
    method: str, asked: dict[str, Any], principal: object
) -> None:
    schemas = pytest.importorskip("jsonschema_rs", reason="the schema validator is not installed")
    caller = Caller() if principal else Caller(principal=None)
    response = caller.ask(method.upper(), **asked)
    root = openapi()
    described = _described(method, asked.get("path", PATH))["responses"]
    answer = described[str(response.status)]
    if "$ref" in answer:
        answer = root["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = {**answer["content"]["application/json"]["schema"], "components": root["components"]}
    schemas.Draft202012Validator(schema).validate(response.body)
    assert answer.get("headers", {}).keys() <= response.headers.keys()
