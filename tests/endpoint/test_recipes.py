"""The guide's hosts: each in its real framework, over real HTTP on loopback."""

import http.client
import importlib
import json
import runpy
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from socketserver import ThreadingMixIn
from time import monotonic, sleep
from types import ModuleType
from typing import Any
from wsgiref import simple_server

import pytest

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.endpoint import Principal
from tests.endpoint.worlds import ENTITIES, PATH, at
from tests.house.readme import page

SECTION = [block for block in page("embedding") if block.section == "Hosts"]
HOSTS = ("fastapi", "flask", "django", "wsgiref")
TOKEN = "Bearer YOUR_TOKEN"


def academy_file() -> str:
    """The file that all hosts share."""
    return next(block.text for block in page("embedding") if "class Academy" in block.text)


def recipe(name: str) -> str:
    """The text of the one recipe that imports `name`."""
    [block] = [block for block in SECTION if f"from {name}" in block.text]
    return block.text


# -- serving


class QuietHandler(simple_server.WSGIRequestHandler):
    """Keeps the test's output clean."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class ThreadingServer(ThreadingMixIn, simple_server.WSGIServer):
    """A thread for each connection, as production servers do it."""

    daemon_threads = True
    request_queue_size = 64


@contextmanager
def in_a_thread(run: Callable[[], object], stop: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join(10)


@contextmanager
def serve_wsgi(application: Any) -> Iterator[int]:
    server = simple_server.make_server("127.0.0.1", 0, application, ThreadingServer, QuietHandler)
    with server, in_a_thread(server.serve_forever, server.shutdown):
        yield server.server_port


@contextmanager
def serve_fastapi(folder: Path) -> Iterator[int]:
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed")
    app = importlib.import_module("fastapi_host").app
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="warning"))

    def stop() -> None:
        server.should_exit = True

    with in_a_thread(server.run, stop):
        deadline = monotonic() + 30
        while not server.started and monotonic() < deadline:
            sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]


@contextmanager
def serve_flask(folder: Path) -> Iterator[int]:
    pytest.importorskip("flask", reason="Flask is not installed")
    serving = importlib.import_module("werkzeug.serving")
    app = importlib.import_module("flask_host").app
    quiet = type("Quiet", (serving.WSGIRequestHandler,), {"log": lambda *_: None})
    server = serving.make_server("127.0.0.1", 0, app, threaded=True, request_handler=quiet)
    with in_a_thread(server.serve_forever, server.shutdown):
        yield server.server_port


@contextmanager
def serve_django(folder: Path) -> Iterator[int]:
    pytest.importorskip("django", reason="Django is not installed")
    with serve_wsgi(importlib.import_module("django_host").application) as port:
        yield port


@contextmanager
def serve_wsgiref(folder: Path) -> Iterator[int]:
    # The file is run as the recipe says, but for the port: that is any free one.
    ready, made = threading.Event(), list[Any]()
    real = simple_server.make_server

    def any_port(host: str, port: int, application: Any) -> Any:
        made.append(real(host, 0, application, ThreadingServer, QuietHandler))
        ready.set()
        return made[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simple_server, "make_server", any_port)

        def run() -> None:
            runpy.run_path(str(folder / "wsgiref_host.py"), run_name="__main__")

        with in_a_thread(run, lambda: (made[0].shutdown(), made[0].server_close())):
            assert ready.wait(30)
            yield made[0].server_port


SERVE = {
    "fastapi": serve_fastapi,
    "flask": serve_flask,
    "django": serve_django,
    "wsgiref": serve_wsgiref,
}


class Client:
    """One caller over one connection."""

    def __init__(self, port: int, token: str | None = TOKEN) -> None:
        self.port = port
        self.headers = {} if token is None else {"Authorization": token}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, target: str, body: Any = None) -> tuple[int, Any, Any]:
        """Status, headers, and the body read as JSON."""
        text = None if body is None else json.dumps(body)
        headers = {**self.headers, "Content-Type": "application/json"} if text else self.headers
        self.connection.request(method, target, text, headers)
        response = self.connection.getresponse()
        return response.status, response.headers, json.loads(response.read())

    def close(self) -> None:
        """Ends the connection."""
        self.connection.close()


class Embedded:
    """A recipe that is being served, and the academy behind it."""

    def __init__(self, port: int, academy: ModuleType) -> None:
        self.port, self.academy = port, academy
        self.clients: list[Client] = []

    def client(self, token: str | None = TOKEN) -> Client:
        """One more caller."""
        self.clients.append(Client(self.port, token))
        return self.clients[-1]


@pytest.fixture(scope="module", params=HOSTS)
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, ModuleType]]:
    """One recipe being served: its port, and the academy module behind it."""
    folder = tmp_path_factory.mktemp(request.param)
    files = {"academy": academy_file(), f"{request.param}_host": recipe(request.param)}
    with pytest.MonkeyPatch.context() as patch:
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text)
            sys.modules.pop(name, None)
        patch.syspath_prepend(folder)
        with SERVE[request.param](folder) as port:
            yield port, importlib.import_module("academy")


@pytest.fixture
def embedded(
    host: tuple[int, ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Embedded]:
    """A served recipe with the academy of the tests behind it, as new, and what it kept at last."""
    port, module = host
    academy = module.Academy(tmp_path / "academy.db")
    monkeypatch.setattr(module, "academy", academy)
    academy.write(lambda: academy.tracker.add_all(ENTITIES))
    world = Embedded(port, module)
    yield world
    for client in world.clients:
        client.close()
    tracker = academy.read(lambda: academy.tracker)
    tracker.check()
    kept = module.Academy(tmp_path / "academy.db")
    assert kept.read(lambda: kept.tracker) == tracker
    for each in (academy, kept):
        each.let_go()


def test_each_recipe_is_short() -> None:
    assert len(SECTION) == len(HOSTS)
    for block in SECTION:
        assert len(block.text.splitlines()) < 20
        assert max(map(len, block.text.splitlines())) <= 100


def test_a_recipe_serves_all_six_operations(embedded: Embedded) -> None:
    client = embedded.client()
    status, headers, body = client.ask("GET", f"{PATH}?page=1&size=2&orderBy=CreatedOn&dir=-1")
    assert (status, [each["Id"] for each in body["Records"]]) == (200, [3, 2])
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert list(body)[:2] == ["Records", "CurrentPageSize"]
    assert [x["Id"] for x in client.ask("GET", f"{PATH}/?id=[3,1]")[2]] == [3, 1]
    assert [x["Id"] for x in client.ask("GET", f"{PATH}?id=%5B3,1%5D")[2]] == [3, 1]
    zoe = "CourseCompletedLesson_CourseLesson_Title=zo%C3%AB"
    assert client.ask("GET", f"{PATH}?{zoe}")[2]["TotalItems"] == 1
    made = {"CourseLessonId": 12, "CourseMemberId": 8, "TypeName": "extra"}
    assert client.ask("POST", PATH, made)[2]["Value"]["Id"] == 4
    assert client.ask("PUT", PATH, {**made, "Id": 4, "CourseLessonId": 11})[0] == 200
    assert client.ask("GET", f"{PATH}/4")[2]["CourseLessonTitle"] == "Zo\u00eb's tour"
    assert client.ask("DELETE", f"{PATH}/4")[2]["WasSuccessful"] is True
    assert client.ask("GET", f"{PATH}/4")[::2] == (404, "Not found")
    status, _, body = client.ask("POST", PATH, {})
    assert (status, len(body["Errors"])) == (400, 2)


def test_a_recipe_checks_the_token_and_turns_a_missing_role_into_403(embedded: Embedded) -> None:
    reader = Principal("reader", roles={"CourseCompletedLesson-Read"})
    embedded.academy.callers["bearer reader"] = reader
    for token in (None, "", "Bearer", "Bearer wrong", "YOUR_TOKEN"):
        status, headers, body = embedded.client(token).ask("GET", PATH)
        assert (status, body["Reason"]) == (401, "unauthenticated")
        assert headers["WWW-Authenticate"] == "Bearer"
    client = embedded.client("Bearer reader")
    status, _, body = client.ask("GET", PATH)
    assert (status, body["Reason"]) == (403, "missing_role")
    assert client.ask("DELETE", f"{PATH}/1")[0] == 403
    assert client.ask("GET", f"{PATH}/1")[0] == 200


def test_a_recipe_survives_hostile_requests(embedded: Embedded) -> None:
    client = embedded.client()
    for query in ("%ff", "page=%EF%BC%91", "id=[", "a=" + "x" * 9000, "%00=%00", "&" * 500):
        status, _, _ = client.ask("GET", f"{PATH}?{query}")
        assert status in (200, 400)
    for body in ([], 5, "x", {"CourseLessonId": 10**400}, {"CourseLessonId": [[[[]]]]}):
        assert client.ask("POST", PATH, body)[0] == 400
    assert client.ask("GET", PATH)[2]["TotalItems"] == 3


class Worker:
    """A client that creates, moves, deletes and reads in its own order, and keeps account."""

    def __init__(self, client: Client, seed: int, pairs: list[tuple[int, int]]) -> None:
        self.client, self.random, self.pairs = client, Random(seed), list(pairs)
        self.mine: dict[int, tuple[int, int]] = {}
        self.wrong: list[object] = []
        self.asked = 0

    def run(self) -> None:
        """Every pair is tried once, with other requests in between."""
        self.random.shuffle(self.pairs)
        for lesson_id, member_id in self.pairs:
            body = {"CourseLessonId": lesson_id, "CourseMemberId": member_id}
            status, answer = self._ask("POST", PATH, body, expected=(200, 400))
            if status == 200:
                self.mine[answer["Value"]["Id"]] = (lesson_id, member_id)
            self.random.choice((self._list, self._look, self._touch, self._drop))()

    def _ask(
        self, method: str, target: str, body: Any = None, *, expected: tuple[int, ...] = (200,)
    ) -> tuple[int, Any]:
        status, _, answer = self.client.ask(method, target, body)
        self.asked += 1
        if status not in expected:
            self.wrong.append((method, target, body, status, answer))
        return status, answer

    def _list(self) -> None:
        order = self.random.choice(("CreatedOn", "CourseLessonTitle", "UpdatedOn"))
        _, page = self._ask("GET", f"{PATH}?size=10&orderBy={order}&dir=-1")
        if len(page["Records"]) != min(10, page["TotalItems"]):
            self.wrong.append(page)

    def _look(self) -> None:
        for id_, (lesson_id, _) in list(self.mine.items())[-2:]:
            _, record = self._ask("GET", f"{PATH}/{id_}")
            if record["CourseLessonId"] != lesson_id:
                self.wrong.append(record)

    def _touch(self) -> None:
        for id_, (lesson_id, member_id) in list(self.mine.items())[-1:]:
            body = {"Id": id_, "CourseLessonId": lesson_id, "CourseMemberId": member_id}
            self._ask("PUT", PATH, body)

    def _drop(self) -> None:
        for id_ in list(self.mine)[:1]:
            del self.mine[id_]
            self._ask("DELETE", f"{PATH}/{id_}")


@pytest.mark.slow
def test_eight_clients_at_once_lose_no_write(embedded: Embedded) -> None:
    academy = embedded.academy.academy
    tracker = academy.tracker
    lessons = [Lesson(id=20 + i, course_id=1, title=f"Lesson {i % 3}") for i in range(25)]
    members = [
        CourseMember(id=20 + i, course_id=1, coworker_id=100, created_on=at("2025-01-01"))
        for i in range(8)
    ]
    academy.write(lambda: tracker.add_all([*lessons, *members]))
    before = {record.id for record in tracker.completed_lessons}
    pairs = [(20 + lesson, 20 + member) for lesson in range(12) for member in range(8)]
    workers = [Worker(embedded.client(), seed, pairs) for seed in range(8)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [worker.wrong for worker in workers] == [[]] * 8
    assert sum(worker.asked for worker in workers) > 1000
    claimed = {id_: pair for worker in workers for id_, pair in worker.mine.items()}
    assert sum(len(worker.mine) for worker in workers) == len(claimed)
    there = {r.id: (r.lesson_id, r.member_id) for r in tracker.completed_lessons}
    assert {id_: pair for id_, pair in there.items() if id_ not in before} == claimed
    tracker.check()


def test_times_come_from_the_host_s_clock(embedded: Embedded) -> None:
    made = {"CourseLessonId": 12, "CourseMemberId": 8}
    value = embedded.client().ask("POST", PATH, made)[2]["Value"]
    assert value["CreatedOn"] == value["UpdatedOn"] > "2025-06-01"
    assert value["UpdatedBy"] == "admin@example.com"
