"""The guide's academy in several processes at once, over SQLite and over PostgreSQL."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from time import monotonic, sleep
from types import ModuleType
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson
from coursetrack.domain.events import PageVisit
from coursetrack.errors import MissingEntity, VersionConflict
from coursetrack.tracker import Tracker
from tests.endpoint.worlds import PATH, at
from tests.house.readme import page
from tests.house.source import ROOT

POSTGRES = "COURSETRACK_POSTGRES"
"""The environment variable with the address of a PostgreSQL to test with; .ci/run sets it."""

LESSONS, MEMBERS, TURNS = range(10, 40), range(1, 9), 60
ENTITIES = (
    Course(id=1, title="Onboarding"),
    *(Lesson(id=id_, course_id=1, title=f"Lesson {id_}") for id_ in LESSONS),
    Coworker(id=1, full_name="Ada Lovelace"),
    *(
        CourseMember(id=id_, course_id=1, coworker_id=1, created_on=at("2025-01-01"))
        for id_ in MEMBERS
    ),
)

WORKER = """
import json, random, sys
from datetime import UTC, datetime
from academy_of_test import academy, module
from coursetrack import PageVisit

number, turns = int(sys.argv[1]), int(sys.argv[2])
draws, made, seen = random.Random(number), [], []
for turn in range(turns):
    visit = PageVisit(
        member_id=draws.randrange(1, 9),
        lesson_id=draws.randrange(10, 40),
        at=datetime(2025, 1, 2, tzinfo=UTC),
    )
    outcome = academy.write(lambda: academy.tracker.record(visit))
    if outcome.completed is not None:
        made.append(outcome.completed.id)
    status, _, content = module.answer(
        "GET", "/api/content/coursecompletedlessons", "size=1", b"", "Bearer YOUR_TOKEN"
    )
    seen.append(json.loads(content)["TotalItems"])
    if number == 0 and turn % 20 == 10:
        academy.compact()
