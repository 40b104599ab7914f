"""The fake service, through every way in which a client may be put in front of it."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from coursetrack.domain.entities import CompletedLesson, Course, CourseMember, Coworker, Lesson
from coursetrack.domain.events import PageVisit
from coursetrack.endpoint.requests import Principal
from coursetrack.testing import Answer, Call, FakeNexudus
from coursetrack.testing.fake.fake import USERS
from coursetrack.tracker import Tracker

PATH = "/api/content/coursecompletedlessons"
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
RECORDS = (
    Course(id=1, title="Onboarding"),
    Lesson(id=10, course_id=1, title="Welcome"),
    Lesson(id=11, course_id=1, title="Tools"),
    Coworker(id=100, full_name="Ada Lovelace", company_name="Engines", team_names=("Ops",)),
    CourseMember(id=7, course_id=1, coworker_id=100, created_on=datetime(2025, 1, 1, tzinfo=UTC)),
    CompletedLesson(id=1, lesson_id=10, member_id=7, created_on=NOON),
)


@pytest.fixture
def fake() -> FakeNexudus:
    return FakeNexudus(RECORDS)


def get(fake: FakeNexudus, path: str = PATH, query: str = "", **headers: str) -> Answer:
    call = Call(method="GET", path=path, query=query, headers=headers or fake.headers())
    return fake.handle(call)


def post(fake: FakeNexudus, path: str, body: object) -> Answer:
    text = json.dumps(body).encode()
    return fake.handle(Call(method="POST", path=path, headers=fake.headers(), body=text))


def walk(client: httpx.Client, size: int) -> list[int]:
    """What any client does: pages until there is no next one."""
    ids, page, more = [], 1, True
    while more:
        query = {"page": page, "size": size, "orderBy": "CreatedOn"}
        body = client.get(PATH, params=query).raise_for_status().json()
        ids += [record["Id"] for record in body["Records"]]
        page, more = page + 1, body["HasNextPage"]
    return ids


# -- the pure core


def test_a_list_is_answered(fake: FakeNexudus) -> None:
    answer = get(fake, query="courseCompletedLesson_CourseLesson=10&size=5000")
    (record,) = answer.json()["Records"]
    assert (answer.status, record["CourseLessonTitle"]) == (200, "Welcome")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_a_write_is_seen_by_the_tracker_and_stamped_by_the_clock() -> None:
    fake = FakeNexudus(RECORDS, clock=lambda: NOON)
    body = {"CourseLessonId": 11, "CourseMemberId": 7, "TypeName": "extra"}
    assert post(fake, PATH, body).json()["WasSuccessful"]
    record = fake.tracker.completed_lessons.get_pair(11, 7)
    assert record is not None
    assert (record.created_on, record.updated_by) == (NOON, "admin@example.com")


def test_the_usual_clock_is_the_same_in_every_run() -> None:
    def created() -> list[str]:
        fake = FakeNexudus(RECORDS)
        bodies = [post(fake, PATH, {"CourseLessonId": 11, "CourseMemberId": 7}).json()]
        fake.handle(Call(method="DELETE", path=f"{PATH}/2", headers=fake.headers()))
        bodies += [post(fake, PATH, {"CourseLessonId": 11, "CourseMemberId": 7}).json()]
        return [body["Value"]["CreatedOn"] for body in bodies]

    assert created() == created() == ["2025-01-01T00:00:01Z", "2025-01-01T00:00:03Z"]


def test_events_are_played_on_the_tracker_and_seen_through_the_client(fake: FakeNexudus) -> None:
    fake.tracker.record(PageVisit(member_id=7, lesson_id=11, at=NOON))
    assert get(fake).json()["TotalItems"] == 2


def test_a_tracker_of_ones_own() -> None:
    tracker = Tracker()
    tracker.add_all(RECORDS)
    assert get(FakeNexudus(tracker=tracker)).json()["TotalItems"] == 1


# -- who is calling


def sign_in(fake: FakeNexudus, form: str) -> Answer:
    return fake.handle(Call(method="POST", path="/api/token", body=form.encode()))


def test_a_token_is_given_for_a_password(fake: FakeNexudus) -> None:
    answer = sign_in(fake, "grant_type=password&username=admin%40example.com&password=password")
    token = answer.json()["access_token"]
    assert token == fake.token()
    assert get(fake, authorization=f"bearer {token}").status == 200


@pytest.mark.parametrize(
    "form",
    ["", "grant_type=password&username=admin%40example.com&password=wrong", "%ff=%ff", "a&b=c"],
)
def test_no_token_without_a_password(fake: FakeNexudus, form: str) -> None:
    assert sign_in(fake, form).status == 400
    assert fake.handle(Call(method="GET", path="/api/token")).status == 405


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (basic("admin@example.com:password"), 200),
        (basic("admin@example.com:wrong"), 401),
        (basic("nobody:password"), 401),
        ("Basic !!!", 401),
        ("Bearer", 401),
        ("Bearer 123", 401),
        ("", 401),
    ],
)
def test_credentials(fake: FakeNexudus, authorization: str, status: int) -> None:
    assert get(fake, authorization=authorization).status == status


def test_a_user_has_the_rights_given() -> None:
    reader = Principal("reader", roles=frozenset({"CourseCompletedLesson-List"}))
    fake = FakeNexudus(RECORDS, users={**USERS, "reader": ("secret", reader)})
    assert get(fake, **fake.headers("reader")).status == 200
    body = json.dumps({"CourseLessonId": 11, "CourseMemberId": 7}).encode()
    call = Call(method="POST", path=PATH, headers=fake.headers("reader"), body=body)
    assert fake.handle(call).status == 401
    assert [seen.principal for seen in fake.log] == [reader, reader]


# -- failures and the log


def test_failures_come_before_anything_is_done(fake: FakeNexudus) -> None:
    fake.fail_next(409, times=2, retry_after=3)
    answers = [post(fake, PATH, {"CourseLessonId": 11, "CourseMemberId": 7}) for _ in range(3)]
    assert [answer.status for answer in answers] == [409, 409, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert "Retry-After" not in answers[2].headers
    assert len(fake.tracker.completed_lessons) == 2


def test_every_call_is_logged(fake: FakeNexudus) -> None:
    get(fake, query="size=1")
    get(fake, authorization="")
    fake.fail_next(503)
    get(fake)
    assert [(seen.call.query, seen.status) for seen in fake.log] == [
        ("size=1", 200),
        ("", 401),
        ("", 503),
    ]


@pytest.mark.parametrize("path", ["/", "", "/api", "/api/content/nothing", "/api/token/x", "\x00é"])
def test_an_unknown_path_is_not_found(fake: FakeNexudus, path: str) -> None:
    assert get(fake, path=path).status == 404


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b"{", b"null", b'"text"', b"[" * 9000])
@pytest.mark.parametrize("path", [PATH, "/api/content/courselessons", "/api/spaces/coworkers"])
def test_a_bad_body_is_told_what_is_wrong(fake: FakeNexudus, path: str, body: bytes) -> None:
    call = Call(method="POST", path=path, headers=fake.headers(), body=body)
    version = fake.tracker.version
    answer = fake.handle(call)
    assert (answer.status, answer.json()["WasSuccessful"]) == (400, False)
    assert fake.tracker.version == version


# -- setting the scene


def test_a_scene_can_be_set_through_the_client() -> None:
    fake = FakeNexudus()
    made = [
        post(fake, "/api/content/courses", {"Title": "Onboarding"}),
        post(fake, "/api/content/coursesections", {"CourseId": 1, "Title": "Week 1"}),
        post(
            fake,
            "/api/content/courselessons",
            {"CourseId": 1, "SectionId": 1, "Title": "Welcome", "CompletionType": 3},
        ),
        post(fake, "/api/spaces/coworkers", {"FullName": "Ada", "TeamNames": "Design, Ops"}),
        post(
            fake,
            "/api/content/coursemembers",
            {"CourseId": 1, "CoworkerId": 1, "CreatedOn": "2025-01-01T00:00:00Z", "Extra": 1},
        ),
        post(fake, PATH, {"CourseLessonId": 1, "CourseMemberId": 1}),
    ]
    assert [answer.status for answer in made] == [200] * 6
    assert made[3].json()["Value"]["TeamNames"] == "Design, Ops"
    (record,) = get(fake).json()["Records"]
    assert record["CourseMemberCoworkerTeamNames"] == "Design, Ops"
    fake.tracker.check()


def test_the_scene_is_listed_in_pages(fake: FakeNexudus) -> None:
    body = get(fake, path="/api/content/courselessons", query="page=2&size=1").json()
    assert [record["Title"] for record in body["Records"]] == ["Tools"]
    numbers = ("FirstItem", "LastItem", "TotalItems", "TotalPages", "HasNextPage")
    assert [body[name] for name in numbers] == [2, 2, 2, 2, False]
    assert list(body) == list(get(fake).json())


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("/api/content/courselessons", {"CourseId": 9, "Title": "x"}, "course"),
        ("/api/content/courselessons", {"CourseId": 1}, "Title"),
        ("/api/content/courselessons", {"CourseId": "1", "Title": "x"}, "CourseId: expected an id"),
        (
            "/api/content/coursemembers",
            {"CourseId": 1, "CoworkerId": 100, "CreatedOn": "x"},
            "date",
        ),
        ("/api/spaces/coworkers", {"FullName": 5}, "FullName: expected text"),
    ],
)
def test_a_wrong_scene_is_refused(fake: FakeNexudus, path: str, body: Any, wrong: str) -> None:
    version = fake.tracker.version
    answer = post(fake, path, body)
    assert answer.status == 400
    assert wrong in answer.json()["Message"]
    assert fake.tracker.version == version


def test_the_scene_is_the_administrators(fake: FakeNexudus) -> None:
    for path in ("/api/content/courselessons", "/api/content/coursemembers"):
        assert get(fake, path=path, authorization="").status == 401
        call = Call(method="DELETE", path=path, headers=fake.headers())
        assert fake.handle(call).headers["Allow"] == "GET, POST, PUT"
    assert get(fake, path="/api/spaces/coworkers", query="size=0").status == 400


# -- real clients, no socket


def test_through_wsgi(fake: FakeNexudus) -> None:
    transport = httpx.WSGITransport(app=fake.wsgi)
    with httpx.Client(transport=transport, base_url=fake.url, headers=fake.headers()) as client:
        client.post(PATH, json={"CourseLessonId": 11, "CourseMemberId": 7}).raise_for_status()
        assert walk(client, size=1) == [2, 1]
        assert (
            client.get(PATH, params={"CourseCompletedLesson_CourseLesson_Title": "é"}).json()[
                "TotalItems"
            ]
            == 0
        )


def test_through_asgi(fake: FakeNexudus) -> None:
    import asyncio

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app=fake.asgi)
        async with httpx.AsyncClient(
            transport=transport, base_url=fake.url, auth=("admin@example.com", "password")
        ) as client:
            body = {"CourseLessonId": 11, "CourseMemberId": 7}
            (await client.post(PATH, json=body)).raise_for_status()
            found = await client.get(PATH, params={"size": 5000})
            return [record["Id"] for record in found.json()["Records"]]

    assert asyncio.run(ask()) == [1, 2]


def test_through_a_mock_transport(fake: FakeNexudus) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        found = fake.handle(
            Call(
                method=request.method,
                path=request.url.path,
                query=request.url.query.decode(),
                headers=dict(request.headers),
                body=request.content,
            )
        )
        return httpx.Response(found.status, headers=dict(found.headers), content=found.body)

    transport = httpx.MockTransport(answer)
    with httpx.Client(transport=transport, base_url=fake.url) as client:
        form = {"grant_type": "password", "username": "admin@example.com", "password": "password"}
        token = client.post("/api/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert walk(client, size=5000) == [1]


def test_through_responses(fake: FakeNexudus) -> None:
    import re

    responses_library = pytest.importorskip("responses", reason="responses is not installed")
    requests = pytest.importorskip("requests")

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        path, _, query = request.path_url.partition("?")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        found = fake.handle(
            Call(
                method=request.method,
                path=path,
                query=query,
                headers=dict(request.headers),
                body=body,
            )
        )
        headers = {k: v for k, v in found.headers.items() if k != "Content-Type"}
        return found.status, headers, found.body

    with responses_library.RequestsMock(assert_all_requests_are_fired=False) as caught:
        for method in ("GET", "POST", "PUT", "DELETE"):
            caught.add_callback(method, re.compile(re.escape(fake.url)), callback=answer)
        sent = {"CourseLessonId": 11, "CourseMemberId": 7}
        made = requests.post(fake.url + PATH, json=sent, headers=fake.headers(), timeout=9)
        assert made.json()["Value"]["Id"] == 2
        listed = requests.get(
            fake.url + PATH, params={"size": 1}, headers=fake.headers(), timeout=9
        )
        assert (listed.json()["TotalItems"], listed.json()["HasNextPage"]) == (2, True)


@pytest.mark.parametrize("status", ["409", 200, 409.0])
def test_only_an_error_can_be_asked_for(status: Any) -> None:
    with pytest.raises(ValueError, match="from 400 to 599"):
        FakeNexudus().fail_next(status)
