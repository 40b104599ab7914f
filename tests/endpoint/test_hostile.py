"""Hostile input: whatever comes in, a documented answer comes out and nothing has changed."""

import json
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson, CourseMember, Lesson
from coursetrack.endpoint import Response
from coursetrack.tracker import Tracker
from tests.endpoint.worlds import ENTITIES, PATH, Caller, at, filled, state_of

MERSENNE = 2**61 - 1
ENVELOPE = ["Status", "Message", "Value", "WasSuccessful", "Errors"]


def documented(response: Response) -> Response:
    """`response`, once it is shown to be of a documented form and writable as strict JSON."""
    text = json.dumps(response.body, allow_nan=False, ensure_ascii=False)
    text.encode()
    assert all(isinstance(value, str) and value.isascii() for value in response.headers.values())
    if response.status == 400:
        assert list(response.body) == ENVELOPE
        assert response.body["Status"] == 500
        assert response.body["Errors"]
        for error in response.body["Errors"]:
            assert len(str(error["AttemptedValue"])) <= 80
            assert len(error["PropertyName"]) <= 80
    else:
        assert response.status in (200, 401, 404, 405)
        assert (response.status == 404) == (response.body == "Not found")
    return response


TEXTS = [
    "１",
    "１０",
    "١",
    "²",
    "Ⅷ",
    "9" * 5000,
    "0" * 5000,
    str(10**30),
    str(2**63),
    str(2**64),
    "-" + "9" * 5000,
    "1e400",
    "NaN",
    "inf",
    "True",
    "None",
    "null",
    "0x10",
    "1_000",
    " 1",
    "1 ",
    "1\x00",
    "\x00",
    "\ud800",
    "\udfff1",
    "%ff",
    "%",
    "%1",
    "%zz",
    "%C3",
    "%ED%A0%80",
    "%F4%90%80%80",
    "%C0%80",
    "%00",
    "%u0031",
    "2025-W01-1",
    "2025-001",
    "9999-12-31T23:59-23:59",
    "0001-01-01T00:00%2B23:59",
    "2025-01-01T00:00:00.123456789Z",
    "[",
    "[[[[",
    "[" + "1," * 2000 + "1]",
    "[" + "9" * 5000 + "]",
    "[" * 4000 + "]" * 4000,
    "{}",
    "'; DROP TABLE lessons; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "a" * 8000,
    "\u0130" * 2000,
    "e" + "\u0301" * 2000,
    "\U0001f469\u200d\U0001f680",
]
NAMES = [
    "page",
    "size",
    "orderBy",
    "dir",
    "id",
    "uniqueId",
    "CourseCompletedLesson_CourseLesson",
    "CourseCompletedLesson_CourseLesson_Title",
    "from_CourseCompletedLesson_CreatedOn",
    "CourseCompletedLesson_UpdatedOn",
    "CourseCompletedLesson_Nonsense",
    "from_to_CourseCompletedLesson",
]


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:24]))
def test_every_text_in_every_place_of_a_query(caller: Caller, text: str) -> None:
    before = state_of(caller.tracker)
    for name in NAMES:
        documented(caller.get(f"{name}={text}"))
        documented(caller.get([(name, text)]))
        documented(caller.get(f"{name}={text}".encode(errors="surrogatepass")))
    documented(caller.get(f"{text}=1"))
    documented(caller.get(f"CourseCompletedLesson_{text}=1&{text}"))
    documented(caller.get([(text, text)]))
    assert state_of(caller.tracker) == before


@pytest.mark.parametrize("text", [each for each in TEXTS if each not in ("0" * 5000,)])
@pytest.mark.parametrize("name", ["page", "id", "CourseCompletedLesson_CourseMember"])
def test_only_plain_ascii_numbers_are_numbers(caller: Caller, name: str, text: str) -> None:
    if name == "id" and text.startswith("["):
        return
    assert caller.get([(name, text)]).status == 400


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:24]))
def test_every_text_in_a_path(caller: Caller, text: str) -> None:
    for path in (text, f"/{text}", f"{PATH}{text}", f"{PATH}/{text}", f"{PATH}/1{text}"):
        response = documented(caller.get(path=path))
        assert response.status in ((200, 404) if path.endswith(("/", "1")) else (404,))


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:24]))
def test_every_text_as_a_method(caller: Caller, text: str) -> None:
    assert documented(caller.ask(text)).status == 405


