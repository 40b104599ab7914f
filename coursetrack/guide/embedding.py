r'''A host of your own: keeping what happened, serving it, in one process or in several.

The tracker keeps nothing beyond its own life, checks no token, knows no time and holds no lock:
that is the host's part. It stands in one file here, `academy.py`, which everything below uses.

Two processes that each hold a tracker and do not talk serve two academies: what one records, the
other never shows. So each process replays what the others kept before it looks, and who writes
holds the lock of the database from its last look until its changes are kept. That is right for
one process and for many, threads included.

## The shared file

`academy.py`, for SQLite:

```python
import json
import sqlite3
from base64 import b64decode
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock

from coursetrack import Change, Tracker
from coursetrack.endpoint import Endpoint, Principal, Reason, Request
from coursetrack.errors import CoursetrackError

class Academy:
    """This process's tracker, over the changes that all processes keep in one database."""

    tables = (
        "CREATE TABLE IF NOT EXISTS changes (sequence BIGINT PRIMARY KEY, change TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS snapshots (version BIGINT PRIMARY KEY, snapshot TEXT NOT NULL)",
    )
    begin, mark = ("BEGIN IMMEDIATE",), "?"  # from here to COMMIT nobody else writes

    def __init__(self, place):
        self.place, self.lock, self.db = place, Lock(), None

    def connect(self):
        return sqlite3.connect(self.place, 30, isolation_level=None, check_same_thread=False)

    def read(self, ask):
        """What `ask()` finds, with all that any process has kept."""
        with self.turn():
            return ask()

    def write(self, call):
        """What `call()` returns, once its `changes` are kept: all of them, or none."""
        with self.turn(*self.begin):
            answer = call()
            self.insert("changes", [(x.sequence, json.dumps(x.to_dict())) for x in answer.changes])
        return answer

    def compact(self):
        """Puts a snapshot in the place of the changes, so that the next start is quick."""
        with self.turn(*self.begin):
            version = self.tracker.version
            self.db.execute("DELETE FROM snapshots")
            self.insert("snapshots", [(version, json.dumps(self.tracker.snapshot()))])
            self.db.execute(f"DELETE FROM changes WHERE sequence <= {version}")

    def insert(self, table, rows):
        statement = f"INSERT INTO {table} VALUES ({self.mark}, {self.mark})"
        self.db.cursor().executemany(statement, rows)

    @contextmanager
    def turn(self, *begin):
        """Inside, the tracker knows all that was kept. What fails inside is kept nowhere."""
        version = None
        with self.lock:
            try:
                self.db = self.db or self.opened()
                for statement in begin:
                    self.db.execute(statement)
                self.catch_up()
                version = self.tracker.version
                yield
                if begin:
                    self.db.execute("COMMIT")
            except BaseException as error:
                if isinstance(error, CoursetrackError) and self.tracker.version == version:
                    self.db.rollback()  # a call was refused, and has changed nothing
                else:
                    self.let_go()  # the tracker may be ahead: the next turn makes it anew
                raise

    def opened(self):
        db = self.connect()
        for statement in (*self.begin, *self.tables, "COMMIT"):
            db.execute(statement)
        self.adopt(Tracker())
        return db

    def let_go(self):
        db, self.db = self.db, None
        if db:
            db.close()

    def catch_up(self):
        """Replays what other processes kept since the last look."""
        since = self.tracker.version
        changes = f"SELECT change FROM changes WHERE sequence > {since} ORDER BY sequence"
        rows = self.db.execute(changes).fetchall()
        newer = f"SELECT snapshot FROM snapshots WHERE version > {since}"
        for (text,) in self.db.execute(newer).fetchall():  # one at most: somebody compacted
            self.adopt(Tracker.restore(json.loads(text)))
            return self.catch_up()
        self.tracker.replay(Change.from_dict(json.loads(text)) for (text,) in rows)

    def adopt(self, tracker):
        self.tracker, self.endpoint = tracker, Endpoint(tracker)

academy = Academy("academy.db")
admin = Principal("admin@example.com", is_unrestricted_admin=True)
callers = {"bearer YOUR_TOKEN": admin, "basic admin@example.com:YOUR_PASSWORD": admin}

def caller(authorization):
    """Who an Authorization header proves to be calling, or None. Put your own check here."""
    scheme, _, proof = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            proof = b64decode(proof).decode()
        except ValueError:
            return None
    return callers.get(f"{scheme.lower()} {proof}")

def answer(method, path, query, body, authorization):
    request, who = Request(method, path, query, body), caller(authorization)
    ask = academy.read if method == "GET" else academy.write
    response = ask(lambda: academy.endpoint.handle(request, principal=who, at=datetime.now(UTC)))
    forbidden = response.reason is Reason.MISSING_ROLE  # the origin says 401; here it becomes 403
    return 403 if forbidden else response.status, dict(response.headers), response.content
```

What it rests on:

* **A call that raises has changed nothing**, so a refused one only ends the transaction. Anything
  else that fails between the call and the commit (a full disk, a lost connection) may leave the
  tracker ahead of the database. Then both are let go, and the next turn makes them anew from what
  is kept. Show nobody an answer before `write` returns.
* **Sequence numbers have no gaps**, and the database takes each but once. A writer that went past
  the lock could not overwrite anybody: its insert would fail.
* **Changes are kept as text.** A column that reads them as JSON changes them: PostgreSQL's `jsonb`
  makes an integer of `1e23`, which no longer loads, and `0.0` of `-0.0`.
* **A fork inherits no connection.** The database is opened at the first turn, so workers may be
  forked after the import, as long as nothing was asked before.
* `compact()` may run at any time, from any process or a nightly job: whoever is behind starts
  again from the snapshot. It deletes the changes; if something else reads them (a webhook, an
  audit), copy them first.

`expect_version` is for a decision that somebody took on what they saw earlier, on a form for
instance: the write is refused if anything happened since.

```python
from coursetrack import Course, CourseMember, Coworker, Lesson, PageVisit
from coursetrack.errors import VersionConflict

start = datetime(2025, 1, 1, tzinfo=UTC)
academy.write(lambda: academy.tracker.add_all([
    Course(id=1, title="Onboarding"),
    Lesson(id=10, course_id=1, title="Welcome"),
    Coworker(id=100, full_name="Ada Lovelace"),
    CourseMember(id=7, course_id=1, coworker_id=100, created_on=start),
]))
seen = academy.read(lambda: academy.tracker.version)  # goes into the form

another = Academy("academy.db")  # as another process has it
visit = PageVisit(member_id=7, lesson_id=10, at=start)
record = another.write(lambda: another.tracker.record(visit)).completed
assert academy.read(lambda: academy.tracker.completed_lessons.get(record.id)) == record

renamed = Lesson(id=10, course_id=1, title="Hello")
try:
    academy.write(lambda: academy.tracker.replace(renamed, expect_version=seen))
except VersionConflict:
    pass  # show the form again, with what there is now
another.compact()
assert academy.read(lambda: academy.tracker.version) == 5
assert Academy("academy.db").read(lambda: 1) == 1  # a third one starts from the snapshot
```

## PostgreSQL

The same, with psycopg 3 and an advisory lock that the end of the transaction gives back:

```python
import psycopg
from academy import Academy

class PostgresAcademy(Academy):
    begin, mark = ("BEGIN", "SELECT pg_advisory_xact_lock(710)"), "%s"

    def connect(self):
        return psycopg.connect(self.place, autocommit=True)
```

## Hosts

FastAPI, in `fastapi_host.py`, for `uvicorn fastapi_host:app --workers 4`:

```python
from academy import answer
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

app = FastAPI()

@app.api_route("/api/content/{_:path}", methods=["GET", "POST", "PUT", "DELETE"])
async def completed_lessons(request: Request):
    query, token = request.scope["query_string"], request.headers.get("Authorization")
    asked = request.method, request.scope["path"], query, await request.body(), token
    status, headers, content = await run_in_threadpool(answer, *asked)
    return Response(content, status, headers)
```

Flask, in `flask_host.py`, for `flask --app flask_host run`:

```python
from academy import answer
from flask import Flask, request

app = Flask(__name__)

@app.route("/api/content/<path:_>", methods=["GET", "POST", "PUT", "DELETE"])
def completed_lessons(_):
    query, token = request.query_string, request.headers.get("Authorization")
    asked = request.method, request.path, query, request.get_data(), token
    status, headers, content = answer(*asked)
    return content, status, headers
```

Django, in `django_host.py`, for any WSGI server; in a project of your own, only the view and its
line in `urlpatterns`:

```python
from academy import answer
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

@csrf_exempt  # callers prove themselves with a token, not with a cookie
def completed_lessons(request):
    query, token = request.META["QUERY_STRING"], request.headers.get("Authorization")
    status, headers, content = answer(request.method, request.path, query, request.body, token)
    return HttpResponse(content, status=status, headers=headers)

urlpatterns = [re_path("^api/content/", completed_lessons)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1", "localhost"])
application = get_wsgi_application()
```

Nothing but the standard library, in `wsgiref_host.py`, for `python wsgiref_host.py`:

```python
from http import HTTPStatus
from wsgiref.simple_server import make_server

from academy import answer

def application(environ, start_response):
    method, path, query = (environ[k] for k in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING"))
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    token = environ.get("HTTP_AUTHORIZATION")
    status, headers, content = answer(method, path, query, body, token)
    start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
    return [content]

if __name__ == "__main__":
    make_server("127.0.0.1", 8000, application).serve_forever()
```

## Signing in

`caller` above is all that a host needs to change: it takes the ``Authorization`` header and gives a
``Principal``, or None. The service itself gives tokens at ``POST /api/token``; a host that wants to
do so, too, adds a route for it beside ``/api/content/``, puts each token that it gives into
`callers`, and forgets it when it has expired:

```python
from secrets import token_urlsafe
from urllib.parse import parse_qs

def token(form):
    """The status and body that answer ``POST /api/token`` with this form."""
    given = {name: values[0] for name, values in parse_qs(form).items()}
    user, password = given.get("username"), given.get("password")
    who = callers.get(f"basic {user}:{password}")
    if given.get("grant_type") != "password" or who is None:
        return 400, {"error": "invalid_grant"}
    fresh = token_urlsafe()
    callers[f"bearer {fresh}"] = who
    return 200, {"access_token": fresh, "token_type": "bearer"}

status, body = token("grant_type=password&username=admin@example.com&password=YOUR_PASSWORD")
assert status == 200 and caller(f"Bearer {body['access_token']}") == admin
assert token("grant_type=password&username=admin@example.com&password=wrong")[0] == 400
```

With several processes the tokens belong into the database, as all that they share. Passwords are
compared as plain text here; a real host keeps their hashes.
'''