print(json.dumps({"made": made, "seen": seen}))
"""


class Place:
    """Where the academies of one test keep their changes, and the file that says so."""

    def __init__(self, folder: Path, kind: str, address: str) -> None:
        self.folder, self.kind, self.address = folder, kind, address
        texts = {block.section: block.text for block in page("embedding")}
        (folder / "academy.py").write_text(academy_file())
        (folder / "postgres_academy.py").write_text(texts["PostgreSQL"])
        name = {"sqlite": "Academy", "postgres": "PostgresAcademy"}[kind]
        source = {"sqlite": "academy", "postgres": "postgres_academy"}[kind]
        (folder / "academy_of_test.py").write_text(
            f"import academy as module\nfrom {source} import {name} as Kind\n"
            f"academy = module.academy = Kind({address!r})\n"
        )
        (folder / "worker.py").write_text(WORKER)

    def imported(self) -> ModuleType:
        """The file with this place's academy in it."""
        for name in ("academy", "postgres_academy", "academy_of_test"):
            sys.modules.pop(name, None)
        return importlib.import_module("academy_of_test")

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        """Another process that works on the same academy."""
        return subprocess.Popen(
            [sys.executable, "worker.py", *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def academy_file() -> str:
    """The text of the guide's ``academy.py``."""
    return next(block.text for block in page("embedding") if "class Academy" in block.text)


@pytest.fixture(params=["sqlite", "postgres"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        yield Place(tmp_path, "sqlite", str(tmp_path / "academy.db"))
        return
    address = os.environ.get(POSTGRES)
    if not address:
        pytest.skip(f"no PostgreSQL: set {POSTGRES} to the address of one, as .ci/run does")
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    name = f"coursetrack_{uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}")
        try:
            yield Place(tmp_path, "postgres", psycopg.conninfo.make_conninfo(address, dbname=name))
        finally:
            db.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def module(place: Place) -> Iterator[ModuleType]:
    found = place.imported()
    yield found
    found.academy.let_go()


@pytest.fixture
def academy(module: ModuleType) -> Any:
    module.academy.write(lambda: module.academy.tracker.add_all(ENTITIES))
    return module.academy


@pytest.fixture
def another(module: ModuleType) -> Iterator[Callable[[], Any]]:
    """More academies over the same place, as other processes have them."""
    made: list[Any] = []

    def one() -> Any:
        made.append(module.Kind(module.academy.place))
        return made[-1]

    yield one
    for each in made:
        each.let_go()


def visit(lesson_id: int = 10, member_id: int = 1) -> PageVisit:
    return PageVisit(member_id=member_id, lesson_id=lesson_id, at=at("2025-01-02"))


def tracker_of(academy: Any) -> Tracker:
    found = academy.read(lambda: academy.tracker)
    assert isinstance(found, Tracker)
    return found


@pytest.mark.slow
def test_four_processes_serve_one_academy(
    place: Place, academy: Any, another: Callable[[], Any]
) -> None:
    workers = [place.start(number, TURNS) for number in range(4)]
    told = []
    for worker in workers:
        out, err = worker.communicate(timeout=120)
        assert worker.returncode == 0, err
        told.append(json.loads(out))
    tracker = tracker_of(academy)
    tracker.check()
    made = [id_ for each in told for id_ in each["made"]]
    assert sorted(made) == [record.id for record in tracker.completed_lessons]
    assert len(set(made)) == len(made) > 100  # nobody's write was lost, or made twice
    pairs = {(record.lesson_id, record.member_id) for record in tracker.completed_lessons}
    assert len(pairs) == len(made)
    for each in told:  # nothing that was shown once is gone at the next look
        assert each["seen"] == sorted(each["seen"])
        assert each["seen"][0] > 0
    assert tracker_of(another()) == tracker


def test_what_one_keeps_the_others_show(academy: Any, another: Callable[[], Any]) -> None:
    others = [another() for _ in range(3)]
    for number, writer in enumerate([academy, *others]):
        for reader in (academy, *others):
            assert len(tracker_of(reader).completed_lessons) == number
        writer.write(lambda w=writer, n=number: w.tracker.record(visit(10 + n)))


def test_an_endpoint_s_write_is_kept_too(
    module: ModuleType, academy: Any, another: Callable[[], Any]
) -> None:
    body = json.dumps({"CourseLessonId": 10, "CourseMemberId": 1}).encode()
    status, _, _ = module.module.answer("POST", PATH, "", body, "Bearer YOUR_TOKEN")
    assert status == 200
    status, _, _ = module.module.answer("POST", PATH, "", body, "Bearer YOUR_TOKEN")  # a known pair
    assert status == 400
    assert len(tracker_of(another()).completed_lessons) == 1


def test_a_decision_on_an_old_version_is_refused(academy: Any, another: Callable[[], Any]) -> None:
    seen = tracker_of(academy).version
    other = another()
    other.write(lambda: other.tracker.record(visit()))
    with pytest.raises(VersionConflict):
        academy.write(lambda: academy.tracker.record(visit(11), expect_version=seen))
    assert tracker_of(academy) == tracker_of(other)


def test_who_is_behind_a_compaction_starts_from_the_snapshot(
    academy: Any, another: Callable[[], Any]
) -> None:
    behind = another()
    assert tracker_of(behind) == tracker_of(academy)
    for lesson_id in (10, 11):
        academy.write(lambda id_=lesson_id: academy.tracker.record(visit(id_)))
        academy.compact()
    assert tracker_of(behind) == tracker_of(academy) == tracker_of(another())
    academy.write(lambda: academy.tracker.record(visit(12)))
    behind.write(lambda: behind.tracker.record(visit(13)))
    academy.compact()
    academy.compact()  # nothing happened since
    fresh = another()
    assert tracker_of(fresh) == tracker_of(behind) == tracker_of(academy)
    kept = fresh.db.execute("SELECT COUNT(*) FROM changes").fetchall()
    assert kept == [(0,)]


def test_a_refused_call_keeps_the_connection_and_changes_nothing(academy: Any) -> None:
    before, db = tracker_of(academy).version, academy.db
    with pytest.raises(MissingEntity):
        academy.write(lambda: academy.tracker.delete_completed(id=99))
    with pytest.raises(MissingEntity):
        academy.read(lambda: academy.tracker.lesson(99))
    assert academy.db is db
    assert tracker_of(academy).version == before
    academy.write(lambda: academy.tracker.record(visit()))


@pytest.mark.parametrize("broken", ["insert", "commit", "two calls", "connection"])
def test_a_write_that_fails_is_kept_nowhere_and_the_next_one_works(
    academy: Any, another: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    before = tracker_of(academy).version

    def fail(*_: object) -> None:
        raise OSError("no space left")

    def half() -> Any:
        academy.tracker.record(visit())
        if broken == "connection":
            academy.db.close()
        if broken == "two calls":
            academy.tracker.lesson(99)
        return academy.tracker.record(visit(11))

    with monkeypatch.context() as patch:
        if broken == "insert":
            patch.setattr(academy, "insert", fail)
        if broken == "commit":
            # As good as a commit that fails: what was inserted breaks the rule of the table.
            patch.setattr(academy, "insert", lambda *_: academy.db.execute("SELECT nothing"))
        with pytest.raises(Exception, match=r".") as raised:
            academy.write(half)
    assert not isinstance(raised.value, AssertionError)
    assert academy.db is None
    assert tracker_of(academy).version == tracker_of(another()).version == before
    outcome = academy.write(lambda: academy.tracker.record(visit()))
    assert outcome.completed is not None
    assert tracker_of(another()) == tracker_of(academy)


def test_text_keeps_what_numbers_say(academy: Any, another: Callable[[], Any]) -> None:
    """As jsonb would not: 1e23 would come back as an integer, and -0.0 as 0.0."""
    from coursetrack.domain.entities import CompletedLesson

    odd = CompletedLesson(
        id=1, lesson_id=10, member_id=1, created_on=at("2025-01-02"), custom_fields=[1e23, -0.0]
    )
    academy.write(lambda: academy.tracker.add(odd))
    found = tracker_of(another()).completed_lessons.get(1)
    assert found is not None
    assert repr(found.custom_fields) == repr((1e23, -0.0))


SERVED_BY = """
import os
from fastapi_host import app

@app.middleware("http")
async def told(request, call_next):
    response = await call_next(request)
    response.headers["Served-By"] = str(os.getpid())
    return response
"""


@contextmanager
def two_workers(folder: Path) -> Iterator[str]:
    """``uvicorn --workers 2`` with the guide's FastAPI host: the address of the list."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    [host] = [block.text for block in page("embedding") if "from fastapi" in block.text]
    (folder / "fastapi_host.py").write_text(host)
    (folder / "served_by.py").write_text(SERVED_BY)
    command = ["uvicorn", "served_by:app", "--workers", "2", "--port", str(port)]
    server = subprocess.Popen(
        [sys.executable, "-m", *command, "--log-level", "warning"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield f"http://127.0.0.1:{port}{PATH}"
    finally:
        server.terminate()
        server.wait(30)


def asked(address: str, body: dict[str, int] | None = None) -> tuple[Any, str]:
    """The answer over a connection of its own, and the process that it came from."""
    headers = {"Authorization": "Bearer YOUR_TOKEN", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(address, data, headers), timeout=60) as response:
        return json.load(response), response.headers["Served-By"]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_two_workers_of_a_real_server_show_the_same(place: Place, academy: Any) -> None:
    """As the first recipe did not: it showed 0, 1, 1, 0, 0, 1."""
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    pytest.importorskip("uvicorn", reason="uvicorn is not installed")
    pairs = [(lesson_id, member_id) for lesson_id in LESSONS for member_id in MEMBERS]
    with two_workers(place.folder) as address:
        deadline = monotonic() + 60
        while True:
            try:
                assert asked(address)[0]["TotalItems"] == 0
                break
            except URLError:
                assert monotonic() < deadline
                sleep(0.1)
        wrote, showed = set[str](), set[str]()
        for number, (lesson_id, member_id) in enumerate(pairs, 1):
            body = {"CourseLessonId": lesson_id, "CourseMemberId": member_id}
            made, writer = asked(address, body)
            assert made["WasSuccessful"]
            shown, reader = asked(f"{address}?size=1")
            assert shown["TotalItems"] == number
            wrote.add(writer)
            showed.add(reader)
            if number >= 20 and len(wrote) == len(showed) == 2:
                break
    assert len(wrote) == len(showed) == 2
    assert len(tracker_of(academy).completed_lessons) == number