@pytest.mark.parametrize("text", ["%ff", "a%C3", "%ED%A0%80", "%C0%80", "%F4%90%80%80", "%zz", "%"])
@pytest.mark.parametrize("name", ["CourseCompletedLesson_CourseLesson_Title", "page", "extra"])
def test_what_cannot_be_decoded_is_refused_wherever_it_is(
    caller: Caller, name: str, text: str
) -> None:
    assert caller.complaints(f"{name}={text}").keys() == {name}
    assert caller.complaints(f"{text}=1").keys() == {text}


def test_only_the_first_typos_are_worth_a_search_for_the_nearest_name(caller: Caller) -> None:
    typos = [f"CourseCompletedLesson_CreateOn{number}" for number in range(50)]
    complaints = caller.complaints("&".join(f"{typo}=1" for typo in typos))
    assert list(complaints) == typos
    assert ["did you mean" in told for told in complaints.values()] == [True] * 8 + [False] * 42


def endless() -> Iterator[tuple[str, str]]:
    return repeat(("a", "b"))


def broken() -> Iterator[tuple[str, str]]:
    yield ("page", "1")
    raise RuntimeError("the iterator broke")


class Hollow:
    """Claims to be iterable and is not."""

    def __iter__(self) -> Any:
        raise KeyError("hollow")


@pytest.mark.parametrize(
    "query",
    [
        None,
        0,
        1.5,
        True,
        object(),
        Hollow(),
        broken(),
        endless(),
        {"page": "1"},
        {"ab": "1"},
        [("page",)],
        [("page", "1", "2")],
        [("page", 1)],
        [(b"page", b"1")],
        [None],
        ["pa"],
        [["page", None]],
        {("page", "x")},
        b"\xff",
        b"page=\xff",
        bytearray(b"page=0"),
        memoryview(b"page=0"),
        [("\ud800", "1")],
        [("x", "\ud800")],
    ],
)
def test_a_query_of_the_wrong_type_is_refused(query: Any) -> None:
    assert documented(Caller().get(query)).status == 400


