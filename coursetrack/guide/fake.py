r'''Testing a client of the service: any client, in any language, against ``FakeNexudus``.

The fake answers calls and remembers; it opens no socket by itself. What puts it in front of a
client depends on what the client sends with. The academy that all blocks here use:

```python
from datetime import UTC, datetime

from coursetrack import Course, CourseMember, Coworker, Lesson, PageVisit
from coursetrack.testing import FakeNexudus

LIST = "/api/content/coursecompletedlessons"

def made():
    """A fake in which member 7 has completed both lessons."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    fake = FakeNexudus([
        Course(id=1, title="Onboarding"),
        Lesson(id=10, course_id=1, title="Welcome"),
        Lesson(id=11, course_id=1, title="Tools"),
        Coworker(id=100, full_name="Ada Lovelace"),
        CourseMember(id=7, course_id=1, coworker_id=100, created_on=start),
    ])
    fake.tracker.record_many(PageVisit(member_id=7, lesson_id=x, at=start) for x in (10, 11))
    return fake
```

With pytest, ``fake = pytest.fixture(made)`` gives each test its own.

## httpx, and what takes a WSGI or ASGI application

```python
import asyncio

import httpx

def test_with_httpx():
    fake = made()
    transport = httpx.WSGITransport(fake.wsgi)
    with httpx.Client(transport=transport, base_url=fake.url, headers=fake.headers()) as client:
        assert client.get(LIST).json()["TotalItems"] == 2

def test_with_httpx_and_asyncio():
    fake = made()

    async def total():
        transport = httpx.ASGITransport(fake.asgi)
        async with httpx.AsyncClient(transport=transport, base_url=fake.url) as client:
            answer = await client.get(LIST, auth=("admin@example.com", "password"))
            return answer.json()["TotalItems"]

    assert asyncio.run(total()) == 2
```

## requests, and clients with the address built in

`responses` catches what `requests` sends, whatever the address:

```python
import re

import requests
import responses

from coursetrack.testing import Call

def caught_by(fake):
    """Has `fake` answer all that is sent to the service's address from here on."""
    def answer(request):
        path, _, query = request.path_url.partition("?")
        body = request.body or b""
        found = fake.handle(Call(
            method=request.method, path=path, query=query, headers=dict(request.headers),
            body=body.encode() if isinstance(body, str) else body))
        return found.status, dict(found.headers), found.body

    for method in ("GET", "POST", "PUT", "DELETE"):
        responses.add_callback(
            method, re.compile(re.escape(fake.url)), callback=answer, content_type=None)

@responses.activate
def test_with_requests():
    fake = made()
    caught_by(fake)
    session = requests.Session()
    session.auth = ("admin@example.com", "password")
    found = session.get(f"https://spaces.nexudus.com{LIST}", params={"size": 1}, timeout=9)
    assert found.json()["HasNextPage"]
    body = {"CourseLessonId": 10, "CourseMemberId": 7}  # a pair that there is already
    assert session.post(f"https://spaces.nexudus.com{LIST}", json=body, timeout=9).status_code == 400
```

## Any other client

Behind a port of this machine, for clients in other languages and other processes. Tell them its
address in the place of the service's:

```python
import json
from contextlib import contextmanager
from threading import Thread
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, make_server

class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass

@contextmanager
def served(fake):
    """The address of a server that `fake` answers for."""
    with make_server("127.0.0.1", 0, fake.wsgi, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

def test_through_a_port():
    fake = made()
    with served(fake) as address, urlopen(Request(address + LIST, headers=fake.headers())) as found:
        assert json.load(found)["TotalItems"] == 2
```

One request at a time, and look at the fake when none is under way.

## What may go wrong

Throttling, failures, tokens that expire and users who may not: a client is mostly wrong there.

```python
from coursetrack.endpoint import Principal

def test_what_may_go_wrong():
    fake = made()
    fake.users["bea@example.com"] = ("secret", Principal("Bea", roles={"Course-List"}))
    transport = httpx.WSGITransport(fake.wsgi)
    with httpx.Client(transport=transport, base_url=fake.url) as client:
        signing = {"grant_type": "password", "username": "bea@example.com", "password": "secret"}
        token = client.post("/api/token", data=signing).json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        assert client.get("/api/content/courses").status_code == 200
        assert client.get(LIST).status_code == 401  # the service says so of a missing role, too

        fake.fail_next(409, times=2, retry_after=1)
        waits = [client.get("/api/content/courses") for _ in range(3)]
        assert [each.status_code for each in waits] == [409, 409, 200]
        assert waits[0].headers["Retry-After"] == "1"

        fake.expire_tokens()
        assert client.get("/api/content/courses").status_code == 401
        refresh = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        assert "access_token" in client.post("/api/token", data=refresh).json()

        assert "does not imitate" in client.get("/api/spaces/bookings").json()["Message"]
    assert [(seen.call.path, seen.status) for seen in fake.log][:2] == [
        ("/api/token", 200), ("/api/content/courses", 200)]
```

What it covers, and where it may differ from the service, stands in :mod:`coursetrack.testing.fake`.
'''