BODIES: list[Any] = [
    "[" * 100_000,
    "[" * 100_000 + "]" * 100_000,
    '{"a":' * 50_000 + "1" + "}" * 50_000,
    '{"CourseLessonId":' + "[" * 50_000 + "]" * 50_000 + "}",
    '{"CourseLessonId": ' + "9" * 100_000 + ', "CourseMemberId": 8}',
    '{"CourseLessonId": -' + "9" * 100_000 + ', "CourseMemberId": 8}',
    '{"CourseLessonId": 1' + "0" * 100_000 + '.5, "CourseMemberId": 8}',
    '{"CourseLessonId": 1e400, "CourseMemberId": -1e400}',
    '{"CourseLessonId": NaN, "CourseMemberId": Infinity}',
    '{"CourseLessonId": 12, "CourseMemberId": 8',
    '{"CourseLessonId": 12, "CourseMemberId": 8} x',
    "{'CourseLessonId': 12, 'CourseMemberId': 8}",
    '{"CourseLessonId": "\\ud800", "CourseMemberId": "\\u0000"}',
    '{"CourseLessonId": １２, "CourseMemberId": 8}',
    '{"\\ud800": 1}',
    '"CourseLessonId"',
    "null",
    "\ud800",
    "\x00",
    "\ufeff{}",
    b"\xff\xfe{\x00}\x00",
    b"\xff",
    b"{\x80}",
    b"\x00" * 10_000,
    {"CourseLessonId": float("nan"), "CourseMemberId": float("inf")},
    {"CourseLessonId": 10**5000, "CourseMemberId": -(10**5000)},
    {"CourseLessonId": MERSENNE * 4 + 3, "CourseMemberId": MERSENNE},
    {"CourseLessonId": object(), "CourseMemberId": b"8"},
    {"CourseLessonId": {1}, "CourseMemberId": Hollow()},
    {1: 2, None: 3, ("a",): 4},
    {"x" * 100_000: 1},
    {"CourseLessonId": "x" * 100_000, "CourseMemberId": "\ud800" * 100},
    ["CourseLessonId", "CourseMemberId"],
    (("CourseLessonId", 12), ("CourseMemberId", 8)),
    Hollow(),
    {12, 8},
    memoryview(b"{}"),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_every_body_is_refused_and_changes_nothing(method: str, body: Any) -> None:
    caller = Caller()
    before = state_of(caller.tracker)
    assert documented(caller.ask(method, body=body)).status == 400
    assert state_of(caller.tracker) == before


def test_a_number_too_long_to_read_is_told_by_its_property() -> None:
    body = '{"CourseLessonId": ' + "9" * 100_000 + ', "CourseMemberId": 8}'
    [error] = documented(Caller().ask("POST", body=body)).body["Errors"]
    assert (error["PropertyName"], error["AttemptedValue"]) == ("CourseLessonId", "9" * 80)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_is_refused_even_under_an_extra_key(constant: str) -> None:
    body = f'{{"CourseLessonId": 12, "CourseMemberId": 8, "Odd": {constant}}}'
    [error] = documented(Caller().ask("POST", body=body)).body["Errors"]
    assert (error["PropertyName"], error["Message"]) == ("body", "expected a JSON object")


def test_a_deep_body_that_is_parsed_already_is_refused() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    body = {"CourseLessonId": deep, "CourseMemberId": {"x": deep}}
    assert documented(Caller().ask("POST", body=body)).status == 400
    while isinstance(deep, list):
        deep = deep.pop()


def test_an_extra_key_may_be_as_odd_as_it_likes() -> None:
    for odd in (float("nan"), 10**5000, "\ud800", [[[[]]]], object()):
        body = {"CourseLessonId": 12, "CourseMemberId": 8, "Odd": odd}
        assert documented(Caller().ask("POST", body=body)).status == 200


def test_ids_that_collide_in_a_hash_are_ids_like_others() -> None:
    ids = [MERSENNE * factor for factor in (1, 2, 3, 4)]
    world = filled(Tracker())
    for place, id_ in enumerate(ids):
        world.add(Lesson(id=id_, course_id=1, title=f"Lesson {place}"))
        world.add(CourseMember(id=id_, course_id=1, coworker_id=100, created_on=at("2025-01-01")))
        world.add(
            CompletedLesson(id=id_, lesson_id=id_, member_id=id_, created_on=at("2025-01-02"))
        )
    caller = Caller(world)
    for id_ in ids:
        assert caller.ids(f"CourseCompletedLesson_CourseLesson={id_}") == [id_]
        assert caller.get(path=f"{PATH}/{id_}").body["Id"] == id_
    assert caller.get(f"CourseCompletedLesson_CourseMember={MERSENNE * 5}").status == 400
    assert len(world.completed_lessons) == len(ids) + sum(
        isinstance(each, CompletedLesson) for each in ENTITIES
    )


def test_a_far_page_is_empty_with_the_true_totals(caller: Caller) -> None:
    body = documented(caller.get(f"page={2**31 - 1}&size=1000")).body
    assert (body["Records"], body["TotalItems"], body["PageNumber"]) == ([], 3, 2**31 - 1)


def test_a_refused_query_tells_the_cut_text_it_was_sent(caller: Caller) -> None:
    [error] = documented(caller.get("page=" + "9" * 5000)).body["Errors"]
    assert error["AttemptedValue"] == "9" * 80


@given(st.text() | st.binary(), st.text(max_size=30), st.integers() | st.text())
def test_whatever_comes_in_a_response_comes_out(query: Any, tail: str, body: Any) -> None:
    caller = Caller()
    documented(caller.get(query))
    documented(caller.get(path=PATH + tail))
    before = state_of(caller.tracker)
    assert documented(caller.ask("POST", query=query, body=body)).status == 400
    assert state_of(caller.tracker) == before
